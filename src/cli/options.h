/* Reading the command line against the tables of cli/command.h. */
#ifndef HP_CLI_OPTIONS_H
#define HP_CLI_OPTIONS_H

#include "base/arena.h"
#include "cli/command.h"

/** Hold what was given for one option. */
typedef struct hp_given {
    bool given;         /**< on the command line, not by its default */
    bool on;            /**< of a flag */
    size_t n;           /**< values; of a flag, how often it was given */
    const char **value; /**< n of them; the last one counts unless the option is repeatable */
    int64_t number;     /**< of HP_OPT_INT and HP_OPT_BYTES */
} hp_given;

/** Hold a command line that was read. Texts belong to argv or to the arena. */
typedef struct hp_args {
    const hp_command *command;
    hp_given opt[HP_O_COUNT];
    const char **word; /**< positional arguments */
    size_t nword;
} hp_args;

/** Read argv[1..] against `root`: commands of groups, long options (`--opt value`, `--opt=value`, unambiguous
 * prefixes, `--no-opt`), short ones (`-q`, `-qv`, `-oFILE`), `--` before words that begin with a dash. Fills
 * defaults. out->command is the deepest command found, also after an error (`root` at least). With --help or
 * --version missing arguments are no error. Errors: HP_USAGE naming the nearest option or command, HP_RETRY.
 */
hp_code hp_args_read(hp_arena *a, const hp_command *root, int argc, char *const *argv, hp_args *out,
                     hp_err *err);
/** Give an option that is not on the command line `n` values of lesser rank: those of the configuration. Of a
 * flag only "true" counts. The texts must live as long as `args`. Errors: HP_RETRY. */
hp_code hp_args_default(hp_arena *a, hp_args *args, hp_option_id id, const hp_str *value, size_t n,
                        hp_err *err);
/** Tell whether --json stands among the arguments, for errors about a command line that cannot be read. */
bool hp_args_want_json(int argc, char *const *argv);
/** Return the value that counts for an option, or NULL when it has none. */
const char *hp_args_text(const hp_args *args, hp_option_id id);
/** Tell whether an option belongs to a command: one of its own, or a global one. */
bool hp_option_of(const hp_command *cmd, hp_option_id id);

#endif
