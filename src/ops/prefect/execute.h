/* One flow run, from its parameters to its end: what `hotpass prefect execute` does, in a process worker of
 * Prefect's or a worker of ours. */
#ifndef HP_OPS_PREFECT_EXECUTE_H
#define HP_OPS_PREFECT_EXECUTE_H

#include "ops/prefect/report.h"

/** Say what to execute, and how. Texts are the caller's. */
typedef struct hp_execute_options {
    const hp_prefect_where *where;
    hp_prefect *api; /**< a client of the same server, which ends a request when stop_fd can be read */
    int stop_fd;     /**< a signalfd of INT, TERM and HUP: ends the run as CANCELLED */
    hp_str run_id;
    const char *state_dir; /**< where it is written down what is under way */
    int deliver_ms;        /**< how long the end is tried to be told to a server that is away */
    int64_t retries;       /**< further attempts of a run that ends with exit code 75 */
    int64_t retry_delay_s;
    void (*talk)(void *ctx,
                 hp_str line); /**< what the child says, and what becomes of the run; may be NULL */
    void *ctx;
} hp_execute_options;

/** Hold how it ended. Texts live in the arena. */
typedef struct hp_execution {
    bool ran;      /**< false: it was not for us to run; `message` says why */
    int exit_code; /**< of the child */
    const char
        *type; /**< state that it was given: "COMPLETED", "FAILED", "CANCELLED", "CRASHED", "SCHEDULED" */
    hp_str message;
    bool delivered; /**< the server knows */
} hp_execution;

/** Execute a flow run: settles what earlier calls left, reads the run, checks its parameters, sets it
 * RUNNING, runs the program, and sets its end. A run whose parameters are wrong is FAILED. The end of a run
 * that could not be told within deliver_ms is kept for the next call. Errors: as hp_prefect_call before the
 * run began, after which only HP_UNAVAILABLE and HP_NOPERM (the end was not delivered), HP_RETRY. */
hp_code hp_prefect_execute(const hp_execute_options *o, hp_arena *a, hp_execution *out, hp_err *err);

/** Say which state an exit code of the program stands for. Pure. `attempt` is the number of the run's
 * attempt, from 1; *name is that of the state, NULL for its own. */
const char *hp_execute_state(int exit_code, int64_t attempt, int64_t retries, const char **name);

#endif
