/* Digests in pieces, as bytes, and keyed: for what other programs hold against theirs (object stores,
 * signatures). base/hash.h has the digests of whole texts and files. */
#ifndef HP_BASE_DIGEST_H
#define HP_BASE_DIGEST_H

#include <stdbool.h>

#include "base/buf.h"

/** Name the kinds of digest. */
typedef enum hp_digest_kind {
    HP_DIGEST_SHA256, /**< FIPS 180-4 */
    HP_DIGEST_MD5     /**< RFC 1321: no protection, but some protocols demand it */
} hp_digest_kind;

/** The bytes of a SHA-256 digest, and the most that any has. */
#define HP_DIGEST_BYTES 32
/** The bytes of an MD5 digest. */
#define HP_MD5_BYTES 16

/** Hold a digest under way. */
typedef struct hp_digest {
    void *ctx; /**< of libcrypto */
    bool bad;  /**< a call of it failed: out of memory, or MD5 is switched off (FIPS mode) */
} hp_digest;

/** Begin; must be ended with hp_digest_end. */
void hp_digest_begin(hp_digest *d, hp_digest_kind kind);
/** Add bytes. */
void hp_digest_add(hp_digest *d, hp_str piece);
/** End, and write the digest; false when a call failed, then `out` is untouched. A second call is false. */
bool hp_digest_end(hp_digest *d, unsigned char *out);

/** Write the HMAC-SHA256 of a text under a key of any length (RFC 2104). */
void hp_hmac_sha256(hp_str key, hp_str text, unsigned char out[HP_DIGEST_BYTES]);

/** Append bytes in base64 with padding (RFC 4648 section 4). */
void hp_put_base64(hp_buf *out, const unsigned char *bytes, size_t n);
/** Append bytes as lower-case hex digits. */
void hp_put_hex(hp_buf *out, const unsigned char *bytes, size_t n);
/** Read exactly `n` bytes from base64 with padding; false on anything else. */
bool hp_read_base64(hp_str text, unsigned char *out, size_t n);
/** Read exactly `n` bytes from hex digits; false on anything else. */
bool hp_read_hex(hp_str text, unsigned char *out, size_t n);

#endif
