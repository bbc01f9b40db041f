/* Annotated copies of the sources of a run: which findings stand in which file, and where the copies go. */
#include <sys/stat.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "refine/annotate.h"
#include "refine/stages.h"

#include "base/banned.h"

static const hp_cell WHOLE_RUN = {.sheet = HP_NO_SHEET, .col = HP_NO_COL};

/* What is known while copies are made. */
typedef struct copier {
    const hp_refine_options *o;
    hp_refine_result *r;
    hp_run *run;
    const hp_table **raw; /* of each sheet of the run; NULL where it was not used */
    size_t *first;        /* of each file: its annotations in `note`; one more for the end */
    hp_annotation *note;
    hp_copies *out;
} copier;

/* ---- findings by file ---- */

/* Finds the cell in which the value of a merged area stands: a comment below it would be seen by nobody. */
static hp_cell anchor(const hp_table *t, hp_cell at) {
    if (!t || !t->narea || at.col == HP_NO_COL) return at;
    for (uint32_t col = at.col + 1; col-- > 0;) {
        const hp_merged_area *a = hp_table_area(t, col, at.row);
        if (a && a->last_col >= at.col) return (hp_cell){at.sheet, a->first_row, a->first_col};
    }
    return at;
}

/* Calls `take` for each finding and each row in quarantine that has a place in a file. */
static void each_note(copier *k, void (*take)(copier *k, uint32_t file, const hp_annotation *a)) {
    const hp_run *run = k->run;
    for (size_t i = 0; i < run->issues.list.n + run->quarantine.n; i++) {
        bool issue = i < run->issues.list.n;
        const hp_issue *f = issue ? &run->issues.list.p[i] : NULL;
        const hp_quarantined *q = issue ? NULL : &run->quarantine.p[i - run->issues.list.n];
        hp_cell at = issue ? f->at : (hp_cell){q->at.sheet, q->at.row, HP_NO_COL};
        if (at.sheet == HP_NO_SHEET || at.row == 0) continue;
        const hp_source_sheet *sheet = &run->sources.sheet.p[at.sheet];
        const hp_rule_info *rule = hp_rule_get((hp_rule)(issue ? f->rule : q->rule));
        at = anchor(k->raw[at.sheet], at);
        const hp_annotation a = {.sheet = sheet->index,
                                 .row = at.row,
                                 .col = at.col,
                                 .severity = rule->severity,
                                 .rule = hp_str_of(rule->name),
                                 .reason = hp_str_of(rule->text),
                                 .note = hp_text(run->pool, issue ? f->note : q->note)};
        take(k, sheet->file, &a);
    }
}

static void count_note(copier *k, uint32_t file, const hp_annotation *a) {
    (void)a;
    k->first[file + 1]++;
}

/* Fills from behind the end of the file before: first[file + 1] goes up to the end of the file. */
static void put_note(copier *k, uint32_t file, const hp_annotation *a) { k->note[k->first[file + 1]++] = *a; }

static hp_code sort_notes(copier *k, hp_err *err) {
    size_t files = k->run->sources.file.n;
    k->first = hp_calloc(files + 2, sizeof *k->first);
    if (!k->first) return hp_fail_memory(err, "the annotations");
    each_note(k, count_note);
    /* first[f + 1] becomes where the notes of file f begin; filling moves it to their end. */
    size_t all = 0;
    for (size_t f = 0; f < files; f++) {
        size_t n = k->first[f + 1];
        k->first[f + 1] = all;
        all += n;
    }
    k->note = hp_calloc(all + 1, sizeof *k->note);
    if (!k->note) return hp_fail_memory(err, "the annotations");
    each_note(k, put_note);
    k->r->annotated.elsewhere = k->run->issues.list.n + k->run->quarantine.n - all;
    return HP_OK;
}

/* ---- data files ---- */

