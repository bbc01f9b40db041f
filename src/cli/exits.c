#include "cli/command.h"

static const hp_exit EXITS[] = {
    {HP_OK, "ok", "The command did what it was asked to."},
    {HP_FINDINGS, "findings",
     "The command worked, and what it looked at fails: an expectation of severity fail, a mismatch. Read its output."},
    {HP_USAGE, "usage",
     "The command line is wrong; nothing was done. The message names the nearest option or command."},
    {HP_PARTIAL, "partial", "Some inputs were skipped and are listed; the rest was done."},
    {HP_DATA, "input malformed",
     "An input is damaged, encrypted, lacks a required sheet or column, or is over a limit. Nothing was written."},
    {HP_NOINPUT, "input missing",
     "An input file or directory does not exist, is empty, or holds nothing that the profile recognises."},
    {HP_UNAVAILABLE, "service unavailable", "A service does not answer."},
    {HP_BUG, "internal error",
     "An inner contradiction: a bug of hotpass. Please report it with the command line."},
    {HP_CANTCREAT, "cannot create output",
     "An output cannot be created: its directory is not writable, or the name is a directory. Found before the work begins."},
    {HP_IO, "input or output failed",
     "Reading or writing failed half-way: disk full, device broken, the reader of a pipe gone. The previous output is intact."},
    {HP_RETRY, "try again", "A passing fault, or not enough memory: try again later, or raise --max-memory."},
    {HP_NOPERM, "permission denied",
     "A file may not be read or written by this user, or the key of a host is not known."},
    {HP_CONFIG, "bad configuration",
     "A profile, map or configuration file is wrong; the message has file, line and column."},
    {HP_SIGINT, "interrupted", "Ended by Ctrl-C (SIGINT). Temporary files were removed."},
    {HP_SIGTERM, "terminated", "Ended by SIGTERM. Temporary files were removed."},
};

const hp_exit *hp_exits(size_t *n) {
    *n = sizeof EXITS / sizeof *EXITS;
    return EXITS;
}

const char *hp_exit_name(hp_code code) {
    for (size_t i = 0; i < sizeof EXITS / sizeof *EXITS; i++) {
        if (EXITS[i].code == code) return EXITS[i].name;
    }
    return "unknown";
}
