#include "net/ssh_args.h"
#include "unit.h"

static hp_forward FORWARDS[] = {
    {.name = {"prefect", 7}, .host = {"prefect.internal", 16}, .port = 4200, .local = 14200},
    {.name = {"db", 2}, .host = {"fd00::1", 7}, .port = 5432, .local = 15432},
};

static hp_tunnel_plan plan(void) {
    return (hp_tunnel_plan){.host = "bastion.example",
                            .user = "me",
                            .port = 2222,
                            .known_hosts = "/state/net/known_hosts",
                            .forward = FORWARDS,
                            .nforward = 2};
}

static bool has(const char *const *argv, const char *word) {
    for (size_t i = 0; argv[i]; i++) {
        if (strcmp(argv[i], word) == 0) return true;
    }
    return false;
}

static size_t count(const char *const *argv) {
    size_t n = 0;
    while (argv[n]) n++;
    return n;
}

static void ssh_is_told_everything(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_tunnel_plan p = plan();
    hp_err e = {0};
    const char *const *argv;
    assert_ok(hp_plan_argv(a, &p, 0, &argv, &e), e);
    static const char *const WANTED[] = {"BatchMode=yes",
                                         "StrictHostKeyChecking=yes",
                                         "UserKnownHostsFile=\"/state/net/known_hosts\"",
                                         "GlobalKnownHostsFile=/dev/null",
                                         "ExitOnForwardFailure=yes",
                                         "ServerAliveInterval=5",
                                         "ForwardAgent=no",
                                         "ForwardX11=no",
                                         "PermitLocalCommand=no",
                                         "ControlPath=none",
                                         "-N",
                                         "2222",
                                         "me",
                                         "127.0.0.1:14200:prefect.internal:4200",
                                         "127.0.0.1:15432:[fd00::1]:5432"};
    for (size_t i = 0; i < sizeof WANTED / sizeof *WANTED; i++) {
        if (!has(argv, WANTED[i])) fail_msg("%s is missing", WANTED[i]);
    }
    size_t n = count(argv);
    assert_string_equal(argv[0], "ssh");
    assert_string_equal(argv[1], "-F");
    assert_string_equal(argv[2], "none");
    assert_string_equal(argv[n - 2], "--"); /* what follows is never an option */
    assert_string_equal(argv[n - 1], "bastion.example");
    assert_false(has(argv, "-i"));
    assert_int_equal(hp_plan_legs(&p), 1);
}

static void what_is_asked_for_changes_it(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_tunnel_plan p = plan();
    hp_err e = {0};
    const char *const *argv;
    p.accept_new = true;
    p.identity = "/keys/id with blank";
    p.ssh_config = "/etc/own_config";
    p.port = 0;
    assert_ok(hp_plan_argv(a, &p, 0, &argv, &e), e);
    assert_true(has(argv, "StrictHostKeyChecking=accept-new") && !has(argv, "StrictHostKeyChecking=yes"));
    assert_true(has(argv, "IdentitiesOnly=yes") && has(argv, "/keys/id with blank"));
    assert_string_equal(argv[2], "/etc/own_config");
    assert_false(has(argv, "-p")); /* the file may say */
}

static void a_jump_host_gets_the_same_rules(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_tunnel_plan p = plan();
    hp_err e = {0};
    const char *const *argv;
    p.jump = "you@jump.example:2022";
    assert_ok(hp_plan_argv(a, &p, 0, &argv, &e), e);
    const char *command = NULL;
    for (size_t i = 0; argv[i]; i++) {
        if (strncmp(argv[i], "ProxyCommand=", 13) == 0) command = argv[i];
    }
    assert_non_null(command);
    assert_contains(command, "ProxyCommand='ssh' '-F' 'none'");
    assert_contains(command, "'StrictHostKeyChecking=yes'");
    assert_contains(command, "'-p' '2022' '-l' 'you' -W '[%h]:%p' -- 'jump.example'");
    assert_false(has(argv, "-J"));
}

static void aws_gets_one_session_for_each_forward(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_tunnel_plan p = plan();
    hp_err e = {0};
    const char *const *argv;
    p.via = HP_VIA_SSM;
    p.host = "i-0123456789abcdef0";
    assert_int_equal(hp_plan_legs(&p), 2);
    assert_ok(hp_plan_argv(a, &p, 1, &argv, &e), e);
    const char *const wanted[] = {
        "aws",
        "ssm",
        "start-session",
        "--target",
        "i-0123456789abcdef0",
        "--document-name",
        "AWS-StartPortForwardingSessionToRemoteHost",
        "--parameters",
        "{\"host\":[\"fd00::1\"],\"portNumber\":[\"5432\"],\"localPortNumber\":[\"15432\"]}"};
    assert_int_equal(count(argv), sizeof wanted / sizeof *wanted);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) assert_string_equal(argv[i], wanted[i]);
}

