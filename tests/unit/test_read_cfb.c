/* Compound files made by hand, sector by sector, so that every chain can lie; and what EncryptionInfo may
 * say. */
#include "unit.h"

#include "base/mem.h"
#include "read/cfb.h"
#include "read/crypt.h"

/* Sectors of the file below. */
enum { FAT, DIRECTORY, MINI_FAT, MINI, BIG, BIG_SECTORS = 10, SECTORS = BIG + BIG_SECTORS };
enum {
    SECTOR = 512,
    FILE_BYTES = (SECTORS + 1) * SECTOR,
    BIG_BYTES = BIG_SECTORS * SECTOR - 5,
    SMALL_BYTES = 100
};

static void set(char *p, uint64_t v, int bytes) {
    for (int i = 0; i < bytes; i++) p[i] = (char)(v >> (8 * i));
}

static char *at_sector(char *file, int sector) { return file + (size_t)(sector + 1) * SECTOR; }

static void set_next(char *file, int sector, uint32_t next) {
    set(at_sector(file, FAT) + 4 * sector, next, 4);
}

static void set_entry(char *file, int id, const char *name, int type, uint32_t left, uint32_t right,
                      uint32_t child, uint32_t start, uint64_t size) {
    char *p = at_sector(file, DIRECTORY) + (size_t)id * 128;
    size_t n = strlen(name);
    for (size_t i = 0; i < n; i++) p[2 * i] = name[i];
    set(p + 64, 2 * n + 2, 2);
    p[66] = (char)type;
    set(p + 68, left, 4);
    set(p + 72, right, 4);
    set(p + 76, child, 4);
    set(p + 116, start, 4);
    set(p + 120, size, 8);
}

/* A file with a small stream in the mini stream, a big one, and a storage that is nobody's business. */
static void make(char *file) {
    memset(file, 0, FILE_BYTES);
    memcpy(file, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8);
    set(file + 24, 0x3E, 2);
    set(file + 26, 3, 2);
    set(file + 28, 0xFFFE, 2);
    set(file + 30, 9, 2);
    set(file + 32, 6, 2);
    set(file + 44, 1, 4);
    set(file + 48, DIRECTORY, 4);
    set(file + 56, 4096, 4);
    set(file + 60, MINI_FAT, 4);
    set(file + 64, 1, 4);
    set(file + 68, 0xFFFFFFFE, 4);
    memset(file + 76, 0xFF, 436);
    set(file + 76, FAT, 4);
    memset(at_sector(file, FAT), 0xFF, SECTOR);
    set_next(file, FAT, 0xFFFFFFFD);
    for (int s = DIRECTORY; s <= MINI; s++) set_next(file, s, 0xFFFFFFFE);
    for (int i = 0; i < BIG_SECTORS; i++)
        set_next(file, BIG + i, i + 1 < BIG_SECTORS ? (uint32_t)(BIG + i + 1) : 0xFFFFFFFE);
    set_entry(file, 0, "Root Entry", 5, UINT32_MAX, UINT32_MAX, 1, MINI, 128);
    set_entry(file, 1, "Small", 2, 2, 3, UINT32_MAX, 0, SMALL_BYTES);
    set_entry(file, 2, "Big", 2, UINT32_MAX, UINT32_MAX, UINT32_MAX, BIG, BIG_BYTES);
    set_entry(file, 3, "Other", 1, UINT32_MAX, UINT32_MAX, 2, 0, 0);
    memset(at_sector(file, MINI_FAT), 0xFF, SECTOR);
    set(at_sector(file, MINI_FAT), 1, 4);
    set(at_sector(file, MINI_FAT) + 4, 0xFFFFFFFE, 4);
    for (int i = 0; i < SECTOR; i++) at_sector(file, MINI)[i] = (char)('a' + i % 26);
    for (int i = 0; i < BIG_SECTORS * SECTOR; i++) at_sector(file, BIG)[i] = (char)(i % 251);
}

/* Opens the file and reads both streams; the first error. */
static hp_code read_both(hp_str bytes, char *small, char *big, hp_err *err) {
    hp_cfb *c;
    hp_cfb_stream s;
    HP_TRY(hp_cfb_open(bytes, HP_S("Book.xlsx"), &c, err));
    hp_code code = hp_cfb_stream_open(c, HP_S("SMALL"), &s, err);
    if (code == HP_OK) {
        code = s.size <= FILE_BYTES ? hp_cfb_stream_read(&s, small, (size_t)s.size, err) : HP_DATA;
        hp_cfb_stream_close(&s);
    }
    if (code == HP_OK) code = hp_cfb_stream_open(c, HP_S("big"), &s, err);
    if (code == HP_OK) {
        code = s.size <= FILE_BYTES ? hp_cfb_stream_read(&s, big, (size_t)s.size, err) : HP_DATA;
        hp_cfb_stream_close(&s);
    }
    hp_cfb_close(c);
    return code;
}

