#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "base/hash.h"
#include "made_merge.h"
#include "merge/merger.h"

static uint32_t open_one(made *m) {
    made_open(m);
    return made_sheet(m, "A.xlsx", "S", "A", 1);
}

static const uint32_t APART[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};

static void rows_are_sorted_by_bytes(void **state) {
    (void)state;
    made m;
    uint32_t s = open_one(&m);
    static const char *const NAME[] = {"zulu",        "\u00C9cole",      "Kestrel Air Two",
                                       "Kestrel Air", "Kestrel Air One", "Zulu"};
    static const char *const SORTED[] = {"Kestrel Air", "Kestrel Air One", "Kestrel Air Two", "Zulu",
                                         "zulu",        "\u00C9cole"};
    for (int i = 0; i < 6; i++) made_org(&m, s, NAME[i]);
    hp_golden *g = made_golden(&m, APART);
    for (size_t i = 0; i < 6; i++) assert_data(i, "organization_name", SORTED[i]);
    assert_data(3, "organization_slug", "zulu");
    assert_data(4, "organization_slug", "zulu-2");
    assert_data(5, "organization_slug", "ecole");
    made_close(&m);
}

static void slugs_are_unique(void **state) {
    (void)state;
    made m;
    uint32_t s = open_one(&m);
    static const char *const NAME[] = {
        "Acme", "Acme", "Acme", "Acme 2", "Acme-3", "\xE8\x88\xAA\xE7\xA9\xBA", "\xE8\x88\xAA\xE7\xA9\xBA"};
    for (int i = 0; i < 7; i++) made_org(&m, s, NAME[i]);
    hp_golden *g = made_golden(&m, APART);
    assert_data(0, "organization_slug", "acme");
    assert_data(0, "source_cells", "A.xlsx!S!2");
    assert_data(1, "organization_slug", "acme-4");
    assert_data(1, "source_cells", "A.xlsx!S!3");
    assert_data(2, "organization_slug", "acme-5");
    assert_data(3, "organization_slug", "acme-2");
    assert_data(4, "organization_slug", "acme-3");
    /* printf '\u822a\u7a7a' | sha256sum */
    assert_data(5, "organization_slug", "org-7f2e47390d54");
    assert_data(6, "organization_slug", "org-7f2e47390d54-2");
    made_close(&m);
}

static uint64_t rows_in(const made *m) {
    uint64_t n = m->org.n + m->attached.n;
    for (size_t i = 0; i < m->contact.n; i++) {
        const hp_contact *c = &m->contact.p[i];
        const hp_org *o = &m->org.p[c->org];
        n += c->at.sheet != o->at.sheet || c->at.row != o->at.row;
    }
    return n;
}

static void organisations_untouched_since_are_quarantined(void **state) {
    (void)state;
    made m;
    uint32_t s = open_one(&m), people = made_sheet(&m, "B.xlsx", "P", "B", 1);
    made_org(&m, s, "Old");
    made_set(&m, HP_F_LAST_INTERACTION_DATE, "2024-12-31");
    made_contact_in(&m, people, "Ada Botha", NULL, NULL, NULL);
    made_attach(&m, people, HP_E_NOTE);
    made_org(&m, s, "Old Too")->person = true;
    made_set(&m, HP_F_LAST_INTERACTION_DATE, "2023-01-01");
    made_org(&m, s, "Touched");
    made_set(&m, HP_F_LAST_INTERACTION_DATE, "2024-12-31");
    made_contact_in(&m, people, "Ben Dube", NULL, NULL, NULL)->last_date = made_value(&m, "2025-01-01");
    made_org(&m, s, "Undated");
    hp_golden *g = made_golden_since(&m, made_clusters(&m, (const uint32_t[]){0, 0, 1, 2}), "2025-01-01");
    assert_int_equal(g->data->nrow, 2);
    assert_data(0, "organization_name", "Touched");
    assert_data(0, "last_interaction_date", "2025-01-01");
    assert_data(1, "organization_name", "Undated");
    assert_data(1, "last_interaction_date", NULL);
    assert_int_equal(g->contacts->nrow, 1);
    assert_int_equal(m.run.quarantine.n, 4);
    static const hp_entity KIND[] = {HP_E_ORGANIZATION, HP_E_CONTACT, HP_E_NOTE, HP_E_PERSON};
    for (size_t i = 0; i < 4; i++) {
        const hp_quarantined *q = &m.run.quarantine.p[i];
        assert_int_equal(q->rule, HP_R_Q_BEFORE_SINCE);
        assert_int_equal(q->kind, KIND[i]);
        assert_string_equal(made_text(&m, q->name), "Old");
        assert_string_equal(made_text(&m, q->note), "2024-12-31");
    }
    assert_int_equal(g->duplicates, 0);
    assert_int_equal(g->attached, 1);
    assert_int_equal(rows_in(&m), g->data->nrow + g->duplicates + g->attached + m.run.quarantine.n);
    made_close(&m);
}

