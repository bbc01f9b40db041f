/* Fuzzes the reader of OpenDocument spreadsheets: any bytes are the part content.xml of one. */
#include "made.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const part parts[] = {{0, "mimetype", HP_S("application/vnd.oasis.opendocument.spreadsheet")},
                          {0, "content.xml", {(const char *)data, size}}};
    hp_limit_put(HP_L_CELLS, 1u << 20); /* repeats make many of few bytes, which is slow and nothing new */
    hp_mem_set_budget(512u << 20);
    hp_autobuf made = hp_buf_new(64u << 20);
    make_zip(parts, 2, &made);
    if (made.bad) return 0;
    reading r;
    reading_open(&r, hp_buf_str(&made), "fuzz.ods", size % 2);
    reading_close(&r);
    return 0;
}
