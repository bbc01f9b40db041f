/* An entry piece by piece: whatever the pieces, the same bytes as in one go, and every lie found on the way.
 */
#include "read_maker.h"

#include <pthread.h>

#include "base/mem.h"

/* Fills a buffer with text that deflates to blocks of several kinds: words, then noise, then one letter. */
static char *make_text(size_t n) {
    char *p = hp_malloc(n);
    assert_non_null(p);
    uint32_t x = 1;
    for (size_t i = 0; i < n; i++) {
        x = x * 1664525 + 1013904223;
        char word = (char)("<row><c>Ada</c>"[i % 15] + (x >> 30 == 0));
        p[i] = i < n / 3 ? word : i < n / 3 * 2 ? (char)(x >> 24) : 'a';
    }
    return p;
}

/* Reads an entry in pieces of `piece` bytes; 0: of all sizes, up to 100,000. */
static hp_code read_in_pieces(hp_zip *z, size_t entry, size_t piece, hp_buf *out, hp_err *err) {
    hp_zip_stream *s = NULL;
    HP_TRY(hp_zip_stream_open(z, entry, &s, err));
    enum { MOST = 100000 };
    hp_autofree char *to = hp_malloc(piece ? piece : MOST);
    assert_non_null(to);
    size_t got = 1, turn = 0;
    hp_code code = HP_OK;
    while (code == HP_OK && got) {
        size_t n = piece ? piece : 1 + turn++ * 7919 % MOST;
        code = hp_zip_stream_read(s, to, n, &got, err);
        if (code == HP_OK) hp_buf_add(out, (hp_str){to, got});
    }
    if (code != HP_OK) assert_int_equal(hp_zip_stream_read(s, to, 1, &got, err), HP_DATA);
    hp_zip_stream_close(s);
    return code;
}

static void test_pieces(void **state) {
    (void)state;
    enum { BYTES = 3000000 };
    hp_autofree char *text = make_text(BYTES);
    const maker_part parts[] = {{.name = "deflated", .text = text, .bytes = BYTES},
                                {.name = "stored", .text = text, .bytes = BYTES, .stored = true},
                                {.name = "empty", .text = ""},
                                {.name = "none", .text = "", .stored = true}};
    static const size_t pieces[] = {0, 997, 32768, 65536, 1u << 20, BYTES - 1, BYTES, BYTES + 1};
    hp_buf b = make_zip(parts, 4);
    hp_err err = {0};
    hp_zip *z = NULL;
    assert_ok(hp_zip_open(hp_buf_str(&b), HP_S("a.zip"), &z, &err), err);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        for (size_t entry = 0; entry < 4; entry++) {
            hp_autobuf out = hp_buf_new(BYTES);
            size_t bytes = entry < 2 ? BYTES : 0;
            assert_int_equal(hp_zip_size(z, entry), bytes);
            assert_ok(read_in_pieces(z, entry, pieces[i], &out, &err), err);
            assert_true(hp_str_eq(hp_buf_str(&out), (hp_str){text, bytes}));
        }
    }
    hp_zip_close(z);
    hp_buf_free(&b);
}

/* Opens a zip of one part that lies, with `change` bytes cut off its packed ones as declared, and streams it.
 */
static void expect_lie(maker_part lie, int change, const char *words) {
    lie.name = "a.xml";
    lie.text = lie.text ? lie.text : "<deflated>deflated deflated deflated</deflated>";
    hp_buf b = make_zip(&lie, 1);
    char *packed = b.p + hp_str_find(hp_buf_str(&b), HP_S("PK\x01\x02"), 0) + 20;
    *packed = (char)(*packed + change);
    static const size_t pieces[] = {1, 10, 4096};
    for (size_t i = 0; i < 3; i++) {
        hp_err err = {0};
        hp_zip *z = NULL;
        assert_ok(hp_zip_open(hp_buf_str(&b), HP_S("a.zip"), &z, &err), err);
        hp_autobuf out = hp_buf_new(1u << 20);
        assert_int_equal(read_in_pieces(z, 0, pieces[i], &out, &err), HP_DATA);
        hp_autopart part = {0};
        assert_int_equal(hp_zip_read(z, 0, &part, NULL), HP_DATA); /* in one go it is no better */
        hp_zip_close(z);
        err = (hp_err){0};
        assert_ok(hp_zip_open(hp_buf_str(&b), HP_S("a.zip"), &z, &err), err);
        hp_zip_stream *s = NULL;
        char to[4096];
        size_t got = 1;
        hp_code code = hp_zip_stream_open(z, 0, &s, &err);
        while (code == HP_OK && got) code = hp_zip_stream_read(s, to, pieces[i], &got, &err);
        assert_int_equal(code, HP_DATA);
        assert_contains(err.message, "a.zip: part a.xml");
        assert_contains(err.message, "byte ");
        assert_contains(err.message, words);
        hp_zip_stream_close(s);
        hp_zip_close(z);
    }
    hp_buf_free(&b);
}

