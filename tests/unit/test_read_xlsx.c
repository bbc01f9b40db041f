/* Workbooks as a whole: where their parts may be, what is refused and in which words, and damage of every
 * kind. */
#include "read_maker.h"

#include "base/mem.h"

#define SIMPLE     SHEET("<row r='1'><c r='A1' t='s'><v>0</v></c><c r='B1'><v>7</v></c></row>")
#define ONE_STRING STRINGS("<si><t>text</t></si>")

static void expect_simple(const maker_part *parts, size_t n, const char *sheet) {
    hp_buf b = make_zip(parts, n);
    reading r = read_as(hp_buf_str(&b), "Book.xlsx", 0, false);
    if (r.code != HP_OK) fail_msg("%s", r.err.message);
    assert_int_equal(hp_book_format(r.book), HP_FORMAT_XLSX);
    assert_true(hp_str_eq(hp_book_bytes(r.book), hp_buf_str(&b)));
    size_t nsheet;
    assert_view(hp_book_sheets(r.book, &nsheet)[0].name, sheet);
    expect_text(&r, 0, 1, "text");
    expect_cell(&r, 1, 1, HP_T_NUMBER, "7", "7");
    assert_int_equal(r.run.issues.list.n, 0);
    done(&r);
    hp_buf_free(&b);
}

static void test_usual(void **state) {
    (void)state;
    static const maker_part parts[] = {
        {.name = "_rels/.rels", .text = ROOT_RELS},
        {.name = "xl/workbook.xml", .text = BOOK_XML("", "")},
        {.name = "xl/_rels/workbook.xml.rels", .text = BOOK_RELS},
        {.name = "xl/worksheets/sheet1.xml", .text = SIMPLE},
        {.name = "xl/sharedStrings.xml", .text = ONE_STRING},
    };
    expect_simple(parts, 5, "Data");
}

/* Absolute targets, strict relationship types, another folder, another case, backslashes. */
static void test_odd_places(void **state) {
    (void)state;
    static const maker_part parts[] = {
        {.name = "_RELS\\.rels",
         .text =
             "<Relationships><Relationship Id='a' Type='http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument' Target='/Other/Main.xml'/></Relationships>"},
        {.name = "other\\MAIN.xml",
         .text =
             "<w:workbook xmlns:w='http://purl.oclc.org/ooxml/spreadsheetml/main' xmlns:id='x' xmlns:q='y'><w:sheets>"
             "<w:sheet xmlns:id='no' name='A &amp; B &lt;&#x45;&gt;' q:id='s' sheetId='5'/></w:sheets></w:workbook>"},
        {.name = "Other/_rels/main.xml.rels",
         .text =
             "<r:Relationships xmlns:r='p'><r:Relationship Id='s' Type='http://purl.oclc.org/ooxml/officeDocument/relationships/worksheet' Target='..\\Deep/./Sheet.XML'/>"
             "<r:Relationship Id='t' Type='x/sharedStrings' Target='/deep/Strings.xml'/><r:Relationship Id='u' Type='x/styles' Target='http://host/styles.xml' TargetMode='External'/></r:Relationships>"},
        {.name = "deep/sheet.xml", .text = SIMPLE},
        {.name = "Deep/strings.xml", .text = ONE_STRING},
    };
    expect_simple(parts, 5, "A & B <E>");
}

/* Without relationships the content types tell, else the name; shared strings have their usual place. */
static void test_missing_relationships(void **state) {
    (void)state;
    static const maker_part parts[] = {
        {.name = "[Content_Types].xml",
         .text =
             "<Types><Override PartName='/book/b.xml' ContentType='application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml'/></Types>"},
        {.name = "book/b.xml", .text = BOOK_XML("", "")},
        {.name = "book/_rels/b.xml.rels",
         .text =
             "<Relationships><Relationship Id='rId1' Type='a/worksheet' Target='s.xml'/></Relationships>"},
        {.name = "book/s.xml", .text = SIMPLE},
        {.name = "book/sharedStrings.xml", .text = ONE_STRING},
    };
    expect_simple(parts, 5, "Data");
    maker_part by_name[5];
    memcpy(by_name, parts, sizeof by_name);
    by_name[0] = (maker_part){.name = "readme", .text = "x"};
    by_name[1].name = "book/Workbook.xml";
    by_name[2].name = "book/_rels/workbook.xml.rels";
    expect_simple(by_name, 5, "Data");
}

