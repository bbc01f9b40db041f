/* Parameters of a flow run as arguments, and exit codes as states. */
#include "ops/prefect/execute.h"
#include "ops/prefect/parameters.h"
#include "unit.h"

static hp_code arguments(hp_arena *a, const char *flow, const char *json, hp_prefect_argv *argv,
                         hp_err *err) {
    hp_node *root;
    hp_err unreadable = {0};
    assert_ok(hp_json_read(a, hp_str_of(json), "parameters", &root, &unreadable), unreadable);
    return hp_prefect_arguments(a, hp_str_of(flow), root, argv, err);
}

/* Behind the program: verb, --json, --no-input, --log-format=json. */
enum { FIXED = 5 };

static void parameters_become_single_words(void **state) {
    (void)state;
    static const struct {
        const char *flow, *json, *verb, *words; /* joined by '|' */
    } cases[] = {
        {"hotpass-refine", "{}", "orchestrate", ""},
        {"hotpass-refine", "{\"profile\":\"aviation\",\"input_dir\":\"data\"}", "orchestrate",
         "--profile=aviation|--input-dir=data"},
        {"hotpass-refine", "{\"profile_name\":\"x\",\"incremental\":true,\"backfill\":false,\"since\":null}",
         "orchestrate", "--profile=x"},
        {"hotpass-refine", "{\"output_path\":[\"a.xlsx\",\"b.csv\"],\"jobs\":2}", "orchestrate",
         "--output-path=a.xlsx|--output-path=b.csv|--jobs=2"},
        {"hotpass-refine", "{\"archive\":true,\"dry_run\":false}", "orchestrate", "--archive"},
        {"hotpass-refine", "{\"archive\":false}", "orchestrate", "--no-archive"},
        {"hotpass-refine", "{\"input_dir\":\"--dry-run\"}", "orchestrate", "--input-dir=--dry-run"},
        {"hotpass-refine", "{\"input_dir\":\"a b; $(c) 'd'\"}", "orchestrate", "--input-dir=a b; $(c) 'd'"},
        {"hotpass-enrich", "{\"input\":\"x\",\"allow_network\":false,\"confidence_threshold\":0.9}", "enrich",
         "--input=x|--no-allow-network|--confidence-threshold=0.9"},
        {"hotpass-backfill", "{\"start_date\":\"2025-10-01\",\"versions\":[1,\"b\"],\"force\":true}",
         "backfill", "--start-date=2025-10-01|--version=1|--version=b|--force"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hp_autoarena *a = hp_arena_new(NULL);
        hp_autobuf words = hp_buf_new(1000);
        hp_prefect_argv argv;
        hp_err e = {0};
        assert_ok(arguments(a, cases[i].flow, cases[i].json, &argv, &e), e);
        assert_string_equal(argv.p[1], cases[i].verb);
        assert_null(argv.p[argv.n]);
        for (size_t k = FIXED; k < argv.n; k++)
            hp_buf_printf(&words, "%s%s", k > FIXED ? "|" : "", argv.p[k]);
        assert_view(hp_buf_str(&words), cases[i].words);
    }
}

static void what_is_wrong_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *flow, *json, *words;
    } cases[] = {
        {"somebody-elses", "{}", "hotpass-refine"},
        {"hotpass-refine", "{\"input_dri\":\"x\"}", "did you mean input_dir"},
        {"hotpass-refine", "{\"start_date\":\"2025-10-01\"}", "no parameter start_date"},
        {"hotpass-refine", "{\"show_values\":true}", "no parameter show_values"},
        {"hotpass-refine", "{\"input_dir\":\"\"}", "one line"},
        {"hotpass-refine", "{\"input_dir\":\"a\\nb\"}", "one line"},
        {"hotpass-refine", "{\"input_dir\":\"a\\u007fb\"}", "one line"},
        {"hotpass-refine", "{\"input_dir\":{\"a\":1}}", "one line"},
        {"hotpass-refine", "{\"input_dir\":[\"a\"]}", "no list"},
        {"hotpass-refine", "{\"output_path\":[\"a\",null]}", "one line"},
        {"hotpass-refine", "{\"archive\":\"true\"}", "true or false"},
        {"hotpass-refine", "{\"archive\":2}", "true or false"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hp_autoarena *a = hp_arena_new(NULL);
        hp_prefect_argv argv = {.n = 42};
        hp_err e = {0};
        assert_int_equal(arguments(a, cases[i].flow, cases[i].json, &argv, &e), HP_CONFIG);
        assert_contains(e.message, cases[i].words);
        assert_int_equal(argv.n, 42);
    }
}

static void too_many_values_are_refused(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_autobuf json = hp_buf_new(100000);
    hp_prefect_argv argv;
    hp_err e = {0};
    hp_buf_puts(&json, "{\"limit\":[\"x\"");
    for (int i = 0; i < 1000; i++) hp_buf_puts(&json, ",\"x\"");
    hp_buf_puts(&json, "]}");
    assert_int_equal(arguments(a, "hotpass-refine", hp_buf_cstr(&json), &argv, &e), HP_CONFIG);
}

static void exit_codes_are_states(void **state) {
    (void)state;
    static const struct {
        int code, attempt;
        const char *type, *name;
    } cases[] = {
        {0, 1, "COMPLETED", NULL},
        {3, 1, "COMPLETED", NULL},
        {1, 1, "FAILED", NULL},
        {65, 1, "FAILED", NULL},
        {78, 1, "FAILED", NULL},
        {75, 1, "SCHEDULED", "AwaitingRetry"},
        {75, 3, "SCHEDULED", "AwaitingRetry"},
        {75, 4, "FAILED", NULL},
        {70, 1, "CRASHED", NULL},
        {130, 1, "CANCELLED", NULL},
        {143, 1, "CANCELLED", NULL},
        {137, 1, "CRASHED", NULL},
        {139, 1, "CRASHED", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *name;
        assert_string_equal(hp_execute_state(cases[i].code, cases[i].attempt, 3, &name), cases[i].type);
        if (cases[i].name)
            assert_string_equal(name, cases[i].name);
        else
            assert_null(name);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_become_single_words),
        cmocka_unit_test(what_is_wrong_is_refused),
        cmocka_unit_test(too_many_values_are_refused),
        cmocka_unit_test(exit_codes_are_states),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
