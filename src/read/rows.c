#include "read/rows.h"

#include "base/banned.h"

hp_rows hp_rows_new(const hp_xlsx *book, hp_str file, hp_str part, bool raw) {
    return (hp_rows){.book = book,
                     .file = file,
                     .part = part,
                     .raw = raw,
                     .value = hp_buf_new(HP_LIMIT_PART_BYTES),
                     .rich = hp_rich_new()};
}

void hp_rows_free(hp_rows *r) {
    hp_batch_free(&r->batch);
    hp_buf_free(&r->value);
    hp_rich_free(&r->rich);
    hp_structure_free(&r->structure);
}

void hp_rows_begin(hp_rows *r, hp_str stays, bool first) {
    hp_batch_clear(&r->batch);
    r->stays = stays;
    r->last_row = 0;
    r->relative = !first;
}

void hp_rows_finish(hp_rows *r) {
    hp_batch_resolve(&r->batch, r->book->strings.id);
    hp_batch_seal(&r->batch, true);
}

/* ---- rows ---- */

hp_code hp_rows_fail(hp_rows *r, const char *why) {
    r->x.why = why;
    return hp_fail_xml(&r->x, r->file, r->part, r->err);
}

static hp_code check_row(hp_rows *r, uint32_t row) {
    if (row == 0) return hp_rows_fail(r, "a row without number");
    if (row > HP_LIMIT_SHEET_ROWS) return hp_rows_fail(r, "a row beyond 1048576, the last one of a sheet");
    return HP_OK;
}

hp_code hp_rows_start(hp_rows *r, const uint32_t *number, bool hidden) {
    uint32_t row = number ? *number : r->last_row + 1;
    HP_TRY(check_row(r, row));
    if (number) r->relative = false;
    r->last_row = row;
    r->hidden = hidden;
    r->col = UINT32_MAX; /* so that the first cell without reference is column 0 */
    hp_batch_begin_row(&r->batch, row, r->relative, hidden);
    return HP_OK;
}

hp_code hp_rows_visit(hp_rows *r, uint32_t row) {
    const hp_batch_row *now = r->batch.nrow ? &r->batch.row[r->batch.nrow - 1] : NULL;
    if (now && !now->relative && now->number == row) return HP_OK;
    HP_TRY(check_row(r, row));
    hp_batch_begin_row(&r->batch, row, false, r->hidden);
    return HP_OK;
}

void hp_rows_end(hp_rows *r) {
    if (!r->batch.nrow) return;
    const hp_batch_row *last = &r->batch.row[r->batch.nrow - 1];
    if (last->number == r->last_row && last->relative == r->relative) return;
    hp_batch_begin_row(&r->batch, r->last_row, r->relative, r->hidden); /* the next row counts from here */
}

/* ---- cells ---- */

static hp_ref text_ref(hp_rows *r, hp_str s) {
    bool stays = s.p >= r->stays.p && s.p < r->stays.p + r->stays.n;
    return stays ? hp_batch_text_at(&r->batch, r->col, s) : hp_batch_text_copy(&r->batch, s);
}

static void find(hp_rows *r, hp_rule rule, hp_ref value, hp_ref note) {
    if (!r->raw || (r->unsaved && rule == HP_R_FORMULA_WITHOUT_VALUE))
        hp_batch_find(&r->batch, rule, r->col, value, note);
}

/* Takes what is left of a text of the file: no number, no date, an unknown type. */
static hp_code put_text(hp_rows *r, const hp_raw_cell *c, hp_str text) {
    if (text.n > HP_LIMIT_TEXT_BYTES)
        return hp_fail_limit(r->err, HP_L_TEXT_BYTES,
                             "%.*s: part %.*s, byte %zu: a text of more than %llu bytes", HP_FMT(r->file),
                             HP_FMT(r->part), hp_xml_offset(&r->x), (unsigned long long)HP_LIMIT_TEXT_BYTES);
    hp_ref ref = text_ref(r, text);
    if (c->repaired) find(r, HP_R_ENCODING_REPAIRED, ref, 0);
    hp_batch_put(&r->batch, r->col, ref, HP_T_TEXT, ref);
    return HP_OK;
}

/* Drops the white space that XML's number types allow around a value. */
static hp_str trimmed(hp_str s) {
    while (s.n && hp_is_space(s.p[0])) s = hp_str_cut(s, 1, s.n);
    while (s.n && hp_is_space(s.p[s.n - 1])) s.n--;
    return s;
}

/* Puts a value whose text is not that of the file. */
static void put_made(hp_rows *r, hp_str text, hp_type type, hp_str lexical) {
    hp_ref lex = text_ref(r, lexical);
    hp_ref ref = hp_str_eq(text, lexical) ? lex : hp_batch_text_copy(&r->batch, text);
    hp_batch_put(&r->batch, r->col, ref, type, lex);
}

