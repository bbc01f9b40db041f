/* Where profiles are looked for. Runs in the root of the repository, so that ./profiles is the shipped one.
 */
#include "profile/profile.h"

#include "base/file.h"
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/profile-XXXXXX";
static const char *const files[] = {"mine.yml", "mine.json", "test.yaml", ".hidden.yaml", "notes.txt"};

static void path_of(const char *name, char *out, size_t n) { snprintf(out, n, "%s/%s", folder, name); }

static int set_up(void **state) {
    (void)state;
    char path[128];
    if (!mkdtemp(folder)) return -1;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        path_of(files[i], path, sizeof path);
        if (hp_write_file(path, HP_S("name: x\n"), NULL) != HP_OK) return -1;
    }
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    char path[128];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        path_of(files[i], path, sizeof path);
        unlink(path);
    }
    return rmdir(folder);
}

static void assert_found(const char *name, const char *const *dirs, size_t n, const char *wanted) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_str path = {0};
    hp_err e = {0};
    assert_ok(hp_profile_find(a, hp_str_of(name), dirs, n, &path, &e), e);
    assert_view(path, wanted);
}

static void given_directories_come_first(void **state) {
    (void)state;
    const char *dirs[] = {"no/such/place", folder};
    char wanted[128];
    path_of("test.yaml", wanted, sizeof wanted);
    assert_found("test", dirs, 2, wanted);
    assert_found("test", NULL, 0, "profiles/test.yaml");
    assert_found("aviation", dirs, 2, "profiles/aviation.yaml");
    path_of("mine.yml", wanted, sizeof wanted);
    assert_found("mine", dirs, 2, wanted); /* .yml before .json */
}

static void a_path_is_a_path(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    const char *dirs[] = {folder};
    hp_str path = {0};
    hp_err e = {0};
    char wanted[128];
    path_of("mine.json", wanted, sizeof wanted);
    assert_found(wanted, NULL, 0, wanted);
    assert_found("profiles/test.yaml", dirs, 1, "profiles/test.yaml");
    assert_int_equal(hp_profile_find(a, HP_S("test.yaml"), dirs, 1, &path, &e),
                     HP_CONFIG); /* not in this directory */
    assert_int_equal(hp_profile_find(a, HP_S("profiles/"), dirs, 1, &path, &e), HP_CONFIG);
    assert_null(path.p);
    assert_contains(e.message, "no profile at profiles/");
}

static void an_unknown_name_says_where_it_looked(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    const char *dirs[] = {"no/such/place"};
    hp_str path = {0};
    hp_err e = {0};
    assert_int_equal(hp_profile_find(a, HP_S("avation"), dirs, 1, &path, &e), HP_CONFIG);
    assert_contains(e.message, "no profile \"avation\" in no/such/place (no such directory), profiles, ");
    assert_contains(e.message, "did you mean \"aviation\"?");
    assert_string_equal(e.stage, "profile");
    assert_int_equal(hp_profile_find(a, HP_S("zzzzzzzzzzzz"), NULL, 0, &path, &e), HP_CONFIG);
    assert_contains(e.message, "hotpass profile list");
    assert_int_equal(hp_profile_find(a, HP_S(""), NULL, 0, &path, &e), HP_CONFIG);
}

static void the_list_is_by_name_and_first_found_wins(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    const char *dirs[] = {folder, "no/such/place"};
    hp_str *paths = NULL;
    size_t n = 0;
    hp_err e = {0};
    assert_ok(hp_profile_list(a, dirs, 2, &paths, &n, &e), e);
    char mine[128], test[128];
    path_of("mine.yml", mine, sizeof mine);
    path_of("test.yaml", test, sizeof test);
    const char *wanted[] = {"profiles/aviation.yaml", "profiles/generic.yaml", mine, test};
    assert_int_equal(n, 4);
    for (size_t i = 0; i < 4; i++) assert_view(paths[i], wanted[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(given_directories_come_first),
        cmocka_unit_test(a_path_is_a_path),
        cmocka_unit_test(an_unknown_name_says_where_it_looked),
        cmocka_unit_test(the_list_is_by_name_and_first_found_wins),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
