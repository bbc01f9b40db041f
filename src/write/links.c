/* Links of a sheet, and all its relationships (ECMA-376 part 2, 9.3): a link's address is outside the
 * package, so it stands there, and the sheet names it by id. */
#include "base/mem.h"
#include "write/parts.h"

#include "base/banned.h"

static const char TYPE[] = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";

/* ---- finding ---- */

static hp_code add_link(hp_page *page, size_t *cap, size_t row, size_t col, hp_err *err) {
    if (page->nlink == *cap) {
        size_t more = *cap ? 2 * *cap : 256;
        hp_link *grown = hp_realloc(page->link, more, sizeof *grown);
        if (!grown) return hp_fail_memory(err, "the links of the workbook");
        page->link = grown;
        *cap = more;
    }
    page->link[page->nlink++] = (hp_link){(uint32_t)row, (uint32_t)col};
    return HP_OK;
}

hp_code hp_links_find(const hp_book_out *b, hp_page *page, hp_err *err) {
    const hp_table *t = page->sheet->table;
    hp_autobuf url = hp_buf_new(8192);
    size_t cap = 0, linked = 0;
    for (size_t c = 0; c < t->ncol; c++) linked += hp_is_linked(t->col[c].style);
    if (!linked) return HP_OK;
    for (size_t r = page->from; r < page->from + page->rows; r++)
        for (size_t c = 0; c < t->ncol; c++) {
            const hp_column *col = &t->col[c];
            if (!hp_is_linked(col->style) || col->v[r] == HP_NULL || !hp_is_shared(col, r)) continue;
            if (hp_cell_link(&url, col->style, hp_text(b->pool, col->v[r])))
                HP_TRY(add_link(page, &cap, r, c, err));
            if (url.bad) return hp_fail_memory(err, "the links of the workbook");
            if (page->nlink == HP_LIMIT_SHEET_LINKS) return HP_OK;
        }
    return HP_OK;
}

/* ---- writing ---- */

/* What stands behind the first "#" is a place within what the link leads to, and an attribute of its own. */
static hp_str fragment_of(hp_str url) {
    size_t at = hp_str_chr(url, '#', 0);
    return at == SIZE_MAX ? hp_str_cut(url, url.n, url.n) : hp_str_cut(url, at + 1, url.n);
}

static bool is_hex(char c) { return hp_is_digit(c) || (hp_lower(c) >= 'a' && hp_lower(c) <= 'f'); }

/* Puts an address as a URI (RFC 3986): what it may not hold is percent-encoded, and so is a "%" that begins
 * no such code. */
static void put_target(hp_buf *out, hp_str url) {
    size_t n = hp_str_chr(url, '#', 0);
    for (size_t i = 0; i < url.n && i < n; i++) {
        char c = url.p[i];
        bool bare = c == '%' && !(i + 2 < url.n && is_hex(url.p[i + 1]) && is_hex(url.p[i + 2]));
        if (bare || (c && strchr("\"<>[]`^{}\\|", c)))
            hp_buf_printf(out, "%%%02X", (unsigned)(unsigned char)c);
        else
            hp_xml_text(out, (hp_str){&c, 1});
    }
}

static hp_code link_of(const hp_book_out *b, const hp_page *page, size_t i, hp_buf *url, hp_err *err) {
    const hp_column *c = &page->sheet->table->col[page->link[i].col];
    hp_cell_link(url, c->style, hp_text(b->pool, c->v[page->link[i].row]));
    return hp_buf_check(url, "a link of the workbook", err);
}

/* Gives what gathered to the member under way. */
static hp_code pour(hp_book_out *b, hp_buf *text, hp_err *err) {
    HP_TRY(hp_buf_check(text, "the links of the workbook", err));
    hp_code code = hp_member_put(&b->zip, hp_buf_str(text), err);
    hp_buf_clear(text);
    return code;
}

hp_code hp_links_put(hp_book_out *b, const hp_page *page, hp_err *err) {
    if (!page->nlink) return HP_OK;
    hp_autobuf url = hp_buf_new(8192), text = hp_buf_new(1 << 16);
    hp_buf_puts(&text, "<hyperlinks>");
    for (size_t i = 0; i < page->nlink; i++) {
        HP_TRY(link_of(b, page, i, &url, err));
        char letters[8];
        hp_col_letters(page->link[i].col, letters);
        hp_buf_printf(&text, "<hyperlink ref=\"%s%zu\" r:id=\"rId%zu\"", letters,
                      page->link[i].row - page->from + 2, i + 1);
        hp_str place = fragment_of(hp_buf_str(&url));
        if (place.n) {
            hp_buf_puts(&text, " location=\"");
            hp_xml_text(&text, place);
            hp_buf_putc(&text, '"');
        }
        hp_buf_puts(&text, "/>");
        HP_TRY(pour(b, &text, err));
    }
    return hp_member_put(&b->zip, HP_S("</hyperlinks>"), err);
}

static hp_code put_links(hp_book_out *b, const hp_page *page, hp_buf *text, hp_err *err) {
    hp_autobuf url = hp_buf_new(8192);
    for (size_t i = 0; i < page->nlink; i++) {
        HP_TRY(link_of(b, page, i, &url, err));
        hp_buf_printf(text, "<Relationship Id=\"rId%zu\" Type=\"%shyperlink\" Target=\"", i + 1, TYPE);
        put_target(text, hp_buf_str(&url));
        hp_buf_puts(text, "\" TargetMode=\"External\"/>");
        HP_TRY(pour(b, text, err));
    }
    return HP_OK;
}

hp_code hp_page_rels(hp_book_out *b, const hp_page *page, hp_err *err) {
    if (!page->nlink && !page->table && !page->ncomment) return HP_OK;
    char name[80];
    snprintf(name, sizeof name, "xl/worksheets/_rels/sheet%zu.xml.rels", page->number);
    hp_autobuf text = hp_buf_new(1 << 16);
    HP_TRY(hp_member_open(&b->zip, name, HP_ZIP_SMALL, err)); /* 65,530 addresses of 2,079 signs are 140 MB */
    HP_TRY(hp_member_put(&b->zip,
                         HP_S("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Relationships "
                              "xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"),
                         err));
    HP_TRY(put_links(b, page, &text, err));
    size_t id = page->nlink;
    if (page->ncomment) {
        hp_buf_printf(&text,
                      "<Relationship Id=\"rId%zu\" Type=\"%svmlDrawing\" "
                      "Target=\"../drawings/vmlDrawing%zu.vml\"/>",
                      ++id, TYPE, page->number);
        hp_buf_printf(&text,
                      "<Relationship Id=\"rId%zu\" Type=\"%scomments\" Target=\"../comments%zu.xml\"/>", ++id,
                      TYPE, page->number);
    }
    if (page->table)
        hp_buf_printf(&text,
                      "<Relationship Id=\"rId%zu\" Type=\"%stable\" Target=\"../tables/table%zu.xml\"/>",
                      ++id, TYPE, page->number);
    hp_buf_puts(&text, "</Relationships>");
    HP_TRY(pour(b, &text, err));
    return hp_member_close(&b->zip, err);
}
