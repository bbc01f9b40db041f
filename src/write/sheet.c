/* The worksheet part (ECMA-376 part 1, 18.3.1.99), whose elements must stand in the order of the schema. */
#include "base/mem.h"
#include "base/utf8.h"
#include "write/parts.h"

#include "base/banned.h"

/* Columns are as wide as their longest text among the first rows; measuring all of a million rows would show
 * no more. */
#define WIDTH_SAMPLE 1000
#define WIDTH_MIN    9
#define WIDTH_MAX    50
#define WIDTH_LONG   60
/* What a spreadsheet adds to the width in characters: 5 of the 7 pixels of a digit (18.3.1.13). */
#define WIDTH_PADDING ".7109375"
/* A list of choices in a formula (Excel's limit); longer ones are left out. */
#define CHOICES_MAX 255
/* Everything around the rows, but the links. */
#define AROUND_MAX (64u << 20)

/* ---- in front of the rows ---- */

static size_t column_width(const hp_book_out *b, const hp_page *page, const hp_column *c) {
    size_t widest = hp_utf8_width(c->name) + 2;
    if (c->style == HP_STYLE_LONG) return WIDTH_LONG;
    for (size_t r = page->from; r < page->from + page->rows && r < page->from + WIDTH_SAMPLE; r++) {
        size_t w = hp_utf8_width(hp_text(b->pool, c->v[r])) + 2;
        if (w > widest) widest = w;
    }
    return widest < WIDTH_MIN ? WIDTH_MIN : widest > WIDTH_MAX ? WIDTH_MAX : widest;
}

static void put_columns(const hp_book_out *b, const hp_page *page, hp_buf *out) {
    const hp_table *t = page->sheet->table;
    hp_buf_puts(out, "<cols>");
    for (size_t c = 0; c < t->ncol; c++) {
        unsigned style = hp_column_xf(&t->col[c]);
        hp_buf_printf(out, "<col min=\"%zu\" max=\"%zu\" width=\"%zu" WIDTH_PADDING "\"", c + 1, c + 1,
                      column_width(b, page, &t->col[c]));
        if (style) hp_buf_printf(out, " style=\"%u\"", style);
        hp_buf_puts(out, " customWidth=\"1\"/>");
    }
    hp_buf_puts(out, "</cols>");
}

static void put_head(const hp_book_out *b, const hp_page *page, hp_buf *out) {
    const hp_table *t = page->sheet->table;
    hp_buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<worksheet "
                     "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" "
                     "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\">"
                     "<dimension ref=\"");
    hp_put_ref(out, t->ncol, 1, page->rows + 1, false);
    hp_buf_puts(out, page->number == hp_page_shown(b) + 1
                         ? "\"/><sheetViews><sheetView tabSelected=\"1\" workbookViewId=\"0\""
                         : "\"/><sheetViews><sheetView workbookViewId=\"0\"");
    hp_buf_puts(out,
                page->sheet->plain || t->ncol == 0
                    ? "/>"
                    : "><pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/>"
                      "<selection pane=\"bottomLeft\"/></sheetView>");
    hp_buf_puts(out, "</sheetViews><sheetFormatPr defaultRowHeight=\"15\"/>");
    if (t->ncol) put_columns(b, page, out);
    hp_buf_puts(out, "<sheetData>");
}

/* ---- behind the rows ---- */

static void put_rows_of(hp_buf *out, size_t col, size_t rows) {
    char letters[8];
    hp_col_letters((uint32_t)col, letters);
    hp_buf_printf(out, rows > 1 ? "%s2:%s%zu" : "%s2", letters, letters, rows + 1);
}

static void put_bands(const hp_page *page, hp_buf *out) {
    const hp_table *t = page->sheet->table;
    unsigned priority = 1;
    for (size_t c = 0; c < t->ncol && page->rows; c++) {
        if (t->col[c].style != HP_STYLE_QUALITY) continue;
        hp_buf_puts(out, "<conditionalFormatting sqref=\"");
        put_rows_of(out, c, page->rows);
        hp_buf_puts(out, "\">");
        for (size_t i = 0; i < HP_BANDS; i++)
            hp_buf_printf(out,
                          "<cfRule type=\"cellIs\" dxfId=\"%zu\" priority=\"%u\" stopIfTrue=\"1\" "
                          "operator=\"greaterThanOrEqual\"><formula>%s</formula></cfRule>",
                          i, priority++, HP_BAND_FROM[i]);
        hp_buf_puts(out, "</conditionalFormatting>");
    }
}

