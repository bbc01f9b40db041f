#include "base/doc.h"
#include "base/limits.h"
#include "cli/cellref.h"
#include "cli/why.h"
#include "write/write.h"

#include "base/banned.h"

static const char *const SHEET[HP_OF_COUNT] = {"Data", "Contacts", "Quarantine"};

/* What the words ask for, before anything is looked at. */
typedef struct words {
    hp_str sheet, cell; /* cell: "F17"; empty with --row and --column */
    uint64_t extra;     /* rows on sheets before this one: "Data (2)" */
    bool given;         /* a sheet was named */
} words;

/* ---- the address ---- */

static hp_str directory_of(hp_str path) {
    hp_str base = hp_path_base(path);
    hp_str dir = hp_str_cut(path, 0, path.n - base.n);
    return dir.n ? dir : HP_S(".");
}

/* Takes the quotes off 'My Sheet'. */
static hp_str unquote(hp_str s) {
    return s.n >= 2 && s.p[0] == '\'' && s.p[s.n - 1] == '\'' ? hp_str_cut(s, 1, s.n - 1) : s;
}

/* Takes the number off "Data (2)", the sheet on which a long table goes on. */
static void take_number(words *w) {
    size_t open = hp_str_find(w->sheet, HP_S(" ("), 0);
    int64_t n;
    if (open == SIZE_MAX || w->sheet.p[w->sheet.n - 1] != ')') return;
    if (!hp_str_i64(hp_str_cut(w->sheet, open + 2, w->sheet.n - 1), &n) || n < 2 || n > 10000) return;
    w->sheet = hp_str_cut(w->sheet, 0, open);
    w->extra = (uint64_t)(n - 1) * (HP_LIMIT_SHEET_ROWS - 1);
}

static words split(hp_str rest) {
    words w = {.cell = {"", 0}, .sheet = {"", 0}};
    size_t bang = SIZE_MAX;
    for (size_t i = 0; i < rest.n; i++)
        if (rest.p[i] == '!') bang = i;
    hp_area area;
    if (bang != SIZE_MAX) {
        w.sheet = hp_str_cut(rest, 0, bang);
        w.cell = hp_str_cut(rest, bang + 1, rest.n);
    } else if (hp_area_parse(rest, &area)) {
        w.cell = rest;
    } else {
        w.sheet = rest;
    }
    w.sheet = unquote(w.sheet);
    w.given = w.sheet.n > 0;
    take_number(&w);
    return w;
}

/* Names the table that a file beside a csv, ndjson or parquet output holds: "out.contacts.csv". */
static hp_str table_of_name(hp_arena *a, hp_str path, hp_str *table) {
    static const char *const SIDE[] = {"Contacts", "Quarantine", "Findings", "Summary"};
    hp_str base = hp_path_base(path);
    size_t dot = base.n;
    while (dot > 0 && base.p[dot - 1] != '.') dot--;
    size_t stem = dot ? dot - 1 : base.n, from = stem;
    while (from > 0 && base.p[from - 1] != '.') from--;
    *table = HP_S("Data");
    for (size_t i = 0; from && i < sizeof SIDE / sizeof *SIDE; i++) {
        if (!hp_str_ieq(hp_str_cut(base, from, stem), hp_str_of(SIDE[i]))) continue;
        *table = hp_str_of(SIDE[i]);
        return hp_arena_printf(a, "%.*s%.*s", HP_FMT(hp_str_cut(base, 0, from - 1)),
                               HP_FMT(hp_str_cut(base, stem, base.n)));
    }
    return base;
}

/* ---- the sheet, the row, the column ---- */

static hp_code find_table(hp_cli *c, words *w, hp_why_asked *out, hp_err *err) {
    bool book = hp_form_of(out->path.p) == HP_FORM_XLSX || hp_form_of(out->path.p) == HP_FORM_NONE;
    if (!w->given) w->sheet = HP_S("Data");
    if (!book && !w->given && !table_of_name(c->arena, out->path, &w->sheet).p)
        return hp_fail_memory(err, "the name of an output");
    for (int i = 0; i < HP_OF_COUNT; i++) {
        if (!hp_str_ieq(w->sheet, hp_str_of(SHEET[i]))) continue;
        out->of = (hp_stored_table)i;
        out->sheet = SHEET[i];
        return HP_OK;
    }
    if (hp_str_ieq(w->sheet, HP_S("Findings")))
        return hp_fail(
            err, HP_USAGE,
            "%s: the sheet Findings explains itself: a line names the rule, the source file and its cells; "
            "ask about a cell of Data, Contacts or Quarantine",
            out->path.p);
    if (hp_str_ieq(w->sheet, HP_S("Summary")))
        return hp_fail(
            err, HP_USAGE,
            "%s: the sheet Summary explains itself: its lines count what run.json records; ask about a "
            "cell of Data, Contacts or Quarantine",
            out->path.p);
    return hp_fail(
        err, HP_USAGE,
        "%s: \"%.*s\" is no sheet that hotpass refine writes; ask about a cell of Data, Contacts or "
        "Quarantine, as in OUT.xlsx!Data!F17",
        out->path.p, HP_FMT(w->sheet));
}

