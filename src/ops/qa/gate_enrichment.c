/* QG-3: the chain of enrichment, tried on a workbook whose answers are known. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "ops/qa/call.h"
#include "profile/profile.h"

#include "base/banned.h"

/* Two organisations: one that the gate's own lookup table knows, one that nobody does. Neither exists. */
#define KNOWN         "Quality Gate Aviation"
#define UNKNOWN       "Nobody Knows Aviation"
#define KNOWN_EMAIL   "desk@quality-gate.example"
#define KNOWN_WEBSITE "https://quality-gate.example"
static const char INPUT[] = "organization_name,contact_email,website\n" KNOWN ",,\n" UNKNOWN ",,\n";
static const char LOOKUP[] =
    "organization_name,contact_email,website\n" KNOWN "," KNOWN_EMAIL "," KNOWN_WEBSITE "\n";

/* Hold the state of the gate. */
typedef struct chain {
    hp_qa_run *q;
    hp_str scratch, csv, input, output, again, home, lookups;
    bool must_fill; /**< the profile asks the gate's lookup table, and has to believe it */
    const char *env[4];
} chain;

static hp_code no_memory(hp_err *err) { return hp_fail_memory(err, "the workbook of the gate"); }

static hp_code name_files(chain *c, hp_err *err) {
    hp_qa_run *q = c->q;
    HP_TRY(hp_qa_scratch(q, &c->scratch, err));
    c->csv = hp_path_join(q->arena, c->scratch, HP_S("input.csv"));
    c->again = hp_path_join(q->arena, c->scratch, HP_S("enriched.xlsx"));
    c->input = hp_qa_path(q, "input.xlsx");
    c->output = hp_qa_path(q, "enriched.xlsx");
    c->home = hp_qa_path(q, "state");
    c->lookups = hp_qa_path(q, "state/lookups/organizations.csv");
    if (!c->csv.p || !c->again.p || !c->input.p || !c->output.p || !c->home.p || !c->lookups.p)
        return no_memory(err);
    q->input_workbook = c->input;
    q->output_workbook = c->output;
    return HP_OK;
}

/* The clock is held, so that two runs can be compared byte by byte; the guards of the network are set unless
 * the caller has set them. */
static hp_code set_environment(chain *c, hp_err *err) {
    hp_qa_run *q = c->q;
    size_t n = 0;
    hp_str epoch = hp_arena_printf(q->arena, "SOURCE_DATE_EPOCH=%lld", (long long)q->when);
    if (!epoch.p) return no_memory(err);
    c->env[n++] = epoch.p;
    if (!getenv("FEATURE_ENABLE_REMOTE_RESEARCH"))
        c->env[n++] = q->o->network ? "FEATURE_ENABLE_REMOTE_RESEARCH=1" : "FEATURE_ENABLE_REMOTE_RESEARCH=0";
    if (!getenv("ALLOW_NETWORK_RESEARCH"))
        c->env[n++] = q->o->network ? "ALLOW_NETWORK_RESEARCH=1" : "ALLOW_NETWORK_RESEARCH=0";
    return HP_OK;
}

static bool may_fill(const hp_profile *p) {
    bool wanted = p->enrich.nfield == 0;
    for (size_t i = 0; i < p->enrich.nprovider; i++)
        if (hp_str_eq(p->enrich.provider[i].provider, HP_S("lookup")))
            return false; /* it has tables of its own */
    for (size_t i = 0; i < p->enrich.nfield; i++)
        wanted |= p->enrich.field[i] == HP_F_CONTACT_EMAIL || p->enrich.field[i] == HP_F_WEBSITE;
    return wanted && p->enrich.threshold <= 0.95;
}

static hp_code prepare(chain *c, hp_err *err) {
    hp_autoreply r = {0};
    hp_profile *p = NULL;
    hp_qa_run *q = c->q;
    hp_err why = {0};
    hp_str path;
    HP_TRY(hp_write_file(c->csv.p, hp_str_of(INPUT), err));
    HP_TRY(hp_write_file(c->lookups.p, hp_str_of(LOOKUP), err));
    hp_code code = hp_profile_find(q->arena, hp_str_of(q->o->profile), q->o->profile_dirs,
                                   q->o->nprofile_dirs, &path, &why);
    if (code == HP_OK) code = hp_profile_load(q->arena, path.p, &p, &why);
    if (code == HP_RETRY) return hp_fail_memory(err, "the profile");
    c->must_fill = code == HP_OK && may_fill(p);
    const char *const args[] = {"convert", c->csv.p, "--output", c->input.p, "--quiet", NULL};
    return hp_qa_expect(q, args, HP_QA_ASK, 0, "prepare-input", "a workbook of two organisations is made", &r,
                        err);
}

