#include "base/doc.h"
#include "ops/telemetry/own.h"
#include "unit.h"

#include <stdlib.h>

/* Variables that a test may set, all taken away before the next. */
static const char *const VARIABLE[] = {"OTEL_EXPORTER_OTLP_ENDPOINT",
                                       "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
                                       "OTEL_EXPORTER_OTLP_HEADERS",
                                       "OTEL_EXPORTER_OTLP_LOGS_HEADERS",
                                       "OTEL_EXPORTER_OTLP_PROTOCOL",
                                       "OTEL_EXPORTER_OTLP_TIMEOUT",
                                       "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
                                       "OTEL_METRICS_EXPORTER",
                                       "OTEL_SDK_DISABLED",
                                       "OTEL_SERVICE_NAME",
                                       "OTEL_RESOURCE_ATTRIBUTES",
                                       "OTEL_TRACES_SAMPLER",
                                       "OTEL_TRACES_SAMPLER_ARG",
                                       "HOTPASS_TELEMETRY_ENABLED",
                                       "TRACEPARENT",
                                       "TRACESTATE"};

static hp_arena *arena;

static int begin(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof VARIABLE / sizeof *VARIABLE; i++) unsetenv(VARIABLE[i]);
    unsetenv("HOTPASS_CONFIG"); /* there is no hotpass.yaml where tests run */
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    arena = hp_arena_new(NULL);
    return arena ? 0 : 1;
}

static int end(void **state) {
    (void)state;
    hp_arena_drop(arena);
    return 0;
}

static hp_config *config(void) {
    hp_config *c = HP_NEW(arena, hp_config);
    hp_err err = {0};
    assert_non_null(c);
    if (hp_config_load(arena, NULL, c, &err) != HP_OK) fail_msg("%s", err.message);
    return c;
}

static hp_telemetry_settings settings(void) {
    hp_telemetry_settings s;
    hp_err err = {0};
    if (hp_telemetry_settings_read(arena, config(), &s, &err) != HP_OK) fail_msg("%s", err.message);
    hp_telemetry_settings_free(&s);
    return s;
}

static void refuses(const char *words) {
    hp_telemetry_settings s;
    hp_err err = {0};
    assert_int_equal(hp_telemetry_settings_read(arena, config(), &s, &err), HP_CONFIG);
    hp_telemetry_settings_free(&s);
    if (!strstr(err.message, words)) fail_msg("\"%s\" is not in \"%s\"", words, err.message);
}

/* ---- the trace context ---- */

#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"
#define SPAN  "00f067aa0ba902b7"

static void a_traceparent_is_read(void **state) {
    (void)state;
    hp_trace_ids ids;
    assert_true(hp_traceparent_read(HP_S("00-" TRACE "-" SPAN "-01"), &ids));
    assert_string_equal(ids.trace, TRACE);
    assert_string_equal(ids.span, SPAN);
    assert_true(ids.sampled);
    assert_true(hp_traceparent_read(HP_S("00-" TRACE "-" SPAN "-00"), &ids));
    assert_false(ids.sampled);
    assert_true(hp_traceparent_read(HP_S("00-" TRACE "-" SPAN "-03"), &ids)); /* level 2: a random trace id */
    assert_true(ids.sampled);
    assert_true(hp_traceparent_read(HP_S("cc-" TRACE "-" SPAN "-01-what-comes-later"), &ids));
}

static void what_is_no_traceparent_begins_a_new_trace(void **state) {
    (void)state;
    hp_trace_ids ids;
    static const char *const BAD[] = {"",
                                      "00",
                                      "00-" TRACE "-" SPAN,
                                      "ff-" TRACE "-" SPAN "-01",
                                      "00-" TRACE "-" SPAN "-01-more",
                                      "00-" TRACE "-" SPAN "-0g",
                                      "00-4BF92F3577B34DA6A3CE929D0E0E4736-" SPAN "-01",
                                      "00-00000000000000000000000000000000-" SPAN "-01",
                                      "00-" TRACE "-0000000000000000-01",
                                      "00_" TRACE "-" SPAN "-01",
                                      "cc-" TRACE "-" SPAN "-01.more"};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        if (hp_traceparent_read(hp_str_of(BAD[i]), &ids)) fail_msg("%s", BAD[i]);
}

