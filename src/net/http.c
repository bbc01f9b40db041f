/* What is sent when: a list of calls in the order in which they were asked, looked through whenever something
 * changed. */
#include "net/http_own.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/address.h"
#include "net/curl_own.h"

#include "base/banned.h"

enum { MOST_POLL_MS = 1000, MOST_CONNECTIONS = 64 };
#define ROBOTS_TTL (24 * 3600) /* RFC 9309, 2.4: not longer than a day */

static uint64_t now_ms(void) { return hp_clock_mono() / 1000000; }

hp_http_policy hp_http_policy_usual(void) {
    return (hp_http_policy){.attempt_ms = 10000,
                            .deadline_ms = 60000,
                            .max_bytes = 4u << 20,
                            .redirects = 5,
                            .retries = 3,
                            .concurrency = 16,
                            .per_host = 1,
                            .interval_ms = 1000,
                            .burst = 1};
}

/* ---- the client ---- */

hp_code hp_http_new(hp_gate *gate, const hp_http_policy *policy, hp_netcache *cache, hp_http **out,
                    hp_err *err) {
    HP_TRY(hp_gate_require(gate ? gate->pass : NULL, err));
    HP_TRY(hp_curl_begin(err));
    hp_http *h = hp_calloc(1, sizeof *h);
    if (!h) return hp_fail_memory(err, "the client");
    h->gate = gate;
    h->policy = *policy;
    h->cache = cache;
    h->tail = &h->pending;
    h->stored = 1;
    h->arena = hp_arena_new(NULL);
    h->multi = curl_multi_init();
    h->random = hp_hash_secret[0];
    const char *contact = policy->contact;
    (void)snprintf(h->agent, sizeof h->agent, contact ? "%s/%s (%s)" : "%s/%s", HP_HTTP_AGENT, HP_VERSION,
                   contact);
    if (!h->arena || !h->multi) {
        hp_http_free(h);
        return hp_fail_memory(err, "the client");
    }
    (void)curl_multi_setopt(h->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)MOST_CONNECTIONS);
    *out = h;
    return HP_OK;
}

static void free_call(hp_call *c) {
    hp_transfer_end(c);
    hp_buf_free(&c->body);
    hp_arena_drop(c->arena);
    hp_free(c);
}

static void free_calls(hp_call *c) {
    while (c) {
        hp_call *next = c->next;
        free_call(c);
        c = next;
    }
}

void hp_http_free(hp_http *h) {
    if (!h) return;
    free_calls(h->pending);
    free_calls(h->flying);
    if (h->multi) (void)curl_multi_cleanup(h->multi);
    hp_smap_free(&h->host_at);
    hp_vec_free(&h->host);
    hp_arena_drop(h->arena);
    hp_free(h);
}

static void append(hp_http *h, hp_call *c) {
    c->next = NULL;
    *h->tail = c;
    h->tail = &c->next;
}

/* ---- ends ---- */

static void end_call(hp_call *c, hp_http_end end, const char *reason) {
    c->ended = true;
    c->answer = (hp_http_answer){.end = end, .url = c->url.text.p ? c->url.text : c->first};
    (void)snprintf(c->answer.reason, sizeof c->answer.reason, "%s", reason);
}

static void end_answered(hp_call *c, const hp_netcache_entry *e, bool cached) {
    c->ended = true;
    c->answer = (hp_http_answer){.end = HP_HTTP_ANSWERED,
                                 .status = e->status,
                                 .url = e->url,
                                 .body = e->body,
                                 .content_type = e->content_type,
                                 .cached = cached,
                                 .time = e->time};
}

static hp_code robots_done(void *ctx, const hp_http_answer *a, hp_err *err) {
    hp_call *c = ctx;
    hp_host *host;
    HP_TRY(hp_host_of(c->http, c->home, &host, err)); /* the call may have been sent on to another host */
    return hp_host_robots(c->http, host, a, err);
}

static hp_code deliver(hp_call *c, hp_err *err) {
    hp_code code = c->for_robots ? robots_done(c, &c->answer, err) : c->ask.done(c->ask.ctx, &c->answer, err);
    free_call(c);
    return code;
}

/* ---- asking ---- */

