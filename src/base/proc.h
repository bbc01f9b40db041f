/* Child processes: an argv, a deadline, captured output. Never a shell. */
#ifndef HP_BASE_PROC_H
#define HP_BASE_PROC_H

#include "base/buf.h"

/** Describe how a child ended. */
typedef struct hp_proc_result {
    int status;     /**< exit status, or -1 when a signal ended it */
    int signal;     /**< the signal, or 0 */
    bool timed_out; /**< the deadline passed and the child's process group was killed */
} hp_proc_result;

/** Run argv[0] (found by PATH) with stdin from /dev/null and wait for it. stdout and stderr go to `out` and
 * `errout` (NULL = /dev/null), each cut at its cap. `env` (may be NULL) is added to the environment as
 * NAME=VALUE, NULL-terminated. The child gets a process group of its own; after `timeout_ms` it is sent TERM,
 * after 2 s more KILL. Errors: HP_NOINPUT (no such program), HP_IO. */
hp_code hp_proc_run(const char *const *argv, const char *const *env, int timeout_ms, hp_buf *out,
                    hp_buf *errout, hp_proc_result *result, hp_err *err);

/** Join `extra` (NAME=VALUE, NULL-terminated; may be NULL) and the present environment, the names of `extra`
 * only once. Returns a heap block to free, NULL when out of memory; the strings are not copied. */
char **hp_proc_environment(const char *const *extra);

#endif
