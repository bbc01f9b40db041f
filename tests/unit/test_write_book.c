/* What a workbook has beside plain cells: types, comments, choices, tables, several sheets for one table; and
 * that its bytes depend on nothing but that. tests/e2e/test_workbook.py lets other programs read the same. */
#include "write_case.h"

#include "base/limits.h"
#include "base/threads.h"
#include "write/parts.h"

static hp_str part(const char *name) { return wc_member(wc_path("b.xlsx"), name); }

static void write_book(const hp_out_sheet *sheets, size_t n, const hp_book_options *o) {
    hp_err err = {0};
    hp_out out;
    assert_ok(hp_write_book(W.pool, sheets, n, o, wc_path("b.xlsx"), &out, &err), err);
    assert_ok(hp_out_commit(&out, &err), err);
}

/* ---- types ---- */

typedef struct typed {
    hp_type type;
    const char *text, *cell; /* what stands behind the reference; NULL for shared text */
} typed;

static void cells_have_the_type_that_their_text_survives(void **state) {
    (void)state;
    static const typed T[] = {
        {HP_T_NUMBER, "12", "><v>12</v>"},
        {HP_T_NUMBER, "-0.5", "><v>-0.5</v>"},
        {HP_T_NUMBER, "12.50", "><v>12.50</v>"},
        {HP_T_NUMBER, "0", "><v>0</v>"},
        {HP_T_NUMBER, "123456789012345", "><v>123456789012345</v>"},
        {HP_T_NUMBER, "0.30000000000000004", "><v>0.30000000000000004</v>"},
        {HP_T_NUMBER, "1234567890123456", " s=\"1\" t=\"inlineStr\"><is><t>1234567890123456</t></is>"},
        {HP_T_NUMBER, "0123", " s=\"1\" t=\"inlineStr\"><is><t>0123</t></is>"},
        {HP_T_NUMBER, "1.2345678901234567890",
         " s=\"1\" t=\"inlineStr\"><is><t>1.2345678901234567890</t></is>"},
        {HP_T_NUMBER, "-0", " s=\"1\" t=\"inlineStr\"><is><t>-0</t></is>"},
        {HP_T_BOOL, "TRUE", " t=\"b\"><v>1</v>"},
        {HP_T_BOOL, "FALSE", " t=\"b\"><v>0</v>"},
        {HP_T_DATE, "2025-10-14", " s=\"5\"><v>45944</v>"},
        {HP_T_DATE, "1900-03-01", " s=\"5\"><v>61</v>"},
        {HP_T_DATE, "1900-02-28", " s=\"1\" t=\"inlineStr\"><is><t>1900-02-28</t></is>"},
        {HP_T_DATE, "2025-10-14T12:00:00", " s=\"6\"><v>45944.5</v>"},
        {HP_T_DATE, "2025-10-14T09:30:01", " s=\"6\"><v>45944.3958449074</v>"},
        {HP_T_DATE, "06:00:00", " s=\"7\"><v>0.25</v>"},
        {HP_T_DATE, "36:00:00", " s=\"8\"><v>1.5</v>"},
        {HP_T_DATE, "2025-13-14", " s=\"1\" t=\"inlineStr\"><is><t>2025-13-14</t></is>"},
        {HP_T_DATE, "2025-10-14T09:30:00Z", " s=\"1\" t=\"inlineStr\"><is><t>2025-10-14T09:30:00Z</t></is>"},
        {HP_T_ERROR, "#DIV/0!", " t=\"e\"><v>#DIV/0!</v>"},
        {HP_T_ERROR, "#<&", " s=\"1\" t=\"inlineStr\"><is><t>#&lt;&amp;</t></is>"},
        {HP_T_TEXT, "12", NULL},
    };
    enum { ROWS = sizeof T / sizeof *T };
    hp_table *t = hp_table_new(W.arena, ROWS, 1, false);
    t->col[0].name = HP_S("typed");
    t->col[0].type = HP_NEW_ARRAY(W.arena, ROWS, uint8_t);
    for (size_t r = 0; r < ROWS; r++) {
        t->col[0].v[r] = wc_vid(hp_str_of(T[r].text));
        t->col[0].type[r] = (uint8_t)T[r].type;
    }
    const hp_out_sheet s = {.name = "Data", .table = t};
    write_book(&s, 1, NULL);
    hp_str x = part("xl/worksheets/sheet1.xml");
    for (size_t r = 0; r < ROWS; r++) {
        const char *cell = T[r].cell ? T[r].cell : " t=\"s\"><v>0</v>";
        hp_str wanted = hp_arena_printf(W.arena, "<c r=\"A%zu\"%s</c>", r + 2, cell);
        if (!wc_has(x, wanted.p)) fail_msg("%s is not written as %s", T[r].text, wanted.p);
    }
}

