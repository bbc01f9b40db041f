/* The five columns behind each row, and the sheet Provenance with a line for each field. */
#include "base/clock.h"
#include "enrich/work.h"

#include "base/banned.h"

static const char *const NAMES[HP_PROVENANCE_COLUMNS] = {"provenance_source", "provenance_timestamp",
                                                         "provenance_confidence", "provenance_strategy",
                                                         "provenance_network_status"};

const char *const *hp_provenance_names(void) { return NAMES; }

enum {
    L_ROW,
    L_COLUMN,
    L_OLD,
    L_NEW,
    L_PROVIDER,
    L_CONFIDENCE,
    L_EVIDENCE,
    L_TIME,
    L_STATUS,
    L_REASON,
    L_SOURCE,
    L_STRATEGY,
    L_SHEET,
    L_SLUG,
    L_COUNT
};
static const char *const LINE[L_COUNT] = {
    "row",  "column", "old",    "new",    "provider", "confidence", "evidence",
    "time", "status", "reason", "source", "strategy", "sheet",      "organization_slug"};

const char *const *hp_provenance_sheet_names(size_t *n) {
    *n = L_COUNT;
    return LINE;
}

static const char *strategy_name(hp_strategy s) {
    return s == HP_STRATEGY_RESEARCH ? "research" : "deterministic";
}

/* ---- values ---- */

static hp_code text(hp_work *w, const char *s, hp_vid *out, hp_err *err) {
    return hp_intern(w->run->pool, hp_str_of(s), out, err);
}

/* Writes a confidence with at most four decimals, and at least one: 0.95, 0.855, 1.0. */
static hp_code number(hp_work *w, double x, hp_vid *out, hp_err *err) {
    char digits[32];
    hp_buf b = hp_buf_new(sizeof digits);
    unsigned tenthousandths = (unsigned)(x * 1e4 + 0.5);
    hp_buf_printf(&b, "%u.%04u", tenthousandths / 10000, tenthousandths % 10000);
    while (b.n > 3 && b.p[b.n - 1] == '0') b.n--;
    hp_code code = hp_buf_check(&b, "a number", err);
    if (code == HP_OK) code = hp_intern(w->run->pool, hp_buf_str(&b), out, err);
    hp_buf_free(&b);
    return code;
}

static hp_code moment(hp_work *w, int64_t seconds, hp_vid *out, hp_err *err) {
    char iso[21];
    hp_time_iso(seconds, iso);
    return text(w, iso, out, err);
}

/* ---- the five columns ---- */

static bool is_ours(hp_str name) {
    for (size_t i = 0; i < HP_PROVENANCE_COLUMNS; i++)
        if (hp_str_eq(hp_str_trim(name), hp_str_of(NAMES[i]))) return true;
    return false;
}

/* What all rows that nothing was filled in have in common, interned once. */
typedef struct {
    hp_vid original, now, one, none, not_used, used, skipped, strategy[2];
    const hp_row_state *last; /* the row written before whose time and confidence are texts already */
    hp_vid last_time, last_confidence;
} words;

static hp_code say_skipped(hp_work *w, hp_vid *out, hp_err *err) {
    const hp_gate *g = w->o->gate;
    /* Nobody asked for the network, or somebody did and another guard said no. */
    if (!g || !g->in.flag || g->blocked_by == HP_GATE_FLAG)
        return text(w, "skipped: network disabled", out, err);
    hp_autobuf b = hp_buf_new(200);
    hp_buf_printf(&b, "blocked: %s", hp_gate_word(g->blocked_by));
    HP_TRY(hp_buf_check(&b, "a status", err));
    return hp_intern(w->run->pool, hp_buf_str(&b), out, err);
}

static hp_code make_words(hp_work *w, words *v, hp_err *err) {
    HP_TRY(text(w, "original", &v->original, err));
    HP_TRY(moment(w, hp_clock_now(), &v->now, err));
    HP_TRY(text(w, "1.0", &v->one, err));
    HP_TRY(text(w, "none", &v->none, err));
    HP_TRY(text(w, "not_used", &v->not_used, err));
    HP_TRY(text(w, "used", &v->used, err));
    for (int i = 0; i < 2; i++) HP_TRY(text(w, strategy_name((hp_strategy)i), &v->strategy[i], err));
    return say_skipped(w, &v->skipped, err);
}

