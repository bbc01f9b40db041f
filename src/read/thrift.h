/* The compact protocol of Thrift, read with suspicion: https://github.com/apache/thrift,
 * thrift-compact-protocol. Parquet's footer and page headers are written in it. */
#ifndef HP_READ_THRIFT_H
#define HP_READ_THRIFT_H

#include "base/str.h"

/** Name the types of the wire. */
enum {
    HP_THRIFT_STOP = 0,
    HP_THRIFT_TRUE = 1,
    HP_THRIFT_FALSE = 2,
    HP_THRIFT_BYTE = 3,
    HP_THRIFT_I16 = 4,
    HP_THRIFT_I32 = 5,
    HP_THRIFT_I64 = 6,
    HP_THRIFT_DOUBLE = 7,
    HP_THRIFT_BINARY = 8,
    HP_THRIFT_LIST = 9,
    HP_THRIFT_SET = 10,
    HP_THRIFT_MAP = 11,
    HP_THRIFT_STRUCT = 12
};

/** Hold where a reader stands; `bad` is set once by whatever does not fit, and everything reads as zero from
 * then on: it is checked at the end. */
typedef struct hp_thrift {
    hp_str bytes;
    size_t at;
    bool bad;
} hp_thrift;

/** Read the head of the next field of a struct; false at its end (or when bad). *id is 0 before the first
 * field and is kept by the caller between fields. */
bool hp_thrift_field(hp_thrift *t, int *id, int *type);
/** Read a number of type BYTE, I16, I32, I64, or a boolean of a field; another type is bad. */
int64_t hp_thrift_int(hp_thrift *t, int type);
/** View a BINARY; another type is bad. */
hp_str hp_thrift_binary(hp_thrift *t, int type);
/** Read the head of a LIST or SET; its size is never more than the bytes left. */
size_t hp_thrift_list(hp_thrift *t, int type, int *element);
/** Skip a value of a type; deeper than 32 is bad. */
void hp_thrift_skip(hp_thrift *t, int type);

#endif
