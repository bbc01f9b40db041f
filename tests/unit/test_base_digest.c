#include "base/digest.h"
#include "unit.h"

static void hex_is(const unsigned char *bytes, size_t n, const char *want) {
    hp_autobuf b = hp_buf_new(256);
    hp_put_hex(&b, bytes, n);
    assert_string_equal(hp_buf_cstr(&b), want);
}

/* RFC 1321, A.5, and the vectors of NIST for SHA-256. */
static void digests_in_pieces(void **state) {
    (void)state;
    unsigned char out[HP_DIGEST_BYTES];
    hp_digest d;
    hp_digest_begin(&d, HP_DIGEST_MD5);
    hp_digest_add(&d, HP_S("message "));
    hp_digest_add(&d, HP_S("digest"));
    assert_true(hp_digest_end(&d, out));
    hex_is(out, HP_MD5_BYTES, "f96b697d7cb7938d525a2f31aaf161d0");
    assert_false(hp_digest_end(&d, out));
    hp_digest_begin(&d, HP_DIGEST_SHA256);
    hp_digest_add(&d, HP_S("a"));
    hp_digest_add(&d, (hp_str){0});
    hp_digest_add(&d, HP_S("bc"));
    assert_true(hp_digest_end(&d, out));
    hex_is(out, HP_DIGEST_BYTES, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* RFC 4231, test cases 2 and 6 (a key longer than a block). */
static void keyed(void **state) {
    (void)state;
    unsigned char out[HP_DIGEST_BYTES];
    char key[131];
    hp_hmac_sha256(HP_S("Jefe"), HP_S("what do ya want for nothing?"), out);
    hex_is(out, sizeof out, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    hp_hmac_sha256((hp_str){key, sizeof key}, HP_S("Test Using Larger Than Block-Size Key - Hash Key First"),
                   out);
    hex_is(out, sizeof out, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

/* RFC 4648, section 10. */
static void base64(void **state) {
    (void)state;
    static const char *const PAIR[][2] = {
        {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < sizeof PAIR / sizeof *PAIR; i++) {
        unsigned char back[8];
        size_t n = strlen(PAIR[i][0]);
        hp_autobuf b = hp_buf_new(64);
        hp_put_base64(&b, (const unsigned char *)PAIR[i][0], n);
        assert_string_equal(hp_buf_cstr(&b), PAIR[i][1]);
        assert_true(hp_read_base64(hp_buf_str(&b), back, n));
        assert_memory_equal(back, PAIR[i][0], n);
        assert_false(hp_read_base64(hp_buf_str(&b), back, n + 1));
    }
    unsigned char out[2];
    assert_false(hp_read_base64(HP_S("Zm8=x"), out, 2));
    assert_true(hp_read_hex(HP_S("fF00"), out, 2));
    assert_false(hp_read_hex(HP_S("ff0"), out, 2));
    assert_false(hp_read_hex(HP_S("ff0g"), out, 2));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_in_pieces),
        cmocka_unit_test(keyed),
        cmocka_unit_test(base64),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
