#include "enrich/shelf.h"

#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "enrich/answers.h"
#include "read/reader.h"

#include "base/banned.h"

typedef struct {
    hp_lookup *table;
    hp_str source;
} volume;

typedef struct hp_shelf {
    HP_VEC(volume) list;
    double confidence;
} hp_shelf;

static bool is_database(hp_str name) {
    return hp_str_ends(name, HP_S(".sqlite")) || hp_str_ends(name, HP_S(".sqlite3"))
           || hp_str_ends(name, HP_S(".db"));
}

/* Returns a name without its suffixes: "sacaa" of "sacaa.csv.gz". */
static hp_str stem_of(hp_str name) {
    size_t dot = hp_str_chr(name, '.', 1);
    return dot == SIZE_MAX ? name : hp_str_cut(name, 0, dot);
}

static bool same_file(const char *a, const char *b) {
    struct stat x, y;
    return b && stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static hp_code add(hp_shelf *s, const hp_provider_env *env, const hp_shelf_options *o, hp_str path,
                   hp_err *err) {
    volume v = {0};
    if (!path.p) return hp_fail_memory(err, "a path");
    if (same_file(path.p, env->input)) return HP_OK;
    if (o->suffix) {
        v.source = hp_arena_printf(env->run->arena, "%.*s%s", HP_FMT(stem_of(hp_path_base(path))), o->suffix);
        if (!v.source.p) return hp_fail_memory(err, "the name of a registry");
    }
    HP_TRY(hp_lookup_open(env, path.p, &v.table, err));
    if (hp_vec_push(&s->list, v)) return HP_OK;
    hp_lookup_close(v.table);
    return hp_fail_memory(err, "the tables of a directory");
}

static hp_code add_folder(hp_shelf *s, const hp_provider_env *env, const hp_shelf_options *o, hp_str dir,
                          hp_err *err) {
    hp_str *name;
    size_t n, most = o->newest ? HP_SHELF_NEWEST : SIZE_MAX;
    HP_TRY(hp_list_dir(env->run->arena, dir.p, &name, &n, err));
    for (size_t i = 0; i < n && s->list.n < most; i++) {
        hp_str one = name[o->newest ? n - 1 - i : i];
        hp_str path = hp_path_join(env->run->arena, dir, one);
        if (!path.p) return hp_fail_memory(err, "a path");
        if ((hp_name_readable(one) || is_database(one)) && !hp_is_dir(path.p))
            HP_TRY(add(s, env, o, path, err));
    }
    return HP_OK;
}

static hp_code fill(hp_shelf *s, const hp_provider_env *env, const hp_shelf_options *o, hp_err *err) {
    hp_str path = env->item->path;
    if (path.n == 0) {
        path = hp_path_join(env->run->arena, hp_str_of(env->home), hp_str_of(o->folder));
        if (!path.p) return hp_fail_memory(err, "a path");
        return hp_is_dir(path.p) ? add_folder(s, env, o, path, err) : HP_OK;
    }
    if (hp_is_dir(path.p)) return add_folder(s, env, o, path, err);
    if (hp_exists(path.p)) return add(s, env, o, path, err);
    return hp_fail(err, HP_NOINPUT,
                   "%.*s: is not there; the profile names it for the provider %.*s (%.*s:%d)", HP_FMT(path),
                   HP_FMT(env->item->name), HP_FMT(env->profile->path), env->item->line);
}

hp_code hp_shelf_open(const hp_provider_env *env, const hp_shelf_options *o, void **out, hp_err *err) {
    *out = NULL;
    hp_shelf *s = hp_calloc(1, sizeof *s);
    if (!s) return hp_fail_memory(err, "the tables of a directory");
    s->confidence = env->item->confidence;
    hp_code code = fill(s, env, o, err);
    if (code == HP_OK && s->list.n)
        *out = s;
    else
        hp_shelf_close(s);
    return code;
}

void hp_shelf_close(void *shelf) {
    hp_shelf *s = shelf;
    if (!s) return;
    for (size_t i = 0; i < s->list.n; i++) hp_lookup_close(s->list.p[i].table);
    hp_vec_free(&s->list);
    hp_free(s);
}

/* What the tables so far had for a row. */
static hp_field_set given(const hp_answers *out, size_t from, size_t ask) {
    hp_field_set set = 0;
    for (size_t i = from; i < out->list.n; i++)
        if (out->list.p[i].ask == ask) set |= hp_field_bit(out->list.p[i].field);
    return set;
}

hp_code hp_shelf_ask(void *shelf, const hp_enrich_row *row, size_t n, hp_answers *out, hp_err *err) {
    const hp_shelf *s = shelf;
    for (size_t i = 0; i < n; i++) {
        hp_enrich_row one = row[i];
        size_t from = out->list.n;
        for (size_t k = 0; k < s->list.n && one.wanted; k++) {
            HP_TRY(hp_lookup_ask(s->list.p[k].table, &one, i, s->confidence, s->list.p[k].source, out, err));
            one.wanted &= ~given(out, from, i);
        }
    }
    return HP_OK;
}
