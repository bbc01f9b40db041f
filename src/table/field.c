#include "table/field.h"

static const hp_field_info FIELDS[HP_FIELD_COUNT] = {
    [HP_F_NONE] = {"", HP_K_TEXT, NULL, ""},
#define HP_FIELD(id, name, kind, joiner, text) [HP_F_##id] = {name, HP_K_##kind, joiner, text},
#include "table/fields.def"
#undef HP_FIELD
};

static const char *const ENTITIES[HP_ENTITY_COUNT] = {
    [HP_E_ORGANIZATION] = "organization",
    [HP_E_CONTACT] = "contact",
    [HP_E_ADDRESS] = "address",
    [HP_E_NOTE] = "note",
    [HP_E_PERSON] = "person",
};

static const char *const KINDS[HP_KIND_COUNT] = {
    [HP_K_TEXT] = "text",
    [HP_K_ORG_NAME] = "organization_name",
    [HP_K_PERSON] = "person",
    [HP_K_EMAIL] = "email",
    [HP_K_PHONE] = "phone",
    [HP_K_WEBSITE] = "website",
    [HP_K_PROVINCE] = "province",
    [HP_K_COUNTRY] = "country",
    [HP_K_ADDRESS] = "address",
    [HP_K_POSTAL] = "postal_code",
    [HP_K_DATE] = "date",
    [HP_K_STATUS] = "status",
    [HP_K_ID] = "id",
};

const hp_field_info *hp_field_get(hp_field f) { return &FIELDS[f]; }

hp_field hp_field_find(hp_str name) {
    for (int f = 1; f < HP_FIELD_COUNT; f++)
        if (hp_str_eq(hp_str_of(FIELDS[f].name), name)) return (hp_field)f;
    return HP_F_NONE;
}

bool hp_field_of_contact(hp_field f) { return f >= HP_F_CONTACT_TITLE && f <= HP_F_CONTACT_NATIONAL_ID; }

const char *hp_entity_name(hp_entity e) { return ENTITIES[e]; }

bool hp_entity_find(hp_str name, hp_entity *out) {
    for (int e = 0; e < HP_ENTITY_COUNT; e++)
        if (hp_str_eq(hp_str_of(ENTITIES[e]), name)) {
            *out = (hp_entity)e;
            return true;
        }
    return false;
}

const char *hp_kind_name(hp_kind k) { return KINDS[k]; }
