/* What expectations mean, case by case (check_cases.json, in the form of the published ones), and what holds
 * for all of them: no verdict depends on the order of rows, memory that runs out is an error, each distinct
 * value is tested once. */
#include "base/file.h"
#include "base/mem.h"
#include "check_cases.h"

static bool nothing(hp_str key) {
    (void)key;
    return false;
}

static hp_node *read_cases(hp_arena *a) {
    hp_err err = {0};
    hp_node *cases;
    assert_ok(hp_doc_read(a, "tests/unit/check_cases.json", &cases, &err), err);
    return cases;
}

static void each_case(void **state) {
    (void)state;
    hp_arena *a = hp_arena_new(NULL);
    hp_node *cases = read_cases(a);
    size_t failed = 0;
    for (size_t i = 0; i < cases->n; i++) {
        cc_case c;
        cc_run(&c, cases->item[i]);
        hp_str title = hp_node_get(cases->item[i], "title")->text;
        if (!cc_holds(&c, hp_node_get(cases->item[i], "out"), nothing)) {
            failed++;
            print_error("%.*s: %s\n", HP_FMT(title), c.why);
        }
        cc_close(&c);
    }
    hp_arena_drop(a);
    assert_int_equal(failed, 0);
}

static void every_expectation_has_a_case(void **state) {
    (void)state;
    static const hp_expectation_id ELSEWHERE[] = {
        HP_X_COLUMN_KS_BOOTSTRAPPED,
        HP_X_COLUMN_KS_DISTRIBUTION, /* test_check_distribution.c */
        HP_X_TABLE_COLUMN_COUNT_EQUAL,
        HP_X_TABLE_COLUMN_COUNT_BETWEEN,
        HP_X_TABLE_COLUMNS_SET, /* below */
        HP_X_MULTI_UNIQUE       /* another name */
    };
    hp_arena *a = hp_arena_new(NULL);
    hp_node *cases = read_cases(a);
    for (int id = 0; id < HP_X_COUNT; id++) {
        bool found = false;
        for (size_t i = 0; i < sizeof ELSEWHERE / sizeof *ELSEWHERE; i++) found |= (int)ELSEWHERE[i] == id;
        for (size_t i = 0; i < cases->n; i++)
            found |= hp_str_eq(hp_node_get(cases->item[i], "expectation_type")->text,
                               hp_str_of(hp_expectation_get((hp_expectation_id)id).type));
        if (!found) fail_msg("no case of %s", hp_expectation_get((hp_expectation_id)id).type);
    }
    hp_arena_drop(a);
}

/* ---- tables made by hand ---- */

typedef struct hand {
    hp_run run;
    hp_err err;
    hp_table *t;
} hand;

static void hand_open(hand *h, const char *const *header, size_t ncol, size_t nrow, const char *const *cell) {
    memset(h, 0, sizeof *h);
    tb_open(&h->run);
    h->t = tb_table(&h->run, tb_sheet(&h->run, tb_file(&h->run, "fleet", 1), "Planes"), nrow, ncol, cell);
    for (size_t i = 0; i < ncol; i++) h->t->col[i].name = hp_str_of(header[i]);
}

static hp_code hand_check(hand *h, const char *suite, hp_validation **v) {
    hp_suite *s;
    HP_TRY(hp_suite_parse(h->run.arena, hp_str_of(suite), "suite.json", NULL, 0, &s, &h->err));
    return hp_validate(&h->run, h->t, s, v, &h->err);
}

static const char *const HEADER[] = {"reg", "seats"};
static const char *const CELL[] = {"ZS-ABC", "#n:4", "ZS-DEF", "#n:4", "ZS-DEF", "x", NULL, "#n:9"};

