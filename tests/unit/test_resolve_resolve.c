#include "made_clusters.h"

static void same_name_is_enough(void **state) {
    (void)state;
    made m;
    open_one(&m);
    made_org(&m, 0, "Kestrel Air");
    made_org(&m, 0, "Vumbuza Motors");
    made_org(&m, 0, "KESTREL AIR");
    hp_clusters *c = resolve(&m);
    assert_int_equal(c->ncluster, 2);
    assert_int_equal(c->cluster[0], c->cluster[2]);
    assert_int_equal(c->cluster[1], 1);
    assert_int_equal(c->nmatch, 1);
    assert_int_equal(c->match[0].reason, HP_MATCH_NAME);
    assert_true(c->match[0].score == 1);
    assert_string_equal(made_text(&m, c->match[0].on), "kestrel air");
    assert_int_equal(near_misses(&m), 0);
    made_close(&m);
}

static void never_on_a_null(void **state) {
    (void)state;
    made m;
    open_one(&m);
    for (int i = 0; i < 3; i++) {
        made_org(&m, 0, NULL);
        made_set(&m, HP_F_WEBSITE, "https://kestrel.example");
        made_contact(&m, "Ada Botha", NULL, "ada@kestrel.example", "+27115550100");
    }
    for (int i = 0; i < 2; i++) made_org(&m, 0, i ? "Vumbuza" : "Lumoza");
    hp_clusters *c = resolve(&m);
    assert_int_equal(c->ncluster, 5);
    assert_int_equal(c->nmatch, 0);
    assert_int_equal(near_misses(&m), 0);
    made_close(&m);
}

static void domain_needs_a_similar_name(void **state) {
    (void)state;
    made m;
    open_one(&m);
    made_org(&m, 0, "Kestrel Flight Academy");
    made_set(&m, HP_F_WEBSITE, "https://kestrel-invented.co.za/about");
    made_org(&m, 0, "Kestrel Flght Academy");
    made_contact(&m, NULL, NULL, "ada@mail.kestrel-invented.co.za", NULL);
    made_org(&m, 0, "Vumbuza Holdings");
    made_contact(&m, NULL, NULL, "info@kestrel-invented.co.za", NULL);
    hp_clusters *c = resolve(&m);
    assert_int_equal(c->ncluster, 2);
    assert_int_equal(c->cluster[0], c->cluster[1]);
    assert_int_equal(c->match[0].reason, HP_MATCH_DOMAIN);
    assert_true(c->match[0].score > 0.99F && c->match[0].score < 1);
    assert_string_equal(made_text(&m, c->match[0].on), "kestrel-invented.co.za");
    made_close(&m);
}

static void one_letter_too_many_is_similar_enough(void **state) {
    (void)state;
    made m;
    open_one(&m);
    made_org(&m, 0, "Jorekinga Pilot Training");
    made_set(&m, HP_F_WEBSITE, "https://jorekinga.example");
    made_org(&m, 0, "Joraekinga Pilot Training"); /* Jaro-Winkler 0.913 */
    made_set(&m, HP_F_WEBSITE, "https://jorekinga.example");
    hp_clusters *c = resolve(&m);
    assert_int_equal(c->ncluster, 1);
    assert_true(c->match[0].score > 0.959F && c->match[0].score < 0.961F);
    made_close(&m);
}

static void the_profile_sets_the_threshold(void **state) {
    (void)state;
    made m;
    open_one(&m);
    made_org(&m, 0, "Kestrel Flight Academy");
    made_set(&m, HP_F_WEBSITE, "https://kestrel.example");
    made_org(&m, 0, "Kestrel Flght Academy");
    made_set(&m, HP_F_WEBSITE, "https://kestrel.example");
    m.profile.match_threshold = 0.999;
    hp_clusters *c = resolve(&m);
    assert_int_equal(c->ncluster, 2);
    assert_int_equal(near_misses(&m), 1);
    made_close(&m);
}

