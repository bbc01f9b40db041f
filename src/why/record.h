/* The provenance of output rows as bytes, and read back: what `hotpass why` tells. Rows are put by whoever
 * has a run at hand (src/refine/explain.c), by the functions below, and read whole.
 *
 * Numbers are LEB128 (seven bits a byte, lowest first), texts a number of bytes and the bytes, UTF-8. `cell`
 * is sheet + 1 (0: none), row, column + 1 (0: the whole row).
 *
 *   data row       slug, records, matches, values, derived, persons: each a count and so many of
 *   record         flags (1 person, 2 made by a contact), id, date, completeness, source rows
 *   source row     sheet, row, entity, how, on, cells
 *   source cell    field, column, flags (1 cleaned as it was, 2 rules, 4 corrected, 8 came with something),
 * raw text, cleaned text unless 1, with 2 rules (number, note), with 4 where the correction stands, with 8
 * what came with the value: the role of "Name (Role)" match          record, record, reason, similarity in
 * thousandths, what they share value          column, cell, record, text; of a column the first survived, or
 * all were joined derived        column, text person         reach, weight of the role in hundredths,
 * primary, values quarantined    sheet, row, rule, kind, name, note */
#ifndef HP_WHY_RECORD_H
#define HP_WHY_RECORD_H

#include "base/arena.h"
#include "base/buf.h"
#include "table/issue.h"
#include "table/record.h"

/** Append a number. */
void hp_why_put(hp_buf *out, uint64_t v);
/** Append a text. */
void hp_why_put_text(hp_buf *out, hp_str s);
/** Append a cell. */
void hp_why_put_cell(hp_buf *out, hp_cell at);

/** Say how a record came to be: bits. */
#define HP_WHY_PERSON 1u
#define HP_WHY_MADE   2u
/** Say what is told of a source cell: bits. */
#define HP_WHY_SAME      1u
#define HP_WHY_RULES     2u
#define HP_WHY_CORRECTED 4u
#define HP_WHY_EXTRA     8u

/** Hold a rule that spoke when a cell was cleaned. */
typedef struct hp_why_rule {
    hp_rule rule;
    hp_str note;
} hp_why_rule;

/** Hold a cell of a source row that has a value and is mapped to a field. */
typedef struct hp_why_cell {
    hp_field field;
    uint32_t col;
    hp_str raw, clean; /**< a list value has HP_LIST_SEP between its members; clean may be empty */
    hp_str corrected;  /**< where the value was taken from; empty: it is the source's own */
    hp_str extra;      /**< what came with it: the role of "Name (Role)", of a list member by member; empty */
    hp_why_rule *rule;
    size_t nrule;
} hp_why_cell;

/** Hold a source row. */
typedef struct hp_why_source_row {
    hp_origin at;
    hp_entity entity;
    hp_joined how;
    hp_str on; /**< key or name that it was joined by; empty */
    hp_why_cell *cell;
    size_t ncell;
} hp_why_source_row;

/** Hold an organisation record: its own row first, then those that were attached. */
typedef struct hp_why_record {
    unsigned flags;
    hp_str id, date;
    unsigned complete; /**< 0..5 */
    hp_why_source_row *row;
    size_t nrow;
} hp_why_record;

/** Hold a reason for a merge, between two records of the row. */
typedef struct hp_why_match {
    size_t a, b;
    hp_match_reason reason;
    double score;
    hp_str on;
} hp_why_match;

/** Hold a value that competed for a column. */
typedef struct hp_why_value {
    uint32_t col;
    hp_cell at;
    size_t record;
    hp_str text;
} hp_why_value;

/** Hold a person of the organisation: a row of Contacts. */
typedef struct hp_why_person {
    unsigned reach, weight;
    bool primary;
    hp_why_value *value;
    size_t nvalue;
} hp_why_person;

/** Hold the provenance of a row of Data. */
typedef struct hp_why_row {
    hp_str slug;
    hp_why_record *record; /**< best-ranked first */
    size_t nrecord;
    hp_why_match *match;
    size_t nmatch;
    hp_why_value *value;
    size_t nvalue;
    hp_why_value *derived; /**< values that are computed; they have no cell */
    size_t nderived;
    hp_why_person *person;
    size_t nperson;
} hp_why_row;

/** Hold a row of Quarantine. */
typedef struct hp_why_kept_out {
    hp_origin at;
    hp_rule rule;
    hp_entity kind;
    hp_str name, note;
} hp_why_kept_out;

/** Read the row that begins `bytes`, and take its bytes off; texts are views into them. Errors: HP_DATA (no
 * such row: the store is damaged), HP_RETRY. */
hp_code hp_why_read(hp_arena *a, hp_str *bytes, hp_why_row *out, hp_err *err);
/** Read a row of Quarantine in the same way. */
hp_code hp_why_read_kept_out(hp_str *bytes, hp_why_kept_out *out, hp_err *err);

#endif
