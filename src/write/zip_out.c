/* Zip archives (PKWARE APPNOTE 6.3.9) with ISA-L's deflate. The sizes in front of a member are put in once it
 * is written, so that every reader finds them where it looks first. */
#include "write/zip_out.h"

#include <errno.h>
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <sys/stat.h>

#include "base/mem.h"

#include "base/banned.h"

/* Level 2 is as fast as 1 on rows and packs them a little better; level 3 takes three times as long for two
 * per cent more. */
#define LEVEL      2
#define LEVEL_SIZE ISAL_DEF_LVL2_DEFAULT
#define OUT_SIZE   (128u << 10)

/* Names, 46 bytes and at most 28 of the 64-bit form each: a workbook of 4,096 sheets has under 10,000 parts.
 */
#define DIRECTORY_MAX (16u << 20)

/* 1980-01-01 00:00, the first moment that a zip can name: bytes depend on the content alone. */
#define DOS_DATE 0x21

struct hp_packer {
    struct isal_zstream stream;
    uint8_t level[LEVEL_SIZE];
    uint8_t out[OUT_SIZE];
};

/* One member as the directory has it. */
typedef struct entry {
    hp_str name;
    uint64_t start, raw, packed;
    uint32_t crc;
    bool big; /* the local header has 64-bit sizes */
} entry;

static hp_code fail_writing(const hp_zip_out *z, hp_err *err) {
    return hp_fail(err, HP_IO, "%s: the workbook cannot be written: %s; is the disk full?", z->shown,
                   strerrordesc_np(errno ? errno : EIO));
}

static hp_code put_raw(hp_zip_out *z, const void *p, size_t n, hp_err *err) {
    if (n && fwrite(p, 1, n, z->f) != n) return fail_writing(z, err);
    z->at += n;
    return HP_OK;
}

/* ---- compressing ---- */

static hp_code pack(hp_zip_out *z, hp_str bytes, bool last, hp_err *err) {
    hp_packer *p = z->packer;
    struct isal_zstream *s = &p->stream;
    s->next_in = (uint8_t *)(uintptr_t)bytes.p;
    s->avail_in = (uint32_t)bytes.n;
    s->end_of_stream = last;
    do {
        s->next_out = p->out;
        s->avail_out = OUT_SIZE;
        if (isal_deflate(s) != COMP_OK) return hp_fail(err, HP_BUG, "%s: deflate failed", z->shown);
        HP_TRY(put_raw(z, p->out, OUT_SIZE - s->avail_out, err));
    } while (s->avail_out == 0 || s->avail_in > 0);
    return HP_OK;
}

static void reset(hp_packer *p) {
    isal_deflate_init(&p->stream);
    p->stream.level = LEVEL;
    p->stream.level_buf = p->level;
    p->stream.level_buf_size = LEVEL_SIZE;
    p->stream.flush = NO_FLUSH;
}

hp_code hp_zip_put(hp_zip_out *z, hp_str bytes, hp_err *err) {
    z->raw += bytes.n;
    while (bytes.n) {
        hp_str piece = hp_str_cut(bytes, 0, 1u << 30); /* the compressor counts in 32 bits */
        z->crc = crc32_gzip_refl(z->crc, (const unsigned char *)piece.p, piece.n);
        HP_TRY(pack(z, piece, false, err));
        bytes = hp_str_cut(bytes, piece.n, bytes.n);
    }
    return HP_OK;
}

/* ---- fields, little-endian (4.4) ---- */

static void put_le(hp_buf *b, uint64_t v, size_t n) {
    for (size_t i = 0; i < n; i++) hp_buf_putc(b, (char)(v >> (8 * i) & 0xFF));
}

static void put_zeros(hp_buf *b, size_t n) {
    for (size_t i = 0; i < n; i++) hp_buf_putc(b, 0);
}

static void put_size(hp_buf *b, uint64_t v, uint64_t limit) { put_le(b, v >= limit ? HP_ZIP_LIMIT : v, 4); }

/* Adds what the headers of both kinds have in common, from the needed version to the sizes. */
static void put_common(hp_buf *b, const entry *e, bool big, uint64_t limit) {
    put_le(b, big ? 45 : 20, 2);
    put_le(b, 0, 2); /* flags */
    put_le(b, 8, 2); /* deflate */
    put_le(b, 0, 2); /* 00:00 */
    put_le(b, DOS_DATE, 2);
    put_le(b, e->crc, 4);
    put_size(b, e->packed, limit);
    put_size(b, e->raw, limit);
    put_le(b, e->name.n, 2);
}

/* The 64-bit form in front of a member holds both sizes, whichever needs it (4.5.3). */
static void put_local(hp_buf *b, const entry *e) {
    put_le(b, 0x04034b50, 4);
    put_common(b, e, e->big, e->big ? 0 : HP_ZIP_LIMIT);
    put_le(b, e->big ? 20 : 0, 2);
    hp_buf_add(b, e->name);
    if (!e->big) return;
    put_le(b, 1, 2);
    put_le(b, 16, 2);
    put_le(b, e->raw, 8);
    put_le(b, e->packed, 8);
}

