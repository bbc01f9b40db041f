/* The door of contract files: which form a file has, and what both readers need. */
#include "profile/contract.h"

#include <stdarg.h>

#include "base/buf.h"
#include "base/map.h"
#include "profile/contract_read.h"

#include "base/banned.h"

const char *hp_logical_name(hp_logical t) {
    static const char *const NAME[] = {[HP_L_ANY] = "any",         [HP_L_STRING] = "string",
                                       [HP_L_NUMBER] = "number",   [HP_L_INTEGER] = "integer",
                                       [HP_L_BOOLEAN] = "boolean", [HP_L_DATE] = "date",
                                       [HP_L_TIME] = "time",       [HP_L_TIMESTAMP] = "timestamp",
                                       [HP_L_YEAR] = "year",       [HP_L_YEARMONTH] = "yearmonth",
                                       [HP_L_OTHER] = "other"};
    _Static_assert(sizeof NAME / sizeof *NAME == HP_LOGICAL_COUNT, "every type has a name");
    return NAME[t];
}

const char *hp_metric_name(hp_metric m) {
    static const char *const NAME[] = {
        [HP_M_NULLS] = "nullValues",      [HP_M_MISSING] = "missingValues",
        [HP_M_INVALID] = "invalidValues", [HP_M_DUPLICATES] = "duplicateValues",
        [HP_M_ROWS] = "rowCount",         [HP_M_OTHER] = ""};
    return NAME[m];
}

const hp_contract_table *hp_contract_find(const hp_contract *c, hp_str name) {
    for (size_t i = 0; i < c->ntable; i++)
        if (hp_str_ieq(c->table[i].name, name)) return &c->table[i];
    for (size_t i = 0; i < c->ntable; i++)
        if (c->table[i].physical.n && hp_str_ieq(c->table[i].physical, name)) return &c->table[i];
    return NULL;
}

/* ---- members ---- */

hp_code hp_cfail(const hp_cread *r, const hp_node *at, const char *fmt, ...) {
    hp_autobuf text = hp_buf_new(1000);
    va_list ap;
    va_start(ap, fmt);
    hp_buf_vprintf(&text, fmt, ap);
    va_end(ap);
    if (text.over) hp_buf_clear(&text), hp_buf_puts(&text, "a value that is much too long");
    if (text.bad) return hp_fail_memory(r->err, "a message");
    return hp_fail(r->err, HP_CONFIG, "%s:%d:%d: %s", r->path, at->line, at->column, hp_buf_cstr(&text));
}

hp_code hp_cwhere(const hp_cread *r, const hp_node *at, hp_str *out) {
    hp_str where = hp_arena_printf(r->a, "%s:%d", r->path, at->line);
    if (!where.p) return hp_fail_memory(r->err, "the contract");
    *out = where;
    return HP_OK;
}

static const hp_node *member(const hp_node *map, const char *key) {
    const hp_node *n = hp_node_get(map, key);
    return n && n->kind == HP_NODE_NULL ? NULL : n;
}

static hp_code copy(const hp_cread *r, hp_str s, hp_str *out) {
    hp_str dup = hp_arena_dup(r->a, s);
    if (!dup.p) return hp_fail_memory(r->err, "the contract");
    *out = dup;
    return HP_OK;
}

hp_code hp_ctext(const hp_cread *r, const hp_node *map, const char *key, hp_str *out) {
    const hp_node *n = member(map, key);
    if (!n) {
        *out = HP_S("");
        return HP_OK;
    }
    if (n->kind != HP_NODE_SCALAR) return hp_cfail(r, n, "\"%s\" is to be a text", key);
    return copy(r, n->text, out);
}

hp_code hp_cflag(const hp_cread *r, const hp_node *map, const char *key, bool *out) {
    const hp_node *n = member(map, key);
    if (!n || hp_node_bool(n, out)) return HP_OK;
    return hp_cfail(r, n, "\"%s\" is to be true or false", key);
}

hp_code hp_ccount(const hp_cread *r, const hp_node *map, const char *key, int64_t *out) {
    const hp_node *n = member(map, key);
    int64_t v;
    if (!n) return HP_OK;
    if (!hp_node_i64(n, &v) || v < 0) return hp_cfail(r, n, "\"%s\" is to be a whole number from 0 on", key);
    *out = v;
    return HP_OK;
}

hp_code hp_ctexts(const hp_cread *r, const hp_node *map, const char *key, hp_str **out, size_t *n,
                  bool *null) {
    const hp_node *list = member(map, key);
    if (!list) return HP_OK;
    bool one = list->kind == HP_NODE_SCALAR;
    if (!one && list->kind != HP_NODE_LIST) return hp_cfail(r, list, "\"%s\" is to be a list", key);
    hp_str *text;
    size_t kept = 0;
    HP_TRY(hp_carray(r, one ? 1 : list->n, sizeof *text, &text));
    for (size_t i = 0; i < (one ? 1 : list->n); i++) {
        const hp_node *v = one ? list : list->item[i];
        if (v->kind == HP_NODE_NULL) {
            if (null) *null = true;
            continue;
        }
        if (v->kind != HP_NODE_SCALAR)
            return hp_cfail(r, v, "\"%s\" is to hold texts, numbers and booleans", key);
        HP_TRY(copy(r, v->text, &text[kept++]));
    }
    *out = text;
    *n = kept;
    return HP_OK;
}

