/* Zip archives (PKWARE APPNOTE 6.3.9) of deflated blocks. The sizes in front of a member are put in once it
 * is written, so that every reader finds them where it looks first. */
#include "write/zip_out.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/banned.h"

/* What gathers before it is deflated. */
#define GATHER (1u << 20)

/* Names, 46 bytes and at most 28 of the 64-bit form each: a workbook of 4,096 sheets has under 30,000 parts.
 */
#define DIRECTORY_MAX (16u << 20)
#define HEAD_MAX      (1u << 17)

/* 1980-01-01 00:00, the first moment that a zip can name: bytes depend on the content alone. */
#define DOS_DATE (0x21u << 16)

#define DEFLATED 8

/* The flag of a name that is UTF-8, not the code page of a PC (4.4.4, bit 11). */
#define UTF8_NAME 0x0800u

/* One member as the directory has it. */
typedef struct entry {
    hp_str name;
    uint64_t start, raw, packed;
    uint32_t crc, when;
    uint16_t method, flags;
    bool big;  /* the local header has 64-bit sizes */
    bool room; /* ... or room for them */
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
    put_le(b, e->flags, 2);
    put_le(b, e->method, 2);
    put_le(b, e->when, 4);
    put_le(b, e->crc, 4);
    put_size(b, e->packed, limit);
    put_size(b, e->raw, limit);
    put_le(b, e->name.n, 2);
}

/* The 64-bit form in front of a member holds both sizes, whichever needs it (4.5.3). Without need for it, the
 * growth hint of packages takes its room: a signature, the length of the padding, the padding. */
