/* The manifest: run.json, what a run read, did, found and wrote. Its form is described in
 * docs/reference/run-json.md. */
#include "base/clock.h"
#include "base/json.h"
#include "refine/tables.h"

/* Durations differ between two runs of the same input; under a fixed clock, when bytes must not differ, they
 * are left out. */
static void put_seconds(hp_json *j, double seconds) {
    if (hp_clock_fixed())
        hp_json_null(j);
    else
        hp_json_f64(j, (double)(int64_t)(seconds * 1e6 + 0.5) / 1e6);
}

static void put_u64(hp_json *j, const char *key, uint64_t v) {
    hp_json_key(j, key);
    hp_json_i64(j, (int64_t)v);
}

static void put_str(hp_json *j, const char *key, hp_str v) {
    hp_json_key(j, key);
    hp_json_str(j, v);
}

static void put_inputs(hp_json *j, const hp_refine_result *r) {
    const hp_run *run = &r->run;
    hp_json_key(j, "inputs");
    hp_json_array(j);
    for (size_t i = 0; i < run->sources.file.n; i++) {
        const hp_source_file *f = &run->sources.file.p[i];
        hp_json_object(j);
        put_str(j, "path", f->path);
        put_str(j, "source", f->label);
        hp_json_key(j, "priority");
        hp_json_i64(j, f->priority);
        put_u64(j, "bytes", f->bytes);
        hp_json_key(j, "sha256");
        hp_json_cstr(j, f->sha256.hex);
        hp_json_key(j, "sheets");
        hp_json_array(j);
        for (size_t s = 0; s < run->sources.sheet.n; s++)
            if (run->sources.sheet.p[s].file == i) hp_json_str(j, run->sources.sheet.p[s].name);
        hp_json_array_end(j);
        hp_tables_put_input(j, r, i);
        hp_json_object_end(j);
    }
    hp_json_array_end(j);
}

static void put_counts(hp_json *j, const hp_refine_result *r) {
    hp_json_key(j, "counts");
    hp_json_object(j);
    put_u64(j, "rows_in", r->rows_in);
    put_u64(j, "rows_out", r->rows_out);
    put_u64(j, "merged", r->merged);
    put_u64(j, "quarantined", r->quarantined);
    put_u64(j, "duplicates", r->duplicates);
    put_u64(j, "attached", r->attached);
    put_u64(j, "contacts", r->contacts);
    put_u64(j, "conflicts", r->conflicts);
    hp_json_object_end(j);
    hp_json_key(j, "quality_mean");
    hp_json_f64(j, (double)(int64_t)(r->quality_mean * 1e6 + 0.5) / 1e6);
}

static void put_fill(hp_json *j, const hp_refine_result *r) {
    hp_json_key(j, "fill");
    hp_json_array(j);
    for (size_t i = 0; i < r->nfill; i++) {
        hp_json_object(j);
        hp_json_key(j, "column");
        hp_json_cstr(j, r->fill[i].column);
        put_u64(j, "filled", r->fill[i].after);
        put_u64(j, "source_filled", r->fill[i].before);
        put_u64(j, "source_rows", r->fill[i].before_of);
        hp_json_object_end(j);
    }
    hp_json_array_end(j);
}

static void put_stages(hp_json *j, const hp_refine_result *r) {
    hp_json_key(j, "stages");
    hp_json_array(j);
    for (size_t i = 0; i < r->ntime; i++) {
        hp_json_object(j);
        hp_json_key(j, "stage");
        hp_json_cstr(j, r->time[i].stage);
        hp_json_key(j, "seconds");
        put_seconds(j, r->time[i].seconds);
        put_u64(j, "items", r->time[i].items);
        hp_json_object_end(j);
    }
    hp_json_array_end(j);
    hp_json_key(j, "seconds");
    put_seconds(j, r->seconds);
}

