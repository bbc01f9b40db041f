#include "ops/lineage/deliver.h"
#include "ops/lineage/graph.h"
#include "ops/lineage/sql.h"
#include "unit.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"

static char dir[64];

static int setup(void **state) {
    (void)state;
    memcpy(dir, "/tmp/hotpass-unit-XXXXXX", 25);
    return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    hp_err e = {0};
    return hp_remove_tree(dir, &e) == HP_OK ? 0 : -1;
}

static char ids[8][37];

static hp_lineage_run run_of(int i) {
    hp_lineage_uuid(hp_lineage_now(), ids[i]);
    return (hp_lineage_run){.id = hp_str_of(ids[i]),
                            .ns = HP_S("hotpass.local"),
                            .producer = HP_S("https://hotpass.example/lineage"),
                            .command = HP_S("refine"),
                            .profile = HP_S("aviation"),
                            .nominal = 1764240000};
}

static hp_str job_of(const hp_lineage_run *r, hp_buf *out) {
    hp_buf_clear(out);
    hp_lineage_put_job(r, out);
    return hp_buf_str(out);
}

static void jobs_are_named(void **state) {
    (void)state;
    hp_autobuf b = hp_buf_new(1024);
    hp_lineage_run r = run_of(0);
    assert_view(job_of(&r, &b), "hotpass.pipeline.aviation");
    r.command = HP_S("enrich");
    r.profile = HP_S("A/b\\C");
    assert_view(job_of(&r, &b), "hotpass.enrich.a-b-c");
    r.parent = (hp_lineage_parent){HP_S("ns"), HP_S("flow"), HP_S("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b")};
    assert_view(job_of(&r, &b), "flow.hotpass.enrich.a-b-c");
}

static void datasets_are_named_by_their_path(void **state) {
    (void)state;
    static const char *const CASE[][2] = {{"/a/b.csv", "/a/b.csv"},  {"/a/./b//c.csv", "/a/b/c.csv"},
                                          {"/a/../b.csv", "/b.csv"}, {"/../..", "/"},
                                          {"/a/b/../../c", "/c"},    {"/a/b/", "/a/b"}};
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++) {
        hp_autobuf b = hp_buf_new(1024);
        hp_lineage_put_dataset(hp_str_of(CASE[i][0]), &b);
        assert_view(hp_buf_str(&b), CASE[i][1]);
    }
    hp_autobuf b = hp_buf_new(8192);
    char here[4096];
    assert_non_null(getcwd(here, sizeof here));
    hp_lineage_put_dataset(HP_S("x/../y.csv"), &b);
    assert_true(hp_str_starts(hp_buf_str(&b), hp_str_of(here))
                && hp_str_ends(hp_buf_str(&b), HP_S("/y.csv")));
}

static void ids_are_uuids_of_version_7(void **state) {
    (void)state;
    char a[37], b[37];
    hp_lineage_uuid(INT64_C(0x017F22E279B0), a); /* the time of the example in RFC 9562, appendix A.6 */
    hp_lineage_uuid(INT64_C(0x017F22E279B0), b);
    assert_memory_equal(a, "017f22e2-79b0-7", 15);
    assert_int_equal(strlen(a), 36);
    assert_true(strchr("89ab", a[19]) != NULL);
    assert_string_not_equal(a, b);
}

static void answers_are_judged(void **state) {
    (void)state;
    static const struct {
        long status;
        hp_lineage_fate fate;
    } CASE[] = {{200, HP_LINEAGE_DELIVERED}, {201, HP_LINEAGE_DELIVERED}, {0, HP_LINEAGE_LATER},
                {301, HP_LINEAGE_LATER},     {400, HP_LINEAGE_REJECTED},  {401, HP_LINEAGE_LATER},
                {404, HP_LINEAGE_LATER},     {413, HP_LINEAGE_REJECTED},  {422, HP_LINEAGE_REJECTED},
                {429, HP_LINEAGE_LATER},     {500, HP_LINEAGE_LATER},     {503, HP_LINEAGE_LATER}};
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++)
        assert_int_equal(hp_lineage_judge(CASE[i].status), CASE[i].fate);
}

static void one_waits_longer_each_time(void **state) {
    (void)state;
    for (int64_t n = 1; n <= 6; n++) {
        int64_t half = INT64_C(5000) << (n - 1);
        assert_int_equal(hp_lineage_backoff(n, 0), half);
        assert_int_equal(hp_lineage_backoff(n, (uint64_t)half), 2 * half);
    }
    assert_true(hp_lineage_backoff(7, 0) == 300000 && hp_lineage_backoff(1000, 0) == 300000);
    assert_true(hp_lineage_backoff(0, 0) == 5000);
}

