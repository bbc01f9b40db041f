#include "ops/prefect/worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/json.h"
#include "net/tunnel.h"
#include "ops/prefect/record.h"

#include "base/banned.h"

enum {
    HEARTBEAT_MS = 30000,
    TICK_MS = 200,
    GRACE_MS = 3000, /* of a run that was told to end: it stops its child, and tells the server */
    MAX_RUNS = 64,
    MAX_ENV = 64
};

/* A run under way. */
typedef struct job {
    hp_child child; /* pid 0 = free */
    char run_id[40];
} job;

/* Hold a worker at work. */
typedef struct worker {
    const hp_worker_options *o;
    hp_worked *out;
    hp_arena *arena; /* of one round */
    job job[MAX_RUNS];
    size_t busy;
    uint64_t heartbeat; /* when it is due, ms */
    bool away;
} worker;

static uint64_t now_ms(void) { return hp_clock_mono() / 1000000; }

static void tell(const worker *w, const char *what, hp_str run_id, hp_str text) {
    if (w->o->talk) w->o->talk(w->o->ctx, what, run_id, text);
}

static hp_code post(worker *w, const char *fmt, hp_str part, hp_str body, const char *what,
                    hp_prefect_answer *got, hp_err *err) {
    hp_str path = hp_prefect_path(w->arena, fmt, &part, 1);
    if (!path.p || !body.p) return hp_fail_memory(err, "a request");
    hp_prefect_ask ask = {.method = "POST", .path = path, .body = body, .what = what};
    return hp_prefect_call(w->o->api, w->arena, &ask, got, err);
}

static hp_code beat(worker *w, hp_err *err) {
    hp_prefect_answer got;
    hp_autobuf body = hp_buf_new(4096);
    if (now_ms() < w->heartbeat) return HP_OK;
    hp_buf_puts(&body, "{\"name\":");
    hp_buf_json(&body, hp_str_of(w->o->name));
    hp_buf_printf(&body, ",\"heartbeat_interval_seconds\":%d}", HEARTBEAT_MS / 1000);
    HP_TRY(hp_buf_check(&body, "a request", err));
    HP_TRY(post(w, "/work_pools/%s/workers/heartbeat", hp_str_of(w->o->pool), hp_buf_str(&body),
                "the work pool", &got, err));
    w->heartbeat = now_ms() + HEARTBEAT_MS;
    return HP_OK;
}

/* ---- one run ---- */

/* What the deployment and the run want of the process: variables of the environment and a working directory,
 * those of the run before those of the deployment. */
typedef struct wishes {
    const char *env[MAX_ENV + 3];
    size_t n;
    hp_str dir;
} wishes;

static hp_code wish_env(worker *w, const hp_node *env, wishes *to, hp_err *err) {
    for (size_t i = 0; env && env->kind == HP_NODE_MAP && i < env->n && to->n < MAX_ENV; i++) {
        hp_str name = env->key[i]->text, value;
        if (!hp_node_text(env->item[i], &value) || hp_str_chr(name, '=', 0) != SIZE_MAX) continue;
        hp_str pair = hp_arena_printf(w->arena, "%.*s=%.*s", HP_FMT(name), HP_FMT(value));
        if (!pair.p) return hp_fail_memory(err, "the environment of a run");
        to->env[to->n++] = pair.p;
    }
    return HP_OK;
}

static hp_code wish(worker *w, const hp_node *variables, wishes *to, hp_err *err) {
    if (!variables || variables->kind != HP_NODE_MAP) return HP_OK;
    hp_str dir = hp_prefect_text(variables, "working_dir");
    if (dir.n && !to->dir.n) to->dir = hp_arena_dup(w->arena, dir);
    return wish_env(w, hp_node_get(variables, "env"), to, err);
}

static hp_code put_env(worker *w, wishes *to, const char *name, hp_str value, hp_err *err) {
    hp_str pair = hp_arena_printf(w->arena, "%s=%.*s", name, HP_FMT(value));
    if (!pair.p) return hp_fail_memory(err, "the environment of a run");
    to->env[to->n++] = pair.p;
    return HP_OK;
}

