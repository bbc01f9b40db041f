#include "enrich/api.h"

#include <stdlib.h>

#include "base/mem.h"
#include "enrich/ends.h"
#include "enrich/settings.h"
#include "net/url.h"

#include "base/banned.h"

/* ---- templates ---- */

static bool value_of(hp_str name, const hp_enrich_row *row, hp_str *out) {
    if (hp_str_eq(name, HP_S("domain")))
        *out = row->domain;
    else if (hp_str_eq(name, HP_S("registration")))
        *out = row->registration;
    else if (hp_str_eq(name, HP_S("slug")))
        *out = row->slug;
    else {
        hp_field f = hp_field_find(name);
        if (f == HP_F_NONE || hp_field_of_contact(f))
            return false; /* a person's data is not sent to a service */
        *out = row->value[f];
    }
    return true;
}

hp_code hp_api_fill(hp_str text, const hp_enrich_row *row, hp_buf *out, bool *whole, hp_err *err) {
    *whole = true;
    for (size_t i = 0; i < text.n;) {
        size_t open = hp_str_chr(text, '{', i);
        hp_buf_add(out, hp_str_cut(text, i, open));
        if (open == SIZE_MAX) break;
        size_t close = hp_str_chr(text, '}', open);
        hp_str name = hp_str_cut(text, open + 1, close), value = {0};
        if (close == SIZE_MAX) return hp_fail(err, HP_CONFIG, "the template has a { without }");
        if (!value_of(name, row, &value))
            return hp_fail(
                err, HP_CONFIG,
                "the template asks for {%.*s}; it may hold domain, registration, slug and the fields of "
                "organisations (organization_name, city, ...)",
                HP_FMT(name));
        *whole &= value.n > 0;
        hp_url_escape(value, out);
        i = close + 1;
    }
    return hp_buf_check(out, "a URL", err);
}

/* Looks at a template before any row is there. */
static hp_code check_template(const hp_provider_env *env, const hp_api *api, hp_err *err) {
    hp_err why = {0};
    hp_enrich_row *row = HP_NEW(api->arena, hp_enrich_row);
    hp_autobuf text = hp_buf_new(HP_URL_BYTES);
    hp_url url;
    bool whole;
    if (!row) return hp_fail_memory(err, "a provider");
    hp_code code = hp_api_fill(api->url, row, &text, &whole, &why);
    if (code == HP_OK) code = hp_url_read(api->arena, hp_buf_str(&text), NULL, &url, &why);
    if (code == HP_OK) return HP_OK;
    if (code == HP_RETRY) return hp_fail_memory(err, "a provider");
    const hp_node *at = hp_settings_get(env, "url");
    if (at) return hp_settings_fail(env, at, "\"url\": %s", err, why.message);
    return hp_fail(err, HP_CONFIG, "provider %.*s: %s", HP_FMT(env->item->name), why.message);
}

/* ---- opening ---- */

static hp_code read_path(const hp_provider_env *env, hp_api *api, const hp_node *at, hp_str text,
                         hp_jsonpath **out, hp_err *err) {
    hp_err why = {0};
    hp_code code = hp_jsonpath_read(api->arena, text, out, &why);
    if (code == HP_OK) return HP_OK;
    if (code == HP_RETRY || !at) return hp_fail(err, code, "%s", why.message);
    return hp_settings_fail(env, at, "%s", err, why.message);
}

static hp_code path_setting(const hp_provider_env *env, hp_api *api, const char *key, const char *usual,
                            hp_jsonpath **out, hp_err *err) {
    hp_str text = hp_str_of(usual);
    HP_TRY(hp_settings_text(env, key, &text, err));
    if (!usual && text.n == 0) return HP_OK;
    return read_path(env, api, hp_settings_get(env, key), text, out, err);
}

