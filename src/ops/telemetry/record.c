/* What is told is kept in the arena until it is sent. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "ops/telemetry/own.h"

#include "base/banned.h"

enum { TEXT_BYTES = 64 << 10 };

/* Those of the SDKs' default, divided by 1000: its measurements are milliseconds. */
const double hp_bounds[HP_BOUNDS] = {0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25,
                                     0.5,   0.75, 1,     2.5,  5,     7.5, 10};

const hp_metric_info *hp_metric_get(hp_metric_id id) {
    static const hp_metric_info INFO[HP_METRICS] = {
#define HP_METRIC(id, name, kind, unit, labels, help) \
    [HP_M_##id] = {name, HP_METRIC_##kind, unit, labels, help},
#include "ops/telemetry/metrics.def"
#undef HP_METRIC
    };
    return &INFO[id];
}

const char *hp_attribute_key(hp_attribute_id id) {
    static const char *const KEY[HP_ATTRIBUTES] = {
#define HP_ATTRIBUTE(id, key, where, help) [HP_A_##id] = key,
#include "ops/telemetry/attributes.def"
#undef HP_ATTRIBUTE
    };
    return KEY[id];
}

static const char *span_name(hp_telemetry *t, const char *stage) {
    static const char *const NAME[][2] = {
#define HP_SPAN(stage, name, items) {stage, name},
#include "ops/telemetry/spans.def"
#undef HP_SPAN
    };
    for (size_t i = 0; i < sizeof NAME / sizeof *NAME; i++)
        if (strcmp(NAME[i][0], stage) == 0) return NAME[i][1];
    return hp_arena_printf(t->arena, "pipeline.%s", stage).p;
}

/* ---- texts and attributes ---- */

static hp_str keep(hp_telemetry *t, hp_str s) {
    hp_autobuf clean = hp_buf_new(TEXT_BYTES);
    hp_scrub(hp_str_cut(s, 0, TEXT_BYTES / 2), &clean);
    hp_str kept = hp_arena_dup(t->arena, hp_buf_str(&clean));
    t->bad |= clean.bad || !kept.p;
    return kept.p ? kept : HP_S("");
}

/* Sets an attribute, in place of an earlier value. */
static void put(hp_telemetry *t, hp_attribute_list *list, hp_attribute made) {
    size_t i = 0;
    while (i < list->n && strcmp(list->item[i].key, made.key) != 0) i++;
    if (i == HP_SPAN_ATTRIBUTES)
        t->bad = true;
    else
        list->item[i] = made;
    if (i == list->n && i < HP_SPAN_ATTRIBUTES) list->n++;
}

static void put_text(hp_telemetry *t, hp_attribute_list *list, const char *key, hp_str value) {
    put(t, list, (hp_attribute){.key = key, .kind = HP_VALUE_TEXT, .text = keep(t, value)});
}

static void put_whole(hp_telemetry *t, hp_attribute_list *list, const char *key, uint64_t value) {
    put(t, list, (hp_attribute){.key = key, .kind = HP_VALUE_WHOLE, .whole = (int64_t)value});
}

static void put_real(hp_telemetry *t, hp_attribute_list *list, const char *key, double value) {
    put(t, list, (hp_attribute){.key = key, .kind = HP_VALUE_REAL, .real = value});
}

static void put_labels(hp_telemetry *t, hp_attribute_list *list, const hp_label *label) {
    for (; label && label->key; label++) put_text(t, list, label->key, hp_str_of(label->value));
}

void hp_telemetry_text(hp_telemetry *t, hp_attribute_id id, hp_str value) {
    if (t && value.n) put_text(t, &t->root.attributes, hp_attribute_key(id), value);
}

void hp_telemetry_whole(hp_telemetry *t, hp_attribute_id id, uint64_t value) {
    if (t) put_whole(t, &t->root.attributes, hp_attribute_key(id), value);
}

void hp_telemetry_real(hp_telemetry *t, hp_attribute_id id, double value) {
    if (t) put_real(t, &t->root.attributes, hp_attribute_key(id), value);
}

/* ---- beginning ---- */

static void draw_instance(hp_telemetry *t) {
    char hex[33];
    hp_draw_id(16, hex);
    hex[12] = '4'; /* version and variant of RFC 9562, 5.4 */
    hex[16] = "89ab"[hex[16] % 4];
    snprintf(t->instance, sizeof t->instance, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
             hex + 20);
}

/* A child of whoever started us, or the first of a new trace. */
static hp_code begin_trace(hp_telemetry *t, hp_err *err) {
    const char *given = getenv("TRACEPARENT"), *state = getenv("TRACESTATE");
    hp_trace_ids parent;
    bool is_child = given && hp_traceparent_read(hp_str_of(given), &parent);
    if (is_child) {
        memcpy(t->ids.trace, parent.trace, sizeof parent.trace);
        memcpy(t->parent, parent.span, sizeof parent.span);
        if (state) t->state = hp_arena_dup(t->arena, hp_str_of(state));
    } else {
        hp_draw_id(16, t->ids.trace);
    }
    hp_draw_id(8, t->ids.span);
    memcpy(t->root.id, t->ids.span, sizeof t->ids.span);
    return hp_sample(t->settings.sampler, getenv("OTEL_TRACES_SAMPLER_ARG"), t->ids.trace,
                     is_child ? &parent : NULL, &t->ids.sampled, err);
}

static bool wanted(const hp_telemetry_settings *s) {
    for (int i = 0; i < HP_SIGNALS; i++)
        if (s->to[i].on) return true;
    return false;
}

static hp_code begin(hp_telemetry *t, const char *command, hp_err *err) {
    const char *flow_run = getenv("PREFECT__FLOW_RUN_ID");
    t->mono = t->root.begun = hp_clock_mono();
    t->unix_ns = hp_clock_unix_ns();
    hp_str name = hp_arena_printf(t->arena, "hotpass %s", command);
    if (!name.p) return hp_fail_memory(err, "telemetry");
    t->root.name = name.p;
    HP_TRY(begin_trace(t, err));
    draw_instance(t);
    hp_telemetry_text(t, HP_A_COMMAND, name);
    hp_telemetry_text(t, HP_A_FLOW_RUN, hp_str_of(flow_run));
    return HP_OK;
}

hp_code hp_telemetry_begin(const hp_config *config, const char *command, hp_telemetry **out, hp_err *err) {
    hp_arena *a = hp_arena_new(NULL);
    hp_telemetry *t = a ? HP_NEW(a, hp_telemetry) : NULL;
    *out = NULL;
    if (!t) {
        hp_arena_drop(a);
        return hp_fail_memory(err, "telemetry");
    }
    t->arena = a;
    hp_code code = hp_telemetry_settings_read(a, config, &t->settings, err);
    bool on = code == HP_OK && wanted(&t->settings);
    if (on) code = begin(t, command, err);
    if (on && code == HP_OK)
        *out = t;
    else
        hp_telemetry_free(t);
    return code;
}

bool hp_telemetry_other_protocol(const hp_telemetry *t) { return t && t->settings.other_protocol; }

void hp_telemetry_free(hp_telemetry *t) {
    if (!t) return;
    hp_telemetry_settings_free(&t->settings);
    hp_vec_free(&t->stage);
    hp_vec_free(&t->point);
    hp_vec_free(&t->record);
    hp_arena_drop(t->arena);
}

void hp_telemetry_context(const hp_telemetry *t, char out[56]) {
    out[0] = 0;
    if (t) snprintf(out, 56, "00-%s-%s-%02d", t->ids.trace, t->ids.span, t->ids.sampled);
}

/* ---- stages ---- */

static hp_span *stage_of(const hp_telemetry *t, const char *stage) {
    for (size_t i = t->stage.n; stage && i-- > 0;)
        if (strcmp(t->stage.p[i]->stage, stage) == 0) return t->stage.p[i];
    return NULL;
}

void hp_telemetry_stage(hp_telemetry *t, const char *stage) {
    if (!t) return;
    uint64_t now = hp_clock_mono();
    hp_span *last = t->stage.n ? t->stage.p[t->stage.n - 1] : NULL;
    if (last && !last->ended) last->ended = now;
    if (!stage) return;
    hp_span *s = HP_NEW(t->arena, hp_span);
    hp_str name = hp_arena_dup(t->arena, hp_str_of(stage));
    const char *called = span_name(t, stage);
    if (!s || !name.p || !called || !hp_vec_push(&t->stage, s)) {
        t->bad = true;
        return;
    }
    s->stage = name.p;
    s->name = called;
    s->begun = now;
    hp_draw_id(8, s->id);
    put_text(t, &s->attributes, hp_attribute_key(HP_A_STAGE), name);
}

void hp_telemetry_stage_done(hp_telemetry *t, const char *stage, uint64_t items, double seconds) {
    hp_span *s = t ? stage_of(t, stage) : NULL;
    if (!s) return;
    uint64_t ended = s->ended ? s->ended : hp_clock_mono();
    put_whole(t, &s->attributes, hp_attribute_key(HP_A_ITEMS), items);
    put_real(t, &s->attributes, hp_attribute_key(HP_A_SECONDS),
             seconds >= 0 ? seconds : (double)(ended - s->begun) / 1e9);
}

void hp_telemetry_stage_failed(hp_telemetry *t, const char *stage) {
    hp_span *s = t ? stage_of(t, stage) : NULL;
    if (s) s->failed = true;
    hp_telemetry_text(t, HP_A_FAILED, hp_str_of(stage));
}

void hp_telemetry_end(hp_telemetry *t, hp_code code, const char *word) {
    if (!t) return;
    char number[16];
    hp_telemetry_stage(t, NULL);
    t->root.ended = hp_clock_mono();
    snprintf(number, sizeof number, "%d", (int)code);
    hp_telemetry_measure(t, HP_M_RUN, (double)(t->root.ended - t->root.begun) / 1e9,
                         HP_LABELS({"command", t->root.name}, {"exit", number}));
    hp_telemetry_whole(t, HP_A_EXIT, (uint64_t)code);
    if (code == HP_OK || code == HP_PARTIAL) return;
    t->root.failed = true;
    hp_telemetry_text(t, HP_A_ERROR, hp_str_of(word));
}

/* ---- metrics ---- */

static bool same(const hp_attribute_list *a, const hp_attribute_list *b) {
    if (a->n != b->n) return false;
    for (size_t i = 0; i < a->n; i++)
        if (strcmp(a->item[i].key, b->item[i].key) != 0 || !hp_str_eq(a->item[i].text, b->item[i].text))
            return false;
    return true;
}

/* Finds or makes the point of a metric with these labels; NULL when out of memory. */
static hp_point *point_of(hp_telemetry *t, hp_metric_id id, const hp_label *label) {
    hp_attribute_list labels = {0};
    put_labels(t, &labels, label);
    for (size_t i = 0; i < t->point.n; i++)
        if (t->point.p[i]->metric == id && same(&t->point.p[i]->labels, &labels)) return t->point.p[i];
    hp_point *p = HP_NEW(t->arena, hp_point);
    if (p) p->bucket = HP_NEW_ARRAY(t->arena, HP_BOUNDS + 1, uint64_t);
    if (!p || !p->bucket || !hp_vec_push(&t->point, p)) {
        t->bad = true;
        return NULL;
    }
    p->metric = id;
    p->labels = labels;
    return p;
}

void hp_telemetry_count(hp_telemetry *t, hp_metric_id id, uint64_t n, const hp_label *labels) {
    hp_point *p = t ? point_of(t, id, labels) : NULL;
    if (p) p->count += n;
}

void hp_telemetry_measure(hp_telemetry *t, hp_metric_id id, double value, const hp_label *labels) {
    hp_point *p = t ? point_of(t, id, labels) : NULL;
    if (!p) return;
    if (hp_metric_get(id)->kind == HP_METRIC_GAUGE) {
        p->sum = value;
        return;
    }
    size_t b = 0;
    while (b < HP_BOUNDS && value > hp_bounds[b]) b++;
    p->bucket[b]++;
    p->count++;
    p->sum += value;
}

/* ---- logs ---- */

void hp_telemetry_log(hp_telemetry *t, hp_log_level level, const char *event, hp_str body,
                      const hp_label *attributes) {
    hp_record *r = t ? HP_NEW(t->arena, hp_record) : NULL;
    if (!t) return;
    if (!r || !hp_vec_push(&t->record, r)) {
        t->bad = true;
        return;
    }
    *r = (hp_record){.time = hp_clock_mono(), .level = level, .event = event, .body = keep(t, body)};
    put_labels(t, &r->attributes, attributes);
}
