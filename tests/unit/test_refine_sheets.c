/* The tables that explain a run: Quarantine, Findings, Summary. */
#include "table_builder.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "refine/stages.h"

static hp_run R;
static hp_err E;

static int open_run(void **state) {
    (void)state;
    E = (hp_err){0};
    tb_open(&R);
    return 0;
}

static int close_run(void **state) {
    (void)state;
    hp_run_close(&R);
    return 0;
}

static hp_str at(const hp_table *t, size_t row, const char *column) {
    size_t c = hp_table_find(t, hp_str_of(column));
    assert_true(c != SIZE_MAX && row < t->nrow);
    return hp_text(R.pool, t->col[c].v[row]);
}

static hp_mapped *mapped(uint32_t sheet, const hp_table *raw, size_t nbind, const char *const *header) {
    hp_mapped *m = HP_NEW(R.arena, hp_mapped);
    m->sheet = sheet;
    m->raw = raw;
    m->nbind = nbind;
    m->bind = HP_NEW_ARRAY(R.arena, nbind, hp_binding);
    for (size_t b = 0; b < nbind; b++)
        m->bind[b] = (hp_binding){.col = (uint32_t)b, .header = hp_str_of(header[b])};
    return m;
}

/* ---- Quarantine ---- */

static hp_code quarantine(const hp_mapped *m, hp_table **out) {
    const hp_cleaned c = {.in = m, .nrow = m->raw->nrow - m->first}, *const list[] = {&c};
    return hp_quarantine_table(&R, list, 1, out, &E);
}

static void quarantine_shows_the_row_and_its_reason(void **state) {
    (void)state;
    static const char *const CELLS[][3] = {{"Company", "Phone", "Notes"},
                                           {"Unknown Organisation 7", "000-000-0001", NULL},
                                           {NULL, NULL, "left over"}};
    static const char *const HEADER[] = {"Company", "Phone", "Notes"};
    uint32_t file = tb_file(&R, "Book", 1), sheet = tb_sheet(&R, file, "List");
    hp_mapped *m = mapped(sheet, TB_TABLE(&R, sheet, CELLS), 3, HEADER);
    hp_vid name = tb_vid(&R, "Unknown Organisation 7"), note = tb_vid(&R, "says so");
    assert_ok(
        hp_quarantine_row(&R, HP_R_Q_NO_NAME, (hp_origin){sheet, 3}, HP_E_CONTACT, HP_NULL, HP_NULL, &E), E);
    assert_ok(hp_quarantine_row(&R, HP_R_Q_FILLER, (hp_origin){sheet, 2}, HP_E_ORGANIZATION, name, note, &E),
              E);
    hp_table *t;
    assert_ok(quarantine(m, &t), E);
    assert_int_equal(t->nrow, 2);
    assert_view(at(t, 0, "source_file"), "Book.xlsx");
    assert_view(at(t, 0, "sheet"), "List");
    assert_view(at(t, 0, "row"), "2");
    assert_view(at(t, 0, "kind"), "organization");
    assert_view(at(t, 0, "reason"), "filler_organization");
    assert_view(at(t, 0, "organization_name"), "Unknown Organisation 7");
    assert_view(at(t, 0, "note"), "says so");
    assert_view(at(t, 0, "record"), "Company: Unknown Organisation 7 | Phone: 000-000-0001");
    assert_view(at(t, 1, "row"), "3");
    assert_view(at(t, 1, "kind"), "contact");
    assert_view(at(t, 1, "record"), "Notes: left over");
    assert_view(at(t, 1, "organization_name"), "");
}

