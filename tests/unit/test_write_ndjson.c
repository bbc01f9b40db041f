/* Lines of JSON: every value as what it is, nothing lost, nothing half-written. tests/e2e/test_write.py lets
 * other programs read the same. */
#include "base/threads.h"
#include "write_case.h"

static hp_str written(const hp_table *t) {
    hp_err err = {0};
    hp_out out;
    const char *path = wc_path("t.ndjson");
    assert_ok(hp_write_ndjson(W.pool, t, path, &out, &err), err);
    assert_ok(hp_out_commit(&out, &err), err);
    return wc_read(path);
}

/* Writes one cell under the header "h" and returns its value. */
static hp_str value(hp_type type, hp_style style, hp_str text) {
    hp_table *t = hp_table_new(W.arena, 1, 1, false);
    uint8_t types[1] = {(uint8_t)type};
    t->col[0].name = HP_S("h");
    t->col[0].style = style;
    t->col[0].type = types;
    t->col[0].v[0] = wc_vid(text);
    hp_str s = written(t);
    assert_true(hp_str_starts(s, HP_S("{\"h\":")) && hp_str_ends(s, HP_S("}\n")));
    return hp_str_cut(s, 5, s.n - 2);
}

static void values_are_what_they_are(void **state) {
    (void)state;
    static const struct {
        hp_type type;
        const char *in, *out;
    } CASES[] = {
        {HP_T_TEXT, "plain", "\"plain\""},
        {HP_T_TEXT, "12", "\"12\""},
        {HP_T_TEXT, "TRUE", "\"TRUE\""},
        {HP_T_NUMBER, "0", "0"},
        {HP_T_NUMBER, "-12", "-12"},
        {HP_T_NUMBER, "27821234567", "27821234567"},
        {HP_T_NUMBER, "9223372036854775807", "9223372036854775807"},
        {HP_T_NUMBER, "9223372036854775808", "\"9223372036854775808\""},
        {HP_T_NUMBER, "0.85", "0.85"},
        {HP_T_NUMBER, "0.50", "0.50"},
        {HP_T_NUMBER, "0.1000000000000000055511151231257827", "\"0.1000000000000000055511151231257827\""},
        {HP_T_NUMBER, "0.14285714285714285", "0.14285714285714285"},
        {HP_T_NUMBER, "0.14285714285714286", "\"0.14285714285714286\""},
        {HP_T_NUMBER, "007", "\"007\""},
        {HP_T_NUMBER, "-0", "\"-0\""},
        {HP_T_NUMBER, "+7", "\"+7\""},
        {HP_T_NUMBER, ".5", "\".5\""},
        {HP_T_NUMBER, "5.", "\"5.\""},
        {HP_T_NUMBER, "-", "\"-\""},
        {HP_T_NUMBER, "1e3", "\"1e3\""},
        {HP_T_NUMBER, "00.5", "\"00.5\""},
        {HP_T_NUMBER, "0x1p3", "\"0x1p3\""},
        {HP_T_BOOL, "TRUE", "true"},
        {HP_T_BOOL, "FALSE", "false"},
        {HP_T_BOOL, "yes", "\"yes\""},
        {HP_T_DATE, "2025-10-14T09:30:00", "\"2025-10-14T09:30:00\""},
        {HP_T_ERROR, "#N/A", "\"#N/A\""},
        {HP_T_NUMBER, "", "null"},
        {HP_T_TEXT, "", "null"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        assert_view(value(CASES[i].type, HP_STYLE_TEXT, hp_str_of(CASES[i].in)), CASES[i].out);
    assert_view(value(HP_T_TEXT, HP_STYLE_SCORE, HP_S("0.6")), "0.6");
    assert_view(value(HP_T_TEXT, HP_STYLE_INT, HP_S("many")), "\"many\"");
}

/* RFC 8259, 7, and what would steer the terminal on which the file is looked at. */
static void text_is_escaped(void **state) {
    (void)state;
    static const char *const CASES[][2] = {
        {"say \"x\"", "\"say \\\"x\\\"\""},
        {"a\\b", "\"a\\\\b\""},
        {"a\nb\tc\rd", "\"a\\nb\\tc\\rd\""},
        {"\x01\x1b[31m", "\"\\u0001\\u001b[31m\""},
        {"\x7f", "\"\\u007f\""},
        {"caf\xC3\xA9 and much more text behind it", "\"caf\xC3\xA9 and much more text behind it\""},
        {"sixteen bytes...\"", "\"sixteen bytes...\\\"\""},
        {"a line of more than thirty-two bytes \\ all told",
         "\"a line of more than thirty-two bytes \\\\ all told\""},
        {"\xF0\x9F\x98\x80", "\"\xF0\x9F\x98\x80\""},
        {"\xE2\x80\xAE", "\"\\u202e\""},
        {"bad \xFF\xC3", "\"bad \xEF\xBF\xBD\xEF\xBF\xBD\""},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        assert_view(value(HP_T_TEXT, HP_STYLE_TEXT, hp_str_of(CASES[i][0])), CASES[i][1]);
}

static void rows_are_objects(void **state) {
    (void)state;
    static const char *const T[][3] = {{"a \"b\"", NULL, "a \"b\""}, {"1", NULL, "3"}, {NULL, "x", NULL}};
    assert_view(written(WC_TABLE(T)), "{\"a \\\"b\\\"\":\"1\",\"column_2\":null,\"a \\\"b\\\"_2\":\"3\"}\n"
                                      "{\"a \\\"b\\\"\":null,\"column_2\":\"x\",\"a \\\"b\\\"_2\":null}\n");
    static const char *const NONE[][1] = {{"a"}};
    assert_view(written(WC_TABLE(NONE)), "");
}

static hp_table *big_table(size_t rows) {
    hp_table *t = hp_table_new(W.arena, rows, 2, false);
    t->col[0].name = HP_S("h");
    t->col[1].name = HP_S("again");
    for (size_t r = 0; r < rows; r++)
        t->col[0].v[r] = t->col[1].v[r] = wc_vid(hp_arena_printf(W.arena, "row \"%zu\" of %zu", r, rows));
    return t;
}

/* Several blocks, so that every seam is crossed. */
static void bytes_do_not_depend_on_threads(void **state) {
    (void)state;
    hp_table *t = big_table(60000);
    hp_autobuf want = hp_buf_new(64u << 20);
    for (size_t r = 0; r < t->nrow; r++)
        hp_buf_printf(&want, "{\"h\":\"row \\\"%zu\\\" of 60000\",\"again\":\"row \\\"%zu\\\" of 60000\"}\n",
                      r, r);
    assert_false(want.bad);
    for (unsigned jobs = 1; jobs <= 5; jobs += 2) {
        hp_threads_set(jobs);
        assert_true(hp_str_eq(written(t), hp_buf_str(&want)));
    }
    hp_threads_set(0);
}

/* A block of documents is full before it has all its rows. */
static void documents_come_out_whole(void **state) {
    (void)state;
    enum { ROWS = 64, BYTES = 1 << 20 };
    hp_table *t = hp_table_new(W.arena, ROWS, 1, false);
    char *text = hp_arena_raw(W.arena, BYTES);
    memset(text, 'd', BYTES);
    for (size_t r = 0; r < ROWS; r++) t->col[0].v[r] = wc_vid((hp_str){text, BYTES - r});
    t->col[0].name = HP_S("h");
    hp_str s = written(t);
    size_t at = 0;
    for (size_t r = 0; r < ROWS; r++) {
        size_t end = hp_str_chr(s, '\n', at);
        assert_int_equal(end - at, BYTES - r + strlen("{\"h\":\"\"}"));
        at = end + 1;
    }
    assert_int_equal(at, s.n);
}

static void a_full_disk_is_an_error(void **state) {
    (void)state;
    hp_table *t = big_table(4000);
    wc_on_full_disks(hp_write_ndjson, t, "t.ndjson", written(t), 7919);
}

static void every_failed_allocation_is_an_error(void **state) {
    (void)state;
    hp_table *t = big_table(4000);
    hp_str whole = written(t);
    size_t failed = 0;
    hp_threads_set(1);
    for (uint64_t n = 1; n <= 60; n++)
        failed += wc_without_memory(hp_write_ndjson, t, "t.ndjson", whole, n) == HP_RETRY;
    hp_threads_set(0);
    assert_true(failed >= 5 && failed < 60);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_what_they_are),
        cmocka_unit_test(text_is_escaped),
        cmocka_unit_test(rows_are_objects),
        cmocka_unit_test(bytes_do_not_depend_on_threads),
        cmocka_unit_test(documents_come_out_whole),
        cmocka_unit_test(a_full_disk_is_an_error),
        cmocka_unit_test(every_failed_allocation_is_an_error),
    };
    return cmocka_run_group_tests(tests, wc_open, wc_close);
}
