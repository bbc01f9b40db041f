/* Comments of a sheet: their texts (ECMA-376 part 1, 18.7), and the boxes in which they are shown, which are
 * still drawn in VML (part 4, 19.4). */
#include "base/utf8.h"
#include "write/parts.h"

#include "base/banned.h"

#define COMMENTS_MAX (64u << 20)
/* A box is two columns wide; so many signs make a line of it. */
#define BOX_LINE 24

/* As hp_cell_text has it. */
static void put_shown(hp_buf *out, hp_buf *cell, hp_str text) {
    const char *shown = hp_cell_text(cell, text);
    hp_xml_text(out, hp_str_of(shown));
    out->bad = out->bad || !shown;
}

static void put_texts(const hp_page *page, hp_buf *out) {
    const hp_out_sheet *s = page->sheet;
    hp_autobuf cell = hp_buf_new(8 * HP_LIMIT_CELL_TEXT);
    hp_buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<comments "
                     "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><authors>"
                     "<author>hotpass</author></authors><commentList>");
    for (size_t i = 0; i < page->ncomment; i++) {
        char letters[8];
        hp_col_letters(s->comments[i].col, letters);
        hp_buf_printf(
            out,
            "<comment ref=\"%s1\" authorId=\"0\"><text><r><rPr><sz val=\"9\"/><color indexed=\"81\"/>"
            "<rFont val=\"Tahoma\"/><family val=\"2\"/></rPr><t xml:space=\"preserve\">",
            letters);
        put_shown(out, &cell, hp_str_of(s->comments[i].text));
        hp_buf_puts(out, "</t></r></text></comment>");
    }
    hp_buf_puts(out, "</commentList></comments>");
}

/* A box hangs from the second row, beside its column; its place is given as column, offset, row, offset of
 * the corners left above and right below. */
static void put_box(hp_buf *out, const hp_out_comment *c, size_t page, size_t i) {
    size_t lines = hp_utf8_width(hp_str_of(c->text)) / BOX_LINE + 2;
    if (lines > 20) lines = 20;
    hp_buf_printf(
        out,
        "<v:shape id=\"_x0000_s%zu\" type=\"#_x0000_t202\" style=\"position:absolute;margin-left:60pt;"
        "margin-top:1.5pt;width:108pt;height:%zupt;z-index:%zu;visibility:hidden\" fillcolor=\"#ffffe1\" "
        "o:insetmode=\"auto\"><v:fill color2=\"#ffffe1\"/><v:shadow on=\"t\" color=\"black\" "
        "obscured=\"t\"/><v:path o:connecttype=\"none\"/><v:textbox style=\"mso-direction-alt:auto\">"
        "<div style=\"text-align:left\"></div></v:textbox><x:ClientData ObjectType=\"Note\">"
        "<x:MoveWithCells/><x:SizeWithCells/><x:Anchor>%u, 15, 1, 2, %u, 15, %zu, 4</x:Anchor>"
        "<x:AutoFill>False</x:AutoFill><x:Row>0</x:Row><x:Column>%u</x:Column></x:ClientData></v:shape>",
        page * 1024 + i + 1, lines * 15, i + 1, c->col + 1, c->col + 3, lines + 1, c->col);
}

static void put_boxes(const hp_page *page, hp_buf *out) {
    hp_buf_printf(
        out,
        "<xml xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:o=\"urn:schemas-microsoft-com:office:office\" "
        "xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><o:shapelayout v:ext=\"edit\"><o:idmap "
        "v:ext=\"edit\" data=\"%zu\"/></o:shapelayout><v:shapetype id=\"_x0000_t202\" "
        "coordsize=\"21600,21600\" o:spt=\"202\" path=\"m,l,21600r21600,l21600,xe\"><v:stroke "
        "joinstyle=\"miter\"/><v:path gradientshapeok=\"t\" o:connecttype=\"rect\"/></v:shapetype>",
        page->number);
    for (size_t i = 0; i < page->ncomment; i++) put_box(out, &page->sheet->comments[i], page->number, i);
    hp_buf_puts(out, "</xml>");
}

hp_code hp_comment_parts(hp_book_out *b, const hp_page *page, hp_err *err) {
    if (!page->ncomment) return HP_OK;
    char name[64];
    hp_autobuf text = hp_buf_new(COMMENTS_MAX);
    put_texts(page, &text);
    HP_TRY(hp_buf_check(&text, "the comments of the workbook", err));
    snprintf(name, sizeof name, "xl/comments%zu.xml", page->number);
    HP_TRY(hp_zip_add(&b->zip, name, hp_buf_str(&text), err));
    hp_buf_clear(&text);
    put_boxes(page, &text);
    HP_TRY(hp_buf_check(&text, "the comments of the workbook", err));
    snprintf(name, sizeof name, "xl/drawings/vmlDrawing%zu.vml", page->number);
    return hp_zip_add(&b->zip, name, hp_buf_str(&text), err);
}
