/* The inner parts of the pipeline; only src/refine includes this. */
#ifndef HP_REFINE_STAGES_H
#define HP_REFINE_STAGES_H

#include "check/check.h"
#include "merge/merge.h"
#include "refine/refine.h"
#include "resolve/resolve.h"
#include "write/write.h"

/** Hold a file that a source claims. */
typedef struct hp_claim {
    hp_str path; /**< as opened, NUL-terminated */
    hp_str name;
    const hp_profile_source *source; /**< NULL: mapped automatically */
} hp_claim;

/** Find the files of the input directory and the source that claims each; absent sources and unclaimed files
 * become findings. Errors (stage "plan"): HP_NOINPUT for a directory that is missing, no directory, empty, or
 * without any recognised source. */
hp_code hp_plan(hp_run *run, const hp_profile *p, const char *dir, hp_claim **claims, size_t *n, hp_err *err);
/** Tell whether a file of this name in the input directory would be read under a profile. */
bool hp_would_claim(const hp_profile *p, hp_str name);
/** Read and map the sheets of the claimed files. Errors: stage "read" or "validate". */
hp_code hp_load(hp_run *run, const hp_profile *p, const hp_claim *claims, size_t n, hp_mapped ***sheets,
                size_t *nsheets, hp_err *err);

/** Put the corrected cells of o->retry in the place of those of the sheets, whose tables become others; each
 * is a finding. Errors (stage "retry"): HP_DATA (no Quarantine; a row of it whose file, sheet or row is not
 * there, or whose file was changed since; a record that cannot be understood), those of hp_book_open. */
hp_code hp_retry(const hp_refine_options *o, hp_refine_result *r, hp_mapped *const *sheets, size_t n,
                 hp_err *err);
/** Make the Quarantine table: one row for each row that was kept out, with its reason and its cells; without
 * the cells of people who have not consented, and without free text that was redacted. Errors: HP_RETRY. */
hp_code hp_quarantine_table(const hp_run *run, const hp_cleaned *const *sheets, size_t n, hp_table **out,
                            hp_err *err);
struct hp_report_source;
/** Make the Findings table: equal findings of a column in one row, with their number and all their cells.
 * With `in` values that may be personal are masked, unless its options say otherwise; NULL: as they are.
 * Errors: HP_RETRY. */
hp_code hp_findings_table(const hp_run *run, const struct hp_report_source *in, hp_table **out, hp_err *err);
/** Make the Summary table from the counts of a result, whose tables are Data and `others`: Contacts,
 * Quarantine, Findings. It says which of them take more than one sheet of a workbook. Errors: HP_RETRY. */
hp_code hp_summary_table(const hp_refine_result *r, const hp_table *data, const hp_table *const others[3],
                         hp_table **out, hp_err *err);

/** Give a sheet of a workbook comments that explain its columns (the `n` of which texts are known), and
 * choices where the values of a column are few. They live in the run's arena. Errors: HP_RETRY. */
hp_code hp_sheet_hints(const hp_run *run, const hp_output_column *columns, size_t n, hp_out_sheet *sheet,
                       hp_err *err);

/** Measure how full the columns of the result are, into r->fill. Errors: HP_RETRY. */
hp_code hp_fill_measure(hp_refine_result *r, hp_mapped *const *sheets, size_t n, const hp_table *data,
                        hp_err *err);

/** Return the field that feeds a column of the result first; HP_F_NONE when no source does. */
hp_field hp_fill_field(hp_str column);

/** Record how long a stage took that began at `since` (hp_clock_mono). */
void hp_stage_done(hp_refine_result *r, const char *stage, uint64_t since, uint64_t items);

/** Hold the annotated copies on their way; lives in the run's arena. */
typedef struct hp_copies {
    hp_out *out;
    hp_str *path; /**< of each, NUL-terminated */
    size_t n;
} hp_copies;
/** Write annotated copies of all sources beside their final names in o->annotate (NULL, or a dry run: none).
 * Findings and rows in quarantine stand at their cells; those of rows at the first cell of the row, those of
 * sheets and of the whole run nowhere, but they are counted. Files of which no copy can be made become
 * findings, so this comes before the Findings table. Errors: HP_IO (a source was changed during the run),
 * those of hp_book_open and of outputs. */
hp_code hp_copies_write(const hp_refine_options *o, hp_refine_result *r, hp_mapped *const *sheets,
                        size_t nsheets, hp_copies *out, hp_err *err);
/** Put the names of the copies in place. Errors as hp_out_commit. */
hp_code hp_copies_commit(hp_copies *c, hp_err *err);
/** Give the copies up that are not committed. */
void hp_copies_abandon(hp_copies *c);
/** Return the path of a source's copy, in the arena, NUL-terminated; a data file's is a workbook. p is NULL
 * when out of memory. */
hp_str hp_copy_path(hp_arena *a, const char *dir, hp_str name, bool data);

/** Refuse outputs that could not be written, before any work. Errors (stage "prepare"): HP_USAGE,
 * HP_CANTCREAT, HP_NOPERM. */
hp_code hp_outputs_probe(const hp_refine_options *o, const hp_profile *p, const hp_claim *claims, size_t n,
                         hp_err *err);
/** Hold what a run came to on its way, for the provenance store. */
typedef struct hp_explained {
    const hp_records *records;
    const hp_clusters *clusters;
    const hp_golden *golden;
    const hp_cleaned *const *cleaned;
    size_t nsheet;
} hp_explained;
/** Write the provenance store (why/store.h) into an output that was begun without opening it. The outputs
 * that it is about are those that the result lists. Errors: HP_IO, HP_RETRY. */
hp_code hp_explain_write(const hp_refine_result *r, const hp_explained *in, const hp_out *out, hp_err *err);
/** List the rows of the Quarantine sheet in its order; they live in the run's arena. Errors: HP_RETRY. */
hp_code hp_quarantine_sorted(const hp_run *run, const hp_quarantined **out, size_t *n, hp_err *err);

/** Write all outputs, annotated copies, run.json, the provenance store and the archive beside their final
 * names, then rename them all. Errors (stage "write"). */
hp_code hp_outputs_write(const hp_refine_options *o, hp_refine_result *r, const hp_golden *golden,
                         hp_mapped *const *sheets, size_t nsheets, const hp_explained *explained,
                         hp_err *err);
/** Write what a run leaves that stops at a check: its annotated copies and its reports, as far as they are
 * asked for. Errors as above. */
hp_code hp_outputs_stopped(const hp_refine_options *o, hp_refine_result *r, const hp_golden *golden,
                           hp_mapped *const *sheets, size_t nsheets, hp_err *err);

#endif
