#include "clean_case.h"

#include <stdio.h>

#include "clean/phone_door.h"

#define SHORT "!phone_invalid(too short)"
#define LONG  "!phone_invalid(too long)"
#define NOT   "!phone_invalid(not a number)"

static const clean_case phones[] = {
    {"0821234567", "+27821234567"},
    {"082 123 4567", "+27821234567"},
    {"821234567", "+27821234567"},
    {"27821234567", "+27821234567"},
    {"0027821234567", "+27821234567"},
    {"+27(0)82 123 4567", "+27821234567"},
    {"+27 ( 0 ) 82 123 4567", "+27821234567"},
    {"+270821234567", "+27821234567"},
    {"(011) 555-0100", "+27115550100"},
    {"27 (0) 11 555 0100", "+27115550100"},
    {"011/555-0100", "+27115550100"},
    {"011.555.0100", "+27115550100"},
    {"011\xC2\xA0"
     "555\xC2\xA0"
     "0100",
     "+27115550100"},
    {"011\xE2\x80\x93"
     "555\xE2\x80\x91"
     "0100",
     "+27115550100"},
    {"(+27) 11 555 0100", "+27115550100"},
    {"0860 123 456", "+27860123456"},
    {"0800 123 456", "+27800123456"},
    {"+1 650 253 0000", "+16502530000"},
    {"+44 20 7946 0123", "+442079460123"},
    {"Tel: 011 555 0100", "+27115550100"},
    {"Cell 082 123 4567 (work)", "+27821234567"},
    {"'0821234567", "+27821234567"},
    {"011 555 0100 / 082 123 4567", "+27115550100|+27821234567"},
    {"0115550100/0821234567", "+27115550100|+27821234567"},
    {"011 555 0100; 082 123 4567", "+27115550100|+27821234567"},
    {"011 555 0100, 082 123 4567", "+27115550100|+27821234567"},
    {"011 555 0100|082 123 4567", "+27115550100|+27821234567"},
    {"011 555 0100\n082 123 4567", "+27115550100|+27821234567"},
    {"011 555 0100 or 082 123 4567", "+27115550100|+27821234567"},
    {"011 555 0100 & 082 123 4567", "+27115550100|+27821234567"},
    {"011 555 0100 - 082 123 4567", "+27115550100|+27821234567"},
    {"011 555 0100 (082 123 4567)", "+27115550100|+27821234567"},
    {"W: 011 555 0100 C: 082 123 4567", "+27115550100|+27821234567"},
    {"1) 011 555 0100 2) 082 123 4567", "+27115550100|+27821234567"},
    {"Tel 1: 011 555 0100", "+27115550100"},
    {"011 555 0100; +27 11 555 0100", "+27115550100"},
    {"011 555 0100/1", "+27115550100"},
    {"011 555 0100/1/2", "+27115550100"},
    {"011 555 0100 x12", "+27115550100"},
    {"011 555 0100 ext 4", "+27115550100"},
    {"011 555 0100 Ext. 4021", "+27115550100"},
    {"011 555 0100, ext 4", "+27115550100"},
    {"011 555 0100 #4", "+27115550100"},
    {"27821234567", "+27821234567", HP_T_NUMBER},
    {"27821234567.0", "+27821234567", HP_T_NUMBER},
    {"821234567", "+27821234567", HP_T_NUMBER},
    {"115550100", "+27115550100", HP_T_NUMBER},
    {"27821234567.0", "+27821234567"},
    {"82123456.0", SHORT, HP_T_NUMBER},
    {"82123456.0", SHORT},
    {"82123456", SHORT, HP_T_NUMBER},
    {"082123456", SHORT},
    {"+2782123456", SHORT},
    {"27 82 123 456", SHORT},
    {"082 123", SHORT},
    {"12", SHORT},
    {"27821234567.5", NOT, HP_T_NUMBER},
    {"-27821234567", NOT, HP_T_NUMBER},
    {"2.7821234567E+10", NOT},
    {"2025-10-14", NOT, HP_T_DATE},
    {"TRUE", NOT, HP_T_BOOL},
    {"082 123 4567 89012", LONG},
    {"0821234567 0831234567", LONG},
    {"12345678901234567890", LONG},
    {"+999 12345678", "!phone_invalid(unknown calling code)"},
    {"0991234567", "!phone_invalid(no such range of numbers)"},
    {"0800 FLIGHT", SHORT},
    {"ask Jane", NOT},
    {"jane1234567@acme.example", NOT},
    {"082xxx4567", SHORT},
    {"011 555 0100 / 555 0101", "+27115550100 " SHORT},
    {"082 123 4567 / call first", "+27821234567"},
    {"082 123 4567; call first", "+27821234567 " NOT},
    {"000-000-0001", "!placeholder(filler number)"},
    {"000-123-4567", "!placeholder(filler number)"},
    {"0000000000", "!placeholder"},
    {"0", "!placeholder", HP_T_NUMBER},
    {"1111111111", "!placeholder(filler number)"},
    {"1234567890", "!placeholder(filler number)"},
    {"0123456789", "!placeholder(filler number)"},
    {"+27 00 000 0000", "!placeholder(filler number)"},
    {"n/a", "!placeholder"},
    {"082 123 4567, n/a", "+27821234567 !placeholder"},
    {"no phone", "!placeholder"},
};

