#include "cli/dataset.h"

#include "cli/cellref.h"

#include "base/banned.h"

hp_code hp_dataset_open(hp_cli *c, const char *arg, hp_dataset *out, hp_err *err) {
    hp_dataset d = {0};
    hp_str rest;
    HP_TRY(hp_book_split(c->arena, arg, &d.path, &rest, err));
    if (hp_book_open(&c->run, d.path.p, &d.book, err) != HP_OK) return hp_err_in(err, "read");
    d.sheet = hp_book_sheets(d.book, &d.nsheet);
    hp_code code = hp_sheet_pick(d.sheet, d.nsheet, rest, d.path.p, &d.only, &d.area, err);
    hp_str name = hp_book_name(d.book);
    if (code == HP_OK)
        code = hp_run_add_file(&c->run, &(hp_source_file){.path = d.path, .name = name, .label = name},
                               &d.file, err);
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

hp_code hp_dataset_read(hp_cli *c, const hp_dataset *d, size_t sheet, hp_table **out, hp_err *err) {
    hp_run *run = &c->run;
    hp_table *raw;
    uint32_t id, header;
    if (sheet == SIZE_MAX || !d->sheet[sheet].readable)
        return hp_fail(err, HP_DATA, "%s: has no sheet of cells here (a chart, perhaps)", d->path.p);
    hp_format f = hp_book_format(d->book);
    hp_naming naming = f == HP_FORMAT_PARQUET || f == HP_FORMAT_NDJSON ? HP_NAMES_TOP : HP_NAMES_FIRST;
    HP_TRY(hp_run_add_sheet(run, d->file, d->sheet[sheet].name, d->sheet[sheet].state, &id, err));
    if (hp_book_read(run, d->book, sheet, id, &raw, err) != HP_OK) return hp_err_in(err, "read");
    return hp_shape_name(run->arena, run->pool, raw, d->area, naming, out, &header, err);
}
