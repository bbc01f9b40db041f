/* Suites and checkpoints as files: both forms, parameters, and what every mistake is told by. */
#include <stdlib.h>
#include <sys/stat.h>

#include "base/doc.h"
#include "base/file.h"
#include "base/mem.h"
#include "profile/checkpoint.h"
#include "profile/expectations.h"
#include "profile/suite.h"
#include "unit.h"

static const hp_suite_parameter GIVEN[] = {
    {.name = {"least", 5}, .value = {"10", 2}},
    {.name = {"word", 4}, .value = {"Kestrel", 7}},
    {.name = {"list", 4}, .value = {"[1, \"a\"]", 8}},
    {.name = {"my rows", 7}, .value = {"3", 1}},
};

static hp_code parse(hp_arena *a, const char *text, const char *path, hp_suite **s, hp_err *err) {
    return hp_suite_parse(a, hp_str_of(text), path, GIVEN, 4, s, err);
}

static void both_forms(void **state) {
    (void)state;
    hp_arena *a = hp_arena_new(NULL);
    hp_err err = {0};
    hp_suite *s;
    assert_ok(
        parse(a,
              "{\"expectation_suite_name\": \"fleet\", \"data_asset_type\": \"Dataset\", \"meta\": {\"by\": "
              "\"me\"},\n \"expectations\": [\n  {\"expectation_type\": \"expect_column_to_exist\", "
              "\"kwargs\": {\"column\": \"reg\"}, \"meta\": {\"notes\": \"x\"}}]}",
              "suites/a.json", &s, &err),
        err);
    assert_view(s->name, "fleet");
    assert_view(s->path, "suites/a.json");
    assert_int_equal(s->n, 1);
    assert_view(s->expectation[0].type, "expect_column_to_exist");
    assert_view(s->expectation[0].where, "suites/a.json:3");
    assert_int_equal(s->expectation[0].severity, HP_GX_CRITICAL);
    assert_non_null(s->expectation[0].meta);
    assert_ok(parse(a,
                    "expectations:\n- type: ExpectColumnValuesToBeInSet\n  severity: warning\n  kwargs:\n"
                    "    column: owner\n    value_set: [a, null, 3]\n    mostly: 0.5\n",
                    "suites/b.yaml", &s, &err),
              err);
    assert_view(s->name, "b");
    assert_view(s->expectation[0].type, "expect_column_values_to_be_in_set");
    assert_int_equal(s->expectation[0].severity, HP_GX_WARNING);
    hp_arena_drop(a);
}

/* Holds a row count against an expression and returns what the expression came to. */
static hp_str value_of(hp_arena *a, const char *expression, hp_err *err) {
    char text[600];
    hp_suite *s;
    snprintf(text, sizeof text,
             "{\"evaluation_parameters\": {\"own\": 7}, \"expectations\": [{\"type\": "
             "\"expect_column_max_to_be_between\", \"kwargs\": {\"column\": \"x\", \"max_value\": "
             "{\"$PARAMETER\": \"%s\", \"$PARAMETER.local\": 5}}}]}",
             expression);
    if (parse(a, text, "s.json", &s, err) != HP_OK) return (hp_str){0};
    return hp_node_get(s->expectation[0].kwargs, "max_value")->text;
}

static void parameters(void **state) {
    (void)state;
    static const char *const CASE[][2] = {
        {"least", "10"},
        {"least * 2 + 1", "21"},
        {"2 + least * 3", "32"},
        {"(2 + least) * 3", "36"},
        {"-least / 4", "-2.5"},
        {"own", "7"},
        {"local", "5"},
        {"word", "Kestrel"},
        {"my rows", "3"},
        {"1.5e2", "150"},
        {"datetime(2024, 2, 29)", "2024-02-29T00:00:00"},
        {"datetime(2024, 1, 1, 12, 30) - timedelta(days=1, hours=2)", "2023-12-31T10:30:00"},
        {"datetime(2024, 3, 1) + timedelta(weeks=52*2)", "2026-02-27T00:00:00"},
        {"round(own / 2)", "4"},
        {"abs(0 - least)", "10"}};
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++) {
        hp_arena *a = hp_arena_new(NULL);
        hp_err err = {0};
        hp_str got = value_of(a, CASE[i][0], &err);
        if (!got.p) fail_msg("%s: %s", CASE[i][0], err.message);
        assert_view(got, CASE[i][1]);
        hp_arena_drop(a);
    }
}

