/* The inner parts of the workbook writer; only src/write and its tests include this. */
#ifndef HP_WRITE_PARTS_H
#define HP_WRITE_PARTS_H

#include "base/limits.h"
#include "write/write.h"
#include "write/zip_out.h"

/* ---- cells ---- */

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
/** Tell whether texts of a column of this style are written as numbers where they are some. */
static inline bool hp_is_numeric(hp_style style) {
    return style == HP_STYLE_INT || style == HP_STYLE_SCORE || style == HP_STYLE_QUALITY;
}
/** Tell whether the cell of a column is text whatever it says, so that it is shared. */
static inline bool hp_is_shared(const hp_column *c, size_t row) {
    return !hp_is_numeric(c->style) && (!c->type || c->type[row] == HP_T_TEXT);
}

/** Write a date, a time or both in the form of HP_T_DATE as a serial number (ECMA-376 part 1, 18.17.4.1) into
 * out; *style gets the one that shows it. Returns its length, 0 when it has no number: before March 1900,
 * when Lotus counted a day that never was, or of another form. */
size_t hp_cell_serial(hp_str iso, char out[40], unsigned *style);

/** Append a text to XML, escaped for an attribute or for content. */
void hp_xml_text(hp_buf *out, hp_str text);

/* ---- styles ---- */

/** Name the cell styles by their numbers in xl/styles.xml (`s` of a cell). */
enum {
    HP_XF_NONE,
    HP_XF_TEXT,
    HP_XF_SCORE,
    HP_XF_HEADER,
    HP_XF_LINK,
    HP_XF_DATE,
    HP_XF_MOMENT,
    HP_XF_TIME,
    HP_XF_ELAPSED
};
/** Say how many bands HP_STYLE_QUALITY has. */
#define HP_BANDS 4
/** Hold where each band begins, best first. */
extern const char *const HP_BAND_FROM[HP_BANDS];

/** Return the number of the style of a column's cells. */
static inline unsigned hp_column_xf(const hp_column *c) {
    switch (c->style) {
    case HP_STYLE_TEXT:
    case HP_STYLE_LONG: return c->type ? HP_XF_NONE : HP_XF_TEXT;
    case HP_STYLE_SCORE:
    case HP_STYLE_QUALITY: return HP_XF_SCORE;
    default: return HP_XF_NONE;
    }
}
/** Write xl/styles.xml. */
void hp_styles_part(hp_buf *out);

/* ---- what a workbook consists of ---- */

/** Hold which texts are shared, and under which numbers. */
typedef struct hp_strings {
    uint32_t *number;  /**< by value; from 1, 0 = not shared */
    uint32_t distinct; /**< numbers given */
    uint64_t uses;     /**< cells that name them */
    size_t longest;    /**< bytes of the longest text */
} hp_strings;

/** Name a cell that is a link, by row and column of the table. */
typedef struct hp_link {
    uint32_t row, col;
} hp_link;

/** Hold a worksheet: a table, or as many of its rows as a sheet can hold. */
typedef struct hp_page {
    const hp_out_sheet *sheet;
    char name[128];    /**< of the tab */
    size_t number;     /**< from 1 */
    size_t from, rows; /**< of the table */
    hp_link *link;     /**< by row, then column; made when the page's turn comes */
    size_t nlink;
    bool table; /**< is a table in the sense of a spreadsheet */
    size_t ncomment;
} hp_page;

/** Hold a workbook on its way. */
typedef struct hp_book_out {
    const hp_pool *pool;
    const hp_out_sheet *sheet;
    size_t nsheet;
    const hp_book_options *options;
    hp_page *page;
    size_t npage;
    hp_strings strings;
    hp_zip_out zip;
    struct hp_blocks *blocks;
} hp_book_out;

/** Return the page that is shown first: the first one that is visible, page 0 where none is. */
size_t hp_page_shown(const hp_book_out *b);

/** Lay the sheets of a book out on pages; b->page is the caller's to free. Errors: HP_DATA (columns, sheets),
 * HP_RETRY. */
hp_code hp_pages_plan(hp_book_out *b, const char *path, hp_err *err);
/** Append the reference of columns [0, ncol) and rows [first, last], counted from 1: "A1:F3"; absolute:
 * "$A$1:$F$3". */
void hp_put_ref(hp_buf *out, size_t ncol, size_t first, size_t last, bool absolute);

/** Number the texts that are to be shared; strings->number is the caller's to free. Errors: HP_RETRY. */
hp_code hp_strings_count(const hp_book_out *b, hp_strings *out, hp_err *err);
/** Write xl/sharedStrings.xml (18.4.9). Errors: HP_IO, HP_RETRY. */
hp_code hp_strings_part(hp_book_out *b, hp_err *err);

/** Find the links of a page: the first HP_LIMIT_SHEET_LINKS addresses. page->link is the caller's to free.
 * Errors: HP_RETRY. */
hp_code hp_links_find(const hp_book_out *b, hp_page *page, hp_err *err);
/** Put the hyperlinks (18.3.1.48) of a page into its sheet, which is the member under way. Errors: HP_IO,
 * HP_RETRY. */
hp_code hp_links_put(hp_book_out *b, const hp_page *page, hp_err *err);
/** Write the relationships of a page (part 2, 9.3): links, table, comments. Errors: HP_IO, HP_RETRY. */
hp_code hp_page_rels(hp_book_out *b, const hp_page *page, hp_err *err);

/** Put the rows of a page, header first, into the member under way: what stands between <sheetData> and its
 * end (18.3.1.73). Errors: HP_IO, HP_RETRY. */
hp_code hp_rows_pour(hp_book_out *b, const hp_page *page, hp_err *err);
/** Write the worksheet part of a page (18.3.1.99). Errors: HP_IO, HP_RETRY. */
hp_code hp_sheet_part(hp_book_out *b, hp_page *page, hp_err *err);
/** Write the comments of a page (18.7) and the boxes in which they are shown (part 4, 19.4: VML). Errors:
 * HP_IO, HP_RETRY. */
hp_code hp_comment_parts(hp_book_out *b, const hp_page *page, hp_err *err);
/** Tell whether a page can be a table: rows, and headers that are there and differ. */
bool hp_can_be_table(const hp_table *t, size_t rows);
/** Write the table part of a page (18.5.1.2). Errors: HP_IO, HP_RETRY. */
hp_code hp_table_part(hp_book_out *b, const hp_page *page, hp_err *err);

/** Write [Content_Types].xml, the relationships of the package, docProps/, xl/workbook.xml and its
 * relationships. Errors: HP_IO, HP_RETRY. */
hp_code hp_book_parts(hp_book_out *b, hp_err *err);

#endif
