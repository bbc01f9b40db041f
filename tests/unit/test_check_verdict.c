/* Verdicts: what follows of an expectation that is not met, and the findings it leaves. */
#include "check/check.h"
#include "made_records.h"

enum { ROWS = 6 };

/* A sheet whose headers stand in row 3: Status (column B), Score (column D). */
static hp_table *made_table(made *m, uint32_t sheet) {
    static const char *const STATUS[ROWS] = {"Active", "Activ", NULL, "Dormant", "gone", "Active"};
    static const char *const SCORE[ROWS] = {"1", "2", "3", "4", "5", "6"};
    hp_table *t = hp_table_new(m->run.arena, ROWS, 2, true);
    assert_non_null(t);
    t->name = HP_S("A.xlsx!S");
    t->col[0].name = HP_S("Status");
    t->col[0].source = 1;
    t->col[1].name = HP_S("Score");
    t->col[1].source = 3;
    for (uint32_t r = 0; r < ROWS; r++) {
        t->col[0].v[r] = made_value(m, STATUS[r]);
        t->col[1].v[r] = made_value(m, SCORE[r]);
        t->origin[r] = (hp_origin){sheet, r + 4};
    }
    return t;
}

#define SUITE                                                                                                  \
    "{\"name\": \"s\", \"expectations\": ["                                                                    \
    "{\"type\": \"expect_column_values_to_be_in_set\", \"kwargs\": {\"column\": \"Status\", \"value_set\": "   \
    "[\"Active\", \"Dormant\"]}},"                                                                             \
    "{\"type\": \"expect_column_mean_to_be_between\", \"severity\": \"warning\", \"kwargs\": {\"column\": "    \
    "\"Score\", \"max_value\": 2}},"                                                                           \
    "{\"type\": \"expect_column_to_exist\", \"severity\": \"info\", \"kwargs\": {\"column\": \"Gone\"}},"      \
    "{\"type\": \"expect_column_values_to_be_in_set\", \"kwargs\": {\"column\": \"Status\", \"mostly\": 0.5, " \
    "\"value_set\": [\"Active\", \"Dormant\"]}}]}"

static hp_validation *validate(made *m, const hp_table *t) {
    hp_suite *suite;
    hp_validation *v;
    assert_ok(hp_suite_parse(m->run.arena, HP_S(SUITE), "s.json", NULL, 0, &suite, &m->err), m->err);
    assert_ok(hp_validate(&m->run, t, suite, &v, &m->err), m->err);
    return v;
}

static hp_verdict_terms terms(uint32_t sheet, hp_on_failure all) {
    return (hp_verdict_terms){
        .sources = true, .data = HP_S("A.xlsx!S"), .action = {all, all, all}, .head = {sheet, 3, HP_NO_COL}};
}

static void assert_issue(const made *m, size_t i, uint32_t row, uint32_t col, const char *value,
                         const char *note) {
    const hp_issue *is = &m->run.issues.list.p[i];
    assert_int_equal(is->rule, HP_R_EXPECTATION_FAILED);
    assert_int_equal(is->at.row, row);
    assert_int_equal(is->at.col, col);
    assert_string_equal(made_text(m, is->value), value);
    assert_string_equal(made_text(m, is->note), note);
}

static void findings_stand_at_cells_at_headers_or_at_the_sheet(void **state) {
    (void)state;
    made m;
    made_open(&m);
    uint32_t s = made_sheet(&m, "A.xlsx", "S", "A", 1);
    hp_verdict v = {.success = true};
    hp_verdict_terms t = terms(s, HP_ON_FAILURE_WARN);
    assert_ok(hp_verdict_take(&m.run, validate(&m, made_table(&m, s)), &t, &v, &m.err), m.err);
    assert_int_equal(v.n, 4);
    assert_false(v.success);
    assert_false(v.stop);
    /* What mostly allows is counted, and no finding. */
    assert_true(v.result[3].success);
    assert_int_equal(v.result[3].unexpected, 2);
    assert_int_equal(m.run.issues.list.n, 4);
    assert_issue(&m, 0, 5, 1, "Activ", "s: Status expect_column_values_to_be_in_set");
    assert_issue(&m, 1, 8, 1, "gone", "s: Status expect_column_values_to_be_in_set");
    assert_issue(&m, 2, 3, 3, "", "s: Score expect_column_mean_to_be_between: observed 3.5");
    assert_int_equal(m.run.issues.list.p[3].at.row, 0);
    assert_int_equal(m.run.issues.list.p[3].at.sheet, s);
    hp_autobuf places = hp_buf_new(1000);
    hp_check_places(&m.run, &v.result[0], 1, &places);
    assert_string_equal(hp_buf_cstr(&places), "A.xlsx!S!B5 and 1 more");
    assert_string_equal(hp_check_stage(&v.result[0]), "check-sources");
    made_close(&m);
}

