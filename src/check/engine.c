/* The engine: each expectation of a suite goes to the kernel of its type, and what came of it is kept. */
#include "check/engine.h"

#include <math.h>
#include <stdarg.h>

#include "base/limits.h"

#include "base/banned.h"

static hp_kernel *const KERNEL[HP_X_COUNT] = {
    [HP_X_TABLE_ROW_COUNT_EQUAL] = hp_k_row_count,
    [HP_X_TABLE_ROW_COUNT_BETWEEN] = hp_k_row_count,
    [HP_X_TABLE_COLUMN_COUNT_EQUAL] = hp_k_column_count,
    [HP_X_TABLE_COLUMN_COUNT_BETWEEN] = hp_k_column_count,
    [HP_X_TABLE_COLUMNS_ORDERED] = hp_k_columns_ordered,
    [HP_X_TABLE_COLUMNS_SET] = hp_k_columns_set,
    [HP_X_COLUMN_TO_EXIST] = hp_k_column_exists,
    [HP_X_VALUES_NOT_NULL] = hp_k_not_null,
    [HP_X_VALUES_NULL] = hp_k_null,
    [HP_X_VALUES_UNIQUE] = hp_k_unique,
    [HP_X_VALUES_OF_TYPE] = hp_k_of_type,
    [HP_X_VALUES_IN_TYPE_LIST] = hp_k_of_type,
    [HP_X_VALUES_IN_SET] = hp_k_in_set,
    [HP_X_VALUES_NOT_IN_SET] = hp_k_not_in_set,
    [HP_X_VALUES_BETWEEN] = hp_k_between,
    [HP_X_VALUES_INCREASING] = hp_k_increasing,
    [HP_X_VALUES_DECREASING] = hp_k_decreasing,
    [HP_X_VALUE_LENGTHS_BETWEEN] = hp_k_lengths,
    [HP_X_VALUE_LENGTHS_EQUAL] = hp_k_lengths,
    [HP_X_VALUES_MATCH_REGEX] = hp_k_regex,
    [HP_X_VALUES_NOT_MATCH_REGEX] = hp_k_regex,
    [HP_X_VALUES_MATCH_REGEX_LIST] = hp_k_regex,
    [HP_X_VALUES_NOT_MATCH_REGEX_LIST] = hp_k_regex,
    [HP_X_VALUES_MATCH_LIKE] = hp_k_regex,
    [HP_X_VALUES_NOT_MATCH_LIKE] = hp_k_regex,
    [HP_X_VALUES_MATCH_LIKE_LIST] = hp_k_regex,
    [HP_X_VALUES_NOT_MATCH_LIKE_LIST] = hp_k_regex,
    [HP_X_VALUES_MATCH_STRFTIME] = hp_k_strftime,
    [HP_X_VALUES_DATEUTIL] = hp_k_dateutil,
    [HP_X_VALUES_JSON] = hp_k_json,
    [HP_X_VALUES_JSON_SCHEMA] = hp_k_json_schema,
    [HP_X_VALUE_Z_SCORES] = hp_k_z_scores,
    [HP_X_DISTINCT_IN_SET] = hp_k_distinct,
    [HP_X_DISTINCT_CONTAIN_SET] = hp_k_distinct,
    [HP_X_DISTINCT_EQUAL_SET] = hp_k_distinct,
    [HP_X_MOST_COMMON_IN_SET] = hp_k_most_common,
    [HP_X_UNIQUE_COUNT] = hp_k_unique_count,
    [HP_X_UNIQUE_SHARE] = hp_k_unique_count,
    [HP_X_NON_NULL_SHARE] = hp_k_non_null_share,
    [HP_X_COLUMN_MIN] = hp_k_extreme,
    [HP_X_COLUMN_MAX] = hp_k_extreme,
    [HP_X_COLUMN_SUM] = hp_k_moment,
    [HP_X_COLUMN_MEAN] = hp_k_moment,
    [HP_X_COLUMN_MEDIAN] = hp_k_moment,
    [HP_X_COLUMN_STDEV] = hp_k_moment,
    [HP_X_COLUMN_QUANTILES] = hp_k_quantiles,
    [HP_X_COLUMN_CHISQUARE] = hp_k_chisquare,
    [HP_X_COLUMN_KL] = hp_k_kl,
    [HP_X_COLUMN_KS_BOOTSTRAPPED] = hp_k_ks_bootstrapped,
    [HP_X_COLUMN_KS_DISTRIBUTION] = hp_k_ks_distribution,
    [HP_X_PAIR_EQUAL] = hp_k_pair,
    [HP_X_PAIR_GREATER] = hp_k_pair,
    [HP_X_PAIR_IN_SET] = hp_k_pair_in_set,
    [HP_X_PAIR_CRAMERS_PHI] = hp_k_cramers_phi,
    [HP_X_COMPOUND_UNIQUE] = hp_k_compound_unique,
    [HP_X_UNIQUE_WITHIN_RECORD] = hp_k_within_record,
    [HP_X_MULTI_UNIQUE] = hp_k_within_record,
    [HP_X_MULTI_SUM] = hp_k_multi_sum,
    [HP_X_FOREIGN_KEY] = hp_k_foreign_key,
};

