/* Kernels of a column as a whole: distinct values, extremes, means, quantiles. */
#include "check/engine.h"
#include "base/node.h"
#include "check/stats.h"

#include <math.h>

#include "base/banned.h"

static hp_code no_memory(hp_err *err) { return hp_fail_memory(err, "a validation"); }

/* A number against the bounds; none (an empty column) is not within them, unless there are none. */
static hp_code judge(hp_checker *k, double x, hp_err *err) {
    hp_bounds b;
    bool ok;
    k->o->observed = hp_node_number(k->run->arena, x);
    if (!k->o->observed) return no_memory(err);
    HP_TRY(hp_bounds_read(k, false, &b, &ok, err));
    k->o->success = ok && hp_within(&b, x);
    return HP_OK;
}

static hp_node *value_node(const hp_checker *k, const hp_coded *c, uint32_t d) {
    hp_str text = hp_coded_text(k, c, d);
    if (c->type[d] == HP_T_NUMBER) return hp_node_plain(k->run->arena, text);
    if (c->type[d] == HP_T_BOOL)
        return hp_node_plain(k->run->arena, hp_str_ieq(text, HP_S("true")) ? HP_S("true") : HP_S("false"));
    return hp_node_words(k->run->arena, text);
}

/* ---- distinct values ---- */

static hp_node *count_node(hp_checker *k, const hp_coded *c, uint32_t d) {
    hp_arena *a = k->run->arena;
    hp_node *m = hp_node_put(a, hp_node_make(a, HP_NODE_MAP, 2), "value", value_node(k, c, d));
    return hp_node_put(a, m, "count", hp_node_number(a, (double)c->count[d]));
}

static hp_code observe_distinct(hp_checker *k, const hp_coded *c, hp_err *err) {
    hp_arena *a = k->run->arena;
    uint32_t *order = hp_coded_sorted(k, c);
    hp_node *list = hp_node_make(a, HP_NODE_LIST, c->n), *counts = hp_node_make(a, HP_NODE_LIST, c->n);
    for (uint32_t i = 0; order && i < c->n; i++) {
        list = hp_node_push(list, value_node(k, c, order[i]));
        counts = hp_node_push(counts, count_node(k, c, order[i]));
    }
    k->o->observed = list;
    k->o->details = hp_node_put(a, hp_node_make(a, HP_NODE_MAP, 1), "value_counts", counts);
    return order && list && k->o->details ? HP_OK : no_memory(err);
}

/* Tells whether all values are in the set, and all members of the set among the values. Two members that are
 * one value ([1, 1.0]) are both met by it, so the set is asked by its own members too. */
static hp_code hold(hp_checker *k, const hp_coded *c, const hp_set *set, bool *within, bool *contains,
                    hp_err *err) {
    uint8_t *met = HP_NEW_ARRAY(k->scratch, set->n + 1, uint8_t);
    if (!met) return no_memory(err);
    size_t n = 0;
    *within = true;
    for (uint32_t d = 0; d < c->n; d++) {
        size_t member = hp_set_find(k, set, c, d);
        if (member == SIZE_MAX)
            *within = false;
        else if (!met[member])
            met[member] = 1, n++;
    }
    *contains = n >= hp_set_distinct(set);
    return HP_OK;
}

hp_code hp_k_distinct(hp_checker *k, hp_err *err) {
    hp_coded *c;
    const hp_node *list = hp_kw(k, "value_set");
    __attribute__((cleanup(hp_set_free))) hp_set set = {0};
    bool within = true, contains = true;
    HP_TRY(hp_column_of(k, "column", &c, err));
    if (!c) return HP_OK;
    bool dates = hp_kw_flag(k, "parse_strings_as_datetimes", false) || (c->types & 1u << HP_T_DATE);
    if (list) {
        HP_TRY(hp_set_make(k, list->item, list->n, dates, &set, err));
        HP_TRY(hold(k, c, &set, &within, &contains, err));
    }
    k->o->success =
        (within || k->id == HP_X_DISTINCT_CONTAIN_SET) && (contains || k->id == HP_X_DISTINCT_IN_SET);
    return observe_distinct(k, c, err);
}

