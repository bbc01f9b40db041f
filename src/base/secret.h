/* Secrets: held in guarded memory, never printed. */
#ifndef HP_BASE_SECRET_H
#define HP_BASE_SECRET_H

#include "base/err.h"
#include "base/str.h"

/** Hold a secret in locked memory that is wiped when freed. */
typedef struct hp_secret hp_secret;

/** Take a secret from bytes (the caller wipes its own copy). NULL when out of memory. */
hp_secret *hp_secret_new(hp_str bytes);
/** Read a secret from the first line of a file that nobody else may read (mode & 077 == 0). Errors:
 * HP_NOINPUT, HP_NOPERM. */
hp_code hp_secret_from_file(const char *path, hp_secret **out, hp_err *err);
/** Read a secret from the first line of what a descriptor gives (a terminal, a pipe); `name` stands for it in
 * messages. Errors: HP_NOINPUT (nothing, too long), HP_RETRY. */
hp_code hp_secret_from_fd(int fd, const char *name, hp_secret **out, hp_err *err);
/** View the secret's bytes, for handing to a library; never print them. */
hp_str hp_secret_reveal(const hp_secret *s);
/** Wipe and free; NULL is allowed. */
void hp_secret_free(hp_secret *s);
/** Call `fn` for each living secret, so that the scrubber can find its value. */
void hp_secret_each(void (*fn)(hp_str bytes, void *ctx), void *ctx);

#endif
