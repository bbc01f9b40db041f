#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/tunnel_own.h"

#include "base/banned.h"

/* Eight attempts over four minutes: a bastion that restarts is back by then, and whoever needs the tunnel has
 * noticed. */
enum { ATTEMPTS = 8, FIRST_PAUSE_S = 1, LONGEST_PAUSE_S = 60, WAIT_MS = 20000, MAX_SLEEP_MS = 3600000 };

typedef struct keeper {
    const char *dir;
    hp_arena *a;
    hp_net_state *s;
    hp_str label;
    hp_tunnel *t;
    int stop_fd;
} keeper;

/* Reads the record anew; false in *mine when it is not ours to keep any more. */
static hp_code look_again(keeper *k, bool *mine, hp_err *err) {
    HP_TRY(hp_net_state_find(k->s, k->a, k->label, &k->t, err));
    *mine = k->t && k->t->keeper.pid == getpid();
    return HP_OK;
}

/* Changes the record, if it is ours still. */
static hp_code record(keeper *k, hp_tunnel_stage stage, const char *note, hp_err *err) {
    bool mine;
    HP_TRY(hp_net_state_begin(k->s, err));
    hp_tunnel now = *k->t;
    hp_code code = look_again(k, &mine, err);
    if (code == HP_OK && mine) {
        now.stage = stage;
        now.note = hp_arena_dup(k->a, hp_str_of(note));
        code = now.note.p ? hp_net_state_put(k->s, &now, err) : hp_fail_memory(err, "a note");
        if (code == HP_OK) code = hp_net_state_commit(k->s, err);
    }
    hp_net_state_rollback(k->s);
    if (code == HP_OK && !mine)
        return hp_fail(err, HP_NOINPUT, "tunnel %.*s is not ours any more", HP_FMT(k->label));
    return code == HP_OK ? look_again(k, &mine, err) : code;
}

static hp_code hold_again(keeper *k, hp_start *st, hp_err *err) {
    bool mine;
    HP_TRY(hp_net_state_begin(k->s, err));
    HP_TRY(look_again(k, &mine, err));
    if (!mine) return hp_fail(err, HP_NOINPUT, "tunnel %.*s is not ours any more", HP_FMT(k->label));
    hp_tunnel_end_legs(k->t, NULL); /* of several, some may run */
    HP_TRY(hp_start_hold(k->s, k->dir, k->a, k->t, false, false, st, err));
    return hp_net_state_commit(k->s, err);
}

/* One attempt to have the same tunnel again, on the same local ports. */
static hp_code start_again(keeper *k, hp_err *err) {
    hp_start st = {0};
    hp_code code = hold_again(k, &st, err);
    hp_net_state_rollback(k->s);
    if (code == HP_OK) {
        hp_start_release(&st);
        code = hp_tunnel_prove(k->dir, k->a, k->t, &st, WAIT_MS, k->stop_fd, NULL, err);
        if (code != HP_OK) hp_tunnel_end_legs(k->t, NULL);
    }
    hp_start_close(&st);
    return code;
}

/* What does not pass by itself: a refused login, a changed key, being told to end. */
static bool is_final(hp_code code) { return code != HP_UNAVAILABLE && code != HP_RETRY; }

static hp_code give_up(keeper *k, const hp_err *why, int attempts, hp_err *err) {
    hp_autobuf note = hp_buf_new(4096);
    hp_buf_printf(&note, "given up after %d attempts: %s", attempts, why->message);
    return record(k, HP_TUNNEL_FAILED, hp_buf_cstr(&note), err);
}

static hp_code reconnect(keeper *k, hp_err *err) {
    int pause = FIRST_PAUSE_S;
    HP_TRY(record(k, HP_TUNNEL_UP, "dropped; connecting again", err));
    for (int i = 1;; i++) {
        hp_err why = {0};
        hp_code code = start_again(k, &why);
        if (code == HP_OK) {
            k->t->restarts++;
            return record(k, HP_TUNNEL_UP, "", err);
        }
        if (code == HP_SIGINT || code == HP_SIGTERM || code == HP_NOINPUT)
            return hp_fail(err, HP_SIGTERM, "ended");
        if (is_final(code) || i == ATTEMPTS) {
            HP_TRY(give_up(k, &why, i, err));
            return hp_fail(err, HP_UNAVAILABLE, "%s", why.message);
        }
        hp_autobuf note = hp_buf_new(4096);
        hp_buf_printf(&note, "attempt %d of %d, next in %d s: %s", i, ATTEMPTS, pause, why.message);
        HP_TRY(record(k, HP_TUNNEL_UP, hp_buf_cstr(&note), err));
        HP_TRY(hp_stop_wait(k->stop_fd, pause * 1000, err));
        pause = pause * 2 < LONGEST_PAUSE_S ? pause * 2 : LONGEST_PAUSE_S;
    }
}

/* Sleeps until a process ends, the time is over, or a signal comes. */
static hp_code sleep_on(keeper *k, bool *dropped, hp_err *err) {
    struct pollfd fds[HP_FORWARDS_MAX + 1] = {{k->stop_fd, POLLIN, 0}};
    nfds_t n = 1;
    *dropped = false;
    for (size_t i = 0; i < k->t->nleg; i++) {
        int fd = hp_process_open(&k->t->leg[i].who);
        *dropped |= fd < 0;
        if (fd >= 0) fds[n++] = (struct pollfd){fd, POLLIN, 0};
    }
    int64_t left = k->t->expires ? (k->t->expires - hp_tunnel_now()) * 1000 : MAX_SLEEP_MS;
    if (left > MAX_SLEEP_MS) left = MAX_SLEEP_MS;
    if (!*dropped && left > 0) poll(fds, n, (int)left);
    for (nfds_t i = 1; i < n; i++) {
        *dropped |= fds[i].revents != 0;
        close(fds[i].fd);
    }
    return hp_stop_wait(k->stop_fd, 0, err);
}

static hp_code keep(keeper *k, hp_err *err) {
    for (;;) {
        bool mine, dropped;
        HP_TRY(look_again(k, &mine, err));
        if (!mine) return HP_OK;
        if (k->t->expires && k->t->expires <= hp_tunnel_now())
            return hp_tunnel_down(k->dir, k->label, NULL, err);
        HP_TRY(sleep_on(k, &dropped, err));
        if (!dropped) continue;
        for (size_t i = 0; i < k->t->nleg; i++)
            hp_process_end(&k->t->leg[i].who, 0); /* reaps what was ours */
        if (!k->t->reconnect)
            return record(k, HP_TUNNEL_UP, "dropped; it was not to be connected again", err);
        HP_TRY(reconnect(k, err));
    }
}

hp_code hp_tunnel_keep(const char *dir, hp_str label, int stop_fd, hp_err *err) {
    hp_autoarena *a = hp_arena_new(NULL);
    keeper k = {.dir = dir, .a = a, .label = label, .stop_fd = stop_fd};
    if (!a) return hp_fail_memory(err, "a tunnel");
    HP_TRY(hp_net_state_open(dir, &k.s, err));
    hp_code code = keep(&k, err);
    hp_net_state_close(k.s);
    return code;
}