static hp_code enrich(chain *c, hp_str output, const char *id, const char *what, bool *asked, hp_err *err) {
    hp_autoreply r = {0};
    hp_autobuf why = hp_buf_new(4096);
    hp_qa_run *q = c->q;
    hp_qa_args args = {0};
    HP_QA_ARGS(&args, "enrich", "--input", c->input.p, "--output", output.p, "--state-dir", c->home.p,
               "--json", q->o->network ? "--allow-network=true" : "--allow-network=false");
    hp_qa_args_profile(&args, q->o);
    uint64_t since = hp_clock_mono();
    HP_TRY(hp_qa_call(args.p, c->env, HP_QA_WORK, &r, err));
    bool fine = hp_qa_exited(&r, 0);
    const hp_node *providers = fine ? hp_node_get(hp_qa_json(&r, q->arena), "providers") : NULL;
    *asked = false;
    for (size_t i = 0; providers && i < providers->n; i++) {
        hp_str name = {0};
        bool available = false;
        hp_node_text(hp_node_get(providers->item[i], "provider"), &name);
        hp_node_bool(hp_node_get(providers->item[i], "available"), &available);
        *asked |= available && hp_str_eq(name, HP_S("lookup"));
    }
    if (fine)
        hp_buf_printf(&why, "exit 0; %zu providers", providers ? providers->n : 0);
    else
        hp_qa_why(&r, HP_QA_WORK, &why);
    return hp_qa_add(q, fine ? HP_QA_PASSED : HP_QA_FAILED, since, id, what, err, "%s", hp_buf_cstr(&why));
}

/* ---- the values ---- */

static hp_str value(const hp_node *row, const char *column) {
    hp_str text = {0};
    hp_node_text(hp_node_get(row, column), &text);
    return text;
}

static bool is(const hp_node *row, const char *column, const char *text) {
    return hp_str_eq(value(row, column), hp_str_of(text));
}

static bool is_number(const hp_node *row, const char *column, double lo, double hi) {
    double x;
    return hp_str_f64(value(row, column), &x) && x >= lo && x <= hi;
}

/* "2025-10-14T09:30:00Z" */
static bool is_moment(hp_str s) {
    hp_date d;
    return s.n == 20 && hp_date_parse_iso(hp_str_cut(s, 0, 10), &d) && s.p[10] == 'T' && s.p[19] == 'Z';
}

static bool is_network_status(const chain *c, hp_str s) {
    if (hp_str_eq(s, HP_S("not_used")) || hp_str_eq(s, HP_S("skipped: network disabled"))
        || hp_str_starts(s, HP_S("blocked: ")))
        return true;
    return c->q->o->network && (hp_str_eq(s, HP_S("used")) || hp_str_starts(s, HP_S("failed: ")));
}

#define WANT(condition, ...)                              \
    do {                                                  \
        if (!(condition)) {                               \
            hp_buf_printf(why, "%s", why->n ? "; " : ""); \
            hp_buf_printf(why, __VA_ARGS__);              \
        }                                                 \
    } while (0)

/* Looks at the five columns of a row; what is wrong goes to `why`. */
static void check_row(const chain *c, const hp_node *row, const char *name, bool filled, hp_buf *why) {
    static const char *const FIVE[] = {"provenance_source", "provenance_timestamp", "provenance_confidence",
                                       "provenance_strategy", "provenance_network_status"};
    for (size_t i = 0; i < sizeof FIVE / sizeof *FIVE; i++)
        WANT(row->n >= 5 && hp_str_eq(row->key[row->n - 5 + i]->text, hp_str_of(FIVE[i])),
             "%s: column %zu of the last five is not %s", name, i + 1, FIVE[i]);
    WANT(is_moment(value(row, FIVE[1])), "%s: %s is no UTC time", name, FIVE[1]);
    WANT(is_number(row, FIVE[2], 0, 1), "%s: %s is no number from 0 to 1", name, FIVE[2]);
    WANT(is_network_status(c, value(row, FIVE[4])), "%s: %s is not of its vocabulary", name, FIVE[4]);
    if (filled) {
        WANT(is(row, FIVE[0], "lookup_table"), "%s: %s is not lookup_table", name, FIVE[0]);
        WANT(is_number(row, FIVE[2], 0.95, 0.95), "%s: %s is not 0.95", name, FIVE[2]);
        WANT(is(row, FIVE[3], "deterministic"), "%s: %s is not deterministic", name, FIVE[3]);
        WANT(is(row, "contact_email", KNOWN_EMAIL) || is(row, "website", KNOWN_WEBSITE),
             "%s: no value of the lookup table was filled in", name);
    } else if (is(row, FIVE[0], "original")) {
        WANT(is_number(row, FIVE[2], 1, 1), "%s: %s of an unchanged row is not 1", name, FIVE[2]);
        WANT(is(row, FIVE[3], "none"), "%s: %s of an unchanged row is not none", name, FIVE[3]);
    } else {
        WANT(is(row, FIVE[3], "deterministic") || (c->q->o->network && is(row, FIVE[3], "research")),
             "%s: %s is not of its vocabulary", name, FIVE[3]);
    }
}

