/* hotpass net run: a command that finds the services where it looks for them. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/net.h"
#include "net/probe.h"

#include "base/banned.h"

enum { PROBE_MS = 3000, NOT_FOUND = 127, NOT_RUNNABLE = 126 };

static void set_variable(const char *name, int port, const char *path) {
    if (!port) return;
    hp_autobuf url = hp_buf_new(256);
    hp_buf_printf(&url, "http://127.0.0.1:%d%s", port, path);
    if (!url.bad) setenv(name, hp_buf_cstr(&url), 1);
}

/* In the child: the environment, usual signals, and the program. */
static _Noreturn void become(const hp_tunnel *t, const char *const *argv) {
    sigset_t none;
    sigemptyset(&none);
    set_variable("PREFECT_API_URL", hp_net_port(t, HP_SERVICE_PREFECT), "/api");
    set_variable("OPENLINEAGE_URL", hp_net_port(t, HP_SERVICE_MARQUEZ), "");
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    _exit(errno == ENOENT ? NOT_FOUND : NOT_RUNNABLE);
}

/* Waits for the command, handing on what we are told. Ctrl-C it gets from the terminal itself. */
static hp_code wait_for(pid_t pid, int stop_fd, hp_err *err) {
    int pid_fd = -1, status;
    hp_process who;
    if (hp_process_look(pid, &who)) pid_fd = hp_process_open(&who);
    while (pid_fd >= 0) {
        struct pollfd fds[] = {{pid_fd, POLLIN, 0}, {stop_fd, POLLIN, 0}};
        struct signalfd_siginfo info;
        if (poll(fds, 2, -1) < 0 && errno != EINTR) break;
        if (fds[0].revents) break;
        if (fds[1].revents && read(stop_fd, &info, sizeof info) == (ssize_t)sizeof info
            && (info.ssi_signo != SIGINT || info.ssi_code != SI_KERNEL))
            hp_process_signal(&who, (int)info.ssi_signo);
    }
    if (pid_fd >= 0) close(pid_fd);
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return hp_fail(err, HP_IO, "the command cannot be waited for: %s", strerrordesc_np(errno));
    }
    return (hp_code)(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static hp_code run(const hp_tunnel *t, const char *const *argv, int stop_fd, hp_err *err) {
    pid_t pid = fork();
    if (pid == 0) become(t, argv);
    if (pid < 0)
        return hp_fail(err, HP_RETRY, "cannot start a process: %s; try again", strerrordesc_np(errno));
    hp_code code = wait_for(pid, stop_fd, err);
    if ((int)code == NOT_FOUND || (int)code == NOT_RUNNABLE)
        return (hp_fail)(err, code,
                         "%s: ended with %d: perhaps there is no such program, or it cannot be run", argv[0],
                         (int)code);
    return code;
}

/* A tunnel that is up already: it is proved anew, used, and left. */
static hp_code run_through(hp_cli *c, const char *dir, const char *label, const char *const *argv,
                           int stop_fd, hp_err *err) {
    hp_net_state *s;
    hp_tunnel *t;
    HP_TRY(hp_net_state_open(dir, &s, err));
    hp_code code = hp_net_state_find(s, c->arena, hp_str_of(label), &t, err);
    hp_net_state_close(s);
    HP_TRY(code);
    if (!t) return hp_fail(err, HP_NOINPUT, "there is no tunnel %s; hotpass net status lists them", label);
    hp_health h = hp_tunnel_look(t);
    if (h != HP_HEALTH_UP)
        return hp_fail(err, HP_UNAVAILABLE, "tunnel %s is %s; hotpass net status says more", label,
                       hp_health_word(h));
    for (size_t i = 0; i < t->plan.nforward; i++) HP_TRY(hp_probe(&t->plan.forward[i], PROBE_MS, err));
    return run(t, argv, stop_fd, err);
}

static hp_code run_own(hp_cli *c, const char *dir, const char *const *argv, int stop_fd, hp_err *err) {
    hp_tunnel t = {0};
    hp_err down = {0};
    HP_TRY(hp_net_read(c, dir, &t, err));
    HP_TRY(hp_net_up(c, dir, &t, "run-", false, stop_fd, err));
    hp_code code = run(&t, argv, stop_fd, err);
    hp_code ended = hp_tunnel_down(dir, t.label, NULL, &down);
    if (ended == HP_OK || ended == HP_NOINPUT || code != HP_OK) return code;
    *err = down;
    return ended;
}

hp_code hp_cmd_net_run(hp_cli *c, hp_err *err) {
    hp_str dir;
    int stop_fd;
    bool own = c->args.opt[HP_O_HOST].given;
    size_t first = own ? 0 : 1, n = c->args.nword;
    if (n <= first)
        return hp_fail(err, HP_USAGE,
                       own ? "the command is missing: hotpass net run --host HOST ... -- COMMAND"
                           : "say which tunnel and what to run: hotpass net run LABEL -- COMMAND");
    if (!own) HP_TRY(hp_label_check(c->args.word[0], err));
    const char **argv = HP_NEW_ARRAY(c->arena, n + 1, const char *);
    if (!argv) return hp_fail_memory(err, "the command");
    for (size_t i = first; i < n; i++) argv[i - first] = c->args.word[i];
    HP_TRY(hp_state_dir(c->arena, &dir, err));
    HP_TRY(hp_net_signals(&stop_fd, err));
    hp_code code = own ? run_own(c, dir.p, argv, stop_fd, err)
                       : run_through(c, dir.p, c->args.word[0], argv, stop_fd, err);
    close(stop_fd);
    return code;
}