static void put_findings(hp_json *j, const hp_run *run) {
    hp_json_key(j, "findings");
    hp_json_array(j);
    for (int rule = 0; rule < HP_RULE_COUNT; rule++) {
        if (run->issues.by_rule[rule] == 0) continue;
        const hp_rule_info *info = hp_rule_get((hp_rule)rule);
        hp_json_object(j);
        hp_json_key(j, "rule");
        hp_json_cstr(j, info->name);
        hp_json_key(j, "severity");
        hp_json_cstr(j, hp_severity_name(info->severity));
        put_u64(j, "count", run->issues.by_rule[rule]);
        hp_json_object_end(j);
    }
    hp_json_array_end(j);
}

static void put_compliance(hp_json *j, const hp_refine_result *r) {
    const hp_comply_count *c = &r->comply;
    const hp_profile *p = r->profile;
    hp_json_key(j, "compliance");
    hp_json_object(j);
    put_str(j, "policy", p->compliance.policy);
    put_str(j, "lawful_basis", p->compliance.basis);
    put_str(j, "purpose", p->compliance.purpose);
    hp_json_key(j, "consent_required");
    hp_json_bool(j, hp_consent_demanded(p));
    put_str(j, "without_consent", p->compliance.without);
    hp_json_key(j, "consent");
    hp_json_object(j);
    for (int s = 0; s < HP_CONSENT_COUNT; s++) put_u64(j, hp_consent_name((hp_consent)s), c->state[s]);
    hp_json_object_end(j);
    put_u64(j, "rows_masked", c->masked);
    put_u64(j, "rows_quarantined", c->quarantined);
    put_u64(j, "cells_redacted", c->cells);
    hp_json_key(j, "redacted");
    hp_json_object(j);
    for (int k = 0; k < HP_REDACT_KINDS; k++)
        put_u64(j, hp_redact_kind_name((hp_redact_kind)k), c->redacted[k]);
    hp_json_object_end(j);
    hp_json_key(j, "retention_days");
    hp_json_i64(j, p->compliance.retention_days);
    hp_json_object_end(j);
}

static void put_retried(hp_json *j, const hp_refine_result *r) {
    hp_json_key(j, "corrections");
    hp_json_array(j);
    for (size_t i = 0; i < r->nretried; i++) {
        hp_json_object(j);
        hp_json_key(j, "path");
        hp_json_cstr(j, r->retried[i].path);
        hp_json_key(j, "sha256");
        hp_json_cstr(j, r->retried[i].sha256.hex);
        put_u64(j, "rows", r->retried[i].rows);
        put_u64(j, "cells", r->retried[i].cells);
        hp_json_object_end(j);
    }
    hp_json_array_end(j);
}

static void put_annotated(hp_json *j, const hp_refine_result *r, bool asked) {
    hp_json_key(j, "annotated");
    if (!asked) {
        hp_json_null(j);
        return;
    }
    hp_json_object(j);
    put_u64(j, "books", r->annotated.books);
    put_u64(j, "cells", r->annotated.cells);
    put_u64(j, "comments", r->annotated.comments);
    put_u64(j, "elsewhere", r->annotated.elsewhere);
    hp_json_object_end(j);
}

static void put_quarantine(hp_json *j, const hp_run *run) {
    uint64_t count[HP_RULE_COUNT] = {0};
    for (size_t i = 0; i < run->quarantine.n; i++) count[run->quarantine.p[i].rule]++;
    hp_json_key(j, "quarantine");
    hp_json_object(j);
    for (int rule = 0; rule < HP_RULE_COUNT; rule++)
        if (count[rule]) put_u64(j, hp_rule_get((hp_rule)rule)->name, count[rule]);
    hp_json_object_end(j);
}

/* Cells listed of one that is not met. */
enum { CELLS = 5 };

static void put_cells(hp_json *j, const hp_run *run, const hp_check_result *c) {
    hp_json_key(j, "cells");
    hp_json_array(j);
    for (size_t i = 0; i < c->outcome->nunexpected && i < CELLS && !c->success; i++) {
        hp_autobuf place = hp_buf_new(1u << 16);
        hp_check_place(run, c, i, &place);
        j->out->bad |= place.bad;
        hp_json_str(j, hp_buf_str(&place));
    }
    hp_json_array_end(j);
}

