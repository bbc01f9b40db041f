#include "base/doc_build.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "base/banned.h"

static const char what[] = "a configuration document";

hp_code hp_doc_check_bytes(hp_doc_build *b, hp_str bytes) {
    size_t bad = SIZE_MAX, nul = hp_str_chr(bytes, '\0', 0);
    hp_utf8_valid(bytes, &bad);
    size_t at = bad < nul ? bad : nul;
    if (at == SIZE_MAX) return HP_OK;
    int line = 1, column = 1;
    for (size_t i = 0; i < at; column++) {
        if (hp_utf8_next(bytes, &i) == '\n') {
            line++;
            column = 0;
        }
    }
    if (at == nul) return HP_DOC_FAIL(b, line, column, "a NUL byte; the file is not text");
    return HP_DOC_FAIL(b, line, column, "invalid UTF-8; save the file as UTF-8");
}

static hp_doc_frame *top(hp_doc_build *b) { return b->depth ? &b->frame[b->depth - 1] : NULL; }

static bool key_is_next(const hp_doc_frame *f) {
    return f && f->node->kind == HP_NODE_MAP && f->key.n == f->item.n;
}

static hp_code count_nodes(hp_doc_build *b, size_t n, int line, int column) {
    if (n > HP_LIMIT_DOC_NODES - b->nodes) {
        return HP_DOC_FAIL(b, line, column,
                           "more than %u nodes, with repeated ones; make the document smaller",
                           HP_LIMIT_DOC_NODES);
    }
    b->nodes += n;
    return HP_OK;
}

/* Puts a node where it belongs: into the root, a list, or a map as key or value by turn. */
static hp_code attach(hp_doc_build *b, hp_node *n, int height, int line, int column) {
    hp_doc_frame *f = top(b);
    if (!f) {
        if (b->root) return HP_DOC_FAIL(b, line, column, "a second document; one file holds one");
        b->root = n;
        return HP_OK;
    }
    if (f->height < height + 1) f->height = height + 1;
    bool added;
    if (!key_is_next(f)) {
        added = hp_vec_push(&f->item, n);
    } else if (n->kind == HP_NODE_SCALAR) {
        added = hp_vec_push(&f->key, n);
    } else {
        return HP_DOC_FAIL(b, line, column, "a key must be text");
    }
    return added ? HP_OK : hp_fail_memory(b->err, what);
}

/* Registers an anchor; *index gets its place, SIZE_MAX when there is none. */
static hp_code add_anchor(hp_doc_build *b, hp_str name, const hp_node *at, size_t *index) {
    *index = SIZE_MAX;
    if (name.n == 0) return HP_OK;
    if (b->anchors == HP_DOC_ANCHORS)
        return HP_DOC_FAIL(b, at->line, at->column, "more than %d anchors", HP_DOC_ANCHORS);
    hp_str copy = hp_arena_dup(b->arena, name);
    if (!copy.p) return hp_fail_memory(b->err, what);
    *index = b->anchors++;
    b->anchor[*index] = (hp_doc_anchor){.name = copy};
    return HP_OK;
}

static hp_code new_node(hp_doc_build *b, hp_node n, hp_node **out) {
    HP_TRY(count_nodes(b, 1, n.line, n.column));
    *out = HP_NEW(b->arena, hp_node);
    if (!*out) return hp_fail_memory(b->err, what);
    **out = n;
    return HP_OK;
}

hp_code hp_doc_scalar(hp_doc_build *b, hp_node scalar, hp_str anchor) {
    hp_node *n;
    size_t index;
    if (key_is_next(top(b))) scalar.kind = HP_NODE_SCALAR; /* a key written null or ~ is that text */
    scalar.text = hp_arena_dup(b->arena, scalar.text);
    if (!scalar.text.p) return hp_fail_memory(b->err, what);
    HP_TRY(new_node(b, scalar, &n));
    HP_TRY(add_anchor(b, anchor, n, &index));
    if (index != SIZE_MAX) b->anchor[index] = (hp_doc_anchor){b->anchor[index].name, n, 1, 0};
    return attach(b, n, 0, n->line, n->column);
}

