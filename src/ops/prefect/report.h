/* Telling a Prefect server what a run does, from a thread of its own: the work never waits for the server.
 * What is told is queued and sent in order, each until it has arrived; meanwhile the thread asks whether the
 * run is to be cancelled, and renews its concurrency lease. */
#ifndef HP_OPS_PREFECT_REPORT_H
#define HP_OPS_PREFECT_REPORT_H

#include "ops/prefect/api.h"
#include "ops/prefect/record.h"

/** Report on one run. */
typedef struct hp_reporter hp_reporter;

/** Hold the id of a task run (RFC 9562, version 4), drawn here so that a request may be sent twice. */
typedef struct hp_task_id {
    char text[37]; /**< empty = none */
} hp_task_id;

/** Begin to report. `where` and run_id outlive it; `lease` (may be empty) is the run's concurrency lease.
 * Errors: as hp_prefect_open, HP_RETRY (no thread). */
hp_code hp_reporter_start(const hp_prefect_where *where, hp_str run_id, hp_str lease, hp_reporter **out,
                          hp_err *err);
/** Return a descriptor that becomes readable when the server says that the run is to end (it is being
 * cancelled, has another end, or was deleted). */
int hp_reporter_cancel_fd(const hp_reporter *r);
/** Tell whether the run has an end that somebody else gave it, or was deleted: it is not ours to end then. */
bool hp_reporter_taken(hp_reporter *r);
/** Queue a line of the log, level as Python's (20 INFO, 30 WARNING, 40 ERROR), belonging to a task run or
 * (NULL) the flow run. Lines are sent in batches, at the latest a second later. E-mail addresses, phone
 * numbers and secrets are scrubbed. Of lines beyond what can be kept while the server is away only the number
 * is told. */
void hp_reporter_log(hp_reporter *r, int level, const hp_task_id *task, hp_str message);
/** Queue a task run that begins now. */
void hp_reporter_task_begin(hp_reporter *r, hp_str name, hp_task_id *out);
/** Queue the end of a task run: "COMPLETED", "FAILED" ... */
void hp_reporter_task_end(hp_reporter *r, const hp_task_id *task, const char *type, hp_str message);
/** Queue an artifact: `type` "table" (data a JSON text with a list of objects) or "markdown"; `key` of a-z,
 * 0-9 and dashes. */
void hp_reporter_artifact(hp_reporter *r, const char *key, const char *type, hp_str description, hp_str data);
/** Queue the state in which the run ends, or waits for its next attempt. */
void hp_reporter_end(hp_reporter *r, const hp_prefect_state *state);
/** Wait at most `ms` until everything has arrived, and stop the thread. True when it has; else the rest is
 * for hp_reporter_rest, and *why says what the server's absence looks like. */
bool hp_reporter_finish(hp_reporter *r, int ms, hp_err *why);
/** Hand out what did not arrive, in order, in the arena. Errors: HP_RETRY. */
hp_code hp_reporter_rest(const hp_reporter *r, hp_arena *a, hp_prefect_letter **out, size_t *n, hp_err *err);
/** Release everything; NULL is allowed. The thread must have been stopped by hp_reporter_finish. */
void hp_reporter_free(hp_reporter *r);

#endif
