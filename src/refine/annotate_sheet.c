/* A sheet with marks: looked through once, to know what is there, and written once. Cells are found by the
 * same rules as rows_xml.c has: by their reference, else by their place. */
#include "base/limits.h"
#include "refine/annotate_parts.h"

#include "base/banned.h"

/* Where a walk through the rows of a sheet is. */
typedef struct place {
    uint32_t row, col; /* of the row element, and of the last cell in it */
    uint32_t cell_row; /* of the cell: that of its reference */
    bool in_data, in_row;
} place;

/* What a tag is to the walk. */
typedef enum event { ELSE, ROW, ROW_END, CELL, DATA_END } event;

/* Reads the reference of a cell ("C17"); false when it is none of a sheet. */
static bool read_ref(hp_str ref, uint32_t *row, uint32_t *col) {
    uint32_t letters = 0, number = 0;
    size_t i = 0;
    for (; i < ref.n && hp_is_alpha(ref.p[i]) && letters <= HP_LIMIT_SHEET_COLS; i++)
        letters = letters * 26 + (uint32_t)(hp_upper(ref.p[i]) - 'A') + 1;
    for (; i < ref.n && hp_is_digit(ref.p[i]) && number <= HP_LIMIT_SHEET_ROWS; i++)
        number = number * 10 + (uint32_t)(ref.p[i] - '0');
    *row = number;
    *col = letters - 1;
    return i == ref.n && letters > 0 && letters <= HP_LIMIT_SHEET_COLS && number > 0
           && number <= HP_LIMIT_SHEET_ROWS;
}

static event enter_row(place *w, const hp_patch *p) {
    uint32_t number;
    w->row = hp_tag_number(p->attrs, HP_S("r"), &number) ? number : w->row + 1;
    w->col = UINT32_MAX;
    w->in_row = p->kind == HP_TAG_OPEN;
    return ROW;
}

static event enter_cell(place *w, const hp_patch *p) {
    hp_str ref;
    w->cell_row = w->row;
    if (!hp_tag_value(p->attrs, HP_S("r"), &ref) || !read_ref(ref, &w->cell_row, &w->col)) w->col++;
    return CELL;
}

static event step(place *w, const hp_patch *p) {
    if (p->depth == 2 && hp_str_eq(p->name, HP_S("sheetData"))) {
        bool was = w->in_data;
        w->in_data = p->kind == HP_TAG_OPEN;
        return was || p->kind == HP_TAG_EMPTY ? DATA_END : ELSE;
    }
    if (!w->in_data) return ELSE;
    if (p->depth == 3 && hp_patch_opens(p, HP_S("row"))) return enter_row(w, p);
    if (p->depth == 3 && w->in_row && hp_patch_closes(p, HP_S("row"))) {
        w->in_row = false;
        return ROW_END;
    }
    return p->depth == 4 && w->in_row && hp_patch_opens(p, HP_S("c")) ? enter_cell(w, p) : ELSE;
}

/* ---- looking ---- */

/* What is known while a sheet is looked through. */
typedef struct survey {
    hp_copy *c;
    hp_marked *s;
    hp_patch p;
    place at;
    size_t from, to;     /* marks of the row */
    uint32_t *col_style; /* of each column; NULL when none has one */
    uint32_t col_elements;
} survey;

static bool is_true(hp_str value) { return hp_str_eq(value, HP_S("1")) || hp_str_eq(value, HP_S("true")); }

static uint32_t column_style(const survey *v, uint32_t col) {
    return v->col_style && col < HP_LIMIT_SHEET_COLS ? v->col_style[col] : 0;
}

static void survey_row(survey *v) {
    hp_str custom = HP_S("");
    uint32_t style = 0;
    bool own = hp_tag_value(v->p.attrs, HP_S("customFormat"), &custom) && is_true(custom)
               && hp_tag_number(v->p.attrs, HP_S("s"), &style);
    hp_marks_of_row(v->s, v->at.row, &v->from, &v->to);
    for (size_t i = v->from; i < v->to; i++) {
        hp_mark *m = &v->s->mark[i];
        m->row_there = true;
        if (!m->there) m->style = own ? style : column_style(v, m->col == HP_NO_COL ? 0 : m->col);
    }
}