static void test_sheets(void **state) {
    (void)state;
    static const maker_part parts[] = {
        {.name = "_rels/.rels", .text = ROOT_RELS},
        {.name = "xl/workbook.xml",
         .text =
             "<workbook xmlns:r='r'><bookViews/><sheets><sheet name='One' r:id='a'/><sheet name='Two' state='hidden' r:id='b'/><sheet name='Chart' state='veryHidden' r:id='c'/>"
             "<sheet name='Lost' r:id='d'/></sheets><extLst><ext><sheets><sheet name='no'/></sheets></ext></extLst></workbook>"},
        {.name = "xl/_rels/workbook.xml.rels",
         .text =
             "<Relationships><Relationship Id='a' Type='t/worksheet' Target='1.xml'/><Relationship Id='b' Type='t/worksheet' Target='2.xml'/>"
             "<Relationship Id='c' Type='t/chartsheet' Target='3.xml'/></Relationships>"},
        {.name = "xl/1.xml", .text = SHEET("")},
        {.name = "xl/2.xml", .text = SHEET("<row r='4'><c r='B4'><v>7</v></c></row>")},
    };
    hp_buf b = make_zip(parts, 5);
    reading r = read_as(hp_buf_str(&b), "Book.xlsx", 0, false);
    assert_int_equal(r.code, HP_OK);
    assert_int_equal(r.table->nrow, 0);
    assert_int_equal(r.table->ncol, 0);
    size_t n;
    const hp_book_sheet *s = hp_book_sheets(r.book, &n);
    assert_int_equal(n, 4);
    static const uint8_t states[] = {0, 1, 2, 0};
    static const bool readable[] = {true, true, false, true};
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(s[i].state, states[i]);
        assert_int_equal(s[i].readable, readable[i]);
    }
    assert_ok(hp_book_read(&r.run, r.book, 1, 5, &r.table, &r.err), r.err);
    assert_int_equal(r.table->origin[0].sheet, 5);
    expect_cell(&r, 1, 4, HP_T_NUMBER, "7", "7");
    expect_finding(&r, HP_R_HIDDEN_SHEET, 0, 0, HP_NO_COL, "");
    assert_int_equal(hp_book_read(&r.run, r.book, 2, 0, &r.table, &r.err), HP_DATA);
    assert_contains(r.err.message, "Book.xlsx!Chart: is a chart");
    assert_int_equal(hp_book_read(&r.run, r.book, 3, 0, &r.table, &r.err), HP_DATA);
    assert_contains(r.err.message, "Book.xlsx!Lost: the workbook has no part of its own");
    done(&r);
    hp_buf_free(&b);
}

/* One large part claimed by two sheets, and one stretch of the zip claimed by two parts, are how a small file
 * makes much work. */
static void test_shared_part(void **state) {
    (void)state;
    static const maker_part parts[] = {
        {.name = "xl/workbook.xml",
         .text =
             "<workbook xmlns:r='r'><sheets><sheet name='One' r:id='a'/><sheet name='Two' r:id='b'/></sheets></workbook>"},
        {.name = "xl/_rels/workbook.xml.rels",
         .text =
             "<Relationships><Relationship Id='a' Type='t/worksheet' Target='1.xml'/><Relationship Id='b' Type='t/worksheet' Target='/xl/1.xml'/></Relationships>"},
        {.name = "xl/1.xml", .text = SHEET("")},
    };
    hp_buf b = make_zip(parts, 3);
    reading r = read_as(hp_buf_str(&b), "Book.xlsx", 0, false);
    assert_int_equal(r.code, HP_OK);
    assert_int_equal(hp_book_read(&r.run, r.book, 1, 0, &r.table, &r.err), HP_DATA);
    assert_contains(r.err.message, "Book.xlsx!Two");
    done(&r);
    hp_buf_free(&b);
}

/* A book may be read into another run than before: ids of one pool mean nothing in another. */
static void test_two_runs(void **state) {
    (void)state;
    hp_buf b = make_book((maker_book){.sheet = SIMPLE, .strings = ONE_STRING});
    reading r = read_as(hp_buf_str(&b), "Book.xlsx", 0, false);
    hp_book *book = r.book;
    r.book = NULL;
    done(&r);
    reading other = {0};
    assert_ok(hp_run_open(&other.run, &other.err), other.err);
    hp_vid id;
    assert_ok(hp_intern(other.run.pool, HP_S("something else"), &id, &other.err), other.err);
    assert_ok(hp_book_read(&other.run, book, 0, 0, &other.table, &other.err), other.err);
    expect_text(&other, 0, 1, "text");
    hp_book_close(book);
    done(&other);
    hp_buf_free(&b);
}

