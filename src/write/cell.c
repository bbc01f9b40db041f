/* What a workbook's cell can hold, and what it can link to. */
#include "write/parts.h"

#include "base/limits.h"
#include "base/utf8.h"

#include "base/banned.h"

/* Excel's limit for a link, counted after percent-encoding. */
#define LINK_MAX 2079

static bool is_escape(hp_str s, size_t i) {
    if (i + 7 > s.n || s.p[i] != '_' || s.p[i + 1] != 'x' || s.p[i + 6] != '_') return false;
    for (size_t k = i + 2; k < i + 6; k++) {
        char c = hp_lower(s.p[k]);
        if (!hp_is_digit(c) && !(c >= 'a' && c <= 'f')) return false;
    }
    return true;
}

/* Most texts need nothing: they are short and valid, without NUL, escapes, or U+FFFE and U+FFFF (which begin
 * with EF BF). */
static bool is_plain(hp_str s) {
    return s.n <= HP_LIMIT_CELL_TEXT && !memchr(s.p, 0, s.n) && hp_str_find(s, HP_S("_x"), 0) == SIZE_MAX
           && !memmem(s.p, s.n, "\xEF\xBF", 2) && hp_utf8_valid(s, NULL);
}

/* Returns how many units the code point takes of the cell: two UTF-16 units beyond U+FFFF; an escaped
 * underscore counts as written, because libxlsxwriter counts it so. */
static size_t units_of(uint32_t cp, bool escape) { return escape ? 7 : cp > 0xFFFF ? 2 : 1; }

const char *hp_cell_text(hp_buf *cell, hp_str s) {
    hp_buf_clear(cell);
    if (s.n == 0 || is_plain(s)) {
        hp_buf_add(cell, s);
        return cell->bad ? NULL : hp_buf_cstr(cell);
    }
    size_t units = 0;
    for (size_t i = 0; i < s.n;) {
        bool escape = is_escape(s, i);
        uint32_t cp = hp_utf8_next(s, &i);
        units += units_of(cp, escape);
        if (units > HP_LIMIT_CELL_TEXT) break;
        if (escape)
            hp_buf_puts(cell, "_x005F_");
        else
            hp_buf_putu(cell, cp == 0 || cp == 0xFFFE || cp == 0xFFFF ? 0xFFFD : cp);
    }
    const char *text = hp_buf_cstr(cell);
    return cell->bad ? NULL : text;
}

/* Tells whether a link may hold the byte as it is; *length grows by what libxlsxwriter makes of it ("%20" of
 * a quote or a bracket). */
static bool fits_link(char c, size_t *length) {
    if ((unsigned char)c <= ' ' || c == 0x7F) return false;
    *length += strchr("\"<>[]`^{}%", c) ? 3 : 1;
    return true;
}

static bool is_web(hp_str s) {
    if (s.n < 12
        || !(hp_str_ieq(hp_str_cut(s, 0, 7), HP_S("http://"))
             || hp_str_ieq(hp_str_cut(s, 0, 8), HP_S("https://"))))
        return false;
    /* libxlsxwriter takes these words for its own schemes wherever they stand. */
    if (hp_str_find(s, HP_S("internal:"), 0) != SIZE_MAX || hp_str_find(s, HP_S("external:"), 0) != SIZE_MAX)
        return false;
    size_t length = 0;
    for (size_t i = 0; i < s.n; i++)
        if (!fits_link(s.p[i], &length)) return false;
    return length <= LINK_MAX;
}

/* One address of signs that mean nothing else in a mailto link (RFC 6068): no list, no display name, no
 * ?subject=. */
static bool is_mail(hp_str s) {
    size_t at = hp_str_chr(s, '@', 0);
    if (at == SIZE_MAX || at == 0 || at + 1 == s.n || s.n > 320) return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!hp_is_alnum(c) && !memchr("._+-~'", c, 6) && i != at && !((unsigned char)c & 0x80)) return false;
    }
    return true;
}

bool hp_cell_link(hp_buf *url, hp_style style, hp_str text) {
    bool mail = style == HP_STYLE_EMAIL;
    hp_buf_clear(url);
    if (!(mail ? is_mail(text) : style == HP_STYLE_URL && is_web(text))) return false;
    if (mail) hp_buf_puts(url, "mailto:");
    hp_buf_add(url, text);
    hp_buf_cstr(url);
    return !url->bad;
}
