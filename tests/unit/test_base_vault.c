/* The vault when memory runs out: it says so, and what was kept before stays. The rest is in
 * tests/e2e/test_credentials.py. */
#include "base/vault.h"

#include "base/file.h"
#include "base/mem.h"
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/vault-XXXXXX";

static int set_up(void **state) {
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    static const char *const NAMES[] = {HP_VAULT_FILE, HP_VAULT_KEY, ".credentials.lock"};
    for (size_t i = 0; i < 3; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", folder, NAMES[i]);
        unlink(path);
    }
    return rmdir(folder);
}

static hp_code put(const char *value, hp_err *e) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_secret *s = a ? hp_secret_new(hp_str_of(value)) : NULL;
    hp_code code = s ? hp_vault_put(a, folder, HP_S("a.b"), s, NULL, NULL, e) : HP_RETRY;
    hp_secret_free(s);
    return code;
}

static hp_code get(const char *wanted, hp_err *e) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_secret *s = NULL;
    hp_code code = a ? hp_vault_get(a, folder, HP_S("a.b"), &s, e) : HP_RETRY;
    if (code == HP_OK) assert_view(hp_secret_reveal(s), wanted);
    hp_secret_free(s);
    return code;
}

static void names(void **state) {
    (void)state;
    static const char *const GOOD[] = {"a", "prefect.api_key", "a-1"}, *const BAD[] = {"",        "A",   "1a",
                                                                                       "a b",     "a/b", ".a",
                                                                                       "\xC3\xA9"};
    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) assert_true(hp_vault_name_ok(hp_str_of(GOOD[i])));
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) assert_false(hp_vault_name_ok(hp_str_of(BAD[i])));
}

static void without_memory_nothing_is_lost(void **state) {
    (void)state;
    hp_err e = {0};
    assert_ok(put("first", &e), e);
    hp_code code = HP_RETRY;
    for (uint64_t n = 1; code != HP_OK && n < 5000; n++) {
        hp_mem_fail_at(n);
        code = put("second", &e);
        hp_mem_fail_at(0);
        if (code != HP_OK) assert_int_equal(code, HP_RETRY);
        if (code != HP_OK) assert_ok(get("first", &e), e);
    }
    assert_int_equal(code, HP_OK);
    code = HP_RETRY;
    for (uint64_t n = 1; code != HP_OK && n < 5000; n++) {
        hp_mem_fail_at(n);
        code = get("second", &e);
        hp_mem_fail_at(0);
        if (code != HP_OK) assert_int_equal(code, HP_RETRY);
    }
    assert_int_equal(code, HP_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(names),
                                       cmocka_unit_test(without_memory_nothing_is_lost)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
