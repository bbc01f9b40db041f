/* Buckets that are directories. Beside the objects stands .sha256, a tree with a file for each of them: its
 * line is one of sha256sum, so that nothing but coreutils is needed to check a bucket: find .sha256 -type f
 * -exec cat {} + | sha256sum -c A retention is a comment in it, and a rule of this program; the file is made
 * read-only, which is no lock against its owner. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "ops/evidence/bucket_own.h"

#include "base/banned.h"

#define RECORDS ".sha256"
enum { PIECE = 256 << 10, RECORD_BYTES = 16 << 10 };

typedef struct file_bucket {
    hp_str dir; /* without a slash at its end, "" being the root */
} file_bucket;

static hp_code path_of(hp_bucket *b, hp_arena *a, hp_str key, hp_str *object, hp_str *record, hp_err *err) {
    file_bucket *f = b->own;
    HP_TRY(hp_bucket_key_safe(key, err));
    if (hp_str_eq(key, HP_S(RECORDS)) || hp_str_starts(key, HP_S(RECORDS "/")))
        return hp_fail(err, HP_DATA, "%.*s: in a directory the names below " RECORDS " are for the digests",
                       HP_FMT(key));
    *object = hp_arena_printf(a, "%.*s/%.*s", HP_FMT(f->dir), HP_FMT(key));
    *record = hp_arena_printf(a, "%.*s/" RECORDS "/%.*s", HP_FMT(f->dir), HP_FMT(key));
    return object->p && record->p ? HP_OK : hp_fail_memory(err, "a path");
}

/* ---- records ---- */

/* As sha256sum writes it: a name with a backslash or a line end is escaped, and the line begins with one. */
static void put_record(const hp_bucket_source *s, hp_str key, const hp_bucket_put *how, hp_buf *out) {
    char until[21];
    bool escaped = memchr(key.p, '\\', key.n) || memchr(key.p, '\n', key.n) || memchr(key.p, '\r', key.n);
    if (how->retain_mode) {
        hp_time_iso(how->retain_until, until);
        hp_buf_printf(out, "# retain %s %s\n", how->retain_mode, until);
    }
    hp_buf_printf(out, "%s%s  ", escaped ? "\\" : "", s->hex.hex);
    for (size_t i = 0; i < key.n; i++) {
        char c = key.p[i];
        if (c == '\\' || c == '\n' || c == '\r') {
            hp_buf_putc(out, '\\');
            c = (char)(c == '\n' ? 'n' : c == '\r' ? 'r' : c);
        }
        hp_buf_putc(out, c);
    }
    hp_buf_putc(out, '\n');
}

/* "2026-12-31T23:59:59Z" */
static bool read_time(hp_str s, int64_t *out) {
    hp_date d;
    int64_t hour, minute, second;
    if (s.n != 20 || s.p[10] != 'T' || s.p[19] != 'Z' || !hp_date_parse_iso(hp_str_cut(s, 0, 10), &d)
        || !hp_str_i64(hp_str_cut(s, 11, 13), &hour) || !hp_str_i64(hp_str_cut(s, 14, 16), &minute)
        || !hp_str_i64(hp_str_cut(s, 17, 19), &second))
        return false;
    *out = hp_days_from_civil(d.year, d.month, d.day) * 86400 + hour * 3600 + minute * 60 + second;
    return true;
}

static hp_code take_record(hp_arena *a, hp_str text, hp_bucket_object *out, hp_err *err) {
    unsigned char ignored[HP_DIGEST_BYTES];
    hp_str line;
    while (hp_str_next(&text, '\n', &line)) {
        if (hp_str_starts(line, HP_S("# retain "))) {
            hp_str rest = hp_str_cut(line, 9, line.n), mode;
            (void)hp_str_next(&rest, ' ', &mode);
            if (!read_time(rest, &out->retained_until)) continue;
            out->retain_mode = hp_arena_dup(a, mode);
        } else {
            if (line.n && line.p[0] == '\\') line = hp_str_cut(line, 1, line.n);
            hp_str hex = hp_str_cut(line, 0, 2 * HP_DIGEST_BYTES);
            if (hp_read_hex(hex, ignored, sizeof ignored)) out->sha256 = hp_arena_dup(a, hex);
        }
    }
    return out->sha256.p && out->retain_mode.p ? HP_OK : hp_fail_memory(err, "an object");
}

