/* hotpass convert: one file in, perhaps a part of it, in another form out. */
#include "base/doc.h"
#include "base/file.h"
#include "base/limits.h"
#include "cli/cellref.h"
#include "cli/convert.h"

#include "base/banned.h"

/* Columns named in a message when none is near. */
enum { NAMED = 30 };

/* ---- which sheets ---- */

static bool is_first(const hp_convert *v, size_t i) {
    size_t first = SIZE_MAX;
    for (size_t k = v->nsheet; k > 0; k--)
        if (v->sheet[k - 1].readable && v->sheet[k - 1].state == 0) first = k - 1;
    for (size_t k = v->nsheet; first == SIZE_MAX && k > 0; k--)
        if (v->sheet[k - 1].readable) first = k - 1;
    return i == first;
}

static bool is_wanted(const hp_convert *v, size_t i) {
    if (v->only != SIZE_MAX) return i == v->only;
    return v->all || v->target->form == HP_FORM_XLSX || is_first(v, i);
}

static hp_code choose_sheets(hp_convert *v, hp_err *err) {
    v->sheet = hp_book_sheets(v->book, &v->nsheet);
    HP_TRY(hp_sheet_pick(v->sheet, v->nsheet, v->rest, v->shown.p, &v->only, &v->area, err));
    if (v->only != SIZE_MAX && !v->sheet[v->only].readable)
        return hp_fail(err, HP_DATA, "%s!%.*s: is no sheet of cells (a chart, perhaps)", v->shown.p,
                       HP_FMT(v->sheet[v->only].name));
    v->taken = HP_NEW_ARRAY(v->c->arena, v->nsheet + 1, hp_taken);
    if (!v->taken) return hp_fail_memory(err, "the sheets");
    for (size_t i = 0; i < v->nsheet; i++) {
        bool wanted = is_wanted(v, i), readable = v->sheet[i].readable;
        if (wanted && readable) v->taken[v->ntaken++].sheet = &v->sheet[i];
        v->skipped += wanted && !readable;
        v->left += !wanted && readable;
    }
    if (v->ntaken) return HP_OK;
    return hp_fail(err, HP_DATA, "%s: has no sheet of cells", v->shown.p);
}

/* ---- which columns and rows ---- */

static hp_code no_column(const hp_convert *v, const hp_taken *s, const hp_table *t, hp_str name,
                         const char *option, hp_err *err) {
    hp_autobuf list = hp_buf_new(1 << 20);
    const char **names = HP_NEW_ARRAY(v->c->arena, t->ncol + 1, const char *);
    if (!names) return hp_fail_memory(err, "the columns");
    for (size_t k = 0; k < t->ncol; k++) {
        names[k] = hp_arena_dup(v->c->arena, t->col[k].name).p;
        if (!names[k]) return hp_fail_memory(err, "the columns");
        if (k < NAMED)
            hp_buf_printf(&list, "%s\"%.*s\"", k ? ", " : "", HP_FMT(hp_str_cut(t->col[k].name, 0, 60)));
        if (k == NAMED) hp_buf_puts(&list, ", \xE2\x80\xA6");
    }
    hp_str sheet = s->sheet->name;
    const char *near = hp_nearest(name, names, t->ncol);
    const char *where =
        hp_arena_printf(v->c->arena, "%s%s%.*s", v->shown.p, sheet.n ? "!" : "", HP_FMT(sheet)).p;
    if (!where) return hp_fail_memory(err, "a message");
    if (near)
        return hp_fail(err, HP_USAGE, "%s: has no column \"%.*s\" (%s); did you mean \"%s\"?", where,
                       HP_FMT(name), option, near);
    return hp_fail(err, HP_USAGE, "%s: has no column \"%.*s\" (%s); its columns are %s", where, HP_FMT(name),
                   option, list.n ? hp_buf_cstr(&list) : "none: the sheet is empty");
}

/* Splits at one of the signs "=" of a condition, if what stands before it is a column. */
static bool split_condition(const hp_table *t, hp_str all, size_t eq, size_t find(const hp_table *, hp_str),
                            size_t *col, bool *differs) {
    bool bang = eq > 0 && all.p[eq - 1] == '!';
    *col = find(t, hp_str_cut(all, 0, eq - bang));
    *differs = bang && *col != SIZE_MAX;
    if (bang && *col == SIZE_MAX) *col = find(t, hp_str_cut(all, 0, eq));
    return *col != SIZE_MAX;
}

/* Reads "COLUMN=TEXT" or "COLUMN!=TEXT". Headers may hold either sign, so the first split counts that names a
 * column, or else one that has its letters. */
static hp_code read_condition(const hp_convert *v, const hp_taken *s, const hp_table *t, const char *arg,
                              hp_condition *out, hp_err *err) {
    size_t (*const FIND[])(const hp_table *, hp_str) = {hp_shape_named, hp_shape_find};
    hp_str all = hp_str_of(arg);
    size_t first = hp_str_chr(all, '=', 0), col;
    if (first == SIZE_MAX)
        return hp_fail(err, HP_USAGE, "--where \"%s\": write COLUMN=TEXT, or COLUMN!=TEXT", arg);
    for (size_t i = 0; i < 2; i++)
        for (size_t eq = first; eq != SIZE_MAX; eq = hp_str_chr(all, '=', eq + 1)) {
            if (!split_condition(t, all, eq, FIND[i], &col, &out->differs)) continue;
            out->col = &t->col[col];
            return hp_intern(v->c->run.pool, hp_str_cut(all, eq + 1, all.n), &out->value, err);
        }
    bool bang = first > 0 && arg[first - 1] == '!';
    return no_column(v, s, t, hp_str_cut(all, 0, first - bang), "--where", err);
}

