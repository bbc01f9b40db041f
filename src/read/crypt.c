#include "read/crypt.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/utf8.h"

#include "base/banned.h"

enum { BLOCK = 16, SEGMENT = 4096, MAX_HASH = EVP_MAX_MD_SIZE, ROUNDS_BETWEEN_LOOKS = 65536 };
/* Excel takes 255 characters; a longer line is another file than the one that was meant. */
enum { MAX_PASSWORD = 1024, MAX_INFO = 1 << 20 };

/* Names what a key or an initial vector is for (MS-OFFCRYPTO 2.3.4.11 to 2.3.4.14). */
typedef uint8_t block_key[8];
static const block_key FOR_VERIFIER = {0xFE, 0xA7, 0xD2, 0x76, 0x3B, 0x4B, 0x9E, 0x79};
static const block_key FOR_VERIFIER_HASH = {0xD7, 0xAA, 0x0F, 0x6D, 0x30, 0x61, 0x34, 0x4E};
static const block_key FOR_KEY = {0x14, 0x6E, 0x0B, 0xE7, 0xAB, 0xAC, 0xD0, 0xD6};
static const block_key FOR_HMAC_KEY = {0x5F, 0xB2, 0xAD, 0x01, 0x0C, 0xB9, 0xE1, 0xF6};
static const block_key FOR_HMAC = {0xA0, 0x67, 0x7F, 0x02, 0xB2, 0x2C, 0x84, 0x33};

/* What decrypting one workbook needs; wiped when it is done. */
typedef struct work {
    hp_str file;
    hp_crypt_info info;
    char password[2 * MAX_PASSWORD]; /* UTF-16 */
    size_t password_n;
    uint8_t base[MAX_HASH]; /* what the rounds made of the password */
    uint8_t key[32];        /* of the package */
    uint8_t hmac_key[HP_CRYPT_BYTES], hmac[HP_CRYPT_BYTES];
    EVP_MD *md;
    EVP_MD_CTX *hasher;
    EVP_CIPHER_CTX *cipher;
    EVP_MAC_CTX *mac; /* NULL when nothing vouches for the package */
    hp_err *err;
} work;

static hp_code fail_library(const work *w) { return hp_fail_memory(w->err, "the decryption of a workbook"); }

/* ---- hashing ---- */

/* Hashes the two texts, one behind the other. */
static bool hash(work *w, const void *a, size_t na, const void *b, size_t nb, uint8_t out[MAX_HASH]) {
    return EVP_DigestInit_ex2(w->hasher, w->md, NULL) == 1 && EVP_DigestUpdate(w->hasher, a, na) == 1
           && EVP_DigestUpdate(w->hasher, b, nb) == 1 && EVP_DigestFinal_ex(w->hasher, out, NULL) == 1;
}

static size_t hash_bytes(const work *w) { return (size_t)EVP_MD_get_size(w->md); }

/* Takes a hash function into use. */
static bool use_hash(work *w, hp_crypt_hash h) {
    static const char *const name[] = {"SHA1", "SHA256", "SHA384", "SHA512"};
    EVP_MD_free(w->md);
    w->md = EVP_MD_fetch(NULL, name[h], NULL);
    return w->md != NULL;
}

static void put32(uint8_t *to, uint32_t v) {
    for (int i = 0; i < 4; i++) to[i] = (uint8_t)(v >> (8 * i));
}

/* Makes w->base of the password: the salt and it, hashed, and that again and again with the number of the
 * round before it (MS-OFFCRYPTO 2.3.4.7 and 2.3.4.11). */
static hp_code spin(work *w) {
    const hp_crypt_bytes *salt = &w->info.password.salt;
    if (!hash(w, salt->p, salt->n, w->password, w->password_n, w->base)) return fail_library(w);
    for (uint32_t i = 0; i < w->info.spins; i++) {
        uint8_t round[4];
        put32(round, i);
        if (!hash(w, round, sizeof round, w->base, hash_bytes(w), w->base)) return fail_library(w);
        if (i % ROUNDS_BETWEEN_LOOKS == 0) HP_TRY(hp_deadline_check(w->err));
    }
    return HP_OK;
}

/* Cuts a hash to `n` bytes, or fills it up as MS-OFFCRYPTO 2.3.4.11 says. */
static void fit(const uint8_t *p, size_t have, uint8_t *out, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = i < have ? p[i] : 0x36;
}

/* ---- decrypting ---- */

