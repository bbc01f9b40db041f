#include "check/result.h"

#include "base/node.h"
#include "table/mask.h"

#include "base/banned.h"

size_t hp_result_listed(const hp_result *r, const hp_outcome *o) {
    size_t n = (size_t)o->nunexpected;
    return r->o->most && r->o->most < n ? r->o->most : n;
}

void hp_result_origin(const hp_result *r, const hp_outcome *o, const hp_unexpected *u, hp_buf *out) {
    const hp_table *t = r->v->data;
    if (!t->origin) {
        hp_buf_printf(out, "row %llu", (unsigned long long)u->row + 1);
        return;
    }
    uint32_t col = o->ncolumn == 1 ? t->col[o->column[0]].source : HP_NO_COL;
    hp_address(&r->run->sources, (hp_cell){t->origin[u->row].sheet, t->origin[u->row].row, col}, out);
}

/* ---- what is personal ---- */

/* Parts of headers whose columns say something about a person, and parts that say the contrary. */
static const struct {
    const char *part;
    hp_kind kind;
} PERSONAL[] = {{"mail", HP_K_EMAIL},      {"phone", HP_K_PHONE},    {"mobile", HP_K_PHONE},
                {"cell", HP_K_PHONE},      {"whatsapp", HP_K_PHONE}, {"landline", HP_K_PHONE},
                {"fax", HP_K_PHONE},       {"contact", HP_K_PERSON}, {"person", HP_K_PERSON},
                {"name", HP_K_PERSON},     {"birth", HP_K_PERSON},   {"passport", HP_K_PERSON},
                {"address", HP_K_ADDRESS}, {"street", HP_K_ADDRESS}, {"note", HP_K_PERSON},
                {"comment", HP_K_PERSON},  {"owner", HP_K_PERSON}};
static const char *const NOT_PERSONAL[] = {"organi", "company",    "school", "status", "type",
                                           "score",  "confidence", "count",  "flag",   "product",
                                           "file",   "sheet",      "website"};

static bool has_part(hp_str column, const char *part) {
    return hp_str_ifind(column, hp_str_of(part), 0) != SIZE_MAX;
}

/* By the parts of a header; false when they say nothing. */
static bool named_personal(hp_str column, hp_kind *kind) {
    for (size_t i = 0; i < sizeof NOT_PERSONAL / sizeof *NOT_PERSONAL; i++)
        if (has_part(column, NOT_PERSONAL[i])) return false;
    for (size_t i = 0; i < sizeof PERSONAL / sizeof *PERSONAL; i++)
        if (has_part(column, PERSONAL[i].part)) {
            *kind = PERSONAL[i].kind;
            return true;
        }
    return false;
}

static bool looks_like_phone(hp_str s) {
    size_t digits = 0;
    double x;
    if (hp_str_chr(s, '.', 0) != SIZE_MAX && hp_str_f64(s, &x)) return false; /* an amount */
    for (size_t i = 0; i < s.n; i++) {
        if (hp_is_digit(s.p[i]))
            digits++;
        else if (!memchr("+-() ./", s.p[i], 8))
            return false;
    }
    return digits >= 9;
}

/* By the column's name, else by the look of the value. */
static bool is_personal(hp_str column, hp_str text, hp_kind *kind) {
    *kind = HP_K_PERSON;
    if (named_personal(column, kind)) return true;
    *kind = hp_str_chr(text, '@', 0) != SIZE_MAX ? HP_K_EMAIL : HP_K_PHONE;
    return *kind == HP_K_EMAIL || looks_like_phone(text);
}

static bool masks(const hp_result *r, hp_str column, hp_str text, hp_kind *kind) {
    return !r->o->show_values && text.n && is_personal(column, text, kind);
}

void hp_result_text(const hp_result *r, uint32_t column, hp_vid v, hp_buf *out) {
    hp_str text = hp_text(r->run->pool, v);
    hp_kind kind;
    if (v == HP_NULL)
        hp_buf_puts(out, "(missing)");
    else if (masks(r, r->v->data->col[column].name, text, &kind))
        hp_put_masked(out, kind, text);
    else
        hp_buf_add(out, text);
}

/* ---- as JSON ---- */

static void put_masked(hp_json *j, hp_kind kind, hp_str text) {
    hp_autobuf b = hp_buf_new(1u << 16);
    hp_put_masked(&b, kind, text);
    j->out->bad |= b.bad;
    hp_json_str(j, hp_buf_str(&b));
}

