#include "read/xml.h"

static hp_xml_event bad(hp_xml *x, const char *why) {
    if (!x->why) x->why = why;
    return HP_XML_BAD;
}

static bool is_white(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

static bool starts(const hp_xml *x, hp_str what) {
    return (size_t)(x->end - x->p) >= what.n && memcmp(x->p, what.p, what.n) == 0;
}

void hp_xml_init(hp_xml *x, hp_str bytes) {
    *x = (hp_xml){.begin = bytes.p, .p = bytes.p, .end = bytes.p + bytes.n};
    if (starts(x, HP_S("\xEF\xBB\xBF"))) x->p += 3;
}

hp_str hp_xml_local(hp_str qname) {
    const char *colon = qname.n ? memrchr(qname.p, ':', qname.n) : NULL;
    return colon ? hp_str_cut(qname, (size_t)(colon - qname.p) + 1, qname.n) : qname;
}

bool hp_xml_parent_is(const hp_xml *x, hp_str name) {
    return x->depth >= 2 && hp_str_eq(hp_xml_local(x->open[x->depth - 2]), name);
}

static void skip_white(hp_xml *x) {
    while (x->p < x->end && is_white(*x->p)) x->p++;
}

/* Takes the qualified name at p; empty when there is none. */
static hp_str take_name(hp_xml *x) {
    const char *from = x->p;
    while (x->p < x->end && !is_white(*x->p) && *x->p != '>' && *x->p != '/' && *x->p != '=' && *x->p != '<')
        x->p++;
    return (hp_str){from, (size_t)(x->p - from)};
}

/* Skips up to and with `what`; `from` bytes at p belong to the opening and cannot be part of it. */
static bool skip_past(hp_xml *x, size_t from, hp_str what) {
    hp_str rest = {x->p, (size_t)(x->end - x->p)};
    size_t at = hp_str_find(rest, what, from);
    if (at == SIZE_MAX) return false;
    x->p += at + what.n;
    return true;
}

static hp_xml_event start(hp_xml *x) {
    x->p++;
    hp_str qname = take_name(x);
    if (qname.n == 0) return bad(x, "a < that begins no element");
    if (x->depth == 0 && x->root) return bad(x, "a second root element");
    if (x->depth == HP_LIMIT_XML_DEPTH) return bad(x, "elements nest deeper than the limit (64)");
    x->open[x->depth++] = qname;
    x->root = x->in_tag = true;
    x->attributes = 0;
    x->name = hp_xml_local(qname);
    return HP_XML_START;
}

/* Ends the innermost element. */
static hp_xml_event end(hp_xml *x) {
    x->name = hp_xml_local(x->open[--x->depth]);
    return HP_XML_END;
}

static hp_xml_event end_tag(hp_xml *x) {
    x->p += 2;
    hp_str qname = take_name(x);
    skip_white(x);
    if (x->p == x->end || *x->p != '>') return bad(x, "an end tag without >");
    if (x->depth == 0 || !hp_str_eq(qname, x->open[x->depth - 1]))
        return bad(x, "an end tag that matches no open element");
    x->p++;
    return end(x);
}

static hp_xml_event cdata(hp_xml *x) {
    static const size_t opening = sizeof("<![CDATA[") - 1;
    const char *from = x->p + opening;
    if (!skip_past(x, opening, HP_S("]]>"))) return bad(x, "a CDATA section without end");
    if (x->depth == 0) return bad(x, "text outside of the root element");
    x->text = (hp_str){from, (size_t)(x->p - 3 - from)};
    x->cdata = true;
    return HP_XML_TEXT;
}

static bool skip_misc(hp_xml *x) {
    if (x->p[1] == '?') return skip_past(x, 2, HP_S("?>"));
    if (starts(x, HP_S("<!--"))) return skip_past(x, 4, HP_S("-->"));
    return false;
}

/* Takes the text at p; HP_XML_EOF when it is white space outside of the root, to be passed over. */
static hp_xml_event text(hp_xml *x) {
    const char *from = x->p, *to = memchr(from, '<', (size_t)(x->end - from));
    x->p = to ? to : x->end;
    x->text = (hp_str){from, (size_t)(x->p - from)};
    x->cdata = false;
    if (x->depth > 0) return HP_XML_TEXT;
    for (size_t i = 0; i < x->text.n; i++) {
        if (!is_white(x->text.p[i])) return bad(x, x->root ? "text behind the root element" : "not XML");
    }
    return HP_XML_EOF;
}

static hp_xml_event at_end(hp_xml *x) {
    if (x->depth > 0) return bad(x, "the part ends in the middle of an element");
    return x->root ? HP_XML_EOF : bad(x, "no element in it");
}

hp_xml_event hp_xml_next(hp_xml *x) {
    hp_str name, value;
    while (x->in_tag && hp_xml_attr(x, &name, &value)) {}
    if (x->why) return HP_XML_BAD;
    if (x->empty) {
        x->empty = false;
        return end(x);
    }
    for (;;) {
        if (x->p == x->end) return at_end(x);
        if (*x->p != '<') {
            hp_xml_event e = text(x);
            if (e != HP_XML_EOF) return e;
            continue;
        }
        if (x->end - x->p < 2) return bad(x, "the part ends in the middle of a tag");
        if (x->p[1] == '/') return end_tag(x);
        if (x->p[1] != '?' && x->p[1] != '!') return start(x);
        if (starts(x, HP_S("<![CDATA["))) return cdata(x);
        if (starts(x, HP_S("<!DOCTYPE")))
            return bad(x, "a document type declaration, which a workbook may not have");
        if (!skip_misc(x)) return bad(x, "a comment or instruction without end");
    }
}

static bool bad_attr(hp_xml *x, const char *why) {
    x->in_tag = false;
    bad(x, why);
    return false;
}

bool hp_xml_attr(hp_xml *x, hp_str *name, hp_str *value) {
    if (!x->in_tag) return false;
    skip_white(x);
    if (x->p < x->end && *x->p == '>') {
        x->p++;
        return x->in_tag = false;
    }
    if (x->end - x->p >= 2 && x->p[0] == '/' && x->p[1] == '>') {
        x->p += 2;
        x->empty = true;
        return x->in_tag = false;
    }
    if (++x->attributes > HP_LIMIT_XML_ATTRIBUTES)
        return bad_attr(x, "an element with more attributes than allowed (limit xml-attributes)");
    *name = take_name(x);
    if (name->n == 0) return bad_attr(x, "a tag without >");
    skip_white(x);
    if (x->p == x->end || *x->p != '=') return bad_attr(x, "an attribute without value");
    x->p++;
    skip_white(x);
    if (x->p == x->end || (*x->p != '"' && *x->p != '\'')) return bad_attr(x, "an attribute without quotes");
    const char *from = x->p + 1, *to = memchr(from, *x->p, (size_t)(x->end - from));
    if (!to) return bad_attr(x, "an attribute without end");
    *value = (hp_str){from, (size_t)(to - from)};
    x->p = to + 1;
    return true;
}

bool hp_xml_skip(hp_xml *x) {
    for (unsigned depth = x->depth;;) {
        hp_xml_event e = hp_xml_next(x);
        if (e == HP_XML_BAD || e == HP_XML_EOF) return false;
        if (e == HP_XML_END && x->depth < depth) return true;
    }
}

/* Reads the digits of a character reference; U+FFFD for what is no character of XML 1.0 (2.2). */
static bool char_ref(hp_xml *x, hp_str digits, uint32_t *cp) {
    bool hex = digits.n && (digits.p[0] == 'x' || digits.p[0] == 'X');
    if (hex) digits = hp_str_cut(digits, 1, digits.n);
    if (digits.n == 0) return false;
    uint32_t value = 0;
    for (size_t i = 0; i < digits.n; i++) {
        char c = hp_lower(digits.p[i]);
        uint32_t digit = hp_is_digit(c)                ? (uint32_t)(c - '0')
                         : hex && c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a') + 10
                                                       : 99;
        if (digit == 99) return false;
        if (value <= 0x10FFFF) value = value * (hex ? 16 : 10) + digit;
    }
    bool exists = value > 0 && value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
    if (!exists) x->repaired = true;
    *cp = exists ? value : 0xFFFD;
    return true;
}

/* Appends what the reference `name` (without & and ;) stands for. */
static bool reference(hp_xml *x, hp_str name, hp_buf *out) {
    static const struct {
        hp_str name;
        char c;
    } known[] = {
        {HP_S("amp"), '&'}, {HP_S("lt"), '<'}, {HP_S("gt"), '>'}, {HP_S("quot"), '"'}, {HP_S("apos"), '\''}};
    if (name.n && name.p[0] == '#') {
        uint32_t cp;
        if (!char_ref(x, hp_str_cut(name, 1, name.n), &cp)) return false;
        hp_buf_putu(out, cp);
        return true;
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (!hp_str_eq(name, known[i].name)) continue;
        hp_buf_putc(out, known[i].c);
        return true;
    }
    return false;
}

/* Returns the offset of the first byte that has to be decoded, or raw.n. */
static size_t first_special(hp_str raw) {
    if (raw.n == 0) return 0;
    const char *amp = memchr(raw.p, '&', raw.n);
    size_t n = amp ? (size_t)(amp - raw.p) : raw.n;
    const char *cr = n ? memchr(raw.p, '\r', n) : NULL;
    return cr ? (size_t)(cr - raw.p) : n;
}

bool hp_xml_decode(hp_xml *x, hp_str raw, hp_buf *out) {
    for (;;) {
        size_t n = first_special(raw);
        hp_buf_add(out, (hp_str){raw.p, n});
        if (n == raw.n) return true;
        if (raw.p[n] == '\r') {
            hp_buf_putc(out, '\n');
            if (n + 1 < raw.n && raw.p[n + 1] == '\n') n++;
        } else {
            size_t semicolon = hp_str_chr(hp_str_cut(raw, 0, n + 32), ';', n);
            if (semicolon == SIZE_MAX || !reference(x, hp_str_cut(raw, n + 1, semicolon), out)) {
                bad(x, "an entity that XML does not know");
                return false;
            }
            n = semicolon;
        }
        raw = hp_str_cut(raw, n + 1, raw.n);
    }
}

/* Appends CDATA: only line ends are normalised. */
static void add_cdata(hp_str raw, hp_buf *out) {
    for (size_t cr; (cr = hp_str_chr(raw, '\r', 0)) != SIZE_MAX;) {
        hp_buf_add(out, hp_str_cut(raw, 0, cr));
        hp_buf_putc(out, '\n');
        if (cr + 1 < raw.n && raw.p[cr + 1] == '\n') cr++;
        raw = hp_str_cut(raw, cr + 1, raw.n);
    }
    hp_buf_add(out, raw);
}

/* The slow way of hp_xml_content: several pieces, or something to decode. `first` is the text that was read
 * already. */
static bool content_in_pieces(hp_xml *x, unsigned depth, hp_buf *scratch, hp_str *out) {
    hp_buf_clear(scratch);
    for (hp_xml_event e = HP_XML_TEXT;; e = hp_xml_next(x)) {
        switch (e) {
        case HP_XML_TEXT:
            if (x->cdata) {
                add_cdata(x->text, scratch);
            } else if (!hp_xml_decode(x, x->text, scratch)) {
                return false;
            }
            break;
        case HP_XML_START:
            if (!hp_xml_skip(x)) return false;
            break;
        case HP_XML_END:
            if (x->depth < depth) {
                *out = hp_buf_str(scratch);
                return !scratch->bad;
            }
            break;
        case HP_XML_EOF:
        case HP_XML_BAD: return false;
        }
    }
}

bool hp_xml_content(hp_xml *x, hp_buf *scratch, hp_str *out) {
    unsigned depth = x->depth;
    hp_xml_event e = hp_xml_next(x);
    while (e == HP_XML_START) {
        if (!hp_xml_skip(x)) return false;
        e = hp_xml_next(x);
    }
    *out = HP_S("");
    if (e == HP_XML_END) return true;
    if (e != HP_XML_TEXT) return false;
    /* Nearly always one piece with nothing to decode, and its end tag next: no copy. */
    bool plain = !x->cdata && first_special(x->text) == x->text.n;
    if (plain && x->end - x->p >= 2 && x->p[0] == '<' && x->p[1] == '/') {
        *out = x->text;
        return hp_xml_next(x) == HP_XML_END;
    }
    return content_in_pieces(x, depth, scratch, out);
}
