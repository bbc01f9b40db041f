#include "read/rows.h"

#include "base/banned.h"

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

bool hp_cell_of_sheet(hp_str ref, uint32_t *row, uint32_t *col) {
    return split_reference(ref, row, col) && *row > 0 && *row <= HP_LIMIT_SHEET_ROWS
           && *col < HP_LIMIT_SHEET_COLS;
}

static hp_code fail_xml(hp_rows *r) { return hp_fail_xml(&r->x, r->file, r->part, r->err); }

/* Goes to the cell that a reference names. Its row is nearly always the one it stands in. */
static hp_code go_to(hp_rows *r, hp_str ref) {
    uint32_t row, col;
    if (!split_reference(ref, &row, &col))
        return hp_rows_fail(r, "a cell whose reference is no column and row");
    if (col >= HP_LIMIT_SHEET_COLS) return hp_rows_fail(r, "a cell beyond XFD, the last column of a sheet");
    r->col = col;
    return hp_rows_visit(r, row);
}

/* Reads the attributes of a cell that just started. Without a reference it stands behind the last one. */
static hp_code cell_attrs(hp_rows *r, hp_raw_cell *c) {
    hp_str name, value, ref = HP_S(""), type = HP_S("");
    while (hp_xml_attr(&r->x, &name, &value)) {
        if (name.n != 1) continue;
        if (name.p[0] == 'r') ref = value;
        if (name.p[0] == 't') type = value;
        if (name.p[0] == 's' && !small_number(value, &c->style)) c->style = 0;
    }
    c->kind = hp_cell_kind_of(type);
    if (ref.n) return go_to(r, ref);
    if (++r->col >= HP_LIMIT_SHEET_COLS)
        return hp_rows_fail(r, "a cell beyond XFD, the last column of a sheet");
    return HP_OK;
}

/* Reads one child of a cell; false on bad XML. */
static bool cell_child(hp_rows *r, hp_raw_cell *c) {
    hp_xml *x = &r->x;
    if (hp_str_eq(x->name, HP_S("v"))) {
        c->has_value = true;
        return hp_xml_content(x, &r->value, &c->value);
    }
    if (hp_str_eq(x->name, HP_S("is"))) return hp_rich_text(x, &r->rich, &c->text);
    if (hp_str_eq(x->name, HP_S("f"))) c->formula = true;
    return hp_xml_skip(x);
}

static hp_code read_cell(hp_rows *r) {
    hp_xml *x = &r->x;
    unsigned depth = x->depth;
    hp_raw_cell c = {.value = HP_S(""), .text = HP_S("")};
    HP_TRY(cell_attrs(r, &c));
    x->repaired = false;
    for (;;) {
        hp_xml_event e = hp_xml_next(x);
        if (e == HP_XML_END && x->depth < depth) {
            c.repaired = x->repaired;
            return hp_rows_put(r, &c);
        }
        if (e == HP_XML_BAD || e == HP_XML_EOF || (e == HP_XML_START && !cell_child(r, &c)))
            return fail_xml(r);
    }
}

/* Reads the attributes of a row that just started. Without a number it is the one behind the last. */
static hp_code begin_row(hp_rows *r) {
    hp_str name, value;
    uint32_t row = 0;
    bool hidden = false, numbered = false;
    while (hp_xml_attr(&r->x, &name, &value)) {
        bool is_number = name.n == 1 && name.p[0] == 'r' && value.n;
        if (is_number && !small_number(value, &row)) return hp_rows_fail(r, "a row whose number is none");
        numbered = numbered || is_number;
        if (hp_str_eq(name, HP_S("hidden")))
            hidden = hp_str_eq(value, HP_S("1")) || hp_str_ieq(value, HP_S("true"));
    }
    return hp_rows_start(r, numbered ? &row : NULL, hidden);
}

hp_code hp_rows_careful(hp_rows *r) {
    hp_xml *x = &r->x;
    unsigned depth = x->depth;
    if (!hp_str_eq(x->name, HP_S("row"))) return hp_xml_skip(x) ? HP_OK : fail_xml(r);
    HP_TRY(begin_row(r));
    for (;;) {
        hp_xml_event e = hp_xml_next(x);
        if (e == HP_XML_BAD || e == HP_XML_EOF) return fail_xml(r);
        if (e == HP_XML_END && x->depth < depth) {
            hp_rows_end(r);
            return HP_OK;
        }
        if (e != HP_XML_START) continue;
        if (x->name.n == 1 && x->name.p[0] == 'c')
            HP_TRY(read_cell(r));
        else if (!hp_xml_skip(x))
            return fail_xml(r);
    }
}
