/* Fuzzes styles: any bytes are those of a workbook with numbers in the first eight cell formats. */
#include "made.h"

#define CELL(i, number) "<c s='" #i "'><v>" #number "</v></c>"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    part parts[BOOK_PARTS];
    memcpy(parts, usual_book, sizeof parts);
    put_part(parts, 'y', (hp_str){(const char *)data, size});
    put_part(parts, 's',
             HP_S("<worksheet><sheetData><row>" CELL(0, 1) CELL(1, 0.5) CELL(2, 45944.5) CELL(3, 60)
                      CELL(4, -1) CELL(5, 2958465.9999999) CELL(6, 1e300)
                          CELL(7, 1.1) "</row></sheetData></worksheet>"));
    hp_autobuf made = hp_buf_new(64u << 20);
    make_zip(parts, BOOK_PARTS, &made);
    if (!made.bad) read_twice(hp_buf_str(&made), "fuzz.xlsx", size % 2);
    return 0;
}
