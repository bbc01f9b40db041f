/* The inner parts of the workbook writer; only src/write and its tests include this. */
#ifndef HP_WRITE_PARTS_H
#define HP_WRITE_PARTS_H

#include "base/buf.h"
#include "table/table.h"

/** Put a text into `cell` in the form in which a workbook's cell holds it: what XML cannot carry becomes
 * U+FFFD, "_x0041_" is escaped (ECMA-376 part 1, 22.9.2.19: it would be read back as "A"), and it ends where
 * the cell is full (HP_LIMIT_CELL_TEXT). Returns it NUL-terminated, valid until the next call; NULL when out
 * of memory. */
const char *hp_cell_text(hp_buf *cell, hp_str s);

/** Put the address that a cell of style HP_STYLE_URL or HP_STYLE_EMAIL links to into `url`, NUL-terminated;
 * false when the text is not one web or one e-mail address, or is too long for a link (a workbook takes 2,079
 * characters), or without memory (url->bad): then it stays text. */
bool hp_cell_link(hp_buf *url, hp_style style, hp_str text);

/** Say what the parts of a written sheet must hold. */
typedef struct hp_sheet_facts {
    uint64_t row_bytes; /**< XML between <sheetData> and its end */
    uint64_t links;     /**< hyperlinks, and relationships that they name */
} hp_sheet_facts;

/** Read a workbook back and compare: every part inflates with the right checksum and is whole from its root's
 * opening to its closing tag, and sheet i holds sheets[i]. A library that writes through stdio without
 * looking at its errors needs that. `shown` is the path for messages. Errors: HP_IO, HP_RETRY. */
hp_code hp_package_verify(const char *path, const char *shown, const hp_sheet_facts *sheets, size_t n,
                          hp_err *err);

#endif
