/* What is proposed from data, and what never is. */
#include "check/propose.h"

#include "base/mem.h"
#include "profile/suite_make.h"
#include "table_builder.h"

enum { ROWS = 40 };

typedef struct fixture {
    hp_run run;
    hp_table *t;
    hp_propose_hint hint[4];
} fixture;

/* Makes a table of one column of texts; `form` with the row's number in place of #s (## = two digits), or
 * `value` by turns. */
static void one_column(fixture *f, const char *header, const char *form, const char *const *value, size_t n) {
    *f = (fixture){.hint = {{HP_K_TEXT, false}}};
    tb_open(&f->run);
    f->t = hp_table_new(f->run.arena, ROWS, 1, true);
    assert_non_null(f->t);
    f->t->col[0].name = hp_str_of(header);
    size_t at = form ? strcspn(form, "#") : 0, width = form ? strspn(form + at, "#") : 0;
    for (size_t r = 0; r < ROWS; r++) {
        char text[64];
        if (form) snprintf(text, sizeof text, "%.*s%0*zu%s", (int)at, form, (int)width, r, form + at + width);
        f->t->col[0].v[r] = tb_vid(&f->run, value ? value[r % n] : text);
    }
}

static hp_suite *propose(fixture *f) {
    hp_suite *s = NULL;
    hp_err err = {0};
    assert_ok(hp_propose(&f->run, f->t, f->hint, HP_S("x"), &s, &err), err);
    return s;
}

static const hp_expectation *find(const hp_suite *s, const char *type) {
    for (size_t i = 0; i < s->n; i++)
        if (hp_str_eq(s->expectation[i].type, hp_str_of(type))) return &s->expectation[i];
    return NULL;
}
#define FORM   "expect_column_values_to_match_regex"
#define RANGE  "expect_column_values_to_be_between"
#define SET    "expect_column_values_to_be_in_set"
#define UNIQUE "expect_column_values_to_be_unique"
#define FILL   "expect_column_values_to_not_be_null"

static const char *kwarg(const hp_expectation *e, const char *name) {
    assert_non_null(e);
    const hp_node *n = hp_node_get(e->kwargs, name);
    return n ? n->text.p : "";
}

static void forms_are_recognised(void **state) {
    (void)state;
    static const struct {
        const char *form, *regex;
    } CASE[] = {
        {"ada#@kestrel.example", "^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$"},
        {"https://kestrel#.example", "^https?://\\S+$"},
        {"+2711555####", "^\\+[0-9]{6,15}$"},
        {"2025-10-##", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
        {"#", "^-?(?:0|[1-9][0-9]*)$"},
        {"00####", "^[0-9]{6}$"},
        {"(011) 555 ####", "^[+(]?[0-9](?:[ ()./-]*[0-9]){6,14}$"},
        {"words #", ""},
    };
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++) {
        fixture f;
        one_column(&f, "x", CASE[i].form, NULL, 0);
        const hp_expectation *e = find(propose(&f), FORM);
        assert_string_equal(e ? kwarg(e, "regex") : "", CASE[i].regex);
        if (e) assert_string_equal(kwarg(e, "mostly"), "");
        hp_run_close(&f.run);
    }
}

static void shares_are_rounded_down_and_have_slack(void **state) {
    (void)state;
    fixture f;
    one_column(&f, "x", "#", NULL, 0);
    f.t->col[0].v[3] = tb_vid(&f.run, "many"); /* 39 of 40: 97 per cent, less 2 */
    const hp_suite *s = propose(&f);
    assert_string_equal(kwarg(find(s, FORM), "mostly"), "0.95");
    assert_string_equal(kwarg(find(s, FILL), "mostly"), "");
    assert_null(find(s, RANGE)); /* "many" lies in no range */
    f.t->col[0].v[4] = HP_NULL;
    s = propose(&f);
    assert_string_equal(kwarg(find(s, FILL), "mostly"), "0.92");
    hp_run_close(&f.run);
}

static void ranges_are_wider_than_the_data(void **state) {
    (void)state;
    static const char *const VALUE[] = {"3", "14", "15", "92"};
    fixture f;
    one_column(&f, "amount", NULL, VALUE, 4);
    const hp_expectation *e = find(propose(&f), RANGE);
    assert_string_equal(kwarg(e, "min_value"), "0"); /* not below 0 where nothing is */
    assert_string_equal(kwarg(e, "max_value"), "101");
    assert_null(find(propose(&f), FORM)); /* the range says that they are numbers */
    assert_null(find(propose(&f), SET));
    hp_run_close(&f.run);

    one_column(&f, "day", "2021-03-##", NULL, 0);
    e = find(propose(&f), RANGE);
    assert_string_equal(kwarg(e, "min_value"), "2021-01-01");
    assert_string_equal(kwarg(e, "max_value"), "");
    hp_run_close(&f.run);

    one_column(&f, "number", "#", NULL, 0); /* all different: numbers of things */
    assert_null(find(propose(&f), RANGE));
    assert_non_null(find(propose(&f), UNIQUE));
    hp_run_close(&f.run);
}

