/* Hashes: a fast one for tables (XXH3), SHA-256 for evidence. */
#ifndef HP_BASE_HASH_H
#define HP_BASE_HASH_H

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

/** Hold a SHA-256 digest as 64 lower-case hex digits and a NUL. */
typedef struct hp_sha256 {
    char hex[65];
} hp_sha256;

/** Digest bytes with SHA-256 (FIPS 180-4). */
void hp_sha256_of(hp_str s, hp_sha256 *out);
/** Digest a file, reading it in pieces. Errors: HP_NOINPUT, HP_IO. */
hp_code hp_sha256_file(const char *path, hp_sha256 *out, hp_err *err);

#endif
