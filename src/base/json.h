/* Writing JSON: a small emitter that keeps track of commas. Reading is base/doc.h. */
#ifndef HP_BASE_JSON_H
#define HP_BASE_JSON_H

#include "base/buf.h"

/** Write JSON (RFC 8259) into a buffer, compact, or indented by two spaces a level when `pretty`. Depth at
 * most 64. Numbers that JSON cannot hold (NaN, infinities) are written as null. */
typedef struct hp_json {
    hp_buf *out;
    bool pretty;
    int depth;
    bool after_key;    /**< a key was just written: the next value belongs to it */
    uint64_t nonempty; /**< bit i: the container at depth i has a member already */
} hp_json;

/** Begin and end an object. */
void hp_json_object(hp_json *j);
/** End an object. */
void hp_json_object_end(hp_json *j);
/** Begin an array. */
void hp_json_array(hp_json *j);
/** End an array. */
void hp_json_array_end(hp_json *j);
/** Write a member's key. */
void hp_json_key(hp_json *j, const char *key);
/** Write a member's key given as a view. */
void hp_json_key_str(hp_json *j, hp_str key);
/** Write a text value. */
void hp_json_str(hp_json *j, hp_str s);
/** Write a text value from a NUL-terminated string; NULL writes null. */
void hp_json_cstr(hp_json *j, const char *s);
/** Write an integer. */
void hp_json_i64(hp_json *j, int64_t v);
/** Write a floating-point number in its shortest form that reads back the same. */
void hp_json_f64(hp_json *j, double v);
/** Write true or false. */
void hp_json_bool(hp_json *j, bool v);
/** Write null. */
void hp_json_null(hp_json *j);
/** Write text that is JSON already. */
void hp_json_raw(hp_json *j, hp_str json);

#endif