/* Makes a table whose rows are those of the file, blank ones too, so that a cell keeps its address. */
static hp_code table_of(const hp_run *run, hp_book *b, hp_arena *a, hp_table **out, hp_err *err) {
    hp_run scratch = *run; /* reading raw adds values to the pool, and nothing else to the run */
    scratch.arena = a;
    hp_table *raw;
    HP_TRY(hp_book_read_raw(&scratch, b, 0, 0, &raw, err));
    size_t last = raw->nrow ? raw->origin[raw->nrow - 1].row : 0;
    if (last > HP_LIMIT_SHEET_ROWS)
        return hp_fail(err, HP_DATA, "%.*s: has %zu rows, a sheet takes %u; split the file",
                       HP_FMT(hp_book_name(b)), last, HP_LIMIT_SHEET_ROWS);
    hp_table *t = hp_table_new(a, last ? last - 1 : 0, raw->ncol, false);
    if (!t) return hp_fail_memory(err, "an annotated copy");
    for (size_t c = 0; c < raw->ncol; c++) {
        const hp_column *from = &raw->col[c];
        hp_column *to = &t->col[c];
        if (from->type) to->type = HP_NEW_ARRAY(a, last + 1, uint8_t);
        if (from->type && !to->type) return hp_fail_memory(err, "an annotated copy");
        for (size_t r = 0; r < raw->nrow; r++) {
            uint32_t row = raw->origin[r].row;
            if (row == 1) to->name = hp_text(run->pool, from->v[r]);
            if (row < 2) continue;
            to->v[row - 2] = from->v[r];
            if (to->type) to->type[row - 2] = (uint8_t)hp_cell_type(from, r);
        }
    }
    *out = t;
    return HP_OK;
}

/* Writes a workbook of a data file beside the copy's final name, to be annotated like any other. */
static hp_code write_plain(const copier *k, hp_book *b, const char *path, hp_out *plain, hp_err *err) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_table *t = NULL;
    if (!a) return hp_fail_memory(err, "an annotated copy");
    HP_TRY(table_of(k->run, b, a, &t, err));
    hp_autobuf name = hp_buf_new(64 << 10);
    hp_buf_add(&name, hp_book_name(b));
    HP_TRY(hp_buf_check(&name, "an annotated copy", err));
    const hp_out_sheet sheet = {.name = hp_buf_cstr(&name), .table = t};
    return hp_write_book(k->run->pool, &sheet, 1, NULL, path, plain, err);
}

/* ---- one file ---- */

static hp_code annotate(copier *k, const hp_book *b, uint32_t file, hp_out *out, const char *path,
                        hp_annotated *count, hp_err *err) {
    size_t from = file ? k->first[file] : 0, to = k->first[file + 1];
    HP_TRY(hp_out_begin(out, path, true, err));
    HP_TRY(hp_annotate_book(b, k->note + from, to - from, out->f, path, count, err));
    /* Closed now: there may be more copies than a process can hold files open. */
    FILE *f = out->f;
    out->f = NULL;
    if (fclose(f) == 0) return HP_OK;
    return hp_fail(err, HP_IO, "%s: writing failed: is the disk full?", path);
}

static hp_code annotate_data(copier *k, hp_book *b, uint32_t file, hp_out *out, const char *path,
                             hp_annotated *count, hp_err *err) {
    hp_out plain = {0};
    hp_book *made = NULL;
    hp_code code = write_plain(k, b, path, &plain, err);
    if (code == HP_OK) code = hp_book_open(NULL, plain.temp, &made, err);
    if (code == HP_OK) code = annotate(k, made, file, out, path, count, err);
    hp_book_close(made);
    hp_out_abandon(&plain);
    return code;
}

/* Tells the form in which a data file is annotated: a workbook. */
static bool is_data(const hp_book *b) {
    hp_format f = hp_book_format(b);
    return f == HP_FORMAT_CSV || f == HP_FORMAT_NDJSON || f == HP_FORMAT_PARQUET;
}

