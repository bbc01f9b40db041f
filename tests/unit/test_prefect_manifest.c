#include "unit.h"

#include "ops/prefect/compare.h"

static hp_arena *arena;

static int begin(void **state) {
    (void)state;
    arena = hp_arena_new(NULL);
    return arena ? 0 : 1;
}

static int end(void **state) {
    (void)state;
    hp_arena_drop(arena);
    return 0;
}

/* Reads a manifest; its errors, one a line. */
static hp_str errors_of(const char *yaml, hp_manifest *m) {
    hp_err err = {0};
    size_t errors = 0;
    hp_autobuf lines = hp_buf_new(1u << 16);
    assert_ok(hp_manifest_parse(arena, hp_str_of(yaml), "m.yaml", m, &lines, &errors, &err), err);
    assert_true((errors == 0) == (lines.n == 0));
    return hp_arena_dup(arena, hp_buf_str(&lines));
}

#define GOOD "name: d\nflow: hotpass-refine\n"

static void has_defaults(void **state) {
    hp_manifest m;
    (void)state;
    assert_view(errors_of(GOOD, &m), "");
    assert_view(m.id, "m"); /* the file's name */
    assert_view(hp_manifest_command(&m), HP_MANIFEST_COMMAND);
    assert_view(m.on_limit, "ENQUEUE");
    assert_int_equal(m.concurrency_limit, 0);
    assert_true(m.enforce_schema && !m.paused && !m.schedule.at);
}

static void an_inactive_schedule_is_a_pause(void **state) {
    hp_manifest m;
    (void)state;
    assert_view(errors_of(GOOD "schedule: {value: '0 6 * * *', active: false}\n", &m), "");
    assert_true(m.paused);
    assert_view(m.schedule.kind, "cron");
    assert_view(m.schedule.timezone, "UTC");
    assert_view(errors_of(GOOD "schedule: {value: '0 6 * * *', active: false}\npaused: false\n", &m), "");
    assert_false(m.paused);
}

