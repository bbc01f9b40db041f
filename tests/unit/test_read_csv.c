/* Delimited text: quoting, delimiters, line ends, encodings, ragged rows. */
#include "read_maker.h"

#include "base/threads.h"

#include "base/mem.h"
#include "read/csv.h"

static reading read_csv(hp_str bytes) {
    reading r = read_as(bytes, "people.csv", 0, false);
    if (r.code != HP_OK) fail_msg("%s", r.err.message);
    return r;
}

/* Reads `text` and compares it with rows of fields: "a|b\nc|d"; a blank line for a row that is not stored. */
static void expect_rows(hp_str text, const char *wanted) {
    reading r = read_csv(text);
    hp_str rest = hp_str_of(wanted), line, field;
    uint32_t row = 0;
    while (hp_str_next(&rest, '\n', &line)) {
        row++;
        uint32_t col = 0;
        if (line.n == 0) assert_int_equal(row_index(&r, row), SIZE_MAX);
        for (; hp_str_next(&line, '|', &field); col++) {
            hp_str has = cell_of(&r, col, row, NULL, NULL);
            if (!hp_str_eq(has, field))
                fail_msg("row %u column %u: got \"%.*s\", wanted \"%.*s\"", row, col, HP_FMT(has),
                         HP_FMT(field));
        }
        assert_view(cell_of(&r, col, row, NULL, NULL), "");
    }
    if (r.table->nrow) assert_true(r.table->origin[r.table->nrow - 1].row <= row);
    for (size_t i = 0; i < r.table->ncol; i++) assert_null(r.table->col[i].type);
    done(&r);
}

static void test_quoting(void **state) {
    (void)state;
    expect_rows(HP_S("a,b\n1,2\n"), "a|b\n1|2");
    expect_rows(HP_S("a,b\r\n1,2"), "a|b\n1|2");
    expect_rows(HP_S("a,b\r1,2\r"), "a|b\n1|2");
    expect_rows(HP_S("\"a\",\"b,c\"\n\"1\"\"2\",\"\"\n"), "a|b,c\n1\"2");
    expect_rows(HP_S("a,b\n\"\"\"\",\"\"\"x\"\"\"\n"), "a|b\n\"|\"x\"");
    expect_rows(HP_S("a,b\nx\"y\", \"z\n"), "a|b\nx\"y\"| \"z");
    expect_rows(HP_S("a,b\n\"x\"y,\"p\"\"q\"r \n"), "a|b\nxy|p\"qr ");
    expect_rows(HP_S("a,b\n\n\n1,2\n,\n3,4\n"), "a|b\n\n\n1|2\n\n3|4");
    expect_rows(HP_S("a,b\n 1 ,\t2\n"), "a|b\n 1 |\t2");
    expect_rows(HP_S("a,b\n1,"), "a|b\n1");
    expect_rows(HP_S("a,b\n1,\"\""), "a|b\n1");
    expect_rows(HP_S("only"), "only");
    expect_rows(HP_S("\n"), "");
    reading r = read_csv(HP_S("a,b\n\"one\ntwo\r\n\",2\n"));
    expect_text(&r, 0, 2, "one\ntwo\r\n");
    expect_text(&r, 1, 2, "2");
    done(&r);
}

/* A field of a million doubled quotes has to be read in one pass. */
static void test_many_quotes(void **state) {
    (void)state;
    enum { MANY = 1 << 20 };
    hp_autobuf text = hp_buf_new(4 * MANY);
    hp_buf_puts(&text, "a,\"");
    for (int i = 0; i < MANY; i++) hp_buf_puts(&text, "\"\"");
    hp_buf_puts(&text, "\"\n");
    reading r = read_csv(hp_buf_str(&text));
    assert_int_equal(cell_of(&r, 1, 1, NULL, NULL).n, MANY);
    done(&r);
}

