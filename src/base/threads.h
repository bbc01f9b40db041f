/* Threads: one pool a process, used for loops over batches. */
#ifndef HP_BASE_THREADS_H
#define HP_BASE_THREADS_H

#include "base/err.h"
#include <stddef.h>

/** Do the work of items [from, to); `worker` is 0 .. jobs-1, for per-worker state. Must not touch shared
 * state without a lock. */
typedef void hp_batch_fn(void *ctx, size_t from, size_t to, unsigned worker);

/** Set how many threads loops may use (1 = the calling thread only; 0 = the number of usable processors). */
void hp_threads_set(unsigned jobs);
/** Return how many threads loops use. */
unsigned hp_threads_jobs(void);
/** Run `fn` over 0 .. n-1 in batches of at most `batch` items on the pool, and wait. Batches are cut the same
 * way whatever the number of jobs, so results that go by item or by batch number do not depend on it. If
 * threads cannot be started the calling thread does the work. */
void hp_parallel(size_t n, size_t batch, hp_batch_fn *fn, void *ctx);

#endif
