#include "read/number.h"

#include <math.h>
#include <stdio.h>

#include "base/clock.h"

#include "base/banned.h"

/* Where the point of a double can be: 1.8e308 and 5e-324. */
enum { MAX_DIGITS = 350, EXACT_DIGITS = 15, ENOUGH_DIGITS = 17, MAX_POINT = 309, MIN_POINT = -323 };

/* An exponent from which on more digits make no difference: no double, nor any digits before it, reach so
 * far. */
enum { FAR_EXPONENT = 100000000, LONGEST_TEXT = 100000000 };

/* A decimal number: 0.DIGITS times ten to the power of `point`. */
typedef struct decimal {
    bool negative, exponent; /* exponent: it was written with one */
    int n, point;
    char digit[MAX_DIGITS];
} decimal;

static bool read_exponent(hp_str s, int *exponent) {
    bool negative = s.n && s.p[0] == '-';
    size_t i = s.n && (negative || s.p[0] == '+') ? 1 : 0;
    int value = 0;
    if (i == s.n) return false;
    for (; i < s.n && hp_is_digit(s.p[i]); i++)
        if (value < FAR_EXPONENT) value = value * 10 + (s.p[i] - '0');
    *exponent = negative ? -value : value;
    return i == s.n;
}

/* Reads the lexical form (xsd:double without INF and NaN); false when it is another, or too long to be one.
 */
static bool read_decimal(hp_str s, decimal *d) {
    if (s.n > LONGEST_TEXT) return false; /* or the point might leave the range of an int */
    *d = (decimal){.negative = s.n && s.p[0] == '-'};
    size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+') ? 1 : 0, digits = 0;
    bool point = false;
    for (; i < s.n && (hp_is_digit(s.p[i]) || (s.p[i] == '.' && !point)); i++) {
        if (s.p[i] == '.') {
            point = true;
            continue;
        }
        digits++;
        if (!point) d->point++;
        if (d->n == 0 && s.p[i] == '0') {
            d->point--; /* a leading zero moves no point but its own */
            continue;
        }
        if (d->n == MAX_DIGITS) return false;
        d->digit[d->n++] = s.p[i];
    }
    if (digits == 0) return false;
    if (i < s.n && hp_lower(s.p[i]) == 'e') {
        int exponent;
        if (!read_exponent(hp_str_cut(s, i + 1, s.n), &exponent)) return false;
        d->exponent = true;
        d->point += exponent;
        i = s.n;
    }
    while (d->n && d->digit[d->n - 1] == '0') d->n--;
    return i == s.n;
}

static size_t write_decimal(const decimal *d, char *out) {
    size_t n = 0;
    if (d->n == 0) {
        out[0] = '0';
        return 1;
    }
    if (d->negative) out[n++] = '-';
    if (d->point <= 0) {
        out[n++] = '0';
        out[n++] = '.';
        for (int i = d->point; i < 0; i++) out[n++] = '0';
    }
    for (int i = 0; i < d->n || i < d->point; i++) {
        if (i == d->point && i > 0) out[n++] = '.';
        out[n++] = i < d->n ? d->digit[i] : '0';
    }
    return n;
}

/* Tells whether a number that has as many digits as the largest double is one. */
static bool is_finite(hp_str lex) {
    double value;
    if (lex.n && lex.p[0] == '+') lex = hp_str_cut(lex, 1, lex.n);
    return hp_str_f64(lex, &value) && isfinite(value);
}

/* Replaces the digits by the fewest that read back as the same double; those of the file if there are no
 * fewer. */
static bool shorten(hp_str lex, decimal *d) {
    double value, back;
    if (lex.n && lex.p[0] == '+') lex = hp_str_cut(lex, 1, lex.n);
    if (!hp_str_f64(lex, &value) || !isfinite(value)) return false;
    char text[40];
    for (int digits = EXACT_DIGITS; digits < d->n && digits <= ENOUGH_DIGITS; digits++) {
        int n = snprintf(text, sizeof text, "%.*e", digits - 1, value);
        hp_str shorter = {text, (size_t)n};
        bool same = digits == ENOUGH_DIGITS
                    || (hp_str_f64(shorter, &back) && memcmp(&back, &value, sizeof back) == 0);
        if (same) return read_decimal(shorter, d);
    }
    return true;
}

bool hp_number_is_plain(hp_str s) {
    size_t i = s.n && s.p[0] == '-' ? 1 : 0;
    if (s.n - i == 0 || s.n - i > EXACT_DIGITS) return false;
    if (s.p[i] == '0') return s.n == 1;
    while (i < s.n && hp_is_digit(s.p[i])) i++;
    return i == s.n;
}

