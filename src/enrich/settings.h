/* Reading `settings` of a provider: a map of the profile, checked as strictly as the rest of it. */
#ifndef HP_ENRICH_SETTINGS_H
#define HP_ENRICH_SETTINGS_H

#include "enrich/provider.h"

/** Refuse keys that are not among `known` (ends in NULL). Errors: HP_CONFIG with file:line:column and the
 * nearest known key. */
hp_code hp_settings_check(const hp_provider_env *env, const char *const *known, hp_err *err);
/** Return the value of a key; NULL when it is not set. */
const hp_node *hp_settings_get(const hp_provider_env *env, const char *key);
/** Read a text; *out stays as it is when the key is not set. Errors: HP_CONFIG. */
hp_code hp_settings_text(const hp_provider_env *env, const char *key, hp_str *out, hp_err *err);
/** Fail with HP_CONFIG at a node of the settings. */
hp_code hp_settings_fail(const hp_provider_env *env, const hp_node *at, const char *fmt, hp_err *err, ...)
    __attribute__((format(printf, 3, 5)));

#endif
