#include "read/ods.h"

#include <stdio.h>

#include "base/mem.h"
#include "read/book.h"

#include "base/banned.h"

/* Cells that repeats may make of nothing before their number is held against the size of the part: a column
 * filled down to its end is honest, and so are four. */
enum { FREE_REPEATS = 4 << 20, ROWS_BETWEEN_LOOKS = 4096 };

/* ---- which sheets there are ---- */

hp_code hp_ods_is(hp_zip *z, bool *is, hp_err *err) {
    size_t entry;
    *is = false;
    if (!hp_zip_find(z, HP_S("content.xml"), &entry) || !hp_zip_find(z, HP_S("mimetype"), &entry))
        return HP_OK;
    hp_autopart part = {0};
    HP_TRY(hp_zip_read(z, entry, &part, err));
    *is = hp_str_starts(part.bytes, HP_S("application/vnd.oasis.opendocument.spreadsheet"));
    return HP_OK;
}

/* Refuses a file whose parts are encrypted: its manifest says so. */
static hp_code check_manifest(hp_zip *z, hp_str file, hp_err *err) {
    size_t entry;
    if (!hp_zip_find(z, HP_S("meta-inf/manifest.xml"), &entry)) return HP_OK;
    hp_autopart part = {0};
    HP_TRY(hp_zip_read_xml(z, entry, &part, err));
    if (hp_str_find(part.bytes, HP_S("encryption-data"), 0) == SIZE_MAX) return HP_OK;
    return hp_fail(
        err, HP_DATA,
        "%.*s: is password-protected, which is read of .xlsx files only; open it in a spreadsheet program and save it without a "
        "password, or as .xlsx",
        HP_FMT(file));
}

/* What is known while the list of sheets is made. */
typedef struct lister {
    hp_book *book;
    hp_xml x;
    HP_VEC(hp_book_sheet) sheets;
    HP_VEC(size_t) tables;
    hp_str style;   /* the style that is being read */
    hp_smap hidden; /* names of the styles that hide a table */
} lister;

static bool is_attr(hp_str name, const char *prefix, const char *local) {
    hp_str p = hp_str_of(prefix);
    return hp_str_starts(name, p) && hp_str_eq(hp_str_cut(name, p.n, name.n), hp_str_of(local));
}

static hp_str attr(hp_xml *x, const char *prefix, const char *local) {
    hp_str name, value, out = HP_S("");
    while (hp_xml_attr(x, &name, &value)) {
        if (is_attr(name, prefix, local)) out = value;
    }
    return out;
}

/* Reads <style:style> and its <style:table-properties>. */
static bool list_style(lister *l) {
    uint32_t first;
    bool added;
    if (hp_str_eq(l->x.name, HP_S("style"))) l->style = attr(&l->x, "style:", "name");
    if (!hp_str_eq(l->x.name, HP_S("table-properties"))) return true;
    if (!hp_str_eq(attr(&l->x, "table:", "display"), HP_S("false"))) return true;
    return hp_smap_add(&l->hidden, l->style, 0, &first, &added);
}

static bool list_table(lister *l, size_t from) {
    hp_str name, value;
    hp_book_sheet s = {.name = HP_S(""), .readable = true};
    uint32_t at;
    while (hp_xml_attr(&l->x, &name, &value)) {
        if (is_attr(name, "table:", "name")) s.name = hp_xml_attr_text(&l->x, l->book->arena, value);
        if (is_attr(name, "table:", "style-name")) s.state = hp_smap_get(&l->hidden, value, &at);
    }
    return s.name.p && hp_vec_push(&l->sheets, s) && hp_vec_push(&l->tables, from) && hp_xml_skip(&l->x);
}

static hp_code fail_xml(const hp_xml *x, const hp_book *b, hp_err *err) {
    return hp_fail_xml(x, b->name, b->ods.content.name, err);
}

