/* Fuzzes numbers: any bytes are the lexical form of one. The C library is the judge: hp_number_text takes
 * what strtod takes whole, but for what XML Schema's double does not allow, and its text reads as the same
 * value. */
#include <math.h>
#include <stdlib.h>

#include "base/buf.h"
#include "read/number.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds) abort();
}

/* Tells whether a text has the form of a decimal number: digits, one point, an exponent. */
static bool has_form(hp_str s) {
    size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+'), digits = 0, points = 0;
    for (; i < s.n && (hp_is_digit(s.p[i]) || s.p[i] == '.'); i++) {
        digits += s.p[i] != '.';
        points += s.p[i] == '.';
    }
    if (digits == 0 || points > 1) return false;
    if (i == s.n) return true;
    if (hp_lower(s.p[i++]) != 'e') return false;
    i += i < s.n && (s.p[i] == '-' || s.p[i] == '+');
    if (i == s.n) return false;
    while (i < s.n && hp_is_digit(s.p[i])) i++;
    return i == s.n;
}

/* Holds the form of what is written: an optional sign, no zero too many, no exponent. */
static void check_form(hp_str s) {
    size_t i = s.p[0] == '-';
    must(i < s.n && hp_is_digit(s.p[i]));
    must(s.p[i] != '0' || i + 1 == s.n || s.p[i + 1] == '.');
    size_t points = 0;
    for (; i < s.n; i++) {
        must(hp_is_digit(s.p[i]) || s.p[i] == '.');
        points += s.p[i] == '.';
    }
    must(points <= 1 && hp_is_digit(s.p[s.n - 1]));
    must(points == 0 || s.p[s.n - 1] != '0');
}

static double value_of(hp_str s) {
    hp_autobuf b = hp_buf_new(1u << 26);
    hp_buf_add(&b, s);
    return strtod(hp_buf_cstr(&b), NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hp_str lex = {(const char *)data, size};
    char out[HP_NUMBER_TEXT], again[HP_NUMBER_TEXT];
    size_t n = hp_number_text(lex, out);
    bool form = has_form(lex);
    must(form || n == 0);
    if (n == 0) {
        /* What is no finite double, or longer than any. */
        must(!form || size > 300 || !isfinite(value_of(lex)) || fabs(value_of(lex)) < 1e-290);
        return 0;
    }
    hp_str text = {out, n};
    must(n <= HP_NUMBER_TEXT);
    check_form(text);
    must(value_of(text) == value_of(lex) || (lex.n > 17 && !isfinite(value_of(lex))));
    double quick;
    must(hp_str_f64(text, &quick) && quick == value_of(text));
    must(hp_number_text(text, again) == n && memcmp(again, out, n) == 0);
    return 0;
}
