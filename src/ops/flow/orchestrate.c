#include "ops/flow/orchestrate.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "ops/flow/call.h"

#include "base/banned.h"

enum { TICK_MS = 500, GRACE_MS = 2000 };

/* Hold a flow at work. */
typedef struct flow {
    const hp_orchestrate_options *o;
    hp_arena *arena;
    hp_orchestration *out;
} flow;

static const char *const NAME[HP_STEP_COUNT] = {"lint", "refine", "verify", "contract"};

const char *hp_step_word(hp_step_state s) {
    static const char *const WORD[] = {"waiting", "running", "completed", "failed", "skipped"};
    return WORD[s];
}

/* ---- calls ---- */

/* Waits for the end of a child; a signal for us ends it first. */
static void wait_for(flow *f, hp_child *child, hp_proc_result *r) {
    while (!hp_child_ended(child, r)) {
        struct pollfd fds[] = {{child->pid_fd, POLLIN, 0}, {f->o->stop_fd, POLLIN, 0}};
        poll(fds, 2, child->pid_fd < 0 ? TICK_MS / 10 : TICK_MS);
        f->out->signal = hp_flow_stop_signal(f->o->stop_fd);
        if (!f->out->signal) continue;
        hp_child_end(child, GRACE_MS, r);
        return;
    }
}

/* Runs a call to its end, and reads its answer. `talk`: its stderr is ours. */
static hp_code call(flow *f, hp_flow_args *args, bool talk, hp_flow_answer *answer, int *exit_code,
                    hp_err *err) {
    hp_child child;
    hp_proc_result r = {0};
    int fd = hp_child_scratch();
    if (fd < 0) return hp_fail(err, HP_IO, "a call has nowhere to answer: %s", strerrordesc_np(errno));
    hp_child_how how = {.out_fd = fd, .talk_fd = talk ? STDERR_FILENO : 0};
    hp_code code = hp_child_start(args->p, &how, &child, err);
    if (code == HP_OK) {
        wait_for(f, &child, &r);
        *exit_code = f->out->signal ? 128 + f->out->signal : hp_child_code(&r);
        *answer = hp_flow_read(f->arena, fd);
    }
    close(fd);
    return code;
}

static hp_code begin_call(flow *f, hp_flow_args *args, size_t most, const char *const *words, hp_err *err) {
    HP_TRY(hp_flow_args_begin(f->arena, args, most + 16, words[0], err));
    for (size_t i = 1; words[i]; i++) hp_flow_args_put(args, words[i]);
    hp_flow_args_put(args, "--json");
    hp_flow_args_put(args, "--no-input");
    if (f->o->events) hp_flow_args_put(args, "--log-format=json");
    return HP_OK;
}

static hp_code put_search_path(flow *f, hp_flow_args *args, hp_err *err) {
    for (size_t i = 0; i < f->o->nprofile_dirs; i++)
        HP_TRY(hp_flow_args_value(f->arena, args, "profile-search-path", f->o->profile_dirs[i], err));
    return HP_OK;
}

/* ---- the steps ---- */

static void fail_step(flow *f, hp_step *s, int code, hp_str message) {
    s->state = HP_STEP_FAILED;
    s->exit_code = code;
    s->message = message.p ? message : HP_S("out of memory");
    f->out->code = code;
    f->out->message = s->message;
    if (f->out->failing_stage.n == 0) f->out->failing_stage = hp_str_of(s->name);
}

static void skip(hp_step *s, const char *why) {
    s->state = HP_STEP_SKIPPED;
    s->message = hp_str_of(why);
}

/* What a call that failed says of itself. */
static hp_str reason(flow *f, const hp_flow_answer *answer, int code) {
    if (answer->message.n) return answer->message;
    if (answer->stage.n) return hp_arena_printf(f->arena, "stopped at the stage %.*s", HP_FMT(answer->stage));
    return hp_arena_printf(f->arena, "exit code %d", code);
}

