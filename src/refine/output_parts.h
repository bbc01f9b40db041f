/* Private to src/refine: what the parts of writing outputs share. output_probe.c tries names, output_tables.c
 * makes sheets, output.c writes files. */
#ifndef HP_REFINE_OUTPUT_PARTS_H
#define HP_REFINE_OUTPUT_PARTS_H

#include "refine/report.h"
#include "refine/stages.h"

/** The sheets of a result: Data, Contacts, Quarantine, Findings, Summary. A flat output has a file for each.
 */
enum { HP_NSHEETS = 5 };

/** Return the directory of a path, "." for a bare name. */
hp_str hp_dir_of(hp_str path);
/** Put the final name of an output's n-th file into `path`, in the order of the sheets; false when it has no
 * such file. */
bool hp_nth_output(const char *output, size_t n, hp_buf *path);
/** Refuse two names that would become one file, or, in an archive, which has no directories, one name.
 * Errors: HP_USAGE. */
hp_code hp_outputs_differ(const char *path, const char *other, bool archive, hp_err *err);
/** Make the sheets of the result. What a workbook cannot hold becomes a finding first. Errors: HP_RETRY. */
hp_code hp_make_sheets(hp_refine_result *r, const hp_report_source *in, const hp_explained *rows,
                       hp_out_sheet out[HP_NSHEETS], hp_err *err);

#endif
