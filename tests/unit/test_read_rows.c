/* Large sheets, in pieces: the quick way of reading rows finds what the careful one finds, on any number of
 * threads and with any instructions, wherever the pieces are cut. */
#include "read_maker.h"

#include "base/simd.h"
#include "base/threads.h"
#include "read/quick.h"

#define STYLES_XML                                                                              \
    "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='[h]:mm'/></numFmts><cellXfs><xf/>" \
    "<xf numFmtId='14'/><xf numFmtId='164'/></cellXfs></styleSheet>"
#define STRINGS_XML                                                                                      \
    STRINGS("<si><t>zero</t></si><si><t xml:space=\"preserve\"> one </t></si><si><t/></si>"              \
            "<si><r><t>ri</t></r><r><t>ch</t></r></si><si><t>a &amp; b</t></si><si><t>bad \xFF</t></si>" \
            "<si><t>_x0041_&#xD800;</t></si>")

/* Content of cells, in turn; %s is put in front of each cell's end: nothing, or a comment, which only the
 * careful way knows. */
static const char *const CELLS[] = {
    " t=\"s\"><v>0</v>",
    " t=\"s\"><v>6</v>",
    "><v>12</v>",
    "><v>-0.50</v>",
    " s=\"1\"><v>45944.5</v>",
    " s=\"2\"><v>1.5</v>",
    " t=\"b\"><v>1</v>",
    " t=\"e\"><v>#N/A</v>",
    " t=\"str\"><f>A1&amp;B1</f><v>Zo\xC3\xAB &lt;&#x41;&gt;</v>",
    "><f t=\"shared\" si=\"0\"/><v>3</v>",
    "><f>NOW()</f>",
    " t=\"inlineStr\"><is><t>in line</t></is>",
    " t=\"inlineStr\"><is><t xml:space=\"preserve\"> a &amp; b\r\n </t></is>",
    " t=\"inlineStr\"><is><r><t>ri</t></r><r><t>ch</t></r></is>",
    " t=\"d\"><v>2025-10-14T09:30:00Z</v>",
    " t=\"s\"><v>99</v>",
    " t=\"s\"><v>5</v>",
    "><v>00012345678901234567</v>",
    " t=\"inlineStr\"><is><t>bad \xFF byte</t></is>",
    " cm=\"1\"><v>7</v>",
    "><v> 8 </v>",
    ">",
};
enum { NCELLS = sizeof CELLS / sizeof *CELLS };

/* How a sheet is written. */
typedef struct form {
    const char *before_end; /* in front of each cell's end */
    bool references;        /* r of rows and cells */
    bool pretty;            /* white space between elements */
    const char *prefix;     /* of elements: "" or "x:" */
} form;

static void put_cell_xml(hp_buf *b, const form *f, size_t row, size_t i) {
    hp_buf_printf(b, "<%sc", f->prefix);
    if (f->references) hp_buf_printf(b, " r=\"%c%zu\"", (int)('A' + i), row);
    const char *cell = CELLS[(row + i) % NCELLS];
    hp_buf_puts(b, cell);
    hp_buf_printf(b, "%s</%sc>%s", f->before_end, f->prefix, f->pretty ? "\r\n  " : "");
}

/* Writes `rows` rows of eleven cells; row numbers rise by two where there are references. */
static hp_buf sheet_xml(const form *f, size_t rows) {
    hp_buf b = hp_buf_new(256u << 20);
    hp_buf_printf(&b, "<%sworksheet><%ssheetData>", f->prefix, f->prefix);
    for (size_t i = 0; i < rows; i++) {
        size_t row = f->references ? 2 * i + 1 : i + 1;
        hp_buf_printf(&b, "<%srow", f->prefix);
        if (f->references)
            hp_buf_printf(&b, " r=\"%zu\" spans=\"1:11\"%s", row, i % 7 ? "" : " hidden=\"1\"");
        hp_buf_puts(&b, ">");
        for (size_t c = 0; c < 11; c++) put_cell_xml(&b, f, row, c);
        hp_buf_printf(&b, "</%srow>", f->prefix);
    }
    hp_buf_printf(&b, "</%ssheetData><%smergeCells><%smergeCell ref=\"A1:B3\"/></%smergeCells></%sworksheet>",
                  f->prefix, f->prefix, f->prefix, f->prefix, f->prefix);
    assert_false(b.bad);
    return b;
}