static hp_code read_fields(const hp_provider_env *env, hp_api *api, hp_err *err) {
    const hp_node *map = hp_settings_get(env, "fields");
    if (map && map->kind != HP_NODE_MAP)
        return hp_settings_fail(env, map, "\"fields\" must be a map of field: path", err);
    for (size_t i = 0; map && i < map->n; i++) {
        hp_str text, name = map->key[i]->text;
        hp_field f = hp_field_find(name);
        if (f == HP_F_NONE)
            return hp_settings_fail(env, map->key[i], "\"%.*s\" is no field", err, HP_FMT(name));
        if (!hp_node_text(map->item[i], &text))
            return hp_settings_fail(env, map->item[i], "a path is a text", err);
        HP_TRY(read_path(env, api, map->item[i], text, &api->field[f], err));
        api->fields |= hp_field_bit(f);
    }
    return HP_OK;
}

static hp_code read_key(const hp_provider_env *env, hp_api *api, hp_err *err) {
    hp_str variable = {0}, header = HP_S("Authorization");
    HP_TRY(hp_settings_text(env, "api_key_env", &variable, err));
    HP_TRY(hp_settings_text(env, "api_key_header", &header, err));
    if (variable.n == 0) return HP_OK;
    hp_str name = hp_arena_dup(api->arena, variable), head = hp_arena_dup(api->arena, header);
    if (!name.p || !head.p) return hp_fail_memory(err, "a provider");
    for (size_t i = 0; i < head.n; i++)
        if (!hp_is_alnum(head.p[i]) && head.p[i] != '-' && head.p[i] != '_')
            return hp_settings_fail(env, hp_settings_get(env, "api_key_header"),
                                    "\"api_key_header\" is no name of a header", err);
    const char *value = getenv(name.p);
    if (!value || !*value)
        return hp_settings_fail(env, hp_settings_get(env, "api_key_env"),
                                "the environment variable %s is not set; it must hold the key of the service",
                                err, name.p);
    for (const char *p = value; *p; p++)
        if ((unsigned char)*p < ' ')
            return hp_settings_fail(env, hp_settings_get(env, "api_key_env"),
                                    "the key in %s holds a line break", err, name.p);
    api->header = head.p;
    api->secret = hp_secret_new(hp_str_of(value));
    return api->secret ? HP_OK : hp_fail_memory(err, "a provider");
}

static hp_code read_settings(const hp_provider_env *env, const char *items, hp_api *api, hp_err *err) {
    static const char *const KNOWN[] = {"url",    "items",       "match",          "evidence",
                                        "fields", "api_key_env", "api_key_header", NULL};
    HP_TRY(hp_settings_check(env, KNOWN, err));
    HP_TRY(hp_settings_text(env, "url", &api->url, err));
    if (api->url.n == 0) return HP_OK;
    HP_TRY(check_template(env, api, err));
    HP_TRY(path_setting(env, api, "items", items ? items : "", &api->items, err));
    HP_TRY(path_setting(env, api, "match", NULL, &api->match, err));
    HP_TRY(path_setting(env, api, "evidence", NULL, &api->evidence, err));
    HP_TRY(read_fields(env, api, err));
    return read_key(env, api, err);
}

static hp_code open_client(const hp_provider_env *env, hp_api *api, hp_err *err) {
    hp_client_env client = {.profile = env->profile,
                            .home = env->home,
                            .gate = env->gate,
                            .max_requests = env->max_requests,
                            .now = env->now};
    return hp_client_open(&client, &api->client, err);
}

hp_code hp_api_open(const hp_provider_env *env, const char *usual_url, const char *usual_items,
                    double confidence, hp_api **out, hp_err *err) {
    hp_arena *a = hp_arena_new(NULL);
    hp_api *api = a ? HP_NEW(a, hp_api) : NULL;
    if (!api) {
        hp_arena_drop(a);
        return hp_fail_memory(err, "a provider");
    }
    *api = (hp_api){.env = env,
                    .arena = a,
                    .url = hp_str_of(usual_url),
                    .confidence = env->item->confidence >= 0 ? env->item->confidence : confidence};
    hp_code code = read_settings(env, usual_items, api, err);
    if (code == HP_OK && api->url.n) code = open_client(env, api, err);
    if (code != HP_OK || api->url.n == 0) {
        hp_api_close(api);
        return code;
    }
    *out = api;
    return HP_OK;
}

void hp_api_close(hp_api *api) {
    if (!api) return;
    hp_client_close(api->client);
    hp_secret_free(api->secret);
    hp_arena_drop(api->arena);
}

