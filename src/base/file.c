#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"

#include "base/banned.h"

enum { PIECE = 1 << 16 }; /* read at a time */

/* Turns errno of opening or reading `path` into an error. */
static hp_code fail_input(const char *path, int number, hp_err *err) {
    switch (number) {
    case ENOENT: return hp_fail(err, HP_NOINPUT, "%s: no such file; check the path", path);
    case ENOTDIR:
        return hp_fail(err, HP_NOINPUT, "%s: part of the path is a file, not a directory; check the path",
                       path);
    case EISDIR: return hp_fail(err, HP_NOINPUT, "%s: is a directory, a file was expected", path);
    case ENAMETOOLONG: return hp_fail(err, HP_NOINPUT, "%s: the path is too long", path);
    case ELOOP: return hp_fail(err, HP_NOINPUT, "%s: symbolic links run in a circle", path);
    case ENXIO: /* opening a socket, or a device that is not there */
    case ENODEV:
        return hp_fail(err, HP_NOINPUT, "%s: is a device, pipe or socket, a file was expected", path);
    case EACCES:
    case EPERM: return hp_fail(err, HP_NOPERM, "%s: permission denied; make it readable for this user", path);
    default: return hp_fail(err, HP_IO, "%s: cannot read: %s", path, strerrordesc_np(number));
    }
}

static void close_at(const int *fd) {
    if (*fd >= 0) close(*fd);
}
#define autofd __attribute__((cleanup(close_at))) int

/* Opens a regular file for reading; *size gets its length. */
static hp_code open_regular(const char *path, int *fd, uint64_t *size, hp_err *err) {
    /* Not blocking, so that a FIFO in an input directory is refused instead of waited for. */
    autofd opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;
    if (opened < 0 || fstat(opened, &st) != 0) return fail_input(path, errno, err);
    if (S_ISDIR(st.st_mode)) return fail_input(path, EISDIR, err);
    if (!S_ISREG(st.st_mode))
        return hp_fail(err, HP_NOINPUT, "%s: is a device, pipe or socket, a file was expected", path);
    *size = (uint64_t)st.st_size;
    *fd = opened;
    opened = -1;
    return HP_OK;
}

hp_code hp_map_file(const char *path, uint64_t max, hp_filemap *out, hp_err *err) {
    autofd fd = -1;
    uint64_t size = 0;
    HP_TRY(open_regular(path, &fd, &size, err));
    if (size > max) {
        return hp_fail_limit(err, HP_L_FILE_BYTES, "%s: has %llu bytes, the limit is %llu", path,
                             (unsigned long long)size, (unsigned long long)max);
    }
    hp_str bytes = {"", 0};
    if (size > 0) {
        void *p = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (p == MAP_FAILED) return fail_input(path, errno, err);
        bytes = (hp_str){p, size};
    }
    *out = (hp_filemap){.bytes = bytes, .fd = fd};
    fd = -1;
    return HP_OK;
}

void hp_map_forget(hp_filemap *m, const char *until) {
    const size_t step = 4u << 20; /* worth a system call, and a multiple of every page */
    if (m->bytes.n == 0 || until < m->bytes.p || until > m->bytes.p + m->bytes.n) return;
    size_t end = (size_t)(until - m->bytes.p) / step * step;
    if (end <= m->forgotten) return;
    char *from = (char *)(uintptr_t)m->bytes.p + m->forgotten;
    if (madvise(from, end - m->forgotten, MADV_DONTNEED) == 0) m->forgotten = end;
}

void hp_unmap(hp_filemap *m) {
    if (!m->bytes.p) return; /* zeroed, or released before: its fd 0 is not ours */
    if (m->bytes.n) munmap((void *)(uintptr_t)m->bytes.p, m->bytes.n);
    close(m->fd);
    *m = (hp_filemap){0};
}

hp_code hp_read_pieces(const char *path, hp_code (*fn)(void *ctx, hp_str piece), void *ctx, hp_err *err) {
    autofd fd = -1;
    uint64_t size = 0;
    HP_TRY(open_regular(path, &fd, &size, err));
    char piece[PIECE];
    for (;;) {
        ssize_t n = read(fd, piece, sizeof piece);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail_input(path, errno, err);
        if (n == 0) return HP_OK;
        HP_TRY(fn(ctx, (hp_str){piece, (size_t)n}));
    }
}

typedef struct reading {
    hp_buf *out;
    const char *path;
    hp_err *err;
} reading;

static hp_code add_piece(void *ctx, hp_str piece) {
    reading *r = ctx;
    hp_buf_add(r->out, piece);
    return hp_buf_check(r->out, r->path, r->err);
}

hp_code hp_read_file(const char *path, hp_buf *out, hp_err *err) {
    autofd fd = -1;
    uint64_t size = 0;
    HP_TRY(open_regular(path, &fd, &size, err));
    if (size > out->max - out->n) {
        return hp_fail(err, HP_DATA, "%s: has %llu bytes, the limit is %zu", path, (unsigned long long)size,
                       out->max);
    }
    reading r = {out, path, err};
    return hp_read_pieces(path, add_piece, &r, err);
}

/* Waits until there is something to read, looking at the clock meanwhile: a pipe may be silent for ever. */
static hp_code await_input(hp_err *err) {
    struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
    while (poll(&p, 1, 1000) == 0) HP_TRY(hp_deadline_check(err));
    return hp_deadline_check(err);
}

hp_code hp_read_stdin(hp_buf *out, hp_err *err) {
    for (;;) {
        HP_TRY(await_input(err));
        size_t want =
            out->max - out->n < PIECE ? out->max - out->n + 1 : PIECE; /* one more tells that it goes on */
        char piece[PIECE];
        ssize_t n = read(STDIN_FILENO, piece, want);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail_input("stdin", errno, err);
        if (n == 0) return HP_OK;
        hp_buf_add(out, (hp_str){piece, (size_t)n});
        if (out->over)
            return hp_fail_limit(err, HP_L_FILE_BYTES, "stdin: has more than %zu bytes, the limit", out->max);
        HP_TRY(hp_buf_check(out, "standard input", err));
    }
}

bool hp_is_dir(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool hp_exists(const char *path) { return access(path, F_OK) == 0; }

hp_str hp_path_base(hp_str path) {
    const char *slash = path.n ? memrchr(path.p, '/', path.n) : NULL;
    return slash ? hp_str_cut(path, (size_t)(slash - path.p) + 1, path.n) : path;
}

hp_str hp_path_join(hp_arena *a, hp_str dir, hp_str name) {
    if (dir.n == 0) return hp_arena_dup(a, name);
    bool slash = hp_str_ends(dir, HP_S("/"));
    return hp_arena_printf(a, "%.*s%s%.*s", HP_FMT(dir), slash ? "" : "/", HP_FMT(name));
}