/* Sets where a call goes next; what cannot be asked ends it. */
static hp_code aim(hp_call *c, hp_str text, const hp_url *base, const char *what, hp_err *err) {
    hp_err why = {0};
    hp_url url;
    char reason[96];
    hp_code code = hp_url_read(c->arena, text, base, &url, &why);
    if (code == HP_RETRY) return hp_fail_memory(err, "a URL");
    if (code != HP_OK) {
        (void)snprintf(reason, sizeof reason, "%s: %.70s", what, why.message);
        end_call(c, HP_HTTP_BLOCKED, reason);
        return HP_OK;
    }
    c->url = url;
    if (!hp_port_allowed(url.port)) end_call(c, HP_HTTP_BLOCKED, "port of another protocol");
    hp_address_class kind;
    bool literal = hp_address_literal(url.host, &kind);
    /* Sockets are looked at anyway; this spares the attempt, and is all there is behind a proxy. */
    if (literal && !hp_address_allowed(kind, hp_host_private(c->http, url.host)))
        end_call(c, HP_HTTP_BLOCKED, hp_address_word(kind));
    return hp_host_of(c->http, url.origin, &c->host, err);
}

static hp_code new_call(hp_http *h, const hp_http_ask *ask, bool for_robots, hp_call **out, hp_err *err) {
    hp_call *c = hp_calloc(1, sizeof *c);
    if (!c) return hp_fail_memory(err, "a request");
    *c = (hp_call){.http = h, .ask = *ask, .for_robots = for_robots};
    c->deadline =
        0; /* counted from when it is first looked at: waiting behind others is no fault of its own */
    c->arena = hp_arena_new(NULL);
    if (c->arena) c->first = hp_arena_dup(c->arena, ask->url);
    hp_code code = c->first.p ? aim(c, c->first, NULL, "URL", err) : hp_fail_memory(err, "a request");
    if (code != HP_OK) {
        free_call(c);
        return code;
    }
    if (!c->ended) {
        c->first = c->url.text;
        c->home = c->url.origin;
    }
    *out = c;
    return HP_OK;
}

hp_code hp_http_get(hp_http *h, const hp_http_ask *ask, hp_err *err) {
    hp_call *c;
    HP_TRY(new_call(h, ask, false, &c, err));
    append(h, c);
    return HP_OK;
}

static hp_code ask_robots(hp_http *h, hp_host *host, hp_err *err) {
    hp_call *c;
    hp_str url = hp_arena_printf(h->arena, "%.*s/robots.txt", HP_FMT(host->origin));
    if (!url.p) return hp_fail_memory(err, "a request");
    HP_TRY(new_call(h, &(hp_http_ask){.url = url, .accept = "text/plain"}, true, &c, err));
    host->state = HP_ROBOTS_ASKED;
    append(h, c);
    return HP_OK;
}

/* ---- what stands between a call and its sending ---- */

static hp_code look_in_cache(hp_call *c, hp_err *err) {
    c->looked = c->http->stored;
    if (!c->http->cache) return HP_OK;
    HP_TRY(hp_netcache_get(c->http->cache, c->first, c->arena, &c->kept, &c->have, err));
    if (!c->have) return HP_OK;
    bool stale_robots = c->for_robots && hp_clock_now() - c->kept.time >= ROBOTS_TTL;
    if (!c->kept.fresh || stale_robots) return HP_OK;
    if (!c->for_robots) c->http->gate->cached++;
    end_answered(c, &c->kept, true);
    return HP_OK;
}

static bool out_of_budget(const hp_http *h) {
    return h->policy.max_requests && h->gate->requests >= h->policy.max_requests;
}

/* Asks the host's robots.txt; *wait says that it is not here yet. */
static hp_code look_at_robots(hp_call *c, bool *wait, hp_err *err) {
    if (c->for_robots || !c->ask.crawl) return HP_OK;
    if (out_of_budget(c->http)) {
        end_call(c, HP_HTTP_BLOCKED, "max-requests");
        return HP_OK;
    }
    if (c->host->state == HP_ROBOTS_UNKNOWN) HP_TRY(ask_robots(c->http, c->host, err));
    *wait = c->host->state == HP_ROBOTS_ASKED;
    if (c->host->state == HP_ROBOTS_CLOSED) {
        end_call(c, c->host->end, c->host->why);
    } else if (!*wait && !hp_robots_allows(c->host->robots, c->url.path)) {
        end_call(c, HP_HTTP_BLOCKED, "robots.txt");
    }
    return HP_OK;
}

/* Returns when a call may be sent: `now` if at once, later, or UINT64_MAX when others have to end first. */
static uint64_t may_begin(const hp_call *c, uint64_t now) {
    const hp_http *h = c->http;
    if (h->active >= h->policy.concurrency || c->host->active >= h->policy.per_host) return UINT64_MAX;
    uint64_t at = hp_pace_next(&c->host->pace, now, hp_host_interval(h, c->host), h->policy.burst);
    return at > c->not_before ? at : c->not_before;
}

