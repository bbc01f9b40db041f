#include "ops/prefect/api.h"

#include <stdio.h>

#include "base/mem.h"
#include "net/url.h"

#include "base/banned.h"

struct hp_prefect {
    hp_endpoint *endpoint;
    const hp_prefect_where *where;
};

hp_code hp_prefect_open(const hp_prefect_where *where, int stop_fd, hp_prefect **out, hp_err *err) {
    hp_endpoint_policy policy = hp_endpoint_policy_usual();
    policy.auth = where->secret ? where->auth : HP_AUTH_NONE;
    policy.secret = where->secret;
    policy.ca_file = where->ca_file;
    policy.stop_fd = stop_fd;
    hp_prefect *p = hp_calloc(1, sizeof *p);
    if (!p) return hp_fail_memory(err, "a client of Prefect");
    p->where = where;
    hp_code code = hp_endpoint_new(where->url.p, &policy, &p->endpoint, err);
    if (code != HP_OK) {
        hp_prefect_close(p);
        return code;
    }
    *out = p;
    return HP_OK;
}

void hp_prefect_close(hp_prefect *p) {
    if (!p) return;
    hp_endpoint_free(p->endpoint);
    hp_free(p);
}

hp_str hp_prefect_url(const hp_prefect *p) { return hp_endpoint_base(p->endpoint); }

hp_code hp_prefect_pause(const hp_prefect *p, uint32_t ms, hp_err *err) {
    return hp_endpoint_pause(p->endpoint, ms, err);
}

/* ---- refusals in words ---- */

/* Appends what the body of a 422 says: FastAPI's "detail" or Prefect's "exception_detail", a list of {loc,
 * msg}. */
static void put_places(const hp_node *list, hp_buf *out) {
    for (size_t i = 0; i < list->n && i < 3; i++) {
        const hp_node *loc = hp_node_get(list->item[i], "loc");
        if (i) hp_buf_puts(out, "; ");
        for (size_t k = 0; loc && loc->kind == HP_NODE_LIST && k < loc->n; k++) {
            hp_str part = loc->item[k]->text;
            if (k == 0 && hp_str_eq(part, HP_S("body"))) continue;
            hp_buf_printf(out, "%.*s%s", HP_FMT(part), k + 1 < loc->n ? "." : ": ");
        }
        hp_str msg = hp_prefect_text(list->item[i], "msg");
        hp_buf_printf(out, "%.*s", HP_FMT(msg));
    }
}

/* What the server itself says about a refusal, in one of the three forms it uses. */
static void put_detail(const hp_node *json, hp_buf *out) {
    const hp_node *detail = hp_node_get(json, "detail");
    const hp_node *exception = hp_node_get(json, "exception_detail");
    if (detail && detail->kind == HP_NODE_LIST) {
        put_places(detail, out);
    } else if (exception && exception->kind == HP_NODE_LIST) {
        put_places(exception, out);
    } else if (detail && detail->kind == HP_NODE_SCALAR) {
        hp_buf_add(out, detail->text);
    } else {
        hp_buf_add(out, hp_prefect_text(json, "exception_message"));
    }
}

static hp_code refuse_login(const hp_prefect *p, long status, hp_err *err) {
    const hp_prefect_where *w = p->where;
    if (!w->secret)
        return hp_fail(err, HP_NOPERM,
                       "%.*s asks for credentials (%ld): set PREFECT_API_KEY or PREFECT_API_AUTH_STRING, or "
                       "hotpass credentials set prefect.api_key",
                       HP_FMT(w->url), status);
    return hp_fail(err, HP_NOPERM, "%.*s refuses the %s of %.*s (%ld): is it the right one for this server?",
                   HP_FMT(w->url), w->auth == HP_AUTH_BASIC ? "user and password" : "key",
                   HP_FMT(w->secret_from), status);
}

/* No route at all: the framework says so in these words, Prefect itself in others. */
static hp_code refuse_path(const hp_prefect *p, const hp_prefect_ask *ask, hp_err *err) {
    return hp_fail(err, HP_CONFIG, "%.*s does not know %s %.*s: is it the API of Prefect 3, ending in /api?",
                   HP_FMT(hp_prefect_url(p)), ask->method, HP_FMT(ask->path));
}

