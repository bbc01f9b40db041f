/* Calls of the program itself, and what it answers. Private to src/ops/flow. */
#ifndef HP_OPS_FLOW_CALL_H
#define HP_OPS_FLOW_CALL_H

#include "base/arena.h"
#include "base/child.h"
#include "base/doc.h"

/** Hold the arguments of a call; texts are not copied. Lives in an arena. */
typedef struct hp_flow_args {
    const char **p;
    size_t n, cap;
} hp_flow_args;

/** Make room for `most` arguments behind the program and `verb`, which begin them. Errors: HP_RETRY. */
hp_code hp_flow_args_begin(hp_arena *a, hp_flow_args *args, size_t most, const char *verb, hp_err *err);
/** Append an argument. More than there is room for is our bug, and ends the list. */
void hp_flow_args_put(hp_flow_args *args, const char *arg);
/** Append --name=value as one argument, so that no value can be taken for an option. Errors: HP_RETRY. */
hp_code hp_flow_args_value(hp_arena *a, hp_flow_args *args, const char *name, const char *value, hp_err *err);

/** Hold what a call answered with --json. Nodes live in the arena it was read into. */
typedef struct hp_flow_answer {
    const hp_node *root; /**< NULL when it printed no JSON */
    hp_str stage;        /**< of an error or a stop; may be empty */
    hp_str message;      /**< of an error; may be empty */
} hp_flow_answer;

/** Read what a call wrote to a scratch file (hp_child_scratch). */
hp_flow_answer hp_flow_read(hp_arena *a, int fd);
/** Read a whole number below a member: "counts", "rows_out"; 0 when there is none. */
int64_t hp_flow_number(const hp_node *root, const char *member, const char *key);
/** Tell whether a stop was asked for by a descriptor of hp_net_signals, without taking it. */
bool hp_flow_stop_asked(int stop_fd);
/** Take the signal from such a descriptor; 0 when there is none. */
int hp_flow_stop_signal(int stop_fd);

#endif