/* Says why there is no copy, and what to do. */
static hp_code skip(copier *k, uint32_t file, const char *why, hp_err *err) {
    return hp_findf(k->run, HP_R_NOT_ANNOTATED, WHOLE_RUN, HP_NULL, err, "%.*s: %s",
                    HP_FMT(k->run->sources.file.p[file].name), why);
}

static const char *why_not(const hp_book *b) {
    switch (hp_book_format(b)) {
    case HP_FORMAT_ODS: return "is an OpenDocument spreadsheet: save it as .xlsx";
    case HP_FORMAT_XLS: return "is a workbook of Excel 97 to 2003: save it as .xlsx";
    default: return "has a password, and its copy would have none: save it as .xlsx without a password";
    }
}

/* A copy that could not be made is told of, and costs the run nothing else. */
static hp_code take_copy(copier *k, uint32_t file, hp_code code, const hp_annotated *count, hp_err *err) {
    hp_copies *c = k->out;
    if (code == HP_DATA) {
        char why[sizeof err->message];
        memcpy(why, err->message, sizeof why);
        hp_out_abandon(&c->out[c->n]);
        *err = (hp_err){0};
        hp_autobuf text = hp_buf_new(4096);
        hp_buf_printf(&text, "%s; open it in a spreadsheet program, save it as .xlsx, and run again", why);
        HP_TRY(hp_buf_check(&text, "a finding", err));
        return skip(k, file, hp_buf_cstr(&text), err);
    }
    if (code != HP_OK) {
        hp_out_abandon(&c->out[c->n]);
        return code;
    }
    c->n++;
    k->r->annotated.books++;
    k->r->annotated.cells += count->cells;
    k->r->annotated.comments += count->comments;
    if (!count->uncovered) return HP_OK;
    return hp_findf(k->run, HP_R_COMMENTS_LEFT_OUT, WHOLE_RUN, HP_NULL, err, "%.*s: %llu of %llu cells",
                    HP_FMT(k->run->sources.file.p[file].name), (unsigned long long)count->uncovered,
                    (unsigned long long)count->cells);
}

static hp_code copy_book(copier *k, hp_book *b, uint32_t file, hp_err *err) {
    const hp_source_file *f = &k->run->sources.file.p[file];
    hp_copies *c = k->out;
    hp_book_parts parts;
    hp_sha256 now;
    hp_annotated count = {0};
    hp_sha256_of(hp_book_bytes(b), &now);
    if (strcmp(now.hex, f->sha256.hex) != 0)
        return hp_fail(err, HP_IO, "%.*s: was changed during the run; run again when nobody writes it",
                       HP_FMT(f->name));
    bool whole = hp_book_has_parts(b, &parts);
    if (!whole && !is_data(b)) return skip(k, file, why_not(b), err);
    hp_str path = hp_copy_path(k->run->arena, k->o->annotate, f->name, !whole);
    if (!path.p) return hp_fail_memory(err, "an annotated copy");
    c->path[c->n] = path;
    hp_code code = whole ? annotate(k, b, file, &c->out[c->n], path.p, &count, err)
                         : annotate_data(k, b, file, &c->out[c->n], path.p, &count, err);
    return take_copy(k, file, code, &count, err);
}

static hp_code copy_file(copier *k, uint32_t file, hp_err *err) {
    hp_book *b;
    HP_TRY(hp_deadline_check(err));
    HP_TRY(hp_book_open(k->run, k->run->sources.file.p[file].path.p, &b, err));
    hp_code code = copy_book(k, b, file, err);
    hp_book_close(b);
    return code;
}

/* ---- all of them ---- */

hp_str hp_copy_path(hp_arena *a, const char *dir, hp_str name, bool data) {
    hp_str base = data ? hp_arena_printf(a, "%.*s.xlsx", HP_FMT(name)) : name;
    return base.p ? hp_path_join(a, hp_str_of(dir), base) : base;
}

