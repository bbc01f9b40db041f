/* QG-2: the data is as the suites of its profile expect, and so is what becomes of it. */
#include "base/clock.h"
#include "base/file.h"
#include "ops/qa/call.h"
#include "profile/profile.h"

#include "base/banned.h"

/* Hold the state of the gate. */
typedef struct state {
    hp_qa_run *q;
    const hp_profile *p;
    hp_str *file; /**< names in the input directory */
    size_t nfile;
    size_t suites; /**< that the profile names */
} state;

/* Says of the check that was added last what it looked at. */
static void about(hp_qa_run *q, hp_str workbook, hp_str sheet, int64_t rows) {
    hp_qa_check *c = hp_qa_last(q);
    c->workbook = workbook;
    c->sheet = sheet;
    c->rows = rows;
}

/* ---- suites ---- */

/* The name of a suite without folder and suffix: how results call it. */
static hp_str name_of(hp_str path) {
    hp_str base = hp_path_base(path);
    size_t dot = base.n;
    while (dot > 0 && base.p[dot - 1] != '.') dot--;
    return dot > 1 ? hp_str_cut(base, 0, dot - 1) : base;
}

static const hp_node *validation_of(const hp_node *root) {
    const hp_node *list = hp_node_get(root, "validations");
    return list && list->kind == HP_NODE_LIST && list->n == 1 ? list->item[0] : NULL;
}

/* Finds what follows when an expectation of a result is not met. */
static hp_on_failure action_of(const state *s, const hp_profile_checks *const of[2], const hp_node *config) {
    static const char *const WORD[] = {"critical", "warning", "info"};
    hp_str word = {0};
    hp_node_text(hp_node_get(config, "severity"), &word);
    for (int i = 1; i < HP_GX_SEVERITIES; i++)
        if (hp_str_eq(word, hp_str_of(WORD[i]))) return hp_profile_action(s->p, of, 2, (hp_gx_severity)i);
    return hp_profile_action(s->p, of, 2, HP_GX_CRITICAL);
}

/* Appends what is not met: "expect_column_values_to_not_be_null (ID): 1 unexpected"; returns for how much of
 * it the profile wants more than a report. */
static size_t put_unmet(const state *s, const hp_profile_checks *const of[2], const hp_node *validation,
                        hp_buf *out) {
    size_t grave = 0;
    const hp_node *results = hp_node_get(validation, "results");
    for (size_t i = 0, told = 0; results && i < results->n; i++) {
        const hp_node *r = results->item[i], *config = hp_node_get(r, "expectation_config");
        const hp_node *type = hp_node_get(config, "type"),
                      *column = hp_node_get(hp_node_get(config, "kwargs"), "column"),
                      *count = hp_node_get(hp_node_get(r, "result"), "unexpected_count");
        bool met = true;
        if (!hp_node_bool(hp_node_get(r, "success"), &met) || met || !type) continue;
        hp_on_failure action = action_of(s, of, config);
        grave += action != HP_ON_FAILURE_WARN;
        if (told++ >= 3) continue;
        hp_buf_printf(out, "; %.*s", HP_FMT(type->text));
        if (column) hp_buf_printf(out, " (%.*s)", HP_FMT(column->text));
        if (count) hp_buf_printf(out, ": %.*s unexpected", HP_FMT(count->text));
        if (action == HP_ON_FAILURE_WARN) hp_buf_puts(out, ", which the profile only wants reported");
    }
    return grave;
}

/* Adds the result of a check by what it printed, which goes to <suite>.json of the run. */
static hp_code judge(const state *s, const hp_profile_checks *const of[2], hp_str name, uint64_t since,
                     const hp_qa_reply *r, int64_t *rows, hp_err *err) {
    hp_autobuf text = hp_buf_new(4096), id = hp_buf_new(512);
    hp_qa_run *q = s->q;
    const hp_node *validation = validation_of(hp_qa_json(r, q->arena)),
                  *stats = hp_node_get(validation, "statistics");
    int64_t met = 0, all = 0;
    *rows = -1;
    hp_buf_printf(&id, "%.*s", HP_FMT(name));
    hp_node_i64(hp_node_get(hp_node_get(validation, "meta"), "rows"), rows);
    hp_node_i64(hp_node_get(stats, "successful_expectations"), &met);
    hp_node_i64(hp_node_get(stats, "evaluated_expectations"), &all);
    bool passed = (hp_qa_exited(r, 0) || hp_qa_exited(r, 1)) && validation && all > 0;
    if (validation) {
        hp_buf_printf(&text, "%lld of %lld expectations met", (long long)met, (long long)all);
        passed &= put_unmet(s, of, validation, &text) == 0;
    } else {
        hp_qa_why(r, HP_QA_WORK, &text);
    }
    return hp_qa_add(q, passed ? HP_QA_PASSED : HP_QA_FAILED, since, hp_buf_cstr(&id),
                     "a sheet is as its suite expects", err, "%s", hp_buf_cstr(&text));
}

