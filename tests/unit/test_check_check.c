#include "check/check.h"
#include "made_records.h"

enum { ROWS = 20 };

/* Makes a table of the columns that the built-in expectations look at, all rows good. */
static hp_table *good_table(made *m) {
    static const char *const NAME[] = {
        "organization_name",         "organization_slug",     "country", "data_quality_score",
        "contact_primary_email",     "contact_primary_phone", "website", "contact_primary_email_status",
        "contact_primary_lead_score"};
    static const char *const VALUE[] = {"Kestrel",
                                        NULL,
                                        "South Africa",
                                        "0.8",
                                        "ada@kestrel.example",
                                        "+27115550100",
                                        "https://kestrel.example",
                                        "unknown",
                                        "0.990243"};
    enum { N = sizeof NAME / sizeof *NAME };
    hp_table *t = hp_table_new(m->run.arena, ROWS, N, false);
    assert_non_null(t);
    for (size_t c = 0; c < N; c++) {
        t->col[c].name = hp_str_of(NAME[c]);
        for (size_t r = 0; r < ROWS; r++) {
            char slug[32];
            snprintf(slug, sizeof slug, "kestrel-%zu", r);
            t->col[c].v[r] = made_value(m, VALUE[c] ? VALUE[c] : slug);
        }
    }
    return t;
}

static void set(made *m, hp_table *t, const char *column, size_t row, const char *value) {
    t->col[hp_table_find(t, hp_str_of(column))].v[row] = made_value(m, value);
}

static hp_verdict *check(made *m, const hp_table *t) {
    hp_verdict *v = NULL;
    assert_ok(hp_check_output(&m->run, &m->profile, t, &v, &m->err), m->err);
    return v;
}

static const hp_check_result *result(const hp_verdict *v, const char *column, const char *kind) {
    for (size_t i = 0; i < v->n; i++)
        if (hp_str_eq(v->result[i].column, hp_str_of(column))
            && hp_str_eq(v->result[i].kind, hp_str_of(kind)))
            return &v->result[i];
    fail_msg("no result for %s %s", column, kind);
    return NULL;
}

static uint64_t findings(const made *m) { return m->run.issues.by_rule[HP_R_EXPECTATION_FAILED]; }

static void a_good_table_passes(void **state) {
    (void)state;
    made m;
    made_open(&m);
    hp_verdict *v = check(&m, good_table(&m));
    assert_true(v->success);
    assert_false(v->stop);
    assert_int_equal(findings(&m), 0);
    /* A built-in expectation on a column that the table lacks does not apply. */
    assert_int_equal(v->n, 11);
    for (size_t i = 0; i < v->n; i++) assert_int_equal(v->result[i].evaluated, ROWS);
    made_close(&m);
}

static void a_required_field_that_is_missing_is_a_finding(void **state) {
    (void)state;
    hp_field required[] = {HP_F_ORGANIZATION_NAME, HP_F_WEBSITE, HP_F_CONTACT_EMAIL};
    made m;
    made_open(&m);
    m.profile.required_field = required;
    m.profile.nrequired = sizeof required / sizeof *required;
    hp_table *t = good_table(&m);
    t->col[hp_table_find(t, HP_S("website"))].v[7] = HP_NULL;
    hp_verdict *v = check(&m, t);
    assert_int_equal(v->n, 13); /* the name is expected anyway */
    assert_int_equal(result(v, "website", "not_null")->unexpected, 1);
    assert_true(result(v, "contact_primary_email", "not_null")->success);
    assert_false(v->stop);
    assert_int_equal(m.run.issues.by_rule[HP_R_REQUIRED_MISSING], 1);
    assert_int_equal(findings(&m), 0);

    required[0] = HP_F_NOTES; /* the table has no such column */
    assert_int_equal(hp_check_output(&m.run, &m.profile, t, &v, &m.err), HP_CONFIG);
    made_close(&m);
}

