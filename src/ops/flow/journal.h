/* The journal of a backfill: which windows are done, and of what. Private to src/ops/flow. */
#ifndef HP_OPS_FLOW_JOURNAL_H
#define HP_OPS_FLOW_JOURNAL_H

#include "base/arena.h"
#include "base/hash.h"
#include "base/map.h"
#include "ops/flow/backfill.h"

/** Hold an entry: how a window ended last, and what that depended on. */
typedef struct hp_journal_entry {
    hp_str status; /**< "started", "completed", "failed", "stopped" */
    hp_str archive_sha256, settings;
    hp_str profile_path, profile_sha256;
    hp_str output, output_sha256;
    int64_t rows_in, rows_out;
    bool known; /**< the fields of a completed one are all there */
} hp_journal_entry;

/** Hold a journal that was read: the last entry of each window. Lives in its arena. */
typedef struct hp_journal {
    const char *path;
    hp_journal_entry *entry;
    size_t n;
    hp_smap by_name;
} hp_journal;

/** Read a journal; none is an empty one. Lines that a crash cut short, or that are no entries, are passed
 * over. Free its map with hp_journal_free. Errors: HP_NOPERM, HP_IO, HP_DATA (too large), HP_RETRY. */
hp_code hp_journal_read(hp_arena *a, const char *path, hp_journal *out, hp_err *err);
/** Release what a journal holds beside its arena. */
void hp_journal_free(hp_journal *j);
/** Find the last entry of a window; NULL when there is none. */
const hp_journal_entry *hp_journal_find(const hp_journal *j, hp_str name);
/** Append a line about a window. Errors: as hp_append_line. */
hp_code hp_journal_note(const hp_journal *j, const hp_window *w, const hp_journal_entry *e, hp_err *err);

#endif
