#include "base/mem.h"
#include "base/threads.h"
#include "read/rows.h"

#include "base/banned.h"

/* A worksheet is inflated, parsed and taken into the grid piece by piece, in a pipeline. Whatever a piece
 * holds that says it was not cut between two rows, and all that is wrong, sends the whole part to one careful
 * reader, which knows what is right and names the byte of what is not. */

/* Cells in a batch of the careful reader. */
#define BATCH_CELLS 50000u

enum { DEPTH = 8 }; /* pieces under way: enough for a thread to run ahead, few enough to stay in the caches */

/* A piece on its way. */
typedef struct piece {
    hp_buf bytes;
    hp_rows rows;
    size_t end; /* where <sheetData> ended in it; SIZE_MAX when it did not */
    bool odd;   /* it is not whole rows */
} piece;

/* What reading one sheet needs. */
typedef struct sheet_reader {
    hp_run *run;
    hp_book *book;
    size_t index; /* of the sheet in the book, and its part in the zip */
    size_t entry;
    bool raw;
    hp_grid grid;
    hp_batch_sink sink;
    hp_pieces pieces;
    piece piece[DEPTH];
    hp_buf tail; /* what stands behind the rows */
    bool ended;  /* <sheetData> ended */
    bool odd;    /* the part has to be read as a whole */
    hp_err *err;
} sheet_reader;

static hp_str part_of(const sheet_reader *r) { return hp_zip_name(r->book->xlsx.zip, r->entry); }

static hp_rows new_rows(const sheet_reader *r) {
    hp_rows rows = hp_rows_new(&r->book->xlsx, r->book->name, part_of(r), r->raw);
    rows.unsaved = r->run->reading.unsaved;
    return rows;
}

static hp_code take(sheet_reader *r, hp_rows *rows, hp_err *err) {
    return hp_fail_grid(hp_batch_take(&rows->batch, &r->sink, err), rows->file, rows->part, err);
}

/* ---- what stands outside of rows ---- */

static hp_code find_at(sheet_reader *r, hp_rule rule, hp_cell at, hp_str note, hp_err *err) {
    hp_issue issue = {.at = at, .value = HP_NULL, .rule = (uint16_t)rule};
    if (r->raw) return HP_OK;
    HP_TRY(hp_intern(r->run->pool, note, &issue.note, err));
    return hp_vec_push(&r->sink.issue, issue) ? HP_OK : hp_fail_memory(err, "the list of findings");
}

/* Keeps a merged area, and reports it at its top left cell. A reference that names no area within the sheet
 * is reported only. */
static hp_code merged_area(sheet_reader *r, hp_rows *rows) {
    hp_str name, value, ref = HP_S("");
    while (hp_xml_attr(&rows->x, &name, &value)) {
        if (hp_str_eq(name, HP_S("ref"))) ref = value;
    }
    hp_cell at = {r->sink.sheet, 0, HP_NO_COL};
    hp_merged_area area;
    size_t colon = hp_str_chr(ref, ':', 0);
    bool known = hp_cell_of_sheet(hp_str_cut(ref, 0, colon), &area.first_row, &area.first_col);
    if (known) at = (hp_cell){r->sink.sheet, area.first_row, area.first_col};
    if (known && colon < ref.n
        && hp_cell_of_sheet(hp_str_cut(ref, colon + 1, ref.n), &area.last_row, &area.last_col)
        && area.first_row <= area.last_row && area.first_col <= area.last_col)
        HP_TRY(hp_fail_grid(hp_grid_merge(&r->grid, area, rows->err), rows->file, rows->part, rows->err));
    hp_texts texts = hp_texts_new(r->run, true);
    hp_str note;
    bool repaired = false;
    hp_code code = hp_texts_clean(&texts, hp_str_cut(ref, 0, 64), &note, &repaired, rows->err);
    if (code == HP_OK) code = find_at(r, HP_R_MERGED_CELLS, at, note, rows->err);
    hp_texts_free(&texts);
    return code;
}

/* A row that counts from the batch before may turn out to be beyond the last one of a sheet. */
static bool beyond_sheet(const sheet_reader *r, const hp_batch *b) {
    for (size_t i = 0; i < b->nrow; i++)
        if (b->row[i].relative && b->row[i].number + (uint64_t)r->sink.last_row > HP_LIMIT_SHEET_ROWS)
            return true;
    return false;
}

/* Takes what was read into the grid, so that memory does not grow with the sheet. */
static hp_code flush(sheet_reader *r, hp_rows *rows) {
    hp_rows_finish(rows);
    if (beyond_sheet(r, &rows->batch)) return HP_DATA; /* behind pieces: the part is read as a whole then */
    HP_TRY(take(r, rows, rows->err));
    uint32_t last_row = rows->relative ? 0 : rows->last_row;
    hp_rows_begin(rows, rows->stays, !rows->relative);
    rows->last_row = last_row;
    return HP_OK;
}

