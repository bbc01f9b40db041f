/* Web pages: what a page of an organisation says about it. HTML by libxml2; structured data of schema.org
 * first. */
#ifndef HP_ENRICH_PAGE_H
#define HP_ENRICH_PAGE_H

#include "base/arena.h"
#include "base/vec.h"
#include "table/field.h"

/** Say where on a page a value stood; how far it is to be trusted goes by that. */
typedef enum hp_fact_place {
    HP_FACT_JSONLD,    /**< JSON-LD of an organisation */
    HP_FACT_MICRODATA, /**< microdata of an organisation or of its address */
    HP_FACT_LINK,      /**< a link mailto: or tel: */
    HP_FACT_ADDRESS,   /**< an address element */
    HP_FACT_TEXT       /**< running text */
} hp_fact_place;

/** Hold a value that a page states. */
typedef struct hp_fact {
    hp_field field;
    hp_str value; /**< UTF-8, trimmed, blanks to one */
    hp_fact_place place;
} hp_fact;

/** Hold a link that may lead to contact data. */
typedef struct hp_page_link {
    hp_str href; /**< as written, relative to the page */
    int rank;    /**< higher is better */
} hp_page_link;

/** Hold what was found on a page, in the order of the page. Texts live in `arena`. Release the lists with
 * hp_page_free. */
typedef struct hp_page {
    hp_arena *arena;
    hp_str title;
    HP_VEC(hp_fact) fact;
    HP_VEC(hp_page_link) link;
} hp_page;

/** The most facts and links that are kept of a page. */
#define HP_PAGE_FACTS 500

/** Read a page; bytes that are no HTML give few facts, never an error. `content_type` is the header's value,
 * for the character set. Errors: HP_CONFIG (libxml2 is not installed), HP_RETRY. */
hp_code hp_page_read(hp_arena *a, hp_str bytes, hp_str content_type, hp_page *out, hp_err *err);
/** Release the lists. */
void hp_page_free(hp_page *p);
/** Return the words for a place: "JSON-LD". */
const char *hp_fact_place_word(hp_fact_place place);

/** Add a fact: trims, takes blanks together, drops an empty one and one that is there already (the more
 * trusted place stays). Errors: HP_RETRY. */
hp_code hp_page_add(hp_page *p, hp_field field, hp_str value, hp_fact_place place, hp_err *err);
/** Read JSON-LD (W3C JSON-LD 1.1, the terms of schema.org without looking at contexts). What is no JSON is
 * passed over. Errors: HP_RETRY. */
hp_code hp_jsonld_read(hp_page *p, hp_str json, hp_err *err);
/** Find e-mail addresses and phone numbers in running text. A number counts only with a leading + or behind a
 * word that announces it. Errors: HP_RETRY. */
hp_code hp_page_scan(hp_page *p, hp_str text, hp_err *err);
/** Tell whether a type of schema.org is an organisation: by name, or by what such names end in. A person is
 * none. */
bool hp_schema_is_organization(hp_str type);
/** Return the field for a property of an organisation or of a postal address; HP_F_NONE for others. */
hp_field hp_schema_field(hp_str property);

#endif
