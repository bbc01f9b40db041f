/* Workbooks: what a cell can hold, what can be a link, the parts of the package, and failing disks.
 * tests/e2e/test_write.py lets other programs read the same. */
#include "write_case.h"

#include <xlsxwriter.h>

#include "base/clock.h"
#include "base/limits.h"
#include "write/parts.h"

static hp_code write_book(const hp_out_sheet *sheets, size_t n, hp_err *err) {
    hp_out out;
    HP_TRY(hp_write_xlsx(W.pool, sheets, n, wc_path("t.xlsx"), &out, err));
    return hp_out_commit(&out, err);
}

/* The text of the n-th shared string, with its tags. */
static hp_str shared(hp_str strings, size_t n) {
    size_t at = 0;
    for (size_t i = 0; i <= n; i++) {
        at = hp_str_find(strings, HP_S("<si>"), at);
        assert_true(at != SIZE_MAX);
        at += 4;
    }
    return hp_str_cut(strings, at, hp_str_find(strings, HP_S("</si>"), at));
}

/* Puts the texts into the cells that name them, so that a test reads what a cell says. */
static hp_str with_texts(hp_str sheet, hp_str strings) {
    static const char FROM[] = " t=\"s\"><v>";
    hp_autobuf b = hp_buf_new(256u << 20);
    for (size_t i = 0; i < sheet.n;) {
        size_t at = hp_str_find(sheet, HP_S(FROM), i), number = 0;
        if (at == SIZE_MAX) at = sheet.n;
        hp_buf_add(&b, hp_str_cut(sheet, i, at));
        i = at + sizeof FROM - 1;
        if (at == sheet.n) break;
        for (; hp_is_digit(sheet.p[i]); i++) number = number * 10 + (size_t)(sheet.p[i] - '0');
        hp_str text = shared(strings, number);
        hp_buf_printf(&b, " t=\"inlineStr\"><is>%.*s</is>", HP_FMT(text));
        i += 4; /* </v> */
    }
    return hp_arena_dup(W.arena, hp_buf_str(&b));
}

/* Writes one sheet and returns its XML. */
static hp_str sheet_of(const hp_table *t, bool plain) {
    hp_err err = {0};
    hp_out_sheet s = {.name = "Data", .table = t, .plain = plain};
    assert_ok(write_book(&s, 1, &err), err);
    return with_texts(wc_member(wc_path("t.xlsx"), "xl/worksheets/sheet1.xml"),
                      wc_member(wc_path("t.xlsx"), "xl/sharedStrings.xml"));
}

/* ---- cells ---- */

static hp_str cell(hp_str s) {
    hp_autobuf b = hp_buf_new(8 * HP_LIMIT_CELL_TEXT);
    const char *text = hp_cell_text(&b, s);
    assert_non_null(text);
    return hp_arena_dup(W.arena, hp_str_of(text));
}

static void what_xml_cannot_hold_is_replaced(void **state) {
    (void)state;
    assert_view(cell(HP_S("")), "");
    assert_view(cell(HP_S("plain caf\xC3\xA9 \xF0\x9F\x9B\xA9")), "plain caf\xC3\xA9 \xF0\x9F\x9B\xA9");
    assert_view(cell(HP_S("a\0b")), "a\xEF\xBF\xBD"
                                    "b");
    assert_view(cell(HP_S("a\xEF\xBF\xBE"
                          "b\xEF\xBF\xBF")),
                "a\xEF\xBF\xBD"
                "b\xEF\xBF\xBD");
    assert_view(cell(HP_S("a\xEF\xBF\xBC"
                          "b\xEF\xBF\xBD")),
                "a\xEF\xBF\xBC"
                "b\xEF\xBF\xBD");                          /* U+FFFC, U+FFFD are characters */
    assert_view(cell(HP_S("K\xFChn")), "K\xEF\xBF\xBDhn"); /* not UTF-8 */
}

/* ECMA-376 part 1, 22.9.2.19: _xHHHH_ is a character, so the literal text needs its underscore escaped. */
static void literal_escapes_are_escaped(void **state) {
    (void)state;
    assert_view(cell(HP_S("_x0041_")), "_x005F_x0041_");
    assert_view(cell(HP_S("a_x00e9_b")), "a_x005F_x00e9_b");
    assert_view(cell(HP_S("__x0041__x0042_")), "__x005F_x0041__x005F_x0042_");
    assert_view(cell(HP_S("_x0041_x0042_")), "_x005F_x0041_x005F_x0042_");
    assert_view(cell(HP_S("_x005F_")), "_x005F_x005F_");
    static const char *const SAME[] = {"_x041_", "_x0041", "_X0041_", "_xGGGG_", "x0041_", "file_x_name"};
    for (size_t i = 0; i < sizeof SAME / sizeof *SAME; i++) assert_view(cell(hp_str_of(SAME[i])), SAME[i]);
}

