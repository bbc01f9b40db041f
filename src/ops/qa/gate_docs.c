/* QG-5: the documents say what the program does. */
#include "base/clock.h"
#include "base/file.h"
#include "ops/qa/call.h"

#include "base/banned.h"

/* A document of the workspace that is looked at where it is there, and words of which each group must occur.
 */
typedef struct rule {
    const char *id, *path;
    const char *any[4][3];
} rule;

enum { LEAST_BYTES = 200, MAX_DOCUMENT = 16 << 20 };

static const rule WORKSPACE[] = {
    {"readme", "README.md", {{0}}},
    {"agents-file", "AGENTS.md", {{"profile"}, {"deterministic", "offline"}, {"provenance", "source"}}},
    {"copilot-file",
     ".github/copilot-instructions.md",
     {{"profile"}, {"deterministic", "offline"}, {"provenance", "source"}}},
};

/* ---- reference pages, which the program writes itself ---- */

static const char *const PAGE[] = {"cli",        "profile", "findings",    "limits",
                                   "exit-codes", "ssot",    "expectations"};

static hp_code verbs(hp_qa_run *q, hp_str text, hp_err *err) {
    static const char *const VERB[] = {"overview", "refine", "enrich", "qa", "contracts"};
    hp_autobuf missing = hp_buf_new(256);
    uint64_t since = hp_clock_mono();
    for (size_t i = 0; i < sizeof VERB / sizeof *VERB; i++) {
        hp_autobuf heading = hp_buf_new(64);
        hp_buf_printf(&heading, "## hotpass %s\n", VERB[i]);
        if (hp_str_find(text, hp_buf_str(&heading), 0) == SIZE_MAX)
            hp_buf_printf(&missing, "%s%s", missing.n ? ", " : "", VERB[i]);
    }
    return hp_qa_add(q, missing.n ? HP_QA_FAILED : HP_QA_PASSED, since, "cli-reference",
                     "the reference of the command line explains overview, refine, enrich, qa, contracts",
                     err, "%s%s", missing.n ? "does not explain " : "all of them",
                     missing.n ? hp_buf_cstr(&missing) : "");
}

static hp_code check_page(hp_qa_run *q, const char *topic, hp_err *err) {
    hp_autoreply r = {0};
    hp_autobuf id = hp_buf_new(64), page = hp_buf_new(MAX_DOCUMENT), why = hp_buf_new(4096);
    const char *const args[] = {"docs", topic, NULL};
    hp_str path = hp_arena_printf(q->arena, "%s/docs/reference/%s.md", q->o->workspace, topic);
    hp_err ignored = {0};
    if (!path.p) return hp_fail_memory(err, "a document");
    hp_buf_printf(&id, "reference:%s", topic);
    uint64_t since = hp_clock_mono();
    HP_TRY(hp_qa_call(args, NULL, HP_QA_ASK, &r, err));
    hp_qa_status status = HP_QA_FAILED;
    if (!hp_qa_exited(&r, 0)) {
        hp_qa_why(&r, HP_QA_ASK, &why);
    } else if (!hp_exists(path.p)) {
        status = HP_QA_SKIPPED;
        hp_buf_printf(&why, "no %s here; hotpass docs %s prints it", path.p, topic);
    } else if (hp_read_file(path.p, &page, &ignored) != HP_OK) {
        hp_buf_puts(&why, ignored.message);
    } else if (!hp_str_eq(hp_buf_str(&page), hp_buf_str(&r.out))) {
        hp_buf_printf(&why, "%s is not what this version writes: hotpass docs %s > %s", path.p, topic,
                      path.p);
    } else {
        status = HP_QA_PASSED;
        hp_buf_printf(&why, "%s is what this version writes", path.p);
    }
    HP_TRY(hp_qa_add(q, status, since, hp_buf_cstr(&id), "a page of the reference is that of this version",
                     err, "%s", hp_buf_cstr(&why)));
    return strcmp(topic, "cli") == 0 && hp_qa_exited(&r, 0) ? verbs(q, hp_buf_str(&r.out), err) : HP_OK;
}

/* ---- documents of the workspace ---- */

static bool has_any(hp_str text, const char *const words[3]) {
    for (size_t i = 0; i < 3 && words[i]; i++)
        if (hp_str_ifind(text, hp_str_of(words[i]), 0) != SIZE_MAX) return true;
    return !words[0];
}

static hp_code check_document(hp_qa_run *q, const rule *doc, hp_err *err) {
    static const char WHAT[] = "a document of the workspace says enough to work by";
    hp_autobuf text = hp_buf_new(MAX_DOCUMENT), missing = hp_buf_new(512);
    hp_str path = hp_path_join(q->arena, hp_str_of(q->o->workspace), hp_str_of(doc->path));
    hp_err why = {0};
    uint64_t since = hp_clock_mono();
    if (!path.p) return hp_fail_memory(err, "a document");
    if (!hp_exists(path.p))
        return hp_qa_add(q, HP_QA_SKIPPED, since, doc->id, WHAT, err, "no %s here", path.p);
    if (hp_read_file(path.p, &text, &why) != HP_OK)
        return hp_qa_add(q, HP_QA_FAILED, since, doc->id, WHAT, err, "%s", why.message);
    if (text.n < LEAST_BYTES)
        return hp_qa_add(q, HP_QA_FAILED, since, doc->id, WHAT, err, "%s: %zu bytes, fewer than %d", path.p,
                         text.n, LEAST_BYTES);
    for (size_t i = 0; i < 4; i++)
        if (!has_any(hp_buf_str(&text), doc->any[i]))
            hp_buf_printf(&missing, "%s%s%s%s", missing.n ? "; " : "", doc->any[i][0],
                          doc->any[i][1] ? " or " : "", doc->any[i][1] ? doc->any[i][1] : "");
    return hp_qa_add(q, missing.n ? HP_QA_FAILED : HP_QA_PASSED, since, doc->id, WHAT, err, "%s: %s%s",
                     path.p, missing.n ? "does not speak of " : "says enough",
                     missing.n ? hp_buf_cstr(&missing) : "");
}