static hp_code read_wishes(worker *w, const hp_node *run, wishes *to, hp_err *err) {
    hp_str deployment = hp_prefect_text(run, "deployment_id");
    HP_TRY(put_env(w, to, "PREFECT__FLOW_RUN_ID", hp_prefect_text(run, "id"), err));
    HP_TRY(put_env(w, to, "PREFECT_API_URL", hp_prefect_url(w->o->api), err));
    HP_TRY(wish(w, hp_node_get(run, "job_variables"), to, err));
    if (deployment.n == 0) return HP_OK;
    hp_prefect_answer got;
    hp_str path = hp_prefect_path(w->arena, "/deployments/%s", &deployment, 1);
    if (!path.p) return hp_fail_memory(err, "a request");
    hp_prefect_ask ask = {.method = "GET", .path = path, .what = "the deployment", .allow = {404}};
    HP_TRY(hp_prefect_call(w->o->api, w->arena, &ask, &got, err));
    return got.status == 404 ? HP_OK : wish(w, hp_node_get(got.json, "job_variables"), to, err);
}

static hp_code spawn(worker *w, job *j, const wishes *wants, hp_err *err) {
    size_t n = 0;
    const char **argv = HP_NEW_ARRAY(w->arena, w->o->npass + 6, const char *);
    if (!argv) return hp_fail_memory(err, "the arguments of a run");
    argv[n++] = "/proc/self/exe"; /* the program that runs, also when its file was replaced meanwhile */
    argv[n++] = "prefect";
    argv[n++] = "execute";
    for (size_t i = 0; i < w->o->npass; i++) argv[n++] = w->o->pass[i];
    /* Its talk goes where ours goes. A group of its own: Ctrl-C is for us, who tell it. */
    hp_child_how how = {.env = wants->env,
                        .dir = wants->dir.n ? wants->dir.p : NULL,
                        .talk_fd = STDERR_FILENO,
                        .group = true};
    return hp_child_start(argv, &how, &j->child, err);
}

static hp_code set(worker *w, hp_str id, const char *type, hp_str message, bool force,
                   hp_prefect_state_answer *answer, hp_err *err) {
    hp_prefect_state s = {.type = type, .message = message, .force = force};
    return hp_prefect_set_state(w->o->api, w->arena, "flow_runs", id, &s, answer, err);
}

static job *free_job(worker *w) {
    for (size_t i = 0; i < w->o->concurrency; i++)
        if (w->job[i].child.pid == 0) return &w->job[i];
    return NULL;
}

static hp_code record(worker *w, hp_str id, hp_err *err) {
    hp_prefect_record r = {.run_id = id, .url = hp_prefect_url(w->o->api)};
    hp_process_look(getpid(), &r.who);
    return hp_prefect_record_write(w->arena, w->o->state_dir, &r, err);
}

/* From here on the run is ours: whatever happens, it is settled by us or by who comes next. */
static hp_code take(worker *w, const hp_node *run, job *j, hp_err *err) {
    hp_prefect_state_answer answer;
    hp_err why = {0};
    wishes wants = {.n = 0};
    hp_str id = hp_prefect_text(run, "id");
    HP_TRY(record(w, id, err));
    hp_code code = set(w, id, "PENDING", (hp_str){0}, false, &answer, err);
    if (code != HP_OK) return code;
    if (answer.verdict != HP_PREFECT_ACCEPT || !hp_str_eq(answer.type, HP_S("PENDING"))) {
        tell(w, "held back", id, answer.reason);
        return hp_prefect_record_remove(w->arena, w->o->state_dir, id, err);
    }
    code = read_wishes(w, run, &wants, &why);
    if (code == HP_OK) code = spawn(w, j, &wants, &why);
    if (code != HP_OK) {
        tell(w, "cannot be started", id, hp_str_of(why.message));
        HP_TRY(set(w, id, "CRASHED", hp_str_of(why.message), true, &answer, err));
        return hp_prefect_record_remove(w->arena, w->o->state_dir, id, err);
    }
    snprintf(j->run_id, sizeof j->run_id, "%.*s", HP_FMT(id));
    w->busy++;
    w->out->runs++;
    tell(w, "begun", id, hp_prefect_text(run, "name"));
    return HP_OK;
}

/* ---- rounds ---- */

static bool is_running(const worker *w, hp_str id) {
    for (size_t i = 0; i < w->o->concurrency; i++)
        if (w->job[i].child.pid && hp_str_eq(hp_str_of(w->job[i].run_id), id)) return true;
    return false;
}