static void tables(void **state) {
    (void)state;
    hand h;
    hp_validation *v;
    hand_open(&h, HEADER, 2, 4, CELL);
    assert_ok(
        hand_check(
            &h,
            "{\"expectations\": ["
            "{\"type\": \"expect_table_column_count_to_equal\", \"kwargs\": {\"value\": 2}},"
            "{\"type\": \"expect_table_column_count_to_be_between\", \"kwargs\": {\"min_value\": 3}},"
            "{\"type\": \"expect_table_columns_to_match_set\", \"kwargs\": {\"column_set\": [\"seats\"], "
            "\"exact_match\": false}},"
            "{\"type\": \"expect_table_columns_to_match_set\", \"kwargs\": {\"column_set\": [\"wings\", "
            "\"reg\"]}},"
            "{\"type\": \"expect_multicolumn_values_to_be_unique\", \"kwargs\": {\"column_list\": "
            "[\"reg\", \"seats\"]}}]}",
            &v),
        h.err);
    const bool want[] = {true, false, true, false, true};
    for (size_t i = 0; i < 5; i++) assert_int_equal(v->outcome[i].success, want[i]);
    assert_int_equal(v->successful, 3);
    assert_false(v->success);
    hp_run_close(&h.run);
}

static void findings_name_cells(void **state) {
    (void)state;
    hand h;
    hp_validation *v;
    hand_open(&h, HEADER, 2, 4, CELL);
    assert_ok(hand_check(&h,
                         "{\"expectations\": [{\"type\": \"expect_column_values_to_be_unique\", \"kwargs\": "
                         "{\"column\": \"reg\"}}, {\"type\": \"expect_compound_columns_to_be_unique\", "
                         "\"kwargs\": {\"column_list\": [\"reg\", \"seats\"]}}]}",
                         &v),
              h.err);
    assert_ok(hp_validation_findings(&h.run, v, &h.err), h.err);
    assert_int_equal(h.run.issues.list.n, 2);
    const hp_issue *f = &h.run.issues.list.p[1];
    hp_autobuf where = hp_buf_new(1000);
    hp_address(&h.run.sources, f->at, &where);
    assert_view(hp_buf_str(&where), "fleet.xlsx!Planes!A3");
    assert_view(hp_text(h.run.pool, f->value), "ZS-DEF");
    assert_view(hp_text(h.run.pool, f->note), "reg expect_column_values_to_be_unique");
    hp_run_close(&h.run);
}

static void assert_stops(const char *expectation, const char *part) {
    hand h;
    hp_validation *v = NULL;
    char suite[1000];
    snprintf(suite, sizeof suite, "{\"expectations\": [\n%s]}", expectation);
    hand_open(&h, HEADER, 2, 4, CELL);
    assert_int_equal(hand_check(&h, suite, &v), HP_CONFIG);
    assert_null(v);
    assert_contains(h.err.message, "suite.json:2");
    assert_contains(h.err.message, part);
    hp_run_close(&h.run);
}

static void mistakes_of_a_suite_stop_it(void **state) {
    (void)state;
    assert_stops("{\"type\": \"expect_column_values_to_match_regex\", \"kwargs\": {\"column\": \"reg\", "
                 "\"regex\": \"a(b\"}}",
                 "missing closing parenthesis");
    assert_stops("{\"type\": \"expect_table_row_count_to_equal\", \"kwargs\": {\"value\": 1, "
                 "\"row_condition\": \"seats > \"}}",
                 "a column or value is missing, at character 9");
    assert_stops(
        "{\"type\": \"expect_column_quantile_values_to_be_between\", \"kwargs\": {\"column\": \"seats\", "
        "\"row_condition\": \"seats < 9\", \"quantile_ranges\": {\"quantiles\": [2], \"value_ranges\": [[1, 2]]}}}",
        "from 0 to 1");
}

/* Deep nesting ends in an error, not in a used-up stack. */
static void conditions_do_not_nest_without_end(void **state) {
    (void)state;
    hp_autobuf b = hp_buf_new(100000);
    hp_buf_puts(
        &b, "{\"expectations\": [{\"type\": \"expect_table_row_count_to_equal\", \"kwargs\": {\"value\": 1, "
            "\"row_condition\": \"");
    for (int i = 0; i < 5000; i++) hp_buf_putc(&b, i % 2 ? '(' : '~');
    hp_buf_puts(&b, "\"}}]}");
    hand h;
    hp_validation *v;
    hand_open(&h, HEADER, 2, 4, CELL);
    assert_int_equal(hand_check(&h, hp_buf_cstr(&b), &v), HP_CONFIG);
    assert_contains(h.err.message, "nested too deep");
    hp_run_close(&h.run);
}

/* ---- what holds for all ---- */