static hp_code put_number(hp_rows *r, const hp_raw_cell *c) {
    hp_str lexical = trimmed(c->value);
    char text[HP_NUMBER_TEXT];
    hp_numfmt kind = hp_styles_kind(&r->book->styles, c->style);
    hp_type type = HP_T_NUMBER;
    size_t n = 0;
    double serial;
    if (kind == HP_NUMFMT_NUMBER && hp_number_is_plain(lexical)) {
        hp_ref ref = text_ref(r, lexical);
        hp_batch_put(&r->batch, r->col, ref, type, ref);
        return HP_OK;
    }
    if (kind != HP_NUMFMT_NUMBER && hp_str_f64(lexical, &serial)) {
        n = hp_serial_text(serial, kind, r->book->date1904, text);
        if (n) type = HP_T_DATE;
    }
    if (n == 0) n = hp_number_text(lexical, text);
    if (n == 0) return put_text(r, c, c->value);
    put_made(r, (hp_str){text, n}, type, lexical);
    return HP_OK;
}

void hp_rows_put_shared(hp_rows *r, uint64_t index) {
    const hp_strings *s = &r->book->strings;
    hp_ref ref = (hp_ref)index | HP_REF_LISTED;
    if (s->nrepaired && hp_strings_repaired(s, (uint32_t)index))
        find(r, HP_R_ENCODING_REPAIRED, s->id[index], 0);
    hp_batch_put(&r->batch, r->col, ref, HP_T_TEXT, ref);
}

static void put_shared(hp_rows *r, hp_str value) {
    const hp_strings *s = &r->book->strings;
    int64_t index;
    value = trimmed(value);
    if (hp_str_i64(value, &index) && index >= 0 && (uint64_t)index < s->n) {
        hp_rows_put_shared(r, (uint64_t)index);
        return;
    }
    hp_autobuf note = hp_buf_new(256);
    hp_buf_printf(&note, "shared string %.*s of %zu", HP_FMT(hp_str_cut(value, 0, 40)), s->n);
    if (note.bad) r->batch.bad = true;
    if (!r->raw) find(r, HP_R_SHARED_STRING_MISSING, 0, hp_batch_text_copy(&r->batch, hp_buf_str(&note)));
}

static hp_code put_bool(hp_rows *r, const hp_raw_cell *c) {
    hp_str lexical = trimmed(c->value);
    bool yes = hp_str_eq(lexical, HP_S("1")) || hp_str_ieq(lexical, HP_S("true"));
    if (!yes && !hp_str_eq(lexical, HP_S("0")) && !hp_str_ieq(lexical, HP_S("false")))
        return put_text(r, c, c->value);
    put_made(r, yes ? HP_S("TRUE") : HP_S("FALSE"), HP_T_BOOL, lexical);
    return HP_OK;
}

static void put_error(hp_rows *r, hp_str value) {
    hp_ref ref = text_ref(r, trimmed(value));
    if (r->raw)
        hp_batch_put(&r->batch, r->col, ref, HP_T_ERROR, ref);
    else
        find(r, HP_R_CELL_ERROR, ref, 0);
}

static hp_code put_iso_date(hp_rows *r, const hp_raw_cell *c) {
    hp_str lexical = trimmed(c->value);
    char text[40];
    size_t n = hp_iso_text(lexical, text);
    if (n == 0) return put_text(r, c, c->value);
    put_made(r, (hp_str){text, n}, HP_T_DATE, lexical);
    return HP_OK;
}

/* A formula's result was saved if it has a value. An empty one is the saved result "" if the cell says that
 * its result is a text, as spreadsheet programs do; libraries that calculate nothing leave an empty <v/>
 * without a type behind. */
static bool lacks_result(const hp_raw_cell *c) {
    return c->formula && c->value.n == 0 && c->text.n == 0 && !(c->kind == HP_CELL_TEXT && c->has_value);
}

hp_code hp_rows_put(hp_rows *r, const hp_raw_cell *c) {
    if (lacks_result(c)) {
        find(r, HP_R_FORMULA_WITHOUT_VALUE, 0, 0);
        return HP_OK;
    }
    if (c->kind == HP_CELL_INLINE) return put_text(r, c, c->text.n ? c->text : c->value);
    if (c->value.n == 0) return HP_OK;
    switch (c->kind) {
    case HP_CELL_SHARED: put_shared(r, c->value); return HP_OK;
    case HP_CELL_ERROR: put_error(r, c->value); return HP_OK;
    case HP_CELL_BOOL: return put_bool(r, c);
    case HP_CELL_DATE: return put_iso_date(r, c);
    case HP_CELL_NUMBER: return put_number(r, c);
    case HP_CELL_TEXT:
    case HP_CELL_INLINE: break;
    }
    return put_text(r, c, c->value);
}

hp_cell_kind hp_cell_kind_of(hp_str t) {
    static const struct {
        hp_str name;
        hp_cell_kind kind;
    } kinds[] = {
        {HP_S("s"), HP_CELL_SHARED}, {HP_S("n"), HP_CELL_NUMBER},         {HP_S("str"), HP_CELL_TEXT},
        {HP_S("b"), HP_CELL_BOOL},   {HP_S("inlineStr"), HP_CELL_INLINE}, {HP_S("e"), HP_CELL_ERROR},
        {HP_S("d"), HP_CELL_DATE}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (hp_str_eq(t, kinds[i].name)) return kinds[i].kind;
    }
    return t.n ? HP_CELL_TEXT : HP_CELL_NUMBER;
}
