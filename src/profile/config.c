/* Reading the places where configuration stands, and telling which of them holds. */
#include "profile/config.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/toml.h"
#include "profile/keys.h"

#include "base/banned.h"

#define PROJECT_FILE "hotpass.yaml"
#define PROJECT_TOML "hotpass.toml"

const hp_config_value *hp_config_get(const hp_config *c, hp_config_id id, hp_config_from *from) {
    int at = HP_CONFIG_FROM_COUNT - 1;
    while (at > 0 && !c->said[at][id].given) at--;
    if (from) *from = (hp_config_from)at;
    return &c->said[at][id];
}

const char *hp_config_text(const hp_config *c, hp_config_id id) {
    const hp_config_value *v = hp_config_get(c, id, NULL);
    return v->given && v->n ? v->item[0].p : NULL;
}

const char *hp_config_mistyped(const hp_config *c, hp_config_id id) {
    const hp_config_value *v = &c->said[HP_CONFIG_ENVIRONMENT][id];
    return v->given && v->n == 0 ? v->place.p : NULL;
}

bool hp_config_on(const hp_config *c, hp_config_id id) {
    const char *text = hp_config_text(c, id);
    return text && strcmp(text, "true") == 0;
}

/* ---- a file ---- */

typedef struct reader {
    hp_arena *a;
    const char *path;
    hp_config *out;
    hp_config_from from;
    hp_buf *lines;
    hp_err *err;
    bool toml; /* a file for the program before this one (config_toml.c) */
} reader;

/* An error of the file is a line more; only memory stops the reading. */
static hp_code note(reader *r, const hp_err *e) {
    if (e->code == HP_RETRY) return hp_fail_memory(r->err, "the configuration");
    hp_buf_printf(r->lines, "%s\n", e->message);
    r->out->errors++;
    return HP_OK;
}

#define NOTE(r, node, fmt, ...)                                                                     \
    do {                                                                                            \
        hp_err note_ = {0};                                                                         \
        (void)hp_fail(&note_, HP_CONFIG, "%s:%d:%d: " fmt, (r)->path, (node)->line, (node)->column, \
                      __VA_ARGS__);                                                                 \
        HP_TRY(note((r), &note_));                                                                  \
    } while (0)

static bool is_section(hp_str name) {
    for (int id = 0; id < HP_CONFIG_COUNT; id++) {
        hp_str key = hp_str_of(hp_config_key_get((hp_config_id)id)->name);
        if (key.n > name.n && key.p[name.n] == '.' && hp_str_starts(key, name)) return true;
    }
    return false;
}

static bool looks_secret(hp_str name) {
    static const char *const WORDS[] = {"password", "passwd", "secret", "token", "api_key", "access_key"};
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        if (hp_str_ifind(name, hp_str_of(WORDS[i]), 0) != SIZE_MAX) return true;
    return false;
}

static hp_code list_unused(reader *r, hp_str line) {
    hp_str *more = HP_NEW_ARRAY(r->a, r->out->nunused + 1, hp_str);
    if (!line.p || !more) return hp_fail_memory(r->err, "the configuration");
    if (r->out->nunused) memcpy(more, r->out->unused, r->out->nunused * sizeof *more);
    more[r->out->nunused++] = line;
    r->out->unused = more;
    return HP_OK;
}

static hp_code unused(reader *r, const hp_node *key, hp_str name) {
    return list_unused(r, hp_arena_printf(r->a, "%s:%d:%d: \"%.*s\" is not used", r->path, key->line,
                                          key->column, HP_FMT(name)));
}

static hp_code unknown(reader *r, const hp_node *key, hp_str name) {
    if (r->toml && hp_config_toml_unused(name) && !looks_secret(name)) return unused(r, key, name);
    if (looks_secret(name)) {
        NOTE(
            r, key,
            "\"%.*s\": secrets do not belong into a file of configuration; take it out, and keep it with \"hotpass credentials set\"",
            HP_FMT(name));
        return HP_OK;
    }
    const char *names[HP_CONFIG_COUNT];
    for (int id = 0; id < HP_CONFIG_COUNT; id++) names[id] = hp_config_key_get((hp_config_id)id)->name;
    hp_autobuf hint = hp_buf_new(4096);
    hp_pnear(&hint, name, names, HP_CONFIG_COUNT, "the keys are");
    NOTE(r, key, "unknown key \"%.*s\"%s", HP_FMT(name), hp_buf_cstr(&hint));
    return HP_OK;
}

