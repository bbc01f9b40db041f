/* One walk over the tree that libxml2 makes, without recursion: depth is the page's choice. */
#include "enrich/page.h"

#include <libxml/HTMLparser.h>
#include <pthread.h>

#include "base/module.h"
#include "base/utf8.h"
#include "enrich/charset.h"

#include "base/banned.h"

/* Text of an item; longer ones are prose. */
enum { VALUE_BYTES = 400, LINK_BYTES = 2048, TEXT_NODES = 2000, ATTRIBUTES = 256 };

const char *hp_fact_place_word(hp_fact_place place) {
    static const char *const WORD[] = {"JSON-LD", "microdata", "link", "address element", "text"};
    return WORD[place <= HP_FACT_TEXT ? place : HP_FACT_TEXT];
}

void hp_page_free(hp_page *p) {
    hp_vec_free(&p->fact);
    hp_vec_free(&p->link);
}

/* ---- facts ---- */

static void put_tidy(hp_str s, hp_buf *out) {
    s = hp_str_trim(s);
    bool gap = false;
    for (size_t i = 0; i < s.n;) {
        size_t at = i;
        uint32_t cp = hp_utf8_next(s, &i);
        if (cp <= ' ' || cp == 0x7f || cp == 0xa0 || cp == 0x200b || cp == 0xfeff) {
            gap = true;
            continue;
        }
        if (gap && out->n) hp_buf_putc(out, ' ');
        gap = false;
        hp_buf_add(out, hp_str_cut(s, at, i));
    }
}

hp_code hp_page_add(hp_page *p, hp_field field, hp_str value, hp_fact_place place, hp_err *err) {
    hp_autobuf tidy = hp_buf_new(64u << 10);
    if (value.n > 16u << 10) return HP_OK;
    put_tidy(value, &tidy);
    HP_TRY(hp_buf_check(&tidy, "a web page", err));
    hp_str text = hp_buf_str(&tidy);
    if (field == HP_F_CONTACT_EMAIL && hp_str_ieq(hp_str_cut(text, 0, 7), HP_S("mailto:")))
        text = hp_str_cut(text, 7, text.n);
    if (text.n == 0 || text.n > VALUE_BYTES || p->fact.n >= HP_PAGE_FACTS) return HP_OK;
    for (size_t i = 0; i < p->fact.n; i++) {
        hp_fact *f = &p->fact.p[i];
        if (f->field != field || !hp_str_ieq(f->value, text)) continue;
        if (place < f->place) f->place = place;
        return HP_OK;
    }
    hp_fact made = {.field = field, .value = hp_arena_dup(p->arena, text), .place = place};
    if (!made.value.p || !hp_vec_push(&p->fact, made)) return hp_fail_memory(err, "a web page");
    return HP_OK;
}

/* ---- the tree ---- */

static hp_str view(const xmlChar *s) { return hp_str_of((const char *)s); }

/* Returns an attribute's value; a view into the tree, empty when it is not there or of several parts. */
static hp_str attribute(const xmlNode *n, const char *name) {
    for (const xmlAttr *a = n->properties; a; a = a->next)
        if (hp_str_eq(view(a->name), hp_str_of(name)))
            return a->children ? view(a->children->content) : HP_S("");
    return HP_S("");
}

static bool has_attribute(const xmlNode *n, const char *name) {
    for (const xmlAttr *a = n->properties; a; a = a->next)
        if (hp_str_eq(view(a->name), hp_str_of(name))) return true;
    return false;
}

static bool is(const xmlNode *n, const char *name) {
    return n->type == XML_ELEMENT_NODE && hp_str_eq(view(n->name), hp_str_of(name));
}

static bool is_one_of(const xmlNode *n, const char *words) {
    hp_str rest = hp_str_of(words), word;
    while (hp_str_next(&rest, ' ', &word))
        if (hp_str_eq(view(n->name), word)) return true;
    return false;
}

static const char BLOCKS[] =
    "address article aside blockquote br dd div dl dt footer form h1 h2 h3 h4 h5 h6 header hr li "
    "main nav ol p pre section table td th tr ul";

/* Steps to the next node below `top` (NULL = everything), in the order of the page; into the children unless
 * `over`. Where a block begins or ends `lines` (may be NULL) gets a line break. */
static const xmlNode *step(const xmlNode *n, const xmlNode *top, bool over, hp_buf *lines) {
    bool element = n->type == XML_ELEMENT_NODE;
    if (!over && element && n->children) return n->children;
    while (n && n != top) {
        if (lines && n->type == XML_ELEMENT_NODE && is_one_of(n, BLOCKS)) hp_buf_putc(lines, '\n');
        if (n->next) return n->next;
        n = n->parent;
    }
    return NULL;
}