/* A column that feeds two fields is bound twice, but stands in the row once. */
static void a_column_bound_twice_is_shown_once(void **state) {
    (void)state;
    static const char *const CELLS[][1] = {{"Name"}, {"Kite Works"}};
    static const char *const HEADER[] = {"Name", "Name"};
    uint32_t sheet = tb_sheet(&R, tb_file(&R, "Book", 1), "List");
    hp_mapped *m = mapped(sheet, TB_TABLE(&R, sheet, CELLS), 2, HEADER);
    m->bind[1].col = 0;
    assert_ok(
        hp_quarantine_row(&R, HP_R_Q_EMPTY, (hp_origin){sheet, 2}, HP_E_ORGANIZATION, HP_NULL, HP_NULL, &E),
        E);
    hp_table *t;
    assert_ok(quarantine(m, &t), E);
    assert_view(at(t, 0, "record"), "Name: Kite Works");
}

static void a_record_longer_than_a_cell_is_cut_visibly(void **state) {
    (void)state;
    static const char *const HEADER[] = {"A", "B"};
    hp_autobuf text = hp_buf_new(1 << 20);
    for (size_t i = 0; i < 11000; i++) hp_buf_puts(&text, "\xC3\xA9x");
    const char *row[] = {"A", "B", hp_buf_cstr(&text), hp_buf_cstr(&text)};
    uint32_t sheet = tb_sheet(&R, tb_file(&R, "Book", 1), "List");
    hp_mapped *m = mapped(sheet, tb_table(&R, sheet, 2, 2, row), 2, HEADER);
    assert_ok(
        hp_quarantine_row(&R, HP_R_Q_EMPTY, (hp_origin){sheet, 2}, HP_E_ORGANIZATION, HP_NULL, HP_NULL, &E),
        E);
    hp_table *t;
    assert_ok(quarantine(m, &t), E);
    hp_str record = at(t, 0, "record");
    assert_true(record.n <= HP_LIMIT_CELL_TEXT && record.n > HP_LIMIT_CELL_TEXT - 20);
    assert_true(hp_str_ends(record, HP_S(" \xE2\x80\xA6")));
    assert_true(hp_utf8_valid(record, NULL));
}

static void who_has_not_consented_is_not_shown(void **state) {
    (void)state;
    static const char *const CELLS[][2] = {
        {"Company", "Mail"}, {"Kite Works", "a@kite.example"}, {"Owl", "b@owl.example"}};
    static const char *const HEADER[] = {"Company", "Mail"};
    uint32_t sheet = tb_sheet(&R, tb_file(&R, "Book", 1), "List");
    hp_mapped *m = mapped(sheet, TB_TABLE(&R, sheet, CELLS), 2, HEADER);
    m->first = 1;
    for (uint32_t row = 2; row < 4; row++)
        assert_ok(hp_quarantine_row(&R, HP_R_Q_EXPECTATION, (hp_origin){sheet, row}, HP_E_CONTACT, HP_NULL,
                                    HP_NULL, &E),
                  E);
    uint8_t withheld[] = {0, 1};
    const hp_cleaned c = {.in = m, .nrow = 2, .withheld = withheld}, *const list[] = {&c};
    hp_table *t;
    assert_ok(hp_quarantine_table(&R, list, 1, &t, &E), E);
    assert_view(at(t, 0, "record"), "Company: Kite Works | Mail: a@kite.example");
    assert_view(at(t, 1, "record"), "");
}

static void a_row_of_a_sheet_that_was_not_mapped_has_no_record(void **state) {
    (void)state;
    uint32_t sheet = tb_sheet(&R, tb_file(&R, "Book", 1), "List");
    assert_ok(hp_quarantine_row(&R, HP_R_Q_LAYOUT, (hp_origin){sheet, 9}, HP_E_NOTE, HP_NULL, HP_NULL, &E),
              E);
    hp_table *t;
    assert_ok(hp_quarantine_table(&R, NULL, 0, &t, &E), E);
    assert_int_equal(t->nrow, 1);
    assert_view(at(t, 0, "record"), "");
}

/* ---- Findings ---- */

static void find(hp_rule rule, uint32_t sheet, uint32_t col, uint32_t row, hp_vid value) {
    assert_ok(hp_find(&R, rule, (hp_cell){.sheet = sheet, .row = row, .col = col}, value, HP_NULL, &E), E);
}

