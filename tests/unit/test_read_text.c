/* Escapes, encodings, and the border where texts enter the pool. */
#include "unit.h"

#include "read/encoding.h"
#include "read/text.h"

#define REPLACEMENT "\xEF\xBF\xBD"

static void expect_unescaped(const char *text, hp_str wanted) {
    hp_autobuf out = hp_buf_new(1000);
    hp_unescape(hp_str_of(text), &out);
    assert_true(hp_str_eq(hp_buf_str(&out), wanted));
}

static void test_escapes(void **state) {
    (void)state;
    expect_unescaped("plain", HP_S("plain"));
    expect_unescaped("a_x000D_\nb", HP_S("a\r\nb"));
    expect_unescaped("_x0041_x0042_", HP_S("Ax0042_"));
    expect_unescaped("_x005F_x000D_", HP_S("_x000D_"));
    expect_unescaped("_xd83d__xDE00_", HP_S("\xF0\x9F\x98\x80"));
    expect_unescaped("_xD83D_x", HP_S(REPLACEMENT "x"));
    expect_unescaped("_xDE00_", HP_S(REPLACEMENT));
    expect_unescaped("_x00_ _xGGGG_ __ _x000D", HP_S("_x00_ _xGGGG_ __ _x000D"));
    expect_unescaped("_x0000_", HP_S("\0"));
}

static void expect_interned(bool escapes, hp_str text, const char *wanted, bool repaired) {
    hp_run run = {0};
    hp_err err = {0};
    assert_ok(hp_run_open(&run, &err), err);
    hp_texts t = hp_texts_new(&run, escapes);
    hp_vid id;
    bool was_repaired = false;
    assert_ok(hp_texts_intern(&t, text, &id, &was_repaired, &err), err);
    assert_view(hp_text(run.pool, id), wanted);
    assert_int_equal(was_repaired, repaired);
    hp_texts_free(&t);
    hp_run_close(&run);
}

static void test_border(void **state) {
    (void)state;
    expect_interned(true, HP_S(" \tkeeps white space\xC2\xA0 "), " \tkeeps white space\xC2\xA0 ", false);
    expect_interned(true, HP_S("a_x0041_"), "aA", false);
    expect_interned(false, HP_S("a_x0041_"), "a_x0041_", false);
    expect_interned(true, HP_S("Zo\xEB_x0041_"), "Zo" REPLACEMENT "A", true);
    expect_interned(false, HP_S("a\0b"), "a" REPLACEMENT "b", true);
    expect_interned(true, HP_S("_x0000_\xFF_x0000_"), REPLACEMENT REPLACEMENT REPLACEMENT, true);
    expect_interned(false, HP_S("\0\xFF\0"), REPLACEMENT REPLACEMENT REPLACEMENT, true);
    expect_interned(true, HP_S(""), "", false);
}

static void test_guess(void **state) {
    (void)state;
    size_t bom;
    assert_int_equal(hp_encoding_guess(HP_S("plain"), &bom), HP_ENC_UTF8);
    assert_int_equal(bom, 0);
    assert_int_equal(hp_encoding_guess(HP_S("\xEF\xBB\xBFx"), &bom), HP_ENC_UTF8);
    assert_int_equal(bom, 3);
    assert_int_equal(hp_encoding_guess(HP_S("\xFF\xFEx\0"), &bom), HP_ENC_UTF16LE);
    assert_int_equal(bom, 2);
    assert_int_equal(hp_encoding_guess(HP_S("\xFE\xFF\0x"), &bom), HP_ENC_UTF16BE);
    assert_int_equal(hp_encoding_guess(HP_S("a\0,\0b\0\n\0"), &bom), HP_ENC_UTF16LE);
    assert_int_equal(hp_encoding_guess(HP_S("\0a\0,\0b\0\n"), &bom), HP_ENC_UTF16BE);
    assert_int_equal(hp_encoding_guess(HP_S("Zo\xC3\xAB"), &bom), HP_ENC_UTF8);
    assert_int_equal(hp_encoding_guess(HP_S("Zo\xEB"), &bom), HP_ENC_CP1252);
    /* One bad byte among valid sequences does not make a code page. */
    assert_int_equal(hp_encoding_guess(HP_S("Zo\xC3\xAB M\xC3\xBCller \xFF"), &bom), HP_ENC_UTF8);
    assert_int_equal(hp_encoding_guess(HP_S("\x7F"
                                            "ELF\0\0\0\0\0\0\0\0\1\0\0\0"),
                                       &bom),
                     HP_ENC_BINARY);
    assert_int_equal(hp_encoding_guess(HP_S("one NUL\0 in a longer text is still a text"), &bom),
                     HP_ENC_UTF8);
}