static bool is_silent(const xmlNode *n) {
    return n->type == XML_ELEMENT_NODE
           && is_one_of(n, "script style noscript template head iframe object svg select");
}

/* Appends the text that people see below a node, lines where blocks end. It looks at so many nodes only,
 * since every element around a large empty one may ask for its text. */
static void put_text(const xmlNode *top, size_t most, hp_buf *out) {
    int nodes = 0;
    for (const xmlNode *n = top->children; n && out->n < most && nodes++ < TEXT_NODES;
         n = step(n, top, is_silent(n), out)) {
        if (n->type == XML_ELEMENT_NODE && is_one_of(n, BLOCKS)) hp_buf_putc(out, '\n');
        if (n->type == XML_TEXT_NODE) hp_buf_add(out, view(n->content));
    }
}

/* ---- links ---- */

static hp_code add_uri(hp_page *p, hp_field field, hp_str rest, hp_err *err) {
    hp_autobuf text = hp_buf_new(LINK_BYTES);
    rest = hp_str_cut(rest, 0, hp_str_chr(rest, '?', 0));
    rest = hp_str_cut(rest, 0, hp_str_chr(rest, ';', 0));
    for (size_t i = 0; i < rest.n && i < 1024; i++) {
        static const char HEX[] = "0123456789abcdef";
        const char *high = i + 2 < rest.n && rest.p[i] == '%' ? strchr(HEX, hp_lower(rest.p[i + 1])) : NULL;
        const char *low = high && *high ? strchr(HEX, hp_lower(rest.p[i + 2])) : NULL;
        char c = low && *low ? (char)((high - HEX) * 16 + (low - HEX)) : rest.p[i];
        if (low && *low) i += 2;
        hp_buf_putc(&text, c == 0 ? ' ' : c);
    }
    size_t bad;
    HP_TRY(hp_buf_check(&text, "a web page", err));
    if (!hp_utf8_valid(hp_buf_str(&text), &bad)) return HP_OK;
    return hp_page_add(p, field, hp_buf_str(&text), HP_FACT_LINK, err);
}

static int rank_of(hp_str text) {
    static const struct {
        const char *word;
        int rank;
    } WORD[] = {{"contact", 5}, {"kontak", 5},  {"impressum", 4}, {"imprint", 4},
                {"find-us", 3}, {"find us", 3}, {"reach-us", 3},  {"location", 2},
                {"about", 2},   {"oor-ons", 2}, {"legal", 1},     {"popia", 1}};
    int best = 0;
    for (size_t i = 0; i < sizeof WORD / sizeof *WORD; i++)
        if (WORD[i].rank > best && hp_str_ifind(text, hp_str_of(WORD[i].word), 0) != SIZE_MAX)
            best = WORD[i].rank;
    return best;
}

static hp_code add_link(hp_page *p, const xmlNode *n, hp_str href, hp_err *err) {
    hp_autobuf text = hp_buf_new(8192);
    put_text(n, 4096 - 1, &text); /* a text node may overrun the cap; then the link is judged by what fits */
    int by_href = rank_of(hp_str_cut(href, 0, LINK_BYTES)), by_text = rank_of(hp_buf_str(&text));
    int rank = by_href > by_text ? by_href : by_text;
    if (rank == 0 || href.n == 0 || href.n > LINK_BYTES || p->link.n >= HP_PAGE_FACTS) return HP_OK;
    hp_page_link link = {.href = hp_arena_dup(p->arena, href), .rank = rank};
    if (!link.href.p || !hp_vec_push(&p->link, link)) return hp_fail_memory(err, "a web page");
    return HP_OK;
}

static hp_code take_link(hp_page *p, const xmlNode *n, hp_err *err) {
    hp_str href = hp_str_trim(attribute(n, "href"));
    if (hp_str_ieq(hp_str_cut(href, 0, 7), HP_S("mailto:")))
        return add_uri(p, HP_F_CONTACT_EMAIL, hp_str_cut(href, 7, href.n), err);
    if (hp_str_ieq(hp_str_cut(href, 0, 4), HP_S("tel:")))
        return add_uri(p, HP_F_CONTACT_PHONE, hp_str_cut(href, 4, href.n), err);
    if (hp_str_ieq(hp_str_cut(href, 0, 4), HP_S("fax:")))
        return add_uri(p, HP_F_FAX, hp_str_cut(href, 4, href.n), err);
    return add_link(p, n, href, err);
}

/* ---- microdata (HTML standard, 5) ---- */

