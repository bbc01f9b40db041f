#include "ops/prefect/manifest.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/vec.h"

#include "base/banned.h"

/* What would have to be one file for each deployment is at most some dozens; a directory loop ends, too. */
enum { MAX_MANIFESTS = 1000, MAX_DEPTH = 8 };

static const char *const FLOWS[] = {"hotpass-refine", "hotpass-enrich", "hotpass-backfill"};
enum { NFLOW = sizeof FLOWS / sizeof *FLOWS };

const char *const *hp_manifest_flows(size_t *n) {
    *n = NFLOW;
    return FLOWS;
}

/* ---- the keys ---- */

typedef enum kind { NAME, TEXT, TEXTS, MAP, FLAG, COUNT, CHOICE, SCHEDULE } kind;

typedef struct key {
    const char *name;
    kind kind;
    size_t at;
    bool required;
    const char *choices; /* of CHOICE, separated by blanks */
    const char *fallback, *help;
} key;

#define AT(member) offsetof(hp_manifest, member)
static const key KEYS[] = {
    {"id", NAME, AT(id), false, NULL, "the file's name", "names the manifest on the command line (--only)"},
    {"name", NAME, AT(name), true, NULL, NULL, "name of the deployment"},
    {"flow", NAME, AT(flow), true, NULL, NULL,
     "flow it runs: hotpass-refine, hotpass-enrich or hotpass-backfill; any name with an entrypoint"},
    {"description", TEXT, AT(description), false, NULL, NULL, "what it is for"},
    {"version", TEXT, AT(version), false, NULL, NULL,
     "version of the deployment; not held against the server when absent"},
    {"tags", TEXTS, AT(tags), false, NULL, "none", "tags of the deployment and its runs"},
    {"work_pool", NAME, AT(work_pool), false, NULL, "prefect.work_pool",
     "work pool in which it runs; made (type process) if it is not there"},
    {"work_queue", NAME, AT(work_queue), false, NULL, "default",
     "queue of the work pool; made if it is not there"},
    {"parameters", MAP, AT(parameters), false, NULL, "none", "parameters of each run"},
    {"parameter_schema", MAP, AT(parameter_schema), false, NULL, "none",
     "JSON Schema of the parameters, which the server holds runs against"},
    {"enforce_parameter_schema", FLAG, AT(enforce_schema), false, NULL, "true", "whether it does"},
    {"job_variables", MAP, AT(job_variables), false, NULL, "none",
     "variables of the work pool: env, working_dir, command (default: " HP_MANIFEST_COMMAND ")"},
    {"schedule", SCHEDULE, AT(schedule), false, NULL, "none", "when it runs by itself"},
    {"paused", FLAG, AT(paused), false, NULL, "not schedule.active", "no run of the schedule begins"},
    {"concurrency_limit", COUNT, AT(concurrency_limit), false, NULL, "no limit", "runs at a time"},
    {"on_limit", CHOICE, AT(on_limit), false, "ENQUEUE CANCEL_NEW", "ENQUEUE",
     "what becomes of a run above the limit"},
    {"concurrency_key", NAME, AT(concurrency_key), false, NULL, "none",
     "name of a global limit of concurrency_limit slots that is made on the server for flows of your own; the runs of hotpass take none of them"},
    {"entrypoint", TEXT, AT(entrypoint), false, NULL, "none",
     "file.py:function of a Python flow; hotpass then registers it, but does not run it"},
    {"path", TEXT, AT(path_in_storage), false, NULL, "none", "directory of that file on the worker"},
};
enum { NKEY = sizeof KEYS / sizeof *KEYS };

#define SCHEDULE_AT(member) offsetof(hp_manifest_schedule, member)
static const key SCHEDULE_KEYS[] = {
    {"kind", CHOICE, SCHEDULE_AT(kind), false, "cron interval rrule", "cron", "how value is to be read"},
    {"value", TEXT, SCHEDULE_AT(value), true, NULL, NULL,
     "five fields of cron, seconds, or a recurrence rule (RFC 5545)"},
    {"timezone", NAME, SCHEDULE_AT(timezone), false, NULL, "UTC", "zone of the times: Africa/Johannesburg"},
    {"anchor_date", TEXT, SCHEDULE_AT(anchor_date), false, NULL, "the day it is registered",
     "when an interval begins"},
    {"active", FLAG, SCHEDULE_AT(active), false, NULL, "true", "whether it makes runs"},
};
enum { NSCHEDULE = sizeof SCHEDULE_KEYS / sizeof *SCHEDULE_KEYS };

