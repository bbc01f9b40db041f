#include "table/dict.h"

#include "base/mem.h"

#include "base/banned.h"

/* Copies lie in blocks that never move. */
#define BLOCK_BYTES (64u << 10)
#define FIRST_SLOTS 1024u

typedef struct hp_dict_block {
    struct hp_dict_block *next;
    size_t used, cap;
    char bytes[];
} block;

static uint32_t tag_of(uint64_t hash) { return (uint32_t)(hash >> 32); }

static bool grow_texts(hp_dict *d) {
    uint32_t cap = d->cap ? d->cap * 2 : FIRST_SLOTS / 2;
    hp_str *text = hp_realloc(d->text, cap, sizeof *text);
    if (text) d->text = text;
    uint64_t *hash = text ? hp_realloc(d->hash, cap, sizeof *hash) : NULL;
    if (!hash) return false;
    d->hash = hash;
    d->cap = cap;
    return true;
}

/* Puts a slot (tag, number + 1) where it will be looked for. */
static inline void take_slot(hp_dict *d, uint64_t s) {
    uint32_t i = (uint32_t)(s >> 32) & d->mask;
    while (d->slot[i]) i = (i + 1) & d->mask;
    d->slot[i] = s;
}

/* Half of the slots stay free. */
static bool grow_slots(hp_dict *d) {
    uint32_t old = d->mask ? d->mask + 1 : 0, slots = old ? old * 2 : FIRST_SLOTS;
    uint64_t *slot = hp_calloc(slots, sizeof *slot);
    if (!slot) return false;
    hp_autofree uint64_t *was = d->slot;
    d->slot = slot;
    d->mask = slots - 1;
    for (uint32_t i = 0; i < old; i++)
        if (was[i]) take_slot(d, was[i]);
    return true;
}

static inline uint32_t add_new(hp_dict *d, hp_str text, uint64_t hash) {
    if (d->n == UINT32_MAX / 4 || (d->n == d->cap && !grow_texts(d))) return HP_DICT_FULL;
    d->text[d->n] = text;
    d->hash[d->n] = hash;
    d->found++;
    take_slot(d, (uint64_t)tag_of(hash) << 32 | (d->n + 1));
    return d->n++;
}

static inline bool has_room(hp_dict *d) {
    return (d->mask && (d->found + 1) * 2 <= d->mask) || grow_slots(d);
}

/* Finds a text; HP_DICT_FULL when it is not there. */
static inline uint32_t find(const hp_dict *d, hp_str text, uint64_t hash) {
    for (uint32_t i = tag_of(hash) & d->mask; d->slot[i]; i = (i + 1) & d->mask) {
        uint32_t number = (uint32_t)d->slot[i] - 1;
        if (tag_of(d->slot[i]) == tag_of(hash) && hp_text_same(d->text[number], text)) return number;
    }
    return HP_DICT_FULL;
}

uint32_t hp_dict_add(hp_dict *d, hp_str text) {
    if (!has_room(d)) return HP_DICT_FULL;
    uint64_t hash = hp_hash_text(text);
    uint32_t found = find(d, text, hash);
    return found != HP_DICT_FULL ? found : add_new(d, text, hash);
}

uint32_t hp_dict_add_copy(hp_dict *d, hp_str text) {
    if (!has_room(d)) return HP_DICT_FULL;
    uint64_t hash = hp_hash_text(text);
    uint32_t found = find(d, text, hash);
    if (found != HP_DICT_FULL) return found;
    text = hp_dict_keep(d, text);
    return text.p ? add_new(d, text, hash) : HP_DICT_FULL;
}

uint32_t hp_dict_append(hp_dict *d, hp_str text) {
    if (d->n == UINT32_MAX / 4 || (d->n == d->cap && !grow_texts(d))) return HP_DICT_FULL;
    d->text[d->n] = text;
    d->hash[d->n] = hp_hash_text(text);
    return d->n++;
}

hp_str hp_dict_keep(hp_dict *d, hp_str bytes) {
    block *b = d->block;
    if (!b || b->cap - b->used < bytes.n) {
        size_t cap = bytes.n > BLOCK_BYTES / 4 ? bytes.n : BLOCK_BYTES;
        b = hp_malloc(sizeof *b + cap);
        if (!b) return (hp_str){NULL, 0};
        *b = (block){.next = d->block, .cap = cap};
        d->block = b;
    }
    char *at = b->bytes + b->used;
    memcpy(at, bytes.p, bytes.n);
    b->used += bytes.n;
    return (hp_str){at, bytes.n};
}

hp_code hp_dict_merge(const hp_dict *d, hp_pool *pool, hp_vid *map, hp_err *err) {
    uint32_t from = 0;
    for (uint32_t i = 0; i <= d->n; i++) {
        if (i < d->n && d->text[i].n) continue;
        HP_TRY(hp_intern_all(pool, d->text + from, d->hash + from, i - from, map + from, err));
        if (i < d->n) map[i] = HP_NULL;
        from = i + 1;
    }
    return HP_OK;
}

static void free_blocks(hp_dict *d) {
    for (block *b = d->block, *next; b; b = next) {
        next = b->next;
        hp_free(b);
    }
    d->block = NULL;
}

void hp_dict_clear(hp_dict *d) {
    if (d->slot) memset(d->slot, 0, ((size_t)d->mask + 1) * sizeof *d->slot);
    d->n = d->found = 0;
    free_blocks(d);
}

void hp_dict_free(hp_dict *d) {
    free_blocks(d);
    hp_free(d->text);
    hp_free(d->hash);
    hp_free(d->slot);
    *d = (hp_dict){0};
}
