/* A vault: secrets by name. A file lists them; each is kept in the Secret Service of the session
 * (base/keyring.h), or sealed in the file with a key that lies beside it. The latter keeps them out of
 * configuration, command lines, backups of the one file alone, and from those who may not read the user's
 * files; not from whoever can act as the user. */
#ifndef HP_BASE_VAULT_H
#define HP_BASE_VAULT_H

#include "base/arena.h"
#include "base/secret.h"

/** Name what is kept: credentials.json holds the sealed secrets, credentials.key the key, both mode 0600. */
#define HP_VAULT_FILE "credentials.json"
#define HP_VAULT_KEY  "credentials.key"

/** Word for the Secret Service, in the file and to people. */
#define HP_VAULT_SERVICE "secret-service"

/** Describe a secret in a vault; never its value. */
typedef struct hp_vault_item {
    hp_str name;
    hp_str updated_at;    /**< "2025-10-14T09:30:00Z" */
    hp_str expires_at;    /**< the same form; empty = nobody said that it ends */
    bool in_keyring;      /**< kept in the Secret Service; nonce and sealed are empty then */
    hp_str nonce, sealed; /**< base64 */
} hp_vault_item;

/** Say where a secret is to be kept. */
typedef enum hp_vault_place {
    HP_VAULT_AUTO,   /**< in the Secret Service where one answers, else sealed */
    HP_VAULT_SEALED, /**< in the file */
    HP_VAULT_KEYRING /**< in the Secret Service */
} hp_vault_place;

/** Say how a secret is to be kept; all-zero is the usual. */
typedef struct hp_vault_how {
    hp_vault_place place;
    int64_t expires; /**< seconds since 1970; 0 = not known */
} hp_vault_how;

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
/** Return when a secret ends, seconds since 1970; 0 = not known. */
int64_t hp_vault_expiry(const hp_vault_item *item);
/** Tell whether a secret that has not ended yet does so soon: within 14 days, and the last quarter of the
 * time for which it was set. */
bool hp_vault_ends_soon(const hp_vault_item *item, int64_t now);
/** Fetch a secret, from wherever it is kept. Errors: HP_NOINPUT (not there, with the nearest name), HP_NOPERM
 * (rights of the key; a keyring that is locked), HP_UNAVAILABLE (no Secret Service), HP_CONFIG (another key,
 * or changed by somebody), HP_RETRY. */
hp_code hp_vault_get(hp_arena *a, const char *dir, hp_str name, hp_secret **out, hp_err *err);
/** Keep a secret under a name, replacing what is there. Makes directory (mode 0700), key and file. Two at a
 * time wait for each other. `how` may be NULL; *in_keyring (may be NULL) tells where it went. Errors: as
 * hp_vault_read, HP_CANTCREAT, HP_UNAVAILABLE, HP_NOPERM. */
hp_code hp_vault_put(hp_arena *a, const char *dir, hp_str name, const hp_secret *secret,
                     const hp_vault_how *how, bool *in_keyring, hp_err *err);
/** Take a secret out; *was tells whether it was there. Errors: as hp_vault_put. */
hp_code hp_vault_remove(hp_arena *a, const char *dir, hp_str name, bool *was, hp_err *err);

#endif
