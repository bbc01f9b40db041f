/* Validations as the JSON that Great Expectations 1.x writes (ExpectationSuiteValidationResult, result format
 * COMPLETE), which the tools that read it go on reading. What is not theirs stands where they allow anything:
 * in "result" ("unexpected_origin_list") and "meta". */
#include "base/clock.h"
#include "base/node.h"
#include "check/result.h"

#include "base/banned.h"

/* Great Expectations shows this many in its partial lists. */
enum { PARTIAL = 20 };

static void put_u64(hp_json *j, const char *key, uint64_t v) {
    hp_json_key(j, key);
    hp_json_i64(j, (int64_t)v);
}

static void put_percent(hp_json *j, const char *key, uint64_t part, uint64_t whole) {
    hp_json_key(j, key);
    if (whole)
        hp_json_f64(j, (double)part / (double)whole * 100);
    else
        hp_json_null(j);
}

/* ---- lists ---- */

static void put_values(const hp_result *r, hp_json *j, const char *key, const hp_outcome *o, size_t n) {
    hp_json_key(j, key);
    hp_json_array(j);
    for (size_t i = 0; i < n; i++) hp_result_value(r, j, o, &o->unexpected[i]);
    hp_json_array_end(j);
}

static void put_rows(hp_json *j, const char *key, const hp_outcome *o, size_t n) {
    hp_json_key(j, key);
    hp_json_array(j);
    for (size_t i = 0; i < n; i++) hp_json_i64(j, o->unexpected[i].row);
    hp_json_array_end(j);
}

static void put_origins(const hp_result *r, hp_json *j, const hp_outcome *o, size_t n) {
    hp_autobuf where = hp_buf_new(1u << 20);
    hp_json_key(j, "unexpected_origin_list");
    hp_json_array(j);
    for (size_t i = 0; i < n; i++) {
        hp_buf_clear(&where);
        hp_result_origin(r, o, &o->unexpected[i], &where);
        j->out->bad |= where.bad;
        hp_json_str(j, hp_buf_str(&where));
    }
    hp_json_array_end(j);
}

/* Counts among the partial list, as Great Expectations does. */
static void put_counts(const hp_result *r, hp_json *j, const hp_outcome *o, size_t n) {
    bool seen[PARTIAL] = {false};
    hp_json_key(j, "partial_unexpected_counts");
    hp_json_array(j);
    for (size_t i = 0; i < n; i++) {
        int64_t same = 0;
        for (size_t k = i; k < n && !seen[i]; k++)
            if (o->unexpected[k].value == o->unexpected[i].value) same++, seen[k] = k > i;
        if (seen[i]) continue;
        hp_json_object(j);
        hp_json_key(j, "value");
        hp_result_value(r, j, o, &o->unexpected[i]);
        put_u64(j, "count", (uint64_t)same);
        hp_json_object_end(j);
    }
    hp_json_array_end(j);
}

static void put_counted(const hp_result *r, hp_json *j, const hp_outcome *o) {
    size_t listed = hp_result_listed(r, o), partial = listed < PARTIAL ? listed : PARTIAL;
    bool nulls = hp_str_ends(o->expectation->type, HP_S("_be_null"));
    put_u64(j, "unexpected_count", o->unexpected_count);
    put_percent(j, "unexpected_percent", o->unexpected_count, o->evaluated);
    if (!nulls) {
        put_u64(j, "missing_count", o->missing);
        put_percent(j, "missing_percent", o->missing, o->elements);
        put_percent(j, "unexpected_percent_total", o->unexpected_count, o->elements);
        put_percent(j, "unexpected_percent_nonmissing", o->unexpected_count, o->evaluated);
    }
    put_values(r, j, "partial_unexpected_list", o, partial);
    put_rows(j, "partial_unexpected_index_list", o, partial);
    if (o->ncolumn == 1) put_counts(r, j, o, partial);
    put_values(r, j, "unexpected_list", o, listed);
    put_rows(j, "unexpected_index_list", o, listed);
    put_origins(r, j, o, listed);
    if (listed < o->nunexpected) put_u64(j, "unexpected_left_out", o->nunexpected - listed);
}

/* ---- one expectation ---- */

static void put_result(const hp_result *r, hp_json *j, const hp_outcome *o) {
    hp_json_key(j, "result");
    hp_json_object(j);
    if (!o->exception.n) {
        if (o->counted || o->ncolumn) put_u64(j, "element_count", o->elements);
        if (o->counted) put_counted(r, j, o);
        if (!o->counted && o->ncolumn) {
            put_u64(j, "missing_count", o->missing);
            put_percent(j, "missing_percent", o->missing, o->elements);
        }
        if (o->observed) {
            hp_json_key(j, "observed_value");
            hp_result_node(r, j, o, o->observed);
        }
        if (o->details) {
            hp_json_key(j, "details");
            hp_result_node(r, j, o, o->details);
        }
    }
    hp_json_object_end(j);
}

