#include "enrich/enrich.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "clean/comply.h"
#include "enrich/work.h"
#include "resolve/resolve.h"

#include "base/banned.h"

/* A confidence that was multiplied is not below the threshold for its last bit. */
static const double NEARLY = 1e-9;

/* ---- rows ---- */

/* The texts that rows are asked about with, beside those of the pool. */
typedef struct {
    hp_enrich_row row[HP_ENRICH_BATCH];
    hp_withheld withheld[HP_ENRICH_BATCH];
    size_t at[HP_ENRICH_BATCH]; /* row of the table */
    size_t n;
    hp_arena *text;
    hp_enrich_row asked[HP_ENRICH_BATCH];
    size_t asked_at[HP_ENRICH_BATCH]; /* index in `row` */
    hp_buf scratch;
} batch;

static bool is_blank(const hp_work *w, const hp_column *c, size_t i) {
    return c->v[i] == HP_NULL || hp_str_trim(hp_text(w->run->pool, c->v[i])).n == 0;
}

static hp_str keep(batch *b, hp_buf *text) {
    return text->n ? hp_arena_dup(b->text, hp_buf_str(text)) : HP_S("");
}

/* Makes what follows from the values of a row: key, domain. */
static hp_code settle_row(hp_work *w, batch *b, hp_enrich_row *r, hp_err *err) {
    hp_buf_clear(&b->scratch);
    if (r->value[HP_F_ORGANIZATION_NAME].n) hp_name_key(r->value[HP_F_ORGANIZATION_NAME], &b->scratch);
    r->name_key = keep(b, &b->scratch);
    r->domain = hp_known_domain(w->p, r->value[HP_F_WEBSITE], r->value[HP_F_CONTACT_EMAIL]);
    return b->scratch.bad || !r->name_key.p ? hp_fail_memory(err, "a row") : HP_OK;
}

/* Tells whether a text is one address of the form http://host:port/…. */
static bool is_plain_site(hp_str s) {
    if (s.n < 7 || !hp_str_ieq(hp_str_cut(s, 0, 7), HP_S("http://"))) return false;
    for (size_t i = 0; i < s.n; i++)
        if (hp_is_space(s.p[i]) || s.p[i] == ',' || s.p[i] == ';' || s.p[i] == '@') return false;
    hp_str host = hp_str_cut(s, 7, s.n);
    size_t colon = hp_str_chr(host, ':', 0), slash = hp_str_chr(host, '/', 0);
    return colon != SIZE_MAX && (slash == SIZE_MAX || colon < slash);
}

static void find_plain_site(hp_work *w, const hp_known *k, size_t raw, hp_enrich_row *r) {
    uint32_t col = k->col[HP_F_WEBSITE];
    if (col == HP_NO_COL || r->value[HP_F_WEBSITE].n == 0) return;
    hp_str text = hp_str_trim(hp_text(w->run->pool, k->raw->col[col].v[raw]));
    if (is_plain_site(text)) r->plain_site = text;
}

static hp_code load_row(hp_work *w, const hp_work_sheet *s, batch *b, size_t i, hp_err *err) {
    const hp_known *k = s->known;
    hp_enrich_row *r = &b->row[b->n];
    size_t raw = s->raw_of[i];
    hp_field_set kept = s->unsaved ? s->unsaved[i] : 0;
    *r = (hp_enrich_row){.row = i};
    for (int f = 1; f < HP_FIELD_COUNT; f++) {
        r->value[f] = hp_known_value(k, w->run->pool, (hp_field)f, raw);
        bool may = s->col[f] != HP_NO_COL && hp_field_in(w->fillable & ~kept, (hp_field)f);
        if (may && r->value[f].n == 0 && is_blank(w, &s->sheet->out->col[s->col[f]], i))
            r->wanted |= hp_field_bit((hp_field)f);
    }
    find_plain_site(w, k, raw, r);
    if (k->registration != HP_NO_COL) {
        hp_buf_clear(&b->scratch);
        hp_registration_key(hp_text(w->run->pool, k->raw->col[k->registration].v[raw]), &b->scratch);
        r->registration = keep(b, &b->scratch);
    }
    if (k->slug != HP_NO_COL) r->slug = hp_text(w->run->pool, k->raw->col[k->slug].v[raw]);
    hp_row_consent(w, s, raw, &b->scratch, &b->withheld[b->n]);
    b->at[b->n++] = i;
    return r->wanted ? settle_row(w, b, r, err) : HP_OK;
}

