/* Cells of a worksheet: every type, every quirk, and what a finding says about it. */
#include "read_maker.h"

#define STYLES                                                                                                                   \
    "<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"[$-409]d\\-mmm\\-yy;@\"/>"                                       \
    "<numFmt numFmtId=\"165\" formatCode=\"[h]:mm\"/><numFmt numFmtId=\"166\" formatCode=\"&quot;day&quot; 0\"/></numFmts>"      \
    "<cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"164\"/>" \
    "<xf numFmtId=\"165\"/><xf numFmtId=\"166\"/><xf numFmtId=\"20\"/></cellXfs>"                                                \
    "<dxfs><dxf><numFmt numFmtId=\"166\" formatCode=\"yyyy\"/></dxf></dxfs></styleSheet>"

static void test_types(void **state) {
    (void)state;
    maker_book m = {
        .sheet = SHEET(
            "<row r='1'><c r='A1' t='s'><v>0</v></c><c r='B1'><v>12.50</v></c><c r='C1' t='n'><v> 2.7821234567E10 </v></c>"
            "<c r='D1' t='b'><v>1</v></c><c r='E1' t='b'><v>0</v></c><c r='F1' t='str'><v>text</v></c>"
            "<c r='G1' t='inlineStr'><is><t>inline</t></is></c><c r='H1' t='d'><v>2025-10-14T09:30:00Z</v></c>"
            "<c r='I1' t='inlineStr'><v>odd</v></c><c r='J1'><v>not a number</v></c><c r='K1' t='what'><v>7</v></c>"
            "<c r='L1' t='b'><v>maybe</v></c><c r='M1' t='d'><v>someday</v></c><c r='N1' s=''><v>1</v></c></row>"),
        .strings = STRINGS("<si><t>shared</t></si>"),
    };
    reading r = read_book(m, false);
    expect_text(&r, 0, 1, "shared");
    expect_cell(&r, 1, 1, HP_T_NUMBER, "12.5", "12.50");
    expect_cell(&r, 2, 1, HP_T_NUMBER, "27821234567", "2.7821234567E10");
    expect_cell(&r, 3, 1, HP_T_BOOL, "TRUE", "1");
    expect_cell(&r, 4, 1, HP_T_BOOL, "FALSE", "0");
    expect_text(&r, 5, 1, "text");
    expect_text(&r, 6, 1, "inline");
    expect_cell(&r, 7, 1, HP_T_DATE, "2025-10-14T09:30:00", "2025-10-14T09:30:00Z");
    expect_text(&r, 8, 1, "odd");
    expect_text(&r, 9, 1, "not a number");
    expect_text(&r, 10, 1, "7");
    expect_text(&r, 11, 1, "maybe");
    expect_text(&r, 12, 1, "someday");
    expect_cell(&r, 13, 1, HP_T_NUMBER, "1", "1");
    assert_int_equal(r.run.issues.list.n, 0);
    assert_view(r.table->name, "Data");
    done(&r);
}

static void test_dates(void **state) {
    (void)state;
    maker_book m = {
        .sheet = SHEET(
            "<row r='1'><c r='A1' s='1'><v>45944</v></c><c r='B1' s='2'><v>45944.395833333336</v></c><c r='C1' s='3'><v>1.5</v></c>"
            "<c r='D1' s='4'><v>45944</v></c><c r='E1' s='5'><v>0.75</v></c><c r='F1' s='1'><v>60</v></c><c r='G1' s='1'><v>-5</v></c>"
            "<c r='H1' s='99'><v>45944</v></c><c r='I1' s='1' t='str'><v>45944</v></c></row>"),
        .styles = STYLES,
    };
    reading r = read_book(m, false);
    expect_cell(&r, 0, 1, HP_T_DATE, "2025-10-14", "45944");
    expect_cell(&r, 1, 1, HP_T_DATE, "2025-10-14T09:30:00", "45944.395833333336");
    expect_cell(&r, 2, 1, HP_T_DATE, "36:00:00", "1.5");
    expect_cell(&r, 3, 1, HP_T_NUMBER, "45944", "45944");
    expect_cell(&r, 4, 1, HP_T_DATE, "18:00:00", "0.75");
    expect_cell(&r, 5, 1, HP_T_DATE, "1900-02-28", "60");
    expect_cell(&r, 6, 1, HP_T_NUMBER, "-5", "-5");
    expect_cell(&r, 7, 1, HP_T_NUMBER, "45944", "45944");
    expect_text(&r, 8, 1, "45944");
    done(&r);
    m.workbook = BOOK_XML("<workbookPr date1904=\"true\"/>", "");
    r = read_book(m, false);
    expect_cell(&r, 0, 1, HP_T_DATE, "2029-10-15", "45944");
    done(&r);
}