static const EVP_CIPHER *cipher_of(unsigned key_bytes, bool chained) {
    if (key_bytes == 16) return chained ? EVP_aes_128_cbc() : EVP_aes_128_ecb();
    if (key_bytes == 24) return chained ? EVP_aes_192_cbc() : EVP_aes_192_ecb();
    return chained ? EVP_aes_256_cbc() : EVP_aes_256_ecb();
}

/* Decrypts whole blocks; `to` may be `from`. Blocks are chained when there is an initial vector. */
static bool decrypt(work *w, const uint8_t *from, size_t n, uint8_t *to) {
    int made;
    return EVP_DecryptUpdate(w->cipher, to, &made, from, (int)n) == 1 && made == (int)n;
}

static bool set_key(work *w, unsigned key_bytes, const uint8_t *key, const uint8_t *iv) {
    return EVP_DecryptInit_ex2(w->cipher, cipher_of(key_bytes, iv), key, iv, NULL) == 1
           && EVP_CIPHER_CTX_set_padding(w->cipher, 0) == 1;
}

static hp_code wrong_password(const work *w) {
    return hp_fail(
        w->err, HP_NOPERM,
        "%.*s: the password is not the one that this workbook was saved with; correct the first line of the --password-file",
        HP_FMT(w->file));
}

/* Decrypts one of the values that the password opens. */
static bool open_value(work *w, const block_key what, const hp_crypt_bytes *from, uint8_t *to) {
    const hp_crypt_params *p = &w->info.password;
    uint8_t made[MAX_HASH], key[32], iv[BLOCK];
    fit(p->salt.p, p->salt.n, iv, BLOCK);
    bool ok = hash(w, w->base, hash_bytes(w), what, sizeof(block_key), made);
    fit(made, hash_bytes(w), key, p->key_bytes);
    ok = ok && set_key(w, p->key_bytes, key, iv) && decrypt(w, from->p, from->n, to);
    OPENSSL_cleanse(made, sizeof made);
    OPENSSL_cleanse(key, sizeof key);
    return ok;
}

/* Makes the initial vector of a piece of the package, or of a value of it. */
static bool vector(work *w, const void *what, size_t n, uint8_t iv[BLOCK]) {
    uint8_t made[MAX_HASH];
    if (!hash(w, w->info.data.salt.p, w->info.data.salt.n, what, n, made)) return false;
    fit(made, hash_bytes(w), iv, BLOCK);
    return true;
}

/* ---- agile encryption ---- */

/* Holds the password against the verifier, and takes the key of the package. */
static hp_code unlock_agile(work *w) {
    uint8_t verifier[HP_CRYPT_BYTES], expected[HP_CRYPT_BYTES], made[MAX_HASH], key[HP_CRYPT_BYTES];
    if (!use_hash(w, w->info.password.hash)) return fail_library(w);
    HP_TRY(spin(w));
    size_t n = w->info.password.salt.n < w->info.verifier.n ? w->info.password.salt.n : w->info.verifier.n;
    bool ok = open_value(w, FOR_VERIFIER, &w->info.verifier, verifier)
              && open_value(w, FOR_VERIFIER_HASH, &w->info.verifier_hash, expected)
              && open_value(w, FOR_KEY, &w->info.key, key) && hash(w, verifier, n, "", 0, made);
    memcpy(w->key, key, sizeof w->key);
    OPENSSL_cleanse(key, sizeof key);
    if (!ok) return fail_library(w);
    bool right =
        hash_bytes(w) <= w->info.verifier_hash.n && CRYPTO_memcmp(made, expected, hash_bytes(w)) == 0;
    return right ? HP_OK : wrong_password(w);
}

/* Decrypts a value that the key of the package opens. */
static bool open_checksum(work *w, const block_key what, const hp_crypt_bytes *from, uint8_t *to) {
    uint8_t iv[BLOCK];
    return vector(w, what, sizeof(block_key), iv) && set_key(w, w->info.data.key_bytes, w->key, iv)
           && decrypt(w, from->p, from->n, to);
}