static hp_code fetch(worker *w, hp_err *err) {
    char now[21];
    hp_prefect_answer got;
    if (w->busy >= w->o->concurrency) return HP_OK;
    hp_time_iso(hp_tunnel_now() + 1, now); /* the second that has begun counts */
    hp_str body = hp_arena_printf(w->arena, "{\"limit\":%zu,\"scheduled_before\":\"%s\"}",
                                  w->o->concurrency - w->busy, now);
    HP_TRY(post(w, "/work_pools/%s/get_scheduled_flow_runs", hp_str_of(w->o->pool), body, "the work pool",
                &got, err));
    for (size_t i = 0; got.json && got.json->kind == HP_NODE_LIST && i < got.json->n; i++) {
        const hp_node *run = hp_node_get(got.json->item[i], "flow_run");
        job *j = free_job(w);
        if (!run || !j) break;
        if (!is_running(w, hp_prefect_text(run, "id"))) HP_TRY(take(w, run, j, err));
    }
    return HP_OK;
}

static void reap(worker *w) {
    hp_proc_result r;
    for (size_t i = 0; i < w->o->concurrency; i++) {
        job *j = &w->job[i];
        if (!j->child.pid || !hp_child_ended(&j->child, &r)) continue;
        char text[64];
        snprintf(text, sizeof text, "exit code %d", hp_child_code(&r));
        tell(w, "ended", hp_str_of(j->run_id), hp_str_of(text));
        w->busy--;
        w->out->ended += hp_child_code(&r) == 0;
        j->child = (hp_child){0};
    }
}

/* What would not be different the next time ends the worker. */
static bool is_passing(hp_code code) {
    return code == HP_UNAVAILABLE || code == HP_RETRY || code == HP_CANTCREAT;
}

static hp_code round_once(worker *w, hp_err *err) {
    size_t settled = 0;
    HP_TRY(beat(w, err));
    HP_TRY(hp_prefect_settle(w->o->api, w->arena, w->o->state_dir, &settled, err));
    if (settled) tell(w, "settled", (hp_str){0}, HP_S("runs that a dead process left"));
    return fetch(w, err);
}

static hp_code next_round(worker *w, hp_err *err) {
    hp_err why = {0};
    hp_autoarena *a = hp_arena_new(NULL);
    if (!a) return hp_fail_memory(err, "a round");
    w->arena = a;
    hp_code code = round_once(w, &why);
    if (code != HP_OK && (w->o->once || !is_passing(code))) {
        *err = why;
        return code;
    }
    if (code != HP_OK && !w->away) tell(w, "the server is away", (hp_str){0}, hp_str_of(why.message));
    if (code == HP_OK && w->away) tell(w, "the server is back", (hp_str){0}, (hp_str){0});
    w->away = code != HP_OK;
    return HP_OK;
}

/* Waits until the next question is due, looking after the runs meanwhile. */
static hp_code pause_until(worker *w, uint64_t due, hp_err *err) {
    while (now_ms() < due || (w->o->once && w->busy)) {
        size_t busy = w->busy;
        HP_TRY(hp_stop_wait(w->o->stop_fd, TICK_MS, err));
        reap(w);
        if (w->busy < busy && !w->o->once) return HP_OK; /* there is room: ask again */
    }
    return HP_OK;
}

/* All are told at once, so that they end side by side. */
static void end_all(worker *w) {
    hp_proc_result r;
    for (size_t i = 0; i < w->o->concurrency; i++)
        if (w->job[i].child.pid) hp_child_signal(&w->job[i].child, SIGTERM);
    for (uint64_t until = now_ms() + GRACE_MS; w->busy && now_ms() < until;) {
        poll(NULL, 0, 5);
        reap(w);
    }
    for (size_t i = 0; i < w->o->concurrency; i++)
        if (w->job[i].child.pid) hp_child_end(&w->job[i].child, 0, &r);
}

/* What a child that was killed left behind is settled at once, if the server is there. */
static void settle_rest(worker *w) {
    hp_err ignored = {0};
    size_t settled;
    hp_autoarena *a = hp_arena_new(NULL);
    if (a)
        (void)hp_prefect_settle(w->o->api, a, w->o->state_dir, &settled,
                                &ignored); /* else by the next call */
}

hp_code hp_prefect_work(const hp_worker_options *o, hp_worked *out, hp_err *err) {
    worker w = {.o = o, .out = out};
    hp_code code = HP_OK;
    *out = (hp_worked){0};
    if (o->concurrency > MAX_RUNS)
        return hp_fail(err, HP_USAGE, "a worker runs at most %d at a time", MAX_RUNS);
    do {
        uint64_t due = now_ms() + (o->once ? 0 : o->poll_ms);
        code = next_round(&w, err);
        if (code == HP_OK) code = pause_until(&w, due, err);
    } while (code == HP_OK && !o->once);
    end_all(&w);
    if (code == HP_SIGINT || code == HP_SIGTERM) out->signal = (int)code - 128;
    if (!w.away) settle_rest(&w);
    return code;
}