static void test_formulas(void **state) {
    (void)state;
    maker_book m = {
        .sheet = SHEET(
            "<row r='1'><c r='A1'><f>1+1</f><v>2</v></c><c r='B1'><f>1+1</f></c><c r='C1'><f>1+1</f><v/></c><c r='D1'><f>1+1</f><v></v></c>"
            "<c r='E1' t='str'><f>\"\"</f><v></v></c><c r='F1' t='str'><f>\"\"</f></c><c r='G1' t='str'><f>\"a\"</f><v>a</v></c>"
            "<c r='H1'><f t='shared' si='0'/><v>3</v></c><c r='I1'><v>4</v><f>2+2</f></c><c r='J1' t='e'><f>1/0</f><v>#DIV/0!</v></c></row>"),
    };
    reading r = read_book(m, false);
    expect_cell(&r, 0, 1, HP_T_NUMBER, "2", "2");
    for (uint32_t col = 1; col <= 5; col++) expect_text(&r, col, 1, "");
    expect_text(&r, 6, 1, "a");
    expect_cell(&r, 7, 1, HP_T_NUMBER, "3", "3");
    expect_cell(&r, 8, 1, HP_T_NUMBER, "4", "4");
    /* E1 has a saved result, the empty text. */
    static const uint32_t without[] = {1, 2, 3, 5};
    assert_int_equal(r.run.issues.by_rule[HP_R_FORMULA_WITHOUT_VALUE], 4);
    for (size_t i = 0; i < 4; i++) expect_finding(&r, HP_R_FORMULA_WITHOUT_VALUE, i, 1, without[i], "");
    expect_finding(&r, HP_R_CELL_ERROR, 0, 1, 9, "");
    done(&r);
}

static void test_errors(void **state) {
    (void)state;
    maker_book m = {
        .sheet = SHEET(
            "<row r='2'><c r='B2' t='e'><v>#N/A</v></c></row><row r='3'><c r='A3' t='e'><f>A1</f><v>#REF!</v></c></row>")};
    reading r = read_book(m, false);
    assert_int_equal(r.table->nrow, 0);
    assert_int_equal(r.run.issues.by_rule[HP_R_CELL_ERROR], 2);
    expect_finding(&r, HP_R_CELL_ERROR, 0, 2, 1, "");
    assert_view(hp_text(r.run.pool, r.run.issues.list.p[0].value), "#N/A");
    done(&r);
    r = read_book(m, true);
    expect_cell(&r, 1, 2, HP_T_ERROR, "#N/A", "#N/A");
    expect_cell(&r, 0, 3, HP_T_ERROR, "#REF!", "#REF!");
    assert_int_equal(r.run.issues.list.n, 0);
    done(&r);
}

static void test_texts(void **state) {
    (void)state;
    maker_book m = {
        .sheet = SHEET(
            "<row r='1'><c r='A1' t='s'><v>0</v></c><c r='B1' t='s'><v>1</v></c><c r='C1' t='s'><v>2</v></c><c r='D1' t='s'><v>3</v></c>"
            "<c r='E1' t='s'><v>4</v></c><c r='F1' t='s'><v>5</v></c><c r='G1' t='s'><v>6</v></c><c r='H1' t='s'><v></v></c>"
            "<c r='I1' t='inlineStr'><is><r><t>in</t></r><r><t>line</t></r><rPh><t>no</t></rPh></is></c>"
            "<c r='J1' t='str'><v>_x0041_&#10;<![CDATA[<b>]]></v></c></row>"),
        .strings = STRINGS(
            "<si><t xml:space=\"preserve\">  kept  </t></si><si><r><rPr><b/></rPr><t>Rich </t></r><r><t>&amp; text</t></r>"
            "<rPh sb=\"0\" eb=\"1\"><t>phonetic</t></rPh><phoneticPr fontId=\"1\"/></si><si/><si><t/></si>"
            "<si><t>a_x000D_\r\nb_x005F_x0041_</t></si><si><t> plain </t></si><si><t>Zo\xEB</t></si>"),
    };
    reading r = read_book(m, false);
    expect_text(&r, 0, 1, "  kept  ");
    expect_text(&r, 1, 1, "Rich & text");
    expect_text(&r, 2, 1, "");
    expect_text(&r, 3, 1, "");
    expect_text(&r, 4, 1, "a\r\nb_x0041_");
    expect_text(&r, 5, 1, " plain ");
    expect_text(&r, 6, 1, "Zo\xEF\xBF\xBD");
    expect_finding(&r, HP_R_ENCODING_REPAIRED, 0, 1, 6, "");
    expect_text(&r, 7, 1, "");
    expect_text(&r, 8, 1, "inline");
    expect_text(&r, 9, 1, "A\n<b>");
    assert_int_equal(r.run.issues.list.n, 1);
    done(&r);
}