static void survey_cell(survey *v) {
    uint32_t style = 0;
    if (!hp_tag_number(v->p.attrs, HP_S("s"), &style)) style = 0;
    if (style >= v->c->named) v->c->named = style + 1;
    if (v->at.cell_row != v->at.row) hp_marks_of_row(v->s, v->at.cell_row, &v->from, &v->to);
    if (v->from < v->to) {
        hp_mark *m = hp_marks_find(v->s, v->at.cell_row, v->at.col), *whole = &v->s->mark[v->to - 1];
        if (m) {
            m->there = true;
            m->style = style;
        }
        if (whole->row_n && whole->col == HP_NO_COL && !whole->there) {
            whole->there = true;
            whole->style = style;
            whole->first = v->at.col; /* until the walk is over: marks are searched by column */
        }
    }
    if (v->at.cell_row != v->at.row) hp_marks_of_row(v->s, v->at.row, &v->from, &v->to);
}

static hp_code survey_column(survey *v, hp_err *err) {
    uint32_t min = 0, max = 0, style = 0;
    /* A sheet has at most one element for each column; more are looked at by no program. */
    if (!hp_tag_number(v->p.attrs, HP_S("style"), &style) || !hp_tag_number(v->p.attrs, HP_S("min"), &min)
        || !hp_tag_number(v->p.attrs, HP_S("max"), &max) || ++v->col_elements > HP_LIMIT_SHEET_COLS)
        return HP_OK;
    if (!v->col_style) v->col_style = HP_NEW_ARRAY(v->c->arena, HP_LIMIT_SHEET_COLS, uint32_t);
    if (!v->col_style) return hp_fail_memory(err, "the annotations");
    for (uint32_t i = min ? min : 1; i <= max && i <= HP_LIMIT_SHEET_COLS; i++) v->col_style[i - 1] = style;
    return HP_OK;
}

/* Keeps a copy of an attribute's value, which the window does not outlive. */
static hp_code keep(survey *v, hp_str value, hp_str *out, hp_err *err) {
    *out = hp_arena_dup(v->c->arena, value);
    return out->p ? HP_OK : hp_fail_memory(err, "the annotations");
}

/* Finds the attribute r:id, whatever the prefix. */
static bool relationship_id(hp_str attrs, hp_str *value) {
    for (hp_tag_attr a; hp_tag_next_attr(&attrs, &a);) {
        if (!hp_str_ends(a.name, HP_S(":id")) || hp_str_starts(a.name, HP_S("xmlns:"))) continue;
        *value = a.value;
        return true;
    }
    return false;
}

/* Takes notice of what stands outside of the rows. */
static hp_code survey_else(survey *v, hp_err *err) {
    const hp_patch *p = &v->p;
    hp_str value;
    if (p->kind != HP_TAG_OPEN && p->kind != HP_TAG_EMPTY) return HP_OK;
    if (p->depth == 1) v->s->strict = hp_str_find(p->attrs, HP_S("purl.oclc.org/ooxml"), 0) != SIZE_MAX;
    if (p->depth == 3 && !v->at.in_data && hp_str_eq(p->name, HP_S("col"))) return survey_column(v, err);
    if (p->depth != 2) return HP_OK;
    if (hp_str_eq(p->name, HP_S("legacyDrawing")) && relationship_id(p->attrs, &value))
        return keep(v, value, &v->s->drawing_id, err);
    if (hp_str_eq(p->name, HP_S("dimension")) && hp_tag_value(p->attrs, HP_S("ref"), &value))
        return keep(v, value, &v->s->dimension, err);
    return HP_OK;
}

static hp_code walk(survey *v, hp_err *err) {
    for (;;) {
        HP_TRY(hp_patch_next(&v->p, err));
        if (v->p.kind == HP_TAG_NONE) return HP_OK;
        if (v->p.kind == HP_TAG_OTHER) continue;
        switch (step(&v->at, &v->p)) {
        case ROW: survey_row(v); break;
        case CELL: survey_cell(v); break;
        case DATA_END: v->s->has_data = true; break;
        case ROW_END: break;
        case ELSE: HP_TRY(survey_else(v, err)); break;
        }
    }
}

