#include "check/hold.h"

#include "base/map.h"
#include "profile/suite_make.h"

#include "base/banned.h"

/* ---- texts that mean null ---- */

static hp_code intern_missing(hp_run *run, const hp_contract_table *t, hp_imap *missing, hp_err *err) {
    for (size_t i = 0; i < t->nmissing; i++) {
        hp_vid v;
        HP_TRY(hp_intern(run->pool, t->missing[i], &v, err));
        if (v != HP_NULL && !hp_imap_put(missing, v, 1)) return hp_fail_memory(err, "the table");
    }
    return HP_OK;
}

static bool holds_any(const hp_imap *missing, const hp_column *c, size_t nrow) {
    uint32_t one;
    for (size_t r = 0; r < nrow; r++)
        if (c->v[r] != HP_NULL && hp_imap_get(missing, c->v[r], &one)) return true;
    return false;
}

/* Takes the place of a column that has such texts; the reader's own stays as it is. */
static hp_code clear_column(hp_run *run, const hp_imap *missing, hp_column *c, size_t nrow, hp_err *err) {
    hp_vid *v = HP_NEW_ARRAY(run->arena, nrow + 1, hp_vid);
    uint32_t one;
    if (!v) return hp_fail_memory(err, "the table");
    for (size_t r = 0; r < nrow; r++) v[r] = hp_imap_get(missing, c->v[r], &one) ? HP_NULL : c->v[r];
    c->v = v;
    return HP_OK;
}

static hp_code clear(hp_run *run, const hp_imap *missing, const hp_table *in, const hp_table **out,
                     hp_err *err) {
    hp_table *t = HP_NEW(run->arena, hp_table);
    hp_column *col = HP_NEW_ARRAY(run->arena, in->ncol + 1, hp_column);
    if (!t || !col) return hp_fail_memory(err, "the table");
    *t = *in;
    t->col = col;
    if (in->ncol) memcpy(col, in->col, in->ncol * sizeof *col);
    for (size_t c = 0; c < in->ncol; c++)
        if (holds_any(missing, &col[c], in->nrow)) HP_TRY(clear_column(run, missing, &col[c], in->nrow, err));
    *out = t;
    return HP_OK;
}

static hp_code clear_missing(hp_run *run, const hp_contract_table *t, const hp_table *in,
                             const hp_table **out, hp_err *err) {
    hp_imap missing = {0};
    hp_code code = intern_missing(run, t, &missing, err);
    if (code == HP_OK && missing.n)
        code = clear(run, &missing, in, out, err);
    else
        *out = in;
    hp_imap_free(&missing);
    return code;
}

/* ---- keys of other tables ---- */

static bool columns_of(const hp_table *t, const hp_contract_reference *ref, const hp_column **col) {
    for (size_t i = 0; i < ref->n; i++) {
        size_t at = hp_table_find(t, ref->to[i]);
        if (at == SIZE_MAX) return false;
        col[i] = &t->col[at];
    }
    return true;
}

/* Keys of one column, each once, are most there is; of several, a key for each row. */
static void add_keys(hp_maker *m, const hp_pool *pool, const hp_table *t, const hp_column *const *col,
                     size_t n, hp_node *keys) {
    hp_imap seen = {0};
    for (size_t r = 0; r < t->nrow && !m->bad; r++) {
        uint32_t before;
        bool fresh = true;
        if (n == 1 && !hp_imap_add(&seen, col[0]->v[r], 1, &before, &fresh)) m->bad = true;
        if (!fresh) continue;
        hp_node *key = hp_make_list(m);
        for (size_t i = 0; i < n; i++) hp_make_add(m, key, hp_make_text(m, hp_text(pool, col[i]->v[r])));
        hp_make_add(m, keys, key);
    }
    hp_imap_free(&seen);
}

