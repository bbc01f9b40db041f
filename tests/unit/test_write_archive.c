/* Archives: members, digests, times, and names that a checksum list must escape. */
#include "write_case.h"

#include "base/clock.h"
#include "base/hash.h"

static void put(const char *name, hp_str bytes) {
    hp_err err = {0};
    assert_ok(hp_write_file(wc_path(name), bytes, &err), err);
}

static hp_code archive(const char *const *names, size_t n, hp_err *err) {
    const char **files = HP_NEW_ARRAY(W.arena, n + 1, const char *);
    for (size_t i = 0; i < n; i++) files[i] = wc_path(names[i]);
    hp_out out;
    HP_TRY(hp_write_archive(wc_path("a.zip"), files, names, n, &out, err));
    return hp_out_commit(&out, err);
}

static void members_are_in_order_and_the_digests_last(void **state) {
    (void)state;
    static const char *const NAMES[] = {"z.xlsx", "a.csv", "r\xC3\xA9sum\xC3\xA9.json"};
    static const hp_str BYTES[] = {HP_S("PK\x03\x04 not really"), HP_S("a,b\n1,2\n"), HP_S("")};
    hp_err err = {0};
    for (size_t i = 0; i < 3; i++) put(NAMES[i], BYTES[i]);
    assert_ok(archive(NAMES, 3, &err), err);
    zip_t *z = zip_open(wc_path("a.zip"), ZIP_RDONLY | ZIP_CHECKCONS, NULL);
    assert_non_null(z);
    assert_int_equal(zip_get_num_entries(z, 0), 4);
    for (size_t i = 0; i < 3; i++) assert_string_equal(zip_get_name(z, i, 0), NAMES[i]);
    assert_string_equal(zip_get_name(z, 3, 0), "SHA256SUMS");
    zip_discard(z);
    hp_autobuf want = hp_buf_new(4096);
    for (size_t i = 0; i < 3; i++) {
        hp_sha256 digest;
        assert_true(hp_str_eq(wc_member(wc_path("a.zip"), NAMES[i]), BYTES[i]));
        hp_sha256_of(BYTES[i], &digest);
        hp_buf_printf(&want, "%s  %s\n", digest.hex, NAMES[i]);
    }
    assert_true(hp_str_eq(wc_member(wc_path("a.zip"), "SHA256SUMS"), hp_buf_str(&want)));
}

/* The form of GNU coreutils: a line whose name is escaped begins with a backslash. */
static void odd_names_are_escaped_in_the_list(void **state) {
    (void)state;
    static const char *const NAMES[] = {"back\\slash.csv", "line\nend.csv", "return\r.csv", "blank s.csv"};
    hp_err err = {0};
    for (size_t i = 0; i < 4; i++) put(NAMES[i], HP_S("x"));
    assert_ok(archive(NAMES, 4, &err), err);
    hp_str sums = wc_member(wc_path("a.zip"), "SHA256SUMS");
#define X "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881  "
    assert_view(sums,
                "\\" X "back\\\\slash.csv\n\\" X "line\\nend.csv\n\\" X "return\\r.csv\n" X "blank s.csv\n");
}

static void a_name_that_is_not_utf8_keeps_its_bytes(void **state) {
    (void)state;
    static const char *const NAMES[] = {"K\xFChn.csv"};
    hp_err err = {0};
    put(NAMES[0], HP_S("x"));
    assert_ok(archive(NAMES, 1, &err), err);
    zip_t *z = zip_open(wc_path("a.zip"), ZIP_RDONLY, NULL);
    assert_string_equal(zip_get_name(z, 0, ZIP_FL_ENC_RAW), NAMES[0]);
    zip_discard(z);
}

