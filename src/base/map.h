/* Hash maps with open addressing: text keys and integer keys, to 32-bit values. */
#ifndef HP_BASE_MAP_H
#define HP_BASE_MAP_H

#include "base/str.h"

/** Map text to uint32_t. The keys' bytes are not copied: they must outlive the map. Zero-initialise. */
typedef struct hp_smap {
    struct hp_smap_slot *slot;
    size_t n, cap;
} hp_smap;

/** Find the value of `key`; false when absent. */
bool hp_smap_get(const hp_smap *m, hp_str key, uint32_t *value);
/** Insert or replace; false when out of memory. */
bool hp_smap_put(hp_smap *m, hp_str key, uint32_t value);
/** Find `key`, or insert it with `fresh`; *value is what is there then, *added tells which. False when out of
 * memory. */
bool hp_smap_add(hp_smap *m, hp_str key, uint32_t fresh, uint32_t *value, bool *added);
/** Release the table (not the keys). */
void hp_smap_free(hp_smap *m);

/** Map uint64_t to uint32_t. Zero-initialise. */
typedef struct hp_imap {
    struct hp_imap_slot *slot;
    size_t n, cap;
} hp_imap;

/** Find the value of `key`; false when absent. */
bool hp_imap_get(const hp_imap *m, uint64_t key, uint32_t *value);
/** Insert or replace; false when out of memory. */
bool hp_imap_put(hp_imap *m, uint64_t key, uint32_t value);
/** Find `key`, or insert it with `fresh`; *value is what is there then, *added tells which. False when out of
 * memory. */
bool hp_imap_add(hp_imap *m, uint64_t key, uint32_t fresh, uint32_t *value, bool *added);
/** Release the table. */
void hp_imap_free(hp_imap *m);

#endif
