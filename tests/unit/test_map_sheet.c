/* Mapping whole sheets, declared and automatic. */
#include "table_builder.h"

#include "base/mem.h"
#include "map/map.h"

typedef struct fixture {
    hp_run run;
    hp_profile p;
    hp_profile_source source;
    hp_err err;
    uint32_t sheet;
} fixture;

static void open_fixture(fixture *x, const char *label, const char *sheet) {
    memset(x, 0, sizeof *x);
    tb_open(&x->run);
    x->p.path = HP_S("profiles/aviation.yaml");
    x->p.map_threshold = 0.7;
    x->sheet = tb_sheet(&x->run, tb_file(&x->run, label, 0), sheet);
}

static hp_mapped *map(fixture *x, const hp_profile_sheet *decl, const hp_table *raw) {
    hp_mapped *m = NULL;
    assert_ok(hp_map_sheet(&x->run, &x->p, decl ? &x->source : NULL, decl, raw, x->sheet, &m, &x->err),
              x->err);
    return m;
}

/* The field of the binding with a header; fails when there is no such binding. */
static const hp_binding *bound(const hp_mapped *m, const char *header) {
    for (size_t i = 0; i < m->nbind; i++) {
        if (hp_str_eq(m->bind[i].header, hp_str_of(header))) return &m->bind[i];
    }
    fail_msg("no column is called \"%s\"", header);
    return NULL;
}
#define assert_bound(m, header, expected) assert_int_equal(bound(m, header)->field, expected)

static hp_profile_sheet declare(hp_profile_column *c, size_t n) {
    return (hp_profile_sheet){.name = HP_S("Organisation"),
                              .required = true,
                              .join_key = true,
                              .join_name = true,
                              .ncolumn = n,
                              .column = c,
                              .line = 9};
}

/* ---- declared ---- */

static void declared_columns(void **state) {
    (void)state;
    fixture x;
    open_fixture(&x, "Reachout Database", "Organisation");
    static const char *const cells[][5] = {{"organisation  NAME", "ID", "Phone", "Phone", NULL},
                                           {"Acme", "#n:1", "1", "2", "5 Main Road"}};
    hp_profile_column c[] = {{HP_S("Organisation Name"), HP_F_ORGANIZATION_NAME, true, 14},
                             {HP_S("ID"), HP_F_RECORD_ID, false, 15},
                             {HP_S("Phone.1"), HP_F_CONTACT_PHONE, false, 16},
                             {HP_S("Phone"), HP_F_CONTACT_PHONE, false, 17},
                             {HP_S("Unnamed: 4"), HP_F_ADDRESS, false, 18},
                             {HP_S("[E]"), HP_F_NOTES, false, 19},
                             {HP_S("Fax"), HP_F_FAX, false, 20}};
    hp_profile_sheet decl = declare(c, 7);
    decl.id_prefix = HP_S("reachout");
    hp_mapped *m = map(&x, &decl, TB_TABLE(&x.run, x.sheet, cells));
    assert_bound(m, "organisation  NAME", HP_F_ORGANIZATION_NAME);
    assert_int_equal(bound(m, "organisation  NAME")->reason, HP_MAP_DECLARED);
    assert_int_equal(m->nbind, 6); /* column E feeds two fields */
    /* The profile names the second phone first. */
    size_t first = SIZE_MAX;
    for (size_t i = 0; i < m->nbind && first == SIZE_MAX; i++) {
        if (m->bind[i].field == HP_F_CONTACT_PHONE) first = i;
    }
    assert_int_equal(m->bind[first].col, 3);
    assert_int_equal(m->header_row, 1);
    assert_int_equal(m->first, 1);
    assert_view(m->id_prefix, "reachout");
    assert_int_equal(tb_count(&x.run, HP_R_COLUMN_ABSENT), 1);
    assert_view(hp_text(x.run.pool, tb_issue(&x.run, HP_R_COLUMN_ABSENT, 0)->value), "Fax");
    assert_int_equal(tb_count(&x.run, HP_R_DUPLICATE_HEADER), 1);
    assert_int_equal(tb_issue(&x.run, HP_R_DUPLICATE_HEADER, 0)->at.col, 3);
    assert_int_equal(tb_count(&x.run, HP_R_BLANK_HEADER), 1);
    hp_run_close(&x.run);
}