/* Begins the checksum of the encrypted package (MS-OFFCRYPTO 2.3.4.14). */
static hp_code begin_hmac(work *w) {
    if (!use_hash(w, w->info.data.hash)) return fail_library(w);
    if (w->info.hmac.n == 0) return HP_OK;
    size_t n = hash_bytes(w);
    if (w->info.hmac.n < n || w->info.hmac_key.n < n)
        return hp_fail(w->err, HP_DATA,
                       "%.*s: stream EncryptionInfo: the encrypted checksum is too short; get a fresh copy",
                       HP_FMT(w->file));
    if (!open_checksum(w, FOR_HMAC_KEY, &w->info.hmac_key, w->hmac_key)
        || !open_checksum(w, FOR_HMAC, &w->info.hmac, w->hmac))
        return fail_library(w);
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    w->mac = mac ? EVP_MAC_CTX_new(mac) : NULL;
    EVP_MAC_free(mac);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string("digest", (char *)(uintptr_t)EVP_MD_get0_name(w->md), 0),
        OSSL_PARAM_construct_end()};
    return w->mac && EVP_MAC_init(w->mac, w->hmac_key, n, params) == 1 ? HP_OK : fail_library(w);
}

static hp_code end_hmac(work *w) {
    uint8_t made[MAX_HASH];
    size_t n;
    if (!w->mac) return HP_OK;
    if (EVP_MAC_final(w->mac, made, &n, sizeof made) != 1) return fail_library(w);
    if (n == hash_bytes(w) && CRYPTO_memcmp(made, w->hmac, n) == 0) return HP_OK;
    return hp_fail(
        w->err, HP_DATA,
        "%.*s: was changed after it was encrypted (its checksum does not match); get a fresh copy of the workbook",
        HP_FMT(w->file));
}

/* ---- standard encryption ---- */

/* Makes the key (MS-OFFCRYPTO 2.3.4.7) and holds the password against the verifier (2.3.4.9). */
static hp_code unlock_standard(work *w) {
    uint8_t inner[MAX_HASH], made[2 * MAX_HASH], pad[64], verifier[BLOCK], expected[2 * BLOCK];
    static const uint8_t block[4] = {0};
    if (!use_hash(w, HP_CRYPT_SHA1)) return fail_library(w);
    HP_TRY(spin(w));
    size_t n = hash_bytes(w);
    bool ok = hash(w, w->base, n, block, sizeof block, inner);
    for (size_t half = 0; half < 2; half++) {
        for (size_t i = 0; i < sizeof pad; i++)
            pad[i] = (uint8_t)((half ? 0x5C : 0x36) ^ (i < n ? inner[i] : 0));
        ok = ok && hash(w, pad, sizeof pad, "", 0, made + half * n);
    }
    memcpy(w->key, made, sizeof w->key);
    OPENSSL_cleanse(inner, sizeof inner);
    OPENSSL_cleanse(made, sizeof made);
    OPENSSL_cleanse(pad, sizeof pad);
    ok = ok && set_key(w, w->info.password.key_bytes, w->key, NULL)
         && decrypt(w, w->info.verifier.p, sizeof verifier, verifier)
         && decrypt(w, w->info.verifier_hash.p, sizeof expected, expected)
         && hash(w, verifier, sizeof verifier, "", 0, inner);
    if (!ok) return fail_library(w);
    return CRYPTO_memcmp(inner, expected, n) == 0 ? HP_OK : wrong_password(w);
}

/* ---- the package ---- */

/* Reads and decrypts one piece of the package; its last one is filled up to whole blocks. */
static hp_code segment(work *w, hp_cfb_stream *s, uint32_t number, uint8_t *to) {
    uint8_t packed[SEGMENT], iv[BLOCK], which[4];
    size_t n = s->size - s->at < SEGMENT ? (size_t)(s->size - s->at) : SEGMENT;
    HP_TRY(hp_cfb_stream_read(s, packed, n, w->err));
    if (w->mac && EVP_MAC_update(w->mac, packed, n) != 1) return fail_library(w);
    n &= ~(size_t)(BLOCK - 1);
    put32(which, number);
    if (w->info.agile
        && (!vector(w, which, sizeof which, iv) || EVP_DecryptInit_ex2(w->cipher, NULL, NULL, iv, NULL) != 1))
        return fail_library(w);
    return decrypt(w, packed, n, to) ? HP_OK : fail_library(w);
}