static bool sampled(const char *sampler, const char *arg, const char *trace, const hp_trace_ids *parent) {
    bool out = false;
    assert_int_equal(hp_sample(sampler, arg, trace, parent, &out, NULL), HP_OK);
    return out;
}

static void sampling_is_the_parents_or_the_samplers(void **state) {
    (void)state;
    hp_trace_ids yes = {.sampled = true}, no = {.sampled = false};
    const char *low = "0000000000000000000000000000aaaa", *high = "ffffffffffffffffffffffffffffffff";
    assert_true(sampled(NULL, NULL, high, NULL));
    assert_true(sampled(NULL, NULL, high, &yes));
    assert_false(sampled(NULL, NULL, high, &no));
    assert_true(sampled("always_on", NULL, high, &no));
    assert_false(sampled("always_off", NULL, low, &yes));
    assert_true(sampled("parentbased_always_off", NULL, low, &yes));
    assert_false(sampled("parentbased_always_off", NULL, low, NULL));
    assert_true(sampled("traceidratio", "0.5", low, NULL));
    assert_false(sampled("traceidratio", "0.5", high, NULL));
    assert_true(sampled("traceidratio", "1", high, NULL));
    assert_false(sampled("traceidratio", "0", low, NULL));
    bool out;
    assert_int_equal(hp_sample("sometimes", NULL, low, NULL, &out, NULL), HP_CONFIG);
    assert_int_equal(hp_sample("traceidratio", "half", low, NULL, &out, NULL), HP_CONFIG);
}

static void ids_are_drawn(void **state) {
    (void)state;
    char one[33], other[33];
    hp_draw_id(16, one);
    hp_draw_id(16, other);
    assert_int_equal(strlen(one), 32);
    assert_string_not_equal(one, other);
}

/* ---- settings ---- */

static void nothing_is_on_by_itself(void **state) {
    (void)state;
    hp_telemetry_settings s = settings();
    hp_telemetry *t;
    char context[56] = "x";
    for (int i = 0; i < HP_SIGNALS; i++) assert_false(s.to[i].on);
    assert_int_equal(hp_telemetry_begin(config(), "refine", &t, NULL), HP_OK);
    assert_null(t);
    hp_telemetry_context(t, context);
    assert_string_equal(context, "");
    hp_telemetry_stage(NULL, "read"); /* all of it takes NULL */
    hp_telemetry_count(NULL, HP_M_RECORDS, 1, NULL);
    hp_telemetry_log(NULL, HP_LOG_INFO, "x", HP_S("y"), NULL);
    hp_telemetry_end(NULL, HP_OK, "ok");
    assert_int_equal(hp_telemetry_send(NULL, NULL), HP_OK);
}

static void an_endpoint_switches_all_on(void **state) {
    (void)state;
    setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector.example:4318", 1);
    hp_telemetry_settings s = settings();
    for (int i = 0; i < HP_SIGNALS; i++) assert_true(s.to[i].on);
    assert_string_equal(s.to[HP_SIGNAL_LOGS].base, "http://collector.example:4318");
    assert_string_equal(s.to[HP_SIGNAL_LOGS].path, "/v1/logs");
    assert_view(s.service, "hotpass");
    assert_int_equal(s.timeout_ms, 1000);
    assert_false(s.delta);
}

static void a_signal_may_have_an_endpoint_of_its_own(void **state) {
    (void)state;
    setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://traces.example/take/these", 1);
    hp_telemetry_settings s = settings();
    assert_true(s.to[HP_SIGNAL_TRACES].on);
    assert_false(s.to[HP_SIGNAL_METRICS].on);
    assert_string_equal(s.to[HP_SIGNAL_TRACES].base, "http://traces.example/take/these");
    assert_string_equal(s.to[HP_SIGNAL_TRACES].path, "");
}

