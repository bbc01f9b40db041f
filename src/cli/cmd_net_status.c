/* hotpass net status: what has become of the tunnels, and whether what is behind them answers. */
#include <unistd.h>

#include "base/clock.h"
#include "cli/net.h"
#include "net/probe.h"

#include "base/banned.h"

enum { PROBE_MS = 2000, WATCH_MS = 2000 };

/* One tunnel as it is now. */
typedef struct seen {
    const hp_tunnel *t;
    hp_health health;
    const char *reach[HP_FORWARDS_MAX]; /* NULL = answers, else why not */
    bool usable, keeper_gone;
    hp_str advice; /* what to do; "" if nothing */
} seen;

static hp_code look_forwards(hp_cli *c, seen *s, hp_err *err) {
    s->usable = s->health == HP_HEALTH_UP;
    for (size_t i = 0; i < s->t->plan.nforward; i++) {
        hp_err why = {0};
        if (s->health != HP_HEALTH_UP) {
            s->reach[i] = "the tunnel is not up";
        } else if (hp_probe(&s->t->plan.forward[i], PROBE_MS, &why) != HP_OK) {
            hp_str copy = hp_arena_dup(c->arena, hp_str_of(why.message));
            if (!copy.p) return hp_fail_memory(err, "the status");
            s->reach[i] = copy.p;
        }
        s->usable &= !s->reach[i];
    }
    return HP_OK;
}

static hp_str advice(hp_cli *c, const seen *s) {
    hp_str label = s->t->label;
    const char *note = s->t->note.n ? s->t->note.p : NULL;
    switch (s->health) {
    case HP_HEALTH_UP:
        if (s->keeper_gone)
            return hp_arena_printf(c->arena,
                                   "its keeper was killed: nobody starts it anew, or ends it after its time; "
                                   "hotpass net down --label %.*s, and up again",
                                   HP_FMT(label));
        if (s->usable) return HP_S("");
        return hp_arena_printf(
            c->arena, "the tunnel stands, a service behind it does not answer: see hotpass net logs %.*s",
            HP_FMT(label));
    case HP_HEALTH_STARTING: return HP_S("it is coming up; look again");
    case HP_HEALTH_KEPT: return hp_arena_printf(c->arena, "%s", note ? note : "its keeper connects again");
    case HP_HEALTH_ORPHAN:
        return hp_arena_printf(c->arena,
                               "the command that held it was killed; hotpass net gc ends what it left");
    case HP_HEALTH_DEAD:
    default: break;
    }
    return hp_arena_printf(
        c->arena,
        "%s%sits process ended; bring it up again with the same --label, or forget it: hotpass net down --label %.*s",
        note ? note : "", note ? "; " : "", HP_FMT(label));
}

static hp_code look(hp_cli *c, const char *dir, seen **out, size_t *n, hp_err *err) {
    hp_net_state *s;
    hp_tunnel *t;
    HP_TRY(hp_net_state_open(dir, &s, err));
    hp_code code = hp_net_state_list(s, c->arena, &t, n, err);
    hp_net_state_close(s);
    HP_TRY(code);
    seen *all = HP_NEW_ARRAY(c->arena, *n + 1, seen);
    if (!all) return hp_fail_memory(err, "the status");
    for (size_t i = 0; i < *n; i++) {
        all[i] = (seen){.t = &t[i], .health = hp_tunnel_look(&t[i])};
        all[i].keeper_gone = t[i].keeper.pid > 0 && !hp_process_alive(&t[i].keeper);
        HP_TRY(look_forwards(c, &all[i], err));
        all[i].advice = advice(c, &all[i]);
        if (!all[i].advice.p) return hp_fail_memory(err, "the status");
    }
    *out = all;
    return HP_OK;
}

/* ---- telling ---- */

static void put_port(hp_json *j, const char *key, int port) {
    hp_json_key(j, key);
    if (port) {
        hp_json_i64(j, port);
    } else {
        hp_json_null(j);
    }
}

static void put_time(hp_json *j, const char *key, int64_t at) {
    char iso[21];
    hp_json_key(j, key);
    if (at) hp_time_iso(at, iso);
    hp_json_cstr(j, at ? iso : NULL);
}

static void put_seen(hp_json *j, const seen *s) {
    const hp_tunnel *t = s->t;
    hp_json_object(j);
    hp_json_key(j, "label");
    hp_json_str(j, t->label);
    hp_json_key(j, "method");
    hp_json_cstr(j, hp_via_word(t->plan.via));
    hp_json_key(j, "host");
    hp_json_cstr(j, t->plan.host);
    put_port(j, "prefect_port", hp_net_port(t, HP_SERVICE_PREFECT));
    put_port(j, "marquez_port", hp_net_port(t, HP_SERVICE_MARQUEZ));
    put_port(j, "pid", t->nleg ? t->leg[0].who.pid : 0);
    put_port(j, "keeper_pid", t->keeper.pid);
    hp_json_key(j, "alive");
    hp_json_bool(j, s->health == HP_HEALTH_UP || (s->health == HP_HEALTH_STARTING));
    hp_json_key(j, "reachable");
    hp_json_bool(j, s->usable);
    hp_json_key(j, "state");
    hp_json_cstr(j, hp_health_word(s->health));
    put_time(j, "created", t->created);
    put_time(j, "expires", t->expires);
    hp_json_key(j, "age_seconds");
    hp_json_i64(j, hp_tunnel_now() - t->created);
    hp_json_key(j, "reconnect");
    hp_json_bool(j, t->reconnect);
    hp_json_key(j, "restarts");
    hp_json_i64(j, t->restarts);
    hp_json_key(j, "argv_sha256");
    hp_json_cstr(j, t->nleg ? t->leg[0].digest : NULL);
    hp_net_forwards(j, t, s->reach);
    hp_json_key(j, "advice");
    hp_json_str(j, s->advice);
    hp_json_object_end(j);
}

