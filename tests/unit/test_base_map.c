#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "unit.h"

#include <stdio.h>

enum { MANY = 50000 };
static char keys[MANY][12];

static hp_str key(size_t i) { return hp_str_of(keys[i]); }

static int make_keys(void **state) {
    (void)state;
    for (size_t i = 0; i < MANY; i++) snprintf(keys[i], sizeof keys[i], "key %zu", i);
    return 0;
}

static void text_map_grows_and_finds(void **state) {
    (void)state;
    hp_smap m = {0};
    uint32_t v = 99;
    bool added;
    assert_false(hp_smap_get(&m, key(0), &v));
    for (uint32_t i = 0; i < MANY; i++) {
        assert_true(hp_smap_add(&m, key(i), i, &v, &added));
        assert_true(added && v == i);
    }
    assert_int_equal(m.n, MANY);
    for (uint32_t i = 0; i < MANY; i++) assert_true(hp_smap_get(&m, key(i), &v) && v == i);
    assert_false(hp_smap_get(&m, HP_S("key"), &v));
    assert_true(hp_smap_add(&m, key(7), 1234, &v, &added) && !added && v == 7);
    assert_true(hp_smap_put(&m, key(7), 1234));
    assert_true(hp_smap_get(&m, key(7), &v) && v == 1234);
    assert_int_equal(m.n, MANY);
    hp_smap_free(&m);
    assert_false(hp_smap_get(&m, key(7), &v));
}

static void odd_keys_are_keys(void **state) {
    (void)state;
    hp_smap m = {0};
    uint32_t v;
    assert_true(hp_smap_put(&m, HP_S(""), 1) && hp_smap_put(&m, (hp_str){"a\0b", 3}, 2)
                && hp_smap_put(&m, HP_S("a"), 3));
    assert_true(hp_smap_get(&m, (hp_str){0}, &v) && v == 1);
    assert_true(hp_smap_get(&m, (hp_str){"a\0b", 3}, &v) && v == 2);
    assert_true(hp_smap_get(&m, HP_S("a"), &v) && v == 3);
    hp_smap_free(&m);
}

static void integer_map_grows_and_finds(void **state) {
    (void)state;
    hp_imap m = {0};
    uint32_t v = 99;
    bool added;
    assert_false(hp_imap_get(&m, 0, &v));
    for (uint32_t i = 0; i < MANY; i++)
        assert_true(hp_imap_put(&m, (uint64_t)i << 32, i)); /* only high bits differ */
    for (uint32_t i = 0; i < MANY; i++) assert_true(hp_imap_get(&m, (uint64_t)i << 32, &v) && v == i);
    assert_false(hp_imap_get(&m, 5, &v));
    assert_true(hp_imap_put(&m, UINT64_MAX, 8) && hp_imap_get(&m, UINT64_MAX, &v) && v == 8);
    assert_true(hp_imap_add(&m, 0, 1234, &v, &added) && !added && v == 0);
    assert_true(hp_imap_put(&m, 0, 1234) && hp_imap_get(&m, 0, &v) && v == 1234);
    assert_int_equal(m.n, MANY + 1);
    hp_imap_free(&m);
}

/* Whatever allocation fails, what was put before stays, and nothing leaks. */
static void every_failed_allocation_is_survived(void **state) {
    (void)state;
    uint64_t before = hp_mem_used(NULL);
    for (uint64_t n = 1; n <= 12; n++) {
        hp_smap s = {0};
        hp_imap m = {0};
        uint32_t texts = 0, numbers = 0, v;
        hp_mem_fail_at(n);
        while (texts < 1000 && hp_smap_put(&s, key(texts), texts)) texts++;
        while (numbers < 1000 && hp_imap_put(&m, numbers, numbers)) numbers++;
        hp_mem_fail_at(0);
        assert_true(texts < 1000 || numbers < 1000);
        assert_int_equal(s.n, texts);
        assert_int_equal(m.n, numbers);
        for (uint32_t i = 0; i < texts; i++) assert_true(hp_smap_get(&s, key(i), &v) && v == i);
        for (uint32_t i = 0; i < numbers; i++) assert_true(hp_imap_get(&m, i, &v) && v == i);
        assert_true(hp_smap_put(&s, HP_S("after"), 1) && hp_imap_put(&m, 99999, 1));
        hp_smap_free(&s);
        hp_imap_free(&m);
        assert_int_equal(hp_mem_used(NULL), before);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_map_grows_and_finds),
        cmocka_unit_test(odd_keys_are_keys),
        cmocka_unit_test(integer_map_grows_and_finds),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, make_keys, NULL);
}