static void free_mail_and_shared_hosts_are_no_domain(void **state) {
    (void)state;
    made m;
    open_one(&m);
    made_org(&m, 0, "Kestrel Flight Academy");
    made_set(&m, HP_F_WEBSITE, "https://facebook.com/kestrel");
    made_contact(&m, NULL, NULL, "kestrel.demo@gmail.com", NULL);
    made_org(&m, 0, "Kestrel Flght Academy");
    made_set(&m, HP_F_WEBSITE, "https://facebook.com/kestrl");
    made_contact(&m, NULL, NULL, "kestrl.demo@gmail.com", NULL);
    assert_int_equal(resolve(&m)->ncluster, 2);
    made_close(&m);
}

static void one_free_mail_address_is_as_good_as_a_domain(void **state) {
    (void)state;
    made m;
    open_one(&m);
    made_org(&m, 0, "Kestrel Flight Academy");
    made_contact(&m, NULL, NULL, "kestrel.demo@gmail.com", NULL);
    made_org(&m, 0, "Kestrel Flght Academy");
    made_contact(&m, NULL, NULL, "kestrel.demo@gmail.com", NULL);
    made_org(&m, 0, "Kestrel Flight Supplies");
    made_contact(&m, NULL, NULL, "kestrel.demo@gmail.com", NULL);
    assert_int_equal(resolve(&m)->ncluster, 2);
    /* The address is personal, so the finding does not spell it. */
    assert_int_equal(near_misses(&m), 1);
    assert_contains(note(&m, 0), "the same e-mail address");
    assert_null(strstr(note(&m, 0), "gmail"));
    made_close(&m);
}

static void phone_needs_a_similar_name(void **state) {
    (void)state;
    made m;
    open_one(&m);
    made_org(&m, 0, "Kestrel Flight Academy");
    made_contact(&m, NULL, NULL, NULL, "+27115550100");
    made_org(&m, 0, "Vumbuza Holdings");
    made_contact(&m, NULL, NULL, NULL, "+27115550100");
    made_org(&m, 0, "Academy Kestrel Flight");
    made_contact(&m, NULL, NULL, NULL, "+27115550100");
    hp_clusters *c = resolve(&m);
    assert_int_equal(c->ncluster, 2);
    assert_int_equal(c->cluster[0], c->cluster[2]);
    assert_int_equal(c->match[0].reason, HP_MATCH_PHONE);
    assert_string_equal(made_text(&m, c->match[0].on), "+27115550100");
    made_close(&m);
}

static void a_name_within_another_counts_only_with_a_domain(void **state) {
    (void)state;
    for (int by_domain = 0; by_domain < 2; by_domain++) {
        made m;
        open_one(&m);
        made_org(&m, 0, "Vumbuza Air");
        made_contact(&m, NULL, NULL, by_domain ? "a@vumbuza.example" : NULL, "+27115550100");
        made_org(&m, 0, "The Grand Old Charter of Vumbuza Air");
        made_contact(&m, NULL, NULL, by_domain ? "b@vumbuza.example" : NULL, "+27115550100");
        assert_int_equal(resolve(&m)->ncluster, by_domain ? 1 : 2);
        made_close(&m);
    }
}

static void one_word_within_is_not_enough(void **state) {
    (void)state;
    made m;
    open_one(&m);
    made_org(&m, 0, "Air");
    made_set(&m, HP_F_WEBSITE, "https://vumbuza.example");
    made_org(&m, 0, "Vumbuza Air");
    made_set(&m, HP_F_WEBSITE, "https://vumbuza.example");
    assert_int_equal(resolve(&m)->ncluster, 2);
    made_close(&m);
}

static void branch(made *m, const char *name, const char *city, const char *province) {
    made_org(m, 0, name);
    made_set(m, HP_F_WEBSITE, "https://kestrel.example");
    made_set(m, HP_F_CITY, city);
    made_set(m, HP_F_PROVINCE, province);
}