/* What a row says of the network: that it was used where that is where its values are from, else the gravest
 * of what happened, else why research was not asked. */
static hp_code net_status(hp_work *w, const words *v, const hp_row_state *r, hp_vid *out, hp_err *err) {
    bool research = r->filled && w->chain.link[r->link].provider->strategy == HP_STRATEGY_RESEARCH;
    *out = v->used;
    if (research || r->net == HP_NET_USED) return HP_OK;
    if (r->net == HP_NET_NOT_USED) {
        *out = r->left && !r->filled ? v->skipped : v->not_used;
        return HP_OK;
    }
    hp_autobuf b = hp_buf_new(1 << 16);
    hp_buf_puts(&b, r->net == HP_NET_FAILED ? "failed: " : "blocked: ");
    hp_buf_add(&b, r->reason == HP_NULL ? HP_S("no reason given") : hp_text(w->run->pool, r->reason));
    HP_TRY(hp_buf_check(&b, "a status", err));
    return hp_intern(w->run->pool, hp_buf_str(&b), out, err);
}

static hp_code put_row(hp_work *w, words *v, const hp_row_state *r, hp_column *col, size_t i, hp_err *err) {
    if (!r->data) return HP_OK;
    HP_TRY(net_status(w, v, r, &col[4].v[i], err));
    if (!r->filled) {
        col[0].v[i] = v->original;
        col[1].v[i] = v->now;
        col[2].v[i] = v->one;
        col[3].v[i] = v->none;
        return HP_OK;
    }
    col[0].v[i] = r->source;
    col[3].v[i] = v->strategy[w->chain.link[r->link].provider->strategy];
    if (!v->last || v->last->time != r->time) HP_TRY(moment(w, r->time, &v->last_time, err));
    if (!v->last || v->last->confidence != r->confidence)
        HP_TRY(number(w, r->confidence, &v->last_confidence, err));
    v->last = r;
    col[1].v[i] = v->last_time;
    col[2].v[i] = v->last_confidence;
    return HP_OK;
}

/* Marks all cells of a column as numbers, for formats with types. */
static bool as_numbers(hp_arena *a, hp_column *c, size_t n) {
    c->style = HP_STYLE_SCORE;
    c->type = hp_arena_zero(a, n + 1);
    for (size_t i = 0; c->type && i < n; i++) c->type[i] = c->v[i] == HP_NULL ? HP_T_NONE : HP_T_NUMBER;
    return c->type != NULL;
}

hp_code hp_put_columns(hp_work *w, hp_work_sheet *s, hp_err *err) {
    hp_arena *a = w->run->arena;
    hp_table *t = s->sheet->out;
    hp_table *made = hp_table_new(a, t->nrow, HP_PROVENANCE_COLUMNS, false);
    hp_column *all = HP_NEW_ARRAY(a, t->ncol + HP_PROVENANCE_COLUMNS, hp_column);
    words v = {0};
    size_t n = 0;
    if (!made || !all) return hp_fail_memory(err, "the columns of provenance");
    HP_TRY(make_words(w, &v, err));
    for (size_t i = 0; i < t->nrow; i++) HP_TRY(put_row(w, &v, &s->row[i], made->col, i, err));
    if (!as_numbers(a, &made->col[2], t->nrow)) return hp_fail_memory(err, "the columns of provenance");
    for (size_t c = 0; c < t->ncol; c++)
        if (!is_ours(t->col[c].name)) all[n++] = t->col[c];
    for (size_t c = 0; c < HP_PROVENANCE_COLUMNS; c++) {
        all[n] = made->col[c];
        all[n].name = hp_str_of(NAMES[c]);
        all[n].source = (uint32_t)n;
        n++;
    }
    t->col = all;
    t->ncol = n;
    return HP_OK;
}

/* ---- the sheet Provenance ---- */

