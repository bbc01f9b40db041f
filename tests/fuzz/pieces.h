/* Inflating a part in one go and in pieces, by two libraries, which have to agree. */
#ifndef HP_TESTS_FUZZ_PIECES_H
#define HP_TESTS_FUZZ_PIECES_H

#include <libdeflate.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "read/zip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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

#endif
