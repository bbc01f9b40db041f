/* The table of synonyms: in comparable form, no field twice under one name, weights in range. */
#include "table_builder.h"

#include "map/parts.h"

static void comparable(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    size_t n;
    const hp_map_synonym *s = hp_map_synonyms(&n);
    assert_true(n > 250);
    for (size_t i = 0; i < n; i++) {
        hp_map_name name = hp_map_name_of(a, hp_str_of(s[i].text), false);
        assert_view(name.words, s[i].text);
        assert_true(s[i].weight >= 0.7 && s[i].weight <= 1);
        assert_true(s[i].field > HP_F_NONE && s[i].field < HP_FIELD_COUNT);
    }
}

static void once(void **state) {
    (void)state;
    size_t n;
    const hp_map_synonym *s = hp_map_synonyms(&n);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = i + 1; k < n; k++) {
            if (s[i].field == s[k].field && !strcmp(s[i].text, s[k].text))
                fail_msg("\"%s\" is there twice", s[i].text);
        }
    }
}

static void every_field_has_one(void **state) {
    (void)state;
    size_t n;
    const hp_map_synonym *s = hp_map_synonyms(&n);
    for (int f = 1; f < HP_FIELD_COUNT; f++) {
        size_t k = 0;
        while (k < n && (int)s[k].field != f) k++;
        if (k == n) fail_msg("%s has no synonym", hp_field_get((hp_field)f)->name);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(comparable), cmocka_unit_test(once),
                                       cmocka_unit_test(every_field_has_one)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
