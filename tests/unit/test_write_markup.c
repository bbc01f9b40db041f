/* Hostile texts stay text, in HTML and in Markdown. tests/e2e/test_report.py shows the same to a browser. */
#include "unit.h"

#include "base/utf8.h"
#include "write/markup.h"

typedef void put_fn(hp_buf *out, hp_str s);

static void check(put_fn *put, const char *in, const char *expected) {
    hp_autobuf out = hp_buf_new(1 << 16);
    put(&out, hp_str_of(in));
    assert_string_equal(hp_buf_cstr(&out), expected);
}

static void html_has_no_markup_of_the_data(void **state) {
    (void)state;
    check(hp_html_text, "<script>alert('x')</script>", "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;");
    check(hp_html_text, "\" onload=\"x", "&quot; onload=&quot;x");
    check(hp_html_text, "a & b &amp; c", "a &amp; b &amp;amp; c");
    check(hp_html_text, "two\nlines\tand\r", "two lines and ");
    check(hp_html_text, "Sch\xC3\xB6n", "Sch\xC3\xB6n");
    check(hp_html_value, "<b>", "<bdi>&lt;b&gt;</bdi>");
}

static void marks_that_reorder_text_are_shown(void **state) {
    (void)state;
    check(hp_html_text,
          "a\xE2\x80\xAE"
          "b",
          "a\\u{202e}b");
    check(hp_html_text, "\xE2\x81\xA6x\xD8\x9C", "\\u{2066}x\\u{61c}");
    check(hp_html_text, "bell\a", "bell\\u{7}");
    check(hp_md_text,
          "a\xE2\x80\xAE"
          "b",
          "a\\\\u{202e}b");
    check(hp_md_code,
          "a\xE2\x80\xAE"
          "b",
          "`a\\u{202e}b`");
}

static void invalid_bytes_are_replaced(void **state) {
    (void)state;
    put_fn *const ALL[] = {hp_html_text, hp_html_value, hp_html_name, hp_md_text, hp_md_code};
    for (size_t i = 0; i < sizeof ALL / sizeof *ALL; i++) {
        hp_autobuf out = hp_buf_new(1 << 16);
        ALL[i](&out, HP_S("a\xFF\xC3<"));
        assert_true(hp_utf8_valid(hp_buf_str(&out), NULL));
        assert_true(hp_str_find(hp_buf_str(&out), HP_S("\xEF\xBF\xBD"), 0) != SIZE_MAX);
    }
}

static void names_break_where_a_reader_would(void **state) {
    (void)state;
    check(hp_html_name, "a.xlsx!Co_Cat!C<", "<bdi>a.xlsx!<wbr>Co_<wbr>Cat!<wbr>C&lt;</bdi>");
    check(hp_html_name, "!C5, !C9", "<bdi>!C5, !C9</bdi>");
    check(hp_html_name, "", "<bdi></bdi>");
    check(hp_html_name, "x!", "<bdi>x!</bdi>");
}

static void markdown_has_no_markup_of_the_data(void **state) {
    (void)state;
    check(hp_md_text, "*a* _b_ `c` [d](e) | f", "\\*a\\* \\_b\\_ \\`c\\` \\[d\\](e) \\| f");
    check(hp_md_text, "<img src=x>", "&lt;img src=x>");
    check(hp_md_text, "&lt;", "&amp;lt;");
    check(hp_md_text, "snake_case_name", "snake_case_name");
    check(hp_md_text, "version 1.2", "version 1.2");
    check(hp_md_text, "http://x.example www.x.example a@b.example",
          "http&#58;//x.example &#119;ww.x.example a&#64;b.example");
    check(hp_md_text, "~~gone~~ $x$", "\\~\\~gone\\~\\~ \\$x\\$");
    check(hp_md_text, "two\nlines", "two lines");
}

static void a_code_span_holds_what_it_can(void **state) {
    (void)state;
    check(hp_md_code, "", "");
    check(hp_md_code, "<b> *x*", "`<b> *x*`");
    check(hp_md_code, "a|b", "a\\|b");
    check(hp_md_code, "\\|", "\\\\\\|");
    check(hp_md_code, "`x`", "\\`x\\`");
}

static void numbers_are_grouped(void **state) {
    (void)state;
    static const struct {
        uint64_t n;
        const char *text;
    } CASES[] = {{0, "0"}, {999, "999"}, {1000, "1,000"}, {1234567, "1,234,567"}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        hp_autobuf out = hp_buf_new(64);
        hp_put_grouped(&out, CASES[i].n);
        assert_string_equal(hp_buf_cstr(&out), CASES[i].text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(html_has_no_markup_of_the_data),
        cmocka_unit_test(marks_that_reorder_text_are_shown),
        cmocka_unit_test(invalid_bytes_are_replaced),
        cmocka_unit_test(names_break_where_a_reader_would),
        cmocka_unit_test(markdown_has_no_markup_of_the_data),
        cmocka_unit_test(a_code_span_holds_what_it_can),
        cmocka_unit_test(numbers_are_grouped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
