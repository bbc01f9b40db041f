/* Numbers in bytes, lowest byte first, as zip, gzip, parquet and compound files have them; at any address. */
#ifndef HP_BASE_BYTES_H
#define HP_BASE_BYTES_H

#include <stdint.h>

/** Read two bytes. */
static inline uint32_t hp_le16(const void *at) {
    const uint8_t *p = at;
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}
/** Read four bytes. */
static inline uint32_t hp_le32(const void *at) {
    const uint8_t *p = at;
    return hp_le16(p) | hp_le16(p + 2) << 16;
}
/** Read eight bytes. */
static inline uint64_t hp_le64(const void *at) {
    const uint8_t *p = at;
    return hp_le32(p) | (uint64_t)hp_le32(p + 4) << 32;
}

#endif
