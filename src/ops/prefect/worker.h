/* A worker of our own: asks the server for runs that are due, and runs each in a process of its own. */
#ifndef HP_OPS_PREFECT_WORKER_H
#define HP_OPS_PREFECT_WORKER_H

#include "ops/prefect/api.h"

/** Say for what to work, and how. Texts are the caller's. */
typedef struct hp_worker_options {
    hp_prefect *api; /**< a client, which ends a request when stop_fd can be read */
    int stop_fd;     /**< a signalfd of INT, TERM and HUP: ends the worker and what it runs */
    const char *pool;
    const char *name; /**< of this worker, as the server lists it */
    const char *state_dir;
    const char *const *pass; /**< options of `prefect execute`, as "--name=value" */
    size_t npass;
    size_t concurrency; /**< runs at a time */
    bool once;          /**< run what is due now, and end */
    uint32_t poll_ms;   /**< between questions */
    void (*talk)(void *ctx, const char *what, hp_str run_id, hp_str text); /**< may be NULL */
    void *ctx;
} hp_worker_options;

/** Hold what was done. */
typedef struct hp_worked {
    size_t runs;  /**< begun */
    size_t ended; /**< whose process ended by itself and well */
    int signal;   /**< that ended the worker; 0 when none did */
} hp_worked;

/** Work: heartbeats each 30 s, settles what dead processes left, asks for scheduled runs (the server holds
 * the limits of pool, queue and deployment), sets each PENDING, and executes it. A server that is away is
 * waited for. Told to end, the runs are told too, and end as CANCELLED. Errors: HP_NOINPUT (no such pool),
 * HP_NOPERM, HP_RETRY. */
hp_code hp_prefect_work(const hp_worker_options *o, hp_worked *out, hp_err *err);

#endif
