/* The table of the commands that put evidence into buckets, which command.c puts into the tree. */
#ifndef HP_CLI_COMMAND_BUCKET_H
#define HP_CLI_COMMAND_BUCKET_H

#include "cli/command.h"

/** List the commands of the group: bucket. */
extern const hp_command hp_bucket_sub[];

#endif
