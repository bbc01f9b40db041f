#include "base/doc_build.h"
#include "base/toml.h"
#include "base/toml_door.h"

#include "base/banned.h"

typedef struct builder {
    hp_doc_build b;
    hp_code code;
} builder;

static bool take(void *ctx, hp_toml_kind kind, const char *text, size_t n, int line, int column) {
    builder *t = ctx;
    hp_node node = {.line = line ? line : 1, .column = column ? column : 1};
    if (kind == HP_TOML_CLOSE) {
        t->code = hp_doc_close(&t->b);
    } else if (kind == HP_TOML_MAP || kind == HP_TOML_LIST) {
        node.kind = kind == HP_TOML_MAP ? HP_NODE_MAP : HP_NODE_LIST;
        t->code = hp_doc_open(&t->b, node, HP_S(""));
    } else {
        node.kind = HP_NODE_SCALAR;
        node.quoted = kind == HP_TOML_TEXT;
        node.text = (hp_str){text, n};
        t->code = hp_doc_scalar(&t->b, node, HP_S(""));
    }
    return t->code == HP_OK;
}

/* Keys with dots nest, and the library takes down what it built by recursion: a line of dots that is longer
 * than any hand writes is not given to it. */
enum { MAX_DOTS = 2000 };

static hp_code check_dots(hp_doc_build *b, hp_str bytes) {
    hp_str line;
    for (int number = 1; hp_str_next(&bytes, '\n', &line); number++) {
        size_t dots = 0, end = hp_str_chr(line, '=', 0);
        for (size_t i = 0; i < line.n && i < end; i++) dots += line.p[i] == '.';
        if (dots > MAX_DOTS) return HP_DOC_FAIL(b, number, 1, "nested deeper than %d levels", HP_DOC_DEPTH);
    }
    return HP_OK;
}

static hp_code build(builder *t, hp_str bytes, hp_node **out) {
    char why[256] = "";
    int line = 1, column = 1;
    HP_TRY(hp_doc_check_bytes(&t->b, bytes));
    HP_TRY(check_dots(&t->b, bytes));
    switch (hp_toml_walk(bytes.p, bytes.n, take, t, why, sizeof why, &line, &column)) {
    case HP_TOML_DONE: return hp_doc_finish(&t->b, out);
    case HP_TOML_STOPPED: return t->code;
    case HP_TOML_WRONG: return HP_DOC_FAIL(&t->b, line, column, "%s", why);
    default: return hp_fail_memory(t->b.err, "a configuration document");
    }
}

hp_code hp_toml_read(hp_arena *a, hp_str bytes, const char *name, hp_node **out, hp_err *err) {
    builder t = {.b = {.arena = a, .name = name, .err = err}};
    hp_code code = build(&t, bytes, out);
    hp_doc_build_free(&t.b);
    return code;
}
