#include "refine/enrichment.h"

#include <sys/stat.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "read/reader.h"
#include "refine/enrichment_out.h"
#include "table/shape.h"

/* ---- profile and network ---- */

static hp_code load_profile(const hp_enrichment_options *o, hp_enrichment *e, hp_err *err) {
    hp_str path;
    hp_arena *a = e->run.arena;
    HP_TRY(hp_profile_find(a, hp_str_of(o->profile), o->profile_dirs, o->nprofile_dirs, &path, err));
    return hp_profile_load(a, path.p, &e->profile, err);
}

static void ask_gate(const hp_enrichment_options *o, hp_enrichment *e) {
    hp_gate_inputs in = {
        .flag_given = o->network_given, .flag = o->network, .profile = e->profile->enrich.allow_network};
    hp_gate_environment(&in);
    hp_gate_ask(&in, &e->gate);
}

static hp_code begin(const hp_enrichment_options *o, hp_enrichment *e, hp_err *err) {
    *e = (hp_enrichment){.failures = hp_mem_failures()};
    HP_TRY(hp_run_open(&e->run, err));
    e->run.reading = o->reading;
    e->run.reading.unsaved = true;
    e->run.progress = o->progress;
    e->run.progress_ctx = o->progress_ctx;
    if (load_profile(o, e, err) != HP_OK) return hp_err_in(err, "profile");
    ask_gate(o, e);
    return HP_OK;
}

hp_code hp_enrichment_gate(const hp_enrichment_options *o, hp_enrichment *out, hp_err *err) {
    hp_code code = begin(o, out, err);
    if (code != HP_OK) hp_enrichment_free(out);
    return code;
}

/* ---- reading ---- */

static hp_naming naming_of(const hp_book *book) {
    hp_format f = hp_book_format(book);
    return f == HP_FORMAT_PARQUET || f == HP_FORMAT_NDJSON ? HP_NAMES_TOP : HP_NAMES_FIRST;
}

/* Blank rows that are put back at most: beyond, a value far down would cost a sheet's worth of memory. */
enum { GAPS = 100000 };

static void *spread(hp_arena *a, const void *from, size_t size, const hp_table *t, uint32_t first, size_t n) {
    char *to = hp_arena_array(a, n + 1, size);
    for (size_t i = 0; to && i < t->nrow; i++)
        memcpy(to + (t->origin[i].row - first) * size, (const char *)from + i * size, size);
    return to;
}

/* Puts back the blank rows that reading leaves out: a workbook is laid out with them, and rows keep their
 * numbers. */
static hp_code put_gaps_back(hp_arena *a, hp_table *t, uint32_t header, hp_err *err) {
    if (t->nrow == 0 || header == 0) return HP_OK;
    uint32_t first = header + 1, last = t->origin[t->nrow - 1].row, sheet = t->origin[0].sheet;
    size_t n = last - header;
    bool ok = true;
    if (n == t->nrow || n - t->nrow > GAPS || n > HP_LIMIT_CELLS / (t->ncol + 1)) return HP_OK;
    for (size_t c = 0; ok && c < t->ncol; c++) {
        hp_column *col = &t->col[c];
        ok = (col->v = spread(a, col->v, sizeof *col->v, t, first, n)) != NULL;
        if (ok && col->type) ok = (col->type = spread(a, col->type, 1, t, first, n)) != NULL;
        if (ok && col->lex) ok = (col->lex = spread(a, col->lex, sizeof *col->lex, t, first, n)) != NULL;
    }
    if (ok && t->hidden) ok = (t->hidden = spread(a, t->hidden, 1, t, first, n)) != NULL;
    hp_origin *origin = HP_NEW_ARRAY(a, n + 1, hp_origin);
    if (!ok || !origin) return hp_fail_memory(err, "a sheet");
    for (size_t i = 0; i < n; i++) origin[i] = (hp_origin){sheet, first + (uint32_t)i};
    t->origin = origin;
    t->nrow = n;
    return HP_OK;
}

static bool is_workbook(const hp_book *book) {
    hp_format f = hp_book_format(book);
    return f == HP_FORMAT_XLSX || f == HP_FORMAT_XLS || f == HP_FORMAT_ODS;
}

/* Reads a sheet with its error cells: what stands in a cell is kept, and is no blank. */
static hp_code read_sheet(hp_enrichment *e, hp_book *book, size_t i, const hp_book_sheet *sheet,
                          uint32_t file, hp_err *err) {
    hp_enrich_sheet *s = &e->sheet[e->nsheet];
    hp_run *run = &e->run;
    hp_table *raw, *named;
    uint32_t header;
    HP_TRY(hp_run_add_sheet(run, file, sheet->name, sheet->state, &s->sheet, err));
    HP_TRY(hp_book_read_raw(run, book, i, s->sheet, &raw, err));
    HP_TRY(hp_shape_name(run->arena, run->pool, raw, hp_area_all(), naming_of(book), &named, &header, err));
    if (is_workbook(book)) HP_TRY(put_gaps_back(run->arena, named, header, err));
    s->name = run->sources.sheet.p[s->sheet].name;
    s->raw = raw;
    s->in = named;
    e->nsheet++;
    return hp_deadline_check(err);
}

static hp_code read_book(hp_enrichment *e, hp_book *book, const char *path, hp_err *err) {
    size_t n;
    uint32_t file;
    const hp_book_sheet *sheet = hp_book_sheets(book, &n);
    hp_str name = hp_book_name(book);
    HP_TRY(hp_run_add_file(&e->run, &(hp_source_file){.path = hp_str_of(path), .name = name, .label = name},
                           &file, err));
    e->sheet = HP_NEW_ARRAY(e->run.arena, n + 1, hp_enrich_sheet);
    if (!e->sheet) return hp_fail_memory(err, "the sheets");
    for (size_t i = 0; i < n; i++) {
        if (sheet[i].readable)
            HP_TRY(read_sheet(e, book, i, &sheet[i], file, err));
        else
            e->skipped++;
    }
    if (e->nsheet) return HP_OK;
    return hp_fail(err, HP_DATA, "%s: has no sheet of cells", path);
}

