/* Private to src/read: a parquet file of flat columns (https://github.com/apache/parquet-format). */
#ifndef HP_READ_PARQUET_H
#define HP_READ_PARQUET_H

#include "base/arena.h"
#include "base/buf.h"
#include "table/dict.h"

/** Name the physical types (Type of parquet.thrift). */
typedef enum hp_pq_type {
    HP_PQ_BOOLEAN,
    HP_PQ_INT32,
    HP_PQ_INT64,
    HP_PQ_INT96,
    HP_PQ_FLOAT,
    HP_PQ_DOUBLE,
    HP_PQ_BYTES,
    HP_PQ_FIXED
} hp_pq_type;

/** Name what the values of a column mean. */
typedef enum hp_pq_kind {
    HP_PQ_K_BYTES, /**< text where it is UTF-8, else hexadecimal digits */
    HP_PQ_K_TEXT,
    HP_PQ_K_BOOL,
    HP_PQ_K_INT,
    HP_PQ_K_UINT,
    HP_PQ_K_FLOAT,
    HP_PQ_K_DECIMAL,
    HP_PQ_K_DATE,
    HP_PQ_K_TIME,
    HP_PQ_K_STAMP,
    HP_PQ_K_UUID,
    HP_PQ_K_HALF
} hp_pq_kind;

/** Describe a column. */
typedef struct hp_pq_column {
    hp_str name;
    hp_pq_type type;
    hp_pq_kind kind;
    size_t width;  /**< bytes of a value; 0 for BYTES and BOOLEAN */
    int64_t unit;  /**< parts of a second of TIME and STAMP: 1000, 1000000, 1000000000 */
    int scale;     /**< digits behind the point of DECIMAL */
    bool optional; /**< has definition levels */
    bool utc;      /**< STAMP counts in UTC */
    uint8_t bits;  /**< of INT and UINT */
} hp_pq_column;

/** Describe a column chunk: the values of one column in one row group. */
typedef struct hp_pq_chunk {
    int codec;
    uint64_t values, at, size, inflated; /**< at, size: bytes of the file that hold the pages */
    size_t column;
    uint64_t first_row;
} hp_pq_chunk;

/** Hold the footer of a file; everything lives in an arena, names in the file's bytes. */
typedef struct hp_pq_meta {
    hp_pq_column *col;
    size_t ncol;
    uint64_t rows;
    hp_pq_chunk *chunk; /**< row group after row group, column after column */
    size_t nchunk;
} hp_pq_meta;

/** Read the footer. `name` stands for the file in messages. Errors: HP_DATA (damaged, nested, encrypted, over
 * a limit), HP_RETRY. */
hp_code hp_pq_meta_read(hp_arena *a, hp_str name, hp_str bytes, hp_pq_meta *out, hp_err *err);

/** Hold what the reading of a chunk needs; zero-initialise, free with hp_pq_reader_free. */
typedef struct hp_pq_reader {
    hp_str name, bytes;
    const hp_pq_column *col;
    hp_dict dict;  /**< the distinct texts of the chunk */
    uint8_t *page; /**< inflated */
    size_t cap_page;
    uint32_t *id; /**< number in `dict` + 1 of each value of the file's own dictionary; 0: empty text */
    size_t nid, cap_id;
    uint64_t *number; /**< of a page that is delta encoded */
    size_t cap_number;
    uint8_t *level; /**< definition levels of a page */
    size_t cap_level;
    hp_buf text;       /**< of a value under way */
    uint64_t repaired; /**< values that were not UTF-8 */
    size_t at;         /**< where in the file the page is, for messages */
} hp_pq_reader;

/** Read a chunk: cell[i] gets the number in r->dict of the text of row i, plus one; 0 for null. Errors:
 * HP_DATA, HP_RETRY. */
hp_code hp_pq_chunk_read(hp_pq_reader *r, const hp_pq_chunk *chunk, uint32_t *cell, hp_err *err);
/** Release the memory of a reader. */
void hp_pq_reader_free(hp_pq_reader *r);
/** Fail with the place: file, column, byte. */
hp_code hp_pq_bad(const hp_pq_reader *r, const char *what, hp_err *err);

/** View the bytes of a page that are still to be read. */
typedef struct hp_pq_bytes {
    const uint8_t *p;
    size_t n;
} hp_pq_bytes;

/** Inflate `in` by a codec of parquet.thrift into exactly n bytes; false when it cannot be; *known says
 * whether the codec is one that can be read. */
bool hp_pq_inflate(int codec, hp_pq_bytes in, uint8_t *out, size_t n, bool *known);
/** Read n numbers of `bits` (0..32) of the hybrid of runs and packed bits; false when they are not all there.
 */
bool hp_pq_hybrid(hp_pq_bytes *in, unsigned bits, uint32_t *out, size_t n);
/** Read the values of a page that are there (n of them) into texts: cell[i] = number + 1. Errors: HP_DATA,
 * HP_RETRY. */
hp_code hp_pq_values(hp_pq_reader *r, int encoding, hp_pq_bytes in, uint32_t *cell, size_t n, hp_err *err);
/** Add the text of a value in its plain encoding to the reader's dictionary: its number + 1; 0 when it has no
 * text (empty, NaN); UINT32_MAX without memory. */
uint32_t hp_pq_text(hp_pq_reader *r, const uint8_t *value, size_t n);

#endif