static void thresholds_are_the_profile_s(void **state) {
    (void)state;
    for (int bad = 3; bad <= 4; bad++) {
        made m;
        made_open(&m);
        hp_table *t = good_table(&m);
        for (int i = 0; i < bad; i++)
            set(&m, t, "contact_primary_email", (size_t)i, i % 2 ? "no address" : "x@y");
        hp_verdict *v = check(&m, t);
        const hp_check_result *r = result(v, "contact_primary_email", "matches_regex");
        assert_int_equal(r->evaluated, ROWS);
        assert_int_equal(r->unexpected, bad);
        /* 17 of 20 is 0.85. */
        assert_int_equal(r->success, bad == 3);
        assert_int_equal(v->success, bad == 3);
        assert_false(v->stop);
        assert_int_equal(findings(&m), bad);
        const hp_issue *f = &m.run.issues.list.p[0];
        assert_int_equal(f->at.sheet, HP_NO_SHEET);
        assert_string_equal(made_text(&m, f->value), "x@y");
        assert_string_equal(made_text(&m, f->note), "kestrel-0: contact_primary_email matches_regex");
        made_close(&m);
    }
}

static void a_null_is_not_evaluated(void **state) {
    (void)state;
    made m;
    made_open(&m);
    hp_table *t = good_table(&m);
    for (size_t r = 0; r < ROWS; r++) set(&m, t, "website", r, NULL);
    set(&m, t, "contact_primary_phone", 0, NULL);
    set(&m, t, "contact_primary_phone", 1, "0115550100");
    hp_verdict *v = check(&m, t);
    assert_true(v->success);
    assert_int_equal(result(v, "website", "matches_regex")->evaluated, 0);
    assert_true(result(v, "website", "matches_regex")->success);
    assert_int_equal(result(v, "contact_primary_phone", "matches_regex")->evaluated, ROWS - 1);
    assert_int_equal(result(v, "contact_primary_phone", "matches_regex")->unexpected, 1);
    made_close(&m);
}

static void built_in_failures(void **state) {
    (void)state;
    static const struct {
        const char *column, *kind, *value;
    } CASE[] = {
        {"organization_name", "not_null", NULL},
        {"organization_slug", "not_null", NULL},
        {"organization_slug", "unique", "kestrel-0"},
        {"country", "not_null", NULL},
        {"data_quality_score", "between_0_and_1", "1.2"},
        {"data_quality_score", "between_0_and_1", "-0.1"},
        {"data_quality_score", "between_0_and_1", "high"},
        {"data_quality_score", "not_null", NULL},
        {"contact_primary_lead_score", "between_0_and_1", "1.000001"},
        {"contact_primary_email_status", "in_set", "maybe"},
    };
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++) {
        made m;
        made_open(&m);
        hp_table *t = good_table(&m);
        set(&m, t, CASE[i].column, 7, CASE[i].value);
        hp_verdict *v = check(&m, t);
        /* Of two equal values both are unexpected, as Great Expectations counts. */
        uint64_t unexpected = strcmp(CASE[i].kind, "unique") == 0 ? 2 : 1;
        assert_int_equal(result(v, CASE[i].column, CASE[i].kind)->unexpected, unexpected);
        assert_false(v->success);
        assert_false(v->stop);
        assert_int_equal(findings(&m), unexpected);
        made_close(&m);
    }
}

static void expect(made *m, hp_profile_expectation *e, const char *column, const char *kind,
                   const char *regex) {
    *e = (hp_profile_expectation){.column = hp_str_of(column),
                                  .kind = hp_str_of(kind),
                                  .regex = hp_str_of(regex),
                                  .mostly = 1,
                                  .action = HP_ON_FAILURE_STOP,
                                  .line = 12};
    m->profile.path = HP_S("profiles/test.yaml");
    m->profile.expectation = e;
    m->profile.nexpectation = 1;
}

