#include "net/tunnel.h"
#include "unit.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

static char dir[] = "/tmp/hotpass-unit-XXXXXX";

static hp_tunnel tunnel(hp_arena *a, const char *label, int local) {
    hp_tunnel t = {
        .label = hp_str_of(label), .stage = HP_TUNNEL_UP, .created = 1700000000, .expires = 1700000060};
    t.plan = (hp_tunnel_plan){
        .host = "bastion.example", .user = "me", .port = 2222, .known_hosts = "/k", .nforward = 1};
    t.plan.forward = HP_NEW_ARRAY(a, 1, hp_forward);
    t.leg = HP_NEW_ARRAY(a, 1, hp_leg);
    t.nleg = 1;
    t.plan.forward[0] = (hp_forward){.name = HP_S("prefect"),
                                     .host = HP_S("p.internal"),
                                     .port = 4200,
                                     .local = local,
                                     .service = HP_SERVICE_PREFECT};
    t.leg[0] = (hp_leg){.who = {.pid = 12345, .start = 678, .boot = "boot-id"}, .digest = "abc"};
    t.keeper = (hp_process){.pid = 7, .start = 8, .boot = "boot-id"};
    t.reconnect = true;
    t.restarts = 3;
    t.note = HP_S("a note");
    return t;
}

static void what_is_put_is_found(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_net_state *s;
    hp_err e = {0};
    hp_tunnel t = tunnel(a, "one", 4200), *found;
    assert_ok(hp_net_state_open(dir, &s, &e), e);
    assert_ok(hp_net_state_begin(s, &e), e);
    assert_ok(hp_net_state_put(s, &t, &e), e);
    assert_ok(hp_net_state_put(s, &t, &e), e); /* in place of itself */
    assert_ok(hp_net_state_commit(s, &e), e);
    hp_net_state_close(s);
    assert_ok(hp_net_state_open(dir, &s, &e), e);
    assert_ok(hp_net_state_find(s, a, HP_S("one"), &found, &e), e);
    assert_non_null(found);
    assert_string_equal(found->plan.host, "bastion.example");
    assert_string_equal(found->plan.user, "me");
    assert_null(found->plan.identity);
    assert_true(found->plan.port == 2222 && found->plan.nforward == 1 && found->nleg == 1);
    assert_view(found->plan.forward[0].host, "p.internal");
    assert_true(found->plan.forward[0].local == 4200 && found->plan.forward[0].service == HP_SERVICE_PREFECT);
    assert_true(found->leg[0].who.pid == 12345 && found->leg[0].who.start == 678);
    assert_string_equal(found->leg[0].who.boot, "boot-id");
    assert_true(found->keeper.pid == 7 && found->keeper.start == 8 && found->owner.pid == 0);
    assert_true(found->created == 1700000000 && found->expires == 1700000060 && found->reconnect
                && found->restarts == 3);
    assert_view(found->note, "a note");
    assert_int_equal(hp_tunnel_look(found), HP_HEALTH_DEAD); /* that boot id is no machine's */
    hp_autobuf json = hp_buf_new(1 << 16);
    hp_str path = hp_arena_printf(a, "%s/net.json", dir);
    assert_ok(hp_read_file(path.p, &json, &e), e);
    assert_contains(hp_buf_cstr(&json), "\"created_at\": \"2023-11-14T22:13:20Z\"");
    assert_contains(hp_buf_cstr(&json), "\"local_port\": 4200");
    assert_ok(hp_net_state_begin(s, &e), e);
    assert_ok(hp_net_state_drop(s, HP_S("one"), &e), e);
    assert_ok(hp_net_state_commit(s, &e), e);
    assert_false(hp_exists(path.p));
    hp_net_state_close(s);
}

static void what_is_given_up_is_not_there(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_net_state *s;
    hp_err e = {0};
    hp_tunnel t = tunnel(a, "given-up", 4200), *found;
    assert_ok(hp_net_state_open(dir, &s, &e), e);
    assert_ok(hp_net_state_begin(s, &e), e);
    assert_ok(hp_net_state_put(s, &t, &e), e);
    hp_net_state_rollback(s);
    assert_ok(hp_net_state_find(s, a, t.label, &found, &e), e);
    assert_null(found);
    hp_net_state_close(s);
}