static void hosts(void **state) {
    (void)state;
    static const char *const GOOD[] = {"a",   "bastion.example", "10.0.0.1", "x_y-z",
                                       "::1", "[fd00::1]",       "i-0abc",   "a.b."};
    static const char *const BAD[] = {"",      "-x",   ".a",  "a b",         "a;b",  "a'b",    "$(x)",
                                      "a:1:b", "a..b", "[a]", "a@b",         "a\nb", "a/b",    "a%b",
                                      "[::1",  "::1]", ":",   "caf\xc3\xa9", "a:22", "--help", "[-x]",
                                      "a\\b",  "a\tb", "*",   "::g",         "1:2:3"};
    hp_str out;
    hp_err e = {0};
    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++)
        assert_ok(hp_host_check(hp_str_of(GOOD[i]), "--host", &out, &e), e);
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        if (hp_host_check(hp_str_of(BAD[i]), "--host", &out, &e) != HP_USAGE)
            fail_msg("\"%s\" passes", BAD[i]);
        assert_contains(e.message, "--host");
    }
    assert_int_equal(hp_host_check((hp_str){"a\0b", 3}, "--host", &out, &e), HP_USAGE);
    char longer[300];
    memset(longer, 'a', sizeof longer);
    assert_int_equal(hp_host_check((hp_str){longer, 254}, "--host", &out, &e), HP_USAGE);
    assert_ok(hp_host_check(HP_S("[::1]"), "--host", &out, &e), e);
    assert_view(out, "::1");
}

static void forwards(void **state) {
    (void)state;
    static const char *const BAD[] = {
        "",        "db",      "db=",     "=h:1",     "db=h",    "db=h:",    "db=h:0",  "db=h:65536",
        "db=h:-1", "db=h:1x", "db=-h:1", "db=a b:1", "d b=h:1", "../x=h:1", "db=h:+1", "db=h: 1"};
    hp_autoarena *a = hp_arena_new(NULL);
    hp_forward f;
    hp_err e = {0};
    assert_ok(hp_forward_read(a, "db=db.internal:5432", &f, &e), e);
    assert_view(f.name, "db");
    assert_view(f.host, "db.internal");
    assert_true(f.port == 5432 && f.any && f.service == HP_SERVICE_TCP);
    assert_ok(hp_forward_read(a, "six=[fd00::2]:1", &f, &e), e);
    assert_view(f.host, "fd00::2");
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        if (hp_forward_read(a, BAD[i], &f, &e) != HP_USAGE) fail_msg("\"%s\" passes", BAD[i]);
    }
}

static void plans_that_are_refused(void **state) {
    (void)state;
    static const char *const PATHS[] = {"", "-x", "~/x", "a'b", "a\"b", "a%h", "a$b", "a`b", "a\\b", "a\nb"};
    static const char *const JUMPS[] = {"",     "-oX", "a'b", "a,b",   "@h",   "u@",
                                        "-u@h", "h:0", "h:x", "u u@h", "a@b@c"};
    hp_err e = {0};
    for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++) {
        hp_tunnel_plan p = plan();
        p.identity = PATHS[i];
        if (hp_plan_check(&p, &e) != HP_USAGE) fail_msg("\"%s\" passes as a file", PATHS[i]);
    }
    for (size_t i = 0; i < sizeof JUMPS / sizeof *JUMPS; i++) {
        hp_tunnel_plan p = plan();
        p.jump = JUMPS[i];
        if (hp_plan_check(&p, &e) != HP_USAGE) fail_msg("\"%s\" passes as a jump host", JUMPS[i]);
    }
    hp_tunnel_plan none = plan(), twice = plan();
    none.nforward = 0;
    assert_int_equal(hp_plan_check(&none, &e), HP_USAGE);
    hp_forward same[] = {FORWARDS[0], FORWARDS[0]};
    twice.forward = same;
    assert_int_equal(hp_plan_check(&twice, &e), HP_USAGE);
    assert_contains(e.message, "prefect");
}

static void shown_for_a_shell(void **state) {
    (void)state;
    hp_autobuf out = hp_buf_new(1000);
    const char *const argv[] = {"ssh", "a b", "it's", "", "x=1", NULL};
    hp_argv_show(argv, &out);
    assert_view(hp_buf_str(&out), "ssh 'a b' 'it'\\''s' '' x=1");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ssh_is_told_everything),
        cmocka_unit_test(what_is_asked_for_changes_it),
        cmocka_unit_test(a_jump_host_gets_the_same_rules),
        cmocka_unit_test(aws_gets_one_session_for_each_forward),
        cmocka_unit_test(hosts),
        cmocka_unit_test(forwards),
        cmocka_unit_test(plans_that_are_refused),
        cmocka_unit_test(shown_for_a_shell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
