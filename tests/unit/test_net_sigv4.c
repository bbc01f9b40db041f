#include "net/sigv4.h"
#include "unit.h"

/* Signatures of the AWS Signature Version 4 test suite (service "service", 2015-08-30T12:36:00Z) and of the
 * examples in the S3 API Reference (2013-05-24T00:00:00Z): each is the output of a reference implementation.
 */
#define SUITE_TIME 1440938160
#define S3_TIME    1369353600

typedef struct vector {
    const char *name;
    bool s3;
    const char *method, *path;
    hp_sigv4_pair query[6], header[5];
    const char *payload, *names, *signature;
} vector;

#define SUITE_HOST \
    { HP_S("Host"), HP_S("example.amazonaws.com") }
#define S3_HOST \
    { HP_S("Host"), HP_S("examplebucket.s3.amazonaws.com") }
#define S3_EMPTY \
    { HP_S("x-amz-content-sha256"), HP_S(HP_SIGV4_EMPTY) }
#define WELCOME    "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"
#define UNRESERVED "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

static const vector VECTOR[] = {
    {"get-vanilla", false, "GET", "/", .header = {SUITE_HOST}, .names = "host;x-amz-date",
     .signature = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-vanilla-empty-query-key", false, "GET", "/", .query = {{HP_S("Param1"), HP_S("value1")}},
     .header = {SUITE_HOST}, .names = "host;x-amz-date",
     .signature = "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
    {"get-vanilla-query-order-key-case", false, "GET", "/",
     .query = {{HP_S("Param2"), HP_S("value2")}, {HP_S("Param1"), HP_S("value1")}}, .header = {SUITE_HOST},
     .names = "host;x-amz-date",
     .signature = "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
    {"get-vanilla-query-unreserved", false, "GET", "/", .query = {{HP_S(UNRESERVED), HP_S(UNRESERVED)}},
     .header = {SUITE_HOST}, .names = "host;x-amz-date",
     .signature = "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
    {"get-vanilla-utf8-query", false, "GET", "/", .query = {{HP_S("\xE1\x88\xB4"), HP_S("bar")}},
     .header = {SUITE_HOST}, .names = "host;x-amz-date",
     .signature = "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
    {"get-header-value-trim", false, "GET", "/",
     .header = {SUITE_HOST,
                {HP_S("My-Header1"), HP_S(" value1")},
                {HP_S("My-Header2"), HP_S(" \"a   b   c\"")}},
     .names = "host;my-header1;my-header2;x-amz-date",
     .signature = "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
    {"get-header-key-duplicate", false, "GET", "/",
     .header = {SUITE_HOST,
                {HP_S("My-Header1"), HP_S("value2")},
                {HP_S("My-Header1"), HP_S("value2")},
                {HP_S("my-header1"), HP_S("value1")}},
     .names = "host;my-header1;x-amz-date",
     .signature = "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
    {"get-utf8", false, "GET", "/\xE1\x88\xB4", .header = {SUITE_HOST}, .names = "host;x-amz-date",
     .signature = "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
    {"get-unreserved", false, "GET", "/" UNRESERVED, .header = {SUITE_HOST}, .names = "host;x-amz-date",
     .signature = "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
    {"post-vanilla", false, "POST", "/", .header = {SUITE_HOST}, .names = "host;x-amz-date",
     .signature = "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
    {"S3: GET object", true, "GET", "/test.txt",
     .header = {S3_HOST, {HP_S("Range"), HP_S("bytes=0-9")}, S3_EMPTY},
     .names = "host;range;x-amz-content-sha256;x-amz-date",
     .signature = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
    {"S3: PUT object", true, "PUT", "/test$file.text",
     .header = {S3_HOST,
                {HP_S("Date"), HP_S("Fri, 24 May 2013 00:00:00 GMT")},
                {HP_S("x-amz-storage-class"), HP_S("REDUCED_REDUNDANCY")},
                {HP_S("x-amz-content-sha256"), HP_S(WELCOME)}},
     .payload = WELCOME, .names = "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
     .signature = "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
    {"S3: GET bucket lifecycle", true, "GET", "/", .query = {{HP_S("lifecycle"), HP_S("")}},
     .header = {S3_HOST, S3_EMPTY}, .names = "host;x-amz-content-sha256;x-amz-date",
     .signature = "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
    {"S3: list objects", true, "GET", "/",
     .query = {{HP_S("prefix"), HP_S("J")}, {HP_S("max-keys"), HP_S("2")}}, .header = {S3_HOST, S3_EMPTY},
     .names = "host;x-amz-content-sha256;x-amz-date",
     .signature = "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
};

static size_t filled(const hp_sigv4_pair *p, size_t most) {
    size_t n = 0;
    while (n < most && p[n].name.p) n++;
    return n;
}

/* Signs, and returns the lines with '\n' in place of each NUL. */
static void sign(const vector *v, const hp_secret *secret, const hp_secret *token, hp_buf *lines) {
    hp_err e = {0};
    hp_autobuf path = hp_buf_new(1024);
    hp_sigv4_path(hp_str_of(v->path), &path);
    hp_sigv4_request r = {.method = hp_str_of(v->method),
                          .path = hp_buf_str(&path),
                          .query = v->query,
                          .nquery = filled(v->query, 6),
                          .header = v->header,
                          .nheader = filled(v->header, 5),
                          .payload = hp_str_of(v->payload ? v->payload : HP_SIGV4_EMPTY)};
    hp_sigv4_scope scope = {HP_S("us-east-1"), v->s3 ? HP_S("s3") : HP_S("service"),
                            v->s3 ? S3_TIME : SUITE_TIME};
    hp_aws_keys keys = {v->s3 ? HP_S("AKIAIOSFODNN7EXAMPLE") : HP_S("AKIDEXAMPLE"), secret, token};
    assert_ok(hp_sigv4_sign(&keys, &scope, &r, lines, &e), e);
    for (size_t i = 0; i < lines->n; i++)
        if (lines->p[i] == 0) lines->p[i] = '\n';
}

static void published_vectors(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof VECTOR / sizeof *VECTOR; i++) {
        const vector *v = &VECTOR[i];
        /* The suite and the S3 examples spell the same invented key differently. */
        hp_secret *secret = hp_secret_new(v->s3 ? HP_S("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
                                                : HP_S("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"));
        hp_autobuf lines = hp_buf_new(4096), want = hp_buf_new(4096);
        sign(v, secret, NULL, &lines);
        hp_buf_printf(
            &want,
            "X-Amz-Date: %s\nAuthorization: AWS4-HMAC-SHA256 Credential=%s/us-east-1/%s/aws4_request, "
            "SignedHeaders=%s, Signature=%s\n",
            v->s3 ? "20130524T000000Z" : "20150830T123600Z",
            v->s3 ? "AKIAIOSFODNN7EXAMPLE/20130524" : "AKIDEXAMPLE/20150830", v->s3 ? "s3" : "service",
            v->names, v->signature);
        if (!hp_str_eq(hp_buf_str(&lines), hp_buf_str(&want))) print_error("%s\n", v->name);
        assert_string_equal(hp_buf_cstr(&lines), hp_buf_cstr(&want));
        hp_secret_free(secret);
    }
}

/* "post-sts-header-before" of the suite: the token is a signed header. */
static void session_token(void **state) {
    (void)state;
    static const vector v = {"post-sts-header-before", false, "POST", "/", .header = {SUITE_HOST}};
    hp_secret *secret = hp_secret_new(HP_S("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"));
    hp_secret *token = hp_secret_new(HP_S(
        "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8"
        "YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6f"
        "E8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj"
        "2ICCR/oLxBA=="));
    hp_autobuf lines = hp_buf_new(4096);
    sign(&v, secret, token, &lines);
    assert_non_null(strstr(hp_buf_cstr(&lines),
                           "SignedHeaders=host;x-amz-date;x-amz-security-token, Signature="
                           "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead\n"));
    assert_non_null(strstr(hp_buf_cstr(&lines), "\nX-Amz-Security-Token: AQoDYXdzEPT/"));
    hp_secret_free(secret);
    hp_secret_free(token);
}

static void keys_of_objects(void **state) {
    (void)state;
    hp_autobuf out = hp_buf_new(1024);
    hp_sigv4_path(HP_S("/a b+c/\xC3\xA9/x~y%?#&=//z"), &out);
    assert_string_equal(hp_buf_cstr(&out), "/a%20b%2Bc/%C3%A9/x~y%25%3F%23%26%3D//z");
}

static void order_of_a_query(void **state) {
    (void)state;
    hp_err e = {0};
    hp_autobuf out = hp_buf_new(1024);
    hp_sigv4_pair q[] = {
        {HP_S("a-b"), HP_S("1")}, {HP_S("a"), HP_S("2")}, {HP_S("a"), HP_S("10")}, {HP_S("A"), HP_S("")}};
    assert_ok(hp_sigv4_query(q, 4, &out, &e), e);
    assert_string_equal(hp_buf_cstr(&out), "A=&a=10&a=2&a-b=1");
}

static void a_host_is_demanded(void **state) {
    (void)state;
    hp_err e = {0};
    hp_autobuf out = hp_buf_new(1024);
    hp_sigv4_scope scope = {HP_S("us-east-1"), HP_S("s3"), S3_TIME};
    hp_sigv4_request r = {.method = HP_S("GET"), .payload = HP_S(HP_SIGV4_EMPTY)};
    assert_int_equal(hp_sigv4_canonical(&scope, NULL, &r, &out, &e), HP_BUG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_vectors),  cmocka_unit_test(session_token),
        cmocka_unit_test(keys_of_objects),    cmocka_unit_test(order_of_a_query),
        cmocka_unit_test(a_host_is_demanded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