static void test_delimiters(void **state) {
    (void)state;
    expect_rows(HP_S("a;b\n1,5;2\n"), "a|b\n1,5|2");
    expect_rows(HP_S("a\tb\n1, 2\t2;3\n"), "a|b\n1, 2|2;3");
    expect_rows(HP_S("a|b\n1|2,3\n"), "a|b\n1|2,3");
    expect_rows(HP_S("name,note\n\"A; B\",\"x; y\"\n\"C\",\"z\"\n"), "name|note\nA; B|x; y\nC|z");
    expect_rows(HP_S("sep=;\na;b,c\n1;2\n"), "a|b,c\n1|2");
    expect_rows(HP_S("sep=^\r\na^b\r\n1^2\r\n"), "a|b\n1|2");
    assert_int_equal(
        hp_csv_sniff(HP_S("just one column\nof texts, some with commas\nand some without\n"), false), ',');
    assert_int_equal(hp_csv_sniff(HP_S("one\ntwo\n"), false), ',');
    assert_int_equal(hp_csv_sniff(HP_S(""), false), ',');
    assert_int_equal(hp_csv_sniff(HP_S("a,b\tc,d\n1,2\t3\n4\t5,6\n"), false), '\t');
    assert_int_equal(hp_csv_sniff(HP_S("a,b\tc,d\n1,2\t3,3\n4,4\n"), true), '\t');
    assert_int_equal(hp_csv_sniff(HP_S("Contact list; June\nname,phone\nA,1\nB,2\nC,3\n"), false), ',');
}

static void test_encodings(void **state) {
    (void)state;
    expect_rows(HP_S("\xEF\xBB\xBFName,x\nZo\xC3\xAB,1\n"), "Name|x\nZo\xC3\xAB|1");
    expect_rows(HP_S("\xFF\xFEN\0,\0x\0\n\0\xEB\0,\0"
                     "1\0"),
                "N|x\n\xC3\xAB|1");
    expect_rows(HP_S("\xFE\xFF\0N\0,\0x\0\n\0\xEB\0,\0"
                     "1"),
                "N|x\n\xC3\xAB|1");
    expect_rows(HP_S("N\0a\0,\0x\0\n\0y\0,\0"
                     "1\0"),
                "Na|x\ny|1");
    reading r = read_csv(HP_S("Name,x\nZo\xEB \x80,1\n"));
    expect_text(&r, 0, 2, "Zo\xC3\xAB \xE2\x82\xAC");
    expect_finding(&r, HP_R_ENCODING_REPAIRED, 0, 0, HP_NO_COL, "read as windows-1252");
    assert_int_equal(r.run.issues.list.n, 1);
    done(&r);
    r = read_csv(HP_S("Name,x\nZo\xC3\xAB,a\xFF\nM\xC3\xBCller,nul\0\n"));
    expect_text(&r, 0, 2, "Zo\xC3\xAB");
    expect_text(&r, 1, 2, "a\xEF\xBF\xBD");
    expect_text(&r, 1, 3, "nul\xEF\xBF\xBD");
    expect_finding(&r, HP_R_ENCODING_REPAIRED, 0, 2, 1, "");
    expect_finding(&r, HP_R_ENCODING_REPAIRED, 1, 3, 1, "");
    assert_int_equal(r.run.issues.list.n, 2);
    done(&r);
}

/* The line that names the delimiter may name none. */
static void test_no_sign_after_sep(void **state) {
    (void)state;
    static const char *const TEXTS[] = {"sep=\r\na,b\r\n1,2", "sep=\"\na,b\n1,2", "sep=\n\na,b\n1,2"};
    for (size_t i = 0; i < 3; i++) {
        reading r = read_csv(hp_str_of(TEXTS[i]));
        assert_int_equal(r.table->ncol, 2);
        expect_text(&r, 1, i == 2 ? 4 : 3, "2");
        done(&r);
    }
}

/* Appends a record whose fields say which one it is; every third is quoted, with a line end and quotes
 * inside. */
static void put_record(hp_buf *b, size_t i, const char *end) {
    hp_buf_printf(b, i % 3 ? "%zu,n%zu" : "%zu,\"n\"\"%zu\"\"\nx\"", i, i);
    if (i % 1000 == 999) hp_buf_puts(b, ",more");
    hp_buf_puts(b, end);
}