static size_t utf16_units(hp_str s) {
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xC0) != 0x80 ? 1u + ((unsigned char)s.p[i] >= 0xF0) : 0;
    return n;
}

static hp_str repeat(const char *part, size_t n) {
    hp_autobuf b = hp_buf_new(1 << 20);
    for (size_t i = 0; i < n; i++) hp_buf_puts(&b, part);
    return hp_arena_dup(W.arena, hp_buf_str(&b));
}

static void a_full_cell_ends_at_a_character(void **state) {
    (void)state;
    assert_int_equal(cell(repeat("a", 32767)).n, 32767);
    assert_int_equal(cell(repeat("a", 40000)).n, 32767);
    assert_int_equal(cell(repeat("\xC3\xA9", 32768)).n, 2 * 32767);
    hp_str planes =
        cell(repeat("\xF0\x9F\x9B\xA9", 20000)); /* two units each: an odd limit leaves one unused */
    assert_int_equal(planes.n, 4 * 16383);
    assert_int_equal(utf16_units(planes), 32766);
    assert_true(utf16_units(cell(repeat("_x0041_", 4681))) <= 32767);
}

static void a_cell_without_memory_is_no_cell(void **state) {
    (void)state;
    hp_buf b = hp_buf_new(8 * HP_LIMIT_CELL_TEXT);
    hp_mem_fail_at(1);
    const char *text = hp_cell_text(&b, HP_S("text"));
    hp_mem_fail_at(0);
    assert_null(text);
    hp_buf_free(&b);
}

static bool links(hp_style style, const char *text, const char *to) {
    hp_autobuf url = hp_buf_new(8192);
    bool yes = hp_cell_link(&url, style, hp_str_of(text));
    if (yes && to) assert_view(hp_buf_str(&url), to);
    return yes;
}

static void only_addresses_are_links(void **state) {
    (void)state;
    assert_true(links(HP_STYLE_URL, "https://kite.example", "https://kite.example"));
    assert_true(
        links(HP_STYLE_URL, "HTTP://kite.example/a?b=c&d=\"e\"#f", "HTTP://kite.example/a?b=c&d=\"e\"#f"));
    static const char *const NO_URL[] = {"kite.example",
                                         "ftp://kite.example",
                                         "javascript:alert(1)",
                                         "file:///etc/passwd",
                                         "https://",
                                         "https://a b.example",
                                         "https://a\tb.example",
                                         "https://K\xFChn.example",
                                         "https://kite.example/\xEF\xBF\xBF",
                                         "",
                                         " https://kite.example"};
    for (size_t i = 0; i < sizeof NO_URL / sizeof *NO_URL; i++)
        if (links(HP_STYLE_URL, NO_URL[i], NULL)) fail_msg("%s is a link", NO_URL[i]);
    assert_true(
        links(HP_STYLE_EMAIL, "ann.bower+x@kite-works.example", "mailto:ann.bower+x@kite-works.example"));
    static const char *const NO_MAIL[] = {"a@b.example; c@d.example",
                                          "a@b.example,c@d.example",
                                          "Ann <a@b.example>",
                                          "a@",
                                          "@b.example",
                                          "ab.example",
                                          "a@b@c.example",
                                          "a@b.example?subject=x",
                                          "a&b@c.example",
                                          "a b@c.example",
                                          "a%0A@c.example",
                                          ""};
    for (size_t i = 0; i < sizeof NO_MAIL / sizeof *NO_MAIL; i++)
        if (links(HP_STYLE_EMAIL, NO_MAIL[i], NULL)) fail_msg("%s is a link", NO_MAIL[i]);
    assert_false(links(HP_STYLE_TEXT, "https://kite.example", NULL));
}

