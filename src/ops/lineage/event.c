#include "ops/lineage/event.h"

#include <sodium.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "ops/lineage/facet.h"

#include "base/banned.h"

#define SPEC "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/"

const char *hp_lineage_word(hp_lineage_type t) {
    static const char *const WORD[] = {"START", "COMPLETE", "FAIL", "ABORT"};
    return WORD[t];
}

/* ---- names and times ---- */

void hp_lineage_put_job(const hp_lineage_run *r, hp_buf *out) {
    bool pipeline = hp_str_eq(r->command, HP_S("refine"));
    if (r->parent.run.n) hp_buf_printf(out, "%.*s.", HP_FMT(r->parent.job));
    hp_buf_puts(out, "hotpass.");
    hp_buf_add(out, pipeline ? HP_S("pipeline") : r->command);
    hp_buf_putc(out, '.');
    /* A profile may be given by its path. */
    for (size_t i = 0; i < r->profile.n; i++) {
        char c = r->profile.p[i];
        hp_buf_putc(out, c == '/' || c == '\\' ? '-' : hp_lower(c));
    }
}

void hp_lineage_put_dataset(hp_str path, hp_buf *out) {
    char here[4096] = "";
    size_t from = out->n;
    hp_str part, rest[2] = {HP_S(""), path};
    if (!hp_str_starts(path, HP_S("/")) && getcwd(here, sizeof here)) rest[0] = hp_str_of(here);
    for (int k = 0; k < 2; k++)
        while (hp_str_next(&rest[k], '/', &part)) {
            if (part.n == 0 || hp_str_eq(part, HP_S("."))) continue;
            if (!hp_str_eq(part, HP_S(".."))) {
                hp_buf_putc(out, '/');
                hp_buf_add(out, part);
                continue;
            }
            while (out->n > from && out->p[out->n - 1] != '/') out->n--;
            if (out->n > from) out->n--;
        }
    if (out->n == from) hp_buf_putc(out, '/');
}

int64_t hp_lineage_now(void) {
    struct timespec t = {0};
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void hp_lineage_uuid(int64_t ms, char out[37]) {
    unsigned char b[16];
    randombytes_buf(b, sizeof b);
    for (int i = 0; i < 6; i++) b[i] = (unsigned char)((uint64_t)ms >> (40 - 8 * i));
    b[6] = (unsigned char)(0x70 | (b[6] & 0x0F)); /* version 7 */
    b[8] = (unsigned char)(0x80 | (b[8] & 0x3F)); /* variant 10 */
    for (size_t i = 0, at = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) out[at++] = '-';
        (void)snprintf(out + at, 3, "%02x", b[i]);
        at += 2;
    }
}

/* ISO 8601 with milliseconds. */
static void put_time(hp_json *j, const char *key, int64_t ms) {
    char seconds[21], text[32];
    hp_time_iso(ms / 1000, seconds);
    (void)snprintf(text, sizeof text, "%.19s.%03dZ", seconds, (int)(ms % 1000));
    hp_json_key(j, key);
    hp_json_cstr(j, text);
}

/* ---- facets ---- */

void hp_facet_text(hp_json *j, const char *key, hp_str v) {
    hp_json_key(j, key);
    hp_json_str(j, v);
}

void hp_facet_number(hp_json *j, const char *key, const hp_node *n) {
    int64_t v;
    if (!n || !hp_node_i64(n, &v)) return;
    hp_json_key(j, key);
    hp_json_i64(j, v);
}

hp_str hp_facet_get(const hp_node *map, const char *key) {
    hp_str v;
    const hp_node *n = hp_node_get(map, key);
    return n && hp_node_text(n, &v) ? v : HP_S("");
}

