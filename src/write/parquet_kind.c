/* What a column is in the file: numbers, dates and truth values only where nothing of their text is lost. */
#include "write/parquet.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/threads.h"
#include "write/exact.h"
#include "write/lines.h"
#include "write/parts.h"
#include "write/plain.h"

#include "base/banned.h"

/* Rows that are looked at in one go. */
#define BATCH 16384u

#define BIT(kind) (1u << (kind))
#define NUMBERS   (BIT(HP_LEAF_INT) | BIT(HP_LEAF_DOUBLE))
#define TIMES     (BIT(HP_LEAF_DATE) | BIT(HP_LEAF_STAMP) | BIT(HP_LEAF_TIME))
#define ALL       (NUMBERS | TIMES | BIT(HP_LEAF_BOOL))
/* No value was there at all. */
#define NOTHING (ALL | BIT(HP_LEAF_TEXT))

/* ---- values ---- */

static bool two_digits(hp_str s, size_t at, int64_t below, int64_t *out) {
    if (at + 2 > s.n || !hp_is_digit(s.p[at]) || !hp_is_digit(s.p[at + 1])) return false;
    *out = (s.p[at] - '0') * 10 + (s.p[at + 1] - '0');
    return *out < below;
}

/* Reads "09:30:00" or "09:30:00.25" into microseconds; zeros at the end of a fraction would be lost. */
static bool read_time(hp_str s, int64_t *micros) {
    int64_t h, m, sec, fraction = 0, unit = 1000000;
    if (!two_digits(s, 0, 24, &h) || !two_digits(s, 3, 60, &m) || !two_digits(s, 6, 60, &sec)) return false;
    if (s.p[2] != ':' || s.p[5] != ':') return false;
    if (s.n > 8) {
        if (s.p[8] != '.' || s.n < 10 || s.n > 15 || s.p[s.n - 1] == '0') return false;
        for (size_t i = 9; i < s.n; i++, unit /= 10) {
            if (!hp_is_digit(s.p[i])) return false;
            fraction = fraction * 10 + (s.p[i] - '0');
        }
    }
    *micros = ((h * 60 + m) * 60 + sec) * 1000000 + fraction * unit;
    return true;
}

static bool read_day(hp_str s, int64_t *days) {
    hp_date d;
    if (!hp_date_parse_iso(s, &d)) return false;
    *days = hp_days_from_civil(d.year, d.month, d.day);
    return true;
}

static bool read_stamp(hp_str s, int64_t *micros) {
    int64_t days;
    if (s.n < 19 || s.p[10] != 'T' || !read_day(hp_str_cut(s, 0, 10), &days)) return false;
    if (!read_time(hp_str_cut(s, 11, s.n), micros)) return false;
    *micros += days * 86400 * 1000000;
    return true;
}

static bool read_bool(hp_str s, int64_t *v) {
    *v = hp_str_eq(s, HP_S("TRUE"));
    return *v || hp_str_eq(s, HP_S("FALSE"));
}

bool hp_leaf_value(hp_leaf_kind kind, hp_str text, uint64_t *bits) {
    int64_t v = 0;
    double d;
    bool ok = false;
    switch (kind) {
    case HP_LEAF_INT: ok = hp_exact_i64(text, &v); break;
    case HP_LEAF_BOOL: ok = read_bool(text, &v); break;
    case HP_LEAF_DATE: ok = read_day(text, &v); break;
    case HP_LEAF_STAMP: ok = read_stamp(text, &v); break;
    case HP_LEAF_TIME: ok = read_time(text, &v); break;
    case HP_LEAF_DOUBLE:
        ok = hp_str_f64(text, &d);
        if (ok) memcpy(&v, &d, sizeof v);
        break;
    case HP_LEAF_TEXT:
    default: break;
    }
    *bits = (uint64_t)v;
    return ok;
}

/* ---- columns ---- */

/* Returns the kinds that a value can be, of those that are still open. `zeros`: those at the end of a
 * fraction may get lost, as in the columns of numbers that hotpass makes itself ("1.0"). */
