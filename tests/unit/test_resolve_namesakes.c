/* Records of one name: when they are one organisation, and when the evidence is against it. */
#include "made_clusters.h"

/* Holds what a record has beside its name; NULL: nothing. */
typedef struct row {
    const char *city, *province, *email, *phone, *site;
    const char *person, *address;
    const char *name; /* NULL: "Protea Motors" */
} row;

static void add_row(made *m, const row *r) {
    made_org(m, 0, r->name ? r->name : "Protea Motors");
    made_set(m, HP_F_CITY, r->city);
    made_set(m, HP_F_PROVINCE, r->province);
    made_set(m, HP_F_WEBSITE, r->site);
    made_set(m, HP_F_ADDRESS, r->address);
    if (r->email || r->phone || r->person) made_contact(m, r->person, NULL, r->email, r->phone);
}

/* Resolves the rows and writes the cluster of each: "0 1 0". */
static const char *cluster(made *m, const row *r, size_t n) {
    static char text[256];
    open_one(m);
    for (size_t i = 0; i < n; i++) add_row(m, &r[i]);
    hp_clusters *c = resolve(m);
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < n; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, i ? " %u" : "%u", c->cluster[i]);
    for (size_t i = 0; i < c->nmatch && !r[0].name; i++) {
        assert_int_equal(c->match[i].reason, HP_MATCH_NAME);
        assert_string_equal(made_text(m, c->match[i].on), "protea motors");
    }
    return text;
}

#define ASSERT_CLUSTERS(want, ...)                                                       \
    do {                                                                                 \
        const row rows_[] = {__VA_ARGS__};                                               \
        made made_;                                                                      \
        assert_string_equal(cluster(&made_, rows_, sizeof rows_ / sizeof *rows_), want); \
        made_close(&made_);                                                              \
    } while (0)

/* Two firms of one name, and nothing in common. */
#define DURBAN \
    { .city = "Durban", .province = "KwaZulu-Natal", .email = "a@durban.example", .phone = "+27315550100" }
#define JOBURG \
    { .city = "Johannesburg", .province = "Gauteng", .email = "b@joburg.example", .phone = "+27115550100" }

static void other_places_and_nothing_shared_are_two(void **state) {
    (void)state;
    ASSERT_CLUSTERS("0 1", DURBAN, JOBURG);
    /* One kind of identifier on each side is enough, be it not the same kind. */
    ASSERT_CLUSTERS("0 1", {.city = "Durban", .phone = "+27315550100"},
                    {.city = "Soweto", .email = "b@b.example"});
    /* That is no doubtful case, so nobody is asked. */
    made m;
    const row rows[] = {DURBAN, JOBURG};
    cluster(&m, rows, 2);
    assert_int_equal(near_misses(&m), 0);
    made_close(&m);
}

static void what_is_shared_outweighs_the_place(void **state) {
    (void)state;
    ASSERT_CLUSTERS("0 0", DURBAN,
                    {.city = "Johannesburg", .email = "b@joburg.example", .phone = "+27315550100"});
    ASSERT_CLUSTERS(
        "0 0", {.city = "Durban", .email = "protea.invented.demo@gmail.com", .phone = "+27315550100"},
        {.city = "Johannesburg", .email = "protea.invented.demo@gmail.com", .phone = "+27115550100"});
    ASSERT_CLUSTERS("0 0", DURBAN, {.city = "Johannesburg", .site = "https://www.durban.example/kontak"});
}

static void free_mail_and_shared_hosts_have_no_owner(void **state) {
    (void)state;
    ASSERT_CLUSTERS(
        "0 1", {.city = "Durban", .email = "a.invented.demo@gmail.com", .site = "https://facebook.com/a"},
        {.city = "Soweto", .email = "b.invented.demo@gmail.com", .site = "https://facebook.com/b"});
    /* A page on a shared host is no identifier at all. */
    ASSERT_CLUSTERS("0 0", {.city = "Durban", .site = "https://facebook.com/a"},
                    {.city = "Soweto", .email = "b.invented.demo@gmail.com"});
}