/* Turns the rows of a case round, with all columns. */
static void reverse(hp_table *t) {
    for (size_t c = 0; c < t->ncol; c++)
        for (size_t r = 0; r < t->nrow / 2; r++) {
            size_t s = t->nrow - 1 - r;
            hp_vid v = t->col[c].v[r];
            uint8_t type = t->col[c].type[r];
            t->col[c].v[r] = t->col[c].v[s], t->col[c].type[r] = t->col[c].type[s];
            t->col[c].v[s] = v, t->col[c].type[s] = type;
        }
}

static void the_order_of_rows_moves_no_verdict(void **state) {
    (void)state;
    hp_arena *a = hp_arena_new(NULL);
    hp_node *cases = read_cases(a);
    for (size_t i = 0; i < cases->n; i++) {
        const hp_node *one = cases->item[i];
        hp_str type = hp_node_get(one, "expectation_type")->text;
        if (hp_str_find(type, HP_S("creasing"), 0) != SIZE_MAX) continue; /* they are about order */
        cc_case c;
        hp_autobuf text = hp_buf_new(1u << 20);
        hp_suite *suite;
        hp_validation *v[2];
        memset(&c, 0, sizeof c);
        tb_open(&c.run);
        cc_table(&c, hp_node_get(one, "data"), hp_node_get(one, "schemas_pandas"));
        cc_suite(one, &text);
        if (hp_suite_parse(c.run.arena, hp_buf_str(&text), "case.json", NULL, 0, &suite, &c.err) == HP_OK
            && hp_validate(&c.run, c.table, suite, &v[0], &c.err) == HP_OK) {
            reverse(c.table);
            assert_ok(hp_validate(&c.run, c.table, suite, &v[1], &c.err), c.err);
            assert_int_equal(v[0]->success, v[1]->success);
            assert_int_equal(v[0]->outcome[0].unexpected_count, v[1]->outcome[0].unexpected_count);
        }
        cc_close(&c);
    }
    hp_arena_drop(a);
}

/* Validates a case with the n-th allocation failing (0: none); *failed tells whether one did. */
static hp_code validate_failing(const hp_node *one, uint64_t at, hp_buf *json, bool *failed) {
    cc_case c;
    hp_autobuf text = hp_buf_new(1u << 20);
    memset(&c, 0, sizeof c);
    tb_open(&c.run);
    cc_table(&c, hp_node_get(one, "data"), hp_node_get(one, "schemas_pandas"));
    cc_suite(one, &text);
    uint64_t before = hp_mem_failures();
    hp_mem_fail_at(at);
    hp_code code = cc_validate(&c, hp_buf_str(&text), json);
    hp_mem_fail_at(0);
    *failed = hp_mem_failures() != before;
    cc_close(&c);
    return code;
}

/* Wherever memory runs out the end is an error, or the result is what it is with memory (arenas try again
 * with less). */
static void out_of_memory_at_any_point(void **state) {
    (void)state;
    hp_arena *a = hp_arena_new(NULL);
    hp_node *cases = read_cases(a);
    for (size_t i = 0; i < cases->n; i++) {
        hp_autobuf good = hp_buf_new(1u << 20);
        bool failed = true;
        hp_code usual = validate_failing(cases->item[i], 0, &good, &failed);
        for (uint64_t at = 1; at == 1 || failed; at++) {
            hp_autobuf json = hp_buf_new(1u << 20);
            hp_code code = validate_failing(cases->item[i], at, &json, &failed);
            bool same = code == usual && hp_str_eq(hp_buf_str(&json), hp_buf_str(&good));
            if (code != HP_RETRY && !json.bad && !same)
                fail_msg("case %zu, allocation %llu: code %d", i, (unsigned long long)at, (int)code);
            assert_true(at < 3000);
        }
    }
    hp_arena_drop(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_case),
        cmocka_unit_test(every_expectation_has_a_case),
        cmocka_unit_test(tables),
        cmocka_unit_test(findings_name_cells),
        cmocka_unit_test(mistakes_of_a_suite_stop_it),
        cmocka_unit_test(conditions_do_not_nest_without_end),
        cmocka_unit_test(the_order_of_rows_moves_no_verdict),
        cmocka_unit_test(out_of_memory_at_any_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