static void branches_in_different_places_stay_apart(void **state) {
    (void)state;
    made m;
    open_one(&m);
    branch(&m, "Kestrel Air Cape Town", "Cape Town", "Western Cape");
    branch(&m, "Kestrel Air Durban", "Durban", "KwaZulu-Natal");
    branch(&m, "Kestrel Air Pretoria North", "Pretoria", "Gauteng");
    branch(&m, "Kestrel Air Pretoria South", "Pretoria", "Gauteng");
    hp_clusters *c = resolve(&m);
    assert_int_equal(c->ncluster, 4);
    assert_true(near_misses(&m) >= 1);
    assert_contains(note(&m, 0), "the same domain kestrel.example, names ");
    assert_contains(note(&m, 0), "A.xlsx!S!A2 (Kestrel Air Cape Town)");
    made_close(&m);
}

static void a_head_office_is_no_branch_of_another_city(void **state) {
    (void)state;
    made m;
    open_one(&m);
    branch(&m, "Kestrel Air", "Johannesburg", "Gauteng");
    branch(&m, "Kestrel Air Durban", "Durban", "KwaZulu-Natal");
    assert_int_equal(resolve(&m)->ncluster, 2);
    made_close(&m);
    open_one(&m);
    branch(&m, "Kestrel Air", NULL, "KwaZulu-Natal");
    branch(&m, "Kestrel Air Durban", "DURBAN", "KwaZulu-Natal");
    assert_int_equal(resolve(&m)->ncluster, 1);
    made_close(&m);
}

static void a_short_name_does_not_join_branches(void **state) {
    (void)state;
    made m;
    open_one(&m);
    branch(&m, "Kestrel Air Durban", NULL, NULL);
    branch(&m, "Kestrel Air", NULL, NULL);
    branch(&m, "Kestrel Air Cape Town", NULL, NULL);
    assert_int_equal(resolve(&m)->ncluster, 3);
    made_close(&m);
    /* But what is within one that is within another is one chain. */
    open_one(&m);
    branch(&m, "Kestrel Air", NULL, NULL);
    branch(&m, "Kestrel Air Charter", NULL, NULL);
    branch(&m, "Kestrel Air Charter and Training", NULL, NULL);
    assert_int_equal(resolve(&m)->ncluster, 1);
    made_close(&m);
}

static void sister_companies_stay_apart(void **state) {
    (void)state;
    made m;
    open_one(&m);
    made_org(&m, 0, "Kestrel Aviation Training Academy");
    made_set(&m, HP_F_WEBSITE, "https://kestrel.example");
    made_org(&m, 0, "Kestrel Aviation Racing Academy");
    made_set(&m, HP_F_WEBSITE, "https://kestrel.example");
    made_org(&m, 0, "Hangar 1 Maintenance");
    made_set(&m, HP_F_WEBSITE, "https://hangar.example");
    made_org(&m, 0, "Hangar 2 Maintenance");
    made_set(&m, HP_F_WEBSITE, "https://hangar.example");
    assert_int_equal(resolve(&m)->ncluster, 4);
    assert_int_equal(near_misses(&m), 2);
    made_close(&m);
}

static void spelling_alone_is_a_finding(void **state) {
    (void)state;
    made m;
    open_one(&m);
    made_org(&m, 0, "Kestrel Flight Academy");
    made_set(&m, HP_F_PROVINCE, "Gauteng");
    made_org(&m, 0, "Kestrel Flght Academy");
    made_set(&m, HP_F_PROVINCE, "Gauteng");
    made_org(&m, 0, "Kestrel Fligt Academy");
    made_set(&m, HP_F_PROVINCE, "Limpopo");
    made_org(&m, 0, "Kestrel Flight Acadmy");
    assert_int_equal(resolve(&m)->ncluster, 4);
    assert_int_equal(near_misses(&m), 1);
    const hp_issue *i = &m.run.issues.list.p[0];
    assert_int_equal(i->at.row, 3);
    assert_int_equal(i->at.col, 0);
    assert_string_equal(made_text(&m, i->value), "Kestrel Flght Academy");
    assert_contains(note(&m, 0), "the same province, names 99 % alike: A.xlsx!S!A2 (Kestrel Flight Academy)");
    made_close(&m);
}