/* ---- answers ---- */

/* Keeps a value, free text without what the profile wants replaced in it. */
static hp_code keep_value(hp_work *w, hp_field f, hp_str text, hp_vid *out, hp_err *err) {
    uint64_t ignored[HP_REDACT_KINDS] = {0};
    hp_autobuf redacted = hp_buf_new(16 << 20);
    if (w->redactor.kinds && hp_field_is_redacted(w->p, f)
        && hp_redact(&w->redactor, text, &redacted, ignored))
        text = hp_buf_str(&redacted);
    HP_TRY(hp_buf_check(&redacted, "redacted text", err));
    return hp_intern(w->run->pool, text, out, err);
}

/* Brings a value to the form that refine gives it; *out is HP_NULL for one that is none of its kind. */
static hp_code clean_value(hp_work *w, hp_field f, hp_str value, hp_vid *out, hp_err *err) {
    hp_clean_out c = {.value = hp_buf_new(16 << 20), .extra = hp_buf_new(16 << 20)};
    hp_clean_for(hp_field_get(f)->kind)(&w->clean, value, HP_T_TEXT, &c);
    hp_str text = hp_buf_str(&c.value);
    size_t sep = hp_str_chr(text, HP_LIST_SEP, 0);
    if (sep != SIZE_MAX) text = hp_str_cut(text, 0, sep);
    bool fits = true;
    for (size_t i = 0; i < c.nrule; i++) fits &= hp_rule_get((hp_rule)c.rule[i])->severity == HP_SEV_INFO;
    *out = HP_NULL;
    hp_code code = c.value.bad || c.extra.bad ? hp_fail_memory(err, "a value") : HP_OK;
    if (code == HP_OK && fits) code = keep_value(w, f, text, out, err);
    hp_buf_free(&c.value);
    hp_buf_free(&c.extra);
    return code;
}

static hp_code trace_of(hp_work *w, const hp_work_sheet *s, size_t link, const hp_suggestion *g, size_t row,
                        hp_trace *t, hp_err *err) {
    const hp_provider *p = w->chain.link[link].provider;
    hp_pool *pool = w->run->pool;
    *t = (hp_trace){.sheet = (uint32_t)(s - w->sheet),
                    .row = (uint32_t)row,
                    .field = g->field,
                    .link = (uint32_t)link,
                    .old = s->sheet->in->col[s->col[g->field]].v[row],
                    .confidence = g->confidence < 0   ? 0
                                  : g->confidence > 1 ? 1
                                                      : g->confidence,
                    .time = g->time ? g->time : hp_clock_now()};
    HP_TRY(clean_value(w, g->field, g->value, &t->new, err));
    HP_TRY(hp_intern(pool, g->source.n ? g->source : hp_str_of(p->source), &t->source, err));
    return hp_intern(pool, g->evidence, &t->evidence, err);
}

static void fill(hp_work *w, hp_work_sheet *s, hp_enrich_row *r, const hp_trace *t) {
    hp_column *c = &s->sheet->out->col[s->col[t->field]];
    c->v[t->row] = t->new;
    if (c->type) c->type[t->row] = HP_T_TEXT;
    if (c->lex) c->lex[t->row] = t->new;
    r->value[t->field] = hp_text(w->run->pool, t->new);
    r->wanted &= ~hp_field_bit(t->field);
    hp_row_state *state = &s->row[t->row];
    if (state->filled && state->confidence >= t->confidence) return;
    state->filled = true;
    state->link = t->link;
    state->source = t->source;
    state->confidence = t->confidence;
    state->time = t->time;
}

