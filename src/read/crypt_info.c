#include "base/bytes.h"
#include "base/limits.h"
#include "read/crypt.h"
#include "read/xml.h"

#include "base/banned.h"

enum { MAX_BASE64 = 4 * (HP_CRYPT_BYTES / 3 + 1) };

static hp_code damaged(hp_str file, hp_err *err, const char *why) {
    return hp_fail(
        err, HP_DATA,
        "%.*s: stream EncryptionInfo: %s; the file is damaged: get a fresh copy, or save it without a password",
        HP_FMT(file), why);
}

static hp_code unknown(hp_str file, hp_err *err, const char *what, hp_str value) {
    return hp_fail(
        err, HP_DATA,
        "%.*s: is encrypted in a way that is not known (%s %.*s); open it in a spreadsheet program and save it without a password",
        HP_FMT(file), what, HP_FMT(hp_str_cut(value, 0, 40)));
}

/* ---- agile encryption: an XML descriptor (MS-OFFCRYPTO 2.3.4.10) ---- */

/* Decodes base64 (RFC 4648); false when it is none, or too long. */
static bool base64(hp_str s, hp_crypt_bytes *out) {
    uint32_t bits = 0, n = 0;
    out->n = 0;
    while (s.n && s.p[s.n - 1] == '=') s.n--;
    if (s.n > MAX_BASE64) return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        uint32_t v = c >= 'A' && c <= 'Z'   ? (uint32_t)(c - 'A')
                     : c >= 'a' && c <= 'z' ? (uint32_t)(c - 'a') + 26
                     : hp_is_digit(c)       ? (uint32_t)(c - '0') + 52
                     : c == '+'             ? 62
                     : c == '/'             ? 63
                                            : 64;
        if (v == 64) return false;
        bits = bits << 6 | v;
        n += 6;
        if (n < 8) continue;
        n -= 8;
        if (out->n == HP_CRYPT_BYTES) return false;
        out->p[out->n++] = (uint8_t)(bits >> n);
    }
    return true;
}

static bool number(hp_str s, uint32_t *out) {
    int64_t v;
    if (!hp_str_i64(s, &v) || v < 0 || v > UINT32_MAX) return false;
    *out = (uint32_t)v;
    return true;
}

static bool hash_of(hp_str name, hp_crypt_hash *out) {
    static const struct {
        hp_str name;
        hp_crypt_hash hash;
    } known[] = {{HP_S("SHA1"), HP_CRYPT_SHA1},     {HP_S("SHA-1"), HP_CRYPT_SHA1},
                 {HP_S("SHA256"), HP_CRYPT_SHA256}, {HP_S("SHA-256"), HP_CRYPT_SHA256},
                 {HP_S("SHA384"), HP_CRYPT_SHA384}, {HP_S("SHA-384"), HP_CRYPT_SHA384},
                 {HP_S("SHA512"), HP_CRYPT_SHA512}, {HP_S("SHA-512"), HP_CRYPT_SHA512}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (!hp_str_ieq(name, known[i].name)) continue;
        *out = known[i].hash;
        return true;
    }
    return false;
}

/* An attribute that describes how something is encrypted. *mine tells whether it was one. */
static hp_code param(hp_str name, hp_str value, hp_crypt_params *p, bool *mine, hp_str file, hp_err *err) {
    uint32_t n;
    *mine = true;
    if (hp_str_eq(name, HP_S("saltValue"))) {
        if (!base64(value, &p->salt) || p->salt.n == 0) return damaged(file, err, "a salt that is none");
    } else if (hp_str_eq(name, HP_S("keyBits"))) {
        if (!number(value, &n) || (n != 128 && n != 192 && n != 256))
            return unknown(file, err, "bits of a key:", value);
        p->key_bytes = n / 8;
    } else if (hp_str_eq(name, HP_S("blockSize"))) {
        if (!number(value, &n) || n != 16) return unknown(file, err, "size of blocks:", value);
    } else if (hp_str_eq(name, HP_S("cipherAlgorithm"))) {
        if (!hp_str_eq(value, HP_S("AES"))) return unknown(file, err, "cipher", value);
    } else if (hp_str_eq(name, HP_S("cipherChaining"))) {
        if (!hp_str_eq(value, HP_S("ChainingModeCBC"))) return unknown(file, err, "chaining", value);
    } else if (hp_str_eq(name, HP_S("hashAlgorithm"))) {
        if (!hash_of(value, &p->hash)) return unknown(file, err, "hash", value);
    } else {
        *mine = false;
    }
    return HP_OK;
}

static hp_code spin_count(hp_str value, hp_str file, hp_crypt_info *out, hp_err *err) {
    if (!number(value, &out->spins)) return damaged(file, err, "a spinCount that is no number");
    if (out->spins <= HP_LIMIT_PASSWORD_ROUNDS) return HP_OK;
    return hp_fail_limit(err, HP_L_PASSWORD_ROUNDS,
                         "%.*s: wants its password hashed %u times, the limit is %llu (Excel: 100,000): "
                         "check where it comes from",
                         HP_FMT(file), out->spins, (unsigned long long)HP_LIMIT_PASSWORD_ROUNDS);
}

