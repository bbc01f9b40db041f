#include "ops/workspace/tool.h"

#include <string.h>
#include <unistd.h>

#include "base/proc.h"
#include "net/ssh_args.h"

#include "base/banned.h"

enum { DEADLINE_MS = 60000, MOST = 1 << 20 };

void hp_tool_words(hp_tool *t, const char *const *words) {
    while (*words && t->n < HP_TOOL_WORDS - 1) t->word[t->n++] = *words++;
}

void hp_tool_aws(hp_tool *t, const hp_aws_cli *aws) {
    hp_tool_add(t, "aws");
    if (aws->profile) hp_tool_add(t, "--profile", aws->profile);
    if (aws->region) hp_tool_add(t, "--region", aws->region);
    if (aws->endpoint) hp_tool_add(t, "--endpoint-url", aws->endpoint);
}

void hp_tool_show(const hp_tool *t, hp_buf *out) {
    hp_argv_show(t->word, out);
    hp_buf_putc(out, '\n');
}

/* The last line that says something: tools end with the reason, after pages of how they came to it. */
static hp_str last_line(hp_str text) {
    hp_str line, last = {"nothing", 7};
    while (hp_str_next(&text, '\n', &line))
        if (hp_str_trim(line).n) last = hp_str_trim(line);
    return last;
}

/* Each program gets the variables of its own service; keys are told by their names, whosever they are. */
static bool is_withheld(const char *program, hp_str name) {
    static const char *const OWNER[][2] = {
        {"AWS_", "aws"}, {"PREFECT_", "prefect"}, {"HOTPASS_", ""}, {"OPENLINEAGE_", ""}, {"MARQUEZ_", ""}};
    static const char *const SECRET[] = {"_KEY", "_TOKEN", "_SECRET", "_PASSWORD", "_AUTH_STRING"};
    for (size_t i = 0; i < sizeof OWNER / sizeof *OWNER; i++)
        if (hp_str_starts(name, hp_str_of(OWNER[i][0]))) return strcmp(program, OWNER[i][1]) != 0;
    for (size_t i = 0; i < sizeof SECRET / sizeof *SECRET; i++)
        if (hp_str_ends(name, hp_str_of(SECRET[i]))) return true;
    return false;
}

/* "NAME=" of each: hp_proc_run makes them empty. */
static hp_code withhold(hp_arena *a, const char *program, const char ***out, hp_err *err) {
    size_t n = 0, k = 0;
    while (environ && environ[n]) n++;
    *out = HP_NEW_ARRAY(a, n + 1, const char *);
    if (!*out) return hp_fail_memory(err, "the environment of a program");
    for (size_t i = 0; i < n; i++) {
        hp_str name = {environ[i], strcspn(environ[i], "=")};
        if (!is_withheld(program, name)) continue;
        hp_str empty = hp_arena_printf(a, "%.*s=", HP_FMT(name));
        if (!empty.p) return hp_fail_memory(err, "the environment of a program");
        (*out)[k++] = empty.p;
    }
    return HP_OK;
}

hp_code hp_tool_run(const hp_tool *t, const char *missing, hp_buf *out, hp_buf *words, hp_err *err) {
    hp_proc_result result;
    hp_autobuf own_out = hp_buf_new(MOST), own_words = hp_buf_new(MOST);
    hp_err e = {0};
    if (!out) out = &own_out;
    if (!words) words = &own_words;
    hp_autoarena *a = hp_arena_new(NULL);
    const char **withheld;
    if (!a) return hp_fail_memory(err, "the environment of a program");
    HP_TRY(withhold(a, t->word[0], &withheld, err));
    hp_code code = hp_proc_run(t->word, withheld, DEADLINE_MS, out, words, &result, &e);
    if (code == HP_NOINPUT)
        return hp_fail(err, HP_NOINPUT, "the program %s is not on PATH; %s", t->word[0], missing);
    if (code != HP_OK) return hp_fail(err, code, "%s", e.message);
    if (result.timed_out)
        return hp_fail(err, HP_UNAVAILABLE, "%s did not end within %d seconds, and was ended", t->word[0],
                       DEADLINE_MS / 1000);
    if (result.status == 0) return HP_OK;
    hp_str said = last_line(hp_str_trim(hp_buf_str(words)).n ? hp_buf_str(words) : hp_buf_str(out));
    return hp_fail(err, HP_UNAVAILABLE, "%s %s failed (exit code %d): %.*s", t->word[0],
                   t->n > 1 ? t->word[1] : "", result.status, HP_FMT(said));
}
