/* The inner parts of the workbook writer; only src/write and its tests include this. */
#ifndef HP_WRITE_PARTS_H
#define HP_WRITE_PARTS_H

#include "write/write.h"
#include "write/zip_out.h"

/** Put a text into `cell` in the form in which a workbook's cell holds it: what XML cannot carry becomes
 * U+FFFD, "_x0041_" is escaped (ECMA-376 part 1, 22.9.2.19: it would be read back as "A"), and it ends where
 * the cell is full (HP_LIMIT_CELL_TEXT). Returns it NUL-terminated, valid until the next call; NULL when out
 * of memory. */
const char *hp_cell_text(hp_buf *cell, hp_str s);

/** Put the address that a cell of style HP_STYLE_URL or HP_STYLE_EMAIL links to into `url`, NUL-terminated;
 * false when the text is not one web or one e-mail address, or is too long for a link (a workbook takes 2,079
 * characters), or without memory (url->bad): then it stays text. */
bool hp_cell_link(hp_buf *url, hp_style style, hp_str text);

/** Tell whether a column of this style may hold links. */
static inline bool hp_is_linked(hp_style style) { return style == HP_STYLE_URL || style == HP_STYLE_EMAIL; }

/** Say what the parts of a written sheet must hold. */
typedef struct hp_sheet_facts {
    uint64_t row_bytes; /**< XML between <sheetData> and its end */
    uint64_t links;     /**< hyperlinks, and relationships that they name */
} hp_sheet_facts;

/** Hold the numbers under which a workbook's style sheet has its cell styles (`s` of a cell). */
typedef struct hp_book_styles {
    int header, text, score, link;
} hp_book_styles;

/** Return the number of the style of a column's cells; 0 is none. */
static inline int hp_column_style(const hp_book_styles *s, hp_style style) {
    switch (style) {
    case HP_STYLE_TEXT:
    case HP_STYLE_LONG: return s->text;
    case HP_STYLE_SCORE:
    case HP_STYLE_QUALITY: return s->score;
    default: return 0;
    }
}

/** Write the frame of a workbook to `frame` (libxlsxwriter): all of it but its rows, of which there are only
 * as many as give it its extent and its links. facts[i] gets what sheet i of the frame holds. Errors as
 * hp_write_xlsx. */
hp_code hp_frame_write(const hp_pool *pool, const hp_out_sheet *sheets, size_t n, const char *path,
                       const hp_out *frame, hp_sheet_facts *facts, hp_book_styles *styles, hp_err *err);

/** Mark a part that is no sheet. */
#define HP_NO_PART SIZE_MAX

/** Hold a part of a workbook without its rows: what stood between <sheetData> and </sheetData> is left out.
 */
typedef struct hp_part {
    const char *name;
    hp_str content;
    size_t sheet; /**< whose sheet it is, from 0; HP_NO_PART for other parts */
} hp_part;

/** Take a part; nothing of it is valid afterwards. */
typedef hp_code hp_part_take(void *ctx, const hp_part *part, hp_err *err);

/** Read a workbook back, in the order of its parts, and compare: every part inflates with the right checksum
 * and is whole from its root's opening to its closing tag, and sheet i holds sheets[i]. A library that writes
 * through stdio without looking at its errors needs that. Each good part is given to `take` (which may be
 * NULL). `shown` is the path for messages. Errors: HP_IO, HP_RETRY, and what `take` returns. */
hp_code hp_package_read(const char *path, const char *shown, const hp_sheet_facts *sheets, size_t n,
                        hp_part_take *take, void *ctx, hp_err *err);

/** Put the rows of a sheet, header first, into the zip member under way, as a workbook has them between
 * <sheetData> and </sheetData> (ECMA-376 part 1, 18.3.1.73): text inline, numbers in the shortest form that
 * reads back as the same. Errors: HP_IO, HP_RETRY. */
hp_code hp_rows_pour(const hp_pool *pool, const hp_out_sheet *sheet, const hp_book_styles *styles,
                     hp_zip_out *z, hp_err *err);

#endif
