/* Finding bytes 64 at a time: one bit for each byte of a text, set where it is one of those looked for. */
#ifndef HP_BASE_SIMD_H
#define HP_BASE_SIMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Name what the processor offers; higher includes lower. */
typedef enum hp_simd_level { HP_SIMD_PORTABLE, HP_SIMD_AVX2, HP_SIMD_AVX512 } hp_simd_level;

/** Return the level in use: the best that the processor has, unless one was forced. */
hp_simd_level hp_simd_level_now(void);
/** Use at most this level from now on, for tests; what the processor lacks is never used. */
void hp_simd_limit(hp_simd_level level);

/** Hold the bytes to look for: up to four, each with bitmaps of its own; those with NULL are not looked for.
 * Bit i % 64 of word i / 64 stands for byte i. */
typedef struct hp_marks {
    char byte[4];
    uint64_t *bits[4];
    uint64_t *beyond; /**< bytes beyond ASCII, 0x80 and higher */
} hp_marks;

/** Return the words that a bitmap over `n` bytes has: one more than needed, so that a search may look
 * ahead. */
static inline size_t hp_marks_words(size_t n) { return n / 64 + 2; }
/** Fill the bitmaps for `n` bytes; bits behind the last byte are 0. Each bitmap has hp_marks_words(n). */
void hp_mark(const char *p, size_t n, const hp_marks *marks);

/** Find the first set bit at or after `from`, below `n`; `n` when there is none. */
static inline size_t hp_mark_next(const uint64_t *bits, size_t from, size_t n) {
    size_t word = from / 64;
    uint64_t left = bits[word] & (~(uint64_t)0 << (from % 64));
    while (left == 0) {
        if (++word * 64 >= n) return n;
        left = bits[word];
    }
    return word * 64 + (size_t)__builtin_ctzll(left);
}

/** Tell whether a bit of [from, to) is set. */
static inline bool hp_mark_any(const uint64_t *bits, size_t from, size_t to) {
    if (from >= to) return false;
    size_t word = from / 64, last = (to - 1) / 64;
    uint64_t left = bits[word] & (~(uint64_t)0 << (from % 64));
    for (; word < last; left = bits[++word])
        if (left) return true;
    return (left & (~(uint64_t)0 >> (63 - (to - 1) % 64))) != 0;
}

#endif