static void equal_findings_of_a_column_are_one_row(void **state) {
    (void)state;
    uint32_t sheet = tb_sheet(&R, tb_file(&R, "Book", 1), "List");
    hp_vid dash = tb_vid(&R, "-"), other = tb_vid(&R, "Unknown");
    static const uint32_t ROWS[] = {9, 2, 4, 3, 20, 11};
    for (size_t i = 0; i < 6; i++) find(HP_R_PLACEHOLDER, sheet, 2, ROWS[i], dash);
    find(HP_R_PLACEHOLDER, sheet, 2, 5, other);
    find(HP_R_PLACEHOLDER, sheet, 3, 5, dash);
    find(HP_R_PHONE_INVALID, sheet, 2, 7, other);
    hp_table *t;
    assert_ok(hp_findings_table(&R, NULL, &t, &E), E);
    assert_int_equal(t->nrow, 4);
    assert_view(at(t, 0, "rule"), "phone_invalid"); /* warnings come first */
    assert_view(at(t, 0, "severity"), "warn");
    assert_view(at(t, 0, "cells"), "C7");
    assert_view(at(t, 1, "rule"), "placeholder");
    assert_view(at(t, 1, "source_file"), "Book.xlsx");
    assert_view(at(t, 1, "sheet"), "List");
    assert_view(at(t, 1, "value"), "-");
    assert_view(at(t, 1, "count"), "6");
    assert_view(at(t, 1, "cells"), "C2:C4, C9, C11, C20");
    assert_view(at(t, 2, "value"), "Unknown");
    assert_view(at(t, 2, "cells"), "C5");
    assert_view(at(t, 3, "cells"), "D5");
}

static void whole_rows_sheets_and_runs_have_their_own_form(void **state) {
    (void)state;
    uint32_t sheet = tb_sheet(&R, tb_file(&R, "Book", 1), "List");
    for (uint32_t row = 3; row <= 5; row++) find(HP_R_HIDDEN_ROW, sheet, HP_NO_COL, row, HP_NULL);
    find(HP_R_HIDDEN_SHEET, sheet, HP_NO_COL, 0, HP_NULL);
    assert_ok(hp_findf(&R, HP_R_SOURCE_ABSENT, (hp_cell){.sheet = HP_NO_SHEET, .col = HP_NO_COL}, HP_NULL, &E,
                       "%s", "Old list"),
              E);
    hp_table *t;
    assert_ok(hp_findings_table(&R, NULL, &t, &E), E);
    assert_int_equal(t->nrow, 3);
    assert_view(at(t, 0, "rule"), "source_absent");
    assert_view(at(t, 0, "source_file"), "");
    assert_view(at(t, 0, "cells"), "");
    assert_view(at(t, 0, "note"), "Old list");
    assert_view(at(t, 1, "rule"), "hidden_sheet");
    assert_view(at(t, 1, "sheet"), "List");
    assert_view(at(t, 1, "cells"), "");
    assert_view(at(t, 2, "cells"), "3:5");
}

/* Row 0 is the sheet as a whole; it must not swallow the finding of row 1. */
static void a_finding_of_row_1_is_not_taken_for_the_sheet(void **state) {
    (void)state;
    uint32_t sheet = tb_sheet(&R, tb_file(&R, "Book", 1), "List");
    find(HP_R_SHEET_EMPTY, sheet, HP_NO_COL, 0, HP_NULL);
    find(HP_R_SHEET_EMPTY, sheet, HP_NO_COL, 1, HP_NULL);
    hp_table *t;
    assert_ok(hp_findings_table(&R, NULL, &t, &E), E);
    assert_int_equal(t->nrow, 1);
    assert_view(at(t, 0, "count"), "2");
    assert_view(at(t, 0, "cells"), "1");
}

