/* Unpacking a zip into a directory, for those who want its files as files. */
#ifndef HP_READ_EXTRACT_H
#define HP_READ_EXTRACT_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

/** Unpack every file of a zip into `dir`, which is made if it is not there; *files says how many. Folders
 * stay, what macOS adds for itself (__MACOSX) does not. No name leaves `dir`, whatever the zip says; sizes
 * are held to the limits of a workbook's zip. `stop` (may be NULL) is asked between pieces, and ends the work
 * with HP_SIGTERM when it says true. After an error the directory holds what was unpacked before. Errors:
 * HP_NOINPUT, HP_NOPERM, HP_DATA (no zip, damaged, over a limit, a name that leaves it), HP_CANTCREAT, HP_IO,
 * HP_RETRY. */
hp_code hp_zip_extract(const char *path, const char *dir, bool (*stop)(void *ctx), void *ctx, size_t *files,
                       hp_err *err);

#endif
