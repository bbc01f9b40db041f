/* Arenas: memory that is freed all at once. One for a run, child arenas for its stages. */
#ifndef HP_BASE_ARENA_H
#define HP_BASE_ARENA_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

/** Own many small blocks that live and die together. Not thread-safe: one arena, one thread at a time.
 * Children made beforehand may be used by one thread each (a worker's scratch space); they are made and
 * dropped where their parent is. */
typedef struct hp_arena hp_arena;

/** Make an arena; `parent` (may be NULL) drops it with itself. NULL when out of memory. */
hp_arena *hp_arena_new(hp_arena *parent);
/** Cap the bytes an arena (with its children) may hold; allocations beyond return NULL. 0 = no cap. */
void hp_arena_set_budget(hp_arena *a, size_t bytes);
/** Drop an arena, its blocks and its children; NULL is allowed. */
void hp_arena_drop(hp_arena *a);
/** Allocate `n` zeroed bytes, aligned for any type; NULL when out of memory or over the process budget. */
void *hp_arena_zero(hp_arena *a, size_t n);
/** Allocate `n` bytes without zeroing, aligned to 8. */
void *hp_arena_raw(hp_arena *a, size_t n);
/** Take over a heap block (hp_malloc and its kin) of `n` bytes, which is freed with the arena. False when out
 * of memory or over the budget: the block is the caller's still. */
bool hp_arena_adopt(hp_arena *a, void *heap, size_t n);
/** Allocate an array of `count` zeroed elements of `size` bytes, checking the product. */
void *hp_arena_array(hp_arena *a, size_t count, size_t size);
/** Copy a view, adding a NUL behind it; the copy's p is NULL when out of memory. */
hp_str hp_arena_dup(hp_arena *a, hp_str s);
/** Format into the arena; p is NULL when out of memory. NUL-terminated. */
hp_str hp_arena_printf(hp_arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** Return the bytes the arena holds (with children). */
size_t hp_arena_bytes(const hp_arena *a);

/** Drop the arena that a `hp_autoarena` variable points to. */
static inline void hp_arena_drop_at(hp_arena **a) { hp_arena_drop(*a); }
/** Declare an arena pointer that is dropped when it goes out of scope. */
#define hp_autoarena __attribute__((cleanup(hp_arena_drop_at))) hp_arena

/** Allocate one zeroed object of type T in arena `a`. */
#define HP_NEW(a, T) ((T *)hp_arena_zero((a), sizeof(T)))
/** Allocate an array of `n` zeroed objects of type T in arena `a`. */
#define HP_NEW_ARRAY(a, n, T) ((T *)hp_arena_array((a), (n), sizeof(T)))

#endif
