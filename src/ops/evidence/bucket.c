#include "ops/evidence/bucket_own.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

#include "base/banned.h"

enum { PIECE = 256 << 10 };
#define MIB        UINT64_C(1048576)
#define USUAL_PART (16 * MIB)
/* Facts of S3 (net/s3.h), which other kinds do not need to know. */
#define MOST_PARTS 10000u

/* ---- opening ---- */

static hp_code open_kind(hp_bucket *b, const hp_bucket_how *how, hp_err *err) {
    hp_str file = HP_S("file://"), s3 = HP_S("s3://"), url = how->url;
    if (hp_str_starts(url, file)) return hp_bucket_open_file(b, hp_str_cut(url, file.n, url.n), err);
    if (hp_str_starts(url, s3)) return hp_bucket_open_s3(b, how, hp_str_cut(url, s3.n, url.n), err);
    hp_str shown = hp_str_cut(url, 0, 200);
    return hp_fail(err, HP_USAGE, "%.*s: is no URL of a bucket; it is file://DIR or s3://BUCKET/PREFIX/",
                   HP_FMT(shown));
}

hp_code hp_bucket_open(const hp_bucket_how *how, hp_bucket **out, hp_err *err) {
    hp_bucket *b = hp_calloc(1, sizeof *b);
    if (!b) return hp_fail_memory(err, "a bucket");
    b->arena = hp_arena_new(NULL);
    b->part_bytes = how->part_bytes;
    hp_code code = b->arena ? open_kind(b, how, err) : hp_fail_memory(err, "a bucket");
    if (code != HP_OK) {
        hp_bucket_close(b);
        return code;
    }
    *out = b;
    return HP_OK;
}

void hp_bucket_close(hp_bucket *b) {
    if (!b) return;
    if (b->kind) b->kind->close(b);
    hp_arena_drop(b->arena);
    hp_free(b);
}

hp_str hp_bucket_key(const hp_bucket *b) { return b->key; }

bool hp_bucket_is_prefix(const hp_bucket *b) { return b->key.n == 0 || b->key.p[b->key.n - 1] == '/'; }

void hp_bucket_url(const hp_bucket *b, hp_str key, hp_buf *out) {
    hp_buf_printf(out, "%.*s/%.*s", HP_FMT(b->root), HP_FMT(key));
}

hp_code hp_bucket_key_safe(hp_str key, hp_err *err) {
    hp_str rest = key, part;
    bool ok = key.n > 0 && !memchr(key.p, 0, key.n) && key.p[key.n - 1] != '/';
    while (ok && hp_str_next(&rest, '/', &part))
        ok = part.n && !hp_str_eq(part, HP_S(".")) && !hp_str_eq(part, HP_S(".."));
    if (ok) return HP_OK;
    hp_str shown = hp_str_cut(key, 0, 200);
    return hp_fail(err, HP_DATA, "the key \"%.*s\" is no path of a file below a directory", HP_FMT(shown));
}

/* ---- the file that is put ---- */

static void close_source(hp_bucket_source *s) {
    if (s->fd >= 0) close(s->fd);
    hp_free(s->part);
    s->part = NULL;
    s->fd = -1;
}