static void test_lies(void **state) {
    (void)state;
    expect_lie((maker_part){.false_size = 10}, 0, "longer than it declares");
    expect_lie((maker_part){.false_size = 100}, 0, "shorter than it declares");
    expect_lie((maker_part){.false_size = 60u << 20}, 0, "false size");
    expect_lie((maker_part){.false_size = 0xFFFFFFFE}, 0, "would inflate from");
    expect_lie((maker_part){.false_size = 100, .stored = true}, 0, "false size");
    expect_lie((maker_part){.false_crc = 1}, 0, "checksum");
    expect_lie((maker_part){.false_crc = 1, .stored = true}, 0, "checksum");
    expect_lie((maker_part){.text = "<text that is packed/>"}, -3, "cut short");
    expect_lie((maker_part){.text = "", .false_size = 1}, 0, "shorter than it declares");
}

/* Packed bytes behind the end of the deflated ones. */
static void test_left_over(void **state) {
    (void)state;
    static const maker_part p = {.name = "a", .text = "\x03\0 left over", .bytes = 12, .stored = true};
    hp_buf b = make_zip(&p, 1);
    char *central = b.p + hp_str_find(hp_buf_str(&b), HP_S("PK\x01\x02"), 0);
    b.p[8] = central[10] = 8;   /* deflated: an empty final block, and more */
    memset(central + 16, 0, 4); /* the checksum of nothing */
    memset(central + 24, 0, 4); /* which is its size */
    hp_err err = {0};
    hp_zip *z = NULL;
    assert_ok(hp_zip_open(hp_buf_str(&b), HP_S("a.zip"), &z, &err), err);
    hp_autopart part = {0};
    assert_int_equal(hp_zip_read(z, 0, &part, &err), HP_DATA);
    assert_contains(err.message, "left over (byte 33)");
    hp_zip_stream *s = NULL;
    assert_ok(hp_zip_stream_open(z, 0, &s, &err), err);
    char to[8];
    size_t got;
    assert_int_equal(hp_zip_stream_read(s, to, 8, &got, &err), HP_DATA);
    assert_contains(err.message, "left over (byte 33)");
    hp_zip_stream_close(s);
    hp_zip_close(z);
    hp_buf_free(&b);
}

typedef struct reader {
    hp_zip *z;
    hp_str text;
    bool same;
} reader;

static void *read_all(void *ctx) {
    reader *r = ctx;
    hp_autobuf out = hp_buf_new(r->text.n);
    r->same = read_in_pieces(r->z, 0, 4096, &out, NULL) == HP_OK && hp_str_eq(hp_buf_str(&out), r->text);
    return NULL;
}

static void test_threads(void **state) {
    (void)state;
    enum { BYTES = 500000, THREADS = 4 };
    hp_autofree char *text = make_text(BYTES);
    const maker_part p = {.name = "a", .text = text, .bytes = BYTES};
    hp_buf b = make_zip(&p, 1);
    hp_err err = {0};
    hp_zip *z = NULL;
    assert_ok(hp_zip_open(hp_buf_str(&b), HP_S("a.zip"), &z, &err), err);
    reader r[THREADS];
    pthread_t t[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        r[i] = (reader){z, {text, BYTES}, false};
        assert_int_equal(pthread_create(&t[i], NULL, read_all, &r[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(t[i], NULL);
        assert_true(r[i].same);
    }
    hp_zip_close(z);
    hp_buf_free(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_lies),
        cmocka_unit_test(test_left_over),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