static void it_can_be_refused(void **state) {
    (void)state;
    setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector.example:4318", 1);
    setenv("OTEL_METRICS_EXPORTER", "none", 1);
    hp_telemetry_settings s = settings();
    assert_true(s.to[HP_SIGNAL_TRACES].on);
    assert_false(s.to[HP_SIGNAL_METRICS].on);
    setenv("OTEL_SDK_DISABLED", "True", 1);
    s = settings();
    assert_false(s.to[HP_SIGNAL_TRACES].on);
    unsetenv("OTEL_SDK_DISABLED");
    setenv("HOTPASS_TELEMETRY_ENABLED", "false", 1);
    s = settings();
    assert_false(s.to[HP_SIGNAL_TRACES].on);
}

static void enabled_without_an_endpoint_is_the_local_one(void **state) {
    (void)state;
    setenv("HOTPASS_TELEMETRY_ENABLED", "true", 1);
    assert_string_equal(settings().to[HP_SIGNAL_TRACES].base, "http://localhost:4318");
}

static void headers_are_decoded_and_may_differ(void **state) {
    (void)state;
    setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector.example:4318", 1);
    setenv("OTEL_EXPORTER_OTLP_HEADERS", " Authorization=Basic%20b3BzOnM%3D , x-tenant=a", 1);
    setenv("OTEL_EXPORTER_OTLP_LOGS_HEADERS", "x-tenant=logs", 1);
    hp_telemetry_settings s = settings();
    assert_string_equal(s.to[HP_SIGNAL_TRACES].header[0], "Authorization: Basic b3BzOnM=");
    assert_string_equal(s.to[HP_SIGNAL_TRACES].header[1], "x-tenant: a");
    assert_null(s.to[HP_SIGNAL_TRACES].header[2]);
    assert_string_equal(s.to[HP_SIGNAL_LOGS].header[0], "x-tenant: logs");
    assert_null(s.to[HP_SIGNAL_LOGS].header[1]);
}

static void what_cannot_be_understood_is_refused_without_its_value(void **state) {
    (void)state;
    static const struct {
        const char *name, *value, *words;
    } BAD[] = {{"OTEL_EXPORTER_OTLP_HEADERS", "hunter2", "KEY=VALUE"},
               {"OTEL_EXPORTER_OTLP_HEADERS", "a=hunter2%0d%0aEvil: 1", "KEY=VALUE"},
               {"OTEL_EXPORTER_OTLP_HEADERS", "a=hunter2%4", "KEY=VALUE"},
               {"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "http/json"},
               {"OTEL_EXPORTER_OTLP_TIMEOUT", "soon", "milliseconds"},
               {"OTEL_METRICS_EXPORTER", "prometheus", "otlp or none"}};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        hp_telemetry_settings s;
        hp_err err = {0};
        setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector.example:4318", 1);
        setenv(BAD[i].name, BAD[i].value, 1);
        refuses(BAD[i].words);
        (void)hp_telemetry_settings_read(arena, config(), &s, &err);
        hp_telemetry_settings_free(&s);
        assert_null(strstr(err.message, "hunter2"));
        unsetenv(BAD[i].name);
    }
}

static void the_time_has_an_end(void **state) {
    (void)state;
    setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector.example:4318", 1);
    setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "250", 1);
    assert_int_equal(settings().timeout_ms, 250);
    setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "3600000", 1);
    assert_int_equal(settings().timeout_ms, 10000);
}

static void the_service_is_named_by_the_nearest(void **state) {
    (void)state;
    setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector.example:4318", 1);
    setenv("OTEL_RESOURCE_ATTRIBUTES", "service.name=lists,team=data%20care", 1);
    hp_telemetry_settings s = settings();
    assert_view(s.service, "lists");
    assert_view(s.extra[1].value, "data care");
    setenv("OTEL_SERVICE_NAME", "nightly", 1);
    assert_view(settings().service, "nightly");
}

