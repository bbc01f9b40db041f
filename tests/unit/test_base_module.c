#include "base/module.h"
#include "unit.h"

#include <zlib.h>

static __typeof__(&zlibVersion) version;
static __typeof__(&crc32) crc;

static const hp_module_function FUNCTION[] = {{"zlibVersion", &version}, {"crc32", &crc}};

static void a_library_is_loaded_on_first_use(void **state) {
    (void)state;
    hp_err err = {0};
    static hp_module zlib = {
        .file = "libz.so.1", .install = "install the package zlib1g", .function = FUNCTION, .functions = 2};
    assert_null(version);
    assert_int_equal(hp_module_load(&zlib, &err), HP_OK);
    assert_string_equal(version(), ZLIB_VERSION);
    assert_int_equal(crc(0, (const unsigned char *)"123456789", 9), 0xcbf43926);
    assert_int_equal(hp_module_load(&zlib, &err), HP_OK);
    assert_string_equal(err.message, "");
}

static void a_missing_library_says_what_to_install(void **state) {
    (void)state;
    hp_err err = {0};
    static hp_module none = {.file = "libnosuch.so.7",
                             .install = "install the package nosuch",
                             .function = FUNCTION,
                             .functions = 2};
    assert_int_equal(hp_module_load(&none, &err), HP_CONFIG);
    assert_non_null(strstr(err.message, "libnosuch.so.7 cannot be loaded: "));
    assert_non_null(strstr(err.message, "; install the package nosuch"));
    assert_int_equal(hp_module_load(&none, NULL), HP_CONFIG);
}

static void one_of_ours_says_where_it_was_looked_for(void **state) {
    (void)state;
    hp_err err = {0};
    static hp_module ours = {.file = "libhotpass_nosuch.so",
                             .built = "src/clean",
                             .install = "install hotpass again",
                             .function = FUNCTION,
                             .functions = 2};
    assert_int_equal(hp_module_load(&ours, &err), HP_CONFIG);
    assert_non_null(strstr(err.message, "../lib/hotpass; install hotpass again"));
}

static void a_library_without_the_function_is_not_taken(void **state) {
    (void)state;
    static void (*nothing)(void);
    static const hp_module_function odd[] = {{"hp_no_such_function", &nothing}};
    hp_err err = {0};
    static hp_module zlib = {
        .file = "libz.so.1", .install = "install a newer one", .function = odd, .functions = 1};
    assert_int_equal(hp_module_load(&zlib, &err), HP_CONFIG);
    assert_string_equal(err.message,
                        "libz.so.1 cannot be loaded: it has no hp_no_such_function; install a newer one");
    assert_null(nothing);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_library_is_loaded_on_first_use),
        cmocka_unit_test(a_missing_library_says_what_to_install),
        cmocka_unit_test(one_of_ours_says_where_it_was_looked_for),
        cmocka_unit_test(a_library_without_the_function_is_not_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
