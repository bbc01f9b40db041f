#include "check/instant.h"

#include "base/clock.h"

#include "base/banned.h"

/* The rules are those that python-dateutil documents for its parser ("dateutil.parser.parse", and the notes
 * on ambiguous dates there): a text is words, numbers and marks; each number finds its part by its length and
 * by what stands beside it; what is left over are parts of the day, put in order at the end. */
#define LONGEST   160 /* bytes of a text */
#define MOST      80  /* tokens */
#define THIS_YEAR 2025
#define UNSET     (-1)

enum { YEAR, MONTH, DAY };

typedef struct reader {
    hp_str token[MOST];
    size_t n;
    char text[LONGEST]; /* of numbers whose decimal comma became a point */
    size_t used;
    int64_t part[3]; /* year, month and day in the order of the text */
    size_t nparts;
    int place[3]; /* which of them is known to be the year, the month, the day */
    bool century; /* the year had all its digits */
    int hour, minute, second, us, weekday;
    bool zoned, named;
    int offset; /* seconds east of UTC */
} reader;

/* ---- words ---- */

static int find_word(hp_str word, const char *const *lists, size_t n) {
    for (size_t i = 0; i < n; i++) {
        hp_str names = hp_str_of(lists[i]), name;
        while (hp_str_next(&names, ' ', &name))
            if (hp_str_ieq(word, name)) return (int)i;
    }
    return UNSET;
}

static int month_of(hp_str word) {
    static const char *const names[] = {
        "jan january", "feb february", "mar march",          "apr april",   "may may",      "jun june",
        "jul july",    "aug august",   "sep sept september", "oct october", "nov november", "dec december"};
    return find_word(word, names, 12) + 1; /* 0: none */
}

static int weekday_of(hp_str word) {
    static const char *const names[] = {"mon monday", "tue tuesday",  "wed wednesday", "thu thursday",
                                        "fri friday", "sat saturday", "sun sunday"};
    return find_word(word, names, 7);
}

/* 0 hours, 1 minutes, 2 seconds. */
static int unit_of(hp_str word) {
    static const char *const names[] = {"h hour hours", "m minute minutes", "s second seconds"};
    return find_word(word, names, 3);
}

static int half_of(hp_str word) {
    static const char *const names[] = {"am a", "pm p"};
    return find_word(word, names, 2);
}

static bool is_filler(hp_str word) {
    static const char *const names[] = {". , ; - / ' at on and ad m t of st nd rd th"};
    return hp_str_eq(word, HP_S(" ")) || find_word(word, names, 1) == 0;
}

static bool is_utc(hp_str word) {
    return hp_str_eq(word, HP_S("UTC")) || hp_str_eq(word, HP_S("GMT")) || hp_str_eq(word, HP_S("Z"))
           || hp_str_eq(word, HP_S("z"));
}

/* ---- tokens ---- */

static hp_str at(const reader *r, size_t i) { return i < r->n ? r->token[i] : (hp_str){"", 0}; }
static bool is(const reader *r, size_t i, char c) {
    return i < r->n && r->token[i].n == 1 && r->token[i].p[0] == c;
}

static bool all_digits(hp_str s) {
    for (size_t i = 0; i < s.n; i++)
        if (!hp_is_digit(s.p[i])) return false;
    return s.n > 0;
}

static bool push(reader *r, hp_str token) {
    if (r->n == MOST) return false;
    r->token[r->n++] = token;
    return true;
}

/* "1.5.2020" and "Jan.5" are not one token: pieces and points by themselves. */
static bool push_split(reader *r, hp_str s) {
    for (size_t i = 0; i < s.n;) {
        size_t n = 1;
        if (s.p[i] != '.' && s.p[i] != ',')
            while (i + n < s.n && s.p[i + n] != '.' && s.p[i + n] != ',') n++;
        if (!push(r, hp_str_cut(s, i, i + n))) return false;
        i += n;
    }
    return true;
}

static bool is_letter(char c) { return hp_is_alpha(c) || (unsigned char)c >= 0x80; }

/* Finds the end of the number or word that begins at s.p[i]. A point belongs to it, and what follows a point
 * too, digits or letters; a comma only behind two digits and more, once. */
static size_t token_end(hp_str s, size_t i, bool *dotted, bool *letters) {
    bool number = hp_is_digit(s.p[i]);
    size_t end = i + 1;
    *dotted = false;
    *letters = !number;
    for (; end < s.n; end++) {
        char c = s.p[end];
        bool digit = hp_is_digit(c), letter = is_letter(c);
        if (c == '.' || (c == ',' && number && !*dotted && end - i >= 2))
            *dotted = true;
        else if (digit != number || (!digit && !letter)) {
            if (!*dotted || s.p[end - 1] != '.' || (!digit && !letter)) break;
            number = digit;
            *letters = *letters || letter;
        }
    }
    return end;
}

