/* Which changes of a contract break those who use the data: each in one line, in both directions. */
#include "profile/contract.h"
#include "unit.h"

/* A contract of one table with one column; `column` is the inside of its map. */
static hp_contract *contract(hp_arena *a, const char *column) {
    hp_err err = {0};
    hp_node *doc;
    hp_contract *c;
    hp_str text = hp_arena_printf(
        a,
        "{apiVersion: v3.1.0, kind: DataContract, id: x, version: '1', schema: [{name: t, properties: [{name: a%s%s}]}]}",
        *column ? ", " : "", column);
    assert_non_null(text.p);
    assert_ok(hp_yaml_read(a, text, "c.yaml", &doc, &err), err);
    assert_ok(hp_contract_of(a, doc, "c.yaml", &c, &err), err);
    return c;
}

static size_t diff(hp_arena *a, const hp_contract *x, const hp_contract *y, hp_change **out) {
    hp_err err = {0};
    size_t n;
    assert_ok(hp_contract_diff(a, x, y, out, &n, &err), err);
    return n;
}

typedef struct change {
    const char *before, *after;
    const char *there, *back; /* what the change is called, and the way back; '!' in front: it breaks */
} change;

static void check(const char *before, const char *after, const char *what) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_change *x;
    size_t n = diff(a, contract(a, before), contract(a, after), &x);
    bool breaking = what[0] == '!';
    if (n != 1 || x[0].breaking != breaking || strcmp(x[0].what, what + breaking) != 0)
        fail_msg("{%s} -> {%s}: %zu changes, first %s%s; wanted %s", before, after, n,
                 n && x[0].breaking ? "!" : "", n ? x[0].what : "none", what);
    assert_true(strlen(x[0].reason) > 0);
    assert_view(x[0].table, "t");
    assert_view(x[0].column, "a");
}

static void one_change_at_a_time(void **state) {
    (void)state;
#define RULE "quality: [{metric: nullValues, unit: percent, "
    static const change CASE[] = {
        {"required: true", "", "!required_dropped", "required_added"},
        {"unique: true", "", "!unique_dropped", "unique_added"},
        {"primaryKey: true", "", "!key_dropped", "!key_extended"},
        {"logicalType: integer", "logicalType: number", "!type_widened", "type_narrowed"},
        {"logicalType: integer", "", "!type_widened", "type_narrowed"},
        {"logicalType: string", "logicalType: date", "!type_changed", "!type_changed"},
        {"physicalType: INT", "physicalType: BIGINT", "!physical_type_changed", "!physical_type_changed"},
        {"enum: [{value: x}, {value: y}]", "enum: [{value: x}]", "enum_narrowed", "!enum_widened"},
        {"enum: [{value: x}]", "", "!enum_dropped", "enum_added"},
        {"logicalTypeOptions: {minimum: 0}", "logicalTypeOptions: {minimum: 1}", "range_narrowed",
         "!range_widened"},
        {"logicalTypeOptions: {minimum: 0}", "logicalTypeOptions: {exclusiveMinimum: 0}", "range_narrowed",
         "!range_widened"},
        {"logicalTypeOptions: {maximum: 9}", "logicalTypeOptions: {maximum: 10}", "!range_widened",
         "range_narrowed"},
        {"logicalTypeOptions: {maximum: '2024-12-31'}", "logicalTypeOptions: {maximum: '2025-01-01'}",
         "!range_widened", "range_narrowed"},
        {"logicalTypeOptions: {maximum: 9}", "", "!range_widened", "range_narrowed"},
        {"logicalTypeOptions: {maxLength: 9}", "logicalTypeOptions: {maxLength: 12}", "!length_widened",
         "length_narrowed"},
        {"logicalTypeOptions: {minLength: 1}", "", "!length_widened", "length_narrowed"},
        {"logicalTypeOptions: {pattern: x}", "", "!pattern_removed", "pattern_added"},
        {"logicalTypeOptions: {pattern: x}", "logicalTypeOptions: {pattern: y}", "!pattern_changed",
         "!pattern_changed"},
        {"logicalTypeOptions: {format: email}", "", "!format_removed", "format_added"},
        {"customProperties: [{property: unit, value: kg}]", "customProperties: [{property: unit, value: lb}]",
         "!unit_changed", "!unit_changed"},
        {"customProperties: [{property: personal, value: true}]", "", "personal_changed", "personal_changed"},
        {"description: x", "description: y", "description_changed", "description_changed"},
        {RULE "mustBeLessThan: 5}]", "", "!rule_dropped", "rule_added"},
        {RULE "mustBeLessThan: 5}]", RULE "mustBeLessOrEqualTo: 5}]", "!rule_loosened", "rule_tightened"},
        {RULE "mustBe: 0}]", RULE "mustBeLessThan: 2}]", "!rule_loosened", "rule_tightened"},
        /* Two rules that count the same: each has its own partner. */
        {RULE "mustBeLessThan: 9}, {metric: nullValues, unit: percent, mustBeLessThan: 5}]",
         RULE "mustBeLessThan: 9}, {metric: nullValues, unit: percent, mustBeLessThan: 6}]", "!rule_loosened",
         "rule_tightened"},
    };
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++) {
        check(CASE[i].before, CASE[i].after, CASE[i].there);
        check(CASE[i].after, CASE[i].before, CASE[i].back);
    }
}

