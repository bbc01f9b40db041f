#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "net/s3_own.h"

#include "base/banned.h"

enum { NOTE_BYTES = 256 };

/* What a note says: "SHA-256 MODE SECONDS", with "-" and 0 for no lock. */
static void put_note(const hp_s3_put *p, hp_buf *out) {
    hp_put_hex(out, p->sha256, HP_DIGEST_BYTES);
    hp_buf_printf(out, " %s %lld\n", p->lock_mode ? p->lock_mode : "-",
                  p->lock_mode ? (long long)p->locked_to : 0LL);
}

/* A lock that nobody asked for could not be taken back. */
static bool lock_fits(const hp_s3_put *p, hp_str mode, int64_t until) {
    if (hp_str_eq(mode, HP_S("-"))) return true;
    return p->lock_mode && hp_str_eq(mode, hp_str_of(p->lock_mode)) && until <= p->locked_to;
}

static hp_s3_fit judge(hp_str text, const hp_s3_put *p) {
    unsigned char digest[HP_DIGEST_BYTES];
    hp_str hex, mode, seconds;
    int64_t until;
    bool whole = hp_str_ends(text, HP_S("\n")); /* else it is being written at this moment */
    text = hp_str_cut(text, 0, text.n - whole);
    if (!whole || !hp_str_next(&text, ' ', &hex) || !hp_str_next(&text, ' ', &mode)
        || !hp_str_next(&text, ' ', &seconds) || hex.n != 2 * HP_DIGEST_BYTES
        || !hp_read_hex(hex, digest, sizeof digest) || !hp_str_i64(seconds, &until))
        return HP_S3_FOREIGN;
    return memcmp(digest, p->sha256, sizeof digest) == 0 && lock_fits(p, mode, until) ? HP_S3_FITS
                                                                                      : HP_S3_STALE;
}

static hp_code path_of(hp_arena *a, hp_str dir, hp_str place, hp_str id, const hp_s3_put *p, hp_str *out,
                       hp_err *err) {
    hp_sha256 name;
    hp_str whole = hp_arena_printf(a, "%.*s\n%.*s\n%.*s", HP_FMT(place), HP_FMT(p->key), HP_FMT(id));
    if (!whole.p) return hp_fail_memory(err, "a note");
    hp_sha256_of(whole, &name);
    *out = hp_arena_printf(a, "%.*s/%s", HP_FMT(dir), name.hex);
    return out->p ? HP_OK : hp_fail_memory(err, "a note");
}

hp_code hp_s3_note_read(hp_arena *a, hp_str dir, hp_str place, hp_str id, const hp_s3_put *p, hp_s3_note *out,
                        hp_s3_fit *fit, hp_err *err) {
    char text[NOTE_BYTES];
    *out = (hp_s3_note){.fd = -1};
    *fit = HP_S3_FOREIGN;
    if (!dir.n) return HP_OK;
    HP_TRY(path_of(a, dir, place, id, p, &out->path, err));
    out->fd = open(out->path.p, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (out->fd < 0) return HP_OK;
    ssize_t n = flock(out->fd, LOCK_EX | LOCK_NB) == 0 ? read(out->fd, text, sizeof text) : 0;
    if (n > 0) *fit = judge((hp_str){text, (size_t)n}, p);
    if (*fit == HP_S3_FOREIGN) hp_s3_note_leave(out);
    return HP_OK;
}

hp_code hp_s3_note_make(hp_arena *a, hp_str dir, hp_str place, hp_str id, const hp_s3_put *p, hp_s3_note *out,
                        hp_err *err) {
    hp_autobuf text = hp_buf_new(NOTE_BYTES);
    hp_err ignored = {0};
    *out = (hp_s3_note){.fd = -1};
    if (!dir.n) return HP_OK;
    put_note(p, &text);
    HP_TRY(hp_buf_check(&text, "a note", err));
    HP_TRY(path_of(a, dir, place, id, p, &out->path, err));
    mode_t usual = umask(077); /* a state directory that others may write is not believed */
    hp_code made = hp_make_parents(out->path.p, &ignored);
    (void)umask(usual);
    if (made != HP_OK) return made == HP_RETRY ? hp_fail_memory(err, "a note") : HP_OK;
    out->fd = open(out->path.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (out->fd < 0) return HP_OK;
    hp_str line = hp_buf_str(&text);
    bool noted = flock(out->fd, LOCK_EX) == 0 && write(out->fd, line.p, line.n) == (ssize_t)line.n;
    if (!noted) hp_s3_note_drop(out);
    return HP_OK;
}

void hp_s3_note_drop(hp_s3_note *n) {
    if (n->fd >= 0) (void)unlink(n->path.p);
    hp_s3_note_leave(n);
}

void hp_s3_note_leave(hp_s3_note *n) {
    if (n->fd >= 0) close(n->fd);
    n->fd = -1;
}
