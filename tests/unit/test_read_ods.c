/* The values of OpenDocument spreadsheets; whole files are tested end to end. */
#include "unit.h"

#include "read/ods.h"

static void test_durations(void **state) {
    (void)state;
    static const struct {
        const char *duration, *text;
    } cases[] = {
        {"PT09H30M00S", "09:30:00"},
        {"PT26H05M00.600000S", "26:05:01"},
        {"P1DT2H", "26:00:00"},
        {"-PT1M", "-00:01:00"},
        {"-PT0S", "00:00:00"},
        {"PT1200000M", "20000:00:00"},
        {"P1Y", ""},
        {"PT", ""},
        {"P", ""},
        {"", ""},
        {"9:30", ""},
        {"PT9H30", ""},
        {"PT9H30M00Sx", ""},
        {"PT99999999999H", ""},
        {"PT1e30S", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[40];
        size_t n = hp_duration_text(hp_str_of(cases[i].duration), out);
        assert_view(((hp_str){out, n}), cases[i].text);
    }
}

static void expect_paragraph(const char *xml, size_t max, bool ok, const char *text) {
    hp_xml x;
    hp_autobuf out = hp_buf_new(max);
    hp_xml_init(&x, hp_str_of(xml));
    assert_int_equal(hp_xml_next(&x), HP_XML_START);
    assert_int_equal(hp_ods_paragraph(&x, &out), ok);
    if (ok) assert_view(hp_buf_str(&out), text);
}

static void test_paragraphs(void **state) {
    (void)state;
    expect_paragraph("<t:p/>", 99, true, "");
    expect_paragraph("<t:p>  a &amp; <![CDATA[<b>]]></t:p>", 99, true, "  a & <b>");
    expect_paragraph("<p>a<s/>b<s text:c='3'/>c<tab/>d<line-break/>e</p>", 99, true, "a b   c\td\ne");
    expect_paragraph("<p>a<span>b<a>c</a></span><note>no</note><annotation><p>no</p></annotation>d</p>", 99,
                     true, "abcd");
    expect_paragraph("<p>a<s text:c='x'/><s text:c='-5'/>b</p>", 99, true, "a  b");
    expect_paragraph("<p>a<s text:c='9223372036854775807'/></p>", 99, false, "");
    expect_paragraph("<p>a<s text:c='32767'/></p>", 99, false, "");
    expect_paragraph("<p>a<s text:c='32768'/></p>", 99999, false, "");
    expect_paragraph("<p>&bad;</p>", 99, false, "");
    expect_paragraph("<p>cut", 99, false, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_durations), cmocka_unit_test(test_paragraphs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