static hp_code start(sheet_reader *r, hp_rows *rows) {
    hp_xml *x = &rows->x;
    if (x->depth == 3 && hp_xml_parent_is(x, HP_S("sheetData"))) {
        HP_TRY(hp_rows_careful(rows));
        return rows->batch.ncell < BATCH_CELLS ? HP_OK : flush(r, rows);
    }
    if (x->depth == 3 && hp_str_eq(x->name, HP_S("mergeCell")) && hp_xml_parent_is(x, HP_S("mergeCells"))) {
        if (rows->batch.nrow) HP_TRY(flush(r, rows)); /* findings come in the order of the file */
        return merged_area(r, rows);
    }
    if (x->depth == 1 && !hp_str_eq(x->name, HP_S("worksheet")))
        return hp_rows_fail(rows, "this is no worksheet");
    return HP_OK;
}

/* Reads the part, or what is left of it, from where the scanner stands. */
static hp_code read_on(sheet_reader *r, hp_rows *rows) {
    for (;;) {
        hp_xml_event e = hp_xml_next(&rows->x);
        if (e == HP_XML_EOF) return flush(r, rows);
        if (e == HP_XML_BAD) return hp_fail_xml(&rows->x, rows->file, rows->part, rows->err);
        if (e == HP_XML_START) HP_TRY(start(r, rows));
    }
}

/* ---- piece by piece ---- */

static hp_code make_piece(void *ctx, size_t slot, bool *made, hp_err *err) {
    sheet_reader *r = ctx;
    return hp_pieces_next(&r->pieces, &r->piece[slot].bytes, made, err);
}

/* Reads the child of <sheetData> at `from` with the careful scanner; false when it is not whole XML. */
static bool read_carefully(const sheet_reader *r, piece *p, const char *from, const char **to) {
    hp_pieces_scan(&r->pieces, p->rows.stays, from, &p->rows.x);
    hp_xml_event e = HP_XML_TEXT;
    while (e == HP_XML_TEXT) e = hp_xml_next(&p->rows.x);
    if (e != HP_XML_START || hp_rows_careful(&p->rows) != HP_OK) return false;
    *to = p->rows.x.p;
    return true;
}

static bool ends_data(const sheet_reader *r, const char *p) {
    hp_str name = r->pieces.open[1];
    return p[0] == '<' && p[1] == '/' && memcmp(p + 2, name.p, name.n) == 0;
}

static bool read_rows(const sheet_reader *r, piece *p) {
    const char *at = p->bytes.p, *end = at + p->bytes.n;
    if (!hp_structure_find(&p->rows.structure, p->rows.stays)) return false;
    for (;;) {
        while (at < end && hp_is_space(*at)) at++;
        if (at == end) return true;
        if (r->pieces.open[1].n < HP_PIECE_SLACK - 2 && ends_data(r, at)) {
            p->end = (size_t)(at - p->bytes.p);
            return true;
        }
        bool row = (size_t)(end - at) > 4 && memcmp(at, "<row", 4) == 0;
        if (row && hp_rows_quick(&p->rows, at, &at)) continue;
        if (!read_carefully(r, p, at, &at)) return false;
    }
}

static hp_code work_on_piece(void *ctx, size_t slot, hp_err *err) {
    const sheet_reader *r = ctx;
    piece *p = &((sheet_reader *)ctx)->piece[slot];
    (void)err;
    p->end = SIZE_MAX;
    hp_rows_begin(&p->rows, hp_buf_str(&p->bytes), false);
    p->odd = !read_rows(r, p);
    if (!p->odd) hp_rows_finish(&p->rows);
    return HP_OK;
}

/* Keeps what stands behind the rows for later. */
static hp_code keep_tail(sheet_reader *r, hp_str bytes, hp_err *err) {
    hp_buf_add(&r->tail, bytes);
    return hp_buf_check(&r->tail, "a worksheet", err);
}

static hp_code take_piece(void *ctx, size_t slot, hp_err *err) {
    sheet_reader *r = ctx;
    piece *p = &r->piece[slot];
    hp_str bytes = hp_buf_str(&p->bytes);
    if (r->ended) return keep_tail(r, bytes, err);
    if (p->rows.batch.bad) return hp_fail_memory(err, "a sheet");
    if (p->odd || beyond_sheet(r, &p->rows.batch)) {
        r->odd = true;
        return HP_DATA;
    }
    HP_TRY(take(r, &p->rows, err));
    if (p->end == SIZE_MAX) return HP_OK;
    r->ended = true;
    return keep_tail(r, hp_str_cut(bytes, p->end, bytes.n), err);
}