static void errors_have_their_place(void **state) {
    static const struct {
        const char *yaml, *line;
    } CASE[] = {
        {"flow: hotpass-refine\n", "m.yaml:1:1: manifest has no name\n"},
        {GOOD "work_poll: p\n", "m.yaml:3:1: work_poll is no key of a manifest; did you mean work_pool?\n"},
        {GOOD "schedule: {cron: 1}\n",
         "m.yaml:3:12: cron is no key of a schedule\nm.yaml:3:11: schedule has no value\n"},
        {GOOD "schedule: {value: '0 6 * *'}\n",
         "m.yaml:3:19: schedule: cron has five fields (minute hour day month weekday), this has 4\n"},
        {GOOD "schedule: {kind: interval, value: soon}\n",
         "m.yaml:3:35: schedule: an interval is a whole number of seconds, from 1 on\n"},
        {GOOD "concurrency_limit: 0\n",
         "m.yaml:3:20: concurrency_limit: a whole number from 1 to 100000 is wanted; leave the key out for no limit\n"},
        {GOOD "concurrency_key: hotpass/backfill\nconcurrency_limit: 1\n",
         "m.yaml:3:18: concurrency_key: Prefect takes no name with / % & < >: \"hotpass/backfill\"\n"},
        {GOOD "concurrency_key: k\n", "m.yaml:3:18: concurrency_key needs a concurrency_limit: its slots\n"},
        {GOOD "tags: hotpass\n", "m.yaml:3:7: tags: a list is wanted\n"},
        {GOOD "on_limit: cancel\n", "m.yaml:3:11: on_limit: one of ENQUEUE CANCEL_NEW is wanted\n"},
        {GOOD "job_variables: {command: /bin/true}\n",
         "m.yaml:3:26: job_variables.command has to start \"hotpass prefect execute\": nothing else tells Prefect how "
         "the run ends\n"},
        {"name: d\nflow: hotpass-refin\n",
         "m.yaml:2:7: flow hotpass-refin is none that hotpass runs (did you mean hotpass-refine?); they are "
         "hotpass-refine, hotpass-enrich and hotpass-backfill\n"},
        {"- a\n", "m.yaml:1:1: a manifest is a map with name, flow and more\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++) {
        hp_manifest m;
        assert_view(errors_of(CASE[i].yaml, &m), CASE[i].line);
    }
}

static void a_python_flow_gets_no_command(void **state) {
    hp_manifest m;
    (void)state;
    assert_view(errors_of("name: d\nflow: theirs\nentrypoint: flow.py:main\n", &m), "");
    assert_view(hp_manifest_command(&m), "");
}

/* ---- comparing ---- */

static const hp_node *json(const char *text) {
    hp_node *n;
    hp_err err = {0};
    assert_ok(hp_json_read(arena, hp_str_of(text), "server", &n, &err), err);
    return n;
}

static const hp_node *yaml(const char *text) {
    hp_node *n;
    hp_err err = {0};
    assert_ok(hp_yaml_read(arena, hp_str_of(text), "manifest", &n, &err), err);
    return n;
}

static void sameness_is_of_values(void **state) {
    static const struct {
        const char *yaml, *json;
        bool same;
    } CASE[] = {
        {"{a: 1, b: [x, 2.50]}", "{\"b\":[\"x\",2.5],\"a\":1.0}", true},
        {"{a: yes}", "{\"a\":true}", true},
        {"{a: '1'}", "{\"a\":1}", false},
        {"{a: 1}", "{\"a\":\"1\"}", false},
        {"{a: dist/out.xlsx}", "{\"a\":\"dist/out.xlsx\"}", true},
        {"{a: }", "{\"a\":null}", true},
        {"{a: 1}", "{\"a\":1,\"b\":null}", false},
        {"[1, 2]", "[2,1]", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++) {
        bool same = hp_prefect_same(yaml(CASE[i].yaml), json(CASE[i].json));
        if (same != CASE[i].same) fail_msg("%s and %s", CASE[i].yaml, CASE[i].json);
    }
}

#define SERVER                                                                                                   \
    "{\"id\":\"i\",\"name\":\"d\",\"work_pool_name\":\"p\",\"work_queue_name\":\"default\",\"paused\":false,"    \
    "\"enforce_parameter_schema\":true,\"tags\":[\"t\"],\"description\":null,\"entrypoint\":null,\"path\":null," \
    "\"concurrency_limit\":null,\"job_variables\":{\"command\":\"hotpass prefect execute\"},"
#define MANIFEST GOOD "work_pool: p\ntags: [t]\nparameters: {a: 1}\nconcurrency_limit: 2\n"
#define REST                                                                                                          \
    "\"parameters\":{\"a\":1},\"global_concurrency_limit\":{\"limit\":2,\"active_slots\":0},\"concurrency_options\":" \
    "{\"collision_strategy\":\"ENQUEUE\"},\"schedules\":[]}"

static void compare(const char *manifest, const char *server, hp_drifts *out) {
    hp_manifest m;
    hp_prefect_deployment d;
    hp_err err = {0};
    assert_view(errors_of(manifest, &m), "");
    hp_prefect_deployment_read(json(server), HP_S("hotpass-refine"), &d);
    assert_ok(hp_prefect_compare(arena, &m, &d, HP_S(""), out, &err), err);
}

static void what_is_the_same_is_no_difference(void **state) {
    hp_drifts drifts;
    (void)state;
    compare(MANIFEST, SERVER REST, &drifts);
    if (drifts.n) fail_msg("%.*s", HP_FMT(drifts.p[0].field));
    hp_vec_free(&drifts);
}

static void dangerous_ones_come_first_with_both_ways(void **state) {
    hp_drifts d;
    (void)state;
    compare(
        "name: d\nflow: hotpass-refine\nwork_pool: q\ntags: [u]\nparameters: {a: 2, b: x}\nconcurrency_limit: 1\n",
        SERVER REST, &d);
    assert_int_equal(d.n, 5);
    assert_view(d.p[0].field, "concurrency_limit");
    assert_int_equal(d.p[0].class, HP_DRIFT_DANGEROUS);
    assert_view(d.p[0].manifest, "1");
    assert_view(d.p[0].server, "2");
    assert_view(d.p[0].to_server, "hotpass deploy --only m");
    assert_view(d.p[0].to_manifest, "m.yaml:6: write concurrency_limit: 2");
    assert_view(d.p[1].field, "work_pool");
    assert_view(d.p[2].field, "parameters.a");
    assert_view(d.p[2].to_manifest, "m.yaml:5: in parameters, write a: 1");
    assert_view(d.p[3].field, "parameters.b");
    assert_view(d.p[3].server, "");
    assert_view(d.p[3].to_manifest, "m.yaml:5: remove b from parameters");
    assert_view(d.p[4].field, "tags");
    assert_int_equal(d.p[4].class, HP_DRIFT_COSMETIC);
    assert_int_equal(d.parts, HP_PART_LIMIT | HP_PART_POOL | HP_PART_PARAMETERS | HP_PART_TAGS);
    hp_vec_free(&d);
}

static void the_null_member_is_no_limit(void **state) {
    hp_drifts d;
    (void)state; /* a server that has lost the limit: only global_concurrency_limit tells */
    compare(MANIFEST, SERVER "\"parameters\":{\"a\":1},\"global_concurrency_limit\":null,\"schedules\":[]}",
            &d);
    assert_int_equal(d.n, 1);
    assert_view(d.p[0].field, "concurrency_limit");
    assert_view(d.p[0].server, "");
    hp_vec_free(&d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(has_defaults, begin, end),
        cmocka_unit_test_setup_teardown(an_inactive_schedule_is_a_pause, begin, end),
        cmocka_unit_test_setup_teardown(errors_have_their_place, begin, end),
        cmocka_unit_test_setup_teardown(a_python_flow_gets_no_command, begin, end),
        cmocka_unit_test_setup_teardown(sameness_is_of_values, begin, end),
        cmocka_unit_test_setup_teardown(what_is_the_same_is_no_difference, begin, end),
        cmocka_unit_test_setup_teardown(dangerous_ones_come_first_with_both_ways, begin, end),
        cmocka_unit_test_setup_teardown(the_null_member_is_no_limit, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
