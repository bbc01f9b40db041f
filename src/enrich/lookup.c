/* lookup: a table of the user's own. */
#include "base/file.h"
#include "base/mem.h"
#include "enrich/table.h"

#include "base/banned.h"

/* Where a table is looked for when the profile names none, in this order. */
static const char *const PLACES[] = {"lookups/organizations.parquet", "lookups/organizations.csv",
                                     "lookups/organizations.sqlite"};

typedef struct {
    hp_lookup *table;
    double confidence;
} lookup;

static hp_code find_file(const hp_provider_env *env, hp_str *path, hp_err *err) {
    *path = env->item->path;
    if (path->n) {
        if (hp_exists(path->p)) return HP_OK;
        return hp_fail(err, HP_NOINPUT,
                       "%.*s: is not there; the profile names it for the provider %.*s (%.*s:%d)",
                       HP_FMT(*path), HP_FMT(env->item->name), HP_FMT(env->profile->path), env->item->line);
    }
    for (size_t i = 0; i < sizeof PLACES / sizeof *PLACES; i++) {
        hp_str p = hp_path_join(env->run->arena, hp_str_of(env->home), hp_str_of(PLACES[i]));
        if (!p.p) return hp_fail_memory(err, "a path");
        if (!hp_exists(p.p)) continue;
        *path = p;
        return HP_OK;
    }
    return HP_OK;
}

static hp_code open_lookup(const hp_provider_env *env, void **state, hp_err *err) {
    hp_str path;
    *state = NULL;
    HP_TRY(find_file(env, &path, err));
    if (path.n == 0) return HP_OK;
    lookup *l = hp_calloc(1, sizeof *l);
    if (!l) return hp_fail_memory(err, "a lookup table");
    l->confidence = env->item->confidence;
    hp_code code = hp_lookup_open(env, path.p, &l->table, err);
    if (code == HP_OK)
        *state = l;
    else
        hp_free(l);
    return code;
}

static hp_code ask(void *state, const hp_enrich_row *row, size_t n, hp_answers *out, hp_err *err) {
    lookup *l = state;
    for (size_t i = 0; i < n; i++)
        HP_TRY(hp_lookup_ask(l->table, &row[i], i, l->confidence, HP_S(""), out, err));
    return HP_OK;
}

static void close_lookup(void *state) {
    lookup *l = state;
    hp_lookup_close(l->table);
    hp_free(l);
}

const hp_provider hp_provider_lookup = {
    .name = "lookup",
    .group = "lookup_tables",
    .source = "lookup_table",
    .strategy = HP_STRATEGY_DETERMINISTIC,
    .confidence = 0.95,
    .text =
        "a table of organisations: `.hotpass/lookups/organizations.parquet`, `.csv` or `.sqlite`, or the file that "
        "`path` names",
    .open = open_lookup,
    .ask = ask,
    .close = close_lookup,
};
