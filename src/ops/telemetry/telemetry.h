/* Telemetry: how a run went, told to an OpenTelemetry receiver when the run is over.
 *
 * One trace a command: a root span, a span for each stage below it, metrics, and log records that carry the
 * trace's id. Everything is kept in memory, and sent (OTLP/HTTP, JSON) when the outputs are complete, within
 * one short deadline. Off unless the environment or the configuration names a receiver
 * (ops/telemetry/settings.h). Texts are scrubbed (base/log.h); callers give names and numbers, never values
 * of cells or paths.
 *
 * All functions but hp_telemetry_begin take NULL, which is telemetry that is off. When memory runs out, what
 * was told is incomplete, and hp_telemetry_send says so instead of sending.
 *
 * Names and forms: OpenTelemetry Protocol 1.5 (opentelemetry-proto), JSON encoding. */
#ifndef HP_OPS_TELEMETRY_H
#define HP_OPS_TELEMETRY_H

#include "base/buf.h"
#include "profile/config.h"

/** Name the metrics (ops/telemetry/metrics.def). */
typedef enum hp_metric_id {
#define HP_METRIC(id, ...) HP_M_##id,
#include "ops/telemetry/metrics.def"
#undef HP_METRIC
    HP_METRICS
} hp_metric_id;

/** Name the attributes of spans (ops/telemetry/attributes.def). */
typedef enum hp_attribute_id {
#define HP_ATTRIBUTE(id, ...) HP_A_##id,
#include "ops/telemetry/attributes.def"
#undef HP_ATTRIBUTE
    HP_ATTRIBUTES
} hp_attribute_id;

/** Name a label of a metric or an attribute of a log record, and its value. */
typedef struct hp_label {
    const char *key, *value;
} hp_label;

/** A list of labels: HP_LABELS({"source", "a"}, {"kind", "b"}). No labels are NULL. */
#define HP_LABELS(...) ((const hp_label[]){__VA_ARGS__, {NULL, NULL}})

/** Say how grave a log record is: SeverityNumber of OpenTelemetry. */
typedef enum hp_log_level { HP_LOG_INFO = 9, HP_LOG_WARN = 13, HP_LOG_ERROR = 17 } hp_log_level;

/** Hold what one command tells. */
typedef struct hp_telemetry hp_telemetry;

/** Begin, when the environment and the configuration want it; else *out is NULL. `command` is the command's
 * name
 * ("refine"). The root span begins now, as a child of TRACEPARENT if there is one. Errors: HP_CONFIG (a
 * variable that cannot be understood), HP_RETRY. */
hp_code hp_telemetry_begin(const hp_config *config, const char *command, hp_telemetry **out, hp_err *err);
/** Write the trace context for children (W3C Trace Context, "00-<trace>-<root span>-01"); empty when off. */
void hp_telemetry_context(const hp_telemetry *t, char out[56]);

/** Begin a stage, which ends the one before; NULL only ends. */
void hp_telemetry_stage(hp_telemetry *t, const char *stage);
/** Give a stage that was begun its count and its time in seconds (below 0: that of its span). */
void hp_telemetry_stage_done(hp_telemetry *t, const char *stage, uint64_t items, double seconds);
/** Give the root span an attribute. */
void hp_telemetry_text(hp_telemetry *t, hp_attribute_id id, hp_str value);
/** As hp_telemetry_text, of a whole number. */
void hp_telemetry_whole(hp_telemetry *t, hp_attribute_id id, uint64_t value);
/** As hp_telemetry_text, of a number. */
void hp_telemetry_real(hp_telemetry *t, hp_attribute_id id, double value);
/** Add to a counter, at the point with these labels. */
void hp_telemetry_count(hp_telemetry *t, hp_metric_id id, uint64_t n, const hp_label *labels);
/** Record a measurement of a histogram, or set a gauge. */
void hp_telemetry_measure(hp_telemetry *t, hp_metric_id id, double value, const hp_label *labels);
/** Add a log record to the root span: an event's name, a sentence, attributes. */
void hp_telemetry_log(hp_telemetry *t, hp_log_level level, const char *event, hp_str body,
                      const hp_label *attributes);

/** Say which stage stopped the run or failed. */
void hp_telemetry_stage_failed(hp_telemetry *t, const char *stage);
/** End the stage and the root span. `word` names the code. */
void hp_telemetry_end(hp_telemetry *t, hp_code code, const char *word);
/** Send everything. Errors: HP_UNAVAILABLE (no answer in time, or not a good one), HP_CONFIG, HP_RETRY. */
hp_code hp_telemetry_send(hp_telemetry *t, hp_err *err);
/** Tell whether the environment asks for another form than JSON (http/protobuf), which is sent all the same.
 */
bool hp_telemetry_other_protocol(const hp_telemetry *t);
/** Release what was told; NULL is allowed. */
void hp_telemetry_free(hp_telemetry *t);

/** Write the reference of all names as Markdown, behind its title (docs/reference/telemetry.md). */
void hp_telemetry_reference(hp_buf *out);

#endif
