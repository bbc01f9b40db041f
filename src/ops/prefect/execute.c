#include "ops/prefect/execute.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/file.h"
#include "net/tunnel.h"
#include "ops/prefect/parameters.h"

#include "base/banned.h"

enum {
    TICK_MS = 500,
    GRACE_MS = 3000,      /* of a child that was told to end */
    INTERRUPTED_MS = 700, /* to tell the server, when somebody waits at a terminal */
    MAX_LINE = 64 << 10,
    MAX_ANSWER = 64 << 20,
    MAX_ROWS = 200,  /* of the table of findings */
    MAX_PAST = 64,   /* the pipeline has some fifteen */
    WAIT_MOST_S = 30 /* between attempts to begin a run that has to wait for a slot */
};

/* Hold a run at work. */
typedef struct run {
    const hp_execute_options *o;
    hp_arena *arena;
    hp_execution *out;
    hp_str flow;
    int64_t attempt;
    hp_str lease;
    hp_reporter *r;
    hp_buf line; /* of the child's talk, not yet ended */
    hp_task_id task;
    char stage[80];
    struct {
        char name[80];
        hp_task_id id;
    } past[MAX_PAST]; /* stages that have ended, the latest of each name */
    size_t npast;
    int signal;     /* that we were sent */
    bool cancelled; /* the server wants it to end */
    const hp_node *answer;
} run;

static void talk(const run *x, hp_str line) {
    if (x->o->talk) x->o->talk(x->o->ctx, line);
}

/* ---- what the child says ---- */

static size_t find_past(const run *x, hp_str name) {
    size_t i = 0;
    while (i < x->npast && !hp_str_eq(hp_str_of(x->past[i].name), name)) i++;
    return i;
}

static void remember(run *x) {
    size_t i = find_past(x, hp_str_of(x->stage));
    if (i == MAX_PAST) return;
    memcpy(x->past[i].name, x->stage, sizeof x->stage);
    x->past[i].id = x->task;
    if (i == x->npast) x->npast++;
}

static void end_stage(run *x, const char *type, hp_str message) {
    if (x->stage[0]) hp_reporter_task_end(x->r, &x->task, type, message);
    if (x->stage[0]) remember(x);
    x->stage[0] = '\0';
    x->task.text[0] = '\0';
}

static void begin_stage(run *x, hp_str name) {
    end_stage(x, "COMPLETED", (hp_str){0});
    snprintf(x->stage, sizeof x->stage, "%.*s", HP_FMT(hp_str_cut(name, 0, sizeof x->stage - 1)));
    hp_reporter_task_begin(x->r, name, &x->task);
}

/* A stage begins with nothing done and nothing known; what it counts later is progress. */
static void take_progress(run *x, const hp_node *data) {
    hp_str stage = hp_prefect_text(data, "stage");
    int64_t done = hp_prefect_whole(data, "done", 0), total = hp_prefect_whole(data, "total", -1);
    hp_autobuf text = hp_buf_new(300);
    if (done == 0 && total < 0) {
        begin_stage(x, stage);
        hp_buf_printf(&text, "stage %.*s", HP_FMT(hp_str_cut(stage, 0, 80)));
    } else if (total > 0) {
        hp_buf_printf(&text, "%.*s: %lld of %lld", HP_FMT(hp_str_cut(stage, 0, 80)), (long long)done,
                      (long long)total);
    } else {
        hp_buf_printf(&text, "%.*s: %lld", HP_FMT(hp_str_cut(stage, 0, 80)), (long long)done);
    }
    hp_reporter_log(x->r, 20, &x->task, hp_buf_str(&text));
}

/* A window of a backfill has ended: a task run of its own, several of which may be at work at a time. */
static void take_window(run *x, const hp_node *data) {
    hp_autobuf text = hp_buf_new(4000);
    hp_str date = hp_prefect_text(data, "run_date"), version = hp_prefect_text(data, "version"),
           status = hp_prefect_text(data, "status"), message = hp_prefect_text(data, "message");
    bool fine = hp_prefect_flag(data, "success");
    hp_task_id id = {{0}};
    hp_buf_printf(&text, "%.*s--%.*s", HP_FMT(date), HP_FMT(version));
    if (!hp_str_eq(hp_str_of(x->stage), hp_buf_str(&text))) {
        hp_reporter_task_begin(x->r, hp_buf_str(&text), &id);
        hp_reporter_task_end(x->r, &id, fine ? "COMPLETED" : "FAILED", message);
    } else {
        end_stage(x, fine ? "COMPLETED" : "FAILED", message);
    }
    hp_buf_printf(&text, " %.*s: %lld rows in, %lld out%s%.*s", HP_FMT(status),
                  (long long)hp_prefect_whole(data, "rows_in", 0),
                  (long long)hp_prefect_whole(data, "total_records", 0), message.n ? "; " : "",
                  HP_FMT(message));
    hp_reporter_log(x->r, fine ? 20 : 40, &id, hp_buf_str(&text));
}

