#include "ops/qa/call.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"

#include "base/banned.h"

/* What a listing or a result for a program may take; what is beyond is cut, and then is no JSON. */
enum { MAX_OUT = 64 << 20, MAX_TALK = 64 << 10, MAX_SAID = 300 };

/* The program that runs, also when its file was replaced meanwhile: the child looks it up before it becomes
 * another program. */
static const char SELF[] = "/proc/self/exe";

void hp_qa_reply_free(hp_qa_reply *r) {
    hp_buf_free(&r->out);
    hp_buf_free(&r->talk);
}

hp_code hp_qa_call(const char *const *args, const char *const *env, int timeout_ms, hp_qa_reply *r,
                   hp_err *err) {
    const char *argv[72] = {SELF};
    size_t n = 0;
    for (; args[n] && n + 2 < sizeof argv / sizeof *argv; n++) argv[n + 1] = args[n];
    if (args[n]) return hp_fail(err, HP_BUG, "a gate calls hotpass with too many arguments");
    hp_qa_reply_free(r);
    *r = (hp_qa_reply){.out = hp_buf_new(MAX_OUT), .talk = hp_buf_new(MAX_TALK)};
    return hp_proc_run(argv, env, timeout_ms, &r->out, &r->talk, &r->end, err);
}

bool hp_qa_exited(const hp_qa_reply *r, int status) {
    return !r->end.timed_out && r->end.signal == 0 && r->end.status == status;
}

void hp_qa_why(const hp_qa_reply *r, int timeout_ms, hp_buf *out) {
    hp_str rest = hp_buf_str(&r->talk), line = {0};
    if (r->end.timed_out) {
        hp_buf_printf(out, "no answer within %d s", timeout_ms / 1000);
        return;
    }
    if (r->end.signal)
        hp_buf_printf(out, "ended by signal %d", r->end.signal);
    else
        hp_buf_printf(out, "exit %d", r->end.status);
    while (line.n == 0 && hp_str_next(&rest, '\n', &line)) line = hp_str_trim(line);
    if (line.n == 0) return;
    hp_buf_puts(out, ": ");
    hp_scrub(hp_str_cut(line, 0, MAX_SAID), out);
}

const hp_node *hp_qa_json(const hp_qa_reply *r, hp_arena *a) {
    hp_err ignored = {0};
    hp_node *root = NULL;
    if (r->out.bad || hp_json_read(a, hp_buf_str(&r->out), "the answer", &root, &ignored) != HP_OK)
        return NULL;
    return root;
}

hp_code hp_qa_expect(hp_qa_run *q, const char *const *args, int timeout_ms, int want, const char *id,
                     const char *description, hp_qa_reply *r, hp_err *err) {
    uint64_t since = hp_clock_mono();
    HP_TRY(hp_qa_call(args, NULL, timeout_ms, r, err));
    if (hp_qa_exited(r, want))
        return hp_qa_add(q, HP_QA_PASSED, since, id, description, err, "exit %d", want);
    hp_autobuf why = hp_buf_new(4096);
    hp_qa_why(r, timeout_ms, &why);
    return hp_qa_add(q, HP_QA_FAILED, since, id, description, err, "%s", hp_buf_cstr(&why));
}

hp_code hp_qa_tools(hp_qa_run *q, const hp_node **tools, hp_err *err) {
    hp_autoreply r = {0};
    const char *const args[] = {"docs", "tools", NULL};
    *tools = NULL;
    HP_TRY(hp_qa_call(args, NULL, HP_QA_ASK, &r, err));
    if (!hp_qa_exited(&r, 0)) return HP_OK;
    /* The nodes outlive the reply. */
    hp_str copy = hp_arena_dup(q->arena, hp_buf_str(&r.out));
    if (!copy.p) return hp_fail_memory(err, "the list of tools");
    hp_node *root;
    hp_err ignored = {0};
    if (hp_json_read(q->arena, copy, "the list of tools", &root, &ignored) != HP_OK) return HP_OK;
    const hp_node *list = hp_node_get(root, "tools");
    if (list && list->kind == HP_NODE_LIST) *tools = list;
    return HP_OK;
}

void hp_qa_args_put(hp_qa_args *a, const char *const *args) {
    for (; *args; args++)
        if (a->n + 1 < sizeof a->p / sizeof *a->p) a->p[a->n++] = *args;
}

void hp_qa_args_profile(hp_qa_args *a, const hp_qa_options *o) {
    /* As many search paths as fit beside the other arguments. */
    for (size_t i = 0; i < o->nprofile_dirs && a->n + 24 < sizeof a->p / sizeof *a->p; i++)
        HP_QA_ARGS(a, "--profile-search-path", o->profile_dirs[i]);
    HP_QA_ARGS(a, "--profile", o->profile);
}

hp_code hp_qa_scratch(hp_qa_run *q, hp_str *path, hp_err *err) {
    *path = hp_qa_path(q, "scratch");
    if (!path->p) return hp_fail_memory(err, "a directory");
    if (mkdir(path->p, 0700) == 0 || errno == EEXIST) return HP_OK;
    return hp_fail(err, HP_CANTCREAT, "%s: cannot be made: %s", path->p, strerrordesc_np(errno));
}

void hp_qa_scratch_remove(hp_str path) {
    hp_err ignored = {0};
    if (path.p) (void)hp_remove_tree(path.p, &ignored); /* the next purge finds what is left */
}