static void assert_same_text(const reading *a, hp_vid x, const reading *b, hp_vid y) {
    hp_str s = hp_text(a->run.pool, x), t = hp_text(b->run.pool, y);
    if (!hp_str_eq(s, t)) fail_msg("\"%.*s\" is not \"%.*s\"", HP_FMT(s), HP_FMT(t));
}

static void assert_same_column(const reading *a, const reading *b, size_t c) {
    const hp_column *x = &a->table->col[c], *y = &b->table->col[c];
    for (size_t i = 0; i < a->table->nrow; i++) {
        assert_int_equal(hp_cell_type(x, i), hp_cell_type(y, i));
        assert_same_text(a, x->v[i], b, y->v[i]);
        assert_same_text(a, x->lex ? x->lex[i] : x->v[i], b, y->lex ? y->lex[i] : y->v[i]);
    }
}

static void assert_same(const reading *a, const reading *b) {
    assert_int_equal(a->table->nrow, b->table->nrow);
    assert_int_equal(a->table->ncol, b->table->ncol);
    assert_int_equal(a->table->narea, b->table->narea);
    assert_int_equal(a->table->hidden != NULL, b->table->hidden != NULL);
    for (size_t i = 0; i < a->table->nrow; i++) {
        assert_int_equal(a->table->origin[i].row, b->table->origin[i].row);
        if (a->table->hidden) assert_int_equal(a->table->hidden[i], b->table->hidden[i]);
    }
    for (size_t c = 0; c < a->table->ncol; c++) assert_same_column(a, b, c);
    assert_int_equal(a->run.issues.list.n, b->run.issues.list.n);
    for (size_t i = 0; i < a->run.issues.list.n; i++) {
        const hp_issue *x = &a->run.issues.list.p[i], *y = &b->run.issues.list.p[i];
        assert_int_equal(x->rule, y->rule);
        assert_int_equal(x->at.row, y->at.row);
        assert_int_equal(x->at.col, y->at.col);
        assert_same_text(a, x->value, b, y->value);
        assert_same_text(a, x->note, b, y->note);
    }
}

static reading read_form(const form *f, size_t rows, bool raw) {
    hp_buf sheet = sheet_xml(f, rows);
    reading r = read_book((maker_book){hp_buf_cstr(&sheet), STRINGS_XML, STYLES_XML, NULL}, raw);
    hp_buf_free(&sheet);
    return r;
}

/* 4,000 rows are about 1.4 MB: six pieces. */
static void the_quick_way_finds_what_the_careful_one_finds(void **state) {
    (void)state;
    static const form QUICK = {"", true, false, ""}, CAREFUL = {"<!-- </row> -->", true, false, ""},
                      ROW_BY_ROW = {"<!---->", true, false, ""}, PRETTY = {"", true, true, ""},
                      PREFIXED = {"", true, false, "x:"};
    for (int raw = 0; raw < 2; raw++) {
        reading careful = read_form(&CAREFUL, 4000, raw);
        assert_true(careful.table->nrow == 4000 && careful.table->ncol == 11);
        static const form *const FORMS[] = {&QUICK, &ROW_BY_ROW, &PRETTY, &PREFIXED};
        for (size_t i = 0; i < 4; i++) {
            reading r = read_form(FORMS[i], 4000, raw);
            assert_same(&careful, &r);
            done(&r);
        }
        done(&careful);
    }
}

static void rows_without_numbers_are_counted_through_all_pieces(void **state) {
    (void)state;
    static const form QUICK = {"", false, false, ""}, CAREFUL = {"<!---->", false, false, ""};
    reading a = read_form(&QUICK, 6000, false), b = read_form(&CAREFUL, 6000, false);
    assert_same(&a, &b);
    assert_int_equal(a.table->origin[5999].row, 6000);
    done(&a);
    done(&b);
}