/* An event: a line of JSON with its name and data. False when it is none. */
static bool take_event(run *x, hp_str line) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_err ignored = {0};
    hp_node *root;
    hp_str copy = a ? hp_arena_dup(a, line) : (hp_str){0};
    if (!hp_str_starts(line, HP_S("{")) || !copy.p
        || hp_json_read(a, copy, "a line", &root, &ignored) != HP_OK)
        return false;
    hp_str event = hp_prefect_text(root, "event");
    const hp_node *data = hp_node_get(root, "data");
    if (event.n == 0 || !data) return false;
    if (hp_str_eq(event, HP_S("progress"))) {
        take_progress(x, data);
    } else if (hp_str_eq(event, HP_S("backfill.run"))) {
        take_window(x, data);
    } else if (hp_str_eq(event, HP_S("error"))) {
        hp_reporter_log(x->r, 40, &x->task, hp_prefect_text(data, "message"));
    } else {
        hp_reporter_log(x->r, 20, NULL, line);
    }
    return true;
}

static void take_line(run *x, hp_str line) {
    if (line.n == 0) return;
    talk(x, line);
    if (!take_event(x, line)) hp_reporter_log(x->r, 20, &x->task, line);
}

/* Takes what the pipe holds. False at its end. */
static bool drain(run *x, int fd) {
    char piece[8192];
    for (;;) {
        ssize_t n = read(fd, piece, sizeof piece);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno == EAGAIN;
        if (n == 0) break;
        for (ssize_t i = 0; i < n; i++) {
            if (piece[i] != '\n') {
                hp_buf_putc(&x->line, piece[i]); /* what is over the longest line is cut */
                continue;
            }
            take_line(x, hp_buf_str(&x->line));
            hp_buf_clear(&x->line);
        }
    }
    take_line(x, hp_buf_str(&x->line));
    hp_buf_clear(&x->line);
    return false;
}

/* ---- the child ---- */

static int taken_signal(int stop_fd) {
    struct signalfd_siginfo info;
    return read(stop_fd, &info, sizeof info) == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}

/* Looks after the child until it has ended, by itself or because we or the server want it to. */
static void supervise(run *x, hp_child *child, int talk_fd, hp_proc_result *r) {
    bool talking = true;
    while (!hp_child_ended(child, r)) {
        struct pollfd fds[] = {{talking ? talk_fd : -1, POLLIN, 0},
                               {child->pid_fd, POLLIN, 0},
                               {x->o->stop_fd, POLLIN, 0},
                               {hp_reporter_cancel_fd(x->r), POLLIN, 0}};
        poll(fds, 4, child->pid_fd < 0 ? TICK_MS / 10 : TICK_MS);
        if (fds[0].revents) talking = drain(x, talk_fd);
        if (fds[2].revents) x->signal = taken_signal(x->o->stop_fd);
        x->cancelled = fds[3].revents != 0;
        if (!x->signal && !x->cancelled) continue;
        hp_reporter_log(x->r, 30, &x->task,
                        x->cancelled ? HP_S("the run is to end: stopping") : HP_S("told to end: stopping"));
        hp_child_end(child, GRACE_MS, r);
        break;
    }
    if (talking) drain(x, talk_fd);
}

static hp_code read_answer(run *x, int fd, hp_err *err) {
    hp_autobuf text = hp_buf_new(MAX_ANSWER);
    hp_err ignored = {0};
    hp_node *root;
    hp_child_scratch_read(fd, &text);
    hp_str copy = hp_arena_dup(x->arena, hp_buf_str(&text));
    if (!copy.p) return hp_fail_memory(err, "the answer of a run");
    if (hp_json_read(x->arena, copy, "the answer", &root, &ignored) == HP_OK) x->answer = root;
    return HP_OK;
}

