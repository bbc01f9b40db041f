/* Comments of cells: the runs of their texts, and the boxes in which they are shown; only src/write and what
 * patches workbooks (src/refine/annotate*) include this. */
#ifndef HP_WRITE_REMARK_H
#define HP_WRITE_REMARK_H

#include "base/buf.h"

/** Append a run of a comment's text (ECMA-376 part 1, 18.4.4), its elements with this prefix ("x:", or
 * nothing), in the font that comments have. What a cell cannot hold is replaced as hp_cell_text does; `cell`
 * is scratch. */
void hp_remark_run(hp_buf *out, hp_str prefix, hp_buf *cell, hp_str text);

/** Say how many ids a block has: a drawing owns whole blocks of them. */
#define HP_BOX_BLOCK 1024u
/** Return how many blocks n boxes take, whose ids begin at 1 in the first. */
static inline uint64_t hp_box_blocks(uint64_t n) { return n / HP_BOX_BLOCK + 1; }
/** Append the beginning of a drawing of boxes (part 4, 19.4: VML), which owns `n` blocks from `block` on; it
 * ends with "</xml>". */
void hp_box_begin(hp_buf *out, uint64_t block, uint64_t n);
/** Append the type of shape that all boxes have. */
void hp_box_type(hp_buf *out);
/** Say where a box belongs, and what is in it. */
typedef struct hp_box {
    uint64_t id;        /**< block * HP_BOX_BLOCK + a number from 1 */
    size_t z;           /**< its place in the pile, from 1 */
    uint32_t row, col;  /**< of the cell, both from 0 */
    size_t lines;       /**< of its text */
    const char *spaces; /**< declarations of the name spaces when the drawing lacks them, or "" */
} hp_box;
/** Append a box, hidden until the mouse rests on its cell. */
void hp_box_put(hp_buf *out, const hp_box *b);
/** Return how many lines a text takes in a box. */
size_t hp_box_lines(hp_str text);

#endif
