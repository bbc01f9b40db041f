/* Batches: the rows of one piece of a sheet, read by one thread while others read theirs. Taken into the grid
 * in the order of the pieces. */
#ifndef HP_READ_BATCH_H
#define HP_READ_BATCH_H

#include "read/grid.h"
#include "table/dict.h"
#include "table/run.h"

/** Name a text of a batch: 0 is null; with HP_REF_LOCAL set it is a number in the batch's dictionary, else a
 * value of the pool that was there before. */
typedef uint32_t hp_ref;
#define HP_REF_LOCAL 0x80000000u
/** With this set: a number in a list of values, which hp_batch_resolve will be given. */
#define HP_REF_LISTED 0x40000000u
/** Mark that memory ran out. */
#define HP_REF_FAILED UINT32_MAX

/** Hold a cell: row after row, in any order of columns. */
typedef struct hp_batch_cell {
    uint16_t col;
    uint8_t type;   /**< hp_type */
    uint8_t is_lex; /**< this is the lexical form of the cell before */
    hp_ref ref;
} hp_batch_cell;

/** Hold a row. */
typedef struct hp_batch_row {
    uint32_t number; /**< 1-based; when `relative`: to be added to the number of the last row of the batch
                        before */
    bool relative, hidden;
    uint32_t first; /**< its first cell; the last one is before the next row's first */
} hp_batch_row;

/** Hold a finding. */
typedef struct hp_batch_issue {
    uint32_t row; /**< index in the batch; UINT32_MAX: of the whole sheet */
    uint32_t col; /**< or HP_NO_COL */
    hp_ref value, note;
    uint32_t order; /**< how many were found before it */
    uint16_t rule;
} hp_batch_issue;

/** Remember of a column whether its texts repeat within a batch: of those of most columns either none do or
 * nearly all. Columns share these by number modulo HP_BATCH_LANES. */
typedef struct hp_batch_lane {
    uint32_t asked, fresh; /* texts looked for in this batch, and not found */
    uint32_t apart;        /* so many more batches append the texts without looking; 0 = look for them */
} hp_batch_lane;
#define HP_BATCH_LANES 64u

/** Hold a batch. Zero-initialise; free with hp_batch_free. Additions that find no memory set `bad`, to be
 * checked once. */
typedef struct hp_batch {
    hp_dict dict;
    hp_batch_cell *cell;
    hp_batch_row *row;
    size_t ncell, cap_cell, nrow, cap_row;
    HP_VEC(hp_batch_issue) issue;
    hp_batch_lane lane[HP_BATCH_LANES];
    hp_vid *map; /* of the dictionary, while the batch is taken */
    size_t cap_map;
    bool bad;
} hp_batch;

/** Forget the content, keep the memory. */
void hp_batch_clear(hp_batch *b);
/** Release the memory. */
void hp_batch_free(hp_batch *b);
/** Begin a row; it is stored in any case, and enters the grid if a cell of it has a value. */
void hp_batch_begin_row(hp_batch *b, uint32_t number, bool relative, bool hidden);
/** Grow the room for cells; false (and b->bad) without memory. */
bool hp_batch_grow_cells(hp_batch *b);
/** Reference a text of the piece, whose bytes stay until the batch is taken. */
static inline hp_ref hp_batch_text(hp_batch *b, hp_str text) {
    return text.n ? hp_dict_add(&b->dict, text) | HP_REF_LOCAL : 0;
}
/** Reference a text of passing bytes. */
static inline hp_ref hp_batch_text_copy(hp_batch *b, hp_str text) {
    return text.n ? hp_dict_add_copy(&b->dict, text) | HP_REF_LOCAL : 0;
}
/** Reference a text of the piece, as hp_batch_text, that stands in a column: one whose texts do not repeat
 * spares itself the look-ups. That changes no value and no order, only which thread finds out. */
static inline hp_ref hp_batch_text_at(hp_batch *b, uint32_t col, hp_str text) {
    hp_batch_lane *lane = &b->lane[col % HP_BATCH_LANES];
    if (text.n == 0) return 0;
    if (lane->apart) return hp_dict_append(&b->dict, text) | HP_REF_LOCAL;
    uint32_t before = b->dict.n;
    hp_ref ref = hp_dict_add(&b->dict, text) | HP_REF_LOCAL;
    lane->asked++;
    lane->fresh += b->dict.n - before;
    return ref;
}
/** Add a cell to the last row; null adds nothing. Cells of more than HP_LIMIT_SHEET_COLS columns are the
 * caller's to refuse. */
static inline void hp_batch_put(hp_batch *b, uint32_t col, hp_ref ref, hp_type type, hp_ref lex) {
    if (ref == 0) return;
    if (b->cap_cell - b->ncell < 2 && !hp_batch_grow_cells(b)) return;
    if (ref == HP_REF_FAILED || lex == HP_REF_FAILED) b->bad = true;
    b->cell[b->ncell++] = (hp_batch_cell){(uint16_t)col, (uint8_t)type, 0, ref};
    if (lex != ref) b->cell[b->ncell++] = (hp_batch_cell){(uint16_t)col, (uint8_t)type, 1, lex};
}
/** Add a finding at a cell of the last row (HP_NO_COL: the row). */
void hp_batch_find(hp_batch *b, hp_rule rule, uint32_t col, hp_ref value, hp_ref note);
/** Replace references into a list by the values that stand there. Looking them up all at once spares waiting
 * for each, since the list of a large workbook is larger than the caches. */
void hp_batch_resolve(hp_batch *b, const hp_vid *list);
/** Put the findings into the order of rows, columns, rules: the one that they have wherever a file is cut. To
 * be called again when columns get other numbers. */
void hp_batch_sort_issues(hp_batch *b);
/** Make the texts of a batch fit for the pool, once all is read: undo _xHHHH_ escapes if wanted (ECMA-376
 * part 1, 22.9.2.19), make UTF-8 valid; each cell whose text had to be repaired gets a finding. Texts without
 * such are not touched. The findings are sorted. Runs beside others. */
void hp_batch_seal(hp_batch *b, bool escapes);

/** Hold where batches go. */
typedef struct hp_batch_sink {
    hp_run *run;
    hp_grid *grid;
    uint32_t sheet;
    bool silent;            /**< findings are dropped */
    uint32_t last_row;      /**< number of the last row taken; 0 before the first */
    HP_VEC(hp_issue) issue; /**< those of the batches, for hp_batch_sink_report */
} hp_batch_sink;

/** Take a batch: texts into the pool of the run, cells into the grid, findings into the sink. Batches come in
 * the order of their pieces, one at a time. Errors: HP_RETRY, HP_DATA (limits) with a message that names no
 * file. */
hp_code hp_batch_take(hp_batch *b, hp_batch_sink *sink, hp_err *err);
/** Give the findings to the run, when all went well, and release the sink's memory. Errors: HP_RETRY. */
hp_code hp_batch_sink_report(hp_batch_sink *sink, hp_err *err);
/** Release the sink's memory. */
void hp_batch_sink_free(hp_batch_sink *sink);

#endif
