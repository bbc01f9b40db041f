/* The one door to the heap: everything allocates here, so that a test can make the n-th call fail. */
#ifndef HP_BASE_MEM_H
#define HP_BASE_MEM_H

#include <stddef.h>
#include <stdint.h>

/** Allocate `n` bytes (n may be 0); NULL when out of memory or over the byte budget. Release with hp_free. */
void *hp_malloc(size_t n) __attribute__((malloc, warn_unused_result));

/** Allocate `n` * `size` zeroed bytes, checking the product; NULL on overflow or when out of memory. */
void *hp_calloc(size_t n, size_t size) __attribute__((malloc, warn_unused_result));

/** Resize to `n` * `size` bytes, checking the product; on NULL the old block stays valid. */
void *hp_realloc(void *p, size_t n, size_t size) __attribute__((warn_unused_result));

/** Release a block of hp_malloc and its kin; NULL is allowed. */
void hp_free(void *p);

/** Set the process-wide budget in bytes (0 = none). Going over it makes allocations return NULL, which ends
 * in HP_RETRY. */
void hp_mem_set_budget(uint64_t bytes);

/** Return the bytes now held, and in `peak` (may be NULL) the most ever held. */
uint64_t hp_mem_used(uint64_t *peak);

/** Make the n-th allocation from now fail (1 = the next one, 0 = never). For torture tests; in every build,
 * at the cost of one relaxed counter. The environment variable HOTPASS_FAIL_ALLOC=n sets it at start in
 * builds with -Dtorture=true. */
void hp_mem_fail_at(uint64_t n);

/** Return how many allocations have failed since start. A function without an error of its own may go on with
 * less when memory runs out; whoever vouches for a result holds this number against what it was before, so
 * that no such result passes for a whole one. */
uint64_t hp_mem_failures(void);

/** Return how many allocations were made since start, so that a torture test knows when it has tried them
 * all. */
uint64_t hp_mem_count(void);

/** Free the heap block that a `hp_autofree` variable points to. */
static inline void hp_free_at(void *pp) { hp_free(*(void **)pp); }

/** Declare a pointer whose block is freed when it goes out of scope. */
#define hp_autofree __attribute__((cleanup(hp_free_at)))

#endif
