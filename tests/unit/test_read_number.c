/* Numbers, serial dates, ISO dates and number formats. */
#include "unit.h"

#include "read/number.h"

static void test_numbers(void **state) {
    (void)state;
    static const char *const pairs[][2] = {
        {"0", "0"},
        {"-0", "0"},
        {"0.0", "0"},
        {"7", "7"},
        {"-12", "-12"},
        {"007", "7"},
        {"+5", "5"},
        {"5.0", "5"},
        {"5.", "5"},
        {".5", "0.5"},
        {"1.50", "1.5"},
        {"0.1", "0.1"},
        {"-0.001", "-0.001"},
        {"27821234567", "27821234567"},
        {"2.7821234567E10", "27821234567"},
        {"2.7821234567e+10", "27821234567"},
        {"27821234567.0", "27821234567"},
        {"1E3", "1000"},
        {"1E-3", "0.001"},
        {"1.5E-7", "0.00000015"},
        {"12E0", "12"},
        {"0E5", "0"},
        {"1.5e00000000003", "1500"},
        {"0e99999999999", "0"},
        /* 15 digits are what a spreadsheet shows; more are the noise of binary fractions, unless they are a
           whole number written out. */
        {"1.1000000000000001", "1.1"},
        {"10.199999999999999", "10.2"},
        {"0.30000000000000004", "0.30000000000000004"},
        {"0.1000000000000000055511151231257827", "0.1"},
        {"123456789012345678", "123456789012345678"},
        {"12345678901234567890123.0", "12345678901234567890123"},
        {"1.2345678901234567E+19", "12345678901234567000"},
        {"100000000000000000000", "100000000000000000000"},
        {"1E22", "10000000000000000000000"},
        {"4.9406564584124654E-324", NULL},
        {"1.7976931348623157E+308", NULL},
    };
    char out[HP_NUMBER_TEXT];
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        size_t n = hp_number_text(hp_str_of(pairs[i][0]), out);
        double a = 0, b = 0;
        assert_true(n > 0);
        if (pairs[i][1]) assert_view(((hp_str){out, n}), pairs[i][1]);
        assert_true(hp_str_f64((hp_str){out, n}, &a));
        assert_true(hp_str_f64(hp_str_of(pairs[i][0] + (pairs[i][0][0] == '+')), &b));
        assert_true(a == b);
    }
}

static void test_no_numbers(void **state) {
    (void)state;
    static const char *const texts[] = {"",
                                        "-",
                                        ".",
                                        "E5",
                                        "1e",
                                        "1e+",
                                        "abc",
                                        "1,5",
                                        "0x10",
                                        "NaN",
                                        "INF",
                                        "-INF",
                                        "1 2",
                                        "1.2.3",
                                        "1E999",
                                        "1E-999",
                                        "1e99999999",
                                        "1e-",
                                        "1.7976931348623159E308",
                                        "1e+-5",
                                        "1e--5",
                                        "1e-+5",
                                        "1e99999999999999999999"};
    char out[HP_NUMBER_TEXT];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (hp_number_text(hp_str_of(texts[i]), out)) fail_msg("taken for a number: %s", texts[i]);
    }
    char digits[401];
    memset(digits, '9', 400);
    digits[400] = '\0';
    assert_int_equal(hp_number_text(hp_str_of(digits), out), 0);
}

static void expect_serial(double serial, hp_numfmt kind, bool date1904, const char *text) {
    char out[40];
    size_t n = hp_serial_text(serial, kind, date1904, out);
    assert_view(((hp_str){out, n}), text);
}

static void test_serials_1900(void **state) {
    (void)state;
    expect_serial(1, HP_NUMFMT_DATE, false, "1900-01-01");
    expect_serial(59, HP_NUMFMT_DATE, false, "1900-02-28");
    expect_serial(60, HP_NUMFMT_DATE, false, "1900-02-28"); /* the day that never was */
    expect_serial(61, HP_NUMFMT_DATE, false, "1900-03-01");
    expect_serial(25569, HP_NUMFMT_DATE, false, "1970-01-01");
    expect_serial(45944, HP_NUMFMT_DATE, false, "2025-10-14");
    expect_serial(45944.395833333336, HP_NUMFMT_DATE, false, "2025-10-14T09:30:00");
    expect_serial(45944.3958333, HP_NUMFMT_DATE, false, "2025-10-14T09:30:00");
    expect_serial(45944.999999, HP_NUMFMT_DATE, false, "2025-10-15");
    expect_serial(0.39583333, HP_NUMFMT_DATE, false, "09:30:00");
    expect_serial(0.39583333, HP_NUMFMT_TIME, false, "09:30:00");
    expect_serial(0, HP_NUMFMT_DATE, false, "00:00:00");
    expect_serial(2958465, HP_NUMFMT_DATE, false, "9999-12-31");
    expect_serial(2958465.9999999, HP_NUMFMT_DATE, false, ""); /* rounds into the year 10000 */
    expect_serial(2958466, HP_NUMFMT_DATE, false, "");
    expect_serial(-1, HP_NUMFMT_DATE, false, "");
}

static void test_serials_1904(void **state) {
    (void)state;
    expect_serial(0, HP_NUMFMT_DATE, true, "1904-01-01");
    expect_serial(0.5, HP_NUMFMT_TIME, true, "12:00:00");
    expect_serial(0.5, HP_NUMFMT_DATE, true, "1904-01-01T12:00:00");
    expect_serial(60, HP_NUMFMT_DATE, true, "1904-03-01");
    expect_serial(44482, HP_NUMFMT_DATE, true, "2025-10-14");
}

