#include "net/tunnel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "net/ports.h"
#include "net/probe.h"
#include "net/tunnel_own.h"

#include "base/banned.h"

enum { NEXT_PORTS = 20, TRIES = 4, TICK_MS = 40, PROBE_MS = 3000, GRACE_MS = 3000, MAX_LOG = 4 << 20 };

int64_t hp_tunnel_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec;
}

hp_code hp_stop_wait(int stop_fd, int ms, hp_err *err) {
    struct pollfd p = {stop_fd, POLLIN, 0};
    struct signalfd_siginfo info;
    if (poll(&p, 1, ms) <= 0 || read(stop_fd, &info, sizeof info) != (ssize_t)sizeof info) return HP_OK;
    if (info.ssi_signo == SIGINT) return hp_fail(err, HP_SIGINT, "interrupted");
    return hp_fail(err, HP_SIGTERM, "told to end");
}

/* ---- what has become of it ---- */

static bool legs_alive(const hp_tunnel *t) {
    for (size_t i = 0; i < t->nleg; i++) {
        if (!hp_process_alive(&t->leg[i].who)) return false;
    }
    return t->nleg > 0;
}

hp_health hp_tunnel_look(const hp_tunnel *t) {
    bool owned = t->owner.pid > 0;
    if (owned && !hp_process_alive(&t->owner)) return HP_HEALTH_ORPHAN;
    if (t->stage == HP_TUNNEL_STARTING && owned) return HP_HEALTH_STARTING;
    if (legs_alive(t)) return HP_HEALTH_UP;
    bool kept = t->stage != HP_TUNNEL_FAILED && t->reconnect && hp_process_alive(&t->keeper);
    return kept ? HP_HEALTH_KEPT : HP_HEALTH_DEAD;
}

const char *hp_health_word(hp_health h) {
    static const char *const WORD[] = {"up", "starting", "reconnecting", "dead", "abandoned"};
    return WORD[h];
}

static bool is_gone(hp_health h) { return h == HP_HEALTH_DEAD || h == HP_HEALTH_ORPHAN; }

/* ---- starting ---- */

static bool is_used(const hp_tunnel *all, size_t n, int port) {
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < all[i].plan.nforward; k++) {
            if (all[i].plan.forward[k].local == port) return true;
        }
    }
    return false;
}

static int take_port(const hp_tunnel *all, size_t n, int wanted, int *port) {
    int fd = wanted && is_used(all, n, wanted) ? -1 : hp_port_hold(wanted, port);
    for (int tries = 0; fd >= 0 && !wanted && is_used(all, n, *port) && tries < 100; tries++) {
        int next = hp_port_hold(0, port); /* the first is held meanwhile, so this is another one */
        close(fd);
        fd = next;
    }
    return fd;
}

static hp_code choose_port(hp_forward *f, const hp_tunnel *all, size_t n, bool auto_port, hp_start *st,
                           hp_err *err) {
    int wanted = f->any ? 0 : f->local, port = 0;
    int fd = take_port(all, n, wanted, &port);
    for (int i = 1; fd < 0 && auto_port && wanted && i <= NEXT_PORTS && wanted + i <= 65535; i++)
        fd = take_port(all, n, wanted + i, &port);
    if (fd < 0 && wanted && wanted < 1024 && geteuid() != 0)
        return hp_fail(err, HP_UNAVAILABLE,
                       "port %d of 127.0.0.1 is not for every user; name one from 1024 upwards", wanted);
    if (fd < 0)
        return hp_fail(err, HP_UNAVAILABLE,
                       "port %d of 127.0.0.1, wanted for %.*s, is taken by another program or tunnel; name "
                       "another one, or use --auto-port",
                       wanted, HP_FMT(f->name));
    st->port_fd[st->nport++] = fd;
    f->local = port;
    return HP_OK;
}

