#include "ops/prefect/report.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"

#include "base/banned.h"

enum {
    BATCH_MS = 1000,      /* a line waits at most so long */
    BATCH_BYTES = 200000, /* the server takes a megabyte */
    POLL_MS = 2000,       /* cancelling stops the child within seconds */
    LEASE_S = 60,         /* renewed at a third of it */
    ATTEMPT_MS = 5000,
    BACKOFF_MS = 500,
    MAX_BACKOFF_MS = 5000,
    MAX_LINE = 8000,
    MAX_QUEUE = 16 << 20 /* what is kept of lines while the server is away: some 80,000 */
};

/* A request that waits. */
typedef struct letter {
    struct letter *next;
    char path[96];
    hp_buf body;
    bool is_log;
} letter;

struct hp_reporter {
    const hp_prefect_where *where;
    hp_str run_id;
    char lease[64];
    hp_prefect *api;
    hp_arena *arena; /* of the thread */
    pthread_t thread;
    bool started;
    int cancel_fd, stop_pipe[2];
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    letter *first, **last;
    size_t log_bytes; /* of lines that wait */
    size_t dropped;
    hp_buf batch; /* lines of the next letter: JSON objects with commas between */
    uint64_t batch_since;
    bool closing, abandon, cancel_told, taken, away;
    unsigned tasks;
    hp_err why; /* the last thing that went wrong */
};

static uint64_t now_ms(void) { return hp_clock_mono() / 1000000; }

/* The machine's time, whatever fixes the clock of runs: the server orders lines by it. */
static void put_time(hp_buf *out) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    hp_date d = hp_date_of_unix(t.tv_sec);
    hp_buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02d.%06ldZ", d.year, d.month, d.day, d.hour, d.minute,
                  d.second, t.tv_nsec / 1000);
}

static bool draw_id(hp_task_id *id) {
    unsigned char b[16];
    if (getrandom(b, sizeof b, 0) != (ssize_t)sizeof b) return false;
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    snprintf(id->text, sizeof id->text,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3],
             b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
    return true;
}

/* ---- the queue ---- */

/* Takes over the body. Called with the lock held; what there is no memory for is lost, and the end says so.
 */
static void enqueue(hp_reporter *r, const char *path, hp_buf *body, bool is_log) {
    letter *l = body->bad ? NULL : hp_calloc(1, sizeof *l);
    if (!l) {
        hp_buf_free(body);
        hp_fail_memory(&r->why, "a message to the server");
        return;
    }
    snprintf(l->path, sizeof l->path, "%s", path);
    l->body = *body;
    l->is_log = is_log;
    if (is_log) r->log_bytes += body->n;
    *body = (hp_buf){0};
    *r->last = l;
    r->last = &l->next;
    pthread_cond_broadcast(&r->changed);
}

static void close_batch(hp_reporter *r) {
    if (r->batch.n == 0) return;
    hp_buf body = hp_buf_new(r->batch.n + 16);
    hp_buf_putc(&body, '[');
    hp_buf_add(&body, hp_buf_str(&r->batch));
    hp_buf_putc(&body, ']');
    hp_buf_clear(&r->batch);
    enqueue(r, "/logs/", &body, true);
}

static void push(hp_reporter *r, const char *path, hp_buf *body) {
    pthread_mutex_lock(&r->mutex);
    close_batch(r); /* what was said before comes before */
    enqueue(r, path, body, false);
    pthread_mutex_unlock(&r->mutex);
}

static void drop_first(hp_reporter *r) {
    letter *l = r->first;
    if (l->is_log) r->log_bytes -= l->body.n;
    r->first = l->next;
    if (!r->first) r->last = &r->first;
    hp_buf_free(&l->body);
    hp_free(l);
}

/* ---- the thread ---- */

static hp_code ask(hp_reporter *r, const hp_prefect_ask *a, hp_prefect_answer *got, hp_err *err) {
    hp_arena_drop(r->arena);
    r->arena = hp_arena_new(NULL);
    if (!r->arena) return hp_fail_memory(err, "an answer");
    return hp_prefect_call(r->api, r->arena, a, got, err);
}

/* A refusal will be the same the next time; the absence of the server, or of a key, is waited for. */
static bool is_lasting(hp_code code) {
    return code == HP_NOINPUT || code == HP_CANTCREAT || code == HP_CONFIG || code == HP_DATA;
}

