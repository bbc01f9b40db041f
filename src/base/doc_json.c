#include "base/buf.h"
#include "base/doc_build.h"

#include <jansson.h>

#include "base/banned.h"

/* jansson says whether the bytes are JSON, and where not; it keeps no places. So the nodes are made in a
 * second, lax pass over bytes that are known to be good. */

typedef struct scanner {
    hp_str s;
    size_t i;
    int line, column;
} scanner;

static void step(scanner *k) {
    unsigned char c = (unsigned char)k->s.p[k->i++];
    if (c == '\n') {
        k->line++;
        k->column = 1;
    } else if ((c & 0xC0) != 0x80) {
        k->column++; /* columns count code points, so not the bytes that continue one */
    }
}

static uint32_t hex4(const char *p) {
    uint32_t v = 0;
    for (int i = 0; i < 4; i++) {
        char c = hp_lower(p[i]);
        v = v << 4 | (uint32_t)(hp_is_digit(c) ? c - '0' : c - 'a' + 10);
    }
    return v;
}

/* Decodes the escape at raw.p[*i] (a backslash) and moves *i behind it. */
static void unescape(hp_str raw, size_t *i, hp_buf *out) {
    static const char letter[] = "bfnrt", plain[] = "\b\f\n\r\t";
    char c = raw.p[*i + 1];
    const char *at = strchr(letter, c);
    *i += 2;
    if (c != 'u') {
        hp_buf_putc(out, at ? plain[at - letter] : c);
        return;
    }
    uint32_t cp = hex4(raw.p + *i);
    *i += 4;
    if (cp >= 0xD800 && cp < 0xDC00) { /* a pair, or jansson had refused it */
        cp = 0x10000 + ((cp - 0xD800) << 10) + (hex4(raw.p + *i + 2) - 0xDC00);
        *i += 6;
    }
    hp_buf_putu(out, cp);
}

static hp_code take_string(hp_doc_build *b, scanner *k, hp_node n) {
    step(k);
    size_t from = k->i;
    while (k->s.p[k->i] != '"') {
        if (k->s.p[k->i] == '\\') step(k);
        step(k);
    }
    hp_str raw = hp_str_cut(k->s, from, k->i);
    step(k);
    hp_autobuf text = hp_buf_new(raw.n);
    for (size_t i = 0; i < raw.n;) {
        if (raw.p[i] == '\\') {
            unescape(raw, &i, &text);
        } else {
            hp_buf_putc(&text, raw.p[i++]);
        }
    }
    if (text.bad) return hp_fail_memory(b->err, "a configuration document");
    n.kind = HP_NODE_SCALAR;
    n.quoted = true;
    n.text = hp_buf_str(&text);
    return hp_doc_scalar(b, n, HP_S(""));
}

static bool is_word(char c) { return hp_is_alnum(c) || c == '-' || c == '+' || c == '.'; }

static hp_code take_word(hp_doc_build *b, scanner *k, hp_node n) {
    size_t from = k->i;
    while (k->i < k->s.n && is_word(k->s.p[k->i])) step(k);
    n.text = hp_str_cut(k->s, from, k->i);
    n.kind = hp_str_eq(n.text, HP_S("null")) ? HP_NODE_NULL : HP_NODE_SCALAR;
    return hp_doc_scalar(b, n, HP_S(""));
}

static hp_code take_token(hp_doc_build *b, scanner *k) {
    hp_node n = {.line = k->line, .column = k->column};
    char c = k->s.p[k->i];
    if (c == '"') return take_string(b, k, n);
    if (is_word(c)) return take_word(b, k, n);
    step(k);
    if (c == '}' || c == ']') return hp_doc_close(b);
    if (c != '{' && c != '[') return HP_OK; /* white space, comma, colon */
    n.kind = c == '{' ? HP_NODE_MAP : HP_NODE_LIST;
    return hp_doc_open(b, n, HP_S(""));
}

static hp_code check_syntax(hp_doc_build *b, hp_str bytes) {
    json_error_t e;
    /* Integers beyond 64 bits are no error here: scalars keep their text. */
    json_t *tree = json_loadb(bytes.n ? bytes.p : "", bytes.n, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, &e);
    if (!tree) return HP_DOC_FAIL(b, e.line > 0 ? e.line : 1, e.column > 0 ? e.column : 1, "%s", e.text);
    json_decref(tree);
    return HP_OK;
}

hp_code hp_json_read(hp_arena *a, hp_str bytes, const char *name, hp_node **out, hp_err *err) {
    __attribute__((cleanup(hp_doc_build_free))) hp_doc_build b = {.arena = a, .name = name, .err = err};
    if (hp_str_starts(bytes, HP_S("\xEF\xBB\xBF"))) bytes = hp_str_cut(bytes, 3, bytes.n);
    HP_TRY(hp_doc_check_bytes(&b, bytes));
    HP_TRY(check_syntax(&b, bytes));
    scanner k = {bytes, 0, 1, 1};
    while (k.i < bytes.n) HP_TRY(take_token(&b, &k));
    return hp_doc_finish(&b, out);
}
