/* OTLP in its JSON encoding (opentelemetry-proto, docs/specification.md): ids are hex, 64-bit integers texts,
 * enumerations numbers. */
#include <stdio.h>

#include "base/json.h"
#include "ops/telemetry/own.h"

#include "base/banned.h"

enum { KIND_INTERNAL = 1, STATUS_ERROR = 2, DELTA = 1, CUMULATIVE = 2 };

/* ---- values ---- */

static void text(hp_json *j, const char *key, hp_str value) {
    hp_json_key(j, key);
    hp_json_str(j, value);
}

static void ctext(hp_json *j, const char *key, const char *value) { text(j, key, hp_str_of(value)); }

static void small(hp_json *j, const char *key, int value) {
    hp_json_key(j, key);
    hp_json_i64(j, value);
}

static void put_u64(hp_json *j, uint64_t value) {
    char digits[24];
    snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    hp_json_cstr(j, digits);
}

static void big(hp_json *j, const char *key, uint64_t value) {
    hp_json_key(j, key);
    put_u64(j, value);
}

static void instant(hp_json *j, const char *key, const hp_telemetry *t, uint64_t mono) {
    big(j, key, t->unix_ns + (mono - t->mono));
}

static void put_value(hp_json *j, const hp_attribute *a) {
    hp_json_object(j);
    if (a->kind == HP_VALUE_TEXT) {
        text(j, "stringValue", a->text);
    } else if (a->kind == HP_VALUE_WHOLE) {
        char digits[24];
        snprintf(digits, sizeof digits, "%lld", (long long)a->whole);
        ctext(j, "intValue", digits);
    } else {
        hp_json_key(j, "doubleValue");
        hp_json_f64(j, a->real);
    }
    hp_json_object_end(j);
}

static void attribute(hp_json *j, hp_str key, const hp_attribute *a) {
    hp_json_object(j);
    text(j, "key", key);
    hp_json_key(j, "value");
    put_value(j, a);
    hp_json_object_end(j);
}

static void attributes(hp_json *j, const hp_attribute_list *list) {
    hp_json_key(j, "attributes");
    hp_json_array(j);
    for (size_t i = 0; i < list->n; i++) attribute(j, hp_str_of(list->item[i].key), &list->item[i]);
    hp_json_array_end(j);
}

/* ---- resource and scope ---- */

static bool is_extra(const hp_telemetry_settings *s, const char *key) {
    for (size_t i = 0; i < s->nextra; i++)
        if (hp_str_eq(s->extra[i].key, hp_str_of(key))) return true;
    return false;
}

static void resource(hp_json *j, const hp_telemetry *t) {
    const hp_telemetry_settings *s = &t->settings;
    const hp_extra own[] = {
        {HP_S("service.name"), s->service},
        {HP_S("service.version"), HP_S(HP_VERSION)},
        {HP_S("service.instance.id"), hp_str_of(t->instance)},
        {HP_S("deployment.environment"), s->environment},
        {HP_S("governance_classification"), s->classification},
        {HP_S("data_owner"), s->owner},
        {HP_S("telemetry.sdk.name"), HP_S("hotpass")},
        {HP_S("telemetry.sdk.language"), HP_S("c")},
        {HP_S("telemetry.sdk.version"), HP_S(HP_VERSION)},
    };
    hp_json_key(j, "resource");
    hp_json_object(j);
    hp_json_key(j, "attributes");
    hp_json_array(j);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        bool first = i == 0; /* the settings have chosen the service's name */
        if (own[i].value.n && (first || !is_extra(s, own[i].key.p)))
            attribute(j, own[i].key, &(hp_attribute){.kind = HP_VALUE_TEXT, .text = own[i].value});
    }
    for (size_t i = 0; i < s->nextra; i++)
        if (!hp_str_eq(s->extra[i].key, HP_S("service.name")))
            attribute(j, s->extra[i].key, &(hp_attribute){.kind = HP_VALUE_TEXT, .text = s->extra[i].value});
    hp_json_array_end(j);
    hp_json_object_end(j);
}

/* ---- spans ---- */

static void span(hp_json *j, const hp_telemetry *t, const hp_span *s, const char *parent) {
    hp_json_object(j);
    ctext(j, "traceId", t->ids.trace);
    ctext(j, "spanId", s->id);
    if (*parent) ctext(j, "parentSpanId", parent);
    if (t->state.n) text(j, "traceState", t->state);
    small(j, "flags", t->ids.sampled);
    ctext(j, "name", s->name);
    small(j, "kind", KIND_INTERNAL);
    instant(j, "startTimeUnixNano", t, s->begun);
    instant(j, "endTimeUnixNano", t, s->ended);
    attributes(j, &s->attributes);
    hp_json_key(j, "status");
    hp_json_object(j);
    if (s->failed) small(j, "code", STATUS_ERROR);
    hp_json_object_end(j);
    hp_json_object_end(j);
}

static void spans(hp_json *j, const hp_telemetry *t) {
    span(j, t, &t->root, t->parent);
    for (size_t i = 0; i < t->stage.n; i++) span(j, t, t->stage.p[i], t->root.id);
}

/* ---- metrics ---- */