static void a_link_has_a_longest_form(void **state) {
    (void)state;
    hp_str base = HP_S("https://kite.example/");
    hp_str longest = hp_arena_printf(W.arena, "%s%.*s", base.p, HP_FMT(repeat("a", 2079 - base.n)));
    assert_true(links(HP_STYLE_URL, longest.p, NULL));
    assert_false(links(HP_STYLE_URL, hp_arena_printf(W.arena, "%sa", longest.p).p, NULL));
    hp_str quoted =
        hp_arena_printf(W.arena, "%s%.*s", base.p, HP_FMT(repeat("\"", 686))); /* 21 + 3 * 686 = 2079 */
    assert_true(links(HP_STYLE_URL, quoted.p, NULL));
    assert_false(links(HP_STYLE_URL, hp_arena_printf(W.arena, "%s\"", quoted.p).p, NULL));
}

/* ---- sheets ---- */

static hp_table *styled(void) {
    static const char *const T[][6] = {
        {"name", "score", "quality", "site", "mail", "count"},
        {"=1+1", "0.5", "0.75", "https://kite.example", "ann@kite.example", "12"},
        {"0012", "high", NULL, "none yet", "ann at kite", "1,2"}};
    hp_table *t = WC_TABLE(T);
    static const hp_style STYLE[] = {HP_STYLE_TEXT, HP_STYLE_SCORE, HP_STYLE_QUALITY,
                                     HP_STYLE_URL,  HP_STYLE_EMAIL, HP_STYLE_INT};
    for (size_t c = 0; c < 6; c++) t->col[c].style = STYLE[c];
    return t;
}

static void styles_decide_how_a_cell_is_stored(void **state) {
    (void)state;
    hp_str x = sheet_of(styled(), false);
    assert_false(wc_has(x, "<f>"));
    assert_true(wc_has(x, "<t>=1+1</t>") && wc_has(x, "<t>0012</t>") && wc_has(x, "<t>high</t>")
                && wc_has(x, "<t>1,2</t>"));
    assert_true(wc_has(x, "<v>0.5</v>") && wc_has(x, "<v>0.75</v>") && wc_has(x, "<v>12</v>"));
    assert_int_equal(wc_count(x, "<v>"), 3);
    assert_int_equal(wc_count(x, "<hyperlink "), 2);
    assert_true(wc_has(x, "<t>none yet</t>") && wc_has(x, "<t>ann at kite</t>"));
    hp_str rels = wc_member(wc_path("t.xlsx"), "xl/worksheets/_rels/sheet1.xml.rels");
    assert_true(wc_has(rels, "\"mailto:ann@kite.example\"") && wc_has(rels, "\"https://kite.example\""));
}

static void a_sheet_is_frozen_filtered_and_coloured(void **state) {
    (void)state;
    hp_str x = sheet_of(styled(), false);
    assert_true(wc_has(x, "topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\""));
    assert_true(wc_has(x, "<autoFilter ref=\"A1:F3\"/>"));
    assert_int_equal(wc_count(x, "<cfRule "), 4);
    assert_true(wc_has(x, "<conditionalFormatting sqref=\"C2:C3\">"));
    assert_true(wc_has(x, "<ignoredError sqref=\"A1:F3\" numberStoredAsText=\"1\"/>"));
    hp_str plain = sheet_of(styled(), true);
    assert_false(wc_has(plain, "<autoFilter") || wc_has(plain, "frozen"));
}

static void a_sheet_without_rows_has_its_header(void **state) {
    (void)state;
    hp_table *t = styled();
    t->nrow = 0;
    hp_str x = sheet_of(t, false);
    assert_int_equal(wc_count(x, "<row "), 1);
    assert_true(wc_has(x, "<autoFilter ref=\"A1:F1\"/>") && !wc_has(x, "<cfRule "));
    t->ncol = 0;
    x = sheet_of(t, false);
    assert_true(wc_has(x, "<sheetData></sheetData>") && !wc_has(x, "<autoFilter"));
}

static void outer_blanks_and_controls_survive(void **state) {
    (void)state;
    static const char *const T[][1] = {{"h"}, {" outer "}, {"a\r\nb"}, {"a\tb"}, {"bell\x07"}, {"<&>\"'"}};
    hp_str x = sheet_of(WC_TABLE(T), false);
    assert_true(wc_has(x, "<t xml:space=\"preserve\"> outer </t>"));
    assert_true(wc_has(x, "<t>a_x000D_\nb</t>"));
    assert_true(wc_has(x, "<t>a\tb</t>"));
    assert_true(wc_has(x, "<t>bell_x0007_</t>"));
    assert_true(wc_has(x, "<t>&lt;&amp;&gt;\"'</t>"));
}

