/* Private to src/read: lines of JSON objects as a sheet. */
#ifndef HP_READ_NDJSON_H
#define HP_READ_NDJSON_H

#include "read/batch.h"
#include "read/json_scan.h"

/** How many texts of a column are remembered, by their hashes: enough for the columns that say the same again
 * and again. */
#define HP_ND_RECENT 256u

/** Describe a key of the objects, as one reader of pieces knows it. */
typedef struct hp_nd_key {
    hp_str raw;      /**< as it stood in the file when it was first seen, escapes and all */
    uint32_t next;   /**< the key that followed it last */
    uint32_t line;   /**< the last line that had it */
    uint32_t cell;   /**< its cell there, in the batch; UINT32_MAX: none */
    uint32_t col;    /**< the column; UINT32_MAX as long as it has none */
    uint64_t nested; /**< values of the piece that are arrays or objects */
    bool listed;     /**< a good line has had it; keys of broken lines only make no column */
    uint32_t
        *recent; /**< numbers of texts in the batch; those of an earlier piece are told by their hashes */
} hp_nd_key;

/** Tell of a line that is no object: its row in the batch, the byte of the text, and what is wrong there. */
typedef struct hp_nd_broken {
    uint32_t row;
    size_t at;
    const char *why;
} hp_nd_broken;

/** Hold a reader of pieces: one a thread and more. Zero-initialise but for scan.scratch; free with
 * hp_nd_free. Keys are kept from piece to piece. */
typedef struct hp_nd_piece {
    hp_str text;      /**< the piece: whole lines */
    const char *base; /**< where the text of the file begins */
    hp_batch batch;   /**< its columns are numbers of `key` */
    hp_dict name;     /**< of the keys, escapes undone; number k belongs to key[k] */
    HP_VEC(hp_nd_key) key;
    HP_VEC(hp_nd_broken) broken;
    HP_VEC(uint32_t) fresh;  /**< the keys that good lines of the piece brought, in their order */
    HP_VEC(uint32_t) nested; /**< the key of each value that is an array or object */
    hp_json_scan scan;
    uint32_t line; /**< lines read so far, in all pieces */
    uint32_t last; /**< the key before */
    bool odd;      /**< an escape gave a NUL */
    bool too_long; /**< a value, at scan.p, is longer than the limit text-size */
    bool too_many; /**< there are more keys than a sheet has columns */
} hp_nd_piece;

/** Read the lines of x->text into x->batch. False when x->batch.bad, x->too_long or x->too_many says why not.
 */
bool hp_nd_read(hp_nd_piece *x);
/** Release the memory. */
void hp_nd_free(hp_nd_piece *x);

#endif
