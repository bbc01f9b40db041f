/* The compressions of parquet pages (Compression.md of parquet-format). */
#include "read/parquet.h"

#include <brotli/decode.h>
#include <libdeflate.h>
#include <lz4.h>
#include <snappy-c.h>
#include <zstd.h>

#include "base/banned.h"

enum {
    CODEC_NONE = 0,
    CODEC_SNAPPY = 1,
    CODEC_GZIP = 2,
    CODEC_BROTLI = 4,
    CODEC_LZ4 = 5,
    CODEC_ZSTD = 6,
    CODEC_LZ4_RAW = 7
};

static bool inflate_gzip(hp_pq_bytes in, uint8_t *out, size_t n) {
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    size_t used = 0, made = 0, total = 0;
    bool ok = d != NULL;
    while (ok && in.n) { /* a page may be several members */
        ok = libdeflate_gzip_decompress_ex(d, in.p, in.n, out + total, n - total, &used, &made)
                 == LIBDEFLATE_SUCCESS
             && used;
        if (!ok) break;
        in = (hp_pq_bytes){in.p + used, in.n - used};
        total += made;
    }
    libdeflate_free_decompressor(d);
    return ok && total == n;
}

static uint32_t be32(const uint8_t *b) {
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | (uint32_t)b[3];
}

static bool inflate_lz4_raw(hp_pq_bytes in, uint8_t *out, size_t n) {
    if (in.n > INT32_MAX || n > INT32_MAX) return false;
    int made = LZ4_decompress_safe((const char *)in.p, (char *)out, (int)in.n, (int)n);
    return made >= 0 && (size_t)made == n;
}

/* The deprecated LZ4: blocks with their two sizes in front, as Hadoop writes them; older writers left the
 * sizes out. */
static bool inflate_lz4_hadoop(hp_pq_bytes in, uint8_t *out, size_t n) {
    size_t total = 0;
    while (in.n >= 8) {
        uint32_t whole = be32(in.p), packed = be32(in.p + 4);
        if (packed > in.n - 8 || whole > n - total) return false;
        if (!inflate_lz4_raw((hp_pq_bytes){in.p + 8, packed}, out + total, whole)) return false;
        total += whole;
        in = (hp_pq_bytes){in.p + 8 + packed, in.n - 8 - packed};
    }
    return in.n == 0 && total == n;
}

static bool inflate_snappy(hp_pq_bytes in, uint8_t *out, size_t n) {
    size_t whole;
    if (snappy_uncompressed_length((const char *)in.p, in.n, &whole) != SNAPPY_OK || whole != n) return false;
    return snappy_uncompress((const char *)in.p, in.n, (char *)out, &whole) == SNAPPY_OK && whole == n;
}

bool hp_pq_inflate(int codec, hp_pq_bytes in, uint8_t *out, size_t n, bool *known) {
    size_t made = n;
    *known = true;
    switch (codec) {
    case CODEC_NONE:
        if (in.n != n) return false;
        if (n) memcpy(out, in.p, n);
        return true;
    case CODEC_SNAPPY: return inflate_snappy(in, out, n);
    case CODEC_GZIP: return inflate_gzip(in, out, n);
    case CODEC_BROTLI:
        return BrotliDecoderDecompress(in.n, in.p, &made, out) == BROTLI_DECODER_RESULT_SUCCESS && made == n;
    case CODEC_LZ4: return inflate_lz4_hadoop(in, out, n) || inflate_lz4_raw(in, out, n);
    case CODEC_ZSTD: return ZSTD_decompress(out, n, in.p, in.n) == n;
    case CODEC_LZ4_RAW: return inflate_lz4_raw(in, out, n);
    default: *known = false; return false;
    }
}
