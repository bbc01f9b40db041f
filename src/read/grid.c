#include "read/grid.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/vec.h"

#include "base/banned.h"

void hp_grid_free(hp_grid *g) {
    for (size_t i = 0; i < g->cap_col; i++) {
        hp_free(g->col[i].v);
        hp_free(g->col[i].lex);
        hp_free(g->col[i].type);
    }
    hp_free(g->col);
    hp_free(g->row);
    hp_free(g->area);
    *g = (hp_grid){0};
}

void hp_grid_begin_row(hp_grid *g, uint32_t number, bool hidden) {
    g->current = (hp_grid_row){number, hidden};
    g->stored = false;
}

static bool store_row(hp_grid *g) {
    if (g->nrow == g->cap_row && !hp_vec_grow((void **)&g->row, g->nrow, &g->cap_row, sizeof *g->row))
        return false;
    if (g->nrow && g->row[g->nrow - 1].number >= g->current.number) g->unordered = true;
    g->row[g->nrow++] = g->current;
    return g->stored = true;
}

static bool add_columns(hp_grid *g, size_t upto) {
    if (upto > g->cap_col) {
        size_t cap = upto < 32 ? 32 : upto + upto / 2;
        hp_grid_col *col = hp_realloc(g->col, cap, sizeof *col);
        if (!col) return false;
        memset(col + g->cap_col, 0, (cap - g->cap_col) * sizeof *col);
        g->col = col;
        g->cap_col = cap;
    }
    if (upto > g->ncol) g->ncol = upto;
    return true;
}

/* Resizes one of a column's arrays, if the column has it. */
static bool resize(void **p, size_t cap, size_t size) {
    if (!*p) return true;
    void *q = hp_realloc(*p, cap, size);
    if (q) *p = q;
    return q != NULL;
}

static hp_code grow(hp_grid *g, hp_grid_col *c, size_t rows, hp_err *err) {
    HP_TRY(hp_deadline_check(err));
    size_t cap = rows < 64 ? 64 : rows + rows / 2;
    g->cells += cap - c->cap;
    if (g->cells > HP_LIMIT_CELLS + HP_LIMIT_CELLS / 2) {
        return hp_fail_limit(err, HP_L_CELLS, "has more than %llu cells: split the sheet",
                             (unsigned long long)HP_LIMIT_CELLS);
    }
    if (!c->v) {
        c->v = hp_malloc(cap * sizeof *c->v);
        if (!c->v) return hp_fail_memory(err, "a sheet");
    } else if (!resize((void **)&c->v, cap, sizeof *c->v)) {
        return hp_fail_memory(err, "a sheet");
    }
    if (!resize((void **)&c->lex, cap, sizeof *c->lex) || !resize((void **)&c->type, cap, sizeof *c->type)) {
        return hp_fail_memory(err, "a sheet");
    }
    c->cap = cap;
    return HP_OK;
}

/* Makes the column's cells up to `rows` exist, as nulls. */
static void pad(hp_grid_col *c, size_t rows) {
    if (c->n >= rows) return;
    size_t more = rows - c->n;
    memset(c->v + c->n, 0, more * sizeof *c->v);
    if (c->lex) memset(c->lex + c->n, 0, more * sizeof *c->lex);
    if (c->type) memset(c->type + c->n, 0, more);
    c->n = rows;
}

/* Gives the column types; what it holds so far is text or null. */
static bool add_types(hp_grid_col *c) {
    c->type = hp_malloc(c->cap);
    for (size_t i = 0; c->type && i < c->n; i++) c->type[i] = c->v[i] == HP_NULL ? HP_T_NONE : HP_T_TEXT;
    return c->type != NULL;
}

/* Gives the column lexical forms; so far they are the values. */
static bool add_lexical(hp_grid_col *c) {
    c->lex = hp_malloc(c->cap * sizeof *c->lex);
    if (c->lex) memcpy(c->lex, c->v, c->n * sizeof *c->lex);
    return c->lex != NULL;
}

hp_code hp_grid_put(hp_grid *g, uint32_t col, hp_vid v, hp_type type, hp_vid lex, hp_err *err) {
    if (v == HP_NULL) return HP_OK;
    if (!g->stored && !store_row(g)) return hp_fail_memory(err, "a sheet");
    if (col >= g->ncol && !add_columns(g, (size_t)col + 1)) return hp_fail_memory(err, "a sheet");
    hp_grid_col *c = &g->col[col];
    if (c->cap < g->nrow) HP_TRY(grow(g, c, g->nrow, err));
    pad(c, g->nrow);
    if (type != HP_T_TEXT && !c->type && !add_types(c)) return hp_fail_memory(err, "a sheet");
    if (lex != v && !c->lex && !add_lexical(c)) return hp_fail_memory(err, "a sheet");
    size_t i = g->nrow - 1;
    c->v[i] = v;
    if (c->type) c->type[i] = (uint8_t)type;
    if (c->lex) c->lex[i] = lex;
    return HP_OK;
}

