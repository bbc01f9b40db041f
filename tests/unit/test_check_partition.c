/* Partitions and divergences. Goldens by scipy 1.17.1: scipy.stats.entropy of the weights that each test
 * names. */
#include <math.h>

#include "unit.h"

#include "base/mem.h"
#include "check/partition.h"

static void near(double got, double wanted) {
    if (fabs(got - wanted) > 1e-13 * fabs(wanted)) fail_msg("got %.17g, wanted %.17g", got, wanted);
}

static hp_code read_it(hp_arena *a, const char *text, hp_partition *p, hp_err *err) {
    hp_node *node = NULL;
    HP_TRY(hp_json_read(a, hp_str_of(text), "partition", &node, err));
    return hp_partition_read(a, node, "suites/a.json:7", p, err);
}

static void test_refused(void **state) {
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"{}", "must have \"weights\""},
        {"{\"weights\": [1]}", "either \"values\" or \"bins\""},
        {"{\"weights\": 1, \"values\": [1]}", "must be a list"},
        {"{\"weights\": [1], \"values\": [\"a\", \"b\"]}", "as many \"values\""},
        {"{\"weights\": [0.5, 0.4], \"values\": [\"a\", \"b\"]}", "sum to 0.9"},
        {"{\"weights\": [1], \"bins\": [0]}", "one more edge"},
        {"{\"weights\": [0.5, 0.5], \"bins\": [0, 1, 1]}", "edge 3"},
        {"{\"weights\": [0.5, 0.5], \"bins\": [0, 1, 2], \"tail_weights\": [0.1, 0.1]}", "sum to 1.2"},
        {"{\"weights\": [1], \"bins\": [0, 1], \"tail_weights\": [0]}", "must have 2"},
        {"{\"weights\": [\"x\"], \"bins\": [0, 1]}", "item 1 of \"weights\""},
    };
    hp_autoarena *a = hp_arena_new(NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hp_err err = {0};
        hp_partition p;
        assert_int_equal(read_it(a, cases[i].text, &p, &err), HP_CONFIG);
        assert_contains(err.message, "suites/a.json:7: ");
        assert_contains(err.message, cases[i].says);
    }
}

static void test_infinite_edges(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_err err = {0};
    hp_partition p;
    assert_ok(read_it(a, "{\"weights\": [0.5, 0.5], \"bins\": [\"-Infinity\", 0, \".inf\"]}", &p, &err), err);
    assert_true(isinf(p.edge[0]) && p.edge[0] < 0 && isinf(p.edge[2]) && p.edge[2] > 0);
    assert_false(p.has_tails);
}

static hp_kl values(hp_arena *a, const char *partition, const uint64_t *count, const uint64_t *other,
                    size_t nother, double holdout) {
    hp_err err = {0};
    hp_partition p;
    hp_kl kl;
    assert_ok(read_it(a, partition, &p, &err), err);
    assert_ok(hp_kl_values(a, &p, count, other, nother, holdout, "s", &kl, &err), err);
    return kl;
}

static void test_values(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    const char *ab = "{\"values\": [\"a\", \"b\"], \"weights\": [0.6, 0.4]}";
    hp_kl kl = values(a, ab, (uint64_t[]){2, 1}, (uint64_t[]){1}, 1, 0.05);
    near(kl.divergence, 0.2321677631907768); /* [.5, .25, .25], [.57, .38, .05] */
    assert_int_equal(kl.n, 3);
    near(kl.expected[2], 0.05);
    assert_null(kl.edge);
    assert_true(isinf(values(a, ab, (uint64_t[]){2, 1}, (uint64_t[]){1}, 1, 0).divergence));
    const char *abc = "{\"values\": [\"a\", \"b\", \"c\"], \"weights\": [0.5, 0.25, 0.25]}";
    near(values(a, abc, (uint64_t[]){3, 1, 0}, NULL, 0, 0.3).divergence,
         0.3040988310811233); /* nothing unexpected: no holdout */
    const char *half = "{\"values\": [\"a\", \"b\"], \"weights\": [0.5, 0.5]}";
    near(values(a, half, (uint64_t[]){2, 1}, (uint64_t[]){1, 1}, 2, 0.1).divergence,
         0.3452184869421371); /* [2, 1, 1, 1], [.45, .45, .05, .05] */
}

/* The numbers of a published case of Great Expectations. */
static const double x[] = {-1.95, 1.03,  1.0, 0.81,  -2.27, 0.52, 2.45, -1.19,
                           -0.17, -1.54, 2.2, -2.66, 1.71,  1.59, 2.19};
#define NX (sizeof x / sizeof *x)