static hp_contract *document(hp_arena *a, const char *schema) {
    hp_err err = {0};
    hp_node *doc;
    hp_contract *c;
    hp_str text =
        hp_arena_printf(a, "{apiVersion: v3.1.0, kind: DataContract, id: x, version: '1', %s}", schema);
    assert_ok(hp_yaml_read(a, text, "c.yaml", &doc, &err), err);
    assert_ok(hp_contract_of(a, doc, "c.yaml", &c, &err), err);
    return c;
}

static void assert_changes(const char *before, const char *after, const char *const *wanted) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_change *x;
    size_t n = diff(a, document(a, before), document(a, after), &x);
    for (size_t i = 0; i < n; i++) {
        if (!wanted[i]) fail_msg("one change more: %s", x[i].what);
        bool breaking = wanted[i][0] == '!';
        assert_string_equal(x[i].what, wanted[i] + breaking);
        assert_int_equal(x[i].breaking, breaking);
    }
    assert_null(wanted[n]);
}

static void tables_and_columns(void **state) {
    (void)state;
#define TABLE(inside) "schema: [{name: t, properties: [" inside "]}]"
    assert_changes(TABLE("{name: a}, {name: b}"), TABLE("{name: a}, {name: b}"), (const char *[]){NULL});
    assert_changes(TABLE("{name: a}, {name: b}"), TABLE("{name: b}"),
                   (const char *[]){"!column_removed", NULL});
    assert_changes(TABLE("{name: b}"), TABLE("{name: a}, {name: b}"), (const char *[]){"column_added", NULL});
    assert_changes(TABLE("{name: a}, {name: b}"), TABLE("{name: b}, {name: a}"),
                   (const char *[]){"columns_reordered", NULL});
    /* Described alike: the same column under another name. */
    assert_changes(TABLE("{name: a, description: x}"), TABLE("{name: b, description: x}"),
                   (const char *[]){"!column_renamed", "column_added", NULL});
    assert_changes("schema: [{name: t}, {name: u}]", "schema: [{name: t}]",
                   (const char *[]){"!table_removed", NULL});
    assert_changes("schema: [{name: t}]", "schema: [{name: t}, {name: u}]",
                   (const char *[]){"table_added", NULL});
    assert_changes("schema: [{name: t, physicalName: A}]", "schema: [{name: t, physicalName: B}]",
                   (const char *[]){"!table_renamed", NULL});
    assert_changes(TABLE("{name: a, relationships: [{to: u.b}]}"), TABLE("{name: a}"),
                   (const char *[]){"!reference_dropped", NULL});
    assert_changes(TABLE("{name: a}"), TABLE("{name: a, relationships: [{to: u.b}]}"),
                   (const char *[]){"reference_added", NULL});
    assert_changes("status: active, schema: [{name: t}]", "status: deprecated, schema: [{name: t}]",
                   (const char *[]){"status_changed", NULL});
    assert_changes("status: active, schema: [{name: t}]", "status: retired, schema: [{name: t}]",
                   (const char *[]){"!status_changed", NULL});
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_change_at_a_time),
        cmocka_unit_test(tables_and_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
