#include "check/math_door.h"

#include <algorithm>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>
#pragma GCC diagnostic pop

namespace {
namespace bp = boost::math::policies;
/* NaN in place of exceptions; double all through: long double would cost more than its digits are worth. */
using quiet = bp::policy<bp::domain_error<bp::ignore_error>, bp::pole_error<bp::ignore_error>,
                         bp::overflow_error<bp::ignore_error>, bp::underflow_error<bp::ignore_error>,
                         bp::evaluation_error<bp::ignore_error>, bp::promote_double<false>>;
} // namespace

extern "C" double hp_gamma_p(double a, double x) { return boost::math::gamma_p(a, x, quiet()); }

extern "C" double hp_gamma_q(double a, double x) { return boost::math::gamma_q(a, x, quiet()); }

extern "C" double hp_beta_i(double a, double b, double x) { return boost::math::ibeta(a, b, x, quiet()); }

extern "C" void hp_sort_numbers(double *x, size_t n) { std::sort(x, x + n); }
