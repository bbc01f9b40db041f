#include "net/ports.h"
#include "net/process.h"
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LONG_MS = 30000 };

static int temp(void) {
    char name[] = "/tmp/hotpass-unit-XXXXXX";
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    unlink(name);
    return fd;
}

static hp_held held(const char *const *argv, int log, unsigned how) {
    hp_held h;
    hp_err e = {0};
    assert_ok(hp_held_make(argv, log, how, &h, &e), e);
    return h;
}

static const char *const SLEEP[] = {"sleep", "300", NULL};

static void one_that_runs_and_one_that_ended(void **state) {
    (void)state;
    int log = temp();
    hp_held h = held(SLEEP, log, HP_HELD_FREE);
    hp_held_release(&h);
    hp_process p = h.who, other = p, before = p;
    assert_true(hp_process_alive(&p));
    other.start++;
    assert_false(hp_process_alive(&other)); /* the number was used again */
    before.boot[0] = before.boot[0] == 'x' ? 'y' : 'x';
    assert_false(hp_process_alive(&before)); /* in another life of the machine */
    assert_false(hp_process_signal(&other, SIGKILL));
    assert_true(hp_process_end(&other, 100)); /* nobody to end, nobody harmed */
    assert_true(hp_process_alive(&p));
    assert_true(hp_process_end(&p, LONG_MS));
    assert_false(hp_process_alive(&p));
    assert_int_equal(waitpid(p.pid, NULL, WNOHANG), -1); /* reaped */
    close(log);
}

static void a_zombie_is_dead(void **state) {
    (void)state;
    pid_t pid = fork();
    if (pid == 0) _exit(0);
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    hp_process p;
    assert_false(hp_process_look(pid, &p));
    waitpid(pid, NULL, 0);
    assert_false(hp_process_look(0, &p) || hp_process_look(-1, &p));
}

static void who_ignores_term_is_killed(void **state) {
    (void)state;
    const char *const argv[] = {"sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done", NULL};
    int log = temp();
    hp_held h = held(argv, log, HP_HELD_FREE);
    hp_held_release(&h);
    char text[8];
    while (pread(log, text, sizeof text, 0) <= 0) usleep(1000);
    assert_true(hp_process_end(&h.who, 200));
    assert_false(hp_process_alive(&h.who));
    close(log);
}

static void nothing_runs_before_it_is_let_go(void **state) {
    (void)state;
    const char *const argv[] = {"echo", "ran", NULL};
    int log = temp();
    char text[64] = "";
    hp_held h = held(argv, log, HP_HELD_FREE);
    assert_true(hp_process_alive(&h.who));
    hp_held_give_up(&h);
    assert_false(hp_process_alive(&h.who));
    assert_int_equal(pread(log, text, sizeof text, 0), 0);
    h = held(argv, log, HP_HELD_FREE);
    hp_process as_held = h.who;
    hp_held_release(&h);
    assert_int_equal(waitpid(as_held.pid, NULL, 0), as_held.pid);
    assert_int_equal(pread(log, text, sizeof text, 0), 4);
    const char *const missing[] = {"hotpass-no-such-program", NULL};
    h = held(missing, log, HP_HELD_FREE);
    hp_held_release(&h);
    int status;
    waitpid(h.who.pid, &status, 0);
    assert_int_equal(WEXITSTATUS(status), 127);
    memset(text, 0, sizeof text);
    pread(log, text, sizeof text - 1, 0);
    assert_contains(text, "hotpass-no-such-program: no such program");
    close(log);
}

/* A maker that is killed between making and letting go: its child ends by itself, having run nothing. */
static void who_waits_ends_with_its_maker(void **state) {
    (void)state;
    int pipes[2], log = temp();
    assert_int_equal(pipe(pipes), 0);
    pid_t maker = fork();
    if (maker == 0) {
        hp_held h;
        hp_err e = {0};
        const char *const argv[] = {"echo", "ran", NULL};
        if (hp_held_make(argv, log, HP_HELD_FREE, &h, &e) != HP_OK) _exit(1);
        ssize_t n = write(pipes[1], &h.who, sizeof h.who);
        (void)n;
        pause();
        _exit(1);
    }
    hp_process child;
    assert_int_equal(read(pipes[0], &child, sizeof child), sizeof child);
    assert_true(hp_process_alive(&child));
    int fd = hp_process_open(&child);
    kill(maker, SIGKILL);
    waitpid(maker, NULL, 0);
    assert_true(hp_process_wait(fd, LONG_MS));
    char text[8];
    assert_int_equal(pread(log, text, sizeof text, 0), 0);
    close(fd);
    close(log);
    close(pipes[0]);
    close(pipes[1]);
}

static int listen_on(int port) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 1) == 0) return fd;
    close(fd);
    return -1;
}

static void ports_and_whose_they_are(void **state) {
    (void)state;
    int port, next, log = temp();
    hp_held h = held(SLEEP, log, HP_HELD_FREE); /* before there is a socket that it could inherit */
    hp_held_release(&h);
    int held_fd = hp_port_hold(0, &port);
    assert_true(held_fd >= 0 && port > 0);
    hp_process me;
    assert_true(hp_process_look(getpid(), &me));
    assert_int_equal(hp_port_look(&me, port), HP_PORT_SILENT);
    int fd = listen_on(port); /* as ssh does, while it is held */
    assert_true(fd >= 0);
    assert_int_equal(hp_port_look(&me, port), HP_PORT_OURS);
    assert_int_equal(hp_port_hold(port, &next), -1);
    assert_int_equal(hp_port_look(&h.who, port), HP_PORT_OTHERS);
    hp_process_end(&h.who, LONG_MS);
    close(fd);
    close(held_fd);
    close(log);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_that_runs_and_one_that_ended),
        cmocka_unit_test(a_zombie_is_dead),
        cmocka_unit_test(who_ignores_term_is_killed),
        cmocka_unit_test(nothing_runs_before_it_is_let_go),
        cmocka_unit_test(who_waits_ends_with_its_maker),
        cmocka_unit_test(ports_and_whose_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
