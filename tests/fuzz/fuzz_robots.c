/* robots.txt: any bytes are rules, and matching ends. Where the file is cut into lines it does not matter
 * whether they end in LF, CR or both. */
#include <stdint.h>

#include "base/buf.h"
#include "net/robots.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Bit i: path i may be fetched. */
static unsigned allowed(hp_str file) {
    static const char *const PATH[] = {
        "/", "/a", "/a/b.gif", "/a?b=c", "/%7Ejoe", "/aaaaaaaaaaaaaaaaaaaaaaaaab", "/\xC3\xA9"};
    hp_autoarena *a = hp_arena_new(NULL);
    hp_robots *r;
    hp_err err = {0};
    unsigned bits = 0;
    if (!a || hp_robots_read(a, file, HP_S("hotpass"), &r, &err) != HP_OK) return 0;
    if (!(hp_robots_delay(r) >= 0)) __builtin_trap();
    if (!hp_robots_allows(r, HP_S("/robots.txt"))) __builtin_trap();
    for (unsigned i = 0; i < sizeof PATH / sizeof *PATH; i++)
        bits |= (unsigned)hp_robots_allows(r, hp_str_of(PATH[i])) << i;
    return bits;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hp_autobuf other = hp_buf_new(2 * HP_ROBOTS_BYTES);
    if (size > HP_ROBOTS_BYTES / 2) return 0;
    for (size_t i = 0; i < size; i++) {
        if (data[i] == '\n') hp_buf_putc(&other, '\r');
        hp_buf_putc(&other, (char)data[i]);
    }
    if (other.bad) return 0;
    if (allowed((hp_str){(const char *)data, size}) != allowed(hp_buf_str(&other))) __builtin_trap();
    return 0;
}
