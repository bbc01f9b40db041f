/* What a profile says about the law: the block `compliance`. */
#ifndef HP_PROFILE_COMPLIANCE_H
#define HP_PROFILE_COMPLIANCE_H

#include "base/doc.h"
#include "table/field.h"

/** Say what is known of somebody's consent. */
typedef enum hp_consent {
    HP_CONSENT_MISSING, /**< nothing is said */
    HP_CONSENT_GRANTED, /**< granted, approved, allowed, yes ... */
    HP_CONSENT_PENDING, /**< pending, unknown, review */
    HP_CONSENT_DENIED,  /**< denied, revoked, withdrawn, expired, no ... */
    HP_CONSENT_UNKNOWN, /**< another word */
    HP_CONSENT_OTHER,   /**< granted, but for other purposes than the profile's */
    HP_CONSENT_COUNT
} hp_consent;

/** Hold the block `compliance`; defaults are in profile/compliance.c. Texts are words of the tables there. */
typedef struct hp_profile_compliance {
    hp_str policy, jurisdiction, purpose;
    hp_str basis;   /**< lawful_basis */
    hp_str without; /**< without_consent: mask, quarantine, report, stop */
    bool consent_required;
    bool audit; /**< audit_trail_required: exports are logged */
    size_t npii;
    hp_field *pii;          /**< pii_fields; none = all that are about a person */
    int retention_days;     /**< 0 = none */
    const hp_node *states;  /**< consent_overrides: slug of the organisation -> state; NULL = none */
    const hp_node *classes; /**< classification: output column -> level; NULL = none */
    size_t nredact;
    hp_str *redact; /**< redaction.kinds; none = free text stays as it is */
    size_t nfree;
    hp_field *free_text; /**< redaction.fields; none = notes and description */
} hp_profile_compliance;

struct hp_profile;

/** Return "granted", "pending", "denied", "missing", "unknown" or "other purpose". */
const char *hp_consent_name(hp_consent c);
/** Read a word of consent, case and outer blanks aside; HP_CONSENT_MISSING for none. */
hp_consent hp_consent_of(hp_str word);
/** Decide what is known of the consent behind a row: what consent_overrides says of the organisation, else
 * the row's own word, which counts only for the profile's purpose where the row names purposes (separated by
 * commas or semicolons; none is all). Empty texts are not known. */
hp_consent hp_consent_decide(const struct hp_profile *p, hp_str slug, hp_str word, hp_str purposes);
/** Tell whether personal values of a row in a state may be used: it is granted, or a consent is neither
 * demanded nor refused. */
bool hp_consent_allows(const struct hp_profile *p, hp_consent c);
/** Tell whether the profile calls a field personal: one of pii_fields, or of the fields about a person when
 * there are none. contact_name stands for the fields of the name, and contact_email and contact_phone for
 * themselves. */
bool hp_field_is_pii(const struct hp_profile *p, hp_field f);
/** Tell whether a field is free text that is redacted. */
bool hp_field_is_redacted(const struct hp_profile *p, hp_field f);
/** Tell whether the profile demands a consent: it says so, or consent is its lawful basis. */
bool hp_consent_demanded(const struct hp_profile *p);
/** Return the level of an output column: what the profile says, else "pii" when `personal`, else "internal".
 */
hp_str hp_class_of(const struct hp_profile *p, hp_str column, bool personal);

#endif