static hp_code refuse(const hp_prefect *p, const hp_prefect_ask *ask, long status, const hp_node *json,
                      hp_err *err) {
    hp_autobuf detail = hp_buf_new(700);
    hp_str url = hp_prefect_url(p), said;
    put_detail(json, &detail);
    said = detail.n ? hp_buf_str(&detail) : HP_S("it did not say why");
    switch (status) {
    case 401:
    case 403: return refuse_login(p, status, err);
    case 404:
        if (hp_str_eq(said, HP_S("Not Found"))) return refuse_path(p, ask, err);
        return hp_fail(err, HP_NOINPUT, "%s is not on %.*s: %.*s", ask->what, HP_FMT(url), HP_FMT(said));
    case 405: return refuse_path(p, ask, err);
    case 409: return hp_fail(err, HP_CANTCREAT, "%s: conflict: %.*s", ask->what, HP_FMT(said));
    case 422:
        return hp_fail(err, HP_CONFIG, "%s: the server refuses the values: %.*s", ask->what, HP_FMT(said));
    case 423: return hp_fail(err, HP_RETRY, "%s: no slot is free: %.*s", ask->what, HP_FMT(said));
    default:
        return hp_fail(err, HP_UNAVAILABLE, "%s: %.*s answered %ld: %.*s; try again, or see the server's log",
                       ask->what, HP_FMT(url), status, HP_FMT(said));
    }
}

static hp_code refuse_redirect(const hp_prefect *p, long status, hp_err *err) {
    hp_str to = hp_endpoint_header(p->endpoint, "Location");
    return hp_fail(err, HP_CONFIG,
                   "%.*s sends to %.*s (%ld), which is not followed: give the URL of the API itself",
                   HP_FMT(hp_prefect_url(p)), HP_FMT(to), status);
}

/* ---- calls ---- */

static bool allowed(const hp_prefect_ask *ask, long status) {
    for (size_t i = 0; i < sizeof ask->allow / sizeof *ask->allow; i++) {
        if (status >= 400 && ask->allow[i] == status) return true;
    }
    return false;
}

hp_code hp_prefect_call(hp_prefect *p, hp_arena *a, const hp_prefect_ask *ask, hp_prefect_answer *out,
                        hp_err *err) {
    /* By this the server knows which version of its interface we speak. Of clients that do not say so it
     * takes the concurrency lease away when a run begins, since old ones would not renew it. */
    static const char *const SPEAKS[] = {"User-Agent: prefect/3.8.8 (API 0.8.4)", NULL};
    hp_endpoint_ask send = {.method = ask->method,
                            .header = SPEAKS,
                            .path = ask->path,
                            .body = ask->body,
                            .once = ask->once,
                            .deadline_ms = ask->deadline_ms};
    hp_endpoint_answer got;
    hp_node *json = NULL;
    hp_err why = {0};
    HP_TRY(hp_endpoint_send(p->endpoint, &send, &got, err));
    if (got.status >= 300 && got.status < 400) return refuse_redirect(p, got.status, err);
    hp_code code = got.body.n ? hp_json_read(a, got.body, "answer", &json, &why) : HP_OK;
    if (code == HP_RETRY) return hp_fail_memory(err, "an answer");
    bool good = got.status < 300 || allowed(ask, got.status);
    if (good && code != HP_OK)
        return hp_fail(
            err, HP_UNAVAILABLE,
            "%.*s did not answer with JSON to %s %.*s (%s): is it the API of Prefect, ending in /api?",
            HP_FMT(hp_prefect_url(p)), ask->method, HP_FMT(ask->path), why.message);
    if (!good) return refuse(p, ask, got.status, json, err);
    *out = (hp_prefect_answer){.status = got.status, .json = json};
    return HP_OK;
}

/* ---- members, paths ---- */

hp_str hp_prefect_text(const hp_node *n, const char *key) {
    const hp_node *v = n ? hp_node_get(n, key) : NULL;
    return v && v->kind == HP_NODE_SCALAR ? v->text : HP_S("");
}

int64_t hp_prefect_whole(const hp_node *n, const char *key, int64_t otherwise) {
    const hp_node *v = n ? hp_node_get(n, key) : NULL;
    int64_t number;
    return v && hp_node_i64(v, &number) ? number : otherwise;
}

bool hp_prefect_flag(const hp_node *n, const char *key) {
    const hp_node *v = n ? hp_node_get(n, key) : NULL;
    bool on;
    return v && hp_node_bool(v, &on) && on;
}

