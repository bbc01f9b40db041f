/* Tables in the sense of a spreadsheet (ECMA-376 part 1, 18.5): a range with a name, whose columns have
 * names. */
#include "base/utf8.h"
#include "write/parts.h"

#include "base/banned.h"

#define TABLE_MAX (64u << 20)
/* Comparing each header with each other one; nobody filters a wider table by name. */
#define COLUMNS_MAX 1000

/* Tells whether the header's cell shows just this text, as it must. */
static bool plain_name(hp_str s) {
    if (s.n == 0 || s.n > 255 || !hp_utf8_valid(s, NULL) || memmem(s.p, s.n, "\xEF\xBF", 2)) return false;
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7F) return false;
    return hp_str_find(s, HP_S("_x"), 0) == SIZE_MAX;
}

bool hp_can_be_table(const hp_table *t, size_t rows) {
    if (rows == 0 || t->ncol == 0 || t->ncol > COLUMNS_MAX) return false;
    for (size_t c = 0; c < t->ncol; c++) {
        if (!plain_name(t->col[c].name)) return false;
        for (size_t k = 0; k < c; k++)
            if (hp_str_ieq(t->col[c].name, t->col[k].name)) return false;
    }
    return true;
}

/* The name of the sheet, with what a name may hold (18.5.1.2), and not to be taken for a cell ("A1"). */
static void put_name(hp_buf *out, const hp_page *page) {
    hp_str s = hp_str_of(page->name);
    hp_buf_puts(out, "Table_");
    for (size_t i = 0; i < s.n; i++) hp_buf_putc(out, hp_is_alnum(s.p[i]) ? s.p[i] : '_');
    hp_buf_printf(out, "_%zu", page->number); /* two sheets may differ in signs that it cannot hold */
}

hp_code hp_table_part(hp_book_out *b, const hp_page *page, hp_err *err) {
    if (!page->table) return HP_OK;
    const hp_table *t = page->sheet->table;
    char part[64];
    hp_autobuf text = hp_buf_new(TABLE_MAX), name = hp_buf_new(1024), ref = hp_buf_new(64);
    put_name(&name, page);
    hp_put_ref(&ref, t->ncol, 1, page->rows + 1, false);
    hp_buf_printf(
        &text,
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<table "
        "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" id=\"%zu\" name=\"%s\" "
        "displayName=\"%s\" ref=\"%s\" totalsRowShown=\"0\"><autoFilter ref=\"%s\"/>"
        "<tableColumns count=\"%zu\">",
        page->number, hp_buf_cstr(&name), hp_buf_cstr(&name), hp_buf_cstr(&ref), hp_buf_cstr(&ref), t->ncol);
    for (size_t c = 0; c < t->ncol; c++) {
        hp_buf_printf(&text, "<tableColumn id=\"%zu\" name=\"", c + 1);
        hp_xml_text(&text, t->col[c].name);
        hp_buf_puts(&text, "\"/>");
    }
    hp_buf_puts(&text, "</tableColumns><tableStyleInfo name=\"TableStyleLight1\" showFirstColumn=\"0\" "
                       "showLastColumn=\"0\" showRowStripes=\"1\" showColumnStripes=\"0\"/></table>");
    HP_TRY(hp_buf_check(&name, "a table of the workbook", err));
    HP_TRY(hp_buf_check(&text, "a table of the workbook", err));
    snprintf(part, sizeof part, "xl/tables/table%zu.xml", page->number);
    return hp_zip_add(&b->zip, part, hp_buf_str(&text), err);
}
