/* Old workbooks: the stream Workbook of a compound file (MS-XLS; BIFF8, Excel 97 to 2003). */
#include <math.h>
#include <stdio.h>

#include "base/mem.h"
#include "read/biff.h"
#include "read/book.h"
#include "read/cfb.h"
#include "read/fill.h"

#include "base/banned.h"

/* Records (MS-XLS 2.3) that matter here. */
enum {
    R_FORMULA = 0x06,
    R_EOF = 0x0A,
    R_DATEMODE = 0x22,
    R_FILEPASS = 0x2F,
    R_BOUNDSHEET = 0x85,
    R_MULRK = 0xBD,
    R_RSTRING = 0xD6,
    R_XF = 0xE0,
    R_MERGEDCELLS = 0xE5,
    R_SST = 0xFC,
    R_LABELSST = 0xFD,
    R_NUMBER = 0x203,
    R_LABEL = 0x204,
    R_BOOLERR = 0x205,
    R_STRING = 0x207,
    R_ROW = 0x208,
    R_RK = 0x27E,
    R_FORMAT = 0x41E,
    R_BOF = 0x809
};
enum { BIFF8 = 0x600, ROWS = 65536, COLS = 256, FORMATS = 65536, OWN_FORMAT = 0xFF, TEXT_MAX = 4 * 65536 };

#define MEND "open it in a spreadsheet program and save it as .xlsx, or get a fresh copy"

static hp_code damaged(const hp_book *b, size_t at, hp_err *err, const char *why) {
    return hp_fail(err, HP_DATA, "%.*s: stream Workbook, byte %zu: %s; the file is damaged: " MEND,
                   HP_FMT(b->name), at, why);
}

/* ---- the workbook ---- */

/* What is known while the records of the workbook are read. */
typedef struct globals {
    hp_book *book;
    uint8_t *kind; /* of each number format: hp_numfmt, or OWN_FORMAT where the workbook defines none */
    hp_buf text;
    HP_VEC(uint16_t) xf; /* the number format of each cell format */
    HP_VEC(hp_book_sheet) sheets;
    HP_VEC(size_t) offsets;
    hp_imap taken; /* offsets that a sheet has */
    hp_err *err;
} globals;

/* Fails for a text that could not be taken. */
static hp_code fail_text(const hp_book *b, size_t at, const hp_buf *text, hp_err *err, const char *why) {
    return text->bad ? hp_fail_memory(err, "a text") : damaged(b, at, err, why);
}

/* Takes a text whose length stands before it, in one or two bytes. */
static bool counted_text(hp_biff *r, unsigned bytes, hp_buf *out) {
    hp_buf_clear(out);
    size_t n = (size_t)hp_biff_take(r, bytes);
    return hp_biff_text(r, n, false, out) && !out->bad;
}

/* Notes a sheet. One whose records are another's already (no program writes that; a small file could claim
 * thousands of large sheets) is none. */
static hp_code bound_sheet(globals *g, hp_biff *r) {
    size_t offset = (size_t)hp_biff_take(r, 4);
    uint64_t state = hp_biff_take(r, 1) & 3, type = hp_biff_take(r, 1);
    uint32_t first;
    bool added;
    if (!counted_text(r, 1, &g->text))
        return fail_text(g->book, r->at, &g->text, g->err, "a sheet without a name");
    hp_book_sheet s = {hp_arena_dup(g->book->arena, hp_buf_str(&g->text)), (uint8_t)(state < 3 ? state : 2),
                       type == 0};
    if (!s.name.p || !hp_imap_add(&g->taken, (uint32_t)offset + 1, 0, &first, &added)
        || !hp_vec_push(&g->sheets, s) || !hp_vec_push(&g->offsets, added ? offset : SIZE_MAX))
        return hp_fail_memory(g->err, "the list of sheets");
    if (g->sheets.n <= HP_LIMIT_SHEETS) return HP_OK;
    return hp_fail_limit(g->err, HP_L_SHEETS, "%.*s: has more than %u sheets: split the workbook",
                         HP_FMT(g->book->name), HP_LIMIT_SHEETS);
}

