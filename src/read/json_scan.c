#include "read/json_scan.h"

#include "base/limits.h"

#include "base/banned.h"

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Finds the first quote, backslash or control character at or after p, eight bytes at a time: a borrow
 * reaches only the bytes behind the first that is found. */
static const char *string_stop(const char *p, const char *end) {
    for (; end - p >= 8; p += 8) {
        uint64_t v, found;
        memcpy(&v, p, 8);
        uint64_t quote = v ^ EACH('"'), slash = v ^ EACH('\\');
        found = (((quote - EACH(1)) & ~quote) | ((slash - EACH(1)) & ~slash) | ((v - EACH(' ')) & ~v))
                & EACH(0x80);
        if (found) return p + __builtin_ctzll(found) / 8;
    }
    while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= ' ') p++;
    return p;
}

static bool hex4(hp_json_scan *s, uint32_t *unit) {
    *unit = 0;
    if (s->end - s->p < 4) return false;
    for (int i = 0; i < 4; i++) {
        char c = hp_lower(s->p[i]);
        if (!hp_is_digit(c) && (c < 'a' || c > 'f')) return false;
        *unit = *unit * 16 + (uint32_t)(hp_is_digit(c) ? c - '0' : c - 'a' + 10);
    }
    s->p += 4;
    return true;
}

/* Reads what stands behind \u; half a pair of surrogates is no character. */
static bool unicode(hp_json_scan *s, uint32_t *cp) {
    uint32_t low;
    if (!hex4(s, cp)) return false;
    if (*cp < 0xD800 || *cp > 0xDFFF) return true;
    const char *back = s->p;
    if (*cp < 0xDC00 && s->end - s->p >= 6 && s->p[0] == '\\' && s->p[1] == 'u') {
        s->p += 2;
        if (!hex4(s, &low)) return false;
        if (low >= 0xDC00 && low <= 0xDFFF) {
            *cp = 0x10000 + ((*cp - 0xD800) << 10) + (low - 0xDC00);
            return true;
        }
        s->p = back; /* an escape of its own */
    }
    *cp = 0xFFFD;
    s->repaired = true;
    return true;
}

/* Undoes the escape at p, which stands at a backslash. */
static bool escape(hp_json_scan *s) {
    static const char NAME[] = "\"\\/bfnrt", MEANS[] = "\"\\/\b\f\n\r\t";
    uint32_t cp;
    char c = s->end - s->p > 1 ? s->p[1] : '\0';
    const char *known = c ? strchr(NAME, c) : NULL;
    if (known) {
        s->p += 2;
        hp_buf_putc(&s->scratch, MEANS[known - NAME]);
        return true;
    }
    if (c == 'u') {
        s->p += 2;
        if (unicode(s, &cp)) {
            hp_buf_putu(&s->scratch, cp);
            return true;
        }
    }
    s->why = "a backslash that begins no escape";
    return false;
}

/* Reads on from the first backslash of a string that begins at `from`. */
static bool escaped(hp_json_scan *s, const char *from, hp_str *text) {
    hp_buf_clear(&s->scratch);
    while (s->p < s->end) {
        hp_buf_add(&s->scratch, (hp_str){from, (size_t)(s->p - from)});
        if (*s->p == '"') {
            *text = hp_buf_str(&s->scratch);
            return !s->scratch.bad;
        }
        if (*s->p != '\\') break;
        if (!escape(s)) return false;
        from = s->p;
        s->p = string_stop(s->p, s->end);
    }
    return true; /* the caller sees that no quote is there */
}

bool hp_json_string(hp_json_scan *s, hp_str *raw, hp_str *text) {
    const char *from = s->p;
    s->repaired = false;
    s->p = string_stop(from, s->end);
    bool plain = s->p < s->end && *s->p == '"';
    if (!plain && s->p < s->end && *s->p == '\\' && !escaped(s, from, text)) return false;
    if (s->p == s->end || *s->p != '"') {
        s->why = s->p == s->end || *s->p == '\n' ? "a text without its closing quote"
                                                 : "a control character in a text, which has to be escaped";
        return false;
    }
    *raw = (hp_str){from, (size_t)(s->p - from)};
    if (plain) *text = *raw;
    s->p++;
    return true;
}

static const char *digits(const char *p, const char *end) {
    while (p < end && hp_is_digit(*p)) p++;
    return p;
}

