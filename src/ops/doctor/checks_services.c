/* Checks of the services that the configuration or a tunnel names: whether they answer, and let us in. Only
 * with --network. All are asked at once, each by a thread of its own, and by one point in time. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/vault.h"
#include "net/endpoint.h"
#include "net/sessions.h"
#include "ops/doctor/parts.h"

#include "base/banned.h"

enum { DEADLINE_MS = 3000, LEAST_MS = 50, MOST_BYTES = 1 << 20, SKEW_SECONDS = 60, OLDEST_PREFECT = 3 };

typedef enum service_id { PREFECT, MARQUEZ, TELEMETRY, SERVICES } service_id;

/* What a service is asked, and what is heard. A thread works on one of them and touches nothing else. */
typedef struct service {
    hp_str url, from; /* empty url = nobody says where it is */
    hp_str key_from;  /* empty = no key */
    hp_secret *key;
    hp_endpoint_auth auth;
    hp_str key_error;
    bool unproved;  /* a tunnel's port at which somebody else listens, or nobody */
    uint64_t until; /* by hp_clock_mono */
    hp_code code;   /* of the last request */
    hp_err why;
    long status;       /* of the last answer */
    bool well;         /* it is the service that it should be */
    bool asked_inside; /* the last request was one that needs the key */
    char version[64];
    int64_t skew; /* its clock less ours, seconds */
    bool skew_known;
    pthread_t thread;
    bool started;
} service;

struct hp_doctor_services {
    service of[SERVICES];
};

/* ---- asking ---- */