static hp_code global_record(globals *g, hp_biff *r) {
    hp_xls *x = &g->book->xls;
    switch (r->type) {
    case R_FILEPASS:
        return hp_fail(
            g->err, HP_DATA,
            "%.*s: is password-protected, which is read of .xlsx files only; open it in a spreadsheet program and save it without a "
            "password, or as .xlsx",
            HP_FMT(g->book->name));
    case R_DATEMODE: x->date1904 = hp_biff_take(r, 2) != 0; break;
    case R_FORMAT: {
        uint16_t id = (uint16_t)hp_biff_take(r, 2);
        if (!counted_text(r, 2, &g->text))
            return fail_text(g->book, r->at, &g->text, g->err, "a number format that ends early");
        g->kind[id] = (uint8_t)hp_numfmt_of_code(hp_buf_str(&g->text));
        break;
    }
    case R_XF:
        hp_biff_take(r, 2);
        if (!hp_vec_push(&g->xf, (uint16_t)hp_biff_take(r, 2)))
            return hp_fail_memory(g->err, "the cell formats");
        break;
    case R_SST: x->strings_at = r->at; break;
    case R_BOUNDSHEET: return bound_sheet(g, r);
    default: break;
    }
    return HP_OK;
}

static hp_code first_record(const hp_book *b, hp_biff *r, hp_err *err) {
    if (!hp_biff_next(r) || (r->type & 0xFF) != (R_BOF & 0xFF))
        return damaged(b, r->at, err, "this is no beginning of a workbook");
    if (r->type == R_BOF && hp_biff_take(r, 2) == BIFF8) return HP_OK;
    return hp_fail(err, HP_DATA, "%.*s: was saved by Excel 95 or older, which is not read; " MEND,
                   HP_FMT(b->name));
}

static hp_code read_globals(globals *g) {
    hp_biff r = hp_biff_new(hp_buf_str(&g->book->xls.stream), 0);
    HP_TRY(first_record(g->book, &r, g->err));
    while (hp_biff_next(&r)) {
        if (r.type == R_EOF) return HP_OK;
        HP_TRY(global_record(g, &r));
    }
    return damaged(g->book, r.at, g->err, "the stream ends in the description of the workbook");
}

/* Hands what was read over to the book. */
static hp_code take_globals(globals *g) {
    hp_book *b = g->book;
    hp_xls *x = &b->xls;
    if (g->sheets.n == 0)
        return hp_fail(g->err, HP_DATA, "%.*s: the workbook names no sheet; " MEND, HP_FMT(b->name));
    b->nsheet = g->sheets.n;
    b->sheet = HP_NEW_ARRAY(b->arena, b->nsheet, hp_book_sheet);
    x->offset = HP_NEW_ARRAY(b->arena, b->nsheet, size_t);
    x->kind = HP_NEW_ARRAY(b->arena, g->xf.n, uint8_t);
    if (!b->sheet || !x->offset || (g->xf.n && !x->kind)) return hp_fail_memory(g->err, "the list of sheets");
    memcpy(b->sheet, g->sheets.p, b->nsheet * sizeof *b->sheet);
    memcpy(x->offset, g->offsets.p, b->nsheet * sizeof *x->offset);
    for (x->nkind = 0; x->nkind < g->xf.n; x->nkind++) {
        uint16_t id = g->xf.p[x->nkind];
        x->kind[x->nkind] = g->kind[id] == OWN_FORMAT ? (uint8_t)hp_numfmt_builtin(id) : g->kind[id];
    }
    return HP_OK;
}

static hp_code load_stream(hp_book *b, hp_cfb *c, hp_err *err) {
    hp_cfb_stream s;
    HP_TRY(hp_cfb_stream_open(c, HP_S("Workbook"), &s, err));
    b->xls.stream = hp_buf_new(HP_LIMIT_FILE_BYTES);
    char *to = hp_buf_room(&b->xls.stream, (size_t)s.size);
    hp_code code = to ? hp_cfb_stream_read(&s, to, (size_t)s.size, err) : hp_fail_memory(err, "a workbook");
    b->xls.stream.n = (size_t)s.size;
    hp_cfb_stream_close(&s);
    return code;
}

hp_code hp_xls_open(hp_book *b, hp_cfb *c, hp_err *err) {
    b->format = HP_FORMAT_XLS;
    HP_TRY(load_stream(b, c, err));
    globals g = {.book = b, .kind = hp_malloc(FORMATS), .text = hp_buf_new(TEXT_MAX), .err = err};
    if (g.kind) memset(g.kind, OWN_FORMAT, FORMATS);
    hp_code code = g.kind ? read_globals(&g) : hp_fail_memory(err, "a workbook");
    if (code == HP_OK) code = take_globals(&g);
    hp_free(g.kind);
    hp_buf_free(&g.text);
    hp_vec_free(&g.xf);
    hp_vec_free(&g.sheets);
    hp_vec_free(&g.offsets);
    hp_imap_free(&g.taken);
    return code;
}

