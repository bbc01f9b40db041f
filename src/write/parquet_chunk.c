/* Column chunks: the values of a column in a row group, encoded and packed page by page. */
#include "write/parquet.h"

#include <libdeflate.h>
#include <zstd.h>

#include "base/mem.h"
#include "write/bits.h"
#include "write/compact.h"

#include "base/banned.h"

/* Measured on 1,000,000 contacts: level 1 takes 1.5 s of processor time in all and makes 71.6 MB, level 3 2.3
 * s and 67.4 MB; pyarrow, which uses level 1, takes 1.9 s and makes 75.3 MB. */
#define LEVEL 1
/* Texts are fetched so many values before they are needed. */
#define AHEAD 16
/* A dictionary that holds more is no help to a reader, who keeps all of it. */
#define DICTIONARY_BYTES (8u << 20)
/* When so many values were seen, and nearly all of them differ, the others will, too. */
#define TRIAL      8192u
#define TRIAL_MOST (TRIAL - TRIAL / 16)
/* zstd's own form of what it packs, at about what it makes of texts of contacts. */
#define PACKS_TO(n) ((n) / 3)
#define PAGE_MAX    (4ull << 30)

/* A slot of the table in which values are looked up: 0 = free. */
typedef struct seen {
    hp_vid id;
    uint32_t number;
} seen;

struct hp_chunk_maker {
    const hp_place *place; /* of the texts of the pool */
    ZSTD_CCtx *zstd;
    const hp_leaf *leaf;
    size_t n;         /* values that are not null */
    hp_vid *id;       /* of each of them */
    uint32_t *number; /* of each in the dictionary */
    uint32_t *level;  /* of each row of a page, and then the numbers of lengths */
    uint64_t *bits;   /* of each value, or of each entry of the dictionary; of texts the heads */
    int64_t *length;  /* of the texts of a page; or numbers on their way */
    hp_vid *entry;    /* of the dictionary */
    size_t nentry;
    seen *slot;
    size_t mask, cap_slots;
    hp_buf page, bytes, packed, out;
};

hp_chunk_maker *hp_chunk_maker_new(const hp_pool *pool, size_t rows) {
    hp_chunk_maker *m = hp_calloc(1, sizeof *m);
    if (!m) return NULL;
    m->place = hp_pool_places(pool);
    m->zstd = ZSTD_createCCtx();
    m->id = hp_calloc(rows, sizeof *m->id);
    m->number = hp_calloc(rows, sizeof *m->number);
    m->level = hp_calloc(rows, sizeof *m->level);
    m->entry = hp_calloc(rows, sizeof *m->entry);
    m->bits = hp_calloc(rows, sizeof *m->bits);
    m->length = hp_calloc(rows, sizeof *m->length);
    m->page = m->bytes = m->packed = m->out = hp_buf_new(PAGE_MAX);
    if (m->zstd && m->id && m->number && m->level && m->entry && m->bits && m->length) return m;
    hp_chunk_maker_free(m);
    return NULL;
}

void hp_chunk_maker_free(hp_chunk_maker *m) {
    if (!m) return;
    ZSTD_freeCCtx(m->zstd);
    hp_free(m->id);
    hp_free(m->number);
    hp_free(m->level);
    hp_free(m->entry);
    hp_free(m->bits);
    hp_free(m->length);
    hp_free(m->slot);
    hp_buf_free(&m->page);
    hp_buf_free(&m->bytes);
    hp_buf_free(&m->packed);
    hp_buf_free(&m->out);
    hp_free(m);
}

static inline hp_str text_of(const hp_chunk_maker *m, hp_vid id) { return hp_place_text(m->place[id]); }

/* Fetches the texts of values that are needed soon. */
static inline void fetch_ahead(const hp_chunk_maker *m, const hp_vid *id, size_t i, size_t n) {
    if (i + 2 * AHEAD >= n) return;
    __builtin_prefetch(&m->place[id[i + 2 * AHEAD]]);
    __builtin_prefetch(hp_place_bytes(m->place[id[i + AHEAD]]));
}

