/* The store of lineage: an SQLite file (WAL) in the state directory, in which events stand before anybody is
 * told of them, and stay afterwards, so that questions are answered without a server.
 *
 *   run      id, ns, producer, command, profile, input, parent_* and root_* (ns, job, run), nominal, and for
 * finding out whether it still runs: host, boot, pid, start; end is NULL as long as it does event    seq,
 * run, type, time (ms), body; state: pending, delivered, rejected (a server refused it for good), local
 *            (written when no server was configured, never sent); attempts, doubt (sent, and no answer came),
 *            status, note: of the last attempt
 *   dataset  event, output (0 or 1), ns, name: the datasets of each event
 *   server   one row: failures in a row, next (ms, before which nothing is sent), note
 *
 * One START for each run and one other event: indexes hold that. */
#ifndef HP_OPS_LINEAGE_STORE_H
#define HP_OPS_LINEAGE_STORE_H

#include "net/process.h"
#include "ops/lineage/event.h"

/** The name of the store, in the state directory. */
#define HP_LINEAGE_FILE "lineage.sqlite"

/** Hold an open store. */
typedef struct hp_lineage_store hp_lineage_store;

/** Open the store in a directory; makes both (modes 0700, 0600) when `make`. Errors: HP_NOINPUT (absent,
 * unless it is made), HP_CANTCREAT, HP_DATA (no store of this version), HP_IO (disk full), HP_RETRY (busy,
 * memory). */
hp_code hp_lineage_open(const char *dir, bool make, hp_lineage_store **out, hp_err *err);
/** Wait for others that write as long as two seconds from now on, where it was a quarter of one. */
void hp_lineage_patience(hp_lineage_store *s);
/** Close it; NULL is allowed. */
void hp_lineage_close(hp_lineage_store *s);

/** Record that a run has begun, with its START event. `deliver` false: it stays here. Runs before it that
 * ended without a word (killed) get their ABORT in the same step. Errors: HP_IO, HP_RETRY. */
hp_code hp_lineage_begin(hp_lineage_store *s, const hp_lineage_run *r, bool deliver, hp_err *err);
/** Say how a run ended. */
typedef struct hp_lineage_ending {
    hp_lineage_type type;
    const hp_node *doc; /**< the run document; NULL: there is none */
    hp_lineage_failure why;
} hp_lineage_ending;
/** Record the end of a run; one that has ended already stays as it is. Errors: HP_NOINPUT (no such run),
 * HP_IO, HP_RETRY. */
hp_code hp_lineage_end(hp_lineage_store *s, hp_str id, const hp_lineage_ending *how, hp_err *err);
/** Record the end of runs whose process is gone. *n gets how many. Errors: HP_IO, HP_RETRY. */
hp_code hp_lineage_settle(hp_lineage_store *s, size_t *n, hp_err *err);

/** Hold an event on its way; lives in the arena. */
typedef struct hp_lineage_item {
    int64_t seq;
    hp_str run, type, body;
    int64_t attempts;
    bool doubt; /**< it was sent, and no answer came */
} hp_lineage_item;
/** Find the first event behind `after` that is to be sent, of no run of `skip`; *found is false when there is
 * none. Errors: HP_IO, HP_RETRY. */
hp_code hp_lineage_next(hp_lineage_store *s, hp_arena *a, int64_t after, const hp_str *skip, size_t nskip,
                        hp_lineage_item *out, bool *found, hp_err *err);
/** Name what became of an attempt. */
typedef enum hp_lineage_fate {
    HP_LINEAGE_SENDING,   /**< it is about to be sent: doubt */
    HP_LINEAGE_DELIVERED, /**< the server has it */
    HP_LINEAGE_REJECTED,  /**< the server will never take it: set aside */
    HP_LINEAGE_LATER      /**< not now */
} hp_lineage_fate;
/** Record what became of an attempt. Errors: HP_IO, HP_RETRY. */
hp_code hp_lineage_mark(hp_lineage_store *s, int64_t seq, hp_lineage_fate fate, long status, hp_str note,
                        hp_err *err);
/** Put rejected events back among those to be sent, or with `local` those that were written without a server.
 * *n gets how many. Errors: HP_IO, HP_RETRY. */
hp_code hp_lineage_requeue(hp_lineage_store *s, bool rejected, bool local, size_t *n, hp_err *err);
/** Forget the oldest events that are not to be sent, beyond the limit lineage-events. Errors: HP_IO,
 * HP_RETRY. */
hp_code hp_lineage_prune(hp_lineage_store *s, hp_err *err);

/** Hold when the server may be asked again. */
typedef struct hp_lineage_server {
    int64_t failures; /**< in a row */
    int64_t next;     /**< ms since 1970; 0 = now */
    hp_str note;      /**< why, of the last failure */
} hp_lineage_server;
/** Read it; texts live in the arena. Errors: HP_IO, HP_RETRY. */
hp_code hp_lineage_server_get(hp_lineage_store *s, hp_arena *a, hp_lineage_server *out, hp_err *err);
/** Write it. Errors: HP_IO, HP_RETRY. */
hp_code hp_lineage_server_put(hp_lineage_store *s, const hp_lineage_server *v, hp_err *err);

/** Count events by state, and runs. */
typedef struct hp_lineage_counts {
    int64_t pending, delivered, rejected, local, runs, open;
    int64_t oldest; /**< of the pending ones, ms since 1970; 0 = there is none */
} hp_lineage_counts;
/** Count. Errors: HP_IO, HP_RETRY. */
hp_code hp_lineage_count(hp_lineage_store *s, hp_lineage_counts *out, hp_err *err);

/** Hold an event as it is listed. */
typedef struct hp_lineage_row {
    int64_t seq, time, attempts;
    long status;
    hp_str run, type, state, job, note, body;
} hp_lineage_row;
/** Ask for events: of one run (a prefix of its id will do), of one state, the last `n`; in their order. */
typedef struct hp_lineage_query {
    hp_str run, state; /**< empty: any */
    int64_t after;     /**< only those behind this number */
    size_t last;       /**< 0 = all */
} hp_lineage_query;
/** List events; they live in the arena. Errors: HP_IO, HP_RETRY. */
hp_code hp_lineage_list(hp_lineage_store *s, hp_arena *a, const hp_lineage_query *q, hp_lineage_row **out,
                        size_t *n, hp_err *err);

#endif