static void numbers_are_as_short_as_they_can_be(void **state) {
    (void)state;
    static const char *const N[][2] = {{"0.696355", "0.696355"},
                                       {"12", "12"},
                                       {"-7", "-7"},
                                       {"0.50", "0.5"},
                                       {"007", "7"},
                                       {"1e3", "1000"},
                                       {"0.0", "0"},
                                       {"100", "100"},
                                       {"0.1000000000000000055", "0.1"},
                                       {"1e-7", "1e-07"},
                                       {"123456789012345", "123456789012345"},
                                       {"0.30000000000000004", "0.30000000000000004"}};
    enum { ROWS = sizeof N / sizeof *N };
    hp_table *t = hp_table_new(W.arena, ROWS, 1, false);
    t->col[0].name = HP_S("score");
    t->col[0].style = HP_STYLE_SCORE;
    for (size_t r = 0; r < ROWS; r++) t->col[0].v[r] = wc_vid(hp_str_of(N[r][0]));
    hp_str x = sheet_of(t, false);
    for (size_t r = 0; r < ROWS; r++) {
        char cell[80];
        snprintf(cell, sizeof cell, "<c r=\"A%zu\" s=\"2\"><v>%s</v></c>", r + 2, N[r][1]);
        if (!wc_has(x, cell)) fail_msg("%s is not written as %s", N[r][0], N[r][1]);
    }
}

/* Drops ` s="N"`: the library numbers styles in the order of their use. */
static hp_str without_styles(hp_str s) {
    hp_autobuf b = hp_buf_new(64u << 20);
    size_t from = hp_str_find(s, HP_S("<sheetData>"), 0), to = hp_str_find(s, HP_S("</sheetData>"), 0);
    assert_true(from != SIZE_MAX && to != SIZE_MAX);
    for (size_t i = from; i < to; i++) {
        if (hp_str_starts(hp_str_cut(s, i, to), HP_S(" s=\""))) i = hp_str_chr(s, '"', i + 4) + 1;
        hp_buf_putc(&b, s.p[i]);
    }
    return hp_arena_dup(W.arena, hp_buf_str(&b));
}

/* The same table by libxlsxwriter: once the texts are put into the cells, the XML of all rows is the same. */
static void rows_are_those_of_libxlsxwriter(void **state) {
    (void)state;
    static const char *const PARTS[] = {"plain", "caf\xC3\xA9", " blank",           "tab\t",   "\n",
                                        "a\rb",  "\x01\x1F",    "<b>&amp;",         "_x0041_", "snake_case",
                                        "\"'",   "\x7F",        "\xF0\x9F\x9B\xA9", "=1+1",    "]]>",
                                        "x "};
    enum { COLS = 30, ROWS = 200, KINDS = sizeof PARTS / sizeof *PARTS };
    hp_table *t = hp_table_new(W.arena, ROWS, COLS, false);
    lxw_workbook_options o = {.constant_memory = LXW_TRUE};
    lxw_workbook *wb = workbook_new_opt(wc_path("theirs.xlsx"), &o);
    lxw_worksheet *ws = workbook_add_worksheet(wb, "Data");
    hp_autobuf b = hp_buf_new(8 * HP_LIMIT_CELL_TEXT);
    for (size_t c = 0; c < COLS; c++) {
        t->col[c].name = hp_str_of(PARTS[c % KINDS]);
        t->col[c].style = c % 5 == 4 ? HP_STYLE_INT : HP_STYLE_TEXT;
        worksheet_write_string(ws, 0, (lxw_col_t)c, hp_cell_text(&b, t->col[c].name), NULL);
    }
    for (size_t r = 0; r < ROWS; r++)
        for (size_t c = 0; c < COLS; c++) {
            size_t k = r * 31 + c * 17;
            if (r % 50 == 7 || k % 11 == 0) continue; /* empty rows, empty cells */
            hp_str s = c % 5 == 4
                           ? hp_arena_printf(W.arena, "%zu.5", k)
                           : hp_arena_printf(W.arena, "%s%s", PARTS[k % KINDS], PARTS[k / KINDS % KINDS]);
            double number;
            t->col[c].v[r] = wc_vid(s);
            if (c % 5 == 4 && hp_str_f64(s, &number))
                worksheet_write_number(ws, (lxw_row_t)r + 1, (lxw_col_t)c, number, NULL);
            else
                worksheet_write_string(ws, (lxw_row_t)r + 1, (lxw_col_t)c, hp_cell_text(&b, s), NULL);
        }
    assert_int_equal(workbook_close(wb), LXW_NO_ERROR);
    hp_str theirs = without_styles(wc_member(wc_path("theirs.xlsx"), "xl/worksheets/sheet1.xml"));
    hp_str ours = sheet_of(t, false);
    assert_true(wc_has(ours, "<dimension ref=\"A1:AD200\"/>")
                || wc_has(ours, "<dimension ref=\"A1:AD201\"/>"));
    assert_true(hp_str_eq(theirs, without_styles(ours)));
    unlink(wc_path("theirs.xlsx"));
}

