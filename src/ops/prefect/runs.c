#include "ops/prefect/runs.h"

#include <stdio.h>
#include <sys/random.h>

#include "base/clock.h"

#include "base/banned.h"

/* 200 is the most that the server gives at once (PREFECT_API_DEFAULT_LIMIT). */
enum { MAX_BODY = 1 << 20, PAGE = 200, FOLLOW_MS = 1000, AWAY_MS = 300000 };

static void read_run(const hp_node *json, hp_prefect_run *out) {
    const hp_node *state = json ? hp_node_get(json, "state") : NULL;
    const hp_node *seconds = json ? hp_node_get(json, "total_run_time") : NULL;
    *out = (hp_prefect_run){.id = hp_prefect_text(json, "id"),
                            .name = hp_prefect_text(json, "name"),
                            .deployment_id = hp_prefect_text(json, "deployment_id"),
                            .state = hp_prefect_text(json, "state_type"),
                            .state_name = hp_prefect_text(json, "state_name"),
                            .message = hp_prefect_text(state, "message"),
                            .expected = hp_prefect_text(json, "expected_start_time"),
                            .started = hp_prefect_text(json, "start_time"),
                            .ended = hp_prefect_text(json, "end_time")};
    if (seconds) (void)hp_node_f64(seconds, &out->seconds);
}

/* ---- listing ---- */

static void put_any(hp_json *j, const char *what, const char *key, hp_str one) {
    hp_json_key(j, what);
    hp_json_object(j);
    hp_json_key(j, key);
    hp_json_object(j);
    hp_json_key(j, "any_");
    hp_json_array(j);
    hp_json_str(j, one);
    hp_json_array_end(j);
    hp_json_object_end(j);
    hp_json_object_end(j);
}

static void put_states(hp_json *j, const hp_prefect_run_filter *f) {
    hp_json_key(j, "flow_runs");
    hp_json_object(j);
    hp_json_key(j, "state");
    hp_json_object(j);
    hp_json_key(j, "type");
    hp_json_object(j);
    hp_json_key(j, "any_");
    hp_json_array(j);
    for (size_t i = 0; i < f->nstate; i++) hp_json_cstr(j, f->state[i]);
    hp_json_array_end(j);
    hp_json_object_end(j);
    hp_json_object_end(j);
    hp_json_object_end(j);
}

static hp_code post(hp_prefect *p, hp_arena *a, hp_str path, const hp_buf *body, const char *what,
                    const hp_node **json, hp_err *err) {
    hp_prefect_answer got;
    if (!path.p) return hp_fail_memory(err, "a request");
    if (body) HP_TRY(hp_buf_check(body, "a request", err));
    HP_TRY(hp_prefect_call(
        p, a,
        &(hp_prefect_ask){
            .method = "POST", .path = path, .body = body ? hp_buf_str(body) : (hp_str){0}, .what = what},
        &got, err));
    if (json) *json = got.json;
    return HP_OK;
}

static hp_code read_list(hp_arena *a, const hp_node *list, hp_prefect_run **out, size_t *n, hp_err *err) {
    *n = list && list->kind == HP_NODE_LIST ? list->n : 0;
    *out = HP_NEW_ARRAY(a, *n + 1, hp_prefect_run);
    if (!*out) return hp_fail_memory(err, "the runs");
    for (size_t i = 0; i < *n; i++) read_run(list->item[i], &(*out)[i]);
    return HP_OK;
}

hp_code hp_prefect_runs(hp_prefect *p, hp_arena *a, const hp_prefect_run_filter *f, hp_prefect_run **out,
                        size_t *n, hp_err *err) {
    hp_autobuf body = hp_buf_new(MAX_BODY);
    hp_json j = {.out = &body};
    const hp_node *list;
    hp_json_object(&j);
    hp_json_key(&j, "sort");
    hp_json_cstr(&j, "EXPECTED_START_TIME_DESC");
    hp_json_key(&j, "limit");
    hp_json_i64(&j, (int64_t)f->limit);
    if (f->deployment_id.n) put_any(&j, "deployments", "id", f->deployment_id);
    if (f->nstate) put_states(&j, f);
    hp_json_object_end(&j);
    HP_TRY(post(p, a, HP_S("/flow_runs/filter"), &body, "the list of runs", &list, err));
    return read_list(a, list, out, n, err);
}

hp_code hp_prefect_run_read(hp_prefect *p, hp_arena *a, hp_str id, hp_prefect_run *out, hp_err *err) {
    hp_prefect_answer got;
    hp_str path = hp_prefect_path(a, "/flow_runs/%s", &id, 1),
           what = hp_arena_printf(a, "run %.*s", HP_FMT(id));
    if (!path.p || !what.p) return hp_fail_memory(err, "a request");
    HP_TRY(
        hp_prefect_call(p, a, &(hp_prefect_ask){.method = "GET", .path = path, .what = what.p}, &got, err));
    read_run(got.json, out);
    return HP_OK;
}

