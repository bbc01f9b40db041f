#include "enrich/jsonpath.h"

#include "base/banned.h"

enum { STEPS = 16, CANDIDATES = 64 };

typedef enum step_kind { NAME, INDEX, EVERY } step_kind;

typedef struct path_step {
    step_kind kind;
    hp_str name;
    int64_t index;
} path_step;

struct hp_jsonpath {
    size_t n;
    path_step step[STEPS];
};

static hp_code wrong(hp_str text, size_t at, const char *what, hp_err *err) {
    return hp_fail(err, HP_CONFIG, "the path \"%.*s\" is wrong at character %zu: %s", HP_FMT(text), at + 1,
                   what);
}

static bool name_char(char c) { return c != '.' && c != '[' && c != ']'; }

/* Reads what stands between brackets; *i is behind the opening one, and gets behind the closing one. */
static hp_code read_bracket(hp_str text, size_t *i, path_step *s, hp_err *err) {
    size_t from = *i, close;
    char quote = from < text.n ? text.p[from] : 0;
    if (quote == '\'' || quote == '"') {
        close = hp_str_chr(text, quote, from + 1);
        if (close == SIZE_MAX || close + 1 >= text.n || text.p[close + 1] != ']')
            return wrong(text, from, "the name in quotes does not end in a quote and ]", err);
        *s = (path_step){.kind = NAME, .name = hp_str_cut(text, from + 1, close)};
        *i = close + 2;
        return HP_OK;
    }
    close = hp_str_chr(text, ']', from);
    if (close == SIZE_MAX) return wrong(text, from, "] is missing", err);
    hp_str inner = hp_str_cut(text, from, close);
    *i = close + 1;
    *s = (path_step){.kind = hp_str_eq(inner, HP_S("*")) ? EVERY : INDEX};
    if (s->kind == EVERY) return HP_OK;
    if (hp_str_i64(inner, &s->index) && s->index >= 0) return HP_OK;
    return wrong(text, from, "within [ ] stands a number, * or a name in quotes", err);
}

static hp_code read_step(hp_str text, size_t *i, path_step *s, hp_err *err) {
    if (text.p[*i] == '[') {
        ++*i;
        return read_bracket(text, i, s, err);
    }
    if (text.p[*i] == '.') ++*i;
    size_t from = *i;
    while (*i < text.n && name_char(text.p[*i])) ++*i;
    if (*i == from) return wrong(text, from, "a name is missing", err);
    hp_str name = hp_str_cut(text, from, *i);
    *s = (path_step){.kind = hp_str_eq(name, HP_S("*")) ? EVERY : NAME, .name = name};
    return HP_OK;
}

hp_code hp_jsonpath_read(hp_arena *a, hp_str text, hp_jsonpath **out, hp_err *err) {
    hp_jsonpath *p = HP_NEW(a, hp_jsonpath);
    hp_str copy = hp_arena_dup(a, hp_str_trim(text));
    if (!p || !copy.p) return hp_fail_memory(err, "a path");
    size_t i = copy.n && copy.p[0] == '$' ? 1 : 0;
    while (i < copy.n) {
        if (p->n == STEPS) return wrong(copy, i, "it has more than 16 steps", err);
        HP_TRY(read_step(copy, &i, &p->step[p->n], err));
        p->n++;
    }
    *out = p;
    return HP_OK;
}

static const hp_node *child(const hp_node *n, const path_step *s) {
    if (s->kind == INDEX)
        return n->kind == HP_NODE_LIST && (uint64_t)s->index < n->n ? n->item[s->index] : NULL;
    for (size_t i = 0; n->kind == HP_NODE_MAP && i < n->n; i++)
        if (hp_str_eq(n->key[i]->text, s->name)) return n->item[i];
    return NULL;
}

static void find(const hp_jsonpath *p, size_t at, const hp_node *n, const hp_node **out, size_t most,
                 size_t *found) {
    if (!n || *found == most) return;
    if (at == p->n) {
        out[(*found)++] = n;
    } else if (p->step[at].kind != EVERY) {
        find(p, at + 1, child(n, &p->step[at]), out, most, found);
    } else if (n->kind == HP_NODE_LIST || n->kind == HP_NODE_MAP) {
        for (size_t i = 0; i < n->n && *found < most; i++) find(p, at + 1, n->item[i], out, most, found);
    }
}

size_t hp_jsonpath_find(const hp_jsonpath *p, const hp_node *root, const hp_node **out, size_t most) {
    size_t found = 0;
    find(p, 0, root, out, most, &found);
    return found;
}

bool hp_jsonpath_text(const hp_jsonpath *p, const hp_node *root, hp_str *out) {
    const hp_node *node[CANDIDATES];
    size_t n = hp_jsonpath_find(p, root, node, CANDIDATES);
    for (size_t i = 0; i < n; i++)
        if (hp_node_text(node[i], out) && hp_str_trim(*out).n) return true;
    return false;
}
