/* A parquet file as one sheet: the names of the columns, and below them the rows. Pages are read side by side
 * and their texts taken in the order of the file, so that values get the same numbers whatever the number of
 * threads. */
#include "read/parquet.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/threads.h"
#include "base/utf8.h"
#include "read/book.h"

#include "base/banned.h"

enum { SLOTS = 8 };

/* A page under way. */
typedef struct item {
    hp_pq_page page;
    hp_pq_reader reader;
    size_t column, row; /* of its first value, in the table */
} item;

/* Values by number + 1; map[0] is null. */
typedef struct map {
    hp_vid *v;
    size_t cap;
    bool infinite; /* one is an infinite number */
} map;

typedef struct reading {
    hp_run *run;
    const hp_book *b;
    uint32_t sheet;
    bool raw;
    hp_table *t;
    size_t next; /* chunk behind the one that is walked over */
    hp_pq_walk walk;
    item item[SLOTS];
    map dictionary, page; /* of the chunk; of the page */
    uint64_t *repaired;   /* one a column */
} reading;

hp_code hp_parquet_open(hp_book *b, hp_err *err) {
    HP_TRY(hp_pq_meta_read(b->arena, b->name, b->bytes, &b->parquet, err));
    b->sheet = HP_NEW(b->arena, hp_book_sheet);
    if (!b->sheet) return hp_fail_memory(err, "a parquet file");
    *b->sheet = (hp_book_sheet){.name = HP_S(""), .readable = true};
    b->nsheet = 1;
    return HP_OK;
}

static void begin_chunk(reading *r) {
    const hp_pq_meta *m = &r->b->parquet;
    const hp_pq_chunk *c = &m->chunk[r->next++];
    r->walk = (hp_pq_walk){.name = r->b->name, .bytes = r->b->bytes, .col = &m->col[c->column], .chunk = c};
}

/* Finds the next page, in this chunk or one behind it. */
static hp_code make(void *ctx, size_t slot, bool *made, hp_err *err) {
    reading *r = ctx;
    item *at = &r->item[slot];
    for (*made = false; !*made;) {
        if (r->walk.chunk && hp_pq_walk_more(&r->walk)) {
            HP_TRY(hp_pq_walk_next(&r->walk, &at->page, made, err));
            continue;
        }
        if (r->next == r->b->parquet.nchunk) return HP_OK;
        begin_chunk(r);
    }
    at->column = r->walk.chunk->column;
    at->row = 1 + (size_t)(r->walk.chunk->first_row + at->page.before);
    return HP_OK;
}

static hp_code work(void *ctx, size_t slot, hp_err *err) {
    reading *r = ctx;
    item *at = &r->item[slot];
    return hp_pq_page_read(&at->reader, &at->page, r->t->col[at->column].v + at->row, err);
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
static void set_types(const reading *r, hp_column *c, hp_type type, bool infinite, size_t from, size_t to) {
    for (size_t i = from; i < to; i++) c->type[i] = (uint8_t)(c->v[i] == HP_NULL ? HP_T_NONE : type);
    for (size_t i = from; i < to && infinite; i++)
        if (hp_str_ends(hp_text(r->run->pool, c->v[i]), HP_S("y"))) c->type[i] = HP_T_TEXT;
}

/* Takes the texts of a dictionary or page into the pool. */
static hp_code take_texts(const reading *r, const hp_pq_reader *p, map *m, hp_err *err) {
    size_t n = (size_t)p->dict.n + 1;
    if (n > m->cap) {
        hp_free(m->v);
        m->cap = 0;
        m->v = hp_malloc(n * sizeof *m->v);
        if (!m->v) return hp_fail_memory(err, "a column of a parquet file");
        m->cap = n;
    }
    m->v[0] = HP_NULL;
    m->infinite = p->infinite;
    return hp_dict_merge(&p->dict, r->run->pool, m->v + 1, err);
}

static hp_code take(void *ctx, size_t slot, hp_err *err) {
    reading *r = ctx;
    const item *at = &r->item[slot];
    const hp_pq_reader *p = &at->reader;
    r->repaired[at->column] += p->repaired;
    hp_code code = HP_OK;
    if (at->page.is_dictionary)
        code = take_texts(r, p, &r->dictionary, err);
    else if (!p->indexed)
        code = take_texts(r, p, &r->page, err);
    hp_dict_clear(&r->item[slot].reader.dict); /* texts made of prefixes may be many times the page */
    if (code != HP_OK || at->page.is_dictionary) return code;
    const map *m = p->indexed ? &r->dictionary : &r->page;
    hp_column *c = &r->t->col[at->column];
    size_t to = at->row + (size_t)at->page.values;
    for (size_t i = at->row; i < to; i++) c->v[i] = m->v[c->v[i]];
    if (c->type) set_types(r, c, type_of(at->page.where.col->kind), m->infinite, at->row, to);
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
    HP_TRY(take_texts(r, &(hp_pq_reader){0}, &r->dictionary, err)); /* a page of nulls needs no dictionary */
    hp_pipeline p = {.depth = SLOTS, .make = make, .work = work, .take = take};
    HP_TRY(hp_pipeline_run(&p, r, err));
    drop_blank_rows(r->t);
    return report(r, err);
}

hp_code hp_parquet_read(hp_run *run, hp_book *b, uint32_t sheet_id, bool raw, hp_table **out, hp_err *err) {
    reading r = {.run = run, .b = b, .sheet = sheet_id, .raw = raw};
    hp_code code = read_all(&r, err);
    for (size_t i = 0; i < SLOTS; i++) hp_pq_reader_free(&r.item[i].reader);
    hp_free(r.dictionary.v);
    hp_free(r.page.v);
    hp_free(r.repaired);
    if (code == HP_OK) *out = r.t;
    return code;
}
