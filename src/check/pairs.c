/* Kernels of two columns. */
#include "check/engine.h"
#include "base/node.h"
#include "check/stats.h"

#include <math.h>
#include <stdlib.h>

#include "base/banned.h"

static hp_code no_memory(hp_err *err) { return hp_fail_memory(err, "a validation"); }

static hp_code both(hp_checker *k, hp_coded *c[2], hp_err *err) {
    c[1] = NULL;
    HP_TRY(hp_column_of(k, "column_A", &c[0], err));
    return c[0] ? hp_column_of(k, "column_B", &c[1], err) : HP_OK;
}

/* Tells whether a row is passed over for its missing values. */
static bool passes(hp_str rule, uint32_t a, uint32_t b) {
    if (hp_str_starts(rule, HP_S("either"))) return a == 0 || b == 0;
    bool never = hp_str_starts(rule, HP_S("ne"));
    return !never && a == 0 && b == 0;
}

/* Holds each row against a test of its two values, whose codes are 0 when missing. */
static hp_code each_row(hp_checker *k, hp_coded *c[2], bool (*good)(const void *, uint32_t, uint32_t),
                        const void *ctx, hp_err *err) {
    hp_str rule = hp_kw_text(k, "ignore_row_if");
    uint8_t *bad = HP_NEW_ARRAY(k->scratch, k->n + 1, uint8_t);
    uint64_t passed = 0;
    if (!bad) return no_memory(err);
    for (size_t i = 0; i < k->n; i++) {
        uint32_t a = c[0]->code[i], b = c[1]->code[i];
        bool pass = passes(rule, a, b);
        passed += pass;
        bad[i] = !pass && !good(ctx, a, b);
    }
    return hp_list_rows(k, NULL, bad, passed, err);
}

/* ---- equal, greater ---- */

typedef struct comparing {
    const hp_checker *k;
    hp_coded **c;
    hp_mode mode;
    bool or_equal, mixed;
} comparing;

static bool is_greater(const void *ctx, uint32_t a, uint32_t b) {
    const comparing *p = ctx;
    if (a == 0 || b == 0 || p->mixed) return false;
    int order = hp_compare(p->k, p->mode, p->c[0], a - 1, p->c[1], b - 1);
    return order > 0 || (p->or_equal && order == 0);
}

/* Cells are equal when they are the same value of the same type; a number in one column equals a text that is
 * this number in another only if that holds nothing but numbers. */
static bool is_equal(const void *ctx, uint32_t a, uint32_t b) {
    const comparing *p = ctx;
    if (a == 0 || b == 0) return false; /* a missing value equals nothing, as in pandas */
    const hp_coded *ca = p->c[0], *cb = p->c[1];
    if (p->mode == HP_BY_NUMBER || p->mode == HP_BY_INSTANT)
        return hp_compare(p->k, p->mode, ca, a - 1, cb, b - 1) == 0;
    if (ca->type[a - 1] != cb->type[b - 1]) return false;
    if (ca->vid[a - 1] == cb->vid[b - 1]) return true;
    return ca->is_number[a - 1] && cb->is_number[b - 1] && ca->type[a - 1] == HP_T_NUMBER
           && ca->number[a - 1] == cb->number[b - 1];
}

static hp_code equal(hp_checker *k, hp_coded *c[2], hp_err *err) {
    comparing p = {.k = k, .c = c, .mode = HP_BY_TEXT};
    for (int i = 0; i < 2; i++) HP_TRY(hp_coded_numbers(k, c[i], err));
    bool numbers = c[0]->not_number == c[0]->n && c[1]->not_number == c[1]->n;
    bool typed = (c[0]->types | c[1]->types) & 1u << HP_T_NUMBER;
    unsigned date = 1u << HP_T_DATE;
    if (numbers && typed) p.mode = HP_BY_NUMBER;
    if (c[0]->types == date && c[1]->types == date) {
        p.mode = HP_BY_INSTANT;
        for (int i = 0; i < 2; i++) HP_TRY(hp_coded_instants(k, c[i], err));
        if (c[0]->not_instant != c[0]->n || c[1]->not_instant != c[1]->n) p.mode = HP_BY_TEXT;
    }
    return each_row(k, c, is_equal, &p, err);
}