/* Reads a number by the grammar, which is stricter than that of other formats: no +1, 01, .5 or 1. */
static bool number(hp_json_scan *s) {
    const char *p = s->p, *end = s->end, *from;
    if (p < end && *p == '-') p++;
    from = p;
    p = digits(p, end);
    bool good = p > from && (*from != '0' || p == from + 1);
    if (good && p < end && *p == '.') {
        from = ++p;
        p = digits(p, end);
        good = p > from;
    }
    if (good && p < end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < end && (*p == '+' || *p == '-')) p++;
        from = p;
        p = digits(p, end);
        good = p > from;
    }
    if (!good) s->why = "a number that is none in JSON";
    if (good) s->p = p;
    return good;
}

static bool word(hp_json_scan *s, hp_str w) {
    if ((size_t)(s->end - s->p) >= w.n && memcmp(s->p, w.p, w.n) == 0) {
        s->p += w.n;
        return true;
    }
    s->why = "a value that is none (NaN, Infinity and words without quotes are no JSON)";
    return false;
}

static void nested_space(hp_json_scan *s) {
    const char *from = s->p;
    hp_json_space(s);
    if (s->p > from) s->spaced = true;
}

static bool skip(hp_json_scan *s, unsigned depth);

/* Reads a member of an array, or of an object with its name. */
static bool skip_member(hp_json_scan *s, bool object, unsigned depth) {
    hp_str raw, text;
    nested_space(s);
    if (object) {
        if (!hp_json_take(s, '"', "a name without its opening quote") || !hp_json_string(s, &raw, &text))
            return false;
        nested_space(s);
        if (!hp_json_take(s, ':', "a name without : behind it")) return false;
        nested_space(s);
    }
    if (!skip(s, depth)) return false;
    nested_space(s);
    return true;
}

/* Reads an array or object; p stands behind its opening bracket. */
static bool skip_members(hp_json_scan *s, char close, unsigned depth) {
    nested_space(s);
    if (s->p < s->end && *s->p == close) {
        s->p++;
        return true;
    }
    for (;;) {
        if (!skip_member(s, close == '}', depth)) return false;
        if (s->p < s->end && *s->p == ',') {
            s->p++;
            continue;
        }
        return hp_json_take(s, close,
                            close == '}' ? "an object without , or } behind its value"
                                         : "an array without , or ] behind its value");
    }
}

static bool skip(hp_json_scan *s, unsigned depth) {
    hp_str raw, text;
    switch (s->p < s->end ? *s->p : '\0') {
    case '"': s->p++; return hp_json_string(s, &raw, &text);
    case '{':
    case '[':
        if (depth == HP_LIMIT_JSON_DEPTH) {
            s->why = "nested deeper than can be read";
            return false;
        }
        return skip_members(s, *s->p++ == '{' ? '}' : ']', depth + 1);
    case 't': return word(s, HP_S("true"));
    case 'f': return word(s, HP_S("false"));
    case 'n': return word(s, HP_S("null"));
    default:
        if (s->p < s->end && (*s->p == '-' || hp_is_digit(*s->p))) return number(s);
        return word(s, HP_S("null"));
    }
}

/* Leaves white space outside of strings away; the bytes are JSON. */
static hp_str compact(hp_json_scan *s, hp_str json) {
    bool inside = false;
    hp_buf_clear(&s->scratch);
    for (size_t i = 0; i < json.n; i++) {
        char c = json.p[i];
        if (inside && c == '\\') {
            hp_buf_putc(&s->scratch, c);
            c = json.p[++i];
        } else if (c == '"') {
            inside = !inside;
        }
        if (inside || !hp_is_space(c)) hp_buf_putc(&s->scratch, c);
    }
    return hp_buf_str(&s->scratch);
}

static hp_json_kind nested(hp_json_scan *s, hp_str *text) {
    const char *from = s->p;
    s->spaced = false;
    if (!skip(s, 0)) return HP_JSON_BAD;
    *text = (hp_str){from, (size_t)(s->p - from)};
    if (s->spaced) *text = compact(s, *text);
    return s->scratch.bad ? HP_JSON_BAD : HP_JSON_NESTED;
}

hp_json_kind hp_json_value(hp_json_scan *s, hp_str *text) {
    hp_str raw;
    const char *from = s->p;
    switch (s->p < s->end ? *s->p : '\0') {
    case '"': s->p++; return hp_json_string(s, &raw, text) ? HP_JSON_STRING : HP_JSON_BAD;
    case '{':
    case '[': return nested(s, text);
    case 't': return word(s, HP_S("true")) ? HP_JSON_TRUE : HP_JSON_BAD;
    case 'f': return word(s, HP_S("false")) ? HP_JSON_FALSE : HP_JSON_BAD;
    case 'n': return word(s, HP_S("null")) ? HP_JSON_NULL : HP_JSON_BAD;
    default:
        if (!skip(s, 0)) return HP_JSON_BAD;
        *text = (hp_str){from, (size_t)(s->p - from)};
        return HP_JSON_NUMBER;
    }
}