static void tell_json(hp_cli *c, const seen *s, size_t n) {
    hp_json j = hp_cli_json(c, "hotpass.net-status/1");
    hp_json_key(&j, "tunnels");
    hp_json_array(&j);
    for (size_t i = 0; i < n; i++) put_seen(&j, &s[i]);
    hp_json_array_end(&j);
    hp_cli_json_end(c, &j);
}

static void put_age(hp_buf *out, int64_t seconds) {
    if (seconds < 120)
        hp_buf_printf(out, "%d s", (int)(seconds > 0 ? seconds : 0));
    else if (seconds < 7200)
        hp_buf_printf(out, "%d min", (int)(seconds / 60));
    else
        hp_buf_printf(out, "%d h", (int)(seconds / 3600));
}

static void put_number(hp_buf *out, int port) {
    if (port)
        hp_buf_printf(out, "%-8d ", port);
    else
        hp_buf_printf(out, "%-8s ", "-");
}

static void tell_text(hp_cli *c, const seen *s, size_t n) {
    hp_buf *out = &c->out;
    if (n == 0) {
        hp_buf_puts(
            out,
            "There are no tunnels. Bring one up: hotpass net up --host BASTION --prefect-host HOST --detach\n");
        return;
    }
    hp_buf_printf(out, "%-24s %-11s %-8s %-8s %-8s %-12s %s\n", "LABEL", "METHOD", "PREFECT", "MARQUEZ",
                  "PID", "STATE", "AGE");
    for (size_t i = 0; i < n; i++) {
        const hp_tunnel *t = s[i].t;
        int port[] = {hp_net_port(t, HP_SERVICE_PREFECT), hp_net_port(t, HP_SERVICE_MARQUEZ)};
        hp_buf_printf(out, "%-24.*s %-11s ", HP_FMT(t->label), hp_via_word(t->plan.via));
        for (size_t k = 0; k < 2; k++) put_number(out, port[k]);
        hp_buf_printf(out, "%-8d %-12s ", t->nleg ? (int)t->leg[0].who.pid : 0,
                      s[i].usable ? "reachable" : hp_health_word(s[i].health));
        put_age(out, hp_tunnel_now() - t->created);
        hp_buf_putc(out, '\n');
        for (size_t k = 0; k < t->plan.nforward && s[i].health == HP_HEALTH_UP; k++) {
            if (!s[i].reach[k]) continue;
            hp_buf_printf(out, "  %.*s: ", HP_FMT(t->plan.forward[k].name));
            hp_put_safe(out, hp_str_of(s[i].reach[k]));
            hp_buf_putc(out, '\n');
        }
        if (!s[i].advice.n) continue;
        hp_buf_puts(out, "  ");
        hp_put_safe(out, s[i].advice);
        hp_buf_putc(out, '\n');
    }
}

static hp_code once(hp_cli *c, const char *dir, hp_err *err) {
    seen *s;
    size_t n;
    bool usable = true;
    HP_TRY(look(c, dir, &s, &n, err));
    for (size_t i = 0; i < n; i++) usable &= s[i].usable;
    if (c->json) {
        tell_json(c, s, n);
    } else {
        tell_text(c, s, n);
    }
    return usable ? HP_OK : HP_FINDINGS;
}

/* Until a signal comes: a table that is drawn anew on a terminal, one after the other elsewhere. */
static hp_code watch(hp_cli *c, const char *dir, hp_err *err) {
    int stop_fd;
    hp_code code = hp_net_signals(&stop_fd, err);
    hp_arena *whole = c->arena;
    while (code == HP_OK) {
        c->arena = hp_arena_new(whole);
        code = c->arena ? HP_OK : hp_fail_memory(err, "the status");
        if (c->term.out_tty && !c->json) hp_buf_puts(&c->out, "\033[H\033[J");
        if (code == HP_OK) code = once(c, dir, err);
        if (code == HP_FINDINGS) code = HP_OK;
        if (code == HP_OK) code = hp_cli_flush(c, err);
        hp_arena_drop(c->arena);
        hp_err signal = {0};
        if (code == HP_OK) code = hp_stop_wait(stop_fd, WATCH_MS, &signal);
    }
    c->arena = whole;
    return code == HP_SIGINT ? HP_OK : code;
}

hp_code hp_cmd_net_status(hp_cli *c, hp_err *err) {
    hp_str dir;
    HP_TRY(hp_state_dir(c->arena, &dir, err));
    return c->args.opt[HP_O_WATCH].on ? watch(c, dir.p, err) : once(c, dir.p, err);
}
