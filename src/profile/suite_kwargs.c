/* What the kwargs of an expectation may hold. */
#include "profile/expectations.h"
#include "profile/suite_parts.h"

#include "base/banned.h"

hp_node *hp_snode(hp_arena *a, const hp_node *at, hp_node_kind kind) {
    hp_node *n = HP_NEW(a, hp_node);
    if (n) *n = (hp_node){.kind = kind, .line = at ? at->line : 0, .column = at ? at->column : 0};
    return n;
}

/* ---- one kwarg ---- */

static bool is_scalar(const hp_node *v) { return v->kind == HP_NODE_SCALAR; }

static bool is_number(const hp_node *v) {
    double x;
    static const char *const WORD[] = {"Infinity", "-Infinity", ".inf", "-.inf"};
    for (size_t i = 0; i < sizeof WORD / sizeof *WORD; i++)
        if (is_scalar(v) && hp_str_eq(v->text, hp_str_of(WORD[i]))) return true;
    return hp_node_f64(v, &x);
}

static bool is_share(const hp_node *v) {
    double x;
    return hp_node_f64(v, &x) && x >= 0 && x <= 1;
}

/* 1e3 and 4.0 count as well: other programs write them so. */
static bool is_count(const hp_node *v) {
    double x;
    return hp_node_f64(v, &x) && x >= 0 && x <= 9007199254740992.0 && x == (double)(int64_t)x;
}

static bool is_flag(const hp_node *v) {
    bool b;
    return hp_node_bool(v, &b);
}

static bool is_list(const hp_node *v, bool (*item)(const hp_node *)) {
    if (v->kind != HP_NODE_LIST) return false;
    for (size_t i = 0; i < v->n; i++)
        if (!item(v->item[i])) return false;
    return true;
}

static bool is_value(const hp_node *v) { return v->kind == HP_NODE_SCALAR || v->kind == HP_NODE_NULL; }
static bool is_pair(const hp_node *v) { return is_list(v, is_value) && v->n == 2; }

static bool is_choice(const hp_node *v, const char *choices) {
    hp_str rest = hp_str_of(choices), word;
    while (hp_str_next(&rest, ' ', &word))
        if (is_scalar(v) && hp_str_eq(v->text, word)) return true;
    return false;
}

static bool fits(const hp_node *v, hp_kwarg_type t) {
    switch (t) {
    case HP_KW_ANY: return true;
    case HP_KW_TEXT: return is_scalar(v);
    case HP_KW_TEXTS: return is_list(v, is_scalar);
    case HP_KW_NUMBER: return is_number(v);
    case HP_KW_COUNT: return is_count(v);
    case HP_KW_SHARE: return is_share(v);
    case HP_KW_FLAG: return is_flag(v);
    case HP_KW_BOUND: return is_scalar(v);
    case HP_KW_VALUES: return is_list(v, is_value);
    case HP_KW_PAIRS: return is_list(v, is_pair);
    case HP_KW_MAP: return v->kind == HP_NODE_MAP;
    case HP_KW_SCHEMA: return v->kind == HP_NODE_MAP || is_scalar(v);
    default: return is_choice(v, hp_kwarg_choices(t));
    }
}

static hp_str shown(hp_sload *l, const hp_node *v) {
    if (v->kind == HP_NODE_LIST) return HP_S("a list");
    if (v->kind == HP_NODE_MAP) return HP_S("a map");
    if (v->kind == HP_NODE_NULL) return HP_S("null");
    return hp_arena_printf(l->a, "\"%.*s\"", HP_FMT(hp_str_cut(v->text, 0, 100)));
}

static hp_code check_one(hp_sload *l, hp_str type, const hp_kwarg_info *k, const hp_node *v) {
    if (v->kind == HP_NODE_NULL) {
        if (k->need != HP_NEED_REQUIRED) return HP_OK;
        return HP_SFAIL(l, v, "%.*s: \"%s\" is null, but it is required: %s", HP_FMT(type), k->name,
                        hp_kwarg_type_text(k->type));
    }
    if (fits(v, k->type)) return HP_OK;
    return HP_SFAIL(l, v, "%.*s: \"%s\" is %s, not %.*s", HP_FMT(type), k->name, hp_kwarg_type_text(k->type),
                    HP_FMT(shown(l, v)));
}

static hp_code unknown(hp_sload *l, hp_expectation_id id, hp_str type, const hp_node *key) {
    const hp_kwarg_info *all[HP_KWARGS_MOST];
    const char *names[HP_KWARGS_MOST];
    size_t n = hp_expectation_kwargs(id, all);
    for (size_t i = 0; i < n; i++) names[i] = all[i]->name;
    const char *near = hp_nearest(key->text, names, n);
    hp_autobuf own = hp_buf_new(2000);
    for (size_t i = 0; !near && i < n && strcmp(names[i], "row_condition") != 0; i++)
        hp_buf_printf(&own, "%s%s", i ? ", " : "", names[i]);
    return HP_SFAIL(l, key, "%.*s does not take \"%.*s\"; %s%s%s", HP_FMT(type),
                    HP_FMT(hp_str_cut(key->text, 0, 100)), near ? "did you mean \"" : "it takes ",
                    near ? near : hp_buf_cstr(&own), near ? "\"?" : "");
}

/* ---- all of them ---- */

static bool given(const hp_node *kwargs, const char *name) {
    const hp_node *v = hp_node_get(kwargs, name);
    return v && v->kind != HP_NODE_NULL;
}

static hp_code check_needs(hp_sload *l, hp_expectation_id id, hp_str type, const hp_node *kwargs,
                           const hp_node *at) {
    const hp_kwarg_info *all[HP_KWARGS_MOST];
    size_t n = hp_expectation_kwargs(id, all);
    for (size_t i = 0; i < n; i++)
        if (all[i]->need != HP_NEED_OPTIONAL && !hp_node_get(kwargs, all[i]->name))
            return HP_SFAIL(l, at, "%.*s needs \"%s\": %s", HP_FMT(type), all[i]->name,
                            hp_kwarg_type_text(all[i]->type));
    bool bounds = id == HP_X_VALUES_BETWEEN || id == HP_X_VALUE_LENGTHS_BETWEEN;
    if (bounds && !given(kwargs, "min_value") && !given(kwargs, "max_value"))
        return HP_SFAIL(l, at, "%.*s needs \"min_value\" or \"max_value\"", HP_FMT(type));
    if (id == HP_X_FOREIGN_KEY && !given(kwargs, "reference_column_list") && !given(kwargs, "reference_keys"))
        return HP_SFAIL(l, at, "%.*s needs \"reference_column_list\" or \"reference_keys\"", HP_FMT(type));
    return HP_OK;
}

hp_code hp_skwargs_check(hp_sload *l, hp_str type, const hp_node *kwargs, const hp_node *at) {
    hp_expectation_id id = hp_expectation_find(type);
    for (size_t i = 0; i < kwargs->n; i++) {
        const hp_kwarg_info *k = hp_expectation_kwarg(id, kwargs->key[i]->text);
        if (!k) return unknown(l, id, type, kwargs->key[i]);
        HP_TRY(check_one(l, type, k, kwargs->item[i]));
    }
    return check_needs(l, id, type, kwargs, at);
}
