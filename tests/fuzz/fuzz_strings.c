/* Fuzzes shared strings: any bytes are those of a workbook with cells that ask for the first eight. */
#include "made.h"

#define CELL(i) "<c t='s'><v>" #i "</v></c>"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    part parts[BOOK_PARTS];
    memcpy(parts, usual_book, sizeof parts);
    put_part(parts, 't', (hp_str){(const char *)data, size});
    put_part(parts, 's',
             HP_S("<worksheet><sheetData><row>" CELL(0) CELL(1) CELL(2) CELL(3) "</row><row>" CELL(4) CELL(5)
                      CELL(6) CELL(7) "</row></sheetData></worksheet>"));
    hp_autobuf made = hp_buf_new(64u << 20);
    make_zip(parts, BOOK_PARTS, &made);
    if (!made.bad) read_twice(hp_buf_str(&made), "fuzz.xlsx", size % 2);
    return 0;
}
