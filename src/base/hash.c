#include "base/hash.h"
#include "base/file.h"

#include <sodium.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/banned.h"

uint64_t hp_hash_secret[4];

/* Before main, so that no thread can see them change. Odd, so that no factor can be 0 by them alone. */
__attribute__((constructor)) static void draw_secrets(void) {
    randombytes_buf(hp_hash_secret, sizeof hp_hash_secret);
    for (size_t i = 0; i < 4; i++) hp_hash_secret[i] |= 1;
}

uint64_t hp_hash(hp_str s) { return XXH3_64bits(s.n ? s.p : "", s.n); }

static void sha256_hex(const unsigned char digest[crypto_hash_sha256_BYTES], hp_sha256 *out) {
    sodium_bin2hex(out->hex, sizeof out->hex, digest, crypto_hash_sha256_BYTES);
}

void hp_sha256_of(hp_str s, hp_sha256 *out) {
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(digest, (const unsigned char *)(s.n ? s.p : ""), s.n);
    sha256_hex(digest, out);
}

static hp_code sha256_piece(void *ctx, hp_str piece) {
    crypto_hash_sha256_update(ctx, (const unsigned char *)piece.p, piece.n);
    return HP_OK;
}

hp_code hp_sha256_file(const char *path, hp_sha256 *out, hp_err *err) {
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    HP_TRY(hp_read_pieces(path, sha256_piece, &state, err));
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_final(&state, digest);
    sha256_hex(digest, out);
    return HP_OK;
}
