/* The directory of a zip: what honest programs write is read, every lie is refused with its byte. */
#include "read_maker.h"

#include "base/limits.h"

static const maker_part TWO[] = {{.name = "a.xml", .text = "<deflated>deflated deflated</deflated>"},
                                 {.name = "b.xml", .text = "<stored/>", .stored = true}};

static size_t find(const hp_buf *b, const char *signature, size_t nth) {
    size_t at = hp_str_find(hp_buf_str(b), (hp_str){signature, 4}, 0);
    while (nth-- > 0) at = hp_str_find(hp_buf_str(b), (hp_str){signature, 4}, at + 1);
    assert_true(at != SIZE_MAX);
    return at;
}

/* Opens and reads every part; fails unless what was accepted is what went in. */
static hp_code read_two(hp_str bytes, hp_err *err) {
    hp_zip *z = NULL;
    hp_code code = hp_zip_open(bytes, HP_S("a.zip"), &z, err);
    for (size_t i = 0; code == HP_OK && i < 2; i++) {
        size_t entry = SIZE_MAX;
        hp_autopart part = {0};
        if (!hp_zip_find(z, hp_str_of(TWO[i].name), &entry)) fail_msg("%s is lost", TWO[i].name);
        code = hp_zip_read(z, entry, &part, err);
        if (code == HP_OK) assert_view(part.bytes, TWO[i].text);
    }
    hp_zip_close(z);
    return code;
}

static void expect(hp_str bytes, const char *words) {
    hp_err err = {0};
    hp_code code = read_two(bytes, &err);
    if (!words) {
        assert_ok(code, err);
        return;
    }
    assert_int_equal(code, HP_DATA);
    assert_contains(err.message, "a.zip: ");
    assert_contains(err.message, "(byte ");
    assert_contains(err.message, words);
}

