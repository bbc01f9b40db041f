#include "resolve/compare.h"

#include "resolve/resolve.h"

#include "base/banned.h"

/* Jaro's measure counts a byte of one text as common when it occurs in the other at most this far away. */
static size_t window_of(size_t la, size_t lb) {
    size_t longer = la > lb ? la : lb;
    return longer < 4 ? 0 : longer / 2 - 1;
}

static double jaro_from(size_t common, size_t mismatched, size_t la, size_t lb) {
    if (common == 0) return 0;
    double m = (double)common;
    /* Half the mismatches, rounded down, as in Winkler's strcmp95.c. */
    double t = (double)(mismatched / 2);
    return (m / (double)la + m / (double)lb + (m - t) / m) / 3;
}

/* Returns the bits lo .. hi. */
static uint64_t bits(size_t lo, size_t hi) {
    if (lo > 63) return 0;
    uint64_t upto = hi >= 63 ? UINT64_MAX : (1ull << (hi + 1)) - 1;
    return upto & ~((1ull << lo) - 1);
}

/* Both texts have at most 64 bytes: the places of each byte of `a` are a word of bits. */
static double jaro_short(hp_str a, hp_str b) {
    uint64_t where[256] = {0}, in_a = 0, in_b = 0;
    for (size_t i = 0; i < a.n; i++) where[(unsigned char)a.p[i]] |= 1ull << i;
    size_t window = window_of(a.n, b.n);
    for (size_t j = 0; j < b.n; j++) {
        uint64_t reach = bits(j > window ? j - window : 0, j + window);
        uint64_t hit = where[(unsigned char)b.p[j]] & reach & ~in_a;
        if (!hit) continue;
        in_a |= hit & (0 - hit);
        in_b |= 1ull << j;
    }
    size_t common = (size_t)__builtin_popcountll(in_a), mismatched = 0;
    for (; in_a; in_a &= in_a - 1, in_b &= in_b - 1)
        mismatched += a.p[__builtin_ctzll(in_a)] != b.p[__builtin_ctzll(in_b)];
    return jaro_from(common, mismatched, a.n, b.n);
}

static double jaro_long(hp_str a, hp_str b) {
    bool in_a[HP_NAME_BYTES] = {false}, in_b[HP_NAME_BYTES] = {false};
    size_t window = window_of(a.n, b.n), common = 0, mismatched = 0;
    for (size_t j = 0; j < b.n; j++) {
        size_t end = j + window < a.n ? j + window + 1 : a.n;
        for (size_t i = j > window ? j - window : 0; i < end; i++) {
            if (in_a[i] || a.p[i] != b.p[j]) continue;
            in_a[i] = in_b[j] = true;
            common++;
            break;
        }
    }
    for (size_t i = 0, j = 0; i < a.n; i++) {
        if (!in_a[i]) continue;
        while (!in_b[j]) j++;
        mismatched += a.p[i] != b.p[j++];
    }
    return jaro_from(common, mismatched, a.n, b.n);
}

double hp_jaro_winkler(hp_str a, hp_str b) {
    a = hp_str_cut(a, 0, HP_NAME_BYTES);
    b = hp_str_cut(b, 0, HP_NAME_BYTES);
    if (a.n == 0 || b.n == 0) return a.n == b.n ? 1 : 0;
    double jaro = a.n <= 64 && b.n <= 64 ? jaro_short(a, b) : jaro_long(a, b);
    if (jaro <= 0.7) return jaro;
    size_t prefix = 0;
    while (prefix < 4 && prefix < a.n && prefix < b.n && a.p[prefix] == b.p[prefix]) prefix++;
    return jaro + 0.1 * (double)prefix * (1 - jaro);
}

hp_name_sketch hp_name_sketch_of(hp_str key) {
    hp_name_sketch s = {0, (uint32_t)(key.n < HP_NAME_BYTES ? key.n : HP_NAME_BYTES)};
    for (size_t i = 0; i < s.n; i++) {
        unsigned c = (unsigned char)key.p[i];
        s.letters |= 1ull << (c - 'a' < 26 ? c - 'a' : c - '0' < 10 ? 26 + c - '0' : 36 + c % 28);
    }
    return s;
}

double hp_name_bound(hp_name_sketch a, hp_name_sketch b) {
    if (a.n == 0 || b.n == 0) return a.n == b.n ? 1 : 0;
    /* A letter that the other lacks stands for at least one byte that is not common. */
    uint32_t only_a = (uint32_t)__builtin_popcountll(a.letters & ~b.letters);
    uint32_t only_b = (uint32_t)__builtin_popcountll(b.letters & ~a.letters);
    uint32_t common_a = a.n - only_a, common_b = b.n - only_b;
    double m = common_a < common_b ? common_a : common_b;
    if (m <= 0) return 0;
    double jaro = (m / a.n + m / b.n + 1) / 3;
    return jaro <= 0.7 ? jaro : jaro + 0.4 * (1 - jaro);
}

/* ---- words ---- */

typedef struct words {
    hp_str w[HP_NAME_WORDS];
    size_t n;
} words;

