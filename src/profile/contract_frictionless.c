/* Reading Frictionless Table Schema and Data Package, versions 1 and 2. */
#include "base/file.h"
#include "profile/contract_read.h"

#include "base/banned.h"

/* ---- fields ---- */

static hp_logical type_of(hp_str name) {
    static const struct {
        const char *name;
        hp_logical type;
    } NAME[] = {{"any", HP_L_ANY},         {"string", HP_L_STRING},
                {"number", HP_L_NUMBER},   {"integer", HP_L_INTEGER},
                {"boolean", HP_L_BOOLEAN}, {"date", HP_L_DATE},
                {"time", HP_L_TIME},       {"datetime", HP_L_TIMESTAMP},
                {"year", HP_L_YEAR},       {"yearmonth", HP_L_YEARMONTH}};
    if (name.n == 0) return HP_L_STRING; /* what a field is that does not say */
    for (size_t i = 0; i < sizeof NAME / sizeof *NAME; i++)
        if (hp_str_eq(name, hp_str_of(NAME[i].name))) return NAME[i].type;
    return HP_L_OTHER;
}

static hp_code read_constraints(const hp_cread *r, const hp_node *n, hp_contract_column *c) {
    const hp_node *k = hp_node_get(n, "constraints");
    if (!k || k->kind == HP_NODE_NULL) return HP_OK;
    if (k->kind != HP_NODE_MAP) return hp_cfail(r, k, "\"constraints\" is to be a map");
    HP_TRY(hp_cflag(r, k, "required", &c->required));
    HP_TRY(hp_cflag(r, k, "unique", &c->unique));
    HP_TRY(hp_cbound(r, k, "minimum", false, &c->min));
    HP_TRY(hp_cbound(r, k, "exclusiveMinimum", true, &c->min));
    HP_TRY(hp_cbound(r, k, "maximum", false, &c->max));
    HP_TRY(hp_cbound(r, k, "exclusiveMaximum", true, &c->max));
    HP_TRY(hp_ccount(r, k, "minLength", &c->min_length));
    HP_TRY(hp_ccount(r, k, "maxLength", &c->max_length));
    HP_TRY(hp_ctext(r, k, "pattern", &c->pattern));
    return hp_ctexts(r, k, "enum", &c->value, &c->nvalue, NULL);
}

/* Tells whether a field writes its values in a way of its own, which its type says nothing about. */
static bool is_odd(const hp_node *n) {
    static const char *const KEY[] = {"decimalChar", "groupChar", "bareNumber", "trueValues", "falseValues"};
    for (size_t i = 0; i < sizeof KEY / sizeof *KEY; i++)
        if (hp_node_get(n, KEY[i])) return true;
    return false;
}

static hp_code read_field(const hp_cread *r, const hp_node *n, hp_contract_column *c) {
    *c = (hp_contract_column){.min_length = -1, .max_length = -1, .whole = true, .odd = is_odd(n)};
    HP_TRY(hp_cwhere(r, n, &c->where));
    HP_TRY(hp_ctext(r, n, "name", &c->name));
    if (c->name.n == 0) return hp_cfail(r, n, "a field has no \"name\"");
    HP_TRY(hp_ctext(r, n, "title", &c->title));
    HP_TRY(hp_ctext(r, n, "description", &c->description));
    HP_TRY(hp_ctext(r, n, "type", &c->type_name));
    HP_TRY(hp_ctext(r, n, "format", &c->format));
    HP_TRY(hp_ctext(r, n, "unit", &c->unit));
    HP_TRY(hp_cflag(r, n, "personal", &c->personal));
    HP_TRY(hp_ctexts(r, n, "example", &c->example, &c->nexample, NULL));
    c->type = type_of(c->type_name);
    if (hp_str_eq(c->format, HP_S("default"))) c->format = HP_S("");
    HP_TRY(read_constraints(r, n, c));
    return hp_cread_rules(r, n, &c->rule, &c->nrule);
}

/* ---- keys ---- */

static hp_contract_column *column(hp_contract_table *t, hp_str name) {
    for (size_t i = 0; i < t->ncolumn; i++)
        if (hp_str_eq(t->column[i].name, name)) return &t->column[i];
    return NULL;
}