static void sets_have_what_many_share(void **state) {
    (void)state;
    static const char *const VALUE[] = {"red", "green", "blue", "red"};
    fixture f;
    one_column(&f, "colour", NULL, VALUE, 4);
    f.t->col[0].v[0] = tb_vid(&f.run, "ultramarine"); /* one row: somebody's */
    const hp_expectation *e = find(propose(&f), SET);
    const hp_node *set = hp_node_get(e->kwargs, "value_set");
    assert_int_equal(set->n, 3);
    assert_view(set->item[0]->text, "blue");
    assert_string_equal(kwarg(e, "mostly"), "0.97");
    for (size_t r = 0; r < 12; r += 4) f.t->col[0].v[r] = tb_vid(&f.run, r ? "ochre" : "umber");
    assert_null(find(propose(&f), SET)); /* too much of it is rare */
    hp_run_close(&f.run);
}

static void no_value_of_a_person_is_told(void **state) {
    (void)state;
    static const char *const NAMES[] = {"Ada", "Ben", "Cleo"}, *const MAIL[] = {"ada@x.test", "ben@x.test"},
                             *const NUMBERS[] = {"0115550100", "0115550101"};
    static const struct {
        const char *header;
        const char *const *value;
        size_t n;
        hp_propose_hint hint;
    } CASE[] = {
        {"whose", NAMES, 3, {HP_K_TEXT, true}},
        {"whose", NAMES, 3, {HP_K_PERSON, false}},
        {"Account manager", NAMES, 3, {HP_K_TEXT, false}},
        {"salesRep", NAMES, 3, {HP_K_TEXT, false}},
        {"CAPTAIN", NAMES, 3, {HP_K_TEXT, false}},
        {"channel", MAIL, 2, {HP_K_TEXT, false}},
        {"channel", NUMBERS, 2, {HP_K_TEXT, false}},
    };
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++) {
        fixture f;
        one_column(&f, CASE[i].header, NULL, CASE[i].value, CASE[i].n);
        f.hint[0] = CASE[i].hint;
        hp_autobuf text = hp_buf_new(1 << 20);
        hp_suite_json(propose(&f), &text);
        for (size_t k = 0; k < CASE[i].n; k++)
            if (hp_str_find(hp_buf_str(&text), hp_str_of(CASE[i].value[k]), 0) != SIZE_MAX)
                fail_msg("case %zu tells %s", i, CASE[i].value[k]);
        hp_run_close(&f.run);
    }
}

static void columns_that_no_name_means_are_left_out(void **state) {
    (void)state;
    fixture f = {.hint = {{HP_K_TEXT, false}}};
    tb_open(&f.run);
    f.t = hp_table_new(f.run.arena, ROWS, 4, true);
    static const char *const NAME[] = {"a", "", "b", "a"};
    for (size_t c = 0; c < 4; c++) {
        f.t->col[c].name = hp_str_of(NAME[c]);
        f.t->col[c].source = (uint32_t)c;
    }
    const hp_suite *s = propose(&f);
    const hp_node *left = hp_node_get(s->meta, "left_out");
    assert_int_equal(left->n, 3);
    assert_view(left->item[2]->text, "D");
    const hp_node *set = hp_node_get(find(s, "expect_table_columns_to_match_set")->kwargs, "column_set");
    assert_int_equal(set->n, 1);
    assert_view(set->item[0]->text, "b");
    hp_run_close(&f.run);
}

static void out_of_memory_at_any_point(void **state) {
    (void)state;
    static const char *const VALUE[] = {"red", "green", "blue", "red"};
    for (uint64_t fail = 1;; fail++) {
        fixture f;
        hp_err err = {0};
        hp_suite *s = NULL;
        one_column(&f, "colour", NULL, VALUE, 4);
        hp_mem_fail_at(fail);
        hp_code code = hp_propose(&f.run, f.t, f.hint, HP_S("x"), &s, &err);
        hp_mem_fail_at(0);
        hp_run_close(&f.run);
        if (code == HP_OK) break;
        assert_int_equal(code, HP_RETRY);
        assert_null(s);
        assert_true(fail < 5000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_are_recognised),
        cmocka_unit_test(shares_are_rounded_down_and_have_slack),
        cmocka_unit_test(ranges_are_wider_than_the_data),
        cmocka_unit_test(sets_have_what_many_share),
        cmocka_unit_test(no_value_of_a_person_is_told),
        cmocka_unit_test(columns_that_no_name_means_are_left_out),
        cmocka_unit_test(out_of_memory_at_any_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
