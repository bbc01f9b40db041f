/* The contract of a result holds together: its tables of facts name columns that there are, and all of them.
 */
#include "refine/contract.h"

#include "base/mem.h"
#include "merge/merge.h"
#include "refine/refine.h"
#include "unit.h"
#include "write/contract.h"

static const char PROFILE[] =
    "name: test\ndisplay_name: Test\nsummary: a test\n"
    "refine:\n"
    "  required_fields: [organization_name, website]\n"
    "  expectations:\n"
    "    - {column: contact_email, kind: not_null, severity: fail}\n"
    "    - {column: province, kind: not_null, mostly: 0.6}\n"
    "    - {column: website, kind: matches_regex, regex: '^https?://', mostly: 0.75, severity: fail}\n";

static hp_contract *make(hp_arena *a, const char *profile) {
    hp_profile *p;
    hp_contract *c;
    hp_err err = {0};
    assert_ok(hp_profile_parse(a, hp_str_of(profile), "test.yaml", &p, &err), err);
    assert_ok(hp_refine_contract(a, p, HP_S("1.0.0"), &c, &err), err);
    return c;
}

static const hp_contract_column *column(const hp_contract *c, const char *table, const char *name) {
    const hp_contract_table *t = hp_contract_find(c, hp_str_of(table));
    for (size_t i = 0; t && i < t->ncolumn; i++)
        if (hp_str_eq(t->column[i].name, hp_str_of(name))) return &t->column[i];
    fail_msg("no column %s.%s", table, name);
    return NULL;
}

static const char *const FACTS[][2] = {
#define HP_PROMISE(table, column, unit, flags, values, example) {#table, column},
#include "refine/contract.def"
};

static void every_column_has_its_facts_and_no_other(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    const hp_contract *c = make(a, PROFILE);
    size_t n = 0;
    for (size_t t = 0; t < c->ntable; t++)
        for (size_t i = 0; i < c->table[t].ncolumn; i++, n++) {
            assert_true(c->table[t].column[i].description.n > 0);
            assert_view(c->table[t].column[i].name, FACTS[n][1]);
            assert_true(hp_str_ieq(c->table[t].name, hp_str_of(FACTS[n][0])));
        }
    assert_int_equal(n, sizeof FACTS / sizeof *FACTS);
    size_t data, contacts;
    hp_data_columns(&data);
    hp_contact_columns(&contacts);
    assert_int_equal(c->table[0].ncolumn, data);
    assert_int_equal(c->table[1].ncolumn, contacts);
}

static void facts_and_expectations_are_promises(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    const hp_contract *c = make(a, PROFILE);
    const hp_contract_column *x = column(c, "Data", "organization_slug");
    assert_true(x->required && x->unique && x->key == 1);
    x = column(c, "Data", "data_quality_score");
    assert_int_equal(x->type, HP_L_NUMBER);
    assert_view(x->max.text, "1");
    assert_view(x->unit, "share, 0 to 1");
    assert_int_equal(column(c, "Contacts", "is_primary")->nvalue, 2);
    assert_true(column(c, "Contacts", "contact_emails")->personal);
    assert_view(hp_contract_find(c, HP_S("Contacts"))->reference[0].table, "data");

    /* Under severity fail no result has it missing; a share is a rule. */
    x = column(c, "Data", "contact_primary_email");
    assert_true(x->required);
    assert_int_equal(x->nrule, 2);
    x = column(c, "Data", "province");
    assert_false(x->required);
    assert_true(x->rule[0].metric == HP_M_NULLS && x->rule[0].percent && x->rule[0].high == 40);
    assert_view(x->rule[0].severity, "warning");
    /* The same said twice is one rule, of the graver severity; a required field is one more. */
    x = column(c, "Data", "website");
    assert_int_equal(x->nrule, 2);
    assert_true(x->rule[0].metric == HP_M_INVALID && x->rule[0].high == 25);
    assert_view(x->rule[0].severity, "error");
    assert_true(x->rule[1].metric == HP_M_NULLS && x->rule[1].high == 0);
}

static void both_forms_say_the_same(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_contract *c = make(a, PROFILE), *back[2];
    hp_err err = {0};
    c->ntable--; /* a data package leaves out the last table, a page */
    for (int form = 0; form < 2; form++) {
        hp_autobuf text = hp_buf_new(1 << 22);
        hp_node *doc;
        form ? hp_contract_frictionless(c, &text) : hp_contract_odcs(c, &text);
        assert_ok(form ? hp_json_read(a, hp_buf_str(&text), "c.json", &doc, &err)
                       : hp_yaml_read(a, hp_buf_str(&text), "c.yaml", &doc, &err),
                  err);
        assert_ok(hp_contract_of(a, doc, form ? "c.json" : "c.yaml", &back[form], &err), err);
        hp_change *change;
        size_t n;
        assert_ok(hp_contract_diff(a, c, back[form], &change, &n, &err), err);
        if (n) fail_msg("form %d: %s of %.*s", form, change[0].what, HP_FMT(change[0].column));
    }
    /* What the difference does not look at. */
    for (size_t t = 0; t < c->ntable; t++) {
        assert_int_equal(back[0]->table[t].ncolumn, c->table[t].ncolumn);
        for (size_t i = 0; i < c->table[t].ncolumn; i++) {
            const hp_contract_column *x = &c->table[t].column[i];
            for (int form = 0; form < 2; form++) {
                const hp_contract_column *y = &back[form]->table[t].column[i];
                assert_int_equal(y->nexample, x->nexample);
                if (x->nexample) assert_true(hp_str_eq(x->example[0], y->example[0]));
                assert_int_equal(y->key, x->key);
            }
        }
    }
}

static void an_expectation_of_no_column_is_an_error(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_profile *p;
    hp_contract *c = NULL;
    hp_err err = {0};
    const char *text = "name: x\nrefine:\n  expectations:\n  - {column: fleet, kind: not_null}\n";
    assert_ok(hp_profile_parse(a, hp_str_of(text), "test.yaml", &p, &err), err);
    assert_int_equal(hp_refine_contract(a, p, HP_S("1"), &c, &err), HP_CONFIG);
    assert_null(c);
    assert_contains(err.message, "test.yaml:4: something is expected of the column \"fleet\"");
}

static void out_of_memory_at_any_point(void **state) {
    (void)state;
    for (uint64_t fail = 1;; fail++) {
        hp_arena *a = hp_arena_new(NULL);
        hp_profile *p;
        hp_contract *c = NULL;
        hp_err err = {0};
        assert_ok(hp_profile_parse(a, hp_str_of(PROFILE), "test.yaml", &p, &err), err);
        hp_mem_fail_at(fail);
        hp_code code = hp_refine_contract(a, p, HP_S("1"), &c, &err);
        hp_mem_fail_at(0);
        hp_arena_drop(a);
        if (code == HP_OK) break;
        assert_int_equal(code, HP_RETRY);
        assert_null(c);
        assert_true(fail < 2000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_column_has_its_facts_and_no_other),
        cmocka_unit_test(facts_and_expectations_are_promises),
        cmocka_unit_test(both_forms_say_the_same),
        cmocka_unit_test(an_expectation_of_no_column_is_an_error),
        cmocka_unit_test(out_of_memory_at_any_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
