/* JSON and JSON Schema: against Python's json module, and the official test suite of JSON Schema. */
#include <dirent.h>
#include <jansson.h>
#include <unistd.h>

#include "unit.h"

#include "base/mem.h"
#include "check/json_schema.h"

/* Made by Python 3.11: whether json.loads(text) raises no error. */
static const struct {
    const char *text;
    bool is_json;
} texts[] = {
    {"1", true},
    {"-1", true},
    {"01", false},
    {"-", false},
    {"1.", false},
    {".5", false},
    {"1.5", true},
    {"1e5", true},
    {"1E+5", true},
    {"1e", false},
    {"NaN", true},
    {"Infinity", true},
    {"-Infinity", true},
    {"+1", false},
    {"\"a\"", true},
    {"\"a", false},
    {"'a'", false},
    {"\"\\n\"", true},
    {"\"\\x\"", false},
    {"\"\\u12\"", false},
    {"\"\\u1234\"", true},
    {"\"\\ud800\"", true},
    {"\"\011\"", false},
    {"true", true},
    {"True", false},
    {"null", true},
    {"nul", false},
    {"nulls", false},
    {"{}", true},
    {"[]", true},
    {"[1,]", false},
    {"[1 2]", false},
    {"{\"a\":1}", true},
    {"{\"a\":1,}", false},
    {"{a:1}", false},
    {"{\"a\" : [1, {\"b\": null}]}", true},
    {" [1] ", true},
    {"[1]x", false},
    {"", false},
    {"  ", false},
    {"\357\273\2771", false},
    {"{\"a\":1,\"a\":2}", true},
    {"[[1],[2]]", true},
    {"[}", false},
    {"{]", false},
    {"[1]]", false},
    {"\"\303\251\"", true},
    {"\"\177\"", true},
    {"1 2", false},
    {"{\"a\"}", false},
    {"{\"a\":}", false},
    {"[,1]", false},
    {"-0", true},
    {"-01", false},
    {"1.0e-10", true},
    {"\"a\"\"b\"", false},
    {"{\"a\":1 \"b\":2}", false},
    {"[tru]", false},
    {"-Infinit", false},
    {"-NaN", false},
    {"\0141", false},
    {"\302\2401", false},
};

static void test_is_json(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (hp_json_is(hp_str_of(texts[i].text)) != texts[i].is_json)
            fail_msg("%s: wanted %d", texts[i].text, texts[i].is_json);
}

static void test_depth(void **state) {
    (void)state;
    char text[2002];
    for (size_t i = 0; i < 1001; i++) text[i] = '[', text[1001 + i] = ']';
    assert_false(hp_json_is((hp_str){text, 2002}));
    assert_true(hp_json_is((hp_str){text + 1, 2000}));
}

static hp_code compile(const char *text, hp_json_schema **out, hp_err *err) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_node *node = NULL;
    HP_TRY(hp_json_read(a, hp_str_of(text), "schema", &node, err));
    return hp_json_schema_compile(node, "suites/a.json:7", out, err);
}

static bool allows(const char *schema, const char *text) {
    hp_err err = {0};
    hp_json_schema *s = NULL;
    bool matches;
    assert_ok(compile(schema, &s, &err), err);
    assert_ok(hp_json_schema_match(s, hp_str_of(text), &matches, &err), err);
    hp_json_schema_free(s);
    return matches;
}

