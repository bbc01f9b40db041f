/* Reading the Open Data Contract Standard, 3.0 to 3.2. */
#include <math.h>

#include "profile/contract_read.h"

#include "base/banned.h"

/* ---- quality rules ---- */

static hp_metric metric_of(hp_str name) {
    /* `rule` of 3.0 had names of its own for some. */
    static const struct {
        const char *name;
        hp_metric metric;
    } NAME[] = {{"nullValues", HP_M_NULLS},
                {"missingValues", HP_M_MISSING},
                {"invalidValues", HP_M_INVALID},
                {"duplicateValues", HP_M_DUPLICATES},
                {"rowCount", HP_M_ROWS},
                {"nullCount", HP_M_NULLS},
                {"duplicateCount", HP_M_DUPLICATES}};
    for (size_t i = 0; i < sizeof NAME / sizeof *NAME; i++)
        if (hp_str_eq(name, hp_str_of(NAME[i].name))) return NAME[i].metric;
    return HP_M_OTHER;
}

static hp_code read_number(const hp_cread *r, const hp_node *n, const char *key, double *out) {
    if (hp_node_f64(n, out)) return HP_OK;
    return hp_cfail(r, n, "\"%s\" is to be a number", key);
}

static hp_code read_pair(const hp_cread *r, const hp_node *n, const char *key, hp_contract_rule *out) {
    if (n->kind != HP_NODE_LIST || n->n != 2)
        return hp_cfail(r, n, "\"%s\" is to be a list of two numbers", key);
    HP_TRY(read_number(r, n->item[0], key, &out->low));
    HP_TRY(read_number(r, n->item[1], key, &out->high));
    if (out->low > out->high) return hp_cfail(r, n, "\"%s\": the smaller number comes first", key);
    return HP_OK;
}

/* The operators, each as a range of the count. */
static hp_code read_operator(const hp_cread *r, const hp_node *n, const char *key, hp_contract_rule *out) {
    static const struct {
        const char *name;
        bool low, high, open, outside;
    } OP[] = {{"mustBe", true, true, false, false},
              {"mustNotBe", true, true, false, true},
              {"mustBeGreaterThan", true, false, true, false},
              {"mustBeGreaterOrEqualTo", true, false, false, false},
              {"mustBeGreaterThanOrEqualTo", true, false, false, false},
              {"mustBeLessThan", false, true, true, false},
              {"mustBeLessOrEqualTo", false, true, false, false},
              {"mustBeLessThanOrEqualTo", false, true, false, false}};
    for (size_t i = 0; i < sizeof OP / sizeof *OP; i++) {
        if (strcmp(OP[i].name, key) != 0) continue;
        double v;
        HP_TRY(read_number(r, n, key, &v));
        if (OP[i].low) out->low = v, out->low_open = OP[i].open;
        if (OP[i].high) out->high = v, out->high_open = OP[i].open;
        out->outside = OP[i].outside;
    }
    return HP_OK;
}

static hp_code read_operators(const hp_cread *r, const hp_node *rule, hp_contract_rule *out) {
    out->low = -(double)INFINITY;
    out->high = (double)INFINITY;
    for (size_t i = 0; i < rule->n; i++) {
        char key[40];
        hp_str name = rule->key[i]->text;
        if (name.n >= sizeof key || !hp_str_starts(name, HP_S("must"))) continue;
        memcpy(key, name.p, name.n);
        key[name.n] = '\0';
        if (hp_str_eq(name, HP_S("mustBeBetween")) || hp_str_eq(name, HP_S("mustNotBeBetween"))) {
            HP_TRY(read_pair(r, rule->item[i], key, out));
            out->outside = name.p[4] == 'N';
        } else {
            HP_TRY(read_operator(r, rule->item[i], key, out));
        }
    }
    return HP_OK;
}

static hp_code read_arguments(const hp_cread *r, const hp_node *rule, hp_contract_rule *out) {
    /* The published examples write `pattern` and lists beside `arguments` too. */
    const hp_node *arguments = hp_node_get(rule, "arguments");
    const hp_node *from[] = {rule, arguments};
    for (size_t i = 0; i < 2; i++) {
        if (!from[i] || from[i]->kind != HP_NODE_MAP) continue;
        if (out->pattern.n == 0) HP_TRY(hp_ctext(r, from[i], "pattern", &out->pattern));
        const char *list = out->metric == HP_M_MISSING      ? "missingValues"
                           : out->metric == HP_M_INVALID    ? "validValues"
                           : out->metric == HP_M_DUPLICATES ? "properties"
                                                            : NULL;
        if (list && out->nvalue == 0)
            HP_TRY(hp_ctexts(r, from[i], list, &out->value, &out->nvalue, &out->null_missing));
    }
    return HP_OK;
}

