/* xl/styles.xml (ECMA-376 part 1, 18.8): the few styles that hotpass uses, under the numbers of parts.h. */
#include "write/parts.h"

#include "base/banned.h"

#define FONT       "<sz val=\"11\"/>"
#define FACE       "<name val=\"Calibri\"/><family val=\"2\"/>"
#define SIDE(name) "<" name " style=\"thin\"><color auto=\"1\"/></" name ">"
#define XF         "<xf numFmtId=\"%u\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>"

const char *const HP_BAND_FROM[HP_BANDS] = {"0.8", "0.6", "0.4", "0"};
/* Fills of the four quality bands: the colours operators know (refined workbooks have always had them). */
static const char *const BAND_FILL[HP_BANDS] = {"FFC6EFCE", "FFFFEB9C", "FFFFC7CE", "FFFF0000"};

/* Formats of numbers: text, 0.00, h:mm:ss and [h]:mm:ss are known to all (18.8.30), dates in the order of ISO
 * 8601 are not. */
enum {
    FORMAT_TEXT = 49,
    FORMAT_SCORE = 2,
    FORMAT_TIME = 21,
    FORMAT_ELAPSED = 46,
    FORMAT_DATE = 164,
    FORMAT_MOMENT
};

static void put_cell_styles(hp_buf *out) {
    hp_buf_puts(out, "<cellXfs count=\"9\">"
                     "<xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/>");
    hp_buf_printf(out, XF XF, FORMAT_TEXT, FORMAT_SCORE);
    hp_buf_puts(out,
                "<xf numFmtId=\"0\" fontId=\"1\" fillId=\"2\" borderId=\"1\" xfId=\"0\" applyFont=\"1\" "
                "applyFill=\"1\" applyBorder=\"1\" applyAlignment=\"1\"><alignment horizontal=\"center\" "
                "vertical=\"center\" wrapText=\"1\"/></xf>"
                "<xf numFmtId=\"0\" fontId=\"2\" fillId=\"0\" borderId=\"0\" xfId=\"1\"/>");
    hp_buf_printf(out, XF XF XF XF, FORMAT_DATE, FORMAT_MOMENT, FORMAT_TIME, FORMAT_ELAPSED);
    hp_buf_puts(out,
                "</cellXfs><cellStyles count=\"2\"><cellStyle name=\"Hyperlink\" xfId=\"1\" builtinId=\"8\"/>"
                "<cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles>");
}

void hp_styles_part(hp_buf *out) {
    hp_buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<styleSheet "
                     "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">");
    hp_buf_printf(out,
                  "<numFmts count=\"2\"><numFmt numFmtId=\"%u\" formatCode=\"yyyy\\-mm\\-dd\"/>"
                  "<numFmt numFmtId=\"%u\" formatCode=\"yyyy\\-mm\\-dd\\ hh:mm:ss\"/></numFmts>",
                  FORMAT_DATE, FORMAT_MOMENT);
    hp_buf_puts(
        out,
        "<fonts count=\"3\"><font>" FONT FACE "</font><font><b/>" FONT "<color rgb=\"FFFFFFFF\"/>" FACE
        "</font><font><u/>" FONT "<color rgb=\"FF0563C1\"/>" FACE "</font></fonts>"
        "<fills count=\"3\"><fill><patternFill patternType=\"none\"/></fill><fill><patternFill "
        "patternType=\"gray125\"/></fill><fill><patternFill patternType=\"solid\"><fgColor "
        "rgb=\"FF366092\"/><bgColor indexed=\"64\"/></patternFill></fill></fills>"
        "<borders count=\"2\"><border><left/><right/><top/><bottom/><diagonal/></border><border>" SIDE("left")
            SIDE("right") SIDE("top") SIDE(
                "bottom") "<diagonal/></border></borders>"
                          "<cellStyleXfs count=\"2\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/>"
                          "<xf numFmtId=\"0\" fontId=\"2\" fillId=\"0\" borderId=\"0\" applyNumberFormat=\"0\" "
                          "applyFill=\"0\" applyBorder=\"0\" applyAlignment=\"0\" applyProtection=\"0\"/></cellStyleXfs>");
    put_cell_styles(out);
    hp_buf_printf(out, "<dxfs count=\"%d\">", HP_BANDS);
    for (size_t i = 0; i < HP_BANDS; i++)
        hp_buf_printf(out, "<dxf><fill><patternFill><bgColor rgb=\"%s\"/></patternFill></fill></dxf>",
                      BAND_FILL[i]);
    hp_buf_puts(out, "</dxfs><tableStyles count=\"0\" defaultTableStyle=\"TableStyleMedium9\" "
                     "defaultPivotStyle=\"PivotStyleLight16\"/></styleSheet>");
}
