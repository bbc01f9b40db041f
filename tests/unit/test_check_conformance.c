/* The published cases of Great Expectations, where they stand beside the tree; our own are in
 * test_check_engine.c. */
#include "base/file.h"
#include "base/mem.h"
#include "check_cases.h"

static const char DIR_OF_CASES[] = "../shared/conformance/gx";

/* Keys of "out" that are no property of the data, each with its reason. */
static bool not_ours(hp_str key) {
    static const char *const KEY[][2] = {
        {"partial_unexpected_counts_error", "a limit of Python: dicts are not hashable"},
        {"observed_value_list", "names of Python types; the verdict is compared"},
        {"observed_cdf_x_0_lt", "drawings of the two distribution functions, for plots"},
        {"observed_cdf_x_0_eq", "the same"},
        {"observed_cdf_x_-1_gt", "the same"},
        {"observed_cdf_x_-1_eq", "the same"},
        {"unexpected_index_query", "a query for a pandas frame"},
    };
    for (size_t i = 0; i < sizeof KEY / sizeof *KEY; i++)
        if (hp_str_eq(key, hp_str_of(KEY[i][0]))) return true;
    return false;
}

/* JSON has no Infinity; as a text it means the same to a suite. */
static void quote_infinities(hp_str in, hp_buf *out) {
    bool inside = false;
    for (size_t i = 0; i < in.n; i++) {
        if (in.p[i] == '"' && (i == 0 || in.p[i - 1] != '\\')) inside = !inside;
        hp_str rest = hp_str_cut(in, i, in.n);
        bool minus = hp_str_starts(rest, HP_S("-Infinity"));
        if (inside || (!minus && !hp_str_starts(rest, HP_S("Infinity")))) {
            hp_buf_putc(out, in.p[i]);
            continue;
        }
        hp_buf_puts(out, minus ? "\"-Infinity\"" : "\"Infinity\"");
        i += minus ? 8 : 7;
    }
}

static size_t run_file(hp_arena *a, const char *path, size_t *failed) {
    hp_err err = {0};
    hp_autobuf bytes = hp_buf_new(64u << 20), clean = hp_buf_new(64u << 20);
    hp_node *cases;
    assert_ok(hp_read_file(path, &bytes, &err), err);
    quote_infinities(hp_buf_str(&bytes), &clean);
    assert_ok(hp_json_read(a, hp_buf_str(&clean), path, &cases, &err), err);
    for (size_t i = 0; i < cases->n; i++) {
        cc_case c;
        hp_str title = {0};
        hp_node_text(hp_node_get(cases->item[i], "title"), &title);
        cc_run(&c, cases->item[i]);
        if (!cc_holds(&c, hp_node_get(cases->item[i], "out"), not_ours)) {
            ++*failed;
            print_error("%s: %.*s: %s\n", path, HP_FMT(title), c.why);
        }
        cc_close(&c);
    }
    return cases->n;
}

static void published_cases(void **state) {
    (void)state;
    hp_err err = {0};
    hp_str *names;
    size_t n, cases = 0, failed = 0;
    hp_autoarena *a = hp_arena_new(NULL);
    if (hp_list_dir(a, DIR_OF_CASES, &names, &n, &err) != HP_OK) {
        hp_arena_drop(a); /* skip() does not return */
        skip();
    }
    for (size_t i = 0; i < n; i++) {
        hp_autoarena *one = hp_arena_new(a);
        cases += run_file(one, hp_path_join(a, hp_str_of(DIR_OF_CASES), names[i]).p, &failed);
    }
    print_message("%zu cases, %zu failed\n", cases, failed);
    assert_int_equal(failed, 0);
    assert_true(cases >= 241);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(published_cases)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
