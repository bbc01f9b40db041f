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

/** View the bytes of a page that are still to be read. */
typedef struct hp_pq_bytes {
    const uint8_t *p;
    size_t n;
} hp_pq_bytes;

/** Say where something is, for messages: the file, the column, the byte of the page. */
typedef struct hp_pq_where {
    hp_str name;
    const hp_pq_column *col;
    size_t at;
} hp_pq_where;

/** Fail with the place: file, column, byte. */
hp_code hp_pq_bad(const hp_pq_where *where, const char *what, hp_err *err);

/** Describe a page: its header (PageHeader of parquet.thrift), and its bytes as the file has them. */
typedef struct hp_pq_page {
    int64_t type, inflated, packed, crc, values, encoding, level_encoding, level_bytes, repeat_bytes;
    bool has_crc, is_packed, has_values;
    bool is_dictionary; /**< the entries that later pages of the chunk name by number */
    int codec;
    size_t entries;  /**< of the chunk's dictionary */
    uint64_t before; /**< values of the chunk in pages before */
    hp_pq_where where;
    hp_pq_bytes bytes;
} hp_pq_page;

/** Walk over the pages of a chunk; begin with name, bytes, col and chunk, else zero. */
typedef struct hp_pq_walk {
    hp_str name, bytes;
    const hp_pq_column *col;
    const hp_pq_chunk *chunk;
    uint64_t done, inflated, used; /**< values; bytes inflated, and of the chunk */
    size_t entries;
    bool has_dictionary;
} hp_pq_walk;

/** Tell whether values of the chunk are still to come. */
static inline bool hp_pq_walk_more(const hp_pq_walk *w) { return w->done < w->chunk->values; }
/** Find the next page with values or with a dictionary, *found = false when there is none up to the end;
 * others are passed over. Errors: HP_DATA. */
hp_code hp_pq_walk_next(hp_pq_walk *w, hp_pq_page *page, bool *found, hp_err *err);

/** Hold what the reading of a page needs; zero-initialise, free with hp_pq_reader_free. */
typedef struct hp_pq_reader {
    const hp_pq_page *page;
    const hp_pq_column *col;
    hp_dict dict;  /**< the texts of the page, appended one after the other; they point into `inflated` */
    bool indexed;  /**< cells name entries of the chunk's dictionary, not of `dict` */
    bool infinite; /**< a text is an infinite number */
    uint8_t *inflated;
    size_t cap_inflated;
    uint64_t *number; /**< of a page that is delta encoded */
    size_t cap_number;
    uint8_t *level; /**< definition levels of a page */
    size_t cap_level;
    hp_buf text;       /**< of a value under way */
    uint64_t repaired; /**< values that were not UTF-8 */
} hp_pq_reader;

/** Read a page. Of a dictionary the texts are appended to r->dict, and `cell` is not used. Else cell[i] gets,
 * for value i of the page, the number of its text (r->indexed says where) plus one; 0 for null. Errors:
 * HP_DATA, HP_RETRY. */
hp_code hp_pq_page_read(hp_pq_reader *r, const hp_pq_page *page, uint32_t *cell, hp_err *err);
/** Release the memory of a reader. */
void hp_pq_reader_free(hp_pq_reader *r);

/** Inflate `in` by a codec of parquet.thrift into exactly n bytes; false when it cannot be; *known says
 * whether the codec is one that can be read. */
bool hp_pq_inflate(int codec, hp_pq_bytes in, uint8_t *out, size_t n, bool *known);
/** Read n numbers of `bits` (0..32) of the hybrid of runs and packed bits; false when they are not all there.
 */
bool hp_pq_hybrid(hp_pq_bytes *in, unsigned bits, uint32_t *out, size_t n);
/** Read n levels, each 0 or 1, of the hybrid of runs and packed bits, and count those that are 1; false when
 * they are not all there. */
bool hp_pq_levels(hp_pq_bytes *in, uint8_t *level, size_t n, size_t *ones);
/** Read the n values of a page that are there. *listed: their texts were appended to r->dict, in order; else
 * cell[i] is set. Errors: HP_DATA, HP_RETRY. */
hp_code hp_pq_values(hp_pq_reader *r, int encoding, hp_pq_bytes in, uint32_t *cell, size_t n, bool *listed,
                     hp_err *err);
/** Append the text of a value in its plain encoding to the reader's dictionary; an empty one when it has none
 * (NaN). `stays`: the bytes stay as long as the page. False without memory. */
bool hp_pq_append(hp_pq_reader *r, const uint8_t *value, size_t n, bool stays);

#endif
