/* Numbers that say what their text says. Python's repr() is the shortest form there is; these are its own. */
#include "unit.h"
#include "write/exact.h"

#include <math.h>

static void whole_numbers(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
    } GOOD[] = {{"0", 0},
                {"-1", -1},
                {"999999999999999999", 999999999999999999},
                {"9223372036854775807", INT64_MAX},
                {"-9223372036854775808", INT64_MIN}};
    static const char *const BAD[] = {"",
                                      "-",
                                      "-0",
                                      "00",
                                      "007",
                                      "-07",
                                      "+7",
                                      "1.0",
                                      "1e3",
                                      " 1",
                                      "1 ",
                                      "0x1",
                                      "--1",
                                      "1-",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "123456789012345678901"};
    int64_t v;
    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
        assert_true(hp_exact_i64(hp_str_of(GOOD[i].text), &v));
        assert_int_equal(v, GOOD[i].value);
    }
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        if (hp_exact_i64(hp_str_of(BAD[i]), &v)) fail_msg("%s", BAD[i]);
}

static void fractions(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double value;
    } GOOD[] = {
        {"0", 0},
        {"100", 100},
        {"0.5", 0.5},
        {"-12345.67", -12345.67},
        {"0.1", 0.1},
        {"123456789012.345", 123456789012.345},
        {"1234567890123.456", 1234567890123.456},
        {"0.30000000000000004", 0.30000000000000004},
        {"0.14285714285714285", 1 / 7.0},
        {"9007199254740992", 9007199254740992},
        {"100000000000000000000", 1e20},
        {"123456789012345680000", 123456789012345680000.0},
        {"0.0000001", 1e-7},
        {"0.00000000000000000000012345", 1.2345e-22},
        {"2.220446049250313", 2.220446049250313},
        {"0.0000000000000002220446049250313", 0x1p-52},
    };
    static const char *const BAD[] = {
        "",
        "-",
        ".",
        ".5",
        "5.",
        "-.5",
        "-5.",
        "00.5",
        "-00.5",
        "01",
        "1.2.3",
        "1,5",
        "0.50",
        "1.0",
        "0.0",
        "-0",
        "-0.0",
        "1e5",
        "inf",
        "nan",
        " 1.5",
        "1.5 ",
        "+1.5",
        "0x1p3",
        "0.14285714285714286", /* as near, but not the shortest form's */
        "0.1000000000000000055511151231257827",
        "9007199254740993",
        "123456789012345678901",
        "0.300000000000000004",
        "2.2204460492503131",
    };
    double v;
    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
        if (!hp_exact_f64(hp_str_of(GOOD[i].text), false, &v)) fail_msg("%s", GOOD[i].text);
        assert_true(v >= GOOD[i].value && v <= GOOD[i].value);
    }
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        if (hp_exact_f64(hp_str_of(BAD[i]), false, &v)) fail_msg("%s", BAD[i]);
    static const char *const ZEROS[] = {"0.50", "1.0", "0.0", "12.00", "100000000000000.000000"};
    for (size_t i = 0; i < sizeof ZEROS / sizeof *ZEROS; i++) {
        assert_true(hp_exact_f64(hp_str_of(ZEROS[i]), true, &v));
        assert_false(hp_exact_f64(hp_str_of(ZEROS[i]), false, &v));
    }
}

/* What is written with 15 digits comes back; with more than are needed it does not. */
static void random_numbers(void **state) {
    (void)state;
    uint64_t seed = 42;
    char text[64], longer[64];
    for (int i = 0; i < 20000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        double wanted = (double)(seed >> 24) / (double)(1u << (seed % 30)), v = 0, back = 0;
        int n = snprintf(text, sizeof text, "%.3f", wanted);
        if (n > 16 || text[n - 1] == '0') continue;
        if (!hp_exact_f64(hp_str_of(text), false, &v)) fail_msg("%s", text);
        assert_true(hp_str_f64(hp_str_of(text), &back));
        assert_true(v >= back && v <= back);
        snprintf(longer, sizeof longer, "%.17f", v);
        if (strlen(longer) > 19) assert_false(hp_exact_f64(hp_str_of(longer), false, &v));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers),
        cmocka_unit_test(fractions),
        cmocka_unit_test(random_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
