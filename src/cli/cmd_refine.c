#include "cli/cli.h"
#include "cli/lineage.h"
#include "cli/progress.h"
#include "cli/summary.h"
#include "cli/telemetry.h"

#include "base/banned.h"

static hp_refine_options options_of(const hp_args *args) {
    const hp_given *dirs = &args->opt[HP_O_PROFILE_SEARCH_PATH], *out = &args->opt[HP_O_OUTPUT_PATH],
                   *reports = &args->opt[HP_O_REPORT_PATH], *retry = &args->opt[HP_O_RETRY_QUARANTINE];
    return (hp_refine_options){.profile = hp_args_text(args, HP_O_PROFILE),
                               .profile_dirs = dirs->value,
                               .nprofile_dirs = dirs->n,
                               .map_file = hp_args_text(args, HP_O_MAP),
                               .input_dir = hp_args_text(args, HP_O_INPUT_DIR),
                               .outputs = out->value,
                               .noutputs = out->n,
                               .reports = reports->value,
                               .nreports = reports->n,
                               .show_values = args->opt[HP_O_SHOW_VALUES].on,
                               .retry = retry->value,
                               .nretry = retry->n,
                               .archive = args->opt[HP_O_ARCHIVE].on,
                               .compress = strcmp(hp_args_text(args, HP_O_COMPRESS), "best") == 0
                                               ? HP_COMPRESS_BEST
                                               : HP_COMPRESS_FAST,
                               .annotate = hp_args_text(args, HP_O_ANNOTATE),
                               .dist_dir = hp_args_text(args, HP_O_DIST_DIR),
                               .since = hp_str_of(hp_args_text(args, HP_O_SINCE)),
                               .no_provenance = args->opt[HP_O_NO_PROVENANCE].on,
                               .dry_run = args->opt[HP_O_DRY_RUN].on,
                               .reading = {.password_file = hp_args_text(args, HP_O_PASSWORD_FILE)}};
}

/* The answer is run.json under a schema of its own. */
static void put_json(hp_buf *out, const hp_refine_result *r, const hp_refine_options *o) {
    static const hp_str RUN = {"\"hotpass.run/", 13};
    hp_autobuf run = hp_buf_new(out->max);
    hp_refine_run_json(r, o, &run);
    hp_str all = hp_buf_str(&run);
    size_t at = hp_str_find(all, RUN, 0);
    if (run.bad || at == SIZE_MAX) {
        out->bad = true;
        return;
    }
    hp_buf_add(out, hp_str_cut(all, 0, at));
    hp_buf_puts(out, "\"hotpass.refine/");
    hp_buf_add(out, hp_str_cut(all, at + RUN.n, all.n));
}

static void number(hp_json *j, const char *key, uint64_t v) {
    hp_json_key(j, key);
    hp_json_i64(j, (int64_t)v);
}

static void log_summary(const hp_refine_result *r) {
    hp_autobuf data = hp_buf_new(1 << 20);
    hp_json j = {.out = &data};
    hp_json_object(&j);
    number(&j, "rows_in", r->rows_in);
    number(&j, "rows_out", r->rows_out);
    number(&j, "merged", r->merged);
    number(&j, "quarantined", r->quarantined);
    number(&j, "contacts", r->contacts);
    number(&j, "findings", r->run.issues.list.n);
    number(&j, "exit_code", (uint64_t)r->code);
    hp_json_key(&j, "failing_stage");
    if (r->failing_stage)
        hp_json_cstr(&j, r->failing_stage);
    else
        hp_json_null(&j);
    hp_json_key(&j, "quality_mean");
    hp_json_f64(&j, r->quality_mean);
    hp_json_key(&j, "seconds");
    hp_json_f64(&j, r->seconds);
    hp_json_key(&j, "outputs");
    hp_json_array(&j);
    for (size_t i = 0; i < r->noutput; i++) hp_json_str(&j, r->output[i].path);
    hp_json_array_end(&j);
    hp_json_object_end(&j);
    hp_talk_event("refine.summary", hp_buf_str(&data));
}

/* Why nothing was written is told even to those who want to hear nothing else. */
static void tell_stop(const hp_refine_result *r, const hp_term *t) {
    hp_autobuf text = hp_buf_new(16 << 20);
    hp_buf_printf(&text, "hotpass: stopped at the stage %s\n", r->failing_stage);
    hp_put_stops(&text, r, "  ", t);
    if (!text.bad) hp_talk(hp_buf_str(&text));
}

static void record_end(hp_cli *c, hp_cli_lineage *l, const hp_refine_result *r, const hp_refine_options *o) {
    if (!l->on) return;
    hp_autobuf doc = hp_buf_new(64 << 20), why = hp_buf_new(1 << 20);
    const hp_term plain = {.width = 80};
    hp_refine_run_json(r, o, &doc);
    if (!r->failing_stage) {
        hp_cli_lineage_complete(c, l, &doc);
        return;
    }
    hp_put_stops(&why, r, "", &plain);
    hp_cli_lineage_fail(c, l, r->code, r->failing_stage, hp_str_trim(hp_buf_str(&why)), &doc);
}

hp_code hp_cmd_refine(hp_cli *c, hp_err *err) {
    hp_refine_options o = options_of(&c->args);
    hp_refine_result r = {0};
    hp_progress progress;
    hp_cli_lineage lineage;
    const hp_cli_run begun = {.command = "refine", .profile = o.profile, .dry = o.dry_run};
    hp_cli_lineage_begin(c, &begun, &lineage);
    hp_progress_begin(&progress, c);
    o.progress = hp_progress_report;
    o.progress_ctx = &progress;
    hp_code code = hp_refine(&o, &r, err);
    hp_progress_end(&progress);
    hp_tell_refine(c, &r, code);
    if (code != HP_OK) {
        hp_cli_lineage_fail(c, &lineage, code, err->stage, hp_str_of(err->message), NULL);
        (void)hp_cli_lineage_send(c, &lineage, NULL);
        return code;
    }
    if (c->log_json) log_summary(&r);
    if (c->json) {
        put_json(&c->out, &r, &o);
    } else if (!c->quiet) {
        hp_put_summary(&c->out, &r, &o, c->verbose, &c->term);
    } else if (r.failing_stage) {
        tell_stop(&r, &c->term);
    }
    code = r.code;
    record_end(c, &lineage, &r, &o);
    hp_refine_free(&r);
    hp_code sent = hp_cli_lineage_send(c, &lineage, err);
    return sent == HP_OK ? code : sent;
}
