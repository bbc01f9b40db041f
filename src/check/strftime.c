#include "check/strftime.h"

#include "base/clock.h"

#include "base/banned.h"

/* Python's datetime.strptime (library reference, "strftime() and strptime() Format Codes"): a directive takes
 * the longest value it can, and gives it back when what follows does not match then. */
#define LONGEST_FORMAT   200
#define LONGEST_EXPANDED (LONGEST_FORMAT * 12)

/* What a matched text says; a month, a weekday or an hour of -1 was not named. */
typedef struct parts {
    int year, iso_year, month, day, day_of_year, weekday, week_sunday, week_monday, iso_week, second;
    bool bad_zone;
} parts;

typedef struct matcher {
    hp_str format, text;
    parts found;
    size_t end; /* of the text matched */
} matcher;

static const char *const weekdays[] = {"monday", "tuesday",  "wednesday", "thursday",
                                       "friday", "saturday", "sunday"};
static const char *const months[] = {"january", "february", "march",     "april",   "may",      "june",
                                     "july",    "august",   "september", "october", "november", "december"};

/* What a directive's number may be. */
static const struct {
    char name;
    int most_digits, least, most;
    bool fixed; /* exactly most_digits */
} numbers[] = {
    {'w', 1, 0, 6, true},    {'d', 2, 1, 31, false},     {'m', 2, 1, 12, false},  {'y', 2, 0, 99, true},
    {'Y', 4, 0, 9999, true}, {'H', 2, 0, 23, false},     {'I', 2, 1, 12, false},  {'M', 2, 0, 59, false},
    {'S', 2, 0, 61, false},  {'f', 6, 0, 999999, false}, {'j', 3, 1, 366, false}, {'U', 2, 0, 53, false},
    {'W', 2, 0, 53, false},  {'G', 4, 0, 9999, true},    {'u', 1, 1, 7, true},    {'V', 2, 0, 53, false},
};
#define NNUMBERS (sizeof numbers / sizeof *numbers)

static bool is_blank(char c) { return hp_is_space(c) || (c >= 0x1c && c <= 0x1f); }

/* ---- the format ---- */

/* Writes the format with %c, %x and %X spelt out; the length, or SIZE_MAX when it is too long. */
static size_t expand(hp_str format, char out[LONGEST_EXPANDED]) {
    size_t n = 0;
    if (format.n > LONGEST_FORMAT) return SIZE_MAX;
    for (size_t i = 0; i < format.n; i++) {
        char c = format.p[i], next = i + 1 < format.n ? format.p[i + 1] : '\0';
        const char *means = c != '%'      ? NULL
                            : next == 'c' ? "%a %b %d %H:%M:%S %Y"
                            : next == 'x' ? "%m/%d/%y"
                            : next == 'X' ? "%H:%M:%S"
                                          : NULL;
        if (means) {
            memcpy(out + n, means, strlen(means));
            n += strlen(means);
            i++;
        } else {
            out[n++] = c;
            if (c == '%' && i + 1 < format.n) out[n++] = format.p[++i];
        }
    }
    return n;
}

static bool has(hp_str format, const char *any) {
    for (size_t i = 0; i + 1 < format.n; i++) {
        if (format.p[i] != '%') continue;
        if (strchr(any, format.p[++i])) return true;
    }
    return false;
}

/* Python makes a regular expression with a named group of each directive: no name may stand twice. */
static hp_code check_directives(hp_str format, const char *where, hp_err *err) {
    bool seen[128] = {false};
    for (size_t i = 0; i < format.n; i++) {
        if (format.p[i] != '%') continue;
        if (++i == format.n)
            return hp_fail(err, HP_CONFIG, "%s: stray %% at the end of the strftime format", where);
        char c = format.p[i];
        if (!strchr("aAwdbBmyYHIpMSfzZjUWGuV%", c))
            return hp_fail(err, HP_CONFIG, "%s: '%c' is a bad directive in the strftime format", where,
                           c >= ' ' && c < 127 ? c : '?');
        if (c != '%' && seen[(int)c])
            return hp_fail(err, HP_CONFIG, "%s: the directive %%%c stands twice in the strftime format",
                           where, c);
        seen[(int)c] = true;
    }
    return HP_OK;
}

