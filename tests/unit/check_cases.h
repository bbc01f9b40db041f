/* Cases of expectations as Great Expectations publishes them: {"expectation_type", "data", "in", "out",
 * "schemas_pandas"}; each becomes a table, a suite and a validation, whose JSON is held against "out". */
#ifndef HP_TESTS_CHECK_CASES_H
#define HP_TESTS_CHECK_CASES_H

#include <math.h>

#include "base/node.h"
#include "profile/expectations.h"
#include "check/validation.h"
#include "table_builder.h"

/** Hold one case under way. */
typedef struct cc_case {
    hp_run run;
    hp_err err;
    hp_table *table;
    const hp_node *result; /**< of the validation's JSON: results[0]; NULL when there is none */
    const char *exception; /**< why it could not be evaluated; NULL when it was */
    char why[600];         /**< the first difference from "out" */
} cc_case;

/* ---- the table ---- */

static inline hp_type cc_type(const hp_node *v, const hp_node *schemas, hp_str column) {
    hp_str schema = {0};
    bool flag;
    double x;
    for (size_t i = 0; schemas && i < schemas->n; i++)
        if (hp_str_eq(schemas->key[i]->text, column)) hp_node_text(schemas->item[i], &schema);
    if (v->kind != HP_NODE_SCALAR) return HP_T_NONE;
    if (hp_str_starts(schema, HP_S("datetime")) || hp_str_eq(schema, HP_S("timestamp"))) return HP_T_DATE;
    if (hp_str_eq(schema, HP_S("str"))) return HP_T_TEXT;
    if (hp_str_eq(schema, HP_S("int"))) return HP_T_NUMBER;
    if (v->quoted) return HP_T_TEXT;
    if (hp_str_ieq(v->text, HP_S("true")) || hp_str_ieq(v->text, HP_S("false")))
        return hp_node_bool(v, &flag) ? HP_T_BOOL : HP_T_TEXT;
    return hp_node_f64(v, &x) ? HP_T_NUMBER : HP_T_TEXT;
}

static inline void cc_table(cc_case *c, const hp_node *data, const hp_node *schemas) {
    size_t nrow = data->n ? data->item[0]->n : 0;
    c->table = hp_table_new(c->run.arena, nrow, data->n, true);
    assert_non_null(c->table);
    uint32_t sheet = tb_sheet(&c->run, tb_file(&c->run, "case", 1), "Data");
    for (size_t k = 0; k < data->n; k++) {
        hp_column *col = &c->table->col[k];
        col->name = data->key[k]->text;
        col->source = (uint32_t)k;
        col->type = hp_arena_zero(c->run.arena, nrow + 1);
        for (size_t r = 0; r < nrow; r++) {
            const hp_node *v = data->item[k]->item[r];
            col->type[r] = (uint8_t)cc_type(v, schemas, col->name);
            if (v->kind == HP_NODE_SCALAR)
                assert_ok(hp_intern(c->run.pool, v->text, &col->v[r], &c->err), c->err);
        }
    }
    for (size_t r = 0; r < nrow; r++) c->table->origin[r] = (hp_origin){sheet, (uint32_t)r + 2};
}

/* ---- the suite ---- */

static inline void cc_suite(const hp_node *one, hp_buf *out) {
    hp_json j = {.out = out};
    hp_json_object(&j);
    hp_json_key(&j, "expectations");
    hp_json_array(&j);
    hp_json_object(&j);
    hp_json_key(&j, "expectation_type");
    hp_node_json(&j, hp_node_get(one, "expectation_type"));
    hp_json_key(&j, "kwargs");
    hp_node_json(&j, hp_node_get(one, "in"));
    hp_json_object_end(&j);
    hp_json_array_end(&j);
    hp_json_object_end(&j);
}

static inline hp_code cc_validate(cc_case *c, hp_str text, hp_buf *json) {
    hp_suite *suite;
    hp_validation *v;
    HP_TRY(hp_suite_parse(c->run.arena, text, "case.json", NULL, 0, &suite, &c->err));
    HP_TRY(hp_validate(&c->run, c->table, suite, &v, &c->err));
    hp_validation_json(&c->run, v, &(hp_result_options){.show_values = true}, json);
    return HP_OK;
}

static inline void cc_run(cc_case *c, const hp_node *one) {
    hp_autobuf json = hp_buf_new(64u << 20), text = hp_buf_new(64u << 20);
    hp_str message;
    memset(c, 0, sizeof *c);
    tb_open(&c->run);
    cc_table(c, hp_node_get(one, "data"), hp_node_get(one, "schemas_pandas"));
    cc_suite(one, &text);
    hp_code code = cc_validate(c, hp_buf_str(&text), &json);
    if (code != HP_OK) {
        assert_int_equal(code, HP_CONFIG);
        c->exception = c->err.message;
        return;
    }
    hp_node *root;
    assert_ok(hp_json_read(c->run.arena, hp_buf_str(&json), "result.json", &root, &c->err), c->err);
    c->result = hp_node_get(root, "results")->item[0];
    if (hp_node_text(hp_node_get(hp_node_get(c->result, "exception_info"), "exception_message"), &message))
        c->exception = hp_arena_dup(c->run.arena, message).p;
}