/* The escape is for the shown text; a relationship's target knows none. */
static void a_link_target_is_not_escaped_like_text(void **state) {
    (void)state;
    static const char *const T[][1] = {{"site"}, {"https://kite.example/_x0041_"}};
    hp_table *t = WC_TABLE(T);
    t->col[0].style = HP_STYLE_URL;
    assert_true(wc_has(sheet_of(t, false), "<t>https://kite.example/_x005F_x0041_</t>"));
    assert_true(wc_has(wc_member(wc_path("t.xlsx"), "xl/worksheets/_rels/sheet1.xml.rels"),
                       "Target=\"https://kite.example/_x0041_\""));
}

static void links_end_where_a_sheet_is_full(void **state) {
    (void)state;
    enum { ROWS = HP_LIMIT_SHEET_LINKS + 5 };
    hp_table *t = hp_table_new(W.arena, ROWS, 1, false);
    t->col[0].name = HP_S("site");
    t->col[0].style = HP_STYLE_URL;
    hp_vid v = wc_vid(HP_S("https://kite.example"));
    for (size_t r = 0; r < ROWS; r++) t->col[0].v[r] = v;
    hp_err err = {0};
    hp_out_sheet both[] = {{.name = "One", .table = t}, {.name = "Two", .table = styled()}};
    assert_ok(write_book(both, 2, &err), err);
    hp_str x = wc_member(wc_path("t.xlsx"), "xl/worksheets/sheet1.xml");
    assert_int_equal(wc_count(x, "<hyperlink "), HP_LIMIT_SHEET_LINKS);
    assert_int_equal(wc_count(x, " s=\"4\" t=\"s\""), HP_LIMIT_SHEET_LINKS);
    assert_int_equal(wc_count(x, "<row "), ROWS + 1);
    assert_int_equal(wc_count(wc_member(wc_path("t.xlsx"), "xl/worksheets/sheet2.xml"), "<hyperlink "), 2);
}

static void too_many_columns_are_refused(void **state) {
    (void)state;
    hp_table *t = hp_table_new(W.arena, 0, HP_LIMIT_SHEET_COLS + 1, false);
    hp_out_sheet both[] = {{.name = "Fits", .table = styled()}, {.name = "Wide", .table = t}};
    hp_err err = {0};
    unlink(wc_path("t.xlsx"));
    assert_int_equal(write_book(both, 2, &err), HP_DATA);
    assert_contains(err.message, "sheet Wide would have 16385 columns");
    assert_contains(err.message, ".csv");
    hp_str *names;
    assert_int_equal(wc_names(&names), 0);
    t->ncol--;
    assert_ok(write_book(both, 2, &err), err);
}

/* ---- bytes ---- */

/* main fixes the clock at 0. */
static void bytes_depend_on_the_content_alone(void **state) {
    (void)state;
    wc_zone("Pacific/Auckland");
    sheet_of(styled(), false);
    hp_str first = wc_read(wc_path("t.xlsx"));
    wc_zone("America/Lima");
    struct timespec pause = {.tv_nsec = 1100000000 % 1000000000, .tv_sec = 1};
    nanosleep(&pause, NULL); /* another second of the machine's clock */
    sheet_of(styled(), false);
    assert_true(hp_str_eq(first, wc_read(wc_path("t.xlsx"))));
    assert_true(wc_has(wc_member(wc_path("t.xlsx"), "docProps/core.xml"), ">1970-01-01T00:00:00Z<"));
}

