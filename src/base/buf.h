/* Growing byte buffers with a mandatory cap. */
#ifndef HP_BASE_BUF_H
#define HP_BASE_BUF_H

#include <stdarg.h>
#include "base/err.h"
#include "base/str.h"

/** Hold growing bytes, on the heap, never more than `max`. Adding past the cap or without memory sets `bad`
 * and drops the addition, so that many additions can be checked once, at the end, with hp_buf_check.
 * Zero-initialise but for `max`. */
typedef struct hp_buf {
    char *p;
    size_t n, cap, max;
    bool bad;  /**< an addition was dropped */
    bool over; /**< ... because of the cap, not for want of memory */
} hp_buf;

/** Make an empty buffer that may grow to `max` bytes. */
static inline hp_buf hp_buf_new(size_t max) { return (hp_buf){.max = max}; }
/** Release the bytes; the buffer is empty and usable again. */
void hp_buf_free(hp_buf *b);
/** Forget the content and the `bad` mark, keep the memory. */
static inline void hp_buf_clear(hp_buf *b) {
    b->n = 0;
    b->bad = b->over = false;
}
/** Append bytes. */
void hp_buf_add(hp_buf *b, hp_str s);
/** Append a NUL-terminated string. */
void hp_buf_puts(hp_buf *b, const char *s);
/** Append one byte. */
void hp_buf_putc(hp_buf *b, char c);
/** Append one code point as UTF-8 (surrogates and values above U+10FFFF become U+FFFD). */
void hp_buf_putu(hp_buf *b, uint32_t cp);
/** Append formatted text. */
void hp_buf_printf(hp_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** Append formatted text, from a va_list. */
void hp_buf_vprintf(hp_buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/** Append `s` as a JSON string with its quotes (RFC 8259 section 7). */
void hp_buf_json(hp_buf *b, hp_str s);
/** Make room for `n` more bytes and return where they go (NULL sets `bad`); the caller then adds to b->n. */
char *hp_buf_room(hp_buf *b, size_t n);
/** View the content. */
static inline hp_str hp_buf_str(const hp_buf *b) { return (hp_str){b->p ? b->p : "", b->n}; }
/** Return the content NUL-terminated (the NUL is not counted); "" when empty or bad. Valid until the next
 * addition. */
const char *hp_buf_cstr(hp_buf *b);
/** Fail with HP_RETRY (memory) or HP_DATA (cap) if an addition was dropped; `what` names the content. */
hp_code hp_buf_check(const hp_buf *b, const char *what, hp_err *err);

/** Declare a buffer that is freed when it goes out of scope. */
#define hp_autobuf __attribute__((cleanup(hp_buf_free))) hp_buf

#endif