/* ---- the dictionary ---- */

static size_t place_of(const hp_chunk_maker *m, hp_vid id) {
    size_t i = (size_t)(id * 0x9E3779B1u) >> 8 & m->mask;
    while (m->slot[i].id && m->slot[i].id != id) i = (i + 1) & m->mask;
    return i;
}

/* Begins with a table that a processor's innermost cache holds, and doubles it: most columns need no more. */
static bool grow(hp_chunk_maker *m, size_t slots) {
    if (slots > m->cap_slots) {
        hp_free(m->slot);
        m->cap_slots = 0;
        m->slot = hp_malloc(slots * sizeof *m->slot);
        if (!m->slot) return false;
        m->cap_slots = slots;
    }
    memset(m->slot, 0, slots * sizeof *m->slot);
    m->mask = slots - 1;
    for (size_t i = 0; i < m->nentry; i++)
        m->slot[place_of(m, m->entry[i])] = (seen){m->entry[i], (uint32_t)i};
    return true;
}

/* Numbers the values by their ids: no text is looked at. *few tells whether there are few enough. */
static hp_code number_values(hp_chunk_maker *m, bool *few, hp_err *err) {
    m->nentry = 0;
    *few = true;
    if (!grow(m, 1024)) return hp_fail_memory(err, "the dictionary of a column");
    for (size_t i = 0; i < m->n; i++) {
        size_t at = place_of(m, m->id[i]);
        if (!m->slot[at].id) {
            m->slot[at] = (seen){m->id[i], (uint32_t)m->nentry};
            m->entry[m->nentry++] = m->id[i];
        }
        m->number[i] = m->slot[at].number;
        if (m->nentry * 2 > m->mask && !grow(m, (m->mask + 1) * 4))
            return hp_fail_memory(err, "the dictionary of a column");
        if (i == TRIAL && m->nentry > TRIAL_MOST) {
            *few = false;
            return HP_OK;
        }
    }
    return HP_OK;
}

static unsigned number_bits(const hp_chunk_maker *m) {
    unsigned bits = hp_bits_for(m->nentry ? m->nentry - 1 : 0);
    return bits ? bits : 1; /* readers expect one bit at least */
}

static size_t numbers_size(const hp_chunk_maker *m) { return m->n * number_bits(m) / 8; }

/* Tells whether texts take less room with a dictionary. */
static bool texts_pay(const hp_chunk_maker *m) {
    size_t entries = 0, all = 0;
    for (size_t i = 0; i < m->nentry; i++) {
        size_t n = text_of(m, m->entry[i]).n;
        entries += n + 4;
        m->length[i] = (int64_t)n + 1;
    }
    if (entries > DICTIONARY_BYTES) return false;
    for (size_t i = 0; i < m->n; i++) all += (size_t)m->length[m->number[i]];
    return PACKS_TO(entries) + numbers_size(m) < PACKS_TO(all);
}

static size_t width_of(hp_leaf_kind kind) { return kind == HP_LEAF_DATE ? 4 : 8; }

/* Tells whether numbers take less room with a dictionary than by their differences. */
static bool numbers_pay(hp_chunk_maker *m) {
    size_t with = m->nentry * width_of(m->leaf->kind) + numbers_size(m);
    if (m->leaf->kind == HP_LEAF_DOUBLE) return m->nentry <= m->n / 2;
    for (size_t i = 0; i < m->n; i++) m->length[i] = (int64_t)m->bits[m->number[i]];
    hp_buf_clear(&m->bytes);
    hp_put_deltas(&m->bytes, m->length, m->n, m->leaf->kind == HP_LEAF_DATE);
    return with < m->bytes.n;
}

/* Fills m->bits for all values, by way of the dictionary where there is one. */
static void spread(hp_chunk_maker *m) {
    for (size_t i = 0; i < m->n; i++) m->length[i] = (int64_t)m->bits[m->number[i]];
    memcpy(m->bits, m->length, m->n * sizeof *m->bits);
}

