/* Whose a file is: what is believed (pinned keys, recorded processes) must not be for others to write. */
#ifndef HP_NET_OWNER_H
#define HP_NET_OWNER_H

#include "base/err.h"

/** Refuse a file or directory that is neither this user's nor root's, or that its group or others may write;
 * one that is not there is fine. Errors: HP_NOPERM, HP_IO. */
hp_code hp_owner_check(const char *path, hp_err *err);

#endif