static hp_code read_tail(sheet_reader *r) {
    hp_rows *rows = &r->piece[0].rows;
    if (!r->ended) return HP_DATA;
    hp_str bytes = hp_buf_str(&r->tail);
    hp_pieces_scan(&r->pieces, bytes, bytes.p, &rows->x);
    hp_rows_begin(rows, bytes, false);
    return read_on(r, rows);
}

/* Reads all pieces; r->odd says whether the part has to be read as a whole instead. */
static hp_code read_pieces(sheet_reader *r) {
    static const hp_pipeline pipeline = {DEPTH, make_piece, work_on_piece, take_piece};
    for (size_t i = 0; i < DEPTH; i++) {
        r->piece[i] = (piece){.bytes = hp_buf_new(HP_PIECE_MOST), .rows = new_rows(r)};
    }
    HP_TRY(hp_pipeline_run(&pipeline, r, r->err));
    hp_code code = read_tail(r);
    if (code == HP_DATA) r->odd = true;
    return code;
}

static void free_pieces(sheet_reader *r) {
    for (size_t i = 0; i < DEPTH; i++) {
        hp_buf_free(&r->piece[i].bytes);
        hp_rows_free(&r->piece[i].rows);
    }
    hp_buf_free(&r->tail);
    hp_pieces_close(&r->pieces);
}

/* ---- as a whole ---- */

static hp_code read_whole(sheet_reader *r) {
    hp_autopart part = {0};
    HP_TRY(hp_zip_read_xml(r->book->xlsx.zip, r->entry, &part, r->err));
    hp_rows rows = new_rows(r);
    rows.err = r->err;
    hp_rows_begin(&rows, part.bytes, true);
    hp_xml_init(&rows.x, part.bytes);
    hp_code code = read_on(r, &rows);
    hp_rows_free(&rows);
    return code;
}

/* Forgets what was taken from pieces. */
static void start_again(sheet_reader *r) {
    hp_grid_free(&r->grid);
    hp_batch_sink_free(&r->sink);
    r->sink.last_row = 0;
}

static hp_code read_cells(sheet_reader *r) {
    bool fit = false;
    hp_code code = hp_pieces_open(&r->pieces, r->book->xlsx.zip, r->entry, HP_S("worksheet"),
                                  HP_S("sheetData"), HP_S("row"), &fit, r->err);
    if (code == HP_OK && fit) code = read_pieces(r);
    free_pieces(r);
    if (!(code == HP_OK && !fit) && !r->odd) return code;
    start_again(r);
    return read_whole(r);
}

static hp_code find_part(sheet_reader *r) {
    const hp_book *b = r->book;
    const hp_book_sheet *s = &b->sheet[r->index];
    if (!s->readable) {
        return hp_fail(r->err, HP_DATA, "%.*s!%.*s: is a chart or macro sheet and has no cells; leave it out",
                       HP_FMT(b->name), HP_FMT(s->name));
    }
    if (!hp_zip_find(b->xlsx.zip, b->xlsx.sheet_part[r->index], &r->entry)) {
        return hp_fail(
            r->err, HP_DATA,
            "%.*s!%.*s: the workbook has no part of its own for this sheet; open it in a spreadsheet program and save it again",
            HP_FMT(b->name), HP_FMT(s->name));
    }
    return HP_OK;
}

hp_code hp_sheet_read(hp_run *run, hp_book *b, size_t i, uint32_t sheet_id, bool raw, hp_table **out,
                      hp_err *err) {
    hp_autofree sheet_reader *r = hp_calloc(1, sizeof *r);
    if (!r) return hp_fail_memory(err, "a sheet");
    *r = (sheet_reader){.run = run, .book = b, .index = i, .raw = raw, .err = err};
    r->tail = hp_buf_new(HP_LIMIT_PART_BYTES);
    r->sink = (hp_batch_sink){
        .run = run, .grid = &r->grid, .sheet = sheet_id, .silent = raw && !run->reading.unsaved};
    HP_TRY(find_part(r));
    HP_TRY(hp_xlsx_load(run, b, err));
    hp_cell whole = {sheet_id, 0, HP_NO_COL};
    if (b->sheet[i].state && !raw) HP_TRY(hp_find(run, HP_R_HIDDEN_SHEET, whole, HP_NULL, HP_NULL, err));
    hp_code code = read_cells(r);
    if (code == HP_OK) code = hp_grid_table(&r->grid, run->arena, b->sheet[i].name, sheet_id, out, err);
    if (code == HP_OK) code = hp_batch_sink_report(&r->sink, err);
    hp_batch_sink_free(&r->sink);
    hp_grid_free(&r->grid);
    return code;
}
