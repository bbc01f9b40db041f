/* Coding columns: distinct values get numbers, rows the number of their value. */
#include "base/mem.h"
#include "check/engine.h"

#include <math.h>
#include <stdlib.h>

#include "base/banned.h"

static hp_code no_memory(hp_err *err) { return hp_fail_memory(err, "the values of a column"); }

/* A column under way: its distinct values on the heap, as their number is not known before. */
typedef struct coder {
    hp_checker *k;
    hp_coded *c;
    HP_VEC(hp_vid) vid;
    HP_VEC(uint8_t) type;
    hp_imap typed; /* value and type -> value, in columns of several types */
    bool odd;      /* some number is written in a way in which another text could be the same number */
} coder;

static void coder_free(coder *r) {
    hp_vec_free(&r->vid);
    hp_vec_free(&r->type);
    hp_imap_free(&r->typed);
}

/* Tells whether a number is written without needless signs: "1" and "-0.5", not "1.0", "01", "1e3". Two such
 * texts that differ are two numbers. */
static bool is_plain(hp_str s) {
    size_t i = s.n && s.p[0] == '-', dot = hp_str_chr(s, '.', 0);
    if (i == s.n || (s.p[i] == '0' && s.n > i + 1 && s.p[i + 1] != '.') || (i && s.n == 2 && s.p[1] == '0'))
        return false;
    for (; i < s.n; i++)
        if (!hp_is_digit(s.p[i]) && i != dot) return false;
    return dot == SIZE_MAX || (s.p[s.n - 1] != '0' && s.p[s.n - 1] != '.');
}

static bool add_value(coder *r, hp_vid v, hp_type type, uint32_t *out) {
    *out = (uint32_t)r->vid.n;
    if (type == HP_T_NUMBER && !r->odd) r->odd = !is_plain(hp_text(r->k->run->pool, v));
    return hp_vec_push(&r->vid, v) && hp_vec_push(&r->type, (uint8_t)type);
}

/* Columns of one type, nearly all there are: the pool's numbers lead to the column's by one array. */
static bool code_plain(coder *r, hp_type type) {
    const hp_column *col = r->c->col;
    hp_checker *k = r->k;
    for (size_t i = 0; i < k->data->nrow; i++) {
        hp_vid v = col->v[i];
        if (v == HP_NULL) continue;
        uint32_t d = k->slot[v] - k->base;
        if (k->slot[v] < k->base) {
            if (!add_value(r, v, type, &d)) return false;
            k->slot[v] = k->base + d;
        }
        r->c->code[i] = d + 1;
    }
    k->base += (uint32_t)r->vid.n;
    return true;
}

static bool code_typed(coder *r) {
    const hp_column *col = r->c->col;
    for (size_t i = 0; i < r->k->data->nrow; i++) {
        hp_vid v = col->v[i];
        if (v == HP_NULL) continue;
        hp_type type = hp_cell_type(col, i);
        uint64_t key = (uint64_t)v << 8 | (uint64_t)type;
        uint32_t d;
        if (!hp_imap_get(&r->typed, key, &d)
            && (!add_value(r, v, type, &d) || !hp_imap_put(&r->typed, key, d)))
            return false;
        r->c->code[i] = d + 1;
    }
    return true;
}

/* Returns the type of all values, HP_T_NONE when they have several. */
static hp_type type_of_all(const hp_table *t, const hp_column *col) {
    hp_type all = HP_T_NONE;
    if (!col->type) return HP_T_TEXT;
    for (size_t i = 0; i < t->nrow; i++) {
        hp_type type = hp_cell_type(col, i);
        if (type == HP_T_NONE || type == all) continue;
        if (all != HP_T_NONE) return HP_T_NONE;
        all = type;
    }
    return all == HP_T_NONE ? HP_T_TEXT : all;
}

/* Finds for each value the first one that is the same number. Whole numbers that a double does not hold
 * exactly (identifiers of twenty digits) are told apart by their text alone. */
