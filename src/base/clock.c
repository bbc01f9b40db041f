#include "base/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/banned.h"

static pthread_once_t clock_once = PTHREAD_ONCE_INIT;
static int64_t clock_now;
static bool clock_fixed;

static void read_clock(void) {
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    clock_fixed = epoch && hp_str_i64(hp_str_of(epoch), &clock_now);
    if (!clock_fixed) clock_now = (int64_t)time(NULL);
}

int64_t hp_clock_now(void) {
    pthread_once(&clock_once, read_clock);
    return clock_now;
}

bool hp_clock_fixed(void) {
    pthread_once(&clock_once, read_clock);
    return clock_fixed;
}

static uint64_t nanoseconds(clockid_t id) {
    struct timespec t = {0};
    clock_gettime(id, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t hp_clock_mono(void) { return nanoseconds(CLOCK_MONOTONIC); }
uint64_t hp_clock_unix_ns(void) { return nanoseconds(CLOCK_REALTIME); }
uint64_t hp_clock_cpu(void) { return nanoseconds(CLOCK_PROCESS_CPUTIME_ID); }

/* Both ways after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013): years begin in March,
 * so that the leap day is the last of its year, and are counted in eras of 400 years = 146,097 days. Day 0 of
 * era 0 is 0000-03-01, 719,468 days before 1970-01-01. */
enum { ERA_DAYS = 146097, EPOCH_SHIFT = 719468 };

int64_t hp_days_from_civil(int year, int month, int day) {
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + day_of_year;
    return era * ERA_DAYS + day_of_era - EPOCH_SHIFT;
}

hp_date hp_civil_from_days(int64_t days) {
    int64_t z = days + EPOCH_SHIFT;
    int64_t era = (z >= 0 ? z : z - (ERA_DAYS - 1)) / ERA_DAYS;
    int64_t day_of_era = z - era * ERA_DAYS;
    int64_t of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / (ERA_DAYS - 1)) / 365;
    int64_t day_of_year = day_of_era - (365 * of_era + of_era / 4 - of_era / 100);
    int64_t from_march = (5 * day_of_year + 2) / 153;
    int64_t month = from_march < 10 ? from_march + 3 : from_march - 9;
    return (hp_date){.year = (int)(of_era + era * 400 + (month <= 2)),
                     .month = (int)month,
                     .day = (int)(day_of_year - (153 * from_march + 2) / 5 + 1)};
}

hp_date hp_date_of_unix(int64_t seconds) {
    int64_t days = seconds / 86400, rest = seconds % 86400;
    if (rest < 0) {
        rest += 86400;
        days--;
    }
    hp_date d = hp_civil_from_days(days);
    d.hour = (int)(rest / 3600);
    d.minute = (int)(rest / 60 % 60);
    d.second = (int)(rest % 60);
    return d;
}

static int month_days(int year, int month) {
    static const signed char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : days[month - 1];
}

bool hp_date_valid(const hp_date *d) {
    if (d->year < 1 || d->year > 9999 || d->month < 1 || d->month > 12) return false;
    if (d->day < 1 || d->day > month_days(d->year, d->month)) return false;
    return d->hour >= 0 && d->hour < 24 && d->minute >= 0 && d->minute < 60 && d->second >= 0
           && d->second < 60;
}

/* Writes `n` digits; numbers that do not fit show their last digits, so that the field never overflows. */
static char *put_digits(char *p, int v, int n) {
    unsigned u = v < 0 ? 0 : (unsigned)v;
    for (int i = n - 1; i >= 0; i--, u /= 10) p[i] = (char)('0' + u % 10);
    return p + n;
}

void hp_date_iso(const hp_date *d, char out[11]) {
    char *p = put_digits(out, d->year, 4);
    *p++ = '-';
    p = put_digits(p, d->month, 2);
    *p++ = '-';
    p = put_digits(p, d->day, 2);
    *p = '\0';
}

void hp_time_iso(int64_t unix_seconds, char out[21]) {
    hp_date d = hp_date_of_unix(unix_seconds);
    hp_date_iso(&d, out);
    char *p = out + 10;
    *p++ = 'T';
    p = put_digits(p, d.hour, 2);
    *p++ = ':';
    p = put_digits(p, d.minute, 2);
    *p++ = ':';
    p = put_digits(p, d.second, 2);
    *p++ = 'Z';
    *p = '\0';
}

void hp_time_compact(int64_t unix_seconds, char out[17]) {
    char iso[21];
    hp_time_iso(unix_seconds, iso);
    for (const char *from = iso; *from; from++) {
        if (*from != '-' && *from != ':') *out++ = *from;
    }
    *out = '\0';
}

static bool take_digits(hp_str s, size_t from, size_t n, int *out) {
    int v = 0;
    for (size_t i = from; i < from + n; i++) {
        if (!hp_is_digit(s.p[i])) return false;
        v = v * 10 + (s.p[i] - '0');
    }
    *out = v;
    return true;
}

bool hp_date_parse_iso(hp_str s, hp_date *out) {
    hp_date d = {0};
    if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-') return false;
    if (!take_digits(s, 0, 4, &d.year) || !take_digits(s, 5, 2, &d.month) || !take_digits(s, 8, 2, &d.day))
        return false;
    if (!hp_date_valid(&d)) return false;
    *out = d;
    return true;
}
