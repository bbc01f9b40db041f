/* Shaping: the raw grid of a sheet becomes a table whose columns have names; then perhaps only some of its
 * rows and columns. Cells are shared with the grid where all rows stay, and copied where some go. */
#ifndef HP_TABLE_SHAPE_H
#define HP_TABLE_SHAPE_H

#include "table/table.h"

/** Hold an area of a sheet; both ends belong to it. */
typedef struct hp_area {
    uint32_t row_from, row_to; /**< 1-based */
    uint32_t col_from, col_to; /**< 0-based */
} hp_area;

/** Return the area that holds every cell. */
hp_area hp_area_all(void);

/** Hold a part of a table: indices, the ends are not part of it. */
typedef struct hp_window {
    size_t row_from, row_to, col_from, col_to;
} hp_window;

/** Cut an area to what a raw grid has: its origins ascend, its columns are numbered without gaps. */
hp_window hp_area_cut(const hp_table *t, hp_area area);
/** Tell whether a row (an index) has a value in a window. */
bool hp_window_has_value(const hp_table *t, hp_window w, size_t row);

/** Say where the names of the columns stand. */
typedef enum hp_naming {
    HP_NAMES_FIRST,  /**< in the first row of the area that has a value in it */
    HP_NAMES_TOP,    /**< in row 1 of the sheet, in the area or not: formats that name their columns */
    HP_NAMES_LETTERS /**< nowhere: columns are called by their letters */
} hp_naming;

/** Make a table of an area of a raw grid. Rows without any value in the area are left out, as the reader
 * leaves out those of the sheet. *header_row gets the row (1-based) of the names, 0 without one. Errors:
 * HP_RETRY. */
hp_code hp_shape_name(hp_arena *a, const hp_pool *pool, const hp_table *raw, hp_area area, hp_naming naming,
                      hp_table **out, uint32_t *header_row, hp_err *err);

/** Find a column by its name, or by its name but for case and outer blanks; SIZE_MAX when there is none, of
 * several the first. */
size_t hp_shape_named(const hp_table *t, hp_str name);
/** Find a column by its name, or else by the letters of its place in the sheet. */
size_t hp_shape_find(const hp_table *t, hp_str name);

/** Hold what a row must meet: a column, which the table need not have kept, holds a value, or another one. */
typedef struct hp_condition {
    const hp_column *col; /**< with as many rows as the table */
    hp_vid value;         /**< HP_NULL: an empty cell */
    bool differs;
} hp_condition;

/** Keep the rows that meet all of `n` conditions. Errors: HP_RETRY. */
hp_code hp_shape_where(hp_arena *a, const hp_table *t, const hp_condition *condition, size_t n,
                       hp_table **out, hp_err *err);
/** Take columns in the order given; one may come twice. Errors: HP_RETRY. */
hp_code hp_shape_select(hp_arena *a, const hp_table *t, const size_t *col, size_t n, hp_table **out,
                        hp_err *err);

#endif
