#include "refine/enrichment_out.h"

#include <sys/stat.h>

#include "base/mem.h"
#include "refine/access.h"
#include "refine/stages.h"

#include "base/banned.h"

/* Files that are written at once (base/out.c has room for 32, some of which the writers need). */
enum { FILES = 24 };

typedef struct {
    hp_out out[FILES], record;
    const char *path[FILES];
    size_t n;
} writer;

/* What the headers of the five columns say when the mouse rests on them. */
static const hp_output_column COLUMNS[HP_PROVENANCE_COLUMNS] = {
    {"provenance_source", HP_STYLE_TEXT,
     "who the row's most certain new value is from; original: nothing was filled"},
    {"provenance_timestamp", HP_STYLE_TEXT, "when, UTC"},
    {"provenance_confidence", HP_STYLE_SCORE,
     "how certain that value is, 0 to 1; 1 for rows that nothing was filled in"},
    {"provenance_strategy", HP_STYLE_TEXT,
     "deterministic: from files here; research: from the network; none"},
    {"provenance_network_status", HP_STYLE_TEXT,
     "not_used; skipped: network disabled; blocked: by whom; used; failed: why"},
};

/* ---- styles ---- */

static const hp_output_column *columns_of(const hp_table *t, size_t *n) {
    if (hp_table_find(t, HP_S("organization_slug")) == SIZE_MAX) return NULL;
    bool data = hp_table_find(t, HP_S("data_quality_score")) != SIZE_MAX;
    return data ? hp_data_columns(n) : hp_contact_columns(n);
}

/* Gives columns that hotpass made the look they had: scores in colours, links, long texts. */
static void restyle(hp_table *t) {
    size_t n = 0;
    const hp_output_column *column = columns_of(t, &n);
    for (size_t i = 0; column && i < n; i++) {
        size_t c = hp_table_find(t, hp_str_of(column[i].name));
        if (c != SIZE_MAX) t->col[c].style = column[i].style;
    }
}

static hp_code hint(const hp_enrichment *e, hp_out_sheet *s, hp_err *err) {
    size_t n = 0;
    const hp_output_column *data = columns_of(s->table, &n);
    hp_output_column *all = HP_NEW_ARRAY(e->run.arena, n + HP_PROVENANCE_COLUMNS, hp_output_column);
    if (!all) return hp_fail_memory(err, "the workbook");
    if (n) memcpy(all, data, n * sizeof *all);
    memcpy(all + n, COLUMNS, sizeof COLUMNS);
    return hp_sheet_hints(&e->run, all, n + HP_PROVENANCE_COLUMNS, s, err);
}

/* ---- the sheet Provenance ---- */

static hp_enrich_sheet *older_provenance(const hp_enrichment *e) {
    size_t n;
    const char *const *name = hp_provenance_sheet_names(&n);
    for (size_t i = 0; i < e->nsheet; i++) {
        const hp_table *t = e->sheet[i].in;
        bool ours = hp_str_ieq(e->sheet[i].name, HP_S("Provenance")) && t->ncol == n;
        for (size_t c = 0; ours && c < n; c++) ours = hp_str_eq(t->col[c].name, hp_str_of(name[c]));
        if (ours) return &e->sheet[i];
    }
    return NULL;
}

/* Puts the lines of this run behind those of runs before. */
static hp_code append_lines(hp_enrichment *e, hp_enrich_sheet *old, hp_err *err) {
    const hp_table *a = old->out, *b = e->result.provenance;
    hp_table *t = hp_table_new(e->run.arena, a->nrow + b->nrow, b->ncol, false);
    if (!t) return hp_fail_memory(err, "the sheet Provenance");
    for (size_t c = 0; c < b->ncol; c++) {
        hp_column *to = &t->col[c];
        to->name = b->col[c].name;
        to->style = b->col[c].style;
        if (a->nrow) memcpy(to->v, a->col[c].v, a->nrow * sizeof *to->v);
        if (b->nrow) memcpy(to->v + a->nrow, b->col[c].v, b->nrow * sizeof *to->v);
        if (!b->col[c].type && !a->col[c].type) continue;
        to->type = hp_arena_zero(e->run.arena, t->nrow + 1);
        if (!to->type) return hp_fail_memory(err, "the sheet Provenance");
        for (size_t i = 0; i < t->nrow; i++)
            to->type[i] =
                (uint8_t)(i < a->nrow ? hp_cell_type(&a->col[c], i) : hp_cell_type(&b->col[c], i - a->nrow));
    }
    t->name = b->name;
    e->result.provenance = t;
    return HP_OK;
}