hp_code hp_k_most_common(hp_checker *k, hp_err *err) {
    hp_coded *c;
    const hp_node *list = hp_kw(k, "value_set");
    __attribute__((cleanup(hp_set_free))) hp_set set = {0};
    HP_TRY(hp_column_of(k, "column", &c, err));
    if (!c) return HP_OK;
    if (list) HP_TRY(hp_set_make(k, list->item, list->n, c->types & 1u << HP_T_DATE, &set, err));
    uint64_t most = 0;
    size_t ties = 0, good = 0;
    for (uint32_t d = 0; d < c->n; d++) most = c->count[d] > most ? c->count[d] : most;
    uint32_t *order = hp_coded_sorted(k, c);
    hp_node *modes = hp_node_make(k->run->arena, HP_NODE_LIST, c->n);
    for (uint32_t i = 0; order && i < c->n; i++) {
        if (c->count[order[i]] != most) continue;
        ties++;
        good += !list || hp_set_find(k, &set, c, order[i]) != SIZE_MAX;
        modes = hp_node_push(modes, value_node(k, c, order[i]));
    }
    k->o->observed = modes;
    bool alone = ties == 1 || hp_kw_flag(k, "ties_okay", false);
    k->o->success = !list || (alone && good > 0);
    return order && modes ? HP_OK : no_memory(err);
}

hp_code hp_k_unique_count(hp_checker *k, hp_err *err) {
    hp_coded *c;
    HP_TRY(hp_column_of(k, "column", &c, err));
    if (!c) return HP_OK;
    double n = c->n, all = (double)(k->n - c->missing);
    if (k->id == HP_X_UNIQUE_SHARE) n = all > 0 ? n / all : 0;
    return judge(k, n, err);
}

hp_code hp_k_non_null_share(hp_checker *k, hp_err *err) {
    hp_coded *c;
    HP_TRY(hp_column_of(k, "column", &c, err));
    if (!c) return HP_OK;
    return judge(k, k->n ? (double)(k->n - c->missing) / (double)k->n : (double)NAN, err);
}

/* ---- extremes ---- */

static bool no_bounds(const hp_checker *k) { return !hp_kw(k, "min_value") && !hp_kw(k, "max_value"); }

hp_code hp_k_extreme(hp_checker *k, hp_err *err) {
    hp_coded *c;
    hp_bounds b;
    hp_mode mode;
    bool ok, dates = hp_kw_flag(k, "parse_strings_as_datetimes", false);
    HP_TRY(hp_column_of(k, "column", &c, err));
    if (!c) return HP_OK;
    HP_TRY(hp_bounds_read(k, dates, &b, &ok, err));
    if (ok) HP_TRY(hp_order(k, c, dates, &mode, &ok, err));
    if (ok) HP_TRY(hp_bounds_fit(k, &b, c, dates, false, &ok, err));
    if (!ok) return HP_OK;
    k->o->observed = hp_node_null(k->run->arena);
    k->o->success = no_bounds(k);
    int wanted = k->id == HP_X_COLUMN_MIN ? -1 : 1;
    uint32_t best = 0;
    for (uint32_t d = 1; d < c->n; d++)
        if (wanted * hp_compare(k, mode, c, d, c, best) > 0) best = d;
    if (c->n) {
        k->o->observed = value_node(k, c, best);
        if (mode == HP_BY_NUMBER) k->o->observed = hp_node_number(k->run->arena, c->number[best]);
        k->o->success = hp_within_value(k, &b, c, best);
    }
    return k->o->observed ? HP_OK : no_memory(err);
}

/* ---- sums and means ---- */

static hp_code not_numeric(hp_checker *k, const hp_coded *c, hp_err *err) {
    return hp_except(k, err, "column \"%.*s\" is not numeric: %s is no number", HP_FMT(c->col->name),
                     hp_coded_cell(k, c, c->not_number));
}

hp_code hp_k_moment(hp_checker *k, hp_err *err) {
    hp_coded *c;
    double *x, value;
    size_t n;
    HP_TRY(hp_column_of(k, "column", &c, err));
    if (!c) return HP_OK;
    HP_TRY(hp_coded_numbers(k, c, err));
    if (c->not_number != c->n) return not_numeric(k, c, err);
    HP_TRY(hp_coded_series(k, c, &x, &n, err));
    switch ((int)k->id) {
    case HP_X_COLUMN_SUM: value = hp_stat_sum(x, n); break;
    case HP_X_COLUMN_MEAN: value = hp_stat_mean(x, n); break;
    case HP_X_COLUMN_STDEV: value = hp_stat_stdev(x, n); break;
    default: hp_stat_sort(x, n); value = hp_stat_median(x, n);
    }
    return judge(k, value, err);
}

