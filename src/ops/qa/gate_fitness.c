/* What a run promises, tried on the data at hand. */
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "ops/qa/call.h"
#include "profile/profile.h"

#include "base/banned.h"

/* ---- profiles ---- */

/* Older tools refused a profile without one of these blocks, and who reads a profile looks for all four. */
static hp_code check_blocks(hp_qa_run *q, hp_err *err) {
    static const char ID[] = "profile-blocks",
                      WHAT[] = "the profile has the blocks ingest, refine, enrich, compliance";
    static const char *const BLOCK[] = {"ingest", "refine", "enrich", "compliance"};
    hp_autobuf missing = hp_buf_new(256);
    hp_err why = {0};
    hp_profile *p = NULL;
    hp_str path;
    uint64_t since = hp_clock_mono();
    hp_code code = hp_profile_find(q->arena, hp_str_of(q->o->profile), q->o->profile_dirs,
                                   q->o->nprofile_dirs, &path, &why);
    if (code == HP_OK) code = hp_profile_load(q->arena, path.p, &p, &why);
    if (code == HP_RETRY) return hp_fail_memory(err, "a profile");
    if (code != HP_OK) return hp_qa_add(q, HP_QA_FAILED, since, ID, WHAT, err, "%s", why.message);
    for (size_t i = 0; i < sizeof BLOCK / sizeof *BLOCK; i++)
        if (!hp_node_get(p->doc, BLOCK[i])) hp_buf_printf(&missing, "%s%s", missing.n ? ", " : "", BLOCK[i]);
    if (missing.n)
        return hp_qa_add(q, HP_QA_FAILED, since, ID, WHAT, err, "%.*s: has no %s", HP_FMT(path),
                         hp_buf_cstr(&missing));
    return hp_qa_add(q, HP_QA_PASSED, since, ID, WHAT, err, "%.*s", HP_FMT(path));
}

/* ---- inputs ---- */

/* Digests the names, sizes and bytes of a directory's files. */
static hp_code digest_inputs(const char *dir, hp_arena *a, hp_sha256 *out, size_t *files, hp_err *err) {
    hp_autobuf all = hp_buf_new(64 << 20);
    hp_str *name;
    size_t n;
    struct stat st;
    *files = 0;
    HP_TRY(hp_list_dir(a, dir, &name, &n, err));
    for (size_t i = 0; i < n; i++) {
        hp_sha256 one;
        hp_str path = hp_path_join(a, hp_str_of(dir), name[i]);
        if (!path.p) return hp_fail_memory(err, "the inputs");
        if (stat(path.p, &st) != 0 || !S_ISREG(st.st_mode)) continue;
        HP_TRY(hp_sha256_file(path.p, &one, err));
        hp_buf_printf(&all, "%.*s %lld %s\n", HP_FMT(name[i]), (long long)st.st_mtim.tv_sec, one.hex);
        ++*files;
    }
    HP_TRY(hp_buf_check(&all, "the list of inputs", err));
    hp_sha256_of(hp_buf_str(&all), out);
    return HP_OK;
}

/* ---- runs ---- */

typedef struct trial {
    hp_str book, json;
    hp_sha256 sha256;
} trial;

static hp_code refine(hp_qa_run *q, hp_str scratch, const char *name, trial *t, hp_err *err) {
    hp_autoreply r = {0};
    hp_autobuf id = hp_buf_new(64);
    hp_str dir = hp_path_join(q->arena, scratch, hp_str_of(name));
    t->book = hp_path_join(q->arena, dir, HP_S("refined.xlsx"));
    t->json = hp_path_join(q->arena, dir, HP_S("run.json"));
    if (!dir.p || !t->book.p || !t->json.p) return hp_fail_memory(err, "the result");
    hp_qa_args args = {0};
    hp_buf_printf(&id, "refine-%s", name);
    HP_QA_ARGS(&args, "refine", "--input-dir", q->o->input_dir, "--output-path", t->book.p, "--dist-dir",
               dir.p, "--quiet");
    hp_qa_args_profile(&args, q->o);
    HP_TRY(hp_qa_expect(q, args.p, HP_QA_WORK, 0, hp_buf_cstr(&id), "the data is refined", &r, err));
    if (hp_qa_last(q)->status == HP_QA_PASSED) return hp_sha256_file(t->book.p, &t->sha256, err);
    t->book = (hp_str){0};
    return HP_OK;
}