static hp_code read_record(hp_arena *a, hp_str record, hp_bucket_object *out, hp_err *err) {
    hp_autobuf text = hp_buf_new(RECORD_BYTES);
    out->sha256 = out->retain_mode = HP_S("");
    if (!hp_exists(record.p)) return HP_OK;
    HP_TRY(hp_read_file(record.p, &text, err));
    return take_record(a, hp_buf_str(&text), out, err);
}

/* ---- looking, listing ---- */

static hp_code look(hp_bucket *b, hp_arena *a, hp_str key, hp_bucket_object *out, bool *found, bool *readable,
                    hp_err *err) {
    hp_str object, record;
    struct stat st;
    HP_TRY(path_of(b, a, key, &object, &record, err));
    *readable = true;
    *found = lstat(object.p, &st) == 0;
    if (!*found) return HP_OK;
    if (!S_ISREG(st.st_mode))
        return hp_fail(err, HP_DATA, "%s: is no regular file, so no object of a bucket", object.p);
    hp_bucket_object o = {
        .key = hp_arena_dup(a, key), .bytes = (uint64_t)st.st_size, .changed = st.st_mtim.tv_sec};
    if (!o.key.p) return hp_fail_memory(err, "an object");
    HP_TRY(read_record(a, record, &o, err));
    *out = o;
    return HP_OK;
}

static hp_code list(hp_bucket *b, hp_str prefix, hp_bucket_each *each, void *ctx, hp_err *err) {
    hp_autoarena *a = hp_arena_new(NULL);
    file_bucket *f = b->own;
    hp_bucket_files files = {0};
    if (!a) return hp_fail_memory(err, "a list");
    const char *dir = f->dir.n ? f->dir.p : "/";
    if (!hp_exists(dir)) return hp_fail(err, HP_NOINPUT, "%s: there is no such directory", dir);
    hp_code code = hp_bucket_walk(a, dir, &files, err);
    for (size_t i = 0; code == HP_OK && i < files.file.n; i++) {
        hp_bucket_object o;
        bool found, readable;
        hp_str key = files.file.p[i];
        if (hp_str_starts(key, HP_S(RECORDS "/")) || !hp_str_starts(key, prefix)) continue;
        code = look(b, a, key, &o, &found, &readable, err);
        if (code == HP_OK && found) code = each(ctx, &o, err);
    }
    hp_bucket_files_free(&files);
    return code;
}

/* ---- reading, storing ---- */

static void close_at(const int *fd) {
    if (*fd >= 0) close(*fd);
}

static hp_code read_object(hp_bucket *b, hp_str key, hp_bucket_take *take, void *ctx, hp_err *err) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_autofree char *piece = hp_malloc(PIECE);
    hp_str object, record;
    uint64_t at = 0;
    if (!a || !piece) return hp_fail_memory(err, "an object");
    HP_TRY(path_of(b, a, key, &object, &record, err));
    __attribute__((cleanup(close_at))) int fd = open(object.p, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return hp_fail(err, errno == EACCES ? HP_NOPERM : HP_NOINPUT, "%s: cannot read: %s", object.p,
                       strerrordesc_np(errno));
    for (;;) {
        ssize_t n = read(fd, piece, PIECE);
        if (n < 0) return hp_fail(err, HP_IO, "%s: cannot read: %s", object.p, strerrordesc_np(errno));
        if (n == 0) return HP_OK;
        HP_TRY(take(ctx, at, (hp_str){piece, (size_t)n}, err));
        at += (uint64_t)n;
    }
}

