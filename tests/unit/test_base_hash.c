#include "base/file.h"
#include "base/hash.h"
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

/* Test vectors of NIST, "SHA256 example" and the empty message of its Secure Hash Algorithm Validation
 * System. */
static void sha256_vectors(void **state) {
    (void)state;
    hp_sha256 d;
    hp_sha256_of(HP_S("abc"), &d);
    assert_string_equal(d.hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    hp_sha256_of((hp_str){0}, &d);
    assert_string_equal(d.hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void sha256_of_a_file_in_pieces(void **state) {
    (void)state;
    char path[] = "/tmp/hp-hash-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    hp_autobuf b = hp_buf_new(1 << 20);
    for (int i = 0; i < 50000; i++) hp_buf_printf(&b, "%d\n", i);
    hp_err e = {0};
    hp_sha256 whole, file;
    assert_ok(hp_write_file(path, hp_buf_str(&b), &e), e);
    hp_sha256_of(hp_buf_str(&b), &whole);
    assert_ok(hp_sha256_file(path, &file, &e), e);
    assert_string_equal(file.hex, whole.hex);
    unlink(path);
    assert_int_equal(hp_sha256_file(path, &file, &e), HP_NOINPUT);
    assert_string_equal(file.hex, whole.hex); /* outputs untouched on failure */
}

/* Test vectors of xxHash's own sanity test: the empty input, seed 0. */
static void xxh3_vectors(void **state) {
    (void)state;
    hp_xxh3 d;
    hp_xxh3_of((hp_str){0}, &d);
    assert_string_equal(d.hex, "99aa06d3014798d86001c324468d497f");
}

static void xxh3_of_a_file_in_pieces(void **state) {
    (void)state;
    char path[] = "/tmp/hp-hash-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    hp_autobuf b = hp_buf_new(1 << 20);
    for (int i = 0; i < 50000; i++) hp_buf_printf(&b, "%d\n", i);
    hp_err e = {0};
    hp_xxh3 whole, file;
    assert_ok(hp_write_file(path, hp_buf_str(&b), &e), e);
    hp_xxh3_of(hp_buf_str(&b), &whole);
    assert_ok(hp_xxh3_file(path, &file, &e), e);
    assert_string_equal(file.hex, whole.hex);
    unlink(path);
    assert_int_equal(hp_xxh3_file(path, &file, &e), HP_NOINPUT);
}

static void hashes_differ(void **state) {
    (void)state;
    assert_true(hp_hash(HP_S("a")) == hp_hash((hp_str){"ab", 1}));
    assert_true(hp_hash(HP_S("a")) != hp_hash(HP_S("b")));
    assert_true(hp_hash((hp_str){0}) == hp_hash(HP_S("")));
    assert_true(hp_hash_u64(1) != hp_hash_u64(2));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_vectors), cmocka_unit_test(sha256_of_a_file_in_pieces),
        cmocka_unit_test(xxh3_vectors),   cmocka_unit_test(xxh3_of_a_file_in_pieces),
        cmocka_unit_test(hashes_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
