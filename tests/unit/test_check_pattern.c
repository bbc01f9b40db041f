/* Regular expressions as Python's re has them, LIKE patterns, and what stops hostile ones. */
#include "unit.h"

#include "base/mem.h"
#include "check/pattern.h"

/* Made by Python 3.11: bool(re.search(regex, text)). */
static const struct {
    const char *regex, *text;
    bool matches;
} python[] = {
    {"^a", "abc", true},
    {"^a", "bac", false},
    {"^a", "\012a", false},
    {"a$", "a", true},
    {"a$", "a\012", true},
    {"a$", "a\012b", false},
    {"a\\Z", "a", true},
    {"a\\Z", "a\012", false},
    {"\\Aa", "ab", true},
    {"\\Aa", "ba", false},
    {"^\\d+$", "123", true},
    {"^\\d+$", "\331\241\331\242\331\243", true},
    {"^\\d+$", "12a", false},
    {"^\\d+$", "", false},
    {"^\\w+$", "\303\234n\303\257", true},
    {"^\\w+$", "a b", false},
    {"^\\w+$", "\346\227\245\346\234\254", true},
    {"\\b\303\251\\b", "a \303\251 b", true},
    {"\\b\303\251\\b", "a\303\251b", false},
    {"^\\s$", "\302\240", true},
    {"^\\s$", " ", true},
    {"^\\s$", "x", false},
    {"^\\s$", "\342\200\203", true},
    {"a{,2}b", "b", true},
    {"a{,2}b", "aaab", true},
    {"a{,2}b", "a{,2}b", true},
    {"^a{,2}$", "aa", true},
    {"^a{,2}$", "aaa", false},
    {"^a{,2}$", "a{,2}", false},
    {"^[a{,2}]+$", "a{,2}", true},
    {"^[a{,2}]+$", "b", false},
    {"\\u0041", "A", true},
    {"\\u0041", "u0041", false},
    {"\\U0001F600", "\360\237\230\200", true},
    {"\\U0001F600", "x", false},
    {"^[[:alpha:]]+$", ":", false},
    {"^[[:alpha:]]+$", "a", false},
    {"^[[:alpha:]]+$", "[]", true},
    {"^[[:alpha:]]+$", "a]", true},
    {"^[]a]+$", "]a", true},
    {"^[]a]+$", "b", false},
    {"^[^]a]+$", "]", false},
    {"^[^]a]+$", "b", true},
    {"(?P<x>a)(?P=x)", "aa", true},
    {"(?P<x>a)(?P=x)", "ab", false},
    {"(?i)ABC", "abc", true},
    {"(?i)ABC", "abd", false},
    {"^(?:\\+27|0)\\d{9}$", "+27821234567", true},
    {"^(?:\\+27|0)\\d{9}$", "0821234567", true},
    {"^(?:\\+27|0)\\d{9}$", "082123456", false},
    {"a.c", "abc", true},
    {"a.c", "a\012c", false},
    {"a.c", "a\015c", true},
    {"(?s)a.c", "a\012c", true},
    {"(?m)^b", "a\012b", true},
    {"(?m)^b", "ab", false},
    {"x*", "", true},
    {"^.{3}$", "\303\244\303\266\303\274", true},
    {"^.{3}$", "\303\244\303\266", false},
    {"[\\d-]+$", "1-2", true},
    {"[\\d-]+$", "a", false},
    {"\\[x\\]", "[x]", true},
    {"\\[x\\]", "x", false},
    {"(a|b)*c", "ababc", true},
    {"(a|b)*c", "ab", false},
    {"^[A-Z]{2}\\d{4}$", "AB1234", true},
    {"^[A-Z]{2}\\d{4}$", "ab1234", false},
    {"^[A-Z]{2}\\d{4}$", "AB12345", false},
    {"a|^$", "", true},
    {"a|^$", "b", false},
    {"a|^$", "a", true},
};