static void test_refused(void **state) {
    (void)state;
    static const char ole[] = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 ";
    expect_refused(HP_S(""), "Book.xlsx", "is empty");
    expect_refused(HP_S(""), "people.csv", "is empty");
    expect_refused(HP_S("hello"), "Book.xlsx", "is no workbook");
    expect_refused(HP_S("<html><table>"), "Export.xls", "is no workbook");
    expect_refused(hp_str_of(ole), "Book.xlsx", "header of a compound file");
}

static void test_other_zips(void **state) {
    (void)state;
    static const struct {
        maker_part part;
        const char *words;
    } cases[] = {
        {{.name = "hello.txt", .text = "x"}, "no workbook part in its 1 entries"},
        {{.name = "content.xml", .text = "<x/>"}, "OpenDocument"},
        {{.name = "xl/workbook.bin", .text = "x"}, ".xlsb"},
        {{.name = "word/document.xml", .text = "<x/>"}, "Word"},
        {{.name = "xl/workbook.xml", .text = "<document/>"}, "holds <document>"},
        {{.name = "xl/workbook.xml", .text = "<workbook/>"}, "names no sheet"},
        {{.name = "xl/workbook.xml", .text = "<workbook>"}, "part xl/workbook.xml, byte 10: the part ends"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hp_buf b = make_zip(&cases[i].part, 1);
        expect_refused(hp_buf_str(&b), "Book.xlsx", cases[i].words);
        hp_buf_free(&b);
    }
}

static hp_buf sample(void) {
    return make_book((maker_book){
        .sheet = SHEET(
            "<row r='1'><c r='A1' t='s'><v>0</v></c><c r='B1' s='1'><v>45944.5</v></c><c r='C1' t='inlineStr'><is><t>in</t></is></c></row>"
            "<row r='2' hidden='1'><c r='A2'><f>1</f></c><c r='B2' t='e'><v>#N/A</v></c></row>"),
        .strings = STRINGS("<si><r><t>Zo\xC3\xAB </t></r><r><t>&amp;</t></r></si>"),
        .styles = "<styleSheet><cellXfs><xf numFmtId='0'/><xf numFmtId='14'/></cellXfs></styleSheet>",
    });
}

/* Reads damaged bytes: whatever comes out, it is an outcome of the contract; the sanitizers see to the rest.
 */
static bool survives(hp_str bytes) {
    reading r = read_as(bytes, "Book.xlsx", 0, false);
    assert_true(r.code == HP_OK || r.code == HP_DATA);
    if (r.code == HP_DATA) assert_contains(r.err.message, "Book.xlsx");
    done(&r);
    return r.code == HP_OK;
}

static void test_truncated_everywhere(void **state) {
    (void)state;
    hp_buf b = sample();
    assert_true(survives(hp_buf_str(&b)));
    for (size_t n = 0; n < b.n; n++) {
        /* A copy of exactly that size, so that a read behind its end is one behind a heap block. */
        char *copy = malloc(n ? n : 1);
        assert_non_null(copy);
        memcpy(copy, b.p, n);
        assert_false(survives((hp_str){copy, n}));
        free(copy);
    }
    hp_buf_free(&b);
}

static void test_flipped_bits(void **state) {
    (void)state;
    hp_buf b = sample();
    uint64_t seed = 42;
    size_t refused = 0;
    for (int i = 0; i < 2000; i++) {
        seed = seed * 6364136223846793005u
               + 1442695040888963407u; /* Knuth's MMIX generator: the same bits on every machine */
        size_t at = (size_t)(seed >> 33) % b.n;
        char was = b.p[at];
        b.p[at] = (char)(was ^ (1 << (seed >> 61)));
        refused += !survives(hp_buf_str(&b));
        b.p[at] = was;
    }
    assert_true(refused > 1000); /* checksums find nearly all */
    hp_buf_free(&b);
}

/* Damage that checksums do not hide: the parts themselves are changed. */
static void test_flipped_parts(void **state) {
    (void)state;
    static const char *const texts[] = {
        SHEET(
            "<row r='1' hidden='1'><c r='A1' t='s'><v>0</v></c><c r='B1' s='1'><v>4594e1</v></c></row><x/><![CDATA[y]]><!-- -->"),
        STRINGS("<si><r><t>&amp;</t></r><rPh/></si><si><t>_x0041_</t></si>"),
        "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='[h]:mm'/></numFmts><cellXfs><xf numFmtId='164'/></cellXfs></styleSheet>",
        BOOK_XML("<workbookPr date1904='1'/>", ""),
    };
    for (size_t t = 0; t < 4; t++) {
        size_t n = strlen(texts[t]);
        for (size_t i = 0; i < n * 8; i++) {
            char text[1024];
            assert_true(n < sizeof text);
            memcpy(text, texts[t], n + 1);
            text[i / 8] = (char)(text[i / 8] ^ (1 << i % 8));
            maker_book m = {.sheet = texts[0], .strings = texts[1], .styles = texts[2], .workbook = texts[3]};
            *(const char **[]){&m.sheet, &m.strings, &m.styles, &m.workbook}[t] = text;
            hp_buf b = make_book(m);
            survives(hp_buf_str(&b));
            hp_buf_free(&b);
        }
    }
}

/* Fails each allocation in turn: an error or the same table, no crash, no leak. */
static void test_out_of_memory(void **state) {
    (void)state;
    hp_buf b = sample();
    for (uint64_t nth = 1;; nth++) {
        hp_run run = {0};
        hp_err err = {0};
        hp_book *book = NULL;
        hp_table *table = NULL;
        assert_ok(hp_run_open(&run, &err), err);
        hp_mem_fail_at(nth);
        hp_code code = hp_book_open_bytes(&run, hp_buf_str(&b), "Book.xlsx", &book, &err);
        if (code == HP_OK) code = hp_book_read(&run, book, 0, 0, &table, &err);
        hp_mem_fail_at(0);
        if (code == HP_OK) assert_int_equal(table->nrow, 1);
        hp_book_close(book);
        hp_run_close(&run);
        if (code == HP_OK) break;
        assert_int_equal(code, HP_RETRY);
        assert_true(nth < 10000);
    }
    hp_buf_free(&b);
}

static void test_names(void **state) {
    (void)state;
    static const char *const yes[] = {"a.xlsx", "B.XLSM", "c.xltx", "d.csv",
                                      "e.TSV",  "f.txt",  "g.ods",  "h.XLS"};
    static const char *const no[] = {"~$a.xlsx", "._a.xlsx", "a.xlsb",     "a.fods",
                                     "xlsx",     ".csv",     "a.xlsx.bak", ""};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) assert_true(hp_name_readable(hp_str_of(yes[i])));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) assert_false(hp_name_readable(hp_str_of(no[i])));
}