static hp_code read_rule(const hp_cread *r, const hp_node *n, hp_contract_rule *out) {
    hp_str type, metric, unit;
    HP_TRY(hp_cwhere(r, n, &out->where));
    HP_TRY(hp_ctext(r, n, "type", &type));
    HP_TRY(hp_ctext(r, n, "metric", &metric));
    if (metric.n == 0) HP_TRY(hp_ctext(r, n, "rule", &metric));
    HP_TRY(hp_ctext(r, n, "unit", &unit));
    HP_TRY(hp_ctext(r, n, "name", &out->name));
    HP_TRY(hp_ctext(r, n, "description", &out->description));
    HP_TRY(hp_ctext(r, n, "severity", &out->severity));
    bool library = type.n == 0 || hp_str_eq(type, HP_S("library"));
    out->metric = library ? metric_of(metric) : HP_M_OTHER;
    out->kind = library ? metric : type;
    out->percent = hp_str_ieq(unit, HP_S("percent")) || hp_str_eq(unit, HP_S("%"));
    if (out->metric == HP_M_OTHER) return HP_OK;
    HP_TRY(read_operators(r, n, out));
    return read_arguments(r, n, out);
}

hp_code hp_cread_rules(const hp_cread *r, const hp_node *of, hp_contract_rule **out, size_t *n) {
    const hp_node *list;
    hp_contract_rule *rule;
    HP_TRY(hp_cmaps(r, of, "quality", &list));
    if (!list) return HP_OK;
    HP_TRY(hp_carray(r, list->n, sizeof *rule, &rule));
    for (size_t i = 0; i < list->n; i++) HP_TRY(read_rule(r, list->item[i], &rule[i]));
    *out = rule;
    *n = list->n;
    return HP_OK;
}

/* ---- columns ---- */

static hp_logical type_of(hp_str name) {
    if (name.n == 0) return HP_L_ANY;
    for (int t = HP_L_STRING; t <= HP_L_TIMESTAMP; t++)
        if (hp_str_eq(name, hp_str_of(hp_logical_name((hp_logical)t)))) return (hp_logical)t;
    return HP_L_OTHER;
}

static hp_code read_options(const hp_cread *r, const hp_node *n, hp_contract_column *c) {
    const hp_node *o = hp_node_get(n, "logicalTypeOptions");
    if (!o || o->kind == HP_NODE_NULL) return HP_OK;
    if (o->kind != HP_NODE_MAP) return hp_cfail(r, o, "\"logicalTypeOptions\" is to be a map");
    HP_TRY(hp_cbound(r, o, "minimum", false, &c->min));
    HP_TRY(hp_cbound(r, o, "exclusiveMinimum", true, &c->min));
    HP_TRY(hp_cbound(r, o, "maximum", false, &c->max));
    HP_TRY(hp_cbound(r, o, "exclusiveMaximum", true, &c->max));
    HP_TRY(hp_ccount(r, o, "minLength", &c->min_length));
    HP_TRY(hp_ccount(r, o, "maxLength", &c->max_length));
    HP_TRY(hp_ctext(r, o, "pattern", &c->pattern));
    return hp_ctext(r, o, "format", &c->format);
}

/* The values of an `enum` (3.2) are maps with a value; plain ones are taken too. */
static hp_code read_enum(const hp_cread *r, const hp_node *n, hp_contract_column *c) {
    const hp_node *list = hp_node_get(n, "enum");
    if (!list || list->kind == HP_NODE_NULL) return HP_OK;
    if (list->kind != HP_NODE_LIST) return hp_cfail(r, list, "\"enum\" is to be a list");
    HP_TRY(hp_carray(r, list->n, sizeof *c->value, &c->value));
    for (size_t i = 0; i < list->n; i++) {
        const hp_node *v = list->item[i];
        if (v->kind == HP_NODE_MAP) v = hp_node_get(v, "value");
        if (!v || v->kind != HP_NODE_SCALAR)
            return hp_cfail(r, list->item[i], "an entry of \"enum\" has a \"value\"");
        c->value[c->nvalue] = hp_arena_dup(r->a, v->text);
        if (!c->value[c->nvalue++].p) return hp_fail_memory(r->err, "the contract");
    }
    return HP_OK;
}

/* A rule that no value may be another than some, until 3.1 the only way to say so, is what `enum` says. */
static void take_set(hp_contract_column *c) {
    for (size_t i = 0; i < c->nrule; i++) {
        const hp_contract_rule r = c->rule[i];
        bool grave = r.severity.n == 0 || hp_str_ieq(r.severity, HP_S("error"))
                     || hp_str_ieq(r.severity, HP_S("critical"));
        if (r.metric != HP_M_INVALID || r.nvalue == 0 || r.pattern.n || r.outside || r.high > 0 || r.high_open
            || !grave || c->nvalue)
            continue;
        c->value = r.value;
        c->nvalue = r.nvalue;
        memmove(&c->rule[i], &c->rule[i + 1], (--c->nrule - i) * sizeof *c->rule);
        return;
    }
}

