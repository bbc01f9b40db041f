/* Fuzzes the csv reader: any bytes are a csv file. */
#include "made.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    read_twice((hp_str){(const char *)data, size}, "fuzz.csv", size % 2);
    return 0;
}
