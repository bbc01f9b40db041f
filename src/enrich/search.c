/* search: the website of an organisation by a search service that answers in JSON (SearXNG). */
#include "enrich/api.h"
#include "net/url.h"
#include "resolve/domain.h"

#include "base/banned.h"

enum { RESULTS = 20 };

/* The host is the name; the host begins with it, or the title says it. */
static const double SAME = 0.85, LIKE = 0.72, CONFIDENCE = 0.85;

/* Appends the letters and digits of a key. */
static void squeeze(hp_str key, hp_buf *out) {
    for (size_t i = 0; i < key.n; i++)
        if (key.p[i] != ' ' && key.p[i] != '-') hp_buf_putc(out, hp_lower(key.p[i]));
}

/* Cuts what names the owner out of a host: the first label, behind www. */
static hp_str label_of(hp_str host) {
    if (hp_str_starts(host, HP_S("www."))) host = hp_str_cut(host, 4, host.n);
    return hp_str_cut(host, 0, hp_str_chr(host, '.', 0));
}

/* Returns how far a result is the organisation's own site, 0 = not at all. */
static double trust(hp_str host, hp_str title, const hp_enrich_row *row, bool *bad) {
    hp_autobuf name = hp_buf_new(64u << 10), label = hp_buf_new(1024), key = hp_buf_new(64u << 10);
    hp_str domain = hp_str_starts(host, HP_S("www.")) ? hp_str_cut(host, 4, host.n) : host;
    if (hp_is_shared_host(domain) || row->name_key.n < 3) return 0;
    squeeze(row->name_key, &name);
    squeeze(label_of(host), &label);
    hp_name_key(hp_str_cut(title, 0, 1000), &key);
    *bad |= name.bad || (key.bad && !key.over);
    hp_str n = hp_buf_str(&name), l = hp_buf_str(&label);
    if (hp_str_eq(n, l)) return SAME;
    bool begins = l.n >= 4 && n.n >= 4 && (hp_str_starts(l, n) || hp_str_starts(n, l));
    return begins && hp_str_find(hp_buf_str(&key), row->name_key, 0) != SIZE_MAX ? LIKE : 0;
}

static hp_code read_answer(hp_api *api, const hp_node *root, const hp_enrich_row *row,
                           const hp_suggestion *base, hp_answers *out, hp_err *err) {
    const hp_node *result[RESULTS];
    bool bad = false;
    size_t n = hp_jsonpath_find(api->items, root, result, RESULTS);
    hp_autoarena *arena = hp_arena_new(NULL);
    if (!arena) return hp_fail_memory(err, "an answer");
    for (size_t i = 0; i < n; i++) {
        hp_str text, title = {0};
        hp_url url;
        hp_err why = {0};
        if (!hp_node_text(hp_node_get(result[i], "url"), &text)) continue;
        (void)hp_node_text(hp_node_get(result[i], "title"), &title);
        hp_code code = hp_url_read(arena, text, NULL, &url, &why);
        if (code == HP_RETRY) return hp_fail_memory(err, "an answer");
        double how = code == HP_OK ? trust(url.host, title, row, &bad) : 0;
        if (how <= 0) continue;
        hp_suggestion made = *base;
        made.field = HP_F_WEBSITE;
        made.value = url.origin; /* the site, not the page that the words were on */
        made.evidence = url.text;
        made.confidence = how * api->confidence / CONFIDENCE;
        if (made.confidence > 1) made.confidence = 1;
        HP_TRY(hp_suggest(out, &made, err));
    }
    return bad ? hp_fail_memory(err, "an answer") : HP_OK;
}

static hp_code open_search(const hp_provider_env *env, void **state, hp_err *err) {
    hp_api *api = NULL;
    HP_TRY(hp_api_open(env, NULL, "results[*]", CONFIDENCE, &api, err));
    if (api) api->fields = hp_field_bit(HP_F_WEBSITE);
    *state = api;
    return HP_OK;
}

static hp_code ask(void *state, const hp_enrich_row *row, size_t n, hp_answers *out, hp_err *err) {
    return hp_api_ask(state, row, n, read_answer, out, err);
}

static void close_search(void *state) { hp_api_close(state); }

static hp_code plan(const hp_provider_env *env, const hp_enrich_row *row, hp_arena *a, hp_str *url,
                    hp_err *err) {
    return hp_api_plan(env, hp_field_bit(HP_F_WEBSITE), row, a, url, err);
}

const hp_provider hp_provider_search = {
    .name = "search",
    .source = "search",
    .strategy = HP_STRATEGY_RESEARCH,
    .network = true,
    .confidence = 0.85,
    .text =
        "the website by a search service that answers in JSON as SearXNG does; asked only when the profile gives its `url`. "
        "A host that is the name counts 0.85, one that begins like it and whose title holds the name 0.72",
    .open = open_search,
    .ask = ask,
    .plan = plan,
    .close = close_search,
};