static const clean_case namibian[] = {
    {"061 223 456", "+26461223456"},
    {"0811234567", "+264811234567"},
    {"+27 82 123 4567", "+27821234567"},
    {"264811234567", "+264811234567"},
};

static void test_phones(void **state) {
    (void)state;
    hp_clean_ctx ctx = clean_ctx();
    CLEAN_CHECK(hp_clean_phone, &ctx, phones);
    memcpy(ctx.country, "NA", 3);
    CLEAN_CHECK(hp_clean_phone, &ctx, namibian);
}

static void test_door(void **state) {
    (void)state;
    char e164[24] = "untouched";
    assert_int_equal(hp_phone_parse("junk", 4, "ZA", e164), HP_PHONE_NOT_A_NUMBER);
    assert_string_equal(e164, "untouched");
    assert_int_equal(hp_phone_parse("0115550100", 10, "ZA", e164), HP_PHONE_VALID);
    assert_string_equal(e164, "+27115550100");
    assert_int_equal(hp_phone_parse("0115550100", 10, "??", e164), HP_PHONE_BAD_COUNTRY);
    assert_int_equal(hp_phone_calling_code("ZA"), 27);
    assert_int_equal(hp_phone_calling_code("??"), 0);
}

static bool is_subsequence(hp_str part, hp_str whole) {
    size_t i = 0;
    for (size_t k = 0; k < whole.n && i < part.n; k++) i += whole.p[k] == part.p[i];
    return i == part.n;
}

/* Every digit of a result stands in the input: random cells must never grow a number that was not there. */
static void test_no_invented_digit(void **state) {
    (void)state;
    static const char alphabet[] = "0123456789012345678901234567892708 +-()/.;,xe";
    uint64_t seed = 20251014;
    hp_clean_ctx ctx = clean_ctx();
    hp_clean_out o = {.value = hp_buf_new(4096), .extra = hp_buf_new(4096)};
    size_t numbers = 0;
    for (int i = 0; i < 20000; i++) {
        char in[40], digits[40];
        size_t n = 0, nd = 0;
        for (size_t k = 0, len = 9 + (size_t)i % 16; k < len; k++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            in[n++] = alphabet[(seed >> 33) % (sizeof alphabet - 1)];
            if (hp_is_digit(in[n - 1])) digits[nd++] = in[n - 1];
        }
        hp_buf_clear(&o.value);
        hp_clean_phone(&ctx, (hp_str){in, n}, HP_T_TEXT, &o);
        hp_str rest = hp_buf_str(&o.value), one;
        while (hp_str_next(&rest, HP_LIST_SEP, &one)) {
            /* A national number is one run of the input's digits; abroad a trunk prefix may go from between.
             */
            bool home = hp_str_starts(one, HP_S("+27"));
            hp_str want = hp_str_cut(one, home ? 3 : 1, one.n), have = {digits, nd};
            if (home ? hp_str_find(have, want, 0) == SIZE_MAX : !is_subsequence(want, have))
                fail_msg("%.*s from %.*s", HP_FMT(one), HP_FMT(((hp_str){in, n})));
            numbers++;
        }
    }
    assert_true(numbers > 100); /* else the test tests nothing */
    hp_buf_free(&o.value);
    hp_buf_free(&o.extra);
}

/* Numbers in E.164 take a shorter way through the door; it must lead to the same place as the long one, which
 * a blank in the number takes. */
static void test_e164_is_taken_as_parsing_would(void **state) {
    (void)state;
    hp_err err = {0};
    if (hp_phone_ready(&err) != HP_OK) fail_msg("%s", err.message);
    static const int last[] = {0, 1, 23456, 99999, 100000, 555555, 999999};
    for (int first = 0; first < 1000; first++)
        for (size_t i = 0; i < sizeof last / sizeof *last; i++) {
            char quick[16], slow[24], a[24] = "", b[24] = "";
            snprintf(quick, sizeof quick, "+27%03d%06d", first, last[i]);
            snprintf(slow, sizeof slow, "+27 %03d %06d", first, last[i]);
            hp_phone_verdict x = hp_phone_parse(quick, strlen(quick), "ZA", a);
            hp_phone_verdict y = hp_phone_parse(slow, strlen(slow), "ZA", b);
            if (x != y || strcmp(a, b) != 0)
                fail_msg("%s: %d \"%s\", with blanks %d \"%s\"", quick, (int)x, a, (int)y, b);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_phones),
        cmocka_unit_test(test_door),
        cmocka_unit_test(test_e164_is_taken_as_parsing_would),
        cmocka_unit_test(test_no_invented_digit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
