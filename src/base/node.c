#include "base/node.h"

#include <math.h>

#include "base/banned.h"

static hp_node *scalar(hp_arena *a, hp_str text, bool quoted) {
    hp_node *n = HP_NEW(a, hp_node);
    hp_str copy = hp_arena_dup(a, text);
    if (!n || !copy.p) return NULL;
    *n = (hp_node){.kind = HP_NODE_SCALAR, .quoted = quoted, .text = copy};
    return n;
}

hp_node *hp_node_null(hp_arena *a) { return HP_NEW(a, hp_node); } /* HP_NODE_NULL is 0 */
hp_node *hp_node_words(hp_arena *a, hp_str text) { return scalar(a, text, true); }
hp_node *hp_node_plain(hp_arena *a, hp_str text) { return scalar(a, text, false); }

hp_node *hp_node_number(hp_arena *a, double x) {
    if (!isfinite(x)) return hp_node_null(a);
    hp_autobuf b = hp_buf_new(64);
    hp_json j = {.out = &b};
    hp_json_f64(&j, x);
    return b.bad ? NULL : scalar(a, hp_buf_str(&b), false);
}

hp_node *hp_node_make(hp_arena *a, hp_node_kind kind, size_t n) {
    hp_node *c = HP_NEW(a, hp_node);
    if (!c) return NULL;
    c->kind = kind;
    c->item = HP_NEW_ARRAY(a, n + 1, hp_node *);
    if (kind == HP_NODE_MAP) c->key = HP_NEW_ARRAY(a, n + 1, hp_node *);
    return c->item && (kind != HP_NODE_MAP || c->key) ? c : NULL;
}

hp_node *hp_node_push(hp_node *list, hp_node *item) {
    if (!list || !item) return NULL;
    list->item[list->n++] = item;
    return list;
}

hp_node *hp_node_put(hp_arena *a, hp_node *map, const char *key, hp_node *value) {
    hp_node *k = map && value ? scalar(a, hp_str_of(key), true) : NULL;
    if (!k) return NULL;
    map->key[map->n] = k;
    map->item[map->n++] = value;
    return map;
}

hp_node *hp_node_numbers(hp_arena *a, const double *x, size_t n) {
    hp_node *list = hp_node_make(a, HP_NODE_LIST, n);
    for (size_t i = 0; i < n; i++) list = hp_node_push(list, hp_node_number(a, x[i]));
    return list;
}

/* RFC 8259, section 6. */
bool hp_is_json_number(hp_str s) {
    size_t i = 0;
    if (i < s.n && s.p[i] == '-') i++;
    if (i >= s.n || !hp_is_digit(s.p[i])) return false;
    if (s.p[i] == '0' && i + 1 < s.n && hp_is_digit(s.p[i + 1])) return false;
    while (i < s.n && hp_is_digit(s.p[i])) i++;
    if (i < s.n && s.p[i] == '.') {
        size_t from = ++i;
        while (i < s.n && hp_is_digit(s.p[i])) i++;
        if (i == from) return false;
    }
    if (i < s.n && hp_lower(s.p[i]) == 'e') {
        i++;
        if (i < s.n && (s.p[i] == '-' || s.p[i] == '+')) i++;
        size_t from = i;
        while (i < s.n && hp_is_digit(s.p[i])) i++;
        if (i == from) return false;
    }
    return i == s.n;
}

static void put_scalar(hp_json *j, const hp_node *n) {
    bool flag;
    double x;
    if (n->quoted)
        hp_json_str(j, n->text);
    else if (hp_is_json_number(n->text))
        hp_json_raw(j, n->text);
    else if (hp_node_f64(n, &x) && isfinite(x))
        hp_json_f64(j, x);
    else if (hp_node_bool(n, &flag))
        hp_json_bool(j, flag);
    else
        hp_json_str(j, n->text);
}

void hp_node_json(hp_json *j, const hp_node *n) {
    if (!n || n->kind == HP_NODE_NULL) {
        hp_json_null(j);
        return;
    }
    if (n->kind == HP_NODE_SCALAR) {
        put_scalar(j, n);
        return;
    }
    if (n->kind == HP_NODE_LIST) {
        hp_json_array(j);
        for (size_t i = 0; i < n->n; i++) hp_node_json(j, n->item[i]);
        hp_json_array_end(j);
        return;
    }
    hp_json_object(j);
    for (size_t i = 0; i < n->n; i++) {
        hp_json_key_str(j, n->key[i]->text);
        hp_node_json(j, n->item[i]);
    }
    hp_json_object_end(j);
}
