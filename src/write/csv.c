/* Tables as csv (RFC 4180), safe to open in a spreadsheet program. */
#include <stdatomic.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "write/lines.h"
#include "write/parts.h"
#include "write/plain.h"

#include "base/banned.h"

/* What a spreadsheet program may take for a formula when a text begins with it: the ASCII signs, the blanks
 * that it skips before looking, and the full-width forms of the signs (U+FF1D, U+FF0B, U+FF0D, U+FF20), which
 * some input methods make of them. */
static bool begins_formula(hp_str s) {
    if (s.n == 0) return false;
    switch (s.p[0]) {
    case '=':
    case '+':
    case '-':
    case '@':
    case '\t':
    case '\r':
    case '\n': return true;
    case '\xEF': return s.n >= 3 && s.p[1] == '\xBC' && memchr("\x9D\x8B\x8D\xA0", s.p[2], 4) != NULL;
    default: return false;
    }
}

/* One E.164 number, or several joined by ";" or "; ", can become a number at worst, never a call; and phone
 * columns must stay usable. */
static bool is_phones(hp_str s) {
    for (size_t i = 0; i < s.n;) {
        size_t digits = i + 1;
        if (s.p[i] != '+') return false;
        while (digits < s.n && hp_is_digit(s.p[digits])) digits++;
        if (digits == i + 1) return false;
        if (digits == s.n) return true;
        if (s.p[digits] != ';') return false;
        i = digits + 1 + (digits + 1 < s.n && s.p[digits + 1] == ' ');
    }
    return false;
}

/* Drops what a person does not see before the first sign, and some programs neither: blanks, controls,
 * zero-width and reordering marks. */
static hp_str seen(hp_str s) {
    for (size_t i = 0; i < s.n;) {
        size_t from = i;
        uint32_t cp = hp_utf8_next(s, &i);
        bool unseen = cp <= ' ' || (cp >= 0x7F && cp <= 0xA0) || cp == 0xAD || (cp >= 0x2000 && cp <= 0x200F)
                      || (cp >= 0x2028 && cp <= 0x202F) || (cp >= 0x2060 && cp <= 0x2069) || cp == 0x3000
                      || cp == 0xFEFF;
        if (!unseen) return hp_str_cut(s, from, s.n);
    }
    return hp_str_cut(s, s.n, s.n);
}

/* A table on its way into a file. */
typedef struct csv_out {
    const hp_place *place; /* of the texts of the pool */
    const hp_table *t;
    hp_csv_options options;
    char separator;
    atomic_uint_fast64_t *guarded, *controls; /* blocks are made side by side */
} csv_out;

/* A block of records being filled. */
typedef struct pen {
    const csv_out *w;
    hp_buf *b;
    hp_csv_changes changes;
} pen;

static bool looks_like_formula(hp_str s, bool numeric) {
    if (s.n == 0 || hp_is_alnum(s.p[0])) return false; /* most are */
    if (!begins_formula(s) && !begins_formula(seen(s))) return false;
    double number;
    if (numeric && hp_str_f64(s, &number)) return false;
    return !is_phones(s);
}

/* Tells whether a number in a column is one: "-2" elsewhere is a text that a program would take for a
 * formula. */
static bool is_numeric(const csv_out *w, const hp_column *c) {
    return w->options.numbers || hp_is_numeric(c->style);
}

/* Quotes are needed around separators; outer blanks get them too, because many readers would drop them. */
static bool needs_quotes(hp_str s, char separator) {
    if (s.p[0] == ' ' || s.p[s.n - 1] == ' ' || s.p[0] == '\t' || s.p[s.n - 1] == '\t') return true;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == separator || s.p[i] == '"' || s.p[i] == '\n' || s.p[i] == '\r') return true;
    return false;
}

/* A control that no text file should have: it could steer the terminal on which the file is looked at. Tabs
 * and line ends may stay. */
static bool is_control(uint32_t cp) {
    return (cp < ' ' && cp != '\t' && cp != '\n' && cp != '\r') || (cp >= 0x7F && cp < 0xA0);
}

/* Returns the offset of the next control from `at` on, s.n without one. */
static size_t next_control(hp_str s, size_t at) {
    for (size_t i = at; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool c1 = c == 0xC2 && i + 1 < s.n && (unsigned char)s.p[i + 1] < 0xA0;
        if (c1 || (c < 0x80 && is_control(c))) return i;
    }
    return s.n;
}

/* Puts U+FFFD in the place of each control. */
static hp_str without_controls(hp_buf *out, hp_str s) {
    size_t at = next_control(s, 0);
    if (at == s.n) return s;
    hp_buf_clear(out);
    for (size_t from = 0;; at = next_control(s, from)) {
        hp_buf_add(out, hp_str_cut(s, from, at));
        if (at == s.n) return hp_buf_str(out);
        hp_buf_putu(out, 0xFFFD);
        from = at;
        hp_utf8_next(s, &from);
    }
}

