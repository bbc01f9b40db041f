/* A parquet file as one sheet: the names of the columns, and below them the rows. Column chunks are read side
 * by side and their texts taken in the order of the file, so that values get the same numbers whatever the
 * number of threads. */
#include "read/parquet.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/threads.h"
#include "base/utf8.h"
#include "read/book.h"

#include "base/banned.h"

enum { SLOTS = 8 };

typedef struct reading {
    hp_run *run;
    const hp_book *b;
    uint32_t sheet;
    bool raw;
    hp_table *t;
    size_t next; /* chunk */
    hp_pq_reader reader[SLOTS];
    const hp_pq_chunk *chunk[SLOTS];
    hp_vid *map;
    size_t cap_map;
    uint64_t *repaired; /* one a column */
} reading;

hp_code hp_parquet_open(hp_book *b, hp_err *err) {
    HP_TRY(hp_pq_meta_read(b->arena, b->name, b->bytes, &b->parquet, err));
    b->sheet = HP_NEW(b->arena, hp_book_sheet);
    if (!b->sheet) return hp_fail_memory(err, "a parquet file");
    *b->sheet = (hp_book_sheet){.name = HP_S(""), .readable = true};
    b->nsheet = 1;
    return HP_OK;
}

static hp_code make(void *ctx, size_t slot, bool *made, hp_err *err) {
    reading *r = ctx;
    const hp_pq_meta *m = &r->b->parquet;
    *made = r->next < m->nchunk;
    if (!*made) return HP_OK;
    r->chunk[slot] = &m->chunk[r->next++];
    return hp_deadline_check(err);
}

static hp_code work(void *ctx, size_t slot, hp_err *err) {
    reading *r = ctx;
    const hp_pq_chunk *c = r->chunk[slot];
    hp_pq_reader *p = &r->reader[slot];
    p->name = r->b->name;
    p->bytes = r->b->bytes;
    p->col = &r->b->parquet.col[c->column];
    p->repaired = 0;
    return hp_pq_chunk_read(p, c, r->t->col[c->column].v + 1 + c->first_row, err);
}

static hp_type type_of(hp_pq_kind kind) {
    switch (kind) {
    case HP_PQ_K_BOOL: return HP_T_BOOL;
    case HP_PQ_K_INT:
    case HP_PQ_K_UINT:
    case HP_PQ_K_FLOAT:
    case HP_PQ_K_HALF:
    case HP_PQ_K_DECIMAL: return HP_T_NUMBER;
    case HP_PQ_K_DATE:
    case HP_PQ_K_TIME:
    case HP_PQ_K_STAMP: return HP_T_DATE;
    default: return HP_T_TEXT;
    }
}

/* Infinity is no number that a cell can hold, only a text. */
static void set_types(const reading *r, hp_column *c, hp_type type, size_t from, size_t to) {
    for (size_t i = from; i < to; i++) {
        if (c->v[i] == HP_NULL) continue;
        c->type[i] = (uint8_t)type;
        if (type != HP_T_NUMBER) continue;
        hp_str s = hp_text(r->run->pool, c->v[i]);
        if (s.p[s.n - 1] == 'y') c->type[i] = HP_T_TEXT;
    }
}

static hp_code take(void *ctx, size_t slot, hp_err *err) {
    reading *r = ctx;
    const hp_pq_chunk *chunk = r->chunk[slot];
    hp_dict *d = &r->reader[slot].dict;
    hp_column *c = &r->t->col[chunk->column];
    if (d->n + 1 > r->cap_map) {
        hp_free(r->map);
        r->cap_map = 0;
        r->map = hp_calloc((size_t)d->n + 1, sizeof *r->map);
        if (!r->map) return hp_fail_memory(err, "a column of a parquet file");
        r->cap_map = (size_t)d->n + 1;
    }
    r->map[0] = HP_NULL;
    HP_TRY(hp_dict_merge(d, r->run->pool, r->map + 1, err));
    size_t from = (size_t)chunk->first_row + 1, to = from + (size_t)chunk->values;
    for (size_t i = from; i < to; i++) c->v[i] = r->map[c->v[i]];
    if (c->type) set_types(r, c, type_of(r->b->parquet.col[chunk->column].kind), from, to);
    r->repaired[chunk->column] += r->reader[slot].repaired;
    return HP_OK;
}

