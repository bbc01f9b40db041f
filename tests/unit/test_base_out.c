#include "base/file.h"
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[64];
static hp_arena *arena;

static const char *in_dir(const char *name) { return hp_path_join(arena, hp_str_of(dir), hp_str_of(name)).p; }

static int setup(void **state) {
    (void)state;
    memcpy(dir, "/tmp/hp-out-XXXXXX", 19);
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

static size_t files_in(const char *path) {
    hp_str *names;
    size_t n = 0;
    hp_err e = {0};
    assert_ok(hp_list_dir(arena, path, &names, &n, &e), e);
    return n;
}

static void assert_content(const char *path, const char *content) {
    hp_autobuf b = hp_buf_new(10000);
    hp_err e = {0};
    assert_ok(hp_read_file(path, &b, &e), e);
    assert_view(hp_buf_str(&b), content);
}

static void appears_only_when_committed(void **state) {
    (void)state;
    hp_err e = {0};
    hp_out o;
    size_t before = files_in(dir);
    assert_ok(hp_out_begin(&o, in_dir("a"), true, &e), e);
    fputs("new", o.f);
    assert_false(hp_exists(in_dir("a")));
    assert_ok(hp_out_commit(&o, &e), e);
    hp_out_abandon(&o); /* nothing left to give up */
    assert_content(in_dir("a"), "new");
    assert_int_equal(files_in(dir), before + 1);
    assert_ok(hp_out_begin(&o, in_dir("a"), true, &e), e);
    fputs("half", o.f);
    hp_out_abandon(&o);
    assert_content(in_dir("a"), "new");
    assert_int_equal(files_in(dir), before + 1);
}

static void library_may_write_the_file(void **state) {
    (void)state;
    hp_err e = {0};
    hp_out o;
    assert_ok(hp_out_begin(&o, in_dir("lib"), false, &e), e);
    assert_null(o.f);
    FILE *f = fopen(o.temp, "wb");
    assert_non_null(f);
    fputs("theirs", f);
    fclose(f);
    assert_ok(hp_out_commit(&o, &e), e);
    assert_content(in_dir("lib"), "theirs");
    assert_ok(hp_out_begin(&o, in_dir("lib"), false, &e), e);
    unlink(o.temp); /* the library failed and took its file along */
    assert_int_equal(hp_out_commit(&o, &e), HP_IO);
    assert_content(in_dir("lib"), "theirs");
}

/* The process dies between begin and commit: the previous output stays as it was. */
static void killed_writer_leaves_the_previous_output(void **state) {
    (void)state;
    hp_err e = {0};
    assert_ok(hp_write_file(in_dir("kept"), HP_S("previous"), &e), e);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        hp_out o;
        if (hp_out_begin(&o, in_dir("kept"), true, &e) != HP_OK) _exit(1);
        fputs("half of the ne", o.f);
        fflush(o.f);
        kill(getpid(), SIGKILL);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_content(in_dir("kept"), "previous");
}

static void on_term(int signal_number) {
    hp_out_abandon_all();
    _exit(128 + signal_number);
}

static void signal_handler_removes_what_is_under_way(void **state) {
    (void)state;
    hp_err e = {0};
    assert_ok(hp_write_file(in_dir("signalled"), HP_S("previous"), &e), e);
    size_t before = files_in(dir);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        hp_out o[3];
        signal(SIGTERM, on_term);
        for (int i = 0; i < 3; i++) {
            if (hp_out_begin(&o[i], in_dir("signalled"), true, &e) != HP_OK) _exit(1);
        }
        hp_out_abandon(&o[1]);
        raise(SIGTERM);
        _exit(2);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 128 + SIGTERM);
    assert_int_equal(files_in(dir), before);
    assert_content(in_dir("signalled"), "previous");
}

static void probe_finds_what_cannot_work(void **state) {
    (void)state;
    hp_err e = {0};
    assert_ok(hp_write_file(in_dir("file"), HP_S("x"), &e), e);
    size_t before = files_in(dir);
    assert_int_equal(hp_out_probe(dir, &e), HP_CANTCREAT);
    assert_contains(e.message, "is a directory");
    assert_int_equal(hp_out_probe(in_dir("x/"), &e), HP_CANTCREAT);
    assert_int_equal(hp_out_probe(in_dir("file/y"), &e), HP_CANTCREAT);
    assert_contains(e.message, "not a directory");
    assert_int_equal(hp_out_probe(in_dir("file/y/z"), &e), HP_CANTCREAT);
    assert_int_equal(hp_out_probe("", &e), HP_CANTCREAT);
    assert_int_equal(hp_out_probe("/dev/full", &e), HP_CANTCREAT);
    hp_code code = hp_out_probe("/proc/hotpass-output", &e); /* not even root can make a file there */
    assert_true(code == HP_CANTCREAT || code == HP_NOPERM);
    hp_autobuf name = hp_buf_new(10000);
    hp_buf_puts(&name, dir);
    hp_buf_printf(&name, "/%0300d", 1);
    assert_int_equal(hp_out_probe(hp_buf_cstr(&name), &e), HP_CANTCREAT);
    hp_buf_printf(&name, "/%05000d", 1);
    assert_int_equal(hp_out_probe(hp_buf_cstr(&name), &e), HP_CANTCREAT);
    assert_int_equal(files_in(dir), before);
    assert_content(in_dir("file"), "x");
}

