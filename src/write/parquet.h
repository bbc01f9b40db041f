/* The inner parts of the parquet writer (https://github.com/apache/parquet-format); only src/write and its
 * tests include this. */
#ifndef HP_WRITE_PARQUET_H
#define HP_WRITE_PARQUET_H

#include "base/buf.h"
#include "base/hash.h"
#include "base/vec.h"
#include "table/table.h"

/** The most rows of a row group: bounds the memory, and is enough for a dictionary to pay. */
#define HP_LEAF_GROUP (128u << 10)
/** The most rows of a page, and the bytes after which one ends: what a reader has to unpack at least. */
#define HP_LEAF_PAGE       (32u << 10)
#define HP_LEAF_PAGE_BYTES (1u << 20)

/** Name what the values of a column are in the file. */
typedef enum hp_leaf_kind {
    HP_LEAF_TEXT,
    HP_LEAF_INT,    /**< whole numbers of 64 bits */
    HP_LEAF_DOUBLE, /**< numbers of which each is the shortest text of its double */
    HP_LEAF_BOOL,
    HP_LEAF_DATE,  /**< days */
    HP_LEAF_STAMP, /**< days with a time, in no time zone, to the microsecond */
    HP_LEAF_TIME   /**< times of a day, to the microsecond */
} hp_leaf_kind;

/** Describe a column of the file. */
typedef struct hp_leaf {
    hp_str name;
    hp_leaf_kind kind;
    const hp_column *from;
} hp_leaf;

/** Decide what each column is: more than text only where all its values are, and none loses anything.
 * leaf has t->ncol places; names live in `a`. Errors: HP_RETRY. */
hp_code hp_leaves_plan(hp_arena *a, const hp_pool *pool, const hp_table *t, hp_leaf *leaf, hp_err *err);
/** Read a value of a kind other than TEXT into the bits in which the file has it; false when the text is
 * none, or, but for DOUBLE, would not be the same when it is written down again. */
bool hp_leaf_value(hp_leaf_kind kind, hp_str text, uint64_t *bits);

/** Hold one end of a range of values. */
typedef struct hp_bound {
    uint64_t bits; /**< the value; of a text its first eight bytes, which order it but for ties */
    hp_str text;
} hp_bound;

/** Hold the least and the largest of some values. */
typedef struct hp_range {
    bool any;
    hp_bound least, most;
} hp_range;

/** Tell by the bits alone that a value, but no double, lies within a range: most do. */
static inline bool hp_range_holds(const hp_range *r, hp_leaf_kind kind, uint64_t bits) {
    /* Numbers with a sign are ordered as those without once the sign is turned over. */
    uint64_t sign = kind == HP_LEAF_TEXT ? 0 : 1ull << 63;
    return r->any && (bits ^ sign) > (r->least.bits ^ sign) && (bits ^ sign) < (r->most.bits ^ sign);
}
/** Widen a range by a value. */
void hp_range_add(hp_range *r, hp_leaf_kind kind, hp_bound v);
/** Widen a range by another. */
void hp_range_join(hp_range *r, hp_leaf_kind kind, const hp_range *other);
/** Tell the order of two values: <0, 0, >0. */
int hp_bound_cmp(hp_leaf_kind kind, const hp_bound *a, const hp_bound *b);
/** Make the order of a text's first eight bytes a number. */
static inline uint64_t hp_text_head(hp_str s) {
    return __builtin_bswap64(hp_hash_load(s.p, s.n < 8 ? s.n : 8));
}
/** Put an end of a range into `out` as the file has it (PLAIN): a long text is cut, the largest one up, to
 * the next that is behind it. Returns whether it is the value itself. */
bool hp_bound_put(hp_buf *out, hp_leaf_kind kind, const hp_bound *b, bool most);

/** Describe a page. */
typedef struct hp_page_out {
    uint64_t at;   /**< in the chunk, header included */
    uint32_t size; /**< header included */
    uint32_t first_row, rows, nulls;
    hp_range range;
} hp_page_out;

/** Describe a column chunk: the values of one column in one row group. */
typedef struct hp_chunk_out {
    size_t column;
    uint64_t at;         /**< in the file */
    uint64_t size, raw;  /**< of its pages, headers included; raw: before compression */
    uint32_t dictionary; /**< bytes of the dictionary's page, which is the first; 0 without */
    int encoding;        /**< of the data pages */
    uint32_t rows, nulls;
    hp_range range;
    HP_VEC(hp_page_out) page;
    uint64_t column_index, offset_index; /**< in the file */
    uint32_t column_size, offset_size;
} hp_chunk_out;

/** Name the encodings (Encoding of parquet.thrift). */
enum { HP_PQ_PLAIN = 0, HP_PQ_RLE = 3, HP_PQ_DELTA = 5, HP_PQ_DELTA_LENGTH = 6, HP_PQ_DICTIONARY = 8 };

/** Hold what making chunks needs; used again for one after another. */
typedef struct hp_chunk_maker hp_chunk_maker;
/** Make one for row groups of `rows` at most; NULL without memory. Free with hp_chunk_maker_free. */
hp_chunk_maker *hp_chunk_maker_new(const hp_pool *pool, size_t rows);
/** Free one; NULL is allowed. */
void hp_chunk_maker_free(hp_chunk_maker *m);
/** Make the chunk of a column for rows [from, to): *bytes gets its pages until the next call; chunk->page is
 * the caller's to free. Errors: HP_RETRY, HP_DATA (a page of more than 2 GiB). */
hp_code hp_chunk_make(hp_chunk_maker *m, const hp_leaf *leaf, size_t from, size_t to, hp_chunk_out *chunk,
                      hp_str *bytes, hp_err *err);

/** Hold a file whose chunks are all written. */
typedef struct hp_foot {
    const hp_leaf *leaf;
    size_t ncol, nrow;
    hp_chunk_out *chunk; /**< row group after row group, column after column */
    size_t nchunk;
} hp_foot;

/** Append the index of a chunk's pages by value (ColumnIndex). */
void hp_column_index_put(hp_buf *out, const hp_leaf *leaf, const hp_chunk_out *chunk);
/** Append the index of a chunk's pages by place (OffsetIndex). */
void hp_offset_index_put(hp_buf *out, const hp_chunk_out *chunk);
/** Append the footer: FileMetaData, its length, the magic word. */
void hp_foot_put(hp_buf *out, const hp_foot *f);

#endif