static void the_profile_s_expectations(void **state) {
    (void)state;
    made m;
    made_open(&m);
    hp_profile_expectation e;
    hp_table *t = good_table(&m);
    expect(&m, &e, "organization_name", "matches_regex", "^[A-Z]\\p{L}+$");
    assert_true(check(&m, t)->success);
    set(&m, t, "organization_name", 3, "K\xC3\xA9strel");
    assert_true(check(&m, t)->success);
    set(&m, t, "organization_name", 3, "kestrel 3");
    hp_verdict *v = check(&m, t);
    assert_false(v->success);
    assert_true(v->stop);
    e.action = HP_ON_FAILURE_WARN;
    v = check(&m, t);
    assert_false(v->success);
    assert_false(v->stop);
    e.mostly = 0.95;
    assert_true(check(&m, t)->success);
    made_close(&m);
}

static void a_canonical_field_stands_for_its_column(void **state) {
    (void)state;
    made m;
    made_open(&m);
    hp_profile_expectation e;
    hp_table *t = good_table(&m);
    expect(&m, &e, "contact_email", "not_null", "");
    set(&m, t, "contact_primary_email", 5, NULL);
    assert_int_equal(result(check(&m, t), "contact_primary_email", "not_null")->unexpected, 1);
    made_close(&m);
}

static void assert_config_error(const char *column, const char *kind, const char *regex, const char *value,
                                const char *part) {
    made m;
    made_open(&m);
    hp_profile_expectation e;
    hp_table *t = good_table(&m);
    expect(&m, &e, column, kind, regex);
    set(&m, t, "organization_name", 0, value);
    hp_verdict *v = NULL;
    assert_int_equal(hp_check_output(&m.run, &m.profile, t, &v, &m.err), HP_CONFIG);
    assert_null(v);
    assert_contains(m.err.message, "profiles/test.yaml:12: ");
    assert_contains(m.err.message, part);
    made_close(&m);
}

static void errors_name_the_profile_s_line(void **state) {
    (void)state;
    assert_config_error("organization_name", "matches_regex", "ab(c", "x",
                        "\"ab(c\": missing closing parenthesis, at character 5");
    assert_config_error("organisation_name", "not_null", "", "x", "did you mean \"organization_name\"?");
    assert_config_error("fleet", "not_null", "", "x", "\"fleet\", but the output has no such column");
    assert_config_error("organization_name", "is_pretty", "", "x", "unknown expectation \"is_pretty\"");
    assert_config_error("organization_name", "matches_regex", "^(a+)+$",
                        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "too many steps");
}

static void a_deep_match_works_without_compiled_code(void **state) {
    (void)state;
    made m;
    made_open(&m);
    hp_profile_expectation e;
    hp_table *t = good_table(&m);
    expect(&m, &e, "organization_name", "matches_regex", "^(?:(a)|b)*$");
    char text[8001];
    memset(text, 'a', 8000);
    text[8000] = '\0';
    for (size_t r = 0; r < ROWS; r++) set(&m, t, "organization_name", r, text);
    assert_true(check(&m, t)->success);
    made_close(&m);
}

static void out_of_memory_at_any_point(void **state) {
    (void)state;
    for (uint64_t fail = 1;; fail++) {
        made m;
        made_open(&m);
        hp_profile_expectation e;
        hp_table *t = good_table(&m);
        expect(&m, &e, "organization_name", "matches_regex", "^z");
        hp_verdict *v = NULL;
        hp_mem_fail_at(fail);
        hp_code code = hp_check_output(&m.run, &m.profile, t, &v, &m.err);
        hp_mem_fail_at(0);
        made_close(&m);
        if (code == HP_OK) break;
        assert_int_equal(code, HP_RETRY);
        assert_null(v);
        assert_true(fail < 1000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_table_passes),
        cmocka_unit_test(a_required_field_that_is_missing_is_a_finding),
        cmocka_unit_test(thresholds_are_the_profile_s),
        cmocka_unit_test(a_null_is_not_evaluated),
        cmocka_unit_test(built_in_failures),
        cmocka_unit_test(the_profile_s_expectations),
        cmocka_unit_test(a_canonical_field_stands_for_its_column),
        cmocka_unit_test(errors_name_the_profile_s_line),
        cmocka_unit_test(a_deep_match_works_without_compiled_code),
        cmocka_unit_test(out_of_memory_at_any_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
