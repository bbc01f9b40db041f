/* A strict scanner of JSON (RFC 8259) over bytes in memory: one value after the other, without a tree. */
#ifndef HP_READ_JSON_SCAN_H
#define HP_READ_JSON_SCAN_H

#include "base/buf.h"

/** Name what a value is. */
typedef enum hp_json_kind {
    HP_JSON_BAD,
    HP_JSON_STRING,
    HP_JSON_NUMBER,
    HP_JSON_TRUE,
    HP_JSON_FALSE,
    HP_JSON_NULL,
    HP_JSON_NESTED /**< an array or object */
} hp_json_kind;

/** Hold a scanner. Set `p` and `end`; the rest is zero but for scratch, a buffer with a cap; free that. */
typedef struct hp_json_scan {
    const char *p, *end;
    const char *why; /**< what is wrong, at p; NULL as long as nothing is */
    bool repaired;   /**< the last string had half a surrogate pair, which became U+FFFD */
    bool spaced;     /**< the last nested value has white space outside of its strings */
    hp_buf scratch;  /**< the last string that had escapes, or value without its white space */
} hp_json_scan;

/** Skip white space. */
static inline void hp_json_space(hp_json_scan *s) {
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\r' || *s->p == '\n')) s->p++;
}
/** Take one byte if it is the next; else set why. */
static inline bool hp_json_take(hp_json_scan *s, char c, const char *why) {
    if (s->p < s->end && *s->p == c) {
        s->p++;
        return true;
    }
    s->why = why;
    return false;
}
/** Read a string behind its opening quote up to and with the closing one. `raw` gets the bytes in between as
 * they are; `text` the same, or the scratch where escapes are undone. False with why set, or with
 * scratch.bad. Bytes that are no UTF-8 are the caller's to find. */
bool hp_json_string(hp_json_scan *s, hp_str *raw, hp_str *text);
/** Read a value. `text`: of a string as hp_json_string has it, of a number its lexical form, of a nested
 * value its bytes, without white space outside of strings (in scratch, if there was any). */
hp_json_kind hp_json_value(hp_json_scan *s, hp_str *text);

#endif
