/* Reading "Book.xlsx!Sheet!A1:F20". */
#ifndef HP_CLI_CELLREF_H
#define HP_CLI_CELLREF_H

#include "base/arena.h"
#include "read/reader.h"
#include "table/shape.h"

/** Read an area: "A1:F20", "C7", "A:C", "2:9", with or without $, in any case and any order of the corners;
 * false on anything else. */
bool hp_area_parse(hp_str s, hp_area *out);
/** Split an argument into the path of a file and what follows its '!' (p NULL when nothing does). The longest
 * part that names an existing file is the path, since names may hold a '!'; when none does, the part before
 * the first '!'. The path is in the arena. */
hp_code hp_book_split(hp_arena *a, const char *arg, hp_str *path, hp_str *rest, hp_err *err);
/** Find what follows the path among the sheets of a book: "Sheet", "Sheet!A1:F20", "'My!Sheet'!A1", or an
 * area alone when the book has a single sheet. Names are compared without case as spreadsheets do. *sheet is
 * SIZE_MAX for all sheets (`rest` is NULL). `file` names the book in messages. Errors: HP_NOINPUT (no such
 * sheet, with the nearest), HP_USAGE (no area). */
hp_code hp_sheet_pick(const hp_book_sheet *sheets, size_t n, hp_str rest, const char *file, size_t *sheet,
                      hp_area *area, hp_err *err);

#endif
