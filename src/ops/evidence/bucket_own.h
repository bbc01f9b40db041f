/* Private to src/ops/evidence: what a kind of bucket has to do. bucket.c is the same for all of them;
 * bucket_file.c and bucket_s3.c are the kinds. */
#ifndef HP_OPS_EVIDENCE_BUCKET_OWN_H
#define HP_OPS_EVIDENCE_BUCKET_OWN_H

#include "base/digest.h"
#include "ops/evidence/bucket.h"

/** Hold a file that is to be put: open, with its digests. */
typedef struct hp_bucket_source {
    const char *path;
    int fd;
    uint64_t bytes;
    unsigned char sha256[HP_DIGEST_BYTES], md5[HP_MD5_BYTES];
    bool has_md5;
    hp_sha256 hex;
    uint64_t part_bytes;                    /**< 0 = not in parts */
    unsigned char (*part)[HP_DIGEST_BYTES]; /**< digest of each part, on the heap */
} hp_bucket_source;

/** Take a piece of an object; `at` of 0 begins again. */
typedef hp_code hp_bucket_take(void *ctx, uint64_t at, hp_str piece, hp_err *err);

/** What a kind of bucket does. */
typedef struct hp_bucket_kind {
    /** Ask about an object. *readable false: these keys may not ask. */
    hp_code (*look)(hp_bucket *b, hp_arena *a, hp_str key, hp_bucket_object *out, bool *found, bool *readable,
                    hp_err *err);
    /** Store a file. *exists: not done, because there is an object already. */
    hp_code (*store)(hp_bucket *b, const hp_bucket_source *src, hp_str key, const hp_bucket_put *how,
                     hp_bucket_done *out, bool *exists, hp_err *err);
    /** Lock an object that is there, whose content is the file's, as `how` says; a lock that is as strict and
     * lasts as long stays. */
    hp_code (*retain)(hp_bucket *b, const hp_bucket_source *src, hp_str key, const hp_bucket_put *how,
                      hp_err *err);
    /** Read an object. */
    hp_code (*read)(hp_bucket *b, hp_str key, hp_bucket_take *take, void *ctx, hp_err *err);
    /** List objects, ascending. */
    hp_code (*list)(hp_bucket *b, hp_str prefix, hp_bucket_each *each, void *ctx, hp_err *err);
    void (*close)(hp_bucket *b);
} hp_bucket_kind;

/** Hold an open bucket. */
struct hp_bucket {
    const hp_bucket_kind *kind;
    hp_arena *arena;
    hp_str root; /**< what its URLs begin with: "file:///srv/evidence", "s3://bucket" */
    hp_str key;
    uint64_t part_bytes; /**< as asked for; 0 = as the kind likes; UINT64_MAX = never in parts */
    void *own;           /**< of the kind */
};

/** Open a kind of bucket: `rest` is what stands behind the scheme of the URL. */
hp_code hp_bucket_open_file(hp_bucket *b, hp_str rest, hp_err *err);
/** Open a bucket of an object store. */
hp_code hp_bucket_open_s3(hp_bucket *b, const hp_bucket_how *how, hp_str rest, hp_err *err);

#endif
