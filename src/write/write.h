/* Writing: tables to workbooks, csv, ndjson and parquet; an output exists only if complete. */
#ifndef HP_WRITE_WRITE_H
#define HP_WRITE_WRITE_H

#include "base/file.h"
#include "table/table.h"

/** Say how hard a workbook is compressed: for time, or for size. */
typedef enum hp_compress { HP_COMPRESS_FAST, HP_COMPRESS_BEST } hp_compress;

/** Give the header of a column a comment, shown when the mouse rests on it. */
typedef struct hp_out_comment {
    uint32_t col; /**< from 0 */
    const char *text;
} hp_out_comment;

/** Offer choices for the cells of a column; other values are allowed after a question. A list longer than 255
 * bytes, or with a comma or a quote in a choice, cannot be offered and is left out. */
typedef struct hp_out_choices {
    uint32_t col;
    const char *const *choice;
    size_t n;
} hp_out_choices;

/** Describe a sheet to write. What stands behind `plain` is for workbooks only, and may be left zero. */
typedef struct hp_out_sheet {
    const char *name; /**< of the tab: what a tab cannot hold becomes "_", it ends at 31 characters, and a
                         name that another sheet has gets a number: "Data (2)" */
    const hp_table *table;
    bool plain; /**< no autofilter and frozen header (the Summary) */
    bool range; /**< a table in the sense of a spreadsheet (a range with a name) in place of the autofilter,
                     where there are rows and the headers differ */
    uint8_t
        state; /**< 0 visible, 1 hidden, 2 very hidden; where no sheet is visible the first one becomes it */
    const hp_out_comment *comments; /**< at most 1,000, by column */
    size_t ncomments;
    const hp_out_choices *choices;
    size_t nchoices;
} hp_out_sheet;

/** Say how a workbook is written; all zero is the usual way. */
typedef struct hp_book_options {
    hp_compress compress;
    const char *title; /**< in the document's properties; NULL for none */
} hp_book_options;

/** Name the form of an output. All but a workbook hold one table. */
typedef enum hp_form { HP_FORM_NONE, HP_FORM_XLSX, HP_FORM_CSV, HP_FORM_NDJSON, HP_FORM_PARQUET } hp_form;

/** Return the form that the suffix of a path asks for; HP_FORM_NONE for one that cannot be written. */
hp_form hp_form_of(const char *path);
/** Tell whether a path has a suffix that can be written. Errors: HP_USAGE with the ones that can. */
hp_code hp_can_write(const char *path, hp_err *err);
/* The writers begin *out for `path` and leave it complete but uncommitted, so that a run with several outputs
 * replaces all or none; on an error it is abandoned. */

/** Return how many sheets of a workbook a table takes: its rows continue on a further one where a sheet ends
 * (HP_LIMIT_SHEET_ROWS, header included). */
size_t hp_sheets_of(const hp_table *t);
/** Say what becomes of a text in a workbook's cell. */
typedef enum hp_cell_fit {
    HP_CELL_WHOLE,    /**< it stays as it is */
    HP_CELL_REPLACED, /**< characters that XML cannot hold become U+FFFD */
    HP_CELL_CUT       /**< it is longer than HP_LIMIT_CELL_TEXT and cut */
} hp_cell_fit;
/** Tell what a workbook's cell would make of a text. */
hp_cell_fit hp_cell_holds(hp_str text);
/** Write an xlsx workbook (ECMA-376): header frozen, filtered and styled, widths, conditional formatting for
 * HP_STYLE_QUALITY, links for HP_STYLE_URL and HP_STYLE_EMAIL where the text is one web or one e-mail
 * address. Columns with types (hp_type) get real numbers, booleans, dates and errors where nothing of the
 * text is lost by it; everything else is text, and no cell can become a formula. A table with more rows than
 * a sheet holds goes on in sheets called "Name (2)", "Name (3)", each with the header. What XML cannot hold
 * becomes U+FFFD, text beyond HP_LIMIT_CELL_TEXT is cut, addresses beyond HP_LIMIT_SHEET_LINKS of a sheet
 * stay text: whoever makes the tables says so in the findings. Bytes depend only on the content and the
 * options (NULL: the usual ones), not on the number of threads; memory is four bytes a distinct text and some
 * MiB a thread. Errors: HP_IO (disk full), HP_CANTCREAT, HP_RETRY, HP_DATA (more columns than a sheet holds).
 */