static void threads_and_instructions_change_nothing(void **state) {
    (void)state;
    static const form QUICK = {"", true, false, ""};
    hp_threads_set(1);
    hp_simd_limit(HP_SIMD_PORTABLE);
    reading wanted = read_form(&QUICK, 3000, false);
    for (unsigned jobs = 1; jobs <= 4; jobs++) {
        hp_threads_set(jobs);
        for (hp_simd_level level = HP_SIMD_PORTABLE; level <= HP_SIMD_AVX512; level++) {
            hp_simd_limit(level);
            reading r = read_form(&QUICK, 3000, false);
            assert_same(&wanted, &r);
            assert_int_equal(hp_pool_count(wanted.run.pool), hp_pool_count(r.run.pool));
            done(&r);
        }
    }
    done(&wanted);
    hp_threads_set(0);
}

/* Puts `odd` into the middle of a sheet of several pieces, and reads it. */
static reading read_odd(const char *odd, bool refused) {
    hp_buf b = hp_buf_new(64u << 20);
    hp_buf_puts(&b, "<worksheet><sheetData>");
    for (size_t i = 1; i <= 20000; i++) {
        if (i == 10000) hp_buf_puts(&b, odd);
        hp_buf_printf(&b, "<row r=\"%zu\"><c r=\"A%zu\"><v>%zu</v></c></row>", i, i, i);
    }
    hp_buf_puts(&b, "</sheetData></worksheet>");
    hp_buf book = make_book((maker_book){.sheet = hp_buf_cstr(&b)});
    reading r = {0};
    if (refused)
        expect_refused(hp_buf_str(&book), "Odd.xlsx", "byte 4");
    else
        r = read_book((maker_book){.sheet = hp_buf_cstr(&b)}, false);
    hp_buf_free(&book);
    hp_buf_free(&b);
    return r;
}

static void what_looks_like_the_end_of_a_row_may_be_none(void **state) {
    (void)state;
    hp_buf text = hp_buf_new(8u << 20);
    hp_buf_puts(&text, "<row r=\"9999\"><c r=\"B9999\" t=\"str\"><v><![CDATA[");
    for (size_t i = 0; i < 50000; i++) hp_buf_puts(&text, "<row></row>");
    hp_buf_puts(&text, "]]></v></c></row>");
    reading r = read_odd(hp_buf_cstr(&text), false);
    assert_int_equal(r.table->nrow, 20000);
    assert_int_equal(cell_of(&r, 1, 9999, NULL, NULL).n, 11 * 50000);
    done(&r);
    hp_buf_free(&text);
}

static void what_is_wrong_in_a_later_piece_is_told_with_its_byte(void **state) {
    (void)state;
    read_odd("<row r=\"x\"/>", true);
    read_odd("<row r=\"1\"><c r=\"A1\"><v>1</c></row>", true);
    read_odd("<row r=\"1\"><c r=\"XFE1\"><v>1</v></c></row>", true);
    read_odd("</sheetData></worksheet><worksheet>", true);
}

static void rows_of_other_rows_are_where_they_say(void **state) {
    (void)state;
    reading r = read_odd(
        "<row r=\"30000\"><c r=\"B7\"><v>1</v></c><c r=\"C30000\"><v>2</v></c></row><row><c><v>3</v></c></row>",
        false);
    expect_cell(&r, 1, 7, HP_T_NUMBER, "1", "1");
    expect_cell(&r, 2, 30000, HP_T_NUMBER, "2", "2");
    expect_cell(&r, 0, 30001, HP_T_NUMBER, "3", "3");
    expect_cell(&r, 0, 20000, HP_T_NUMBER, "20000", "20000");
    done(&r);
}

/* The quick way must not take for XML what is none, nor pass over what it does not know. */
static void attributes_in_odd_forms_are_read_carefully(void **state) {
    (void)state;
    static const char *const HIDDEN[] = {"<row r=\"2\"  hidden=\"1\">", "<row r=\"2\" hidden =\"1\">",
                                         "<row r='2' hidden='true'>", "<row hidden=\"1\" r=\"2\">"};
    for (size_t i = 0; i < 4; i++) {
        char sheet[256];
        snprintf(sheet, sizeof sheet, SHEET("%s<c r=\"A2\"><v>1</v></c></row>"), HIDDEN[i]);
        reading r = read_book((maker_book){.sheet = sheet}, false);
        assert_non_null(r.table->hidden);
        assert_int_equal(r.table->hidden[0], 1);
        done(&r);
    }
    hp_buf book = make_book((maker_book){.sheet = SHEET("<row r=\"2\" foo bar=\"<\"><c><v>1</v></c></row>")});
    expect_refused(hp_buf_str(&book), "Odd.xlsx", "an attribute without value");
    hp_buf_free(&book);
}

