/* Fuzzes worksheets: any bytes are the sheet of a workbook that has shared strings and date formats. */
#include "made.h"

#define STRINGS                                                                           \
    "<sst><si><t>zero</t></si><si><t/></si><si><t>Zo\u00eb &amp; _x0041_</t></si>"        \
    "<si><r><t>ri</t></r><r><t xml:space='preserve'>ch </t></r><rPh><t>no</t></rPh></si>" \
    "<si><t>bad \xff&#0;</t></si></sst>"
#define STYLES                                                                                  \
    "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='[h]:mm'/></numFmts><cellXfs><xf/>" \
    "<xf numFmtId='14'/><xf numFmtId='20'/><xf numFmtId='164'/><xf numFmtId='9'/></cellXfs></styleSheet>"

enum { SOME_PIECES = 700000 }; /* a sheet of so many bytes is read in two pieces */

/* Repeats the rows of a sheet until it is long enough to be cut between them. */
static void repeat_rows(hp_str sheet, hp_buf *out) {
    size_t from = hp_str_find(sheet, HP_S("<row"), 0), to = SIZE_MAX;
    for (size_t at = from; at != SIZE_MAX; at = hp_str_find(sheet, HP_S("</row>"), at + 1)) to = at;
    if (to == SIZE_MAX || to == from) {
        hp_buf_add(out, sheet);
        return;
    }
    to += sizeof "</row>" - 1;
    hp_buf_add(out, hp_str_cut(sheet, 0, from));
    while (out->n < SOME_PIECES && !out->bad) hp_buf_add(out, hp_str_cut(sheet, from, to));
    hp_buf_add(out, hp_str_cut(sheet, to, sheet.n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    part parts[BOOK_PARTS];
    memcpy(parts, usual_book, sizeof parts);
    hp_str sheet = {(const char *)data, size};
    hp_autobuf long_sheet = hp_buf_new(64u << 20);
    if (size % 64 == 7) { /* now and then: it takes its time */
        repeat_rows(sheet, &long_sheet);
        sheet = hp_buf_str(&long_sheet);
    }
    put_part(parts, 's', sheet);
    put_part(parts, 't', HP_S(STRINGS));
    put_part(parts, 'y', HP_S(STYLES));
    hp_autobuf made = hp_buf_new(64u << 20);
    make_zip(parts, BOOK_PARTS, &made);
    if (!made.bad) read_twice(hp_buf_str(&made), "fuzz.xlsx", size % 2);
    return 0;
}
