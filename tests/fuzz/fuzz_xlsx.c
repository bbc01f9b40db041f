/* Fuzzes the workbook reader. Input that begins as a zip is a workbook. Since checksums would keep a fuzzer
 * out of the parts, other input is one part of a workbook that is made around it: its first byte says which.
 */
#include "made.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hp_autobuf made = hp_buf_new(64u << 20);
    hp_str book = book_of(data, size, &made);
    if (!made.bad) read_twice(book, "fuzz.xlsx", size % 2);
    return 0;
}
