/* Which Prefect server, and with what credentials: the command line, the environment, hotpass.yaml, the
 * vault, the active profile of the prefect program, in this order (a profile with a key of its own goes
 * before the vault). */
#ifndef HP_OPS_PREFECT_WHERE_H
#define HP_OPS_PREFECT_WHERE_H

#include "ops/prefect/api.h"
#include "profile/config.h"

/** Say what the command line says, and where else to look. */
typedef struct hp_prefect_hints {
    const char *url;      /**< --prefect-url; NULL = not given */
    const char *key_file; /**< --prefect-key-file: a key, or user:password; NULL = not given */
    const char *vault;    /**< directory of the vault, whose secret prefect.api_key counts; NULL = none */
} hp_prefect_hints;

/** Find out where the server is and how one proves who one is. A key of a profile is used only for the URL of
 * that profile. Opens no connection. Errors: HP_CONFIG (nobody says a URL, a broken profile), HP_NOINPUT and
 * HP_NOPERM (a file of a key), as hp_vault_get, HP_RETRY. */
hp_code hp_prefect_find(hp_arena *a, const hp_config *c, const hp_prefect_hints *hints, hp_prefect_where *out,
                        hp_err *err);
/** Wipe the secret; all-zero is allowed. */
void hp_prefect_where_free(hp_prefect_where *w);

#endif
