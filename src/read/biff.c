#include "read/biff.h"

#include "base/bytes.h"
#include "base/banned.h"

enum { CONTINUE = 0x3C, HEAD_BYTES = 4 };

hp_biff hp_biff_new(hp_str stream, size_t from) {
    return (hp_biff){.stream = stream, .next = from, .at = from, .p = stream.p, .end = stream.p};
}

bool hp_biff_next(hp_biff *b) {
    b->at = b->next;
    if (b->at > b->stream.n || b->stream.n - b->at < HEAD_BYTES) return false;
    const char *head = b->stream.p + b->at;
    size_t n = hp_le16(head + 2);
    if (b->stream.n - b->at - HEAD_BYTES < n) return false;
    b->type = (uint16_t)hp_le16(head);
    b->p = head + HEAD_BYTES;
    b->end = b->p + n;
    b->next = b->at + HEAD_BYTES + n;
    return true;
}

uint64_t hp_biff_take(hp_biff *b, unsigned bytes) {
    uint64_t v = 0;
    if (hp_biff_left(b) < bytes) {
        b->p = b->end;
        return 0;
    }
    for (unsigned i = 0; i < bytes; i++) v |= (uint64_t)(uint8_t)b->p[i] << (8 * i);
    b->p += bytes;
    return v;
}

/* Goes on in the CONTINUE record behind this one; false when another follows. */
static bool go_on(hp_biff *b) {
    hp_biff next = *b;
    if (!hp_biff_next(&next) || next.type != CONTINUE) return false;
    next.type = b->type;
    next.at = b->at;
    *b = next;
    return true;
}

/* Skips bytes, over the ends of records. */
static bool skip(hp_biff *b, uint64_t n) {
    while (n > hp_biff_left(b)) {
        n -= hp_biff_left(b);
        if (!go_on(b)) return false;
    }
    b->p += n;
    return true;
}

/* Takes a number that the end of a record may stand before, but not within. */
static bool take(hp_biff *b, unsigned bytes, uint64_t *out) {
    if (hp_biff_left(b) == 0 && !go_on(b)) return false;
    if (hp_biff_left(b) < bytes) return false;
    *out = hp_biff_take(b, bytes);
    return true;
}

/* Appends a UTF-16 unit; *high: half of a pair that waits for the other. */
static void put_unit(hp_buf *out, uint32_t unit, uint32_t *high) {
    bool low = unit >= 0xDC00 && unit < 0xE000;
    if (*high && low) {
        hp_buf_putu(out, 0x10000 + ((*high - 0xD800) << 10) + (unit - 0xDC00));
        *high = 0;
        return;
    }
    if (*high) hp_buf_putu(out, 0xFFFD);
    *high = unit >= 0xD800 && unit < 0xDC00 ? unit : 0;
    if (!*high) hp_buf_putu(out, unit); /* a low half alone becomes U+FFFD */
}

/* Takes the characters. In each record that they go on in they have flags of their own: a text may change
 * from one byte a character to two. */
static bool characters(hp_biff *b, size_t n, bool wide, hp_buf *out) {
    uint32_t high = 0;
    while (n) {
        unsigned size = wide ? 2 : 1;
        if (hp_biff_left(b) < size) {
            uint64_t flags;
            b->p = b->end;
            if (!go_on(b) || !take(b, 1, &flags)) return false;
            wide = flags & 1;
            continue;
        }
        put_unit(out, (uint32_t)hp_biff_take(b, size), &high);
        n--;
    }
    if (high) hp_buf_putu(out, 0xFFFD);
    return true;
}

bool hp_biff_string_length(hp_biff *b, size_t *n) {
    uint64_t length;
    if (!take(b, 2, &length)) return false;
    *n = (size_t)length;
    return true;
}

bool hp_biff_text(hp_biff *b, size_t n, bool rich, hp_buf *out) {
    uint64_t flags, runs = 0, phonetic = 0;
    if (!take(b, 1, &flags)) return n == 0;
    if (rich && (flags & 8) && !take(b, 2, &runs)) return false;
    if (rich && (flags & 4) && !take(b, 4, &phonetic)) return false;
    return characters(b, n, flags & 1, out) && skip(b, 4 * runs) && skip(b, phonetic);
}
