/* Private to src/refine: one file on its way into the run. */
#ifndef HP_REFINE_LOAD_H
#define HP_REFINE_LOAD_H

#include <sys/stat.h>

#include "read/reader.h"
#include "refine/stages.h"

/** Hold the mapped sheets so far. */
typedef HP_VEC(hp_mapped *) hp_mapped_list;

/** Say what is to be done about a sheet of a file. */
typedef struct hp_load_step {
    enum { HP_LOAD_SHEET, HP_LOAD_UNCLAIMED, HP_LOAD_MISSING } what;
    size_t sheet;                  /**< number in the book; not for a missing one */
    const hp_profile_sheet *decl;  /**< NULL when mapped automatically */
    hp_table *raw;                 /**< of a sheet that was read apart */
    size_t first_issue, end_issue; /**< those found while it was */
} hp_load_step;

/** Hold a file. Zero-initialise; release with hp_file_close. */
typedef struct hp_loaded_file {
    const hp_profile *p;
    const hp_claim *claim;
    hp_book *book;
    struct stat before;
    bool known; /**< `before` says what it looked like when it was opened */
    hp_sha256 sha256;
    hp_xxh3 quick;
    HP_VEC(hp_load_step) step;
    hp_run apart; /**< what it was read into; without pool when it is read into the run itself */
} hp_loaded_file;

/** Open the file that `f` claims and list what is to be done about its sheets. `run` says how it is read.
 * Errors: as hp_book_open. */
hp_code hp_file_open(hp_loaded_file *f, hp_run *run, hp_err *err);
/** Read its sheets into a run of its own, whose memory is `arena`: other files may be read meanwhile. Errors:
 * as hp_book_read; HP_IO when it was changed meanwhile. */
hp_code hp_file_read_apart(hp_loaded_file *f, const hp_run *run, hp_arena *arena, hp_err *err);
/** Take the file into the run: what was read apart, else it is read now, one sheet after the other, each with
 * all threads; then its sheets are mapped. Errors: as above, and stage "validate". */
hp_code hp_file_take(hp_loaded_file *f, hp_run *run, hp_mapped_list *list, hp_err *err);
/** Release what a file holds, but not the arena it was read into. */
void hp_file_close(hp_loaded_file *f);

#endif
