/* The physical limit of reading a workbook: its worksheets and shared strings are inflated, one thread, and
 * thrown away.
 *
 *     inflate_parts FILE.xlsx whole|stream
 *
 * whole: libdeflate, each part into one buffer. stream: ISA-L, in pieces of 64 KiB. */
#include <isa-l/igzip_lib.h>
#include <libdeflate.h>
#include <stdbool.h>
#include <stdint.h>
#include <zip.h>

#include "../stage.h"

static bool whole(const uint8_t *in, size_t n, size_t size) {
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    void *out = malloc(size ? size : 1);
    bool good = d && out && libdeflate_deflate_decompress(d, in, n, out, size, NULL) == LIBDEFLATE_SUCCESS;
    free(out);
    libdeflate_free_decompressor(d);
    return good;
}

static bool stream(const uint8_t *in, size_t n, size_t size) {
    static uint8_t out[1 << 16];
    struct inflate_state s;
    size_t made = 0;
    isal_inflate_init(&s);
    s.next_in = (uint8_t *)(uintptr_t)in; /* the library does not say that it only reads */
    s.avail_in = (uint32_t)n;
    while (s.block_state != ISAL_BLOCK_FINISH) {
        s.next_out = out;
        s.avail_out = sizeof out;
        if (isal_inflate(&s) != ISAL_DECOMP_OK || s.avail_out == sizeof out) return false;
        made += sizeof out - s.avail_out;
    }
    return made == size;
}

/* Reads the deflated bytes of a part; NULL when that fails. Not measured. */
static uint8_t *raw(zip_t *z, zip_uint64_t i, const zip_stat_t *st) {
    zip_file_t *f = zip_fopen_index(z, i, ZIP_FL_COMPRESSED);
    uint8_t *bytes = malloc(st->comp_size + 1);
    bool good = f && bytes && zip_fread(f, bytes, st->comp_size) == (zip_int64_t)st->comp_size;
    if (f) zip_fclose(f);
    if (good) return bytes;
    free(bytes);
    return NULL;
}

static bool wanted(const zip_stat_t *st) {
    return st->comp_method == ZIP_CM_DEFLATE
           && (strstr(st->name, "worksheets/sheet") || strstr(st->name, "sharedStrings"));
}

int main(int argc, char **argv) {
    int bad = 0;
    if (argc != 3) {
        fputs("usage: inflate_parts FILE.xlsx whole|stream\n", stderr);
        return 2;
    }
    zip_t *z = zip_open(argv[1], ZIP_RDONLY, &bad);
    double cpu = 0, wall = 0, bytes = 0;
    for (zip_int64_t i = 0; z && i < zip_get_num_entries(z, 0); i++) {
        zip_stat_t st;
        if (zip_stat_index(z, (zip_uint64_t)i, 0, &st) || !wanted(&st)) continue;
        uint8_t *in = raw(z, (zip_uint64_t)i, &st);
        double c = stage_cpu(), w = stage_wall();
        if (!in || !(*argv[2] == 'w' ? whole : stream)(in, st.comp_size, st.size)) {
            fprintf(stderr, "%s: %s cannot be inflated\n", argv[1], st.name);
            return 1;
        }
        cpu += stage_cpu() - c;
        wall += stage_wall() - w;
        bytes += (double)st.size;
        free(in);
    }
    if (!z) {
        fprintf(stderr, "%s: cannot be opened\n", argv[1]);
        return 1;
    }
    zip_discard(z);
    printf("bytes=%.0f\nstage=inflate cpu=%.4f wall=%.4f rise=0\n", bytes, cpu, wall);
    return 0;
}
