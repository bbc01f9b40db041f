#include "net/owner.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/banned.h"

hp_code hp_owner_check(const char *path, hp_err *err) {
    struct stat st;
    if (stat(path, &st) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) return HP_OK;
        return hp_fail(err, HP_IO, "%s: %s", path, strerrordesc_np(errno));
    }
    if (st.st_uid != geteuid() && st.st_uid != 0)
        return hp_fail(err, HP_NOPERM,
                       "%s: it belongs to somebody else (user %u), so what it says is not believed; set "
                       "HOTPASS_STATE_DIR to a directory of your own",
                       path, (unsigned)st.st_uid);
    if (st.st_mode & (S_IWGRP | S_IWOTH))
        return hp_fail(
            err, HP_NOPERM,
            "%s: others may write it (mode %03o), so what it says is not believed; look at what is "
            "in it, then: chmod go-w %s",
            path, (unsigned)st.st_mode & 0777, path);
    return HP_OK;
}