/* ---- what is sent ---- */

static hp_telemetry *begun(void) {
    hp_telemetry *t;
    hp_err err = {0};
    setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector.example:4318", 1);
    if (hp_telemetry_begin(config(), "refine", &t, &err) != HP_OK) fail_msg("%s", err.message);
    assert_non_null(t);
    return t;
}

/* The items of a request, in a document. */
static hp_node *items(const hp_telemetry *t, hp_signal s, const char *all, const char *scope,
                      const char *name) {
    hp_autobuf body = hp_buf_new(1 << 20);
    hp_err err = {0};
    hp_node *root;
    hp_telemetry_json(t, s, &body);
    if (hp_json_read(arena, hp_buf_str(&body), "request", &root, &err) != HP_OK) fail_msg("%s", err.message);
    return hp_node_get(hp_node_get(hp_node_get(root, all)->item[0], scope)->item[0], name);
}

static hp_str text_of(const hp_node *n, const char *key) {
    hp_str s = HP_S("(none)");
    (void)hp_node_text(hp_node_get(n, key), &s);
    return s;
}

static hp_str value_of(const hp_node *item, const char *key, const char *kind) {
    const hp_node *list = hp_node_get(item, "attributes");
    for (size_t i = 0; i < list->n; i++)
        if (hp_str_eq(text_of(list->item[i], "key"), hp_str_of(key)))
            return text_of(hp_node_get(list->item[i], "value"), kind);
    return HP_S("(none)");
}

static void stages_are_children_of_the_command(void **state) {
    (void)state;
    setenv("TRACEPARENT", "00-" TRACE "-" SPAN "-01", 1);
    setenv("TRACESTATE", "vendor=1", 1);
    hp_telemetry *t = begun();
    hp_telemetry_stage(t, "read");
    hp_telemetry_stage(t, "novel");
    hp_telemetry_stage_done(t, "read", 7, 0.25);
    hp_telemetry_stage_failed(t, "novel");
    hp_telemetry_end(t, HP_DATA, "input malformed");
    const hp_node *spans = items(t, HP_SIGNAL_TRACES, "resourceSpans", "scopeSpans", "spans");
    assert_int_equal(spans->n, 3);
    const hp_node *root = spans->item[0], *read = spans->item[1], *novel = spans->item[2];
    assert_view(text_of(root, "traceId"), TRACE);
    assert_view(text_of(root, "parentSpanId"), SPAN);
    assert_view(text_of(root, "traceState"), "vendor=1");
    assert_view(text_of(root, "name"), "hotpass refine");
    assert_view(value_of(root, "hotpass.exit_code", "intValue"), "65");
    assert_view(value_of(root, "error.type", "stringValue"), "input malformed");
    assert_view(value_of(root, "hotpass.failing_stage", "stringValue"), "novel");
    assert_view(text_of(hp_node_get(root, "status"), "code"), "2");
    assert_view(text_of(read, "name"), "pipeline.ingest");
    assert_view(text_of(read, "traceId"), TRACE);
    assert_true(hp_str_eq(text_of(read, "parentSpanId"), text_of(root, "spanId")));
    assert_view(value_of(read, "hotpass.pipeline.items", "intValue"), "7");
    assert_view(value_of(read, "hotpass.pipeline.duration_seconds", "doubleValue"), "0.25");
    assert_null(hp_node_get(hp_node_get(read, "status"), "code"));
    assert_view(text_of(novel, "name"), "pipeline.novel");
    assert_view(text_of(hp_node_get(novel, "status"), "code"), "2");
    /* One ends where the next begins, all within the command, which began after 2020. */
    assert_true(hp_str_eq(text_of(read, "endTimeUnixNano"), text_of(novel, "startTimeUnixNano")));
    assert_true(hp_str_cmp(text_of(root, "startTimeUnixNano"), text_of(read, "startTimeUnixNano")) <= 0);
    assert_true(hp_str_cmp(text_of(novel, "endTimeUnixNano"), text_of(root, "endTimeUnixNano")) <= 0);
    assert_true(hp_str_cmp(text_of(root, "startTimeUnixNano"), HP_S("1577836800000000000")) > 0);
    char context[56];
    hp_telemetry_context(t, context);
    assert_int_equal(strlen(context), 55);
    assert_memory_equal(context, "00-" TRACE "-", 36);
    assert_memory_equal(context + 36, text_of(root, "spanId").p, 16);
    hp_telemetry_free(t);
}

