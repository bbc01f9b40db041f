#include "base/err.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/banned.h"

/* Characters that could move a terminal's cursor, colour it, or reorder what is read: C0, DEL, C1, line
 * separators and the bidirectional controls (UAX #9). Cell text of a stranger's workbook ends up in messages.
 */
static bool is_unprintable(uint32_t cp) {
    return cp < 0x20 || (cp >= 0x7F && cp <= 0x9F) || cp == 0x2028 || cp == 0x2029 || cp == 0x200E
           || cp == 0x200F || (cp >= 0x202A && cp <= 0x202E) || (cp >= 0x2066 && cp <= 0x2069);
}

/* Copies `in` to `out` (size `cap`, never longer than the source needs) as one printable line, cut between
 * code points. */
static void copy_clean(char *out, size_t cap, hp_str in) {
    size_t n = 0;
    for (size_t i = 0; i < in.n;) {
        size_t from = i;
        uint32_t cp = hp_utf8_next(in, &i);
        bool invalid = cp == 0xFFFD && i - from == 1;
        bool replace = invalid || is_unprintable(cp);
        size_t len = replace ? 1 : i - from;
        if (n + len >= cap) break;
        if (replace) {
            out[n] = cp == '\n' || cp == '\t' ? ' ' : '?';
        } else {
            memcpy(out + n, in.p + from, len);
        }
        n += len;
    }
    out[n] = '\0';
}

/* Where a byte cut by snprintf may have split a code point, drops the first part of it. */
static size_t whole_length(const char *p, size_t n) {
    size_t i = n;
    while (i > 0 && n - i < 3 && ((unsigned char)p[i - 1] & 0xC0) == 0x80) i--;
    if (i == 0 || (unsigned char)p[i - 1] < 0xC0) return n;
    unsigned char lead = (unsigned char)p[i - 1];
    size_t want = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    return n - (i - 1) < want ? i - 1 : n;
}

hp_code(hp_fail)(hp_err *err, hp_code code, const char *fmt, ...) {
    if (!err) return code;
    /* Formatted aside, since callers wrap messages: hp_fail(err, err->code, "...: %s", err->message). */
    char text[sizeof err->message];
    va_list ap;
    va_start(ap, fmt);
    int wanted = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    size_t n = wanted < 0 ? 0 : (size_t)wanted;
    if (n >= sizeof text) n = whole_length(text, sizeof text - 1);
    err->code = code;
    err->stage[0] = '\0';
    copy_clean(err->message, sizeof err->message, (hp_str){text, n});
    return code;
}

hp_code(hp_fail_memory)(hp_err *err, const char *what) {
    return hp_fail(err, HP_RETRY,
                   "out of memory while building %s; raise --max-memory, or use a machine with more memory",
                   what);
}

hp_code hp_err_in(hp_err *err, const char *stage) {
    if (!err) return HP_BUG;
    if (!err->stage[0]) copy_clean(err->stage, sizeof err->stage, hp_str_of(stage));
    return err->code;
}