static hp_code put_header(reading *r, hp_err *err) {
    const hp_pq_meta *m = &r->b->parquet;
    hp_autobuf valid = hp_buf_new(HP_LIMIT_TEXT_BYTES);
    for (size_t i = 0; i < m->ncol; i++) {
        hp_column *c = &r->t->col[i];
        hp_buf_clear(&valid);
        hp_utf8_repair(m->col[i].name, &valid);
        HP_TRY(hp_buf_check(&valid, "the name of a column", err));
        HP_TRY(hp_intern(r->run->pool, hp_buf_str(&valid), &c->v[0], err));
        if (type_of(m->col[i].kind) == HP_T_TEXT) continue;
        c->type = HP_NEW_ARRAY(r->run->arena, r->t->nrow, uint8_t);
        if (!c->type) return hp_fail_memory(err, "a column of a parquet file");
        c->type[0] = c->v[0] == HP_NULL ? HP_T_NONE : HP_T_TEXT;
    }
    return HP_OK;
}

static hp_code new_table(reading *r, hp_err *err) {
    const hp_pq_meta *m = &r->b->parquet;
    uint64_t rows = m->rows + 1;
    if (rows > UINT32_MAX - 1 || (m->ncol && rows > HP_LIMIT_CELLS / m->ncol))
        return hp_fail_limit(
            err, HP_L_CELLS, "%.*s: has %llu rows of %zu columns, more than %llu cells: split the file",
            HP_FMT(r->b->name), (unsigned long long)m->rows, m->ncol, (unsigned long long)HP_LIMIT_CELLS);
    if (m->ncol == 0) rows = 0;
    r->t = hp_table_new(r->run->arena, (size_t)rows, m->ncol, true);
    r->repaired = hp_calloc(m->ncol + 1, sizeof *r->repaired);
    if (!r->t || !r->repaired) return hp_fail_memory(err, "the cells of a parquet file");
    r->t->name = HP_S("");
    r->t->cells = rows * m->ncol;
    for (size_t i = 0; i < rows; i++) r->t->origin[i] = (hp_origin){r->sheet, (uint32_t)i + 1};
    return HP_OK;
}

static bool has_value(const hp_table *t, size_t row) {
    for (size_t c = 0; c < t->ncol; c++)
        if (t->col[c].v[row] != HP_NULL) return true;
    return false;
}

/* Rows without any value are not stored, as those of other files are not. */
static void drop_blank_rows(hp_table *t) {
    size_t kept = 0;
    for (size_t i = 0; i < t->nrow; i++) {
        if (!has_value(t, i)) continue;
        if (kept != i) {
            t->origin[kept] = t->origin[i];
            for (size_t c = 0; c < t->ncol; c++) {
                t->col[c].v[kept] = t->col[c].v[i];
                if (t->col[c].type) t->col[c].type[kept] = t->col[c].type[i];
            }
        }
        kept++;
    }
    t->nrow = kept;
}

static hp_code report(const reading *r, hp_err *err) {
    for (size_t c = 0; c < r->t->ncol && !r->raw; c++) {
        if (r->repaired[c] == 0) continue;
        hp_cell at = {r->sheet, 0, (uint32_t)c};
        HP_TRY(hp_findf(r->run, HP_R_ENCODING_REPAIRED, at, HP_NULL, err,
                        "%llu texts of the column are not UTF-8", (unsigned long long)r->repaired[c]));
    }
    return HP_OK;
}

static hp_code read_all(reading *r, hp_err *err) {
    HP_TRY(new_table(r, err));
    if (r->t->ncol == 0) return HP_OK;
    HP_TRY(put_header(r, err));
    hp_pipeline p = {.depth = SLOTS, .make = make, .work = work, .take = take};
    HP_TRY(hp_pipeline_run(&p, r, err));
    drop_blank_rows(r->t);
    return report(r, err);
}

hp_code hp_parquet_read(hp_run *run, hp_book *b, uint32_t sheet_id, bool raw, hp_table **out, hp_err *err) {
    reading r = {.run = run, .b = b, .sheet = sheet_id, .raw = raw};
    hp_code code = read_all(&r, err);
    for (size_t i = 0; i < SLOTS; i++) hp_pq_reader_free(&r.reader[i]);
    hp_free(r.map);
    hp_free(r.repaired);
    if (code == HP_OK) *out = r.t;
    return code;
}
