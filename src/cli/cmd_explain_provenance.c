/* hotpass explain-provenance: where the values of one row of an enriched file came from. */
#include "base/file.h"
#include "base/limits.h"
#include "cli/cli.h"
#include "cli/personal.h"
#include "enrich/enrich.h"
#include "read/reader.h"
#include "refine/enrichment.h"
#include "table/shape.h"

#include "base/banned.h"

/* An enriched file. */
typedef struct {
    hp_cli *c;
    const char *path;
    hp_book *book;
    hp_str sheet;    /* name of the sheet with the five columns */
    hp_table *data;  /* NULL: none has them */
    hp_table *lines; /* the sheet Provenance; NULL without */
    size_t col[HP_PROVENANCE_COLUMNS];
    size_t row; /* index in data */
} dataset;

/* ---- reading ---- */

static bool has_columns(dataset *d, const hp_table *t) {
    const char *const *name = hp_provenance_names();
    for (size_t i = 0; i < HP_PROVENANCE_COLUMNS; i++) {
        d->col[i] = hp_shape_named(t, hp_str_of(name[i]));
        if (d->col[i] == SIZE_MAX) return false;
    }
    return true;
}

static bool has_lines(const hp_table *t) {
    size_t n;
    const char *const *name = hp_provenance_sheet_names(&n);
    for (size_t i = 0; i < n; i++)
        if (hp_table_find(t, hp_str_of(name[i])) == SIZE_MAX) return false;
    return true;
}

static hp_code read_sheet(dataset *d, uint32_t file, const hp_book_sheet *sheet, size_t i, hp_err *err) {
    hp_run *run = &d->c->run;
    hp_format f = hp_book_format(d->book);
    hp_naming naming = f == HP_FORMAT_PARQUET || f == HP_FORMAT_NDJSON ? HP_NAMES_TOP : HP_NAMES_FIRST;
    hp_table *raw, *named;
    uint32_t id, header;
    HP_TRY(hp_run_add_sheet(run, file, sheet->name, sheet->state, &id, err));
    HP_TRY(hp_book_read_raw(run, d->book, i, id, &raw, err));
    HP_TRY(hp_shape_name(run->arena, run->pool, raw, hp_area_all(), naming, &named, &header, err));
    if (!d->lines && has_lines(named)) d->lines = named;
    hp_str wanted = hp_str_of(hp_args_text(&d->c->args, HP_O_SHEET));
    if (d->data || (wanted.n && !hp_str_ieq(wanted, sheet->name))) return HP_OK;
    dataset probe = *d;
    if (!has_columns(&probe, named)) return HP_OK;
    *d = probe;
    d->data = named;
    d->sheet = run->sources.sheet.p[id].name;
    return HP_OK;
}

/* A flat file has its lines in a file beside it. */
static hp_code read_beside(dataset *d, uint32_t file, hp_err *err) {
    const char *path;
    size_t n;
    HP_TRY(hp_enrichment_beside(d->c->arena, d->path, "Provenance", &path, err));
    if (!hp_exists(path)) return HP_OK;
    dataset other = *d;
    HP_TRY(hp_book_open(&d->c->run, path, &other.book, err));
    hp_code code = read_sheet(&other, file, hp_book_sheets(other.book, &n), 0, err);
    hp_book_close(other.book);
    d->lines = other.lines;
    return code;
}

static hp_code read_all(dataset *d, hp_err *err) {
    size_t n;
    uint32_t file;
    const hp_book_sheet *sheet = hp_book_sheets(d->book, &n);
    hp_str name = hp_book_name(d->book);
    HP_TRY(hp_run_add_file(
        &d->c->run, &(hp_source_file){.path = hp_str_of(d->path), .name = name, .label = name}, &file, err));
    for (size_t i = 0; i < n; i++)
        if (sheet[i].readable) HP_TRY(read_sheet(d, file, &sheet[i], i, err));
    if (d->data) return d->lines || n != 1 || sheet[0].name.n ? HP_OK : read_beside(d, file, err);
    return hp_fail(err, HP_USAGE, "%s: has no provenance columns; make them with hotpass enrich", d->path);
}

