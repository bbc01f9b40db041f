/* hotpass lineage flush, status, tail, show, graph, settle: thin over src/ops/lineage. */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/lineage.h"
#include "cli/net.h"
#include "net/tunnel.h"

#include "base/banned.h"

/* How long a run that was interrupted may take to tell of it. */
enum { SETTLE_MS = 500, WATCH_MS = 1000 };

static void number(hp_json *j, const char *key, int64_t v) {
    hp_json_key(j, key);
    hp_json_i64(j, v);
}

static void text(hp_json *j, const char *key, hp_str v) {
    hp_json_key(j, key);
    hp_json_str(j, v);
}

/* ---- flush ---- */

static hp_code deliver(hp_cli *c, const hp_cli_lineage *l, hp_lineage_store *s, int64_t ms, bool now,
                       int stop_fd, hp_lineage_report *out, hp_err *err) {
    hp_secret *key = NULL;
    HP_TRY(hp_cli_lineage_key(c, &key, err));
    const hp_lineage_target to = {
        .url = l->url, .endpoint = getenv("OPENLINEAGE_ENDPOINT"), .key = key, .stop_fd = stop_fd};
    hp_code code = hp_lineage_deliver(s, l->dir.p, &to, ms, now, out, err);
    hp_secret_free(key);
    return code;
}

static void tell_flush(hp_cli *c, const hp_lineage_report *r, const hp_lineage_counts *n) {
    if (c->json) {
        hp_json j = hp_cli_json(c, "hotpass.lineage-flush/1");
        number(&j, "delivered", (int64_t)r->delivered);
        number(&j, "rejected", (int64_t)r->rejected);
        number(&j, "pending", n->pending);
        text(&j, "note", hp_str_of(r->note));
        hp_cli_json_end(c, &j);
        return;
    }
    hp_put_counted(&c->out, r->delivered, "event", "events");
    hp_buf_puts(&c->out, " delivered, ");
    hp_put_thousands(&c->out, (uint64_t)n->pending);
    hp_buf_puts(&c->out, " waiting");
    if (r->rejected)
        hp_buf_printf(&c->out, ", %zu set aside (hotpass lineage status lists them)", r->rejected);
    if (r->note[0]) hp_buf_puts(&c->out, ": ");
    hp_put_safe(&c->out, hp_str_of(r->note));
    hp_buf_putc(&c->out, '\n');
}

static hp_code flush(hp_cli *c, const hp_cli_lineage *l, hp_lineage_store *s, int stop_fd, hp_err *err) {
    const hp_given *opt = c->args.opt;
    hp_lineage_report r = {0};
    hp_lineage_counts n;
    size_t some;
    HP_TRY(hp_lineage_settle(s, &some, err));
    HP_TRY(hp_lineage_requeue(s, opt[HP_O_LINEAGE_REJECTED].on, opt[HP_O_LINEAGE_ALL].on, &some, err));
    HP_TRY(deliver(c, l, s, opt[HP_O_LINEAGE_WAIT].number * 1000, true, stop_fd, &r, err));
    if (r.busy) return hp_fail(err, HP_RETRY, "another hotpass sends events right now; try again");
    HP_TRY(hp_lineage_count(s, &n, err));
    tell_flush(c, &r, &n);
    return n.pending ? HP_UNAVAILABLE : r.rejected ? HP_FINDINGS : HP_OK;
}

hp_code hp_cmd_lineage_flush(hp_cli *c, hp_err *err) {
    hp_cli_lineage l;
    hp_lineage_store *s;
    int stop_fd;
    HP_TRY(hp_cli_lineage_where(c, &l, err));
    if (!l.url)
        return hp_fail(
            err, HP_CONFIG,
            "there is no server to send to: set OPENLINEAGE_URL, or hotpass config set lineage.url URL");
    HP_TRY(hp_lineage_open(l.dir.p, true, &s, err));
    hp_lineage_patience(s);
    hp_code code = hp_net_signals(&stop_fd, err);
    if (code == HP_OK) code = flush(c, &l, s, stop_fd, err);
    hp_lineage_close(s);
    return code;
}

/* ---- status ---- */

