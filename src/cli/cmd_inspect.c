#include "base/file.h"
#include "base/log.h"
#include "base/map.h"
#include "cli/cli.h"
#include "cli/personal.h"
#include "cli/summary.h"
#include "cli/view.h"
#include "map/map.h"
#include "read/reader.h"
#include "table/mask.h"

#include "base/banned.h"

enum { SAMPLES = 3, SAMPLE_COLUMNS = 40 };

/* What there is to say about a column. */
typedef struct column_facts {
    const hp_column *col;
    hp_str header;
    hp_kind kind;
    bool personal;
    size_t filled, distinct;
    hp_vid sample[SAMPLES];
    size_t nsample;
} column_facts;

typedef struct sheet_facts {
    const hp_book_sheet *sheet;
    const hp_table *t;
    size_t first;        /* index of the first data row */
    uint32_t header_row; /* 1-based, 0 = none found */
    column_facts *column;
} sheet_facts;

static hp_code look_at_values(const sheet_facts *s, column_facts *f, hp_err *err) {
    hp_imap seen = {0};
    bool ok = true;
    for (size_t r = s->first; r < s->t->nrow && ok; r++) {
        hp_vid v = f->col->v[r];
        if (v == HP_NULL) continue;
        uint32_t before;
        bool fresh;
        f->filled++;
        ok = hp_imap_add(&seen, v, 1, &before, &fresh);
        if (!ok || !fresh) continue;
        f->distinct++;
        if (f->nsample < SAMPLES) f->sample[f->nsample++] = v;
    }
    hp_imap_free(&seen);
    return ok ? HP_OK : hp_fail_memory(err, "the columns");
}

static hp_code look_at_column(const hp_cli *c, const sheet_facts *s, size_t i, column_facts *f, hp_err *err) {
    double share;
    f->col = &s->t->col[i];
    if (s->header_row) f->header = hp_text(c->run.pool, f->col->v[s->first - 1]);
    f->kind = hp_infer_kind(&c->run, f->col, s->first, s->t->nrow, &share);
    f->personal = hp_kind_personal(f->kind) || hp_header_masked(f->header);
    return look_at_values(s, f, err);
}

static hp_code look_at_sheet(hp_cli *c, hp_book *book, size_t i, uint32_t file, sheet_facts *s, hp_err *err) {
    size_t n;
    uint32_t id;
    hp_table *t;
    s->sheet = &hp_book_sheets(book, &n)[i];
    if (!s->sheet->readable) return HP_OK;
    HP_TRY(hp_run_add_sheet(&c->run, file, s->sheet->name, s->sheet->state, &id, err));
    HP_TRY(hp_book_read(&c->run, book, i, id, &t, err));
    s->t = t;
    size_t header = hp_find_header(&c->run, hp_plain_profile(), t);
    if (header != SIZE_MAX) {
        s->header_row = t->origin[header].row;
        s->first = header + 1;
    }
    s->column = HP_NEW_ARRAY(c->arena, t->ncol + 1, column_facts);
    if (!s->column) return hp_fail_memory(err, "the columns");
    for (size_t k = 0; k < t->ncol; k++) HP_TRY(look_at_column(c, s, k, &s->column[k], err));
    return HP_OK;
}

/* ---- telling ---- */

static const char *state_name(uint8_t state) {
    static const char *const NAME[] = {"visible", "hidden", "very hidden"};
    return NAME[state < 3 ? state : 2];
}

static void put_sample(const hp_cli *c, const column_facts *f, hp_vid v, hp_buf *out) {
    hp_autobuf text = hp_buf_new(1 << 20);
    /* The scrubber would take 03-04-2025 for a phone number. */
    if (c->args.opt[HP_O_SHOW_VALUES].on || (f->kind == HP_K_DATE && !f->personal)) {
        hp_buf_add(&text, hp_text(c->run.pool, v));
    } else if (f->personal) {
        hp_put_masked(&text, f->kind, hp_text(c->run.pool, v));
    } else {
        hp_scrub(hp_text(c->run.pool, v), &text);
    }
    hp_put_cut(out, hp_buf_str(&text), SAMPLE_COLUMNS);
    hp_put_carry(out, &text);
}

