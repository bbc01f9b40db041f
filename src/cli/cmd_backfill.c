/* hotpass backfill: replays of src/ops/flow, told day by day. */
#include <unistd.h>

#include "cli/cli.h"
#include "cli/lineage.h"
#include "cli/command_flow.h"
#include "cli/forward.h"
#include "cli/net.h"
#include "cli/progress.h"
#include "cli/view.h"
#include "ops/flow/backfill.h"

#include "base/banned.h"

static const char *word_of(const hp_window *w) {
    static const char *const WORD[] = {"waiting", "running", "completed", "kept", "failed", "stopped"};
    return WORD[w->state];
}

static bool is_done(const hp_window *w) {
    return w->state == HP_WINDOW_COMPLETED || w->state == HP_WINDOW_KEPT;
}

static void put_text(hp_json *j, const char *key, hp_str v) {
    hp_json_key(j, key);
    if (v.n)
        hp_json_str(j, v);
    else
        hp_json_null(j);
}

static void put_number(hp_json *j, const char *key, int64_t v) {
    hp_json_key(j, key);
    hp_json_i64(j, v);
}

static void put_members(hp_json *j, const hp_window *w) {
    put_text(j, "run_date", hp_str_of(w->date));
    put_text(j, "version", hp_str_of(w->version));
    put_text(j, "status", hp_str_of(word_of(w)));
    hp_json_key(j, "success");
    hp_json_bool(j, is_done(w));
    put_number(j, "exit_code", w->exit_code);
    put_text(j, "failing_stage", w->failing_stage);
    put_text(j, "message", w->message);
    put_number(j, "rows_in", w->rows_in);
    put_number(j, "total_records", w->rows_out);
    hp_json_key(j, "elapsed_seconds");
    hp_json_f64(j, w->seconds);
    put_text(j, "archive_path", w->archive);
    put_text(j, "output_path", is_done(w) ? w->output : (hp_str){0});
}

static void put_metrics(hp_json *j, const hp_backfill *b) {
    int64_t rows = 0;
    for (size_t i = 0; i < b->n; i++) rows += is_done(&b->window[i]) ? b->window[i].rows_out : 0;
    put_number(j, "total_runs", (int64_t)b->n);
    put_number(j, "successful_runs", (int64_t)(b->completed + b->kept));
    put_number(j, "kept_runs", (int64_t)b->kept);
    put_number(j, "failed_runs", (int64_t)b->failed);
    put_number(j, "total_records", rows);
    hp_json_key(j, "total_elapsed_seconds");
    hp_json_f64(j, b->seconds);
}

static void put_json(hp_cli *c, const hp_backfill *b) {
    hp_json j = hp_cli_json(c, "hotpass.backfill/1");
    hp_json_key(&j, "runs");
    hp_json_array(&j);
    for (size_t i = 0; i < b->n; i++) {
        hp_json_object(&j);
        put_members(&j, &b->window[i]);
        hp_json_object_end(&j);
    }
    hp_json_array_end(&j);
    hp_json_key(&j, "metrics");
    hp_json_object(&j);
    put_metrics(&j, b);
    hp_json_object_end(&j);
    hp_cli_json_end(c, &j);
}

static hp_code put_table(hp_cli *c, const hp_backfill *b, hp_err *err) {
    static const char *const HEAD[] = {"date", "version", "status", ">rows in", ">rows out", "message"};
    hp_view v = {.arena = c->arena, .ncol = 6, .header = HEAD};
    for (size_t i = 0; i < b->n; i++) {
        const hp_window *w = &b->window[i];
        if (c->quiet && is_done(w)) continue;
        hp_view_add(&v, hp_str_of(w->date));
        hp_view_add(&v, hp_str_of(w->version));
        hp_view_add(&v, hp_str_of(word_of(w)));
        hp_view_addf(&v, "%lld", (long long)w->rows_in);
        hp_view_addf(&v, "%lld", (long long)w->rows_out);
        hp_view_add(&v, w->message);
    }
    HP_TRY(hp_view_write(&v, &c->term, 0, &c->out, err));
    if (c->quiet) return HP_OK;
    hp_buf_putc(&c->out, '\n');
    hp_put_counted(&c->out, b->n, "window", "windows");
    hp_buf_printf(&c->out, ": %zu completed, %zu kept from before, %zu failed\n", b->completed, b->kept,
                  b->failed);
    return HP_OK;
}

/* ---- on the way ---- */

/* Hold what is told while it runs. */
typedef struct telling {
    hp_cli *c;
    hp_progress progress;
} telling;

