#include <math.h>
#include <stdlib.h>

#include "resolve/compare.h"
#include "resolve/resolve.h"
#include "unit.h"

static void assert_near(double got, double wanted, const char *what) {
    if (fabs(got - wanted) > 1e-9) fail_msg("%s: got %.12f, wanted %.12f", what, got, wanted);
}

typedef struct pair {
    const char *a, *b;
    double similarity;
} pair;

/* Computed by RapidFuzz 3.14.6: rapidfuzz.distance.JaroWinkler.similarity(a, b) of the UTF-8 bytes, not of
 * code points. */
static const pair GOLDEN[] = {
    {"martha", "marhta", 0.961111111111},
    {"dwayne", "duane", 0.840000000000},
    {"dixon", "dicksonx", 0.813333333333},
    {"jellyfish", "smellyfish", 0.896296296296},
    {"kestrel air charter", "kestrel air academy", 0.902456140351},
    {"kestrel air cape town", "kestrel air durban", 0.888888888889},
    {"kestrel flight academy", "kestrel flght academy", 0.990909090909},
    {"wenumaville flying school", "wenumavile flying school", 0.933666666667},
    {"kestrel aviation services", "kestrel aviation svcs", 0.968000000000},
    {"a", "a", 1.000000000000},
    {"a", "b", 0.000000000000},
    {"ab", "ba", 0.000000000000},
    {"abc", "xyz", 0.000000000000},
    {"", "", 1.000000000000},
    {"", "abc", 0.000000000000},
    {"abc", "abcd", 0.941666666667},
    {"aaaa", "aaa", 0.941666666667},
    {"abcvwxyz", "cabvwxyz", 0.958333333333},
    {"crate", "trace", 0.733333333333},
    {"north", "south", 0.733333333333},
    {"capetown", "cape town", 0.977777777778},
    {"blue crane logistics", "blue crane logistic", 0.990000000000},
    {"ubuntu training", "ubuntu trading", 0.959047619048},
    {"sky high aero club", "aero club sky high", 0.398148148148},
    {"m\xC3\xBC"
     "nchen flug",
     "munchen flug", 0.928846153846},
    {"\xC3\xA9"
     "cole de pilotage",
     "ecole de pilotage", 0.880855119826},
    {"johannesburg gliding", "johanesburg glidng", 0.980000000000},
    {"ab", "abcdefghijkl", 0.777777777778},
    {"0123456789", "9876543210", 0.433333333333},
    {"aabbccddeeff", "ffeeddccbbaa", 0.500000000000},
};
enum { NGOLDEN = sizeof GOLDEN / sizeof *GOLDEN };

static void jaro_winkler_agrees_with_rapidfuzz(void **state) {
    (void)state;
    assert_true(NGOLDEN >= 30);
    for (size_t i = 0; i < NGOLDEN; i++)
        assert_near(hp_jaro_winkler(hp_str_of(GOLDEN[i].a), hp_str_of(GOLDEN[i].b)), GOLDEN[i].similarity,
                    GOLDEN[i].a);
    char x[74], y[74];
    memset(x, 'x', sizeof x);
    memset(y, 'x', sizeof y);
    memcpy(x + 70, "abc", 3);
    memcpy(y + 69, "abcd", 4);
    assert_near(hp_jaro_winkler((hp_str){x, 73}, (hp_str){y, 73}), 0.994520547945, "73 bytes");
}

/* The bit-parallel path ends at 64 bytes: the same pairs, made longer by a common tail, still agree with the
 * plain definition. */
