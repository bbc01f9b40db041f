/* The run: what all stages share. Findings and quarantined rows are appended to it; only one thread does so.
 */
#ifndef HP_TABLE_RUN_H
#define HP_TABLE_RUN_H

#include "table/change.h"
#include "table/issue.h"
#include "table/source.h"

/** Report progress: `done` of `total` (0 = not known) items of a stage. Called from one thread at a time, at
 * most some times a second by the stage's own batches. */
typedef void hp_progress_fn(void *ctx, const char *stage, uint64_t done, uint64_t total);

/** Say how input files are to be read. Zeroed: as they are. */
typedef struct hp_read_options {
    const char *password_file; /**< its first line opens encrypted workbooks; NULL when there is none */
    bool unsaved;              /**< report formulas without a saved result also where nothing else is reported
                                  (hp_book_read_raw) */
} hp_read_options;

/** Hold the state of one run. */
typedef struct hp_run {
    hp_arena *arena;
    hp_pool *pool;
    hp_sources sources;
    hp_issues issues;
    HP_VEC(hp_quarantined) quarantine;
    bool explain; /**< keep what `hotpass why` tells: `changes`, the trace of merging; set it behind
                     hp_run_open */
    hp_changes changes;
    uint64_t cells;           /**< of all sheets read, held against HP_LIMIT_CELLS */
    hp_read_options reading;  /**< set it behind hp_run_open */
    uint64_t guesses;         /**< headers compared by likeness, held against HP_LIMIT_GUESSES */
    hp_progress_fn *progress; /**< may be NULL */
    void *progress_ctx;
} hp_run;

/** Make the parts of a zeroed run. Errors: HP_RETRY. */
hp_code hp_run_open(hp_run *run, hp_err *err);
/** Release a run. */
void hp_run_close(hp_run *run);
/** Append a finding with values that are interned already. Errors: HP_RETRY. */
hp_code hp_find(hp_run *run, hp_rule rule, hp_cell at, hp_vid value, hp_vid note, hp_err *err);
/** Append a finding whose note is formatted text. Errors: HP_RETRY. */
hp_code hp_findf(hp_run *run, hp_rule rule, hp_cell at, hp_vid value, hp_err *err, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));
/** Append a row to the quarantine. Errors: HP_RETRY. */
hp_code hp_quarantine_row(hp_run *run, hp_rule rule, hp_origin at, int entity, hp_vid name, hp_vid note,
                          hp_err *err);
/** Add a file (copying its texts into the run's arena); *id gets its number. Errors: HP_RETRY. */
hp_code hp_run_add_file(hp_run *run, const hp_source_file *file, uint32_t *id, hp_err *err);
/** Add a sheet; *id gets its number. Errors: HP_RETRY. */
hp_code hp_run_add_sheet(hp_run *run, uint32_t file, hp_str name, uint8_t state, uint32_t *id, hp_err *err);
/** Report progress if anybody listens. */
static inline void hp_run_progress(const hp_run *run, const char *stage, uint64_t done, uint64_t total) {
    if (run->progress) run->progress(run->progress_ctx, stage, done, total);
}

#endif