/* Gives marks of rows the column of the first cell, and cells in rows that are not there the format of their
 * column. */
static void conclude(survey *v) {
    for (size_t i = 0; i < v->s->nmark; i++) {
        hp_mark *m = &v->s->mark[i];
        if (m->col == HP_NO_COL) m->col = m->there ? m->first : 0;
        if (!m->row_there && !m->there) m->style = column_style(v, m->col);
    }
    hp_marks_settle(v->s);
}

hp_code hp_sheet_survey(hp_copy *c, hp_marked *s, hp_err *err) {
    survey v = {.c = c, .s = s};
    s->drawing_id = s->dimension = HP_S("");
    hp_code code = hp_patch_open(&v.p, c->zip, s->entry, c->file, NULL, err);
    if (code == HP_OK) code = walk(&v, err);
    if (code == HP_OK && !s->has_data) code = hp_patch_fail(&v.p, err, "the sheet has no rows to annotate");
    hp_patch_close(&v.p);
    if (code == HP_OK) conclude(&v);
    return code;
}

/* ---- writing ---- */

/* What is known while a sheet is written. */
typedef struct writer {
    hp_copy *c;
    hp_marked *s;
    hp_patch p;
    place at;
    size_t row_mark;       /* the next mark whose row may be missing */
    size_t from, cell, to; /* marks of the row, and the next whose cell may be missing */
    hp_str prefix;         /* of rows and cells, in the arena */
    hp_buf text;           /* scratch */
    bool data_done;        /* the rows are behind */
    bool drawing_placed;
} writer;

static uint32_t format_of(const writer *w, const hp_mark *m) { return w->c->formats + m->look; }

static void put_cell(writer *w, hp_mark *m) {
    char letters[8];
    hp_col_letters(m->col, letters);
    hp_buf_printf(&w->text, "<%.*sc r=\"%s%u\" s=\"%u\"/>", HP_FMT(w->prefix), letters, m->row,
                  format_of(w, m));
    m->done = true;
}

static hp_code insert_text(writer *w, hp_err *err) {
    HP_TRY(hp_buf_check(&w->text, "a row of an annotated copy", err));
    if (w->text.n) HP_TRY(hp_patch_insert(&w->p, hp_buf_str(&w->text), err));
    hp_buf_clear(&w->text);
    return HP_OK;
}

/* Puts the missing cells of the row whose columns are below `col`. */
static void put_cells_below(writer *w, uint32_t col) {
    for (; w->cell < w->to && w->s->mark[w->cell].col < col; w->cell++) {
        hp_mark *m = &w->s->mark[w->cell];
        if (!m->there && !m->done) put_cell(w, m);
    }
}

/* Puts the missing rows whose numbers are below `row`. */
static hp_code put_rows_below(writer *w, uint32_t row, hp_err *err) {
    hp_marked *s = w->s;
    while (w->row_mark < s->nmark && s->mark[w->row_mark].row < row) {
        uint32_t number = s->mark[w->row_mark].row;
        bool missing = !s->mark[w->row_mark].row_there;
        if (missing) hp_buf_printf(&w->text, "<%.*srow r=\"%u\">", HP_FMT(w->prefix), number);
        for (; w->row_mark < s->nmark && s->mark[w->row_mark].row == number; w->row_mark++)
            if (missing && !s->mark[w->row_mark].there) put_cell(w, &s->mark[w->row_mark]);
        if (missing) hp_buf_printf(&w->text, "</%.*srow>", HP_FMT(w->prefix));
        if (w->text.n > (1u << 16)) HP_TRY(insert_text(w, err));
    }
    return insert_text(w, err);
}

static bool misses_cells(const writer *w) {
    for (size_t i = w->cell; i < w->to; i++)
        if (!w->s->mark[i].there && !w->s->mark[i].done) return true;
    return false;
}

