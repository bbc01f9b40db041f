/* Looking at XML in the forms that programs write it: elements without prefixes, attributes in double quotes,
 * nothing between them but white space. Shared by the quick readers of rows and of shared strings; what they
 * do not know goes to read/xml.h. */
#ifndef HP_READ_QUICK_H
#define HP_READ_QUICK_H

#include <string.h>

#include "base/simd.h"
#include "read/xml.h"

/** Hold the structure of a piece: where a < is, and where something is to be decoded (& and CR).
 * Zero-initialise; free with hp_quick_free. */
typedef struct hp_structure {
    uint64_t *bits; /* both, and scratch */
    size_t cap;     /* words */
    const uint64_t *less, *special;
    bool any_special;
} hp_structure;

/** Find the structure of a piece. False without memory. */
bool hp_structure_find(hp_structure *s, hp_str piece);
/** Release it. */
void hp_structure_free(hp_structure *s);

/** Hold a look at a piece, behind which HP_PIECE_SLACK bytes may be read. */
typedef struct hp_quick {
    const char *begin, *p; /**< the piece; what comes next */
    size_t n;
    const hp_structure *s;
} hp_quick;

/** Load eight bytes. */
static inline uint64_t hp_load8(const char *p) {
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}
/* Byte i of a literal as a part of a word; spelled out since a copy of a literal would go through memory, and
 * be loaded before it is stored. */
#define HP_BYTE(what, i) \
    ((uint64_t)(unsigned char)(what)[(i) < sizeof(what) ? (i) : sizeof(what) - 1] << (8 * (i)))
#define HP_WORD(what)                                                                             \
    (HP_BYTE(what, 0) | HP_BYTE(what, 1) | HP_BYTE(what, 2) | HP_BYTE(what, 3) | HP_BYTE(what, 4) \
     | HP_BYTE(what, 5) | HP_BYTE(what, 6) | HP_BYTE(what, 7))
/** Tell whether a constant of at most 8 bytes stands at p. */
#define HP_AT(p, what) (((hp_load8(p) ^ HP_WORD(what)) << (64 - 8 * (sizeof(what) - 1))) == 0)

/** Pass over white space. */
static inline void hp_quick_white(hp_quick *q) {
    while (*q->p == ' ' || *q->p == '\n' || *q->p == '\t' || *q->p == '\r') q->p++;
}
/** Return where the next < is; the end of the piece when there is none. */
static inline const char *hp_quick_less(const hp_quick *q, const char *from) {
    return q->begin + hp_mark_next(q->s->less, (size_t)(from - q->begin), q->n);
}
/** Take the text at p, which ends at the next <. Something in it may have to be decoded into `scratch`, which
 * *out views then; `x` gets `repaired` set if that failed for a character. False when it cannot be decoded.
 */
static inline bool hp_quick_text(hp_quick *q, hp_xml *x, hp_buf *scratch, hp_str *out) {
    const char *from = q->p, *to = hp_quick_less(q, from);
    *out = (hp_str){from, (size_t)(to - from)};
    q->p = to;
    if (!q->s->any_special || !hp_mark_any(q->s->special, (size_t)(from - q->begin), (size_t)(to - q->begin)))
        return true;
    hp_buf_clear(scratch);
    x->why = NULL;
    if (!hp_xml_decode(x, *out, scratch) || scratch->bad) return false;
    *out = hp_buf_str(scratch);
    return true;
}
/** Take the start tag of a <t>, with or without xml:space. */
static inline bool hp_quick_t(hp_quick *q) {
    if (HP_AT(q->p, "<t>")) {
        q->p += 3;
        return true;
    }
    if (!HP_AT(q->p, "<t xml:s") || !HP_AT(q->p + 8, "pace=\"pr") || !HP_AT(q->p + 16, "eserve\">"))
        return false;
    q->p += 24;
    return true;
}
/** Read `n` digits at p, at most eight; UINT64_MAX when they are none. All eight bytes are loaded and those
 * behind the end shifted out, so the number of digits makes no branch. */
static inline uint64_t hp_quick_digits(const char *p, size_t n) {
    if (n == 0 || n > 8) return UINT64_MAX;
    uint64_t v = hp_load8(p) << (64 - 8 * n) | (n < 8 ? 0x3030303030303030u >> (8 * n) : 0);
    uint64_t low = v - 0x3030303030303030u, over = v + 0x4646464646464646u;
    if ((low | over) & 0x8080808080808080u) return UINT64_MAX;
    low = low * 10 + (low >> 8);
    return ((low & 0x000000FF000000FFu) * 0x000F424000000064u
            + ((low >> 16) & 0x000000FF000000FFu) * 0x0000271000000001u)
           >> 32;
}

#endif