size_t hp_number_text(hp_str lex, char out[HP_NUMBER_TEXT]) {
    if (hp_number_is_plain(lex)) {
        memcpy(out, lex.p, lex.n);
        return lex.n;
    }
    decimal d;
    if (!read_decimal(lex, &d)) return 0;
    bool written_out = !d.exponent && d.n <= d.point; /* a whole number */
    if (d.n > EXACT_DIGITS && !written_out && !shorten(lex, &d)) return 0;
    if (d.n > 0 && (d.point > MAX_POINT || d.point < MIN_POINT)) return 0;
    if (d.n > 0 && d.point == MAX_POINT && !is_finite(lex)) return 0;
    return write_decimal(&d, out);
}

enum { DAY_SECONDS = 86400, LAST_SERIAL = 2958466 }; /* the day after 9999-12-31, counted from 1900 */

static size_t write_time(int64_t seconds, char out[40]) {
    long long h = seconds / 3600, m = seconds / 60 % 60, s = seconds % 60;
    return (size_t)snprintf(out, 40, "%02lld:%02lld:%02lld", h, m, s);
}

size_t hp_serial_text(double serial, hp_numfmt kind, bool date1904, char out[40]) {
    if (!(serial >= 0 && serial < LAST_SERIAL)) return 0;
    /* To milliseconds first: a serial has no more than that in it, and 09:29:59.9999 is meant to be 09:30. */
    int64_t seconds = (llround(serial * DAY_SECONDS * 1000.0) + 500) / 1000;
    if (kind == HP_NUMFMT_ELAPSED) return write_time(seconds, out);
    int64_t day = seconds / DAY_SECONDS, time = seconds % DAY_SECONDS;
    bool time_only = day == 0 && (!date1904 || kind == HP_NUMFMT_TIME);
    if (time_only) return write_time(time, out);
    if (date1904) {
        day += hp_days_from_civil(1904, 1, 1);
    } else {
        day += hp_days_from_civil(1899, 12, 30) + (day < 60 ? 1 : 0);
    }
    hp_date d = hp_civil_from_days(day);
    if (d.year > 9999) return 0;
    char date[11];
    hp_date_iso(&d, date);
    memcpy(out, date, 10);
    if (time == 0) return 10;
    out[10] = 'T';
    char clock[40];
    size_t n = write_time(time, clock);
    memcpy(out + 11, clock, n);
    return 11 + n;
}

static bool two_digits(hp_str s, size_t at, int max, int *out) {
    if (s.n < at + 2 || !hp_is_digit(s.p[at]) || !hp_is_digit(s.p[at + 1])) return false;
    *out = (s.p[at] - '0') * 10 + (s.p[at + 1] - '0');
    return *out <= max;
}

/* Reads hh:mm or hh:mm:ss with a fraction, and a zone, which are passed over: a cell's date has no zone. */
static bool iso_time(hp_str s, int hms[3]) {
    hms[2] = 0;
    if (!two_digits(s, 0, 23, &hms[0]) || s.n < 5 || s.p[2] != ':' || !two_digits(s, 3, 59, &hms[1]))
        return false;
    size_t i = 5;
    if (i < s.n && s.p[i] == ':') {
        if (!two_digits(s, 6, 59, &hms[2])) return false;
        i = 8;
    }
    if (i < s.n && s.p[i] == '.') {
        for (i++; i < s.n && hp_is_digit(s.p[i]);) i++;
    }
    return i == s.n || (i + 1 == s.n && s.p[i] == 'Z') || s.p[i] == '+' || s.p[i] == '-';
}

size_t hp_iso_text(hp_str iso, char out[40]) {
    hp_date d;
    int hms[3] = {0, 0, 0};
    if (iso.n > 2 && iso.p[2] == ':') {
        if (!iso_time(iso, hms)) return 0;
        return write_time(hms[0] * 3600 + hms[1] * 60 + hms[2], out);
    }
    if (!hp_date_parse_iso(hp_str_cut(iso, 0, 10), &d)) return 0;
    bool has_time = iso.n > 10;
    if (has_time && ((iso.p[10] != 'T' && iso.p[10] != ' ') || !iso_time(hp_str_cut(iso, 11, iso.n), hms)))
        return 0;
    memcpy(out, iso.p, 10);
    if (hms[0] + hms[1] + hms[2] == 0) return 10;
    return 10 + (size_t)snprintf(out + 10, 30, "T%02d:%02d:%02d", hms[0], hms[1], hms[2]);
}
