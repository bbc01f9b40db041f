#include "base/proc.h"
#include "base/clock.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/banned.h"

extern char **environ;

enum { GRACE_MS = 2000, TICK_MS = 10 };

/* A child under way and our ends of its pipes; -1 = closed. */
typedef struct child {
    pid_t pid;
    int read_fd[2], write_fd[2]; /* stdout, stderr */
    int pid_fd;
    hp_buf *buf[2];
} child;

static void close_fd(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

static void close_child(child *c) {
    for (int i = 0; i < 2; i++) {
        close_fd(&c->read_fd[i]);
        close_fd(&c->write_fd[i]);
    }
    close_fd(&c->pid_fd);
}

char **hp_proc_environment(const char *const *extra) {
    size_t n = 0, more = 0, k = 0;
    while (environ && environ[n]) n++;
    while (extra && extra[more]) more++;
    char **joined = hp_calloc(n + more + 1, sizeof *joined);
    if (!joined) return NULL;
    for (size_t i = 0; i < more; i++) joined[k++] = (char *)(uintptr_t)extra[i];
    for (size_t i = 0; i < n; i++) {
        hp_str name = hp_str_cut(hp_str_of(environ[i]), 0, strcspn(environ[i], "=") + 1);
        bool replaced = false;
        for (size_t j = 0; j < more; j++) replaced |= hp_str_starts(hp_str_of(extra[j]), name);
        if (!replaced) joined[k++] = environ[i];
    }
    return joined;
}

static hp_code open_pipes(child *c, hp_err *err) {
    for (int i = 0; i < 2; i++) {
        if (!c->buf[i]) continue;
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0)
            return hp_fail(err, HP_IO, "cannot make a pipe: %s", strerrordesc_np(errno));
        c->read_fd[i] = ends[0];
        c->write_fd[i] = ends[1];
        fcntl(ends[0], F_SETFL, O_NONBLOCK);
    }
    return HP_OK;
}

/* Says what the child's descriptors 0, 1 and 2 are; everything else of ours is closed on exec. */
static int set_files(posix_spawn_file_actions_t *files, const child *c) {
    int failed = posix_spawn_file_actions_addopen(files, 0, "/dev/null", O_RDONLY, 0);
    for (int i = 0; i < 2 && !failed; i++) {
        failed = c->write_fd[i] >= 0
                     ? posix_spawn_file_actions_adddup2(files, c->write_fd[i], i + 1)
                     : posix_spawn_file_actions_addopen(files, i + 1, "/dev/null", O_WRONLY, 0);
    }
    return failed;
}

/* A process group of its own, and the signal state of a fresh process. */
static int set_attributes(posix_spawnattr_t *attr) {
    sigset_t none, standard;
    sigemptyset(&none);
    sigfillset(&standard);
    int failed = posix_spawnattr_setflags(attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK
                                                    | POSIX_SPAWN_SETSIGDEF);
    if (!failed) failed = posix_spawnattr_setpgroup(attr, 0);
    if (!failed) failed = posix_spawnattr_setsigmask(attr, &none);
    if (!failed) failed = posix_spawnattr_setsigdefault(attr, &standard);
    return failed;
}

static int spawn(child *c, const char *const *argv, char **env) {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    int failed = posix_spawn_file_actions_init(&files);
    if (failed) return failed;
    failed = posix_spawnattr_init(&attr);
    if (!failed) {
        failed = set_files(&files, c);
        if (!failed) failed = set_attributes(&attr);
        if (!failed)
            failed = posix_spawnp(&c->pid, argv[0], &files, &attr, (char *const *)(uintptr_t)argv, env);
        posix_spawnattr_destroy(&attr);
    }
    posix_spawn_file_actions_destroy(&files);
    return failed;
}