/* ---- reading ---- */

typedef struct reader {
    hp_arena *a;
    const char *path;
    hp_buf *lines;
    size_t *errors;
} reader;

#define WRONG(r, node, fmt, ...)                                                               \
    (++*(r)->errors, hp_buf_printf((r)->lines, "%s:%d:%d: " fmt "\n", (r)->path, (node)->line, \
                                   (node)->column, ##__VA_ARGS__))

static const key *find_key(const key *keys, size_t n, hp_str name) {
    for (size_t i = 0; i < n; i++) {
        if (hp_str_eq(name, hp_str_of(keys[i].name))) return &keys[i];
    }
    return NULL;
}

static void unknown_key(reader *r, const key *keys, size_t n, const hp_node *at, const char *where) {
    const char *names[NKEY];
    for (size_t i = 0; i < n; i++) names[i] = keys[i].name;
    const char *near = hp_nearest(at->text, names, n);
    if (near)
        WRONG(r, at, "%.*s is no key of a %s; did you mean %s?", HP_FMT(at->text), where, near);
    else
        WRONG(r, at, "%.*s is no key of a %s", HP_FMT(at->text), where);
}

/* Prefect refuses these in names (its types/names.py); control characters are nobody's name. */
static void check_name(reader *r, const key *k, const hp_node *v) {
    for (size_t i = 0; i < v->text.n; i++) {
        if ((unsigned char)v->text.p[i] >= 32 && !strchr("/%&<>", v->text.p[i])) continue;
        if (strcmp(k->name, "timezone") == 0 && v->text.p[i] == '/') continue;
        WRONG(r, v, "%s: Prefect takes no name with / %% & < >: \"%.*s\"", k->name, HP_FMT(v->text));
        return;
    }
}

static void take_text(reader *r, const key *k, const hp_node *v, hp_str *out) {
    if (v->kind != HP_NODE_SCALAR || v->text.n == 0)
        WRONG(r, v, "%s: a text is wanted", k->name);
    else
        *out = v->text;
    if (k->kind == NAME && v->kind == HP_NODE_SCALAR) check_name(r, k, v);
}

static void take_choice(reader *r, const key *k, const hp_node *v, hp_str *out) {
    hp_str rest = hp_str_of(k->choices), word;
    while (v->kind == HP_NODE_SCALAR && hp_str_next(&rest, ' ', &word)) {
        if (!hp_str_ieq(word, v->text)) continue;
        *out = word;
        return;
    }
    WRONG(r, v, "%s: one of %s is wanted", k->name, k->choices);
}

static void take_flag(reader *r, const key *k, const hp_node *v, bool *out) {
    if (!hp_node_bool(v, out)) WRONG(r, v, "%s: true or false is wanted", k->name);
}

static void take_count(reader *r, const key *k, const hp_node *v, int64_t *out) {
    if (!hp_node_i64(v, out) || *out < 1 || *out > 100000) {
        WRONG(r, v, "%s: a whole number from 1 to 100000 is wanted; leave the key out for no limit", k->name);
        *out = 0;
    }
}

static void take_container(reader *r, const key *k, const hp_node *v, hp_node_kind wanted,
                           const hp_node **out) {
    if (v->kind != wanted) {
        WRONG(r, v, "%s: a %s is wanted", k->name, wanted == HP_NODE_MAP ? "map" : "list");
        return;
    }
    for (size_t i = 0; wanted == HP_NODE_LIST && i < v->n; i++) {
        if (v->item[i]->kind != HP_NODE_SCALAR) WRONG(r, v->item[i], "%s: texts are wanted", k->name);
    }
    *out = v;
}

static void take_map(reader *r, const key *keys, size_t n, const hp_node *map, const char *where, void *out);

static void take_schedule(reader *r, const key *k, const hp_node *v, hp_manifest_schedule *out) {
    if (v->kind != HP_NODE_MAP) {
        WRONG(r, v, "%s: a map with kind and value is wanted", k->name);
        return;
    }
    *out = (hp_manifest_schedule){.at = v, .kind = HP_S("cron"), .timezone = HP_S("UTC"), .active = true};
    take_map(r, SCHEDULE_KEYS, NSCHEDULE, v, "schedule", out);
}

static void take(reader *r, const key *k, const hp_node *v, void *out) {
    void *member = (char *)out + k->at;
    switch (k->kind) {
    case NAME:
    case TEXT: take_text(r, k, v, member); break;
    case TEXTS: take_container(r, k, v, HP_NODE_LIST, member); break;
    case MAP: take_container(r, k, v, HP_NODE_MAP, member); break;
    case FLAG: take_flag(r, k, v, member); break;
    case COUNT: take_count(r, k, v, member); break;
    case CHOICE: take_choice(r, k, v, member); break;
    case SCHEDULE: take_schedule(r, k, v, member); break;
    default: break;
    }
}

/* A null says the same as leaving the key out. */
static void take_map(reader *r, const key *keys, size_t n, const hp_node *map, const char *where, void *out) {
    for (size_t i = 0; i < map->n; i++) {
        const key *k = find_key(keys, n, map->key[i]->text);
        if (!k)
            unknown_key(r, keys, n, map->key[i], where);
        else if (map->item[i]->kind != HP_NODE_NULL)
            take(r, k, map->item[i], out);
    }
    for (size_t i = 0; i < n; i++) {
        const hp_node *v = hp_node_get(map, keys[i].name);
        if (keys[i].required && (!v || v->kind == HP_NODE_NULL))
            WRONG(r, map, "%s has no %s", where, keys[i].name);
    }
}

/* ---- what holds between keys ---- */

static bool is_ours(hp_str flow) {
    for (size_t i = 0; i < NFLOW; i++) {
        if (hp_str_eq(flow, hp_str_of(FLOWS[i]))) return true;
    }
    return false;
}

static void check_flow(reader *r, const hp_manifest *m) {
    const hp_node *at = hp_node_get(m->root, "flow");
    if (!at || m->flow.n == 0 || m->entrypoint.n || is_ours(m->flow)) return;
    const char *near = hp_nearest(m->flow, FLOWS, NFLOW);
    WRONG(
        r, at,
        "flow %.*s is none that hotpass runs%s%s%s; they are hotpass-refine, hotpass-enrich and hotpass-backfill",
        HP_FMT(m->flow), near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
}

bool hp_manifest_reports(hp_str command) {
    return hp_str_find(command, HP_S("prefect execute"), 0) != SIZE_MAX;
}

/* A command that reports nothing leaves its runs PENDING for ever. */
static void check_command(reader *r, const hp_manifest *m) {
    const hp_node *at = m->job_variables ? hp_node_get(m->job_variables, "command") : NULL;
    if (!at || m->entrypoint.n) return;
    if (at->kind != HP_NODE_SCALAR || !hp_manifest_reports(at->text))
        WRONG(
            r, at,
            "job_variables.command has to start \"hotpass prefect execute\": nothing else tells Prefect how "
            "the run ends");
}

static size_t count_fields(hp_str s) {
    size_t n = 0;
    hp_str part;
    for (hp_str rest = hp_str_trim(s); hp_str_next(&rest, ' ', &part);) n += part.n > 0;
    return n;
}

static void check_schedule(reader *r, const hp_manifest_schedule *s) {
    int64_t seconds;
    const hp_node *at = s->at ? hp_node_get(s->at, "value") : NULL;
    if (!at || s->value.n == 0) return;
    if (hp_str_eq(s->kind, HP_S("cron")) && s->value.p[0] != '@' && count_fields(s->value) != 5)
        WRONG(r, at, "schedule: cron has five fields (minute hour day month weekday), this has %zu",
              count_fields(s->value));
    if (hp_str_eq(s->kind, HP_S("interval")) && (!hp_str_i64(s->value, &seconds) || seconds < 1))
        WRONG(r, at, "schedule: an interval is a whole number of seconds, from 1 on");
    if (s->anchor_date.n && !hp_str_eq(s->kind, HP_S("interval")))
        WRONG(r, hp_node_get(s->at, "anchor_date"), "schedule: anchor_date belongs to an interval");
}

static void check_whole(reader *r, const hp_manifest *m) {
    check_flow(r, m);
    check_command(r, m);
    check_schedule(r, &m->schedule);
    if (m->concurrency_key.n && m->concurrency_limit == 0)
        WRONG(r, hp_node_get(m->root, "concurrency_key"),
              "concurrency_key needs a concurrency_limit: its slots");
}

/* ---- files ---- */

static hp_str stem(const char *path) {
    hp_str base = hp_path_base(hp_str_of(path));
    size_t dot = base.n;
    while (dot > 0 && base.p[dot - 1] != '.') dot--;
    return dot > 1 ? hp_str_cut(base, 0, dot - 1) : base;
}

hp_code hp_manifest_parse(hp_arena *a, hp_str bytes, const char *path, hp_manifest *out, hp_buf *lines,
                          size_t *errors, hp_err *err) {
    reader r = {a, path, lines, errors};
    hp_err why = {0};
    hp_node *root = NULL;
    bool json = hp_str_ends(hp_str_of(path), HP_S(".json"));
    hp_code code =
        json ? hp_json_read(a, bytes, path, &root, &why) : hp_yaml_read(a, bytes, path, &root, &why);
    *out = (hp_manifest){.path = path, .root = root, .on_limit = HP_S("ENQUEUE"), .enforce_schema = true};
    if (code == HP_RETRY) return hp_fail_memory(err, "a manifest");
    if (code != HP_OK) {
        ++*errors;
        hp_buf_printf(lines, "%s\n", why.message);
        return HP_OK;
    }
    if (root->kind != HP_NODE_MAP) {
        WRONG(&r, root, "a manifest is a map with name, flow and more");
        return HP_OK;
    }
    take_map(&r, KEYS, NKEY, root, "manifest", out);
    const hp_node *paused = hp_node_get(root, "paused");
    if (!paused || paused->kind == HP_NODE_NULL) out->paused = out->schedule.at && !out->schedule.active;
    if (!out->id.n) out->id = stem(path);
    check_whole(&r, out);
    return HP_OK;
}

static bool is_manifest(hp_str name) {
    return name.n > 0 && name.p[0] != '.'
           && (hp_str_ends(name, HP_S(".yaml")) || hp_str_ends(name, HP_S(".yml"))
               || hp_str_ends(name, HP_S(".json")));
}

typedef HP_VEC(hp_str) paths;

static hp_code gather(hp_arena *a, hp_str dir, int depth, paths *out, hp_err *err) {
    hp_str *names;
    size_t n;
    if (depth == MAX_DEPTH) return HP_OK;
    HP_TRY(hp_list_dir(a, dir.p, &names, &n, err));
    for (size_t i = 0; i < n; i++) {
        hp_str path = hp_path_join(a, dir, names[i]);
        if (!path.p) return hp_fail_memory(err, "a path");
        if (hp_is_dir(path.p)) {
            HP_TRY(gather(a, path, depth + 1, out, err));
        } else if (is_manifest(names[i])) {
            if (out->n == MAX_MANIFESTS)
                return hp_fail(err, HP_DATA, "%s: more than %d manifests", dir.p, MAX_MANIFESTS);
            if (!hp_vec_push(out, path)) return hp_fail_memory(err, "the manifests");
        }
    }
    return HP_OK;
}

static void check_same(const hp_manifest *m, size_t i, hp_buf *lines, size_t *errors) {
    reader r = {NULL, m[i].path, lines, errors};
    for (size_t k = 0; k < i && m[i].root; k++) {
        if (m[k].id.n && hp_str_eq(m[k].id, m[i].id)) {
            WRONG(&r, m[i].root, "the id %.*s is that of %s as well", HP_FMT(m[i].id), m[k].path);
            return;
        }
        if (m[k].name.n && hp_str_eq(m[k].name, m[i].name) && hp_str_eq(m[k].flow, m[i].flow)) {
            WRONG(&r, m[i].root, "%s describes the same deployment, %.*s/%.*s", m[k].path, HP_FMT(m[i].flow),
                  HP_FMT(m[i].name));
            return;
        }
    }
}

static hp_code read_all(hp_arena *a, const paths *files, hp_manifest **out, hp_buf *lines, size_t *errors,
                        hp_err *err) {
    hp_manifest *all = HP_NEW_ARRAY(a, files->n, hp_manifest);
    if (!all) return hp_fail_memory(err, "the manifests");
    for (size_t i = 0; i < files->n; i++) {
        hp_autobuf raw = hp_buf_new(HP_LIMIT_DOC_BYTES);
        HP_TRY(hp_read_file(files->p[i].p, &raw, err));
        HP_TRY(hp_manifest_parse(a, hp_buf_str(&raw), files->p[i].p, &all[i], lines, errors, err));
        check_same(all, i, lines, errors);
    }
    *out = all;
    return HP_OK;
}

hp_code hp_manifests_read(hp_arena *a, const char *dir, hp_manifest **out, size_t *n, hp_buf *lines,
                          size_t *errors, hp_err *err) {
    paths files = {0};
    *errors = 0;
    if (!hp_is_dir(dir))
        return hp_fail(err, HP_NOINPUT,
                       "%s: no such directory of manifests; name another with --manifest-dir, or make a "
                       "workspace with hotpass init",
                       dir);
    hp_str top = hp_arena_dup(a, hp_str_of(dir));
    hp_code code = top.p ? gather(a, top, 0, &files, err) : hp_fail_memory(err, "a path");
    if (code == HP_OK && files.n == 0)
        code = hp_fail(err, HP_NOINPUT, "%s: holds no manifest (.yaml, .yml, .json)", dir);
    if (code == HP_OK) code = read_all(a, &files, out, lines, errors, err);
    *n = files.n;
    hp_vec_free(&files);
    return code;
}

hp_code hp_manifests_only(hp_manifest *m, size_t *n, const char *const *only, size_t nonly, hp_err *err) {
    hp_autobuf names = hp_buf_new(500);
    size_t kept = 0;
    for (size_t i = 0; i < *n; i++) hp_buf_printf(&names, "%s%.*s", i ? ", " : "", HP_FMT(m[i].id));
    for (size_t k = 0; k < nonly; k++) {
        bool found = false;
        for (size_t i = 0; i < *n && !found; i++) found = hp_str_eq(m[i].id, hp_str_of(only[k]));
        if (!found)
            return hp_fail(err, HP_USAGE, "--only %s: there is no such id; they are %s", only[k],
                           hp_buf_cstr(&names));
    }
    for (size_t i = 0; i < *n; i++) {
        bool wanted = nonly == 0;
        for (size_t k = 0; k < nonly && !wanted; k++) wanted = hp_str_eq(m[i].id, hp_str_of(only[k]));
        if (wanted) m[kept++] = m[i];
    }
    *n = kept;
    return HP_OK;
}

int hp_manifest_line(const hp_manifest *m, const char *name) {
    for (size_t i = 0; m->root && i < m->root->n; i++) {
        if (hp_str_eq(m->root->key[i]->text, hp_str_of(name))) return m->root->key[i]->line;
    }
    return m->root ? m->root->line : 1;
}

hp_str hp_manifest_command(const hp_manifest *m) {
    const hp_node *said = m->job_variables ? hp_node_get(m->job_variables, "command") : NULL;
    if (said && said->kind == HP_NODE_SCALAR) return said->text;
    return m->entrypoint.n ? HP_S("") : HP_S(HP_MANIFEST_COMMAND);
}

/* ---- reference ---- */

static void put_keys(hp_buf *out, const key *keys, size_t n) {
    hp_buf_puts(out, "| Key | Default | Meaning |\n| --- | --- | --- |\n");
    for (size_t i = 0; i < n; i++)
        hp_buf_printf(out, "| `%s` | %s | %s |\n", keys[i].name,
                      keys[i].required   ? "required"
                      : keys[i].fallback ? keys[i].fallback
                                         : "",
                      keys[i].help);
}

void hp_manifest_reference(hp_buf *out) {
    hp_buf_puts(
        out, "# Deployment manifests\n\n<!-- Made by `hotpass docs deployments`; do not edit. -->\n\n"
             "YAML or JSON files in `" HP_MANIFEST_DIR
             "` (`--manifest-dir`) and below it, one deployment of Prefect each; "
             "`hotpass deploy` registers them. Unknown keys are errors; a null is as the key left out.\n\n");
    put_keys(out, KEYS, NKEY);
    hp_buf_puts(out, "\n## schedule\n\n");
    put_keys(out, SCHEDULE_KEYS, NSCHEDULE);
}
