#include "base/arena.h"
#include "base/mem.h"
#include "base/threads.h"
#include "unit.h"

#include <pthread.h>
#include <stdatomic.h>

enum { N = 100003 };

typedef struct work {
    unsigned char done[N];
    size_t batch;
    atomic_size_t batches;
    size_t by_worker[256]; /* each touched by its worker only */
    atomic_bool crooked;
} work;

static work w;

static void mark(void *ctx, size_t from, size_t to, unsigned worker) {
    work *x = ctx;
    /* Batches are cut the same way whatever the number of jobs. */
    if (from % x->batch || (to - from != x->batch && to != N) || worker >= hp_threads_jobs())
        x->crooked = true;
    for (size_t i = from; i < to; i++) x->done[i]++;
    x->by_worker[worker] += to - from;
    atomic_fetch_add(&x->batches, 1);
}

static void every_item_once(void **state) {
    (void)state;
    static const unsigned jobs[] = {1, 2, 4, 3, 0, 8};
    static const size_t batch[] = {1000, 7, N, 1, N + 5};
    for (size_t j = 0; j < 6; j++) {
        hp_threads_set(jobs[j]);
        assert_true(jobs[j] ? hp_threads_jobs() == jobs[j] : hp_threads_jobs() >= 1);
        for (size_t b = 0; b < 5; b++) {
            memset(&w, 0, sizeof w);
            w.batch = batch[b];
            hp_parallel(N, batch[b], mark, &w);
            size_t sum = 0, wrong = 0;
            for (size_t i = 0; i < N; i++) wrong += w.done[i] != 1;
            for (size_t i = 0; i < 256; i++) sum += w.by_worker[i];
            assert_int_equal(wrong, 0);
            assert_int_equal(sum, N);
            assert_int_equal(w.batches, (N + batch[b] - 1) / batch[b]);
            assert_false(w.crooked);
        }
    }
}

static void count(void *ctx, size_t from, size_t to, unsigned worker) {
    (void)worker;
    atomic_fetch_add((atomic_size_t *)ctx, to - from);
}

static void nest(void *ctx, size_t from, size_t to, unsigned worker) {
    (void)worker;
    for (size_t i = from; i < to; i++) hp_parallel(100, 7, count, ctx);
}

static void loops_inside_loops(void **state) {
    (void)state;
    atomic_size_t n = 0;
    hp_threads_set(4);
    hp_parallel(50, 1, nest, &n);
    assert_int_equal(n, 5000);
    hp_parallel(0, 10, count, &n); /* nothing to do */
    assert_int_equal(n, 5000);
    hp_parallel(5, 0, count, &n); /* a batch of nothing is taken as 1 */
    assert_int_equal(n, 5005);
}

static void *outer_thread(void *ctx) {
    hp_parallel(1000, 3, count, ctx);
    return NULL;
}

static void loops_of_several_threads(void **state) {
    (void)state;
    atomic_size_t n = 0;
    pthread_t t[4];
    hp_threads_set(3);
    for (int i = 0; i < 4; i++) assert_int_equal(pthread_create(&t[i], NULL, outer_thread, &n), 0);
    for (int i = 0; i < 4; i++) pthread_join(t[i], NULL);
    assert_int_equal(n, 4000);
}

static void allocate(void *ctx, size_t from, size_t to, unsigned worker) {
    hp_arena **child = ctx;
    for (size_t i = from; i < to; i++) {
        if (!hp_arena_raw(child[worker], i % 3000)) return;
    }
}

/* Child arenas, one a worker, account in one parent. */
static void arenas_one_a_worker(void **state) {
    (void)state;
    hp_autoarena *run = hp_arena_new(NULL);
    hp_arena *child[4];
    hp_threads_set(4);
    for (int i = 0; i < 4; i++) child[i] = hp_arena_new(run);
    hp_parallel(20000, 50, allocate, child);
    size_t sum = 0;
    for (int i = 0; i < 4; i++) sum += hp_arena_bytes(child[i]);
    assert_int_equal(hp_arena_bytes(run), sum);
    assert_true(sum > 20000u * 1400u);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_once),
        cmocka_unit_test(loops_inside_loops),
        cmocka_unit_test(loops_of_several_threads),
        cmocka_unit_test(arenas_one_a_worker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
