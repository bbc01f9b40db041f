/* One request a signal, over one connection where they go to the same receiver. */
#include "base/clock.h"
#include "net/endpoint.h"
#include "ops/telemetry/own.h"

#include "base/banned.h"

enum { MAX_REQUEST = 8 << 20, MAX_ANSWER = 64 << 10 };

static uint32_t ms_left(uint64_t end) {
    uint64_t now = hp_clock_mono();
    return now < end ? (uint32_t)((end - now) / 1000000) : 0;
}

static hp_code send_one(hp_endpoint *to, const hp_receiver *r, hp_str body, uint32_t ms, hp_err *err) {
    hp_endpoint_ask ask = {
        .method = "POST", .path = hp_str_of(r->path), .body = body, .header = r->header, .deadline_ms = ms};
    hp_endpoint_answer answer;
    HP_TRY(hp_endpoint_send(to, &ask, &answer, err));
    if (answer.status >= 200 && answer.status < 300) return HP_OK;
    return hp_fail(err, HP_UNAVAILABLE, "%s%s answers %ld%s", r->base, r->path, answer.status,
                   answer.status == 404 ? "; is it an OTLP/HTTP receiver?" : "");
}

static hp_code open_receiver(const hp_telemetry *t, const hp_receiver *r, hp_endpoint **to, hp_err *err) {
    hp_endpoint_policy policy = hp_endpoint_policy_usual();
    policy.attempt_ms = policy.deadline_ms = t->settings.timeout_ms;
    policy.retries = 1;
    policy.max_bytes = MAX_ANSWER;
    policy.ca_file = t->settings.ca_file;
    return hp_endpoint_new(r->base, &policy, to, err);
}

static hp_code send_signal(const hp_telemetry *t, hp_signal s, hp_endpoint **to, const char **base,
                           uint64_t end, hp_err *err) {
    const hp_receiver *r = &t->settings.to[s];
    hp_autobuf body = hp_buf_new(MAX_REQUEST);
    if (!r->on || !hp_telemetry_has(t, s)) return HP_OK;
    hp_telemetry_json(t, s, &body);
    HP_TRY(hp_buf_check(&body, "telemetry", err));
    if (!*base || strcmp(*base, r->base) != 0) {
        hp_endpoint_free(*to);
        *to = NULL;
        HP_TRY(open_receiver(t, r, to, err));
        *base = r->base;
    }
    uint32_t ms = ms_left(end);
    if (ms == 0) return hp_fail(err, HP_UNAVAILABLE, "%s does not answer in time", r->base);
    return send_one(*to, r, hp_buf_str(&body), ms, err);
}

hp_code hp_telemetry_send(hp_telemetry *t, hp_err *err) {
    if (!t) return HP_OK;
    if (t->bad) return hp_fail_memory(err, "telemetry");
    uint64_t end = hp_clock_mono() + (uint64_t)t->settings.timeout_ms * 1000000;
    hp_endpoint *to = NULL;
    const char *base = NULL;
    hp_code first = HP_OK;
    for (int s = 0; s < HP_SIGNALS; s++) {
        hp_err why = {0};
        hp_code code = send_signal(t, (hp_signal)s, &to, &base, end, &why);
        if (code == HP_OK || first != HP_OK)
            continue; /* the first reason is told; other signals may fare better */
        first = code;
        if (err) *err = why;
    }
    hp_endpoint_free(to);
    return first;
}