static void test_reads(void **state) {
    (void)state;
    static char file[FILE_BYTES], small[FILE_BYTES], big[FILE_BYTES];
    make(file);
    hp_err err = {0};
    hp_str bytes = {file, FILE_BYTES};
    assert_true(hp_cfb_is(bytes));
    assert_false(hp_cfb_is(HP_S("PK")));
    assert_ok(read_both(bytes, small, big, &err), err);
    assert_memory_equal(small, at_sector(file, MINI), SMALL_BYTES);
    assert_memory_equal(big, at_sector(file, BIG), BIG_BYTES);
    hp_cfb *c;
    hp_cfb_stream s;
    assert_ok(hp_cfb_open(bytes, HP_S("Book.xlsx"), &c, &err), err);
    assert_false(hp_cfb_has(c, HP_S("Other")));
    assert_int_equal(hp_cfb_stream_open(c, HP_S("Other"), &s, &err), HP_DATA);
    assert_contains(err.message, "Book.xlsx: has no stream Other");
    assert_ok(hp_cfb_stream_open(c, HP_S("Big"), &s, &err), err);
    for (size_t i = 0; i < BIG_BYTES; i += 7) { /* in pieces that cross sectors */
        char piece[7];
        size_t n = BIG_BYTES - i < 7 ? BIG_BYTES - i : 7;
        assert_ok(hp_cfb_stream_read(&s, piece, n, &err), err);
        assert_memory_equal(piece, big + i, n);
    }
    assert_int_equal(hp_cfb_stream_read(&s, big, 1, &err), HP_DATA);
    hp_cfb_stream_close(&s);
    hp_cfb_close(c);
}

static void expect_bad(const char *file, size_t n, const char *words) {
    static char small[FILE_BYTES], big[FILE_BYTES];
    hp_err err = {0};
    assert_int_equal(read_both((hp_str){file, n}, small, big, &err), HP_DATA);
    assert_contains(err.message, "Book.xlsx: ");
    assert_contains(err.message, words);
}

static void test_lies(void **state) {
    (void)state;
    static char file[FILE_BYTES];
    make(file);
    set_next(file, BIG + 3, BIG + 1);
    expect_bad(file, FILE_BYTES, "runs in a circle");
    make(file);
    set_next(file, BIG + 3, 0xFFFFFFFE);
    expect_bad(file, FILE_BYTES, "ends early");
    make(file);
    set_next(file, BIG + 3, 5000);
    expect_bad(file, FILE_BYTES, "leaves the file");
    make(file);
    set_next(file, DIRECTORY, DIRECTORY);
    expect_bad(file, FILE_BYTES, "circle");
    make(file);
    set_next(file, MINI, MINI);
    expect_bad(file, FILE_BYTES, "circle");
    make(file);
    set(at_sector(file, MINI_FAT) + 4, 0, 4);
    set(at_sector(file, DIRECTORY) + 128 + 120, 300, 8);
    expect_bad(file, FILE_BYTES, "of SMALL runs in a circle"); /* the circle is longer than the mini stream */
    make(file);
    set(file + 76, UINT32_MAX, 4);
    set(file + 68, BIG, 4);
    expect_bad(file, FILE_BYTES, "sector table"); /* the list of the table goes on in data */
    make(file);
    set(file + 76, UINT32_MAX, 4);
    set(file + 68, BIG, 4);
    memset(at_sector(file, BIG), 0xFF, SECTOR);
    set(at_sector(file, BIG) + SECTOR - 4, BIG, 4);
    expect_bad(file, FILE_BYTES, "circle");
    make(file);
    set(file + 76, 70000, 4);
    expect_bad(file, FILE_BYTES, "outside of the file");
    make(file);
    set(at_sector(file, DIRECTORY) + 2 * 128 + 120, UINT32_MAX, 8);
    expect_bad(file, FILE_BYTES, "more than the file");
    make(file);
    at_sector(file, DIRECTORY)[66] = 2;
    expect_bad(file, FILE_BYTES, "no root");
    make(file);
    set(file + 30, 31, 2);
    expect_bad(file, FILE_BYTES, "header");
}

