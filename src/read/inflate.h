/* Inflating by ISA-L (RFC 1951) piece by piece, with the number of packed bytes that were used: for parts of
 * a zip and members of a gzip file. */
#ifndef HP_READ_INFLATE_H
#define HP_READ_INFLATE_H

#include <isa-l/igzip_lib.h>

#include "base/str.h"

/** Hold packed bytes that are being inflated. */
typedef struct hp_inflate {
    const char *in; /**< what was not yet handed over */
    uint64_t left;  /**< of it */
    struct inflate_state isal;
} hp_inflate;

/** Name how a piece ended. */
typedef enum hp_inflated {
    HP_INFLATED,         /**< the room is filled, or the deflated bytes ended */
    HP_INFLATED_DAMAGED, /**< they are none */
    HP_INFLATED_CUT      /**< there are no more packed bytes, but they have no end */
} hp_inflated;

/** Begin with the first of the packed bytes; others may follow behind their end. */
void hp_inflate_begin(hp_inflate *s, hp_str packed);
/** Inflate up to n bytes into `to`: *got is less only at the end, or when this is not HP_INFLATED. */
hp_inflated hp_inflate_piece(hp_inflate *s, char *to, uint32_t n, uint32_t *got);
/** Tell whether the deflated bytes ended. */
static inline bool hp_inflate_ended(const hp_inflate *s) { return s->isal.block_state == ISAL_BLOCK_FINISH; }
/** Return how many packed bytes were not used. */
uint64_t hp_inflate_unused(const hp_inflate *s);

#endif
