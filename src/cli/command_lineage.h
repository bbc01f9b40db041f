/* Tables of the commands of lineage, which command.c puts into the tree. */
#ifndef HP_CLI_COMMAND_LINEAGE_H
#define HP_CLI_COMMAND_LINEAGE_H

#include "cli/command.h"

/** List the commands of the group: lineage. */
extern const hp_command hp_lineage_sub[];

#endif