static double fill_of(const sheet_facts *s, const column_facts *f) {
    size_t rows = s->t->nrow - s->first;
    return rows ? (double)f->filled / (double)rows : 0;
}

static hp_code put_columns(hp_cli *c, const sheet_facts *s, hp_err *err) {
    static const char *const HEADER[] = {"column", "header", "kind", ">fill", ">distinct", "samples"};
    hp_view v = {.arena = c->arena, .ncol = 6, .header = HEADER};
    for (size_t k = 0; k < s->t->ncol; k++) {
        const column_facts *f = &s->column[k];
        hp_autobuf samples = hp_buf_new(1 << 20);
        for (size_t i = 0; i < f->nsample; i++) {
            if (i) hp_buf_puts(&samples, " | ");
            put_sample(c, f, f->sample[i], &samples);
        }
        char letters[8];
        hp_col_letters(f->col->source, letters);
        hp_view_add(&v, hp_str_of(letters));
        hp_view_add(&v, f->header);
        hp_view_add(&v, hp_str_of(f->filled ? hp_kind_name(f->kind) : ""));
        hp_view_addf(&v, "%.0f%%", fill_of(s, f) * 100);
        hp_view_addf(&v, "%zu", f->distinct);
        hp_view_add(&v, hp_buf_str(&samples));
        v.bad |= samples.bad;
    }
    return hp_view_write(&v, &c->term, 2, &c->out, err);
}

static hp_code put_sheet(hp_cli *c, const sheet_facts *s, hp_err *err) {
    hp_buf *out = &c->out;
    hp_autobuf name = hp_buf_new(4096);
    hp_put_safe(&name, s->sheet->name);
    hp_put_carry(out, &name);
    hp_buf_putc(out, '\n');
    if (name.n) hp_put_bold(out, c->term.out_color, hp_buf_cstr(&name));
    hp_buf_printf(out, "%s%s", name.n ? ": " : "", state_name(s->sheet->state));
    if (!s->t) {
        hp_buf_puts(out, ", no cells (a chart sheet)\n");
        return HP_OK;
    }
    hp_buf_puts(out, ", ");
    hp_put_counted(out, s->t->nrow - s->first, "row", "rows");
    hp_buf_puts(out, ", ");
    hp_put_counted(out, s->t->ncol, "column", "columns");
    if (s->header_row) {
        hp_buf_printf(out, ", header in row %u\n", s->header_row);
    } else {
        hp_buf_puts(out, ", no header found\n");
    }
    return s->t->ncol ? put_columns(c, s, err) : HP_OK;
}

static const char *format_name(hp_format f) {
    static const char *const NAME[] = {
        [HP_FORMAT_XLSX] = "xlsx", [HP_FORMAT_XLS] = "xls",       [HP_FORMAT_ODS] = "ods",
        [HP_FORMAT_CSV] = "csv",   [HP_FORMAT_NDJSON] = "ndjson", [HP_FORMAT_PARQUET] = "parquet"};
    return (size_t)f < sizeof NAME / sizeof *NAME ? NAME[f] : NULL;
}

/* For people the many forms of a workbook are one. */
static const char *kind_of_file(hp_format f) {
    bool data = f == HP_FORMAT_CSV || f == HP_FORMAT_NDJSON || f == HP_FORMAT_PARQUET;
    return data ? format_name(f) : "workbook";
}

static hp_code put_people(hp_cli *c, hp_book *book, hp_str path, const sheet_facts *s, size_t n,
                          hp_err *err) {
    hp_put_safe(&c->out, path);
    hp_buf_printf(&c->out, ": %s, ", kind_of_file(hp_book_format(book)));
    hp_put_size(&c->out, hp_book_bytes(book).n);
    hp_buf_puts(&c->out, ", ");
    hp_put_counted(&c->out, n, "sheet", "sheets");
    hp_buf_putc(&c->out, '\n');
    for (size_t i = 0; i < n; i++) HP_TRY(put_sheet(c, &s[i], err));
    hp_put_findings(&c->out, &c->run, c->verbose ? SIZE_MAX : 5, &c->term);
    return HP_OK;
}