static hp_code begin_call(hp_call *c, uint64_t now, hp_err *err) {
    hp_http *h = c->http;
    if (out_of_budget(h)) {
        end_call(c, HP_HTTP_BLOCKED, "max-requests");
        return HP_OK;
    }
    if (c->deadline == 0)
        c->deadline = now + h->policy.deadline_ms; /* waiting behind others is no fault of its own */
    HP_TRY(hp_transfer_begin(c, now, err));
    h->gate->requests++;
    h->active++;
    c->host->active++;
    hp_pace_take(&c->host->pace, now, hp_host_interval(h, c->host));
    return HP_OK;
}

/* Brings a call forward as far as it goes. *wake is lowered to when it should be looked at again. */
static hp_code advance(hp_call *c, uint64_t now, uint64_t *wake, hp_err *err) {
    bool wait = false;
    if (c->ended) return HP_OK;
    if (!c->looked) HP_TRY(look_in_cache(c, err));
    if (!c->ended) HP_TRY(look_at_robots(c, &wait, err));
    if (c->ended || wait) return HP_OK;
    uint64_t at = may_begin(c, now);
    if (at == UINT64_MAX) return HP_OK;
    if (at <= now) {
        /* Another call may have brought this very answer since. */
        if (c->looked != c->http->stored) HP_TRY(look_in_cache(c, err));
        return c->ended ? HP_OK : begin_call(c, now, err);
    }
    if (at > now + c->http->policy.deadline_ms) {
        end_call(c, HP_HTTP_FAILED, "the host asked to wait longer than the deadline");
    } else if (at < *wake) {
        *wake = at;
    }
    return HP_OK;
}

/* Looks through the calls that wait. A done function may append further ones meanwhile, which the loop then
 * meets. */
static hp_code look_through(hp_http *h, uint64_t now, uint64_t *wake, hp_err *err) {
    for (hp_call **at = &h->pending; *at;) {
        hp_call *c = *at;
        HP_TRY(advance(c, now, wake, err));
        if (!c->ended && !c->easy) {
            at = &c->next;
            continue;
        }
        *at = c->next;
        if (!*at) h->tail = at;
        c->next = NULL;
        if (c->ended) {
            HP_TRY(deliver(c, err));
        } else {
            c->next = h->flying;
            h->flying = c;
        }
    }
    return HP_OK;
}

/* ---- what comes back ---- */

static void try_again(hp_call *c, uint64_t wait_ms, hp_http_end end, const char *reason) {
    uint64_t at = now_ms() + wait_ms;
    if (c->attempt >= c->http->policy.retries || at >= c->deadline) {
        end_call(c, end, reason);
        return;
    }
    c->attempt++;
    c->not_before = at;
}

static uint64_t back_off(hp_call *c) {
    c->http->random = hp_hash_u64(c->http->random + hp_clock_mono());
    return hp_retry_wait(c->attempt + 1, c->http->random);
}

static void take_failure(hp_call *c, CURLcode code) {
    bool again;
    const char *reason = hp_transfer_reason(code, &again);
    if (c->refused) {
        end_call(c, HP_HTTP_BLOCKED, c->refused);
    } else if (c->over) {
        end_call(c, HP_HTTP_FAILED, "too many bytes");
    } else if (again) {
        try_again(c, back_off(c), HP_HTTP_FAILED, reason);
    } else {
        end_call(c, HP_HTTP_FAILED, reason);
    }
}

static void take_not_now(hp_call *c, const hp_attempt *t) {
    char reason[32];
    uint64_t wait = back_off(c);
    (void)snprintf(reason, sizeof reason, "http %ld", t->status);
    if (t->retry_after > 0) {
        uint64_t asked = (uint64_t)t->retry_after < 1000000 ? (uint64_t)t->retry_after * 1000 : 1000000000;
        if (asked > wait) wait = asked;
        /* The host means all of us, not this request alone. */
        hp_pace_hold(&c->host->pace, now_ms() + asked, hp_host_interval(c->http, c->host),
                     c->http->policy.burst);
    }
    try_again(c, wait, HP_HTTP_FAILED, reason);
}

