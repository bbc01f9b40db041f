#include "base/str.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>

#include "base/banned.h"

int hp_str_cmp(hp_str a, hp_str b) {
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    if (order) return order;
    return (a.n > b.n) - (a.n < b.n);
}

static bool ieq_bytes(const char *a, const char *b, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (hp_lower(a[i]) != hp_lower(b[i])) return false;
    }
    return true;
}

bool hp_str_ieq(hp_str a, hp_str b) { return a.n == b.n && ieq_bytes(a.p, b.p, a.n); }

bool hp_str_starts(hp_str s, hp_str part) { return s.n >= part.n && hp_str_eq((hp_str){s.p, part.n}, part); }

bool hp_str_ends(hp_str s, hp_str part) {
    return s.n >= part.n && hp_str_eq(hp_str_cut(s, s.n - part.n, s.n), part);
}

size_t hp_str_find(hp_str s, hp_str part, size_t from) {
    if (from > s.n || part.n > s.n - from) return SIZE_MAX;
    if (part.n == 0) return from;
    const char *at = memmem(s.p + from, s.n - from, part.p, part.n);
    return at ? (size_t)(at - s.p) : SIZE_MAX;
}

size_t hp_str_ifind(hp_str s, hp_str part, size_t from) {
    if (part.n > s.n) return SIZE_MAX;
    for (size_t i = from; i <= s.n - part.n; i++) {
        if (ieq_bytes(s.p + i, part.p, part.n)) return i;
    }
    return SIZE_MAX;
}

size_t hp_str_chr(hp_str s, char c, size_t from) {
    if (from >= s.n) return SIZE_MAX;
    const char *at = memchr(s.p + from, c, s.n - from);
    return at ? (size_t)(at - s.p) : SIZE_MAX;
}

/* Returns the bytes of the white-space code point at the start of `p`, 0 when there is none. */
static size_t space_at(const unsigned char *p, size_t n) {
    if (n == 0) return 0;
    if (p[0] <= ' ' || p[0] == 0x7F) return 1;
    if (n >= 2 && p[0] == 0xC2 && p[1] == 0xA0) return 2; /* U+00A0 */
    if (n < 3 || p[0] < 0xE1) return 0;
    uint32_t three = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
    bool is = three == 0xE19A80 ||                        /* U+1680 */
              (three >= 0xE28080 && three <= 0xE2808B) || /* U+2000-200B */
              three == 0xE280AF || three == 0xE2819F ||   /* U+202F, U+205F */
              three == 0xE38080 || three == 0xEFBBBF;     /* U+3000, U+FEFF */
    return is ? 3 : 0;
}

/* Returns the bytes of the white-space code point that ends at the end of `s`, 0 when there is none. */
static size_t space_before(hp_str s) {
    for (size_t len = 1; len <= 3 && len <= s.n; len++) {
        if (space_at((const unsigned char *)s.p + s.n - len, len) == len) return len;
    }
    return 0;
}

hp_str hp_str_trim(hp_str s) {
    size_t len;
    while ((len = space_at((const unsigned char *)s.p, s.n)) > 0) s = hp_str_cut(s, len, s.n);
    while ((len = space_before(s)) > 0) s.n -= len;
    return s;
}

bool hp_str_next(hp_str *rest, char sep, hp_str *part) {
    if (rest->n == 0) return false;
    size_t at = hp_str_chr(*rest, sep, 0);
    if (at == SIZE_MAX) {
        *part = *rest;
        *rest = (hp_str){rest->p + rest->n, 0};
    } else {
        *part = (hp_str){rest->p, at};
        *rest = hp_str_cut(*rest, at + 1, rest->n);
    }
    return true;
}

bool hp_str_i64(hp_str s, int64_t *out) {
    bool negative = s.n > 0 && s.p[0] == '-';
    size_t i = negative;
    if (i == s.n) return false;
    int64_t v = 0;
    for (; i < s.n; i++) {
        if (!hp_is_digit(s.p[i])) return false;
        int digit = s.p[i] - '0';
        /* Built downwards, because INT64_MIN has no positive twin. */
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, digit, &v)) return false;
    }
    if (!negative && v == INT64_MIN) return false;
    *out = negative ? v : -v;
    return true;
}

/* A decimal number split by a grammar check: mantissa digits, and the power of ten they are scaled by. */
typedef struct decimal {
    uint64_t mantissa;
    int digits, exponent; /* digits of the mantissa behind leading zeros; exponent saturates at +-9999 */
    bool negative;
} decimal;

