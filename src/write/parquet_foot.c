/* What stands behind the values: the indexes of pages and the footer (parquet.thrift). */
#include "base/mem.h"
#include "write/compact.h"
#include "write/parquet.h"

#include "base/banned.h"

#define ZSTD      6
#define BOUND_MAX (2u << 30)

/* What a kind is called in the file. 0 in `converted` or `logical`: none. The older names of times mean times
 * in UTC, which these are not. */
static const struct {
    int type, converted, logical;
} FORM[] = {
    [HP_LEAF_TEXT] = {6, 0 + 1, 1}, [HP_LEAF_INT] = {2, 0, 0},      [HP_LEAF_DOUBLE] = {5, 0, 0},
    [HP_LEAF_BOOL] = {0, 0, 0},     [HP_LEAF_DATE] = {1, 6 + 1, 6}, [HP_LEAF_STAMP] = {2, 0, 8},
    [HP_LEAF_TIME] = {2, 0, 7},
};

/* ---- indexes ---- */

/* Tells how the ends of the pages' ranges are ordered: 0 not at all, 1 up, 2 down. */
static int order_of(hp_leaf_kind kind, const hp_chunk_out *chunk) {
    bool up = true, down = true;
    const hp_range *before = NULL;
    for (size_t i = 0; i < chunk->page.n; i++) {
        const hp_range *r = &chunk->page.p[i].range;
        if (!r->any) continue;
        if (before) {
            int least = hp_bound_cmp(kind, &before->least, &r->least);
            int most = hp_bound_cmp(kind, &before->most, &r->most);
            up = up && least <= 0 && most <= 0;
            down = down && least >= 0 && most >= 0;
        }
        before = r;
    }
    return up ? 1 : down ? 2 : 0;
}

static void put_bounds(hp_compact *c, int field, hp_leaf_kind kind, const hp_chunk_out *chunk, bool most) {
    hp_autobuf b = hp_buf_new(BOUND_MAX);
    hp_compact_list(c, field, HP_COMPACT_BINARY, chunk->page.n);
    for (size_t i = 0; i < chunk->page.n; i++) {
        const hp_range *r = &chunk->page.p[i].range;
        hp_buf_clear(&b);
        if (r->any) hp_bound_put(&b, kind, most ? &r->most : &r->least, most);
        hp_compact_bytes(c, hp_buf_str(&b));
        c->out->bad = c->out->bad || b.bad;
    }
}

void hp_column_index_put(hp_buf *out, const hp_leaf *leaf, const hp_chunk_out *chunk) {
    hp_compact c = {.out = out};
    hp_compact_open(&c);
    hp_compact_list(&c, 1, HP_COMPACT_BOOL, chunk->page.n);
    for (size_t i = 0; i < chunk->page.n; i++) hp_compact_truth(&c, !chunk->page.p[i].range.any);
    put_bounds(&c, 2, leaf->kind, chunk, false);
    put_bounds(&c, 3, leaf->kind, chunk, true);
    hp_compact_i32(&c, 4, order_of(leaf->kind, chunk));
    hp_compact_list(&c, 5, HP_COMPACT_I64, chunk->page.n);
    for (size_t i = 0; i < chunk->page.n; i++) hp_compact_number(&c, chunk->page.p[i].nulls);
    hp_compact_close(&c);
}

void hp_offset_index_put(hp_buf *out, const hp_chunk_out *chunk) {
    hp_compact c = {.out = out};
    hp_compact_open(&c);
    hp_compact_list(&c, 1, HP_COMPACT_STRUCT, chunk->page.n);
    for (size_t i = 0; i < chunk->page.n; i++) {
        const hp_page_out *p = &chunk->page.p[i];
        hp_compact_open(&c);
        hp_compact_i64(&c, 1, (int64_t)(chunk->at + p->at));
        hp_compact_i32(&c, 2, (int32_t)p->size);
        hp_compact_i64(&c, 3, p->first_row);
        hp_compact_close(&c);
    }
    hp_compact_close(&c);
}

/* ---- the footer ---- */

/* Puts what STAMP and TIME have in common: in no zone, in microseconds. */
static void put_time(hp_compact *c) {
    hp_compact_bool(c, 1, false);
    hp_compact_struct(c, 2);
    hp_compact_struct(c, 2);
    hp_compact_close(c);
    hp_compact_close(c);
}

static void put_leaf(hp_compact *c, const hp_leaf *leaf) {
    hp_compact_open(c);
    hp_compact_i32(c, 1, FORM[leaf->kind].type);
    hp_compact_i32(c, 3, 1); /* OPTIONAL */
    hp_compact_text(c, 4, leaf->name);
    if (FORM[leaf->kind].converted) hp_compact_i32(c, 6, FORM[leaf->kind].converted - 1);
    if (FORM[leaf->kind].logical) {
        hp_compact_struct(c, 10);
        hp_compact_struct(c, FORM[leaf->kind].logical);
        if (leaf->kind == HP_LEAF_STAMP || leaf->kind == HP_LEAF_TIME) put_time(c);
        hp_compact_close(c);
        hp_compact_close(c);
    }
    hp_compact_close(c);
}

static void put_statistics(hp_compact *c, const hp_leaf *leaf, const hp_chunk_out *chunk) {
    hp_autobuf least = hp_buf_new(BOUND_MAX), most = hp_buf_new(BOUND_MAX);
    hp_compact_struct(c, 12);
    hp_compact_i64(c, 3, chunk->nulls);
    if (chunk->range.any) {
        bool exact_least = hp_bound_put(&least, leaf->kind, &chunk->range.least, false);
        bool exact_most = hp_bound_put(&most, leaf->kind, &chunk->range.most, true);
        hp_compact_text(c, 5, hp_buf_str(&most));
        hp_compact_text(c, 6, hp_buf_str(&least));
        hp_compact_bool(c, 7, exact_most);
        hp_compact_bool(c, 8, exact_least);
        c->out->bad = c->out->bad || least.bad || most.bad;
    }
    hp_compact_close(c);
}

