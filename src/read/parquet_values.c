/* The encodings of parquet pages (Encodings.md of parquet-format). */
#include "read/parquet.h"

#include "base/bytes.h"
#include "base/limits.h"
#include "base/mem.h"

#include "base/banned.h"

enum {
    PLAIN = 0,
    PLAIN_DICTIONARY = 2,
    RLE = 3,
    DELTA_BINARY = 5,
    DELTA_LENGTH = 6,
    DELTA_BYTES = 7,
    RLE_DICTIONARY = 8,
    SPLIT = 9
};
/* Texts that repeat the beginning of the one before may be much longer than the page; this much is honest. */
#define PREFIXED_MAX (UINT64_C(256) << 20)

static void advance(hp_pq_bytes *in, size_t n) {
    in->p += n;
    in->n -= n;
}

static bool varint(hp_pq_bytes *in, uint64_t *out) {
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64 && in->n; shift += 7) {
        uint8_t b = *in->p;
        advance(in, 1);
        v |= (uint64_t)(b & 0x7F) << shift;
        if (!(b & 0x80)) {
            *out = v;
            return true;
        }
    }
    return false;
}

/* Reads `bits` (0..64) bits at bit `at`; what lies beyond the end reads as zero. */
static uint64_t bits_at(hp_pq_bytes in, uint64_t at, unsigned bits) {
    size_t byte = (size_t)(at / 8);
    unsigned shift = (unsigned)(at % 8);
    uint64_t v = 0;
    if (byte + 8 <= in.n)
        memcpy(&v, in.p + byte, 8);
    else
        for (size_t i = byte; i < in.n; i++) v |= (uint64_t)in.p[i] << (8 * (i - byte));
    v >>= shift;
    if (shift + bits > 64 && byte + 8 < in.n) v |= (uint64_t)in.p[byte + 8] << (64 - shift);
    return bits == 64 ? v : v & ((UINT64_C(1) << bits) - 1);
}

/* How many values a stretch of packed bits gives, and how many bytes it takes; false when they are not there.
 */
static bool packed_stretch(hp_pq_bytes in, uint64_t groups, unsigned bits, size_t n, size_t *take,
                           size_t *bytes) {
    uint64_t count = groups > SIZE_MAX / 8 ? n : groups * 8;
    *take = count < n ? (size_t)count : n;
    uint64_t whole = (count / 8) * bits;
    *bytes = whole < in.n ? (size_t)whole : in.n; /* the last one may end with its last value */
    return ((uint64_t)*take * bits + 7) / 8 <= in.n;
}

static size_t unpack(hp_pq_bytes *in, uint64_t groups, unsigned bits, uint32_t *out, size_t n) {
    size_t take, bytes, i = 0;
    if (!packed_stretch(*in, groups, bits, n, &take, &bytes)) return 0;
    /* As long as eight bytes are there, a value is one load: 32 bits at bit 7 are 39. */
    uint64_t mask = (UINT64_C(1) << bits) - 1, at = 0, quick = in->n >= 8 ? (uint64_t)(in->n - 8) * 8 : 0;
    for (; i < take && at < quick; i++, at += bits) {
        uint64_t v;
        memcpy(&v, in->p + at / 8, 8);
        out[i] = (uint32_t)(v >> at % 8 & mask);
    }
    for (; i < take; i++) out[i] = (uint32_t)bits_at(*in, (uint64_t)i * bits, bits);
    advance(in, bytes);
    return take;
}

static size_t repeat(hp_pq_bytes *in, uint64_t count, unsigned bits, uint32_t *out, size_t n) {
    size_t bytes = (bits + 7) / 8, take = count < n ? (size_t)count : n;
    if (bytes > in->n) return 0;
    uint32_t v = 0;
    for (size_t i = 0; i < bytes; i++) v |= (uint32_t)in->p[i] << (8 * i);
    advance(in, bytes);
    for (size_t i = 0; i < take; i++) out[i] = v;
    return take;
}

bool hp_pq_hybrid(hp_pq_bytes *in, unsigned bits, uint32_t *out, size_t n) {
    while (n) {
        uint64_t head;
        if (bits > 32 || !varint(in, &head)) return false;
        size_t done = head & 1 ? unpack(in, head >> 1, bits, out, n) : repeat(in, head >> 1, bits, out, n);
        if (done == 0 && (head >> 1 != 0)) return false;
        out += done;
        n -= done;
    }
    return true;
}