static void what_names_no_rows_stops_instead_of_sending_them_to_quarantine(void **state) {
    (void)state;
    made m;
    made_open(&m);
    uint32_t s = made_sheet(&m, "A.xlsx", "S", "A", 1);
    hp_validation *of = validate(&m, made_table(&m, s));
    hp_verdict v = {.success = true}, rest = {.success = true};
    hp_verdict_terms t = terms(s, HP_ON_FAILURE_QUARANTINE);
    assert_ok(hp_verdict_take(&m.run, of, &t, &v, &m.err), m.err);
    assert_int_equal(v.result[0].action, HP_ON_FAILURE_QUARANTINE);
    assert_int_equal(v.result[1].action, HP_ON_FAILURE_STOP);
    assert_int_equal(v.result[2].action, HP_ON_FAILURE_STOP);
    assert_int_equal(v.result[3].action, HP_ON_FAILURE_QUARANTINE);
    assert_true(v.stop);
    /* Without those two nothing stops. */
    const bool skip[] = {false, true, true, false};
    t.skip = skip;
    assert_ok(hp_verdict_take(&m.run, of, &t, &rest, &m.err), m.err);
    assert_int_equal(rest.n, 2);
    assert_false(rest.stop);
    assert_ok(hp_verdict_join(&m.run, &v, &rest, &m.err), m.err);
    assert_int_equal(rest.n, 6);
    assert_true(rest.stop);
    made_close(&m);
}

static void each_severity_has_its_action(void **state) {
    (void)state;
    made m;
    made_open(&m);
    uint32_t s = made_sheet(&m, "A.xlsx", "S", "A", 1);
    hp_verdict v = {.success = true};
    hp_verdict_terms t = terms(s, HP_ON_FAILURE_WARN);
    t.action[HP_GX_CRITICAL] = HP_ON_FAILURE_STOP;
    assert_ok(hp_verdict_take(&m.run, validate(&m, made_table(&m, s)), &t, &v, &m.err), m.err);
    assert_int_equal(v.result[0].action, HP_ON_FAILURE_STOP);
    assert_int_equal(v.result[1].action, HP_ON_FAILURE_WARN);
    assert_int_equal(v.result[2].action, HP_ON_FAILURE_WARN);
    assert_true(v.stop);
    made_close(&m);
}

static void rows_of_a_table_without_places_go_by_their_key(void **state) {
    (void)state;
    made m;
    made_open(&m);
    hp_table *t = hp_table_new(m.run.arena, ROWS, 3, false);
    hp_table *from = made_table(&m, 0);
    t->col[0] = from->col[0];
    t->col[1] = from->col[1];
    t->col[2].name = HP_S("organization_slug");
    for (uint32_t r = 0; r < ROWS; r++) t->col[2].v[r] = made_value(&m, r == 1 ? "kestrel" : "heron");
    hp_verdict v = {.success = true};
    hp_verdict_terms as = {
        .data = HP_S("Data"), .action = {HP_ON_FAILURE_WARN}, .head = {HP_NO_SHEET, 0, HP_NO_COL}};
    assert_ok(hp_verdict_take(&m.run, validate(&m, t), &as, &v, &m.err), m.err);
    assert_string_equal(made_text(&m, m.run.issues.list.p[0].note),
                        "kestrel: s: Status expect_column_values_to_be_in_set");
    assert_int_equal(m.run.issues.list.p[0].at.sheet, HP_NO_SHEET);
    assert_string_equal(hp_check_stage(&v.result[0]), "check");
    made_close(&m);
}

static void out_of_memory_at_any_point(void **state) {
    (void)state;
    for (uint64_t fail = 1;; fail++) {
        made m;
        made_open(&m);
        uint32_t s = made_sheet(&m, "A.xlsx", "S", "A", 1);
        hp_validation *of = validate(&m, made_table(&m, s));
        hp_verdict v = {.success = true};
        hp_verdict_terms t = terms(s, HP_ON_FAILURE_STOP);
        hp_mem_fail_at(fail);
        hp_code code = hp_verdict_take(&m.run, of, &t, &v, &m.err);
        hp_mem_fail_at(0);
        made_close(&m);
        if (code == HP_OK) break;
        assert_int_equal(code, HP_RETRY);
        assert_true(fail < 1000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(findings_stand_at_cells_at_headers_or_at_the_sheet),
        cmocka_unit_test(what_names_no_rows_stops_instead_of_sending_them_to_quarantine),
        cmocka_unit_test(each_severity_has_its_action),
        cmocka_unit_test(rows_of_a_table_without_places_go_by_their_key),
        cmocka_unit_test(out_of_memory_at_any_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