/* The tunnels that count when ports are chosen: all others that live. */
static hp_code list_living(hp_net_state *s, hp_arena *a, hp_str but, hp_tunnel **out, size_t *n,
                           hp_err *err) {
    hp_tunnel *all;
    size_t count, k = 0;
    HP_TRY(hp_net_state_list(s, a, &all, &count, err));
    for (size_t i = 0; i < count; i++) {
        if (!hp_str_eq(all[i].label, but) && !is_gone(hp_tunnel_look(&all[i]))) all[k++] = all[i];
    }
    *out = all;
    *n = k;
    return HP_OK;
}

static unsigned aws_too(const hp_tunnel *t) { return t->plan.via == HP_VIA_SSM ? HP_HELD_AWS : HP_HELD_FREE; }

static hp_code digest_of(const char *const *argv, char out[65], hp_err *err) {
    hp_autobuf all = hp_buf_new(1 << 20);
    hp_sha256 sum;
    for (size_t i = 0; argv[i]; i++) hp_buf_add(&all, (hp_str){argv[i], strlen(argv[i]) + 1});
    HP_TRY(hp_buf_check(&all, "a command line", err));
    hp_sha256_of(hp_buf_str(&all), &sum);
    memcpy(out, sum.hex, 65);
    return HP_OK;
}

static hp_code hold_leg(hp_arena *a, hp_tunnel *t, int log_fd, unsigned how, hp_start *st, hp_err *err) {
    const char *const *argv;
    HP_TRY(hp_plan_argv(a, &t->plan, st->nheld, &argv, err));
    hp_held *h = &st->held[st->nheld];
    HP_TRY(hp_held_make(argv, log_fd, how, h, err));
    hp_leg *l = &t->leg[st->nheld++];
    *l = (hp_leg){.who = h->who};
    return digest_of(argv, l->digest, err);
}

static hp_code open_log(hp_arena *a, const char *dir, const hp_tunnel *t, hp_start *st, int *fd,
                        hp_err *err) {
    hp_str path = hp_net_file(a, dir, t->label, ".log");
    if (!path.p) return hp_fail_memory(err, "a path");
    int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
    *fd = open(path.p, flags, 0600);
    if (*fd < 0) return hp_fail(err, HP_CANTCREAT, "%s: %s", path.p, strerrordesc_np(errno));
    struct stat at;
    st->log_from = fstat(*fd, &at) == 0 ? at.st_size : 0;
    return HP_OK;
}

hp_code hp_start_hold(hp_net_state *s, const char *dir, hp_arena *a, hp_tunnel *t, bool auto_port, bool tied,
                      hp_start *st, hp_err *err) {
    hp_tunnel *all;
    size_t n;
    HP_TRY(list_living(s, a, t->label, &all, &n, err));
    for (size_t i = 0; i < t->plan.nforward; i++)
        HP_TRY(choose_port(&t->plan.forward[i], all, n, auto_port, st, err));
    t->nleg = hp_plan_legs(&t->plan);
    if (!t->leg) t->leg = HP_NEW_ARRAY(a, HP_FORWARDS_MAX, hp_leg);
    if (!t->leg) return hp_fail_memory(err, "a tunnel");
    int log_fd;
    unsigned how = aws_too(t) | (tied ? HP_HELD_TIED : HP_HELD_FREE);
    HP_TRY(open_log(a, dir, t, st, &log_fd, err));
    hp_code code = HP_OK;
    for (size_t i = 0; i < t->nleg && code == HP_OK; i++) code = hold_leg(a, t, log_fd, how, st, err);
    close(log_fd);
    return code == HP_OK ? hp_net_state_put(s, t, err) : code;
}

void hp_start_release(hp_start *st) {
    for (size_t i = 0; i < st->nheld; i++) hp_held_release(&st->held[i]);
}

void hp_start_close(hp_start *st) {
    for (size_t i = 0; i < st->nheld; i++) hp_held_give_up(&st->held[i]);
    for (size_t i = 0; i < st->nport; i++) close(st->port_fd[i]);
    st->nport = st->nheld = 0;
}

