/* Outputs: everything is written beside its final name first; only when all is complete are the names
 * changed. */
#include <sys/stat.h>

#include "base/clock.h"
#include "base/mem.h"
#include "refine/access.h"
#include "refine/output_parts.h"
#include "why/store.h"

#include "base/banned.h"

typedef struct pending {
    hp_out out;
    hp_str path;
    const char *kind;
    const char *table; /* of those that hold one table of the result */
} pending;

/* Holds the files on their way. */
typedef struct writer {
    const hp_refine_options *o;
    hp_refine_result *r;
    hp_arena *arena;
    const hp_report_source *source; /* of reports */
    const hp_explained *explained;  /* NULL: no provenance store */
    pending *file;
    size_t n, cap, listed;
    hp_copies copies;
    uint64_t since;
} writer;

/* Names the forms in run.json. */
static const char *kind_of(hp_form form) {
    return form == HP_FORM_CSV ? "csv" : form == HP_FORM_NDJSON ? "ndjson" : "parquet";
}

/* Takes the next pending file; its place in the array never moves, because hp_out is remembered by address
 * until committed. */
static pending *next(writer *w, hp_str path, const char *kind) {
    if (w->n == w->cap || !path.p) return NULL;
    pending *p = &w->file[w->n++];
    p->path = path;
    p->kind = kind;
    return p;
}

static hp_code write_flats(writer *w, const hp_out_sheet *sheets, const char *output, hp_err *err) {
    hp_autobuf path = hp_buf_new(8192);
    for (size_t i = 0; hp_nth_output(output, i, &path); i++) {
        HP_TRY(hp_buf_check(&path, "the name of an output", err));
        hp_str name = hp_arena_dup(w->arena, hp_buf_str(&path));
        pending *p = next(w, name, kind_of(hp_form_of(output)));
        if (!p) return hp_fail_memory(err, "the outputs");
        p->table = sheets[i].name;
        HP_TRY(hp_write_flat(w->r->run.pool, sheets[i].table, name.p, &p->out, err));
    }
    return HP_OK;
}

static hp_code write_book(writer *w, const hp_out_sheet *sheets, hp_str path, hp_err *err) {
    const hp_book_options options = {.compress = w->o->compress, .title = "Refined contacts"};
    pending *p = next(w, path, "workbook");
    if (!p) return hp_fail_memory(err, "the outputs");
    return hp_write_book(w->r->run.pool, sheets, HP_NSHEETS, &options, path.p, &p->out, err);
}

/* Lists a file in the result, with its digest. */
static hp_code list_output(writer *w, const hp_out *out, hp_str path, const char *kind, hp_err *err) {
    hp_output_file *f = &w->r->output[w->r->noutput];
    struct stat st;
    if (stat(out->temp, &st) != 0)
        return hp_fail(err, HP_IO, "%.*s: has gone while it was written", HP_FMT(path));
    *f = (hp_output_file){.path = path, .kind = kind, .bytes = (uint64_t)st.st_size};
    HP_TRY(hp_sha256_file(out->temp, &f->sha256, err));
    if (w->explained) HP_TRY(hp_xxh3_file(out->temp, &f->quick, err));
    w->r->noutput++;
    return HP_OK;
}

/* Lists what was written so far. */
static hp_code list_outputs(writer *w, hp_err *err) {
    for (; w->listed < w->n; w->listed++) {
        const pending *p = &w->file[w->listed];
        HP_TRY(list_output(w, &p->out, p->path, p->kind, err));
        w->r->output[w->r->noutput - 1].table = p->table;
    }
    return HP_OK;
}

/* Writes a file that is made in memory. */
static hp_code write_bytes(writer *w, hp_str path, const char *kind, const hp_buf *bytes, hp_err *err) {
    pending *p = next(w, path, kind);
    if (!p) return hp_fail_memory(err, "the outputs");
    HP_TRY(hp_out_begin(&p->out, path.p, true, err));
    if (fwrite(bytes->p, 1, bytes->n, p->out.f) == bytes->n && fflush(p->out.f) == 0) return HP_OK;
    return hp_fail(err, HP_IO, "%.*s: cannot be written: is the disk full?", HP_FMT(path));
}

static hp_code write_reports(writer *w, hp_report *report, hp_err *err) {
    hp_autobuf bytes = hp_buf_new(64 << 20);
    if (w->o->nreports == 0) return HP_OK;
    HP_TRY(hp_report_make(w->source, report, err));
    for (size_t i = 0; i < w->o->nreports; i++) {
        const char *path = w->o->reports[i];
        hp_buf_clear(&bytes);
        if (hp_report_form_of(path) == HP_REPORT_HTML)
            hp_report_html(report, &bytes);
        else
            hp_report_md(report, &bytes);
        HP_TRY(hp_buf_check(&bytes, "the report", err));
        HP_TRY(write_bytes(w, hp_str_of(path), "report", &bytes, err));
    }
    return HP_OK;
}

