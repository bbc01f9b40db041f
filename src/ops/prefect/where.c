#include "ops/prefect/where.h"

#include <stdlib.h>

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

static hp_code find_secret(hp_arena *a, const hp_prefect_hints *hints, hp_prefect_where *w, hp_err *err) {
    if (hints->key_file) return secret_of_file(w, hints->key_file, err);
    HP_TRY(secret_of_environment(w, err));
    if (!w->secret && hints->vault) HP_TRY(secret_of_vault(a, w, hints->vault, err));
    return HP_OK;
}

/* ---- the address ---- */

static void find_url(const hp_config *c, const hp_prefect_hints *hints, hp_prefect_where *w) {
    const hp_config_value *said = hp_config_get(c, HP_C_PREFECT_URL, NULL);
    if (hints->url) {
        w->url = hp_str_of(hints->url);
        w->from = HP_S("--prefect-url");
    } else if (said->given) {
        w->url = said->item[0];
        w->from = said->place;
    }
}

hp_code hp_prefect_find(hp_arena *a, const hp_config *c, const hp_prefect_hints *hints, hp_prefect_where *out,
                        hp_err *err) {
    hp_prefect_where w = {0};
    const char *ca = getenv("PREFECT_API_SSL_CERT_FILE");
    find_url(c, hints, &w);
    if (!w.url.n)
        return hp_fail(
            err, HP_CONFIG,
            "nobody says where Prefect is: give --prefect-url URL, set PREFECT_API_URL, or prefect.api_url "
            "in hotpass.yaml; the URL ends in /api");
    w.ca_file = ca && *ca ? ca : NULL;
    HP_TRY(find_secret(a, hints, &w, err));
    *out = w;
    return HP_OK;
}

void hp_prefect_where_free(hp_prefect_where *w) {
    hp_secret_free(w->secret);
    w->secret = NULL;
}
