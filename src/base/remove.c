/* Removing files and directories, without ever following a link out of them. */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/banned.h"

/* Deeper trees than this are nothing that this program made. */
enum { DEPTH = 64 };

static hp_code fail(const char *path, const char *name, int number, hp_err *err) {
    return hp_fail(err, number == EACCES || number == EPERM || number == EROFS ? HP_NOPERM : HP_IO,
                   "%s%s%s: cannot be removed: %s", path, name == path ? "" : "/.../",
                   name == path ? "" : name, strerrordesc_np(number));
}

static void close_at(DIR **d) {
    if (*d) closedir(*d);
}

static hp_code empty(int fd, const char *path, int depth, hp_err *err);

static hp_code remove_at(int dir, const char *name, const char *path, int depth, hp_err *err) {
    /* A directory answers EISDIR on Linux, EPERM elsewhere; a link is removed as what it is. */
    if (unlinkat(dir, name, 0) == 0 || errno == ENOENT) return HP_OK;
    if (errno != EISDIR && errno != EPERM) return fail(path, name, errno, err);
    int number = errno;
    int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return fail(path, name, errno == ENOTDIR ? number : errno, err);
    HP_TRY(empty(fd, path, depth + 1, err));
    return unlinkat(dir, name, AT_REMOVEDIR) == 0 || errno == ENOENT ? HP_OK : fail(path, name, errno, err);
}

/* Removes what is in a directory; the descriptor is its own. */
static hp_code empty(int fd, const char *path, int depth, hp_err *err) {
    __attribute__((cleanup(close_at))) DIR *dir = fdopendir(fd);
    if (!dir) {
        int number = errno;
        close(fd);
        return fail(path, path, number, err);
    }
    if (depth > DEPTH) return hp_fail(err, HP_IO, "%s: nests too deeply to be removed", path);
    for (;;) {
        errno = 0;
        const struct dirent *e = readdir(dir);
        if (!e) return errno ? fail(path, path, errno, err) : HP_OK;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
        HP_TRY(remove_at(dirfd(dir), e->d_name, path, depth, err));
    }
}

hp_code hp_remove_tree(const char *path, hp_err *err) { return remove_at(AT_FDCWD, path, path, 0, err); }
