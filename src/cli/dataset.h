/* A file, or a sheet of it, as tables with named columns. */
#ifndef HP_CLI_DATASET_H
#define HP_CLI_DATASET_H

#include "cli/cli.h"
#include "read/reader.h"
#include "table/shape.h"

/** Hold an open file. Close with hp_dataset_close. */
typedef struct hp_dataset {
    hp_str path; /**< NUL-terminated; "-" is standard input */
    hp_book *book;
    const hp_book_sheet *sheet;
    size_t nsheet;
    size_t only; /**< the sheet that was named; SIZE_MAX without */
    hp_area area;
    bool partial; /**< an area was named */
    uint32_t file;
} hp_dataset;

/** Open FILE[!SHEET[!A1:F20]]. Errors: as hp_book_open (stage "read") and hp_sheet_pick. */
hp_code hp_dataset_open(hp_cli *c, const char *arg, hp_dataset *out, hp_err *err);
/** Close it; a zeroed one is allowed. */
void hp_dataset_close(hp_dataset *d);
/** Return the sheet that counts when one table is wanted: the one named, else the first visible one with
 * cells; SIZE_MAX when there is none. */
size_t hp_dataset_first(const hp_dataset *d);
/** Read a sheet: its first row with a value, or the format itself, names the columns. Errors: as
 * hp_book_read (stage "read"), HP_DATA (a sheet without cells). */
hp_code hp_dataset_read(hp_cli *c, const hp_dataset *d, size_t sheet, hp_table **out, hp_err *err);
/** Read a sheet whose names stand in the row that looks like names, below a title perhaps; an area that was
 * named says where they stand itself. Errors: as hp_dataset_read, HP_DATA (no row looks like names). */
hp_code hp_dataset_read_found(hp_cli *c, const hp_dataset *d, size_t sheet, hp_table **out, hp_err *err);

#endif
