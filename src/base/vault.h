/* A vault: secrets in a file, each sealed under its name with a key that lies beside it. It keeps them out of
 * configuration, command lines, backups of the one file alone, and from those who may not read the user's
 * files; not from whoever can act as the user. */
#ifndef HP_BASE_VAULT_H
#define HP_BASE_VAULT_H

#include "base/arena.h"
#include "base/secret.h"

/** Name what is kept: credentials.json holds the sealed secrets, credentials.key the key, both mode 0600. */
#define HP_VAULT_FILE "credentials.json"
#define HP_VAULT_KEY  "credentials.key"

/** Describe a secret in a vault; never its value. */
typedef struct hp_vault_item {
    hp_str name;
    hp_str updated_at;    /**< "2025-10-14T09:30:00Z" */
    hp_str nonce, sealed; /**< base64 */
} hp_vault_item;

/** Hold what a vault lists. */
typedef struct hp_vault {
    hp_str dir; /**< the directory it lies in */
    size_t n;
    hp_vault_item *item; /**< by name */
} hp_vault;

/** Tell whether a name may be used: 1 to 64 of a-z, 0-9, '.', '_', '-', first a letter. */
bool hp_vault_name_ok(hp_str name);
/** Read what a vault lists; one that is not there is empty. Errors: HP_NOPERM (others may read the file),
 * HP_CONFIG (damaged), HP_IO, HP_RETRY. */
hp_code hp_vault_read(hp_arena *a, const char *dir, hp_vault *out, hp_err *err);
/** Unseal a secret. Errors: HP_NOINPUT (not there, with the nearest name), HP_NOPERM (rights of the key),
 * HP_CONFIG (another key, or changed by somebody), HP_RETRY. */
hp_code hp_vault_get(hp_arena *a, const char *dir, hp_str name, hp_secret **out, hp_err *err);
/** Seal a secret under a name, replacing what is there. Makes directory (mode 0700), key and file. Two at a
 * time wait for each other. Errors: as hp_vault_read, HP_CANTCREAT. */
hp_code hp_vault_put(hp_arena *a, const char *dir, hp_str name, const hp_secret *secret, hp_err *err);
/** Take a secret out; *was tells whether it was there. Errors: as hp_vault_put. */
hp_code hp_vault_remove(hp_arena *a, const char *dir, hp_str name, bool *was, hp_err *err);

#endif
