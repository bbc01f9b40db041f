#include "base/mem.h"
#include "read/book.h"
#include "read/grid.h"

#include "base/banned.h"

/* Cell types (ECMA-376 part 1, 18.18.11). */
typedef enum cell_type {
    CELL_NUMBER,
    CELL_SHARED,
    CELL_TEXT,
    CELL_INLINE,
    CELL_BOOL,
    CELL_ERROR,
    CELL_DATE
} cell_type;

/* What reading one sheet needs. */
typedef struct sheet_reader {
    hp_run *run;
    const hp_xlsx *book;
    hp_str file, part;
    hp_xml x;
    hp_grid grid;
    hp_texts texts;
    hp_buf value; /* scratch for <v> */
    hp_rich rich; /* scratch for <is> */
    uint32_t sheet;
    bool raw;
    uint32_t row, col; /* of the last cell, or the one being read; row 1-based, col 0-based */
    uint32_t last_row; /* number of the last row element */
    hp_err *err;
} sheet_reader;

/* A cell as it stands in the file; the texts are valid until the next one. */
typedef struct cell {
    cell_type type;
    uint32_t style;
    bool formula;       /* it has a formula */
    bool has_value;     /* it has a <v>, perhaps an empty one */
    hp_str value, text; /* of <v>, of <is> */
} cell;

static hp_code fail_xml(sheet_reader *r) { return hp_fail_xml(&r->x, r->file, r->part, r->err); }

static hp_code fail_at(sheet_reader *r, const char *why) {
    return hp_fail(
        r->err, HP_DATA,
        "%.*s: part %.*s, byte %zu: %s; the file is damaged: open it in a spreadsheet program and save it again",
        HP_FMT(r->file), HP_FMT(r->part), hp_xml_offset(&r->x), why);
}

static hp_code find(sheet_reader *r, hp_rule rule, hp_vid value, hp_vid note) {
    if (r->raw) return HP_OK;
    return hp_find(r->run, rule, (hp_cell){r->sheet, r->row, r->col}, value, note, r->err);
}

/* Passes on how adding to the grid went; a message about a limit gets the names it lacks. */
static hp_code added(sheet_reader *r, hp_code code) {
    if (code != HP_DATA) return code;
    return hp_fail(r->err, HP_DATA, "%.*s: part %.*s %s", HP_FMT(r->file), HP_FMT(r->part),
                   r->err ? r->err->message : "");
}

static hp_code put(sheet_reader *r, hp_vid v, hp_type type, hp_vid lex) {
    return added(r, hp_grid_put(&r->grid, r->col, v, type, lex, r->err));
}

static hp_code intern(sheet_reader *r, const char *p, size_t n, hp_vid *out) {
    return hp_intern(r->run->pool, (hp_str){p, n}, out, r->err);
}

/* Takes what is left of a text of the file: no number, no date, an unknown type. */
static hp_code put_text(sheet_reader *r, hp_str text) {
    hp_vid id;
    bool repaired = r->x.repaired;
    HP_TRY(hp_texts_intern(&r->texts, text, &id, &repaired, r->err));
    if (repaired) HP_TRY(find(r, HP_R_ENCODING_REPAIRED, id, HP_NULL));
    return put(r, id, HP_T_TEXT, id);
}

/* Drops the white space that XML's number types allow around a value. */
static hp_str trimmed(hp_str s) {
    while (s.n && hp_is_space(s.p[0])) s = hp_str_cut(s, 1, s.n);
    while (s.n && hp_is_space(s.p[s.n - 1])) s.n--;
    return s;
}

static hp_code put_number(sheet_reader *r, const cell *c) {
    hp_str lexical = trimmed(c->value);
    char text[HP_NUMBER_TEXT];
    hp_numfmt kind = hp_styles_kind(&r->book->styles, c->style);
    hp_type type = HP_T_NUMBER;
    size_t n = 0;
    double serial;
    if (kind != HP_NUMFMT_NUMBER && hp_str_f64(lexical, &serial)) {
        n = hp_serial_text(serial, kind, r->book->date1904, text);
        if (n) type = HP_T_DATE;
    }
    if (n == 0) n = hp_number_text(lexical, text);
    if (n == 0) return put_text(r, c->value);
    hp_vid id, lex;
    HP_TRY(intern(r, text, n, &id));
    lex = id;
    if (!hp_str_eq(lexical, (hp_str){text, n})) HP_TRY(hp_intern(r->run->pool, lexical, &lex, r->err));
    return put(r, id, type, lex);
}

