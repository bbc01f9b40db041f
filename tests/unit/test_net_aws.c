#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "net/aws.h"
#include "unit.h"

static const char CONFIG[] = "# a comment\n"
                             "[default]\n"
                             "region = eu-west-1\n"
                             "s3 =\n"
                             "    addressing_style = virtual\n"
                             "    region = nested\n"
                             "[ profile staging ]\r\n"
                             "region=af-south-1\r\n"
                             "services = local\n"
                             "endpoint_url = http://all.example\n"
                             "[profile \"with space\"]\n"
                             "role_arn = arn:aws:iam::123456789012:role/x\n"
                             "[services local]\n"
                             "s3 =\n"
                             "  endpoint_url = http://s3.example:9000\n"
                             "sts =\n"
                             "  endpoint_url = http://sts.example\n";
static const char CREDENTIALS[] =
    "[default]\naws_access_key_id = AKDEFAULT\naws_secret_access_key = s/+=cret=\n"
    "[staging]\naws_access_key_id=AKSTAGING\naws_secret_access_key=other\naws_session_token = tok==\n"
    "[half]\naws_access_key_id=AKHALF\n";

static void values_of_a_file(void **state) {
    (void)state;
    hp_str text = hp_str_of(CONFIG), v;
    assert_true(hp_aws_ini_get(text, HP_S("default"), HP_S(""), HP_S("region"), &v));
    assert_true(hp_str_eq(v, HP_S("eu-west-1")));
    assert_true(hp_aws_ini_get(text, HP_S("default"), HP_S("s3"), HP_S("addressing_style"), &v));
    assert_true(hp_str_eq(v, HP_S("virtual")));
    assert_true(hp_aws_ini_get(text, HP_S("default"), HP_S("s3"), HP_S("region"), &v));
    assert_true(hp_str_eq(v, HP_S("nested")));
    assert_false(hp_aws_ini_get(text, HP_S("default"), HP_S(""), HP_S("addressing_style"), &v));
    assert_true(hp_aws_ini_get(text, HP_S("profile staging"), HP_S(""), HP_S("region"), &v));
    assert_true(hp_str_eq(v, HP_S("af-south-1")));
    assert_true(hp_aws_ini_get(text, HP_S("services local"), HP_S("sts"), HP_S("endpoint_url"), &v));
    assert_true(hp_str_eq(v, HP_S("http://sts.example")));
    assert_true(hp_aws_ini_has(text, HP_S("profile with space")));
    assert_false(hp_aws_ini_has(text, HP_S("profile nobody")));
    assert_true(
        hp_aws_ini_get(hp_str_of(CREDENTIALS), HP_S("default"), HP_S(""), HP_S("aws_secret_access_key"), &v));
    assert_true(hp_str_eq(v, HP_S("s/+=cret=")));
    /* A secret behind a key that is no key of the section, and lines without '='. */
    assert_false(hp_aws_ini_get(HP_S("[a]\nfoo\n=\n"), HP_S("a"), HP_S(""), HP_S("foo"), &v));
}

/* ---- with files and environment ---- */

static const char *const VARIABLES[] = {
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
    "AWS_REGION",        "AWS_DEFAULT_REGION",    "AWS_ENDPOINT_URL",  "AWS_ENDPOINT_URL_S3"};

typedef struct place {
    char dir[64];
    hp_arena *arena;
} place;

