#include "clean_case.h"

static const clean_case organisations[] = {
    {"Acme (Pty) Ltd", "Acme (Pty) Ltd {acme}"},
    {"  ACME   Flying  School ", "ACME Flying School {acme flying school}"},
    {"Unknown Organisation 175", "!filler_organization"},
    {"unknown organization", "!filler_organization"},
    {"Unknown Company 3", "!filler_organization"},
    {"Unknown", "!filler_organization"},
    {"Unspecified", "!filler_organization"},
    {"Unnamed flight school 12", "!filler_organization"},
    {"Unnamed 7", "!filler_organization"},
    {"UNKNOWN ORGANISATION NO. 9", "!filler_organization"},
    {"Unknown Heights Aviation", "Unknown Heights Aviation {unknown heights aviation}"},
    {"Unknown Organisation 175 Trust", "Unknown Organisation 175 Trust {unknown organisation 175 trust}"},
    {"-", "!placeholder"},
    {"N/A", "!placeholder"},
    {"0", "!placeholder", HP_T_NUMBER},
    {"1time", "1time {1time}"},
    {"24/7 Charters", "24/7 Charters {24 7 charters}"},
    {"+*+", "!name_invalid(no letter or digit)"},
    {"345.0", "345 {345}", HP_T_NUMBER},
};

static const struct {
    const char *name, *key;
} keys[] = {
    {"Acme (Pty) Ltd", "acme"},
    {"ACME PTY LTD", "acme"},
    {"Acme Pty. Limited", "acme"},
    {"Acme Proprietary Limited", "acme"},
    {"Acme (Edms) Bpk", "acme"},
    {"Acme CC", "acme"},
    {"Acme C.C.", "acme"},
    {"Acme Close Corporation", "acme"},
    {"Acme NPC", "acme"},
    {"Acme (RF) NPC", "acme"},
    {"Acme Inc.", "acme"},
    {"Acme, LLC", "acme"},
    {"Acme GmbH & Co. KG", "acme"},
    {"Acme B.V.", "acme"},
    {"Acme S.A.", "acme"},
    {"Acme SA", "acme"},
    {"SA Airways", "sa airways"},
    {"AG Aviation AG", "ag aviation"},
    {"Acme S.p.A.", "acme"},
    {"Mountain Spa", "mountain spa"},
    {"Acme Private Limited", "acme"},
    {"Acme Co", "acme"},
    {"Co", "co"},
    {"Pty Ltd", "pty"},
    {"Smith & Co", "smith"},
    {"Smith & Sons", "smith and sons"},
    {"Smith and Sons CC", "smith and sons"},
    {"Smith + Sons", "smith and sons"},
    {"O'Connor's Garage", "oconnors garage"},
    {"O\xE2\x80\x99"
     "Connor\xE2\x80\x99s Garage",
     "oconnors garage"},
    {"The Flying Club", "flying club"},
    {"The", "the"},
    {"Theatre Air", "theatre air"},
    {"Br\xC3\xBCggemann Fl\xC3\xBCge", "bruggemann fluge"},
    {"Stra\xC3\x9F"
     "e 7",
     "strasse 7"},
    {"A.B.C. Aviation", "abc aviation"},
    {"J. R. Flying", "jr flying"},
    {"P K Flying", "p k flying"},
    {"Acme (Pty) Ltd t/a Zeta Air", "acme t a zeta air"},
    {"Acme-Zeta/Air", "acme zeta air"},
    {"Air   Acme", "air acme"},
    {"\xE4\xB8\xAD\xE5\x9B\xBD", "\xE4\xB8\xAD\xE5\x9B\xBD"},
    {"---", ""},
    {"", ""},
};