/* Tells whether refine wrote the sheet with the contacts, whose headers have comments too. */
static bool is_contacts(const hp_enrich_sheet *s) {
    size_t n;
    return hp_str_eq(s->name, HP_S("Contacts")) && columns_of(s->in, &n);
}

/* Formats without sheets have no name for the one that they hold: in a workbook it is called Data, and lines
 * of Provenance name it so. */
static hp_code name_data(hp_enrichment *e, hp_err *err) {
    hp_table *t = e->result.provenance;
    size_t c = hp_table_find(t, HP_S("sheet"));
    hp_vid data;
    if (e->nsheet != 1 || e->sheet[0].name.n || c == SIZE_MAX) return HP_OK;
    HP_TRY(hp_intern(e->run.pool, HP_S("Data"), &data, err));
    for (size_t i = 0; i < t->nrow; i++) t->col[c].v[i] = data;
    return HP_OK;
}

/* Lists the sheets of the output: those of the input, with Provenance last unless there was one. */
static hp_code list_sheets(hp_enrichment *e, hp_out_sheet **out, size_t *n, hp_err *err) {
    hp_enrich_sheet *old = older_provenance(e);
    hp_out_sheet *s = HP_NEW_ARRAY(e->run.arena, e->nsheet + 1, hp_out_sheet);
    if (!s) return hp_fail_memory(err, "the sheets");
    if (old) HP_TRY(append_lines(e, old, err));
    *n = 0;
    for (size_t i = 0; i < e->nsheet; i++) {
        hp_enrich_sheet *in = &e->sheet[i];
        hp_str name = hp_arena_dup(e->run.arena, in->name);
        if (!name.p) return hp_fail_memory(err, "the sheets");
        restyle(in->out);
        hp_out_sheet one = {.name = name.n ? name.p : "Data",
                            .table = in == old ? e->result.provenance : in->out};
        one.state = e->run.sources.sheet.p[in->sheet].state;
        one.plain = hp_str_eq(name, HP_S("Summary"));
        if (in->enriched || (in != old && is_contacts(in))) HP_TRY(hint(e, &one, err));
        s[(*n)++] = one;
    }
    if (!old) s[(*n)++] = (hp_out_sheet){.name = "Provenance", .table = e->result.provenance};
    *out = s;
    return HP_OK;
}

/* ---- files ---- */

static hp_code write_book(const hp_enrichment_options *o, hp_enrichment *e, writer *w, const hp_out_sheet *s,
                          size_t n, hp_err *err) {
    const hp_book_options options = {.compress = o->compress, .title = "Enriched contacts"};
    w->path[0] = o->output;
    HP_TRY(hp_write_book(e->run.pool, s, n, &options, o->output, &w->out[0], err));
    w->n = 1;
    return HP_OK;
}

hp_code hp_enrichment_beside(hp_arena *a, const char *output, const char *sheet, const char **path,
                             hp_err *err) {
    hp_str p = hp_str_of(output);
    size_t dot = p.n;
    while (dot > 0 && p.p[dot - 1] != '.') dot--;
    hp_autobuf b = hp_buf_new(8192);
    hp_buf_printf(&b, "%.*s", (int)dot, output); /* with the dot */
    for (const char *c = sheet; *c; c++)
        hp_buf_putc(&b, hp_is_alnum(*c) ? hp_lower(*c) : (unsigned char)*c >= 0x80 ? *c : '-');
    hp_buf_printf(&b, ".%s", output + dot);
    HP_TRY(hp_buf_check(&b, "the name of an output", err));
    *path = hp_arena_dup(a, hp_buf_str(&b)).p;
    return *path ? HP_OK : hp_fail_memory(err, "the name of an output");
}

static bool is_taken(const writer *w, const char *path) {
    for (size_t i = 0; i < w->n; i++)
        if (strcmp(w->path[i], path) == 0) return true;
    return false;
}

static hp_code write_flat(hp_enrichment *e, writer *w, const hp_table *t, const char *path, hp_err *err) {
    if (is_taken(w, path))
        return hp_fail(err, HP_USAGE, "%s: two sheets would write this file; let --output end in .xlsx",
                       path);
    if (w->n == FILES)
        return hp_fail(err, HP_USAGE,
                       "%zu sheets and the provenance, the limit is %d files; let --output end in .xlsx",
                       e->nsheet, FILES);
    w->path[w->n] = path;
    HP_TRY(hp_write_flat(e->run.pool, t, path, &w->out[w->n], err));
    w->n++;
    return HP_OK;
}

