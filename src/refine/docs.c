/* Data docs: a directory for each run with a report, and the page that lists them. */
#include <stdlib.h>

#include "base/clock.h"
#include "refine/report.h"

#include "base/banned.h"

/* "20261124T082822Z-daa55370bf6a": when the run was, and the first digits of the digest that its archive has
 * too. */
enum { ID_DIGITS = 12, ID_LENGTH = 16 + 1 + ID_DIGITS };
#define MOST_BYTES (64u << 20)

/* The digest of the first output; a stopped run has none, and goes by what it read. */
static hp_code put_digest(const hp_report_source *in, hp_buf *out, hp_err *err) {
    const hp_refine_result *r = in->r;
    if (r->code == HP_OK && r->noutput) {
        hp_buf_printf(out, "%.*s", ID_DIGITS, r->output[0].sha256.hex);
        return HP_OK;
    }
    hp_autobuf all = hp_buf_new(16u << 20);
    hp_sha256 digest;
    hp_buf_puts(&all, r->profile->sha256.hex);
    for (size_t i = 0; i < r->run.sources.file.n; i++) hp_buf_puts(&all, r->run.sources.file.p[i].sha256.hex);
    HP_TRY(hp_buf_check(&all, "the number of the run", err));
    hp_sha256_of(hp_buf_str(&all), &digest);
    hp_buf_printf(out, "%.*s", ID_DIGITS, digest.hex);
    return HP_OK;
}

static hp_code name_files(const hp_report_source *in, hp_data_docs *d, hp_err *err) {
    hp_arena *a = in->r->run.arena;
    hp_autobuf id = hp_buf_new(64);
    char when[17];
    hp_time_compact(hp_clock_now(), when);
    hp_buf_printf(&id, "%s-", when);
    HP_TRY(put_digest(in, &id, err));
    HP_TRY(hp_buf_check(&id, "the data docs", err));
    d->id = hp_arena_dup(a, hp_buf_str(&id));
    d->page_path = hp_arena_printf(a, "%s/data-docs/%s/index.html", in->o->dist_dir, hp_buf_cstr(&id));
    d->run_path = hp_arena_printf(a, "%s/data-docs/%s/run.json", in->o->dist_dir, hp_buf_cstr(&id));
    d->index_path = hp_arena_printf(a, "%s/data-docs/index.html", in->o->dist_dir);
    return d->id.p && d->page_path.p && d->run_path.p && d->index_path.p
               ? HP_OK
               : hp_fail_memory(err, "the data docs");
}

/* ---- the runs that are there ---- */

static bool is_id(hp_str name) {
    if (name.n != ID_LENGTH || name.p[8] != 'T' || name.p[15] != 'Z' || name.p[16] != '-') return false;
    for (size_t i = 0; i < name.n; i++)
        if (i != 8 && i != 15 && i != 16 && !hp_is_digit(name.p[i]) && !(i > 16 && hp_is_alpha(name.p[i])))
            return false;
    return true;
}

static uint64_t number(const hp_node *n, const char *key) {
    int64_t v;
    return hp_node_i64(hp_node_get(n, key), &v) && v > 0 ? (uint64_t)v : 0;
}

static void count_findings(const hp_node *root, hp_report_run *run) {
    const hp_node *findings = hp_node_get(root, "findings"), *checks = hp_node_get(root, "checks");
    hp_str severity;
    int64_t code;
    bool met;
    run->state = HP_REPORT_PASSED;
    for (size_t i = 0; findings && i < findings->n; i++)
        if (hp_node_text(hp_node_get(findings->item[i], "severity"), &severity)
            && !hp_str_eq(severity, HP_S("info")))
            run->warnings += number(findings->item[i], "count");
    for (size_t i = 0; checks && i < checks->n; i++)
        if (hp_node_bool(hp_node_get(checks->item[i], "success"), &met) && !met)
            run->state = HP_REPORT_WARNINGS;
    if (hp_node_i64(hp_node_get(root, "exit_code"), &code) && code != 0) run->state = HP_REPORT_STOPPED;
}