static const clean_case people[] = {
    {"Jane Doe", "Jane Doe"},
    {"Jane Doe (Chief Pilot)", "Jane Doe {Chief Pilot}"},
    {"Jane Doe \xE2\x80\x94 Owner", "Jane Doe {Owner}"},
    {"Jane Doe\xE2\x80\x94Owner", "Jane Doe {Owner}"},
    {"Jane Doe \xE2\x80\x93 Owner", "Jane Doe {Owner}"},
    {"Jane Doe - Owner", "Jane Doe {Owner}"},
    {"Jane Doe - Owner (acting)", "Jane Doe {Owner (acting)}"},
    {"Jane Doe (A320) - Owner", "Jane Doe {A320, Owner}"},
    {"Jane Doe (CFI) (Owner)", "Jane Doe {CFI, Owner}"},
    {"Jane Doe (n/a)", "Jane Doe"},
    {"Jane Doe (Chief Pilot", "Jane Doe {Chief Pilot}"},
    {"Jane Doe (Accountable Manager (acting))", "Jane Doe {Accountable Manager (acting)}"},
    {"Jane Doe (CFI (acting)) (Owner)", "Jane Doe {CFI (acting), Owner}"},
    {"Jane Doe (Manager (acting)", "Jane Doe {Manager (acting)}"},
    {"Jane Doe (2)", "Jane Doe (2)"},
    {"Jane (Janey) Doe", "Jane (Janey) Doe"},
    {"(Jane Doe)", "Jane Doe"},
    {"(Chief Pilot)", " {Chief Pilot}"},
    {"\xE2\x80\x94 (Owner)", " {Owner}"},
    {"Jean-Pierre du Toit", "Jean-Pierre du Toit"},
    {"Doe, Jane", "Jane Doe"},
    {"van der Merwe, Jan Hendrik", "Jan Hendrik van der Merwe"},
    {"Garc\xC3\xAD"
     "a L\xC3\xB3pez, Maria",
     "Maria Garc\xC3\xAD"
     "a L\xC3\xB3pez"},
    {"Doe, Dr Jane (CFI)", "Dr Jane Doe {CFI}"},
    {"Jane Doe, Manager", "Jane Doe {Manager}"},
    {"Jane Doe, Sales Manager", "Jane Doe {Sales Manager}"},
    {"Jane Doe, John Roe", "Jane Doe, John Roe"},
    {"Jane Doe, PhD", "Jane Doe, PhD"},
    {"Jane, John, Jim", "Jane, John, Jim"},
    {"DOE, JANE", "Jane Doe"},
    {"JANE DOE", "Jane Doe"},
    {"jane doe", "Jane Doe"},
    {"JAN VAN DER MERWE", "Jan van der Merwe"},
    {"VAN DER MERWE", "van der Merwe"},
    {"VAN", "Van"},
    {"PIET DU TOIT", "Piet du Toit"},
    {"ELSIE O'CONNOR", "Elsie O'Connor"},
    {"JEAN-PIERRE MCDONALD", "Jean-Pierre McDonald"},
    {"j.p. botha", "J.P. Botha"},
    {"JP BOTHA", "JP Botha"},
    {"DR JANE DOE III", "Dr Jane Doe III"},
    {"J\xC3\x9CRGEN M\xC3\x9CLLER", "J\xC3\xBCrgen M\xC3\xBCller"},
    {"\xC3\xA9"
     "lan vital",
     "\xC3\x89lan Vital"},
    {"Jane McDoe de Vries", "Jane McDoe de Vries"},
    {"- Jane Doe -", "Jane Doe"},
    {"\"Jane Doe\"", "Jane Doe"},
    {"Mr. J. Doe Jr.", "Mr. J. Doe Jr."},
    {"12345", "!name_invalid(no letter)"},
    {"jane@acme.test", "!name_invalid(an e-mail address)"},
    {"0", "!placeholder"},
    {"-", "!placeholder"},
    {"None", "!placeholder"},
    {"\xE4\xB8\xAD\xE5\x9B\xBD", "\xE4\xB8\xAD\xE5\x9B\xBD"},
};