static hp_code note_row(void *ctx, size_t row, hp_origin at, int entity, hp_err *err) {
    (void)err;
    hp_buf_printf(ctx, "%zu:%u:%u:%d ", row, at.sheet, at.row, entity);
    return HP_OK;
}

static void rows_taken_out_leave_with_all_they_were_made_of(void **state) {
    (void)state;
    made m;
    uint32_t s = open_one(&m), people = made_sheet(&m, "B.xlsx", "P", "B", 1);
    made_org(&m, s, "Bittern");
    made_contact_in(&m, people, "Ada Botha", NULL, NULL, NULL);
    made_org(&m, s, "Heron");
    made_contact_in(&m, people, "Ben Dube", NULL, NULL, NULL);
    made_attach(&m, people, HP_E_NOTE);
    made_org(&m, s, "Heron Ltd");
    made_org(&m, s, "Kite");
    const hp_clusters *c = made_clusters(&m, (const uint32_t[]){0, 1, 1, 2});
    hp_golden *g = made_golden_since(&m, c, "");
    const hp_table *before = g->data;
    assert_int_equal(g->data->nrow, 3);
    assert_int_equal(g->duplicates, 1);
    assert_int_equal(g->attached, 3);
    hp_autobuf heard = hp_buf_new(1000);
    const uint8_t out[] = {0, 1, 0};
    assert_ok(hp_golden_take_out(&m.run, made_records(&m), c, g, out, note_row, &heard, &m.err), m.err);
    assert_string_equal(hp_buf_cstr(&heard), "1:0:4:0 1:1:5:1 1:1:6:3 1:0:7:0 ");
    assert_int_equal(g->data->nrow, 2);
    assert_data(0, "organization_name", "Bittern");
    assert_data(1, "organization_name", "Kite");
    assert_int_equal(g->cluster[1], 2);
    assert_int_equal(g->contacts->nrow, 1);
    assert_contact(0, "contact_name", "Ada Botha");
    assert_int_equal(g->duplicates, 0);
    assert_int_equal(g->attached, 1);
    assert_int_equal(before->nrow, 3); /* what was found in it still points there */
    made_close(&m);
}

static void no_row_is_lost(void **state) {
    (void)state;
    made m;
    uint32_t s = open_one(&m), people = made_sheet(&m, "B.xlsx", "P", "B", 1);
    uint32_t of[200];
    for (uint32_t i = 0; i < 200; i++) {
        char name[32];
        snprintf(name, sizeof name, "Org %u", i % 7);
        of[i] = i < 61 ? i : i % 61;
        made_org(&m, s, name);
        made_set(&m, HP_F_LAST_INTERACTION_DATE, i % 61 < 20 ? "2020-01-01" : i % 3 ? "2025-05-05" : NULL);
        /* Two contacts of one row, one of the organisation's own row, one of neither. */
        if (i % 2) {
            made_contact_in(&m, people, "Ada Botha", NULL, "a@k.example", NULL);
            hp_origin at = m.contact.p[m.contact.n - 1].at;
            made_contact(&m, "Ben Dube", NULL, NULL, NULL)->at = at;
        }
        if (i % 3) made_contact(&m, "Cas Nel", NULL, NULL, NULL);
        if (i % 5 == 0) made_attach(&m, people, i % 2 ? HP_E_ADDRESS : HP_E_NOTE);
    }
    uint64_t in = 200 + 100 + 40;
    hp_golden *g = made_golden_since(&m, made_clusters(&m, of), "2025-01-01");
    assert_int_equal(g->data->nrow, 41);
    assert_int_equal(in, g->data->nrow + g->duplicates + g->attached + m.run.quarantine.n);
    uint64_t merged = 0, lines = 0;
    for (size_t i = 0; i < g->data->nrow; i++) {
        int64_t n;
        assert_true(hp_str_i64(hp_text(m.run.pool, made_vid_at(g->data, i, "rows_merged")), &n));
        merged += (uint64_t)n;
        assert_true(hp_str_i64(hp_text(m.run.pool, made_vid_at(g->data, i, "contact_count")), &n));
        lines += (uint64_t)n;
    }
    assert_int_equal(merged, in - m.run.quarantine.n);
    assert_int_equal(lines, g->contacts->nrow);
    made_close(&m);
}