static const hp_node *metric(const hp_node *list, const char *name) {
    for (size_t i = 0; i < list->n; i++)
        if (hp_str_eq(text_of(list->item[i], "name"), hp_str_of(name))) return list->item[i];
    fail_msg("no metric %s", name);
    return NULL;
}

static void points_are_added_up_by_their_labels(void **state) {
    (void)state;
    setenv("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta", 1);
    hp_telemetry *t = begun();
    hp_telemetry_count(t, HP_M_FINDINGS, 2, HP_LABELS({"rule", "a"}, {"severity", "warn"}));
    hp_telemetry_count(t, HP_M_FINDINGS, 3, HP_LABELS({"rule", "b"}, {"severity", "warn"}));
    hp_telemetry_count(t, HP_M_FINDINGS, 40, HP_LABELS({"rule", "a"}, {"severity", "warn"}));
    hp_telemetry_measure(t, HP_M_LOAD, 0.005, HP_LABELS({"source", "x"}));
    hp_telemetry_measure(t, HP_M_LOAD, 99, HP_LABELS({"source", "x"}));
    hp_telemetry_measure(t, HP_M_QUALITY, 0.25, NULL);
    hp_telemetry_measure(t, HP_M_QUALITY, 0.5, NULL);
    hp_telemetry_end(t, HP_OK, "ok");
    const hp_node *list = items(t, HP_SIGNAL_METRICS, "resourceMetrics", "scopeMetrics", "metrics");
    const hp_node *sum = hp_node_get(metric(list, "hotpass.findings"), "sum"),
                  *points = hp_node_get(sum, "dataPoints");
    assert_int_equal(points->n, 2);
    assert_view(text_of(points->item[0], "asInt"), "42");
    assert_view(text_of(points->item[1], "asInt"), "3");
    assert_view(value_of(points->item[1], "rule", "stringValue"), "b");
    assert_view(text_of(sum, "aggregationTemporality"), "1");
    const hp_node *point =
        hp_node_get(hp_node_get(metric(list, "hotpass.load.duration"), "histogram"), "dataPoints")->item[0];
    const hp_node *bucket = hp_node_get(point, "bucketCounts");
    assert_view(text_of(point, "count"), "2");
    assert_view(text_of(point, "sum"), "99.005");
    assert_int_equal(bucket->n, 15);
    assert_view(bucket->item[0]->text, "1"); /* bounds are inclusive */
    assert_view(bucket->item[14]->text, "1");
    const hp_node *gauge = hp_node_get(metric(list, "hotpass.data.quality_score"), "gauge");
    assert_view(text_of(hp_node_get(gauge, "dataPoints")->item[0], "asDouble"), "0.5");
    hp_telemetry_free(t);
}

