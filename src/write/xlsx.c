/* Workbooks through libxlsxwriter in constant memory: rows go to a temporary file as they come, so a million rows cost no memory. */
#include "write/write.h"

#include <unistd.h>
#include <xlsxwriter.h>
#include <zip.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/utf8.h"

/* Columns are as wide as their longest text among the first rows; measuring all of a million rows would show no more. */
#define WIDTH_SAMPLE 1000
#define WIDTH_MIN 9
#define WIDTH_MAX 50
#define WIDTH_LONG 60

typedef struct book {
    lxw_workbook *wb;
    lxw_format *header, *text, *score, *link, *band[4];
    const hp_pool *pool;
    hp_buf cell; /* NUL-terminated text of the cell being written */
    size_t links;
} book;

/* Fills of the four quality bands, best first: the colours operators know (refined workbooks have always had them). */
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

/* "_x0041_" in a text would be read back as "A" (ECMA-376 part 1, 22.9.2.19), so its underscore is escaped. */
static bool is_escape(hp_str s, size_t i) {
    if (i + 7 > s.n || s.p[i] != '_' || s.p[i + 1] != 'x' || s.p[i + 6] != '_') return false;
    for (size_t k = i + 2; k < i + 6; k++) {
        char c = hp_lower(s.p[k]);
        if (!hp_is_digit(c) && !(c >= 'a' && c <= 'f')) return false;
    }
    return true;
}

/* Puts a text into b->cell as libxlsxwriter wants it: NUL-terminated, within the cell limit, without what XML cannot hold. */
static const char *cell_text(book *b, hp_str s) {
    hp_buf_clear(&b->cell);
    size_t from = 0, units = 0, i = 0;
    while (i < s.n && units < HP_LIMIT_CELL_TEXT) {
        size_t at = i;
        uint32_t cp = hp_utf8_next(s, &i);
        units += cp > 0xFFFF ? 2 : 1;
        if (cp != 0 && cp != 0xFFFE && cp != 0xFFFF && !is_escape(s, at)) continue;
        hp_buf_add(&b->cell, hp_str_cut(s, from, at));
        if (cp == '_')
            hp_buf_puts(&b->cell, "_x005F_");
        else
            hp_buf_putu(&b->cell, 0xFFFD);
        from = i;
    }
    hp_buf_add(&b->cell, hp_str_cut(s, from, i));
    return hp_buf_cstr(&b->cell);
}

static lxw_error put_link(book *b, lxw_worksheet *ws, lxw_row_t row, lxw_col_t col, hp_str text, const char *scheme) {
    const char *shown = cell_text(b, text);
    char url[2080];
    int n = snprintf(url, sizeof url, "%s%s", scheme, shown);
    /* Beyond a sheet's number of links, or for an address too long for one, the text alone is written. */
    if (n > 0 && (size_t)n < sizeof url && b->links < HP_LIMIT_SHEET_LINKS) {
        lxw_error e = worksheet_write_url_opt(ws, row, col, url, b->link, shown, NULL);
        if (e == LXW_NO_ERROR) b->links++;
        if (e == LXW_NO_ERROR || e == LXW_ERROR_MEMORY_MALLOC_FAILED) return e;
    }
    return worksheet_write_string(ws, row, col, shown, NULL);
}

