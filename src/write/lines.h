/* Lines of text: blocks of rows formatted side by side, written in order; only src/write and its tests
 * include this. */
#ifndef HP_WRITE_LINES_H
#define HP_WRITE_LINES_H

#include "base/mem.h"
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

/** Rows that are turned from columns into rows at a time, and how far what they say is fetched ahead. */
#define HP_TILE_ROWS  32
#define HP_TILE_AHEAD 4

/** Fetch what a row of a tile says. */
static inline void hp_tile_fetch(const hp_vid *row, size_t ncol, const hp_place *place) {
    for (size_t c = 0; c < ncol; c++) __builtin_prefetch(hp_place_bytes(place[row[c]]));
}

/** Copy n rows of a table, value beside value, and fetch where their texts are. Columns often begin at the
 * same place of a page, so that reading them side by side, row by row, would drive each other out of the
 * caches. */
static inline void hp_tile_load(hp_vid *tile, const hp_table *t, const hp_place *place, size_t from,
                                size_t n) {
    for (size_t c = 0; c < t->ncol; c++)
        for (size_t i = 0; i < n; i++) {
            hp_vid v = tile[i * t->ncol + c] = t->col[c].v[from + i];
            __builtin_prefetch(&place[v]);
        }
    for (size_t i = 0; i < n && i < HP_TILE_AHEAD; i++) hp_tile_fetch(tile + i * t->ncol, t->ncol, place);
}

/** Put one row into the buffer that ctx knows; value[c] is what column c has. */
typedef void hp_lines_put_row(void *ctx, const hp_vid *value, size_t row);

/** Do what hp_lines_maker.fill does, row by row; `place` says where the texts of the pool are. Inline, so
 * that the row is put without a call, which shows in the time. */
static inline __attribute__((always_inline)) size_t hp_lines_fill(const hp_table *t, const hp_place *place,
                                                                  hp_buf *b, size_t from, size_t to,
                                                                  hp_lines_put_row *put, void *ctx) {
    hp_autofree hp_vid *tile = hp_malloc(HP_TILE_ROWS * (t->ncol + 1) * sizeof *tile);
    b->bad = b->bad || !tile;
    while (from < to && b->n < HP_LINES_FULL && !b->bad) {
        size_t n = to - from < HP_TILE_ROWS ? to - from : HP_TILE_ROWS;
        hp_tile_load(tile, t, place, from, n);
        for (size_t i = 0; i < n && b->n < HP_LINES_FULL; i++) {
            if (i + HP_TILE_AHEAD < n) hp_tile_fetch(tile + (i + HP_TILE_AHEAD) * t->ncol, t->ncol, place);
            put(ctx, tile + i * t->ncol, from++);
        }
    }
    return from;
}

#endif
