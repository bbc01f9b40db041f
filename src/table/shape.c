#include "table/shape.h"

#include "base/mem.h"

#include "base/banned.h"

hp_area hp_area_all(void) {
    return (hp_area){.row_from = 1, .row_to = UINT32_MAX, .col_from = 0, .col_to = UINT32_MAX};
}

/* ---- parts of tables ---- */

hp_window hp_area_cut(const hp_table *t, hp_area area) {
    hp_window w = {.row_to = t->nrow, .col_to = t->ncol};
    while (w.row_from < w.row_to && t->origin[w.row_from].row < area.row_from) w.row_from++;
    while (w.row_to > w.row_from && t->origin[w.row_to - 1].row > area.row_to) w.row_to--;
    while (w.col_from < w.col_to && t->col[w.col_from].source < area.col_from) w.col_from++;
    while (w.col_to > w.col_from && t->col[w.col_to - 1].source > area.col_to) w.col_to--;
    return w;
}

/* Drops types that tell nothing once the header, which may have had one, is gone. */
static void drop_idle_types(hp_column *c, size_t nrow) {
    for (size_t r = 0; c->type && r < nrow; r++)
        if (c->v[r] != HP_NULL && c->type[r] != HP_T_TEXT) return;
    c->type = NULL;
}

/* Makes a table of the cells of a window; they stay where they are. */
static hp_table *share(hp_arena *a, const hp_table *t, hp_window w) {
    hp_table *s = HP_NEW(a, hp_table);
    if (!s) return NULL;
    *s = *t;
    s->nrow = w.row_to - w.row_from;
    s->ncol = w.col_to - w.col_from;
    s->area = NULL;
    s->narea = 0;
    s->col = HP_NEW_ARRAY(a, s->ncol + 1, hp_column);
    if (!s->col) return NULL;
    if (s->origin) s->origin += w.row_from;
    if (s->hidden) s->hidden += w.row_from;
    for (size_t k = 0; k < s->ncol; k++) {
        hp_column *c = &s->col[k];
        *c = t->col[w.col_from + k];
        c->v += w.row_from;
        if (c->type) c->type += w.row_from;
        if (c->lex) c->lex += w.row_from;
        drop_idle_types(c, s->nrow);
    }
    return s;
}

/* Copies the elements of `size` bytes that are kept; NULL stays NULL. */
static void *keep(hp_arena *a, const void *from, size_t size, const uint32_t *row, size_t n, bool *ok) {
    char *to = from && *ok ? hp_arena_array(a, n + 1, size) : NULL;
    *ok = *ok && (to || !from);
    for (size_t i = 0; to && i < n; i++) memcpy(to + i * size, (const char *)from + row[i] * size, size);
    return to;
}

/* Makes a table of the rows whose indices are listed. */
static hp_table *keep_rows(hp_arena *a, const hp_table *t, const uint32_t *row, size_t n) {
    hp_table *s = share(a, t, (hp_window){.row_to = t->nrow, .col_to = t->ncol});
    bool ok = s != NULL;
    if (!s) return NULL;
    s->nrow = n;
    s->origin = keep(a, s->origin, sizeof *s->origin, row, n, &ok);
    s->hidden = keep(a, s->hidden, sizeof *s->hidden, row, n, &ok);
    for (size_t k = 0; k < s->ncol; k++) {
        hp_column *c = &s->col[k];
        c->v = keep(a, c->v, sizeof *c->v, row, n, &ok);
        c->type = keep(a, c->type, sizeof *c->type, row, n, &ok);
        c->lex = keep(a, c->lex, sizeof *c->lex, row, n, &ok);
    }
    return ok ? s : NULL;
}

/* Tells whether a row belongs to the result. */
typedef bool keeps(const hp_table *t, size_t row, const hp_condition *condition, size_t n);

/* Makes a table of the rows that belong to the result; `t` itself when all do. */
static hp_code filter(hp_arena *a, const hp_table *t, keeps *fn, const hp_condition *condition, size_t n,
                      hp_table **out, hp_err *err) {
    uint32_t *row = hp_calloc(t->nrow + 1, sizeof *row);
    if (!row) return hp_fail_memory(err, "a table");
    size_t kept = 0;
    for (size_t r = 0; r < t->nrow; r++)
        if (fn(t, r, condition, n)) row[kept++] = (uint32_t)r;
    *out = kept == t->nrow ? share(a, t, (hp_window){.row_to = t->nrow, .col_to = t->ncol})
                           : keep_rows(a, t, row, kept);
    hp_free(row);
    return *out ? HP_OK : hp_fail_memory(err, "a table");
}

