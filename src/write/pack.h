/* Deflating in blocks that can be joined: made side by side, written one behind the other; only src/write and
 * its tests include this. */
#ifndef HP_WRITE_PACK_H
#define HP_WRITE_PACK_H

#include "base/buf.h"
#include "write/write.h"

/** Hold a compressor; one thread at a time uses it. */
typedef struct hp_packer hp_packer;

/** Make a compressor; NULL when out of memory. Free with hp_packer_free. */
hp_packer *hp_packer_new(hp_compress level);
/** Free a compressor; NULL is allowed. */
void hp_packer_free(hp_packer *p);

/** Hold deflated bytes that end at a byte, none of them in a final block (RFC 1951, 3.2.3), and what a zip
 * says of their content. Zero-initialise; free `bytes`. */
typedef struct hp_packed {
    hp_buf bytes;
    uint64_t raw; /**< bytes of the content */
    uint32_t crc; /**< ... their CRC-32 */
} hp_packed;

/** Forget the content, keep the memory. */
void hp_packed_clear(hp_packed *out);
/** Deflate `raw` (below 1 GiB) and put it behind what `out` holds. The bytes depend on `raw` and the level
 * alone. Errors: HP_RETRY, HP_BUG. */
hp_code hp_pack(hp_packer *p, hp_str raw, hp_packed *out, hp_err *err);
/** Return the CRC-32 (IEEE 802.3) of two contents one behind the other, from those of both and the length of
 * the second. */
uint32_t hp_crc_join(uint32_t first, uint32_t second, uint64_t second_length);

/** Find, in a whole deflate stream (RFC 1951), the bit that says of its last block that it is the last, and
 * the number of bits of the stream; both count from the first bit of the first byte. False when it is none.
 */
bool hp_deflate_end(hp_str stream, uint64_t *last, uint64_t *bits);

#endif
