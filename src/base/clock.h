/* Time: one injectable clock, civil dates without the C library's time zones. */
#ifndef HP_BASE_CLOCK_H
#define HP_BASE_CLOCK_H

#include "base/str.h"

/** Return the time of this run in seconds since 1970-01-01T00:00:00Z: SOURCE_DATE_EPOCH if that is set and a
 * number, else the system's clock, read once. */
int64_t hp_clock_now(void);
/** Tell whether SOURCE_DATE_EPOCH fixes the clock. */
bool hp_clock_fixed(void);
/** Return nanoseconds of a clock that never goes back, for durations. */
uint64_t hp_clock_mono(void);
/** Return the system clock's nanoseconds since 1970-01-01T00:00:00Z, SOURCE_DATE_EPOCH or not: for what is
 * told to others about this very run, never for outputs. */
uint64_t hp_clock_unix_ns(void);
/** Return the CPU time of this process in nanoseconds. */
uint64_t hp_clock_cpu(void);

/** Hold a civil date and time, without a zone. */
typedef struct hp_date {
    int year, month, day;     /**< month 1-12, day 1-31 */
    int hour, minute, second; /**< 0 when only a date is known */
} hp_date;

/** Return the days from 1970-01-01 to a date of the proleptic Gregorian calendar. */
int64_t hp_days_from_civil(int year, int month, int day);
/** Split days since 1970-01-01 into year, month and day (the time of day is left 0). */
hp_date hp_civil_from_days(int64_t days);
/** Split seconds since 1970-01-01T00:00:00Z into a UTC date and time. */
hp_date hp_date_of_unix(int64_t seconds);
/** Tell whether year 1-9999, month, day and time of day exist. */
bool hp_date_valid(const hp_date *d);
/** Write "2025-10-14" into `out`. */
void hp_date_iso(const hp_date *d, char out[11]);
/** Write "2025-10-14T09:30:00Z" into `out`. */
void hp_time_iso(int64_t unix_seconds, char out[21]);
/** Write "20251014T093000Z" into `out`. */
void hp_time_compact(int64_t unix_seconds, char out[17]);
/** Read "YYYY-MM-DD" that fills the whole view; false on anything else or a date that does not exist. */
bool hp_date_parse_iso(hp_str s, hp_date *out);

#endif