static void put_time(hp_json *j, const char *key, int64_t ms) {
    char iso[21];
    hp_json_key(j, key);
    if (ms) hp_lineage_time(ms, iso);
    hp_json_cstr(j, ms ? iso : NULL);
}

/* What is known without a store: nothing was recorded yet. */
typedef struct standing {
    hp_lineage_counts n;
    hp_lineage_server server;
    hp_lineage_row *rejected;
    size_t nrejected;
} standing;

static hp_code look(hp_cli *c, const hp_cli_lineage *l, standing *out, hp_err *err) {
    hp_lineage_store *s;
    hp_err why = {0};
    *out = (standing){.server = {.note = HP_S("")}};
    hp_code code = hp_lineage_open(l->dir.p, false, &s, &why);
    if (code == HP_NOINPUT) return HP_OK;
    if (code != HP_OK) {
        *err = why;
        return code;
    }
    const hp_lineage_query q = {.state = HP_S("rejected"), .last = 100};
    code = hp_lineage_count(s, &out->n, err);
    if (code == HP_OK) code = hp_lineage_server_get(s, c->arena, &out->server, err);
    if (code == HP_OK) code = hp_lineage_list(s, c->arena, &q, &out->rejected, &out->nrejected, err);
    hp_lineage_close(s);
    return code;
}

static void json_row(hp_json *j, const hp_lineage_row *r, bool whole) {
    hp_json_object(j);
    number(j, "seq", r->seq);
    put_time(j, "time", r->time);
    text(j, "type", r->type);
    text(j, "run", r->run);
    text(j, "job", r->job);
    text(j, "state", r->state);
    number(j, "attempts", r->attempts);
    number(j, "http_status", r->status);
    text(j, "note", r->note);
    if (whole) hp_json_key(j, "event");
    if (whole) hp_json_raw(j, r->body);
    hp_json_object_end(j);
}

static void json_rows(hp_json *j, const char *key, const hp_lineage_row *r, size_t n, bool whole) {
    hp_json_key(j, key);
    hp_json_array(j);
    for (size_t i = 0; i < n; i++) json_row(j, &r[i], whole);
    hp_json_array_end(j);
}

static void json_status(hp_cli *c, const hp_cli_lineage *l, const standing *s) {
    int64_t now = hp_lineage_now();
    hp_json j = hp_cli_json(c, "hotpass.lineage-status/1");
    text(&j, "store", hp_arena_printf(c->arena, "%.*s/" HP_LINEAGE_FILE, HP_FMT(l->dir)));
    hp_json_key(&j, "enabled");
    hp_json_bool(&j, l->on);
    hp_json_key(&j, "url");
    hp_json_cstr(&j, l->url);
    number(&j, "runs", s->n.runs);
    number(&j, "running", s->n.open);
    number(&j, "pending", s->n.pending);
    number(&j, "delivered", s->n.delivered);
    number(&j, "rejected", s->n.rejected);
    number(&j, "local", s->n.local);
    put_time(&j, "oldest_pending", s->n.oldest);
    number(&j, "oldest_pending_seconds", s->n.oldest ? (now - s->n.oldest) / 1000 : 0);
    number(&j, "failures", s->server.failures);
    put_time(&j, "next_attempt", s->server.next);
    text(&j, "last_error", s->server.note);
    json_rows(&j, "set_aside", s->rejected, s->nrejected, false);
    hp_cli_json_end(c, &j);
}

static void tell_status(hp_cli *c, const hp_cli_lineage *l, const standing *s) {
    char when[21];
    hp_buf *out = &c->out;
    hp_buf_puts(out, "record   ");
    hp_put_safe(out, l->dir);
    hp_buf_puts(out, "/" HP_LINEAGE_FILE);
    hp_buf_puts(out, l->on ? "\nserver   " : " (switched off)\nserver   ");
    hp_put_safe(out, hp_str_of(l->url ? l->url : "none: events stay here"));
    hp_buf_printf(out, "\nruns     %lld, %lld under way", (long long)s->n.runs, (long long)s->n.open);
    hp_buf_printf(out, "\nevents   %lld delivered, %lld waiting, %lld set aside, %lld local\n",
                  (long long)s->n.delivered, (long long)s->n.pending, (long long)s->n.rejected,
                  (long long)s->n.local);
    if (s->n.oldest) hp_lineage_time(s->n.oldest, when);
    if (s->n.oldest) hp_buf_printf(out, "waiting  since %s; hotpass lineage flush sends them\n", when);
    if (s->server.failures) {
        hp_lineage_time(s->server.next, when);
        hp_buf_printf(
            out, "failed   %lld times in a row, next attempt from %s: ", (long long)s->server.failures, when);
        hp_put_safe(out, s->server.note);
        hp_buf_putc(out, '\n');
    }
    for (size_t i = 0; i < s->nrejected; i++) hp_lineage_tell_row(c, &s->rejected[i]);
}

