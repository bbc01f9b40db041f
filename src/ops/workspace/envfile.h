/* Environment files: what other programs need to know to reach the services, as KEY=value lines. */
#ifndef HP_OPS_WORKSPACE_ENVFILE_H
#define HP_OPS_WORKSPACE_ENVFILE_H

#include "base/arena.h"
#include "base/buf.h"
#include "profile/config.h"

/** Say what goes into the file. */
typedef struct hp_envfile_options {
    const char *target; /**< "staging": stands in HOTPASS_ENVIRONMENT */
    bool allow_network; /**< both switches of research */
    bool credentials;   /**< also secrets of the vault */
    const char *vault;  /**< its directory */
} hp_envfile_options;

/** Hold one line. */
typedef struct hp_envfile_line {
    const char *name;
    hp_str value;       /**< empty for a secret, which stands only in the written file */
    hp_str from;        /**< "hotpass.yaml:3:5", "tunnel staging", "built-in", "credentials" */
    const char *secret; /**< name in the vault; NULL = no secret */
} hp_envfile_line;

/** Find the values: configuration first, then the latest tunnel that lives, then built-in. Values nobody says
 * anything about have no line. Errors: as hp_net_sessions and hp_vault_read. */
hp_code hp_envfile_lines(hp_arena *a, const hp_config *c, const hp_envfile_options *o, hp_envfile_line **out,
                         size_t *n, hp_err *err);
/** Write the file, mode 0600, whole or not at all. Errors: HP_CANTCREAT (it is there, and not `force`), as
 * hp_vault_get, HP_IO, HP_RETRY. */
hp_code hp_envfile_write(hp_arena *a, const char *path, const hp_envfile_options *o,
                         const hp_envfile_line *line, size_t n, bool force, hp_err *err);

#endif