static const xmlNode *scope_of(const xmlNode *n) {
    for (n = n->parent; n; n = n->parent)
        if (n->type == XML_ELEMENT_NODE && has_attribute(n, "itemscope")) return n;
    return NULL;
}

/* Tells whether a property of this item says something of an organisation: its own, or its address's. */
static bool of_organization(const xmlNode *scope) {
    for (int depth = 0; scope && depth < 4; depth++) {
        hp_str type = attribute(scope, "itemtype");
        if (hp_schema_is_organization(type)) return true;
        bool part = hp_str_ends(type, HP_S("/PostalAddress")) || hp_str_ends(type, HP_S("/ContactPoint"))
                    || hp_str_ends(type, HP_S("/Country"));
        if (!part) return false;
        const xmlNode *outer = scope_of(scope);
        if (!outer) return true; /* an address that belongs to no item belongs to the page's owner */
        scope = outer;
    }
    return false;
}

static hp_code take_property(hp_page *p, const xmlNode *n, hp_err *err) {
    const xmlNode *scope = scope_of(n);
    hp_field field = hp_schema_field(hp_str_trim(attribute(n, "itemprop")));
    if (field == HP_F_NONE || has_attribute(n, "itemscope") || !of_organization(scope)) return HP_OK;
    if (field == HP_F_ORGANIZATION_NAME && !hp_schema_is_organization(attribute(scope, "itemtype")))
        return HP_OK;
    hp_str value = attribute(n, "content");
    hp_autobuf text = hp_buf_new(64u << 10);
    if (value.n == 0) {
        put_text(n, 4 * VALUE_BYTES, &text);
        if (text.bad && !text.over) return hp_fail_memory(err, "a web page");
        value = hp_buf_str(&text);
    }
    return hp_page_add(p, field, value, HP_FACT_MICRODATA, err);
}

/* ---- address elements ---- */

static bool is_address_line(hp_str line) {
    static const char *const OTHER[] = {"tel",    "phone", "fax",  "cell", "mobile",
                                        "e-mail", "email", "http", "www."};
    for (size_t i = 0; i < sizeof OTHER / sizeof *OTHER; i++)
        if (hp_str_ifind(line, hp_str_of(OTHER[i]), 0) != SIZE_MAX) return false;
    return line.n && hp_str_chr(line, '@', 0) == SIZE_MAX && hp_str_chr(line, '+', 0) == SIZE_MAX;
}

/* Authors also put names and mail links there: without a number it is no street address. */
static hp_code take_address(hp_page *p, const xmlNode *n, hp_err *err) {
    hp_autobuf text = hp_buf_new(64u << 10), out = hp_buf_new(8192);
    hp_str rest, line;
    bool digit = false;
    put_text(n, 4 * VALUE_BYTES, &text);
    rest = hp_buf_str(&text);
    while (hp_str_next(&rest, '\n', &line)) {
        line = hp_str_trim(line);
        if (!is_address_line(line)) continue;
        if (out.n && out.p[out.n - 1] != ',') hp_buf_putc(&out, ',');
        if (out.n) hp_buf_putc(&out, ' ');
        hp_buf_add(&out, line);
    }
    if ((text.bad && !text.over) || (out.bad && !out.over)) return hp_fail_memory(err, "a web page");
    for (size_t i = 0; i < out.n; i++) digit |= hp_is_digit(out.p[i]);
    return digit ? hp_page_add(p, HP_F_ADDRESS, hp_buf_str(&out), HP_FACT_ADDRESS, err) : HP_OK;
}

/* ---- the walk ---- */

static hp_code take_script(hp_page *p, const xmlNode *n, hp_err *err) {
    hp_str type = hp_str_trim(attribute(n, "type"));
    if (!hp_str_ieq(hp_str_cut(type, 0, 19), HP_S("application/ld+json")) || !n->children) return HP_OK;
    return hp_jsonld_read(p, view(n->children->content), err);
}

static hp_code take_element(hp_page *p, const xmlNode *n, hp_err *err) {
    if (has_attribute(n, "itemprop")) HP_TRY(take_property(p, n, err));
    if (is(n, "a") || is(n, "area")) return take_link(p, n, err);
    if (is(n, "script")) return take_script(p, n, err);
    if (is(n, "address")) return take_address(p, n, err);
    if (!is(n, "title") || p->title.n || !n->children) return HP_OK;
    p->title = hp_arena_dup(p->arena, hp_str_cut(hp_str_trim(view(n->children->content)), 0, VALUE_BYTES));
    return p->title.p ? HP_OK : hp_fail_memory(err, "a web page");
}