static void required_column_missing(void **state) {
    (void)state;
    fixture x;
    open_fixture(&x, "Reachout Database", "Organisation");
    static const char *const cells[][3] = {{"Org", "ID", "Area"}, {"Acme", "1", "Gauteng"}};
    hp_profile_column c[] = {{HP_S("ID"), HP_F_RECORD_ID, false, 13},
                             {HP_S("Organisation Name"), HP_F_ORGANIZATION_NAME, true, 14}};
    hp_profile_sheet decl = declare(c, 2);
    hp_mapped *m = (hp_mapped *)&x;
    hp_code code =
        hp_map_sheet(&x.run, &x.p, &x.source, &decl, TB_TABLE(&x.run, x.sheet, cells), x.sheet, &m, &x.err);
    assert_int_equal(code, HP_DATA);
    assert_ptr_equal(m, &x); /* untouched */
    assert_string_equal(x.err.stage, "validate");
    assert_string_equal(
        x.err.message,
        "Reachout Database.xlsx!Organisation: required column \"Organisation Name\" is missing "
        "(found: Org, ID, Area); fix the sheet or the profile (profiles/aviation.yaml:14)");
    hp_run_close(&x.run);
}

static void header_without_rows(void **state) {
    (void)state;
    fixture x;
    open_fixture(&x, "Reachout Database", "Organisation");
    static const char *const cells[][2] = {{"Organisation Name", "ID"}};
    hp_profile_column c[] = {{HP_S("Organisation Name"), HP_F_ORGANIZATION_NAME, true, 14}};
    hp_profile_sheet decl = declare(c, 1);
    hp_table *raw = TB_TABLE(&x.run, x.sheet, cells);
    hp_mapped *m = NULL;
    assert_int_equal(hp_map_sheet(&x.run, &x.p, &x.source, &decl, raw, x.sheet, &m, &x.err), HP_DATA);
    assert_contains(x.err.message,
                    "Reachout Database.xlsx!Organisation: the sheet has a header but no data rows");
    assert_contains(x.err.message, "(profiles/aviation.yaml:9)");
    decl.required = false;
    assert_null(map(&x, &decl, raw));
    assert_int_equal(tb_count(&x.run, HP_R_SHEET_EMPTY), 1);
    hp_run_close(&x.run);
}

static void declared_header_below_banner(void **state) {
    (void)state;
    fixture x;
    open_fixture(&x, "Book", "CAA");
    static const char *const cells[][3] = {
        {"Register", NULL, NULL}, {NULL, NULL, NULL}, {"No", "Holder", "Valid"}, {"1", "Acme", "yes"}};
    hp_profile_column c[] = {{HP_S("Holder"), HP_F_ORGANIZATION_NAME, true, 3},
                             {HP_S("No"), HP_F_NONE, false, 4}};
    hp_profile_sheet decl = declare(c, 2);
    hp_mapped *m = map(&x, &decl, TB_TABLE(&x.run, x.sheet, cells));
    assert_int_equal(m->header_row, 3);
    assert_int_equal(m->first, 2); /* the blank row is not in the grid */
    assert_true(bound(m, "No")->ignored);
    assert_int_equal(tb_count(&x.run, HP_R_HEADER_BELOW_BANNER), 1);
    assert_int_equal(tb_count(&x.run, HP_R_COLUMN_UNMAPPED), 1); /* Valid; the ignored one is silent */
    assert_view(hp_text(x.run.pool, tb_issue(&x.run, HP_R_COLUMN_UNMAPPED, 0)->value), "Valid");
    hp_run_close(&x.run);
}

