/* Suites: what is expected of a table, as Great Expectations writes it (0.x and 1.x), and the checkpoints
 * that name them. */
#ifndef HP_PROFILE_SUITE_H
#define HP_PROFILE_SUITE_H

#include "base/arena.h"
#include "base/doc.h"

/** Say what follows when an expectation is not met. */
typedef enum hp_on_failure {
    HP_ON_FAILURE_STOP,      /**< the run ends with exit code 1 and writes nothing but its findings */
    HP_ON_FAILURE_WARN,      /**< it is reported */
    HP_ON_FAILURE_QUARANTINE /**< it is reported, and each row at fault goes to quarantine */
} hp_on_failure;

/** Name the severities of the 1.x form; an expectation without one is critical. */
typedef enum hp_gx_severity { HP_GX_CRITICAL, HP_GX_WARNING, HP_GX_INFO, HP_GX_SEVERITIES } hp_gx_severity;

/** State one expectation. */
typedef struct hp_expectation {
    hp_str type;           /**< snake case in both forms: "expect_column_values_to_be_between" */
    const hp_node *kwargs; /**< a map, with the values of parameters in place of {"$PARAMETER": name} */
    const hp_node *meta;   /**< NULL when there is none */
    hp_gx_severity severity;
    hp_str where; /**< "suites/contacts.json:12", for messages */
} hp_expectation;

/** Hold a suite; lives in the arena it was loaded into. */
typedef struct hp_suite {
    hp_str name; /**< its own, else the stem of the file */
    hp_str path; /**< empty for one that was not read from a file */
    const hp_node *meta;
    size_t n;
    hp_expectation *expectation;
} hp_suite;

/** Give an evaluation parameter its value ("min_rows" = 10); a JSON value, or text when it is none. */
typedef struct hp_suite_parameter {
    hp_str name, value;
} hp_suite_parameter;

/** Load a suite (.json, .yaml, .yml). Unknown expectations, missing or unknown kwargs, wrong types and
 * parameters without a value are errors with file:line:column and the nearest known name. Errors: HP_CONFIG,
 * HP_NOINPUT, HP_IO, HP_RETRY. */
hp_code hp_suite_load(hp_arena *a, const char *path, const hp_suite_parameter *parameter, size_t n,
                      hp_suite **out, hp_err *err);
/** Load a suite from bytes; `path` names them in messages and tells JSON by its suffix. */
hp_code hp_suite_parse(hp_arena *a, hp_str bytes, const char *path, const hp_suite_parameter *parameter,
                       size_t n, hp_suite **out, hp_err *err);

#endif
