/* Looking at a stranger's file: only the built-in names of fields, no profile. */
#ifndef HP_CLI_PERSONAL_H
#define HP_CLI_PERSONAL_H

#include "profile/profile.h"

/** Return enough of a profile to look at a file with: the built-in names of fields. */
const hp_profile *hp_plain_profile(void);
/** Tell whether a header names some field. */
bool hp_header_known(hp_str header);
/** Tell whether the field that a header names best is about a person. */
bool hp_header_personal(hp_str header);
/** Tell whether values of the field that a header names best are shown masked: hp_header_personal, and free
 * text. */
bool hp_header_masked(hp_str header);
/** Return the field that a header names best, the columns of the sheet Data by their names; HP_F_NONE when it
 * names none. */
hp_field hp_header_field(hp_str header);
/** Append a value of a column as it may be shown: masked when its header names something about a person, or
 * free text. */
void hp_put_personal(hp_buf *out, hp_str header, hp_str value);

#endif
