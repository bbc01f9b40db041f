#include "ops/qa/qa.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"

#include "base/banned.h"

static const hp_qa_gate GATES[] = {
#define HP_QA_GATE(word, number, title, folder, shape, ta, run) \
    {#word, number, title, folder, HP_QA_##shape, ta, hp_qa_##run},
#include "ops/qa/gates.def"
};

const hp_qa_gate *hp_qa_gates(size_t *n) {
    *n = sizeof GATES / sizeof *GATES;
    return GATES;
}

const hp_qa_gate *hp_qa_find(hp_str name) {
    for (size_t i = 0; i < sizeof GATES / sizeof *GATES; i++) {
        const hp_qa_gate *g = &GATES[i];
        if (name.n && (hp_str_eq(name, hp_str_of(g->word)) || hp_str_eq(name, hp_str_of(g->number))))
            return g;
    }
    return NULL;
}

const char *hp_qa_code(const hp_qa_gate *g) {
    static const char *const CODE[] = {"QG-1", "QG-2", "QG-3", "QG-4", "QG-5"};
    if (!*g->number) return g->word;
    return CODE[g->number[2] - '1'];
}

const char *hp_qa_status_name(hp_qa_status s) {
    static const char *const NAME[] = {"passed", "failed", "skipped"};
    return NAME[s];
}

bool hp_qa_passed(const hp_qa_run *q) { return q->passed > 0 && q->failed == 0 && !q->not_applicable; }

void hp_qa_sentence(const hp_qa_run *q, hp_buf *out) {
    if (q->not_applicable && q->failed == 0) {
        hp_buf_printf(out, "not applicable: %.*s", HP_FMT(q->reason));
        return;
    }
    hp_buf_printf(out, "%zu of %zu checks passed", q->passed, q->check.n - q->skipped);
    if (q->skipped) hp_buf_printf(out, ", %zu skipped", q->skipped);
    for (size_t i = 0; i < q->check.n; i++) {
        const hp_qa_check *c = &q->check.p[i];
        if (c->status != HP_QA_FAILED) continue;
        hp_buf_printf(out, "; %.*s: %.*s", HP_FMT(c->id), HP_FMT(c->message));
        return;
    }
}

/* ---- one run ---- */

/* Makes the directory of a run: its time, and a number behind it when another run has that already. mkdir
 * tells which of two runs was first. */
static hp_code make_dir(hp_qa_run *q, hp_err *err) {
    char when[17];
    hp_time_compact(q->when, when);
    for (int i = 1; i < 1000; i++) {
        q->dir = i == 1 ? hp_arena_printf(q->arena, "%s/%s/%s", q->o->root, q->gate->folder, when)
                        : hp_arena_printf(q->arena, "%s/%s/%s-%d", q->o->root, q->gate->folder, when, i);
        if (!q->dir.p) return hp_fail_memory(err, "a gate");
        if (i == 1) HP_TRY(hp_make_parents(q->dir.p, err));
        if (mkdir(q->dir.p, 0777) == 0) return HP_OK;
        if (errno != EEXIST)
            return hp_fail(err, errno == EACCES ? HP_NOPERM : HP_CANTCREAT,
                           "%s: cannot be made: %s; choose another place with --artifacts-dir", q->dir.p,
                           strerrordesc_np(errno));
    }
    return hp_fail(err, HP_CANTCREAT, "%.*s: there are a thousand runs of this second; is the clock right?",
                   HP_FMT(q->dir));
}

hp_code hp_qa_open(const hp_qa_gate *g, const hp_qa_options *o, hp_qa_run *q, hp_err *err) {
    *q = (hp_qa_run){.gate = g, .o = o, .arena = hp_arena_new(NULL), .when = hp_clock_now()};
    if (!q->arena) return hp_fail_memory(err, "a gate");
    uint64_t since = hp_clock_mono();
    hp_code code = make_dir(q, err);
    if (code == HP_OK) code = g->run(q, err);
    q->seconds = (double)(hp_clock_mono() - since) / 1e9;
    return code;
}

void hp_qa_close(hp_qa_run *q) {
    hp_vec_free(&q->check);
    hp_arena_drop(q->arena);
    q->arena = NULL;
}

/* ---- for the gates ---- */

hp_str hp_qa_path(const hp_qa_run *q, const char *name) {
    return hp_path_join(q->arena, q->dir, hp_str_of(name));
}

hp_qa_check *hp_qa_last(hp_qa_run *q) { return &q->check.p[q->check.n - 1]; }

hp_code hp_qa_add(hp_qa_run *q, hp_qa_status status, uint64_t since, const char *id, const char *description,
                  hp_err *err, const char *fmt, ...) {
    hp_autobuf text = hp_buf_new(4096);
    va_list ap;
    va_start(ap, fmt);
    hp_buf_vprintf(&text, fmt, ap);
    va_end(ap);
    hp_qa_check c = {.id = hp_arena_dup(q->arena, hp_str_of(id)),
                     .description = hp_arena_dup(q->arena, hp_str_of(description)),
                     .message = hp_arena_dup(q->arena, hp_str_of(hp_buf_cstr(&text))),
                     .status = status,
                     .seconds = (double)(hp_clock_mono() - since) / 1e9,
                     .rows = -1};
    if (!c.id.p || !c.description.p || !c.message.p || !hp_vec_push(&q->check, c))
        return hp_fail_memory(err, "a check");
    q->passed += status == HP_QA_PASSED;
    q->failed += status == HP_QA_FAILED;
    q->skipped += status == HP_QA_SKIPPED;
    if (q->o->progress) q->o->progress(q->o->progress_ctx, hp_qa_code(q->gate), c.id);
    return HP_OK;
}
