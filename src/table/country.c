#include "table/country.h"

const hp_country *hp_countries(size_t *n) {
    static const hp_country COUNTRIES[] = {
#define HP_COUNTRY(alpha2, alpha3, name, aliases) {#alpha2, #alpha3, name, aliases},
#include "table/countries.def"
#undef HP_COUNTRY
    };
    *n = sizeof COUNTRIES / sizeof *COUNTRIES;
    return COUNTRIES;
}

hp_str hp_country_name(hp_str code) {
    size_t n;
    const hp_country *country = hp_countries(&n);
    for (size_t i = 0; i < n; i++)
        if (hp_str_ieq(code, hp_str_of(country[i].alpha2))) return hp_str_of(country[i].name);
    return code;
}