/* The plan has read every value already: none can fail. */
static void read_values(hp_chunk_maker *m, const hp_vid *id, size_t n) {
    for (size_t i = 0; i < n; i++) {
        fetch_ahead(m, id, i, n);
        hp_str text = text_of(m, id[i]);
        if (m->leaf->kind == HP_LEAF_TEXT)
            m->bits[i] = hp_text_head(text);
        else
            hp_leaf_value(m->leaf->kind, text, &m->bits[i]);
    }
}

/* Decides how the values are encoded. With a dictionary m->bits are those of its entries, else those of the
 * values, but for texts, of which there are too many then. */
static hp_code choose(hp_chunk_maker *m, hp_chunk_out *chunk, hp_err *err) {
    hp_leaf_kind kind = m->leaf->kind;
    bool few = false, text = kind == HP_LEAF_TEXT;
    if (kind != HP_LEAF_BOOL) HP_TRY(number_values(m, &few, err));
    if (few && (!text || texts_pay(m))) {
        read_values(m, m->entry, m->nentry);
        if (text || numbers_pay(m)) {
            chunk->encoding = HP_PQ_DICTIONARY;
            return HP_OK;
        }
        spread(m);
    } else if (!text) {
        read_values(m, m->id, m->n);
    }
    bool plain = kind == HP_LEAF_BOOL || kind == HP_LEAF_DOUBLE;
    chunk->encoding = text ? HP_PQ_DELTA_LENGTH : plain ? HP_PQ_PLAIN : HP_PQ_DELTA;
    return HP_OK;
}

/* ---- pages ---- */

/* A page on its way: its rows of the chunk, and its values of m->n. */
typedef struct page {
    size_t row, rows, value, values;
    hp_range range;
} page;

static void put_u32(hp_buf *out, uint32_t v) {
    char bytes[4];
    memcpy(bytes, &v, sizeof bytes);
    hp_buf_add(out, (hp_str){bytes, sizeof bytes});
}

/* Puts which rows have a value (definition levels), with the length in front. */
static void put_levels(hp_chunk_maker *m, const hp_vid *v, const page *p) {
    size_t at = m->page.n;
    put_u32(&m->page, 0);
    if (p->values == p->rows || p->values == 0) {
        hp_put_run(&m->page, p->values > 0, p->rows, 1);
    } else {
        for (size_t i = 0; i < p->rows; i++) m->level[i] = v[p->row + i] != HP_NULL;
        hp_put_hybrid(&m->page, m->level, p->rows, 1);
    }
    uint32_t n = (uint32_t)(m->page.n - at - 4);
    if (!m->page.bad) memcpy(m->page.p + at, &n, sizeof n);
}

static void put_fixed(hp_buf *out, const uint64_t *bits, size_t n, size_t width) {
    char *to = hp_buf_room(out, n * width + 8);
    if (!to) return;
    for (size_t i = 0; i < n; i++) memcpy(to + i * width, &bits[i], 8);
    out->n += n * width;
}

static void put_truths(hp_buf *out, const uint64_t *bits, size_t n) {
    for (size_t i = 0; i < n; i += 8) {
        unsigned byte = 0;
        for (size_t k = i; k < n && k < i + 8; k++) byte |= (unsigned)bits[k] << (k - i);
        hp_buf_putc(out, (char)byte);
    }
}

static void put_numbers(hp_chunk_maker *m, const uint32_t *number, size_t n) {
    unsigned bits = number_bits(m);
    hp_buf_putc(&m->page, (char)bits);
    hp_put_hybrid(&m->page, number, n, bits);
}

/* Puts the values of a page that are no texts without a dictionary. */
static void put_values(hp_chunk_maker *m, const page *p, int encoding) {
    const uint64_t *bits = m->bits + p->value;
    if (encoding == HP_PQ_DICTIONARY) {
        put_numbers(m, m->number + p->value, p->values);
    } else if (encoding == HP_PQ_DELTA) {
        for (size_t i = 0; i < p->values; i++) m->length[i] = (int64_t)bits[i];
        hp_put_deltas(&m->page, m->length, p->values, m->leaf->kind == HP_LEAF_DATE);
    } else if (m->leaf->kind == HP_LEAF_BOOL) {
        put_truths(&m->page, bits, p->values);
    } else {
        put_fixed(&m->page, bits, p->values, 8);
    }
}

