#include "check/json_schema.h"

#include "base/buf.h"
#include "base/mem.h"
#include "check/json_door.h"

#include "base/banned.h"

#define LONGEST_SCHEMA (4u << 20)

struct hp_json_schema {
    hp_json_door *door;
};

/* A scalar of a suite: quoted it is a text; plain it is a number, true, false or null, else a text. */
static void write_scalar(const hp_node *n, hp_buf *b) {
    if (!n->quoted && hp_json_is(n->text))
        hp_buf_add(b, n->text);
    else
        hp_buf_json(b, n->text);
}

static void write_node(const hp_node *n, hp_buf *b) {
    switch (n->kind) {
    case HP_NODE_NULL: hp_buf_puts(b, "null"); return;
    case HP_NODE_SCALAR: write_scalar(n, b); return;
    case HP_NODE_LIST:
    case HP_NODE_MAP: break;
    }
    bool map = n->kind == HP_NODE_MAP;
    hp_buf_putc(b, map ? '{' : '[');
    for (size_t i = 0; i < n->n; i++) {
        if (i) hp_buf_putc(b, ',');
        if (map) {
            hp_buf_json(b, n->key[i]->text);
            hp_buf_putc(b, ':');
        }
        write_node(n->item[i], b);
    }
    hp_buf_putc(b, map ? '}' : ']');
}

hp_code hp_json_schema_compile(const hp_node *schema, const char *where, hp_json_schema **out, hp_err *err) {
    hp_autobuf text = hp_buf_new(LONGEST_SCHEMA);
    write_node(schema, &text);
    HP_TRY(hp_buf_check(&text, "a JSON schema", err));
    hp_json_schema *s = hp_calloc(1, sizeof *s);
    if (!s) return hp_fail_memory(err, "a JSON schema");
    hp_code code = hp_json_door_make(text.p, text.n, where, &s->door, err);
    if (code == HP_OK)
        *out = s;
    else
        hp_json_schema_free(s);
    return code;
}

hp_code hp_json_schema_match(hp_json_schema *s, hp_str text, bool *matches, hp_err *err) {
    if (!hp_json_is(text)) {
        *matches = false;
        return HP_OK;
    }
    return hp_json_door_match(s->door, text.p, text.n, matches, err);
}

void hp_json_schema_free(hp_json_schema *s) {
    if (!s) return;
    hp_json_door_free(s->door);
    hp_free(s);
}