static void without_identifiers_they_are_one(void **state) {
    (void)state;
    ASSERT_CLUSTERS("0 0", {.city = "Durban"}, JOBURG);
    ASSERT_CLUSTERS("0 0", {.city = "Durban"}, {.city = "Soweto"});
    /* A person or a street proves nothing against it. */
    ASSERT_CLUSTERS("0 0", {.city = "Durban", .person = "Ada Botha", .address = "1 Main Road"}, JOBURG);
}

static void an_unknown_place_joins_the_only_set(void **state) {
    (void)state;
    ASSERT_CLUSTERS("0 0", DURBAN, {.email = "b@joburg.example", .phone = "+27115550100"});
    ASSERT_CLUSTERS("0 0 0", {.phone = "+27825550100"}, DURBAN, {.email = "b@joburg.example"});
    /* Nor are there places to differ in when all are unknown. */
    ASSERT_CLUSTERS("0 0", {.phone = "+27315550100"}, {.phone = "+27115550100"});
}

static void an_unknown_place_joins_none_of_two_sets(void **state) {
    (void)state;
    made m;
    const row rows[] = {DURBAN, JOBURG, {.phone = "+27825550100"}};
    assert_string_equal(cluster(&m, rows, 3), "0 1 2");
    assert_int_equal(near_misses(&m), 1);
    assert_int_equal(m.run.issues.list.p[0].at.row, 4);
    assert_string_equal(note(&m, 0),
                        "several organisations bear this name and nothing tells which, names 100 % "
                        "alike: A.xlsx!S!A2 (Protea Motors)");
    made_close(&m);
    /* The same, if it comes first: the finding stands at the record that is in doubt. */
    const row first[] = {{.phone = "+27825550100"}, DURBAN, JOBURG};
    assert_string_equal(cluster(&m, first, 3), "0 1 2");
    assert_int_equal(near_misses(&m), 1);
    assert_int_equal(m.run.issues.list.p[0].at.row, 2);
    assert_contains(note(&m, 0), "A.xlsx!S!A3");
    made_close(&m);
}

static void of_two_sets_it_joins_the_one_it_shares_with(void **state) {
    (void)state;
    ASSERT_CLUSTERS("0 1 1", DURBAN, JOBURG, {.phone = "+27115550100"});
    ASSERT_CLUSTERS("0 1 1", DURBAN, JOBURG, {.site = "https://joburg.example"});
    ASSERT_CLUSTERS("0 1 1", DURBAN, JOBURG, {.city = "Johannesburg"});
    ASSERT_CLUSTERS("0 1 1", DURBAN, JOBURG, {.province = "Gauteng", .phone = "+27825550100"});
}

static void a_chain_of_identifiers_is_one(void **state) {
    (void)state;
    ASSERT_CLUSTERS(
        "0 0 0", DURBAN, {.phone = "+27315550100", .email = "protea.invented.demo@gmail.com"},
        {.city = "Johannesburg", .phone = "+27115550100", .email = "protea.invented.demo@gmail.com"});
    /* But what has the phone of one and the domain of another does not tie two cities with phones of their
     * own. */
    ASSERT_CLUSTERS("0 0 1", DURBAN, {.phone = "+27315550100", .email = "b@joburg.example"}, JOBURG);
    /* Nor does a record without identifiers, in any place. */
    ASSERT_CLUSTERS("0 1 2", DURBAN, JOBURG, {.province = "Free State"});
}

static void the_province_counts_where_no_city_is_known(void **state) {
    (void)state;
    ASSERT_CLUSTERS("0 1", {.province = "Gauteng", .phone = "+27115550100"},
                    {.province = "Limpopo", .phone = "+27155550100"});
    ASSERT_CLUSTERS("0 0", {.province = "Gauteng", .phone = "+27115550100", .email = "a@a.example"},
                    {.province = "Gauteng", .phone = "+27115550199", .email = "b@b.example"});
    ASSERT_CLUSTERS("0 0", JOBURG, {.province = "Gauteng", .phone = "+27115550199", .email = "b@b.example"});
    ASSERT_CLUSTERS("0 1", JOBURG, {.province = "Limpopo", .phone = "+27155550100"});
    /* A city and a province cannot be compared. */
    ASSERT_CLUSTERS("0 0", {.city = "Durban", .phone = "+27315550100"},
                    {.province = "Gauteng", .phone = "+27115550100"});
    /* Two cities of one province: which of them it is, nobody can say. */
    ASSERT_CLUSTERS("0 1 2", JOBURG, {.city = "Pretoria", .province = "Gauteng", .phone = "+27125550100"},
                    {.province = "Gauteng", .phone = "+27825550100"});
}

