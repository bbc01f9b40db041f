#include "clean_case.h"

#define AMBIGUOUS " !date_ambiguous(read day first)"
#define NO_DAY    " !date_ambiguous(no day: the first of the month is meant)"
#define NOT       "!date_invalid(not a date)"

static const clean_case dates[] = {
    {"2025-10-14", "2025-10-14"},
    {"2025-10-14", "2025-10-14", HP_T_DATE},
    {"2025-10-14T09:30:00", "2025-10-14", HP_T_DATE},
    {"2025-10-14T09:30:00.125+02:00", "2025-10-14"},
    {"2025-04-03 00:00:00", "2025-04-03"},
    {"2025/04/03", "2025-04-03"},
    {"20251014", "2025-10-14"},
    {"20251014", "2025-10-14", HP_T_NUMBER},
    {"14/10/2025", "2025-10-14"},
    {"10/14/2025", "2025-10-14"},
    {"14/10/2025 10:30 PM", "2025-10-14"},
    {"14.10.25", "2025-10-14"},
    {"14/10/99", "1999-10-14"},
    {"03/04/2025", "2025-04-03" AMBIGUOUS},
    {"04/04/2025", "2025-04-04"},
    {"25-10-14", "2014-10-25" AMBIGUOUS},
    {"14 Oct 2025", "2025-10-14"},
    {"14-Oct-25", "2025-10-14"},
    {"14Oct2025", "2025-10-14"},
    {"October 14, 2025", "2025-10-14"},
    {"Oct. 14 2025", "2025-10-14"},
    {"14th October 2025", "2025-10-14"},
    {"Tue, 14 Oct 2025", "2025-10-14"},
    {"2025 Oct 14", "2025-10-14"},
    {"14 Oktober 2025", "2025-10-14"},
    {"3 Mei 2025", "2025-05-03"},
    {"1 Desember 2024", "2024-12-01"},
    {"29 Feb 2024", "2024-02-29"},
    {"45000", "2023-03-15", HP_T_NUMBER},
    {"45000.75", "2023-03-15", HP_T_NUMBER},
    {"45000", NOT},
    {"12", NOT},
    {"12", NOT, HP_T_NUMBER},
    {"2025", "!date_invalid(year only)"},
    {"2025", "!date_invalid(year only)", HP_T_NUMBER},
    {"Oct 2025", "2025-10-01" NO_DAY},
    {"October, 2025", "2025-10-01" NO_DAY},
    {"2025 Mei", "2025-05-01" NO_DAY},
    {"10/2025", "2025-10-01" NO_DAY},
    {"2025-10", "2025-10-01" NO_DAY},
    {"13/2025", "!date_invalid(no such day)"},
    {"10.2025", "!date_invalid(no day)"},
    {"Oct 25", "!date_invalid(no year)"},
    {"Oct 1850", "!date_invalid(year out of range)"},
    {"Jan 1970", "!placeholder(1970-01-01)"},
    {"14 October", "!date_invalid(no year)"},
    {"2025-02-30", "!date_invalid(no such day)"},
    {"2025-14-10", "!date_invalid(no such day)"},
    {"31/11/2025", "!date_invalid(no such day)"},
    {"32/13/2025", "!date_invalid(no such day)"},
    {"14/10/0025", "!date_invalid(year out of range)"},
    {"9999-12-31", "!date_invalid(year out of range)", HP_T_DATE},
    {"09:30:00", "!date_invalid(a time, no date)", HP_T_DATE},
    {"14/10-2025", NOT},
    {"next week", NOT},
    {"14 Octoberfest 2025", NOT},
    {"1/2/3/4", NOT},
    {"TRUE", NOT, HP_T_BOOL},
    {"1970-01-01", "!placeholder(1970-01-01)"},
    {"1970-01-01 00:00:00", "!placeholder(1970-01-01)"},
    {"01/01/1970", "!placeholder(1970-01-01)"},
    {"1970-01-01", "!placeholder(1970-01-01)", HP_T_DATE},
    {"25569", "!placeholder(1970-01-01)", HP_T_NUMBER},
    {"0000-00-00", "!placeholder"},
    {"0", "!placeholder", HP_T_NUMBER},
    {"n/a", "!placeholder"},
};

static const clean_case month_first[] = {
    {"03/04/2025", "2025-03-04 !date_ambiguous(read month first)"},
    {"14/10/2025", "2025-10-14"},
    {"10/14/2025", "2025-10-14"},
    {"2025-03-04", "2025-03-04"},
};

static void test_dates(void **state) {
    (void)state;
    hp_clean_ctx ctx = clean_ctx();
    CLEAN_CHECK(hp_clean_date, &ctx, dates);
    ctx.day_first = false;
    CLEAN_CHECK(hp_clean_date, &ctx, month_first);
}

static void test_type(void **state) {
    (void)state;
    hp_clean_ctx ctx = clean_ctx();
    hp_clean_out o = {.value = hp_buf_new(64), .extra = hp_buf_new(64)};
    hp_clean_date(&ctx, HP_S("14/10/2025"), HP_T_TEXT, &o);
    assert_int_equal(o.typed, HP_T_DATE);
    hp_buf_clear(&o.value);
    hp_clean_date(&ctx, HP_S("never"), HP_T_TEXT, &o);
    assert_int_equal(o.typed, HP_T_TEXT);
    hp_buf_free(&o.value);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_dates), cmocka_unit_test(test_type)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
