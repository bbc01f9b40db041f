/* What a profile says of suites and contracts: for sheets, for sources, for the output. */
#include "profile/contract.h"
#include "profile/keys.h"

#include "base/file.h"

#include "base/banned.h"

/* ---- severities ---- */

static const char *const WORD[] = {
    [HP_ON_FAILURE_STOP] = "fail", [HP_ON_FAILURE_WARN] = "warn", [HP_ON_FAILURE_QUARANTINE] = "quarantine"};
enum { WORDS = sizeof WORD / sizeof *WORD };

const char *hp_on_failure_name(hp_on_failure f) { return WORD[f]; }

static bool find_word(const hp_node *v, int *out) {
    hp_str word;
    for (int i = 0; hp_node_text(v, &word) && i < WORDS; i++)
        if (hp_str_eq(word, hp_str_of(WORD[i]))) {
            *out = i;
            return true;
        }
    return false;
}

static void read_on_failure(hp_pload *l, const hp_pkey *k, const hp_node *v, void *obj) {
    hp_on_failure *to = hp_pat(obj, k->at);
    int word;
    if (!find_word(v, &word))
        hp_pt_choice.read(l, k, v, NULL); /* says what it may be */
    else if (to)
        *to = (hp_on_failure)word;
}

static void show_on_failure(hp_pshow *s, const hp_pkey *k, const void *obj) {
    const hp_on_failure *f = hp_pcat(obj, k->at);
    hp_pshow_pair(s, hp_str_of(k->name), hp_str_of(WORD[*f]));
}

const hp_ptype hp_pt_on_failure = {"one of", read_on_failure, show_on_failure};

/* The same, where nothing may be said: 1 + the word. */
static void read_action(hp_pload *l, const hp_pkey *k, const hp_node *v, void *obj) {
    uint8_t *to = hp_pat(obj, k->at);
    int word;
    if (!find_word(v, &word))
        hp_pt_choice.read(l, k, v, NULL);
    else if (to)
        *to = (uint8_t)(1 + word);
}

static void show_action(hp_pshow *s, const hp_pkey *k, const void *obj) {
    const uint8_t *said = hp_pcat(obj, k->at);
    if (*said) hp_pshow_pair(s, hp_str_of(k->name), hp_str_of(WORD[*said - 1]));
}

static const hp_ptype ACTION = {"one of", read_action, show_action};

#define ACTION_KEY(word, severity, otherwise, text)                                      \
    {                                                                                    \
        .name = word, .type = &ACTION, .at = offsetof(hp_profile_actions, of[severity]), \
        .choices = HP_PK_ON_FAILURE, .fallback = otherwise, .help = text                 \
    }

static const hp_pkey ACTION_KEYS[] = {
    ACTION_KEY("critical", HP_GX_CRITICAL, "fail",
               "of expectations that are critical, or do not say what they are"),
    ACTION_KEY("warning", HP_GX_WARNING, "warn", "of those whose severity is warning"),
    ACTION_KEY("info", HP_GX_INFO, "warn", "of those whose severity is info"),
};
static const hp_pkey OWN_KEYS[] = {
    ACTION_KEY("critical", HP_GX_CRITICAL, NULL, "instead of the profile's"),
    ACTION_KEY("warning", HP_GX_WARNING, NULL, "instead of the profile's"),
    ACTION_KEY("info", HP_GX_INFO, NULL, "instead of the profile's"),
};

const hp_pblock hp_pb_actions = {
    .name = "severity",
    .help =
        "What follows when an expectation of a suite or contract is not met, by the severity that it has there. fail: the run stops "
        "with exit code 1 before anything is written but reports and annotated copies. warn: it is reported. quarantine: it is "
        "reported, and the rows at fault go to the sheet Quarantine instead of the result; an expectation that names no rows (a mean, "
        "a column that is not there) stops the run then.",
    .key = ACTION_KEYS,
    .nkey = sizeof ACTION_KEYS / sizeof *ACTION_KEYS};
const hp_pblock hp_pb_own_actions = {
    .name = "ingest.sources.severity",
    .help =
        "As `severity`, for the suites and contracts of a source, a sheet, or the output. What is not said here is as it is for "
        "the source, then as it is for the profile.",
    .key = OWN_KEYS,
    .nkey = sizeof OWN_KEYS / sizeof *OWN_KEYS};

hp_on_failure hp_profile_action(const hp_profile *p, const hp_profile_checks *const *more, size_t n,
                                hp_gx_severity severity) {
    for (size_t i = 0; i < n; i++)
        if (more[i] && more[i]->actions.of[severity])
            return (hp_on_failure)(more[i]->actions.of[severity] - 1);
    uint8_t said = p->actions.of[severity];
    if (said) return (hp_on_failure)(said - 1);
    return severity == HP_GX_CRITICAL ? HP_ON_FAILURE_STOP : HP_ON_FAILURE_WARN;
}

/* ---- the output ---- */

typedef struct output {
    hp_profile_checks checks; /* all there is: the key of the profile is the struct itself */
} output;

static void end_output(hp_pload *l, const hp_node *n, void *obj) {
    hp_pchecks_end(l, n, &((output *)obj)->checks);
}