static void test_shared_string_missing(void **state) {
    (void)state;
    maker_book m = {
        .sheet = SHEET(
            "<row r='1'><c r='A1' t='s'><v>1</v></c><c r='B1' t='s'><v>-1</v></c><c r='C1' t='s'><v>x</v></c><c r='D1' t='s'><v>0</v></c></row>"),
        .strings = STRINGS("<si><t>only</t></si>"),
    };
    reading r = read_book(m, false);
    expect_text(&r, 0, 1, "");
    expect_text(&r, 3, 1, "only");
    assert_int_equal(r.run.issues.by_rule[HP_R_SHARED_STRING_MISSING], 3);
    expect_finding(&r, HP_R_SHARED_STRING_MISSING, 0, 1, 0, "shared string 1 of 1");
    done(&r);
    m.strings = NULL; /* no such part at all */
    r = read_book(m, false);
    assert_int_equal(r.run.issues.by_rule[HP_R_SHARED_STRING_MISSING], 4);
    done(&r);
}

static void test_places(void **state) {
    (void)state;
    maker_book m = {
        .sheet = SHEET(
            "<row><c><v>1</v></c><c><v>2</v></c></row><row r='3'/><row><c r='c4'><v>3</v></c><c><v>4</v></c></row>"
            "<row r='9'><c r='A2'><v>5</v></c></row><row r=''><c r=''><v>7</v></c></row><row r='99'><c r='XFD1048576'><v>6</v></c></row>"),
    };
    reading r = read_book(m, false);
    expect_cell(&r, 0, 1, HP_T_NUMBER, "1", "1");
    expect_cell(&r, 1, 1, HP_T_NUMBER, "2", "2");
    expect_cell(&r, 2, 4, HP_T_NUMBER, "3", "3");
    expect_cell(&r, 3, 4, HP_T_NUMBER, "4", "4");
    expect_cell(&r, 0, 2, HP_T_NUMBER, "5", "5");
    expect_cell(&r, 0, 10, HP_T_NUMBER, "7", "7");
    expect_cell(&r, 16383, 1048576, HP_T_NUMBER, "6", "6");
    done(&r);
}

static void test_layout(void **state) {
    (void)state;
    maker_book m = {
        .workbook = BOOK_XML("", "state=\"veryHidden\""),
        .sheet =
            "<x:worksheet xmlns:x=\"m\"><x:sheetPr/><x:sheetData><x:row r=\"1\" hidden=\"1\"><x:c r=\"A1\"><x:v>1</x:v><x:extLst><x:ext/></x:extLst></x:c></x:row>"
            "<x:row r=\"2\" hidden=\"0\"><x:c r=\"A2\" s=\"1\"/><x:c r=\"B2\"><x:v>2</x:v></x:c></x:row></x:sheetData>"
            "<x:mergeCells count=\"3\"><x:mergeCell ref=\"B2:C7\"/><x:mergeCell ref=\"A9:A10\"/><x:mergeCell ref=\"odd\"/></x:mergeCells>"
            "<x:extLst><x:ext><x:row><x:c><x:v>9</x:v></x:c></x:row></x:ext></x:extLst></x:worksheet>",
    };
    reading r = read_book(m, false);
    assert_int_equal(r.table->nrow, 2);
    assert_int_equal(r.table->ncol, 2);
    assert_int_equal(r.table->hidden[0], 1);
    assert_int_equal(r.table->hidden[1], 0);
    expect_finding(&r, HP_R_HIDDEN_SHEET, 0, 0, HP_NO_COL, "");
    expect_finding(&r, HP_R_MERGED_CELLS, 0, 2, 1, "B2:C7");
    expect_finding(&r, HP_R_MERGED_CELLS, 1, 9, 0, "A9:A10");
    expect_finding(&r, HP_R_MERGED_CELLS, 2, 0, HP_NO_COL, "odd");
    assert_int_equal(r.run.issues.by_rule[HP_R_HIDDEN_ROW], 0); /* the map stage reports those that it uses */
    assert_int_equal(r.run.issues.list.n, 4);
    done(&r);
    r = read_book(m, true);
    assert_int_equal(r.run.issues.list.n, 0);
    done(&r);
}

static void expect_area(const reading *r, uint32_t col, uint32_t row, uint32_t first_row, uint32_t last_row,
                        uint32_t last_col) {
    const hp_merged_area *a = hp_table_area(r->table, col, row);
    assert_non_null(a);
    assert_int_equal(a->first_row, first_row);
    assert_int_equal(a->last_row, last_row);
    assert_int_equal(a->first_col, col);
    assert_int_equal(a->last_col, last_col);
}

