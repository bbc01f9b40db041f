/* Parquet: kinds only where nothing is lost, read back whole by our own reader; the same bytes whatever the
 * threads. tests/e2e/test_parquet.py holds it against other programs. */
#include "base/threads.h"
#include "read/reader.h"
#include "write/parquet.h"
#include "write_case.h"

static const char *written(const hp_table *t) {
    hp_err err = {0};
    hp_out out;
    const char *path = wc_path("t.parquet");
    assert_ok(hp_write_parquet(W.pool, t, path, &out, &err), err);
    assert_ok(hp_out_commit(&out, &err), err);
    return path;
}

/* Holds what is written against what is read back: names in the first row, then the cells. */
static void comes_back(const hp_table *t) {
    hp_err err = {0};
    hp_run run = {0};
    hp_book *b;
    hp_table *back;
    assert_ok(hp_run_open(&run, &err), err);
    assert_ok(hp_book_open(&run, written(t), &b, &err), err);
    assert_ok(hp_book_read(&run, b, 0, 0, &back, &err), err);
    assert_int_equal(back->ncol, t->ncol);
    size_t k = 1; /* rows without any value are not there */
    for (size_t r = 0; r < t->nrow; r++) {
        bool any = false;
        for (size_t c = 0; c < t->ncol; c++) any = any || t->col[c].v[r] != HP_NULL;
        if (!any) continue;
        assert_true(k < back->nrow);
        assert_int_equal(back->origin[k].row, r + 2);
        for (size_t c = 0; c < t->ncol; c++) {
            hp_str was = hp_text(W.pool, t->col[c].v[r]), is = hp_text(run.pool, back->col[c].v[k]);
            if (!hp_str_eq(was, is))
                fail_msg("row %zu, column %zu: \"%.*s\" came back as \"%.*s\"", r, c, HP_FMT(was),
                         HP_FMT(is));
        }
        k++;
    }
    assert_int_equal(k, back->nrow);
    hp_book_close(b);
    hp_run_close(&run);
}

/* ---- kinds ---- */

/* Plans a column of texts of one type, separated by blanks; "-" is null. */
static hp_leaf_kind planned(hp_type type, hp_style style, const char *texts) {
    hp_table *t = hp_table_new(W.arena, 8, 1, false);
    uint8_t types[8] = {0};
    hp_leaf leaf[2];
    hp_err err = {0};
    hp_str rest = hp_str_of(texts), part;
    t->col[0].type = types;
    t->col[0].style = style;
    t->nrow = 0;
    while (hp_str_next(&rest, ' ', &part)) {
        t->col[0].v[t->nrow] = hp_str_eq(part, HP_S("-")) ? HP_NULL : wc_vid(part);
        types[t->nrow++] = (uint8_t)type;
    }
    assert_ok(hp_leaves_plan(W.arena, W.pool, t, leaf, &err), err);
    t->col[0].name = HP_S("h");
    comes_back(t);
    return leaf[0].kind;
}

