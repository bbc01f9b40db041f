/* Kernels of each value of a column, as text: regular expressions, LIKE patterns, dates in a format, JSON. */
#include "check/engine.h"
#include "check/json_schema.h"
#include "check/pattern.h"
#include "check/strftime.h"

#include "base/banned.h"

static hp_code marks(hp_checker *k, hp_coded **c, uint8_t **bad, hp_err *err) {
    HP_TRY(hp_column_of(k, "column", c, err));
    *bad = *c ? HP_NEW_ARRAY(k->scratch, (*c)->n + 1, uint8_t) : NULL;
    return *c && !*bad ? hp_fail_memory(err, "a validation") : HP_OK;
}

/* ---- patterns ---- */

/* Adds to hits[d] for each value in which one pattern is found. */
static hp_code search(hp_checker *k, const hp_coded *c, hp_str pattern, bool like, uint32_t *hits,
                      hp_err *err) {
    hp_pattern *p;
    HP_TRY(like ? hp_pattern_compile_like(pattern, k->where, &p, err)
                : hp_pattern_compile_python(pattern, k->where, &p, err));
    hp_code code = HP_OK;
    for (uint32_t d = 0; d < c->n && code == HP_OK; d++) {
        bool found = false;
        code = hp_pattern_match(p, hp_coded_text(k, c, d), &found, err);
        hits[d] += found;
    }
    hp_pattern_free(p);
    return code;
}

/* What the eight expectations on patterns differ in. */
typedef struct rule {
    const char *kwarg;
    bool like, inverse;
} rule;

static rule rule_of(hp_expectation_id id) {
    switch ((int)id) {
    case HP_X_VALUES_MATCH_REGEX: return (rule){"regex", false, false};
    case HP_X_VALUES_NOT_MATCH_REGEX: return (rule){"regex", false, true};
    case HP_X_VALUES_MATCH_REGEX_LIST: return (rule){"regex_list", false, false};
    case HP_X_VALUES_NOT_MATCH_REGEX_LIST: return (rule){"regex_list", false, true};
    case HP_X_VALUES_MATCH_LIKE: return (rule){"like_pattern", true, false};
    case HP_X_VALUES_NOT_MATCH_LIKE: return (rule){"like_pattern", true, true};
    case HP_X_VALUES_MATCH_LIKE_LIST: return (rule){"like_pattern_list", true, false};
    default: return (rule){"like_pattern_list", true, true};
    }
}

hp_code hp_k_regex(hp_checker *k, hp_err *err) {
    hp_coded *c;
    uint8_t *bad;
    rule r = rule_of(k->id);
    const hp_node *what = hp_kw(k, r.kwarg);
    HP_TRY(marks(k, &c, &bad, err));
    if (!c) return HP_OK;
    uint32_t *hits = HP_NEW_ARRAY(k->scratch, c->n + 1, uint32_t);
    if (!hits) return hp_fail_memory(err, "a validation");
    bool list = what->kind == HP_NODE_LIST;
    size_t n = list ? what->n : 1;
    for (size_t i = 0; i < n; i++)
        HP_TRY(search(k, c, list ? what->item[i]->text : what->text, r.like, hits, err));
    bool all = hp_str_eq(hp_kw_text(k, "match_on"), HP_S("all"));
    for (uint32_t d = 0; d < c->n; d++) {
        bool met = r.inverse ? hits[d] == 0 : all ? hits[d] == n : hits[d] > 0;
        bad[d] = !met;
    }
    return hp_list_marked(k, c, bad, err);
}

/* ---- dates ---- */

hp_code hp_k_strftime(hp_checker *k, hp_err *err) {
    hp_coded *c;
    uint8_t *bad;
    hp_str format = hp_kw_text(k, "strftime_format");
    HP_TRY(hp_strftime_check(format, k->where, err));
    HP_TRY(marks(k, &c, &bad, err));
    if (!c) return HP_OK;
    for (uint32_t d = 0; d < c->n; d++) {
        if (c->type[d] == HP_T_NUMBER || c->type[d] == HP_T_BOOL)
            return hp_except(k, err, "%s in column \"%.*s\" is no text, so it has no format of a date",
                             hp_coded_cell(k, c, d), HP_FMT(c->col->name));
        bad[d] = !hp_strftime_match(format, hp_coded_text(k, c, d));
    }
    return hp_list_marked(k, c, bad, err);
}

hp_code hp_k_dateutil(hp_checker *k, hp_err *err) {
    hp_coded *c;
    uint8_t *bad;
    HP_TRY(marks(k, &c, &bad, err));
    if (!c) return HP_OK;
    HP_TRY(hp_coded_instants(k, c, err));
    for (uint32_t d = 0; d < c->n; d++) bad[d] = !c->is_instant[d];
    return hp_list_marked(k, c, bad, err);
}

/* ---- JSON ---- */

hp_code hp_k_json(hp_checker *k, hp_err *err) {
    hp_coded *c;
    uint8_t *bad;
    HP_TRY(marks(k, &c, &bad, err));
    if (!c) return HP_OK;
    for (uint32_t d = 0; d < c->n; d++)
        bad[d] = c->type[d] != HP_T_TEXT || !hp_json_is(hp_coded_text(k, c, d));
    return hp_list_marked(k, c, bad, err);
}

/* A schema may stand as text in the suite. */
static hp_code compile(hp_checker *k, hp_json_schema **out, hp_err *err) {
    const hp_node *schema = hp_kw(k, "json_schema");
    if (schema->kind == HP_NODE_SCALAR) {
        hp_node *parsed;
        HP_TRY(hp_json_read(k->scratch, schema->text, k->where, &parsed, err));
        schema = parsed;
    }
    return hp_json_schema_compile(schema, k->where, out, err);
}

hp_code hp_k_json_schema(hp_checker *k, hp_err *err) {
    hp_coded *c;
    uint8_t *bad;
    hp_json_schema *schema;
    HP_TRY(marks(k, &c, &bad, err));
    if (!c) return HP_OK;
    HP_TRY(compile(k, &schema, err));
    hp_code code = HP_OK;
    for (uint32_t d = 0; d < c->n && code == HP_OK; d++) {
        bool allowed = false;
        code = hp_json_schema_match(schema, hp_coded_text(k, c, d), &allowed, err);
        bad[d] = !allowed;
    }
    hp_json_schema_free(schema);
    return code == HP_OK ? hp_list_marked(k, c, bad, err) : code;
}
