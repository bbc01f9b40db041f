#include "check/distribution.h"

#include <inttypes.h>
#include <math.h>

#include "base/mem.h"
#include "check/math_door.h"
#include "check/stats.h"

#include "base/banned.h"

#define SAMPLES_MOST 1000000u

/* What each distribution takes: the names of its shapes, then those of loc and scale. */
static const struct {
    const char *name;
    size_t shapes;
    const char *argument[4];
} kinds[] = {
    [HP_DISTRIBUTION_NORM] = {"norm", 0, {"mean", "std_dev"}},
    [HP_DISTRIBUTION_UNIFORM] = {"uniform", 0, {"min", "max"}},
    [HP_DISTRIBUTION_BETA] = {"beta", 2, {"alpha", "beta", "loc", "scale"}},
    [HP_DISTRIBUTION_GAMMA] = {"gamma", 1, {"alpha", "loc", "scale"}},
    [HP_DISTRIBUTION_EXPON] = {"expon", 0, {"loc", "scale"}},
    [HP_DISTRIBUTION_CHI2] = {"chi2", 1, {"df", "loc", "scale"}},
};
#define NKINDS (sizeof kinds / sizeof *kinds)

static hp_code find_kind(hp_str name, const char *where, hp_distribution_kind *out, hp_err *err) {
    for (size_t i = 0; i < NKINDS; i++)
        if (hp_str_eq(name, hp_str_of(kinds[i].name))) {
            *out = (hp_distribution_kind)i;
            return HP_OK;
        }
    return hp_fail(
        err, HP_CONFIG,
        "%s: the distribution \"%.*s\" is not known; there are norm, uniform, beta, gamma, expon and chi2",
        where, HP_FMT(name));
}

/* The i-th argument: by position in a list, by name in a map (or as scipy calls loc and scale). */
static const hp_node *argument(const hp_node *params, hp_distribution_kind kind, size_t i) {
    if (!params) return NULL;
    if (params->kind == HP_NODE_LIST) return i < params->n ? params->item[i] : NULL;
    const hp_node *found = hp_node_get(params, kinds[kind].argument[i]);
    if (found || i < kinds[kind].shapes) return found;
    return hp_node_get(params, i == kinds[kind].shapes ? "loc" : "scale");
}

hp_code hp_distribution_read(hp_str name, const hp_node *params, const char *where, hp_distribution *out,
                             hp_err *err) {
    hp_distribution d = {.scale = 1};
    HP_TRY(find_kind(name, where, &d.kind, err));
    size_t shapes = kinds[d.kind].shapes, most = shapes + 2;
    if (params && params->kind == HP_NODE_LIST && params->n > most)
        return hp_fail(err, HP_CONFIG, "%s: params has %zu numbers, %s takes at most %zu", where, params->n,
                       kinds[d.kind].name, most);
    double *const into[] = {&d.shape[0], &d.shape[1], &d.loc, &d.scale};
    for (size_t i = 0; i < most; i++) {
        const hp_node *node = argument(params, d.kind, i);
        double *value = i < shapes ? into[i] : into[i - shapes + 2];
        const char *called = kinds[d.kind].argument[i];
        if (!node && i >= shapes) continue;
        if (!node || !hp_node_f64(node, value))
            return hp_fail(err, HP_CONFIG, "%s: %s needs a number for \"%s\" in params", where,
                           kinds[d.kind].name, called);
        if ((i < shapes || i == shapes + 1) && !(*value > 0))
            return hp_fail(err, HP_CONFIG, "%s: \"%s\" of %s must be above 0", where, called,
                           kinds[d.kind].name);
    }
    *out = d;
    return HP_OK;
}

double hp_distribution_cdf(const hp_distribution *d, double x) {
    double z = (x - d->loc) / d->scale;
    switch (d->kind) {
    case HP_DISTRIBUTION_NORM: return erfc(-z / M_SQRT2) / 2;
    case HP_DISTRIBUTION_UNIFORM: return z < 0 ? 0 : z > 1 ? 1 : z;
    case HP_DISTRIBUTION_BETA: return z <= 0 ? 0 : z >= 1 ? 1 : hp_beta_i(d->shape[0], d->shape[1], z);
    case HP_DISTRIBUTION_GAMMA: return z <= 0 ? 0 : hp_gamma_p(d->shape[0], z);
    case HP_DISTRIBUTION_EXPON: return z <= 0 ? 0 : -expm1(-z);
    case HP_DISTRIBUTION_CHI2: return z <= 0 ? 0 : hp_gamma_p(d->shape[0] / 2, z / 2);
    }
    return NAN;
}

