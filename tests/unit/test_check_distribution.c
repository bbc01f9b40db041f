/* Kolmogorov-Smirnov tests against scipy 1.17.1. */
#include <math.h>

#include "unit.h"

#include "base/mem.h"
#include "check/distribution.h"
#include "check/stats.h"

static void near(double got, double wanted, double relative) {
    if (fabs(got - wanted) > relative * fabs(wanted)) fail_msg("got %.17g, wanted %.17g", got, wanted);
}

static hp_node *json(hp_arena *a, const char *text) {
    hp_err err = {0};
    hp_node *node = NULL;
    assert_ok(hp_json_read(a, hp_str_of(text), "params", &node, &err), err);
    return node;
}

static hp_distribution read_it(const char *name, const char *params) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_err err = {0};
    hp_distribution d;
    assert_ok(hp_distribution_read(hp_str_of(name), params ? json(a, params) : NULL, "s.json:1", &d, &err),
              err);
    return d;
}

/* scipy.stats.<name>(*params).cdf(x) */
static void test_cdf(void **state) {
    (void)state;
    static const struct {
        const char *name, *params;
        double x[3], p[3];
    } cases[] = {
        {"norm",
         "[40, 5]",
         {28.368, 37.378, 48.224},
         {0.009998610815754719, 0.30000017826482295, 0.94999446890608}},
        {"uniform", "[-5, 11]", {-4.89, -1.7, 5.45}, {0.01000000000000003, 0.3, 0.95}},
        {"beta",
         "[0.5, 10, 5, 11]",
         {5.083, 5.254, 6.966},
         {0.2993004410948813, 0.500371300774407, 0.9500287458078072}},
        {"gamma",
         "[2, 20, 3]",
         {20.446, 23.292, 34.232},
         {0.010014336457975666, 0.2999941849825226, 0.9500055944220054}},
        {"expon",
         "[4.2, 10]",
         {4.301, 7.767, 34.157},
         {0.010049166284122698, 0.300017539023157, 0.9499983862962607}},
        {"chi2",
         "[30, 3, 5]",
         {77.767, 130.539, 221.865},
         {0.009999686899367696, 0.300002070612357, 0.950000292211627}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hp_distribution d = read_it(cases[i].name, cases[i].params);
        for (size_t k = 0; k < 3; k++) near(hp_distribution_cdf(&d, cases[i].x[k]), cases[i].p[k], 1e-12);
        assert_true(hp_distribution_cdf(&d, -1000) == 0);
        near(hp_distribution_cdf(&d, 1e6), 1, 1e-15);
    }
}

/* r = scipy.stats.kstest(x, name, args=params); r.statistic, r.pvalue */
static void test_ks(void **state) {
    (void)state;
    static const double x[] = {33.9, 35.2, 37.1, 38.6, 39.9, 40.3, 41.7, 42.5, 44.0, 48.8};
    static const struct {
        const char *name, *params;
        double statistic, p;
    } cases[] = {
        {"norm", "[40, 5]", 0.11185539858339666, 0.9979064488176845},
        {"norm", "{\"mean\": 45, \"std_dev\": 5}", 0.49146246127401316, 0.00944751617160755},
        {"uniform", "{\"min\": 30, \"max\": 20}", 0.20000000000000007, 0.7487190399999994},
        {"gamma", "{\"alpha\": 64, \"loc\": 0, \"scale\": 0.625}", 0.10864607982440122, 0.9986131122160513},
        {"expon", "[30, 10]", 0.32294312550183524, 0.1989548162423027},
        {"chi2", "{\"df\": 40}", 0.2596221672759106, 0.43692888979683553},
        {"beta", "{\"alpha\": 2, \"beta\": 2, \"loc\": 30, \"scale\": 20}", 0.11640625000000004,
         0.9964604914674653},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hp_distribution d = read_it(cases[i].name, cases[i].params);
        hp_ks ks = hp_ks_test(&d, x, 10);
        near(ks.statistic, cases[i].statistic, 1e-12);
        near(ks.p, cases[i].p, 1e-10);
    }
    hp_distribution d = read_it("norm", NULL);
    assert_true(isnan(hp_ks_test(&d, x, 0).p));
}

static void test_bad_parameters(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    static const struct {
        const char *name, *params, *says;
    } cases[] = {
        {"poisson", "[1]", "\"poisson\" is not known"}, {"beta", "[1]", "\"beta\" in params"},
        {"beta", "[1, 0]", "must be above 0"},          {"gamma", "{\"scale\": 2}", "\"alpha\" in params"},
        {"norm", "[0, -1]", "must be above 0"},         {"norm", "[0, 1, 2]", "at most 2"},
        {"chi2", "[\"x\"]", "\"df\" in params"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hp_err err = {0};
        hp_distribution d;
        assert_int_equal(hp_distribution_read(hp_str_of(cases[i].name), json(a, cases[i].params),
                                              "suites/a.json:7", &d, &err),
                         HP_CONFIG);
        assert_contains(err.message, "suites/a.json:7: ");
        assert_contains(err.message, cases[i].says);
    }
}

#define NVALUES 500

/* Values spread evenly over the partition, and the same ones moved out of it. */
static hp_code bootstrap(const char *partition, double shift, double *out, hp_err *err) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_partition p;
    double x[NVALUES];
    HP_TRY(hp_partition_read(a, json(a, partition), "s.json:1", &p, err));
    for (size_t i = 0; i < NVALUES; i++) x[i] = shift + 4.0 * ((double)i + 0.5) / NVALUES;
    return hp_ks_bootstrap(&p, x, NVALUES, 0.05, 0, 0, "s.json:1", out, err);
}

/* Great Expectations' own numbers are random: near 0.95 when the distribution is right (each sample fails
 * with probability p), near 0 when it is wrong. */
static void test_bootstrap(void **state) {
    (void)state;
    hp_err err = {0};
    double right = -1, again = -2, wrong = -1;
    const char *even = "{\"bins\": [0, 1, 2, 3, 4], \"weights\": [0.25, 0.25, 0.25, 0.25]}";
    assert_ok(bootstrap(even, 0, &right, &err), err);
    assert_ok(bootstrap(even, 0, &again, &err), err);
    assert_ok(bootstrap(even, 2, &wrong, &err), err);
    assert_true(right > 0.93 && right < 0.97);
    assert_true(right == again);
    assert_true(wrong < 0.2);
}

static void test_bootstrap_refuses(void **state) {
    (void)state;
    hp_err err = {0};
    double out;
    assert_int_equal(bootstrap("{\"values\": [\"a\", \"b\"], \"weights\": [0.5, 0.5]}", 0, &out, &err),
                     HP_CONFIG);
    assert_contains(err.message, "needs one with bins");
    assert_int_equal(bootstrap("{\"bins\": [\"-Infinity\", 0, 1], \"weights\": [0.5, 0.5]}", 0, &out, &err),
                     HP_CONFIG);
    assert_contains(err.message, "Partition endpoints must be finite");
    assert_int_equal(
        bootstrap("{\"bins\": [0, 1], \"weights\": [0.5], \"tail_weights\": [0.25, 0.25]}", 0, &out, &err),
        HP_CONFIG);
    assert_contains(err.message, "tail weights");
}

static void test_no_memory(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_err err = {0};
    hp_partition p;
    assert_ok(hp_partition_read(a, json(a, "{\"bins\": [0, 1], \"weights\": [1]}"), "s", &p, &err), err);
    for (uint64_t n = 1; n <= 3; n++) {
        double out = -1;
        hp_mem_fail_at(n);
        assert_int_equal(hp_ks_bootstrap(&p, (double[]){0.5}, 1, 0.05, 10, 2, "s", &out, &err), HP_RETRY);
        assert_true(out == -1);
    }
    hp_mem_fail_at(0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cdf),
        cmocka_unit_test(test_ks),
        cmocka_unit_test(test_bad_parameters),
        cmocka_unit_test(test_bootstrap),
        cmocka_unit_test(test_bootstrap_refuses),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
