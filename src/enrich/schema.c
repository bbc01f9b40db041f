/* The words of schema.org that matter here, and JSON-LD. */
#include "base/doc.h"
#include "enrich/page.h"

#include "base/banned.h"

bool hp_schema_is_organization(hp_str type) {
    static const char *const NAME[] = {"Airline",    "Airport",     "CollegeOrUniversity",
                                       "Consortium", "Cooperative", "Corporation",
                                       "Dentist",    "Hospital",    "Hotel",
                                       "Library",    "NGO",         "Physician",
                                       "Project",    "Restaurant"};
    static const char *const END[] = {"Organization", "Business", "School", "Store",      "Service",
                                      "Agency",       "Agent",    "Office", "Club",       "Center",
                                      "Shop",         "Dealer",   "Clinic", "Contractor", "Attorney"};
    size_t from = 0;
    for (size_t i = 0; i < type.n; i++)
        if (type.p[i] == '/' || type.p[i] == ':' || type.p[i] == '#') from = i + 1;
    type = hp_str_trim(hp_str_cut(type, from, type.n));
    for (size_t i = 0; i < sizeof NAME / sizeof *NAME; i++)
        if (hp_str_eq(type, hp_str_of(NAME[i]))) return true;
    for (size_t i = 0; i < sizeof END / sizeof *END; i++)
        if (hp_str_ends(type, hp_str_of(END[i]))) return true;
    return false;
}

hp_field hp_schema_field(hp_str property) {
    static const struct {
        const char *name;
        hp_field field;
    } FIELD[] = {{"email", HP_F_CONTACT_EMAIL},    {"telephone", HP_F_CONTACT_PHONE},
                 {"faxNumber", HP_F_FAX},          {"streetAddress", HP_F_ADDRESS},
                 {"addressLocality", HP_F_CITY},   {"addressRegion", HP_F_PROVINCE},
                 {"postalCode", HP_F_POSTAL_CODE}, {"addressCountry", HP_F_COUNTRY},
                 {"address", HP_F_ADDRESS},        {"legalName", HP_F_ORGANIZATION_NAME},
                 {"name", HP_F_ORGANIZATION_NAME}};
    for (size_t i = 0; i < sizeof FIELD / sizeof *FIELD; i++)
        if (hp_str_eq(property, hp_str_of(FIELD[i].name))) return FIELD[i].field;
    return HP_F_NONE;
}

/* ---- JSON-LD ---- */

static hp_code add_property(hp_page *p, hp_field field, const hp_node *v, hp_err *err);

/* Adds the properties of a postal address, a country or a contact point. */
static hp_code add_parts(hp_page *p, const hp_node *n, hp_err *err) {
    for (size_t i = 0; i < n->n; i++) {
        hp_field field = hp_schema_field(n->key[i]->text);
        if (field == HP_F_NONE || field == HP_F_ORGANIZATION_NAME) continue;
        HP_TRY(add_property(p, field, n->item[i], err));
    }
    return HP_OK;
}

/* Values are texts, things with properties, or lists of either. */
static hp_code add_property(hp_page *p, hp_field field, const hp_node *v, hp_err *err) {
    hp_str text;
    if (v->kind == HP_NODE_LIST) {
        for (size_t i = 0; i < v->n; i++) HP_TRY(add_property(p, field, v->item[i], err));
        return HP_OK;
    }
    if (v->kind == HP_NODE_MAP && field == HP_F_COUNTRY) v = hp_node_get(v, "name");
    if (v && v->kind == HP_NODE_MAP) return field == HP_F_ADDRESS ? add_parts(p, v, err) : HP_OK;
    if (!hp_node_text(v, &text)) return HP_OK;
    return hp_page_add(p, field, text, HP_FACT_JSONLD, err);
}

static bool is_organization(const hp_node *n) {
    const hp_node *type = hp_node_get(n, "@type");
    hp_str text;
    if (hp_node_text(type, &text)) return hp_schema_is_organization(text);
    for (size_t i = 0; type && type->kind == HP_NODE_LIST && i < type->n; i++)
        if (hp_node_text(type->item[i], &text) && hp_schema_is_organization(text)) return true;
    return false;
}

static hp_code add_points(hp_page *p, const hp_node *v, hp_err *err) {
    if (!v) return HP_OK;
    if (v->kind == HP_NODE_MAP) return add_parts(p, v, err);
    for (size_t i = 0; v->kind == HP_NODE_LIST && i < v->n; i++)
        if (v->item[i]->kind == HP_NODE_MAP) HP_TRY(add_parts(p, v->item[i], err));
    return HP_OK;
}

static hp_code add_organization(hp_page *p, const hp_node *n, hp_err *err) {
    for (size_t i = 0; i < n->n; i++) {
        hp_field field = hp_schema_field(n->key[i]->text);
        if (field != HP_F_NONE) HP_TRY(add_property(p, field, n->item[i], err));
    }
    return add_points(p, hp_node_get(n, "contactPoint"), err);
}

/* Organisations may stand anywhere: in lists, in @graph, as the publisher of a page. Documents nest at most
 * 64 deep. */
static hp_code walk(hp_page *p, const hp_node *n, hp_err *err) {
    if (n->kind == HP_NODE_MAP && is_organization(n)) return add_organization(p, n, err);
    if (n->kind != HP_NODE_MAP && n->kind != HP_NODE_LIST) return HP_OK;
    for (size_t i = 0; i < n->n; i++) HP_TRY(walk(p, n->item[i], err));
    return HP_OK;
}

hp_code hp_jsonld_read(hp_page *p, hp_str json, hp_err *err) {
    hp_err why = {0};
    hp_node *root;
    hp_autoarena *a = hp_arena_new(NULL);
    if (!a) return hp_fail_memory(err, "a web page");
    hp_code code = hp_json_read(a, hp_str_trim(json), "JSON-LD", &root, &why);
    if (code == HP_RETRY) return hp_fail_memory(err, "a web page");
    return code == HP_OK ? walk(p, root, err) : HP_OK;
}
