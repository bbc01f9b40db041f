/* hotpass check: what its parts share. cmd_check.c reads and evaluates, check_schema.c holds schemas,
 * check_tell.c says what came of it. */
#ifndef HP_CLI_CHECK_H
#define HP_CLI_CHECK_H

#include "check/validation.h"
#include "cli/cli.h"
#include "profile/checkpoint.h"
#include "profile/contract.h"

/** Hold what the command works with. */
typedef struct hp_check {
    hp_cli *c;
    size_t nparameter;
    hp_suite_parameter *parameter;   /**< those of the command line */
    const hp_checkpoint *checkpoint; /**< NULL without */
    HP_VEC(hp_validation *) validation;
    HP_VEC(hp_unchecked) unchecked; /**< promises of schemas that no expectation holds */
} hp_check;

/** Hold data against a schema's table. Errors: as hp_contract_load and hp_hold, HP_USAGE (no such table). */
hp_code hp_check_schema(hp_check *k, const char *path, const hp_table *data, hp_validation **out,
                        hp_err *err);
/** Write a report to each path (.html, .md). Errors: HP_IO, HP_CANTCREAT, HP_RETRY. */
hp_code hp_check_report(hp_check *k, const char *const *path, size_t n, hp_err *err);
/** Write annotated copies of the files into a folder. Errors: as hp_annotate_run. */
hp_code hp_check_annotate(hp_check *k, const char *dir, hp_err *err);
/** Return the mildest severity that makes the command exit 1 (--fail-on). */
hp_gx_severity hp_check_mildest(const hp_check *k);
/** Write the results where they go. Errors: HP_IO, HP_CANTCREAT, HP_RETRY. */
hp_code hp_check_tell(hp_check *k, hp_err *err);

#endif