static hp_code open_source(const hp_bucket *b, const char *path, hp_bucket_source *s, hp_err *err) {
    struct stat st;
    *s = (hp_bucket_source){.path = path, .fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (s->fd < 0 && errno == EACCES)
        return hp_fail(err, HP_NOPERM, "%s: permission denied; make the file readable for this user", path);
    if (s->fd < 0) return hp_fail(err, HP_NOINPUT, "%s: cannot read: %s", path, strerrordesc_np(errno));
    if (fstat(s->fd, &st) != 0 || !S_ISREG(st.st_mode))
        return hp_fail(err, HP_NOINPUT, "%s: is not a regular file", path);
    s->bytes = (uint64_t)st.st_size;
    uint64_t part = b->part_bytes ? b->part_bytes : USUAL_PART;
    if (part == UINT64_MAX || s->bytes <= part) return HP_OK;
    uint64_t least = (s->bytes + MOST_PARTS - 1) / MOST_PARTS;
    if (part < least) part = (least + MIB - 1) / MIB * MIB;
    s->part_bytes = part;
    s->part = hp_calloc((size_t)((s->bytes + part - 1) / part), sizeof *s->part);
    return s->part ? HP_OK : hp_fail_memory(err, "digests of parts");
}

/* Digests the file once, as a whole and in parts. */
typedef struct digesting {
    hp_bucket_source *s;
    hp_digest whole, md5, part;
    uint64_t at;
    bool bad;
} digesting;

static void add_to_parts(digesting *d, hp_str piece) {
    const uint64_t size = d->s->part_bytes;
    while (piece.n) {
        uint64_t left = size - d->at % size;
        hp_str now = hp_str_cut(piece, 0, (size_t)(left < piece.n ? left : piece.n));
        if (d->at % size == 0) hp_digest_begin(&d->part, HP_DIGEST_SHA256);
        hp_digest_add(&d->part, now);
        d->at += now.n;
        if (d->at % size == 0 || d->at == d->s->bytes)
            d->bad |= !hp_digest_end(&d->part, d->s->part[(d->at - 1) / size]);
        piece = hp_str_cut(piece, now.n, piece.n);
    }
}

static hp_code read_source(digesting *d, hp_err *err) {
    hp_autofree char *piece = hp_malloc(PIECE);
    hp_bucket_source *s = d->s;
    uint64_t at = 0;
    if (!piece) return hp_fail_memory(err, "a digest");
    while (at < s->bytes) {
        uint64_t left = s->bytes - at;
        ssize_t n = pread(s->fd, piece, left < PIECE ? (size_t)left : PIECE, (off_t)at);
        if (n < 0) return hp_fail(err, HP_IO, "%s: cannot read: %s", s->path, strerrordesc_np(errno));
        if (n == 0)
            return hp_fail(err, HP_IO,
                           "%s: became shorter while it was read; store it when nothing writes to it",
                           s->path);
        hp_str view = {piece, (size_t)n};
        hp_digest_add(&d->whole, view);
        if (s->part)
            add_to_parts(d, view);
        else
            hp_digest_add(&d->md5, view);
        at += (uint64_t)n;
    }
    return HP_OK;
}

static void put_hex(const unsigned char *digest, hp_sha256 *out) {
    hp_autobuf hex = hp_buf_new(80);
    hp_put_hex(&hex, digest, HP_DIGEST_BYTES);
    memcpy(out->hex, hp_buf_cstr(&hex), hex.n ? sizeof out->hex : 1);
}

static hp_code digest_source(hp_bucket_source *s, hp_err *err) {
    digesting d = {.s = s};
    hp_digest_begin(&d.whole, HP_DIGEST_SHA256);
    hp_digest_begin(&d.md5, HP_DIGEST_MD5);
    hp_code code = read_source(&d, err);
    unsigned char ignored[HP_DIGEST_BYTES];
    if (d.part.ctx) (void)hp_digest_end(&d.part, ignored); /* broken off in the middle of it */
    s->has_md5 = hp_digest_end(&d.md5, s->md5) && !s->part;
    if (!hp_digest_end(&d.whole, s->sha256) || d.bad)
        return code != HP_OK ? code : hp_fail_memory(err, "a digest");
    put_hex(s->sha256, &s->hex);
    return code;
}

/* ---- reading back ---- */

typedef struct reading {
    hp_digest digest;
    bool open;
    uint64_t bytes;
} reading;

static hp_code add_read(void *ctx, uint64_t at, hp_str piece, hp_err *err) {
    reading *r = ctx;
    unsigned char ignored[HP_DIGEST_BYTES];
    (void)err;
    if (at == 0 && r->bytes) {
        (void)hp_digest_end(&r->digest, ignored);
        hp_digest_begin(&r->digest, HP_DIGEST_SHA256);
    }
    hp_digest_add(&r->digest, piece);
    r->bytes = at + piece.n;
    return HP_OK;
}

static hp_code digest_object(hp_bucket *b, hp_str key, hp_sha256 *out, uint64_t *bytes, hp_err *err) {
    reading r = {0};
    unsigned char digest[HP_DIGEST_BYTES];
    hp_digest_begin(&r.digest, HP_DIGEST_SHA256);
    hp_code code = b->kind->read(b, key, add_read, &r, err);
    bool whole = hp_digest_end(&r.digest, digest);
    if (code != HP_OK) return code;
    if (!whole) return hp_fail_memory(err, "a digest");
    put_hex(digest, out);
    *bytes = r.bytes;
    return HP_OK;
}

/* ---- putting ---- */

/* Finds out whether what is there is the file: by the digest that was recorded, else by reading. */
static hp_code compare(hp_bucket *b, const hp_bucket_object *o, const hp_bucket_source *s, bool *same,
                       hp_err *err) {
    hp_sha256 there;
    uint64_t bytes;
    *same = false;
    if (o->bytes != s->bytes) return HP_OK;
    if (o->sha256.n) {
        *same = hp_str_eq(o->sha256, hp_str_of(s->hex.hex));
        return HP_OK;
    }
    HP_TRY(digest_object(b, o->key, &there, &bytes, err));
    *same = strcmp(there.hex, s->hex.hex) == 0;
    return HP_OK;
}

/* What is there is the file, but whoever reads it will hold it against the digest beside it. */
static hp_code check_recorded(hp_bucket *b, const hp_bucket_source *s, hp_str key, hp_err *err) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_bucket_object o;
    bool found, readable;
    if (!a) return hp_fail_memory(err, "an object");
    HP_TRY(b->kind->look(b, a, key, &o, &found, &readable, err));
    if (!found || !o.sha256.n || hp_str_eq(o.sha256, hp_str_of(s->hex.hex))) return HP_OK;
    return hp_fail(
        err, HP_IO,
        "%s was stored as %.*s, but the SHA-256 that is recorded with it is another file's (%.*s, in place "
        "of %s): store it under another key, or move the object away",
        s->path, HP_FMT(key), HP_FMT(o.sha256), s->hex.hex);
}