/* Makes eight bytes of eight bits, the lowest first. */
static uint64_t bytes_of_bits(uint64_t b) {
    b = (b | b << 28) & UINT64_C(0x0000000F0000000F);
    b = (b | b << 14) & UINT64_C(0x0003000300030003);
    return (b | b << 7) & UINT64_C(0x0101010101010101);
}

static size_t unpack_levels(hp_pq_bytes *in, uint64_t groups, uint8_t *level, size_t n, size_t *ones) {
    size_t take, bytes, i = 0;
    if (!packed_stretch(*in, groups, 1, n, &take, &bytes)) return 0;
    for (; i + 8 <= take; i += 8) {
        uint64_t eight = bytes_of_bits(in->p[i / 8]);
        memcpy(level + i, &eight, 8);
        *ones += (size_t)__builtin_popcount(in->p[i / 8]);
    }
    for (; i < take; i++) *ones += level[i] = in->p[i / 8] >> (i % 8) & 1;
    advance(in, bytes);
    return take;
}

bool hp_pq_levels(hp_pq_bytes *in, uint8_t *level, size_t n, size_t *ones) {
    *ones = 0;
    while (n) {
        uint64_t head;
        uint32_t value = 0;
        size_t done = 0;
        if (!varint(in, &head)) return false;
        if (head & 1) {
            done = unpack_levels(in, head >> 1, level, n, ones);
        } else if (repeat(in, head >> 1 ? 1 : 0, 1, &value, 1) && value < 2) {
            done = head >> 1 < n ? (size_t)(head >> 1) : n;
            memset(level, (int)value, done);
            *ones += done * value;
        }
        if (done == 0 && head >> 1 != 0) return false;
        level += done;
        n -= done;
    }
    return true;
}

static hp_code no_memory(hp_err *err) { return hp_fail_memory(err, "a column of a parquet file"); }

static hp_code put(hp_pq_reader *r, const uint8_t *p, size_t n, bool stays, hp_err *err) {
    if (n > HP_LIMIT_TEXT_BYTES)
        return hp_pq_bad(&r->page->where, "a text is longer than allowed (limit text-size)", err);
    return hp_pq_append(r, p, n, stays) ? HP_OK : no_memory(err);
}

/* Tells whether all bytes are ASCII: then all texts in them are UTF-8, and need no look at each. */
static hp_code plain_bytes(hp_pq_reader *r, hp_pq_bytes in, size_t n, hp_err *err) {
    bool text = (r->col->kind == HP_PQ_K_TEXT || r->col->kind == HP_PQ_K_BYTES)
                && hp_str_is_ascii((hp_str){(const char *)in.p, in.n});
    for (size_t i = 0; i < n; i++) {
        if (in.n < 4 || hp_le32(in.p) > in.n - 4)
            return hp_pq_bad(&r->page->where, "a text is longer than its page", err);
        uint32_t len = hp_le32(in.p);
        if (!text || len > HP_LIMIT_TEXT_BYTES || memchr(in.p + 4, 0, len))
            HP_TRY(put(r, in.p + 4, len, true, err));
        else if (hp_dict_append(&r->dict, (hp_str){(const char *)in.p + 4, len}) == HP_DICT_FULL)
            return no_memory(err);
        advance(&in, 4 + (size_t)len);
    }
    return HP_OK;
}

/* Makes the texts of truth values, which cell[] holds as bits, the entries 0 and 1. */
static hp_code booleans(hp_pq_reader *r, uint32_t *cell, size_t n, bool *listed, hp_err *err) {
    for (uint8_t v = 0; v < 2; v++) HP_TRY(put(r, &v, 1, false, err));
    for (size_t i = 0; i < n; i++) cell[i] = 1 + (cell[i] != 0);
    *listed = false;
    return HP_OK;
}

static hp_code plain(hp_pq_reader *r, hp_pq_bytes in, uint32_t *cell, size_t n, bool *listed, hp_err *err) {
    size_t width = r->col->width;
    if (r->col->type == HP_PQ_BYTES) return plain_bytes(r, in, n, err);
    if (r->col->type == HP_PQ_BOOLEAN) {
        if (n / 8 + (n % 8 != 0) > in.n)
            return hp_pq_bad(&r->page->where, "there are fewer values than the page says", err);
        for (size_t i = 0; i < n; i++) cell[i] = in.p[i / 8] >> (i % 8) & 1;
        return booleans(r, cell, n, listed, err);
    }
    if (n > in.n / width) return hp_pq_bad(&r->page->where, "there are fewer values than the page says", err);
    for (size_t i = 0; i < n; i++) HP_TRY(put(r, in.p + i * width, width, true, err));
    return HP_OK;
}

