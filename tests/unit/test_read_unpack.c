/* Files compressed as a whole: members and frames, damage at every byte, limits, names. */
#include "read_maker.h"

#include <zstd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "read/unpack.h"

#define CSV "name,town\nAda,Knysna\nBob,Paarl\n"

/* Appends a gzip member: header with these flags (their fields are "x"), deflated text, checksum, length. */
static void add_member(hp_buf *b, hp_str text, int flags) {
    size_t from = b->n;
    put32(b, 0x00088b1fu | (uint32_t)flags << 24);
    put32(b, 0);
    put16(b, 0xff00);
    if (flags & 4) hp_buf_add(b, HP_S("\1\0x"));
    if (flags & 8) hp_buf_add(b, HP_S("x\0"));
    if (flags & 16) hp_buf_add(b, HP_S("x\0"));
    if (flags & 2) put16(b, libdeflate_crc32(0, b->p + from, b->n - from));
    struct libdeflate_compressor *c = libdeflate_alloc_compressor(6);
    size_t max = libdeflate_deflate_compress_bound(c, text.n);
    char *to = hp_buf_room(b, max);
    assert_non_null(to);
    b->n += libdeflate_deflate_compress(c, text.p, text.n, to, max);
    libdeflate_free_compressor(c);
    put32(b, libdeflate_crc32(0, text.p, text.n));
    put32(b, (uint32_t)text.n);
}

/* Appends a zstd frame, with checksum. */
static void add_frame(hp_buf *b, hp_str text, int window) {
    ZSTD_CCtx *c = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);
    ZSTD_CCtx_setParameter(c, ZSTD_c_contentSizeFlag, window == 0);
    if (window) ZSTD_CCtx_setParameter(c, ZSTD_c_windowLog, window);
    size_t max = ZSTD_compressBound(text.n) + 64;
    char *to = hp_buf_room(b, max);
    assert_non_null(to);
    ZSTD_inBuffer in = {text.p, text.n, 0};
    ZSTD_outBuffer out = {to, max, 0};
    assert_int_equal(ZSTD_compressStream2(c, &out, &in, window ? ZSTD_e_flush : ZSTD_e_end), 0);
    if (window) assert_int_equal(ZSTD_compressStream2(c, &out, &in, ZSTD_e_end), 0);
    b->n += out.pos;
    ZSTD_freeCCtx(c);
}

static hp_buf gzip_of(hp_str text) {
    hp_buf b = hp_buf_new(64u << 20);
    add_member(&b, text, 0);
    return b;
}

static hp_buf zstd_of(hp_str text) {
    hp_buf b = hp_buf_new(64u << 20);
    add_frame(&b, text, 0);
    return b;
}

static void expect_unpacks(hp_buf *b, const char *text) {
    hp_err err = {0};
    hp_buf out;
    assert_ok(hp_unpack(HP_S("a.csv.gz"), hp_buf_str(b), &out, &err), err);
    assert_view(hp_buf_str(&out), text);
    hp_buf_free(&out);
    hp_buf_free(b);
}

static void test_members(void **state) {
    (void)state;
    for (int flags = 0; flags < 32; flags++) {
        hp_buf b = hp_buf_new(1 << 20);
        add_member(&b, HP_S("one"), flags);
        add_member(&b, HP_S(""), 0);
        add_member(&b, HP_S(" two"), 31 - flags);
        hp_buf_add(&b, HP_S("\0\0\0\0\0"));
        expect_unpacks(&b, "one two");
    }
}

static void test_frames(void **state) {
    (void)state;
    hp_buf b = hp_buf_new(1 << 20);
    hp_buf_add(&b, HP_S("\x5c\x2a\x4d\x18\3\0\0\0abc"));
    assert_int_equal(hp_packing_of(hp_buf_str(&b)), HP_PACKING_ZSTD);
    add_frame(&b, HP_S("one"), 0);
    hp_buf_add(&b, HP_S("\x50\x2a\x4d\x18\0\0\0\0"));
    add_frame(&b, HP_S(""), 0);
    add_frame(&b, HP_S(" two"), 20);
    hp_buf_add(&b, HP_S("\x5f\x2a\x4d\x18\1\0\0\0!"));
    expect_unpacks(&b, "one two");
}