static hp_code put_shared(sheet_reader *r, hp_str value) {
    const hp_strings *s = &r->book->strings;
    int64_t index;
    value = trimmed(value);
    if (!hp_str_i64(value, &index) || index < 0 || (uint64_t)index >= s->n) {
        if (r->raw) return HP_OK;
        return hp_findf(r->run, HP_R_SHARED_STRING_MISSING, (hp_cell){r->sheet, r->row, r->col}, HP_NULL,
                        r->err, "shared string %.*s of %zu", HP_FMT(hp_str_cut(value, 0, 40)), s->n);
    }
    hp_vid id = s->id[index];
    if (s->nrepaired && hp_strings_repaired(s, (uint32_t)index))
        HP_TRY(find(r, HP_R_ENCODING_REPAIRED, id, HP_NULL));
    return put(r, id, HP_T_TEXT, id);
}

static hp_code put_bool(sheet_reader *r, hp_str value) {
    hp_str lexical = trimmed(value);
    bool yes = hp_str_eq(lexical, HP_S("1")) || hp_str_ieq(lexical, HP_S("true"));
    if (!yes && !hp_str_eq(lexical, HP_S("0")) && !hp_str_ieq(lexical, HP_S("false")))
        return put_text(r, value);
    hp_vid id, lex;
    HP_TRY(hp_intern(r->run->pool, yes ? HP_S("TRUE") : HP_S("FALSE"), &id, r->err));
    HP_TRY(hp_intern(r->run->pool, lexical, &lex, r->err));
    return put(r, id, HP_T_BOOL, lex);
}

static hp_code put_error(sheet_reader *r, hp_str value) {
    hp_vid id;
    bool repaired = false;
    HP_TRY(hp_texts_intern(&r->texts, trimmed(value), &id, &repaired, r->err));
    if (r->raw) return put(r, id, HP_T_ERROR, id);
    return find(r, HP_R_CELL_ERROR, id, HP_NULL);
}

static hp_code put_iso_date(sheet_reader *r, hp_str value) {
    hp_str lexical = trimmed(value);
    char text[40];
    size_t n = hp_iso_text(lexical, text);
    if (n == 0) return put_text(r, value);
    hp_vid id, lex;
    HP_TRY(intern(r, text, n, &id));
    HP_TRY(hp_intern(r->run->pool, lexical, &lex, r->err));
    return put(r, id, HP_T_DATE, lex);
}

/* A formula's result was saved if it has a value. An empty one is the saved result "" if the cell says that
 * its result is a text, as spreadsheet programs do; libraries that calculate nothing leave an empty <v/>
 * without a type behind. */
static bool lacks_result(const cell *c) {
    return c->formula && c->value.n == 0 && c->text.n == 0 && !(c->type == CELL_TEXT && c->has_value);
}

static hp_code put_cell(sheet_reader *r, const cell *c) {
    if (lacks_result(c)) return find(r, HP_R_FORMULA_WITHOUT_VALUE, HP_NULL, HP_NULL);
    if (c->type == CELL_INLINE) return put_text(r, c->text.n ? c->text : c->value);
    if (c->value.n == 0) return HP_OK;
    switch (c->type) {
    case CELL_SHARED: return put_shared(r, c->value);
    case CELL_BOOL: return put_bool(r, c->value);
    case CELL_ERROR: return put_error(r, c->value);
    case CELL_DATE: return put_iso_date(r, c->value);
    case CELL_NUMBER: return put_number(r, c);
    case CELL_TEXT:
    case CELL_INLINE: break;
    }
    return put_text(r, c->value);
}

static cell_type type_of(hp_str t) {
    static const struct {
        hp_str name;
        cell_type type;
    } types[] = {{HP_S("s"), CELL_SHARED}, {HP_S("n"), CELL_NUMBER},         {HP_S("str"), CELL_TEXT},
                 {HP_S("b"), CELL_BOOL},   {HP_S("inlineStr"), CELL_INLINE}, {HP_S("e"), CELL_ERROR},
                 {HP_S("d"), CELL_DATE}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (hp_str_eq(t, types[i].name)) return types[i].type;
    }
    return t.n ? CELL_TEXT : CELL_NUMBER;
}

/* Reads a decimal number of at most nine digits; false on anything else. */
static bool small_number(hp_str s, uint32_t *out) {
    if (s.n == 0 || s.n > 9) return false;
    uint32_t value = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (!hp_is_digit(s.p[i])) return false;
        value = value * 10 + (uint32_t)(s.p[i] - '0');
    }
    *out = value;
    return true;
}

/* Splits a reference such as "C17"; false when it is none. Column and row are not yet checked against the
 * limits, but do not wrap. */
