#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void compares(void **state) {
    (void)state;
    assert_true(hp_str_cmp(HP_S("ab"), HP_S("abc")) < 0);
    assert_true(hp_str_cmp(HP_S("b"), HP_S("abc")) > 0);
    assert_int_equal(hp_str_cmp((hp_str){0}, HP_S("")), 0);
    assert_true(hp_str_cmp(HP_S("z"), HP_S("\xC3\xA9")) < 0); /* bytes are unsigned */
    assert_true(hp_str_ieq(HP_S("Zulu[1]"), HP_S("zULU[1]")));
    assert_false(hp_str_ieq(HP_S("["), HP_S("{")));
    assert_false(hp_str_ieq(HP_S("\xC3\x89"), HP_S("\xC3\xA9"))); /* only ASCII folds */
    assert_true(hp_str_starts(HP_S("abc"), HP_S("ab")));
    assert_false(hp_str_starts(HP_S("a"), HP_S("ab")));
    assert_true(hp_str_ends(HP_S("abc"), HP_S("bc")));
    assert_true(hp_str_ends(HP_S("abc"), HP_S("")));
}

static void finds(void **state) {
    (void)state;
    hp_str s = HP_S("one two One");
    assert_int_equal(hp_str_find(s, HP_S("two"), 0), 4);
    assert_int_equal(hp_str_find(s, HP_S("two"), 5), SIZE_MAX);
    assert_int_equal(hp_str_find(s, HP_S(""), 11), 11);
    assert_int_equal(hp_str_find(s, HP_S(""), 12), SIZE_MAX);
    assert_int_equal(hp_str_ifind(s, HP_S("ONE"), 1), 8);
    assert_int_equal(hp_str_ifind(s, HP_S("longer than the text"), 0), SIZE_MAX);
    assert_int_equal(hp_str_chr(s, 'o', 1), 6);
    assert_int_equal(hp_str_chr(s, 'x', 0), SIZE_MAX);
    assert_int_equal(hp_str_chr(s, 'e', 99), SIZE_MAX);
    assert_view(hp_str_cut(s, 4, 7), "two");
    assert_view(hp_str_cut(s, 9, 99), "ne");
    assert_view(hp_str_cut(s, 7, 4), "");
}

static void trims_unicode_space(void **state) {
    (void)state;
    assert_view(hp_str_trim(HP_S(" \t\xC2\xA0x\xC2\xA0y \r\n")), "x\xC2\xA0y");
    assert_view(hp_str_trim(HP_S("\xEF\xBB\xBF\xE3\x80\x80z\xE2\x80\x8B\xE2\x81\x9F\xE1\x9A\x80")), "z");
    assert_view(hp_str_trim(HP_S("\xC2\xA0\xC2\xA0")), "");
    assert_view(hp_str_trim(HP_S("")), "");
    /* Bytes that only end like a space: U+00E0 is C3 A0, U+2070 is E2 81 B0. */
    assert_view(hp_str_trim(HP_S("\xC3\xA0")), "\xC3\xA0");
    assert_view(hp_str_trim(HP_S("\xE2\x81\xB0")), "\xE2\x81\xB0");
    assert_view(hp_str_trim(HP_S("x\xA0")), "x\xA0");
}

static void splits(void **state) {
    (void)state;
    hp_str rest = HP_S("a,,b"), part;
    assert_true(hp_str_next(&rest, ',', &part));
    assert_view(part, "a");
    assert_true(hp_str_next(&rest, ',', &part));
    assert_view(part, "");
    assert_true(hp_str_next(&rest, ',', &part));
    assert_view(part, "b");
    assert_false(hp_str_next(&rest, ',', &part));
    rest = HP_S("");
    assert_false(hp_str_next(&rest, ',', &part));
}

