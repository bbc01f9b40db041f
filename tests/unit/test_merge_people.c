#include "made_merge.h"

static uint32_t open_one(made *m) {
    made_open(m);
    return made_sheet(m, "A.xlsx", "S", "A", 1);
}

/* Adds channels to the last contact; only right after it was made. */
static void more_channels(made *m, const char *email, const char *phone) {
    hp_contact *c = &m->contact.p[m->contact.n - 1];
    hp_datum had = {0};
    if (c->nphone) had = m->datum.p[--m->datum.n]; /* phones lie behind e-mails */
    if (email) {
        assert_true(hp_vec_push(&m->datum, ((hp_datum){made_value(m, email), {c->at.sheet, c->at.row, 24}})));
        c->nemail++;
    }
    c->phone = (uint32_t)m->datum.n;
    if (had.v) assert_true(hp_vec_push(&m->datum, had));
    if (phone) {
        assert_true(hp_vec_push(&m->datum, ((hp_datum){made_value(m, phone), {c->at.sheet, c->at.row, 25}})));
        c->nphone++;
    }
}

static void the_primary_contact_is_one_person(void **state) {
    (void)state;
    made m;
    uint32_t s = open_one(&m);
    made_org(&m, s, "Kestrel");
    made_contact(&m, "Ada Botha", "CEO", "ada@k.example", NULL);
    made_contact(&m, "Ben Dube", "Pilot", NULL, "+27115550100");
    hp_golden *g = made_golden(&m, NULL);
    assert_data(0, "contact_primary_name", "Ada Botha");
    assert_data(0, "contact_primary_role", "CEO");
    assert_data(0, "contact_primary_email", "ada@k.example");
    assert_data(0, "contact_primary_phone", NULL);
    assert_data(0, "contact_primary_phone_status", NULL);
    assert_data(0, "contact_secondary_emails", NULL);
    assert_data(0, "contact_secondary_phones", "+27115550100");
    assert_data(0, "contact_count", "2");
    assert_data(0, "data_quality_flags",
                "missing_contact_phone;missing_website;missing_province;missing_address");
    assert_int_equal(g->contacts->nrow, 2);
    assert_contact(0, "contact_name", "Ada Botha");
    assert_contact(0, "is_primary", "yes");
    assert_contact(0, "organization_name", "Kestrel");
    assert_contact(0, "organization_slug", "kestrel");
    assert_contact(1, "contact_name", "Ben Dube");
    assert_contact(1, "is_primary", "no");
    assert_contact(1, "contact_phones", "+27115550100");
    assert_contact(1, "contact_emails", NULL);
    made_close(&m);
}

/* Each row of the table beats the next one. */
static void who_is_primary(void **state) {
    (void)state;
    static const struct {
        const char *name, *role, *email, *phone;
    } RANKED[] = {
        {"A A", "Owner", "a@k.example", "+27110000001"},
        {"B B", "Chief Pilot", "b@k.example", "+27110000002"},
        {"C C", "Director", "c@k.example", "+27110000003"},
        {"D D", "Head of Training", "d@k.example", "+27110000004"},
        {"E E", "Manager", "e@k.example", "+27110000005"},
        {"F F", "Coordinator", "f@k.example", "+27110000006"},
        {"G G", "Admin", "g@k.example", "+27110000007"},
        {"H H", "Pilot", "h@k.example", "+27110000008"},
        {NULL, NULL, "i@k.example", "+27110000009"},
        {"J J", "CEO", "j@k.example", NULL},
        {"K K", "CEO", NULL, "+27110000011"},
        {"L L", "CEO", NULL, NULL},
    };
    enum { N = sizeof RANKED / sizeof *RANKED };
    for (size_t i = 0; i + 1 < N; i++) {
        for (int swap = 0; swap < 2; swap++) {
            made m;
            uint32_t s = open_one(&m);
            made_org(&m, s, "Kestrel");
            for (size_t k = 0; k < 2; k++) {
                size_t r = i + (k ^ (size_t)swap);
                made_contact(&m, RANKED[r].name, RANKED[r].role, RANKED[r].email, RANKED[r].phone);
            }
            hp_golden *g = made_golden(&m, NULL);
            assert_data(0, "contact_primary_name", RANKED[i].name);
            assert_data(0, "contact_primary_email", RANKED[i].email);
            assert_contact(0, "is_primary", "yes");
            assert_contact(0, "contact_emails", RANKED[i].email);
            assert_contact(1, "is_primary", "no");
            made_close(&m);
        }
    }
}

