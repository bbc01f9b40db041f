/* Whether a text is JSON, by looking at it once. */
#include "check/json_schema.h"

#include "base/banned.h"

#define DEEPEST 1000 /* nested arrays and objects; Python's own limit is about that */

typedef struct cursor {
    hp_str s;
    size_t i;
} cursor;

static char peek(const cursor *c) { return c->i < c->s.n ? c->s.p[c->i] : '\0'; }

static void skip_blanks(cursor *c) {
    while (c->i < c->s.n
           && (c->s.p[c->i] == ' ' || c->s.p[c->i] == '\t' || c->s.p[c->i] == '\n' || c->s.p[c->i] == '\r'))
        c->i++;
}

static bool skip(cursor *c, char wanted) {
    if (c->i >= c->s.n || c->s.p[c->i] != wanted) return false;
    c->i++;
    return true;
}

static bool skip_word(cursor *c, hp_str word) {
    if (!hp_str_starts(hp_str_cut(c->s, c->i, c->s.n), word)) return false;
    c->i += word.n;
    return true;
}

static bool skip_digits(cursor *c) {
    size_t from = c->i;
    while (hp_is_digit(peek(c))) c->i++;
    return c->i > from;
}

static bool skip_number(cursor *c) {
    skip(c, '-');
    if (skip_word(c, HP_S("Infinity"))) return true;
    if (!skip(c, '0') && !skip_digits(c)) return false;
    if (skip(c, '.') && !skip_digits(c)) return false;
    if (peek(c) != 'e' && peek(c) != 'E') return true;
    c->i++;
    if (!skip(c, '+')) skip(c, '-');
    return skip_digits(c);
}

static bool is_hex(char c) { return hp_is_digit(c) || (hp_lower(c) >= 'a' && hp_lower(c) <= 'f'); }

static bool skip_string(cursor *c) {
    if (!skip(c, '"')) return false;
    while (c->i < c->s.n) {
        unsigned char b = (unsigned char)c->s.p[c->i++];
        if (b == '"') return true;
        if (b < 0x20) return false;
        if (b != '\\') continue;
        char e = peek(c);
        c->i++;
        if (e == 'u') {
            for (int k = 0; k < 4; k++, c->i++)
                if (!is_hex(peek(c))) return false;
        } else if (!e || !strchr("\"\\/bfnrt", e))
            return false;
    }
    return false;
}

static bool skip_scalar(cursor *c) {
    switch (peek(c)) {
    case '"': return skip_string(c);
    case 't': return skip_word(c, HP_S("true"));
    case 'f': return skip_word(c, HP_S("false"));
    case 'n': return skip_word(c, HP_S("null"));
    case 'N': return skip_word(c, HP_S("NaN"));
    case 'I': return skip_word(c, HP_S("Infinity"));
    default: return skip_number(c);
    }
}

static bool skip_key(cursor *c) {
    skip_blanks(c);
    if (!skip_string(c)) return false;
    skip_blanks(c);
    return skip(c, ':');
}

bool hp_json_is(hp_str text) {
    cursor c = {text, 0};
    bool object[DEEPEST]; /* what is open: an object, else an array */
    size_t depth = 0;
    for (;;) {
        skip_blanks(&c);
        char open = peek(&c);
        if (open == '{' || open == '[') {
            if (depth == DEEPEST) return false;
            c.i++;
            skip_blanks(&c);
            if (!skip(&c, open == '{' ? '}' : ']')) {
                object[depth++] = open == '{';
                if (open == '{' && !skip_key(&c)) return false;
                continue;
            }
        } else if (!skip_scalar(&c))
            return false;
        for (;;) { /* a value has ended: so may what holds it */
            skip_blanks(&c);
            if (!depth) return c.i == text.n;
            if (skip(&c, ',')) break;
            if (!skip(&c, object[depth - 1] ? '}' : ']')) return false;
            depth--;
        }
        if (object[depth - 1] && !skip_key(&c)) return false;
    }
}
