/* Delimited text (RFC 4180): what the delimiter is, and one record after the other. */
#ifndef HP_READ_CSV_H
#define HP_READ_CSV_H

#include "base/buf.h"

/** Hold a scanner of delimited text. Fields may be quoted with ", in which a doubled " stands for one; text
 * behind a closing quote is added to the field, as most programs do. Records end in LF, CRLF or CR. */
typedef struct hp_csv {
    const char *p, *end;
    char delimiter;
    uint64_t line;       /**< of p, 1-based */
    uint64_t quote_line; /**< where the last quoted field began */
    bool unterminated;   /**< the input ended inside quotes */
    bool record_end;     /**< the last field ended its record */
    bool delimiter_open; /**< the last field ended in a delimiter: one more follows, perhaps an empty one */
    hp_buf scratch;      /**< for fields with doubled quotes; free it */
} hp_csv;

/** Make a scanner; skips a first line "sep=;", by which spreadsheets are told the delimiter, and takes that
 * one. */
hp_csv hp_csv_new(hp_str text, char delimiter);
/** Read the next field; the view is valid until the next one. False at the end of the input, or when
 * `unterminated` or `scratch.bad` says why not. */
bool hp_csv_field(hp_csv *c, hp_str *out);
/** Find the delimiter among , ; tab | by its consistency over the first 64 KiB: the one by which most records
 * have the same number of fields, more than one. `tab_first` prefers tabs (for .tsv). A comma when none does.
 */
char hp_csv_sniff(hp_str text, bool tab_first);

#endif
