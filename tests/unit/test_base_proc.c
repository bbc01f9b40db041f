#include "base/mem.h"
#include "base/proc.h"
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LONG_MS = 60000 };

static hp_code shell(const char *script, int ms, hp_buf *out, hp_buf *errout, hp_proc_result *r, hp_err *e) {
    const char *const argv[] = {"sh", "-c", script, NULL};
    return hp_proc_run(argv, NULL, ms, out, errout, r, e);
}

static void assert_no_children(void) {
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void captures_both_streams(void **state) {
    (void)state;
    hp_autobuf out = hp_buf_new(100), errout = hp_buf_new(100);
    hp_proc_result r;
    hp_err e = {0};
    assert_ok(shell("echo to out; echo to err >&2; exit 3", LONG_MS, &out, &errout, &r, &e), e);
    assert_view(hp_buf_str(&out), "to out\n");
    assert_view(hp_buf_str(&errout), "to err\n");
    assert_true(r.status == 3 && r.signal == 0 && !r.timed_out);
    assert_ok(shell("echo nobody listens; read x && exit 1; exit 0", LONG_MS, NULL, NULL, &r, &e),
              e); /* stdin is empty */
    assert_int_equal(r.status, 0);
    assert_no_children();
}

static void output_is_cut_and_the_child_not_blocked(void **state) {
    (void)state;
    hp_autobuf out = hp_buf_new(10);
    hp_proc_result r;
    hp_err e = {0};
    assert_ok(shell("i=0; while [ $i -lt 20000 ]; do echo 0123456789; i=$((i+1)); done", LONG_MS, &out, NULL,
                    &r, &e),
              e);
    assert_view(hp_buf_str(&out), "0123456789");
    assert_int_equal(r.status, 0);
}

static void arguments_are_never_a_shells(void **state) {
    (void)state;
    hp_autobuf out = hp_buf_new(100);
    hp_proc_result r;
    hp_err e = {0};
    const char *const argv[] = {"echo", "$HOME; `id` \"*\"", NULL};
    assert_ok(hp_proc_run(argv, NULL, LONG_MS, &out, NULL, &r, &e), e);
    assert_view(hp_buf_str(&out), "$HOME; `id` \"*\"\n");
}

static void environment_is_added_to(void **state) {
    (void)state;
    hp_autobuf out = hp_buf_new(1000);
    hp_proc_result r;
    hp_err e = {0};
    setenv("HP_KEPT", "kept", 1);
    setenv("HP_OLD", "old", 1);
    const char *const argv[] = {"sh", "-c", "echo $HP_KEPT $HP_OLD; env | grep -c ^HP_OLD=", NULL};
    const char *const env[] = {"HP_OLD=new", NULL};
    assert_ok(hp_proc_run(argv, env, LONG_MS, &out, NULL, &r, &e), e);
    assert_view(hp_buf_str(&out), "kept new\n1\n");
}

static void missing_program(void **state) {
    (void)state;
    hp_proc_result r = {.status = 42};
    hp_err e = {0};
    const char *const argv[] = {"hotpass-no-such-program", NULL};
    assert_int_equal(hp_proc_run(argv, NULL, LONG_MS, NULL, NULL, &r, &e), HP_NOINPUT);
    assert_contains(e.message, "hotpass-no-such-program");
    assert_int_equal(r.status, 42); /* untouched */
    const char *const dir[] = {"/", NULL};
    assert_int_equal(hp_proc_run(dir, NULL, LONG_MS, NULL, NULL, &r, &e), HP_NOINPUT);
    assert_no_children();
}

static void signal_is_reported(void **state) {
    (void)state;
    hp_proc_result r;
    hp_err e = {0};
    assert_ok(shell("kill -USR1 $$", LONG_MS, NULL, NULL, &r, &e), e);
    assert_true(r.status == -1 && r.signal == SIGUSR1 && !r.timed_out);
}

static void deadline_ends_the_whole_group(void **state) {
    (void)state;
    hp_autobuf out = hp_buf_new(100);
    hp_proc_result r;
    hp_err e = {0};
    assert_ok(shell("sleep 1000 & echo $!; sleep 1000", 200, &out, NULL, &r, &e), e);
    assert_true(r.timed_out && r.status == -1 && r.signal == SIGTERM);
    int64_t pid = 0;
    assert_true(hp_str_i64(hp_str_trim(hp_buf_str(&out)), &pid) && pid > 1);
    /* The grandchild is dead, or a zombie that waits for whoever adopted it. */
    char path[64], line[512] = "";
    snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
    for (int i = 0; i < 500; i++) {
        FILE *f = fopen(path, "r");
        bool alive = f && fgets(line, sizeof line, f) && !strstr(line, ") Z") && !strstr(line, ") X");
        if (f) fclose(f);
        if (!alive) break;
        if (i == 499) fail_msg("still there: %s", line);
        usleep(10000);
    }
    assert_no_children();
}

static void stubborn_child_is_killed(void **state) {
    (void)state;
    hp_proc_result r;
    hp_err e = {0};
    assert_ok(shell("trap '' TERM; while :; do sleep 0.1; done", 300, NULL, NULL, &r, &e), e);
    assert_true(r.timed_out && r.signal == SIGKILL);
    assert_no_children();
}

/* A daemon that keeps the pipe open must not keep us. */
static void background_grandchild_does_not_hold_us_up(void **state) {
    (void)state;
    hp_autobuf out = hp_buf_new(100);
    hp_proc_result r;
    hp_err e = {0};
    assert_ok(shell("sleep 1000 & echo $!", LONG_MS, &out, NULL, &r, &e), e);
    assert_false(r.timed_out);
    int64_t pid = 0;
    assert_true(hp_str_i64(hp_str_trim(hp_buf_str(&out)), &pid) && pid > 1);
    assert_int_equal(kill((pid_t)pid, SIGKILL), 0);
}

static void every_failed_allocation_is_survived(void **state) {
    (void)state;
    uint64_t before = hp_mem_used(NULL), n = 0, calls;
    do {
        hp_autobuf out = hp_buf_new(100000);
        hp_proc_result r;
        hp_err e = {0};
        calls = hp_mem_count();
        hp_mem_fail_at(++n);
        hp_code code = shell("echo some output", LONG_MS, &out, NULL, &r, &e);
        hp_mem_fail_at(0);
        if (code != HP_OK) assert_int_equal(code, HP_RETRY);
        assert_no_children();
        hp_buf_free(&out);
        assert_int_equal(hp_mem_used(NULL), before);
    } while (hp_mem_count() - calls >= n);
    assert_true(n > 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(captures_both_streams),
        cmocka_unit_test(output_is_cut_and_the_child_not_blocked),
        cmocka_unit_test(arguments_are_never_a_shells),
        cmocka_unit_test(environment_is_added_to),
        cmocka_unit_test(missing_program),
        cmocka_unit_test(signal_is_reported),
        cmocka_unit_test(deadline_ends_the_whole_group),
        cmocka_unit_test(stubborn_child_is_killed),
        cmocka_unit_test(background_grandchild_does_not_hold_us_up),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
