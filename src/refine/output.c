/* Outputs: everything is written beside its final name first; only when all is complete are the names
 * changed. */
#include <sys/stat.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "refine/report.h"
#include "refine/access.h"
#include "refine/stages.h"
#include "why/store.h"

/* A flat output is one table, so the other sheets become files of their own beside it. */
static const char *const SIDECARS[] = {"", ".contacts", ".quarantine", ".findings", ".summary"};
#define NSHEETS (sizeof SIDECARS / sizeof *SIDECARS)
/* So many are under way at once (base/out.c): five files each, and beside them the reports, run.json, the
 * archive, the three files of data docs and the writer's own one. */
#define MAX_OUTPUTS 5
#define MAX_REPORTS 4

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

/* Returns how much of a path stands before its suffix. */
static size_t before_suffix(hp_str path) {
    size_t dot = path.n;
    while (dot > 0 && path.p[dot - 1] != '.') dot--;
    return dot ? dot - 1 : path.n;
}

static hp_str directory_of(hp_str path) {
    hp_str base = hp_path_base(path);
    if (base.n == path.n) return HP_S(".");
    hp_str dir = hp_str_cut(path, 0, path.n - base.n);
    while (dir.n > 1 && dir.p[dir.n - 1] == '/') dir.n--;
    return dir;
}

/* An output over an input would change what the next run reads: inputs are never modified. */
static hp_code not_an_input(const char *path, const char *option, const hp_claim *claims, size_t n,
                            hp_err *err) {
    struct stat out, in;
    if (stat(path, &out) != 0) return HP_OK;
    for (size_t i = 0; i < n; i++)
        if (stat(claims[i].path.p, &in) == 0 && in.st_dev == out.st_dev && in.st_ino == out.st_ino)
            return hp_fail(err, HP_USAGE,
                           "%s: is one of the inputs, which are never modified; give %s another name", path,
                           option);
    return HP_OK;
}

/* An output in the input directory that the profile would take for a source is read by the next run. */
static hp_code not_read_next(const hp_refine_options *o, const hp_profile *p, const char *path,
                             const char *option, hp_err *err) {
    struct stat in, out;
    hp_str dir = directory_of(hp_str_of(path));
    hp_autobuf name = hp_buf_new(8192);
    hp_buf_add(&name, dir);
    if (stat(o->input_dir, &in) != 0 || stat(hp_buf_cstr(&name), &out) != 0) return HP_OK;
    if (in.st_dev != out.st_dev || in.st_ino != out.st_ino
        || !hp_would_claim(p, hp_path_base(hp_str_of(path))))
        return HP_OK;
    return hp_fail(
        err, HP_USAGE,
        "%s: lies in the input directory, where the next run would read it as input; give %s another directory",
        path, option);
}

/* Puts the final name of an output's n-th file into `path`; false when it has no such file. */
static bool nth_file(const char *output, size_t n, hp_buf *path) {
    hp_str p = hp_str_of(output);
    bool book = hp_form_of(output) == HP_FORM_XLSX;
    size_t dot = book ? p.n : before_suffix(p);
    hp_buf_clear(path);
    if (n >= (book ? 1 : NSHEETS)) return false;
    hp_buf_printf(path, "%.*s%s%s", (int)dot, output, SIDECARS[n], output + dot);
    return true;
}

/* Two outputs must not become one file; in an archive, which has no directories, not even files of one name.
 */