static const hp_pkey OUTPUT_KEYS[] = {HP_PCHECK_KEYS(output, "the table Data")};
const hp_pblock hp_pb_output = {
    .name = "output",
    .help =
        "What the table Data must meet after merging, beside the expectations that are built in and `refine.expectations`. "
        "Under quarantine all source rows of an organisation at fault are kept out.",
    .key = OUTPUT_KEYS,
    .nkey = sizeof OUTPUT_KEYS / sizeof *OUTPUT_KEYS,
    .end = end_output};

/* ---- files ---- */

static hp_str folder(hp_str path) {
    hp_str base = hp_path_base(path);
    if (base.n == path.n) return HP_S("");
    size_t n = path.n - base.n;
    return hp_str_cut(path, 0, n > 1 ? n - 1 : n);
}

void hp_pchecks_end(hp_pload *l, const hp_node *n, hp_profile_checks *c) {
    c->dir = hp_pdup(l, folder(hp_str_of(l->path)));
    c->node = n;
}

hp_str hp_profile_checks_path(hp_arena *a, const hp_profile_checks *c, hp_str name) {
    bool whole = c->dir.n == 0 || (name.n && name.p[0] == '/');
    return whole ? hp_arena_dup(a, name) : hp_path_join(a, c->dir, name);
}

/* Finds the node of the i-th text under a key that may be a list; the second key goes on where the first one
 * ends.
 */
static const hp_node *node_of(const hp_node *n, const char *key, const char *alias, size_t i) {
    for (int k = 0; k < 2; k++) {
        const char *name = k ? alias : key;
        const hp_node *v = name ? hp_node_get(n, name) : NULL;
        if (!v) continue;
        size_t count = v->kind == HP_NODE_LIST ? v->n : 1;
        if (i < count) return v->kind == HP_NODE_LIST ? v->item[i] : v;
        i -= count;
    }
    return n;
}

static void load_checks(hp_pload *l, const hp_profile_checks *c) {
    for (size_t i = 0; i < c->nsuite + c->ncontract && !l->oom; i++) {
        bool suite = i < c->nsuite;
        size_t at = suite ? i : i - c->nsuite;
        hp_str path = hp_profile_checks_path(l->a, c, suite ? c->suite[at] : c->contract[at]);
        hp_suite *s;
        hp_contract *k;
        hp_err err = {0};
        if (!path.p) {
            l->oom = true;
            return;
        }
        hp_code code =
            suite ? hp_suite_load(l->a, path.p, NULL, 0, &s, &err) : hp_contract_load(l->a, path.p, &k, &err);
        if (code == HP_RETRY) l->oom = true;
        const hp_node *node = node_of(c->node, suite ? "suite" : "contract", suite ? NULL : "schema", at);
        if (code != HP_OK) hp_perr(l, node, "%s", err.message);
    }
}

void hp_pchecks_load(hp_pload *l, const hp_profile *p) {
    for (size_t i = 0; i < p->nsource; i++) {
        load_checks(l, &p->source[i].checks);
        for (size_t s = 0; s < p->source[i].nsheet; s++) load_checks(l, &p->source[i].sheet[s].checks);
    }
    load_checks(l, &p->output);
}

/* ---- map files ---- */

static bool names_any(const hp_profile_checks *c) { return c->nsuite || c->ncontract; }

/* The second file of a source is called "Name (file.xlsx)" in a map file. */
static bool names_source(hp_str source, hp_str name) {
    return hp_str_starts(name, source)
           && (name.n == source.n || hp_str_starts(hp_str_cut(name, source.n, name.n), HP_S(" (")));
}

static const hp_profile_source *source_named(hp_pload *l, const hp_profile *p, hp_str name) {
    for (size_t i = 0; i < p->nsource; i++)
        if (names_source(hp_pfold(l, p->source[i].name), hp_pfold(l, name))) return &p->source[i];
    return NULL;
}

/* A map file names sheets as they are, with the characters of patterns set apart. */
static hp_str plain_name(hp_pload *l, hp_str name) {
    char *plain = hp_parray(l, name.n + 1, 1);
    size_t n = 0;
    for (size_t i = 0; plain && i < name.n; i++) {
        bool apart = name.p[i] == '[' && i + 2 < name.n && name.p[i + 2] == ']';
        plain[n++] = name.p[apart ? i + 1 : i];
        if (apart) i += 2;
    }
    return (hp_str){plain, n};
}

static void carry_sheets(hp_pload *l, const hp_profile_source *from, hp_profile_source *to) {
    for (size_t i = 0; i < to->nsheet && !l->oom; i++) {
        hp_profile_sheet *sheet = &to->sheet[i];
        hp_str name = hp_str_trim(plain_name(l, sheet->name));
        for (size_t k = 0; k < from->nsheet && !names_any(&sheet->checks); k++) {
            const hp_profile_sheet *old = &from->sheet[k];
            bool any = hp_str_eq(name, HP_S("*")); /* the one table of a file without sheets */
            if (any || hp_glob_imatch(hp_str_trim(old->name), name)) sheet->checks = old->checks;
        }
    }
}

void hp_pchecks_carry(hp_pload *l, const hp_profile *from, hp_profile *to) {
    for (size_t i = 0; i < to->nsource && !l->oom; i++) {
        const hp_profile_source *old = source_named(l, from, to->source[i].name);
        if (!old) continue;
        if (!names_any(&to->source[i].checks)) to->source[i].checks = old->checks;
        carry_sheets(l, old, &to->source[i]);
    }
}
