/* Statistics of columns, against numpy, pandas and scipy. */
#include <math.h>

#include "unit.h"

#include "check/stats.h"

/* Goldens: numpy 2.4.6, pandas 3.1.1, scipy 1.17.1; each test names the call. */

static void near(double got, double wanted, double relative) {
    if (isnan(wanted) ? isnan(got) : got == wanted || fabs(got - wanted) <= relative * fabs(wanted)) return;
    fail_msg("got %.17g, wanted %.17g", got, wanted);
}

static const double some[] = {3.5, -1.25, 0.1, 0.2, 0.3, 7, 7, 2.75, -8.5, 12, 1e6};
#define NSOME (sizeof some / sizeof *some)

/* pd.Series(x).sum(), .mean(), .std(), .median() */
static void test_moments(void **state) {
    (void)state;
    double x[NSOME];
    memcpy(x, some, sizeof x);
    near(hp_stat_sum(x, NSOME), 1000023.1, 1e-15);
    near(hp_stat_mean(x, NSOME), 90911.1909090909, 1e-15);
    near(hp_stat_stdev(x, NSOME), 301510.6481333891, 1e-15);
    hp_stat_sort(x, NSOME);
    near(hp_stat_median(x, NSOME), 2.75, 0);
    near(hp_stat_median(x, NSOME - 1), 1.525, 1e-15);
}

static void test_too_few(void **state) {
    (void)state;
    near(hp_stat_sum(NULL, 0), 0, 0);
    near(hp_stat_mean(NULL, 0), NAN, 0);
    near(hp_stat_median(NULL, 0), NAN, 0);
    near(hp_stat_stdev(some, 1), NAN, 0);
    near(hp_stat_quantile(NULL, 0, 0.5, HP_INTERPOLATE_LINEAR), NAN, 0);
}

/* The order of the values does not show: the exact sum is 2, plain addition in this order gives 0. */
static void test_sum_in_any_order(void **state) {
    (void)state;
    near(hp_stat_sum((double[]){1, 1e100, 1, -1e100}, 4), 2, 0);
    near(hp_stat_sum((double[]){1e100, -1e100, 1, 1}, 4), 2, 0);
    near(hp_stat_stdev((double[]){1e9 + 1, 1e9 + 2, 1e9 + 3}, 3), 1, 0);
    near(hp_stat_stdev((double[]){0.1, 0.1, 0.1}, 3), 0, 0);
}

/* pd.Series(x).quantile([0, .05, .25, .333, .45, .75, .9, 1], interpolation=how) */
static void test_quantiles(void **state) {
    (void)state;
    static const double q[] = {0, 0.05, 0.25, 0.333, 0.45, 0.75, 0.9, 1};
    static const double wanted[][8] = {
        {-8.5, -8.5, 0.1, 0.2, 0.3, 7.0, 12.0, 1000000.0},
        {-8.5, -4.875, 0.15000000000000002, 0.233, 1.525, 7.0, 12.0, 1000000.0},
        {-8.5, -8.5, 0.1, 0.2, 0.3, 7.0, 12.0, 1000000.0},
        {-8.5, -1.25, 0.2, 0.3, 2.75, 7.0, 12.0, 1000000.0},
        {-8.5, -4.875, 0.15000000000000002, 0.25, 1.525, 7.0, 12.0, 1000000.0},
    };
    static const char *const names[] = {"nearest", "linear", "lower", "higher", "midpoint"};
    double x[NSOME];
    memcpy(x, some, sizeof x);
    hp_stat_sort(x, NSOME);
    for (size_t k = 0; k < 5; k++) {
        hp_interpolation how;
        assert_true(hp_interpolation_named(hp_str_of(names[k]), &how));
        for (size_t i = 0; i < 8; i++) near(hp_stat_quantile(x, NSOME, q[i], how), wanted[k][i], 1e-15);
    }
}

static void test_interpolation_names(void **state) {
    (void)state;
    hp_interpolation how = HP_INTERPOLATE_LINEAR;
    assert_true(hp_interpolation_named(HP_S("false"), &how));
    assert_int_equal(how, HP_INTERPOLATE_NEAREST);
    assert_false(hp_interpolation_named(HP_S("cubic"), &how));
}

