#include "base/doc.h"
#include "base/file.h"
#include "cli/command.h"
#include "ops/qa/qa.h"
#include "unit.h"

#include <stdlib.h>

static char dir[64];

static int setup(void **state) {
    (void)state;
    memcpy(dir, "/tmp/hp-qa-XXXXXX", 18);
    setenv("SOURCE_DATE_EPOCH", "1764240000", 1);
    return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    hp_err e = {0};
    return hp_remove_tree(dir, &e) == HP_OK ? 0 : -1;
}

/* What the checks of the gates below come to. */
static hp_qa_status outcome[3];
static size_t outcomes;
static bool absent;

static hp_code made_up(hp_qa_run *q, hp_err *err) {
    for (size_t i = 0; i < outcomes; i++)
        HP_TRY(hp_qa_add(q, outcome[i], 0, i ? "second" : "first", "a check", err, "message %zu", i));
    q->not_applicable = absent;
    q->reason = HP_S("there is nothing");
    return HP_OK;
}

static const hp_qa_gate MADE_UP = {"made-up", "", "Made Up", "made-up", HP_QA_CHECKS, false, made_up};

static void open_gate(hp_qa_run *q, hp_qa_options *o, size_t n, hp_qa_status a, hp_qa_status b) {
    hp_err e = {0};
    *o = (hp_qa_options){.profile = "p", .root = dir};
    outcome[0] = a;
    outcome[1] = b;
    outcomes = n;
    assert_ok(hp_qa_open(&MADE_UP, o, q, &e), e);
}

static void a_gate_passes_when_something_did_and_nothing_failed(void **state) {
    (void)state;
    static const struct {
        size_t n;
        hp_qa_status a, b;
        bool absent, passed;
        const char *says;
    } CASE[] = {
        {2, HP_QA_PASSED, HP_QA_PASSED, false, true, "2 of 2 checks passed"},
        {2, HP_QA_PASSED, HP_QA_SKIPPED, false, true, "1 of 1 checks passed, 1 skipped"},
        {2, HP_QA_PASSED, HP_QA_FAILED, false, false, "1 of 2 checks passed; second: message 1"},
        {2, HP_QA_SKIPPED, HP_QA_SKIPPED, false, false, "0 of 0 checks passed, 2 skipped"},
        {0, HP_QA_PASSED, HP_QA_PASSED, false, false, "0 of 0 checks passed"},
        {1, HP_QA_PASSED, HP_QA_PASSED, true, false, "not applicable: there is nothing"},
    };
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++) {
        hp_qa_options o;
        hp_qa_run q;
        hp_autobuf text = hp_buf_new(1000);
        absent = CASE[i].absent;
        open_gate(&q, &o, CASE[i].n, CASE[i].a, CASE[i].b);
        assert_int_equal(hp_qa_passed(&q), CASE[i].passed);
        hp_qa_sentence(&q, &text);
        assert_view(hp_buf_str(&text), CASE[i].says);
        hp_qa_close(&q);
    }
    absent = false;
}

static void runs_of_one_second_get_directories_of_their_own(void **state) {
    (void)state;
    hp_qa_options o;
    hp_qa_run a, b;
    hp_err e = {0};
    hp_autobuf bytes = hp_buf_new(1 << 20);
    open_gate(&a, &o, 1, HP_QA_PASSED, HP_QA_PASSED);
    open_gate(&b, &o, 1, HP_QA_FAILED, HP_QA_PASSED);
    assert_false(hp_str_eq(a.dir, b.dir));
    assert_ok(hp_qa_store(&a, &e), e);
    assert_ok(hp_qa_store(&b, &e), e);
    hp_str latest = hp_arena_printf(b.arena, "%s/made-up/latest.json", dir);
    assert_ok(hp_read_file(latest.p, &bytes, &e), e);
    hp_node *root;
    assert_ok(hp_json_read(b.arena, hp_buf_str(&bytes), "latest", &root, &e), e);
    assert_view(hp_node_get(root, "artifacts_dir")->text, b.dir.p);
    assert_view(hp_node_get(root, "timestamp")->text, "2025-11-27T10:40:00Z");
    hp_buf_clear(&bytes);
    assert_ok(hp_read_file(hp_arena_printf(b.arena, "%s/made-up/history.ndjson", dir).p, &bytes, &e), e);
    size_t lines = 0;
    for (size_t i = 0; i < bytes.n; i++) lines += bytes.p[i] == '\n';
    assert_true(lines >= 2);
    hp_qa_close(&a);
    hp_qa_close(&b);
}

static void gates_are_found_by_word_and_number(void **state) {
    (void)state;
    size_t n, numbered = 0;
    const hp_qa_gate *g = hp_qa_gates(&n);
    for (size_t i = 0; i < n; i++) {
        assert_ptr_equal(hp_qa_find(hp_str_of(g[i].word)), &g[i]);
        if (!*g[i].number) continue;
        numbered++;
        assert_ptr_equal(hp_qa_find(hp_str_of(g[i].number)), &g[i]);
        assert_int_equal(hp_qa_code(&g[i])[3], g[i].number[2]);
        assert_true(g[i].ta);
    }
    assert_int_equal(numbered, 5);
    assert_null(hp_qa_find(HP_S("")));
    assert_null(hp_qa_find(HP_S("all")));
}

static void the_command_line_offers_every_gate(void **state) {
    (void)state;
    const hp_command *qa = hp_command_find(hp_root(), HP_S("qa"));
    size_t n, offered = 0, numbered = 0;
    const hp_qa_gate *g = hp_qa_gates(&n);
    for (const char *const *c = qa->args[0].choices; *c; c++) {
        bool own = strcmp(*c, "all") == 0 || strcmp(*c, "ta") == 0 || strcmp(*c, "history") == 0;
        assert_true(own || hp_qa_find(hp_str_of(*c)));
        offered += !own;
    }
    for (size_t i = 0; i < n; i++) numbered += *g[i].number != '\0';
    assert_int_equal(offered, n + numbered);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gate_passes_when_something_did_and_nothing_failed),
        cmocka_unit_test(runs_of_one_second_get_directories_of_their_own),
        cmocka_unit_test(gates_are_found_by_word_and_number),
        cmocka_unit_test(the_command_line_offers_every_gate),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