/* ---- provenance ---- */

static json_t *provenance(const made *m, const hp_golden *g, size_t row) {
    const char *text = made_text(m, made_vid_at(g->data, row, "selection_provenance"));
    json_error_t why;
    json_t *j = json_loads(text, JSON_REJECT_DUPLICATES, &why);
    if (!j) fail_msg("%s: %s", why.text, text);
    return j;
}

static const char *text_of(const json_t *j, const char *key) {
    return json_string_value(json_object_get(j, key));
}

static void provenance_of_each_value(void **state) {
    (void)state;
    made m;
    uint32_t s = open_one(&m), other = made_sheet(&m, "B \"two\".xlsx", "Sh\\eet", "B \"two\"", 3);
    made_org(&m, s, "Kestrel Air")->record_id = made_value(&m, "a:1");
    made_set(&m, HP_F_PROVINCE, "Gauteng");
    made_set(&m, HP_F_STATUS, "Active");
    made_set(&m, HP_F_NOTES, "call Ada Botha");
    made_contact(&m, "Ada Botha", "CEO", "ada@k.example", "+27115550100");
    made_org(&m, other, "Kestrel")->record_id = made_value(&m, "b:\"2\"");
    made_set(&m, HP_F_PROVINCE, "Limpopo");
    made_set(&m, HP_F_LAST_INTERACTION_DATE, "2025-01-01");
    made_set(&m, HP_F_NOTES, "moved");
    made_contact(&m, "Ben Dube", "Pilot", "ben@k.example", "+27115550101");
    hp_golden *g = made_golden(&m, NULL);
    json_t *j = provenance(&m, g, 0);

    const json_t *province = json_object_get(j, "province");
    char cell[64], letters[8];
    hp_col_letters(HP_F_PROVINCE, letters);
    snprintf(cell, sizeof cell, "B \"two\".xlsx!Sh\\eet!%s3", letters);
    assert_string_equal(text_of(province, "source_cell"), cell);
    assert_string_equal(text_of(province, "source_dataset"), "B \"two\"");
    assert_string_equal(text_of(province, "source_record_id"), "b:\"2\"");
    assert_string_equal(text_of(province, "last_interaction_date"), "2025-01-01");
    assert_int_equal(json_integer_value(json_object_get(province, "source_priority")), 3);
    assert_int_equal(json_integer_value(json_object_get(province, "quality_score")), 3);
    assert_null(json_object_get(province, "value"));
    const json_t *lost = json_array_get(json_object_get(province, "contributors"), 0);
    assert_int_equal(json_array_size(json_object_get(province, "contributors")), 1);
    assert_string_equal(text_of(lost, "value"), "Gauteng");
    assert_string_equal(text_of(lost, "source_dataset"), "A");
    assert_string_equal(text_of(lost, "source_record_id"), "a:1");
    snprintf(cell, sizeof cell, "A.xlsx!S!%s2", letters);
    assert_string_equal(text_of(lost, "source_cell"), cell);

    const json_t *name = json_object_get(j, "organization_name");
    assert_string_equal(text_of(json_array_get(json_object_get(name, "contributors"), 0), "value"),
                        "Kestrel Air");
    const json_t *status = json_object_get(j, "status");
    assert_string_equal(text_of(status, "source_record_id"), "a:1");
    assert_null(json_object_get(status, "last_interaction_date")); /* only where there was a choice */
    assert_null(json_object_get(status, "source_priority"));
    assert_null(json_object_get(status, "contributors"));
    assert_string_equal(text_of(json_object_get(j, "contact_primary_name"), "source_cell"), "A.xlsx!S!U2");
    assert_string_equal(text_of(json_object_get(j, "contact_primary_email"), "source_cell"), "A.xlsx!S!W2");
    assert_string_equal(text_of(json_object_get(j, "contact_secondary_phones"), "source_cell"),
                        "B \"two\".xlsx!Sh\\eet!X3");
    assert_non_null(json_object_get(j, "last_interaction_date"));
    assert_null(json_object_get(j, "website"));
    assert_null(json_object_get(j, "country"));
    json_decref(j);
    made_close(&m);
}