/* More than one step of output, and of many blocks. */
static void test_long_ones(void **state) {
    (void)state;
    hp_autobuf text = hp_buf_new(16u << 20);
    for (uint32_t i = 0; text.n < (5u << 20); i++) hp_buf_printf(&text, "%x,", i * 2654435761u);
    for (int zstd = 0; zstd < 2; zstd++) {
        hp_buf b = zstd ? zstd_of(hp_buf_str(&text)) : gzip_of(hp_buf_str(&text)), out;
        hp_err err = {0};
        assert_ok(hp_unpack(HP_S("a"), hp_buf_str(&b), &out, &err), err);
        assert_true(hp_str_eq(hp_buf_str(&out), hp_buf_str(&text)));
        hp_buf_free(&out);
        hp_buf_free(&b);
    }
}

static void expect_damage(hp_str bytes, const char *words) {
    hp_err err = {0};
    hp_buf out;
    assert_int_equal(hp_unpack(HP_S("a.csv.gz"), bytes, &out, &err), HP_DATA);
    assert_contains(err.message, "a.csv.gz: byte ");
    assert_contains(err.message, words);
    hp_buf_free(&out);
}

static void test_cut_at_every_byte(void **state) {
    (void)state;
    for (int zstd = 0; zstd < 2; zstd++) {
        hp_buf b = zstd ? zstd_of(HP_S(CSV)) : gzip_of(HP_S(CSV));
        for (size_t n = 4; n < b.n; n++) {
            /* A copy of that length, so that a sanitizer sees a look beyond it. */
            char *cut = malloc(n);
            assert_non_null(cut);
            memcpy(cut, b.p, n);
            expect_damage((hp_str){cut, n}, "cut short");
            free(cut);
        }
        hp_buf_free(&b);
    }
}

/* A flipped bit is refused, or changes nothing but a note of the header (its time, its system) or a bit that
 * fills a byte up. */
static void test_every_bit_flipped(void **state) {
    (void)state;
    for (int zstd = 0; zstd < 2; zstd++) {
        hp_buf b = zstd ? zstd_of(HP_S(CSV)) : gzip_of(HP_S(CSV));
        size_t refused = 0;
        for (size_t bit = 32; bit < b.n * 8; bit++) {
            b.p[bit / 8] = (char)(b.p[bit / 8] ^ 1 << bit % 8);
            hp_err err = {0};
            hp_buf out;
            hp_code code = hp_unpack(HP_S("a"), hp_buf_str(&b), &out, &err);
            if (code == HP_OK) assert_view(hp_buf_str(&out), CSV);
            if (code != HP_OK) assert_int_equal(code, HP_DATA);
            refused += code != HP_OK;
            hp_buf_free(&out);
            b.p[bit / 8] = (char)(b.p[bit / 8] ^ 1 << bit % 8);
        }
        assert_true(refused + 7 >= (b.n - 10) * 8);
        hp_buf_free(&b);
    }
}

static void test_damage(void **state) {
    (void)state;
    hp_autobuf b = gzip_of(HP_S(CSV));
    hp_autobuf more = hp_buf_new(1 << 20);
    hp_buf_add(&more, hp_buf_str(&b));
    hp_buf_puts(&more, "more");
    expect_damage(hp_buf_str(&more), "header is damaged");
    b.p[b.n - 8] ^= 1;
    expect_damage(hp_buf_str(&b), "checksum (CRC-32) does not fit");
    b.p[b.n - 8] ^= 1;
    b.p[b.n - 1] ^= 1;
    expect_damage(hp_buf_str(&b), "length does not fit");
    hp_autobuf z = zstd_of(HP_S(CSV));
    z.p[z.n - 1] ^= 1;
    expect_damage(hp_buf_str(&z), "checksum (XXH64) does not fit");
    z.p[z.n - 1] ^= 1;
    hp_buf_puts(&z, "more");
    expect_damage(hp_buf_str(&z), "cannot be unpacked");
    hp_autobuf wide = hp_buf_new(1 << 20);
    add_frame(&wide, HP_S(CSV), 28);
    expect_damage(hp_buf_str(&wide), "window of more than 128 MiB");
}