static void no_header_by_letters(void **state) {
    (void)state;
    fixture x;
    open_fixture(&x, "Book", "FL extended");
    static const char *const cells[][2] = {{"Acme", "a@acme.example"}, {"Beta", "b@beta.example"}};
    hp_profile_column c[] = {{HP_S("[A]"), HP_F_ORGANIZATION_NAME, true, 3},
                             {HP_S("[B]"), HP_F_CONTACT_EMAIL, false, 4}};
    hp_profile_constant k = {HP_F_CATEGORY, HP_S("Flight School"), 5};
    hp_profile_sheet decl = declare(c, 2);
    decl.header_row = -1;
    decl.nconstant = 1;
    decl.constant = &k;
    hp_table *raw = TB_TABLE(&x.run, x.sheet, cells);
    raw->hidden = hp_arena_zero(x.run.arena, 2);
    raw->hidden[1] = 1;
    hp_mapped *m = map(&x, &decl, raw);
    assert_int_equal(m->header_row, 0);
    assert_int_equal(m->first, 0);
    assert_bound(m, "[B]", HP_F_CONTACT_EMAIL);
    assert_view(hp_text(x.run.pool, m->constant[HP_F_CATEGORY]), "Flight School");
    assert_int_equal(tb_count(&x.run, HP_R_HIDDEN_ROW), 1);
    assert_int_equal(tb_issue(&x.run, HP_R_HIDDEN_ROW, 0)->at.row, 2);
    hp_run_close(&x.run);
}

/* ---- automatic ---- */

static void stranger_s_contacts(void **state) {
    (void)state;
    fixture x;
    open_fixture(&x, "export", "");
    static const char *const cells[][9] = {
        {"record_id", "Organsation Name", "E-mail", "phone_primary", "Phone Mobile", "Ansprechweg", "state",
         "Colour", "Fax"},
        {"#n:1", "Acme (Pty) Ltd", "a@acme.example", "011 555 0100", "082 555 0100", "www.acme.example", "GP",
         "red", NULL},
        {"#n:2", "Beta Air", "b@beta.example", "012 555 0100", NULL, "www.beta.example", "GP", "blue", NULL},
        {"#n:3", "Gamma CC", "c@gamma.example", "013 555 0100", NULL, "gamma.example", "GP", "red", NULL}};
    hp_mapped *m = map(&x, NULL, TB_TABLE(&x.run, x.sheet, cells));
    assert_non_null(m);
    assert_int_equal(m->entity, HP_E_ORGANIZATION);
    assert_bound(m, "record_id", HP_F_RECORD_ID);
    assert_int_equal(bound(m, "record_id")->reason, HP_MAP_EXACT);
    assert_bound(m, "Organsation Name", HP_F_ORGANIZATION_NAME);
    assert_int_equal(bound(m, "Organsation Name")->reason, HP_MAP_SIMILAR);
    assert_bound(m, "E-mail", HP_F_CONTACT_EMAIL);
    assert_bound(m, "phone_primary", HP_F_CONTACT_PHONE);
    assert_bound(m, "Phone Mobile", HP_F_CONTACT_PHONE);
    assert_bound(m, "Ansprechweg", HP_F_WEBSITE);
    assert_int_equal(bound(m, "Ansprechweg")->reason, HP_MAP_CONTENT);
    assert_bound(m, "state", HP_F_PROVINCE);
    assert_bound(m, "Colour", HP_F_NONE);
    assert_int_equal(tb_count(&x.run, HP_R_COLUMN_GUESSED), 2);
    assert_int_equal(tb_count(&x.run, HP_R_COLUMN_UNMAPPED), 1); /* Colour; the empty Fax is silent */
    hp_run_close(&x.run);
}