static unsigned kinds_of(hp_str text, unsigned open, bool zeros) {
    unsigned kinds = 0;
    for (unsigned k = HP_LEAF_INT; k <= HP_LEAF_TIME; k++) {
        uint64_t bits;
        double d;
        if (!(open & BIT(k))) continue;
        bool can =
            k == HP_LEAF_DOUBLE ? hp_exact_f64(text, zeros, &d) : hp_leaf_value((hp_leaf_kind)k, text, &bits);
        if (can) kinds |= BIT(k);
    }
    return kinds;
}

/* Returns the kinds that a cell's type allows. */
static unsigned kinds_by_type(const hp_column *c, size_t row) {
    unsigned kinds = hp_is_numeric(c->style) ? NUMBERS : 0;
    switch (hp_cell_type(c, row)) {
    case HP_T_NUMBER: return NUMBERS;
    case HP_T_BOOL: return kinds | BIT(HP_LEAF_BOOL);
    case HP_T_DATE: return kinds | TIMES;
    case HP_T_NONE:
    case HP_T_TEXT:
    case HP_T_ERROR:
    default: return kinds;
    }
}

/* Columns are looked at in batches of rows, each of which leaves what its values can be. */
typedef struct plan {
    const hp_place *place; /* of the texts of the pool */
    const hp_table *t;
    size_t batches; /* of a column */
    uint8_t *kinds; /* by column, then batch */
} plan;

static uint8_t look(const plan *p, const hp_column *c, size_t from, size_t to) {
    unsigned open = NOTHING;
    hp_vid before = HP_NULL;
    for (size_t r = from; r < to && open; r++) {
        hp_vid v = c->v[r];
        hp_fetch_ahead(p->place, c, r, p->t->nrow);
        if (v == HP_NULL || (v == before && !c->type)) continue;
        open &= kinds_by_type(c, r);
        if (v != before) open = kinds_of(hp_place_text(p->place[v]), open, hp_is_numeric(c->style));
        before = v;
    }
    return (uint8_t)open;
}

static void look_at(void *ctx, size_t from, size_t to, unsigned worker) {
    const plan *p = ctx;
    (void)worker;
    for (size_t i = from; i < to; i++) {
        size_t first = i % p->batches * BATCH, end = first + BATCH;
        const hp_column *c = &p->t->col[i / p->batches];
        /* Most columns are text and nothing else. */
        bool text = !c->type && !hp_is_numeric(c->style);
        p->kinds[i] = text ? 0 : look(p, c, first, end < p->t->nrow ? end : p->t->nrow);
    }
}

static hp_leaf_kind kind_of(const plan *p, size_t column) {
    unsigned open = NOTHING;
    for (size_t b = 0; b < p->batches; b++) open &= p->kinds[column * p->batches + b];
    if (open == NOTHING) return HP_LEAF_TEXT;
    for (unsigned k = HP_LEAF_INT; k <= HP_LEAF_TIME; k++)
        if (open & BIT(k)) return (hp_leaf_kind)k;
    return HP_LEAF_TEXT;
}

hp_code hp_leaves_plan(hp_arena *a, const hp_pool *pool, const hp_table *t, hp_leaf *leaf, hp_err *err) {
    plan p = {.place = hp_pool_places(pool), .t = t, .batches = t->nrow / BATCH + 1};
    hp_autofree uint8_t *kinds = hp_calloc(t->ncol * p.batches + 1, 1);
    hp_str *names = HP_NEW_ARRAY(a, t->ncol + 1, hp_str);
    if (!kinds || !names) return hp_fail_memory(err, "the columns of a parquet file");
    HP_TRY(hp_names_unique(a, t, names, err));
    p.kinds = kinds;
    hp_parallel(t->ncol * p.batches, 1, look_at, &p);
    for (size_t c = 0; c < t->ncol; c++)
        leaf[c] = (hp_leaf){.name = names[c], .kind = kind_of(&p, c), .from = &t->col[c]};
    return HP_OK;
}
