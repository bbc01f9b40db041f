/* Lookup tables: who is found, and how sure that is. */
#include "enrich_case.h"

#include "enrich/table.h"
#include "enrich/target.h"

static const char TABLE[] =
    "organization_name,website,contact_name,contact_email,contact_phone,province,Reg No\n"
    "Acme (Pty) Ltd,acme.co.za,Ann Bower,ann@acme.co.za,0115551111,Gauteng,2001/1\n"
    "Twice,one.test,,,,,\n"
    "TWICE CC,two.test,,,0115552222,,\n"
    "Facebooker,facebook.com/x,,,0115553333,,\n"
    "Mailer,,,a@gmail.com,0115554444,,\n"
    "Zeta,https://www.group.co.za,,,0115555555,KZN,\n"
    "Second of the group,group.co.za,,,0115556666,,\n";

static enrich_case c;
static hp_lookup *table;

static void check(hp_enrich_row row, hp_field_set wanted, const char *answers) {
    hp_err err = {0};
    hp_autobuf got = hp_buf_new(1 << 16);
    row.wanted = wanted;
    assert_ok(hp_answers_begin(&c.answers, 1, &err), err);
    assert_ok(hp_lookup_ask(table, &row, 0, 0.9, HP_S(""), &c.answers, &err), err);
    enrich_describe(&c, &got);
    if (strcmp(hp_buf_cstr(&got), answers) != 0)
        fail_msg("got \"%s\", wanted \"%s\"", hp_buf_cstr(&got), answers);
}

#define WEBSITE        hp_field_bit(HP_F_WEBSITE)
#define PHONE          hp_field_bit(HP_F_CONTACT_PHONE)
#define NAME(key, ...) ((hp_enrich_row){.name_key = HP_S(key), __VA_ARGS__})

static void a_name_finds(void **state) {
    (void)state;
    check(NAME("acme"), WEBSITE, "website=acme.co.za 0.9 t.csv!2\n");
    check(NAME("acme"), WEBSITE | PHONE,
          "website=acme.co.za 0.9 t.csv!2\ncontact_phone=0115551111 0.9 t.csv!2\n");
    check(NAME("acme"), 0, "");
    check(NAME("acm"), WEBSITE, "");
    check((hp_enrich_row){.slug = HP_S("acme")}, WEBSITE, "");
}

static void rows_that_disagree_are_doubted_where_they_do(void **state) {
    (void)state;
    check(NAME("twice"), WEBSITE | PHONE,
          "website=one.test 0.45 t.csv!3\ncontact_phone=0115552222 0.9 t.csv!4\n");
}

static void what_contradicts_is_not_the_same(void **state) {
    (void)state;
    check(NAME("acme", .domain = HP_S("acme.co.za")), WEBSITE, "website=acme.co.za 0.9 t.csv!2\n");
    check(NAME("acme", .domain = HP_S("acme-farms.co.za")), PHONE, "");
    check(NAME("acme", .registration = HP_S("20011")), WEBSITE, "website=acme.co.za 0.9 t.csv!2\n");
    check(NAME("acme", .registration = HP_S("19992")), WEBSITE, "");
    check(NAME("zeta", .value = {[HP_F_PROVINCE] = HP_S("KwaZulu-Natal")}), PHONE,
          "contact_phone=0115555555 0.9 t.csv!7\n");
    check(NAME("zeta", .value = {[HP_F_PROVINCE] = HP_S("Limpopo")}), PHONE,
          "contact_phone=0115555555 0.45 t.csv!7\n");
}

static void contacts_stay_whole(void **state) {
    (void)state;
    check(NAME("acme", .value = {[HP_F_CONTACT_NAME] = HP_S("ANN BOWER")}), PHONE,
          "contact_phone=0115551111 0.9 t.csv!2\n");
    check(NAME("acme", .value = {[HP_F_CONTACT_NAME] = HP_S("Ben Cole")}), PHONE | WEBSITE,
          "website=acme.co.za 0.9 t.csv!2\ncontact_phone=0115551111 0.45 t.csv!2\n");
}

static void a_registration_number_finds_first_a_domain_last(void **state) {
    (void)state;
    check((hp_enrich_row){.registration = HP_S("20011"), .name_key = HP_S("twice")}, WEBSITE,
          "website=acme.co.za 0.9 t.csv!2\n");
    check((hp_enrich_row){.domain = HP_S("ACME.co.za")}, PHONE, "contact_phone=0115551111 0.81 t.csv!2\n");
    check((hp_enrich_row){.domain = HP_S("group.co.za")}, PHONE, "contact_phone=0115555555 0.405 t.csv!7\n");
    check((hp_enrich_row){.domain = HP_S("facebook.com")}, PHONE, "");
    check((hp_enrich_row){.domain = HP_S("gmail.com")}, PHONE, "");
}

static void a_key_of_everybody_is_nobodys(void **state) {
    (void)state;
    hp_err err = {0};
    hp_autobuf text = hp_buf_new(1 << 20);
    hp_lookup *before = table;
    hp_buf_puts(&text, "organization_name,website\n");
    for (int i = 0; i < 1000; i++) hp_buf_puts(&text, "Same,same.test\n");
    assert_ok(hp_lookup_open(&c.env, enrich_file(&c, "many.csv", hp_buf_cstr(&text)), &table, &err), err);
    check(NAME("same"), WEBSITE, "website=same.test 0.45 many.csv!2\n");
    hp_lookup_close(table);
    table = before;
}

static void a_table_must_say_whose_its_rows_are(void **state) {
    (void)state;
    hp_err err = {0};
    hp_lookup *none = NULL;
    const char *path = enrich_file(&c, "none.csv", "colour,weight\nred,5\nblue,7\n");
    assert_int_equal(hp_lookup_open(&c.env, path, &none, &err), HP_DATA);
    assert_contains(err.message, "none.csv: has no sheet with names");
    assert_null(none);
}

static void registration_numbers_are_compared_bare(void **state) {
    (void)state;
    hp_autobuf key = hp_buf_new(100);
    hp_registration_key(HP_S("2001/012345/07 k"), &key);
    assert_view(hp_buf_str(&key), "200101234507K");
}

static int set_up(void **state) {
    (void)state;
    hp_err err = {0};
    enrich_open(&c, "name: x\n", 0.9);
    return hp_lookup_open(&c.env, enrich_file(&c, "t.csv", TABLE), &table, &err) == HP_OK ? 0 : 1;
}

static int tear_down(void **state) {
    (void)state;
    hp_lookup_close(table);
    enrich_close(&c);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_finds),
        cmocka_unit_test(rows_that_disagree_are_doubted_where_they_do),
        cmocka_unit_test(what_contradicts_is_not_the_same),
        cmocka_unit_test(contacts_stay_whole),
        cmocka_unit_test(a_registration_number_finds_first_a_domain_last),
        cmocka_unit_test(a_key_of_everybody_is_nobodys),
        cmocka_unit_test(a_table_must_say_whose_its_rows_are),
        cmocka_unit_test(registration_numbers_are_compared_bare),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
