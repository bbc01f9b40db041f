/* Loading suites: the document, its expectations one by one. What kwargs may hold is in suite_kwargs.c. */
#include "profile/suite.h"

#include "base/file.h"
#include "base/limits.h"
#include "profile/expectations.h"
#include "profile/suite_parts.h"

#include "base/banned.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* ---- documents ---- */

static bool has_suffix(hp_str path, const char *suffix) {
    hp_str s = hp_str_of(suffix);
    return path.n > s.n && hp_str_ieq(hp_str_cut(path, path.n - s.n, path.n), s);
}

hp_str hp_sstem(hp_str path) {
    for (size_t i = path.n; i > 0; i--)
        if (path.p[i - 1] == '/') {
            path = hp_str_cut(path, i, path.n);
            break;
        }
    static const char *const SUFFIX[] = {".json", ".yaml", ".yml"};
    for (size_t i = 0; i < COUNT(SUFFIX); i++)
        if (has_suffix(path, SUFFIX[i])) return hp_str_cut(path, 0, path.n - strlen(SUFFIX[i]));
    return path;
}

hp_code hp_sdoc_parse(hp_arena *a, hp_str bytes, const char *path, hp_node **out, hp_err *err) {
    if (!has_suffix(hp_str_of(path), ".json")) return hp_yaml_read(a, bytes, path, out, err);
    hp_err first = {0};
    hp_code code = hp_json_read(a, bytes, path, out, &first);
    /* Python writes Infinity and NaN, which JSON does not have; YAML reads them as words. */
    bool python =
        hp_str_find(bytes, HP_S("Infinity"), 0) != SIZE_MAX || hp_str_find(bytes, HP_S("NaN"), 0) != SIZE_MAX;
    if (code == HP_CONFIG && python) {
        hp_code again = hp_yaml_read(a, bytes, path, out, NULL);
        if (again == HP_OK) return HP_OK;
        if (again == HP_RETRY) return hp_fail_memory(err, "a suite");
    }
    if (code != HP_OK && err) *err = first;
    return code;
}

hp_code hp_sdoc_load(hp_arena *a, const char *path, hp_node **out, hp_err *err) {
    hp_autobuf bytes = hp_buf_new(HP_LIMIT_DOC_BYTES);
    hp_code code = hp_read_file(path, &bytes, err);
    if (code == HP_DATA)
        return hp_fail(err, HP_CONFIG, "%s: over the limit of %u bytes for a configuration file; is it one?",
                       path, HP_LIMIT_DOC_BYTES);
    HP_TRY(code);
    return hp_sdoc_parse(a, hp_buf_str(&bytes), path, out, err);
}

