#include "read/rows.h"

#include "base/banned.h"

/* Attributes of a row or a formula; there are about ten that they may have. */
enum { MOST_ATTRIBUTES = 16 };

/* One row on its way. */
typedef struct quick {
    hp_quick q;
    hp_rows *r;
    uint64_t
        row; /* the row's number as it stands in references, with the quote behind it, in the highest bytes */
    unsigned row_n; /* of them */
    size_t longest; /* bytes that a text may have */
} quick;

/* ---- attributes ---- */

/* Reads the value of `r` of a cell: letters, then the number of the row that it stands in. */
static inline bool take_reference(quick *k) {
    const char *p = k->q.p;
    uint32_t col = 0;
    size_t n = 0;
    for (; n < 3 && p[n] >= 'A' && p[n] <= 'Z'; n++) col = col * 26 + (uint32_t)(p[n] - 'A') + 1;
    if (n == 0 || col > HP_LIMIT_SHEET_COLS || hp_load8(p + n) << (64 - 8 * k->row_n) != k->row) return false;
    k->r->col = col - 1;
    k->q.p = p + n + k->row_n;
    return true;
}

static inline bool take_style(quick *k, uint32_t *style) {
    const char *p = k->q.p;
    uint32_t value = 0;
    for (; hp_is_digit(*p) && p - k->q.p < 9; p++) value = value * 10 + (uint32_t)(*p - '0');
    if (p == k->q.p || *p != '"') return false;
    *style = value;
    k->q.p = p + 1;
    return true;
}

static inline bool take_kind(quick *k, hp_cell_kind *kind) {
    const char *p = k->q.p;
    if (p[0] == 's' && p[1] == '"') {
        *kind = HP_CELL_SHARED;
        k->q.p = p + 2;
    } else if (p[0] != '"' && p[1] == '"') {
        *kind = hp_cell_kind_of((hp_str){p, 1});
        k->q.p = p + 2;
    } else if (HP_AT(p, "str\"")) {
        *kind = HP_CELL_TEXT;
        k->q.p = p + 4;
    } else if (HP_AT(p, "inlineSt") && p[8] == 'r' && p[9] == '"') {
        *kind = HP_CELL_INLINE;
        k->q.p = p + 10;
    } else {
        return false;
    }
    return true;
}

/* Reads the attributes of the cell, from behind "<c" up to and with its >; *empty when that is />. */
static inline bool cell_attrs(quick *k, hp_raw_cell *c, bool *empty) {
    bool referenced = false;
    while (*k->q.p == ' ') {
        char name = k->q.p[1];
        if (k->q.p[2] != '=' || k->q.p[3] != '"') return false;
        k->q.p += 4;
        bool ok = name == 'r'   ? (referenced = take_reference(k))
                  : name == 's' ? take_style(k, &c->style)
                  : name == 't' ? take_kind(k, &c->kind)
                                : false;
        if (!ok) return false;
    }
    if (!referenced && ++k->r->col >= HP_LIMIT_SHEET_COLS) return false;
    *empty = *k->q.p == '/';
    k->q.p += *empty;
    return *k->q.p++ == '>';
}

static bool is_of_name(char c) {
    return hp_is_alpha(c) || hp_is_digit(c) || c == ':' || c == '_' || c == '-' || c == '.';
}

/* Passes over attributes, from behind the name up to and with the >; *empty when that is />. The values of
 * two of them are wanted. */
static bool row_attrs(quick *k, hp_str *number, hp_str *hidden, bool *empty) {
    for (unsigned n = 0; *k->q.p == ' '; n++) {
        if (n == MOST_ATTRIBUTES) return false;
        const char *name = ++k->q.p, *end = k->q.begin + k->q.n;
        while (k->q.p < end && is_of_name(*k->q.p)) k->q.p++;
        hp_str key = {name, (size_t)(k->q.p - name)};
        if (k->q.p + 1 >= end || k->q.p[0] != '=' || k->q.p[1] != '"') return false;
        const char *value = k->q.p + 2, *quote = memchr(value, '"', (size_t)(end - value));
        if (!key.n || !quote || memchr(value, '<', (size_t)(quote - value))) return false;
        k->q.p = quote + 1;
        if (hp_str_eq(key, HP_S("r"))) *number = (hp_str){value, (size_t)(quote - value)};
        if (hp_str_eq(key, HP_S("hidden"))) *hidden = (hp_str){value, (size_t)(quote - value)};
    }
    *empty = *k->q.p == '/';
    k->q.p += *empty;
    return *k->q.p++ == '>';
}

