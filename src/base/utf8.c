#include "base/utf8.h"
#include "base/mem.h"

#include <utf8proc.h>

#include "base/banned.h"

/* Returns the length of the well-formed sequence at p (Unicode 15, table 3-7), 0 when there is none. */
static size_t sequence(const unsigned char *p, size_t n) {
    unsigned char c = p[0];
    if (c < 0x80) return 1;
    size_t len = c < 0xC2 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 0;
    if (len == 0 || len > n) return 0;
    unsigned char low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80; /* no overlong forms */
    unsigned char high = c == 0xED   ? 0x9F
                         : c == 0xF4 ? 0x8F
                                     : 0xBF; /* no surrogates, nothing above U+10FFFF */
    if (p[1] < low || p[1] > high) return 0;
    for (size_t i = 2; i < len; i++) {
        if ((p[i] & 0xC0) != 0x80) return 0;
    }
    return len;
}

/* Returns how many bytes from `i` on are ASCII, looked at eight at a time. */
static size_t ascii_run(hp_str s, size_t i) {
    size_t from = i;
    for (; i + 8 <= s.n; i += 8) {
        uint64_t word;
        memcpy(&word, s.p + i, 8);
        if (word & 0x8080808080808080u) break;
    }
    while (i < s.n && (unsigned char)s.p[i] < 0x80) i++;
    return i - from;
}

bool hp_utf8_valid(hp_str s, size_t *bad) {
    for (size_t i = 0; i < s.n;) {
        i += ascii_run(s, i);
        if (i == s.n) break;
        size_t len = sequence((const unsigned char *)s.p + i, s.n - i);
        if (len == 0) {
            if (bad) *bad = i;
            return false;
        }
        i += len;
    }
    return true;
}

uint32_t hp_utf8_next(hp_str s, size_t *i) {
    const unsigned char *p = (const unsigned char *)s.p + *i;
    size_t len = sequence(p, s.n - *i);
    *i += len ? len : 1;
    if (len == 0) return 0xFFFD;
    if (len == 1) return p[0];
    uint32_t cp = p[0] & (0x7Fu >> len);
    for (size_t k = 1; k < len; k++) cp = cp << 6 | (p[k] & 0x3Fu);
    return cp;
}

size_t hp_utf8_repair(hp_str s, hp_buf *out) {
    size_t replaced = 0, bad;
    while (!hp_utf8_valid(s, &bad)) {
        hp_buf_add(out, (hp_str){s.p, bad});
        hp_buf_putu(out, 0xFFFD);
        s = hp_str_cut(s, bad + 1, s.n);
        replaced++;
    }
    hp_buf_add(out, s);
    return replaced;
}

/* Letters that no Unicode decomposition reaches, with the ASCII that people type for them. */
static const char *spelled_out(int32_t cp) {
    switch (cp) {
    case 0xE6: return "ae";
    case 0x153: return "oe";
    case 0xF8: return "o";
    case 0xF0:
    case 0x111: return "d";
    case 0xFE: return "th";
    case 0x127: return "h";
    case 0x131: return "i";
    case 0x142: return "l";
    case 0x167: return "t";
    default: return NULL;
    }
}

enum { FEW = 256 };

/* Decomposes `s` into code points, in `few` (room for FEW) or in a heap block that *heap then holds. Negative
 * on failure. */
static ssize_t decompose(hp_str s, int options, int32_t *few, int32_t **heap, hp_buf *out) {
    const utf8proc_uint8_t *bytes = (const utf8proc_uint8_t *)s.p;
    utf8proc_option_t opt = (utf8proc_option_t)options;
    utf8proc_ssize_t len = (utf8proc_ssize_t)s.n;
    utf8proc_ssize_t n = utf8proc_decompose(bytes, len, few, FEW, opt);
    if (n < 0) out->bad = true; /* invalid UTF-8: the caller broke the contract */
    if (n <= FEW) return n;
    /* One more for the NUL that utf8proc_reencode puts behind the text. */
    *heap = hp_realloc(NULL, (size_t)n + 1, sizeof **heap);
    if (!*heap) {
        out->bad = true;
        return -1;
    }
    return utf8proc_decompose(bytes, len, *heap, n, opt);
}