/* ---- shared strings ---- */

static void every_text_stands_once(void **state) {
    (void)state;
    static const char *const T[][2] = {{"a", "b"}, {"x", " y "}, {"x", "x"}, {NULL, "<z>"}, {"12", "x"}};
    hp_table *t = WC_TABLE(T);
    wc_vid(HP_S("in the pool, in no cell"));
    const hp_out_sheet s[] = {{.name = "One", .table = t}, {.name = "Two", .table = t}};
    write_book(s, 2, NULL);
    hp_str x = part("xl/sharedStrings.xml");
    assert_true(wc_has(x, " count=\"14\" uniqueCount=\"4\">"));
    assert_int_equal(wc_count(x, "<si>"), 4);
    assert_int_equal(wc_count(x, "<t>x</t>"), 1);
    assert_true(wc_has(x, "<t xml:space=\"preserve\"> y </t>") && wc_has(x, "<t>&lt;z&gt;</t>"));
    assert_true(wc_has(part("xl/worksheets/sheet2.xml"), "<c r=\"A2\" s=\"1\" t=\"s\"><v>"));
}

/* ---- what surrounds the cells ---- */

static hp_table *provinces(void) {
    static const char *const T[][3] = {
        {"name", "province", "status"}, {"Kite", "Gauteng", "active"}, {"Loop", "Limpopo", "lapsed"}};
    return WC_TABLE(T);
}

static void headers_explain_themselves(void **state) {
    (void)state;
    static const hp_out_comment C[] = {{0, "The name <as shown>"}, {2, "Whether it \"flies\""}};
    const hp_out_sheet s[] = {{.name = "Plain", .table = provinces()},
                              {.name = "Data", .table = provinces(), .comments = C, .ncomments = 2}};
    write_book(s, 2, NULL);
    assert_null(part("xl/comments1.xml").p);
    assert_false(wc_has(part("xl/worksheets/sheet1.xml"), "legacyDrawing"));
    hp_str x = part("xl/comments2.xml");
    assert_true(wc_has(x, "<comment ref=\"A1\"") && wc_has(x, "<comment ref=\"C1\""));
    assert_true(wc_has(x, ">The name &lt;as shown&gt;</t>"));
    assert_true(wc_has(part("xl/worksheets/sheet2.xml"), "<legacyDrawing r:id=\"rId1\"/></worksheet>"));
    hp_str rels = part("xl/worksheets/_rels/sheet2.xml.rels");
    assert_true(wc_has(rels, "\"../comments2.xml\"") && wc_has(rels, "\"../drawings/vmlDrawing2.vml\""));
    assert_int_equal(wc_count(part("xl/drawings/vmlDrawing2.vml"), "<v:shape "), 2);
    hp_str types = part("[Content_Types].xml");
    assert_true(wc_has(types, "Extension=\"vml\"") && wc_has(types, "/xl/comments2.xml"));
}

static void choices_are_offered_where_they_fit(void **state) {
    (void)state;
    static const char *const PROVINCES[] = {"Gauteng", "Limpopo", "R & D"}, *const COMMA[] = {"a,b"};
    const char *many[40];
    for (size_t i = 0; i < 40; i++) many[i] = "seven77";
    const hp_out_choices v[] = {{1, PROVINCES, 3}, {0, COMMA, 1}, {2, many, 40}};
    hp_table *t = provinces();
    const hp_out_sheet s = {.name = "Data", .table = t, .choices = v, .nchoices = 3};
    write_book(&s, 1, NULL);
    hp_str x = part("xl/worksheets/sheet1.xml");
    assert_true(wc_has(x, "<dataValidations count=\"1\">"));
    assert_true(wc_has(x, "sqref=\"B2:B3\"><formula1>\"Gauteng,Limpopo,R &amp; D\"</formula1>"));
    t->nrow = 0;
    write_book(&s, 1, NULL);
    assert_false(wc_has(part("xl/worksheets/sheet1.xml"), "dataValidation"));
}

