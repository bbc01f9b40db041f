#include "base/file.h"
#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[64];
static hp_arena *arena;

static const char *in_dir(const char *name) { return hp_path_join(arena, hp_str_of(dir), hp_str_of(name)).p; }

static int setup(void **state) {
    (void)state;
    memcpy(dir, "/tmp/hp-app-XXXXXX", 19);
    arena = hp_arena_new(NULL);
    return mkdtemp(dir) && arena ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    hp_err e = {0};
    hp_arena_drop(arena);
    return hp_remove_tree(dir, &e) == HP_OK ? 0 : -1;
}

static hp_str content(const char *path) {
    static char bytes[1 << 20];
    hp_autobuf b = hp_buf_new(sizeof bytes);
    hp_err e = {0};
    assert_ok(hp_read_file(path, &b, &e), e);
    memcpy(bytes, hp_buf_str(&b).p, b.n);
    return (hp_str){bytes, b.n};
}

static void lines_are_added_and_folders_made(void **state) {
    (void)state;
    hp_err e = {0};
    const char *path = in_dir("a/b/log.jsonl");
    struct stat st;
    assert_ok(hp_append_line_as(path, HP_S("{\"n\":1}"), true, &e), e);
    assert_ok(hp_append_line(path, HP_S("{\"n\":2}"), &e), e);
    assert_view(content(path), "{\"n\":1}\n{\"n\":2}\n");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void a_line_cut_by_a_crash_is_ended(void **state) {
    (void)state;
    hp_err e = {0};
    const char *path = in_dir("cut.jsonl");
    assert_ok(hp_write_file(path, HP_S("{\"n\":1}\n{\"n\""), &e), e);
    assert_ok(hp_append_line(path, HP_S("{\"n\":2}"), &e), e);
    assert_view(content(path), "{\"n\":1}\n{\"n\"\n{\"n\":2}\n");
}

/* Eight processes at once, each with lines longer than a pipe's atomic write. */
static void many_at_once_do_not_mix_their_lines(void **state) {
    (void)state;
    enum { WRITERS = 8, LINES = 12, LENGTH = 6000 };
    const char *path = in_dir("many.jsonl");
    for (int w = 0; w < WRITERS; w++) {
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid) continue;
        char line[LENGTH];
        hp_err e = {0};
        memset(line, 'a' + w, sizeof line);
        for (int i = 0; i < LINES; i++)
            if (hp_append_line(path, (hp_str){line, sizeof line}, &e) != HP_OK) _exit(1);
        _exit(0);
    }
    for (int w = 0, status; w < WRITERS; w++) {
        assert_true(wait(&status) > 0);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    hp_str rest = content(path), line;
    size_t count[WRITERS] = {0};
    while (hp_str_next(&rest, '\n', &line)) {
        if (line.n == 0) continue;
        assert_int_equal(line.n, LENGTH);
        for (size_t i = 1; i < line.n; i++) assert_int_equal(line.p[i], line.p[0]);
        count[line.p[0] - 'a']++;
    }
    for (int w = 0; w < WRITERS; w++) assert_int_equal(count[w], LINES);
}

static void what_cannot_be_appended_to_is_told(void **state) {
    (void)state;
    hp_err e = {0};
    assert_int_equal(hp_append_line("/dev/full", HP_S("x"), &e), HP_IO);
    assert_contains(e.message, "/dev/full: cannot be appended to");
    assert_ok(hp_write_file(in_dir("file"), HP_S("x"), &e), e);
    assert_int_not_equal(hp_append_line(in_dir("file/log"), HP_S("x"), &e), HP_OK);
    assert_contains(e.message, "not a directory");
}

static void trees_go_and_links_are_not_followed(void **state) {
    (void)state;
    hp_err e = {0};
    assert_ok(hp_write_file(in_dir("kept/input.csv"), HP_S("kept"), &e), e);
    assert_ok(hp_write_file(in_dir("tree/a/b/c.txt"), HP_S("gone"), &e), e);
    assert_int_equal(symlink(in_dir("kept"), in_dir("tree/a/link")), 0);
    assert_int_equal(symlink(in_dir("kept/input.csv"), in_dir("tree/file-link")), 0);
    assert_ok(hp_remove_tree(in_dir("tree"), &e), e);
    assert_false(hp_exists(in_dir("tree")));
    assert_view(content(in_dir("kept/input.csv")), "kept");
    assert_int_equal(symlink(in_dir("kept"), in_dir("link")), 0);
    assert_ok(hp_remove_tree(in_dir("link"), &e), e);
    assert_view(content(in_dir("kept/input.csv")), "kept");
    assert_ok(hp_remove_tree(in_dir("absent"), &e), e);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_added_and_folders_made),
        cmocka_unit_test(a_line_cut_by_a_crash_is_ended),
        cmocka_unit_test(many_at_once_do_not_mix_their_lines),
        cmocka_unit_test(what_cannot_be_appended_to_is_told),
        cmocka_unit_test(trees_go_and_links_are_not_followed),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