/* Tells whether a list of choices fits into a formula: its separator is the comma. */
static bool fits(const hp_out_choices *v) {
    size_t bytes = 0;
    for (size_t i = 0; i < v->n; i++) {
        hp_str s = hp_str_of(v->choice[i]);
        if (s.n == 0 || hp_str_chr(s, ',', 0) != SIZE_MAX || hp_str_chr(s, '"', 0) != SIZE_MAX) return false;
        bytes += s.n + 1;
    }
    return v->n > 0 && bytes <= CHOICES_MAX;
}

/* Other values are allowed after a question: the list is what hotpass knows, not what there may be. */
static void put_choices(const hp_page *page, hp_buf *out) {
    const hp_out_sheet *s = page->sheet;
    size_t n = 0;
    for (size_t i = 0; i < s->nchoices && page->rows; i++) n += fits(&s->choices[i]);
    if (!n) return;
    hp_buf_printf(out, "<dataValidations count=\"%zu\">", n);
    for (size_t i = 0; i < s->nchoices; i++) {
        const hp_out_choices *v = &s->choices[i];
        if (!fits(v)) continue;
        hp_buf_puts(out,
                    "<dataValidation type=\"list\" errorStyle=\"warning\" allowBlank=\"1\" "
                    "showErrorMessage=\"1\" errorTitle=\"Not in the list\" error=\"This value is not one of "
                    "those hotpass uses here. Keep it all the same?\" sqref=\"");
        put_rows_of(out, v->col, page->rows);
        hp_buf_puts(out, "\"><formula1>\"");
        for (size_t k = 0; k < v->n; k++) {
            if (k) hp_buf_putc(out, ',');
            hp_xml_text(out, hp_str_of(v->choice[k]));
        }
        hp_buf_puts(out, "\"</formula1></dataValidation>");
    }
    hp_buf_puts(out, "</dataValidations>");
}

static void put_before_links(const hp_page *page, hp_buf *out) {
    const hp_table *t = page->sheet->table;
    hp_buf_puts(out, "</sheetData>");
    if (t->ncol && !page->sheet->plain && !page->table) {
        hp_buf_puts(out, "<autoFilter ref=\"");
        hp_put_ref(out, t->ncol, 1, page->rows + 1, false);
        hp_buf_puts(out, "\"/>");
    }
    put_bands(page, out);
    put_choices(page, out);
}

static void put_after_links(const hp_page *page, hp_buf *out) {
    const hp_table *t = page->sheet->table;
    hp_buf_puts(out, "<pageMargins left=\"0.7\" right=\"0.7\" top=\"0.75\" bottom=\"0.75\" header=\"0.3\" "
                     "footer=\"0.3\"/>");
    if (t->ncol) {
        /* Identifiers and phones are text on purpose: no green corner should offer to turn them into numbers.
         */
        hp_buf_puts(out, "<ignoredErrors><ignoredError sqref=\"");
        hp_put_ref(out, t->ncol, 1, page->rows + 1, false);
        hp_buf_puts(out, "\" numberStoredAsText=\"1\"/></ignoredErrors>");
    }
    size_t id = page->nlink; /* as hp_page_rels numbers them */
    if (page->ncomment) {
        hp_buf_printf(out, "<legacyDrawing r:id=\"rId%zu\"/>", id + 1);
        id += 2;
    }
    if (page->table)
        hp_buf_printf(out, "<tableParts count=\"1\"><tablePart r:id=\"rId%zu\"/></tableParts>", id + 1);
    hp_buf_puts(out, "</worksheet>");
}

static hp_code pour(hp_book_out *b, hp_buf *text, hp_err *err) {
    HP_TRY(hp_buf_check(text, "a sheet of the workbook", err));
    hp_code code = hp_member_put(&b->zip, hp_buf_str(text), err);
    hp_buf_clear(text);
    return code;
}

hp_code hp_sheet_part(hp_book_out *b, hp_page *page, hp_err *err) {
    char name[64];
    hp_autobuf text = hp_buf_new(AROUND_MAX);
    snprintf(name, sizeof name, "xl/worksheets/sheet%zu.xml", page->number);
    put_head(b, page, &text);
    HP_TRY(hp_member_open(&b->zip, name, HP_ZIP_ANY, err));
    HP_TRY(pour(b, &text, err));
    HP_TRY(hp_rows_pour(b, page, err));
    put_before_links(page, &text);
    HP_TRY(pour(b, &text, err));
    HP_TRY(hp_links_put(b, page, err));
    put_after_links(page, &text);
    HP_TRY(pour(b, &text, err));
    return hp_member_close(&b->zip, err);
}