static bool push_run(reader *r, hp_str s, size_t *i) {
    bool dotted, letters;
    size_t end = token_end(s, *i, &dotted, &letters), points = 0;
    hp_str token = hp_str_cut(s, *i, end);
    *i = end;
    for (size_t k = 0; k < token.n; k++) points += token.p[k] == '.';
    char last = token.p[token.n - 1];
    if (dotted && (letters || points > 1 || last == '.' || last == ',')) return push_split(r, token);
    size_t comma = hp_str_chr(token, ',', 0);
    if (comma != SIZE_MAX && !points) {
        char *copy = r->text + r->used;
        memcpy(copy, token.p, token.n);
        copy[comma] = '.';
        r->used += token.n;
        token.p = copy;
    }
    return push(r, token);
}

static bool tokenize(reader *r, hp_str s) {
    for (size_t i = 0; i < s.n;) {
        char c = s.p[i];
        if (hp_is_digit(c) || is_letter(c)) {
            if (!push_run(r, s, &i)) return false;
        } else if (!push(r, hp_is_space(c) ? HP_S(" ") : hp_str_cut(s, i, i + 1)))
            return false;
        else
            i++;
    }
    return true;
}

/* ---- parts of the day ---- */

static bool add_part(reader *r, int64_t value, size_t digits, int label) {
    if (r->nparts == 3) return false;
    if (digits > 2 || value > 100) {
        if (label != UNSET && label != YEAR) return false;
        r->century = true;
        label = YEAR;
    }
    if (label != UNSET) {
        if (r->place[label] != UNSET) return false;
        r->place[label] = (int)r->nparts;
    }
    r->part[r->nparts++] = value;
    return true;
}

static int64_t number_of(hp_str digits) {
    int64_t v = 0;
    for (size_t i = 0; i < digits.n && hp_is_digit(digits.p[i]) && v < 100000000000000; i++)
        v = v * 10 + digits.p[i] - '0';
    return v;
}

static bool add_token(reader *r, hp_str token) {
    return all_digits(token) && add_part(r, number_of(token), token.n, UNSET);
}

/* A month's name, or digits. */
static bool add_month_or_number(reader *r, hp_str token) {
    int month = month_of(token);
    return month ? add_part(r, month, 0, MONTH) : add_token(r, token);
}

static bool could_be_day(const reader *r, int64_t value) {
    if (r->place[DAY] != UNSET || value < 1) return false;
    if (r->place[MONTH] == UNSET) return value <= 31;
    int year = r->place[YEAR] == UNSET ? 2000 : (int)r->part[r->place[YEAR]];
    hp_date d = {.year = year, .month = (int)r->part[r->place[MONTH]], .day = (int)value};
    return value <= 31 && hp_date_valid(&d);
}

/* ---- times ---- */

static bool split_seconds(reader *r, hp_str token) {
    size_t point = hp_str_chr(token, '.', 0);
    hp_str whole = hp_str_cut(token, 0, point),
           rest = hp_str_cut(token, point == SIZE_MAX ? token.n : point + 1, token.n);
    if (!all_digits(whole) || (rest.n && !all_digits(rest))) return false;
    r->second = (int)number_of(hp_str_cut(whole, 0, 9));
    r->us = 0;
    for (size_t i = 0; i < 6; i++) r->us = r->us * 10 + (i < rest.n ? rest.p[i] - '0' : 0);
    return true;
}

/* "10.5" minutes are ten and thirty seconds. */
static bool split_minutes(reader *r, hp_str token) {
    double value;
    if (!token.n || !hp_is_digit(token.p[0]) || !hp_str_f64(token, &value)) return false;
    r->minute = (int)value;
    double rest = value - r->minute;
    if (rest > 0) r->second = (int)(60 * rest + 1e-9);
    return true;
}

static void set_half(reader *r, int half, int64_t hour) {
    r->hour = (int)(half == 1 && hour < 12 ? hour + 12 : half == 0 && hour == 12 ? 0 : hour);
}

static bool set_unit(reader *r, hp_str token, int unit) {
    double value;
    if (!hp_str_f64(token, &value)) return false;
    if (unit == 0) {
        r->hour = (int)value;
        double rest = value - r->hour;
        if (rest > 0) r->minute = (int)(60 * rest + 1e-9);
        return true;
    }
    return unit == 1 ? split_minutes(r, token) : split_seconds(r, token);
}