static hp_code list_start(lister *l, size_t from, hp_err *err) {
    const hp_xml *x = &l->x;
    hp_book *b = l->book;
    bool ok = true;
    if (x->depth == 1 && !hp_str_eq(x->name, HP_S("document-content")))
        return hp_fail(err, HP_DATA,
                       "%.*s: part content.xml holds <%.*s>, no spreadsheet; save the data as .xlsx or .csv",
                       HP_FMT(b->name), HP_FMT(hp_str_cut(x->name, 0, 40)));
    if ((x->depth == 3 || x->depth == 4) && hp_str_eq(hp_xml_local(x->open[1]), HP_S("automatic-styles")))
        ok = list_style(l);
    if (x->depth == 4 && hp_str_eq(x->name, HP_S("table")) && hp_xml_parent_is(x, HP_S("spreadsheet")))
        ok = list_table(l, from);
    if (!ok) return fail_xml(x, b, err);
    if (l->sheets.n <= HP_LIMIT_SHEETS) return HP_OK;
    return hp_fail_limit(err, HP_L_SHEETS,
                         "%.*s: part %.*s, byte %zu: more than %u sheets: split the workbook",
                         HP_FMT(b->name), HP_FMT(b->ods.content.name), hp_xml_offset(x), HP_LIMIT_SHEETS);
}

static hp_code list_sheets(lister *l, hp_err *err) {
    hp_book *b = l->book;
    hp_xml_init(&l->x, b->ods.content.bytes);
    for (;;) {
        hp_xml_event e = hp_xml_next(&l->x);
        if (e == HP_XML_EOF) break;
        if (e == HP_XML_BAD) return fail_xml(&l->x, b, err);
        if (e != HP_XML_START) continue;
        /* The element began with the < before its name. */
        size_t from = (size_t)(l->x.open[l->x.depth - 1].p - l->x.begin) - 1;
        HP_TRY(list_start(l, from, err));
    }
    if (l->sheets.n == 0)
        return hp_fail(err, HP_DATA,
                       "%.*s: the spreadsheet has no sheet; save it again in a spreadsheet program",
                       HP_FMT(b->name));
    b->nsheet = l->sheets.n;
    b->sheet = HP_NEW_ARRAY(b->arena, b->nsheet, hp_book_sheet);
    b->ods.table = HP_NEW_ARRAY(b->arena, b->nsheet, size_t);
    if (!b->sheet || !b->ods.table) return hp_fail_memory(err, "the list of sheets");
    memcpy(b->sheet, l->sheets.p, b->nsheet * sizeof *b->sheet);
    memcpy(b->ods.table, l->tables.p, b->nsheet * sizeof *b->ods.table);
    return HP_OK;
}

hp_code hp_ods_open(hp_book *b, hp_zip *z, hp_err *err) {
    size_t entry;
    b->format = HP_FORMAT_ODS;
    HP_TRY(check_manifest(z, b->name, err));
    if (!hp_zip_find(z, HP_S("content.xml"), &entry))
        return hp_fail(err, HP_DATA, "%.*s: has no part content.xml; get a fresh copy", HP_FMT(b->name));
    HP_TRY(hp_zip_read_xml(z, entry, &b->ods.content, err));
    lister l = {.book = b, .style = HP_S("")};
    hp_code code = list_sheets(&l, err);
    hp_vec_free(&l.sheets);
    hp_vec_free(&l.tables);
    hp_smap_free(&l.hidden);
    return code;
}

void hp_ods_close(hp_ods *o) {
    hp_part_free(&o->content);
    *o = (hp_ods){0};
}

/* ---- values ---- */

/* Takes a whole number with the letter behind it off the front; false when another letter follows. */
static bool take(hp_str *s, char letter, uint64_t *out) {
    uint64_t v = 0;
    size_t i = 0;
    while (i < s->n && i < 10 && hp_is_digit(s->p[i])) v = v * 10 + (uint64_t)(s->p[i++] - '0');
    if (i == 0 || i == s->n || s->p[i] != letter) return false;
    *s = hp_str_cut(*s, i + 1, s->n);
    *out = v;
    return true;
}

/* Takes seconds, rounded, with the S behind them. */
static bool take_seconds(hp_str *s, uint64_t *out) {
    size_t end = hp_str_chr(*s, 'S', 0);
    double seconds;
    if (end == SIZE_MAX || end == 0 || !hp_str_f64(hp_str_cut(*s, 0, end), &seconds)) return false;
    if (!(seconds >= 0 && seconds < 1e9)) return false;
    *out = (uint64_t)(seconds + 0.5);
    *s = hp_str_cut(*s, end + 1, s->n);
    return true;
}

