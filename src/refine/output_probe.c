/* Names of outputs, tried before anything is read: each can be written, none is an input, no two are one. */
#include <sys/stat.h>

#include "refine/output_parts.h"
#include "refine/report.h"

#include "base/banned.h"

/* A flat output is one table, so the other sheets become files of their own beside it. */
static const char *const SIDECARS[HP_NSHEETS] = {"", ".contacts", ".quarantine", ".findings", ".summary"};
/* So many are under way at once (base/out.c): five files each, and beside them the reports, run.json, the
 * archive, the three files of data docs and the writer's own one. */
#define MAX_OUTPUTS 5
#define MAX_REPORTS 4

/* Returns how much of a path stands before its suffix. */
static size_t before_suffix(hp_str path) {
    size_t dot = path.n;
    while (dot > 0 && path.p[dot - 1] != '.') dot--;
    return dot ? dot - 1 : path.n;
}

hp_str hp_dir_of(hp_str path) {
    hp_str base = hp_path_base(path);
    if (base.n == path.n) return HP_S(".");
    hp_str dir = hp_str_cut(path, 0, path.n - base.n);
    while (dir.n > 1 && dir.p[dir.n - 1] == '/') dir.n--;
    return dir;
}

bool hp_nth_output(const char *output, size_t n, hp_buf *path) {
    hp_str p = hp_str_of(output);
    bool book = hp_form_of(output) == HP_FORM_XLSX;
    size_t dot = book ? p.n : before_suffix(p);
    hp_buf_clear(path);
    if (n >= (book ? 1 : HP_NSHEETS)) return false;
    hp_buf_printf(path, "%.*s%s%s", (int)dot, output, SIDECARS[n], output + dot);
    return true;
}

/* Two outputs must not become one file; in an archive, which has no directories, not even files of one name.
 */
static bool hp_same_output(hp_str a, hp_str b) {
    if (!hp_str_eq(hp_path_base(a), hp_path_base(b))) return false;
    hp_autobuf dir_a = hp_buf_new(8192), dir_b = hp_buf_new(8192);
    hp_buf_add(&dir_a, hp_dir_of(a));
    hp_buf_add(&dir_b, hp_dir_of(b));
    const char *dir_x = hp_buf_cstr(&dir_a), *dir_y = hp_buf_cstr(&dir_b);
    struct stat x, y;
    if (dir_a.bad || dir_b.bad) return false; /* for want of memory, which commit_all finds out */
    if (stat(dir_x, &x) != 0 || stat(dir_y, &y) != 0)
        return hp_str_eq(hp_buf_str(&dir_a), hp_buf_str(&dir_b));
    return x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

hp_code hp_outputs_differ(const char *path, const char *other, bool archive, hp_err *err) {
    if (hp_same_output(hp_str_of(path), hp_str_of(other)))
        return hp_fail(err, HP_USAGE, "%s: two outputs would write this file; give them different names",
                       path);
    if (archive && hp_str_eq(hp_path_base(hp_str_of(path)), hp_path_base(hp_str_of(other))))
        return hp_fail(err, HP_USAGE, "%s and %s have the same name and cannot both be archived; rename one",
                       other, path);
    return HP_OK;
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
    hp_str dir = hp_dir_of(hp_str_of(path));
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

static hp_code check_names(const hp_refine_options *o, const hp_profile *p, const hp_claim *claims, size_t n,
                           hp_err *err) {
    hp_autobuf path = hp_buf_new(8192), other = hp_buf_new(8192);
    for (size_t i = 0; i < o->noutputs; i++)
        for (size_t a = 0; hp_nth_output(o->outputs[i], a, &path); a++) {
            HP_TRY(hp_buf_check(&path, "the name of an output", err));
            HP_TRY(not_an_input(hp_buf_cstr(&path), "--output-path", claims, n, err));
            HP_TRY(not_read_next(o, p, hp_buf_cstr(&path), "--output-path", err));
            for (size_t k = 0; k < i; k++)
                for (size_t b = 0; hp_nth_output(o->outputs[k], b, &other); b++) {
                    HP_TRY(hp_buf_check(&other, "the name of an output", err));
                    HP_TRY(hp_outputs_differ(hp_buf_cstr(&path), hp_buf_cstr(&other), o->archive, err));
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
    for (size_t k = 0; k < i; k++) HP_TRY(hp_outputs_differ(report, o->reports[k], o->archive, err));
    for (size_t k = 0; k < o->noutputs; k++)
        for (size_t a = 0; hp_nth_output(o->outputs[k], a, &path); a++) {
            HP_TRY(hp_buf_check(&path, "the name of an output", err));
            HP_TRY(hp_outputs_differ(report, hp_buf_cstr(&path), o->archive, err));
        }
    hp_buf_clear(&path);
    hp_buf_printf(&path, "%s/data-docs/index.html", o->dist_dir);
    HP_TRY(hp_buf_check(&path, "the path of the list of runs", err));
    HP_TRY(hp_outputs_differ(report, hp_buf_cstr(&path), false, err));
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
        for (size_t b = 0; hp_nth_output(o->outputs[k], b, &other); b++) {
            HP_TRY(hp_buf_check(&other, "the name of an output", err));
            if (hp_same_output(hp_str_of(path), hp_buf_str(&other)))
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
            for (size_t b = 0; hp_nth_output(o->outputs[k], b, &path); b++) {
                HP_TRY(hp_buf_check(&path, "the name of an output", err));
                if (hp_same_output(hp_str_of(o->retry[i]), hp_buf_str(&path)))
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
        for (size_t a = 0; hp_nth_output(o->outputs[i], a, &path); a++) {
            HP_TRY(hp_buf_check(&path, "the name of an output", err));
            HP_TRY(hp_out_probe(hp_buf_cstr(&path), err));
        }
    hp_buf_clear(&path);
    hp_buf_printf(&path, "%.*s/run.json", HP_FMT(hp_dir_of(hp_str_of(o->outputs[0]))));
    HP_TRY(hp_buf_check(&path, "the path of run.json", err));
    HP_TRY(hp_out_probe(hp_buf_cstr(&path), err));
    if (!o->archive) return HP_OK;
    hp_buf_clear(&path);
    hp_buf_printf(&path, "%s/refined-data.zip", o->dist_dir);
    HP_TRY(hp_buf_check(&path, "the archive's path", err));
    return hp_out_probe(hp_buf_cstr(&path), err);
}