/* ---- kwargs ---- */

const hp_node *hp_kw(const hp_checker *k, const char *name) {
    const hp_node *v = hp_node_get(k->e->kwargs, name);
    return v && v->kind != HP_NODE_NULL ? v : NULL;
}

hp_str hp_kw_text(const hp_checker *k, const char *name) {
    hp_str text = {0};
    hp_node_text(hp_kw(k, name), &text);
    return text;
}

bool hp_kw_flag(const hp_checker *k, const char *name, bool fallback) {
    hp_node_bool(hp_kw(k, name), &fallback);
    return fallback;
}

bool hp_number_of(const hp_node *n, double *out) {
    hp_str s;
    if (hp_node_f64(n, out)) return true;
    if (!hp_node_text(n, &s)) return false;
    double sign = s.n && s.p[0] == '-' ? -1 : 1;
    hp_str word = hp_str_cut(s, s.n && (s.p[0] == '-' || s.p[0] == '+'), s.n);
    bool endless = hp_str_eq(word, HP_S("Infinity")) || hp_str_eq(word, HP_S(".inf"));
    if (endless) *out = sign * (double)INFINITY;
    return endless;
}

bool hp_kw_number(const hp_checker *k, const char *name, double *out) {
    return hp_number_of(hp_kw(k, name), out);
}

/* ---- outcomes ---- */

hp_code hp_except(hp_checker *k, hp_err *err, const char *fmt, ...) {
    hp_autobuf text = hp_buf_new(4000);
    va_list ap;
    va_start(ap, fmt);
    hp_buf_vprintf(&text, fmt, ap);
    va_end(ap);
    k->o->exception = hp_arena_dup(k->run->arena, hp_buf_str(&text));
    return k->out_of_memory || text.bad || !k->o->exception.p ? hp_fail_memory(err, "a validation") : HP_OK;
}

hp_str hp_coded_text(const hp_checker *k, const hp_coded *c, uint32_t d) {
    return hp_text(k->run->pool, c->vid[d]);
}

const char *hp_coded_cell(hp_checker *k, const hp_coded *c, uint32_t d) {
    const hp_table *t = k->data;
    size_t i = 0;
    while (i < k->n && c->code[i] != d + 1) i++;
    if (i == k->n) return "a value";
    uint32_t row = hp_row(k, i);
    hp_autobuf where = hp_buf_new(1u << 16);
    if (t->origin)
        hp_address(&k->run->sources, (hp_cell){t->origin[row].sheet, t->origin[row].row, c->col->source},
                   &where);
    else
        hp_buf_printf(&where, "row %llu", (unsigned long long)row + 1);
    const char *text = hp_arena_dup(k->scratch, hp_buf_str(&where)).p;
    k->out_of_memory |= !text || where.bad;
    return text ? text : "";
}