static hp_code copy(const hp_bucket_source *s, hp_out *o, const hp_bucket_put *how, hp_err *err) {
    hp_autofree char *piece = hp_malloc(PIECE);
    uint64_t at = 0;
    if (!piece) return hp_fail_memory(err, "a copy");
    while (at < s->bytes) {
        uint64_t left = s->bytes - at;
        ssize_t n = pread(s->fd, piece, left < PIECE ? (size_t)left : PIECE, (off_t)at);
        if (n <= 0)
            return hp_fail(err, HP_IO, "%s: cannot be read any more, or became shorter while it was stored",
                           s->path);
        if (fwrite(piece, 1, (size_t)n, o->f) != (size_t)n)
            return hp_fail(err, HP_IO, "%s: cannot write: %s", o->path, strerrordesc_np(errno));
        at += (uint64_t)n;
        if (how->progress) how->progress(how->ctx, at, s->bytes);
    }
    return HP_OK;
}

/* Gives a complete file its name, unless that is taken: link and not rename, which would replace. */
static hp_code name_it(hp_out *o, bool overwrite, bool *exists, hp_err *err) {
    if (overwrite) return hp_out_commit(o, err);
    if (fflush(o->f) != 0 || fsync(fileno(o->f)) != 0)
        return hp_fail(err, HP_IO, "%s: writing failed: %s", o->path, strerrordesc_np(errno));
    *exists = link(o->temp, o->path) != 0;
    if (*exists && errno != EEXIST) {
        /* A file system without links: there another writer at the same moment could be replaced. */
        *exists = hp_exists(o->path);
        if (!*exists) return hp_out_commit(o, err);
    }
    hp_out_abandon(o);
    return HP_OK;
}

static hp_code sync_dir_of(hp_arena *a, hp_str path, hp_err *err) {
    hp_str base = hp_path_base(path), dir = hp_arena_dup(a, hp_str_cut(path, 0, path.n - base.n));
    if (!dir.p) return hp_fail_memory(err, "a path");
    __attribute__((cleanup(close_at))) int fd = open(dir.n ? dir.p : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0 && fsync(fd) == 0) return HP_OK;
    return hp_fail(err, HP_IO, "%s: cannot be made to last: %s", dir.p, strerrordesc_np(errno));
}

static hp_code check_retention(hp_bucket *b, hp_arena *a, hp_str key, hp_err *err) {
    hp_bucket_object o = {0};
    bool found, readable;
    char until[21];
    HP_TRY(look(b, a, key, &o, &found, &readable, err));
    if (!found || !o.retain_mode.n || o.retained_until <= hp_clock_now()) return HP_OK;
    hp_time_iso(o.retained_until, until);
    return hp_fail(err, HP_NOPERM, "%.*s: is retained until %s (%.*s) and cannot be overwritten", HP_FMT(key),
                   until, HP_FMT(o.retain_mode));
}

static hp_code store(hp_bucket *b, const hp_bucket_source *s, hp_str key, const hp_bucket_put *how,
                     hp_bucket_done *out, bool *exists, hp_err *err) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_autobuf line = hp_buf_new(RECORD_BYTES);
    hp_str object, record;
    hp_out o = {0};
    if (!a) return hp_fail_memory(err, "an object");
    HP_TRY(path_of(b, a, key, &object, &record, err));
    if (how->overwrite) HP_TRY(check_retention(b, a, key, err));
    put_record(s, key, how, &line);
    HP_TRY(hp_buf_check(&line, "a digest", err));
    HP_TRY(hp_make_parents(object.p, err));
    HP_TRY(hp_make_parents(record.p, err));
    HP_TRY(hp_out_begin(&o, object.p, true, err));
    hp_code code = copy(s, &o, how, err);
    if (code == HP_OK) code = name_it(&o, how->overwrite, exists, err);
    if (code != HP_OK) {
        hp_out_abandon(&o);
        return code;
    }
    if (*exists) return HP_OK;
    out->parts = 1;
    if (how->retain_mode) (void)chmod(object.p, 0444); /* no lock, but a hint to whoever comes by */
    HP_TRY(sync_dir_of(a, object, err));
    return hp_write_file(record.p, hp_buf_str(&line), err);
}

