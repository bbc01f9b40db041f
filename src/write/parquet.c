/* Tables as parquet (https://github.com/apache/parquet-format): column chunks are made side by side and
 * written in order. */
#include "write/parquet.h"

#include "base/threads.h"
#include "write/write.h"

#include "base/banned.h"

/* More chunks than threads, so that none waits for the one that is written. */
#define MORE 2
/* The text that a chunk may have to hold: rows of documents make shorter row groups. */
#define CHUNK_BYTES (256u << 20)
#define FOOT_MAX    (1u << 30)

/* A chunk on its way. */
typedef struct slot {
    hp_chunk_maker *maker;
    size_t from, to;
    hp_chunk_out chunk;
    hp_str bytes;
} slot;

/* One table on its way. */
typedef struct writer {
    const hp_table *t;
    const hp_place *text; /* of the pool */
    size_t longest;       /* text of the pool */
    hp_leaf *leaf;
    hp_out *out;
    uint64_t at;             /* where in the file */
    size_t column, from, to; /* the next chunk */
    HP_VEC(hp_chunk_out) chunk;
    slot slot[HP_PIPELINE_DEPTH];
} writer;

static hp_code put(writer *w, hp_str bytes, hp_err *err) {
    if (bytes.n && fwrite(bytes.p, 1, bytes.n, w->out->f) != bytes.n)
        return hp_fail(err, HP_IO, "%s: cannot be written: is the disk full?", w->out->path);
    w->at += bytes.n;
    return HP_OK;
}

/* ---- chunks ---- */

/* Returns how many of the rows a column can have in one chunk. */
static size_t rows_that_fit(const writer *w, const hp_column *c, size_t from, size_t rows) {
    size_t bytes = 0;
    for (size_t r = 0; r < rows; r++) {
        bytes += hp_place_text(w->text[c->v[from + r]]).n;
        if (bytes > CHUNK_BYTES) return r ? r : 1;
    }
    return rows;
}

/* Cuts the next row group; only where texts are long they have to be counted. */
static size_t cut_group(const writer *w, size_t from) {
    size_t rows = w->t->nrow - from < HP_LEAF_GROUP ? w->t->nrow - from : HP_LEAF_GROUP;
    if (w->longest <= CHUNK_BYTES / HP_LEAF_GROUP) return from + rows;
    for (size_t c = 0; c < w->t->ncol; c++) rows = rows_that_fit(w, &w->t->col[c], from, rows);
    return from + rows;
}

static hp_code make(void *ctx, size_t number, bool *made, hp_err *err) {
    (void)err;
    writer *w = ctx;
    slot *s = &w->slot[number];
    if (w->column == w->t->ncol) {
        w->column = 0;
        w->from = w->to;
    }
    *made = w->from < w->t->nrow && w->t->ncol > 0;
    if (!*made) return HP_OK;
    if (w->column == 0) w->to = cut_group(w, w->from);
    s->from = w->from;
    s->to = w->to;
    s->chunk = (hp_chunk_out){.column = w->column++};
    return HP_OK;
}

static hp_code work(void *ctx, size_t number, hp_err *err) {
    writer *w = ctx;
    slot *s = &w->slot[number];
    return hp_chunk_make(s->maker, &w->leaf[s->chunk.column], s->from, s->to, &s->chunk, &s->bytes, err);
}

static hp_code take(void *ctx, size_t number, hp_err *err) {
    writer *w = ctx;
    slot *s = &w->slot[number];
    s->chunk.at = w->at;
    HP_TRY(put(w, s->bytes, err));
    if (!hp_vec_push(&w->chunk, s->chunk)) return hp_fail_memory(err, "the footer of a parquet file");
    s->chunk = (hp_chunk_out){.column = 0}; /* its pages are the footer's now */
    return HP_OK;
}

