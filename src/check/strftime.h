/* Texts in a strftime format: Python's datetime.strptime, which Great Expectations asks. */
#ifndef HP_CHECK_STRFTIME_H
#define HP_CHECK_STRFTIME_H

#include "base/err.h"
#include "base/str.h"

/** Check a format once, before matching with it: %a %A %w %d %b %B %m %y %Y %H %I %p %M %S %f %z %Z %j %U %W
 * %c %x %X %% %G %u %V, names in English (the C locale). `where` names the expectation in messages. Errors:
 * HP_CONFIG (unknown directive, one that stands twice, % at the end, ISO week without its year and day, or
 * mixed with others). */
hp_code hp_strftime_check(hp_str format, const char *where, hp_err *err);
/** Tell whether a whole text is in a format (one that hp_strftime_check passed) and means a day and time that
 * exist: 30 February is none, and 24:00 neither. As in Python, case is ignored, leading zeros may be left out
 * (but for years: %Y wants four digits), and white space in the format matches any amount of it, at least
 * one. */
bool hp_strftime_match(hp_str format, hp_str text);

#endif