hp_str hp_prefect_path(hp_arena *a, const char *fmt, const hp_str *part, size_t n) {
    hp_autobuf out = hp_buf_new(HP_URL_BYTES);
    size_t taken = 0;
    for (const char *p = fmt; *p; p++) {
        if (p[0] == '%' && p[1] == 's' && taken < n) {
            hp_url_escape(part[taken++], &out);
            p++;
        } else {
            hp_buf_putc(&out, *p);
        }
    }
    if (out.bad) return (hp_str){0};
    return hp_arena_dup(a, hp_buf_str(&out));
}

/* ---- states ---- */

static hp_code state_body(const hp_prefect_state *s, hp_buf *out, hp_err *err) {
    hp_json j = {.out = out};
    hp_json_object(&j);
    hp_json_key(&j, "state");
    hp_json_object(&j);
    hp_json_key(&j, "type");
    hp_json_cstr(&j, s->type);
    if (s->name) {
        hp_json_key(&j, "name");
        hp_json_cstr(&j, s->name);
    }
    if (s->message.n) {
        hp_json_key(&j, "message");
        hp_json_str(&j, s->message);
    }
    if (s->scheduled.n) {
        hp_json_key(&j, "state_details");
        hp_json_object(&j);
        hp_json_key(&j, "scheduled_time");
        hp_json_str(&j, s->scheduled);
        hp_json_object_end(&j);
    }
    hp_json_object_end(&j);
    hp_json_key(&j, "force");
    hp_json_bool(&j, s->force);
    hp_json_object_end(&j);
    return hp_buf_check(out, "a state", err);
}

static hp_code read_verdict(hp_str word, hp_prefect_verdict *out, hp_err *err) {
    static const char *const WORD[] = {"ACCEPT", "REJECT", "ABORT", "WAIT"};
    for (size_t i = 0; i < sizeof WORD / sizeof *WORD; i++) {
        if (!hp_str_eq(word, hp_str_of(WORD[i]))) continue;
        *out = (hp_prefect_verdict)i;
        return HP_OK;
    }
    return hp_fail(err, HP_UNAVAILABLE, "the server answered to a state with \"%.*s\", which is no verdict",
                   HP_FMT(word));
}

hp_code hp_prefect_set_state(hp_prefect *p, hp_arena *a, const char *kind, hp_str id,
                             const hp_prefect_state *state, hp_prefect_state_answer *out, hp_err *err) {
    hp_autobuf body = hp_buf_new(64u << 10);
    hp_prefect_answer got;
    const hp_str part[] = {hp_str_of(kind), id};
    hp_str path = hp_prefect_path(a, "/%s/%s/set_state", part, 2);
    hp_str what = hp_arena_printf(a, "state %s of run %.*s", state->type, HP_FMT(id));
    if (!path.p || !what.p) return hp_fail_memory(err, "a state");
    HP_TRY(state_body(state, &body, err));
    HP_TRY(hp_prefect_call(
        p, a, &(hp_prefect_ask){.method = "POST", .path = path, .body = hp_buf_str(&body), .what = what.p},
        &got, err));
    const hp_node *now = got.json ? hp_node_get(got.json, "state") : NULL;
    const hp_node *more = now ? hp_node_get(now, "state_details") : NULL;
    const hp_node *details = got.json ? hp_node_get(got.json, "details") : NULL;
    hp_prefect_verdict verdict;
    HP_TRY(read_verdict(hp_prefect_text(got.json, "status"), &verdict, err));
    *out = (hp_prefect_state_answer){.verdict = verdict,
                                     .type = hp_prefect_text(now, "type"),
                                     .name = hp_prefect_text(now, "name"),
                                     .message = hp_prefect_text(now, "message"),
                                     .reason = hp_prefect_text(details, "reason"),
                                     .delay_s = hp_prefect_whole(details, "delay_seconds", 0),
                                     .lease = hp_prefect_text(more, "deployment_concurrency_lease_id")};
    return HP_OK;
}

bool hp_prefect_ended(hp_str type) {
    static const char *const END[] = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"};
    for (size_t i = 0; i < sizeof END / sizeof *END; i++) {
        if (hp_str_eq(type, hp_str_of(END[i]))) return true;
    }
    return false;
}
