/* Logs that are only ever appended to. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/banned.h"

static void close_at(int *fd) {
    if (*fd >= 0) close(*fd);
}

static hp_code fail(const char *path, int number, hp_err *err) {
    hp_code code = number == EACCES || number == EPERM || number == EROFS ? HP_NOPERM : HP_IO;
    return hp_fail(err, code, "%s: cannot be appended to: %s", path, strerrordesc_np(number));
}

/* Tells whether the file ends in the middle of a line. */
static bool is_cut(int fd) {
    struct stat st;
    char last;
    return fstat(fd, &st) == 0 && st.st_size > 0 && pread(fd, &last, 1, st.st_size - 1) == 1 && last != '\n';
}

static hp_code lock(int fd, const char *path, hp_err *err) {
    while (flock(fd, LOCK_EX) != 0)
        if (errno != EINTR) return fail(path, errno, err);
    return HP_OK;
}

/* Appends all of it; what a full disk took of a line is taken back, so that the next line begins where this
 * one did. */
static hp_code append(int fd, hp_str bytes, const char *path, hp_err *err) {
    struct stat st;
    bool known = fstat(fd, &st) == 0;
    for (hp_str rest = bytes; rest.n;) {
        ssize_t n = write(fd, rest.p, rest.n);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            int number = errno;
            if (known && ftruncate(fd, st.st_size) != 0) return fail(path, errno, err);
            return fail(path, number, err);
        }
        rest = hp_str_cut(rest, (size_t)n, rest.n);
    }
    return fsync(fd) == 0 || errno == EINVAL || errno == EROFS ? HP_OK : fail(path, errno, err);
}

hp_code hp_append_line_as(const char *path, hp_str line, bool own, hp_err *err) {
    hp_autobuf bytes = hp_buf_new(line.n + 2);
    HP_TRY(hp_make_parents(path, err));
    __attribute__((cleanup(close_at))) int fd =
        open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, own ? 0600 : 0666);
    if (fd < 0) return fail(path, errno, err);
    HP_TRY(lock(fd, path, err));
    if (is_cut(fd)) hp_buf_putc(&bytes, '\n');
    hp_buf_add(&bytes, line);
    hp_buf_putc(&bytes, '\n');
    HP_TRY(hp_buf_check(&bytes, "a line of a log", err));
    return append(fd, hp_buf_str(&bytes), path, err);
}
