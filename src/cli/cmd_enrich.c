#include "cli/cli.h"
#include "cli/lineage.h"
#include "cli/research.h"
#include "cli/progress.h"
#include "cli/summary.h"
#include "cli/telemetry.h"
#include "refine/enrichment.h"

#include "base/banned.h"

static hp_code threshold_of(const hp_args *args, double *out, hp_err *err) {
    const char *text = hp_args_text(args, HP_O_CONFIDENCE_THRESHOLD);
    *out = -1;
    if (!text || (hp_str_f64(hp_str_of(text), out) && *out >= 0 && *out <= 1)) return HP_OK;
    return hp_fail(err, HP_USAGE,
                   "--confidence-threshold must be a number from 0 to 1, not \"%s\"; see hotpass help enrich",
                   text);
}

static hp_code options_of(const hp_args *args, hp_enrichment_options *o, hp_err *err) {
    const hp_given *dirs = &args->opt[HP_O_PROFILE_SEARCH_PATH];
    *o = (hp_enrichment_options){.profile = hp_args_text(args, HP_O_PROFILE),
                                 .profile_dirs = dirs->value,
                                 .nprofile_dirs = dirs->n,
                                 .input = hp_args_text(args, HP_O_INPUT),
                                 .output = hp_args_text(args, HP_O_OUTPUT),
                                 .home = hp_args_text(args, HP_O_STATE_DIR),
                                 .network_given = args->opt[HP_O_ALLOW_NETWORK].given,
                                 .network = args->opt[HP_O_ALLOW_NETWORK].on,
                                 .max_requests = (uint64_t)args->opt[HP_O_MAX_REQUESTS].number,
                                 .compress = strcmp(hp_args_text(args, HP_O_COMPRESS), "best") == 0
                                                 ? HP_COMPRESS_BEST
                                                 : HP_COMPRESS_FAST,
                                 .dry_run = args->opt[HP_O_DRY_RUN].on,
                                 .reading = {.password_file = hp_args_text(args, HP_O_PASSWORD_FILE)}};
    HP_TRY(threshold_of(args, &o->threshold, err));
    if (args->opt[HP_O_EXPLAIN_NETWORK].on || (o->input && o->output)) return HP_OK;
    return hp_fail(err, HP_USAGE, "--%s is missing; see hotpass help enrich", o->input ? "output" : "input");
}

/* ---- --explain-network ---- */

static hp_code explain_network(hp_cli *c, const hp_enrichment_options *o, hp_err *err) {
    hp_enrichment e;
    HP_TRY(hp_enrichment_gate(o, &e, err));
    hp_research_explain(c, &e.gate);
    hp_enrichment_free(&e);
    return HP_OK;
}

/* ---- the summary ---- */

static void number(hp_json *j, const char *key, uint64_t v) {
    hp_json_key(j, key);
    hp_json_i64(j, (int64_t)v);
}

static void json_providers(hp_json *j, const hp_enrich_result *r) {
    hp_json_key(j, "providers");
    hp_json_array(j);
    for (size_t i = 0; i < r->ncount; i++) {
        const hp_enrich_count *p = &r->count[i];
        hp_json_object(j);
        hp_json_key(j, "provider");
        hp_json_cstr(j, p->provider);
        hp_json_key(j, "name");
        hp_json_cstr(j, p->name);
        hp_json_key(j, "strategy");
        hp_json_cstr(j, p->strategy == HP_STRATEGY_RESEARCH ? "research" : "deterministic");
        hp_json_key(j, "available");
        hp_json_bool(j, p->opened);
        number(j, "rows_asked", p->asked);
        number(j, "fields_filled", p->filled);
        number(j, "suggestions", p->suggested);
        hp_json_object_end(j);
    }
    hp_json_array_end(j);
}

static void json_files(hp_json *j, const hp_enrichment *e) {
    hp_json_key(j, "outputs");
    hp_json_array(j);
    for (size_t i = 0; i < e->noutput; i++) {
        hp_json_object(j);
        hp_json_key(j, "path");
        hp_json_str(j, e->output[i].path);
        hp_json_key(j, "kind");
        hp_json_cstr(j, e->output[i].kind);
        number(j, "bytes", e->output[i].bytes);
        hp_json_key(j, "sha256");
        hp_json_cstr(j, e->output[i].sha256.hex);
        hp_json_object_end(j);
    }
    hp_json_array_end(j);
}

static void json_sheets(hp_json *j, const hp_enrichment *e) {
    hp_json_key(j, "sheets");
    hp_json_array(j);
    for (size_t i = 0; i < e->nsheet; i++) {
        const hp_enrich_sheet *s = &e->sheet[i];
        hp_json_object(j);
        hp_json_key(j, "name");
        hp_json_str(j, s->name);
        hp_json_key(j, "enriched");
        hp_json_bool(j, s->enriched);
        number(j, "rows", s->enriched ? s->rows : s->in->nrow);
        number(j, "rows_filled", s->filled_rows);
        hp_json_object_end(j);
    }
    hp_json_array_end(j);
}

static void put_json(hp_json *j, const hp_enrichment_options *o, const hp_enrichment *e) {
    const hp_enrich_result *r = &e->result;
    hp_json_key(j, "input");
    hp_json_cstr(j, o->input);
    hp_json_key(j, "profile");
    hp_json_str(j, e->profile->name);
    hp_json_key(j, "threshold");
    hp_json_f64(j, r->threshold);
    number(j, "rows", r->rows);
    number(j, "rows_filled", r->filled_rows);
    number(j, "fields_filled", r->filled);
    number(j, "suggestions", r->suggested);
    number(j, "suggestions_dropped", r->unwanted);
    number(j, "sheets_skipped", e->skipped);
    hp_json_findings(j, &e->run);
    hp_research_json_gate(j, &e->gate);
    json_providers(j, r);
    json_sheets(j, e);
    json_files(j, e);
    hp_json_key(j, "dry_run");
    hp_json_bool(j, o->dry_run);
    hp_json_key(j, "seconds");
    hp_json_f64(j, e->seconds);
}

