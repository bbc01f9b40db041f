/* Lines of JSON: values of every kind, names, broken lines, strictness, limits. */
#include "read_maker.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/threads.h"
#include "read/json_scan.h"

static reading read_lines(hp_str text) {
    reading r = read_as(text, "people.ndjson", 0, false);
    if (r.code != HP_OK) fail_msg("%s", r.err.message);
    return r;
}

static void test_values(void **state) {
    (void)state;
    reading r = read_lines(HP_S("{\"name\":\"Ada\",\"n\":1,\"b\":true,\"x\":null}\n"
                                "{ \"n\" : -0.50e1 , \"name\" : \"\" }\r\n"
                                "\n"
                                "{}\n"
                                "{\"b\":false,\"late\":\"z\",\"n\":12345678901234567890}\n"
                                "\t{\"n\":0.1000,\"name\":[1, {\"a\" : \"b c\"} ],\"late\":{ }}"));
    assert_int_equal(hp_book_format(r.book), HP_FORMAT_NDJSON);
    const char *names[] = {"name", "n", "b", "x", "late"};
    assert_int_equal(r.table->ncol, 5);
    for (uint32_t i = 0; i < 5; i++) expect_text(&r, i, 1, names[i]);
    expect_text(&r, 0, 2, "Ada");
    expect_cell(&r, 1, 2, HP_T_NUMBER, "1", "1");
    expect_cell(&r, 2, 2, HP_T_BOOL, "TRUE", "true");
    expect_text(&r, 3, 2, "");
    expect_cell(&r, 1, 3, HP_T_NUMBER, "-5", "-0.50e1");
    expect_text(&r, 0, 3, "");
    assert_int_equal(row_index(&r, 4), SIZE_MAX);
    assert_int_equal(row_index(&r, 5), SIZE_MAX);
    expect_cell(&r, 2, 6, HP_T_BOOL, "FALSE", "false");
    expect_text(&r, 4, 6, "z");
    expect_cell(&r, 1, 6, HP_T_NUMBER, "12345678901234567890", "12345678901234567890");
    expect_text(&r, 0, 7, "[1,{\"a\":\"b c\"}]");
    expect_cell(&r, 1, 7, HP_T_NUMBER, "0.1", "0.1000");
    expect_text(&r, 4, 7, "{}");
    expect_finding(&r, HP_R_NESTED_VALUE, 0, 0, 0, "1 values");
    expect_finding(&r, HP_R_NESTED_VALUE, 1, 0, 4, "1 values");
    assert_int_equal(r.run.issues.list.n, 2);
    done(&r);
}

static void test_numbers(void **state) {
    (void)state;
    static const char *const CASES[][2] = {{"0", "0"},
                                           {"-0", "0"},
                                           {"-0.0", "0"},
                                           {"1.5", "1.5"},
                                           {"-0.05", "-0.05"},
                                           {"100", "100"},
                                           {"1E2", "100"},
                                           {"1e-3", "0.001"},
                                           {"1.10", "1.1"},
                                           {"1.1000000000000001", "1.1"},
                                           {"2.78E10", "27800000000"},
                                           {"00012e", NULL}};
    for (size_t i = 0; CASES[i][1]; i++) {
        char line[64];
        snprintf(line, sizeof line, "{\"n\":%s}", CASES[i][0]);
        reading r = read_lines(hp_str_of(line));
        expect_cell(&r, 0, 2, HP_T_NUMBER, CASES[i][1], CASES[i][0]);
        done(&r);
    }
    reading r = read_lines(HP_S("{\"n\":1e400}")); /* no double: kept as the text it is */
    expect_text(&r, 0, 2, "1e400");
    done(&r);
}