static hp_code no_column(hp_checker *k, hp_str name, hp_err *err) {
    const hp_table *t = k->data;
    const char **names = HP_NEW_ARRAY(k->scratch, t->ncol + 1, const char *);
    if (!names) return hp_fail_memory(err, "a validation");
    for (size_t i = 0; i < t->ncol; i++) {
        names[i] = hp_arena_dup(k->scratch, t->col[i].name).p;
        if (!names[i]) return hp_fail_memory(err, "a validation");
    }
    const char *near = hp_nearest(name, names, t->ncol);
    return hp_except(k, err, "column \"%.*s\" does not exist%s%s%s", HP_FMT(hp_str_cut(name, 0, 200)),
                     near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

/* Remembers the column as one that the outcome is about. */
static bool about(hp_checker *k, size_t column) {
    hp_outcome *o = k->o;
    for (size_t i = 0; i < o->ncolumn; i++)
        if (o->column[i] == column) return true;
    uint32_t *list = HP_NEW_ARRAY(k->run->arena, o->ncolumn + 1, uint32_t);
    if (!list) return false;
    if (o->ncolumn) memcpy(list, o->column, o->ncolumn * sizeof *list);
    list[o->ncolumn++] = (uint32_t)column;
    o->column = list;
    return true;
}

hp_code hp_column_named(hp_checker *k, hp_str name, hp_coded **out, hp_err *err) {
    size_t column = hp_table_find(k->data, name);
    *out = NULL;
    if (column == SIZE_MAX) return no_column(k, name, err);
    if (!about(k, column)) return hp_fail_memory(err, "a validation");
    HP_TRY(hp_code_column(k, column, out, err));
    k->o->elements = k->n;
    k->o->missing = (*out)->missing;
    return HP_OK;
}

hp_code hp_column_of(hp_checker *k, const char *kwarg, hp_coded **out, hp_err *err) {
    return hp_column_named(k, hp_kw_text(k, kwarg), out, err);
}

static hp_code room(hp_checker *k, uint64_t n, hp_err *err) {
    k->o->counted = true;
    k->o->unexpected_count = k->o->nunexpected = n;
    k->o->unexpected = n ? hp_arena_raw(k->run->arena, (size_t)n * sizeof(hp_unexpected)) : NULL;
    return n && !k->o->unexpected ? hp_fail_memory(err, "the unexpected values") : HP_OK;
}

hp_code hp_list_marked(hp_checker *k, const hp_coded *c, const uint8_t *bad, hp_err *err) {
    uint64_t n = 0, at = 0;
    for (uint32_t d = 0; d < c->n; d++) n += bad[d] ? c->count[d] : 0;
    HP_TRY(room(k, n, err));
    k->o->elements = k->n;
    k->o->missing = c->missing;
    k->o->evaluated = k->n - c->missing;
    for (size_t i = 0; at < n; i++) {
        uint32_t code = c->code[i], row = hp_row(k, i);
        if (code && bad[code - 1]) k->o->unexpected[at++] = (hp_unexpected){row, c->col->v[row]};
    }
    hp_settle(k);
    return HP_OK;
}

hp_code hp_list_rows(hp_checker *k, const hp_coded *c, const uint8_t *bad, uint64_t passed, hp_err *err) {
    uint64_t n = 0, at = 0;
    for (size_t i = 0; i < k->n; i++) n += bad[i];
    HP_TRY(room(k, n, err));
    k->o->elements = k->n;
    k->o->missing = passed;
    k->o->evaluated = k->n - passed;
    for (size_t i = 0; at < n; i++) {
        uint32_t row = hp_row(k, i);
        if (bad[i]) k->o->unexpected[at++] = (hp_unexpected){row, c ? c->col->v[row] : HP_NULL};
    }
    hp_settle(k);
    return HP_OK;
}

void hp_settle(hp_checker *k) {
    hp_outcome *o = k->o;
    double good = (double)(o->evaluated - o->unexpected_count);
    o->success = o->evaluated == 0 || good / (double)o->evaluated >= k->mostly;
}

/* ---- the suite ---- */

static hp_code evaluate(hp_checker *k, hp_err *err) {
    bool ok = true;
    k->n = k->data->nrow;
    k->row = NULL;
    k->mostly = 1;
    hp_kw_number(k, "mostly", &k->mostly);
    k->id = hp_expectation_find(k->e->type);
    if (k->id == HP_X_COUNT)
        return hp_fail(err, HP_BUG, "%s: nobody evaluates \"%.*s\"", k->where, HP_FMT(k->e->type));
    HP_TRY(hp_condition_apply(k, &ok, err));
    if (!ok) return HP_OK;
    return KERNEL[k->id](k, err);
}

static hp_code evaluate_one(hp_checker *k, const hp_expectation *e, hp_outcome *o, hp_err *err) {
    hp_autoarena *scratch = hp_arena_new(k->run->arena);
    hp_str where = scratch ? hp_arena_dup(scratch, e->where) : (hp_str){0};
    if (!where.p) return hp_fail_memory(err, "a validation");
    *o = (hp_outcome){.expectation = e};
    k->scratch = scratch;
    k->e = e;
    k->o = o;
    k->where = where.p;
    HP_TRY(evaluate(k, err));
    if (o->exception.n) { /* what a kernel had counted until then means nothing */
        o->success = o->counted = false;
        o->unexpected_count = o->nunexpected = 0;
        o->observed = o->details = NULL;
    }
    return hp_deadline_check(err);
}

static hp_code validate(hp_checker *k, const hp_suite *suite, hp_validation *v, hp_err *err) {
    v->outcome = HP_NEW_ARRAY(k->run->arena, suite->n + 1, hp_outcome);
    k->coded = HP_NEW_ARRAY(k->cache, k->data->ncol + 1, hp_coded *);
    if (!v->outcome || !k->coded) return hp_fail_memory(err, "a validation");
    for (size_t i = 0; i < suite->n; i++) {
        HP_TRY(evaluate_one(k, &suite->expectation[i], &v->outcome[v->n++], err));
        v->successful += v->outcome[i].success;
        hp_run_progress(k->run, "check", i + 1, suite->n);
    }
    v->success = v->successful == v->n;
    return HP_OK;
}

hp_code hp_validate(hp_run *run, const hp_table *data, const hp_suite *suite, hp_validation **out,
                    hp_err *err) {
    hp_autoarena *cache = hp_arena_new(run->arena);
    hp_validation *v = HP_NEW(run->arena, hp_validation);
    size_t nslot = (size_t)hp_pool_count(run->pool) + 1;
    hp_autofree uint32_t *slot = hp_calloc(nslot, sizeof *slot);
    if (!cache || !v || !slot) return hp_fail_memory(err, "a validation");
    *v = (hp_validation){.suite = suite, .data = data};
    hp_checker k = {.run = run, .data = data, .cache = cache, .slot = slot, .nslot = nslot, .base = 1};
    if (validate(&k, suite, v, err) != HP_OK) return err ? hp_err_in(err, "check") : HP_CONFIG;
    *out = v;
    return HP_OK;
}

/* ---- findings ---- */

static hp_code add_finding(hp_run *run, const hp_validation *v, const hp_outcome *o, const hp_unexpected *u,
                           hp_vid note, hp_err *err) {
    const hp_table *t = v->data;
    hp_cell at = {HP_NO_SHEET, 0, HP_NO_COL};
    if (t->origin)
        at = (hp_cell){t->origin[u->row].sheet, t->origin[u->row].row,
                       o->ncolumn == 1 ? t->col[o->column[0]].source : HP_NO_COL};
    return hp_find(run, HP_R_EXPECTATION_FAILED, at, u->value, note, err);
}

static hp_code outcome_findings(hp_run *run, const hp_validation *v, const hp_outcome *o, hp_err *err) {
    hp_vid note;
    if (o->nunexpected == 0) return HP_OK;
    hp_autobuf text = hp_buf_new(1u << 20);
    for (size_t i = 0; i < o->ncolumn; i++)
        hp_buf_printf(&text, "%s%.*s", i ? ", " : "", HP_FMT(v->data->col[o->column[i]].name));
    hp_buf_printf(&text, " %.*s", HP_FMT(o->expectation->type));
    HP_TRY(hp_buf_check(&text, "a finding", err));
    HP_TRY(hp_intern(run->pool, hp_buf_str(&text), &note, err));
    for (size_t i = 0; i < o->nunexpected; i++) HP_TRY(add_finding(run, v, o, &o->unexpected[i], note, err));
    return HP_OK;
}

hp_code hp_validation_findings(hp_run *run, const hp_validation *v, hp_err *err) {
    for (size_t i = 0; i < v->n; i++) HP_TRY(outcome_findings(run, v, &v->outcome[i], err));
    return HP_OK;
}