/* The attribute spans says which columns a row has; it may be left out, but not be wrong. */
static hp_code write_row(writer *w, hp_err *err) {
    if (!w->prefix.p) {
        w->prefix = hp_arena_dup(w->c->arena, hp_patch_prefix(&w->p));
        if (!w->prefix.p) return hp_fail_memory(err, "the annotations");
    }
    HP_TRY(put_rows_below(w, w->at.row, err));
    hp_marks_of_row(w->s, w->at.row, &w->from, &w->to);
    w->cell = w->from;
    if (!misses_cells(w)) return HP_OK;
    hp_tag_set(&w->text, w->p.bytes, HP_S("spans"), (hp_str){NULL, 0});
    if (w->p.kind == HP_TAG_EMPTY) {
        w->text.n -= w->text.n >= 2 ? 2 : 0;
        hp_buf_putc(&w->text, '>');
        put_cells_below(w, UINT32_MAX);
        hp_buf_printf(&w->text, "</%.*s>", HP_FMT(w->p.qname));
    }
    HP_TRY(hp_buf_check(&w->text, "a row of an annotated copy", err));
    HP_TRY(hp_patch_replace(&w->p, hp_buf_str(&w->text), err));
    hp_buf_clear(&w->text);
    return HP_OK;
}

static hp_code write_cell(writer *w, hp_err *err) {
    if (w->at.cell_row == w->at.row) {
        put_cells_below(w, w->at.col);
        HP_TRY(insert_text(w, err));
        if (w->from == w->to) return HP_OK;
    }
    const hp_mark *m = hp_marks_find(w->s, w->at.cell_row, w->at.col);
    if (!m) return HP_OK;
    char number[16];
    int n = snprintf(number, sizeof number, "%u", format_of(w, m));
    hp_tag_set(&w->text, w->p.bytes, HP_S("s"), (hp_str){number, (size_t)n});
    HP_TRY(hp_buf_check(&w->text, "a cell of an annotated copy", err));
    HP_TRY(hp_patch_replace(&w->p, hp_buf_str(&w->text), err));
    hp_buf_clear(&w->text);
    return HP_OK;
}

static hp_code write_row_end(writer *w, hp_err *err) {
    put_cells_below(w, UINT32_MAX);
    return insert_text(w, err);
}

/* An empty <sheetData/> is opened for the rows. */
static hp_code write_data_end(writer *w, hp_err *err) {
    if (!w->prefix.p) {
        w->prefix = hp_arena_dup(w->c->arena, hp_patch_prefix(&w->p));
        if (!w->prefix.p) return hp_fail_memory(err, "the annotations");
    }
    w->data_done = true;
    if (w->p.kind == HP_TAG_CLOSE) return put_rows_below(w, UINT32_MAX, err);
    hp_buf_add(&w->text, hp_str_cut(w->p.bytes, 0, w->p.bytes.n - 2));
    hp_buf_putc(&w->text, '>');
    HP_TRY(put_rows_below(w, UINT32_MAX, err));
    hp_buf_printf(&w->text, "</%.*s>", HP_FMT(w->p.qname));
    HP_TRY(hp_patch_replace(&w->p, hp_buf_str(&w->text), err));
    hp_buf_clear(&w->text);
    return HP_OK;
}

/* ---- what stands around the rows ---- */

/* Joins a cell to an area. */
static void join(uint32_t area[4], uint32_t row, uint32_t col) {
    if (row < area[0]) area[0] = row;
    if (col < area[1]) area[1] = col;
    if (row > area[2]) area[2] = row;
    if (col > area[3]) area[3] = col;
}

/* The dimension covers cells that are new; programs that read row by row go by it. */
static hp_code write_dimension(writer *w, hp_err *err) {
    uint32_t area[4], was[4];
    hp_str ref = w->s->dimension;
    size_t colon = hp_str_chr(ref, ':', 0);
    bool one = colon == SIZE_MAX;
    if (!read_ref(hp_str_cut(ref, 0, colon), &area[0], &area[1])
        || !read_ref(one ? ref : hp_str_cut(ref, colon + 1, ref.n), &area[2], &area[3]))
        return HP_OK;
    memcpy(was, area, sizeof was);
    for (size_t i = 0; i < w->s->nmark; i++)
        if (!w->s->mark[i].there) join(area, w->s->mark[i].row, w->s->mark[i].col);
    if (memcmp(was, area, sizeof was) == 0) return HP_OK;
    char first[8], last[8], text[64];
    hp_col_letters(area[1], first);
    hp_col_letters(area[3], last);
    int n = snprintf(text, sizeof text, "%s%u:%s%u", first, area[0], last, area[2]);
    hp_tag_set(&w->text, w->p.bytes, HP_S("ref"), (hp_str){text, (size_t)n});
    HP_TRY(hp_buf_check(&w->text, "the size of an annotated sheet", err));
    HP_TRY(hp_patch_replace(&w->p, hp_buf_str(&w->text), err));
    hp_buf_clear(&w->text);
    return HP_OK;
}