/* Sends the first letter; the lock is not held meanwhile, and nobody else takes it out. */
static hp_code send_first(hp_reporter *r) {
    hp_prefect_answer got;
    hp_err err = {0};
    letter *l = r->first;
    hp_prefect_ask a = {.method = "POST",
                        .path = hp_str_of(l->path),
                        .body = hp_buf_str(&l->body),
                        .what = "a report on the run",
                        .allow = {409}, /* it has arrived before */
                        .deadline_ms = ATTEMPT_MS};
    pthread_mutex_unlock(&r->mutex);
    hp_code code = ask(r, &a, &got, &err);
    pthread_mutex_lock(&r->mutex);
    if (code != HP_OK && !r->abandon) r->why = err;
    r->away = code != HP_OK && !is_lasting(code);
    if (!r->away) drop_first(r);
    pthread_cond_broadcast(&r->changed);
    return r->away ? code : HP_OK;
}

static void tell_cancel(hp_reporter *r, bool taken) {
    uint64_t one = 1;
    pthread_mutex_lock(&r->mutex);
    r->taken |= taken;
    pthread_mutex_unlock(&r->mutex);
    if (r->cancel_told) return;
    r->cancel_told = true;
    ssize_t told = write(r->cancel_fd, &one, sizeof one);
    (void)told; /* an eventfd with room takes it */
}

/* Asks whether the run goes on in the eyes of the server. */
static void look(hp_reporter *r) {
    hp_prefect_answer got;
    hp_err err = {0};
    char path[96];
    snprintf(path, sizeof path, "/flow_runs/%.*s", HP_FMT(r->run_id));
    hp_prefect_ask a = {.method = "GET",
                        .path = hp_str_of(path),
                        .what = "the flow run",
                        .allow = {404},
                        .deadline_ms = ATTEMPT_MS};
    if (ask(r, &a, &got, &err) != HP_OK) return;
    hp_str type = got.json ? hp_prefect_text(hp_node_get(got.json, "state"), "type") : HP_S("");
    bool taken = got.status == 404 || hp_prefect_ended(type);
    if (taken || hp_str_eq(type, HP_S("CANCELLING"))) tell_cancel(r, taken);
}

static void renew_lease(hp_reporter *r) {
    hp_prefect_answer got;
    hp_err err = {0};
    char path[128], body[48];
    snprintf(path, sizeof path, "/v2/concurrency_limits/leases/%s/renew", r->lease);
    snprintf(body, sizeof body, "{\"lease_duration\":%d}", LEASE_S);
    hp_prefect_ask a = {.method = "POST",
                        .path = hp_str_of(path),
                        .body = hp_str_of(body),
                        .what = "the concurrency lease",
                        .allow = {404, 410},
                        .deadline_ms = ATTEMPT_MS};
    if (ask(r, &a, &got, &err) == HP_OK && got.status >= 400) r->lease[0] = '\0'; /* there is none any more */
}

/* Waits for news, at most `ms`. The lock is held. */
static void wait_ms(hp_reporter *r, uint64_t ms) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += (time_t)(ms / 1000);
    t.tv_nsec += (long)(ms % 1000) * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    pthread_cond_timedwait(&r->changed, &r->mutex, &t);
}

/* Times at which something is due, in milliseconds. */
typedef struct due {
    uint64_t look, lease, retry;
    uint64_t backoff;
} due;

static void step(hp_reporter *r, due *d) {
    uint64_t now = now_ms();
    if (r->batch.n && (r->closing || now - r->batch_since >= BATCH_MS || r->batch.n >= BATCH_BYTES))
        close_batch(r);
    if (r->first && now >= d->retry) {
        bool away = send_first(r) != HP_OK;
        d->backoff = !away ? BACKOFF_MS : d->backoff * 2 < MAX_BACKOFF_MS ? d->backoff * 2 : MAX_BACKOFF_MS;
        d->retry = away ? now_ms() + d->backoff : 0;
        return;
    }
    if (!r->closing && (now >= d->look || (r->lease[0] && now >= d->lease))) {
        bool lease = r->lease[0] && now >= d->lease;
        pthread_mutex_unlock(&r->mutex);
        if (lease)
            renew_lease(r);
        else
            look(r);
        pthread_mutex_lock(&r->mutex);
        if (lease)
            d->lease = now_ms() + LEASE_S * 1000 / 3;
        else
            d->look = now_ms() + POLL_MS;
        return;
    }
    wait_ms(r, 100);
}

static void *report(void *ctx) {
    hp_reporter *r = ctx;
    due d = {.look = now_ms() + POLL_MS, .backoff = BACKOFF_MS}; /* the lease may be near its end already */
    pthread_mutex_lock(&r->mutex);
    while (!r->abandon && !(r->closing && !r->first && r->batch.n == 0)) step(r, &d);
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->mutex);
    return NULL;
}

/* Signals are for the thread that watches the child. */
static int start_thread(hp_reporter *r) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&r->thread, NULL, report, r);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    r->started = failed == 0;
    return failed;
}

