#include "base/hash.h"
#include "base/file.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
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

/* libcrypto and not libsodium, which does not use the processor's instructions for SHA-256: a quarter of the
 * time. Nothing of its configuration is read. */
typedef struct sha256 {
    EVP_MD_CTX *ctx;
    bool bad;
} sha256;

static void sha256_begin(sha256 *s) {
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    s->ctx = EVP_MD_CTX_new();
    s->bad = !s->ctx || EVP_DigestInit_ex(s->ctx, EVP_sha256(), NULL) != 1;
}

static void sha256_add(sha256 *s, hp_str piece) {
    if (!s->bad && piece.n) s->bad = EVP_DigestUpdate(s->ctx, piece.p, piece.n) != 1;
}

/* Ends in the digest; false when libcrypto had no memory. */
static bool sha256_end(sha256 *s, hp_sha256 *out) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    s->bad = s->bad || EVP_DigestFinal_ex(s->ctx, digest, &n) != 1;
    EVP_MD_CTX_free(s->ctx);
    if (!s->bad) sodium_bin2hex(out->hex, sizeof out->hex, digest, n);
    return !s->bad;
}

void hp_sha256_of(hp_str s, hp_sha256 *out) {
    sha256 state;
    sha256_begin(&state);
    sha256_add(&state, s);
    if (sha256_end(&state, out)) return;
    /* No memory for some hundred bytes: libsodium needs none. */
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(digest, (const unsigned char *)(s.n ? s.p : ""), s.n);
    sodium_bin2hex(out->hex, sizeof out->hex, digest, sizeof digest);
}

static hp_code sha256_piece(void *ctx, hp_str piece) {
    sha256_add(ctx, piece);
    return HP_OK;
}

hp_code hp_sha256_file(const char *path, hp_sha256 *out, hp_err *err) {
    sha256 state;
    sha256_begin(&state);
    hp_code code = hp_read_pieces(path, sha256_piece, &state, err);
    hp_sha256 made;
    bool whole = sha256_end(&state, &made);
    if (code == HP_OK && !whole) return hp_fail_memory(err, "a SHA-256 digest");
    if (code == HP_OK) *out = made;
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
