/* Fuzzes the container: the directory, and inflating each part in one go and in pieces, by two libraries,
 * which have to agree. Checksums would keep a fuzzer out, so that input that is no zip is the deflated bytes
 * of a part: its first two bytes are the declared size, and the zip around it has the checksum that either
 * inflater finds.
 */
#include <libdeflate.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "read/zip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put(hp_buf *b, uint64_t value, int bytes) {
    for (int i = 0; i < bytes; i++) hp_buf_putc(b, (char)(value >> (8 * i)));
}

static void put_header(hp_buf *b, hp_str packed, uint32_t crc, size_t size) {
    put(b, 20, 2);
    put(b, 8u << 16, 4); /* flags, method: deflated */
    put(b, 0x58210000, 4);
    put(b, crc, 4);
    put(b, packed.n, 4);
    put(b, size, 4);
    put(b, 1, 4); /* lengths of name and extra field */
}

/* Makes a zip of one deflated part. */
static void wrap(hp_str packed, uint32_t crc, size_t size, hp_buf *b) {
    put(b, 0x04034b50, 4);
    put_header(b, packed, crc, size);
    hp_buf_putc(b, 'a');
    hp_buf_add(b, packed);
    size_t from = b->n;
    put(b, 0x02014b50, 4);
    put(b, 20, 2);
    put_header(b, packed, crc, size);
    put(b, 0, 7); /* comment, disk, attributes, offset */
    put(b, 0, 7);
    hp_buf_putc(b, 'a');
    size_t length = b->n - from;
    put(b, 0x06054b50, 4);
    put(b, 0, 4);
    put(b, 0x10001, 4);
    put(b, length, 4);
    put(b, from, 4);
    put(b, 0, 2);
}

/* Reads a part in pieces of sizes that `seed` chooses. */
static hp_code read_pieces(hp_zip *z, size_t entry, uint32_t seed, hp_buf *out) {
    hp_zip_stream *s = NULL;
    HP_TRY(hp_zip_stream_open(z, entry, &s, NULL));
    hp_code code = HP_OK;
    size_t got = 1;
    while (code == HP_OK && got) {
        seed = seed * 1664525 + 1013904223;
        size_t n = 1 + (seed >> 8) % (seed & 0x80000000 ? 200 : 70000);
        hp_autofree char *to = hp_malloc(n); /* of just this size, so that a byte too much is seen */
        if (!to) abort();
        code = hp_zip_stream_read(s, to, n, &got, NULL);
        if (code == HP_OK) hp_buf_add(out, (hp_str){to, got});
    }
    hp_zip_stream_close(s);
    return code;
}

static void compare(hp_zip *z, size_t entry, uint32_t seed) {
    hp_autopart part = {0};
    hp_autobuf pieces = hp_buf_new(1u << 26);
    hp_code whole = hp_zip_read(z, entry, &part, NULL), streamed = read_pieces(z, entry, seed, &pieces);
    /* libdeflate takes code lengths that run over the end of their table, which zlib and ISA-L refuse: no
     * harm, as the checksum holds. The other way round would be. */
    if (streamed == HP_OK && whole != HP_OK) abort();
    if (streamed == HP_OK && !hp_str_eq(part.bytes, hp_buf_str(&pieces))) abort();
}

static void read_zip(hp_str bytes, uint32_t seed) {
    hp_zip *z = NULL;
    hp_err err = {0};
    if (hp_zip_open(bytes, HP_S("fuzz.zip"), &z, &err) != HP_OK) return;
    for (size_t i = 0; i < hp_zip_count(z) && i < 8; i++) compare(z, i, seed + (uint32_t)i);
    hp_zip_close(z);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hp_limit_put(HP_L_PART_BYTES, 1u << 24); /* the time goes into many small ones */
    hp_str input = {(const char *)data, size};
    uint32_t seed = libdeflate_crc32(0, data, size);
    if (hp_str_find(input, HP_S("PK\5\6"), 0) != SIZE_MAX) {
        read_zip(input, seed);
        return 0;
    }
    if (size < 2) return 0;
    size_t declared = (size_t)data[0] | (size_t)data[1] << 8, real = 0;
    hp_str packed = hp_str_cut(input, 2, size);
    hp_autofree char *out = hp_malloc(declared);
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    if (!out || !d) abort();
    bool good =
        libdeflate_deflate_decompress(d, packed.p, packed.n, out, declared, &real) == LIBDEFLATE_SUCCESS;
    libdeflate_free_decompressor(d);
    hp_autobuf b = hp_buf_new(1u << 26);
    wrap(packed, good ? libdeflate_crc32(0, out, real) : 0, good ? real : declared, &b);
    read_zip(hp_buf_str(&b), seed);
    return 0;
}
