/* hotpass prefect runs, logs, trigger, cancel, pause, resume. */
#include "cli/prefect.h"
#include "cli/view.h"
#include "ops/prefect/parameters.h"
#include "ops/prefect/runs.h"

#include "base/banned.h"

/* ---- sharing ---- */

static void put_time(hp_json *j, const char *key, hp_str at) {
    hp_json_key(j, key);
    if (at.n)
        hp_json_str(j, at);
    else
        hp_json_null(j);
}

static void put_run(hp_json *j, const hp_prefect_run *r) {
    hp_json_object(j);
    hp_json_key(j, "id");
    hp_json_str(j, r->id);
    hp_json_key(j, "name");
    hp_json_str(j, r->name);
    put_time(j, "deployment_id", r->deployment_id);
    hp_json_key(j, "state");
    hp_json_str(j, r->state);
    hp_json_key(j, "state_name");
    hp_json_str(j, r->state_name);
    hp_json_key(j, "message");
    hp_json_str(j, r->message);
    put_time(j, "expected", r->expected);
    put_time(j, "started", r->started);
    put_time(j, "ended", r->ended);
    hp_json_key(j, "seconds");
    hp_json_f64(j, r->seconds);
    hp_json_object_end(j);
}

static void tell_run_json(hp_cli *c, const char *schema, const hp_prefect_run *r) {
    hp_json j = hp_cli_json(c, schema);
    hp_json_key(&j, "run");
    put_run(&j, r);
    hp_cli_json_end(c, &j);
}

/* One line about a run: its name, id and state. */
static void tell_run(hp_buf *out, const hp_prefect_run *r) {
    hp_put_safe(out, r->name);
    hp_buf_printf(out, " (%.*s): ", HP_FMT(r->id));
    hp_put_safe(out, r->state_name);
    if (r->message.n) hp_buf_puts(out, ": ");
    hp_put_safe(out, r->message);
    hp_buf_putc(out, '\n');
}

/* ---- runs ---- */

static hp_code tell_runs(hp_cli *c, const hp_prefect_run *run, size_t n, hp_err *err) {
    static const char *const HEADER[] = {"id", "name", "state", "begins", ">seconds", "message"};
    hp_view v = {.arena = c->arena, .ncol = 6, .header = HEADER};
    for (size_t i = 0; i < n; i++) {
        const hp_prefect_run *r = &run[i];
        hp_view_add(&v, r->id);
        hp_view_add(&v, r->name);
        hp_view_add(&v, r->state_name);
        hp_view_add(&v, hp_str_cut(r->started.n ? r->started : r->expected, 0, 19));
        hp_view_addf(&v, "%.1f", r->seconds);
        hp_view_add(&v, r->message);
    }
    return hp_view_write(&v, &c->term, 0, &c->out, err);
}

static hp_code list_runs(hp_cli *c, hp_prefect_session *s, hp_err *err) {
    const hp_given *state = &c->args.opt[HP_O_RUN_STATE];
    hp_prefect_run_filter f = {
        .state = state->value, .nstate = state->n, .limit = (size_t)c->args.opt[HP_O_COUNT_RUNS].number};
    hp_prefect_deployment d;
    hp_prefect_run *run;
    size_t n;
    if (c->args.nword) {
        HP_TRY(hp_prefect_named(c, s, &d, err));
        f.deployment_id = d.id;
    }
    HP_TRY(hp_prefect_runs(s->api, c->arena, &f, &run, &n, err));
    if (!c->json) return tell_runs(c, run, n, err);
    hp_json j = hp_cli_json(c, "hotpass.prefect-runs/1");
    hp_json_key(&j, "runs");
    hp_json_array(&j);
    for (size_t i = 0; i < n; i++) put_run(&j, &run[i]);
    hp_json_array_end(&j);
    hp_cli_json_end(c, &j);
    return HP_OK;
}

/* ---- logs ---- */

static const char *level_word(int level) {
    return level >= 50   ? "CRITICAL"
           : level >= 40 ? "ERROR"
           : level >= 30 ? "WARNING"
           : level >= 20 ? "INFO"
                         : "DEBUG";
}

