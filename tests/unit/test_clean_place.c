#include "clean_case.h"

static const clean_case websites[] = {
    {"http://www.acme.example/", "https://acme.example"},
    {"https://acme.example/a/B/?q=1#x", "https://acme.example/a/B"},
    {"HTTP://X.YZ:8080/", "https://x.yz:8080"},
    {"http://acme.example:80/x", "https://acme.example/x"},
    {"WWW.Acme.Example", "https://acme.example"},
    {"acme.example", "https://acme.example"},
    {"www.www.acme.example", "https://acme.example"},
    {"acme.example.", "https://acme.example"},
    {"http:\\\\www.acme.example", "https://acme.example"},
    {"http//www.acme.example", "https://acme.example"},
    {"http://https://acme.example", "https://acme.example"},
    {"//acme.example/x/", "https://acme.example/x"},
    {"(www.acme.example)", "https://acme.example"},
    {"Website: www.acme.example", "https://acme.example"},
    {"www.acme.example; www.zeta.example", "https://acme.example !website_extra(1 more)"},
    {"www.acme.example www.zeta.example", "https://acme.example !website_extra(1 more)"},
    {"acme.example,zeta.example", "https://acme.example !website_extra(1 more)"},
    {"www.acme.example/www.zeta.example", "https://acme.example !website_extra(1 more)"},
    {"a.example; b.example, c.example | http://d.example,http://e.example/",
     "https://a.example !website_extra(4 more)"},
    {"a.example b.example c.example d.example e.example f.example g.example",
     "https://a.example !website_extra(6 or more)"},
    {"www.acme.example; http://acme.example/", "https://acme.example"},
    {"http://acme.example/http://acme.example", "https://acme.example"},
    {"www.acme.example; acme.example/shop", "https://acme.example !website_extra(1 more)"},
    {"www.acme.example and example.com", "https://acme.example"},
    {"See www.acme.example or Mr.Smith", "https://acme.example"},
    {"rubbish; www.zeta.example", "https://zeta.example"},
    {"See www.acme.example for more", "https://acme.example"},
    {"https://acme.example/a,b", "https://acme.example/a,b"},
    {"http://127.0.0.1:8080/x", "https://127.0.0.1:8080/x"},
    {"b\xC3\xBC"
     "cher.example",
     "https://b\xC3\xBC"
     "cher.example"},
    {"https://B\xC3\x9C"
     "CHER.example",
     "https://b\xC3\xBC"
     "cher.example"},
    {"-", "!placeholder"},
    {"not a url", "!website_invalid(no dot in the domain)"},
    {"ask Mr.Smith", "!website_invalid(no dot in the domain)"},
    {"jane@acme.example", "!website_invalid(an e-mail address)"},
    {"https://user@acme.example", "!website_invalid(a user name in it)"},
    {"ftp://acme.example", "!website_invalid(not a web scheme)"},
    {"mailto:jane@acme.example", "!website_invalid(not a web scheme)"},
    {"javascript:alert(1)", "!website_invalid(not a web scheme)"},
    {"http://", "!website_invalid(no host)"},
    {"www.acme", "!website_invalid(no dot in the domain)"},
    {"localhost", "!website_invalid(no dot in the domain)"},
    {"acme.example:99999", "!website_invalid(bad port)"},
    {"999.1.1.1", "!website_invalid(no top-level domain)"},
    {"http://ac me.example", "!website_invalid(no dot in the domain)"},
    {"-acme.example", "!website_invalid(bad domain name)"},
    {"12345", "!website_invalid(no dot in the domain)", HP_T_NUMBER},
    {"http://www.example.com/x", "!placeholder(domain for examples)"},
};

static const clean_case provinces[] = {
    {"Gauteng", "Gauteng"},
    {"gauteng", "Gauteng"},
    {"GP", "Gauteng"},
    {"Gauteng Province", "Gauteng"},
    {"gpretoria", "Gauteng"},
    {"gauteng, sa", "Gauteng"},
    {"Gauteng Province, South Africa", "Gauteng"},
    {"Western Cape", "Western Cape"},
    {"W. Cape", "Western Cape"},
    {"w cape", "Western Cape"},
    {"WC", "Western Cape"},
    {"Wes-Kaap", "Western Cape"},
    {"Kwa-Zulu Natal", "KwaZulu-Natal"},
    {"KwaZulu-Natal", "KwaZulu-Natal"},
    {"kwazulu natal", "KwaZulu-Natal"},
    {"KZN", "KwaZulu-Natal"},
    {"Natal", "KwaZulu-Natal"},
    {"E Cape", "Eastern Cape"},
    {"EC", "Eastern Cape"},
    {"Free State 9300", "Free State"},
    {"Freestate", "Free State"},
    {"FS", "Free State"},
    {"Limpopo", "Limpopo"},
    {"Northern Province", "Limpopo"},
    {"LP", "Limpopo"},
    {"Mpumulanga", "Mpumalanga"},
    {"MP", "Mpumalanga"},
    {"North-West", "North West"},
    {"NW", "North West"},
    {"North West Province", "North West"},
    {"N. Cape", "Northern Cape"},
    {"NC", "Northern Cape"},
    {"Unspecified", "!placeholder"},
    {"Unknown", "!placeholder"},
    {"N/A", "!placeholder"},
    {" Hesse ", "Hesse !province_unknown"},
    {"Northern", "Northern !province_unknown"},
};

