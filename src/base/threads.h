/* Threads: one pool a process, used for loops over batches. */
#ifndef HP_BASE_THREADS_H
#define HP_BASE_THREADS_H

#include "base/err.h"
#include <stdbool.h>
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

/** Return how many bytes of a file are worth a piece of work of its own: `usual`, unless a test wants less.
 */
size_t hp_piece_bytes(size_t usual);
/** Make pieces of at most so many bytes from now on, 0 = as usual: for tests, whose inputs are small. */
void hp_piece_limit(size_t most);

/** Describe a pipeline over items: each is made, then worked on, then taken. `make` and `take` are called for
 * one item at a time, in the order of the items, though perhaps on different threads; `work` for several at
 * once. An item lives in a slot (0 .. depth-1) from its making until it was taken; nobody else uses the slot
 * meanwhile. */
typedef struct hp_pipeline {
    size_t depth; /**< items under way at most; bounds the memory; 1 .. HP_PIPELINE_DEPTH */
    /** Make the next item in a slot; *made = false says that there are no more. */
    hp_code (*make)(void *ctx, size_t slot, bool *made, hp_err *err);
    hp_code (*work)(void *ctx, size_t slot, hp_err *err); /**< may be NULL */
    hp_code (*take)(void *ctx, size_t slot, hp_err *err); /**< may be NULL */
} hp_pipeline;
/** The most slots a pipeline may have. */
#define HP_PIPELINE_DEPTH 64
/** Run a pipeline to its end. The first error by the order of the items is returned, and no later item is
 * taken, whatever the timing; what slots hold then is the caller's to release. With one job, or inside
 * another loop, everything runs on the calling thread. Errors: those of the three functions, HP_RETRY. */
hp_code hp_pipeline_run(const hp_pipeline *p, void *ctx, hp_err *err);

#endif