/* Finds the unit that a number belongs to: behind it ("10h", "10 h"), or before it ("10h 36": minutes
 * follow). */
static int unit_near(const reader *r, size_t i, size_t *next) {
    *next = i + 1;
    int unit = unit_of(at(r, i + 1));
    if (unit != UNSET) {
        *next = i + 2;
        return unit;
    }
    unit = is(r, i + 1, ' ') ? unit_of(at(r, i + 2)) : UNSET;
    if (unit != UNSET) {
        *next = i + 3;
        return unit;
    }
    unit = i > 0 ? unit_of(at(r, i - 1)) : UNSET;
    if (unit == UNSET && i > 1 && i + 1 == r->n && is(r, i - 1, ' ')) unit = unit_of(at(r, i - 2));
    return unit == UNSET || unit == 2 ? UNSET : unit + 1;
}

/* ---- one token ---- */

/* Digits alone that hold a whole day, time, or both: 20030925T104941, 030925. False with *took = 0 when the
 * length says nothing. */
static bool read_compact(reader *r, size_t i, size_t *took) {
    hp_str s = r->token[i];
    size_t point = hp_str_chr(s, '.', 0);
    *took = 1;
    if (r->nparts == 3 && (s.n == 2 || s.n == 4) && r->hour == UNSET && point == SIZE_MAX
        && !is(r, i + 1, ':') && unit_of(at(r, i + 1)) == UNSET) {
        r->hour = (int)number_of(hp_str_cut(s, 0, 2));
        if (s.n == 4) r->minute = (int)number_of(hp_str_cut(s, 2, 4));
        return true;
    }
    if (s.n == 6 || (s.n > 6 && point == 6)) {
        if (!r->nparts && point == SIZE_MAX)
            return add_token(r, hp_str_cut(s, 0, 2)) && add_token(r, hp_str_cut(s, 2, 4))
                   && add_token(r, hp_str_cut(s, 4, 6));
        if (!all_digits(hp_str_cut(s, 0, 4))) return false;
        r->hour = (int)number_of(hp_str_cut(s, 0, 2));
        r->minute = (int)number_of(hp_str_cut(s, 2, 4));
        return split_seconds(r, hp_str_cut(s, 4, s.n));
    }
    if (point == SIZE_MAX && (s.n == 8 || s.n == 12 || s.n == 14)) {
        if (s.n > 8)
            r->hour = (int)number_of(hp_str_cut(s, 8, 10)), r->minute = (int)number_of(hp_str_cut(s, 10, 12));
        if (s.n > 12) r->second = (int)number_of(hp_str_cut(s, 12, 14));
        return add_part(r, number_of(hp_str_cut(s, 0, 4)), 4, YEAR) && add_token(r, hp_str_cut(s, 4, 6))
               && add_token(r, hp_str_cut(s, 6, 8));
    }
    *took = 0;
    return false;
}

/* 10:36[:28[.5]] */
static bool read_clock(reader *r, size_t i, size_t *took) {
    r->hour = (int)number_of(hp_str_cut(r->token[i], 0, 9));
    *took = 3;
    if (!split_minutes(r, at(r, i + 2))) return false;
    if (!is(r, i + 3, ':') || i + 4 >= r->n) return true;
    *took = 5;
    return split_seconds(r, at(r, i + 4));
}

/* 01-13[-2003], 13-Jan[-2003] */
static bool read_joined(reader *r, size_t i, size_t *took) {
    char sep = at(r, i + 1).p[0];
    *took = 2;
    if (!add_token(r, r->token[i])) return false;
    if (i + 2 >= r->n || is_filler(at(r, i + 2))) return true;
    *took = 3;
    if (!add_month_or_number(r, at(r, i + 2))) return false;
    if (!is(r, i + 3, sep)) return true;
    *took = 5;
    return i + 4 < r->n && add_month_or_number(r, at(r, i + 4));
}

