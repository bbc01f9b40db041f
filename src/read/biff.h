/* Records of old workbooks (MS-XLS 2.1.4) and the texts in them. */
#ifndef HP_READ_BIFF_H
#define HP_READ_BIFF_H

#include "base/buf.h"

/** Hold a record, and the cursor within it. Texts may go on in records of type CONTINUE behind it. */
typedef struct hp_biff {
    hp_str stream;
    size_t next; /**< where the next record begins */
    size_t at;   /**< where this one began */
    uint16_t type;
    const char *p, *end; /**< what is left of it */
} hp_biff;

/** Begin to read records at an offset of the stream. */
hp_biff hp_biff_new(hp_str stream, size_t from);
/** Go to the next record; false at the end of the stream, and when the record is not all there (then
 * b->at < stream.n). */
bool hp_biff_next(hp_biff *b);
/** Take a number of 1, 2, 4 or 8 bytes, little endian; 0 when the record has none left and what is left is
 * skipped. */
uint64_t hp_biff_take(hp_biff *b, unsigned bytes);
/** Return how many bytes are left of the record. */
static inline size_t hp_biff_left(const hp_biff *b) { return (size_t)(b->end - b->p); }
/** Take the length of a shared string, in characters: two bytes, at the end of a record in the next one.
 * False when the records end. */
bool hp_biff_string_length(hp_biff *b, size_t *n);
/** Take a text of `n` characters whose flags come first (MS-XLS 2.5.294 and 2.5.293, where `rich` says that
 * runs and phonetic data may follow, which are skipped), going on in CONTINUE records; appends it as UTF-8.
 * False when the records end before. */
bool hp_biff_text(hp_biff *b, size_t n, bool rich, hp_buf *out);

#endif
