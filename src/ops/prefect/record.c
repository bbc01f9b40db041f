#include "ops/prefect/record.h"

#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "ops/prefect/deployment.h"

#include "base/banned.h"

enum { MAX_RECORD = 64 << 20 };

static const char SCHEMA[] = "hotpass.prefect-run/1";

static hp_str path_of(hp_arena *a, const char *state_dir, hp_str run_id) {
    return hp_arena_printf(a, "%s/prefect/%.*s.json", state_dir, HP_FMT(run_id));
}

static void put(hp_json *j, const char *key, hp_str v) {
    hp_json_key(j, key);
    hp_json_str(j, v);
}

static void put_letters(hp_json *j, const hp_prefect_record *r) {
    hp_json_key(j, "letters");
    hp_json_array(j);
    for (size_t i = 0; i < r->nletter; i++) {
        hp_json_object(j);
        put(j, "path", r->letter[i].path);
        put(j, "body", r->letter[i].body);
        hp_json_object_end(j);
    }
    hp_json_array_end(j);
}

hp_code hp_prefect_record_write(hp_arena *a, const char *state_dir, const hp_prefect_record *r, hp_err *err) {
    hp_autobuf text = hp_buf_new(MAX_RECORD);
    hp_json j = {.out = &text};
    hp_str path = path_of(a, state_dir, r->run_id);
    if (!path.p) return hp_fail_memory(err, "a path");
    hp_json_object(&j);
    put(&j, "schema", hp_str_of(SCHEMA));
    put(&j, "flow_run_id", r->run_id);
    put(&j, "url", r->url);
    hp_json_key(&j, "pid");
    hp_json_i64(&j, r->who.pid);
    hp_json_key(&j, "start");
    hp_json_i64(&j, (int64_t)r->who.start);
    put(&j, "boot", hp_str_of(r->who.boot));
    put_letters(&j, r);
    hp_json_object_end(&j);
    HP_TRY(hp_buf_check(&text, "the record of a run", err));
    HP_TRY(hp_make_parents(path.p, err));
    mode_t before = umask(077);
    hp_code code = hp_write_file(path.p, hp_buf_str(&text), err);
    umask(before);
    return code;
}

bool hp_prefect_record_there(hp_arena *a, const char *state_dir, hp_str run_id) {
    hp_str path = path_of(a, state_dir, run_id);
    return path.p && hp_exists(path.p);
}

hp_code hp_prefect_record_remove(hp_arena *a, const char *state_dir, hp_str run_id, hp_err *err) {
    hp_str path = path_of(a, state_dir, run_id);
    if (!path.p) return hp_fail_memory(err, "a path");
    return hp_remove_tree(path.p, err);
}

static hp_code read_letters(hp_arena *a, const hp_node *list, hp_prefect_record *r, hp_err *err) {
    size_t n = list && list->kind == HP_NODE_LIST ? list->n : 0;
    r->letter = HP_NEW_ARRAY(a, n + 1, hp_prefect_letter);
    if (!r->letter) return hp_fail_memory(err, "the record of a run");
    for (size_t i = 0; i < n; i++) {
        hp_prefect_letter l = {hp_prefect_text(list->item[i], "path"),
                               hp_prefect_text(list->item[i], "body")};
        if (hp_str_starts(l.path, HP_S("/"))) r->letter[r->nletter++] = l;
    }
    return HP_OK;
}

/* *ok is false for what is no record; its author did not get to the end, or was somebody else. */
static hp_code read_record(hp_arena *a, const char *path, hp_prefect_record *r, bool *ok, hp_err *err) {
    hp_autobuf text = hp_buf_new(MAX_RECORD);
    hp_node *root;
    hp_err why = {0};
    *ok = false;
    *r = (hp_prefect_record){0};
    HP_TRY(hp_read_file(path, &text, err));
    hp_str copy = hp_arena_dup(a, hp_buf_str(&text));
    if (!copy.p) return hp_fail_memory(err, "the record of a run");
    if (hp_json_read(a, copy, path, &root, &why) != HP_OK) return HP_OK;
    hp_str boot = hp_prefect_text(root, "boot");
    r->run_id = hp_prefect_text(root, "flow_run_id");
    r->url = hp_prefect_text(root, "url");
    r->who.pid = (pid_t)hp_prefect_whole(root, "pid", 0);
    r->who.start = (uint64_t)hp_prefect_whole(root, "start", 0);
    if (boot.n < sizeof r->who.boot) memcpy(r->who.boot, boot.p, boot.n);
    HP_TRY(read_letters(a, hp_node_get(root, "letters"), r, err));
    *ok = hp_str_eq(hp_prefect_text(root, "schema"), hp_str_of(SCHEMA)) && hp_prefect_is_id(r->run_id);
    return HP_OK;
}

/* ---- settling ---- */

