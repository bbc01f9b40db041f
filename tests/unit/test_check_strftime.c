/* strftime formats as Python's datetime.strptime reads them. */
#include "unit.h"

#include "check/strftime.h"

/* Made by Python 3.11 with TZ=UTC: whether datetime.strptime(text, format) raises no ValueError. */
static const struct {
    const char *format, *text;
    bool matches;
} cases[] = {
    {"%Y-%m-%d", "2019-04-01", true},
    {"%Y-%m-%d", "2019-4-1", true},
    {"%Y-%m-%d", "2019-02-29", false},
    {"%Y-%m-%d", "2020-02-29", true},
    {"%Y-%m-%d", "2019-13-01", false},
    {"%Y-%m-%d", "19-04-01", false},
    {"%Y-%m-%d", "2019-04-01 ", false},
    {"%Y-%m-%d", "0000-01-01", false},
    {"%Y-%m-%d", "2019-04-011", false},
    {"%Y-%m-%d", "2019-4-01", true},
    {"%Y-%m-%d", "2019-00-10", false},
    {"%Y-%m-%d", "2019-04-00", false},
    {"%Y%m%d", "20190401", true},
    {"%Y%m%d", "2019-04-01", false},
    {"%Y%m%d", "2019411", true},
    {"%Y%m%d", "201941", true},
    {"%Y%m%d", "20191131", false},
    {"%Y%m%d", "2019111", true},
    {"%d/%m/%Y", "01/01/2010", true},
    {"%d/%m/%Y", "1/1/2010", true},
    {"%d/%m/%Y", "31/02/2010", false},
    {"%d/%m/%Y", "00/01/2010", false},
    {"%d/%m/%Y", " 1/01/2010", true},
    {"%d/%m/%Y", "32/01/2010", false},
    {"%m-%d-%Y", "01-10-2019", true},
    {"%m-%d-%Y", "01/20/2019", false},
    {"%m-%d-%Y", "02-30-2019", false},
    {"%Y-%m-%dT%H:%M:%S", "1977-05-55T00:00:00", false},
    {"%Y-%m-%dT%H:%M:%S", "1980-05-21T13:47:59", true},
    {"%Y-%m-%dT%H:%M:%S", "2017-06-12T23:57:59", true},
    {"%Y-%m-%dT%H:%M:%S", "2017-06-12t23:57:59", true},
    {"%Y-%m-%dT%H:%M:%S", "2017-06-12T24:00:00", false},
    {"%Y-%m-%dT%H:%M:%S", "2017-06-12T23:60:00", false},
    {"%Y-%m-%dT%H:%M:%S", "2017-06-12T23:59:60", false},
    {"%Y-%m-%dT%H:%M:%S", "2017-06-12T3:5:9", true},
    {"%Y-%m-%dT%H:%M:%S.%f%z", "2017-06-12T23:57:59.1+0200", true},
    {"%Y-%m-%dT%H:%M:%S.%f%z", "2017-06-12T23:57:59.123456+02:00", true},
    {"%Y-%m-%dT%H:%M:%S.%f%z", "2017-06-12T23:57:59.1234567Z", false},
    {"%Y-%m-%dT%H:%M:%S.%f%z", "2017-06-12T23:57:59.123456Z", true},
    {"%Y-%m-%dT%H:%M:%S.%f%z", "2017-06-12T23:57:59.1z", false},
    {"%Y-%m-%dT%H:%M:%S.%f%z", "2017-06-12T23:57:59.5+2400", false},
    {"%Y-%m-%dT%H:%M:%S.%f%z", "2017-06-12T23:57:59.5+23:59:59", true},
    {"%Y-%m-%dT%H:%M:%S.%f%z", "2017-06-12T23:57:59.5+23:5959", false},
    {"%Y-%m-%dT%H:%M:%S.%f%z", "2017-06-12T23:57:59.5+02:60", false},
    {"%Y-%m-%dT%H:%M:%S.%f%z", "2017-06-12T23:57:59.5-0030.5", false},
    {"%Y-%m-%dT%H:%M:%S.%f%z", "2017-06-12T23:57:59.5-003000.5", true},
    {"%I:%M %p", "10:30 AM", true},
    {"%I:%M %p", "00:30 AM", false},
    {"%I:%M %p", "12:30 pm", true},
    {"%I:%M %p", "13:30 PM", false},
    {"%I:%M %p", "1:5 am", true},
    {"%I:%M %p", "10:30AM", false},
    {"%I:%M %p", "10:30  pm", true},
    {"%a %b %d %H:%M:%S %Y", "Sun Sep 16 01:03:52 1973", true},
    {"%a %b %d %H:%M:%S %Y", "sun sep 16 01:03:52 1973", true},
    {"%a %b %d %H:%M:%S %Y", "Sunday Sep 16 01:03:52 1973", false},
    {"%a %b %d %H:%M:%S %Y", "Mon Sep  6 01:03:52 1973", true},
    {"%a %b %d %H:%M:%S %Y", "Mon Sep 6 01:03:52 1973", true},
    {"%A %d %B %Y", "Monday 30 December 2019", true},
    {"%A %d %B %Y", "Mon 30 Dec 2019", false},
    {"%A %d %B %Y", "monday 30 DECEMBER 2019", true},
    {"%A %d %B %Y", "Funday 30 December 2019", false},
    {"%c", "Sun Sep 16 01:03:52 1973", true},
    {"%c", "Sep 16 1973", false},
    {"%x", "09/16/73", true},
    {"%x", "9/16/73", true},
    {"%x", "16/09/73", false},
    {"%X", "01:03:52", true},
    {"%X", "1:3:5", true},
    {"%X", "25:00:00", false},
    {"%y%j", "19001", true},
    {"%y%j", "19366", true},
    {"%y%j", "20366", true},
    {"%y%j", "19000", false},
    {"%y%j", "19367", false},
    {"%y%j", "191", true},
    {"%j %Y", "001 2019", true},
    {"%j %Y", "366 2019", true},
    {"%j %Y", "1 2019", true},
    {"%j %Y", "000 2019", false},
    {"%j %Y", "366 9999", false},
    {"%Y %U %w", "2019 10 0", true},
    {"%Y %U %w", "2019 53 6", true},
    {"%Y %U %w", "2019 54 0", false},
    {"%Y %U %w", "2019 00 0", true},
    {"%Y %U %w", "2019 10 7", false},
    {"%Y %U %w", "9999 53 6", false},
    {"%Y %U %w", "0001 00 0", false},
    {"%Y %W %a", "2019 10 Mon", true},
    {"%Y %W %a", "2019 00 Mon", true},
    {"%Y %W %a", "0001 00 Mon", true},
    {"%G-W%V-%u", "2019-W01-1", true},
    {"%G-W%V-%u", "2020-W53-7", true},
    {"%G-W%V-%u", "2019-W54-1", false},
    {"%G-W%V-%u", "2019-W1-1", true},
    {"%G-W%V-%u", "2019-W01-0", false},
    {"%d %m", "29 02", false},
    {"%d %m", "28 02", true},
    {"%d %m", "31 12", true},
    {"%d %m", "31 04", false},
    {"%H%M%S", "235959", true},
    {"%H%M%S", "23595", true},
    {"%H%M%S", "2359", true},
    {"%H%M%S", "000000", true},
    {"%H%M%S", "240000", false},
    {"%m%d", "111", true},
    {"%m%d", "1111", true},
    {"%m%d", "0229", false},
    {"%m%d", "1301", false},
    {"%m%d", "12", true},
    {"%d%m", "111", true},
    {"%d%m", "3112", true},
    {"%d%m", "311", true},
    {"%f", "1", true},
    {"%f", "123456", true},
    {"%f", "1234567", false},
    {"%f", "", false},
    {"%Z %Y", "UTC 2019", true},
    {"%Z %Y", "gmt 2019", true},
    {"%Z %Y", "EST 2019", false},
    {"%%%Y", "%2019", true},
    {"%%%Y", "2019", false},
    {"Q%Y (x)", "q2019 (X)", true},
    {"Q%Y (x)", "Q2019 (x)", true},
    {"Q%Y (x)", "Q2019 x", false},
    {"%Y  %m", "2019 1", true},
    {"%Y  %m", "2019\t01", true},
    {"%Y  %m", "201901", false},
    {"%Y  %m", "2019   1", true},
    {" %Y", "2019", false},
    {" %Y", " 2019", true},
    {" %Y", "\n2019", true},
    {"%Y ", "2019 ", true},
    {"%Y ", "2019", false},
    {"", "", true},
    {"", "x", false},
    {"%p", "am", true},
    {"%p", "PM", true},
    {"%p", "xm", false},
    {"%p", "", false},
    {"%S", "59", true},
    {"%S", "60", false},
    {"%S", "61", false},
    {"%S", "62", false},
    {"%S", "6", true},
    {"%b", "may", true},
    {"%b", "mayo", false},
    {"%b", "Ma", false},
    {"%B", "may", true},
    {"%B", "may ", false},
    {"%y", "68", true},
    {"%y", "69", true},
    {"%y", "7", false},
    {"%y", "007", false},
    {"%w", "0", true},
    {"%w", "6", true},
    {"%w", "7", false},
    {"%u", "0", false},
    {"%u", "7", true},
    {"%Y%j", "2019001", true},
    {"%Y%j", "20191", true},
    {"%Y%j", "2019366", true},
    {"%j%d%m", "0013102", true},
    {"%j%d%m", "3663102", true},
    {"%d %j", "31 060", true},
};

