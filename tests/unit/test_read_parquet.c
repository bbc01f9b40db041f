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

static void test_names(void **state) {
    (void)state;
    assert_true(hp_name_readable(HP_S("people.parquet")));
    assert_true(hp_name_readable(HP_S("PEOPLE.PARQUET")));
    assert_false(hp_name_readable(HP_S("people.parquet.txt.gz.bak")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_content),
        cmocka_unit_test(test_cut_off),
        cmocka_unit_test(test_flipped_bits),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
