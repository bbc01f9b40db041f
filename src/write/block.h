/* Blocks of XML text: filled and deflated side by side, written in order; only src/write includes this. */
#ifndef HP_WRITE_BLOCK_H
#define HP_WRITE_BLOCK_H

#include "write/parts.h"

/* When a block is deflated: large, so that starting without a window costs little. 256 KiB cost 1 % more. */
#define HP_BLOCK_FLUSH (1u << 20)
/* The longest form of a text ("_x0007_" for each sign of a full cell), and more than any tags around it; text
 * is copied in pieces of 64 bytes, which may go beyond its end. */
#define HP_BLOCK_TEXT (7u * HP_LIMIT_CELL_TEXT + 1024u)

/** Hold a block being filled. Whoever fills it writes at text + n, and calls hp_block_flush before less than
 * HP_BLOCK_TEXT is free behind HP_BLOCK_FLUSH. */
typedef struct hp_block {
    size_t from, to; /**< the items it is made of: rows, or texts */
    char *text;      /**< HP_BLOCK_FLUSH + HP_BLOCK_TEXT bytes */
    size_t n;
    hp_buf cell, number; /**< for whoever fills it */
    hp_packed packed;
    hp_packer *packer;
} hp_block;

/** Hold the blocks of a workbook, used again for each of its parts. */
typedef struct hp_blocks hp_blocks;

/** Make blocks, enough for the threads there are; NULL when out of memory. Free with hp_blocks_free. */
hp_blocks *hp_blocks_new(hp_compress level);
/** Free blocks; NULL is allowed. */
void hp_blocks_free(hp_blocks *b);

/** Describe how a part's text is made. */
typedef struct hp_block_maker {
    size_t items;
    /** Return where the block that begins at `from` ends. Called in order, for one block at a time. */
    size_t (*cut)(const void *ctx, size_t from);
    /** Fill a block with items [from, to). Called for several blocks at once. */
    hp_code (*fill)(const void *ctx, hp_block *b, hp_err *err);
} hp_block_maker;

/** Write all items to the member under way. The bytes do not depend on the number of threads. Errors: HP_IO,
 * HP_RETRY, and what `fill` returns. */
hp_code hp_blocks_run(hp_blocks *b, const hp_block_maker *maker, const void *ctx, hp_zip_out *z, hp_err *err);
/** Deflate what the block holds, and forget it. Errors: HP_RETRY. */
hp_code hp_block_flush(hp_block *b, hp_err *err);

/** Put a text into a block behind `open` (`spaced` when white space must be kept) and in front of `close`,
 * escaped. Errors: HP_RETRY. */
hp_code hp_block_put_text(hp_block *b, hp_str text, hp_str open, hp_str spaced, hp_str close, hp_err *err);

#endif
