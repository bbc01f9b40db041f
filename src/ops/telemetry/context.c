/* The trace context (W3C Trace Context, https://www.w3.org/TR/trace-context/), and what is sampled. */
#include <sodium.h>

#include "ops/telemetry/own.h"

#include "base/banned.h"

static bool is_hex(hp_str s) {
    for (size_t i = 0; i < s.n; i++)
        if (!hp_is_digit(s.p[i]) && !(s.p[i] >= 'a' && s.p[i] <= 'f')) return false;
    return true;
}

static bool is_zero(hp_str s) {
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '0') return false;
    return true;
}

static unsigned hex_of(char c) { return (unsigned)(hp_is_digit(c) ? c - '0' : c - 'a' + 10); }

/* version "-" trace-id "-" parent-id "-" flags; a later version may have more behind a dash (2.2, 4.3). */
bool hp_traceparent_read(hp_str text, hp_trace_ids *out) {
    enum { TRACE = 3, SPAN = 36, FLAGS = 53, ALL = 55 };
    text = hp_str_trim(text);
    if (text.n < ALL || text.p[TRACE - 1] != '-' || text.p[SPAN - 1] != '-' || text.p[FLAGS - 1] != '-')
        return false;
    hp_str version = hp_str_cut(text, 0, 2), trace = hp_str_cut(text, TRACE, SPAN - 1),
           span = hp_str_cut(text, SPAN, FLAGS - 1), flags = hp_str_cut(text, FLAGS, ALL);
    if (!is_hex(version) || !is_hex(trace) || !is_hex(span) || !is_hex(flags)) return false;
    if (hp_str_eq(version, HP_S("ff")) || is_zero(trace) || is_zero(span)) return false;
    if (text.n > ALL && (hp_str_eq(version, HP_S("00")) || text.p[ALL] != '-')) return false;
    memcpy(out->trace, trace.p, trace.n);
    memcpy(out->span, span.p, span.n);
    out->trace[trace.n] = out->span[span.n] = 0;
    out->sampled = hex_of(flags.p[1]) & 1;
    return true;
}

void hp_draw_id(size_t n, char *out) {
    unsigned char bytes[16];
    do randombytes_buf(bytes, n);
    while (sodium_is_zero(bytes, n));
    sodium_bin2hex(out, 2 * n + 1, bytes, n);
}

/* As the SDKs have it: the trace id's last seven bytes, a number that is spread evenly, against the ratio. */
static bool in_ratio(const char *trace, double ratio) {
    uint64_t low = 0;
    for (const char *p = trace + 18; *p; p++) low = low << 4 | hex_of(*p);
    return ratio >= 1 || (double)low < ratio * 72057594037927936.0; /* 2^56 */
}

hp_code hp_sample(const char *sampler, const char *arg, const char *trace, const hp_trace_ids *parent,
                  bool *out, hp_err *err) {
    hp_str name = hp_str_of(sampler ? sampler : "parentbased_always_on");
    bool of_parent = hp_str_starts(name, HP_S("parentbased_"));
    double ratio = 1;
    if (of_parent) name = hp_str_cut(name, strlen("parentbased_"), name.n);
    if (hp_str_eq(name, HP_S("always_off")))
        ratio = 0;
    else if (hp_str_eq(name, HP_S("traceidratio")) && arg && !hp_str_f64(hp_str_of(arg), &ratio))
        return hp_fail(err, HP_CONFIG, "OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1");
    else if (!hp_str_eq(name, HP_S("always_on")) && !hp_str_eq(name, HP_S("traceidratio")))
        return hp_fail(
            err, HP_CONFIG,
            "OTEL_TRACES_SAMPLER must be always_on, always_off, traceidratio, or one of them behind "
            "parentbased_");
    *out = of_parent && parent ? parent->sampled : in_ratio(trace, ratio);
    return HP_OK;
}
