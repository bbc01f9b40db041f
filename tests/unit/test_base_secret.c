#include "base/file.h"
#include "base/mem.h"
#include "base/secret.h"
#include "unit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void count_bytes(hp_str bytes, void *ctx) { *(size_t *)ctx += bytes.n; }

static size_t living(void) {
    size_t n = 0;
    hp_secret_each(count_bytes, &n);
    return n;
}

static void lives_and_is_forgotten(void **state) {
    (void)state;
    char own[] = "hunter2";
    hp_secret *a = hp_secret_new(hp_str_of(own)), *b = hp_secret_new(HP_S("abc")),
              *c = hp_secret_new((hp_str){0});
    assert_true(a && b && c);
    memset(own, 0, sizeof own);
    assert_view(hp_secret_reveal(a), "hunter2");
    assert_int_equal(living(), 10);
    hp_secret_free(b); /* from the middle of the list */
    assert_int_equal(living(), 7);
    hp_secret_free(a);
    hp_secret_free(c);
    hp_secret_free(NULL);
    assert_int_equal(living(), 0);
}

static void comes_from_a_private_file(void **state) {
    (void)state;
    char path[] = "/tmp/hp-secret-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    hp_err e = {0};
    hp_secret *s = NULL;
    assert_ok(hp_write_file(path, HP_S("first line\r\nsecond\n"), &e), e);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(hp_secret_from_file(path, &s, &e), HP_NOPERM);
    assert_contains(e.message, "chmod 600");
    assert_null(strstr(e.message, "first"));
    assert_int_equal(chmod(path, 0600), 0);
    assert_ok(hp_secret_from_file(path, &s, &e), e);
    assert_view(hp_secret_reveal(s), "first line");
    hp_secret_free(s);
    s = NULL;
    assert_ok(hp_write_file(path, HP_S("\nsecond"), &e), e);
    assert_int_equal(hp_secret_from_file(path, &s, &e), HP_NOINPUT);
    assert_int_equal(hp_secret_from_file("/tmp", &s, &e), HP_NOINPUT);
    unlink(path);
    assert_int_equal(hp_secret_from_file(path, &s, &e), HP_NOINPUT);
    assert_null(s);
    assert_int_equal(living(), 0);
}

static void memory_failure_is_an_answer(void **state) {
    (void)state;
    hp_mem_fail_at(1);
    assert_null(hp_secret_new(HP_S("x")));
    hp_mem_fail_at(0);
    assert_int_equal(living(), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lives_and_is_forgotten),
        cmocka_unit_test(comes_from_a_private_file),
        cmocka_unit_test(memory_failure_is_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
