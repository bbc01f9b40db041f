/* Reading: the door through which every input file enters as interned columns. */
#ifndef HP_READ_READER_H
#define HP_READ_READER_H

#include "table/run.h"

/** Name the formats. */
typedef enum hp_format {
    HP_FORMAT_UNKNOWN,
    HP_FORMAT_XLSX,
    HP_FORMAT_XLS,
    HP_FORMAT_ODS,
    HP_FORMAT_CSV,
    HP_FORMAT_NDJSON,
    HP_FORMAT_PARQUET
} hp_format;

/** Hold an open input file. */
typedef struct hp_book hp_book;

/** Describe a sheet of an open book. */
typedef struct hp_book_sheet {
    hp_str name;   /**< empty for csv */
    uint8_t state; /**< 0 visible, 1 hidden, 2 very hidden */
    bool readable; /**< false for chart sheets and the like */
} hp_book_sheet;

/** Tell the format that a file opens as; HP_FORMAT_UNKNOWN when it does not open. */
hp_format hp_format_of(const char *path);
/** Tell whether a file name has a suffix that hotpass reads (xlsx, xlsm, xltx, xls, ods; csv, tsv, txt,
 * ndjson, jsonl and parquet, all of these also with .gz or .zst behind it). Office lock files (~$...) do not.
 */
bool hp_name_readable(hp_str name);
/** Return a file name without the suffix of a compression: "people.csv" for "people.csv.gz". */
hp_str hp_name_unpacked(hp_str name);
/** Open a file: its directory, sheet names, shared strings, styles (lazily). It is mapped read-only and never
 * changed; the path "-" is standard input, read to its end. What is compressed as a whole (gzip, zstd) is
 * unpacked into memory. Adds nothing to the run. Errors: HP_NOINPUT, HP_NOPERM, HP_DATA (not a workbook,
 * encrypted, truncated, over a limit) naming file and part. */
hp_code hp_book_open(hp_run *run, const char *path, hp_book **out, hp_err *err);
/** Close a book; NULL is allowed. */
void hp_book_close(hp_book *b);
/** Return the format. */
hp_format hp_book_format(const hp_book *b);
/** Return the file's base name; "stdin" for standard input. Valid as long as the book. */
hp_str hp_book_name(const hp_book *b);
/** Return the file's bytes as they are on the disk, for hashing. */
hp_str hp_book_bytes(const hp_book *b);
/** Name the parts of a workbook made of parts (xlsx), for whoever patches a copy of it. The texts are
 * normalised part names, empty where there is no such part; all is valid as long as the book. */
typedef struct hp_book_parts {
    struct hp_zip *zip;
    hp_str workbook, styles;
    const hp_str *sheet; /**< one a sheet of hp_book_sheets */
} hp_book_parts;
/** Give the parts of an open book; false when it has none: another format, or one that was decrypted, whose
 * parts are not to be written anywhere. */
bool hp_book_has_parts(const hp_book *b, hp_book_parts *out);
/** List the sheets; valid as long as the book. */
const hp_book_sheet *hp_book_sheets(const hp_book *b, size_t *n);
/** Read sheet `i` into a raw grid in the run's arena: one table row for each row that has a value (origin.row
 * is its 1-based number; origin.sheet = `sheet_id`), one column for each sheet column up to the last used one
 * (`source` = its number). Values: hp_type. Cell errors become null with a finding, formulas without a cached
 * value too; hidden rows are flagged in `hidden`, merged areas listed in `area`. Findings go to the run.
 * Errors: HP_DATA, HP_IO, HP_RETRY. */
hp_code hp_book_read(hp_run *run, hp_book *b, size_t i, uint32_t sheet_id, hp_table **out, hp_err *err);
/** Read as hp_book_read but keep error cells as values of type HP_T_ERROR and report nothing, or only
 * formulas without a saved result (run->reading.unsaved): for `hotpass cells` and enrichment. */
hp_code hp_book_read_raw(hp_run *run, hp_book *b, size_t i, uint32_t sheet_id, hp_table **out, hp_err *err);

#endif