static void places_are_compared_folded(void **state) {
    (void)state;
    ASSERT_CLUSTERS("0 0", {.city = "Port-Élizabeth", .phone = "+27415550100"},
                    {.city = "PORT ELIZABETH", .phone = "+27415550199"});
    ASSERT_CLUSTERS("0 0", {.province = "KwaZulu-Natal", .phone = "+27315550100"},
                    {.province = "Kwazulu Natal", .phone = "+27315550199"});
}

static void in_one_city_domain_and_phone_must_differ(void **state) {
    (void)state;
    made m;
    const row rows[] = {DURBAN, {.city = "Durban", .email = "c@other.example", .phone = "+27315550199"}};
    assert_string_equal(cluster(&m, rows, 2), "0 1");
    assert_int_equal(near_misses(&m), 1);
    assert_contains(note(&m, 0), "the same place, but other phones and domains");
    made_close(&m);
    ASSERT_CLUSTERS("0 0", DURBAN, {.city = "Durban", .phone = "+27315550199"});
    ASSERT_CLUSTERS("0 0", DURBAN, {.city = "Durban", .email = "c@other.example"});
    ASSERT_CLUSTERS("0 0", DURBAN, {.city = "Durban", .email = "c@durban.example", .phone = "+27315550199"});
    ASSERT_CLUSTERS("0 0", DURBAN,
                    {.city = "Durban", .email = "c.invented.demo@gmail.com", .phone = "+27315550199"});
    /* Which of two in a city it is cannot be said either. */
    ASSERT_CLUSTERS("0 1 2", rows[0], rows[1], {.city = "Durban"});
}

static void a_person_or_a_street_ties_within_a_place(void **state) {
    (void)state;
    const row ada = {
        .city = "Durban", .email = "a@a.example", .phone = "+27315550100", .person = "Ada Botha"};
    row other = {.city = "Durban", .email = "b@b.example", .phone = "+27315550199", .person = "Ada Botha"};
    ASSERT_CLUSTERS("0 0", ada, other);
    other.city = "Johannesburg";
    ASSERT_CLUSTERS("0 1", ada, other);
    row street = {
        .city = "Durban", .email = "a@a.example", .phone = "+27315550100", .address = "1 Main Road"};
    other =
        (row){.city = "Durban", .email = "b@b.example", .phone = "+27315550199", .address = "1 Main Road"};
    ASSERT_CLUSTERS("0 0", street, other);
    other.city = "Johannesburg";
    ASSERT_CLUSTERS("0 1", street, other);
}