static hp_code decrypt_package(work *w, hp_cfb_stream *s, hp_buf *out) {
    uint8_t head[8];
    uint64_t size = 0;
    HP_TRY(hp_cfb_stream_read(s, head, sizeof head, w->err));
    for (size_t i = sizeof head; i-- > 0;) size = size << 8 | head[i];
    uint64_t blocks = (s->size - sizeof head) & ~(uint64_t)(BLOCK - 1);
    if (size > blocks)
        return hp_fail(
            w->err, HP_DATA,
            "%.*s: stream EncryptedPackage says it holds %llu bytes, but has %llu; get a fresh copy",
            HP_FMT(w->file), (unsigned long long)size, (unsigned long long)blocks);
    if (w->info.agile) HP_TRY(begin_hmac(w));
    if (w->mac && EVP_MAC_update(w->mac, head, sizeof head) != 1) return fail_library(w);
    static const uint8_t none[BLOCK];
    bool agile = w->info.agile;
    if (!set_key(w, agile ? w->info.data.key_bytes : w->info.password.key_bytes, w->key, agile ? none : NULL))
        return fail_library(w);
    char *to = hp_buf_room(out, blocks);
    HP_TRY(hp_buf_check(out, "a decrypted workbook", w->err));
    for (uint32_t i = 0; s->at < s->size; i++) {
        HP_TRY(segment(w, s, i, (uint8_t *)to + (size_t)i * SEGMENT));
    }
    HP_TRY(end_hmac(w));
    out->n += (size_t)size;
    return HP_OK;
}

/* ---- the door ---- */

/* Reads the password as UTF-16, little endian. */
static hp_code read_password(work *w, const char *path) {
    hp_secret *secret;
    HP_TRY(hp_secret_from_file(path, &secret, w->err));
    hp_str s = hp_secret_reveal(secret);
    bool valid = hp_utf8_valid(s, NULL) && s.n <= MAX_PASSWORD;
    for (size_t i = 0; valid && i < s.n;) {
        uint32_t cp = hp_utf8_next(s, &i);
        uint32_t unit[2] = {cp, 0};
        bool pair = cp > 0xFFFF;
        if (pair) {
            unit[0] = 0xD800 + ((cp - 0x10000) >> 10);
            unit[1] = 0xDC00 + (cp & 0x3FF);
        }
        for (int k = 0; k < (pair ? 2 : 1); k++) {
            w->password[w->password_n++] = (char)unit[k];
            w->password[w->password_n++] = (char)(unit[k] >> 8);
        }
    }
    hp_secret_free(secret);
    if (valid) return HP_OK;
    return hp_fail(w->err, HP_NOINPUT,
                   "%s: its first line is no password: not UTF-8, or longer than %d bytes", path,
                   MAX_PASSWORD);
}

static hp_code read_info(hp_cfb *c, work *w) {
    hp_cfb_stream s;
    HP_TRY(hp_cfb_stream_open(c, HP_S("EncryptionInfo"), &s, w->err));
    hp_autobuf text = hp_buf_new(MAX_INFO);
    char *to = s.size <= MAX_INFO ? hp_buf_room(&text, (size_t)s.size) : NULL;
    hp_code code;
    if (to) {
        code = hp_cfb_stream_read(&s, to, (size_t)s.size, w->err);
        text.n = (size_t)s.size;
        if (code == HP_OK) code = hp_crypt_info_read(hp_buf_str(&text), w->file, &w->info, w->err);
    } else {
        code = s.size > MAX_INFO ? hp_fail(w->err, HP_DATA,
                                           "%.*s: stream EncryptionInfo has %llu bytes; no honest one does",
                                           HP_FMT(w->file), (unsigned long long)s.size)
                                 : hp_fail_memory(w->err, "the decryption of a workbook");
    }
    hp_cfb_stream_close(&s);
    return code;
}

static hp_code unlock(work *w, hp_cfb *c, const char *password_file, hp_buf *out) {
    HP_TRY(read_info(c, w));
    HP_TRY(read_password(w, password_file));
    HP_TRY(w->info.agile ? unlock_agile(w) : unlock_standard(w));
    hp_cfb_stream s;
    HP_TRY(hp_cfb_stream_open(c, HP_S("EncryptedPackage"), &s, w->err));
    hp_code code = decrypt_package(w, &s, out);
    hp_cfb_stream_close(&s);
    return code;
}

hp_code hp_crypt_open(hp_cfb *c, hp_str file, const char *password_file, hp_buf *out, hp_err *err) {
    work w = {.file = file, .err = err, .hasher = EVP_MD_CTX_new(), .cipher = EVP_CIPHER_CTX_new()};
    hp_code code =
        w.hasher && w.cipher ? unlock(&w, c, password_file, out) : hp_fail_memory(err, "the decryption");
    EVP_MD_CTX_free(w.hasher);
    EVP_CIPHER_CTX_free(w.cipher);
    EVP_MAC_CTX_free(w.mac);
    EVP_MD_free(w.md);
    OPENSSL_cleanse(&w, sizeof w);
    return code;
}
