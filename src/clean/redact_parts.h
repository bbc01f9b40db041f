/* Private to redaction. */
#ifndef HP_CLEAN_REDACT_PARTS_H
#define HP_CLEAN_REDACT_PARTS_H

#include "clean/redact.h"

/** Tell whether a byte belongs to a word: letters of any script, digits. */
static inline bool hp_redact_word(char c) { return hp_is_alnum(c) || (unsigned char)c >= 0x80; }
/** Return the word that ends just before `i`, blanks and one of ":.,-#" between them aside; empty when there
 * is none. */
hp_str hp_redact_before(hp_str text, size_t i);
/** Return the end of a person's name that begins at `i`, the start of a word; `i` when none does. */
size_t hp_redact_name(const hp_redactor *r, hp_str text, size_t i);

#endif
