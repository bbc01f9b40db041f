/* Replaying archives of inputs: each day and version unpacked and refined anew, in order, and never twice. */
#ifndef HP_OPS_FLOW_BACKFILL_H
#define HP_OPS_FLOW_BACKFILL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"

/** Say where a window (a day and a version) stands. */
typedef enum hp_window_state {
    HP_WINDOW_WAITING,
    HP_WINDOW_RUNNING,
    HP_WINDOW_COMPLETED,
    HP_WINDOW_KEPT,   /**< completed by an earlier call, and nothing it depends on has changed */
    HP_WINDOW_FAILED, /**< `message` says why */
    HP_WINDOW_STOPPED /**< by a signal; the next call takes it up */
} hp_window_state;

/** Hold a window. Texts live in the arena of the backfill. */
typedef struct hp_window {
    char date[11]; /**< ISO */
    const char *version;
    hp_str name;                      /**< "2025-10-14--latest": its directories */
    hp_str archive, restored, output; /**< paths */
    hp_window_state state;
    int exit_code; /**< of refine; 0 when it was not run */
    hp_str message;
    hp_str failing_stage;
    int64_t rows_in, rows_out;
    double seconds;
} hp_window;

/** Say what to replay. Texts are the caller's. */
typedef struct hp_backfill_options {
    hp_date from, to;           /**< both included */
    const char *const *version; /**< at least one */
    size_t nversion;
    const char *archive_root, *restore_root, *pattern;
    const char *const *pass; /**< options of refine, as "--name=value" */
    size_t npass;
    size_t concurrency;                             /**< windows at a time, at least 1 */
    bool force;                                     /**< also those that are completed */
    bool dry_run;                                   /**< only say what would be done */
    bool events;                                    /**< refine's own talk goes to our stderr, as JSON */
    int stop_fd;                                    /**< of hp_net_signals */
    void (*changed)(void *ctx, const hp_window *w); /**< a window has begun or ended; may be NULL */
    void *ctx;
} hp_backfill_options;

/** Hold the windows of a backfill in order, and what came of them. */
typedef struct hp_backfill {
    hp_window *window;
    size_t n;
    size_t completed, kept, failed;
    double seconds;
    int signal; /**< that stopped it; 0 when none did */
} hp_backfill;

/** The pattern by which archives are found below their root, unless another is given. */
#define HP_BACKFILL_PATTERN "hotpass-inputs-{date:%Y%m%d}-v{version}.zip"

/** Append the name of a window's archive: {version}, {date} (ISO) and {date:FORMAT}, of which %Y, %m, %d, %y,
 * %j and %% are known, stand for themselves. Errors: HP_USAGE. */
hp_code hp_backfill_expand(const char *pattern, const hp_date *date, const char *version, hp_buf *out,
                           hp_err *err);
/** Replay the archives of all windows in the order of days, and of versions as given. A window that fails is
 * noted and the next one taken. After each the journal `backfill.ndjson` below the restore root has a line,
 * written through to the disk: whatever ends the program, the next call goes on where it was. Two calls on
 * one restore root exclude each other. Errors: what keeps it from working at all: HP_USAGE (dates, versions,
 * pattern), HP_CANTCREAT, HP_NOPERM, HP_IO, HP_RETRY (also: another one is at work). */
hp_code hp_backfill_run(const hp_backfill_options *o, hp_arena *a, hp_backfill *out, hp_err *err);

#endif