static void a_range_with_a_name_needs_names_of_columns(void **state) {
    (void)state;
    hp_table *t = provinces();
    const hp_out_sheet s = {.name = "Kite's list", .table = t, .range = true};
    write_book(&s, 1, NULL);
    hp_str x = part("xl/tables/table1.xml");
    assert_true(wc_has(x, "displayName=\"Table_Kite_s_list_1\" ref=\"A1:C3\""));
    assert_true(wc_has(x, "<tableColumn id=\"2\" name=\"province\"/>"));
    hp_str sheet = part("xl/worksheets/sheet1.xml");
    assert_false(wc_has(sheet, "<autoFilter"));
    assert_true(wc_has(sheet, "<tableParts count=\"1\"><tablePart r:id=\"rId1\"/></tableParts></worksheet>"));
    static const char *const BAD[] = {"NAME", "", "a\tb", "_x0041_"};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        t->col[1].name = hp_str_of(BAD[i]);
        write_book(&s, 1, NULL);
        assert_null(part("xl/tables/table1.xml").p);
        assert_true(wc_has(part("xl/worksheets/sheet1.xml"), "<autoFilter ref=\"A1:C3\"/>"));
    }
}

static void names_are_quoted_in_formulas(void **state) {
    (void)state;
    const hp_out_sheet s[] = {{.name = "Kite's & more", .table = provinces()},
                              {.name = "Summary", .table = provinces(), .plain = true}};
    write_book(s, 2, &(hp_book_options){.title = "List <1>"});
    hp_str x = part("xl/workbook.xml");
    assert_true(wc_has(x, "<sheet name=\"Kite's &amp; more\""));
    assert_true(wc_has(x, ">'Kite''s &amp; more'!$A$1:$C$3<") && wc_has(x, ">'Kite''s &amp; more'!$1:$1<"));
    assert_int_equal(wc_count(x, "<definedName "), 2);
    assert_true(wc_has(part("docProps/core.xml"), "<dc:title>List &lt;1&gt;</dc:title><dc:creator>hotpass<"));
}

static void tabs_have_names_that_tabs_can_have(void **state) {
    (void)state;
    static const char *const N[][2] = {
        {"Data", "Data"},
        {"data", "data (2)"},
        {"DATA (2)", "DATA (2) (2)"},
        {"a/b\\c[d]:*?", "a_b_c_d____"},
        {"'quoted'", "_quoted_"},
        {"o'clock", "o'clock"},
        {"", "Sheet"},
        {"history", "history (2)"},
        {"tab\tline\n", "tab_line_"},
        {"thirty-one characters are enough", "thirty-one characters are enoug"},
        {"thirty-one characters are enough!", "thirty-one characters are e (2)"},
        {"K\xFChn", "K_hn"},
        {"\xC3\xA9t\xC3\xA9", "\xC3\xA9t\xC3\xA9"}};
    enum { SHEETS = sizeof N / sizeof *N };
    hp_out_sheet s[SHEETS];
    for (size_t i = 0; i < SHEETS; i++) s[i] = (hp_out_sheet){.name = N[i][0], .table = provinces()};
    write_book(s, SHEETS, NULL);
    hp_str x = part("xl/workbook.xml");
    for (size_t i = 0; i < SHEETS; i++) {
        hp_str wanted = hp_arena_printf(W.arena, "<sheet name=\"%s\" sheetId=\"%zu\"", N[i][1], i + 1);
        if (!wc_has(x, wanted.p)) fail_msg("%s does not become %s", N[i][0], N[i][1]);
    }
}

static void many_sheets_of_one_name_have_different_ones(void **state) {
    (void)state;
    enum { SHEETS = 4096 };
    hp_table *t = hp_table_new(W.arena, 0, 0, false);
    hp_out_sheet *s = HP_NEW_ARRAY(W.arena, SHEETS, hp_out_sheet);
    for (size_t i = 0; i < SHEETS; i++) s[i] = (hp_out_sheet){.name = "Data", .table = t};
    hp_book_out b = {.pool = W.pool, .sheet = s, .nsheet = SHEETS};
    hp_err err = {0};
    assert_ok(hp_pages_plan(&b, "b.xlsx", &err), err);
    assert_string_equal(b.page[1].name, "Data (2)");
    for (size_t i = 0; i < SHEETS; i += 97)
        for (size_t k = 0; k < i; k++) assert_string_not_equal(b.page[i].name, b.page[k].name);
    hp_free(b.page);
}

/* ---- rows without end ---- */

/* Byte by byte: under the sanitizer each call of memmem looks at the whole of what is behind it. */
static size_t count_rows(hp_str x) {
    size_t n = 0;
    for (size_t i = 0; i + 5 <= x.n; i++) n += x.p[i] == '<' && x.p[i + 1] == 'r' && x.p[i + 4] == ' ';
    return n;
}