static void put_local(hp_buf *b, const entry *e) {
    put_le(b, 0x04034b50, 4);
    put_common(b, e, e->big, e->big ? 0 : HP_ZIP_LIMIT);
    put_le(b, e->room ? 20 : 0, 2);
    hp_buf_add(b, e->name);
    if (!e->room) return;
    put_le(b, e->big ? 1 : 0xA220, 2);
    put_le(b, 16, 2);
    if (e->big) {
        put_le(b, e->raw, 8);
        put_le(b, e->packed, 8);
    } else {
        put_le(b, 0xA028, 2);
        put_le(b, 12, 2);
        put_zeros(b, 12);
    }
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

static uint16_t name_flags(const hp_zip_out *z) {
    return hp_str_is_ascii(hp_buf_str(&z->name)) ? 0 : UTF8_NAME;
}

hp_code hp_member_open(hp_zip_out *z, const char *name, hp_member_size size, hp_err *err) {
    hp_buf_clear(&z->name);
    hp_buf_puts(&z->name, name);
    hp_buf_clear(&z->head);
    z->start = z->at;
    z->size = size;
    z->raw = 0;
    z->crc = 0;
    const entry e = {.name = hp_buf_str(&z->name),
                     .method = DEFLATED,
                     .flags = name_flags(z),
                     .when = DOS_DATE,
                     .room = size == HP_ZIP_ANY};
    put_local(&z->head, &e);
    HP_TRY(hp_buf_check(&z->name, "the name of a part", err));
    HP_TRY(hp_buf_check(&z->head, "the header of a part", err));
    return put_raw(z, z->head.p, z->head.n, err);
}

static hp_code put_block(hp_zip_out *z, const hp_packed *block, hp_err *err) {
    HP_TRY(put_raw(z, block->bytes.p, block->bytes.n, err));
    z->crc = hp_crc_join(z->crc, block->crc, block->raw);
    z->raw += block->raw;
    return HP_OK;
}

static hp_code pack_text(hp_zip_out *z, hp_str text, hp_err *err) {
    hp_packed_clear(&z->block);
    HP_TRY(hp_pack(z->packer, text, &z->block, err));
    return put_block(z, &z->block, err);
}

static hp_code flush(hp_zip_out *z, hp_err *err) {
    HP_TRY(hp_buf_check(&z->text, "a part of the workbook", err));
    HP_TRY(pack_text(z, hp_buf_str(&z->text), err));
    hp_buf_clear(&z->text);
    return HP_OK;
}

hp_code hp_member_put(hp_zip_out *z, hp_str bytes, hp_err *err) {
    while (bytes.n) {
        hp_str piece = hp_str_cut(bytes, 0, GATHER - z->text.n);
        hp_buf_add(&z->text, piece);
        if (z->text.bad || z->text.n == GATHER) HP_TRY(flush(z, err));
        bytes = hp_str_cut(bytes, piece.n, bytes.n);
    }
    return HP_OK;
}

hp_code hp_member_take(hp_zip_out *z, const hp_packed *block, hp_err *err) {
    HP_TRY(flush(z, err));
    return put_block(z, block, err);
}

/* Puts the header again, now that it is known what it says. */
static hp_code patch(hp_zip_out *z, const entry *e, hp_err *err) {
    hp_buf_clear(&z->head);
    put_local(&z->head, e);
    HP_TRY(hp_buf_check(&z->head, "the header of a part", err));
    if (fseeko(z->f, (off_t)e->start, SEEK_SET) != 0 || fwrite(z->head.p, 1, z->head.n, z->f) != z->head.n
        || fseeko(z->f, (off_t)z->at, SEEK_SET) != 0)
        return fail_writing(z, err);
    return HP_OK;
}

hp_code hp_member_close(hp_zip_out *z, hp_err *err) {
    static const char END[] = {3, 0}; /* a last block of the fixed code, empty (RFC 1951, 3.2.6) */
    HP_TRY(flush(z, err));
    HP_TRY(put_raw(z, END, sizeof END, err));
    entry e = {.name = hp_buf_str(&z->name),
               .start = z->start,
               .raw = z->raw,
               .crc = z->crc,
               .packed = z->at - z->start - z->head.n,
               .method = DEFLATED,
               .flags = name_flags(z),
               .when = DOS_DATE,
               .room = z->size == HP_ZIP_ANY};
    e.big = e.raw >= z->limit || e.packed >= z->limit;
    if (e.big && !e.room)
        return hp_fail(err, HP_BUG, "%s: part %.*s is larger than it was said to be; please report this",
                       z->shown, HP_FMT(e.name));
    HP_TRY(patch(z, &e, err));
    z->entries++;
    put_central(&z->directory, &e, z->limit);
    return hp_buf_check(&z->directory, "the directory of the workbook", err);
}

hp_code hp_zip_add(hp_zip_out *z, const char *name, hp_str bytes, hp_err *err) {
    HP_TRY(hp_member_open(z, name, HP_ZIP_SMALL, err));
    HP_TRY(hp_member_put(z, bytes, err));
    return hp_member_close(z, err);
}

/* Bits of the flags that go with the bytes: how hard they were deflated, and that the name is UTF-8 (4.4.4).
 * Bit 3, sizes behind the bytes, does not: they stand in front now. */
#define FLAGS_KEPT (UTF8_NAME | 6u)

hp_code hp_zip_copy(hp_zip_out *z, const hp_zip_member *m, hp_err *err) {
    entry e = {.name = m->name,
               .start = z->at,
               .raw = m->raw,
               .packed = m->bytes.n,
               .crc = m->crc,
               .when = m->when,
               .method = m->method,
               .flags = m->flags & FLAGS_KEPT};
    e.big = e.room = e.raw >= z->limit || e.packed >= z->limit;
    hp_buf_clear(&z->head);
    put_local(&z->head, &e);
    HP_TRY(hp_buf_check(&z->head, "the header of a part", err));
    HP_TRY(put_raw(z, z->head.p, z->head.n, err));
    HP_TRY(put_raw(z, m->bytes.p, m->bytes.n, err));
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

hp_code hp_zip_begin(hp_zip_out *z, FILE *f, const char *shown, uint64_t limit, hp_compress level,
                     hp_err *err) {
    *z = (hp_zip_out){.f = f,
                      .shown = shown,
                      .limit = limit,
                      .directory = hp_buf_new(DIRECTORY_MAX),
                      .head = hp_buf_new(HEAD_MAX),
                      .name = hp_buf_new(HEAD_MAX),
                      .text = hp_buf_new(GATHER)};
    z->packer = hp_packer_new(level);
    return z->packer ? HP_OK : hp_fail_memory(err, "the workbook");
}

void hp_zip_free(hp_zip_out *z) {
    hp_buf_free(&z->directory);
    hp_buf_free(&z->head);
    hp_buf_free(&z->name);
    hp_buf_free(&z->text);
    hp_buf_free(&z->block.bytes);
    hp_packer_free(z->packer);
    z->packer = NULL;
}
