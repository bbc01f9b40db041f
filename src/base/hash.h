/* Hashes: a fast one for tables (XXH3), SHA-256 for evidence. */
#ifndef HP_BASE_HASH_H
#define HP_BASE_HASH_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

/** Hash bytes for in-memory tables (XXH3 64 bit). Stable within a version, not for files. */
uint64_t hp_hash(hp_str s);
/** Mix a 64-bit key (the finaliser of MurmurHash3). */
static inline uint64_t hp_hash_u64(uint64_t x) {
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdULL;
    x ^= x >> 33;
    x *= 0xc4ceb9fe1a85ec53ULL;
    x ^= x >> 33;
    return x;
}

/** Hold the secrets of hp_hash_text, drawn at start. */
extern uint64_t hp_hash_secret[4];

/** Multiply to 128 bits and fold: both halves of the product depend on all bits of both factors. */
static inline uint64_t hp_hash_fold(uint64_t a, uint64_t b) {
    __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}
/** Load `n` bytes, at most 8, as a number. */
static inline uint64_t hp_hash_load(const char *p, size_t n) {
    uint64_t v = 0;
    memcpy(&v, p, n);
    return v;
}

/** Hash a text for the tables of interned texts: quick for short ones, and keyed by secrets that are drawn
 * when the program starts, so that nobody can prepare texts that all collide. Never let an order depend on
 * it. */
static inline uint64_t hp_hash_text(hp_str s) {
    const uint64_t *k = hp_hash_secret;
    const char *p = s.p, *end = s.p + s.n;
    uint64_t a = 0, b = 0, h = k[0] ^ s.n;
    if (s.n >= 8) {
        for (; end - p > 16; p += 16)
            h = hp_hash_fold(hp_hash_load(p, 8) ^ k[1] ^ h, hp_hash_load(p + 8, 8) ^ k[2]);
        /* What is left are the last 16 bytes, or of a short text the first and last eight, which may overlap.
         */
        a = hp_hash_load(s.n > 16 ? end - 16 : s.p, 8);
        b = hp_hash_load(end - 8, 8);
    } else if (s.n >= 4) {
        a = hp_hash_load(p, 4);
        b = hp_hash_load(end - 4, 4);
    } else if (s.n) {
        a = (uint64_t)(unsigned char)p[0] << 16 | (uint64_t)(unsigned char)p[s.n / 2] << 8
            | (unsigned char)end[-1];
    }
    return hp_hash_fold(hp_hash_fold(a ^ k[1] ^ h, b ^ k[3]) ^ k[2], k[0]);
}

/** Tell whether two texts are the same, quickly for short ones: no call, and hardly a branch on their
 * lengths. */
static inline bool hp_text_same(hp_str a, hp_str b) {
    size_t n = a.n;
    if (n != b.n) return false;
    if (n < 8) {
        if (n >= 4)
            return ((hp_hash_load(a.p, 4) ^ hp_hash_load(b.p, 4))
                    | (hp_hash_load(a.p + n - 4, 4) ^ hp_hash_load(b.p + n - 4, 4)))
                   == 0;
        return n == 0 || (a.p[0] == b.p[0] && a.p[n / 2] == b.p[n / 2] && a.p[n - 1] == b.p[n - 1]);
    }
    uint64_t differ = hp_hash_load(a.p + n - 8, 8) ^ hp_hash_load(b.p + n - 8, 8);
    for (size_t i = 0; i + 8 < n && !differ; i += 8)
        differ = hp_hash_load(a.p + i, 8) ^ hp_hash_load(b.p + i, 8);
    return differ == 0;
}

/** Hold a SHA-256 digest as 64 lower-case hex digits and a NUL. */
typedef struct hp_sha256 {
    char hex[65];
} hp_sha256;

/** Hold an XXH3 digest of 128 bits as 32 lower-case hex digits and a NUL: the same in all versions, and
 * twenty times as quick as SHA-256. It tells that a file was changed, not that nobody meant to hide it. */
typedef struct hp_xxh3 {
    char hex[33];
} hp_xxh3;

/** Digest bytes with XXH3 (https://github.com/Cyan4973/xxHash/blob/v0.8.1/doc/xxhash_spec.md). */
void hp_xxh3_of(hp_str s, hp_xxh3 *out);
/** Digest a file, reading it in pieces. Errors: HP_NOINPUT, HP_IO. */
hp_code hp_xxh3_file(const char *path, hp_xxh3 *out, hp_err *err);

/** Digest bytes with SHA-256 (FIPS 180-4). */
void hp_sha256_of(hp_str s, hp_sha256 *out);
/** Digest a file, reading it in pieces. Errors: HP_NOINPUT, HP_IO, HP_RETRY. */
hp_code hp_sha256_file(const char *path, hp_sha256 *out, hp_err *err);

#endif
