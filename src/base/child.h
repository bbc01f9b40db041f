/* A child that is watched while it works: started, waited for by a descriptor, told to end. hp_proc_run is
 * for those that are only waited for. */
#ifndef HP_BASE_CHILD_H
#define HP_BASE_CHILD_H

#include "base/proc.h"

/** Hold a child under way. It is reaped by hp_child_ended or hp_child_end, by one of them, once. */
typedef struct hp_child {
    int pid;    /**< 0 = none */
    int pid_fd; /**< becomes readable when it ends; -1 on old kernels, where its end has to be asked for */
    bool group; /**< it leads a process group of its own, which signals go to */
} hp_child;

/** Say what a child is to be like. All-zero is a child without input, output or talk, in our directory and
 * process group. */
typedef struct hp_child_how {
    const char *const *env; /**< added to the environment as NAME=VALUE, NULL-terminated; may be NULL */
    const char *dir;        /**< its working directory; NULL = ours */
    int out_fd, talk_fd;    /**< its stdout and stderr; 0 = /dev/null. They stay the caller's to close */
    bool group;             /**< a process group of its own */
} hp_child_how;

/** Start argv[0] (found by PATH) with stdin from /dev/null and the signal state of a fresh process. It is
 * sent TERM when the thread that started it ends, by whatever means: no work goes on behind the back of who
 * asked for it. No other descriptor of ours is handed on. Errors: HP_NOINPUT (no such program or directory),
 * HP_IO, HP_RETRY. */
hp_code hp_child_start(const char *const *argv, const hp_child_how *how, hp_child *out, hp_err *err);
/** Send a signal to a child that was not reaped, or to its process group if it has one. */
void hp_child_signal(const hp_child *c, int signal);
/** Tell whether a child has ended; then it is reaped, and *r says how. */
bool hp_child_ended(hp_child *c, hp_proc_result *r);
/** End a child: TERM, after `grace_ms` KILL; waits and reaps it. An all-zero one is allowed. */
void hp_child_end(hp_child *c, int grace_ms, hp_proc_result *r);
/** Return the exit code a shell would give for how a child ended: its status, or 128 and the signal. */
int hp_child_code(const hp_proc_result *r);

/** Make a file without a name for what a child writes; -1 when there is none to be had. The caller closes it.
 */
int hp_child_scratch(void);
/** Read such a file from its beginning into `out`; what is over its cap is cut. */
void hp_child_scratch_read(int fd, hp_buf *out);

#endif
