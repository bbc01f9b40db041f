/* "Book.xlsx!Sheet!A1:F20": areas, file names with a '!', sheet names with quotes. */
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/cellref.h"
#include "unit.h"

#define ALL UINT32_MAX

static void reads_areas(void **state) {
    (void)state;
    static const struct {
        const char *text;
        hp_area area;
    } GOOD[] = {
        {"A1:F20", {1, 20, 0, 5}},   {"c7", {7, 7, 2, 2}},
        {"F20:A1", {1, 20, 0, 5}},   {"A20:F1", {1, 20, 0, 5}},
        {"A:C", {1, ALL, 0, 2}},     {"2:9", {2, 9, 0, ALL}},
        {"$A$1:$B$2", {1, 2, 0, 1}}, {"XFD1048576", {1048576, 1048576, 16383, 16383}},
        {"9:2", {2, 9, 0, ALL}},
    };
    static const char *const BAD[] = {"",    "A",   "7",    "A0",  "XFE1",     "A1048577",
                                      "A1:", ":A1", "A1:B", "A:2", "A1:B2:C3", "Sheet1",
                                      "1A",  "A1 ", "A$",   "A-1", "AAAA1"};
    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
        hp_area a;
        assert_true(hp_area_parse(hp_str_of(GOOD[i].text), &a));
        assert_memory_equal(&a, &GOOD[i].area, sizeof a);
    }
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        hp_area a;
        if (hp_area_parse(hp_str_of(BAD[i]), &a)) fail_msg("\"%s\" was taken for an area", BAD[i]);
    }
}

static const hp_book_sheet SHEETS[] = {
    {.name = {"People", 6}, .readable = true},
    {.name = {"2024!Q1", 7}, .readable = true},
    {.name = {"O'Neil", 6}, .readable = true},
    {.name = {"A1:B2", 5}, .readable = true},
};

static void assert_pick(const char *rest, size_t sheet, uint32_t row_from, uint32_t col_to) {
    hp_area area;
    size_t got;
    hp_err err = {0};
    assert_int_equal(hp_sheet_pick(SHEETS, 4, hp_str_of(rest), "b.xlsx", &got, &area, &err), HP_OK);
    assert_int_equal(got, sheet);
    assert_int_equal(area.row_from, row_from);
    assert_int_equal(area.col_to, col_to);
}

static void picks_sheets(void **state) {
    (void)state;
    assert_pick("People", 0, 1, ALL);
    assert_pick("people!B2:C3", 0, 2, 2);
    assert_pick("2024!Q1", 1, 1, ALL);
    assert_pick("2024!Q1!B2:C3", 1, 2, 2);
    assert_pick("'2024!Q1'!B2:C3", 1, 2, 2);
    assert_pick("'O''Neil'", 2, 1, ALL);
    assert_pick("'O''Neil'!B2:C3", 2, 2, 2);
    assert_pick("O'Neil!B2:C3", 2, 2, 2);
    assert_pick("A1:B2", 3, 1, ALL); /* a sheet may be called like an area */
    size_t sheet;
    hp_area area;
    hp_err err = {0};
    assert_int_equal(hp_sheet_pick(SHEETS, 4, (hp_str){0}, "b.xlsx", &sheet, &area, &err), HP_OK);
    assert_true(sheet == SIZE_MAX && area.row_from == 1 && area.row_to == ALL);
    const hp_book_sheet csv = {.name = {"", 0}, .readable = true};
    assert_int_equal(hp_sheet_pick(&csv, 1, HP_S("B2:C3"), "b.csv", &sheet, &area, &err), HP_OK);
    assert_true(sheet == 0 && area.row_from == 2 && area.col_to == 2);
}

static void names_what_is_not_there(void **state) {
    (void)state;
    size_t sheet;
    hp_area area;
    hp_err err = {0};
    assert_int_equal(hp_sheet_pick(SHEETS, 4, HP_S("Peple"), "b.xlsx", &sheet, &area, &err), HP_NOINPUT);
    assert_string_equal(err.message, "b.xlsx: has no sheet \"Peple\"; did you mean \"People\"?");
    assert_int_equal(hp_sheet_pick(SHEETS, 4, HP_S("Warehouses"), "b.xlsx", &sheet, &area, &err), HP_NOINPUT);
    assert_non_null(strstr(err.message, "its sheets are \"People\", \"2024!Q1\""));
    assert_int_equal(hp_sheet_pick(SHEETS, 4, HP_S("People!B2:"), "b.xlsx", &sheet, &area, &err), HP_USAGE);
    assert_non_null(strstr(err.message, "\"B2:\" is no area"));
}

static void splits_at_the_file(void **state) {
    (void)state;
    char dir[] = "/tmp/hp_cellref_XXXXXX";
    assert_non_null(mkdtemp(dir));
    hp_autoarena *a = hp_arena_new(NULL);
    hp_err err = {0};
    hp_str odd = hp_arena_printf(a, "%s/a!b.csv", dir), path, rest;
    assert_int_equal(hp_write_file(odd.p, HP_S("x\n"), &err), HP_OK);
    hp_str arg = hp_arena_printf(a, "%s!Sheet!A1", odd.p);
    assert_int_equal(hp_book_split(a, arg.p, &path, &rest, &err), HP_OK);
    assert_string_equal(path.p, odd.p);
    assert_true(hp_str_eq(rest, HP_S("Sheet!A1")));
    assert_int_equal(hp_book_split(a, odd.p, &path, &rest, &err), HP_OK);
    assert_string_equal(path.p, odd.p);
    assert_null(rest.p);
    assert_int_equal(hp_book_split(a, "missing.xlsx!S!A1", &path, &rest, &err), HP_OK);
    assert_string_equal(path.p, "missing.xlsx");
    assert_true(hp_str_eq(rest, HP_S("S!A1")));
    assert_int_equal(hp_book_split(a, "missing.xlsx", &path, &rest, &err), HP_OK);
    assert_string_equal(path.p, "missing.xlsx");
    unlink(odd.p);
    rmdir(dir);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_areas),
        cmocka_unit_test(picks_sheets),
        cmocka_unit_test(names_what_is_not_there),
        cmocka_unit_test(splits_at_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
