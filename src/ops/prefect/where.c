#include "ops/prefect/where.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/toml.h"
#include "base/vault.h"

#include "base/banned.h"

#define VAULT_KEY "prefect.api_key"

/* A text that is no user:password is a key. Keys of Prefect Cloud (pnu_..., pnb_...) have no colon. */
static void take_secret(hp_prefect_where *w, hp_secret *secret, hp_endpoint_auth auth, hp_str from) {
    w->secret = secret;
    w->auth = auth;
    w->secret_from = from;
}

static hp_endpoint_auth kind_of(const hp_secret *secret) {
    return hp_str_chr(hp_secret_reveal(secret), ':', 0) == SIZE_MAX ? HP_AUTH_BEARER : HP_AUTH_BASIC;
}

/* ---- the secret ---- */

/* user:password goes first, as in Prefect's own client. */
static hp_code secret_of_environment(hp_prefect_where *w, hp_err *err) {
    static const struct {
        const char *name;
        hp_endpoint_auth auth;
    } VARIABLE[] = {{"PREFECT_API_AUTH_STRING", HP_AUTH_BASIC}, {"PREFECT_API_KEY", HP_AUTH_BEARER}};
    for (size_t i = 0; i < sizeof VARIABLE / sizeof *VARIABLE; i++) {
        const char *value = getenv(VARIABLE[i].name);
        if (!value || !*value) continue;
        hp_secret *secret = hp_secret_new(hp_str_of(value));
        if (!secret) return hp_fail_memory(err, "a key");
        take_secret(w, secret, VARIABLE[i].auth, hp_str_of(VARIABLE[i].name));
        return HP_OK;
    }
    return HP_OK;
}

static hp_code secret_of_file(hp_prefect_where *w, const char *path, hp_err *err) {
    hp_secret *secret;
    HP_TRY(hp_secret_from_file(path, &secret, err));
    take_secret(w, secret, kind_of(secret), hp_str_of(path));
    return HP_OK;
}

static hp_code secret_of_vault(hp_arena *a, hp_prefect_where *w, const char *dir, hp_err *err) {
    hp_vault vault;
    hp_secret *secret;
    HP_TRY(hp_vault_read(a, dir, &vault, err));
    for (size_t i = 0; i < vault.n; i++) {
        if (!hp_str_eq(vault.item[i].name, HP_S(VAULT_KEY))) continue;
        HP_TRY(hp_vault_get(a, dir, HP_S(VAULT_KEY), &secret, err));
        take_secret(w, secret, kind_of(secret), HP_S("the credentials (" VAULT_KEY ")"));
        return HP_OK;
    }
    return HP_OK;
}

/* ---- the profile of the prefect program ---- */

/* A profile as profiles.toml has it; node NULL when there is none. */
typedef struct profile {
    const hp_node *node;
    hp_str name;
    hp_str path;
} profile;

static hp_str text_of(const hp_node *n, const char *key) {
    const hp_node *v = n ? hp_node_get(n, key) : NULL;
    return v && v->kind == HP_NODE_SCALAR ? v->text : HP_S("");
}

/* Where Prefect's own client looks (settings/models/root.py); empty without HOME. */
static hp_str profiles_path(hp_arena *a) {
    const char *path = getenv("PREFECT_PROFILES_PATH"), *own = getenv("PREFECT_HOME"), *home = getenv("HOME");
    if (path && *path) return hp_arena_dup(a, hp_str_of(path));
    if (own && *own) return hp_arena_printf(a, "%s/profiles.toml", own);
    if (home && *home) return hp_arena_printf(a, "%s/.prefect/profiles.toml", home);
    return HP_S("");
}

static hp_code no_profile(const profile *p, const hp_node *all, hp_err *err) {
    hp_autobuf names = hp_buf_new(500);
    for (size_t i = 0; all && i < all->n; i++)
        hp_buf_printf(&names, "%s%.*s", i ? ", " : "", HP_FMT(all->key[i]->text));
    return hp_fail(err, HP_CONFIG, "%.*s: there is no profile %.*s; there are %s", HP_FMT(p->path),
                   HP_FMT(p->name), names.n ? hp_buf_cstr(&names) : "none");
}

