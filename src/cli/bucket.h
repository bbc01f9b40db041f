/* What the commands of `hotpass bucket` share: the bucket of the command line, and what they tell. */
#ifndef HP_CLI_BUCKET_H
#define HP_CLI_BUCKET_H

#include "base/vec.h"
#include "cli/cli.h"
#include "ops/evidence/bucket.h"

/** Hold what came of one file or object. Texts live in the arena of the command. */
typedef struct hp_bucket_line {
    hp_str path; /**< here; empty where there is none */
    hp_str url;
    const char *outcome; /**< "stored", "present", "would-store", "differs", "fetched", "would-fetch", "same",
                            "changed", "missing", "unrecorded", "skipped" */
    uint64_t bytes;
    hp_str sha256; /**< empty = not known */
    bool verified;
    uint32_t parts, reused;
    hp_str why; /**< of what was skipped */
} hp_bucket_line;

/** Hold what a command tells. */
typedef struct hp_bucket_told {
    HP_VEC(hp_bucket_line) line;
    uint64_t bytes; /**< of what was stored, fetched or read */
    size_t good, bad;
} hp_bucket_told;

/** Open the bucket of a URL, or (NULL) of the configuration. Errors: as hp_bucket_open. */
hp_code hp_bucket_of(hp_cli *c, const char *url, hp_bucket **out, hp_err *err);
/** Add a line, counting it. Errors: HP_RETRY. */
hp_code hp_bucket_add(hp_bucket_told *t, const hp_bucket_line *line, bool good, hp_err *err);
/** Put out what was told. `schema` is "hotpass.bucket-put/1" and the like. */
void hp_bucket_tell(hp_cli *c, const hp_bucket_told *t, const char *schema);
/** Release the lines. */
void hp_bucket_told_free(hp_bucket_told *t);

#endif