/* What stands behind <legacyDrawing> in a sheet (ECMA-376 part 1, 18.3.1.99). What programs wrap into
 * AlternateContent there are controls and embedded objects. */
static bool is_behind_drawing(hp_str name) {
    static const char *const BEHIND[] = {"legacyDrawingHF",  "picture",         "oleObjects", "controls",
                                         "AlternateContent", "webPublishItems", "tableParts", "extLst"};
    for (size_t i = 0; i < sizeof BEHIND / sizeof *BEHIND; i++)
        if (hp_str_eq(name, hp_str_of(BEHIND[i]))) return true;
    return false;
}

static void put_drawing(writer *w, hp_str prefix) {
    const char *space = w->s->strict ? "http://purl.oclc.org/ooxml/officeDocument/relationships"
                                     : "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    hp_buf_printf(&w->text, "<%.*slegacyDrawing xmlns:r=\"%s\" r:id=\"%.*s\"/>", HP_FMT(prefix), space,
                  HP_FMT(w->s->boxes_id));
    w->drawing_placed = true;
}

/* Names the new drawing, in the place of one that names nothing, or where the schema has it. */
static hp_code write_drawing(writer *w, hp_err *err) {
    const hp_patch *p = &w->p;
    bool opens = p->kind == HP_TAG_OPEN || p->kind == HP_TAG_EMPTY;
    if (p->depth == 2 && hp_patch_opens(p, HP_S("legacyDrawing"))) {
        put_drawing(w, hp_patch_prefix(p));
        if (p->kind == HP_TAG_OPEN && w->text.n > 2) {
            w->text.n -= 2;
            hp_buf_putc(&w->text, '>');
        }
        HP_TRY(hp_patch_replace(&w->p, hp_buf_str(&w->text), err));
        hp_buf_clear(&w->text);
        return HP_OK;
    }
    bool here = (p->depth == 2 && opens && w->data_done && is_behind_drawing(p->name))
                || (p->depth == 1 && p->kind == HP_TAG_CLOSE);
    if (!here) return HP_OK;
    put_drawing(w, hp_patch_prefix(p));
    return insert_text(w, err);
}

static hp_code write_else(writer *w, hp_err *err) {
    if (w->p.depth == 2 && hp_patch_opens(&w->p, HP_S("dimension"))) return write_dimension(w, err);
    return w->s->boxes_id.n && !w->drawing_placed ? write_drawing(w, err) : HP_OK;
}

static hp_code write_all(writer *w, hp_err *err) {
    for (;;) {
        HP_TRY(hp_patch_next(&w->p, err));
        if (w->p.kind == HP_TAG_NONE) return HP_OK;
        if (w->p.kind == HP_TAG_OTHER) continue;
        switch (step(&w->at, &w->p)) {
        case ROW: HP_TRY(write_row(w, err)); break;
        case CELL: HP_TRY(write_cell(w, err)); break;
        case ROW_END: HP_TRY(write_row_end(w, err)); break;
        case DATA_END: HP_TRY(write_data_end(w, err)); break;
        case ELSE: HP_TRY(write_else(w, err)); break;
        }
    }
}

hp_code hp_sheet_patch(hp_copy *c, hp_marked *s, hp_err *err) {
    writer w = {.c = c, .s = s, .prefix = {NULL, 0}, .text = hp_buf_new(64u << 20)};
    hp_code code = hp_patch_open(&w.p, c->zip, s->entry, c->file, &c->out, err);
    if (code == HP_OK) code = write_all(&w, err);
    hp_patch_close(&w.p);
    hp_buf_free(&w.text);
    return code;
}
