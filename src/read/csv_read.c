#include "base/mem.h"
#include "read/book.h"
#include "read/csv.h"
#include "read/encoding.h"
#include "read/grid.h"

#include "base/banned.h"

/* What reading one csv file needs. */
typedef struct csv_reader {
    hp_run *run;
    hp_str file;
    hp_csv csv;
    hp_grid grid;
    hp_texts texts;
    uint32_t sheet, row; /* row: the record's number, 1-based */
    uint32_t header;     /* fields of the first record that has more than one; 0 before that */
    uint32_t fields;     /* fields of this record so far */
    uint32_t filled;     /* up to its last field with a value */
    bool raw;
    hp_err *err;
} csv_reader;

static hp_code put(csv_reader *r, hp_str text) {
    if (text.n == 0) return HP_OK;
    if (r->fields >= HP_LIMIT_SHEET_COLS) {
        return hp_fail(r->err, HP_DATA,
                       "%.*s: record %u has more than %u fields; check the delimiter and the quotes",
                       HP_FMT(r->file), r->row, HP_LIMIT_SHEET_COLS);
    }
    hp_vid id;
    bool repaired = false;
    HP_TRY(hp_texts_intern(&r->texts, text, &id, &repaired, r->err));
    if (repaired && !r->raw) {
        HP_TRY(hp_find(r->run, HP_R_ENCODING_REPAIRED, (hp_cell){r->sheet, r->row, r->fields}, id, HP_NULL,
                       r->err));
    }
    r->filled = r->fields + 1;
    hp_code code = hp_grid_put(&r->grid, r->fields, id, HP_T_TEXT, id, r->err);
    if (code != HP_DATA) return code;
    return hp_fail(r->err, HP_DATA, "%.*s: %s", HP_FMT(r->file), r->err ? r->err->message : "");
}

/* Compares the record that ended with the header. Empty fields beyond it, which some programs write, are no
 * loss and no finding. */
static hp_code end_record(csv_reader *r) {
    if (r->header == 0 && r->fields > 1) r->header = r->fields;
    bool ragged = r->header && r->filled && (r->fields < r->header || r->filled > r->header);
    if (ragged && !r->raw) {
        hp_cell at = {r->sheet, r->row, HP_NO_COL};
        HP_TRY(hp_findf(r->run, HP_R_RAGGED_ROW, at, HP_NULL, r->err, "%u fields, the header has %u",
                        r->fields, r->header));
    }
    r->fields = r->filled = 0;
    r->row++;
    hp_grid_begin_row(&r->grid, r->row, false);
    return HP_OK;
}

static hp_code read_records(csv_reader *r) {
    hp_str field;
    hp_grid_begin_row(&r->grid, r->row, false);
    while (hp_csv_field(&r->csv, &field)) {
        HP_TRY(put(r, field));
        r->fields++;
        if (!r->csv.record_end) continue;
        if (r->row == UINT32_MAX)
            return hp_fail(r->err, HP_DATA, "%.*s: has too many records; split the file", HP_FMT(r->file));
        HP_TRY(end_record(r));
    }
    if (r->csv.scratch.bad) return hp_fail_memory(r->err, "a csv file");
    if (r->csv.unterminated) {
        return hp_fail(
            r->err, HP_DATA,
            "%.*s: line %llu: a quote (\") is opened here and never closed; close it, or double it if it is meant as text",
            HP_FMT(r->file), (unsigned long long)r->csv.quote_line);
    }
    return HP_OK;
}

static hp_code parse(csv_reader *r, hp_str text, hp_table **out) {
    hp_str name = hp_name_unpacked(r->file);
    bool tsv = name.n > 4 && hp_str_ieq(hp_str_cut(name, name.n - 4, name.n), HP_S(".tsv"));
    r->csv = hp_csv_new(text, hp_csv_sniff(text, tsv));
    r->texts = hp_texts_new(r->run, false);
    hp_code code = read_records(r);
    if (code == HP_OK) code = hp_grid_table(&r->grid, r->run->arena, HP_S(""), r->sheet, out, r->err);
    hp_buf_free(&r->csv.scratch);
    hp_texts_free(&r->texts);
    hp_grid_free(&r->grid);
    return code;
}

hp_code hp_csv_read(hp_run *run, hp_book *b, uint32_t sheet_id, bool raw, hp_table **out, hp_err *err) {
    csv_reader r = {.run = run, .file = b->name, .sheet = sheet_id, .row = 1, .raw = raw, .err = err};
    size_t bom;
    hp_encoding e = hp_encoding_guess(b->bytes, &bom);
    hp_str text = hp_str_cut(b->bytes, bom, b->bytes.n);
    if (e == HP_ENC_BINARY) {
        return hp_fail(err, HP_DATA, "%.*s: is neither a workbook nor text; save the data as .xlsx or .csv",
                       HP_FMT(b->name));
    }
    if (e == HP_ENC_UTF8) return parse(&r, text, out);
    if (e == HP_ENC_CP1252 && !raw) {
        hp_cell whole = {sheet_id, 0, HP_NO_COL};
        HP_TRY(hp_findf(run, HP_R_ENCODING_REPAIRED, whole, HP_NULL, err, "read as windows-1252"));
    }
    hp_autobuf utf8 = hp_buf_new(HP_LIMIT_PART_BYTES);
    hp_encoding_decode(e, text, &utf8);
    HP_TRY(hp_buf_check(&utf8, "a csv file in UTF-8", err));
    return parse(&r, hp_buf_str(&utf8), out);
}