static void json_column(const hp_cli *c, hp_json *j, const sheet_facts *s, const column_facts *f) {
    char letters[8];
    hp_col_letters(f->col->source, letters);
    hp_json_object(j);
    hp_json_key(j, "column");
    hp_json_cstr(j, letters);
    hp_json_key(j, "header");
    if (f->header.n) {
        hp_json_str(j, f->header);
    } else {
        hp_json_null(j);
    }
    hp_json_key(j, "kind");
    hp_json_cstr(j, f->filled ? hp_kind_name(f->kind) : NULL);
    hp_json_key(j, "filled");
    hp_json_i64(j, (int64_t)f->filled);
    hp_json_key(j, "fill");
    hp_json_f64(j, (double)(int64_t)(fill_of(s, f) * 1e4 + 0.5) / 1e4);
    hp_json_key(j, "distinct");
    hp_json_i64(j, (int64_t)f->distinct);
    hp_json_key(j, "samples");
    hp_json_array(j);
    for (size_t i = 0; i < f->nsample; i++) {
        hp_autobuf sample = hp_buf_new(1 << 20);
        put_sample(c, f, f->sample[i], &sample);
        hp_json_str(j, hp_buf_str(&sample));
        hp_put_carry(j->out, &sample);
    }
    hp_json_array_end(j);
    hp_json_object_end(j);
}

static void json_sheet(const hp_cli *c, hp_json *j, const sheet_facts *s) {
    hp_json_object(j);
    hp_json_key(j, "name");
    hp_json_str(j, s->sheet->name);
    hp_json_key(j, "state");
    hp_json_cstr(j, state_name(s->sheet->state));
    hp_json_key(j, "rows");
    hp_json_i64(j, s->t ? (int64_t)(s->t->nrow - s->first) : 0);
    hp_json_key(j, "header_row");
    if (s->header_row) {
        hp_json_i64(j, s->header_row);
    } else {
        hp_json_null(j);
    }
    hp_json_key(j, "columns");
    hp_json_array(j);
    for (size_t k = 0; s->t && k < s->t->ncol; k++) json_column(c, j, s, &s->column[k]);
    hp_json_array_end(j);
    hp_json_object_end(j);
}

static void put_json(hp_cli *c, hp_book *book, hp_str path, const sheet_facts *s, size_t n) {
    hp_json j = hp_cli_json(c, "hotpass.inspect/1");
    hp_json_key(&j, "file");
    hp_json_str(&j, path);
    hp_json_key(&j, "format");
    hp_json_cstr(&j, format_name(hp_book_format(book)));
    hp_json_key(&j, "bytes");
    hp_json_i64(&j, (int64_t)hp_book_bytes(book).n);
    hp_json_key(&j, "sheets");
    hp_json_array(&j);
    for (size_t i = 0; i < n; i++) json_sheet(c, &j, &s[i]);
    hp_json_array_end(&j);
    hp_json_findings(&j, &c->run);
    hp_cli_json_end(c, &j);
}

static hp_code inspect(hp_cli *c, hp_book *book, hp_str path, hp_err *err) {
    size_t n;
    uint32_t file;
    hp_str name = hp_book_name(book);
    (void)hp_book_sheets(book, &n);
    sheet_facts *s = HP_NEW_ARRAY(c->arena, n + 1, sheet_facts);
    if (!s) return hp_fail_memory(err, "the sheets");
    HP_TRY(
        hp_run_add_file(&c->run, &(hp_source_file){.path = path, .name = name, .label = name}, &file, err));
    for (size_t i = 0; i < n; i++) HP_TRY(look_at_sheet(c, book, i, file, &s[i], err));
    if (!c->json) return put_people(c, book, path, s, n, err);
    put_json(c, book, path, s, n);
    return HP_OK;
}

hp_code hp_cmd_inspect(hp_cli *c, hp_err *err) {
    hp_str path = hp_str_of(c->args.word[0]);
    hp_book *book;
    if (hp_book_open(&c->run, path.p, &book, err) != HP_OK) return hp_err_in(err, "read");
    if (hp_str_eq(path, HP_S("-"))) path = hp_book_name(book);
    hp_code code = inspect(c, book, path, err);
    hp_book_close(book);
    return code;
}
