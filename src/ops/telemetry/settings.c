#include "ops/telemetry/settings.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/banned.h"

/* The run has ended and its user waits: a second is enough for a receiver that is there. Who sets a longer
 * time does not wait longer than this for one that is not. */
enum { TIMEOUT_MS = 1000, MOST_TIMEOUT_MS = 10000, VARIABLE_BYTES = 16 << 10 };
#define DEFAULT_ENDPOINT "http://localhost:4318" /* of the specification */

static const struct {
    const char *word, *path;
} SIGNAL[HP_SIGNALS] = {[HP_SIGNAL_TRACES] = {"TRACES", "/v1/traces"},
                        [HP_SIGNAL_METRICS] = {"METRICS", "/v1/metrics"},
                        [HP_SIGNAL_LOGS] = {"LOGS", "/v1/logs"}};

/* A variable that is empty is not set, says the specification. */
static const char *variable(const char *name) {
    const char *v = getenv(name);
    return v && *v ? v : NULL;
}

/* OTEL_EXPORTER_OTLP_TRACES_HEADERS, else OTEL_EXPORTER_OTLP_HEADERS. */
static const char *of_signal(hp_signal s, const char *what) {
    char name[64];
    snprintf(name, sizeof name, "OTEL_EXPORTER_OTLP_%s_%s", SIGNAL[s].word, what);
    const char *own = variable(name);
    if (own) return own;
    snprintf(name, sizeof name, "OTEL_EXPORTER_OTLP_%s", what);
    return variable(name);
}

static const char *copy(hp_arena *a, hp_str s) { return hp_arena_dup(a, s).p; }

/* ---- lists: key=value,key=value, percent-encoded (W3C Baggage) ---- */

static int hex_of(char c) {
    if (hp_is_digit(c)) return c - '0';
    c = hp_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool decode(hp_str s, hp_buf *out) {
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '%') {
            int high = i + 2 < s.n ? hex_of(s.p[i + 1]) : -1, low = i + 2 < s.n ? hex_of(s.p[i + 2]) : -1;
            if (high < 0 || low < 0) return false;
            c = (char)(high << 4 | low);
            i += 2;
        }
        if ((unsigned char)c < ' ' || c == 0x7f) return false;
        hp_buf_putc(out, c);
    }
    return !out->bad;
}

/* Calls `take` for each pair; a message names the variable only, since values are secrets. */
static hp_code each_pair(const char *list, const char *name,
                         bool (*take)(void *ctx, hp_str key, hp_str value), void *ctx, hp_err *err) {
    hp_str rest = hp_str_of(list), part;
    while (hp_str_next(&rest, ',', &part)) {
        hp_autobuf value = hp_buf_new(VARIABLE_BYTES);
        part = hp_str_trim(part);
        if (part.n == 0) continue;
        size_t at = hp_str_chr(part, '=', 0);
        hp_str key = hp_str_trim(hp_str_cut(part, 0, at));
        if (at == SIZE_MAX || key.n == 0 || !decode(hp_str_trim(hp_str_cut(part, at + 1, part.n)), &value))
            return hp_fail(err, HP_CONFIG,
                           "%s must be a list KEY=VALUE,KEY=VALUE with percent-encoded values", name);
        if (!take(ctx, key, hp_buf_str(&value)))
            return hp_fail(err, HP_CONFIG, "%s has too many entries, or there is no memory for them", name);
    }
    return HP_OK;
}

typedef struct header_list {
    hp_arena *arena;
    hp_telemetry_settings *s;
    hp_receiver *to;
    size_t n;
} header_list;

static bool take_header(void *ctx, hp_str key, hp_str value) {
    header_list *l = ctx;
    if (l->n == HP_TELEMETRY_HEADERS) return false;
    hp_str line = hp_arena_printf(l->arena, "%.*s: %.*s", HP_FMT(key), HP_FMT(value));
    hp_secret *secret = hp_secret_new(value);
    if (!secret) return false;
    l->s->secret[l->s->nsecret++] = secret;
    if (!line.p) return false;
    l->to->header[l->n++] = line.p;
    return true;
}

static bool take_extra(void *ctx, hp_str key, hp_str value) {
    header_list *l = ctx;
    hp_extra made = {hp_arena_dup(l->arena, key), hp_arena_dup(l->arena, value)};
    if (!made.key.p || !made.value.p || l->s->nextra == HP_TELEMETRY_EXTRAS) return false;
    l->s->extra[l->s->nextra++] = made;
    return true;
}

/* ---- where to ---- */

static bool is_true(const char *v) { return v && hp_str_ieq(hp_str_trim(hp_str_of(v)), HP_S("true")); }

/* OTEL_TRACES_EXPORTER and its like. */
static hp_code wants(hp_signal s, bool *out, hp_err *err) {
    char name[64];
    snprintf(name, sizeof name, "OTEL_%s_EXPORTER", SIGNAL[s].word);
    const char *v = variable(name);
    if (v && strcmp(v, "otlp") != 0 && strcmp(v, "none") != 0)
        return hp_fail(err, HP_CONFIG, "%s must be otlp or none", name);
    *out = !v || strcmp(v, "otlp") == 0;
    return HP_OK;
}

