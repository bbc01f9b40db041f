#include "base/file.h"
#include "cli/cellref.h"
#include "cli/cli.h"
#include "cli/view.h"

#include "base/banned.h"

/* Rows of the grid that share one set of widths, so that a long sheet begins to show at once. */
enum { GRID_ROWS = 1000 };

typedef struct part {
    const hp_table *t;
    hp_str sheet;
    hp_window w;
} part;

/* ---- as JSON ---- */

/* Tells whether text is a number as JSON writes them (RFC 8259, section 6). */
static bool is_json_number(hp_str s) {
    size_t i = s.n && s.p[0] == '-' ? 1 : 0, from = i;
    while (i < s.n && hp_is_digit(s.p[i])) i++;
    if (i == from || (s.p[from] == '0' && i - from > 1)) return false;
    if (i < s.n && s.p[i] == '.') {
        from = ++i;
        while (i < s.n && hp_is_digit(s.p[i])) i++;
        if (i == from) return false;
    }
    return i == s.n;
}

static const char *type_letter(hp_type type) {
    static const char *const LETTER[] = {[HP_T_NONE] = "s", [HP_T_TEXT] = "s", [HP_T_NUMBER] = "n",
                                         [HP_T_BOOL] = "b", [HP_T_DATE] = "d", [HP_T_ERROR] = "e"};
    return LETTER[type];
}

static void put_value(hp_json *j, hp_type type, hp_str v) {
    if (type == HP_T_BOOL) {
        hp_json_bool(j, hp_str_ieq(v, HP_S("true")));
    } else if (type == HP_T_NUMBER && is_json_number(v)) {
        hp_json_raw(j, v);
    } else {
        hp_json_str(j, v);
    }
}

static void put_cell(hp_json *j, const hp_pool *pool, const hp_column *col, size_t row) {
    hp_type type = hp_cell_type(col, row);
    hp_str v = hp_text(pool, col->v[row]);
    hp_str lex = col->lex && col->lex[row] != HP_NULL ? hp_text(pool, col->lex[row]) : v;
    char letters[8];
    hp_col_letters(col->source, letters);
    hp_json_key(j, letters);
    hp_json_object(j);
    hp_json_key(j, "t");
    hp_json_cstr(j, type_letter(type));
    hp_json_key(j, "v");
    put_value(j, type, v);
    hp_json_key(j, "x");
    hp_json_str(j, lex);
    hp_json_object_end(j);
}

/* Columns of a part that have values. */
typedef struct filled {
    const hp_column **col;
    size_t n;
} filled;

static bool has_value(const hp_column *col, const part *p) {
    for (size_t row = p->w.row_from; row < p->w.row_to; row++)
        if (col->v[row] != HP_NULL) return true;
    return false;
}

/* Lists the columns with values: a sheet with one far right has 16,383 without, which share one array of
 * nulls, and walking them for each row would take its time. */
static hp_code list_filled(hp_cli *c, const part *p, filled *out, hp_err *err) {
    const hp_vid *nulls = NULL;
    *out = (filled){.col = hp_arena_array(c->arena, p->w.col_to - p->w.col_from + 1, sizeof *out->col)};
    if (!out->col) return hp_fail_memory(err, "the list of columns");
    for (size_t k = p->w.col_from; k < p->w.col_to; k++) {
        const hp_column *col = &p->t->col[k];
        if (col->v == nulls) continue;
        if (has_value(col, p))
            out->col[out->n++] = col;
        else
            nulls = col->v;
    }
    return HP_OK;
}

static void begin_row(hp_json *j, const part *p, size_t row) {
    hp_json_object(j);
    hp_json_key(j, "sheet");
    hp_json_str(j, p->sheet);
    hp_json_key(j, "row");
    hp_json_i64(j, p->t->origin[row].row);
    hp_json_key(j, "cells");
    hp_json_object(j);
}

/* Writes a row, unless it has no value. */
static void put_row(hp_cli *c, const part *p, const filled *f, size_t row) {
    hp_json j = {.out = &c->out};
    bool any = false;
    for (size_t k = 0; k < f->n; k++) {
        if (f->col[k]->v[row] == HP_NULL) continue;
        if (!any) begin_row(&j, p, row);
        any = true;
        put_cell(&j, c->run.pool, f->col[k], row);
    }
    if (!any) return;
    hp_json_object_end(&j);
    hp_json_object_end(&j);
    hp_buf_putc(&c->out, '\n');
}