static hp_code open_parts(hp_reporter *r, hp_err *err) {
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&r->mutex, NULL);
    pthread_cond_init(&r->changed, &attr);
    pthread_condattr_destroy(&attr);
    r->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (r->cancel_fd < 0 || pipe2(r->stop_pipe, O_CLOEXEC) != 0)
        return hp_fail(err, HP_IO, "cannot make a pipe: %s", strerrordesc_np(errno));
    HP_TRY(hp_prefect_open(r->where, r->stop_pipe[0], &r->api, err));
    int failed = start_thread(r);
    return failed ? hp_fail(err, HP_RETRY, "cannot start a thread: %s; try again", strerrordesc_np(failed))
                  : HP_OK;
}

hp_code hp_reporter_start(const hp_prefect_where *where, hp_str run_id, hp_str lease, hp_reporter **out,
                          hp_err *err) {
    hp_reporter *r = hp_calloc(1, sizeof *r);
    if (!r) return hp_fail_memory(err, "the reports of a run");
    r->where = where;
    r->run_id = run_id;
    r->last = &r->first;
    r->batch = hp_buf_new(MAX_QUEUE);
    r->cancel_fd = r->stop_pipe[0] = r->stop_pipe[1] = -1;
    if (lease.n < sizeof r->lease) memcpy(r->lease, lease.p, lease.n);
    hp_code code = open_parts(r, err);
    if (code != HP_OK)
        hp_reporter_free(r);
    else
        *out = r;
    return code;
}

int hp_reporter_cancel_fd(const hp_reporter *r) { return r->cancel_fd; }

bool hp_reporter_taken(hp_reporter *r) {
    pthread_mutex_lock(&r->mutex);
    bool taken = r->taken;
    pthread_mutex_unlock(&r->mutex);
    return taken;
}

/* ---- what is told ---- */

static void member(hp_json *j, const char *key, hp_str v) {
    hp_json_key(j, key);
    hp_json_str(j, v);
}

/* Called with the lock held. */
static void put_line(hp_reporter *r, int level, const hp_task_id *task, hp_str message) {
    hp_autobuf when = hp_buf_new(64);
    hp_json j = {.out = &r->batch};
    put_time(&when);
    if (r->batch.n) hp_buf_putc(&r->batch, ',');
    hp_json_object(&j);
    member(&j, "name", HP_S("hotpass"));
    hp_json_key(&j, "level");
    hp_json_i64(&j, level);
    member(&j, "message", message);
    member(&j, "timestamp", hp_buf_str(&when));
    member(&j, "flow_run_id", r->run_id);
    if (task && task->text[0]) member(&j, "task_run_id", hp_str_of(task->text));
    hp_json_object_end(&j);
}

static void tell_dropped(hp_reporter *r) {
    hp_autobuf text = hp_buf_new(200);
    hp_buf_printf(&text, "%zu lines were left out while the server was away", r->dropped);
    r->dropped = 0;
    put_line(r, 30, NULL, hp_buf_str(&text));
}

void hp_reporter_log(hp_reporter *r, int level, const hp_task_id *task, hp_str message) {
    hp_autobuf text = hp_buf_new(4 * MAX_LINE);
    hp_scrub(hp_str_cut(message, 0, MAX_LINE), &text);
    pthread_mutex_lock(&r->mutex);
    if (r->log_bytes + r->batch.n + text.n > MAX_QUEUE - BATCH_BYTES) {
        r->dropped++;
    } else {
        if (r->batch.n == 0) r->batch_since = now_ms();
        if (r->dropped) tell_dropped(r);
        put_line(r, level, task, hp_buf_str(&text));
        if (r->batch.n >= BATCH_BYTES) close_batch(r);
    }
    pthread_mutex_unlock(&r->mutex);
}

static void put_state(hp_json *j, const char *type, const char *name, hp_str message, hp_str scheduled) {
    hp_json_key(j, "state");
    hp_json_object(j);
    member(j, "type", hp_str_of(type));
    if (name) member(j, "name", hp_str_of(name));
    if (message.n) member(j, "message", message);
    if (scheduled.n) {
        hp_json_key(j, "state_details");
        hp_json_object(j);
        member(j, "scheduled_time", scheduled);
        hp_json_object_end(j);
    }
    hp_json_object_end(j);
}

