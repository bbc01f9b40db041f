#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

#if defined(__SANITIZE_ADDRESS__)
#define HP_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HP_ASAN 1
#endif
#endif
#ifdef HP_ASAN
#include <sanitizer/asan_interface.h>
enum { RED_ZONE = 16 }; /* so that a run over the end of one allocation does not land in the next */
#else
#define ASAN_POISON_MEMORY_REGION(p, n)   ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
enum { RED_ZONE = 0 };
#endif

#include "base/banned.h"

enum { ALIGN = 16, FIRST_CHUNK = 4096, LAST_CHUNK = 1 << 20 };

/* One heap block: this header, then its bytes. */
typedef struct block {
    struct block *next;
    size_t bytes; /* with the header */
} block;
_Static_assert(sizeof(block) % ALIGN == 0, "bytes behind the header are aligned for any type");

/* A heap block that was made elsewhere. */
typedef struct adopted {
    struct adopted *next;
    void *heap;
} adopted;

struct hp_arena {
    hp_arena *parent, *child, *next, **link; /* link: the pointer that points here */
    block *blocks;
    adopted *adopted;
    char *at, *end; /* the free part of the newest chunk */
    size_t chunk, budget;
    /* With children. Atomic, so that children made beforehand can be used by one thread each. */
    _Atomic size_t bytes;
};

hp_arena *hp_arena_new(hp_arena *parent) {
    hp_arena *a = hp_calloc(1, sizeof *a);
    if (!a) return NULL;
    a->chunk = FIRST_CHUNK;
    a->parent = parent;
    if (parent) {
        a->next = parent->child;
        a->link = &parent->child;
        if (a->next) a->next->link = &a->next;
        parent->child = a;
    }
    return a;
}

void hp_arena_set_budget(hp_arena *a, size_t bytes) { a->budget = bytes; }

static void release(hp_arena *a, const hp_arena *until, size_t bytes) {
    for (; a != until; a = a->parent) atomic_fetch_sub_explicit(&a->bytes, bytes, memory_order_relaxed);
}

/* Counts `bytes` in the arena and all it is part of; false when one of them has no room (nothing is counted).
 */
static bool reserve(hp_arena *a, size_t bytes) {
    for (hp_arena *up = a; up; up = up->parent) {
        size_t before = atomic_fetch_add_explicit(&up->bytes, bytes, memory_order_relaxed);
        if (up->budget && (before > up->budget || bytes > up->budget - before)) {
            release(a, up->parent, bytes);
            return false;
        }
    }
    return true;
}

/* Adds a block with room for `n` bytes and returns them; NULL when out of memory or over the budget. */
static char *add_block(hp_arena *a, size_t n, bool zero) {
    size_t bytes;
    if (__builtin_add_overflow(n, sizeof(block), &bytes) || !reserve(a, bytes)) return NULL;
    block *b = zero ? hp_calloc(bytes, 1) : hp_malloc(bytes);
    if (!b) {
        release(a, NULL, bytes);
        return NULL;
    }
    *b = (block){a->blocks, bytes};
    a->blocks = b;
    return (char *)(b + 1);
}

static void drop_blocks(hp_arena *a) {
    for (adopted *d = a->adopted; d; d = d->next) hp_free(d->heap); /* the list itself is in the blocks */
    for (block *b = a->blocks, *next; b; b = next) {
        next = b->next;
        ASAN_UNPOISON_MEMORY_REGION(b, b->bytes);
        hp_free(b);
    }
}

void hp_arena_drop(hp_arena *a) {
    if (!a) return;
    while (a->child) hp_arena_drop(a->child);
    if (a->link) {
        *a->link = a->next;
        if (a->next) a->next->link = a->link;
        release(a->parent, NULL, atomic_load_explicit(&a->bytes, memory_order_relaxed));
    }
    drop_blocks(a);
    hp_free(a);
}

/* Starts a new chunk, of double the size of the last; a smaller one when the budget has no room for that. */
static bool new_chunk(hp_arena *a, size_t need) {
    size_t n = a->chunk - sizeof(block);
    char *p = add_block(a, n, false);
    if (!p) {
        n = need;
        p = add_block(a, n, false);
    }
    if (!p) return false;
    if (a->chunk < LAST_CHUNK) a->chunk *= 2;
    a->at = p;
    a->end = p + n;
    ASAN_POISON_MEMORY_REGION(p, n);
    return true;
}

/* Allocates at a multiple of `align`; *zeroed tells whether the bytes are zero already. */
static void *allocate(hp_arena *a, size_t n, size_t align, bool zero, bool *zeroed) {
    *zeroed = false;
    if (n > a->chunk / 4 && n > (size_t)(a->end - a->at)) {
        *zeroed = zero;
        return add_block(a, n, zero);
    }
    size_t pad = (size_t)(-(uintptr_t)a->at & (align - 1));
    if (!a->at || n + pad + RED_ZONE > (size_t)(a->end - a->at)) {
        if (!new_chunk(a, n + RED_ZONE)) return NULL;
        pad = 0;
    }
    char *p = a->at + pad;
    a->at = p + n + RED_ZONE;
    ASAN_UNPOISON_MEMORY_REGION(p, n);
    return p;
}

void *hp_arena_raw(hp_arena *a, size_t n) {
    bool zeroed;
    return allocate(a, n ? n : 1, 8, false, &zeroed);
}

void *hp_arena_zero(hp_arena *a, size_t n) {
    bool zeroed;
    if (n == 0) n = 1;
    void *p = allocate(a, n, ALIGN, true, &zeroed);
    if (p && !zeroed) memset(p, 0, n);
    return p;
}

bool hp_arena_adopt(hp_arena *a, void *heap, size_t n) {
    adopted *d = HP_NEW(a, adopted);
    if (!d || !reserve(a, n)) return false;
    *d = (adopted){a->adopted, heap};
    a->adopted = d;
    return true;
}

void *hp_arena_array(hp_arena *a, size_t count, size_t size) {
    size_t bytes;
    return __builtin_mul_overflow(count, size, &bytes) ? NULL : hp_arena_zero(a, bytes);
}

hp_str hp_arena_dup(hp_arena *a, hp_str s) {
    bool zeroed;
    char *p = s.n == SIZE_MAX ? NULL : allocate(a, s.n + 1, 1, false, &zeroed);
    if (!p) return (hp_str){NULL, 0};
    if (s.n) memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    return (hp_str){p, s.n};
}

hp_str hp_arena_printf(hp_arena *a, const char *fmt, ...) {
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    bool zeroed;
    char *p = n < 0 ? NULL : allocate(a, (size_t)n + 1, 1, false, &zeroed);
    if (p) vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return (hp_str){p, p ? (size_t)n : 0};
}

size_t hp_arena_bytes(const hp_arena *a) { return atomic_load_explicit(&a->bytes, memory_order_relaxed); }