static void reads_integers(void **state) {
    (void)state;
    int64_t v = 5;
    assert_true(hp_str_i64(HP_S("-9223372036854775808"), &v) && v == INT64_MIN);
    assert_true(hp_str_i64(HP_S("9223372036854775807"), &v) && v == INT64_MAX);
    assert_true(hp_str_i64(HP_S("007"), &v) && v == 7);
    const char *const bad[] = {
        "", "-", "+1", " 1", "1 ", "1.0", "0x10", "9223372036854775808", "-9223372036854775809", "1e3"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (hp_str_i64(hp_str_of(bad[i]), &v)) fail_msg("accepted \"%s\"", bad[i]);
    }
    assert_int_equal(v, 7); /* untouched by failures */
}

static void reads_decimals(void **state) {
    (void)state;
    double v = 5;
    assert_true(hp_str_f64(HP_S("0.85"), &v) && v == 0.85);
    assert_true(hp_str_f64(HP_S("-1.5e-3"), &v) && v == -1.5e-3);
    assert_true(hp_str_f64(HP_S(".5"), &v) && v == 0.5);
    assert_true(hp_str_f64(HP_S("5."), &v) && v == 5.0);
    assert_true(hp_str_f64(HP_S("-0"), &v) && v == 0 && signbit(v));
    assert_true(hp_str_f64(HP_S("1e-400"), &v) && v == 0);
    const char *const bad[] = {"",    "-",     ".",     "e5",    "1e",  "1e+",      " 1",
                               "1 ",  "+1",    "0x1p3", "inf",   "nan", "INFINITY", "1,5",
                               "1_0", "1.2.3", "--1",   "1e999", "1d5", "1.5f",     "1e5.0"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (hp_str_f64(hp_str_of(bad[i]), &v)) fail_msg("accepted \"%s\"", bad[i]);
    }
    assert_false(hp_str_f64((hp_str){"1\0", 2}, &v));
    char many[2000];
    memset(many, '9', sizeof many);
    assert_false(hp_str_f64((hp_str){many, sizeof many}, &v));
}

/* The short way for short numbers has to agree with the C library's correctly rounded one. */
static void decimals_are_correctly_rounded(void **state) {
    (void)state;
    uint64_t x =
        88172645463325252u; /* xorshift64 (Marsaglia 2003), so that every run tries the same numbers */
    for (int i = 0; i < 200000; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        char text[64];
        unsigned long long mantissa = x >> (x % 60);
        int n = x & 4096 ? snprintf(text, sizeof text, "%llu.%llu", mantissa,
                                    (unsigned long long)(x >> 20) % 100000)
                         : snprintf(text, sizeof text, "%llue%d", mantissa, (int)(x >> 8 & 63) - 32);
        double ours = -1, theirs = strtod(text, NULL);
        assert_true(hp_str_f64((hp_str){text, (size_t)n}, &ours));
        if (memcmp(&ours, &theirs, sizeof ours) != 0) fail_msg("%s: %.17g, not %.17g", text, ours, theirs);
    }
}

static void measures_edits(void **state) {
    (void)state;
    assert_int_equal(hp_str_distance(HP_S("kitten"), HP_S("sitting")), 3);
    assert_int_equal(hp_str_distance(HP_S("verison"), HP_S("version")), 1); /* a swap is one edit */
    assert_int_equal(hp_str_distance(HP_S("CA"), HP_S("abc")),
                     3); /* optimal string alignment, not full Damerau */
    assert_int_equal(hp_str_distance(HP_S("ABC"), HP_S("abc")), 0);
    assert_int_equal(hp_str_distance(HP_S(""), HP_S("abc")), 3);
    char many[300];
    memset(many, 'a', sizeof many);
    assert_int_equal(hp_str_distance((hp_str){many, 300}, HP_S("")), 64);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares),
        cmocka_unit_test(finds),
        cmocka_unit_test(trims_unicode_space),
        cmocka_unit_test(splits),
        cmocka_unit_test(reads_integers),
        cmocka_unit_test(reads_decimals),
        cmocka_unit_test(measures_edits),
        cmocka_unit_test(decimals_are_correctly_rounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
