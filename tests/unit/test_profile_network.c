#include "unit.h"

#include "profile/profile.h"

static const hp_profile_network *network(hp_arena *a, const char *yaml, hp_err *err) {
    hp_profile *p;
    return hp_profile_parse(a, hp_str_of(yaml), "p.yaml", &p, err) == HP_OK ? &p->enrich.network : NULL;
}

static void careful_by_default(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_err err = {0};
    const hp_profile_network *n = network(a, "name: x\n", &err);
    assert_non_null(n);
    assert_int_equal(n->nprivate, 0);
    assert_int_equal(n->timeout, 10);
    assert_int_equal(n->deadline, 60);
    assert_int_equal(n->max_kilobytes, 2048);
    assert_int_equal(n->redirects, 5);
    assert_int_equal(n->retries, 3);
    assert_int_equal(n->concurrency, 16);
    assert_int_equal(n->per_host, 1);
    assert_true(n->interval == 1);
    assert_int_equal(n->burst, 1);
    assert_int_equal(n->pages, 4);
    assert_int_equal(n->proxy.n + n->ca_file.n + n->cache.n, 0);
    assert_int_equal(n->cache_hours, 168);
}

static void reads_its_keys(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_err err = {0};
    const hp_profile_network *n = network(
        a,
        "name: x\nenrich:\n  network:\n    allow_private_hosts: [localhost, 10.0.0.5]\n    retries: 0\n    proxy: http://p.example\n",
        &err);
    assert_non_null(n);
    assert_int_equal(n->nprivate, 2);
    assert_view(n->private_host[1], "10.0.0.5");
    assert_int_equal(n->retries, 0);
    assert_view(n->proxy, "http://p.example");
}

/* The names that older profiles have for the pace, at the top and in enrich. */
static void older_names_of_the_pace(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_err err = {0};
    const hp_profile_network *n =
        network(a, "name: x\nresearch_rate_limit: {min_interval_seconds: 2.5, burst: 3}\n", &err);
    assert_non_null(n);
    assert_true(n->interval == 2.5);
    assert_int_equal(n->burst, 3);
    n = network(a, "name: x\nenrich: {research_rate_limit: {burst: 4}}\n", &err);
    assert_non_null(n);
    assert_int_equal(n->burst, 4);
    assert_null(
        network(a, "name: x\nresearch_rate_limit: {burst: 3}\nenrich: {network: {burst: 4}}\n", &err));
    assert_contains(err.message, "burst");
}

static void refuses_what_is_too_much(void **state) {
    (void)state;
    static const struct {
        const char *line, *why;
    } CASE[] = {{"timeout_seconds: 0", "from 1 to 600"},
                {"max_kilobytes: 70000", "from 1 to 65536"},
                {"max_redirects: 21", "from 0 to 20"},
                {"per_host: 9", "from 1 to 8"},
                {"min_interval_seconds: -1", "not negative"},
                {"allow_private_host: [x]", "did you mean \"allow_private_hosts\""}};
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++) {
        hp_autoarena *a = hp_arena_new(NULL);
        hp_err err = {0};
        char yaml[200];
        (void)snprintf(yaml, sizeof yaml, "name: x\nenrich:\n  network:\n    %s\n", CASE[i].line);
        assert_null(network(a, yaml, &err));
        assert_int_equal(err.code, HP_CONFIG);
        assert_contains(err.message, CASE[i].why);
        assert_contains(err.message, "p.yaml:4:");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(careful_by_default), cmocka_unit_test(reads_its_keys),
                                       cmocka_unit_test(older_names_of_the_pace),
                                       cmocka_unit_test(refuses_what_is_too_much)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
