/* Lines of text: blocks of rows formatted side by side, written in order; only src/write and its tests
 * include this. */
#ifndef HP_WRITE_LINES_H
#define HP_WRITE_LINES_H

#include "write/write.h"

/** The most bytes of one line. Nothing near this long comes out of a contact list. */
#define HP_LINE_MAX (1u << 30)
/** When a block is full: rows of documents fill it long before it has all its rows. */
#define HP_LINES_FULL (4u << 20)

/** Describe how a table becomes lines. */
typedef struct hp_lines_maker {
    size_t nrow, ncol;
    /** Append rows from `from` on, until `to` or until the buffer holds HP_LINES_FULL bytes, but at least
     * one; returns where it stopped. Called for several blocks at once; what goes wrong is in b->bad. */
    size_t (*fill)(const void *ctx, hp_buf *b, size_t from, size_t to);
} hp_lines_maker;

/** Write all rows to out->f, behind what was written before. The bytes do not depend on the number of
 * threads; memory is some MiB a thread, and one line. Errors: HP_IO, HP_RETRY, HP_DATA (a line beyond
 * HP_LINE_MAX). */
hp_code hp_lines_run(const hp_lines_maker *maker, const void *ctx, hp_out *out, hp_err *err);
/** Write what a buffer holds, and forget it. Errors: HP_IO, and as hp_lines_run. */
hp_code hp_lines_put(hp_buf *b, hp_out *out, hp_err *err);

#endif
