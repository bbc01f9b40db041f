/* Private to src/refine: the log of exports. */
#ifndef HP_REFINE_ACCESS_H
#define HP_REFINE_ACCESS_H

#include "refine/refine.h"

/** Note files that are about to get their names, one line of JSON each, in logs/access.jsonl of a directory,
 * when the profile asks for it (audit_trail_required). Lines say which file, its digest, how many records, on
 * what basis and who runs this where; no value of the data. They are written before the files: an export
 * without a line must not be. Errors: HP_NOPERM, HP_IO, HP_CANTCREAT, HP_RETRY. */
hp_code hp_access_note(const hp_profile *p, hp_str dir, const char *command, const hp_output_file *file,
                       size_t n, uint64_t records, hp_err *err);

#endif
