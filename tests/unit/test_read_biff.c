/* Records of old workbooks, and texts that go on in the next record. */
#include "unit.h"

#include "read/biff.h"

/* A record of type 0x00FC with these bytes, and one of type CONTINUE with those. */
static hp_buf two_records(hp_str first, hp_str second) {
    hp_buf b = hp_buf_new(1 << 20);
    hp_buf_add(&b, HP_S("\xFC\0"));
    hp_buf_putc(&b, (char)first.n);
    hp_buf_putc(&b, 0);
    hp_buf_add(&b, first);
    hp_buf_add(&b, HP_S("\x3C\0"));
    hp_buf_putc(&b, (char)second.n);
    hp_buf_putc(&b, 0);
    hp_buf_add(&b, second);
    return b;
}

static void expect_text(hp_str first, hp_str second, size_t n, bool ok, const char *text) {
    hp_buf b = two_records(first, second);
    hp_biff r = hp_biff_new(hp_buf_str(&b), 0);
    hp_autobuf out = hp_buf_new(1000);
    assert_true(hp_biff_next(&r));
    assert_int_equal(r.type, 0xFC);
    assert_int_equal(hp_biff_text(&r, n, true, &out), ok);
    if (ok) {
        assert_view(hp_buf_str(&out), text);
        assert_int_equal(hp_biff_left(&r), 0);
        assert_false(hp_biff_next(&r));
        assert_int_equal(r.at, r.stream.n);
    }
    hp_buf_free(&b);
}

static void test_texts(void **state) {
    (void)state;
    expect_text(HP_S("\0ab"), HP_S("\0c"), 3, true, "abc");
    expect_text(HP_S("\0ab"), HP_S("\1\x2D\x4E"), 3, true, "ab\xE4\xB8\xAD");         /* narrow, then wide */
    expect_text(HP_S("\1\x2D\x4E"), HP_S("\0\xE9"), 2, true, "\xE4\xB8\xAD\xC3\xA9"); /* and the other way */
    expect_text(HP_S("\1\x3D\xD8"), HP_S("\1\x00\xDE"), 2, true, "\xF0\x9F\x98\x80"); /* a pair cut in two */
    expect_text(HP_S("\1\x3D\xD8"), HP_S("\1a\0"), 2, true,
                "\xEF\xBF\xBD"
                "a");
    expect_text(HP_S("\1\x00\xDE"), HP_S("\1\x3D\xD8"), 2, true, "\xEF\xBF\xBD\xEF\xBF\xBD");
    expect_text(HP_S(""), HP_S("\0a"), 1, true, "a");              /* the flags are in the second */
    expect_text(HP_S("\x08\1\0a"), HP_S("runs"), 1, true, "a");    /* formatting runs */
    expect_text(HP_S("\x04\3\0\0\0a"), HP_S("abc"), 1, true, "a"); /* phonetic data */
    expect_text(HP_S("\x04\xFF\xFF\xFF\xFF"
                     "a"),
                HP_S("abc"), 1, false, "");
    expect_text(HP_S("\0ab"), HP_S("\0c"), 4, false, "");
    expect_text(HP_S("\0ab"), HP_S(""), 3, false, "");
    expect_text(HP_S("\x08\1"), HP_S("x"), 1, false, "");
}

static void test_records(void **state) {
    (void)state;
    hp_str stream = HP_S("\x09\x08\4\0abcd\x0A\0\0\0\x01\0\xFF\xFFxy");
    hp_biff r = hp_biff_new(stream, 0);
    assert_true(hp_biff_next(&r));
    assert_int_equal(r.type, 0x809);
    assert_int_equal(hp_biff_take(&r, 2), 'a' | 'b' << 8);
    assert_int_equal(hp_biff_take(&r, 4), 0); /* there are only two left */
    assert_int_equal(hp_biff_left(&r), 0);
    assert_true(hp_biff_next(&r));
    assert_int_equal(hp_biff_left(&r), 0);
    assert_false(hp_biff_next(&r)); /* longer than the stream */
    assert_int_equal(r.at, 12);
    for (size_t n = 0; n <= stream.n + 5; n++) {
        r = hp_biff_new(hp_str_cut(stream, 0, n), n > stream.n ? n : 0);
        while (hp_biff_next(&r)) assert_true(r.next <= n);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_texts), cmocka_unit_test(test_records)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