hp_code hp_strftime_check(hp_str format, const char *where, hp_err *err) {
    char text[LONGEST_EXPANDED];
    size_t n = expand(format, text);
    if (n == SIZE_MAX)
        return hp_fail(err, HP_CONFIG, "%s: the strftime format has %zu bytes; %d are the limit", where,
                       format.n, LONGEST_FORMAT);
    hp_str f = {text, n};
    HP_TRY(check_directives(f, where, err));
    bool weekday = has(f, "aAwu");
    if (has(f, "G") && (!has(f, "V") || !weekday || has(f, "j")))
        return hp_fail(
            err, HP_CONFIG,
            "%s: the ISO year %%G of a strftime format needs %%V and a weekday (%%A, %%a, %%w, %%u), and no %%j",
            where);
    if (has(f, "V") && !has(f, "G"))
        return hp_fail(
            err, HP_CONFIG,
            "%s: the ISO week %%V of a strftime format needs %%G and a weekday (%%A, %%a, %%w, %%u)", where);
    return HP_OK;
}

/* ---- matching ---- */

static bool match_from(matcher *m, size_t f, size_t t);

static void note(parts *p, char directive, int value) {
    switch (directive) {
    case 'Y': p->year = value; break;
    case 'y': p->year = value + (value <= 68 ? 2000 : 1900); break;
    case 'G': p->iso_year = value; break;
    case 'm': p->month = value; break;
    case 'd': p->day = value; break;
    case 'j': p->day_of_year = value; break;
    case 'w': p->weekday = (value + 6) % 7; break;
    case 'u': p->weekday = value - 1; break;
    case 'U': p->week_sunday = value; break;
    case 'W': p->week_monday = value; break;
    case 'V': p->iso_week = value; break;
    case 'S': p->second = value; break;
    default: break;
    }
}

/* Tries what follows with `value` noted; takes the note back when it does not match. */
static bool go_on(matcher *m, size_t f, size_t t, char directive, int value) {
    parts before = m->found;
    note(&m->found, directive, value);
    if (match_from(m, f, t)) return true;
    m->found = before;
    return false;
}

static bool match_number(matcher *m, size_t kind, size_t f, size_t t) {
    char name = numbers[kind].name;
    if (name == 'd' && t + 1 < m->text.n && m->text.p[t] == ' ' && m->text.p[t + 1] > '0'
        && m->text.p[t + 1] <= '9')
        return go_on(m, f, t + 2, name, m->text.p[t + 1] - '0');
    int value[8] = {0}, n = 0;
    while (n < numbers[kind].most_digits && t + (size_t)n < m->text.n
           && hp_is_digit(m->text.p[t + (size_t)n])) {
        value[n] = (n ? value[n - 1] * 10 : 0) + m->text.p[t + (size_t)n] - '0';
        n++;
    }
    for (int least = numbers[kind].fixed ? numbers[kind].most_digits : 1; n >= least; n--) {
        int v = value[n - 1];
        if (v < numbers[kind].least || v > numbers[kind].most) continue;
        if (go_on(m, f, t + (size_t)n, name, v)) return true;
    }
    return false;
}

static bool is_at(hp_str text, size_t t, const char *word, size_t n) {
    return t + n <= text.n && hp_str_ieq(hp_str_cut(text, t, t + n), (hp_str){word, n});
}

/* Names of months and weekdays, whole or three letters. */
static bool match_name(matcher *m, char directive, size_t f, size_t t) {
    bool month = directive == 'b' || directive == 'B', brief = directive == 'a' || directive == 'b';
    const char *const *names = month ? months : weekdays;
    for (int i = 0; i < (month ? 12 : 7); i++) {
        size_t n = brief ? 3 : strlen(names[i]);
        if (!is_at(m->text, t, names[i], n)) continue;
        parts before = m->found;
        if (month)
            m->found.month = i + 1;
        else
            m->found.weekday = i;
        if (match_from(m, f, t + n)) return true;
        m->found = before;
    }
    return false;
}

static bool digits_at(hp_str s, size_t t, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (t + i >= s.n || !hp_is_digit(s.p[t + i])) return false;
    return true;
}

/* Takes [+-]hh[:]mm[[:]ss[.ffffff]]; colons stand everywhere or nowhere, and the offset is under a day. */
static bool match_offset(matcher *m, size_t f, size_t t) {
    hp_str s = m->text;
    if (t < s.n && s.p[t] == 'Z') return match_from(m, f, t + 1);
    if (t >= s.n || (s.p[t] != '+' && s.p[t] != '-') || !digits_at(s, t + 1, 2)) return false;
    size_t ends[9], n = 0, at = t + 3;
    bool colon = at < s.n && s.p[at] == ':', uneven = false;
    at += colon;
    if (!digits_at(s, at, 2) || s.p[at] > '5') return false;
    ends[n++] = at += 2;
    bool second_colon = at < s.n && s.p[at] == ':';
    if (digits_at(s, at + second_colon, 2) && s.p[at + second_colon] <= '5') {
        uneven = second_colon != colon;
        ends[n++] = at += 2 + (size_t)second_colon;
        if (at < s.n && s.p[at] == '.')
            for (size_t d = 1; d <= 6 && digits_at(s, at + 1, d); d++) ends[n++] = at + 1 + d;
    }
    parts before = m->found;
    while (n--) {
        m->found.bad_zone = (s.p[t + 1] - '0') * 10 + s.p[t + 2] - '0' >= 24 || (n && uneven);
        if (match_from(m, f, ends[n])) return true;
        m->found = before;
    }
    return false;
}

