/* Walking a document by the tables of keys, collecting every error. */
#include "profile/keys.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/banned.h"

#define MESSAGE_BYTES 1000u

/* Texts of the file go into messages; a text may be as long as the file, a message is read on a terminal. */
static hp_str shortened(hp_str s) {
    size_t n = s.n > MESSAGE_BYTES ? MESSAGE_BYTES : s.n;
    while (n < s.n && n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80) n--;
    return hp_str_cut(s, 0, n);
}

void hp_perr(hp_pload *l, const hp_node *at, const char *fmt, ...) {
    hp_autobuf text = hp_buf_new(MESSAGE_BYTES + 4u * HP_LIMIT_DOC_BYTES);
    va_list ap;
    va_start(ap, fmt);
    hp_buf_vprintf(&text, fmt, ap);
    va_end(ap);
    hp_perror e = {at->line, at->column, hp_arena_dup(l->a, shortened(hp_buf_str(&text)))};
    if (text.bad || !e.text.p || !hp_vec_push(&l->errors, e)) l->oom = true;
}

void hp_pload_free(hp_pload *l) {
    hp_vec_free(&l->errors);
    hp_vec_free(&l->set);
    hp_imap_free(&l->set_at);
}

void *hp_parray(hp_pload *l, size_t n, size_t size) {
    void *p = hp_arena_array(l->a, n, size);
    if (!p && n) l->oom = true;
    return p;
}

hp_str hp_pdup(hp_pload *l, hp_str s) {
    hp_str copy = hp_arena_dup(l->a, s);
    if (copy.p) return copy;
    l->oom = true;
    return HP_S("");
}

void hp_pnear(hp_buf *out, hp_str word, const char *const *names, size_t n, const char *otherwise) {
    const char *near = hp_nearest(word, names, n);
    if (near) {
        hp_buf_printf(out, "; did you mean \"%s\"?", near);
        return;
    }
    hp_buf_printf(out, "; %s", otherwise);
    for (size_t i = 0; i < n; i++) hp_buf_printf(out, "%s %s", i ? "," : "", names[i]);
}

static const hp_pkey *find_key(const hp_pblock *b, hp_str name) {
    for (size_t i = 0; i < b->nkey; i++) {
        if (hp_str_eq(hp_str_of(b->key[i].name), name)) return &b->key[i];
    }
    return NULL;
}

static void unknown_key(hp_pload *l, const hp_pblock *b, const hp_node *key) {
    const char *names[64] = {0};
    size_t n = 0;
    for (size_t i = 0; i < b->nkey && n < 64; i++) names[n++] = b->key[i].name;
    hp_autobuf hint = hp_buf_new(2048);
    hp_pnear(&hint, key->text, names, n, "the keys here are");
    hp_perr(l, key, "unknown key \"%.*s\" in %s%s", HP_FMT(key->text), b->name, hp_buf_cstr(&hint));
}

/* Two keys of one meaning may agree (a country under two names), not differ. Lists of both are joined. */
static void check_set_once(hp_pload *l, const hp_pkey *k, const hp_node *key, const hp_node *v, void *obj) {
    uint32_t index;
    bool added;
    void *member = hp_pat(obj, k->at);
    if (!member || v->kind != HP_NODE_SCALAR || k->count || k->block) return;
    if (!hp_imap_add(&l->set_at, (uint64_t)(uintptr_t)member, (uint32_t)l->set.n, &index, &added)) {
        l->oom = true;
    } else if (added) {
        if (!hp_vec_push(&l->set, ((hp_pset){key, v}))) l->oom = true;
    } else if (index < l->set.n && !hp_str_eq(l->set.p[index].value->text, v->text)) {
        const hp_pset *first = &l->set.p[index];
        hp_perr(l, key, "\"%.*s\" says %.*s, but \"%.*s\" in line %d says %.*s; keep one of them",
                HP_FMT(key->text), HP_FMT(v->text), HP_FMT(first->key->text), first->key->line,
                HP_FMT(first->value->text));
    }
}

static void read_key(hp_pload *l, const hp_pblock *b, const hp_node *key, const hp_node *v, void *obj) {
    const hp_pkey *k = find_key(b, key->text);
    if (!k) {
        unknown_key(l, b, key);
        return;
    }
    if (v->kind == HP_NODE_NULL) {
        if (k->flags & HP_PK_REQUIRED) hp_perr(l, key, "\"%s\" has no value", k->name);
        return;
    }
    if (k->flags & HP_PK_RESERVED) obj = NULL;
    check_set_once(l, k, key, v, obj);
    k->type->read(l, k, v, obj);
}

void hp_pblock_read(hp_pload *l, const hp_pblock *b, const hp_node *n, void *obj) {
    if (n->kind != HP_NODE_MAP) {
        hp_str is = hp_pnode_text(l, n);
        hp_perr(l, n, "%s must be a map (lines of \"key: value\"), not %.*s", b->name, HP_FMT(is));
        return;
    }
    for (size_t i = 0; i < n->n && !l->oom; i++) read_key(l, b, n->key[i], n->item[i], obj);
    for (size_t i = 0; i < b->nkey; i++) {
        const hp_pkey *k = &b->key[i];
        if ((k->flags & HP_PK_REQUIRED) && !hp_node_get(n, k->name))
            hp_perr(l, n, "\"%s\" is missing in %s: %s", k->name, b->name, k->help);
    }
    if (b->end && obj && !l->oom) b->end(l, n, obj);
}

void hp_pblock_defaults(hp_pload *l, const hp_pblock *b, void *obj) {
    for (size_t i = 0; i < b->nkey; i++) {
        const hp_pkey *k = &b->key[i];
        if (k->flags & (HP_PK_RESERVED | HP_PK_ALIAS)) continue;
        if (k->type == &hp_pt_block) {
            hp_pblock_defaults(l, k->block, hp_pat(obj, k->at));
        } else if (k->fallback) {
            hp_node text = {.kind = HP_NODE_SCALAR, .text = hp_str_of(k->fallback)};
            k->type->read(l, k, &text, obj);
        }
    }
}