static bool find_same(const coder *r, uint32_t *same) {
    hp_imap seen = {0};
    bool made = true, added;
    for (uint32_t d = 0; made && d < r->vid.n; d++) {
        double x;
        uint64_t bits;
        same[d] = d;
        if (r->type.p[d] != HP_T_NUMBER || !hp_str_f64(hp_text(r->k->run->pool, r->vid.p[d]), &x)
            || fabs(x) >= 9007199254740992.0)
            continue;
        x += 0.0; /* -0 is 0 */
        memcpy(&bits, &x, sizeof bits);
        made = hp_imap_add(&seen, bits, d, &same[d], &added);
    }
    hp_imap_free(&seen);
    return made;
}

/* Makes one value of those that are the same number. */
static bool unite(coder *r) {
    uint32_t *to = hp_calloc(r->vid.n + 1, sizeof *to), n = 0;
    bool made = to && find_same(r, to);
    for (uint32_t d = 0; made && d < r->vid.n; d++) {
        if (to[d] != d) {
            to[d] = to[to[d]];
            continue;
        }
        r->vid.p[n] = r->vid.p[d];
        r->type.p[n] = r->type.p[d];
        to[d] = n++;
    }
    for (size_t i = 0; made && i < r->k->data->nrow; i++)
        if (r->c->code[i]) r->c->code[i] = to[r->c->code[i] - 1] + 1;
    if (made) r->vid.n = r->type.n = n;
    hp_free(to);
    return made;
}

static bool keep(hp_arena *a, const coder *r, hp_coded *c) {
    c->n = (uint32_t)r->vid.n;
    c->vid = HP_NEW_ARRAY(a, r->vid.n + 1, hp_vid);
    c->type = HP_NEW_ARRAY(a, r->vid.n + 1, uint8_t);
    if (!c->vid || !c->type) return false;
    if (c->n == 0) return true;
    memcpy(c->vid, r->vid.p, r->vid.n * sizeof *c->vid);
    memcpy(c->type, r->type.p, r->type.n);
    return true;
}

static bool count(hp_arena *a, hp_coded *c, size_t n) {
    c->count = HP_NEW_ARRAY(a, c->n + 1, uint64_t);
    if (!c->count) return false;
    for (size_t i = 0; i < n; i++) c->count[c->code[i]]++; /* missing ones first, below */
    c->missing = c->count[0];
    for (uint32_t d = 0; d < c->n; d++) {
        c->count[d] = c->count[d + 1];
        c->types |= 1u << c->type[d];
    }
    return true;
}

static bool code_all(hp_checker *k, hp_coded *c) {
    __attribute__((cleanup(coder_free))) coder r = {.k = k, .c = c};
    c->code = HP_NEW_ARRAY(k->cache, k->data->nrow + 1, uint32_t);
    if (!c->code) return false;
    hp_type type = type_of_all(k->data, c->col);
    if (UINT32_MAX - k->base <= k->data->nrow + 1) { /* numbers run out after some billions of values */
        memset(k->slot, 0, k->nslot * sizeof *k->slot);
        k->base = 1;
    }
    if (!(type == HP_T_NONE ? code_typed(&r) : code_plain(&r, type))) return false;
    if (r.odd && !unite(&r)) return false;
    return keep(k->cache, &r, c) && count(k->cache, c, k->data->nrow);
}

/* Takes the rows looked at, and of the values those that occur in them. */
static hp_coded *code_part(hp_checker *k, const hp_coded *all) {
    hp_coded *c = HP_NEW(k->scratch, hp_coded);
    uint32_t *to = HP_NEW_ARRAY(k->scratch, all->n + 1, uint32_t);
    if (!c || !to) return NULL;
    c->col = all->col;
    c->code = HP_NEW_ARRAY(k->scratch, k->n + 1, uint32_t);
    c->vid = HP_NEW_ARRAY(k->scratch, all->n + 1, hp_vid);
    c->type = HP_NEW_ARRAY(k->scratch, all->n + 1, uint8_t);
    if (!c->code || !c->vid || !c->type) return NULL;
    for (size_t i = 0; i < k->n; i++) {
        uint32_t code = all->code[k->row[i]];
        if (code == 0) continue;
        if (to[code] == 0) {
            c->vid[c->n] = all->vid[code - 1];
            c->type[c->n] = all->type[code - 1];
            to[code] = ++c->n;
        }
        c->code[i] = to[code];
    }
    return count(k->scratch, c, k->n) ? c : NULL;
}

