/* The frame of a workbook, by libxlsxwriter: styles, widths, filters, colours, links and their relations. In
 * constant memory: what rows it has go to a temporary file as they come. */
#include "write/parts.h"

#include <xlsxwriter.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/utf8.h"

/* Columns are as wide as their longest text among the first rows; measuring all of a million rows would show
 * no more. */
#define WIDTH_SAMPLE 1000
#define WIDTH_MIN    9
#define WIDTH_MAX    50
#define WIDTH_LONG   60

typedef struct book {
    lxw_workbook *wb;
    lxw_format *header, *text, *score, *link, *band[4];
    const hp_pool *pool;
    hp_buf cell, url;      /* NUL-terminated text and link of the cell being written */
    hp_sheet_facts *facts; /* of the sheet being written */
} book;

/* Fills of the four quality bands, best first: the colours operators know (refined workbooks have always had
 * them). */
static const struct {
    double from;
    lxw_color_t fill;
} BANDS[4] = {{0.8, 0xC6EFCE}, {0.6, 0xFFEB9C}, {0.4, 0xFFC7CE}, {0.0, 0xFF0000}};

static bool make_formats(book *b) {
    b->header = workbook_add_format(b->wb);
    b->text = workbook_add_format(b->wb);
    b->score = workbook_add_format(b->wb);
    b->link = workbook_get_default_url_format(b->wb);
    if (!b->header || !b->text || !b->score || !b->link) return false;
    format_set_bold(b->header);
    format_set_font_color(b->header, 0xFFFFFF);
    format_set_bg_color(b->header, 0x366092);
    format_set_align(b->header, LXW_ALIGN_CENTER);
    format_set_align(b->header, LXW_ALIGN_VERTICAL_CENTER);
    format_set_text_wrap(b->header);
    format_set_border(b->header, LXW_BORDER_THIN);
    format_set_num_format(b->text, "@");
    format_set_num_format(b->score, "0.00");
    for (size_t i = 0; i < 4; i++) {
        b->band[i] = workbook_add_format(b->wb);
        if (!b->band[i]) return false;
        format_set_bg_color(b->band[i], BANDS[i].fill);
    }
    return true;
}

/* The numbers under which the workbook will have the styles: libxlsxwriter hands them out at first use. */
static void number_styles(const book *b, hp_book_styles *styles) {
    *styles = (hp_book_styles){.header = lxw_format_get_xf_index(b->header),
                               .text = lxw_format_get_xf_index(b->text),
                               .score = lxw_format_get_xf_index(b->score),
                               .link = lxw_format_get_xf_index(b->link)};
}

static double column_width(const book *b, const hp_column *c, size_t nrow) {
    size_t widest = hp_utf8_width(c->name) + 2;
    if (c->style == HP_STYLE_LONG) return WIDTH_LONG;
    for (size_t r = 0; r < nrow && r < WIDTH_SAMPLE; r++) {
        size_t w = hp_utf8_width(hp_text(b->pool, c->v[r])) + 2;
        if (w > widest) widest = w;
    }
    return widest < WIDTH_MIN ? WIDTH_MIN : widest > WIDTH_MAX ? WIDTH_MAX : (double)widest;
}

static lxw_error colour_quality(book *b, lxw_worksheet *ws, lxw_col_t col, lxw_row_t last) {
    lxw_error e = LXW_NO_ERROR;
    for (size_t i = 0; i < 4 && e == LXW_NO_ERROR; i++) {
        lxw_conditional_format f = {.type = LXW_CONDITIONAL_TYPE_CELL,
                                    .criteria = LXW_CONDITIONAL_CRITERIA_GREATER_THAN_OR_EQUAL_TO,
                                    .value = BANDS[i].from,
                                    .format = b->band[i],
                                    .stop_if_true = LXW_TRUE};
        e = worksheet_conditional_format_range(ws, 1, col, last, col, &f);
    }
    return e;
}

static lxw_error dress_column(book *b, lxw_worksheet *ws, const hp_column *c, lxw_col_t col, size_t nrow) {
    bool score = c->style == HP_STYLE_SCORE || c->style == HP_STYLE_QUALITY;
    bool text = c->style == HP_STYLE_TEXT || c->style == HP_STYLE_LONG;
    lxw_error e = worksheet_set_column(ws, col, col, column_width(b, c, nrow),
                                       score  ? b->score
                                       : text ? b->text
                                              : NULL);
    if (e != LXW_NO_ERROR || c->style != HP_STYLE_QUALITY || nrow == 0) return e;
    return colour_quality(b, ws, col, (lxw_row_t)nrow);
}

