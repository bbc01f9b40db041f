/* The document of an enrichment, in the form of run.json, for those who tell of runs. No file is made of it:
 * a run.json beside an output is that of refine. */
#include <sys/stat.h>

#include "base/clock.h"
#include "base/json.h"
#include "refine/enrichment.h"

#include "base/banned.h"

/* Which column is made of which is looked up by name: beyond so many columns that would take longer than the
 * enrichment. */
enum { MOST_COLUMNS = 2000 };

static void put_str(hp_json *j, const char *key, hp_str v) {
    hp_json_key(j, key);
    hp_json_str(j, v);
}

static void put_u64(hp_json *j, const char *key, uint64_t v) {
    hp_json_key(j, key);
    hp_json_i64(j, (int64_t)v);
}

/* Columns keep their places, so that a column of the output is made of the one with its number. */
static void put_link(hp_json *j, size_t sheet, size_t column) {
    char name[48];
    (void)snprintf(name, sizeof name, "%zu/%zu", sheet, column);
    hp_json_cstr(j, name);
}

static uint64_t filled(const hp_table *t, size_t c) {
    uint64_t n = 0;
    for (size_t row = 0; row < t->nrow; row++) n += t->col[c].v[row] != HP_NULL;
    return n;
}

static size_t columns_of(const hp_table *t) { return t->ncol < MOST_COLUMNS ? t->ncol : MOST_COLUMNS; }

static void put_read(hp_json *j, const hp_enrich_sheet *s, size_t i) {
    hp_json_object(j);
    put_str(j, "sheet", s->name);
    put_u64(j, "rows", s->in->nrow);
    hp_json_key(j, "columns");
    hp_json_array(j);
    for (size_t c = 0; c < columns_of(s->in); c++) {
        hp_json_object(j);
        put_str(j, "column", s->in->col[c].name);
        hp_json_key(j, "field");
        put_link(j, i, c);
        put_u64(j, "filled", filled(s->in, c));
        hp_json_object_end(j);
    }
    hp_json_array_end(j);
    hp_json_object_end(j);
}

static void put_input(hp_json *j, const hp_enrichment_options *o, const hp_enrichment *e) {
    struct stat st;
    hp_sha256 sha256;
    hp_json_key(j, "inputs");
    hp_json_array(j);
    hp_json_object(j);
    put_str(j, "path", hp_str_of(o->input));
    if (stat(o->input, &st) == 0) put_u64(j, "bytes", (uint64_t)st.st_size);
    if (hp_sha256_file(o->input, &sha256, NULL) == HP_OK) put_str(j, "sha256", hp_str_of(sha256.hex));
    hp_json_key(j, "tables");
    hp_json_array(j);
    for (size_t i = 0; i < e->nsheet; i++) put_read(j, &e->sheet[i], i);
    hp_json_array_end(j);
    hp_json_object_end(j);
    hp_json_array_end(j);
}

static void put_made(hp_json *j, const hp_enrich_sheet *s, size_t i) {
    const hp_table *t = s->out ? s->out : s->in;
    hp_json_object(j);
    put_str(j, "table", s->name.n ? s->name : HP_S("Data"));
    put_u64(j, "rows", t->nrow);
    hp_json_key(j, "columns");
    hp_json_array(j);
    for (size_t c = 0; c < columns_of(t); c++) {
        bool kept = c < s->in->ncol;
        hp_json_object(j);
        put_str(j, "column", t->col[c].name);
        put_str(j, "type", HP_S("text"));
        put_u64(j, "filled", filled(t, c));
        put_str(j, "how", kept ? HP_S("identity") : HP_S("computed"));
        hp_json_key(j, "fields");
        hp_json_array(j);
        if (kept) put_link(j, i, c);
        hp_json_array_end(j);
        hp_json_object_end(j);
    }
    hp_json_array_end(j);
    hp_json_object_end(j);
}

/* A workbook holds all sheets; of flat files the first holds the enriched one. */
static void put_held(hp_json *j, const hp_enrichment *e, size_t file) {
    bool book = strcmp(e->output[file].kind, "workbook") == 0;
    hp_json_key(j, "tables");
    hp_json_array(j);
    for (size_t i = 0; i < e->nsheet; i++) {
        if (!book && (file || !e->sheet[i].enriched)) continue;
        hp_json_str(j, e->sheet[i].name.n ? e->sheet[i].name : HP_S("Data"));
        if (!book) break;
    }
    hp_json_array_end(j);
}

static void put_outputs(hp_json *j, const hp_enrichment *e) {
    hp_json_key(j, "outputs");
    hp_json_array(j);
    for (size_t i = 0; i < e->noutput; i++) {
        hp_json_object(j);
        put_str(j, "path", e->output[i].path);
        put_str(j, "kind", hp_str_of(e->output[i].kind));
        put_u64(j, "bytes", e->output[i].bytes);
        put_str(j, "sha256", hp_str_of(e->output[i].sha256.hex));
        put_held(j, e, i);
        hp_json_object_end(j);
    }
    hp_json_array_end(j);
}

void hp_enrichment_json(const hp_enrichment_options *o, const hp_enrichment *e, hp_buf *out) {
    hp_json j = {.out = out};
    char when[21];
    hp_time_iso(hp_clock_now(), when);
    hp_json_object(&j);
    put_str(&j, "schema", HP_S("hotpass.run/1"));
    put_str(&j, "version", HP_S(HP_VERSION));
    put_str(&j, "started_at", hp_str_of(when));
    put_u64(&j, "exit_code", (uint64_t)e->code);
    hp_json_key(&j, "profile");
    hp_json_object(&j);
    put_str(&j, "name", e->profile->name);
    put_str(&j, "path", e->profile->path);
    put_str(&j, "sha256", hp_str_of(e->profile->sha256.hex));
    hp_json_object_end(&j);
    put_input(&j, o, e);
    hp_json_key(&j, "tables");
    hp_json_array(&j);
    for (size_t i = 0; i < e->nsheet; i++) put_made(&j, &e->sheet[i], i);
    hp_json_array_end(&j);
    put_outputs(&j, e);
    hp_json_object_end(&j);
}
