#include "check/partition.h"

#include <math.h>

#include "check/stats.h"

#include "base/banned.h"

/* A number, or an infinite one as Python and YAML write it. */
static bool read_edge(const hp_node *node, double *out) {
    hp_str text;
    if (hp_node_f64(node, out)) return true;
    if (!hp_node_text(node, &text)) return false;
    bool negative = hp_str_starts(text, HP_S("-"));
    text = hp_str_cut(text, negative || hp_str_starts(text, HP_S("+")), text.n);
    if (!hp_str_ieq(text, HP_S("infinity")) && !hp_str_ieq(text, HP_S("inf"))
        && !hp_str_ieq(text, HP_S(".inf")))
        return false;
    *out = negative ? -INFINITY : INFINITY;
    return true;
}

/* The numbers of a list. */
static hp_code numbers(hp_arena *a, const hp_node *list, const char *name, const char *where, double **out,
                       hp_err *err) {
    if (!list || list->kind != HP_NODE_LIST)
        return hp_fail(err, HP_CONFIG, "%s: \"%s\" of partition_object must be a list", where, name);
    double *x = HP_NEW_ARRAY(a, list->n + 1, double);
    if (!x) return hp_fail_memory(err, "a partition");
    for (size_t i = 0; i < list->n; i++)
        if (!read_edge(list->item[i], &x[i]) || isnan(x[i]))
            return hp_fail(err, HP_CONFIG, "%s: item %zu of \"%s\" of partition_object is no number", where,
                           i + 1, name);
    *out = x;
    return HP_OK;
}

static hp_code read_edges(hp_arena *a, const hp_node *bins, const char *where, hp_partition *p, hp_err *err) {
    double *edge = NULL;
    HP_TRY(numbers(a, bins, "bins", where, &edge, err));
    if (bins->n != p->n + 1)
        return hp_fail(
            err, HP_CONFIG,
            "%s: partition_object has %zu weights and %zu bins; there must be one more edge than weights",
            where, p->n, bins->n);
    for (size_t i = 0; i < p->n; i++)
        if (!(edge[i] < edge[i + 1]))
            return hp_fail(err, HP_CONFIG, "%s: the bins of partition_object must rise; edge %zu does not",
                           where, i + 2);
    p->edge = edge;
    return HP_OK;
}

static hp_code read_tails(hp_arena *a, const hp_node *tails, const char *where, hp_partition *p,
                          hp_err *err) {
    double *tail = NULL;
    HP_TRY(numbers(a, tails, "tail_weights", where, &tail, err));
    if (tails->n != 2)
        return hp_fail(err, HP_CONFIG,
                       "%s: \"tail_weights\" of partition_object has %zu numbers; it must have 2", where,
                       tails->n);
    p->has_tails = true;
    p->tail[0] = tail[0], p->tail[1] = tail[1];
    return HP_OK;
}

/* numpy.allclose(sum, 1), which Great Expectations asks. */
static hp_code check_sum(const hp_partition *p, const char *where, hp_err *err) {
    double sum = hp_stat_sum(p->weight, p->n) + p->tail[0] + p->tail[1];
    if (fabs(sum - 1) <= 1e-8 + 1e-5) return HP_OK;
    return hp_fail(err, HP_CONFIG, "%s: the weights of partition_object sum to %g; they must sum to 1", where,
                   sum);
}

hp_code hp_partition_read(hp_arena *a, const hp_node *node, const char *where, hp_partition *out,
                          hp_err *err) {
    const hp_node *weights = hp_node_get(node, "weights"), *values = hp_node_get(node, "values"),
                  *bins = hp_node_get(node, "bins");
    if (!weights || (!values && !bins))
        return hp_fail(err, HP_CONFIG,
                       "%s: partition_object must have \"weights\" and either \"values\" or \"bins\"", where);
    hp_partition p = {.n = weights->n};
    double *weight = NULL;
    HP_TRY(numbers(a, weights, "weights", where, &weight, err));
    p.weight = weight;
    if (values) {
        if (values->kind != HP_NODE_LIST || values->n != p.n)
            return hp_fail(err, HP_CONFIG, "%s: partition_object must have as many \"values\" as \"weights\"",
                           where);
        p.value = values->item;
    } else {
        HP_TRY(read_edges(a, bins, where, &p, err));
        const hp_node *tails = hp_node_get(node, "tail_weights");
        if (tails) HP_TRY(read_tails(a, tails, where, &p, err));
    }
    HP_TRY(check_sum(&p, where, err));
    *out = p;
    return HP_OK;
}

/* ---- divergence ---- */

static hp_code check_holdout(double share, const char *name, const char *where, hp_err *err) {
    if (share >= 0 && share <= 1) return HP_OK;
    return hp_fail(err, HP_CONFIG, "%s: %s must be between zero and one", where, name);
}

