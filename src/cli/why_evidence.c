/* Files that are not as a run wrote them: edited ones, and enriched ones, which carry evidence of their own.
 */
#include "base/file.h"
#include "cli/why.h"
#include "read/reader.h"
#include "refine/enrichment.h"
#include "table/shape.h"

#include "base/banned.h"

/* The file, opened and read as far as it is needed. */
typedef struct looked {
    hp_cli *c;
    hp_book *book;
    const hp_book_sheet *sheet;
    size_t nsheet;
    uint32_t file;
    hp_table *t; /* the sheet asked for, with its headers */
} looked;

static size_t find_sheet(const looked *l, hp_str name) {
    for (size_t i = 0; i < l->nsheet; i++)
        if (l->sheet[i].readable && hp_str_ieq(l->sheet[i].name, name)) return i;
    return l->nsheet == 1 && l->sheet[0].name.n == 0 ? 0 : SIZE_MAX;
}

static hp_code read_sheet(looked *l, size_t i, hp_table **out, hp_err *err) {
    uint32_t id, header;
    hp_table *raw;
    HP_TRY(hp_run_add_sheet(&l->c->run, l->file, l->sheet[i].name, 0, &id, err));
    HP_TRY(hp_book_read_raw(&l->c->run, l->book, i, id, &raw, err));
    return hp_shape_name(l->c->run.arena, l->c->run.pool, raw, hp_area_all(), HP_NAMES_TOP, out, &header,
                         err);
}

static size_t row_of_line(const hp_table *t, uint64_t line) {
    for (size_t i = 0; i < t->nrow; i++)
        if (t->origin[i].row == line) return i;
    return SIZE_MAX;
}

static hp_str text_at(const looked *l, const hp_table *t, size_t col, size_t row) {
    if (col == SIZE_MAX || row == SIZE_MAX) return (hp_str){"", 0};
    return hp_text(l->c->run.pool, t->col[col].v[row]);
}

/* ---- evidence: who writes something of the kind gets a line of SOURCE ---- */

/* Finds the lines of a sheet that speak of a cell, by the slug of its row or the number of its line. */
typedef hp_code evidence_fn(looked *l, const hp_table *t, hp_str slug, hp_why_asked *out, hp_err *err);

static hp_code add_line(looked *l, const hp_table *t, const char *sheet, size_t row, hp_why_asked *out,
                        hp_err *err) {
    hp_evidence *e = &out->evidence[out->nevidence++];
    e->source = hp_arena_printf(l->c->arena, "%s!%u", sheet, t->origin[row].row);
    e->name = HP_NEW_ARRAY(l->c->arena, t->ncol + 1, hp_str);
    e->value = HP_NEW_ARRAY(l->c->arena, t->ncol + 1, hp_str);
    if (!e->source.p || !e->name || !e->value) return hp_fail_memory(err, "the evidence");
    for (size_t i = 0; i < t->ncol; i++) {
        if (t->col[i].v[row] == HP_NULL) continue;
        e->name[e->n] = t->col[i].name;
        e->value[e->n++] = text_at(l, t, i, row);
    }
    return HP_OK;
}

/* The sheet Provenance of an enriched file: a line for each field that was filled or suggested. */
static hp_code enriched(looked *l, const hp_table *t, hp_str slug, hp_why_asked *out, hp_err *err) {
    size_t column = hp_table_find(t, HP_S("column")), key = hp_table_find(t, HP_S("organization_slug")),
           line = hp_table_find(t, HP_S("row"));
    out->evidence = HP_NEW_ARRAY(l->c->arena, t->nrow + 1, hp_evidence);
    if (!out->evidence) return hp_fail_memory(err, "the evidence");
    for (size_t i = 0; i < t->nrow; i++) {
        int64_t number;
        if (!hp_str_ieq(text_at(l, t, column, i), out->column->name)) continue;
        bool by_line = hp_str_i64(text_at(l, t, line, i), &number) && (uint64_t)number == out->line;
        hp_str its = text_at(l, t, key, i);
        if (its.n ? hp_str_eq(its, slug) : by_line) HP_TRY(add_line(l, t, "Provenance", i, out, err));
    }
    return HP_OK;
}

static const struct {
    const char *sheet;
    evidence_fn *find;
} SOURCE[] = {{"Provenance", enriched}};

/* A flat file has its provenance in a file beside it. */
static hp_code find_beside(looked *l, hp_str slug, hp_why_asked *out, hp_err *err) {
    looked other = {.c = l->c, .file = l->file};
    const char *path;
    hp_table *t;
    HP_TRY(hp_enrichment_beside(l->c->arena, out->path.p, SOURCE[0].sheet, &path, err));
    if (!hp_exists(path)) return HP_OK;
    HP_TRY(hp_book_open(&l->c->run, path, &other.book, err));
    other.sheet = hp_book_sheets(other.book, &other.nsheet);
    hp_code code = read_sheet(&other, 0, &t, err);
    if (code == HP_OK) code = SOURCE[0].find(&other, t, slug, out, err);
    hp_book_close(other.book);
    return code;
}