static hp_code make_keys(hp_run *run, const hp_table *t, const hp_contract_reference *ref,
                         const hp_node **out, hp_err *err) {
    hp_maker m = {.a = run->arena};
    const hp_column **col = HP_NEW_ARRAY(run->arena, ref->n, const hp_column *);
    hp_node *keys = hp_make_list(&m);
    if (!col || !keys) return hp_fail_memory(err, "the keys");
    if (!columns_of(t, ref, col))
        return HP_OK; /* unchecked; that the column is not there is told elsewhere */
    add_keys(&m, run->pool, t, col, ref->n, keys);
    if (m.bad) return hp_fail_memory(err, "the keys");
    *out = keys;
    return HP_OK;
}

static hp_code find_keys(hp_run *run, const hp_contract *c, const hp_contract_table *t,
                         const hp_table *const *others, const hp_node *const **out, hp_err *err) {
    const hp_node **keys = HP_NEW_ARRAY(run->arena, t->nreference + 1, const hp_node *);
    if (!keys) return hp_fail_memory(err, "the keys");
    for (size_t i = 0; i < t->nreference; i++) {
        const hp_contract_table *other = hp_contract_find(c, t->reference[i].table);
        if (!other || other == t || !others[other - c->table]) continue;
        HP_TRY(make_keys(run, others[other - c->table], &t->reference[i], &keys[i], err));
    }
    *out = keys;
    return HP_OK;
}

/* ---- the table ---- */

static hp_code count_filled(hp_run *run, const hp_contract_table *t, const hp_table *data,
                            const uint64_t **out, hp_err *err) {
    uint64_t *filled = HP_NEW_ARRAY(run->arena, t->ncolumn + 1, uint64_t);
    if (!filled) return hp_fail_memory(err, "the columns");
    for (size_t i = 0; i < t->ncolumn; i++) {
        size_t at = hp_table_find(data, t->column[i].name);
        if (at == SIZE_MAX) continue;
        for (size_t r = 0; r < data->nrow; r++) filled[i] += data->col[at].v[r] != HP_NULL;
    }
    *out = filled;
    return HP_OK;
}

/* Tells whether an outcome is only that a column is not there, which expect_column_to_exist says once. */
static bool is_absent(const hp_outcome *o, const hp_table *data) {
    const hp_node *name = hp_node_get(o->expectation->kwargs, "column");
    if (!name || o->exception.n == 0) return false;
    return hp_table_find(data, name->text) == SIZE_MAX
           && !hp_str_eq(o->expectation->type, HP_S("expect_column_to_exist"));
}

static hp_code count_promises(hp_run *run, hp_held *h, hp_err *err) {
    const hp_validation *v = h->validation;
    h->absent = HP_NEW_ARRAY(run->arena, v->n + 1, bool);
    if (!h->absent) return hp_fail_memory(err, "the verdict");
    for (size_t i = 0; i < v->n; i++) {
        h->absent[i] = is_absent(&v->outcome[i], h->data);
        h->kept += v->outcome[i].success;
        h->broken += !v->outcome[i].success && !h->absent[i];
    }
    return HP_OK;
}

hp_code hp_hold(hp_run *run, const hp_contract *c, const hp_contract_table *t, const hp_table *data,
                const hp_table *const *others, hp_held *out, hp_err *err) {
    hp_held h = {.table = t};
    hp_contract_facts facts = {.rows = data->nrow};
    HP_TRY(clear_missing(run, t, data, &h.data, err));
    HP_TRY(count_filled(run, t, h.data, &facts.filled, err));
    HP_TRY(find_keys(run, c, t, others, &facts.keys, err));
    HP_TRY(hp_contract_expect(run->arena, t, &facts, &h.expected, err));
    HP_TRY(hp_validate(run, h.data, h.expected.suite, &h.validation, err));
    HP_TRY(count_promises(run, &h, err));
    *out = h;
    return HP_OK;
}

const hp_contract_table *hp_hold_likeliest(const hp_contract *c, const hp_table *data) {
    const hp_contract_table *best = NULL;
    size_t most = 0;
    for (size_t t = 0; t < c->ntable; t++) {
        size_t n = 0;
        for (size_t i = 0; i < c->table[t].ncolumn; i++)
            n += hp_table_find(data, c->table[t].column[i].name) != SIZE_MAX;
        if (n <= most) continue;
        most = n;
        best = &c->table[t];
    }
    return best;
}
