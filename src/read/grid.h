/* Grids under construction: cells arrive row by row, a table comes out. */
#ifndef HP_READ_GRID_H
#define HP_READ_GRID_H

#include "table/table.h"

/** Hold a column that grows. `v`, `type` and `lex` have `cap` elements, `n` of which are set; type and lex
 * are NULL as long as all cells are texts, or their own lexical form. */
typedef struct hp_grid_col {
    hp_vid *v, *lex;
    uint8_t *type;
    size_t n, cap;
} hp_grid_col;

/** Hold a stored row. */
typedef struct hp_grid_row {
    uint32_t number; /**< 1-based */
    bool hidden;
} hp_grid_row;

/** Hold a grid; zero-initialise, free with hp_grid_free. Memory grows with the cells that have values: a
 * column costs nothing until it has one, and no more than the rows up to its last. */
typedef struct hp_grid {
    hp_grid_col *col;
    size_t ncol, cap_col;
    hp_grid_row *row;
    size_t nrow, cap_row;
    hp_merged_area *area;
    size_t narea, cap_area;
    uint64_t cells;      /**< allotted in all columns */
    hp_grid_row current; /**< the row that cells go to */
    bool stored;         /**< it is the last of `row` */
    bool unordered;      /**< a row number did not rise */
} hp_grid;

/** Begin a row; it is stored with its first value. */
void hp_grid_begin_row(hp_grid *g, uint32_t number, bool hidden);
/** Set a cell of the current row; HP_NULL stores nothing. A cell set twice keeps the later value. Errors:
 * HP_RETRY, HP_DATA (HP_LIMIT_CELLS) with a message that names no file. */
hp_code hp_grid_put(hp_grid *g, uint32_t col, hp_vid v, hp_type type, hp_vid lex, hp_err *err);
/** Set a cell as hp_grid_put where that needs nothing but storing: the row is stored, the column has all rows
 * before it, room, and what else the cell needs. False when it needs more; nothing has changed then. */
static inline bool hp_grid_put_quick(hp_grid *g, uint32_t col, hp_vid v, hp_type type, hp_vid lex) {
    if (!g->stored || col >= g->ncol) return false;
    hp_grid_col *c = &g->col[col];
    size_t i = g->nrow - 1;
    if (c->n != i || i >= c->cap || (type != HP_T_TEXT && !c->type) || (lex != v && !c->lex)) return false;
    c->v[i] = v;
    if (c->type) c->type[i] = (uint8_t)type;
    if (c->lex) c->lex[i] = lex;
    c->n = i + 1;
    return true;
}
/** Store the current row though it has no value. Errors: HP_RETRY. */
hp_code hp_grid_store_row(hp_grid *g, hp_err *err);
/** Set a text in the first stored row, at any time. Errors: as hp_grid_put. */
hp_code hp_grid_put_first(hp_grid *g, uint32_t col, hp_vid v, hp_err *err);
/** Add a merged area. Errors: HP_RETRY, HP_DATA (HP_LIMIT_SHEET_AREAS) with a message that names no file. */
hp_code hp_grid_merge(hp_grid *g, hp_merged_area area, hp_err *err);
/** Make the table in `a`: rows by number, the cells of rows that came twice put together, columns up to the
 * last with a value, merged areas in their order. Columns without any value share one array of nulls. */
hp_code hp_grid_table(hp_grid *g, hp_arena *a, hp_str name, uint32_t sheet, hp_table **out, hp_err *err);
/** Release a grid. */
void hp_grid_free(hp_grid *g);

#endif