void hp_xls_close(hp_xls *x) {
    hp_buf_free(&x->stream);
    hp_vec_free(&x->strings);
    *x = (hp_xls){0};
}

/* Reads the shared strings into the run's pool. How many there are is found out by reading: the number that
 * the record gives may be any. */
static hp_code load_strings(hp_run *run, hp_book *b, hp_err *err) {
    hp_xls *x = &b->xls;
    if (x->pool == hp_pool_serial(run->pool)) return HP_OK;
    hp_vec_free(&x->strings);
    x->pool = 0;
    hp_biff r = hp_biff_new(hp_buf_str(&x->stream), x->strings_at);
    bool any = x->strings_at && hp_biff_next(&r);
    hp_biff_take(&r, 4);
    uint64_t n = any ? hp_biff_take(&r, 4) : 0;
    hp_autobuf text = hp_buf_new(TEXT_MAX);
    hp_texts texts = hp_texts_new(run, false);
    hp_code code = HP_OK;
    while (code == HP_OK && n-- > 0) {
        hp_vid id = HP_NULL;
        bool repaired;
        size_t length;
        hp_buf_clear(&text);
        if (!hp_biff_string_length(&r, &length)) break; /* there are fewer than were announced */
        if (!hp_biff_text(&r, length, true, &text) || text.bad) {
            code = fail_text(b, r.at, &text, err, "the shared strings end in the middle of one");
        } else {
            code = hp_texts_intern(&texts, hp_buf_str(&text), &id, &repaired, err);
        }
        if (code == HP_OK && !hp_vec_push(&x->strings, id)) code = hp_fail_memory(err, "the shared strings");
    }
    hp_texts_free(&texts);
    if (code == HP_OK) x->pool = hp_pool_serial(run->pool);
    return code;
}

/* ---- one sheet ---- */

/* What reading one sheet needs. */
typedef struct reader {
    hp_fill fill;
    const hp_book *book;
    hp_biff r;
    hp_buf text;
    uint32_t row, col; /* of the cell that is being read; row 1-based, 0 before the first */
    uint16_t format;
    bool waits; /* the formula of that cell has a text, which comes in a record of its own */
    uint8_t hidden[ROWS / 8];
} reader;

static hp_code bad(reader *d, const char *why) { return damaged(d->book, d->r.at, d->fill.err, why); }

static hp_code put(reader *d, hp_value v) {
    return v.v == HP_NULL ? HP_OK : hp_fill_put(&d->fill, d->col, v);
}

/* Goes to a cell: begins its row if it is another than the last. */
static hp_code go_to(reader *d, uint32_t row, uint32_t col) {
    d->col = col;
    if (col >= COLS) return bad(d, "a cell beyond IV, the last column of an old workbook");
    if (row + 1 == d->row) return HP_OK;
    d->row = row + 1;
    hp_grid_begin_row(&d->fill.grid, d->row, d->hidden[row / 8] >> (row % 8) & 1);
    return row % 4096 ? HP_OK : hp_deadline_check(d->fill.err);
}

/* Takes row, column and format, with which every cell begins. */
static hp_code take_cell(reader *d) {
    if (hp_biff_left(&d->r) < 6) return bad(d, "a cell that is cut short");
    uint32_t row = (uint32_t)hp_biff_take(&d->r, 2), col = (uint32_t)hp_biff_take(&d->r, 2);
    d->format = (uint16_t)hp_biff_take(&d->r, 2);
    d->waits = false;
    return go_to(d, row, col);
}

/* Writes the fewest digits that read back as the same double. */
static hp_str shortest(double v, char out[40]) {
    int n = 0;
    for (int digits = 15; digits <= 17; digits++) {
        double back;
        n = snprintf(out, 40, "%.*g", digits, v);
        if (hp_str_f64((hp_str){out, (size_t)n}, &back) && memcmp(&back, &v, sizeof v) == 0) break;
    }
    return (hp_str){out, (size_t)n};
}

static hp_code put_error(reader *d, unsigned code) {
    static const struct {
        unsigned code;
        hp_str text;
    } errors[] = {{0x00, HP_S("#NULL!")}, {0x07, HP_S("#DIV/0!")},      {0x0F, HP_S("#VALUE!")},
                  {0x17, HP_S("#REF!")},  {0x1D, HP_S("#NAME?")},       {0x24, HP_S("#NUM!")},
                  {0x2A, HP_S("#N/A")},   {0x2B, HP_S("#GETTING_DATA")}};
    hp_str text = HP_S("#VALUE!");
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        if (errors[i].code == code) text = errors[i].text;
    }
    hp_value v;
    HP_TRY(hp_fill_error(&d->fill, d->row, d->col, text, &v));
    return put(d, v);
}