hp_code hp_prefect_run_find(hp_prefect *p, hp_arena *a, hp_str name, hp_prefect_run *out, hp_err *err) {
    hp_autobuf body = hp_buf_new(MAX_BODY);
    hp_json j = {.out = &body};
    const hp_node *list;
    if (hp_prefect_is_id(name)) return hp_prefect_run_read(p, a, name, out, err);
    hp_json_object(&j);
    hp_json_key(&j, "sort");
    hp_json_cstr(&j, "EXPECTED_START_TIME_DESC");
    hp_json_key(&j, "limit");
    hp_json_i64(&j, 1);
    put_any(&j, "flow_runs", "name", name);
    hp_json_object_end(&j);
    HP_TRY(post(p, a, HP_S("/flow_runs/filter"), &body, "the list of runs", &list, err));
    if (!list || list->n == 0)
        return hp_fail(err, HP_NOINPUT, "run %.*s is not on %.*s; hotpass prefect runs lists them",
                       HP_FMT(name), HP_FMT(hp_prefect_url(p)));
    read_run(list->item[0], out);
    return HP_OK;
}

/* ---- starting, cancelling ---- */

hp_code hp_prefect_parameter(hp_arena *a, const char *text, hp_json *j, hp_err *err) {
    hp_str all = hp_str_of(text);
    size_t equals = hp_str_chr(all, '=', 0);
    hp_err ignored = {0};
    hp_node *value;
    if (equals == SIZE_MAX || equals == 0)
        return hp_fail(err, HP_USAGE, "--param wants NAME=VALUE: %.100s", text);
    hp_str said = hp_str_cut(all, equals + 1, all.n);
    hp_json_key_str(j, hp_str_cut(all, 0, equals));
    if (said.n && hp_json_read(a, said, "value", &value, &ignored) == HP_OK)
        hp_node_json(j, value);
    else
        hp_json_str(j, said);
    return HP_OK;
}

static hp_code draw_key(hp_arena *a, hp_str *out, hp_err *err) {
    unsigned char raw[16];
    hp_autobuf text = hp_buf_new(64);
    if (getrandom(raw, sizeof raw, 0) != (ssize_t)sizeof raw)
        return hp_fail(err, HP_IO, "the system gives no random numbers");
    hp_buf_puts(&text, "hotpass-");
    for (size_t i = 0; i < sizeof raw; i++) hp_buf_printf(&text, "%02x", raw[i]);
    *out = hp_arena_dup(a, hp_buf_str(&text));
    return out->p ? HP_OK : hp_fail_memory(err, "a key");
}

hp_code hp_prefect_trigger(hp_prefect *p, hp_arena *a, const hp_prefect_deployment *d, hp_str parameters,
                           hp_str key, hp_prefect_run *out, hp_err *err) {
    hp_autobuf body = hp_buf_new(MAX_BODY);
    const hp_node *json;
    if (!key.n) HP_TRY(draw_key(a, &key, err));
    hp_buf_puts(
        &body,
        "{\"state\":{\"type\":\"SCHEDULED\",\"message\":\"Started by hotpass prefect trigger\"},\"idempotency_key\":");
    hp_buf_json(&body, key);
    hp_buf_printf(&body, ",\"parameters\":{%.*s}}", HP_FMT(parameters));
    HP_TRY(post(p, a, hp_prefect_path(a, "/deployments/%s/create_flow_run", &d->id, 1), &body, "a run", &json,
                err));
    read_run(json, out);
    return HP_OK;
}

hp_code hp_prefect_cancel(hp_prefect *p, hp_arena *a, const hp_prefect_run *run, bool *ended,
                          hp_prefect_state_answer *out, hp_err *err) {
    hp_prefect_state state = {.type = "CANCELLING", .message = HP_S("Cancelled by hotpass prefect cancel")};
    *ended = hp_prefect_ended(run->state);
    *out = (hp_prefect_state_answer){.type = run->state, .name = run->state_name};
    if (*ended) return HP_OK;
    HP_TRY(hp_prefect_set_state(p, a, "flow_runs", run->id, &state, out, err));
    /* A run that nothing has begun yet is cancelled at once; the server calls that a rejection. */
    if (out->verdict == HP_PREFECT_ACCEPT || hp_str_eq(out->type, HP_S("CANCELLED"))) return HP_OK;
    return hp_fail(err, HP_RETRY, "the server does not cancel run %.*s: %.*s; it is %.*s", HP_FMT(run->id),
                   HP_FMT(out->reason), HP_FMT(out->name));
}

hp_code hp_prefect_pause_set(hp_prefect *p, hp_arena *a, const hp_prefect_deployment *d, bool paused,
                             bool *was, hp_err *err) {
    *was = d->paused == paused;
    if (*was) return HP_OK;
    const char *fmt = paused ? "/deployments/%s/pause_deployment" : "/deployments/%s/resume_deployment";
    return post(p, a, hp_prefect_path(a, fmt, &d->id, 1), NULL, "a deployment", NULL, err);
}

/* ---- logs ---- */

