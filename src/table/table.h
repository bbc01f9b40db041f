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
    hp_str name;      /**< header, or empty for a raw grid */
    uint32_t source;  /**< 0-based column in the source sheet */
    hp_style style;
    hp_vid *v;        /**< values: the text a person sees, without layout (see hp_type) */
    uint8_t *type;    /**< hp_type of each; NULL when all that are not null are text */
    hp_vid *lex;      /**< lexical form as the file has it; NULL when always the same as v */
} hp_column;

/** Hold a table. Lives in an arena; the texts in the run's pool. */
typedef struct hp_table {
    hp_str name;
    size_t nrow, ncol;
    hp_column *col;    /**< ncol of them */
    hp_origin *origin; /**< one a row; NULL in outputs that are made, not read */
    uint8_t *hidden;   /**< one a row: 1 when the source hides it; NULL when none is */
} hp_table;

/** Make a table of ncol unnamed columns with room for nrow rows, all null, in `a`; types and lexical forms are not allotted.
 * NULL when out of memory or over HP_LIMIT_CELLS. */
hp_table *hp_table_new(hp_arena *a, size_t nrow, size_t ncol, bool with_origin);
/** Return the type of a cell. */
static inline hp_type hp_cell_type(const hp_column *c, size_t row) {
    return c->v[row] == HP_NULL ? HP_T_NONE : c->type ? (hp_type)c->type[row] : HP_T_TEXT;
}
/** Find a column by its name; SIZE_MAX when absent. */
size_t hp_table_find(const hp_table *t, hp_str name);

/** Write the letters of a 0-based column ("A", "XFD") into out. */
void hp_col_letters(uint32_t col, char out[8]);
/** Read column letters; false when they are none or beyond XFD. */
bool hp_col_parse(hp_str letters, uint32_t *col);

#endif
