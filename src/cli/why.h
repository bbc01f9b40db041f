/* hotpass why: what its parts share. why_ask.c finds the cell that is meant, why_answer.c puts together what
 * is known of it, why_evidence.c what stands in the file itself, why_tell.c and why_json.c say it. */
#ifndef HP_CLI_WHY_H
#define HP_CLI_WHY_H

#include "cli/cli.h"
#include "table/shape.h"
#include "why/store.h"

/** Say how a file stands to the one that the run wrote, or read. */
typedef enum hp_why_state {
    HP_WHY_NOT_LOOKED,
    HP_WHY_AS_WRITTEN, /**< the same bytes */
    HP_WHY_EDITED,     /**< other bytes under its name */
    HP_WHY_ANOTHER,    /**< a file that the run did not write, but with its columns: an enriched one */
    HP_WHY_GONE        /**< not there, or not from here */
} hp_why_state;

/** Hold a line of evidence that stands in the file itself: names and values, in their order. */
typedef struct hp_evidence {
    hp_str source; /**< "Provenance!7" */
    hp_str *name, *value;
    size_t n;
} hp_evidence;

/** Tell whether a member of a line of evidence is a value of the cell, which may be personal; the others say
 * where it is from. */
static inline bool hp_evidence_value(hp_str name) {
    return hp_str_eq(name, HP_S("old")) || hp_str_eq(name, HP_S("new"));
}

/** Hold the cell that was asked for. */
typedef struct hp_why_asked {
    hp_str path;
    hp_why_state state;
    hp_stored_output output; /**< as the run wrote it; path empty for HP_WHY_ANOTHER */
    hp_stored_table of;
    const char *sheet; /**< "Data", "Contacts", "Quarantine" */
    uint64_t row;      /**< of the table, from 0 */
    uint64_t line;     /**< in the file, from 1: the header is line 1 */
    uint64_t extra;    /**< rows on the sheets before this one */
    size_t col;
    const hp_stored_column *column;
    bool looked; /**< the file was read, because it is not as written */
    hp_str now;  /**< what the cell says now; only when looked */
    hp_evidence *evidence;
    size_t nevidence;
    hp_str started_at, run_version; /**< of run.json; empty when it is not there */
    hp_why_state *file;             /**< of each source file of the store, once it was looked at */
    hp_area
        area; /**< the cells asked for: lines and columns, within the table; one of them is `line`, `col` */
} hp_why_asked;

/** Find the cells that the command line asks for, the first of them being the one at hand, and open the
 * store. Errors: HP_USAGE, HP_NOINPUT, HP_DATA. */
hp_code hp_why_ask(hp_cli *c, hp_why_store *store, hp_why_asked *out, hp_err *err);
/** Go to the next cell, line by line; false when that was the last one. */
bool hp_why_next(const hp_why_store *store, hp_why_asked *a);

/** Look into a file that is not as the run wrote it: the row that has the slug of the line asked for, what
 * the cell says, and the evidence that stands in it. Errors: those of hp_book_open; HP_NOINPUT for a line
 * that is not there. */
hp_code hp_why_look(hp_cli *c, const hp_why_store *store, hp_str sheet, hp_why_asked *out, hp_err *err);

/** Hold a source cell and what it gave. */
typedef struct hp_why_place {
    hp_cell at;              /**< col HP_NO_COL: a constant that the profile sets for the sheet */
    const hp_why_cell *cell; /**< NULL for a constant */
    hp_str header;
} hp_why_place;

/** Hold a value that survived, was joined, or lost. */
typedef struct hp_why_part {
    hp_str text;
    size_t record;
    hp_why_place *place; /**< the cells that it was made of */
    size_t nplace;
    const char *lost;  /**< why it lost, NULL when it did not */
    const char *whose; /**< of contacts: "primary", "other"; NULL */
    size_t person;
} hp_why_part;

/** Hold the answer. */
typedef struct hp_why_answer {
    const hp_why_store *store;
    const hp_why_asked *asked;
    hp_why_row row; /**< of Data and Contacts */
    size_t person;  /**< of Contacts */
    hp_why_kept_out kept_out;
    hp_kind kind; /**< of the values */
    bool personal;
    bool masked; /**< all values are free text, which may name people */
    bool known;  /**< `value` is what the run wrote */
    hp_str value;
    const char *how; /**< how the value was chosen, a sentence; NULL for one that is computed */
    hp_why_part *kept, *lost;
    size_t nkept, nlost;
    hp_why_place *also, *emptied; /**< cells that say the same; cells of which nothing was left */
    size_t nalso, nemptied;
    bool *cited; /**< source files that the row came from; asked->file says how they are now */
} hp_why_answer;

/** Put together what is known of the cell at hand; it lives in the arena that the store has now. Errors:
 * HP_DATA, HP_RETRY. */
hp_code hp_why_know(hp_cli *c, const hp_why_store *store, const hp_why_asked *asked, hp_why_answer *out,
                    hp_err *err);
/** Append the address of a source cell or row. */
void hp_why_address(const hp_why_store *s, hp_cell at, hp_buf *out);
/** Append a value as it may be shown: masked when it may be personal, unless --show-values is given; members
 * of a list joined by "; ". */
void hp_why_show(const hp_cli *c, const hp_why_answer *a, hp_kind kind, hp_str value, hp_buf *out);
/** Return the priority of a record's file. */
int64_t hp_why_priority(const hp_why_store *s, const hp_why_record *r);
/** Say why record x ranks before y; NULL when nothing tells them apart but the order of reading. */
const char *hp_why_before(const hp_why_store *s, const hp_why_record *x, const hp_why_record *y);

/** Tell an answer to people. Errors: HP_RETRY. */
hp_code hp_why_tell(hp_cli *c, const hp_why_answer *a, hp_err *err);
/** Tell it to programs (docs/reference/why-json.md). */
void hp_why_tell_json(hp_cli *c, const hp_why_answer *a);

#endif