hp_code hp_grid_store_row(hp_grid *g, hp_err *err) {
    return g->stored || store_row(g) ? HP_OK : hp_fail_memory(err, "a sheet");
}

hp_code hp_grid_put_first(hp_grid *g, uint32_t col, hp_vid v, hp_err *err) {
    if (col >= g->ncol && !add_columns(g, (size_t)col + 1)) return hp_fail_memory(err, "a sheet");
    hp_grid_col *c = &g->col[col];
    if (v == HP_NULL) return HP_OK;
    if (c->cap == 0) HP_TRY(grow(g, c, 1, err));
    pad(c, 1);
    c->v[0] = v;
    if (c->type) c->type[0] = HP_T_TEXT;
    if (c->lex) c->lex[0] = v;
    return HP_OK;
}

hp_code hp_grid_merge(hp_grid *g, hp_merged_area area, hp_err *err) {
    if (g->narea >= HP_LIMIT_SHEET_AREAS) {
        return hp_fail_limit(err, HP_L_SHEET_AREAS,
                             "has more than %u merged areas: split the sheet, or unmerge its cells",
                             HP_LIMIT_SHEET_AREAS);
    }
    if (g->narea == g->cap_area && !hp_vec_grow((void **)&g->area, g->narea, &g->cap_area, sizeof *g->area)) {
        return hp_fail_memory(err, "a sheet");
    }
    g->area[g->narea++] = area;
    return HP_OK;
}

/* One row in the order of the table: its number, and its index in the grid. */
typedef struct place {
    uint32_t number, index;
} place;