static size_t count_listed(hp_str cells) {
    hp_str rest = cells, part;
    size_t n = 0;
    while (hp_str_next(&rest, ',', &part)) n++;
    return n;
}

/* No finding is dropped: what does not fit into one cell goes on in the next row. */
static void more_cells_than_fit_go_on_in_another_row(void **state) {
    (void)state;
    enum { FINDINGS = 9000 };
    uint32_t sheet = tb_sheet(&R, tb_file(&R, "Book", 1), "List");
    for (uint32_t i = 0; i < FINDINGS; i++) find(HP_R_PHONE_INVALID, sheet, 0, 2 + 2 * i, HP_NULL);
    hp_table *t;
    assert_ok(hp_findings_table(&R, NULL, &t, &E), E);
    assert_true(t->nrow >= 2);
    size_t counted = 0, listed = 0;
    for (size_t r = 0; r < t->nrow; r++) {
        int64_t n;
        assert_true(hp_str_i64(at(t, r, "count"), &n));
        counted += (size_t)n;
        listed += count_listed(at(t, r, "cells"));
        assert_true(at(t, r, "cells").n <= HP_LIMIT_CELL_TEXT);
    }
    assert_int_equal(counted, FINDINGS);
    assert_int_equal(listed, FINDINGS);
}

static void no_findings_is_a_table_without_rows(void **state) {
    (void)state;
    hp_table *t;
    assert_ok(hp_findings_table(&R, NULL, &t, &E), E);
    assert_int_equal(t->nrow, 0);
    assert_int_equal(t->ncol, 9);
}

/* ---- Summary ---- */

static hp_str metric(const hp_table *t, const char *name) {
    for (size_t r = 0; r < t->nrow; r++)
        if (hp_str_eq(at(t, r, "Metric"), hp_str_of(name))) return at(t, r, "Value");
    fail_msg("no line \"%s\"", name);
    return (hp_str){0};
}

static hp_table *summary(hp_refine_result *r, const hp_table *data) {
    hp_table *t;
    r->run = R; /* borrowed: the run is closed by close_run */
    const hp_table *others[] = {data, data, data};
    assert_ok(hp_summary_table(r, data, others, &t, &E), E);
    R = r->run;
    return t;
}

static void summary_says_what_the_result_says(void **state) {
    (void)state;
    static const char *const CELLS[][2] = {{"a", NULL}, {"b", NULL}, {NULL, "c"}, {"d", NULL}};
    hp_table *data = TB_TABLE(&R, 0, CELLS);
    data->col[0].name = HP_S("organization_name");
    data->col[1].name = HP_S("province");
    uint32_t sheet = tb_sheet(&R, tb_file(&R, "Book", 1), "List");
    find(HP_R_PLACEHOLDER, sheet, 2, 5, HP_NULL);
    find(HP_R_PLACEHOLDER, sheet, 2, 9, HP_NULL);
    find(HP_R_PHONE_INVALID, sheet, 2, 9, HP_NULL);
    hp_profile p = {.name = HP_S("aviation")};
    hp_check_result checks[] = {{.suite = HP_S(HP_OUTPUT_SUITE),
                                 .column = HP_S("website"),
                                 .kind = HP_S("matches_regex"),
                                 .evaluated = 10,
                                 .unexpected = 3},
                                {.suite = HP_S(HP_OUTPUT_SUITE),
                                 .column = HP_S("country"),
                                 .kind = HP_S("not_null"),
                                 .evaluated = 4,
                                 .success = true}};
    hp_verdict v = {.result = checks, .n = 2};
    hp_refine_result r = {.profile = &p,
                          .rows_in = 12,
                          .rows_out = 4,
                          .merged = 6,
                          .quarantined = 2,
                          .duplicates = 1,
                          .attached = 5,
                          .contacts = 3,
                          .conflicts = 7,
                          .quality_mean = 0.625,
                          .verdict = &v};
    hp_table *t = summary(&r, data);
    assert_view(metric(t, "Profile"), "aviation");
    assert_view(metric(t, "Rows in"), "12");
    assert_view(metric(t, "Organisations out"), "4");
    assert_view(metric(t, "Rows merged"), "6");
    assert_view(metric(t, "Rows quarantined"), "2");
    assert_view(metric(t, "Contacts"), "3");
    assert_view(metric(t, "Values that sources disagree on"), "7");
    assert_view(metric(t, "placeholder"), "2");
    assert_view(metric(t, "phone_invalid"), "1");
    assert_view(metric(t, "website matches_regex"), "FAILED (3 of 10 unexpected)");
    assert_view(metric(t, "country not_null"), "passed (0 of 4 unexpected)");
    assert_view(metric(t, "organization_name"), "75.0%");
    assert_view(metric(t, "province"), "25.0%");
    hp_str book = metric(t, "Book");
    assert_true(hp_str_starts(book, HP_S("Book.xlsx, sha256 ")));
    assert_int_equal(t->col[1].style, HP_STYLE_INT); /* counts are numbers in the workbook */
}

