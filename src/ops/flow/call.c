#include "ops/flow/call.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/banned.h"

/* What a run prints: run.json with every expectation. */
enum { MAX_ANSWER = 64 << 20 };

/* The program that runs, also when its file was replaced meanwhile. */
static const char SELF[] = "/proc/self/exe";

hp_code hp_flow_args_begin(hp_arena *a, hp_flow_args *args, size_t most, const char *verb, hp_err *err) {
    *args = (hp_flow_args){.p = HP_NEW_ARRAY(a, most + 3, const char *), .cap = most + 2};
    if (!args->p) return hp_fail_memory(err, "the arguments of a call");
    hp_flow_args_put(args, SELF);
    hp_flow_args_put(args, verb);
    return HP_OK;
}

void hp_flow_args_put(hp_flow_args *args, const char *arg) {
    if (args->n < args->cap) args->p[args->n++] = arg;
}

hp_code hp_flow_args_value(hp_arena *a, hp_flow_args *args, const char *name, const char *value,
                           hp_err *err) {
    hp_str arg = hp_arena_printf(a, "--%s=%s", name, value);
    if (!arg.p) return hp_fail_memory(err, "the arguments of a call");
    hp_flow_args_put(args, arg.p);
    return HP_OK;
}

static hp_str text_of(const hp_node *root, const char *key) {
    hp_str text = {0};
    const hp_node *n = hp_node_get(root, key);
    if (n) hp_node_text(n, &text);
    return text;
}

hp_flow_answer hp_flow_read(hp_arena *a, int fd) {
    hp_flow_answer answer = {0};
    hp_autobuf out = hp_buf_new(MAX_ANSWER);
    hp_node *root = NULL;
    hp_err ignored = {0};
    hp_child_scratch_read(fd, &out);
    hp_str copy = hp_arena_dup(a, hp_buf_str(&out)); /* the nodes outlive the buffer */
    if (out.bad || !copy.p || hp_json_read(a, copy, "the answer", &root, &ignored) != HP_OK) return answer;
    answer.root = root;
    answer.message = text_of(root, "message");
    answer.stage = text_of(root, "stage");
    if (answer.stage.n == 0) answer.stage = text_of(root, "failing_stage");
    return answer;
}

int64_t hp_flow_number(const hp_node *root, const char *member, const char *key) {
    int64_t v = 0;
    const hp_node *inner = root ? hp_node_get(root, member) : NULL;
    const hp_node *n = inner ? hp_node_get(inner, key) : NULL;
    return n && hp_node_i64(n, &v) ? v : 0;
}

bool hp_flow_stop_asked(int stop_fd) {
    struct pollfd fd = {stop_fd, POLLIN, 0};
    return stop_fd >= 0 && poll(&fd, 1, 0) == 1 && (fd.revents & POLLIN);
}

int hp_flow_stop_signal(int stop_fd) {
    struct signalfd_siginfo info;
    if (!hp_flow_stop_asked(stop_fd)) return 0;
    return read(stop_fd, &info, sizeof info) == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}
