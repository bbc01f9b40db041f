#include "base/clock.h"
#include "clean/value.h"

/* A text as numbers, months and what stands between them. */
typedef struct {
    int number[3];    /* numbers in order; the month's place holds its number when it was a word */
    size_t digits[3]; /* digits of each; 0 for a month's name */
    char sep[2];      /* '-', '/', '.' or ' ' */
    size_t n;
} date_parts;

static const char *const months[12] = {
    "january januarie", "february februarie", "march maart mrt", "april",
    "may mei",          "june junie",         "july julie",      "august augustus",
    "september sept",   "october oktober",    "november",        "december desember",
};

/* Returns 1-12 for an English or Afrikaans name of a month or three letters and more of its beginning, else
 * 0. */
static int month_of(hp_str word) {
    if (word.n && word.p[word.n - 1] == '.') word.n--;
    if (word.n < 3) return 0;
    for (int m = 0; m < 12; m++) {
        hp_str names = hp_str_of(months[m]), name;
        while (hp_str_next(&names, ' ', &name)) {
            if (word.n <= name.n && hp_str_ieq(word, hp_str_cut(name, 0, word.n))) return m + 1;
        }
    }
    return 0;
}

static bool is_weekday(hp_str word) {
    static const hp_str days = HP_S(
        "monday tuesday wednesday thursday friday saturday sunday maandag dinsdag woensdag donderdag vrydag "
        "saterdag sondag");
    hp_str rest = days, day;
    if (word.n < 3) return false;
    while (hp_str_next(&rest, ' ', &day)) {
        if (word.n <= day.n && hp_str_ieq(word, hp_str_cut(day, 0, word.n))) return true;
    }
    return false;
}

static size_t digits_at(hp_str s, size_t i) {
    size_t n = 0;
    while (i + n < s.n && hp_is_digit(s.p[i + n])) n++;
    return n;
}

/* Cuts the time of day off: " 10:30", "T09:30:00.000+02:00", " 9:05 PM"; false when what stands there is
 * none. */
static bool without_time(hp_str *s) {
    size_t colon = hp_str_chr(*s, ':', 0);
    if (colon == SIZE_MAX) {
        return true;
    }
    size_t hour = colon;
    while (hour && hp_is_digit(s->p[hour - 1])) hour--;
    if (hour == 0 || hour == colon || colon - hour > 2 || !hp_in(s->p[hour - 1], " Tt,")) return false;
    int64_t h;
    if (!hp_str_i64(hp_str_cut(*s, hour, colon), &h) || h > 24 || digits_at(*s, colon + 1) != 2) return false;
    for (size_t i = colon; i < s->n; i++) {
        if (!hp_is_digit(s->p[i]) && !hp_in(s->p[i], ":.,+- ZzAaPpMm")) return false;
    }
    *s = hp_strip(hp_str_cut(*s, 0, hour - 1), " ,");
    return true;
}

/* Takes the word at *i; true if it was a month, a weekday, or the "th" of "14th". */
static bool take_word(hp_str s, size_t *i, date_parts *p) {
    size_t from = *i;
    while (*i < s.n && hp_is_alpha(s.p[*i])) ++*i;
    hp_str word = hp_str_cut(s, from, *i);
    if (*i < s.n && s.p[*i] == '.') ++*i;
    bool behind_number = from && hp_is_digit(s.p[from - 1]);
    if (behind_number && hp_word_in(word, "st nd rd th ste de")) return true;
    if (!month_of(word)) return is_weekday(word);
    if (p->n == 3) return false;
    p->digits[p->n] = 0;
    p->number[p->n++] = month_of(word);
    return true;
}

static bool take_number(hp_str s, size_t *i, date_parts *p) {
    size_t n = digits_at(s, *i);
    int64_t value;
    if (n > 4 || p->n == 3 || !hp_str_i64(hp_str_cut(s, *i, *i + n), &value)) return false;
    p->digits[p->n] = n;
    p->number[p->n++] = (int)value;
    *i += n;
    return true;
}

/* Splits a text; false when there is anything in it that a date does not have. */
static bool split(hp_str s, date_parts *p) {
    *p = (date_parts){.sep = {' ', ' '}};
    for (size_t i = 0; i < s.n;) {
        if (hp_is_digit(s.p[i])) {
            if (!take_number(s, &i, p)) return false;
        } else if (hp_is_alpha(s.p[i])) {
            if (!take_word(s, &i, p)) return false;
        } else if (hp_in(s.p[i], " ,-/.")) {
            char c = s.p[i++];
            if (c != ' ' && c != ',' && p->n >= 1 && p->n <= 2) p->sep[p->n - 1] = c;
        } else {
            return false;
        }
    }
    return true;
}

/* Puts a month and a year into a date: "Oct 2025", "10/2025", "2025-10". "10.2025" may be a number. */
static bool from_month(const date_parts *p, hp_date *d) {
    if (p->n != 2 || (p->digits[0] == 4) == (p->digits[1] == 4)) return false;
    size_t y = p->digits[0] == 4 ? 0 : 1;
    bool word = p->digits[1 - y] == 0;
    if (!word && (p->digits[1 - y] > 2 || (p->sep[0] != '/' && p->sep[0] != '-'))) return false;
    *d = (hp_date){.year = p->number[y], .month = p->number[1 - y], .day = 1};
    return true;
}

