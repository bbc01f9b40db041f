/* The door to Boost.Math, which has no C interface: special functions that libm lacks. */
#ifndef HP_CHECK_MATH_DOOR_H
#define HP_CHECK_MATH_DOOR_H

#ifdef __cplusplus
extern "C" {
#endif

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