static hp_code read_custom(const hp_cread *r, const hp_node *n, hp_contract_column *c) {
    const hp_node *list;
    HP_TRY(hp_cmaps(r, n, "customProperties", &list));
    for (size_t i = 0; list && i < list->n; i++) {
        hp_str name;
        HP_TRY(hp_ctext(r, list->item[i], "property", &name));
        if (hp_str_eq(name, HP_S("unit"))) HP_TRY(hp_ctext(r, list->item[i], "value", &c->unit));
        if (hp_str_eq(name, HP_S("personal"))) HP_TRY(hp_cflag(r, list->item[i], "value", &c->personal));
    }
    return HP_OK;
}

static hp_code read_key(const hp_cread *r, const hp_node *n, hp_contract_column *c, uint32_t next) {
    bool key = false;
    int64_t place = next;
    HP_TRY(hp_cflag(r, n, "primaryKey", &key));
    const hp_node *given = hp_node_get(n, "primaryKeyPosition");
    if (key && given && given->kind != HP_NODE_NULL && (!hp_node_i64(given, &place) || place > UINT16_MAX))
        return hp_cfail(r, given, "\"primaryKeyPosition\" is to be a small whole number");
    if (key) c->key = place > 0 ? (uint32_t)place : next;
    return HP_OK;
}

static hp_code read_column(const hp_cread *r, const hp_node *n, hp_contract_column *c, uint32_t next_key) {
    *c = (hp_contract_column){.min_length = -1, .max_length = -1};
    HP_TRY(hp_cwhere(r, n, &c->where));
    HP_TRY(hp_ctext(r, n, "physicalName", &c->title));
    HP_TRY(hp_ctext(r, n, "name", &c->name));
    if (c->name.n == 0) return hp_cfail(r, n, "a property has no \"name\"");
    HP_TRY(hp_ctext(r, n, "businessName", &c->title));
    HP_TRY(hp_ctext(r, n, "description", &c->description));
    HP_TRY(hp_ctext(r, n, "logicalType", &c->type_name));
    HP_TRY(hp_ctext(r, n, "physicalType", &c->physical));
    c->type = type_of(c->type_name);
    HP_TRY(hp_cflag(r, n, "required", &c->required));
    HP_TRY(hp_cflag(r, n, "unique", &c->unique));
    HP_TRY(read_key(r, n, c, next_key));
    HP_TRY(read_options(r, n, c));
    HP_TRY(read_enum(r, n, c));
    HP_TRY(hp_ctexts(r, n, "examples", &c->example, &c->nexample, NULL));
    HP_TRY(read_custom(r, n, c));
    HP_TRY(hp_cread_rules(r, n, &c->rule, &c->nrule));
    take_set(c);
    return HP_OK;
}

/* ---- relationships ---- */

/* Takes "table.column" or "/schema/table/properties/column" apart. */
static bool split_reference(hp_str s, hp_str *table, hp_str *column) {
    if (hp_str_starts(s, HP_S("/schema/")) || hp_str_starts(s, HP_S("schema/"))) {
        hp_str rest = hp_str_cut(s, s.p[0] == '/' ? 8 : 7, s.n);
        size_t at = hp_str_find(rest, HP_S("/properties/"), 0);
        if (at == SIZE_MAX) return false;
        *table = hp_str_cut(rest, 0, at);
        *column = hp_str_cut(rest, at + 12, rest.n);
        return column->n > 0;
    }
    size_t dot = hp_str_chr(s, '.', 0);
    if (dot == SIZE_MAX || dot == 0 || dot + 1 == s.n) return false;
    *table = hp_str_cut(s, 0, dot);
    *column = hp_str_cut(s, dot + 1, s.n);
    return true;
}

static hp_code add_reference(const hp_cread *r, const hp_node *n, const hp_str *from, size_t nfrom,
                             hp_contract_table *t) {
    hp_contract_reference *ref = &t->reference[t->nreference];
    HP_TRY(hp_cwhere(r, n, &ref->where));
    HP_TRY(hp_ctexts(r, n, "to", &ref->to, &ref->n, NULL));
    HP_TRY(hp_carray(r, nfrom, sizeof *ref->from, &ref->from));
    if (ref->n == 0 || ref->n != nfrom)
        return hp_cfail(r, n, "a relationship names as many columns in \"to\" as in \"from\"");
    for (size_t i = 0; i < nfrom; i++) {
        hp_str table, column;
        ref->from[i] = split_reference(from[i], &table, &column) ? column : from[i];
        if (!split_reference(ref->to[i], &ref->table, &column))
            return hp_cfail(r, n, "\"to\" names a column as table.column");
        ref->to[i] = column;
    }
    t->nreference++;
    return HP_OK;
}

