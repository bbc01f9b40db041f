#include "base/mem.h"
#include "read/rows.h"

#include "base/banned.h"

/* The quick way knows what programs write: elements without prefixes, attributes in double quotes, nothing
 * between them but white space. It reads a few bytes beyond what it looks at; HP_PIECE_SLACK is there for
 * that. Each piece has two bitmaps: where a < is, and where something is to be decoded (& and CR). */

typedef struct quick {
    hp_rows *r;
    const char *begin, *p; /* the piece; what comes next */
    size_t n;
    const uint64_t *less, *special;
    bool any_special;
    char row[12]; /* the row's number as it stands in references, with the quote behind it */
    size_t row_n;
} quick;

bool hp_rows_mark(hp_rows *r) {
    size_t words = hp_marks_words(r->stays.n);
    if (r->cap_bits < 3 * words) {
        hp_free(r->bits);
        r->cap_bits = 0;
        r->bits = hp_malloc(4 * words * sizeof *r->bits);
        if (!r->bits) return false;
        r->cap_bits = 4 * words;
    }
    uint64_t *less = r->bits, *special = less + words, *cr = special + words;
    hp_mark(r->stays.p, r->stays.n, &(hp_marks){.byte = {'<', '&', '\r'}, .bits = {less, special, cr}});
    uint64_t any = 0;
    for (size_t i = 0; i < words; i++) any |= special[i] |= cr[i];
    r->any_special = any != 0;
    return true;
}

