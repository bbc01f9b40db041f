#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "ops/evidence/bucket.h"
#include "unit.h"

static void keys_that_are_paths(void **state) {
    (void)state;
    static const char *const GOOD[] = {"a", "a/b.c", "..a/b..", "a b/\xC3\xA9", ".hidden"};
    static const char *const BAD[] = {"", "/a", "a/", "a//b", ".", "..", "a/../b", "./a", "a/."};
    hp_err e = {0};
    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++)
        assert_ok(hp_bucket_key_safe(hp_str_of(GOOD[i]), &e), e);
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        assert_int_equal(hp_bucket_key_safe(hp_str_of(BAD[i]), &e), HP_DATA);
    assert_int_equal(hp_bucket_key_safe((hp_str){"a\0b", 3}, &e), HP_DATA);
}

static void urls(void **state) {
    (void)state;
    static const char *const BAD[] = {"", "evidence", "http://x/y", "file://", "s3:/x"};
    hp_err e = {0};
    hp_bucket *b;
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        assert_int_equal(hp_bucket_open(&(hp_bucket_how){.url = hp_str_of(BAD[i])}, &b, &e), HP_USAGE);
    setenv("AWS_ACCESS_KEY_ID", "AK", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
    assert_int_equal(hp_bucket_open(&(hp_bucket_how){.url = HP_S("s3://No_Bucket/x")}, &b, &e), HP_USAGE);
    assert_int_equal(
        hp_bucket_open(&(hp_bucket_how){.url = HP_S("s3://bucket/x"), .part_bytes = 1000}, &b, &e), HP_USAGE);
    assert_ok(hp_bucket_open(&(hp_bucket_how){.url = HP_S("s3://bucket/a/b/")}, &b, &e), e);
    assert_view(hp_bucket_key(b), "a/b/");
    assert_true(hp_bucket_is_prefix(b));
    hp_autobuf url = hp_buf_new(256);
    hp_bucket_url(b, HP_S("a/b/c"), &url);
    assert_string_equal(hp_buf_cstr(&url), "s3://bucket/a/b/c");
    hp_bucket_close(b);
    unsetenv("AWS_ACCESS_KEY_ID");
    unsetenv("AWS_SECRET_ACCESS_KEY");
}

static void an_object_that_was_there_without_a_record(void **state) {
    (void)state;
    char dir[] = "/tmp/hp-bucket-XXXXXX", path[64], url[64];
    hp_err e = {0};
    hp_bucket *b;
    hp_bucket_done done;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/f", dir);
    (void)snprintf(url, sizeof url, "file://%s", dir);
    assert_ok(hp_write_file(path, HP_S("one"), &e), e);
    assert_ok(hp_bucket_open(&(hp_bucket_how){.url = hp_str_of(url)}, &b, &e), e);
    assert_ok(hp_bucket_store(b, path, HP_S("f"), &(hp_bucket_put){0}, &done, &e), e);
    assert_int_equal(done.outcome, HP_BUCKET_PRESENT);
    assert_true(done.verified);
    assert_int_equal(hp_bucket_store(b, path, HP_S(".sha256/f"), &(hp_bucket_put){0}, &done, &e), HP_DATA);
    hp_bucket_close(b);
    assert_ok(hp_remove_tree(dir, &e), e);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_that_are_paths),
        cmocka_unit_test(urls),
        cmocka_unit_test(an_object_that_was_there_without_a_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