static void parameters_that_are_none(void **state) {
    (void)state;
    static const char *const CASE[][2] = {
        {"leest", "no value is given for \"leest\"; did you mean \"least\"?"},
        {"least +", "a name or number is missing at character 8"},
        {"least / 0", "division by zero"},
        {"least + word", "cannot be added"},
        {"timedelta(days=1)", "comes to a span of time"},
        {"datetime(2023, 2, 29)", "there is no such date"},
        {"system(1)", "there is no function \"system\""},
        {"least least", "\"least\" is not understood"},
        {"datetime(2024,1,1) + datetime(2024,1,1)", "cannot be added"}};
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++) {
        hp_arena *a = hp_arena_new(NULL);
        hp_err err = {0};
        assert_null(value_of(a, CASE[i][0], &err).p);
        assert_int_equal(err.code, HP_CONFIG);
        assert_contains(err.message, "s.json:1:");
        assert_contains(err.message, CASE[i][1]);
        hp_arena_drop(a);
    }
}

static void a_parameter_may_be_a_list(void **state) {
    (void)state;
    hp_arena *a = hp_arena_new(NULL);
    hp_err err = {0};
    hp_suite *s;
    assert_ok(parse(a,
                    "{\"expectations\": [{\"type\": \"expect_column_values_to_be_in_set\", \"kwargs\": "
                    "{\"column\": \"x\", \"value_set\": {\"$PARAMETER\": \"list\"}}}]}",
                    "s.json", &s, &err),
              err);
    const hp_node *set = hp_node_get(s->expectation[0].kwargs, "value_set");
    assert_int_equal(set->n, 2);
    assert_false(set->item[0]->quoted);
    assert_true(set->item[1]->quoted);
    hp_arena_drop(a);
}

static void mistakes(void **state) {
    (void)state;
    static const char *const CASE[][2] = {
        {"[]", "s.json:1:1: a suite is a map"},
        {"{\"name\": \"x\"}", "the suite has no \"expectations\""},
        {"{\"expectation\": []}",
         "s.json:1:2: unknown key \"expectation\" in a suite; did you mean \"expectations\"?"},
        {"{\"expectations\": [{\"type\": \"expect_column_to_exists\", \"kwargs\": {}}]}",
         "s.json:1:28: unknown expectation \"expect_column_to_exists\"; did you mean \"expect_column_to_exist\"?"},
        {"{\"expectations\": [{\"kwargs\": {}}]}", "has no \"type\""},
        {"{\"expectations\": [{\"type\": \"expect_column_to_exist\", \"kwargs\": {\"colum\": \"x\"}}]}",
         "does not take \"colum\"; did you mean \"column\"?"},
        {"{\"expectations\": [{\"type\": \"expect_column_to_exist\", \"kwargs\": {}}]}",
         "needs \"column\": a text"},
        {"{\"expectations\": [{\"type\": \"expect_column_values_to_not_be_null\", \"kwargs\": {\"column\": \"x\", "
         "\"mostly\": 1.2}}]}",
         "\"mostly\" is a number from 0 to 1, not \"1.2\""},
        {"{\"expectations\": [{\"type\": \"expect_column_values_to_be_between\", \"kwargs\": {\"column\": \"x\", "
         "\"max_value\": null}}]}",
         "needs \"min_value\" or \"max_value\""},
        {"{\"expectations\": [{\"type\": \"expect_table_row_count_to_equal\", \"kwargs\": {\"value\": \"3\"}}]}",
         "\"value\" is a whole number, 0 or more"},
        {"{\"expectations\": [{\"type\": \"expect_column_to_exist\", \"severity\": \"fatal\", \"kwargs\": "
         "{\"column\": \"x\"}}]}",
         "severity is"},
        {"{\"expectations\": [{\"type\": \"expect_column_values_to_match_regex_list\", \"kwargs\": {\"column\": "
         "\"x\", \"regex_list\": [\"a\"], \"match_on\": \"some\"}}]}",
         "\"match_on\" is \"any\" or \"all\", not \"some\""},
    };
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++) {
        hp_arena *a = hp_arena_new(NULL);
        hp_err err = {0};
        hp_suite *s = NULL;
        assert_int_equal(parse(a, CASE[i][0], "s.json", &s, &err), HP_CONFIG);
        assert_null(s);
        assert_contains(err.message, CASE[i][1]);
        hp_arena_drop(a);
    }
}