void hp_result_cell(const hp_result *r, hp_json *j, uint32_t column, uint32_t row) {
    const hp_column *c = &r->v->data->col[column];
    hp_str text = hp_text(r->run->pool, c->v[row]);
    hp_type type = hp_cell_type(c, row);
    hp_kind kind;
    if (type == HP_T_NONE)
        hp_json_null(j);
    else if (masks(r, c->name, text, &kind))
        put_masked(j, kind, text);
    else if (type == HP_T_NUMBER && hp_is_json_number(text))
        hp_json_raw(j, text);
    else if (type == HP_T_BOOL)
        hp_json_bool(j, hp_str_ieq(text, HP_S("true")));
    else
        hp_json_str(j, text);
}

void hp_result_value(const hp_result *r, hp_json *j, const hp_outcome *o, const hp_unexpected *u) {
    if (o->ncolumn == 1) {
        hp_result_cell(r, j, o->column[0], u->row);
        return;
    }
    bool pair = hp_node_get(o->expectation->kwargs, "column_A") != NULL;
    if (pair)
        hp_json_array(j);
    else
        hp_json_object(j);
    for (size_t i = 0; i < o->ncolumn; i++) {
        if (!pair) hp_json_key_str(j, r->v->data->col[o->column[i]].name);
        hp_result_cell(r, j, o->column[i], u->row);
    }
    if (pair)
        hp_json_array_end(j);
    else
        hp_json_object_end(j);
}

/* Of observed values only texts can tell of people. */
void hp_result_node(const hp_result *r, hp_json *j, const hp_outcome *o, const hp_node *n) {
    hp_kind kind;
    hp_str column = o->ncolumn == 1 ? r->v->data->col[o->column[0]].name : HP_S("");
    if (n && n->kind == HP_NODE_SCALAR && n->quoted && o->ncolumn == 1 && masks(r, column, n->text, &kind)) {
        put_masked(j, kind, n->text);
        return;
    }
    if (!n || n->kind == HP_NODE_SCALAR || n->kind == HP_NODE_NULL) {
        hp_node_json(j, n);
        return;
    }
    bool map = n->kind == HP_NODE_MAP;
    if (map)
        hp_json_object(j);
    else
        hp_json_array(j);
    for (size_t i = 0; i < n->n; i++) {
        if (map) hp_json_key_str(j, n->key[i]->text);
        hp_result_node(r, j, o, n->item[i]);
    }
    if (map)
        hp_json_object_end(j);
    else
        hp_json_array_end(j);
}

/* ---- in words ---- */

const char *hp_gx_severity_name(hp_gx_severity s) {
    return s == HP_GX_CRITICAL ? "critical" : s == HP_GX_WARNING ? "warning" : "info";
}

void hp_result_columns(const hp_result *r, const hp_outcome *o, hp_buf *out) {
    for (size_t i = 0; i < o->ncolumn; i++) {
        if (i) hp_buf_puts(out, ", ");
        hp_buf_add(out, r->v->data->col[o->column[i]].name);
    }
    hp_str name;
    if (o->ncolumn == 0 && hp_node_text(hp_node_get(o->expectation->kwargs, "column"), &name))
        hp_buf_add(out, name);
}

void hp_result_sentence(const hp_result *r, const hp_outcome *o, hp_buf *out) {
    double mostly;
    if (o->exception.n) {
        hp_buf_puts(out, "could not be evaluated: ");
        hp_buf_add(out, o->exception);
    } else if (o->counted) {
        hp_buf_printf(out, "%llu of %llu %s %s not as expected", (unsigned long long)o->unexpected_count,
                      (unsigned long long)o->evaluated, o->ncolumn == 1 ? "values" : "rows",
                      o->unexpected_count == 1 ? "is" : "are");
        if (hp_node_f64(hp_node_get(o->expectation->kwargs, "mostly"), &mostly))
            hp_buf_printf(out, " (%g %% must be)", mostly * 100);
    } else if (o->observed) {
        hp_json j = {.out = out};
        hp_buf_puts(out, "observed ");
        hp_result_node(r, &j, o, o->observed);
    } else {
        hp_buf_puts(out, o->success ? "as expected" : "not as expected");
    }
}