static void expect_decoded(hp_encoding e, hp_str bytes, const char *wanted) {
    hp_autobuf out = hp_buf_new(1000);
    hp_encoding_decode(e, bytes, &out);
    assert_view(hp_buf_str(&out), wanted);
}

static void test_decode(void **state) {
    (void)state;
    expect_decoded(HP_ENC_UTF16LE, HP_S("Z\0\xEB\0\x3D\xD8\x00\xDE"), "Z\xC3\xAB\xF0\x9F\x98\x80");
    expect_decoded(HP_ENC_UTF16BE, HP_S("\0Z\0\xEB\xD8\x3D\xDE\x00"), "Z\xC3\xAB\xF0\x9F\x98\x80");
    expect_decoded(HP_ENC_UTF16LE, HP_S("\x3D\xD8Z\0"), REPLACEMENT "Z");
    expect_decoded(HP_ENC_UTF16LE, HP_S("Z\0\x3D\xD8"), "Z" REPLACEMENT);
    expect_decoded(HP_ENC_UTF16LE, HP_S("Z\0y"), "Z" REPLACEMENT);
    expect_decoded(HP_ENC_CP1252, HP_S("\x80 \x93q\x94 Zo\xEB \x81 \xFF"),
                   "\xE2\x82\xAC \xE2\x80\x9Cq\xE2\x80\x9D Zo\xC3\xAB " REPLACEMENT " \xC3\xBF");
}

static void test_xml_encoding(void **state) {
    (void)state;
    size_t bom;
    assert_int_equal(hp_encoding_of_xml(HP_S("<?xml version=\"1.0\" encoding=\"UTF-8\"?><a/>"), &bom),
                     HP_ENC_UTF8);
    assert_int_equal(hp_encoding_of_xml(HP_S("<?xml version='1.0' encoding='windows-1252'?><a/>"), &bom),
                     HP_ENC_CP1252);
    assert_int_equal(hp_encoding_of_xml(HP_S("<?xml version='1.0' encoding='ISO-8859-1'?><a/>"), &bom),
                     HP_ENC_CP1252);
    assert_int_equal(hp_encoding_of_xml(HP_S("<?xml version='1.0'?><a encoding='windows-1252'/>"), &bom),
                     HP_ENC_UTF8);
    assert_int_equal(hp_encoding_of_xml(HP_S("<?xml encoding="), &bom), HP_ENC_UTF8);
    assert_int_equal(hp_encoding_of_xml(HP_S("<\0?\0x\0"), &bom), HP_ENC_UTF16LE);
    assert_int_equal(hp_encoding_of_xml(HP_S("\0<\0?\0x"), &bom), HP_ENC_UTF16BE);
    assert_int_equal(hp_encoding_of_xml(HP_S("\xFF\xFE<\0"), &bom), HP_ENC_UTF16LE);
    assert_int_equal(bom, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escapes), cmocka_unit_test(test_border),       cmocka_unit_test(test_guess),
        cmocka_unit_test(test_decode),  cmocka_unit_test(test_xml_encoding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