static void put_check(hp_json *j, const hp_run *run, const hp_check_result *c) {
    hp_json_object(j);
    hp_json_key(j, "stage");
    hp_json_cstr(j, hp_check_stage(c));
    put_str(j, "suite", c->suite);
    put_str(j, "data", c->data);
    put_str(j, "column", c->column);
    put_str(j, "expectation", c->kind);
    hp_json_key(j, "mostly");
    hp_json_f64(j, c->mostly);
    put_u64(j, "evaluated", c->evaluated);
    put_u64(j, "unexpected", c->unexpected);
    hp_json_key(j, "severity");
    hp_json_cstr(j, hp_on_failure_name(c->action));
    hp_json_key(j, "success");
    hp_json_bool(j, c->success);
    put_cells(j, run, c);
    hp_json_object_end(j);
}

static void put_checks(hp_json *j, const hp_run *run, const hp_verdict *v) {
    hp_json_key(j, "checks");
    hp_json_array(j);
    for (size_t i = 0; v && i < v->n; i++) put_check(j, run, &v->result[i]);
    hp_json_array_end(j);
}

static void put_outputs(hp_json *j, const hp_refine_result *r) {
    hp_json_key(j, "outputs");
    hp_json_array(j);
    for (size_t i = 0; i < r->noutput; i++) {
        hp_json_object(j);
        put_str(j, "path", r->output[i].path);
        hp_json_key(j, "kind");
        hp_json_cstr(j, r->output[i].kind);
        put_u64(j, "bytes", r->output[i].bytes);
        hp_json_key(j, "sha256");
        hp_json_cstr(j, r->output[i].sha256.hex);
        hp_tables_put_output(j, &r->output[i]);
        hp_json_object_end(j);
    }
    hp_json_array_end(j);
}

static void put_head(hp_json *j, const hp_refine_result *r, const hp_refine_options *o) {
    char when[21];
    hp_time_iso(hp_clock_now(), when);
    hp_json_key(j, "schema");
    hp_json_cstr(j, "hotpass.run/1");
    hp_json_key(j, "version");
    hp_json_cstr(j, HP_VERSION);
    hp_json_key(j, "started_at");
    hp_json_cstr(j, when);
    hp_json_key(j, "exit_code");
    hp_json_i64(j, r->code);
    hp_json_key(j, "failing_stage");
    if (r->failing_stage)
        hp_json_cstr(j, r->failing_stage);
    else
        hp_json_null(j);
    hp_json_key(j, "input_dir");
    hp_json_cstr(j, o->input_dir);
    hp_json_key(j, "since");
    if (o->since.n)
        hp_json_str(j, o->since);
    else
        hp_json_null(j);
    hp_json_key(j, "dry_run");
    hp_json_bool(j, o->dry_run);
    hp_json_key(j, "profile");
    hp_json_object(j);
    put_str(j, "name", r->profile->name);
    put_str(j, "path", r->profile->path);
    hp_json_key(j, "sha256");
    hp_json_cstr(j, r->profile->sha256.hex);
    hp_json_object_end(j);
}

void hp_refine_run_json(const hp_refine_result *r, const hp_refine_options *o, hp_buf *out) {
    hp_json j = {.out = out, .pretty = true};
    hp_json_object(&j);
    put_head(&j, r, o);
    put_inputs(&j, r);
    put_counts(&j, r);
    put_fill(&j, r);
    hp_tables_put(&j, r);
    put_quarantine(&j, &r->run);
    put_findings(&j, &r->run);
    put_compliance(&j, r);
    put_retried(&j, r);
    put_annotated(&j, r, o->annotate && !o->dry_run);
    put_checks(&j, &r->run, r->verdict);
    put_stages(&j, r);
    put_outputs(&j, r);
    hp_json_object_end(&j);
    hp_buf_putc(out, '\n');
}