void hp_facet(hp_json *j, const hp_lineage_run *r, const char *key, const char *schema) {
    hp_autobuf url = hp_buf_new(256);
    hp_str name = hp_str_of(schema);
    name = hp_str_cut(name, hp_str_chr(name, '/', 0) + 1, name.n);
    hp_buf_printf(&url, "https://openlineage.io/spec/facets/%s.json#/$defs/%.*s", schema, HP_FMT(name));
    hp_json_key(j, key);
    hp_json_object(j);
    hp_facet_text(j, "_producer", r->producer);
    hp_facet_text(j, "_schemaURL", hp_buf_str(&url));
    j->out->bad |= url.bad;
}

/* Facets of ours are described by no schema but that of all facets. */
static void own_facet(hp_json *j, const hp_lineage_run *r, const char *base) {
    hp_json_key(j, "hotpass");
    hp_json_object(j);
    hp_facet_text(j, "_producer", r->producer);
    hp_facet_text(j, "_schemaURL", hp_str_of(base));
    hp_facet_text(j, "hotpass_version", HP_S(HP_VERSION));
    hp_facet_text(j, "command", r->command);
    hp_facet_text(j, "profile", r->profile);
}

static void put_run_of(hp_json *j, const hp_lineage_parent *p) {
    hp_json_key(j, "run");
    hp_json_object(j);
    hp_facet_text(j, "runId", p->run);
    hp_json_object_end(j);
    hp_json_key(j, "job");
    hp_json_object(j);
    hp_facet_text(j, "namespace", p->ns);
    hp_facet_text(j, "name", p->job);
    hp_json_object_end(j);
}

static void put_parent(hp_json *j, const hp_lineage_run *r) {
    if (r->parent.run.n == 0) return;
    hp_facet(j, r, "parent", "1-2-0/ParentRunFacet");
    put_run_of(j, &r->parent);
    hp_json_key(j, "root");
    hp_json_object(j);
    put_run_of(j, r->root.run.n ? &r->root : &r->parent);
    hp_json_object_end(j);
    hp_json_object_end(j);
}

static void put_engine(hp_json *j, const hp_lineage_run *r) {
    hp_facet(j, r, "processing_engine", "1-1-1/ProcessingEngineRunFacet");
    hp_facet_text(j, "name", HP_S("hotpass"));
    hp_facet_text(j, "version", HP_S(HP_VERSION));
    hp_facet_text(j, "openlineageAdapterVersion", HP_S(HP_VERSION));
    hp_json_object_end(j);
}

/* What stands in the message may come from a cell: e-mail addresses, phones and secrets stay here. */
static void put_error(hp_json *j, const hp_lineage_run *r, const hp_lineage_failure *why) {
    hp_autobuf text = hp_buf_new(16384);
    if (why->stage.n) hp_buf_printf(&text, "stage %.*s: ", HP_FMT(why->stage));
    hp_scrub(why->message, &text);
    hp_facet(j, r, "errorMessage", "1-0-1/ErrorMessageRunFacet");
    hp_facet_text(j, "message", hp_buf_str(&text));
    hp_facet_text(j, "programmingLanguage", HP_S("C"));
    hp_json_object_end(j);
    j->out->bad |= text.bad;
}

static void put_own(hp_json *j, const hp_lineage_run *r, const hp_node *doc, const hp_lineage_failure *why) {
    static const char *const COUNT[] = {"rows_in", "rows_out", "merged", "quarantined", "contacts"};
    const hp_node *counts = hp_node_get(doc, "counts");
    double quality;
    own_facet(j, r, SPEC "RunFacet");
    for (size_t i = 0; i < sizeof COUNT / sizeof *COUNT; i++)
        hp_facet_number(j, COUNT[i], hp_node_get(counts, COUNT[i]));
    if (hp_node_f64(hp_node_get(doc, "quality_mean"), &quality)) {
        hp_json_key(j, "quality_mean");
        hp_json_f64(j, quality);
    }
    if (why && why->stage.n) hp_facet_text(j, "failing_stage", why->stage);
    if (why && why->code >= 0) {
        hp_json_key(j, "exit_code");
        hp_json_i64(j, why->code);
    }
    hp_json_object_end(j);
}