static double plain_jaro_winkler(hp_str a, hp_str b) {
    bool in_a[200] = {false}, in_b[200] = {false};
    long window = (long)(a.n > b.n ? a.n : b.n) / 2 - 1, common = 0, mismatched = 0;
    if (window < 0) window = 0;
    for (long j = 0; j < (long)b.n; j++) {
        for (long i = 0; i < (long)a.n; i++) {
            if (labs(i - j) > window || in_a[i] || a.p[i] != b.p[j]) continue;
            in_a[i] = in_b[j] = true;
            common++;
            break;
        }
    }
    if (common == 0) return 0;
    for (size_t i = 0, j = 0; i < a.n; i++) {
        if (!in_a[i]) continue;
        while (!in_b[j]) j++;
        mismatched += a.p[i] != b.p[j++];
    }
    double m = (double)common,
           jaro = (m / (double)a.n + m / (double)b.n + (m - (double)(mismatched / 2)) / m) / 3;
    int prefix = 0;
    while (prefix < 4 && prefix < (int)a.n && prefix < (int)b.n && a.p[prefix] == b.p[prefix]) prefix++;
    return jaro > 0.7 ? jaro + 0.1 * prefix * (1 - jaro) : jaro;
}

static void all_lengths_agree(void **state) {
    (void)state;
    char a[140], b[140];
    unsigned seed = 12345;
    for (int round = 0; round < 20000; round++) {
        size_t la = 0, lb = 0, n = (size_t)round % 70 + 1;
        for (size_t i = 0; i < n; i++) {
            seed = seed * 1664525u + 1013904223u;
            char c = (char)('a' + (seed >> 24) % 9);
            unsigned what = (seed >> 16) % 8;
            if (what != 0) a[la++] = c;
            if (what != 1) b[lb++] = what == 2 ? 'z' : c;
        }
        if (la == 0 || lb == 0) continue;
        hp_str x = {a, la}, y = {b, lb};
        double wanted = plain_jaro_winkler(x, y);
        assert_near(hp_jaro_winkler(x, y), wanted, "random text");
        assert_true(hp_name_bound(hp_name_sketch_of(x), hp_name_sketch_of(y)) >= wanted - 1e-12);
    }
}

static void long_names_are_cut(void **state) {
    (void)state;
    static char a[20000], b[20000];
    memset(a, 'a', sizeof a);
    memset(b, 'a', sizeof b);
    memset(b + 512, 'b', sizeof b - 512);
    assert_near(hp_jaro_winkler((hp_str){a, sizeof a}, (hp_str){b, sizeof b}), 1, "the same first 512 bytes");
}

static void words_in_any_order(void **state) {
    (void)state;
    assert_near(hp_name_similarity(HP_S("sky high aero club"), HP_S("aero club sky high")), 1, "sorted");
    assert_near(hp_name_similarity(HP_S("aero"), HP_S("aero")), 1, "equal");
    assert_near(hp_name_similarity(HP_S("nkosi thandi"), HP_S("thandi nkosi")), 1, "sorted");
    for (size_t i = 0; i < NGOLDEN; i++) {
        hp_str a = hp_str_of(GOLDEN[i].a), b = hp_str_of(GOLDEN[i].b);
        double s = hp_name_similarity(a, b);
        assert_near(hp_name_similarity(b, a), s, "the order of the arguments");
        assert_true(hp_name_bound(hp_name_sketch_of(a), hp_name_sketch_of(b)) >= s - 1e-12);
        assert_true(s >= GOLDEN[i].similarity - 1e-9);
    }
}

static void letters_that_need_mending(void **state) {
    (void)state;
    hp_str a = HP_S("jorekinga pilot training"), b = HP_S("joraekinga pilot training");
    double plain = hp_name_similarity(a, b);
    assert_true(plain < 0.92);
    assert_near(hp_name_likeness(a, b, 0.92), 1 - 1 / 25.0, "one of 25");
    assert_near(hp_name_likeness(a, b, plain), plain, "enough already");
    assert_near(hp_name_likeness(HP_S("vumbuza"), HP_S("kestrel"), 0.92),
                hp_name_similarity(HP_S("vumbuza"), HP_S("kestrel")), "too far");
}

