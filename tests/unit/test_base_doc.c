#include "base/doc.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

typedef hp_code reader_fn(hp_arena *, hp_str, const char *, hp_node **, hp_err *);

static const hp_node *at(const hp_node *n, const char *key) {
    const hp_node *v = hp_node_get(n, key);
    if (!v) fail_msg("no key %s", key);
    return v;
}

static void assert_place(const hp_node *n, int line, int column) {
    if (n->line != line || n->column != column)
        fail_msg("%d:%d, wanted %d:%d", n->line, n->column, line, column);
}

static void yaml_tree_knows_its_places(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_node *n = NULL;
    hp_err e = {0};
    hp_str s = HP_S("# comment\n"
                    "name: aviation\n"
                    "\xC3\xA9t\xC3\xA9: {x: 1, y: \"2\"}\n"
                    "list:\n"
                    "  - a\n"
                    "  - ['b c', ~]\n"
                    "nothing:\n"
                    "text: |\n"
                    "  two\n"
                    "  lines\n"
                    "tagged: !!str 7\n");
    assert_ok(hp_yaml_read(a, s, "p.yaml", &n, &e), e);
    assert_int_equal(n->kind, HP_NODE_MAP);
    assert_int_equal(n->n, 6);
    assert_view(n->key[0]->text, "name");
    assert_place(n->key[0], 2, 1);
    assert_view(at(n, "name")->text, "aviation");
    assert_place(at(n, "name"), 2, 7);
    const hp_node *flow = at(n, "\xC3\xA9t\xC3\xA9");
    assert_place(flow, 3, 6); /* columns count characters */
    assert_place(at(flow, "y"), 3, 16);
    assert_true(at(flow, "y")->quoted && !at(flow, "x")->quoted);
    const hp_node *list = at(n, "list");
    assert_int_equal(list->kind, HP_NODE_LIST);
    assert_null(list->key);
    assert_int_equal(list->n, 2);
    assert_view(list->item[1]->item[0]->text, "b c");
    assert_int_equal(list->item[1]->item[1]->kind, HP_NODE_NULL);
    assert_int_equal(at(n, "nothing")->kind, HP_NODE_NULL);
    assert_int_equal(at(n, "nothing")->line, 7);
    assert_view(at(n, "text")->text, "two\nlines\n");
    assert_true(at(n, "tagged")->quoted);
    assert_null(hp_node_get(n, "absent"));
    assert_null(hp_node_get(list, "a"));
    assert_null(hp_node_get(NULL, "a"));
}

static void json_tree_knows_its_places(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_node *n = NULL;
    hp_err e = {0};
    hp_str s = HP_S(
        "\xEF\xBB\xBF{\"\xC3\xA9\": [1, -2.5e3, true, null, \"null\"],\n"
        "\t\"esc\": \"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\", \"big\": 123456789012345678901234567890,\n"
        " \"empty\": {}, \"none\": []}\n");
    assert_ok(hp_json_read(a, s, "p.json", &n, &e), e);
    const hp_node *list = at(n, "\xC3\xA9");
    assert_place(list, 1, 7);
    assert_int_equal(list->n, 5);
    assert_view(list->item[1]->text, "-2.5e3");
    assert_place(list->item[1], 1, 11);
    assert_int_equal(list->item[3]->kind, HP_NODE_NULL);
    assert_true(list->item[4]->quoted);
    assert_view(at(n, "esc")->text, "\"\\/\b\f\n\r\t\xC3\xA9\xF0\x9F\x98\x80");
    assert_place(at(n, "esc"), 2, 9);
    assert_view(at(n, "big")->text, "123456789012345678901234567890");
    assert_int_equal(at(n, "empty")->kind, HP_NODE_MAP);
    assert_int_equal(at(n, "none")->kind, HP_NODE_LIST);
    assert_int_equal(at(n, "none")->n, 0);
}