static hp_code put_rows(hp_cli *c, const part *p, hp_err *err) {
    filled f;
    HP_TRY(list_filled(c, p, &f, err));
    for (size_t row = p->w.row_from; row < p->w.row_to; row++) {
        put_row(c, p, &f, row);
        HP_TRY(hp_cli_flush_some(c, err));
    }
    return HP_OK;
}

/* ---- as a grid ---- */

static hp_code put_grid_rows(hp_cli *c, const part *p, const char *const *header, size_t from, hp_err *err) {
    hp_autoarena *a = hp_arena_new(NULL);
    if (!a) return hp_fail_memory(err, "the grid");
    hp_view v = {.arena = a, .ncol = p->w.col_to - p->w.col_from + 1, .header = header};
    for (size_t row = from; row < p->w.row_to && row < from + GRID_ROWS; row++) {
        if (!hp_window_has_value(p->t, p->w, row)) continue;
        hp_view_addf(&v, "%u", p->t->origin[row].row);
        for (size_t k = p->w.col_from; k < p->w.col_to; k++)
            hp_view_add(&v, hp_text(c->run.pool, p->t->col[k].v[row]));
    }
    HP_TRY(hp_view_write(&v, &c->term, 0, &c->out, err));
    return hp_cli_flush_some(c, err);
}

static hp_code put_grid(hp_cli *c, const part *p, hp_err *err) {
    const char **header = hp_arena_array(c->arena, p->w.col_to - p->w.col_from + 1, sizeof *header);
    if (!header) return hp_fail_memory(err, "the grid");
    header[0] = ">row";
    for (size_t k = p->w.col_from; k < p->w.col_to; k++) {
        char letters[8];
        hp_col_letters(p->t->col[k].source, letters);
        header[k - p->w.col_from + 1] = hp_arena_dup(c->arena, hp_str_of(letters)).p;
        if (!header[k - p->w.col_from + 1]) return hp_fail_memory(err, "the grid");
    }
    for (size_t row = p->w.row_from; row < p->w.row_to; row += GRID_ROWS)
        HP_TRY(put_grid_rows(c, p, header, row, err));
    return HP_OK;
}

/* ---- the command ---- */

static hp_code put_sheet(hp_cli *c, hp_book *book, size_t i, uint32_t file, hp_area area, bool titled,
                         hp_err *err) {
    size_t n;
    const hp_book_sheet *sheets = hp_book_sheets(book, &n);
    if (!sheets[i].readable) return HP_OK;
    uint32_t id;
    hp_table *t;
    HP_TRY(hp_run_add_sheet(&c->run, file, sheets[i].name, sheets[i].state, &id, err));
    HP_TRY(hp_book_read_raw(&c->run, book, i, id, &t, err));
    part p = {.t = t, .sheet = sheets[i].name, .w = hp_area_cut(t, area)};
    if (c->json) return put_rows(c, &p, err);
    if (titled) {
        hp_put_safe(&c->out, sheets[i].name);
        hp_buf_putc(&c->out, '\n');
    }
    HP_TRY(put_grid(c, &p, err));
    if (titled) hp_buf_putc(&c->out, '\n');
    return HP_OK;
}

static hp_code put_book(hp_cli *c, hp_book *book, hp_str path, hp_str rest, hp_err *err) {
    size_t n, only;
    hp_area area;
    uint32_t file;
    const hp_book_sheet *sheets = hp_book_sheets(book, &n);
    hp_str name = hp_book_name(book);
    HP_TRY(hp_sheet_pick(sheets, n, rest, path.p, &only, &area, err));
    if (only != SIZE_MAX && !sheets[only].readable)
        return hp_fail(err, HP_DATA, "%s!%.*s: is no sheet of cells (a chart, perhaps)", path.p,
                       HP_FMT(sheets[only].name));
    HP_TRY(
        hp_run_add_file(&c->run, &(hp_source_file){.path = path, .name = name, .label = name}, &file, err));
    for (size_t i = 0; i < n; i++) {
        if (only == SIZE_MAX || only == i)
            HP_TRY(put_sheet(c, book, i, file, area, only == SIZE_MAX && n > 1, err));
    }
    return HP_OK;
}

hp_code hp_cmd_cells(hp_cli *c, hp_err *err) {
    hp_str path, rest;
    hp_book *book;
    HP_TRY(hp_book_split(c->arena, c->args.word[0], &path, &rest, err));
    if (hp_book_open(&c->run, path.p, &book, err) != HP_OK) return hp_err_in(err, "read");
    hp_code code = put_book(c, book, path, rest, err);
    hp_book_close(book);
    return code;
}