static bool read_number(reader *r, size_t i, size_t *took) {
    hp_str s = r->token[i], next = at(r, i + 1);
    int64_t value = number_of(s);
    bool done = read_compact(r, i, took);
    if (*took) return done;
    size_t behind;
    int unit = unit_near(r, i, &behind);
    if (unit != UNSET) {
        *took = behind - i;
        return set_unit(r, s, unit);
    }
    if (is(r, i + 1, ':') && i + 2 < r->n) return read_clock(r, i, took);
    if (is(r, i + 1, '-') || is(r, i + 1, '/') || is(r, i + 1, '.')) return read_joined(r, i, took);
    if (i + 1 >= r->n || is_filler(next)) {
        int half = half_of(at(r, i + 2));
        *took = half == UNSET ? 2 : 3;
        if (half == UNSET) return add_part(r, value, 0, UNSET);
        set_half(r, half, value);
        return true;
    }
    *took = 1;
    int half = half_of(next);
    if (half != UNSET && value < 24) {
        *took = 2;
        set_half(r, half, value);
        return true;
    }
    return could_be_day(r, value) && add_part(r, value, 0, UNSET);
}

/* A month's name, with what may hang on it: Jan-01[-99], Jan of 01. */
static bool read_month(reader *r, size_t i, int month, size_t *took) {
    *took = 1;
    if (!add_part(r, month, 0, MONTH)) return false;
    if (i + 1 >= r->n) return true;
    if (is(r, i + 1, '-') || is(r, i + 1, '/')) {
        char sep = at(r, i + 1).p[0];
        *took = 3;
        if (!add_token(r, at(r, i + 2))) return false;
        if (!is(r, i + 3, sep)) return true;
        *took = 5;
        return add_token(r, at(r, i + 4));
    }
    if (i + 4 < r->n && is(r, i + 1, ' ') && is(r, i + 3, ' ') && hp_str_ieq(at(r, i + 2), HP_S("of"))
        && all_digits(at(r, i + 4))) {
        int64_t year = number_of(at(r, i + 4));
        *took = 5;
        if (year < 100) year += year + 2000 >= THIS_YEAR + 50 ? 1900 : 2000;
        return add_part(r, year, 4, YEAR);
    }
    return true;
}

/* -0300, -03:00, -3, each perhaps with its name in parentheses behind. */
static bool read_offset(reader *r, size_t i, size_t *took) {
    hp_str digits = at(r, i + 1);
    int sign = is(r, i, '-') ? -1 : 1, minutes;
    *took = 2;
    if (!all_digits(digits)) return false;
    if (digits.n == 4)
        minutes = (int)(number_of(hp_str_cut(digits, 0, 2)) * 60 + number_of(hp_str_cut(digits, 2, 4)));
    else if (is(r, i + 2, ':') && all_digits(at(r, i + 3)) && digits.n <= 4) {
        minutes = (int)(number_of(digits) * 60 + number_of(hp_str_cut(at(r, i + 3), 0, 4)));
        *took = 4;
    } else if (digits.n <= 2)
        minutes = (int)number_of(digits) * 60;
    else
        return false;
    r->offset = sign * minutes * 60;
    r->zoned = true;
    size_t p = i + *took;
    if (is_filler(at(r, p)) && is(r, p + 1, '(') && is(r, p + 3, ')') && at(r, p + 2).n >= 3) *took += 4;
    return minutes < 24 * 60;
}

static bool could_be_zone(const reader *r, hp_str word) {
    if (r->hour == UNSET || r->zoned || r->named || word.n > 5) return false;
    if (is_utc(word)) return true;
    for (size_t i = 0; i < word.n; i++)
        if (word.p[i] < 'A' || word.p[i] > 'Z') return false;
    return word.n > 0;
}

/* UTC, GMT+3 (which means three hours east, unlike POSIX); other names are known to be zones, not which. */
static bool read_zone(reader *r, size_t i, size_t *took) {
    *took = 1;
    bool utc = is_utc(r->token[i]);
    r->named = true;
    if (is(r, i + 1, '+') || is(r, i + 1, '-')) {
        bool done = read_offset(r, i + 1, took);
        ++*took;
        r->offset = -r->offset;
        return done;
    }
    r->zoned = utc;
    return true;
}

static bool read_word(reader *r, size_t i, size_t *took) {
    hp_str word = r->token[i];
    int month = month_of(word), day = weekday_of(word), half = half_of(word);
    *took = 1;
    if (day != UNSET) {
        r->weekday = day;
        return true;
    }
    if (month) return read_month(r, i, month, took);
    if (half != UNSET) {
        if (r->hour < 0 || r->hour > 12) return false;
        set_half(r, half, r->hour);
        return true;
    }
    if (could_be_zone(r, word)) return read_zone(r, i, took);
    if (r->hour != UNSET && (is(r, i, '+') || is(r, i, '-')) && i + 1 < r->n) return read_offset(r, i, took);
    return is_filler(word);
}

/* ---- the whole ---- */

