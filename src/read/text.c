#include "read/text.h"

#include "base/hash.h"
#include "base/limits.h"
#include "base/utf8.h"

#include "base/banned.h"

hp_texts hp_texts_new(hp_run *run, bool escapes) {
    hp_buf empty = hp_buf_new(HP_LIMIT_PART_BYTES);
    return (hp_texts){.run = run, .escapes = escapes, .plain = empty, .repaired = empty};
}

void hp_texts_free(hp_texts *t) {
    hp_buf_free(&t->plain);
    hp_buf_free(&t->repaired);
}

enum { ESCAPE_BYTES = 7 }; /* _xHHHH_ */

/* Reads the escape at the start of `s`. */
static bool take_escape(hp_str s, uint32_t *unit) {
    if (s.n < ESCAPE_BYTES || s.p[0] != '_' || s.p[1] != 'x' || s.p[6] != '_') return false;
    *unit = 0;
    for (size_t i = 2; i < 6; i++) {
        char c = hp_lower(s.p[i]);
        if (!hp_is_digit(c) && (c < 'a' || c > 'f')) return false;
        *unit = *unit * 16 + (uint32_t)(hp_is_digit(c) ? c - '0' : c - 'a' + 10);
    }
    return true;
}

void hp_unescape(hp_str s, hp_buf *out) {
    while (s.n) {
        size_t at = hp_str_chr(s, '_', 0);
        if (at == SIZE_MAX) at = s.n;
        hp_buf_add(out, hp_str_cut(s, 0, at));
        s = hp_str_cut(s, at, s.n);
        uint32_t unit, low;
        if (!take_escape(s, &unit)) {
            hp_buf_add(out, hp_str_cut(s, 0, 1));
            s = hp_str_cut(s, 1, s.n);
            continue;
        }
        s = hp_str_cut(s, ESCAPE_BYTES, s.n);
        if (unit >= 0xD800 && unit < 0xDC00 && take_escape(s, &low) && low >= 0xDC00 && low < 0xE000) {
            unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
            s = hp_str_cut(s, ESCAPE_BYTES, s.n);
        }
        hp_buf_putu(out, unit);
    }
}

/* Replaces NULs by U+FFFD. */
static void replace_nuls(hp_str s, hp_buf *out) {
    for (size_t nul; (nul = hp_str_chr(s, '\0', 0)) != SIZE_MAX; s = hp_str_cut(s, nul + 1, s.n)) {
        hp_buf_add(out, hp_str_cut(s, 0, nul));
        hp_buf_putu(out, 0xFFFD);
    }
    hp_buf_add(out, s);
}

/* Sets the highest bit of each byte that is 0, and perhaps of some behind it. */
static uint64_t zero_bytes(uint64_t v) { return (v - 0x0101010101010101u) & ~v & 0x8080808080808080u; }

/* What eight bytes tell: whether one is beyond ASCII, a NUL, an underscore. */
typedef struct bytes_seen {
    uint64_t beyond, nul, underscore;
} bytes_seen;

static inline void look(bytes_seen *seen, uint64_t v) {
    seen->beyond |= v & 0x8080808080808080u;
    seen->nul |= zero_bytes(v);
    seen->underscore |= zero_bytes(v ^ 0x5F5F5F5F5F5F5F5Fu);
}

/* Reads fewer than eight bytes, and fills up with blanks. */
static inline uint64_t few_bytes(const char *p, size_t n) {
    uint64_t v = ~(uint64_t)0 / 255 * ' ' << 8 * n;
    if (n >= 4) return v | hp_hash_load(p, 4) | hp_hash_load(p + n - 4, 4) << 8 * (n - 4);
    for (size_t i = 0; i < n; i++) v |= (uint64_t)(unsigned char)p[i] << 8 * i;
    return v;
}

/* Most texts are short ASCII: one look at eight bytes at once tells what needs a closer one. */
bool hp_texts_fit(hp_str s, bool escapes) {
    bytes_seen seen = {0};
    for (size_t i = 0; i + 8 <= s.n; i += 8) look(&seen, hp_hash_load(s.p + i, 8));
    if (s.n >= 8)
        look(&seen, hp_hash_load(s.p + s.n - 8, 8)); /* once more, in part */
    else if (s.n)
        look(&seen, few_bytes(s.p, s.n));
    if (seen.nul || (seen.beyond && !hp_utf8_valid(s, NULL))) return false;
    return !escapes || !seen.underscore || hp_str_find(s, HP_S("_x"), 0) == SIZE_MAX;
}

hp_code hp_texts_clean(hp_texts *t, hp_str text, hp_str *out, bool *repaired, hp_err *err) {
    if (t->escapes && hp_str_find(text, HP_S("_x"), 0) != SIZE_MAX) {
        hp_buf_clear(&t->plain);
        hp_unescape(text, &t->plain);
        HP_TRY(hp_buf_check(&t->plain, "a text", err));
        text = hp_buf_str(&t->plain);
    }
    bool valid = hp_utf8_valid(text, NULL), has_nul = hp_str_chr(text, '\0', 0) != SIZE_MAX;
    if (!valid) {
        hp_buf_clear(&t->repaired);
        hp_utf8_repair(text, &t->repaired);
        HP_TRY(hp_buf_check(&t->repaired, "a text", err));
        text = hp_buf_str(&t->repaired);
    }
    if (has_nul) {
        /* `plain` is free when `text` has moved on to `repaired`, and the other way round. */
        hp_buf *other = text.p == t->plain.p ? &t->repaired : &t->plain;
        hp_buf_clear(other);
        replace_nuls(text, other);
        HP_TRY(hp_buf_check(other, "a text", err));
        text = hp_buf_str(other);
    }
    if (!valid || has_nul) *repaired = true;
    *out = text;
    return HP_OK;
}

hp_code hp_texts_intern(hp_texts *t, hp_str text, hp_vid *out, bool *repaired, hp_err *err) {
    if (!hp_texts_fit(text, t->escapes)) HP_TRY(hp_texts_clean(t, text, &text, repaired, err));
    return hp_intern(t->run->pool, text, out, err);
}
