/* The checks of a run: suites and contracts of the profile, held against sources and result. Only src/refine
 * includes this. */
#ifndef HP_REFINE_CHECKS_H
#define HP_REFINE_CHECKS_H

#include "check/check.h"
#include "profile/contract.h"
#include "refine/stages.h"

/** Hold the files that one place of the profile names, loaded. */
typedef struct hp_loaded_checks {
    const hp_profile_checks *of;
    hp_suite **suite;       /**< of->nsuite of them */
    hp_contract **contract; /**< of->ncontract of them */
} hp_loaded_checks;

/** Hold those of all places; lives in the run's arena. */
typedef struct hp_checks {
    hp_loaded_checks *list;
    size_t n;
} hp_checks;

/** Load the suites and contracts that the profile names. Errors: those of hp_suite_load and hp_contract_load.
 */
hp_code hp_checks_load(hp_run *run, const hp_profile *p, hp_checks *out, hp_err *err);
/** Hold the sheets against the suites and contracts of their sources and of their own, as they were read.
 * Rows that the profile sends to quarantine are marked in the sheets, and added to the quarantine. Adds to
 * the verdict. Errors: HP_CONFIG (a pattern that is wrong or too costly; a contract without a table for the
 * sheet), HP_RETRY. */
hp_code hp_check_sources(hp_run *run, const hp_profile *p, const hp_checks *k, hp_mapped *const *sheets,
                         size_t n, hp_verdict *out, hp_err *err);
/** Hold the result against the expectations that are built in, those of the profile, and its suites and
 * contracts for the output. Adds to the verdict. Errors: as above. */
hp_code hp_check_result_table(hp_run *run, const hp_profile *p, const hp_checks *k, const hp_golden *golden,
                              hp_verdict *out, hp_err *err);

/* ---- keep_out.c ---- */

/** Say for each of the rows of a table why they shall be kept out: the expectations among v->result[first..]
 * that name them; HP_NULL where none does. *any tells whether there is one. Errors: HP_RETRY. */
hp_code hp_keep_out_notes(hp_run *run, const hp_verdict *v, size_t first, size_t nrow, hp_vid **note,
                          bool *any, hp_err *err);
/** Send the data rows of a sheet that have a note to quarantine. Errors: HP_RETRY. */
hp_code hp_keep_out_rows(hp_run *run, hp_mapped *m, const hp_vid *note, size_t nrow, hp_err *err);
/** Take the rows of the result that expectations of it send to quarantine out again, with all that they were
 * made of. Errors: HP_RETRY. */
hp_code hp_keep_out_result(hp_run *run, const hp_verdict *v, const hp_records *in,
                           const hp_clusters *clusters, hp_mapped *const *sheets, size_t n, hp_golden *g,
                           hp_err *err);

#endif