size_t hp_duration_text(hp_str s, char out[40]) {
    uint64_t days = 0, hours = 0, minutes = 0, seconds = 0;
    bool negative = s.n && s.p[0] == '-';
    if (negative) s = hp_str_cut(s, 1, s.n);
    if (s.n < 3 || s.p[0] != 'P') return 0;
    s = hp_str_cut(s, 1, s.n);
    bool any = take(&s, 'D', &days);
    if (s.n && s.p[0] == 'T') {
        s = hp_str_cut(s, 1, s.n);
        any |= take(&s, 'H', &hours);
        any |= take(&s, 'M', &minutes);
        any |= take_seconds(&s, &seconds);
    }
    if (!any || s.n) return 0;
    seconds += 60 * (minutes + 60 * (hours + 24 * days));
    return (size_t)snprintf(out, 40, "%s%02llu:%02u:%02u", negative && seconds ? "-" : "",
                            (unsigned long long)seconds / 3600, (unsigned)(seconds / 60 % 60),
                            (unsigned)(seconds % 60));
}

/* Appends the spaces that a text:s stands for; more than a cell holds are none of a person's. */
static bool add_spaces(hp_xml *x, hp_buf *out) {
    int64_t n;
    if (!hp_str_i64(attr(x, "text:", "c"), &n) || n < 1) n = 1;
    if (n > HP_LIMIT_CELL_TEXT) {
        x->why = "more spaces than a cell can hold";
        return false;
    }
    char *to = hp_buf_room(out, (size_t)n);
    if (!to) return false;
    memset(to, ' ', (size_t)n);
    out->n += (size_t)n;
    return true;
}

/* Appends what an element stands for that is a character. */
static bool add_character(hp_xml *x, hp_buf *out) {
    bool ok = true;
    if (hp_str_eq(x->name, HP_S("tab"))) {
        hp_buf_putc(out, '\t');
    } else if (hp_str_eq(x->name, HP_S("line-break"))) {
        hp_buf_putc(out, '\n');
    } else {
        ok = add_spaces(x, out);
    }
    return ok && !out->bad && hp_xml_skip(x);
}

static bool is_character(hp_str name) {
    return hp_str_eq(name, HP_S("s")) || hp_str_eq(name, HP_S("tab")) || hp_str_eq(name, HP_S("line-break"));
}

/* Elements in a paragraph whose text is not part of it. */
static bool is_aside(hp_str name) {
    return hp_str_eq(name, HP_S("annotation")) || hp_str_eq(name, HP_S("note"))
           || hp_str_eq(name, HP_S("ruby-text")) || hp_str_eq(name, HP_S("frame"));
}

bool hp_ods_paragraph(hp_xml *x, hp_buf *out) {
    for (unsigned depth = x->depth;;) {
        hp_xml_event e = hp_xml_next(x);
        bool ok = e != HP_XML_BAD && e != HP_XML_EOF;
        if (e == HP_XML_TEXT && x->cdata) {
            hp_buf_add(out, x->text);
        } else if (e == HP_XML_TEXT) {
            ok = hp_xml_decode(x, x->text, out);
        } else if (e == HP_XML_START && is_character(x->name)) {
            ok = add_character(x, out);
        } else if (e == HP_XML_START && is_aside(x->name)) {
            ok = hp_xml_skip(x);
        }
        if (!ok || out->bad) return false;
        if (e == HP_XML_END && x->depth < depth) return true;
    }
}

/* ---- one sheet ---- */

/* A value of the row that is being read, and how many columns it fills. */
typedef struct row_cell {
    uint32_t col, n;
    hp_value value;
} row_cell;

/* What reading one sheet needs. */
typedef struct reader {
    hp_fill fill;
    const hp_book *book;
    hp_xml x;
    hp_buf text;
    HP_VEC(row_cell) cells; /* of this row */
    uint64_t row;           /* of this row, 1-based */
    uint64_t col;           /* of the next cell, 0-based */
    uint64_t repeated;      /* cells that repeats have made */
    uint64_t spaces;        /* bytes of text that the part has not, but counts of spaces */
} reader;

/* A cell as its attributes say. */
typedef struct cell {
    hp_str type, value, string;
    bool has_string, formula, error;
    uint64_t columns, spans_cols, spans_rows;
} cell;

static hp_code fail_part(reader *r) {
    if (r->text.over)
        return hp_fail_limit(r->fill.err, HP_L_TEXT_BYTES,
                             "%.*s: part %.*s, byte %zu: a cell has more than %llu bytes of text",
                             HP_FMT(r->fill.file), HP_FMT(r->fill.part), hp_xml_offset(&r->x),
                             (unsigned long long)HP_LIMIT_TEXT_BYTES);
    return fail_xml(&r->x, r->book, r->fill.err);
}

