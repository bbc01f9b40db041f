/* Dictionaries: the distinct texts of one piece of a file, gathered by one thread while others gather theirs;
 * merged into the pool of the run in the order of the pieces, so that values get the same numbers whatever
 * the number of threads. */
#ifndef HP_TABLE_DICT_H
#define HP_TABLE_DICT_H

#include "base/hash.h"
#include "table/value.h"

/** Hold distinct texts by number, 0 .. n-1 in the order of their first adding. Zero-initialise; free with
 * hp_dict_free. */
typedef struct hp_dict {
    hp_str *text;
    uint64_t *hash;
    uint32_t n, cap;
    uint32_t found; /* so many of the texts have slots */
    uint64_t *slot; /* open addressing: high half of the hash, number + 1; 0 = free */
    uint32_t mask;  /* slots - 1; 0 without slots */
    struct hp_dict_block *block;
} hp_dict;

/** Mark that a text could not be added for want of memory. */
#define HP_DICT_FULL UINT32_MAX

/** Find or add a text, which is not copied: its bytes stay where they are until the dictionary is merged.
 * Returns its number, or HP_DICT_FULL. */
uint32_t hp_dict_add(hp_dict *d, hp_str text);
/** Find or add a text of passing bytes: a new one is copied. */
uint32_t hp_dict_add_copy(hp_dict *d, hp_str text);
/** Append a text without looking for it, where looking would hardly find one; hp_dict_add does not find it
 * either. A text that is in twice gets the same value twice. Returns its number, or HP_DICT_FULL. */
uint32_t hp_dict_append(hp_dict *d, hp_str text);
/** Copy bytes into the dictionary's memory, where they stay until it is cleared; p is NULL without memory. */
hp_str hp_dict_keep(hp_dict *d, hp_str bytes);
/** Intern all texts into a pool: map[i] gets the value of text i (HP_NULL for an empty one); map has d->n
 * elements. Errors as hp_intern. */
hp_code hp_dict_merge(const hp_dict *d, hp_pool *pool, hp_vid *map, hp_err *err);
/** Forget the texts, keep the memory. */
void hp_dict_clear(hp_dict *d);
/** Release the memory; the dictionary is empty and usable again. */
void hp_dict_free(hp_dict *d);

#endif