static const char *too_little(const date_parts *p) {
    bool word = false, year = false;
    for (size_t i = 0; i < p->n; i++) {
        word |= p->digits[i] == 0;
        year |= p->digits[i] == 4;
    }
    if (p->n == 1 && year) return "year only";
    if (p->n == 2 && year) return "no day";
    return p->n == 2 && word ? "no year" : "not a date";
}

/* Two digits of a year as POSIX strptime reads them: 69-99 are of the 1900s. */
static int full_year(int year, size_t digits) {
    return digits == 4 ? year : year + (year < 69 ? 2000 : 1900);
}

/* Sorts day and month out where both are numbers, by preference, then by the only way that gives a month. */
static void sort_day_month(bool day_first, int a, int b, hp_date *d, bool *ambiguous) {
    bool swap = day_first ? b > 12 && a <= 12 : a <= 12 || b > 12;
    d->day = swap ? b : a;
    d->month = swap ? a : b;
    *ambiguous = a <= 12 && b <= 12 && a != b;
}

/* Puts three parts into a date: year first, a month's name anywhere, else day and month before the year. */
static const char *assemble(const hp_clean_ctx *ctx, const date_parts *p, hp_date *d, bool *ambiguous) {
    const int *v = p->number;
    const size_t *n = p->digits;
    size_t y = n[0] == 4 ? 0 : 2;
    bool month_word = n[0] == 0 || n[1] == 0;
    if (p->n != 3) return too_little(p);
    if (n[2] == 0 || (n[y] != 4 && n[y] != 2) || (n[0] == 0 && n[1] == 0)) return "not a date";
    if (n[2 - y] > 2 || n[1] > 2) return "not a date";
    if (!month_word && p->sep[0] != p->sep[1]) return "not a date";
    d->year = full_year(v[y], n[y]);
    if (y == 0) {
        d->month = v[1];
        d->day = v[2];
    } else if (month_word) {
        d->month = n[0] == 0 ? v[0] : v[1];
        d->day = n[0] == 0 ? v[1] : v[0];
    } else {
        sort_day_month(ctx->day_first, v[0], v[1], d, ambiguous);
        /* 25-10-14 may begin with the year. */
        *ambiguous |= n[2] == 2 && p->sep[0] == '-';
    }
    return NULL;
}

/* A serial number of a spreadsheet (ECMA-376 part 1, 18.17.4.1, 1900 system), within the years in which a
 * contact list has dates. */
static bool from_serial(hp_str s, hp_date *d) {
    double serial;
    if (!hp_str_f64(s, &serial) || !(serial >= 20000 && serial <= 60000)) return false;
    *d = hp_civil_from_days((int64_t)serial - 25569); /* 25569 is 1970-01-01 */
    return true;
}

static bool from_compact(hp_str s, hp_date *d) {
    int64_t n;
    if (s.n != 8 || digits_at(s, 0) != 8 || !hp_str_i64(s, &n)) return false;
    *d = (hp_date){.year = (int)(n / 10000), .month = (int)(n / 100 % 100), .day = (int)(n % 100)};
    return true;
}

/* Reads a date; `doubt` tells what another reader might have read otherwise. */
static const char *read_date(const hp_clean_ctx *ctx, hp_str s, hp_type type, hp_date *d,
                             const char **doubt) {
    date_parts parts;
    bool ambiguous = false;
    if (type == HP_T_NUMBER && from_serial(s, d)) return NULL;
    if (from_compact(s, d)) return NULL;
    bool time_only = hp_str_chr(s, ':', 0) <= 2;
    if (!without_time(&s)) return time_only ? "a time, no date" : "not a date";
    if (!split(s, &parts)) return "not a date";
    if (from_month(&parts, d)) {
        *doubt = "no day: the first of the month is meant";
        return NULL;
    }
    const char *fault = assemble(ctx, &parts, d, &ambiguous);
    if (ambiguous) *doubt = ctx->day_first ? "read day first" : "read month first";
    return fault;
}

void hp_clean_date(const hp_clean_ctx *ctx, hp_str in, hp_type type, hp_clean_out *out) {
    hp_autobuf scratch = hp_buf_new(HP_CLEAN_SCRATCH);
    hp_str text;
    if (!hp_begin(ctx, in, type, HP_LINES_BLANK, true, &scratch, out, &text)) return;
    hp_date d = {0};
    const char *doubt = NULL, *fault = read_date(ctx, text, type, &d, &doubt);
    if (!fault && !hp_date_valid(&d)) fault = "no such day";
    if (!fault && (d.year < 1900 || d.year > 2100)) fault = "year out of range";
    if (fault) {
        hp_note(out, HP_R_DATE_INVALID, fault);
    } else if (d.year == 1970 && d.month == 1 && d.day == 1) {
        hp_note(out, HP_R_PLACEHOLDER, "1970-01-01");
    } else {
        char iso[11];
        hp_date_iso(&d, iso);
        hp_buf_puts(&out->value, iso);
        out->typed = HP_T_DATE;
        if (doubt) hp_note(out, HP_R_DATE_AMBIGUOUS, doubt);
    }
}
