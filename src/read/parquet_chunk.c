/* Column chunks of a parquet file: their pages, one after the other (PageHeader of parquet.thrift). */
#include <libdeflate.h>

#include "base/limits.h"
#include "base/mem.h"
#include "read/parquet.h"
#include "read/thrift.h"

#include "base/banned.h"

enum { DATA = 0, INDEX = 1, DICTIONARY = 2, DATA_V2 = 3, LEVELS_RLE = 3, LEVELS_PACKED = 4 };
/* How much more than a chunk says its pages may have: writers count headers or leave them out. */
#define SLACK (1u << 20)

/* The header of a page. */
typedef struct page {
    int64_t type, inflated, packed, crc, values, encoding, level_encoding, level_bytes, repeat_bytes;
    bool has_crc, is_packed, has_values;
} page;

hp_code hp_pq_bad(const hp_pq_reader *r, const char *what, hp_err *err) {
    return hp_fail(err, HP_DATA, "%.*s: column \"%.*s\", page at byte %zu: %s; get a complete copy",
                   HP_FMT(r->name), HP_FMT(hp_str_cut(r->col->name, 0, 200)), r->at, what);
}

/* DataPageHeader, DictionaryPageHeader (the same for what is needed) or DataPageHeaderV2. */
static void read_kind(hp_thrift *t, int wire, page *p, bool v2) {
    int id = 0, inner;
    if (wire != HP_THRIFT_STRUCT) t->bad = true;
    p->has_values = true;
    while (hp_thrift_field(t, &id, &inner)) {
        if (id == 1)
            p->values = hp_thrift_int(t, inner);
        else if (id == (v2 ? 4 : 2))
            p->encoding = hp_thrift_int(t, inner);
        else if (!v2 && id == 3)
            p->level_encoding =
                inner == HP_THRIFT_I32 ? hp_thrift_int(t, inner) : (hp_thrift_skip(t, inner), 0);
        else if (v2 && id == 5)
            p->level_bytes = hp_thrift_int(t, inner);
        else if (v2 && id == 6)
            p->repeat_bytes = hp_thrift_int(t, inner);
        else if (v2 && id == 7)
            p->is_packed = hp_thrift_int(t, inner) != 0;
        else
            hp_thrift_skip(t, inner);
    }
}

static bool read_header(hp_thrift *t, page *p) {
    *p = (page){.type = -1, .is_packed = true, .level_encoding = LEVELS_RLE};
    int id = 0, type;
    while (hp_thrift_field(t, &id, &type)) {
        switch (id) {
        case 1: p->type = hp_thrift_int(t, type); break;
        case 2: p->inflated = hp_thrift_int(t, type); break;
        case 3: p->packed = hp_thrift_int(t, type); break;
        case 4:
            p->crc = hp_thrift_int(t, type);
            p->has_crc = true;
            break;
        case 5:
        case 7: read_kind(t, type, p, false); break;
        case 8: read_kind(t, type, p, true); break;
        default: hp_thrift_skip(t, type);
        }
    }
    bool counted = p->has_values || p->type == INDEX;
    return !t->bad && counted && p->inflated >= 0 && p->packed >= 0 && p->values >= 0 && p->level_bytes >= 0
           && p->repeat_bytes >= 0;
}

/* Makes room for n elements of `size` bytes; what was there is not kept. */
static bool room(void **p, size_t *cap, size_t n, size_t size) {
    if (n <= *cap) return true;
    hp_free(*p);
    *cap = 0;
    *p = hp_calloc(n, size);
    if (!*p) return false;
    *cap = n;
    return true;
}

