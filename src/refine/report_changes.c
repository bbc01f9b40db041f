/* What changed since the previous run. */
#include "refine/report.h"

#include "base/banned.h"

/* Holds the list on its way. */
typedef struct list {
    const hp_report_source *in;
    hp_report *out;
    size_t cap;
    hp_err *err;
    hp_code code;
} list;

/* Adds a change; its texts are formatted, from what is short. */
static void add(list *l, hp_str what, hp_report_trend trend, hp_str was, hp_str now, hp_str change) {
    if (l->code != HP_OK) return;
    if (!what.p || !was.p || !now.p || !change.p || l->out->nchange == l->cap) {
        l->code = hp_fail_memory(l->err, "the report");
        return;
    }
    l->out->change[l->out->nchange++] = (hp_report_change){what, was, now, change, trend};
}

static hp_arena *arena(const list *l) { return l->in->r->run.arena; }

static void add_count(list *l, hp_str what, uint64_t was, uint64_t now, hp_report_trend more,
                      hp_report_trend less) {
    if (was == HP_UNKNOWN || was == now) return;
    uint64_t by = now > was ? now - was : was - now;
    add(l, what, now > was ? more : less, hp_arena_printf(arena(l), "%llu", (unsigned long long)was),
        hp_arena_printf(arena(l), "%llu", (unsigned long long)now),
        hp_arena_printf(arena(l), "%s%llu", now > was ? "+" : "\xE2\x88\x92", (unsigned long long)by));
}

/* Adds a share that moved by a tenth of a point or more. */
static void add_share(list *l, hp_str what, double was, double now) {
    double points = 100 * (now - was);
    if (points > -0.05 && points < 0.05) return;
    add(l, what, points > 0 ? HP_TREND_BETTER : HP_TREND_WORSE,
        hp_arena_printf(arena(l), "%.1f %%", 100 * was), hp_arena_printf(arena(l), "%.1f %%", 100 * now),
        hp_arena_printf(arena(l), "%s%.1f points", points > 0 ? "+" : "\xE2\x88\x92",
                        points > 0 ? points : -points));
}

static void add_rows(list *l) {
    const hp_previous *p = l->in->previous;
    const hp_refine_result *r = l->in->r;
    hp_report_trend none = HP_TREND_NONE;
    add_count(l, HP_S("Rows read"), p->rows_in, r->rows_in, none, none);
    add_count(l, HP_S("Organisations"), p->rows_out, r->rows_out, none, none);
    add_count(l, HP_S("Contacts"), p->contacts, r->contacts, none, none);
    add_count(l, HP_S("Rows merged"), p->merged, r->merged, none, none);
    add_count(l, HP_S("Rows in quarantine"), p->quarantined, r->quarantined, HP_TREND_WORSE, HP_TREND_BETTER);
    add_count(l, HP_S("Values that sources disagree on"), p->conflicts, r->conflicts, HP_TREND_WORSE,
              HP_TREND_BETTER);
    if (p->quality >= 0) add_share(l, HP_S("Mean quality"), p->quality, r->quality_mean);
}

static void add_rules(list *l) {
    for (int rule = 0; rule < HP_RULE_COUNT; rule++) {
        const hp_rule_info *info = hp_rule_get((hp_rule)rule);
        bool grave = info->severity != HP_SEV_INFO;
        add_count(l, hp_arena_printf(arena(l), "Findings %s", info->name), l->in->previous->by_rule[rule],
                  l->in->r->run.issues.by_rule[rule], grave ? HP_TREND_WORSE : HP_TREND_NONE,
                  grave ? HP_TREND_BETTER : HP_TREND_NONE);
    }
}

/* Counts the columns whose fill moved by a tenth of a point or more; the table of fill shows by how much. */
static void count_fill(const list *l, size_t *fuller, size_t *emptier) {
    *fuller = *emptier = 0;
    for (size_t i = 0; i < l->out->nfill; i++) {
        const hp_report_fill *f = &l->out->fill[i];
        if (f->was == HP_UNKNOWN || f->was_of == HP_UNKNOWN || f->was_of == 0 || f->after_of == 0) continue;
        double points = 100 * ((double)f->after / (double)f->after_of - (double)f->was / (double)f->was_of);
        *fuller += points >= 0.05;
        *emptier += points <= -0.05;
    }
}