static void log_body(const hp_prefect_tail *t, size_t offset, bool whole, hp_buf *body) {
    hp_json j = {.out = body};
    hp_json_object(&j);
    hp_json_key(&j, "sort");
    hp_json_cstr(&j, "TIMESTAMP_ASC");
    hp_json_key(&j, "limit");
    hp_json_i64(&j, PAGE);
    hp_json_key(&j, "offset");
    hp_json_i64(&j, (int64_t)offset);
    hp_json_key(&j, "logs");
    hp_json_object(&j);
    hp_json_key(&j, "flow_run_id");
    hp_json_object(&j);
    hp_json_key(&j, "any_");
    hp_json_array(&j);
    hp_json_str(&j, t->run_id);
    hp_json_array_end(&j);
    hp_json_object_end(&j);
    if (!whole && t->since[0]) {
        hp_json_key(&j, "timestamp");
        hp_json_object(&j);
        hp_json_key(&j, "after_");
        hp_json_cstr(&j, t->since);
        hp_json_object_end(&j);
    }
    hp_json_object_end(&j);
    hp_json_object_end(&j);
}

static hp_code take_line(hp_prefect_tail *t, const hp_node *line, hp_err *err) {
    hp_str id = hp_prefect_text(line, "id"), when = hp_prefect_text(line, "timestamp");
    int64_t level = hp_prefect_whole(line, "level", 20);
    uint32_t value;
    bool added;
    if (hp_smap_get(&t->seen, id, &value)) return HP_OK;
    hp_str kept = hp_arena_dup(t->arena, id);
    if (!kept.p || !hp_smap_add(&t->seen, kept, 1, &value, &added)) return hp_fail_memory(err, "the log");
    if (when.n < sizeof t->newest && hp_str_cmp(when, hp_str_of(t->newest)) > 0)
        (void)snprintf(t->newest, sizeof t->newest, "%.*s", HP_FMT(when));
    return level < t->level ? HP_OK : t->fn(t->ctx, (int)level, when, hp_prefect_text(line, "message"), err);
}

hp_code hp_prefect_tail_read(hp_prefect_tail *t, bool whole, hp_err *err) {
    char before[sizeof t->newest];
    size_t n = PAGE;
    if (!t->arena) t->arena = hp_arena_new(NULL);
    if (!t->arena) return hp_fail_memory(err, "the log");
    memcpy(before, t->newest, sizeof before);
    for (size_t offset = 0; n == PAGE; offset += PAGE) {
        hp_autoarena *round = hp_arena_new(NULL);
        hp_autobuf body = hp_buf_new(MAX_BODY);
        const hp_node *list;
        if (!round) return hp_fail_memory(err, "the log");
        log_body(t, offset, whole, &body);
        HP_TRY(post(t->p, round, HP_S("/logs/filter"), &body, "the log of a run", &list, err));
        n = list && list->kind == HP_NODE_LIST ? list->n : 0;
        for (size_t i = 0; i < n; i++) HP_TRY(take_line(t, list->item[i], err));
    }
    memcpy(t->since, before, sizeof before);
    return HP_OK;
}

void hp_prefect_tail_free(hp_prefect_tail *t) {
    hp_smap_free(&t->seen);
    hp_arena_drop(t->arena);
    t->arena = NULL;
}

/* ---- following ---- */

/* Keeps what is told of a run beyond the arena of a round. */
static hp_code keep(hp_arena *a, const hp_prefect_run *run, hp_prefect_run *out, hp_err *err) {
    hp_prefect_run copy = *run;
    hp_str *text[] = {&copy.id,      &copy.name,     &copy.deployment_id, &copy.state, &copy.state_name,
                      &copy.message, &copy.expected, &copy.started,       &copy.ended};
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        *text[i] = hp_arena_dup(a, *text[i]);
        if (!text[i]->p) return hp_fail_memory(err, "a run");
    }
    *out = copy;
    return HP_OK;
}

/* One look: the state first, so that the log read behind it is whole when the state is an end. */
static hp_code look(hp_prefect_tail *t, hp_arena *a, hp_prefect_run *out, bool *ended, hp_err *err) {
    hp_autoarena *round = hp_arena_new(NULL);
    hp_prefect_run run;
    if (!round) return hp_fail_memory(err, "a run");
    HP_TRY(hp_prefect_run_read(t->p, round, t->run_id, &run, err));
    *ended = hp_prefect_ended(run.state);
    HP_TRY(hp_prefect_tail_read(t, *ended, err));
    return *ended ? keep(a, &run, out, err) : HP_OK;
}

hp_code hp_prefect_follow(hp_prefect_tail *t, hp_arena *a, hp_prefect_run *out, hp_err *err) {
    uint64_t answered = hp_clock_mono();
    for (bool ended = false;;) {
        hp_err why = {0};
        hp_code code = look(t, a, out, &ended, &why);
        bool away = code == HP_UNAVAILABLE && (hp_clock_mono() - answered) / 1000000 < AWAY_MS;
        if (code != HP_OK && !away) {
            if (err) *err = why;
            return code;
        }
        if (code == HP_OK && ended) return HP_OK;
        if (code == HP_OK) answered = hp_clock_mono();
        HP_TRY(hp_prefect_pause(t->p, FOLLOW_MS, err));
    }
}
