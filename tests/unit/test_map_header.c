/* Finding header rows. */
#include "table_builder.h"

#include "map/map.h"

#define HEADER(name, expected, ...)                                          \
    static void name(void **state) {                                         \
        (void)state;                                                         \
        static const char *const cells[][4] = __VA_ARGS__;                   \
        hp_run run;                                                          \
        tb_open(&run);                                                       \
        uint32_t sheet = tb_sheet(&run, tb_file(&run, "Book", 0), "Sheet1"); \
        hp_table *t = TB_TABLE(&run, sheet, cells);                          \
        size_t got = hp_find_header(&run, NULL, t);                          \
        hp_run_close(&run);                                                  \
        assert_int_equal(got, (size_t)(expected));                           \
    }

HEADER(first_row, 0,
       {{"Company", "Email", "Phone", "Town"}, {"Acme Motors", "a@acme.example", "011 555 0100", "Brits"}})
HEADER(below_a_title, 1,
       {{"Members 2024", NULL, NULL, NULL},
        {NULL, NULL, NULL, NULL},
        {"Name", "E-mail", "Tel", "Remarks"},
        {"Acme Motors", "a@acme.example", "011 555 0100", NULL}})
HEADER(below_two_banner_cells, 2,
       {{"Register of schools", NULL, NULL, NULL},
        {"Printed", "#d:2025-01-02", NULL, NULL},
        {"Organisation", "Province", "Contact Person", "Telephone"},
        {"Acme Flying", "Gauteng", "Thandi Botha", "011 555 0100"}})
HEADER(data_from_the_start, SIZE_MAX,
       {{"Acme Motors", "a@acme.example", "011 555 0100", "Brits"},
        {"Beta Air", "b@beta.example", "012 555 0100", "Brits"}})
HEADER(numbers_only, SIZE_MAX, {{"#n:1", "#n:2", "#n:3", "#n:4"}, {"#n:5", "#n:6", "#n:7", "#n:8"}})
HEADER(unknown_words_over_numbers, 0,
       {{"Station", "Celsius", "Humidity", "Pressure"},
        {"London", "#n:15", "#n:72", "#n:1013"},
        {"Paris", "#n:18.5", "#n:65", "#n:1009"}})
HEADER(with_gaps, 0,
       {{"Company", NULL, "Phone", "Town"},
        {"Acme Motors", "x", "011 555 0100", "Brits"},
        {"Beta Air", "y", "012 555 0100", "Brits"}})
HEADER(repeated_texts_are_data, SIZE_MAX,
       {{"Gauteng", "open", "yes", "weekly"},
        {"Gauteng", "open", "yes", "weekly"},
        {"Gauteng", "shut", "no", "weekly"}})
HEADER(nothing, SIZE_MAX, {{NULL, NULL, NULL, NULL}})

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(first_row),
                                       cmocka_unit_test(below_a_title),
                                       cmocka_unit_test(below_two_banner_cells),
                                       cmocka_unit_test(data_from_the_start),
                                       cmocka_unit_test(numbers_only),
                                       cmocka_unit_test(unknown_words_over_numbers),
                                       cmocka_unit_test(with_gaps),
                                       cmocka_unit_test(repeated_texts_are_data),
                                       cmocka_unit_test(nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
