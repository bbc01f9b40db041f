/* Rows of a sheet as XML, into a zip. This is most of what a run writes, so cells are put together from
 * pieces made once a column, and texts that need no escape are copied. */
#include "write/parts.h"

#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"

#include "base/banned.h"

/* When the compressor gets what has gathered. */
#define FLUSH_AT (256u << 10)
/* The longest form of a text ("_x0007_" for each sign of a full cell), and more than any tags around it. */
#define TEXT_MAX (7u * HP_LIMIT_CELL_TEXT)
#define TAGS_MAX 256u

/* Pieces are copied by their room, a size known to the compiler, and count by their length. */
typedef struct piece {
    char text[63];
    uint8_t n;
} piece;

/* What stands around the content of a column's cells. */
typedef struct column {
    piece open;   /* <c r="AB */
    piece text;   /* " s="2" t="inlineStr"><is><t> */
    piece spaced; /* ... that keeps outer white space */
    piece number; /* " s="2"><v> */
} column;

typedef struct writer {
    const hp_pool *pool;
    const hp_table *t;
    hp_zip_out *zip;
    column *col;
    column link, header; /* of which only `text` and `spaced` are used */
    hp_buf cell, url, number;
    uint64_t links;
    char *p; /* FLUSH_AT + TEXT_MAX + TAGS_MAX bytes */
    size_t n;
    piece row; /* number of the row */
} writer;

/* ---- pieces ---- */

static void set_piece(piece *p, const char *before, int style, const char *after) {
    int n = style ? snprintf(p->text, sizeof p->text, "%s s=\"%d\"%s", before, style, after)
                  : snprintf(p->text, sizeof p->text, "%s%s", before, after);
    p->n = (uint8_t)n;
}

static void set_style(column *c, int style) {
    set_piece(&c->text, "\"", style, " t=\"inlineStr\"><is><t>");
    set_piece(&c->spaced, "\"", style, " t=\"inlineStr\"><is><t xml:space=\"preserve\">");
    set_piece(&c->number, "\"", style, "><v>");
}

static void set_column(column *c, size_t at, int style) {
    char letters[8];
    hp_col_letters((uint32_t)at, letters);
    set_piece(&c->open, "<c r=\"", 0, letters);
    set_style(c, style);
}

static inline void put_piece(writer *w, const piece *p) {
    memcpy(w->p + w->n, p->text, sizeof p->text);
    w->n += p->n;
}

static inline void put(writer *w, hp_str s) {
    memcpy(w->p + w->n, s.p, s.n);
    w->n += s.n;
}

/* ---- texts ---- */

enum { PLAIN = 0, UNDERSCORE = 1, SPECIAL = 2 };
#define X SPECIAL
/* Which bytes can be copied as they are; all but ASCII is looked at more closely. */
static const uint8_t KIND[256] = {[0] = X,          [1] = X,
                                  [2] = X,          [3] = X,
                                  [4] = X,          [5] = X,
                                  [6] = X,          [7] = X,
                                  [8] = X,          [11] = X,
                                  [12] = X,         [13] = X,
                                  [14] = X,         [15] = X,
                                  [16] = X,         [17] = X,
                                  [18] = X,         [19] = X,
                                  [20] = X,         [21] = X,
                                  [22] = X,         [23] = X,
                                  [24] = X,         [25] = X,
                                  [26] = X,         [27] = X,
                                  [28] = X,         [29] = X,
                                  [30] = X,         [31] = X,
                                  ['&'] = X,        ['<'] = X,
                                  ['>'] = X,        ['_'] = UNDERSCORE,
                                  [128 ... 255] = X};
#undef X

static bool is_plain(hp_str s) {
    uint8_t kinds = 0;
    for (size_t i = 0; i < s.n; i++) kinds |= KIND[(unsigned char)s.p[i]];
    return s.n <= HP_LIMIT_CELL_TEXT
           && (kinds == PLAIN || (kinds == UNDERSCORE && hp_str_find(s, HP_S("_x"), 0) == SIZE_MAX));
}

/* Adds one byte of a text, escaped: markup as XML has it, controls as SpreadsheetML has them (ECMA-376 part
 * 1, 22.9.2.19). */