static hp_code find_column(const hp_why_store *s, const char *name, hp_why_asked *out, hp_err *err) {
    const hp_stored_columns *of = &s->of[out->of];
    const char *names[128];
    size_t n = 0;
    for (size_t i = 0; i < of->n && n < sizeof names / sizeof *names; i++) names[n++] = of->col[i].name.p;
    for (out->col = 0; out->col < of->n; out->col++)
        if (hp_str_ieq(of->col[out->col].name, hp_str_of(name))) return HP_OK;
    uint32_t letters;
    if (hp_col_parse(hp_str_of(name), &letters) && letters < of->n) {
        out->col = letters;
        return HP_OK;
    }
    const char *near = hp_nearest(hp_str_of(name), names, n);
    return hp_fail(err, HP_USAGE, "%s: %s has no column \"%s\"%s%s%s", out->path.p, out->sheet, name,
                   near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static hp_code find_slug(hp_cli *c, const hp_why_store *s, const char *slug, hp_why_asked *out, hp_err *err) {
    const char *column = hp_args_text(&c->args, HP_O_COLUMN);
    if (out->of != HP_OF_DATA)
        return hp_fail(err, HP_USAGE,
                       "--row takes the slug of a row of Data; name cells of %s by their address, as in "
                       "OUT.xlsx!%s!C5",
                       out->sheet, out->sheet);
    if (!column)
        return hp_fail(err, HP_USAGE,
                       "--row names a row; name its column, too: --column contact_primary_email");
    HP_TRY(hp_store_find_slug(s, hp_str_of(slug), &out->row, err));
    if (out->row == UINT64_MAX)
        return hp_fail(
            err, HP_NOINPUT,
            "%s: no row of Data has the organization_slug \"%s\"; --row takes it as that column has it",
            out->path.p, slug);
    out->line = out->row + 2;
    return find_column(s, column, out, err);
}

static hp_code find_cell(const hp_cli *c, const hp_why_store *s, const words *w, hp_why_asked *out,
                         hp_err *err) {
    hp_area area;
    uint64_t last = s->rows[out->of] + 1;
    if (w->cell.n == 0)
        return hp_fail(err, HP_USAGE,
                       "name one cell: %s!%s!F17, or --row SLUG --column contact_primary_email", out->path.p,
                       out->sheet);
    bool is_area = hp_area_parse(w->cell, &area);
    bool one = is_area && area.row_from == area.row_to && area.col_from == area.col_to;
    if (!is_area || (!one && !c->json))
        return hp_fail(err, HP_USAGE, "\"%.*s\" is not one cell; write F17, or with --json also A2:F17",
                       HP_FMT(w->cell));
    if (!one && area.row_from == 1) area.row_from = 2; /* the header */
    if (area.row_to > last && area.row_from <= last) area.row_to = (uint32_t)last;
    if (area.col_to >= s->of[out->of].n && !one) area.col_to = (uint32_t)s->of[out->of].n - 1;
    out->area = area;
    out->col = area.col_from;
    out->line = area.row_from;
    if (out->col >= s->of[out->of].n) {
        char letters[8];
        hp_col_letters((uint32_t)s->of[out->of].n - 1, letters);
        return hp_fail(err, HP_NOINPUT, "%.*s lies outside of %s, whose last column is %s", HP_FMT(w->cell),
                       out->sheet, letters);
    }
    if (out->line == 1) {
        const hp_stored_column *col = &s->of[out->of].col[out->col];
        return hp_fail(err, HP_USAGE,
                       "%.*s is the header %.*s (%.*s); ask about a cell below it, as in %s!%s",
                       HP_FMT(w->cell), HP_FMT(col->name), HP_FMT(col->text), out->path.p, out->sheet);
    }
    out->row = w->extra + out->line - 2;
    return HP_OK;
}

static hp_code within(const hp_why_store *s, const hp_why_asked *out, hp_err *err) {
    if (out->row < s->rows[out->of]) return HP_OK;
    return hp_fail(err, HP_NOINPUT, "row %llu lies outside of %s, whose last one is %llu",
                   (unsigned long long)out->line, out->sheet, (unsigned long long)s->rows[out->of] + 1);
}

/* ---- the store and the run ---- */

/* Returns run.json's path, given or beside the output. */
static hp_str run_path(hp_cli *c, const hp_why_asked *out) {
    const char *given = hp_args_text(&c->args, HP_O_RUN);
    if (!given) return hp_path_join(c->arena, directory_of(out->path), HP_S("run.json"));
    return hp_is_dir(given) ? hp_path_join(c->arena, hp_str_of(given), HP_S("run.json"))
                            : hp_arena_dup(c->arena, hp_str_of(given));
}

static hp_str member(const hp_node *n, const char *key) {
    hp_str s;
    return hp_node_text(hp_node_get(n, key), &s) ? s : (hp_str){"", 0};
}

/* Holds the store against run.json, the last file of a run: a store that is listed there with another digest
 * of the output, or not at all, is of another run. */
static hp_code check_run(hp_cli *c, const hp_why_store *s, hp_str path, hp_why_asked *out, hp_err *err) {
    hp_node *root;
    if (!hp_exists(path.p)) return HP_OK;
    HP_TRY(hp_doc_read(c->arena, path.p, &root, err));
    out->started_at = member(root, "started_at");
    out->run_version = member(root, "version");
    const hp_node *list = hp_node_get(root, "outputs");
    bool has_store = false, same = false;
    for (size_t i = 0; list && i < list->n; i++) {
        has_store |= hp_str_eq(member(list->item[i], "kind"), HP_S("provenance"));
        same |= hp_str_eq(member(list->item[i], "sha256"), out->output.sha256);
    }
    if (has_store && (same || !out->output.path.n)) return HP_OK;
    return hp_fail(
        err, HP_NOINPUT,
        "%s: is of another run than %s, which %s; run hotpass refine again, without --no-provenance", s->path,
        path.p, has_store ? "wrote other outputs" : "left no provenance store");
}

/* Tells how the file stands to the run's; by its name first, or else by its bytes: a copy. */
static hp_code identify(hp_cli *c, const hp_why_store *s, hp_why_asked *out, hp_err *err) {
    hp_str table;
    hp_str name = table_of_name(c->arena, out->path, &table);
    if (!name.p) return hp_fail_memory(err, "the name of an output");
    bool there = hp_exists(out->path.p);
    hp_xxh3 now = {0};
    if (there) HP_TRY(hp_xxh3_file(out->path.p, &now, err));
    HP_TRY(hp_store_output(s, out->path, &out->output, err));
    out->state = !there                                             ? HP_WHY_GONE
                 : !out->output.path.n                              ? HP_WHY_ANOTHER
                 : hp_str_eq(out->output.quick, hp_str_of(now.hex)) ? HP_WHY_AS_WRITTEN
                                                                    : HP_WHY_EDITED;
    if (out->state == HP_WHY_ANOTHER) {
        HP_TRY(hp_store_output_of(s, hp_str_of(now.hex), &out->output, err));
        if (out->output.path.n) out->state = HP_WHY_AS_WRITTEN;
    }
    if (out->state == HP_WHY_GONE && !out->output.path.n)
        return hp_fail(err, HP_NOINPUT, "%s: does not exist, and is no output of the run that %s is about",
                       out->path.p, s->path);
    return HP_OK;
}

static hp_code open_run(hp_cli *c, hp_why_store *s, hp_why_asked *out, hp_err *err) {
    hp_str run = run_path(c, out), store;
    if (run.p) store = hp_path_join(c->arena, directory_of(run), HP_S(HP_STORE_NAME));
    if (!run.p || !store.p) return hp_fail_memory(err, "the path of the run");
    HP_TRY(hp_store_open(c->arena, store.p, s, err));
    HP_TRY(identify(c, s, out, err));
    return check_run(c, s, run, out, err);
}

hp_code hp_why_ask(hp_cli *c, hp_why_store *store, hp_why_asked *out, hp_err *err) {
    hp_str rest;
    const char *slug = hp_args_text(&c->args, HP_O_ROW);
    *out = (hp_why_asked){.started_at = {"", 0}, .run_version = {"", 0}, .now = {"", 0}};
    HP_TRY(hp_book_split(c->arena, c->args.word[0], &out->path, &rest, err));
    words w = split(rest);
    HP_TRY(find_table(c, &w, out, err));
    HP_TRY(open_run(c, store, out, err));
    if (slug && w.cell.n)
        return hp_fail(err, HP_USAGE, "name the cell once: by its address, or by --row and --column");
    HP_TRY(slug ? find_slug(c, store, slug, out, err) : find_cell(c, store, &w, out, err));
    if (slug)
        out->area =
            (hp_area){(uint32_t)out->line, (uint32_t)out->line, (uint32_t)out->col, (uint32_t)out->col};
    out->extra = w.extra;
    out->file = HP_NEW_ARRAY(c->arena, store->nfile + 1, hp_why_state);
    if (!out->file) return hp_fail_memory(err, "the answer");
    bool other = out->state == HP_WHY_EDITED || out->state == HP_WHY_ANOTHER;
    if (other && (out->area.row_from != out->area.row_to || out->area.col_from != out->area.col_to))
        return hp_fail(err, HP_USAGE, "%s: was changed since it was written; ask about one cell at a time",
                       out->path.p);
    if (other) HP_TRY(hp_why_look(c, store, w.sheet, out, err));
    HP_TRY(within(store, out, err));
    out->column = &store->of[out->of].col[out->col];
    return HP_OK;
}

bool hp_why_next(const hp_why_store *store, hp_why_asked *a) {
    if (a->col < a->area.col_to) {
        a->col++;
    } else if (a->line < a->area.row_to) {
        a->line++;
        a->row = a->extra + a->line - 2;
        a->col = a->area.col_from;
    } else {
        return false;
    }
    a->column = &store->of[a->of].col[a->col];
    return true;
}
