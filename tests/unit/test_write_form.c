/* Which form an output has, and what a column is called in it. */
#include "write/lines.h"
#include "write_case.h"

static void the_suffix_decides(void **state) {
    (void)state;
    static const struct {
        const char *path;
        hp_form form;
    } CASES[] = {
        {"a.csv", HP_FORM_CSV},
        {"a.xlsx", HP_FORM_XLSX},
        {"A.XLSX", HP_FORM_XLSX},
        {"dir.d/a.b.Csv", HP_FORM_CSV},
        {"a.ndjson", HP_FORM_NDJSON},
        {"a.JSONL", HP_FORM_NDJSON},
        {"a", HP_FORM_NONE},
        {"a.xls", HP_FORM_NONE},
        {"a.parquet", HP_FORM_PARQUET},
        {"dir.csv/a", HP_FORM_NONE},
        {"a.xlsx.zip", HP_FORM_NONE},
        {"", HP_FORM_NONE},
        {"csv", HP_FORM_NONE},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        hp_err err = {0};
        hp_code code = hp_can_write(CASES[i].path, &err);
        assert_int_equal(hp_form_of(CASES[i].path), CASES[i].form);
        assert_int_equal(code, CASES[i].form == HP_FORM_NONE ? HP_USAGE : HP_OK);
        if (code != HP_OK) assert_contains(err.message, ".xlsx, .csv");
    }
}

static void a_workbook_is_no_flat_file(void **state) {
    (void)state;
    static const char *const T[][1] = {{"h"}, {"x"}};
    static const char *const GOOD[] = {"a.csv", "a.jsonl"};
    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
        hp_err err = {0};
        hp_out out;
        assert_ok(hp_write_flat(W.pool, WC_TABLE(T), wc_path(GOOD[i]), &out, &err), err);
        hp_out_abandon(&out);
    }
    hp_err err = {0};
    hp_out out = {0};
    assert_int_equal(hp_write_flat(W.pool, WC_TABLE(T), wc_path("a.xlsx"), &out, &err), HP_USAGE);
    assert_contains(err.message, "a.xlsx");
}

static void names_become_unique(void **state) {
    (void)state;
    static const char *const T[][8] = {{"a", NULL, "a", "a_2", "column_2", "a", NULL, "b"}},
                             *const WANT[] = {"a",        "column_2_2", "a_3",      "a_2",
                                              "column_2", "a_4",        "column_7", "b"};
    hp_err err = {0};
    hp_str names[8];
    assert_ok(hp_names_unique(W.arena, WC_TABLE(T), names, &err), err);
    for (size_t i = 0; i < 8; i++) assert_view(names[i], WANT[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_suffix_decides),
        cmocka_unit_test(a_workbook_is_no_flat_file),
        cmocka_unit_test(names_become_unique),
    };
    return cmocka_run_group_tests(tests, wc_open, wc_close);
}
