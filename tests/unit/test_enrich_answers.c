/* What providers answer, before anything is decided. */
#include "enrich_case.h"

static void suggestions_are_sorted_whatever_their_order(void **state) {
    (void)state;
    hp_err err = {0};
    hp_answers *a = hp_calloc(1, sizeof *a);
    const hp_suggestion list[] = {
        {.ask = 1, .field = HP_F_WEBSITE, .value = HP_S("b"), .confidence = 0.5},
        {.ask = 0, .field = HP_F_WEBSITE, .value = HP_S("z"), .confidence = 0.5},
        {.ask = 0, .field = HP_F_WEBSITE, .value = HP_S("y"), .confidence = 0.9},
        {.ask = 0, .field = HP_F_PROVINCE, .value = HP_S("x"), .confidence = 0.1},
        {.ask = 0, .field = HP_F_WEBSITE, .value = HP_S("a"), .confidence = 0.5},
        {.ask = 0,
         .field = HP_F_WEBSITE,
         .value = HP_S(""),
         .confidence = 1}, /* nothing is suggested by it */
        {.ask = 7, .field = HP_F_WEBSITE, .value = HP_S("?"), .confidence = 1} /* nobody asked */
    };
    hp_autobuf got = hp_buf_new(100);
    assert_non_null(a);
    assert_ok(hp_answers_begin(a, 2, &err), err);
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) assert_ok(hp_suggest(a, &list[i], &err), err);
    hp_answers_sort(a);
    for (size_t i = 0; i < a->list.n; i++) hp_buf_add(&got, a->list.p[i].value);
    assert_view(hp_buf_str(&got), "xyazb");
    assert_ok(hp_answers_begin(a, 2, &err), err);
    assert_int_equal(a->list.n, 0);
    hp_answers_free(a);
    hp_free(a);
}

static void the_gravest_outcome_stays(void **state) {
    (void)state;
    hp_err err = {0};
    hp_answers *a = hp_calloc(1, sizeof *a);
    assert_non_null(a);
    assert_ok(hp_answers_begin(a, 1, &err), err);
    assert_int_equal(a->row[0].net, HP_NET_NOT_USED);
    assert_ok(hp_answer_net(a, 0, HP_NET_USED, HP_S(""), &err), err);
    assert_ok(hp_answer_net(a, 0, HP_NET_FAILED, HP_S("timeout"), &err), err);
    assert_ok(hp_answer_net(a, 0, HP_NET_BLOCKED, HP_S("robots.txt"), &err), err);
    assert_int_equal(a->row[0].net, HP_NET_FAILED);
    assert_view(a->row[0].reason, "timeout");
    hp_answers_free(a);
    hp_free(a);
}

static void every_provider_is_complete(void **state) {
    (void)state;
    size_t n;
    const hp_provider *const *p = hp_providers(&n);
    assert_true(n >= 4);
    for (size_t i = 0; i < n; i++) {
        assert_true(p[i]->name && p[i]->source && p[i]->text && p[i]->open && p[i]->ask && p[i]->close);
        assert_true(p[i]->confidence > 0 && p[i]->confidence <= 1);
        assert_true(!p[i]->network || p[i]->strategy == HP_STRATEGY_RESEARCH);
        for (size_t k = 0; k < i; k++) assert_string_not_equal(p[i]->name, p[k]->name);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(suggestions_are_sorted_whatever_their_order),
        cmocka_unit_test(the_gravest_outcome_stays),
        cmocka_unit_test(every_provider_is_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
