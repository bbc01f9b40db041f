/* Numbers that say exactly what their text says; only src/write and its tests include this. */
#ifndef HP_WRITE_EXACT_H
#define HP_WRITE_EXACT_H

#include "base/str.h"

/** Read a whole number of 64 bits that, written down again, is the same text: no zeros in front, no "-0". */
bool hp_exact_i64(hp_str s, int64_t *out);
/** Read a number that, written down again as the shortest decimal that reads back as the same double, without
 * an exponent, is the same text: "0.5" and "100" are, "0.50" and "007" are not, nor 19 digits that a double
 * cannot hold. `zeros` allows zeros at the end of a fraction: "0.50". */
bool hp_exact_f64(hp_str s, bool zeros, double *out);

#endif
