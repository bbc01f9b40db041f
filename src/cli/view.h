/* Tables for people and for pipes. */
#ifndef HP_CLI_VIEW_H
#define HP_CLI_VIEW_H

#include "base/arena.h"
#include "cli/cli.h"

/** Hold rows of text under headers. Zero-initialise but for ncol, header and arena; cells are copied into the
 * arena. */
typedef struct hp_view {
    hp_arena *arena;
    size_t ncol;
    const char *const *header; /**< ncol of them; one that begins with '>' is of a column set flush right */
    HP_VEC(hp_str) cell;       /**< row by row */
    bool bad;                  /**< memory ran out */
} hp_view;

/** Add a cell; every ncol of them make a row. */
void hp_view_add(hp_view *v, hp_str text);
/** Add a formatted cell. */
void hp_view_addf(hp_view *v, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** Write the table: aligned, cut to the terminal's width, with a bold header when stdout is a terminal, else
 * with tabs between the cells and all of their text. Releases the cells. Errors: HP_RETRY. */
hp_code hp_view_write(hp_view *v, const hp_term *t, size_t indent, hp_buf *out, hp_err *err);

#endif
