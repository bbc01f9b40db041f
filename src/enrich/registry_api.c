/* registry_api: registers that answer over HTTP in JSON, mapped in the profile. */
#include "enrich/api.h"

#include "base/banned.h"

enum { CANDIDATES = 50 };

static const double CONFIDENCE = 0.95;

/* Tells whether a candidate is the row's organisation: by its name, as names are compared everywhere. */
static bool is_it(const hp_api *api, const hp_node *candidate, const hp_enrich_row *row, bool *bad) {
    hp_str name;
    if (!api->match) return true;
    if (!hp_jsonpath_text(api->match, candidate, &name) || row->name_key.n == 0) return false;
    hp_autobuf key = hp_buf_new(64u << 10);
    hp_name_key(name, &key);
    *bad |= key.bad && !key.over;
    return hp_str_eq(hp_buf_str(&key), row->name_key);
}

static hp_code read_answer(hp_api *api, const hp_node *root, const hp_enrich_row *row,
                           const hp_suggestion *base, hp_answers *out, hp_err *err) {
    const hp_node *candidate[CANDIDATES];
    bool bad = false;
    size_t n = hp_jsonpath_find(api->items, root, candidate, CANDIDATES), i = 0;
    while (i < n && !is_it(api, candidate[i], row, &bad)) i++;
    if (bad) return hp_fail_memory(err, "an answer");
    for (int f = 1; i < n && f < HP_FIELD_COUNT; f++) {
        hp_suggestion made = *base;
        made.field = (hp_field)f;
        if (!api->field[f] || !hp_field_in(row->wanted, made.field)) continue;
        if (!hp_jsonpath_text(api->field[f], candidate[i], &made.value)) continue;
        if (api->evidence) (void)hp_jsonpath_text(api->evidence, candidate[i], &made.evidence);
        HP_TRY(hp_suggest(out, &made, err));
    }
    return HP_OK;
}

static hp_code open_registry(const hp_provider_env *env, void **state, hp_err *err) {
    hp_api *api = NULL;
    HP_TRY(hp_api_open(env, NULL, NULL, CONFIDENCE, &api, err));
    *state = api;
    return HP_OK;
}

static hp_code ask(void *state, const hp_enrich_row *row, size_t n, hp_answers *out, hp_err *err) {
    return hp_api_ask(state, row, n, read_answer, out, err);
}

static void close_registry(void *state) { hp_api_close(state); }

static hp_code plan(const hp_provider_env *env, const hp_enrich_row *row, hp_arena *a, hp_str *url,
                    hp_err *err) {
    return hp_api_plan(env, 0, row, a, url, err);
}

const hp_provider hp_provider_registry_api = {
    .name = "registry_api",
    .source = "registry_api",
    .strategy = HP_STRATEGY_RESEARCH,
    .network = true,
    .confidence = 0.95,
    .text = "a register that answers in JSON; asked only when the profile gives its `url`",
    .open = open_registry,
    .ask = ask,
    .plan = plan,
    .close = close_registry,
};
