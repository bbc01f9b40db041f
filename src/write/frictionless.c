#include <math.h>

#include "base/json.h"
#include "write/contract.h"

#include "base/banned.h"

static void text(hp_json *j, const char *key, hp_str s) {
    if (s.n == 0) return;
    hp_json_key(j, key);
    hp_json_str(j, s);
}

static void flag(hp_json *j, const char *key, bool on) {
    if (!on) return;
    hp_json_key(j, key);
    hp_json_bool(j, true);
}

static void texts(hp_json *j, const char *key, const hp_str *s, size_t n) {
    hp_json_key(j, key);
    hp_json_array(j);
    for (size_t i = 0; i < n; i++) hp_json_str(j, s[i]);
    hp_json_array_end(j);
}

/* A value of a column of numbers is a number, any other a text. */
static void value(hp_json *j, const hp_contract_column *c, hp_str s) {
    double x;
    bool plain = (c->type == HP_L_NUMBER || c->type == HP_L_INTEGER) && hp_str_f64(s, &x);
    plain ? hp_json_f64(j, x) : hp_json_str(j, s);
}

/* ---- fields ---- */

static const char *type_name(hp_logical t) {
    return t == HP_L_TIMESTAMP ? "datetime" : t == HP_L_OTHER ? "any" : hp_logical_name(t);
}

static void put_bound(hp_json *j, const hp_contract_column *c, const hp_bound *b, const char *with,
                      const char *without) {
    if (!b->text.p) return;
    hp_json_key(j, b->exclusive ? without : with);
    value(j, c, b->text);
}

static void put_length(hp_json *j, const char *key, int64_t n) {
    if (n < 0) return;
    hp_json_key(j, key);
    hp_json_i64(j, n);
}

static void put_constraints(hp_json *j, const hp_contract_column *c) {
    bool any = c->required || c->unique || c->min.text.p || c->max.text.p || c->min_length >= 0
               || c->max_length >= 0 || c->pattern.n || c->nvalue;
    if (!any) return;
    hp_json_key(j, "constraints");
    hp_json_object(j);
    flag(j, "required", c->required);
    flag(j, "unique", c->unique);
    put_bound(j, c, &c->min, "minimum", "exclusiveMinimum");
    put_bound(j, c, &c->max, "maximum", "exclusiveMaximum");
    put_length(j, "minLength", c->min_length);
    put_length(j, "maxLength", c->max_length);
    text(j, "pattern", c->pattern);
    if (c->nvalue) {
        hp_json_key(j, "enum");
        hp_json_array(j);
        for (size_t i = 0; i < c->nvalue; i++) value(j, c, c->value[i]);
        hp_json_array_end(j);
    }
    hp_json_object_end(j);
}

static void put_rule(hp_json *j, const hp_contract_rule *r) {
    hp_json_object(j);
    hp_json_key(j, "metric");
    hp_json_cstr(j, hp_metric_name(r->metric));
    text(j, "description", r->description);
    if (r->pattern.n) {
        hp_json_key(j, "arguments");
        hp_json_object(j);
        text(j, "pattern", r->pattern);
        hp_json_object_end(j);
    }
    hp_json_key(j, r->percent ? "mustBeLessOrEqualTo" : "mustBe");
    hp_json_f64(j, r->high);
    hp_json_key(j, "unit");
    hp_json_cstr(j, r->percent ? "percent" : "rows");
    text(j, "severity", r->severity);
    hp_json_object_end(j);
}

static void put_rules(hp_json *j, const hp_contract_column *c) {
    if (c->nrule == 0) return;
    hp_json_key(j, "quality");
    hp_json_array(j);
    for (size_t i = 0; i < c->nrule; i++) put_rule(j, &c->rule[i]);
    hp_json_array_end(j);
}

static void put_field(hp_json *j, const hp_contract_column *c) {
    hp_json_object(j);
    text(j, "name", c->name);
    hp_json_key(j, "type");
    hp_json_cstr(j, type_name(c->type));
    text(j, "format", c->format);
    text(j, "title", c->title);
    text(j, "description", c->description);
    text(j, "unit", c->unit);
    flag(j, "personal", c->personal);
    if (c->nexample) {
        hp_json_key(j, "example");
        value(j, c, c->example[0]);
    }
    put_constraints(j, c);
    put_rules(j, c);
    hp_json_object_end(j);
}

/* ---- resources ---- */

static void put_keys(hp_json *j, const hp_contract_table *t) {
    bool any = false;
    for (size_t i = 0; i < t->ncolumn; i++) {
        if (!t->column[i].key) continue;
        if (!any) {
            hp_json_key(j, "primaryKey");
            hp_json_array(j);
        }
        any = true;
        hp_json_str(j, t->column[i].name);
    }
    if (any) hp_json_array_end(j);
    if (t->nreference == 0) return;
    hp_json_key(j, "foreignKeys");
    hp_json_array(j);
    for (size_t i = 0; i < t->nreference; i++) {
        const hp_contract_reference *r = &t->reference[i];
        hp_json_object(j);
        texts(j, "fields", r->from, r->n);
        hp_json_key(j, "reference");
        hp_json_object(j);
        hp_json_key(j, "resource");
        hp_json_str(j, r->table);
        texts(j, "fields", r->to, r->n);
        hp_json_object_end(j);
        hp_json_object_end(j);
    }
    hp_json_array_end(j);
}

static void put_dialect(hp_json *j, const hp_contract_table *t) {
    if (t->physical.n == 0) return;
    hp_json_key(j, "dialect");
    hp_json_object(j);
    hp_json_key(j, "excel");
    hp_json_object(j);
    text(j, "sheet", t->physical);
    hp_json_object_end(j);
    hp_json_object_end(j);
}

static void put_resource(hp_json *j, const hp_contract_table *t) {
    hp_json_object(j);
    text(j, "name", t->name);
    hp_json_key(j, "type");
    hp_json_cstr(j, "table");
    text(j, "path", t->path);
    text(j, "title", t->title);
    text(j, "description", t->description);
    put_dialect(j, t);
    hp_json_key(j, "schema");
    hp_json_object(j);
    hp_json_key(j, "fields");
    hp_json_array(j);
    for (size_t i = 0; i < t->ncolumn; i++) put_field(j, &t->column[i]);
    hp_json_array_end(j);
    put_keys(j, t);
    hp_json_object_end(j);
    hp_json_object_end(j);
}

/* A name of a package is of lower-case letters, digits and ".", "_", "-". */
static void put_name(hp_json *j, hp_str id) {
    hp_autobuf name = hp_buf_new(1 << 16);
    for (size_t i = 0; i < id.n; i++) {
        char c = hp_lower(id.p[i]);
        hp_buf_putc(&name, hp_is_alnum(c) || c == '.' || c == '_' || c == '-' ? c : '-');
    }
    j->out->bad |= name.bad;
    text(j, "name", hp_buf_str(&name));
}

void hp_contract_frictionless(const hp_contract *c, hp_buf *out) {
    hp_json j = {.out = out, .pretty = true};
    hp_json_object(&j);
    put_name(&j, c->id);
    text(&j, "id", c->id);
    text(&j, "title", c->name);
    text(&j, "version", c->version);
    text(&j, "status", c->status);
    text(&j, "description", c->description);
    hp_json_key(&j, "resources");
    hp_json_array(&j);
    for (size_t i = 0; i < c->ntable; i++)
        if (!c->table[i].page) put_resource(&j, &c->table[i]);
    hp_json_array_end(&j);
    hp_json_object_end(&j);
    hp_buf_putc(out, '\n');
}