/* Fills a line of the list from a run.json; one that cannot be read leaves it unknown. */
static hp_code read_run(hp_arena *a, const char *path, hp_report_run *run, hp_err *err) {
    hp_autobuf bytes = hp_buf_new(MOST_BYTES);
    hp_node *root;
    hp_str when;
    hp_err why = {0};
    hp_code code = hp_exists(path) ? hp_read_file(path, &bytes, &why) : HP_NOINPUT;
    if (code == HP_OK) code = hp_json_read(a, hp_buf_str(&bytes), path, &root, &why);
    if (code == HP_RETRY) return hp_fail_memory(err, "the list of runs");
    if (code != HP_OK || !hp_node_text(hp_node_get(root, "started_at"), &when) || when.n != 20) return HP_OK;
    const hp_node *counts = hp_node_get(root, "counts");
    run->known = true;
    run->when = hp_arena_printf(a, "%.10s %.5s UTC", when.p, when.p + 11);
    if (!hp_node_text(hp_node_get(hp_node_get(root, "profile"), "name"), &run->profile))
        run->profile = (hp_str){"", 0};
    run->rows_in = number(counts, "rows_in");
    run->rows_out = number(counts, "rows_out");
    run->quarantined = number(counts, "quarantined");
    if (!hp_node_f64(hp_node_get(root, "quality_mean"), &run->quality)) run->quality = 0;
    count_findings(root, run);
    return run->when.p ? HP_OK : hp_fail_memory(err, "the list of runs");
}

static hp_code this_run(const hp_report_source *in, const hp_report *report, const hp_data_docs *d,
                        hp_report_run *run, hp_err *err) {
    *run = (hp_report_run){.id = d->id,
                           .known = true,
                           .when = report->when,
                           .profile = in->r->profile->name,
                           .state = report->state,
                           .rows_in = report->rows_in,
                           .rows_out = report->rows_out,
                           .quarantined = report->quarantined,
                           .warnings = report->warnings,
                           .quality = report->quality};
    run->href = hp_arena_printf(in->r->run.arena, "%.*s/index.html", HP_FMT(d->id));
    return run->href.p ? HP_OK : hp_fail_memory(err, "the list of runs");
}

static hp_code other_run(const hp_report_source *in, hp_str name, hp_report_run *run, hp_err *err) {
    hp_arena *a = in->r->run.arena;
    hp_str path = hp_arena_printf(a, "%s/data-docs/%.*s/run.json", in->o->dist_dir, HP_FMT(name));
    *run = (hp_report_run){.id = name, .href = hp_arena_printf(a, "%.*s/index.html", HP_FMT(name))};
    if (!path.p || !run->href.p) return hp_fail_memory(err, "the list of runs");
    return read_run(a, path.p, run, err);
}

/* Tells whether a directory holds a page: one that a run gave up has none. */
static bool has_page(const hp_report_source *in, hp_str name) {
    hp_autobuf path = hp_buf_new(8192);
    hp_buf_printf(&path, "%s/data-docs/%.*s/index.html", in->o->dist_dir, HP_FMT(name));
    return !path.bad && hp_exists(hp_buf_cstr(&path));
}

static int newest_first(const void *a, const void *b) {
    return hp_str_cmp(((const hp_report_run *)b)->id, ((const hp_report_run *)a)->id);
}

static hp_code list_runs(const hp_report_source *in, const hp_report *report, hp_data_docs *d, hp_err *err) {
    hp_arena *a = in->r->run.arena;
    hp_str *name = NULL, dir = hp_arena_printf(a, "%s/data-docs", in->o->dist_dir);
    size_t n = 0, kept = 0;
    if (!dir.p) return hp_fail_memory(err, "the list of runs");
    if (hp_is_dir(dir.p)) HP_TRY(hp_list_dir(a, dir.p, &name, &n, err));
    hp_report_run *run = HP_NEW_ARRAY(a, n + 1, hp_report_run);
    if (!run) return hp_fail_memory(err, "the list of runs");
    HP_TRY(this_run(in, report, d, &run[kept++], err));
    for (size_t i = 0; i < n; i++)
        if (is_id(name[i]) && !hp_str_eq(name[i], d->id) && has_page(in, name[i]))
            HP_TRY(other_run(in, name[i], &run[kept++], err));
    qsort(run, kept, sizeof *run, newest_first);
    hp_report_index(run, kept, &d->index);
    return hp_buf_check(&d->index, "the list of runs", err);
}

hp_code hp_data_docs_make(const hp_report_source *in, const hp_report *report, hp_data_docs *out,
                          hp_err *err) {
    hp_report linked = *report;
    *out = (hp_data_docs){
        .page = hp_buf_new(MOST_BYTES), .run = hp_buf_new(MOST_BYTES), .index = hp_buf_new(MOST_BYTES)};
    HP_TRY(name_files(in, out, err));
    linked.all_runs = HP_S("../index.html");
    hp_report_html(&linked, &out->page);
    HP_TRY(hp_buf_check(&out->page, "the report", err));
    hp_refine_run_json(in->r, in->o, &out->run);
    HP_TRY(hp_buf_check(&out->run, "run.json", err));
    return list_runs(in, report, out, err);
}

void hp_data_docs_free(hp_data_docs *d) {
    hp_buf_free(&d->page);
    hp_buf_free(&d->run);
    hp_buf_free(&d->index);
}
