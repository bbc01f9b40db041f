/* Contracts of both forms: what is read, where mistakes are, and what becomes a suite. */
#include <math.h>

#include "base/mem.h"
#include "profile/contract.h"
#include "profile/suite_make.h"
#include "unit.h"

static const char ODCS[] =
    "apiVersion: v3.1.0\n"
    "kind: DataContract\n"
    "id: birds\n"
    "version: 1.2.0\n"
    "status: active\n"
    "description: {purpose: ringed birds}\n"
    "schema:\n"
    "  - name: birds\n"
    "    physicalName: Birds\n"
    "    quality:\n"
    "      - {metric: rowCount, mustBeBetween: [1, 100]}\n"
    "      - {metric: duplicateValues, mustBe: 0, arguments: {properties: [ring, place]}}\n"
    "      - {type: sql, query: SELECT 1, mustBe: 1}\n"
    "    properties:\n"
    "      - name: ring\n"
    "        logicalType: string\n"
    "        primaryKey: true\n"
    "        logicalTypeOptions: {pattern: '^[A-Z]{2}\\d+$', minLength: 3, maxLength: 9}\n"
    "      - name: weight\n"
    "        logicalType: number\n"
    "        required: true\n"
    "        logicalTypeOptions: {exclusiveMinimum: 0, maximum: 12.5}\n"
    "        customProperties: [{property: unit, value: kg}, {property: personal, value: true}]\n"
    "      - name: sex\n"
    "        quality:\n"
    "          - metric: invalidValues\n"
    "            arguments: {validValues: [f, m]}\n"
    "            mustBe: 0\n"
    "      - name: ringed\n"
    "        logicalType: date\n"
    "        logicalTypeOptions: {minimum: '2020-01-01', format: dd/MM/yyyy}\n"
    "      - name: place\n"
    "        relationships: [{to: places.code}]\n"
    "        quality:\n"
    "          - {metric: nullValues, mustBeLessThan: 10, unit: percent, severity: warning}\n"
    "          - {metric: missingValues, arguments: {missingValues: [null, '', N/A]}, mustBeLessOrEqualTo: 3}\n"
    "      - name: count\n"
    "        logicalType: integer\n"
    "        enum: [{value: 1}, {value: 2, label: two}]\n";

static const char FRICTIONLESS[] =
    "{\"name\":\"birds\",\"resources\":[{\"name\":\"birds\",\"path\":\"birds.csv\",\n"
    "\"dialect\":{\"excel\":{\"sheet\":\"Birds\"}},\n"
    "\"schema\":{\"missingValues\":[\"\",\"-\"],\"primaryKey\":\"ring\",\"uniqueKeys\":[[\"ring\",\"place\"]],\n"
    "\"foreignKeys\":[{\"fields\":\"mate\",\"reference\":{\"resource\":\"\",\"fields\":\"ring\"}}],\n"
    "\"fields\":[{\"name\":\"ring\",\"type\":\"string\",\"constraints\":{\"pattern\":\"[A-Z]{2}\\\\d+\"}},\n"
    "{\"name\":\"mate\"},{\"name\":\"place\",\"constraints\":{\"unique\":true,\"enum\":[\"Kruger\",\"Addo\"]}},\n"
    "{\"name\":\"since\",\"type\":\"year\",\"constraints\":{\"minimum\":1990,\"required\":true}},\n"
    "{\"name\":\"wild\",\"type\":\"boolean\"},{\"name\":\"range\",\"type\":\"geopoint\"},\n"
    "{\"name\":\"mail\",\"type\":\"string\",\"format\":\"email\"}]}}]}";

static hp_code parse(hp_arena *a, const char *text, const char *path, hp_contract **out, hp_err *err) {
    hp_node *doc;
    bool json = hp_str_ends(hp_str_of(path), HP_S(".json"));
    HP_TRY(json ? hp_json_read(a, hp_str_of(text), path, &doc, err)
                : hp_yaml_read(a, hp_str_of(text), path, &doc, err));
    return hp_contract_of(a, doc, path, out, err);
}