/* ---- cells ---- */

/* Takes the text at p, which ends at the next <. */
static inline bool take_text(quick *k, hp_buf *scratch, hp_raw_cell *c, hp_str *out) {
    hp_xml *x = &k->r->x;
    x->repaired = c->repaired;
    bool ok = hp_quick_text(&k->q, x, scratch, out);
    c->repaired = x->repaired;
    return ok;
}

/* Passes over a formula, from "<f" on. */
static bool skip_formula(quick *k, hp_raw_cell *c) {
    hp_str number, hidden;
    bool empty;
    c->formula = true;
    k->q.p += 2;
    if (!row_attrs(k, &number, &hidden, &empty)) return false;
    if (empty) return true;
    k->q.p = hp_quick_less(&k->q, k->q.p);
    if (!HP_AT(k->q.p, "</f>")) return false;
    k->q.p += 4;
    return true;
}

static bool take_inline(quick *k, hp_raw_cell *c) {
    k->q.p += 4;
    hp_quick_white(&k->q);
    if (!hp_quick_t(&k->q) || !take_text(k, &k->r->rich.scratch, c, &c->text) || !HP_AT(k->q.p, "</t>"))
        return false;
    k->q.p += 4;
    hp_quick_white(&k->q);
    if (!HP_AT(k->q.p, "</is>")) return false;
    k->q.p += 5;
    return true;
}

static bool take_value(quick *k, hp_raw_cell *c) {
    c->has_value = true;
    k->q.p += 3;
    if (!take_text(k, &k->r->value, c, &c->value) || !HP_AT(k->q.p, "</v>")) return false;
    k->q.p += 4;
    return true;
}

/* Reads what is inside of a cell, up to and with its end tag. */
static bool cell_content(quick *k, hp_raw_cell *c) {
    for (;;) {
        hp_quick_white(&k->q);
        bool ok;
        if (HP_AT(k->q.p, "</c>")) {
            k->q.p += 4;
            return true;
        }
        if (HP_AT(k->q.p, "<v>"))
            ok = !c->has_value && take_value(k, c);
        else if (HP_AT(k->q.p, "<f>") || HP_AT(k->q.p, "<f "))
            ok = skip_formula(k, c);
        else
            ok = HP_AT(k->q.p, "<is>") && !c->text.n && take_inline(k, c);
        if (!ok) return false;
    }
}

static bool put(quick *k, const hp_raw_cell *c) {
    hp_rows *r = k->r;
    if (c->value.n > k->longest || c->text.n > k->longest) return false;
    return hp_rows_put(r, c) == HP_OK;
}

/* Takes <v>index</v></c>; false when it is anything else, and nothing has changed then. */
static inline bool take_shared(quick *k) {
    if (!HP_AT(k->q.p, "<v>")) return false;
    const char *from = k->q.p + 3, *to = hp_quick_less(&k->q, from);
    uint64_t index = hp_quick_digits(from, (size_t)(to - from));
    if (index >= k->r->book->strings.n || !HP_AT(to, "</v></c>")) return false;
    hp_rows_put_shared(k->r, index);
    k->q.p = to + 8;
    return true;
}

/* Tells whether something in a text is to be decoded. */
static inline bool is_special(const quick *k, const char *from, const char *to) {
    return k->q.s->any_special
           && hp_mark_any(k->q.s->special, (size_t)(from - k->q.begin), (size_t)(to - k->q.begin));
}

