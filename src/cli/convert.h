/* hotpass convert: what its parts share. cmd_convert.c reads and shapes, convert_out.c writes, convert_tell.c
 * says what came of it. */
#ifndef HP_CLI_CONVERT_H
#define HP_CLI_CONVERT_H

#include "cli/cli.h"
#include "read/reader.h"
#include "table/shape.h"
#include "write/write.h"

/** Describe a form that can be written. */
typedef struct hp_target {
    const char *name;          /**< as --to has it */
    const char *suffix, *also; /**< with the dot; `also` may be NULL */
    hp_form form;
    bool tabs;  /**< csv with tabs */
    bool whole; /**< cannot be read before its end is there, so that standard output gets it in one piece */
} hp_target;

/** Hold a sheet on its way. */
typedef struct hp_taken {
    const hp_book_sheet *sheet;
    uint32_t id;                /**< in the run's sources */
    const char *name;           /**< of the tab, or of the file without its suffix */
    const char *path;           /**< of the file it goes to; NULL for standard output */
    hp_table *t;                /**< what is written */
    uint32_t header_row;        /**< 0 without one */
    uint64_t rows;              /**< before --where */
    uint32_t last_row;          /**< of the sheet, of those read; 0 without one */
    uint64_t named, columns;    /**< columns with a name, and all of them, before --select */
    uint64_t hidden;            /**< of those written */
    uint64_t guarded, replaced; /**< cells that the form changed: an apostrophe, U+FFFD */
    uint64_t renamed;           /**< columns that the form had to give another name */
    uint64_t bytes;             /**< of its file, once it is there */
} hp_taken;

/** Hold one conversion. */
typedef struct hp_convert {
    hp_cli *c;
    hp_str input, rest;      /**< path, and what follows its '!' (p NULL without) */
    hp_str shown;            /**< the path, or "stdin"; NUL-terminated */
    const char *output;      /**< NULL: standard output */
    const hp_target *target; /**< the form */
    bool all;                /**< --all */
    bool folder;             /**< a file for each sheet, in `output` */
    hp_book *book;
    const hp_book_sheet *sheet;
    size_t nsheet;
    size_t only; /**< the sheet that was named; SIZE_MAX without */
    hp_area area;
    hp_taken *taken;
    size_t ntaken;
    size_t skipped; /**< sheets that were wanted and have no cells */
    size_t left;    /**< sheets with cells that nobody asked for */
} hp_convert;

/** Settle the form and where the result goes, from the command line alone. Errors: HP_USAGE. */
hp_code hp_convert_aim(hp_convert *v, hp_err *err);
/** Give each sheet that is taken its name and its file, and find out whether they can be written. Errors:
 * HP_USAGE (an output is the input), HP_CANTCREAT, HP_NOPERM, HP_RETRY. */
hp_code hp_convert_place(hp_convert *v, hp_err *err);
/** Report what the form will do to the content: cells that are cut, as findings; names that change. Errors:
 * HP_RETRY. */
hp_code hp_convert_forebode(hp_convert *v, hp_err *err);
/** Write it. Each file replaces the one of its name when it is complete. Errors: as the writers. */
hp_code hp_convert_write(hp_convert *v, hp_err *err);
/** Say on stderr what came of it, or as an event; with --json on stdout. Errors: HP_IO, HP_RETRY. */
hp_code hp_convert_tell(hp_convert *v, hp_err *err);

#endif