/* ---- finding the row ---- */

static hp_code find_value(dataset *d, const char *column, const char *option, hp_str value, hp_err *err) {
    size_t c = hp_shape_named(d->data, hp_str_of(column));
    if (c == SIZE_MAX)
        return hp_fail(err, HP_FINDINGS, "%s: has no column \"%s\" to look for %s in", d->path, column,
                       option);
    for (size_t i = 0; i < d->data->nrow; i++) {
        if (!hp_str_eq(hp_text(d->c->run.pool, d->data->col[c].v[i]), value)) continue;
        d->row = i;
        return HP_OK;
    }
    return hp_fail(err, HP_FINDINGS, "%s: no row has %s \"%.*s\"", d->path, column,
                   HP_FMT(hp_str_cut(value, 0, 200)));
}

static hp_code find_row(dataset *d, hp_err *err) {
    hp_str id = hp_str_of(hp_args_text(&d->c->args, HP_O_ROW_ID)),
           slug = hp_str_of(hp_args_text(&d->c->args, HP_O_SLUG));
    int64_t n;
    if ((id.n > 0) == (slug.n > 0))
        return hp_fail(err, HP_USAGE,
                       "say which row: either --row-id or --slug; see hotpass help explain-provenance");
    if (slug.n) return find_value(d, "organization_slug", "--slug", slug, err);
    if (!hp_str_i64(id, &n)) return find_value(d, "id", "--row-id", id, err);
    if (n < 0 || (uint64_t)n >= d->data->nrow)
        return hp_fail(err, HP_FINDINGS, "%s: has no row %lld; its %zu rows are counted from 0", d->path,
                       (long long)n, d->data->nrow);
    d->row = (size_t)n;
    return HP_OK;
}

/* ---- telling ---- */

static hp_str cell(const dataset *d, const hp_table *t, size_t col, size_t row) {
    return col == SIZE_MAX ? HP_S("") : hp_text(d->c->run.pool, t->col[col].v[row]);
}

static hp_str named_cell(const dataset *d, const hp_table *t, const char *name, size_t row) {
    return cell(d, t, hp_table_find(t, hp_str_of(name)), row);
}

/* The value of a line: masked when its column may be personal, unless --show-values is given. */
static hp_str shown(const dataset *d, const char *name, size_t line) {
    hp_str value = named_cell(d, d->lines, name, line);
    bool is_value = strcmp(name, "old") == 0 || strcmp(name, "new") == 0;
    hp_autobuf masked = hp_buf_new(1 << 20);
    if (!is_value || value.n == 0 || d->c->args.opt[HP_O_SHOW_VALUES].on) return value;
    hp_put_personal(&masked, named_cell(d, d->lines, "column", line), value);
    value = hp_arena_dup(d->c->arena, hp_buf_str(&masked));
    return masked.bad || !value.p ? HP_S("...") : value;
}

/* Tells whether a line of Provenance is about the row: its number and its sheet are the row's. */
static bool is_about(const dataset *d, size_t line) {
    int64_t number;
    if (!hp_str_i64(named_cell(d, d->lines, "row", line), &number) || number != (int64_t)d->row + 2)
        return false;
    hp_str sheet = named_cell(d, d->lines, "sheet", line);
    return sheet.n == 0 || d->sheet.n == 0 || hp_str_eq(sheet, d->sheet);
}

static void put_value(hp_json *j, const char *name, hp_str value) {
    double number;
    hp_json_key(j, name);
    if (value.n == 0)
        hp_json_null(j);
    else if ((hp_str_ends(hp_str_of(name), HP_S("confidence")) || strcmp(name, "row") == 0)
             && hp_str_f64(value, &number))
        hp_json_f64(j, number);
    else
        hp_json_str(j, value);
}

