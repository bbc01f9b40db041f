/* The door to what C++ has and C lacks: Boost.Math's special functions, and a sort that is compiled for its
 * type. */
#ifndef HP_CHECK_MATH_DOOR_H
#define HP_CHECK_MATH_DOOR_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Sort numbers ascending, in place: std::sort, which takes a third of qsort's time. Never throws. */
void hp_sort_numbers(double *x, size_t n);

/** Return the regularized lower incomplete gamma function P(a, x); a > 0, x >= 0. NaN outside. Never throws.
 */
double hp_gamma_p(double a, double x);
/** Return the regularized upper incomplete gamma function Q(a, x) = 1 - P(a, x), exact in the tail. */
double hp_gamma_q(double a, double x);
/** Return the regularized incomplete beta function I_x(a, b); a, b > 0, 0 <= x <= 1. NaN outside. */
double hp_beta_i(double a, double b, double x);

#ifdef __cplusplus
}
#endif
#endif