static hp_code greater(hp_checker *k, hp_coded *c[2], hp_err *err) {
    comparing p = {.k = k, .c = c, .or_equal = hp_kw_flag(k, "or_equal", false)};
    bool ok, dates = hp_kw_flag(k, "parse_strings_as_datetimes", false);
    hp_mode mode[2];
    for (int i = 0; i < 2; i++) {
        HP_TRY(hp_order(k, c[i], dates, &mode[i], &ok, err));
        if (!ok) return HP_OK;
    }
    /* A column without values goes with any other. */
    p.mode = c[0]->n ? mode[0] : mode[1];
    p.mixed = c[0]->n && c[1]->n && mode[0] != mode[1];
    if (p.mixed && !hp_kw_flag(k, "allow_cross_type_comparisons", false))
        return hp_except(k, err, "columns \"%.*s\" and \"%.*s\" hold values of different types",
                         HP_FMT(c[0]->col->name), HP_FMT(c[1]->col->name));
    return each_row(k, c, is_greater, &p, err);
}

hp_code hp_k_pair(hp_checker *k, hp_err *err) {
    hp_coded *c[2];
    HP_TRY(both(k, c, err));
    if (!c[1]) return HP_OK;
    return k->id == HP_X_PAIR_EQUAL ? equal(k, c, err) : greater(k, c, err);
}

/* ---- a set of pairs ---- */

/* Members of each side by number, 0 = null; the pairs by both numbers. */
typedef struct pairs {
    hp_set side[2];
    uint32_t *member[2]; /* of each value of the column: 1 + member, 0 = none */
    hp_imap pair;
} pairs;

static void pairs_free(pairs *p) {
    hp_set_free(&p->side[0]);
    hp_set_free(&p->side[1]);
    hp_imap_free(&p->pair);
}

static hp_code make_side(hp_checker *k, const hp_node *list, const hp_coded *c, int i, pairs *p,
                         hp_err *err) {
    hp_node **item = HP_NEW_ARRAY(k->scratch, list->n + 1, hp_node *);
    p->member[i] = HP_NEW_ARRAY(k->scratch, c->n + 1, uint32_t);
    if (!item || !p->member[i]) return no_memory(err);
    for (size_t n = 0; n < list->n; n++) item[n] = list->item[n]->item[i];
    HP_TRY(hp_set_make(k, item, list->n, c->types & 1u << HP_T_DATE, &p->side[i], err));
    for (uint32_t d = 0; d < c->n; d++) p->member[i][d] = (uint32_t)(hp_set_find(k, &p->side[i], c, d) + 1);
    return HP_OK;
}

static uint64_t pair_key(uint64_t a, uint64_t b) { return a << 32 | b; }

/* Of a side: the member's number and 1, UINT32_MAX for null. */
static uint64_t side_key(const pairs *p, int i, size_t n) {
    size_t same = p->side[i].same[n];
    return same == SIZE_MAX ? UINT32_MAX : same + 1;
}

static bool is_pair(const void *ctx, uint32_t a, uint32_t b) {
    const pairs *p = ctx;
    uint32_t code[2] = {a, b}, found;
    uint64_t key[2];
    for (int i = 0; i < 2; i++) {
        key[i] = code[i] ? p->member[i][code[i] - 1] : UINT32_MAX;
        if (key[i] == 0) return false;
    }
    return hp_imap_get(&p->pair, pair_key(key[0], key[1]), &found);
}

static bool any_pair(const void *ctx, uint32_t a, uint32_t b) {
    (void)ctx, (void)a, (void)b;
    return true;
}

hp_code hp_k_pair_in_set(hp_checker *k, hp_err *err) {
    hp_coded *c[2];
    const hp_node *list = hp_kw(k, "value_pairs_set");
    __attribute__((cleanup(pairs_free))) pairs p = {0};
    HP_TRY(both(k, c, err));
    if (!c[1]) return HP_OK;
    if (!list) return each_row(k, c, any_pair, NULL, err);
    for (int i = 0; i < 2; i++) HP_TRY(make_side(k, list, c[i], i, &p, err));
    for (size_t n = 0; n < list->n; n++)
        if (!hp_imap_put(&p.pair, pair_key(side_key(&p, 0, n), side_key(&p, 1, n)), 1)) return no_memory(err);
    return each_row(k, c, is_pair, &p, err);
}