static void scalars_convert(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_node *n = NULL;
    hp_err e = {0};
    assert_ok(hp_yaml_read(a, HP_S("f: 0.85\ni: 007\nb: Yes\no: off\nq: '1'\nt: word\nz: ~\nl: [1]\n"), "p",
                           &n, &e),
              e);
    double f = 0;
    int64_t i = 0;
    bool b = false;
    hp_str t = {0};
    assert_true(hp_node_f64(at(n, "f"), &f) && f == 0.85);
    assert_true(hp_node_i64(at(n, "i"), &i) && i == 7);
    assert_true(hp_node_text(at(n, "i"), &t));
    assert_view(t, "007");
    assert_true(hp_node_bool(at(n, "b"), &b) && b);
    assert_true(hp_node_bool(at(n, "o"), &b) && !b);
    assert_false(hp_node_i64(at(n, "q"), &i)); /* quoted, so text */
    assert_false(hp_node_f64(at(n, "t"), &f));
    assert_false(hp_node_bool(at(n, "t"), &b));
    assert_false(hp_node_text(at(n, "z"), &t));
    assert_false(hp_node_text(at(n, "l"), &t));
    assert_false(hp_node_text(NULL, &t) || hp_node_i64(NULL, &i) || hp_node_f64(NULL, &f)
                 || hp_node_bool(NULL, &b));
}

static void refuse(reader_fn *read, hp_str bytes, const char *start) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_node *n = NULL;
    hp_err e = {0};
    hp_code code = read(a, bytes, "profiles/x.yaml", &n, &e);
    if (code != HP_CONFIG || n)
        fail_msg("accepted \"%.*s\" (code %d: %s)", HP_FMT(bytes), (int)code, e.message);
    if (strncmp(e.message, start, strlen(start)) != 0)
        fail_msg("\"%s\" does not start with \"%s\"", e.message, start);
}

static void broken_yaml_is_placed(void **state) {
    (void)state;
    reader_fn *y = hp_yaml_read;
    refuse(y, HP_S("a:\n  b: 1\n c: 2\n"), "profiles/x.yaml:3:2: ");
    refuse(y, HP_S("a: 1\n\tb: 2\n"), "profiles/x.yaml:1:4: ");
    refuse(y, HP_S(" a: 1\n\tb: 2\n"), "profiles/x.yaml:2:2: ");
    refuse(y, HP_S("a: [1, 2\n"), "profiles/x.yaml:2:1: ");
    refuse(y, HP_S("a: \"open\n"), "profiles/x.yaml:1:");
    refuse(y, HP_S("ok: 1\n@bad: 2\n"), "profiles/x.yaml:2:1: ");
    refuse(y, HP_S("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n"),
           "profiles/x.yaml:5:3: duplicate key \"c\" (first on line 3)");
    refuse(y, HP_S("a: 1\n---\nb: 2\n"), "profiles/x.yaml:3:1: a second document");
    refuse(y, HP_S("? [a]\n: b\n"), "profiles/x.yaml:1:3: a key must be text");
    refuse(y, HP_S("a: *nowhere\n"), "profiles/x.yaml:1:");
    refuse(y, HP_S("a: &x [*x]\n"), "profiles/x.yaml:1:");
    refuse(y, HP_S("a: !!python/object 1\n"), "profiles/x.yaml:1:");
    refuse(y, HP_S("a: !run x\n"), "profiles/x.yaml:1:");
    refuse(y, HP_S("a: \xC3\xA9\xFF\n"), "profiles/x.yaml:1:5: invalid UTF-8");
    refuse(y, (hp_str){"a: 1\nb: \0c", 10}, "profiles/x.yaml:2:4: a NUL byte");
}

static void broken_json_is_placed(void **state) {
    (void)state;
    reader_fn *j = hp_json_read;
    refuse(j, HP_S("{\"a\": 1,\n \"b\": }\n"), "profiles/x.yaml:2:");
    refuse(j, HP_S("{\"a\": 1"), "profiles/x.yaml:1:");
    refuse(j, HP_S("{a: 1}"), "profiles/x.yaml:1:");
    refuse(j, HP_S("{\"a\": 1} x"), "profiles/x.yaml:1:");
    refuse(j, HP_S("\"\\ud83d\""), "profiles/x.yaml:1:");
    refuse(j, HP_S("\"\\u0000\""), "profiles/x.yaml:1:");
    refuse(j, HP_S(""), "profiles/x.yaml:1:");
    refuse(j, HP_S("{\"a\": 1,\n \"b\": 2,\n \"a\": 3}"), "profiles/x.yaml:3:2: duplicate key \"a\"");
}