/* SOURCE_DATE_EPOCH is 1760432401 (see main): 2025-10-14 09:00:01 UTC, in MS-DOS form with even seconds. */
static void times_are_utc_whatever_the_zone(void **state) {
    (void)state;
    static const char *const NAMES[] = {"a.csv"};
    hp_err err = {0};
    put("a.csv", HP_S("x"));
    wc_zone("Pacific/Auckland");
    assert_ok(archive(NAMES, 1, &err), err);
    hp_str first = wc_read(wc_path("a.zip"));
    wc_zone("America/Lima");
    assert_ok(archive(NAMES, 1, &err), err);
    assert_true(hp_str_eq(first, wc_read(wc_path("a.zip"))));
    assert_memory_equal(first.p + 10, "\x00\x48\x4E\x5B",
                        4); /* local header, APPNOTE 4.3.7: 9 << 11; 45 << 9 | 10 << 5 | 14 */
}

static void a_missing_member_leaves_nothing(void **state) {
    (void)state;
    static const char *const NAMES[] = {"not-there.csv"};
    hp_err err = {0};
    unlink(wc_path("a.zip"));
    assert_int_equal(archive(NAMES, 1, &err), HP_NOINPUT);
    assert_contains(err.message, "not-there.csv");
    hp_str *names;
    for (size_t i = wc_names(&names); i > 0; i--) assert_false(hp_str_ends(names[i - 1], HP_S(".tmp")));
    assert_false(hp_exists(wc_path("a.zip")));
}

static void a_full_disk_is_an_error(void **state) {
    (void)state;
    static const char *const NAMES[] = {"big.csv"};
    hp_autobuf big = hp_buf_new(1 << 20);
    uint64_t x = 1;
    while (big.n < 40000) hp_buf_printf(&big, "%llx\n", (unsigned long long)(x = hp_hash_u64(x + 1)));
    put("big.csv", hp_buf_str(&big));
    hp_err err = {0};
    assert_ok(archive(NAMES, 1, &err), err);
    hp_str whole = wc_read(wc_path("a.zip"));
    size_t failed = 0;
    for (size_t room = 0; room < whole.n + 1500; room += 1009) {
        err = (hp_err){0};
        wc_disk(room);
        hp_code code = archive(NAMES, 1, &err);
        wc_disk(RLIM_INFINITY);
        assert_true(hp_str_eq(wc_read(wc_path("a.zip")), whole));
        if (code == HP_OK) continue;
        failed++;
        assert_int_equal(code, HP_IO);
        assert_true(room < whole.n);
    }
    assert_true(failed >= whole.n / 1009);
    hp_str *names;
    for (size_t i = wc_names(&names); i > 0; i--) assert_false(hp_str_ends(names[i - 1], HP_S(".tmp")));
}

/* A signal handler removes what hp_out knows; a second temporary file of the library's own would stay behind.
 */
static void only_one_temporary_file_is_made(void **state) {
    (void)state;
    static const char *const NAMES[] = {"a.csv"};
    const char *files[] = {wc_path("a.csv")};
    hp_err err = {0};
    hp_out out;
    put("a.csv", HP_S("x"));
    hp_str *names;
    size_t before = wc_names(&names);
    assert_ok(hp_write_archive(wc_path("b.zip"), files, NAMES, 1, &out, &err), err);
    assert_int_equal(wc_names(&names), before + 1);
    struct stat st;
    assert_int_equal(stat(out.temp, &st), 0);
    assert_true(st.st_size > 100);
    hp_out_abandon(&out);
    assert_int_equal(wc_names(&names), before);
}

int main(void) {
    setenv("SOURCE_DATE_EPOCH", "1760432401", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_in_order_and_the_digests_last),
        cmocka_unit_test(odd_names_are_escaped_in_the_list),
        cmocka_unit_test(a_name_that_is_not_utf8_keeps_its_bytes),
        cmocka_unit_test(times_are_utc_whatever_the_zone),
        cmocka_unit_test(a_missing_member_leaves_nothing),
        cmocka_unit_test(a_full_disk_is_an_error),
        cmocka_unit_test(only_one_temporary_file_is_made),
    };
    return cmocka_run_group_tests(tests, wc_open, wc_close);
}
