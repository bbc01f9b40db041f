/* Loading: the sheets of the claimed files, read and mapped. */
#include <sys/stat.h>

#include "base/limits.h"
#include "base/mem.h"
#include "map/map.h"
#include "read/reader.h"
#include "refine/stages.h"

typedef HP_VEC(hp_mapped *) mapped_list;

/* What is needed while one file is loaded. */
typedef struct loader {
    hp_run *run;
    const hp_profile *p;
    const hp_claim *claim;
    hp_book *book;
    uint32_t file;
    mapped_list *list;
} loader;

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

static hp_code add_file(loader *l, hp_err *err) {
    const hp_profile_source *s = l->claim->source;
    hp_source_file file = {.path = l->claim->path,
                           .name = l->claim->name,
                           .label = s ? s->name : stem(l->claim->name),
                           .bytes = hp_book_bytes(l->book).n,
                           .priority = s ? s->priority : 0};
    hp_sha256_of(hp_book_bytes(l->book), &file.sha256);
    return hp_run_add_file(l->run, &file, &l->file, err);
}

static hp_code load_sheet(loader *l, size_t i, const hp_book_sheet *sheet, const hp_profile_sheet *decl,
                          hp_err *err) {
    uint32_t id;
    HP_TRY(hp_run_add_sheet(l->run, l->file, sheet->name, sheet->state, &id, err));
    hp_table *raw;
    if (hp_book_read(l->run, l->book, i, id, &raw, err) != HP_OK) return hp_err_in(err, "read");
    l->run->cells += raw->cells;
    if (l->run->cells > HP_LIMIT_CELLS)
        return hp_fail_limit(
            err, HP_L_CELLS,
            "%.*s!%.*s: with this sheet the inputs have more than %llu cells: split the input directory",
            HP_FMT(l->claim->name), HP_FMT(sheet->name), (unsigned long long)HP_LIMIT_CELLS);
    hp_mapped *mapped;
    if (hp_map_sheet(l->run, l->p, l->claim->source, decl, raw, id, &mapped, err) != HP_OK)
        return hp_err_in(err, "validate");
    if (mapped && !hp_vec_push(l->list, mapped)) return hp_fail_memory(err, "the list of sheets");
    return HP_OK;
}

static hp_code unclaimed(loader *l, const hp_book_sheet *sheet, hp_err *err) {
    uint32_t id;
    HP_TRY(hp_run_add_sheet(l->run, l->file, sheet->name, sheet->state, &id, err));
    return hp_find(l->run, HP_R_SHEET_UNCLAIMED, (hp_cell){.sheet = id, .col = HP_NO_COL}, HP_NULL, HP_NULL,
                   err);
}

static hp_code sheet_missing(loader *l, const hp_profile_sheet *decl, const hp_book_sheet *sheets, size_t n,
                             hp_err *err) {
    hp_str file = l->claim->name;
    if (!decl->required)
        return hp_findf(l->run, HP_R_SHEET_ABSENT, (hp_cell){.sheet = HP_NO_SHEET, .col = HP_NO_COL}, HP_NULL,
                        err, "%.*s!%.*s", HP_FMT(file), HP_FMT(decl->name));
    hp_autobuf found = hp_buf_new(8192);
    for (size_t i = 0; i < n && i < 12; i++)
        hp_buf_printf(&found, "%s%.*s", i ? ", " : "", HP_FMT(sheets[i].name));
    hp_fail(err, HP_DATA,
            "%.*s: required sheet \"%.*s\" is missing (found: %s); fix the workbook or the profile (%.*s:%d)",
            HP_FMT(file), HP_FMT(decl->name), hp_buf_cstr(&found), HP_FMT(l->p->path), decl->line);
    return hp_err_in(err, "validate");
}

/* Takes the sheets that the profile declares, in the profile's order, each for every sheet that its name (a
 * glob) matches. */
static hp_code load_declared(loader *l, const hp_book_sheet *sheets, size_t n, hp_err *err) {
    const hp_profile_source *s = l->claim->source;
    bool *taken = HP_NEW_ARRAY(l->run->arena, n + 1, bool);
    if (!taken) return hp_fail_memory(err, "the list of sheets");
    for (size_t d = 0; d < s->nsheet; d++) {
        bool found = false;
        for (size_t i = 0; i < n; i++) {
            if (taken[i] || !sheets[i].readable) continue;
            /* A csv file is one sheet without a name: any declaration means it. */
            if (sheets[i].name.n
                && !hp_glob_imatch(hp_str_trim(s->sheet[d].name), hp_str_trim(sheets[i].name)))
                continue;
            taken[i] = found = true;
            HP_TRY(load_sheet(l, i, &sheets[i], &s->sheet[d], err));
        }
        if (!found) HP_TRY(sheet_missing(l, &s->sheet[d], sheets, n, err));
    }
    for (size_t i = 0; i < n; i++)
        if (!taken[i]) HP_TRY(unclaimed(l, &sheets[i], err));
    return HP_OK;
}

