/* What a row's own values imply, and what they do not. */
#include "enrich_case.h"

#define ROW(...)       ((hp_enrich_row){.wanted = ~(hp_field_set)0, .value = {__VA_ARGS__}})
#define V(field, text) [HP_F_##field] = HP_S(text)

extern const hp_provider hp_provider_derived;

static enrich_case c;
static void *provider;

/* Asks about one row for one field. */
static void check(hp_enrich_row row, hp_field want, const char *answers) {
    hp_err err = {0};
    hp_autobuf got = hp_buf_new(1 << 16);
    row.wanted = hp_field_bit(want);
    assert_ok(hp_answers_begin(&c.answers, 1, &err), err);
    assert_ok(hp_provider_derived.ask(provider, &row, 1, &c.answers, &err), err);
    enrich_describe(&c, &got);
    if (strcmp(hp_buf_cstr(&got), answers) != 0)
        fail_msg("got \"%s\", wanted \"%s\"", hp_buf_cstr(&got), answers);
}

static void websites_come_from_mail_of_ones_own(void **state) {
    (void)state;
    check(ROW(V(CONTACT_EMAIL, "ann@acme.co.za")), HP_F_WEBSITE,
          "website=https://acme.co.za 0.9 this row: contact_email\n");
    check(ROW(V(CONTACT_EMAIL, "ann@mail.acme.co.za")), HP_F_WEBSITE,
          "website=https://acme.co.za 0.9 this row: contact_email\n");
    check(ROW(V(CONTACT_EMAIL, "ann@gmail.com")), HP_F_WEBSITE, "");
    check(ROW(V(CONTACT_EMAIL, "ann@mweb.co.za")), HP_F_WEBSITE, "");
    check(ROW(V(CONTACT_EMAIL, "ann@free.example")), HP_F_WEBSITE,
          ""); /* the profile says that it is free mail */
    check(ROW(V(CONTACT_EMAIL, "ann@10.0.0.1")), HP_F_WEBSITE, "");
    check(ROW(V(CONTACT_EMAIL, "ann")), HP_F_WEBSITE, "");
    check(ROW(V(PROVINCE, "Gauteng")), HP_F_WEBSITE, "");
}

static void an_address_of_mail_is_only_guessed(void **state) {
    (void)state;
    check(ROW(V(WEBSITE, "https://shop.acme.co.za/x")), HP_F_CONTACT_EMAIL,
          "contact_email=info@acme.co.za 0.5 this row: website\n");
    check(ROW(V(WEBSITE, "https://facebook.com/acme")), HP_F_CONTACT_EMAIL, "");
}

static void provinces_come_from_addresses(void **state) {
    (void)state;
    const char *const western = "province=Western Cape 0.9 this row: address\n";
    check(ROW(V(ADDRESS, "1 Main Rd, Cape Town, Western Cape, 8001")), HP_F_PROVINCE, western);
    check(ROW(V(ADDRESS, "1 Main Rd Cape Town WESTERN CAPE 8001")), HP_F_PROVINCE, western);
    check(ROW(V(ADDRESS, "1 Main Rd, Cape Town, WC")), HP_F_PROVINCE, western);
    check(ROW(V(ADDRESS, "12 Free State Road, Cape Town, Western Cape")), HP_F_PROVINCE, western);
    check(ROW(V(ADDRESS, "Gautenglaan 1")), HP_F_PROVINCE, "");
    check(ROW(V(ADDRESS, "Gauteng and Limpopo offices, Limpopo, Gauteng")), HP_F_PROVINCE, "");
    check(ROW(V(AREA, "KZN")), HP_F_PROVINCE, "province=KwaZulu-Natal 0.9 this row: area\n");
    check(ROW(V(ADDRESS, "1 Main Rd, Gauteng"), V(COUNTRY, "Namibia")), HP_F_PROVINCE, "");
}

static void provinces_come_from_codes(void **state) {
    (void)state;
    check(ROW(V(POSTAL_CODE, "8001")), HP_F_PROVINCE, "province=Western Cape 0.8 this row: postal_code\n");
    check(ROW(V(POSTAL_CODE, "0002")), HP_F_PROVINCE, "province=Gauteng 0.8 this row: postal_code\n");
    check(ROW(V(POSTAL_CODE, "9100")), HP_F_PROVINCE, ""); /* was Namibia's */
    check(ROW(V(POSTAL_CODE, "1947")), HP_F_PROVINCE, ""); /* Sasolburg, among codes of Gauteng */
    check(ROW(V(POSTAL_CODE, "801")), HP_F_PROVINCE, "");
    check(ROW(V(ADDRESS, "PO Box 1, Sandton, 2196")), HP_F_PROVINCE,
          "province=Gauteng 0.8 this row: address\n");
    check(ROW(V(ADDRESS, "PO Box 2196")), HP_F_PROVINCE, "");
    check(ROW(V(ADDRESS, "Sandton, PO Box 2196")), HP_F_PROVINCE, "");
    check(ROW(V(ADDRESS, "2196")), HP_F_PROVINCE, "");
    check(ROW(V(ADDRESS, "1 Main Rd, 2196"), V(POSTAL_CODE, "8001")), HP_F_PROVINCE,
          "province=Western Cape 0.8 this row: postal_code\n");
    check(ROW(V(CONTACT_PHONE, "+27315551234")), HP_F_PROVINCE,
          "province=KwaZulu-Natal 0.75 this row: contact_phone\n");
    check(ROW(V(CONTACT_PHONE, "+27145551234")), HP_F_PROVINCE,
          "province=North West 0.6 this row: contact_phone\n");
    check(ROW(V(CONTACT_PHONE, "+27825551234")), HP_F_PROVINCE, ""); /* a mobile */
    check(ROW(V(CONTACT_PHONE, "+442079460123")), HP_F_PROVINCE, "");
    check(ROW(V(ADDRESS, "Durban, KZN"), V(POSTAL_CODE, "8001"), V(CONTACT_PHONE, "+27115551234")),
          HP_F_PROVINCE,
          "province=KwaZulu-Natal 0.9 this row: address\nprovince=Western Cape 0.8 this row: postal_code\n"
          "province=Gauteng 0.75 this row: contact_phone\n");
}

static int set_up(void **state) {
    (void)state;
    hp_err err = {0};
    enrich_open(&c, "name: x\nrefine: {free_mail_domains: [free.example]}\n", 0.9);
    return hp_provider_derived.open(&c.env, &provider, &err) == HP_OK ? 0 : 1;
}

static int tear_down(void **state) {
    (void)state;
    hp_provider_derived.close(provider);
    enrich_close(&c);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(websites_come_from_mail_of_ones_own),
        cmocka_unit_test(an_address_of_mail_is_only_guessed),
        cmocka_unit_test(provinces_come_from_addresses),
        cmocka_unit_test(provinces_come_from_codes),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
