/* Calling the program itself from a gate. Private to src/ops/qa. */
#ifndef HP_OPS_QA_CALL_H
#define HP_OPS_QA_CALL_H

#include "base/doc.h"
#include "base/proc.h"
#include "ops/qa/qa.h"

/** Hold how a call ended. */
typedef struct hp_qa_reply {
    hp_buf out, talk; /**< stdout, stderr */
    hp_proc_result end;
} hp_qa_reply;

/** Release a reply. */
void hp_qa_reply_free(hp_qa_reply *r);
/** Declare a reply that is freed when it goes out of scope. */
#define hp_autoreply __attribute__((cleanup(hp_qa_reply_free))) hp_qa_reply

/** Deadlines in milliseconds: of a question, and of work on the data. */
enum { HP_QA_ASK = 60000, HP_QA_WORK = 300000 };

/** Run the program with these arguments (NULL-terminated, without its own name) and `env` added (may be
 * NULL). Errors: HP_IO, HP_RETRY: it could not be run at all. */
hp_code hp_qa_call(const char *const *args, const char *const *env, int timeout_ms, hp_qa_reply *r,
                   hp_err *err);
/** Append how a call ended, if not with `status`: "exit 65: input malformed ...", "no answer within 60 s".
 * The first line that it said is cut, and scrubbed of personal values. */
void hp_qa_why(const hp_qa_reply *r, int timeout_ms, hp_buf *out);
/** Tell whether a call ended by itself with this exit status. */
bool hp_qa_exited(const hp_qa_reply *r, int status);
/** Read what a call printed as JSON; NULL when it is none. */
const hp_node *hp_qa_json(const hp_qa_reply *r, hp_arena *a);

/** Call, and add a check that passes when the exit status is `want`; `r` stays the caller's to look at.
 * Errors as hp_qa_call. */
hp_code hp_qa_expect(hp_qa_run *q, const char *const *args, int timeout_ms, int want, const char *id,
                     const char *description, hp_qa_reply *r, hp_err *err);
/** Read the tools that the program lists (`hotpass docs tools`); *tools is NULL when it does not. Errors as
 * hp_qa_call. */
hp_code hp_qa_tools(hp_qa_run *q, const hp_node **tools, hp_err *err);

/** Hold the arguments of a call that goes to a profile. */
typedef struct hp_qa_args {
    const char *p[64];
    size_t n;
} hp_qa_args;

/** Append arguments up to a NULL; those that do not fit are a bug of the gate. */
void hp_qa_args_put(hp_qa_args *a, const char *const *args);
/** Append arguments: HP_QA_ARGS(&args, "refine", "--input-dir", dir). */
#define HP_QA_ARGS(a, ...) hp_qa_args_put((a), (const char *const[]){__VA_ARGS__, NULL})
/** Append --profile and --profile-search-path as the gate was told. */
void hp_qa_args_profile(hp_qa_args *a, const hp_qa_options *o);

/** Make the scratch directory of a run, for nobody else's eyes; *path is in the arena. Errors: HP_CANTCREAT,
 * HP_RETRY. */
hp_code hp_qa_scratch(hp_qa_run *q, hp_str *path, hp_err *err);
/** Remove it. */
void hp_qa_scratch_remove(hp_str path);

#endif