static hp_code check_same(hp_qa_run *q, const trial *a, const trial *b, hp_err *err) {
    bool same = hp_str_eq(hp_str_of(a->sha256.hex), hp_str_of(b->sha256.hex));
    return hp_qa_add(q, same ? HP_QA_PASSED : HP_QA_FAILED, hp_clock_mono(), "same-bytes",
                     "two runs over the same inputs give the same bytes", err, "sha256 %.12s and %.12s",
                     a->sha256.hex, b->sha256.hex);
}

static int64_t count_of(const hp_node *counts, const char *key) {
    int64_t n = -1;
    return hp_node_i64(hp_node_get(counts, key), &n) ? n : -1;
}

static hp_code check_rows(hp_qa_run *q, const trial *t, hp_err *err) {
    hp_node *root = NULL;
    hp_err why = {0};
    uint64_t since = hp_clock_mono();
    if (hp_doc_read(q->arena, t->json.p, &root, &why) == HP_RETRY) return hp_fail_memory(err, "run.json");
    const hp_node *counts = hp_node_get(root, "counts");
    int64_t in = count_of(counts, "rows_in"), out = count_of(counts, "rows_out"),
            merged = count_of(counts, "merged"), quarantined = count_of(counts, "quarantined");
    bool fine = in >= 0 && out >= 0 && merged >= 0 && quarantined >= 0 && in == out + merged + quarantined;
    return hp_qa_add(q, fine ? HP_QA_PASSED : HP_QA_FAILED, since, "no-row-lost",
                     "rows in are rows out, merged and quarantined", err,
                     "%lld in, %lld out, %lld merged, %lld quarantined", (long long)in, (long long)out,
                     (long long)merged, (long long)quarantined);
}

static hp_code try_runs(hp_qa_run *q, hp_str scratch, hp_err *err) {
    hp_sha256 before, after;
    trial first = {0}, second = {0};
    size_t files, again;
    HP_TRY(digest_inputs(q->o->input_dir, q->arena, &before, &files, err));
    HP_TRY(refine(q, scratch, "first", &first, err));
    if (first.book.n) HP_TRY(refine(q, scratch, "second", &second, err));
    if (first.book.n && second.book.n) HP_TRY(check_same(q, &first, &second, err));
    if (first.book.n) HP_TRY(check_rows(q, &first, err));
    uint64_t since = hp_clock_mono();
    HP_TRY(digest_inputs(q->o->input_dir, q->arena, &after, &again, err));
    bool same = hp_str_eq(hp_str_of(before.hex), hp_str_of(after.hex));
    return hp_qa_add(q, same ? HP_QA_PASSED : HP_QA_FAILED, since, "inputs-untouched",
                     "no file of the input directory was changed", err,
                     same ? "%zu files" : "%zu files before, and they are others now", files);
}

hp_code hp_qa_fitness(hp_qa_run *q, hp_err *err) {
    hp_str scratch;
    HP_TRY(check_blocks(q, err));
    if (!hp_is_dir(q->o->input_dir))
        return hp_qa_add(q, HP_QA_FAILED, hp_clock_mono(), "input", "there is data to try", err,
                         "%s: no such directory; give --input-dir", q->o->input_dir);
    HP_TRY(hp_qa_scratch(q, &scratch, err));
    hp_code code = try_runs(q, scratch, err);
    hp_qa_scratch_remove(scratch);
    return code;
}