hp_code hp_cbound(const hp_cread *r, const hp_node *map, const char *key, bool exclusive, hp_bound *out) {
    const hp_node *n = member(map, key);
    if (!n) return HP_OK;
    HP_TRY(hp_ctext(r, map, key, &out->text));
    out->exclusive = exclusive;
    return HP_OK;
}

hp_code hp_cmaps(const hp_cread *r, const hp_node *map, const char *key, const hp_node **out) {
    const hp_node *list = member(map, key);
    *out = NULL;
    if (!list) return HP_OK;
    if (list->kind != HP_NODE_LIST) return hp_cfail(r, list, "\"%s\" is to be a list", key);
    for (size_t i = 0; i < list->n; i++)
        if (list->item[i]->kind != HP_NODE_MAP)
            return hp_cfail(r, list->item[i], "what \"%s\" holds is to be a map", key);
    *out = list;
    return HP_OK;
}

hp_code hp_carray(const hp_cread *r, size_t n, size_t size, void *out) {
    void *p = hp_arena_array(r->a, n + 1, size);
    if (!p) return hp_fail_memory(r->err, "the contract");
    memcpy(out, &p, sizeof p);
    return HP_OK;
}

/* ---- the door ---- */

/* Two columns, or tables, of one name: which one a promise is about could not be told. */
static hp_code check_columns(const hp_cread *r, const hp_contract_table *t, hp_smap *seen) {
    for (size_t i = 0; i < t->ncolumn; i++) {
        uint32_t before;
        bool fresh;
        if (!hp_smap_add(seen, t->column[i].name, (uint32_t)i, &before, &fresh))
            return hp_fail_memory(r->err, "the contract");
        if (!fresh)
            return hp_fail(r->err, HP_CONFIG, "%.*s: \"%.*s\" has two columns \"%.*s\"",
                           HP_FMT(t->column[i].where), HP_FMT(hp_str_cut(t->name, 0, 100)),
                           HP_FMT(hp_str_cut(t->column[i].name, 0, 100)));
    }
    return HP_OK;
}

static hp_code check_tables(const hp_cread *r, const hp_contract *c, hp_smap *seen) {
    for (size_t t = 0; t < c->ntable; t++) {
        uint32_t before;
        bool fresh;
        if (!hp_smap_add(seen, c->table[t].name, (uint32_t)t, &before, &fresh))
            return hp_fail_memory(r->err, "the contract");
        if (!fresh)
            return hp_fail(r->err, HP_CONFIG, "%.*s: the name \"%.*s\" stands for two tables",
                           HP_FMT(c->table[t].where), HP_FMT(hp_str_cut(c->table[t].name, 0, 100)));
    }
    return HP_OK;
}

static hp_code check_names(const hp_cread *r, const hp_contract *c) {
    hp_smap seen = {0};
    hp_code code = check_tables(r, c, &seen);
    hp_smap_free(&seen);
    for (size_t t = 0; t < c->ntable && code == HP_OK; t++) {
        seen = (hp_smap){0};
        code = check_columns(r, &c->table[t], &seen);
        hp_smap_free(&seen);
    }
    return code;
}

static hp_code read_contract(const hp_cread *r, const hp_node *doc, hp_contract *c) {
    hp_str kind = {0};
    if (!doc || doc->kind != HP_NODE_MAP)
        return hp_fail(r->err, HP_CONFIG, "%s: holds no contract: a map is wanted", r->path);
    HP_TRY(hp_ctext(r, doc, "kind", &kind));
    if (kind.n || hp_node_get(doc, "apiVersion")) {
        c->form = HP_CONTRACT_ODCS;
        return hp_contract_read_odcs(r, doc, c);
    }
    c->form = HP_CONTRACT_FRICTIONLESS;
    if (hp_node_get(doc, "resources") || hp_node_get(doc, "fields") || hp_node_get(doc, "schema"))
        return hp_contract_read_frictionless(r, doc, c);
    return hp_fail(
        r->err, HP_CONFIG,
        "%s: is no contract: neither ODCS (apiVersion, kind: DataContract) nor Frictionless (a data "
        "package with \"resources\", or a table schema with \"fields\")",
        r->path);
}

hp_code hp_contract_of(hp_arena *a, const hp_node *doc, const char *path, hp_contract **out, hp_err *err) {
    const hp_cread r = {.a = a, .path = path, .err = err};
    hp_contract *c = HP_NEW(a, hp_contract);
    if (!c) return hp_fail_memory(err, "the contract");
    HP_TRY(copy(&r, hp_str_of(path), &c->path));
    HP_TRY(read_contract(&r, doc, c));
    HP_TRY(check_names(&r, c));
    *out = c;
    return HP_OK;
}

hp_code hp_contract_load(hp_arena *a, const char *path, hp_contract **out, hp_err *err) {
    hp_node *doc;
    HP_TRY(hp_doc_read(a, path, &doc, err));
    return hp_contract_of(a, doc, path, out, err);
}