static hp_code inflate(hp_pq_reader *r, int codec, hp_pq_bytes *bytes, size_t n, hp_err *err) {
    bool known;
    if (codec == 0)
        return bytes->n == n ? HP_OK : hp_pq_bad(r, "the page has another size than it says", err);
    if (!room((void **)&r->page, &r->cap_page, n ? n : 1, 1))
        return hp_fail_memory(err, "a page of a parquet file");
    if (n && !hp_pq_inflate(codec, *bytes, r->page, n, &known))
        return hp_pq_bad(
            r,
            known
                ? "the page cannot be decompressed"
                : "the page is compressed in a way that this version does not know (it knows snappy, gzip, brotli, lz4 and zstd)",
            err);
    *bytes = (hp_pq_bytes){r->page, n};
    return HP_OK;
}

static hp_code read_dictionary(hp_pq_reader *r, const page *p, hp_pq_bytes bytes, int codec, hp_err *err) {
    size_t n = (size_t)p->values, least = r->col->width ? r->col->width : 4;
    HP_TRY(inflate(r, codec, &bytes, (size_t)p->inflated, err));
    if (r->nid || r->col->type == HP_PQ_BOOLEAN || (p->encoding != 0 && p->encoding != 2))
        return hp_pq_bad(r, "the dictionary is out of place", err);
    if (n > bytes.n / least) return hp_pq_bad(r, "the dictionary has fewer entries than it says", err);
    if (!room((void **)&r->id, &r->cap_id, n ? n : 1, sizeof *r->id))
        return hp_fail_memory(err, "a dictionary");
    HP_TRY(hp_pq_values(r, 0, bytes, r->id, n, err));
    r->nid = n;
    return HP_OK;
}

/* Definition levels of one bit, the first in the highest: no writer of this decade uses it. */
static bool packed_levels(hp_pq_bytes *in, uint32_t *out, size_t n) {
    size_t bytes = n / 8 + (n % 8 != 0);
    if (bytes > in->n) return false;
    for (size_t i = 0; i < n; i++) out[i] = in->p[i / 8] >> (7 - i % 8) & 1;
    *in = (hp_pq_bytes){in->p + bytes, in->n - bytes};
    return true;
}

/* Reads the levels of a page of version 1 off its front. */
static bool levels_v1(const page *p, hp_pq_bytes *in, uint32_t *out, size_t n) {
    if (p->level_encoding == LEVELS_PACKED) return packed_levels(in, out, n);
    if (p->level_encoding != LEVELS_RLE || in->n < 4) return false;
    uint32_t len =
        (uint32_t)in->p[0] | (uint32_t)in->p[1] << 8 | (uint32_t)in->p[2] << 16 | (uint32_t)in->p[3] << 24;
    if (len > in->n - 4) return false;
    hp_pq_bytes levels = {in->p + 4, len};
    *in = (hp_pq_bytes){in->p + 4 + len, in->n - 4 - len};
    return hp_pq_hybrid(&levels, 1, out, n);
}

/* Values stand side by side: moves them to the rows that have one. */
static void spread(uint32_t *cell, const uint8_t *level, size_t n, size_t there) {
    for (size_t i = n; i-- > 0 && there < i + 1;) cell[i] = level[i] ? cell[--there] : 0;
}

/* Reads the values of a page whose levels, where the column has them, stand in cell[]. */
static hp_code read_values(hp_pq_reader *r, const page *p, hp_pq_bytes bytes, uint32_t *cell, size_t n,
                           hp_err *err) {
    size_t there = n;
    if (r->col->optional) {
        if (!room((void **)&r->level, &r->cap_level, n ? n : 1, 1))
            return hp_fail_memory(err, "a page of a parquet file");
        there = 0;
        for (size_t i = 0; i < n; i++) there += r->level[i] = cell[i] != 0;
    }
    HP_TRY(hp_pq_values(r, (int)p->encoding, bytes, cell, there, err));
    if (there < n) spread(cell, r->level, n, there);
    return HP_OK;
}