static hp_code lint(flow *f, hp_step *s, hp_err *err) {
    static const char *const WORDS[] = {"profile", "lint", NULL};
    hp_flow_args args;
    hp_flow_answer answer;
    int code = 0;
    HP_TRY(begin_call(f, &args, f->o->nprofile_dirs, WORDS, err));
    HP_TRY(put_search_path(f, &args, err));
    hp_flow_args_put(&args, "--");
    hp_flow_args_put(&args, f->o->profile);
    HP_TRY(call(f, &args, false, &answer, &code, err));
    if (code)
        fail_step(f, s, code,
                  answer.message.n
                      ? answer.message
                      : hp_arena_printf(f->arena, "the profile %s has errors: hotpass profile lint %s",
                                        f->o->profile, f->o->profile));
    return HP_OK;
}

static hp_code refine(flow *f, hp_step *s, hp_err *err) {
    static const char *const WORDS[] = {"refine", NULL};
    hp_flow_args args;
    hp_flow_answer answer;
    int code = 0;
    HP_TRY(begin_call(f, &args, f->o->npass, WORDS, err));
    for (size_t i = 0; i < f->o->npass; i++) hp_flow_args_put(&args, f->o->pass[i]);
    HP_TRY(call(f, &args, true, &answer, &code, err));
    if (answer.root && hp_node_get(answer.root, "counts")) f->out->run = answer.root;
    f->out->failing_stage = answer.stage;
    if (code)
        fail_step(f, s, code, reason(f, &answer, code));
    else
        f->out->failing_stage = (hp_str){0};
    return HP_OK;
}

static hp_str text_of(const hp_node *n, const char *key) {
    hp_str text = {0};
    const hp_node *v = hp_node_get(n, key);
    if (v) hp_node_text(v, &text);
    return text;
}

/* False, with a message, when an output is not there as run.json says. */
static bool output_holds(flow *f, const hp_node *output, hp_str *why) {
    hp_str path = hp_arena_dup(f->arena, text_of(output, "path")), want = text_of(output, "sha256");
    hp_sha256 is;
    hp_err e = {0};
    if (!path.p || hp_sha256_file(path.p, &is, &e) != HP_OK) {
        *why = hp_arena_printf(f->arena, "%.*s: %s", HP_FMT(path), e.message);
        return false;
    }
    if (want.n == 0 || hp_str_eq(hp_str_of(is.hex), want)) return true;
    *why = hp_arena_printf(f->arena, "%.*s: is not what the run wrote (its SHA-256 differs from run.json)",
                           HP_FMT(path));
    return false;
}

static void verify_rows(flow *f, const hp_node *run, hp_step *s) {
    int64_t in = hp_flow_number(run, "counts", "rows_in"), out = hp_flow_number(run, "counts", "rows_out"),
            merged = hp_flow_number(run, "counts", "merged"),
            kept_out = hp_flow_number(run, "counts", "quarantined");
    if (in != out + merged + kept_out)
        fail_step(f, s, HP_FINDINGS,
                  hp_arena_printf(
                      f->arena,
                      "run.json does not add up: %lld rows in, %lld out, %lld merged, %lld in quarantine",
                      (long long)in, (long long)out, (long long)merged, (long long)kept_out));
    else if (out == 0)
        fail_step(f, s, HP_FINDINGS, HP_S("the result has no row"));
}

/* What others will read, read again from outside: run.json as it stands on the disk, and the files it names.
 */
static hp_code verify(flow *f, hp_step *s, hp_err *err) {
    hp_str path = hp_str_of(f->o->output), why = {0};
    size_t slash = path.n;
    hp_node *run;
    hp_err unreadable = {0};
    if (f->o->dry_run) {
        skip(s, "nothing was written");
        return HP_OK;
    }
    while (slash > 0 && path.p[slash - 1] != '/') slash--;
    hp_str manifest = hp_arena_printf(f->arena, "%.*srun.json", (int)slash, path.p);
    if (!manifest.p) return hp_fail_memory(err, "a path");
    if (hp_doc_read(f->arena, manifest.p, &run, &unreadable) != HP_OK) {
        fail_step(f, s, HP_FINDINGS, hp_arena_dup(f->arena, hp_str_of(unreadable.message)));
        return HP_OK;
    }
    verify_rows(f, run, s);
    const hp_node *outputs = hp_node_get(run, "outputs");
    for (size_t i = 0; outputs && i < outputs->n && s->state == HP_STEP_RUNNING; i++)
        if (!output_holds(f, outputs->item[i], &why)) fail_step(f, s, HP_FINDINGS, why);
    return HP_OK;
}