static hp_code check_rows(const chain *c, hp_str lines, bool filled, hp_buf *why, hp_err *err) {
    const char *const name[] = {KNOWN, UNKNOWN};
    size_t n = 0;
    hp_str line;
    while (hp_str_next(&lines, '\n', &line)) {
        hp_node *row = NULL;
        hp_err broken = {0};
        if (line.n == 0) continue;
        hp_str copy = hp_arena_dup(c->q->arena, line);
        if (!copy.p) return no_memory(err);
        if (hp_json_read(c->q->arena, copy, "a row", &row, &broken) != HP_OK || n == 2) {
            hp_buf_puts(why, n == 2 ? "more than two rows" : "a row is no JSON");
            return HP_OK;
        }
        WANT(is(row, "organization_name", name[n]), "row %zu is another organisation", n + 1);
        check_row(c, row, name[n], filled && n == 0, why);
        n++;
    }
    WANT(n == 2, "%zu rows instead of 2", n);
    return HP_OK;
}

static hp_code validate(chain *c, bool asked, hp_err *err) {
    static const char ID[] = "validate-output",
                      WHAT[] = "every value of the five provenance columns is as it has to be";
    hp_autoreply r = {0};
    hp_autobuf why = hp_buf_new(16 << 10);
    const char *const args[] = {"convert", c->output.p, "--to", "ndjson", "--quiet", NULL};
    bool filled = asked && c->must_fill;
    uint64_t since = hp_clock_mono();
    HP_TRY(hp_qa_call(args, NULL, HP_QA_ASK, &r, err));
    if (hp_qa_exited(&r, 0))
        HP_TRY(check_rows(c, hp_buf_str(&r.out), filled, &why, err));
    else
        hp_qa_why(&r, HP_QA_ASK, &why);
    if (why.n) return hp_qa_add(c->q, HP_QA_FAILED, since, ID, WHAT, err, "%s", hp_buf_cstr(&why));
    return hp_qa_add(
        c->q, HP_QA_PASSED, since, ID, WHAT, err, "2 rows; %s",
        filled ? "one filled from the lookup table, one unchanged"
               : "the profile does not ask the gate's lookup table, so that nothing had to be filled");
}

static hp_code compare(chain *c, hp_err *err) {
    hp_sha256 a, b;
    uint64_t since = hp_clock_mono();
    HP_TRY(hp_sha256_file(c->output.p, &a, err));
    HP_TRY(hp_sha256_file(c->again.p, &b, err));
    bool same = strcmp(a.hex, b.hex) == 0;
    return hp_qa_add(c->q, same ? HP_QA_PASSED : HP_QA_FAILED, since, "identical-runs",
                     "both runs write the same bytes at the same time", err, "sha256 %.12s and %.12s", a.hex,
                     b.hex);
}

static hp_code run(chain *c, hp_err *err) {
    bool asked, asked_again;
    HP_TRY(prepare(c, err));
    if (c->q->failed) return HP_OK;
    HP_TRY(enrich(c, c->output, "run-enrich", "the workbook is enriched", &asked, err));
    if (c->q->failed) return HP_OK;
    HP_TRY(validate(c, asked, err));
    HP_TRY(enrich(c, c->again, "repeat-enrich", "the workbook is enriched once more", &asked_again, err));
    return hp_qa_last(c->q)->status == HP_QA_PASSED ? compare(c, err) : HP_OK;
}

hp_code hp_qa_enrichment(hp_qa_run *q, hp_err *err) {
    chain c = {.q = q};
    HP_TRY(name_files(&c, err));
    hp_code code = set_environment(&c, err);
    if (code == HP_OK) code = run(&c, err);
    hp_qa_scratch_remove(c.scratch);
    return code;
}