static hp_code numbers(hp_arena *a, const char *partition, double tail, double internal, hp_kl *kl,
                       hp_err *err) {
    hp_partition p;
    HP_TRY(read_it(a, partition, &p, err));
    return hp_kl_numbers(a, &p, x, NX, tail, internal, "suites/a.json:7", kl, err);
}

static void test_numbers(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_err err = {0};
    hp_kl kl;
    assert_ok(numbers(a, "{\"weights\": [0.3, 0.15, 0.0, 0.1, 0.45], \"bins\": [-3, -2, -1, 0, 1, 2]}", 0.05,
                      0.05, &kl, &err),
              err);
    near(kl.divergence,
         0.36056864829969554); /* [0, 2, 3, 1, 2, 4, 3], [.025, .27, .135, .05, .09, .405, .025] */
    assert_int_equal(kl.n, 5);
    near(kl.observed[1], 0.2);
    near(kl.expected[2], 0.05);
    near(kl.observed_tail[1], 0.2);
    near(kl.expected_tail[0], 0.025);
    assert_ok(
        numbers(
            a,
            "{\"weights\": [0.3, 0.15, 0.05, 0.1, 0.2], \"bins\": [-3, -2, -1, 0, 1, 2], \"tail_weights\": [0.1, 0.1]}",
            0, 0, &kl, &err),
        err);
    near(kl.divergence, 0.22229345558433275);
    assert_ok(numbers(a, "{\"weights\": [0.3, 0.15, 0.05, 0.1, 0.4], \"bins\": [-3, -2, -1, 0, 1, 2]}", 0, 0,
                      &kl, &err),
              err);
    assert_true(isinf(kl.divergence)); /* three values above, where nothing is expected */
}

static void test_numbers_to_infinity(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_err err = {0};
    hp_kl kl;
    assert_ok(
        numbers(
            a,
            "{\"weights\": [0.3, 0.15, 0.05, 0.05, 0.2, 0.25], \"bins\": [-3, -2, -1, 0, 1, 2, \"Infinity\"]}",
            0.02, 0, &kl, &err),
        err);
    near(kl.divergence, 0.15165764060168035);
    assert_int_equal(kl.n, 5);
    assert_true(kl.edge[0] == -3 && kl.edge[5] == 2);
    near(kl.observed_tail[1], 0.2);
    near(kl.expected_tail[0], 0.02);
    const char *both =
        "{\"weights\": [0.3, 0.15, 0.05, 0.05, 0.2, 0.25], \"bins\": [\"-Infinity\", -2, -1, 0, 1, 2, \"Infinity\"]}";
    assert_ok(numbers(a, both, 0, 0, &kl, &err), err);
    near(kl.divergence, 0.1314549332841609);
    assert_int_equal(kl.n, 4);
    assert_true(kl.edge[0] == -2);
    near(kl.expected_tail[0], 0.3);
    assert_int_equal(numbers(a, both, 0.01, 0, &kl, &err), HP_CONFIG);
    assert_contains(err.message, "suites/a.json:7: tail_weight_holdout cannot be used");
}

static void test_holdouts_refused(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_err err = {0};
    hp_kl kl;
    const char *tails = "{\"weights\": [0.8], \"bins\": [0, 1], \"tail_weights\": [0.1, 0.1]}";
    assert_int_equal(numbers(a, tails, 0.1, 0, &kl, &err), HP_CONFIG);
    assert_contains(err.message, "must be 0 when using tail_weights");
    assert_int_equal(numbers(a, tails, 0, 1.5, &kl, &err), HP_CONFIG);
    assert_contains(err.message, "internal_weight_holdout must be between zero and one");
    assert_int_equal(
        numbers(a, "{\"weights\": [0.8], \"bins\": [0, \"Infinity\"], \"tail_weights\": [0.1, 0.1]}", 0, 0,
                &kl, &err),
        HP_CONFIG);
    assert_contains(err.message, "endpoint at infinity");
}

static void test_no_memory(void **state) {
    (void)state;
    for (uint64_t n = 1; n < 200; n++) {
        hp_autoarena *a = hp_arena_new(NULL);
        hp_err err = {0};
        hp_kl kl;
        uint64_t before = hp_mem_failures();
        hp_mem_fail_at(n);
        hp_code code = numbers(a, "{\"weights\": [0.8], \"bins\": [0, 1], \"tail_weights\": [0.1, 0.1]}", 0,
                               0, &kl, &err);
        hp_mem_fail_at(0);
        if (hp_mem_failures() == before) {
            assert_int_equal(code, HP_OK);
            return;
        }
        assert_true(code == HP_RETRY
                    || code == HP_OK); /* an arena that gets no large block takes a small one */
    }
    fail_msg("it never came to an end");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_infinite_edges),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_numbers_to_infinity),
        cmocka_unit_test(test_holdouts_refused),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