/* ... that in the directory only what needs it. */
static void put_central(hp_buf *b, const entry *e, uint64_t limit) {
    const uint64_t wide[] = {e->raw, e->packed, e->start};
    size_t n = 0;
    for (size_t i = 0; i < 3; i++) n += wide[i] >= limit;
    bool big = e->big || n > 0;
    put_le(b, 0x02014b50, 4);
    put_le(b, big ? 45 : 20, 2);
    put_common(b, e, big, limit);
    put_le(b, n ? 4 + 8 * n : 0, 2);
    put_zeros(b, 2 + 2 + 2 + 4); /* comment, disk, attributes */
    put_size(b, e->start, limit);
    hp_buf_add(b, e->name);
    if (!n) return;
    put_le(b, 1, 2);
    put_le(b, 8 * n, 2);
    for (size_t i = 0; i < 3; i++)
        if (wide[i] >= limit) put_le(b, wide[i], 8);
}

/* ---- members ---- */

/* Writes the header, the bytes and, now that they are known, the sizes in the header. */
static hp_code add_once(hp_zip_out *z, entry *e, hp_zip_pour *pour, void *ctx, hp_err *err) {
    hp_autobuf head = hp_buf_new(1u << 17);
    put_local(&head, e);
    HP_TRY(hp_buf_check(&head, "the header of a part", err));
    HP_TRY(put_raw(z, head.p, head.n, err));
    z->raw = 0;
    z->crc = 0;
    reset(z->packer);
    HP_TRY(pour(ctx, z, err));
    HP_TRY(pack(z, HP_S(""), true, err));
    e->raw = z->raw;
    e->crc = z->crc;
    e->packed = z->at - e->start - head.n;
    hp_buf_clear(&head);
    put_local(&head, e);
    if (fseeko(z->f, (off_t)e->start, SEEK_SET) != 0 || fwrite(head.p, 1, head.n, z->f) != head.n
        || fseeko(z->f, (off_t)z->at, SEEK_SET) != 0)
        return fail_writing(z, err);
    return HP_OK;
}

hp_code hp_zip_add(hp_zip_out *z, const char *name, hp_zip_pour *pour, void *ctx, hp_err *err) {
    entry e = {.name = hp_str_of(name), .start = z->at};
    HP_TRY(add_once(z, &e, pour, ctx, err));
    if (e.raw >= z->limit || e.packed >= z->limit) {
        /* Nobody knows before how large a sheet will be. Once in four gigabytes it is made again, on the same
         * place, rather than always with fields that hardly any workbook needs. */
        if (fseeko(z->f, (off_t)e.start, SEEK_SET) != 0) return fail_writing(z, err);
        z->at = e.start;
        e = (entry){.name = e.name, .start = e.start, .big = true};
        HP_TRY(add_once(z, &e, pour, ctx, err));
    }
    z->entries++;
    put_central(&z->directory, &e, z->limit);
    return hp_buf_check(&z->directory, "the directory of the workbook", err);
}

/* Adds the end of the directory: its 64-bit form first when something needs it (4.3.14 to 4.3.16). */
static void put_end(hp_buf *b, const hp_zip_out *z, uint64_t size) {
    if (z->entries >= 0xFFFF || size >= z->limit || z->at >= z->limit) {
        put_le(b, 0x06064b50, 4);
        put_le(b, 44, 8); /* bytes that follow */
        put_le(b, 45, 2);
        put_le(b, 45, 2);
        put_zeros(b, 4 + 4); /* disks */
        put_le(b, z->entries, 8);
        put_le(b, z->entries, 8);
        put_le(b, size, 8);
        put_le(b, z->at, 8);
        put_le(b, 0x07064b50, 4);
        put_le(b, 0, 4);
        put_le(b, z->at + size, 8);
        put_le(b, 1, 4);
    }
    uint64_t entries = z->entries >= 0xFFFF ? 0xFFFF : z->entries;
    put_le(b, 0x06054b50, 4);
    put_zeros(b, 2 + 2);
    put_le(b, entries, 2);
    put_le(b, entries, 2);
    put_size(b, size, z->limit);
    put_size(b, z->at, z->limit);
    put_le(b, 0, 2);
}

hp_code hp_zip_finish(hp_zip_out *z, hp_err *err) {
    hp_buf *b = &z->directory;
    put_end(b, z, b->n);
    HP_TRY(hp_buf_check(b, "the directory of the workbook", err));
    HP_TRY(put_raw(z, b->p, b->n, err));
    struct stat st;
    if (fflush(z->f) != 0 || ferror(z->f) || fstat(fileno(z->f), &st) != 0) return fail_writing(z, err);
    if ((uint64_t)st.st_size != z->at)
        return hp_fail(err, HP_IO, "%s: the workbook has %llu bytes, %llu were written: is the disk full?",
                       z->shown, (unsigned long long)st.st_size, (unsigned long long)z->at);
    return HP_OK;
}

hp_code hp_zip_begin(hp_zip_out *z, FILE *f, const char *shown, uint64_t limit, hp_err *err) {
    *z = (hp_zip_out){.f = f, .shown = shown, .limit = limit, .directory = hp_buf_new(DIRECTORY_MAX)};
    z->packer = hp_malloc(sizeof *z->packer);
    return z->packer ? HP_OK : hp_fail_memory(err, "the workbook");
}

void hp_zip_free(hp_zip_out *z) {
    hp_buf_free(&z->directory);
    hp_free(z->packer);
    z->packer = NULL;
}