static void put_run(hp_json *j, const hp_lineage_run *r, const hp_node *doc, const hp_lineage_failure *why) {
    hp_json_key(j, "run");
    hp_json_object(j);
    hp_facet_text(j, "runId", r->id);
    hp_json_key(j, "facets");
    hp_json_object(j);
    put_parent(j, r);
    hp_facet(j, r, "nominalTime", "1-0-1/NominalTimeRunFacet");
    put_time(j, "nominalStartTime", r->nominal * 1000);
    hp_json_object_end(j);
    put_engine(j, r);
    if (why) put_error(j, r, why);
    put_own(j, r, doc, why);
    hp_json_object_end(j);
    hp_json_object_end(j);
}

/* The source of a job is its profile: what is done with the data is all there. */
static void put_source(hp_json *j, const hp_lineage_run *r, const hp_node *profile) {
    hp_str path = hp_facet_get(profile, "path"), sha256 = hp_facet_get(profile, "sha256");
    if (path.n == 0) return;
    hp_autobuf url = hp_buf_new(16384);
    hp_buf_puts(&url, "file://");
    hp_lineage_put_dataset(path, &url);
    hp_facet(j, r, "sourceCodeLocation", "1-1-0/SourceCodeLocationJobFacet");
    hp_facet_text(j, "type", HP_S("file"));
    hp_facet_text(j, "url", hp_buf_str(&url));
    hp_facet_text(j, "path", path);
    if (sha256.n) hp_facet_text(j, "version", sha256);
    hp_json_object_end(j);
    j->out->bad |= url.bad;
}

static const char *about(hp_str command) {
    if (hp_str_eq(command, HP_S("enrich")))
        return "Fills blanks of a table from providers, in the order of the profile; nothing is overwritten.";
    if (hp_str_eq(command, HP_S("backfill"))) return "Replays archives of inputs; each is a run of its own.";
    if (hp_str_eq(command, HP_S("resolve"))) return "Finds the rows of a table that are one organisation.";
    return "Turns workbooks and data files into one deduplicated list: read, map, clean, check, resolve, merge, "
           "write.";
}

static void put_job(hp_json *j, const hp_lineage_run *r, const hp_node *doc) {
    hp_autobuf name = hp_buf_new(4096);
    hp_lineage_put_job(r, &name);
    hp_json_key(j, "job");
    hp_json_object(j);
    hp_facet_text(j, "namespace", r->ns);
    hp_facet_text(j, "name", hp_buf_str(&name));
    hp_json_key(j, "facets");
    hp_json_object(j);
    hp_facet(j, r, "documentation", "1-1-0/DocumentationJobFacet");
    hp_facet_text(j, "description", hp_str_of(about(r->command)));
    hp_json_object_end(j);
    hp_facet(j, r, "jobType", "2-0-4/JobTypeJobFacet");
    hp_facet_text(j, "processingType", HP_S("BATCH"));
    hp_facet_text(j, "integration", HP_S("HOTPASS"));
    hp_facet_text(j, "jobType", HP_S("COMMAND"));
    hp_json_object_end(j);
    put_source(j, r, hp_node_get(doc, "profile"));
    own_facet(j, r, SPEC "JobFacet");
    hp_json_object_end(j);
    hp_json_object_end(j);
    hp_json_object_end(j);
    j->out->bad |= name.bad;
}

void hp_lineage_event(const hp_lineage_run *r, hp_lineage_type type, int64_t ms, const hp_node *doc,
                      const hp_lineage_failure *why, hp_buf *out) {
    hp_json j = {.out = out};
    hp_json_object(&j);
    hp_facet_text(&j, "eventType", hp_str_of(hp_lineage_word(type)));
    put_time(&j, "eventTime", ms);
    hp_facet_text(&j, "producer", r->producer);
    hp_facet_text(&j, "schemaURL", HP_S(SPEC "RunEvent"));
    put_run(&j, r, doc, why);
    put_job(&j, r, doc);
    hp_lineage_datasets(&j, r, type, doc);
    hp_json_object_end(&j);
}
