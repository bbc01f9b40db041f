#include "read/inflate.h"

#include "base/banned.h"

/* Handed to ISA-L at a time, which counts its input in 32 bits. */
#define INPUT (1u << 30)

void hp_inflate_begin(hp_inflate *s, hp_str packed) {
    s->in = packed.p;
    s->left = packed.n;
    isal_inflate_init(&s->isal);
    s->isal.next_in = NULL;
    s->isal.avail_in = 0;
    s->isal.crc_flag = ISAL_DEFLATE;
}

/* ISA-L holds up to eight bytes in a register. */
uint64_t hp_inflate_unused(const hp_inflate *s) {
    uint64_t held = s->isal.read_in_length > 0 ? (uint64_t)s->isal.read_in_length / 8 : 0;
    return s->left + s->isal.avail_in + held;
}

/* Hands more of the packed bytes over when the last ones are used up. */
static void feed(hp_inflate *s) {
    if (s->isal.avail_in || !s->left) return;
    uint32_t n = s->left < INPUT ? (uint32_t)s->left : INPUT;
    s->isal.next_in = (uint8_t *)(uintptr_t)s->in;
    s->isal.avail_in = n;
    s->in += n;
    s->left -= n;
}

/* Calls ISA-L once. */
static hp_inflated step(hp_inflate *s) {
    feed(s);
    uint32_t in = s->isal.avail_in, room = s->isal.avail_out;
    enum isal_block_state state = s->isal.block_state;
    if (isal_inflate(&s->isal) < 0) return HP_INFLATED_DAMAGED;
    bool stuck = s->isal.avail_in == in && s->isal.avail_out == room && s->isal.block_state == state;
    return stuck ? HP_INFLATED_CUT : HP_INFLATED;
}

hp_inflated hp_inflate_piece(hp_inflate *s, char *to, uint32_t n, uint32_t *got) {
    hp_inflated how = HP_INFLATED;
    s->isal.next_out = (uint8_t *)to;
    s->isal.avail_out = n;
    while (how == HP_INFLATED && s->isal.avail_out && !hp_inflate_ended(s)) how = step(s);
    *got = n - s->isal.avail_out;
    return how;
}
