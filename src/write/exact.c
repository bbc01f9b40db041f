#include "write/exact.h"

#include <stdio.h>

#include "base/banned.h"

bool hp_exact_i64(hp_str s, int64_t *out) {
    size_t minus = s.n > 0 && s.p[0] == '-';
    if (s.n == minus || (s.p[minus] == '0' && s.n > 1)) return false;
    if (s.n > 18) return hp_str_i64(s, out);
    int64_t v = 0;
    for (size_t i = minus; i < s.n; i++) {
        if (!hp_is_digit(s.p[i])) return false;
        v = v * 10 + (s.p[i] - '0');
    }
    *out = minus ? -v : v;
    return true;
}

/* Reads a fraction of 15 digits at most, of which no two are the same double (DBL_DIG): the digits and the
 * power of ten are doubles, so dividing rounds once. False for others, which may be exact, too. */
static bool read_short(hp_str s, bool zeros, double *out) {
    static const double POWER[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    size_t minus = s.n > 0 && s.p[0] == '-', point = 0;
    int64_t digits = 0;
    if (s.n - minus > 16 || s.n - minus < 3) return false;
    for (size_t i = minus; i < s.n; i++) {
        if (s.p[i] == '.' && !point && i > minus)
            point = i;
        else if (!hp_is_digit(s.p[i]))
            return false;
        else
            digits = digits * 10 + (s.p[i] - '0');
    }
    if (!point || point == s.n - 1 || digits == 0 || (s.p[minus] == '0' && point > minus + 1)) return false;
    if (!zeros && s.p[s.n - 1] == '0') return false;
    *out = (double)(minus ? -digits : digits) / POWER[s.n - 1 - point];
    return true;
}

/* A number taken apart: its digits from the first to the last that is not zero, and where the point is. */
typedef struct digits {
    char digit[20];
    size_t n;  /* 0: the number is 0 */
    int power; /* 0.DIGITS times ten to this power */
} digits;

/* Tells whether a text is a number without needless signs; 0 gets no digits. */
static bool take_apart(hp_str s, bool zeros, digits *d) {
    size_t i = s.n > 0 && s.p[0] == '-', from = i, zero = 0;
    *d = (digits){.n = 0};
    bool fraction = false, last = false;
    for (; i < s.n; i++) {
        if (s.p[i] == '.' && !fraction && i > from) {
            fraction = true;
            continue;
        }
        if (!hp_is_digit(s.p[i])) return false;
        last = s.p[i] == '0';
        if (!fraction && (d->n || !last)) d->power++;
        if (fraction && d->n == 0 && last) d->power--;
        if (last) {
            zero += d->n > 0;
            continue;
        }
        for (; zero; zero--)
            if (d->n < sizeof d->digit) d->digit[d->n++] = '0';
        if (d->n == sizeof d->digit) return false;
        d->digit[d->n++] = s.p[i];
    }
    size_t whole = i - from;
    if (whole == 0 || s.p[s.n - 1] == '.' || (fraction && last && !zeros)) return false;
    return !(whole > 1 && s.p[from] == '0' && s.p[from + 1] != '.');
}

/* Rounds a number to n significant digits, in the same form. snprintf rounds correctly; the point, which the
 * locale chooses, is passed over. */
static void round_to(double v, int n, digits *d) {
    char text[64];
    int length = snprintf(text, sizeof text, "%.*e", n - 1, v), i = 0, power = 0;
    *d = (digits){.n = 0};
    for (; i < length && text[i] != 'e'; i++)
        if (hp_is_digit(text[i]) && d->n < sizeof d->digit) d->digit[d->n++] = text[i];
    bool minus = i + 1 < length && text[i + 1] == '-';
    for (i += 2; i < length; i++) power = power * 10 + (text[i] - '0');
    d->power = (minus ? -power : power) + 1;
    while (d->n && d->digit[d->n - 1] == '0') d->n--;
}

static double value_of(const digits *d, bool minus) {
    char text[64];
    double v = 0;
    int n = snprintf(text, sizeof text, "%s0.%.*se%d", minus ? "-" : "", (int)d->n, d->digit, d->power);
    return hp_str_f64((hp_str){text, (size_t)n}, &v) ? v : 0;
}

bool hp_exact_f64(hp_str s, bool zeros, double *out) {
    digits d, closest;
    double v;
    int64_t whole;
    if (s.n <= 15 && hp_exact_i64(s, &whole)) {
        *out = (double)whole;
        return true;
    }
    if (read_short(s, zeros, out)) return true;
    if (!take_apart(s, zeros, &d) || !hp_str_f64(s, &v)) return false;
    bool minus = s.p[0] == '-';
    if (d.n == 0) {
        if (minus) return false; /* "-0" would be read back as "0" */
        *out = 0;
        return true;
    }
    /* No two numbers of 15 digits are the same double (DBL_DIG), but near the ends of the range. */
    bool far = d.power < -300 || d.power > 300;
    if (far || d.n > 17) return false;
    if (d.n > 15) {
        round_to(v, (int)d.n - 1, &closest);
        if (value_of(&closest, minus) == v) return false;
        round_to(v, (int)d.n, &closest);
        if (closest.n != d.n || closest.power != d.power || memcmp(closest.digit, d.digit, d.n) != 0)
            return false;
    }
    *out = v;
    return true;
}
