/* Private to src/ops/telemetry: whether and where telemetry is sent. */
#ifndef HP_OPS_TELEMETRY_SETTINGS_H
#define HP_OPS_TELEMETRY_SETTINGS_H

#include "base/secret.h"
#include "profile/config.h"

/** Name what is sent. */
typedef enum hp_signal { HP_SIGNAL_TRACES, HP_SIGNAL_METRICS, HP_SIGNAL_LOGS, HP_SIGNALS } hp_signal;

/** The most headers of requests for one signal, and attributes of OTEL_RESOURCE_ATTRIBUTES. */
enum { HP_TELEMETRY_HEADERS = 16, HP_TELEMETRY_EXTRAS = 32 };

/** Say where a signal goes. */
typedef struct hp_receiver {
    bool on;
    const char *base, *path;                      /**< URL = base + path */
    const char *header[HP_TELEMETRY_HEADERS + 1]; /**< "Name: value", NULL at the end */
} hp_receiver;

/** Hold a key and a value. */
typedef struct hp_extra {
    hp_str key, value;
} hp_extra;

/** Hold the settings; they live in an arena, but for the secrets. */
typedef struct hp_telemetry_settings {
    hp_receiver to[HP_SIGNALS];
    hp_str service, environment, owner, classification; /**< empty = not known */
    hp_extra extra[HP_TELEMETRY_EXTRAS];                /**< of OTEL_RESOURCE_ATTRIBUTES */
    size_t nextra;
    uint32_t timeout_ms; /**< for all requests together */
    bool delta;          /**< counters are sent as differences, not as sums since the start of the process */
    bool other_protocol; /**< http/protobuf was asked for; JSON is sent all the same */
    const char *ca_file; /**< NULL = the system's */
    const char *sampler; /**< value of OTEL_TRACES_SAMPLER, NULL = not set */
    hp_secret *secret[HP_SIGNALS * HP_TELEMETRY_HEADERS]; /**< values of headers, for the scrubber */
    size_t nsecret;
} hp_telemetry_settings;

/** Read the settings: the variables of the OpenTelemetry specification ("Environment Variable Specification",
 * "OpenTelemetry Protocol Exporter") stand above the configuration. Nothing is on unless an endpoint is named
 * or telemetry.enabled says so, and OTEL_SDK_DISABLED is not true. Errors: HP_CONFIG, HP_RETRY. */
hp_code hp_telemetry_settings_read(hp_arena *a, const hp_config *config, hp_telemetry_settings *out,
                                   hp_err *err);
/** Wipe the secrets. */
void hp_telemetry_settings_free(hp_telemetry_settings *s);

#endif