/* "Fri, 27 Nov 2026 18:21:27 GMT" (RFC 9110, 5.6.7); the older forms are not sent any more. */
static bool read_http_date(hp_str s, int64_t *out) {
    static const char MONTHS[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int64_t day, year, h, m, sec;
    size_t month = s.n == 29 ? hp_str_find(hp_str_of(MONTHS), hp_str_cut(s, 8, 11), 0) : SIZE_MAX;
    if (month == SIZE_MAX || month % 3 != 0) return false;
    if (!hp_str_i64(hp_str_cut(s, 5, 7), &day) || !hp_str_i64(hp_str_cut(s, 12, 16), &year)
        || !hp_str_i64(hp_str_cut(s, 17, 19), &h) || !hp_str_i64(hp_str_cut(s, 20, 22), &m)
        || !hp_str_i64(hp_str_cut(s, 23, 25), &sec))
        return false;
    *out = hp_days_from_civil((int)year, (int)(month / 3) + 1, (int)day) * 86400 + h * 3600 + m * 60 + sec;
    return true;
}

static uint32_t time_left(const service *s) {
    uint64_t now = hp_clock_mono();
    uint64_t ms = s->until > now ? (s->until - now) / 1000000 : 0;
    return (uint32_t)(ms < LEAST_MS ? LEAST_MS : ms);
}

static bool get(service *s, hp_endpoint *e, const char *path, hp_endpoint_answer *answer) {
    hp_endpoint_ask ask = {.method = "GET", .path = hp_str_of(path), .deadline_ms = time_left(s)};
    struct timespec now;
    int64_t theirs;
    s->code = hp_endpoint_send(e, &ask, answer, &s->why);
    if (s->code != HP_OK) return false;
    s->status = answer->status;
    clock_gettime(CLOCK_REALTIME, &now);
    if (read_http_date(hp_endpoint_header(e, "date"), &theirs)) {
        s->skew = theirs - now.tv_sec;
        s->skew_known = true;
    }
    return true;
}

static hp_endpoint *open_endpoint(service *s, bool with_key) {
    hp_endpoint_policy p = hp_endpoint_policy_usual();
    hp_endpoint *e = NULL;
    p.retries = 0;
    p.attempt_ms = p.deadline_ms = time_left(s);
    p.max_bytes = MOST_BYTES;
    p.auth = with_key && s->key ? s->auth : HP_AUTH_NONE;
    p.secret = p.auth == HP_AUTH_NONE ? NULL : s->key;
    s->code = hp_endpoint_new(s->url.p, &p, &e, &s->why);
    return e;
}

/* Whatever answers there is asked without the key first: it gets that only once it looks like Prefect. */
static bool is_prefect(service *s) {
    hp_endpoint_answer x;
    hp_endpoint *e = open_endpoint(s, false);
    if (e && get(s, e, "/health", &x))
        s->well = x.status == 200 && hp_str_eq(hp_str_trim(x.body), HP_S("true"));
    hp_endpoint_free(e);
    return s->well;
}

static void ask_prefect(service *s, hp_endpoint *e) {
    hp_endpoint_answer x;
    if (!is_prefect(s)) return;
    /* Health is told to everybody, the version only to those who may come in. */
    s->asked_inside = true;
    if (!get(s, e, "/admin/version", &x) || x.status != 200) return;
    hp_str v = hp_str_trim(x.body);
    if (v.n > 2 && v.p[0] == '"') v = hp_str_cut(v, 1, v.n - 1);
    snprintf(s->version, sizeof s->version, "%.*s", HP_FMT(v));
}

static void ask_marquez(service *s, hp_endpoint *e) {
    hp_endpoint_answer x;
    s->asked_inside = true;
    if (!get(s, e, "/api/v1/namespaces?limit=1", &x)) return;
    s->well = x.status == 401 || x.status == 403
              || (x.status == 200 && hp_str_find(x.body, HP_S("\"namespaces\""), 0) != SIZE_MAX);
}

/* A receiver takes what is POSTed to it, and refuses to be read in one way or another: 405 where it knows the
 * path (OpenTelemetry protocol, OTLP/HTTP). Nothing is sent to it for that. */
static void ask_telemetry(service *s, hp_endpoint *e) {
    hp_endpoint_answer x;
    s->asked_inside = true;
    if (!get(s, e, "/v1/traces", &x)) return;
    s->well = x.status == 405 || x.status == 400 || x.status == 415 || x.status == 401 || x.status == 403
              || (x.status >= 200 && x.status < 300);
}

static void *work(void *ctx) {
    static void (*const ASK[])(service * s, hp_endpoint * e) = {ask_prefect, ask_marquez, ask_telemetry};
    service *const *which = ctx; /* its address, and the first of all, which tells its number */
    service *s = which[0];
    hp_endpoint *e = open_endpoint(s, true);
    if (e) ASK[s - which[1]](s, e);
    hp_endpoint_free(e);
    return NULL;
}

/* ---- where they are, and what lets us in ---- */

static hp_str without(hp_doctor *d, hp_str url, hp_str tail) {
    while (url.n && url.p[url.n - 1] == '/') url.n--;
    if (tail.n && hp_str_ends(url, tail)) url.n -= tail.n;
    return hp_doctor_text(d, "%.*s", HP_FMT(url));
}

static void find_url(hp_doctor *d, service *s, hp_config_id id, hp_str tail) {
    hp_config_from from;
    const hp_config_value *v = hp_config_get(&d->config, id, &from);
    if (!v->given || !v->n) return;
    s->url = without(d, v->item[0], tail);
    s->from = v->place.n ? v->place : hp_str_of(hp_config_from_name(from));
}

static void find_tunnel(hp_doctor *d, service *s, bool prefect) {
    hp_net_session *list;
    size_t n;
    const hp_net_session *from = NULL;
    if (s->url.n || hp_net_sessions(d->a, d->state_dir, &list, &n, NULL) != HP_OK) return;
    s->url = hp_net_sessions_url(d->a, list, n, prefect, &from);
    if (from) {
        s->from = hp_doctor_text(d, "tunnel %.*s", HP_FMT(from->label));
        s->unproved = !hp_net_session_holds(from, prefect);
    }
    if (!s->url.p) d->oom = true;
}

static void take_variable(service *s, const char *name) {
    const char *value = name ? getenv(name) : NULL;
    if (s->key || !value || !*value) return;
    s->key = hp_secret_new(hp_str_of(value));
    s->key_from = hp_str_of(name);
}

static void take_stored(hp_doctor *d, service *s, const char *name) {
    hp_str home = hp_config_home(d->a);
    hp_vault vault = {0};
    hp_err e = {0};
    if (s->key || !home.n) return;
    hp_code code = hp_vault_read(d->a, home.p, &vault, &e);
    for (size_t i = 0; i < vault.n && code == HP_OK && !s->key; i++) {
        if (!hp_str_eq(vault.item[i].name, hp_str_of(name))) continue;
        s->key_from = hp_doctor_text(d, "credential %s", name);
        code = hp_vault_get(d->a, home.p, hp_str_of(name), &s->key, &e);
    }
    if (code != HP_OK) s->key_error = hp_doctor_text(d, "%s", e.message);
}

/* A text with a colon is user:password, for Prefect as for others; keys have none. */
static void find_key(hp_doctor *d, service *s, const char *first, const char *second, const char *name) {
    if (!s->url.n) return;
    if (s->unproved) {
        s->key_error = HP_S("it is not proved that the tunnel holds this port, so no key was sent to it");
        return;
    }
    take_variable(s, first);
    take_variable(s, second);
    take_stored(d, s, name);
    bool pair = s->key && hp_str_chr(hp_secret_reveal(s->key), ':', 0) != SIZE_MAX;
    s->auth = pair ? HP_AUTH_BASIC : HP_AUTH_BEARER;
}

static void find_all(hp_doctor *d, service *of) {
    find_url(d, &of[PREFECT], HP_C_PREFECT_URL, HP_S(""));
    find_tunnel(d, &of[PREFECT], true);
    find_key(d, &of[PREFECT], "PREFECT_API_AUTH_STRING", "PREFECT_API_KEY", "prefect.api_key");
    find_url(d, &of[MARQUEZ], HP_C_LINEAGE_URL, HP_S("/api/v1"));
    find_tunnel(d, &of[MARQUEZ], false);
    find_key(d, &of[MARQUEZ], "MARQUEZ_API_KEY", NULL, "marquez.api_key");
    find_url(d, &of[TELEMETRY], HP_C_OTLP, HP_S("/v1/traces"));
}

void hp_doctor_ask_services(hp_doctor *d) {
    hp_doctor_services *all = HP_NEW(d->a, hp_doctor_services);
    service *which[SERVICES][2];
    if (!all) {
        d->oom = true;
        return;
    }
    d->services = all;
    find_all(d, all->of);
    uint64_t until = hp_clock_mono() + (uint64_t)DEADLINE_MS * 1000000;
    for (size_t i = 0; i < SERVICES; i++) {
        service *s = &all->of[i];
        which[i][0] = s;
        which[i][1] = all->of;
        s->until = until;
        s->started = s->url.n && pthread_create(&s->thread, NULL, work, which[i]) == 0;
        if (s->url.n && !s->started)
            s->code = hp_fail(&s->why, HP_RETRY, "no thread could be made to ask it");
    }
    for (size_t i = 0; i < SERVICES; i++)
        if (all->of[i].started) pthread_join(all->of[i].thread, NULL);
    for (size_t i = 0; i < SERVICES; i++) {
        hp_secret_free(all->of[i].key);
        all->of[i].key = NULL;
    }
}

/* ---- judging ---- */

static const service *heard(hp_doctor *d, hp_doctor_result *r, service_id id, const char *key) {
    if (!d->services) {
        hp_doctor_skip(d, r, "not asked; --network asks");
        return NULL;
    }
    const service *s = &d->services->of[id];
    if (!s->url.n) {
        hp_doctor_skip(d, r, "the configuration does not name it (%s)", key);
        return NULL;
    }
    hp_doctor_ran(d, r, "%.*s (%.*s)%s%.*s", HP_FMT(s->url), HP_FMT(s->from), s->key_from.n ? " with " : "",
                  HP_FMT(s->key_from));
    return s;
}

/* Says what is the same for all; true when the service is well and lets us in. */
static bool judge(hp_doctor *d, hp_doctor_result *r, const service *s, const char *name,
                  const char *credential) {
    hp_doctor_expected(d, r, "%s answers within three seconds, and lets us in", name);
    if (s->key_error.n) hp_doctor_detail(d, r, "%.*s", HP_FMT(s->key_error));
    if (s->code != HP_OK) {
        hp_doctor_got(d, r, "%s", s->why.message);
        hp_doctor_bad(
            d, r,
            "start it, correct its address (hotpass config show --origin), or bring a tunnel up: hotpass net up");
    } else if (s->asked_inside && (s->status == 401 || s->status == 403)) {
        hp_doctor_got(d, r, "it answers, but refuses us: HTTP %ld%s", s->status,
                      s->key_from.n ? "" : ", no key was sent");
        hp_doctor_bad(d, r, "hotpass credentials set %s", credential);
    } else if (!s->well) {
        hp_doctor_got(d, r, "what answers there is not %s: HTTP %ld", name, s->status);
        hp_doctor_bad(d, r, "correct the address: hotpass config show --origin");
    } else {
        hp_doctor_got(d, r, "%s answers, and lets us in", name);
        return true;
    }
    return false;
}

HP_DOCTOR_LOOK(prefect) {
    const service *s = heard(d, r, PREFECT, "prefect.api_url");
    if (!s || !judge(d, r, s, "Prefect", "prefect.api_key")) return;
    int64_t major = 0;
    hp_str v = hp_str_of(s->version);
    hp_doctor_got(d, r, "Prefect %s answers, and lets us in", v.n ? s->version : "(of an unknown version)");
    if (hp_str_i64(hp_str_cut(v, 0, hp_str_chr(v, '.', 0)), &major) && major < OLDEST_PREFECT)
        hp_doctor_bad(d, r, "use a server of version %d or newer", OLDEST_PREFECT);
}

HP_DOCTOR_LOOK(marquez) {
    const service *s = heard(d, r, MARQUEZ, "lineage.url");
    if (s) judge(d, r, s, "Marquez", "marquez.api_key");
}

HP_DOCTOR_LOOK(telemetry) {
    const service *s = heard(d, r, TELEMETRY, "telemetry.otlp_endpoint");
    if (s) judge(d, r, s, "an OTLP receiver", "NAME, and see docs/reference/config.md");
}

HP_DOCTOR_LOOK(skew) {
    size_t heard_of = 0;
    static const char *const NAMES[] = {"Prefect", "Marquez", "the OTLP receiver"};
    if (!d->services) {
        hp_doctor_skip(d, r, "not asked; --network asks");
        return;
    }
    hp_doctor_ran(d, r, "the time that the services' answers carry");
    hp_doctor_expected(d, r, "within a minute of this machine's");
    for (size_t i = 0; i < SERVICES; i++) {
        const service *s = &d->services->of[i];
        heard_of += s->skew_known;
        if (s->skew_known && (s->skew > SKEW_SECONDS || s->skew < -SKEW_SECONDS))
            hp_doctor_detail(d, r, "%s is %lld s %s", NAMES[i], (long long)(s->skew < 0 ? -s->skew : s->skew),
                             s->skew < 0 ? "behind" : "ahead");
    }
    if (!heard_of) {
        hp_doctor_skip(d, r, "no service told its time");
        return;
    }
    hp_doctor_got(d, r, "%zu of %zu differ", r->detail.n, heard_of);
    if (r->detail.n)
        hp_doctor_bad(d, r, "set the clock of the one that is wrong; timedatectl tells about this one");
}
