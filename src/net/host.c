/* Hosts: how fast they are asked, and what their robots.txt says. */
#include "net/http_own.h"

#include <stdio.h>

#include "base/banned.h"

/* Sites that ask for an hour between two requests are as good as closed; half a minute is patience enough. */
enum { MOST_DELAY_MS = 30000 };

hp_code hp_host_of(hp_http *h, hp_str origin, hp_host **out, hp_err *err) {
    uint32_t at;
    if (hp_smap_get(&h->host_at, origin, &at)) {
        *out = h->host.p[at];
        return HP_OK;
    }
    hp_host *host = HP_NEW(h->arena, hp_host);
    if (host) host->origin = hp_arena_dup(h->arena, origin);
    if (!host || !host->origin.p || !hp_vec_push(&h->host, host)
        || !hp_smap_put(&h->host_at, host->origin, (uint32_t)(h->host.n - 1)))
        return hp_fail_memory(err, "a host");
    *out = host;
    return HP_OK;
}

uint32_t hp_host_interval(const hp_http *h, const hp_host *host) {
    double asked = hp_robots_delay(host->robots) * 1000;
    if (asked > MOST_DELAY_MS) asked = MOST_DELAY_MS;
    return asked > h->policy.interval_ms ? (uint32_t)asked : h->policy.interval_ms;
}

/* 4xx: there is none, so all may be read. 5xx: the site may be closed, so nothing may. No connection at all:
 * the same will happen to the page, for the same reason. */
hp_code hp_host_robots(hp_http *h, hp_host *host, const hp_http_answer *a, hp_err *err) {
    bool answered = a->end == HP_HTTP_ANSWERED;
    bool http = hp_str_starts(hp_str_of(a->reason), HP_S("http "));
    host->state = answered ? HP_ROBOTS_KNOWN : HP_ROBOTS_CLOSED;
    host->end = http ? HP_HTTP_BLOCKED : a->end;
    (void)snprintf(host->why, sizeof host->why, http ? "robots.txt: %.80s" : "%.80s", a->reason);
    if (!answered || a->status < 200 || a->status > 299) return HP_OK;
    return hp_robots_read(h->arena, a->body, HP_S(HP_HTTP_AGENT), &host->robots, err);
}

bool hp_host_private(const hp_http *h, hp_str host) {
    for (size_t i = 0; i < h->policy.nprivate; i++) {
        hp_str may = h->policy.private_host[i];
        if (hp_str_eq(may, HP_S("*")) || hp_str_ieq(may, host)) return true;
    }
    return false;
}