static hp_code take_redirect(hp_call *c, const hp_attempt *t, hp_err *err) {
    if (++c->redirects > c->http->policy.redirects) {
        end_call(c, HP_HTTP_FAILED, "too many redirects");
        return HP_OK;
    }
    hp_url from = c->url;
    c->attempt = 0;
    return aim(c, t->location, &from, "redirect", err);
}

/* The answer still holds that was kept: its time begins anew. */
static hp_code take_unchanged(hp_call *c, hp_err *err) {
    c->kept.time = hp_clock_now();
    end_answered(c, &c->kept, false);
    c->http->stored++;
    return hp_netcache_put(c->http->cache, c->first, &c->kept, err);
}

static hp_code take_answer(hp_call *c, const hp_attempt *t, hp_err *err) {
    hp_netcache_entry e = {.status = t->status,
                           .url = c->url.text,
                           .etag = t->etag,
                           .last_modified = t->last_modified,
                           .content_type = t->content_type,
                           .body = hp_buf_str(&c->body),
                           .time = hp_clock_now()};
    end_answered(c, &e, false);
    if (!c->http->cache || t->no_store) return HP_OK;
    c->http->stored++;
    return hp_netcache_put(c->http->cache, c->first, &e, err);
}

static bool is_redirect(long s) { return s == 301 || s == 302 || s == 303 || s == 307 || s == 308; }

static hp_code take_attempt(hp_call *c, const hp_attempt *t, hp_err *err) {
    char reason[32];
    if (t->code != CURLE_OK) {
        take_failure(c, t->code);
        return HP_OK;
    }
    if (t->status == 304 && c->have) return take_unchanged(c, err);
    if (is_redirect(t->status) && t->location.n) return take_redirect(c, t, err);
    if (hp_retry_status(t->status)) {
        take_not_now(c, t);
        return HP_OK;
    }
    if (t->status >= 200 && t->status < 500) return take_answer(c, t, err);
    (void)snprintf(reason, sizeof reason, "http %ld", t->status);
    end_call(c, HP_HTTP_FAILED, reason);
    return HP_OK;
}

static void unlink_flying(hp_http *h, hp_call *c) {
    for (hp_call **at = &h->flying; *at; at = &(*at)->next) {
        if (*at != c) continue;
        *at = c->next;
        return;
    }
}

static hp_code take_message(hp_http *h, const CURLMsg *m, hp_err *err) {
    hp_call *c = NULL;
    hp_attempt t;
    CURLcode code = m->data.result;
    (void)curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&c);
    unlink_flying(h, c);
    append(h, c); /* delivered, or sent again, by look_through */
    h->moved = true;
    h->active--;
    c->host->active--;
    HP_TRY(hp_transfer_read(c, code, &t, err));
    hp_transfer_end(c);
    return take_attempt(c, &t, err);
}

static hp_code multi_fail(CURLMcode code, hp_err *err) {
    if (code == CURLM_OUT_OF_MEMORY) return hp_fail_memory(err, "requests");
    return hp_fail(err, HP_BUG, "libcurl refused a call (%s)", curl_multi_strerror(code));
}

static hp_code take_messages(hp_http *h, hp_err *err) {
    const CURLMsg *m;
    int left;
    while ((m = curl_multi_info_read(h->multi, &left)))
        if (m->msg == CURLMSG_DONE) HP_TRY(take_message(h, m, err));
    return HP_OK;
}

static hp_code wait_for(hp_http *h, uint64_t wake, hp_err *err) {
    uint64_t now = now_ms();
    int ms = wake > now + MOST_POLL_MS ? MOST_POLL_MS : wake > now ? (int)(wake - now) : 0;
    CURLMcode code = curl_multi_poll(h->multi, NULL, 0, ms, NULL);
    return code == CURLM_OK ? HP_OK : multi_fail(code, err);
}

hp_code hp_http_run(hp_http *h, hp_err *err) {
    uint64_t failures = hp_mem_failures();
    while (h->pending || h->flying) {
        uint64_t wake = UINT64_MAX;
        int running;
        HP_TRY(look_through(h, now_ms(), &wake, err));
        if (!h->pending && !h->flying) break;
        CURLMcode code = curl_multi_perform(h->multi, &running);
        if (code != CURLM_OK) return multi_fail(code, err);
        /* libcurl may call want of memory a broken connection. */
        if (hp_mem_failures() != failures) return hp_fail_memory(err, "a request");
        h->moved = false;
        HP_TRY(take_messages(h, err));
        HP_TRY(hp_deadline_check(err));
        if (!h->moved) HP_TRY(wait_for(h, wake, err));
    }
    return HP_OK;
}
