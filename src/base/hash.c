#include "base/hash.h"
#include "base/digest.h"
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

void hp_sha256_of(hp_str s, hp_sha256 *out) {
    hp_digest state;
    unsigned char digest[crypto_hash_sha256_BYTES];
    hp_digest_begin(&state, HP_DIGEST_SHA256);
    hp_digest_add(&state, s);
    /* Where there is no memory for some hundred bytes: libsodium needs none. */
    if (!hp_digest_end(&state, digest))
        crypto_hash_sha256(digest, (const unsigned char *)(s.n ? s.p : ""), s.n);
    sodium_bin2hex(out->hex, sizeof out->hex, digest, sizeof digest);
}

static hp_code sha256_piece(void *ctx, hp_str piece) {
    hp_digest_add(ctx, piece);
    return HP_OK;
}

hp_code hp_sha256_file(const char *path, hp_sha256 *out, hp_err *err) {
    hp_digest state;
    unsigned char digest[crypto_hash_sha256_BYTES];
    hp_digest_begin(&state, HP_DIGEST_SHA256);
    hp_code code = hp_read_pieces(path, sha256_piece, &state, err);
    bool whole = hp_digest_end(&state, digest);
    if (code == HP_OK && !whole) return hp_fail_memory(err, "a SHA-256 digest");
    if (code == HP_OK) sodium_bin2hex(out->hex, sizeof out->hex, digest, sizeof digest);
    return code;
}

static void quick_hex(XXH128_hash_t h, hp_xxh3 *out) {
    XXH128_canonical_t c;
    XXH128_canonicalFromHash(&c, h);
    sodium_bin2hex(out->hex, sizeof out->hex, c.digest, sizeof c.digest);
}

void hp_xxh3_of(hp_str s, hp_xxh3 *out) { quick_hex(XXH3_128bits(s.n ? s.p : "", s.n), out); }

static hp_code quick_piece(void *ctx, hp_str piece) {
    XXH3_128bits_update(ctx, piece.p, piece.n);
    return HP_OK;
}

hp_code hp_xxh3_file(const char *path, hp_xxh3 *out, hp_err *err) {
    XXH3_state_t state;
    XXH3_INITSTATE(&state);
    XXH3_128bits_reset(&state);
    HP_TRY(hp_read_pieces(path, quick_piece, &state, err));
    quick_hex(XXH3_128bits_digest(&state), out);
    return HP_OK;
}
