#include "unit.h"

#include <unistd.h>

#include "base/limits.h"

static int defaults_again(void **state) {
    (void)state;
    hp_limit_reset();
    return 0;
}

static void begins_with_the_defaults(void **state) {
    (void)state;
    for (int id = 0; id < HP_LIMIT_COUNT; id++) {
        const hp_limit_info *l = hp_limit_get((hp_limit_id)id);
        assert_true(hp_limit((hp_limit_id)id) == l->standard);
        assert_true(l->name[0] && strlen(l->reason) > 20);
        for (int other = 0; other < id; other++)
            assert_string_not_equal(l->name, hp_limit_get((hp_limit_id)other)->name);
    }
    assert_int_equal(HP_LIMIT_INFLATE_RATIO, 250);
    assert_int_equal(HP_LIMIT_INFLATE_RATIO_FROM, 64 << 20);
}

static void sets_by_name(void **state) {
    (void)state;
    hp_err err = {0};
    assert_ok(hp_limit_set(HP_S("part-size=8G"), &err), err);
    assert_true(HP_LIMIT_PART_BYTES == 8ull << 30);
    assert_ok(hp_limit_set(HP_S("zip-entries=70000"), &err), err);
    assert_int_equal(HP_LIMIT_ZIP_ENTRIES, 70000);
    assert_ok(hp_limit_set(HP_S("sheets=99999999999"), &err), err);
    assert_int_equal(HP_LIMIT_SHEETS, UINT32_MAX); /* where it is counted in 32 bits */
    hp_limit_reset();
    assert_int_equal(HP_LIMIT_ZIP_ENTRIES, 65535);
}

static void refuses_what_is_no_limit(void **state) {
    (void)state;
    static const struct {
        const char *given, *says;
    } BAD[] = {
        {"part-sise=8G", "did you mean part-size?"},
        {"qqqqqqqqq=1", "the limits are file-size, "},
        {"part-size", "NAME=VALUE"},
        {"part-size=", "is no size"},
        {"part-size=8X", "is no size"},
        {"part-size=-1", "is no size"},
        {"part-size=0", "is no size"},
        {"zip-entries=8G", "is no whole number"},
        {"zip-entries=0", "at least 1"},
        {"zip-entries=-5", "is no whole number"},
        {"wall-clock=soon", "(seconds)"},
    };
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        hp_err err = {0};
        assert_int_equal(hp_limit_set(hp_str_of(BAD[i].given), &err), HP_USAGE);
        if (!strstr(err.message, BAD[i].says)) fail_msg("%s: %s", BAD[i].given, err.message);
    }
    assert_true(HP_LIMIT_PART_BYTES == hp_limit_get(HP_L_PART_BYTES)->standard);
}

static void says_how_to_raise(void **state) {
    (void)state;
    hp_err err = {0};
    assert_int_equal(hp_fail_limit(&err, HP_L_CELLS, "x: has %d cells", 5), HP_DATA);
    assert_string_equal(err.message, "x: has 5 cells; raise it with --limit cells=N");
    (void)hp_fail_limit(&err, HP_L_PART_BYTES, "too long");
    assert_string_equal(err.message, "too long; raise it with --limit part-size=SIZE");
    (void)hp_fail_limit(NULL, HP_L_CELLS, "nobody asks");
}

static void keeps_time(void **state) {
    (void)state;
    hp_err err = {0};
    assert_ok(hp_deadline_check(&err), err);
    assert_ok(hp_limit_set(HP_S("wall-clock=99999999999999"), &err), err);
    assert_ok(hp_deadline_check(&err), err);
    assert_ok(hp_limit_set(HP_S("wall-clock=1"), &err), err);
    usleep(1100000);
    assert_int_equal(hp_deadline_check(&err), HP_DATA);
    assert_non_null(strstr(err.message, "--limit wall-clock=SECONDS"));
    assert_ok(hp_limit_set(HP_S("wall-clock=0"), &err), err);
    assert_ok(hp_deadline_check(&err), err);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(begins_with_the_defaults, defaults_again),
        cmocka_unit_test_teardown(sets_by_name, defaults_again),
        cmocka_unit_test_teardown(refuses_what_is_no_limit, defaults_again),
        cmocka_unit_test_teardown(says_how_to_raise, defaults_again),
        cmocka_unit_test_teardown(keeps_time, defaults_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
