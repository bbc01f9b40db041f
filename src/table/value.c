#include "table/value.h"

#include "base/hash.h"
#include "base/limits.h"
#include "base/mem.h"

/* Texts lie one behind the other in chunks that never move, so that views stay valid while the pool grows. */
#define CHUNK_BYTES (1u << 20)

typedef struct chunk {
    struct chunk *next;
    size_t used, cap;
    char bytes[];
} chunk;

struct hp_pool {
    hp_str *text;    /* text[id]; text[0] is the null value */
    uint64_t *hash;  /* hash[id], so that growing the table reads no text */
    uint32_t n, cap; /* texts, room */
    uint32_t *slot;  /* open addressing: id, or 0 when free */
    uint32_t mask;   /* slots - 1 */
    chunk *chunks;
    uint64_t bytes;
};

hp_pool *hp_pool_new(void) {
    hp_pool *p = hp_calloc(1, sizeof *p);
    if (!p) return NULL;
    p->cap = 1024;
    p->mask = 4095;
    p->text = hp_malloc(p->cap * sizeof *p->text);
    p->hash = hp_malloc(p->cap * sizeof *p->hash);
    p->slot = hp_calloc(p->mask + 1, sizeof *p->slot);
    if (!p->text || !p->hash || !p->slot) {
        hp_pool_free(p);
        return NULL;
    }
    p->text[0] = (hp_str){"", 0};
    p->hash[0] = 0;
    return p;
}

void hp_pool_free(hp_pool *p) {
    if (!p) return;
    for (chunk *c = p->chunks, *next; c; c = next) {
        next = c->next;
        hp_free(c);
    }
    hp_free(p->text);
    hp_free(p->hash);
    hp_free(p->slot);
    hp_free(p);
}

static char *place(hp_pool *p, size_t n) {
    chunk *c = p->chunks;
    if (!c || c->cap - c->used < n) {
        size_t cap = n > CHUNK_BYTES / 4 ? n : CHUNK_BYTES;
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
    hp_str *text = hp_realloc(p->text, cap, sizeof *text);
    if (!text) return false;
    p->text = text;
    uint64_t *hash = hp_realloc(p->hash, cap, sizeof *hash);
    if (!hash) return false;
    p->hash = hash;
    p->cap = cap;
    return true;
}

static bool grow_slots(hp_pool *p) {
    uint32_t mask = p->mask * 2 + 1;
    uint32_t *slot = hp_calloc((size_t)mask + 1, sizeof *slot);
    if (!slot) return false;
    for (uint32_t id = 1; id <= p->n; id++) {
        uint32_t i = (uint32_t)p->hash[id] & mask;
        while (slot[i]) i = (i + 1) & mask;
        slot[i] = id;
    }
    hp_free(p->slot);
    p->slot = slot;
    p->mask = mask;
    return true;
}

static hp_code add(hp_pool *p, hp_str text, uint64_t hash, hp_vid *out, hp_err *err) {
    if (p->bytes + text.n > HP_LIMIT_POOL_BYTES || p->n == UINT32_MAX / 4)
        return hp_fail(err, HP_DATA, "more than %llu bytes of distinct text in one run; split the input",
                       (unsigned long long)HP_LIMIT_POOL_BYTES);
    if (p->n + 1 >= p->cap && !grow_texts(p)) return hp_fail_memory(err, "the table of values");
    if ((p->n + 1) * 2ull > p->mask && !grow_slots(p)) return hp_fail_memory(err, "the table of values");
    char *bytes = place(p, text.n);
    if (!bytes) return hp_fail_memory(err, "the table of values");
    memcpy(bytes, text.p, text.n);
    uint32_t id = ++p->n;
    p->text[id] = (hp_str){bytes, text.n};
    p->hash[id] = hash;
    p->bytes += text.n;
    uint32_t i = (uint32_t)hash & p->mask;
    while (p->slot[i]) i = (i + 1) & p->mask;
    p->slot[i] = id;
    *out = id;
    return HP_OK;
}

hp_code hp_intern(hp_pool *p, hp_str text, hp_vid *out, hp_err *err) {
    if (text.n == 0) {
        *out = HP_NULL;
        return HP_OK;
    }
    uint64_t hash = hp_hash(text);
    for (uint32_t i = (uint32_t)hash & p->mask; p->slot[i]; i = (i + 1) & p->mask) {
        uint32_t id = p->slot[i];
        if (p->hash[id] == hash && hp_str_eq(p->text[id], text)) {
            *out = id;
            return HP_OK;
        }
    }
    return add(p, text, hash, out, err);
}

hp_str hp_text(const hp_pool *p, hp_vid v) { return p->text[v]; }

uint32_t hp_pool_count(const hp_pool *p) { return p->n; }
