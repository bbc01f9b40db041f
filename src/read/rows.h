/* Rows of a worksheet on their way into a batch: what cells mean, and two ways to find them in XML. The quick
 * one knows the forms that programs write; the careful one knows all of XML, and takes over row by row. */
#ifndef HP_READ_ROWS_H
#define HP_READ_ROWS_H

#include "read/batch.h"
#include "read/book.h"
#include "read/pieces.h"
#include "read/quick.h"

/** Name cell types (ECMA-376 part 1, 18.18.11). */
typedef enum hp_cell_kind {
    HP_CELL_NUMBER,
    HP_CELL_SHARED,
    HP_CELL_TEXT,
    HP_CELL_INLINE,
    HP_CELL_BOOL,
    HP_CELL_ERROR,
    HP_CELL_DATE
} hp_cell_kind;

/** Hold a cell as it stands in the file; the texts are valid until the next one. */
typedef struct hp_raw_cell {
    hp_cell_kind kind;
    uint32_t style;
    bool formula;       /**< it has a formula */
    bool has_value;     /**< it has a <v>, perhaps an empty one */
    bool repaired;      /**< a character reference in it named no character */
    hp_str value, text; /**< of <v>, of <is> */
} hp_raw_cell;

/** Hold the reading of rows. Free with hp_rows_free. */
typedef struct hp_rows {
    const hp_xlsx *book;
    hp_str file, part; /**< for messages */
    bool raw;          /**< keep errors as values, report nothing */
    bool unsaved;      /**< but formulas without a saved result */
    hp_batch batch;
    hp_str stays;      /**< bytes that stay where they are until the batch is taken; other texts are copied */
    uint32_t last_row; /**< number of the last row element; counted from the batch before when `relative` */
    uint32_t col;      /**< of the last cell, 0-based; UINT32_MAX before the first one of a row */
    bool relative;     /**< no row of the batch had a number yet */
    bool hidden;       /**< the row element is */
    hp_xml x;          /**< of the careful way */
    hp_buf value;      /**< scratch for <v> */
    hp_rich rich;      /**< scratch for <is> */
    hp_structure structure; /**< of `stays`, for the quick way */
    hp_err *err;            /**< may be NULL */
} hp_rows;

/** Make one for a sheet; last_row is 0. */
hp_rows hp_rows_new(const hp_xlsx *book, hp_str file, hp_str part, bool raw);
/** Release it. */
void hp_rows_free(hp_rows *r);
/** Begin a new batch, when the last one was taken; `first`: no rows came before. */
void hp_rows_begin(hp_rows *r, hp_str stays, bool first);
/** Make the batch fit to be taken, once all its rows are read. */
void hp_rows_finish(hp_rows *r);

/** Put a cell into the batch, in the column r->col. Errors: HP_DATA (over a limit). Want of memory shows in
 * the batch. */
hp_code hp_rows_put(hp_rows *r, const hp_raw_cell *c);
/** Put a shared string by its index. */
void hp_rows_put_shared(hp_rows *r, uint64_t index);
/** Tell what kind of cell the attribute `t` names. */
hp_cell_kind hp_cell_kind_of(hp_str t);
/** Read the reference of a cell that a sheet can have ("C17"); false when it is none. */
bool hp_cell_of_sheet(hp_str ref, uint32_t *row, uint32_t *col);

/** Begin a row element that has no number of its own (`number` is NULL) or one. Errors: HP_DATA. */
hp_code hp_rows_start(hp_rows *r, const uint32_t *number, bool hidden);
/** Go to the row that a cell's reference names, if it stands in another row element. Errors: HP_DATA. */
hp_code hp_rows_visit(hp_rows *r, uint32_t row);
/** End the row element. */
void hp_rows_end(hp_rows *r);

/** Read the element that r->x just started inside of <sheetData>, up to its end: a row, or something else
 * that is passed over. Errors: HP_DATA with part and byte. */
hp_code hp_rows_careful(hp_rows *r);
/** Fail because of what stands at r->x. Returns HP_DATA. */
hp_code hp_rows_fail(hp_rows *r, const char *why);
/** Read one row the quick way, from `from` (at "<row") to `*to`, behind its end tag. False when the row is in
 * a form that it does not know; the batch is as before then. r->structure is that of r->stays. */
bool hp_rows_quick(hp_rows *r, const char *from, const char **to);
#endif
