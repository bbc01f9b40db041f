/* Cells of formats other than xlsx on their way into a grid: the text a person means by them, and findings.
 */
#ifndef HP_READ_FILL_H
#define HP_READ_FILL_H

#include "read/grid.h"
#include "read/text.h"

/** Hold a cell's value: what hp_grid_put takes. */
typedef struct hp_value {
    hp_vid v, lex;
    hp_type type;
} hp_value;

/** Hold what filling the grid of one sheet needs; free with hp_fill_free. */
typedef struct hp_fill {
    hp_run *run;
    hp_grid grid;
    hp_texts texts;
    hp_str file, part; /**< for messages */
    uint32_t sheet;
    bool raw; /**< keep errors as values, report nothing */
    hp_err *err;
} hp_fill;

/** Make one for a sheet of `file` that is read from `part`. */
hp_fill hp_fill_new(hp_run *run, hp_str file, hp_str part, uint32_t sheet, bool raw, hp_err *err);
/** Release it. */
void hp_fill_free(hp_fill *f);
/** Report a finding about a cell, unless nothing is to be reported. Errors: HP_RETRY. */
hp_code hp_fill_find(hp_fill *f, hp_rule rule, uint32_t row, uint32_t col, hp_vid value);
/** Make a text; one with bytes that were `repaired` is reported. Errors: as hp_texts_intern. */
hp_code hp_fill_text(hp_fill *f, uint32_t row, uint32_t col, hp_str text, bool repaired, hp_value *out);
/** Make a value of a type from a text and the lexical form that the file has for it. Errors: as hp_intern. */
hp_code hp_fill_typed(hp_fill *f, hp_type type, hp_str text, hp_str lex, hp_value *out);
/** Make a number of its lexical form; what is none becomes a text. Errors: as hp_texts_intern. */
hp_code hp_fill_number(hp_fill *f, uint32_t row, uint32_t col, hp_str lex, hp_value *out);
/** Make an error: null with a finding, or when reading raw a value. Errors: as hp_texts_intern. */
hp_code hp_fill_error(hp_fill *f, uint32_t row, uint32_t col, hp_str text, hp_value *out);
/** Put a value into a column of the grid's row. Errors: as hp_grid_put, naming file and part. */
hp_code hp_fill_put(hp_fill *f, uint32_t col, hp_value v);
/** Keep a merged area and report it. Errors: as hp_grid_merge, naming file and part; HP_RETRY. */
hp_code hp_fill_merge(hp_fill *f, hp_merged_area area);

#endif