static void a_merged_pair_is_no_near_miss(void **state) {
    (void)state;
    made m;
    open_one(&m);
    for (int i = 0; i < 2; i++) {
        made_org(&m, 0, i ? "Kestrel Flght Academy" : "Kestrel Flight Academy");
        made_set(&m, HP_F_PROVINCE, "Gauteng");
        made_contact(&m, NULL, NULL, NULL, "+27115550100");
    }
    assert_int_equal(resolve(&m)->ncluster, 1);
    assert_int_equal(near_misses(&m), 0);
    made_close(&m);
}

static void links_are_transitive(void **state) {
    (void)state;
    made m;
    open_one(&m);
    made_org(&m, 0, "Kestrel Flight Academy");
    made_contact(&m, NULL, NULL, NULL, "+27115550100");
    made_org(&m, 0, "Kestrel Flght Acadmy");
    made_set(&m, HP_F_WEBSITE, "https://kestrel.example");
    made_org(&m, 0, "Kestrel Flght Academy");
    made_set(&m, HP_F_WEBSITE, "https://kestrel.example");
    made_contact(&m, NULL, NULL, NULL, "+27115550100");
    hp_clusters *c = resolve(&m);
    assert_int_equal(c->ncluster, 1);
    assert_int_equal(c->match[0].a, 0);
    assert_int_equal(c->match[0].b, 2);
    assert_int_equal(c->match[0].reason, HP_MATCH_PHONE);
    assert_int_equal(c->match[1].reason, HP_MATCH_DOMAIN);
    made_close(&m);
}

/* ---- people ---- */

static void person(made *m, const char *name, hp_field f, const char *value) {
    made_org(m, 0, name)->person = true;
    if (f != HP_F_NONE) made_set(m, f, value);
}

static void a_person_s_name_is_not_enough(void **state) {
    (void)state;
    made m;
    open_one(&m);
    person(&m, "Jan Botha", HP_F_POSTAL_CODE, "0001");
    person(&m, "Jan Botha", HP_F_POSTAL_CODE, "8001");
    person(&m, "Jan Botha", HP_F_NONE, NULL);
    hp_clusters *c = resolve(&m);
    assert_int_equal(c->ncluster, 3);
    assert_int_equal(near_misses(&m), 2);
    assert_contains(note(&m, 0), "nothing but the name agrees");
    assert_int_equal(m.run.issues.list.p[0].value, HP_NULL);
    assert_null(strstr(note(&m, 0), "Botha"));
    made_close(&m);
}

static void a_person_s_name_and_one_more_thing(void **state) {
    (void)state;
    static const hp_field FIELD[] = {HP_F_CONTACT_BIRTH_DATE, HP_F_CONTACT_NATIONAL_ID, HP_F_POSTAL_CODE,
                                     HP_F_ADDRESS};
    for (size_t i = 0; i < sizeof FIELD / sizeof *FIELD; i++) {
        made m;
        open_one(&m);
        person(&m, "Jan Botha", FIELD[i], i == 3 ? "1 Main Road" : "1975-03-09");
        person(&m, "Jan Botha", FIELD[i], i == 3 ? "1 MAIN ROAD" : "1975-03-09");
        person(&m, "Jan Bothma", FIELD[i], "1975-03-09");
        hp_clusters *c = resolve(&m);
        assert_int_equal(c->ncluster, 2);
        assert_int_equal(c->match[0].reason, HP_MATCH_PERSON);
        assert_string_equal(made_text(&m, c->match[0].on), "jan botha");
        made_close(&m);
    }
    for (int phone = 0; phone < 2; phone++) {
        made m;
        open_one(&m);
        for (int i = 0; i < 2; i++) {
            person(&m, "Jan Botha", HP_F_NONE, NULL);
            made_contact(&m, "Jan Botha", NULL, phone ? NULL : "jan.invented.demo@gmail.com",
                         phone ? "+27821234567" : NULL);
        }
        assert_int_equal(resolve(&m)->ncluster, 1);
        made_close(&m);
    }
}

