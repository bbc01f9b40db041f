/* Tables as csv (RFC 4180), safe to open in a spreadsheet program. */
#include "write/write.h"

#include "base/file.h"

/* What a spreadsheet program takes for a formula when a text begins with it. */
static bool looks_like_formula(const hp_column *c, hp_str s) {
    if (s.n == 0 || memchr("=+-@\t\r", s.p[0], 6) == NULL) return false;
    double number;
    bool numeric = c->style == HP_STYLE_INT || c->style == HP_STYLE_SCORE || c->style == HP_STYLE_QUALITY;
    if (numeric && hp_str_f64(s, &number)) return false;
    /* An E.164 number can only become a number, not a call; and phone columns must stay usable. */
    if (s.p[0] == '+' && s.n > 1) {
        for (size_t i = 1; i < s.n; i++)
            if (!hp_is_digit(s.p[i])) return true;
        return false;
    }
    return true;
}

static void put_field(FILE *f, hp_str s, bool defuse) {
    bool quote = defuse && (s.p[0] == '\t' || s.p[0] == '\r');
    for (size_t i = 0; i < s.n && !quote; i++) quote = memchr(",\"\n\r", s.p[i], 4) != NULL;
    if (quote) fputc('"', f);
    if (defuse) fputc('\'', f);
    for (size_t from = 0; from < s.n;) {
        size_t to = quote ? hp_str_chr(s, '"', from) : SIZE_MAX;
        if (to == SIZE_MAX) to = s.n;
        fwrite(s.p + from, 1, to - from, f);
        if (to < s.n) fputs("\"\"", f);
        from = to + 1;
    }
    if (quote) fputc('"', f);
}

static void put_table(FILE *f, const hp_pool *pool, const hp_table *t) {
    for (size_t c = 0; c < t->ncol; c++) {
        if (c) fputc(',', f);
        put_field(f, t->col[c].name, looks_like_formula(&t->col[c], t->col[c].name));
    }
    fputc('\n', f);
    for (size_t r = 0; r < t->nrow; r++) {
        for (size_t c = 0; c < t->ncol; c++) {
            if (c) fputc(',', f);
            hp_str text = hp_text(pool, t->col[c].v[r]);
            put_field(f, text, looks_like_formula(&t->col[c], text));
        }
        fputc('\n', f);
    }
}

hp_code hp_write_csv(const hp_pool *pool, const hp_table *t, const char *path, hp_out *out, hp_err *err) {
    HP_TRY(hp_out_begin(out, path, true, err));
    put_table(out->f, pool, t);
    if (fflush(out->f) == 0 && !ferror(out->f)) return HP_OK;
    hp_out_abandon(out);
    return hp_fail(err, HP_IO, "%s: cannot be written: is the disk full?", path);
}

hp_code hp_can_write(const char *path, hp_err *err) {
    hp_str p = hp_str_of(path);
    size_t dot = SIZE_MAX;
    for (size_t i = 0; i < p.n; i++) dot = p.p[i] == '/' ? SIZE_MAX : p.p[i] == '.' ? i : dot;
    hp_str suffix = dot == SIZE_MAX ? (hp_str){"", 0} : hp_str_cut(p, dot, p.n);
    if (hp_str_ieq(suffix, HP_S(".xlsx")) || hp_str_ieq(suffix, HP_S(".csv"))) return HP_OK;
    return hp_fail(err, HP_USAGE, "%s: this version writes .xlsx and .csv; give the output such a name", path);
}
