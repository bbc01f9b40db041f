/* Tables: columns of interned values, with an origin of eight bytes a row. */
#ifndef HP_TABLE_TABLE_H
#define HP_TABLE_TABLE_H

#include "table/value.h"

/** Say where a row stands: the sheet (index in the run's sources) and its 1-based row there. */
typedef struct hp_origin {
    uint32_t sheet;
    uint32_t row;
} hp_origin;

/** Say where a value stands; col is the 0-based column, HP_NO_COL for a whole row. */
typedef struct hp_cell {
    uint32_t sheet;
    uint32_t row;
    uint32_t col;
} hp_cell;
/** Mark "the whole row" (with row 0: the whole sheet) in place of a column. */
#define HP_NO_COL UINT32_MAX
/** Mark "no sheet" (the whole run). */
#define HP_NO_SHEET UINT32_MAX

/** Name a merged area of a sheet: its value stands in the first column of the first row, the rest is blank.
 * Rows count from 1, columns from 0, all four are part of it. */
typedef struct hp_merged_area {
    uint32_t first_row, last_row;
    uint32_t first_col, last_col;
} hp_merged_area;

/** Say how a column is to be shown in an output workbook. */
typedef enum hp_style {
    HP_STYLE_TEXT = 0, /**< text, always: identifiers keep zeros, formulas stay text */
    HP_STYLE_INT,      /**< whole number */
    HP_STYLE_SCORE,    /**< number 0..1, two decimals */
    HP_STYLE_QUALITY,  /**< as SCORE, with conditional formatting in four bands */
    HP_STYLE_URL,      /**< https link, clickable */
    HP_STYLE_EMAIL,    /**< e-mail address, clickable */
    HP_STYLE_LONG      /**< long text: wide, not measured */
} hp_style;

/** Hold one column: `v[row]` for each row of the table. */
typedef struct hp_column {
    hp_str name;     /**< header, or empty for a raw grid */
    uint32_t source; /**< 0-based column in the source sheet */
    hp_style style;
    hp_vid *v;     /**< values: the text a person sees, without layout (see hp_type) */
    uint8_t *type; /**< hp_type of each; NULL when all that are not null are text */
    hp_vid *lex;   /**< lexical form as the file has it; NULL when always the same as v */
} hp_column;

/** Hold a table. Lives in an arena; the texts in the run's pool. */
typedef struct hp_table {
    hp_str name;
    size_t nrow, ncol;
    hp_column *col;       /**< ncol of them */
    hp_origin *origin;    /**< one a row; NULL in outputs that are made, not read */
    uint8_t *hidden;      /**< one a row: 1 when the source hides it; NULL when none is */
    hp_merged_area *area; /**< those of the source, by first column, then first row; NULL when none */
    size_t narea;
    bool named;     /**< the file's format names its columns, and the row of number 1, if there, holds them */
    uint64_t cells; /**< that memory is held for; columns without values cost none */
} hp_table;

/** Make a table of ncol unnamed columns with room for nrow rows, all null, in `a`; types and lexical forms
 * are not allotted. NULL when out of memory or over HP_LIMIT_CELLS. */
hp_table *hp_table_new(hp_arena *a, size_t nrow, size_t ncol, bool with_origin);
/** Return the type of a cell. */
static inline hp_type hp_cell_type(const hp_column *c, size_t row) {
    return c->v[row] == HP_NULL ? HP_T_NONE : c->type ? (hp_type)c->type[row] : HP_T_TEXT;
}
/** Give the cells of a table that was read with another pool the values of this one, map[v] for v (see
 * hp_pool_merge), and its rows the number `sheet`. */
void hp_table_remap(hp_table *t, const hp_vid *map, uint32_t sheet);
/** Find a column by its name; SIZE_MAX when absent. */
size_t hp_table_find(const hp_table *t, hp_str name);
/** Find the merged area that begins in a column (0-based) of the sheet and holds a row (1-based) of it, in
 * O(log n); NULL when there is none. Of areas that overlap, which no spreadsheet program makes, the one that
 * begins last is asked. */
const hp_merged_area *hp_table_area(const hp_table *t, uint32_t col, uint32_t row);

/** Write the letters of a 0-based column ("A", "XFD") into out. */
void hp_col_letters(uint32_t col, char out[8]);
/** Read column letters; false when they are none or beyond XFD. */
bool hp_col_parse(hp_str letters, uint32_t *col);

#endif
