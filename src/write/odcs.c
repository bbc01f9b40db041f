#include <math.h>

#include "base/json.h"
#include "write/contract.h"

#include "base/banned.h"

/* Writes YAML: block maps and lists, every text in double quotes as JSON has them, which YAML 1.1 and 1.2
 * read alike: no text becomes a number, a date or "no". */
typedef struct yaml {
    hp_buf *out;
    int depth;
    bool item; /* the next line begins an entry of a list */
} yaml;

static void indent(yaml *y) {
    for (int i = y->item ? 1 : 0; i < y->depth; i++) hp_buf_puts(y->out, "  ");
    if (y->item) hp_buf_puts(y->out, "- ");
    y->item = false;
}

static void key(yaml *y, const char *name) {
    indent(y);
    hp_buf_puts(y->out, name);
    hp_buf_putc(y->out, ':');
}

/* Lines below belong to a key, or to an entry of its list. */
static void open(yaml *y, const char *name) {
    key(y, name);
    hp_buf_putc(y->out, '\n');
    y->depth++;
}

static void shut(yaml *y) { y->depth--; }

static void text(yaml *y, const char *name, hp_str s) {
    if (s.n == 0) return;
    key(y, name);
    hp_buf_putc(y->out, ' ');
    hp_buf_json(y->out, s);
    hp_buf_putc(y->out, '\n');
}

static void word(yaml *y, const char *name, const char *s) {
    key(y, name);
    hp_buf_printf(y->out, " %s\n", s);
}

static void flag(yaml *y, const char *name, bool on) {
    if (on) word(y, name, "true");
}

static void number(yaml *y, const char *name, double v) {
    key(y, name);
    hp_buf_putc(y->out, ' ');
    hp_json_f64(&(hp_json){.out = y->out}, v);
    hp_buf_putc(y->out, '\n');
}

/* A value of a column of numbers is a number, any other a text. */
static void value(yaml *y, const hp_contract_column *c, hp_str s) {
    double x;
    bool plain = c && (c->type == HP_L_NUMBER || c->type == HP_L_INTEGER) && hp_str_f64(s, &x);
    plain ? hp_buf_add(y->out, s) : hp_buf_json(y->out, s);
}

static void values(yaml *y, const char *name, const hp_contract_column *c, const hp_str *s, size_t n) {
    if (n == 0) return;
    key(y, name);
    hp_buf_puts(y->out, " [");
    for (size_t i = 0; i < n; i++) {
        if (i) hp_buf_puts(y->out, ", ");
        value(y, c, s[i]);
    }
    hp_buf_puts(y->out, "]\n");
}

/* ---- quality rules ---- */

static void put_operator(yaml *y, const hp_contract_rule *r) {
    bool low = isfinite(r->low), high = isfinite(r->high);
    if (low && high && r->low >= r->high) {
        number(y, r->outside ? "mustNotBe" : "mustBe", r->low);
    } else if (low && high) {
        key(y, r->outside ? "mustNotBeBetween" : "mustBeBetween");
        hp_json j = {.out = y->out};
        hp_buf_putc(y->out, ' ');
        hp_json_array(&j);
        hp_json_f64(&j, r->low);
        hp_json_f64(&j, r->high);
        hp_json_array_end(&j);
        hp_buf_putc(y->out, '\n');
    } else if (high) {
        number(y, r->high_open ? "mustBeLessThan" : "mustBeLessOrEqualTo", r->high);
    } else {
        number(y, r->low_open ? "mustBeGreaterThan" : "mustBeGreaterOrEqualTo", low ? r->low : 0);
    }
}

static void put_rule(yaml *y, const hp_contract_column *c, const hp_contract_rule *r) {
    if (r->metric == HP_M_OTHER)
        return; /* made contracts have none; what another program reads is not ours */
    y->item = true;
    word(y, "type", "library");
    word(y, "metric", hp_metric_name(r->metric));
    text(y, "name", r->name);
    text(y, "description", r->description);
    if (r->pattern.n || r->nvalue) {
        open(y, "arguments");
        text(y, "pattern", r->pattern);
        values(y,
               r->metric == HP_M_MISSING   ? "missingValues"
               : r->metric == HP_M_INVALID ? "validValues"
                                           : "properties",
               r->metric == HP_M_DUPLICATES ? NULL : c, r->value, r->nvalue);
        shut(y);
    }
    put_operator(y, r);
    if (r->metric != HP_M_ROWS) word(y, "unit", r->percent ? "percent" : "rows");
    text(y, "severity", r->severity);
}

static void put_set(yaml *y, const hp_contract_column *c) {
    const hp_contract_rule r = {.metric = HP_M_INVALID,
                                .description = HP_S("one of the values that are listed"),
                                .severity = HP_S("error"),
                                .nvalue = c->nvalue,
                                .value = c->value};
    put_rule(y, c, &r);
}

