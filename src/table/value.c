#include "table/value.h"

#include <stdatomic.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/mem.h"

/* Texts lie one behind the other in chunks that never move, so that views stay valid while the pool grows. */
#define CHUNK_BYTES (1u << 20)
#define LARGE_CHUNK (4u << 20) /* once there are many */

typedef struct chunk {
    struct chunk *next;
    size_t used, cap;
    char bytes[];
} chunk;

/* A slot of the table: the id in the low half, half of the text's hash in the high one, so that most slots
 * that do not match are passed over without a look at their text, and growing needs none at all. 0 = free. */
typedef uint64_t slot;

enum {
    BLOCK = 1024,    /* texts that are looked for at once */
    SHORT_TEXT = 64, /* bytes; longer ones are worth a call of memcpy */
};

struct hp_pool {
    hp_place *text;  /* text[id]; text[0] is the null value */
    uint32_t n, cap; /* texts, room */
    slot *slots;     /* open addressing, by the tag */
    uint32_t nslot;  /* taken slots; texts that are not to be found again have none */
    uint32_t mask;   /* slots - 1 */
    chunk *chunks;
    uint64_t bytes;
    uint64_t serial;
    size_t longest;
};

static uint32_t tag_of(slot s) { return (uint32_t)(s >> 32); }
static uint32_t id_of(slot s) { return (uint32_t)s; }

/* Addresses of a process have 47 bits where a kernel has not been asked for more. */
static hp_place place_of(const char *bytes, size_t n) {
    uint64_t length = n < HP_PLACE_LONG ? n : HP_PLACE_LONG;
    return (uint64_t)(uintptr_t)bytes | length << HP_PLACE_BITS;
}

static _Atomic uint64_t pools_made;

hp_pool *hp_pool_new(void) {
    hp_pool *p = hp_calloc(1, sizeof *p);
    if (!p) return NULL;
    p->serial = atomic_fetch_add_explicit(&pools_made, 1, memory_order_relaxed) + 1;
    p->cap = 1024;
    p->mask = 4095;
    p->text = hp_malloc(p->cap * sizeof *p->text);
    p->slots = hp_calloc(p->mask + 1, sizeof *p->slots);
    if (!p->text || !p->slots) {
        hp_pool_free(p);
        return NULL;
    }
    p->text[0] = place_of("", 0);
    return p;
}

uint64_t hp_pool_serial(const hp_pool *p) { return p->serial; }

void hp_pool_free(hp_pool *p) {
    if (!p) return;
    for (chunk *c = p->chunks, *next; c; c = next) {
        next = c->next;
        hp_free(c);
    }
    hp_free(p->text);
    hp_free(p->slots);
    hp_free(p);
}

static char *room_for(hp_pool *p, size_t n) {
    chunk *c = p->chunks;
    if (!c || c->cap - c->used < n) {
        size_t usual = p->bytes < 4 * LARGE_CHUNK ? CHUNK_BYTES : LARGE_CHUNK;
        size_t cap = n > usual / 4 ? n : usual;
        chunk *fresh = hp_malloc(sizeof *fresh + cap);
        if (!fresh) return NULL;
        *fresh = (chunk){.next = p->chunks, .cap = cap};
        p->chunks = c = fresh;
    }
    char *at = c->bytes + c->used;
    c->used += n;
    return at;
}

static bool grow_texts(hp_pool *p) {
    uint32_t cap = p->cap * 2;
    hp_place *text = hp_realloc(p->text, cap, sizeof *text);
    if (!text) return false;
    p->text = text;
    p->cap = cap;
    return true;
}

static void take_slot(slot *slots, uint32_t mask, slot s) {
    uint32_t i = tag_of(s) & mask;
    while (slots[i]) i = (i + 1) & mask;
    slots[i] = s;
}

/* Takes the slots of the run of taken ones at the begin out of the table: they may belong to its end. NULL
 * when out of memory. */
static slot *take_out_first(hp_pool *p, uint32_t *n) {
    uint32_t count = 0;
    while (p->slots[count]) count++; /* half of the slots are free */
    slot *first = hp_malloc((count ? count : 1) * sizeof *first);
    if (!first) return NULL;
    memcpy(first, p->slots, count * sizeof *first);
    memset(p->slots, 0, count * sizeof *first);
    *n = count;
    return first;
}