/* Reads the attributes of <keyData>, <dataIntegrity> or <encryptedKey>. */
static hp_code attributes(hp_xml *x, hp_crypt_params *p, hp_str file, hp_crypt_info *out, hp_err *err) {
    const struct {
        hp_str name;
        hp_crypt_bytes *to;
    } binary[] = {{HP_S("encryptedHmacKey"), &out->hmac_key},
                  {HP_S("encryptedHmacValue"), &out->hmac},
                  {HP_S("encryptedVerifierHashInput"), &out->verifier},
                  {HP_S("encryptedVerifierHashValue"), &out->verifier_hash},
                  {HP_S("encryptedKeyValue"), &out->key}};
    hp_str name, value;
    while (hp_xml_attr(x, &name, &value)) {
        bool taken = false;
        if (p) HP_TRY(param(name, value, p, &taken, file, err));
        if (p && hp_str_eq(name, HP_S("spinCount"))) HP_TRY(spin_count(value, file, out, err));
        for (size_t i = 0; i < sizeof binary / sizeof *binary && !taken; i++) {
            if (hp_str_eq(name, binary[i].name) && !base64(value, binary[i].to))
                return damaged(file, err, "a value that is no base64");
        }
    }
    return HP_OK;
}

static bool whole_blocks(const hp_crypt_bytes *b, size_t least) { return b->n >= least && b->n % 16 == 0; }

/* Holds against each other what the descriptor says. */
static hp_code check_agile(const hp_crypt_info *i, bool password, hp_str file, hp_err *err) {
    if (!password) return unknown(file, err, "no password opens it,", HP_S("only a certificate"));
    if (!i->data.key_bytes || !i->data.salt.n || !i->password.key_bytes || !i->password.salt.n)
        return damaged(file, err, "the description of the keys is not complete");
    if (!whole_blocks(&i->verifier, 16) || !whole_blocks(&i->verifier_hash, 32)
        || !whole_blocks(&i->key, i->data.key_bytes))
        return damaged(file, err, "the encrypted keys are not complete");
    bool has_hmac = i->hmac_key.n || i->hmac.n;
    if (has_hmac && (!whole_blocks(&i->hmac_key, 32) || !whole_blocks(&i->hmac, 32)))
        return damaged(file, err, "the encrypted checksum is not complete");
    return HP_OK;
}

/* Tells whether the element that just started has an attribute spinCount. */
static bool has_spins(const hp_xml *x) {
    hp_str rest = {x->p, (size_t)(x->end - x->p)};
    return hp_str_find(hp_str_cut(rest, 0, hp_str_chr(rest, '>', 0)), HP_S("spinCount"), 0) != SIZE_MAX;
}

static hp_code read_agile(hp_str xml, hp_str file, hp_crypt_info *out, hp_err *err) {
    hp_xml x;
    hp_xml_init(&x, xml);
    bool password = false;
    out->agile = true;
    for (hp_xml_event e; (e = hp_xml_next(&x)) != HP_XML_EOF;) {
        if (e == HP_XML_BAD) return damaged(file, err, x.why ? x.why : "bad XML");
        if (e != HP_XML_START) continue;
        hp_crypt_params *p = NULL;
        if (hp_str_eq(x.name, HP_S("keyData"))) p = &out->data;
        /* The key encryptor of a certificate calls its element so too, but has no spinCount. */
        bool mine = !password && hp_str_eq(x.name, HP_S("encryptedKey")) && has_spins(&x);
        if (mine) p = &out->password;
        password |= mine;
        if (p || hp_str_eq(x.name, HP_S("dataIntegrity"))) HP_TRY(attributes(&x, p, file, out, err));
    }
    return check_agile(out, password, file, err);
}

/* ---- standard encryption: a binary header (MS-OFFCRYPTO 2.3.4.5) ---- */

static void set_bytes(hp_crypt_bytes *to, const char *p, size_t n) {
    memcpy(to->p, p, n);
    to->n = n;
}

/* What is fixed: SHA-1, salt and verifier of 16 bytes, its hash in two blocks (MS-OFFCRYPTO 2.3.4.9). */
enum {
    ALG_AES_128 = 0x660E,
    ALG_AES_192 = 0x660F,
    ALG_AES_256 = 0x6610,
    VERIFIER_BYTES = 4 + 16 + 16 + 4 + 32
};

static hp_code read_standard(hp_str s, hp_str file, hp_crypt_info *out, hp_err *err) {
    if (s.n < 12 + 32) return damaged(file, err, "it is cut short");
    uint32_t header = hp_le32(s.p + 8), algorithm = hp_le32(s.p + 20), bits = hp_le32(s.p + 28);
    if (header < 32 || header > s.n - 12 || s.n - 12 - header < VERIFIER_BYTES)
        return damaged(file, err, "it is cut short");
    bool aes = algorithm == ALG_AES_128 || algorithm == ALG_AES_192 || algorithm == ALG_AES_256;
    if (!aes || (bits != 128 && bits != 192 && bits != 256))
        return unknown(file, err, "of the years", HP_S("before AES"));
    const char *v = s.p + 12 + header;
    if (hp_le32(v) != 16) return damaged(file, err, "a salt that is none");
    out->password.hash = HP_CRYPT_SHA1;
    out->password.key_bytes = bits / 8;
    out->spins = 50000;
    set_bytes(&out->password.salt, v + 4, 16);
    set_bytes(&out->verifier, v + 20, 16);
    set_bytes(&out->verifier_hash, v + 40, 32);
    return HP_OK;
}

hp_code hp_crypt_info_read(hp_str s, hp_str file, hp_crypt_info *out, hp_err *err) {
    *out = (hp_crypt_info){0};
    if (s.n < 8) return damaged(file, err, "it is cut short");
    uint32_t version = hp_le32(s.p), major = version & 0xFFFF, minor = version >> 16;
    if (major == 4 && minor == 4) return read_agile(hp_str_cut(s, 8, s.n), file, out, err);
    if (major >= 2 && major <= 4 && minor == 2) return read_standard(s, file, out, err);
    return unknown(file, err, "of another program;", HP_S("neither agile nor standard"));
}