static int by_number(const void *a, const void *b) {
    const place *x = a, *y = b;
    if (x->number != y->number) return x->number < y->number ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static void sort_column(hp_grid_col *c, const place *order, size_t nrow, hp_grid_col *to) {
    size_t at = 0;
    for (size_t i = 0; i < nrow; i++) {
        if (i > 0 && order[i].number != order[i - 1].number) at++;
        uint32_t from = order[i].index;
        if (from >= c->n || c->v[from] == HP_NULL) continue;
        to->v[at] = c->v[from];
        if (c->lex) to->lex[at] = c->lex[from];
        if (c->type) to->type[at] = c->type[from];
    }
}

/* Replaces a column's arrays by sorted ones. */
static bool reorder_column(hp_grid_col *c, const place *order, size_t nrow) {
    hp_grid_col to = {.n = nrow, .cap = nrow};
    to.v = hp_calloc(nrow, sizeof *to.v);
    if (c->lex) to.lex = hp_calloc(nrow, sizeof *to.lex);
    if (c->type) to.type = hp_calloc(nrow, 1);
    bool ok = to.v && !(c->lex && !to.lex) && !(c->type && !to.type);
    if (ok) sort_column(c, order, nrow, &to);
    hp_grid_col *drop = ok ? c : &to;
    hp_free(drop->v);
    hp_free(drop->lex);
    hp_free(drop->type);
    if (ok) *c = to;
    return ok;
}

/* Rewrites the rows from their copy `was`; rows that came twice become one. */
static void reorder_rows(hp_grid *g, const hp_grid_row *was, const place *order) {
    size_t n = 0;
    for (size_t i = 0; i < g->nrow; i++) {
        if (n && g->row[n - 1].number == order[i].number) continue;
        g->row[n++] = was[order[i].index];
    }
    g->nrow = n;
}

static hp_code sort_rows(hp_grid *g, hp_err *err) {
    hp_autofree place *order = hp_malloc(g->nrow * sizeof *order);
    hp_autofree hp_grid_row *was = hp_malloc(g->nrow * sizeof *was);
    if (!order || !was) return hp_fail_memory(err, "a sheet");
    for (size_t i = 0; i < g->nrow; i++) order[i] = (place){g->row[i].number, (uint32_t)i};
    qsort(order, g->nrow, sizeof *order, by_number);
    for (size_t i = 0; i < g->ncol; i++) {
        if (g->col[i].v && !reorder_column(&g->col[i], order, g->nrow)) return hp_fail_memory(err, "a sheet");
    }
    memcpy(was, g->row, g->nrow * sizeof *was);
    reorder_rows(g, was, order);
    return HP_OK;
}

/* Arrays from this size on are handed over as they are; smaller ones are copied to where others are. */
#define WHOLE_BYTES (256u << 10)

/* Hands an array of the grid over to the arena, cut or filled up with zeros to `n` elements; NULL when out of
 * memory. */
static void *hand_over(hp_arena *a, void **heap, size_t have, size_t n, size_t size) {
    void *to = hp_realloc(*heap, n ? n : 1, size);
    if (!to) return NULL;
    *heap = to;
    if (have < n) memset((char *)to + have * size, 0, (n - have) * size);
    if (!hp_arena_adopt(a, to, n * size)) return NULL;
    *heap = NULL;
    return to;
}

/* Moves an array of the grid into the arena, to `n` elements; NULL when out of memory. */
static void *move(hp_arena *a, void **heap, size_t have, size_t n, size_t size) {
    if (n * size >= WHOLE_BYTES) return hand_over(a, heap, have, n, size);
    char *to = hp_arena_raw(a, n * size);
    if (!to) return NULL;
    if (have > n) have = n;
    memcpy(to, *heap, have * size);
    memset(to + have * size, 0, (n - have) * size);
    hp_free(*heap);
    *heap = NULL;
    return to;
}

static bool move_column(hp_grid *g, size_t i, hp_arena *a, hp_vid *nulls, hp_column *to) {
    hp_grid_col *c = &g->col[i];
    *to = (hp_column){.name = HP_S(""), .source = (uint32_t)i, .v = nulls};
    if (!c->v) return true;
    to->v = move(a, (void **)&c->v, c->n, g->nrow, sizeof *c->v);
    if (c->lex) to->lex = move(a, (void **)&c->lex, c->n, g->nrow, sizeof *c->lex);
    if (c->type) to->type = move(a, (void **)&c->type, c->n, g->nrow, sizeof *c->type);
    return to->v && !(c->lex && !to->lex) && !(c->type && !to->type);
}

static bool fill_rows(const hp_grid *g, hp_arena *a, uint32_t sheet, hp_table *t) {
    bool any_hidden = false;
    for (size_t i = 0; i < g->nrow; i++) any_hidden = any_hidden || g->row[i].hidden;
    t->origin = hp_arena_raw(a, g->nrow * sizeof *t->origin);
    t->hidden = any_hidden ? hp_arena_raw(a, g->nrow) : NULL;
    if (!t->origin || (any_hidden && !t->hidden)) return false;
    for (size_t i = 0; i < g->nrow; i++) {
        t->origin[i] = (hp_origin){sheet, g->row[i].number};
        if (any_hidden) t->hidden[i] = g->row[i].hidden;
    }
    return true;
}

static int by_place(const void *a, const void *b) {
    const hp_merged_area *x = a, *y = b;
    if (x->first_col != y->first_col) return x->first_col < y->first_col ? -1 : 1;
    if (x->first_row != y->first_row) return x->first_row < y->first_row ? -1 : 1;
    if (x->last_row != y->last_row) return x->last_row < y->last_row ? -1 : 1;
    return x->last_col < y->last_col ? -1 : x->last_col > y->last_col;
}

static bool move_areas(hp_grid *g, hp_arena *a, hp_table *t) {
    if (g->narea == 0) return true;
    qsort(g->area, g->narea, sizeof *g->area, by_place);
    t->area = move(a, (void **)&g->area, g->narea, g->narea, sizeof *g->area);
    t->narea = t->area ? g->narea : 0;
    return t->area != NULL;
}

hp_code hp_grid_table(hp_grid *g, hp_arena *a, hp_str name, uint32_t sheet, hp_table **out, hp_err *err) {
    if (g->unordered) HP_TRY(sort_rows(g, err));
    hp_table *t = HP_NEW(a, hp_table);
    if (!t) return hp_fail_memory(err, "a sheet");
    *t = (hp_table){.name = hp_arena_dup(a, name), .nrow = g->nrow, .ncol = g->ncol};
    t->col = HP_NEW_ARRAY(a, g->ncol, hp_column);
    if (!t->name.p || !t->col || !fill_rows(g, a, sheet, t) || !move_areas(g, a, t))
        return hp_fail_memory(err, "a sheet");
    hp_vid *nulls = NULL;
    for (size_t i = 0; i < g->ncol; i++) {
        t->cells += g->col[i].v ? g->nrow : 0;
        if (!g->col[i].v && !nulls) nulls = HP_NEW_ARRAY(a, g->nrow, hp_vid);
        if (!g->col[i].v && !nulls) return hp_fail_memory(err, "a sheet");
        if (!move_column(g, i, a, nulls, &t->col[i])) return hp_fail_memory(err, "a sheet");
    }
    *out = t;
    return HP_OK;
}
