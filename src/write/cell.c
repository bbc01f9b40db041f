/* What a workbook's cell can hold, and what it can link to. */
#include "write/parts.h"

#include "base/clock.h"
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
 * underscore counts as written. */
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

hp_cell_fit hp_cell_holds(hp_str text) {
    if (text.n == 0 || is_plain(text)) return HP_CELL_WHOLE;
    size_t units = 0;
    hp_cell_fit fit = HP_CELL_WHOLE;
    for (size_t i = 0; i < text.n;) {
        bool escape = is_escape(text, i);
        size_t from = i;
        uint32_t cp = hp_utf8_next(text, &i);
        units += units_of(cp, escape);
        if (units > HP_LIMIT_CELL_TEXT) return HP_CELL_CUT;
        bool invalid = cp == 0xFFFD && i - from < 3;
        if (cp == 0 || cp == 0xFFFE || cp == 0xFFFF || invalid) fit = HP_CELL_REPLACED;
    }
    return fit;
}

/* Tells whether a link may hold the byte as it is; *length grows by what it takes in a relationship ("%22"
 * for a quote, see links.c). */
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

/* A relationship holds the address as it is, so all of it must be what XML can hold. */
static bool is_xml(hp_str s) { return hp_utf8_valid(s, NULL) && !memmem(s.p, s.n, "\xEF\xBF", 2); }

bool hp_cell_link(hp_buf *url, hp_style style, hp_str text) {
    bool mail = style == HP_STYLE_EMAIL;
    hp_buf_clear(url);
    if (!(mail ? is_mail(text) : style == HP_STYLE_URL && is_web(text)) || !is_xml(text)) return false;
    if (mail) hp_buf_puts(url, "mailto:");
    hp_buf_add(url, text);
    hp_buf_cstr(url);
    return !url->bad;
}

/* ---- dates ---- */

/* 1899-12-30: two days before the first one that counts, because of the 29 February 1900 that Lotus made up
 * (ECMA-376 part 1, 18.17.4.1); so what lies before March 1900 would be a day off. */
#define EPOCH_DAYS  (-25569)
#define FIRST_DAY   61
#define DAY_SECONDS 86400

static bool two_digits(hp_str s, size_t at, int *out) {
    if (at + 2 > s.n || !hp_is_digit(s.p[at]) || !hp_is_digit(s.p[at + 1])) return false;
    *out = 10 * (s.p[at] - '0') + s.p[at + 1] - '0';
    return true;
}

/* Reads "09:30:00", or "125:30:00", which is a duration. */
static bool read_time(hp_str s, int64_t *seconds, bool *elapsed) {
    size_t colon = hp_str_chr(s, ':', 0);
    int64_t hours;
    int minute, second;
    if (colon == SIZE_MAX || colon < 2 || colon > 7 || s.n != colon + 6 || s.p[colon + 3] != ':')
        return false;
    if (!hp_is_digit(s.p[0]) || !hp_str_i64(hp_str_cut(s, 0, colon), &hours)) return false;
    if (!two_digits(s, colon + 1, &minute) || !two_digits(s, colon + 4, &second) || minute > 59
        || second > 59)
        return false;
    *seconds = hours * 3600 + minute * 60 + second;
    *elapsed = hours > 23;
    return true;
}

/* Puts days and a part of a day: ten digits of it are far below a second. */
static size_t put_serial(char out[40], int64_t days, int64_t seconds) {
    int64_t part = (seconds * 10000000000 + DAY_SECONDS / 2) / DAY_SECONDS;
    int n = snprintf(out, 40, "%lld.%010lld", (long long)days, (long long)part);
    while (out[n - 1] == '0') n--;
    return (size_t)(out[n - 1] == '.' ? n - 1 : n);
}

size_t hp_cell_serial(hp_str iso, char out[40], unsigned *style) {
    int64_t seconds = 0;
    bool elapsed = false;
    hp_date day;
    if (hp_str_chr(iso, '-', 0) == SIZE_MAX) {
        if (!read_time(iso, &seconds, &elapsed)) return 0;
        *style = elapsed ? HP_XF_ELAPSED : HP_XF_TIME;
        return put_serial(out, seconds / DAY_SECONDS, seconds % DAY_SECONDS);
    }
    bool moment = iso.n > 10;
    if (!hp_date_parse_iso(hp_str_cut(iso, 0, 10), &day)) return 0;
    if (moment && (iso.p[10] != 'T' || !read_time(hp_str_cut(iso, 11, iso.n), &seconds, &elapsed) || elapsed))
        return 0;
    int64_t days = hp_days_from_civil(day.year, day.month, day.day) - EPOCH_DAYS;
    if (days < FIRST_DAY) return 0;
    *style = moment ? HP_XF_MOMENT : HP_XF_DATE;
    return put_serial(out, days, seconds);
}

/* ---- XML ---- */

void hp_xml_text(hp_buf *out, hp_str text) {
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c == '&')
            hp_buf_puts(out, "&amp;");
        else if (c == '<')
            hp_buf_puts(out, "&lt;");
        else if (c == '>')
            hp_buf_puts(out, "&gt;");
        else if (c == '"')
            hp_buf_puts(out, "&quot;");
        else if (c == '\n')
            hp_buf_puts(out, "&#10;");
        else if (c >= ' ')
            hp_buf_putc(out, text.p[i]);
        else
            hp_buf_putc(out, ' ');
    }
}
