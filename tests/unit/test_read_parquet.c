/* Parquet: values of two small files, and what becomes of them cut off anywhere and with every bit flipped.
 */
#include "read_maker.h"

#include "base/mem.h"
#include "parquet_case.h"

#define FILE_OF(array) ((hp_str){(const char *)(array), sizeof(array)})

static void expect_content(hp_str bytes) {
    reading r = read_as(bytes, "a.parquet", 0, false);
    if (r.code != HP_OK) fail_msg("%s", r.err.message);
    assert_int_equal(r.table->nrow, 4); /* the row without values is not stored */
    assert_int_equal(r.table->origin[3].row, 5);
    expect_cell(&r, 0, 1, HP_T_TEXT, "name", "name");
    expect_cell(&r, 1, 1, HP_T_TEXT, "n", "n");
    expect_cell(&r, 0, 2, HP_T_TEXT, "Ada", "Ada");
    expect_cell(&r, 1, 3, HP_T_NUMBER, "2", "2");
    expect_cell(&r, 0, 5, HP_T_TEXT, "Ada", "Ada");
    expect_cell(&r, 1, 5, HP_T_NUMBER, "4", "4");
    done(&r);
}

static void test_content(void **state) {
    (void)state;
    expect_content(FILE_OF(dictionary_file));
    expect_content(FILE_OF(delta_file));
}

/* Whatever the bytes are: cells, or an error of the data that names the file. */
static bool survives(hp_str bytes) {
    reading r = read_as(bytes, "a.parquet", 0, false);
    bool ok = r.code == HP_OK;
    if (!ok) {
        assert_int_equal(r.code, HP_DATA);
        assert_non_null(strstr(r.err.message, "a.parquet"));
    }
    done(&r);
    return ok;
}

static void cut_everywhere(hp_str bytes) {
    for (size_t n = 0; n < bytes.n; n++) {
        char *copy = malloc(n + 1); /* exactly as long, so that a sanitizer sees what reads beyond */
        assert_non_null(copy);
        memcpy(copy, bytes.p, n);
        assert_false(survives((hp_str){copy, n}));
        free(copy);
    }
}

static void test_cut_off(void **state) {
    (void)state;
    cut_everywhere(FILE_OF(dictionary_file));
    cut_everywhere(FILE_OF(delta_file));
}

static void flip_everywhere(hp_str bytes) {
    char *copy = malloc(bytes.n);
    assert_non_null(copy);
    memcpy(copy, bytes.p, bytes.n);
    size_t refused = 0;
    for (size_t i = 0; i < bytes.n * 8; i++) {
        copy[i / 8] ^= (char)(1 << (i % 8));
        refused += !survives((hp_str){copy, bytes.n});
        copy[i / 8] ^= (char)(1 << (i % 8));
    }
    assert_true(refused > bytes.n);
    free(copy);
}

static void test_flipped_bits(void **state) {
    (void)state;
    flip_everywhere(FILE_OF(dictionary_file));
    flip_everywhere(FILE_OF(delta_file));
}

/* Levels are read as any numbers of one bit are, in whatever runs they come; a run of something else is
 * damage. */
static void test_levels(void **state) {
    (void)state;
    static const unsigned char runs[] = {5, 0xA5, 0xFF, 30, 1, 3, 0x81, 40, 0, 7, 1, 2, 0x80};
    enum { MOST = 16 + 15 + 8 + 20 + 24 };
    for (size_t n = 0; n <= MOST + 1; n++) {
        uint32_t wanted[MOST + 1] = {0};
        uint8_t level[MOST + 1];
        size_t ones = 0, count = 0;
        hp_pq_bytes a = {runs, sizeof runs}, b = a;
        bool ok = hp_pq_hybrid(&a, 1, wanted, n);
        assert_int_equal(ok, n <= MOST);
        assert_int_equal(hp_pq_levels(&b, level, n, &ones), ok);
        if (!ok) continue;
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(level[i], wanted[i]);
            count += wanted[i];
        }
        assert_int_equal(ones, count);
        assert_ptr_equal(a.p, b.p);
    }
    uint8_t level[8];
    size_t ones;
    assert_false(hp_pq_levels(&(hp_pq_bytes){(const uint8_t *)"\x10\x02", 2}, level, 8, &ones));
}

/* Numbers of every width, up to the last byte. */
static void test_packed_numbers(void **state) {
    (void)state;
    enum { N = 50 };
    for (unsigned bits = 0; bits <= 32; bits++) {
        uint32_t wanted[N], has[N];
        size_t bytes = ((size_t)N * bits + 7) / 8;
        unsigned char *packed =
            calloc(bytes + 1, 1); /* exactly as long, so that a sanitizer sees what reads beyond */
        assert_non_null(packed);
        packed[0] = (N + 7) / 8 << 1 | 1;
        for (uint32_t i = 0; i < N; i++) {
            wanted[i] = bits ? (i * 2654435761u) >> (32 - bits) : 0;
            for (unsigned k = 0; k < bits; k++)
                packed[1 + (i * bits + k) / 8] |= (unsigned char)((wanted[i] >> k & 1) << (i * bits + k) % 8);
        }
        hp_pq_bytes in = {packed, bytes + 1};
        assert_true(hp_pq_hybrid(&in, bits, has, N));
        assert_memory_equal(has, wanted, sizeof wanted);
        free(packed);
    }
}

static void test_names(void **state) {
    (void)state;
    assert_true(hp_name_readable(HP_S("people.parquet")));
    assert_true(hp_name_readable(HP_S("PEOPLE.PARQUET")));
    assert_false(hp_name_readable(HP_S("people.parquet.txt.gz.bak")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_content), cmocka_unit_test(test_cut_off), cmocka_unit_test(test_flipped_bits),
        cmocka_unit_test(test_names),   cmocka_unit_test(test_levels),  cmocka_unit_test(test_packed_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
