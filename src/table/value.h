/* Values: every text is stored once, in a pool, and a cell is a 32-bit id. */
#ifndef HP_TABLE_VALUE_H
#define HP_TABLE_VALUE_H

#include "base/arena.h"

/** Name a text in the pool of a run. 0 is the null value (missing); the empty text is never stored, it is
 * null too. */
typedef uint32_t hp_vid;
/** The null value. */
#define HP_NULL ((hp_vid)0)

/** Hold the distinct texts of a run. Only one thread may add at a time; any number may read while none adds.
 */
typedef struct hp_pool hp_pool;

/** Make an empty pool (bytes on the heap, dropped by hp_pool_free). NULL when out of memory. */
hp_pool *hp_pool_new(void);
/** Return the number that only this pool has had in this process: for whoever keeps values of it and must
 * know whether another pool has taken its place, perhaps at the same address. Never 0. */
uint64_t hp_pool_serial(const hp_pool *p);
/** Free a pool; NULL is allowed. */
void hp_pool_free(hp_pool *p);
/** Find or add a text. The bytes are copied. Empty text gives HP_NULL. Errors: HP_RETRY (memory), HP_DATA
 * (HP_LIMIT_POOL_BYTES). */
hp_code hp_intern(hp_pool *p, hp_str text, hp_vid *out, hp_err *err);
/** Find or add `n` texts at once, none of them empty, with their hashes (hp_hash_text): out[i] gets the value
 * of text[i]. Much quicker than one by one where the pool is larger than the caches. New texts get their
 * numbers in the order given. Errors as hp_intern. */
hp_code hp_intern_all(hp_pool *p, const hp_str *text, const uint64_t *hash, size_t n, hp_vid *out,
                      hp_err *err);
/** Find or add all texts of another pool, in the order of their numbers: map[v] gets the value here of value
 * v there; map has hp_pool_count(from) + 1 elements. Errors as hp_intern. */
hp_code hp_pool_merge(hp_pool *p, const hp_pool *from, hp_vid *map, hp_err *err);
/** Add a text without looking for it and without letting it be found: for long texts that occur once
 * (provenance). Errors as hp_intern. */
hp_code hp_store(hp_pool *p, hp_str text, hp_vid *out, hp_err *err);
/** View the text of a value; empty for HP_NULL. Valid as long as the pool. */
hp_str hp_text(const hp_pool *p, hp_vid v);
/** Return how many texts there are; their ids are 1 .. n. */
uint32_t hp_pool_count(const hp_pool *p);
/** Return the bytes of the longest text. */
size_t hp_pool_longest(const hp_pool *p);

/** Say where a text is, in eight bytes instead of sixteen, since there are millions of them: its address in
 * the low 48 bits, its length above. A length that needs more than the 16 bits there are is in the eight
 * bytes before the text. */
typedef uint64_t hp_place;
/** How many bits are the address. */
#define HP_PLACE_BITS 48
/** The length of those whose length stands before them. */
#define HP_PLACE_LONG 0xFFFFu

/** View the places of all texts, place[v] that of v: for loops over millions of cells, which fetch what they
 * will need. Valid until the pool grows. */
const hp_place *hp_pool_places(const hp_pool *p);
/** Return where the bytes of a text are. */
static inline const char *hp_place_bytes(hp_place t) {
    return (const char *)(uintptr_t)(t & (((uint64_t)1 << HP_PLACE_BITS) - 1));
}
/** View the text at a place. */
static inline hp_str hp_place_text(hp_place t) {
    hp_str s = {hp_place_bytes(t), t >> HP_PLACE_BITS};
    if (s.n == HP_PLACE_LONG) memcpy(&s.n, s.p - sizeof s.n, sizeof s.n);
    return s;
}

/** Separate the members of a list value (several e-mails of one cell): U+001F, which no clean text contains.
 */
#define HP_LIST_SEP '\x1f'

/** Name the type a cell had in its file. Lexical text is always kept; the type says how the file meant it. */
typedef enum hp_type {
    HP_T_NONE = 0, /**< empty */
    HP_T_TEXT,
    HP_T_NUMBER, /**< text is the number without exponent: "27821234567", "0.85" */
    HP_T_BOOL,   /**< text is "TRUE" or "FALSE" */
    HP_T_DATE,   /**< text is ISO 8601: "2025-10-14", "2025-10-14T09:30:00", or a time "09:30:00" */
    HP_T_ERROR   /**< text is the error: "#N/A" */
} hp_type;

#endif