/* Doubles the table where it is: a second one beside it would be the largest block of a run. A slot goes to
 * where it was or before, or into the new half; the first ones, which may have come round from the end, go
 * last. */
static bool grow_slots(hp_pool *p) {
    uint32_t old = p->mask + 1, nfirst = 0;
    hp_autofree slot *first = take_out_first(p, &nfirst);
    slot *slots = first ? hp_realloc(p->slots, (size_t)old * 2, sizeof *slots) : NULL;
    if (!slots) {
        if (first) memcpy(p->slots, first, nfirst * sizeof *first);
        return false;
    }
    memset(slots + old, 0, (size_t)old * sizeof *slots);
    p->slots = slots;
    p->mask = old * 2 - 1;
    for (uint32_t i = nfirst; i < old; i++) {
        slot s = slots[i];
        slots[i] = 0;
        if (s) take_slot(slots, p->mask, s);
    }
    for (uint32_t i = 0; i < nfirst; i++) take_slot(slots, p->mask, first[i]);
    return true;
}

/* Makes sure that one more text has its place in the table of texts and is under the limits. */
static hp_code check_room(hp_pool *p, hp_str text, hp_err *err) {
    if (p->n == UINT32_MAX / 4)
        return hp_fail(err, HP_DATA, "more than %u distinct texts in one run; split the input",
                       UINT32_MAX / 4);
    if (p->bytes + text.n > HP_LIMIT_POOL_BYTES)
        return hp_fail_limit(err, HP_L_POOL_BYTES,
                             "more than %llu bytes of distinct text in one run: split the input",
                             (unsigned long long)HP_LIMIT_POOL_BYTES);
    if (p->n + 1 >= p->cap && !grow_texts(p)) return hp_fail_memory(err, "the table of values");
    return HP_OK;
}

/* Copies a text of at least one byte without a call: there are millions, and most are short. The last eight
 * or four bytes may be copied twice. */
static inline void copy_short(char *to, hp_str s) {
    if (s.n >= 8) {
        for (size_t i = 0; i + 8 < s.n; i += 8) memcpy(to + i, s.p + i, 8);
        memcpy(to + s.n - 8, s.p + s.n - 8, 8);
    } else if (s.n >= 4) {
        memcpy(to, s.p, 4);
        memcpy(to + s.n - 4, s.p + s.n - 4, 4);
    } else {
        for (size_t i = 0; i < s.n; i++) to[i] = s.p[i];
    }
}

/* Puts a text behind the others, for which the table has a place; false without memory. */
static inline bool append(hp_pool *p, hp_str text) {
    size_t before = text.n < HP_PLACE_LONG ? 0 : sizeof text.n;
    char *bytes = room_for(p, before + text.n);
    if (!bytes) return false;
    if (before) memcpy(bytes, &text.n, before);
    if (text.n <= SHORT_TEXT)
        copy_short(bytes, text);
    else
        memcpy(bytes + before, text.p, text.n);
    p->text[++p->n] = place_of(bytes + before, text.n);
    p->bytes += text.n;
    if (text.n > p->longest) p->longest = text.n;
    return true;
}

hp_code hp_store(hp_pool *p, hp_str text, hp_vid *out, hp_err *err) {
    if (text.n == 0) {
        *out = HP_NULL;
        return HP_OK;
    }
    HP_TRY(check_room(p, text, err));
    if (!append(p, text)) return hp_fail_memory(err, "the table of values");
    *out = p->n;
    return HP_OK;
}

/* Doubles the table until so many slots more can be taken with half of all left free. */
static bool have_slots(hp_pool *p, size_t more) {
    while ((p->nslot + more) * 2ull > p->mask)
        if (!grow_slots(p)) return false;
    return true;
}

/* Finds or adds a text whose tag is known, and for which there is a slot. The pool may have `most` bytes of
 * text before anybody has to look at the limits. */