static void people_without_organisation(void **state) {
    (void)state;
    fixture x;
    open_fixture(&x, "febrl", "");
    static const char *const cells[][11] = {{"rec_id", " given_name", " surname", " street_number",
                                             " address_1", " address_2", " suburb", " postcode", " state",
                                             " date_of_birth", " soc_sec_id"},
                                            {"rec-1-org", " mira", " lowe", " 12", " arrow street", NULL,
                                             " broome", " 6725", " wa", " 19151111", " 6988048"},
                                            {"rec-2-org", " jon", " smit", " 7", " main road", NULL, " perth",
                                             " 6000", " wa", " 19700203", " 6988049"}};
    hp_mapped *m = map(&x, NULL, TB_TABLE(&x.run, x.sheet, cells));
    assert_int_equal(m->entity, HP_E_PERSON);
    assert_bound(m, "rec_id", HP_F_RECORD_ID);
    assert_bound(m, "given_name", HP_F_CONTACT_FIRST_NAME);
    assert_bound(m, "surname", HP_F_CONTACT_LAST_NAME);
    assert_bound(m, "street_number", HP_F_ADDRESS);
    assert_bound(m, "address_1", HP_F_ADDRESS);
    assert_bound(m, "suburb", HP_F_CITY);
    assert_bound(m, "postcode", HP_F_POSTAL_CODE);
    assert_bound(m, "date_of_birth", HP_F_CONTACT_BIRTH_DATE);
    assert_bound(m, "soc_sec_id", HP_F_CONTACT_NATIONAL_ID);
    hp_run_close(&x.run);
}

static void name_is_what_the_values_say(void **state) {
    (void)state;
    fixture x;
    static const char *const people[][2] = {
        {"Name", "Email"}, {"Thandi Botha", "t@x.example"}, {"Pieter Nel", "p@x.example"}};
    static const char *const firms[][2] = {
        {"Name", "Email"}, {"Acme Motors", "t@x.example"}, {"Beta Ltd", "p@x.example"}};
    static const char *const both[][3] = {{"Company", "Name", "Email"},
                                          {"Acme", "Thandi Botha", "t@x.example"}};
    static const char *const given[][3] = {{"Name", "Surname", "Email"}, {"Thandi", "Botha", "t@x.example"}};
    open_fixture(&x, "a", "s");
    hp_mapped *m = map(&x, NULL, TB_TABLE(&x.run, x.sheet, people));
    assert_int_equal(m->entity, HP_E_PERSON);
    assert_bound(m, "Name", HP_F_CONTACT_NAME);
    m = map(&x, NULL, TB_TABLE(&x.run, x.sheet, firms));
    assert_int_equal(m->entity, HP_E_ORGANIZATION);
    assert_bound(m, "Name", HP_F_ORGANIZATION_NAME);
    m = map(&x, NULL, TB_TABLE(&x.run, x.sheet, both));
    assert_bound(m, "Name", HP_F_CONTACT_NAME);
    assert_bound(m, "Company", HP_F_ORGANIZATION_NAME);
    m = map(&x, NULL, TB_TABLE(&x.run, x.sheet, given));
    assert_bound(m, "Name", HP_F_CONTACT_FIRST_NAME);
    assert_int_equal(m->entity, HP_E_PERSON);
    hp_run_close(&x.run);
}

static void header_that_lies(void **state) {
    (void)state;
    fixture x;
    open_fixture(&x, "a", "s");
    static const char *const cells[][3] = {{"Company", "Website", "Phone"},
                                           {"Acme", "a@x.example", "see notes"},
                                           {"Beta", "b@x.example", "ask Jan"},
                                           {"Gamma", "c@x.example", "none yet"}};
    hp_mapped *m = map(&x, NULL, TB_TABLE(&x.run, x.sheet, cells));
    assert_bound(m, "Website", HP_F_CONTACT_EMAIL);
    assert_bound(m, "Phone", HP_F_NONE);
    assert_int_equal(bound(m, "Phone")->runner_up, HP_F_CONTACT_PHONE);
    const hp_issue *i = tb_issue(&x.run, HP_R_COLUMN_UNMAPPED, 0);
    assert_contains(hp_text(x.run.pool, i->note).p, "contact_phone (0.50)");
    hp_run_close(&x.run);
}

