#include "unit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "net/cache.h"

static char folder[] = "/tmp/hotpass-cache-XXXXXX", path[64];

static int make_folder(void **state) {
    (void)state;
    if (!mkdtemp(folder)) return 1;
    (void)snprintf(path, sizeof path, "%s/deep/http.db", folder);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    const char *const argv[] = {"/bin/rm", "-rf", folder, NULL};
    pid_t child = fork();
    if (child == 0) {
        (void)execv(argv[0], (char *const *)argv);
        _exit(1);
    }
    return waitpid(child, NULL, 0) == child ? 0 : 1;
}

static hp_netcache *opened(const char *at, int64_t now, uint64_t most) {
    hp_netcache *c;
    hp_err err = {0};
    assert_ok(hp_netcache_open(&(hp_netcache_policy){.path = at, .ttl = 100, .max_bytes = most, .now = now},
                               &c, &err),
              err);
    return c;
}

static void put(hp_netcache *c, const char *url, const char *body, int64_t time) {
    hp_err err = {0};
    hp_netcache_entry e = {.status = 200,
                           .url = HP_S("https://acme.example/end"),
                           .etag = HP_S("\"1\""),
                           .last_modified = HP_S("Mon, 01 Jan 2024 00:00:00 GMT"),
                           .content_type = HP_S("text/html"),
                           .body = hp_str_of(body),
                           .time = time};
    assert_ok(hp_netcache_put(c, hp_str_of(url), &e, &err), err);
}

static bool has(hp_netcache *c, const char *url, hp_arena *a, hp_netcache_entry *e) {
    bool found;
    hp_err err = {0};
    assert_ok(hp_netcache_get(c, hp_str_of(url), a, e, &found, &err), err);
    return found;
}

static hp_netcache *looked_into(const char *at, int64_t now) {
    hp_netcache *c;
    hp_err err = {0};
    assert_ok(hp_netcache_open(&(hp_netcache_policy){.path = at, .ttl = 100, .now = now, .read_only = true},
                               &c, &err),
              err);
    return c;
}

/* Looking changes nothing: not which answer goes first when there is no room. */
static void is_looked_into(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_netcache_entry e;
    char at[64], journal[80];
    struct stat st;
    (void)snprintf(at, sizeof at, "%s/look %%?#.db", folder);
    (void)snprintf(journal, sizeof journal, "%s-wal", at);
    for (int i = 0; i < 2; i++) {
        hp_netcache *c = opened(at, 1 + i, 8);
        put(c, i ? "b" : "a", "1234", 1);
        hp_netcache_close(c);
    }
    hp_netcache *c = looked_into(at, 3);
    assert_true(has(c, "a", a, &e));
    assert_view(e.body, "1234");
    assert_false(has(c, "c", a, &e));
    hp_netcache_close(c);
    assert_int_not_equal(stat(journal, &st), 0);
    c = opened(at, 4, 8);
    put(c, "c", "1234", 4);
    assert_false(has(c, "a", a, &e));
    hp_netcache_close(c);
}

static void keeps_answers(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_netcache_entry e;
    hp_netcache *c = opened(path, 1000, 0);
    assert_false(has(c, "https://acme.example/", a, &e));
    put(c, "https://acme.example/", "body", 950);
    hp_netcache_close(c);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);

    c = opened(path, 1049, 0);
    assert_true(has(c, "https://acme.example/", a, &e));
    assert_true(e.fresh);
    assert_int_equal(e.status, 200);
    assert_view(e.url, "https://acme.example/end");
    assert_view(e.etag, "\"1\"");
    assert_view(e.last_modified, "Mon, 01 Jan 2024 00:00:00 GMT");
    assert_view(e.content_type, "text/html");
    assert_view(e.body, "body");
    assert_int_equal(e.time, 950);
    assert_false(has(c, "https://acme.example/other", a, &e));
    put(c, "https://acme.example/", "new", 1049);
    assert_true(has(c, "https://acme.example/", a, &e));
    assert_view(e.body, "new");
    hp_netcache_close(c);

    c = opened(path, 1149, 0); /* a hundred seconds later */
    assert_true(has(c, "https://acme.example/", a, &e));
    assert_false(e.fresh);
    hp_netcache_close(c);
    c = opened(path, 1000, 0); /* the clock went back */
    assert_true(has(c, "https://acme.example/", a, &e));
    assert_false(e.fresh);
    hp_netcache_close(c);
}