static void provenance_is_sorted_and_repeats_nothing_personal(void **state) {
    (void)state;
    made m;
    uint32_t s = open_one(&m);
    for (int i = 0; i < 2; i++) {
        made_org(&m, s, i ? "Jan Botha" : "Jan Bothma")->person = true;
        made_set(&m, HP_F_NOTES, i ? "ask Ada at ada@k.example" : "call Ben");
        made_set(&m, HP_F_FAX, i ? "+27115550108" : "+27115550109");
        made_set(&m, HP_F_STATUS, i ? "Active" : "Closed");
        made_contact(&m, i ? "Ada Nel" : "Ben Dube", i ? "CEO" : "Pilot",
                     i ? "ada@k.example" : "ben@k.example", i ? "+27115550100" : "+27115550101");
    }
    hp_golden *g = made_golden(&m, NULL);
    const char *text = made_text(&m, made_vid_at(g->data, 0, "selection_provenance"));
    static const char *const PERSONAL[] = {"Botha", "Bothma", "Ada", "Ben", "@", "+27", "CEO", "Pilot"};
    for (size_t i = 0; i < sizeof PERSONAL / sizeof *PERSONAL; i++)
        if (strstr(text, PERSONAL[i])) fail_msg("%s in %s", PERSONAL[i], text);
    assert_contains(text, "\"value\":");
    json_t *j = provenance(&m, g, 0);
    char *sorted = json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(text, sorted);
    free(sorted);
    json_decref(j);
    made_close(&m);
}

static void provenance_fits_a_cell(void **state) {
    (void)state;
    made m;
    uint32_t s = open_one(&m);
    for (int i = 0; i < 400; i++) {
        char status[64];
        made_org(&m, s, "Kestrel")->record_id = made_value(&m, "a:1");
        snprintf(status, sizeof status, "Status %d", i);
        made_set(&m, HP_F_STATUS, status);
        made_set(&m, HP_F_WEBSITE, "https://k.example");
        made_set(&m, HP_F_AREA, i % 2 ? "Coast" : "Inland");
    }
    hp_golden *g = made_golden(&m, NULL);
    hp_str text = hp_text(m.run.pool, made_vid_at(g->data, 0, "selection_provenance"));
    assert_true(text.n <= 32767 && text.n > 32000);
    json_t *j = provenance(&m, g, 0);
    size_t kept = json_array_size(json_object_get(json_object_get(j, "status"), "contributors"));
    assert_true(kept > 100 && kept < 399);
    assert_int_equal(json_array_size(json_object_get(json_object_get(j, "area"), "contributors")), 1);
    assert_string_equal(text_of(json_object_get(j, "website"), "source_dataset"), "A");
    json_decref(j);
    assert_int_equal(m.run.issues.by_rule[HP_R_CELL_LIMIT], 1);
    made_close(&m);
}

static void provenance_of_monstrous_ids_fits_too(void **state) {
    (void)state;
    made m;
    uint32_t s = open_one(&m);
    char id[9001];
    memset(id, 'x', 9000);
    id[9000] = '\0';
    made_org(&m, s, "Kestrel")->record_id = made_value(&m, id);
    for (hp_field f = HP_F_CATEGORY; f <= HP_F_STATUS; f++) made_set(&m, f, "value");
    made_set(&m, HP_F_WEBSITE, "https://k.example");
    hp_golden *g = made_golden(&m, NULL);
    assert_true(hp_text(m.run.pool, made_vid_at(g->data, 0, "selection_provenance")).n <= 32767);
    json_t *j = provenance(&m, g, 0);
    assert_int_equal(json_object_size(j), 3);
    json_decref(j);
    bool found = false;
    for (size_t i = 0; i < m.run.issues.list.n; i++) {
        if (m.run.issues.list.p[i].rule != HP_R_CELL_LIMIT) continue;
        assert_string_equal(made_text(&m, m.run.issues.list.p[i].note),
                            "kestrel: selection_provenance: 2 left out");
        found = true;
    }
    assert_true(found);
    made_close(&m);
}

static void the_logistic(void **state) {
    (void)state;
    static const double GOLDEN[][2] = {
        {0.35, 0.141851}, {0.75, 0.952574}, {0.85, 0.985226}, {0.885, 0.990243}, {0.92, 0.993568}, {0, 0},
        {1, 1},           {-3, 0},          {7, 1},           {0.5, 0.5}};
    for (size_t i = 0; i < sizeof GOLDEN / sizeof *GOLDEN; i++)
        assert_true(fabs(hp_logistic(GOLDEN[i][0]) - GOLDEN[i][1]) < 5e-7);
    assert_true(hp_logistic(NAN) < 1e-9);
}