static void rank_then_order_break_ties(void **state) {
    (void)state;
    made m;
    uint32_t s = open_one(&m), high = made_sheet(&m, "B.xlsx", "S", "B", 3);
    made_org(&m, s, "Kestrel");
    made_contact(&m, "Ada Botha", NULL, "ada@k.example", NULL);
    made_org(&m, high, "Kestrel");
    made_contact(&m, "Ben Dube", NULL, "ben@k.example", NULL);
    made_contact(&m, "Cas Nel", NULL, "cas@k.example", NULL);
    hp_golden *g = made_golden(&m, NULL);
    assert_contact(0, "contact_name", "Ben Dube");
    assert_contact(1, "contact_name", "Cas Nel");
    assert_contact(2, "contact_name", "Ada Botha");
    assert_data(0, "contact_secondary_emails", "cas@k.example;ada@k.example");
    made_close(&m);
}

static void one_person_in_several_rows_is_one_line(void **state) {
    (void)state;
    made m;
    uint32_t s = open_one(&m), other = made_sheet(&m, "B.xlsx", "People", "B", 2);
    made_org(&m, s, "Kestrel");
    made_contact(&m, "Ren\xC3\xA9 Botha", NULL, "rene@k.example", NULL)->last_date =
        made_value(&m, "2025-01-01");
    made_contact(&m, "Ben Dube", NULL, "ben@k.example", "+27115550100");
    made_org(&m, other, "Kestrel");
    hp_contact *c = made_contact(&m, "RENE BOTHA", "Owner", "rene@k.example", "+27821234567");
    c->last_date = made_value(&m, "2025-06-01");
    c->notes = made_value(&m, "prefers mornings");
    c->title.v = made_value(&m, "Ms");
    more_channels(&m, "rb@k.example", "+27821234568");
    hp_golden *g = made_golden(&m, NULL);
    assert_int_equal(g->contacts->nrow, 2);
    assert_contact(0, "contact_name", "RENE BOTHA");
    assert_contact(0, "contact_title", "Ms");
    assert_contact(0, "contact_role", "Owner");
    assert_contact(0, "contact_emails", "rene@k.example; rb@k.example");
    assert_contact(0, "contact_phones", "+27821234567; +27821234568");
    assert_contact(0, "source_dataset", "B; A");
    assert_contact(0, "source_cell", "B.xlsx!People!3; A.xlsx!S!2");
    assert_contact(0, "last_interaction_date", "2025-06-01");
    assert_contact(0, "notes", "prefers mornings");
    assert_contact(1, "contact_name", "Ben Dube");
    assert_contact(1, "last_interaction_date", NULL);
    assert_data(0, "contact_primary_phone", "+27821234567");
    assert_data(0, "contact_secondary_emails", "rb@k.example;ben@k.example");
    assert_data(0, "contact_secondary_phones", "+27821234568;+27115550100");
    assert_data(0, "contact_count", "2");
    assert_data(0, "rows_merged", "2");
    made_close(&m);
}

static void an_address_joins_a_person_only_to_the_same_name(void **state) {
    (void)state;
    static const struct {
        const char *a, *b;
        size_t people;
        const char *name;
    } CASE[] = {
        {"Thandi", "Thandi Nkosi", 1, "Thandi Nkosi"},
        {"Thandi Nkosi", "T. Nkosi", 1, "Thandi Nkosi"},
        {"T Nkosi", "Thandi Nkosi", 1, "T Nkosi"},
        {"Thandi Nkosi", "Thandy Nkosi", 1, "Thandi Nkosi"},
        {"Jan", "Piet", 2, "Jan"},
        {"Jan", "Jon", 2, "Jan"},
        {"Thandi Nkosi", "Sipho Nkosi", 2, "Thandi Nkosi"},
        {NULL, "Thandi Nkosi", 1, "Thandi Nkosi"},
        {"Thandi Nkosi", NULL, 1, "Thandi Nkosi"},
        {NULL, NULL, 1, NULL},
    };
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++) {
        made m;
        uint32_t s = open_one(&m);
        made_org(&m, s, "Kestrel");
        made_contact(&m, CASE[i].a, NULL, "info@k.example", NULL);
        made_contact(&m, CASE[i].b, NULL, "info@k.example", NULL);
        hp_golden *g = made_golden(&m, NULL);
        if (g->contacts->nrow != CASE[i].people) fail_msg("%s | %s", CASE[i].a, CASE[i].b);
        assert_contact(0, "contact_name", CASE[i].name);
        assert_data(0, "contact_secondary_emails", NULL);
        made_close(&m);
    }
}

