#include "base/file.h"
#include "base/hash.h"
#include "unit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[64];
static hp_arena *arena;

static const char *in_dir(const char *name) { return hp_path_join(arena, hp_str_of(dir), hp_str_of(name)).p; }

static int setup(void **state) {
    (void)state;
    memcpy(dir, "/tmp/hp-file-XXXXXX", 20);
    arena = hp_arena_new(NULL);
    return mkdtemp(dir) && arena ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    hp_str *names;
    size_t n;
    hp_err e = {0};
    if (hp_list_dir(arena, dir, &names, &n, &e) != HP_OK) return -1;
    for (size_t i = 0; i < n; i++) {
        if (unlink(in_dir(names[i].p)) != 0) rmdir(in_dir(names[i].p));
    }
    rmdir(dir);
    hp_arena_drop(arena);
    return 0;
}

/* Returns the KiB of a mapping that count as the process's memory. */
static size_t resident(const hp_filemap *m) {
    char line[512];
    size_t kib = 0;
    bool in = false;
    FILE *f = fopen("/proc/self/smaps", "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        unsigned long from, to, n;
        if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
            in = from <= (uintptr_t)m->bytes.p && (uintptr_t)m->bytes.p < to;
        if (in && sscanf(line, "Rss: %lu kB", &n) == 1) kib += n;
    }
    fclose(f);
    return kib;
}

static void pages_that_were_read_can_be_let_go(void **state) {
    (void)state;
    enum { SIZE = 9 << 20 };
    hp_err e = {0};
    hp_filemap m = {0};
    hp_sha256 before, after;
    char *bytes = malloc(SIZE);
    assert_non_null(bytes);
    for (size_t i = 0; i < SIZE; i++) bytes[i] = (char)(i * 31 >> 3);
    assert_ok(hp_write_file(in_dir("big"), (hp_str){bytes, SIZE}, &e), e);
    assert_ok(hp_map_file(in_dir("big"), SIZE, &m, &e), e);
    hp_sha256_of(m.bytes, &before);
    assert_true(resident(&m) >= 9 << 10);
    hp_map_forget(&m, bytes); /* of another buffer */
    hp_map_forget(&m, m.bytes.p + 100);
    assert_true(resident(&m) >= 9 << 10);
    hp_map_forget(&m, m.bytes.p + SIZE);
    assert_in_range(resident(&m), 0, 2 << 10);
    hp_sha256_of(m.bytes, &after); /* comes back from the file */
    assert_string_equal(before.hex, after.hex);
    hp_unmap(&m);
    free(bytes);
}

static void maps_and_reads(void **state) {
    (void)state;
    hp_err e = {0};
    hp_filemap m = {0};
    hp_autobuf b = hp_buf_new(100);
    assert_ok(hp_write_file(in_dir("a"), HP_S("content"), &e), e);
    assert_ok(hp_map_file(in_dir("a"), 7, &m, &e), e);
    assert_view(m.bytes, "content");
    hp_unmap(&m);
    hp_unmap(&m); /* released and zeroed ones are allowed */
    assert_ok(hp_read_file(in_dir("a"), &b, &e), e);
    assert_view(hp_buf_str(&b), "content");
    assert_ok(hp_write_file(in_dir("empty"), HP_S(""), &e), e);
    assert_ok(hp_map_file(in_dir("empty"), 7, &m, &e), e);
    assert_true(m.bytes.n == 0 && m.bytes.p);
    hp_unmap(&m);
}

static void bad_inputs_are_told_apart(void **state) {
    (void)state;
    hp_err e = {0};
    hp_filemap m = {0};
    hp_autobuf b = hp_buf_new(3);
    assert_ok(hp_write_file(in_dir("four"), HP_S("1234"), &e), e);
    assert_int_equal(hp_map_file(in_dir("absent"), 9, &m, &e), HP_NOINPUT);
    assert_contains(e.message, "no such file");
    assert_int_equal(hp_map_file(dir, 9, &m, &e), HP_NOINPUT);
    assert_contains(e.message, "is a directory");
    assert_int_equal(hp_map_file(in_dir("four/x"), 9, &m, &e), HP_NOINPUT);
    assert_int_equal(hp_map_file(in_dir("four"), 3, &m, &e), HP_DATA);
    assert_contains(e.message, "limit is 3");
    assert_int_equal(hp_read_file(in_dir("four"), &b, &e), HP_DATA);
    assert_int_equal(hp_map_file("/dev/null", 9, &m, &e), HP_NOINPUT);
    assert_int_equal(mkfifo(in_dir("fifo"), 0600), 0);
    assert_int_equal(hp_map_file(in_dir("fifo"), 9, &m, &e), HP_NOINPUT); /* and does not hang */
    assert_null(m.bytes.p);
}

