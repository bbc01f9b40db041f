/* Thrift's compact protocol, written (https://github.com/apache/thrift,
 * doc/specs/thrift-compact-protocol.md): what parquet's headers and footer are made of; only src/write and
 * its tests include this. */
#ifndef HP_WRITE_COMPACT_H
#define HP_WRITE_COMPACT_H

#include "base/buf.h"

/** Name the types of fields and elements. */
typedef enum hp_compact_type {
    HP_COMPACT_BOOL = 1, /**< as an element of a list */
    HP_COMPACT_I32 = 5,
    HP_COMPACT_I64 = 6,
    HP_COMPACT_BINARY = 8,
    HP_COMPACT_STRUCT = 12
} hp_compact_type;

/** Write structs into a buffer, the outermost as well opened by hp_compact_open. At most 8 deep. */
typedef struct hp_compact {
    hp_buf *out;
    int16_t last[8]; /**< the field before, of each struct that is open */
    int depth;
} hp_compact;

/** Begin a struct that is no field: the outermost, or an element of a list. */
void hp_compact_open(hp_compact *c);
/** End a struct. */
void hp_compact_close(hp_compact *c);
/** Begin a struct that is a field. Fields go up within a struct. */
void hp_compact_struct(hp_compact *c, int field);
/** Write a field of 32 bits. */
void hp_compact_i32(hp_compact *c, int field, int32_t v);
/** Write a field of 64 bits. */
void hp_compact_i64(hp_compact *c, int field, int64_t v);
/** Write a field of 16 bits. */
void hp_compact_i16(hp_compact *c, int field, int16_t v);
/** Write a truth value. */
void hp_compact_bool(hp_compact *c, int field, bool v);
/** Write a text, or bytes. */
void hp_compact_text(hp_compact *c, int field, hp_str s);
/** Begin a list of n elements; what follows are those. */
void hp_compact_list(hp_compact *c, int field, hp_compact_type of, size_t n);
/** Write an element of a list of I32 or I64. */
void hp_compact_number(hp_compact *c, int64_t v);
/** Write an element of a list of BINARY. */
void hp_compact_bytes(hp_compact *c, hp_str s);
/** Write an element of a list of BOOL. */
void hp_compact_truth(hp_compact *c, bool v);
/** Append a number in seven bits a byte, the lowest first (ULEB128). */
void hp_put_varint(hp_buf *out, uint64_t v);
/** Append a number of either sign so that small ones take few bytes: zigzag, then as hp_put_varint. */
void hp_put_zigzag(hp_buf *out, int64_t v);

#endif
