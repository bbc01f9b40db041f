/* The writing half of base/file.h: outputs that exist only when complete. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

#include "base/banned.h"

/* Temporary names of outputs under way, where a signal handler finds them: in blocks that are never freed,
 * and a name is complete before its slot is live. One run writes a handful of files at a time, unless it
 * makes copies of all its inputs. */
enum { SLOTS = 32, FREE = 0, CLAIMED = 1, LIVE = 2 };
typedef struct slot {
    atomic_int state;
    char temp[sizeof((hp_out *)0)->temp];
} slot;
typedef struct slot_block {
    slot slot[SLOTS];
    struct slot_block *_Atomic next;
} slot_block;
static slot_block slots;

static hp_code fail_output(const char *path, int number, hp_err *err) {
    switch (number) {
    case EACCES:
    case EPERM:
        return hp_fail(err, HP_NOPERM,
                       "%s: cannot write: permission denied; choose a directory this user may write", path);
    case EROFS:
        return hp_fail(err, HP_CANTCREAT,
                       "%s: cannot write: the file system is read-only; choose another place", path);
    case ENOTDIR:
        return hp_fail(err, HP_CANTCREAT, "%s: cannot write: part of the path is a file, not a directory",
                       path);
    case ENAMETOOLONG: return hp_fail(err, HP_CANTCREAT, "%s: cannot write: the path is too long", path);
    case EISDIR: return hp_fail(err, HP_CANTCREAT, "%s: is a directory; name a file in it", path);
    case ENOSPC:
    case EDQUOT:
        return hp_fail(err, HP_IO, "%s: cannot write: no space left; free some, or choose another place",
                       path);
    default: return hp_fail(err, HP_CANTCREAT, "%s: cannot write: %s", path, strerrordesc_np(number));
    }
}

/* As fail_output, for faults once the file is open: those are the device's, whatever errno says. */
static hp_code fail_writing(const char *path, int number, hp_err *err) {
    if (number == ENOSPC || number == EDQUOT) return fail_output(path, number, err);
    return hp_fail(err, HP_IO, "%s: writing failed: %s; the previous file, if any, is untouched", path,
                   strerrordesc_np(number));
}

/* Makes the directories above `path`, which is changed and restored on the way. */
static hp_code make_parents(char *path, hp_err *err) {
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int failed = mkdir(path, 0777) != 0 ? errno : 0;
        /* An existing directory may answer EEXIST, but also EROFS or EACCES. */
        if (failed && hp_is_dir(path)) failed = 0;
        *slash = '/';
        if (failed) return fail_output(path, failed == EEXIST ? ENOTDIR : failed, err);
    }
    return HP_OK;
}

hp_code hp_make_parents(const char *path, hp_err *err) {
    char copy[PATH_MAX];
    size_t n = strlen(path);
    if (n == 0 || n >= sizeof copy) return fail_output(path, ENAMETOOLONG, err);
    memcpy(copy, path, n + 1);
    return make_parents(copy, err);
}

/* Fills o->path: the name itself, or what it links to, so that an operator's link stays a link. */
static hp_code resolve(hp_out *o, const char *path, hp_err *err) {
    size_t n = strlen(path);
    if (n == 0) return hp_fail(err, HP_CANTCREAT, "the name of an output is empty; name a file");
    if (n >= sizeof o->path) return fail_output(path, ENAMETOOLONG, err);
    if (path[n - 1] == '/') return fail_output(path, EISDIR, err);
    memcpy(o->path, path, n + 1);
    struct stat st;
    if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode)) {
        _Static_assert(sizeof o->path >= PATH_MAX, "realpath writes up to PATH_MAX bytes");
        if (!realpath(path, o->path)) memcpy(o->path, path, n + 1);
    }
    return HP_OK;
}

/* Refuses what a rename must not replace. */
static hp_code check_target(const char *path, mode_t *mode, hp_err *err) {
    struct stat st;
    if (stat(path, &st) != 0) return errno == ENOENT ? HP_OK : fail_output(path, errno, err);
    if (S_ISDIR(st.st_mode)) return fail_output(path, EISDIR, err);
    if (!S_ISREG(st.st_mode))
        return hp_fail(err, HP_CANTCREAT, "%s: is a device, pipe or socket; name a regular file", path);
    *mode = st.st_mode & 0777;
    return HP_OK;
}

static slot *claim_in(slot_block *b) {
    for (int i = 0; i < SLOTS; i++) {
        int was = FREE;
        if (atomic_compare_exchange_strong(&b->slot[i].state, &was, CLAIMED)) return &b->slot[i];
    }
    return NULL;
}