static inline hp_code intern_tagged(hp_pool *p, hp_str text, uint32_t tag, uint64_t most, hp_vid *out,
                                    hp_err *err) {
    uint32_t i = tag & p->mask;
    for (; p->slots[i]; i = (i + 1) & p->mask) {
        uint32_t id = id_of(p->slots[i]);
        if (tag_of(p->slots[i]) == tag && hp_text_same(hp_place_text(p->text[id]), text)) {
            *out = id;
            return HP_OK;
        }
    }
    if (p->n + 1 >= p->cap || p->bytes + text.n > most) HP_TRY(check_room(p, text, err));
    if (!append(p, text)) return hp_fail_memory(err, "the table of values");
    p->slots[i] = (slot)tag << 32 | p->n;
    p->nslot++;
    *out = p->n;
    return HP_OK;
}

static uint32_t tag_of_hash(uint64_t hash) { return (uint32_t)(hash >> 32); }

hp_code hp_intern(hp_pool *p, hp_str text, hp_vid *out, hp_err *err) {
    if (text.n == 0) {
        *out = HP_NULL;
        return HP_OK;
    }
    if (!have_slots(p, 1)) return hp_fail_memory(err, "the table of values");
    return intern_tagged(p, text, tag_of_hash(hp_hash_text(text)), 0, out, err);
}

/* How far the steps of a look-up run ahead of each other: each asks the memory for what the next one reads,
 * and by then it is there. */
#define AHEAD 12

/* Returns the text that the first slot of a tag names if it is likely the one, else 0, which every pool has:
 * so the steps have no branch that depends on what is found, which nobody could predict. */
static inline uint32_t likely(const hp_pool *p, uint32_t tag) {
    slot s = p->slots[tag & p->mask];
    return tag_of(s) == tag ? id_of(s) : 0;
}

/* As hp_intern_all; the table has slots for all, so that it stays where it is. */
static hp_code intern_block(hp_pool *p, const hp_str *text, const uint64_t *hash, size_t n, hp_vid *out,
                            hp_err *err) {
    const uint64_t most = HP_LIMIT_POOL_BYTES;
    uint32_t found[BLOCK];
    for (size_t i = 0; i < n + 3 * AHEAD; i++) {
        if (i < n) __builtin_prefetch(&p->slots[tag_of_hash(hash[i]) & p->mask]);
        if (i >= AHEAD && i - AHEAD < n) {
            size_t k = i - AHEAD;
            found[k] = likely(p, tag_of_hash(hash[k]));
            __builtin_prefetch(&p->text[found[k]]);
        }
        if (i >= 2 * AHEAD && i - 2 * AHEAD < n)
            __builtin_prefetch(hp_place_bytes(p->text[found[i - 2 * AHEAD]]));
        if (i < 3 * AHEAD) continue;
        size_t k = i - 3 * AHEAD;
        if (found[k] && hp_text_same(hp_place_text(p->text[found[k]]), text[k]))
            out[k] = found[k];
        else
            HP_TRY(intern_tagged(p, text[k], tag_of_hash(hash[k]), most, &out[k], err));
    }
    return HP_OK;
}

hp_code hp_intern_all(hp_pool *p, const hp_str *text, const uint64_t *hash, size_t n, hp_vid *out,
                      hp_err *err) {
    for (size_t from = 0; from < n; from += BLOCK) {
        size_t most = n - from < BLOCK ? n - from : BLOCK;
        if (!have_slots(p, most)) return hp_fail_memory(err, "the table of values");
        HP_TRY(intern_block(p, text + from, hash + from, most, out + from, err));
    }
    return HP_OK;
}

hp_code hp_pool_merge(hp_pool *p, const hp_pool *from, hp_vid *map, hp_err *err) {
    hp_str text[BLOCK];
    uint64_t hash[BLOCK];
    map[HP_NULL] = HP_NULL;
    for (uint32_t first = 1; first <= from->n; first += BLOCK) {
        uint32_t n = from->n - first + 1 < BLOCK ? from->n - first + 1 : BLOCK;
        for (uint32_t i = 0; i < n; i++) {
            text[i] = hp_place_text(from->text[first + i]);
            hash[i] = hp_hash_text(text[i]);
        }
        HP_TRY(hp_intern_all(p, text, hash, n, map + first, err));
    }
    return HP_OK;
}

hp_str hp_text(const hp_pool *p, hp_vid v) { return hp_place_text(p->text[v]); }

const hp_place *hp_pool_places(const hp_pool *p) { return p->text; }

size_t hp_pool_longest(const hp_pool *p) { return p->longest; }

uint32_t hp_pool_count(const hp_pool *p) { return p->n; }