static void test_merged_areas(void **state) {
    (void)state;
    maker_book m = {
        .sheet =
            "<worksheet><sheetData><row r='1'><c r='A1'><v>1</v></c></row></sheetData><mergeCells>"
            "<mergeCell ref='C6:C7'/><mergeCell ref='A1:I1'/><mergeCell ref='C2:D4'/><mergeCell ref='XFD9:XFD1048576'/>"
            "<mergeCell ref='B2:B3'/><mergeCell ref='C5'/><mergeCell ref='B4:'/><mergeCell ref='B9:A10'/><mergeCell ref='A8:B7'/>"
            "<mergeCell ref='E1:E1048577'/><mergeCell ref='F1:XFE2'/><mergeCell ref='G0:G2'/><mergeCell ref='H:H'/><mergeCell/>"
            "</mergeCells></worksheet>",
    };
    for (int raw = 0; raw < 2; raw++) {
        reading r = read_book(m, raw);
        assert_int_equal(r.run.issues.by_rule[HP_R_MERGED_CELLS], raw ? 0 : 14);
        assert_int_equal(r.table->narea, 5); /* those that name no area of a sheet are left out */
        expect_area(&r, 0, 1, 1, 1, 8);
        expect_area(&r, 1, 3, 2, 3, 1);
        expect_area(&r, 2, 2, 2, 4, 3);
        expect_area(&r, 2, 4, 2, 4, 3);
        expect_area(&r, 2, 6, 6, 7, 2);
        expect_area(&r, 16383, 1048576, 9, 1048576, 16383);
        static const uint32_t outside[][2] = {{0, 2}, {1, 1}, {1, 4}, {2, 1},
                                              {2, 5}, {2, 8}, {3, 3}, {16383, 8}};
        for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
            assert_null(hp_table_area(r.table, outside[i][0], outside[i][1]));
        done(&r);
    }
    m.sheet = SHEET("<row r='1'><c r='A1'><v>1</v></c></row>");
    reading r = read_book(m, false);
    assert_null(r.table->area);
    assert_int_equal(r.table->narea, 0);
    assert_null(hp_table_area(r.table, 0, 1));
    done(&r);
}

static void expect_bad_sheet(const char *sheet, const char *words) {
    hp_buf b = make_book((maker_book){.sheet = sheet});
    expect_refused(hp_buf_str(&b), "Book.xlsx", words);
    hp_buf_free(&b);
}

static void test_refused(void **state) {
    (void)state;
    expect_bad_sheet(SHEET("<row r='1048577'><c><v>1</v></c></row>"),
                     "part xl/worksheets/sheet1.xml, byte 73: a row beyond 1048576");
    expect_bad_sheet(SHEET("<row r='0'/>"), "a row without number");
    expect_bad_sheet(SHEET("<row r='x'/>"), "a row whose number is none");
    expect_bad_sheet(SHEET("<row r='4294967297'/>"), "a row whose number is none");
    expect_bad_sheet(SHEET("<row r='1'><c r='XFE1'/></row>"), "beyond XFD");
    expect_bad_sheet(SHEET("<row r='1'><c r='AAAAAAAA1'/></row>"), "no column and row");
    expect_bad_sheet(SHEET("<row r='1'><c r='17'/></row>"), "no column and row");
    expect_bad_sheet(SHEET("<row r='1'><c r='A'/></row>"), "no column and row");
    expect_bad_sheet(SHEET("<row r='1'><c r='A1048577'/></row>"), "a row beyond");
    expect_bad_sheet(SHEET("<row r='1'><c r='XFD1'/><c/></row>"), "beyond XFD");
    expect_bad_sheet(SHEET("<row r='1'><c r='A1'><v>1</row>"), "matches no open element");
    expect_bad_sheet("<worksheet><sheetData><row r='1'><c r='A1'><v>1</v></c></row>",
                     "in the middle of an element");
    expect_bad_sheet("<!DOCTYPE worksheet [<!ENTITY a 'b'>]><worksheet/>", "document type");
    expect_bad_sheet("<chartsheet/>", "no worksheet");
    expect_bad_sheet("<worksheet><sheetData><row><c t='str'><v>&lol;</v></c></row></sheetData></worksheet>",
                     "entity");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_formulas),     cmocka_unit_test(test_errors),
        cmocka_unit_test(test_texts),        cmocka_unit_test(test_shared_string_missing),
        cmocka_unit_test(test_places),       cmocka_unit_test(test_layout),
        cmocka_unit_test(test_merged_areas), cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
