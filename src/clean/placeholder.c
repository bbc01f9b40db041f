#include "base/file.h"
#include "clean/value.h"

#include <stdlib.h>

/* Sorted by bytes, for bsearch; lower case, without outer punctuation. */
static const char *const nothing[] = {
    "#div/0",
    "#n/a",
    "#name",
    "#null",
    "#num",
    "#ref",
    "#value",
    "geen",
    "n.a",
    "n.v.t",
    "n/a",
    "na",
    "nan",
    "nil",
    "no address",
    "no contact",
    "no data",
    "no e-mail",
    "no email",
    "no number",
    "no phone",
    "no web site",
    "no website",
    "none",
    "not applicable",
    "not available",
    "not given",
    "not known",
    "not provided",
    "not specified",
    "null",
    "nvt",
    "onbekend",
    "tba",
    "tbc",
    "tbd",
    "to be advised",
    "to be announced",
    "to be confirmed",
    "to be determined",
    "undefined",
    "unknown",
    "unspecified",
};
enum { LONGEST = 24 };

static int by_bytes(const void *key, const void *word) { return strcmp(key, *(const char *const *)word); }

/* Returns the bytes of the punctuation at the start of `s` that does not make a text say anything, 0 when
 * there is none. */
static size_t empty_punctuation(hp_str s) {
    if (s.n == 0) return 0;
    unsigned char a = (unsigned char)s.p[0];
    if (a < 0x80) return hp_in(s.p[0], " ()[]{}<>\"'`.,;:!?-_/\\~=|") ? 1 : 0;
    unsigned char b = s.n > 1 ? (unsigned char)s.p[1] : 0, c = s.n > 2 ? (unsigned char)s.p[2] : 0;
    if (a == 0xC2 && (b == 0xAB || b == 0xBB || b == 0xB7)) return 2; /* angle quotes, middle dot */
    if (a == 0xE2 && b == 0x80 && c >= 0x90 && c <= 0xA6)
        return 3;                                       /* dashes, quotes, bullets, dots: U+2010 to 2026 */
    return a == 0xE2 && b == 0x88 && c == 0x92 ? 3 : 0; /* minus sign */
}

/* The same at the end of `s`. */
static size_t empty_punctuation_before_end(hp_str s) {
    for (size_t k = 1; k <= 3 && k <= s.n; k++) {
        if (empty_punctuation(hp_str_cut(s, s.n - k, s.n)) == k) return k;
    }
    return 0;
}

static hp_str without_outer(hp_str s) {
    size_t len;
    while ((len = empty_punctuation(s)) > 0) s = hp_str_cut(s, len, s.n);
    while ((len = empty_punctuation_before_end(s)) > 0) s.n -= len;
    return s;
}

static bool same_folded(hp_str a, hp_str b, bool *bad) {
    if (hp_str_is_ascii(a) && hp_str_is_ascii(b)) return hp_str_ieq(a, b);
    hp_autobuf fa = hp_buf_new(HP_CLEAN_SCRATCH), fb = hp_buf_new(HP_CLEAN_SCRATCH);
    hp_utf8_fold(a, &fa);
    hp_utf8_fold(b, &fb);
    *bad |= fa.bad || fb.bad;
    return hp_str_eq(hp_buf_str(&fa), hp_buf_str(&fb));
}

static bool only_x(hp_str s) {
    for (size_t i = 0; i < s.n; i++) {
        if (hp_lower(s.p[i]) != 'x') return false;
    }
    return true;
}

static bool is_known_word(hp_str s) {
    char low[LONGEST + 1];
    if (s.n > LONGEST) return false;
    if (only_x(s)) return true;
    for (size_t i = 0; i < s.n; i++) low[i] = hp_lower(s.p[i]);
    low[s.n] = '\0';
    return bsearch(low, nothing, sizeof nothing / sizeof *nothing, sizeof *nothing, by_bytes) != NULL;
}

bool hp_says_nothing(const hp_clean_ctx *ctx, hp_str text, bool *bad) {
    text = hp_str_trim(text);
    hp_str core = without_outer(text);
    if (core.n == 0 || is_known_word(core)) return text.n > 0;
    const hp_profile *p = ctx ? ctx->profile : NULL;
    for (size_t i = 0; p && i < p->nplaceholder; i++) {
        hp_str known = p->placeholder[i];
        if (same_folded(known, text, bad) || same_folded(known, core, bad)) return true;
    }
    return false;
}

bool hp_is_placeholder(const hp_clean_ctx *ctx, hp_str text) {
    bool bad = false;
    return hp_says_nothing(ctx, text, &bad);
}

bool hp_is_zeros(hp_str text) {
    bool zero = false;
    for (size_t i = 0; i < text.n; i++) {
        zero |= text.p[i] == '0';
        if (!hp_in(text.p[i], "0 .-/:()+")) return false;
    }
    return zero;
}

static bool all_digits(hp_str s) {
    for (size_t i = 0; i < s.n; i++) {
        if (!hp_is_digit(s.p[i])) return false;
    }
    return s.n > 0;
}

/* Takes the next run of ASCII letters and digits; other bytes part words, letters beyond ASCII make the name
 * no filler. */
static bool next_word(hp_str *rest, hp_str *word) {
    while (rest->n && !hp_is_alnum(rest->p[0]) && (unsigned char)rest->p[0] < 0x80)
        *rest = hp_str_cut(*rest, 1, rest->n);
    size_t n = 0;
    while (n < rest->n && (hp_is_alnum(rest->p[n]) || (unsigned char)rest->p[n] >= 0x80)) n++;
    *word = hp_str_cut(*rest, 0, n);
    *rest = hp_str_cut(*rest, n, rest->n);
    return n > 0;
}

/* "Unknown Organisation 175", "Unnamed flight school", "Unspecified": one such word, words that say nothing,
 * a number. */
static bool reads_like_filler(hp_str name) {
    hp_str word;
    if (!next_word(&name, &word) || !hp_word_in(word, "unknown unspecified unnamed unidentified undefined"))
        return false;
    while (next_word(&name, &word)) {
        if (hp_word_in(
                word,
                "organisation organization company business entity enterprise firm institution school flight flying "
                "club operator client customer supplier vendor account name no nr number"))
            continue;
        if (!all_digits(word)) return false;
        return !next_word(&name, &word);
    }
    return true;
}

bool hp_is_filler_name(const hp_clean_ctx *ctx, hp_str name) {
    name = hp_str_trim(name);
    const hp_profile *p = ctx ? ctx->profile : NULL;
    for (size_t i = 0; p && i < p->nfiller; i++) {
        if (hp_glob_imatch(p->filler[i], name)) return true;
    }
    return reads_like_filler(name);
}