static bool take_exponent(hp_str s, size_t *i, int *exponent) {
    (*i)++;
    bool negative = *i < s.n && s.p[*i] == '-';
    if (*i < s.n && (s.p[*i] == '-' || s.p[*i] == '+')) (*i)++;
    size_t first = *i;
    int e = 0;
    for (; *i < s.n && hp_is_digit(s.p[*i]); (*i)++) {
        if (e < 9999) e = e * 10 + (s.p[*i] - '0');
    }
    if (e > 9999) e = 9999;
    *exponent += negative ? -e : e;
    return *i > first;
}

static bool split_decimal(hp_str s, decimal *d) {
    size_t i = s.n > 0 && s.p[0] == '-' ? 1 : 0, seen = 0;
    bool point = false;
    *d = (decimal){.negative = i == 1};
    for (; i < s.n && (hp_is_digit(s.p[i]) || (s.p[i] == '.' && !point)); i++) {
        if (s.p[i] == '.') {
            point = true;
            continue;
        }
        seen++;
        if (point) d->exponent--;
        if (d->digits < 19) d->mantissa = d->mantissa * 10 + (uint64_t)(s.p[i] - '0');
        if (d->digits > 0 || s.p[i] != '0') d->digits++;
    }
    if (seen == 0) return false;
    if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E') && !take_exponent(s, &i, &d->exponent)) return false;
    return i == s.n;
}

/* Exact for mantissas below 2^53 and powers of ten up to 10^22, which both are doubles, so that one division
 * or multiplication rounds once (Clinger, "How to read floating point numbers accurately", PLDI 1990). */
static bool exact_decimal(const decimal *d, double *out) {
    static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (d->digits > 19 || d->mantissa > (1ull << 53) || d->exponent < -22 || d->exponent > 22) return false;
    double v = (double)d->mantissa;
    v = d->exponent < 0 ? v / power[-d->exponent] : v * power[d->exponent];
    *out = d->negative ? -v : v;
    return true;
}

bool hp_str_f64(hp_str s, double *out) {
    /* Longer than the exact decimal form of any double: no honest number. */
    char copy[1200];
    decimal d;
    if (s.n >= sizeof copy || !split_decimal(s, &d)) return false;
    if (exact_decimal(&d, out)) return true;
    memcpy(copy, s.p, s.n);
    copy[s.n] = '\0';
    locale_t c =
        newlocale(LC_ALL_MASK, "C", (locale_t)0); /* glibc hands out its built-in object: nothing to free */
    double v = c ? strtod_l(copy, NULL, c) : HUGE_VAL;
    if (!isfinite(v)) return false;
    *out = v;
    return true;
}

bool hp_bytes_parse(hp_str s, int64_t *out) {
    size_t digits = 0;
    while (digits < s.n && hp_is_digit(s.p[digits])) digits++;
    int64_t v;
    if (!hp_str_i64(hp_str_cut(s, 0, digits), &v)) return false;
    hp_str unit = hp_str_cut(s, digits, s.n);
    int power = 0;
    if (unit.n && hp_lower(unit.p[0]) != 'b') {
        static const char LETTERS[] = "kmgt";
        const char *at = strchr(LETTERS, hp_lower(unit.p[0]));
        if (!at || !*at) return false;
        power = (int)(at - LETTERS) + 1;
        unit = hp_str_cut(unit, 1, unit.n);
        if (hp_str_ieq(unit, HP_S("iB"))) unit = (hp_str){0};
    }
    if (unit.n && !hp_str_ieq(unit, HP_S("B"))) return false;
    for (; power > 0; power--) {
        if (__builtin_mul_overflow(v, 1024, &v)) return false;
    }
    *out = v;
    return true;
}

static unsigned least(unsigned a, unsigned b) { return a < b ? a : b; }

unsigned hp_str_distance(hp_str a, hp_str b) {
    enum { MAX = 64 };
    a = hp_str_cut(a, 0, MAX);
    b = hp_str_cut(b, 0, MAX);
    unsigned row[3][MAX + 1];
    unsigned *before = row[0], *last = row[1], *now = row[2];
    for (unsigned j = 0; j <= b.n; j++) last[j] = j;
    for (unsigned i = 1; i <= a.n; i++) {
        now[0] = i;
        for (unsigned j = 1; j <= b.n; j++) {
            char x = hp_lower(a.p[i - 1]), y = hp_lower(b.p[j - 1]);
            now[j] = least(least(last[j] + 1, now[j - 1] + 1), last[j - 1] + (x != y));
            bool swapped = i > 1 && j > 1 && x == hp_lower(b.p[j - 2]) && y == hp_lower(a.p[i - 2]);
            if (swapped) now[j] = least(now[j], before[j - 2] + 1);
        }
        unsigned *spare = before;
        before = last;
        last = now;
        now = spare;
    }
    return last[b.n];
}