/* Made by jsonschema 4.26.0: validate(json.loads(text), schema) raises nothing. */
static const struct {
    const char *schema, *text;
    bool matches;
} cases[] = {
    {"{\"properties\": {\"a\": {\"type\": \"integer\"}}, \"required\": [\"a\"]}", "{\"a\":1}", true},
    {"{\"properties\": {\"a\": {\"type\": \"integer\"}}, \"required\": [\"a\"]}", "{\"a\":1.0}", true},
    {"{\"properties\": {\"a\": {\"type\": \"integer\"}}, \"required\": [\"a\"]}", "{\"a\":1.5}", false},
    {"{\"properties\": {\"a\": {\"type\": \"integer\"}}, \"required\": [\"a\"]}", "{\"b\":1}", false},
    {"{\"properties\": {\"a\": {\"type\": \"integer\"}}, \"required\": [\"a\"]}", "{\"a\":\"1\"}", false},
    {"{\"properties\": {\"a\": {\"type\": \"integer\"}}, \"required\": [\"a\"]}", "[]", true},
    {"{\"properties\": {\"a\": {\"type\": \"integer\"}}, \"required\": [\"a\"]}", "1", true},
    {"{\"type\": [\"string\", \"null\"]}", "\"a\"", true},
    {"{\"type\": [\"string\", \"null\"]}", "null", true},
    {"{\"type\": [\"string\", \"null\"]}", "1", false},
    {"{\"format\": \"email\"}", "\"not\"", true},
    {"{\"format\": \"email\"}", "1", true},
    {"{\"enum\": [1, \"a\", null]}", "1", true},
    {"{\"enum\": [1, \"a\", null]}", "1.0", true},
    {"{\"enum\": [1, \"a\", null]}", "true", false},
    {"{\"enum\": [1, \"a\", null]}", "\"a\"", true},
    {"{\"enum\": [1, \"a\", null]}", "null", true},
    {"{\"enum\": [1, \"a\", null]}", "0", false},
    {"{\"const\": {\"a\": [1]}}", "{\"a\":[1.0]}", true},
    {"{\"const\": {\"a\": [1]}}", "{\"a\":[2]}", false},
    {"{\"const\": false}", "0", false},
    {"{\"const\": false}", "false", true},
    {"{\"multipleOf\": 0.01}", "1.135", false},
    {"{\"multipleOf\": 0.01}", "19.99", false},
    {"{\"multipleOf\": 3}", "9", true},
    {"{\"multipleOf\": 3}", "10", false},
    {"{\"multipleOf\": 3}", "9.0", true},
    {"{\"pattern\": \"^\\\\d{3}$\"}", "\"123\"", true},
    {"{\"pattern\": \"^\\\\d{3}$\"}", "\"1234\"", false},
    {"{\"pattern\": \"^\\\\d{3}$\"}", "5", true},
    {"{\"minLength\": 2, \"maxLength\": 3}", "\"\303\251\"", false},
    {"{\"minLength\": 2, \"maxLength\": 3}", "\"\303\251\303\251\"", true},
    {"{\"minLength\": 2, \"maxLength\": 3}", "\"abcd\"", false},
    {"{\"minLength\": 2, \"maxLength\": 3}", "12", true},
    {"{\"items\": {\"type\": \"number\"}, \"minItems\": 1, \"uniqueItems\": true}", "[1,2]", true},
    {"{\"items\": {\"type\": \"number\"}, \"minItems\": 1, \"uniqueItems\": true}", "[1,1.0]", false},
    {"{\"items\": {\"type\": \"number\"}, \"minItems\": 1, \"uniqueItems\": true}", "[]", false},
    {"{\"items\": {\"type\": \"number\"}, \"minItems\": 1, \"uniqueItems\": true}", "[\"a\"]", false},
    {"{\"items\": {\"type\": \"number\"}, \"minItems\": 1, \"uniqueItems\": true}", "[1,true]", false},
    {"{\"items\": {\"type\": \"number\"}, \"minItems\": 1, \"uniqueItems\": true}", "[{\"a\":1},{\"a\":1}]",
     false},
    {"{\"prefixItems\": [{\"type\": \"string\"}], \"items\": false}", "[\"a\"]", true},
    {"{\"prefixItems\": [{\"type\": \"string\"}], \"items\": false}", "[\"a\",1]", false},
    {"{\"prefixItems\": [{\"type\": \"string\"}], \"items\": false}", "[1]", false},
    {"{\"prefixItems\": [{\"type\": \"string\"}], \"items\": false}", "[]", true},
    {"{\"dependentRequired\": {\"a\": [\"b\"]}}", "{\"a\":1}", false},
    {"{\"dependentRequired\": {\"a\": [\"b\"]}}", "{\"a\":1,\"b\":2}", true},
    {"{\"dependentRequired\": {\"a\": [\"b\"]}}", "{\"b\":1}", true},
    {"{\"dependentSchemas\": {\"a\": {\"required\": [\"c\"]}}, \"dependentRequired\": {\"x\": [\"y\"]}}",
     "{\"a\":1}", false},
    {"{\"dependentSchemas\": {\"a\": {\"required\": [\"c\"]}}, \"dependentRequired\": {\"x\": [\"y\"]}}",
     "{\"a\":1,\"c\":2}", true},
    {"{\"dependentSchemas\": {\"a\": {\"required\": [\"c\"]}}, \"dependentRequired\": {\"x\": [\"y\"]}}",
     "{\"x\":1}", false},
    {"{\"exclusiveMinimum\": 3, \"maximum\": 5}", "3", false},
    {"{\"exclusiveMinimum\": 3, \"maximum\": 5}", "3.1", true},
    {"{\"exclusiveMinimum\": 3, \"maximum\": 5}", "5", true},
    {"{\"exclusiveMinimum\": 3, \"maximum\": 5}", "5.1", false},
    {"{\"exclusiveMinimum\": 3, \"maximum\": 5}", "\"x\"", true},
    {"{\"$defs\": {\"p\": {\"type\": \"object\", \"properties\": {\"k\": {\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/p\"}}}, \"additionalProperties\": false}}, \"$ref\": \"#/$defs/p\"}",
     "{\"k\":[{\"k\":[]},{}]}", true},
    {"{\"$defs\": {\"p\": {\"type\": \"object\", \"properties\": {\"k\": {\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/p\"}}}, \"additionalProperties\": false}}, \"$ref\": \"#/$defs/p\"}",
     "{\"k\":[{\"k\":1}]}", false},
    {"{\"$defs\": {\"p\": {\"type\": \"object\", \"properties\": {\"k\": {\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/p\"}}}, \"additionalProperties\": false}}, \"$ref\": \"#/$defs/p\"}",
     "{\"x\":1}", false},
    {"{\"$defs\": {\"s\": {\"type\": \"string\"}}, \"properties\": {\"a\": {\"$ref\": \"#/$defs/s\", \"maxLength\": 2}}}",
     "{\"a\":\"xy\"}", true},
    {"{\"$defs\": {\"s\": {\"type\": \"string\"}}, \"properties\": {\"a\": {\"$ref\": \"#/$defs/s\", \"maxLength\": 2}}}",
     "{\"a\":\"xyz\"}", false},
    {"{\"$defs\": {\"s\": {\"type\": \"string\"}}, \"properties\": {\"a\": {\"$ref\": \"#/$defs/s\", \"maxLength\": 2}}}",
     "{\"a\":1}", false},
    {"{\"if\": {\"properties\": {\"t\": {\"const\": 1}}}, \"then\": {\"required\": [\"x\"]}, \"else\": {\"required\": [\"y\"]}}",
     "{\"t\":1,\"x\":1}", true},
    {"{\"if\": {\"properties\": {\"t\": {\"const\": 1}}}, \"then\": {\"required\": [\"x\"]}, \"else\": {\"required\": [\"y\"]}}",
     "{\"t\":1}", false},
    {"{\"if\": {\"properties\": {\"t\": {\"const\": 1}}}, \"then\": {\"required\": [\"x\"]}, \"else\": {\"required\": [\"y\"]}}",
     "{\"t\":2,\"y\":1}", true},
    {"{\"if\": {\"properties\": {\"t\": {\"const\": 1}}}, \"then\": {\"required\": [\"x\"]}, \"else\": {\"required\": [\"y\"]}}",
     "{\"t\":2}", false},
    {"{\"patternProperties\": {\"^x_\": {\"type\": \"integer\"}}, \"additionalProperties\": false}",
     "{\"x_a\":1}", true},
    {"{\"patternProperties\": {\"^x_\": {\"type\": \"integer\"}}, \"additionalProperties\": false}",
     "{\"x_a\":\"1\"}", false},
    {"{\"patternProperties\": {\"^x_\": {\"type\": \"integer\"}}, \"additionalProperties\": false}",
     "{\"a\":1}", false},
    {"{\"propertyNames\": {\"pattern\": \"^[a-z]+$\"}}", "{\"a\":1}", true},
    {"{\"propertyNames\": {\"pattern\": \"^[a-z]+$\"}}", "{\"A\":1}", false},
    {"{\"contains\": {\"const\": 1}}", "[2,1]", true},
    {"{\"contains\": {\"const\": 1}}", "[2]", false},
    {"{\"contains\": {\"const\": 1}}", "[]", false},
    {"{\"properties\": {\"pattern\": {\"type\": \"string\"}, \"format\": {\"type\": \"integer\"}}}",
     "{\"pattern\":\"x(\",\"format\":1}", true},
    {"{\"properties\": {\"pattern\": {\"type\": \"string\"}, \"format\": {\"type\": \"integer\"}}}",
     "{\"pattern\":1}", false},
    {"{\"properties\": {\"pattern\": {\"type\": \"string\"}, \"format\": {\"type\": \"integer\"}}}",
     "{\"format\":\"x\"}", false},
    {"{\"$schema\": \"http://json-schema.org/draft-04/schema#\", \"minimum\": 3, \"exclusiveMinimum\": true}",
     "3", false},
    {"{\"$schema\": \"http://json-schema.org/draft-04/schema#\", \"minimum\": 3, \"exclusiveMinimum\": true}",
     "4", true},
    {"{\"$schema\": \"http://json-schema.org/draft-04/schema#\", \"type\": \"integer\"}", "1", true},
    {"{\"$schema\": \"http://json-schema.org/draft-04/schema#\", \"type\": \"integer\"}", "1.0", false},
    {"{\"$schema\": \"http://json-schema.org/draft-04/schema#\", \"type\": \"integer\"}", "1.5", false},
    {"{\"$schema\": \"http://json-schema.org/draft-07/schema#\", \"definitions\": {\"s\": {\"type\": \"string\"}}, \"properties\": {\"a\": {\"$ref\": \"#/definitions/s\", \"maxLength\": 2}}}",
     "{\"a\":\"xyz\"}", true},
    {"{\"$schema\": \"http://json-schema.org/draft-07/schema#\", \"definitions\": {\"s\": {\"type\": \"string\"}}, \"properties\": {\"a\": {\"$ref\": \"#/definitions/s\", \"maxLength\": 2}}}",
     "{\"a\":1}", false},
    {"true", "1", true},
    {"false", "1", false},
    {"{\"oneOf\": [{\"type\": \"integer\"}, {\"minimum\": 2}]}", "1", true},
    {"{\"oneOf\": [{\"type\": \"integer\"}, {\"minimum\": 2}]}", "2.5", true},
    {"{\"oneOf\": [{\"type\": \"integer\"}, {\"minimum\": 2}]}", "3", false},
    {"{\"oneOf\": [{\"type\": \"integer\"}, {\"minimum\": 2}]}", "1.5", false},
    {"{\"not\": {\"type\": \"integer\"}}", "1", false},
    {"{\"not\": {\"type\": \"integer\"}}", "\"a\"", true},
    {"{\"anyOf\": [{\"required\": [\"a\"]}, {\"required\": [\"b\"]}]}", "{\"a\":1}", true},
    {"{\"anyOf\": [{\"required\": [\"a\"]}, {\"required\": [\"b\"]}]}", "{\"c\":1}", false},
    {"{\"maxProperties\": 1}", "{}", true},
    {"{\"maxProperties\": 1}", "{\"a\":1,\"b\":2}", false},
    {"{\"required\": []}", "{}", true},
    {"{\"type\": \"number\"}", "123456789012345678901234567890", true},
    {"{\"type\": \"number\"}", "-0.0", true},
    {"{\"type\": \"integer\", \"maximum\": 10}", "1e30", false},
    {"{\"type\": \"integer\", \"maximum\": 10}", "9", true},
};

