/* Rows of a sheet as XML (ECMA-376 part 1, 18.3.1.73). This is most of what a run writes, so cells are put
 * together from pieces made once a column. */
#include "base/json.h"
#include "base/mem.h"
#include "write/block.h"

#include "base/banned.h"

/* Cells of a block: about as many as make HP_BLOCK_FLUSH bytes. */
#define BLOCK_CELLS 28000u
/* Numbers of texts are fetched so many rows before they are needed; that takes a tenth off the time. */
#define AHEAD 4

/* Pieces are copied by their room, a size known to the compiler, and count by their length. */
typedef struct piece {
    char text[31];
    uint8_t n;
} piece;

typedef enum kind { KIND_SHARED, KIND_NUMBER, KIND_TYPED } kind;

/* What stands around the content of a column's cells. */
typedef struct column {
    piece open;   /* <c r="AB */
    piece shared; /* " s="1" t="s"><v> */
    piece number; /* " s="2"><v> */
    kind kind;
    bool linked;
} column;

typedef struct writer {
    const hp_book_out *book;
    const hp_page *page;
    const hp_table *t;
    column *col;
    piece link; /* as `shared` of a column */
} writer;

/* Where a block is being filled. */
typedef struct pen {
    const writer *w;
    hp_block *b;
    const hp_link *link, *last; /* the next of the page's links, and where they end */
    piece row;                  /* number of the row */
} pen;

/* ---- pieces ---- */

static void set_piece(piece *p, const char *before, unsigned style, const char *after) {
    int n = style ? snprintf(p->text, sizeof p->text, "%s s=\"%u\"%s", before, style, after)
                  : snprintf(p->text, sizeof p->text, "%s%s", before, after);
    p->n = (uint8_t)n;
}

static kind kind_of(const hp_column *c) {
    return hp_is_numeric(c->style) ? KIND_NUMBER : c->type ? KIND_TYPED : KIND_SHARED;
}

static void set_column(column *to, const hp_column *c, size_t at) {
    char letters[8];
    hp_col_letters((uint32_t)at, letters);
    set_piece(&to->open, "<c r=\"", 0, letters);
    set_piece(&to->shared, "\"", hp_column_xf(c), " t=\"s\"><v>");
    set_piece(&to->number, "\"", hp_column_xf(c), "><v>");
    to->kind = kind_of(c);
    to->linked = hp_is_linked(c->style);
}

static inline char *put_piece(char *to, const piece *p) {
    memcpy(to, p->text, sizeof p->text);
    return to + p->n;
}

static inline char *put(char *to, hp_str s) {
    memcpy(to, s.p, s.n);
    return to + s.n;
}

/* Spreads a number below 10^8 over eight bytes, the first digit lowest: halves, quarters and eighths of a
 * word hold four digits, two and one. */
static inline uint64_t eight_digits(uint64_t v) {
    uint64_t pair = v / 10000 | (v % 10000) << 32;
    uint64_t high = (pair * 10486 >> 20) & 0x0000007F0000007F;
    pair = high | (pair - high * 100) << 16;
    high = (pair * 103 >> 10) & 0x000F000F000F000F;
    return high | (pair - high * 10) << 8;
}

/* Puts a number below 10^16 in decimal. Machines this is built for have the low byte first. */
static inline char *put_digits(char *to, uint64_t v) {
    bool tail = v >= 100000000;
    uint64_t digits = eight_digits(tail ? v / 100000000 : v);
    unsigned zeros = (unsigned)__builtin_ctzll(digits | 1ull << 56) / 8; /* of "0" one stays */
    digits = (digits | 0x3030303030303030) >> 8 * zeros;
    memcpy(to, &digits, sizeof digits);
    to += 8 - zeros;
    if (!tail) return to;
    digits = eight_digits(v % 100000000) | 0x3030303030303030;
    memcpy(to, &digits, sizeof digits);
    return to + 8;
}

static void set_row(piece *p, size_t number) { p->n = (uint8_t)(put_digits(p->text, number) - p->text); }

/* ---- cells ---- */

static void open_cell(pen *w, const column *c) {
    char *to = put_piece(w->b->text + w->b->n, &c->open);
    w->b->n = (size_t)(put_piece(to, &w->row) - w->b->text);
}

/* Puts a cell whose text is its own: ` s="2" t="inlineStr"` and the text. */
static hp_code put_inline(pen *w, const column *c, unsigned style, hp_str text, hp_err *err) {
    char open[64], spaced[96];
    const char *s = style ? " s=\"" : "", *end = style ? "\"" : "";
    char digit[2] = {style ? (char)('0' + style) : '\0', '\0'};
    int n = snprintf(open, sizeof open, "\"%s%s%s t=\"inlineStr\"><is><t>", s, digit, end);
    int m = snprintf(spaced, sizeof spaced, "\"%s%s%s t=\"inlineStr\"><is><t xml:space=\"preserve\">", s,
                     digit, end);
    open_cell(w, c);
    return hp_block_put_text(w->b, text, (hp_str){open, (size_t)n}, (hp_str){spaced, (size_t)m},
                             HP_S("</t></is></c>"), err);
}