static void test_strings(void **state) {
    (void)state;
    reading r = read_lines(HP_S("{\"\\u006eame\":\"a\\\"b\\\\c\\/d\\b\\f\\n\\r\\t\\u00e9\\ud83d\\uDE00\"}\n"
                                "{\"name\":\"Zo\xC3\xAB, a text of many bytes \\u0041\"}\n"
                                "{\"name\":\"half \\ud83d.\"}\n"
                                "{\"name\":\"half \\ud83d\\u0041\"}\n"
                                "{\"name\":\"low \\ude00\"}\n"
                                "{\"name\":\"bad \xFF\"}\n"
                                "{\"name\":\"nul \\u0000\"}\n"));
    expect_text(&r, 0, 1, "name");
    expect_text(&r, 0, 2, "a\"b\\c/d\b\f\n\r\t\xC3\xA9\xF0\x9F\x98\x80");
    expect_text(&r, 0, 3, "Zo\xC3\xAB, a text of many bytes A");
    expect_text(&r, 0, 4, "half \xEF\xBF\xBD.");
    expect_text(&r, 0, 5,
                "half \xEF\xBF\xBD"
                "A");
    expect_text(&r, 0, 6, "low \xEF\xBF\xBD");
    expect_text(&r, 0, 7, "bad \xEF\xBF\xBD");
    expect_text(&r, 0, 8, "nul \xEF\xBF\xBD");
    for (uint32_t i = 0; i < 5; i++) expect_finding(&r, HP_R_ENCODING_REPAIRED, i, 4 + i, 0, "");
    assert_int_equal(r.run.issues.list.n, 5);
    done(&r);
}

/* A name that comes twice: the last value counts, also when it is null. */
static void test_names_twice(void **state) {
    (void)state;
    reading r =
        read_lines(HP_S("{\"a\":1.0,\"a\":2,\"\\u0061\":3}\n{\"a\":1.50,\"a\":null,\"b\":4}\n{\"a\":5}\n"));
    expect_cell(&r, 0, 2, HP_T_NUMBER, "3", "3");
    expect_text(&r, 0, 3, "");
    expect_cell(&r, 1, 3, HP_T_NUMBER, "4", "4");
    expect_cell(&r, 0, 4, HP_T_NUMBER, "5", "5");
    expect_finding(&r, HP_R_NAME_TWICE, 0, 2, 0, "");
    expect_finding(&r, HP_R_NAME_TWICE, 1, 2, 0, "");
    expect_finding(&r, HP_R_NAME_TWICE, 2, 3, 0, "");
    assert_int_equal(r.run.issues.list.n, 3);
    done(&r);
}