static void infinity_as_python_writes_it(void **state) {
    (void)state;
    hp_arena *a = hp_arena_new(NULL);
    hp_err err = {0};
    hp_suite *s;
    assert_ok(
        parse(a,
              "{\"expectations\": [{\"type\": \"expect_column_kl_divergence_to_be_less_than\", \"kwargs\": "
              "{\"column\": \"x\", \"threshold\": Infinity, \"partition_object\": {\"bins\": [-Infinity, 0, "
              "1], \"weights\": [0.5, 0.5]}}}]}",
              "s.json", &s, &err),
        err);
    assert_int_equal(parse(a, "{\"expectations\": [Infinity,,]}", "s.json", &s, &err), HP_CONFIG);
    hp_arena_drop(a);
}

static void every_expectation_is_described(void **state) {
    (void)state;
    hp_autobuf b = hp_buf_new(1u << 20);
    hp_expectation_reference(&b);
    for (int id = 0; id < HP_X_COUNT; id++) {
        const hp_kwarg_info *all[HP_KWARGS_MOST];
        hp_expectation_info x = hp_expectation_get((hp_expectation_id)id);
        assert_true(hp_expectation_kwargs((hp_expectation_id)id, all) <= HP_KWARGS_MOST);
        assert_int_equal(hp_expectation_find(hp_str_of(x.type)), id);
        assert_contains(hp_buf_cstr(&b), x.type);
    }
}

/* ---- checkpoints ---- */

static void write(hp_arena *a, const char *dir, const char *name, const char *text) {
    hp_err err = {0};
    hp_str path = hp_path_join(a, hp_str_of(dir), hp_str_of(name));
    assert_ok(hp_write_file(path.p, hp_str_of(text), &err), err);
}

