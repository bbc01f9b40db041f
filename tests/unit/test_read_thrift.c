/* The compact protocol: numbers, texts, nesting, and what lies about its size. */
#include "unit.h"

#include "read/thrift.h"

static void test_fields(void **state) {
    (void)state;
    /* 1: i32 -2, 3: binary "ab", 20: true, then the end. */
    hp_thrift t = {.bytes = HP_S("\x15\x03\x28\x02"
                                 "ab\x01\x28\x00")};
    int id = 0, type;
    assert_true(hp_thrift_field(&t, &id, &type));
    assert_int_equal(id, 1);
    assert_int_equal(hp_thrift_int(&t, type), -2);
    assert_true(hp_thrift_field(&t, &id, &type));
    assert_int_equal(id, 3);
    assert_view(hp_thrift_binary(&t, type), "ab");
    assert_true(hp_thrift_field(&t, &id, &type));
    assert_int_equal(id, 20);
    assert_int_equal(hp_thrift_int(&t, type), 1);
    assert_false(hp_thrift_field(&t, &id, &type));
    assert_false(t.bad);
    assert_int_equal(t.at, t.bytes.n);
}

static bool skips(hp_str bytes, int type) {
    hp_thrift t = {.bytes = bytes};
    hp_thrift_skip(&t, type);
    return !t.bad && t.at == bytes.n;
}

static void test_skipping(void **state) {
    (void)state;
    assert_true(skips(HP_S("\x35\x02\x04\x06"), HP_THRIFT_LIST));
    assert_true(skips(HP_S("\x21\x01\x02"), HP_THRIFT_LIST));
    assert_true(skips(HP_S("\x01\x58\x02\x01z"), HP_THRIFT_MAP));
    assert_true(skips(HP_S("\x1c\x15\x02\x00\x00"), HP_THRIFT_STRUCT));
    assert_false(skips(HP_S("\xf5\xff\xff\xff\xff\x0f"), HP_THRIFT_LIST));
    assert_false(skips(HP_S("\x05"
                            "ab"),
                       HP_THRIFT_BINARY));
    assert_false(skips(HP_S("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), HP_THRIFT_I64));
    assert_false(skips(HP_S(""), HP_THRIFT_I64));
}

/* A stack is not endless: structs in structs, lists in lists. */
static void test_depth(void **state) {
    (void)state;
    static char deep[100000];
    memset(deep, 0x1C, sizeof deep);
    assert_false(skips((hp_str){deep, sizeof deep}, HP_THRIFT_STRUCT));
    memset(deep, 0x19, sizeof deep);
    assert_false(skips((hp_str){deep, sizeof deep}, HP_THRIFT_LIST));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_skipping),
        cmocka_unit_test(test_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