/* ---- links ---- */

/* Hold the state of the look at links. */
typedef struct links {
    hp_qa_run *q;
    size_t pages, links, broken;
    hp_buf why;
} links;

static hp_code follow(links *k, hp_str dir, hp_str page, hp_str target, hp_err *err) {
    size_t hash = hp_str_chr(target, '#', 0);
    hp_str file = hash == SIZE_MAX ? target : hp_str_cut(target, 0, hash);
    if (file.n == 0 || hp_str_find(file, HP_S("://"), 0) != SIZE_MAX || hp_str_starts(file, HP_S("mailto:"))
        || file.p[0] == '/' || hp_str_chr(file, ' ', 0) != SIZE_MAX || hp_str_chr(file, '<', 0) != SIZE_MAX)
        return HP_OK;
    hp_str path = hp_path_join(k->q->arena, dir, file);
    if (!path.p) return hp_fail_memory(err, "the links");
    k->links++;
    if (hp_exists(path.p)) return HP_OK;
    if (k->broken++ < 5)
        hp_buf_printf(&k->why, "; %.*s/%.*s: %.*s is not there", HP_FMT(dir), HP_FMT(page), HP_FMT(file));
    return HP_OK;
}

/* Follows the links of a page, `](target)`, outside of code. */
static hp_code check_links(links *k, hp_str dir, hp_str page, hp_str text, hp_err *err) {
    bool fence = false;
    hp_str line;
    while (hp_str_next(&text, '\n', &line)) {
        if (hp_str_starts(hp_str_trim(line), HP_S("```"))) fence = !fence;
        if (fence || hp_str_starts(line, HP_S("    "))) continue;
        for (size_t i = hp_str_find(line, HP_S("]("), 0); i != SIZE_MAX;
             i = hp_str_find(line, HP_S("]("), i + 1)) {
            size_t end = hp_str_chr(line, ')', i);
            if (end != SIZE_MAX) HP_TRY(follow(k, dir, page, hp_str_cut(line, i + 2, end), err));
        }
    }
    return HP_OK;
}

static hp_code walk(links *k, hp_str dir, int depth, hp_err *err) {
    hp_str *name;
    size_t n;
    HP_TRY(hp_list_dir(k->q->arena, dir.p, &name, &n, err));
    for (size_t i = 0; i < n; i++) {
        hp_autobuf text = hp_buf_new(MAX_DOCUMENT);
        hp_str path = hp_path_join(k->q->arena, dir, name[i]);
        if (!path.p) return hp_fail_memory(err, "the links");
        if (hp_is_dir(path.p)) {
            if (depth < 16) HP_TRY(walk(k, path, depth + 1, err));
        } else if (hp_glob_imatch(HP_S("*.md"), name[i])) {
            k->pages++;
            HP_TRY(hp_read_file(path.p, &text, err));
            HP_TRY(check_links(k, dir, name[i], hp_buf_str(&text), err));
        }
    }
    return HP_OK;
}

static hp_code check_all_links(hp_qa_run *q, hp_err *err) {
    static const char ID[] = "links", WHAT[] = "links between the pages of docs lead somewhere";
    hp_str dir = hp_path_join(q->arena, hp_str_of(q->o->workspace), HP_S("docs"));
    uint64_t since = hp_clock_mono();
    if (!dir.p) return hp_fail_memory(err, "the links");
    if (!hp_is_dir(dir.p)) return hp_qa_add(q, HP_QA_SKIPPED, since, ID, WHAT, err, "no %s here", dir.p);
    links k = {.q = q, .why = hp_buf_new(8192)};
    hp_err why = {0};
    hp_code code = walk(&k, dir, 0, &why);
    if (code == HP_OK)
        code = hp_qa_add(q, k.broken ? HP_QA_FAILED : HP_QA_PASSED, since, ID, WHAT, err,
                         "%zu links on %zu pages, %zu broken%s", k.links, k.pages, k.broken,
                         hp_buf_cstr(&k.why));
    else if (code == HP_RETRY)
        code = hp_fail_memory(err, "the links");
    else
        code = hp_qa_add(q, HP_QA_FAILED, since, ID, WHAT, err, "%s", why.message);
    hp_buf_free(&k.why);
    return code;
}

hp_code hp_qa_docs(hp_qa_run *q, hp_err *err) {
    for (size_t i = 0; i < sizeof PAGE / sizeof *PAGE; i++) HP_TRY(check_page(q, PAGE[i], err));
    for (size_t i = 0; i < sizeof WORKSPACE / sizeof *WORKSPACE; i++)
        HP_TRY(check_document(q, &WORKSPACE[i], err));
    return check_all_links(q, err);
}