/* Lines go out as they come; with --json one document a line, so that a follower is a pipe. */
static hp_code put_line(void *ctx, int level, hp_str timestamp, hp_str message, hp_err *err) {
    hp_cli *c = ctx;
    if (c->json) {
        hp_json j = {.out = &c->out};
        hp_json_object(&j);
        hp_json_key(&j, "schema");
        hp_json_cstr(&j, "hotpass.prefect-log/1");
        hp_json_key(&j, "timestamp");
        hp_json_str(&j, timestamp);
        hp_json_key(&j, "level");
        hp_json_cstr(&j, level_word(level));
        hp_json_key(&j, "message");
        hp_json_str(&j, message);
        hp_json_object_end(&j);
    } else {
        hp_buf_printf(&c->out, "%.*s %-8s ", HP_FMT(hp_str_cut(timestamp, 0, 19)), level_word(level));
        hp_put_safe(&c->out, message);
    }
    hp_buf_putc(&c->out, '\n');
    return hp_cli_flush_some(c, err);
}

/* A line is of use at once to whoever follows. */
static hp_code put_live(void *ctx, int level, hp_str timestamp, hp_str message, hp_err *err) {
    HP_TRY(put_line(ctx, level, timestamp, message, err));
    return hp_cli_flush(ctx, err);
}

/* How a run that was waited for ended is the exit code. */
static hp_code code_of(const hp_prefect_run *r) {
    return hp_str_eq(r->state, HP_S("COMPLETED")) ? HP_OK : HP_FINDINGS;
}

static hp_code follow(hp_cli *c, hp_prefect_tail *t, hp_prefect_run *run, hp_err *err) {
    HP_TRY(hp_cli_flush(c, err));
    HP_TRY(hp_prefect_follow(t, c->arena, run, err));
    if (c->json)
        tell_run_json(c, "hotpass.prefect-run/1", run);
    else if (!c->quiet)
        tell_run(&c->out, run);
    return code_of(run);
}

static hp_code logs(hp_cli *c, hp_prefect_session *s, hp_err *err) {
    hp_prefect_run run;
    HP_TRY(hp_prefect_run_find(s->api, c->arena, hp_str_of(c->args.word[0]), &run, err));
    bool on = c->args.opt[HP_O_FOLLOW].on;
    hp_prefect_tail t = {.p = s->api, .run_id = run.id, .fn = on ? put_live : put_line, .ctx = c};
    hp_code code = on ? follow(c, &t, &run, err) : hp_prefect_tail_read(&t, true, err);
    hp_prefect_tail_free(&t);
    return code;
}

/* ---- trigger ---- */

static hp_code parameters(hp_cli *c, hp_buf *out, hp_err *err) {
    const hp_given *given = &c->args.opt[HP_O_RUN_PARAM];
    hp_autobuf object = hp_buf_new(1u << 20);
    hp_json j = {.out = &object};
    hp_json_object(&j);
    for (size_t i = 0; i < given->n; i++) HP_TRY(hp_prefect_parameter(c->arena, given->value[i], &j, err));
    hp_json_object_end(&j);
    HP_TRY(hp_buf_check(&object, "parameters", err));
    hp_buf_add(out, hp_str_cut(hp_buf_str(&object), 1, object.n - 1));
    return hp_buf_check(out, "parameters", err);
}

static hp_str param_name(const char *given) {
    hp_str s = hp_str_of(given);
    return hp_str_cut(s, 0, hp_str_chr(s, '=', 0));
}

/* What is found now need not fail as a run: a name that is there twice, or that the flow does not have. */
static hp_code check_names(const hp_cli *c, const hp_prefect_deployment *d, hp_err *err) {
    const hp_given *given = &c->args.opt[HP_O_RUN_PARAM];
    bool ours = hp_prefect_text(d->json, "entrypoint").n == 0;
    hp_err wrong = {0};
    for (size_t i = 0; i < given->n; i++) {
        hp_str name = param_name(given->value[i]);
        for (size_t k = 0; k < i; k++)
            if (hp_str_eq(name, param_name(given->value[k])))
                return hp_fail(err, HP_USAGE,
                               "--param %.*s is there twice; several values are a list: %.*s=[..]",
                               HP_FMT(name), HP_FMT(name));
        if (ours && hp_prefect_takes(d->flow, name, &wrong) != HP_OK)
            return hp_fail(err, HP_USAGE, "--param: %s", wrong.message);
    }
    return HP_OK;
}

static hp_code wait_for(hp_cli *c, hp_prefect_session *s, hp_prefect_run *run, hp_err *err) {
    hp_prefect_tail t = {.p = s->api, .run_id = run->id, .fn = put_live, .ctx = c};
    if (!c->json && !c->quiet) tell_run(&c->out, run);
    hp_code code = follow(c, &t, run, err);
    hp_prefect_tail_free(&t);
    return code;
}