static void put_escaped(writer *w, char c) {
    static const char HEX[] = "0123456789ABCDEF";
    if (c == '&')
        put(w, HP_S("&amp;"));
    else if (c == '<')
        put(w, HP_S("&lt;"));
    else if (c == '>')
        put(w, HP_S("&gt;"));
    else if ((unsigned char)c < ' ' && c != '\t' && c != '\n') {
        char escape[] = "_x0000_";
        escape[4] = HEX[c >> 4];
        escape[5] = HEX[c & 15];
        put(w, (hp_str){escape, 7});
    } else
        w->p[w->n++] = c;
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n'; }

/* Puts a text that is not empty behind the opening tags; false without memory. */
static bool put_text(writer *w, const column *c, hp_str text) {
    bool plain = is_plain(text);
    if (!plain) {
        const char *shown = hp_cell_text(&w->cell, text);
        if (!shown) return false;
        text = hp_buf_str(&w->cell);
    }
    put_piece(w, is_blank(text.p[0]) || is_blank(text.p[text.n - 1]) ? &c->spaced : &c->text);
    if (plain)
        put(w, text);
    else
        for (size_t i = 0; i < text.n; i++) put_escaped(w, text.p[i]);
    put(w, HP_S("</t></is></c>"));
    return true;
}

/* ---- numbers ---- */

/* Tells whether a number stands there in its shortest form already: digits without needless zeros, 15 at
 * most. No two numbers of 15 digits read back as the same double (DBL_DIG), so nothing shorter reads back as
 * this one. */
static bool is_shortest(hp_str s) {
    size_t i = s.n > 0 && s.p[0] == '-', from = i;
    while (i < s.n && hp_is_digit(s.p[i])) i++;
    size_t whole = i - from;
    if (whole == 0 || (whole > 1 && s.p[from] == '0') || s.n - from > 15) return false;
    if (i == s.n) return from == 0 || s.p[from] != '0';
    if (s.p[i++] != '.' || i == s.n) return false;
    while (i < s.n && hp_is_digit(s.p[i])) i++;
    return i == s.n && s.p[s.n - 1] != '0';
}

/* Puts a number cell; false when the text is no number, or without memory (number.bad). */
static bool put_number(writer *w, const column *c, hp_str text) {
    double v;
    hp_buf_clear(&w->number);
    if (!is_shortest(text)) {
        if (!hp_str_f64(text, &v)) return false;
        hp_json j = {.out = &w->number};
        hp_json_f64(&j, v);
        if (w->number.bad) return false;
        text = hp_buf_str(&w->number);
    }
    put_piece(w, &c->number);
    put(w, text);
    put(w, HP_S("</v></c>"));
    return true;
}

/* ---- cells and rows ---- */

/* As hp_frame_write counts them: the first addresses of a sheet are links. */
static bool take_link(writer *w, hp_style style, hp_str text) {
    if (w->links == HP_LIMIT_SHEET_LINKS || !hp_cell_link(&w->url, style, text)) return false;
    w->links++;
    return true;
}

static bool put_cell(writer *w, const column *c, hp_style style, hp_str text) {
    put_piece(w, &c->open);
    put_piece(w, &w->row);
    bool numeric = style == HP_STYLE_INT || style == HP_STYLE_SCORE || style == HP_STYLE_QUALITY;
    if (numeric && put_number(w, c, text)) return true;
    bool link = hp_is_linked(style) && take_link(w, style, text);
    return !w->number.bad && !w->url.bad && put_text(w, link ? &w->link : c, text);
}

static hp_code flush(writer *w, size_t from, hp_err *err) {
    if (w->n < from) return HP_OK;
    hp_code code = hp_zip_put(w->zip, (hp_str){w->p, w->n}, err);
    w->n = 0;
    return code;
}

static hp_code put_cells(writer *w, size_t r, hp_err *err) {
    const hp_table *t = w->t;
    for (size_t c = 0; c < t->ncol; c++) {
        hp_vid v = t->col[c].v[r];
        if (v == HP_NULL) continue;
        if (!put_cell(w, &w->col[c], t->col[c].style, hp_text(w->pool, v)))
            return hp_fail_memory(err, "the rows of the workbook");
        HP_TRY(flush(w, FLUSH_AT, err));
    }
    return HP_OK;
}

static bool has_cells(const hp_table *t, size_t r) {
    for (size_t c = 0; c < t->ncol; c++)
        if (t->col[c].v[r] != HP_NULL) return true;
    return false;
}

static void open_row(writer *w, size_t number) {
    w->row.n = (uint8_t)snprintf(w->row.text, sizeof w->row.text, "%zu", number);
    put(w, HP_S("<row r=\""));
    put_piece(w, &w->row);
    put(w, HP_S("\">"));
}

/* Puts the names of the columns; a styled one without a name has its fill all the same. */
static hp_code put_header(writer *w, bool plain, hp_err *err) {
    size_t before = w->n, empty;
    open_row(w, 1);
    empty = w->n;
    for (size_t c = 0; c < w->t->ncol; c++) {
        hp_str name = w->t->col[c].name;
        if (name.n == 0 && plain) continue;
        put_piece(w, &w->col[c].open);
        put_piece(w, &w->row);
        if (name.n == 0)
            put_piece(w, &w->header.open);
        else if (!put_text(w, plain ? &w->col[c] : &w->header, name))
            return hp_fail_memory(err, "the rows of the workbook");
        HP_TRY(flush(w, FLUSH_AT, err));
        empty = SIZE_MAX;
    }
    if (w->n == empty)
        w->n = before;
    else
        put(w, HP_S("</row>"));
    return HP_OK;
}

static hp_code put_rows(writer *w, bool plain, hp_err *err) {
    HP_TRY(put_header(w, plain, err));
    for (size_t r = 0; r < w->t->nrow; r++) {
        if (!has_cells(w->t, r)) continue;
        open_row(w, r + 2);
        HP_TRY(put_cells(w, r, err));
        put(w, HP_S("</row>"));
    }
    return flush(w, 0, err);
}

hp_code hp_rows_pour(const hp_pool *pool, const hp_out_sheet *sheet, const hp_book_styles *styles,
                     hp_zip_out *z, hp_err *err) {
    const hp_table *t = sheet->table;
    hp_autofree column *columns = hp_calloc(t->ncol + 1, sizeof *columns);
    hp_autofree char *bytes = hp_malloc(FLUSH_AT + TEXT_MAX + TAGS_MAX);
    if (!columns || !bytes) return hp_fail_memory(err, "the rows of the workbook");
    writer w = {.pool = pool,
                .t = t,
                .zip = z,
                .col = columns,
                .cell = hp_buf_new(8 * HP_LIMIT_CELL_TEXT),
                .url = hp_buf_new(8192),
                .number = hp_buf_new(64),
                .p = bytes};
    for (size_t c = 0; c < t->ncol; c++) set_column(&columns[c], c, hp_column_style(styles, t->col[c].style));
    set_style(&w.link, styles->link);
    set_style(&w.header, styles->header);
    set_piece(&w.header.open, "\"", styles->header, "/>");
    hp_code code = put_rows(&w, sheet->plain, err);
    hp_buf_free(&w.cell);
    hp_buf_free(&w.url);
    hp_buf_free(&w.number);
    return code;
}
