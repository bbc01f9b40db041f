/* Buckets: places for evidence, where what is put stays as it was put. A directory (file://DIR) or a bucket
 * of an object store (s3://BUCKET/PREFIX); whoever stores something does not have to know which.
 *
 * Nothing is overwritten unless it is asked for, every object's SHA-256 is kept beside it, and what was
 * stored is read back before it counts as stored. */
#ifndef HP_OPS_EVIDENCE_BUCKET_H
#define HP_OPS_EVIDENCE_BUCKET_H

#include "base/arena.h"
#include "base/hash.h"
#include "base/vec.h"

/** Say which bucket, and how it is reached. Texts are the caller's, and outlive it. */
typedef struct hp_bucket_how {
    hp_str url;      /**< file://DIR (relative, or absolute: file:///DIR; a file in it names that object) or
                            s3://BUCKET[/KEY or PREFIX/] */
    hp_str endpoint; /**< of the object store; empty = what AWS clients are told (net/aws.h), else Amazon's */
    hp_str region;   /**< where AWS clients are told none; empty = us-east-1 */
    const char *vault;   /**< directory of credentials that are kept (base/vault.h); NULL = none */
    uint64_t part_bytes; /**< files larger than this are sent in parts of this size; 0 = 16 MiB, more where
                            parts would be more than the service takes */
} hp_bucket_how;

/** Describe an object. Texts live in the arena that was given. */
typedef struct hp_bucket_object {
    hp_str key; /**< with the prefix: what stands behind the bucket */
    uint64_t bytes;
    int64_t changed;    /**< seconds since 1970 */
    hp_str sha256;      /**< as it was recorded when it was stored, in hex; empty if it was not. Lists may not
                           have it */
    hp_str retain_mode; /**< "governance", "compliance"; empty = none known */
    int64_t retained_until; /**< seconds since 1970 */
} hp_bucket_object;

/** Say how an object is put. */
typedef struct hp_bucket_put {
    bool overwrite;          /**< replace an object of other content */
    bool unverified;         /**< do not read it back: for keys that may only write */
    bool dry_run;            /**< look, but store nothing */
    const char *retain_mode; /**< "governance" (who has the right may shorten it), "compliance" (nobody may);
                                NULL = no retention */
    int64_t retain_until;    /**< seconds since 1970 */
    void (*progress)(void *ctx, uint64_t done, uint64_t total); /**< in bytes; NULL = nobody */
    void *ctx;                                                  /**< of it */
} hp_bucket_put;

/** Say what came of a put. */
typedef enum hp_bucket_outcome {
    HP_BUCKET_STORED,  /**< it is there, new */
    HP_BUCKET_PRESENT, /**< the same content was there */
    HP_BUCKET_WOULD,   /**< a dry run: it would be stored */
    HP_BUCKET_DIFFERS  /**< other content is there, and stays; also in a dry run */
} hp_bucket_outcome;

/** Say how a put went. */
typedef struct hp_bucket_done {
    hp_bucket_outcome outcome;
    uint64_t bytes;
    hp_sha256 sha256;       /**< of the file */
    bool verified;          /**< read back, and the same */
    uint32_t parts, reused; /**< parts that were sent or found, and those an interrupted upload had left */
} hp_bucket_done;

/** Say how an object compares. */
typedef enum hp_bucket_verdict {
    HP_BUCKET_SAME,
    HP_BUCKET_CHANGED,   /**< its content is another one */
    HP_BUCKET_MISSING,   /**< it is not there */
    HP_BUCKET_UNRECORDED /**< no digest was recorded to hold it against */
} hp_bucket_verdict;

/** A bucket that is open. Not thread-safe. */
typedef struct hp_bucket hp_bucket;

/** Take an object of a list; an error ends it. */
typedef hp_code hp_bucket_each(void *ctx, const hp_bucket_object *o, hp_err *err);

/** Open a bucket; connects to nothing yet, and makes no directory. Errors: HP_USAGE (the URL), HP_CONFIG
 * (keys, endpoint), as hp_aws_read. */
hp_code hp_bucket_open(const hp_bucket_how *how, hp_bucket **out, hp_err *err);
/** Close it; NULL is allowed. */
void hp_bucket_close(hp_bucket *b);
/** Return what the URL says behind the bucket: a key, or a prefix, which is empty or ends in '/'. */
hp_str hp_bucket_key(const hp_bucket *b);
/** Tell whether that is a prefix. */
bool hp_bucket_is_prefix(const hp_bucket *b);
/** Append the URL of a key. */
void hp_bucket_url(const hp_bucket *b, hp_str key, hp_buf *out);

/** Put a file under a key. Interrupted uploads of the same file go on where they were. With a retention also
 * what was there already is locked. Errors: HP_USAGE (a key that is no path, hp_bucket_key_safe); errors of
 * all that follow: HP_NOINPUT, HP_NOPERM, HP_IO (changed on its way, or read back as something else),
 * HP_UNAVAILABLE, HP_CONFIG, HP_CANTCREAT, HP_DATA, HP_RETRY. */
hp_code hp_bucket_store(hp_bucket *b, const char *path, hp_str key, const hp_bucket_put *how,
                        hp_bucket_done *out, hp_err *err);
/** Get an object into a file, which appears only when it is complete and has the digest that was recorded. An
 * existing file of the same content is left, one of another content replaced only with `overwrite`; *kept
 * tells of the first. Errors: also HP_CANTCREAT (it exists). */
hp_code hp_bucket_fetch(hp_bucket *b, hp_str key, const char *path, bool overwrite, bool *kept, hp_err *err);
/** List the objects whose keys begin so, ascending. Errors: also HP_NOINPUT (no such directory). */
hp_code hp_bucket_list(hp_bucket *b, hp_str prefix, hp_bucket_each *each, void *ctx, hp_err *err);
/** Ask about an object. */
hp_code hp_bucket_look(hp_bucket *b, hp_arena *a, hp_str key, hp_bucket_object *out, bool *found,
                       hp_err *err);
/** Read an object back, and compare with a file, or (path NULL) with the digest that was recorded. Fills
 * `out` as far as it is known. */
hp_code hp_bucket_verify(hp_bucket *b, hp_arena *a, hp_str key, const char *path, hp_bucket_object *out,
                         hp_bucket_verdict *verdict, hp_err *err);

/** Hold the files below a directory. */
typedef struct hp_bucket_files {
    HP_VEC(hp_str) file;    /**< paths relative to it, ascending */
    HP_VEC(hp_str) skipped; /**< links, devices and the like, which are not followed */
} hp_bucket_files;

/** Find the regular files below a directory. Texts live in the arena. Errors: as hp_list_dir, HP_DATA. */
hp_code hp_bucket_walk(hp_arena *a, const char *dir, hp_bucket_files *out, hp_err *err);
/** Release the lists. */
void hp_bucket_files_free(hp_bucket_files *f);
/** Check that a key can be a path below a directory: no empty, "." or ".." part, no NUL, not absolute.
 * Errors: HP_DATA. */
hp_code hp_bucket_key_safe(hp_str key, hp_err *err);

#endif
