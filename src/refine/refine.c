/* The pipeline as one page: each stage takes what the one before it made. */
#include "refine/refine.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "clean/clean.h"
#include "refine/checks.h"
#include "refine/stages.h"
#include "refine/tables.h"

void hp_stage_done(hp_refine_result *r, const char *stage, uint64_t since, uint64_t items) {
    if (r->ntime == sizeof r->time / sizeof *r->time) return;
    double seconds = (double)(hp_clock_mono() - since) / 1e9;
    r->time[r->ntime++] = (hp_stage_time){.stage = stage, .seconds = seconds, .items = items};
}

/* Runs one stage: names it in an error, and records how long it took. */
#define STAGE(name, items, call)                                                             \
    do {                                                                                     \
        uint64_t since_ = hp_clock_mono();                                                   \
        hp_run_progress(&r->run, name, 0, 0);                                                \
        if (hp_deadline_check(err) != HP_OK || (call) != HP_OK) return hp_err_in(err, name); \
        hp_stage_done(r, name, since_, (uint64_t)(items));                                   \
    } while (0)

static hp_code load_profile(const hp_refine_options *o, hp_run *run, hp_profile **out, hp_err *err) {
    hp_str path;
    HP_TRY(hp_profile_find(run->arena, hp_str_of(o->profile), o->profile_dirs, o->nprofile_dirs, &path, err));
    HP_TRY(hp_profile_load(run->arena, path.p, out, err));
    return o->map_file ? hp_profile_overlay_map(run->arena, *out, o->map_file, err) : HP_OK;
}

static hp_code clean_all(hp_run *run, const hp_profile *p, hp_mapped *const *sheets, size_t n,
                         hp_cleaned ***out, hp_err *err) {
    hp_cleaned **cleaned = HP_NEW_ARRAY(run->arena, n + 1, hp_cleaned *);
    if (!cleaned) return hp_fail_memory(err, "the cleaned sheets");
    for (size_t i = 0; i < n; i++) HP_TRY(hp_clean_sheet(run, p, sheets[i], &cleaned[i], err));
    *out = cleaned;
    return HP_OK;
}

/* No row may be lost: what came in is in the output, merged into a row of it, or in quarantine. */
static hp_code account(hp_refine_result *r, const hp_records *records, const hp_golden *golden, hp_err *err) {
    r->rows_in = records->rows_in;
    r->rows_out = golden->data->nrow;
    r->duplicates = golden->duplicates;
    r->attached = golden->attached;
    r->merged = golden->duplicates + golden->attached;
    r->quarantined = r->run.quarantine.n;
    r->contacts = golden->contacts->nrow;
    r->conflicts = golden->conflicts;
    if (r->rows_in == r->rows_out + r->merged + r->quarantined) return HP_OK;
    return hp_fail(
        err, HP_BUG,
        "rows in (%llu) are not rows out (%llu) + merged (%llu) + quarantined (%llu); nothing was written; please "
        "report this with the run's inputs",
        (unsigned long long)r->rows_in, (unsigned long long)r->rows_out, (unsigned long long)r->merged,
        (unsigned long long)r->quarantined);
}

static double mean_quality(const hp_run *run, const hp_table *data) {
    size_t c = hp_table_find(data, HP_S("data_quality_score"));
    double sum = 0, score;
    if (c == SIZE_MAX || data->nrow == 0) return 0;
    for (size_t i = 0; i < data->nrow; i++)
        if (hp_str_f64(hp_text(run->pool, data->col[c].v[i]), &score)) sum += score;
    return sum / (double)data->nrow;
}

/* What the stages hand on. */
typedef struct work {
    const hp_refine_options *o;
    hp_refine_result *r;
    const hp_profile *p;
    hp_checks checks;
    hp_mapped **sheets;
    size_t nsheets;
    hp_records *records;
    hp_clusters *clusters;
    hp_golden *golden;
    hp_cleaned **cleaned;
} work;

static hp_code open_profile(work *w, hp_err *err) {
    hp_refine_result *r = w->r;
    HP_TRY(load_profile(w->o, &r->run, &r->profile, err));
    w->p = r->profile;
    r->verdict = HP_NEW(r->run.arena, hp_verdict);
    if (!r->verdict) return hp_fail_memory(err, "the verdict");
    r->verdict->success = true;
    return hp_checks_load(&r->run, w->p, &w->checks, err);
}

/* Rows that expectations of the result send to quarantine leave it before anything is counted. */
static hp_code check_result(work *w, hp_err *err) {
    hp_run *run = &w->r->run;
    hp_verdict *v = w->r->verdict;
    HP_TRY(hp_check_result_table(run, w->p, &w->checks, w->golden, v, err));
    return hp_keep_out_result(run, v, w->records, w->clusters, w->sheets, w->nsheets, w->golden, err);
}

