/* Tables as lines of JSON objects (RFC 8259), one a row. */
#include "base/mem.h"
#include "write/exact.h"
#include "write/lines.h"
#include "write/parts.h"
#include "write/plain.h"

#include "base/banned.h"

/* What stands before a column's value: `{"a":` or `,"a":`. It is copied by its room where that is enough. */
typedef struct key {
    hp_str open;
    char room[HP_PLAIN_SLACK];
    bool numeric; /* texts are numbers where they are some */
} key;

typedef struct writer {
    const hp_place *place; /* of the texts of the pool */
    const hp_table *t;
    const key *key;
} writer;

/* Tells whether a text is a number of JSON that is read back as what it says. */
static bool is_number(hp_str s) {
    int64_t whole;
    double v;
    return hp_exact_i64(s, &whole) || (hp_str_chr(s, '.', 0) != SIZE_MAX && hp_exact_f64(s, true, &v));
}

/* Puts a text: most need no escape. A closer look is for those with quotes, backslashes, controls, and all
 * but ASCII. */
static inline void put_text(hp_buf *b, hp_str s) {
    char *to = hp_plain_room(b, s.n + 2);
    const hp_odd odd = {0x7F - ' ', '"', '\\', '"', '"'};
    if (!to || !hp_copy_plain(to + 1, s, odd)) {
        hp_buf_json(b, s);
        return;
    }
    to[0] = to[s.n + 1] = '"';
    b->n += s.n + 2;
}

/* Puts what its file said to be more than text. */
static void put_typed(hp_buf *b, hp_type type, bool numeric, hp_str text) {
    if ((type == HP_T_NUMBER || numeric) && is_number(text))
        hp_buf_add(b, text);
    else if (type == HP_T_BOOL && hp_str_eq(text, HP_S("TRUE")))
        hp_buf_puts(b, "true");
    else if (type == HP_T_BOOL && hp_str_eq(text, HP_S("FALSE")))
        hp_buf_puts(b, "false");
    else
        put_text(b, text);
}

static inline void put_key(hp_buf *b, const key *k) {
    char *to = k->open.n <= sizeof k->room ? hp_plain_room(b, sizeof k->room) : NULL;
    if (!to) {
        hp_buf_add(b, k->open);
        return;
    }
    memcpy(to, k->room, sizeof k->room);
    b->n += k->open.n;
}

/* A block of lines being filled. */
typedef struct pen {
    const writer *w;
    hp_buf *b;
} pen;

static void put_row(void *ctx, const hp_vid *value, size_t row) {
    const writer *w = ((const pen *)ctx)->w;
    hp_buf *b = ((const pen *)ctx)->b;
    for (size_t c = 0; c < w->t->ncol; c++) {
        const hp_column *col = &w->t->col[c];
        hp_vid v = value[c];
        put_key(b, &w->key[c]);
        if (v == HP_NULL)
            hp_buf_add(b, HP_S("null"));
        else if (col->type || w->key[c].numeric)
            put_typed(b, hp_cell_type(col, row), w->key[c].numeric, hp_place_text(w->place[v]));
        else
            put_text(b, hp_place_text(w->place[v]));
    }
    hp_buf_puts(b, w->t->ncol ? "}\n" : "{}\n");
}

static size_t fill(const void *ctx, hp_buf *b, size_t from, size_t to) {
    pen p = {ctx, b};
    return hp_lines_fill(p.w->t, p.w->place, b, from, to, put_row, &p);
}

/* Makes the keys, each once. */
static hp_code make_keys(hp_arena *a, const hp_table *t, key *keys, hp_err *err) {
    hp_autobuf b = hp_buf_new(HP_LINE_MAX);
    hp_str *name = HP_NEW_ARRAY(a, t->ncol + 1, hp_str);
    if (!name) return hp_fail_memory(err, "the names of the columns");
    HP_TRY(hp_names_unique(a, t, name, err));
    for (size_t c = 0; c < t->ncol; c++) {
        key *k = &keys[c];
        hp_buf_clear(&b);
        hp_buf_putc(&b, c ? ',' : '{');
        hp_buf_json(&b, name[c]);
        hp_buf_putc(&b, ':');
        HP_TRY(hp_buf_check(&b, "the name of a column", err));
        k->open = hp_arena_dup(a, hp_buf_str(&b));
        if (!k->open.p) return hp_fail_memory(err, "the names of the columns");
        memcpy(k->room, k->open.p, k->open.n < sizeof k->room ? k->open.n : sizeof k->room);
        k->numeric = hp_is_numeric(t->col[c].style);
    }
    return HP_OK;
}

static hp_code put_table(const hp_pool *pool, const hp_table *t, hp_out *out, hp_err *err) {
    hp_autoarena *a = hp_arena_new(NULL);
    key *keys = a ? HP_NEW_ARRAY(a, t->ncol + 1, key) : NULL;
    if (!keys) return hp_fail_memory(err, "the names of the columns");
    HP_TRY(make_keys(a, t, keys, err));
    const writer w = {hp_pool_places(pool), t, keys};
    const hp_lines_maker maker = {.nrow = t->nrow, .ncol = t->ncol, .fill = fill};
    return hp_lines_run(&maker, &w, out, err);
}

hp_code hp_write_ndjson(const hp_pool *pool, const hp_table *t, const char *path, hp_out *out, hp_err *err) {
    HP_TRY(hp_out_begin(out, path, true, err));
    hp_code code = put_table(pool, t, out, err);
    if (code != HP_OK) hp_out_abandon(out);
    return code;
}