/* ---- planning ---- */

static hp_field_set mapped_fields(const hp_provider_env *env) {
    const hp_node *map = hp_settings_get(env, "fields");
    hp_field_set set = 0;
    for (size_t i = 0; map && map->kind == HP_NODE_MAP && i < map->n; i++)
        set |= hp_field_bit(hp_field_find(map->key[i]->text));
    return set & ~hp_field_bit(HP_F_NONE);
}

hp_code hp_api_plan(const hp_provider_env *env, hp_field_set fields, const hp_enrich_row *row, hp_arena *a,
                    hp_str *url, hp_err *err) {
    hp_str text = {0};
    hp_autobuf out = hp_buf_new(HP_URL_BYTES);
    bool whole;
    *url = HP_S("");
    HP_TRY(hp_settings_text(env, "url", &text, err));
    if (text.n == 0 || !(row->wanted & (fields ? fields : mapped_fields(env)))) return HP_OK;
    HP_TRY(hp_api_fill(text, row, &out, &whole, err));
    if (!whole) return HP_OK;
    *url = hp_arena_dup(a, hp_buf_str(&out));
    return url->p ? HP_OK : hp_fail_memory(err, "a plan");
}

/* ---- asking ---- */

typedef struct call {
    hp_api *api;
    hp_arena *arena;
    const hp_enrich_row *row;
    size_t ask;
    hp_api_read *read;
    hp_answers *out;
} call;

/* The URL without its query: what the row was asked by needs no second copy in the evidence. */
static hp_str plain(hp_str url) { return hp_str_cut(url, 0, hp_str_chr(url, '?', 0)); }

static hp_code take_json(const call *c, const hp_http_answer *a, hp_err *err) {
    hp_err why = {0};
    hp_node *root;
    hp_suggestion base = {
        .ask = c->ask, .confidence = c->api->confidence, .evidence = plain(a->url), .time = a->time};
    hp_code code = hp_json_read(c->arena, a->body, "the answer", &root, &why);
    if (code == HP_RETRY) return hp_fail_memory(err, "an answer");
    if (code != HP_OK)
        return hp_answer_net(c->out, c->ask, HP_NET_FAILED, HP_S("the answer is no JSON"), err);
    return c->read(c->api, root, c->row, &base, c->out, err);
}

static hp_code done(void *ctx, const hp_http_answer *a, hp_err *err) {
    const call *c = ctx;
    HP_TRY(hp_answer_end(c->out, c->ask, a->end, hp_str_of(a->reason), a->status, err));
    return a->end == HP_HTTP_ANSWERED && a->status == 200 ? take_json(c, a, err) : HP_OK;
}

static hp_code ask_row(call *c, hp_err *err) {
    hp_autobuf url = hp_buf_new(HP_URL_BYTES);
    hp_err why = {0};
    bool whole;
    hp_code code = hp_api_fill(c->api->url, c->row, &url, &whole, &why);
    if (code == HP_RETRY) return hp_fail_memory(err, "a request");
    if (code != HP_OK || !whole) return HP_OK; /* longer than a URL may be, or nothing to ask with */
    hp_http_ask ask = {.url = hp_buf_str(&url),
                       .accept = "application/json",
                       .secret_header = c->api->header,
                       .secret = c->api->secret,
                       .done = done,
                       .ctx = c};
    return hp_http_get(hp_client_http(c->api->client), &ask, err);
}

hp_code hp_api_ask(hp_api *api, const hp_enrich_row *row, size_t n, hp_api_read *read, hp_answers *out,
                   hp_err *err) {
    hp_autoarena *arena = hp_arena_new(NULL);
    call *c = arena ? HP_NEW_ARRAY(arena, n + 1, call) : NULL;
    if (!c) return hp_fail_memory(err, "requests");
    for (size_t i = 0; i < n; i++) {
        c[i] = (call){.api = api, .arena = arena, .row = &row[i], .ask = i, .read = read, .out = out};
        if (row[i].wanted & api->fields) HP_TRY(ask_row(&c[i], err));
    }
    return hp_http_run(hp_client_http(api->client), err);
}