static hp_code read_primary(const hp_cread *r, const hp_node *schema, hp_contract_table *t) {
    hp_str *name = NULL;
    size_t n = 0;
    HP_TRY(hp_ctexts(r, schema, "primaryKey", &name, &n, NULL));
    for (size_t i = 0; i < n; i++) {
        hp_contract_column *c = column(t, name[i]);
        if (!c)
            return hp_cfail(r, hp_node_get(schema, "primaryKey"),
                            "the primary key names \"%.*s\", which is no field", HP_FMT(name[i]));
        c->key = (uint32_t)i + 1;
    }
    return HP_OK;
}

static hp_code read_unique(const hp_cread *r, const hp_node *schema, hp_contract_table *t) {
    const hp_node *list = hp_node_get(schema, "uniqueKeys");
    if (!list || list->kind == HP_NODE_NULL) return HP_OK;
    if (list->kind != HP_NODE_LIST) return hp_cfail(r, list, "\"uniqueKeys\" is to be a list of lists");
    HP_TRY(hp_carray(r, list->n, sizeof *t->unique, &t->unique));
    for (size_t i = 0; i < list->n; i++) {
        const hp_node *key = list->item[i];
        hp_contract_key *out = &t->unique[t->nunique++];
        if (key->kind != HP_NODE_LIST) return hp_cfail(r, key, "\"uniqueKeys\" is to be a list of lists");
        HP_TRY(hp_carray(r, key->n, sizeof *out->column, &out->column));
        for (size_t k = 0; k < key->n; k++) {
            hp_str name;
            const hp_contract_column *c = hp_node_text(key->item[k], &name) ? column(t, name) : NULL;
            if (!c) return hp_cfail(r, key->item[k], "\"uniqueKeys\" names what is no field");
            out->column[out->n++] = c->name;
        }
    }
    return HP_OK;
}

static hp_code read_reference(const hp_cread *r, const hp_node *n, hp_contract_reference *ref) {
    size_t nfrom = 0;
    const hp_node *to = hp_node_get(n, "reference");
    HP_TRY(hp_cwhere(r, n, &ref->where));
    HP_TRY(hp_ctexts(r, n, "fields", &ref->from, &nfrom, NULL));
    if (!to || to->kind != HP_NODE_MAP) return hp_cfail(r, n, "a foreign key has a \"reference\"");
    HP_TRY(hp_ctext(r, to, "resource", &ref->table));
    HP_TRY(hp_ctexts(r, to, "fields", &ref->to, &ref->n, NULL));
    if (nfrom != ref->n || nfrom == 0)
        return hp_cfail(r, n, "a foreign key names as many fields as its reference");
    return HP_OK;
}

static hp_code read_references(const hp_cread *r, const hp_node *schema, hp_contract_table *t) {
    const hp_node *list;
    HP_TRY(hp_cmaps(r, schema, "foreignKeys", &list));
    if (!list) return HP_OK;
    HP_TRY(hp_carray(r, list->n, sizeof *t->reference, &t->reference));
    for (size_t i = 0; i < list->n; i++)
        HP_TRY(read_reference(r, list->item[i], &t->reference[t->nreference++]));
    return HP_OK;
}

/* ---- tables ---- */

static hp_code read_schema(const hp_cread *r, const hp_node *schema, hp_contract_table *t) {
    const hp_node *list;
    HP_TRY(hp_cmaps(r, schema, "fields", &list));
    if (!list) return hp_cfail(r, schema, "the table schema has no \"fields\"");
    HP_TRY(hp_carray(r, list->n, sizeof *t->column, &t->column));
    for (size_t i = 0; i < list->n; i++) {
        HP_TRY(read_field(r, list->item[i], &t->column[i]));
        t->ncolumn++;
    }
    HP_TRY(hp_ctexts(r, schema, "missingValues", &t->missing, &t->nmissing, NULL));
    HP_TRY(read_primary(r, schema, t));
    HP_TRY(read_unique(r, schema, t));
    return read_references(r, schema, t);
}

/* A schema may be in a file beside the package. What a package names it may have been given by a stranger: no
 * address, and no way out of its folder. */
static hp_code read_file(const hp_cread *r, const hp_node *at, hp_contract_table *t) {
    hp_str name = at->text, package = hp_str_of(r->path);
    hp_str folder = hp_str_cut(package, 0, package.n - hp_path_base(package).n);
    if (name.n == 0 || name.p[0] == '/' || hp_str_find(name, HP_S(".."), 0) != SIZE_MAX
        || hp_str_find(name, HP_S("://"), 0) != SIZE_MAX)
        return hp_cfail(r, at, "the schema is to be a file in the folder of the package, not \"%.*s\"",
                        HP_FMT(hp_str_cut(name, 0, 200)));
    hp_str path = hp_arena_printf(r->a, "%.*s%.*s", HP_FMT(folder), HP_FMT(name));
    if (!path.p) return hp_fail_memory(r->err, "the contract");
    hp_node *doc;
    HP_TRY(hp_doc_read(r->a, path.p, &doc, r->err));
    const hp_cread inner = {.a = r->a, .path = path.p, .err = r->err};
    return read_schema(&inner, doc, t);
}

