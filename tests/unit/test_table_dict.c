#include "unit.h"

#include <stdlib.h>

#include "base/mem.h"
#include "table/dict.h"

static hp_str text_of(char room[32], unsigned i) {
    return (hp_str){room, (size_t)snprintf(room, 32, "%.*s%u", (int)(i % 20), "abcdefghijklmnopqrst", i)};
}

static void texts_are_numbered_in_order_of_first_adding(void **state) {
    (void)state;
    hp_dict d = {0};
    char room[32];
    for (int round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 5000; i++) assert_int_equal(hp_dict_add_copy(&d, text_of(room, i)), i);
        for (unsigned i = 5000; i-- > 0;) assert_int_equal(hp_dict_add(&d, text_of(room, i)), i);
        assert_int_equal(d.n, 5000);
        hp_dict_clear(&d);
        assert_int_equal(d.n, 0);
    }
    hp_dict_free(&d);
}

static void merging_agrees_with_interning_one_by_one(void **state) {
    (void)state;
    hp_pool *bulk = hp_pool_new(), *single = hp_pool_new();
    hp_err err;
    char room[32];
    hp_vid map[4000];
    for (unsigned piece = 0; piece < 20; piece++) {
        hp_dict d = {0};
        for (unsigned i = 0; i < 4000; i++) {
            /* Some of the pieces before, some new, and an empty one. */
            hp_str s = i == 77 ? HP_S("") : text_of(room, piece * 2500 + i * 7 % 4000);
            hp_dict_add_copy(&d, s);
        }
        assert_ok(hp_dict_merge(&d, bulk, map, &err), err);
        for (uint32_t i = 0; i < d.n; i++) {
            hp_vid wanted;
            assert_ok(hp_intern(single, d.text[i], &wanted, &err), err);
            assert_int_equal(map[i], wanted);
        }
        hp_dict_free(&d);
    }
    assert_int_equal(hp_pool_count(bulk), hp_pool_count(single));
    for (uint32_t i = 1; i <= hp_pool_count(bulk); i++)
        assert_true(hp_str_eq(hp_text(bulk, i), hp_text(single, i)));
    hp_pool_free(bulk);
    hp_pool_free(single);
}

static void appended_texts_stand_among_those_that_are_found(void **state) {
    (void)state;
    hp_dict d = {0};
    hp_pool *pool = hp_pool_new(), *single = hp_pool_new();
    static char room[6000][32];
    static hp_vid map[6000];
    hp_err err;
    for (unsigned i = 0; i < 6000; i++) {
        hp_str s = text_of(room[i], i % 1700 + 1);
        uint32_t n = d.n, number = i % 2 ? hp_dict_append(&d, s) : hp_dict_add(&d, s);
        if (i % 2 || i < 1700) assert_int_equal(number, n);
        assert_true(hp_str_eq(d.text[number], s));
    }
    assert_ok(hp_dict_merge(&d, pool, map, &err), err);
    for (uint32_t i = 0; i < d.n; i++) {
        hp_vid wanted;
        assert_ok(hp_intern(single, d.text[i], &wanted, &err), err);
        assert_int_equal(map[i], wanted);
    }
    assert_int_equal(hp_pool_count(pool), 1700);
    hp_pool_free(pool);
    hp_pool_free(single);
    hp_dict_free(&d);
}

static void hashes_spread_texts_of_every_length(void **state) {
    (void)state;
    enum { N = 1 << 14 };
    char text[80];
    memset(text, 'x', sizeof text);
    for (size_t n = 1; n < sizeof text; n++) {
        unsigned char used[N] = {0};
        unsigned filled = 0;
        for (unsigned i = 0; i < N; i++) { /* change two bytes somewhere */
            text[i % n] = (char)(i >> 7);
            text[n - 1] = (char)i;
            uint64_t h = hp_hash_text((hp_str){text, n});
            unsigned at = (unsigned)(h >> 32) & (N - 1);
            filled += !used[at];
            used[at] = 1;
        }
        if (n >= 3) assert_true(filled > N / 2); /* random ones would fill 63 % */
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(texts_are_numbered_in_order_of_first_adding),
                                       cmocka_unit_test(merging_agrees_with_interning_one_by_one),
                                       cmocka_unit_test(appended_texts_stand_among_those_that_are_found),
                                       cmocka_unit_test(hashes_spread_texts_of_every_length)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
