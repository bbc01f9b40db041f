/* S3: objects in a bucket of Amazon S3 or a server that speaks like it. Source: Amazon S3 API Reference,
 * 2006-03-01. Requests are signed (net/sigv4.h) with the digest of what they carry, so that bytes that change
 * on their way are refused; each has a deadline that grows with its size, and is sent again after 5xx and
 * broken connections. */
#ifndef HP_NET_S3_H
#define HP_NET_S3_H

#include "base/arena.h"
#include "base/digest.h"
#include "net/sigv4.h"

/** Facts of the service: parts of an upload, their sizes, and the bytes of a key. */
#define HP_S3_PARTS     10000u
#define HP_S3_PART_MIN  (UINT64_C(5) << 20)
#define HP_S3_PART_MAX  (UINT64_C(5) << 30)
#define HP_S3_KEY_BYTES 1024u

/** Say which bucket, and where. Texts are the caller's, and outlive it. */
typedef struct hp_s3_where {
    hp_str bucket;
    hp_str region;       /**< empty = us-east-1 */
    hp_str endpoint;     /**< URL of the service; empty = Amazon's in that region */
    bool virtual_host;   /**< the bucket stands in the host's name instead of the path; Amazon's own is always
                            asked so,   unless the bucket's name has a dot */
    hp_str keys_from;    /**< for messages: where the keys stand */
    const char *ca_file; /**< certificates to trust instead of the system's; NULL = the system's */
    hp_str notes;        /**< directory for notes of uploads under way; empty = none, and every upload
                            begins anew */
} hp_s3_where;

/** Describe an object. Texts live in the arena that was given. */
typedef struct hp_s3_object {
    hp_str key;
    uint64_t bytes;
    int64_t changed;   /**< seconds since 1970 */
    hp_str etag;       /**< with its quotation marks */
    hp_str sha256;     /**< of the whole content in hex, as far as the service knows it; empty if not */
    hp_str checksum;   /**< x-amz-checksum-sha256: base64, of parts with "-N" behind it */
    hp_str version;    /**< empty without versioning */
    hp_str lock_mode;  /**< GOVERNANCE, COMPLIANCE; empty = none known */
    int64_t locked_to; /**< seconds since 1970 */
} hp_s3_object;

/** Describe what is put. */
typedef struct hp_s3_put {
    hp_str key;
    int fd; /**< open for reading */
    uint64_t bytes;
    const unsigned char *sha256; /**< of the whole */
    const unsigned char *md5;    /**< of the whole, for object locks; NULL where they are not asked for */
    bool overwrite;              /**< else If-None-Match: * */
    const char *lock_mode;       /**< GOVERNANCE, COMPLIANCE; NULL = no retention */
    int64_t locked_to;           /**< seconds since 1970 */
    /* of an upload in parts */
    uint64_t part_bytes;                          /**< of each but the last; 0 = in one request */
    const unsigned char (*part)[HP_DIGEST_BYTES]; /**< SHA-256 of each part */
    void (*progress)(void *ctx, uint64_t bytes);  /**< told what has arrived; NULL = nobody */
    void *ctx;                                    /**< of it */
} hp_s3_put;

/** Say how a put went. */
typedef struct hp_s3_done {
    bool exists; /**< refused, because there is an object of this key already */
    uint32_t parts,
        reused; /**< parts of the upload, and those of them that an earlier, interrupted one had left */
} hp_s3_done;

/** Take a piece of an object; `at` is its place in it. An `at` of 0 begins again. An error ends the reading.
 */
typedef hp_code hp_s3_take(void *ctx, uint64_t at, hp_str piece, hp_err *err);
/** Take an object of a list. */
typedef hp_code hp_s3_each(void *ctx, const hp_s3_object *o, hp_err *err);

/** Ask a bucket. Not thread-safe. */
typedef struct hp_s3 hp_s3;

/* Errors of all that follow: HP_NOPERM (keys, signature, rights, clock), HP_NOINPUT (no such bucket or key),
 * HP_CONFIG (endpoint, region, no object lock), HP_IO (bytes changed on the way), HP_UNAVAILABLE (no answer),
 * HP_RETRY (memory). */

/** Make one; opens nothing yet. `keys` outlives it. */
hp_code hp_s3_new(const hp_s3_where *where, const hp_aws_keys *keys, hp_s3 **out, hp_err *err);
/** Close the connection and release everything; NULL is allowed. */
void hp_s3_free(hp_s3 *s);
/** Ask about an object. *found is false when there is none, and *readable (may be NULL) when these keys may
 * not look, which is no error where it is asked for. */
hp_code hp_s3_head(hp_s3 *s, hp_arena *a, hp_str key, hp_s3_object *out, bool *found, bool *readable,
                   hp_err *err);
/** Read an object; after a broken connection from where it broke, as long as it is the same. */
hp_code hp_s3_get(hp_s3 *s, hp_str key, hp_s3_take *take, void *ctx, hp_err *err);
/** List the objects whose keys begin so, ascending. */
hp_code hp_s3_list(hp_s3 *s, hp_str prefix, hp_s3_each *each, void *ctx, hp_err *err);
/** Lock an object that is there (PutObjectRetention), and ask whether it is; one that is locked as strictly
 * and as long already is left. Mode: GOVERNANCE, COMPLIANCE. Errors: also HP_IO (the service took it, and has
 * no such lock). */
hp_code hp_s3_retain(hp_s3 *s, hp_str key, const char *mode, int64_t until, hp_err *err);
/** Put an object: in one request, or in parts. Parts that an interrupted upload left are used if a note says
 * that it was of this very content, and with no more of a lock: what a service keeps of an object is said
 * when the upload begins. The lock may then be less than was asked for: see hp_s3_retain. An upload that
 * cannot succeed is aborted; one that was only interrupted is left for the next time. */
hp_code hp_s3_store(hp_s3 *s, const hp_s3_put *p, hp_s3_done *out, hp_err *err);

#endif
