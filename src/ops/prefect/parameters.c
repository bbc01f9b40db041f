#include "ops/prefect/parameters.h"

#include "base/utf8.h"

#include "base/banned.h"

enum { MAX_VALUES = 256, MAX_BYTES = 4096, REFINE = 1, ENRICH = 2, BACKFILL = 4, ALL = 7 };

/* What a value has to be. */
typedef enum kind {
    ONE,    /* a text or number */
    MANY,   /* or a list of them */
    ON,     /* true gives the option; false and null nothing */
    ON_OFF, /* false gives --no-NAME */
    IGNORED /* of deployments of earlier versions; has no meaning any more */
} kind;

typedef struct parameter {
    const char *name, *option;
    kind kind;
    int flows;
} parameter;

static const parameter TABLE[] = {
    {"profile", "profile", ONE, ALL},
    {"profile_name", "profile", ONE, ALL},
    {"profile_search_path", "profile-search-path", MANY, ALL},
    {"config", "config", ONE, ALL},
    {"compress", "compress", ONE, ALL},
    {"jobs", "jobs", ONE, REFINE | ENRICH | BACKFILL},
    {"max_memory", "max-memory", ONE, ALL},
    {"password_file", "password-file", ONE, ALL},
    {"limit", "limit", MANY, ALL},
    {"dry_run", "dry-run", ON, ALL},
    {"input_dir", "input-dir", ONE, REFINE},
    {"output_path", "output-path", MANY, REFINE},
    {"report_path", "report-path", MANY, REFINE},
    {"annotate", "annotate", ONE, REFINE},
    {"dist_dir", "dist-dir", ONE, REFINE},
    {"retry_quarantine", "retry-quarantine", MANY, REFINE},
    {"map", "map", ONE, REFINE | BACKFILL},
    {"since", "since", ONE, REFINE | BACKFILL},
    {"archive", "archive", ON_OFF, REFINE | BACKFILL},
    {"no_provenance", "no-provenance", ON, REFINE | BACKFILL},
    {"backfill", NULL, IGNORED, REFINE},
    {"incremental", NULL, IGNORED, REFINE},
    {"input", "input", ONE, ENRICH},
    {"output", "output", ONE, ENRICH},
    {"allow_network", "allow-network", ON_OFF, ENRICH},
    {"max_requests", "max-requests", ONE, ENRICH},
    {"confidence_threshold", "confidence-threshold", ONE, ENRICH},
    {"state_dir", "state-dir", ONE, ENRICH},
    {"start_date", "start-date", ONE, BACKFILL},
    {"end_date", "end-date", ONE, BACKFILL},
    {"version", "version", MANY, BACKFILL},
    {"versions", "version", MANY, BACKFILL},
    {"archive_root", "archive-root", ONE, BACKFILL},
    {"restore_root", "restore-root", ONE, BACKFILL},
    {"archive_pattern", "archive-pattern", ONE, BACKFILL},
    {"concurrency", "concurrency", ONE, BACKFILL},
    {"force", "force", ON, BACKFILL},
};
enum { NPARAMETER = sizeof TABLE / sizeof *TABLE };

static const struct {
    const char *flow, *verb;
    int bit;
} FLOW[] = {
    {"hotpass-refine", "orchestrate", REFINE},
    {"hotpass-enrich", "enrich", ENRICH},
    {"hotpass-backfill", "backfill", BACKFILL},
    {"hotpass-refinement-pipeline", "orchestrate", REFINE}, /* as it was called before */
};
enum { NFLOW = sizeof FLOW / sizeof *FLOW };

/* Hold a command line in the making. */
typedef struct making {
    hp_arena *arena;
    hp_prefect_argv argv;
    size_t cap;
    hp_err *err;
} making;

static hp_code put(making *m, hp_str word) {
    if (!word.p) return hp_fail_memory(m->err, "the arguments of a run");
    if (m->argv.n + 1 >= m->cap)
        return hp_fail(m->err, HP_CONFIG, "the run has more than %d values in its parameters", MAX_VALUES);
    m->argv.p[m->argv.n++] = word.p;
    return HP_OK;
}

static bool is_plain(hp_str v) {
    size_t bad;
    if (v.n == 0 || v.n > MAX_BYTES || !hp_utf8_valid(v, &bad)) return false;
    for (size_t i = 0; i < v.n; i++)
        if ((unsigned char)v.p[i] < 0x20 || v.p[i] == 0x7f) return false;
    return true;
}

