/* Values of a parquet file as the text a person means by them (LogicalTypes.md of parquet-format). */
#include "read/parquet.h"

#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "read/number.h"
#include "read/text.h"

#include "base/banned.h"

#define DAY 86400
/* Days from the beginning of the Julian day count to 1970-01-01, and the first and last day of a calendar
 * with years of four digits. */
enum { JULIAN_1970 = 2440588, FIRST_DAY = -719162, LAST_DAY = 2932896, MAX_DECIMAL_BYTES = 64 };

static uint64_t le(const uint8_t *p, size_t n) {
    uint64_t v = 0;
    for (size_t i = 0; i < n && i < 8; i++) v |= (uint64_t)p[i] << (8 * i);
    return v;
}

static int64_t signed_of(const hp_pq_reader *r, const uint8_t *p) {
    return r->col->width == 4 ? (int32_t)(uint32_t)le(p, 4) : (int64_t)le(p, 8);
}

static size_t put_digits(uint64_t v, char *out) {
    char digit[20];
    size_t n = 0, k = 0;
    do digit[n++] = (char)('0' + v % 10);
    while (v /= 10);
    while (n) out[k++] = digit[--n];
    return k;
}

static size_t put_int(int64_t v, char *out) {
    if (v >= 0) return put_digits((uint64_t)v, out);
    out[0] = '-';
    return 1 + put_digits(~(uint64_t)v + 1, out + 1);
}

static size_t put_two(unsigned v, char *out) {
    out[0] = (char)('0' + v / 10 % 10);
    out[1] = (char)('0' + v % 10);
    return 2;
}

/* A time of day: seconds, and parts of one where there are any. */
static size_t put_time(uint32_t second, int64_t part, int64_t unit, char *out) {
    size_t n = put_two(second / 3600, out);
    out[n++] = ':';
    n += put_two(second / 60 % 60, out + n);
    out[n++] = ':';
    n += put_two(second % 60, out + n);
    if (part == 0) return n;
    out[n++] = '.';
    for (int64_t at = unit / 10; at > 0 && part > 0; at /= 10) {
        out[n++] = (char)('0' + part / at);
        part %= at;
    }
    return n;
}

/* A day that no calendar of ours has stays the number it is. */
static size_t put_day(int64_t days, char *out) {
    if (days < FIRST_DAY || days > LAST_DAY) return put_int(days, out);
    hp_date d = hp_civil_from_days(days);
    hp_date_iso(&d, out);
    return 10;
}

static size_t put_stamp(const hp_pq_reader *r, const uint8_t *p, char *out) {
    int64_t unit = r->col->unit, day, second, part;
    if (r->col->type == HP_PQ_INT96) {
        uint64_t nanos = le(p, 8);
        unit = 1000000000;
        day = (int64_t)(uint32_t)le(p + 8, 4) - JULIAN_1970 + (int64_t)(nanos / (DAY * UINT64_C(1000000000)));
        nanos %= DAY * UINT64_C(1000000000);
        second = (int64_t)(nanos / 1000000000);
        part = (int64_t)(nanos % 1000000000);
    } else {
        int64_t v = (int64_t)le(p, 8);
        part = v % unit;
        second = v / unit;
        if (part < 0) {
            part += unit;
            second--;
        }
        day = second / DAY;
        second %= DAY;
        if (second < 0) {
            second += DAY;
            day--;
        }
    }
    if (day < FIRST_DAY || day > LAST_DAY)
        return put_int(r->col->type == HP_PQ_INT96 ? day : (int64_t)le(p, 8), out);
    size_t n = put_day(day, out);
    out[n++] = 'T';
    return n + put_time((uint32_t)second, part, unit, out + n);
}

static size_t put_clock(const hp_pq_reader *r, const uint8_t *p, char *out) {
    int64_t v = signed_of(r, p), unit = r->col->unit;
    if (v < 0 || v / unit >= DAY) return put_int(v, out);
    return put_time((uint32_t)(v / unit), v % unit, unit, out);
}

/* Fewest digits that read back as the same single: it is what was typed. */
static void put_single(float f, char *out, size_t n) {
    for (int digits = 6; digits <= 9; digits++) {
        double back;
        int len = snprintf(out, n, "%.*g", digits, (double)f);
        if (hp_str_f64((hp_str){out, (size_t)len}, &back) && (float)back == f) return;
    }
}