static void normalise(hp_str s, int options, hp_buf *out) {
    int32_t few[FEW + 1];
    hp_autofree int32_t *heap = NULL;
    ssize_t n = decompose(s, options, few, &heap, out);
    if (n < 0) return;
    int32_t *cp = heap ? heap : few;
    n = utf8proc_reencode(cp, n, (utf8proc_option_t)options);
    if (n > 0) hp_buf_add(out, (hp_str){(const char *)cp, (size_t)n});
}

void hp_utf8_nfkc(hp_str s, hp_buf *out) {
    size_t plain = ascii_run(s, 0);
    if (plain == s.n) {
        hp_buf_add(out, s);
    } else {
        normalise(s, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT, out);
    }
}

static void lower_ascii(hp_str s, hp_buf *out) {
    char *to = hp_buf_room(out, s.n);
    if (!to) return;
    for (size_t i = 0; i < s.n; i++) to[i] = hp_lower(s.p[i]);
    out->n += s.n;
}

void hp_utf8_fold(hp_str s, hp_buf *out) {
    if (ascii_run(s, 0) == s.n) {
        lower_ascii(s, out);
        return;
    }
    int32_t few[FEW + 1];
    hp_autofree int32_t *heap = NULL;
    int options = UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD
                  | UTF8PROC_STRIPMARK | UTF8PROC_IGNORE;
    ssize_t n = decompose(s, options, few, &heap, out);
    const int32_t *cp = heap ? heap : few;
    for (ssize_t i = 0; i < n; i++) {
        const char *ascii = spelled_out(cp[i]);
        if (ascii) {
            hp_buf_puts(out, ascii);
        } else {
            hp_buf_putu(out, (uint32_t)cp[i]);
        }
    }
}

void hp_utf8_slug(hp_str s, hp_buf *out) {
    hp_autobuf folded = hp_buf_new(8 * s.n + 64);
    hp_utf8_fold(s, &folded);
    out->bad |= folded.bad;
    size_t start = out->n;
    bool gap = false;
    for (size_t i = 0; i < folded.n; i++) {
        char c = folded.p[i];
        if (!hp_is_alnum(c)) {
            gap = true;
            continue;
        }
        if (gap && out->n > start) hp_buf_putc(out, '-');
        gap = false;
        hp_buf_putc(out, c);
    }
}

static void map_each(hp_str s, utf8proc_int32_t (*map)(utf8proc_int32_t), hp_buf *out) {
    for (size_t i = 0; i < s.n;) hp_buf_putu(out, (uint32_t)map((int32_t)hp_utf8_next(s, &i)));
}

void hp_utf8_lower(hp_str s, hp_buf *out) { map_each(s, utf8proc_tolower, out); }

void hp_utf8_upper(hp_str s, hp_buf *out) { map_each(s, utf8proc_toupper, out); }

bool hp_cp_alnum(uint32_t cp) {
    if (cp < 0x80) return hp_is_alnum((char)cp);
    utf8proc_category_t c = utf8proc_category((int32_t)cp);
    return c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_NO;
}

bool hp_cp_upper(uint32_t cp) {
    if (cp < 0x80) return cp >= 'A' && cp <= 'Z';
    utf8proc_category_t c = utf8proc_category((int32_t)cp);
    return c == UTF8PROC_CATEGORY_LU || c == UTF8PROC_CATEGORY_LT;
}

bool hp_cp_unsafe(uint32_t cp) {
    return cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp == 0x061C || cp == 0x200E || cp == 0x200F
           || (cp >= 0x2028 && cp <= 0x202E) || (cp >= 0x2066 && cp <= 0x2069) || cp == 0xFEFF;
}

size_t hp_utf8_width(hp_str s) {
    size_t width = 0;
    for (size_t i = 0; i < s.n;) {
        int w = utf8proc_charwidth((int32_t)hp_utf8_next(s, &i));
        if (w > 0) width += (size_t)w;
    }
    return width;
}
