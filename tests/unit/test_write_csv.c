/* Csv: quoting by RFC 4180, formulas defused, nothing half-written. tests/e2e/test_write.py lets other
 * programs read the same. */
#include "base/threads.h"
#include "write_case.h"

static hp_str written(const hp_table *t) {
    hp_err err = {0};
    hp_out out;
    const char *path = wc_path("t.csv");
    assert_ok(hp_write_csv(W.pool, t, path, &out, &err), err);
    assert_ok(hp_out_commit(&out, &err), err);
    return wc_read(path);
}

/* Writes one text under the header "h" and returns its line without the end. */
static hp_str field(hp_style style, hp_str text) {
    hp_table *t = hp_table_new(W.arena, 1, 2, false);
    t->col[0].name = HP_S("h");
    t->col[1].name = HP_S("end");
    t->col[0].style = style;
    t->col[0].v[0] = wc_vid(text);
    hp_str s = written(t);
    assert_true(hp_str_starts(s, HP_S("h,end\n")) && hp_str_ends(s, HP_S(",\n")));
    return hp_str_cut(s, 6, s.n - 2);
}

static void what_needs_quotes_gets_them(void **state) {
    (void)state;
    static const char *const CASES[][2] = {
        {"plain", "plain"},
        {"a,b", "\"a,b\""},
        {"say \"x\"", "\"say \"\"x\"\"\""},
        {"\"", "\"\"\"\""},
        {"two\nlines", "\"two\nlines\""},
        {"two\r\nlines", "\"two\r\nlines\""},
        {" outer", "\" outer\""},
        {"outer ", "\"outer \""},
        {"outer\t", "\"outer\t\""},
        {"semi;colon's", "semi;colon's"},
        {"caf\xC3\xA9", "caf\xC3\xA9"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        assert_view(field(HP_STYLE_TEXT, hp_str_of(CASES[i][0])), CASES[i][1]);
    assert_view(field(HP_STYLE_TEXT, (hp_str){0}), "");
}

static void formulas_are_defused(void **state) {
    (void)state;
    static const char *const CASES[][2] = {
        {"=1+1", "'=1+1"},
        {"=HYPERLINK(\"http://evil.example\",\"x\")",
         "\"'=HYPERLINK(\"\"http://evil.example\"\",\"\"x\"\")\""},
        {"+1+cmd", "'+1+cmd"},
        {"+", "'+"},
        {"-2", "'-2"},
        {"@SUM(A1)", "'@SUM(A1)"},
        {"\t=1", "\"'\t=1\""},
        {"\r=1", "\"'\r=1\""},
        {"\n=1", "\"'\n=1\""},
        {"\xEF\xBC\x9D"
         "1",
         "'\xEF\xBC\x9D"
         "1"},
        {"\xEF\xBC\x8B"
         "1",
         "'\xEF\xBC\x8B"
         "1"},
        {"\xEF\xBC\x8D"
         "1",
         "'\xEF\xBC\x8D"
         "1"},
        {"\xEF\xBC\xA0"
         "a",
         "'\xEF\xBC\xA0"
         "a"},
        {"\xEF\xBC\xA1"
         "a",
         "\xEF\xBC\xA1"
         "a"}, /* full-width A */
        {"a=1", "a=1"},
        {"'=1", "'=1"},
        /* Behind what nobody sees: a blank, U+00A0, U+200B, U+FEFF, U+202E. */
        {" =1", "\"' =1\""},
        {"\xC2\xA0=1", "'\xC2\xA0=1"},
        {"\xE2\x80\x8B=1", "'\xE2\x80\x8B=1"},
        {"\xEF\xBB\xBF+1-1", "'\xEF\xBB\xBF+1-1"},
        {"\xE2\x80\xAE@a", "'\xE2\x80\xAE@a"},
        {" a=1", "\" a=1\""},
        {" ", "\" \""},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        assert_view(field(HP_STYLE_TEXT, hp_str_of(CASES[i][0])), CASES[i][1]);
}

/* A csv file is looked at on terminals, too. */
static void controls_are_replaced(void **state) {
    (void)state;
    static const char *const CASES[][2] = {
        {"a\x1b[31mb", "a\xEF\xBF\xBD[31mb"},
        {"\x01=1", "'\xEF\xBF\xBD=1"},
        {"x\x7F", "x\xEF\xBF\xBD"},
        {"\xC2\x9B"
         "5m",
         "\xEF\xBF\xBD"
         "5m"},
        {"\xC2\xA9 caf\xC3\xA9", "\xC2\xA9 caf\xC3\xA9"},
        {"a\x0b,\tb", "\"a\xEF\xBF\xBD,\tb\""},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        assert_view(field(HP_STYLE_TEXT, hp_str_of(CASES[i][0])), CASES[i][1]);
}

static void phones_and_numbers_stay_as_they_are(void **state) {
    (void)state;
    static const struct {
        hp_style style;
        const char *in, *out;
    } CASES[] = {
        {HP_STYLE_TEXT, "+27115550100", "+27115550100"},
        {HP_STYLE_TEXT, "+27115550100; +27825550101", "+27115550100; +27825550101"},
        {HP_STYLE_TEXT, "+27115550100; ", "\"'+27115550100; \""},
        {HP_STYLE_TEXT, "+27115550100; =1", "'+27115550100; =1"},
        {HP_STYLE_TEXT, "+27115550100;+27825550101", "+27115550100;+27825550101"},
        {HP_STYLE_TEXT, "+27115550100;", "'+27115550100;"},
        {HP_STYLE_TEXT, "+27115550100;  +1", "'+27115550100;  +1"},
        {HP_STYLE_TEXT, "+27; +", "'+27; +"},
        {HP_STYLE_TEXT, "+27 11 555 0100", "'+27 11 555 0100"},
        {HP_STYLE_TEXT, "-0.5", "'-0.5"},
        {HP_STYLE_SCORE, "-0.5", "-0.5"},
        {HP_STYLE_QUALITY, "-0.5", "-0.5"},
        {HP_STYLE_INT, "-7", "-7"},
        {HP_STYLE_INT, "-7+1", "'-7+1"},
        {HP_STYLE_INT, "=7", "'=7"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        assert_view(field(CASES[i].style, hp_str_of(CASES[i].in)), CASES[i].out);
}

/* Writes a table with options and returns the file. */
static hp_str written_as(const hp_table *t, hp_csv_options options, hp_csv_changes *changes) {
    hp_err err = {0};
    hp_out out;
    const char *path = wc_path("t.csv");
    assert_ok(hp_write_csv_as(W.pool, t, &options, path, &out, changes, &err), err);
    assert_ok(hp_out_commit(&out, &err), err);
    return wc_read(path);
}

static void cells_that_are_numbers_stay_as_they_are(void **state) {
    (void)state;
    static const char *const T[][2] = {{"-1", "b"}, {"-2", "-2"}, {"-2", "=2"}};
    hp_table *t = WC_TABLE(T);
    uint8_t type[] = {HP_T_NUMBER, HP_T_TEXT};
    t->col[0].type = type;
    assert_view(written(t), "'-1,b\n-2,'-2\n'-2,'=2\n");
}

static void changes_are_counted(void **state) {
    (void)state;
    static const char *const T[][2] = {{"=h", "b"}, {"-2", "a\x1b"}, {"=2", "\x1b=1"}};
    hp_csv_changes n = {9, 9};
    assert_view(written_as(WC_TABLE(T), (hp_csv_options){0}, &n),
                "'=h,b\n'-2,a\xEF\xBF\xBD\n'=2,'\xEF\xBF\xBD=1\n");
    assert_int_equal(n.guarded, 4);
    assert_int_equal(n.controls, 2);
}

static void numbers_can_stay_everywhere(void **state) {
    (void)state;
    static const char *const T[][2] = {{"-1", "b"}, {"-2", "-2+1"}, {"-1e5", "-"}};
    hp_csv_changes n;
    assert_view(written_as(WC_TABLE(T), (hp_csv_options){.numbers = true}, &n), "-1,b\n-2,'-2+1\n-1e5,'-\n");
    assert_int_equal(n.guarded, 2);
}

static void raw_text_is_quoted_and_nothing_else(void **state) {
    (void)state;
    static const char *const T[][2] = {{"=h", "b"}, {"@x", "a\x1b,"}};
    hp_csv_changes n;
    assert_view(written_as(WC_TABLE(T), (hp_csv_options){.raw = true}, &n), "=h,b\n@x,\"a\x1b,\"\n");
    assert_int_equal(n.guarded + n.controls, 0);
}

static void tabs_separate_where_asked_for(void **state) {
    (void)state;
    static const char *const T[][2] = {{"a", "b"}, {"x,y", "u\tv"}, {"\"", NULL}};
    assert_view(written_as(WC_TABLE(T), (hp_csv_options){.tabs = true}, NULL),
                "a\tb\nx,y\t\"u\tv\"\n\"\"\"\"\t\n");
}

static void headers_are_fields_too(void **state) {
    (void)state;
    static const char *const T[][2] = {{"=a", "b,c"}, {NULL, "1"}};
    assert_view(written(WC_TABLE(T)), "'=a,\"b,c\"\n,1\n");
}

static void no_row_turns_into_a_blank_line(void **state) {
    (void)state;
    static const char *const T[][1] = {{"h"}, {NULL}, {"x"}};
    assert_view(written(WC_TABLE(T)), "h\n\"\"\nx\n");
}

static void a_table_without_rows_is_its_header(void **state) {
    (void)state;
    static const char *const T[][3] = {{"a", "b", "c"}};
    assert_view(written(WC_TABLE(T)), "a,b,c\n");
}

/* More than the writer gathers before it writes, so that every seam is crossed. */
static void long_tables_come_out_whole(void **state) {
    (void)state;
    enum { ROWS = 9000 };
    hp_table *t = hp_table_new(W.arena, ROWS, 2, false);
    hp_autobuf want = hp_buf_new(64u << 20);
    t->col[0].name = HP_S("n");
    t->col[1].name = HP_S("text");
    hp_buf_puts(&want, "n,text\n");
    for (size_t r = 0; r < ROWS; r++) {
        hp_str n = hp_arena_printf(W.arena, "%zu", r),
               text = hp_arena_printf(W.arena, "%0*zu", (int)(r % 97 + 1), r);
        t->col[0].v[r] = wc_vid(n);
        t->col[1].v[r] = wc_vid(text);
        hp_buf_printf(&want, "%.*s,%.*s\n", HP_FMT(n), HP_FMT(text));
    }
    assert_false(want.bad);
    assert_true(hp_str_eq(written(t), hp_buf_str(&want)));
}

/* Texts are copied in pieces, and what needs quotes is found on the way: wherever it is, whatever the length.
 */
static void what_is_special_is_found_anywhere(void **state) {
    (void)state;
    static const char *const SPECIAL[][2] = {
        {",", ","},
        {"\"", "\"\""},
        {"\n", "\n"},
        {"\x1b", "\xEF\xBF\xBD"},
        {"\x7F", "\xEF\xBF\xBD"},
        {"z", "z"},
        {" ", " "},
        {"\xC3\xA9", "\xC3\xA9"},
        {"\xC2\x9B", "\xEF\xBF\xBD"},
    };
    enum { LONGEST = 50, KINDS = sizeof SPECIAL / sizeof *SPECIAL };
    hp_table *t = hp_table_new(W.arena, LONGEST * LONGEST * KINDS, 1, false);
    hp_autobuf want = hp_buf_new(1u << 24), text = hp_buf_new(1000);
    t->col[0].name = HP_S("h");
    t->nrow = 0;
    hp_buf_puts(&want, "h\n");
    for (size_t n = 3; n < LONGEST; n++)
        for (size_t at = 1; at < n - 1; at++)
            for (size_t i = 0; i < KINDS; i++) {
                const char *quote = i < 3 ? "\"" : "";
                hp_buf_clear(&text);
                for (size_t k = 0; k < n; k++)
                    hp_buf_puts(&text, k == at ? SPECIAL[i][0] : k < at ? "a" : "b");
                t->col[0].v[t->nrow++] = wc_vid(hp_buf_str(&text));
                hp_buf_puts(&want, quote);
                for (size_t k = 0; k < n; k++)
                    hp_buf_puts(&want, k == at ? SPECIAL[i][1] : k < at ? "a" : "b");
                hp_buf_printf(&want, "%s\n", quote);
            }
    assert_true(hp_str_eq(written(t), hp_buf_str(&want)));
}

static void bytes_do_not_depend_on_threads(void **state) {
    (void)state;
    enum { ROWS = 60000 };
    hp_table *t = hp_table_new(W.arena, ROWS, 2, false);
    t->col[0].name = t->col[1].name = HP_S("h");
    for (size_t r = 0; r < ROWS; r++) {
        t->col[0].v[r] = wc_vid(hp_arena_printf(W.arena, r % 3 ? "row %zu" : "=row, \x01%zu", r));
        t->col[1].v[r] = r % 5 ? t->col[0].v[r / 2] : HP_NULL;
    }
    hp_str want = {0};
    for (unsigned jobs = 1; jobs <= 5; jobs += 2) {
        hp_err err = {0};
        hp_out out;
        hp_csv_changes changes;
        hp_threads_set(jobs);
        assert_ok(hp_write_csv_as(W.pool, t, NULL, wc_path("t.csv"), &out, &changes, &err), err);
        assert_ok(hp_out_commit(&out, &err), err);
        hp_str is = wc_read(wc_path("t.csv"));
        if (jobs == 1) want = is;
        assert_true(hp_str_eq(is, want));
        assert_int_equal(changes.guarded, wc_count(want, "'=row"));
        assert_int_equal(changes.controls, changes.guarded);
    }
    hp_threads_set(0);
}

static hp_table *big_table(size_t rows) {
    hp_table *t = hp_table_new(W.arena, rows, 1, false);
    t->col[0].name = HP_S("h");
    for (size_t r = 0; r < rows; r++)
        t->col[0].v[r] = wc_vid(hp_arena_printf(W.arena, "row number %zu of this table", r));
    return t;
}

static void a_full_disk_is_an_error(void **state) {
    (void)state;
    hp_table *t = big_table(4000);
    wc_on_full_disks(hp_write_csv, t, "t.csv", written(t), 7919);
}

static void every_failed_allocation_is_an_error(void **state) {
    (void)state;
    hp_table *t = big_table(4000);
    hp_str whole = written(t);
    size_t failed = 0;
    for (uint64_t n = 1; n <= 40; n++)
        failed += wc_without_memory(hp_write_csv, t, "t.csv", whole, n) == HP_RETRY;
    assert_true(failed >= 1 && failed < 40);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_needs_quotes_gets_them),
        cmocka_unit_test(formulas_are_defused),
        cmocka_unit_test(controls_are_replaced),
        cmocka_unit_test(phones_and_numbers_stay_as_they_are),
        cmocka_unit_test(cells_that_are_numbers_stay_as_they_are),
        cmocka_unit_test(changes_are_counted),
        cmocka_unit_test(numbers_can_stay_everywhere),
        cmocka_unit_test(raw_text_is_quoted_and_nothing_else),
        cmocka_unit_test(tabs_separate_where_asked_for),
        cmocka_unit_test(headers_are_fields_too),
        cmocka_unit_test(no_row_turns_into_a_blank_line),
        cmocka_unit_test(a_table_without_rows_is_its_header),
        cmocka_unit_test(long_tables_come_out_whole),
        cmocka_unit_test(what_is_special_is_found_anywhere),
        cmocka_unit_test(bytes_do_not_depend_on_threads),
        cmocka_unit_test(a_full_disk_is_an_error),
        cmocka_unit_test(every_failed_allocation_is_an_error),
    };
    return cmocka_run_group_tests(tests, wc_open, wc_close);
}