static hp_code run_child(run *x, const hp_prefect_argv *argv, hp_err *err) {
    int talk_ends[2], fd = hp_child_scratch();
    hp_child child;
    hp_proc_result r = {0};
    if (fd < 0 || pipe2(talk_ends, O_CLOEXEC) != 0) {
        if (fd >= 0) close(fd);
        return hp_fail(err, HP_RETRY, "the program cannot be started: %s", strerrordesc_np(errno));
    }
    fcntl(talk_ends[0], F_SETFL, O_NONBLOCK);
    /* By these the program knows which run it belongs to, also when that was named by hand: our worker and
     * Prefect's own do not agree on whether to say the flow. */
    char run_id[64], flow[512];
    snprintf(run_id, sizeof run_id, "PREFECT__FLOW_RUN_ID=%.*s", HP_FMT(x->o->run_id));
    snprintf(flow, sizeof flow, "PREFECT__FLOW_NAME=%.*s", HP_FMT(x->flow));
    const char *const env[] = {run_id, flow, NULL};
    hp_child_how how = {.env = env, .out_fd = fd, .talk_fd = talk_ends[1], .group = true};
    hp_code code = hp_child_start(argv->p, &how, &child, err);
    close(talk_ends[1]);
    if (code == HP_OK) {
        supervise(x, &child, talk_ends[0], &r);
        x->out->exit_code = hp_child_code(&r);
        code = read_answer(x, fd, err);
    }
    close(talk_ends[0]);
    close(fd);
    return code;
}

/* ---- the end ---- */

const char *hp_execute_state(int exit_code, int64_t attempt, int64_t retries, const char **name) {
    *name = NULL;
    switch (exit_code) {
    case HP_OK:
    case HP_PARTIAL: return "COMPLETED";
    case HP_RETRY:
        if (attempt > retries) return "FAILED";
        *name = "AwaitingRetry";
        return "SCHEDULED";
    case HP_SIGINT:
    case HP_SIGTERM: return "CANCELLED";
    case HP_BUG: return "CRASHED";
    default: return exit_code > 128 ? "CRASHED" : "FAILED";
    }
}

/* What run.json or its like counts, wherever the answer of the command has it. */
static const hp_node *counted(const run *x) {
    const hp_node *inner = x->answer ? hp_node_get(x->answer, "run") : NULL;
    return inner && inner->kind == HP_NODE_MAP ? inner : x->answer;
}

static void put_success(const run *x, hp_buf *out) {
    const hp_node *counts = x->answer ? hp_node_get(counted(x), "counts") : NULL,
                  *metrics = x->answer ? hp_node_get(x->answer, "metrics") : NULL;
    if (counts)
        hp_buf_printf(out, "%lld rows in, %lld organisations out",
                      (long long)hp_prefect_whole(counts, "rows_in", 0),
                      (long long)hp_prefect_whole(counts, "rows_out", 0));
    else if (metrics)
        hp_buf_printf(out, "%lld windows done", (long long)hp_prefect_whole(metrics, "successful_runs", 0));
    if (x->out->exit_code == HP_PARTIAL) hp_buf_puts(out, "; some inputs were skipped");
}

/* The failing stage first: it is what one looks for. */
static void put_failure(const run *x, hp_buf *out) {
    hp_str stage = hp_prefect_text(x->answer, "failing_stage"),
           message = hp_prefect_text(x->answer, "message");
    const hp_node *metrics = x->answer ? hp_node_get(x->answer, "metrics") : NULL;
    if (stage.n == 0) stage = hp_prefect_text(x->answer, "stage");
    if (stage.n == 0 && !metrics) stage = hp_str_of(x->stage);
    if (stage.n) hp_buf_printf(out, "stage %.*s: ", HP_FMT(stage));
    if (message.n)
        hp_buf_add(out, message);
    else if (metrics)
        hp_buf_printf(out, "%lld of %lld windows failed",
                      (long long)hp_prefect_whole(metrics, "failed_runs", 0),
                      (long long)hp_prefect_whole(metrics, "total_runs", 0));
    else
        hp_buf_puts(out, "failed");
    hp_buf_printf(out, " (exit code %d)", x->out->exit_code);
}

static void put_message(const run *x, hp_buf *out) {
    if (x->cancelled)
        hp_buf_puts(out, "cancelled in Prefect; the program was stopped");
    else if (x->signal)
        hp_buf_printf(out, "stopped by signal %d", x->signal);
    else if (x->out->exit_code == HP_OK || x->out->exit_code == HP_PARTIAL)
        put_success(x, out);
    else if (x->out->exit_code > 128)
        hp_buf_printf(out, "the program was ended by signal %d", x->out->exit_code - 128);
    else
        put_failure(x, out);
}

