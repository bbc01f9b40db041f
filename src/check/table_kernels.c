/* Kernels of the table: its rows and columns. */
#include "check/engine.h"
#include "base/node.h"

#include "base/banned.h"

static hp_code no_memory(hp_err *err) { return hp_fail_memory(err, "a validation"); }

/* A count against "value" or against bounds. */
static hp_code counted(hp_checker *k, size_t n, hp_err *err) {
    double value;
    hp_bounds b;
    bool ok;
    k->o->observed = hp_node_number(k->run->arena, (double)n);
    if (!k->o->observed) return no_memory(err);
    if (hp_kw_number(k, "value", &value)) {
        k->o->success = (double)n == value;
        return HP_OK;
    }
    HP_TRY(hp_bounds_read(k, false, &b, &ok, err));
    k->o->success = ok && hp_within(&b, (double)n);
    return HP_OK;
}

hp_code hp_k_row_count(hp_checker *k, hp_err *err) { return counted(k, k->n, err); }
hp_code hp_k_column_count(hp_checker *k, hp_err *err) { return counted(k, k->data->ncol, err); }

hp_code hp_k_column_exists(hp_checker *k, hp_err *err) {
    double index;
    (void)err;
    size_t at = hp_table_find(k->data, hp_kw_text(k, "column"));
    k->o->success = at != SIZE_MAX;
    if (at != SIZE_MAX && hp_kw_number(k, "column_index", &index)) k->o->success = (double)at == index;
    return HP_OK;
}

/* ---- lists of columns ---- */

static hp_node *names(hp_checker *k) {
    hp_arena *a = k->run->arena;
    hp_node *list = hp_node_make(a, HP_NODE_LIST, k->data->ncol);
    for (size_t i = 0; i < k->data->ncol; i++)
        list = hp_node_push(list, hp_node_words(a, k->data->col[i].name));
    return list;
}

static hp_node *mismatch(hp_arena *a, size_t at, hp_node *expected, hp_node *found) {
    hp_node *m = hp_node_make(a, HP_NODE_MAP, 3);
    m = hp_node_put(a, m, "Expected Column Position", hp_node_number(a, (double)at));
    m = hp_node_put(a, m, "Expected", expected);
    return hp_node_put(a, m, "Found", found);
}

static hp_node *details_of(hp_arena *a, hp_node *mismatched) {
    return hp_node_put(a, hp_node_make(a, HP_NODE_MAP, 1), "mismatched", mismatched);
}

hp_code hp_k_columns_ordered(hp_checker *k, hp_err *err) {
    hp_arena *a = k->run->arena;
    const hp_node *want = hp_kw(k, "column_list");
    size_t have = k->data->ncol, most = want && want->n > have ? want->n : have;
    hp_node *list = hp_node_make(a, HP_NODE_LIST, most);
    k->o->success = true;
    for (size_t i = 0; want && i < most; i++) {
        bool is = i < have, should = i < want->n;
        hp_str name = is ? k->data->col[i].name : HP_S("");
        if (is && should && hp_str_eq(name, want->item[i]->text)) continue;
        k->o->success = false;
        list = hp_node_push(list,
                            mismatch(a, i, should ? hp_node_words(a, want->item[i]->text) : hp_node_null(a),
                                     is ? hp_node_words(a, name) : hp_node_null(a)));
    }
    k->o->observed = names(k);
    k->o->details = k->o->success ? NULL : details_of(a, list);
    return k->o->observed && list && (k->o->success || k->o->details) ? HP_OK : no_memory(err);
}

static bool lists(const hp_node *list, hp_str name) {
    for (size_t i = 0; list && i < list->n; i++)
        if (hp_str_eq(list->item[i]->text, name)) return true;
    return false;
}

hp_code hp_k_columns_set(hp_checker *k, hp_err *err) {
    hp_arena *a = k->run->arena;
    const hp_node *want = hp_kw(k, "column_set");
    hp_node *unexpected = hp_node_make(a, HP_NODE_LIST, k->data->ncol),
            *missing = hp_node_make(a, HP_NODE_LIST, want ? want->n : 0),
            *m = hp_node_make(a, HP_NODE_MAP, 2);
    for (size_t i = 0; i < k->data->ncol; i++)
        if (!lists(want, k->data->col[i].name))
            unexpected = hp_node_push(unexpected, hp_node_words(a, k->data->col[i].name));
    for (size_t i = 0; want && i < want->n; i++)
        if (hp_table_find(k->data, want->item[i]->text) == SIZE_MAX)
            missing = hp_node_push(missing, hp_node_words(a, want->item[i]->text));
    if (!unexpected || !missing) return no_memory(err);
    bool exact = hp_kw_flag(k, "exact_match", true);
    k->o->success = missing->n == 0 && (!exact || unexpected->n == 0);
    if (unexpected->n) m = hp_node_put(a, m, "unexpected", unexpected);
    if (missing->n) m = hp_node_put(a, m, "missing", missing);
    k->o->observed = names(k);
    k->o->details = details_of(a, m);
    return k->o->observed && k->o->details ? HP_OK : no_memory(err);
}
