/* The XML scanner: events, attributes, references, and what it must refuse. */
#include "unit.h"

#include "read/xml.h"

static void expect_start(hp_xml *x, const char *name) {
    assert_int_equal(hp_xml_next(x), HP_XML_START);
    assert_view(x->name, name);
}

static void test_events(void **state) {
    (void)state;
    hp_xml x;
    hp_xml_init(
        &x,
        HP_S(
            "\xEF\xBB\xBF<?xml version='1.0'?>\n<!-- a > b --><p:a x:b = 'it>s' c=\"&lt;\"><b/>t<![CDATA[<&]]>\r\n</p:a >\n<!-- end -->"));
    hp_str name, value;
    expect_start(&x, "a");
    assert_true(hp_xml_attr(&x, &name, &value));
    assert_view(name, "x:b");
    assert_view(value, "it>s");
    assert_true(hp_xml_attr(&x, &name, &value));
    assert_view(value, "&lt;");
    assert_false(hp_xml_attr(&x, &name, &value));
    expect_start(&x, "b");
    assert_int_equal(x.depth, 2);
    assert_true(hp_xml_parent_is(&x, HP_S("a")));
    assert_int_equal(hp_xml_next(&x), HP_XML_END);
    assert_int_equal(x.depth, 1);
    assert_int_equal(hp_xml_next(&x), HP_XML_TEXT);
    assert_view(x.text, "t");
    assert_int_equal(hp_xml_next(&x), HP_XML_TEXT);
    assert_true(x.cdata);
    assert_view(x.text, "<&");
    assert_int_equal(hp_xml_next(&x), HP_XML_TEXT);
    assert_int_equal(hp_xml_next(&x), HP_XML_END);
    assert_view(x.name, "a");
    assert_int_equal(hp_xml_next(&x), HP_XML_EOF);
}

static void expect_content(const char *xml, const char *text) {
    hp_xml x;
    hp_str out;
    hp_autobuf scratch = hp_buf_new(1000);
    hp_xml_init(&x, hp_str_of(xml));
    assert_int_equal(hp_xml_next(&x), HP_XML_START);
    if (!hp_xml_content(&x, &scratch, &out)) fail_msg("%s: %s", xml, x.why);
    assert_view(out, text);
    assert_int_equal(hp_xml_next(&x), HP_XML_EOF);
}

static void test_content(void **state) {
    (void)state;
    expect_content("<t/>", "");
    expect_content("<t></t>", "");
    expect_content("<t> plain </t>", " plain ");
    expect_content("<t>a<!-- no -->b<?pi?>c</t>", "abc");
    expect_content("<t>a<x>left out<y/></x>b</t>", "ab");
    expect_content("<t><x>left out</x>b</t>", "b");
    expect_content("<t>&amp;&lt;&gt;&quot;&apos;&#65;&#x42;&#x1F600;</t>", "&<>\"'AB\xF0\x9F\x98\x80");
    expect_content("<t>&amp;amp;</t>", "&amp;");
    expect_content("<t>1\r\n2\r3&#13;\n</t>", "1\n2\n3\r\n");
    expect_content("<t><![CDATA[a&amp;\r\nb]]>&amp;<![CDATA[]]></t>", "a&amp;\nb&");
    expect_content("<t>&#0;&#xD800;&#x110000;&#99999999999999;</t>",
                   "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

static void expect_bad(const char *xml, const char *why) {
    hp_xml x;
    hp_str out = HP_S("");
    hp_autobuf scratch = hp_buf_new(1000);
    hp_xml_init(&x, hp_str_of(xml));
    hp_xml_event e;
    while ((e = hp_xml_next(&x)) != HP_XML_BAD && e != HP_XML_EOF) {
        if (e == HP_XML_START && hp_str_eq(x.name, HP_S("t")) && !hp_xml_content(&x, &scratch, &out)) break;
    }
    if (!x.why) fail_msg("accepted: %s", xml);
    assert_contains(x.why, why);
    assert_int_equal(hp_xml_next(&x), HP_XML_BAD);
}

static void test_refused(void **state) {
    (void)state;
    expect_bad("", "no element");
    expect_bad("hello", "not XML");
    expect_bad("<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "document type");
    expect_bad("<a>", "in the middle of an element");
    expect_bad("<a", "tag without >");
    expect_bad("<a><", "in the middle of a tag");
    expect_bad("<a></b>", "matches no open element");
    expect_bad("</a>", "matches no open element");
    expect_bad("<a/><b/>", "second root");
    expect_bad("<a/>x", "behind the root");
    expect_bad("<a b>", "attribute without value");
    expect_bad("<a b=c>", "attribute without quotes");
    expect_bad("<a b='c>", "attribute without end");
    expect_bad("<a><!-- ", "without end");
    expect_bad("<a><![CDATA[x</a>", "CDATA");
    expect_bad("<t>&nbsp;</t>", "entity");
    expect_bad("<t>&#xZZ;</t>", "entity");
    expect_bad("<t>&amp</t>", "entity");
    expect_bad("<t>a</t", "end tag without >");
    expect_bad("< a/>", "begins no element");
}

static void test_depth(void **state) {
    (void)state;
    hp_autobuf deep = hp_buf_new(10000);
    for (int i = 0; i < HP_LIMIT_XML_DEPTH; i++) hp_buf_puts(&deep, "<a>");
    hp_xml x;
    hp_xml_init(&x, hp_buf_str(&deep));
    for (int i = 0; i < HP_LIMIT_XML_DEPTH; i++) assert_int_equal(hp_xml_next(&x), HP_XML_START);
    hp_buf_puts(&deep, "<a>");
    hp_xml_init(&x, hp_buf_str(&deep));
    for (int i = 0; i < HP_LIMIT_XML_DEPTH; i++) assert_int_equal(hp_xml_next(&x), HP_XML_START);
    assert_int_equal(hp_xml_next(&x), HP_XML_BAD);
    assert_contains(x.why, "deeper");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events),
        cmocka_unit_test(test_content),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