/* ---- proving ---- */

typedef struct proof {
    const char *dir;
    hp_arena *a;
    const hp_tunnel *t;
    const hp_start *st;
    bool proved[HP_FORWARDS_MAX];
    bool port_taken;
    hp_err last; /* of a probe that failed */
} proof;

/* What the processes wrote since this start. */
static void read_log(const proof *p, hp_buf *out) {
    hp_str path = hp_net_file(p->a, p->dir, p->t->label, ".log");
    int fd = path.p ? open(path.p, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0) return;
    ssize_t n = 1;
    for (off_t at = p->st->log_from; n > 0; at += n) {
        char *to = hp_buf_room(out, 4096);
        n = to ? pread(fd, to, 4096, at) : 0;
        if (n > 0) out->n += (size_t)n;
    }
    close(fd);
}

/* Fails with the reason in the log if there is one. */
static hp_code ask_log(proof *p, hp_err *err) {
    hp_autobuf log = hp_buf_new(MAX_LOG);
    read_log(p, &log);
    return hp_tunnel_reason(hp_buf_str(&log), &p->t->plan, &p->port_taken, err);
}

static hp_code leg_ended(proof *p, hp_err *err) {
    HP_TRY(ask_log(p, err));
    hp_autobuf log = hp_buf_new(MAX_LOG);
    read_log(p, &log);
    hp_str text = hp_str_trim(hp_buf_str(&log));
    text = hp_str_cut(text, text.n > 400 ? text.n - 400 : 0, text.n);
    return hp_fail(err, HP_UNAVAILABLE, "%s: the tunnel ended before it stood: %.*s", p->t->plan.host,
                   text.n ? (int)text.n : 14, text.n ? text.p : "without a word");
}

static hp_code prove_forward(proof *p, size_t i, hp_err *err) {
    const hp_forward *f = &p->t->plan.forward[i];
    const hp_leg *l = &p->t->leg[p->t->nleg > 1 ? i : 0];
    switch (hp_port_look(&l->who, f->local)) {
    case HP_PORT_SILENT: return HP_OK;
    case HP_PORT_OTHERS:
        p->port_taken = hp_process_alive(&l->who); /* else its end says more */
        return p->port_taken
                   ? hp_fail(err, HP_UNAVAILABLE,
                             "port %d of 127.0.0.1, meant for %.*s, was taken by another program meanwhile",
                             f->local, HP_FMT(f->name))
                   : HP_OK;
    case HP_PORT_OURS: break;
    }
    hp_err why = {0};
    if (hp_probe(f, PROBE_MS, &why) == HP_OK) {
        p->proved[i] = true;
        return HP_OK;
    }
    p->last = why;
    hp_err reason = {0};
    if (ask_log(p, &reason) == HP_OK) return HP_OK; /* it may come yet */
    if (reason.code == HP_NOPERM) return hp_fail(err, HP_NOPERM, "%s; %s", why.message, reason.message);
    return hp_fail(err, HP_UNAVAILABLE, "%s; %s", why.message, reason.message);
}

static hp_code prove_once(proof *p, bool *done, hp_err *err) {
    *done = true;
    for (size_t i = 0; i < p->t->plan.nforward; i++) {
        if (!p->proved[i]) HP_TRY(prove_forward(p, i, err));
        *done &= p->proved[i];
    }
    /* Looked at after the ports: what was proved must still run. */
    if (!legs_alive(p->t)) return leg_ended(p, err);
    return HP_OK;
}