static hp_contract *load(hp_arena *a, const char *text, const char *path) {
    hp_contract *c = NULL;
    hp_err err = {0};
    assert_ok(parse(a, text, path, &c, &err), err);
    return c;
}

static void odcs_is_read(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    const hp_contract *c = load(a, ODCS, "birds.yaml");
    assert_int_equal(c->form, HP_CONTRACT_ODCS);
    assert_view(c->version, "1.2.0");
    assert_view(c->description, "ringed birds");
    const hp_contract_table *t = hp_contract_find(c, HP_S("BIRDS"));
    assert_non_null(t);
    assert_int_equal(t->ncolumn, 6);
    assert_int_equal(t->nrule, 3);
    assert_true(t->rule[0].low == 1 && t->rule[0].high == 100 && t->rule[0].metric == HP_M_ROWS);
    assert_int_equal(t->rule[2].metric, HP_M_OTHER);
    assert_view(t->rule[2].kind, "sql");

    const hp_contract_column *x = t->column;
    assert_int_equal(x[0].key, 1);
    assert_int_equal(x[0].max_length, 9);
    assert_false(x[0].whole);
    assert_true(x[1].required && x[1].personal && x[1].min.exclusive && !x[1].max.exclusive);
    assert_view(x[1].unit, "kg");
    assert_view(x[1].max.text, "12.5");
    assert_int_equal(x[2].nvalue, 2); /* no other value at all is an enumeration */
    assert_int_equal(x[2].nrule, 0);
    assert_int_equal(x[2].type, HP_L_ANY);
    assert_true(x[4].rule[0].percent && x[4].rule[0].high_open && x[4].rule[0].high == 10);
    assert_true(x[4].rule[1].null_missing);
    assert_int_equal(x[4].rule[1].nvalue, 2);
    assert_int_equal(t->nreference, 1);
    assert_view(t->reference[0].table, "places");
    assert_view(t->reference[0].to[0], "code");
    assert_view(x[5].value[1], "2");
}

static void frictionless_is_read(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    const hp_contract *c = load(a, FRICTIONLESS, "birds.json");
    assert_int_equal(c->form, HP_CONTRACT_FRICTIONLESS);
    const hp_contract_table *t = &c->table[0];
    assert_view(t->physical, "Birds");
    assert_int_equal(t->nmissing, 2);
    assert_int_equal(t->nunique, 1);
    assert_int_equal(t->column[0].key, 1);
    assert_true(t->column[0].whole);
    assert_int_equal(t->column[1].type, HP_L_STRING);
    assert_int_equal(t->column[3].type, HP_L_YEAR);
    assert_view(t->reference[0].table, "");
    assert_int_equal(t->column[5].type, HP_L_OTHER);

    c = load(a, "{\"fields\":[{\"name\":\"x\",\"type\":\"any\"}]}", "dir/one.schema.json");
    assert_view(c->table[0].name, "one");
    assert_int_equal(c->table[0].column[0].type, HP_L_ANY);
}