/* Writes a double of few digits behind the point, as sums of money have, without trying how many it takes:
 * when a whole number of up to 15 digits divided by a power of ten gives the double again, it is the only one
 * that short (the division is rounded correctly, and 15 digits are never lost). Returns 0 for others. */
static size_t put_short_fraction(double v, char *out) {
    double power = 1;
    for (size_t digits = 1; digits <= 6; digits++) {
        power *= 10;
        double whole = nearbyint(v * power);
        if (!(fabs(whole) < 1e15)) return 0;
        if (whole / power != v) continue;
        char text[24];
        size_t n = put_digits((uint64_t)fabs(whole), text), k = 0, from = 0;
        if (v < 0) out[k++] = '-';
        if (n <= digits) out[k++] = '0';
        for (; from + digits < n; from++) out[k++] = text[from];
        out[k++] = '.';
        for (size_t zeros = n; zeros < digits; zeros++) out[k++] = '0';
        for (; from < n; from++) out[k++] = text[from];
        return k;
    }
    return 0;
}

/* NaN is how several programs write a missing number. */
static size_t put_double(double v, bool single, char out[HP_NUMBER_TEXT], bool *infinite) {
    if (isnan(v)) return 0;
    if (isinf(v)) {
        size_t n = v < 0 ? 9 : 8;
        memcpy(out, v < 0 ? "-Infinity" : "Infinity", n);
        *infinite = true;
        return n;
    }
    if (v == (double)(int64_t)fmax(fmin(v, 1e15), -1e15)) return put_int((int64_t)v, out);
    char lex[64];
    size_t n = single ? 0 : put_short_fraction(v, out);
    if (n) return n;
    if (single)
        put_single((float)v, lex, sizeof lex);
    else
        snprintf(lex, sizeof lex, "%.17g", v);
    return hp_number_text(hp_str_of(lex), out);
}

static double half(uint16_t h) {
    int exponent = h >> 10 & 31, fraction = h & 1023;
    double v = exponent == 31 ? (fraction ? (double)NAN : (double)INFINITY)
               : exponent     ? ldexp(1024 + fraction, exponent - 25)
                              : ldexp(fraction, -24);
    return h & 0x8000 ? -v : v;
}

static size_t put_float(hp_pq_reader *r, const uint8_t *p, char *out) {
    if (r->col->kind == HP_PQ_K_HALF) return put_double(half((uint16_t)le(p, 2)), true, out, &r->infinite);
    if (r->col->type == HP_PQ_FLOAT) {
        float f;
        memcpy(&f, p, sizeof f);
        return put_double((double)f, true, out, &r->infinite);
    }
    double d;
    memcpy(&d, p, sizeof d);
    return put_double(d, false, out, &r->infinite);
}

/* Divides a big-endian number by ten; returns the remainder. */
static unsigned tenth(uint8_t *big, size_t n) {
    unsigned rest = 0;
    for (size_t i = 0; i < n; i++) {
        rest = rest << 8 | big[i];
        big[i] = (uint8_t)(rest / 10);
        rest %= 10;
    }
    return rest;
}

/* The big-endian bytes of a decimal without their sign; false when negative. */
static bool magnitude(const hp_pq_reader *r, const uint8_t *p, size_t n, uint8_t *big) {
    if (r->col->width && r->col->type != HP_PQ_FIXED)
        for (size_t i = 0; i < n; i++) big[i] = p[n - 1 - i];
    else
        memcpy(big, p, n);
    if (!(big[0] & 0x80)) return true;
    unsigned carry = 1;
    for (size_t i = n; i-- > 0;) {
        carry += (uint8_t)~big[i];
        big[i] = (uint8_t)carry;
        carry >>= 8;
    }
    return false;
}