static hp_code rle_booleans(hp_pq_reader *r, hp_pq_bytes in, uint32_t *cell, size_t n, bool *listed,
                            hp_err *err) {
    if (r->col->type != HP_PQ_BOOLEAN)
        return hp_pq_bad(&r->page->where, "the encoding does not go with the type", err);
    if (in.n < 4 || hp_le32(in.p) > in.n - 4)
        return hp_pq_bad(&r->page->where, "there are fewer values than the page says", err);
    hp_pq_bytes run = {in.p + 4, hp_le32(in.p)};
    if (!hp_pq_hybrid(&run, 1, cell, n))
        return hp_pq_bad(&r->page->where, "there are fewer values than the page says", err);
    return booleans(r, cell, n, listed, err);
}

static hp_code dictionary(hp_pq_reader *r, hp_pq_bytes in, uint32_t *cell, size_t n, hp_err *err) {
    r->indexed = true;
    if (n == 0) return HP_OK;
    if (in.n == 0) return hp_pq_bad(&r->page->where, "there are fewer values than the page says", err);
    unsigned bits = in.p[0];
    advance(&in, 1);
    if (!hp_pq_hybrid(&in, bits, cell, n))
        return hp_pq_bad(&r->page->where, "there are fewer values than the page says", err);
    uint32_t most = 0;
    for (size_t i = 0; i < n; i++) most = cell[i] > most ? cell[i] : most;
    if (most >= r->page->entries)
        return hp_pq_bad(&r->page->where, "a value names an entry that the dictionary does not have", err);
    for (size_t i = 0; i < n; i++) cell[i]++;
    return HP_OK;
}

/* The head of a page or stretch of delta encoded numbers. */
typedef struct delta {
    uint64_t block, minis, per_mini, count, value;
} delta;

static uint64_t unzigzag(uint64_t v) { return (v >> 1) ^ (~(v & 1) + 1); }

static bool delta_head(hp_pq_bytes *in, delta *d) {
    uint64_t first;
    if (!varint(in, &d->block) || !varint(in, &d->minis) || !varint(in, &d->count) || !varint(in, &first))
        return false;
    if (d->minis == 0 || d->block == 0 || d->block > 1 << 20 || d->block % d->minis) return false;
    d->per_mini = d->block / d->minis;
    d->value = unzigzag(first);
    return d->per_mini % 8 == 0;
}

static bool delta_block(hp_pq_bytes *in, delta *d, uint64_t *out, size_t n, size_t *done) {
    uint64_t least;
    if (!varint(in, &least) || in->n < d->minis) return false;
    least = unzigzag(least);
    const uint8_t *width = in->p;
    advance(in, (size_t)d->minis);
    for (uint64_t m = 0; m < d->minis && *done < n; m++) {
        uint64_t bytes = d->per_mini / 8 * width[m];
        if (width[m] > 64) return false;
        /* The last one may end with its last value. */
        uint64_t take = n - *done < d->per_mini ? n - *done : d->per_mini;
        if ((take * width[m] + 7) / 8 > in->n) return false;
        for (uint64_t i = 0; i < take; i++) {
            d->value += least + bits_at(*in, i * width[m], width[m]);
            out[(*done)++] = d->value;
        }
        advance(in, bytes < in->n ? (size_t)bytes : in->n);
    }
    return true;
}

/* Reads n numbers into out and moves `in` behind them. */
static bool delta_numbers(hp_pq_bytes *in, uint64_t *out, size_t n) {
    delta d;
    size_t done = 0;
    if (!delta_head(in, &d) || d.count != n) return false;
    if (n) out[done++] = d.value;
    while (done < n)
        if (!delta_block(in, &d, out, n, &done)) return false;
    return true;
}

/* Makes room for n numbers. */
static uint64_t *numbers(hp_pq_reader *r, size_t n) {
    if (n <= r->cap_number) return r->number;
    uint64_t *p = hp_realloc(r->number, n, sizeof *p);
    if (!p) return NULL;
    r->number = p;
    r->cap_number = n;
    return p;
}

static hp_code delta_binary(hp_pq_reader *r, hp_pq_bytes in, size_t n, hp_err *err) {
    if (r->col->type != HP_PQ_INT32 && r->col->type != HP_PQ_INT64)
        return hp_pq_bad(&r->page->where, "the encoding does not go with the type", err);
    if (n == 0) return HP_OK;
    uint64_t *v = numbers(r, n);
    if (!v) return no_memory(err);
    if (!delta_numbers(&in, v, n))
        return hp_pq_bad(&r->page->where, "the delta encoded numbers are damaged", err);
    for (size_t i = 0; i < n; i++) {
        uint8_t raw[8];
        for (unsigned k = 0; k < 8; k++) raw[k] = (uint8_t)(v[i] >> (8 * k));
        HP_TRY(put(r, raw, r->col->width, false, err));
    }
    return HP_OK;
}