/* ---- names ---- */

static bool has_value(const hp_table *t, size_t row, const hp_condition *condition, size_t n) {
    (void)condition, (void)n;
    for (size_t c = 0; c < t->ncol; c++)
        if (t->col[c].v[row] != HP_NULL) return true;
    return false;
}

bool hp_window_has_value(const hp_table *t, hp_window w, size_t row) {
    for (size_t c = w.col_from; c < w.col_to; c++)
        if (t->col[c].v[row] != HP_NULL) return true;
    return false;
}

/* Finds the row with the names and lets the window begin below it; SIZE_MAX when there is none. */
static size_t find_names(const hp_table *raw, hp_naming naming, hp_window *w) {
    if (naming == HP_NAMES_LETTERS) return SIZE_MAX;
    if (naming == HP_NAMES_TOP) {
        if (raw->nrow == 0 || raw->origin[0].row != 1) return SIZE_MAX;
        if (w->row_from == 0) w->row_from = w->row_to ? 1 : 0;
        return 0;
    }
    while (w->row_from < w->row_to && !hp_window_has_value(raw, *w, w->row_from)) w->row_from++;
    return w->row_from < w->row_to ? w->row_from++ : SIZE_MAX;
}

static bool put_names(hp_arena *a, const hp_pool *pool, const hp_table *raw, hp_window w, size_t row,
                      hp_naming naming, hp_table *t) {
    for (size_t k = 0; k < t->ncol; k++) {
        char letters[8];
        hp_column *c = &t->col[k];
        if (naming != HP_NAMES_LETTERS) {
            c->name = row == SIZE_MAX ? HP_S("") : hp_text(pool, raw->col[w.col_from + k].v[row]);
            continue;
        }
        hp_col_letters(c->source, letters);
        c->name = hp_arena_dup(a, hp_str_of(letters));
        if (!c->name.p) return false;
    }
    return true;
}

hp_code hp_shape_name(hp_arena *a, const hp_pool *pool, const hp_table *raw, hp_area area, hp_naming naming,
                      hp_table **out, uint32_t *header_row, hp_err *err) {
    hp_window w = hp_area_cut(raw, area);
    size_t names = find_names(raw, naming, &w);
    hp_table *t = share(a, raw, w);
    if (!t || !put_names(a, pool, raw, w, names, naming, t)) return hp_fail_memory(err, "a table");
    HP_TRY(filter(a, t, has_value, NULL, 0, out, err));
    *header_row = names == SIZE_MAX ? 0 : raw->origin[names].row;
    return HP_OK;
}

size_t hp_shape_named(const hp_table *t, hp_str name) {
    size_t at = hp_table_find(t, name);
    hp_str wanted = hp_str_trim(name);
    for (size_t c = 0; at == SIZE_MAX && c < t->ncol; c++)
        if (hp_str_ieq(hp_str_trim(t->col[c].name), wanted)) at = c;
    return at;
}

size_t hp_shape_find(const hp_table *t, hp_str name) {
    size_t at = hp_shape_named(t, name);
    uint32_t letters;
    if (at != SIZE_MAX || !hp_col_parse(hp_str_trim(name), &letters)) return at;
    for (size_t c = 0; c < t->ncol; c++)
        if (t->col[c].source == letters) return c;
    return SIZE_MAX;
}

/* ---- rows and columns ---- */

static bool meets(const hp_table *t, size_t row, const hp_condition *condition, size_t n) {
    (void)t;
    for (size_t i = 0; i < n; i++)
        if ((condition[i].col->v[row] == condition[i].value) == condition[i].differs) return false;
    return true;
}

hp_code hp_shape_where(hp_arena *a, const hp_table *t, const hp_condition *condition, size_t n,
                       hp_table **out, hp_err *err) {
    return filter(a, t, meets, condition, n, out, err);
}

hp_code hp_shape_select(hp_arena *a, const hp_table *t, const size_t *col, size_t n, hp_table **out,
                        hp_err *err) {
    hp_table *s = share(a, t, (hp_window){.row_to = t->nrow, .col_to = 0});
    if (s) s->col = HP_NEW_ARRAY(a, n + 1, hp_column);
    if (!s || !s->col) return hp_fail_memory(err, "a table");
    for (size_t i = 0; i < n; i++) s->col[i] = t->col[col[i]];
    s->ncol = n;
    *out = s;
    return HP_OK;
}