static hp_code put_bool(reader *d, bool yes) {
    hp_value v;
    HP_TRY(hp_fill_typed(&d->fill, HP_T_BOOL, yes ? HP_S("TRUE") : HP_S("FALSE"), yes ? HP_S("1") : HP_S("0"),
                         &v));
    return put(d, v);
}

static hp_code put_number(reader *d, double number) {
    char digits[40], text[HP_NUMBER_TEXT], date[40];
    const hp_xls *x = &d->book->xls;
    if (!isfinite(number)) return put_error(d, 0x24);
    hp_numfmt kind = d->format < x->nkind ? (hp_numfmt)x->kind[d->format] : HP_NUMFMT_NUMBER;
    hp_str lex = shortest(number == 0 ? 0 : number, digits);
    size_t n = hp_number_text(lex, text);
    size_t m = kind == HP_NUMFMT_NUMBER ? 0 : hp_serial_text(number, kind, x->date1904, date);
    hp_value v;
    hp_str plain = n ? (hp_str){text, n} : lex;
    if (m) {
        HP_TRY(hp_fill_typed(&d->fill, HP_T_DATE, (hp_str){date, m}, plain, &v));
    } else {
        HP_TRY(hp_fill_typed(&d->fill, HP_T_NUMBER, plain, plain, &v));
    }
    return put(d, v);
}

/* A number in 30 bits: an integer or the upper part of a double, perhaps of a hundredfold (MS-XLS 2.5.217).
 */
static double number_of_rk(uint32_t rk) {
    double v;
    if (rk & 2) {
        v = (double)((int32_t)rk >> 2);
    } else {
        uint64_t bits = (uint64_t)(rk & ~3u) << 32;
        memcpy(&v, &bits, sizeof v);
    }
    return rk & 1 ? v / 100 : v;
}

