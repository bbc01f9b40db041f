#include "net/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/banned.h"

enum { FIELD_STATE = 0, FIELD_START = 19 }; /* behind the name: field 3 of stat(5) is the first */

static ssize_t read_small(const char *path, char *out, size_t room) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    ssize_t n = read(fd, out, room - 1);
    close(fd);
    if (n >= 0) out[n] = '\0';
    return n;
}

static bool look_boot(char out[40]) {
    char text[64];
    ssize_t n = read_small("/proc/sys/kernel/random/boot_id", text, sizeof text);
    if (n < 36) return false;
    memcpy(out, text, 36);
    out[36] = '\0';
    return true;
}

bool hp_process_look(pid_t pid, hp_process *out) {
    char path[64], text[2048];
    hp_process p = {.pid = pid};
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    if (pid <= 0 || read_small(path, text, sizeof text) <= 0 || !look_boot(p.boot)) return false;
    /* The name stands in parentheses and may hold anything, parentheses too: the last one closes it. */
    const char *end = strrchr(text, ')');
    if (!end || !end[1]) return false;
    hp_str rest = hp_str_of(end + 2), field;
    for (int i = 0; hp_str_next(&rest, ' ', &field); i++) {
        int64_t start;
        if (i == FIELD_STATE && (hp_str_eq(field, HP_S("Z")) || hp_str_eq(field, HP_S("X")))) return false;
        if (i != FIELD_START) continue;
        if (!hp_str_i64(field, &start)) return false;
        p.start = (uint64_t)start;
        *out = p;
        return true;
    }
    return false;
}

int hp_process_open(const hp_process *p) {
    if (p->pid <= 0) return -1;
    /* The descriptor first: from then on the number cannot pass to somebody else unnoticed. */
    int fd = (int)syscall(SYS_pidfd_open, p->pid, 0);
    hp_process now;
    if (fd >= 0
        && (!hp_process_look(p->pid, &now) || now.start != p->start || strcmp(now.boot, p->boot) != 0)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

bool hp_process_alive(const hp_process *p) {
    int fd = hp_process_open(p);
    if (fd >= 0) close(fd);
    return fd >= 0;
}

bool hp_process_signal(const hp_process *p, int sig) {
    int fd = hp_process_open(p);
    if (fd < 0) return false;
    long failed = syscall(SYS_pidfd_send_signal, fd, sig, NULL, 0);
    close(fd);
    return failed == 0;
}

bool hp_process_wait(int fd, int ms) {
    struct pollfd p = {fd, POLLIN, 0};
    int n;
    do {
        n = poll(&p, 1, ms);
    } while (n < 0 && errno == EINTR);
    return n > 0;
}

bool hp_process_end(const hp_process *p, int grace_ms) {
    int fd = hp_process_open(p);
    bool ended = fd < 0;
    if (fd >= 0 && syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0) == 0) {
        ended = hp_process_wait(fd, grace_ms);
        if (!ended && syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0) == 0)
            ended = hp_process_wait(fd, grace_ms);
    }
    if (fd >= 0) close(fd);
    if (p->pid > 0) waitpid(p->pid, NULL, WNOHANG); /* fails for a child of others, which is as well */
    return ended;
}

/* ---- children that wait ---- */

/* What ssh, its ProxyCommand, the AWS CLI and a keeper of ours look at. Of our own variables many are keys
 * (HOTPASS_CIPC_API_KEY): only those that say where things are. */
static const char *const HANDED_ON[] = {"PATH=",
                                        "HOME=",
                                        "USER=",
                                        "LOGNAME=",
                                        "SHELL=",
                                        "LANG=",
                                        "LC_",
                                        "TZ=",
                                        "TMPDIR=",
                                        "XDG_",
                                        "SSH_AUTH_SOCK=",
                                        "SSH_SK_PROVIDER=",
                                        "KRB5CCNAME=",
                                        "HOTPASS_STATE_DIR=",
                                        "HOTPASS_CONFIG=",
                                        "ASAN_OPTIONS=",
                                        "LSAN_OPTIONS=",
                                        "UBSAN_OPTIONS="};