static hp_code trigger(hp_cli *c, hp_prefect_session *s, hp_err *err) {
    hp_prefect_deployment d;
    hp_prefect_run run;
    hp_autobuf members = hp_buf_new(1u << 20);
    hp_str key = hp_str_of(hp_args_text(&c->args, HP_O_IDEMPOTENCY_KEY));
    HP_TRY(parameters(c, &members, err));
    HP_TRY(hp_prefect_named(c, s, &d, err));
    HP_TRY(check_names(c, &d, err));
    HP_TRY(hp_prefect_trigger(s->api, c->arena, &d, hp_buf_str(&members), key, &run, err));
    if (c->args.opt[HP_O_WAIT_RUN].on) return wait_for(c, s, &run, err);
    if (c->json)
        tell_run_json(c, "hotpass.prefect-trigger/1", &run);
    else if (!c->quiet)
        tell_run(&c->out, &run);
    return HP_OK;
}

/* ---- cancel ---- */

static hp_code cancel(hp_cli *c, hp_prefect_session *s, hp_err *err) {
    hp_prefect_run run;
    hp_prefect_state_answer now;
    bool ended;
    HP_TRY(hp_prefect_run_find(s->api, c->arena, hp_str_of(c->args.word[0]), &run, err));
    HP_TRY(hp_prefect_cancel(s->api, c->arena, &run, &ended, &now, err));
    run.state = now.type;
    run.state_name = now.name;
    if (c->json) {
        hp_json j = hp_cli_json(c, "hotpass.prefect-cancel/1");
        hp_json_key(&j, "had_ended");
        hp_json_bool(&j, ended);
        hp_json_key(&j, "run");
        put_run(&j, &run);
        hp_cli_json_end(c, &j);
    } else if (!c->quiet) {
        if (ended) hp_buf_puts(&c->out, "had ended: ");
        run.message = ended ? run.message : HP_S("");
        tell_run(&c->out, &run);
    }
    return HP_OK;
}

/* ---- pause, resume ---- */

static hp_code set_paused(hp_cli *c, hp_prefect_session *s, bool paused, hp_err *err) {
    hp_prefect_deployment d;
    bool was;
    HP_TRY(hp_prefect_named(c, s, &d, err));
    HP_TRY(hp_prefect_pause_set(s->api, c->arena, &d, paused, &was, err));
    if (c->json) {
        hp_json j = hp_cli_json(c, paused ? "hotpass.prefect-pause/1" : "hotpass.prefect-resume/1");
        hp_json_key(&j, "flow");
        hp_json_str(&j, d.flow);
        hp_json_key(&j, "deployment");
        hp_json_str(&j, d.name);
        hp_json_key(&j, "paused");
        hp_json_bool(&j, paused);
        hp_json_key(&j, "changed");
        hp_json_bool(&j, !was);
        hp_cli_json_end(c, &j);
    } else if (!c->quiet) {
        hp_put_safe(&c->out, d.flow);
        hp_buf_putc(&c->out, '/');
        hp_put_safe(&c->out, d.name);
        hp_buf_printf(&c->out, was ? " was %s already\n" : " is %s\n", paused ? "paused" : "not paused");
    }
    return HP_OK;
}

static hp_code pause_it(hp_cli *c, hp_prefect_session *s, hp_err *err) { return set_paused(c, s, true, err); }
static hp_code resume_it(hp_cli *c, hp_prefect_session *s, hp_err *err) {
    return set_paused(c, s, false, err);
}

/* ---- commands ---- */

static hp_code with_session(hp_cli *c, hp_code (*run)(hp_cli *, hp_prefect_session *, hp_err *),
                            hp_err *err) {
    hp_prefect_session s;
    hp_code code = hp_prefect_begin(c, &s, err);
    if (code == HP_OK) code = run(c, &s, err);
    hp_prefect_end(&s);
    return code;
}

hp_code hp_cmd_prefect_runs(hp_cli *c, hp_err *err) { return with_session(c, list_runs, err); }
hp_code hp_cmd_prefect_logs(hp_cli *c, hp_err *err) { return with_session(c, logs, err); }
hp_code hp_cmd_prefect_trigger(hp_cli *c, hp_err *err) { return with_session(c, trigger, err); }
hp_code hp_cmd_prefect_cancel(hp_cli *c, hp_err *err) { return with_session(c, cancel, err); }
hp_code hp_cmd_prefect_pause(hp_cli *c, hp_err *err) { return with_session(c, pause_it, err); }
hp_code hp_cmd_prefect_resume(hp_cli *c, hp_err *err) { return with_session(c, resume_it, err); }
