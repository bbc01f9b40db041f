/* What the law asks of values on their way: consent, and free text without other people's data. */
#ifndef HP_CLEAN_COMPLY_H
#define HP_CLEAN_COMPLY_H

#include "clean/redact.h"
#include "profile/profile.h"
#include "table/mapped.h"
#include "table/run.h"

/** Count what compliance came to: of the rows with personal values, how many are in which state; what was
 * done. */
typedef struct hp_comply_count {
    uint64_t state[HP_CONSENT_COUNT];
    uint64_t masked, quarantined; /**< rows */
    uint64_t cells;               /**< of free text in which something was replaced */
    uint64_t redacted[HP_REDACT_KINDS];
} hp_comply_count;

/** Make ready to redact what the profile wants redacted; without kinds nothing is. It knows no names yet;
 * free with hp_redactor_free. The profile outlives it. Errors: HP_RETRY. */
hp_code hp_redactor_begin(const hp_profile *p, hp_redactor *out, hp_err *err);

/** Enforce the block `compliance` of a profile on cleaned sheets, before records are made of them: leave out
 * what there is no consent for, mark rows that are to be kept out (hp_cleaned.refused), and replace personal
 * values in free text. The sheets' arrays are changed in place; findings tell what was. Errors: HP_FINDINGS
 * (without_consent: stop), HP_RETRY. */
hp_code hp_comply(hp_run *run, const hp_profile *p, hp_cleaned *const *sheets, size_t n, hp_comply_count *out,
                  hp_err *err);

#endif