/* How far the i-th of n sorted values pulls the two distribution functions apart. */
static double distance(double cdf, size_t i, size_t n) {
    double above = (double)(i + 1) / (double)n - cdf, below = cdf - (double)i / (double)n;
    return above > below ? above : below;
}

hp_ks hp_ks_test(const hp_distribution *d, const double *sorted, size_t n) {
    hp_ks out = {.p = NAN};
    for (size_t i = 0; i < n; i++) {
        double apart = distance(hp_distribution_cdf(d, sorted[i]), i, n);
        if (apart > out.statistic) out.statistic = apart;
    }
    if (n) out.p = hp_stat_kolmogorov_sf(n, out.statistic);
    return out;
}

/* ---- by resampling ---- */

static uint64_t draw(uint64_t *state) {
    uint64_t x = *state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return x * 0x2545F4914F6CDD1Du;
}

/* A position below n: the upper half of a 64 * 64 bit product, whose bias is beyond sight. */
static size_t draw_below(uint64_t *state, size_t n) {
    return (size_t)(((unsigned __int128)draw(state) * n) >> 64);
}

/* The distribution function of a partition: linear between its edges, as numpy.interp has it. */
static double partition_cdf(const hp_partition *p, const double *sum, double x) {
    ptrdiff_t bin = hp_stat_bin(p->edge, p->n, x);
    if (bin < 0) return 0;
    if ((size_t)bin == p->n) return sum[p->n];
    double low = p->edge[bin], high = p->edge[bin + 1];
    return sum[bin] + (sum[bin + 1] - sum[bin]) * (x - low) / (high - low);
}

/* The greatest statistic whose p-value is p still: p-values fall as statistics rise, so one bisection spares
 * computing one for every sample. */
static double critical_statistic(uint64_t n, double p) {
    double low = 0, high = 1;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        if (hp_stat_kolmogorov_sf(n, middle) >= p)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static hp_code check_bootstrap(const hp_partition *p, size_t n, uint64_t samples, uint64_t size,
                               const char *where, hp_err *err) {
    if (!p->edge)
        return hp_fail(err, HP_CONFIG,
                       "%s: the partition has values, a Kolmogorov-Smirnov test needs one with bins", where);
    if (isinf(p->edge[0]) || isinf(p->edge[p->n]))
        return hp_fail(err, HP_CONFIG, "%s: Partition endpoints must be finite", where);
    if (p->tail[0] + p->tail[1] > 0)
        return hp_fail(err, HP_CONFIG, "%s: Partition cannot have tail weights: its endpoints must be finite",
                       where);
    if (!n) return hp_fail(err, HP_CONFIG, "%s: the column has no numbers to draw samples from", where);
    if (samples > SAMPLES_MOST || size > SAMPLES_MOST || samples * size > 100 * (uint64_t)SAMPLES_MOST)
        return hp_fail(err, HP_CONFIG,
                       "%s: %" PRIu64 " samples of %" PRIu64
                       " values are too many; 100,000,000 values in all are the limit",
                       where, samples, size);
    return HP_OK;
}

/* The positions of a sample are drawn in any order; sorted, they are a sorted sample. */
static double sample_statistic(const double *cdf, size_t n, double *sample, uint64_t size, uint64_t *state) {
    for (uint64_t i = 0; i < size; i++) sample[i] = cdf[draw_below(state, n)];
    hp_stat_sort(sample, size);
    double most = 0;
    for (uint64_t i = 0; i < size; i++) {
        double apart = distance(sample[i], i, size);
        if (apart > most) most = apart;
    }
    return most;
}

hp_code hp_ks_bootstrap(const hp_partition *partition, const double *sorted, size_t n, double p,
                        uint64_t samples, uint64_t size, const char *where, double *out, hp_err *err) {
    if (!samples) samples = 1000;
    if (!size) size = 2 * partition->n;
    HP_TRY(check_bootstrap(partition, n, samples, size, where, err));
    hp_autofree double *sum = hp_calloc(partition->n + 1, sizeof *sum), *cdf = NULL, *sample = NULL;
    cdf = hp_calloc(n, sizeof *cdf), sample = hp_calloc(size, sizeof *sample);
    if (!sum || !cdf || !sample) return hp_fail_memory(err, "samples of a column");
    for (size_t i = 0; i < partition->n; i++) sum[i + 1] = sum[i] + partition->weight[i];
    for (size_t i = 0; i < n; i++) cdf[i] = partition_cdf(partition, sum, sorted[i]);
    double most = critical_statistic(size, p);
    uint64_t state = 0x9E3779B97F4A7C15u, passed = 0;
    for (uint64_t i = 0; i < samples; i++) passed += sample_statistic(cdf, n, sample, size, &state) <= most;
    *out = (double)(1 + passed) / (double)(samples + 1);
    return HP_OK;
}
