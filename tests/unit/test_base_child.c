/* A watched child: what it gets, how it ends, and that it does not outlive who started it. */
#include "base/child.h"
#include "unit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LONG_MS = 60000 };

static hp_child start(const char *script, hp_child_how how) {
    const char *const argv[] = {"sh", "-c", script, NULL};
    hp_child c = {0};
    hp_err e = {0};
    assert_ok(hp_child_start(argv, &how, &c, &e), e);
    return c;
}

static hp_proc_result wait_for(hp_child *c) {
    hp_proc_result r = {0};
    for (int i = 0; i < 6000 && !hp_child_ended(c, &r); i++) usleep(10000);
    assert_int_equal(c->pid, 0);
    return r;
}

static void it_gets_what_was_said(void **state) {
    (void)state;
    hp_autobuf out = hp_buf_new(1000);
    const char *const env[] = {"HP_GIVEN=given", NULL};
    int fd = hp_child_scratch();
    assert_true(fd >= 0);
    hp_child c = start("pwd; echo $HP_GIVEN; read x || echo no input; ls /proc/self/fd | wc -l; exit 7",
                       (hp_child_how){.env = env, .dir = "/usr", .out_fd = fd});
    hp_proc_result r = wait_for(&c);
    assert_int_equal(hp_child_code(&r), 7);
    hp_child_scratch_read(fd, &out);
    /* 0, 1, 2 and the one by which ls reads the directory: nothing of ours. */
    assert_view(hp_buf_str(&out), "/usr\ngiven\nno input\n4\n");
    close(fd);
}

static void what_cannot_start_is_told(void **state) {
    (void)state;
    hp_child c = {.pid = 42};
    hp_err e = {0};
    const char *const none[] = {"hotpass-no-such-program", NULL}, *const sh[] = {"sh", "-c", ":", NULL};
    assert_int_equal(hp_child_start(none, &(hp_child_how){0}, &c, &e), HP_NOINPUT);
    assert_contains(e.message, "hotpass-no-such-program");
    assert_int_equal(hp_child_start(sh, &(hp_child_how){.dir = "/hotpass-no-such-directory"}, &c, &e),
                     HP_NOINPUT);
    assert_contains(e.message, "/hotpass-no-such-directory");
    assert_int_equal(c.pid, 42);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void the_whole_group_is_ended(void **state) {
    (void)state;
    int fd = hp_child_scratch();
    hp_autobuf out = hp_buf_new(100);
    hp_child c = start("trap '' TERM; sleep 1000 & echo $!; while :; do sleep 0.05; done",
                       (hp_child_how){.group = true, .out_fd = fd});
    while (out.n == 0) hp_child_scratch_read(fd, &out);
    hp_proc_result r = {0};
    hp_child_end(&c, 200, &r);
    assert_int_equal(hp_child_code(&r), 128 + SIGKILL);
    int64_t pid = 0;
    assert_true(hp_str_i64(hp_str_trim(hp_buf_str(&out)), &pid) && pid > 1);
    for (int i = 0; i < 500 && kill((pid_t)pid, 0) == 0; i++) {
        char path[64], line[512] = "";
        snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
        FILE *f = fopen(path, "r");
        bool zombie = f && fgets(line, sizeof line, f) && strstr(line, ") Z");
        if (f) fclose(f);
        if (zombie) break;
        assert_int_not_equal(i, 499);
        usleep(10000);
    }
    close(fd);
}

/* The one in the middle is killed without a chance to do anything about its child. */
static void it_ends_with_its_parent(void **state) {
    (void)state;
    int ends[2];
    char said = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t middle = fork();
    if (middle == 0) {
        hp_child c;
        hp_err e = {0};
        /* It is told by TERM, and tells that it was by closing its end of the pipe. */
        const char *const argv[] = {"sh", "-c", "echo started; exec sleep 1000", NULL};
        hp_child_how how = {.out_fd = ends[1]};
        if (hp_child_start(argv, &how, &c, &e) != HP_OK) _exit(1);
        close(ends[1]);
        for (;;) pause();
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &said, 1), 1);
    kill(middle, SIGKILL);
    waitpid(middle, NULL, 0);
    struct pollfd fd = {ends[0], POLLIN, 0};
    char rest[16];
    do {
        assert_int_equal(poll(&fd, 1, LONG_MS), 1);
    } while (read(ends[0], rest, sizeof rest) > 0);
    close(ends[0]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_gets_what_was_said),
        cmocka_unit_test(what_cannot_start_is_told),
        cmocka_unit_test(the_whole_group_is_ended),
        cmocka_unit_test(it_ends_with_its_parent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
