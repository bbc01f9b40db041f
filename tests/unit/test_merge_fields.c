#include "made_merge.h"

static uint64_t conflicts(const made *m) { return m->run.issues.by_rule[HP_R_VALUE_CONFLICT]; }

static void the_columns(void **state) {
    (void)state;
    static const char *const FIRST[] = {
        "organization_name",
        "organization_slug",
        "province",
        "country",
        "area",
        "address_primary",
        "organization_category",
        "organization_type",
        "status",
        "website",
        "planes",
        "description",
        "notes",
        "source_datasets",
        "source_record_ids",
        "contact_primary_name",
        "contact_primary_role",
        "contact_primary_email",
        "contact_primary_phone",
        "contact_primary_email_confidence",
        "contact_primary_email_status",
        "contact_primary_phone_confidence",
        "contact_primary_phone_status",
        "contact_primary_lead_score",
        "intent_signal_score",
        "intent_signal_count",
        "intent_signal_types",
        "intent_last_observed_at",
        "intent_top_insights",
        "contact_validation_flags",
        "contact_secondary_emails",
        "contact_secondary_phones",
        "contact_email_confidence_avg",
        "contact_phone_confidence_avg",
        "contact_verification_score_avg",
        "contact_lead_score_avg",
        "data_quality_score",
        "data_quality_flags",
        "selection_provenance",
        "last_interaction_date",
        "priority",
        "privacy_basis",
    };
    enum { N = sizeof FIRST / sizeof *FIRST };
    assert_int_equal(N, 42);
    size_t n;
    const hp_output_column *c = hp_data_columns(&n);
    assert_int_equal(n, 53);
    for (size_t i = 0; i < N; i++) assert_string_equal(c[i].name, FIRST[i]);
    made m;
    made_open(&m);
    made_org(&m, made_sheet(&m, "A.xlsx", "S", "A", 1), "Kestrel");
    hp_golden *g = made_golden(&m, NULL);
    assert_int_equal(g->data->ncol, n);
    for (size_t i = 0; i < n; i++) {
        assert_view(g->data->col[i].name, c[i].name);
        assert_int_equal(g->data->col[i].style, c[i].style);
        for (size_t k = 0; k < i; k++) assert_string_not_equal(c[i].name, c[k].name);
        bool number =
            c[i].style == HP_STYLE_INT || c[i].style == HP_STYLE_SCORE || c[i].style == HP_STYLE_QUALITY;
        hp_type type = hp_cell_type(&g->data->col[i], 0);
        assert_true(type == HP_T_NONE || type == (number ? HP_T_NUMBER : HP_T_TEXT));
    }
    c = hp_contact_columns(&n);
    assert_int_equal(g->contacts->ncol, n);
    assert_string_equal(c[0].name, "organization_name");
    made_close(&m);
}

/* Three sources that disagree on everything. */
static void three(made *m) {
    uint32_t low = made_sheet(m, "Low.xlsx", "S", "Low", 1),
             high = made_sheet(m, "High.xlsx", "S", "High", 3);
    made_org(m, low, "Kestrel Air Ltd")->record_id = made_value(m, "low:10");
    made_set(m, HP_F_PROVINCE, "Gauteng");
    made_set(m, HP_F_WEBSITE, "https://low.example");
    made_set(m, HP_F_ADDRESS, "1 Low Road");
    made_set(m, HP_F_STATUS, "Active");
    made_set(m, HP_F_LAST_INTERACTION_DATE, "2025-10-14");
    made_org(m, high, "Kestrel Air")->record_id = made_value(m, "high:2");
    made_set(m, HP_F_PROVINCE, "Limpopo");
    made_set(m, HP_F_LAST_INTERACTION_DATE, "2024-01-01");
    made_org(m, high, "KESTREL AIR")->record_id = made_value(m, "high:10");
    made_set(m, HP_F_PROVINCE, "Mpumalanga");
    made_set(m, HP_F_WEBSITE, "https://high.example");
}