static hp_code read_input(hp_enrichment *e, const char *path, hp_err *err) {
    hp_book *book;
    HP_TRY(hp_book_open(&e->run, path, &book, err));
    hp_code code = read_book(e, book, path, err);
    hp_book_close(book);
    return code;
}

/* ---- an organisation that stands in no file ---- */

/* Columns of the sheet Data that may be filled for it, behind its name and slug. */
static const char *const ENTITY[] = {"organization_name",
                                     "organization_slug",
                                     "website",
                                     "province",
                                     "city",
                                     "address_primary",
                                     "postal_code",
                                     "contact_primary_name",
                                     "contact_primary_email",
                                     "contact_primary_phone"};

/* Makes the grid that a file with the one row would have. */
static hp_code entity_grid(hp_run *run, hp_str name, uint32_t sheet, hp_table **out, hp_err *err) {
    size_t n = sizeof ENTITY / sizeof *ENTITY;
    hp_autobuf slug = hp_buf_new(64 << 10);
    hp_table *t = hp_table_new(run->arena, 2, n, true);
    if (!t) return hp_fail_memory(err, "a row");
    hp_utf8_slug(name, &slug);
    HP_TRY(hp_buf_check(&slug, "a slug", err));
    for (uint32_t c = 0; c < n; c++) {
        t->col[c].source = c;
        HP_TRY(hp_intern(run->pool, hp_str_of(ENTITY[c]), &t->col[c].v[0], err));
    }
    for (uint32_t r = 0; r < 2; r++) t->origin[r] = (hp_origin){sheet, r + 1};
    HP_TRY(hp_intern(run->pool, name, &t->col[0].v[1], err));
    HP_TRY(hp_intern(run->pool, hp_buf_str(&slug), &t->col[1].v[1], err));
    *out = t;
    return HP_OK;
}

static hp_code make_entity(hp_enrichment *e, const char *name, hp_err *err) {
    const hp_str label = HP_S("the command line");
    uint32_t file, header;
    hp_table *raw, *named;
    e->sheet = HP_NEW(e->run.arena, hp_enrich_sheet);
    if (!e->sheet) return hp_fail_memory(err, "a row");
    HP_TRY(hp_run_add_file(&e->run, &(hp_source_file){.path = label, .name = label, .label = label}, &file,
                           err));
    HP_TRY(hp_run_add_sheet(&e->run, file, HP_S("Data"), 0, &e->sheet->sheet, err));
    HP_TRY(entity_grid(&e->run, hp_str_trim(hp_str_of(name)), e->sheet->sheet, &raw, err));
    HP_TRY(hp_shape_name(e->run.arena, e->run.pool, raw, hp_area_all(), HP_NAMES_TOP, &named, &header, err));
    e->sheet->name = HP_S("Data");
    e->sheet->raw = raw;
    e->sheet->in = named;
    e->nsheet = 1;
    return HP_OK;
}

/* ---- the run ---- */

static hp_code check_paths(const hp_enrichment_options *o, hp_err *err) {
    struct stat in, out;
    HP_TRY(hp_can_write(o->output, err));
    if (stat(o->input, &in) == 0 && stat(o->output, &out) == 0 && in.st_dev == out.st_dev
        && in.st_ino == out.st_ino)
        return hp_fail(err, HP_USAGE, "%s: is the input, which is never modified; give --output another name",
                       o->output);
    return o->dry_run ? HP_OK : hp_out_probe(o->output, err);
}

static hp_code enrich(const hp_enrichment_options *o, hp_enrichment *e, hp_err *err) {
    const hp_enrich_options options = {.home = o->home,
                                       .input = o->input,
                                       .threshold = o->threshold,
                                       .gate = &e->gate,
                                       .max_requests = o->max_requests,
                                       .plan = o->plan,
                                       .plan_ctx = o->plan_ctx};
    if (!o->plan && check_paths(o, err) != HP_OK) return hp_err_in(err, "prepare");
    hp_run_progress(&e->run, "read", 0, 0);
    if ((o->entity ? make_entity(e, o->entity, err) : read_input(e, o->input, err)) != HP_OK)
        return hp_err_in(err, "read");
    hp_run_progress(&e->run, "enrich", 0, 0);
    if (hp_enrich(&e->run, e->profile, &options, e->sheet, e->nsheet, &e->result, err) != HP_OK)
        return hp_err_in(err, "enrich");
    e->code = e->skipped ? HP_PARTIAL : HP_OK;
    if (o->plan) return HP_OK;
    hp_run_progress(&e->run, "write", 0, 0);
    if (hp_enrichment_write(o, e, err) != HP_OK) return hp_err_in(err, "write");
    return HP_OK;
}

hp_code hp_enrichment_run(const hp_enrichment_options *o, hp_enrichment *out, hp_err *err) {
    uint64_t started = hp_clock_mono();
    hp_code code = begin(o, out, err);
    if (code == HP_OK) code = enrich(o, out, err);
    out->seconds = (double)(hp_clock_mono() - started) / 1e9;
    if (code != HP_OK) hp_enrichment_free(out);
    return code;
}

void hp_enrichment_free(hp_enrichment *e) {
    hp_run_close(&e->run);
    e->profile = NULL;
    e->sheet = NULL;
    e->output = NULL;
    e->nsheet = e->noutput = 0;
}