hp_code hp_tunnel_prove(const char *dir, hp_arena *a, const hp_tunnel *t, const hp_start *st, int wait_ms,
                        int stop_fd, bool *again, hp_err *err) {
    proof p = {.dir = dir, .a = a, .t = t, .st = st};
    uint64_t until = hp_clock_mono() + (uint64_t)wait_ms * 1000000u;
    for (bool done = false; !done;) {
        hp_code code = prove_once(&p, &done, err);
        if (again) *again = p.port_taken;
        if (code != HP_OK || done) return code;
        HP_TRY(hp_stop_wait(stop_fd, TICK_MS, err));
        if (hp_clock_mono() < until) continue;
        HP_TRY(ask_log(&p, err));
        return hp_fail(err, HP_UNAVAILABLE, "%s: the tunnel was not usable within %d s: %s", t->plan.host,
                       wait_ms / 1000,
                       p.last.message[0] ? p.last.message : "the bastion has not let us in yet");
    }
    return HP_OK;
}

/* ---- up ---- */

bool hp_tunnel_end_legs(const hp_tunnel *t, size_t *ended) {
    bool fine = true;
    for (size_t i = 0; i < t->nleg; i++) {
        if (ended && hp_process_alive(&t->leg[i].who)) ++*ended;
        fine &= hp_process_end(&t->leg[i].who, GRACE_MS);
    }
    return fine;
}

static void remove_log(hp_arena *a, const char *dir, hp_str label) {
    hp_str path = hp_net_file(a, dir, label, ".log");
    if (path.p) unlink(path.p);
}

/* Makes room for a label: what is dead goes, what lives is in the way. */
static hp_code clear_label(hp_net_state *s, const char *dir, hp_arena *a, hp_str label, hp_err *err) {
    hp_tunnel *old;
    HP_TRY(hp_net_state_find(s, a, label, &old, err));
    if (!old) return HP_OK;
    if (!is_gone(hp_tunnel_look(old)))
        return hp_fail(err, HP_USAGE,
                       "label %.*s is in use by a tunnel that is up; bring it down (hotpass net down --label "
                       "%.*s), or give another --label",
                       HP_FMT(label), HP_FMT(label));
    hp_process_end(&old->keeper, GRACE_MS);
    hp_tunnel_end_legs(old, NULL);
    remove_log(a, dir, label);
    return hp_net_state_drop(s, label, err);
}

static hp_code begin_start(hp_net_state *s, const char *dir, hp_arena *a, hp_tunnel *t,
                           const hp_up_options *o, hp_start *st, hp_err *err) {
    HP_TRY(hp_net_state_begin(s, err));
    HP_TRY(clear_label(s, dir, a, t->label, err));
    HP_TRY(hp_start_hold(s, dir, a, t, o->auto_port, !o->detach, st, err));
    return hp_net_state_commit(s, err);
}

static hp_code forget(hp_net_state *s, const char *dir, hp_arena *a, hp_str label) {
    hp_err ignored = {0};
    remove_log(a, dir, label);
    HP_TRY(hp_net_state_begin(s, &ignored));
    HP_TRY(hp_net_state_drop(s, label, &ignored));
    return hp_net_state_commit(s, &ignored);
}

/* A keeper is this program again, waiting like the others until it is recorded. */
static hp_code hold_keeper(const char *dir, hp_arena *a, hp_tunnel *t, hp_held *keeper, hp_err *err) {
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n < 0) return hp_fail(err, HP_IO, "/proc/self/exe: %s", strerrordesc_np(errno));
    self[n] = '\0';
    const char *const argv[] = {self, "net", "keep", t->label.p, dir, NULL};
    hp_start ignored = {0};
    int log_fd;
    HP_TRY(open_log(a, dir, t, &ignored, &log_fd, err));
    hp_code code = hp_held_make(argv, log_fd, aws_too(t), keeper, err);
    close(log_fd);
    if (code == HP_OK) t->keeper = keeper->who;
    return code;
}

