#include "base/mem.h"
#include "base/vec.h"
#include "unit.h"

static void use_is_counted(void **state) {
    (void)state;
    uint64_t peak, before = hp_mem_used(NULL), calls = hp_mem_count();
    char *p = hp_malloc(1000);
    assert_non_null(p);
    assert_true(hp_mem_used(&peak) >= before + 1000);
    assert_true(peak >= before + 1000);
    p = hp_realloc(p, 1000, 5);
    assert_non_null(p);
    memset(p, 1, 5000);
    assert_true(hp_mem_used(NULL) >= before + 5000);
    hp_free(p);
    hp_free(NULL);
    assert_int_equal(hp_mem_used(&peak), before);
    assert_true(peak >= before + 5000);
    assert_int_equal(hp_mem_count(), calls + 2);
}

static void products_are_checked(void **state) {
    (void)state;
    assert_null(hp_calloc(SIZE_MAX / 2, 3));
    char *p = hp_calloc(4, 4);
    assert_non_null(p);
    assert_null(hp_realloc(p, SIZE_MAX / 2, 3));
    for (int i = 0; i < 16; i++) assert_int_equal(p[i], 0); /* still there */
    hp_free(p);
    void *none = hp_malloc(0);
    assert_non_null(none);
    hp_free(none);
}

static void budget_refuses(void **state) {
    (void)state;
    hp_mem_set_budget(hp_mem_used(NULL) + 10000);
    void *p = hp_malloc(8000);
    assert_non_null(p);
    assert_null(hp_malloc(8000));
    assert_null(hp_calloc(8000, 1));
    assert_null(hp_realloc(p, 16000, 1));
    hp_free(p);
    p = hp_malloc(8000);
    assert_non_null(p);
    hp_free(p);
    hp_mem_set_budget(0);
    p = hp_malloc(1 << 20);
    assert_non_null(p);
    hp_free(p);
}

static void nth_allocation_fails_once(void **state) {
    (void)state;
    hp_mem_fail_at(2);
    void *a = hp_malloc(1), *b = hp_malloc(1), *c = hp_malloc(1);
    assert_non_null(a);
    assert_null(b);
    assert_non_null(c);
    hp_mem_fail_at(1);
    hp_mem_fail_at(0);
    b = hp_malloc(1);
    assert_non_null(b);
    hp_free(a);
    hp_free(b);
    hp_free(c);
}

static void vector_keeps_its_content_when_growth_fails(void **state) {
    (void)state;
    HP_VEC(int) v = {0};
    bool grown = true;
    for (int i = 0; i < 100000; i++) grown &= hp_vec_push(&v, i);
    assert_true(grown);
    v.cap = v.n; /* as if full, so that the next one has to grow */
    hp_mem_fail_at(1);
    grown = hp_vec_push(&v, -1);
    assert_false(grown);
    assert_int_equal(v.n, 100000);
    for (int i = 0; i < 100000; i++) assert_int_equal(v.p[i], i);
    grown = hp_vec_push(&v, -1);
    assert_true(grown);
    assert_int_equal(v.p[100000], -1);
    hp_vec_free(&v);
    assert_null(v.p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(use_is_counted),
        cmocka_unit_test(products_are_checked),
        cmocka_unit_test(budget_refuses),
        cmocka_unit_test(nth_allocation_fails_once),
        cmocka_unit_test(vector_keeps_its_content_when_growth_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
