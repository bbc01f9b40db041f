/* hotpass orchestrate: the flow of src/ops/flow. */
#include <unistd.h>

#include "base/node.h"
#include "cli/cli.h"
#include "cli/forward.h"
#include "cli/net.h"
#include "cli/progress.h"
#include "cli/view.h"
#include "ops/flow/orchestrate.h"

#include "base/banned.h"

static void put_text(hp_json *j, const char *key, hp_str v) {
    hp_json_key(j, key);
    if (v.n)
        hp_json_str(j, v);
    else
        hp_json_null(j);
}

static void put_steps(hp_json *j, const hp_orchestration *r) {
    hp_json_key(j, "steps");
    hp_json_array(j);
    for (int i = 0; i < HP_STEP_COUNT; i++) {
        const hp_step *s = &r->step[i];
        hp_json_object(j);
        put_text(j, "name", hp_str_of(s->name));
        put_text(j, "status", hp_str_of(hp_step_word(s->state)));
        hp_json_key(j, "exit_code");
        hp_json_i64(j, s->exit_code);
        put_text(j, "message", s->message);
        hp_json_key(j, "seconds");
        hp_json_f64(j, s->seconds);
        hp_json_object_end(j);
    }
    hp_json_array_end(j);
}

static void put_members(hp_json *j, const hp_orchestration *r) {
    hp_json_key(j, "success");
    hp_json_bool(j, r->code == 0);
    hp_json_key(j, "exit_code");
    hp_json_i64(j, r->code);
    put_text(j, "failing_stage", r->failing_stage);
    put_text(j, "message", r->message);
    hp_json_key(j, "elapsed_seconds");
    hp_json_f64(j, r->seconds);
    put_steps(j, r);
}

static void put_json(hp_cli *c, const hp_orchestration *r) {
    hp_json j = hp_cli_json(c, "hotpass.orchestrate/1");
    put_members(&j, r);
    hp_json_key(&j, "run");
    if (r->run)
        hp_node_json(&j, r->run);
    else
        hp_json_null(&j);
    hp_cli_json_end(c, &j);
}

static hp_code put_table(hp_cli *c, const hp_orchestration *r, hp_err *err) {
    static const char *const HEAD[] = {"step", "status", ">seconds", "message"};
    hp_view v = {.arena = c->arena, .ncol = 4, .header = HEAD};
    for (int i = 0; i < HP_STEP_COUNT; i++) {
        const hp_step *s = &r->step[i];
        if (c->quiet && s->state != HP_STEP_FAILED) continue;
        hp_view_add(&v, hp_str_of(s->name));
        hp_view_add(&v, hp_str_of(hp_step_word(s->state)));
        hp_view_addf(&v, "%.1f", s->seconds);
        hp_view_add(&v, s->message);
    }
    return hp_view_write(&v, &c->term, 0, &c->out, err);
}

/* Hold what is told while it runs. */
typedef struct telling {
    hp_progress progress;
} telling;

/* While refine runs, it tells for itself, stage by stage. */
static void changed(void *ctx, const hp_step *s) {
    telling *t = ctx;
    bool refine = strcmp(s->name, "refine") == 0;
    if (s->state == HP_STEP_RUNNING && !refine) hp_progress_report(&t->progress, s->name, 0, 0);
    if (s->state != HP_STEP_RUNNING || refine) hp_progress_end(&t->progress);
}

static void log_summary(const hp_orchestration *r) {
    hp_autobuf data = hp_buf_new(1 << 20);
    hp_json j = {.out = &data};
    hp_json_object(&j);
    put_members(&j, r);
    hp_json_object_end(&j);
    hp_talk_event("orchestrate.summary", hp_buf_str(&data));
}

hp_code hp_cmd_orchestrate(hp_cli *c, hp_err *err) {
    const hp_given *dirs = &c->args.opt[HP_O_PROFILE_SEARCH_PATH];
    hp_orchestration r;
    telling t;
    hp_orchestrate_options o = {.profile = hp_args_text(&c->args, HP_O_PROFILE),
                                .profile_dirs = dirs->value,
                                .nprofile_dirs = dirs->n,
                                .output = c->args.opt[HP_O_OUTPUT_PATH].value[0],
                                .dry_run = c->args.opt[HP_O_DRY_RUN].on,
                                .events = c->log_json,
                                .changed = changed,
                                .ctx = &t};
    HP_TRY(hp_cli_forward(c, c->args.command->options, &o.pass, &o.npass, err));
    HP_TRY(hp_net_signals(&o.stop_fd, err));
    hp_progress_begin(&t.progress, c);
    hp_code code = hp_orchestrate(&o, c->arena, &r, err);
    hp_progress_end(&t.progress);
    close(o.stop_fd);
    HP_TRY(code);
    if (c->log_json) log_summary(&r);
    if (c->json)
        put_json(c, &r);
    else if (!c->quiet || r.code)
        HP_TRY(put_table(c, &r, err));
    return (hp_code)r.code;
}
