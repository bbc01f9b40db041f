/* hotpass qa: gates of src/ops/qa, one after the other, and what earlier runs came to. */
#include "base/clock.h"
#include "base/doc.h"
#include "base/file.h"
#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/view.h"
#include "ops/qa/qa.h"

#include "base/banned.h"

enum { MAX_GATES = 16 };

/* Hold the runs of one call. */
typedef struct session {
    hp_cli *c;
    hp_qa_options o;
    hp_progress progress;
    hp_qa_run run[MAX_GATES];
    size_t n;
    const char *set; /**< "all" or "ta"; NULL for a single gate */
} session;

static void report(void *ctx, const char *gate, hp_str check) {
    session *s = ctx;
    (void)check;
    hp_progress_report(&s->progress, gate, s->n ? s->run[s->n - 1].check.n : 0, 0);
}

static hp_code options_of(hp_cli *c, hp_qa_options *o, hp_err *err) {
    const hp_given *opt = c->args.opt, *dirs = &opt[HP_O_PROFILE_SEARCH_PATH];
    const char *root = hp_args_text(&c->args, HP_O_ARTIFACTS_DIR);
    hp_str in_dist =
        hp_path_join(c->arena, hp_str_of(hp_args_text(&c->args, HP_O_DIST_DIR)), HP_S("quality-gates"));
    if (!in_dist.p) return hp_fail_memory(err, "the gates");
    *o = (hp_qa_options){.profile = hp_args_text(&c->args, HP_O_PROFILE),
                         .profile_dirs = dirs->value,
                         .nprofile_dirs = dirs->n,
                         .profile_given = opt[HP_O_PROFILE].given,
                         .input_dir = hp_args_text(&c->args, HP_O_INPUT_DIR),
                         .workspace = hp_args_text(&c->args, HP_O_WORKSPACE),
                         .root = root ? root : in_dist.p,
                         .network = opt[HP_O_ALLOW_NETWORK].on};
    return HP_OK;
}

/* ---- text ---- */

static void put_mark(hp_cli *c, hp_qa_status status) {
    static const char *const MARK[] = {"PASS", "FAIL", "skip"};
    hp_put_bold(&c->out, c->term.out_color && status == HP_QA_FAILED, MARK[status]);
}

static void put_checks(hp_cli *c, const hp_qa_run *q) {
    hp_put_bold(&c->out, c->term.out_color, hp_qa_code(q->gate));
    hp_buf_printf(&c->out, "  %s\n", q->gate->title);
    for (size_t i = 0; i < q->check.n; i++) {
        const hp_qa_check *check = &q->check.p[i];
        if (c->quiet && check->status != HP_QA_FAILED) continue;
        hp_buf_puts(&c->out, "  ");
        put_mark(c, check->status);
        hp_buf_puts(&c->out, "  ");
        hp_put_safe(&c->out, check->id);
        hp_buf_puts(&c->out, ": ");
        hp_put_safe(&c->out, check->message);
        hp_buf_putc(&c->out, '\n');
    }
}

static hp_code put_table(session *s, hp_err *err) {
    static const char *const HEAD[] = {"gate", "status", "message"};
    hp_view v = {.arena = s->c->arena, .ncol = 3, .header = HEAD};
    for (size_t i = 0; i < s->n; i++) {
        const hp_qa_run *q = &s->run[i];
        hp_autobuf sentence = hp_buf_new(8192);
        hp_qa_sentence(q, &sentence);
        hp_view_add(&v, hp_str_of(hp_qa_code(q->gate)));
        hp_view_add(&v, hp_qa_passed(q)                       ? HP_S("passed")
                        : q->not_applicable && q->failed == 0 ? HP_S("not applicable")
                                                              : HP_S("failed"));
        hp_view_add(&v, hp_buf_str(&sentence));
    }
    hp_buf_putc(&s->c->out, '\n');
    return hp_view_write(&v, &s->c->term, 0, &s->c->out, err);
}

/* ---- running ---- */

static bool failed(const hp_qa_run *q) { return q->failed > 0 || (!hp_qa_passed(q) && !q->not_applicable); }

static hp_code run_gate(session *s, const hp_qa_gate *g, hp_err *err) {
    hp_qa_run *q = &s->run[s->n++];
    HP_TRY(hp_qa_open(g, &s->o, q, err));
    HP_TRY(hp_qa_store(q, err));
    if (s->c->json) return HP_OK;
    hp_progress_end(&s->progress);
    put_checks(s->c, q);
    return hp_cli_flush(s->c, err);
}

static hp_code run_set(session *s, const char *target, hp_err *err) {
    size_t n;
    const hp_qa_gate *g = hp_qa_gates(&n);
    s->set = target;
    for (size_t i = 0; i < n; i++)
        if (strcmp(target, "all") == 0 || g[i].ta) HP_TRY(run_gate(s, &g[i], err));
    return HP_OK;
}

static hp_code tell(session *s, hp_err *err) {
    hp_str artifact = {0};
    hp_cli *c = s->c;
    if (s->set) HP_TRY(hp_qa_store_set(s->run, s->n, s->o.root, s->set, c->arena, &artifact, err));
    if (!c->json) return put_table(s, err);
    hp_json j = hp_cli_json(c, s->set ? "hotpass.qa-set/1" : "hotpass.qa/1");
    if (s->set)
        hp_qa_set_payload(s->run, s->n, hp_clock_now(), artifact, &j);
    else
        hp_qa_payload(&s->run[0], &j);
    hp_cli_json_end(c, &j);
    return HP_OK;
}