/* Adds the run to the data docs. They are not in run.json, which is one of them. */
static hp_code write_docs(writer *w, const hp_report *report, hp_err *err) {
    hp_data_docs d = {0};
    if (w->o->nreports == 0) return HP_OK;
    hp_code code = hp_data_docs_make(w->source, report, &d, err);
    if (code == HP_OK) code = write_bytes(w, d.page_path, "data-docs", &d.page, err);
    if (code == HP_OK) code = write_bytes(w, d.run_path, "data-docs", &d.run, err);
    if (code == HP_OK) code = write_bytes(w, d.index_path, "data-docs", &d.index, err);
    hp_data_docs_free(&d);
    return code;
}

static hp_code list_copies(writer *w, hp_err *err) {
    for (size_t i = 0; i < w->copies.n; i++)
        HP_TRY(list_output(w, &w->copies.out[i], w->copies.path[i], "annotated", err));
    return HP_OK;
}

/* Where values came from, beside run.json; with the digests of the outputs that were written before. */
static hp_code write_store(writer *w, hp_err *err) {
    if (!w->explained) return HP_OK;
    hp_str dir = hp_dir_of(hp_str_of(w->o->outputs[0]));
    pending *p = next(w, hp_path_join(w->arena, dir, HP_S(HP_STORE_NAME)), "provenance");
    if (!p) return hp_fail_memory(err, "the outputs");
    HP_TRY(hp_out_begin(&p->out, p->path.p, false, err));
    return hp_explain_write(w->r, w->explained, &p->out, err);
}

static hp_code write_manifest(writer *w, hp_err *err) {
    hp_str dir = hp_dir_of(hp_str_of(w->o->outputs[0]));
    w->r->seconds = (double)(hp_clock_mono() - w->r->started) / 1e9;
    hp_stage_done(w->r, "write", w->since, w->r->rows_out);
    hp_autobuf json = hp_buf_new(64 << 20);
    hp_refine_run_json(w->r, w->o, &json);
    HP_TRY(hp_buf_check(&json, "run.json", err));
    return write_bytes(w, hp_path_join(w->arena, dir, HP_S("run.json")), "run", &json, err);
}

static hp_code write_archive(writer *w, hp_err *err) {
    char when[17];
    hp_time_compact(hp_clock_now(), when);
    hp_str path = hp_arena_printf(w->arena, "%s/refined-data-%s-%.12s.zip", w->o->dist_dir, when,
                                  w->r->output[0].sha256.hex);
    const char **files = HP_NEW_ARRAY(w->arena, w->n, const char *),
               **names = HP_NEW_ARRAY(w->arena, w->n, const char *);
    if (!files || !names) return hp_fail_memory(err, "the archive");
    size_t members = w->n;
    for (size_t i = 0; i < members; i++) {
        files[i] = w->file[i].out.temp;
        names[i] = hp_path_base(w->file[i].path).p; /* NUL-terminated: it is the end of a path that is */
    }
    pending *p = next(w, path, "archive");
    if (!p) return hp_fail_memory(err, "the archive");
    return hp_write_archive(path.p, files, names, members, &p->out, err);
}

/* Puts the names in place, run.json's last: where there is a run.json, its outputs are complete. */
static hp_code commit_all(writer *w, hp_err *err) {
    /* Now that all directories exist, "new/a.csv" and "./new/a.csv" are seen to be one. */
    for (size_t i = 0; i < w->n; i++)
        for (size_t k = 0; k < i; k++)
            HP_TRY(hp_outputs_differ(w->file[i].path.p, w->file[k].path.p, false, err));
    /* Functions that cannot fail may have done less for want of memory: then this is not the result of these
     * inputs. */
    if (hp_mem_failures() != w->r->failures) return hp_fail_memory(err, "the run");
    HP_TRY(hp_access_note(w->r->profile, hp_dir_of(hp_str_of(w->o->outputs[0])), "refine", w->r->output,
                          w->r->noutput, w->r->rows_out, err));
    HP_TRY(hp_copies_commit(&w->copies, err));
    pending *manifest = NULL;
    for (size_t i = 0; i < w->n; i++) {
        if (strcmp(w->file[i].kind, "run") == 0)
            manifest = &w->file[i];
        else
            HP_TRY(hp_out_commit(&w->file[i].out, err));
    }
    return manifest ? hp_out_commit(&manifest->out, err) : HP_OK;
}

