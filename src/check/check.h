/* Checking: expectations on the output, with a verdict. */
#ifndef HP_CHECK_CHECK_H
#define HP_CHECK_CHECK_H

#include "check/validation.h"
#include "profile/profile.h"

/** Hold the outcome of one expectation. */
typedef struct hp_check_result {
    hp_str column, kind;
    double mostly;
    uint64_t evaluated, unexpected; /**< values that are not null (all for not_null), and those that fail */
    bool success, fail;             /**< fail: its severity stops the run */
} hp_check_result;

/** Hold the outcome of all: a summary of a validation. */
typedef struct hp_verdict {
    hp_validation *validation; /**< result[i] is of its i-th outcome */
    hp_check_result *result;
    size_t n;
    bool success; /**< no expectation failed */
    bool stop;    /**< one of severity fail did */
} hp_verdict;

/** Hold the output table against the profile's expectations and the built-in ones (refine.md 6.4: e-mail,
 * phone, website by the profile's thresholds; scores within 0..1). Each unexpected value is a finding whose
 * note names the organisation (its slug) and the expectation. Errors: HP_CONFIG (bad regular expression, with
 * the profile's line), HP_RETRY. */
hp_code hp_check_output(hp_run *run, const hp_profile *p, const hp_table *data, hp_verdict **out,
                        hp_err *err);

#endif
