/* What people and pipes get to see: numbers, safe text, wrapping, tables, masks, the progress line. */

#include "table/mask.h"
#include "cli/progress.h"
#include "cli/view.h"
#include "unit.h"

#define DOTS "\xE2\x80\xA2\xE2\x80\xA2\xE2\x80\xA2"

/* Runs one expression that appends to `b`, and compares. */
#define GIVES(expression, text)                     \
    do {                                            \
        hp_autobuf b = hp_buf_new(1 << 16);         \
        expression;                                 \
        assert_string_equal(hp_buf_cstr(&b), text); \
    } while (0)

static void groups_thousands(void **state) {
    (void)state;
    GIVES(hp_put_thousands(&b, 0), "0");
    GIVES(hp_put_thousands(&b, 999), "999");
    GIVES(hp_put_thousands(&b, 1000), "1,000");
    GIVES(hp_put_thousands(&b, 1234567), "1,234,567");
    GIVES(hp_put_thousands(&b, UINT64_MAX), "18,446,744,073,709,551,615");
    GIVES(hp_put_counted(&b, 1, "row", "rows"), "1 row");
    GIVES(hp_put_counted(&b, 1644, "row", "rows"), "1,644 rows");
}

static void writes_sizes(void **state) {
    (void)state;
    GIVES(hp_put_size(&b, 0), "0 B");
    GIVES(hp_put_size(&b, 999), "999 B");
    GIVES(hp_put_size(&b, 1000), "1.0 kB");
    GIVES(hp_put_size(&b, 84321), "84 kB");
    GIVES(hp_put_size(&b, 999999), "1.0 MB");
    GIVES(hp_put_size(&b, 12345678901), "12 GB");
}

static void cells_cannot_steer_a_terminal(void **state) {
    (void)state;
    GIVES(hp_put_safe(&b, HP_S("plain, caf\xC3\xA9")), "plain, caf\xC3\xA9");
    GIVES(hp_put_safe(&b, HP_S("a\x1b[31mb")), "a\\u{1b}[31mb");
    GIVES(hp_put_safe(&b, HP_S("a\tb\nc\rd\x7f")), "a\\tb\\nc\\rd\\u{7f}");
    GIVES(hp_put_safe(&b, HP_S("x\xE2\x80\xAEy")), "x\\u{202e}y");
    GIVES(hp_put_safe(&b, HP_S("x\xC2\x9By")), "x\\u{9b}y");
    GIVES(hp_put_safe(&b, HP_S("x\xFFy")), "x\xEF\xBF\xBDy");
}

static void wraps_at_blanks(void **state) {
    (void)state;
    GIVES(hp_put_wrapped(&b, HP_S("one two three"), 2, 9), "one two\n  three");
    GIVES(hp_put_wrapped(&b, HP_S("incomprehensibilities x"), 0, 5), "incomprehensibilities\nx");
    GIVES(hp_put_wrapped(&b, HP_S("a\n\nb"), 3, 20), "a\n\n   b");
    GIVES(hp_put_wrapped(&b, HP_S(""), 3, 20), "");
}

static void cuts_by_columns(void **state) {
    (void)state;
    GIVES(hp_put_cut(&b, HP_S("hello"), 5), "hello");
    GIVES(hp_put_cut(&b, HP_S("hello!"), 5), "hell\xE2\x80\xA6");
    GIVES(hp_put_cut(&b, HP_S("\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E"), 4),
          "\xE6\x97\xA5\xE2\x80\xA6"); /* two columns each */
}

/* Writes a small table for a terminal of `width` columns, or a pipe (0). */
static void put_table(hp_buf *out, size_t width) {
    static const char *const HEADER[] = {"name", ">n"};
    hp_term t = {.out_tty = width > 0, .width = width ? width : 80};
    hp_view v = {.arena = hp_arena_new(NULL), .ncol = 2, .header = HEADER};
    hp_err err = {0};
    hp_view_add(&v, HP_S("a rather long name"));
    hp_view_addf(&v, "%d", 7);
    hp_view_add(&v, HP_S("b\tc"));
    hp_view_addf(&v, "%d", 1234);
    assert_int_equal(hp_view_write(&v, &t, 1, out, &err), HP_OK);
    hp_arena_drop(v.arena);
}

static void tables_fit_their_reader(void **state) {
    (void)state;
    GIVES(put_table(&b, 40),
          " name                   n\n a rather long name     7\n b\\tc                1234\n");
    GIVES(put_table(&b, 18), " name            n\n a rather l\xE2\x80\xA6     7\n b\\tc         1234\n");
    GIVES(put_table(&b, 0), "name\tn\na rather long name\t7\nb\\tc\t1234\n");
}

static void colour_goes_to_terminals_only(void **state) {
    (void)state;
    GIVES(hp_put_bold(&b, true, "x"), "\033[1mx\033[0m");
    GIVES(hp_put_bold(&b, false, "x"), "x");
}

static void masks_keep_the_form_only(void **state) {
    (void)state;
    GIVES(hp_put_masked(&b, HP_K_EMAIL, HP_S("thandi@acme.example")), "t" DOTS "@" DOTS ".example");
    GIVES(hp_put_masked(&b, HP_K_TEXT, HP_S("thandi@acme.example")), "t" DOTS "@" DOTS ".example");
    GIVES(hp_put_masked(&b, HP_K_EMAIL, HP_S("thandi.m@localhost")), "t" DOTS "@" DOTS);
    GIVES(hp_put_masked(&b, HP_K_EMAIL, HP_S("thandi")), "t" DOTS);
    GIVES(hp_put_masked(&b, HP_K_PHONE, HP_S("+27 83 000 12 34")), DOTS "34");
    GIVES(hp_put_masked(&b, HP_K_PHONE, HP_S("1234")), DOTS);
    GIVES(hp_put_masked(&b, HP_K_PERSON, HP_S("\xC3\x89lise Test")), "\xC3\x89" DOTS);
    assert_true(hp_kind_personal(HP_K_EMAIL) && hp_kind_personal(HP_K_PHONE)
                && hp_kind_personal(HP_K_PERSON));
    assert_false(hp_kind_personal(HP_K_ORG_NAME) || hp_kind_personal(HP_K_PROVINCE));
}

static void progress_says_how_long_still(void **state) {
    (void)state;
    const uint64_t s = UINT64_C(1000000000);
    GIVES(hp_progress_line("plan", 0, 0, s, &b), "plan    ");
    GIVES(hp_progress_line("read", 5000, 20000, 2 * s, &b),
          "read     5,000 of 20,000 (25%), 2,500/s, 0:06 left");
    GIVES(hp_progress_line("read", 100, 1000000, s, &b),
          "read     100 of 1,000,000 (0%), 100/s, 2:46:39 left");
    GIVES(hp_progress_line("read", 5000, 0, 2 * s, &b), "read     5,000, 2,500/s");
    GIVES(hp_progress_line("read", 10, 10, s, &b), "read     10 of 10 (100%), 10/s");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_thousands),
        cmocka_unit_test(writes_sizes),
        cmocka_unit_test(cells_cannot_steer_a_terminal),
        cmocka_unit_test(wraps_at_blanks),
        cmocka_unit_test(cuts_by_columns),
        cmocka_unit_test(tables_fit_their_reader),
        cmocka_unit_test(colour_goes_to_terminals_only),
        cmocka_unit_test(masks_keep_the_form_only),
        cmocka_unit_test(progress_says_how_long_still),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