static double take_double(hp_biff *r) {
    uint64_t bits = hp_biff_take(r, 8);
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static hp_code put_many(reader *d) {
    HP_TRY(take_cell(d));
    uint32_t row = d->row - 1, col = d->col;
    d->r.p -= 2;                       /* each number has a format of its own */
    while (hp_biff_left(&d->r) >= 8) { /* the last two bytes are the last column */
        d->format = (uint16_t)hp_biff_take(&d->r, 2);
        HP_TRY(go_to(d, row, col++));
        HP_TRY(put_number(d, number_of_rk((uint32_t)hp_biff_take(&d->r, 4))));
    }
    return HP_OK;
}

static hp_code put_text(reader *d) {
    if (!counted_text(&d->r, 2, &d->text))
        return fail_text(d->book, d->r.at, &d->text, d->fill.err, "a text that ends early");
    hp_value v;
    HP_TRY(hp_fill_text(&d->fill, d->row, d->col, hp_buf_str(&d->text), false, &v));
    return put(d, v);
}

static hp_code put_shared(reader *d) {
    const hp_xls *x = &d->book->xls;
    uint64_t i = hp_biff_take(&d->r, 4);
    if (i < x->strings.n) return put(d, (hp_value){x->strings.p[i], x->strings.p[i], HP_T_TEXT});
    if (d->fill.raw) return HP_OK;
    return hp_findf(d->fill.run, HP_R_SHARED_STRING_MISSING, (hp_cell){d->fill.sheet, d->row, d->col},
                    HP_NULL, d->fill.err, "shared string %llu of %zu", (unsigned long long)i, x->strings.n);
}

/* The saved result of a formula: a number, or what the first byte says (MS-XLS 2.5.133). */
static hp_code put_result(reader *d) {
    hp_biff number = d->r;
    uint64_t bits = hp_biff_take(&d->r, 8);
    if (bits >> 48 != 0xFFFF) return put_number(d, take_double(&number));
    unsigned value = (unsigned)(bits >> 16) & 0xFF;
    switch (bits & 0xFF) {
    case 0: d->waits = true; return HP_OK;
    case 1: return put_bool(d, value != 0);
    case 2: return put_error(d, value);
    default: return HP_OK;
    }
}

static hp_code put_bool_or_error(reader *d) {
    unsigned value = (unsigned)hp_biff_take(&d->r, 1);
    return hp_biff_take(&d->r, 1) ? put_error(d, value) : put_bool(d, value != 0);
}

static hp_code merged(reader *d) {
    for (uint64_t n = hp_biff_take(&d->r, 2); n > 0 && hp_biff_left(&d->r) >= 8; n--) {
        hp_merged_area a = {.first_row = (uint32_t)hp_biff_take(&d->r, 2) + 1};
        a.last_row = (uint32_t)hp_biff_take(&d->r, 2) + 1;
        a.first_col = (uint32_t)hp_biff_take(&d->r, 2);
        a.last_col = (uint32_t)hp_biff_take(&d->r, 2);
        bool is_area = a.first_row <= a.last_row && a.first_col <= a.last_col && a.last_col < COLS;
        if (is_area) HP_TRY(hp_fill_merge(&d->fill, a));
    }
    return HP_OK;
}

/* Notes a hidden row: its record comes before its cells. */
static void note_row(reader *d) {
    uint32_t row = (uint32_t)hp_biff_take(&d->r, 2);
    if (hp_biff_left(&d->r) < 14) return;
    d->r.p += 10;
    if (hp_biff_take(&d->r, 2) & 0x20) d->hidden[row / 8] |= (uint8_t)(1u << (row % 8));
}

static hp_code sheet_record(reader *d) {
    switch (d->r.type) {
    case R_ROW: note_row(d); return HP_OK;
    case R_MERGEDCELLS: return merged(d);
    case R_MULRK: return put_many(d);
    case R_STRING: {
        bool wanted = d->waits;
        d->waits = false;
        return wanted ? put_text(d) : HP_OK;
    }
    case R_NUMBER:
    case R_RK:
    case R_LABELSST:
    case R_LABEL:
    case R_RSTRING:
    case R_BOOLERR:
    case R_FORMULA: break;
    default: return HP_OK;
    }
    HP_TRY(take_cell(d));
    switch (d->r.type) {
    case R_NUMBER: return put_number(d, take_double(&d->r));
    case R_RK: return put_number(d, number_of_rk((uint32_t)hp_biff_take(&d->r, 4)));
    case R_LABELSST: return put_shared(d);
    case R_BOOLERR: return put_bool_or_error(d);
    case R_FORMULA: return put_result(d);
    default: return put_text(d);
    }
}

/* Reads the records of the sheet; charts within it have a beginning and an end of their own. */
static hp_code read_records(reader *d) {
    if (!hp_biff_next(&d->r) || d->r.type != R_BOF) return bad(d, "no sheet begins here");
    for (unsigned depth = 1; hp_biff_next(&d->r);) {
        if (d->r.type == R_BOF) depth++;
        if (d->r.type == R_EOF && --depth == 0) return HP_OK;
        if (depth == 1) HP_TRY(sheet_record(d));
    }
    return bad(d, "the stream ends in the middle of a sheet");
}

static hp_code read_sheet(reader *d, size_t i) {
    const hp_book *b = d->book;
    size_t offset = b->xls.offset[i];
    if (b->sheet[i].state) HP_TRY(hp_fill_find(&d->fill, HP_R_HIDDEN_SHEET, 0, HP_NO_COL, HP_NULL));
    if (offset == SIZE_MAX)
        return hp_fail(d->fill.err, HP_DATA,
                       "%.*s!%.*s: the workbook has no records of its own for this sheet; " MEND,
                       HP_FMT(b->name), HP_FMT(b->sheet[i].name));
    d->r = hp_biff_new(hp_buf_str(&b->xls.stream), offset);
    return read_records(d);
}

hp_code hp_xls_read(hp_run *run, hp_book *b, size_t i, uint32_t sheet_id, bool raw, hp_table **out,
                    hp_err *err) {
    if (!b->sheet[i].readable)
        return hp_fail(err, HP_DATA, "%.*s!%.*s: is a chart or macro sheet and has no cells; leave it out",
                       HP_FMT(b->name), HP_FMT(b->sheet[i].name));
    HP_TRY(load_strings(run, b, err));
    hp_autofree reader *d = hp_calloc(1, sizeof *d);
    if (!d) return hp_fail_memory(err, "a sheet");
    d->fill = hp_fill_new(run, b->name, HP_S("Workbook"), sheet_id, raw, err);
    d->book = b;
    d->text = hp_buf_new(TEXT_MAX);
    hp_code code = read_sheet(d, i);
    if (code == HP_OK) code = hp_grid_table(&d->fill.grid, run->arena, b->sheet[i].name, sheet_id, out, err);
    hp_buf_free(&d->text);
    hp_fill_free(&d->fill);
    return code;
}