static lxw_error dress_sheet(book *b, lxw_worksheet *ws, const hp_out_sheet *sheet) {
    const hp_table *t = sheet->table;
    lxw_error e = LXW_NO_ERROR;
    for (size_t c = 0; c < t->ncol && e == LXW_NO_ERROR; c++)
        e = dress_column(b, ws, &t->col[c], (lxw_col_t)c, t->nrow);
    if (e != LXW_NO_ERROR || t->ncol == 0) return e;
    /* Identifiers and phones are text on purpose: no green corner should offer to turn them into numbers. */
    char letters[8], range[40];
    hp_col_letters((uint32_t)t->ncol - 1, letters);
    snprintf(range, sizeof range, "A1:%s%zu", letters, t->nrow + 1);
    e = worksheet_ignore_errors(ws, LXW_IGNORE_NUMBER_STORED_AS_TEXT, range);
    if (e != LXW_NO_ERROR || sheet->plain) return e;
    worksheet_freeze_panes(ws, 1, 0);
    return worksheet_autofilter(ws, 0, 0, (lxw_row_t)t->nrow, (lxw_col_t)(t->ncol - 1));
}

/* libxlsxwriter neither looks at the errors of its temporary file (a full disk) nor keeps them: reading it
 * back begins with a rewind. So the last row, which it still holds, is written now, and the stream is asked
 * once all is there. */
static bool rows_are_sound(lxw_worksheet *ws, uint64_t *bytes) {
    lxw_worksheet_write_single_row(ws);
    if (fflush(ws->optimize_tmpfile) != 0 || ferror(ws->optimize_tmpfile)) return false;
    off_t at = ftello(ws->optimize_tmpfile);
    *bytes = at < 0 ? 0 : (uint64_t)at;
    return at >= 0;
}

static hp_code lxw_failed(lxw_error e, const char *sheet, const char *path, hp_err *err) {
    if (e == LXW_ERROR_MEMORY_MALLOC_FAILED) return hp_fail_memory(err, "the workbook");
    return hp_fail(err, HP_IO, "%s: sheet %s cannot be written (%s); is the disk full?", path, sheet,
                   lxw_strerror(e));
}

static lxw_error put_header(book *b, lxw_worksheet *ws, const hp_out_sheet *sheet) {
    const hp_table *t = sheet->table;
    lxw_error e = LXW_NO_ERROR;
    for (size_t c = 0; c < t->ncol && e == LXW_NO_ERROR; c++) {
        const char *name = hp_cell_text(&b->cell, t->col[c].name);
        if (!name) return LXW_ERROR_MEMORY_MALLOC_FAILED;
        e = worksheet_write_string(ws, 0, (lxw_col_t)c, name, sheet->plain ? NULL : b->header);
    }
    return e;
}

/* Puts the links of a row; the text in the cell is one that nobody sees. */
static lxw_error put_links(book *b, lxw_worksheet *ws, const hp_table *t, size_t r) {
    lxw_error e = LXW_NO_ERROR;
    for (size_t c = 0; c < t->ncol && e == LXW_NO_ERROR; c++) {
        if (!hp_is_linked(t->col[c].style) || b->facts->links == HP_LIMIT_SHEET_LINKS) continue;
        if (hp_cell_link(&b->url, t->col[c].style, hp_text(b->pool, t->col[c].v[r]))) {
            const char *url = hp_buf_cstr(&b->url);
            e = worksheet_write_url_opt(ws, (lxw_row_t)r + 1, (lxw_col_t)c, url, b->link, "-", NULL);
            if (e == LXW_NO_ERROR) b->facts->links++;
        } else if (b->url.bad) {
            return LXW_ERROR_MEMORY_MALLOC_FAILED;
        }
    }
    return e;
}

/* Returns the number of rows down to the last one that is not empty. */
static size_t rows_in_use(const hp_table *t) {
    size_t used = 0;
    for (size_t c = 0; c < t->ncol; c++) {
        size_t r = t->nrow;
        while (r > used && t->col[c].v[r - 1] == HP_NULL) r--;
        used = r;
    }
    return used;
}

static bool is_empty(const hp_column *c, size_t nrow) {
    size_t r = 0;
    while (r < nrow && c->v[r] == HP_NULL) r++;
    return r == nrow;
}

/* Marks how far the sheet extends, in its last row. */
static lxw_error mark_extent(book *b, lxw_worksheet *ws, const hp_table *t, size_t rows) {
    lxw_error e = LXW_NO_ERROR;
    for (size_t c = 0; c < t->ncol && rows > 0 && e == LXW_NO_ERROR; c++)
        if (!is_empty(&t->col[c], rows))
            e = worksheet_write_blank(ws, (lxw_row_t)rows, (lxw_col_t)c, b->text);
    return e;
}