static bool split_reference(hp_str ref, uint32_t *row, uint32_t *col) {
    size_t i = 0;
    uint32_t letters = 0;
    for (; i < ref.n && hp_is_alpha(ref.p[i]); i++) {
        if (i == 5) return false;
        letters = letters * 26 + (uint32_t)(hp_upper(ref.p[i]) - 'A') + 1;
    }
    *col = letters - 1;
    return letters > 0 && small_number(hp_str_cut(ref, i, ref.n), row);
}

static hp_code go_to_row(sheet_reader *r, uint32_t row, bool hidden) {
    if (row == 0) return fail_at(r, "a row without number");
    if (row > HP_LIMIT_SHEET_ROWS) return fail_at(r, "a row beyond 1048576, the last one of a sheet");
    hp_grid_begin_row(&r->grid, row, hidden);
    r->row = row;
    return HP_OK;
}

/* Goes to the cell that a reference names. Its row is nearly always the one it stands in. */
static hp_code go_to(sheet_reader *r, hp_str ref) {
    uint32_t row, col;
    if (!split_reference(ref, &row, &col)) return fail_at(r, "a cell whose reference is no column and row");
    if (col >= HP_LIMIT_SHEET_COLS) return fail_at(r, "a cell beyond XFD, the last column of a sheet");
    r->col = col;
    return row == r->row ? HP_OK : go_to_row(r, row, r->grid.current.hidden);
}

/* Reads the attributes of a cell that just started. Without a reference it stands behind the last one. */
static hp_code cell_attrs(sheet_reader *r, cell *c) {
    hp_str name, value, ref = HP_S(""), type = HP_S("");
    while (hp_xml_attr(&r->x, &name, &value)) {
        if (name.n != 1) continue;
        if (name.p[0] == 'r') ref = value;
        if (name.p[0] == 't') type = value;
        if (name.p[0] == 's' && !small_number(value, &c->style)) c->style = 0;
    }
    c->type = type_of(type);
    if (ref.n) return go_to(r, ref);
    if (++r->col >= HP_LIMIT_SHEET_COLS) return fail_at(r, "a cell beyond XFD, the last column of a sheet");
    return HP_OK;
}

/* Reads one child of a cell; false on bad XML. */
static bool cell_child(sheet_reader *r, cell *c) {
    hp_xml *x = &r->x;
    if (hp_str_eq(x->name, HP_S("v"))) {
        c->has_value = true;
        return hp_xml_content(x, &r->value, &c->value);
    }
    if (hp_str_eq(x->name, HP_S("is"))) return hp_rich_text(x, &r->rich, &c->text);
    if (hp_str_eq(x->name, HP_S("f"))) c->formula = true;
    return hp_xml_skip(x);
}

static hp_code read_cell(sheet_reader *r) {
    hp_xml *x = &r->x;
    unsigned depth = x->depth;
    cell c = {.value = HP_S(""), .text = HP_S("")};
    HP_TRY(cell_attrs(r, &c));
    x->repaired = false;
    for (;;) {
        hp_xml_event e = hp_xml_next(x);
        if (e == HP_XML_END && x->depth < depth) return put_cell(r, &c);
        if (e == HP_XML_BAD || e == HP_XML_EOF || (e == HP_XML_START && !cell_child(r, &c)))
            return fail_xml(r);
    }
}

/* Reads the attributes of a row that just started. Without a number it is the one behind the last. */
static hp_code begin_row(sheet_reader *r) {
    hp_str name, value;
    uint32_t row = r->last_row + 1;
    bool hidden = false;
    while (hp_xml_attr(&r->x, &name, &value)) {
        bool is_number = name.n == 1 && name.p[0] == 'r' && value.n;
        if (is_number && !small_number(value, &row)) return fail_at(r, "a row whose number is none");
        if (hp_str_eq(name, HP_S("hidden")))
            hidden = hp_str_eq(value, HP_S("1")) || hp_str_ieq(value, HP_S("true"));
    }
    r->col = UINT32_MAX; /* so that the first cell without reference is column 0 */
    r->last_row = row;
    return go_to_row(r, row, hidden);
}

/* Reads the reference of a cell that a sheet can have; false when it is none. */
static bool cell_of_sheet(hp_str ref, uint32_t *row, uint32_t *col) {
    return split_reference(ref, row, col) && *row > 0 && *row <= HP_LIMIT_SHEET_ROWS
           && *col < HP_LIMIT_SHEET_COLS;
}

/* Keeps a merged area, and reports it at its top left cell. A reference that names no area within the sheet
 * is reported only. */
