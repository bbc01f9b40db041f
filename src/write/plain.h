/* Copying texts that need no escape, which most are, 16 bytes at a time; only src/write includes this. */
#ifndef HP_WRITE_PLAIN_H
#define HP_WRITE_PLAIN_H

#include "base/buf.h"
#include "table/table.h"

/** Bytes that may be written behind the end of a copied text. */
#define HP_PLAIN_SLACK 32
/** Rows of which the texts are fetched before they are needed: first where they are, then what they say. */
#define HP_FETCH_PLACES 12
#define HP_FETCH_BYTES  6

/** Name the bytes that need a closer look: those below a blank, those from 0x20 + span on, and four more. */
typedef struct hp_odd {
    uint8_t span, a, b, c, d;
} hp_odd;

typedef uint8_t hp_v16 __attribute__((vector_size(16)));
typedef uint64_t hp_w2 __attribute__((vector_size(16)));

/** Make 16 bytes of one. */
static inline __attribute__((always_inline)) hp_v16 hp_all(uint8_t b) {
    return (hp_v16){b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b};
}

/** Tell whether there is such a byte among 16. */
static inline __attribute__((always_inline)) bool hp_is_odd(hp_v16 v, hp_odd o) {
    hp_w2 odd = (hp_w2)(v - hp_all(' ') >= hp_all(o.span)) | (hp_w2)(v == hp_all(o.a))
                | (hp_w2)(v == hp_all(o.b)) | (hp_w2)(v == hp_all(o.c)) | (hp_w2)(v == hp_all(o.d));
    return (odd[0] | odd[1]) != 0;
}

/** Copy a text of up to 15 bytes by two loads that overlap, neither beyond its end; false as hp_copy_plain.
 */
static inline __attribute__((always_inline)) bool hp_copy_short(char *to, hp_str s, hp_odd o) {
    uint64_t low = 0x4141414141414141, high = low; /* a byte that is none of them */
    if (s.n >= 8) {
        memcpy(&low, s.p, 8);
        memcpy(&high, s.p + s.n - 8, 8);
        memcpy(to, &low, 8);
        memcpy(to + s.n - 8, &high, 8);
    } else if (s.n >= 4) {
        memcpy(&low, s.p, 4);
        memcpy(&high, s.p + s.n - 4, 4);
        memcpy(to, &low, 4);
        memcpy(to + s.n - 4, &high, 4);
    } else if (s.n) {
        unsigned char first = (unsigned char)s.p[0], middle = (unsigned char)s.p[s.n / 2],
                      last = (unsigned char)s.p[s.n - 1];
        low = (low << 24) | (uint64_t)last << 16 | (uint64_t)middle << 8 | first;
        to[0] = s.p[0];
        to[s.n / 2] = s.p[s.n / 2];
        to[s.n - 1] = s.p[s.n - 1];
    }
    return !hp_is_odd((hp_v16)(hp_w2){low, high}, o);
}

/** Copy a text to where there is room for it and HP_PLAIN_SLACK; false when it has a byte that needs a closer
 * look: then what was copied is worth nothing. */
static inline __attribute__((always_inline)) bool hp_copy_plain(char *to, hp_str s, hp_odd o) {
    if (s.n < 16) return hp_copy_short(to, s, o);
    hp_v16 v;
    for (size_t i = 0; i + 16 < s.n; i += 16) {
        memcpy(&v, s.p + i, 16);
        memcpy(to + i, &v, 16);
        if (hp_is_odd(v, o)) return false;
    }
    memcpy(&v, s.p + s.n - 16, 16);
    memcpy(to + s.n - 16, &v, 16);
    return !hp_is_odd(v, o);
}

/** Return where the next n bytes and some more go; NULL without room (b->bad). */
static inline char *hp_plain_room(hp_buf *b, size_t n) {
    if (b->cap > b->n + n + HP_PLAIN_SLACK) return b->p + b->n;
    return hp_buf_room(b, n + HP_PLAIN_SLACK);
}

/** Fetch what a column will need some rows later. */
static inline void hp_fetch_ahead(const hp_place *place, const hp_column *c, size_t row, size_t nrow) {
    if (row + HP_FETCH_PLACES >= nrow) return;
    __builtin_prefetch(&place[c->v[row + HP_FETCH_PLACES]]);
    __builtin_prefetch(hp_place_bytes(place[c->v[row + HP_FETCH_BYTES]]));
}

#endif