static lxw_error put_cell(book *b, lxw_worksheet *ws, const hp_column *c, size_t r, lxw_row_t row, lxw_col_t col) {
    hp_str text = hp_text(b->pool, c->v[r]);
    double number;
    switch (c->style) {
    case HP_STYLE_URL: return put_link(b, ws, row, col, text, "");
    case HP_STYLE_EMAIL: return put_link(b, ws, row, col, text, "mailto:");
    case HP_STYLE_INT:
    case HP_STYLE_SCORE:
    case HP_STYLE_QUALITY:
        if (hp_str_f64(text, &number)) return worksheet_write_number(ws, row, col, number, NULL);
        break;
    case HP_STYLE_TEXT:
    case HP_STYLE_LONG: break;
    }
    return worksheet_write_string(ws, row, col, cell_text(b, text), NULL);
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

static void colour_quality(book *b, lxw_worksheet *ws, lxw_col_t col, lxw_row_t last) {
    for (size_t i = 0; i < 4; i++) {
        lxw_conditional_format f = {.type = LXW_CONDITIONAL_TYPE_CELL,
                                    .criteria = LXW_CONDITIONAL_CRITERIA_GREATER_THAN_OR_EQUAL_TO,
                                    .value = BANDS[i].from,
                                    .format = b->band[i],
                                    .stop_if_true = LXW_TRUE};
        worksheet_conditional_format_range(ws, 1, col, last, col, &f);
    }
}

static void dress_columns(book *b, lxw_worksheet *ws, const hp_out_sheet *sheet) {
    const hp_table *t = sheet->table;
    lxw_row_t last = (lxw_row_t)t->nrow;
    for (size_t c = 0; c < t->ncol; c++) {
        const hp_column *col = &t->col[c];
        bool score = col->style == HP_STYLE_SCORE || col->style == HP_STYLE_QUALITY;
        bool text = col->style == HP_STYLE_TEXT || col->style == HP_STYLE_LONG;
        worksheet_set_column(ws, (lxw_col_t)c, (lxw_col_t)c, column_width(b, col, t->nrow),
                             score ? b->score : text ? b->text : NULL);
        if (col->style == HP_STYLE_QUALITY && last > 0) colour_quality(b, ws, (lxw_col_t)c, last);
    }
    if (sheet->plain || t->ncol == 0) return;
    worksheet_freeze_panes(ws, 1, 0);
    worksheet_autofilter(ws, 0, 0, last, (lxw_col_t)(t->ncol - 1));
}

/* A full disk under libxlsxwriter's own temporary file would go unnoticed there. */
static bool temp_is_sound(lxw_worksheet *ws) {
    return !ws->optimize_tmpfile || (fflush(ws->optimize_tmpfile) == 0 && !ferror(ws->optimize_tmpfile));
}

static hp_code lxw_failed(lxw_error e, const char *sheet, const char *path, hp_err *err) {
    if (e == LXW_ERROR_MEMORY_MALLOC_FAILED) return hp_fail_memory(err, "the workbook");
    return hp_fail(err, HP_IO, "%s: sheet %s cannot be written (%s); is the disk full?", path, sheet, lxw_strerror(e));
}

static hp_code write_rows(book *b, lxw_worksheet *ws, const hp_out_sheet *sheet, const char *path, hp_err *err) {
    const hp_table *t = sheet->table;
    for (size_t c = 0; c < t->ncol; c++) {
        lxw_format *head = sheet->plain ? NULL : b->header;
        lxw_error e = worksheet_write_string(ws, 0, (lxw_col_t)c, cell_text(b, t->col[c].name), head);
        if (e != LXW_NO_ERROR) return lxw_failed(e, sheet->name, path, err);
    }
    for (size_t r = 0; r < t->nrow; r++)
        for (size_t c = 0; c < t->ncol; c++) {
            if (t->col[c].v[r] == HP_NULL) continue;
            lxw_error e = put_cell(b, ws, &t->col[c], r, (lxw_row_t)r + 1, (lxw_col_t)c);
            if (e != LXW_NO_ERROR) return lxw_failed(e, sheet->name, path, err);
        }
    if (!temp_is_sound(ws))
        return hp_fail(err, HP_IO, "%s: the temporary file of sheet %s cannot be written: is the disk full?", path, sheet->name);
    return HP_OK;
}

static hp_code write_sheet(book *b, const hp_out_sheet *sheet, const char *path, hp_err *err) {
    if (sheet->table->nrow + 1 > HP_LIMIT_SHEET_ROWS)
        return hp_fail(err, HP_DATA, "%s: sheet %s would have %zu rows, a workbook holds %u; write .csv instead", path,
                       sheet->name, sheet->table->nrow + 1, HP_LIMIT_SHEET_ROWS);
    lxw_worksheet *ws = workbook_add_worksheet(b->wb, sheet->name);
    if (!ws) return hp_fail_memory(err, "the workbook");
    b->links = 0;
    dress_columns(b, ws, sheet);
    return write_rows(b, ws, sheet, path, err);
}

/* The dates in the properties are fixed, so that the same content gives the same bytes. */
static void set_properties(lxw_workbook *wb) {
    lxw_doc_properties p = {.title = "Refined contacts", .created = hp_clock_fixed() ? (time_t)hp_clock_now() : 315532800};
    workbook_set_properties(wb, &p);
}

/* Reads the workbook back: every part must inflate to its declared size with the right checksum and end in its closing tag. */
static hp_code verify(const char *path, const char *shown, hp_err *err) {
    zip_t *z = zip_open(path, ZIP_RDONLY, NULL);
    if (!z) return hp_fail(err, HP_IO, "%s: the written workbook cannot be read back: is the disk full?", shown);
    hp_code code = HP_OK;
    zip_int64_t n = zip_get_num_entries(z, 0);
    for (zip_int64_t i = 0; i < n && code == HP_OK; i++) {
        zip_file_t *f = zip_fopen_index(z, (zip_uint64_t)i, 0);
        char bytes[65536], last = 0;
        zip_int64_t got = 0;
        while (f && (got = zip_fread(f, bytes, sizeof bytes)) > 0) last = bytes[got - 1];
        if (!f || got < 0 || (last != '>' && last != '\n'))
            code = hp_fail(err, HP_IO, "%s: part %s of the written workbook is not complete: is the disk full?", shown,
                           zip_get_name(z, (zip_uint64_t)i, 0));
        if (f) zip_fclose(f);
    }
    zip_discard(z);
    return code;
}

static hp_code fill_book(book *b, const hp_out_sheet *sheets, size_t n, const char *path, hp_err *err) {
    set_properties(b->wb);
    if (!make_formats(b)) return hp_fail_memory(err, "the workbook");
    for (size_t i = 0; i < n; i++) HP_TRY(write_sheet(b, &sheets[i], path, err));
    return HP_OK;
}

hp_code hp_write_xlsx(const hp_pool *pool, const hp_out_sheet *sheets, size_t n, const char *path, hp_out *out, hp_err *err) {
    HP_TRY(hp_out_begin(out, path, false, err));
    char dir[sizeof out->temp];
    memcpy(dir, out->temp, sizeof dir);
    char *slash = strrchr(dir, '/');
    if (slash) *slash = '\0';
    /* Its temporary files lie beside the output: one file system whose room counts, not two. */
    lxw_workbook_options options = {.constant_memory = LXW_TRUE, .tmpdir = slash ? dir : (char[]){"."}};
    book b = {.wb = workbook_new_opt(out->temp, &options), .pool = pool, .cell = hp_buf_new(8 * HP_LIMIT_CELL_TEXT)};
    hp_code code = b.wb ? fill_book(&b, sheets, n, path, err) : hp_fail_memory(err, "the workbook");
    if (b.wb) {
        lxw_error e = workbook_close(b.wb);
        if (code == HP_OK && e != LXW_NO_ERROR) code = lxw_failed(e, "(all)", path, err);
    }
    if (code == HP_OK && b.cell.bad) code = hp_fail_memory(err, "the workbook");
    hp_buf_free(&b.cell);
    if (code == HP_OK) code = verify(out->temp, path, err);
    if (code != HP_OK) hp_out_abandon(out);
    return code;
}