hp_code hp_cmd_lineage_status(hp_cli *c, hp_err *err) {
    hp_cli_lineage l;
    standing s;
    HP_TRY(hp_cli_lineage_where(c, &l, err));
    HP_TRY(look(c, &l, &s, err));
    if (c->json)
        json_status(c, &l, &s);
    else
        tell_status(c, &l, &s);
    return s.n.rejected ? HP_FINDINGS : HP_OK;
}

/* ---- tail ---- */

static hp_code list(hp_cli *c, hp_lineage_store *s, const hp_lineage_query *q, int64_t *last, hp_err *err) {
    hp_lineage_row *r;
    size_t n;
    HP_TRY(hp_lineage_list(s, c->arena, q, &r, &n, err));
    if (n) *last = r[n - 1].seq;
    if (c->json && !c->args.opt[HP_O_WATCH].on) {
        hp_json j = hp_cli_json(c, "hotpass.lineage-events/1");
        json_rows(&j, "events", r, n, false);
        hp_cli_json_end(c, &j);
        return HP_OK;
    }
    for (size_t i = 0; i < n; i++) {
        hp_json j = {.out = &c->out};
        if (c->json)
            json_row(&j, &r[i], false);
        else
            hp_lineage_tell_row(c, &r[i]);
        if (c->json) hp_buf_putc(&c->out, '\n');
    }
    return HP_OK;
}

static hp_code watch(hp_cli *c, hp_lineage_store *s, int64_t last, hp_err *err) {
    int stop_fd;
    hp_arena *whole = c->arena;
    hp_code code = hp_net_signals(&stop_fd, err);
    while (code == HP_OK) {
        const hp_lineage_query q = {.after = last};
        hp_err stopped = {0};
        c->arena = hp_arena_new(whole);
        code = c->arena ? list(c, s, &q, &last, err) : hp_fail_memory(err, "the events");
        hp_arena_drop(c->arena);
        if (code == HP_OK) code = hp_cli_flush(c, err);
        if (code == HP_OK) code = hp_stop_wait(stop_fd, WATCH_MS, &stopped);
    }
    c->arena = whole;
    return code == HP_SIGINT ? HP_OK : code;
}

hp_code hp_cmd_lineage_tail(hp_cli *c, hp_err *err) {
    hp_cli_lineage l;
    hp_lineage_store *s;
    int64_t last = 0;
    const hp_lineage_query q = {.last = (size_t)c->args.opt[HP_O_LAST].number};
    HP_TRY(hp_cli_lineage_where(c, &l, err));
    HP_TRY(hp_lineage_open(l.dir.p, false, &s, err));
    hp_code code = list(c, s, &q, &last, err);
    if (code == HP_OK && c->args.opt[HP_O_WATCH].on) code = watch(c, s, last, err);
    hp_lineage_close(s);
    return code;
}

/* ---- show ---- */

static hp_code show(hp_cli *c, hp_lineage_store *s, hp_str run, hp_err *err) {
    hp_lineage_row *r;
    size_t n;
    if (hp_str_eq(run, HP_S("last"))) {
        const hp_lineage_query newest = {.last = 1};
        HP_TRY(hp_lineage_list(s, c->arena, &newest, &r, &n, err));
        if (n) run = r[0].run;
    }
    const hp_lineage_query q = {.run = run};
    HP_TRY(hp_lineage_list(s, c->arena, &q, &r, &n, err));
    for (size_t i = 1; i < n; i++)
        if (!hp_str_eq(r[i].run, r[0].run))
            return hp_fail(err, HP_USAGE, "%.*s: several runs begin so; give more of the id", HP_FMT(run));
    if (n == 0)
        return hp_fail(err, HP_NOINPUT, "%.*s: there is no such run; see hotpass lineage tail", HP_FMT(run));
    if (!c->json) {
        hp_lineage_tell_run(c, r, n);
        return HP_OK;
    }
    hp_json j = hp_cli_json(c, "hotpass.lineage-run/1");
    text(&j, "run", r[0].run);
    text(&j, "job", r[0].job);
    json_rows(&j, "events", r, n, true);
    hp_cli_json_end(c, &j);
    return HP_OK;
}

