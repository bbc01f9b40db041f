/* What the patching of a workbook's parts shares; only src/refine/annotate*.c includes this. */
#ifndef HP_REFINE_ANNOTATE_PARTS_H
#define HP_REFINE_ANNOTATE_PARTS_H

#include "base/map.h"
#include "base/vec.h"
#include "read/package.h"
#include "refine/annotate.h"
#include "refine/annotate_patch.h"

/** Hold a cell that is to be marked. */
typedef struct hp_mark {
    uint32_t row, col;         /**< col is HP_NO_COL until the first cell of the row is known */
    uint32_t first, n;         /**< its annotations */
    uint32_t row_first, row_n; /**< those of the row that it shows */
    uint32_t style;            /**< of the cell; for one that is not there, of its row or column */
    uint32_t look;             /**< number of its look in the book */
    uint8_t severity;          /**< the gravest */
    bool there, row_there;     /**< the sheet holds it, and its row */
    bool done;                 /**< it is inserted */
    bool commented;            /**< it gets a comment, */
    bool joined;               /**< ... behind one that is there already */
} hp_mark;

/** Hold a sheet with marks, and the parts that hang on it. Entries are SIZE_MAX where there is none yet. */
typedef struct hp_marked {
    hp_str part;   /**< normalised name */
    size_t entry;  /**< in the zip */
    hp_mark *mark; /**< by row, then column */
    size_t nmark;
    bool strict;       /**< the name spaces are those of ISO 29500 strict */
    bool has_data;     /**< it has a <sheetData> */
    hp_str drawing_id; /**< relationship that its <legacyDrawing> names, in the arena; empty without one */
    hp_str dimension;  /**< what its <dimension> says, in the arena; empty without one */
    size_t rels, comments, boxes; /**< entries of its relationships, comments, and their boxes */
    const char *rels_name, *comments_name, *boxes_name; /**< names of those that are new; NULL else */
    hp_str comments_id, boxes_id;                       /**< relationships that are new; empty else */
    uint32_t authors;                                   /**< of its comments, before ours */
    size_t nbox;                                        /**< boxes that are new */
    uint64_t block;                                     /**< ... their first block of ids */
} hp_marked;

/** Hold a look: a cell format with the colour of a severity. */
typedef struct hp_look {
    uint32_t style;
    uint8_t severity;
} hp_look;

/** Hold a copy on its way. */
typedef struct hp_copy {
    hp_arena *arena;
    hp_str file;
    hp_book_parts parts;
    hp_zip *zip;
    const hp_annotation *note; /**< sorted by sheet, row, column, gravest first */
    size_t nnote;
    hp_marked *sheet; /**< those with marks */
    size_t nsheet;
    HP_VEC(hp_look) look;
    hp_imap look_number;
    uint32_t formats;        /**< cell formats before ours: of the workbook, and those that cells only name */
    uint32_t named;          /**< one more than the highest format that a cell of a marked sheet names */
    size_t styles;           /**< entry of the styles; SIZE_MAX when there are none */
    const char *styles_name; /**< new ones; NULL else */
    size_t book_rels;        /**< entry of the workbook's relationships, when they get the styles */
    uint64_t block;          /**< next free block of ids of boxes */
    unsigned numbers;        /**< used in names of new parts */
    hp_zip_out out;
    hp_annotated *count;
} hp_copy;

/** Name a relationship that is new. */
typedef struct hp_new_rel {
    hp_str id;
    const char *type; /**< last segment: "comments" */
    const char *target;
} hp_new_rel;

/* ---- marks ---- */