static int put_some(int who, int count) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_net_state *s;
    hp_err e = {0};
    if (hp_net_state_open(dir, &s, &e) != HP_OK) return 1;
    int failed = 0;
    for (int i = 0; i < count && !failed; i++) {
        hp_tunnel t = tunnel(a, hp_arena_printf(a, "w%d-%d", who, i).p, 20000 + who * 100 + i);
        failed = hp_net_state_begin(s, &e) != HP_OK || hp_net_state_put(s, &t, &e) != HP_OK
                 || hp_net_state_commit(s, &e) != HP_OK;
    }
    hp_net_state_close(s);
    return failed;
}

/* None of them finds a file: the directory is emptied first. */
static void several_at_once(void **state) {
    (void)state;
    enum { WRITERS = 6, EACH = 8 };
    char path[256];
    snprintf(path, sizeof path, "%s/net/tunnels.sqlite", dir);
    remove(path);
    pid_t pid[WRITERS];
    for (int i = 0; i < WRITERS; i++) {
        pid[i] = fork();
        if (pid[i] == 0) _exit(put_some(i, EACH));
    }
    for (int i = 0; i < WRITERS; i++) {
        int status;
        assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    hp_autoarena *a = hp_arena_new(NULL);
    hp_net_state *s;
    hp_tunnel *all;
    size_t n;
    hp_err e = {0};
    assert_ok(hp_net_state_open(dir, &s, &e), e);
    assert_ok(hp_net_state_list(s, a, &all, &n, &e), e);
    assert_int_equal(n, WRITERS * EACH);
    hp_net_state_close(s);
}

/* What ssh 9.2 says, seen against a real sshd (tests/e2e/test_net.py has it say so again). */
static void reasons_in_words(void **state) {
    (void)state;
    static const struct {
        const char *log, *words;
        hp_code code;
        bool port;
    } SAID[] = {
        {"root@127.0.0.1: Permission denied (publickey).\r\n", "refuses the login", HP_NOPERM, false},
        {"@@@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @@@\nHost key verification failed.\r\n",
         "not the pinned one", HP_NOPERM, false},
        {"No ED25519 host key is known for [127.0.0.1]:22022 and you have requested strict checking.\nHost key "
         "verification failed.\n",
         "not pinned", HP_NOPERM, false},
        {"bind [127.0.0.1]:4200: Address already in use\nchannel_setup_fwd_listener_tcpip: cannot listen to port: 4200\n"
         "Could not request local forwarding.\n",
         "--auto-port", HP_UNAVAILABLE, true},
        {"channel 2: open failed: administratively prohibited: open failed\n", "does not allow", HP_NOPERM,
         false},
        {"channel 2: open failed: connect failed: Connection refused\n", "cannot reach the service",
         HP_UNAVAILABLE, false},
        {"ssh: connect to host 127.0.0.1 port 1: Connection refused\n", "nothing listens", HP_UNAVAILABLE,
         false},
        {"Timeout, server bastion.example not responding.\n", "stopped answering", HP_UNAVAILABLE, false},
    };
    hp_tunnel_plan p = {.host = "b.example"};
    for (size_t i = 0; i < sizeof SAID / sizeof *SAID; i++) {
        hp_err e = {0};
        bool port = false;
        assert_int_equal(hp_tunnel_reason(hp_str_of(SAID[i].log), &p, &port, &e), SAID[i].code);
        assert_contains(e.message, SAID[i].words);
        assert_contains(e.message, "ssh says: ");
        assert_int_equal(port, SAID[i].port);
    }
    hp_err e = {0};
    assert_int_equal(hp_tunnel_reason(HP_S("Warning: Permanently added 'x'\n"), &p, NULL, &e), HP_OK);
    assert_string_equal(e.message, "");
}

static int make_dir(void **state) {
    (void)state;
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state) {
    (void)state;
    static const char *const NAMES[] = {"/net/tunnels.sqlite", "/net.json", "/net", ""};
    char path[256];
    for (size_t i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s%s", dir, NAMES[i]);
        if (remove(path) != 0) return -1;
    }
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_put_is_found),
        cmocka_unit_test(what_is_given_up_is_not_there),
        cmocka_unit_test(several_at_once),
        cmocka_unit_test(reasons_in_words),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
