#include "unit.h"

#include "enrich/jsonpath.h"

static const char DOC[] =
    "{\"data\":{\"items\":[{\"name\":\"A\",\"n\":1},{\"name\":\"B\",\"tags\":[\"x\",\"y\"]},{\"name\":\"\"}],"
    "\"odd key\":{\"a.b\":true}},\"none\":null}";

static const char *found(const char *path, hp_buf *out) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_node *root;
    const hp_node *node[8];
    hp_jsonpath *p;
    hp_err err = {0};
    hp_buf_clear(out);
    assert_ok(hp_json_read(a, hp_str_of(DOC), "doc", &root, &err), err);
    assert_ok(hp_jsonpath_read(a, hp_str_of(path), &p, &err), err);
    size_t n = hp_jsonpath_find(p, root, node, 8);
    for (size_t i = 0; i < n; i++) {
        hp_str text;
        if (i) hp_buf_putc(out, '|');
        if (hp_node_text(node[i], &text))
            hp_buf_add(out, text);
        else
            hp_buf_printf(out, "%d:%zu", node[i]->kind, node[i]->n);
    }
    return hp_buf_cstr(out);
}

static void follows_paths(void **state) {
    (void)state;
    static const struct {
        const char *path, *text;
    } CASE[] = {{"data.items[0].name", "A"},
                {"$.data.items[1].name", "B"},
                {"data.items[*].name", "A|B|"},
                {"data.items.*.n", "1"},
                {"data.items[1].tags[*]", "x|y"},
                {"data['odd key']['a.b']", "true"},
                {"data[\"odd key\"]", "3:1"},
                {"data.items[3].name", ""},
                {"nothing.here", ""},
                {"data.name", ""},
                {"none.x", ""},
                {"", "3:2"},
                {"$", "3:2"},
                {"$.data.items[*].tags[1]", "y"},
                {" $['data'].items[0]['n'] ", "1"}};
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++) {
        hp_autobuf out = hp_buf_new(1000);
        const char *got = found(CASE[i].path, &out);
        if (strcmp(got, CASE[i].text) != 0)
            fail_msg("%s: got \"%s\", wanted \"%s\"", CASE[i].path, got, CASE[i].text);
    }
}

static void takes_the_first_text(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_node *root;
    hp_jsonpath *p;
    hp_err err = {0};
    hp_str text;
    assert_ok(hp_json_read(a, HP_S("{\"a\":[null,\"\",\" \",{},\"x\",\"y\"]}"), "doc", &root, &err), err);
    assert_ok(hp_jsonpath_read(a, HP_S("a[*]"), &p, &err), err);
    assert_true(hp_jsonpath_text(p, root, &text));
    assert_view(text, "x");
    assert_ok(hp_jsonpath_read(a, HP_S("a[0]"), &p, &err), err);
    assert_false(hp_jsonpath_text(p, root, &text));
}

static void refuses_wrong_paths(void **state) {
    (void)state;
    static const struct {
        const char *path, *why;
    } CASE[] = {{"a..b", "character 3: a name is missing"},
                {"a[", "] is missing"},
                {"a[x]", "a number, * or a name in quotes"},
                {"a[-1]", "a number"},
                {"a['b]", "does not end"},
                {"a.b.", "a name is missing"},
                {"a]", "a name is missing"},
                {"a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a", "16 steps"}};
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++) {
        hp_autoarena *a = hp_arena_new(NULL);
        hp_jsonpath *p;
        hp_err err = {0};
        assert_int_equal(hp_jsonpath_read(a, hp_str_of(CASE[i].path), &p, &err), HP_CONFIG);
        assert_contains(err.message, CASE[i].why);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(follows_paths),
                                       cmocka_unit_test(takes_the_first_text),
                                       cmocka_unit_test(refuses_wrong_paths)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