static bool same_file(hp_str a, hp_str b) {
    if (!hp_str_eq(hp_path_base(a), hp_path_base(b))) return false;
    hp_autobuf dir_a = hp_buf_new(8192), dir_b = hp_buf_new(8192);
    hp_buf_add(&dir_a, directory_of(a));
    hp_buf_add(&dir_b, directory_of(b));
    const char *dir_x = hp_buf_cstr(&dir_a), *dir_y = hp_buf_cstr(&dir_b);
    struct stat x, y;
    if (dir_a.bad || dir_b.bad) return false; /* for want of memory, which commit_all finds out */
    if (stat(dir_x, &x) != 0 || stat(dir_y, &y) != 0)
        return hp_str_eq(hp_buf_str(&dir_a), hp_buf_str(&dir_b));
    return x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static hp_code differ(const char *path, const char *other, bool archive, hp_err *err) {
    if (same_file(hp_str_of(path), hp_str_of(other)))
        return hp_fail(err, HP_USAGE, "%s: two outputs would write this file; give them different names",
                       path);
    if (archive && hp_str_eq(hp_path_base(hp_str_of(path)), hp_path_base(hp_str_of(other))))
        return hp_fail(err, HP_USAGE, "%s and %s have the same name and cannot both be archived; rename one",
                       other, path);
    return HP_OK;
}

static hp_code check_names(const hp_refine_options *o, const hp_profile *p, const hp_claim *claims, size_t n,
                           hp_err *err) {
    hp_autobuf path = hp_buf_new(8192), other = hp_buf_new(8192);
    for (size_t i = 0; i < o->noutputs; i++)
        for (size_t a = 0; nth_file(o->outputs[i], a, &path); a++) {
            HP_TRY(hp_buf_check(&path, "the name of an output", err));
            HP_TRY(not_an_input(hp_buf_cstr(&path), "--output-path", claims, n, err));
            HP_TRY(not_read_next(o, p, hp_buf_cstr(&path), "--output-path", err));
            for (size_t k = 0; k < i; k++)
                for (size_t b = 0; nth_file(o->outputs[k], b, &other); b++) {
                    HP_TRY(hp_buf_check(&other, "the name of an output", err));
                    HP_TRY(differ(hp_buf_cstr(&path), hp_buf_cstr(&other), o->archive, err));
                }
        }
    return HP_OK;
}

/* A report is held against the outputs, the other reports and the list of runs, and tried for writing. */
static hp_code check_report(const hp_refine_options *o, const hp_profile *p, const hp_claim *claims, size_t n,
                            size_t i, hp_err *err) {
    hp_autobuf path = hp_buf_new(8192);
    const char *report = o->reports[i];
    if (hp_report_form_of(report) == HP_REPORT_NONE)
        return hp_fail(err, HP_USAGE, "%s: a report is .html or .md; give --report-path such a name", report);
    HP_TRY(not_an_input(report, "--report-path", claims, n, err));
    HP_TRY(not_read_next(o, p, report, "--report-path", err));
    for (size_t k = 0; k < i; k++) HP_TRY(differ(report, o->reports[k], o->archive, err));
    for (size_t k = 0; k < o->noutputs; k++)
        for (size_t a = 0; nth_file(o->outputs[k], a, &path); a++) {
            HP_TRY(hp_buf_check(&path, "the name of an output", err));
            HP_TRY(differ(report, hp_buf_cstr(&path), o->archive, err));
        }
    hp_buf_clear(&path);
    hp_buf_printf(&path, "%s/data-docs/index.html", o->dist_dir);
    HP_TRY(hp_buf_check(&path, "the path of the list of runs", err));
    HP_TRY(differ(report, hp_buf_cstr(&path), false, err));
    if (o->dry_run) return HP_OK;
    HP_TRY(hp_out_probe(report, err));
    return hp_out_probe(hp_buf_cstr(&path), err);
}

/* A directory that exists is known by its number, whatever its path looks like. */
static bool same_dir(const char *a, const char *b) {
    struct stat x, y;
    if (stat(a, &x) != 0 || stat(b, &y) != 0) return strcmp(a, b) == 0;
    return x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* Holds a copy's name against the inputs, which it may be linked to, and the outputs. */
static hp_code check_copy(const hp_refine_options *o, const char *path, const hp_claim *claims, size_t n,
                          hp_err *err) {
    hp_autobuf other = hp_buf_new(8192);
    HP_TRY(not_an_input(path, "--annotate", claims, n, err));
    for (size_t k = 0; k < o->noutputs; k++)
        for (size_t b = 0; nth_file(o->outputs[k], b, &other); b++) {
            HP_TRY(hp_buf_check(&other, "the name of an output", err));
            if (same_file(hp_str_of(path), hp_buf_str(&other)))
                return hp_fail(
                    err, HP_USAGE,
                    "%s: is an output, and the annotated copy of a source; give --annotate another "
                    "directory",
                    path);
        }
    return HP_OK;
}

/* Corrections are given again with each run, so that no output may take their place. */
static hp_code probe_retry(const hp_refine_options *o, hp_err *err) {
    hp_autobuf path = hp_buf_new(8192);
    for (size_t i = 0; i < o->nretry; i++) {
        if (!hp_exists(o->retry[i]))
            return hp_fail(err, HP_NOINPUT,
                           "%s: does not exist; give --retry-quarantine the corrected workbook", o->retry[i]);
        for (size_t k = 0; k < o->noutputs; k++)
            for (size_t b = 0; nth_file(o->outputs[k], b, &path); b++) {
                HP_TRY(hp_buf_check(&path, "the name of an output", err));
                if (same_file(hp_str_of(o->retry[i]), hp_buf_str(&path)))
                    return hp_fail(
                        err, HP_USAGE,
                        "%s: holds the corrections, and the run would write over them; keep it under another name, "
                        "or give --output-path another one",
                        o->retry[i]);
            }
    }
    return HP_OK;
}

/* Refuses a directory for annotated copies that cannot be one. Which form a file has shows when it is opened,
 * so that both names of its copy are looked at. */
static hp_code probe_copies(const hp_refine_options *o, const hp_claim *claims, size_t n, hp_err *err) {
    if (same_dir(o->annotate, o->input_dir))
        return hp_fail(
            err, HP_USAGE,
            "%s: is the input directory, whose files are never modified; give --annotate another directory",
            o->annotate);
    hp_autoarena *a = hp_arena_new(NULL);
    if (!a) return hp_fail_memory(err, "the annotated copies");
    for (size_t i = 0; i < 2 * n; i++) {
        hp_str path = hp_copy_path(a, o->annotate, claims[i / 2].name, i % 2);
        if (!path.p) return hp_fail_memory(err, "the annotated copies");
        HP_TRY(check_copy(o, path.p, claims, n, err));
        if (i == 0 && !o->dry_run) HP_TRY(hp_out_probe(path.p, err));
    }
    return HP_OK;
}

hp_code hp_outputs_probe(const hp_refine_options *o, const hp_profile *p, const hp_claim *claims, size_t n,
                         hp_err *err) {
    hp_autobuf path = hp_buf_new(8192);
    if (o->noutputs > MAX_OUTPUTS)
        return hp_fail(err, HP_USAGE, "%zu outputs, the limit is %d; run again for the others", o->noutputs,
                       MAX_OUTPUTS);
    for (size_t i = 0; i < o->noutputs; i++) HP_TRY(hp_can_write(o->outputs[i], err));
    if (o->nreports > MAX_REPORTS)
        return hp_fail(err, HP_USAGE, "%zu reports, the limit is %d", o->nreports, MAX_REPORTS);
    HP_TRY(check_names(o, p, claims, n, err));
    for (size_t i = 0; i < o->nreports; i++) HP_TRY(check_report(o, p, claims, n, i, err));
    HP_TRY(probe_retry(o, err));
    if (o->annotate) HP_TRY(probe_copies(o, claims, n, err));
    if (o->dry_run) return HP_OK;
    for (size_t i = 0; i < o->noutputs; i++)
        for (size_t a = 0; nth_file(o->outputs[i], a, &path); a++) {
            HP_TRY(hp_buf_check(&path, "the name of an output", err));
            HP_TRY(hp_out_probe(hp_buf_cstr(&path), err));
        }
    hp_buf_clear(&path);
    hp_buf_printf(&path, "%.*s/run.json", HP_FMT(directory_of(hp_str_of(o->outputs[0]))));
    HP_TRY(hp_buf_check(&path, "the path of run.json", err));
    HP_TRY(hp_out_probe(hp_buf_cstr(&path), err));
    if (!o->archive) return HP_OK;
    hp_buf_clear(&path);
    hp_buf_printf(&path, "%s/refined-data.zip", o->dist_dir);
    HP_TRY(hp_buf_check(&path, "the archive's path", err));
    return hp_out_probe(hp_buf_cstr(&path), err);
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
    for (size_t i = 0; nth_file(output, i, &path); i++) {
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
    return hp_write_book(w->r->run.pool, sheets, NSHEETS, &options, path.p, &p->out, err);
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
    hp_str dir = directory_of(hp_str_of(w->o->outputs[0]));
    pending *p = next(w, hp_path_join(w->arena, dir, HP_S(HP_STORE_NAME)), "provenance");
    if (!p) return hp_fail_memory(err, "the outputs");
    HP_TRY(hp_out_begin(&p->out, p->path.p, false, err));
    return hp_explain_write(w->r, w->explained, &p->out, err);
}

static hp_code write_manifest(writer *w, hp_err *err) {
    hp_str dir = directory_of(hp_str_of(w->o->outputs[0]));
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
        for (size_t k = 0; k < i; k++) HP_TRY(differ(w->file[i].path.p, w->file[k].path.p, false, err));
    /* Functions that cannot fail may have done less for want of memory: then this is not the result of these
     * inputs. */
    if (hp_mem_failures() != w->r->failures) return hp_fail_memory(err, "the run");
    HP_TRY(hp_access_note(w->r->profile, directory_of(hp_str_of(w->o->outputs[0])), "refine", w->r->output,
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
    hp_str path = hp_path_join(run->arena, directory_of(hp_str_of(o->outputs[0])), HP_S("run.json"));
    return path.p ? hp_previous_load(run->arena, path.p, out, err) : hp_fail_memory(err, "the report");
}

/* Links beyond what a sheet can hold are written as text: say so before the Findings sheet is made. */
static hp_code announce_links(hp_run *run, const hp_table *t, const char *sheet, hp_err *err) {
    uint64_t links = 0;
    for (size_t c = 0; c < t->ncol; c++)
        if (t->col[c].style == HP_STYLE_URL || t->col[c].style == HP_STYLE_EMAIL)
            for (size_t r = 0; r < t->nrow; r++) links += t->col[c].v[r] != HP_NULL;
    if (links <= HP_LIMIT_SHEET_LINKS) return HP_OK;
    hp_cell nowhere = {.sheet = HP_NO_SHEET, .col = HP_NO_COL};
    return hp_findf(run, HP_R_LINK_LIMIT, nowhere, HP_NULL, err, "sheet %s: %llu addresses, %u links", sheet,
                    (unsigned long long)links, HP_LIMIT_SHEET_LINKS);
}

/* Rows beyond what a sheet can hold go to a further one: say so as well. */
static hp_code announce_sheets(hp_run *run, const hp_table *t, const char *sheet, hp_err *err) {
    size_t sheets = hp_sheets_of(t);
    if (sheets == 1) return HP_OK;
    hp_cell nowhere = {.sheet = HP_NO_SHEET, .col = HP_NO_COL};
    return hp_findf(run, HP_R_SHEET_CONTINUED, nowhere, HP_NULL, err, "sheet %s: %zu rows, %zu sheets", sheet,
                    t->nrow, sheets);
}

/* The four tables that are no result of merging, and what is said of them all. */
static hp_code make_tables(writer *w, const hp_golden *golden, hp_mapped *const *sheets, size_t nsheets,
                           hp_out_sheet out[NSHEETS], hp_err *err) {
    hp_refine_result *r = w->r;
    hp_table *quarantine, *findings, *summary;
    bool book = false;
    for (size_t i = 0; i < w->o->noutputs; i++) book = book || hp_form_of(w->o->outputs[i]) == HP_FORM_XLSX;
    HP_TRY(hp_quarantine_table(&r->run, sheets, nsheets, &quarantine, err));
    if (book) {
        HP_TRY(announce_links(&r->run, golden->data, "Data", err));
        HP_TRY(announce_sheets(&r->run, golden->data, "Data", err));
        HP_TRY(announce_sheets(&r->run, golden->contacts, "Contacts", err));
        HP_TRY(announce_sheets(&r->run, quarantine, "Quarantine", err));
    }
    HP_TRY(hp_findings_table(&r->run, w->source, &findings, err));
    const hp_table *others[] = {golden->contacts, quarantine, findings};
    HP_TRY(hp_summary_table(r, golden->data, others, &summary, err));
    const hp_out_sheet made[NSHEETS] = {{.name = "Data", .table = golden->data},
                                        {.name = "Contacts", .table = golden->contacts},
                                        {.name = "Quarantine", .table = quarantine},
                                        {.name = "Findings", .table = findings},
                                        {.name = "Summary", .table = summary, .plain = true}};
    memcpy(out, made, sizeof made);
    if (!book || w->o->dry_run) return HP_OK;
    size_t n;
    const hp_output_column *columns = hp_data_columns(&n);
    HP_TRY(hp_sheet_hints(&r->run, columns, n, &out[0], err));
    columns = hp_contact_columns(&n);
    return hp_sheet_hints(&r->run, columns, n, &out[1], err);
}

static hp_code begin(writer *w, hp_err *err) {
    w->cap = w->o->noutputs * NSHEETS + w->o->nreports + 6; /* and run.json, provenance, archive, data docs */
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
    hp_out_sheet out[NSHEETS];
    HP_TRY(hp_copies_write(o, r, sheets, nsheets, &w.copies, err));
    hp_code code = make_tables(&w, golden, sheets, nsheets, out, err);
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