static const clean_case countries[] = {
    {"South Africa", "South Africa"},
    {"SOUTH-AFRICA", "South Africa"},
    {"Republic of South Africa", "South Africa"},
    {"RSA", "South Africa"},
    {"SA", "South Africa"},
    {"ZA", "South Africa"},
    {"zaf", "South Africa"},
    {"Suid-Afrika", "South Africa"},
    {"NA", "Namibia"},
    {"na", "!placeholder"},
    {"n/a", "!placeholder"},
    {"Namibia", "Namibia"},
    {"None", "!placeholder"},
    {"UK", "United Kingdom"},
    {"the Netherlands", "Netherlands"},
    {"USA", "United States"},
    {"U.S.A.", "United States"},
    {"DRC", "Congo (Democratic Republic)"},
    {"Cote d'Ivoire", "C\xC3\xB4te d'Ivoire"},
    {"C\xC3\xB4te d\xE2\x80\x99Ivoire", "C\xC3\xB4te d'Ivoire"},
    {"Trinidad & Tobago", "Trinidad and Tobago"},
    {"Swaziland", "Eswatini"},
    {"R\xC3\xA9union", "R\xC3\xA9union"},
    {"Atlantis", "Atlantis !country_unknown"},
};

static const clean_case abroad[] = {{"SA", "Saudi Arabia"}, {"DE", "Germany"}, {"RSA", "South Africa"}};
static const clean_case provinces_abroad[] = {{"  KZN ", "KZN"}, {"Hesse", "Hesse"}, {"-", "!placeholder"}};

static const clean_case postal[] = {
    {"0200", "0200"},
    {"0001", "0001"},
    {"200", "0200", HP_T_NUMBER},
    {"1.0", "0001", HP_T_NUMBER},
    {"200.0", "0200"},
    {"2000", "2000", HP_T_NUMBER},
    {"200", "!postal_code_invalid(fewer than four digits)"},
    {"12345", "!postal_code_invalid(more than four digits)"},
    {"12345", "!postal_code_invalid(more than four digits)", HP_T_NUMBER},
    {"20O0", "!postal_code_invalid(not digits only)"},
    {"-200", "!postal_code_invalid(not digits only)", HP_T_NUMBER},
    {"0", "!placeholder", HP_T_NUMBER},
    {"0000", "!placeholder"},
    {"-", "!placeholder"},
};

static const clean_case postal_abroad[] = {
    {"d-69115", "D-69115"},
    {"sw1a 1aa", "SW1A 1AA"},
    {"69115", "69115", HP_T_NUMBER},
    {"12", "!postal_code_invalid(too short)"},
    {"12345678901", "!postal_code_invalid(too long)"},
    {"69_115", "!postal_code_invalid(bad character)"},
    {"ABCD", "!postal_code_invalid(no digit)"},
};

static void test_websites(void **state) {
    (void)state;
    hp_clean_ctx ctx = clean_ctx();
    CLEAN_CHECK(hp_clean_website, &ctx, websites);
}

static void test_places(void **state) {
    (void)state;
    hp_clean_ctx ctx = clean_ctx();
    CLEAN_CHECK(hp_clean_province, &ctx, provinces);
    CLEAN_CHECK(hp_clean_country, &ctx, countries);
    CLEAN_CHECK(hp_clean_postal, &ctx, postal);
    memcpy(ctx.country, "DE", 3);
    CLEAN_CHECK(hp_clean_province, &ctx, provinces_abroad);
    CLEAN_CHECK(hp_clean_country, &ctx, abroad);
    CLEAN_CHECK(hp_clean_postal, &ctx, postal_abroad);
}

/* Each line of the table is found by both codes and by its name, and its name cleans to itself. */
static void test_all_countries(void **state) {
    (void)state;
    static const char *const table[][3] = {
#define HP_COUNTRY(a2, a3, name, aliases) {#a2, #a3, name},
#include "table/countries.def"
#undef HP_COUNTRY
    };
    hp_clean_ctx ctx = clean_ctx();
    memcpy(ctx.country, "DE", 3);
    hp_clean_out o = {.value = hp_buf_new(4096), .extra = hp_buf_new(4096)};
    assert_int_equal(sizeof table / sizeof *table, 249);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        for (size_t k = 0; k < 3; k++) {
            hp_buf_clear(&o.value);
            hp_clean_country(&ctx, hp_str_of(table[i][k]), HP_T_TEXT, &o);
            assert_string_equal(hp_buf_cstr(&o.value), table[i][2]);
            assert_int_equal(o.nrule, 0);
        }
    }
    hp_buf_free(&o.value);
    hp_buf_free(&o.extra);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_websites),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_all_countries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
