#include "clean_case.h"
#include "base/mem.h"

static const clean_case texts[] = {
    {"plain", "plain"},
    {"", ""},
    {"  outer  ", "outer"},
    {"inner   blanks\t\there", "inner blanks here"},
    {"a\xC2\xA0\xC2\xA0z", "a z"},
    {"line one\r\nline two", "line one line two"},
    {"\xEF\xBC\xA1\xEF\xBC\xA2", "AB"},          /* full width */
    {"e\xCC\x81t\xC3\xA9", "\xC3\xA9t\xC3\xA9"}, /* composed */
    {"\xEF\xAC\x81n", "fin"},                    /* ligature fi */
    {"a\x01"
     "b\x7F"
     "c",
     "abc !control_characters(control or invisible character)"},
    {"a\x1F"
     "b",
     "ab !control_characters(control or invisible character)"},
    {"z\xE2\x80\x8B"
     "w",
     "zw !control_characters(control or invisible character)"},
    {"\xE2\x80\xAE"
     "evil",
     "evil !control_characters(control or invisible character)"},
    {"\x01\x02\x03", "!control_characters(control or invisible character)"},
    {"  \t ", ""},
    {"Unknown", "!placeholder"},
    {" UNSPECIFIED. ", "!placeholder"},
    {"(unknown)", "!placeholder"},
    {"n/a", "!placeholder"},
    {"N.A.", "!placeholder"},
    {"NA", "!placeholder"},
    {"#N/A", "!placeholder"},
    {"none", "!placeholder"},
    {"NULL", "!placeholder"},
    {"nil", "!placeholder"},
    {"NaN", "!placeholder"},
    {"TBA", "!placeholder"},
    {"tbc", "!placeholder"},
    {"To be confirmed", "!placeholder"},
    {"-", "!placeholder"},
    {"--", "!placeholder"},
    {"\xE2\x80\x94", "!placeholder"},
    {"\xE2\x80\x93", "!placeholder"},
    {".", "!placeholder"},
    {"..", "!placeholder"},
    {"\xE2\x80\xA6", "!placeholder"},
    {"?", "!placeholder"},
    {"x", "!placeholder"},
    {"XX", "!placeholder"},
    {"xxx", "!placeholder"},
    {"Not available", "!placeholder"},
    {"not applicable", "!placeholder"},
    {"no email", "!placeholder"},
    {"No phone", "!placeholder"},
    {"0", "0"},
    {"00", "00"},
    {"Nadia", "Nadia"},
    {"box", "box"},
    {"unknown quantity", "unknown quantity"},
    {"+", "+"},
    {"#N/A", "", HP_T_ERROR},
    {"12", "12", HP_T_NUMBER},
};

static const clean_case ids[] = {
    {"12.0", "12", HP_T_NUMBER}, {"12.5", "12.5", HP_T_NUMBER}, {"12.0", "12.0"}, {"0012", "0012"},
    {"0", "0", HP_T_NUMBER},     {"-", "!placeholder"},
};

static const clean_case statuses[] = {
    {"Contacted - Email", "Contacted - Email"},
    {"Unknown", "!placeholder"},
    {"0", "!placeholder"},
    {" Active ", "Active"},
};

static const clean_case addresses[] = {
    {"12 Long Street\nCape Town\r\n8001", "12 Long Street, Cape Town, 8001"},
    {"12 Long Street,\nCape Town", "12 Long Street, Cape Town"},
    {"12 Long Street\n, Cape Town", "12 Long Street, Cape Town"},
    {"\n\nHangar 5\n\n\nLanseria\n", "Hangar 5, Lanseria"},
    {"Hangar 5,  Lanseria", "Hangar 5, Lanseria"},
    {"\xE2\x80\x94", "!placeholder"},
    {"0", "!placeholder"},
};

static void test_text(void **state) {
    (void)state;
    hp_clean_ctx ctx = clean_ctx();
    CLEAN_CHECK(hp_clean_text, &ctx, texts);
    CLEAN_CHECK(hp_clean_id, &ctx, ids);
    CLEAN_CHECK(hp_clean_status, &ctx, statuses);
    CLEAN_CHECK(hp_clean_address, &ctx, addresses);
}

static void test_placeholders_of_profile(void **state) {
    (void)state;
    hp_str more[] = {HP_S("to follow"), HP_S("\xC3\x84hnlich")};
    hp_profile p = {.placeholder = more, .nplaceholder = 2};
    hp_clean_ctx ctx;
    hp_clean_ctx_init(&ctx, &p);
    assert_true(hp_is_placeholder(&ctx, HP_S("To Follow")));
    assert_true(hp_is_placeholder(&ctx, HP_S(" (to follow) ")));
    assert_true(hp_is_placeholder(&ctx, HP_S("\xC3\xA4hnlich")));
    assert_true(hp_is_placeholder(&ctx, HP_S("unknown")));
    assert_false(hp_is_placeholder(&ctx, HP_S("to follow up")));
    assert_false(hp_is_placeholder(&ctx, HP_S("")));
    assert_false(hp_is_placeholder(NULL, HP_S("something")));
}

static void test_context(void **state) {
    (void)state;
    hp_profile p = {.country = HP_S("na"), .day_first = false};
    hp_clean_ctx ctx;
    hp_clean_ctx_init(&ctx, &p);
    assert_string_equal(ctx.country, "NA");
    assert_false(ctx.day_first);
    hp_clean_ctx_init(&ctx, NULL);
    assert_string_equal(ctx.country, "ZA");
    assert_true(ctx.day_first);
    for (int k = 0; k < HP_KIND_COUNT; k++) assert_non_null(hp_clean_for((hp_kind)k));
}

