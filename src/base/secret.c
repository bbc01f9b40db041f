#include "base/secret.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/banned.h"

/* Passwords and tokens; a private key fits too. */
enum { MAX_SECRET = 64 << 10 };

struct hp_secret {
    char *p; /* sodium_malloc: guard pages, locked, wiped when freed; read-only once filled */
    size_t n;
    hp_secret *next;
};

/* All living secrets, for the scrubber. */
static pthread_mutex_t secrets_mutex = PTHREAD_MUTEX_INITIALIZER;
static hp_secret *secrets;

hp_secret *hp_secret_new(hp_str bytes) {
    if (sodium_init() < 0) return NULL;
    hp_secret *s = hp_calloc(1, sizeof *s);
    if (!s) return NULL;
    s->n = bytes.n;
    s->p = sodium_malloc(bytes.n ? bytes.n : 1);
    if (!s->p) {
        hp_free(s);
        return NULL;
    }
    if (bytes.n) memcpy(s->p, bytes.p, bytes.n);
    sodium_mprotect_readonly(s->p);
    pthread_mutex_lock(&secrets_mutex);
    s->next = secrets;
    secrets = s;
    pthread_mutex_unlock(&secrets_mutex);
    return s;
}

hp_str hp_secret_reveal(const hp_secret *s) { return (hp_str){s->p, s->n}; }

void hp_secret_free(hp_secret *s) {
    if (!s) return;
    pthread_mutex_lock(&secrets_mutex);
    hp_secret **link = &secrets;
    while (*link && *link != s) link = &(*link)->next;
    if (*link) *link = s->next;
    pthread_mutex_unlock(&secrets_mutex);
    sodium_free(s->p);
    hp_free(s);
}

void hp_secret_each(void (*fn)(hp_str bytes, void *ctx), void *ctx) {
    pthread_mutex_lock(&secrets_mutex);
    for (const hp_secret *s = secrets; s; s = s->next) fn(hp_secret_reveal(s), ctx);
    pthread_mutex_unlock(&secrets_mutex);
}

static void close_at(const int *fd) {
    if (*fd >= 0) close(*fd);
}

static hp_code check_private(const char *path, int fd, hp_err *err) {
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return hp_fail(err, HP_NOINPUT, "%s: is not a regular file", path);
    if (st.st_mode & 077) {
        return hp_fail(err, HP_NOPERM, "%s: others may read this secret (mode %03o); run chmod 600 on it",
                       path, st.st_mode & 0777u);
    }
    return HP_OK;
}

/* Reads up to `max` bytes; the number read, or -1. */
static ssize_t read_up_to(int fd, char *p, size_t max) {
    size_t n = 0;
    while (n < max) {
        ssize_t got = read(fd, p + n, max - n);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -1;
        if (got == 0) break;
        n += (size_t)got;
    }
    return (ssize_t)n;
}

static hp_code secret_of_content(const char *path, hp_str content, hp_secret **out, hp_err *err) {
    size_t end = hp_str_chr(content, '\n', 0);
    hp_str line = hp_str_cut(content, 0, end);
    if (hp_str_ends(line, HP_S("\r"))) line.n--;
    if (line.n == 0)
        return hp_fail(err, HP_NOINPUT, "%s: its first line is empty; put the secret there", path);
    if (end == SIZE_MAX && content.n > MAX_SECRET) {
        return hp_fail(err, HP_NOINPUT, "%s: its first line is longer than %d bytes", path, MAX_SECRET);
    }
    hp_secret *s = hp_secret_new(line);
    if (!s) return hp_fail_memory(err, "a secret");
    *out = s;
    return HP_OK;
}

hp_code hp_secret_from_file(const char *path, hp_secret **out, hp_err *err) {
    __attribute__((cleanup(close_at))) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        hp_code code = errno == EACCES || errno == EPERM ? HP_NOPERM : HP_NOINPUT;
        return hp_fail(err, code, "%s: cannot open: %s", path, strerrordesc_np(errno));
    }
    HP_TRY(check_private(path, fd, err));
    if (sodium_init() < 0) return hp_fail_memory(err, "a secret");
    char *content = sodium_malloc(MAX_SECRET + 1);
    if (!content) return hp_fail_memory(err, "a secret");
    ssize_t n = read_up_to(fd, content, MAX_SECRET + 1);
    hp_code code = n < 0 ? hp_fail(err, HP_NOINPUT, "%s: cannot read it", path)
                         : secret_of_content(path, (hp_str){content, (size_t)n}, out, err);
    sodium_free(content);
    return code;
}

/* A terminal hands out a line at a time, and says no end until somebody presses Ctrl-D. */
static ssize_t read_line(int fd, char *p, size_t max) {
    size_t n = 0;
    while (n < max && (n == 0 || p[n - 1] != '\n')) {
        ssize_t got = read(fd, p + n, max - n);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -1;
        if (got == 0) break;
        n += (size_t)got;
        if (memchr(p, '\n', n)) break;
    }
    return (ssize_t)n;
}

hp_code hp_secret_from_fd(int fd, const char *name, hp_secret **out, hp_err *err) {
    if (sodium_init() < 0) return hp_fail_memory(err, "a secret");
    char *content = sodium_malloc(MAX_SECRET + 1);
    if (!content) return hp_fail_memory(err, "a secret");
    ssize_t n = read_line(fd, content, MAX_SECRET + 1);
    hp_code code = n < 0 ? hp_fail(err, HP_NOINPUT, "%s: cannot read it: %s", name, strerrordesc_np(errno))
                         : secret_of_content(name, (hp_str){content, (size_t)n}, out, err);
    sodium_free(content);
    return code;
}