static hp_code keep_rows(const hp_convert *v, hp_taken *s, const hp_table *named, hp_err *err) {
    const hp_given *where = &v->c->args.opt[HP_O_WHERE];
    s->rows = named->nrow;
    if (where->n == 0) return HP_OK;
    hp_condition *condition = HP_NEW_ARRAY(v->c->arena, where->n, hp_condition);
    if (!condition) return hp_fail_memory(err, "the conditions");
    for (size_t i = 0; i < where->n; i++)
        HP_TRY(read_condition(v, s, named, where->value[i], &condition[i], err));
    return hp_shape_where(v->c->run.arena, s->t, condition, where->n, &s->t, err);
}

/* Adds the columns that a value of --select names. */
static hp_code add_columns(const hp_convert *v, const hp_taken *s, const hp_table *t, const char *value,
                           size_t *col, size_t *n, hp_err *err) {
    hp_str rest = hp_str_of(value), part;
    size_t whole = hp_table_find(t, rest);
    if (whole != SIZE_MAX) {
        col[(*n)++] = whole;
        return HP_OK;
    }
    while (hp_str_next(&rest, ',', &part)) {
        size_t found = hp_shape_find(t, part);
        if (found == SIZE_MAX) return no_column(v, s, t, hp_str_trim(part), "--select", err);
        col[(*n)++] = found;
    }
    return HP_OK;
}

static hp_code keep_columns(const hp_convert *v, hp_taken *s, const hp_table *named, hp_err *err) {
    const hp_given *select = &v->c->args.opt[HP_O_SELECT];
    size_t n = 0, most = 0;
    for (size_t i = 0; i < select->n; i++) most += strlen(select->value[i]) + 1;
    if (most == 0) return HP_OK;
    size_t *col = HP_NEW_ARRAY(v->c->arena, most, size_t);
    if (!col) return hp_fail_memory(err, "the columns");
    for (size_t i = 0; i < select->n; i++) HP_TRY(add_columns(v, s, named, select->value[i], col, &n, err));
    if (n == 0) return hp_fail(err, HP_USAGE, "--select names no column; write --select NAME,E-MAIL");
    return hp_shape_select(v->c->run.arena, named, col, n, &s->t, err);
}

/* ---- reading ---- */

static hp_naming naming(const hp_convert *v) {
    if (v->c->args.opt[HP_O_NO_HEADER].on) return HP_NAMES_LETTERS;
    hp_format f = hp_book_format(v->book);
    return f == HP_FORMAT_PARQUET || f == HP_FORMAT_NDJSON ? HP_NAMES_TOP : HP_NAMES_FIRST;
}

static hp_code check_header(const hp_convert *v, hp_err *err) {
    hp_format f = hp_book_format(v->book);
    if (naming(v) != HP_NAMES_LETTERS || (f != HP_FORMAT_PARQUET && f != HP_FORMAT_NDJSON)) return HP_OK;
    return hp_fail(err, HP_USAGE,
                   "%s: names its columns itself, none of its rows is a header; leave --no-header out",
                   v->shown.p);
}

static void look_at_names(hp_taken *s, const hp_table *t) {
    s->columns = t->ncol;
    for (size_t k = 0; k < t->ncol; k++) s->named += t->col[k].name.n > 0;
    if (t->nrow) s->last_row = t->origin[t->nrow - 1].row;
}

static hp_code read_sheet(hp_convert *v, hp_taken *s, uint32_t file, hp_err *err) {
    hp_run *run = &v->c->run;
    hp_table *raw, *named;
    HP_TRY(hp_run_add_sheet(run, file, s->sheet->name, s->sheet->state, &s->id, err));
    HP_TRY(hp_book_read(run, v->book, (size_t)(s->sheet - v->sheet), s->id, &raw, err));
    HP_TRY(hp_shape_name(run->arena, run->pool, raw, v->area, naming(v), &named, &s->header_row, err));
    look_at_names(s, named);
    s->t = named;
    HP_TRY(keep_columns(v, s, named, err));
    HP_TRY(keep_rows(v, s, named, err));
    for (size_t r = 0; s->t->hidden && r < s->t->nrow; r++) s->hidden += s->t->hidden[r];
    return hp_deadline_check(err);
}

static hp_code read_all(hp_convert *v, hp_err *err) {
    uint32_t file;
    hp_str name = hp_book_name(v->book);
    HP_TRY(hp_run_add_file(&v->c->run, &(hp_source_file){.path = v->input, .name = name, .label = name},
                           &file, err));
    for (size_t i = 0; i < v->ntaken; i++) HP_TRY(read_sheet(v, &v->taken[i], file, err));
    return HP_OK;
}

/* ---- the command ---- */

static hp_code convert(hp_convert *v, hp_err *err) {
    HP_TRY(check_header(v, err));
    HP_TRY(choose_sheets(v, err));
    HP_TRY(hp_convert_place(v, err));
    HP_TRY(read_all(v, err));
    HP_TRY(hp_convert_forebode(v, err));
    if (hp_convert_write(v, err) != HP_OK) return hp_err_in(err, "write");
    HP_TRY(hp_convert_tell(v, err));
    return v->skipped ? HP_PARTIAL : HP_OK;
}

hp_code hp_cmd_convert(hp_cli *c, hp_err *err) {
    hp_convert v = {.c = c};
    HP_TRY(hp_book_split(c->arena, c->args.word[0], &v.input, &v.rest, err));
    HP_TRY(hp_convert_aim(&v, err));
    v.shown = hp_str_eq(v.input, HP_S("-")) ? HP_S("stdin") : v.input;
    if (hp_book_open(&c->run, v.input.p, &v.book, err) != HP_OK) return hp_err_in(err, "read");
    hp_code code = convert(&v, err);
    hp_book_close(v.book);
    return code;
}
