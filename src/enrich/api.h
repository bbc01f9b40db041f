/* Services that answer in JSON: one request a row, made from a template; what to take from the answer is
 * mapped in the profile. */
#ifndef HP_ENRICH_API_H
#define HP_ENRICH_API_H

#include "base/doc.h"
#include "enrich/client.h"
#include "enrich/jsonpath.h"
#include "enrich/provider.h"

/** Hold a service; the settings are described in docs/reference/providers.md. */
typedef struct hp_api {
    const hp_provider_env *env;
    hp_arena *arena;
    hp_client *client;
    hp_str url;         /**< template: `{name of a field}`, `{domain}`, `{registration}`, `{slug}` */
    hp_jsonpath *items; /**< the candidates in an answer */
    hp_jsonpath *
        match; /**< the name within a candidate that must be the row's; NULL = the first candidate is taken */
    hp_jsonpath *evidence; /**< the page of a candidate; NULL = none */
    hp_jsonpath *field[HP_FIELD_COUNT];
    hp_field_set fields; /**< those that have a path */
    double confidence;
    const char *header;
    hp_secret *secret;
} hp_api;

/** Tell what the answer to a row means: calls hp_suggest as often as it likes. */
typedef hp_code hp_api_read(hp_api *api, const hp_node *root, const hp_enrich_row *row,
                            const hp_suggestion *base, hp_answers *out, hp_err *err);

/** Open a service by the settings `url`, `items`, `match`, `evidence`, `fields`, `api_key_env`,
 * `api_key_header`; `usual_url` and `usual_items` (may be NULL) stand where the profile says nothing; without
 * any URL *out stays NULL. Errors: HP_CONFIG with the place, HP_NOPERM, HP_CANTCREAT, HP_RETRY. */
hp_code hp_api_open(const hp_provider_env *env, const char *usual_url, const char *usual_items,
                    double confidence, hp_api **out, hp_err *err);
/** Ask for many rows side by side; those whose template lacks a value are not asked. Errors: of hp_http_run
 * and `read`. */
hp_code hp_api_ask(hp_api *api, const hp_enrich_row *row, size_t n, hp_api_read *read, hp_answers *out,
                   hp_err *err);
/** Tell which URL would be asked for a row that wants one of `fields` (0 = of those that the settings map).
 * As hp_provider.plan. */
hp_code hp_api_plan(const hp_provider_env *env, hp_field_set fields, const hp_enrich_row *row, hp_arena *a,
                    hp_str *url, hp_err *err);
/** Close; NULL is allowed. */
void hp_api_close(hp_api *api);
/** Fill in a template for a row, values percent-encoded; *whole is false when the row lacks one of them.
 * Errors: HP_CONFIG (a name that is none), HP_RETRY. */
hp_code hp_api_fill(hp_str text, const hp_enrich_row *row, hp_buf *out, bool *whole, hp_err *err);

#endif