static hp_code write_all(writer *w, const hp_out_sheet *sheets, hp_err *err) {
    hp_report report = {0};
    for (size_t i = 0; i < w->o->noutputs; i++) {
        const char *path = w->o->outputs[i];
        bool is_book = hp_form_of(path) == HP_FORM_XLSX;
        HP_TRY(is_book ? write_book(w, sheets, hp_str_of(path), err) : write_flats(w, sheets, path, err));
    }
    HP_TRY(list_outputs(w, err));
    HP_TRY(write_store(w, err));
    HP_TRY(list_copies(w, err));
    HP_TRY(write_reports(w, &report, err));
    HP_TRY(list_outputs(w, err));
    HP_TRY(write_manifest(w, err));
    if (w->o->archive) HP_TRY(write_archive(w, err));
    HP_TRY(write_docs(w, &report, err));
    HP_TRY(list_outputs(w, err));
    return commit_all(w, err);
}

/* A stopped run has its annotated copies and its reports, and no other output. */
static hp_code write_stopped(writer *w, hp_err *err) {
    hp_report report = {0};
    HP_TRY(list_copies(w, err));
    HP_TRY(write_reports(w, &report, err));
    HP_TRY(list_outputs(w, err));
    HP_TRY(write_docs(w, &report, err));
    HP_TRY(list_outputs(w, err));
    return commit_all(w, err);
}

/* Reads the previous run's record, which this run will replace. */
static hp_code load_previous(const hp_refine_options *o, hp_run *run, hp_previous *out, hp_err *err) {
    *out = (hp_previous){.quality = -1};
    if (o->nreports == 0) return HP_OK;
    hp_str path = hp_path_join(run->arena, hp_dir_of(hp_str_of(o->outputs[0])), HP_S("run.json"));
    return path.p ? hp_previous_load(run->arena, path.p, out, err) : hp_fail_memory(err, "the report");
}

static hp_code begin(writer *w, hp_err *err) {
    w->cap =
        w->o->noutputs * HP_NSHEETS + w->o->nreports + 6; /* and run.json, provenance, archive, data docs */
    w->file = HP_NEW_ARRAY(w->arena, w->cap, pending);
    w->r->output = HP_NEW_ARRAY(w->arena, w->cap + w->copies.n, hp_output_file);
    return w->file && w->r->output ? HP_OK : hp_fail_memory(err, "the outputs");
}

static hp_code finish(writer *w, hp_code code) {
    for (size_t i = 0; code != HP_OK && i < w->n; i++) hp_out_abandon(&w->file[i].out);
    hp_copies_abandon(&w->copies);
    return code;
}

hp_code hp_outputs_write(const hp_refine_options *o, hp_refine_result *r, const hp_golden *golden,
                         hp_mapped *const *sheets, size_t nsheets, const hp_explained *explained,
                         hp_err *err) {
    hp_previous previous;
    HP_TRY(load_previous(o, &r->run, &previous, err));
    const hp_report_source in = {o, r, golden->data, sheets, nsheets, &previous};
    writer w = {.o = o, .r = r, .arena = r->run.arena, .source = &in, .since = hp_clock_mono()};
    w.explained = r->run.explain ? explained : NULL;
    hp_out_sheet out[HP_NSHEETS];
    HP_TRY(hp_copies_write(o, r, sheets, nsheets, &w.copies, err));
    hp_code code = hp_make_sheets(r, &in, explained, out, err);
    if (code == HP_OK && !o->dry_run) {
        code = begin(&w, err);
        if (code == HP_OK) code = write_all(&w, out, err);
    }
    return finish(&w, code);
}

hp_code hp_outputs_stopped(const hp_refine_options *o, hp_refine_result *r, const hp_golden *golden,
                           hp_mapped *const *sheets, size_t nsheets, hp_err *err) {
    hp_previous previous = {.quality = -1};
    bool result = strcmp(r->failing_stage, "check") == 0; /* else there is nothing to compare */
    if (o->dry_run) return HP_OK;
    if (result) HP_TRY(load_previous(o, &r->run, &previous, err));
    const hp_report_source in = {o, r, golden->data, sheets, nsheets, &previous};
    writer w = {.o = o, .r = r, .arena = r->run.arena, .source = &in, .since = hp_clock_mono()};
    HP_TRY(hp_copies_write(o, r, sheets, nsheets, &w.copies, err));
    hp_code code = begin(&w, err);
    if (code == HP_OK) code = write_stopped(&w, err);
    return finish(&w, code);
}