static hp_code read_v1(hp_pq_reader *r, const page *p, hp_pq_bytes bytes, int codec, uint32_t *cell,
                       hp_err *err) {
    size_t n = (size_t)p->values;
    HP_TRY(inflate(r, codec, &bytes, (size_t)p->inflated, err));
    if (r->col->optional && !levels_v1(p, &bytes, cell, n))
        return hp_pq_bad(r, "the levels of nulls are damaged", err);
    return read_values(r, p, bytes, cell, n, err);
}

static hp_code read_v2(hp_pq_reader *r, const page *p, hp_pq_bytes bytes, int codec, uint32_t *cell,
                       hp_err *err) {
    size_t n = (size_t)p->values, levels = (size_t)p->level_bytes, repeats = (size_t)p->repeat_bytes;
    if (levels > bytes.n || repeats > bytes.n - levels || p->inflated < p->level_bytes + p->repeat_bytes)
        return hp_pq_bad(r, "the levels of nulls are longer than the page", err);
    hp_pq_bytes level = {bytes.p + repeats, levels};
    bytes = (hp_pq_bytes){bytes.p + repeats + levels, bytes.n - repeats - levels};
    HP_TRY(inflate(r, p->is_packed ? codec : 0, &bytes, (size_t)p->inflated - levels - repeats, err));
    if (r->col->optional && !hp_pq_hybrid(&level, 1, cell, n))
        return hp_pq_bad(r, "the levels of nulls are damaged", err);
    return read_values(r, p, bytes, cell, n, err);
}

static hp_code read_page(hp_pq_reader *r, const page *p, hp_pq_bytes bytes, const hp_pq_chunk *chunk,
                         uint32_t *cell, uint64_t *done, hp_err *err) {
    bool data = p->type == DATA || p->type == DATA_V2;
    if (p->has_crc && libdeflate_crc32(0, bytes.p, bytes.n) != (uint32_t)p->crc)
        return hp_pq_bad(r, "the checksum (CRC-32) does not fit", err);
    if (p->type == DICTIONARY) return read_dictionary(r, p, bytes, chunk->codec, err);
    if (!data) return HP_OK; /* an index, or something of the future: passed over */
    if ((uint64_t)p->values > chunk->values - *done)
        return hp_pq_bad(r, "the page has more values than its column chunk", err);
    cell += *done;
    *done += (uint64_t)p->values;
    return p->type == DATA ? read_v1(r, p, bytes, chunk->codec, cell, err)
                           : read_v2(r, p, bytes, chunk->codec, cell, err);
}

hp_code hp_pq_chunk_read(hp_pq_reader *r, const hp_pq_chunk *chunk, uint32_t *cell, hp_err *err) {
    hp_thrift t = {.bytes = hp_str_cut(r->bytes, 0, (size_t)(chunk->at + chunk->size)),
                   .at = (size_t)chunk->at};
    uint64_t done = 0, inflated = 0;
    r->nid = 0;
    hp_dict_clear(&r->dict);
    if (!r->text.cap) r->text = hp_buf_new(4 * HP_LIMIT_TEXT_BYTES);
    while (done < chunk->values) {
        page p;
        r->at = t.at;
        if (!read_header(&t, &p)) return hp_pq_bad(r, "the header of the page is damaged or missing", err);
        if ((uint64_t)p.packed > t.bytes.n - t.at)
            return hp_pq_bad(r, "the page is longer than its column chunk", err);
        inflated += (uint64_t)p.inflated;
        if (inflated > chunk->inflated + SLACK)
            return hp_pq_bad(r, "the pages inflate to more than their column chunk says", err);
        hp_pq_bytes bytes = {(const uint8_t *)t.bytes.p + t.at, (size_t)p.packed};
        HP_TRY(read_page(r, &p, bytes, chunk, cell, &done, err));
        t.at += (size_t)p.packed;
    }
    return HP_OK;
}

void hp_pq_reader_free(hp_pq_reader *r) {
    hp_dict_free(&r->dict);
    hp_free(r->page);
    hp_free(r->id);
    hp_free(r->number);
    hp_free(r->level);
    hp_buf_free(&r->text);
}
