/* Registering: makes a server as the manifests say, and touches nothing that is so already. */
#ifndef HP_OPS_PREFECT_DEPLOY_H
#define HP_OPS_PREFECT_DEPLOY_H

#include "ops/prefect/compare.h"

/** The labels by which deployments are known that came from a manifest: the manifest's id, and the project
 * whose manifests these are, so that projects that share a server leave each other's alone. */
#define HP_DEPLOY_LABEL   "hotpass.manifest"
#define HP_DEPLOY_PROJECT "hotpass.project"

/** Say what was done, or would be. */
typedef enum hp_deploy_verb {
    HP_DEPLOY_SAME,
    HP_DEPLOY_CREATE,
    HP_DEPLOY_UPDATE,
    HP_DEPLOY_DELETE
} hp_deploy_verb;

/** Hold one thing of the server; texts live in the arena. */
typedef struct hp_deploy_item {
    hp_deploy_verb verb;
    const char *kind; /**< "flow", "work pool", "work queue", "deployment", "concurrency limit" */
    hp_str name;
    hp_str id;     /**< of a deployment that is there; else empty */
    hp_str detail; /**< what was changed: "concurrency_limit 5 -> 2, tags"; a remark on what is the same */
} hp_deploy_item;

/** Say how to register. */
typedef struct hp_deploy_options {
    bool dry_run;   /**< only look */
    bool prune;     /**< remove deployments that came from a manifest that is no longer there */
    hp_str pool;    /**< work pool of manifests that name none; may be empty */
    hp_str project; /**< whose manifests these are */
} hp_deploy_options;

/** Hold what was done, in order; release p with hp_vec_free. */
typedef struct hp_deploy_items {
    hp_deploy_item *p;
    size_t n, cap;
    size_t changes; /**< items that are not the same */
} hp_deploy_items;

/** Return the word for a verb: "unchanged", "created", "updated", "deleted"; of a dry run "would be created"
 * ... */
const char *hp_deploy_word(hp_deploy_verb v, bool dry_run);
/** Register manifests. Pools, queues and flows that are there are left as they are. What was done before an
 * error stays, and stands in `out`; a second call goes on. Errors: HP_CONFIG (a manifest without a pool,
 * values that the server refuses), as hp_prefect_call. */
hp_code hp_prefect_deploy(hp_prefect *p, hp_arena *a, const hp_manifest *m, size_t n,
                          const hp_deploy_options *o, hp_deploy_items *out, hp_err *err);
/** List the deployments of the server that came from a manifest of the project which is not among `m`: their
 * items say HP_DEPLOY_DELETE. Errors: as hp_prefect_call. */
hp_code hp_prefect_extra(hp_prefect *p, hp_arena *a, const hp_manifest *m, size_t n, hp_str project,
                         hp_deploy_items *out, hp_err *err);
/** Add how the limit that a manifest's concurrency_key names differs on the server. Errors: as
 * hp_prefect_call. */
hp_code hp_prefect_key_drift(hp_prefect *p, hp_arena *a, const hp_manifest *m, hp_drifts *out, hp_err *err);
/** Find the deployment of a manifest; *there is false when the server has none. Errors: as hp_prefect_call.
 */
hp_code hp_prefect_deployed(hp_prefect *p, hp_arena *a, const hp_manifest *m, bool *there,
                            hp_prefect_deployment *out, hp_err *err);

#endif
