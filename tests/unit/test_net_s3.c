#include "net/s3_own.h"
#include "unit.h"

static hp_code count(void *ctx, const char *path, hp_str text, hp_err *err) {
    hp_buf *b = ctx;
    (void)err;
    hp_buf_printf(b, "%s=%.*s;", path, HP_FMT(text));
    return HP_OK;
}

static void elements_with_their_paths(void **state) {
    (void)state;
    hp_err e = {0};
    hp_autobuf out = hp_buf_new(4096);
    hp_str xml = HP_S(
        "<?xml version=\"1.0\"?>\n<R xmlns=\"x\">\n <C><Key>a&amp;b<!-- c --> d</Key><Size>1</Size></C><E/></R>");
    assert_ok(hp_s3_xml(xml, count, &out, &e), e);
    assert_string_equal(hp_buf_cstr(&out), "R/C/Key=a&b d;R/C/Size=1;R/C=;R/E=;R=;");
}

static void answers_that_are_no_answers(void **state) {
    (void)state;
    static const char *const BAD[] = {
        "",        "<a>",
        "<a></b>", "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
        "hello",   "<a><a><a><a><a><a><a><a><a/></a></a></a></a></a></a></a></a>"};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        hp_err e = {0};
        hp_autobuf out = hp_buf_new(4096);
        assert_int_equal(hp_s3_xml(hp_str_of(BAD[i]), count, &out, &e), HP_DATA);
    }
}

static void times(void **state) {
    (void)state;
    int64_t t = 0;
    assert_true(hp_s3_time(HP_S("2026-11-27T18:00:15.000Z"), &t));
    assert_int_equal(t, 1795802415);
    assert_true(hp_s3_time(HP_S("Fri, 27 Nov 2026 18:00:15 GMT"), &t));
    assert_int_equal(t, 1795802415);
    assert_false(hp_s3_time(HP_S("Fri, 27 Nov 2026 18:00:15 EST"), &t));
    assert_false(hp_s3_time(HP_S("2026-13-27T18:00:15Z"), &t));
    assert_false(hp_s3_time(HP_S(""), &t));
}

static void keys_of_a_list(void **state) {
    (void)state;
    hp_autobuf out = hp_buf_new(256);
    hp_s3_unescape(HP_S("a+b%2Bc%C3%A9%2"), &out);
    assert_string_equal(hp_buf_cstr(&out), "a b+c\xC3\xA9%2");
}

static void words_are(const char *code, const char *message, const char *region, long status, int64_t clock,
                      hp_code want, const char *part) {
    hp_s3_where where = {
        .bucket = HP_S("evidence"), .region = HP_S("us-east-1"), .keys_from = HP_S("AWS_PROFILE")};
    hp_s3_error error = {hp_str_of(code), hp_str_of(message), hp_str_of(region)};
    hp_err e = {0};
    assert_int_equal(hp_s3_words(&error, status, &where, clock, &e), want);
    assert_contains(e.message, part);
    assert_contains(e.message, "evidence");
}

static void errors_in_words(void **state) {
    (void)state;
    words_are("SignatureDoesNotMatch", "x", "", 403, 0, HP_NOPERM, "keys of AWS_PROFILE");
    words_are("RequestTimeTooSkewed", "x", "", 403, -1200, HP_NOPERM, "1200 seconds behind");
    words_are("SignatureDoesNotMatch", "x", "", 403, 1200, HP_NOPERM, "1200 seconds ahead");
    words_are("NoSuchBucket", "x", "", 404, 0, HP_NOINPUT, "no such bucket");
    words_are("BadDigest", "x", "", 400, 0, HP_IO, "changed on their way");
    words_are("PreconditionFailed", "x", "", 412, 0, HP_CANTCREAT, "already");
    words_are("", "", "", 412, 0, HP_CANTCREAT, "already");
    words_are("AuthorizationHeaderMalformed", "x", "eu-west-1", 400, 0, HP_CONFIG, "eu-west-1");
    words_are("InvalidRequest", "Bucket is missing ObjectLockConfiguration", "", 400, 0, HP_CONFIG,
              "object lock");
    words_are("SomethingNew", "said so", "", 418, 0, HP_CONFIG, "SomethingNew, said so");
    words_are("", "", "", 500, 0, HP_UNAVAILABLE, "500");
}

static void what_a_service_says_of_an_error(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_s3_error e;
    assert_true(hp_s3_error_read(
        a, HP_S("<Error><Code>C</Code><Message>m &lt;</Message><Region>r</Region></Error>"), &e));
    assert_view(e.code, "C");
    assert_view(e.message, "m <");
    assert_view(e.region, "r");
    assert_false(hp_s3_error_read(a, HP_S("<CompleteMultipartUploadResult/>"), &e));
    assert_false(hp_s3_error_read(a, HP_S(""), &e));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_with_their_paths),
        cmocka_unit_test(answers_that_are_no_answers),
        cmocka_unit_test(times),
        cmocka_unit_test(keys_of_a_list),
        cmocka_unit_test(errors_in_words),
        cmocka_unit_test(what_a_service_says_of_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