static void headerless_by_content(void **state) {
    (void)state;
    fixture x;
    open_fixture(&x, "list", "");
    static const char *const cells[][4] = {
        {"Acme Flying School", "Thandi Botha", "a@acme.example", "011 555 0100"},
        {"Beta Aviation", "Pieter Nel", "b@beta.example", "012 555 0100"}};
    hp_mapped *m = map(&x, NULL, TB_TABLE(&x.run, x.sheet, cells));
    assert_int_equal(m->header_row, 0);
    assert_int_equal(m->first, 0);
    assert_bound(m, "[A]", HP_F_ORGANIZATION_NAME);
    assert_bound(m, "[C]", HP_F_CONTACT_EMAIL);
    assert_bound(m, "[D]", HP_F_CONTACT_PHONE);
    hp_run_close(&x.run);
}

static void keyed_sheets(void **state) {
    (void)state;
    fixture x;
    open_fixture(&x, "a", "s");
    static const char *const mail[][2] = {{"Client ID", "Email"}, {"#n:1", "a@x.example"}};
    static const char *const notes[][2] = {{"Client ID", "Remarks"}, {"#n:1", "call back"}};
    static const char *const nothing[][2] = {{"Station", "Celsius"}, {"London", "#n:15"}};
    hp_mapped *m = map(&x, NULL, TB_TABLE(&x.run, x.sheet, mail));
    assert_int_equal(m->entity, HP_E_CONTACT);
    assert_true(m->join_key);
    assert_int_equal(map(&x, NULL, TB_TABLE(&x.run, x.sheet, notes))->entity, HP_E_NOTE);
    assert_null(map(&x, NULL, TB_TABLE(&x.run, x.sheet, nothing)));
    assert_int_equal(tb_count(&x.run, HP_R_SHEET_UNMAPPABLE), 1);
    assert_view(hp_text(x.run.pool, tb_issue(&x.run, HP_R_SHEET_UNMAPPABLE, 0)->note),
                "columns: Station, Celsius");
    assert_int_equal(tb_count(&x.run, HP_R_COLUMN_UNMAPPED), 0);
    hp_run_close(&x.run);
}

/* Every allocation fails once: an error each time or the same map, nothing lost (the sanitizers watch). */
static void out_of_memory(void **state) {
    (void)state;
    fixture x;
    open_fixture(&x, "Book", "Sheet");
    static const char *const cells[][4] = {{"Members", NULL, NULL, NULL},
                                           {"Company", "E-mail", "E-mail", "Rufnummer"},
                                           {"Acme", "a@x.example", "b@x.example", "011 555 0100"}};
    hp_profile_column c[] = {{HP_S("Company"), HP_F_ORGANIZATION_NAME, true, 3}};
    hp_profile_sheet decl = declare(c, 1);
    hp_table *raw = TB_TABLE(&x.run, x.sheet, cells);
    for (int automatic = 0; automatic < 2; automatic++) {
        const hp_profile_sheet *d = automatic ? NULL : &decl;
        uint64_t failed = 0, before = hp_mem_count();
        size_t nbind = map(&x, d, raw)->nbind;
        uint64_t all = hp_mem_count() - before;
        for (uint64_t n = 1; n <= all; n++) {
            hp_mapped *m = NULL;
            hp_mem_fail_at(n);
            hp_code code = hp_map_sheet(&x.run, &x.p, NULL, d, raw, x.sheet, &m, &x.err);
            hp_mem_fail_at(0);
            if (code != HP_OK) assert_int_equal(code, HP_RETRY);
            failed += code == HP_RETRY;
            assert_true(code != HP_OK || (m && m->nbind == nbind && m->header_row == 2));
        }
        assert_true(failed > 3);
    }
    hp_run_close(&x.run);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(declared_columns),
                                       cmocka_unit_test(required_column_missing),
                                       cmocka_unit_test(header_without_rows),
                                       cmocka_unit_test(declared_header_below_banner),
                                       cmocka_unit_test(no_header_by_letters),
                                       cmocka_unit_test(stranger_s_contacts),
                                       cmocka_unit_test(people_without_organisation),
                                       cmocka_unit_test(name_is_what_the_values_say),
                                       cmocka_unit_test(header_that_lies),
                                       cmocka_unit_test(headerless_by_content),
                                       cmocka_unit_test(keyed_sheets),
                                       cmocka_unit_test(out_of_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