static void mistakes_have_a_place(void **state) {
    (void)state;
    static const struct {
        const char *path, *text, *message;
    } CASE[] = {
        {"c.yaml", "[]", "c.yaml: holds no contract"},
        {"c.yaml", "a: 1", "is no contract: neither ODCS"},
        {"c.yaml", "kind: Pod\napiVersion: v1\n", "\"kind\" is to be DataContract, not \"Pod\""},
        {"c.yaml", "kind: DataContract\napiVersion: v2.2.0\n", "\"apiVersion\" is \"v2.2.0\""},
        {"c.yaml", "kind: DataContract\napiVersion: v3.1.0\n", "has no \"schema\""},
        {"c.yaml", "kind: DataContract\napiVersion: v3.1.0\nschema: [{name: t, properties: [{}]}]\n",
         "c.yaml:3:33: a property has no \"name\""},
        {"c.yaml",
         "kind: DataContract\napiVersion: v3.1.0\nschema:\n- name: t\n  properties: [{name: a, required: perhaps}]\n",
         "c.yaml:5:36: \"required\" is to be true or false"},
        {"c.yaml",
         "kind: DataContract\napiVersion: v3.1.0\nschema: [{name: t, properties: [{name: a}, {name: a}]}]\n",
         "c.yaml:3: \"t\" has two columns \"a\""},
        {"c.yaml", "kind: DataContract\napiVersion: v3.1.0\nschema: [{name: t}, {name: t}]\n",
         "the name \"t\" stands for two tables"},
        {"c.yaml",
         "kind: DataContract\napiVersion: v3.1.0\nschema:\n- name: t\n  quality: [{metric: rowCount, mustBe: many}]\n",
         "c.yaml:5:40: \"mustBe\" is to be a number"},
        {"c.yaml",
         "kind: DataContract\napiVersion: v3.1.0\nschema:\n- name: t\n  quality: [{metric: rowCount, mustBeBetween: [9, 1]}]\n",
         "the smaller number comes first"},
        {"c.yaml",
         "kind: DataContract\napiVersion: v3.1.0\nschema:\n- name: t\n  properties: [{name: a, relationships: [{to: b}]}]\n",
         "\"to\" names a column as table.column"},
        {"c.json", "{\"resources\":[]}", "has no \"resources\""},
        {"c.json", "{\"resources\":[{\"name\":\"x\"}]}", "the resource \"x\" has no \"schema\""},
        {"c.json", "{\"resources\":[{\"name\":\"x\",\"schema\":\"../x.json\"}]}",
         "in the folder of the package"},
        {"c.json", "{\"resources\":[{\"name\":\"x\",\"schema\":\"https://x.test/x.json\"}]}",
         "in the folder of the package"},
        {"c.json", "{\"fields\":[{\"name\":\"a\"}],\"primaryKey\":[\"b\"]}",
         "names \"b\", which is no field"},
        {"c.json", "{\"fields\":[{\"name\":\"a\",\"constraints\":{\"minLength\":-1}}]}",
         "\"minLength\" is to be a whole number from 0 on"},
    };
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++) {
        hp_autoarena *a = hp_arena_new(NULL);
        hp_contract *c = NULL;
        hp_err err = {0};
        if (parse(a, CASE[i].text, CASE[i].path, &c, &err) != HP_CONFIG || c)
            fail_msg("accepted: %s", CASE[i].text);
        assert_contains(err.message, CASE[i].message);
    }
}

/* ---- the suite ---- */

/* Finds the n-th expectation of a type about a column (NULL: about the table). */
static const hp_expectation *expectation(const hp_suite *s, const char *type, const char *column, size_t n) {
    for (size_t i = 0; i < s->n; i++) {
        const hp_node *about = hp_node_get(s->expectation[i].kwargs, "column");
        bool same = column ? about && hp_str_eq(about->text, hp_str_of(column)) : !about;
        if (same && hp_str_eq(s->expectation[i].type, hp_str_of(type)) && n-- == 0) return &s->expectation[i];
    }
    return NULL;
}

static const char *kwarg(const hp_expectation *e, const char *name) {
    assert_non_null(e);
    const hp_node *n = hp_node_get(e->kwargs, name);
    return n && n->kind == HP_NODE_SCALAR ? n->text.p : NULL;
}

static hp_contract_suite expect(hp_arena *a, const hp_contract_table *t, const hp_contract_facts *facts) {
    hp_contract_suite s = {0};
    hp_err err = {0};
    assert_ok(hp_contract_expect(a, t, facts, &s, &err), err);
    return s;
}