/* ---- the store ---- */

static const hp_lineage_ending COMPLETE = {.type = HP_LINEAGE_COMPLETE};

static hp_lineage_store *opened(void) {
    hp_err e = {0};
    hp_lineage_store *s;
    assert_ok(hp_lineage_open(dir, true, &s, &e), e);
    return s;
}

static void begin(hp_lineage_store *s, int i) {
    hp_err e = {0};
    hp_lineage_run r = run_of(i);
    assert_ok(hp_lineage_begin(s, &r, true, &e), e);
}

static void a_run_ends_once(void **state) {
    (void)state;
    hp_err e = {0};
    hp_lineage_counts n;
    hp_lineage_store *s = opened();
    begin(s, 0);
    assert_ok(hp_lineage_count(s, &n, &e), e);
    assert_true(n.runs == 1 && n.open == 1 && n.pending == 1);
    assert_ok(hp_lineage_end(s, hp_str_of(ids[0]), &COMPLETE, &e), e);
    const hp_lineage_ending abort = {.type = HP_LINEAGE_ABORT, .why = {.message = HP_S("late"), .code = 143}};
    assert_ok(hp_lineage_end(s, hp_str_of(ids[0]), &abort, &e), e);
    assert_ok(hp_lineage_count(s, &n, &e), e);
    assert_true(n.open == 0 && n.pending == 2);
    assert_int_equal(hp_lineage_end(s, HP_S("nobody"), &COMPLETE, &e), HP_NOINPUT);
    hp_lineage_close(s);
}

/* Milliseconds for which a store waits for others. */
static int64_t patience(const hp_lineage_store *s) {
    sqlite3_stmt *q = NULL;
    bool row = false;
    hp_err e = {0};
    assert_ok(hp_lineage_ask(s, &q, &e, "PRAGMA busy_timeout", ""), e);
    assert_ok(hp_lineage_step(s, q, &row, &e), e);
    int64_t ms = sqlite3_column_int64(q, 0);
    sqlite3_finalize(q);
    return ms;
}

static void a_run_waits_for_others_for_a_moment_only(void **state) {
    (void)state;
    hp_lineage_store *s = opened();
    assert_int_equal(patience(s), 250);
    hp_lineage_patience(s);
    assert_int_equal(patience(s), 2000);
    hp_lineage_close(s);
}

static void begin_and_die(int i) {
    pid_t child = fork();
    if (child == 0) {
        begin(opened(), i);
        _exit(0);
    }
    int status;
    assert_true(child > 0 && waitpid(child, &status, 0) == child && status == 0);
}

static void runs_whose_process_is_gone_are_aborted(void **state) {
    (void)state;
    hp_err e = {0};
    size_t n = 99;
    begin_and_die(0);
    hp_lineage_store *s = opened();
    hp_lineage_counts c;
    begin(s, 1); /* settles the other one in the same step */
    assert_ok(hp_lineage_count(s, &c, &e), e);
    assert_true(c.runs == 2 && c.open == 1 && c.pending == 3);
    assert_ok(hp_lineage_settle(s, &n, &e), e);
    assert_int_equal(n, 0); /* this process lives */
    hp_lineage_close(s);
}

static void the_spool_keeps_its_order(void **state) {
    (void)state;
    hp_err e = {0};
    hp_autoarena *a = hp_arena_new(NULL);
    hp_lineage_store *s = opened();
    hp_lineage_item item;
    bool found;
    begin(s, 0);
    begin(s, 1);
    assert_ok(hp_lineage_end(s, hp_str_of(ids[0]), &COMPLETE, &e), e);
    assert_ok(hp_lineage_next(s, a, 0, NULL, 0, &item, &found, &e), e);
    assert_true(found && item.attempts == 0 && !item.doubt);
    assert_view(item.run, ids[0]);
    assert_view(item.type, "START");
    assert_ok(hp_lineage_mark(s, item.seq, HP_LINEAGE_SENDING, 0, HP_S(""), &e), e);
    assert_ok(hp_lineage_next(s, a, 0, NULL, 0, &item, &found, &e), e);
    assert_true(found && item.doubt && item.attempts == 1); /* as it is found after a kill */
    assert_ok(hp_lineage_mark(s, item.seq, HP_LINEAGE_LATER, 503, HP_S("no"), &e), e);
    assert_ok(hp_lineage_next(s, a, 0, NULL, 0, &item, &found, &e), e);
    assert_true(found && !item.doubt); /* there was an answer */
    assert_ok(hp_lineage_mark(s, item.seq, HP_LINEAGE_DELIVERED, 201, HP_S(""), &e), e);
    const hp_str skip = hp_str_of(ids[1]);
    assert_ok(hp_lineage_next(s, a, 0, &skip, 1, &item, &found, &e), e);
    assert_true(found);
    assert_view(item.type, "COMPLETE");
    assert_ok(hp_lineage_next(s, a, item.seq, &skip, 1, &item, &found, &e), e);
    assert_false(found);
    hp_lineage_close(s);
}