static void what_stands_before_the_rows_counts(void **state) {
    (void)state;
    hp_buf book = make_book((maker_book){.sheet = "<foo><sheetData><row r=\"1\"/></sheetData></foo>"});
    expect_refused(hp_buf_str(&book), "Odd.xlsx", "this is no worksheet");
    hp_buf_free(&book);
    reading r = read_book(
        (maker_book){.sheet = "<worksheet><mergeCells><mergeCell ref=\"A1:B2\"/></mergeCells><sheetData>"
                              "<row r=\"1\"><c><v>1</v></c></row></sheetData></worksheet>"},
        false);
    assert_int_equal(r.table->narea, 1);
    done(&r);
}

static void rows_that_count_on_end_where_a_sheet_ends(void **state) {
    (void)state;
    hp_buf b = hp_buf_new(8u << 20);
    hp_buf_puts(&b, "<worksheet><sheetData><row r=\"1040000\"/>");
    for (size_t i = 0; i < 9000; i++) hp_buf_puts(&b, "<row><c r=\"A7\"><v>1</v></c><c><v>2</v></c></row>");
    hp_buf_puts(&b, "</sheetData></worksheet>");
    hp_buf book = make_book((maker_book){.sheet = hp_buf_cstr(&b)});
    expect_refused(hp_buf_str(&book), "Odd.xlsx", "1048576");
    hp_buf_free(&book);
    hp_buf_free(&b);
}

static void a_text_repaired_twice_is_one_finding(void **state) {
    (void)state;
    reading r = read_book(
        (maker_book){.sheet = SHEET("<row r=\"1\"><c t=\"inlineStr\"><is><t>a&#0;b\xFF</t></is></c></row>")},
        false);
    expect_text(&r, 0, 1, "a\357\277\275b\357\277\275");
    assert_int_equal(r.run.issues.list.n, 1);
    done(&r);
}

static void digits_are_what_they_say(void **state) {
    (void)state;
    char text[32] = {0};
    uint32_t seed = 1;
    for (size_t i = 0; i < 20000; i++) {
        seed = seed * 1664525u + 1013904223u;
        uint32_t value = seed >> (i % 24);
        int n = snprintf(text, sizeof text - 8, "%u<%u", value, seed) - snprintf(NULL, 0, "<%u", seed);
        uint64_t wanted = n <= 8 ? value : UINT64_MAX;
        assert_int_equal(hp_quick_digits(text, (size_t)n), wanted);
    }
    for (unsigned c = 0; c < 256; c++) {
        memcpy(text, "1234567", 8);
        text[c % 7] = (char)c;
        bool digit = c >= '0' && c <= '9';
        assert_int_equal(hp_quick_digits(text, 7) != UINT64_MAX, digit);
    }
    assert_int_equal(hp_quick_digits(text, 0), UINT64_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_quick_way_finds_what_the_careful_one_finds),
        cmocka_unit_test(rows_without_numbers_are_counted_through_all_pieces),
        cmocka_unit_test(threads_and_instructions_change_nothing),
        cmocka_unit_test(what_looks_like_the_end_of_a_row_may_be_none),
        cmocka_unit_test(what_is_wrong_in_a_later_piece_is_told_with_its_byte),
        cmocka_unit_test(rows_of_other_rows_are_where_they_say),
        cmocka_unit_test(attributes_in_odd_forms_are_read_carefully),
        cmocka_unit_test(what_stands_before_the_rows_counts),
        cmocka_unit_test(rows_that_count_on_end_where_a_sheet_ends),
        cmocka_unit_test(a_text_repaired_twice_is_one_finding),
        cmocka_unit_test(digits_are_what_they_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
