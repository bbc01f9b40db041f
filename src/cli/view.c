#include "cli/view.h"

#include "base/utf8.h"

#include "base/banned.h"

/* Blanks between columns; the least a column is cut to when the terminal is narrow. */
enum { GAP = 2, LEAST = 8, MAX_COLUMNS = 64 };

void hp_view_add(hp_view *v, hp_str text) {
    hp_autobuf safe = hp_buf_new(1 << 20);
    hp_put_safe(&safe, text);
    hp_str copy = hp_arena_dup(v->arena, hp_buf_str(&safe));
    if (safe.bad || !copy.p || !hp_vec_push(&v->cell, copy)) v->bad = true;
}

void hp_view_addf(hp_view *v, const char *fmt, ...) {
    hp_autobuf text = hp_buf_new(1 << 20);
    va_list ap;
    va_start(ap, fmt);
    hp_buf_vprintf(&text, fmt, ap);
    va_end(ap);
    if (text.bad) v->bad = true;
    hp_view_add(v, hp_buf_str(&text));
}

static bool flush_right(const hp_view *v, size_t col) { return v->header[col][0] == '>'; }

static hp_str header_of(const hp_view *v, size_t col) {
    return hp_str_of(v->header[col] + flush_right(v, col));
}

static void write_plain(const hp_view *v, hp_buf *out) {
    for (size_t c = 0; c < v->ncol; c++) {
        if (c) hp_buf_putc(out, '\t');
        hp_buf_add(out, header_of(v, c));
    }
    hp_buf_putc(out, '\n');
    for (size_t i = 0; i < v->cell.n; i++) {
        hp_buf_add(out, v->cell.p[i]);
        hp_buf_putc(out, (i + 1) % v->ncol ? '\t' : '\n');
    }
}

/* Takes columns off the widest ones until the line fits. */
static void fit(size_t *width, size_t ncol, size_t room) {
    for (;;) {
        size_t sum = GAP * (ncol - 1), widest = 0;
        for (size_t c = 0; c < ncol; c++) {
            sum += width[c];
            if (width[c] > width[widest]) widest = c;
        }
        if (sum <= room || width[widest] <= LEAST) return;
        width[widest]--;
    }
}

static void measure(const hp_view *v, size_t room, size_t *width) {
    for (size_t c = 0; c < v->ncol; c++) width[c] = hp_utf8_width(header_of(v, c));
    for (size_t i = 0; i < v->cell.n; i++) {
        size_t w = hp_utf8_width(v->cell.p[i]), c = i % v->ncol;
        if (w > width[c]) width[c] = w;
    }
    fit(width, v->ncol, room);
}

static void write_cell(const hp_view *v, hp_str text, size_t col, size_t width, hp_buf *out) {
    size_t w = hp_utf8_width(text), pad = w < width ? width - w : 0;
    if (flush_right(v, col)) hp_put_spaces(out, pad);
    hp_put_cut(out, text, width);
    if (!flush_right(v, col) && col + 1 < v->ncol) hp_put_spaces(out, pad);
    if (col + 1 < v->ncol) hp_put_spaces(out, GAP);
}

static void write_table(const hp_view *v, const hp_term *t, size_t indent, hp_buf *out) {
    size_t width[MAX_COLUMNS];
    measure(v, t->width > indent ? t->width - indent : 0, width);
    hp_put_spaces(out, indent);
    if (t->out_color) hp_buf_puts(out, "\033[1m");
    for (size_t c = 0; c < v->ncol; c++) write_cell(v, header_of(v, c), c, width[c], out);
    hp_buf_puts(out, t->out_color ? "\033[0m\n" : "\n");
    for (size_t i = 0; i < v->cell.n; i++) {
        size_t c = i % v->ncol;
        if (c == 0) hp_put_spaces(out, indent);
        write_cell(v, v->cell.p[i], c, width[c], out);
        if (c + 1 == v->ncol) hp_buf_putc(out, '\n');
    }
}

hp_code hp_view_write(hp_view *v, const hp_term *t, size_t indent, hp_buf *out, hp_err *err) {
    bool ok = !v->bad;
    if (ok && (!t->out_tty || v->ncol > MAX_COLUMNS)) {
        write_plain(v, out);
    } else if (ok) {
        write_table(v, t, indent, out);
    }
    hp_vec_free(&v->cell);
    return ok ? HP_OK : hp_fail_memory(err, "a table");
}