/* Puts a cell with a value that needs no escape. */
static void put_value(pen *w, const column *c, const char *attributes, hp_str value) {
    open_cell(w, c);
    char *to = put(w->b->text + w->b->n, hp_str_of(attributes));
    to = put(to, value);
    w->b->n = (size_t)(put(to, HP_S("</v></c>")) - w->b->text);
}

static inline void put_shared(pen *w, const column *c, const piece *tags, uint32_t number) {
    char *to = put_piece(w->b->text + w->b->n, &c->open);
    to = put_piece(to, &w->row);
    to = put_piece(to, tags);
    to = put_digits(to, number - 1);
    memcpy(to, "</v></c>", 8);
    w->b->n = (size_t)(to + 8 - w->b->text);
}

/* ---- numbers ---- */

/* Tells whether a number stands there in its shortest form already: digits without needless zeros, 15 at
 * most. No two numbers of 15 digits read back as the same double (DBL_DIG), so nothing shorter reads back as
 * this one. With `scale`, zeros behind the point are none that are needless. */
static bool is_shortest(hp_str s, bool scale) {
    size_t i = s.n > 0 && s.p[0] == '-', from = i;
    while (i < s.n && hp_is_digit(s.p[i])) i++;
    size_t whole = i - from;
    if (whole == 0 || (whole > 1 && s.p[from] == '0') || s.n - from > 15) return false;
    if (i == s.n) return from == 0 || s.p[from] != '0';
    if (s.p[i++] != '.' || i == s.n) return false;
    while (i < s.n && hp_is_digit(s.p[i])) i++;
    return i == s.n && (scale || s.p[s.n - 1] != '0');
}

/* Puts the shortest form that reads back as the same number into b->number; false when the text is none, or
 * without memory (number.bad). */
static bool shorten(hp_block *b, hp_str text) {
    double v;
    hp_buf_clear(&b->number);
    if (!hp_str_f64(text, &v)) return false;
    hp_json j = {.out = &b->number};
    hp_json_f64(&j, v);
    return !b->number.bad;
}

/* A column of numbers: what is none stays text. */
static hp_code put_number(pen *w, const column *c, const hp_column *from, hp_str text, hp_err *err) {
    if (!is_shortest(text, false)) {
        if (!shorten(w->b, text)) {
            if (w->b->number.bad) return hp_fail_memory(err, "the rows of the workbook");
            return put_inline(w, c, hp_column_xf(from), text, err);
        }
        text = hp_buf_str(&w->b->number);
    }
    put_value(w, c, c->number.text, text);
    return HP_OK;
}

/* Tells whether a number survives as a number cell, digit by digit: a spreadsheet keeps 15 digits of a whole
 * number and no zeros in front, so identifiers stay text. Fractions may have as many as a double needs. */
static bool survives(hp_block *b, hp_str text) {
    if (is_shortest(text, true)) return true;
    if (hp_str_chr(text, '.', 0) == SIZE_MAX || !shorten(b, text)) return false;
    return hp_str_eq(hp_buf_str(&b->number), text);
}

