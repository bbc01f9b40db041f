/* Changes: what cleaning found in a value, once for each distinct one. What became of the value itself stands
 * in the cleaned columns (table/mapped.h), as ids, for nothing. */
#ifndef HP_TABLE_CHANGE_H
#define HP_TABLE_CHANGE_H

#include "base/map.h"
#include "base/vec.h"
#include "table/field.h"
#include "table/issue.h"

/** Hold a rule that spoke when a value was cleaned. */
typedef struct hp_change_rule {
    hp_vid note; /**< more in a word or two, or HP_NULL */
    uint16_t rule;
} hp_change_rule;

/** Hold the rules of all values that some spoke about, by kind, type and value. Zero-initialise. */
typedef struct hp_changes {
    HP_VEC(hp_change_rule) rule;
    HP_VEC(uint32_t) first; /**< of each value's rules; those of the next value end them */
    hp_imap at;             /**< kind, type and value -> place in `first` */
} hp_changes;

/** Begin the rules of a value of a kind and type; *fresh is false when they are known. False when out of
 * memory. */
bool hp_change_begin(hp_changes *c, hp_kind kind, hp_type type, hp_vid value, bool *fresh);
/** Add a rule to the value that was begun last. False when out of memory. */
bool hp_change_add(hp_changes *c, hp_rule rule, hp_vid note);
/** Find the rules of a value; NULL and *n = 0 when none spoke. */
const hp_change_rule *hp_change_find(const hp_changes *c, hp_kind kind, hp_type type, hp_vid value,
                                     size_t *n);
/** Release them. */
void hp_changes_free(hp_changes *c);

#endif