static void a_similar_name_and_two_things(void **state) {
    (void)state;
    made m;
    open_one(&m);
    person(&m, "Thandeka Mokoena", HP_F_CONTACT_BIRTH_DATE, "1975-03-09");
    made_set(&m, HP_F_POSTAL_CODE, "0001");
    person(&m, "Mokoena Thandka", HP_F_CONTACT_BIRTH_DATE, "1975-03-09");
    made_set(&m, HP_F_POSTAL_CODE, "0001");
    person(&m, "Thandekka Mokoena", HP_F_CONTACT_BIRTH_DATE, "1975-03-09");
    made_set(&m, HP_F_POSTAL_CODE, "8001");
    hp_clusters *c = resolve(&m);
    assert_int_equal(c->ncluster, 2);
    assert_int_equal(c->cluster[0], c->cluster[1]);
    made_close(&m);
}

static void an_identifier_and_two_things_allow_for_half_a_name(void **state) {
    (void)state;
    static const struct {
        const char *a, *b;
        size_t people;
    } CASE[] = {
        {"Waller", "Jamilla Waller", 1}, {"Mia Purdon", "Luke Purdon", 1}, {"Mia Purdon", "Sipho Dube", 2}};
    for (size_t i = 0; i < 3; i++) {
        for (int with_id = 0; with_id < 2; with_id++) {
            made m;
            open_one(&m);
            for (int k = 0; k < 2; k++) {
                person(&m, k ? CASE[i].b : CASE[i].a, HP_F_CONTACT_BIRTH_DATE, "1975-03-09");
                made_set(&m, HP_F_POSTAL_CODE, "0001");
                made_set(&m, with_id ? HP_F_CONTACT_NATIONAL_ID : HP_F_ADDRESS, "1234567");
            }
            assert_int_equal(resolve(&m)->ncluster, with_id ? CASE[i].people : 2);
            made_close(&m);
        }
    }
}

static void what_contradicts_holds_people_apart(void **state) {
    (void)state;
    made m;
    open_one(&m);
    /* Father and son: one name, one address, two dates of birth. */
    person(&m, "Jan Botha", HP_F_ADDRESS, "1 Main Road");
    made_set(&m, HP_F_CONTACT_BIRTH_DATE, "1951-03-09");
    person(&m, "Jan Botha", HP_F_ADDRESS, "1 Main Road");
    made_set(&m, HP_F_CONTACT_BIRTH_DATE, "1982-11-24");
    /* A typing error in the date is no contradiction. */
    person(&m, "Sipho Dube", HP_F_ADDRESS, "2 Main Road");
    made_set(&m, HP_F_CONTACT_BIRTH_DATE, "1951-03-09");
    person(&m, "Sipho Dube", HP_F_ADDRESS, "2 Main Road");
    made_set(&m, HP_F_CONTACT_BIRTH_DATE, "1951-03-08");
    /* Identifiers decide against everything else. */
    person(&m, "Lerato Naidoo", HP_F_ADDRESS, "3 Main Road");
    made_set(&m, HP_F_CONTACT_NATIONAL_ID, "1234567");
    made_set(&m, HP_F_POSTAL_CODE, "0001");
    person(&m, "Lerato Naidoo", HP_F_ADDRESS, "3 Main Road");
    made_set(&m, HP_F_CONTACT_NATIONAL_ID, "7654321");
    made_set(&m, HP_F_POSTAL_CODE, "0001");
    hp_clusters *c = resolve(&m);
    assert_int_equal(c->ncluster, 5);
    assert_int_equal(c->cluster[2], c->cluster[3]);
    made_close(&m);
}