static hp_code put_value(making *m, const parameter *p, const hp_node *v) {
    if (v->kind != HP_NODE_SCALAR || !is_plain(v->text))
        return hp_fail(
            m->err, HP_CONFIG,
            "parameter %s: has to be a text of one line or a number, not empty, of at most %d bytes", p->name,
            MAX_BYTES);
    return put(m, hp_arena_printf(m->arena, "--%s=%.*s", p->option, HP_FMT(v->text)));
}

static hp_code put_flag(making *m, const parameter *p, const hp_node *v) {
    bool on;
    if (v->quoted || !hp_node_bool(v, &on))
        return hp_fail(m->err, HP_CONFIG, "parameter %s: has to be true or false", p->name);
    if (on) return put(m, hp_arena_printf(m->arena, "--%s", p->option));
    return p->kind == ON_OFF ? put(m, hp_arena_printf(m->arena, "--no-%s", p->option)) : HP_OK;
}

static hp_code put_parameter(making *m, const parameter *p, const hp_node *v) {
    if (p->kind == IGNORED || v->kind == HP_NODE_NULL) return HP_OK;
    if (p->kind == ON || p->kind == ON_OFF) return put_flag(m, p, v);
    if (v->kind != HP_NODE_LIST) return put_value(m, p, v);
    if (p->kind != MANY) return hp_fail(m->err, HP_CONFIG, "parameter %s: takes one value, no list", p->name);
    for (size_t i = 0; i < v->n; i++) HP_TRY(put_value(m, p, v->item[i]));
    return HP_OK;
}

static hp_code unknown(hp_str name, int flow, hp_str flow_name, hp_err *err) {
    const char *names[NPARAMETER];
    size_t n = 0;
    for (size_t i = 0; i < NPARAMETER; i++)
        if (TABLE[i].flows & flow) names[n++] = TABLE[i].name;
    const char *near = hp_nearest(name, names, n);
    if (near)
        return hp_fail(err, HP_CONFIG, "the flow %.*s has no parameter %.*s; did you mean %s?",
                       HP_FMT(flow_name), HP_FMT(hp_str_cut(name, 0, 80)), near);
    return hp_fail(err, HP_CONFIG,
                   "the flow %.*s has no parameter %.*s; it has those of its command's options",
                   HP_FMT(flow_name), HP_FMT(hp_str_cut(name, 0, 80)));
}

static const parameter *find(hp_str name, int bit) {
    for (size_t k = 0; k < NPARAMETER; k++)
        if ((TABLE[k].flows & bit) && hp_str_eq(name, hp_str_of(TABLE[k].name))) return &TABLE[k];
    return NULL;
}

static hp_code put_all(making *m, hp_str flow, int bit, const hp_node *parameters) {
    for (size_t i = 0; parameters && parameters->kind == HP_NODE_MAP && i < parameters->n; i++) {
        hp_str name = parameters->key[i]->text;
        const parameter *p = find(name, bit);
        if (!p) return unknown(name, bit, flow, m->err);
        HP_TRY(put_parameter(m, p, parameters->item[i]));
    }
    return HP_OK;
}

static size_t find_flow(hp_str flow) {
    size_t f = 0;
    while (f < NFLOW && !hp_str_eq(flow, hp_str_of(FLOW[f].flow))) f++;
    return f;
}

hp_code hp_prefect_takes(hp_str flow, hp_str name, hp_err *err) {
    size_t f = find_flow(flow);
    return f == NFLOW || find(name, FLOW[f].bit) ? HP_OK : unknown(name, FLOW[f].bit, flow, err);
}

hp_code hp_prefect_arguments(hp_arena *a, hp_str flow, const hp_node *parameters, hp_prefect_argv *out,
                             hp_err *err) {
    making m = {.arena = a, .cap = MAX_VALUES + 8, .err = err};
    size_t f = find_flow(flow);
    if (f == NFLOW)
        return hp_fail(
            err, HP_CONFIG,
            "the flow %.*s is none that hotpass runs; these are hotpass-refine, hotpass-enrich and "
            "hotpass-backfill",
            HP_FMT(hp_str_cut(flow, 0, 80)));
    m.argv.p = HP_NEW_ARRAY(a, m.cap, const char *);
    if (!m.argv.p) return hp_fail_memory(err, "the arguments of a run");
    HP_TRY(put(
        &m, HP_S("/proc/self/exe"))); /* the program that runs, also when its file was replaced meanwhile */
    HP_TRY(put(&m, hp_str_of(FLOW[f].verb)));
    HP_TRY(put(&m, HP_S("--json")));
    HP_TRY(put(&m, HP_S("--no-input")));
    HP_TRY(put(&m, HP_S("--log-format=json")));
    HP_TRY(put_all(&m, flow, FLOW[f].bit, parameters));
    *out = m.argv;
    return HP_OK;
}
