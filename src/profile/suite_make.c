#include "profile/suite_make.h"

#include <stdio.h>

#include "base/json.h"

#include "base/banned.h"

/* ---- nodes ---- */

static hp_node *new_node(hp_maker *m, hp_node_kind kind) {
    hp_node *n = HP_NEW(m->a, hp_node);
    if (!n) {
        m->bad = true;
        return NULL;
    }
    n->kind = kind;
    return n;
}

static hp_node *new_scalar(hp_maker *m, hp_str s, bool quoted) {
    hp_node *n = new_node(m, HP_NODE_SCALAR);
    hp_str copy = hp_arena_dup(m->a, s);
    if (!n || !copy.p) {
        m->bad = true;
        return NULL;
    }
    n->text = copy;
    n->quoted = quoted;
    return n;
}

hp_node *hp_make_text(hp_maker *m, hp_str s) { return new_scalar(m, s, true); }
hp_node *hp_make_word(hp_maker *m, hp_str s) { return new_scalar(m, s, false); }
hp_node *hp_make_list(hp_maker *m) { return new_node(m, HP_NODE_LIST); }
hp_node *hp_make_map(hp_maker *m) { return new_node(m, HP_NODE_MAP); }

hp_node *hp_make_f64(hp_maker *m, double v) {
    hp_autobuf text = hp_buf_new(64);
    hp_json_f64(&(hp_json){.out = &text}, v);
    m->bad |= text.bad;
    return hp_make_word(m, hp_buf_str(&text));
}

hp_node *hp_make_i64(hp_maker *m, int64_t v) {
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%lld", (long long)v);
    return hp_make_word(m, (hp_str){digits, (size_t)n});
}

hp_node *hp_make_texts(hp_maker *m, const hp_str *s, size_t n) {
    hp_node *list = hp_make_list(m);
    for (size_t i = 0; i < n; i++) hp_make_add(m, list, hp_make_text(m, s[i]));
    return list;
}

/* Returns an array with room for one more than n; arrays double when n is a power of two. */
static hp_node **room(hp_maker *m, hp_node **old, size_t n) {
    if (n && (n & (n - 1))) return old;
    hp_node **grown = HP_NEW_ARRAY(m->a, n ? 2 * n : 1, hp_node *);
    if (!grown)
        m->bad = true;
    else if (n)
        memcpy(grown, old, n * sizeof(hp_node *));
    return grown;
}

void hp_make_add(hp_maker *m, hp_node *list, hp_node *value) {
    hp_node **item = list && value ? room(m, list->item, list->n) : NULL;
    if (!item) {
        m->bad = true;
        return;
    }
    list->item = item;
    list->item[list->n++] = value;
}

void hp_make_put(hp_maker *m, hp_node *map, const char *key, hp_node *value) {
    hp_node *k = map && value ? new_node(m, HP_NODE_SCALAR) : NULL;
    hp_node **item = k ? room(m, map->item, map->n) : NULL;
    hp_node **keys = item ? room(m, map->key, map->n) : NULL;
    if (!keys) {
        m->bad = true;
        return;
    }
    k->text = hp_str_of(key);
    map->item = item;
    map->key = keys;
    map->item[map->n] = value;
    map->key[map->n++] = k;
}

/* ---- the suite ---- */

void hp_make_expect(hp_maker *m, const char *type, hp_node *kwargs, hp_node *meta, hp_gx_severity severity,
                    hp_str where) {
    const hp_expectation e = {
        .type = hp_str_of(type), .kwargs = kwargs, .meta = meta, .severity = severity, .where = where};
    if (!kwargs || !hp_vec_push(&m->list, e)) m->bad = true;
}

void hp_make_drop(hp_maker *m) { hp_vec_free(&m->list); }

static hp_code take(hp_maker *m, hp_str name, const hp_node *meta, hp_suite **out, hp_err *err) {
    hp_suite *s = HP_NEW(m->a, hp_suite);
    hp_expectation *list = HP_NEW_ARRAY(m->a, m->list.n + 1, hp_expectation);
    hp_str copy = hp_arena_dup(m->a, name);
    if (m->bad || !s || !list || !copy.p) return hp_fail_memory(err, "a suite");
    if (m->list.n) memcpy(list, m->list.p, m->list.n * sizeof *list);
    *s = (hp_suite){.name = copy, .path = HP_S(""), .meta = meta, .n = m->list.n, .expectation = list};
    *out = s;
    return HP_OK;
}

hp_code hp_make_suite(hp_maker *m, hp_str name, const hp_node *meta, hp_suite **out, hp_err *err) {
    hp_code code = take(m, name, meta, out, err);
    hp_make_drop(m);
    return code;
}

/* ---- as a file ---- */

static void put_node(const hp_node *n, hp_json *j) {
    if (!n || n->kind == HP_NODE_NULL) {
        hp_json_null(j);
    } else if (n->kind == HP_NODE_SCALAR) {
        n->quoted ? hp_json_str(j, n->text) : hp_json_raw(j, n->text);
    } else if (n->kind == HP_NODE_LIST) {
        hp_json_array(j);
        for (size_t i = 0; i < n->n; i++) put_node(n->item[i], j);
        hp_json_array_end(j);
    } else {
        hp_json_object(j);
        for (size_t i = 0; i < n->n; i++) {
            hp_json_key_str(j, n->key[i]->text);
            put_node(n->item[i], j);
        }
        hp_json_object_end(j);
    }
}

static void put_expectation(const hp_expectation *e, hp_json *j) {
    static const char *const SEVERITY[] = {
        [HP_GX_CRITICAL] = "critical", [HP_GX_WARNING] = "warning", [HP_GX_INFO] = "info"};
    hp_json_object(j);
    hp_json_key(j, "type");
    hp_json_str(j, e->type);
    hp_json_key(j, "kwargs");
    put_node(e->kwargs, j);
    if (e->meta) {
        hp_json_key(j, "meta");
        put_node(e->meta, j);
    }
    if (e->severity != HP_GX_CRITICAL) { /* what it is when nothing is said; older 1.x do not know the key */
        hp_json_key(j, "severity");
        hp_json_cstr(j, SEVERITY[e->severity]);
    }
    hp_json_object_end(j);
}

void hp_suite_json(const hp_suite *s, hp_buf *out) {
    hp_json j = {.out = out, .pretty = true};
    hp_json_object(&j);
    hp_json_key(&j, "name");
    hp_json_str(&j, s->name);
    hp_json_key(&j, "expectations");
    hp_json_array(&j);
    for (size_t i = 0; i < s->n; i++) put_expectation(&s->expectation[i], &j);
    hp_json_array_end(&j);
    if (s->meta) {
        hp_json_key(&j, "meta");
        put_node(s->meta, &j);
    }
    hp_json_object_end(&j);
    hp_buf_putc(out, '\n');
}