static const char *const HANDED_ON_AWS[] = {"AWS_", "HTTPS_PROXY=", "https_proxy=", "NO_PROXY=", "no_proxy="};

static bool begins_with_any(const char *text, const char *const *starts, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (strncmp(text, starts[i], strlen(starts[i])) == 0) return true;
    }
    return false;
}

static bool is_handed_on(const char *variable, bool aws) {
    return begins_with_any(variable, HANDED_ON, sizeof HANDED_ON / sizeof *HANDED_ON)
           || (aws && begins_with_any(variable, HANDED_ON_AWS, sizeof HANDED_ON_AWS / sizeof *HANDED_ON_AWS));
}

/* Shortens the child's own environment in place. */
static void keep_needed(bool aws) {
    size_t k = 0;
    for (size_t i = 0; environ && environ[i]; i++)
        if (is_handed_on(environ[i], aws)) environ[k++] = environ[i];
    if (environ) environ[k] = NULL;
}

hp_code hp_process_withhold(hp_arena *a, const char *const **out, hp_err *err) {
    size_t n = 0, k = 0;
    while (environ && environ[n]) n++;
    const char **list = HP_NEW_ARRAY(a, n + 1, const char *);
    for (size_t i = 0; list && i < n; i++) {
        if (is_handed_on(environ[i], false)) continue;
        hp_str name = hp_arena_dup(a, (hp_str){environ[i], strcspn(environ[i], "=") + 1});
        if (!name.p) return hp_fail_memory(err, "the environment of a program");
        list[k++] = name.p;
    }
    *out = list;
    return list ? HP_OK : hp_fail_memory(err, "the environment of a program");
}

/* In the child, only signal-safe calls: waits for the word, then becomes the program. */
static _Noreturn void become(const char *const *argv, int gate, int log_fd, unsigned how) {
    sigset_t none;
    struct sigaction usual = {.sa_handler = SIG_DFL};
    setsid();
    if (how & HP_HELD_TIED) prctl(PR_SET_PDEATHSIG, SIGTERM);
    for (int s = 1; s < NSIG; s++) sigaction(s, &usual, NULL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    char word;
    ssize_t n;
    do {
        n = read(gate, &word, 1);
    } while (n < 0 && errno == EINTR);
    if (n != 1) _exit(0);
    int null = open("/dev/null", O_RDONLY);
    if (null >= 0) dup2(null, STDIN_FILENO);
    dup2(log_fd, STDOUT_FILENO);
    dup2(log_fd, STDERR_FILENO);
    keep_needed(how & HP_HELD_AWS);
    /* What else is open here is not meant for it. */
    syscall(SYS_close_range, 3, ~0U, 0);
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    static const char text[] = ": no such program on PATH\n";
    ssize_t told = write(STDERR_FILENO, argv[0], strlen(argv[0]));
    told = write(STDERR_FILENO, text, sizeof text - 1);
    (void)told; /* there is no other way to tell */
    _exit(127);
}

hp_code hp_held_make(const char *const *argv, int log_fd, unsigned how, hp_held *out, hp_err *err) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return hp_fail(err, HP_IO, "cannot make a pipe: %s", strerrordesc_np(errno));
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[1]);
        become(argv, ends[0], log_fd, how);
    }
    int failed = errno;
    close(ends[0]);
    hp_held h = {.gate = ends[1], .who.pid = pid};
    if (pid < 0) {
        close(ends[1]);
        return hp_fail(err, HP_RETRY, "cannot start a process: %s; try again", strerrordesc_np(failed));
    }
    if (!hp_process_look(pid, &h.who)) {
        hp_held_give_up(&h);
        return hp_fail(err, HP_IO, "/proc does not tell about our own child; is it mounted?");
    }
    *out = h;
    return HP_OK;
}

void hp_held_release(hp_held *h) {
    ssize_t n;
    do {
        n = write(h->gate, "", 1);
    } while (n < 0 && errno == EINTR);
    close(h->gate);
    h->gate = -1;
}

void hp_held_give_up(hp_held *h) {
    if (h->who.pid <= 0 || h->gate < 0) return;
    close(h->gate);
    h->gate = -1;
    while (waitpid(h->who.pid, NULL, 0) < 0 && errno == EINTR) continue;
}
