#include "read/extract.h"

#include <stdio.h>

#include "base/file.h"
#include "base/limits.h"
#include "read/zip.h"
#include "read/zip_dir.h"

#include "base/banned.h"

enum { PIECE = 256 << 10 };

/* Hold an unpacking under way. */
typedef struct unpacking {
    hp_zip *zip;
    hp_arena *arena;
    const char *path, *dir;
    char *piece;
    bool (*stop)(void *ctx);
    void *ctx;
} unpacking;

static bool is_folder(hp_str name) { return hp_str_ends(name, HP_S("/")) || hp_str_ends(name, HP_S("\\")); }

/* A name as it is written, every part of which is a plain name; a backslash is taken for what old programs
 * meant. */
static hp_code safe_name(const unpacking *u, hp_str raw, hp_str *out, hp_err *err) {
    hp_str name = hp_arena_dup(u->arena, raw), rest = name, part;
    if (!name.p) return hp_fail_memory(err, "the name of a file");
    char *p = (char *)(uintptr_t)name.p;
    for (size_t i = 0; i < name.n; i++) {
        if (p[i] == '\\') p[i] = '/';
        if ((unsigned char)p[i] < 0x20 || p[i] == 0x7f)
            return hp_fail(err, HP_DATA, "%s: a name in it has a control character; pack it anew", u->path);
    }
    while (hp_str_next(&rest, '/', &part)) {
        if (part.n == 0 || hp_str_eq(part, HP_S(".")) || hp_str_eq(part, HP_S("..")))
            return hp_fail(err, HP_DATA, "%s: %.*s is no name of a file inside of it; pack it anew", u->path,
                           HP_FMT(name));
    }
    *out = name;
    return HP_OK;
}

static hp_code copy(unpacking *u, hp_zip_stream *s, FILE *f, const char *to, hp_err *err) {
    for (size_t got = 1; got;) {
        HP_TRY(hp_zip_stream_read(s, u->piece, PIECE, &got, err));
        if (fwrite(u->piece, 1, got, f) != got) return hp_fail(err, HP_IO, "%s: cannot be written", to);
        if (u->stop && u->stop(u->ctx)) return hp_fail(err, HP_SIGTERM, "%s: stopped", u->path);
    }
    return HP_OK;
}

/* By hp_out, so that no file stands under its name that is not whole. */
static hp_code unpack(unpacking *u, size_t entry, hp_str name, hp_err *err) {
    hp_str to = hp_path_join(u->arena, hp_str_of(u->dir), name);
    hp_zip_stream *s = NULL;
    hp_out o = {0};
    if (!to.p) return hp_fail_memory(err, "the name of a file");
    HP_TRY(hp_make_parents(to.p, err));
    HP_TRY(hp_zip_stream_open(u->zip, entry, &s, err));
    hp_code code = hp_out_begin(&o, to.p, true, err);
    if (code == HP_OK) code = copy(u, s, o.f, to.p, err);
    if (code == HP_OK) code = hp_out_commit(&o, err);
    hp_out_abandon(&o);
    hp_zip_stream_close(s);
    return code;
}

static hp_code unpack_all(unpacking *u, size_t *files, hp_err *err) {
    for (size_t i = 0; i < hp_zip_count(u->zip); i++) {
        hp_zip_lying lies = hp_zip_lies(u->zip, i);
        hp_str name;
        if (is_folder(lies.name) || hp_str_starts(lies.name, HP_S("__MACOSX/"))) continue;
        HP_TRY(safe_name(u, lies.name, &name, err));
        HP_TRY(unpack(u, i, name, err));
        ++*files;
    }
    return HP_OK;
}

/* Says of an archive what the reader of workbooks says of these. */
static void reword(hp_err *err) {
    static const char *const WORDS[][2] = {{HP_ZIP_NONE, "is no zip, or only a part of one"},
                                           {HP_ZIP_MEND, "get a fresh copy of the archive"},
                                           {HP_ZIP_MISTRUST, "check where it comes from"}};
    if (!err) return;
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        char *at = strstr(err->message, WORDS[i][0]);
        if (!at) continue;
        size_t n = strlen(WORDS[i][0]), m = strlen(WORDS[i][1]);
        memcpy(at, WORDS[i][1], m); /* never longer */
        memmove(at + m, at + n, strlen(at + n) + 1);
    }
}

hp_code hp_zip_extract(const char *path, const char *dir, bool (*stop)(void *ctx), void *ctx, size_t *files,
                       hp_err *err) {
    hp_filemap map = {0};
    size_t n = 0;
    HP_TRY(hp_map_file(path, HP_LIMIT_FILE_BYTES, &map, err));
    unpacking u = {.path = path, .dir = dir, .stop = stop, .ctx = ctx, .arena = hp_arena_new(NULL)};
    u.piece = u.arena ? hp_arena_raw(u.arena, PIECE) : NULL;
    hp_code code = u.piece ? HP_OK : hp_fail_memory(err, "an archive");
    if (code == HP_OK) code = hp_zip_open(map.bytes, hp_str_of(path), &u.zip, err);
    if (code == HP_OK) code = unpack_all(&u, &n, err);
    if (code == HP_OK) *files = n;
    if (code == HP_DATA) reword(err);
    hp_zip_close(u.zip);
    hp_arena_drop(u.arena);
    hp_unmap(&map);
    return code;
}
