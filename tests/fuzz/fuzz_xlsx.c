/* Fuzzes the workbook reader. Input that begins as a zip is a workbook. Since checksums would keep a fuzzer
 * out of the parts, other input is one part of a workbook that is made around it: its first byte says which.
 */
#include "made.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hp_str input = {(const char *)data, size};
    part parts[BOOK_PARTS];
    memcpy(parts, usual_book, sizeof parts);
    bool whole = true;
    for (size_t i = 0; i < BOOK_PARTS && size > 0; i++) {
        if (input.p[0] != parts[i].letter) continue;
        parts[i].text = hp_str_cut(input, 1, size);
        whole = false;
    }
    hp_autobuf made = hp_buf_new(64u << 20);
    if (!whole) {
        make_zip(parts, BOOK_PARTS, &made);
        if (made.bad) return 0;
        input = hp_buf_str(&made);
    }
    read_twice(input, "fuzz.xlsx", size % 2);
    return 0;
}
