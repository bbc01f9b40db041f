/* Charts, the page, the Markdown and the list of runs. How they look and behave is asked of a real browser by
 * tests/e2e/test_report.py. */
#include "unit.h"

#include "write/report.h"
#include "write/svg.h"

static bool has(const hp_buf *b, const char *part) {
    return hp_str_find(hp_buf_str(b), hp_str_of(part), 0) != SIZE_MAX;
}

static size_t count(const hp_buf *b, const char *part) {
    size_t n = 0;
    for (size_t at = 0; (at = hp_str_find(hp_buf_str(b), hp_str_of(part), at)) != SIZE_MAX; at++) n++;
    return n;
}

/* ---- charts ---- */

static void a_bar_never_leaves_its_track(void **state) {
    (void)state;
    hp_autobuf out = hp_buf_new(1 << 16);
    const hp_svg_part part[] = {{0.5, "a"}, {0.25, "b"}, {0.75, "c"}};
    hp_svg_bar(&out, part, 3);
    assert_true(has(&out, "class=\"a\" x=\"0.00%\" width=\"50.00%\""));
    assert_true(has(&out, "class=\"b\" x=\"50.00%\" width=\"25.00%\""));
    assert_true(has(&out, "class=\"c\" x=\"75.00%\" width=\"25.00%\"")); /* cut */
    assert_true(has(&out, "aria-hidden=\"true\""));
    assert_int_equal(count(&out, "class=\"edge\""), 2);
}

static void parts_of_nothing_are_not_drawn(void **state) {
    (void)state;
    hp_autobuf out = hp_buf_new(1 << 16);
    const hp_svg_part part[] = {{0, "warn"}, {1, "info"}};
    hp_svg_bar(&out, part, 2);
    assert_false(has(&out, "class=\"warn\""));
    assert_int_equal(count(&out, "class=\"edge\""), 0);
}

static void a_bullet_has_a_notch_only_when_there_was_something(void **state) {
    (void)state;
    hp_autobuf with = hp_buf_new(1 << 16), without = hp_buf_new(1 << 16);
    hp_svg_bullet(&with, 0.25, 0.5);
    hp_svg_bullet(&without, -1, 0.5);
    assert_true(has(&with, "class=\"notch\" x1=\"25.00%\""));
    assert_false(has(&without, "notch"));
}

static void columns_are_told_to_those_who_hear_them(void **state) {
    (void)state;
    hp_autobuf out = hp_buf_new(1 << 16);
    const hp_svg_column column[] = {
        {HP_S("0 %"), 0, "a"}, {HP_S("<50>"), 1, "a"}, {HP_S("100 %"), 1000, "a"}};
    hp_svg_columns(&out, "q", HP_S("Title & more"), HP_S("desc"), column, 3);
    assert_true(has(&out, "role=\"img\" aria-labelledby=\"q-title q-desc\""));
    assert_true(has(&out, "<title id=\"q-title\">Title &amp; more</title><desc id=\"q-desc\">desc</desc>"));
    assert_true(has(&out, ">1,000</text>"));
    assert_true(has(&out, "&lt;50&gt;"));
    assert_true(has(&out, "height=\"0.00\"")); /* nothing is nothing */
    assert_true(has(&out, "height=\"2.00\"")); /* one of a thousand is not */
}

/* ---- the page ---- */

#define HOSTILE "<script>alert(1)</script>\"'\xE2\x80\xAE|`"

static hp_report_check CHECKS[] = {
    {.column = HP_S("website"), .expectation = HP_S("matches_regex"), .success = true, .mostly = 1},
    {.column = HP_S("email"),
     .expectation = HP_S("not_null"),
     .stops = true,
     .unexpected = 9,
     .mostly = 0.5}};
static hp_report_offender OFFENDER[] = {
    {HP_S("a.csv!7"), HP_S(HOSTILE), HP_S("hotpass why '" HOSTILE "!Data!C7'")}};
static hp_report_rule RULES[] = {{.rule = HP_S("phone_invalid"),
                                  .text = HP_S("not a phone"),
                                  .severity = HP_SEV_WARN,
                                  .count = 1200,
                                  .was = 1000,
                                  .cells = HP_S(HOSTILE),
                                  .value = HP_S(HOSTILE)}};