static void priority_then_completeness(void **state) {
    (void)state;
    made m;
    made_open(&m);
    three(&m);
    hp_golden *g = made_golden(&m, NULL);
    assert_int_equal(g->data->nrow, 1);
    assert_data(0, "organization_name", "KESTREL AIR");
    assert_data(0, "province", "Mpumalanga");
    assert_data(0, "website", "https://high.example");
    assert_data(0, "address_primary", "1 Low Road");
    assert_data(0, "status", "Active");
    assert_data(0, "country", "South Africa");
    assert_data(0, "last_interaction_date", "2025-10-14");
    assert_data(0, "source_datasets", "High; Low");
    assert_data(0, "source_record_ids", "high:10; high:2; low:10");
    assert_data(0, "rows_merged", "3");
    assert_data(0, "source_cells", "High.xlsx!S!4; High.xlsx!S!3; Low.xlsx!S!2");
    made_close(&m);
}

static void conflicts_name_the_organisation_and_the_loser(void **state) {
    (void)state;
    made m;
    made_open(&m);
    three(&m);
    hp_golden *g = made_golden(&m, NULL);
    /* Province loses twice, website once; "Kestrel Air Ltd" is another name by its key here, "Kestrel Air"
     * only another spelling. */
    assert_int_equal(conflicts(&m), 4);
    assert_int_equal(g->conflicts, 4);
    bool seen = false;
    for (size_t i = 0; i < m.run.issues.list.n; i++) {
        const hp_issue *f = &m.run.issues.list.p[i];
        if (strcmp(made_text(&m, f->value), "Gauteng") != 0) continue;
        seen = true;
        assert_int_equal(f->rule, HP_R_VALUE_CONFLICT);
        assert_int_equal(f->at.row, 2);
        assert_int_equal(f->at.col, HP_F_PROVINCE);
        char wanted[100], letters[8];
        hp_col_letters(HP_F_PROVINCE, letters);
        snprintf(wanted, sizeof wanted, "kestrel-air: province was taken from High.xlsx!S!%s4", letters);
        assert_string_equal(made_text(&m, f->note), wanted);
    }
    assert_true(seen);
    made_close(&m);
}

static void recency_then_order_break_ties(void **state) {
    (void)state;
    made m;
    made_open(&m);
    uint32_t s = made_sheet(&m, "A.xlsx", "S", "A", 1);
    static const char *const DATE[] = {NULL, "2025-01-01", "2025-03-01", "2025-03-01", "2025-02-01"};
    static const char *const STATUS[] = {"a", "b", "c", "d", "e"};
    for (int i = 0; i < 5; i++) {
        made_org(&m, s, "Kestrel");
        made_set(&m, HP_F_STATUS, STATUS[i]);
        made_set(&m, HP_F_LAST_INTERACTION_DATE, DATE[i]);
    }
    hp_golden *g = made_golden(&m, NULL);
    assert_data(0, "status", "c");
    assert_data(0, "source_cells", "A.xlsx!S!4; A.xlsx!S!5; A.xlsx!S!6; A.xlsx!S!3; A.xlsx!S!2");
    assert_data(0, "last_interaction_date", "2025-03-01");
    made_close(&m);
}

static void completeness_counts_channels(void **state) {
    (void)state;
    made m;
    made_open(&m);
    uint32_t s = made_sheet(&m, "A.xlsx", "S", "A", 1);
    made_org(&m, s, "Kestrel");
    made_set(&m, HP_F_STATUS, "one");
    made_set(&m, HP_F_WEBSITE, "https://a.example");
    made_set(&m, HP_F_CITY, "Durban"); /* does not count */
    made_set(&m, HP_F_AREA, "Coast");
    made_org(&m, s, "Kestrel");
    made_set(&m, HP_F_STATUS, "two");
    made_contact(&m, NULL, NULL, "a@b.example", "+27115550100");
    hp_golden *g = made_golden(&m, NULL);
    assert_data(0, "status", "two");
    made_close(&m);
}

