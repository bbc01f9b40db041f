#include <libdeflate.h>

#include "base/mem.h"
#include "read/inflate.h"
#include "read/zip_own.h"

#include "base/banned.h"

/* Inflated at a time: so little that it is still in the cache for its checksum, so much that the window that
 * ISA-L copies at each call does not count. */
#define STEP (1u << 20)

struct hp_zip_stream {
    const hp_zip *zip;
    size_t entry;
    uint64_t have; /* bytes that came out */
    uint32_t crc;
    bool checked, failed;
    hp_inflate packed; /* last: what ISA-L needs is not there for stored entries */
};

static const hp_zip_entry *entry_of(const hp_zip_stream *s) { return &s->zip->entry[s->entry]; }

hp_code hp_zip_stream_open(hp_zip *z, size_t entry, hp_zip_stream **out, hp_err *err) {
    HP_TRY(hp_zip_begin_entry(z, entry, err));
    const hp_zip_entry *e = &z->entry[entry];
    bool deflated = e->method == HP_ZIP_DEFLATED;
    hp_zip_stream *s = hp_malloc(deflated ? sizeof *s : offsetof(hp_zip_stream, packed.isal));
    if (!s) return hp_fail_memory(err, "a part of a workbook");
    s->zip = z;
    s->entry = entry;
    s->have = 0;
    s->crc = 0;
    s->checked = s->failed = false;
    if (deflated) {
        hp_inflate_begin(&s->packed, (hp_str){z->bytes.p + e->data, e->packed});
    } else {
        s->packed.in = z->bytes.p + e->data;
        s->packed.left = e->packed;
    }
    *out = s;
    return HP_OK;
}

void hp_zip_stream_close(hp_zip_stream *s) { hp_free(s); }

static uint64_t unused(const hp_zip_stream *s) {
    return entry_of(s)->method == HP_ZIP_STORED ? s->packed.left : hp_inflate_unused(&s->packed);
}

static hp_code fail_stream(const hp_zip_stream *s, hp_err *err, const char *why) {
    const hp_zip_entry *e = entry_of(s);
    uint64_t rest = unused(s);
    return hp_zip_fail_part(s->zip, s->entry, e->data + (rest < e->packed ? e->packed - rest : 0), err, why);
}

static hp_code inflate_piece(hp_zip_stream *s, char *to, uint32_t n, uint32_t *got, hp_err *err) {
    switch (hp_inflate_piece(&s->packed, to, n, got)) {
    case HP_INFLATED_DAMAGED: return fail_stream(s, err, "is damaged");
    case HP_INFLATED_CUT: return fail_stream(s, err, "is cut short");
    default: return HP_OK;
    }
}

/* Takes up to n bytes; fewer only at the end. */
static hp_code next_piece(hp_zip_stream *s, char *to, uint32_t n, uint32_t *got, hp_err *err) {
    if (entry_of(s)->method == HP_ZIP_DEFLATED) return inflate_piece(s, to, n, got, err);
    *got = s->packed.left < n ? (uint32_t)s->packed.left : n;
    memcpy(to, s->packed.in, *got);
    s->packed.in += *got;
    s->packed.left -= *got;
    return HP_OK;
}

/* Holds what came out against what was declared, once that much has come out. */
static hp_code check_end(hp_zip_stream *s, hp_err *err) {
    char more;
    uint32_t got = 0;
    HP_TRY(next_piece(s, &more, 1, &got, err));
    if (got) return fail_stream(s, err, "is longer than it declares");
    if (unused(s)) return fail_stream(s, err, "has packed bytes left over");
    if (s->crc != entry_of(s)->crc) return fail_stream(s, err, "is damaged (its checksum does not match)");
    s->checked = true;
    return HP_OK;
}

static hp_code read_pieces(hp_zip_stream *s, char *to, size_t n, size_t *got, hp_err *err) {
    uint64_t size = entry_of(s)->size;
    size_t have = 0;
    while (have < n && s->have < size) {
        uint64_t want = n - have < size - s->have ? n - have : size - s->have;
        uint32_t piece = 0;
        HP_TRY(next_piece(s, to + have, want < STEP ? (uint32_t)want : STEP, &piece, err));
        if (piece == 0) return fail_stream(s, err, "is shorter than it declares");
        s->crc = libdeflate_crc32(s->crc, to + have, piece);
        have += piece;
        s->have += piece;
    }
    if (s->have == size && !s->checked) HP_TRY(check_end(s, err));
    *got = have;
    return HP_OK;
}

hp_code hp_zip_stream_read(hp_zip_stream *s, char *to, size_t n, size_t *got, hp_err *err) {
    if (s->failed) return hp_zip_fail_part(s->zip, s->entry, entry_of(s)->local, err, "is damaged");
    hp_code code = read_pieces(s, to, n, got, err);
    s->failed = code != HP_OK;
    return code;
}