/* Cleans `n` copies of a text of `unit` bytes and checks that it is cut on a whole code point, with a
 * finding. */
static void check_cut(const char *one, size_t n) {
    hp_clean_ctx ctx = clean_ctx();
    size_t unit = strlen(one);
    hp_buf big = hp_buf_new(unit * n);
    for (size_t i = 0; i < n; i++) hp_buf_puts(&big, one);
    hp_clean_out o = {.value = hp_buf_new(1u << 20), .extra = hp_buf_new(1u << 20)};
    hp_clean_text(&ctx, hp_buf_str(&big), HP_T_TEXT, &o);
    assert_false(o.value.bad);
    assert_true(o.value.n <= HP_LIMIT_VALUE_BYTES && o.value.n > HP_LIMIT_VALUE_BYTES - 4);
    assert_int_equal(o.value.n % unit, 0);
    assert_int_equal(o.nrule, 1);
    assert_int_equal(o.rule[0], HP_R_VALUE_CUT);
    hp_buf_free(&big);
    hp_buf_free(&o.value);
    hp_buf_free(&o.extra);
}

static void test_long_text(void **state) {
    (void)state;
    check_cut("y", 10u << 20);
    check_cut("\xC3\xA9", 5u << 20);
    check_cut("\xE4\xB8\xAD", 3u << 20);
    check_cut("y", HP_LIMIT_VALUE_BYTES + 1);
}

/* Hostile cells may be long: every kind takes 10 MB and gives an answer. */
static void test_long_everything(void **state) {
    (void)state;
    static const char *const units[] = {"@",    "a@b.co ", "1",  "1/",           "(",   ")",   ",", "A ",
                                        "\x01", "-",       "\n", "\xEF\xB7\xBA", "<@>", "www."};
    hp_clean_ctx ctx = clean_ctx();
    hp_buf big = hp_buf_new(10u << 20);
    hp_clean_out o = {.value = hp_buf_new(1u << 20), .extra = hp_buf_new(1u << 20)};
    for (size_t u = 0; u < sizeof units / sizeof *units; u++) {
        hp_buf_clear(&big);
        while (big.n + 8 < big.max) hp_buf_puts(&big, units[u]);
        for (int k = 0; k < HP_KIND_COUNT; k++) {
            hp_buf_clear(&o.value);
            hp_buf_clear(&o.extra);
            hp_clean_for((hp_kind)k)(&ctx, hp_buf_str(&big), HP_T_TEXT, &o);
            assert_false(o.value.bad || o.extra.bad);
            assert_true(o.value.n > 0 || o.nrule > 0 || hp_str_eq(HP_S("\n"), hp_str_of(units[u])));
        }
    }
    hp_buf_free(&big);
    hp_buf_free(&o.value);
    hp_buf_free(&o.extra);
}

static void clean_kind(int kind, const hp_clean_ctx *ctx, const char *in, hp_clean_out *o, hp_buf *shown) {
    hp_buf_free(&o->value);
    hp_buf_free(&o->extra);
    hp_clean_for((hp_kind)kind)(ctx, hp_str_of(in), HP_T_TEXT, o);
    hp_buf_clear(shown);
    clean_describe(o, shown);
}

/* Each allocation fails once: then the value is marked bad, or it is right all the same. */
static void test_out_of_memory(void **state) {
    (void)state;
    static const char *const in[] = {"  M\xC3\x9CLLER,\nj\xC3\xBCrgen (\xC3\x89lan \xE2\x80\x94 Owner)",
                                     "O'Connor & Sons S.A.",
                                     "\xC3\x89"
                                     "cole",
                                     "<J\xC3\xBC@acme.test>; jane (at) b\xC3\xBC"
                                     "cher.test",
                                     "011\xE2\x80\x93"
                                     "555 0100; 082 123 4567",
                                     "WWW.B\xC3\xBC"
                                     "cher.test/a",
                                     "KZN\xC2\xA0SA",
                                     "C\xC3\xB4te d'Ivoire",
                                     "14 Oct 2025",
                                     "a@acme.test\x1f"
                                     "b@acme.test",
                                     "\xC3\xA4hnlich"};
    hp_str more[] = {HP_S("\xC3\x84hnlich")};
    hp_profile p = {.placeholder = more, .nplaceholder = 1};
    hp_clean_ctx ctx;
    hp_clean_ctx_init(&ctx, &p);
    hp_clean_out o = {.value = hp_buf_new(4096), .extra = hp_buf_new(4096)};
    hp_buf want = hp_buf_new(4096), got = hp_buf_new(4096);
    for (int k = 0; k < HP_KIND_COUNT; k++) {
        for (size_t i = 0; i < sizeof in / sizeof *in; i++) {
            clean_kind(k, &ctx, in[i], &o, &want);
            for (uint64_t n = 1, used = 1; n <= used; n++) {
                hp_mem_fail_at(n);
                uint64_t before = hp_mem_count();
                hp_buf_free(&o.value);
                hp_buf_free(&o.extra);
                hp_clean_for((hp_kind)k)(&ctx, hp_str_of(in[i]), HP_T_TEXT, &o);
                used = hp_mem_count() - before;
                hp_mem_fail_at(0);
                hp_buf_clear(&got);
                clean_describe(&o, &got);
                if (!o.value.bad && !o.extra.bad) assert_string_equal(hp_buf_cstr(&got), hp_buf_cstr(&want));
            }
        }
    }
    hp_buf_free(&o.value);
    hp_buf_free(&o.extra);
    hp_buf_free(&want);
    hp_buf_free(&got);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_placeholders_of_profile),
        cmocka_unit_test(test_context),
        cmocka_unit_test(test_long_text),
        cmocka_unit_test(test_long_everything),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