static hp_table *long_table(void) {
    enum { ROWS = 300 };
    hp_table *t = hp_table_new(W.arena, ROWS, 3, false);
    static const char *const NAME[] = {"id", "site", "text"};
    for (size_t c = 0; c < 3; c++) t->col[c].name = hp_str_of(NAME[c]);
    t->col[1].style = HP_STYLE_URL;
    for (size_t r = 0; r < ROWS; r++) {
        t->col[0].v[r] = wc_vid(hp_arena_printf(W.arena, "%zu", r));
        t->col[1].v[r] = wc_vid(hp_arena_printf(W.arena, "https://kite-%zu.example", r));
        t->col[2].v[r] = wc_vid(hp_arena_printf(W.arena, "text %zu %.*s", r, HP_FMT(repeat("abc", r % 40))));
    }
    return t;
}

static void a_full_disk_leaves_the_previous_workbook(void **state) {
    (void)state;
    hp_out_sheet both[] = {{.name = "Data", .table = long_table()},
                           {.name = "Summary", .table = styled(), .plain = true}};
    hp_err err = {0};
    assert_ok(write_book(both, 2, &err), err);
    hp_str whole = wc_read(wc_path("t.xlsx"));
    size_t largest = wc_member(wc_path("t.xlsx"), "xl/worksheets/sheet1.xml").n, failed = 0, written = 0;
    for (size_t room = 0; room < largest + 3000; room += 1531) {
        err = (hp_err){0};
        wc_disk(room);
        hp_code code = write_book(both, 2, &err);
        wc_disk(RLIM_INFINITY);
        if (!hp_str_eq(wc_read(wc_path("t.xlsx")), whole))
            fail_msg("%zu bytes of room changed the workbook", room);
        failed += code != HP_OK;
        written += code == HP_OK;
        if (code != HP_OK) {
            assert_int_equal(code, HP_IO);
            assert_contains(err.message, "t.xlsx");
        }
        if (code == HP_OK && room < whole.n) fail_msg("%zu bytes of room were enough for %zu", room, whole.n);
    }
    assert_true(failed > 10 && written >= 1);
    hp_str *names;
    assert_int_equal(wc_names(&names), 1);
}

static void every_failed_allocation_is_an_error(void **state) {
    (void)state;
    hp_out_sheet s = {.name = "Data", .table = long_table()};
    hp_err err = {0};
    assert_ok(write_book(&s, 1, &err), err);
    hp_str whole = wc_read(wc_path("t.xlsx"));
    uint64_t before = hp_mem_count(), n = 0;
    assert_ok(write_book(&s, 1, &err), err);
    uint64_t total = hp_mem_count() - before;
    assert_true(total >= 4);
    for (n = 1; n <= total; n++) {
        err = (hp_err){0};
        hp_mem_fail_at(n);
        hp_code code = write_book(&s, 1, &err);
        hp_mem_fail_at(0);
        if (code != HP_RETRY)
            fail_msg("allocation %llu of %llu: code %d", (unsigned long long)n, (unsigned long long)total,
                     (int)code);
        assert_true(hp_str_eq(wc_read(wc_path("t.xlsx")), whole));
    }
}

int main(void) {
    setenv("SOURCE_DATE_EPOCH", "0", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_xml_cannot_hold_is_replaced),
        cmocka_unit_test(literal_escapes_are_escaped),
        cmocka_unit_test(a_full_cell_ends_at_a_character),
        cmocka_unit_test(a_cell_without_memory_is_no_cell),
        cmocka_unit_test(only_addresses_are_links),
        cmocka_unit_test(a_link_has_a_longest_form),
        cmocka_unit_test(styles_decide_how_a_cell_is_stored),
        cmocka_unit_test(a_sheet_is_frozen_filtered_and_coloured),
        cmocka_unit_test(a_sheet_without_rows_has_its_header),
        cmocka_unit_test(outer_blanks_and_controls_survive),
        cmocka_unit_test(numbers_are_as_short_as_they_can_be),
        cmocka_unit_test(rows_are_those_of_libxlsxwriter),
        cmocka_unit_test(a_link_target_is_not_escaped_like_text),
        cmocka_unit_test(links_end_where_a_sheet_is_full),
        cmocka_unit_test(too_many_columns_are_refused),
        cmocka_unit_test(bytes_depend_on_the_content_alone),
        cmocka_unit_test(a_full_disk_leaves_the_previous_workbook),
        cmocka_unit_test(every_failed_allocation_is_an_error),
    };
    return cmocka_run_group_tests(tests, wc_open, wc_close);
}