static void put_provider(hp_buf *out, const hp_enrich_count *p) {
    hp_buf_puts(out, "  ");
    hp_put_safe(out, hp_str_of(p->name));
    if (strcmp(p->name, p->provider) != 0) hp_buf_printf(out, " (%s)", p->provider);
    if (!p->opened) {
        hp_buf_puts(out,
                    p->strategy == HP_STRATEGY_RESEARCH ? ": not asked\n" : ": has nothing to answer from\n");
        return;
    }
    hp_buf_puts(out, ": filled ");
    hp_put_counted(out, p->filled, "field", "fields");
    if (p->suggested) hp_buf_puts(out, ", suggested ");
    if (p->suggested) hp_put_thousands(out, p->suggested);
    hp_buf_puts(out, " of ");
    hp_put_counted(out, p->asked, "row asked about\n", "rows asked about\n");
}

/* Formulas that no program has calculated yet. */
static void put_unsaved(hp_buf *out, const hp_run *run) {
    uint64_t n = run->issues.by_rule[HP_R_FORMULA_WITHOUT_VALUE];
    if (n == 0) return;
    hp_buf_puts(out, "  ");
    hp_put_counted(out, n, "cell", "cells");
    hp_buf_puts(out, n == 1 ? " holds a formula" : " hold formulas");
    hp_buf_puts(out, " without a saved result: nothing was filled in there, and the output does not have the "
                     "formula; open the workbook in a spreadsheet program, save it, and enrich it again\n");
}

static void put_text(hp_cli *c, const hp_enrichment_options *o, const hp_enrichment *e) {
    const hp_enrich_result *r = &e->result;
    hp_buf *out = &c->out;
    hp_put_counted(out, r->filled, "field", "fields");
    hp_buf_puts(out, " filled in ");
    hp_put_thousands(out, r->filled_rows);
    hp_buf_puts(out, " of ");
    hp_put_counted(out, r->rows, "row", "rows");
    if (r->suggested) {
        hp_buf_puts(out, ", ");
        hp_put_counted(out, r->suggested, "suggestion", "suggestions");
        hp_buf_printf(out, " below %.2f listed", r->threshold);
    }
    hp_buf_printf(out, "   %.2f s\n", e->seconds);
    for (size_t i = 0; i < r->ncount; i++) put_provider(out, &r->count[i]);
    hp_buf_puts(out, "  ");
    hp_gate_sentence(&e->gate, out);
    hp_buf_putc(out, '\n');
    if (r->unwanted && c->verbose)
        hp_buf_printf(out, "  %llu suggestions were no values of their kind, or had no evidence\n",
                      (unsigned long long)r->unwanted);
    put_unsaved(out, &e->run);
    if (e->skipped) hp_buf_printf(out, "  %zu sheets without cells (charts) were left out\n", e->skipped);
    for (size_t i = 0; i < e->noutput; i++) {
        hp_buf_puts(out, "  ");
        hp_put_safe(out, e->output[i].path);
        hp_buf_puts(out, "  ");
        hp_put_size(out, e->output[i].bytes);
        hp_buf_putc(out, '\n');
    }
    if (o->dry_run) hp_buf_puts(out, "  nothing was written (--dry-run)\n");
}

static void record_end(hp_cli *c, hp_cli_lineage *l, const hp_enrichment_options *o, const hp_enrichment *e) {
    if (!l->on) return;
    hp_autobuf doc = hp_buf_new(64 << 20);
    hp_enrichment_json(o, e, &doc);
    hp_cli_lineage_complete(c, l, &doc);
}

hp_code hp_cmd_enrich(hp_cli *c, hp_err *err) {
    hp_enrichment_options o;
    hp_enrichment e;
    hp_progress progress;
    HP_TRY(options_of(&c->args, &o, err));
    if (c->args.opt[HP_O_EXPLAIN_NETWORK].on) return explain_network(c, &o, err);
    const hp_cli_run begun = {.command = "enrich", .profile = o.profile, .input = o.input, .dry = o.dry_run};
    hp_cli_lineage lineage;
    hp_cli_lineage_begin(c, &begun, &lineage);
    hp_progress_begin(&progress, c);
    o.progress = hp_progress_report;
    o.progress_ctx = &progress;
    hp_code code = hp_enrichment_run(&o, &e, err);
    hp_progress_end(&progress);
    hp_tell_enrich(c, &e, code);
    if (code != HP_OK) {
        hp_cli_lineage_fail(c, &lineage, code, err->stage, hp_str_of(err->message), NULL);
        (void)hp_cli_lineage_send(c, &lineage, NULL);
        return code;
    }
    if (c->json) {
        hp_json j = hp_cli_json(c, "hotpass.enrich/1");
        put_json(&j, &o, &e);
        hp_cli_json_end(c, &j);
    } else if (!c->quiet) {
        put_text(c, &o, &e);
    }
    code = e.code;
    record_end(c, &lineage, &o, &e);
    hp_enrichment_free(&e);
    hp_code sent = hp_cli_lineage_send(c, &lineage, err);
    return sent == HP_OK ? code : sent;
}