static hp_code read_value(reader *r, hp_config_id id, const hp_node *v) {
    const hp_config_key *k = hp_config_key_get(id);
    hp_str one[1], *text = one;
    size_t n = 1;
    if (v->kind == HP_NODE_LIST) {
        n = v->n;
        text = HP_NEW_ARRAY(r->a, n + 1, hp_str);
        if (!text) return hp_fail_memory(r->err, "the configuration");
    }
    for (size_t i = 0; i < n; i++) {
        const hp_node *item = v->kind == HP_NODE_LIST ? v->item[i] : v;
        if (hp_node_text(item, &text[i])) continue;
        NOTE(r, item, "\"%s\" must be %s%s", k->name, v->kind == HP_NODE_LIST ? "made of texts" : "a ",
             v->kind == HP_NODE_LIST ? "" : hp_config_type_name(k->type));
        return HP_OK;
    }
    hp_str where = hp_arena_printf(r->a, "%s:%d:%d", r->path, v->line, v->column);
    if (!where.p) return hp_fail_memory(r->err, "the configuration");
    hp_config_value value = {0};
    hp_err e = {0};
    if (hp_config_check(r->a, id, text, n, where.p, &value, &e) != HP_OK) return note(r, &e);
    value.place = where;
    r->out->said[r->from][id] = value;
    return HP_OK;
}

static hp_code read_map(reader *r, const hp_node *map, hp_str section) {
    for (size_t i = 0; i < map->n; i++) {
        const hp_node *key = map->key[i], *v = map->item[i];
        hp_str name =
            section.n ? hp_arena_printf(r->a, "%.*s.%.*s", HP_FMT(section), HP_FMT(key->text)) : key->text;
        if (!name.p) return hp_fail_memory(r->err, "the configuration");
        hp_config_id id;
        bool theirs = r->toml && v->kind == HP_NODE_MAP && hp_config_toml_section(name);
        if (r->toml) name = hp_config_toml_name(name);
        if (!theirs && hp_config_find(name, &id)) {
            HP_TRY(read_value(r, id, v));
        } else if (!section.n && (theirs || is_section(name)) && v->kind == HP_NODE_MAP) {
            HP_TRY(read_map(r, v, name));
        } else if (!section.n && is_section(name) && v->kind == HP_NODE_NULL) {
            continue; /* a section whose keys are all commented out */
        } else if (!section.n && is_section(name)) {
            NOTE(r, v, "\"%.*s\" is a section: write its keys below it, indented", HP_FMT(name));
        } else {
            HP_TRY(unknown(r, key, name));
        }
    }
    return HP_OK;
}

hp_code hp_config_parse(hp_arena *a, hp_str bytes, const char *path, hp_config_from from, hp_config *out,
                        hp_buf *lines, hp_err *err) {
    reader r = {a, path, out, from, lines, err, hp_config_is_toml(path)};
    hp_node *root = NULL;
    hp_err e = {0};
    hp_code code = hp_doc_parse(a, bytes, path, &root, &e);
    if (code != HP_OK) return note(&r, &e);
    if (root->kind == HP_NODE_NULL) return HP_OK;
    if (root->kind != HP_NODE_MAP) {
        NOTE(&r, root, "%s", "a file of configuration is made of \"key: value\" lines");
        return HP_OK;
    }
    return read_map(&r, root, (hp_str){"", 0});
}

static hp_code read_file(hp_arena *a, const char *path, bool must, hp_config_from from, hp_config *out,
                         hp_config_file *file, hp_buf *lines, hp_err *err) {
    file->path = hp_arena_dup(a, hp_str_of(path));
    if (!file->path.p) return hp_fail_memory(err, "the configuration");
    if (!must && !hp_exists(path)) return HP_OK;
    hp_autobuf bytes = hp_buf_new(HP_LIMIT_DOC_BYTES);
    HP_TRY(hp_read_file(path, &bytes, err));
    file->found = true;
    return hp_config_parse(a, hp_buf_str(&bytes), file->path.p, from, out, lines, err);
}

/* ---- the other places ---- */

static hp_code set_builtin(hp_arena *a, hp_config *out, hp_err *err) {
    for (int id = 0; id < HP_CONFIG_COUNT; id++) {
        const char *text = hp_config_key_get((hp_config_id)id)->fallback;
        if (!text) continue;
        hp_str one = hp_str_of(text);
        HP_TRY(hp_config_check(a, (hp_config_id)id, &one, 1, "built-in", &out->said[HP_CONFIG_BUILTIN][id],
                               err));
    }
    return HP_OK;
}

