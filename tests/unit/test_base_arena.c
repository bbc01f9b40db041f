#include "base/arena.h"
#include "base/mem.h"
#include "unit.h"

static void allocations_are_apart_and_aligned(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    assert_non_null(a);
    enum { N = 3000 };
    static unsigned char *p[N];
    static size_t size[N];
    for (size_t i = 0; i < N; i++) {
        size[i] = i % 7 == 0 ? i * 11 % 9000 : i % 60;
        p[i] = i % 2 ? hp_arena_raw(a, size[i]) : hp_arena_zero(a, size[i]);
        assert_non_null(p[i]);
        assert_int_equal((uintptr_t)p[i] % (i % 2 ? 8 : 16), 0);
        for (size_t k = 0; i % 2 == 0 && k < size[i]; k++) assert_int_equal(p[i][k], 0);
        memset(p[i], (int)(i & 0xFF), size[i]);
    }
    for (size_t i = 0; i < N; i++) {
        for (size_t k = 0; k < size[i]; k++) assert_int_equal(p[i][k], i & 0xFF);
    }
}

static void copies_and_formats(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_str s = hp_arena_dup(a, hp_str_cut(HP_S("abcdef"), 1, 4));
    assert_view(s, "bcd");
    assert_int_equal(s.p[3], '\0');
    assert_string_equal(hp_arena_dup(a, (hp_str){0}).p, "");
    s = hp_arena_printf(a, "%s!%05000d", "x", 7);
    assert_int_equal(s.n, 5002);
    assert_int_equal(s.p[5002], '\0');
    assert_int_equal(s.p[5001], '7');
    assert_null(hp_arena_array(a, SIZE_MAX / 2, 3));
    assert_null(hp_arena_zero(a, SIZE_MAX));
    assert_null(hp_arena_dup(a, (hp_str){"x", SIZE_MAX}).p);
    assert_non_null(HP_NEW_ARRAY(a, 0, int));
}

static void children_go_with_their_parent(void **state) {
    (void)state;
    uint64_t before = hp_mem_used(NULL);
    hp_arena *run = hp_arena_new(NULL), *first = hp_arena_new(run), *second = hp_arena_new(run),
             *deep = hp_arena_new(second);
    assert_non_null(deep);
    assert_non_null(hp_arena_raw(first, 100000));
    assert_non_null(hp_arena_raw(deep, 200000));
    assert_true(hp_arena_bytes(run) >= 300000);
    assert_true(hp_arena_bytes(second) >= 200000 && hp_arena_bytes(second) < 300000);
    hp_arena_drop(second);
    assert_true(hp_arena_bytes(run) >= 100000 && hp_arena_bytes(run) < 200000);
    assert_non_null(hp_arena_new(run));
    hp_arena_drop(first);
    assert_int_equal(hp_arena_bytes(run), 0);
    hp_arena_drop(run);
    hp_arena_drop(NULL);
    assert_int_equal(hp_mem_used(NULL), before);
}

static void budget_covers_children(void **state) {
    (void)state;
    hp_autoarena *run = hp_arena_new(NULL);
    hp_arena *stage = hp_arena_new(run);
    hp_arena_set_budget(run, 100000);
    assert_non_null(hp_arena_raw(stage, 90000));
    assert_null(hp_arena_raw(stage, 90000));
    assert_null(hp_arena_raw(run, 90000));
    size_t held = hp_arena_bytes(run);
    assert_true(held <= 100000);
    assert_non_null(hp_arena_raw(run, 100)); /* small ones still fit */
    hp_arena_drop(stage);
    assert_non_null(hp_arena_raw(run, 90000));
    hp_arena_set_budget(run, 0);
    assert_non_null(hp_arena_raw(run, 1 << 20));
}

/* A budget is usable almost to its end, though chunks double. */
static void budget_is_not_lost_to_chunk_sizes(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_arena_set_budget(a, 1000000);
    size_t n = 0;
    while (hp_arena_raw(a, 64)) n += 64;
    assert_true(n > 700000); /* sanitizer builds add red zones */
    assert_true(hp_arena_bytes(a) <= 1000000);
}

static void heap_blocks_are_taken_over(void **state) {
    (void)state;
    uint64_t before = hp_mem_used(NULL);
    hp_arena *a = hp_arena_new(NULL);
    char *block = hp_malloc(100000), *refused = hp_malloc(100000);
    assert_true(hp_arena_adopt(a, block, 100000));
    assert_true(hp_arena_bytes(a) >= 100000);
    hp_arena_set_budget(a, 150000);
    assert_false(hp_arena_adopt(a, refused, 100000));
    hp_free(refused); /* is the caller's still */
    memset(block, 'x', 100000);
    hp_arena_drop(a);
    assert_int_equal(hp_mem_used(NULL), before);
}

static bool some_work(void) {
    hp_autoarena *run = hp_arena_new(NULL);
    if (!run) return false;
    hp_arena *stage = hp_arena_new(run);
    if (!stage) return false;
    bool ok = true;
    for (size_t i = 0; i < 200; i++) {
        ok &= hp_arena_zero(i % 2 ? run : stage, i * 50) != NULL;
        ok &= hp_arena_printf(run, "%zu", i).p != NULL;
    }
    return ok;
}

static void every_failed_allocation_is_survived(void **state) {
    (void)state;
    uint64_t before = hp_mem_used(NULL), n = 0, calls;
    size_t failures = 0;
    do {
        calls = hp_mem_count();
        hp_mem_fail_at(++n);
        failures += !some_work();
        hp_mem_fail_at(0);
        assert_int_equal(hp_mem_used(NULL), before);
    } while (hp_mem_count() - calls >= n); /* the n-th was reached, so there may be one more */
    assert_true(n > 10);
    assert_true(failures > 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_are_apart_and_aligned),   cmocka_unit_test(copies_and_formats),
        cmocka_unit_test(children_go_with_their_parent),       cmocka_unit_test(budget_covers_children),
        cmocka_unit_test(budget_is_not_lost_to_chunk_sizes),   cmocka_unit_test(heap_blocks_are_taken_over),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
