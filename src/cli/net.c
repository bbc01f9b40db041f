#include "cli/net.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"

#include "base/banned.h"

enum { PREFECT_PORT = 4200, MARQUEZ_PORT = 5000, SAME_SECOND = 1000 };

/* An option, or what the configuration says instead; NULL if neither does. */
static const char *text_or(const hp_cli *c, hp_option_id id, hp_config_id key) {
    const char *v = hp_args_text(&c->args, id);
    if (!v) v = hp_config_text(&c->config, key);
    return v && *v ? v : NULL;
}

static int port_or(const hp_cli *c, hp_option_id id, int fallback) {
    return c->args.opt[id].given ? (int)c->args.opt[id].number : fallback;
}

static int remote_port(const hp_cli *c, hp_option_id id, hp_config_id key) {
    int64_t port = 0;
    hp_str_i64(hp_str_of(hp_config_text(&c->config, key)), &port);
    return port_or(c, id, (int)port);
}

/* ssh may be started anew from elsewhere. */
static hp_code absolute(hp_cli *c, hp_option_id id, const char **out, hp_err *err) {
    const char *path = hp_args_text(&c->args, id);
    char full[PATH_MAX];
    *out = NULL;
    if (!path) return HP_OK;
    if (!realpath(path, full))
        return hp_fail(err, errno == EACCES ? HP_NOPERM : HP_NOINPUT, "--%s: %s: %s", hp_option_get(id)->name,
                       path, strerrordesc_np(errno));
    hp_str copy = hp_arena_dup(c->arena, hp_str_of(full));
    *out = copy.p;
    return copy.p ? HP_OK : hp_fail_memory(err, "a path");
}

/* ---- forwards ---- */

typedef struct known {
    const char *name;
    hp_service service;
    hp_option_id host, port, local;
    hp_config_id said_host, said_port;
    int standard;
} known;

static const known KNOWN[] = {
    {"prefect", HP_SERVICE_PREFECT, HP_O_PREFECT_HOST, HP_O_PREFECT_PORT, HP_O_LOCAL_PREFECT_PORT,
     HP_C_NET_PREFECT_HOST, HP_C_NET_PREFECT_PORT, PREFECT_PORT},
    {"marquez", HP_SERVICE_MARQUEZ, HP_O_MARQUEZ_HOST, HP_O_MARQUEZ_PORT, HP_O_LOCAL_MARQUEZ_PORT,
     HP_C_NET_MARQUEZ_HOST, HP_C_NET_MARQUEZ_PORT, MARQUEZ_PORT},
};

static hp_code read_known(hp_cli *c, const known *k, hp_tunnel_plan *p, hp_err *err) {
    const char *host = text_or(c, k->host, k->said_host);
    if (!host) return HP_OK;
    int local = port_or(c, k->local, k->standard);
    hp_forward *f = &p->forward[p->nforward++];
    *f = (hp_forward){.name = hp_str_of(k->name),
                      .service = k->service,
                      .port = remote_port(c, k->port, k->said_port),
                      .local = local,
                      .any = local == 0};
    return hp_host_check(hp_str_of(host), hp_option_get(k->host)->name, &f->host, err);
}

static hp_code read_forwards(hp_cli *c, hp_tunnel_plan *p, hp_err *err) {
    const hp_given *more = &c->args.opt[HP_O_FORWARD];
    p->forward = HP_NEW_ARRAY(c->arena, more->n + HP_FORWARDS_MAX, hp_forward);
    if (!p->forward) return hp_fail_memory(err, "forwards");
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++) HP_TRY(read_known(c, &KNOWN[i], p, err));
    for (size_t i = 0; i < more->n; i++)
        HP_TRY(hp_forward_read(c->arena, more->value[i], &p->forward[p->nforward++], err));
    return HP_OK;
}

/* ---- the rest ---- */

