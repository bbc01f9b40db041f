/* The zip container: libzip reads what it writes, also in the 64-bit form, which a lowered limit brings
 * about. */
#include "write_case.h"

#include "write/zip_out.h"

enum { BYTES = 300000 };

typedef struct pouring {
    size_t bytes, calls;
} pouring;

static char byte_at(size_t i) { return (char)('a' + i * i / 7 % 13); }

static hp_code pour(void *ctx, hp_zip_out *z, hp_err *err) {
    pouring *p = ctx;
    p->calls++;
    char piece[999];
    for (size_t at = 0; at < p->bytes; at += sizeof piece) {
        size_t n = p->bytes - at < sizeof piece ? p->bytes - at : sizeof piece;
        for (size_t i = 0; i < n; i++) piece[i] = byte_at(at + i);
        HP_TRY(hp_zip_put(z, (hp_str){piece, n}, err));
    }
    return HP_OK;
}

static hp_str write_zip(uint64_t limit, pouring *large, pouring *small) {
    hp_err err = {0};
    FILE *f = fopen(wc_path("t.zip"), "wb");
    assert_non_null(f);
    hp_zip_out z;
    assert_ok(hp_zip_begin(&z, f, "t.zip", limit, &err), err);
    assert_ok(hp_zip_add(&z, "large", pour, large, &err), err);
    assert_ok(hp_zip_add(&z, "dir/small", pour, small, &err), err);
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

static void a_small_zip_has_no_wide_fields(void **state) {
    (void)state;
    pouring large = {.bytes = BYTES}, small = {.bytes = 2};
    hp_str s = write_zip(HP_ZIP_LIMIT, &large, &small);
    assert_members();
    assert_int_equal(large.calls, 1);
    assert_true(hp_str_find(s, HP_S("PK\6\6"), 0) == SIZE_MAX
                && hp_str_find(s, HP_S("PK\6\7"), 0) == SIZE_MAX);
    assert_int_equal(s.p[4], 20);
    assert_int_equal(s.p[28], 0); /* no extra field */
}

static void what_is_too_large_for_32_bits_gets_64(void **state) {
    (void)state;
    pouring large = {.bytes = BYTES}, small = {.bytes = 2};
    hp_str s = write_zip(100, &large, &small); /* sizes, packed size and offset are over it */
    assert_members();
    assert_int_equal(large.calls, 2);
    assert_int_equal(small.calls, 1);
    assert_int_equal(s.p[4], 45);
    assert_int_equal(s.p[28], 20);
    assert_true(hp_str_eq(hp_str_cut(s, 18, 26), HP_S("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF")));
    assert_true(hp_str_find(s, HP_S("PK\6\6"), 0) != SIZE_MAX
                && hp_str_find(s, HP_S("PK\6\7"), 0) != SIZE_MAX);
    large = (pouring){.bytes = BYTES};
    write_zip(BYTES, &large, &small); /* only one size reaches it */
    assert_members();
    assert_int_equal(large.calls, 2);
    large = (pouring){.bytes = BYTES};
    write_zip(BYTES + 1, &large, &small);
    assert_members();
    assert_int_equal(large.calls, 1);
}

static void more_entries_than_16_bits_count(void **state) {
    (void)state;
    enum { N = 65536 };
    hp_err err = {0};
    FILE *f = fopen(wc_path("n.zip"), "wb");
    assert_non_null(f);
    hp_zip_out z;
    pouring none = {0};
    assert_ok(hp_zip_begin(&z, f, "n.zip", HP_ZIP_LIMIT, &err), err);
    for (unsigned i = 0; i < N; i++) {
        char name[16];
        snprintf(name, sizeof name, "%u", i);
        assert_ok(hp_zip_add(&z, name, pour, &none, &err), err);
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
    pouring large = {.bytes = BYTES}, small = {.bytes = 2};
    size_t whole = write_zip(HP_ZIP_LIMIT, &large, &small).n, failed = 0;
    for (size_t room = 0; room <= whole; room += whole / 50) {
        hp_err err = {0};
        FILE *f = fopen(wc_path("d.zip"), "wb");
        assert_non_null(f);
        hp_zip_out z;
        assert_ok(hp_zip_begin(&z, f, "d.zip", HP_ZIP_LIMIT, &err), err);
        wc_disk(room);
        hp_code code = hp_zip_add(&z, "large", pour, &large, &err);
        if (code == HP_OK) code = hp_zip_add(&z, "dir/small", pour, &small, &err);
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_zip_has_no_wide_fields),
        cmocka_unit_test(what_is_too_large_for_32_bits_gets_64),
        cmocka_unit_test(more_entries_than_16_bits_count),
        cmocka_unit_test(a_full_disk_is_noticed_at_every_size),
    };
    return cmocka_run_group_tests(tests, wc_open, wc_close);
}