static void texts_are_scrubbed(void **state) {
    (void)state;
    setenv("OTEL_EXPORTER_OTLP_HEADERS", "api-key=hunter2hunter2", 1);
    hp_telemetry *t = begun();
    hp_telemetry_text(t, HP_A_PROFILE, HP_S("jo@blueridge.example"));
    hp_telemetry_log(t, HP_LOG_ERROR, "run.end", HP_S("call +27 11 555 0100 with hunter2hunter2"),
                     HP_LABELS({"who", "jo@blueridge.example"}));
    hp_telemetry_end(t, HP_OK, "ok");
    for (int s = 0; s < HP_SIGNALS; s++) {
        hp_autobuf body = hp_buf_new(1 << 20);
        hp_telemetry_json(t, (hp_signal)s, &body);
        assert_null(strstr(hp_buf_cstr(&body), "blueridge"));
        assert_null(strstr(hp_buf_cstr(&body), "555"));
        assert_null(strstr(hp_buf_cstr(&body), "hunter2"));
    }
    const hp_node *logs = items(t, HP_SIGNAL_LOGS, "resourceLogs", "scopeLogs", "logRecords");
    assert_view(text_of(hp_node_get(logs->item[0], "body"), "stringValue"), "call [phone] with [secret]");
    assert_view(text_of(logs->item[0], "traceId"), t->ids.trace);
    assert_view(text_of(logs->item[0], "spanId"), t->ids.span);
    assert_view(text_of(logs->item[0], "severityNumber"), "17");
    hp_telemetry_free(t);
}

static void a_trace_that_is_not_sampled_is_not_sent(void **state) {
    (void)state;
    char context[56];
    setenv("TRACEPARENT", "00-" TRACE "-" SPAN "-00", 1);
    hp_telemetry *t = begun();
    hp_telemetry_end(t, HP_OK, "ok");
    assert_false(hp_telemetry_has(t, HP_SIGNAL_TRACES));
    assert_true(hp_telemetry_has(t, HP_SIGNAL_METRICS));
    hp_telemetry_context(t, context);
    assert_string_equal(context + 52, "-00");
    hp_telemetry_free(t);
}

static void the_resource_is_said_once(void **state) {
    (void)state;
    setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=night,service.name=lists,team=care", 1);
    hp_telemetry *t = begun();
    hp_telemetry_end(t, HP_OK, "ok");
    hp_autobuf body = hp_buf_new(1 << 20);
    hp_err err = {0};
    hp_node *root;
    hp_telemetry_json(t, HP_SIGNAL_TRACES, &body);
    assert_int_equal(hp_json_read(arena, hp_buf_str(&body), "request", &root, &err), HP_OK);
    const hp_node *resource = hp_node_get(hp_node_get(root, "resourceSpans")->item[0], "resource");
    assert_view(value_of(resource, "service.name", "stringValue"), "lists");
    assert_view(value_of(resource, "deployment.environment", "stringValue"), "night");
    assert_view(value_of(resource, "team", "stringValue"), "care");
    const hp_node *list = hp_node_get(resource, "attributes");
    size_t names = 0;
    for (size_t i = 0; i < list->n; i++) {
        hp_str key = text_of(list->item[i], "key");
        names += hp_str_eq(key, HP_S("service.name")) + hp_str_eq(key, HP_S("deployment.environment"));
    }
    assert_int_equal(names, 2);
    hp_telemetry_free(t);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_traceparent_is_read),
        TEST(what_is_no_traceparent_begins_a_new_trace),
        TEST(sampling_is_the_parents_or_the_samplers),
        TEST(ids_are_drawn),
        TEST(nothing_is_on_by_itself),
        TEST(an_endpoint_switches_all_on),
        TEST(a_signal_may_have_an_endpoint_of_its_own),
        TEST(it_can_be_refused),
        TEST(enabled_without_an_endpoint_is_the_local_one),
        TEST(headers_are_decoded_and_may_differ),
        TEST(what_cannot_be_understood_is_refused_without_its_value),
        TEST(the_time_has_an_end),
        TEST(the_service_is_named_by_the_nearest),
        TEST(stages_are_children_of_the_command),
        TEST(points_are_added_up_by_their_labels),
        TEST(texts_are_scrubbed),
        TEST(a_trace_that_is_not_sampled_is_not_sent),
        TEST(the_resource_is_said_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