static int make_place(void **state) {
    static place p;
    hp_err e = {0};
    (void)snprintf(p.dir, sizeof p.dir, "/tmp/hp-aws-XXXXXX");
    if (!mkdtemp(p.dir)) return -1;
    p.arena = hp_arena_new(NULL);
    for (size_t i = 0; i < sizeof VARIABLES / sizeof *VARIABLES; i++) unsetenv(VARIABLES[i]);
    hp_str config = hp_arena_printf(p.arena, "%s/config", p.dir);
    hp_str credentials = hp_arena_printf(p.arena, "%s/credentials", p.dir);
    assert_ok(hp_write_file(config.p, hp_str_of(CONFIG), &e), e);
    assert_ok(hp_write_file(credentials.p, hp_str_of(CREDENTIALS), &e), e);
    setenv("AWS_CONFIG_FILE", config.p, 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", credentials.p, 1);
    *state = &p;
    return 0;
}

static int drop_place(void **state) {
    place *p = *state;
    hp_err e = {0};
    (void)hp_remove_tree(p->dir, &e);
    hp_arena_drop(p->arena);
    return 0;
}

static void is(hp_str got, const char *want) { assert_true(hp_str_eq(got, hp_str_of(want))); }

static void the_default_profile(void **state) {
    place *p = *state;
    hp_err e = {0};
    hp_aws s;
    assert_ok(hp_aws_read(p->arena, "s3", NULL, &s, &e), e);
    is(s.keys.id, "AKDEFAULT");
    is(hp_secret_reveal(s.keys.secret), "s/+=cret=");
    assert_null(s.keys.token);
    is(s.region, "eu-west-1");
    is(s.endpoint, "");
    assert_true(s.virtual_host);
    hp_aws_free(&s);
}

static void a_profile_of_the_environment(void **state) {
    place *p = *state;
    hp_err e = {0};
    hp_aws s;
    setenv("AWS_PROFILE", "staging", 1);
    assert_ok(hp_aws_read(p->arena, "s3", NULL, &s, &e), e);
    is(s.keys.id, "AKSTAGING");
    is(hp_secret_reveal(s.keys.token), "tok==");
    is(s.region, "af-south-1");
    is(s.endpoint, "http://s3.example:9000");
    assert_false(s.virtual_host);
    assert_non_null(strstr(s.keys_from.p, "credentials [staging]"));
    hp_aws_free(&s);
    assert_ok(hp_aws_read(p->arena, "other", NULL, &s, &e), e);
    is(s.endpoint, "http://all.example");
    hp_aws_free(&s);
}

static void the_environment_goes_before(void **state) {
    place *p = *state;
    hp_err e = {0};
    hp_aws s;
    setenv("AWS_PROFILE", "staging", 1);
    setenv("AWS_ACCESS_KEY_ID", "AKENV", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "envsecret", 1);
    setenv("AWS_REGION", "us-west-2", 1);
    setenv("AWS_DEFAULT_REGION", "us-west-1", 1);
    setenv("AWS_ENDPOINT_URL", "http://env.example", 1);
    assert_ok(hp_aws_read(p->arena, "s3", NULL, &s, &e), e);
    is(s.keys.id, "AKENV");
    assert_null(s.keys.token); /* of the profile, to other keys */
    is(s.region, "us-west-2");
    is(s.endpoint, "http://env.example");
    hp_aws_free(&s);
    setenv("AWS_ENDPOINT_URL_S3", "http://s3env.example", 1);
    assert_ok(hp_aws_read(p->arena, "s3", NULL, &s, &e), e);
    is(s.endpoint, "http://s3env.example");
    is(s.endpoint_from, "AWS_ENDPOINT_URL_S3");
    hp_aws_free(&s);
}

static void what_cannot_be(void **state) {
    place *p = *state;
    hp_err e = {0};
    hp_aws s;
    setenv("AWS_PROFILE", "nobody", 1);
    assert_int_equal(hp_aws_read(p->arena, "s3", NULL, &s, &e), HP_CONFIG);
    assert_non_null(strstr(e.message, "nobody"));
    setenv("AWS_PROFILE", "half", 1);
    assert_int_equal(hp_aws_read(p->arena, "s3", NULL, &s, &e), HP_CONFIG);
    assert_non_null(strstr(e.message, "secret access key is missing"));
    setenv("AWS_PROFILE", "with space", 1);
    assert_ok(hp_aws_read(p->arena, "s3", NULL, &s, &e), e);
    assert_int_equal(s.keys.id.n, 0);
    assert_non_null(strstr(s.why_none.p, "role_arn"));
    hp_aws_free(&s);
    unsetenv("AWS_PROFILE");
    setenv("AWS_ACCESS_KEY_ID", "AKENV", 1);
    assert_int_equal(hp_aws_read(p->arena, "s3", NULL, &s, &e), HP_CONFIG);
    setenv("AWS_CONFIG_FILE", "/nonexistent/config", 1);
    assert_int_equal(hp_aws_read(p->arena, "s3", NULL, &s, &e), HP_NOINPUT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_a_file),
        cmocka_unit_test_setup_teardown(the_default_profile, make_place, drop_place),
        cmocka_unit_test_setup_teardown(a_profile_of_the_environment, make_place, drop_place),
        cmocka_unit_test_setup_teardown(the_environment_goes_before, make_place, drop_place),
        cmocka_unit_test_setup_teardown(what_cannot_be, make_place, drop_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
