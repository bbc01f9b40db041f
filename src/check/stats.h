/* Statistics of columns: pure functions on arrays of numbers. Neither NaN nor infinity is a number here;
 * nulls are left out by the caller.
 *
 * Sums are compensated, so that the order of rows moves no verdict. Where a number is asked of too few values
 * (the mean of none, the deviation of one) the answer is NaN, as in pandas. */
#ifndef HP_CHECK_STATS_H
#define HP_CHECK_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/** Add up (Neumaier 1974, in long double); 0 for none. */
double hp_stat_sum(const double *x, size_t n);
/** Return the arithmetic mean. */
double hp_stat_mean(const double *x, size_t n);
/** Return the sample standard deviation (divisor n - 1). */
double hp_stat_stdev(const double *x, size_t n);
/** Sort ascending, in place. */
void hp_stat_sort(double *x, size_t n);
/** Return the median of sorted numbers: the mean of the two in the middle for an even count. */
double hp_stat_median(const double *sorted, size_t n);

/** Name what stands for a quantile that falls between two values (Great Expectations: allow_relative_error,
 * "nearest" when that is false; pandas: interpolation). */
typedef enum hp_interpolation {
    HP_INTERPOLATE_NEAREST, /**< a tie goes to the even position, as numpy rounds */
    HP_INTERPOLATE_LINEAR,
    HP_INTERPOLATE_LOWER,
    HP_INTERPOLATE_HIGHER,
    HP_INTERPOLATE_MIDPOINT
} hp_interpolation;

/** Find an interpolation by its name ("linear", "lower", "higher", "midpoint", "nearest"; "false" and the
 * empty name are nearest). */
bool hp_interpolation_named(hp_str name, hp_interpolation *out);
/** Return the q-th quantile (0..1) of sorted numbers: position q * (n - 1), Hyndman and Fan's definition 7.
 */
double hp_stat_quantile(const double *sorted, size_t n, double q, hp_interpolation how);

/** Tell whether a value's distance from the mean, in standard deviations, stays under a threshold
 * (expect_column_value_z_scores_to_be_less_than): |z| < |threshold| when double-sided, else z < threshold. A
 * score that is not defined (stdev 0 or NaN) is under it. */
bool hp_stat_z_under(double x, double mean, double stdev, double threshold, bool double_sided);

/** Return the p-value of Pearson's chi-square test (k - 1 degrees of freedom) of counts against those
 * expected: scipy.stats.chisquare. An expected count of 0 with an observed one gives 0; NaN for k < 2. */
double hp_stat_chisquare_p(const double *observed, const double *expected, size_t k);

/** Return the Kullback-Leibler divergence of weights q from weights p, both brought to sum 1, in nats:
 * scipy.stats.entropy(p, q). Infinite where p has weight and q has none; NaN when one sums to 0. */
double hp_stat_divergence(const double *p, const double *q, size_t n);

/** Return Cramér's phi of a contingency table of `rows` * `columns` counts (row by row), 0..1:
 * sqrt(chi2 / total / (min(rows, columns) - 1)), chi2 with Yates' correction for a 2 * 2 table, as
 * scipy.stats.chi2_contingency has it. Great Expectations takes it over binned columns: see hp_stat_bin. NaN
 * when a side has fewer than two rows or columns. */
double hp_stat_cramers_phi(const double *count, size_t rows, size_t columns, double total);

/** Write the n + 1 equal edges from `low` to `high` (numpy.histogram_bin_edges; a range of no width is
 * widened by 0.5 on both sides). Cramér's phi: 10 bins unless n_bins says otherwise; edges given by the user
 * are sorted and, where the data go beyond, stretched by the least and the greatest value. */
void hp_stat_edges(double low, double high, size_t n, double *edge);
/** Find the bin of a value among n bins with ascending edges: [edge, next), the last one closed at both ends.
 * -1 below, n above. */
ptrdiff_t hp_stat_bin(const double *edge, size_t n, double x);
/** Count values in n bins, and those below and above (numpy.histogram). */
void hp_stat_histogram(const double *edge, size_t n, const double *x, size_t nx, uint64_t *count,
                       uint64_t *below, uint64_t *above);

/** Return the probability that a two-sided Kolmogorov-Smirnov statistic of n values is at least d:
 * scipy.stats.kstwo.sf. Simard and L'Ecuyer 2011, "Computing the Two-Sided Kolmogorov-Smirnov Distribution",
 * J. Stat. Soft. 39(11), with the matrix of Marsaglia, Tsang and Wang 2003 where they use Pomeranz'. */
double hp_stat_kolmogorov_sf(uint64_t n, double d);

#endif
