/* Who a process is: its number, when it started, and in which life of the machine. A bare number is nobody,
 * since numbers are used again. */
#ifndef HP_NET_PROCESS_H
#define HP_NET_PROCESS_H

#include <sys/types.h>

#include "base/arena.h"
#include "base/buf.h"

/** Name a process beyond doubt. All-zero is nobody. */
typedef struct hp_process {
    pid_t pid;
    uint64_t start; /**< clock ticks from the start of the machine, field 22 of /proc/PID/stat (proc(5)) */
    char boot[40];  /**< /proc/sys/kernel/random/boot_id */
} hp_process;

/** Fill in who has a process number now. False when nobody has it, or it has ended and is not yet reaped. */
bool hp_process_look(pid_t pid, hp_process *out);
/** Open a pidfd of a process if it is still the same one and running; -1 otherwise. The caller closes it. */
int hp_process_open(const hp_process *p);
/** Tell whether a process still runs. */
bool hp_process_alive(const hp_process *p);
/** Send a signal to a process proved to be the same one; nobody else can get it. False when it has ended. */
bool hp_process_signal(const hp_process *p, int sig);
/** End a process: TERM, and after `grace_ms` KILL; waits for its end, and reaps it if it is a child of ours.
 * False when it could not be ended (not ours to signal). A process that is not the same any more is left
 * alone: true. */
bool hp_process_end(const hp_process *p, int grace_ms);
/** Wait up to `ms` for the end of a pidfd's process; true when it has ended. */
bool hp_process_wait(int fd, int ms);

/** Hold a child between its birth and its program: it does nothing until it is let go, and ends by itself if
 * we do, so that its number can be written down before there is anything to lose. */
typedef struct hp_held {
    hp_process who;
    int gate; /**< write end of the pipe it waits at; -1 = let go, or given up */
} hp_held;

/** Say what such a child is to be like. */
typedef enum hp_held_how {
    HP_HELD_FREE = 0,
    HP_HELD_TIED = 1, /**< it gets TERM when we end */
    HP_HELD_AWS = 2   /**< it may know the AWS_ variables */
} hp_held_how;

/** Make such a child in a session of its own, with stdin from /dev/null, stdout and stderr appended to
 * `log_fd`. `how` are bits of hp_held_how. Of the environment it gets what ssh needs; secrets that others
 * keep there (PREFECT_API_KEY and the like) are not handed on. Errors: HP_IO, HP_RETRY. */
hp_code hp_held_make(const char *const *argv, int log_fd, unsigned how, hp_held *out, hp_err *err);
/** Let it run its program (found by PATH). A program that is not there ends it with 127 and a line in the
 * log.
 */
void hp_held_release(hp_held *h);
/** Give it up: it ends without having run anything, and is reaped. An all-zero one, or one let go, is
 * allowed.
 */
void hp_held_give_up(hp_held *h);

/** List the variables of the environment that are no business of ssh's programs, each as "NAME=": what is
 * given to hp_proc_run makes them empty there. Errors: HP_RETRY. */
hp_code hp_process_withhold(hp_arena *a, const char *const **out, hp_err *err);

#endif