static hp_code fail_place(reader *r, const char *why) {
    return hp_fail(
        r->fill.err, HP_DATA, "%.*s: part %.*s, byte %zu: row %llu: %s; check where the file comes from",
        HP_FMT(r->fill.file), HP_FMT(r->fill.part), hp_xml_offset(&r->x), (unsigned long long)r->row, why);
}

/* Reads how often something repeats; what is no such number counts as once, and numbers beyond any sheet as
 * the end of it. */
static uint64_t count_of(hp_str s) {
    int64_t n;
    if (!hp_str_i64(s, &n) || n < 1) return 1;
    return n < UINT32_MAX ? (uint64_t)n : UINT32_MAX;
}

static void cell_attrs(hp_xml *x, cell *c) {
    hp_str name, value;
    *c = (cell){.type = HP_S(""),
                .value = HP_S(""),
                .string = HP_S(""),
                .columns = 1,
                .spans_cols = 1,
                .spans_rows = 1};
    while (hp_xml_attr(x, &name, &value)) {
        if (is_attr(name, "office:", "value-type")) c->type = value;
        if (is_attr(name, "calcext:", "value-type")) c->error = hp_str_eq(value, HP_S("error"));
        if (is_attr(name, "office:", "value") || is_attr(name, "office:", "date-value")
            || is_attr(name, "office:", "time-value") || is_attr(name, "office:", "boolean-value"))
            c->value = value;
        if (is_attr(name, "office:", "string-value")) {
            c->string = value;
            c->has_string = true;
        }
        if (is_attr(name, "table:", "formula")) c->formula = true;
        if (is_attr(name, "table:", "number-columns-repeated")) c->columns = count_of(value);
        if (is_attr(name, "table:", "number-columns-spanned")) c->spans_cols = count_of(value);
        if (is_attr(name, "table:", "number-rows-spanned")) c->spans_rows = count_of(value);
    }
}

/* Reads the paragraphs of the cell that just started, one a line, up to its end. */
static bool cell_text(reader *r) {
    hp_xml *x = &r->x;
    unsigned depth = x->depth;
    bool first = true;
    hp_buf_clear(&r->text);
    for (;;) {
        hp_xml_event e = hp_xml_next(x);
        if (e == HP_XML_BAD || e == HP_XML_EOF) return false;
        if (e == HP_XML_END && x->depth < depth) return true;
        if (e != HP_XML_START) continue;
        if (!hp_str_eq(x->name, HP_S("p"))) {
            if (!hp_xml_skip(x)) return false;
            continue;
        }
        if (!first) hp_buf_putc(&r->text, '\n');
        first = false;
        if (!hp_ods_paragraph(x, &r->text)) return false;
    }
}

static hp_code date_or_time(reader *r, const cell *c, uint32_t row, uint32_t col, hp_value *out) {
    char text[40];
    bool date = hp_str_eq(c->type, HP_S("date"));
    size_t n = date ? hp_iso_text(c->value, text) : hp_duration_text(c->value, text);
    if (n == 0) return hp_fill_text(&r->fill, row, col, c->value, false, out);
    return hp_fill_typed(&r->fill, HP_T_DATE, (hp_str){text, n}, c->value, out);
}

/* Makes the value of a cell whose text stands in r->text. */
static hp_code value_of(reader *r, const cell *c, uint32_t row, uint32_t col, hp_value *out) {
    hp_fill *f = &r->fill;
    hp_str text = hp_buf_str(&r->text);
    *out = (hp_value){0};
    if (c->error) return hp_fill_error(f, row, col, text, out);
    if (c->formula && c->type.n == 0 && text.n == 0)
        return hp_fill_find(f, HP_R_FORMULA_WITHOUT_VALUE, row, col, HP_NULL);
    if (c->value.n == 0 || hp_str_eq(c->type, HP_S("string")) || c->type.n == 0)
        return text.n ? hp_fill_text(f, row, col, text, r->x.repaired, out) : HP_OK;
    if (hp_str_eq(c->type, HP_S("date")) || hp_str_eq(c->type, HP_S("time")))
        return date_or_time(r, c, row, col, out);
    if (hp_str_eq(c->type, HP_S("boolean"))) {
        bool yes = hp_str_eq(c->value, HP_S("true"));
        if (!yes && !hp_str_eq(c->value, HP_S("false")))
            return hp_fill_text(f, row, col, c->value, false, out);
        return hp_fill_typed(f, HP_T_BOOL, yes ? HP_S("TRUE") : HP_S("FALSE"), c->value, out);
    }
    return hp_fill_number(f, row, col, c->value, out);
}