static hp_code read_back(hp_bucket *b, const hp_bucket_source *s, hp_str key, hp_bucket_done *out,
                         hp_err *err) {
    hp_sha256 there;
    uint64_t bytes;
    HP_TRY(digest_object(b, key, &there, &bytes, err));
    bool same = strcmp(there.hex, s->hex.hex) == 0;
    if (!same)
        return hp_fail(
            err, HP_IO,
            "%s was stored as %.*s, but reads back as something else (SHA-256 %s, %llu bytes, in place of %s, %llu bytes)",
            s->path, HP_FMT(key), there.hex, (unsigned long long)bytes, s->hex.hex,
            (unsigned long long)s->bytes);
    HP_TRY(check_recorded(b, s, key, err));
    out->verified = true;
    return HP_OK;
}

/* Looks at what is there already. */
static hp_code look_first(hp_bucket *b, const hp_bucket_source *s, hp_str key, bool *found, bool *same,
                          hp_err *err) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_bucket_object o;
    bool readable;
    if (!a) return hp_fail_memory(err, "an object");
    HP_TRY(b->kind->look(b, a, key, &o, found, &readable, err));
    *same = false;
    return *found ? compare(b, &o, s, same, err) : HP_OK;
}

static hp_code store(hp_bucket *b, const hp_bucket_source *s, hp_str key, const hp_bucket_put *how,
                     hp_bucket_done *out, hp_err *err) {
    bool found, same, exists = false;
    HP_TRY(look_first(b, s, key, &found, &same, err));
    *out = (hp_bucket_done){.bytes = s->bytes, .sha256 = s->hex, .outcome = HP_BUCKET_PRESENT};
    if (!same && found && !how->overwrite)
        out->outcome = HP_BUCKET_DIFFERS;
    else if (!same)
        out->outcome = how->dry_run ? HP_BUCKET_WOULD : HP_BUCKET_STORED;
    if (out->outcome == HP_BUCKET_STORED) {
        HP_TRY(b->kind->store(b, s, key, how, out, &exists, err));
        /* Somebody was quicker; or it was us, and the answer got lost. */
        if (exists) HP_TRY(look_first(b, s, key, &found, &same, err));
        if (exists) out->outcome = same ? HP_BUCKET_STORED : HP_BUCKET_DIFFERS;
    }
    bool present = out->outcome == HP_BUCKET_PRESENT && !how->dry_run,
         stored = out->outcome == HP_BUCKET_STORED;
    if ((present || stored) && !how->unverified) HP_TRY(read_back(b, s, key, out, err));
    /* What this call began is locked from its beginning. */
    bool before = present || (stored && (exists || out->reused));
    return before && how->retain_mode ? b->kind->retain(b, s, key, how, err) : HP_OK;
}