/* ---- quantiles ---- */

static hp_code bad_ranges(const hp_checker *k, hp_err *err) {
    return hp_fail(
        err, HP_CONFIG,
        "%s: quantile_ranges holds \"quantiles\", a list of numbers from 0 to 1, and \"value_ranges\", "
        "a list of as many pairs of numbers (or null)",
        k->where);
}

static bool read_range(const hp_node *pair, double range[2]) {
    if (pair->kind != HP_NODE_LIST || pair->n != 2) return false;
    for (int i = 0; i < 2; i++) {
        range[i] = i ? (double)INFINITY : -(double)INFINITY;
        if (pair->item[i]->kind != HP_NODE_NULL && !hp_number_of(pair->item[i], &range[i])) return false;
    }
    return range[0] <= range[1];
}

static hp_code interpolation(const hp_checker *k, hp_interpolation *how, hp_err *err) {
    const hp_node *v = hp_kw(k, "allow_relative_error");
    bool flag; /* true allows databases to estimate; what is exact is within any error */
    *how = HP_INTERPOLATE_NEAREST;
    if (!v || hp_node_bool(v, &flag)) return HP_OK;
    if (v->kind == HP_NODE_SCALAR && hp_interpolation_named(v->text, how)) return HP_OK;
    return hp_fail(
        err, HP_CONFIG,
        "%s: allow_relative_error is \"linear\", \"lower\", \"higher\", \"midpoint\" or \"nearest\"",
        k->where);
}

static hp_code observe_quantiles(hp_checker *k, const double *x, size_t n, hp_err *err) {
    hp_arena *a = k->run->arena;
    const hp_node *ranges = hp_kw(k, "quantile_ranges"), *q = hp_node_get(ranges, "quantiles"),
                  *r = hp_node_get(ranges, "value_ranges");
    if (!q || !r || q->kind != HP_NODE_LIST || r->kind != HP_NODE_LIST || q->n != r->n)
        return bad_ranges(k, err);
    hp_interpolation how;
    HP_TRY(interpolation(k, &how, err));
    hp_node *qs = hp_node_make(a, HP_NODE_LIST, q->n), *vs = hp_node_make(a, HP_NODE_LIST, q->n),
            *good = hp_node_make(a, HP_NODE_LIST, q->n);
    k->o->success = true;
    for (size_t i = 0; i < q->n; i++) {
        double at, range[2];
        if (!hp_number_of(q->item[i], &at) || !(at >= 0 && at <= 1) || !read_range(r->item[i], range))
            return bad_ranges(k, err);
        double v = n ? hp_stat_quantile(x, n, at, how) : (double)NAN;
        bool met = v >= range[0] && v <= range[1];
        k->o->success &= met;
        qs = hp_node_push(qs, hp_node_number(a, at));
        vs = hp_node_push(vs, hp_node_number(a, v));
        good = hp_node_push(good, hp_node_plain(a, met ? HP_S("true") : HP_S("false")));
    }
    hp_node *o = hp_node_put(a, hp_node_make(a, HP_NODE_MAP, 2), "quantiles", qs);
    k->o->observed = hp_node_put(a, o, "values", vs);
    k->o->details = hp_node_put(a, hp_node_make(a, HP_NODE_MAP, 1), "success_details", good);
    return k->o->observed && k->o->details ? HP_OK : no_memory(err);
}

hp_code hp_k_quantiles(hp_checker *k, hp_err *err) {
    hp_coded *c;
    double *x;
    size_t n;
    HP_TRY(hp_column_of(k, "column", &c, err));
    if (!c) return HP_OK;
    HP_TRY(hp_coded_numbers(k, c, err));
    if (c->not_number != c->n) return not_numeric(k, c, err);
    HP_TRY(hp_coded_series(k, c, &x, &n, err));
    hp_stat_sort(x, n);
    return observe_quantiles(k, x, n, err);
}