/* A tree of names that is no tree is walked once. */
static void test_tree_in_a_circle(void **state) {
    (void)state;
    static char file[FILE_BYTES], small[FILE_BYTES], big[FILE_BYTES];
    hp_err err = {0};
    make(file);
    set_entry(file, 2, "Big", 2, 1, 2, 0, BIG, BIG_BYTES);
    assert_ok(read_both((hp_str){file, FILE_BYTES}, small, big, &err), err);
}

static void test_cut_and_flipped(void **state) {
    (void)state;
    static char file[FILE_BYTES], small[FILE_BYTES], big[FILE_BYTES];
    make(file);
    for (size_t n = 0; n < FILE_BYTES - 5; n++) {
        hp_err err = {0};
        char *copy = hp_malloc(n); /* its own block, so that a sanitizer sees a byte too far */
        assert_non_null(copy);
        memcpy(copy, file, n);
        assert_int_equal(read_both((hp_str){copy, n}, small, big, &err), HP_DATA);
        assert_contains(err.message, "Book.xlsx");
        hp_free(copy);
    }
    for (size_t i = 0; i < (MINI + 1) * SECTOR; i++) {
        for (int bit = 0; bit < 8; bit += 3) {
            hp_err err = {0};
            file[i] ^= (char)(1 << bit);
            if (read_both((hp_str){file, FILE_BYTES}, small, big, &err) != HP_OK)
                assert_contains(err.message, "Book.xlsx");
            file[i] ^= (char)(1 << bit);
        }
    }
}

#define KIND                                                                           \
    " saltSize='16' blockSize='16' keyBits='128' hashSize='20' cipherAlgorithm='AES' " \
    "cipherChaining='ChainingModeCBC' hashAlgorithm='SHA1' saltValue='AAAAAAAAAAAAAAAAAAAAAA=='"
#define LOCKED                                                                            \
    " encryptedVerifierHashInput='AAAAAAAAAAAAAAAAAAAAAA==' encryptedVerifierHashValue='" \
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=' encryptedKeyValue='AAAAAAAAAAAAAAAAAAAAAA=='"
#define AGILE(data, spins, key)                                                             \
    "<encryption><keyData" data "/><k><e uri='p'><p:encryptedKey spinCount='" spins "'" key \
    "/></e></k></encryption>"

static hp_code info_of(const char *xml, hp_crypt_info *info, hp_err *err) {
    hp_autobuf b = hp_buf_new(1 << 20);
    hp_buf_add(&b, HP_S("\4\0\4\0\x40\0\0\0"));
    hp_buf_puts(&b, xml);
    return hp_crypt_info_read(hp_buf_str(&b), HP_S("Book.xlsx"), info, err);
}

static void test_encryption_info(void **state) {
    (void)state;
    hp_crypt_info info;
    hp_err err = {0};
    assert_ok(info_of(AGILE(KIND, "100000", KIND LOCKED), &info, &err), err);
    assert_int_equal(info.spins, 100000);
    assert_int_equal(info.data.key_bytes, 16);
    assert_int_equal(info.password.salt.n, 16);
    assert_int_equal(info.verifier_hash.n, 32);
    static const struct {
        const char *xml, *words;
    } bad[] = {
        {AGILE(KIND, "1000000000", KIND LOCKED), "--limit password-rounds"},
        {AGILE(KIND, "-1", KIND LOCKED), "spinCount"},
        {AGILE(KIND, "1", KIND), "not complete"},
        {AGILE("", "1", KIND LOCKED), "not complete"},
        {AGILE(KIND, "1", LOCKED), "not complete"},
        {AGILE(KIND " keyBits='40'", "1", KIND LOCKED), "bits of a key"},
        {AGILE(KIND " hashAlgorithm='MD5'", "1", KIND LOCKED), "hash MD5"},
        {AGILE(KIND " cipherChaining='ChainingModeCFB'", "1", KIND LOCKED), "chaining"},
        {AGILE(KIND " blockSize='8'", "1", KIND LOCKED), "blocks"},
        {AGILE(KIND " saltValue='!'", "1", KIND LOCKED), "salt"},
        {AGILE(KIND, "1", KIND LOCKED " encryptedKeyValue='AAAA'"), "not complete"},
        {"<encryption><keyData" KIND "/></encryption>", "certificate"},
        {"<encryption>", "EncryptionInfo"},
        {"", "EncryptionInfo"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(info_of(bad[i].xml, &info, &err), HP_DATA);
        assert_contains(err.message, "Book.xlsx");
        assert_contains(err.message, bad[i].words);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads),
        cmocka_unit_test(test_lies),
        cmocka_unit_test(test_tree_in_a_circle),
        cmocka_unit_test(test_cut_and_flipped),
        cmocka_unit_test(test_encryption_info),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
