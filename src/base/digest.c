#include "base/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sodium.h>

#include "base/banned.h"

/* libcrypto and not libsodium, which does not use the processor's instructions for SHA-256: a quarter of the
 * time. Nothing of its configuration is read. */
void hp_digest_begin(hp_digest *d, hp_digest_kind kind) {
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    d->ctx = EVP_MD_CTX_new();
    d->bad =
        !d->ctx || EVP_DigestInit_ex(d->ctx, kind == HP_DIGEST_MD5 ? EVP_md5() : EVP_sha256(), NULL) != 1;
}

void hp_digest_add(hp_digest *d, hp_str piece) {
    if (!d->bad && piece.n) d->bad = EVP_DigestUpdate(d->ctx, piece.p, piece.n) != 1;
}

bool hp_digest_end(hp_digest *d, unsigned char *out) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    d->bad = d->bad || !d->ctx || EVP_DigestFinal_ex(d->ctx, digest, &n) != 1;
    EVP_MD_CTX_free(d->ctx);
    d->ctx = NULL;
    if (!d->bad) memcpy(out, digest, n);
    return !d->bad;
}

void hp_hmac_sha256(hp_str key, hp_str text, unsigned char out[HP_DIGEST_BYTES]) {
    crypto_auth_hmacsha256_state s;
    (void)crypto_auth_hmacsha256_init(&s, (const unsigned char *)(key.n ? key.p : ""), key.n);
    (void)crypto_auth_hmacsha256_update(&s, (const unsigned char *)(text.n ? text.p : ""), text.n);
    (void)crypto_auth_hmacsha256_final(&s, out);
    sodium_memzero(&s, sizeof s);
}

void hp_put_base64(hp_buf *out, const unsigned char *bytes, size_t n) {
    size_t with_nul = sodium_base64_ENCODED_LEN(n, sodium_base64_VARIANT_ORIGINAL);
    char *room = hp_buf_room(out, with_nul);
    if (!room) return;
    (void)sodium_bin2base64(room, with_nul, bytes, n, sodium_base64_VARIANT_ORIGINAL);
    out->n += with_nul - 1;
}

void hp_put_hex(hp_buf *out, const unsigned char *bytes, size_t n) {
    char *room = hp_buf_room(out, 2 * n + 1);
    if (!room) return;
    (void)sodium_bin2hex(room, 2 * n + 1, bytes, n);
    out->n += 2 * n;
}

bool hp_read_base64(hp_str text, unsigned char *out, size_t n) {
    size_t got = 0;
    const char *end = NULL;
    return sodium_base642bin(out, n, text.p, text.n, NULL, &got, &end, sodium_base64_VARIANT_ORIGINAL) == 0
           && got == n && end == text.p + text.n;
}

bool hp_read_hex(hp_str text, unsigned char *out, size_t n) {
    size_t got = 0;
    const char *end = NULL;
    return text.n == 2 * n && sodium_hex2bin(out, n, text.p, text.n, NULL, &got, &end) == 0 && got == n;
}