/* Takes one suggestion: fills the field, or lists it. */
static hp_code take(hp_work *w, hp_work_sheet *s, size_t link, hp_enrich_row *r, const hp_suggestion *g,
                    bool *changed, hp_err *err) {
    hp_trace t;
    if (!hp_field_in(r->wanted, g->field)) return HP_OK;
    HP_TRY(trace_of(w, s, link, g, r->row, &t, err));
    if (t.new == HP_NULL || (t.evidence == HP_NULL && w->p->enrich.evidence)) {
        w->out->unwanted++;
        return HP_OK;
    }
    t.applied = t.confidence + NEARLY >= w->threshold;
    if (!t.applied) t.reason = "below the threshold";
    if (!hp_vec_push(&w->trace, t)) return hp_fail_memory(err, "the provenance");
    if (!t.applied) return HP_OK;
    fill(w, s, r, &t);
    w->chain.link[link].filled++;
    *changed = true;
    return HP_OK;
}

static hp_code note_net(hp_work *w, hp_row_state *row, const hp_answer_row *a, hp_err *err) {
    if (a->net <= row->net) return HP_OK;
    row->net = (uint8_t)a->net;
    return hp_intern(w->run->pool, a->reason, &row->reason, err);
}

/* Takes what was answered about one row: the suggestions from *i on. */
static hp_code take_row(hp_work *w, hp_work_sheet *s, batch *b, size_t link, size_t *i, hp_err *err) {
    size_t ask = w->answers.list.p[*i].ask;
    hp_enrich_row *r = &b->row[b->asked_at[ask]];
    bool changed = false;
    for (; *i < w->answers.list.n && w->answers.list.p[*i].ask == ask; ++*i) {
        const hp_suggestion *g = &w->answers.list.p[*i];
        if (hp_field_in(b->asked[ask].wanted, g->field)) HP_TRY(take(w, s, link, r, g, &changed, err));
    }
    return changed ? settle_row(w, b, r, err) : HP_OK;
}

/* Lists the rows that a provider is asked about: those that still want something it may be asked about. */
static hp_code list_rows(hp_work *w, hp_work_sheet *s, batch *b, bool research, size_t *n, hp_err *err) {
    const hp_answer_row refused = {.net = HP_NET_BLOCKED, .reason = HP_S("consent")};
    *n = 0;
    for (size_t i = 0; i < b->n; i++) {
        hp_enrich_row one = b->row[i];
        if (one.wanted == 0) continue;
        one.wanted &= ~(research ? b->withheld[i].research : b->withheld[i].all);
        if (one.wanted == 0) {
            if (research) HP_TRY(note_net(w, &s->row[one.row], &refused, err));
            continue;
        }
        b->asked[*n] = one;
        b->asked_at[(*n)++] = i;
    }
    return HP_OK;
}

static hp_code ask(hp_work *w, hp_work_sheet *s, batch *b, size_t link, hp_err *err) {
    hp_link *l = &w->chain.link[link];
    size_t n;
    HP_TRY(list_rows(w, s, b, l->provider->strategy == HP_STRATEGY_RESEARCH, &n, err));
    if (n == 0) return HP_OK;
    HP_TRY(hp_answers_begin(&w->answers, n, err));
    HP_TRY(l->provider->ask(l->state, b->asked, n, &w->answers, err));
    hp_answers_sort(&w->answers);
    l->asked += n;
    for (size_t i = 0; i < n; i++)
        HP_TRY(note_net(w, &s->row[b->row[b->asked_at[i]].row], &w->answers.row[i], err));
    for (size_t i = 0; i < w->answers.list.n;) HP_TRY(take_row(w, s, b, link, &i, err));
    return HP_OK;
}