/* A directory may hold 10,000 files; each has its line. */
static void summary_lists_every_source(void **state) {
    (void)state;
    enum { FILES = 1000 };
    char label[32];
    for (size_t i = 0; i < FILES; i++) {
        snprintf(label, sizeof label, "Book %zu", i);
        tb_file(&R, label, 0);
    }
    hp_profile p = {.name = HP_S("generic")};
    hp_refine_result r = {.profile = &p};
    hp_table *data = hp_table_new(R.arena, 0, 0, false), *t = summary(&r, data);
    for (size_t i = 0; i < FILES; i += 333) {
        snprintf(label, sizeof label, "Book %zu", i);
        assert_true(metric(t, label).n > 0);
    }
    assert_true(metric(t, "Book 999").n > 0);
}

/* One row more than a sheet has below its header: told for a workbook, of no matter for csv. */
static void rows_beyond_a_sheet_are_announced(void **state) {
    (void)state;
    const hp_golden golden = {.data = hp_table_new(R.arena, 3, 0, false),
                              .contacts = hp_table_new(R.arena, HP_LIMIT_SHEET_ROWS, 0, false)};
    static const char *output[] = {"out.csv", "out.xlsx"};
    const hp_explained rows = {.golden = &golden};
    hp_profile p = {.name = HP_S("generic")};
    for (size_t i = 0; i < 2; i++) {
        hp_refine_options o = {.outputs = &output[i], .noutputs = 1, .dry_run = true};
        hp_refine_result r = {.profile = &p, .run = R};
        assert_ok(hp_outputs_write(&o, &r, &golden, NULL, 0, &rows, &E), E);
        R = r.run;
        assert_int_equal(tb_count(&R, HP_R_SHEET_CONTINUED), i);
    }
    assert_view(hp_text(R.pool, tb_issue(&R, HP_R_SHEET_CONTINUED, 0)->note),
                "sheet Contacts: 1048576 rows, 2 sheets");
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(f) cmocka_unit_test_setup_teardown(f, open_run, close_run)
        CASE(quarantine_shows_the_row_and_its_reason),
        CASE(a_column_bound_twice_is_shown_once),
        CASE(a_record_longer_than_a_cell_is_cut_visibly),
        CASE(who_has_not_consented_is_not_shown),
        CASE(a_row_of_a_sheet_that_was_not_mapped_has_no_record),
        CASE(equal_findings_of_a_column_are_one_row),
        CASE(whole_rows_sheets_and_runs_have_their_own_form),
        CASE(a_finding_of_row_1_is_not_taken_for_the_sheet),
        CASE(more_cells_than_fit_go_on_in_another_row),
        CASE(no_findings_is_a_table_without_rows),
        CASE(summary_says_what_the_result_says),
        CASE(summary_lists_every_source),
        CASE(rows_beyond_a_sheet_are_announced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
