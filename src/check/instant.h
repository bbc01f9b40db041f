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
 * before or after it, 12-hour clocks, weekdays, UTC offsets, UTC, GMT and Z. Numbers alone are month, day,
 * year, unless that makes no day or a year stands first. Two-digit years are those within 50 years of 2025:
 * dateutil takes today, but a verdict must not age. Parts that are missing are those of 2000-01-01 (dateutil:
 * today). False for texts that say nothing of a day or time, or of one that does not exist. */
bool hp_instant_parse(hp_str text, hp_instant *out);

#endif