static void a_person_is_not_an_organisation_of_the_name(void **state) {
    (void)state;
    made m;
    open_one(&m);
    person(&m, "Jan Botha", HP_F_NONE, NULL);
    made_org(&m, 0, "Jan Botha");
    made_org(&m, 0, "Jan Botha");
    made_contact(&m, NULL, NULL, NULL, "+27821234567");
    hp_clusters *c = resolve(&m);
    assert_int_equal(c->ncluster, 2);
    assert_int_equal(c->cluster[1], c->cluster[2]);
    made_close(&m);
}

/* ---- big blocks ---- */

static void a_switchboard_is_announced(void **state) {
    (void)state;
    made m;
    open_one(&m);
    enum { N = 1100 };
    for (int i = 0; i < N; i++) {
        char name[64];
        snprintf(name, sizeof name, "%c%c%cumbuza %dth Motors", 'a' + i % 26, 'a' + i / 26 % 26,
                 'a' + i / 676, i);
        made_org(&m, 0, name);
        made_contact(&m, NULL, NULL, NULL, "+27115550100");
    }
    made_org(&m, 0, "Kestrel Flight Academy");
    made_contact(&m, NULL, NULL, NULL, "+27115550100");
    made_org(&m, 0, "Kestrel Flght Academy");
    made_contact(&m, NULL, NULL, NULL, "+27115550100");
    hp_clusters *c = resolve(&m);
    assert_int_equal(c->cluster[N], c->cluster[N + 1]);
    bool announced = false;
    for (size_t i = 0; i < m.run.issues.list.n; i++) {
        const hp_issue *f = &m.run.issues.list.p[i];
        if (f->at.sheet != HP_NO_SHEET) continue;
        announced = true;
        assert_string_equal(
            note(&m, i),
            "1102 records share a phone number; of those, each was compared only with the 20 next to it by name");
        assert_int_equal(f->value, HP_NULL);
    }
    assert_true(announced);
    made_close(&m);
}

static void many_rows_of_one_name_are_no_big_block(void **state) {
    (void)state;
    made m;
    open_one(&m);
    for (int i = 0; i < 3000; i++) {
        made_org(&m, 0, i % 2 ? "Kestrel Flight Academy" : "Kestrel Flght Academy");
        made_set(&m, HP_F_WEBSITE, "https://kestrel.example");
        made_set(&m, HP_F_PROVINCE, "Gauteng");
    }
    assert_int_equal(resolve(&m)->ncluster, 1);
    assert_int_equal(near_misses(&m), 0);
    made_close(&m);
}

static void spelling_blocks_are_capped_aloud(void **state) {
    (void)state;
    made m;
    open_one(&m);
    for (int i = 0; i < 250; i++) {
        char name[64];
        snprintf(name, sizeof name, "Kestrel %c%c%c Motors", 'a' + i % 26, 'b' + i / 26, 'z' - i % 26);
        made_org(&m, 0, name);
        made_set(&m, HP_F_PROVINCE, "Gauteng");
    }
    resolve(&m);
    bool announced = false;
    for (size_t i = 0; i < m.run.issues.list.n; i++) {
        if (m.run.issues.list.p[i].at.sheet != HP_NO_SHEET) continue;
        announced = true;
        assert_contains(note(&m, i), "250 records share the first word of this name and its province");
        assert_string_equal(made_text(&m, m.run.issues.list.p[i].value), "kestrel abz motors");
    }
    assert_true(announced);
    made_close(&m);
}

static void nothing_gives_nothing(void **state) {
    (void)state;
    made m;
    made_open(&m);
    hp_clusters *c = resolve(&m);
    assert_int_equal(c->ncluster, 0);
    assert_int_equal(c->nmatch, 0);
    made_close(&m);
}