static hp_code find_tables(copier *k, hp_mapped *const *sheets, size_t n, hp_err *err) {
    k->raw = hp_calloc(k->run->sources.sheet.n + 1, sizeof *k->raw);
    if (!k->raw) return hp_fail_memory(err, "the annotations");
    for (size_t i = 0; i < n; i++) k->raw[sheets[i]->sheet] = sheets[i]->raw;
    return HP_OK;
}

static hp_code copy_all(copier *k, hp_mapped *const *sheets, size_t nsheets, hp_err *err) {
    size_t files = k->run->sources.file.n;
    k->out->out = HP_NEW_ARRAY(k->run->arena, files + 1, hp_out);
    k->out->path = HP_NEW_ARRAY(k->run->arena, files + 1, hp_str);
    if (!k->out->out || !k->out->path) return hp_fail_memory(err, "the annotated copies");
    HP_TRY(find_tables(k, sheets, nsheets, err));
    HP_TRY(sort_notes(k, err));
    for (uint32_t f = 0; f < files; f++) {
        hp_run_progress(k->run, "annotate", f, files);
        HP_TRY(copy_file(k, f, err));
    }
    return HP_OK;
}

hp_code hp_copies_write(const hp_refine_options *o, hp_refine_result *r, hp_mapped *const *sheets,
                        size_t nsheets, hp_copies *out, hp_err *err) {
    *out = (hp_copies){0};
    if (!o->annotate || o->dry_run) return HP_OK;
    copier k = {.o = o, .r = r, .run = &r->run, .out = out};
    hp_code code = copy_all(&k, sheets, nsheets, err);
    hp_free(k.raw);
    hp_free(k.first);
    hp_free(k.note);
    if (code != HP_OK) hp_copies_abandon(out);
    return code;
}

void hp_copies_abandon(hp_copies *c) {
    for (size_t i = 0; i < c->n; i++) hp_out_abandon(&c->out[i]);
    c->n = 0;
}

hp_code hp_copies_commit(hp_copies *c, hp_err *err) {
    for (size_t i = 0; i < c->n; i++) HP_TRY(hp_out_commit(&c->out[i], err));
    return HP_OK;
}

/* ---- a run that is no pipeline ---- */

static bool same_file(const char *a, const char *b) {
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static hp_code check_copies(hp_run *run, const char *dir, hp_err *err) {
    for (size_t i = 0; i < run->sources.file.n; i++) {
        const hp_source_file *f = &run->sources.file.p[i];
        for (size_t k = 0; k < i; k++)
            if (hp_str_eq(run->sources.file.p[k].name, f->name))
                return hp_fail(err, HP_USAGE,
                               "two files are called %.*s, and so would their annotated copies be",
                               HP_FMT(f->name));
        for (int data = 0; data < 2; data++) {
            hp_str path = hp_copy_path(run->arena, dir, f->name, data);
            if (!path.p) return hp_fail_memory(err, "the annotated copies");
            for (size_t k = 0; k < run->sources.file.n; k++)
                if (same_file(path.p, run->sources.file.p[k].path.p))
                    return hp_fail(
                        err, HP_USAGE,
                        "--annotate %s: the copy would replace %s, which is read; name another directory",
                        dir, path.p);
        }
    }
    return HP_OK;
}

hp_code hp_annotate_run(hp_run *run, const char *dir, uint64_t *books, uint64_t *cells, hp_err *err) {
    const hp_refine_options o = {.annotate = dir};
    hp_copies copies = {0};
    HP_TRY(check_copies(run, dir, err));
    hp_refine_result r = {.run = *run};
    hp_code code = hp_copies_write(&o, &r, NULL, 0, &copies, err);
    *run = r.run;
    if (code == HP_OK) code = hp_copies_commit(&copies, err);
    hp_copies_abandon(&copies);
    *books = r.annotated.books;
    *cells = r.annotated.cells;
    return code;
}