static void put_text(pen *p, hp_str s, bool defuse) {
    hp_buf *b = p->b;
    bool quote = needs_quotes(s, p->w->separator);
    if (quote) hp_buf_putc(b, '"');
    if (defuse) hp_buf_putc(b, '\'');
    for (size_t from = 0; from < s.n;) {
        size_t to = quote ? hp_str_chr(s, '"', from) : SIZE_MAX;
        if (to == SIZE_MAX) to = s.n;
        hp_buf_add(b, hp_str_cut(s, from, to));
        if (to < s.n) hp_buf_puts(b, "\"\"");
        from = to + 1;
    }
    if (quote) hp_buf_putc(b, '"');
}

static void put_field(pen *p, hp_str text, bool numeric) {
    if (text.n == 0) return;
    if (p->w->options.raw) {
        put_text(p, text, false);
        return;
    }
    hp_autobuf changed = hp_buf_new(HP_LINE_MAX);
    hp_str s = without_controls(&changed, text);
    p->b->bad = p->b->bad || changed.bad;
    if (s.n == 0) return;
    bool defuse = looks_like_formula(text, numeric);
    p->changes.guarded += defuse;
    p->changes.controls += s.p != text.p;
    put_text(p, s, defuse);
}

/* An only column that is empty would make a blank line, which readers skip: a row would be lost. */
static void end_record(pen *p, size_t start) {
    if (p->w->t->ncol == 1 && p->b->n == start) hp_buf_puts(p->b, "\"\"");
    hp_buf_putc(p->b, '\n');
}

static void put_header(pen *p) {
    for (size_t c = 0; c < p->w->t->ncol; c++) {
        if (c) hp_buf_putc(p->b, p->w->separator);
        put_field(p, p->w->t->col[c].name, is_numeric(p->w, &p->w->t->col[c]));
    }
    end_record(p, 0);
}

/* Tells whether a text may be plain, by its ends: no formula and no blank begins or ends it. */
static inline bool has_plain_ends(hp_str s) {
    char c = s.p[0];
    return c > ' ' && c != '=' && c != '+' && c != '-' && c != '@' && s.p[s.n - 1] != ' ';
}

/* Puts a field that needs no quotes and no guard, which most do not; false for the others. Bytes that need a
 * closer look: controls, DEL, and the byte that begins the controls beyond ASCII. */
static inline bool put_plain(pen *p, hp_str s) {
    char *to = hp_plain_room(p->b, s.n);
    const hp_odd odd = {0x100 - ' ', '"', (uint8_t)p->w->separator, 0x7F, 0xC2};
    if (!to || !has_plain_ends(s) || !hp_copy_plain(to, s, odd)) return false;
    p->b->n += s.n;
    return true;
}

static void put_row(void *ctx, const hp_vid *row, size_t r) {
    pen *p = ctx;
    const hp_table *t = p->w->t;
    size_t start = p->b->n;
    for (size_t c = 0; c < t->ncol; c++) {
        const hp_column *col = &t->col[c];
        hp_vid v = row[c];
        if (c) hp_buf_putc(p->b, p->w->separator);
        if (v == HP_NULL) continue;
        hp_str text = hp_place_text(p->w->place[v]);
        if (!put_plain(p, text))
            put_field(p, text, is_numeric(p->w, col) || hp_cell_type(col, r) == HP_T_NUMBER);
    }
    end_record(p, start);
}

static size_t fill(const void *ctx, hp_buf *b, size_t from, size_t to) {
    pen p = {.w = ctx, .b = b};
    from = hp_lines_fill(p.w->t, p.w->place, b, from, to, put_row, &p);
    atomic_fetch_add(p.w->guarded, p.changes.guarded);
    atomic_fetch_add(p.w->controls, p.changes.controls);
    return from;
}

static hp_code put_table(const csv_out *w, hp_out *out, hp_err *err) {
    hp_autobuf header = hp_buf_new(HP_LINE_MAX);
    pen p = {.w = w, .b = &header};
    put_header(&p);
    atomic_fetch_add(w->guarded, p.changes.guarded);
    atomic_fetch_add(w->controls, p.changes.controls);
    HP_TRY(hp_lines_put(&header, out, err));
    const hp_lines_maker maker = {.nrow = w->t->nrow, .ncol = w->t->ncol, .fill = fill};
    return hp_lines_run(&maker, w, out, err);
}

hp_code hp_write_csv_as(const hp_pool *pool, const hp_table *t, const hp_csv_options *options,
                        const char *path, hp_out *out, hp_csv_changes *changes, hp_err *err) {
    atomic_uint_fast64_t guarded = 0, controls = 0;
    csv_out w = {.place = hp_pool_places(pool), .t = t, .guarded = &guarded, .controls = &controls};
    if (options) w.options = *options;
    w.separator = w.options.tabs ? '\t' : ',';
    HP_TRY(hp_out_begin(out, path, true, err));
    hp_code code = put_table(&w, out, err);
    if (code != HP_OK)
        hp_out_abandon(out);
    else if (changes)
        *changes = (hp_csv_changes){.guarded = guarded, .controls = controls};
    return code;
}
