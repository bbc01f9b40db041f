/* Fuzzes inflating. Checksums would keep a fuzzer out of a zip, so that input is the deflated bytes of a
 * part: its first two bytes are the declared size, and the zip around it has the checksum that libdeflate
 * finds.
 */
#include "pieces.h"

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

/* Says a byte more or less than the truth now and then. */
static size_t lie(size_t real, uint32_t seed) {
    if (seed % 16 == 0) return real + 1;
    return seed % 16 == 1 && real ? real - 1 : real;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) return 0;
    uint32_t seed = libdeflate_crc32(0, data, size);
    size_t declared = (size_t)data[0] | (size_t)data[1] << 8, real = 0;
    hp_str packed = hp_str_cut((hp_str){(const char *)data, size}, 2, size);
    hp_autofree char *out = hp_malloc(declared);
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    if (!out || !d) abort();
    bool good =
        libdeflate_deflate_decompress(d, packed.p, packed.n, out, declared, &real) == LIBDEFLATE_SUCCESS;
    libdeflate_free_decompressor(d);
    hp_autobuf b = hp_buf_new(1u << 26);
    wrap(packed, good ? libdeflate_crc32(0, out, real) : 0, good ? lie(real, seed) : declared, &b);
    read_zip(hp_buf_str(&b), seed);
    return 0;
}
