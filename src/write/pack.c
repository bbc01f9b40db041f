/* Compressors: ISA-L for speed, libdeflate for size. Measured on 100,000 contacts of 23 columns (103 MB of
 * XML, blocks of 1 MiB): ISA-L's level 2 packs 870 MB/s into 18.3 MB, its level 3 285 MB/s into 17.7 MB;
 * libdeflate's level 5 125 MB/s into 16.1 MB, its level 6 95 MB/s into 15.8 MB; zlib's level 6, which others
 * use, 56 MB/s into 16.0 MB. */
#include "write/pack.h"

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <libdeflate.h>

#include "base/mem.h"

#include "base/banned.h"

#define FAST_LEVEL 2
#define FAST_SIZE  ISAL_DEF_LVL2_DEFAULT
#define BEST_LEVEL 5
/* Far more than the deflated form of a block takes. */
#define PACKED_MAX (4ull << 30)

/* ISA-L 2.30 finds other matches in a short text now and then, depending on the address of its tables: of
 * texts of 50 to 400 bytes one in a hundred came out otherwise in another process, of longer ones none.
 * libdeflate packs the short ones, so that the same workbook has the same bytes. */
#define SHORT (16u << 10)

struct hp_packer {
    struct libdeflate_compressor *best;
    bool fast;
    struct isal_zstream stream;
    uint8_t level[]; /* FAST_SIZE of them */
};

hp_packer *hp_packer_new(hp_compress level) {
    hp_packer *p = hp_malloc(sizeof *p + (level == HP_COMPRESS_BEST ? 0 : FAST_SIZE));
    if (!p) return NULL;
    p->fast = level != HP_COMPRESS_BEST;
    p->best = libdeflate_alloc_compressor(BEST_LEVEL);
    if (p->best) return p;
    hp_free(p);
    return NULL;
}

void hp_packer_free(hp_packer *p) {
    if (p) libdeflate_free_compressor(p->best);
    hp_free(p);
}

void hp_packed_clear(hp_packed *out) {
    out->bytes.max = PACKED_MAX;
    hp_buf_clear(&out->bytes);
    out->raw = 0;
    out->crc = 0;
}

/* A block that ends in the marker of a full flush: an empty stored block, which ends at a byte. */
static hp_code pack_fast(hp_packer *p, hp_str raw, hp_buf *out, hp_err *err) {
    struct isal_zstream *s = &p->stream;
    isal_deflate_init(s);
    s->level = FAST_LEVEL;
    s->level_buf = p->level;
    s->level_buf_size = FAST_SIZE;
    s->flush = FULL_FLUSH;
    s->next_in = (uint8_t *)(uintptr_t)raw.p;
    s->avail_in = (uint32_t)raw.n;
    do {
        size_t room = s->avail_in / 2 + 4096;
        char *to = hp_buf_room(out, room);
        if (!to) return hp_fail_memory(err, "the workbook");
        s->next_out = (uint8_t *)to;
        s->avail_out = (uint32_t)room;
        if (isal_deflate(s) != COMP_OK) return hp_fail(err, HP_BUG, "deflate failed; please report this");
        out->n += room - s->avail_out;
    } while (s->avail_out == 0 || s->avail_in > 0);
    return HP_OK;
}

/* libdeflate knows only whole streams. The last block loses its mark, and an empty stored block (three bits,
 * up to the next byte, its length 0 and the complement of that) takes the rest to a byte. */
static hp_code pack_best(hp_packer *p, hp_str raw, hp_buf *out, hp_err *err) {
    size_t room = libdeflate_deflate_compress_bound(p->best, raw.n) + 8;
    char *to = hp_buf_room(out, room);
    if (!to) return hp_fail_memory(err, "the workbook");
    size_t n = libdeflate_deflate_compress(p->best, raw.p, raw.n, to, room - 8);
    uint64_t last, bits;
    if (n == 0 || !hp_deflate_end((hp_str){to, n}, &last, &bits))
        return hp_fail(err, HP_BUG, "deflate failed; please report this");
    to[last / 8] = (char)(to[last / 8] & ~(1 << last % 8));
    for (size_t end = (size_t)((bits + 3 + 7) / 8); n < end; n++) to[n] = 0;
    memcpy(to + n, "\0\0\xFF\xFF", 4);
    out->n += n + 4;
    return HP_OK;
}

hp_code hp_pack(hp_packer *p, hp_str raw, hp_packed *out, hp_err *err) {
    if (raw.n == 0) return HP_OK;
    bool fast = p->fast && raw.n >= SHORT;
    HP_TRY(fast ? pack_fast(p, raw, &out->bytes, err) : pack_best(p, raw, &out->bytes, err));
    uint32_t crc = crc32_gzip_refl(0, (const unsigned char *)raw.p, raw.n);
    out->crc = hp_crc_join(out->crc, crc, raw.n);
    out->raw += raw.n;
    return HP_OK;
}

/* ---- joining checksums ---- */

/* A CRC is the rest of a division of polynomials over GF(2), lowest bit = highest power. */
#define POLYNOMIAL 0xEDB88320u

static uint32_t times(uint32_t a, uint32_t b) {
    uint32_t product = 0;
    for (uint32_t bit = 1u << 31; bit; bit >>= 1) {
        if (a & bit) product ^= b;
        b = b & 1 ? b >> 1 ^ POLYNOMIAL : b >> 1;
    }
    return product;
}

/* What stands in front of n bytes counts x to the power of 8n more than it did alone. */
uint32_t hp_crc_join(uint32_t first, uint32_t second, uint64_t second_length) {
    uint32_t power = 1u << 31 /* 1 */, square = 1u << 23 /* x^8 */;
    for (uint64_t n = second_length; n; n >>= 1) {
        if (n & 1) power = times(power, square);
        square = times(square, square);
    }
    return times(power, first) ^ second;
}