static bool is_workbook(hp_str file) {
    static const char *const PATTERN[] = {"*.xlsx", "*.xlsm", "*.xls", "*.ods"};
    for (size_t i = 0; i < sizeof PATTERN / sizeof *PATTERN; i++)
        if (hp_glob_imatch(hp_str_of(PATTERN[i]), file)) return true;
    return false;
}

static hp_code hold(const state *s, const hp_profile_checks *const of[2], hp_str file, hp_str sheet,
                    hp_str suite, hp_str name, hp_err *err) {
    hp_autoreply r = {0};
    hp_qa_run *q = s->q;
    hp_str path = hp_path_join(q->arena, hp_str_of(q->o->input_dir), file);
    hp_str data =
        is_workbook(file) ? hp_arena_printf(q->arena, "%.*s!%.*s", HP_FMT(path), HP_FMT(sheet)) : path;
    hp_str result = hp_arena_printf(q->arena, "%.*s/%.*s.json", HP_FMT(q->dir), HP_FMT(name));
    if (!path.p || !data.p || !result.p) return hp_fail_memory(err, "a check");
    const char *const args[] = {"check", "--suite", suite.p, "--json", "--", data.p, NULL};
    uint64_t since = hp_clock_mono();
    int64_t rows;
    HP_TRY(hp_qa_call(args, NULL, HP_QA_WORK, &r, err));
    HP_TRY(hp_write_file(result.p, hp_buf_str(&r.out), err));
    HP_TRY(judge(s, of, name, since, &r, &rows, err));
    about(q, file, is_workbook(file) ? sheet : HP_S(""), rows);
    return HP_OK;
}

static hp_code fail_suite(const state *s, hp_str name, hp_str workbook, hp_str sheet, const char *what,
                          hp_err *err) {
    hp_autobuf id = hp_buf_new(512);
    hp_buf_printf(&id, "%.*s", HP_FMT(name));
    HP_TRY(hp_qa_add(s->q, HP_QA_FAILED, hp_clock_mono(), hp_buf_cstr(&id), "a sheet is as its suite expects",
                     err, "%s", what));
    about(s->q, workbook, sheet, -1);
    return HP_OK;
}

/* Holds every file of a source against one suite of one of its sheets. */
static hp_code check_suite(state *s, const hp_profile_source *src, const hp_profile_checks *checks,
                           const hp_profile_checks *const of[2], hp_str sheet, hp_str suite, hp_err *err) {
    hp_str path = hp_profile_checks_path(s->q->arena, checks, suite), name = name_of(suite);
    hp_str pattern = hp_path_base(src->path_pattern);
    size_t files = 0;
    s->suites++;
    if (!path.p) return hp_fail_memory(err, "a suite");
    if (!hp_exists(path.p))
        return fail_suite(s, name, pattern, sheet,
                          "the suite is not there; paths begin at the folder of the profile", err);
    for (size_t i = 0; i < s->nfile; i++) {
        if (!hp_glob_imatch(pattern, s->file[i])) continue;
        HP_TRY(hold(s, of, s->file[i], sheet, path, name, err));
        files++;
    }
    return files
               ? HP_OK
               : fail_suite(s, name, pattern, sheet, "no file of the input directory is of this source", err);
}

static hp_code check_named(state *s, const hp_profile_source *src, const hp_profile_checks *checks,
                           const hp_profile_checks *const of[2], hp_str sheet, hp_err *err) {
    for (size_t n = 0; n < checks->nsuite; n++)
        HP_TRY(check_suite(s, src, checks, of, sheet, checks->suite[n], err));
    return HP_OK;
}

