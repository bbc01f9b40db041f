/* Checking: expectations on the output, with a verdict. */
#ifndef HP_CHECK_CHECK_H
#define HP_CHECK_CHECK_H

#include "check/validation.h"
#include "profile/profile.h"

/** Name the suite of the expectations on the output that are built in or stand in the profile itself. */
#define HP_OUTPUT_SUITE "output"

/** Hold the outcome of one expectation. */
typedef struct hp_check_result {
    bool sources;  /**< of a source sheet before cleaning (stage check-sources); else of Data (stage check) */
    hp_str suite;  /**< its name; HP_OUTPUT_SUITE */
    hp_str data;   /**< "Contact Database.xlsx!Company_Cat", "Data" */
    hp_str column; /**< several: "Email, Phone"; empty when it is about the table */
    hp_str kind;   /**< "not_null", of suites "expect_column_values_to_not_be_null" */
    hp_str said;   /**< of one that does not count values: what came of it; else empty */
    double mostly; /**< of one that does not count values: 1 */
    uint64_t evaluated, unexpected; /**< values that are not null (all for not_null), and those that fail */
    bool success;
    hp_on_failure action; /**< what follows if it is not met */
    const hp_validation *validation;
    const hp_outcome *outcome;
} hp_check_result;

/** Hold the outcome of all. */
typedef struct hp_verdict {
    hp_check_result *result;
    size_t n;
    bool success; /**< no expectation failed */
    bool stop;    /**< one that stops the run did */
} hp_verdict;

/** Say how a validation is taken into a verdict. */
typedef struct hp_verdict_terms {
    bool sources;
    hp_str data;                            /**< as in hp_check_result */
    hp_on_failure action[HP_GX_SEVERITIES]; /**< by the severity of the expectation */
    const bool *skip;                       /**< outcomes that another one tells already; NULL: none */
    hp_cell head; /**< cell of the header row, for findings that no value has; sheet HP_NO_SHEET without */
} hp_verdict_terms;

/** Add a validation to a verdict. What is not met becomes findings: each unexpected value with its cell; else
 * one at the header or the sheet. Their note names suite, columns and expectation; of a table without places
 * its key (column organization_slug) before that. One that shall send rows to quarantine but names none stops
 * the run. Errors: HP_RETRY. */
hp_code hp_verdict_take(hp_run *run, const hp_validation *v, const hp_verdict_terms *terms, hp_verdict *out,
                        hp_err *err);
/** Add the results of one verdict to another. Errors: HP_RETRY. */
hp_code hp_verdict_join(hp_run *run, const hp_verdict *more, hp_verdict *to, hp_err *err);
/** Return "check-sources" or "check". */
const char *hp_check_stage(const hp_check_result *r);
/** Append "companies: Status expect_column_values_to_be_in_set", without the suite for HP_OUTPUT_SUITE. */
void hp_check_name(const hp_check_result *r, hp_buf *out);
/** Append where the i-th unexpected value stands: "Book.xlsx!List!H17"; of a row of Data the first cell that
 * it was made of. */
void hp_check_place(const hp_run *run, const hp_check_result *r, size_t i, hp_buf *out);
/** Append the places of the first `most`, and how many more there are. */
void hp_check_places(const hp_run *run, const hp_check_result *r, size_t most, hp_buf *out);

/** Hold the output table against the profile's expectations and the built-in ones (refine.md 6.4: e-mail,
 * phone, website by the profile's thresholds; scores within 0..1). Each unexpected value is a finding whose
 * note names the organisation (its slug) and the expectation. Errors: HP_CONFIG (bad regular expression, with
 * the profile's line), HP_RETRY. */
hp_code hp_check_output(hp_run *run, const hp_profile *p, const hp_table *data, hp_verdict **out,
                        hp_err *err);

#endif