static void one_domain_in_two_cities_with_other_phones_is_two(void **state) {
    (void)state;
    made m;
    const row rows[] = {DURBAN,
                        {.city = "Umhlanga",
                         .province = "KwaZulu-Natal",
                         .email = "b@durban.example",
                         .phone = "+27315550199"}};
    assert_string_equal(cluster(&m, rows, 2), "0 1");
    assert_int_equal(near_misses(&m), 1);
    assert_contains(note(&m, 0), "the same domain durban.example");
    made_close(&m);
    /* A branch that is not known to have a phone of its own is the same, and so is one whose city is not
     * known. */
    ASSERT_CLUSTERS("0 0", DURBAN, {.city = "Umhlanga", .email = "b@durban.example"});
    ASSERT_CLUSTERS("0 0", DURBAN, {.email = "b@durban.example", .phone = "+27315550199"});
    ASSERT_CLUSTERS("0 0", {.province = "Gauteng", .email = "a@kestrel.example", .phone = "+27115550100"},
                    {.province = "Limpopo", .email = "b@kestrel.example", .phone = "+27155550100"});
    /* Of several branches, it is the one in its city or province. */
    ASSERT_CLUSTERS(
        "0 1 1", DURBAN,
        {.city = "Polokwane", .province = "Limpopo", .email = "b@durban.example", .phone = "+27155550100"},
        {.province = "Limpopo", .email = "c@durban.example"});
    ASSERT_CLUSTERS(
        "0 1 2 1", DURBAN,
        {.city = "Polokwane", .province = "Limpopo", .email = "b@durban.example", .phone = "+27155550100"},
        {.city = "Tzaneen", .province = "Limpopo", .phone = "+27155550199"},
        {.province = "Limpopo", .email = "c@durban.example"});
    ASSERT_CLUSTERS("0 1 2", rows[0], rows[1], {.email = "c@durban.example"});
}

static void a_spelling_does_not_tie_namesakes(void **state) {
    (void)state;
    /* The misspelt record shares its domain with both, and is in Durban. */
    const row durban = {
        .name = "Protea Motors", .city = "Durban", .email = "a@protea.example", .phone = "+27315550100"};
    const row joburg = {.name = "Protea Motors",
                        .city = "Johannesburg",
                        .email = "b@protea.example",
                        .phone = "+27115550100"};
    ASSERT_CLUSTERS("0 1 0", durban, joburg,
                    {.name = "Protea Mtoors", .city = "Durban", .email = "a@protea.example"});
    ASSERT_CLUSTERS("0 1 2", durban, joburg, {.name = "Protea Mtoors", .email = "a@protea.example"});
    ASSERT_CLUSTERS("0 1 1", durban, joburg,
                    {.name = "Protea Mtoors", .email = "a@protea.example", .phone = "+27115550100"});
    ASSERT_CLUSTERS("0 1 1", durban, joburg,
                    {.name = "Protea Mtoors", .city = "Johannesburg", .email = "a@protea.example"});
    ASSERT_CLUSTERS("0 1 1", {.name = "Protea Motors", .province = "Limpopo", .phone = "+27155550100"},
                    {.name = "Protea Motors", .province = "Gauteng", .email = "b@protea.example"},
                    {.name = "Protea Mtoors", .province = "Gauteng", .email = "a@protea.example"});
    ASSERT_CLUSTERS(
        "0 1 1", {.name = "Protea Motors", .city = "Durban", .phone = "+27315550100"},
        {.name = "Protea Motors", .city = "Johannesburg", .email = "protea.invented.demo@gmail.com"},
        {.name = "Protea Mtoors", .email = "protea.invented.demo@gmail.com"});
    /* Nor does a longer name. */
    ASSERT_CLUSTERS("0 1 2", durban, joburg,
                    {.name = "Protea Motors Sales", .site = "https://protea.example"});
    /* Without namesakes, other cities and other phones keep a spelling apart too. */
    ASSERT_CLUSTERS("0 1", durban,
                    {.name = "Protea Mtoors",
                     .city = "Johannesburg",
                     .email = "b@protea.example",
                     .phone = "+27115550100"});
    ASSERT_CLUSTERS("0 0", durban,
                    {.name = "Protea Mtoors", .city = "Johannesburg", .email = "b@protea.example"});
    ASSERT_CLUSTERS("0 0", {.name = "Protea Motors", .city = "Durban", .email = "a@protea.example"},
                    {.name = "Protea Mtoors",
                     .city = "Johannesburg",
                     .email = "b@protea.example",
                     .phone = "+27115550100"});
}

static void namesakes_in_one_province_are_no_near_spelling(void **state) {
    (void)state;
    made m;
    const row rows[] = {JOBURG, {.city = "Pretoria", .province = "Gauteng", .phone = "+27125550100"}};
    assert_string_equal(cluster(&m, rows, 2), "0 1");
    assert_int_equal(near_misses(&m), 0);
    made_close(&m);
}

