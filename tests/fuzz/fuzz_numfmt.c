/* Fuzzes number formats: any bytes are a format code. What must not matter does not: the case of letters, a
 * colour, a locale or quoted text before it, and the sections behind a whole first one. */
#include <stdlib.h>

#include "base/buf.h"
#include "read/number.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static hp_numfmt with(hp_str before, hp_str code, hp_str after) {
    hp_autobuf b = hp_buf_new(1u << 26);
    hp_buf_add(&b, before);
    hp_buf_add(&b, code);
    hp_buf_add(&b, after);
    if (b.bad) abort();
    return hp_numfmt_of_code(hp_buf_str(&b));
}

static hp_numfmt in_capitals(hp_str code) {
    hp_autobuf b = hp_buf_new(1u << 26);
    for (size_t i = 0; i < code.n; i++) hp_buf_putc(&b, hp_upper(code.p[i]));
    if (b.bad) abort();
    return hp_numfmt_of_code(hp_buf_str(&b));
}

/* Tells whether nothing is open at the end of a code, so that a section may follow. */
static bool is_closed(hp_str code) {
    size_t i = 0;
    while (i < code.n) {
        char c = code.p[i];
        size_t to = i;
        if (c == '"') to = hp_str_chr(code, '"', i + 1);
        if (c == '[') to = hp_str_chr(code, ']', i + 1);
        if (c == '\\' || c == '_' || c == '*') to = i + 1 < code.n ? i + 1 : SIZE_MAX;
        if (to == SIZE_MAX) return false;
        i = to + 1;
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hp_str code = {(const char *)data, size};
    hp_numfmt kind = hp_numfmt_of_code(code);
    if (in_capitals(code) != kind) abort();
    if (with(HP_S("[Red]"), code, HP_S("")) != kind) abort();
    if (with(HP_S("[$-409]"), code, HP_S("")) != kind) abort();
    if (with(HP_S("\"day; [h]\"\\d_y*s"), code, HP_S("")) != kind) abort();
    if (is_closed(code) && with(HP_S(""), code, HP_S(";yyyy[h]")) != kind) abort();
    return 0;
}
