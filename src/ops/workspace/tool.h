/* Private to src/ops/workspace: other programs that are asked to do what is theirs. */
#ifndef HP_OPS_WORKSPACE_TOOL_H
#define HP_OPS_WORKSPACE_TOOL_H

#include "base/buf.h"
#include "ops/workspace/context.h"

/** More words than any of these command lines has. */
enum { HP_TOOL_WORDS = 24 };

/** Hold a command line on the way: words are added, the last one stays NULL. */
typedef struct hp_tool {
    const char *word[HP_TOOL_WORDS];
    size_t n;
} hp_tool;

/** Add words, up to a NULL. */
void hp_tool_words(hp_tool *t, const char *const *words);
/** Add the words that are written out. */
#define hp_tool_add(t, ...) hp_tool_words(t, (const char *const[]){__VA_ARGS__, NULL})
/** Begin a command line of the aws program: its profile and region, where they are known. */
void hp_tool_aws(hp_tool *t, const hp_aws_cli *aws);
/** Append the command line as a shell would take it, and a line's end. */
void hp_tool_show(const hp_tool *t, hp_buf *out);
/** Run it, for a minute at most; `out` gets what it prints, `words` (may be NULL) what it says when it fails.
 * Keys and the variables of other services are not handed on. Errors: HP_NOINPUT (no such program, and
 * `missing` says what to do), HP_UNAVAILABLE (it fails), HP_IO. */
hp_code hp_tool_run(const hp_tool *t, const char *missing, hp_buf *out, hp_buf *words, hp_err *err);

#endif
