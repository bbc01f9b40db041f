/* Kernels of statistical tests: a column against a partition or a distribution. */
#include "check/distribution.h"
#include "check/engine.h"
#include "base/node.h"
#include "check/partition.h"
#include "check/stats.h"

#include <math.h>

#include "base/banned.h"

static hp_code no_memory(hp_err *err) { return hp_fail_memory(err, "a validation"); }

static double number_or(const hp_checker *k, const char *name, double fallback) {
    hp_kw_number(k, name, &fallback);
    return fallback;
}

/* Codes the column and reads its numbers; *x is NULL, and the exception set, when that cannot be. */
static hp_code numbers(hp_checker *k, double **x, size_t *n, hp_err *err) {
    hp_coded *c;
    *x = NULL;
    HP_TRY(hp_column_of(k, "column", &c, err));
    if (!c) return HP_OK;
    HP_TRY(hp_coded_numbers(k, c, err));
    if (c->not_number != c->n)
        return hp_except(k, err, "column \"%.*s\" is not numeric: %s is no number", HP_FMT(c->col->name),
                         hp_coded_cell(k, c, c->not_number));
    HP_TRY(hp_coded_series(k, c, x, n, err));
    hp_stat_sort(*x, *n);
    return HP_OK;
}

static hp_code observe(hp_checker *k, double x, hp_err *err) {
    k->o->observed = hp_node_number(k->run->arena, x);
    return k->o->observed ? HP_OK : no_memory(err);
}

/* ---- categories ---- */

/* Counts of the partition's values, and of each value that it does not have. */
typedef struct categories {
    uint64_t *count, *other;
    hp_node **other_value;
    size_t nother;
} categories;

static hp_node *category_node(const hp_checker *k, const hp_coded *c, uint32_t d) {
    hp_str text = hp_coded_text(k, c, d);
    return c->type[d] == HP_T_NUMBER ? hp_node_plain(k->run->arena, text)
                                     : hp_node_words(k->run->arena, text);
}

static hp_code count_categories(hp_checker *k, const hp_coded *c, const hp_partition *p, categories *out,
                                hp_err *err) {
    __attribute__((cleanup(hp_set_free))) hp_set set = {0};
    *out = (categories){.count = HP_NEW_ARRAY(k->scratch, p->n + 1, uint64_t),
                        .other = HP_NEW_ARRAY(k->scratch, c->n + 1, uint64_t),
                        .other_value = HP_NEW_ARRAY(k->scratch, c->n + 1, hp_node *)};
    if (!out->count || !out->other || !out->other_value) return no_memory(err);
    HP_TRY(hp_set_make(k, p->value, p->n, false, &set, err));
    for (uint32_t d = 0; d < c->n; d++) {
        size_t member = hp_set_find(k, &set, c, d);
        if (member != SIZE_MAX) {
            out->count[member] += c->count[d];
            continue;
        }
        out->other_value[out->nother] = category_node(k, c, d);
        if (!out->other_value[out->nother]) return no_memory(err);
        out->other[out->nother++] = c->count[d];
    }
    return HP_OK;
}

static hp_code partition(hp_checker *k, hp_partition *p, hp_err *err) {
    return hp_partition_read(k->scratch, hp_kw(k, "partition_object"), k->where, p, err);
}

static hp_code need_categories(const hp_checker *k, const hp_partition *p, hp_err *err) {
    if (p->value) return HP_OK;
    return hp_fail(err, HP_CONFIG, "%s: partition_object needs \"values\" and \"weights\" here", k->where);
}

/* Expected counts follow the weights; what the partition does not have is a category of the weight held out.
 */
static double chisquare(hp_checker *k, const hp_partition *p, const categories *v, double holdout) {
    double *observed = HP_NEW_ARRAY(k->scratch, p->n + 1, double),
           *expected = HP_NEW_ARRAY(k->scratch, p->n + 1, double), total = 0, other = 0;
    if (!observed || !expected) return -1;
    for (size_t i = 0; i < v->nother; i++) other += (double)v->other[i];
    for (size_t i = 0; i < p->n; i++) total += observed[i] = (double)v->count[i];
    total += other;
    for (size_t i = 0; i < p->n; i++) expected[i] = p->weight[i] * (1 - holdout) * total;
    observed[p->n] = other;
    expected[p->n] = holdout * total;
    bool more = holdout > 0 || other > 0;
    return hp_stat_chisquare_p(observed, expected, p->n + more);
}

hp_code hp_k_chisquare(hp_checker *k, hp_err *err) {
    hp_coded *c;
    hp_partition p;
    categories v;
    double holdout = number_or(k, "tail_weight_holdout", 0);
    if (!(holdout >= 0 && holdout < 1))
        return hp_fail(err, HP_CONFIG, "%s: tail_weight_holdout is from 0 to below 1", k->where);
    HP_TRY(partition(k, &p, err));
    HP_TRY(need_categories(k, &p, err));
    HP_TRY(hp_column_of(k, "column", &c, err));
    if (!c) return HP_OK;
    HP_TRY(count_categories(k, c, &p, &v, err));
    double value = chisquare(k, &p, &v, holdout);
    if (value < 0) return no_memory(err);
    k->o->success = value > number_or(k, "p", 0.05);
    return observe(k, value, err);
}