static void find_range(const hp_chunk_maker *m, page *p, int encoding) {
    bool dictionary = encoding == HP_PQ_DICTIONARY, text = m->leaf->kind == HP_LEAF_TEXT;
    for (size_t i = p->value; i < p->value + p->values; i++) {
        size_t at = dictionary ? m->number[i] : i;
        if (m->leaf->kind != HP_LEAF_DOUBLE && hp_range_holds(&p->range, m->leaf->kind, m->bits[at]))
            continue;
        hp_bound b = {.bits = m->bits[at]};
        if (text) b.text = text_of(m, m->entry[at]);
        hp_range_add(&p->range, m->leaf->kind, b);
    }
}

/* Gathers the texts of a page into m->bytes, their lengths into m->length, until it is full. */
static void gather(hp_chunk_maker *m, const hp_vid *v, size_t rows, page *p) {
    hp_buf_clear(&m->bytes);
    for (p->rows = p->values = 0; p->row + p->rows < rows && p->rows < HP_LEAF_PAGE; p->rows++) {
        if (v[p->row + p->rows] == HP_NULL) continue;
        size_t i = p->value + p->values;
        fetch_ahead(m, m->id, i, m->n);
        hp_str text = text_of(m, m->id[i]);
        m->length[p->values++] = (int64_t)text.n;
        hp_buf_add(&m->bytes, text);
        uint64_t head = hp_text_head(text);
        if (!hp_range_holds(&p->range, HP_LEAF_TEXT, head))
            hp_range_add(&p->range, HP_LEAF_TEXT, (hp_bound){head, text});
        if (m->bytes.n >= HP_LEAF_PAGE_BYTES) {
            p->rows++;
            return;
        }
    }
}

/* Says how many rows and values a page has. */
static void measure(const hp_vid *v, size_t rows, page *p) {
    p->rows = rows - p->row < HP_LEAF_PAGE ? rows - p->row : HP_LEAF_PAGE;
    p->values = 0;
    for (size_t i = 0; i < p->rows; i++) p->values += v[p->row + i] != HP_NULL;
}

/* Says what a page is (PageHeader). */
static void put_header(hp_buf *out, const page *p, int encoding, size_t raw, hp_str packed) {
    hp_compact c = {.out = out};
    hp_compact_open(&c);
    hp_compact_i32(&c, 1, p ? 0 : 2); /* DATA_PAGE, DICTIONARY_PAGE */
    hp_compact_i32(&c, 2, (int32_t)raw);
    hp_compact_i32(&c, 3, (int32_t)packed.n);
    hp_compact_i32(&c, 4, (int32_t)libdeflate_crc32(0, packed.p, packed.n));
    hp_compact_struct(&c, p ? 5 : 7);
    hp_compact_i32(&c, 1, p ? (int32_t)p->rows : encoding);
    if (p) {
        hp_compact_i32(&c, 2, encoding);
        hp_compact_i32(&c, 3, HP_PQ_RLE); /* definition levels */
        hp_compact_i32(&c, 4, HP_PQ_RLE); /* repetition levels: none, for columns are flat */
    } else {
        hp_compact_i32(&c, 2, HP_PQ_PLAIN);
    }
    hp_compact_close(&c);
    hp_compact_close(&c);
}