static void nesting_is_capped(void **state) {
    (void)state;
    for (int json = 0; json < 2; json++) {
        for (int depth = 64; depth <= 65; depth++) {
            hp_autobuf b = hp_buf_new(1000);
            for (int i = 0; i < depth; i++) hp_buf_putc(&b, '[');
            for (int i = 0; i < depth; i++) hp_buf_putc(&b, ']');
            reader_fn *read = json ? hp_json_read : hp_yaml_read;
            hp_autoarena *a = hp_arena_new(NULL);
            hp_node *n = NULL;
            hp_err e = {0};
            if (depth == 64) assert_ok(read(a, hp_buf_str(&b), "x", &n, &e), e);
            if (depth == 65) refuse(read, hp_buf_str(&b), "profiles/x.yaml:1:65: nested deeper than 64");
        }
    }
    hp_autobuf deep = hp_buf_new(1 << 20);
    for (int i = 0; i < 200000; i++) hp_buf_putc(&deep, '[');
    refuse(hp_yaml_read, hp_buf_str(&deep), "profiles/x.yaml:1:");
    refuse(hp_json_read, hp_buf_str(&deep), "profiles/x.yaml:1:");
}

static void aliases_repeat_nodes(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_node *n = NULL;
    hp_err e = {0};
    assert_ok(hp_yaml_read(a, HP_S("a: &x {k: v}\nb: *x\nc: &x 2\nd: *x\n"), "x", &n, &e), e);
    assert_view(at(at(n, "b"), "k")->text, "v");
    assert_view(at(n, "d")->text, "2"); /* the latest anchor of a name counts */
}

/* "Billion laughs": ten levels of ten aliases are 10^10 nodes, and a chain of anchors nests without brackets.
 */
static void alias_bombs_are_refused(void **state) {
    (void)state;
    hp_autobuf b = hp_buf_new(10000);
    hp_buf_puts(&b, "a0: &a0 [x]\n");
    for (int i = 1; i < 11; i++) {
        hp_buf_printf(&b, "a%d: &a%d [", i, i);
        for (int k = 0; k < 10; k++) hp_buf_printf(&b, "%s*a%d", k ? ", " : "", i - 1);
        hp_buf_puts(&b, "]\n");
    }
    refuse(hp_yaml_read, hp_buf_str(&b), "profiles/x.yaml:6:");
    hp_buf_clear(&b);
    hp_buf_puts(&b, "a0: &a0 [x]\n");
    for (int i = 1; i < 70; i++) hp_buf_printf(&b, "a%d: &a%d [*a%d]\n", i, i, i - 1);
    refuse(hp_yaml_read, hp_buf_str(&b), "profiles/x.yaml:64:");
    hp_buf_clear(&b);
    for (int i = 0; i < 300; i++) hp_buf_printf(&b, "a%d: &a%d 1\n", i, i);
    refuse(hp_yaml_read, hp_buf_str(&b), "profiles/x.yaml:257:");
}

static void too_many_nodes_are_refused(void **state) {
    (void)state;
    hp_autobuf b = hp_buf_new(1 << 20);
    hp_buf_putc(&b, '[');
    for (unsigned i = 0; i < HP_LIMIT_DOC_NODES; i++) hp_buf_puts(&b, i ? ",1" : "1");
    hp_buf_putc(&b, ']');
    refuse(hp_json_read, hp_buf_str(&b), "profiles/x.yaml:1:");
}

static void empty_documents_are_null(void **state) {
    (void)state;
    const char *const empty[] = {"", "\n\n", "# only a comment\n", "---\n", "~"};
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
        hp_autoarena *a = hp_arena_new(NULL);
        hp_node *n = NULL;
        hp_err e = {0};
        assert_ok(hp_yaml_read(a, hp_str_of(empty[i]), "x", &n, &e), e);
        assert_int_equal(n->kind, HP_NODE_NULL);
        assert_true(n->line >= 1 && n->column >= 1);
    }
}