static bool match_directive(matcher *m, char c, size_t f, size_t t) {
    for (size_t i = 0; i < NNUMBERS; i++)
        if (numbers[i].name == c) return match_number(m, i, f, t);
    switch (c) {
    case 'a':
    case 'A':
    case 'b':
    case 'B': return match_name(m, c, f, t);
    case 'p': return (is_at(m->text, t, "am", 2) || is_at(m->text, t, "pm", 2)) && match_from(m, f, t + 2);
    case 'Z': return (is_at(m->text, t, "utc", 3) || is_at(m->text, t, "gmt", 3)) && match_from(m, f, t + 3);
    case 'z': return match_offset(m, f, t);
    default: return c == '%' && t < m->text.n && m->text.p[t] == '%' && match_from(m, f, t + 1);
    }
}

static bool match_blanks(matcher *m, size_t f, size_t t) {
    size_t end = t;
    while (f < m->format.n && is_blank(m->format.p[f])) f++;
    while (end < m->text.n && is_blank(m->text.p[end])) end++;
    for (; end > t; end--)
        if (match_from(m, f, end)) return true;
    return false;
}

/* Matches the format from f on with the text from t on. Python takes the first way that matches the whole
 * format and refuses the text when some of it is left over, though another way might have taken it all. Each
 * directive stands at most once, which bounds the depth and the trials. */
static bool match_from(matcher *m, size_t f, size_t t) {
    for (; f < m->format.n; f++, t++) {
        char c = m->format.p[f];
        if (c == '%') return match_directive(m, m->format.p[f + 1], f + 2, t);
        if (is_blank(c)) return match_blanks(m, f, t);
        if (t >= m->text.n || hp_lower(c) != hp_lower(m->text.p[t])) return false;
    }
    m->end = t;
    return true;
}

/* ---- what the parts mean ---- */

static int monday_based_weekday(int64_t days) { return (int)(((days + 3) % 7 + 7) % 7); }

/* Weeks of a year, ISO 8601: 53 when it begins on a Thursday, or a leap year on a Wednesday. */
static int iso_weeks(int year) {
    int first = monday_based_weekday(hp_days_from_civil(year, 1, 1));
    bool leap = hp_days_from_civil(year + 1, 1, 1) - hp_days_from_civil(year, 1, 1) == 366;
    return first == 3 || (leap && first == 2) ? 53 : 52;
}

/* A day by its week and weekday: days since the year began, possibly before it. */
static int64_t day_of_week(int year, int week, int weekday, bool from_sunday) {
    int first = monday_based_weekday(hp_days_from_civil(year, 1, 1));
    if (from_sunday) first = (first + 1) % 7, weekday = (weekday + 1) % 7;
    int week0 = (7 - first) % 7; /* days before the first whole week */
    return week == 0 ? weekday - first : week0 + 7 * (week - 1) + weekday;
}

static bool in_range(int64_t days) {
    return days >= hp_days_from_civil(1, 1, 1) && days <= hp_days_from_civil(9999, 12, 31);
}

static bool exists(const parts *p) {
    int year = p->year < 0 ? 1900 : p->year;
    if (p->second > 59 || p->bad_zone) return false;
    if (p->iso_year >= 0) return p->iso_year > 0 && p->iso_week > 0 && p->iso_week <= iso_weeks(p->iso_year);
    if (year < 1) return false;
    int64_t start = hp_days_from_civil(year, 1, 1);
    if (p->day_of_year > 0) return in_range(start + p->day_of_year - 1);
    if (p->year >= 0 && p->weekday >= 0 && (p->week_sunday >= 0 || p->week_monday >= 0))
        return in_range(start
                        + day_of_week(year, p->week_sunday >= 0 ? p->week_sunday : p->week_monday, p->weekday,
                                      p->week_sunday >= 0));
    hp_date d = {.year = year, .month = p->month < 0 ? 1 : p->month, .day = p->day < 0 ? 1 : p->day};
    return hp_date_valid(&d);
}

bool hp_strftime_match(hp_str format, hp_str text) {
    char expanded[LONGEST_EXPANDED];
    size_t n = expand(format, expanded);
    if (n == SIZE_MAX) return false;
    matcher m = {{expanded, n}, text, {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, false}, 0};
    return match_from(&m, 0, 0) && m.end == text.n && exists(&m.found);
}
