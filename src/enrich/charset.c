#include "enrich/charset.h"

#include <errno.h>
#include <iconv.h>

#include "base/utf8.h"

#include "base/banned.h"

/* How far into a page a meta element is looked for (the HTML standard asks for 1,024 bytes; pages are not
 * that orderly). */
enum { META_BYTES = 4096, NAME_BYTES = 40 };

/* Finds what follows "charset=" in a header or a page; empty when nothing does. */
static hp_str declared(hp_str text) {
    size_t at = hp_str_ifind(text, HP_S("charset"), 0);
    if (at == SIZE_MAX) return HP_S("");
    for (at += 7; at < text.n && (hp_is_space(text.p[at]) || text.p[at] == '='); at++) {}
    if (at < text.n && (text.p[at] == '"' || text.p[at] == '\'')) at++;
    size_t from = at;
    while (at < text.n
           && (hp_is_alnum(text.p[at]) || text.p[at] == '-' || text.p[at] == '_' || text.p[at] == ':'))
        at++;
    return hp_str_cut(text, from, at);
}

static hp_str by_mark(hp_str *bytes) {
    static const struct {
        hp_str mark;
        const char *name;
    } MARK[] = {{{"\xEF\xBB\xBF", 3}, "UTF-8"}, {{"\xFE\xFF", 2}, "UTF-16BE"}, {{"\xFF\xFE", 2}, "UTF-16LE"}};
    for (size_t i = 0; i < sizeof MARK / sizeof *MARK; i++) {
        if (!hp_str_starts(*bytes, MARK[i].mark)) continue;
        *bytes = hp_str_cut(*bytes, MARK[i].mark.n, bytes->n);
        return hp_str_of(MARK[i].name);
    }
    return HP_S("");
}

/* Sets whose bytes may all be ASCII and still mean something else. */
static bool looks_like_ascii(hp_str name) {
    return hp_str_starts(name, HP_S("ISO-2022")) || hp_str_starts(name, HP_S("iso-2022"))
           || hp_str_ieq(hp_str_cut(name, 0, 6), HP_S("utf-16"));
}

static iconv_t open_set(hp_str name) {
    char text[NAME_BYTES];
    if (name.n == 0 || name.n >= sizeof text) return (iconv_t)-1;
    memcpy(text, name.p, name.n);
    text[name.n] = 0;
    /* Latin-1 on the web is windows-1252 (WHATWG Encoding). */
    if (hp_str_ieq(name, HP_S("iso-8859-1")) || hp_str_ieq(name, HP_S("latin1")))
        return iconv_open("UTF-8", "CP1252");
    return iconv_open("UTF-8", text);
}

static void convert(iconv_t cd, hp_str bytes, hp_buf *out) {
    char *in = (char *)bytes.p, piece[4096];
    size_t left = bytes.n;
    while (left) {
        char *to = piece;
        size_t room = sizeof piece;
        size_t done = iconv(cd, &in, &left, &to, &room);
        int why = errno;
        hp_buf_add(out, (hp_str){piece, sizeof piece - room});
        if (done != (size_t)-1 || why == E2BIG) continue;
        hp_buf_putu(out, 0xFFFD);
        if (why != EILSEQ) return; /* the last character is cut off */
        in++;
        left--;
    }
}

/* Takes NULs out, in place: HTML forbids them, and C texts end at them. */
static void blank_nuls(hp_buf *out, size_t from) {
    for (size_t i = from; i < out->n; i++)
        if (out->p[i] == 0) out->p[i] = ' ';
}

void hp_charset_read(hp_str bytes, hp_str content_type, hp_buf *out) {
    size_t from = out->n, bad;
    hp_str name = by_mark(&bytes);
    if (name.n == 0) name = declared(content_type);
    if (name.n == 0) name = declared(hp_str_cut(bytes, 0, META_BYTES));
    bool utf8 = hp_utf8_valid(bytes, &bad) && !looks_like_ascii(name);
    bool says_utf8 = hp_str_ieq(name, HP_S("utf-8")) || hp_str_ieq(name, HP_S("utf8"));
    iconv_t cd = utf8 ? (iconv_t)-1 : says_utf8 ? open_set(HP_S("CP1252")) : open_set(name);
    if (!utf8 && cd == (iconv_t)-1) cd = open_set(HP_S("CP1252"));
    if (cd == (iconv_t)-1) {
        (void)hp_utf8_repair(bytes, out);
    } else {
        convert(cd, bytes, out);
        (void)iconv_close(cd);
    }
    blank_nuls(out, from);
}
