#include "base/simd.h"

#include <immintrin.h>
#include <stdatomic.h>
#include <string.h>

#include "base/banned.h"

/* Marks whole blocks of 64 bytes from word `w` of each bitmap on. */
typedef void blocks_fn(const char *p, size_t blocks, const hp_marks *m, size_t w);

/* The loop over blocks must be compiled for the same processor as its body, so that the body has no call. */
#define BLOCKS(name, block, attributes)                                                      \
    attributes static void name(const char *p, size_t blocks, const hp_marks *m, size_t w) { \
        for (size_t i = 0; i < blocks; i++) block(p + 64 * i, m, w + i);                     \
    }

static atomic_int limit = HP_SIMD_AVX512;

static hp_simd_level best_of_processor(void) {
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) return HP_SIMD_AVX512;
    return __builtin_cpu_supports("avx2") ? HP_SIMD_AVX2 : HP_SIMD_PORTABLE;
}

hp_simd_level hp_simd_level_now(void) {
    hp_simd_level best = best_of_processor();
    hp_simd_level most = (hp_simd_level)atomic_load_explicit(&limit, memory_order_relaxed);
    return best < most ? best : most;
}

void hp_simd_limit(hp_simd_level level) { atomic_store(&limit, (int)level); }

/* Gathers the highest bits of the eight bytes into the lowest eight, first byte first. */
static uint64_t gather(uint64_t high_bits) { return (high_bits >> 7) * 0x0102040810204080u >> 56; }

/* Sets the highest bit of each byte that is zero, and of no other. */
static uint64_t zero_bytes(uint64_t v) {
    const uint64_t low7 = 0x7F7F7F7F7F7F7F7Fu;
    return ~(((v & low7) + low7) | v | low7);
}

static uint64_t load8(const char *p) {
    uint64_t v;
    memcpy(&v, p, 8);
    return v;
}

static inline void block_portable(const char *p, const hp_marks *m, size_t w) {
    for (size_t k = 0; k < 4; k++) {
        if (!m->bits[k]) continue;
        uint64_t wanted = 0x0101010101010101u * (unsigned char)m->byte[k], bits = 0;
        for (size_t i = 0; i < 8; i++) bits |= gather(zero_bytes(load8(p + 8 * i) ^ wanted)) << (8 * i);
        m->bits[k][w] = bits;
    }
    if (!m->beyond) return;
    uint64_t bits = 0;
    for (size_t i = 0; i < 8; i++) bits |= gather(load8(p + 8 * i) & 0x8080808080808080u) << (8 * i);
    m->beyond[w] = bits;
}

#define AVX2   __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx512bw,avx512vl")))

AVX2 static inline uint64_t bits_of(__m256i low, __m256i high) {
    return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

AVX2 static inline void block_avx2(const char *p, const hp_marks *m, size_t w) {
    __m256i low = _mm256_loadu_si256((const __m256i *)p);
    __m256i high = _mm256_loadu_si256((const __m256i *)(p + 32));
    for (size_t k = 0; k < 4; k++) {
        if (!m->bits[k]) continue;
        __m256i wanted = _mm256_set1_epi8(m->byte[k]);
        m->bits[k][w] = bits_of(_mm256_cmpeq_epi8(low, wanted), _mm256_cmpeq_epi8(high, wanted));
    }
    if (m->beyond) m->beyond[w] = bits_of(low, high);
}

AVX512 static inline void block_avx512(const char *p, const hp_marks *m, size_t w) {
    __m512i v = _mm512_loadu_si512(p);
    for (size_t k = 0; k < 4; k++)
        if (m->bits[k]) m->bits[k][w] = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(m->byte[k]));
    if (m->beyond) m->beyond[w] = _mm512_movepi8_mask(v);
}

BLOCKS(blocks_portable, block_portable, )
BLOCKS(blocks_avx2, block_avx2, AVX2)
BLOCKS(blocks_avx512, block_avx512, AVX512)

/* Clears what stands behind the last byte, and the word that searches may look ahead to. */
static void finish(const hp_marks *m, size_t n, size_t w) {
    uint64_t keep = n % 64 ? ~(uint64_t)0 >> (64 - n % 64) : 0;
    for (size_t k = 0; k < 5; k++) {
        uint64_t *bits = k < 4 ? m->bits[k] : m->beyond;
        if (!bits) continue;
        bits[w] = keep ? bits[w] & keep : 0;
        bits[w + 1] = 0;
    }
}

void hp_mark(const char *p, size_t n, const hp_marks *m) {
    static blocks_fn *const BLOCKS_OF[] = {blocks_portable, blocks_avx2, blocks_avx512};
    blocks_fn *blocks = BLOCKS_OF[hp_simd_level_now()];
    size_t whole = n / 64;
    blocks(p, whole, m, 0);
    if (n % 64) {
        char last[64] = {0};
        memcpy(last, p + 64 * whole, n % 64);
        blocks(last, 1, m, whole);
    }
    finish(m, n, whole);
}