static void old_events_are_forgotten_but_not_what_waits(void **state) {
    (void)state;
    hp_err e = {0};
    hp_autoarena *a = hp_arena_new(NULL);
    hp_lineage_store *s = opened();
    hp_lineage_item item;
    hp_lineage_counts n;
    bool found;
    for (int i = 0; i < 4; i++) {
        begin(s, i);
        assert_ok(hp_lineage_end(s, hp_str_of(ids[i]), &COMPLETE, &e), e);
    }
    for (int i = 0; i < 2; i++) { /* the first run is sent */
        assert_ok(hp_lineage_next(s, a, 0, NULL, 0, &item, &found, &e), e);
        assert_ok(hp_lineage_mark(s, item.seq, HP_LINEAGE_DELIVERED, 201, HP_S(""), &e), e);
    }
    assert_ok(hp_limit_set(HP_S("lineage-events=2"), &e), e);
    assert_ok(hp_lineage_prune(s, &e), e);
    hp_limit_reset();
    assert_ok(hp_lineage_count(s, &n, &e), e);
    assert_true(n.delivered == 0 && n.pending == 6 && n.runs == 3);
    hp_lineage_close(s);
}

static void stores_of_others_are_refused(void **state) {
    (void)state;
    hp_err e = {0};
    hp_lineage_store *s;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_str path = hp_arena_printf(a, "%s/" HP_LINEAGE_FILE, dir);
    assert_int_equal(hp_lineage_open(dir, false, &s, &e), HP_NOINPUT);
    assert_ok(hp_write_file(
                  path.p,
                  HP_S("this is no database, and longer than the header of one: 100 bytes at least, which "
                       "is how it is told apart from an empty file"),
                  &e),
              e);
    assert_int_equal(hp_lineage_open(dir, true, &s, &e), HP_DATA);
}

/* Every allocation fails in turn: either an error comes of it and nothing is recorded, or all is. */
static void torture(void **state) {
    (void)state;
    hp_err e = {0};
    hp_lineage_store *s = opened();
    hp_lineage_counts n;
    int64_t recorded = 0;
    bool failed = true;
    for (uint64_t at = 1; failed && at < 500; at++) {
        hp_lineage_run r = run_of(0);
        uint64_t before = hp_mem_failures();
        hp_mem_fail_at(at);
        hp_code code = hp_lineage_begin(s, &r, true, &e);
        hp_mem_fail_at(0);
        failed = hp_mem_failures() != before;
        assert_true(code == HP_OK || (failed && code == HP_RETRY));
        recorded += code == HP_OK;
        assert_ok(hp_lineage_count(s, &n, &e), e);
        assert_true(n.runs == recorded && n.pending == recorded);
    }
    assert_false(failed);
    hp_lineage_close(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_are_named),
        cmocka_unit_test(datasets_are_named_by_their_path),
        cmocka_unit_test(ids_are_uuids_of_version_7),
        cmocka_unit_test(answers_are_judged),
        cmocka_unit_test(a_run_waits_for_others_for_a_moment_only),
        cmocka_unit_test(one_waits_longer_each_time),
        cmocka_unit_test_setup_teardown(a_run_ends_once, setup, teardown),
        cmocka_unit_test_setup_teardown(runs_whose_process_is_gone_are_aborted, setup, teardown),
        cmocka_unit_test_setup_teardown(the_spool_keeps_its_order, setup, teardown),
        cmocka_unit_test_setup_teardown(old_events_are_forgotten_but_not_what_waits, setup, teardown),
        cmocka_unit_test_setup_teardown(stores_of_others_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(torture, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