static void test_durations(void **state) {
    (void)state;
    expect_serial(1.5, HP_NUMFMT_ELAPSED, false, "36:00:00");
    expect_serial(10.6320601851852, HP_NUMFMT_ELAPSED, false, "255:10:10");
    expect_serial(0.0625, HP_NUMFMT_ELAPSED, true, "01:30:00");
}

static void test_iso(void **state) {
    (void)state;
    static const char *const pairs[][2] = {
        {"2025-10-14", "2025-10-14"},
        {"2025-10-14T09:30:00", "2025-10-14T09:30:00"},
        {"2025-10-14T09:30:00.123Z", "2025-10-14T09:30:00"},
        {"2025-10-14T00:00:00", "2025-10-14"},
        {"2025-10-14 09:30", "2025-10-14T09:30:00"},
        {"2025-10-14T09:30:00+02:00", "2025-10-14T09:30:00"},
        {"09:30:05", "09:30:05"},
        {"09:30", "09:30:00"},
        {"2025-02-30", ""},
        {"2025-10-14T25:00:00", ""},
        {"2025-10-14X09:30", ""},
        {"2025-10-14T", ""},
        {"14.10.2025", ""},
        {"", ""},
        {"09:3", ""},
        {"09:30:5", ""},
    };
    char out[40];
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        size_t n = hp_iso_text(hp_str_of(pairs[i][0]), out);
        assert_view(((hp_str){out, n}), pairs[i][1]);
    }
}

static void test_formats(void **state) {
    (void)state;
    static const struct {
        const char *code;
        hp_numfmt kind;
    } formats[] = {
        {"General", HP_NUMFMT_NUMBER},
        {"0.00", HP_NUMFMT_NUMBER},
        {"#,##0;[Red]-#,##0", HP_NUMFMT_NUMBER},
        {"@", HP_NUMFMT_NUMBER},
        {"0.00E+00", HP_NUMFMT_NUMBER},
        {"##0.0e-0", HP_NUMFMT_NUMBER},
        {"[$R-1C09] #,##0.00", HP_NUMFMT_NUMBER},
        {"\"days\" 0", HP_NUMFMT_NUMBER},
        {"0 \\d\\a\\y\\s", HP_NUMFMT_NUMBER},
        {"0_d", HP_NUMFMT_NUMBER},
        {"*d0", HP_NUMFMT_NUMBER},
        {"[DbNum1]0", HP_NUMFMT_NUMBER},
        {"[>=100]0", HP_NUMFMT_NUMBER},
        {"0;yyyy", HP_NUMFMT_NUMBER},
        {"\"open yyyy", HP_NUMFMT_NUMBER},
        {"[open", HP_NUMFMT_NUMBER},
        {"", HP_NUMFMT_NUMBER},
        {"\\", HP_NUMFMT_NUMBER},
        {"[]0", HP_NUMFMT_NUMBER},
        {"yyyy-mm-dd", HP_NUMFMT_DATE},
        {"[$-409]d\\-mmm\\-yy;@", HP_NUMFMT_DATE},
        {"[Red]YYYY", HP_NUMFMT_DATE},
        {"mmm", HP_NUMFMT_DATE},
        {"dd/mm/yyyy hh:mm", HP_NUMFMT_DATE},
        {"yyyy\"\xE5\xB9\xB4\"m\"\xE6\x9C\x88\"", HP_NUMFMT_DATE},
        {"ggge", HP_NUMFMT_DATE},
        {"\"at\" dddd", HP_NUMFMT_DATE},
        {"General d", HP_NUMFMT_DATE},
        {"h:mm", HP_NUMFMT_TIME},
        {"hh:mm:ss AM/PM", HP_NUMFMT_TIME},
        {"mm:ss.0", HP_NUMFMT_TIME},
        {"A/P", HP_NUMFMT_TIME},
        {"[h]:mm", HP_NUMFMT_ELAPSED},
        {"[HH]:MM:SS", HP_NUMFMT_ELAPSED},
        {"[mm]:ss", HP_NUMFMT_ELAPSED},
        {"[s]", HP_NUMFMT_ELAPSED},
    };
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        hp_numfmt kind = hp_numfmt_of_code(hp_str_of(formats[i].code));
        if (kind != formats[i].kind) fail_msg("%s: kind %d", formats[i].code, (int)kind);
    }
    static const hp_numfmt builtin[] = {
        [0] = HP_NUMFMT_NUMBER, [13] = HP_NUMFMT_NUMBER, [14] = HP_NUMFMT_DATE, [18] = HP_NUMFMT_TIME,
        [22] = HP_NUMFMT_DATE,  [36] = HP_NUMFMT_DATE,   [45] = HP_NUMFMT_TIME, [46] = HP_NUMFMT_ELAPSED,
        [47] = HP_NUMFMT_TIME,  [58] = HP_NUMFMT_DATE};
    for (uint32_t id = 0; id < sizeof builtin / sizeof *builtin; id++) {
        if (builtin[id] != HP_NUMFMT_NUMBER) assert_int_equal(hp_numfmt_builtin(id), builtin[id]);
    }
    assert_int_equal(hp_numfmt_builtin(13), HP_NUMFMT_NUMBER);
    assert_int_equal(hp_numfmt_builtin(23), HP_NUMFMT_NUMBER);
    assert_int_equal(hp_numfmt_builtin(49), HP_NUMFMT_NUMBER);
    assert_int_equal(hp_numfmt_builtin(59), HP_NUMFMT_NUMBER);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),      cmocka_unit_test(test_no_numbers),
        cmocka_unit_test(test_serials_1900), cmocka_unit_test(test_serials_1904),
        cmocka_unit_test(test_durations),    cmocka_unit_test(test_iso),
        cmocka_unit_test(test_formats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
