/* What a gate says about itself: the payload that operators' scripts know. */
#include "ops/qa/qa.h"

#include "base/clock.h"

#include "base/banned.h"

static void text(hp_json *j, const char *key, hp_str v) {
    hp_json_key(j, key);
    hp_json_str(j, v);
}

static void number(hp_json *j, const char *key, size_t v) {
    hp_json_key(j, key);
    hp_json_i64(j, (int64_t)v);
}

static void flag(hp_json *j, const char *key, bool v) {
    hp_json_key(j, key);
    hp_json_bool(j, v);
}

static void seconds(hp_json *j, double v) {
    hp_json_key(j, "duration_seconds");
    hp_json_f64(j, (double)(int64_t)(v * 1000 + 0.5) / 1000);
}

static void timestamp(hp_json *j, int64_t when) {
    char iso[21];
    hp_time_iso(when, iso);
    text(j, "timestamp", hp_str_of(iso));
}

/* ---- checks and steps ---- */

static void put_check(const hp_qa_check *c, hp_json *j) {
    hp_json_object(j);
    text(j, "id", c->id);
    text(j, "description", c->description);
    text(j, "status", hp_str_of(hp_qa_status_name(c->status)));
    text(j, "message", c->message);
    seconds(j, c->seconds);
    hp_json_object_end(j);
}

static void put_stats(const hp_qa_run *q, const char *total, hp_json *j) {
    hp_json_key(j, "stats");
    hp_json_object(j);
    number(j, total, q->check.n);
    number(j, "passed", q->passed);
    number(j, "failed", q->failed);
    number(j, "skipped", q->skipped);
    if (q->gate->shape == HP_QA_RESULTS) number(j, "docs_html_files", q->docs_html);
    seconds(j, q->seconds);
    hp_json_object_end(j);
}

static void put_enrichment(const hp_qa_run *q, hp_json *j) {
    hp_json_key(j, "artifacts");
    hp_json_object(j);
    text(j, "run_dir", q->dir);
    text(j, "input_workbook", q->input_workbook);
    text(j, "output_workbook", q->output_workbook);
    hp_json_object_end(j);
    hp_json_key(j, "configuration");
    hp_json_object(j);
    text(j, "profile", hp_str_of(q->o->profile_given ? q->o->profile : "default"));
    flag(j, "allow_network", q->o->network);
    hp_json_object_end(j);
}

static void put_checks(const hp_qa_run *q, hp_json *j) {
    bool steps = q->gate->shape == HP_QA_STEPS;
    text(j, "gate", hp_str_of(hp_qa_code(q->gate)));
    text(j, "name", hp_str_of(q->gate->title));
    timestamp(j, q->when);
    flag(j, "passed", hp_qa_passed(q));
    flag(j, "applicable", !q->not_applicable);
    if (q->not_applicable) text(j, "reason", q->reason);
    if (q->input_workbook.n)
        put_enrichment(q, j);
    else
        text(j, "artifacts_dir", q->dir);
    put_stats(q, steps ? "total_steps" : "total_checks", j);
    hp_json_key(j, steps ? "steps" : "checks");
    hp_json_array(j);
    for (size_t i = 0; i < q->check.n; i++) put_check(&q->check.p[i], j);
    hp_json_array_end(j);
}

/* ---- results ---- */

static void put_result(const hp_qa_check *c, hp_json *j) {
    hp_json_object(j);
    text(j, "checkpoint", c->id);
    text(j, "workbook", c->workbook);
    text(j, "sheet", c->sheet);
    text(j, "status", hp_str_of(hp_qa_status_name(c->status)));
    hp_json_key(j, "rows");
    if (c->rows < 0)
        hp_json_null(j);
    else
        hp_json_i64(j, c->rows);
    text(j, "message", c->message);
    seconds(j, c->seconds);
    hp_json_object_end(j);
}

static void put_results(const hp_qa_run *q, hp_json *j) {
    text(j, "gate", hp_str_of(hp_qa_code(q->gate)));
    text(j, "name", hp_str_of(q->gate->title));
    timestamp(j, q->when);
    text(j, "artifacts_dir", q->dir);
    hp_json_key(j, "data_docs");
    if (q->data_docs.n)
        hp_json_str(j, q->data_docs);
    else
        hp_json_null(j);
    text(j, "profile", hp_str_of(q->o->profile));
    text(j, "input_dir", hp_str_of(q->o->input_dir));
    flag(j, "passed", hp_qa_passed(q));
    put_stats(q, "total", j);
    hp_json_key(j, "results");
    hp_json_array(j);
    for (size_t i = 0; i < q->check.n; i++) put_result(&q->check.p[i], j);
    hp_json_array_end(j);
}

void hp_qa_payload(const hp_qa_run *q, hp_json *j) {
    if (q->gate->shape == HP_QA_RESULTS)
        put_results(q, j);
    else
        put_checks(q, j);
}

/* ---- several gates ---- */

static void put_gate(const hp_qa_run *q, hp_json *j) {
    hp_autobuf sentence = hp_buf_new(8192);
    hp_qa_sentence(q, &sentence);
    hp_json_object(j);
    text(j, "id", hp_str_of(hp_qa_code(q->gate)));
    text(j, "name", hp_str_of(q->gate->title));
    flag(j, "passed", hp_qa_passed(q));
    flag(j, "applicable", !q->not_applicable);
    text(j, "message", hp_buf_str(&sentence));
    seconds(j, q->seconds);
    text(j, "artifacts_dir", q->dir);
    hp_json_object_end(j);
}

void hp_qa_set_payload(const hp_qa_run *q, size_t n, int64_t when, hp_str artifact, hp_json *j) {
    size_t passed = 0, apart = 0;
    timestamp(j, when);
    hp_json_key(j, "gates");
    hp_json_array(j);
    for (size_t i = 0; i < n; i++) {
        put_gate(&q[i], j);
        passed += hp_qa_passed(&q[i]);
        apart += q[i].not_applicable && q[i].failed == 0;
    }
    hp_json_array_end(j);
    hp_json_key(j, "summary");
    hp_json_object(j);
    number(j, "total", n);
    number(j, "passed", passed);
    number(j, "failed", n - passed - apart);
    number(j, "not_applicable", apart);
    flag(j, "all_passed", passed + apart == n); /* of those that apply */
    hp_json_object_end(j);
    hp_json_key(j, "artifact_path");
    if (artifact.n)
        hp_json_str(j, artifact);
    else
        hp_json_null(j);
}