static hp_code load_book(loader *l, hp_err *err) {
    HP_TRY(add_file(l, err));
    size_t n;
    const hp_book_sheet *sheets = hp_book_sheets(l->book, &n);
    if (l->claim->source && l->claim->source->nsheet) return load_declared(l, sheets, n, err);
    for (size_t i = 0; i < n; i++)
        HP_TRY(sheets[i].readable ? load_sheet(l, i, &sheets[i], NULL, err) : unclaimed(l, &sheets[i], err));
    return HP_OK;
}

/* What a file looked like when it was opened: reading a file while somebody writes it gives neither the old
 * nor the new one. */
static hp_code unchanged(const hp_claim *claim, const struct stat *before, hp_err *err) {
    struct stat after;
    if (stat(claim->path.p, &after) == 0 && after.st_size == before->st_size
        && after.st_mtim.tv_sec == before->st_mtim.tv_sec && after.st_mtim.tv_nsec == before->st_mtim.tv_nsec)
        return HP_OK;
    return hp_fail(err, HP_IO, "%.*s: was changed while it was read; run again when nobody writes it",
                   HP_FMT(claim->name));
}

static hp_code load_files(hp_run *run, const hp_profile *p, const hp_claim *claims, size_t n,
                          mapped_list *list, hp_err *err) {
    for (size_t i = 0; i < n; i++) {
        hp_run_progress(run, "read", i, n);
        loader l = {.run = run, .p = p, .claim = &claims[i], .list = list};
        struct stat before = {0};
        bool known = stat(claims[i].path.p, &before) == 0; /* if not, opening says why */
        HP_TRY(hp_book_open(run, claims[i].path.p, &l.book, err));
        hp_code code = load_book(&l, err);
        if (code == HP_OK && known) code = unchanged(&claims[i], &before, err);
        hp_book_close(l.book);
        HP_TRY(code);
    }
    return HP_OK;
}

/* Nothing can be used: names the first sheets, and what was found wrong with each. */
static hp_code fail_unusable(const hp_run *run, const hp_profile *p, size_t nfiles, hp_err *err) {
    hp_autobuf found = hp_buf_new(1 << 20);
    size_t told = 0;
    for (size_t i = 0; i < run->issues.list.n && told < 4; i++) {
        const hp_issue *issue = &run->issues.list.p[i];
        bool about = issue->rule == HP_R_SHEET_EMPTY || issue->rule == HP_R_SHEET_UNMAPPABLE
                     || issue->rule == HP_R_SHEET_UNCLAIMED;
        if (!about) continue;
        hp_buf_puts(&found, told++ ? ", " : " (");
        hp_address(&run->sources, issue->at, &found);
        hp_buf_printf(&found, ": %s", hp_rule_get((hp_rule)issue->rule)->name);
    }
    if (told) hp_buf_puts(&found, ")");
    return hp_fail(
        err, HP_DATA,
        "no sheet of the %zu input file(s) could be used%s: none names an organisation or a person; see `hotpass map` for "
        "what was found, and declare the sheets in %.*s",
        nfiles, hp_buf_cstr(&found), HP_FMT(p->path));
}

hp_code hp_load(hp_run *run, const hp_profile *p, const hp_claim *claims, size_t n, hp_mapped ***sheets,
                size_t *nsheets, hp_err *err) {
    mapped_list list = {0};
    hp_code code = load_files(run, p, claims, n, &list, err);
    if (code == HP_OK && list.n == 0) code = fail_unusable(run, p, n, err);
    if (code == HP_OK) {
        *sheets = HP_NEW_ARRAY(run->arena, list.n, hp_mapped *);
        *nsheets = list.n;
        if (!*sheets)
            code = hp_fail_memory(err, "the list of sheets");
        else
            memcpy(*sheets, list.p, list.n * sizeof *list.p);
    }
    hp_vec_free(&list);
    return code;
}
