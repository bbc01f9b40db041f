#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdio.h>

#include "base/banned.h"

void hp_buf_free(hp_buf *b) {
    hp_free(b->p);
    *b = hp_buf_new(b->max);
}

/* Grows to hold `n` more bytes (and one NUL for hp_buf_cstr, outside the cap); false marks the buffer bad. */
static bool grow(hp_buf *b, size_t n) {
    if (b->n > b->max || n > b->max - b->n) {
        b->bad = b->over = true;
        return false;
    }
    size_t want = b->n + n;
    if (want < b->cap) return true;
    size_t cap = want < 64 ? 64 : want + want / 2;
    if (cap > b->max) cap = b->max;
    if (cap < want) cap = want;
    char *p = hp_realloc(b->p, cap + 1, 1);
    if (!p) {
        b->bad = true;
        return false;
    }
    b->p = p;
    b->cap = cap + 1;
    return true;
}

char *hp_buf_room(hp_buf *b, size_t n) { return grow(b, n) ? b->p + b->n : NULL; }

void hp_buf_add(hp_buf *b, hp_str s) {
    if (s.n == 0) return;
    char *to = hp_buf_room(b, s.n);
    if (!to) return;
    memcpy(to, s.p, s.n);
    b->n += s.n;
}

void hp_buf_puts(hp_buf *b, const char *s) { hp_buf_add(b, hp_str_of(s)); }

void hp_buf_putc(hp_buf *b, char c) {
    if (b->n + 1 < b->cap && b->n < b->max) {
        b->p[b->n++] = c;
        return;
    }
    hp_buf_add(b, (hp_str){&c, 1});
}

void hp_buf_putu(hp_buf *b, uint32_t cp) {
    if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF)) cp = 0xFFFD;
    char u[4];
    size_t n;
    if (cp < 0x80) {
        u[0] = (char)cp;
        n = 1;
    } else if (cp < 0x800) {
        u[0] = (char)(0xC0 | cp >> 6);
        n = 2;
    } else if (cp < 0x10000) {
        u[0] = (char)(0xE0 | cp >> 12);
        n = 3;
    } else {
        u[0] = (char)(0xF0 | cp >> 18);
        n = 4;
    }
    for (size_t i = 1; i < n; i++) u[i] = (char)(0x80 | ((cp >> (6 * (n - 1 - i))) & 0x3F));
    hp_buf_add(b, (hp_str){u, n});
}

void hp_buf_vprintf(hp_buf *b, const char *fmt, va_list ap) {
    char small[256];
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(small, sizeof small, fmt, ap);
    if (n < 0) {
        b->bad = true;
    } else if ((size_t)n < sizeof small) {
        hp_buf_add(b, (hp_str){small, (size_t)n});
    } else {
        char *to = hp_buf_room(b, (size_t)n);
        if (to) {
            vsnprintf(to, (size_t)n + 1, fmt, again); /* grow() keeps a byte for the NUL */
            b->n += (size_t)n;
        }
    }
    va_end(again);
}

void hp_buf_printf(hp_buf *b, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    hp_buf_vprintf(b, fmt, ap);
    va_end(ap);
}

static void json_escape(hp_buf *b, char c) {
    static const char plain[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
    const char *at = c ? strchr(plain, c) : NULL;
    if (at) {
        char two[2] = {'\\', letter[at - plain]};
        hp_buf_add(b, (hp_str){two, 2});
    } else {
        hp_buf_printf(b, "\\u%04x", (unsigned)(unsigned char)c);
    }
}

/* JSON is shown on terminals and split into lines as well: what would steer the one or break the other is
 * escaped as the C0 controls have to be (RFC 8259, 7): DEL, C1, the line separators, and the marks that
 * reorder text (UAX #9). */
static bool steers(uint32_t cp) {
    return (cp >= 0x7F && cp < 0xA0) || cp == 0x200E || cp == 0x200F || (cp >= 0x2028 && cp <= 0x202E)
           || (cp >= 0x2066 && cp <= 0x2069) || cp == 0xFEFF;
}

void hp_buf_json(hp_buf *b, hp_str s) {
    hp_buf_putc(b, '"');
    size_t from = 0, i = 0;
    while (i < s.n) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x20 && c < 0x7F && c != '"' && c != '\\') {
            i++;
            continue;
        }
        size_t start = i;
        uint32_t cp = hp_utf8_next(s, &i);
        bool invalid = cp == 0xFFFD && i - start == 1;
        if (c >= 0x80 && !invalid && !steers(cp)) continue;
        hp_buf_add(b, hp_str_cut(s, from, start));
        if (c >= 0x7F && !invalid) {
            hp_buf_printf(b, "\\u%04x", (unsigned)cp);
        } else if (c >= 0x80) {
            hp_buf_putu(b, 0xFFFD);
        } else {
            json_escape(b, (char)c);
        }
        from = i;
    }
    hp_buf_add(b, hp_str_cut(s, from, s.n));
    hp_buf_putc(b, '"');
}

const char *hp_buf_cstr(hp_buf *b) {
    if (b->bad || b->n == 0) return "";
    b->p[b->n] = '\0';
    return b->p;
}

hp_code hp_buf_check(const hp_buf *b, const char *what, hp_err *err) {
    if (!b->bad) return HP_OK;
    if (!b->over) return hp_fail_memory(err, what);
    return hp_fail(err, HP_DATA, "%s is over its limit of %zu bytes", what, b->max);
}
