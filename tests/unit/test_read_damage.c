/* Damage: a workbook that is cut off anywhere is refused, and one with a bit changed is refused or means what
 * it meant. */
#include <stdio.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/threads.h"
#include "read/book.h"
#include "unit.h"

/* What a file says: all texts of all cells, in order; or how it failed. */
static hp_code said(hp_str bytes, hp_buf *out, hp_err *err) {
    hp_run run = {0};
    hp_book *book = NULL;
    size_t n = 0;
    assert_int_equal(hp_run_open(&run, NULL), HP_OK);
    hp_buf_clear(out);
    hp_code code = hp_book_open_bytes(&run, bytes, "damaged.xlsx", &book, err);
    if (code == HP_OK) hp_book_sheets(book, &n);
    for (size_t i = 0; i < n && code == HP_OK; i++) {
        hp_table *t;
        code = hp_book_read(&run, book, i, (uint32_t)i, &t, err);
        for (size_t k = 0; code == HP_OK && k < t->ncol * t->nrow; k++)
            hp_buf_add(out, hp_text(run.pool, t->col[k / t->nrow].v[k % t->nrow]));
    }
    hp_book_close(book);
    hp_run_close(&run);
    return code;
}

static void check_refused(hp_code code, const hp_err *err, size_t at) {
    if (code != HP_DATA) fail_msg("byte %zu: code %d", at, (int)code);
    if (!strstr(err->message, "damaged.xlsx")) fail_msg("byte %zu: %s", at, err->message);
}

static void load(const char *name, hp_buf *whole, hp_buf *meant) {
    hp_err err = {0};
    char path[200];
    snprintf(path, sizeof path, "tests/corpus/xlsx/%s", name);
    assert_int_equal(hp_read_file(path, whole, &err), HP_OK);
    assert_int_equal(said(hp_buf_str(whole), meant, &err), HP_OK);
    assert_true(meant->n > 20);
}

static void test_cut(void **state) {
    (void)state;
    static const char *const names[] = {"deflated.xlsx", "stored.xlsx"};
    for (size_t i = 0; i < 2; i++) {
        hp_autobuf whole = hp_buf_new(1 << 20), meant = hp_buf_new(1 << 20), now = hp_buf_new(1 << 20);
        load(names[i], &whole, &meant);
        for (size_t n = 1; n < whole.n; n++) {
            hp_err err = {0};
            hp_autofree char *copy = hp_malloc(n); /* of just this size, so that a byte too much is seen */
            memcpy(copy, whole.p, n);
            check_refused(said((hp_str){copy, n}, &now, &err), &err, n);
        }
    }
}

static void test_bit_changed(void **state) {
    (void)state;
    hp_autobuf whole = hp_buf_new(1 << 20), meant = hp_buf_new(1 << 20), now = hp_buf_new(1 << 20);
    size_t refused = 0;
    load("deflated.xlsx", &whole, &meant);
    for (size_t at = 4; at < whole.n; at++) { /* the first four say that it is a workbook at all */
        hp_err err = {0};
        whole.p[at] = (char)(whole.p[at] ^ 1 << at % 8);
        hp_code code = said(hp_buf_str(&whole), &now, &err);
        if (code != HP_OK) check_refused(code, &err, at);
        if (code == HP_OK && !hp_str_eq(hp_buf_str(&now), hp_buf_str(&meant)))
            fail_msg("byte %zu changed, and it was not seen", at);
        refused += code != HP_OK;
        whole.p[at] = (char)(whole.p[at] ^ 1 << at % 8);
    }
    assert_true(refused > whole.n / 2);
}

int main(void) {
    hp_threads_set(1); /* the files are small */
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cut), cmocka_unit_test(test_bit_changed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