/* ---- Kullback and Leibler ---- */

static hp_node *partition_node(hp_checker *k, const hp_kl *kl, hp_node *values, const double *weight,
                               const double *tail) {
    hp_arena *a = k->run->arena;
    hp_node *m = hp_node_make(a, HP_NODE_MAP, 3);
    m = hp_node_put(a, m, kl->edge ? "bins" : "values",
                    kl->edge ? hp_node_numbers(a, kl->edge, kl->n + 1) : values);
    m = hp_node_put(a, m, "weights", hp_node_numbers(a, weight, kl->n));
    return kl->edge ? hp_node_put(a, m, "tail_weights", hp_node_numbers(a, tail, 2)) : m;
}

static hp_node *category_list(hp_checker *k, const hp_partition *p, const categories *v) {
    hp_node *list = hp_node_make(k->run->arena, HP_NODE_LIST, p->n + v->nother);
    for (size_t i = 0; i < p->n; i++) list = hp_node_push(list, p->value[i]);
    for (size_t i = 0; i < v->nother; i++) list = hp_node_push(list, v->other_value[i]);
    return list;
}

static hp_code judge_kl(hp_checker *k, const hp_kl *kl, hp_node *values, hp_err *err) {
    hp_arena *a = k->run->arena;
    double threshold;
    hp_node *d = hp_node_make(a, HP_NODE_MAP, 2);
    d = hp_node_put(a, d, "observed_partition",
                    partition_node(k, kl, values, kl->observed, kl->observed_tail));
    k->o->details = hp_node_put(a, d, "expected_partition",
                                partition_node(k, kl, values, kl->expected, kl->expected_tail));
    bool limited = hp_kw_number(k, "threshold", &threshold);
    k->o->success = limited ? kl->divergence <= threshold : isfinite(kl->divergence) || !limited;
    return k->o->details ? observe(k, kl->divergence, err) : no_memory(err);
}

static hp_code kl_values(hp_checker *k, const hp_partition *p, hp_err *err) {
    hp_coded *c;
    categories v;
    hp_kl kl;
    HP_TRY(hp_column_of(k, "column", &c, err));
    if (!c) return HP_OK;
    HP_TRY(count_categories(k, c, p, &v, err));
    HP_TRY(hp_kl_values(k->scratch, p, v.count, v.other, v.nother, number_or(k, "tail_weight_holdout", 0),
                        k->where, &kl, err));
    return judge_kl(k, &kl, category_list(k, p, &v), err);
}

static hp_code kl_numbers(hp_checker *k, const hp_partition *p, hp_err *err) {
    hp_kl kl;
    double *x;
    size_t n;
    HP_TRY(numbers(k, &x, &n, err));
    if (!x) return HP_OK;
    HP_TRY(hp_kl_numbers(k->scratch, p, x, n, number_or(k, "tail_weight_holdout", 0),
                         number_or(k, "internal_weight_holdout", 0), k->where, &kl, err));
    return judge_kl(k, &kl, NULL, err);
}

hp_code hp_k_kl(hp_checker *k, hp_err *err) {
    hp_partition p;
    if (!hp_kw(k, "partition_object"))
        return hp_except(k, err, "partition_object is null: give a partition to hold the column against");
    HP_TRY(partition(k, &p, err));
    return p.value ? kl_values(k, &p, err) : kl_numbers(k, &p, err);
}

/* ---- Kolmogorov and Smirnov ---- */

static uint64_t whole_or(const hp_checker *k, const char *name, uint64_t fallback) {
    double x;
    return hp_kw_number(k, name, &x) ? (uint64_t)x : fallback;
}

hp_code hp_k_ks_bootstrapped(hp_checker *k, hp_err *err) {
    hp_partition p;
    double *x, value, least = number_or(k, "p", 0.05);
    size_t n;
    HP_TRY(partition(k, &p, err));
    HP_TRY(numbers(k, &x, &n, err));
    if (!x) return HP_OK;
    HP_TRY(hp_ks_bootstrap(&p, x, n, least, whole_or(k, "bootstrap_samples", 0),
                           whole_or(k, "bootstrap_sample_size", 0), k->where, &value, err));
    k->o->success = value > least;
    return observe(k, value, err);
}

hp_code hp_k_ks_distribution(hp_checker *k, hp_err *err) {
    hp_distribution d;
    double *x;
    size_t n;
    HP_TRY(hp_distribution_read(hp_kw_text(k, "distribution"), hp_kw(k, "params"), k->where, &d, err));
    HP_TRY(numbers(k, &x, &n, err));
    if (!x) return HP_OK;
    hp_ks ks = hp_ks_test(&d, x, n);
    k->o->success = ks.p >= number_or(k, "p_value", 0.05);
    hp_arena *a = k->run->arena;
    k->o->details = hp_node_put(a, hp_node_make(a, HP_NODE_MAP, 1), "observed_ks_result",
                                hp_node_numbers(a, (double[]){ks.statistic, ks.p}, 2));
    return k->o->details ? observe(k, ks.p, err) : no_memory(err);
}