hp_code hp_bucket_store(hp_bucket *b, const char *path, hp_str key, const hp_bucket_put *how,
                        hp_bucket_done *out, hp_err *err) {
    __attribute__((cleanup(close_source))) hp_bucket_source s = {.fd = -1};
    if (hp_bucket_key_safe(key, err) != HP_OK) return HP_USAGE; /* nobody could get it into a directory */
    HP_TRY(open_source(b, path, &s, err));
    HP_TRY(digest_source(&s, err));
    return store(b, &s, key, how, out, err);
}

/* ---- getting ---- */

typedef struct fetching {
    hp_out out;
    reading read;
} fetching;

static hp_code write_piece(void *ctx, uint64_t at, hp_str piece, hp_err *err) {
    fetching *f = ctx;
    if (at == 0 && f->read.bytes && (fflush(f->out.f) != 0 || ftruncate(fileno(f->out.f), 0) != 0))
        goto failed;
    if (at == 0 && fseeko(f->out.f, 0, SEEK_SET) != 0) goto failed;
    if (piece.n && fwrite(piece.p, 1, piece.n, f->out.f) != piece.n) goto failed;
    return add_read(&f->read, at, piece, err);
failed:
    return hp_fail(err, HP_IO, "%s: cannot write: %s", f->out.path, strerrordesc_np(errno));
}

static hp_code fetch(hp_bucket *b, const hp_bucket_object *o, const char *path, hp_err *err) {
    fetching f = {0};
    unsigned char digest[HP_DIGEST_BYTES];
    hp_sha256 got;
    HP_TRY(hp_make_parents(path, err));
    HP_TRY(hp_out_begin(&f.out, path, true, err));
    hp_digest_begin(&f.read.digest, HP_DIGEST_SHA256);
    hp_code code = b->kind->read(b, o->key, write_piece, &f, err);
    bool whole = hp_digest_end(&f.read.digest, digest);
    if (code == HP_OK && !whole) code = hp_fail_memory(err, "a digest");
    if (code == HP_OK) {
        put_hex(digest, &got);
        if (o->sha256.n && !hp_str_eq(o->sha256, hp_str_of(got.hex)))
            code = hp_fail(
                err, HP_IO,
                "%.*s: reads as something else than was stored (SHA-256 %s in place of %.*s); %s was not written",
                HP_FMT(o->key), got.hex, HP_FMT(o->sha256), path);
    }
    if (code == HP_OK) return hp_out_commit(&f.out, err);
    hp_out_abandon(&f.out);
    return code;
}

/* Tells whether the file is there with the content of the object. */
static hp_code has_already(hp_bucket *b, const hp_bucket_object *o, const char *path, bool *same,
                           hp_err *err) {
    hp_sha256 here, there;
    uint64_t bytes;
    *same = false;
    if (!hp_exists(path)) return HP_OK;
    HP_TRY(hp_sha256_file(path, &here, err));
    if (o->sha256.n) {
        *same = hp_str_eq(o->sha256, hp_str_of(here.hex));
        return HP_OK;
    }
    HP_TRY(digest_object(b, o->key, &there, &bytes, err));
    *same = strcmp(here.hex, there.hex) == 0;
    return HP_OK;
}

hp_code hp_bucket_look(hp_bucket *b, hp_arena *a, hp_str key, hp_bucket_object *out, bool *found,
                       hp_err *err) {
    bool readable;
    HP_TRY(b->kind->look(b, a, key, out, found, &readable, err));
    if (readable) return HP_OK;
    return hp_fail(err, HP_NOPERM, "%.*s: these keys may not read it", HP_FMT(key));
}