/* Hangs a new block behind one that had none; false when out of memory. */
static bool add_block(slot_block *b) {
    slot_block *fresh = hp_calloc(1, sizeof *fresh), *none = NULL;
    if (!fresh) return false;
    if (!atomic_compare_exchange_strong(&b->next, &none, fresh))
        hp_free(fresh); /* another thread was first */
    return true;
}

static slot *claim_slot(void) {
    for (slot_block *b = &slots;; b = atomic_load(&b->next)) {
        slot *s = claim_in(b);
        if (s) return s;
        if (!atomic_load(&b->next) && !add_block(b)) return NULL;
    }
}

static slot *slot_of(const char *temp) {
    for (slot_block *b = &slots; b; b = atomic_load(&b->next))
        for (int i = 0; i < SLOTS; i++)
            if (atomic_load(&b->slot[i].state) == LIVE && strcmp(b->slot[i].temp, temp) == 0)
                return &b->slot[i];
    return NULL;
}

static void release_slot(const char *temp) {
    slot *s = slot_of(temp);
    if (s) atomic_store(&s->state, FREE);
}

/* Names a file nobody else uses: hidden, beside the target, its base name cut to stay below NAME_MAX (255).
 */
static void name_temp(hp_out *o) {
    uint64_t random = 0;
    if (getrandom(&random, sizeof random, GRND_NONBLOCK) < 0) random = (uint64_t)getpid();
    hp_str path = hp_str_of(o->path), base = hp_path_base(path);
    hp_str dir = hp_str_cut(path, 0, path.n - base.n);
    hp_str some = hp_str_cut(base, 0, 200);
    snprintf(o->temp, sizeof o->temp, "%.*s.%.*s.%016llx.tmp", HP_FMT(dir), HP_FMT(some),
             (unsigned long long)random);
}