static bool is_unchecked(const hp_contract_suite *s, const char *what, const char *reason) {
    for (size_t i = 0; i < s->nunchecked; i++)
        if (hp_str_find(s->unchecked[i].what, hp_str_of(what), 0) != SIZE_MAX
            && hp_str_find(s->unchecked[i].reason, hp_str_of(reason), 0) != SIZE_MAX)
            return true;
    return false;
}

static void promises_become_expectations(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    const hp_contract *c = load(a, ODCS, "birds.yaml");
    const uint64_t filled[] = {200, 200, 100, 200, 150, 200};
    const hp_contract_facts facts = {.rows = 200, .filled = filled};
    hp_contract_suite made = expect(a, &c->table[0], &facts);
    const hp_suite *s = made.suite;

    const hp_expectation *e = expectation(s, "expect_table_row_count_to_be_between", NULL, 0);
    assert_string_equal(kwarg(e, "min_value"), "1");
    assert_string_equal(kwarg(e, "max_value"), "100");
    assert_view(e->where, "birds.yaml:11");
    assert_non_null(expectation(s, "expect_compound_columns_to_be_unique", NULL, 0));
    assert_non_null(expectation(s, "expect_column_to_exist", "ring", 0));
    assert_non_null(expectation(s, "expect_column_values_to_be_unique", "ring", 0));
    assert_non_null(expectation(s, "expect_column_values_to_not_be_null", "ring", 0));
    assert_string_equal(kwarg(expectation(s, "expect_column_values_to_match_regex", "ring", 0), "regex"),
                        "^[A-Z]{2}\\d+$");
    e = expectation(s, "expect_column_values_to_be_between", "weight", 0);
    assert_string_equal(kwarg(e, "min_value"), "0");
    assert_string_equal(kwarg(e, "strict_min"), "true");
    assert_null(kwarg(e, "strict_max"));
    e = expectation(s, "expect_column_values_to_match_strftime_format", "ringed", 0);
    assert_string_equal(kwarg(e, "strftime_format"), "%d/%m/%Y");
    e = expectation(s, "expect_column_values_to_be_in_set", "count", 0);
    assert_false(hp_node_get(e->kwargs, "value_set")->item[0]->quoted);
    assert_null(expectation(s, "expect_column_values_to_not_be_null", "sex", 0));

    assert_true(is_unchecked(&made, "quality rule \"sql\"", "only rules of the library"));
    assert_true(is_unchecked(&made, "reference to table \"places\"", "not at hand"));
    assert_int_equal(made.nunchecked, 2);
}

static void tolerances_are_exact(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    const hp_contract *c = load(a, ODCS, "birds.yaml");
    /* Less than 10 per cent of 200 rows: 19 at most. */
    const uint64_t filled[] = {200, 200, 100, 200, 198, 200};
    const hp_contract_facts facts = {.rows = 200, .filled = filled};
    hp_contract_suite made = expect(a, &c->table[0], &facts);
    const hp_expectation *e = expectation(made.suite, "expect_column_values_to_not_be_null", "place", 0);
    assert_string_equal(kwarg(e, "mostly"), "0.905");
    assert_int_equal(e->severity, HP_GX_WARNING);
    /* Three missing values at most, of which two are null: one "N/A" of 198. */
    e = expectation(made.suite, "expect_column_values_to_not_be_null", "place", 1);
    assert_string_equal(kwarg(e, "mostly"), "0.985");
    e = expectation(made.suite, "expect_column_values_to_not_be_in_set", "place", 0);
    double mostly;
    assert_true(hp_str_f64(hp_str_of(kwarg(e, "mostly")), &mostly));
    assert_true(mostly == 197.0 / 198.0);

    /* Without a table a number of rows is no share. */
    made = expect(a, &c->table[0], NULL);
    assert_true(is_unchecked(&made, "missingValues", "number of rows"));
    e = expectation(made.suite, "expect_column_values_to_not_be_null", "place", 0);
    assert_string_equal(kwarg(e, "mostly"), "0.9");
}

