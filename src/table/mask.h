/* Masking: samples that show the form of a value without telling whose it is. */
#ifndef HP_TABLE_MASK_H
#define HP_TABLE_MASK_H

#include "base/buf.h"
#include "table/field.h"

/** Tell whether values of a kind say something about a person. Identifiers do not by themselves: most number
 * rows. */
bool hp_kind_personal(hp_kind kind);
/** Tell whether values of a field are shown masked: those of a contact, those of a personal kind, and free
 * text, which may name people. */
bool hp_field_masked(hp_field f);
/** Append a masked form: "t•••@•••.example", the last two digits of a phone, else the first character. */
void hp_put_masked(hp_buf *out, hp_kind kind, hp_str text);

#endif
