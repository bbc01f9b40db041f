/* Fuzzes the container: any bytes are a zip, its directory is read and each part inflated. */
#include "pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hp_limit_put(HP_L_PART_BYTES, 1u << 24); /* the time goes into many small ones */
    read_zip((hp_str){(const char *)data, size}, libdeflate_crc32(0, data, size));
    return 0;
}
