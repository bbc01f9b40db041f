/* The zip container and its compressors: libzip reads what they write, also in the 64-bit form, which a
 * lowered limit brings about. */
#include "write_case.h"

#include <libdeflate.h>

#include "write/zip_out.h"

enum { BYTES = 300000 };

static char byte_at(size_t i) { return (char)('a' + i * i / 7 % 13); }

static hp_str bytes_of(size_t n) {
    char *p = hp_arena_raw(W.arena, n + 1);
    for (size_t i = 0; i < n; i++) p[i] = byte_at(i);
    return (hp_str){p, n};
}

/* Puts a member in pieces, some of them deflated apart. */
static hp_code put_member(hp_zip_out *z, const char *name, hp_str s, hp_err *err) {
    HP_TRY(hp_member_open(z, name, HP_ZIP_ANY, err));
    for (size_t at = 0, k = 0; at < s.n; at += 9999, k++) {
        hp_str piece = hp_str_cut(s, at, at + 9999);
        if (k % 3) {
            HP_TRY(hp_member_put(z, piece, err));
            continue;
        }
        hp_packed block = {0};
        hp_packer *packer = hp_packer_new(k % 2 ? HP_COMPRESS_BEST : HP_COMPRESS_FAST);
        hp_packed_clear(&block);
        hp_code code = hp_pack(packer, piece, &block, err);
        if (code == HP_OK) code = hp_member_take(z, &block, err);
        hp_packer_free(packer);
        hp_buf_free(&block.bytes);
        HP_TRY(code);
    }
    return hp_member_close(z, err);
}

static hp_str write_zip(uint64_t limit, hp_compress level) {
    hp_err err = {0};
    FILE *f = fopen(wc_path("t.zip"), "wb");
    assert_non_null(f);
    hp_zip_out z;
    assert_ok(hp_zip_begin(&z, f, "t.zip", limit, level, &err), err);
    assert_ok(put_member(&z, "large", bytes_of(BYTES), &err), err);
    assert_ok(hp_zip_add(&z, "dir/small", HP_S("aa"), &err), err);
    assert_ok(hp_zip_finish(&z, &err), err);
    hp_zip_free(&z);
    assert_int_equal(fclose(f), 0);
    return wc_read(wc_path("t.zip"));
}

static void assert_members(void) {
    hp_str s = wc_member(wc_path("t.zip"), "large");
    assert_int_equal(s.n, BYTES);
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != byte_at(i)) fail_msg("byte %zu", i);
    assert_view(wc_member(wc_path("t.zip"), "dir/small"), "aa");
    zip_t *z = zip_open(wc_path("t.zip"), ZIP_RDONLY | ZIP_CHECKCONS, NULL);
    assert_non_null(z); /* local headers and directory agree */
    zip_discard(z);
}

static uint32_t u16(hp_str s, size_t at) {
    return (uint32_t)(unsigned char)s.p[at] | (uint32_t)(unsigned char)s.p[at + 1] << 8;
}

static void a_small_zip_has_no_wide_fields(void **state) {
    (void)state;
    for (hp_compress level = HP_COMPRESS_FAST; level <= HP_COMPRESS_BEST; level++) {
        hp_str s = write_zip(HP_ZIP_LIMIT, level);
        assert_members();
        assert_true(hp_str_find(s, HP_S("PK\6\6"), 0) == SIZE_MAX
                    && hp_str_find(s, HP_S("PK\6\7"), 0) == SIZE_MAX);
        assert_int_equal(s.p[4], 20);
        assert_int_equal(u16(s, 28), 20);
        assert_int_equal(u16(s, 30 + 5), 0xA220); /* the growth hint of packages, as the room it is */
        assert_int_equal(u16(s, 30 + 5 + 4), 0xA028);
        size_t small = hp_str_find(s, HP_S("dir/small"), 0);
        assert_int_equal(u16(s, small - 2), 0); /* no extra field */
    }
}

static void what_is_too_large_for_32_bits_gets_64(void **state) {
    (void)state;
    hp_str s = write_zip(200, HP_COMPRESS_FAST); /* sizes, packed size and offset are over it */
    assert_members();
    assert_int_equal(s.p[4], 45);
    assert_int_equal(u16(s, 28), 20);
    assert_int_equal(u16(s, 30 + 5), 1);
    assert_true(hp_str_eq(hp_str_cut(s, 18, 26), HP_S("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF")));
    assert_true(hp_str_find(s, HP_S("PK\6\6"), 0) != SIZE_MAX
                && hp_str_find(s, HP_S("PK\6\7"), 0) != SIZE_MAX);
    s = write_zip(BYTES, HP_COMPRESS_FAST); /* only one size reaches it */
    assert_members();
    assert_int_equal(s.p[4], 45);
    s = write_zip(BYTES + 1, HP_COMPRESS_FAST);
    assert_members();
    assert_int_equal(s.p[4], 20);
}

