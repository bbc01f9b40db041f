/* Numbers in as few bits as they need: the encodings of parquet (Encodings.md of parquet-format); only
 * src/write and its tests include this. */
#ifndef HP_WRITE_BITS_H
#define HP_WRITE_BITS_H

#include "base/buf.h"

/** Return the bits that the largest of numbers 0 .. most needs. */
static inline unsigned hp_bits_for(uint64_t most) { return most ? 64 - (unsigned)__builtin_clzll(most) : 0; }

/** Append n numbers of `bits` (0 .. 32) as runs of equal ones and packed groups of eight (RLE/bit-packing
 * hybrid). */
void hp_put_hybrid(hp_buf *out, const uint32_t *v, size_t n, unsigned bits);
/** Append one run of n equal numbers of `bits` in the same form. */
void hp_put_run(hp_buf *out, uint32_t v, size_t n, unsigned bits);
/** Append n numbers by their differences (DELTA_BINARY_PACKED). Numbers of 32 bits are those of int32_t:
 * their differences are taken in 32 bits too. */
void hp_put_deltas(hp_buf *out, const int64_t *v, size_t n, bool bits32);

#endif