static hp_code find_evidence(looked *l, hp_str slug, hp_why_asked *out, hp_err *err) {
    if (l->nsheet == 1 && l->sheet[0].name.n == 0) return find_beside(l, slug, out, err);
    for (size_t i = 0; i < sizeof SOURCE / sizeof *SOURCE && l->nsheet > 1; i++) {
        size_t sheet = find_sheet(l, hp_str_of(SOURCE[i].sheet));
        hp_table *t;
        if (sheet == SIZE_MAX) continue;
        HP_TRY(read_sheet(l, sheet, &t, err));
        HP_TRY(SOURCE[i].find(l, t, slug, out, err));
    }
    return HP_OK;
}

/* ---- the row ---- */

/* Finds the run's row by the slug of the line, since rows may have been sorted or removed; or, when the slug
 * was given, the line by it. */
static hp_code find_row(looked *l, const hp_why_store *store, bool by_slug, hp_why_asked *out, hp_str *slug,
                        size_t *row, hp_err *err) {
    size_t key = hp_table_find(l->t, HP_S("organization_slug"));
    hp_why_row known;
    *slug = (hp_str){"", 0};
    *row = by_slug ? SIZE_MAX : row_of_line(l->t, out->line);
    if (by_slug) {
        HP_TRY(hp_store_row(store, out->row, &known, err));
        *slug = known.slug;
        for (size_t i = 0; i < l->t->nrow && *row == SIZE_MAX; i++)
            if (hp_str_eq(text_at(l, l->t, key, i), *slug)) *row = i;
        if (*row != SIZE_MAX) out->line = l->t->origin[*row].row;
        return HP_OK;
    }
    if (*row == SIZE_MAX)
        return hp_fail(err, HP_NOINPUT,
                       "%s: line %llu has no value now; the file was changed since it was written",
                       out->path.p, (unsigned long long)out->line);
    *slug = text_at(l, l->t, key, *row);
    if (!slug->n || out->of != HP_OF_DATA) return HP_OK;
    HP_TRY(hp_store_find_slug(store, *slug, &out->row, err));
    if (out->row != UINT64_MAX) return HP_OK;
    return hp_fail(
        err, HP_NOINPUT,
        "%s: was changed since it was written: its line %llu is of \"%.*s\", which the run did not write",
        out->path.p, (unsigned long long)out->line, HP_FMT(*slug));
}

static hp_code look(looked *l, const hp_why_store *store, hp_str sheet, hp_why_asked *out, hp_err *err) {
    hp_str slug;
    size_t row;
    size_t i = find_sheet(l, sheet);
    if (i == SIZE_MAX) i = l->nsheet == 1 ? 0 : SIZE_MAX;
    if (i == SIZE_MAX)
        return hp_fail(err, HP_NOINPUT, "%s: has no sheet %.*s any more", out->path.p, HP_FMT(sheet));
    HP_TRY(read_sheet(l, i, &l->t, err));
    HP_TRY(find_row(l, store, hp_args_text(&l->c->args, HP_O_ROW) != NULL, out, &slug, &row, err));
    hp_str name = store->of[out->of].col[out->col].name;
    size_t col = hp_table_find(l->t, name);
    if (out->state == HP_WHY_ANOTHER && (col == SIZE_MAX || !slug.n) && out->of == HP_OF_DATA)
        return hp_fail(
            err, HP_NOINPUT,
            "%s: is no output of the run that %s is about, nor a copy with its columns; name the run "
            "with --run",
            out->path.p, store->path);
    out->column = &store->of[out->of].col[out->col];
    out->looked = true;
    out->now = text_at(l, l->t, col, row);
    return find_evidence(l, slug, out, err);
}

hp_code hp_why_look(hp_cli *c, const hp_why_store *store, hp_str sheet, hp_why_asked *out, hp_err *err) {
    looked l = {.c = c};
    HP_TRY(hp_book_open(&c->run, out->path.p, &l.book, err));
    l.sheet = hp_book_sheets(l.book, &l.nsheet);
    hp_str name = hp_book_name(l.book);
    hp_source_file file = {.path = out->path, .name = name, .label = name};
    hp_code code = hp_run_add_file(&c->run, &file, &l.file, err);
    if (code == HP_OK) code = look(&l, store, sheet, out, err);
    hp_book_close(l.book);
    return code;
}
