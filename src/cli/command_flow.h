/* Tables of the commands that run flows, which command.c puts into the tree. */
#ifndef HP_CLI_COMMAND_FLOW_H
#define HP_CLI_COMMAND_FLOW_H

#include "cli/command.h"

/** Show ways to use it: orchestrate. */
extern const hp_example hp_flow_orchestrate_examples[];
/** List the options: backfill. */
extern const hp_option_id hp_flow_backfill_options[];
/** List those of them that are handed on to refine. */
extern const hp_option_id hp_flow_backfill_pass[];
/** Show ways to use it: backfill. */
extern const hp_example hp_flow_backfill_examples[];

#endif