static bool is_error(hp_str s) {
    static const char *const ERRORS[] = {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"};
    for (size_t i = 0; i < sizeof ERRORS / sizeof *ERRORS; i++)
        if (hp_str_eq(s, hp_str_of(ERRORS[i]))) return true;
    return false;
}

/* A cell that its file said to be more than text, and that is shown as its type demands. */
static hp_code put_typed(pen *w, const column *c, hp_type type, hp_str text, hp_err *err) {
    char serial[40], tags[32];
    unsigned style;
    size_t n;
    if (type == HP_T_NUMBER && survives(w->b, text)) {
        put_value(w, c, "\"><v>", text);
    } else if (type == HP_T_BOOL && (hp_str_eq(text, HP_S("TRUE")) || hp_str_eq(text, HP_S("FALSE")))) {
        put_value(w, c, "\" t=\"b\"><v>", text.n == 4 ? HP_S("1") : HP_S("0"));
    } else if (type == HP_T_DATE && (n = hp_cell_serial(text, serial, &style)) > 0) {
        snprintf(tags, sizeof tags, "\" s=\"%u\"><v>", style);
        put_value(w, c, tags, (hp_str){serial, n});
    } else if (type == HP_T_ERROR && is_error(text)) {
        put_value(w, c, "\" t=\"e\"><v>", text);
    } else {
        if (w->b->number.bad) return hp_fail_memory(err, "the rows of the workbook");
        return put_inline(w, c, HP_XF_TEXT, text, err);
    }
    return HP_OK;
}

/* ---- rows ---- */

static bool is_link(pen *w, size_t row, size_t col) {
    if (w->link == w->last || w->link->row != row || w->link->col != col) return false;
    w->link++;
    return true;
}

static hp_code put_cell(pen *w, size_t r, size_t c, hp_vid v, hp_err *err) {
    const column *col = &w->w->col[c];
    const hp_column *from = &w->w->t->col[c];
    hp_str text = hp_text(w->w->book->pool, v);
    if (col->kind == KIND_NUMBER) return put_number(w, col, from, text, err);
    if (col->kind == KIND_TYPED && from->type[r] != HP_T_TEXT)
        return put_typed(w, col, (hp_type)from->type[r], text, err);
    bool link = col->linked && is_link(w, r, c);
    put_shared(w, col, link ? &w->w->link : &col->shared, w->w->book->strings.number[v]);
    return HP_OK;
}

static hp_code put_cells(pen *w, size_t r, hp_err *err) {
    const hp_table *t = w->w->t;
    const column *col = w->w->col;
    const uint32_t *number = w->w->book->strings.number;
    size_t ahead = r + AHEAD < t->nrow ? r + AHEAD : r;
    for (size_t c = 0; c < t->ncol; c++) {
        hp_vid v = t->col[c].v[r];
        __builtin_prefetch(&number[t->col[c].v[ahead]]);
        if (v == HP_NULL) continue;
        if (col[c].kind == KIND_SHARED && !col[c].linked)
            put_shared(w, &col[c], &col[c].shared, number[v]); /* most are */
        else
            HP_TRY(put_cell(w, r, c, v, err));
        if (w->b->n >= HP_BLOCK_FLUSH) HP_TRY(hp_block_flush(w->b, err));
    }
    return HP_OK;
}

static void open_row(pen *w, size_t number) {
    set_row(&w->row, number);
    char *to = put(w->b->text + w->b->n, HP_S("<row r=\""));
    to = put_piece(to, &w->row);
    w->b->n = (size_t)(put(to, HP_S("\">")) - w->b->text);
}

static void close_row(pen *w) { w->b->n = (size_t)(put(w->b->text + w->b->n, HP_S("</row>")) - w->b->text); }

/* Puts the names of the columns; a styled one without a name has its fill all the same. */
static hp_code put_header(pen *w, hp_err *err) {
    const hp_table *t = w->w->t;
    bool plain = w->w->page->sheet->plain, any = false;
    size_t before = w->b->n;
    open_row(w, 1);
    for (size_t c = 0; c < t->ncol; c++) {
        hp_str name = t->col[c].name;
        if (name.n == 0 && plain) continue;
        any = true;
        if (name.n == 0) {
            open_cell(w, &w->w->col[c]);
            w->b->n = (size_t)(put(w->b->text + w->b->n, HP_S("\" s=\"3\"/>")) - w->b->text);
        } else {
            HP_TRY(put_inline(w, &w->w->col[c], plain ? hp_column_xf(&t->col[c]) : HP_XF_HEADER, name, err));
        }
    }
    if (any)
        close_row(w);
    else
        w->b->n = before;
    return HP_OK;
}

static bool has_cells(const hp_table *t, size_t r) {
    for (size_t c = 0; c < t->ncol; c++)
        if (t->col[c].v[r] != HP_NULL) return true;
    return false;
}

/* The first link at or behind a row. */
static const hp_link *links_from(const hp_page *page, size_t row) {
    size_t low = 0, high = page->nlink;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (page->link[mid].row < row)
            low = mid + 1;
        else
            high = mid;
    }
    return page->link ? page->link + low : NULL;
}

static hp_code fill(const void *ctx, hp_block *block, hp_err *err) {
    const writer *w = ctx;
    const hp_page *page = w->page;
    pen p = {.w = w, .b = block, .last = page->link ? page->link + page->nlink : NULL};
    size_t from = page->from + block->from, to = page->from + block->to;
    p.link = links_from(page, from);
    if (block->from == 0) HP_TRY(put_header(&p, err));
    for (size_t r = from; r < to && r < page->from + page->rows; r++) {
        if (!has_cells(w->t, r)) continue;
        open_row(&p, r - page->from + 2);
        HP_TRY(put_cells(&p, r, err));
        close_row(&p);
    }
    return HP_OK;
}

static size_t cut(const void *ctx, size_t from) {
    const writer *w = ctx;
    size_t rows = BLOCK_CELLS / (w->t->ncol + 1) + 1, end = w->page->rows ? w->page->rows : 1;
    return end - from < rows ? end : from + rows;
}

hp_code hp_rows_pour(hp_book_out *b, const hp_page *page, hp_err *err) {
    const hp_table *t = page->sheet->table;
    hp_autofree column *columns = hp_calloc(t->ncol + 1, sizeof *columns);
    if (!columns) return hp_fail_memory(err, "the rows of the workbook");
    for (size_t c = 0; c < t->ncol; c++) set_column(&columns[c], &t->col[c], c);
    writer w = {.book = b, .page = page, .t = t, .col = columns};
    set_piece(&w.link, "\"", HP_XF_LINK, " t=\"s\"><v>");
    /* Without rows there is a block all the same, for the header. */
    const hp_block_maker maker = {.items = page->rows ? page->rows : 1, .cut = cut, .fill = fill};
    return hp_blocks_run(b->blocks, &maker, &w, &b->zip, err);
}