hp_code hp_write_book(const hp_pool *pool, const hp_out_sheet *sheets, size_t n,
                      const hp_book_options *options, const char *path, hp_out *out, hp_err *err);
/** Write a workbook the usual way. */
static inline hp_code hp_write_xlsx(const hp_pool *pool, const hp_out_sheet *sheets, size_t n,
                                    const char *path, hp_out *out, hp_err *err) {
    return hp_write_book(pool, sheets, n, NULL, path, out, err);
}
/** Say how csv is written; all zero is the usual way. */
typedef struct hp_csv_options {
    bool tabs;    /**< tabs in place of commas (tsv) */
    bool numbers; /**< text that is a number as a whole needs no apostrophe, in whatever column: "-0.5" */
    bool raw;     /**< no apostrophes, and controls as they are: for programs, not for spreadsheets */
} hp_csv_options;

/** Count the cells whose text was changed on the way; the header is one row of them. */
typedef struct hp_csv_changes {
    uint64_t guarded;  /**< got an apostrophe */
    uint64_t controls; /**< had controls replaced */
} hp_csv_changes;

/** Write a table as csv: UTF-8, RFC 4180 quoting (outer blanks too), \n line ends, nulls empty. Text that a
 * spreadsheet would take for a formula (first = + - @ tab CR LF, or a full-width = + - @) gets an apostrophe
 * in front; cells and columns that are numbers, and E.164 phones (+ and digits, also several joined by ";" or
 * "; "), keep theirs. Controls that could steer a terminal become U+FFFD. `options` and `changes` may be
 * NULL. Errors as hp_write_book. */
hp_code hp_write_csv_as(const hp_pool *pool, const hp_table *t, const hp_csv_options *options,
                        const char *path, hp_out *out, hp_csv_changes *changes, hp_err *err);
/** Write a table as csv the usual way. */
static inline hp_code hp_write_csv(const hp_pool *pool, const hp_table *t, const char *path, hp_out *out,
                                   hp_err *err) {
    return hp_write_csv_as(pool, t, NULL, path, out, NULL, err);
}
/** Make a name for each column that no other has, for formats in which a name stands for its column: one
 * without a name is "column_3" by its place from 1, of equal ones the further get a number: "name_2". names
 * has t->ncol places. Errors: HP_RETRY. */
hp_code hp_names_unique(hp_arena *a, const hp_table *t, hp_str *names, hp_err *err);
/** Write a table as lines of JSON (.ndjson, .jsonl): UTF-8, one object a row with a member for each column,
 * in their order. Null cells are null. Cells that their file said to be numbers (hp_type), and those of a
 * column with the style of a number, are numbers where reading them as 64 bit integers or doubles loses
 * nothing, else text; booleans are true and false; all else is text, dates in the form of ISO 8601. Columns
 * without a name or with that of another get one (hp_names_unique). Errors as hp_write_xlsx. */
hp_code hp_write_ndjson(const hp_pool *pool, const hp_table *t, const char *path, hp_out *out, hp_err *err);
/** Write a table as parquet (https://github.com/apache/parquet-format): one optional column each, named as in
 * hp_write_ndjson, packed by zstd, with the least and largest values of chunks and pages. A column is more
 * than text only where all its values are, by hp_type or the style of a number, and each text is the one that
 * reading it back gives (but for the style of a number: "1.0" is one): whole numbers of 64 bits, doubles,
 * booleans, dates, times of day, and moments, which are in no time zone. Row groups have HP_LEAF_GROUP rows
 * at most, so that memory is some MiB a thread whatever the rows. Bytes do not depend on the number of
 * threads. Errors as hp_write_xlsx, and HP_DATA for what parquet cannot hold (a page of 2 GiB). */
hp_code hp_write_parquet(const hp_pool *pool, const hp_table *t, const char *path, hp_out *out, hp_err *err);
/** Write a table in the form that the suffix of `path` asks for: csv, ndjson, parquet. Errors: HP_USAGE
 * (others), and those of the writer. */
hp_code hp_write_flat(const hp_pool *pool, const hp_table *t, const char *path, hp_out *out, hp_err *err);
/** Write a zip archive (deflate, members in the order given, all with the time of hp_clock_now in UTC):
 * members are read from files; a member SHA256SUMS with the full digests, in the form `sha256sum -c` accepts,
 * is added last. Errors: HP_IO, HP_CANTCREAT, HP_RETRY. */
hp_code hp_write_archive(const char *path, const char *const *files, const char *const *names, size_t n,
                         hp_out *out, hp_err *err);

#endif
