#include "base/threads.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/banned.h"

/* More processors than any machine this is meant for; bounds the static tables. */
enum { MAX_JOBS = 256 };

/* One loop under way. Workers take batches by counting `next` up, so that a slow batch holds nobody else up.
 */
typedef struct loop {
    size_t n, batch;
    hp_batch_fn *fn;
    void *ctx;
    atomic_size_t next;
} loop;

/* `mutex` guards everything but the loop's own counter. Only one thread at a time runs a loop on the pool
 * (`busy`). */
static struct {
    pthread_mutex_t mutex;
    pthread_cond_t work, done;
    pthread_t thread[MAX_JOBS];
    unsigned threads; /* started, beside the calling thread */
    unsigned running; /* have not finished the loop of this round yet */
    uint64_t round;
    bool quit, busy;
    loop *loop;
} pool = {
    .mutex = PTHREAD_MUTEX_INITIALIZER, .work = PTHREAD_COND_INITIALIZER, .done = PTHREAD_COND_INITIALIZER};

static atomic_uint jobs_wanted; /* 0 = as many as there are processors */

static void run_batches(loop *l, unsigned worker) {
    size_t batches = l->n / l->batch + (l->n % l->batch != 0);
    for (;;) {
        size_t k = atomic_fetch_add_explicit(&l->next, 1, memory_order_relaxed);
        if (k >= batches) return;
        size_t from = k * l->batch;
        l->fn(l->ctx, from, l->n - from < l->batch ? l->n : from + l->batch, worker);
    }
}

static void *work(void *arg) {
    unsigned worker = (unsigned)(uintptr_t)arg;
    pthread_mutex_lock(&pool.mutex);
    for (uint64_t seen = 0;;) {
        while (!pool.quit && pool.round == seen) pthread_cond_wait(&pool.work, &pool.mutex);
        if (pool.quit) break;
        seen = pool.round;
        loop *l = pool.loop;
        pthread_mutex_unlock(&pool.mutex);
        run_batches(l, worker);
        pthread_mutex_lock(&pool.mutex);
        if (--pool.running == 0) pthread_cond_signal(&pool.done);
    }
    pthread_mutex_unlock(&pool.mutex);
    return NULL;
}

/* Ends the workers, so that the next loop starts as many as are wanted then. Called while no loop runs. */
static void stop_workers(void) {
    pthread_mutex_lock(&pool.mutex);
    pool.quit = true;
    pthread_cond_broadcast(&pool.work);
    pthread_mutex_unlock(&pool.mutex);
    for (unsigned i = 0; i < pool.threads; i++) pthread_join(pool.thread[i], NULL);
    pool.threads = 0;
    pool.round = 0; /* new workers start counting at 0 */
    pool.quit = false;
}

/* Starts workers up to `wanted`; fewer when the system refuses, which only costs speed. */
static void start_workers(unsigned wanted) {
    if (pool.threads != wanted) stop_workers();
    while (pool.threads < wanted) {
        void *number = (void *)(uintptr_t)(pool.threads + 1);
        if (pthread_create(&pool.thread[pool.threads], NULL, work, number) != 0) return;
        pool.threads++;
    }
}

/* Takes the pool for one loop; false when another loop (or the one that called us) has it. */
static bool take_pool(void) {
    pthread_mutex_lock(&pool.mutex);
    bool taken = !pool.busy;
    pool.busy = true;
    pthread_mutex_unlock(&pool.mutex);
    return taken;
}

static void give_pool_back(void) {
    pthread_mutex_lock(&pool.mutex);
    pool.busy = false;
    pthread_mutex_unlock(&pool.mutex);
}

static void run_on_pool(loop *l, unsigned jobs) {
    start_workers(jobs - 1);
    pthread_mutex_lock(&pool.mutex);
    pool.loop = l;
    pool.running = pool.threads;
    pool.round++;
    pthread_cond_broadcast(&pool.work);
    pthread_mutex_unlock(&pool.mutex);
    run_batches(l, 0);
    pthread_mutex_lock(&pool.mutex);
    while (pool.running > 0) pthread_cond_wait(&pool.done, &pool.mutex);
    pthread_mutex_unlock(&pool.mutex);
}

void hp_threads_set(unsigned jobs) { atomic_store(&jobs_wanted, jobs > MAX_JOBS ? MAX_JOBS : jobs); }

static _Atomic size_t piece_most;

size_t hp_piece_bytes(size_t usual) {
    size_t most = atomic_load_explicit(&piece_most, memory_order_relaxed);
    return most && most < usual ? most : usual;
}

void hp_piece_limit(size_t most) { atomic_store(&piece_most, most); }

unsigned hp_threads_jobs(void) {
    unsigned jobs = atomic_load(&jobs_wanted);
    if (jobs) return jobs;
    cpu_set_t usable;
    if (sched_getaffinity(0, sizeof usable, &usable) != 0) return 1;
    int n = CPU_COUNT(&usable);
    return n < 1 ? 1 : n > MAX_JOBS ? MAX_JOBS : (unsigned)n;
}

void hp_parallel(size_t n, size_t batch, hp_batch_fn *fn, void *ctx) {
    if (n == 0) return;
    loop l = {.n = n, .batch = batch ? batch : 1, .fn = fn, .ctx = ctx};
    unsigned jobs = hp_threads_jobs();
    /* A loop inside a loop, or beside one of another thread, runs where it is called. */
    if (jobs == 1 || n <= l.batch || !take_pool()) {
        run_batches(&l, 0);
        return;
    }
    run_on_pool(&l, jobs);
    give_pool_back();
}
