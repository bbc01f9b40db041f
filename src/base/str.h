/* String views: a pointer and a length, never owned, not NUL-terminated. Text is UTF-8, validated at the
 * border. */
#ifndef HP_BASE_STR_H
#define HP_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** View `n` bytes at `p`; the bytes belong to somebody else (an arena, a pool, a literal). */
typedef struct hp_str {
    const char *p;
    size_t n;
} hp_str;

/** View a string literal. */
#define HP_S(lit) ((hp_str){(lit), sizeof(lit) - 1})
/** Spread a view over the two arguments of a "%.*s" conversion. */
#define HP_FMT(s) (int)(s).n, (s).n ? (s).p : ""

/** View a NUL-terminated string (NULL gives the empty view). */
static inline hp_str hp_str_of(const char *c) { return (hp_str){c ? c : "", c ? strlen(c) : 0}; }

/** Tell whether two views hold the same bytes. */
static inline bool hp_str_eq(hp_str a, hp_str b) {
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/** Tell whether a text is ASCII alone; the empty one is. */
static inline bool hp_str_is_ascii(hp_str s) {
    unsigned char any = 0; /* no branch in the loop: several bytes are looked at at once */
    for (size_t i = 0; i < s.n; i++) any |= (unsigned char)s.p[i];
    return any < 0x80;
}

/** Cut the bytes from `from` up to but not including `to` (clamped to the view). */
static inline hp_str hp_str_cut(hp_str s, size_t from, size_t to) {
    if (to > s.n) to = s.n;
    if (from > to) from = to;
    return (hp_str){from ? s.p + from : s.p, to - from};
}

/** Compare by bytes, shorter first on a tie: <0, 0, >0. Byte order of UTF-8 is code point order. */
int hp_str_cmp(hp_str a, hp_str b);
/** Tell whether two views are the same but for the case of ASCII letters. */
bool hp_str_ieq(hp_str a, hp_str b);
/** Tell whether `s` starts (ends) with `part`, byte for byte. */
bool hp_str_starts(hp_str s, hp_str part);
/** Tell whether `s` ends with `part`, byte for byte. */
bool hp_str_ends(hp_str s, hp_str part);
/** Find `part` in `s` at or after `from`; SIZE_MAX when absent. */
size_t hp_str_find(hp_str s, hp_str part, size_t from);
/** As hp_str_find, ignoring the case of ASCII letters. */
size_t hp_str_ifind(hp_str s, hp_str part, size_t from);
/** Find byte `c` at or after `from`; SIZE_MAX when absent. */
size_t hp_str_chr(hp_str s, char c, size_t from);
/** Drop white space at both ends: ASCII space and controls, U+00A0, U+1680, U+2000-200B, U+202F, U+205F,
 * U+3000, U+FEFF. */
hp_str hp_str_trim(hp_str s);
/** Take the part before the next `sep` off the front of `rest`; false when nothing is left. An empty view
 * yields no part. */
bool hp_str_next(hp_str *rest, char sep, hp_str *part);
/** Parse a decimal integer that fills the whole view (an optional '-' first); false on anything else or
 * overflow. */
bool hp_str_i64(hp_str s, int64_t *out);
/** Parse a decimal floating-point number that fills the whole view, with '.' whatever the locale; false on
 * anything else. */
bool hp_str_f64(hp_str s, double *out);
/** Read a size: digits with an optional K, M, G or T (powers of 1024; a B or iB behind it is allowed); false
 * on anything else. */
bool hp_bytes_parse(hp_str s, int64_t *out);
/** Return the Damerau-Levenshtein (optimal string alignment) distance of two short ASCII strings (cut at 64
 * bytes), ignoring case: for "did you mean". */
unsigned hp_str_distance(hp_str a, hp_str b);

/** Tell the class of an ASCII byte without asking the locale. */
static inline bool hp_is_digit(char c) { return c >= '0' && c <= '9'; }
/** Tell whether an ASCII byte is a letter. */
static inline bool hp_is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
/** Tell whether an ASCII byte is a letter or a digit. */
static inline bool hp_is_alnum(char c) { return hp_is_digit(c) || hp_is_alpha(c); }
/** Tell whether an ASCII byte is white space (space, \t, \n, \v, \f, \r). */
static inline bool hp_is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
/** Lower the case of an ASCII letter, leaving other bytes alone. */
static inline char hp_lower(char c) { return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c); }
/** Raise the case of an ASCII letter, leaving other bytes alone. */
static inline char hp_upper(char c) { return (char)(c >= 'a' && c <= 'z' ? c - 32 : c); }

#endif
