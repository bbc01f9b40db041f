/* Countries of ISO 3166-1, one table for reading their names and for writing them. */
#ifndef HP_TABLE_COUNTRY_H
#define HP_TABLE_COUNTRY_H

#include "base/str.h"

/** Describe a country: its codes, English short name, and other names it goes by (folded, parted by '|'; see
 * table/countries.def). */
typedef struct hp_country {
    char alpha2[3], alpha3[4];
    const char *name, *aliases;
} hp_country;

/** Return all countries, by alpha-2 code; *n gets their number. Static. */
const hp_country *hp_countries(size_t *n);
/** Return the English short name of an alpha-2 code; the code itself when no country has it. */
hp_str hp_country_name(hp_str code);

#endif