hp_code hp_code_column(hp_checker *k, size_t column, hp_coded **out, hp_err *err) {
    hp_coded *c = k->coded[column];
    if (!c) {
        c = HP_NEW(k->cache, hp_coded);
        if (!c) return no_memory(err);
        c->col = &k->data->col[column];
        if (!code_all(k, c)) return no_memory(err);
        k->coded[column] = c;
    }
    *out = k->row ? code_part(k, c) : c;
    return *out ? HP_OK : no_memory(err);
}

/* ---- what the values are ---- */

static hp_arena *home(const hp_checker *k) { return k->row ? k->scratch : k->cache; }

static bool number_of(const hp_checker *k, const hp_coded *c, uint32_t d, double *out) {
    hp_str text = hp_coded_text(k, c, d);
    switch ((hp_type)c->type[d]) {
    case HP_T_BOOL: *out = hp_str_ieq(text, HP_S("true")); return true;
    case HP_T_NUMBER:
    case HP_T_TEXT: return hp_str_f64(text, out) && isfinite(*out);
    default: return false;
    }
}

hp_code hp_coded_numbers(hp_checker *k, hp_coded *c, hp_err *err) {
    if (c->number) return HP_OK;
    double *x = HP_NEW_ARRAY(home(k), c->n + 1, double);
    c->is_number = HP_NEW_ARRAY(home(k), c->n + 1, uint8_t);
    if (!x || !c->is_number) return no_memory(err);
    c->not_number = c->n;
    for (uint32_t d = 0; d < c->n; d++) {
        c->is_number[d] = number_of(k, c, d, &x[d]);
        if (!c->is_number[d] && c->not_number == c->n) c->not_number = d;
    }
    c->number = x;
    return HP_OK;
}

hp_code hp_coded_instants(hp_checker *k, hp_coded *c, hp_err *err) {
    if (c->instant) return HP_OK;
    hp_instant *x = HP_NEW_ARRAY(home(k), c->n + 1, hp_instant);
    c->is_instant = HP_NEW_ARRAY(home(k), c->n + 1, uint8_t);
    if (!x || !c->is_instant) return no_memory(err);
    c->not_instant = c->n;
    for (uint32_t d = 0; d < c->n; d++) {
        bool may = c->type[d] == HP_T_DATE || c->type[d] == HP_T_TEXT;
        c->is_instant[d] = may && hp_instant_parse(hp_coded_text(k, c, d), &x[d]);
        if (!c->is_instant[d] && c->not_instant == c->n) c->not_instant = d;
    }
    c->instant = x;
    return HP_OK;
}

hp_code hp_coded_series(hp_checker *k, const hp_coded *c, double **out, size_t *n, hp_err *err) {
    *n = k->n - (size_t)c->missing;
    *out = hp_arena_raw(k->scratch, (*n + 1) * sizeof(double));
    if (!*out) return no_memory(err);
    size_t at = 0;
    for (size_t i = 0; i < k->n; i++)
        if (c->code[i]) (*out)[at++] = c->number[c->code[i] - 1];
    return HP_OK;
}

/* ---- their order ---- */

typedef struct sorting {
    const hp_checker *k;
    const hp_coded *c;
} sorting;

static int by_value(const void *pa, const void *pb, void *ctx) {
    const sorting *s = ctx;
    uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;
    bool na = s->c->type[a] == HP_T_NUMBER, nb = s->c->type[b] == HP_T_NUMBER;
    if (na != nb) return na ? -1 : 1;
    double x, y;
    hp_str s1 = hp_coded_text(s->k, s->c, a), s2 = hp_coded_text(s->k, s->c, b);
    if (na && hp_str_f64(s1, &x) && hp_str_f64(s2, &y) && x != y) return x < y ? -1 : 1;
    int order = hp_str_cmp(s1, s2);
    return order ? order : (int)s->c->type[a] - (int)s->c->type[b];
}

uint32_t *hp_coded_sorted(hp_checker *k, const hp_coded *c) {
    uint32_t *order = HP_NEW_ARRAY(k->scratch, c->n + 1, uint32_t);
    if (!order) return NULL;
    for (uint32_t d = 0; d < c->n; d++) order[d] = d;
    sorting s = {k, c};
    qsort_r(order, c->n, sizeof *order, by_value, &s);
    return order;
}