/* 60,000 records are about 900 KB: four pieces. Lines are counted by the test, on its own. */
static void test_pieces(void **state) {
    (void)state;
    static const char *const ENDS[] = {"\n", "\r\n", "\r"};
    for (size_t e = 0; e < 3; e++) {
        hp_buf b = hp_buf_new(16u << 20);
        char wanted[64], note[64][96];
        size_t line = 1, nnote = 0;
        hp_buf_printf(&b, "id,name%s", ENDS[e]);
        for (size_t i = 2; i < 60000; i++) {
            line++;
            if (i % 1000 == 999)
                snprintf(note[nnote++], sizeof note[0], "3 fields, the header has 2: line %zu, byte %zu",
                         line, b.n);
            put_record(&b, i, ENDS[e]);
            line += i % 3 == 0;
        }
        for (unsigned jobs = 1; jobs < 4; jobs++) {
            hp_threads_set(jobs);
            reading r = read_csv(hp_buf_str(&b));
            assert_int_equal(r.table->nrow, 59999);
            for (size_t i = 2; i < 60000; i += i < 59000 ? 371 : 1) {
                snprintf(wanted, sizeof wanted, i % 3 ? "n%zu" : "n\"%zu\"\nx", i);
                assert_view(hp_text(r.run.pool, r.table->col[1].v[i - 1]), wanted);
                assert_int_equal(r.table->origin[i - 1].row, i);
            }
            assert_int_equal(r.run.issues.list.n, nnote);
            for (size_t i = 0; i < nnote; i++)
                expect_finding(&r, HP_R_RAGGED_ROW, i, (uint32_t)(1000 * i + 999), HP_NO_COL, note[i]);
            done(&r);
        }
        hp_buf_free(&b);
    }
    hp_threads_set(0);
}

/* Quotes inside of fields are text; they mislead the guess of where records end, and nothing else. */
static void test_stray_quotes(void **state) {
    (void)state;
    hp_buf b = hp_buf_new(16u << 20);
    hp_buf_puts(&b, "size,name\n");
    for (size_t i = 0; i < 50000; i++)
        hp_buf_printf(&b, i % 5 ? "%zu\" pipe,\"a\nb\"\n" : "%zu\" pipe,%zu\n", i, i);
    reading r = read_csv(hp_buf_str(&b));
    assert_int_equal(r.table->nrow, 50001);
    expect_text(&r, 0, 50001, "49999\" pipe");
    expect_text(&r, 1, 50001, "a\nb");
    expect_text(&r, 1, 40002, "40000");
    assert_int_equal(r.run.issues.list.n, 0);
    done(&r);
    hp_buf_puts(&b, "1,\"never closed\n2,3\n");
    expect_refused(hp_buf_str(&b), "people.csv", "line 90002: a quote");
    hp_buf_free(&b);
}

/* A quote that is none makes every end of a line seem to be inside of quotes: after 64 MiB a piece ends
 * anywhere, here between CR and LF, which must not make a record of its own. */
static void test_cut_between_cr_and_lf(void **state) {
    (void)state;
    enum { HEADER = sizeof "a,b\r\n" - 1, LINE = 4096, LINES = (64 << 20) / LINE + 100 };
    hp_buf b = hp_buf_new(80u << 20);
    hp_buf_puts(&b, "a,b\r\n5\" pipe,1\r\n");
    char *line = malloc(LINE);
    memset(line, 'x', LINE);
    memcpy(line + LINE - 4, ",1\r\n", 4);
    /* The header is a piece of its own; each CR here is as far behind it as a piece that is cut may end. */
    while (b.n % LINE != HEADER - 1) hp_buf_putc(&b, 'y');
    hp_buf_putc(&b, '\r');
    for (size_t i = 0; i < LINES; i++) {
        hp_buf_putc(&b, '\n');
        hp_buf_add(&b, (hp_str){line, LINE - 1});
    }
    hp_buf_putc(&b, '\n');
    free(line);
    assert_false(b.bad);
    reading r = read_csv(hp_buf_str(&b));
    assert_int_equal(r.table->nrow, LINES + 3);
    assert_int_equal(r.table->origin[LINES + 2].row, LINES + 3);
    done(&r);
    hp_buf_free(&b);
}

