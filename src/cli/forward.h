/* Handing options on to a call of the program itself. */
#ifndef HP_CLI_FORWARD_H
#define HP_CLI_FORWARD_H

#include "cli/cli.h"

/** Make arguments of those of the options (ends in HP_O_END) that stand on our command line: --name=value,
 * --name or
 * --no-name, each one word, so that none is taken for another. What configuration says the call reads for
 * itself. Lives in the arena. Errors: HP_RETRY. */
hp_code hp_cli_forward(hp_cli *c, const hp_option_id *ids, const char *const **out, size_t *n, hp_err *err);

#endif