static void checkpoints(void **state) {
    (void)state;
    char dir[] = "/tmp/hotpass-checkpoint-XXXXXX";
    assert_non_null(mkdtemp(dir));
    hp_arena *a = hp_arena_new(NULL);
    hp_err err = {0};
    hp_checkpoint *c;
    static const char *const FOLDER[] = {"expectations", "expectations/fleet", "checkpoints"};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(mkdir(hp_path_join(a, hp_str_of(dir), hp_str_of(FOLDER[i])).p, 0700), 0);
    write(a, dir, "contacts.json", "{\"expectations\": []}");
    write(a, dir, "expectations/fleet/warning.json", "{\"expectations\": []}");
    write(a, dir, "own.yaml",
          "validations:\n  - data: book.xlsx!Leads\n    suite: contacts.json\n    parameters: {least: 3}\n"
          "parameters: {least: 1, word: a}\nactions:\n  - store: results\n  - docs\n");
    assert_ok(hp_checkpoint_load(a, hp_path_join(a, hp_str_of(dir), HP_S("own.yaml")).p, &c, &err), err);
    assert_view(c->name, "own");
    assert_int_equal(c->n, 1);
    assert_true(hp_str_ends(c->entry[0].data, HP_S("/book.xlsx!Leads")));
    assert_true(hp_str_ends(c->entry[0].suite, HP_S("/contacts.json")));
    assert_int_equal(c->entry[0].nparameter, 3);
    assert_view(c->entry[0].parameter[0].value, "3");
    assert_view(c->entry[0].parameter[2].value, "a");
    assert_int_equal(c->naction, 2);
    assert_int_equal(c->action[0].kind, HP_ACTION_STORE);
    assert_true(hp_str_ends(c->action[0].folder, HP_S("/results")));
    assert_int_equal(c->action[1].kind, HP_ACTION_DOCS);

    write(
        a, dir, "checkpoints/theirs.yml",
        "name: nightly\nconfig_version: 1.0\nclass_name: Checkpoint\nvalidations:\n  - batch_request:\n"
        "      datasource_name: files\n      data_asset_name: fleet.csv\n"
        "    expectation_suite_name: fleet.warning\naction_list:\n  - name: store_validation_result\n    action:\n"
        "      class_name: StoreValidationResultAction\n  - name: tell\n    action:\n"
        "      class_name: SlackNotificationAction\n");
    assert_ok(
        hp_checkpoint_load(a, hp_path_join(a, hp_str_of(dir), HP_S("checkpoints/theirs.yml")).p, &c, &err),
        err);
    assert_view(c->name, "nightly");
    assert_true(hp_str_ends(c->entry[0].suite, HP_S("../expectations/fleet/warning.json")));
    assert_true(hp_str_ends(c->entry[0].data, HP_S("checkpoints/fleet.csv")));
    assert_int_equal(c->action[0].kind, HP_ACTION_STORE);
    assert_int_equal(c->action[1].kind, HP_ACTION_OTHER);

    write(a, dir, "bad.yaml", "validations:\n  - data: x.csv\n    suite: nowhere\n");
    assert_int_equal(hp_checkpoint_load(a, hp_path_join(a, hp_str_of(dir), HP_S("bad.yaml")).p, &c, &err),
                     HP_CONFIG);
    assert_contains(err.message, "bad.yaml:3:12: there is no suite \"nowhere\"");
    static const char *const MADE[] = {"contacts.json",
                                       "expectations/fleet/warning.json",
                                       "own.yaml",
                                       "checkpoints/theirs.yml",
                                       "bad.yaml",
                                       "checkpoints",
                                       "expectations/fleet",
                                       "expectations",
                                       ""};
    for (size_t i = 0; i < sizeof MADE / sizeof *MADE; i++)
        assert_int_equal(remove(hp_path_join(a, hp_str_of(dir), hp_str_of(MADE[i])).p), 0);
    hp_arena_drop(a);
}

static void out_of_memory_at_any_point(void **state) {
    (void)state;
    static const char SUITE[] =
        "{\"expectations\": [{\"type\": \"ExpectColumnValuesToBeBetween\", \"kwargs\": {\"column\": \"x\", "
        "\"min_value\": {\"$PARAMETER\": \"least * 2\"}, \"max_value\": {\"$PARAMETER\": \"datetime(2024,1,1)\"}}}]}";
    for (uint64_t at = 1;; at++) {
        hp_arena *a = hp_arena_new(NULL);
        hp_err err = {0};
        hp_suite *s = NULL;
        uint64_t before = hp_mem_failures();
        hp_mem_fail_at(at);
        hp_code code = parse(a, SUITE, "s.json", &s, &err);
        hp_mem_fail_at(0);
        bool failed = hp_mem_failures() != before;
        if (code == HP_OK) assert_view(hp_node_get(s->expectation[0].kwargs, "min_value")->text, "20");
        hp_arena_drop(a);
        if (!failed) break;
        if (code != HP_OK) assert_int_equal(code, HP_RETRY);
        assert_true(at < 1000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_forms),
        cmocka_unit_test(parameters),
        cmocka_unit_test(parameters_that_are_none),
        cmocka_unit_test(a_parameter_may_be_a_list),
        cmocka_unit_test(mistakes),
        cmocka_unit_test(infinity_as_python_writes_it),
        cmocka_unit_test(every_expectation_is_described),
        cmocka_unit_test(checkpoints),
        cmocka_unit_test(out_of_memory_at_any_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