/* A merged area; what would reach beyond the sheet ends with it. */
static hp_code merge(reader *r, const cell *c) {
    if (r->row > HP_LIMIT_SHEET_ROWS || r->col >= HP_LIMIT_SHEET_COLS) return HP_OK;
    uint64_t last_row = r->row + c->spans_rows - 1, last_col = r->col + c->spans_cols - 1;
    if (last_row > HP_LIMIT_SHEET_ROWS) last_row = HP_LIMIT_SHEET_ROWS;
    if (last_col >= HP_LIMIT_SHEET_COLS) last_col = HP_LIMIT_SHEET_COLS - 1;
    return hp_fill_merge(&r->fill, (hp_merged_area){(uint32_t)r->row, (uint32_t)last_row, (uint32_t)r->col,
                                                    (uint32_t)last_col});
}

static hp_code keep(reader *r, hp_value v, uint64_t n) {
    if (v.v == HP_NULL) return HP_OK;
    if (r->col + n > HP_LIMIT_SHEET_COLS)
        return fail_place(r, "a value beyond XFD, the last column of a sheet");
    if (hp_vec_push(&r->cells, ((row_cell){(uint32_t)r->col, (uint32_t)n, v}))) return HP_OK;
    return hp_fail_memory(r->fill.err, "a sheet");
}

/* Holds what was made of little against the size of the part, as inflating is held. */
static hp_code check_ratio(reader *r, uint64_t made, const char *what) {
    uint64_t bytes = r->book->ods.content.bytes.n;
    if (made <= FREE_REPEATS || made / HP_LIMIT_INFLATE_RATIO <= bytes) return HP_OK;
    return hp_fail_limit(
        r->fill.err, HP_L_INFLATE_RATIO,
        "%.*s: part %.*s, byte %zu: %llu %s are made of %llu bytes; no honest workbook does that: check where it comes from",
        HP_FMT(r->fill.file), HP_FMT(r->fill.part), hp_xml_offset(&r->x), (unsigned long long)made, what,
        (unsigned long long)bytes);
}

static hp_code read_cell(reader *r) {
    cell c;
    hp_value v;
    bool covered = hp_str_eq(r->x.name, HP_S("covered-table-cell"));
    r->x.repaired = false;
    cell_attrs(&r->x, &c);
    /* Beyond the sheet a cell may only be empty; its place is only for messages then. */
    uint32_t row = r->row < UINT32_MAX ? (uint32_t)r->row : UINT32_MAX - 1;
    uint32_t col = r->col < HP_LIMIT_SHEET_COLS ? (uint32_t)r->col : HP_LIMIT_SHEET_COLS;
    size_t from = hp_xml_offset(&r->x);
    if (!cell_text(r)) return fail_part(r);
    size_t read = hp_xml_offset(&r->x) - from;
    if (r->text.n > read) r->spaces += r->text.n - read;
    HP_TRY(check_ratio(r, r->spaces, "spaces"));
    if (c.has_string && !c.error) {
        hp_buf_clear(&r->text);
        if (!hp_xml_decode(&r->x, c.string, &r->text)) return fail_part(r);
    }
    HP_TRY(hp_buf_check(&r->text, "a text", r->fill.err));
    /* What a merged area covers is not shown, but some programs keep values there; so does xlsx. */
    HP_TRY(value_of(r, &c, row, col, &v));
    HP_TRY(keep(r, v, c.columns));
    if (!covered && (c.spans_cols > 1 || c.spans_rows > 1)) HP_TRY(merge(r, &c));
    r->col += c.columns;
    return HP_OK;
}

/* Holds what a row's repeats make of it against the limits, before any of it is made. */
static hp_code check_repeats(reader *r, uint64_t rows) {
    uint64_t n = 0;
    for (size_t i = 0; i < r->cells.n; i++) n += r->cells.p[i].n;
    if (rows > HP_LIMIT_SHEET_ROWS || r->row + rows - 1 > HP_LIMIT_SHEET_ROWS)
        return fail_place(r, "values beyond 1,048,576, the last row of a sheet");
    r->repeated += n * rows - r->cells.n;
    if (r->repeated > HP_LIMIT_CELLS)
        return hp_fail_limit(r->fill.err, HP_L_CELLS,
                             "%.*s: part %.*s, byte %zu: repeats make more than %llu cells of it",
                             HP_FMT(r->fill.file), HP_FMT(r->fill.part), hp_xml_offset(&r->x),
                             (unsigned long long)HP_LIMIT_CELLS);
    return check_ratio(r, r->repeated, "cells");
}

