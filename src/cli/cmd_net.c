/* hotpass net up, lease, down, logs, gc, keep: thin over net/tunnel.h. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "cli/net.h"

#include "base/banned.h"

enum { MAX_LOG = 8 << 20, DAY_MS = 86400000 };

/* ---- up, lease ---- */

static hp_code show_plan(hp_cli *c, hp_tunnel *t, hp_err *err) {
    const char *const *argv;
    hp_json j = {0};
    if (c->json) {
        j = hp_cli_json(c, "hotpass.net-plan/1");
        hp_json_key(&j, "commands");
        hp_json_array(&j);
    }
    for (size_t i = 0; i < hp_plan_legs(&t->plan); i++) {
        HP_TRY(hp_plan_argv(c->arena, &t->plan, i, &argv, err));
        if (c->json) hp_json_array(&j);
        for (size_t k = 0; c->json && argv[k]; k++) hp_json_cstr(&j, argv[k]);
        if (c->json) {
            hp_json_array_end(&j);
        } else {
            hp_argv_show(argv, &c->out);
            hp_buf_putc(&c->out, '\n');
        }
    }
    if (!c->json) return HP_OK;
    hp_json_array_end(&j);
    hp_cli_json_end(c, &j);
    return HP_OK;
}

static void tell_json(hp_cli *c, const hp_tunnel *t) {
    char iso[21];
    hp_json j = hp_cli_json(c, "hotpass.net-up/1");
    hp_json_key(&j, "label");
    hp_json_str(&j, t->label);
    hp_json_key(&j, "method");
    hp_json_cstr(&j, hp_via_word(t->plan.via));
    hp_json_key(&j, "host");
    hp_json_cstr(&j, t->plan.host);
    hp_json_key(&j, "pid");
    hp_json_i64(&j, t->leg[0].who.pid);
    hp_json_key(&j, "expires");
    if (t->expires) hp_time_iso(t->expires, iso);
    hp_json_cstr(&j, t->expires ? iso : NULL);
    hp_net_forwards(&j, t, NULL);
    hp_cli_json_end(c, &j);
}

static void tell_text(hp_cli *c, const hp_tunnel *t, bool detach) {
    hp_buf_printf(&c->out, "%.*s is up through %s, pid %d\n", HP_FMT(t->label), t->plan.host,
                  (int)t->leg[0].who.pid);
    for (size_t i = 0; i < t->plan.nforward; i++) {
        const hp_forward *f = &t->plan.forward[i];
        hp_buf_printf(&c->out, "  %-10.*s 127.0.0.1:%d -> %.*s:%d, %s\n", HP_FMT(f->name), f->local,
                      HP_FMT(f->host), f->port,
                      f->service == HP_SERVICE_TCP ? "open (nothing was asked)" : "answers");
    }
    if (detach)
        hp_buf_printf(&c->out, "Bring it down with: hotpass net down --label %.*s\n", HP_FMT(t->label));
    else
        hp_buf_puts(&c->out, "It ends with this command: Ctrl-C.\n");
}

/* Waits for the end of the tunnel, of its time, or of patience. */
static hp_code hold(const hp_tunnel *t, int stop_fd, hp_err *err) {
    struct pollfd fds[HP_FORWARDS_MAX + 1] = {{stop_fd, POLLIN, 0}};
    nfds_t n = 1;
    hp_code code = HP_OK;
    for (size_t i = 0; i < t->nleg; i++)
        fds[n++] = (struct pollfd){hp_process_open(&t->leg[i].who), POLLIN, 0};
    for (bool over = false; !over && code == HP_OK;) {
        int64_t left = t->expires ? (t->expires - hp_tunnel_now()) * 1000 : DAY_MS;
        over = t->expires && left <= 0;
        if (!over) poll(fds, n, (int)(left < DAY_MS ? left : DAY_MS));
        hp_err signal = {0};
        if (hp_process_wait(stop_fd, 0)) {
            code = hp_stop_wait(stop_fd, 0, &signal);
            over = true;
        }
        for (nfds_t i = 1; i < n && !over; i++) {
            if (fds[i].fd < 0 || fds[i].revents)
                code = hp_fail(err, HP_UNAVAILABLE, "tunnel %.*s dropped", HP_FMT(t->label));
        }
    }
    for (nfds_t i = 1; i < n; i++) {
        if (fds[i].fd >= 0) close(fds[i].fd);
    }
    return code;
}

