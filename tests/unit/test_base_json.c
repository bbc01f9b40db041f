#include "base/json.h"
#include "unit.h"

#include <math.h>

static void compact_and_pretty(void **state) {
    (void)state;
    for (int pretty = 0; pretty < 2; pretty++) {
        hp_autobuf b = hp_buf_new(1000);
        hp_json j = {.out = &b, .pretty = pretty};
        hp_json_object(&j);
        hp_json_key(&j, "a");
        hp_json_array(&j);
        hp_json_i64(&j, INT64_MIN);
        hp_json_object(&j);
        hp_json_object_end(&j);
        hp_json_bool(&j, true);
        hp_json_array_end(&j);
        hp_json_key_str(&j, HP_S("b\"c"));
        hp_json_cstr(&j, NULL);
        hp_json_key(&j, "d");
        hp_json_str(&j, HP_S("x"));
        hp_json_key(&j, "e");
        hp_json_raw(&j, HP_S("[1]"));
        hp_json_object_end(&j);
        assert_view(
            hp_buf_str(&b),
            pretty
                ? "{\n  \"a\": [\n    -9223372036854775808,\n    {},\n    true\n  ],\n  \"b\\\"c\": null,\n"
                  "  \"d\": \"x\",\n  \"e\": [1]\n}"
                : "{\"a\":[-9223372036854775808,{},true],\"b\\\"c\":null,\"d\":\"x\",\"e\":[1]}");
    }
}

static void numbers_are_shortest(void **state) {
    (void)state;
    const struct {
        double v;
        const char *text;
    } cases[] = {{0, "0"},
                 {-0.0, "-0.0"},
                 {100, "100"},
                 {-1644, "-1644"},
                 {0.1, "0.1"},
                 {0.85, "0.85"},
                 {1.0 / 3, "0.3333333333333333"},
                 {1e21, "1e+21"},
                 {5e-324, "5e-324"},
                 {NAN, "null"},
                 {INFINITY, "null"},
                 {-INFINITY, "null"},
                 {1e15 + 0.5, "1000000000000000.5"},
                 {0.30000000000000004, "0.30000000000000004"},
                 {1.7976931348623157e308, "1.7976931348623157e+308"},
                 {9007199254740991, "9007199254740991"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hp_autobuf b = hp_buf_new(100);
        hp_json j = {.out = &b};
        hp_json_f64(&j, cases[i].v);
        assert_view(hp_buf_str(&b), cases[i].text);
    }
}

static void depth_is_capped(void **state) {
    (void)state;
    hp_autobuf b = hp_buf_new(1000);
    hp_json j = {.out = &b};
    for (int i = 0; i < 64; i++) hp_json_array(&j);
    hp_json_i64(&j, 1);
    hp_json_i64(&j, 2);
    assert_false(b.bad);
    for (int i = 0; i < 64; i++) hp_json_array_end(&j);
    assert_int_equal(b.n, 64 + 3 + 64);
    hp_json_array_end(&j);
    assert_true(b.bad);
    hp_buf_clear(&b);
    for (int i = 0; i < 65; i++) hp_json_array(&j);
    assert_true(b.bad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compact_and_pretty),
        cmocka_unit_test(numbers_are_shortest),
        cmocka_unit_test(depth_is_capped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
