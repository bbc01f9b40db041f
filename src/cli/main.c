/* hotpass: reads the command line, runs the command, reports what went wrong. */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/threads.h"
#include "cli/cli.h"
#include "cli/lineage.h"
#include "cli/telemetry.h"

#include "base/banned.h"

/* One answer of a command; longer ones are flushed on the way. */
#define MAX_OUTPUT (UINT64_C(1) << 30)

static void end_by_signal(int signal) {
    hp_out_abandon_all();
    hp_cli_say_last_words();
    hp_cli_lineage_signalled(signal);
    _exit(128 + signal);
}

/* Ends as the signal would have, only without leaving temporary files. */
static void end_as_default(int signal) {
    hp_out_abandon_all();
    struct sigaction as_usual = {.sa_handler = SIG_DFL};
    sigaction(signal, &as_usual, NULL);
    raise(signal); /* comes when this handler returns: until then it is blocked */
}

/* A mapped file that somebody cuts short has no bytes there any more (BUS_ADRERR). Only signal-safe calls. */
static void end_by_lost_bytes(int signal, siginfo_t *info, void *context) {
    (void)context;
    if (info->si_code != BUS_ADRERR) {
        end_as_default(signal);
        return;
    }
    static const char text[] =
        "hotpass: an input file became shorter while it was read; run again when nothing writes to it\n";
    hp_out_abandon_all();
    ssize_t told = write(STDERR_FILENO, text, sizeof text - 1);
    (void)told; /* there is no other way to tell */
    _exit(HP_IO);
}

/* Whoever starts us may have closed these. The next file opened would take their number, and what is meant
 * for a person would go into it. Opened for reading, so that writing to them still fails. */
static void hold_standard_files(void) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) < 0) return;
}

static void set_signals(void) {
    struct sigaction end = {.sa_handler = end_by_signal}, ignore = {.sa_handler = SIG_IGN};
    struct sigaction usual = {.sa_handler = end_as_default},
                     lost = {.sa_sigaction = end_by_lost_bytes, .sa_flags = SA_SIGINFO};
    static const int others[] = {SIGHUP, SIGQUIT};
    sigemptyset(&end.sa_mask);
    sigaddset(&end.sa_mask, SIGINT);
    sigaddset(&end.sa_mask, SIGTERM);
    /* A shell that starts a job in the background has it ignore Ctrl-C; that stays. */
    struct sigaction was;
    if (sigaction(SIGINT, NULL, &was) == 0 && was.sa_handler != SIG_IGN) sigaction(SIGINT, &end, NULL);
    sigaction(SIGTERM, &end, NULL);
    /* A closed pipe then shows as an error of write, which is reported by the exit code. */
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL); /* as does a file size limit */
    sigaction(SIGBUS, &lost, NULL);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) /* nohup has SIGHUP ignored */
        if (sigaction(others[i], NULL, &was) == 0 && was.sa_handler != SIG_IGN)
            sigaction(others[i], &usual, NULL);
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

/* Three quarters of the machine's memory: what needs more would end in swap. */
static uint64_t default_budget(void) {
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    return pages > 0 && size > 0 ? (uint64_t)pages / 4 * 3 * (uint64_t)size : 0;
}

/* --max-memory, or --limit memory=, or what the machine has. */
static uint64_t budget(const hp_given *opt) {
    if (opt[HP_O_MAX_MEMORY].n) return (uint64_t)opt[HP_O_MAX_MEMORY].number;
    uint64_t limit = hp_limit(HP_L_MEMORY);
    return limit ? limit : default_budget();
}

static hp_code set_limits(const hp_given *given, hp_err *err) {
    for (size_t i = 0; i < given->n; i++) HP_TRY(hp_limit_set(hp_str_of(given->value[i]), err));
    return HP_OK;
}

static hp_code run_command(hp_cli *c, hp_err *err) {
    const hp_given *opt = c->args.opt;
    if (opt[HP_O_HELP].on) return hp_cmd_help(c, err);
    if (opt[HP_O_VERSION].on) return hp_cmd_version(c, err);
    if (c->args.command->needs & HP_NEEDS_CONFIG) HP_TRY(hp_cli_configure(c, err));
    if (opt[HP_O_JOBS].n) hp_threads_set((unsigned)opt[HP_O_JOBS].number);
    HP_TRY(set_limits(&opt[HP_O_LIMIT], err));
    hp_mem_set_budget(budget(opt));
    const hp_command *cmd = c->args.command;
    if (cmd->needs & HP_NEEDS_TELEMETRY) hp_tell_begin(c);
    if (!(cmd->needs & HP_NEEDS_RUN)) return cmd->run(c, err);
    HP_TRY(hp_run_open(&c->run, err));
    c->run.reading.password_file = hp_args_text(&c->args, HP_O_PASSWORD_FILE);
    hp_code code = cmd->run(c, err);
    hp_run_close(&c->run);
    return code;
}

int main(int argc, char **argv) {
    hp_cli c = {.out = hp_buf_new(MAX_OUTPUT)};
    hp_err err = {0};
    hold_standard_files();
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
    hp_tell_end(&c, code, &err);
    hp_buf_free(&c.out);
    hp_arena_drop(c.arena);
    return (int)code;
}