static hp_code record_up(hp_net_state *s, const char *dir, hp_arena *a, hp_tunnel *t, const hp_up_options *o,
                         hp_err *err) {
    hp_held keeper = {.gate = -1};
    hp_tunnel *still;
    bool kept = o->detach && (t->reconnect || t->expires);
    t->stage = HP_TUNNEL_UP;
    if (o->detach) t->owner = (hp_process){0};
    hp_code code = kept ? hold_keeper(dir, a, t, &keeper, err) : HP_OK;
    if (code == HP_OK) code = hp_net_state_begin(s, err);
    if (code == HP_OK) code = hp_net_state_find(s, a, t->label, &still, err);
    if (code == HP_OK && !still)
        code = hp_fail(err, HP_UNAVAILABLE, "the tunnel %.*s was brought down while it came up",
                       HP_FMT(t->label));
    if (code == HP_OK) code = hp_net_state_put(s, t, err);
    if (code == HP_OK) code = hp_net_state_commit(s, err);
    if (code == HP_OK && kept) hp_held_release(&keeper);
    hp_held_give_up(&keeper);
    return code;
}

/* One attempt: everything or nothing. */
static hp_code try_up(hp_net_state *s, const char *dir, hp_arena *a, hp_tunnel *t, const hp_up_options *o,
                      bool *again, hp_err *err) {
    hp_start st = {0};
    hp_code code = begin_start(s, dir, a, t, o, &st, err);
    if (code != HP_OK) {
        hp_net_state_rollback(s);
        hp_start_close(&st);
        return code;
    }
    hp_start_release(&st);
    code = hp_tunnel_prove(dir, a, t, &st, o->wait_ms, o->stop_fd, again, err);
    hp_start_close(&st);
    if (code == HP_OK) code = record_up(s, dir, a, t, o, err);
    if (code != HP_OK) {
        hp_net_state_rollback(s);
        hp_tunnel_end_legs(t, NULL);
        forget(s, dir, a, t->label);
    }
    return code;
}

hp_code hp_tunnel_up(const char *dir, hp_arena *a, hp_tunnel *t, const hp_up_options *o, hp_err *err) {
    HP_TRY(hp_plan_check(&t->plan, err));
    hp_net_state *s;
    HP_TRY(hp_net_state_open(dir, &s, err));
    int wanted[HP_FORWARDS_MAX] = {0};
    for (size_t i = 0; i < t->plan.nforward; i++) wanted[i] = t->plan.forward[i].local;
    t->created = hp_tunnel_now();
    t->stage = HP_TUNNEL_STARTING;
    hp_code code = hp_process_look(getpid(), &t->owner) ? HP_OK : hp_fail(err, HP_IO, "/proc is not mounted");
    bool again = code == HP_OK;
    hp_err why = {0};
    /* Between a port's choice and ssh's bind somebody may take it: then another try, with other ports. */
    for (int i = 0; i < TRIES && again; i++) {
        again = false; /* set by a proof that lost a port */
        for (size_t k = 0; k < t->plan.nforward; k++) t->plan.forward[k].local = wanted[k];
        why = (hp_err){0};
        code = try_up(s, dir, a, t, o, &again, &why);
    }
    if (code != HP_OK && why.message[0]) *err = why;
    hp_net_state_close(s);
    return code;
}

/* ---- down ---- */

static hp_code bring_down(hp_net_state *s, const char *dir, hp_arena *a, const hp_tunnel *t, size_t *ended,
                          hp_err *err) {
    bool fine = true;
    if (t->keeper.pid != getpid()) fine = hp_process_end(&t->keeper, GRACE_MS);
    fine &= hp_tunnel_end_legs(t, ended);
    if (!fine)
        return hp_fail(err, HP_NOPERM,
                       "a process of tunnel %.*s could not be ended; does it belong to another user?",
                       HP_FMT(t->label));
    remove_log(a, dir, t->label);
    return hp_net_state_drop(s, t->label, err);
}

