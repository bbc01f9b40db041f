/* hotpass: reads the command line, runs the command, reports what went wrong. */
#include <signal.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/threads.h"
#include "cli/cli.h"

#include "base/banned.h"

/* One answer of a command; longer ones are flushed on the way. */
#define MAX_OUTPUT (UINT64_C(1) << 30)

static void end_by_signal(int signal) {
    hp_out_abandon_all();
    _exit(128 + signal);
}

static void set_signals(void) {
    struct sigaction end = {.sa_handler = end_by_signal}, ignore = {.sa_handler = SIG_IGN};
    sigemptyset(&end.sa_mask);
    sigaddset(&end.sa_mask, SIGINT);
    sigaddset(&end.sa_mask, SIGTERM);
    /* A shell that starts a job in the background has it ignore Ctrl-C; that stays. */
    struct sigaction was;
    if (sigaction(SIGINT, NULL, &was) == 0 && was.sa_handler != SIG_IGN) sigaction(SIGINT, &end, NULL);
    sigaction(SIGTERM, &end, NULL);
    /* A closed pipe then shows as an error of write, which is reported by the exit code. */
    sigaction(SIGPIPE, &ignore, NULL);
}

static hp_code read_command_line(hp_cli *c, int argc, char *const *argv, hp_err *err) {
    c->args.command = hp_root();
    c->arena = hp_arena_new(NULL);
    if (!c->arena) return hp_fail_memory(err, "the command line");
    hp_code code = hp_args_read(c->arena, hp_root(), argc, argv, &c->args, err);
    const hp_given *opt = c->args.opt;
    const char *log = hp_args_text(&c->args, HP_O_LOG_FORMAT);
    c->json = opt[HP_O_JSON].on || (code != HP_OK && hp_args_want_json(argc, argv));
    c->quiet = opt[HP_O_QUIET].on;
    c->verbose = opt[HP_O_VERBOSE].on;
    c->log_json = log && strcmp(log, "json") == 0;
    hp_term_look(&c->term, opt[HP_O_NO_COLOR].on);
    return code;
}

static hp_code run_command(hp_cli *c, hp_err *err) {
    const hp_given *opt = c->args.opt;
    if (opt[HP_O_HELP].on) return hp_cmd_help(c, err);
    if (opt[HP_O_VERSION].on) return hp_cmd_version(c, err);
    if (opt[HP_O_JOBS].given) hp_threads_set((unsigned)opt[HP_O_JOBS].number);
    if (opt[HP_O_MAX_MEMORY].given) hp_mem_set_budget((uint64_t)opt[HP_O_MAX_MEMORY].number);
    const hp_command *cmd = c->args.command;
    if (!(cmd->needs & HP_NEEDS_RUN)) return cmd->run(c, err);
    HP_TRY(hp_run_open(&c->run, err));
    hp_code code = cmd->run(c, err);
    hp_run_close(&c->run);
    return code;
}

int main(int argc, char **argv) {
    hp_cli c = {.out = hp_buf_new(MAX_OUTPUT)};
    hp_err err = {0};
    set_signals();
    hp_code code = read_command_line(&c, argc, argv, &err);
    if (code == HP_OK) code = run_command(&c, &err);
    /* What was printed or guessed with too little memory is not the answer. */
    if (code == HP_OK && hp_mem_failures() > 0) code = hp_fail_memory(&err, "the answer");
    if (!err.message[0]) {
        hp_code flushed = hp_cli_flush(&c, &err);
        if (flushed != HP_OK) code = flushed;
    }
    if (err.message[0]) hp_cli_report(&c, &err);
    hp_buf_free(&c.out);
    hp_arena_drop(c.arena);
    return (int)code;
}