static void same_value_in_another_case_is_no_conflict(void **state) {
    (void)state;
    made m;
    made_open(&m);
    uint32_t s = made_sheet(&m, "A.xlsx", "S", "A", 1);
    static const char *const ADDRESS[] = {"1 Main Road", "1 MAIN ROAD", "1 Main Road", NULL};
    for (int i = 0; i < 4; i++) {
        made_org(&m, s, "Kestrel");
        made_set(&m, HP_F_ADDRESS, ADDRESS[i]);
    }
    hp_golden *g = made_golden(&m, NULL);
    assert_data(0, "address_primary", "1 Main Road");
    assert_int_equal(conflicts(&m), 0);
    made_close(&m);
}

static void two_spellings_of_one_name_are_no_conflict(void **state) {
    (void)state;
    made m;
    made_open(&m);
    uint32_t s = made_sheet(&m, "A.xlsx", "S", "A", 1);
    made_org(&m, s, "Ren\xC3\xA9 Air");
    made_org(&m, s, "Rene Air");
    made_org(&m, s, "Renee Air");
    hp_golden *g = made_golden(&m, NULL);
    assert_data(0, "organization_name", "Ren\xC3\xA9 Air");
    assert_int_equal(conflicts(&m), 1);
    assert_string_equal(made_text(&m, m.run.issues.list.p[0].value), "Renee Air");
    made_close(&m);
}

static void texts_are_joined_once(void **state) {
    (void)state;
    made m;
    made_open(&m);
    uint32_t s = made_sheet(&m, "A.xlsx", "S", "A", 1);
    static const char *const PLANES[] = {"C172; PA28", "pa28;R44", "C172; PA28"};
    static const char *const NOTES[] = {"call again; soon", "moved", "call again; soon"};
    static const char *const FAX[] = {"+27115550101\x1f+27115550102", "+27115550102", NULL};
    for (int i = 0; i < 3; i++) {
        made_org(&m, s, "Kestrel");
        made_set(&m, HP_F_PLANES, PLANES[i]);
        made_set(&m, HP_F_NOTES, NOTES[i]);
        made_set(&m, HP_F_FAX, FAX[i]);
        made_set(&m, HP_F_DESCRIPTION, i == 1 ? "a school" : NULL);
    }
    hp_golden *g = made_golden(&m, NULL);
    assert_data(0, "planes", "C172; PA28; R44");
    assert_data(0, "notes", "call again; soon; moved");
    assert_data(0, "description", "a school");
    assert_data(0, "fax", "+27115550101; +27115550102");
    assert_int_equal(conflicts(&m), 0);
    made_close(&m);
}

static void the_record_s_country_wins(void **state) {
    (void)state;
    made m;
    made_open(&m);
    uint32_t s = made_sheet(&m, "A.xlsx", "S", "A", 1);
    made_org(&m, s, "A");
    made_set(&m, HP_F_COUNTRY, "Namibia");
    made_org(&m, s, "B");
    m.profile.country = HP_S("BW");
    hp_golden *g = made_golden(&m, (const uint32_t[]){0, 1});
    assert_data(0, "country", "Namibia");
    assert_data(1, "country", "Botswana");
    m.profile.country = HP_S("XK");
    g = made_golden(&m, (const uint32_t[]){0, 1});
    assert_data(1, "country", "XK");
    made_close(&m);
}

static void our_own_columns(void **state) {
    (void)state;
    made m;
    made_open(&m);
    uint32_t s = made_sheet(&m, "A.xlsx", "S", "A", 1),
             contacts = made_sheet(&m, "People.csv", "", "People", 1);
    made_org(&m, s, "Kestrel");
    made_set(&m, HP_F_TRADING_AS, "K Air");
    made_set(&m, HP_F_CITY, "Durban");
    made_set(&m, HP_F_POSTAL_CODE, "4001");
    made_contact_in(&m, contacts, "Ada Botha", NULL, "ada@k.example", NULL);
    made_contact_in(&m, contacts, "Ben Dube", NULL, "ben@k.example", NULL);
    made_attach(&m, s, HP_E_NOTE);
    made_attach(&m, contacts, HP_E_ADDRESS);
    hp_golden *g = made_golden(&m, NULL);
    assert_data(0, "trading_as", "K Air");
    assert_data(0, "city", "Durban");
    assert_data(0, "postal_code", "4001");
    assert_data(0, "fax", NULL);
    assert_data(0, "contact_count", "2");
    assert_data(0, "rows_merged", "5");
    assert_data(0, "source_cells", "A.xlsx!S!2; People.csv!3; People.csv!4; A.xlsx!S!5; People.csv!6");
    assert_data(0, "source_datasets", "A; People");
    assert_data(0, "match_reasons", NULL);
    assert_data(0, "match_confidence", NULL);
    assert_data(0, "privacy_basis", "Legitimate Interest");
    assert_int_equal(g->attached, 4);
    assert_int_equal(g->duplicates, 0);
    made_close(&m);
}

