/* QG-1: the command line is whole. */
#include "base/clock.h"
#include "ops/qa/call.h"

#include "base/banned.h"

/* Commands that runbooks begin with. */
static const char *const REQUIRED[] = {"overview", "refine", "enrich", "qa", "contracts"};
enum { NREQUIRED = sizeof REQUIRED / sizeof *REQUIRED };

/* Tells whether a text has the name as a word of its own. */
static bool has_word(hp_str text, const char *name) {
    hp_str word = hp_str_of(name);
    for (size_t i = hp_str_find(text, word, 0); i != SIZE_MAX; i = hp_str_find(text, word, i + 1)) {
        bool before = i == 0 || !(hp_is_alnum(text.p[i - 1]) || text.p[i - 1] == '-');
        size_t end = i + word.n;
        if (before && (end == text.n || !(hp_is_alnum(text.p[end]) || text.p[end] == '-'))) return true;
    }
    return false;
}

static hp_code lists(hp_qa_run *q, const char *const *args, const char *id, const char *description,
                     hp_err *err) {
    hp_autoreply r = {0};
    hp_autobuf missing = hp_buf_new(1024);
    uint64_t since = hp_clock_mono();
    HP_TRY(hp_qa_call(args, NULL, HP_QA_ASK, &r, err));
    if (!hp_qa_exited(&r, 0)) {
        hp_qa_why(&r, HP_QA_ASK, &missing);
        return hp_qa_add(q, HP_QA_FAILED, since, id, description, err, "%s", hp_buf_cstr(&missing));
    }
    for (size_t i = 0; i < NREQUIRED; i++)
        if (!has_word(hp_buf_str(&r.out), REQUIRED[i]))
            hp_buf_printf(&missing, "%s%s", missing.n ? ", " : "", REQUIRED[i]);
    if (missing.n)
        return hp_qa_add(q, HP_QA_FAILED, since, id, description, err, "does not list %s",
                         hp_buf_cstr(&missing));
    return hp_qa_add(q, HP_QA_PASSED, since, id, description, err,
                     "lists overview, refine, enrich, qa, contracts");
}

/* ---- every command explains itself ---- */

static hp_code check_help(hp_qa_run *q, const char *const *words, size_t n, hp_err *err) {
    hp_autoreply r = {0};
    hp_autobuf id = hp_buf_new(256), full = hp_buf_new(256);
    hp_qa_args args = {0};
    for (size_t i = 0; i < n; i++) {
        HP_QA_ARGS(&args, words[i]);
        hp_buf_printf(&id, "%s%s", i ? "-" : "", words[i]);
        hp_buf_printf(&full, " %s", words[i]);
    }
    hp_buf_puts(&id, "-help");
    HP_QA_ARGS(&args, "--help");
    uint64_t since = hp_clock_mono();
    HP_TRY(hp_qa_call(args.p, NULL, HP_QA_ASK, &r, err));
    bool tells = hp_str_find(hp_buf_str(&r.out), hp_buf_str(&full), 0) != SIZE_MAX;
    hp_autobuf text = hp_buf_new(1024), description = hp_buf_new(512);
    hp_buf_printf(&description, "hotpass%s --help explains the command", hp_buf_cstr(&full));
    if (!hp_qa_exited(&r, 0))
        hp_qa_why(&r, HP_QA_ASK, &text);
    else
        hp_buf_printf(&text, tells ? "%zu bytes of help" : "the help of %zu bytes does not name the command",
                      r.out.n);
    return hp_qa_add(q, hp_qa_exited(&r, 0) && tells ? HP_QA_PASSED : HP_QA_FAILED, since, hp_buf_cstr(&id),
                     hp_buf_cstr(&description), err, "%s", hp_buf_cstr(&text));
}

/* Checks one tool's command, and its group when this is the first member of it. */
static hp_code check_command(hp_qa_run *q, const hp_node *command, hp_str *group, hp_err *err) {
    const char *words[4];
    size_t n = 0;
    for (size_t i = 0; command && i < command->n && n < 4; i++) {
        hp_str word = hp_arena_dup(q->arena, command->item[i]->text);
        if (!word.p) return hp_fail_memory(err, "a check");
        words[n++] = word.p;
    }
    if (n == 0 || (n == 2 && hp_str_eq(hp_str_of(words[0]), HP_S("qa"))))
        return HP_OK; /* qa ta: no command */
    if (n > 1 && !hp_str_eq(*group, hp_str_of(words[0]))) {
        *group = hp_str_of(words[0]);
        HP_TRY(check_help(q, words, 1, err));
    }
    return check_help(q, words, n, err);
}

static hp_code check_commands(hp_qa_run *q, hp_err *err) {
    const hp_node *tools;
    hp_str group = {0};
    uint64_t since = hp_clock_mono();
    HP_TRY(hp_qa_tools(q, &tools, err));
    if (!tools)
        return hp_qa_add(q, HP_QA_FAILED, since, "commands", "the program lists its commands", err,
                         "hotpass docs tools printed no list");
    HP_TRY(hp_qa_add(q, HP_QA_PASSED, since, "commands", "the program lists its commands", err, "%zu",
                     tools->n));
    for (size_t i = 0; i < tools->n; i++)
        HP_TRY(check_command(q, hp_node_get(tools->item[i], "command"), &group, err));
    return HP_OK;
}

/* ---- errors, profiles ---- */

static hp_code check_errors(hp_qa_run *q, hp_err *err) {
    static const char ID[] = "usage-error",
                      WHAT[] = "an unknown command is refused with exit 2 and an error in JSON";
    hp_autoreply r = {0};
    const char *const args[] = {"no-such-command", "--json", NULL};
    uint64_t since = hp_clock_mono();
    HP_TRY(hp_qa_call(args, NULL, HP_QA_ASK, &r, err));
    const hp_node *code = hp_node_get(hp_qa_json(&r, q->arena), "code");
    if (hp_qa_exited(&r, 2) && code && hp_str_eq(code->text, HP_S("2")))
        return hp_qa_add(q, HP_QA_PASSED, since, ID, WHAT, err, "exit 2");
    return hp_qa_add(q, HP_QA_FAILED, since, ID, WHAT, err, "exit %d, %s", r.end.status,
                     code ? "another code" : "no error object");
}

static hp_code check_profile(hp_qa_run *q, hp_err *err) {
    hp_autoreply r = {0};
    hp_qa_args args = {0};
    HP_QA_ARGS(&args, "profile", "lint");
    for (size_t i = 0; i < q->o->nprofile_dirs && i < 16; i++)
        HP_QA_ARGS(&args, "--profile-search-path", q->o->profile_dirs[i]);
    HP_QA_ARGS(&args, "--", q->o->profile);
    return hp_qa_expect(q, args.p, HP_QA_ASK, 0, "profile-lint", "the profile has no errors", &r, err);
}

hp_code hp_qa_cli(hp_qa_run *q, hp_err *err) {
    static const char *const OVERVIEW[] = {"overview", NULL}, *const HELP[] = {"--help", NULL};
    HP_TRY(lists(q, OVERVIEW, "overview", "hotpass overview lists the commands", err));
    HP_TRY(lists(q, HELP, "cli-help", "hotpass --help lists the commands", err));
    HP_TRY(check_commands(q, err));
    HP_TRY(check_errors(q, err));
    return check_profile(q, err);
}
