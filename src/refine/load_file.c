/* One file: opened, its sheets read (beside other files, or by itself), then taken into the run in its turn.
 */
#include "refine/load.h"

#include "base/limits.h"
#include "base/mem.h"
#include "map/map.h"

#include "base/banned.h"

/* The label of a file that no source names is its name without the suffix. */
static hp_str stem(hp_str name) {
    name = hp_name_unpacked(name);
    size_t dot = name.n;
    for (size_t i = name.n; i > 1; i--)
        if (name.p[i - 1] == '.') {
            dot = i - 1;
            break;
        }
    return hp_str_cut(name, 0, dot);
}

/* ---- what is to be done ---- */

static hp_code plan(hp_loaded_file *f, hp_load_step step, hp_err *err) {
    return hp_vec_push(&f->step, step) ? HP_OK : hp_fail_memory(err, "the list of sheets");
}

/* Takes the sheets that the profile declares, in the profile's order, each for every sheet that its name (a
 * glob) matches. */
static hp_code plan_declared(hp_loaded_file *f, const hp_book_sheet *sheets, size_t n, hp_err *err) {
    const hp_profile_source *s = f->claim->source;
    hp_autofree bool *taken = hp_calloc(n + 1, sizeof *taken);
    if (!taken) return hp_fail_memory(err, "the list of sheets");
    for (size_t d = 0; d < s->nsheet; d++) {
        const hp_profile_sheet *decl = &s->sheet[d];
        bool found = false;
        for (size_t i = 0; i < n; i++) {
            if (taken[i] || !sheets[i].readable) continue;
            /* A csv file is one sheet without a name: any declaration means it. */
            if (sheets[i].name.n && !hp_glob_imatch(hp_str_trim(decl->name), hp_str_trim(sheets[i].name)))
                continue;
            taken[i] = found = true;
            HP_TRY(plan(f, (hp_load_step){.what = HP_LOAD_SHEET, .sheet = i, .decl = decl}, err));
        }
        if (!found) HP_TRY(plan(f, (hp_load_step){.what = HP_LOAD_MISSING, .decl = decl}, err));
    }
    for (size_t i = 0; i < n; i++)
        if (!taken[i]) HP_TRY(plan(f, (hp_load_step){.what = HP_LOAD_UNCLAIMED, .sheet = i}, err));
    return HP_OK;
}

static hp_code plan_sheets(hp_loaded_file *f, hp_err *err) {
    size_t n;
    const hp_book_sheet *sheets = hp_book_sheets(f->book, &n);
    if (f->claim->source && f->claim->source->nsheet) return plan_declared(f, sheets, n, err);
    for (size_t i = 0; i < n; i++) {
        hp_load_step step = {.what = sheets[i].readable ? HP_LOAD_SHEET : HP_LOAD_UNCLAIMED, .sheet = i};
        HP_TRY(plan(f, step, err));
    }
    return HP_OK;
}

hp_code hp_file_open(hp_loaded_file *f, hp_run *run, hp_err *err) {
    f->known = stat(f->claim->path.p, &f->before) == 0; /* if not, opening says why */
    HP_TRY(hp_book_open(run, f->claim->path.p, &f->book, err));
    hp_sha256_of(hp_book_bytes(f->book), &f->sha256);
    if (run->explain) hp_xxh3_of(hp_book_bytes(f->book), &f->quick);
    return plan_sheets(f, err);
}

void hp_file_close(hp_loaded_file *f) {
    hp_book_close(f->book);
    hp_vec_free(&f->step);
    f->apart.arena = NULL; /* somebody else's */
    hp_run_close(&f->apart);
    *f = (hp_loaded_file){0};
}

/* ---- reading ---- */

/* Reading a file while somebody writes it gives neither the old nor the new one. */
static hp_code unchanged(const hp_loaded_file *f, hp_err *err) {
    struct stat after;
    if (!f->known
        || (stat(f->claim->path.p, &after) == 0 && after.st_size == f->before.st_size
            && after.st_mtim.tv_sec == f->before.st_mtim.tv_sec
            && after.st_mtim.tv_nsec == f->before.st_mtim.tv_nsec))
        return HP_OK;
    return hp_fail(err, HP_IO, "%.*s: was changed while it was read; run again when nobody writes it",
                   HP_FMT(f->claim->name));
}

hp_code hp_file_read_apart(hp_loaded_file *f, const hp_run *run, hp_arena *arena, hp_err *err) {
    f->apart = (hp_run){.arena = arena, .pool = hp_pool_new(), .reading = run->reading};
    if (!f->apart.pool) return hp_fail_memory(err, "a workbook");
    for (size_t i = 0; i < f->step.n; i++) {
        hp_load_step *step = &f->step.p[i];
        step->first_issue = f->apart.issues.list.n;
        if (step->what == HP_LOAD_SHEET)
            HP_TRY(hp_book_read(&f->apart, f->book, step->sheet, (uint32_t)i, &step->raw, err));
        step->end_issue = f->apart.issues.list.n;
    }
    return unchanged(f, err);
}

/* ---- taking ---- */

/* What taking a file needs. */
typedef struct taker {
    hp_loaded_file *f;
    hp_run *run;
    uint32_t file;     /* its number in the run */
    const hp_vid *map; /* values of the run for those it was read with; NULL when it is read only now */
    hp_mapped_list *list;
} taker;

