#include "cli/cellref.h"

#include "base/doc.h"
#include "base/file.h"
#include "base/limits.h"

#include "base/banned.h"

/* One corner: a column, a row, or both. */
typedef struct corner {
    bool has_row, has_col;
    uint32_t row, col;
} corner;

static size_t skip_dollar(hp_str s, size_t i) { return i < s.n && s.p[i] == '$' ? i + 1 : i; }

static bool read_corner(hp_str s, corner *c) {
    *c = (corner){0};
    size_t i = skip_dollar(s, 0), from = i;
    while (i < s.n && hp_is_alpha(s.p[i])) i++;
    char letters[4];
    if (i - from > 3) return false;
    for (size_t k = from; k < i; k++) letters[k - from] = hp_upper(s.p[k]);
    c->has_col = i > from;
    if (c->has_col && !hp_col_parse((hp_str){letters, i - from}, &c->col)) return false;
    i = skip_dollar(s, i);
    int64_t row;
    c->has_row = i < s.n;
    if (!c->has_row) return c->has_col && s.p[s.n - 1] != '$';
    if (!hp_is_digit(s.p[i]) || !hp_str_i64(hp_str_cut(s, i, s.n), &row)) return false;
    c->row = (uint32_t)row;
    return row >= 1 && row <= HP_LIMIT_SHEET_ROWS;
}

static void order(uint32_t *a, uint32_t *b) {
    if (*a <= *b) return;
    uint32_t was = *a;
    *a = *b;
    *b = was;
}

bool hp_area_parse(hp_str s, hp_area *out) {
    size_t colon = hp_str_chr(s, ':', 0);
    corner a, b;
    if (!read_corner(hp_str_cut(s, 0, colon), &a)) return false;
    b = a;
    if (colon == SIZE_MAX && !(a.has_row && a.has_col)) return false;
    if (colon != SIZE_MAX && !read_corner(hp_str_cut(s, colon + 1, s.n), &b)) return false;
    if (a.has_row != b.has_row || a.has_col != b.has_col) return false;
    hp_area area = hp_area_all();
    if (a.has_row) {
        area.row_from = a.row;
        area.row_to = b.row;
    }
    if (a.has_col) {
        area.col_from = a.col;
        area.col_to = b.col;
    }
    order(&area.row_from, &area.row_to);
    order(&area.col_from, &area.col_to);
    *out = area;
    return true;
}

static bool is_file(hp_arena *a, hp_str path, hp_str *copy) {
    *copy = hp_arena_dup(a, path);
    return copy->p && hp_exists(copy->p) && !hp_is_dir(copy->p);
}

hp_code hp_book_split(hp_arena *a, const char *arg, hp_str *path, hp_str *rest, hp_err *err) {
    hp_str all = hp_str_of(arg), copy;
    size_t first = hp_str_chr(all, '!', 0), end = all.n;
    while (!is_file(a, hp_str_cut(all, 0, end), &copy)) {
        if (!copy.p) return hp_fail_memory(err, "a path");
        do {
            if (end > 0) end--;
        } while (end > 0 && all.p[end] != '!');
        if (end > 0) continue;
        end = first < all.n ? first : all.n;
        copy = hp_arena_dup(a, hp_str_cut(all, 0, end));
        if (!copy.p) return hp_fail_memory(err, "a path");
        break;
    }
    *path = copy;
    *rest = end < all.n ? hp_str_cut(all, end + 1, all.n) : (hp_str){0};
    return HP_OK;
}

/* ---- sheets ---- */

static size_t find_sheet(const hp_book_sheet *sheets, size_t n, hp_str name) {
    for (size_t i = 0; i < n; i++) {
        if (hp_str_eq(sheets[i].name, name)) return i;
    }
    for (size_t i = 0; i < n; i++) {
        if (hp_str_ieq(sheets[i].name, name)) return i;
    }
    return SIZE_MAX;
}

static hp_code no_sheet(const hp_book_sheet *sheets, size_t n, hp_str name, const char *file, hp_err *err) {
    hp_autobuf list = hp_buf_new(600);
    hp_str best = {0};
    unsigned least = UINT32_MAX;
    for (size_t i = 0; i < n; i++) {
        hp_buf_printf(&list, "%s\"%.*s\"", i ? ", " : "", HP_FMT(sheets[i].name));
        unsigned d = hp_str_distance(name, sheets[i].name);
        if (d < least && d <= 1 + sheets[i].name.n / 3) {
            least = d;
            best = sheets[i].name;
        }
    }
    if (best.p)
        return hp_fail(err, HP_NOINPUT, "%s: has no sheet \"%.*s\"; did you mean \"%.*s\"?", file,
                       HP_FMT(name), HP_FMT(best));
    return hp_fail(err, HP_NOINPUT, "%s: has no sheet \"%.*s\"; its sheets are %s", file, HP_FMT(name),
                   hp_buf_cstr(&list));
}

static hp_code read_area(hp_str s, const char *file, hp_area *area, hp_err *err) {
    if (hp_area_parse(s, area)) return HP_OK;
    return hp_fail(err, HP_USAGE, "%s: \"%.*s\" is no area; write A1:F20, C7, A:C or 2:9", file, HP_FMT(s));
}

/* Takes a quoted name off the front of `rest`; two quotes in it stand for one. */
static bool unquote(hp_str *rest, hp_buf *name) {
    for (size_t i = 1; i < rest->n; i++) {
        if (rest->p[i] != '\'') {
            hp_buf_putc(name, rest->p[i]);
        } else if (i + 1 < rest->n && rest->p[i + 1] == '\'') {
            hp_buf_putc(name, rest->p[i++]);
        } else {
            *rest = hp_str_cut(*rest, i + 1, rest->n);
            return rest->n == 0 || rest->p[0] == '!';
        }
    }
    return false;
}

static hp_code pick(const hp_book_sheet *sheets, size_t n, hp_str name, hp_str cells, const char *file,
                    size_t *sheet, hp_area *area, hp_err *err) {
    *sheet = find_sheet(sheets, n, name);
    if (*sheet == SIZE_MAX) return no_sheet(sheets, n, name, file, err);
    return cells.p ? read_area(cells, file, area, err) : HP_OK;
}

hp_code hp_sheet_pick(const hp_book_sheet *sheets, size_t n, hp_str rest, const char *file, size_t *sheet,
                      hp_area *area, hp_err *err) {
    static const hp_str NONE = {0};
    *area = hp_area_all();
    *sheet = SIZE_MAX;
    if (!rest.p) return HP_OK;
    *sheet = find_sheet(sheets, n, rest);
    if (*sheet != SIZE_MAX) return HP_OK;
    hp_autobuf name = hp_buf_new(4096);
    hp_str tail = rest;
    if (rest.n && rest.p[0] == '\'' && unquote(&tail, &name)) {
        hp_str cells = tail.n ? hp_str_cut(tail, 1, tail.n) : NONE;
        return pick(sheets, n, hp_buf_str(&name), cells, file, sheet, area, err);
    }
    size_t bang = SIZE_MAX;
    for (size_t i = 0; i < rest.n; i++) {
        if (rest.p[i] == '!') bang = i;
    }
    if (bang != SIZE_MAX)
        return pick(sheets, n, hp_str_cut(rest, 0, bang), hp_str_cut(rest, bang + 1, rest.n), file, sheet,
                    area, err);
    if (n == 1 && hp_area_parse(rest, area)) {
        *sheet = 0;
        return HP_OK;
    }
    return pick(sheets, n, rest, NONE, file, sheet, area, err);
}
