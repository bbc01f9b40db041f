/* Validations as SARIF 2.1.0 (OASIS standard, 27 March 2020), which code hosts and editors show: a rule for
 * each expectation type, a result for each unexpected value, with its cell as a logical location. */
#include "base/node.h"
#include "check/result.h"
#include "profile/expectations.h"

#include "base/banned.h"

static void put_text(hp_json *j, const char *key, hp_str s) {
    hp_json_key(j, key);
    hp_json_str(j, s);
}

static void put_message(hp_json *j, const char *key, hp_str text) {
    hp_json_key(j, key);
    hp_json_object(j);
    put_text(j, "text", text);
    hp_json_object_end(j);
}

static const char *level_of(const hp_outcome *o) {
    static const char *const LEVEL[] = {
        [HP_GX_CRITICAL] = "error", [HP_GX_WARNING] = "warning", [HP_GX_INFO] = "note"};
    return LEVEL[o->expectation->severity];
}

/* ---- rules ---- */

static bool uses(const hp_validation *const *v, size_t n, hp_str type) {
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < v[i]->n; k++)
            if (hp_str_eq(v[i]->outcome[k].expectation->type, type)) return true;
    return false;
}

static void put_rules(hp_json *j, const hp_validation *const *v, size_t n) {
    hp_json_key(j, "rules");
    hp_json_array(j);
    for (int id = 0; id < HP_X_COUNT; id++) {
        hp_expectation_info x = hp_expectation_get((hp_expectation_id)id);
        if (!uses(v, n, hp_str_of(x.type))) continue;
        hp_json_object(j);
        put_text(j, "id", hp_str_of(x.type));
        put_message(j, "shortDescription", hp_str_of(x.help));
        hp_json_object_end(j);
    }
    hp_json_array_end(j);
}

/* ---- results ---- */

/* A path as a URI reference (RFC 3986): what is not plain is percent-encoded. */
static void put_uri(hp_json *j, hp_str path) {
    static const char HEX[] = "0123456789ABCDEF";
    hp_autobuf b = hp_buf_new(1u << 16);
    for (size_t i = 0; i < path.n; i++) {
        unsigned char c = (unsigned char)path.p[i];
        if (hp_is_alnum((char)c) || (c && strchr("/-._~", c))) {
            hp_buf_putc(&b, (char)c);
        } else {
            hp_buf_putc(&b, '%');
            hp_buf_putc(&b, HEX[c >> 4]);
            hp_buf_putc(&b, HEX[c & 15]);
        }
    }
    j->out->bad |= b.bad;
    put_text(j, "uri", hp_buf_str(&b));
}

static hp_str file_of(const hp_result *r, const hp_unexpected *u) {
    const hp_table *t = r->v->data;
    if (!u || !t->origin) return r->run->sources.file.n ? r->run->sources.file.p[0].path : r->v->suite->path;
    return r->run->sources.file.p[r->run->sources.sheet.p[t->origin[u->row].sheet].file].path;
}

static void put_location(const hp_result *r, hp_json *j, const hp_outcome *o, const hp_unexpected *u) {
    hp_autobuf where = hp_buf_new(1u << 20);
    hp_json_key(j, "locations");
    hp_json_array(j);
    hp_json_object(j);
    hp_json_key(j, "physicalLocation");
    hp_json_object(j);
    hp_json_key(j, "artifactLocation");
    hp_json_object(j);
    put_uri(j, file_of(r, u));
    hp_json_object_end(j);
    if (u && r->v->data->origin) {
        hp_json_key(j, "region");
        hp_json_object(j);
        hp_json_key(j, "startLine");
        hp_json_i64(j, r->v->data->origin[u->row].row);
        hp_json_object_end(j);
    }
    hp_json_object_end(j);
    if (u) {
        hp_result_origin(r, o, u, &where);
        hp_json_key(j, "logicalLocations");
        hp_json_array(j);
        hp_json_object(j);
        put_text(j, "fullyQualifiedName", hp_buf_str(&where));
        hp_json_object_end(j);
        hp_json_array_end(j);
    }
    hp_json_object_end(j);
    hp_json_array_end(j);
    j->out->bad |= where.bad;
}

static void put_result(const hp_result *r, hp_json *j, const hp_outcome *o, const hp_unexpected *u,
                       hp_str text) {
    hp_json_object(j);
    put_text(j, "ruleId", o->expectation->type);
    hp_json_key(j, "level");
    hp_json_cstr(j, level_of(o));
    put_message(j, "message", text);
    put_location(r, j, o, u);
    hp_json_key(j, "properties");
    hp_json_object(j);
    put_text(j, "suite", r->v->suite->name);
    put_text(j, "expectation", o->expectation->where);
    hp_json_object_end(j);
    hp_json_object_end(j);
}

static void put_head(const hp_result *r, const hp_outcome *o, hp_buf *text) {
    hp_result_columns(r, o, text);
    if (text->n) hp_buf_puts(text, ": ");
}

static void put_outcome(const hp_result *r, hp_json *j, const hp_outcome *o) {
    hp_autobuf text = hp_buf_new(1u << 20);
    size_t n = hp_result_listed(r, o);
    put_head(r, o, &text);
    hp_result_sentence(r, o, &text);
    if (n < o->nunexpected)
        hp_buf_printf(&text, "; %llu of them are not listed", (unsigned long long)(o->nunexpected - n));
    put_result(r, j, o, NULL, hp_buf_str(&text));
    for (size_t i = 0; i < n; i++) {
        const hp_unexpected *u = &o->unexpected[i];
        hp_buf_clear(&text);
        put_head(r, o, &text);
        for (size_t c = 0; c < o->ncolumn; c++) {
            if (c) hp_buf_puts(&text, " | ");
            hp_result_text(r, o->column[c], r->v->data->col[o->column[c]].v[u->row], &text);
        }
        put_result(r, j, o, u, hp_buf_str(&text));
    }
    j->out->bad |= text.bad;
}

void hp_validation_sarif(const hp_run *run, const hp_validation *const *v, size_t n,
                         const hp_result_options *o, hp_buf *out) {
    hp_json j = {.out = out, .pretty = true};
    hp_json_object(&j);
    put_text(&j, "$schema", HP_S("https://json.schemastore.org/sarif-2.1.0.json"));
    put_text(&j, "version", HP_S("2.1.0"));
    hp_json_key(&j, "runs");
    hp_json_array(&j);
    hp_json_object(&j);
    hp_json_key(&j, "tool");
    hp_json_object(&j);
    hp_json_key(&j, "driver");
    hp_json_object(&j);
    put_text(&j, "name", HP_S("hotpass"));
    put_text(&j, "version", HP_S(HP_VERSION));
    put_rules(&j, v, n);
    hp_json_object_end(&j);
    hp_json_object_end(&j);
    hp_json_key(&j, "results");
    hp_json_array(&j);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < v[i]->n; k++) {
            hp_result r = {run, v[i], o};
            if (!v[i]->outcome[k].success) put_outcome(&r, &j, &v[i]->outcome[k]);
        }
    hp_json_array_end(&j);
    hp_json_object_end(&j);
    hp_json_array_end(&j);
    hp_json_object_end(&j);
    hp_buf_putc(out, '\n');
}