/* Other programs' variables that only say whom to tell of runs: a mistake in one of them is no reason not to
 * run. The key counts as set to nothing, so that no file below the environment says it instead. */
static bool only_tells(hp_config_id id) { return id == HP_C_LINEAGE_URL || id == HP_C_OTLP; }

static hp_code set_aside(reader *r, hp_config_id id, const char *name) {
    hp_str line = hp_arena_printf(r->a, "%s: is no good value for \"%s\" (URL), and counts as none", name,
                                  hp_config_key_get(id)->name);
    r->out->said[HP_CONFIG_ENVIRONMENT][id] = (hp_config_value){.given = true, .place = hp_str_of(name)};
    return list_unused(r, line);
}

/* What an environment variable holds is never part of a message about it: it may be a secret in the wrong
 * place. */
static hp_code read_variable(reader *r, hp_config_id id, const char *name) {
    const char *text = getenv(name);
    if (!text || !*text) return HP_OK;
    hp_str one = hp_str_of(text);
    hp_config_value value = {0};
    hp_err e = {0};
    hp_code code = hp_config_check(r->a, id, &one, 1, name, &value, &e);
    if (code == HP_CONFIG && only_tells(id)) return set_aside(r, id, name);
    if (code == HP_CONFIG) {
        const hp_config_key *k = hp_config_key_get(id);
        (void)hp_fail(&e, HP_CONFIG,
                      "the environment variable %s is no good value for \"%s\" (%s%s%s): correct or unset it",
                      name, k->name, hp_config_type_name(k->type), k->choices ? " " : "",
                      k->choices ? k->choices : "");
    }
    if (code != HP_OK) return note(r, &e);
    value.place = hp_str_of(name);
    r->out->said[HP_CONFIG_ENVIRONMENT][id] = value;
    return HP_OK;
}

static hp_code read_environment(reader *r) {
    for (int id = 0; id < HP_CONFIG_COUNT; id++) {
        const hp_config_key *k = hp_config_key_get((hp_config_id)id);
        for (size_t i = 0; i < 2 && k->env[i] && !r->out->said[HP_CONFIG_ENVIRONMENT][id].given; i++)
            HP_TRY(read_variable(r, (hp_config_id)id, k->env[i]));
    }
    return HP_OK;
}

hp_str hp_config_home(hp_arena *a) {
    const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    /* The specification: a path that is not absolute counts as unset. */
    if (xdg && *xdg == '/') return hp_arena_printf(a, "%s/hotpass", xdg);
    if (home && *home == '/') return hp_arena_printf(a, "%s/.config/hotpass", home);
    return (hp_str){"", 0};
}

hp_code hp_config_read(hp_arena *a, const char *path, hp_config *out, hp_buf *lines, hp_err *err) {
    *out = (hp_config){0};
    HP_TRY(set_builtin(a, out, err));
    hp_str home = hp_config_home(a);
    if (!home.p) return hp_fail_memory(err, "the configuration");
    if (home.n) {
        hp_str user = hp_path_join(a, home, HP_S("config.yaml"));
        if (!user.p) return hp_fail_memory(err, "the configuration");
        HP_TRY(read_file(a, user.p, false, HP_CONFIG_USER, out, &out->user, lines, err));
    }
    const char *named = path ? path : getenv("HOTPASS_CONFIG");
    if (named && !*named) named = NULL;
    const char *project = hp_exists(PROJECT_FILE) || !hp_exists(PROJECT_TOML) ? PROJECT_FILE : PROJECT_TOML;
    HP_TRY(read_file(a, named ? named : project, named != NULL, HP_CONFIG_PROJECT, out, &out->project, lines,
                     err));
    reader r = {a, "", out, HP_CONFIG_ENVIRONMENT, lines, err, false};
    HP_TRY(read_environment(&r));
    return hp_buf_check(lines, "the list of errors", err);
}

hp_code hp_config_load(hp_arena *a, const char *path, hp_config *out, hp_err *err) {
    hp_autobuf lines = hp_buf_new(1 << 20);
    HP_TRY(hp_config_read(a, path, out, &lines, err));
    hp_str rest = hp_buf_str(&lines), first;
    if (!out->errors || !hp_str_next(&rest, '\n', &first)) return HP_OK;
    return hp_fail(err, HP_CONFIG, "%.*s", HP_FMT(first));
}
