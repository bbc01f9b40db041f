/* The distribution of the two-sided Kolmogorov-Smirnov statistic, exact for every number of values that a
 * program can wait for. */
#include <math.h>
#include <string.h>

#include "check/stats.h"

#include "base/banned.h"

/* Where each formula is used: Simard and L'Ecuyer 2011, figure 2 (the distribution function) and figure 3
 * (its complement). */
#define SMALL_N    140u    /* up to here the matrix is used wherever the distribution is not in its tail */
#define MATRIX_N   100000u /* and up to here near 0, where the expansion is weak */
#define MATRIX_TOP 1.4     /* of n * d^1.5 */
#define MAX_SIDE                                                                               \
    121 /* of that matrix: 2 * ceil(MATRIX_TOP^(2/3) * MATRIX_N^(1/3)) - 1, with some to spare \
         */

/* A power of the matrix may outgrow a double: `exponent` counts powers of two taken out. */
typedef struct matrix {
    int side, exponent;
    double cell[MAX_SIDE * MAX_SIDE];
} matrix;

static void multiply(const matrix *a, const matrix *b, matrix *out) {
    int m = a->side;
    out->side = m;
    out->exponent = a->exponent + b->exponent;
    for (int i = 0; i < m; i++) {
        double *row = out->cell + (size_t)i * (size_t)m;
        memset(row, 0, (size_t)m * sizeof *row);
        for (int k = 0; k < m; k++) {
            double factor = a->cell[i * m + k];
            for (int j = 0; factor != 0 && j < m; j++) row[j] += factor * b->cell[k * m + j];
        }
    }
    int up = 0;
    frexp(out->cell[m / 2 * m + m / 2], &up);
    if (up < 400) return;
    for (int i = 0; i < m * m; i++) out->cell[i] = ldexp(out->cell[i], -up);
    out->exponent += up;
}

/* Marsaglia, Tsang and Wang 2003, "Evaluating Kolmogorov's Distribution", section 2: with d = (k - h) / n. */
static void fill(matrix *a, int k, double h) {
    int m = a->side = 2 * k - 1;
    a->exponent = 0;
    for (int i = 0; i < m; i++)
        for (int j = 0; j < m; j++) a->cell[i * m + j] = i - j + 1 < 0 ? 0 : 1;
    for (int i = 0; i < m; i++) {
        a->cell[i * m] -= pow(h, i + 1);
        a->cell[(m - 1) * m + i] -= pow(h, m - i);
    }
    if (2 * h > 1) a->cell[(m - 1) * m] += pow(2 * h - 1, m);
    double factorial[MAX_SIDE + 1] = {1};
    for (int i = 1; i <= m; i++) factorial[i] = factorial[i - 1] * i;
    for (int i = 0; i < m; i++)
        for (int j = 0; j <= i; j++) a->cell[i * m + j] /= factorial[i - j + 1];
}

/* P(D < d), by the matrix. */
static double by_matrix(uint64_t n, double d) {
    double nd = (double)n * d;
    int k = (int)ceil(nd);
    matrix power[2], base[2], *p = &power[0], *spare = &power[1], *b = &base[0], *other = &base[1], *swap;
    fill(b, k, k - nd);
    *p = (matrix){.side = b->side};
    for (int i = 0; i < p->side; i++) p->cell[i * p->side + i] = 1;
    for (uint64_t left = n; left; left >>= 1) {
        if (left & 1) {
            multiply(p, b, spare);
            swap = p, p = spare, spare = swap;
        }
        if (left == 1) break;
        multiply(b, b, other);
        swap = b, b = other, other = swap;
    }
    double s = p->cell[(k - 1) * p->side + k - 1];
    int exponent = p->exponent;
    for (uint64_t i = 1; i <= n; i++) {
        s *= (double)i / (double)n;
        if (s < 1e-140) s = ldexp(s, 400), exponent -= 400;
    }
    return ldexp(s, exponent);
}

/* P(D+ >= d): Smirnov's sum, as Birnbaum and Tingey 1951 have it, each term by its logarithm. Twice that is
 * the two-sided tail, but for less than can be seen where d is large. */
static double one_sided_tail(uint64_t n, double d) {
    double whole = (double)n, binomial = 0, sum = 0;
    uint64_t last = (uint64_t)floor(whole * (1 - d));
    for (uint64_t j = 0; j <= last; j++) {
        double share = (double)j / whole, rest = 1 - d - share;
        double term = binomial + ((double)j - 1) * log(d + share);
        if (j < n) term += rest > 0 ? (whole - (double)j) * log(rest) : -INFINITY;
        sum += exp(term);
        binomial += log((whole - (double)j) / (double)(j + 1));
    }
    return d * sum;
}

/* The four terms of Pelz and Good 1976 as Simard and L'Ecuyer give them in equation 13; z = d * sqrt(n). */
static double by_expansion(uint64_t n, double d) {
    double z2 = d * d * (double)n, z = sqrt(z2), z4 = z2 * z2, z6 = z4 * z2, z8 = z4 * z4;
    double k0 = 0, k1 = 0, k2 = 0, k3 = 0, whole2 = 0, whole3 = 0;
    const double pi2 = M_PI * M_PI, half = sqrt(M_PI / 2);
    for (int k = 200; k >= 0; k--) { /* smallest terms first; far more than ever count */
        double a = pi2 * (k + 0.5) * (k + 0.5), b = pi2 * k * k, at_half = exp(-a / (2 * z2)),
               at_whole = exp(-b / (2 * z2));
        k0 += at_half;
        k1 += (a - z2) * at_half;
        k2 += ((6 * z6 + 2 * z4) + (2 * z4 - 5 * z2) * a + (1 - 2 * z2) * a * a) * at_half;
        k3 += ((5 - 30 * z2) * a * a * a + (212 * z4 - 60 * z2) * a * a + (135 * z4 - 96 * z6) * a - 30 * z6
               - 90 * z8)
              * at_half;
        whole2 += b * at_whole;
        whole3 += (3 * b * z2 - b * b) * at_whole;
    }
    double root = sqrt((double)n);
    return 2 * half
           * (k0 / z + k1 / (6 * z4) / root + (k2 / (72 * z6 * z) - whole2 / (36 * z2 * z)) / (root * root)
              + (k3 / (6480 * z8 * z2) + whole3 / (216 * z6)) / (root * root * root));
}

/* P(D < d) where n * d is at most 1: n! * ((2nd - 1) / n)^n, Ruben and Gambino 1982. */
static double near_zero(uint64_t n, double d) {
    double factor = 2 * (double)n * d - 1, p = factor > 0;
    for (uint64_t i = 1; i <= n && p > 0; i++)
        p *= (double)i / (double)n * factor; /* 0 after some hundreds */
    return p;
}

static double clip(double p) { return p < 0 ? 0 : p > 1 ? 1 : p; }

double hp_stat_kolmogorov_sf(uint64_t n, double d) {
    if (!n || isnan(d)) return NAN;
    if (d <= 0) return 1;
    if (d >= 1) return 0;
    double whole = (double)n, nd = whole * d, nd2 = nd * d;
    if (nd <= 1) return clip(1 - near_zero(n, d));
    if (nd >= whole - 1) return clip(2 * pow(1 - d, whole));
    if (nd2 >= 370) return 0;
    if (d >= 0.5 || nd2 > (n <= SMALL_N ? 4 : 2.2)) return clip(2 * one_sided_tail(n, d));
    if (n <= SMALL_N || (n <= MATRIX_N && whole * d * sqrt(d) <= MATRIX_TOP))
        return clip(1 - by_matrix(n, d));
    return clip(1 - by_expansion(n, d));
}
