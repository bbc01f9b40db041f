/* Writing: tables to workbooks and csv; an output exists only if complete. */
#ifndef HP_WRITE_WRITE_H
#define HP_WRITE_WRITE_H

#include "base/file.h"
#include "table/table.h"

/** Describe a sheet to write. */
typedef struct hp_out_sheet {
    const char *name;
    const hp_table *table;
    bool plain; /**< no autofilter and frozen header (the Summary) */
} hp_out_sheet;

/** Tell whether a path has a suffix that can be written (.xlsx, .csv). Errors: HP_USAGE with the ones that
 * can. */
hp_code hp_can_write(const char *path, hp_err *err);
/* The writers begin *out for `path` and leave it complete but uncommitted, so that a run with several outputs
 * replaces all or none; on an error it is abandoned. */

/** Write an xlsx workbook (its frame by libxlsxwriter, in a temporary file beside the output): header frozen,
 * filtered and styled, widths, conditional formatting for HP_STYLE_QUALITY, links for HP_STYLE_URL and
 * HP_STYLE_EMAIL where the text is one web or one e-mail address, everything else as text; no cell can become
 * a formula. What XML cannot hold becomes U+FFFD, text beyond HP_LIMIT_CELL_TEXT is cut, addresses beyond
 * HP_LIMIT_SHEET_LINKS stay text: whoever makes the tables says so in the findings. Bytes depend only on the
 * content. The frame is read back before it is used. Errors: HP_IO (disk full), HP_CANTCREAT, HP_RETRY,
 * HP_DATA (more rows or columns than a sheet holds). */
hp_code hp_write_xlsx(const hp_pool *pool, const hp_out_sheet *sheets, size_t n, const char *path,
                      hp_out *out, hp_err *err);
/** Write a table as csv: UTF-8, RFC 4180 quoting (outer blanks too), \n line ends, nulls empty. Text that a
 * spreadsheet would take for a formula (first = + - @ tab CR LF, or a full-width = + - @) gets an apostrophe
 * in front; numbers, and E.164 phones (+ and digits, also several joined by ";" or "; "), keep theirs. Errors
 * as hp_write_xlsx. */
hp_code hp_write_csv(const hp_pool *pool, const hp_table *t, const char *path, hp_out *out, hp_err *err);
/** Write a zip archive (deflate, members in the order given, all with the time of hp_clock_now in UTC):
 * members are read from files; a member SHA256SUMS with the full digests, in the form `sha256sum -c` accepts,
 * is added last. Errors: HP_IO, HP_CANTCREAT, HP_RETRY. */
hp_code hp_write_archive(const char *path, const char *const *files, const char *const *names, size_t n,
                         hp_out *out, hp_err *err);

#endif