static void a_member_without_room_is_an_error(void **state) {
    (void)state;
    hp_err err = {0};
    FILE *f = fopen(wc_path("s.zip"), "wb");
    assert_non_null(f);
    hp_zip_out z;
    assert_ok(hp_zip_begin(&z, f, "s.zip", 200, HP_COMPRESS_FAST, &err), err);
    assert_int_equal(hp_zip_add(&z, "part", bytes_of(201), &err), HP_BUG);
    assert_contains(err.message, "part");
    hp_zip_free(&z);
    fclose(f);
}

/* ---- deflate ---- */

/* Contents that bring about all three kinds of blocks, and several of them. */
static hp_str content(size_t kind, size_t n) {
    char *p = hp_arena_raw(W.arena, n + 1);
    uint64_t x = 88172645463325252u + kind;
    for (size_t i = 0; i < n; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        p[i] = kind == 0   ? 'a'
               : kind == 1 ? (char)x
               : kind == 2 ? (char)('a' + x % 5)
                           : (char)(i / 7000 % 2 ? x : i % 19);
    }
    return (hp_str){p, n};
}

/* Every stream of libdeflate ends where hp_deflate_end says, by its own word on how much it consumed. */
static void the_end_of_a_stream_is_found(void **state) {
    (void)state;
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    static const size_t SIZES[] = {1, 2, 7, 100, 5000, 65536, 300001};
    for (size_t kind = 0; kind < 4; kind++)
        for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++)
            for (int level = 1; level <= 12; level++) {
                hp_str s = content(kind, SIZES[i]);
                struct libdeflate_compressor *c = libdeflate_alloc_compressor(level);
                size_t room = libdeflate_deflate_compress_bound(c, s.n);
                char *to = hp_arena_raw(W.arena, room);
                size_t n = libdeflate_deflate_compress(c, s.p, s.n, to, room);
                libdeflate_free_compressor(c);
                uint64_t last, bits;
                assert_true(hp_deflate_end((hp_str){to, n}, &last, &bits));
                assert_int_equal((bits + 7) / 8, n);
                assert_true(to[last / 8] >> last % 8 & 1);
                if (n < 2000) assert_false(hp_deflate_end((hp_str){to, n - 1}, &last, &bits));
                to[last / 8] =
                    (char)(to[last / 8] & ~(1 << last % 8)); /* the stream goes on then: it is cut off */
                char *back = hp_arena_raw(W.arena, s.n + 1);
                size_t got;
                assert_int_not_equal(libdeflate_deflate_decompress(d, to, n, back, s.n, &got),
                                     LIBDEFLATE_SUCCESS);
            }
    libdeflate_free_decompressor(d);
}

static void what_is_no_stream_has_no_end(void **state) {
    (void)state;
    uint64_t last, bits, found = 0;
    for (size_t i = 0; i < 20000; i++) {
        hp_str s = content(1, 1 + i % 300);
        ((char *)(uintptr_t)s.p)[0] = (char)i;
        if (!hp_deflate_end(s, &last, &bits)) continue;
        found++;
        if (bits > 8 * s.n || last >= bits) fail_msg("%llu bits of %zu", (unsigned long long)bits, 8 * s.n);
    }
    assert_true(found > 0 && found < 10000);
    assert_false(hp_deflate_end(HP_S(""), &last, &bits));
    assert_false(hp_deflate_end(HP_S("\7"), &last, &bits)); /* a kind of block that there is not */
}

static void checksums_are_joined(void **state) {
    (void)state;
    hp_str s = content(1, 100000);
    static const size_t AT[] = {0, 1, 7, 4096, 99999, 100000};
    uint32_t whole = libdeflate_crc32(0, s.p, s.n);
    for (size_t i = 0; i < sizeof AT / sizeof *AT; i++)
        assert_int_equal(hp_crc_join(libdeflate_crc32(0, s.p, AT[i]),
                                     libdeflate_crc32(0, s.p + AT[i], s.n - AT[i]), s.n - AT[i]),
                         whole);
}