static hp_code put_chunks(writer *w, const hp_pool *pool, hp_err *err) {
    size_t jobs = hp_threads_jobs(), rows = w->t->nrow < HP_LEAF_GROUP ? w->t->nrow : HP_LEAF_GROUP;
    size_t depth = jobs == 1 ? 1 : jobs + MORE < HP_PIPELINE_DEPTH ? jobs + MORE : HP_PIPELINE_DEPTH;
    for (size_t i = 0; i < depth; i++) {
        w->slot[i].maker = hp_chunk_maker_new(pool, rows ? rows : 1);
        if (!w->slot[i].maker) return hp_fail_memory(err, "the columns of a parquet file");
    }
    const hp_pipeline line = {.depth = depth, .make = make, .work = work, .take = take};
    return hp_pipeline_run(&line, w, err);
}

/* ---- what stands behind them ---- */

static hp_code put_indexes(writer *w, hp_buf *b, hp_err *err) {
    for (size_t i = 0; i < w->chunk.n; i++) {
        hp_chunk_out *chunk = &w->chunk.p[i];
        hp_buf_clear(b);
        hp_column_index_put(b, &w->leaf[chunk->column], chunk);
        HP_TRY(hp_buf_check(b, "the index of a parquet file", err));
        chunk->column_index = w->at;
        chunk->column_size = (uint32_t)b->n;
        HP_TRY(put(w, hp_buf_str(b), err));
    }
    for (size_t i = 0; i < w->chunk.n; i++) {
        hp_chunk_out *chunk = &w->chunk.p[i];
        hp_buf_clear(b);
        hp_offset_index_put(b, chunk);
        HP_TRY(hp_buf_check(b, "the index of a parquet file", err));
        chunk->offset_index = w->at;
        chunk->offset_size = (uint32_t)b->n;
        HP_TRY(put(w, hp_buf_str(b), err));
    }
    return HP_OK;
}

static hp_code put_all(writer *w, const hp_pool *pool, hp_err *err) {
    hp_autobuf b = hp_buf_new(FOOT_MAX);
    HP_TRY(put(w, HP_S("PAR1"), err));
    HP_TRY(put_chunks(w, pool, err));
    HP_TRY(put_indexes(w, &b, err));
    const hp_foot f = {w->leaf, w->t->ncol, w->t->nrow, w->chunk.p, w->chunk.n};
    hp_buf_clear(&b);
    hp_foot_put(&b, &f);
    HP_TRY(hp_buf_check(&b, "the footer of a parquet file", err));
    HP_TRY(put(w, hp_buf_str(&b), err));
    if (fflush(w->out->f) == 0) return HP_OK;
    return hp_fail(err, HP_IO, "%s: cannot be written: is the disk full?", w->out->path);
}

static hp_code put_table(const hp_pool *pool, const hp_table *t, hp_out *out, hp_err *err) {
    hp_autoarena *a = hp_arena_new(NULL);
    writer *w = a ? HP_NEW(a, writer) : NULL;
    hp_leaf *leaf = w ? HP_NEW_ARRAY(a, t->ncol + 1, hp_leaf) : NULL;
    if (!leaf) return hp_fail_memory(err, "the columns of a parquet file");
    HP_TRY(hp_leaves_plan(a, pool, t, leaf, err));
    w->t = t;
    w->text = hp_pool_places(pool);
    w->longest = hp_pool_longest(pool);
    w->leaf = leaf;
    w->out = out;
    hp_code code = put_all(w, pool, err);
    for (size_t i = 0; i < HP_PIPELINE_DEPTH; i++) {
        hp_vec_free(&w->slot[i].chunk.page);
        hp_chunk_maker_free(w->slot[i].maker);
    }
    for (size_t i = 0; i < w->chunk.n; i++) hp_vec_free(&w->chunk.p[i].page);
    hp_vec_free(&w->chunk);
    return code;
}

hp_code hp_write_parquet(const hp_pool *pool, const hp_table *t, const char *path, hp_out *out, hp_err *err) {
    HP_TRY(hp_out_begin(out, path, true, err));
    hp_code code = put_table(pool, t, out, err);
    if (code != HP_OK) hp_out_abandon(out);
    return code;
}