static lxw_error put_rows(book *b, lxw_worksheet *ws, const hp_out_sheet *sheet) {
    const hp_table *t = sheet->table;
    size_t rows = rows_in_use(t);
    lxw_error e = put_header(b, ws, sheet);
    for (size_t r = 0; r < rows && e == LXW_NO_ERROR && b->facts->links < HP_LIMIT_SHEET_LINKS; r++)
        e = put_links(b, ws, t, r);
    return e == LXW_NO_ERROR ? mark_extent(b, ws, t, rows) : e;
}

static hp_code write_sheet(book *b, const hp_out_sheet *sheet, const char *path, hp_err *err) {
    const hp_table *t = sheet->table;
    if (t->nrow >= HP_LIMIT_SHEET_ROWS || t->ncol > HP_LIMIT_SHEET_COLS)
        return hp_fail(
            err, HP_DATA,
            "%s: sheet %s would have %zu rows and %zu columns, a workbook holds %u and %u; write .csv instead",
            path, sheet->name, t->nrow + 1, t->ncol, HP_LIMIT_SHEET_ROWS, HP_LIMIT_SHEET_COLS);
    lxw_worksheet *ws = workbook_add_worksheet(b->wb, sheet->name);
    if (!ws) return hp_fail_memory(err, "the workbook");
    lxw_error e = dress_sheet(b, ws, sheet);
    if (e == LXW_NO_ERROR) e = put_rows(b, ws, sheet);
    if (e != LXW_NO_ERROR) return lxw_failed(e, sheet->name, path, err);
    if (!rows_are_sound(ws, &b->facts->row_bytes))
        return hp_fail(err, HP_IO, "%s: the temporary file of sheet %s cannot be written: is the disk full?",
                       path, sheet->name);
    return HP_OK;
}

/* The dates in the properties are fixed, so that the same content gives the same bytes. (0 would mean "now"
 * to libxlsxwriter.) */
static lxw_error set_properties(lxw_workbook *wb) {
    int64_t when = hp_clock_fixed() ? hp_clock_now() : 315532800;
    lxw_doc_properties p = {.title = "Refined contacts", .created = (time_t)(when > 0 ? when : 1)};
    return workbook_set_properties(wb, &p);
}

static hp_code fill_book(book *b, const hp_out_sheet *sheets, size_t n, hp_sheet_facts *facts,
                         hp_book_styles *styles, const char *path, hp_err *err) {
    if (set_properties(b->wb) != LXW_NO_ERROR || !make_formats(b)) return hp_fail_memory(err, "the workbook");
    number_styles(b, styles);
    for (size_t i = 0; i < n; i++) {
        b->facts = &facts[i];
        HP_TRY(write_sheet(b, &sheets[i], path, err));
    }
    return HP_OK;
}

/* Frees a workbook that is given up; closing it would write all of it first. */
static void drop_book(lxw_workbook *wb) {
    lxw_sheet *sheet;
    STAILQ_FOREACH(sheet, wb->sheets, list_pointers)
    if (sheet->u.worksheet->optimize_tmpfile) fclose(sheet->u.worksheet->optimize_tmpfile);
    lxw_workbook_free(wb);
}

/* Its temporary files lie beside the output: one file system whose room counts, not two. */
static lxw_workbook *new_workbook(const hp_out *frame) {
    char dir[sizeof frame->temp];
    memcpy(dir, frame->temp, sizeof dir);
    char *slash = strrchr(dir, '/');
    if (slash) slash[slash == dir] = '\0';
    lxw_workbook_options options = {.constant_memory = LXW_TRUE, .tmpdir = slash ? dir : (char[]){"."}};
    return workbook_new_opt(frame->temp, &options);
}

hp_code hp_frame_write(const hp_pool *pool, const hp_out_sheet *sheets, size_t n, const char *path,
                       const hp_out *frame, hp_sheet_facts *facts, hp_book_styles *styles, hp_err *err) {
    book b = {.wb = new_workbook(frame),
              .pool = pool,
              .cell = hp_buf_new(8 * HP_LIMIT_CELL_TEXT),
              .url = hp_buf_new(8192)};
    if (!b.wb) return hp_fail_memory(err, "the workbook");
    hp_code code = fill_book(&b, sheets, n, facts, styles, path, err);
    hp_buf_free(&b.cell);
    hp_buf_free(&b.url);
    if (code != HP_OK) {
        drop_book(b.wb);
        return code;
    }
    lxw_error e = workbook_close(b.wb);
    return e == LXW_NO_ERROR ? HP_OK : lxw_failed(e, "(all)", path, err);
}
