/* The pages of a parquet file's column chunks (PageHeader of parquet.thrift): found one after the other, read
 * side by side. */
#include <libdeflate.h>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/mem.h"
#include "read/parquet.h"
#include "read/thrift.h"

#include "base/banned.h"

enum { DATA = 0, INDEX = 1, DICTIONARY = 2, DATA_V2 = 3, LEVELS_RLE = 3, LEVELS_PACKED = 4 };
/* How much more than a chunk says its pages may have: writers count headers or leave them out. */
#define SLACK (1u << 20)

hp_code hp_pq_bad(const hp_pq_where *w, const char *what, hp_err *err) {
    return hp_fail(err, HP_DATA, "%.*s: column \"%.*s\", page at byte %zu: %s; get a complete copy",
                   HP_FMT(w->name), HP_FMT(hp_str_cut(w->col->name, 0, 200)), w->at, what);
}

/* DataPageHeader, DictionaryPageHeader (the same for what is needed) or DataPageHeaderV2. */
static void read_kind(hp_thrift *t, int wire, hp_pq_page *p, bool v2) {
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

static bool read_header(hp_thrift *t, hp_pq_page *p) {
    *p = (hp_pq_page){.type = -1, .is_packed = true, .level_encoding = LEVELS_RLE};
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

/* ---- finding ---- */

static hp_code check_page(const hp_pq_walk *w, const hp_pq_page *p, bool data, hp_err *err) {
    if (data && (uint64_t)p->values > w->chunk->values - w->done)
        return hp_pq_bad(&p->where, "the page has more values than its column chunk", err);
    if (!p->is_dictionary) return HP_OK;
    size_t least = w->col->width ? w->col->width : 4; /* bytes of an entry */
    if (w->has_dictionary || w->col->type == HP_PQ_BOOLEAN || (p->encoding != 0 && p->encoding != 2))
        return hp_pq_bad(&p->where, "the dictionary is out of place", err);
    if ((uint64_t)p->values > (uint64_t)p->inflated / least)
        return hp_pq_bad(&p->where, "the dictionary has fewer entries than it says", err);
    return HP_OK;
}

hp_code hp_pq_walk_next(hp_pq_walk *w, hp_pq_page *p, bool *found, hp_err *err) {
    hp_str bytes = hp_str_cut(w->bytes, 0, (size_t)(w->chunk->at + w->chunk->size));
    for (*found = false; hp_pq_walk_more(w);) {
        hp_thrift t = {.bytes = bytes, .at = (size_t)(w->chunk->at + w->used)};
        hp_pq_where where = {w->name, w->col, t.at};
        if (!read_header(&t, p))
            return hp_pq_bad(&where, "the header of the page is damaged or missing", err);
        p->where = where;
        if ((uint64_t)p->packed > bytes.n - t.at)
            return hp_pq_bad(&where, "the page is longer than its column chunk", err);
        w->inflated += (uint64_t)p->inflated;
        if (w->inflated > w->chunk->inflated + SLACK)
            return hp_pq_bad(&where, "the pages inflate to more than their column chunk says", err);
        p->bytes = (hp_pq_bytes){(const uint8_t *)bytes.p + t.at, (size_t)p->packed};
        w->used = t.at + (size_t)p->packed - w->chunk->at;
        bool data = p->type == DATA || p->type == DATA_V2;
        p->is_dictionary = p->type == DICTIONARY;
        if (!data && !p->is_dictionary) continue; /* an index, or something of the future */
        HP_TRY(check_page(w, p, data, err));
        if (p->is_dictionary) {
            w->has_dictionary = true;
            w->entries = (size_t)p->values;
        }
        p->codec = w->chunk->codec;
        p->entries = w->entries;
        p->before = w->done;
        if (data) w->done += (uint64_t)p->values;
        *found = true;
        return HP_OK;
    }
    return HP_OK;
}

/* ---- reading ---- */

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
        return bytes->n == n ? HP_OK
                             : hp_pq_bad(&r->page->where, "the page has another size than it says", err);
    if (!room((void **)&r->inflated, &r->cap_inflated, n ? n : 1, 1))
        return hp_fail_memory(err, "a page of a parquet file");
    if (n && !hp_pq_inflate(codec, *bytes, r->inflated, n, &known))
        return hp_pq_bad(
            &r->page->where,
            known
                ? "the page cannot be decompressed"
                : "the page is compressed in a way that this version does not know (it knows snappy, gzip, brotli, lz4 and zstd)",
            err);
    *bytes = (hp_pq_bytes){r->inflated, n};
    return HP_OK;
}

static hp_code read_dictionary(hp_pq_reader *r, const hp_pq_page *p, hp_err *err) {
    hp_pq_bytes bytes = p->bytes;
    bool listed;
    HP_TRY(inflate(r, p->codec, &bytes, (size_t)p->inflated, err));
    return hp_pq_values(r, 0, bytes, NULL, (size_t)p->values, &listed, err);
}

/* Definition levels of one bit, the first in the highest: no writer of this decade uses it. */
static bool packed_levels(hp_pq_bytes *in, uint8_t *level, size_t n, size_t *ones) {
    size_t bytes = n / 8 + (n % 8 != 0);
    if (bytes > in->n) return false;
    *ones = 0;
    for (size_t i = 0; i < n; i++) *ones += level[i] = in->p[i / 8] >> (7 - i % 8) & 1;
    *in = (hp_pq_bytes){in->p + bytes, in->n - bytes};
    return true;
}

/* Reads the levels of a page of version 1 off its front. */
static bool levels_v1(const hp_pq_page *p, hp_pq_bytes *in, uint8_t *level, size_t n, size_t *ones) {
    if (p->level_encoding == LEVELS_PACKED) return packed_levels(in, level, n, ones);
    if (p->level_encoding != LEVELS_RLE || in->n < 4) return false;
    uint32_t len = hp_le32(in->p);
    if (len > in->n - 4) return false;
    hp_pq_bytes levels = {in->p + 4, len};
    *in = (hp_pq_bytes){in->p + 4 + len, in->n - 4 - len};
    return hp_pq_levels(&levels, level, n, ones);
}

/* Values stand side by side: moves them to the rows that have one. */
static void spread(uint32_t *cell, const uint8_t *level, size_t n, size_t there) {
    for (size_t i = n; i-- > 0 && there < i + 1;) {
        there -= level[i];
        cell[i] = cell[there] & (0 - (uint32_t)level[i]);
    }
}

/* Numbers the rows that have a value. */
static void count_up(uint32_t *cell, const uint8_t *level, size_t n) {
    uint32_t k = 0;
    for (size_t i = 0; i < n; i++) {
        k += level ? level[i] : 1;
        cell[i] = level ? k & (0 - (uint32_t)level[i]) : k;
    }
}

/* Reads the values of a page, `there` of them, whose levels, where the column has them, stand in r->level. */
static hp_code read_values(hp_pq_reader *r, const hp_pq_page *p, hp_pq_bytes bytes, uint32_t *cell,
                           size_t there, hp_err *err) {
    size_t n = (size_t)p->values;
    bool listed;
    HP_TRY(hp_pq_values(r, (int)p->encoding, bytes, cell, there, &listed, err));
    if (listed)
        count_up(cell, there < n ? r->level : NULL, n);
    else if (there < n)
        spread(cell, r->level, n, there);
    return HP_OK;
}

static hp_code room_for_levels(hp_pq_reader *r, size_t n, hp_err *err) {
    if (!r->col->optional || room((void **)&r->level, &r->cap_level, n ? n : 1, 1)) return HP_OK;
    return hp_fail_memory(err, "a page of a parquet file");
}

static hp_code read_v1(hp_pq_reader *r, const hp_pq_page *p, uint32_t *cell, hp_err *err) {
    hp_pq_bytes bytes = p->bytes;
    size_t n = (size_t)p->values, there = n;
    HP_TRY(inflate(r, p->codec, &bytes, (size_t)p->inflated, err));
    if (r->col->optional && !levels_v1(p, &bytes, r->level, n, &there))
        return hp_pq_bad(&p->where, "the levels of nulls are damaged", err);
    return read_values(r, p, bytes, cell, there, err);
}

static hp_code read_v2(hp_pq_reader *r, const hp_pq_page *p, uint32_t *cell, hp_err *err) {
    hp_pq_bytes bytes = p->bytes;
    size_t n = (size_t)p->values, there = n, levels = (size_t)p->level_bytes,
           repeats = (size_t)p->repeat_bytes;
    if (levels > bytes.n || repeats > bytes.n - levels || p->inflated < p->level_bytes + p->repeat_bytes)
        return hp_pq_bad(&p->where, "the levels of nulls are longer than the page", err);
    hp_pq_bytes level = {bytes.p + repeats, levels};
    bytes = (hp_pq_bytes){bytes.p + repeats + levels, bytes.n - repeats - levels};
    HP_TRY(inflate(r, p->is_packed ? p->codec : 0, &bytes, (size_t)p->inflated - levels - repeats, err));
    if (r->col->optional && !hp_pq_levels(&level, r->level, n, &there))
        return hp_pq_bad(&p->where, "the levels of nulls are damaged", err);
    return read_values(r, p, bytes, cell, there, err);
}

hp_code hp_pq_page_read(hp_pq_reader *r, const hp_pq_page *p, uint32_t *cell, hp_err *err) {
    r->page = p;
    r->col = p->where.col;
    r->repaired = 0;
    r->indexed = r->infinite = false;
    hp_dict_clear(&r->dict);
    if (!r->text.max) r->text = hp_buf_new(4 * HP_LIMIT_TEXT_BYTES);
    if (p->has_crc && libdeflate_crc32(0, p->bytes.p, p->bytes.n) != (uint32_t)p->crc)
        return hp_pq_bad(&p->where, "the checksum (CRC-32) does not fit", err);
    if (p->is_dictionary) return read_dictionary(r, p, err);
    HP_TRY(room_for_levels(r, (size_t)p->values, err));
    return p->type == DATA ? read_v1(r, p, cell, err) : read_v2(r, p, cell, err);
}

void hp_pq_reader_free(hp_pq_reader *r) {
    hp_dict_free(&r->dict);
    hp_free(r->inflated);
    hp_free(r->number);
    hp_free(r->level);
    hp_buf_free(&r->text);
}