static void take(const reader *r, hp_date *d, int year, int month, int day) {
    if (year != UNSET) d->year = (int)r->part[year];
    if (month != UNSET) d->month = (int)r->part[month];
    if (day != UNSET) d->day = (int)r->part[day];
}

/* Two known places of three leave one for the third. */
static bool by_place(const reader *r, hp_date *d) {
    int place[3] = {r->place[0], r->place[1], r->place[2]};
    size_t known = 0;
    for (size_t i = 0; i < 3; i++) known += place[i] != UNSET;
    if (!known || !(known == r->nparts || (r->nparts == 3 && known == 2))) return false;
    if (known == 2 && r->nparts == 3)
        for (size_t i = 0; i < 3; i++)
            if (place[i] == UNSET) place[i] = 3 - place[(i + 1) % 3] - place[(i + 2) % 3];
    take(r, d, place[YEAR], place[MONTH], place[DAY]);
    return true;
}

static void order_two(const reader *r, hp_date *d) {
    if (r->place[MONTH] != UNSET) {
        int other = 1 - r->place[MONTH];
        take(r, d, r->part[other] > 31 ? other : UNSET, r->place[MONTH], r->part[other] > 31 ? UNSET : other);
    } else if (r->part[0] > 31)
        take(r, d, 0, 1, UNSET);
    else if (r->part[1] > 31)
        take(r, d, 1, 0, UNSET);
    else
        take(r, d, UNSET, 0, 1);
}

static void order_three(const reader *r, hp_date *d) {
    const int64_t *v = r->part;
    switch (r->place[MONTH]) {
    case 0: v[1] > 31 ? take(r, d, 1, 0, 2) : take(r, d, 2, 0, 1); return;
    case 1: v[0] > 31 ? take(r, d, 0, 1, 2) : take(r, d, 2, 1, 0); return;
    case 2: v[1] > 31 ? take(r, d, 1, 2, 0) : take(r, d, 0, 2, 1); return;
    default: break;
    }
    if (v[0] > 31 || r->place[YEAR] == 0)
        take(r, d, 0, 1, 2);
    else if (v[0] > 12)
        take(r, d, 2, 1, 0);
    else
        take(r, d, 2, 0, 1);
}

static void order(const reader *r, hp_date *d) {
    if (!r->nparts || by_place(r, d)) return;
    if (r->nparts == 1) {
        if (r->part[0] > 31)
            take(r, d, 0, UNSET, UNSET);
        else
            take(r, d, UNSET, UNSET, 0);
    } else if (r->nparts == 2)
        order_two(r, d);
    else
        order_three(r, d);
}

static bool finish(const reader *r, hp_instant *out) {
    hp_date d = {.year = UNSET, .month = UNSET, .day = UNSET};
    if (!r->nparts && r->hour == UNSET && r->minute == UNSET && r->second == UNSET && r->weekday == UNSET
        && !r->named && !r->zoned)
        return false;
    order(r, &d);
    if (d.year != UNSET && d.year < 100 && !r->century)
        d.year += d.year + 2000 >= THIS_YEAR + 50 ? 1900 : 2000;
    bool has_day = d.day != UNSET;
    if (d.year == UNSET) d.year = 2000;
    if (d.month == UNSET) d.month = 1;
    if (!has_day) d.day = 1;
    d.hour = r->hour == UNSET ? 0 : r->hour;
    d.minute = r->minute == UNSET ? 0 : r->minute;
    d.second = r->second == UNSET ? 0 : r->second;
    if (!hp_date_valid(&d)) return false;
    int64_t days = hp_days_from_civil(d.year, d.month, d.day);
    if (r->weekday != UNSET && !has_day) days += ((r->weekday - (days + 3)) % 7 + 7) % 7;
    int64_t seconds = days * 86400 + d.hour * 3600 + d.minute * 60 + d.second - (r->zoned ? r->offset : 0);
    *out = (hp_instant){seconds * 1000000 + r->us, r->zoned};
    return true;
}

bool hp_instant_parse(hp_str text, hp_instant *out) {
    reader r = {
        .place = {UNSET, UNSET, UNSET}, .hour = UNSET, .minute = UNSET, .second = UNSET, .weekday = UNSET};
    if (text.n > LONGEST || !tokenize(&r, text)) return false;
    for (size_t i = 0; i < r.n;) {
        size_t took = 1;
        bool number = hp_is_digit(r.token[i].p[0]);
        if (!(number ? read_number(&r, i, &took) : read_word(&r, i, &took))) return false;
        i += took;
    }
    return finish(&r, out);
}