static void put_json(const dataset *d, hp_json *j) {
    const char *const *name = hp_provenance_names();
    size_t n;
    hp_str id = hp_str_of(hp_args_text(&d->c->args, HP_O_ROW_ID));
    hp_json_key(j, "success");
    hp_json_bool(j, true);
    put_value(j, "row_id", id);
    hp_json_key(j, "row_index");
    hp_json_i64(j, (int64_t)d->row);
    put_value(j, "sheet", d->sheet);
    put_value(j, "organization_name", named_cell(d, d->data, "organization_name", d->row));
    hp_json_key(j, "provenance");
    hp_json_object(j);
    for (size_t i = 0; i < HP_PROVENANCE_COLUMNS; i++)
        put_value(j, name[i], cell(d, d->data, d->col[i], d->row));
    hp_json_object_end(j);
    name = hp_provenance_sheet_names(&n);
    hp_json_key(j, "fields");
    hp_json_array(j);
    for (size_t i = 0; d->lines && i < d->lines->nrow; i++) {
        if (!is_about(d, i)) continue;
        hp_json_object(j);
        for (size_t k = 0; k < n; k++) put_value(j, name[k], shown(d, name[k], i));
        hp_json_object_end(j);
    }
    hp_json_array_end(j);
}

static void put_line(const dataset *d, size_t i) {
    hp_buf *out = &d->c->out;
    hp_str status = named_cell(d, d->lines, "status", i), reason = named_cell(d, d->lines, "reason", i);
    hp_buf_puts(out, "  ");
    hp_put_safe(out, named_cell(d, d->lines, "column", i));
    hp_buf_puts(out, hp_str_eq(status, HP_S("applied")) ? " = " : " could be ");
    hp_put_safe(out, shown(d, "new", i));
    hp_buf_puts(out, "  (");
    hp_put_safe(out, named_cell(d, d->lines, "provider", i));
    hp_buf_puts(out, ", ");
    hp_put_safe(out, named_cell(d, d->lines, "confidence", i));
    hp_buf_puts(out, ", ");
    hp_put_safe(out, named_cell(d, d->lines, "evidence", i));
    if (reason.n) hp_buf_puts(out, "; ");
    hp_put_safe(out, reason);
    hp_buf_puts(out, ")\n");
}

static void put_text(const dataset *d) {
    const char *const *name = hp_provenance_names();
    hp_buf *out = &d->c->out;
    hp_str who = named_cell(d, d->data, "organization_name", d->row);
    hp_buf_printf(out, "row %zu", d->row);
    if (d->sheet.n) hp_buf_puts(out, " of ");
    hp_put_safe(out, d->sheet);
    if (who.n) hp_buf_puts(out, ": ");
    hp_put_safe(out, who);
    hp_buf_putc(out, '\n');
    for (size_t i = 0; i < HP_PROVENANCE_COLUMNS; i++) {
        hp_buf_printf(out, "  %-26s", name[i]);
        hp_put_safe(out, cell(d, d->data, d->col[i], d->row));
        hp_buf_putc(out, '\n');
    }
    for (size_t i = 0; d->lines && i < d->lines->nrow; i++)
        if (is_about(d, i)) put_line(d, i);
}

hp_code hp_cmd_explain_provenance(hp_cli *c, hp_err *err) {
    dataset d = {.c = c, .path = hp_args_text(&c->args, HP_O_DATASET)};
    c->run.reading.password_file = hp_args_text(&c->args, HP_O_PASSWORD_FILE);
    if (!d.path) return hp_fail(err, HP_USAGE, "--dataset is missing; see hotpass help explain-provenance");
    if (hp_book_open(&c->run, d.path, &d.book, err) != HP_OK) return hp_err_in(err, "read");
    hp_code code = read_all(&d, err);
    hp_book_close(d.book);
    HP_TRY(code);
    HP_TRY(find_row(&d, err));
    if (!c->json) {
        put_text(&d);
        return HP_OK;
    }
    hp_json j = hp_cli_json(c, "hotpass.provenance/1");
    put_json(&d, &j);
    hp_cli_json_end(c, &j);
    return HP_OK;
}