static const struct {
    const char *like, *text;
    bool matches;
} likes[] = {
    {"a%", "abc", true},
    {"a%", "ba", false},
    {"%c", "abc", true},
    {"a_c", "abc", true},
    {"a_c", "a\303\251c", true},
    {"a_c", "ac", false},
    {"", "", true},
    {"", "x", false},
    {"%", "", true},
    {"a%c", "a\nb\nc", true},
    {"a.c", "abc", false},
    {"100\\%", "100%", true},
    {"100\\%", "1000", false},
    {"a\\_b", "axb", false},
    {"(x)", "(x)", true},
    {"A%", "abc", false},
    {"a", "a\n", false},
    {"[a]", "a", false},
    {"\303\251%", "\303\251t", true},
};

static void test_python(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof python / sizeof *python; i++) {
        hp_err err = {0};
        hp_pattern *p = NULL;
        bool matches;
        assert_ok(hp_pattern_compile_python(hp_str_of(python[i].regex), "s.json:1", &p, &err), err);
        assert_ok(hp_pattern_match(p, hp_str_of(python[i].text), &matches, &err), err);
        if (matches != python[i].matches)
            fail_msg("%s on \"%s\": %d", python[i].regex, python[i].text, matches);
        hp_pattern_free(p);
    }
}

static void test_like(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof likes / sizeof *likes; i++) {
        hp_err err = {0};
        hp_pattern *p = NULL;
        bool matches;
        assert_ok(hp_pattern_compile_like(hp_str_of(likes[i].like), "s.json:1", &p, &err), err);
        assert_ok(hp_pattern_match(p, hp_str_of(likes[i].text), &matches, &err), err);
        if (matches != likes[i].matches) fail_msg("%s on \"%s\": %d", likes[i].like, likes[i].text, matches);
        hp_pattern_free(p);
    }
}

/* (a+)+$ takes 2^n steps on n times a and a b. */
static void test_hostile(void **state) {
    (void)state;
    hp_err err = {0};
    hp_pattern *p = NULL;
    bool matches = true;
    char text[64];
    memset(text, 'a', sizeof text);
    text[63] = 'b';
    assert_ok(hp_pattern_compile_python(HP_S("^(a+)+$"), "suites/a.json:7", &p, &err), err);
    assert_int_equal(hp_pattern_match(p, (hp_str){text, sizeof text}, &matches, &err), HP_CONFIG);
    assert_contains(err.message, "suites/a.json:7");
    assert_contains(err.message, "too many steps");
    hp_pattern_free(p);
}

/* Deep backtracking over a long text ends too, with a match or with a message. */
static void test_long_text(void **state) {
    (void)state;
    hp_err err = {0};
    hp_pattern *p = NULL;
    bool matches = false;
    size_t n = 4u << 20;
    char *text = hp_malloc(n);
    memset(text, 'a', n);
    assert_ok(hp_pattern_compile_python(HP_S("^(a|b)*$"), "s.json:1", &p, &err), err);
    hp_code code = hp_pattern_match(p, (hp_str){text, n}, &matches, &err);
    assert_true((code == HP_OK && matches) || code == HP_CONFIG);
    hp_pattern_free(p);
    hp_free(text);
}

static void test_bad_syntax(void **state) {
    (void)state;
    hp_err err = {0};
    hp_pattern *p = NULL;
    assert_int_equal(hp_pattern_compile_python(HP_S("a(b"), "suites/a.json:7", &p, &err), HP_CONFIG);
    assert_contains(err.message, "suites/a.json:7");
    assert_contains(err.message, "character 4");
    assert_null(p);
}

static void test_no_memory(void **state) {
    (void)state;
    for (uint64_t n = 1; n < 100; n++) {
        hp_err err = {0};
        hp_pattern *p = NULL;
        hp_mem_fail_at(n);
        uint64_t before = hp_mem_failures();
        hp_code code = hp_pattern_compile_python(HP_S("^[a-z]{,9}$"), "s.json:1", &p, &err);
        hp_mem_fail_at(0);
        hp_pattern_free(p);
        if (hp_mem_failures() == before) {
            assert_int_equal(code, HP_OK);
            return;
        }
        assert_true(code == HP_RETRY || code == HP_OK); /* without room for compiled code it is interpreted */
    }
    fail_msg("it never came to an end");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_python),    cmocka_unit_test(test_like),       cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_long_text), cmocka_unit_test(test_bad_syntax), cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