static void test_as_jsonschema(void **state) {
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (allows(cases[i].schema, cases[i].text) == cases[i].matches) continue;
        print_error("%s on %s: wanted %d\n", cases[i].schema, cases[i].text, cases[i].matches);
        wrong++;
    }
    assert_int_equal(wrong, 0);
    assert_false(allows("{}", "{"));
}

/* Where jsonschema asks whether 1.13 / 0.01 is whole in binary (112.99999999999999), and takes 1e400 for
 * infinity. */
static void test_other_than_jsonschema(void **state) {
    (void)state;
    assert_true(allows("{\"multipleOf\": 0.01}", "1.13"));
    assert_true(allows("{\"multipleOf\": 0.01}", "0.07"));
    assert_false(allows("{\"multipleOf\": 0.01}", "0.075"));
    assert_false(allows("{\"type\": \"number\"}", "1e400"));
}

static void test_refused(void **state) {
    (void)state;
    static const struct {
        const char *schema, *says;
    } bad[] = {
        {"[1]", "must be an object"},
        {"{\"type\": \"strin\"}", "JSON schema"},
        {"{\"$ref\": \"http://json.example/x\"}", "leads out of the schema"},
        {"{\"$ref\": \"#/definitions/x\"}", "leads nowhere"},
        {"{\"$ref\": \"#\"}", "circle"},
        {"{\"definitions\": {\"a\": {\"allOf\": [{\"$ref\": \"#/definitions/b\"}]}, \"b\": {\"not\": {\"$ref\": \"#/definitions/a\"}}}}",
         "circle"},
        {"{\"pattern\": \"a(\"}", "regular expression"},
        {"{\"patternProperties\": {\"^(a+)+$\": {}}}", "repeats too much"},
        {"{\"unevaluatedProperties\": false}", "newer than draft 7"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        hp_err err = {0};
        hp_json_schema *s = NULL;
        if (compile(bad[i].schema, &s, &err) != HP_CONFIG) fail_msg("%s passes", bad[i].schema);
        assert_contains(err.message, "suites/a.json:7: ");
        assert_contains(err.message, bad[i].says);
        assert_null(s);
    }
}

static hp_code match_once(const char *schema, hp_str text, hp_err *err) {
    hp_json_schema *s = NULL;
    bool matches;
    assert_ok(compile(schema, &s, err), *err);
    hp_code code = hp_json_schema_match(s, text, &matches, err);
    hp_json_schema_free(s);
    return code;
}

/* A pattern that backtracks, and a schema that branches at each of sixty levels. */
static void test_hostile(void **state) {
    (void)state;
    hp_err err = {0};
    assert_int_equal(match_once("{\"pattern\": \"^(a+)+$\"}",
                                HP_S("\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\""), &err),
                     HP_CONFIG);
    assert_contains(err.message, "too many steps");
    char text[122];
    memset(text, '[', 60);
    text[60] = '1';
    memset(text + 61, ']', 60);
    const char *branching =
        "{\"anyOf\": [{\"type\": \"array\", \"items\": {\"$ref\": \"#\"}}, {\"type\": \"array\", \"items\": {\"$ref\": \"#\"}}]}";
    assert_int_equal(match_once(branching, (hp_str){text, 121}, &err), HP_CONFIG);
    assert_contains(err.message, "suites/a.json:7: the JSON schema takes more than");
}

/* A recursive schema goes no deeper than the stack is for: such a value is not as expected. */
static void test_deep_value(void **state) {
    (void)state;
    char text[1001];
    hp_err err = {0};
    hp_json_schema *s = NULL;
    bool matches = true;
    memset(text, '[', 500);
    memset(text + 500, ']', 500);
    assert_ok(compile("{\"items\": {\"$ref\": \"#\"}}", &s, &err), err);
    assert_ok(hp_json_schema_match(s, (hp_str){text, 1000}, &matches, &err), err);
    assert_false(matches);
    assert_ok(hp_json_schema_match(s, (hp_str){text + 350, 300}, &matches, &err), err);
    assert_true(matches);
    hp_json_schema_free(s);
}

static void test_no_memory(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_err err = {0};
    hp_node *node = NULL;
    assert_ok(hp_json_read(a, HP_S("{\"type\": \"object\", \"properties\": {\"a\": {\"pattern\": \"^x\"}}}"),
                           "schema", &node, &err),
              err);
    for (uint64_t n = 1; n < 100; n++) {
        hp_json_schema *s = NULL;
        uint64_t before = hp_mem_failures();
        hp_mem_fail_at(n);
        hp_code code = hp_json_schema_compile(node, "s", &s, &err);
        hp_mem_fail_at(0);
        hp_json_schema_free(s);
        if (hp_mem_failures() == before) {
            assert_int_equal(code, HP_OK);
            return;
        }
        assert_true(code == HP_RETRY
                    || code == HP_OK); /* without room for compiled code patterns are interpreted */
    }
    fail_msg("it never came to an end");
}

/* ---- the official suite ---- */

/* Cases outside of what suites may ask: references that leave the schema, or go by names inside it. */
static bool is_outside(const char *message) {
    return strstr(message, "leads out of the schema") || strstr(message, "repeats too much");
}

typedef struct tally {
    int passed, failed, outside;
} tally;

static void run_group(json_t *group, const char *draft, const char *file, tally *t) {
    json_t *schema = json_object_get(group, "schema"), *test;
    size_t i;
    if (json_is_object(schema) && !json_object_get(schema, "$schema"))
        json_object_set_new(schema, "$schema", json_string(draft));
    char *text = json_dumps(schema, JSON_ENCODE_ANY);
    hp_err err = {0};
    hp_json_schema *s = NULL;
    hp_code code = compile(text, &s, &err);
    free(text);
    json_array_foreach(json_object_get(group, "tests"), i, test) {
        bool matches = false, wanted = json_is_true(json_object_get(test, "valid"));
        char *data = json_dumps(json_object_get(test, "data"), JSON_ENCODE_ANY);
        if (code == HP_OK) code = hp_json_schema_match(s, hp_str_of(data), &matches, &err);
        if (code != HP_OK && is_outside(err.message))
            t->outside++;
        else if (code == HP_OK && matches == wanted)
            t->passed++;
        else {
            t->failed++;
            print_error("%s: %s: %s on %s: wanted %d (%s)\n", file,
                        json_string_value(json_object_get(group, "description")),
                        json_string_value(json_object_get(test, "description")), data, wanted,
                        code == HP_OK ? "" : err.message);
        }
        free(data);
    }
    hp_json_schema_free(s);
}

static void run_draft(const char *root, const char *name, const char *uri, tally *t) {
    char path[600];
    snprintf(path, sizeof path, "%s/%s", root, name);
    DIR *dir = opendir(path);
    if (!dir) fail_msg("%s is missing: run scripts/setup check", path);
    for (struct dirent *e; (e = readdir(dir));) {
        if (!strstr(e->d_name, ".json")) continue;
        snprintf(path, sizeof path, "%s/%s/%s", root, name, e->d_name);
        json_error_t why;
        json_t *groups = json_load_file(path, JSON_ALLOW_NUL, &why), *group;
        size_t i;
        if (!groups) fail_msg("%s: %s", path, why.text);
        json_array_foreach(groups, i, group) run_group(group, uri, e->d_name, t);
        json_decref(groups);
    }
    closedir(dir);
}

static void test_official_suite(void **state) {
    (void)state;
    const char *root = "build/unpacked/usr/share/json-schema-test-suite/tests";
    if (access(root, R_OK) != 0) root = "/usr/share/json-schema-test-suite/tests";
    tally t = {0};
    run_draft(root, "draft4", "http://json-schema.org/draft-04/schema#", &t);
    run_draft(root, "draft6", "http://json-schema.org/draft-06/schema#", &t);
    run_draft(root, "draft7", "http://json-schema.org/draft-07/schema#", &t);
    print_message("%d as wanted, %d not, %d outside\n", t.passed, t.failed, t.outside);
    assert_int_equal(t.failed, 0);
    assert_true(t.passed > 1080 && t.outside < 64);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_is_json),        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_as_jsonschema),  cmocka_unit_test(test_other_than_jsonschema),
        cmocka_unit_test(test_refused),        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_deep_value),     cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_official_suite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