/* Puts how many pages have which encoding, so that a reader knows whether all have the dictionary's. */
static void put_page_kinds(hp_compact *c, const hp_chunk_out *chunk) {
    hp_compact_list(c, 13, HP_COMPACT_STRUCT, chunk->dictionary ? 2 : 1);
    for (int data = chunk->dictionary ? 0 : 1; data <= 1; data++) {
        hp_compact_open(c);
        hp_compact_i32(c, 1, data ? 0 : 2); /* DATA_PAGE, DICTIONARY_PAGE */
        hp_compact_i32(c, 2, data ? chunk->encoding : HP_PQ_PLAIN);
        hp_compact_i32(c, 3, data ? (int32_t)chunk->page.n : 1);
        hp_compact_close(c);
    }
}

static void put_chunk_meta(hp_compact *c, const hp_leaf *leaf, const hp_chunk_out *chunk) {
    bool dictionary = chunk->dictionary != 0;
    hp_compact_struct(c, 3);
    hp_compact_i32(c, 1, FORM[leaf->kind].type);
    hp_compact_list(c, 2, HP_COMPACT_I32, dictionary ? 3 : 2);
    if (dictionary) hp_compact_number(c, HP_PQ_PLAIN);
    hp_compact_number(c, HP_PQ_RLE);
    hp_compact_number(c, chunk->encoding);
    hp_compact_list(c, 3, HP_COMPACT_BINARY, 1);
    hp_compact_bytes(c, leaf->name);
    hp_compact_i32(c, 4, ZSTD);
    hp_compact_i64(c, 5, chunk->rows);
    hp_compact_i64(c, 6, (int64_t)chunk->raw);
    hp_compact_i64(c, 7, (int64_t)chunk->size);
    hp_compact_i64(c, 9, (int64_t)(chunk->at + chunk->dictionary));
    if (dictionary) hp_compact_i64(c, 11, (int64_t)chunk->at);
    put_statistics(c, leaf, chunk);
    put_page_kinds(c, chunk);
    hp_compact_close(c);
}

static void put_chunk(hp_compact *c, const hp_leaf *leaf, const hp_chunk_out *chunk) {
    hp_compact_open(c);
    hp_compact_i64(c, 2, 0); /* of no meaning any more, and not optional */
    put_chunk_meta(c, leaf, chunk);
    hp_compact_i64(c, 4, (int64_t)chunk->offset_index);
    hp_compact_i32(c, 5, (int32_t)chunk->offset_size);
    hp_compact_i64(c, 6, (int64_t)chunk->column_index);
    hp_compact_i32(c, 7, (int32_t)chunk->column_size);
    hp_compact_close(c);
}

static void put_group(hp_compact *c, const hp_foot *f, size_t group) {
    const hp_chunk_out *chunk = f->chunk + group * f->ncol;
    uint64_t raw = 0, size = 0;
    for (size_t i = 0; i < f->ncol; i++) {
        raw += chunk[i].raw;
        size += chunk[i].size;
    }
    hp_compact_open(c);
    hp_compact_list(c, 1, HP_COMPACT_STRUCT, f->ncol);
    for (size_t i = 0; i < f->ncol; i++) put_chunk(c, &f->leaf[i], &chunk[i]);
    hp_compact_i64(c, 2, (int64_t)raw);
    hp_compact_i64(c, 3, chunk->rows);
    hp_compact_i64(c, 5, (int64_t)chunk->at);
    hp_compact_i64(c, 6, (int64_t)size);
    if (group <= INT16_MAX) hp_compact_i16(c, 7, (int16_t)group);
    hp_compact_close(c);
}

static void put_schema(hp_compact *c, const hp_foot *f) {
    hp_compact_list(c, 2, HP_COMPACT_STRUCT, f->ncol + 1);
    hp_compact_open(c);
    hp_compact_text(c, 4, HP_S("schema"));
    hp_compact_i32(c, 5, (int32_t)f->ncol);
    hp_compact_close(c);
    for (size_t i = 0; i < f->ncol; i++) put_leaf(c, &f->leaf[i]);
}

/* Says that ranges are in the order of the types (TypeDefinedOrder). */
static void put_orders(hp_compact *c, size_t n) {
    hp_compact_list(c, 7, HP_COMPACT_STRUCT, n);
    for (size_t i = 0; i < n; i++) {
        hp_compact_open(c);
        hp_compact_struct(c, 1);
        hp_compact_close(c);
        hp_compact_close(c);
    }
}

void hp_foot_put(hp_buf *out, const hp_foot *f) {
    size_t before = out->n, groups = f->ncol ? f->nchunk / f->ncol : 0;
    hp_compact c = {.out = out};
    hp_compact_open(&c);
    hp_compact_i32(&c, 1, 2);
    put_schema(&c, f);
    hp_compact_i64(&c, 3, groups ? (int64_t)f->nrow : 0);
    hp_compact_list(&c, 4, HP_COMPACT_STRUCT, groups);
    for (size_t g = 0; g < groups; g++) put_group(&c, f, g);
    hp_compact_text(&c, 6, HP_S("hotpass version " HP_VERSION));
    put_orders(&c, f->ncol);
    hp_compact_close(&c);
    uint32_t n = (uint32_t)(out->n - before);
    char length[4];
    memcpy(length, &n, sizeof length);
    hp_buf_add(out, (hp_str){length, sizeof length});
    hp_buf_puts(out, "PAR1");
}