static void test_z_scores(void **state) {
    (void)state;
    assert_true(hp_stat_z_under(3, 2, 1, 1.96, true));
    assert_false(hp_stat_z_under(4, 2, 1, 1.96, true));
    assert_false(hp_stat_z_under(0, 2, 1, 1.96, true));
    assert_false(hp_stat_z_under(0, 2, 1, -1.96, true));
    assert_true(hp_stat_z_under(0, 2, 1, 1.96, false));
    assert_false(hp_stat_z_under(4, 2, 1, 2, true)); /* the threshold itself is not under it */
    assert_true(hp_stat_z_under(4, 2, 0, 1, true));
    assert_true(hp_stat_z_under(4, 2, NAN, 1, true));
}

/* scipy.stats.chisquare(observed, expected).pvalue */
static void test_chisquare(void **state) {
    (void)state;
    near(hp_stat_chisquare_p((double[]){16, 18, 16, 14, 12, 12}, (double[]){16, 16, 16, 16, 16, 8}, 6),
         0.6233876277495822, 1e-13);
    near(hp_stat_chisquare_p((double[]){50, 30, 20}, (double[]){60, 25, 15}, 3), 0.11455884399268768, 1e-13);
    near(hp_stat_chisquare_p((double[]){1000, 1200}, (double[]){1100, 1100}, 2), 2.007865612426481e-05,
         1e-13);
    near(hp_stat_chisquare_p((double[]){5, 5}, (double[]){5, 5}, 2), 1, 0);
    near(hp_stat_chisquare_p((double[]){400, 1, 1}, (double[]){134, 134, 134}, 3), 1.0224972661859217e-172,
         1e-11);
    near(hp_stat_chisquare_p((double[]){4, 1}, (double[]){5, 0}, 2), 0, 0);
    near(hp_stat_chisquare_p((double[]){4}, (double[]){4}, 1), NAN, 0);
}

/* scipy.stats.entropy(p, q) */
static void test_divergence(void **state) {
    (void)state;
    near(hp_stat_divergence((double[]){.5, .25, .25}, (double[]){.6, .3, .1}, 3), 0.09233151537307263, 1e-14);
    near(hp_stat_divergence((double[]){1, 2, 3, 0}, (double[]){4, 3, 2, 1}, 4), 0.34735408159736963, 1e-14);
    near(hp_stat_divergence((double[]){1, 1}, (double[]){1, 0}, 2), INFINITY, 0);
    near(hp_stat_divergence((double[]){1, 0}, (double[]){1, 0}, 2), 0, 0);
    near(hp_stat_divergence((double[]){0, 0}, (double[]){1, 1}, 2), NAN, 0);
}

/* c = scipy.stats.chi2_contingency(t); sqrt(c.statistic / t.sum() / (min(t.shape) - 1)) */
static void test_cramers_phi(void **state) {
    (void)state;
    near(hp_stat_cramers_phi((double[]){10, 20, 30, 6, 9, 17}, 2, 3, 92), 0.05433137570422292, 1e-13);
    near(hp_stat_cramers_phi((double[]){8, 2, 1, 5}, 2, 2, 16), 0.4879500364742666, 1e-13);
    near(hp_stat_cramers_phi((double[]){2, 0, 0, 0, 1, 1, 0, 0, 2}, 3, 3, 6), 0.8164965809277261, 1e-13);
    near(hp_stat_cramers_phi((double[]){3, 0, 0, 0, 3, 0, 0, 0, 3}, 3, 3, 9), 1, 0);
    near(hp_stat_cramers_phi((double[]){3, 4}, 1, 2, 7), NAN, 0);
}