static void test_files(void **state) {
    (void)state;
    char dir[] = "/tmp/hotpass-read-XXXXXX", path[128];
    assert_non_null(mkdtemp(dir));
    hp_buf b = sample();
    static const struct {
        const char *name;
        bool book;
        hp_format format;
    } files[] = {{"b.xlsx", true, HP_FORMAT_XLSX},
                 {"b.csv", true, HP_FORMAT_XLSX},
                 {"t.csv", false, HP_FORMAT_CSV},
                 {"t.xlsx", false, HP_FORMAT_UNKNOWN}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        hp_err err = {0};
        snprintf(path, sizeof path, "%s/%s", dir, files[i].name);
        assert_ok(hp_write_file(path, files[i].book ? hp_buf_str(&b) : HP_S("a,b\n"), &err), err);
        assert_int_equal(hp_format_of(path), files[i].format);
        hp_run run = {0};
        assert_ok(hp_run_open(&run, &err), err);
        hp_book *book = NULL;
        assert_int_equal(hp_book_open(&run, path, &book, &err),
                         files[i].format == HP_FORMAT_UNKNOWN ? HP_DATA : HP_OK);
        if (book) assert_int_equal(hp_book_format(book), files[i].format);
        hp_book_close(book);
        hp_run_close(&run);
        remove(path);
    }
    hp_err err = {0};
    hp_book *book = NULL;
    snprintf(path, sizeof path, "%s/absent.xlsx", dir);
    assert_int_equal(hp_book_open(NULL, path, &book, &err), HP_NOINPUT);
    assert_int_equal(hp_book_open(NULL, dir, &book, &err), HP_NOINPUT);
    assert_int_equal(hp_format_of(path), HP_FORMAT_UNKNOWN);
    remove(dir);
    hp_buf_free(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_usual),
        cmocka_unit_test(test_odd_places),
        cmocka_unit_test(test_missing_relationships),
        cmocka_unit_test(test_sheets),
        cmocka_unit_test(test_shared_part),
        cmocka_unit_test(test_two_runs),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_other_zips),
        cmocka_unit_test(test_truncated_everywhere),
        cmocka_unit_test(test_flipped_bits),
        cmocka_unit_test(test_flipped_parts),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
