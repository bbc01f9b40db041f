/* Annotated copies of workbooks: cells with findings coloured and commented, everything else as it was. The
 * copy is the workbook with patched parts; parts without findings are copied as they lie. */
#ifndef HP_REFINE_ANNOTATE_H
#define HP_REFINE_ANNOTATE_H

#include "read/reader.h"
#include "table/issue.h"
#include "table/run.h"
#include "write/write.h"

/** Hold one remark on a cell, or (col HP_NO_COL) on a row, which its first cell gets. The texts outlive the
 * call. */
typedef struct hp_annotation {
    uint32_t sheet;    /**< of the book, from 0 */
    uint32_t row, col; /**< as hp_cell */
    hp_severity severity;
    hp_str rule;   /**< "phone_invalid" */
    hp_str reason; /**< "not a valid phone number" */
    hp_str note;   /**< "too short", or empty */
} hp_annotation;

/** Count what a copy shows. */
typedef struct hp_annotated {
    uint64_t cells;     /**< coloured */
    uint64_t comments;  /**< cells with a comment of ours */
    uint64_t uncovered; /**< coloured, but without comment: beyond the limit cell-comments */
} hp_annotated;

/** Write a copy of an open workbook (hp_book_has_parts) to `f`, each cell that an annotation names coloured
 * by the gravest of them, and with a comment that says them all; comments that are there get ours behind
 * their text. Several annotations of a cell need not stand together. Bytes depend on the workbook and the
 * annotations alone; memory does not grow with the sheets. `shown` names the copy in messages. Errors:
 * HP_DATA (a part cannot be patched; the copy is worthless then), HP_IO, HP_RETRY. */
hp_code hp_annotate_book(const hp_book *b, const hp_annotation *a, size_t n, FILE *f, const char *shown,
                         hp_annotated *out, hp_err *err);

/** Write annotated copies of all files of a run into a folder, by the findings that it has, and put them in
 * place. Each file stands in the run once, with its SHA-256, its sheets with their numbers. Files of which no
 * copy can be made become findings. Errors: HP_USAGE (a copy would replace a file that is read, or another
 * copy), HP_IO (a file was changed since), those of hp_book_open and of outputs. */
hp_code hp_annotate_run(hp_run *run, const char *dir, uint64_t *books, uint64_t *cells, hp_err *err);

#endif
