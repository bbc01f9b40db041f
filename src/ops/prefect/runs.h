/* Flow runs: listing, following, starting and cancelling them. */
#ifndef HP_OPS_PREFECT_RUNS_H
#define HP_OPS_PREFECT_RUNS_H

#include "base/map.h"
#include "ops/prefect/deployment.h"

/** Hold a flow run; texts live in the arena of the call. Times are as the server writes them (RFC 3339),
 * empty when there is none. */
typedef struct hp_prefect_run {
    hp_str id, name, deployment_id;
    hp_str state, state_name, message; /**< "FAILED", "Failed", what the state says */
    hp_str expected, started, ended;
    double seconds; /**< that it has run */
} hp_prefect_run;

/** Say which runs. All-zero is every run. */
typedef struct hp_prefect_run_filter {
    hp_str deployment_id;     /**< empty = of all */
    const char *const *state; /**< types: "FAILED"; NULL = all */
    size_t nstate;
    size_t limit; /**< at most so many, the latest first; 1 to 200 */
} hp_prefect_run_filter;

/** List runs, the latest first. Errors: as hp_prefect_call. */
hp_code hp_prefect_runs(hp_prefect *p, hp_arena *a, const hp_prefect_run_filter *f, hp_prefect_run **out,
                        size_t *n, hp_err *err);
/** Find a run by its id or its name; of several with one name the latest. Errors: HP_NOINPUT, as
 * hp_prefect_call. */
hp_code hp_prefect_run_find(hp_prefect *p, hp_arena *a, hp_str name, hp_prefect_run *out, hp_err *err);
/** Read a run anew. Errors: HP_NOINPUT (it was deleted), as hp_prefect_call. */
hp_code hp_prefect_run_read(hp_prefect *p, hp_arena *a, hp_str id, hp_prefect_run *out, hp_err *err);

/** Append NAME=VALUE as a member of a JSON object: VALUE as JSON if it is some, else as a text. Errors:
 * HP_USAGE (no NAME=). */
hp_code hp_prefect_parameter(hp_arena *a, const char *text, hp_json *j, hp_err *err);
/** Start a run of a deployment; `parameters` are members of a JSON object or empty, beside those of the
 * deployment. `key` is an idempotency key: a second call with it gives the same run; empty = one is drawn, so
 * that a request that is sent again starts nothing twice. Errors: HP_CONFIG (parameters that the schema
 * refuses), as hp_prefect_call. */
hp_code hp_prefect_trigger(hp_prefect *p, hp_arena *a, const hp_prefect_deployment *d, hp_str parameters,
                           hp_str key, hp_prefect_run *out, hp_err *err);
/** Cancel a run: one that has begun is asked to end, one that has not is cancelled at once. *ended tells that
 * it had ended before. Errors: as hp_prefect_call. */
hp_code hp_prefect_cancel(hp_prefect *p, hp_arena *a, const hp_prefect_run *run, bool *ended,
                          hp_prefect_state_answer *out, hp_err *err);
/** Pause or resume a deployment; *was tells that it was so already. Errors: as hp_prefect_call. */
hp_code hp_prefect_pause_set(hp_prefect *p, hp_arena *a, const hp_prefect_deployment *d, bool paused,
                             bool *was, hp_err *err);

/** Take one line of a log; views are valid within the call. */
typedef hp_code hp_prefect_log_fn(void *ctx, int level, hp_str timestamp, hp_str message, hp_err *err);

/** Remember what was read of a run's log. Zero-initialise but for p, run_id and fn; release with
 * hp_prefect_tail_free. */
typedef struct hp_prefect_tail {
    hp_prefect *p;
    hp_str run_id; /**< must outlive it */
    int level;     /**< lines below it are left out (Python's: 20 is INFO); 0 = all */
    hp_prefect_log_fn *fn;
    void *ctx;
    hp_arena *arena; /**< of the ids */
    hp_smap seen;
    char since[40], newest[40]; /**< timestamps: what is older was read two rounds ago */
} hp_prefect_tail;

/** Hand on the lines that are new. Lines reach the server late and out of order, so each round looks back
 * over the one before, and `whole` looks at all again: nothing is left out and nothing comes twice. Errors:
 * what fn returns, as hp_prefect_call. */
hp_code hp_prefect_tail_read(hp_prefect_tail *t, bool whole, hp_err *err);
/** Release it; all-zero is allowed. */
void hp_prefect_tail_free(hp_prefect_tail *t);
/** Follow a run to its end: its log by hp_prefect_tail_read each second, `out` as it ended. A server that is
 * away for a while is waited for. Errors: HP_SIGINT, HP_SIGTERM, HP_UNAVAILABLE (away for five minutes), as
 * hp_prefect_call. */
hp_code hp_prefect_follow(hp_prefect_tail *t, hp_arena *a, hp_prefect_run *out, hp_err *err);

#endif