/* The foreground: whatever happens, the tunnel goes with us. */
static hp_code lease(hp_cli *c, const char *dir, const hp_tunnel *t, int stop_fd, hp_err *err) {
    hp_err why = {0}, not_down = {0};
    hp_code code = hp_cli_flush(c, &why);
    if (code == HP_OK) code = hold(t, stop_fd, &why);
    hp_code down = hp_tunnel_down(dir, t->label, NULL, &not_down);
    bool by_others = down == HP_NOINPUT;
    /* Ctrl-C is the usual end; that somebody else brought it down is one, too. */
    if (code == HP_SIGINT || (code == HP_UNAVAILABLE && by_others)) code = HP_OK;
    if (code == HP_OK && down != HP_OK && !by_others) {
        *err = not_down;
        return down;
    }
    if (code != HP_OK) *err = why;
    return code;
}

/* Leaves the tunnel up, once it was told of: a command that ends as failed leaves nothing. */
static hp_code let_go(hp_cli *c, const char *dir, const hp_tunnel *t, hp_err *err) {
    hp_err ignored = {0};
    hp_code code = hp_cli_flush(c, err);
    if (code == HP_OK && hp_mem_failures() > 0)
        code = hp_fail_memory(err, "the tunnel"); /* on the way, unnoticed */
    if (code != HP_OK) hp_tunnel_down(dir, t->label, NULL, &ignored);
    return code;
}

static hp_code up(hp_cli *c, const char *prefix, bool detach, hp_err *err) {
    hp_str dir;
    hp_tunnel t = {0};
    int stop_fd;
    HP_TRY(hp_state_dir(c->arena, &dir, err));
    HP_TRY(hp_net_read(c, dir.p, &t, err));
    if (c->args.opt[HP_O_NET_DRY_RUN].on) return show_plan(c, &t, err);
    if (t.reconnect && !detach)
        return hp_fail(err, HP_USAGE,
                       "--reconnect belongs to --detach: in the foreground nobody would start it anew");
    HP_TRY(hp_net_signals(&stop_fd, err));
    hp_code code = hp_net_up(c, dir.p, &t, prefix, detach, stop_fd, err);
    if (code == HP_OK && c->json) tell_json(c, &t);
    if (code == HP_OK && !c->json && !c->quiet) tell_text(c, &t, detach);
    if (code == HP_OK) code = detach ? let_go(c, dir.p, &t, err) : lease(c, dir.p, &t, stop_fd, err);
    close(stop_fd);
    return code;
}

hp_code hp_cmd_net_up(hp_cli *c, hp_err *err) { return up(c, "", c->args.opt[HP_O_DETACH].on, err); }

hp_code hp_cmd_net_lease(hp_cli *c, hp_err *err) { return up(c, "lease-", false, err); }

/* ---- down, gc ---- */

static hp_code down_all(hp_cli *c, const char *dir, hp_str **label, size_t *n, hp_err *err) {
    hp_net_state *s;
    hp_tunnel *t;
    size_t count;
    HP_TRY(hp_net_state_open(dir, &s, err));
    hp_code code = hp_net_state_list(s, c->arena, &t, &count, err);
    hp_net_state_close(s);
    HP_TRY(code);
    *label = HP_NEW_ARRAY(c->arena, count + 1, hp_str);
    if (!*label) return hp_fail_memory(err, "a list");
    for (size_t i = 0; i < count; i++) {
        hp_err gone = {0};
        code = hp_tunnel_down(dir, t[i].label, NULL, &gone);
        if (code == HP_NOINPUT) continue; /* brought down by somebody else meanwhile */
        if (code != HP_OK) {
            *err = gone;
            return code;
        }
        (*label)[(*n)++] = t[i].label;
    }
    return HP_OK;
}