static void put_config(hp_json *j, const hp_expectation *e) {
    hp_json_key(j, "expectation_config");
    hp_json_object(j);
    hp_json_key(j, "type");
    hp_json_str(j, e->type);
    hp_json_key(j, "kwargs");
    hp_node_json(j, e->kwargs);
    hp_json_key(j, "meta");
    if (e->meta && e->meta->kind == HP_NODE_MAP) {
        hp_node_json(j, e->meta);
    } else {
        hp_json_object(j);
        hp_json_object_end(j);
    }
    hp_json_key(j, "severity");
    hp_json_cstr(j, hp_gx_severity_name(e->severity));
    hp_json_object_end(j);
}

static void put_exception(hp_json *j, const hp_outcome *o) {
    hp_json_key(j, "exception_info");
    hp_json_object(j);
    hp_json_key(j, "raised_exception");
    hp_json_bool(j, o->exception.n > 0);
    /* Its pages of results want a traceback to show; ours is one line. */
    static const char *const KEY[] = {"exception_traceback", "exception_message"};
    for (size_t i = 0; i < 2; i++) {
        hp_json_key(j, KEY[i]);
        if (o->exception.n)
            hp_json_str(j, o->exception);
        else
            hp_json_null(j);
    }
    hp_json_object_end(j);
}

static void put_outcome(const hp_result *r, hp_json *j, const hp_outcome *o) {
    hp_json_object(j);
    hp_json_key(j, "success");
    hp_json_bool(j, o->success);
    put_config(j, o->expectation);
    put_result(r, j, o);
    hp_json_key(j, "meta");
    hp_json_object(j);
    hp_json_key(j, "where");
    hp_json_str(j, o->expectation->where);
    hp_json_object_end(j);
    put_exception(j, o);
    hp_json_object_end(j);
}

/* ---- the suite ---- */

static void put_statistics(hp_json *j, const hp_validation *v) {
    hp_json_key(j, "statistics");
    hp_json_object(j);
    put_u64(j, "evaluated_expectations", v->n);
    put_u64(j, "successful_expectations", v->successful);
    put_u64(j, "unsuccessful_expectations", v->n - v->successful);
    put_percent(j, "success_percent", v->successful, v->n);
    hp_json_object_end(j);
}

/* Files and sheets that the rows come from. */
static void put_sources(const hp_result *r, hp_json *j) {
    hp_json_key(j, "sources");
    hp_json_array(j);
    for (size_t i = 0; i < r->run->sources.file.n; i++) {
        const hp_source_file *f = &r->run->sources.file.p[i];
        hp_json_object(j);
        hp_json_key(j, "path");
        hp_json_str(j, f->path);
        hp_json_key(j, "sheets");
        hp_json_array(j);
        for (size_t s = 0; s < r->run->sources.sheet.n; s++)
            if (r->run->sources.sheet.p[s].file == i) hp_json_str(j, r->run->sources.sheet.p[s].name);
        hp_json_array_end(j);
        hp_json_object_end(j);
    }
    hp_json_array_end(j);
}

static void put_meta(const hp_result *r, hp_json *j) {
    char when[21];
    hp_time_iso(hp_clock_now(), when);
    hp_json_key(j, "meta");
    hp_json_object(j);
    hp_json_key(j, "hotpass_version");
    hp_json_cstr(j, HP_VERSION);
    hp_json_key(j, "validation_time");
    hp_json_cstr(j, when);
    hp_json_key(j, "suite_path");
    hp_json_str(j, r->v->suite->path);
    hp_json_key(j, "active_batch_definition");
    hp_json_object(j);
    hp_json_key(j, "data_asset_name");
    hp_json_str(j, r->v->data->name);
    hp_json_object_end(j);
    put_sources(r, j);
    put_u64(j, "rows", r->v->data->nrow);
    hp_json_key(j, "values_masked");
    hp_json_bool(j, !r->o->show_values);
    if (r->o->most) put_u64(j, "most_values_listed", r->o->most);
    hp_json_object_end(j);
}

void hp_validation_json(const hp_run *run, const hp_validation *v, const hp_result_options *o, hp_buf *out) {
    hp_result r = {run, v, o};
    hp_json j = {.out = out, .pretty = true};
    hp_json_object(&j);
    hp_json_key(&j, "success");
    hp_json_bool(&j, v->success);
    hp_json_key(&j, "results");
    hp_json_array(&j);
    for (size_t i = 0; i < v->n; i++) put_outcome(&r, &j, &v->outcome[i]);
    hp_json_array_end(&j);
    hp_json_key(&j, "suite_name");
    hp_json_str(&j, v->suite->name);
    hp_json_key(&j, "suite_parameters");
    hp_json_object(&j);
    hp_json_object_end(&j);
    put_statistics(&j, v);
    put_meta(&r, &j);
    hp_json_key(&j, "id");
    hp_json_null(&j);
    hp_json_object_end(&j);
    hp_buf_putc(out, '\n');
}