/* ---- files ---- */

static hp_str words(const hp_node *n, const char *key) {
    hp_str s;
    return hp_node_text(hp_node_get(n, key), &s) ? s : (hp_str){"", 0};
}

static const hp_node *find_before(const hp_node *inputs, hp_str name) {
    for (size_t i = 0; inputs && i < inputs->n; i++)
        if (hp_str_eq(hp_path_base(words(inputs->item[i], "path")), name)) return inputs->item[i];
    return NULL;
}

static bool is_read_now(const hp_report *out, hp_str name) {
    for (size_t i = 0; i < out->ninput; i++)
        if (hp_str_eq(out->input[i].name, name)) return true;
    return false;
}

static void add_file(list *l, hp_str name, const char *change) {
    hp_str none = HP_S("");
    add(l, hp_arena_printf(arena(l), "File %.*s", HP_FMT(name)), HP_TREND_NONE, none, none,
        hp_str_of(change));
}

/* Adds the files that are new, other than they were, or gone; false when there is none. */
static bool add_files(list *l) {
    const hp_node *inputs = l->in->previous->inputs;
    size_t before = l->out->nchange;
    for (size_t i = 0; inputs && i < l->out->ninput; i++) {
        const hp_report_input *f = &l->out->input[i];
        const hp_node *was = find_before(inputs, f->name);
        if (!was)
            add_file(l, f->name, "new");
        else if (!hp_str_eq(words(was, "sha256"), f->sha256))
            add_file(l, f->name, "changed");
    }
    for (size_t i = 0; inputs && i < inputs->n; i++) {
        hp_str name = hp_path_base(words(inputs->item[i], "path"));
        if (!is_read_now(l->out, name)) add_file(l, name, "gone");
    }
    return l->out->nchange > before;
}

static hp_code put_note(const list *l, bool files, hp_buf *out, hp_err *err) {
    const hp_previous *p = l->in->previous;
    size_t fuller, emptier;
    count_fill(l, &fuller, &emptier);
    hp_buf_puts(out, "Compared with the run of ");
    if (p->when.n == 20)
        hp_buf_printf(out, "%.10s %.5s UTC", p->when.p, p->when.p + 11);
    else
        hp_buf_add(out, p->when);
    if (!hp_str_eq(p->version, HP_S(HP_VERSION))) hp_buf_printf(out, ", by hotpass %.*s", HP_FMT(p->version));
    hp_buf_puts(out, files ? "." : ". It read the same files.");
    if (!hp_str_eq(p->profile_sha256, hp_str_of(l->in->r->profile->sha256.hex)))
        hp_buf_puts(out, " It went by another profile.");
    if (fuller || emptier)
        hp_buf_printf(out, " Columns that are fuller now: %zu; emptier: %zu.", fuller, emptier);
    else if (l->out->nchange == 0)
        hp_buf_puts(out, " Nothing is different.");
    return hp_report_text(l->in, out, &l->out->previous_note, err);
}

hp_code hp_report_changes(const hp_report_source *in, hp_report *out, hp_err *err) {
    const hp_previous *p = in->previous;
    out->previous_note = p->note;
    if (!p->known) return HP_OK;
    size_t before = p->inputs ? p->inputs->n : 0;
    list l = {.in = in, .out = out, .err = err};
    l.cap = 16 + HP_RULE_COUNT + out->ninput + before;
    out->change = HP_NEW_ARRAY(arena(&l), l.cap, hp_report_change);
    if (!out->change) return hp_fail_memory(err, "the report");
    out->previous = true;
    out->was_in = p->rows_in;
    out->was_out = p->rows_out;
    out->was_quarantined = p->quarantined;
    out->was_contacts = p->contacts;
    out->was_quality = p->quality;
    bool files = add_files(&l);
    add_rows(&l);
    add_rules(&l);
    HP_TRY(l.code);
    hp_autobuf text = hp_buf_new(1 << 20);
    return put_note(&l, files, &text, err);
}
