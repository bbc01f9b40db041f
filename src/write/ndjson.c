/* Tables as lines of JSON objects (RFC 8259), one a row. */
#include "base/mem.h"
#include "write/exact.h"
#include "write/lines.h"
#include "write/parts.h"

#include "base/banned.h"

typedef struct writer {
    const hp_pool *pool;
    const hp_table *t;
    const hp_str *key; /* what stands before a column's value: `{"a":` or `,"b":` */
} writer;

/* Tells whether a text is a number of JSON that is read back as what it says. */
static bool is_number(hp_str s) {
    int64_t whole;
    double v;
    return hp_exact_i64(s, &whole) || (hp_str_chr(s, '.', 0) != SIZE_MAX && hp_exact_f64(s, true, &v));
}

static void put_value(hp_buf *b, const hp_column *c, size_t row, hp_str text) {
    hp_type type = hp_cell_type(c, row);
    if (type == HP_T_NONE)
        hp_buf_puts(b, "null");
    else if ((type == HP_T_NUMBER || hp_is_numeric(c->style)) && is_number(text))
        hp_buf_add(b, text);
    else if (type == HP_T_BOOL && hp_str_eq(text, HP_S("TRUE")))
        hp_buf_puts(b, "true");
    else if (type == HP_T_BOOL && hp_str_eq(text, HP_S("FALSE")))
        hp_buf_puts(b, "false");
    else
        hp_buf_json(b, text);
}

static void put_row(const writer *w, hp_buf *b, size_t row) {
    for (size_t c = 0; c < w->t->ncol; c++) {
        hp_buf_add(b, w->key[c]);
        put_value(b, &w->t->col[c], row, hp_text(w->pool, w->t->col[c].v[row]));
    }
    hp_buf_puts(b, w->t->ncol ? "}\n" : "{}\n");
}

static size_t fill(const void *ctx, hp_buf *b, size_t from, size_t to) {
    for (; from < to && b->n < HP_LINES_FULL && !b->bad; from++) put_row(ctx, b, from);
    return from;
}

/* Makes the keys, each once. */
static hp_code make_keys(hp_arena *a, const hp_table *t, hp_str *key, hp_err *err) {
    hp_autobuf b = hp_buf_new(HP_LINE_MAX);
    HP_TRY(hp_names_unique(a, t, key, err));
    for (size_t c = 0; c < t->ncol; c++) {
        hp_buf_clear(&b);
        hp_buf_putc(&b, c ? ',' : '{');
        hp_buf_json(&b, key[c]);
        hp_buf_putc(&b, ':');
        HP_TRY(hp_buf_check(&b, "the name of a column", err));
        key[c] = hp_arena_dup(a, hp_buf_str(&b));
        if (!key[c].p) return hp_fail_memory(err, "the names of the columns");
    }
    return HP_OK;
}

static hp_code put_table(const hp_pool *pool, const hp_table *t, hp_out *out, hp_err *err) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_str *key = a ? HP_NEW_ARRAY(a, t->ncol + 1, hp_str) : NULL;
    if (!key) return hp_fail_memory(err, "the names of the columns");
    HP_TRY(make_keys(a, t, key, err));
    const writer w = {pool, t, key};
    const hp_lines_maker maker = {.nrow = t->nrow, .ncol = t->ncol, .fill = fill};
    return hp_lines_run(&maker, &w, out, err);
}

hp_code hp_write_ndjson(const hp_pool *pool, const hp_table *t, const char *path, hp_out *out, hp_err *err) {
    HP_TRY(hp_out_begin(out, path, true, err));
    hp_code code = put_table(pool, t, out, err);
    if (code != HP_OK) hp_out_abandon(out);
    return code;
}