static void reads_files_by_suffix(void **state) {
    (void)state;
    char dir[] = "/tmp/hp-doc-XXXXXX";
    assert_non_null(mkdtemp(dir));
    hp_autoarena *a = hp_arena_new(NULL);
    const char *json = hp_path_join(a, hp_str_of(dir), HP_S("x.JSON")).p,
               *yaml = hp_path_join(a, hp_str_of(dir), HP_S("x.yaml")).p;
    hp_node *n = NULL;
    hp_err e = {0};
    assert_ok(hp_write_file(json, HP_S("a: 1\n"), &e), e);
    assert_int_equal(hp_doc_read(a, json, &n, &e), HP_CONFIG);
    assert_ok(hp_write_file(yaml, HP_S("a: 1\n"), &e), e);
    assert_ok(hp_doc_read(a, yaml, &n, &e), e);
    assert_view(at(n, "a")->text, "1");
    hp_autobuf big = hp_buf_new(HP_LIMIT_DOC_BYTES + 1);
    while (big.n < big.max) hp_buf_putc(&big, '#');
    assert_ok(hp_write_file(yaml, hp_buf_str(&big), &e), e);
    assert_int_equal(hp_doc_read(a, yaml, &n, &e), HP_CONFIG);
    unlink(json);
    unlink(yaml);
    assert_int_equal(hp_doc_read(a, yaml, &n, &e), HP_NOINPUT);
    rmdir(dir);
}

static void nearest_name(void **state) {
    (void)state;
    const char *const names[] = {"ingest", "refine", "enrich", "compliance", "id"};
    assert_string_equal(hp_nearest(HP_S("refin"), names, 5), "refine");
    assert_string_equal(hp_nearest(HP_S("Enrcih"), names, 5), "enrich");
    assert_string_equal(hp_nearest(HP_S("complaince"), names, 5), "compliance");
    assert_null(hp_nearest(HP_S("destination"), names, 5));
    assert_null(hp_nearest(HP_S("x"), names, 5));
    assert_null(hp_nearest(HP_S(""), names, 5));
    assert_null(hp_nearest(HP_S("x"), names, 0));
}

static hp_code read_both(hp_err *e) {
    hp_autoarena *a = hp_arena_new(NULL);
    if (!a) return hp_fail_memory(e, "an arena");
    hp_node *n = NULL;
    HP_TRY(hp_yaml_read(a, HP_S("a: &x [1, 2, {b: c}]\nd: *x\ne: 'text'\nf: [1,2,3,4,5,6,7,8,9,10,11,12]\n"),
                        "x", &n, e));
    return hp_json_read(a, HP_S("{\"a\": [1, \"two\\n\", {\"b\": null}], \"c\": {}}"), "x", &n, e);
}

static void every_failed_allocation_is_survived(void **state) {
    (void)state;
    uint64_t before = hp_mem_used(NULL), n = 0, calls;
    do {
        hp_err e = {0};
        calls = hp_mem_count();
        hp_mem_fail_at(++n);
        hp_code code = read_both(&e);
        hp_mem_fail_at(0);
        if (code != HP_OK) assert_int_equal(code, HP_RETRY);
        assert_int_equal(hp_mem_used(NULL), before);
    } while (hp_mem_count() - calls >= n);
    assert_true(n > 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(yaml_tree_knows_its_places),
        cmocka_unit_test(json_tree_knows_its_places),
        cmocka_unit_test(scalars_convert),
        cmocka_unit_test(broken_yaml_is_placed),
        cmocka_unit_test(broken_json_is_placed),
        cmocka_unit_test(nesting_is_capped),
        cmocka_unit_test(aliases_repeat_nodes),
        cmocka_unit_test(alias_bombs_are_refused),
        cmocka_unit_test(too_many_nodes_are_refused),
        cmocka_unit_test(empty_documents_are_null),
        cmocka_unit_test(reads_files_by_suffix),
        cmocka_unit_test(nearest_name),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