static hp_report_place PLACES[] = {
    {.place = HP_S(HOSTILE), .name = HP_S(HOSTILE), .warn = 2, .rules = HP_S("x 2")}};
static hp_report_fill FILL[] = {{.column = HP_S("province"),
                                 .before = 1,
                                 .before_of = 4,
                                 .after = 3,
                                 .after_of = 4,
                                 .was = 2,
                                 .was_of = 4}};
static hp_report_step STEPS[] = {{HP_S("Do " HOSTILE), HP_S(HOSTILE)}};
static hp_report_input INPUTS[] = {{HP_S(HOSTILE), HP_S(HOSTILE), HP_S("abc"), 12, 3}};

static hp_report made(void) {
    CHECKS[1].offender = OFFENDER;
    CHECKS[1].noffender = 1;
    return (hp_report){.title = HP_S("T " HOSTILE),
                       .when = HP_S("2025-10-14 09:00 UTC"),
                       .version = HP_S("9.9"),
                       .state = HP_REPORT_STOPPED,
                       .verdict = HP_S("Stopped"),
                       .why = HP_S("why"),
                       .masked = true,
                       .rows_in = 10,
                       .rows_out = 5,
                       .merged = 4,
                       .quarantined = 1,
                       .was_in = 8,
                       .was_out = HP_UNKNOWN,
                       .was_quarantined = 1,
                       .was_contacts = HP_UNKNOWN,
                       .was_quality = 0.25,
                       .quality = 0.5,
                       .previous = true,
                       .previous_note = HP_S("Compared with before."),
                       .nstep = 1,
                       .step = STEPS,
                       .nfill = 1,
                       .fill = FILL,
                       .nrule = 1,
                       .rule = RULES,
                       .sheets = {PLACES, 1, 3},
                       .columns = {PLACES, 1, 1},
                       .rows = {PLACES, 1, 1},
                       .ncheck = 2,
                       .check = CHECKS,
                       .ninput = 1,
                       .input = INPUTS};
}

static void the_page_says_what_the_model_says(void **state) {
    (void)state;
    hp_autobuf out = hp_buf_new(1 << 20);
    hp_report r = made();
    hp_report_html(&r, &out);
    assert_true(has(&out, "<div class=\"verdict bad\">"));
    assert_true(has(&out, ">Stopped</p>"));
    assert_true(has(&out, "2 more than before"));
    assert_true(has(&out, "25.0 points better"));
    assert_true(has(&out, "same as before"));
    assert_true(has(&out, "1,200"));
    assert_true(has(&out, "+200"));
    assert_true(has(&out, "+25.0")); /* of the fill */
    assert_true(has(&out, "and 8 more"));
    assert_true(has(&out, "The 1 with the most, of 3 sheets"));
    assert_true(has(&out, "not met, stops"));
    assert_true(has(&out, "masked"));
    assert_false(has(&out, "sheet Findings")); /* a stopped run has none */
}

static void the_page_has_no_script_and_no_address(void **state) {
    (void)state;
    hp_autobuf out = hp_buf_new(1 << 20);
    hp_report r = made();
    hp_report_html(&r, &out);
    assert_false(has(&out, "<script"));
    assert_false(has(&out, "http:"));
    assert_false(has(&out, "https:"));
    assert_false(has(&out, "\xE2\x80\xAE"));
    assert_true(has(&out, "default-src 'none'; style-src 'unsafe-inline'"));
    assert_int_equal(count(&out, "url("), 0);
}

static void the_markdown_keeps_its_tables(void **state) {
    (void)state;
    hp_autobuf out = hp_buf_new(1 << 20);
    hp_report r = made();
    hp_report_md(&r, &out);
    assert_false(has(&out, "<script"));
    assert_true(has(&out, "**not met, stops**"));
    hp_str rest = hp_buf_str(&out), line;
    size_t columns = 0, rows = 0;
    while (hp_str_next(&rest, '\n', &line)) {
        size_t bars = 0;
        for (size_t i = 0; i < line.n; i++) bars += line.p[i] == '|' && !(i > 0 && line.p[i - 1] == '\\');
        if (line.n == 0 || line.p[0] != '|')
            columns = 0;
        else if (columns == 0)
            columns = bars;
        else
            assert_int_equal(bars, columns), rows++;
    }
    assert_true(rows > 15);
}