/** Make the marks of the annotations [first, first + n), which are of one sheet. Errors: HP_RETRY. */
hp_code hp_marks_make(hp_copy *c, uint32_t first, uint32_t n, hp_marked *s, hp_err *err);
/** Find the mark of a cell; NULL when there is none. */
hp_mark *hp_marks_find(const hp_marked *s, uint32_t row, uint32_t col);
/** Find the marks [*from, *to) of a row. */
void hp_marks_of_row(const hp_marked *s, uint32_t row, size_t *from, size_t *to);
/** Let marks of rows stand at their cells: to be called when the first cells are known. */
void hp_marks_settle(hp_marked *s);
/** Choose the marks that get a comment: all, or the gravest within the limit cell-comments. */
void hp_marks_choose(hp_copy *c, hp_marked *s);
/** Append the text of a mark's comment. */
void hp_marks_text(const hp_copy *c, const hp_mark *m, hp_buf *out);

/* ---- sheets ---- */

/** Look through a sheet: which of the marked cells are there, and in which format. Errors: HP_DATA, HP_RETRY.
 */
hp_code hp_sheet_survey(hp_copy *c, hp_marked *s, hp_err *err);
/** Write the sheet with its marks into the member under way. Errors: HP_DATA, HP_IO, HP_RETRY. */
hp_code hp_sheet_patch(hp_copy *c, hp_marked *s, hp_err *err);

/* ---- styles ---- */

/** Give the marks of a sheet their looks. Errors: HP_RETRY. */
hp_code hp_looks_add(hp_copy *c, hp_marked *s, hp_err *err);
/** Count the cell formats that there are. Errors: HP_DATA, HP_RETRY. */
hp_code hp_styles_survey(hp_copy *c, hp_err *err);
/** Write the styles with the looks into the member under way. Errors: HP_DATA, HP_IO, HP_RETRY. */
hp_code hp_styles_patch(hp_copy *c, hp_err *err);
/** Write styles for a workbook that has none. Errors: HP_IO, HP_RETRY. */
hp_code hp_styles_new(hp_copy *c, hp_err *err);

/* ---- comments ---- */

/** Look for comments that are there. Errors: HP_DATA, HP_RETRY. */
hp_code hp_comments_survey(hp_copy *c, hp_marked *s, hp_err *err);
/** Find the blocks of ids that the drawings of the workbook use. Errors: HP_DATA, HP_RETRY. */
hp_code hp_boxes_survey(hp_copy *c, hp_err *err);
/** Write the comments with ours into the member under way. Errors: HP_DATA, HP_IO, HP_RETRY. */
hp_code hp_comments_patch(hp_copy *c, hp_marked *s, hp_err *err);
/** Write comments for a sheet that has none. Errors: HP_IO, HP_RETRY. */
hp_code hp_comments_new(hp_copy *c, hp_marked *s, hp_err *err);
/** Write the drawing with our boxes into the member under way. Errors: HP_DATA, HP_IO, HP_RETRY. */
hp_code hp_boxes_patch(hp_copy *c, hp_marked *s, hp_err *err);
/** Write a drawing for a sheet that has none. Errors: HP_IO, HP_RETRY. */
hp_code hp_boxes_new(hp_copy *c, hp_marked *s, hp_err *err);

/* ---- the package ---- */

/** Say which parts a marked sheet gets, and how they are called. Errors: HP_DATA, HP_RETRY. */
hp_code hp_package_plan(hp_copy *c, hp_marked *s, hp_err *err);
/** Say how new styles are called, when they are needed. Errors: HP_DATA, HP_RETRY. */
hp_code hp_package_plan_styles(hp_copy *c, hp_err *err);
/** Write relationships with new ones into the member under way; entry SIZE_MAX: there were none. Errors:
 * HP_DATA, HP_IO, HP_RETRY. */
hp_code hp_rels_patch(hp_copy *c, size_t entry, bool strict, const hp_new_rel *rel, size_t n, hp_err *err);
/** List what a sheet is to be related to; returns how many, at most 2. */
size_t hp_sheet_rels(const hp_marked *s, hp_new_rel rel[2]);
/** Write the content types with those of the new parts into the member under way. Errors: HP_DATA, HP_IO,
 * HP_RETRY. */
hp_code hp_types_patch(hp_copy *c, size_t entry, hp_err *err);

#endif