/* Words beyond the limit stay together as the last one. */
static void split(hp_str key, words *out) {
    out->n = 0;
    for (hp_str rest = hp_str_cut(key, 0, HP_NAME_BYTES), part; hp_str_next(&rest, ' ', &part);) {
        if (part.n == 0) continue;
        if (out->n == HP_NAME_WORDS - 1) part = (hp_str){part.p, (size_t)(rest.p - part.p) + rest.n};
        out->w[out->n++] = part;
        if (out->n == HP_NAME_WORDS) return;
    }
}

static void sort_words(words *s) {
    for (size_t i = 1; i < s->n; i++) {
        hp_str w = s->w[i];
        size_t j = i;
        for (; j > 0 && hp_str_cmp(s->w[j - 1], w) > 0; j--) s->w[j] = s->w[j - 1];
        s->w[j] = w;
    }
}

/* Joins words by `glue` (0: by nothing) in `room`, which holds HP_NAME_BYTES + HP_NAME_WORDS. */
static hp_str join(const words *s, char glue, char *room) {
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (i && glue) room[n++] = glue;
        memcpy(room + n, s->w[i].p, s->w[i].n);
        n += s->w[i].n;
    }
    return (hp_str){room, n};
}

static double sorted_similarity(hp_str a, hp_str b) {
    char room_a[HP_NAME_BYTES + HP_NAME_WORDS], room_b[HP_NAME_BYTES + HP_NAME_WORDS];
    words wa, wb;
    split(a, &wa);
    split(b, &wb);
    sort_words(&wa);
    sort_words(&wb);
    return hp_jaro_winkler(join(&wa, ' ', room_a), join(&wb, ' ', room_b));
}

double hp_name_similarity(hp_str a, hp_str b) {
    /* Which of two equal bytes is taken as common may depend on the order of the texts. */
    int order = hp_str_cmp(a, b);
    if (order == 0) return 1;
    if (order > 0) {
        hp_str swap = a;
        a = b;
        b = swap;
    }
    double plain = hp_jaro_winkler(a, b);
    if (hp_str_chr(a, ' ', 0) == SIZE_MAX && hp_str_chr(b, ' ', 0) == SIZE_MAX) return plain;
    double sorted = sorted_similarity(a, b);
    return sorted > plain ? sorted : plain;
}

double hp_name_likeness(hp_str a, hp_str b, double enough) {
    double s = hp_name_similarity(a, b);
    size_t longer = a.n > b.n ? a.n : b.n, shorter = a.n + b.n - longer;
    /* The distance is at least the difference in length, and takes longer to compute than all the rest. */
    bool out_of_reach = (double)shorter < enough * (double)longer;
    if (s >= enough || s < 0.8 || longer > 64 || out_of_reach) return s;
    double mended = 1 - (double)hp_str_distance(a, b) / (double)longer;
    return mended > s ? mended : s;
}

size_t hp_name_words(hp_str key) {
    words w;
    split(key, &w);
    return w.n;
}

static bool has_word(const words *s, hp_str w) {
    for (size_t i = 0; i < s->n; i++)
        if (hp_str_eq(s->w[i], w)) return true;
    return false;
}

static void lacking(const words *a, const words *b, words *out) {
    out->n = 0;
    for (size_t i = 0; i < a->n; i++)
        if (!has_word(b, a->w[i])) out->w[out->n++] = a->w[i];
}

static bool has_number(const words *s) {
    for (size_t i = 0; i < s->n; i++) {
        size_t digits = 0;
        while (digits < s->w[i].n && hp_is_digit(s->w[i].p[digits])) digits++;
        if (digits == s->w[i].n) return true;
    }
    return false;
}

/* Tells whether the words that differ are one word spelled twice: a typing error apart, or alike all the same
 * ("academy", "acad"). 0.85 lies above pairs that are words of their own: training, racing 0.82; east, west
 * 0.83. */
static bool is_spelling(const words *a, const words *b) {
    char room_a[HP_NAME_BYTES + HP_NAME_WORDS], room_b[HP_NAME_BYTES + HP_NAME_WORDS];
    hp_str ja = join(a, 0, room_a), jb = join(b, 0, room_b);
    if (ja.n <= 64 && jb.n <= 64 && hp_str_distance(ja, jb) <= 1 && (ja.n > 2 || jb.n > 2)) return true;
    return (hp_str_cmp(ja, jb) < 0 ? hp_jaro_winkler(ja, jb) : hp_jaro_winkler(jb, ja)) >= 0.85;
}

hp_name_difference hp_name_differ(hp_str a, hp_str b, size_t *shared) {
    words wa, wb, only_a, only_b;
    split(a, &wa);
    split(b, &wb);
    lacking(&wa, &wb, &only_a);
    lacking(&wb, &wa, &only_b);
    *shared = wa.n < wb.n ? wa.n - only_a.n : wb.n - only_b.n;
    if (only_a.n == 0 && only_b.n == 0) return HP_DIFF_NONE;
    if (only_a.n == 0 || only_b.n == 0) return HP_DIFF_WITHIN;
    if (has_number(&only_a) && has_number(&only_b)) return HP_DIFF_WORDS;
    return is_spelling(&only_a, &only_b) ? HP_DIFF_NONE : HP_DIFF_WORDS;
}
