/* What columns look like, and how headers are scored. */
#include "table_builder.h"

#include "map/map.h"

static void check_kind(hp_kind expected, double least, const char *const *value, size_t n) {
    hp_run run;
    hp_err err = {0};
    tb_open(&run);
    hp_vid v[16];
    for (size_t i = 0; i < n; i++) assert_ok(hp_intern(run.pool, hp_str_of(value[i]), &v[i], &err), err);
    hp_column c = {.v = v};
    double share;
    hp_kind kind = hp_infer_kind(&run, &c, 0, n, &share);
    hp_run_close(&run);
    if (kind != expected)
        fail_msg("%s: got %s, wanted %s", value[0], hp_kind_name(kind), hp_kind_name(expected));
    assert_true(share >= least && share <= 1);
}
#define KIND(kind, least, ...)                               \
    do {                                                     \
        static const char *const k_[] = {__VA_ARGS__};       \
        check_kind(kind, least, k_, sizeof k_ / sizeof *k_); \
    } while (0)

static void kinds(void **state) {
    (void)state;
    KIND(HP_K_EMAIL, 1, "a@acme.example", "b.c@beta.example; d@beta.example", "mailto:x@y.example");
    KIND(HP_K_EMAIL, 0.6, "a@acme.example", "none", "b@acme.example");
    KIND(HP_K_WEBSITE, 1, "www.acme.example", "https://beta.example/a", "gamma.co.za");
    KIND(HP_K_DATE, 1, "2025-10-14", "14/10/2025", "3.4.25", "2025/04/03 10:00");
    KIND(HP_K_PHONE, 1, "082 123 4567", "+27 11 555 0100", "(011) 555-0100", "27821234567",
         "Tel: 0115550100 ext 4");
    KIND(HP_K_ORG_NAME, 1, "Acme (Pty) Ltd", "Beta Flying School", "GAMMA AVIATION CC");
    KIND(HP_K_PERSON, 1, "Thandi van der Merwe", "Pieter Botha", "NKOSI, Thabo", "Éva Kovács");
    KIND(HP_K_ID, 1, "R-001", "R-002", "R-003");
    KIND(HP_K_TEXT, 1, "red", "green", "blue");
    KIND(HP_K_TEXT, 0, "1000.50", "2500.00", "1000.50", "99.99");
}

static double score(const char *header, hp_field f) {
    return hp_map_score_header(NULL, hp_str_of(header), f);
}

static void headers(void **state) {
    (void)state;
    assert_true(score("organization_name", HP_F_ORGANIZATION_NAME) == 1);
    assert_true(score("  NAME of  Organisation ", HP_F_ORGANIZATION_NAME) == 1);
    assert_true(score("FirstName", HP_F_CONTACT_FIRST_NAME) == 1);
    assert_true(score("E-Mail", HP_F_CONTACT_EMAIL) == 1);
    assert_true(score("Zip/Postal Code", HP_F_POSTAL_CODE) == 1);
    assert_true(score("Société", HP_F_ORGANIZATION_NAME) == 1);
    double second = score("Email 2", HP_F_CONTACT_EMAIL);
    assert_true(second > 0.95 && second < 1);
    double typo = score("Organsation Name", HP_F_ORGANIZATION_NAME);
    assert_true(typo > 0.8 && typo < 1);
    assert_true(score("Account Manager Name", HP_F_ORGANIZATION_NAME) < 0.7);
    assert_true(score("Country", HP_F_PROVINCE) < 0.7);
    assert_true(score("Colour", HP_F_CONTACT_EMAIL) < 0.3);
    assert_true(score("", HP_F_CONTACT_EMAIL) == 0);
}

static void profile_synonyms(void **state) {
    (void)state;
    hp_str names[] = {HP_S("Vliegskool")};
    hp_profile_synonyms s = {HP_F_ORGANIZATION_NAME, 1, names};
    hp_profile p = {.nsynonyms = 1, .synonyms = &s};
    assert_true(hp_map_score_header(&p, HP_S("vliegskool"), HP_F_ORGANIZATION_NAME) == 1);
    assert_true(hp_map_score_header(NULL, HP_S("vliegskool"), HP_F_ORGANIZATION_NAME) < 0.7);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(kinds), cmocka_unit_test(headers),
                                       cmocka_unit_test(profile_synonyms)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