static void test_as_python(void **state) {
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hp_err err = {0};
        assert_ok(hp_strftime_check(hp_str_of(cases[i].format), "s.json:1", &err), err);
        if (hp_strftime_match(hp_str_of(cases[i].format), hp_str_of(cases[i].text)) == cases[i].matches)
            continue;
        print_error("\"%s\" in \"%s\": wanted %d\n", cases[i].text, cases[i].format, cases[i].matches);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

/* Python 3.11 takes week 53 of every year; 3.12 and later refuse it where the year has 52, and so do we. */
static void test_week_53(void **state) {
    (void)state;
    assert_true(hp_strftime_match(HP_S("%G-W%V-%u"), HP_S("2020-W53-5")));
    assert_false(hp_strftime_match(HP_S("%G-W%V-%u"), HP_S("2019-W53-5")));
}

/* Python refuses them all, when the format is compiled or when it is used. */
static void test_bad_formats(void **state) {
    (void)state;
    static const char *const bad[] = {"%F", "%T",    "%e",    "%Y %Y",       "%c %H", "%",  "%Y-%",      "%V",
                                      "%G", "%G %V", "%V %Y", "%G %V %u %j", "%-d",   "%Q", "%\303\251", "%s",
                                      "%D", "%R",    "%h",    "%n",          "%+",    "%E", "%Od"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        hp_err err = {0};
        if (hp_strftime_check(hp_str_of(bad[i]), "suites/a.json:7", &err) != HP_CONFIG)
            fail_msg("%s passes", bad[i]);
        assert_contains(err.message, "suites/a.json:7: ");
    }
}

static void test_long_format(void **state) {
    (void)state;
    hp_err err = {0};
    char format[201];
    memset(format, ' ', sizeof format);
    assert_ok(hp_strftime_check((hp_str){format, 200}, "s", &err), err);
    assert_true(hp_strftime_match((hp_str){format, 200}, HP_S(" ")));
    assert_int_equal(hp_strftime_check((hp_str){format, 201}, "s", &err), HP_CONFIG);
    assert_contains(err.message, "200 are the limit");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_as_python), cmocka_unit_test(test_week_53),
                                       cmocka_unit_test(test_bad_formats),
                                       cmocka_unit_test(test_long_format)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