static hp_code run_target(session *s, const char *target, hp_err *err) {
    const hp_qa_gate *g = hp_qa_find(hp_str_of(target));
    HP_TRY(g ? run_gate(s, g, err) : run_set(s, target, err));
    HP_TRY(tell(s, err));
    for (size_t i = 0; i < s->n; i++)
        if (failed(&s->run[i])) return HP_FINDINGS;
    return HP_OK;
}

/* ---- history ---- */

/* Hold what the lines of a history come to. */
typedef struct past {
    const char *name;
    size_t runs, passed;
    hp_str latest; /**< time of the last one */
} past;

static hp_code read_past(hp_cli *c, const char *path, past *p, hp_err *err) {
    hp_autobuf bytes = hp_buf_new(256 << 20);
    if (!hp_exists(path)) return HP_OK;
    HP_TRY(hp_read_file(path, &bytes, err));
    hp_str rest = hp_buf_str(&bytes), line;
    while (hp_str_next(&rest, '\n', &line)) {
        hp_autoarena *a = hp_arena_new(NULL);
        hp_node *root = NULL;
        hp_err broken = {0};
        int64_t total = 0, passed = -1, apart = 0;
        if (!a) return hp_fail_memory(err, "the history");
        /* A line that a crash cut short is no run. */
        if (line.n == 0 || hp_json_read(a, line, path, &root, &broken) != HP_OK) continue;
        const hp_node *summary = hp_node_get(root, "summary"), *when = hp_node_get(root, "timestamp");
        if (!hp_node_i64(hp_node_get(summary, "total"), &total) || !when) continue;
        hp_node_i64(hp_node_get(summary, "passed"), &passed);
        hp_node_i64(hp_node_get(summary, "not_applicable"), &apart);
        p->runs++;
        p->passed += passed > 0 && passed + apart == total;
        p->latest = hp_arena_dup(c->arena, when->text);
    }
    return HP_OK;
}

static void json_past(hp_json *j, const past *p) {
    hp_json_key(j, "total_runs");
    hp_json_i64(j, (int64_t)p->runs);
    hp_json_key(j, "passed");
    hp_json_i64(j, (int64_t)p->passed);
    hp_json_key(j, "failed");
    hp_json_i64(j, (int64_t)(p->runs - p->passed));
    hp_json_key(j, "pass_rate");
    if (p->runs)
        hp_json_f64(j, (double)p->passed / (double)p->runs);
    else
        hp_json_null(j);
    hp_json_key(j, "latest");
    if (p->latest.n)
        hp_json_str(j, p->latest);
    else
        hp_json_null(j);
}

static hp_code put_history(hp_cli *c, const past *p, size_t n, hp_err *err) {
    static const char *const HEAD[] = {"gate", ">runs", ">passed", "latest"};
    if (c->json) {
        hp_json j = hp_cli_json(c, "hotpass.qa-history/1");
        json_past(&j, &p[0]);
        hp_json_key(&j, "gates");
        hp_json_array(&j);
        for (size_t i = 1; i < n; i++) {
            hp_json_object(&j);
            hp_json_key(&j, "id");
            hp_json_cstr(&j, p[i].name);
            json_past(&j, &p[i]);
            hp_json_object_end(&j);
        }
        hp_json_array_end(&j);
        hp_cli_json_end(c, &j);
        return HP_OK;
    }
    hp_view v = {.arena = c->arena, .ncol = 4, .header = HEAD};
    for (size_t i = 0; i < n; i++) {
        hp_view_add(&v, hp_str_of(p[i].name));
        hp_view_addf(&v, "%zu", p[i].runs);
        hp_view_addf(&v, "%zu", p[i].passed);
        hp_view_add(&v, p[i].latest);
    }
    return hp_view_write(&v, &c->term, 0, &c->out, err);
}

static hp_code history(hp_cli *c, const char *root, hp_err *err) {
    past p[MAX_GATES + 1] = {{.name = "all, ta"}};
    size_t n;
    const hp_qa_gate *g = hp_qa_gates(&n);
    hp_str path = hp_path_join(c->arena, hp_str_of(root), HP_S("history.ndjson"));
    if (!path.p) return hp_fail_memory(err, "the history");
    HP_TRY(read_past(c, path.p, &p[0], err));
    for (size_t i = 0; i < n; i++) {
        path = hp_arena_printf(c->arena, "%s/%s/history.ndjson", root, g[i].folder);
        if (!path.p) return hp_fail_memory(err, "the history");
        p[i + 1].name = hp_qa_code(&g[i]);
        HP_TRY(read_past(c, path.p, &p[i + 1], err));
    }
    return put_history(c, p, n + 1, err);
}

hp_code hp_cmd_qa(hp_cli *c, hp_err *err) {
    session s = {.c = c};
    const char *target = c->args.nword ? c->args.word[0] : "all";
    HP_TRY(options_of(c, &s.o, err));
    if (strcmp(target, "history") == 0) return history(c, s.o.root, err);
    s.o.progress = report;
    s.o.progress_ctx = &s;
    hp_progress_begin(&s.progress, c);
    hp_code code = run_target(&s, target, err);
    hp_progress_end(&s.progress);
    for (size_t i = 0; i < s.n; i++) hp_qa_close(&s.run[i]);
    return code;
}
