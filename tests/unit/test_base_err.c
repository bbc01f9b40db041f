#include "unit.h"

static void fail_fills_and_returns(void **state) {
    (void)state;
    hp_err e = {0};
    assert_int_equal(hp_fail(&e, HP_CONFIG, "%s:%d: %s", "profile.yaml", 3, "unknown key"), HP_CONFIG);
    assert_int_equal(e.code, HP_CONFIG);
    assert_string_equal(e.message, "profile.yaml:3: unknown key");
    assert_string_equal(e.stage, "");
    assert_int_equal(hp_fail(NULL, HP_IO, "nobody listens %d", 1), HP_IO);
    assert_int_equal(hp_fail_memory(&e, "a table"), HP_RETRY);
    assert_contains(e.message, "a table");
}

static void stage_is_named_once(void **state) {
    (void)state;
    hp_err e = {0};
    hp_fail(&e, HP_DATA, "bad");
    assert_int_equal(hp_err_in(&e, "read"), HP_DATA);
    hp_err_in(&e, "refine");
    assert_string_equal(e.stage, "read");
    hp_fail(&e, HP_DATA, "worse");
    hp_err_in(&e, "a stage with a name that is far too long for its field");
    assert_string_equal(e.stage, "a stage with a name tha");
}

static void message_may_wrap_itself(void **state) {
    (void)state;
    hp_err e = {0};
    hp_fail(&e, HP_DATA, "inner");
    hp_fail(&e, e.code, "outer: %s", e.message);
    assert_string_equal(e.message, "outer: inner");
}

static void hostile_text_is_defused(void **state) {
    (void)state;
    hp_err e = {0};
    hp_fail(&e, HP_DATA, "cell \"%s\"",
            "a\x1b[31mred\r\nb\x07\x7f \xC2\x9B"
            "5n \xE2\x80\xAE"
            "evil \xFFz \xC3\xA9");
    assert_string_equal(e.message, "cell \"a?[31mred? b?? ?5n ?evil ?z \xC3\xA9\"");
}

/* A message one byte too long in every way that a character of 1 to 4 bytes can straddle the end. */
static void long_message_is_cut_between_characters(void **state) {
    (void)state;
    static const char *const unit[] = {"a", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"};
    for (size_t k = 0; k < 4; k++) {
        for (size_t shift = 0; shift < 4; shift++) {
            hp_autobuf b = hp_buf_new(10000);
            for (size_t i = 0; i < shift; i++) hp_buf_putc(&b, 'x');
            while (b.n < 3000) hp_buf_puts(&b, unit[k]);
            hp_err e = {0};
            hp_fail(&e, HP_DATA, "%s", hp_buf_cstr(&b));
            size_t n = strlen(e.message), len = strlen(unit[k]);
            assert_true(n < sizeof e.message && n + len >= sizeof e.message);
            assert_memory_equal(e.message, b.p, n);
            assert_int_equal((n - shift) % len, 0);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fail_fills_and_returns),
        cmocka_unit_test(stage_is_named_once),
        cmocka_unit_test(message_may_wrap_itself),
        cmocka_unit_test(hostile_text_is_defused),
        cmocka_unit_test(long_message_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