hp_code hp_bucket_fetch(hp_bucket *b, hp_str key, const char *path, bool overwrite, bool *kept, hp_err *err) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_bucket_object o;
    bool found;
    if (!a) return hp_fail_memory(err, "an object");
    HP_TRY(hp_bucket_look(b, a, key, &o, &found, err));
    if (!found)
        return hp_fail(err, HP_NOINPUT, "%.*s/%.*s: there is no such object", HP_FMT(b->root), HP_FMT(key));
    HP_TRY(has_already(b, &o, path, kept, err));
    if (*kept) return HP_OK;
    if (!overwrite && hp_exists(path))
        return hp_fail(err, HP_CANTCREAT, "%s: exists, with other content; move it away, or give --overwrite",
                       path);
    return fetch(b, &o, path, err);
}

/* ---- listing, verifying ---- */

hp_code hp_bucket_list(hp_bucket *b, hp_str prefix, hp_bucket_each *each, void *ctx, hp_err *err) {
    return b->kind->list(b, prefix, each, ctx, err);
}

hp_code hp_bucket_verify(hp_bucket *b, hp_arena *a, hp_str key, const char *path, hp_bucket_object *out,
                         hp_bucket_verdict *verdict, hp_err *err) {
    hp_sha256 there, here;
    bool found;
    uint64_t bytes;
    *verdict = HP_BUCKET_MISSING;
    if (path) HP_TRY(hp_sha256_file(path, &here, err));
    HP_TRY(hp_bucket_look(b, a, key, out, &found, err));
    if (!found) {
        *out = (hp_bucket_object){.key = key};
        return HP_OK;
    }
    HP_TRY(digest_object(b, key, &there, &bytes, err));
    hp_str read = hp_str_of(there.hex), recorded = out->sha256;
    bool same = (!path || hp_str_eq(read, hp_str_of(here.hex))) && (!recorded.n || hp_str_eq(read, recorded));
    *verdict = !same ? HP_BUCKET_CHANGED : path || recorded.n ? HP_BUCKET_SAME : HP_BUCKET_UNRECORDED;
    out->sha256 = hp_arena_dup(a, read);
    return out->sha256.p ? HP_OK : hp_fail_memory(err, "an object");
}

/* ---- directories ---- */

enum { DEEPEST = 64 };

static hp_code walk(hp_arena *a, hp_str root, hp_str below, int depth, hp_bucket_files *out, hp_err *err) {
    hp_str *name;
    size_t n;
    hp_str dir = below.n ? hp_path_join(a, root, below) : root;
    if (depth == DEEPEST)
        return hp_fail(err, HP_DATA, "%.*s: directories are nested deeper than %d", HP_FMT(dir), DEEPEST);
    if (!dir.p) return hp_fail_memory(err, "a list of files");
    HP_TRY(hp_list_dir(a, dir.p, &name, &n, err));
    for (size_t i = 0; i < n; i++) {
        struct stat st;
        hp_str relative = below.n ? hp_path_join(a, below, name[i]) : name[i];
        hp_str path = hp_path_join(a, root, relative);
        if (!relative.p || !path.p) return hp_fail_memory(err, "a list of files");
        if (lstat(path.p, &st) != 0) return hp_fail(err, HP_IO, "%s: %s", path.p, strerrordesc_np(errno));
        if (S_ISDIR(st.st_mode)) {
            HP_TRY(walk(a, root, relative, depth + 1, out, err));
        } else if (!(S_ISREG(st.st_mode) ? hp_vec_push(&out->file, relative)
                                         : hp_vec_push(&out->skipped, relative))) {
            return hp_fail_memory(err, "a list of files");
        }
    }
    return HP_OK;
}

static int by_bytes(const void *a, const void *b) {
    return hp_str_cmp(*(const hp_str *)a, *(const hp_str *)b);
}

hp_code hp_bucket_walk(hp_arena *a, const char *dir, hp_bucket_files *out, hp_err *err) {
    HP_TRY(walk(a, hp_arena_dup(a, hp_str_of(dir)), HP_S(""), 0, out, err));
    if (out->file.n) qsort(out->file.p, out->file.n, sizeof *out->file.p, by_bytes);
    return HP_OK;
}

void hp_bucket_files_free(hp_bucket_files *f) {
    hp_vec_free(&f->file);
    hp_vec_free(&f->skipped);
}