static void put_rules(yaml *y, const hp_contract_column *c, const hp_contract_rule *r, size_t n) {
    bool set = c && c->nvalue > 0;
    if (!set && n == 0) return;
    open(y, "quality");
    if (set) put_set(y, c);
    for (size_t i = 0; i < n; i++) put_rule(y, c, &r[i]);
    shut(y);
}

/* ---- columns ---- */

static void put_bound(yaml *y, const hp_contract_column *c, const hp_bound *b, const char *with,
                      const char *without) {
    if (!b->text.p) return;
    key(y, b->exclusive ? without : with);
    hp_buf_putc(y->out, ' ');
    value(y, c, b->text);
    hp_buf_putc(y->out, '\n');
}

static void put_options(yaml *y, const hp_contract_column *c) {
    bool length = c->min_length >= 0 || c->max_length >= 0;
    if (!c->min.text.p && !c->max.text.p && !length && c->pattern.n == 0 && c->format.n == 0) return;
    open(y, "logicalTypeOptions");
    put_bound(y, c, &c->min, "minimum", "exclusiveMinimum");
    put_bound(y, c, &c->max, "maximum", "exclusiveMaximum");
    if (c->min_length >= 0) number(y, "minLength", (double)c->min_length);
    if (c->max_length >= 0) number(y, "maxLength", (double)c->max_length);
    text(y, "pattern", c->pattern);
    text(y, "format", c->format);
    shut(y);
}

static void put_custom(yaml *y, const hp_contract_column *c) {
    if (c->unit.n == 0 && !c->personal) return;
    open(y, "customProperties");
    if (c->unit.n) {
        y->item = true;
        word(y, "property", "unit");
        text(y, "value", c->unit);
    }
    if (c->personal) {
        y->item = true;
        word(y, "property", "personal");
        word(y, "value", "true");
    }
    shut(y);
}

static void put_references(yaml *y, const hp_contract_table *t, const hp_contract_column *c) {
    bool any = false;
    for (size_t i = 0; i < t->nreference; i++) {
        const hp_contract_reference *r = &t->reference[i];
        if (r->n != 1 || !hp_str_eq(r->from[0], c->name)) continue;
        if (!any) open(y, "relationships");
        any = true;
        hp_autobuf to = hp_buf_new(1 << 16);
        hp_buf_printf(&to, "%.*s.%.*s", HP_FMT(r->table), HP_FMT(r->to[0]));
        y->out->bad |= to.bad;
        y->item = true;
        word(y, "type", "foreignKey");
        text(y, "to", hp_buf_str(&to));
    }
    if (any) shut(y);
}

static void put_column(yaml *y, const hp_contract_table *t, const hp_contract_column *c) {
    y->item = true;
    text(y, "name", c->name);
    text(y, "businessName", c->title);
    text(y, "description", c->description);
    /* Nothing is said of a column that holds texts and numbers: every value is a text at least. */
    bool named = c->type != HP_L_ANY && c->type != HP_L_OTHER;
    word(y, "logicalType", hp_logical_name(named ? c->type : HP_L_STRING));
    text(y, "physicalType", c->physical);
    put_options(y, c);
    flag(y, "required", c->required);
    flag(y, "unique", c->unique);
    flag(y, "primaryKey", c->key > 0);
    if (c->key) number(y, "primaryKeyPosition", c->key);
    word(y, "classification", c->personal ? "confidential" : "internal");
    values(y, "examples", c, c->example, c->nexample);
    put_custom(y, c);
    put_references(y, t, c);
    put_rules(y, c, c->rule, c->nrule);
}

static void put_table(yaml *y, const hp_contract_table *t) {
    y->item = true;
    text(y, "name", t->name);
    text(y, "physicalName", t->physical);
    word(y, "logicalType", "object");
    word(y, "physicalType", "table");
    text(y, "description", t->description);
    text(y, "dataGranularityDescription", t->granularity);
    put_rules(y, NULL, t->rule, t->nrule);
    open(y, "properties");
    for (size_t i = 0; i < t->ncolumn; i++) put_column(y, t, &t->column[i]);
    shut(y);
}

void hp_contract_odcs(const hp_contract *c, hp_buf *out) {
    yaml y = {.out = out};
    word(&y, "apiVersion", "v3.1.0");
    word(&y, "kind", "DataContract");
    text(&y, "id", c->id);
    text(&y, "name", c->name);
    text(&y, "version", c->version);
    text(&y, "status", c->status);
    if (c->description.n) {
        open(&y, "description");
        text(&y, "purpose", c->description);
        shut(&y);
    }
    open(&y, "schema");
    for (size_t i = 0; i < c->ntable; i++) put_table(&y, &c->table[i]);
    shut(&y);
}