static void a_phone_joins_a_short_name_to_the_whole_one(void **state) {
    (void)state;
    static const struct {
        const char *name, *email;
        size_t people;
    } CASE[] = {
        {"Thandi", NULL, 1},          {"T. Nkosi", NULL, 1}, {"Sipho", NULL, 2},
        {"Thandy Nkosi", NULL, 2},    /* two who share a switchboard may have names that are near */
        {"Thandi", "t@k.example", 2}, /* who has an address of her own is told apart by it */
    };
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++) {
        made m;
        uint32_t s = open_one(&m);
        made_org(&m, s, "Kestrel");
        made_contact(&m, "Thandi Nkosi", NULL, "thandi@k.example", "+27115550100");
        made_contact(&m, CASE[i].name, NULL, CASE[i].email, "+27115550100");
        hp_golden *g = made_golden(&m, NULL);
        if (g->contacts->nrow != CASE[i].people) fail_msg("%s", CASE[i].name);
        assert_contact(0, "contact_name", "Thandi Nkosi");
        made_close(&m);
    }
}

static void a_role_that_is_not_kept_is_a_finding(void **state) {
    (void)state;
    made m;
    uint32_t s = open_one(&m);
    made_org(&m, s, "Kestrel");
    made_contact(&m, "Ada Botha", "Owner", "ada@k.example", NULL);
    made_contact(&m, "Ada Botha", "OWNER", "ada@k.example", NULL);
    made_contact(&m, "Ada Botha", NULL, "ada@k.example", NULL);
    hp_contact *c = made_contact(&m, "Ada Botha", "Pilot", "ada@k.example", NULL);
    hp_cell lost = c->role.at;
    made_contact(&m, "Ben Dube", "Clerk", "ben@k.example", NULL);
    hp_golden *g = made_golden(&m, NULL);
    assert_contact(0, "contact_role", "Owner");
    assert_int_equal(g->conflicts, 1);
    const hp_issue *is = &m.run.issues.list.p[m.run.issues.list.n - 1];
    assert_int_equal(is->rule, HP_R_VALUE_CONFLICT);
    assert_int_equal(is->value, made_value(&m, "Pilot"));
    assert_int_equal(is->at.row, lost.row);
    made_close(&m);
}

static void a_channel_without_a_name_finds_its_person(void **state) {
    (void)state;
    made m;
    uint32_t s = open_one(&m);
    made_org(&m, s, "Kestrel");
    made_contact(&m, NULL, NULL, NULL, "+27115550100");
    made_contact(&m, NULL, NULL, "ada@k.example", NULL);
    made_contact(&m, NULL, NULL, "info@k.example", "+27115550100");
    made_contact(&m, "Ada Botha", NULL, "ada@k.example", "+27115550100");
    hp_golden *g = made_golden(&m, NULL);
    /* info@ has an address of its own, so the shared phone does not make it Ada's. */
    assert_int_equal(g->contacts->nrow, 2);
    assert_contact(0, "contact_name", "Ada Botha");
    assert_contact(1, "contact_emails", "info@k.example");
    assert_data(0, "contact_secondary_phones", NULL);
    made_close(&m);
}

static void people_of_two_organisations_are_not_joined(void **state) {
    (void)state;
    made m;
    uint32_t s = open_one(&m);
    made_org(&m, s, "Kestrel");
    made_contact(&m, "Ada Botha", NULL, "ada@k.example", NULL);
    made_org(&m, s, "Vumbuza");
    made_contact(&m, "Ada Botha", NULL, "ada@k.example", "+27115550100");
    hp_golden *g = made_golden(&m, (const uint32_t[]){0, 1});
    assert_int_equal(g->contacts->nrow, 2);
    assert_contact(0, "contact_phones", NULL);
    assert_data(0, "contact_primary_phone", NULL);
    assert_data(1, "contact_primary_phone", "+27115550100");
    made_close(&m);
}

static void empty_contacts_leave_no_line(void **state) {
    (void)state;
    made m;
    uint32_t s = open_one(&m);
    made_org(&m, s, "Kestrel");
    made_contact_in(&m, s, NULL, NULL, NULL, NULL);
    hp_golden *g = made_golden(&m, NULL);
    assert_int_equal(g->contacts->nrow, 0);
    assert_data(0, "contact_count", "0");
    assert_data(0, "contact_primary_lead_score", NULL);
    assert_data(0, "contact_lead_score_avg", NULL);
    /* The row is counted all the same. */
    assert_int_equal(g->attached, 1);
    assert_data(0, "rows_merged", "2");
    made_close(&m);
}