/* ---- artifacts ---- */

static void copy_member(hp_json *j, const hp_node *n, const char *key) {
    hp_json_key(j, key);
    hp_json_str(j, hp_prefect_text(n, key));
}

static void report_findings(run *x) {
    const hp_node *list = x->answer ? hp_node_get(counted(x), "findings") : NULL;
    hp_autobuf table = hp_buf_new(1 << 20);
    hp_json j = {.out = &table};
    if (!list || list->kind != HP_NODE_LIST || list->n == 0) return;
    hp_json_array(&j);
    for (size_t i = 0; i < list->n && i < MAX_ROWS; i++) {
        hp_json_object(&j);
        copy_member(&j, list->item[i], "rule");
        copy_member(&j, list->item[i], "severity");
        hp_json_key(&j, "count");
        hp_json_i64(&j, hp_prefect_whole(list->item[i], "count", 0));
        hp_json_object_end(&j);
    }
    hp_json_array_end(&j);
    hp_reporter_artifact(x->r, "hotpass-findings", "table",
                         HP_S("Findings by rule; docs/reference/findings.md says what to do about each."),
                         hp_buf_str(&table));
}

/* The windows of a backfill. */
static void report_windows(run *x) {
    const hp_node *list = x->answer ? hp_node_get(x->answer, "runs") : NULL;
    hp_autobuf table = hp_buf_new(1 << 20);
    hp_json j = {.out = &table};
    if (!list || list->kind != HP_NODE_LIST) return;
    hp_json_array(&j);
    for (size_t i = 0; i < list->n && i < MAX_ROWS; i++) {
        static const char *const MEMBER[] = {"run_date", "version", "status", "message", "output_path"};
        hp_json_object(&j);
        for (size_t k = 0; k < sizeof MEMBER / sizeof *MEMBER; k++) copy_member(&j, list->item[i], MEMBER[k]);
        hp_json_object_end(&j);
    }
    hp_json_array_end(&j);
    hp_reporter_artifact(x->r, "hotpass-windows", "table", HP_S("Windows of the backfill."),
                         hp_buf_str(&table));
}

/* Reports as links, other outputs as a list. Paths are of this machine: the host stands with them. */
static void report_outputs(run *x) {
    const hp_node *list = x->answer ? hp_node_get(counted(x), "outputs") : NULL;
    char host[256] = "?", here[4096] = "";
    hp_autobuf text = hp_buf_new(1 << 20);
    if (!list || list->kind != HP_NODE_LIST || list->n == 0) return;
    gethostname(host, sizeof host - 1);
    if (!getcwd(here, sizeof here)) here[0] = '\0';
    hp_buf_printf(&text, "Outputs on %s:\n\n", host);
    for (size_t i = 0; i < list->n; i++) {
        hp_str path = hp_prefect_text(list->item[i], "path"), kind = hp_prefect_text(list->item[i], "kind");
        bool whole = hp_str_starts(path, HP_S("/")), report = hp_str_eq(kind, HP_S("report"));
        hp_buf_printf(&text, report ? "- %.*s: [%.*s](file://%s%s%.*s)\n" : "- %.*s: `%.*s`\n", HP_FMT(kind),
                      HP_FMT(path), whole ? "" : here, whole ? "" : "/", HP_FMT(path));
    }
    hp_reporter_artifact(x->r, "hotpass-report", "markdown", HP_S("What the run wrote."), hp_buf_str(&text));
}

/* ---- telling the end ---- */

static hp_code write_record(run *x, const hp_prefect_letter *letter, size_t n, hp_err *err) {
    hp_prefect_record r = {.run_id = x->o->run_id,
                           .url = hp_prefect_url(x->o->api),
                           .letter = (hp_prefect_letter *)(uintptr_t)letter,
                           .nletter = n};
    hp_process_look(getpid(), &r.who);
    return hp_prefect_record_write(x->arena, x->o->state_dir, &r, err);
}

/* A check may stop a run when stages behind it have begun: it is the check that failed then. */
static void end_last_stage(run *x, bool fine) {
    hp_str failing = hp_prefect_text(x->answer, "failing_stage");
    size_t i = find_past(x, failing);
    bool retry = strcmp(x->out->type, "SCHEDULED") == 0;
    bool other = !fine && strcmp(x->out->type, "FAILED") == 0 && i < x->npast
                 && !hp_str_eq(failing, hp_str_of(x->stage));
    if (other) hp_reporter_task_end(x->r, &x->past[i].id, "FAILED", x->out->message);
    if (fine || other)
        end_stage(x, "COMPLETED", HP_S(""));
    else
        end_stage(x, retry ? "FAILED" : x->out->type, x->out->message);
}