static uint64_t load8(const char *p) {
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* Tells whether the constant of at most 8 bytes stands at p. */
#define AT(p, what)                                                                  \
    (((load8(p) ^ word(what, sizeof(what) - 1)) << (64 - 8 * (sizeof(what) - 1))) == 0)

static inline uint64_t word(const char *s, size_t n) {
    uint64_t v = 0;
    memcpy(&v, s, n);
    return v;
}

static bool is_white(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

static inline void skip_white(quick *q) {
    while (is_white(*q->p)) q->p++;
}

/* Returns where the next < is; the end of the piece when there is none. */
static inline const char *next_less(const quick *q, const char *from) {
    return q->begin + hp_mark_next(q->less, (size_t)(from - q->begin), q->n);
}

/* Reads up to eight digits at p that end at `end`; UINT64_MAX when they are none. All eight bytes are loaded
 * and those behind the end shifted out, so the number of digits makes no branch. */
static inline uint64_t digits8(const char *p, size_t n) {
    if (n == 0 || n > 8) return UINT64_MAX;
    uint64_t v = load8(p) << (64 - 8 * n) | (n < 8 ? 0x3030303030303030u >> (8 * n) : 0);
    uint64_t low = v - 0x3030303030303030u, over = v + 0x4646464646464646u;
    if ((low | over) & 0x8080808080808080u) return UINT64_MAX;
    low = low * 10 + (low >> 8);
    return (((low & 0x000000FF000000FFu) * 0x000F424000000064u
             + ((low >> 16) & 0x000000FF000000FFu) * 0x0000271000000001u)
            >> 32);
}

/* ---- attributes ---- */

/* Reads the value of `r` of a cell: letters, then the number of the row that it stands in. */
static bool take_reference(quick *q) {
    const char *p = q->p;
    uint32_t col = 0;
    size_t n = 0;
    for (; n < 3 && p[n] >= 'A' && p[n] <= 'Z'; n++) col = col * 26 + (uint32_t)(p[n] - 'A') + 1;
    if (n == 0 || col > HP_LIMIT_SHEET_COLS || memcmp(p + n, q->row, q->row_n) != 0) return false;
    q->r->col = col - 1;
    q->p = p + n + q->row_n;
    return true;
}

static bool take_style(quick *q, uint32_t *style) {
    const char *p = q->p;
    uint32_t value = 0;
    for (; hp_is_digit(*p) && p - q->p < 9; p++) value = value * 10 + (uint32_t)(*p - '0');
    if (p == q->p || *p != '"') return false;
    *style = value;
    q->p = p + 1;
    return true;
}

static bool take_kind(quick *q, hp_cell_kind *kind) {
    const char *p = q->p;
    if (p[0] == 's' && p[1] == '"') {
        *kind = HP_CELL_SHARED;
        q->p = p + 2;
    } else if (p[0] != '"' && p[1] == '"') {
        *kind = hp_cell_kind_of((hp_str){p, 1});
        q->p = p + 2;
    } else if (AT(p, "str\"")) {
        *kind = HP_CELL_TEXT;
        q->p = p + 4;
    } else if (AT(p, "inlineSt") && p[8] == 'r' && p[9] == '"') {
        *kind = HP_CELL_INLINE;
        q->p = p + 10;
    } else {
        return false;
    }
    return true;
}

/* Reads the attributes of the cell, from behind "<c" up to and with its >; *empty when that is />. */
static bool cell_attrs(quick *q, hp_raw_cell *c, bool *empty) {
    bool referenced = false;
    while (*q->p == ' ') {
        char name = q->p[1];
        if (q->p[2] != '=' || q->p[3] != '"') return false;
        q->p += 4;
        bool ok = name == 'r'   ? (referenced = take_reference(q))
                  : name == 's' ? take_style(q, &c->style)
                  : name == 't' ? take_kind(q, &c->kind)
                                : false;
        if (!ok) return false;
    }
    if (!referenced && ++q->r->col >= HP_LIMIT_SHEET_COLS) return false;
    *empty = *q->p == '/';
    q->p += *empty;
    return *q->p++ == '>';
}

/* Passes over attributes, from behind the name up to and with the >; *empty when that is />. The values of two
 * of them are wanted. */
static bool row_attrs(quick *q, hp_str *number, hp_str *hidden, bool *empty) {
    while (*q->p == ' ') {
        const char *name = ++q->p, *end = q->begin + q->n;
        while (q->p < end && *q->p != '=' && *q->p != '>' && *q->p != '<') q->p++;
        hp_str key = {name, (size_t)(q->p - name)};
        if (q->p + 1 >= end || q->p[0] != '=' || q->p[1] != '"') return false;
        const char *value = q->p + 2, *quote = memchr(value, '"', (size_t)(end - value));
        if (!quote) return false;
        q->p = quote + 1;
        if (hp_str_eq(key, HP_S("r"))) *number = (hp_str){value, (size_t)(quote - value)};
        if (hp_str_eq(key, HP_S("hidden"))) *hidden = (hp_str){value, (size_t)(quote - value)};
    }
    *empty = *q->p == '/';
    q->p += *empty;
    return *q->p++ == '>';
}

/* ---- cells ---- */

/* Decodes a text in which something is to be decoded. */
static bool decode(quick *q, hp_str raw, hp_buf *scratch, hp_raw_cell *c, hp_str *out) {
    hp_buf_clear(scratch);
    q->r->x.why = NULL;
    q->r->x.repaired = false;
    if (!hp_xml_decode(&q->r->x, raw, scratch) || scratch->bad) return false;
    c->repaired = c->repaired || q->r->x.repaired;
    *out = hp_buf_str(scratch);
    return true;
}

/* Takes the text at p, which ends at the next <. */
static inline bool take_text(quick *q, hp_buf *scratch, hp_raw_cell *c, hp_str *out) {
    const char *from = q->p, *to = next_less(q, from);
    *out = (hp_str){from, (size_t)(to - from)};
    q->p = to;
    if (!q->any_special || !hp_mark_any(q->special, (size_t)(from - q->begin), (size_t)(to - q->begin)))
        return true;
    return decode(q, *out, scratch, c, out);
}

/* Passes over a formula, from "<f" on. */
static bool skip_formula(quick *q, hp_raw_cell *c) {
    hp_str number, hidden;
    bool empty;
    c->formula = true;
    q->p += 2;
    if (!row_attrs(q, &number, &hidden, &empty)) return false;
    if (empty) return true;
    q->p = next_less(q, q->p);
    if (!AT(q->p, "</f>")) return false;
    q->p += 4;
    return true;
}

static bool take_inline(quick *q, hp_raw_cell *c) {
    q->p += 4;
    skip_white(q);
    if (AT(q->p, "<t>"))
        q->p += 3;
    else if (AT(q->p, "<t xml:s") && AT(q->p + 8, "pace=\"pr") && AT(q->p + 16, "eserve\">"))
        q->p += 24;
    else
        return false;
    if (!take_text(q, &q->r->rich.scratch, c, &c->text) || !AT(q->p, "</t>")) return false;
    q->p += 4;
    skip_white(q);
    if (!AT(q->p, "</is>")) return false;
    q->p += 5;
    return true;
}

static bool take_value(quick *q, hp_raw_cell *c) {
    c->has_value = true;
    q->p += 3;
    if (!take_text(q, &q->r->value, c, &c->value) || !AT(q->p, "</v>")) return false;
    q->p += 4;
    return true;
}

/* Reads what is inside of a cell, up to and with its end tag. */
static bool cell_content(quick *q, hp_raw_cell *c) {
    for (;;) {
        skip_white(q);
        bool ok;
        if (AT(q->p, "</c>")) {
            q->p += 4;
            return true;
        }
        if (AT(q->p, "<v>"))
            ok = !c->has_value && take_value(q, c);
        else if (AT(q->p, "<f>") || AT(q->p, "<f "))
            ok = skip_formula(q, c);
        else
            ok = AT(q->p, "<is>") && !c->text.n && take_inline(q, c);
        if (!ok) return false;
    }
}

static bool put(quick *q, const hp_raw_cell *c) {
    hp_rows *r = q->r;
    if (c->value.n > HP_LIMIT_TEXT_BYTES || c->text.n > HP_LIMIT_TEXT_BYTES) return false;
    return hp_rows_put(r, c) == HP_OK;
}

/* Takes <v>index</v></c>; false when it is anything else, and nothing has changed then. */
static inline bool take_shared(quick *q) {
    if (!AT(q->p, "<v>")) return false;
    const char *from = q->p + 3, *to = next_less(q, from);
    uint64_t index = digits8(from, (size_t)(to - from));
    if (index >= q->r->book->strings.n || !AT(to, "</v></c>")) return false;
    hp_rows_put_shared(q->r, index);
    q->p = to + 8;
    return true;
}

static inline bool take_cell(quick *q) {
    hp_raw_cell c = {.value = HP_S(""), .text = HP_S("")};
    bool empty;
    q->p += 2;
    if (!cell_attrs(q, &c, &empty)) return false;
    if (empty) return true;
    if (c.kind == HP_CELL_SHARED && take_shared(q)) return true;
    return cell_content(q, &c) && put(q, &c);
}

/* ---- rows ---- */

static bool begin_row(quick *q, bool *empty) {
    hp_str number = HP_S(""), hidden = HP_S("");
    q->p += 4;
    if (!row_attrs(q, &number, &hidden, empty)) return false;
    uint64_t row = digits8(number.p, number.n);
    if (row == 0 || row > HP_LIMIT_SHEET_ROWS || number.p[0] == '0') return false;
    memcpy(q->row, number.p, number.n);
    q->row[number.n] = '"';
    q->row_n = number.n + 1;
    bool is_hidden = hp_str_eq(hidden, HP_S("1")) || hp_str_ieq(hidden, HP_S("true"));
    return hp_rows_start(q->r, &(uint32_t){(uint32_t)row}, is_hidden) == HP_OK;
}

static bool take_row(quick *q) {
    bool empty;
    if (!begin_row(q, &empty)) return false;
    if (empty) return true;
    for (;;) {
        skip_white(q);
        if (AT(q->p, "<c ") || AT(q->p, "<c>")) {
            if (!take_cell(q)) return false;
        } else if (AT(q->p, "</row>")) {
            q->p += 6;
            return true;
        } else {
            return false;
        }
    }
}

bool hp_rows_quick(hp_rows *r, const char *from, const char **to) {
    hp_batch *b = &r->batch;
    size_t ncell = b->ncell, nrow = b->nrow, nissue = b->issue.n, words = hp_marks_words(r->stays.n);
    uint32_t last_row = r->last_row;
    bool relative = r->relative;
    quick q = {.r = r,
               .begin = r->stays.p,
               .p = from,
               .n = r->stays.n,
               .less = r->bits,
               .special = r->bits + words,
               .any_special = r->any_special};
    if (take_row(&q)) {
        *to = q.p;
        return true;
    }
    b->ncell = ncell;
    b->nrow = nrow;
    b->issue.n = nissue;
    r->last_row = last_row;
    r->relative = relative;
    return false;
}