static void a_role_alone_is_no_primary_contact(void **state) {
    (void)state;
    made m;
    uint32_t s = open_one(&m);
    made_org(&m, s, "Kestrel");
    made_contact(&m, NULL, "CEO", NULL, NULL);
    hp_golden *g = made_golden(&m, NULL);
    assert_int_equal(g->contacts->nrow, 1);
    assert_contact(0, "is_primary", "no");
    assert_data(0, "contact_primary_role", NULL);
    made_close(&m);
}

static void scores(void **state) {
    (void)state;
    made m;
    uint32_t s = open_one(&m), high = made_sheet(&m, "B.xlsx", "S", "B", 3);
    hp_profile_source source[] = {{.priority = 1}, {.priority = 3}};
    m.profile.source = source;
    m.profile.nsource = 2;
    made_org(&m, s, "Kestrel");
    made_contact(&m, "Ada Botha", "Owner", "ada@k.example", "+27115550100");
    made_contact(&m, "Ben Dube", NULL, NULL, NULL);
    made_contact(&m, NULL, NULL, NULL, "+27115550101");
    made_org(&m, high, "Vumbuza");
    made_set(&m, HP_F_WEBSITE, "https://v.example");
    made_set(&m, HP_F_PROVINCE, "Gauteng");
    made_set(&m, HP_F_ADDRESS, "1 Main Road");
    made_contact(&m, "Cas Nel", "CEO", "cas@v.example", "+27115550102");
    hp_golden *g = made_golden(&m, (const uint32_t[]){0, 1});
    assert_data(0, "contact_primary_email_confidence", "0.6");
    assert_data(0, "contact_primary_email_status", "unknown");
    assert_data(0, "contact_primary_phone_confidence", "0.85");
    assert_data(0, "contact_primary_phone_status", "deliverable");
    /* S(0.3*1 + 0.25*0.6 + 0.15*0.85 + 0.2*1/3 + 0.1*0) = S(0.644167); Ben S(0.075 + 0.066667); the phone
     * S(0.075 + 0.1275 + 0.066667); Vumbuza S(0.7775). Computed with Python's math.exp. */
    assert_data(0, "contact_primary_lead_score", "0.849412");
    assert_data(1, "contact_primary_lead_score", "0.965444");
    assert_data(1, "contact_lead_score_avg", "0.965444");
    assert_data(0, "contact_lead_score_avg", "0.307255");
    assert_data(0, "contact_email_confidence_avg", "0.6");
    assert_data(0, "contact_phone_confidence_avg", "0.85");
    /* S(0.725) and S(0.85). */
    assert_data(1, "contact_verification_score_avg", "0.937027");
    assert_data(0, "contact_verification_score_avg", "0.961126");
    assert_data(0, "data_quality_score", "0.4");
    assert_data(1, "data_quality_score", "1.0");
    assert_data(1, "data_quality_flags", "none");
    assert_data(0, "intent_signal_score", "0.0");
    assert_data(0, "intent_signal_count", "0");
    assert_data(0, "intent_signal_types", NULL);
    assert_data(0, "contact_validation_flags", NULL);
    made_close(&m);
}

static void without_priorities_the_source_does_not_count(void **state) {
    (void)state;
    made m;
    made_open(&m);
    uint32_t s = made_sheet(&m, "A.csv", "", "A", 0);
    made_org(&m, s, "Kestrel");
    made_contact(&m, "Ada Botha", "Owner", "ada@k.example", "+27115550100");
    hp_golden *g = made_golden(&m, NULL);
    /* S(0.5775 / 0.8) = S(0.721875) */
    assert_data(0, "contact_primary_lead_score", "0.934777");
    made_close(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_primary_contact_is_one_person),
        cmocka_unit_test(who_is_primary),
        cmocka_unit_test(rank_then_order_break_ties),
        cmocka_unit_test(one_person_in_several_rows_is_one_line),
        cmocka_unit_test(an_address_joins_a_person_only_to_the_same_name),
        cmocka_unit_test(a_phone_joins_a_short_name_to_the_whole_one),
        cmocka_unit_test(a_role_that_is_not_kept_is_a_finding),
        cmocka_unit_test(a_channel_without_a_name_finds_its_person),
        cmocka_unit_test(people_of_two_organisations_are_not_joined),
        cmocka_unit_test(empty_contacts_leave_no_line),
        cmocka_unit_test(a_role_alone_is_no_primary_contact),
        cmocka_unit_test(scores),
        cmocka_unit_test(without_priorities_the_source_does_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
