#include "check/stats.h"

#include <math.h>

#include "check/math_door.h"

#include "base/banned.h"

double hp_stat_sum(const double *x, size_t n) {
    long double sum = 0, lost = 0;
    for (size_t i = 0; i < n; i++) {
        long double next = sum + x[i];
        lost += fabsl(sum) >= fabsl(x[i]) ? (sum - next) + x[i] : (x[i] - next) + sum;
        sum = next;
    }
    return (double)(sum + lost);
}

double hp_stat_mean(const double *x, size_t n) { return n ? hp_stat_sum(x, n) / (double)n : NAN; }

double hp_stat_stdev(const double *x, size_t n) {
    if (n < 2) return NAN;
    long double mean = 0, square = 0, rest = 0;
    for (size_t i = 0; i < n; i++) mean += x[i];
    mean /= (long double)n;
    for (size_t i = 0; i < n; i++) {
        long double d = x[i] - mean;
        square += d * d;
        rest += d; /* what rounding left in the mean: Chan, Golub and LeVeque 1983 */
    }
    long double variance = (square - rest * rest / (long double)n) / (long double)(n - 1);
    return variance > 0 ? (double)sqrtl(variance) : 0;
}

void hp_stat_sort(double *x, size_t n) {
    if (n > 1) hp_sort_numbers(x, n);
}

double hp_stat_median(const double *sorted, size_t n) {
    if (!n) return NAN;
    double high = sorted[n / 2];
    return n % 2 ? high : (sorted[n / 2 - 1] + high) / 2;
}

bool hp_interpolation_named(hp_str name, hp_interpolation *out) {
    static const char *const names[] = {"nearest", "linear", "lower", "higher", "midpoint"};
    if (!name.n || hp_str_ieq(name, HP_S("false"))) {
        *out = HP_INTERPOLATE_NEAREST;
        return true;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (hp_str_eq(name, hp_str_of(names[i]))) {
            *out = (hp_interpolation)i;
            return true;
        }
    return false;
}

/* Between two neighbours as numpy does it: from the nearer end, so that t = 1 gives `b` itself. */
static double between(double a, double b, double t) {
    return t >= 0.5 ? b - (b - a) * (1 - t) : a + (b - a) * t;
}

double hp_stat_quantile(const double *sorted, size_t n, double q, hp_interpolation how) {
    if (!n || !(q >= 0 && q <= 1)) return NAN;
    double place = q * (double)(n - 1), below = floor(place), t = place - below;
    size_t low = (size_t)below, high = t > 0 ? low + 1 : low;
    switch (how) {
    case HP_INTERPOLATE_LINEAR: return between(sorted[low], sorted[high], t);
    case HP_INTERPOLATE_LOWER: return sorted[low];
    case HP_INTERPOLATE_HIGHER: return sorted[high];
    case HP_INTERPOLATE_MIDPOINT: return t > 0 ? between(sorted[low], sorted[high], 0.5) : sorted[low];
    case HP_INTERPOLATE_NEAREST: break;
    }
    bool up = t > 0.5 || (t == 0.5 && low % 2 == 1);
    return sorted[up ? high : low];
}

bool hp_stat_z_under(double x, double mean, double stdev, double threshold, bool double_sided) {
    if (!(stdev > 0)) return true;
    double z = (x - mean) / stdev;
    return double_sided ? fabs(z) < fabs(threshold) : z < threshold;
}

double hp_stat_chisquare_p(const double *observed, const double *expected, size_t k) {
    if (k < 2) return NAN;
    long double sum = 0;
    for (size_t i = 0; i < k; i++) {
        double d = observed[i] - expected[i];
        if (d == 0) continue; /* also 0 of 0 */
        if (expected[i] == 0) return 0;
        sum += (long double)d * d / expected[i];
    }
    return hp_gamma_q((double)(k - 1) / 2, (double)sum / 2);
}

double hp_stat_divergence(const double *p, const double *q, size_t n) {
    double whole_p = hp_stat_sum(p, n), whole_q = hp_stat_sum(q, n);
    if (!(whole_p > 0 && whole_q > 0)) return NAN;
    long double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double a = p[i] / whole_p, b = q[i] / whole_q;
        if (a == 0) continue;
        if (b == 0) return INFINITY;
        sum += a * logl((long double)a / b);
    }
    return (double)sum;
}

static double cell_chi2(double observed, double expected, bool yates) {
    double d = observed - expected;
    if (yates) d = copysign(fmax(fabs(d) - 0.5, 0), d);
    return expected > 0 ? d * d / expected : 0;
}

static double line_sum(const double *count, size_t n, size_t step) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += count[i * step];
    return sum;
}

double hp_stat_cramers_phi(const double *count, size_t rows, size_t columns, double total) {
    size_t least = rows < columns ? rows : columns;
    if (least < 2 || !(total > 0)) return NAN;
    double counted = line_sum(count, rows * columns, 1);
    if (!(counted > 0)) return NAN;
    long double chi2 = 0;
    for (size_t r = 0; r < rows; r++) {
        double row = line_sum(count + r * columns, columns, 1);
        for (size_t c = 0; c < columns; c++) {
            double expected = row * line_sum(count + c, rows, columns) / counted;
            chi2 += cell_chi2(count[r * columns + c], expected, rows == 2 && columns == 2);
        }
    }
    double phi = sqrt((double)chi2 / total / (double)(least - 1));
    return phi < 1 ? phi : 1;
}

void hp_stat_edges(double low, double high, size_t n, double *edge) {
    if (low == high) low -= 0.5, high += 0.5;
    double step = (high - low) / (double)n;
    for (size_t i = 0; i < n; i++) edge[i] = low + (double)i * step;
    edge[n] = high;
}

ptrdiff_t hp_stat_bin(const double *edge, size_t n, double x) {
    if (x < edge[0]) return -1;
    if (x > edge[n]) return (ptrdiff_t)n;
    size_t low = 0, high = n; /* edge[low] <= x; the bin is in low .. high - 1 */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (x < edge[middle])
            high = middle;
        else
            low = middle;
    }
    return (ptrdiff_t)low;
}

void hp_stat_histogram(const double *edge, size_t n, const double *x, size_t nx, uint64_t *count,
                       uint64_t *below, uint64_t *above) {
    memset(count, 0, n * sizeof *count);
    *below = *above = 0;
    for (size_t i = 0; i < nx; i++) {
        ptrdiff_t bin = hp_stat_bin(edge, n, x[i]);
        if (bin < 0)
            ++*below;
        else if ((size_t)bin == n)
            ++*above;
        else
            count[bin]++;
    }
}
