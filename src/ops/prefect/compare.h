/* What a manifest says against what the server has: each difference with its weight and how it is mended. */
#ifndef HP_OPS_PREFECT_COMPARE_H
#define HP_OPS_PREFECT_COMPARE_H

#include "base/vec.h"
#include "ops/prefect/deployment.h"
#include "ops/prefect/manifest.h"

/** Weigh a difference. */
typedef enum hp_drift_class {
    HP_DRIFT_DANGEROUS,   /**< runs go elsewhere, run something else, or too many at a time */
    HP_DRIFT_BEHAVIOURAL, /**< runs begin at other times or with other parameters */
    HP_DRIFT_COSMETIC     /**< only what people read */
} hp_drift_class;

/** Name the parts of a deployment that are set together: bits of a request. */
typedef enum hp_drift_part {
    HP_PART_MISSING = 1 << 0, /**< the deployment is not there at all */
    HP_PART_LIMIT = 1 << 1,
    HP_PART_ON_LIMIT = 1 << 2,
    HP_PART_POOL = 1 << 3, /**< work pool and queue */
    HP_PART_JOB = 1 << 4,  /**< job_variables with the command */
    HP_PART_ENTRYPOINT = 1 << 5,
    HP_PART_PARAMETERS = 1 << 6,
    HP_PART_SCHEMA = 1 << 7,
    HP_PART_PAUSED = 1 << 8,
    HP_PART_SCHEDULE = 1 << 9,
    HP_PART_TAGS = 1 << 10,
    HP_PART_DESCRIPTION = 1 << 11,
    HP_PART_VERSION = 1 << 12,
    HP_PART_EXTRA = 1 << 13, /**< deployed from a manifest that is gone */
    HP_PART_KEY = 1 << 14,   /**< the global limit of concurrency_key: no member of the deployment */
    HP_PART_ALL = (1 << 13) - 2
} hp_drift_part;

/** Hold one difference; texts live in the arena. */
typedef struct hp_drift {
    hp_drift_part part;
    hp_drift_class class;
    hp_str field;            /**< "concurrency_limit", "parameters.input_dir" */
    hp_str manifest, server; /**< values as JSON; empty = not there */
    hp_str to_server;        /**< the command that makes the server as the manifest */
    hp_str to_manifest;      /**< the edit that makes the manifest as the server */
} hp_drift;

/** Hold the differences of one deployment, dangerous ones first; release p with hp_vec_free. */
typedef struct hp_drifts {
    hp_drift *p;
    size_t n, cap;
    unsigned parts; /**< bits of all of them */
} hp_drifts;

/** Return the word for a class: "dangerous". */
const char *hp_drift_word(hp_drift_class c);
/** Compare a manifest with a deployment (NULL: it is not on the server). `pool` is used where the manifest
 * names none. Errors: HP_RETRY. */
hp_code hp_prefect_compare(hp_arena *a, const hp_manifest *m, const hp_prefect_deployment *d, hp_str pool,
                           hp_drifts *out, hp_err *err);
/** Add the difference of the global limit that concurrency_key names, `now` slots on the server (0: there is
 * no such limit), in front of the others. Errors: HP_RETRY. */
hp_code hp_prefect_compare_key(hp_arena *a, const hp_manifest *m, int64_t now, hp_drifts *out, hp_err *err);
/** Write the members of a request that sets parts of a deployment as the manifest has them. */
void hp_manifest_members(const hp_manifest *m, hp_str pool, unsigned parts, hp_json *j);
/** Write a schedule of a manifest as the interface takes it. */
void hp_manifest_schedule_json(const hp_manifest_schedule *s, hp_json *j);
/** Return the work pool of a manifest, `otherwise` where it names none; may be empty. */
static inline hp_str hp_manifest_pool(const hp_manifest *m, hp_str otherwise) {
    return m->work_pool.n ? m->work_pool : otherwise;
}
/** Tell whether two nodes say the same, numbers by value and maps whatever their order. NULL is null. */
bool hp_prefect_same(const hp_node *a, const hp_node *b);

#endif