/* Makes the temporary file. The slot is live before the file exists: a signal in between removes nothing. */
static hp_code create_temp(hp_out *o, mode_t mode, int *fd, hp_err *err) {
    slot *s = claim_slot();
    if (!s) return hp_fail_memory(err, "the list of outputs");
    name_temp(o);
    memcpy(s->temp, o->temp, sizeof o->temp);
    atomic_store(&s->state, LIVE);
    *fd = open(o->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (*fd < 0) {
        hp_code code = fail_output(o->path, errno, err);
        atomic_store(&s->state, FREE);
        return code;
    }
    /* A file that was private stays private. */
    if (mode && fchmod(*fd, mode) != 0) return fail_output(o->path, errno, err);
    return HP_OK;
}

static hp_code begin(hp_out *o, const char *path, int *fd, hp_err *err) {
    mode_t mode = 0;
    HP_TRY(resolve(o, path, err));
    HP_TRY(make_parents(o->path, err));
    HP_TRY(check_target(o->path, &mode, err));
    return create_temp(o, mode, fd, err);
}

static bool is_stdout(const char *path) { return strcmp(path, HP_STDOUT) == 0; }

/* A descriptor of its own, so that closing it tells whether all was written and leaves the process its one.
 */
static hp_code begin_stdout(hp_out *o, bool open, hp_err *err) {
    if (!open) return hp_fail(err, HP_BUG, "standard output has no name that a library could write to");
    int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    o->f = fd >= 0 ? fdopen(fd, "wb") : NULL;
    if (o->f) {
        memcpy(o->path, HP_STDOUT, sizeof HP_STDOUT);
        return HP_OK;
    }
    int failed = errno;
    if (fd >= 0) close(fd);
    return hp_fail(err, HP_IO, "standard output cannot be written: %s", strerrordesc_np(failed));
}

static hp_code commit_stdout(hp_out *o, hp_err *err) {
    int failed = ferror(o->f) ? EIO : 0;
    if (!failed && fflush(o->f) != 0) failed = errno;
    if (failed) __fpurge(o->f);
    if (fclose(o->f) != 0 && !failed) failed = errno;
    *o = (hp_out){0};
    if (!failed) return HP_OK;
    return hp_fail(err, HP_IO, "standard output cannot be written: %s", strerrordesc_np(failed));
}

hp_code hp_out_begin(hp_out *o, const char *path, bool open, hp_err *err) {
    *o = (hp_out){0};
    if (is_stdout(path)) return begin_stdout(o, open, err);
    int fd = -1;
    hp_code code = begin(o, path, &fd, err);
    if (code == HP_OK && open) {
        o->f = fdopen(fd, "wb");
        if (!o->f) code = fail_output(path, errno, err);
    }
    if (fd >= 0 && !o->f) close(fd);
    if (code != HP_OK) hp_out_abandon(o);
    return code;
}

/* Says of a trial file's failure what it means for the output itself. */
static hp_code fail_probe(const char *path, const char *dir, hp_code code, hp_err *err) {
    if (code == HP_NOPERM)
        return hp_fail(err, HP_NOPERM,
                       "%s: cannot write: no permission in %s; choose a directory this user may write", path,
                       dir);
    char why[sizeof err->message];
    memcpy(why, err->message, sizeof why);
    const char *colon = strstr(why, ": ");
    return hp_fail(err, code, "%s%s", path, colon ? colon : ": cannot write");
}

/* Cuts `path` back to the deepest directory above it that exists ("." for a bare name); false when something
 * in between is no directory. */
static bool existing_parent(char *path) {
    for (;;) {
        char *slash = strrchr(path, '/');
        if (!slash) {
            memcpy(path, ".", 2);
            return true;
        }
        slash[slash == path] = '\0'; /* the root keeps its slash */
        if (hp_exists(path)) return hp_is_dir(path);
        if (slash == path) return false;
    }
}

hp_code hp_out_probe(const char *path, hp_err *err) {
    if (is_stdout(path)) return HP_OK;
    hp_out o = {0};
    mode_t mode = 0;
    HP_TRY(resolve(&o, path, err));
    HP_TRY(check_target(o.path, &mode, err));
    char dir[sizeof o.path];
    memcpy(dir, o.path, sizeof dir);
    if (!existing_parent(dir)) return fail_output(path, ENOTDIR, err);
    /* A trial file in the directory that exists: permission bits alone do not tell of read-only or full file
     * systems. Directories that are missing are made when the output is begun, not now, so that a run that
     * fails first leaves nothing. */
    char trial[sizeof o.path + 32];
    snprintf(trial, sizeof trial, "%s/.hotpass-trial", dir);
    memcpy(o.path, trial, strlen(trial) < sizeof o.path ? strlen(trial) + 1 : 1);
    int fd = -1;
    hp_code code = create_temp(&o, 0, &fd, err);
    if (fd >= 0) close(fd);
    hp_out_abandon(&o);
    if (code == HP_OK || !err) return code;
    return fail_probe(path, dir, code, err);
}

void hp_out_abandon(hp_out *o) {
    if (o->f) {
        __fpurge(o->f); /* nothing more is written, and closing cannot fail on a full disk */
        fclose(o->f);
    }
    if (o->temp[0]) {
        int saved = errno;
        if (slot_of(o->temp)) unlink(o->temp);
        release_slot(o->temp);
        errno = saved;
    }
    *o = (hp_out){0};
}

void hp_out_abandon_all(void) {
    for (slot_block *b = &slots; b; b = atomic_load(&b->next))
        for (int i = 0; i < SLOTS; i++)
            if (atomic_load(&b->slot[i].state) == LIVE) unlink(b->slot[i].temp);
}

/* Closes o->f (if it is open) with its content on the disk. */
static hp_code flush_to_disk(hp_out *o, hp_err *err) {
    int failed = 0;
    if (o->f) {
        if (ferror(o->f)) failed = errno ? errno : EIO;
        if (!failed && fflush(o->f) != 0) failed = errno;
        if (!failed && fsync(fileno(o->f)) != 0) failed = errno;
        if (failed) __fpurge(o->f);
        if (fclose(o->f) != 0 && !failed) failed = errno;
        o->f = NULL;
    } else {
        int fd = open(o->temp, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || fsync(fd) != 0) failed = errno;
        if (fd >= 0 && close(fd) != 0 && !failed) failed = errno;
    }
    return failed ? fail_writing(o->path, failed, err) : HP_OK;
}

/* Makes a rename durable. Some file systems cannot sync a directory; the file itself is safe by then. */
static void sync_dir(const char *path) {
    hp_str all = hp_str_of(path), base = hp_path_base(all);
    char dir[sizeof((hp_out *)0)->path] = ".";
    size_t n = all.n - base.n;
    if (n) {
        memcpy(dir, path, n);
        dir[n] = '\0';
    }
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    fsync(fd);
    close(fd);
}

hp_code hp_out_commit(hp_out *o, hp_err *err) {
    if (o->f && !o->temp[0]) return commit_stdout(o, err);
    hp_code code = flush_to_disk(o, err);
    if (code == HP_OK && rename(o->temp, o->path) != 0) code = fail_output(o->path, errno, err);
    if (code == HP_OK) {
        sync_dir(o->path);
        release_slot(o->temp);
        o->temp[0] = '\0';
    }
    hp_out_abandon(o);
    return code;
}

hp_code hp_write_file(const char *path, hp_str bytes, hp_err *err) {
    hp_out o;
    HP_TRY(hp_out_begin(&o, path, true, err));
    if (bytes.n && fwrite(bytes.p, 1, bytes.n, o.f) != bytes.n) {
        hp_code code = fail_writing(path, errno, err);
        hp_out_abandon(&o);
        return code;
    }
    return hp_out_commit(&o, err);
}