static void the_same_records_give_the_same_clusters(void **state) {
    (void)state;
    char text[2][60000];
    for (int round = 0; round < 2; round++) {
        made m;
        open_one(&m);
        /* Other values first, so that ids differ while texts do not. */
        for (int i = 0; i < 100 * round; i++) made_value(&m, i % 2 ? "kestrel.example" : "zebra.example");
        for (int i = 0; i < 300; i++) {
            char name[64], site[64];
            snprintf(name, sizeof name, "Kestrel%d Flight %s", i % 40,
                     i % 3   ? "Academy"
                     : i % 2 ? "Acadmy"
                             : "Academi");
            snprintf(site, sizeof site, "https://k%d.example", i % 40);
            made_org(&m, 0, name);
            made_set(&m, HP_F_WEBSITE, site);
        }
        hp_clusters *c = resolve(&m);
        assert_int_equal(c->ncluster, 40);
        size_t n = 0;
        for (size_t i = 0; i < c->nmatch; i++)
            n += (size_t)snprintf(text[round] + n, sizeof text[0] - n, "%u %u %u %.4f %s\n", c->match[i].a,
                                  c->match[i].b, c->match[i].reason, (double)c->match[i].score,
                                  made_text(&m, c->match[i].on));
        made_close(&m);
    }
    assert_string_equal(text[0], text[1]);
}

static void out_of_memory_at_any_point(void **state) {
    (void)state;
    for (uint64_t fail = 1;; fail++) {
        made m;
        open_one(&m);
        for (int i = 0; i < 4; i++) {
            made_org(&m, 0, i % 2 ? "Kestrel Flght Academy" : "Kestrel Flight Academy")->person = i == 3;
            made_set(&m, HP_F_WEBSITE, "https://kestrel.example");
            made_set(&m, HP_F_PROVINCE, "Gauteng");
            made_set(&m, HP_F_ADDRESS, "1 Main Road");
            made_contact(&m, NULL, NULL, "a@kestrel.example", "+27115550100");
        }
        made_org(&m, 0, "Kestrel Flight Charter");
        made_set(&m, HP_F_WEBSITE, "https://kestrel.example");
        made_records(&m);
        hp_clusters *c = NULL;
        hp_mem_fail_at(fail);
        hp_code code = hp_resolve(&m.run, &m.profile, &m.records, &c, &m.err);
        hp_mem_fail_at(0);
        made_close(&m);
        if (code == HP_OK) break;
        assert_int_equal(code, HP_RETRY);
        assert_null(c);
        assert_true(fail < 1000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_name_is_enough),
        cmocka_unit_test(never_on_a_null),
        cmocka_unit_test(domain_needs_a_similar_name),
        cmocka_unit_test(one_letter_too_many_is_similar_enough),
        cmocka_unit_test(the_profile_sets_the_threshold),
        cmocka_unit_test(free_mail_and_shared_hosts_are_no_domain),
        cmocka_unit_test(one_free_mail_address_is_as_good_as_a_domain),
        cmocka_unit_test(phone_needs_a_similar_name),
        cmocka_unit_test(a_name_within_another_counts_only_with_a_domain),
        cmocka_unit_test(one_word_within_is_not_enough),
        cmocka_unit_test(branches_in_different_places_stay_apart),
        cmocka_unit_test(a_head_office_is_no_branch_of_another_city),
        cmocka_unit_test(a_short_name_does_not_join_branches),
        cmocka_unit_test(sister_companies_stay_apart),
        cmocka_unit_test(spelling_alone_is_a_finding),
        cmocka_unit_test(a_merged_pair_is_no_near_miss),
        cmocka_unit_test(links_are_transitive),
        cmocka_unit_test(a_person_s_name_is_not_enough),
        cmocka_unit_test(a_person_s_name_and_one_more_thing),
        cmocka_unit_test(a_similar_name_and_two_things),
        cmocka_unit_test(an_identifier_and_two_things_allow_for_half_a_name),
        cmocka_unit_test(what_contradicts_holds_people_apart),
        cmocka_unit_test(a_person_is_not_an_organisation_of_the_name),
        cmocka_unit_test(a_switchboard_is_announced),
        cmocka_unit_test(many_rows_of_one_name_are_no_big_block),
        cmocka_unit_test(spelling_blocks_are_capped_aloud),
        cmocka_unit_test(nothing_gives_nothing),
        cmocka_unit_test(the_same_records_give_the_same_clusters),
        cmocka_unit_test(out_of_memory_at_any_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