/* ---- Cramer's phi ---- */

/* The bin of each value of a column; missing values have the last one, as Great Expectations gives them a
 * category of their own. */
typedef struct binning {
    size_t n;
    uint32_t *bin; /* for each distinct value */
} binning;

static hp_code bad_bins(const hp_checker *k, const char *name, hp_err *err) {
    return hp_fail(err, HP_CONFIG, "%s: %s is a list of bounds (numbers), or of lists of categories",
                   k->where, name);
}

static void range_of(const hp_coded *c, double *low, double *high) {
    *low = *high = c->n ? c->number[0] : 0;
    for (uint32_t d = 1; d < c->n; d++) {
        if (c->number[d] < *low) *low = c->number[d];
        if (c->number[d] > *high) *high = c->number[d];
    }
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Bounds of the user, stretched where the data go beyond them. */
static hp_code given_edges(hp_checker *k, const hp_node *bins, const char *name, double low, double high,
                           double **edge, size_t *n, hp_err *err) {
    double *e = HP_NEW_ARRAY(k->scratch, bins->n + 3, double);
    size_t at = 0;
    if (!e) return no_memory(err);
    for (size_t i = 0; i < bins->n; i++)
        if (!hp_number_of(bins->item[i], &e[at++])) return bad_bins(k, name, err);
    qsort(e, at, sizeof *e, by_size);
    if (at && high > e[at - 1]) e[at++] = high;
    if (at && low < e[0]) {
        memmove(e + 1, e, at * sizeof *e);
        e[0] = low;
        at++;
    }
    if (at < 2) return bad_bins(k, name, err);
    *edge = e;
    *n = at - 1;
    return HP_OK;
}

static hp_code bin_numbers(hp_checker *k, hp_coded *c, const hp_node *bins, const char *name, size_t want,
                           binning *out, hp_err *err) {
    double low, high, *edge;
    range_of(c, &low, &high);
    out->n = want;
    if (bins) {
        HP_TRY(given_edges(k, bins, name, low, high, &edge, &out->n, err));
    } else {
        edge = HP_NEW_ARRAY(k->scratch, want + 2, double);
        if (!edge) return no_memory(err);
        hp_stat_edges(low, high, want, edge);
    }
    for (uint32_t d = 0; d < c->n; d++) {
        ptrdiff_t b = hp_stat_bin(edge, out->n, c->number[d]);
        out->bin[d] = b < 0 ? 0 : (uint32_t)b;
    }
    return HP_OK;
}

/* Lists of categories; each value that is in none of them is a bin of its own. */
static hp_code bin_lists(hp_checker *k, const hp_coded *c, const hp_node *bins, const char *name,
                         binning *out, hp_err *err) {
    out->n = bins->n + c->n;
    for (uint32_t d = 0; d < c->n; d++) out->bin[d] = (uint32_t)(bins->n + d);
    for (size_t i = 0; i < bins->n; i++) {
        __attribute__((cleanup(hp_set_free))) hp_set set = {0};
        const hp_node *list = bins->item[i];
        if (list->kind != HP_NODE_LIST) return bad_bins(k, name, err);
        HP_TRY(hp_set_make(k, list->item, list->n, false, &set, err));
        for (uint32_t d = 0; d < c->n; d++)
            if (hp_set_find(k, &set, c, d) != SIZE_MAX) out->bin[d] = (uint32_t)i;
    }
    return HP_OK;
}

typedef struct rank {
    uint64_t count;
    uint32_t d;
} rank;

static int by_rank(const void *a, const void *b) {
    const rank *x = a, *y = b;
    if (x->count != y->count) return x->count > y->count ? -1 : 1;
    return x->d < y->d ? -1 : x->d > y->d;
}

/* The most frequent categories have a bin each, the rest one together. */
static hp_code bin_categories(hp_checker *k, const hp_coded *c, size_t want, binning *out, hp_err *err) {
    rank *r = HP_NEW_ARRAY(k->scratch, c->n + 1, rank);
    if (!r) return no_memory(err);
    for (uint32_t d = 0; d < c->n; d++) r[d] = (rank){c->count[d], d};
    qsort(r, c->n, sizeof *r, by_rank);
    out->n = want < c->n ? want + 1 : c->n;
    for (uint32_t i = 0; i < c->n; i++) out->bin[r[i].d] = (uint32_t)(i < out->n ? i : out->n - 1);
    return HP_OK;
}

static hp_code make_bins(hp_checker *k, hp_coded *c, const char *name, const char *count, binning *out,
                         hp_err *err) {
    const hp_node *bins = hp_kw(k, name);
    double want = 10;
    hp_kw_number(k, count, &want);
    want = want < 1 ? 1 : want > 100000 ? 100000 : want;
    out->bin = HP_NEW_ARRAY(k->scratch, c->n + 1, uint32_t);
    if (!out->bin) return no_memory(err);
    if (bins && bins->kind != HP_NODE_LIST) return bad_bins(k, name, err);
    HP_TRY(hp_coded_numbers(k, c, err));
    if (c->not_number == c->n) return bin_numbers(k, c, bins, name, (size_t)want, out, err);
    return bins ? bin_lists(k, c, bins, name, out, err) : bin_categories(k, c, (size_t)want, out, err);
}

/* Drops rows and columns of the table without any count, which say nothing. */
static size_t squeeze(double *t, size_t rows, size_t cols, size_t *kept_cols) {
    size_t r = 0, w = 0;
    for (size_t i = 0; i < rows; i++) {
        double sum = 0;
        for (size_t j = 0; j < cols; j++) sum += t[i * cols + j];
        if (sum == 0) continue;
        memmove(t + r * cols, t + i * cols, cols * sizeof *t);
        r++;
    }
    for (size_t j = 0; j < cols; j++) {
        double sum = 0;
        for (size_t i = 0; i < r; i++) sum += t[i * cols + j];
        if (sum == 0) continue;
        for (size_t i = 0; i < r; i++) t[i * cols + w] = t[i * cols + j];
        w++;
    }
    for (size_t i = 0; i < r; i++) memmove(t + i * w, t + i * cols, w * sizeof *t);
    *kept_cols = w;
    return r;
}

static size_t bin_of(const hp_coded *c, const binning *b, size_t i) {
    return c->code[i] ? b->bin[c->code[i] - 1] : b->n;
}

static hp_code phi(hp_checker *k, hp_coded *c[2], const binning b[2], double *out, hp_err *err) {
    size_t rows = b[0].n + 1, cols = b[1].n + 1;
    if (rows * cols > 10000000)
        return hp_fail(err, HP_CONFIG, "%s: %zu by %zu bins are too many; set n_bins_A and n_bins_B lower",
                       k->where, rows, cols);
    double *t = HP_NEW_ARRAY(k->scratch, rows * cols + 1, double);
    if (!t) return no_memory(err);
    for (size_t i = 0; i < k->n; i++) t[bin_of(c[0], &b[0], i) * cols + bin_of(c[1], &b[1], i)]++;
    rows = squeeze(t, rows, cols, &cols);
    *out = hp_stat_cramers_phi(t, rows, cols, (double)k->n);
    return HP_OK;
}

hp_code hp_k_cramers_phi(hp_checker *k, hp_err *err) {
    hp_coded *c[2];
    binning b[2];
    double value, threshold = 0.1;
    hp_kw_number(k, "threshold", &threshold);
    HP_TRY(both(k, c, err));
    if (!c[1]) return HP_OK;
    HP_TRY(make_bins(k, c[0], "bins_A", "n_bins_A", &b[0], err));
    HP_TRY(make_bins(k, c[1], "bins_B", "n_bins_B", &b[1], err));
    HP_TRY(phi(k, c, b, &value, err));
    if (isnan(value)) value = 0; /* one bin depends on nothing */
    k->o->success = value <= threshold;
    k->o->observed = hp_node_number(k->run->arena, value);
    return k->o->observed ? HP_OK : no_memory(err);
}
