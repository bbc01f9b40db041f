/* Names of archives, the journal of a backfill, and unpacking. */
#include "base/file.h"
#include "ops/flow/backfill.h"
#include "ops/flow/journal.h"
#include "read/extract.h"
#include "read_maker.h"

#include <stdlib.h>
#include <unistd.h>

static char dir[64];

static int make_dir(void **state) {
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/hotpass-flow-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state) {
    (void)state;
    hp_err e = {0};
    return (int)hp_remove_tree(dir, &e);
}

static const char *in_dir(const char *name) {
    static char path[4][256];
    static size_t turn;
    char *p = path[turn++ % 4];
    snprintf(p, sizeof path[0], "%s/%s", dir, name);
    return p;
}

static void patterns_are_expanded(void **state) {
    (void)state;
    static const struct {
        const char *pattern, *name; /* NULL: refused */
    } cases[] = {
        {HP_BACKFILL_PATTERN, "hotpass-inputs-20250307-v2.zip"},
        {"{date}/{version}.zip", "2025-03-07/2.zip"},
        {"{date:%y-%j%%}", "25-066%"},
        {"plain", "plain"},
        {"{date:%Q}", NULL},
        {"{nothing}", NULL},
        {"{version", NULL},
    };
    hp_date d = {.year = 2025, .month = 3, .day = 7};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hp_autobuf out = hp_buf_new(1000);
        hp_err e = {0};
        hp_code code = hp_backfill_expand(cases[i].pattern, &d, "2", &out, &e);
        assert_int_equal(code, cases[i].name ? HP_OK : HP_USAGE);
        if (cases[i].name) assert_view(hp_buf_str(&out), cases[i].name);
    }
}

static void the_last_entry_of_a_window_counts(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_err e = {0};
    hp_journal j;
    const char *path = in_dir("journal");
    assert_ok(hp_journal_read(a, path, &j, &e), e);
    assert_null(hp_journal_find(&j, HP_S("2025-10-01--latest")));
    hp_window w = {.name = HP_S("2025-10-01--latest"), .archive = HP_S("a.zip"), .rows_out = 7};
    hp_journal_entry started = {.status = HP_S("started")}, done = {.status = HP_S("completed"),
                                                                    .archive_sha256 = HP_S("aa"),
                                                                    .settings = HP_S("bb"),
                                                                    .output = HP_S("out.xlsx"),
                                                                    .output_sha256 = HP_S("cc")};
    assert_ok(hp_journal_note(&j, &w, &done, &e), e);
    assert_ok(hp_journal_note(&j, &w, &started, &e), e);
    hp_journal_free(&j);
    assert_ok(hp_journal_read(a, path, &j, &e), e);
    const hp_journal_entry *found = hp_journal_find(&j, w.name);
    assert_true(found && hp_str_eq(found->status, HP_S("started")) && !found->known);
    assert_ok(hp_journal_note(&j, &w, &done, &e), e);
    hp_journal_free(&j);
    /* A line that a crash cut short says nothing. */
    assert_ok(hp_append_line(
                  path, HP_S("{\"schema\":\"hotpass.backfill-journal/1\",\"window\":\"2025-10-01--la"), &e),
              e);
    assert_ok(hp_journal_read(a, path, &j, &e), e);
    found = hp_journal_find(&j, w.name);
    assert_true(found && found->known && found->rows_out == 7);
    assert_int_equal(j.n, 1);
    hp_journal_free(&j);
}

static void write_zip(const maker_part *parts, size_t n, const char *path) {
    hp_err e = {0};
    hp_buf zip = make_zip(parts, n);
    assert_ok(hp_write_file(path, hp_buf_str(&zip), &e), e);
    hp_buf_free(&zip);
}

static void a_zip_becomes_files(void **state) {
    (void)state;
    const maker_part parts[] = {{.name = "Book One.csv", .text = "a,b\n1,2\n"},
                                {.name = "sub/two.txt", .text = ""},
                                {.name = "__MACOSX/._two.txt", .text = "resource"}};
    hp_err e = {0};
    hp_autobuf text = hp_buf_new(1000);
    size_t files = 0;
    const char *zip = in_dir("a.zip"), *to = in_dir("unpacked");
    write_zip(parts, 3, zip);
    assert_ok(hp_zip_extract(zip, to, NULL, NULL, &files, &e), e);
    assert_int_equal(files, 2);
    assert_ok(hp_read_file(in_dir("unpacked/Book One.csv"), &text, &e), e);
    assert_view(hp_buf_str(&text), "a,b\n1,2\n");
    assert_true(hp_exists(in_dir("unpacked/sub/two.txt")));
    assert_false(hp_exists(in_dir("unpacked/__MACOSX")));
}

static bool always(void *ctx) {
    (void)ctx;
    return true;
}

static void what_leaves_the_directory_is_refused(void **state) {
    (void)state;
    static const char *const names[] = {"../out.txt", "sub/../../out.txt", "/out.txt",
                                        "a//b",       "..\\out.txt",       "a\nb"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const maker_part part = {.name = names[i], .text = "x"};
        hp_err e = {0};
        size_t files = 99;
        const char *zip = in_dir("b.zip"), *to = in_dir("unpacked");
        write_zip(&part, 1, zip);
        assert_int_equal(hp_zip_extract(zip, to, NULL, NULL, &files, &e), HP_DATA);
        assert_int_equal(files, 99);
        assert_false(hp_exists(in_dir("out.txt")));
    }
    const maker_part good = {.name = "good.txt", .text = "x"};
    hp_err e = {0};
    size_t files = 0;
    write_zip(&good, 1, in_dir("c.zip"));
    assert_int_equal(hp_zip_extract(in_dir("c.zip"), in_dir("stopped"), always, NULL, &files, &e),
                     HP_SIGTERM);
    assert_false(hp_exists(in_dir("stopped/good.txt")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_are_expanded),
        cmocka_unit_test_setup_teardown(the_last_entry_of_a_window_counts, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(a_zip_becomes_files, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(what_leaves_the_directory_is_refused, make_dir, remove_dir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