static void tell_labels(hp_cli *c, const char *schema, const char *done, const char *none,
                        const hp_str *label, size_t n) {
    if (c->json) {
        hp_json j = hp_cli_json(c, schema);
        hp_json_key(&j, "labels");
        hp_json_array(&j);
        for (size_t i = 0; i < n; i++) hp_json_str(&j, label[i]);
        hp_json_array_end(&j);
        hp_cli_json_end(c, &j);
        return;
    }
    if (c->quiet) return;
    for (size_t i = 0; i < n; i++) hp_buf_printf(&c->out, "%.*s: %s\n", HP_FMT(label[i]), done);
    if (n == 0) hp_buf_printf(&c->out, "%s\n", none);
}

hp_code hp_cmd_net_down(hp_cli *c, hp_err *err) {
    hp_str dir, one, *label = &one;
    size_t n = 0;
    const char *given = hp_args_text(&c->args, HP_O_LABEL);
    if (!given == !c->args.opt[HP_O_NET_ALL].on)
        return hp_fail(err, HP_USAGE, "say which: --label LABEL, or --all; hotpass net status lists them");
    HP_TRY(hp_state_dir(c->arena, &dir, err));
    if (given) {
        one = hp_str_of(given);
        HP_TRY(hp_tunnel_down(dir.p, one, NULL, err));
        n = 1;
    } else {
        HP_TRY(down_all(c, dir.p, &label, &n, err));
    }
    tell_labels(c, "hotpass.net-down/1", "down", "There are no tunnels.", label, n);
    return HP_OK;
}

hp_code hp_cmd_net_gc(hp_cli *c, hp_err *err) {
    hp_str dir, *label;
    size_t n;
    HP_TRY(hp_state_dir(c->arena, &dir, err));
    HP_TRY(hp_tunnel_gc(dir.p, c->arena, &label, &n, err));
    tell_labels(c, "hotpass.net-gc/1", "was dead, and is forgotten", "Nothing was left behind.", label, n);
    return HP_OK;
}

/* ---- logs, keep ---- */

hp_code hp_cmd_net_logs(hp_cli *c, hp_err *err) {
    hp_str dir;
    const char *label = c->args.word[0];
    HP_TRY(hp_label_check(label, err));
    HP_TRY(hp_state_dir(c->arena, &dir, err));
    hp_str path = hp_net_file(c->arena, dir.p, hp_str_of(label), ".log");
    hp_autobuf raw = hp_buf_new(MAX_LOG);
    if (!path.p) return hp_fail_memory(err, "a path");
    if (!hp_exists(path.p))
        return hp_fail(err, HP_NOINPUT, "there is no tunnel %s; hotpass net status lists them", label);
    HP_TRY(hp_read_file(path.p, &raw, err));
    hp_autobuf text = hp_buf_new(2 * MAX_LOG);
    hp_str line;
    for (hp_str rest = hp_buf_str(&raw); hp_str_next(&rest, '\n', &line);) {
        hp_put_safe(&text, hp_str_trim(line)); /* what a server sent may hold anything */
        hp_buf_putc(&text, '\n');
    }
    hp_cli_text(c, "hotpass.net-logs/1", label, hp_buf_str(&text));
    return HP_OK;
}

hp_code hp_cmd_net_keep(hp_cli *c, hp_err *err) {
    int stop_fd;
    HP_TRY(hp_net_signals(&stop_fd, err));
    hp_code code = hp_tunnel_keep(c->args.word[1], hp_str_of(c->args.word[0]), stop_fd, err);
    close(stop_fd);
    return code;
}