/* Tells what a provider would ask for, instead of asking it. */
static hp_code plan(hp_work *w, hp_work_sheet *s, batch *b, size_t link, hp_err *err) {
    const hp_link *l = &w->chain.link[link];
    size_t n;
    HP_TRY(list_rows(w, s, b, true, &n, err));
    for (size_t i = 0; i < n; i++) {
        hp_enrich_request r = {.provider = l->provider,
                               .name = l->item.name,
                               .row = &b->asked[i],
                               .sheet = (size_t)(s - w->sheet)};
        HP_TRY(l->provider->plan(&l->env, r.row, b->text, &r.url, err));
        if (r.url.n) HP_TRY(w->o->plan(w->o->plan_ctx, &r, err));
    }
    return HP_OK;
}

/* ---- the lines of a batch ---- */

static int compare_traces(const void *x, const void *y) {
    const hp_trace *a = x, *b = y;
    if (a->row != b->row) return a->row < b->row ? -1 : 1;
    if (a->field != b->field) return a->field < b->field ? -1 : 1;
    if (a->confidence != b->confidence) return a->confidence > b->confidence ? -1 : 1;
    if (a->link != b->link) return a->link < b->link ? -1 : 1;
    return a->new < b->new ? -1 : a->new > b->new;
}

/* Tells whether the lines before say the same of the field. */
static bool is_repeated(const hp_trace *t, const hp_trace *first) {
    for (const hp_trace *o = t; o-- > first && o->row == t->row && o->field == t->field;)
        if (o->new == t->new) return true;
    return false;
}

/* Brings the lines of a batch into the order of rows, without suggestions for fields that another provider
 * filled, and each suggestion once. */
static void tidy_lines(hp_work *w, const hp_work_sheet *s, size_t from) {
    hp_trace *first = w->trace.p + from;
    size_t n = w->trace.n - from, kept = 0;
    if (n == 0) return;
    qsort(first, n, sizeof *first, compare_traces);
    for (size_t i = 0; i < n; i++) {
        hp_trace t = first[i];
        bool filled = s->sheet->out->col[s->col[t.field]].v[t.row] != t.old;
        first[kept] = t;
        if (!t.applied && (filled || is_repeated(&first[kept], first))) continue;
        if (!t.applied) w->chain.link[t.link].suggested++;
        kept++;
    }
    w->trace.n = from + kept;
}

/* ---- the work ---- */

static void note_left(hp_work *w, hp_work_sheet *s, const batch *b) {
    if (!w->chain.research || (w->o->gate && w->o->gate->pass)) return;
    for (size_t i = 0; i < b->n; i++) s->row[b->row[i].row].left = b->row[i].wanted != 0;
}

static hp_code enrich_batch(hp_work *w, hp_work_sheet *s, batch *b, hp_err *err) {
    size_t from = w->trace.n;
    for (size_t k = 0; k < w->chain.n; k++) {
        const hp_link *l = &w->chain.link[k];
        if (l->state) HP_TRY(ask(w, s, b, k, err));
        if (w->o->plan && l->provider->plan) HP_TRY(plan(w, s, b, k, err));
    }
    note_left(w, s, b);
    tidy_lines(w, s, from);
    return hp_deadline_check(err);
}

static hp_code enrich_sheet(hp_work *w, hp_work_sheet *s, batch *b, hp_err *err) {
    size_t n = s->sheet->in->nrow;
    for (size_t i = 0; s->known && i < n;) {
        hp_arena_drop(b->text);
        b->text = hp_arena_new(NULL);
        if (!b->text) return hp_fail_memory(err, "a batch of rows");
        for (b->n = 0; i < n && b->n < HP_ENRICH_BATCH; i++)
            if (s->row[i].data) HP_TRY(load_row(w, s, b, i, err));
        HP_TRY(enrich_batch(w, s, b, err));
        hp_run_progress(w->run, "enrich", i, n);
    }
    for (size_t i = 0; i < n; i++) {
        s->sheet->rows += s->row[i].data;
        s->sheet->filled_rows += s->row[i].filled;
    }
    return hp_put_columns(w, s, err);
}