static hp_code make_result(work *w, hp_err *err) {
    hp_refine_result *r = w->r;
    hp_run *run = &r->run;
    size_t before = r->verdict->n;
    STAGE("clean", w->nsheets, clean_all(run, w->p, w->sheets, w->nsheets, &w->cleaned, err));
    STAGE("comply", w->nsheets, hp_comply(run, w->p, w->cleaned, w->nsheets, &r->comply, err));
    STAGE("attach", w->records->norg,
          hp_attach(run, w->p, (const hp_cleaned *const *)w->cleaned, w->nsheets, &w->records, err));
    STAGE("resolve", w->clusters->ncluster, hp_resolve(run, w->p, w->records, &w->clusters, err));
    STAGE("merge", w->golden->data->nrow,
          hp_merge(run, w->p, w->records, w->clusters, w->o->since, &w->golden, err));
    STAGE("check", r->verdict->n - before, check_result(w, err));
    STAGE("account", r->rows_in, account(r, w->records, w->golden, err));
    r->quality_mean = mean_quality(run, w->golden->data);
    if (hp_fill_measure(r, w->sheets, w->nsheets, w->golden->data, err) != HP_OK
        || hp_tables_made(r, w->golden, err) != HP_OK)
        return hp_err_in(err, "account");
    return HP_OK;
}

/* A run that stops before there is a result has read rows, and nothing else to show. */
static hp_code empty_result(work *w, hp_err *err) {
    hp_refine_result *r = w->r;
    w->golden = HP_NEW(r->run.arena, hp_golden);
    if (!w->golden) return hp_fail_memory(err, "the result");
    w->golden->data = hp_table_new(r->run.arena, 0, 0, false);
    w->golden->contacts = hp_table_new(r->run.arena, 0, 0, false);
    if (!w->golden->data || !w->golden->contacts) return hp_fail_memory(err, "the result");
    for (size_t i = 0; i < w->nsheets; i++) r->rows_in += w->sheets[i]->raw->nrow - w->sheets[i]->first;
    r->quarantined = r->run.quarantine.n;
    return HP_OK;
}

static hp_code stop(work *w, const char *stage, hp_err *err) {
    w->r->code = HP_FINDINGS;
    w->r->failing_stage = stage;
    if (!w->golden && empty_result(w, err) != HP_OK) return hp_err_in(err, stage);
    return hp_outputs_stopped(w->o, w->r, w->golden, w->sheets, w->nsheets, err) == HP_OK
               ? HP_OK
               : hp_err_in(err, "write");
}

static hp_code refine(const hp_refine_options *o, hp_refine_result *r, hp_err *err) {
    hp_run *run = &r->run;
    work w = {.o = o, .r = r};
    hp_claim *claims;
    size_t nclaims;

    STAGE("profile", 1, open_profile(&w, err));
    STAGE("plan", nclaims, hp_plan(run, w.p, o->input_dir, &claims, &nclaims, err));
    STAGE("prepare", o->noutputs, hp_outputs_probe(o, w.p, claims, nclaims, err));
    STAGE("read", w.nsheets, hp_load(run, w.p, claims, nclaims, &w.sheets, &w.nsheets, err));
    if (o->nretry) STAGE("retry", r->nretried, hp_retry(o, r, w.sheets, w.nsheets, err));
    if (hp_tables_read(r, w.sheets, w.nsheets, err) != HP_OK) return hp_err_in(err, "read");
    if (w.checks.n)
        STAGE("check-sources", r->verdict->n,
              hp_check_sources(run, w.p, &w.checks, w.sheets, w.nsheets, r->verdict, err));
    if (r->verdict->stop) return stop(&w, "check-sources", err);
    HP_TRY(make_result(&w, err));
    if (r->verdict->stop) return stop(&w, "check", err);
    /* This stage records its time itself: run.json, its last file, has to say it. */
    hp_run_progress(run, "write", 0, 0);
    const hp_explained explained = {w.records, w.clusters, w.golden, (const hp_cleaned *const *)w.cleaned,
                                    w.nsheets};
    return hp_outputs_write(o, r, w.golden, w.sheets, w.nsheets, &explained, err) == HP_OK
               ? HP_OK
               : hp_err_in(err, "write");
}

hp_code hp_refine(const hp_refine_options *o, hp_refine_result *out, hp_err *err) {
    *out = (hp_refine_result){0};
    out->started = hp_clock_mono();
    out->failures = hp_mem_failures();
    HP_TRY(hp_run_open(&out->run, err));
    out->run.reading = o->reading;
    out->run.explain = !o->no_provenance && !o->dry_run;
    out->run.progress = o->progress;
    out->run.progress_ctx = o->progress_ctx;
    hp_code code = refine(o, out, err);
    out->seconds = (double)(hp_clock_mono() - out->started) / 1e9;
    if (code != HP_OK) {
        out->code = code;
        hp_refine_free(out);
    }
    return code;
}

void hp_refine_free(hp_refine_result *r) {
    hp_run_close(&r->run);
    r->profile = NULL;
    r->verdict = NULL;
    r->output = NULL;
    r->retried = NULL;
    r->nretried = 0;
    r->noutput = 0;
}

hp_code hp_refine_map(const hp_refine_options *o, hp_run *run, hp_profile **profile, hp_mapped ***sheets,
                      size_t *n, hp_err *err) {
    hp_claim *claims;
    size_t nclaims;
    if (load_profile(o, run, profile, err) != HP_OK) return hp_err_in(err, "profile");
    if (hp_plan(run, *profile, o->input_dir, &claims, &nclaims, err) != HP_OK) return hp_err_in(err, "plan");
    return hp_load(run, *profile, claims, nclaims, sheets, n, err) == HP_OK ? HP_OK : hp_err_in(err, "read");
}
