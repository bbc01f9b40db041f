#include "base/map.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/banned.h"

/* Linear probing over a power of two of slots, kept at most 3/4 full: a miss then costs about eight probes.
 */

struct hp_smap_slot {
    hp_str key;
    uint32_t tag; /* upper half of the hash, never 0; 0 = empty slot */
    uint32_t value;
};

struct hp_imap_slot {
    uint64_t key;
    uint32_t value;
    uint32_t used;
};

static bool is_full(size_t n, size_t cap) { return n + 1 > cap - cap / 4; }

static uint32_t tag_of(uint64_t hash) { return (uint32_t)(hash >> 32) | 1u; }

/* Returns the slot of `key`, or the empty slot where it belongs. The map has at least one empty slot. */
static struct hp_smap_slot *smap_slot(const hp_smap *m, hp_str key, uint64_t hash) {
    uint32_t tag = tag_of(hash);
    for (size_t i = hash & (m->cap - 1);; i = (i + 1) & (m->cap - 1)) {
        struct hp_smap_slot *s = &m->slot[i];
        if (s->tag == 0 || (s->tag == tag && hp_str_eq(s->key, key))) return s;
    }
}

static bool smap_grow(hp_smap *m) {
    if (m->cap && !is_full(m->n, m->cap)) return true;
    hp_smap bigger = {.n = m->n, .cap = m->cap ? m->cap * 2 : 16};
    bigger.slot = hp_calloc(bigger.cap, sizeof *bigger.slot);
    if (!bigger.slot) return false;
    for (size_t i = 0; i < m->cap; i++) {
        if (m->slot[i].tag) *smap_slot(&bigger, m->slot[i].key, hp_hash(m->slot[i].key)) = m->slot[i];
    }
    hp_free(m->slot);
    *m = bigger;
    return true;
}

bool hp_smap_get(const hp_smap *m, hp_str key, uint32_t *value) {
    if (!m->cap) return false;
    const struct hp_smap_slot *s = smap_slot(m, key, hp_hash(key));
    if (!s->tag) return false;
    *value = s->value;
    return true;
}

bool hp_smap_add(hp_smap *m, hp_str key, uint32_t fresh, uint32_t *value, bool *added) {
    if (!smap_grow(m)) return false;
    uint64_t hash = hp_hash(key);
    struct hp_smap_slot *s = smap_slot(m, key, hash);
    *added = s->tag == 0;
    if (*added) {
        *s = (struct hp_smap_slot){key, tag_of(hash), fresh};
        m->n++;
    }
    *value = s->value;
    return true;
}

bool hp_smap_put(hp_smap *m, hp_str key, uint32_t value) {
    uint32_t there;
    bool added;
    if (!hp_smap_add(m, key, value, &there, &added)) return false;
    if (!added) smap_slot(m, key, hp_hash(key))->value = value;
    return true;
}

void hp_smap_free(hp_smap *m) {
    hp_free(m->slot);
    *m = (hp_smap){0};
}

static struct hp_imap_slot *imap_slot(const hp_imap *m, uint64_t key) {
    for (size_t i = hp_hash_u64(key) & (m->cap - 1);; i = (i + 1) & (m->cap - 1)) {
        struct hp_imap_slot *s = &m->slot[i];
        if (!s->used || s->key == key) return s;
    }
}

static bool imap_grow(hp_imap *m) {
    if (m->cap && !is_full(m->n, m->cap)) return true;
    hp_imap bigger = {.n = m->n, .cap = m->cap ? m->cap * 2 : 16};
    bigger.slot = hp_calloc(bigger.cap, sizeof *bigger.slot);
    if (!bigger.slot) return false;
    for (size_t i = 0; i < m->cap; i++) {
        if (m->slot[i].used) *imap_slot(&bigger, m->slot[i].key) = m->slot[i];
    }
    hp_free(m->slot);
    *m = bigger;
    return true;
}

bool hp_imap_get(const hp_imap *m, uint64_t key, uint32_t *value) {
    if (!m->cap) return false;
    const struct hp_imap_slot *s = imap_slot(m, key);
    if (!s->used) return false;
    *value = s->value;
    return true;
}

bool hp_imap_add(hp_imap *m, uint64_t key, uint32_t fresh, uint32_t *value, bool *added) {
    if (!imap_grow(m)) return false;
    struct hp_imap_slot *s = imap_slot(m, key);
    *added = !s->used;
    if (*added) {
        *s = (struct hp_imap_slot){key, fresh, 1};
        m->n++;
    }
    *value = s->value;
    return true;
}

bool hp_imap_put(hp_imap *m, uint64_t key, uint32_t value) {
    uint32_t there;
    bool added;
    if (!hp_imap_add(m, key, value, &there, &added)) return false;
    if (!added) imap_slot(m, key)->value = value;
    return true;
}

void hp_imap_free(hp_imap *m) {
    hp_free(m->slot);
    *m = (hp_imap){0};
}
