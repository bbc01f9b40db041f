/* Deployments as the server has them. */
#ifndef HP_OPS_PREFECT_DEPLOYMENT_H
#define HP_OPS_PREFECT_DEPLOYMENT_H

#include "ops/prefect/api.h"

/** Hold a deployment; texts and nodes live in the arena of the call. */
typedef struct hp_prefect_deployment {
    hp_str id, name, flow, flow_id;
    hp_str work_pool, work_queue;
    int64_t limit;  /**< runs at a time, from global_concurrency_limit: concurrency_limit is always null; -1 =
                       none */
    int64_t active; /**< slots of that limit in use; 0 without one */
    bool paused;
    const hp_node *json; /**< GET /deployments/{id}, whole */
} hp_prefect_deployment;

/** Find a deployment by "flow/name", by its name alone if only one flow has such a one, or by its id. Errors:
 * HP_NOINPUT (none; the names that are there), HP_USAGE (several flows have one), as hp_prefect_call. */
hp_code hp_prefect_deployment_find(hp_prefect *p, hp_arena *a, hp_str name, hp_prefect_deployment *out,
                                   hp_err *err);
/** Read what GET /deployments/{id} answered. */
void hp_prefect_deployment_read(const hp_node *json, hp_str flow, hp_prefect_deployment *out);
/** Write a deployment with the members that `prefect deployment inspect --output json` prints, automations
 * included. Errors: as hp_prefect_call. */
hp_code hp_prefect_deployment_json(hp_prefect *p, hp_arena *a, const hp_prefect_deployment *d, hp_json *j,
                                   hp_err *err);
/** Append what a schedule says in one line: "cron 0 6 * * * UTC", "every 3600 s from 2026-01-01T00:00:00Z".
 */
void hp_prefect_schedule_words(const hp_node *schedule, hp_buf *out);
/** Tell whether a text is a UUID (8-4-4-4-12 hexadecimal digits). */
bool hp_prefect_is_id(hp_str s);

#endif
