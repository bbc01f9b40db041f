/* Canonical fields: the vocabulary that source columns are mapped to. */
#ifndef HP_TABLE_FIELD_H
#define HP_TABLE_FIELD_H

#include "base/str.h"

/** Name the kinds of value; each has a cleaning function of its own. */
typedef enum hp_kind {
    HP_K_TEXT,
    HP_K_ORG_NAME,
    HP_K_PERSON,
    HP_K_EMAIL,
    HP_K_PHONE,
    HP_K_WEBSITE,
    HP_K_PROVINCE,
    HP_K_COUNTRY,
    HP_K_ADDRESS,
    HP_K_POSTAL,
    HP_K_DATE,
    HP_K_STATUS,
    HP_K_ID,
    HP_KIND_COUNT
} hp_kind;

/** Name what a row of a sheet describes. A PERSON row stands for itself: its name takes the place of the
 * organisation's. */
typedef enum hp_entity {
    HP_E_ORGANIZATION,
    HP_E_CONTACT,
    HP_E_ADDRESS,
    HP_E_NOTE,
    HP_E_PERSON,
    HP_ENTITY_COUNT
} hp_entity;

/** Name the canonical fields (table/fields.def). */
typedef enum hp_field {
    HP_F_NONE = 0,
#define HP_FIELD(id, name, kind, joiner, text) HP_F_##id,
#include "table/fields.def"
#undef HP_FIELD
    HP_FIELD_COUNT
} hp_field;

/** Describe a field: its name, kind, how several columns of one field are joined (NULL: the first that has a
 * value; "\x1f": a list), and a sentence for people. */
typedef struct hp_field_info {
    const char *name;
    hp_kind kind;
    const char *joiner;
    const char *text;
} hp_field_info;

/** Return the description of a field. */
const hp_field_info *hp_field_get(hp_field f);
/** Find a field by its name; HP_F_NONE when there is none. */
hp_field hp_field_find(hp_str name);
/** Tell whether a field belongs to a contact person rather than to the organisation. */
bool hp_field_of_contact(hp_field f);
/** Return "organization", "contact", "address", "note" or "person". */
const char *hp_entity_name(hp_entity e);
/** Find an entity kind by name; false when there is none. */
bool hp_entity_find(hp_str name, hp_entity *out);
/** Return the name of a kind: "text", "organization_name", "person", "email" ... */
const char *hp_kind_name(hp_kind k);

#endif
