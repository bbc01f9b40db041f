/* Comments of a sheet: their texts (ECMA-376 part 1, 18.7), and the boxes in which they are shown, which are
 * still drawn in VML (part 4, 19.4). */
#include "base/limits.h"
#include "base/utf8.h"
#include "write/parts.h"
#include "write/remark.h"

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

void hp_remark_run(hp_buf *out, hp_str prefix, hp_buf *cell, hp_str text) {
    const int n = (int)prefix.n;
    const char *p = prefix.n ? prefix.p : "";
    hp_buf_printf(out,
                  "<%.*sr><%.*srPr><%.*ssz val=\"9\"/><%.*scolor indexed=\"81\"/><%.*srFont val=\"Tahoma\"/>"
                  "<%.*sfamily val=\"2\"/></%.*srPr><%.*st xml:space=\"preserve\">",
                  n, p, n, p, n, p, n, p, n, p, n, p, n, p, n, p);
    put_shown(out, cell, text);
    hp_buf_printf(out, "</%.*st></%.*sr>", n, p, n, p);
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
        hp_buf_printf(out, "<comment ref=\"%s1\" authorId=\"0\"><text>", letters);
        hp_remark_run(out, HP_S(""), &cell, hp_str_of(s->comments[i].text));
        hp_buf_puts(out, "</text></comment>");
    }
    hp_buf_puts(out, "</commentList></comments>");
}

/* ---- boxes ---- */

size_t hp_box_lines(hp_str text) {
    size_t lines = 2;
    for (hp_str rest = text, line; hp_str_next(&rest, '\n', &line);)
        lines += hp_utf8_width(line) / BOX_LINE + 1;
    lines -= lines > 2;
    return lines > 20 ? 20 : lines;
}

/* A box hangs beside its cell, from the row above it (for a header from the second row); its place is given
 * as column, offset, row, offset of the corners left above and right below. */
void hp_box_put(hp_buf *out, const hp_box *b) {
    uint32_t left = b->col + 3 < HP_LIMIT_SHEET_COLS ? b->col + 1 : HP_LIMIT_SHEET_COLS - 3;
    uint32_t top = b->row ? b->row - 1 : 1;
    if (top + b->lines >= HP_LIMIT_SHEET_ROWS) top = (uint32_t)(HP_LIMIT_SHEET_ROWS - 1 - b->lines);
    hp_buf_printf(
        out,
        "<v:shape%s id=\"_x0000_s%llu\" type=\"#_x0000_t202\" style=\"position:absolute;margin-left:60pt;"
        "margin-top:1.5pt;width:108pt;height:%zupt;z-index:%zu;visibility:hidden\" fillcolor=\"#ffffe1\" "
        "o:insetmode=\"auto\"><v:fill color2=\"#ffffe1\"/><v:shadow on=\"t\" color=\"black\" "
        "obscured=\"t\"/><v:path o:connecttype=\"none\"/><v:textbox style=\"mso-direction-alt:auto\">"
        "<div style=\"text-align:left\"></div></v:textbox><x:ClientData ObjectType=\"Note\">"
        "<x:MoveWithCells/><x:SizeWithCells/><x:Anchor>%u, 15, %u, 2, %u, 15, %zu, 4</x:Anchor>"
        "<x:AutoFill>False</x:AutoFill><x:Row>%u</x:Row><x:Column>%u</x:Column></x:ClientData></v:shape>",
        b->spaces, (unsigned long long)b->id, b->lines * 15, b->z, left, top, left + 2, top + b->lines,
        b->row, b->col);
}

void hp_box_type(hp_buf *out) {
    hp_buf_puts(out, "<v:shapetype id=\"_x0000_t202\" coordsize=\"21600,21600\" o:spt=\"202\" "
                     "path=\"m,l,21600r21600,l21600,xe\"><v:stroke joinstyle=\"miter\"/><v:path "
                     "gradientshapeok=\"t\" o:connecttype=\"rect\"/></v:shapetype>");
}

void hp_box_begin(hp_buf *out, uint64_t block, uint64_t n) {
    hp_buf_puts(out,
                "<xml xmlns:v=\"urn:schemas-microsoft-com:vml\" "
                "xmlns:o=\"urn:schemas-microsoft-com:office:office\" "
                "xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><o:shapelayout v:ext=\"edit\"><o:idmap "
                "v:ext=\"edit\" data=\"");
    for (uint64_t i = 0; i < n; i++)
        hp_buf_printf(out, "%s%llu", i ? "," : "", (unsigned long long)(block + i));
    hp_buf_puts(out, "\"/></o:shapelayout>");
    hp_box_type(out);
}

static void put_boxes(const hp_page *page, hp_buf *out) {
    const hp_out_comment *c = page->sheet->comments;
    hp_box_begin(out, page->number, 1);
    for (size_t i = 0; i < page->ncomment; i++) {
        const hp_box box = {.id = page->number * HP_BOX_BLOCK + i + 1,
                            .z = i + 1,
                            .col = c[i].col,
                            .lines = hp_box_lines(hp_str_of(c[i].text)),
                            .spaces = ""};
        hp_box_put(out, &box);
    }
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