/* Writes the number of a row as the sheet counts: the header is row 1. */
static hp_code row_number(hp_work *w, uint32_t row, hp_vid *out, hp_err *err) {
    char digits[12];
    size_t n = sizeof digits;
    for (uint64_t left = (uint64_t)row + 2; left > 0; left /= 10) digits[--n] = (char)('0' + left % 10);
    return hp_intern(w->run->pool, (hp_str){digits + n, sizeof digits - n}, out, err);
}

/* What lines of one field and provider have in common. */
static const int COMMON[] = {L_COLUMN, L_PROVIDER, L_CONFIDENCE, L_TIME,
                             L_STATUS, L_REASON,   L_STRATEGY,   L_SHEET};

static bool is_alike(const hp_trace *a, const hp_trace *b) {
    return a->sheet == b->sheet && a->link == b->link && a->applied == b->applied && a->reason == b->reason
           && a->confidence == b->confidence && a->time == b->time;
}

static hp_code put_common(hp_work *w, const hp_trace *t, hp_column *col, size_t i, hp_err *err) {
    const hp_work_sheet *s = &w->sheet[t->sheet];
    const hp_link *l = &w->chain.link[t->link];
    hp_pool *pool = w->run->pool;
    HP_TRY(hp_intern(pool, s->sheet->in->col[s->col[t->field]].name, &col[L_COLUMN].v[i], err));
    HP_TRY(hp_intern(pool, l->item.name, &col[L_PROVIDER].v[i], err));
    HP_TRY(number(w, t->confidence, &col[L_CONFIDENCE].v[i], err));
    HP_TRY(moment(w, t->time, &col[L_TIME].v[i], err));
    HP_TRY(text(w, t->applied ? "applied" : "suggestion", &col[L_STATUS].v[i], err));
    if (t->reason) HP_TRY(text(w, t->reason, &col[L_REASON].v[i], err));
    HP_TRY(text(w, strategy_name(l->provider->strategy), &col[L_STRATEGY].v[i], err));
    return hp_intern(pool, s->sheet->name, &col[L_SHEET].v[i], err);
}

/* `last` is the line before of the same field, whose texts need not be looked up again when the two are
 * alike: there may be a million. */
static hp_code put_line(hp_work *w, size_t i, size_t last, hp_column *col, hp_err *err) {
    const hp_trace *t = &w->trace.p[i];
    const hp_work_sheet *s = &w->sheet[t->sheet];
    if (last != SIZE_MAX && is_alike(t, &w->trace.p[last])) {
        for (size_t k = 0; k < sizeof COMMON / sizeof *COMMON; k++)
            col[COMMON[k]].v[i] = col[COMMON[k]].v[last];
    } else {
        HP_TRY(put_common(w, t, col, i, err));
    }
    HP_TRY(row_number(w, t->row, &col[L_ROW].v[i], err));
    col[L_OLD].v[i] = t->old;
    col[L_NEW].v[i] = t->new;
    col[L_EVIDENCE].v[i] = t->evidence;
    col[L_SOURCE].v[i] = t->source;
    if (s->known->slug != HP_NO_COL)
        col[L_SLUG].v[i] = s->known->raw->col[s->known->slug].v[s->raw_of[t->row]];
    return HP_OK;
}

hp_code hp_make_provenance(hp_work *w, hp_table **out, hp_err *err) {
    hp_table *t = hp_table_new(w->run->arena, w->trace.n, L_COUNT, false);
    if (!t) return hp_fail_memory(err, "the sheet Provenance");
    for (size_t c = 0; c < L_COUNT; c++) t->col[c].name = hp_str_of(LINE[c]);
    size_t last[HP_FIELD_COUNT];
    for (size_t f = 0; f < HP_FIELD_COUNT; f++) last[f] = SIZE_MAX;
    for (size_t i = 0; i < w->trace.n; i++) {
        HP_TRY(put_line(w, i, last[w->trace.p[i].field], t->col, err));
        last[w->trace.p[i].field] = i;
    }
    t->col[L_ROW].style = HP_STYLE_INT;
    if (!as_numbers(w->run->arena, &t->col[L_CONFIDENCE], t->nrow))
        return hp_fail_memory(err, "the sheet Provenance");
    t->name = HP_S("Provenance");
    *out = t;
    return HP_OK;
}