static hp_code set_state(hp_prefect *p, hp_arena *a, const char *kind, hp_str id, const char *type,
                         hp_str message, hp_err *err) {
    hp_prefect_state s = {.type = type, .message = message, .force = true};
    hp_prefect_state_answer answer;
    return hp_prefect_set_state(p, a, kind, id, &s, &answer, err);
}

hp_code hp_prefect_end_tasks(hp_prefect *p, hp_arena *a, hp_str run_id, const char *type, hp_err *err) {
    hp_prefect_answer got;
    hp_str body = hp_arena_printf(
        a,
        "{\"flow_runs\":{\"id\":{\"any_\":[\"%.*s\"]}},\"task_runs\":{\"state\":{\"type\":{\"any_\":[\"PENDING\","
        "\"RUNNING\"]}}},\"limit\":200}",
        HP_FMT(run_id));
    if (!body.p) return hp_fail_memory(err, "a request");
    hp_prefect_ask ask = {
        .method = "POST", .path = HP_S("/task_runs/filter"), .body = body, .what = "the task runs"};
    HP_TRY(hp_prefect_call(p, a, &ask, &got, err));
    for (size_t i = 0; got.json && got.json->kind == HP_NODE_LIST && i < got.json->n; i++)
        HP_TRY(set_state(p, a, "task_runs", hp_prefect_text(got.json->item[i], "id"), type,
                         HP_S("the process that ran it is gone"), err));
    return HP_OK;
}

static hp_code deliver(hp_prefect *p, hp_arena *a, const hp_prefect_record *r, hp_err *err) {
    for (size_t i = 0; i < r->nletter; i++) {
        hp_prefect_answer got;
        hp_prefect_ask ask = {.method = "POST",
                              .path = r->letter[i].path,
                              .body = r->letter[i].body,
                              .what = "what a run left undelivered",
                              .allow = {404, 409, 422}};
        HP_TRY(hp_prefect_call(p, a, &ask, &got, err));
    }
    return HP_OK;
}

static hp_code settle_state(hp_prefect *p, hp_arena *a, const hp_prefect_record *r, hp_err *err) {
    hp_prefect_answer got;
    hp_str path = hp_prefect_path(a, "/flow_runs/%s", &r->run_id, 1);
    if (!path.p) return hp_fail_memory(err, "a request");
    hp_prefect_ask ask = {.method = "GET", .path = path, .what = "the flow run", .allow = {404}};
    HP_TRY(hp_prefect_call(p, a, &ask, &got, err));
    if (got.status == 404) return HP_OK; /* deleted meanwhile */
    hp_str type = hp_prefect_text(hp_node_get(got.json, "state"), "type");
    bool ended = hp_prefect_ended(type);
    if (!ended && !hp_str_eq(type, HP_S("SCHEDULED"))) {
        const char *end = hp_str_eq(type, HP_S("CANCELLING")) ? "CANCELLED" : "CRASHED";
        HP_TRY(set_state(
            p, a, "flow_runs", r->run_id, end,
            HP_S(
                "the process that ran it was gone without having said how it ended; settled by the next call"),
            err));
    }
    return hp_prefect_end_tasks(p, a, r->run_id, "CRASHED", err);
}

static hp_code settle_one(hp_prefect *p, hp_arena *a, const char *path, size_t *settled, hp_err *err) {
    hp_prefect_record r;
    bool ok;
    HP_TRY(read_record(a, path, &r, &ok, err));
    if (!ok || !hp_str_eq(r.url, hp_prefect_url(p)) || hp_process_alive(&r.who)) return HP_OK;
    HP_TRY(deliver(p, a, &r, err));
    HP_TRY(settle_state(p, a, &r, err));
    ++*settled;
    return hp_remove_tree(path, err);
}

hp_code hp_prefect_settle(hp_prefect *p, hp_arena *a, const char *state_dir, size_t *settled, hp_err *err) {
    hp_str dir = hp_path_join(a, hp_str_of(state_dir), HP_S("prefect")), *name;
    hp_code code = HP_OK;
    size_t n;
    *settled = 0;
    if (!dir.p) return hp_fail_memory(err, "a path");
    if (!hp_is_dir(dir.p)) return HP_OK;
    HP_TRY(hp_list_dir(a, dir.p, &name, &n, err));
    for (size_t i = 0; i < n && code == HP_OK; i++) {
        if (!hp_str_ends(name[i], HP_S(".json"))) continue;
        hp_err why = {0};
        hp_str path = hp_path_join(a, dir, name[i]);
        if (!path.p) return hp_fail_memory(err, "a path");
        code = settle_one(p, a, path.p, settled, &why);
        if (code == HP_NOINPUT) code = HP_OK; /* another call was quicker */
        if (code != HP_OK) *err = why;
    }
    return code;
}
