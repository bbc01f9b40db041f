/* Private to src/profile: what values of a type look like as text, as regular expressions. */
#ifndef HP_PROFILE_CONTRACT_FORMS_H
#define HP_PROFILE_CONTRACT_FORMS_H

#include "base/buf.h"
#include "profile/contract.h"

/** Describe the text of values of a type. */
typedef struct hp_form_of_type {
    const char *regex; /**< NULL: any text */
    const char *promise;
} hp_form_of_type;

/** Return how values of a type are written: numbers with a decimal point, dates and times by ISO 8601. */
const hp_form_of_type *hp_form_of_type_get(hp_logical t);

/** Describe texts of a format. */
typedef struct hp_form_of_text {
    const char *name; /**< as ODCS and Frictionless have it: "email", "uri", "uuid", "ipv4" */
    const char *regex;
    const char *promise;
} hp_form_of_text;

/** Find a format of texts; NULL when there is no check for it. */
const hp_form_of_text *hp_form_of_text_get(hp_str name);

/** Tell whether a date format of ODCS or Frictionless is the ISO form that a type has anyway. */
bool hp_form_is_iso(hp_logical t, hp_str format);
/** Translate a format of Java's DateTimeFormatter ("dd/MM/yyyy HH:mm") to one of strftime; false when a part
 * of it is not known. */
bool hp_form_of_java(hp_str format, hp_buf *out);

#endif