static void the_bound_rules_pairs_out(void **state) {
    (void)state;
    hp_name_sketch a = hp_name_sketch_of(HP_S("kestrel charter")),
                   b = hp_name_sketch_of(HP_S("kestrel flying school"));
    hp_name_sketch c = hp_name_sketch_of(HP_S("vumbuza"));
    assert_true(hp_name_bound(a, b) < 0.94);
    assert_true(hp_name_bound(a, c) < 0.5);
    assert_near(hp_name_bound(a, a), 1, "itself");
}

static void how_words_differ(void **state) {
    (void)state;
    static const struct {
        const char *a, *b;
        hp_name_difference differ;
        size_t shared;
    } CASE[] = {
        {"kestrel air", "kestrel air", HP_DIFF_NONE, 2},
        {"kestrel air", "air kestrel", HP_DIFF_NONE, 2},
        {"kestrel air", "kestrl air", HP_DIFF_NONE, 1},
        {"kestrel air", "kestrel ari", HP_DIFF_NONE, 1},
        {"kestrel flight academy", "kestrel flight acad", HP_DIFF_NONE, 2},
        {"kestrel cape town", "kestrel capetown", HP_DIFF_NONE, 1},
        {"kestrel air", "kestrel air charter", HP_DIFF_WITHIN, 2},
        {"kestrel", "kestrel air charter", HP_DIFF_WITHIN, 1},
        {"kestrel air charter", "kestrel air academy", HP_DIFF_WORDS, 2},
        {"kestrel air cape town", "kestrel air durban", HP_DIFF_WORDS, 2},
        {"kestrel air north", "kestrel air south", HP_DIFF_WORDS, 2},
        {"kestrel air east", "kestrel air west", HP_DIFF_WORDS, 2},
        {"kestrel racing", "kestrel training", HP_DIFF_WORDS, 1},
        {"hangar 1", "hangar 2", HP_DIFF_WORDS, 1},
        {"hangar 12 north", "hangar 13 north", HP_DIFF_WORDS, 2},
        {"hangar 101", "hangar 102", HP_DIFF_WORDS, 1},
        {"kestrel 2", "kestrel", HP_DIFF_WITHIN, 1},
        {"alpha a", "alpha b", HP_DIFF_WORDS, 1},
        {"kestrel", "vumbuza", HP_DIFF_WORDS, 0},
    };
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++) {
        for (int swap = 0; swap < 2; swap++) {
            size_t shared = 99;
            hp_str a = hp_str_of(swap ? CASE[i].b : CASE[i].a), b = hp_str_of(swap ? CASE[i].a : CASE[i].b);
            if (hp_name_differ(a, b, &shared) != CASE[i].differ) fail_msg("%s | %s", CASE[i].a, CASE[i].b);
            if (CASE[i].differ == HP_DIFF_WITHIN) assert_int_equal(shared, CASE[i].shared);
        }
    }
}

static void many_words_stay_within_bounds(void **state) {
    (void)state;
    char text[1001];
    for (size_t i = 0; i < 1000; i++) text[i] = i % 2 ? ' ' : (char)('a' + i / 2 % 26);
    hp_str s = {text, 1000};
    assert_int_equal(hp_name_words(s), HP_NAME_WORDS);
    assert_near(hp_name_similarity(s, (hp_str){text, 998}), 1, "the first 512 bytes are the same");
    size_t shared;
    assert_int_equal(hp_name_differ(s, s, &shared), HP_DIFF_NONE);
    assert_int_equal(hp_name_words(HP_S("  a  b ")), 2);
    assert_int_equal(hp_name_words(HP_S("")), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jaro_winkler_agrees_with_rapidfuzz),
        cmocka_unit_test(all_lengths_agree),
        cmocka_unit_test(long_names_are_cut),
        cmocka_unit_test(words_in_any_order),
        cmocka_unit_test(letters_that_need_mending),
        cmocka_unit_test(the_bound_rules_pairs_out),
        cmocka_unit_test(how_words_differ),
        cmocka_unit_test(many_words_stay_within_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