static hp_code add_file(taker *t, hp_err *err) {
    const hp_claim *claim = t->f->claim;
    const hp_profile_source *s = claim->source;
    hp_source_file file = {.path = claim->path,
                           .name = claim->name,
                           .label = s ? s->name : stem(claim->name),
                           .bytes = hp_book_bytes(t->f->book).n,
                           .sha256 = t->f->sha256,
                           .quick = t->f->quick,
                           .priority = s ? s->priority : 0};
    return hp_run_add_file(t->run, &file, &t->file, err);
}

static hp_code add_sheet(taker *t, const hp_load_step *step, uint32_t *id, hp_err *err) {
    size_t n;
    const hp_book_sheet *sheet = hp_book_sheets(t->f->book, &n) + step->sheet;
    HP_TRY(hp_run_add_sheet(t->run, t->file, sheet->name, sheet->state, id, err));
    t->run->sources.sheet.p[*id].index = (uint32_t)step->sheet;
    return HP_OK;
}

/* Takes a sheet that was read apart over, with its findings. */
static hp_code take_over(taker *t, const hp_load_step *step, uint32_t id, hp_err *err) {
    hp_table_remap(step->raw, t->map, id);
    for (size_t i = step->first_issue; i < step->end_issue; i++) {
        hp_issue issue = t->f->apart.issues.list.p[i];
        if (issue.at.sheet != HP_NO_SHEET) issue.at.sheet = id;
        HP_TRY(hp_find(t->run, (hp_rule)issue.rule, issue.at, t->map[issue.value], t->map[issue.note], err));
    }
    return HP_OK;
}

static hp_code take_sheet(taker *t, const hp_load_step *step, hp_err *err) {
    const hp_claim *claim = t->f->claim;
    hp_run *run = t->run;
    uint32_t id;
    HP_TRY(add_sheet(t, step, &id, err));
    hp_table *raw = step->raw;
    HP_TRY(t->map ? take_over(t, step, id, err) : hp_book_read(run, t->f->book, step->sheet, id, &raw, err));
    run->cells += raw->cells;
    if (run->cells > HP_LIMIT_CELLS)
        return hp_fail_limit(
            err, HP_L_CELLS,
            "%.*s!%.*s: with this sheet the inputs have more than %llu cells: split the input directory",
            HP_FMT(claim->name), HP_FMT(run->sources.sheet.p[id].name), (unsigned long long)HP_LIMIT_CELLS);
    hp_mapped *mapped;
    if (hp_map_sheet(run, t->f->p, claim->source, step->decl, raw, id, &mapped, err) != HP_OK)
        return hp_err_in(err, "validate");
    if (mapped && !hp_vec_push(t->list, mapped)) return hp_fail_memory(err, "the list of sheets");
    return HP_OK;
}

static hp_code take_unclaimed(taker *t, const hp_load_step *step, hp_err *err) {
    uint32_t id;
    HP_TRY(add_sheet(t, step, &id, err));
    return hp_find(t->run, HP_R_SHEET_UNCLAIMED, (hp_cell){.sheet = id, .col = HP_NO_COL}, HP_NULL, HP_NULL,
                   err);
}

static hp_code take_missing(taker *t, const hp_profile_sheet *decl, hp_err *err) {
    hp_str file = t->f->claim->name;
    if (!decl->required)
        return hp_findf(t->run, HP_R_SHEET_ABSENT, (hp_cell){.sheet = HP_NO_SHEET, .col = HP_NO_COL}, HP_NULL,
                        err, "%.*s!%.*s", HP_FMT(file), HP_FMT(decl->name));
    size_t n;
    const hp_book_sheet *sheets = hp_book_sheets(t->f->book, &n);
    hp_autobuf found = hp_buf_new(8192);
    for (size_t i = 0; i < n && i < 12; i++)
        hp_buf_printf(&found, "%s%.*s", i ? ", " : "", HP_FMT(sheets[i].name));
    hp_fail(err, HP_DATA,
            "%.*s: required sheet \"%.*s\" is missing (found: %s); fix the workbook or the profile (%.*s:%d)",
            HP_FMT(file), HP_FMT(decl->name), hp_buf_cstr(&found), HP_FMT(t->f->p->path), decl->line);
    return hp_err_in(err, "validate");
}

static hp_code take_step(taker *t, const hp_load_step *step, hp_err *err) {
    switch (step->what) {
    case HP_LOAD_UNCLAIMED: return take_unclaimed(t, step, err);
    case HP_LOAD_MISSING: return take_missing(t, step->decl, err);
    default: return take_sheet(t, step, err);
    }
}

hp_code hp_file_take(hp_loaded_file *f, hp_run *run, hp_mapped_list *list, hp_err *err) {
    taker t = {.f = f, .run = run, .list = list};
    hp_autofree hp_vid *map = NULL;
    if (f->apart.pool) {
        map = hp_malloc(((size_t)hp_pool_count(f->apart.pool) + 1) * sizeof *map);
        if (!map) return hp_fail_memory(err, "a workbook");
        HP_TRY(hp_pool_merge(run->pool, f->apart.pool, map, err));
        t.map = map;
    }
    HP_TRY(add_file(&t, err));
    for (size_t i = 0; i < f->step.n; i++) HP_TRY(take_step(&t, &f->step.p[i], err));
    return t.map ? HP_OK : unchanged(f, err);
}