static void the_same_model_gives_the_same_bytes(void **state) {
    (void)state;
    hp_autobuf a = hp_buf_new(1 << 20), b = hp_buf_new(1 << 20);
    hp_report r = made(), s = made();
    hp_report_html(&r, &a);
    hp_report_html(&s, &b);
    assert_true(a.n > 1000 && hp_str_eq(hp_buf_str(&a), hp_buf_str(&b)));
}

static void a_report_without_anything_is_whole(void **state) {
    (void)state;
    hp_autobuf page = hp_buf_new(1 << 20), text = hp_buf_new(1 << 20);
    hp_report r = {.was_in = HP_UNKNOWN,
                   .was_out = HP_UNKNOWN,
                   .was_quarantined = HP_UNKNOWN,
                   .was_contacts = HP_UNKNOWN,
                   .was_quality = -1};
    hp_report_html(&r, &page);
    hp_report_md(&r, &text);
    assert_false(page.bad || text.bad);
    assert_true(hp_str_ends(hp_buf_str(&page), HP_S("</html>\n")));
    assert_false(has(&page, "nan"));
}

/* A full buffer is told, not cut in silence. */
static void a_page_over_its_cap_says_so(void **state) {
    (void)state;
    hp_autobuf out = hp_buf_new(4000);
    hp_report r = made();
    hp_report_html(&r, &out);
    assert_true(out.bad);
}

static void the_suffix_names_the_form(void **state) {
    (void)state;
    assert_int_equal(hp_report_form_of("a.html"), HP_REPORT_HTML);
    assert_int_equal(hp_report_form_of("d/a.HTM"), HP_REPORT_HTML);
    assert_int_equal(hp_report_form_of("a.md"), HP_REPORT_MD);
    assert_int_equal(hp_report_form_of("a.pdf"), HP_REPORT_NONE);
    assert_int_equal(hp_report_form_of(".md"), HP_REPORT_NONE);
    assert_int_equal(hp_report_form_of("d/.html"), HP_REPORT_NONE);
    assert_int_equal(hp_report_form_of("html"), HP_REPORT_NONE);
}

static void the_list_of_runs_links_to_each(void **state) {
    (void)state;
    hp_autobuf out = hp_buf_new(1 << 20);
    const hp_report_run RUNS[] = {{.id = HP_S("2"),
                                   .href = HP_S("2/index.html"),
                                   .known = true,
                                   .when = HP_S("today"),
                                   .profile = HP_S("<p>"),
                                   .state = HP_REPORT_WARNINGS,
                                   .rows_in = 1234},
                                  {.id = HP_S("1"), .href = HP_S("1/index.html")}};
    hp_report_index(RUNS, 2, &out);
    assert_true(has(&out, "<a href=\"2/index.html\"><bdi>today</bdi></a>"));
    assert_true(has(&out, "Passed with warnings"));
    assert_true(has(&out, "&lt;p&gt;"));
    assert_true(has(&out, "1,234"));
    assert_true(has(&out, "cannot be read"));
    assert_true(hp_str_find(hp_buf_str(&out), HP_S("2/index"), 0)
                < hp_str_find(hp_buf_str(&out), HP_S("1/index"), 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bar_never_leaves_its_track),
        cmocka_unit_test(parts_of_nothing_are_not_drawn),
        cmocka_unit_test(a_bullet_has_a_notch_only_when_there_was_something),
        cmocka_unit_test(columns_are_told_to_those_who_hear_them),
        cmocka_unit_test(the_page_says_what_the_model_says),
        cmocka_unit_test(the_page_has_no_script_and_no_address),
        cmocka_unit_test(the_markdown_keeps_its_tables),
        cmocka_unit_test(the_same_model_gives_the_same_bytes),
        cmocka_unit_test(a_report_without_anything_is_whole),
        cmocka_unit_test(a_page_over_its_cap_says_so),
        cmocka_unit_test(the_suffix_names_the_form),
        cmocka_unit_test(the_list_of_runs_links_to_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