hp_code hp_kl_values(hp_arena *a, const hp_partition *p, const uint64_t *count, const uint64_t *other,
                     size_t nother, double tail_holdout, const char *where, hp_kl *out, hp_err *err) {
    HP_TRY(check_holdout(tail_holdout, "tail_weight_holdout", where, err));
    hp_kl k = {.n = p->n + nother};
    k.observed = HP_NEW_ARRAY(a, k.n + 1, double);
    k.expected = HP_NEW_ARRAY(a, k.n + 1, double);
    if (!k.observed || !k.expected) return hp_fail_memory(err, "a divergence");
    uint64_t total = 0;
    for (size_t i = 0; i < k.n; i++) total += i < p->n ? count[i] : other[i - p->n];
    for (size_t i = 0; i < k.n; i++) {
        bool known = i < p->n;
        k.observed[i] = total ? (double)(known ? count[i] : other[i - p->n]) / (double)total : 0;
        k.expected[i] =
            known ? p->weight[i] * (nother ? 1 - tail_holdout : 1) : tail_holdout / (double)nother;
    }
    k.divergence = hp_stat_divergence(k.observed, k.expected, k.n);
    *out = k;
    return HP_OK;
}

/* Weights of all bins with both tails: where an end is infinite the outermost bin is the tail. */
typedef struct tailed {
    size_t n, first, last; /**< n in all; those of finite bins are first .. last - 1 */
    double *observed, *expected;
} tailed;

static void spread_internal(const hp_partition *p, double holdout, double *expected) {
    size_t empty = 0;
    for (size_t i = 0; i < p->n; i++) empty += expected[i] == 0;
    for (size_t i = 0; holdout > 0 && i < p->n; i++)
        if (expected[i] == 0) expected[i] = holdout / (double)empty;
}

static hp_code check_numbers(const hp_partition *p, double tail, double internal, const char *where,
                             hp_err *err) {
    HP_TRY(check_holdout(tail, "tail_weight_holdout", where, err));
    HP_TRY(check_holdout(internal, "internal_weight_holdout", where, err));
    bool low = isinf(p->edge[0]), high = isinf(p->edge[p->n]);
    if (tail > 0 && p->has_tails)
        return hp_fail(err, HP_CONFIG,
                       "%s: tail_weight_holdout must be 0 when using tail_weights in partition_object",
                       where);
    if (tail > 0 && low && high)
        return hp_fail(err, HP_CONFIG,
                       "%s: tail_weight_holdout cannot be used for partitions with infinite endpoints",
                       where);
    if (p->has_tails && (low || high))
        return hp_fail(err, HP_CONFIG,
                       "%s: there can be no tail_weights for partitions with an endpoint at infinity", where);
    return HP_OK;
}

static void weigh(const hp_partition *p, const uint64_t *count, uint64_t below, uint64_t above, size_t n,
                  double tail, double internal, tailed *t) {
    bool low = isinf(p->edge[0]), high = isinf(p->edge[p->n]);
    double whole = n ? (double)n : 1, end = low || high ? tail : tail / 2;
    size_t at = low ? 0 : 1;
    double *expected = t->expected + at, *observed = t->observed + at;
    for (size_t i = 0; i < p->n; i++) {
        expected[i] = p->weight[i] * (1 - tail - internal);
        observed[i] = (double)count[i] / whole;
    }
    spread_internal(p, internal, expected);
    t->n = p->n + at + (high ? 0 : 1);
    t->first = 1, t->last = t->n - 1;
    if (!low) t->expected[0] = p->has_tails ? p->tail[0] : end, t->observed[0] = (double)below / whole;
    if (!high)
        t->expected[t->n - 1] = p->has_tails ? p->tail[1] : end,
                           t->observed[t->n - 1] = (double)above / whole;
}

hp_code hp_kl_numbers(hp_arena *a, const hp_partition *p, const double *x, size_t n, double tail_holdout,
                      double internal_holdout, const char *where, hp_kl *out, hp_err *err) {
    HP_TRY(check_numbers(p, tail_holdout, internal_holdout, where, err));
    uint64_t *count = HP_NEW_ARRAY(a, p->n + 1, uint64_t), below, above;
    tailed t = {.observed = HP_NEW_ARRAY(a, p->n + 2, double), .expected = HP_NEW_ARRAY(a, p->n + 2, double)};
    if (!count || !t.observed || !t.expected) return hp_fail_memory(err, "a divergence");
    hp_stat_histogram(p->edge, p->n, x, n, count, &below, &above);
    weigh(p, count, below, above, n, tail_holdout, internal_holdout, &t);
    hp_kl k = {.divergence = hp_stat_divergence(t.observed, t.expected, t.n),
               .n = t.last > t.first ? t.last - t.first : 0,
               .edge = p->edge + (isinf(p->edge[0]) ? 1 : 0),
               .observed = t.observed + t.first,
               .expected = t.expected + t.first,
               .observed_tail = {t.observed[0], t.observed[t.n - 1]},
               .expected_tail = {t.expected[0], t.expected[t.n - 1]}};
    *out = k;
    return HP_OK;
}