/* Each lie is one number, added to one byte of one record. */
static void test_lies(void **state) {
    (void)state;
    static const struct {
        const char *record;
        size_t nth, at;
        int add;
        const char *words;
    } cases[] = {
        {"PK\5\6", 0, 4, 1, "one disk of several"},
        {"PK\5\6", 0, 6, 1, "one disk of several"},
        {"PK\5\6", 0, 8, 1, "one disk of several"},
        {"PK\5\6", 0, 12, 1, "does not begin where it says"},
        {"PK\5\6", 0, 12, -1, "an entry is cut short"},
        {"PK\5\6", 0, 15, 1, "longer than the file"},
        {"PK\5\6", 0, 16, 1, "does not begin where it says"},
        {"PK\5\6", 0, 16, -1, "part a.xml is not where"},
        {"PK\5\6", 0, 19, 1, "does not begin where it says"},
        {"PK\5\6", 0, 20, 1, "directory at its end is missing"},
        {"PK\1\2", 1, 0, 1, "fewer entries than it declares"},
        {"PK\1\2", 0, 29, 1, "an entry is cut short"},
        {"PK\1\2", 1, 32, 1, "an entry is cut short"},
        {"PK\1\2", 0, 34, 1, "one disk of several"},
        {"PK\1\2", 0, 42, 1, "part a.xml is not where"},
        {"PK\1\2", 0, 45, 1, "part a.xml is beyond the end of the file"},
        {"PK\1\2", 0, 20, 1, "part b.xml shares bytes with part a.xml"},
        {"PK\1\2", 1, 20, 1, "part b.xml is longer than the file"},
        {"PK\1\2", 0, 46, 1, "part b.xml has another name where its bytes are"},
        {"PK\1\2", 0, 10, 4, "part a.xml is packed by another method"},
        {"PK\1\2", 0, 8, 1, "part a.xml is encrypted or not"},
        {"PK\3\4", 0, 6, 1, "part a.xml is encrypted or not"},
        {"PK\3\4", 0, 8, 4, "part a.xml is packed by another method"},
        {"PK\3\4", 0, 30, 1, "part a.xml has another name where its bytes are"},
        {"PK\3\4", 0, 26, 1, "part a.xml has another name where its bytes are"},
        {"PK\3\4", 1, 29, 1, "part b.xml is beyond the end of the file"},
        {"PK\3\4", 1, 0, 1, "part b.xml is not where"},
        {"PK\3\4", 0, 28, 1, "shares bytes"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hp_buf b = make_zip(TWO, 2);
        char *at = b.p + find(&b, cases[i].record, cases[i].nth) + cases[i].at;
        *at = (char)(*at + cases[i].add);
        expect(hp_buf_str(&b), cases[i].words);
        hp_buf_free(&b);
    }
}

static void add_to_counts(hp_buf *b, int add) {
    char *end = b->p + find(b, "PK\5\6", 0);
    end[8] = (char)(end[8] + add);
    end[10] = (char)(end[10] + add);
}

static void test_counts(void **state) {
    (void)state;
    hp_buf b = make_zip(TWO, 2);
    add_to_counts(&b, -1);
    expect(hp_buf_str(&b), "more in it than the entries it declares");
    add_to_counts(&b, 2);
    expect(hp_buf_str(&b), "more entries than fit into it");
    hp_buf_free(&b);
}

static void test_too_many(void **state) {
    (void)state;
    hp_buf b = make_zip(TWO, 2);
    hp_limit_put(HP_L_ZIP_ENTRIES, 1);
    hp_err err = {0};
    assert_int_equal(read_two(hp_buf_str(&b), &err), HP_DATA);
    assert_contains(err.message, "the limit is 1");
    hp_limit_reset();
    hp_buf_free(&b);
}

/* Two entries for the same bytes. */
static void test_same_bytes(void **state) {
    (void)state;
    hp_buf b = make_zip(TWO, 2);
    memcpy(b.p + find(&b, "PK\1\2", 1), b.p + find(&b, "PK\1\2", 0), 46 + 5);
    expect(hp_buf_str(&b), "part a.xml shares bytes with part a.xml");
    hp_buf_free(&b);
}

static void test_names(void **state) {
    (void)state;
    static const struct {
        const char *name, *words;
    } cases[] = {
        {"../c.xml", "a name that leaves the workbook"},
        {"xl\\..\\c.xml", "a name that leaves the workbook"},
        {"xl/..", "a name that leaves the workbook"},
        {"%2e%2e/c.xml", "a name that leaves the workbook"},
        {"%2fc.xml", "an absolute path"},
        {"/c.xml", "an absolute path"},
        {"\\c.xml", "an absolute path"},
        {"C:\\c.xml", "a drive letter"},
        {"c%00.xml", "a NUL in its name"},
        {"", "has no name"},
        {"A.XML", "part a.xml is there twice"},
        {"a.xml", "part a.xml is there twice"},
        {"a%2exml", "part a.xml is there twice"},
        {"..c.xml", NULL},
        {"xl/", NULL},
        {"a.xml/", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        maker_part parts[] = {TWO[0], TWO[1], {.name = cases[i].name, .text = ""}};
        hp_buf b = make_zip(parts, 3);
        expect(hp_buf_str(&b), cases[i].words);
        hp_buf_free(&b);
    }
    hp_buf b = make_zip(TWO, 2);
    b.p[find(&b, "PK\1\2", 0) + 46] = 0;
    expect(hp_buf_str(&b), "a NUL in its name");
    hp_buf_free(&b);
}

/* Bytes before the zip, a comment, and what mail programs add. */
static void test_surroundings(void **state) {
    (void)state;
    hp_buf b = make_zip(TWO, 2), c = hp_buf_new(1u << 20);
    hp_buf_puts(&c, "#!/bin/sh\n");
    hp_buf_add(&c, hp_buf_str(&b));
    expect(hp_buf_str(&c), NULL);
    hp_buf_puts(&b, "\r\n");
    expect(hp_buf_str(&b), NULL);
    hp_buf_putc(&b, 'P');
    b.p[find(&b, "PK\5\6", 0) + 20] = 3;
    expect(hp_buf_str(&b), NULL);
    hp_buf_free(&b);
    hp_buf_free(&c);
}

static void put64(hp_buf *b, uint64_t v) {
    put32(b, (uint32_t)v);
    put32(b, (uint32_t)(v >> 32));
}

/* Makes the end of a zip a zip64 one (APPNOTE.TXT 4.3.14 to 4.3.16) with full fields in the plain record. */
static hp_buf make_end64(uint64_t count, uint64_t disk) {
    hp_buf b = make_zip(TWO, 2);
    uint64_t end = find(&b, "PK\5\6", 0), from = find(&b, "PK\1\2", 0);
    b.n = end;
    put32(&b, 0x06064b50);
    put64(&b, 44);
    put32(&b, 0x002d002d);
    put32(&b, (uint32_t)disk);
    put32(&b, 0);
    put64(&b, count);
    put64(&b, count);
    put64(&b, end - from);
    put64(&b, from);
    put32(&b, 0x07064b50);
    put32(&b, 0);
    put64(&b, end);
    put32(&b, 1);
    put32(&b, 0x06054b50);
    put32(&b, 0);
    for (int i = 0; i < 3; i++) put32(&b, UINT32_MAX);
    put16(&b, 0);
    return b;
}

static void test_zip64(void **state) {
    (void)state;
    static const struct {
        uint64_t count, disk;
        const char *words;
    } cases[] = {{2, 0, NULL},
                 {3, 0, "more entries than fit"},
                 {1, 0, "more in it than"},
                 {2, 1, "one disk of several"},
                 {60000, 0, "more entries than fit"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hp_buf b = make_end64(cases[i].count, cases[i].disk);
        expect(hp_buf_str(&b), cases[i].words);
        hp_buf_free(&b);
    }
    hp_buf b = make_end64(UINT64_MAX / 46, 0);
    hp_err err = {0};
    assert_int_equal(read_two(hp_buf_str(&b), &err), HP_DATA);
    assert_contains(err.message, "the limit is 65535");
    hp_buf_free(&b);
    b = make_end64(2, 0);
    b.p[find(&b, "PK\6\7", 0) + 8]++; /* found right before its locator all the same */
    expect(hp_buf_str(&b), NULL);
    b.p[find(&b, "PK\6\6", 0)]++;
    expect(hp_buf_str(&b), "zip64 record is not where it should be");
    hp_buf_free(&b);
    b = make_end64(2, 0);
    b.p[find(&b, "PK\5\6", 0) + 8] = b.p[find(&b, "PK\5\6", 0) + 10] = 7;
    b.p[find(&b, "PK\5\6", 0) + 9] = b.p[find(&b, "PK\5\6", 0) + 11] = 0;
    expect(hp_buf_str(&b), "two end records differ");
    hp_buf_free(&b);
}

/* Cut off anywhere it is no zip; a flipped bit is either found or of no account. */
static void test_damage(void **state) {
    (void)state;
    hp_buf b = make_zip(TWO, 2);
    for (size_t n = 0; n < b.n; n++) expect((hp_str){b.p, n}, "");
    size_t refused = 0;
    for (size_t bit = 0; bit < b.n * 8; bit++) {
        hp_err err = {0};
        b.p[bit / 8] = (char)(b.p[bit / 8] ^ 1 << bit % 8);
        hp_zip *z = NULL;
        if (hp_zip_open(hp_buf_str(&b), HP_S("a.zip"), &z, NULL) == HP_OK) {
            assert_int_equal(hp_zip_count(z), 2);
            hp_zip_close(z);
        }
        refused += read_two(hp_buf_str(&b), &err) != HP_OK;
        b.p[bit / 8] = (char)(b.p[bit / 8] ^ 1 << bit % 8);
    }
    assert_true(refused > b.n * 4 && refused < b.n * 8);
    hp_buf_free(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lies),       cmocka_unit_test(test_counts), cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_same_bytes), cmocka_unit_test(test_names),  cmocka_unit_test(test_surroundings),
        cmocka_unit_test(test_zip64),      cmocka_unit_test(test_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
