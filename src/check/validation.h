/* Validations: what came of holding a table against a suite, every value at fault with its place. */
#ifndef HP_CHECK_VALIDATION_H
#define HP_CHECK_VALIDATION_H

#include "profile/suite.h"
#include "table/run.h"

/** Hold a value (or, of an expectation on several columns, a row) that is not as expected. */
typedef struct hp_unexpected {
    uint32_t row; /**< of the table, from 0 */
    hp_vid value; /**< HP_NULL where several columns are concerned */
} hp_unexpected;

/** Hold what came of one expectation. */
typedef struct hp_outcome {
    const hp_expectation *expectation;
    bool success;
    hp_str exception; /**< why it could not be evaluated ("column \"x\" does not exist"); empty when it was */
    bool counted;     /**< it tests values one by one: the counts below and the list mean something */
    uint64_t elements,
        missing;        /**< rows looked at, and those passed over; of aggregates of a column as well */
    uint64_t evaluated; /**< values that `mostly` counts: all but missing ones, or all rows where nulls
                             are what it is about */
    uint64_t unexpected_count;
    uint64_t nunexpected; /**< of the list: unexpected_count, always */
    hp_unexpected *unexpected;
    size_t ncolumn;          /**< columns of the table that it is about: 0 for the table as a whole */
    uint32_t *column;        /**< their numbers */
    const hp_node *observed; /**< observed_value of aggregates; NULL when there is none */
    const hp_node *details;  /**< NULL when there is none */
} hp_outcome;

/** Hold what came of a suite. */
typedef struct hp_validation {
    const hp_suite *suite;
    const hp_table *data;
    size_t n;
    hp_outcome *outcome;
    bool success;      /**< all were met */
    size_t successful; /**< how many were */
} hp_validation;

/** Hold a table against a suite. Lives in the run's arena; adds nothing to the findings. An expectation that
 * cannot be evaluated on this table (no such column, text where a number is needed) is an outcome with an
 * exception, not an error. Errors: HP_CONFIG (a regular expression or schema in the suite is wrong or too
 * costly, with the suite's line), HP_RETRY. */
hp_code hp_validate(hp_run *run, const hp_table *data, const hp_suite *suite, hp_validation **out,
                    hp_err *err);
/** Append each unexpected value to the run's findings, with its address and the expectation as the note.
 * Errors: HP_RETRY. */
hp_code hp_validation_findings(hp_run *run, const hp_validation *v, hp_err *err);

/** Say how results are written. */
typedef struct hp_result_options {
    size_t most;      /**< values listed per expectation; 0 = all; when some are left out that is announced */
    bool show_values; /**< else values that may be personal are masked: by the header of their column (mail,
                           phone, name, address ...), or by their look (an e-mail address, a phone number) */
} hp_result_options;

/** Append a validation as the JSON that Great Expectations writes (COMPLETE result format), and for every
 * unexpected value its origin ("unexpected_origin_list"). */
void hp_validation_json(const hp_run *run, const hp_validation *v, const hp_result_options *o, hp_buf *out);
/** Append some as one SARIF 2.1.0 log: a result for each expectation that is not met, and for each unexpected
 * value. */
void hp_validation_sarif(const hp_run *run, const hp_validation *const *v, size_t n,
                         const hp_result_options *o, hp_buf *out);
/** Append some as JUnit XML: a suite for each, a test case for each expectation. */
void hp_validation_junit(const hp_run *run, const hp_validation *const *v, size_t n,
                         const hp_result_options *o, hp_buf *out);
/** Append some as Markdown, those not met first. */
void hp_validation_markdown(const hp_run *run, const hp_validation *const *v, size_t n,
                            const hp_result_options *o, hp_buf *out);

#endif
