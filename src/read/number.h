/* Numbers and dates of cells as the text a person means by them. */
#ifndef HP_READ_NUMBER_H
#define HP_READ_NUMBER_H

#include "base/str.h"

/** Room that hp_number_text needs: a double has at most 309 digits before its point, or 324 behind it, and 17
 * that count. */
#define HP_NUMBER_TEXT 400

/** Say what a number format makes of a number. */
typedef enum hp_numfmt {
    HP_NUMFMT_NUMBER,
    HP_NUMFMT_DATE,   /**< has a year, month or day; perhaps a time too */
    HP_NUMFMT_TIME,   /**< time of day only */
    HP_NUMFMT_ELAPSED /**< a duration: [h]:mm */
} hp_numfmt;

/** Write a number without exponent into `out`: "2.78E10" gives 27800000000. Up to 15 significant digits, and
 * whole numbers written out, are taken as they stand; other digits are the noise of binary fractions
 * (spreadsheets store 1.1 as 1.1000000000000001) and become the shortest decimal that reads back as the same
 * double. Returns its length, 0 when `lex` is no finite number. */
size_t hp_number_text(hp_str lex, char out[HP_NUMBER_TEXT]);
/** Tell whether a text is a whole number that hp_number_text leaves as it is: the most frequent form by far.
 */
bool hp_number_is_plain(hp_str s);
/** Write a serial date as ISO 8601, rounded to seconds: a date when no time is in it, a time ("09:30:00")
 * when no day is, else both; durations as hours:minutes:seconds. Serial 0 is 1899-12-31 or 1904-01-01; 60 is
 * 29 February 1900, a day that Lotus 1-2-3 made up (ECMA-376 part 1, 18.17.4.1), and reads as the 28th.
 * Returns its length, 0 when a calendar has no such day: not from 0 to 9999-12-31. */
size_t hp_serial_text(double serial, hp_numfmt kind, bool date1904, char out[40]);
/** Write an ISO 8601 date, time or both (a cell of type "d") in the form of hp_serial_text. Returns its
 * length, 0 when it is none. */
size_t hp_iso_text(hp_str iso, char out[40]);
/** Tell what a number format code makes of a number (ECMA-376 part 1, 18.8.31); its first section decides. */
hp_numfmt hp_numfmt_of_code(hp_str code);
/** Tell what a format that workbooks do not define makes of a number (ECMA-376 part 1, 18.8.30). */
hp_numfmt hp_numfmt_builtin(uint32_t id);

#endif
