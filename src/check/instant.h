/* Days and times as texts, in the forms that python-dateutil takes ("Jan 01 1970 12:00:01"). */
#ifndef HP_CHECK_INSTANT_H
#define HP_CHECK_INSTANT_H

#include <stdint.h>

#include "base/str.h"

/** Hold a point in time. */
typedef struct hp_instant {
    int64_t us; /**< microseconds since 1970-01-01 00:00, in UTC when `zoned`, else in its own unnamed zone */
    bool zoned; /**< the text named its zone; such instants and others cannot be compared in Python */
} hp_instant;

/** Parse a text as dateutil.parser.parse does: ISO 8601 (also compact), a day in words or numbers with a time
 * before or after it, 12-hour clocks, weekdays, UTC offsets, UTC, GMT and Z. Numbers alone: month first,
 * unless that makes no day or the year stands first (month next). Two-digit years are within 50 years of
 * 2000..2049: 00..68 -> 20xx is C's rule, dateutil's is the century that brings it within 50 years of today;
 * here today is fixed at 2025, so that a verdict does not age. A missing year, month or day is that of
 * 2000-01-01 and makes *out complete, but `false` is returned when the text has no part of a day at all and
 * no time. */
bool hp_instant_parse(hp_str text, hp_instant *out);

#endif