static hp_code stop(void *ctx, hp_str piece) {
    *(size_t *)ctx += piece.n;
    return HP_PARTIAL;
}

static void pieces_stop_when_told(void **state) {
    (void)state;
    hp_err e = {0};
    size_t seen = 0;
    hp_autobuf b = hp_buf_new(1 << 20);
    for (int i = 0; i < 200000; i++) hp_buf_putc(&b, 'x');
    assert_ok(hp_write_file(in_dir("long"), hp_buf_str(&b), &e), e);
    assert_int_equal(hp_read_pieces(in_dir("long"), stop, &seen, &e), HP_PARTIAL);
    assert_true(seen > 0 && seen < 200000);
}

static void lists_sorted(void **state) {
    (void)state;
    hp_err e = {0};
    const char *const wanted[] = {"B", "a", "b.txt", "\xC3\xA9"};
    const char *sub = in_dir("sub");
    assert_int_equal(mkdir(sub, 0700), 0);
    hp_str *names;
    size_t n = 99;
    assert_ok(hp_list_dir(arena, sub, &names, &n, &e), e);
    assert_int_equal(n, 0);
    for (size_t i = 4; i-- > 0;) {
        hp_str path = hp_path_join(arena, hp_str_of(sub), hp_str_of(wanted[i]));
        assert_ok(hp_write_file(path.p, HP_S("x"), &e), e);
    }
    assert_ok(hp_list_dir(arena, sub, &names, &n, &e), e);
    assert_int_equal(n, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_view(names[i], wanted[i]);
        unlink(hp_path_join(arena, hp_str_of(sub), names[i]).p);
    }
    assert_int_equal(hp_list_dir(arena, in_dir("absent"), &names, &n, &e), HP_NOINPUT);
    assert_ok(hp_write_file(in_dir("plain"), HP_S("x"), &e), e);
    assert_int_equal(hp_list_dir(arena, in_dir("plain"), &names, &n, &e), HP_NOINPUT);
    assert_contains(e.message, "not a directory");
    assert_int_equal(n, 4); /* untouched */
}

static void globs(void **state) {
    (void)state;
    const struct {
        const char *pattern, *name;
        bool match;
    } cases[] = {
        {"*.xlsx", "Reachout Database.XLSX", true},
        {"REACH*DATA*.xlsx", "reachout_database.xlsx", true},
        {"*", "", true},
        {"", "", true},
        {"", "a", false},
        {"a?c", "aBc", true},
        {"a?c", "ac", false},
        {"?", "\xC3\xA9", true},
        {"??", "\xC3\xA9", false},
        {"[a-c]x", "Bx", true},
        {"[!a-c]x", "Bx", false},
        {"[!a-c]x", "dx", true},
        {"[]]", "]", true},
        {"[", "[", true},
        {"[a", "[a", true},
        {"a*b*c", "aXXbYYbZc", true},
        {"a*b*c", "aXXbYY", false},
        {"**a**", "bab", true},
        {"*a", "aab", false},
        {"\xC3\xA9*", "\xC3\xA9t\xC3\xA9", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (hp_glob_imatch(hp_str_of(cases[i].pattern), hp_str_of(cases[i].name)) != cases[i].match)
            fail_msg("%s against %s", cases[i].pattern, cases[i].name);
    }
    /* Exponential in a backtracking matcher. */
    hp_autobuf p = hp_buf_new(1000), t = hp_buf_new(10000);
    for (int i = 0; i < 100; i++) hp_buf_puts(&p, "a*");
    for (int i = 0; i < 5000; i++) hp_buf_putc(&t, 'a');
    hp_buf_putc(&p, 'b');
    assert_false(hp_glob_imatch(hp_buf_str(&p), hp_buf_str(&t)));
}

static void paths(void **state) {
    (void)state;
    assert_view(hp_path_base(HP_S("a/b.txt")), "b.txt");
    assert_view(hp_path_base(HP_S("b.txt")), "b.txt");
    assert_view(hp_path_base(HP_S("a/")), "");
    assert_view(hp_path_base((hp_str){0}), "");
    assert_view(hp_path_join(arena, HP_S("a/"), HP_S("b")), "a/b");
    assert_view(hp_path_join(arena, HP_S("a"), HP_S("b")), "a/b");
    assert_view(hp_path_join(arena, HP_S(""), HP_S("b")), "b");
    assert_true(hp_is_dir(dir) && hp_exists(dir) && !hp_is_dir(in_dir("nothing"))
                && !hp_exists(in_dir("nothing")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_that_were_read_can_be_let_go),
        cmocka_unit_test(maps_and_reads),
        cmocka_unit_test(bad_inputs_are_told_apart),
        cmocka_unit_test(lists_sorted),
        cmocka_unit_test(pieces_stop_when_told),
        cmocka_unit_test(globs),
        cmocka_unit_test(paths),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
