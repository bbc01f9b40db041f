#include "enrich/settings.h"

#include <stdio.h>

#include "base/banned.h"

hp_code hp_settings_fail(const hp_provider_env *env, const hp_node *at, const char *fmt, hp_err *err, ...) {
    char text[1000];
    va_list ap;
    va_start(ap, err);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return hp_fail(err, HP_CONFIG, "%.*s:%d:%d: provider %.*s: %s", HP_FMT(env->profile->path), at->line,
                   at->column, HP_FMT(env->item->name), text);
}

hp_code hp_settings_check(const hp_provider_env *env, const char *const *known, hp_err *err) {
    const hp_node *s = env->item->settings;
    hp_autobuf list = hp_buf_new(1024);
    size_t n = 0;
    for (; known[n]; n++) hp_buf_printf(&list, "%s%s", n ? ", " : "", known[n]);
    for (size_t i = 0; s && i < s->n; i++) {
        bool found = false;
        for (size_t k = 0; k < n && !found; k++) found = hp_str_eq(s->key[i]->text, hp_str_of(known[k]));
        if (found) continue;
        hp_str key = hp_str_cut(s->key[i]->text, 0, 80);
        const char *near = hp_nearest(key, known, n);
        if (near)
            return hp_settings_fail(env, s->key[i], "unknown setting \"%.*s\"; did you mean \"%s\"?", err,
                                    HP_FMT(key), near);
        return hp_settings_fail(env, s->key[i], "unknown setting \"%.*s\"; the settings are %s", err,
                                HP_FMT(key), n ? hp_buf_cstr(&list) : "none");
    }
    return HP_OK;
}

const hp_node *hp_settings_get(const hp_provider_env *env, const char *key) {
    return env->item->settings ? hp_node_get(env->item->settings, key) : NULL;
}

hp_code hp_settings_text(const hp_provider_env *env, const char *key, hp_str *out, hp_err *err) {
    const hp_node *n = hp_settings_get(env, key);
    if (!n || hp_node_text(n, out)) return HP_OK;
    return hp_settings_fail(env, n, "\"%s\" must be a text", err, key);
}