hp_code hp_cmd_lineage_show(hp_cli *c, hp_err *err) {
    hp_cli_lineage l;
    hp_lineage_store *s;
    HP_TRY(hp_cli_lineage_where(c, &l, err));
    HP_TRY(hp_lineage_open(l.dir.p, false, &s, err));
    hp_code code = show(c, s, hp_str_of(c->args.word[0]), err);
    hp_lineage_close(s);
    return code;
}

/* ---- graph ---- */

static void put_graph(hp_cli *c, const hp_lineage_question *q, const hp_lineage_graph *g) {
    const char *format = hp_args_text(&c->args, HP_O_GRAPH_FORMAT);
    if (c->json || strcmp(format, "json") == 0)
        hp_lineage_json_graph(c, g);
    else if (strcmp(format, "dot") == 0)
        hp_lineage_dot(g, &c->out);
    else if (strcmp(format, "svg") == 0)
        hp_lineage_svg(g, c->arena, &c->out);
    else
        hp_lineage_tell_graph(c, q, g);
}

hp_code hp_cmd_lineage_graph(hp_cli *c, hp_err *err) {
    const char *column = hp_args_text(&c->args, HP_O_FIELD), *way = hp_args_text(&c->args, HP_O_DIRECTION);
    const hp_lineage_question q = {.dataset = hp_str_of(c->args.word[0]),
                                   .column = hp_str_of(column ? column : ""),
                                   .up = strcmp(way, "downstream") != 0,
                                   .down = strcmp(way, "upstream") != 0,
                                   .depth = (int)c->args.opt[HP_O_DEPTH].number};
    hp_cli_lineage l;
    hp_lineage_store *s;
    hp_lineage_graph g;
    HP_TRY(hp_cli_lineage_where(c, &l, err));
    HP_TRY(hp_lineage_open(l.dir.p, false, &s, err));
    hp_code code = hp_lineage_graph_make(s, c->arena, &q, &g, err);
    hp_lineage_close(s);
    if (code == HP_OK) put_graph(c, &q, &g);
    return code;
}

/* ---- settle ---- */

/* Blocked by the handler that made us of a run; a second Ctrl-C ends the sending. */
static void let_signals_in(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static hp_code settle(hp_cli *c, const hp_cli_lineage *l, hp_str run, int64_t code, hp_err *err) {
    const hp_lineage_ending how = {.type = HP_LINEAGE_ABORT,
                                   .why = {.message = code == HP_SIGINT ? HP_S("interrupted (SIGINT)")
                                                                        : HP_S("ended by a signal (SIGTERM)"),
                                           .code = (int)code}};
    hp_lineage_report r = {0};
    hp_lineage_store *s;
    HP_TRY(hp_lineage_open(l->dir.p, true, &s, err));
    hp_code ended = hp_lineage_end(s, run, &how, err);
    let_signals_in();
    if (ended == HP_OK && l->url) (void)deliver(c, l, s, SETTLE_MS, false, -1, &r, NULL);
    hp_lineage_close(s);
    return ended;
}

hp_code hp_cmd_lineage_settle(hp_cli *c, hp_err *err) {
    hp_cli_lineage l;
    hp_err why = {0};
    int64_t code;
    if (!hp_str_i64(hp_str_of(c->args.word[1]), &code) || (code != HP_SIGINT && code != HP_SIGTERM))
        return hp_fail(err, HP_USAGE, "CODE is 130 or 143, not \"%s\"", c->args.word[1]);
    HP_TRY(hp_cli_lineage_where(c, &l, err));
    l.dir = hp_str_of(c->args.word[2]);
    (void)settle(c, &l, hp_str_of(c->args.word[0]), code, &why);
    return (hp_code)code;
}