static hp_code read_relationships(const hp_cread *r, const hp_node *n, const hp_str *column,
                                  hp_contract_table *t) {
    const hp_node *list;
    HP_TRY(hp_cmaps(r, n, "relationships", &list));
    for (size_t i = 0; list && i < list->n; i++) {
        hp_str *from = NULL;
        size_t nfrom = 0;
        if (!column) HP_TRY(hp_ctexts(r, list->item[i], "from", &from, &nfrom, NULL));
        HP_TRY(add_reference(r, list->item[i], column ? column : from, column ? 1 : nfrom, t));
    }
    return HP_OK;
}

static size_t count_relationships(const hp_node *n) {
    const hp_node *list = hp_node_get(n, "relationships");
    return list && list->kind == HP_NODE_LIST ? list->n : 0;
}

/* ---- tables ---- */

static hp_code read_columns(const hp_cread *r, const hp_node *n, hp_contract_table *t) {
    const hp_node *list;
    uint32_t keys = 0;
    size_t references = count_relationships(n);
    HP_TRY(hp_cmaps(r, n, "properties", &list));
    for (size_t i = 0; list && i < list->n; i++) references += count_relationships(list->item[i]);
    HP_TRY(hp_carray(r, references, sizeof *t->reference, &t->reference));
    HP_TRY(hp_carray(r, list ? list->n : 0, sizeof *t->column, &t->column));
    for (size_t i = 0; list && i < list->n; i++) {
        hp_contract_column *c = &t->column[t->ncolumn];
        HP_TRY(read_column(r, list->item[i], c, keys + 1));
        t->ncolumn++;
        keys += c->key > 0;
        HP_TRY(read_relationships(r, list->item[i], &c->name, t));
    }
    return read_relationships(r, n, NULL, t);
}

static hp_code read_table(const hp_cread *r, const hp_node *n, hp_contract_table *t) {
    HP_TRY(hp_cwhere(r, n, &t->where));
    HP_TRY(hp_ctext(r, n, "name", &t->name));
    if (t->name.n == 0) return hp_cfail(r, n, "a table of \"schema\" has no \"name\"");
    HP_TRY(hp_ctext(r, n, "physicalName", &t->physical));
    HP_TRY(hp_ctext(r, n, "businessName", &t->title));
    HP_TRY(hp_ctext(r, n, "description", &t->description));
    HP_TRY(hp_ctext(r, n, "dataGranularityDescription", &t->granularity));
    HP_TRY(read_columns(r, n, t));
    return hp_cread_rules(r, n, &t->rule, &t->nrule);
}

/* `description` of the contract is a map since 3.0. */
static hp_code read_description(const hp_cread *r, const hp_node *doc, hp_contract *c) {
    const hp_node *d = hp_node_get(doc, "description");
    if (d && d->kind == HP_NODE_MAP) return hp_ctext(r, d, "purpose", &c->description);
    return hp_ctext(r, doc, "description", &c->description);
}

hp_code hp_contract_read_odcs(const hp_cread *r, const hp_node *doc, hp_contract *c) {
    hp_str kind, version;
    const hp_node *list;
    HP_TRY(hp_ctext(r, doc, "kind", &kind));
    HP_TRY(hp_ctext(r, doc, "apiVersion", &version));
    if (!hp_str_eq(kind, HP_S("DataContract")))
        return hp_cfail(r, doc, "\"kind\" is to be DataContract, not \"%.*s\"", HP_FMT(kind));
    if (!hp_str_starts(version, HP_S("v3.")))
        return hp_cfail(r, doc, "\"apiVersion\" is \"%.*s\"; v3.0.0 to v3.2.0 are read", HP_FMT(version));
    HP_TRY(hp_ctext(r, doc, "id", &c->id));
    HP_TRY(hp_ctext(r, doc, "name", &c->name));
    HP_TRY(hp_ctext(r, doc, "version", &c->version));
    HP_TRY(hp_ctext(r, doc, "status", &c->status));
    HP_TRY(read_description(r, doc, c));
    HP_TRY(hp_cmaps(r, doc, "schema", &list));
    if (!list || list->n == 0) return hp_cfail(r, doc, "the contract has no \"schema\" with tables");
    HP_TRY(hp_carray(r, list->n, sizeof *c->table, &c->table));
    c->ntable = list->n;
    for (size_t i = 0; i < list->n; i++) HP_TRY(read_table(r, list->item[i], &c->table[i]));
    return HP_OK;
}
