#include "base/mem.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/banned.h"

/* Relaxed: the numbers are only counted, nothing is published through them. */
static _Atomic uint64_t mem_count, mem_used, mem_peak, mem_budget, mem_fail_at, mem_failures;

#define LOAD(x)     atomic_load_explicit(&(x), memory_order_relaxed)
#define STORE(x, v) atomic_store_explicit(&(x), (v), memory_order_relaxed)
#define ADD(x, v)   atomic_fetch_add_explicit(&(x), (v), memory_order_relaxed)

/* Counts an attempt of `n` bytes more; false when it has to fail. */
static bool may_allocate(uint64_t n) {
    uint64_t number = ADD(mem_count, 1) + 1;
    uint64_t budget = LOAD(mem_budget), used = LOAD(mem_used);
    return number != LOAD(mem_fail_at) && (budget == 0 || (used <= budget && n <= budget - used));
}

/* Counts an allocation that failed; returns what the caller returns. */
static void *failed(void) {
    ADD(mem_failures, 1);
    return NULL;
}

static void count_held(uint64_t bytes) {
    uint64_t used = ADD(mem_used, bytes) + bytes, peak = LOAD(mem_peak);
    while (used > peak
           && !atomic_compare_exchange_weak_explicit(&mem_peak, &peak, used, memory_order_relaxed,
                                                     memory_order_relaxed)) {}
}

static void count_released(uint64_t bytes) {
    atomic_fetch_sub_explicit(&mem_used, bytes, memory_order_relaxed);
}

void *hp_malloc(size_t n) {
    if (!may_allocate(n)) return failed();
    void *p = malloc(n ? n : 1);
    if (!p) return failed();
    count_held(malloc_usable_size(p));
    return p;
}

void *hp_calloc(size_t n, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes) || !may_allocate(bytes)) return failed();
    void *p = calloc(bytes ? bytes : 1, 1);
    if (!p) return failed();
    count_held(malloc_usable_size(p));
    return p;
}

void *hp_realloc(void *p, size_t n, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes)) return failed();
    size_t before = p ? malloc_usable_size(p) : 0;
    if (!may_allocate(bytes > before ? bytes - before : 0)) return failed();
    void *q = realloc(p, bytes ? bytes : 1);
    if (!q) return failed();
    count_held(malloc_usable_size(q));
    count_released(before);
    return q;
}

void hp_free(void *p) {
    if (!p) return;
    count_released(malloc_usable_size(p));
    free(p);
}

void hp_mem_set_budget(uint64_t bytes) { STORE(mem_budget, bytes); }

uint64_t hp_mem_used(uint64_t *peak) {
    if (peak) *peak = LOAD(mem_peak);
    return LOAD(mem_used);
}

void hp_mem_fail_at(uint64_t n) { STORE(mem_fail_at, n ? LOAD(mem_count) + n : 0); }

uint64_t hp_mem_failures(void) { return LOAD(mem_failures); }

uint64_t hp_mem_count(void) { return LOAD(mem_count); }

#ifdef HP_TORTURE
/* Runs before main, so that the very first allocation can be made to fail. */
__attribute__((constructor)) static void read_fail_alloc(void) {
    const char *n = getenv("HOTPASS_FAIL_ALLOC");
    if (n) hp_mem_fail_at(strtoull(n, NULL, 10));
}
#endif