void hp_reporter_task_begin(hp_reporter *r, hp_str name, hp_task_id *out) {
    hp_buf body = hp_buf_new(64 << 10);
    char dynamic[16];
    hp_json j = {.out = &body};
    if (!draw_id(out)) out->text[0] = '\0';
    snprintf(dynamic, sizeof dynamic, "%u", r->tasks++);
    hp_json_object(&j);
    if (out->text[0]) member(&j, "id", hp_str_of(out->text));
    member(&j, "flow_run_id", r->run_id);
    member(&j, "name", name);
    member(&j, "task_key", name);
    member(&j, "dynamic_key", hp_str_of(dynamic));
    put_state(&j, "RUNNING", NULL, (hp_str){0}, (hp_str){0});
    hp_json_object_end(&j);
    push(r, "/task_runs/", &body);
}

static void push_state(hp_reporter *r, const char *path, const hp_prefect_state *s) {
    hp_autobuf message = hp_buf_new(64 << 10);
    hp_buf body = hp_buf_new(128 << 10);
    hp_json j = {.out = &body};
    hp_scrub(hp_str_cut(s->message, 0, MAX_LINE), &message);
    hp_json_object(&j);
    put_state(&j, s->type, s->name, hp_buf_str(&message), s->scheduled);
    hp_json_key(&j, "force");
    hp_json_bool(&j, s->force);
    hp_json_object_end(&j);
    push(r, path, &body);
}

void hp_reporter_task_end(hp_reporter *r, const hp_task_id *task, const char *type, hp_str message) {
    char path[96];
    if (!task->text[0]) return;
    snprintf(path, sizeof path, "/task_runs/%s/set_state", task->text);
    push_state(r, path, &(hp_prefect_state){.type = type, .message = message, .force = true});
}

void hp_reporter_artifact(hp_reporter *r, const char *key, const char *type, hp_str description,
                          hp_str data) {
    hp_buf body = hp_buf_new(8 << 20);
    hp_json j = {.out = &body};
    hp_json_object(&j);
    member(&j, "key", hp_str_of(key));
    member(&j, "type", hp_str_of(type));
    member(&j, "description", description);
    member(&j, "data", data);
    member(&j, "flow_run_id", r->run_id);
    hp_json_object_end(&j);
    push(r, "/artifacts/", &body);
}

void hp_reporter_end(hp_reporter *r, const hp_prefect_state *state) {
    char path[96];
    snprintf(path, sizeof path, "/flow_runs/%.*s/set_state", HP_FMT(r->run_id));
    push_state(r, path, state);
}

/* ---- the end ---- */

/* Ends a request that is under way: the client takes this for a signal (hp_stop_wait). */
static void interrupt(hp_reporter *r) {
    struct signalfd_siginfo info = {.ssi_signo = SIGTERM};
    ssize_t told = write(r->stop_pipe[1], &info, sizeof info);
    (void)told; /* a pipe with room takes it */
}

bool hp_reporter_finish(hp_reporter *r, int ms, hp_err *why) {
    uint64_t until = now_ms() + (uint64_t)ms;
    pthread_mutex_lock(&r->mutex);
    r->closing = true;
    pthread_cond_broadcast(&r->changed);
    while ((r->first || r->batch.n) && now_ms() < until) wait_ms(r, 100);
    bool all = !r->first && r->batch.n == 0;
    r->abandon = !all;
    if (!all) close_batch(r);
    if (!all) interrupt(r);
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->mutex);
    if (r->started) pthread_join(r->thread, NULL);
    r->started = false;
    if (!all) *why = r->why;
    return !r->first;
}

hp_code hp_reporter_rest(const hp_reporter *r, hp_arena *a, hp_prefect_letter **out, size_t *n, hp_err *err) {
    size_t count = 0, i = 0;
    for (const letter *l = r->first; l; l = l->next) count++;
    hp_prefect_letter *to = HP_NEW_ARRAY(a, count + 1, hp_prefect_letter);
    if (!to) return hp_fail_memory(err, "what was not delivered");
    for (const letter *l = r->first; l; l = l->next, i++) {
        to[i] =
            (hp_prefect_letter){hp_arena_dup(a, hp_str_of(l->path)), hp_arena_dup(a, hp_buf_str(&l->body))};
        if (!to[i].path.p || !to[i].body.p) return hp_fail_memory(err, "what was not delivered");
    }
    *out = to;
    *n = count;
    return HP_OK;
}

void hp_reporter_free(hp_reporter *r) {
    if (!r) return;
    while (r->first) drop_first(r);
    hp_prefect_close(r->api);
    hp_arena_drop(r->arena);
    hp_buf_free(&r->batch);
    if (r->cancel_fd >= 0) close(r->cancel_fd);
    for (int i = 0; i < 2; i++)
        if (r->stop_pipe[i] >= 0) close(r->stop_pipe[i]);
    pthread_cond_destroy(&r->changed);
    pthread_mutex_destroy(&r->mutex);
    hp_free(r);
}
