/* Distributions that a column is held against: Kolmogorov-Smirnov tests with parameters, or by resampling. */
#ifndef HP_CHECK_DISTRIBUTION_H
#define HP_CHECK_DISTRIBUTION_H

#include "base/doc.h"
#include "check/partition.h"

/** Name the distributions of expect_column_parameterized_distribution_ks_test_p_value_to_be_greater_than. */
typedef enum hp_distribution_kind {
    HP_DISTRIBUTION_NORM,
    HP_DISTRIBUTION_UNIFORM,
    HP_DISTRIBUTION_BETA,
    HP_DISTRIBUTION_GAMMA,
    HP_DISTRIBUTION_EXPON,
    HP_DISTRIBUTION_CHI2
} hp_distribution_kind;

/** Hold a distribution with its parameters, in scipy's form. */
typedef struct hp_distribution {
    hp_distribution_kind kind;
    double shape[2]; /**< beta: alpha, beta; gamma: alpha; chi2: degrees of freedom */
    double loc, scale;
} hp_distribution;

/** Read a distribution ("norm") and its parameters as Great Expectations has them: a list of scipy's
 * positional arguments (shapes, loc, scale), or a map: norm mean, std_dev; beta alpha, beta; gamma alpha;
 * chi2 df; all of them but norm loc and scale. Of uniform, min is scipy's loc and max its scale, as Great
 * Expectations hands them on. `where` names the expectation in messages. Errors: HP_CONFIG. */
hp_code hp_distribution_read(hp_str name, const hp_node *params, const char *where, hp_distribution *out,
                             hp_err *err);
/** Return the probability of a value of at most x. */
double hp_distribution_cdf(const hp_distribution *d, double x);

/** Hold the outcome of a Kolmogorov-Smirnov test. */
typedef struct hp_ks {
    double statistic; /**< greatest distance of the two distribution functions */
    double p;         /**< of one as great by chance; NaN for no values */
} hp_ks;

/** Test sorted numbers against a distribution: scipy.stats.kstest(x, name, args), two-sided and exact. */
hp_ks hp_ks_test(const hp_distribution *d, const double *sorted, size_t n);

/** Return the observed value of expect_column_bootstrapped_ks_test_p_value_to_be_greater_than in *out: draw
 * `samples` (0: 1,000) samples of `size` (0: twice the number of weights) of the n numbers, test each against
 * the partition's distribution function (linear between its edges), and return (1 + those with p-values of at
 * least p) / (samples + 1). Great Expectations draws anew in each run; here the draws come from a generator
 * of fixed seed (xorshift64*, Vigna 2016), and from sorted numbers, so that the same values give the same
 * verdict in any order. Errors: HP_CONFIG (partition not continuous or with infinite ends or weights in its
 * tails, no numbers), HP_RETRY. */
hp_code hp_ks_bootstrap(const hp_partition *partition, const double *sorted, size_t n, double p,
                        uint64_t samples, uint64_t size, const char *where, double *out, hp_err *err);

#endif