static hp_code walk(hp_page *p, const xmlNode *root, size_t bytes, hp_err *err) {
    hp_autobuf text = hp_buf_new(2 * bytes + 4096);
    for (const xmlNode *n = root; n; n = step(n, NULL, false, NULL))
        if (n->type == XML_ELEMENT_NODE) HP_TRY(take_element(p, n, err));
    for (const xmlNode *n = root; n; n = step(n, NULL, is_silent(n), &text)) {
        if (n->type == XML_ELEMENT_NODE && is_one_of(n, BLOCKS)) hp_buf_putc(&text, '\n');
        if (n->type == XML_TEXT_NODE) hp_buf_add(&text, view(n->content));
    }
    HP_TRY(hp_buf_check(&text, "a web page", err));
    return hp_page_scan(p, hp_buf_str(&text), err);
}

/* ---- before the parser ---- */

/* Returns the offset of the end of a tag whose name begins at `from`; *rest is where its attributes over the
 * limit begin, SIZE_MAX = none. */
static size_t tag_end(hp_str s, size_t from, size_t *rest) {
    size_t i = from, count = 0;
    *rest = SIZE_MAX;
    while (i < s.n && s.p[i] != '>') {
        char c = s.p[i];
        if (c == '"' || c == '\'') {
            size_t close = hp_str_chr(s, c, i + 1);
            i = close == SIZE_MAX ? s.n : close + 1;
            continue;
        }
        bool begins =
            !hp_is_space(c) && c != '=' && c != '/'
            && (hp_is_space(s.p[i - 1]) || s.p[i - 1] == '/' || s.p[i - 1] == '"' || s.p[i - 1] == '\'');
        if (begins && ++count > ATTRIBUTES && *rest == SIZE_MAX) *rest = i;
        i++;
    }
    return i;
}

/* Blanks what a tag has over ATTRIBUTES: libxml2 compares each with all before it, so that a megabyte of them
 * would take minutes. */
static void thin_out(hp_buf *page) {
    hp_str s = hp_buf_str(page);
    for (size_t at = hp_str_chr(s, '<', 0); at != SIZE_MAX; at = hp_str_chr(s, '<', at)) {
        size_t rest, end;
        if (hp_str_starts(hp_str_cut(s, at, at + 4), HP_S("<!--"))) {
            end = hp_str_find(s, HP_S("-->"), at + 4);
            if (end == SIZE_MAX) return;
            at = end;
            continue;
        }
        at++;
        if (at >= s.n || !hp_is_alpha(s.p[at])) continue;
        end = tag_end(s, at, &rest);
        if (rest < end) memset(page->p + rest, ' ', end - rest);
        at = end;
    }
}

/* ---- libxml2, on first use ---- */

static struct {
    __typeof__(&xmlInitParser) begin;
    __typeof__(&htmlReadMemory) read;
    __typeof__(&xmlDocGetRootElement) root;
    __typeof__(&xmlFreeDoc) drop;
} xml;

static const hp_module_function XML[] = {{"xmlInitParser", &xml.begin},
                                         {"htmlReadMemory", &xml.read},
                                         {"xmlDocGetRootElement", &xml.root},
                                         {"xmlFreeDoc", &xml.drop}};

static void begin_xml(void) { xml.begin(); }

static hp_code load_xml(hp_err *err) {
    static hp_module libxml2 = {
        .file = "libxml2.so.2",
        .install = "install the package libxml2",
        .function = XML,
        .functions = sizeof XML / sizeof *XML,
    };
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    HP_TRY(hp_module_load(&libxml2, err));
    (void)pthread_once(&once, begin_xml);
    return HP_OK;
}

hp_code hp_page_read(hp_arena *a, hp_str bytes, hp_str content_type, hp_page *out, hp_err *err) {
    enum {
        OPTIONS = HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET
                  | HTML_PARSE_COMPACT | HTML_PARSE_IGNORE_ENC
    };
    hp_autobuf utf8 = hp_buf_new(4 * bytes.n + 64);
    *out = (hp_page){.arena = a};
    hp_charset_read(bytes, content_type, &utf8);
    HP_TRY(hp_buf_check(&utf8, "a web page", err));
    if (utf8.n == 0 || utf8.n > INT32_MAX) return HP_OK;
    thin_out(&utf8);
    HP_TRY(load_xml(err));
    htmlDocPtr doc = xml.read(utf8.p, (int)utf8.n, NULL, "UTF-8", OPTIONS);
    if (!doc) return HP_OK;
    const xmlNode *root = xml.root(doc);
    hp_code code = root ? walk(out, root, utf8.n, err) : HP_OK;
    xml.drop(doc);
    return code;
}