/* The first enriched sheet is the output, the others and the provenance stand beside it. */
static hp_code write_flats(const hp_enrichment_options *o, hp_enrichment *e, writer *w, const hp_out_sheet *s,
                           size_t n, hp_err *err) {
    size_t main = 0;
    while (main < e->nsheet && !e->sheet[main].enriched) main++;
    if (main == e->nsheet) main = 0;
    HP_TRY(write_flat(e, w, s[main].table, o->output, err));
    for (size_t i = 0; i < n; i++) {
        const char *path;
        if (i == main) continue;
        HP_TRY(hp_enrichment_beside(e->run.arena, o->output, s[i].name, &path, err));
        HP_TRY(write_flat(e, w, s[i].table, path, err));
    }
    return HP_OK;
}

static hp_code list_files(hp_enrichment *e, const writer *w, hp_err *err) {
    static const char *const KIND[] = {"", "workbook", "csv", "ndjson", "parquet"};
    e->output = HP_NEW_ARRAY(e->run.arena, w->n + 1, hp_output_file);
    if (!e->output) return hp_fail_memory(err, "the outputs");
    for (size_t i = 0; i < w->n; i++) {
        hp_output_file *f = &e->output[i];
        struct stat st;
        if (stat(w->out[i].temp, &st) != 0)
            return hp_fail(err, HP_IO, "%s: has gone while it was written", w->path[i]);
        f->path = hp_str_of(w->path[i]);
        f->bytes = (uint64_t)st.st_size;
        f->kind = KIND[hp_form_of(w->path[i])];
        HP_TRY(hp_sha256_file(w->out[i].temp, &f->sha256, err));
        e->noutput++;
    }
    return HP_OK;
}

/* Writes the record beside the output: enriched.xlsx has enriched.run.json. By it hotpass compliance purge
 * knows what is ours. */
static hp_code write_record(const hp_enrichment_options *o, hp_enrichment *e, hp_out *out, hp_err *err) {
    hp_output_file input = {.path = hp_str_of(o->input), .kind = "input"};
    struct stat st;
    hp_str output = hp_str_of(o->output);
    size_t dot = output.n;
    while (dot > 0 && output.p[dot - 1] != '.') dot--;
    hp_str path = hp_arena_printf(e->run.arena, "%.*s.run.json", (int)(dot ? dot - 1 : output.n), o->output);
    if (!path.p) return hp_fail_memory(err, "the record");
    HP_TRY(hp_sha256_file(o->input, &input.sha256, err));
    if (stat(o->input, &st) == 0) input.bytes = (uint64_t)st.st_size;
    hp_autobuf json = hp_buf_new(1 << 20);
    hp_enrichment_record(e, &input, &json);
    HP_TRY(hp_buf_check(&json, "the record", err));
    HP_TRY(hp_out_begin(out, path.p, true, err));
    if (fwrite(json.p, 1, json.n, out->f) == json.n && fflush(out->f) == 0) return HP_OK;
    return hp_fail(err, HP_IO, "%s: cannot be written: is the disk full?", path.p);
}

static hp_code write_all(const hp_enrichment_options *o, hp_enrichment *e, writer *w, hp_err *err) {
    hp_out_sheet *s;
    size_t n;
    if (hp_form_of(o->output) == HP_FORM_XLSX) HP_TRY(name_data(e, err));
    HP_TRY(list_sheets(e, &s, &n, err));
    if (o->dry_run) return HP_OK;
    HP_TRY(hp_form_of(o->output) == HP_FORM_XLSX ? write_book(o, e, w, s, n, err)
                                                 : write_flats(o, e, w, s, n, err));
    HP_TRY(list_files(e, w, err));
    HP_TRY(write_record(o, e, &w->record, err));
    /* Functions that cannot fail may have done less for want of memory: then this is not the result. */
    if (hp_mem_failures() != e->failures) return hp_fail_memory(err, "the result");
    hp_str path = hp_str_of(o->output), dir = hp_str_cut(path, 0, path.n - hp_path_base(path).n);
    dir = dir.n ? hp_str_cut(dir, 0, dir.n > 1 ? dir.n - 1 : 1) : HP_S(".");
    HP_TRY(hp_access_note(e->profile, dir, "enrich", e->output, e->noutput, e->result.rows, err));
    for (size_t i = w->n; i > 0; i--) HP_TRY(hp_out_commit(&w->out[i - 1], err)); /* the output itself last */
    return hp_out_commit(&w->record, err); /* where it is, its outputs are complete */
}

hp_code hp_enrichment_write(const hp_enrichment_options *o, hp_enrichment *e, hp_err *err) {
    writer *w = HP_NEW(e->run.arena, writer);
    if (!w) return hp_fail_memory(err, "the outputs");
    hp_code code = write_all(o, e, w, err);
    for (size_t i = 0; code != HP_OK && i < FILES; i++) hp_out_abandon(&w->out[i]);
    if (code != HP_OK) hp_out_abandon(&w->record);
    return code;
}