/* "|" parts the members here. */
static const clean_case several[] = {
    {"John Smith \xE2\x80\x94 Owner; Jane Doe \xE2\x80\x94 Admin", "John Smith|Jane Doe {Owner|Admin}"},
    {"John Smith (CEO), Jane Doe (CFO)", "John Smith|Jane Doe {CEO|CFO}"},
    {"John (CEO), Jane (CFO)", "John|Jane {CEO|CFO}"},
    {"John Smith (CEO), Jane Doe", "John Smith|Jane Doe {CEO|}"},
    {"John Smith - CEO, Jane Doe - CFO", "John Smith|Jane Doe {CEO|CFO}"},
    {"John Smith (CEO, CFO), Jane Doe (COO)", "John Smith|Jane Doe {CEO, CFO|COO}"},
    {"John Smith\nJane Doe", "John Smith|Jane Doe"},
    {"John Smith\r\nJANE DOE - Pilot\r\n", "John Smith|Jane Doe {|Pilot}"},
    {"John Smith / Jane Doe", "John Smith|Jane Doe"},
    {"John Smith | Jane Doe;", "John Smith|Jane Doe"},
    {"John Smith; n/a; Jane Doe", "John Smith|Jane Doe"},
    {"Smith, John; Doe, Jane (CFI)", "John Smith|Jane Doe {|CFI}"},
    {"John Smith (CEO), Jane Doe (CFO); Max Poe", "John Smith|Jane Doe|Max Poe {CEO|CFO|}"},
    {"John Smith, Jane Doe, Max Poe", "John Smith|Jane Doe|Max Poe"},
    {"(John Smith; Jane Doe) - Owner", "John Smith|Jane Doe {Owner|Owner}"},
    {"John Smith; John Smith", "John Smith"},
    {"John\x1FJane", "John|Jane"}, /* a list already */
    {"John Smith & Jane Doe", "John Smith & Jane Doe"},
    {"Smith, John", "John Smith"},
    {"Smith, John (CEO)", "John Smith {CEO}"},
    {"van der Merwe, Jan Hendrik (CEO)", "Jan Hendrik van der Merwe {CEO}"},
    {"John Smith - Training, Quality Assurance", "John Smith {Training, Quality Assurance}"},
    {"John Smith - Owner / Flight Safety", "John Smith {Owner / Flight Safety}"},
    {"John Smith (Owner), Chief Pilot", "John Smith {Owner, Chief Pilot}"},
    {"John Smith; Chief Pilot", "John Smith; Chief Pilot"},
    {"John Smith; 082 123 4567", "John Smith; 082 123 4567"},
    {"John; Jane", "John; Jane"},
    {"John Smith (CEO; CFO)", "John Smith {CEO; CFO}"},
    {"Jane Doe;", "Jane Doe"},
    {"John\nSmith", "John Smith"},
};

static void test_organisations(void **state) {
    (void)state;
    hp_clean_ctx ctx = clean_ctx();
    CLEAN_CHECK(hp_clean_org_name, &ctx, organisations);
}

static void test_filler_of_profile(void **state) {
    (void)state;
    hp_str globs[] = {HP_S("Test Entity *")};
    hp_profile p = {.filler = globs, .nfiller = 1};
    hp_clean_ctx ctx;
    hp_clean_ctx_init(&ctx, &p);
    assert_true(hp_is_filler_name(&ctx, HP_S("test entity 5")));
    assert_true(hp_is_filler_name(&ctx, HP_S("Unknown Organisation 5")));
    assert_false(hp_is_filler_name(&ctx, HP_S("Acme")));
}

static void test_keys(void **state) {
    (void)state;
    hp_buf key = hp_buf_new(1000), again = hp_buf_new(1000);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        hp_buf_clear(&key);
        hp_buf_clear(&again);
        hp_name_key(hp_str_of(keys[i].name), &key);
        assert_string_equal(hp_buf_cstr(&key), keys[i].key);
        hp_name_key(hp_buf_str(&key), &again);
        assert_string_equal(hp_buf_cstr(&again), keys[i].key);
    }
    hp_buf_free(&key);
    hp_buf_free(&again);
}

static void test_people(void **state) {
    (void)state;
    hp_clean_ctx ctx = clean_ctx();
    CLEAN_CHECK(hp_clean_person, &ctx, people);
    CLEAN_CHECK(hp_clean_person, &ctx, several);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_organisations),
        cmocka_unit_test(test_filler_of_profile),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
