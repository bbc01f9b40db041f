#include "base/mem.h"
#include "base/utf8.h"
#include "unit.h"

/* Well-formed and ill-formed sequences of Unicode 15, table 3-7 and section 3.9. */
static void validates(void **state) {
    (void)state;
    const char *const good[] = {"",
                                "plain",
                                "\xC2\x80",
                                "\xDF\xBF",
                                "\xE0\xA0\x80",
                                "\xED\x9F\xBF",
                                "\xEE\x80\x80",
                                "\xF0\x90\x80\x80",
                                "\xF4\x8F\xBF\xBF",
                                "eight bytes and more, then \xC3\xA9"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(hp_utf8_valid(hp_str_of(good[i]), NULL));
    const char *const bad[] = {"\x80",         "\xC0\x80",         "\xC1\xBF",         "\xE0\x9F\xBF",
                               "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
                               "\xC3",         "\xE2\x82",         "\xF0\x9F\x98",     "\xFF",
                               "\xC3("};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        size_t at = 99;
        hp_autobuf b = hp_buf_new(100);
        hp_buf_puts(&b, "1234567890");
        hp_buf_puts(&b, bad[i]);
        assert_false(hp_utf8_valid(hp_buf_str(&b), &at));
        assert_int_equal(at, 10);
    }
}

static void every_code_point_goes_both_ways(void **state) {
    (void)state;
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        if (cp == 0xD800) cp = 0xE000;
        char p[8];
        hp_buf b = {.p = p, .cap = sizeof p, .max = sizeof p - 1}; /* borrowed, never grown */
        hp_buf_putu(&b, cp);
        size_t i = 0;
        if (!hp_utf8_valid(hp_buf_str(&b), NULL) || hp_utf8_next(hp_buf_str(&b), &i) != cp || i != b.n)
            fail_msg("U+%04X", cp);
    }
}

static void repairs(void **state) {
    (void)state;
    hp_autobuf b = hp_buf_new(100);
    assert_int_equal(hp_utf8_repair(HP_S("a\xFF\xC3z\xC3\xA9\xE2\x82"), &b), 4);
    assert_view(hp_buf_str(&b), "a\xEF\xBF\xBD\xEF\xBF\xBDz\xC3\xA9\xEF\xBF\xBD\xEF\xBF\xBD");
    assert_true(hp_utf8_valid(hp_buf_str(&b), NULL));
}

static void check_form(void (*form)(hp_str, hp_buf *), const char *in, const char *out) {
    hp_autobuf b = hp_buf_new(1000);
    form(hp_str_of(in), &b);
    assert_false(b.bad);
    assert_view(hp_buf_str(&b), out);
}

static void normal_forms(void **state) {
    (void)state;
    check_form(hp_utf8_nfkc, "plain", "plain");
    check_form(hp_utf8_nfkc, "e\xCC\x81", "\xC3\xA9");
    check_form(hp_utf8_nfkc, "\xEF\xAC\x81 \xEF\xBC\x91 \xE2\x84\xA2", "fi 1 TM");
    check_form(hp_utf8_fold, "MIXED case", "mixed case");
    check_form(hp_utf8_fold,
               "Stra\xC3\x9F"
               "e",
               "strasse");
    check_form(hp_utf8_fold,
               "\xC3\x86r\xC3\xB8 \xC5\x81\xC3\xB3"
               "d\xC5\xBA \xC5\x92uvre",
               "aero lodz oeuvre");
    check_form(hp_utf8_fold, "Caf\xC3\xA9 CAFE\xCC\x81", "cafe cafe");
    check_form(hp_utf8_fold, "\xEF\xAC\x80 \xC4\xB0", "ff i");
    check_form(hp_utf8_lower, "\xC3\x89X", "\xC3\xA9x");
    check_form(hp_utf8_upper, "\xC3\xA9x", "\xC3\x89X");
}

/* Keys are made by folding; folding a key again must not make another. */
static void folding_twice_changes_nothing(void **state) {
    (void)state;
    hp_autobuf once = hp_buf_new(100), twice = hp_buf_new(100), in = hp_buf_new(10);
    for (uint32_t cp = 1; cp <= 0x10FFFF; cp++) {
        if (cp == 0xD800) cp = 0xE000;
        hp_buf_clear(&once);
        hp_buf_clear(&twice);
        hp_buf_clear(&in);
        hp_buf_putu(&in, cp);
        hp_utf8_fold(hp_buf_str(&in), &once);
        hp_utf8_fold(hp_buf_str(&once), &twice);
        if (once.bad || !hp_str_eq(hp_buf_str(&once), hp_buf_str(&twice))) fail_msg("U+%04X", cp);
    }
}

static void long_text_takes_the_heap(void **state) {
    (void)state;
    hp_autobuf in = hp_buf_new(10000), out = hp_buf_new(10000);
    for (int i = 0; i < 1000; i++) hp_buf_puts(&in, "\xC3\x89");
    hp_utf8_fold(hp_buf_str(&in), &out);
    assert_int_equal(out.n, 1000);
    hp_utf8_nfkc(hp_buf_str(&in), &out);
    assert_int_equal(out.n, 3000);
    hp_buf_clear(&out);
    hp_mem_fail_at(1);
    hp_utf8_nfkc(hp_buf_str(&in), &out);
    hp_mem_fail_at(0);
    assert_true(out.bad);
    hp_buf_clear(&out);
    hp_utf8_nfkc(HP_S("\xC3("), &out); /* invalid input is noticed, not dropped in silence */
    assert_true(out.bad);
}

static void classes_and_width(void **state) {
    (void)state;
    assert_true(hp_cp_alnum('a') && hp_cp_alnum('7') && hp_cp_alnum(0xE9) && hp_cp_alnum(0x301)
                && hp_cp_alnum(0x4E2D));
    assert_false(hp_cp_alnum('_') || hp_cp_alnum(0xA0) || hp_cp_alnum(0x2014) || hp_cp_alnum(0x1F600));
    assert_true(hp_cp_upper('A') && hp_cp_upper(0xC9) && !hp_cp_upper('a') && !hp_cp_upper(0xE9));
    assert_int_equal(hp_utf8_width(HP_S("a\xC3\xA9 e\xCC\x81")), 4);
    assert_int_equal(hp_utf8_width(HP_S("\xE4\xB8\xAD\xE6\x96\x87")), 4);
}

static void slugs_are_ascii_words_and_single_hyphens(void **state) {
    (void)state;
    static const char *const CASES[][2] = {{"Acme (Pty) Ltd", "acme-pty-ltd"},
                                           {"\u00dcber\u2014Flug & Co.", "uber-flug-co"},
                                           {"  --A__b  9--", "a-b-9"},
                                           {"\u4e2d\u6587", ""},
                                           {"---", ""},
                                           {"", ""},
                                           {"\u00c6ther Stra\u00dfe", "aether-strasse"}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        hp_autobuf out = hp_buf_new(100);
        hp_utf8_slug(hp_str_of(CASES[i][0]), &out);
        assert_view(hp_buf_str(&out), CASES[i][1]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slugs_are_ascii_words_and_single_hyphens),
        cmocka_unit_test(validates),
        cmocka_unit_test(every_code_point_goes_both_ways),
        cmocka_unit_test(repairs),
        cmocka_unit_test(normal_forms),
        cmocka_unit_test(classes_and_width),
        cmocka_unit_test(folding_twice_changes_nothing),
        cmocka_unit_test(long_text_takes_the_heap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