hp_code hp_skeys_check(hp_sload *l, const hp_node *n, const char *what, const char *const *names,
                       size_t count) {
    if (n->kind != HP_NODE_MAP) return HP_SFAIL(l, n, "%s is a map", what);
    for (size_t i = 0; i < n->n; i++) {
        hp_str key = n->key[i]->text;
        bool known = false;
        for (size_t k = 0; k < count && !known; k++) known = hp_str_eq(key, hp_str_of(names[k]));
        if (known) continue;
        const char *near = hp_nearest(key, names, count);
        return HP_SFAIL(l, n->key[i], "unknown key \"%.*s\" in %s%s%s%s", HP_FMT(hp_str_cut(key, 0, 100)),
                        what, near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    }
    return HP_OK;
}

/* ---- one expectation ---- */

static const char *const EXPECTATION_KEYS[] = {"type",   "expectation_type", "kwargs",
                                               "meta",   "severity",         "name",
                                               "id",     "ge_cloud_id",      "description",
                                               "notes",  "rendered_content", "expectation_context",
                                               "strict", "windows",          "success_on_last_run"};

/* "ExpectColumnValuesToBeBetween" of 1.x classes is the same as "expect_column_values_to_be_between". */
static hp_str snake(hp_arena *a, hp_str camel) {
    hp_autobuf b = hp_buf_new(1000);
    for (size_t i = 0; i < camel.n; i++) {
        bool upper = camel.p[i] >= 'A' && camel.p[i] <= 'Z';
        if (upper && i > 0) hp_buf_putc(&b, '_');
        hp_buf_putc(&b, hp_lower(camel.p[i]));
    }
    hp_str name = {0};
    if (!b.bad) name = hp_arena_dup(a, hp_buf_str(&b));
    return name;
}

static hp_code read_type(hp_sload *l, const hp_node *n, hp_str *out) {
    const hp_node *type = hp_node_get(n, "expectation_type"), *newer = hp_node_get(n, "type");
    if (type && newer) return HP_SFAIL(l, newer, "both \"type\" and \"expectation_type\"; leave one out");
    if (!type) type = newer;
    if (!type) return HP_SFAIL(l, n, "the expectation has no \"type\" (or \"expectation_type\")");
    if (!hp_node_text(type, out) || out->n == 0 || out->n > 200)
        return HP_SFAIL(l, type, "the type of an expectation is a name");
    if (hp_str_starts(*out, HP_S("Expect"))) *out = snake(l->a, *out);
    if (!out->p) return hp_fail_memory(l->err, "a suite");
    if (hp_expectation_find(*out) != HP_X_COUNT) return HP_OK;
    const char *names[HP_X_COUNT];
    for (int i = 0; i < HP_X_COUNT; i++) names[i] = hp_expectation_get((hp_expectation_id)i).type;
    const char *near = hp_nearest(*out, names, HP_X_COUNT);
    return HP_SFAIL(l, type, "unknown expectation \"%.*s\"%s%s%s", HP_FMT(*out),
                    near ? "; did you mean \"" : "; docs/reference/expectations.md lists those there are",
                    near ? near : "", near ? "\"?" : "");
}

static hp_code read_severity(hp_sload *l, const hp_node *n, hp_gx_severity *out) {
    static const char *const WORD[] = {"critical", "warning", "info"};
    const hp_node *v = hp_node_get(n, "severity");
    *out = HP_GX_CRITICAL;
    hp_str text;
    if (!v || v->kind == HP_NODE_NULL) return HP_OK;
    for (size_t i = 0; i < COUNT(WORD); i++)
        if (hp_node_text(v, &text) && hp_str_ieq(text, hp_str_of(WORD[i]))) {
            *out = (hp_gx_severity)i;
            return HP_OK;
        }
    return HP_SFAIL(l, v, "severity is \"critical\", \"warning\" or \"info\"");
}

static hp_code read_expectation(hp_sload *l, const hp_node *n, hp_expectation *e) {
    HP_TRY(hp_skeys_check(l, n, "an expectation", EXPECTATION_KEYS, COUNT(EXPECTATION_KEYS)));
    HP_TRY(read_type(l, n, &e->type));
    HP_TRY(read_severity(l, n, &e->severity));
    e->meta = hp_node_get(n, "meta");
    e->where = hp_arena_printf(l->a, "%s:%d", l->path, n->line);
    const hp_node *kwargs = hp_node_get(n, "kwargs");
    if (!kwargs || kwargs->kind == HP_NODE_NULL) kwargs = hp_snode(l->a, n, HP_NODE_MAP);
    if (!e->where.p || !kwargs) return hp_fail_memory(l->err, "a suite");
    if (kwargs->kind != HP_NODE_MAP) return HP_SFAIL(l, kwargs, "\"kwargs\" is a map");
    HP_TRY(hp_sparameters(l, kwargs, &e->kwargs));
    return hp_skwargs_check(l, e->type, e->kwargs, n);
}

/* ---- the suite ---- */

static const char *const SUITE_KEYS[] = {"name",
                                         "expectation_suite_name",
                                         "expectations",
                                         "meta",
                                         "id",
                                         "ge_cloud_id",
                                         "notes",
                                         "data_asset_type",
                                         "evaluation_parameters",
                                         "suite_parameters",
                                         "data_context_id",
                                         "$schema",
                                         "description"};

static hp_code read_name(hp_sload *l, const hp_node *root, hp_suite *s) {
    const hp_node *name = hp_node_get(root, "name");
    if (!name) name = hp_node_get(root, "expectation_suite_name");
    s->name = hp_sstem(s->path);
    if (!name || name->kind == HP_NODE_NULL) return HP_OK;
    if (!hp_node_text(name, &s->name) || s->name.n == 0)
        return HP_SFAIL(l, name, "the name of a suite is a text");
    return HP_OK;
}

static hp_code read_suite(hp_sload *l, const hp_node *root, hp_suite *s) {
    HP_TRY(hp_skeys_check(l, root, "a suite", SUITE_KEYS, COUNT(SUITE_KEYS)));
    HP_TRY(read_name(l, root, s));
    s->meta = hp_node_get(root, "meta");
    l->fallback = hp_node_get(root, "evaluation_parameters");
    if (!l->fallback) l->fallback = hp_node_get(root, "suite_parameters");
    const hp_node *list = hp_node_get(root, "expectations");
    if (!list) return HP_SFAIL(l, root, "the suite has no \"expectations\"");
    if (list->kind != HP_NODE_LIST) return HP_SFAIL(l, list, "\"expectations\" is a list");
    s->expectation = HP_NEW_ARRAY(l->a, list->n + 1, hp_expectation);
    if (!s->expectation) return hp_fail_memory(l->err, "a suite");
    for (size_t i = 0; i < list->n; i++) HP_TRY(read_expectation(l, list->item[i], &s->expectation[s->n++]));
    return HP_OK;
}

static hp_code make(hp_sload *l, const hp_node *root, hp_suite **out) {
    hp_suite *s = HP_NEW(l->a, hp_suite);
    hp_str path = hp_arena_dup(l->a, hp_str_of(l->path));
    if (!s || !path.p) return hp_fail_memory(l->err, "a suite");
    s->path = path;
    HP_TRY(read_suite(l, root, s));
    *out = s;
    return HP_OK;
}

static hp_code in_stage(hp_err *err, hp_code code) {
    return code != HP_OK && err ? hp_err_in(err, "suite") : code;
}

hp_code hp_suite_parse(hp_arena *a, hp_str bytes, const char *path, const hp_suite_parameter *parameter,
                       size_t n, hp_suite **out, hp_err *err) {
    hp_sload l = {.a = a, .path = path, .parameter = parameter, .nparameter = n, .err = err};
    hp_node *root;
    hp_code code = hp_sdoc_parse(a, bytes, path, &root, err);
    if (code == HP_OK) code = make(&l, root, out);
    return in_stage(err, code);
}

hp_code hp_suite_load(hp_arena *a, const char *path, const hp_suite_parameter *parameter, size_t n,
                      hp_suite **out, hp_err *err) {
    hp_sload l = {.a = a, .path = path, .parameter = parameter, .nparameter = n, .err = err};
    hp_node *root;
    hp_code code = hp_sdoc_load(a, path, &root, err);
    if (code == HP_OK) code = make(&l, root, out);
    return in_stage(err, code);
}