static void rows_go_on_where_a_sheet_ends(void **state) {
    (void)state;
    enum { ROWS = HP_LIMIT_SHEET_ROWS + 10, FITS = HP_LIMIT_SHEET_ROWS - 1 };
    hp_table *t = hp_table_new(W.arena, ROWS, 1, false);
    t->col[0].name = HP_S("mail");
    t->col[0].style = HP_STYLE_EMAIL;
    hp_vid v = wc_vid(HP_S("kite")), mail = wc_vid(HP_S("ann@kite.example"));
    for (size_t r = 0; r < ROWS; r++) t->col[0].v[r] = v;
    t->col[0].v[ROWS - 1] = mail;
    const hp_out_sheet s[] = {{.name = "A name that is just 31 in length", .table = t},
                              {.name = "Summary", .table = provinces(), .plain = true}};
    assert_int_equal(hp_sheets_of(t), 2);
    write_book(s, 2, NULL);
    hp_str book = part("xl/workbook.xml");
    assert_true(wc_has(book, "<sheet name=\"A name that is just 31 in (2)\" sheetId=\"2\"")
                || wc_has(book, "<sheet name=\"A name that is just 31 in l (2)\" sheetId=\"2\""));
    assert_true(wc_has(book, "<sheet name=\"Summary\" sheetId=\"3\""));
    hp_str first = part("xl/worksheets/sheet1.xml"), second = part("xl/worksheets/sheet2.xml");
    assert_int_equal(count_rows(first), HP_LIMIT_SHEET_ROWS);
    assert_true(wc_has(first, "<row r=\"1048576\">") && wc_has(first, "<autoFilter ref=\"A1:A1048576\"/>"));
    assert_int_equal(count_rows(second), 1 + ROWS - FITS);
    assert_true(wc_has(second, "<t>mail</t>") && wc_has(second, "<autoFilter ref=\"A1:A12\"/>"));
    assert_true(wc_has(second, "<hyperlink ref=\"A12\" r:id=\"rId1\"/>") && !wc_has(first, "<hyperlink "));
    t->nrow = FITS;
    assert_int_equal(hp_sheets_of(t), 1);
}

/* ---- bytes ---- */

static void bytes_do_not_depend_on_threads(void **state) {
    (void)state;
    enum { ROWS = 30000, COLS = 9 };
    hp_table *t = hp_table_new(W.arena, ROWS, COLS, false);
    for (size_t c = 0; c < COLS; c++) {
        t->col[c].name = hp_arena_printf(W.arena, "column %zu", c);
        t->col[c].style = c == 1 ? HP_STYLE_INT : c == 2 ? HP_STYLE_URL : HP_STYLE_TEXT;
        for (size_t r = 0; r < ROWS; r++)
            if ((r * 7 + c) % 5)
                t->col[c].v[r] =
                    wc_vid(c == 1   ? hp_arena_printf(W.arena, "%zu", r % 777)
                           : c == 2 ? hp_arena_printf(W.arena, "https://kite-%zu.example", r % 99)
                                    : hp_arena_printf(W.arena, "text %zu of %zu & more", r, c));
    }
    const hp_out_sheet s[] = {{.name = "Data", .table = t}, {.name = "More", .table = t}};
    for (hp_compress level = HP_COMPRESS_FAST; level <= HP_COMPRESS_BEST; level++) {
        const hp_book_options o = {.compress = level};
        hp_threads_set(1);
        write_book(s, 2, &o);
        hp_str whole = wc_read(wc_path("b.xlsx"));
        hp_str sheet = part("xl/worksheets/sheet1.xml");
        assert_int_equal(count_rows(sheet), ROWS + 1);
        for (unsigned jobs = 2; jobs <= 5; jobs += 3) {
            hp_threads_set(jobs);
            write_book(s, 2, &o);
            assert_true(hp_str_eq(wc_read(wc_path("b.xlsx")), whole));
        }
        hp_threads_set(0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_have_the_type_that_their_text_survives),
        cmocka_unit_test(every_text_stands_once),
        cmocka_unit_test(headers_explain_themselves),
        cmocka_unit_test(choices_are_offered_where_they_fit),
        cmocka_unit_test(a_range_with_a_name_needs_names_of_columns),
        cmocka_unit_test(names_are_quoted_in_formulas),
        cmocka_unit_test(tabs_have_names_that_tabs_can_have),
        cmocka_unit_test(many_sheets_of_one_name_have_different_ones),
        cmocka_unit_test(rows_go_on_where_a_sheet_ends),
        cmocka_unit_test(bytes_do_not_depend_on_threads),
    };
    return cmocka_run_group_tests(tests, wc_open, wc_close);
}
