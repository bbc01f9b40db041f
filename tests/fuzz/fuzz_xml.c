/* Fuzzes the XML scanner: any bytes are a document. expat is the judge: what it takes as UTF-8, without a
 * document type and within our limits, has the same elements and the same text here. */
#include <expat.h>
#include <stdlib.h>

#include "base/mem.h"
#include "read/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a parser saw: names of elements and text, in order. */
typedef struct seen {
    hp_buf text;
    unsigned depth, deepest;
    size_t most_attributes;
    bool doctype;
} seen;

static void XMLCALL on_start(void *ctx, const char *name, const char **attribute) {
    seen *s = ctx;
    size_t n = 0;
    hp_buf_putc(&s->text, '<');
    hp_buf_add(&s->text, hp_xml_local(hp_str_of(name)));
    hp_buf_putc(&s->text, ' ');
    while (attribute[n]) n += 2;
    if (n / 2 > s->most_attributes) s->most_attributes = n / 2;
    if (++s->depth > s->deepest) s->deepest = s->depth;
}

static void XMLCALL on_end(void *ctx, const char *name) {
    seen *s = ctx;
    (void)name;
    hp_buf_putc(&s->text, '>');
    s->depth--;
}

static void XMLCALL on_text(void *ctx, const char *p, int n) {
    seen *s = ctx;
    hp_buf_add(&s->text, (hp_str){p, (size_t)n});
}

static void XMLCALL on_doctype(void *ctx, const char *name, const char *system, const char *public, int own) {
    seen *s = ctx;
    (void)name, (void)system, (void)public, (void)own;
    s->doctype = true;
}

static bool by_expat(hp_str input, seen *out) {
    XML_Parser p = XML_ParserCreate("UTF-8");
    if (!p) abort();
    XML_SetUserData(p, out);
    XML_SetElementHandler(p, on_start, on_end);
    XML_SetCharacterDataHandler(p, on_text);
    XML_SetStartDoctypeDeclHandler(p, on_doctype);
    bool good = XML_Parse(p, input.p, (int)input.n, XML_TRUE) == XML_STATUS_OK;
    XML_ParserFree(p);
    return good && !out->doctype;
}

/* Appends a text as hp_xml_content would give it. */
static bool add_text(hp_xml *x, hp_buf *out) {
    if (!x->cdata) return hp_xml_decode(x, x->text, out);
    for (size_t i = 0; i < x->text.n; i++) {
        bool pair = x->text.p[i] == '\r' && i + 1 < x->text.n && x->text.p[i + 1] == '\n';
        if (!pair) hp_buf_putc(out, x->text.p[i] == '\r' ? '\n' : x->text.p[i]);
    }
    return true;
}

static bool by_us(hp_str input, hp_buf *out) {
    hp_xml x;
    hp_str name, value;
    hp_autobuf scratch = hp_buf_new(1u << 26);
    hp_xml_init(&x, input);
    for (;;) {
        switch (hp_xml_next(&x)) {
        case HP_XML_START:
            hp_buf_putc(out, '<');
            hp_buf_add(out, x.name);
            hp_buf_putc(out, ' ');
            while (hp_xml_attr(&x, &name, &value)) {
                hp_buf_clear(&scratch);
                if (!hp_xml_decode(&x, value, &scratch)) return false;
            }
            break;
        case HP_XML_END: hp_buf_putc(out, '>'); break;
        case HP_XML_TEXT:
            if (!add_text(&x, out)) return false;
            break;
        case HP_XML_BAD:
            if (!x.why) abort();
            return false;
        case HP_XML_EOF: return true;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hp_str input = {(const char *)data, size};
    seen judge = {.text = hp_buf_new(1u << 26)};
    hp_autobuf ours = hp_buf_new(1u << 26);
    bool good = by_us(input, &ours), honest = by_expat(input, &judge);
    if (honest && judge.deepest <= HP_LIMIT_XML_DEPTH && judge.most_attributes <= HP_LIMIT_XML_ATTRIBUTES) {
        if (!good || !hp_str_eq(hp_buf_str(&ours), hp_buf_str(&judge.text))) abort();
    }
    hp_buf_free(&judge.text);
    return 0;
}