/* Packs m->page behind what the chunk has already; without p it is the dictionary, of n entries. */
static hp_code pack(hp_chunk_maker *m, const page *p, int encoding, hp_chunk_out *chunk, hp_err *err) {
    size_t raw = m->page.n, room = ZSTD_compressBound(raw), before = m->out.n;
    if (m->page.bad || m->bytes.bad) return hp_fail_memory(err, "a page of a parquet file");
    if (raw > INT32_MAX || room > INT32_MAX)
        return hp_fail(err, HP_DATA,
                       "column %.*s: a page of %zu bytes, parquet holds 2 GiB; write another form",
                       HP_FMT(m->leaf->name), raw);
    hp_buf_clear(&m->packed);
    char *to = hp_buf_room(&m->packed, room);
    if (!to) return hp_fail_memory(err, "a page of a parquet file");
    size_t n = ZSTD_compressCCtx(m->zstd, to, room, m->page.p, raw, LEVEL);
    if (ZSTD_isError(n)) return hp_fail_memory(err, "a page of a parquet file"); /* room is enough */
    put_header(&m->out, p, encoding, raw, (hp_str){to, n});
    chunk->raw += m->out.n - before + raw;
    hp_buf_add(&m->out, (hp_str){to, n});
    return m->out.bad ? hp_fail_memory(err, "a chunk of a parquet file") : HP_OK;
}

static hp_code put_dictionary(hp_chunk_maker *m, hp_chunk_out *chunk, hp_err *err) {
    hp_buf_clear(&m->page);
    if (m->leaf->kind != HP_LEAF_TEXT) {
        put_fixed(&m->page, m->bits, m->nentry, width_of(m->leaf->kind));
    } else {
        for (size_t i = 0; i < m->nentry; i++) {
            hp_str text = text_of(m, m->entry[i]);
            put_u32(&m->page, (uint32_t)text.n);
            hp_buf_add(&m->page, text);
        }
    }
    HP_TRY(pack(m, NULL, (int)m->nentry, chunk, err));
    chunk->dictionary = (uint32_t)m->out.n;
    return HP_OK;
}

static hp_code put_page(hp_chunk_maker *m, const hp_vid *v, size_t rows, page *p, hp_chunk_out *chunk,
                        hp_err *err) {
    bool texts = chunk->encoding == HP_PQ_DELTA_LENGTH;
    uint64_t at = m->out.n;
    hp_buf_clear(&m->page);
    if (texts)
        gather(m, v, rows, p);
    else
        measure(v, rows, p);
    put_levels(m, v, p);
    if (texts) {
        hp_put_deltas(&m->page, m->length, p->values, true);
        hp_buf_add(&m->page, hp_buf_str(&m->bytes));
    } else {
        put_values(m, p, chunk->encoding);
        find_range(m, p, chunk->encoding);
    }
    HP_TRY(pack(m, p, chunk->encoding, chunk, err));
    hp_page_out done = {.at = at,
                        .size = (uint32_t)(m->out.n - at),
                        .first_row = (uint32_t)p->row,
                        .rows = (uint32_t)p->rows,
                        .nulls = (uint32_t)(p->rows - p->values),
                        .range = p->range};
    hp_range_join(&chunk->range, m->leaf->kind, &p->range);
    return hp_vec_push(&chunk->page, done) ? HP_OK : hp_fail_memory(err, "a chunk of a parquet file");
}

hp_code hp_chunk_make(hp_chunk_maker *m, const hp_leaf *leaf, size_t from, size_t to, hp_chunk_out *chunk,
                      hp_str *bytes, hp_err *err) {
    const hp_vid *v = leaf->from->v + from;
    m->leaf = leaf;
    m->n = 0;
    for (size_t r = 0; r < to - from; r++) {
        m->id[m->n] = v[r];
        m->n += v[r] != HP_NULL;
    }
    hp_buf_clear(&m->out);
    hp_buf_clear(&m->bytes);
    chunk->raw = 0;
    chunk->dictionary = 0;
    chunk->range = (hp_range){.any = false};
    chunk->rows = (uint32_t)(to - from);
    chunk->nulls = (uint32_t)(to - from - m->n);
    HP_TRY(choose(m, chunk, err));
    if (chunk->encoding == HP_PQ_DICTIONARY) HP_TRY(put_dictionary(m, chunk, err));
    page p = {.rows = 0};
    for (; p.row < to - from; p = (page){.row = p.row + p.rows, .value = p.value + p.values})
        HP_TRY(put_page(m, v, to - from, &p, chunk, err));
    chunk->size = m->out.n;
    *bytes = hp_buf_str(&m->out);
    return HP_OK;
}