static bool retains(const hp_bucket_object *o, const hp_bucket_put *how) {
    bool strict = hp_str_eq(o->retain_mode, HP_S("compliance"))
                  || hp_str_eq(o->retain_mode, hp_str_of(how->retain_mode));
    return strict && o->retained_until >= how->retain_until;
}

/* As an object store would: a retention is made longer or stricter, and neither shorter nor looser. */
static hp_code check_weaker(const hp_bucket_object *o, const hp_bucket_put *how, hp_err *err) {
    char until[21];
    bool longer = o->retained_until > how->retain_until,
         stricter =
             hp_str_eq(o->retain_mode, HP_S("compliance")) && strcmp(how->retain_mode, "compliance") != 0;
    if (!o->retain_mode.n || o->retained_until <= hp_clock_now() || (!longer && !stricter)) return HP_OK;
    hp_time_iso(o->retained_until, until);
    return hp_fail(err, HP_NOPERM, "%.*s: is retained until %s (%.*s), which this would weaken",
                   HP_FMT(o->key), until, HP_FMT(o->retain_mode));
}

static hp_code retain(hp_bucket *b, const hp_bucket_source *s, hp_str key, const hp_bucket_put *how,
                      hp_err *err) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_autobuf line = hp_buf_new(RECORD_BYTES);
    hp_str object, record;
    hp_bucket_object o = {0};
    bool found, readable;
    if (!a) return hp_fail_memory(err, "an object");
    HP_TRY(path_of(b, a, key, &object, &record, err));
    HP_TRY(look(b, a, key, &o, &found, &readable, err));
    if (!found) return hp_fail(err, HP_NOINPUT, "%s: is gone", object.p);
    if (retains(&o, how)) return HP_OK;
    HP_TRY(check_weaker(&o, how, err));
    put_record(s, key, how, &line);
    HP_TRY(hp_buf_check(&line, "a digest", err));
    HP_TRY(hp_make_parents(record.p, err));
    (void)chmod(object.p, 0444);
    return hp_write_file(record.p, hp_buf_str(&line), err);
}

static void close_file(hp_bucket *b) { hp_free(b->own); }

static const hp_bucket_kind FILES = {look, store, retain, read_object, list, close_file};

/* A URL names the bucket, unless it is a file that is there: that is an object in the directory it is in. */
static void split(hp_str rest, hp_str *dir, hp_str *key) {
    hp_str base = hp_path_base(rest);
    bool object = base.n && hp_exists(rest.p) && !hp_is_dir(rest.p);
    *dir = object ? hp_str_cut(rest, 0, rest.n - base.n) : rest;
    *key = object ? base : HP_S("");
    while (dir->n && dir->p[dir->n - 1] == '/') dir->n--;
    if (dir->n == 0 && rest.p[0] != '/') *dir = HP_S(".");
}

hp_code hp_bucket_open_file(hp_bucket *b, hp_str rest, hp_err *err) {
    hp_str path = hp_arena_dup(b->arena, rest), dir, key;
    if (rest.n == 0)
        return hp_fail(err, HP_USAGE, "file:// names no directory; it is file://DIR or file:///DIR");
    file_bucket *f = path.p ? hp_calloc(1, sizeof *f) : NULL;
    if (!f) return hp_fail_memory(err, "a bucket");
    split(path, &dir, &key);
    f->dir = hp_arena_dup(b->arena, dir);
    b->own = f;
    b->kind = &FILES;
    b->root = hp_arena_printf(b->arena, "file://%.*s", HP_FMT(dir));
    b->key = hp_arena_dup(b->arena, key);
    b->part_bytes = UINT64_MAX;
    return f->dir.p && b->root.p && b->key.p ? HP_OK : hp_fail_memory(err, "a bucket");
}