static hp_code queue_end(run *x, hp_err *err) {
    const char *name;
    char when[21] = "";
    hp_autobuf message = hp_buf_new(64 << 10);
    x->out->type = x->cancelled || x->signal
                       ? "CANCELLED"
                       : hp_execute_state(x->out->exit_code, x->attempt, x->o->retries, &name);
    if (x->cancelled || x->signal) name = NULL;
    put_message(x, &message);
    x->out->message = hp_arena_dup(x->arena, hp_buf_str(&message));
    if (!x->out->message.p) return hp_fail_memory(err, "the end of a run");
    bool fine = strcmp(x->out->type, "COMPLETED") == 0;
    end_last_stage(x, fine);
    report_findings(x);
    report_windows(x);
    report_outputs(x);
    hp_reporter_log(x->r, fine ? 20 : 40, NULL, x->out->message);
    if (hp_reporter_taken(x->r)) return HP_OK; /* it has its end */
    if (name) hp_time_iso(hp_tunnel_now() + x->o->retry_delay_s, when);
    hp_reporter_end(x->r, &(hp_prefect_state){.type = x->out->type,
                                              .name = name,
                                              .message = x->out->message,
                                              .scheduled = hp_str_of(when),
                                              .force = true});
    return HP_OK;
}

/* Delivers the rest, or writes it down for the next call. */
static hp_code finish(run *x, hp_err *err) {
    hp_err why = {0};
    hp_prefect_letter *letter;
    size_t n;
    x->out->delivered = hp_reporter_finish(x->r, x->signal ? INTERRUPTED_MS : x->o->deliver_ms, &why);
    if (x->out->delivered) return hp_prefect_record_remove(x->arena, x->o->state_dir, x->o->run_id, err);
    HP_TRY(hp_reporter_rest(x->r, x->arena, &letter, &n, err));
    HP_TRY(write_record(x, letter, n, err));
    return (
        hp_fail)(err, why.code == HP_NOPERM ? HP_NOPERM : HP_UNAVAILABLE,
                 "the run has ended (%s), but the server could not be told: %s; the next hotpass prefect execute or worker "
                 "on this machine delivers it",
                 x->out->type, why.message[0] ? why.message : "it did not answer in time");
}

static hp_code work(run *x, const hp_prefect_argv *argv, hp_err *err) {
    hp_err why = {0};
    HP_TRY(hp_reporter_start(x->o->where, x->o->run_id, x->lease, &x->r, err));
    x->line = hp_buf_new(MAX_LINE);
    hp_code code = run_child(x, argv, &why);
    if (code != HP_OK) {
        hp_reporter_log(x->r, 40, NULL, hp_str_of(why.message));
        if (!x->out->exit_code) x->out->exit_code = (int)code;
    }
    code = queue_end(x, err);
    if (code == HP_OK) {
        code = finish(x, err);
    } else {
        hp_reporter_finish(x->r, INTERRUPTED_MS, &why);
    }
    hp_reporter_free(x->r);
    hp_buf_free(&x->line);
    return code;
}

/* ---- the beginning ---- */

static hp_code get(run *x, const char *fmt, hp_str part, const char *what, const hp_node **out, hp_err *err) {
    hp_prefect_answer got;
    hp_str path = hp_prefect_path(x->arena, fmt, &part, 1);
    if (!path.p) return hp_fail_memory(err, "a request");
    hp_prefect_ask ask = {.method = "GET", .path = path, .what = what};
    HP_TRY(hp_prefect_call(x->o->api, x->arena, &ask, &got, err));
    *out = got.json;
    return HP_OK;
}

static hp_code set_end(run *x, const char *type, hp_str message, hp_err *err) {
    hp_prefect_state s = {.type = type, .message = message, .force = true};
    hp_prefect_state_answer answer;
    x->out->type = type;
    x->out->message = message;
    HP_TRY(hp_prefect_set_state(x->o->api, x->arena, "flow_runs", x->o->run_id, &s, &answer, err));
    x->out->delivered = true;
    return HP_OK;
}

static void not_ours(run *x, const char *why) {
    x->out->ran = false;
    x->out->message = hp_str_of(why);
    x->out->delivered = true;
}

