/* Naming what cleaning did. */
#include "unit.h"

#include "base/limits.h"
#include "clean/clean.h"

static hp_buf scratch;
static hp_clean_step step[2];

static size_t steps(hp_kind kind, const char *raw, const char *clean) {
    return hp_clean_steps(kind, hp_str_of(raw), hp_str_of(clean), &scratch, step);
}

static void clean_values_have_none(void **state) {
    (void)state;
    assert_int_equal(steps(HP_K_TEXT, "Cape Town", "Cape Town"), 0);
}

static void one_step_has_the_name_of_its_kind(void **state) {
    (void)state;
    assert_int_equal(steps(HP_K_PHONE, "082 555 0101", "+27825550101"), 1);
    assert_string_equal(step[0].name, "phone_normalised");
    assert_view(step[0].old, "082 555 0101");
    assert_view(step[0].new, "+27825550101");
    assert_int_equal(steps(HP_K_PROVINCE, "kzn", "KwaZulu-Natal"), 1);
    assert_string_equal(step[0].name, "province_spelled");
}

static void tidying_comes_first(void **state) {
    (void)state;
    assert_int_equal(steps(HP_K_TEXT, "  Cape \t Town", "Cape Town"), 1);
    assert_string_equal(step[0].name, "tidied");
    assert_int_equal(steps(HP_K_PROVINCE, " k\xEF\xBD\x9An ", "KwaZulu-Natal"), 2); /* a full-width z */
    assert_string_equal(step[0].name, "tidied");
    assert_view(step[0].new, "kzn");
    assert_view(step[1].old, "kzn");
    assert_view(step[1].new, "KwaZulu-Natal");
    assert_int_equal(steps(HP_K_ADDRESS, "1 Long Street\nCape Town", "1 Long Street, Cape Town"), 1);
}

static void what_is_emptied_keeps_its_text(void **state) {
    (void)state;
    assert_int_equal(steps(HP_K_TEXT, " n/a ", ""), 1);
    assert_string_equal(step[0].name, "emptied");
    assert_view(step[0].old, " n/a ");
    assert_view(step[0].new, "");
}

static void lists_are_taken_apart(void **state) {
    (void)state;
    assert_int_equal(steps(HP_K_EMAIL, "a@x.example; b@x.example",
                           "a@x.example\x1f"
                           "b@x.example"),
                     1);
    assert_string_equal(step[0].name, "list_split");
    assert_int_equal(steps(HP_K_EMAIL, "A@x.example; b@x.example",
                           "a@x.example\x1f"
                           "b@x.example"),
                     1);
    assert_string_equal(step[0].name, "email_normalised");
}

int main(void) {
    scratch = hp_buf_new(64u * HP_LIMIT_VALUE_BYTES);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clean_values_have_none), cmocka_unit_test(one_step_has_the_name_of_its_kind),
        cmocka_unit_test(tidying_comes_first),    cmocka_unit_test(what_is_emptied_keeps_its_text),
        cmocka_unit_test(lists_are_taken_apart),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    hp_buf_free(&scratch);
    return failed;
}