static void changed(void *ctx, const hp_window *w) {
    telling *t = ctx;
    if (w->state == HP_WINDOW_RUNNING) hp_progress_report(&t->progress, w->name.p, 0, 0);
    if (!t->c->log_json || w->state == HP_WINDOW_RUNNING) return;
    hp_autobuf data = hp_buf_new(1 << 20);
    hp_json j = {.out = &data};
    hp_json_object(&j);
    put_members(&j, w);
    hp_json_object_end(&j);
    hp_talk_event("backfill.run", hp_buf_str(&data));
}

static void log_summary(const hp_backfill *b) {
    hp_autobuf data = hp_buf_new(1 << 16);
    hp_json j = {.out = &data};
    hp_json_object(&j);
    put_metrics(&j, b);
    hp_json_object_end(&j);
    hp_talk_event("backfill.summary", hp_buf_str(&data));
}

static hp_code options_of(hp_cli *c, hp_backfill_options *o, hp_err *err) {
    static const char *const LATEST[] = {"latest"};
    const hp_args *args = &c->args;
    const hp_given *version = &args->opt[HP_O_ARCHIVE_VERSION];
    const char *from = hp_args_text(args, HP_O_START_DATE), *to = hp_args_text(args, HP_O_END_DATE);
    if (!from) return hp_fail(err, HP_USAGE, "say which days: --start-date 2025-10-01 --end-date 2025-10-07");
    *o = (hp_backfill_options){.version = version->n ? version->value : LATEST,
                               .nversion = version->n ? version->n : 1,
                               .archive_root = hp_args_text(args, HP_O_ARCHIVE_ROOT),
                               .restore_root = hp_args_text(args, HP_O_RESTORE_ROOT),
                               .pattern = hp_args_text(args, HP_O_ARCHIVE_PATTERN),
                               .concurrency = (size_t)args->opt[HP_O_CONCURRENCY].number,
                               .force = args->opt[HP_O_AGAIN].on,
                               .dry_run = args->opt[HP_O_DRY_RUN].on};
    if (!hp_date_parse_iso(hp_str_of(from), &o->from)
        || !hp_date_parse_iso(hp_str_of(to ? to : from), &o->to))
        return hp_fail(err, HP_BUG, "a date was not checked");
    return hp_cli_forward(c, hp_flow_backfill_pass, &o->pass, &o->npass, err);
}

static hp_code record_end(hp_cli *c, hp_cli_lineage *l, const hp_backfill *b, hp_err *err) {
    hp_autobuf why = hp_buf_new(256);
    if (b->signal || b->failed) {
        if (b->signal)
            hp_buf_puts(&why, "ended by a signal");
        else
            hp_buf_printf(&why, "%zu of %zu windows failed", b->failed, b->n);
        hp_cli_lineage_fail(c, l, b->signal ? (hp_code)(128 + b->signal) : HP_FINDINGS, "backfill",
                            hp_buf_str(&why), NULL);
    } else {
        hp_cli_lineage_complete(c, l, NULL);
    }
    return hp_cli_lineage_send(c, l, err);
}

hp_code hp_cmd_backfill(hp_cli *c, hp_err *err) {
    hp_backfill_options o;
    hp_backfill b;
    telling t = {.c = c};
    hp_cli_lineage lineage;
    HP_TRY(options_of(c, &o, err));
    const hp_cli_run begun = {.command = "backfill",
                              .profile = hp_args_text(&c->args, HP_O_PROFILE),
                              .dry = o.dry_run,
                              .parent = true};
    hp_cli_lineage_begin(c, &begun, &lineage);
    HP_TRY(hp_net_signals(&o.stop_fd, err));
    o.changed = changed;
    o.ctx = &t;
    hp_progress_begin(&t.progress, c);
    hp_code code = hp_backfill_run(&o, c->arena, &b, err);
    hp_progress_end(&t.progress);
    close(o.stop_fd);
    if (code != HP_OK) {
        hp_cli_lineage_fail(c, &lineage, code, "backfill", hp_str_of(err->message), NULL);
        (void)hp_cli_lineage_send(c, &lineage, NULL);
        return code;
    }
    if (c->log_json) log_summary(&b);
    if (c->json)
        put_json(c, &b);
    else
        HP_TRY(put_table(c, &b, err));
    HP_TRY(record_end(c, &lineage, &b, err));
    if (b.signal) return (hp_code)(128 + b.signal);
    return b.failed ? HP_FINDINGS : HP_OK;
}