/* Takes <is><t>text</t></is></c>, as take_shared. */
static inline bool take_plain_inline(quick *k) {
    if (!HP_AT(k->q.p, "<is><t>")) return false;
    const char *from = k->q.p + 7, *to = hp_quick_less(&k->q, from);
    hp_str text = {from, (size_t)(to - from)};
    if (!HP_AT(to, "</t></is") || !HP_AT(to + 8, "></c>") || text.n > k->longest || is_special(k, from, to))
        return false;
    hp_ref ref = hp_batch_text_at(&k->r->batch, k->r->col, text);
    hp_batch_put(&k->r->batch, k->r->col, ref, HP_T_TEXT, ref);
    k->q.p = to + 13;
    return true;
}

/* Takes <v>digits</v></c> of a cell that no format makes a date, as take_shared. */
static inline bool take_plain_number(quick *k, uint32_t style) {
    if (!HP_AT(k->q.p, "<v>") || hp_styles_kind(&k->r->book->styles, style) != HP_NUMFMT_NUMBER) return false;
    const char *from = k->q.p + 3, *to = hp_quick_less(&k->q, from);
    hp_str digits = {from, (size_t)(to - from)};
    bool plain = hp_quick_digits(from, digits.n) != UINT64_MAX && (*from != '0' || digits.n == 1);
    if (!plain || !HP_AT(to, "</v></c>")) return false;
    hp_ref ref = hp_batch_text_at(&k->r->batch, k->r->col, digits);
    hp_batch_put(&k->r->batch, k->r->col, ref, HP_T_NUMBER, ref);
    k->q.p = to + 8;
    return true;
}

/* Takes the content of a cell in the forms that nearly all cells have. */
static inline bool take_plain(quick *k, const hp_raw_cell *c) {
    switch (c->kind) {
    case HP_CELL_SHARED: return take_shared(k);
    case HP_CELL_INLINE: return take_plain_inline(k);
    case HP_CELL_NUMBER: return take_plain_number(k, c->style);
    default: return false;
    }
}

static inline bool take_cell(quick *k) {
    hp_raw_cell c = {.value = HP_S(""), .text = HP_S("")};
    bool empty;
    k->q.p += 2;
    if (!cell_attrs(k, &c, &empty)) return false;
    if (empty || take_plain(k, &c)) return true;
    return cell_content(k, &c) && put(k, &c);
}

/* ---- rows ---- */

static bool begin_row(quick *k, bool *empty) {
    hp_str number = HP_S(""), hidden = HP_S("");
    k->q.p += 4;
    if (!row_attrs(k, &number, &hidden, empty)) return false;
    uint64_t row = hp_quick_digits(number.p, number.n);
    if (row == 0 || row > HP_LIMIT_SHEET_ROWS || number.p[0] == '0') return false;
    k->row_n = (unsigned)number.n + 1; /* at most seven digits */
    k->row = hp_load8(number.p) << (64 - 8 * k->row_n);
    bool is_hidden = hp_str_eq(hidden, HP_S("1")) || hp_str_ieq(hidden, HP_S("true"));
    return hp_rows_start(k->r, &(uint32_t){(uint32_t)row}, is_hidden) == HP_OK;
}

static bool take_row(quick *k) {
    bool empty;
    if (!begin_row(k, &empty)) return false;
    if (empty) return true;
    for (;;) {
        hp_quick_white(&k->q);
        if (HP_AT(k->q.p, "<c ") || HP_AT(k->q.p, "<c>")) {
            if (!take_cell(k)) return false;
        } else if (HP_AT(k->q.p, "</row>")) {
            k->q.p += 6;
            return true;
        } else {
            return false;
        }
    }
}

bool hp_rows_quick(hp_rows *r, const char *from, const char **to) {
    hp_batch *b = &r->batch;
    size_t ncell = b->ncell, nrow = b->nrow, nissue = b->issue.n;
    uint32_t last_row = r->last_row;
    bool relative = r->relative;
    quick k = {.q = {r->stays.p, from, r->stays.n, &r->structure}, .r = r, .longest = HP_LIMIT_TEXT_BYTES};
    if (take_row(&k)) {
        *to = k.q.p;
        return true;
    }
    b->ncell = ncell;
    b->nrow = nrow;
    b->issue.n = nissue;
    r->last_row = last_row;
    r->relative = relative;
    return false;
}