static void reasons_of_the_match(void **state) {
    (void)state;
    made m;
    made_open(&m);
    uint32_t s = made_sheet(&m, "A.xlsx", "S", "A", 1);
    for (int i = 0; i < 5; i++) made_org(&m, s, "Kestrel");
    made_org(&m, s, "Zulu");
    hp_clusters *c = made_clusters(&m, (const uint32_t[]){0, 0, 0, 0, 0, 1});
    made_match(&m, c, 0, 1, HP_MATCH_NAME, 1, "kestrel");
    made_match(&m, c, 0, 2, HP_MATCH_DOMAIN, 0.99F, "k.example");
    made_match(&m, c, 0, 3, HP_MATCH_DOMAIN, 0.9671F, "k.example");
    made_match(&m, c, 1, 4, HP_MATCH_PHONE, 0.98F, "+27115550100");
    hp_golden *g = made_golden_since(&m, c, "");
    assert_data(0, "match_reasons",
                "same name; same domain, similar name (0.97); same phone, similar name (0.98)");
    assert_data(0, "match_confidence", "0.9671");
    assert_data(1, "match_reasons", NULL);
    assert_data(1, "match_confidence", NULL);
    assert_int_equal(g->duplicates, 4);
    made_close(&m);
}

static void what_no_cell_can_hold_is_cut_aloud(void **state) {
    (void)state;
    made m;
    made_open(&m);
    uint32_t s = made_sheet(&m, "A workbook with a long name.xlsx", "And a sheet", "A", 1);
    enum { N = 1000 };
    for (int i = 0; i < N; i++) made_org(&m, s, "Kestrel");
    hp_golden *g = made_golden(&m, NULL);
    hp_str cells = hp_text(m.run.pool, made_vid_at(g->data, 0, "source_cells"));
    assert_true(cells.n <= 32767 && cells.n > 32000);
    size_t listed = 0;
    for (size_t at = 0; (at = hp_str_find(cells, HP_S(".xlsx!"), at)) != SIZE_MAX; at++) listed++;
    char wanted[40];
    snprintf(wanted, sizeof wanted, "; \xE2\x80\xA6 and %zu more", N - listed);
    assert_true(hp_str_ends(cells, hp_str_of(wanted)));
    assert_int_equal(m.run.issues.by_rule[HP_R_CELL_LIMIT], 1);
    snprintf(wanted, sizeof wanted, "kestrel: source_cells: %zu left out", N - listed);
    assert_string_equal(made_text(&m, m.run.issues.list.p[0].note), wanted);
    assert_data(0, "rows_merged", "1000");
    made_close(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_columns),
        cmocka_unit_test(priority_then_completeness),
        cmocka_unit_test(conflicts_name_the_organisation_and_the_loser),
        cmocka_unit_test(recency_then_order_break_ties),
        cmocka_unit_test(completeness_counts_channels),
        cmocka_unit_test(same_value_in_another_case_is_no_conflict),
        cmocka_unit_test(two_spellings_of_one_name_are_no_conflict),
        cmocka_unit_test(texts_are_joined_once),
        cmocka_unit_test(the_record_s_country_wins),
        cmocka_unit_test(our_own_columns),
        cmocka_unit_test(reasons_of_the_match),
        cmocka_unit_test(what_no_cell_can_hold_is_cut_aloud),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