/* Ids of values must not matter, nor the order of records to who is with whom. */
static void values_and_order_do_not_matter(void **state) {
    (void)state;
    const row rows[] = {DURBAN,
                        JOBURG,
                        {.phone = "+27115550100", .email = "c@c.example"},
                        {.site = "c.example"},
                        {.city = "Durban"},
                        {.province = "Gauteng"}};
    enum { N = sizeof rows / sizeof *rows };
    for (size_t turn = 0; turn < N; turn++) {
        made m;
        open_one(&m);
        for (size_t i = 0; i < N; i++) {
            const row *late = &rows[(i * turn) % N];
            made_value(&m, late->phone);
            made_value(&m, late->email);
        }
        for (size_t i = 0; i < N; i++) add_row(&m, &rows[(i + turn) % N]);
        hp_clusters *c = resolve(&m);
        assert_int_equal(c->ncluster, 2);
        for (size_t i = 0; i < N; i++) {
            static const bool IN_DURBAN[N] = {true, false, false, false, true, false};
            size_t durban = (N - turn) % N; /* where the first row is */
            assert_int_equal(c->cluster[i] == c->cluster[durban], IN_DURBAN[(i + turn) % N]);
        }
        made_close(&m);
    }
}

static void many_namesakes_are_settled_each_in_its_city(void **state) {
    (void)state;
    made m;
    open_one(&m);
    enum { CITIES = 300, EACH = 10 };
    for (int i = 0; i < CITIES * EACH; i++) {
        char city[32], phone[32];
        snprintf(city, sizeof city, "Town %d", i % CITIES);
        snprintf(phone, sizeof phone, "+2782%07d", i);
        add_row(&m, &(row){.city = city, .phone = phone});
    }
    hp_clusters *c = resolve(&m);
    assert_int_equal(c->ncluster, CITIES);
    for (int i = 0; i < CITIES * EACH; i++) assert_int_equal(c->cluster[i], i % CITIES);
    made_close(&m);
}

static void out_of_memory_at_any_point(void **state) {
    (void)state;
    const row rows[] = {
        DURBAN, JOBURG, {.city = "Durban", .site = "https://durban.example"}, {.phone = "+27825550100"}};
    for (uint64_t fail = 1;; fail++) {
        made m;
        open_one(&m);
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) add_row(&m, &rows[i]);
        made_records(&m);
        hp_clusters *c = NULL;
        hp_mem_fail_at(fail);
        hp_code code = hp_resolve(&m.run, &m.profile, &m.records, &c, &m.err);
        hp_mem_fail_at(0);
        if (code == HP_OK) assert_int_equal(c->ncluster, 3);
        made_close(&m);
        if (code == HP_OK) break;
        assert_int_equal(code, HP_RETRY);
        assert_null(c);
        assert_true(fail < 1000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_places_and_nothing_shared_are_two),
        cmocka_unit_test(what_is_shared_outweighs_the_place),
        cmocka_unit_test(free_mail_and_shared_hosts_have_no_owner),
        cmocka_unit_test(without_identifiers_they_are_one),
        cmocka_unit_test(an_unknown_place_joins_the_only_set),
        cmocka_unit_test(an_unknown_place_joins_none_of_two_sets),
        cmocka_unit_test(of_two_sets_it_joins_the_one_it_shares_with),
        cmocka_unit_test(a_chain_of_identifiers_is_one),
        cmocka_unit_test(the_province_counts_where_no_city_is_known),
        cmocka_unit_test(places_are_compared_folded),
        cmocka_unit_test(in_one_city_domain_and_phone_must_differ),
        cmocka_unit_test(a_person_or_a_street_ties_within_a_place),
        cmocka_unit_test(one_domain_in_two_cities_with_other_phones_is_two),
        cmocka_unit_test(a_spelling_does_not_tie_namesakes),
        cmocka_unit_test(namesakes_in_one_province_are_no_near_spelling),
        cmocka_unit_test(values_and_order_do_not_matter),
        cmocka_unit_test(many_namesakes_are_settled_each_in_its_city),
        cmocka_unit_test(out_of_memory_at_any_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