static hp_code down_locked(hp_net_state *s, const char *dir, hp_arena *a, hp_str label, size_t *ended,
                           hp_err *err) {
    hp_tunnel *t;
    HP_TRY(hp_net_state_begin(s, err));
    HP_TRY(hp_net_state_find(s, a, label, &t, err));
    if (!t)
        return hp_fail(err, HP_NOINPUT, "there is no tunnel %.*s; hotpass net status lists them",
                       HP_FMT(label));
    HP_TRY(bring_down(s, dir, a, t, ended, err));
    return hp_net_state_commit(s, err);
}

hp_code hp_tunnel_down(const char *dir, hp_str label, size_t *ended, hp_err *err) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_net_state *s;
    if (!a) return hp_fail_memory(err, "a tunnel");
    HP_TRY(hp_net_state_open(dir, &s, err));
    hp_code code = down_locked(s, dir, a, label, ended, err);
    hp_net_state_rollback(s);
    hp_net_state_close(s);
    return code;
}

static bool is_label(const hp_tunnel *t, size_t n, hp_str label) {
    for (size_t i = 0; i < n; i++) {
        if (hp_str_eq(t[i].label, label)) return true;
    }
    return false;
}

/* net.json is written under the lock that we hold: what is half-written there is nobody's any more. */
static hp_code remove_half_written(const char *dir, hp_arena *a, hp_err *err) {
    hp_str *name;
    size_t n;
    HP_TRY(hp_list_dir(a, dir, &name, &n, err));
    for (size_t i = 0; i < n; i++) {
        if (!hp_str_starts(name[i], HP_S(".net.json.")) || !hp_str_ends(name[i], HP_S(".tmp"))) continue;
        hp_str path = hp_path_join(a, hp_str_of(dir), name[i]);
        if (!path.p) return hp_fail_memory(err, "a path");
        unlink(path.p);
    }
    return HP_OK;
}

/* Logs of starts that were killed before they were recorded. */
static hp_code remove_stray_logs(hp_net_state *s, const char *dir, hp_arena *a, hp_err *err) {
    hp_tunnel *all;
    hp_str *name, net = hp_arena_printf(a, "%s/net", dir);
    size_t n, files;
    if (!net.p) return hp_fail_memory(err, "a path");
    HP_TRY(hp_net_state_list(s, a, &all, &n, err));
    HP_TRY(hp_list_dir(a, net.p, &name, &files, err));
    for (size_t i = 0; i < files; i++) {
        if (!hp_str_ends(name[i], HP_S(".log"))) continue;
        hp_str label = hp_str_cut(name[i], 0, name[i].n - 4);
        if (!is_label(all, n, label)) remove_log(a, dir, label);
    }
    return HP_OK;
}

static hp_code gc_locked(hp_net_state *s, const char *dir, hp_arena *a, hp_str **label, size_t *n,
                         hp_err *err) {
    hp_tunnel *all;
    size_t count, k = 0;
    HP_TRY(hp_net_state_begin(s, err));
    HP_TRY(hp_net_state_list(s, a, &all, &count, err));
    hp_str *gone = HP_NEW_ARRAY(a, count + 1, hp_str);
    if (!gone) return hp_fail_memory(err, "a list");
    for (size_t i = 0; i < count; i++) {
        bool over = all[i].expires && all[i].expires <= hp_tunnel_now();
        if (!over && !is_gone(hp_tunnel_look(&all[i]))) continue;
        HP_TRY(bring_down(s, dir, a, &all[i], NULL, err));
        gone[k++] = all[i].label;
    }
    HP_TRY(remove_stray_logs(s, dir, a, err));
    HP_TRY(remove_half_written(dir, a, err));
    HP_TRY(hp_net_state_commit(s, err));
    *label = gone;
    *n = k;
    return HP_OK;
}

hp_code hp_tunnel_gc(const char *dir, hp_arena *a, hp_str **label, size_t *n, hp_err *err) {
    hp_net_state *s;
    HP_TRY(hp_net_state_open(dir, &s, err));
    hp_code code = gc_locked(s, dir, a, label, n, err);
    hp_net_state_rollback(s);
    hp_net_state_close(s);
    return code;
}
