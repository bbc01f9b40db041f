#include "base/clock.h"
#include "unit.h"

#include <stdlib.h>

static void known_days(void **state) {
    (void)state;
    assert_int_equal(hp_days_from_civil(1970, 1, 1), 0);
    assert_int_equal(hp_days_from_civil(2000, 3, 1), 11017);
    assert_int_equal(hp_days_from_civil(1969, 12, 31), -1);
    assert_int_equal(hp_days_from_civil(1899, 12, 30),
                     -25569); /* day 0 of Excel's 1900 system after February 1900 */
    assert_int_equal(hp_days_from_civil(1904, 1, 1), -24107);
    assert_int_equal(hp_days_from_civil(1, 1, 1), -719162);
}

/* Every day of four centuries and more, counted up one by one. */
static void days_go_both_ways(void **state) {
    (void)state;
    static const int length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t n = hp_days_from_civil(1600, 1, 1);
    for (int y = 1600; y < 2101; y++) {
        bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
        for (int m = 1; m <= 12; m++) {
            for (int d = 1; d <= length[m - 1] + (m == 2 && leap); d++, n++) {
                assert_int_equal(hp_days_from_civil(y, m, d), n);
                hp_date back = hp_civil_from_days(n);
                assert_true(back.year == y && back.month == m && back.day == d && hp_date_valid(&back));
            }
        }
    }
}

static void validity(void **state) {
    (void)state;
    const hp_date bad[] = {{2025, 2, 29, 0, 0, 0}, {1900, 2, 29, 0, 0, 0}, {2025, 13, 1, 0, 0, 0},
                           {2025, 0, 1, 0, 0, 0},  {2025, 4, 31, 0, 0, 0}, {0, 1, 1, 0, 0, 0},
                           {10000, 1, 1, 0, 0, 0}, {2025, 1, 1, 24, 0, 0}, {2025, 1, 1, 0, 60, 0},
                           {2025, 1, 1, 0, 0, 60}, {2025, 1, 0, 0, 0, 0},  {2025, 1, 1, -1, 0, 0}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(hp_date_valid(&bad[i]));
    assert_true(hp_date_valid(&(hp_date){2000, 2, 29, 23, 59, 59}));
}

static void iso_forms(void **state) {
    (void)state;
    char iso[21], compact[17], day[11];
    hp_time_iso(1760434200, iso);
    assert_string_equal(iso, "2025-10-14T09:30:00Z");
    hp_time_compact(1760434200, compact);
    assert_string_equal(compact, "20251014T093000Z");
    hp_time_iso(-1, iso);
    assert_string_equal(iso, "1969-12-31T23:59:59Z");
    hp_date d;
    assert_true(hp_date_parse_iso(HP_S("2024-02-29"), &d));
    hp_date_iso(&d, day);
    assert_string_equal(day, "2024-02-29");
    const char *const bad[] = {"2025-02-29", "2025-1-01", "2025/01/01", "2025-01-01 ",
                               "",           "20250101",  "+025-01-01", "2025-01-0x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(hp_date_parse_iso(hp_str_of(bad[i]), &d));
    hp_date wide = {123456, 7, 8, 0, 0, 0}; /* never over the end of the buffer */
    hp_date_iso(&wide, day);
    assert_int_equal(strlen(day), 10);
}

static void epoch_of_the_environment_wins(void **state) {
    (void)state;
    setenv("SOURCE_DATE_EPOCH", "1760434200", 1);
    assert_int_equal(hp_clock_now(), 1760434200);
    assert_true(hp_clock_fixed());
    unsetenv("SOURCE_DATE_EPOCH");
    assert_int_equal(hp_clock_now(), 1760434200); /* read once */
    uint64_t t = hp_clock_mono();
    assert_true(hp_clock_mono() >= t);
    assert_true(hp_clock_cpu() > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_days),
        cmocka_unit_test(days_go_both_ways),
        cmocka_unit_test(validity),
        cmocka_unit_test(iso_forms),
        cmocka_unit_test(epoch_of_the_environment_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
