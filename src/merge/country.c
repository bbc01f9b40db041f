#include "merge/merger.h"

#include "base/banned.h"

/* The countries that profiles of this kind of data name; others show their code. Names: ISO 3166-1, English
 * short names as people write them. */
hp_str hp_country_name(hp_str code) {
    static const struct {
        char code[3];
        const char *name;
    } COUNTRY[] = {
        {"AE", "United Arab Emirates"},
        {"AO", "Angola"},
        {"AR", "Argentina"},
        {"AT", "Austria"},
        {"AU", "Australia"},
        {"BE", "Belgium"},
        {"BR", "Brazil"},
        {"BW", "Botswana"},
        {"CA", "Canada"},
        {"CH", "Switzerland"},
        {"CN", "China"},
        {"CZ", "Czechia"},
        {"DE", "Germany"},
        {"DK", "Denmark"},
        {"EG", "Egypt"},
        {"ES", "Spain"},
        {"ET", "Ethiopia"},
        {"FI", "Finland"},
        {"FR", "France"},
        {"GB", "United Kingdom"},
        {"GH", "Ghana"},
        {"GR", "Greece"},
        {"HK", "Hong Kong"},
        {"IE", "Ireland"},
        {"IL", "Israel"},
        {"IN", "India"},
        {"IT", "Italy"},
        {"JP", "Japan"},
        {"KE", "Kenya"},
        {"LS", "Lesotho"},
        {"MU", "Mauritius"},
        {"MW", "Malawi"},
        {"MX", "Mexico"},
        {"MY", "Malaysia"},
        {"MZ", "Mozambique"},
        {"NA", "Namibia"},
        {"NG", "Nigeria"},
        {"NL", "Netherlands"},
        {"NO", "Norway"},
        {"NZ", "New Zealand"},
        {"PL", "Poland"},
        {"PT", "Portugal"},
        {"RW", "Rwanda"},
        {"SA", "Saudi Arabia"},
        {"SE", "Sweden"},
        {"SG", "Singapore"},
        {"SZ", "Eswatini"},
        {"TZ", "Tanzania"},
        {"UG", "Uganda"},
        {"US", "United States"},
        {"ZA", "South Africa"},
        {"ZM", "Zambia"},
        {"ZW", "Zimbabwe"},
    };
    for (size_t i = 0; i < sizeof COUNTRY / sizeof *COUNTRY; i++)
        if (hp_str_ieq(code, hp_str_of(COUNTRY[i].code))) return hp_str_of(COUNTRY[i].name);
    return code;
}