static inline void cc_close(cc_case *c) { hp_run_close(&c->run); }

/* ---- what is wanted ---- */

static inline bool cc_close_to(double a, double b) {
    return a == b || fabs(a - b) <= 1e-9 * fmax(1, fmax(fabs(a), fabs(b)));
}

static inline bool cc_same(const hp_node *got, const hp_node *want);

static inline bool cc_same_map(const hp_node *got, const hp_node *want) {
    for (size_t i = 0; i < want->n; i++) {
        bool found = false;
        for (size_t k = 0; k < got->n; k++)
            if (hp_str_eq(got->key[k]->text, want->key[i]->text))
                found = cc_same(got->item[k], want->item[i]);
        if (!found) return false;
    }
    return true;
}

/** Tell whether a result holds what is wanted: numbers as far as doubles go, maps by the keys wanted. */
static inline bool cc_same(const hp_node *got, const hp_node *want) {
    double x, y;
    if (!got || got->kind == HP_NODE_NULL || want->kind == HP_NODE_NULL)
        return (!got || got->kind == HP_NODE_NULL) && want->kind == HP_NODE_NULL;
    if (hp_node_f64(got, &x) && hp_node_f64(want, &y)) return cc_close_to(x, y);
    if (got->kind != want->kind) return false;
    if (want->kind == HP_NODE_SCALAR) return hp_str_eq(got->text, want->text);
    if (want->kind == HP_NODE_MAP) return cc_same_map(got, want);
    if (got->n != want->n) return false;
    for (size_t i = 0; i < want->n; i++)
        if (!cc_same(got->item[i], want->item[i])) return false;
    return true;
}

/* Rows are named by "pk_index" in the published cases. */
static inline bool cc_same_rows(const hp_node *got, const hp_node *want) {
    if (!got || got->n != want->n) return false;
    for (size_t i = 0; i < want->n; i++) {
        const hp_node *pk = hp_node_get(want->item[i], "pk_index");
        if (!cc_same(got->item[i], pk ? pk : want->item[i])) return false;
    }
    return true;
}

static inline bool cc_differs(cc_case *c, hp_str key) {
    snprintf(c->why, sizeof c->why, "\"%.*s\" differs", HP_FMT(key));
    return false;
}

/* Some keys of "out" stand for parts of the result. */
static inline bool cc_key(cc_case *c, hp_str key, const hp_node *want) {
    const hp_node *result = hp_node_get(c->result, "result"), *details = hp_node_get(result, "details");
    if (hp_str_eq(key, HP_S("success"))) return cc_same(hp_node_get(c->result, "success"), want);
    if (hp_str_ends(key, HP_S("_index_list"))) {
        const hp_node *got = hp_node_get(result, "unexpected_index_list");
        return cc_same_rows(got, want);
    }
    const char *name = hp_arena_dup(c->run.arena, key).p;
    const hp_node *got = hp_node_get(result, name);
    return cc_same(got ? got : hp_node_get(details, name), want);
}

/* What Python says in a traceback, and what stands for it in a message of ours. */
static inline const char *cc_part(hp_str substring) {
    static const char *const PART[][2] = {{"ValueError", ""},
                                          {"not a valid enumeration member", "condition_parser"},
                                          {"is not a valid float", "\"mostly\" is a number"},
                                          {"Partition endpoints must be finite", "finite"}};
    for (size_t i = 0; i < sizeof PART / sizeof *PART; i++)
        if (hp_str_eq(substring, hp_str_of(PART[i][0]))) return PART[i][1];
    return substring.p;
}

/** Hold the result against "out"; false, and c->why, at the first difference. `leave` tells keys that are not
 * looked at. */
static inline bool cc_holds(cc_case *c, const hp_node *out, bool (*leave)(hp_str key)) {
    for (size_t i = 0; i < out->n; i++) {
        hp_str key = out->key[i]->text;
        const hp_node *want = out->item[i];
        if (leave(key)) continue;
        if (hp_str_eq(key, HP_S("traceback_substring"))) {
            if (!c->exception || !strstr(c->exception, cc_part(want->text))) return cc_differs(c, key);
        } else if (c->exception) {
            snprintf(c->why, sizeof c->why, "not evaluated: %.400s", c->exception);
            return false;
        } else if (hp_str_eq(key, HP_S("result")) || hp_str_eq(key, HP_S("details"))) {
            if (!cc_holds(c, want, leave)) return false;
        } else if (!cc_key(c, key, want)) {
            return cc_differs(c, key);
        }
    }
    return true;
}

#endif
