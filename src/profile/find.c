/* Where profiles are: the given directories, ./profiles, the installed ones. */
#include "profile/profile.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"

#include "base/banned.h"

#ifndef HP_DATADIR
#define HP_DATADIR "/usr/local/share/hotpass"
#endif

static const char *const SUFFIXES[] = {".yaml", ".yml", ".json"};
#define NSUFFIX (sizeof SUFFIXES / sizeof *SUFFIXES)

static const char *place(const char *const *dirs, size_t ndirs, size_t i) {
    return i < ndirs ? dirs[i] : i == ndirs ? "profiles" : HP_DATADIR "/profiles";
}

/* The length of a name without its suffix; 0 when it has none of ours. */
static size_t stem_of(hp_str name) {
    for (size_t i = 0; i < NSUFFIX; i++) {
        hp_str suffix = hp_str_of(SUFFIXES[i]);
        if (name.n > suffix.n && hp_str_ends(name, suffix)) return name.n - suffix.n;
    }
    return 0;
}

static bool is_file(hp_str path) { return path.p && hp_exists(path.p) && !hp_is_dir(path.p); }

static hp_code as_path(hp_arena *a, hp_str name, hp_str *path, hp_err *err) {
    hp_str copy = hp_arena_dup(a, name);
    if (!copy.p) return hp_fail_memory(err, "a path");
    if (!is_file(copy))
        return hp_fail(err, HP_CONFIG, "no profile at %s; \"hotpass profile list\" shows those that exist",
                       copy.p);
    *path = copy;
    return HP_OK;
}

static bool look_in(hp_arena *a, const char *dir, hp_str name, hp_str *path) {
    for (size_t i = 0; i < NSUFFIX; i++) {
        hp_str file = hp_arena_printf(a, "%s/%.*s%s", dir, HP_FMT(name), SUFFIXES[i]);
        if (!is_file(file)) continue;
        *path = file;
        return true;
    }
    return false;
}

/* Says where was looked, and what is there that has a similar name. */
static hp_code fail_unknown(hp_arena *a, hp_str name, const char *const *dirs, size_t ndirs, hp_err *err) {
    hp_autobuf where = hp_buf_new(4096);
    for (size_t i = 0; i < ndirs + 2; i++) {
        const char *dir = place(dirs, ndirs, i);
        hp_buf_printf(&where, "%s%s%s", i ? ", " : "", dir, hp_is_dir(dir) ? "" : " (no such directory)");
    }
    hp_str *paths = NULL;
    size_t n = 0;
    HP_TRY(hp_profile_list(a, dirs, ndirs, &paths, &n, err));
    const char **names = HP_NEW_ARRAY(a, n + 1, const char *);
    if (!names) return hp_fail_memory(err, "a list of profiles");
    for (size_t i = 0; i < n; i++) {
        hp_str base = hp_path_base(paths[i]);
        names[i] = hp_arena_dup(a, hp_str_cut(base, 0, stem_of(base))).p;
        if (!names[i]) return hp_fail_memory(err, "a list of profiles");
    }
    const char *near = hp_nearest(name, names, n);
    return hp_fail(err, HP_CONFIG, "no profile \"%.*s\" in %s%s%s%s", HP_FMT(name), hp_buf_cstr(&where),
                   near ? "; did you mean \"" : "; \"hotpass profile list\" shows those that exist",
                   near ? near : "", near ? "\"?" : "");
}

hp_code hp_profile_find(hp_arena *a, hp_str name, const char *const *dirs, size_t ndirs, hp_str *path,
                        hp_err *err) {
    hp_code code = HP_OK;
    if (hp_str_chr(name, '/', 0) != SIZE_MAX || stem_of(name)) {
        code = as_path(a, name, path, err);
    } else {
        bool found = false;
        for (size_t i = 0; i < ndirs + 2 && name.n && !found; i++)
            found = look_in(a, place(dirs, ndirs, i), name, path);
        if (!found) code = fail_unknown(a, name, dirs, ndirs, err);
    }
    return code != HP_OK && err ? hp_err_in(err, "profile") : code;
}

/* ---- list ---- */

typedef struct found {
    hp_str stem, path;
} found;

typedef struct finds {
    HP_VEC(found) list;
    hp_smap seen;
} finds;

static void free_finds(finds *f) {
    hp_vec_free(&f->list);
    hp_smap_free(&f->seen);
}

static bool add_file(hp_arena *a, finds *f, const char *dir, hp_str name, size_t suffix) {
    size_t stem = stem_of(name);
    if (stem == 0 || !hp_str_ends(name, hp_str_of(SUFFIXES[suffix])) || name.p[0] == '.') return true;
    hp_str path = hp_path_join(a, hp_str_of(dir), name);
    if (!path.p) return false;
    if (!is_file(path)) return true;
    uint32_t at;
    bool added;
    found one = {hp_str_cut(name, 0, stem), path};
    if (!hp_smap_add(&f->seen, one.stem, 0, &at, &added)) return false;
    return !added || hp_vec_push(&f->list, one);
}

/* A directory that cannot be read has no profiles to show. */
static bool add_dir(hp_arena *a, finds *f, const char *dir) {
    hp_str *names = NULL;
    size_t n = 0;
    hp_err ignored = {0};
    if (hp_list_dir(a, dir, &names, &n, &ignored) != HP_OK) return ignored.code != HP_RETRY;
    for (size_t s = 0; s < NSUFFIX; s++) {
        for (size_t i = 0; i < n; i++) {
            if (!add_file(a, f, dir, names[i], s)) return false;
        }
    }
    return true;
}

static int by_stem(const void *a, const void *b) {
    return hp_str_cmp(((const found *)a)->stem, ((const found *)b)->stem);
}

hp_code hp_profile_list(hp_arena *a, const char *const *dirs, size_t ndirs, hp_str **paths, size_t *n,
                        hp_err *err) {
    __attribute__((cleanup(free_finds))) finds f = {0};
    for (size_t i = 0; i < ndirs + 2; i++) {
        if (!add_dir(a, &f, place(dirs, ndirs, i))) return hp_fail_memory(err, "a list of profiles");
    }
    hp_str *list = HP_NEW_ARRAY(a, f.list.n + 1, hp_str);
    if (!list) return hp_fail_memory(err, "a list of profiles");
    if (f.list.n) qsort(f.list.p, f.list.n, sizeof *f.list.p, by_stem);
    for (size_t i = 0; i < f.list.n; i++) list[i] = f.list.p[i].path;
    *paths = list;
    *n = f.list.n;
    return HP_OK;
}
