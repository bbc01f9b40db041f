/* Fuzzes worksheets: any bytes are the sheet of a workbook that has shared strings and date formats. */
#include "made.h"

#define STRINGS                                                                           \
    "<sst><si><t>zero</t></si><si><t/></si><si><t>Zo\u00eb &amp; _x0041_</t></si>"        \
    "<si><r><t>ri</t></r><r><t xml:space='preserve'>ch </t></r><rPh><t>no</t></rPh></si>" \
    "<si><t>bad \xff&#0;</t></si></sst>"
#define STYLES                                                                                  \
    "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='[h]:mm'/></numFmts><cellXfs><xf/>" \
    "<xf numFmtId='14'/><xf numFmtId='20'/><xf numFmtId='164'/><xf numFmtId='9'/></cellXfs></styleSheet>"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    part parts[BOOK_PARTS];
    memcpy(parts, usual_book, sizeof parts);
    put_part(parts, 's', (hp_str){(const char *)data, size});
    put_part(parts, 't', HP_S(STRINGS));
    put_part(parts, 'y', HP_S(STYLES));
    hp_autobuf made = hp_buf_new(64u << 20);
    make_zip(parts, BOOK_PARTS, &made);
    if (!made.bad) read_twice(hp_buf_str(&made), "fuzz.xlsx", size % 2);
    return 0;
}
