/* The container: parts by any name, both methods, and every lie about sizes found. */
#include "read_maker.h"

#include "base/mem.h"

static hp_code open_and_read(const maker_part *parts, size_t n, const char *name, hp_part *out, hp_err *err) {
    hp_buf b = make_zip(parts, n);
    hp_zip *z = NULL;
    hp_code code = hp_zip_open(hp_buf_str(&b), HP_S("a.zip"), &z, err);
    size_t entry = 0;
    if (code == HP_OK && !hp_zip_find(z, hp_str_of(name), &entry)) fail_msg("%s is not found", name);
    if (code == HP_OK) code = hp_zip_read_xml(z, entry, out, err);
    hp_zip_close(z);
    hp_buf_free(&b);
    return code;
}

static void test_methods_and_names(void **state) {
    (void)state;
    static const maker_part parts[] = {
        {.name = "a.xml", .text = "<deflated>deflated deflated deflated</deflated>"},
        {.name = "B.XML", .text = "<stored/>", .stored = true},
        {.name = "Xl\\Work%20Sheets\\C.xml", .text = "<c/>"},
        {.name = "xl/", .text = ""}, /* folders are no parts, and may be repeated */
        {.name = "xl/", .text = ""},
        {.name = "empty", .text = ""},
        {.name = "utf16.xml", .text = "\xFF\xFE<\0a\0/\0>\0", .bytes = 10},
    };
    static const char *const names[][2] = {{"a.xml", "<deflated>deflated deflated deflated</deflated>"},
                                           {"b.xml", "<stored/>"},
                                           {"xl/work sheets/c.xml", "<c/>"},
                                           {"empty", ""},
                                           {"utf16.xml", "<a/>"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        hp_err err = {0};
        hp_autopart part = {0};
        assert_ok(open_and_read(parts, sizeof parts / sizeof *parts, names[i][0], &part, &err), err);
        assert_view(part.bytes, names[i][1]);
    }
}

static void test_resolve(void **state) {
    (void)state;
    static const char *const cases[][3] = {
        {"xl", "worksheets/Sheet1.xml", "xl/worksheets/sheet1.xml"},
        {"xl", "/xl/Sheet.xml", "xl/sheet.xml"},
        {"xl/worksheets", "../strings.xml", "xl/strings.xml"},
        {"xl", "..\\.\\a.xml", "a.xml"},
        {"xl", "../../../a.xml", "a.xml"},
        {"", "a%2eb%zz%4", "a.b%zz%4"},
        {"xl", "\\abs.xml", "abs.xml"},
        {"xl", "", "xl"},
    };
    hp_autoarena *a = hp_arena_new(NULL);
    assert_non_null(a);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_view(hp_part_resolve(a, hp_str_of(cases[i][0]), hp_str_of(cases[i][1])), cases[i][2]);
    }
}

static void expect_lie(maker_part lie, const char *words) {
    hp_err err = {0};
    hp_autopart part = {0};
    lie.name = "a.xml";
    lie.text = lie.text ? lie.text : "<deflated>deflated deflated deflated</deflated>";
    assert_int_equal(open_and_read(&lie, 1, "a.xml", &part, &err), HP_DATA);
    assert_contains(err.message, "part a.xml");
    assert_contains(err.message, words);
}

static void test_lies(void **state) {
    (void)state;
    expect_lie((maker_part){.false_size = 10}, "longer than it declares");
    expect_lie((maker_part){.false_size = 100}, "shorter than it declares");
    expect_lie((maker_part){.false_size = 60u << 20}, "false size");
    expect_lie((maker_part){.false_size = 100, .stored = true}, "");
    expect_lie((maker_part){.false_crc = 1}, "checksum");
    expect_lie((maker_part){.false_crc = 1, .stored = true}, "checksum");
    expect_lie((maker_part){.false_size = 0xFFFFFFFE}, "would inflate from");
}

/* 80 MB of zeros pack a thousand times, which no workbook does; 60 MB are below where that is asked. */
static void test_bomb(void **state) {
    (void)state;
    static const struct {
        size_t bytes;
        hp_code code;
    } cases[] = {{80u << 20, HP_DATA}, {60u << 20, HP_OK}};
    for (size_t i = 0; i < 2; i++) {
        hp_autofree char *zeros = hp_calloc(cases[i].bytes, 1);
        assert_non_null(zeros);
        maker_part p = {.name = "a.xml", .text = zeros, .bytes = cases[i].bytes};
        hp_err err = {0};
        hp_autopart part = {0};
        assert_int_equal(open_and_read(&p, 1, "a.xml", &part, &err), cases[i].code);
        if (cases[i].code != HP_OK) assert_contains(err.message, "more than 250 times");
    }
}

/* Two entries of 40 MB of zeros: each is small enough, both together are not. */
static void test_bomb_of_many(void **state) {
    (void)state;
    enum { BYTES = 40 << 20 };
    hp_autofree char *zeros = hp_calloc(BYTES, 1);
    assert_non_null(zeros);
    maker_part parts[] = {{.name = "a", .text = zeros, .bytes = BYTES},
                          {.name = "b", .text = zeros, .bytes = BYTES}};
    hp_buf b = make_zip(parts, 2);
    hp_err err = {0};
    hp_zip *z = NULL;
    assert_ok(hp_zip_open(hp_buf_str(&b), HP_S("a.zip"), &z, &err), err);
    for (int i = 0; i < 2; i++) { /* reading one again is no offence */
        hp_autopart part = {0};
        assert_ok(hp_zip_read(z, 0, &part, &err), err);
    }
    hp_autopart part = {0};
    assert_int_equal(hp_zip_read(z, 1, &part, &err), HP_DATA);
    assert_contains(err.message, "its parts inflate to more than 250 times");
    hp_zip_stream *s = NULL;
    assert_int_equal(hp_zip_stream_open(z, 1, &s, &err), HP_DATA); /* nor at the second try */
    assert_ok(hp_zip_stream_open(z, 0, &s, &err), err);
    hp_zip_stream_close(s);
    hp_zip_close(z);
    hp_buf_free(&b);
}

static void test_encrypted_and_odd_methods(void **state) {
    (void)state;
    static const struct {
        size_t local, central;
        char value;
        const char *words;
    } cases[] = {{6, 8, 1, "password-protected zip"}, {8, 10, 12, "a method that workbooks do not use"}};
    for (size_t i = 0; i < 2; i++) {
        static const maker_part p = {.name = "a", .text = "text"};
        hp_buf b = make_zip(&p, 1);
        b.p[cases[i].local] = cases[i].value;
        b.p[hp_str_find(hp_buf_str(&b), HP_S("PK\x01\x02"), 0) + cases[i].central] = cases[i].value;
        hp_err err = {0};
        hp_zip *z = NULL;
        hp_autopart part = {0};
        assert_ok(hp_zip_open(hp_buf_str(&b), HP_S("a.zip"), &z, &err), err);
        assert_int_equal(hp_zip_read(z, 0, &part, &err), HP_DATA);
        assert_contains(err.message, cases[i].words);
        hp_zip_close(z);
        hp_buf_free(&b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_methods_and_names),
        cmocka_unit_test(test_resolve),
        cmocka_unit_test(test_lies),
        cmocka_unit_test(test_bomb),
        cmocka_unit_test(test_bomb_of_many),
        cmocka_unit_test(test_encrypted_and_odd_methods),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
