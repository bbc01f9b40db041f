/* Deployment manifests: YAML or JSON files that say what is to run in Prefect, when, where and with what.
 *
 *     id: refine                        # names it on the command line; else the file's name
 *     name: hotpass-refine              # of the deployment
 *     flow: hotpass-refine              # hotpass-refine, hotpass-enrich or hotpass-backfill
 *     work_pool: hotpass                # of the type process
 *     schedule: {kind: cron, value: "0 6 * * *", timezone: UTC, active: true}
 *     parameters: {profile: aviation, input_dir: data}
 *     concurrency_limit: 1              # runs at a time
 *     tags: [hotpass]
 */
#ifndef HP_OPS_PREFECT_MANIFEST_H
#define HP_OPS_PREFECT_MANIFEST_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc.h"

/** Where manifests are unless a directory is named. */
#define HP_MANIFEST_DIR "prefect/deployments"
/** What starts a run of a flow of ours, unless job_variables.command says otherwise. */
#define HP_MANIFEST_COMMAND "hotpass prefect execute"

/** Hold when a deployment runs. */
typedef struct hp_manifest_schedule {
    const hp_node *at; /**< NULL: no schedule */
    hp_str kind;       /**< cron, interval (seconds) or rrule */
    hp_str value, timezone, anchor_date;
    bool active;
} hp_manifest_schedule;

/** Hold a manifest. Texts and nodes live in the arena it was read into; a text not given is empty, a node
 * NULL. */
typedef struct hp_manifest {
    const char *path;
    const hp_node *root; /**< for places: hp_manifest_line */
    hp_str id, name, flow, description, version;
    hp_str work_pool, work_queue;
    hp_str entrypoint, path_in_storage; /**< of a Python flow, which is not run by hotpass */
    const hp_node *tags, *parameters, *job_variables, *parameter_schema;
    hp_manifest_schedule schedule;
    int64_t concurrency_limit; /**< runs at a time; 0 = no limit */
    hp_str on_limit;           /**< ENQUEUE or CANCEL_NEW */
    hp_str concurrency_key;    /**< name of a global limit of as many slots; empty = none */
    bool paused;
    bool enforce_schema;
} hp_manifest;

/** Return the names of the flows that hotpass runs. */
const char *const *hp_manifest_flows(size_t *n);
/** Read a manifest from bytes; `path` (kept) names them. Each error becomes a line "path:line:column:
 * message" of `lines`, and counts in *errors. Errors: HP_RETRY. */
hp_code hp_manifest_parse(hp_arena *a, hp_str bytes, const char *path, hp_manifest *out, hp_buf *lines,
                          size_t *errors, hp_err *err);
/** Read all manifests (.yaml, .yml, .json) in a directory and those below it, by path. Two with one id or
 * with the same flow and name are an error of the second. Errors: HP_NOINPUT (no directory, no manifest in
 * it), HP_NOPERM, HP_IO, HP_RETRY. */
hp_code hp_manifests_read(hp_arena *a, const char *dir, hp_manifest **out, size_t *n, hp_buf *lines,
                          size_t *errors, hp_err *err);
/** Keep those whose id is among `only`. Errors: HP_USAGE (no such id; the nearest, and all of them). */
hp_code hp_manifests_only(hp_manifest *m, size_t *n, const char *const *only, size_t nonly, hp_err *err);
/** Return the line of a key in the file, or that where it would be added. */
int hp_manifest_line(const hp_manifest *m, const char *key);
/** Return the command that starts a run; empty for a flow of others. */
hp_str hp_manifest_command(const hp_manifest *m);
/** Tell whether a command reports to Prefect how the run ends, which that of a flow of hotpass has to. */
bool hp_manifest_reports(hp_str command);
/** Write the reference of the keys as Markdown. */
void hp_manifest_reference(hp_buf *out);

#endif