static hp_code merged_area(sheet_reader *r) {
    hp_str name, value, ref = HP_S("");
    while (hp_xml_attr(&r->x, &name, &value)) {
        if (hp_str_eq(name, HP_S("ref"))) ref = value;
    }
    hp_cell at = {r->sheet, 0, HP_NO_COL};
    hp_merged_area area;
    size_t colon = hp_str_chr(ref, ':', 0);
    bool known = cell_of_sheet(hp_str_cut(ref, 0, colon), &area.first_row, &area.first_col);
    if (known) at = (hp_cell){r->sheet, area.first_row, area.first_col};
    if (known && colon < ref.n
        && cell_of_sheet(hp_str_cut(ref, colon + 1, ref.n), &area.last_row, &area.last_col)
        && area.first_row <= area.last_row && area.first_col <= area.last_col)
        HP_TRY(added(r, hp_grid_merge(&r->grid, area, r->err)));
    if (r->raw) return HP_OK;
    hp_vid note;
    bool repaired = false;
    HP_TRY(hp_texts_intern(&r->texts, hp_str_cut(ref, 0, 64), &note, &repaired, r->err));
    return hp_find(r->run, HP_R_MERGED_CELLS, at, HP_NULL, note, r->err);
}

static hp_code start(sheet_reader *r) {
    const hp_xml *x = &r->x;
    if (x->depth == 4) {
        if (x->name.n == 1 && x->name.p[0] == 'c' && hp_xml_parent_is(x, HP_S("row"))) return read_cell(r);
        return HP_OK;
    }
    if (x->depth == 3) {
        if (hp_str_eq(x->name, HP_S("row")) && hp_xml_parent_is(x, HP_S("sheetData"))) return begin_row(r);
        if (hp_str_eq(x->name, HP_S("mergeCell")) && hp_xml_parent_is(x, HP_S("mergeCells")))
            return merged_area(r);
    }
    if (x->depth == 1 && !hp_str_eq(x->name, HP_S("worksheet"))) return fail_at(r, "this is no worksheet");
    return HP_OK;
}

static hp_code read_part(sheet_reader *r) {
    for (;;) {
        hp_xml_event e = hp_xml_next(&r->x);
        if (e == HP_XML_EOF) return HP_OK;
        if (e == HP_XML_BAD) return fail_xml(r);
        if (e == HP_XML_START) HP_TRY(start(r));
    }
}

static hp_code read_bytes(sheet_reader *r, const hp_book *b, size_t i, hp_table **out) {
    size_t entry;
    if (!hp_zip_find(b->xlsx.zip, b->xlsx.sheet_part[i], &entry)) {
        return hp_fail(
            r->err, HP_DATA,
            "%.*s!%.*s: the workbook has no part of its own for this sheet; open it in a spreadsheet program and save it again",
            HP_FMT(b->name), HP_FMT(b->sheet[i].name));
    }
    hp_autopart part = {0};
    HP_TRY(hp_zip_read_xml(b->xlsx.zip, entry, &part, r->err));
    r->part = part.name;
    hp_xml_init(&r->x, part.bytes);
    HP_TRY(read_part(r));
    hp_part_free(&part); /* before the table doubles the columns for a moment */
    return hp_grid_table(&r->grid, r->run->arena, b->sheet[i].name, r->sheet, out, r->err);
}

hp_code hp_sheet_read(hp_run *run, hp_book *b, size_t i, uint32_t sheet_id, bool raw, hp_table **out,
                      hp_err *err) {
    const hp_book_sheet *s = &b->sheet[i];
    if (!s->readable) {
        return hp_fail(err, HP_DATA, "%.*s!%.*s: is a chart or macro sheet and has no cells; leave it out",
                       HP_FMT(b->name), HP_FMT(s->name));
    }
    HP_TRY(hp_xlsx_load(run, b, err));
    sheet_reader r = {.run = run,
                      .book = &b->xlsx,
                      .file = b->name,
                      .sheet = sheet_id,
                      .raw = raw,
                      .col = HP_NO_COL,
                      .err = err};
    if (s->state) HP_TRY(find(&r, HP_R_HIDDEN_SHEET, HP_NULL, HP_NULL));
    r.texts = hp_texts_new(run, true);
    r.value = hp_buf_new(HP_LIMIT_PART_BYTES);
    r.rich = hp_rich_new();
    hp_code code = read_bytes(&r, b, i, out);
    hp_grid_free(&r.grid);
    hp_texts_free(&r.texts);
    hp_buf_free(&r.value);
    hp_rich_free(&r.rich);
    return code;
}