/* Reads the profile that PREFECT_PROFILE or prefect.profile names, else the active one. */
static hp_code read_profile(hp_arena *a, const hp_config *c, profile *out, hp_err *err) {
    const char *named = hp_config_text(c, HP_C_PREFECT_PROFILE);
    hp_autobuf raw = hp_buf_new(HP_LIMIT_DOC_BYTES);
    hp_node *doc;
    *out = (profile){.path = profiles_path(a)};
    if (!out->path.p) return hp_fail_memory(err, "a path");
    if (out->path.n == 0 || !hp_exists(out->path.p)) return HP_OK;
    HP_TRY(hp_read_file(out->path.p, &raw, err));
    HP_TRY(hp_toml_read(a, hp_buf_str(&raw), out->path.p, &doc, err));
    const hp_node *all = hp_node_get(doc, "profiles");
    out->name = named ? hp_str_of(named) : text_of(doc, "active");
    for (size_t i = 0; all && all->kind == HP_NODE_MAP && i < all->n; i++) {
        if (hp_str_eq(all->key[i]->text, out->name)) out->node = all->item[i];
    }
    return !out->node && named ? no_profile(out, all, err) : HP_OK;
}

static hp_code secret_of_profile(hp_arena *a, const profile *p, hp_prefect_where *w, hp_err *err) {
    hp_str pair = text_of(p->node, "PREFECT_API_AUTH_STRING"), key = text_of(p->node, "PREFECT_API_KEY");
    hp_str said = pair.n ? pair : key;
    if (!said.n || !hp_str_eq(w->url, text_of(p->node, "PREFECT_API_URL"))) return HP_OK;
    hp_secret *secret = hp_secret_new(said);
    hp_str from = hp_arena_printf(a, "profile %.*s", HP_FMT(p->name));
    if (!secret || !from.p) {
        hp_secret_free(secret);
        return hp_fail_memory(err, "a key");
    }
    take_secret(w, secret, pair.n ? HP_AUTH_BASIC : HP_AUTH_BEARER, from);
    return HP_OK;
}

/* ---- all of them ---- */

static hp_code find_secret(hp_arena *a, const hp_prefect_hints *hints, const profile *p, hp_prefect_where *w,
                           hp_err *err) {
    if (hints->key_file) return secret_of_file(w, hints->key_file, err);
    HP_TRY(secret_of_environment(w, err));
    if (!w->secret) HP_TRY(secret_of_profile(a, p, w, err));
    if (!w->secret && hints->vault) HP_TRY(secret_of_vault(a, w, hints->vault, err));
    return HP_OK;
}

static hp_code find_url(hp_arena *a, const hp_config *c, const hp_prefect_hints *hints, profile *p,
                        hp_prefect_where *w, hp_err *err) {
    const hp_config_value *said = hp_config_get(c, HP_C_PREFECT_URL, NULL);
    hp_err why = {0};
    hp_code code = read_profile(a, c, p, &why);
    if (hints->url) {
        w->url = hp_str_of(hints->url);
        w->from = HP_S("--prefect-url");
    } else if (said->given) {
        w->url = said->item[0];
        w->from = said->place;
    } else if (code != HP_OK) { /* else the profile is not needed, whatever is wrong with it */
        if (err) *err = why;
        return code;
    } else {
        w->url = text_of(p->node, "PREFECT_API_URL");
        w->from = hp_arena_printf(a, "profile %.*s", HP_FMT(p->name));
    }
    return code == HP_RETRY || !w->from.p ? hp_fail_memory(err, "the address of Prefect") : HP_OK;
}

hp_code hp_prefect_find(hp_arena *a, const hp_config *c, const hp_prefect_hints *hints, hp_prefect_where *out,
                        hp_err *err) {
    hp_prefect_where w = {0};
    profile p;
    const char *ca = getenv("PREFECT_API_SSL_CERT_FILE");
    HP_TRY(find_url(a, c, hints, &p, &w, err));
    if (!w.url.n)
        return hp_fail(
            err, HP_CONFIG,
            "nobody says where Prefect is: give --prefect-url URL, set PREFECT_API_URL, prefect.api_url in "
            "hotpass.yaml, or PREFECT_API_URL in the active profile of prefect; the URL ends in /api");
    hp_str of_profile = text_of(p.node, "PREFECT_API_SSL_CERT_FILE");
    w.ca_file = ca && *ca ? ca : of_profile.n ? of_profile.p : NULL;
    HP_TRY(find_secret(a, hints, &p, &w, err));
    *out = w;
    return HP_OK;
}

void hp_prefect_where_free(hp_prefect_where *w) {
    hp_secret_free(w->secret);
    w->secret = NULL;
}
