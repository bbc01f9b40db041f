/* The record of an enrichment beside its output: what was read, by which profile, what was written. */
#include "base/clock.h"
#include "base/json.h"
#include "refine/enrichment_out.h"

#include "base/banned.h"

static void put_str(hp_json *j, const char *key, hp_str v) {
    hp_json_key(j, key);
    hp_json_str(j, v);
}

static void put_u64(hp_json *j, const char *key, uint64_t v) {
    hp_json_key(j, key);
    hp_json_i64(j, (int64_t)v);
}

static void put_head(hp_json *j, const hp_enrichment *e) {
    char when[21];
    hp_time_iso(hp_clock_now(), when);
    put_str(j, "schema", HP_S("hotpass.enrichment/1"));
    put_str(j, "version", HP_S(HP_VERSION));
    put_str(j, "started_at", hp_str_of(when));
    put_u64(j, "exit_code", e->code);
    hp_json_key(j, "profile");
    hp_json_object(j);
    put_str(j, "name", e->profile->name);
    put_str(j, "path", e->profile->path);
    put_str(j, "sha256", hp_str_of(e->profile->sha256.hex));
    hp_json_object_end(j);
}

static void put_counts(hp_json *j, const hp_enrichment *e) {
    const hp_enrich_result *r = &e->result;
    hp_json_key(j, "threshold");
    hp_json_f64(j, r->threshold);
    hp_json_key(j, "network_used");
    hp_json_bool(j, e->gate.requests > 0);
    put_u64(j, "rows", r->rows);
    put_u64(j, "rows_filled", r->filled_rows);
    put_u64(j, "fields_filled", r->filled);
    put_u64(j, "suggestions", r->suggested);
    hp_json_key(j, "providers");
    hp_json_array(j);
    for (size_t i = 0; i < r->ncount; i++) {
        hp_json_object(j);
        put_str(j, "name", hp_str_of(r->count[i].name));
        put_str(j, "source", hp_str_of(r->count[i].source));
        put_u64(j, "rows_asked", r->count[i].asked);
        put_u64(j, "fields_filled", r->count[i].filled);
        put_u64(j, "suggestions", r->count[i].suggested);
        hp_json_object_end(j);
    }
    hp_json_array_end(j);
}

static void put_file(hp_json *j, const hp_output_file *f) {
    hp_json_object(j);
    put_str(j, "path", f->path);
    put_str(j, "kind", hp_str_of(f->kind));
    put_u64(j, "bytes", f->bytes);
    put_str(j, "sha256", hp_str_of(f->sha256.hex));
    hp_json_object_end(j);
}

void hp_enrichment_record(const hp_enrichment *e, const hp_output_file *input, hp_buf *out) {
    hp_json j = {.out = out, .pretty = true};
    hp_json_object(&j);
    put_head(&j, e);
    hp_json_key(&j, "inputs");
    hp_json_array(&j);
    put_file(&j, input);
    hp_json_array_end(&j);
    put_counts(&j, e);
    hp_json_key(&j, "outputs");
    hp_json_array(&j);
    for (size_t i = 0; i < e->noutput; i++) put_file(&j, &e->output[i]);
    hp_json_array_end(&j);
    hp_json_object_end(&j);
    hp_buf_putc(out, '\n');
}