static void point(hp_json *j, const hp_telemetry *t, const hp_point *p) {
    hp_metric_kind kind = hp_metric_get(p->metric)->kind;
    hp_json_object(j);
    attributes(j, &p->labels);
    instant(j, "startTimeUnixNano", t, t->root.begun);
    instant(j, "timeUnixNano", t, t->root.ended);
    if (kind == HP_METRIC_COUNTER) big(j, "asInt", p->count);
    if (kind == HP_METRIC_GAUGE) {
        hp_json_key(j, "asDouble");
        hp_json_f64(j, p->sum);
    }
    if (kind == HP_METRIC_HISTOGRAM) {
        big(j, "count", p->count);
        hp_json_key(j, "sum");
        hp_json_f64(j, p->sum);
        hp_json_key(j, "bucketCounts");
        hp_json_array(j);
        for (size_t i = 0; i <= HP_BOUNDS; i++) put_u64(j, p->bucket[i]);
        hp_json_array_end(j);
        hp_json_key(j, "explicitBounds");
        hp_json_array(j);
        for (size_t i = 0; i < HP_BOUNDS; i++) hp_json_f64(j, hp_bounds[i]);
        hp_json_array_end(j);
    }
    hp_json_object_end(j);
}

static void metric(hp_json *j, const hp_telemetry *t, hp_metric_id id) {
    static const char *const KIND[] = {
        [HP_METRIC_COUNTER] = "sum", [HP_METRIC_HISTOGRAM] = "histogram", [HP_METRIC_GAUGE] = "gauge"};
    const hp_metric_info *info = hp_metric_get(id);
    hp_json_object(j);
    ctext(j, "name", info->name);
    ctext(j, "description", info->help);
    ctext(j, "unit", info->unit);
    hp_json_key(j, KIND[info->kind]);
    hp_json_object(j);
    hp_json_key(j, "dataPoints");
    hp_json_array(j);
    for (size_t i = 0; i < t->point.n; i++)
        if (t->point.p[i]->metric == id) point(j, t, t->point.p[i]);
    hp_json_array_end(j);
    if (info->kind != HP_METRIC_GAUGE)
        small(j, "aggregationTemporality", t->settings.delta ? DELTA : CUMULATIVE);
    if (info->kind == HP_METRIC_COUNTER) {
        hp_json_key(j, "isMonotonic");
        hp_json_bool(j, true);
    }
    hp_json_object_end(j);
    hp_json_object_end(j);
}

static void metrics(hp_json *j, const hp_telemetry *t) {
    for (int id = 0; id < HP_METRICS; id++) {
        bool any = false;
        for (size_t i = 0; i < t->point.n; i++) any |= t->point.p[i]->metric == (hp_metric_id)id;
        if (any) metric(j, t, (hp_metric_id)id);
    }
}

/* ---- logs ---- */

static void record(hp_json *j, const hp_telemetry *t, const hp_record *r) {
    hp_json_object(j);
    instant(j, "timeUnixNano", t, r->time);
    instant(j, "observedTimeUnixNano", t, r->time);
    small(j, "severityNumber", (int)r->level);
    ctext(j, "severityText", r->level == HP_LOG_ERROR ? "ERROR" : r->level == HP_LOG_WARN ? "WARN" : "INFO");
    ctext(j, "eventName", r->event);
    hp_json_key(j, "body");
    put_value(j, &(hp_attribute){.kind = HP_VALUE_TEXT, .text = r->body});
    attributes(j, &r->attributes);
    small(j, "flags", t->ids.sampled);
    ctext(j, "traceId", t->ids.trace);
    ctext(j, "spanId", t->root.id);
    hp_json_object_end(j);
}

static void records(hp_json *j, const hp_telemetry *t) {
    for (size_t i = 0; i < t->record.n; i++) record(j, t, t->record.p[i]);
}

/* ---- requests ---- */

bool hp_telemetry_has(const hp_telemetry *t, hp_signal signal) {
    return signal == HP_SIGNAL_TRACES    ? t->ids.sampled
           : signal == HP_SIGNAL_METRICS ? t->point.n > 0
                                         : t->record.n > 0;
}

void hp_telemetry_json(const hp_telemetry *t, hp_signal signal, hp_buf *out) {
    static const struct {
        const char *all, *scope, *items;
        void (*put)(hp_json *j, const hp_telemetry *t);
    } FORM[HP_SIGNALS] = {[HP_SIGNAL_TRACES] = {"resourceSpans", "scopeSpans", "spans", spans},
                          [HP_SIGNAL_METRICS] = {"resourceMetrics", "scopeMetrics", "metrics", metrics},
                          [HP_SIGNAL_LOGS] = {"resourceLogs", "scopeLogs", "logRecords", records}};
    hp_json j = {.out = out};
    hp_json_object(&j);
    hp_json_key(&j, FORM[signal].all);
    hp_json_array(&j);
    hp_json_object(&j);
    resource(&j, t);
    hp_json_key(&j, FORM[signal].scope);
    hp_json_array(&j);
    hp_json_object(&j);
    hp_json_key(&j, "scope");
    hp_json_object(&j);
    ctext(&j, "name", "hotpass.pipeline");
    ctext(&j, "version", HP_VERSION);
    hp_json_object_end(&j);
    hp_json_key(&j, FORM[signal].items);
    hp_json_array(&j);
    FORM[signal].put(&j, t);
    hp_json_array_end(&j);
    hp_json_object_end(&j);
    hp_json_array_end(&j);
    hp_json_object_end(&j);
    hp_json_array_end(&j);
    hp_json_object_end(&j);
}