static hp_code check_protocol(hp_signal s, bool *other, hp_err *err) {
    const char *v = of_signal(s, "PROTOCOL");
    if (v && strcmp(v, "http/json") != 0) *other = true;
    if (!v || strncmp(v, "http/", 5) == 0) return HP_OK;
    return hp_fail(err, HP_CONFIG,
                   "OTEL_EXPORTER_OTLP_PROTOCOL must be http/json, which receivers take at port 4318");
}

static hp_code set_receiver(hp_arena *a, hp_telemetry_settings *out, hp_signal s, const char *base,
                            hp_err *err) {
    char name[64];
    hp_receiver *to = &out->to[s];
    snprintf(name, sizeof name, "OTEL_EXPORTER_OTLP_%s_ENDPOINT", SIGNAL[s].word);
    const char *whole = variable(name);
    if (!whole && !base) return HP_OK;
    HP_TRY(wants(s, &to->on, err));
    if (!to->on) return HP_OK;
    HP_TRY(check_protocol(s, &out->other_protocol, err));
    to->base = copy(a, hp_str_of(whole ? whole : base));
    to->path = whole ? "" : SIGNAL[s].path;
    if (!to->base) return hp_fail_memory(err, "telemetry");
    header_list list = {a, out, to, 0};
    return each_pair(of_signal(s, "HEADERS"), "OTEL_EXPORTER_OTLP_HEADERS", take_header, &list, err);
}

/* The base for all signals; NULL when nobody wants telemetry, or signals have endpoints of their own only. */
static const char *base_of(const hp_config *config) {
    hp_config_from from;
    const char *endpoint = hp_config_text(config, HP_C_OTLP);
    (void)hp_config_get(config, HP_C_TELEMETRY, &from);
    if (endpoint) return endpoint;
    return from != HP_CONFIG_BUILTIN && hp_config_on(config, HP_C_TELEMETRY) ? DEFAULT_ENDPOINT : NULL;
}

static bool is_refused(const hp_config *config) {
    hp_config_from from;
    (void)hp_config_get(config, HP_C_TELEMETRY, &from);
    return is_true(variable("OTEL_SDK_DISABLED"))
           || (from != HP_CONFIG_BUILTIN && !hp_config_on(config, HP_C_TELEMETRY));
}

static hp_code read_timeout(hp_telemetry_settings *out, hp_err *err) {
    const char *v = variable("OTEL_EXPORTER_OTLP_TIMEOUT");
    int64_t ms = TIMEOUT_MS;
    if (v && (!hp_str_i64(hp_str_of(v), &ms) || ms < 1))
        return hp_fail(err, HP_CONFIG, "OTEL_EXPORTER_OTLP_TIMEOUT must be a number of milliseconds");
    out->timeout_ms = (uint32_t)(ms < MOST_TIMEOUT_MS ? ms : MOST_TIMEOUT_MS);
    return HP_OK;
}

static hp_code read_names(hp_arena *a, const hp_config *config, hp_telemetry_settings *out, hp_err *err) {
    hp_config_from from;
    header_list list = {a, out, NULL, 0};
    HP_TRY(
        each_pair(variable("OTEL_RESOURCE_ATTRIBUTES"), "OTEL_RESOURCE_ATTRIBUTES", take_extra, &list, err));
    out->service = hp_str_of(hp_config_text(config, HP_C_SERVICE));
    (void)hp_config_get(config, HP_C_SERVICE, &from);
    for (size_t i = 0; from == HP_CONFIG_BUILTIN && i < out->nextra; i++)
        if (hp_str_eq(out->extra[i].key, HP_S("service.name"))) out->service = out->extra[i].value;
    out->environment = hp_str_of(hp_config_text(config, HP_C_ENVIRONMENT));
    out->owner = hp_str_of(hp_config_text(config, HP_C_DATA_OWNER));
    out->classification = hp_str_of(hp_config_text(config, HP_C_CLASSIFICATION));
    return HP_OK;
}

hp_code hp_telemetry_settings_read(hp_arena *a, const hp_config *config, hp_telemetry_settings *out,
                                   hp_err *err) {
    const char *base = base_of(config), *mistyped = hp_config_mistyped(config, HP_C_OTLP);
    bool any = false;
    *out = (hp_telemetry_settings){0};
    if (is_refused(config)) return HP_OK;
    if (mistyped)
        return hp_fail(err, HP_CONFIG, "%s is no URL like http://localhost:4318: correct or unset it",
                       mistyped);
    for (int s = 0; s < HP_SIGNALS; s++) {
        HP_TRY(set_receiver(a, out, (hp_signal)s, base, err));
        any |= out->to[s].on;
    }
    if (!any) return HP_OK;
    const char *temporality = variable("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE");
    out->delta = temporality && !hp_str_ieq(hp_str_of(temporality), HP_S("cumulative"));
    out->ca_file = variable("OTEL_EXPORTER_OTLP_CERTIFICATE");
    out->sampler = variable("OTEL_TRACES_SAMPLER");
    HP_TRY(read_timeout(out, err));
    return read_names(a, config, out, err);
}

void hp_telemetry_settings_free(hp_telemetry_settings *s) {
    for (size_t i = 0; i < s->nsecret; i++) hp_secret_free(s->secret[i]);
    s->nsecret = 0;
}