static hp_code check_suites(state *s, hp_err *err) {
    for (size_t i = 0; i < s->p->nsource; i++) {
        const hp_profile_source *src = &s->p->source[i];
        for (size_t k = 0; k < src->nsheet; k++) {
            const hp_profile_checks *const of[2] = {&src->sheet[k].checks, &src->checks};
            HP_TRY(check_named(s, src, &src->checks, of, src->sheet[k].name, err));
            HP_TRY(check_named(s, src, &src->sheet[k].checks, of, src->sheet[k].name, err));
        }
        const hp_profile_checks *const own[2] = {&src->checks, NULL};
        if (src->nsheet == 0) HP_TRY(check_named(s, src, &src->checks, own, HP_S(""), err));
    }
    return HP_OK;
}

/* ---- the result ---- */

static size_t count_pages(hp_arena *a, const char *dir) {
    hp_str *name;
    size_t n, pages = 0;
    hp_err ignored = {0};
    if (!hp_is_dir(dir) || hp_list_dir(a, dir, &name, &n, &ignored) != HP_OK) return 0;
    for (size_t i = 0; i < n; i++) {
        hp_str path = hp_path_join(a, hp_str_of(dir), name[i]);
        if (!path.p) continue;
        pages += hp_is_dir(path.p) ? count_pages(a, path.p) : hp_glob_imatch(HP_S("*.html"), name[i]);
    }
    return pages;
}

/* Refines into the scratch directory; what stays are the data docs, in which nobody's values are. */
static hp_code check_result(const state *s, hp_str scratch, hp_err *err) {
    hp_autoreply r = {0};
    hp_qa_run *q = s->q;
    hp_str book = hp_path_join(q->arena, scratch, HP_S("refined.xlsx")),
           report = hp_qa_path(q, "report.html"), docs = hp_qa_path(q, "data-docs"),
           index = hp_qa_path(q, "data-docs/index.html");
    if (!book.p || !report.p || !docs.p || !index.p) return hp_fail_memory(err, "the result");
    hp_qa_args args = {0};
    HP_QA_ARGS(&args, "refine", "--input-dir", q->o->input_dir, "--output-path", book.p, "--report-path",
               report.p, "--dist-dir", q->dir.p, "--json");
    hp_qa_args_profile(&args, q->o);
    HP_TRY(hp_qa_expect(q, args.p, HP_QA_WORK, 0, "result", "the result is as the profile expects", &r, err));
    int64_t rows = -1;
    hp_node_i64(hp_node_get(hp_node_get(hp_qa_json(&r, q->arena), "counts"), "rows_in"), &rows);
    about(q, HP_S(""), HP_S("Data"), rows);
    if (hp_exists(index.p)) q->data_docs = index;
    q->docs_html = count_pages(q->arena, docs.p);
    return HP_OK;
}

static hp_code look(state *s, hp_err *err) {
    hp_qa_run *q = s->q;
    hp_str scratch;
    HP_TRY(check_suites(s, err));
    if (s->suites == 0)
        HP_TRY(hp_qa_add(
            q, HP_QA_SKIPPED, hp_clock_mono(), "suites", "sheets are as their suites expect", err,
            "profile %.*s names no suites (ingest.sources.sheets.suite); hotpass suite init proposes one",
            HP_FMT(s->p->name)));
    HP_TRY(hp_qa_scratch(q, &scratch, err));
    hp_code code = check_result(s, scratch, err);
    hp_qa_scratch_remove(scratch);
    return code;
}

hp_code hp_qa_data(hp_qa_run *q, hp_err *err) {
    state s = {.q = q};
    hp_profile *p = NULL;
    hp_str path;
    hp_err why = {0};
    uint64_t since = hp_clock_mono();
    hp_code code = hp_profile_find(q->arena, hp_str_of(q->o->profile), q->o->profile_dirs,
                                   q->o->nprofile_dirs, &path, &why);
    if (code == HP_OK) code = hp_profile_load(q->arena, path.p, &p, &why);
    if (code == HP_OK) code = hp_list_dir(q->arena, q->o->input_dir, &s.file, &s.nfile, &why);
    if (code == HP_RETRY) return hp_fail_memory(err, "the profile");
    if (code != HP_OK)
        return hp_qa_add(q, HP_QA_FAILED, since, "input", "profile and data are there", err, "%s",
                         why.message);
    s.p = p;
    return look(&s, err);
}
