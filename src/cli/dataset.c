#include "cli/dataset.h"

#include "cli/cellref.h"
#include "cli/personal.h"
#include "map/map.h"

#include "base/banned.h"

/* Longer texts are no names of columns. */
enum { NAME_BYTES = 60 };

hp_code hp_dataset_open(hp_cli *c, const char *arg, hp_dataset *out, hp_err *err) {
    hp_dataset d = {0};
    hp_str rest;
    HP_TRY(hp_book_split(c->arena, arg, &d.path, &rest, err));
    if (hp_book_open(&c->run, d.path.p, &d.book, err) != HP_OK) return hp_err_in(err, "read");
    d.sheet = hp_book_sheets(d.book, &d.nsheet);
    hp_code code = hp_sheet_pick(d.sheet, d.nsheet, rest, d.path.p, &d.only, &d.area, err);
    hp_str label = hp_book_name(d.book);
    hp_area all = hp_area_all();
    d.partial = d.area.row_from != all.row_from || d.area.row_to != all.row_to
                || d.area.col_from != all.col_from || d.area.col_to != all.col_to;
    hp_source_file file = {.path = d.path, .name = label, .label = label};
    /* Whoever makes a copy wants to know that it is of what was read. */
    if (c->args.opt[HP_O_CHECK_ANNOTATE].n) hp_sha256_of(hp_book_bytes(d.book), &file.sha256);
    if (code == HP_OK) code = hp_run_add_file(&c->run, &file, &d.file, err);
    if (code == HP_OK)
        *out = d;
    else
        hp_book_close(d.book);
    return code;
}

void hp_dataset_close(hp_dataset *d) { hp_book_close(d->book); }

size_t hp_dataset_first(const hp_dataset *d) {
    if (d->only != SIZE_MAX) return d->only;
    for (size_t i = 0; i < d->nsheet; i++)
        if (d->sheet[i].readable && d->sheet[i].state == 0) return i;
    for (size_t i = 0; i < d->nsheet; i++)
        if (d->sheet[i].readable) return i;
    return SIZE_MAX;
}

static hp_code read_raw(hp_cli *c, const hp_dataset *d, size_t sheet, hp_table **out, hp_err *err) {
    uint32_t id;
    if (sheet == SIZE_MAX || !d->sheet[sheet].readable)
        return hp_fail(err, HP_DATA, "%s: has no sheet of cells here (a chart, perhaps)", d->path.p);
    HP_TRY(hp_run_add_sheet(&c->run, d->file, d->sheet[sheet].name, d->sheet[sheet].state, &id, err));
    c->run.sources.sheet.p[id].index = (uint32_t)sheet;
    return hp_book_read(&c->run, d->book, sheet, id, out, err) == HP_OK ? HP_OK : hp_err_in(err, "read");
}

static hp_code name(hp_cli *c, const hp_table *raw, hp_area area, hp_table **out, hp_err *err) {
    uint32_t header;
    hp_naming naming = raw->named ? HP_NAMES_TOP : HP_NAMES_FIRST;
    return hp_shape_name(c->run.arena, c->run.pool, raw, area, naming, out, &header, err);
}

hp_code hp_dataset_read(hp_cli *c, const hp_dataset *d, size_t sheet, hp_table **out, hp_err *err) {
    hp_table *raw;
    HP_TRY(read_raw(c, d, sheet, &raw, err));
    return name(c, raw, d->area, out, err);
}

/* Tells whether a text may be the name of a column, and is no value: somebody's name, an address, a number.
 */
static bool may_be_name(const hp_cli *c, const hp_column *col, size_t row) {
    double share;
    hp_str s = hp_text(c->run.pool, col->v[row]);
    if (hp_cell_type(col, row) != HP_T_TEXT || s.n > NAME_BYTES) return false;
    switch (hp_infer_kind(&c->run, col, row, row + 1, &share)) {
    case HP_K_TEXT:
    case HP_K_STATUS:
    case HP_K_COUNTRY:
    case HP_K_PROVINCE: return !hp_str_f64(s, &share);
    default: return hp_header_known(s);
    }
}

/* The finder wants several columns and some rows to compare with. Where it finds nothing, the first row
 * counts if everything in it may be a name. */
static size_t find_header(const hp_cli *c, const hp_table *raw) {
    size_t at = hp_find_header(&c->run, hp_plain_profile(), raw);
    if (at != SIZE_MAX) return at;
    for (size_t i = 0; i < raw->ncol; i++)
        if (raw->col[i].v[0] != HP_NULL && !may_be_name(c, &raw->col[i], 0)) return SIZE_MAX;
    return 0;
}

hp_code hp_dataset_read_found(hp_cli *c, const hp_dataset *d, size_t sheet, hp_table **out, hp_err *err) {
    hp_table *raw;
    hp_area area = d->area;
    HP_TRY(read_raw(c, d, sheet, &raw, err));
    if (!d->partial && !raw->named && raw->nrow) {
        size_t at = find_header(c, raw);
        if (at == SIZE_MAX)
            return hp_fail(
                err, HP_DATA,
                "%s%s%.*s: no row looks like names of columns; say where they stand: %s%s%.*s!A1:F20",
                d->path.p, d->sheet[sheet].name.n ? "!" : "", HP_FMT(d->sheet[sheet].name), d->path.p,
                d->sheet[sheet].name.n ? "!" : "", HP_FMT(d->sheet[sheet].name));
        area.row_from = raw->origin[at].row;
    }
    return name(c, raw, area, out, err);
}
