/* The Secret Service of a desktop (freedesktop.org "Secret Storage Specification", draft 0.2): the session's
 * own keyring, open while its user is logged in. Over libsecret, which is loaded when it is asked for. */
#ifndef HP_BASE_KEYRING_H
#define HP_BASE_KEYRING_H

#include "base/secret.h"

/* What is kept belongs to `dir`, the directory of the vault that lists it. Every call has a deadline, after
 * which a question that the keyring puts to its user counts as not answered. */

/** Tell whether there is a session with a Secret Service that answers; *why (may be NULL) says in a few words
 * why not. */
bool hp_keyring_there(const char **why);
/** Keep a secret under a name, in place of what is there. Errors: HP_UNAVAILABLE (no service), HP_NOPERM (it
 * is locked, and stays so), both in the service's words, HP_RETRY. */
hp_code hp_keyring_put(const char *dir, const char *name, const hp_secret *secret, hp_err *err);
/** Fetch a secret. Errors: as hp_keyring_put, HP_NOINPUT (it is not there). */
hp_code hp_keyring_get(const char *dir, const char *name, hp_secret **out, hp_err *err);
/** Take a secret out; *was tells whether it was there. Errors: as hp_keyring_put. */
hp_code hp_keyring_remove(const char *dir, const char *name, bool *was, hp_err *err);

#endif