/* A time to live: 90s, 30m, 8h, 2d; a bare number is seconds. */
static bool read_ttl(hp_str s, int64_t *seconds) {
    static const struct {
        char unit;
        int64_t times;
    } UNIT[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    int64_t times = 1, n;
    for (size_t i = 0; i < 4; i++) {
        if (s.n && s.p[s.n - 1] == UNIT[i].unit) {
            times = UNIT[i].times;
            s = hp_str_cut(s, 0, s.n - 1);
            break;
        }
    }
    if (!hp_str_i64(s, &n) || n < 1 || n > 366 * INT64_C(86400) / times) return false;
    *seconds = n * times;
    return true;
}

hp_code hp_net_read(hp_cli *c, const char *dir, hp_tunnel *t, hp_err *err) {
    hp_tunnel_plan *p = &t->plan;
    const char *ttl = hp_args_text(&c->args, HP_O_TTL);
    int64_t seconds;
    HP_TRY(hp_config_load(c->arena, hp_args_text(&c->args, HP_O_CONFIG), &c->config, err));
    p->via = strcmp(text_or(c, HP_O_VIA, HP_C_NET_VIA), "ssm") == 0 ? HP_VIA_SSM : HP_VIA_SSH;
    p->host = text_or(c, HP_O_HOST, HP_C_NET_HOST);
    if (!p->host)
        return hp_fail(
            err, HP_USAGE,
            "--host is missing: the bastion (or net.host, HOTPASS_BASTION_HOST), with --via ssm the instance");
    p->user = text_or(c, HP_O_USER, HP_C_NET_USER);
    p->port = port_or(c, HP_O_PORT, 0);
    p->jump = hp_args_text(&c->args, HP_O_JUMP);
    p->accept_new = c->args.opt[HP_O_ACCEPT_NEW].on;
    HP_TRY(absolute(c, HP_O_IDENTITY, &p->identity, err));
    HP_TRY(absolute(c, HP_O_SSH_CONFIG, &p->ssh_config, err));
    HP_TRY(absolute(c, HP_O_KNOWN_HOSTS, &p->known_hosts, err));
    if (!p->known_hosts) p->known_hosts = hp_net_file(c->arena, dir, HP_S("known_hosts"), "").p;
    if (!p->known_hosts) return hp_fail_memory(err, "a path");
    HP_TRY(read_forwards(c, p, err));
    t->reconnect = c->args.opt[HP_O_RECONNECT].on;
    if (ttl && !read_ttl(hp_str_of(ttl), &seconds))
        return hp_fail(err, HP_USAGE,
                       "--ttl: \"%s\" is no time of 1 second to 366 days; write 90s, 30m, 8h or 2d", ttl);
    if (ttl) t->expires = hp_tunnel_now() + seconds;
    return hp_plan_check(p, err);
}

hp_code hp_net_up(hp_cli *c, const char *dir, hp_tunnel *t, const char *prefix, bool detach, int stop_fd,
                  hp_err *err) {
    const char *label = hp_args_text(&c->args, HP_O_LABEL);
    hp_up_options o = {.detach = detach,
                       .auto_port = c->args.opt[HP_O_AUTO_PORT].on,
                       .wait_ms = (int)c->args.opt[HP_O_WAIT].number * 1000,
                       .stop_fd = stop_fd};
    if (label) {
        HP_TRY(hp_label_check(label, err));
        t->label = hp_str_of(label);
        return hp_tunnel_up(dir, c->arena, t, &o, err);
    }
    char now[17];
    hp_time_compact(hp_tunnel_now(), now);
    /* Whoever starts several in one second gets them by number. */
    for (int i = 1; i < SAME_SECOND; i++) {
        hp_err in_use = {0};
        t->label = i == 1 ? hp_arena_printf(c->arena, "%s%s", prefix, now)
                          : hp_arena_printf(c->arena, "%s%s-%d", prefix, now, i);
        if (!t->label.p) return hp_fail_memory(err, "a label");
        hp_code code = hp_tunnel_up(dir, c->arena, t, &o, &in_use);
        if (code == HP_USAGE && strncmp(in_use.message, "label ", 6) == 0) continue;
        if (code != HP_OK) *err = in_use;
        return code;
    }
    return hp_fail(err, HP_RETRY, "no label is free in this second; give a --label");
}

hp_code hp_net_signals(int *fd, hp_err *err) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    *fd = signalfd(-1, &set, SFD_CLOEXEC);
    return *fd >= 0 ? HP_OK : hp_fail(err, HP_IO, "signals cannot be waited for: %s", strerrordesc_np(errno));
}

int hp_net_port(const hp_tunnel *t, hp_service s) {
    for (size_t i = 0; i < t->plan.nforward; i++) {
        if (t->plan.forward[i].service == s) return t->plan.forward[i].local;
    }
    return 0;
}

void hp_net_forwards(hp_json *j, const hp_tunnel *t, const char *const *reach) {
    hp_json_key(j, "forwards");
    hp_json_array(j);
    for (size_t i = 0; i < t->plan.nforward; i++) {
        const hp_forward *f = &t->plan.forward[i];
        hp_json_object(j);
        hp_json_key(j, "name");
        hp_json_str(j, f->name);
        hp_json_key(j, "local_port");
        hp_json_i64(j, f->local);
        hp_json_key(j, "remote_host");
        hp_json_str(j, f->host);
        hp_json_key(j, "remote_port");
        hp_json_i64(j, f->port);
        if (reach) {
            hp_json_key(j, "reachable");
            hp_json_bool(j, !reach[i]);
            hp_json_key(j, "reason");
            hp_json_cstr(j, reach[i]);
        }
        hp_json_object_end(j);
    }
    hp_json_array_end(j);
}