hp_code hp_doc_open(hp_doc_build *b, hp_node container, hp_str anchor) {
    hp_node *n;
    size_t before = b->nodes, index;
    if (b->depth == HP_DOC_DEPTH) {
        return HP_DOC_FAIL(b, container.line, container.column, "nested deeper than %d levels", HP_DOC_DEPTH);
    }
    container.text = HP_S("");
    HP_TRY(new_node(b, container, &n));
    HP_TRY(add_anchor(b, anchor, n, &index));
    HP_TRY(attach(b, n, 0, n->line, n->column));
    b->frame[b->depth++] = (hp_doc_frame){.node = n, .nodes_before = before, .anchor = index};
    return HP_OK;
}

static hp_code fail_duplicate(hp_doc_build *b, const hp_node *again, const hp_node *first) {
    return HP_DOC_FAIL(b, again->line, again->column,
                       "duplicate key \"%.*s\" (first on line %d); remove one of them", HP_FMT(again->text),
                       first->line);
}

static hp_code check_keys(hp_doc_build *b, const hp_node *map) {
    __attribute__((cleanup(hp_smap_free))) hp_smap seen = {0};
    for (size_t i = 0; i < map->n; i++) {
        uint32_t first;
        bool added;
        if (!hp_smap_add(&seen, map->key[i]->text, (uint32_t)i, &first, &added))
            return hp_fail_memory(b->err, what);
        if (!added) return fail_duplicate(b, map->key[i], map->key[first]);
    }
    return HP_OK;
}

static hp_node **keep(hp_arena *a, hp_node *const *from, size_t n) {
    hp_node **to = HP_NEW_ARRAY(a, n, hp_node *);
    if (to && n) memcpy(to, from, n * sizeof(hp_node *));
    return to;
}

static void free_frame(hp_doc_frame *f) {
    hp_vec_free(&f->item);
    hp_vec_free(&f->key);
}

hp_code hp_doc_close(hp_doc_build *b) {
    hp_doc_frame *f = top(b);
    if (!f) return hp_fail(b->err, HP_BUG, "%s: a container closed that was never opened", b->name);
    hp_node *n = f->node;
    n->n = f->item.n;
    n->item = keep(b->arena, f->item.p, n->n);
    if (n->kind == HP_NODE_MAP) n->key = keep(b->arena, f->key.p, n->n);
    if (!n->item || (n->kind == HP_NODE_MAP && !n->key)) return hp_fail_memory(b->err, what);
    if (n->kind == HP_NODE_MAP) HP_TRY(check_keys(b, n));
    if (f->anchor != SIZE_MAX) {
        hp_doc_anchor *a = &b->anchor[f->anchor];
        *a = (hp_doc_anchor){a->name, n, b->nodes - f->nodes_before, f->height};
    }
    int height = f->height;
    free_frame(f);
    b->depth--;
    f = top(b);
    if (f && f->height < height + 1) f->height = height + 1;
    return HP_OK;
}

hp_code hp_doc_alias(hp_doc_build *b, hp_str anchor, int line, int column) {
    const hp_doc_anchor *a = NULL;
    for (size_t i = b->anchors; i-- > 0 && !a;) {
        if (hp_str_eq(b->anchor[i].name, anchor)) a = &b->anchor[i];
    }
    if (!a) return HP_DOC_FAIL(b, line, column, "alias *%.*s has no anchor before it", HP_FMT(anchor));
    if (!a->node) return HP_DOC_FAIL(b, line, column, "alias *%.*s contains itself", HP_FMT(anchor));
    if (b->depth + a->height > HP_DOC_DEPTH)
        return HP_DOC_FAIL(b, line, column, "nested deeper than %d levels", HP_DOC_DEPTH);
    HP_TRY(count_nodes(b, a->nodes, line, column));
    return attach(b, a->node, a->height, line, column);
}

hp_code hp_doc_finish(hp_doc_build *b, hp_node **out) {
    if (!b->root)
        HP_TRY(
            new_node(b, (hp_node){.kind = HP_NODE_NULL, .line = 1, .column = 1, .text = HP_S("")}, &b->root));
    *out = b->root;
    return HP_OK;
}

void hp_doc_build_free(hp_doc_build *b) {
    while (b->depth) free_frame(&b->frame[--b->depth]);
}