static void test_limits(void **state) {
    (void)state;
    static char zeros[3 << 20];
    for (int zstd = 0; zstd < 2; zstd++) {
        hp_autobuf b = zstd ? zstd_of((hp_str){zeros, sizeof zeros}) : gzip_of((hp_str){zeros, sizeof zeros});
        struct {
            hp_limit_id id;
            uint64_t value;
            const char *words;
        } cases[] = {{HP_L_PART_BYTES, 3 << 20, NULL},
                     {HP_L_PART_BYTES, (3 << 20) - 1, "--limit part-size"},
                     {HP_L_INFLATED_BYTES, 1 << 20, "--limit inflated-size"},
                     {HP_L_INFLATE_RATIO_FROM, 1 << 20, "--limit inflate-ratio"}};
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            hp_err err = {0};
            hp_buf out;
            hp_limit_put(cases[i].id, cases[i].value);
            hp_code code = hp_unpack(HP_S("bomb"), hp_buf_str(&b), &out, &err);
            assert_int_equal(code, cases[i].words ? HP_DATA : HP_OK);
            if (cases[i].words) assert_contains(err.message, cases[i].words);
            hp_buf_free(&out);
            hp_limit_reset();
        }
    }
}

static void test_the_door(void **state) {
    (void)state;
    hp_autobuf gz = gzip_of(HP_S(CSV)), zst = zstd_of(HP_S(CSV)), none = gzip_of(HP_S(""));
    hp_autobuf twice = gzip_of(hp_buf_str(&zst)), tsv = gzip_of(HP_S("a,b\tc\n1,2\t3\n"));
    hp_str packed[] = {hp_buf_str(&gz), hp_buf_str(&zst)};
    for (size_t i = 0; i < 2; i++) {
        reading r = read_as(packed[i], "people.csv.gz", 0, false);
        assert_ok(r.code, r.err);
        assert_int_equal(hp_book_format(r.book), HP_FORMAT_CSV);
        assert_true(hp_str_eq(hp_book_bytes(r.book), packed[i]));
        assert_view(hp_book_name(r.book), "people.csv.gz");
        expect_text(&r, 1, 3, "Paarl");
        done(&r);
    }
    reading r = read_as(hp_buf_str(&tsv), "people.tsv.gz", 0, false);
    assert_ok(r.code, r.err);
    expect_text(&r, 0, 2, "1,2");
    done(&r);
    expect_refused(hp_buf_str(&twice), "people.csv.gz", "compressed twice");
    expect_refused(hp_buf_str(&none), "people.csv.gz", "unpacks to nothing");
}

static void test_names(void **state) {
    (void)state;
    assert_view(hp_name_unpacked(HP_S("a.csv.gz")), "a.csv");
    assert_view(hp_name_unpacked(HP_S("a.csv.ZST")), "a.csv");
    assert_view(hp_name_unpacked(HP_S("a.csv")), "a.csv");
    assert_view(hp_name_unpacked(HP_S(".gz")), ".gz");
    const char *yes[] = {"a.csv.gz", "a.tsv.zst", "a.txt.GZ", "a.parquet.zstd"};
    const char *no[] = {"a.gz", "a.tar.gz", "a.csv.gz.gz", "a.pdf.gz", "~$a.csv.gz", ".gz"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) assert_true(hp_name_readable(hp_str_of(yes[i])));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) assert_false(hp_name_readable(hp_str_of(no[i])));
}

static void test_memory_runs_out(void **state) {
    (void)state;
    hp_autobuf gz = gzip_of(HP_S(CSV)), zst = zstd_of(HP_S(CSV));
    for (int zstd = 0; zstd < 2; zstd++) {
        for (uint64_t nth = 1;; nth++) {
            hp_err err = {0};
            hp_buf out;
            hp_mem_fail_at(nth);
            hp_code code = hp_unpack(HP_S("a"), hp_buf_str(zstd ? &zst : &gz), &out, &err);
            hp_mem_fail_at(0);
            hp_buf_free(&out);
            if (code == HP_OK) break;
            assert_int_equal(code, HP_RETRY);
            assert_true(nth < 10);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_frames),
        cmocka_unit_test(test_long_ones),
        cmocka_unit_test(test_cut_at_every_byte),
        cmocka_unit_test(test_every_bit_flipped),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_the_door),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
