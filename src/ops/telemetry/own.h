/* Private to src/ops/telemetry: what is kept until it is sent. */
#ifndef HP_OPS_TELEMETRY_OWN_H
#define HP_OPS_TELEMETRY_OWN_H

#include "base/vec.h"
#include "ops/telemetry/settings.h"
#include "ops/telemetry/telemetry.h"

/** Hold the ids of a trace and a span, lower-case hex (W3C Trace Context, 2.2). */
typedef struct hp_trace_ids {
    char trace[33], span[17];
    bool sampled;
} hp_trace_ids;

/** Read a traceparent; false when it is none, and a new trace begins. */
bool hp_traceparent_read(hp_str text, hp_trace_ids *out);
/** Draw `n` random bytes as hex, never all zero; `out` has room for 2 n + 1. */
void hp_draw_id(size_t n, char *out);
/** Tell whether a trace is sent: `sampler` and `arg` are OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG
 * (NULL = not set), `parent` the context it came with (NULL = none). Errors: HP_CONFIG. */
hp_code hp_sample(const char *sampler, const char *arg, const char *trace, const hp_trace_ids *parent,
                  bool *out, hp_err *err);

/** Name the kinds of value. */
typedef enum hp_value_kind { HP_VALUE_TEXT, HP_VALUE_WHOLE, HP_VALUE_REAL } hp_value_kind;

/** Hold an attribute of a span, a point, a record. */
typedef struct hp_attribute {
    const char *key;
    hp_value_kind kind;
    hp_str text;
    int64_t whole;
    double real;
} hp_attribute;

/** The most attributes of a list. */
enum { HP_SPAN_ATTRIBUTES = 24 };

/** Hold attributes. */
typedef struct hp_attribute_list {
    hp_attribute item[HP_SPAN_ATTRIBUTES];
    size_t n;
} hp_attribute_list;

/** Hold a span; times are of hp_clock_mono. */
typedef struct hp_span {
    char id[17];
    const char *name;
    uint64_t begun, ended;
    hp_attribute_list attributes;
    bool failed;
    const char *stage; /**< NULL for the root */
} hp_span;

/** Hold a point of a metric. */
typedef struct hp_point {
    hp_metric_id metric;
    hp_attribute_list labels;
    uint64_t count;   /**< of a counter the sum, of a histogram the measurements */
    double sum;       /**< of a histogram; of a gauge its value */
    uint64_t *bucket; /**< of a histogram, HP_BOUNDS + 1 */
} hp_point;

/** Bounds of the histograms in seconds: those of the OpenTelemetry SDK's default for seconds. */
enum { HP_BOUNDS = 14 };
/** The bounds: a measurement is counted at the first that it is not above. */
extern const double hp_bounds[HP_BOUNDS];

/** Hold a log record. */
typedef struct hp_record {
    uint64_t time;
    hp_log_level level;
    const char *event;
    hp_str body;
    hp_attribute_list attributes;
} hp_record;

/** Kinds of metric. */
typedef enum hp_metric_kind { HP_METRIC_COUNTER, HP_METRIC_HISTOGRAM, HP_METRIC_GAUGE } hp_metric_kind;

/** Describe a metric. */
typedef struct hp_metric_info {
    const char *name;
    hp_metric_kind kind;
    const char *unit, *labels, *help;
} hp_metric_info;

/** Return the description of a metric. */
const hp_metric_info *hp_metric_get(hp_metric_id id);
/** Return the key of an attribute. */
const char *hp_attribute_key(hp_attribute_id id);

/** Hold what a command tells. */
struct hp_telemetry {
    hp_arena *arena;
    hp_telemetry_settings settings;
    hp_trace_ids ids;       /**< of the root span */
    char parent[17];        /**< span that we are a child of; empty = none */
    hp_str state;           /**< TRACESTATE, handed on */
    char instance[37];      /**< service.instance.id (UUID version 4) */
    uint64_t mono, unix_ns; /**< the same instant on both clocks */
    hp_span root;
    HP_VEC(hp_span *) stage;
    HP_VEC(hp_point *) point;
    HP_VEC(hp_record *) record;
    bool bad; /**< memory ran out on the way */
};

/** Write the request of a signal (ExportTraceServiceRequest and its like) as JSON. */
void hp_telemetry_json(const hp_telemetry *t, hp_signal signal, hp_buf *out);
/** Tell whether there is anything to send for a signal. */
bool hp_telemetry_has(const hp_telemetry *t, hp_signal signal);

#endif