static hp_code count(hp_work *w, hp_err *err) {
    hp_enrich_result *r = w->out;
    r->count = HP_NEW_ARRAY(w->run->arena, w->chain.n + 1, hp_enrich_count);
    if (!r->count) return hp_fail_memory(err, "the counts");
    for (size_t i = 0; i < w->chain.n; i++) {
        const hp_link *l = &w->chain.link[i];
        hp_str name = hp_arena_dup(w->run->arena, l->item.name);
        if (!name.p) return hp_fail_memory(err, "the counts");
        r->count[r->ncount++] = (hp_enrich_count){.provider = l->provider->name,
                                                  .name = name.p,
                                                  .source = l->provider->source,
                                                  .strategy = l->provider->strategy,
                                                  .opened = l->state != NULL,
                                                  .asked = l->asked,
                                                  .filled = l->filled,
                                                  .suggested = l->suggested};
        r->filled += l->filled;
        r->suggested += l->suggested;
    }
    for (size_t i = 0; i < w->nsheet; i++) {
        r->rows += w->sheet[i].sheet->rows;
        r->filled_rows += w->sheet[i].sheet->filled_rows;
    }
    return HP_OK;
}

/* Learns the names of the people in the sheets, which free text may mention. */
static hp_code learn_names(hp_work *w, hp_err *err) {
    HP_TRY(hp_redactor_begin(w->p, &w->redactor, err));
    for (size_t i = 0; w->redactor.kinds && i < w->nsheet; i++) {
        const hp_work_sheet *s = &w->sheet[i];
        for (size_t r = 0; s->known && r < s->sheet->in->nrow; r++) {
            hp_str name = s->row[r].data
                              ? hp_known_value(s->known, w->run->pool, HP_F_CONTACT_NAME, s->raw_of[r])
                              : HP_S("");
            if (name.n) HP_TRY(hp_redactor_know(&w->redactor, w->run->arena, name, err));
        }
    }
    return HP_OK;
}

static hp_code work(hp_work *w, hp_enrich_sheet *sheet, size_t n, batch *b, hp_err *err) {
    HP_TRY(hp_chain_open(w->run, w->p, w->o, &w->clean, &w->chain, err));
    HP_TRY(hp_choose_sheets(w, sheet, n, err));
    HP_TRY(learn_names(w, err));
    for (size_t i = 0; i < w->nsheet; i++) HP_TRY(enrich_sheet(w, &w->sheet[i], b, err));
    for (size_t i = 0; i < n; i++)
        if (!sheet[i].enriched) sheet[i].out = (hp_table *)(uintptr_t)sheet[i].in;
    HP_TRY(hp_make_provenance(w, &w->out->provenance, err));
    return count(w, err);
}

hp_code hp_enrich(hp_run *run, const hp_profile *p, const hp_enrich_options *o, hp_enrich_sheet *sheet,
                  size_t n, hp_enrich_result *out, hp_err *err) {
    hp_work w = {.run = run,
                 .p = p,
                 .o = o,
                 .threshold = o->threshold < 0 ? p->enrich.threshold : o->threshold,
                 .out = out};
    *out = (hp_enrich_result){.threshold = w.threshold};
    hp_clean_ctx_init(&w.clean, p);
    hp_settle_fields(&w);
    batch *b = HP_NEW(run->arena, batch);
    if (!b) return hp_fail_memory(err, "a batch of rows");
    b->scratch = hp_buf_new(1 << 20);
    hp_code code = work(&w, sheet, n, b, err);
    hp_chain_close(&w.chain);
    hp_redactor_free(&w.redactor);
    hp_answers_free(&w.answers);
    hp_vec_free(&w.trace);
    hp_buf_free(&b->scratch);
    hp_arena_drop(b->text);
    return code;
}
