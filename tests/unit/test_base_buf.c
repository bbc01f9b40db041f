#include "base/mem.h"
#include "unit.h"

static void grows_to_its_cap(void **state) {
    (void)state;
    hp_autobuf b = hp_buf_new(1000);
    hp_err e = {0};
    for (int i = 0; i < 1000; i++) hp_buf_putc(&b, (char)('a' + i % 26));
    assert_false(b.bad);
    assert_int_equal(b.n, 1000);
    assert_int_equal(strlen(hp_buf_cstr(&b)), 1000); /* the NUL is not under the cap */
    hp_buf_putc(&b, '!');
    assert_true(b.bad);
    assert_int_equal(b.n, 1000);
    assert_int_equal(hp_buf_check(&b, "the list", &e), HP_DATA);
    assert_contains(e.message, "the list");
    assert_string_equal(hp_buf_cstr(&b), "");
    hp_buf_clear(&b);
    hp_buf_puts(&b, "again");
    assert_ok(hp_buf_check(&b, "the list", &e), e);
    assert_view(hp_buf_str(&b), "again");
}

static void addition_is_whole_or_not_at_all(void **state) {
    (void)state;
    hp_autobuf b = hp_buf_new(5);
    hp_buf_puts(&b, "abc");
    hp_buf_puts(&b, "def");
    assert_view(hp_buf_str(&b), "abc");
    assert_null(hp_buf_room(&b, SIZE_MAX));
    hp_buf_printf(&b, "%d", 123456);
    assert_view(hp_buf_str(&b), "abc");
    assert_true(b.bad);
}

static void memory_failure_is_told_from_the_cap(void **state) {
    (void)state;
    hp_autobuf b = hp_buf_new(1 << 20);
    hp_err e = {0};
    hp_mem_fail_at(1);
    hp_buf_puts(&b, "x");
    assert_int_equal(hp_buf_check(&b, "x", &e), HP_RETRY);
    assert_int_equal(b.n, 0);
    assert_string_equal(hp_buf_cstr(&b), "");
}

static void formats(void **state) {
    (void)state;
    hp_autobuf b = hp_buf_new(10000);
    hp_buf_printf(&b, "%s-%d", "row", 7);
    assert_view(hp_buf_str(&b), "row-7");
    hp_buf_clear(&b);
    hp_buf_printf(&b, "%0600d|", 1); /* longer than the small buffer inside */
    assert_int_equal(b.n, 601);
    assert_int_equal(b.p[599], '1');
    assert_int_equal(b.p[600], '|');
}

static void encodes_code_points(void **state) {
    (void)state;
    hp_autobuf b = hp_buf_new(100);
    const uint32_t cp[] = {'a', 0x7FF, 0x800, 0xFFFF, 0x10000, 0x10FFFF};
    for (size_t i = 0; i < 6; i++) hp_buf_putu(&b, cp[i]);
    assert_view(hp_buf_str(&b), "a\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF");
    hp_buf_clear(&b);
    hp_buf_putu(&b, 0xD800);
    hp_buf_putu(&b, 0x110000);
    assert_view(hp_buf_str(&b), "\xEF\xBF\xBD\xEF\xBF\xBD");
}

static void quotes_json(void **state) {
    (void)state;
    hp_autobuf b = hp_buf_new(1000);
    static const char odd[] = "q\" b\\ n\n t\t \x01\0 \x7F \xC3\xA9 \xFF \xF0\x9F\x98\x80";
    hp_buf_json(&b, (hp_str){odd, sizeof odd - 1});
    assert_view(hp_buf_str(&b),
                "\"q\\\" b\\\\ n\\n t\\t \\u0001\\u0000 \\u007f \xC3\xA9 \xEF\xBF\xBD \xF0\x9F\x98\x80\"");
    hp_buf_clear(&b);
    hp_buf_json(&b, (hp_str){0});
    assert_view(hp_buf_str(&b), "\"\"");
    /* What a terminal would obey: C1 (CSI in one character), the override of direction, line separators,
     * U+FEFF. */
    hp_buf_clear(&b);
    hp_buf_json(&b, HP_S("a\xC2\x9B"
                         "5m\xE2\x80\xAE \xE2\x80\xA8 \xEF\xBB\xBF \xC2\xA0"));
    assert_view(hp_buf_str(&b), "\"a\\u009b5m\\u202e \\u2028 \\ufeff \xC2\xA0\"");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_to_its_cap),
        cmocka_unit_test(addition_is_whole_or_not_at_all),
        cmocka_unit_test(memory_failure_is_told_from_the_cap),
        cmocka_unit_test(formats),
        cmocka_unit_test(encodes_code_points),
        cmocka_unit_test(quotes_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