static hp_code start(child *c, const char *const *argv, const char *const *env, hp_err *err) {
    HP_TRY(open_pipes(c, err));
    hp_autofree char **joined = hp_proc_environment(env);
    if (!joined) return hp_fail_memory(err, "the environment of a child process");
    int failed = spawn(c, argv, joined);
    for (int i = 0; i < 2; i++) close_fd(&c->write_fd[i]);
    switch (failed) {
    case 0: break;
    case ENOENT:
    case ENOTDIR: return hp_fail(err, HP_NOINPUT, "%s: no such program on PATH; install it", argv[0]);
    case EACCES: return hp_fail(err, HP_NOINPUT, "%s: is not an executable program", argv[0]);
    default: return hp_fail(err, HP_IO, "%s: cannot start: %s", argv[0], strerrordesc_np(failed));
    }
    c->pid_fd = (int)syscall(SYS_pidfd_open, c->pid, 0); /* -1 on old kernels: then its end is polled for */
    return HP_OK;
}

/* Takes what a pipe holds; closes it at its end. What is over the buffer's cap is read and dropped, so the
 * child never blocks. */
static void drain(child *c, int i) {
    char piece[8192];
    while (c->read_fd[i] >= 0) {
        ssize_t n = read(c->read_fd[i], piece, sizeof piece);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) return;
        if (n <= 0) {
            close_fd(&c->read_fd[i]);
            return;
        }
        hp_buf *b = c->buf[i];
        size_t room = b->max > b->n ? b->max - b->n : 0;
        hp_buf_add(b, hp_str_cut((hp_str){piece, (size_t)n}, 0, room));
    }
}

/* Waits for output, the child's end, or `until` (nanoseconds of hp_clock_mono). */
static void wait_for_news(child *c, uint64_t until) {
    uint64_t now = hp_clock_mono(), left = until > now ? (until - now + 999999) / 1000000 : 0;
    if (c->pid_fd < 0 && left > TICK_MS) left = TICK_MS;
    if (left > 60000) left = 60000;
    struct pollfd fds[] = {{c->read_fd[0], POLLIN, 0}, {c->read_fd[1], POLLIN, 0}, {c->pid_fd, POLLIN, 0}};
    if (poll(fds, 3, (int)left) <= 0) return;
    for (int i = 0; i < 2; i++) {
        if (fds[i].revents) drain(c, i);
    }
}

/* Tells whether the child has ended, without reaping it, so that its pid (and group) cannot be somebody
 * else's yet. */
static bool has_ended(const child *c) {
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == c->pid;
}

static uint64_t in_ms(int ms) { return hp_clock_mono() + (uint64_t)(ms > 0 ? ms : 0) * 1000000u; }

/* Waits for the end of the child, telling its group to end once the deadline has passed. */
static void supervise(child *c, int timeout_ms, hp_proc_result *r) {
    static const int signals[] = {SIGTERM, SIGKILL};
    uint64_t until = in_ms(timeout_ms);
    for (size_t sent = 0; !has_ended(c);) {
        if (sent < 2 && hp_clock_mono() >= until) {
            r->timed_out = true;
            kill(-c->pid, signals[sent++]);
            until = sent < 2 ? in_ms(GRACE_MS) : UINT64_MAX;
        }
        wait_for_news(c, until);
    }
    if (r->timed_out) kill(-c->pid, SIGKILL); /* grandchildren that ignored TERM */
}

static void reap(child *c, hp_proc_result *r) {
    int status = 0;
    while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR) continue;
    r->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    r->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

hp_code hp_proc_run(const char *const *argv, const char *const *env, int timeout_ms, hp_buf *out,
                    hp_buf *errout, hp_proc_result *result, hp_err *err) {
    __attribute__((cleanup(close_child)))
    child c = {.read_fd = {-1, -1}, .write_fd = {-1, -1}, .pid_fd = -1, .buf = {out, errout}};
    HP_TRY(start(&c, argv, env, err));
    hp_proc_result r = {0};
    supervise(&c, timeout_ms, &r);
    /* What was written before the end; not until end of file, which a grandchild in the background could put
     * off for ever. */
    for (int i = 0; i < 2; i++) drain(&c, i);
    reap(&c, &r);
    if ((out && out->bad) || (errout && errout->bad))
        return hp_fail_memory(err, "the output of a child process");
    *result = r;
    return HP_OK;
}