static hp_code read_path(const hp_cread *r, const hp_node *n, hp_contract_table *t) {
    hp_str *path = NULL;
    size_t npath = 0;
    HP_TRY(hp_ctexts(r, n, "path", &path, &npath, NULL));
    t->path = npath ? path[0] : HP_S("");
    const hp_node *dialect = hp_node_get(n, "dialect"),
                  *excel = dialect ? hp_node_get(dialect, "excel") : NULL;
    const hp_node *holder = excel && excel->kind == HP_NODE_MAP ? excel : dialect;
    t->physical = HP_S("");
    if (!holder || holder->kind != HP_NODE_MAP) return HP_OK;
    HP_TRY(hp_ctext(r, holder, "sheet", &t->physical));
    return t->physical.n ? HP_OK : hp_ctext(r, holder, "sheetName", &t->physical);
}

static hp_code read_resource(const hp_cread *r, const hp_node *n, hp_contract_table *t) {
    HP_TRY(hp_cwhere(r, n, &t->where));
    HP_TRY(hp_ctext(r, n, "name", &t->name));
    if (t->name.n == 0) return hp_cfail(r, n, "a resource has no \"name\"");
    HP_TRY(hp_ctext(r, n, "title", &t->title));
    HP_TRY(hp_ctext(r, n, "description", &t->description));
    HP_TRY(read_path(r, n, t));
    const hp_node *schema = hp_node_get(n, "schema");
    if (!schema || schema->kind == HP_NODE_NULL)
        return hp_cfail(r, n, "the resource \"%.*s\" has no \"schema\"", HP_FMT(hp_str_cut(t->name, 0, 200)));
    if (schema->kind == HP_NODE_SCALAR) return read_file(r, schema, t);
    if (schema->kind != HP_NODE_MAP) return hp_cfail(r, schema, "\"schema\" is to be a map, or a file");
    return read_schema(r, schema, t);
}

static hp_code read_package(const hp_cread *r, const hp_node *doc, hp_contract *c) {
    const hp_node *list;
    HP_TRY(hp_cmaps(r, doc, "resources", &list));
    if (!list || list->n == 0) return hp_cfail(r, doc, "the package has no \"resources\"");
    HP_TRY(hp_carray(r, list->n, sizeof *c->table, &c->table));
    c->ntable = list->n;
    for (size_t i = 0; i < list->n; i++) HP_TRY(read_resource(r, list->item[i], &c->table[i]));
    return HP_OK;
}

/* A table schema stands alone: its table has the name of the file. */
static hp_code read_alone(const hp_cread *r, const hp_node *doc, hp_contract *c) {
    hp_str base = hp_path_base(hp_str_of(r->path));
    size_t dot = hp_str_chr(base, '.', 0);
    hp_str name = hp_arena_dup(r->a, hp_str_cut(base, 0, dot == SIZE_MAX || dot == 0 ? base.n : dot));
    if (!name.p) return hp_fail_memory(r->err, "the contract");
    c->table[0].name = name;
    HP_TRY(hp_cwhere(r, doc, &c->table[0].where));
    return read_schema(r, doc, &c->table[0]);
}

hp_code hp_contract_read_frictionless(const hp_cread *r, const hp_node *doc, hp_contract *c) {
    HP_TRY(hp_ctext(r, doc, "id", &c->id));
    HP_TRY(hp_ctext(r, doc, "name", &c->name));
    HP_TRY(hp_ctext(r, doc, "version", &c->version));
    HP_TRY(hp_ctext(r, doc, "status", &c->status));
    HP_TRY(hp_ctext(r, doc, "description", &c->description));
    if (hp_node_get(doc, "resources")) return read_package(r, doc, c);
    HP_TRY(hp_carray(r, 1, sizeof *c->table, &c->table));
    c->ntable = 1;
    return hp_node_get(doc, "fields") ? read_alone(r, doc, c) : read_resource(r, doc, &c->table[0]);
}