static void nothing_gives_empty_tables(void **state) {
    (void)state;
    made m;
    open_one(&m);
    hp_golden *g = made_golden(&m, NULL);
    assert_int_equal(g->data->nrow, 0);
    assert_int_equal(g->data->ncol, HP_D_PRIVACY_BASIS + 12);
    assert_int_equal(g->contacts->nrow, 0);
    made_close(&m);
}

/* ---- the whole ---- */

static void make_mixed(made *m) {
    uint32_t s[3] = {open_one(m), made_sheet(m, "B.xlsx", "T", "B", 2), made_sheet(m, "C.csv", "", "C", 0)};
    for (uint32_t i = 0; i < 60; i++) {
        char text[64];
        snprintf(text, sizeof text, "Org %u", i % 20);
        made_org(m, s[i % 3], text);
        snprintf(text, sizeof text, "c:%u", i);
        m->org.p[m->org.n - 1].record_id = made_value(m, text);
        made_set(m, HP_F_PROVINCE, i % 4 ? "Gauteng" : "Limpopo");
        made_set(m, HP_F_STATUS, i % 5 ? NULL : "Active");
        made_set(m, HP_F_NOTES, i % 2 ? "note" : "other note");
        made_contact_in(m, i % 2 ? HP_NO_SHEET : s[1], i % 3 ? "Ada Botha" : "Ben Dube", "CEO", "a@k.example",
                        i % 2 ? "+27115550100" : NULL);
    }
}

static uint64_t mixed_hash(bool other_values_first) {
    made m;
    memset(&m, 0, sizeof m);
    uint32_t of[60];
    for (uint32_t i = 0; i < 60; i++) of[i] = i % 20;
    make_mixed(&m);
    if (other_values_first) {
        hp_code code = hp_intern(m.run.pool, HP_S("A; B; C"), &(hp_vid){0}, &m.err);
        assert_int_equal(code, HP_OK);
    }
    hp_golden *g = made_golden(&m, of);
    uint64_t h = 0;
    const hp_table *t[] = {g->data, g->contacts};
    for (size_t k = 0; k < 2; k++)
        for (size_t c = 0; c < t[k]->ncol; c++)
            for (size_t r = 0; r < t[k]->nrow; r++)
                h = hp_hash_u64(h + hp_hash(hp_text(m.run.pool, t[k]->col[c].v[r])));
    for (size_t i = 0; i < m.run.issues.list.n; i++)
        h = hp_hash_u64(h + hp_hash(hp_text(m.run.pool, m.run.issues.list.p[i].note)));
    made_close(&m);
    return h;
}

static void the_same_records_give_the_same_bytes(void **state) {
    (void)state;
    uint64_t first = mixed_hash(false);
    assert_true(first == mixed_hash(false));
    assert_true(first == mixed_hash(true));
}

static void out_of_memory_at_any_point(void **state) {
    (void)state;
    for (uint64_t fail = 1;; fail++) {
        made m;
        uint32_t of[60];
        for (uint32_t i = 0; i < 60; i++) of[i] = i % 20;
        make_mixed(&m);
        hp_clusters *c = made_clusters(&m, of);
        made_records(&m);
        hp_golden *g = NULL;
        hp_mem_fail_at(fail);
        hp_code code = hp_merge(&m.run, &m.profile, &m.records, c, (hp_str){0}, &g, &m.err);
        hp_mem_fail_at(0);
        made_close(&m);
        if (code == HP_OK) break;
        assert_int_equal(code, HP_RETRY);
        assert_null(g);
        assert_true(fail < 2000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_sorted_by_bytes),
        cmocka_unit_test(slugs_are_unique),
        cmocka_unit_test(organisations_untouched_since_are_quarantined),
        cmocka_unit_test(rows_taken_out_leave_with_all_they_were_made_of),
        cmocka_unit_test(no_row_is_lost),
        cmocka_unit_test(provenance_of_each_value),
        cmocka_unit_test(provenance_is_sorted_and_repeats_nothing_personal),
        cmocka_unit_test(provenance_fits_a_cell),
        cmocka_unit_test(provenance_of_monstrous_ids_fits_too),
        cmocka_unit_test(the_logistic),
        cmocka_unit_test(nothing_gives_empty_tables),
        cmocka_unit_test(the_same_records_give_the_same_bytes),
        cmocka_unit_test(out_of_memory_at_any_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