static hp_code put_row(reader *r, uint32_t number, bool hidden) {
    hp_grid_begin_row(&r->fill.grid, number, hidden);
    for (size_t i = 0; i < r->cells.n; i++) {
        const row_cell *c = &r->cells.p[i];
        for (uint32_t k = 0; k < c->n; k++) HP_TRY(hp_fill_put(&r->fill, c->col + k, c->value));
    }
    return number % ROWS_BETWEEN_LOOKS ? HP_OK : hp_deadline_check(r->fill.err);
}

static bool is_cell(hp_str name) {
    return hp_str_eq(name, HP_S("table-cell")) || hp_str_eq(name, HP_S("covered-table-cell"));
}

static hp_code read_cells(reader *r) {
    unsigned depth = r->x.depth;
    r->col = 0;
    r->cells.n = 0;
    for (;;) {
        hp_xml_event e = hp_xml_next(&r->x);
        if (e == HP_XML_BAD || e == HP_XML_EOF) return fail_part(r);
        if (e == HP_XML_END && r->x.depth < depth) return HP_OK;
        if (e != HP_XML_START) continue;
        if (is_cell(r->x.name)) {
            HP_TRY(read_cell(r));
        } else if (!hp_xml_skip(&r->x)) {
            return fail_part(r);
        }
    }
}

static hp_code read_row(reader *r) {
    hp_str name, value;
    uint64_t rows = 1;
    bool hidden = false;
    while (hp_xml_attr(&r->x, &name, &value)) {
        if (is_attr(name, "table:", "number-rows-repeated")) rows = count_of(value);
        if (is_attr(name, "table:", "visibility")) hidden = !hp_str_eq(value, HP_S("visible"));
    }
    HP_TRY(read_cells(r));
    if (r->cells.n) {
        HP_TRY(check_repeats(r, rows));
        for (uint64_t i = 0; i < rows; i++) HP_TRY(put_row(r, (uint32_t)(r->row + i), hidden));
    }
    r->row += rows;
    return HP_OK;
}

/* Reads the table at whose start the scanner stands. Rows may be grouped; what else is in a table (its
 * shapes, its source) has none. */
static hp_code read_table(reader *r) {
    static const hp_str groups[] = {HP_S("table"), HP_S("table-rows"), HP_S("table-header-rows"),
                                    HP_S("table-row-group")};
    for (;;) {
        hp_xml_event e = hp_xml_next(&r->x);
        if (e == HP_XML_BAD || e == HP_XML_EOF) return fail_part(r);
        if (e == HP_XML_END && r->x.depth == 0) return HP_OK;
        if (e != HP_XML_START) continue;
        if (hp_str_eq(r->x.name, HP_S("table-row"))) {
            HP_TRY(read_row(r));
            continue;
        }
        bool group = false;
        for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
            group |= hp_str_eq(r->x.name, groups[i]) && (i > 0 || r->x.depth == 1);
        if (!group && !hp_xml_skip(&r->x)) return fail_part(r);
    }
}

hp_code hp_ods_read(hp_run *run, hp_book *b, size_t i, uint32_t sheet_id, bool raw, hp_table **out,
                    hp_err *err) {
    hp_str content = b->ods.content.bytes;
    reader r = {.fill = hp_fill_new(run, b->name, b->ods.content.name, sheet_id, raw, err),
                .book = b,
                .text = hp_buf_new(HP_LIMIT_TEXT_BYTES),
                .row = 1};
    hp_code code = HP_OK;
    if (b->sheet[i].state) code = hp_fill_find(&r.fill, HP_R_HIDDEN_SHEET, 0, HP_NO_COL, HP_NULL);
    hp_xml_init(&r.x, hp_str_cut(content, b->ods.table[i], content.n));
    r.x.begin = content.p; /* so that offsets in messages are those of the part */
    if (code == HP_OK) code = read_table(&r);
    if (code == HP_OK) code = hp_grid_table(&r.fill.grid, run->arena, b->sheet[i].name, sheet_id, out, err);
    hp_vec_free(&r.cells);
    hp_buf_free(&r.text);
    hp_fill_free(&r.fill);
    return code;
}