static hp_code emit_contract(flow *f, const char *to, hp_flow_answer *answer, int *code, hp_err *err) {
    static const char *const WORDS[] = {"contracts", "emit", NULL};
    hp_flow_args args;
    HP_TRY(begin_call(f, &args, f->o->nprofile_dirs, WORDS, err));
    HP_TRY(put_search_path(f, &args, err));
    HP_TRY(hp_flow_args_value(f->arena, &args, "profile", f->o->profile, err));
    HP_TRY(hp_flow_args_value(f->arena, &args, "output", to, err));
    return call(f, &args, false, answer, code, err);
}

static hp_code validate_contract(flow *f, const char *contract, hp_flow_answer *answer, int *code,
                                 hp_err *err) {
    static const char *const WORDS[] = {"contracts", "validate", NULL};
    hp_flow_args args;
    HP_TRY(begin_call(f, &args, 0, WORDS, err));
    HP_TRY(hp_flow_args_value(f->arena, &args, "contract", contract, err));
    hp_flow_args_put(&args, "--");
    hp_flow_args_put(&args, f->o->output);
    return call(f, &args, false, answer, code, err);
}

static hp_code hold_contract(flow *f, hp_step *s, const char *dir, hp_err *err) {
    hp_flow_answer answer;
    int code = 0;
    hp_str path = hp_arena_printf(f->arena, "%s/contract.odcs.yaml", dir);
    if (!path.p) return hp_fail_memory(err, "a path");
    HP_TRY(emit_contract(f, path.p, &answer, &code, err));
    if (code == 0) HP_TRY(validate_contract(f, path.p, &answer, &code, err));
    if (code)
        fail_step(
            f, s, code,
            answer.message.n
                ? answer.message
                : hp_arena_printf(f->arena,
                                  "%s breaks a promise of the profile's contract: hotpass contracts validate",
                                  f->o->output));
    return HP_OK;
}

static hp_code contract(flow *f, hp_step *s, hp_err *err) {
    const char *temp = getenv("TMPDIR");
    hp_err ignored = {0};
    if (f->o->dry_run) {
        skip(s, "nothing was written");
        return HP_OK;
    }
    hp_str dir = hp_arena_printf(f->arena, "%s/hotpass-contract-XXXXXX", temp && *temp ? temp : "/tmp");
    if (!dir.p) return hp_fail_memory(err, "a path");
    if (!mkdtemp((char *)(uintptr_t)dir.p))
        return hp_fail(err, HP_CANTCREAT, "%s: cannot be made: %s", dir.p, strerrordesc_np(errno));
    hp_code code = hold_contract(f, s, dir.p, err);
    (void)hp_remove_tree(dir.p, &ignored); /* a small file for the system to clear away */
    return code;
}

typedef hp_code step_fn(flow *f, hp_step *s, hp_err *err);
static step_fn *const STEP[HP_STEP_COUNT] = {lint, refine, verify, contract};

hp_code hp_orchestrate(const hp_orchestrate_options *o, hp_arena *a, hp_orchestration *out, hp_err *err) {
    flow f = {o, a, out};
    uint64_t begun = hp_clock_mono();
    *out = (hp_orchestration){0};
    for (int i = 0; i < HP_STEP_COUNT; i++) out->step[i].name = NAME[i];
    for (int i = 0; i < HP_STEP_COUNT && out->code == 0; i++) {
        hp_step *s = &out->step[i];
        uint64_t since = hp_clock_mono();
        s->state = HP_STEP_RUNNING;
        if (o->changed) o->changed(o->ctx, s);
        HP_TRY(STEP[i](&f, s, err));
        if (s->state == HP_STEP_RUNNING) s->state = HP_STEP_COMPLETED;
        s->seconds = (double)(hp_clock_mono() - since) / 1e9;
        if (o->changed) o->changed(o->ctx, s);
    }
    out->seconds = (double)(hp_clock_mono() - begun) / 1e9;
    return HP_OK;
}