static void drops_what_was_not_used(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_netcache_entry e;
    hp_err err = {0};
    uint64_t answers, bytes;
    char small[64];
    (void)snprintf(small, sizeof small, "%s/small.db", folder);
    hp_netcache *c = opened(small, 1, 10);
    put(c, "a", "1234", 1);
    hp_netcache_close(c);
    c = opened(small, 2, 10);
    put(c, "b", "1234", 2);
    hp_netcache_close(c);
    c = opened(small, 3, 10);
    assert_true(has(c, "a", a, &e)); /* used last */
    put(c, "c", "1234", 3);
    assert_true(has(c, "a", a, &e));
    assert_false(has(c, "b", a, &e));
    assert_true(has(c, "c", a, &e));
    put(c, "d", "larger than all", 3);
    assert_false(has(c, "d", a, &e));
    assert_ok(hp_netcache_size(c, &answers, &bytes, &err), err);
    assert_int_equal(answers, 2);
    assert_int_equal(bytes, 8);
    hp_netcache_close(c);
}

/* What a process had put is there after it was killed, and the file can be used at once. */
static void survives_a_kill(void **state) {
    (void)state;
    int says[2];
    char at[64], byte;
    (void)snprintf(at, sizeof at, "%s/killed.db", folder);
    assert_int_equal(pipe(says), 0);
    pid_t child = fork();
    if (child == 0) {
        hp_netcache *c = opened(at, 5, 0);
        for (int i = 0;; i++) {
            char url[32];
            (void)snprintf(url, sizeof url, "u%d", i);
            put(c, url, "body of some length", 5);
            if (i == 20 && write(says[1], "x", 1) != 1) _exit(1);
        }
    }
    assert_int_equal(read(says[0], &byte, 1), 1);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    hp_autoarena *a = hp_arena_new(NULL);
    hp_netcache_entry e;
    hp_netcache *c = looked_into(at, 6);
    assert_true(has(c, "u20", a, &e));
    hp_netcache_close(c);
    c = opened(at, 6, 0);
    for (int i = 0; i <= 20; i++) {
        char url[32];
        (void)snprintf(url, sizeof url, "u%d", i);
        assert_true(has(c, url, a, &e));
        assert_view(e.body, "body of some length");
    }
    hp_netcache_close(c);
    (void)close(says[0]);
    (void)close(says[1]);
}

static void refuses_other_files(void **state) {
    (void)state;
    hp_netcache *c = NULL;
    hp_err err = {0};
    char at[64];
    (void)snprintf(at, sizeof at, "%s/text.db", folder);
    assert_ok(
        hp_write_file(at,
                      HP_S("This is a text of somebody else, longer than the header of a database would be, "
                           "so that there is no doubt about what it is not.\n"),
                      &err),
        err);
    assert_int_equal(hp_netcache_open(&(hp_netcache_policy){.path = at}, &c, &err), HP_DATA);
    assert_contains(err.message, "remove it");
    (void)snprintf(at, sizeof at, "%s", folder);
    assert_int_equal(hp_netcache_open(&(hp_netcache_policy){.path = at}, &c, &err), HP_CANTCREAT);
    assert_null(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(keeps_answers),
                                       cmocka_unit_test(drops_what_was_not_used),
                                       cmocka_unit_test(is_looked_into), cmocka_unit_test(survives_a_kill),
                                       cmocka_unit_test(refuses_other_files)};
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
