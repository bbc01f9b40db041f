/* What a profile says of suites and contracts: paths, severities, and what a map file leaves alone. */
#include "profile/profile.h"

#include "unit.h"

static hp_profile *parse(hp_arena *a, const char *text, const char *path) {
    hp_profile *p = NULL;
    hp_err e = {0};
    assert_ok(hp_profile_parse(a, hp_str_of(text), path, &p, &e), e);
    return p;
}

static void assert_refused(const char *text, const char *message) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_profile *p = NULL;
    hp_err e = {0};
    assert_int_equal(hp_profile_parse(a, hp_str_of(text), "p.yaml", &p, &e), HP_CONFIG);
    assert_contains(e.message, message);
}

#define HEAD                                                                                                  \
    "name: x\ningest:\n  sources:\n  - name: S\n    path_pattern: '*.xlsx'\n    suite: [a.json, ../b.json]\n" \
    "    severity: {critical: warn}\n    sheets:\n    - {name: One, schema: c.json, severity: {info: quarantine}}\n    - {name: Two}\n"

static void paths_begin_at_the_file_that_names_them(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    const hp_profile *p = parse(a, HEAD, "profiles/x.yaml");
    const hp_profile_checks *c = &p->source[0].checks;
    assert_int_equal(c->nsuite, 2);
    assert_view(hp_profile_checks_path(a, c, c->suite[0]), "profiles/a.json");
    assert_view(hp_profile_checks_path(a, c, c->suite[1]), "profiles/../b.json");
    assert_view(hp_profile_checks_path(a, c, HP_S("/etc/s.json")), "/etc/s.json");
    assert_view(p->source[0].sheet[0].checks.contract[0], "c.json");
    p = parse(a, HEAD, "x.yaml");
    assert_view(hp_profile_checks_path(a, &p->source[0].checks, HP_S("a.json")), "a.json");
    p = parse(a, HEAD, "/x.yaml");
    assert_view(hp_profile_checks_path(a, &p->source[0].checks, HP_S("a.json")), "/a.json");
}

static hp_on_failure of_sheet(const hp_profile *p, size_t sheet, hp_gx_severity s) {
    const hp_profile_checks *of[] = {&p->source[0].sheet[sheet].checks, &p->source[0].checks};
    return hp_profile_action(p, of, 2, s);
}

static void the_nearest_word_counts(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    const hp_profile *p = parse(a, HEAD, "x.yaml");
    assert_int_equal(of_sheet(p, 0, HP_GX_CRITICAL), HP_ON_FAILURE_WARN);
    assert_int_equal(of_sheet(p, 0, HP_GX_INFO), HP_ON_FAILURE_QUARANTINE);
    assert_int_equal(of_sheet(p, 1, HP_GX_INFO), HP_ON_FAILURE_WARN);
    assert_int_equal(hp_profile_action(p, NULL, 0, HP_GX_CRITICAL), HP_ON_FAILURE_STOP);
    assert_int_equal(hp_profile_action(p, NULL, 0, HP_GX_WARNING), HP_ON_FAILURE_WARN);
    p = parse(a, HEAD "severity: {warning: fail, info: fail}\n", "x.yaml");
    assert_int_equal(of_sheet(p, 0, HP_GX_WARNING), HP_ON_FAILURE_STOP);
    assert_int_equal(of_sheet(p, 0, HP_GX_INFO), HP_ON_FAILURE_QUARANTINE);
    assert_int_equal(of_sheet(p, 1, HP_GX_INFO), HP_ON_FAILURE_STOP);
    /* A profile that is made, not read, says nothing. */
    const hp_profile none = {0};
    assert_int_equal(hp_profile_action(&none, NULL, 0, HP_GX_CRITICAL), HP_ON_FAILURE_STOP);
    assert_int_equal(hp_profile_action(&none, NULL, 0, HP_GX_INFO), HP_ON_FAILURE_WARN);
}

static void mistakes_have_their_place(void **state) {
    (void)state;
    assert_refused("name: x\nseverity: {critical: stop}\n",
                   "p.yaml:2:22: \"critical\" must be warn, fail or quarantine, not \"stop\"");
    assert_refused("name: x\nseverity: fail\n", "p.yaml:2:11: severity must be a map");
    assert_refused("name: x\noutput: {suites: a}\n",
                   "p.yaml:2:10: unknown key \"suites\" in output; did you mean \"suite\"?");
    assert_refused("name: x\noutput: {suite: {a: b}}\n",
                   "p.yaml:2:17: \"suite\" must be a text or a list of texts");
    assert_refused(
        "name: x\nrefine:\n  expectations:\n  - {column: status, kind: not_null, severity: stop}\n",
        "p.yaml:4:48: \"severity\" must be warn, fail or quarantine");
}

static void show_reads_back(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_autobuf once = hp_buf_new(1 << 20), twice = hp_buf_new(1 << 20);
    hp_profile_show(parse(a, HEAD "output: {suite: out.json, severity: {critical: quarantine}}\n", "x.yaml"),
                    &once);
    hp_profile_show(parse(a, hp_buf_cstr(&once), "x.yaml"), &twice);
    assert_string_equal(hp_buf_cstr(&once), hp_buf_cstr(&twice));
    assert_contains(hp_buf_cstr(&once), "suite: [a.json, \"../b.json\"]");
    assert_contains(hp_buf_cstr(&once), "contract: [c.json]");
    assert_contains(hp_buf_cstr(&once), "    critical: quarantine");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_begin_at_the_file_that_names_them),
        cmocka_unit_test(the_nearest_word_counts),
        cmocka_unit_test(mistakes_have_their_place),
        cmocka_unit_test(show_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
