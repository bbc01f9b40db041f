#include "ops/workspace/tool.h"

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

hp_code hp_tool_run(const hp_tool *t, const char *missing, hp_buf *out, hp_buf *words, hp_err *err) {
    hp_proc_result result;
    hp_autobuf own_out = hp_buf_new(MOST), own_words = hp_buf_new(MOST);
    hp_err e = {0};
    if (!out) out = &own_out;
    if (!words) words = &own_words;
    hp_code code = hp_proc_run(t->word, NULL, DEADLINE_MS, out, words, &result, &e);
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
