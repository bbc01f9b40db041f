/* Fuzzes compound files. Input that begins as one is opened and its streams are read; other input is the
 * stream EncryptionInfo of an encrypted workbook. */
#include "base/mem.h"
#include "read/cfb.h"
#include "read/crypt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_stream(hp_cfb *c, hp_str name) {
    hp_cfb_stream s;
    hp_err err = {0};
    if (hp_cfb_stream_open(c, name, &s, &err) != HP_OK) return;
    char piece[100];
    while (s.at < s.size) {
        size_t n = s.size - s.at < sizeof piece ? (size_t)(s.size - s.at) : sizeof piece;
        if (hp_cfb_stream_read(&s, piece, n, &err) != HP_OK) break;
    }
    hp_cfb_stream_close(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hp_mem_set_budget(512u << 20);
    hp_str input = {(const char *)data, size};
    hp_err err = {0};
    hp_crypt_info info;
    hp_cfb *c;
    if (!hp_cfb_is(input)) {
        hp_crypt_info_read(input, HP_S("fuzz.xlsx"), &info, &err);
    } else if (hp_cfb_open(input, HP_S("fuzz.xlsx"), &c, &err) == HP_OK) {
        read_stream(c, HP_S("EncryptionInfo"));
        read_stream(c, HP_S("EncryptedPackage"));
        read_stream(c, HP_S("Workbook"));
        hp_cfb_close(c);
    }
    return 0;
}