static void test_ragged(void **state) {
    (void)state;
    reading r =
        read_csv(HP_S("A list of people\n\na,b,c\n1,2,3\n4,5\n6,7,8,9\n1,2,3,,,\n\n,,,,\n\"x\",y,z\n"));
    assert_int_equal(r.run.issues.by_rule[HP_R_RAGGED_ROW], 2);
    expect_finding(&r, HP_R_RAGGED_ROW, 0, 5, HP_NO_COL, "2 fields, the header has 3: line 5, byte 30");
    expect_finding(&r, HP_R_RAGGED_ROW, 1, 6, HP_NO_COL, "4 fields, the header has 3: line 6, byte 34");
    expect_text(&r, 3, 6, "9");
    assert_int_equal(row_index(&r, 9), SIZE_MAX);
    expect_text(&r, 2, 10, "z");
    done(&r);
    r = read_as(HP_S("a,b\n1\n"), "people.csv", 0, true);
    assert_int_equal(r.code, HP_OK);
    assert_int_equal(r.run.issues.list.n, 0);
    done(&r);
}

/* Lines are counted alike wherever the text is cut, and when a stray quote makes it be read as a whole. */
static void test_lines_are_counted_by_any_end(void **state) {
    (void)state;
    hp_str text = HP_S("a,b\r\"one\rtwo\r\nthree\nfour\",x\r\n5\" tall,\"y\n\"\nshort\nd,e\n");
    for (size_t piece = 0; piece < 50; piece++) {
        hp_piece_limit(piece);
        reading r = read_csv(text);
        hp_piece_limit(0);
        expect_finding(&r, HP_R_RAGGED_ROW, 0, 4, HP_NO_COL, "1 fields, the header has 2: line 8, byte 42");
        done(&r);
    }
}

static void test_refused(void **state) {
    (void)state;
    expect_refused(HP_S("a,b\n1,2\n3,\"4\n5,6\n"), "people.csv", "line 3: a quote");
    expect_refused(HP_S("\"a\nb\",\"c\n"), "people.csv", "line 2: a quote");
    expect_refused(HP_S("\"a"), "people.csv", "line 1: a quote");
    expect_refused(HP_S("\x7F"
                        "ELF\0\0\0\0\0\0\0\0\1\0\0\0"),
                   "people.csv", "neither a workbook nor text");
    hp_autobuf wide = hp_buf_new(100000);
    for (size_t i = 0; i < HP_LIMIT_SHEET_COLS; i++) hp_buf_puts(&wide, ",");
    reading r = read_csv(hp_buf_str(&wide)); /* empty fields take no column */
    assert_int_equal(r.table->ncol, 0);
    done(&r);
    hp_buf_puts(&wide, "x\n");
    expect_refused(hp_buf_str(&wide), "people.csv", "record 1 has more than 16384 fields");
}

static void test_out_of_memory(void **state) {
    (void)state;
    static const hp_str text = HP_S("a,b\n\"1\"\"2\",x\xFF\xC3\xAB\n3\n");
    for (uint64_t nth = 1;; nth++) {
        hp_run run = {0};
        hp_err err = {0};
        hp_book *book = NULL;
        hp_table *table = NULL;
        assert_ok(hp_run_open(&run, &err), err);
        hp_mem_fail_at(nth);
        hp_code code = hp_book_open_bytes(&run, text, "a.csv", &book, &err);
        if (code == HP_OK) code = hp_book_read(&run, book, 0, 0, &table, &err);
        hp_mem_fail_at(0);
        if (code == HP_OK) assert_int_equal(table->nrow, 3);
        hp_book_close(book);
        hp_run_close(&run);
        if (code == HP_OK) break;
        assert_int_equal(code, HP_RETRY);
        assert_true(nth < 1000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quoting),
        cmocka_unit_test(test_many_quotes),
        cmocka_unit_test(test_delimiters),
        cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_ragged),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_stray_quotes),
        cmocka_unit_test(test_no_sign_after_sep),
        cmocka_unit_test(test_cut_between_cr_and_lf),
        cmocka_unit_test(test_lines_are_counted_by_any_end),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