/* Writes a decimal without the zeros that end its fraction, as numbers of other files are. */
static void add_decimal(hp_pq_reader *r, const uint8_t *p, size_t n) {
    uint8_t big[MAX_DECIMAL_BYTES];
    char digit[MAX_DECIMAL_BYTES * 3];
    size_t k = 0, scale = (size_t)r->col->scale, from = 0;
    bool positive = magnitude(r, p, n, big);
    for (size_t first = 0;;) {
        digit[k++] = (char)('0' + tenth(big, n));
        while (first < n && big[first] == 0) first++;
        if (first == n) break;
    }
    while (from < scale && from < k && digit[from] == '0') from++;
    if (from == k) {
        hp_buf_putc(&r->text, '0');
        return;
    }
    if (!positive) hp_buf_putc(&r->text, '-');
    if (k <= scale) hp_buf_putc(&r->text, '0');
    for (size_t i = k; i > scale; i--) hp_buf_putc(&r->text, digit[i - 1]);
    if (from >= scale) return;
    hp_buf_putc(&r->text, '.');
    for (size_t i = scale; i > from; i--) hp_buf_putc(&r->text, i > k ? '0' : digit[i - 1]);
}

static void add_hex(hp_pq_reader *r, const uint8_t *p, size_t n, bool uuid) {
    for (size_t i = 0; i < n; i++) {
        if (uuid && (i == 4 || i == 6 || i == 8 || i == 10)) hp_buf_putc(&r->text, '-');
        hp_buf_putc(&r->text, "0123456789abcdef"[p[i] >> 4]);
        hp_buf_putc(&r->text, "0123456789abcdef"[p[i] & 15]);
    }
}

/* Texts of parquet may hold what is no UTF-8, though they should not. */
static hp_str bytes_text(hp_pq_reader *r, hp_str s) {
    bool nul = s.n && memchr(s.p, 0, s.n); /* other programs would end the text there */
    if (!nul && hp_utf8_valid(s, NULL)) return s;
    if (r->col->kind == HP_PQ_K_TEXT && nul) {
        hp_texts texts = hp_texts_new(NULL, false);
        bool repaired;
        hp_str clean = HP_S("");
        if (hp_texts_clean(&texts, s, &clean, &repaired, NULL) != HP_OK) r->text.bad = true;
        hp_buf_add(&r->text, clean);
        hp_texts_free(&texts);
        r->repaired++;
    } else if (r->col->kind == HP_PQ_K_TEXT) {
        hp_utf8_repair(s, &r->text);
        r->repaired++;
    } else {
        add_hex(r, (const uint8_t *)s.p, s.n, false);
    }
    return hp_buf_str(&r->text);
}

static uint64_t unsigned_of(const hp_pq_reader *r, const uint8_t *p) { return le(p, r->col->bits / 8u); }

static hp_str number_text(hp_pq_reader *r, const uint8_t *p, char out[HP_NUMBER_TEXT]) {
    switch (r->col->kind) {
    case HP_PQ_K_INT: return (hp_str){out, put_int(signed_of(r, p), out)};
    case HP_PQ_K_UINT: return (hp_str){out, put_digits(unsigned_of(r, p), out)};
    case HP_PQ_K_DATE: return (hp_str){out, put_day(signed_of(r, p), out)};
    case HP_PQ_K_TIME: return (hp_str){out, put_clock(r, p, out)};
    case HP_PQ_K_STAMP: return (hp_str){out, put_stamp(r, p, out)};
    default: return (hp_str){out, put_float(r, p, out)};
    }
}

static hp_str text_of(hp_pq_reader *r, const uint8_t *p, size_t n, char out[HP_NUMBER_TEXT]) {
    switch (r->col->kind) {
    case HP_PQ_K_BOOL: return *p ? HP_S("TRUE") : HP_S("FALSE");
    case HP_PQ_K_BYTES:
    case HP_PQ_K_TEXT: return bytes_text(r, (hp_str){(const char *)p, n});
    case HP_PQ_K_UUID: add_hex(r, p, n, true); break;
    case HP_PQ_K_DECIMAL:
        if (n == 0) return HP_S("");
        if (n <= MAX_DECIMAL_BYTES)
            add_decimal(r, p, n);
        else
            add_hex(r, p, n, false);
        break;
    default: return number_text(r, p, out);
    }
    return hp_buf_str(&r->text);
}

bool hp_pq_append(hp_pq_reader *r, const uint8_t *value, size_t n, bool stays) {
    char out[HP_NUMBER_TEXT];
    hp_buf_clear(&r->text);
    hp_str s = text_of(r, value, n, out);
    if (r->text.bad) return false;
    if (!(stays && s.p == (const char *)value) && s.n) {
        s = hp_dict_keep(&r->dict, s);
        if (!s.p) return false;
    }
    return hp_dict_append(&r->dict, s) != HP_DICT_FULL;
}