static void kinds_are_what_loses_nothing(void **state) {
    (void)state;
    static const struct {
        hp_type type;
        const char *texts;
        hp_leaf_kind kind;
    } CASES[] = {
        {HP_T_NUMBER, "1 2 - 30", HP_LEAF_INT},
        {HP_T_NUMBER, "-9223372036854775808 9223372036854775807", HP_LEAF_INT},
        {HP_T_NUMBER, "1 0.5 -2.25", HP_LEAF_DOUBLE},
        {HP_T_NUMBER, "100000000000000000000", HP_LEAF_DOUBLE},
        {HP_T_NUMBER, "0.000001234 0.14285714285714285", HP_LEAF_DOUBLE},
        {HP_T_NUMBER, "9223372036854775808", HP_LEAF_TEXT},
        {HP_T_NUMBER, "9007199254740993 0.5", HP_LEAF_TEXT},
        {HP_T_NUMBER, "007 8", HP_LEAF_TEXT},
        {HP_T_NUMBER, "0.50", HP_LEAF_TEXT},
        {HP_T_NUMBER, "-0", HP_LEAF_TEXT},
        {HP_T_NUMBER, "-", HP_LEAF_TEXT},
        {HP_T_TEXT, "1 2", HP_LEAF_TEXT},
        {HP_T_BOOL, "TRUE - FALSE TRUE", HP_LEAF_BOOL},
        {HP_T_BOOL, "TRUE yes", HP_LEAF_TEXT},
        {HP_T_DATE, "2025-10-14 - 0001-01-01 9999-12-31", HP_LEAF_DATE},
        {HP_T_DATE, "2025-10-14 2025-10-14T09:30:00", HP_LEAF_TEXT},
        {HP_T_DATE, "2025-10-14T09:30:00 1969-12-31T23:59:59.999999", HP_LEAF_STAMP},
        {HP_T_DATE, "2025-10-14T09:30:00.5000001", HP_LEAF_TEXT},
        {HP_T_DATE, "2025-10-14T24:00:00", HP_LEAF_TEXT},
        {HP_T_DATE, "2025-02-29", HP_LEAF_TEXT},
        {HP_T_DATE, "09:30:00 23:59:59.25", HP_LEAF_TIME},
        {HP_T_DATE, "30:15:00", HP_LEAF_TEXT},
        {HP_T_DATE, "09:30:00.50", HP_LEAF_TEXT},
        {HP_T_DATE, "09:30", HP_LEAF_TEXT},
        {HP_T_ERROR, "#N/A", HP_LEAF_TEXT},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        if (planned(CASES[i].type, HP_STYLE_TEXT, CASES[i].texts) != CASES[i].kind)
            fail_msg("%s: not of kind %d", CASES[i].texts, (int)CASES[i].kind);
    assert_int_equal(planned(HP_T_TEXT, HP_STYLE_INT, "1 2 -"), HP_LEAF_INT);
    assert_int_equal(planned(HP_T_TEXT, HP_STYLE_SCORE, "0.5 1"), HP_LEAF_DOUBLE);
    assert_int_equal(planned(HP_T_TEXT, HP_STYLE_SCORE, "0.5 high"), HP_LEAF_TEXT);
    hp_leaf leaf[2];
    hp_err err = {0};
    static const char *const SCORES[][1] = {{"score"}, {"1.0"}, {"0.50"}};
    hp_table *t = WC_TABLE(SCORES);
    t->col[0].style = HP_STYLE_SCORE; /* zeros of our own numbers say nothing */
    assert_ok(hp_leaves_plan(W.arena, W.pool, t, leaf, &err), err);
    assert_int_equal(leaf[0].kind, HP_LEAF_DOUBLE);
}

/* ---- tables ---- */

/* Makes a column of text n of a format for each row, null where n is a multiple of `gaps`. */
static void fill_column(hp_table *t, size_t c, const char *name, size_t distinct, size_t gaps, hp_type type,
                        hp_str (*text)(size_t)) {
    t->col[c].name = hp_str_of(name);
    t->col[c].type = hp_arena_zero(W.arena, t->nrow + 1);
    for (size_t r = 0; r < t->nrow; r++) {
        t->col[c].v[r] = gaps && r % gaps == 0 ? HP_NULL : wc_vid(text(r % distinct));
        t->col[c].type[r] = (uint8_t)type;
    }
}

static hp_str word(size_t i) { return hp_arena_printf(W.arena, "word number %zu", i * 7919 % 100003); }
static hp_str whole(size_t i) { return hp_arena_printf(W.arena, "%zu", i * i); }
static hp_str half(size_t i) { return hp_arena_printf(W.arena, "%zu.5", i * 3); }
static hp_str truth(size_t i) { return i % 2 ? HP_S("TRUE") : HP_S("FALSE"); }
static hp_str day(size_t i) {
    return hp_arena_printf(W.arena, "%04zu-%02zu-%02zu", 1900 + i % 200, 1 + i % 12, 1 + i % 28);
}
static hp_str moment(size_t i) {
    return hp_arena_printf(W.arena, "%04zu-01-02T03:%02zu:05.%zu", 1900 + i / 60 % 200, i % 60, i % 9 + 1);
}

enum { COLUMNS = 12 };

static hp_table *all_kinds(size_t rows) {
    hp_table *t = hp_table_new(W.arena, rows, COLUMNS, false);
    assert_non_null(t);
    fill_column(t, 0, "few", 5, 0, HP_T_TEXT, word);
    fill_column(t, 1, "many", SIZE_MAX, 3, HP_T_TEXT, word);
    fill_column(t, 2, "one", 1, 0, HP_T_TEXT, word);
    fill_column(t, 3, "none", 1, 1, HP_T_TEXT, word);
    fill_column(t, 4, "whole", SIZE_MAX, 5, HP_T_NUMBER, whole);
    fill_column(t, 5, "few whole", 3, 0, HP_T_NUMBER, whole);
    fill_column(t, 6, "half", SIZE_MAX, 2, HP_T_NUMBER, half);
    fill_column(t, 7, "few half", 40, 11, HP_T_NUMBER, half);
    fill_column(t, 8, "truth", SIZE_MAX, 4, HP_T_BOOL, truth);
    fill_column(t, 9, "day", SIZE_MAX, 9, HP_T_DATE, day);
    fill_column(t, 10, "moment", SIZE_MAX, 0, HP_T_DATE, moment);
    fill_column(t, 11, "most", 30000, 0, HP_T_TEXT, word);
    return t;
}

static void every_kind_comes_back(void **state) {
    (void)state;
    static const size_t ROWS[] = {0, 1, 2, 7, 8, 9, 127, 128, 129, 130, 1000, 40000};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) comes_back(all_kinds(ROWS[i]));
}