/* Sets it RUNNING; waits where the server says so. *ours is false when the run has another state now. */
static hp_code begin(run *x, bool *ours, hp_err *err) {
    hp_prefect_state s = {.type = "RUNNING"};
    hp_prefect_state_answer answer;
    for (;;) {
        HP_TRY(hp_prefect_set_state(x->o->api, x->arena, "flow_runs", x->o->run_id, &s, &answer, err));
        if (answer.verdict != HP_PREFECT_WAIT) break;
        int64_t wait = answer.delay_s < 1 ? 1 : answer.delay_s > WAIT_MOST_S ? WAIT_MOST_S : answer.delay_s;
        HP_TRY(hp_prefect_pause(x->o->api, (uint32_t)wait * 1000, err));
    }
    *ours = answer.verdict == HP_PREFECT_ACCEPT && hp_str_eq(answer.type, HP_S("RUNNING"));
    if (*ours) {
        x->lease = answer.lease.n ? answer.lease : x->lease;
        return HP_OK;
    }
    hp_str why =
        hp_arena_printf(x->arena, "the server did not let it run: it is %.*s now; %.*s", HP_FMT(answer.type),
                        HP_FMT(answer.reason.n ? answer.reason : answer.message));
    if (!why.p) return hp_fail_memory(err, "a message");
    not_ours(x, why.p);
    return HP_OK;
}

/* Looks at the state in which the run was found. *go is false when there is nothing to run. */
static hp_code consider(run *x, const hp_node *flow_run, bool *go, hp_err *err) {
    const hp_node *state = hp_node_get(flow_run, "state"),
                  *details = state ? hp_node_get(state, "state_details") : NULL;
    hp_str type = hp_prefect_text(state, "type");
    *go = false;
    x->attempt = hp_prefect_whole(flow_run, "run_count", 0) + 1;
    x->lease = hp_prefect_text(details, "deployment_concurrency_lease_id");
    if (hp_str_eq(type, HP_S("CANCELLING")))
        return set_end(x, "CANCELLED", HP_S("cancelled before it began"), err);
    if (hp_prefect_ended(type)) {
        not_ours(x, "the run has ended already");
    } else if (hp_str_eq(type, HP_S("RUNNING"))) {
        not_ours(x, "the run is being run already");
    } else {
        *go = true;
    }
    return HP_OK;
}

static hp_code execute(run *x, hp_err *err) {
    const hp_node *flow_run, *flow;
    hp_prefect_argv argv;
    hp_err wrong = {0};
    bool go;
    HP_TRY(get(x, "/flow_runs/%s", x->o->run_id, "the flow run", &flow_run, err));
    HP_TRY(consider(x, flow_run, &go, err));
    if (!go) return HP_OK;
    HP_TRY(get(x, "/flows/%s", hp_prefect_text(flow_run, "flow_id"), "the flow", &flow, err));
    x->flow = hp_prefect_text(flow, "name");
    hp_code code =
        hp_prefect_arguments(x->arena, x->flow, hp_node_get(flow_run, "parameters"), &argv, &wrong);
    if (code == HP_CONFIG) {
        x->out->exit_code = HP_CONFIG;
        hp_str message = hp_arena_dup(x->arena, hp_str_of(wrong.message));
        return message.p ? set_end(x, "FAILED", message, err) : hp_fail_memory(err, "a message");
    }
    if (code != HP_OK) {
        *err = wrong;
        return code;
    }
    HP_TRY(begin(x, &go, err));
    if (!go) return HP_OK;
    x->out->ran = true;
    return work(x, &argv, err);
}

hp_code hp_prefect_execute(const hp_execute_options *o, hp_arena *a, hp_execution *out, hp_err *err) {
    run x = {.o = o, .arena = a, .out = out};
    hp_err later = {0};
    size_t settled;
    *out = (hp_execution){.type = "", .message = HP_S("")};
    /* What an earlier attempt at this run left comes first; else it is written down first of all, so that
     * whatever happens from here on, the next call will know of it. */
    bool before = hp_prefect_record_there(a, o->state_dir, o->run_id);
    if (!before) HP_TRY(write_record(&x, NULL, 0, err));
    hp_code code = hp_prefect_settle(o->api, a, o->state_dir, &settled, &later);
    if (code == HP_SIGINT || code == HP_SIGTERM || (before && code != HP_OK)) {
        *err = later;
        return code; /* what is written down is settled by the next call */
    }
    if (before) HP_TRY(write_record(&x, NULL, 0, err));
    code = execute(&x, err);
    if (!out->ran && code == HP_OK) return hp_prefect_record_remove(a, o->state_dir, o->run_id, err);
    return code;
}