static void more_entries_than_16_bits_count(void **state) {
    (void)state;
    enum { N = 65536 };
    hp_err err = {0};
    FILE *f = fopen(wc_path("n.zip"), "wb");
    assert_non_null(f);
    hp_zip_out z;
    assert_ok(hp_zip_begin(&z, f, "n.zip", HP_ZIP_LIMIT, HP_COMPRESS_FAST, &err), err);
    for (unsigned i = 0; i < N; i++) {
        char name[16];
        snprintf(name, sizeof name, "%u", i);
        assert_ok(hp_zip_add(&z, name, HP_S(""), &err), err);
    }
    assert_ok(hp_zip_finish(&z, &err), err);
    hp_zip_free(&z);
    assert_int_equal(fclose(f), 0);
    zip_t *r = zip_open(wc_path("n.zip"), ZIP_RDONLY, NULL);
    assert_non_null(r);
    assert_int_equal(zip_get_num_entries(r, 0), N);
    zip_discard(r);
}

static void a_full_disk_is_noticed_at_every_size(void **state) {
    (void)state;
    hp_str bytes = bytes_of(BYTES);
    size_t whole = write_zip(HP_ZIP_LIMIT, HP_COMPRESS_FAST).n, failed = 0;
    for (size_t room = 0; room <= whole; room += whole / 50) {
        hp_err err = {0};
        FILE *f = fopen(wc_path("d.zip"), "wb");
        assert_non_null(f);
        hp_zip_out z;
        assert_ok(hp_zip_begin(&z, f, "d.zip", HP_ZIP_LIMIT, HP_COMPRESS_FAST, &err), err);
        wc_disk(room);
        hp_code code = put_member(&z, "large", bytes, &err);
        if (code == HP_OK) code = hp_zip_add(&z, "dir/small", HP_S("aa"), &err);
        if (code == HP_OK) code = hp_zip_finish(&z, &err);
        fclose(f);
        wc_disk(RLIM_INFINITY);
        hp_zip_free(&z);
        failed += code == HP_IO;
        if (code == HP_OK && room < whole) fail_msg("%zu bytes of room were enough for %zu", room, whole);
        if (code != HP_OK) assert_contains(err.message, "is the disk full?");
    }
    assert_true(failed >= 49);
}

/* A member of another zip keeps what that says of it; with a lowered limit its sizes need 64 bits. */
static void a_member_is_copied_as_it_is(void **state) {
    (void)state;
    static const char PACKED[] = {'a', 'a'};
    for (uint64_t limit = HP_ZIP_LIMIT; limit; limit = limit == 1 ? 0 : 1) {
        hp_err err = {0};
        FILE *f = fopen(wc_path("t.zip"), "wb");
        hp_zip_out z;
        const hp_zip_member m = {.name = HP_S("\xC3\xA4.txt"),
                                 .bytes = {PACKED, 2},
                                 .raw = 2,
                                 .crc = libdeflate_crc32(0, PACKED, 2),
                                 .when = 0x5A217D1C,
                                 .method = 0,
                                 .flags = 0x080E};
        assert_ok(hp_zip_begin(&z, f, "t.zip", limit, HP_COMPRESS_FAST, &err), err);
        assert_ok(hp_zip_copy(&z, &m, &err), err);
        assert_ok(hp_member_open(&z, "\xC3\xB6.txt", HP_ZIP_ANY, &err), err);
        assert_ok(hp_member_put(&z, HP_S("bb"), &err), err);
        assert_ok(hp_member_close(&z, &err), err);
        assert_ok(hp_zip_finish(&z, &err), err);
        hp_zip_free(&z);
        fclose(f);
        hp_str s = wc_read(wc_path("t.zip"));
        assert_int_equal(u16(s, 6), 0x0806); /* UTF-8, and how it was packed; sizes stand in front now */
        assert_int_equal(u16(s, 8), 0);
        assert_int_equal(u16(s, 10), 0x7D1C);
        assert_int_equal(u16(s, 12), 0x5A21);
        assert_view(wc_member(wc_path("t.zip"), "\xC3\xA4.txt"), "aa");
        assert_view(wc_member(wc_path("t.zip"), "\xC3\xB6.txt"), "bb");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_is_copied_as_it_is),
        cmocka_unit_test(a_small_zip_has_no_wide_fields),
        cmocka_unit_test(what_is_too_large_for_32_bits_gets_64),
        cmocka_unit_test(a_member_without_room_is_an_error),
        cmocka_unit_test(the_end_of_a_stream_is_found),
        cmocka_unit_test(what_is_no_stream_has_no_end),
        cmocka_unit_test(checksums_are_joined),
        cmocka_unit_test(more_entries_than_16_bits_count),
        cmocka_unit_test(a_full_disk_is_noticed_at_every_size),
    };
    return cmocka_run_group_tests(tests, wc_open, wc_close);
}