static void a_table_schema_becomes_expectations(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    const hp_contract *c = load(a, FRICTIONLESS, "birds.json");
    hp_contract_suite made = expect(a, &c->table[0], NULL);
    const hp_suite *s = made.suite;
    assert_string_equal(kwarg(expectation(s, "expect_column_values_to_match_regex", "ring", 0), "regex"),
                        "^(?:[A-Z]{2}\\d+)$");
    const hp_expectation *e = expectation(s, "expect_foreign_key_values_to_exist", NULL, 0);
    assert_view(hp_node_get(e->kwargs, "reference_column_list")->item[0]->text, "ring");
    assert_non_null(expectation(s, "expect_compound_columns_to_be_unique", NULL, 0));
    assert_string_equal(kwarg(expectation(s, "expect_column_values_to_be_between", "since", 0), "min_value"),
                        "1990");
    assert_non_null(expectation(s, "expect_column_values_to_match_regex", "mail", 0));
    assert_true(is_unchecked(&made, "type \"geopoint\"", "no column of a table"));
}

static void a_suite_is_a_file_of_great_expectations(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_maker m = {.a = a};
    hp_suite *s;
    hp_err err = {0};
    hp_node *kwargs = hp_make_map(&m);
    hp_make_put(&m, kwargs, "column", hp_make_text(&m, HP_S("a \"b\"")));
    hp_make_put(&m, kwargs, "mostly", hp_make_f64(&m, 0.95));
    hp_make_put(&m, kwargs, "value_set", hp_make_texts(&m, (hp_str[]){HP_S("1"), HP_S("x")}, 2));
    hp_make_expect(&m, "expect_x", kwargs, NULL, HP_GX_INFO, HP_S("here"));
    assert_ok(hp_make_suite(&m, HP_S("s"), NULL, &s, &err), err);
    hp_autobuf out = hp_buf_new(1 << 16);
    hp_suite_json(s, &out);
    assert_view(hp_buf_str(&out),
                "{\n  \"name\": \"s\",\n  \"expectations\": [\n    {\n      \"type\": \"expect_x\",\n"
                "      \"kwargs\": {\n        \"column\": \"a \\\"b\\\"\",\n        \"mostly\": 0.95,\n"
                "        \"value_set\": [\n          \"1\",\n          \"x\"\n        ]\n      },\n"
                "      \"severity\": \"info\"\n    }\n  ]\n}\n");
}

static hp_code all_of_it(hp_arena *a, const char *text, const char *path, hp_err *err) {
    hp_contract *c;
    hp_contract_suite s;
    hp_change *change;
    size_t n;
    HP_TRY(parse(a, text, path, &c, err));
    HP_TRY(hp_contract_expect(a, &c->table[0], NULL, &s, err));
    return hp_contract_diff(a, c, c, &change, &n, err);
}

static void out_of_memory_at_any_point(void **state) {
    (void)state;
    const char *text[] = {ODCS, FRICTIONLESS}, *path[] = {"c.yaml", "c.json"};
    for (size_t i = 0; i < 2; i++)
        for (uint64_t fail = 1;; fail++) {
            hp_arena *a = hp_arena_new(NULL);
            hp_err err = {0};
            hp_mem_fail_at(fail);
            hp_code code = all_of_it(a, text[i], path[i], &err);
            hp_mem_fail_at(0);
            hp_arena_drop(a);
            if (code == HP_OK) break;
            if (code != HP_RETRY) fail_msg("allocation %d: %s", (int)fail, err.message);
            assert_true(fail < 5000);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(odcs_is_read),
        cmocka_unit_test(frictionless_is_read),
        cmocka_unit_test(mistakes_have_a_place),
        cmocka_unit_test(promises_become_expectations),
        cmocka_unit_test(tolerances_are_exact),
        cmocka_unit_test(a_table_schema_becomes_expectations),
        cmocka_unit_test(a_suite_is_a_file_of_great_expectations),
        cmocka_unit_test(out_of_memory_at_any_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
