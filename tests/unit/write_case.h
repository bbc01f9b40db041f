/* Makes tables to write, and reads back what was written: bytes through stdio, zip members through libzip. */
#ifndef HP_TESTS_WRITE_CASE_H
#define HP_TESTS_WRITE_CASE_H

#include "unit.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zip.h>

#include "base/file.h"
#include "base/mem.h"
#include "write/write.h"

/** Hold what a test of a writer needs. */
typedef struct wc {
    char dir[64];
    hp_arena *arena;
    hp_pool *pool;
} wc;

static wc W;

/** Make the folder and the pool. */
static inline int wc_open(void **state) {
    (void)state;
    W = (wc){.dir = "/tmp/hotpass-write-XXXXXX", .arena = hp_arena_new(NULL), .pool = hp_pool_new()};
    return mkdtemp(W.dir) && W.arena && W.pool ? 0 : 1;
}

/** Return the names in the folder. */
static inline size_t wc_names(hp_str **names) {
    size_t n = 0;
    hp_err err = {0};
    assert_ok(hp_list_dir(W.arena, W.dir, names, &n, &err), err);
    return n;
}

/** Remove all of it. */
static inline int wc_close(void **state) {
    (void)state;
    hp_str *names;
    for (size_t i = wc_names(&names); i > 0; i--)
        unlink(hp_path_join(W.arena, hp_str_of(W.dir), names[i - 1]).p);
    rmdir(W.dir);
    hp_arena_drop(W.arena);
    hp_pool_free(W.pool);
    return 0;
}

/** Return the path of a file in the folder. */
static inline const char *wc_path(const char *name) {
    return hp_path_join(W.arena, hp_str_of(W.dir), hp_str_of(name)).p;
}

/** Intern a view. */
static inline hp_vid wc_vid(hp_str s) {
    hp_err err = {0};
    hp_vid v = HP_NULL;
    assert_ok(hp_intern(W.pool, s, &v, &err), err);
    return v;
}

/** Make a table of texts, row by row; the first row holds the headers, NULL is an empty cell. */
static inline hp_table *wc_table(size_t nrow, size_t ncol, const char *const *cell) {
    hp_table *t = hp_table_new(W.arena, nrow - 1, ncol, false);
    assert_non_null(t);
    for (size_t c = 0; c < ncol; c++) {
        t->col[c].name = hp_str_of(cell[c]);
        for (size_t r = 1; r < nrow; r++) t->col[c].v[r - 1] = wc_vid(hp_str_of(cell[r * ncol + c]));
    }
    return t;
}

/** Make a table of a two-dimensional array of strings. */
#define WC_TABLE(cells) \
    wc_table(sizeof(cells) / sizeof *(cells), sizeof *(cells) / sizeof **(cells), &(cells)[0][0])

/** Read a whole file. */
static inline hp_str wc_read(const char *path) {
    hp_err err = {0};
    hp_autobuf b = hp_buf_new(64u << 20);
    assert_ok(hp_read_file(path, &b, &err), err);
    return hp_arena_dup(W.arena, hp_buf_str(&b));
}

/** Read a member of a zip; a NULL view when there is none. */
static inline hp_str wc_member(const char *path, const char *name) {
    zip_t *z = zip_open(path, ZIP_RDONLY, NULL);
    assert_non_null(z);
    zip_stat_t st;
    hp_str s = {0};
    if (zip_stat(z, name, 0, &st) == 0) {
        char *p = hp_arena_raw(W.arena, (size_t)st.size + 1);
        zip_file_t *f = zip_fopen(z, name, 0);
        assert_non_null(f);
        assert_int_equal(zip_fread(f, p, st.size), st.size);
        assert_int_equal(zip_fclose(f), 0);
        s = (hp_str){p, (size_t)st.size};
    }
    zip_discard(z);
    return s;
}

/** Tell whether a view contains a part. */
static inline bool wc_has(hp_str s, const char *part) {
    return hp_str_find(s, hp_str_of(part), 0) != SIZE_MAX;
}

/** Count a part. */
static inline size_t wc_count(hp_str s, const char *part) {
    size_t n = 0;
    for (size_t at = 0; (at = hp_str_find(s, hp_str_of(part), at)) != SIZE_MAX; at++) n++;
    return n;
}

/** Forbid files longer than `bytes` (a full disk, for a user without a disk to fill); RLIM_INFINITY allows
 * all. */
static inline void wc_disk(rlim_t bytes) {
    struct rlimit limit = {0};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/** Name what writes a table to a file: hp_write_csv and its like. */
typedef hp_code wc_writer(const hp_pool *pool, const hp_table *t, const char *path, hp_out *out, hp_err *err);

/** Write a table over a file that holds it already, `whole`, on a disk with room for 0, `step`, 2 `step` ...
 * bytes: whatever the file system takes, the outcome is the whole file or an error; never a part. */
static inline void wc_on_full_disks(wc_writer *write, const hp_table *t, const char *name, hp_str whole,
                                    size_t step) {
    size_t failed = 0;
    for (size_t room = 0; room < whole.n + 8000; room += step) {
        hp_err err = {0};
        hp_out out;
        wc_disk(room);
        hp_code code = write(W.pool, t, wc_path(name), &out, &err);
        if (code == HP_OK) code = hp_out_commit(&out, &err);
        wc_disk(RLIM_INFINITY);
        if (code == HP_OK) continue;
        failed++;
        assert_int_equal(code, HP_IO);
        assert_contains(err.message, name);
        assert_true(room < whole.n);
        assert_true(hp_str_eq(wc_read(wc_path(name)), whole));
    }
    assert_true(failed >= whole.n / step);
    hp_str *names;
    assert_int_equal(wc_names(&names), 1);
}

/** Write a table over a file that holds it already, `whole`, while the n-th allocation fails: out of memory,
 * or the same file. Returns the code of the writer. */
static inline hp_code wc_without_memory(wc_writer *write, const hp_table *t, const char *name, hp_str whole,
                                        uint64_t n) {
    hp_err err = {0};
    hp_out out;
    hp_mem_fail_at(n);
    hp_code code = write(W.pool, t, wc_path(name), &out, &err);
    hp_mem_fail_at(0);
    assert_true(code == HP_OK || code == HP_RETRY);
    if (code == HP_OK) assert_ok(hp_out_commit(&out, &err), err);
    assert_true(hp_str_eq(wc_read(wc_path(name)), whole));
    return code;
}

/** Move to another time zone. */
static inline void wc_zone(const char *tz) {
    setenv("TZ", tz, 1);
    tzset();
}

#endif