/* More rows than a row group holds, so that every seam is crossed; and the same bytes whatever the threads.
 */
static void bytes_do_not_depend_on_threads(void **state) {
    (void)state;
    hp_table *t = all_kinds(HP_LEAF_GROUP + 1234);
    hp_str want = {0};
    for (unsigned jobs = 1; jobs <= 5; jobs += 2) {
        hp_threads_set(jobs);
        hp_str is = wc_read(written(t));
        if (jobs == 1) want = is;
        assert_true(hp_str_eq(is, want));
    }
    hp_threads_set(0);
    assert_int_equal(wc_count(want, "PAR1"), 2);
    comes_back(t);
}

/* Texts of which a chunk and a page hold only some. */
static void documents_come_back(void **state) {
    (void)state;
    enum { ROWS = 90, BYTES = 6 << 20 };
    hp_table *t = hp_table_new(W.arena, ROWS, 2, false);
    char *text = hp_arena_raw(W.arena, BYTES);
    unsigned seed = 1; /* what packs too well is taken for an attack by the reader */
    for (size_t i = 0; i < BYTES; i++)
        text[i] = (char)('a' + ((seed = seed * 1664525u + 1013904223u) >> 24) % 26);
    for (size_t r = 0; r < ROWS; r++) {
        t->col[0].v[r] = wc_vid((hp_str){text, BYTES - (r & ~1u)});
        t->col[1].v[r] = wc_vid(whole(r));
    }
    t->col[0].name = HP_S("document");
    t->col[1].name = HP_S("n");
    comes_back(t);
}

static void names_are_unique(void **state) {
    (void)state;
    static const char *const T[][3] = {{"a", NULL, "a"}, {"1", "2", "3"}};
    hp_table *t = WC_TABLE(T);
    hp_str s = wc_read(written(t));
    assert_true(wc_has(s, "column_2") && wc_has(s, "a_2"));
    comes_back(t);
    hp_table *empty = hp_table_new(W.arena, 0, 0, false);
    written(empty);
}

/* ---- ranges ---- */

static hp_str bound(const char *text, bool most, bool exact) {
    hp_autobuf b = hp_buf_new(1 << 20);
    hp_bound v = {.text = hp_str_of(text)};
    assert_int_equal(hp_bound_put(&b, HP_LEAF_TEXT, &v, most), exact);
    return hp_arena_dup(W.arena, hp_buf_str(&b));
}

#define TEN     "0123456789"
#define SIXTY   TEN TEN TEN TEN TEN TEN
#define HIGHEST "\xF4\x8F\xBF\xBF"

