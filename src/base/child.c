#include "base/child.h"
#include "base/clock.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/banned.h"

enum { TICK_MS = 20, REPORT_FD = 3 };

/* What the child tells its parent when it cannot become the program. */
typedef struct failure {
    int number;    /* errno */
    bool in_chdir; /* else in exec */
} failure;

static int opened(int fd, int flags) { return fd > 0 ? fd : open("/dev/null", flags); }

static void reset_signals(void) {
    sigset_t none;
    struct sigaction usual = {.sa_handler = SIG_DFL};
    for (int s = 1; s < NSIG; s++) sigaction(s, &usual, NULL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Puts the three streams in place, above which only the way to tell the parent stays open, until exec. */
static void set_streams(const hp_child_how *how, int report) {
    int in = open("/dev/null", O_RDONLY), out = opened(how->out_fd, O_WRONLY),
        talk = opened(how->talk_fd, O_WRONLY);
    /* Out of the way of 0 to 3, whatever numbers they have. */
    int aside[] = {fcntl(in, F_DUPFD, 10), fcntl(out, F_DUPFD, 10), fcntl(talk, F_DUPFD, 10),
                   fcntl(report, F_DUPFD, 10)};
    for (int i = 0; i < 4; i++) dup2(aside[i], i);
    fcntl(REPORT_FD, F_SETFD, FD_CLOEXEC);
    syscall(SYS_close_range, REPORT_FD + 1, ~0U, 0);
}

/* In the child: only signal-safe calls. */
static _Noreturn void become(const char *const *argv, const hp_child_how *how, char **env, pid_t parent,
                             int report) {
    failure f = {0};
    if (how->group) setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) _exit(128 + SIGTERM); /* it ended before we asked to be told */
    reset_signals();
    set_streams(how, report);
    if (how->dir && chdir(how->dir) != 0) {
        f = (failure){errno, true};
    } else {
        execvpe(argv[0], (char *const *)(uintptr_t)argv, env);
        f.number = errno;
    }
    ssize_t told = write(REPORT_FD, &f, sizeof f);
    (void)told; /* the parent then sees a child that ended with 127 */
    _exit(127);
}

static hp_code fail_start(const char *program, const hp_child_how *how, const failure *f, hp_err *err) {
    if (f->in_chdir)
        return hp_fail(err, HP_NOINPUT, "%s: cannot work in this directory: %s", how->dir,
                       strerrordesc_np(f->number));
    switch (f->number) {
    case ENOENT:
    case ENOTDIR: return hp_fail(err, HP_NOINPUT, "%s: no such program on PATH; install it", program);
    case EACCES: return hp_fail(err, HP_NOINPUT, "%s: is not an executable program", program);
    default: return hp_fail(err, HP_IO, "%s: cannot start: %s", program, strerrordesc_np(f->number));
    }
}

/* Waits until the child has become the program, or says why it cannot. */
static bool became(int report, failure *f) {
    ssize_t n;
    do {
        n = read(report, f, sizeof *f);
    } while (n < 0 && errno == EINTR);
    return n != (ssize_t)sizeof *f;
}

hp_code hp_child_start(const char *const *argv, const hp_child_how *how, hp_child *out, hp_err *err) {
    int ends[2];
    failure f = {0};
    hp_autofree char **env = hp_proc_environment(how->env);
    if (!env) return hp_fail_memory(err, "the environment of a child process");
    if (pipe2(ends, O_CLOEXEC) != 0)
        return hp_fail(err, HP_IO, "cannot make a pipe: %s", strerrordesc_np(errno));
    pid_t self = getpid(), pid = fork();
    if (pid == 0) become(argv, how, env, self, ends[1]);
    int failed = errno;
    close(ends[1]);
    bool started = pid > 0 && became(ends[0], &f);
    close(ends[0]);
    if (pid < 0)
        return hp_fail(err, HP_RETRY, "cannot start a process: %s; try again", strerrordesc_np(failed));
    if (!started) {
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) continue;
        return fail_start(argv[0], how, &f, err);
    }
    *out = (hp_child){pid, (int)syscall(SYS_pidfd_open, pid, 0), how->group};
    return HP_OK;
}

void hp_child_signal(const hp_child *c, int signal) {
    if (c->pid > 0) kill(c->group ? -c->pid : c->pid, signal);
}

bool hp_child_ended(hp_child *c, hp_proc_result *r) {
    int status = 0;
    pid_t pid;
    do {
        pid = waitpid(c->pid, &status, WNOHANG);
    } while (pid < 0 && errno == EINTR);
    if (pid == 0) return false;
    *r = (hp_proc_result){.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                          .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0};
    if (c->pid_fd >= 0) close(c->pid_fd);
    *c = (hp_child){.pid_fd = -1};
    return true;
}

static bool ended_within(hp_child *c, int ms, hp_proc_result *r) {
    uint64_t until = hp_clock_mono() + (uint64_t)ms * 1000000u;
    while (!hp_child_ended(c, r)) {
        if (hp_clock_mono() >= until) return false;
        struct pollfd fd = {c->pid_fd, POLLIN, 0};
        poll(&fd, 1, TICK_MS);
    }
    return true;
}

void hp_child_end(hp_child *c, int grace_ms, hp_proc_result *r) {
    if (c->pid <= 0) return;
    hp_child own = *c;
    hp_child_signal(c, SIGTERM);
    if (!ended_within(c, grace_ms, r)) {
        hp_child_signal(c, SIGKILL);
        while (!ended_within(c, 1000, r)) continue;
    }
    if (own.group) kill(-own.pid, SIGKILL); /* those of its group that did not listen */
}

int hp_child_code(const hp_proc_result *r) { return r->signal ? 128 + r->signal : r->status; }

int hp_child_scratch(void) { return memfd_create("hotpass-child", MFD_CLOEXEC); }

void hp_child_scratch_read(int fd, hp_buf *out) {
    char piece[8192];
    off_t at = 0;
    for (;;) {
        ssize_t n = pread(fd, piece, sizeof piece, at);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return;
        at += n;
        size_t room = out->max > out->n ? out->max - out->n : 0;
        hp_buf_add(out, hp_str_cut((hp_str){piece, (size_t)n}, 0, room));
    }
}