/* np.histogram_bin_edges([1, 2, 3, 4], bins=10); np.histogram([0, 1, 1.5, 2, 3, 3.1, -1], [0, 1, 2, 3]) */
static void test_histogram(void **state) {
    (void)state;
    double edge[11];
    hp_stat_edges(1, 4, 10, edge);
    near(edge[1], 1.3, 1e-15);
    near(edge[3], 1.9, 1e-15);
    near(edge[10], 4, 0);
    hp_stat_edges(2, 2, 1, edge);
    near(edge[0], 1.5, 0);
    near(edge[1], 2.5, 0);
    uint64_t count[3], below, above;
    hp_stat_histogram((double[]){0, 1, 2, 3}, 3, (double[]){0, 1, 1.5, 2, 3, 3.1, -1}, 7, count, &below,
                      &above);
    assert_int_equal(count[0], 1);
    assert_int_equal(count[1], 2);
    assert_int_equal(count[2], 2);
    assert_int_equal(below, 1);
    assert_int_equal(above, 1);
}

/* scipy.stats.kstwo.sf(d, n) */
static void test_kolmogorov(void **state) {
    (void)state;
    static const struct {
        uint64_t n;
        double d, p;
    } cases[] = {
        {1, 0.3, 1.0},
        {1, 0.7, 0.6000000000000001},
        {2, 0.6, 0.32000000000000006},
        {5, 0.12, 0.999987712},
        {5, 0.35, 0.46975},
        {10, 0.05, 1.0},
        {10, 0.25, 0.4841115325000003},
        {10, 0.6, 0.0005681672000000003},
        {20, 0.3, 0.04306706665851623},
        {50, 0.05, 0.9990238098461883},
        {50, 0.13, 0.33718440112506376},
        {140, 0.02, 0.9999999774822331},
        {140, 0.06, 0.6719092248862638},
        {140, 0.1, 0.11353657290090946},
        {140, 0.16, 0.0013440163244194184},
        {140, 0.3, 1.1370251710737309e-11},
        {141, 0.06, 0.6677160791348915},
        {500, 0.003, 1.0},
        {500, 0.02, 0.9859871786857471},
        {500, 0.05, 0.15866260223815387},
        {500, 0.09, 0.0005653758236787942},
        {1000, 0.0011, 1.0},
        {1000, 0.01, 0.9999496745370611},
        {1000, 0.03, 0.3226902143914636},
        {1000, 0.06, 0.001428597887952891},
        {5000, 0.01, 0.6954557253913853},
        {5000, 0.02, 0.03613941395325637},
        {20000, 0.002, 0.9999979895410975},
        {20000, 0.005, 0.6974088406327613},
        {20000, 0.012, 0.006251252284121751},
        {100000, 0.0005, 1.0},
        {100000, 0.0015, 0.9777924512897062},
        {100000, 0.004, 0.08130148920222469},
        {100000, 0.006, 0.0014871489301131564},
        {1000000, 0.0008, 0.5438713666611479},
        {1000000, 0.0014, 0.039644828095589335},
        {1000000, 0.002, 0.0006700277103670718},
        {1000000, 0.006, 1.0711416114716671e-31},
        {1000000, 0.02, 0.0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double got = hp_stat_kolmogorov_sf(cases[i].n, cases[i].d);
        double relative = cases[i].n < 1000000 ? 1e-9 : 1e-7; /* a sum of a million terms */
        if (fabs(got - cases[i].p) > relative * cases[i].p + 1e-13)
            fail_msg("n %llu, d %g: got %.17g, wanted %.17g", (unsigned long long)cases[i].n, cases[i].d, got,
                     cases[i].p);
    }
    near(hp_stat_kolmogorov_sf(0, 0.5), NAN, 0);
    near(hp_stat_kolmogorov_sf(5, 1), 0, 0);
    near(hp_stat_kolmogorov_sf(5, 0), 1, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moments),
        cmocka_unit_test(test_too_few),
        cmocka_unit_test(test_sum_in_any_order),
        cmocka_unit_test(test_quantiles),
        cmocka_unit_test(test_interpolation_names),
        cmocka_unit_test(test_z_scores),
        cmocka_unit_test(test_chisquare),
        cmocka_unit_test(test_divergence),
        cmocka_unit_test(test_cramers_phi),
        cmocka_unit_test(test_histogram),
        cmocka_unit_test(test_kolmogorov),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