static void long_texts_are_cut(void **state) {
    (void)state;
    assert_view(bound(SIXTY "abcd", false, true), SIXTY "abcd");
    assert_view(bound(SIXTY "abcd", true, true), SIXTY "abcd");
    assert_view(bound(SIXTY "abcde", false, false), SIXTY "abcd");
    assert_view(bound(SIXTY "abcde", true, false), SIXTY "abce");
    /* Characters are not cut in two, and the next one of a character may be longer, or far away. */
    assert_view(bound(SIXTY "abc\xC3\xA9z", false, false), SIXTY "abc");
    assert_view(bound(SIXTY "abc\xC3\xA9z", true, false), SIXTY "abd");
    assert_view(bound(SIXTY "abc\x7F\x7F", true, false), SIXTY "abc\xC2\x80");
    assert_view(bound(SIXTY "a\xED\x9F\xBFz", true, false), SIXTY "a\xEE\x80\x80");
    assert_view(bound(SIXTY HIGHEST "z", true, false), "0123456789" TEN TEN TEN TEN "012345678:");
    const char *highest = HIGHEST HIGHEST HIGHEST HIGHEST HIGHEST HIGHEST HIGHEST HIGHEST HIGHEST HIGHEST
        HIGHEST HIGHEST HIGHEST HIGHEST HIGHEST HIGHEST HIGHEST;
    assert_view(bound(highest, true, true), highest);
}

static void ranges_know_their_order(void **state) {
    (void)state;
    static const char *const TEXTS[] = {"a", "aaaaaaaa", "aaaaaaaaa",       "aaaaaaaab",
                                        "b", "\xC3\xA9", "\xF0\x9F\x98\x80"};
    enum { N = sizeof TEXTS / sizeof *TEXTS };
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < N; k++) {
            hp_bound a = {hp_text_head(hp_str_of(TEXTS[i])), hp_str_of(TEXTS[i])};
            hp_bound b = {hp_text_head(hp_str_of(TEXTS[k])), hp_str_of(TEXTS[k])};
            int order = hp_bound_cmp(HP_LEAF_TEXT, &a, &b);
            assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
        }
    hp_range r = {.any = false};
    hp_range_add(&r, HP_LEAF_INT, (hp_bound){.bits = (uint64_t)-5});
    hp_range_add(&r, HP_LEAF_INT, (hp_bound){.bits = 7});
    assert_int_equal((int64_t)r.least.bits, -5);
    assert_int_equal(r.most.bits, 7);
    /* Zero has two signs, and a range holds both. */
    hp_autobuf b = hp_buf_new(64);
    hp_bound zero = {.bits = 0};
    hp_bound_put(&b, HP_LEAF_DOUBLE, &zero, false);
    hp_bound_put(&b, HP_LEAF_DOUBLE, &zero, true);
    assert_memory_equal(b.p, "\0\0\0\0\0\0\0\x80\0\0\0\0\0\0\0\0", 16);
}

/* ---- what goes wrong ---- */

static void a_full_disk_is_an_error(void **state) {
    (void)state;
    hp_table *t = all_kinds(3000);
    wc_on_full_disks(hp_write_parquet, t, "t.parquet", wc_read(written(t)), 1531);
}

static void every_failed_allocation_is_an_error(void **state) {
    (void)state;
    hp_table *t = all_kinds(3000);
    hp_str whole_file = wc_read(written(t));
    size_t failed = 0;
    for (unsigned jobs = 1; jobs <= 2; jobs++) {
        hp_threads_set(jobs);
        hp_code code = HP_RETRY;
        for (uint64_t n = 1; code != HP_OK || n < 100; n++) {
            code = wc_without_memory(hp_write_parquet, t, "t.parquet", whole_file, n);
            failed += code == HP_RETRY;
        }
    }
    hp_threads_set(0);
    assert_true(failed > 50);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_are_what_loses_nothing),
        cmocka_unit_test(every_kind_comes_back),
        cmocka_unit_test(bytes_do_not_depend_on_threads),
        cmocka_unit_test(documents_come_back),
        cmocka_unit_test(names_are_unique),
        cmocka_unit_test(long_texts_are_cut),
        cmocka_unit_test(ranges_know_their_order),
        cmocka_unit_test(a_full_disk_is_an_error),
        cmocka_unit_test(every_failed_allocation_is_an_error),
    };
    return cmocka_run_group_tests(tests, wc_open, wc_close);
}