static void probe_makes_nothing(void **state) {
    (void)state;
    hp_err e = {0};
    assert_ok(hp_out_probe(in_dir("new/deep/out.xlsx"), &e), e);
    assert_false(hp_exists(in_dir("new")));
}

static void longest_name_works(void **state) {
    (void)state;
    hp_err e = {0};
    char name[256];
    memset(name, 'n', 255);
    name[255] = '\0';
    assert_ok(hp_write_file(in_dir(name), HP_S("x"), &e), e);
    assert_content(in_dir(name), "x");
}

static void private_files_and_links_stay_so(void **state) {
    (void)state;
    hp_err e = {0};
    struct stat st;
    assert_ok(hp_write_file(in_dir("private"), HP_S("1"), &e), e);
    assert_int_equal(chmod(in_dir("private"), 0600), 0);
    assert_int_equal(symlink("private", in_dir("link")), 0);
    assert_ok(hp_write_file(in_dir("link"), HP_S("2"), &e), e);
    assert_content(in_dir("private"), "2");
    assert_int_equal(stat(in_dir("private"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(lstat(in_dir("link"), &st), 0);
    assert_true(S_ISLNK(st.st_mode));
}

/* A device that takes only so much: writing fails, the previous output is untouched, nothing is left behind.
 */
static void failed_writing_changes_nothing(void **state) {
    (void)state;
    hp_err e = {0};
    assert_ok(hp_write_file(in_dir("limited"), HP_S("previous"), &e), e);
    size_t before = files_in(dir);
    struct rlimit old, small = {0};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){1000, old.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    hp_autobuf b = hp_buf_new(1 << 20);
    for (int i = 0; i < 100000; i++) hp_buf_putc(&b, 'x');
    hp_code at_once = hp_write_file(in_dir("limited"), hp_buf_str(&b), &e);
    hp_code at_close = hp_write_file(in_dir("limited"), hp_str_cut(hp_buf_str(&b), 0, 2000), &e);
    setrlimit(RLIMIT_FSIZE, &old);
    assert_int_equal(at_once, HP_IO);
    assert_int_equal(at_close, HP_IO);
    assert_content(in_dir("limited"), "previous");
    assert_int_equal(files_in(dir), before);
}

static void a_hundred_outputs_may_be_under_way(void **state) {
    (void)state;
    hp_err e = {0};
    static hp_out o[100];
    size_t before = files_in(dir);
    for (size_t i = 0; i < 100; i++) assert_ok(hp_out_begin(&o[i], in_dir("many"), false, &e), e);
    assert_int_equal(files_in(dir), before + 100);
    for (size_t i = 0; i < 100; i += 2) hp_out_abandon(&o[i]);
    hp_out_abandon_all();
    assert_int_equal(files_in(dir), before);
    for (size_t i = 1; i < 100; i += 2) hp_out_abandon(&o[i]);
    assert_ok(hp_write_file(in_dir("many"), HP_S("x"), &e), e);
}

/* Writes `text` to HP_STDOUT in a process whose standard output is `fd`; returns its code. */
static int to_stdout(int fd, const char *text, bool give_up) {
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        hp_err e = {0};
        hp_out o;
        signal(SIGPIPE, SIG_IGN);
        if (dup2(fd, STDOUT_FILENO) < 0 || hp_out_begin(&o, HP_STDOUT, true, &e) != HP_OK) _exit(1);
        fputs(text, o.f);
        if (give_up) {
            hp_out_abandon(&o);
            _exit(0);
        }
        hp_code code = hp_out_commit(&o, &e);
        /* The process keeps its own: what comes behind is not lost. */
        if (code == HP_OK && write(STDOUT_FILENO, "|", 1) != 1) _exit(1);
        _exit((int)code);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void standard_output_takes_what_was_committed(void **state) {
    (void)state;
    hp_err e = {0};
    hp_out o;
    int fd = open(in_dir("stdout"), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_ok(hp_out_probe(HP_STDOUT, &e), e);
    assert_int_equal(to_stdout(fd, "one", false), HP_OK);
    assert_int_equal(to_stdout(fd, "not this", true), HP_OK);
    assert_int_equal(to_stdout(fd, "two", false), HP_OK);
    assert_content(in_dir("stdout"), "one|two|");
    close(fd);
    assert_int_equal(hp_out_begin(&o, HP_STDOUT, false, &e), HP_BUG);
}

static void standard_output_that_fails_is_an_error(void **state) {
    (void)state;
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC), ends[2];
    assert_true(full >= 0);
    assert_int_equal(to_stdout(full, "text", false), HP_IO);
    close(full);
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    assert_int_equal(to_stdout(ends[1], "text", false), HP_IO);
    close(ends[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appears_only_when_committed),
        cmocka_unit_test(library_may_write_the_file),
        cmocka_unit_test(killed_writer_leaves_the_previous_output),
        cmocka_unit_test(signal_handler_removes_what_is_under_way),
        cmocka_unit_test(probe_finds_what_cannot_work),
        cmocka_unit_test(probe_makes_nothing),
        cmocka_unit_test(longest_name_works),
        cmocka_unit_test(private_files_and_links_stay_so),
        cmocka_unit_test(failed_writing_changes_nothing),
        cmocka_unit_test(a_hundred_outputs_may_be_under_way),
        cmocka_unit_test(standard_output_takes_what_was_committed),
        cmocka_unit_test(standard_output_that_fails_is_an_error),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
