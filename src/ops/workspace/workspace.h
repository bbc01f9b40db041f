/* New workspaces: the files and directories that `hotpass init` makes. */
#ifndef HP_OPS_WORKSPACE_WORKSPACE_H
#define HP_OPS_WORKSPACE_WORKSPACE_H

#include "base/arena.h"

/** Hold one thing of a workspace: a file with its text, or a directory (text NULL). */
typedef struct hp_workspace_item {
    const char *path; /**< relative to the workspace */
    const char *text;
    const char *help; /**< what it is for */
} hp_workspace_item;

/** List what a workspace is made of. */
const hp_workspace_item *hp_workspace_items(size_t *n);

/** Make a workspace in a directory, which is made if it is missing. Nothing that exists is overwritten: if a
 * file is there already nothing is written, and the error names it. With dry_run only that is looked at. What
 * was written before an error is removed again. Errors: HP_CANTCREAT, HP_NOPERM, HP_IO, HP_RETRY. */
hp_code hp_workspace_make(hp_arena *a, const char *dir, bool dry_run, hp_err *err);

#endif
