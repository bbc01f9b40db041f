/* What gates leave behind: a summary of each run, the latest one, and the history. */
#include "ops/qa/qa.h"

#include "base/clock.h"
#include "base/file.h"

#include "base/banned.h"

enum { MAX_JSON = 16 << 20 };

static void begin(hp_json *j, const char *schema) {
    hp_json_object(j);
    hp_json_key(j, "schema");
    hp_json_cstr(j, schema);
}

static hp_code write_json(hp_arena *a, hp_str dir, const char *name, const hp_buf *json, hp_err *err) {
    hp_str path = hp_path_join(a, dir, hp_str_of(name));
    HP_TRY(hp_buf_check(json, "the summary of a gate", err));
    if (!path.p) return hp_fail_memory(err, "the summary of a gate");
    return hp_write_file(path.p, hp_buf_str(json), err);
}

static hp_code append(hp_arena *a, hp_str dir, const hp_buf *json, hp_err *err) {
    hp_str path = hp_path_join(a, dir, HP_S("history.ndjson"));
    HP_TRY(hp_buf_check(json, "the history of a gate", err));
    if (!path.p) return hp_fail_memory(err, "the history of a gate");
    return hp_append_line(path.p, hp_buf_str(json), err);
}

hp_code hp_qa_store(const hp_qa_run *q, hp_err *err) {
    hp_autobuf whole = hp_buf_new(MAX_JSON), line = hp_buf_new(MAX_JSON);
    hp_json j = {.out = &whole, .pretty = true}, l = {.out = &line};
    begin(&j, "hotpass.qa/1");
    hp_qa_payload(q, &j);
    hp_json_object_end(&j);
    hp_buf_putc(&whole, '\n');
    begin(&l, "hotpass.qa-set/1");
    hp_qa_set_payload(q, 1, q->when, hp_qa_path(q, "summary.json"), &l);
    hp_json_object_end(&l);
    hp_str folder = hp_arena_printf(q->arena, "%s/%s", q->o->root, q->gate->folder);
    if (!folder.p) return hp_fail_memory(err, "the summary of a gate");
    HP_TRY(write_json(q->arena, q->dir, "summary.json", &whole, err));
    HP_TRY(write_json(q->arena, folder, "latest.json", &whole, err));
    return append(q->arena, folder, &line, err);
}

hp_code hp_qa_store_set(const hp_qa_run *q, size_t n, const char *root, const char *name, hp_arena *a,
                        hp_str *artifact, hp_err *err) {
    hp_autobuf whole = hp_buf_new(MAX_JSON), line = hp_buf_new(MAX_JSON);
    int64_t when = hp_clock_now();
    hp_str file = hp_arena_printf(a, "latest-%s.json", name);
    *artifact = hp_path_join(a, hp_str_of(root), file);
    if (!file.p || !artifact->p) return hp_fail_memory(err, "the summary of the gates");
    for (int pass = 0; pass < 2; pass++) {
        hp_json j = {.out = pass ? &line : &whole, .pretty = !pass};
        begin(&j, "hotpass.qa-set/1");
        hp_qa_set_payload(q, n, when, *artifact, &j);
        hp_json_object_end(&j);
    }
    hp_buf_putc(&whole, '\n');
    HP_TRY(write_json(a, hp_str_of(root), file.p, &whole, err));
    return append(a, hp_str_of(root), &line, err);
}