static hp_code delta_length(hp_pq_reader *r, hp_pq_bytes in, size_t n, hp_err *err) {
    if (r->col->type != HP_PQ_BYTES)
        return hp_pq_bad(&r->page->where, "the encoding does not go with the type", err);
    if (n == 0) return HP_OK;
    uint64_t *len = numbers(r, n);
    if (!len) return no_memory(err);
    if (!delta_numbers(&in, len, n)) return hp_pq_bad(&r->page->where, "the lengths are damaged", err);
    for (size_t i = 0; i < n; i++) {
        if (len[i] > in.n) return hp_pq_bad(&r->page->where, "a text is longer than its page", err);
        HP_TRY(put(r, in.p, (size_t)len[i], true, err));
        advance(&in, (size_t)len[i]);
    }
    return HP_OK;
}

/* Each text is the beginning of the one before and some bytes more. */
static hp_code prefixed(hp_pq_reader *r, hp_pq_bytes in, const uint64_t *prefix, const uint64_t *suffix,
                        size_t n, hp_buf *last, hp_err *err) {
    uint64_t total = 0;
    for (size_t i = 0; i < n; i++) {
        if (prefix[i] > last->n || suffix[i] > in.n)
            return hp_pq_bad(&r->page->where, "a text is longer than its page", err);
        last->n = (size_t)prefix[i];
        hp_buf_add(last, (hp_str){(const char *)in.p, (size_t)suffix[i]});
        if (last->bad) return no_memory(err);
        total += last->n;
        if (total > PREFIXED_MAX)
            return hp_pq_bad(&r->page->where, "the texts of a page are implausibly long", err);
        if (r->col->type == HP_PQ_FIXED && last->n != r->col->width)
            return hp_pq_bad(&r->page->where, "a value has another width than its column", err);
        HP_TRY(put(r, (const uint8_t *)hp_buf_str(last).p, last->n, false, err));
        advance(&in, (size_t)suffix[i]);
    }
    return HP_OK;
}

static hp_code delta_bytes(hp_pq_reader *r, hp_pq_bytes in, size_t n, hp_err *err) {
    if (r->col->type != HP_PQ_BYTES && r->col->type != HP_PQ_FIXED)
        return hp_pq_bad(&r->page->where, "the encoding does not go with the type", err);
    if (n == 0) return HP_OK;
    uint64_t *v = numbers(r, 2 * n);
    if (!v) return no_memory(err);
    if (!delta_numbers(&in, v, n) || !delta_numbers(&in, v + n, n))
        return hp_pq_bad(&r->page->where, "the lengths are damaged", err);
    hp_autobuf last = hp_buf_new(PREFIXED_MAX);
    return prefixed(r, in, v, v + n, n, &last, err);
}

static hp_code split(hp_pq_reader *r, hp_pq_bytes in, size_t n, hp_err *err) {
    size_t width = r->col->width;
    if (width == 0) return hp_pq_bad(&r->page->where, "the encoding does not go with the type", err);
    if (n > in.n / width) return hp_pq_bad(&r->page->where, "there are fewer values than the page says", err);
    uint8_t *raw = hp_malloc(width);
    if (!raw) return no_memory(err);
    hp_code code = HP_OK;
    for (size_t i = 0; i < n && code == HP_OK; i++) {
        for (size_t k = 0; k < width; k++) raw[k] = in.p[k * n + i];
        code = put(r, raw, width, false, err);
    }
    hp_free(raw);
    return code;
}

hp_code hp_pq_values(hp_pq_reader *r, int encoding, hp_pq_bytes in, uint32_t *cell, size_t n, bool *listed,
                     hp_err *err) {
    *listed = true;
    switch (encoding) {
    case PLAIN: return plain(r, in, cell, n, listed, err);
    case PLAIN_DICTIONARY:
    case RLE_DICTIONARY: *listed = false; return dictionary(r, in, cell, n, err);
    case RLE: return rle_booleans(r, in, cell, n, listed, err);
    case DELTA_BINARY: return delta_binary(r, in, n, err);
    case DELTA_LENGTH: return delta_length(r, in, n, err);
    case DELTA_BYTES: return delta_bytes(r, in, n, err);
    case SPLIT: return split(r, in, n, err);
    default:
        return hp_pq_bad(&r->page->where, "the values have an encoding that this version does not know", err);
    }
}