static void test_broken_lines(void **state) {
    (void)state;
    static const struct {
        const char *line, *note;
    } CASES[] = {
        {"nothing", "byte 8: no { at its begin"},
        {"[1]", "byte 8: no { at its begin"},
        {"{\"a\":1", "byte 14: a value without , or } behind it"},
        {"{\"a\":1,}", "byte 15: a name without its opening quote"},
        {"{\"a\":1}}", "byte 15: something behind the object"},
        {"{\"a\" 1}", "byte 13: a name without : behind it"},
        {"{a:1}", "byte 9: a name without its opening quote"},
        {"{\"a\":}", "byte 13: a value that is none (NaN, Infinity and words without quotes are no JSON)"},
        {"{\"a\":NaN}", "byte 13: a value that is none (NaN, Infinity and words without quotes are no JSON)"},
        {"{\"a\":-Infinity}", "byte 13: a number that is none in JSON"},
        {"{\"a\":tru}", "byte 13: a value that is none (NaN, Infinity and words without quotes are no JSON)"},
        {"{\"a\":01}", "byte 13: a number that is none in JSON"},
        {"{\"a\":1.}", "byte 13: a number that is none in JSON"},
        {"{\"a\":.5}", "byte 13: a value that is none (NaN, Infinity and words without quotes are no JSON)"},
        {"{\"a\":+1}", "byte 13: a value that is none (NaN, Infinity and words without quotes are no JSON)"},
        {"{\"a\":1e}", "byte 13: a number that is none in JSON"},
        {"{\"a\":\"x}", "byte 16: a text without its closing quote"},
        {"{\"a\":\"x\\q\"}", "byte 15: a backslash that begins no escape"},
        {"{\"a\":\"\\u12G4\"}", "byte 16: a backslash that begins no escape"},
        {"{\"a\":\"x\ty\"}", "byte 15: a control character in a text, which has to be escaped"},
        {"{\"a\":[1 2]}", "byte 16: an array without , or ] behind its value"},
        {"{\"a\":[1,]}",
         "byte 16: a value that is none (NaN, Infinity and words without quotes are no JSON)"},
        {"{\"a\":{\"b\"}}", "byte 17: a name without : behind it"},
        {"{\"b\":[1],\"b\":2,\"a\":",
         "byte 27: a value that is none (NaN, Infinity and words without quotes are no JSON)"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        char text[200], note[200];
        snprintf(text, sizeof text, "{\"a\":0}\n%s\n{\"a\":2}", CASES[i].line);
        snprintf(note, sizeof note, "line 2, %s", CASES[i].note);
        reading r = read_lines(hp_str_of(text));
        expect_cell(&r, 0, 2, HP_T_NUMBER, "0", "0");
        assert_int_equal(row_index(&r, 3), SIZE_MAX);
        expect_cell(&r, 0, 4, HP_T_NUMBER, "2", "2");
        expect_finding(&r, HP_R_BROKEN_LINE, 0, 3, HP_NO_COL, note);
        assert_view(hp_text(r.run.pool, r.run.issues.list.p[0].value), CASES[i].line);
        assert_int_equal(r.run.issues.list.n, 1);
        done(&r);
    }
}

/* A name that only broken lines have makes no column; one that comes again in a good line has its place
 * there, wherever the file is cut into pieces. */
static void test_names_of_broken_lines(void **state) {
    (void)state;
    for (size_t piece = 0; piece < 60; piece++) {
        hp_piece_limit(piece);
        reading r = read_lines(
            HP_S("{\"a\":1}\n{\"a\":2,\"ghost\":}\n{\"x\":1,\"y\":2,}\n{\"b\":3,\"y\":4}\n{\"x\":5}\n"));
        hp_piece_limit(0);
        assert_int_equal(r.table->ncol, 4);
        expect_text(&r, 0, 1, "a");
        expect_text(&r, 1, 1, "b");
        expect_text(&r, 2, 1, "y");
        expect_text(&r, 3, 1, "x");
        expect_cell(&r, 2, 5, HP_T_NUMBER, "4", "4");
        expect_cell(&r, 3, 6, HP_T_NUMBER, "5", "5");
        assert_int_equal(r.run.issues.by_rule[HP_R_BROKEN_LINE], 2);
        done(&r);
    }
}

/* The findings of a row are in the order of columns, not of keys, wherever the file is cut. */
static void test_findings_are_in_order(void **state) {
    (void)state;
    for (size_t piece = 0; piece < 60; piece++) {
        hp_piece_limit(piece);
        reading r = read_lines(HP_S("{\"a\":1,\"b\":2}\n{\"b\":2,\"b\":3,\"a\":4,\"a\":5}\n"));
        hp_piece_limit(0);
        assert_int_equal(r.run.issues.list.n, 2);
        expect_finding(&r, HP_R_NAME_TWICE, 0, 3, 0, "");
        assert_int_equal(r.run.issues.list.p[0].rule, HP_R_NAME_TWICE);
        assert_int_equal(r.run.issues.list.p[0].at.col, 0);
        assert_int_equal(r.run.issues.list.p[1].at.col, 1);
        done(&r);
    }
}

static void test_depth(void **state) {
    (void)state;
    for (size_t depth = HP_LIMIT_JSON_DEPTH; depth <= HP_LIMIT_JSON_DEPTH + 1; depth++) {
        hp_autobuf text = hp_buf_new(1 << 20);
        hp_buf_puts(&text, "{}\n{\"a\":");
        for (size_t i = 0; i < depth; i++) hp_buf_puts(&text, "[");
        for (size_t i = 0; i < depth; i++) hp_buf_puts(&text, "]");
        hp_buf_puts(&text, "}");
        reading r = read_lines(hp_buf_str(&text));
        assert_int_equal(r.run.issues.by_rule[HP_R_BROKEN_LINE], depth > HP_LIMIT_JSON_DEPTH);
        done(&r);
    }
}

static void test_refused(void **state) {
    (void)state;
    const char *name = "people.ndjson";
    expect_refused(HP_S("[{\"a\":1}]"), name, "line 1, byte 0: is a JSON array");
    expect_refused(HP_S("\n\n[\n"), name, "line 3, byte 2: is a JSON array");
    expect_refused(HP_S("a,b\n1,2\n"), name, "line 1, byte 0: is no JSON object");
    expect_refused(HP_S("{\n\"a\":1}"), name, "line 1, byte 1: the object does not end on its line");
    expect_refused(HP_S("{\"a\":nan}\n"), name, "line 1, byte 5: a value that is none");
    expect_refused(HP_S("\0\0\0\1\0\0\0\2\0\0\0\1"), name, "is no text");
    hp_limit_put(HP_L_TEXT_BYTES, 10);
    expect_refused(HP_S("{}\n{\"a\":\"0123456789\"}\n{\"a\":\"0123456789A\"}\n"), name,
                   "line 3, byte 27: a value of more than 10 bytes");
    hp_limit_reset();
    hp_limit_put(HP_L_CELLS, 4);
    hp_autobuf text = hp_buf_new(1 << 20);
    for (int i = 0; i < 200; i++) hp_buf_puts(&text, "{\"a\":1}\n");
    expect_refused(hp_buf_str(&text), name, "--limit cells");
    hp_limit_reset();
}

static void test_too_many_names(void **state) {
    (void)state;
    for (uint32_t more = 0; more < 2; more++) {
        hp_autobuf text = hp_buf_new(4 << 20);
        for (uint32_t i = 0; i < HP_LIMIT_SHEET_COLS + more; i++) hp_buf_printf(&text, "{\"n%u\":1}\n", i);
        if (more) {
            expect_refused(hp_buf_str(&text), "people.ndjson", "more than 16384 different names");
            continue;
        }
        reading r = read_lines(hp_buf_str(&text));
        assert_int_equal(r.table->ncol, HP_LIMIT_SHEET_COLS);
        done(&r);
    }
}

/* What has no row to show for itself. */
static void test_nothing(void **state) {
    (void)state;
    static const char *const CASES[] = {"\n", "{}", "{}\n{}\n", " \r\n\t"};
    for (size_t i = 0; i < 4; i++) {
        reading r = read_lines(hp_str_of(CASES[i]));
        assert_int_equal(r.table->nrow, 0);
        assert_int_equal(r.table->ncol, 0);
        done(&r);
    }
    reading r = read_lines(HP_S("{\"a\":null,\"\":null}\n{}"));
    assert_int_equal(r.table->nrow, 1);
    assert_int_equal(r.table->ncol, 2);
    expect_text(&r, 0, 1, "a");
    done(&r);
}

static void test_encodings(void **state) {
    (void)state;
    reading r = read_lines(HP_S("\xEF\xBB\xBF{\"a\":1}"));
    expect_text(&r, 0, 1, "a");
    done(&r);
    r = read_lines(HP_S("\xFF\xFE{\0\"\0a\0\"\0:\0001\0}\0"));
    expect_cell(&r, 0, 2, HP_T_NUMBER, "1", "1");
    done(&r);
    r = read_lines(HP_S("{\"a\":\"x\\u0000\"}")); /* all ASCII, until the escape is undone */
    expect_text(&r, 0, 2, "x\xEF\xBF\xBD");
    expect_finding(&r, HP_R_ENCODING_REPAIRED, 0, 2, 0, "");
    done(&r);
    r = read_lines(HP_S("{\"\xE9\":1}"));
    expect_text(&r, 0, 1, "\xEF\xBF\xBD");
    expect_finding(&r, HP_R_ENCODING_REPAIRED, 0, 1, 0, "");
    done(&r);
}

/* Tells by content what has no name of its own. */
static void test_content(void **state) {
    (void)state;
    static const struct {
        const char *name, *text;
        hp_format format;
    } CASES[] = {{"stdin", "{\"a\":1}\n", HP_FORMAT_NDJSON}, {"stdin", " \n{\"a\":1}\n", HP_FORMAT_NDJSON},
                 {"stdin", "a,b\n", HP_FORMAT_CSV},          {"a.csv", "{\"a\":1}\n", HP_FORMAT_CSV},
                 {"a.jsonl.gz", "{}", HP_FORMAT_NDJSON},     {"stdin", "[{\"a\":1}]", HP_FORMAT_NDJSON},
                 {"stdin", "[1,2\n", HP_FORMAT_CSV}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        reading r = read_as(hp_str_of(CASES[i].text), CASES[i].name, 0, false);
        hp_book *b = r.book;
        assert_non_null(b);
        assert_int_equal(hp_book_format(b), CASES[i].format);
        done(&r);
    }
    assert_true(hp_name_readable(HP_S("a.ndjson")) && hp_name_readable(HP_S("a.JSONL.zst")));
    assert_false(hp_name_readable(HP_S("a.json")));
}

/* Lines over many pieces, with new names and findings in the middle, by one thread and by several.
 */
static void test_pieces(void **state) {
    (void)state;
    hp_autobuf text = hp_buf_new(64u << 20);
    enum { LINES = 40000 };
    for (int i = 0; i < LINES; i++) {
        if (i % 10000 == 9999)
            hp_buf_printf(&text, "broken %d\n", i);
        else if (i % 7 == 3)
            hp_buf_printf(&text, "{\"late%d\":\"%d\",\"a\":\"text %d\",\"z\":[]}\n", i / 10000, i, i % 1000);
        else
            hp_buf_printf(&text, "{\"a\":\"text %d, and some bytes more\",\"b\":%d}\n", i % 1000, i);
    }
    for (unsigned jobs = 1; jobs < 4; jobs += 2) {
        hp_threads_set(jobs);
        reading r = read_lines(hp_buf_str(&text));
        const char *names[] = {"a", "b", "late0", "z", "late1", "late2", "late3"};
        assert_int_equal(r.table->ncol, 7);
        for (uint32_t i = 0; i < 7; i++) expect_text(&r, i, 1, names[i]);
        assert_int_equal(r.table->nrow, LINES + 1 - 4);
        expect_cell(&r, 1, LINES, HP_T_NUMBER, "39998", "39998");
        expect_text(&r, 6, 39994 + 2, "39994");
        char note[100];
        size_t byte = hp_str_find(hp_buf_str(&text), HP_S("broken 29999"), 0);
        snprintf(note, sizeof note, "line 30000, byte %zu: no { at its begin", byte);
        expect_finding(&r, HP_R_BROKEN_LINE, 2, 30001, HP_NO_COL, note);
        expect_finding(&r, HP_R_NESTED_VALUE, 0, 0, 3, "5713 values");
        done(&r);
    }
    hp_threads_set(0);
}

static void test_memory_runs_out(void **state) {
    (void)state;
    hp_str text =
        HP_S("{\"a\":\"x\\n\",\"b\":[1, 2],\"c\":1.50}\nbroken\n{\"a\":1,\"a\":2,\"\\u0064\":true}\n");
    hp_threads_set(1);
    for (uint64_t nth = 1;; nth++) {
        reading r = {.code = HP_OK};
        assert_ok(hp_run_open(&r.run, &r.err), r.err);
        hp_mem_fail_at(nth);
        hp_code code = hp_book_open_bytes(&r.run, text, "people.ndjson", &r.book, &r.err);
        if (code == HP_OK) code = hp_book_read(&r.run, r.book, 0, 0, &r.table, &r.err);
        hp_mem_fail_at(0);
        if (code != HP_OK) assert_int_equal(code, HP_RETRY);
        if (code == HP_OK) {
            expect_text(&r, 0, 2, "x\n");
            assert_int_equal(r.run.issues.list.n, 3);
        }
        done(&r);
        if (code == HP_OK) break;
        assert_true(nth < 1000);
    }
    hp_threads_set(0);
}

/* The file ends with its last byte: a look beyond is seen by the sanitizers. */
static void test_cut_at_every_byte(void **state) {
    (void)state;
    hp_str text = HP_S("{\"a\":\"x\\u00e9\\ud83d\\ude00 and more\",\"b\":[1, {\"c\":null}],\"d\":-1.5e+3}");
    for (size_t n = 1; n <= text.n; n++) {
        char *cut = malloc(n);
        assert_non_null(cut);
        memcpy(cut, text.p, n);
        reading r = read_as((hp_str){cut, n}, "people.ndjson", 0, false);
        assert_int_equal(r.code, n < text.n ? HP_DATA : HP_OK);
        done(&r);
        free(cut);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_names_twice),
        cmocka_unit_test(test_broken_lines),
        cmocka_unit_test(test_names_of_broken_lines),
        cmocka_unit_test(test_findings_are_in_order),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_too_many_names),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_content),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_memory_runs_out),
        cmocka_unit_test(test_cut_at_every_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
