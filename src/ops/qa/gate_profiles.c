/* Every profile that is found, and the contracts. */
#include "base/clock.h"
#include "base/file.h"
#include "ops/qa/call.h"
#include "profile/profile.h"

#include "base/banned.h"

/* ---- profiles ---- */

static hp_code lint(hp_qa_run *q, hp_str path, hp_err *err) {
    hp_autobuf lines = hp_buf_new(1 << 20), id = hp_buf_new(8192);
    uint64_t since = hp_clock_mono();
    size_t errors = 0;
    hp_err why = {0};
    hp_buf_printf(&id, "profile:%.*s", HP_FMT(path));
    hp_code code = hp_profile_lint(q->arena, path.p, &lines, &errors, &why);
    if (code == HP_RETRY) return hp_fail_memory(err, "a profile");
    hp_str first = hp_buf_str(&lines), line = {0};
    hp_str_next(&first, '\n', &line);
    if (code != HP_OK) line = hp_str_of(why.message);
    bool passed = code == HP_OK && errors == 0;
    return hp_qa_add(q, passed ? HP_QA_PASSED : HP_QA_FAILED, since, hp_buf_cstr(&id),
                     "the profile has no errors", err, "%zu errors%s%.*s", errors, line.n ? "; " : "",
                     HP_FMT(hp_str_cut(line, 0, 500)));
}

hp_code hp_qa_profiles(hp_qa_run *q, hp_err *err) {
    const hp_qa_options *o = q->o;
    hp_str *path, own;
    size_t n;
    hp_err why = {0};
    uint64_t since = hp_clock_mono();
    HP_TRY(hp_profile_list(q->arena, o->profile_dirs, o->nprofile_dirs, &path, &n, err));
    bool seen = false;
    if (hp_profile_find(q->arena, hp_str_of(o->profile), o->profile_dirs, o->nprofile_dirs, &own, &why)
        != HP_OK)
        HP_TRY(hp_qa_add(q, HP_QA_FAILED, since, "profile", "the profile is found", err, "%s", why.message));
    else
        for (size_t i = 0; i < n; i++) seen |= hp_str_eq(path[i], own);
    for (size_t i = 0; i < n; i++) HP_TRY(lint(q, path[i], err));
    return why.message[0] || seen ? HP_OK : lint(q, own, err);
}

/* ---- contracts ---- */

static hp_code emit(hp_qa_run *q, const char *format, const char *file, hp_str *path, hp_err *err) {
    hp_autoreply r = {0};
    hp_autobuf id = hp_buf_new(64);
    hp_qa_args args = {0};
    *path = hp_qa_path(q, file);
    if (!path->p) return hp_fail_memory(err, "a contract");
    hp_buf_printf(&id, "emit-%s", format);
    HP_QA_ARGS(&args, "contracts", "emit", "--format", format, "--output", path->p);
    hp_qa_args_profile(&args, q->o);
    HP_TRY(hp_qa_expect(q, args.p, HP_QA_ASK, 0, hp_buf_cstr(&id), "the contract of the profile is written",
                        &r, err));
    if (hp_qa_last(q)->status != HP_QA_PASSED) *path = (hp_str){0};
    return HP_OK;
}

/* Reads a contract, by comparing it with itself. */
static hp_code read_contract(hp_qa_run *q, hp_str path, hp_err *err) {
    hp_autoreply r = {0};
    hp_autobuf id = hp_buf_new(8192);
    const char *const args[] = {"contracts", "diff", "--", path.p, path.p, NULL};
    hp_buf_printf(&id, "contract:%.*s", HP_FMT(path));
    return hp_qa_expect(q, args, HP_QA_ASK, 0, hp_buf_cstr(&id),
                        "the contract can be read, and breaks nothing of itself", &r, err);
}

static hp_code workspace_contracts(hp_qa_run *q, hp_err *err) {
    hp_str dir = hp_path_join(q->arena, hp_str_of(q->o->workspace), HP_S("contracts")), *name;
    size_t n = 0, found = 0;
    uint64_t since = hp_clock_mono();
    if (!dir.p) return hp_fail_memory(err, "the contracts");
    if (hp_is_dir(dir.p)) HP_TRY(hp_list_dir(q->arena, dir.p, &name, &n, err));
    for (size_t i = 0; i < n; i++) {
        if (!hp_glob_imatch(HP_S("*.y*ml"), name[i]) && !hp_glob_imatch(HP_S("*.json"), name[i])) continue;
        hp_str path = hp_path_join(q->arena, dir, name[i]);
        if (!path.p) return hp_fail_memory(err, "the contracts");
        HP_TRY(read_contract(q, path, err));
        found++;
    }
    if (found) return HP_OK;
    return hp_qa_add(q, HP_QA_SKIPPED, since, "workspace-contracts",
                     "the contracts of the workspace can be read", err, "%.*s: has no contracts",
                     HP_FMT(dir));
}

/* Refines the data into the scratch directory, and holds the result against the contract. */
static hp_code hold(hp_qa_run *q, hp_str contract, hp_str scratch, hp_err *err) {
    hp_autoreply r = {0};
    hp_str book = hp_path_join(q->arena, scratch, HP_S("refined.xlsx"));
    if (!book.p) return hp_fail_memory(err, "the result");
    hp_qa_args args = {0};
    HP_QA_ARGS(&args, "refine", "--input-dir", q->o->input_dir, "--output-path", book.p, "--dist-dir",
               scratch.p, "--quiet");
    hp_qa_args_profile(&args, q->o);
    HP_TRY(hp_qa_expect(q, args.p, HP_QA_WORK, 0, "refine", "the data is refined", &r, err));
    if (hp_qa_last(q)->status != HP_QA_PASSED) return HP_OK;
    const char *const validate[] = {"contracts", "validate", book.p, "--contract",
                                    contract.p,  "--quiet",  NULL};
    return hp_qa_expect(q, validate, HP_QA_WORK, 0, "validate-output", "the result keeps the contract", &r,
                        err);
}

hp_code hp_qa_contracts(hp_qa_run *q, hp_err *err) {
    hp_str odcs, frictionless, scratch;
    HP_TRY(emit(q, "odcs", "contract.odcs.yaml", &odcs, err));
    HP_TRY(emit(q, "frictionless", "datapackage.json", &frictionless, err));
    if (odcs.n) HP_TRY(read_contract(q, odcs, err));
    if (frictionless.n) HP_TRY(read_contract(q, frictionless, err));
    HP_TRY(workspace_contracts(q, err));
    uint64_t since = hp_clock_mono();
    if (!odcs.n || !hp_is_dir(q->o->input_dir))
        return hp_qa_add(q, HP_QA_SKIPPED, since, "validate-output", "the result keeps the contract", err,
                         "%s: no such directory; give --input-dir", q->o->input_dir);
    HP_TRY(hp_qa_scratch(q, &scratch, err));
    hp_code code = hold(q, odcs, scratch, err);
    hp_qa_scratch_remove(scratch);
    return code;
}
