#include "write/lines.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/threads.h"

#include "base/banned.h"

/* Cells of a block: about as many as make half a MiB, which a processor's own cache holds. */
#define BLOCK_CELLS 28000u
/* More blocks than threads, so that none waits for the one that is written. */
#define MORE 2

/* A block of rows: those up to `done` are in the buffer. */
typedef struct block {
    size_t from, to, done;
    hp_buf text;
} block;

/* One table on its way. */
typedef struct pouring {
    const hp_lines_maker *maker;
    const void *ctx;
    hp_out *out;
    size_t at, rows; /* rows of a block */
    block block[HP_PIPELINE_DEPTH];
} pouring;

hp_code hp_lines_put(hp_buf *b, hp_out *out, hp_err *err) {
    HP_TRY(hp_buf_check(b, out->path, err));
    if (b->n && fwrite(b->p, 1, b->n, out->f) != b->n)
        return hp_fail(err, HP_IO, "%s: cannot be written: is the disk full?", out->path);
    hp_buf_clear(b);
    return HP_OK;
}

static hp_code make(void *ctx, size_t slot, bool *made, hp_err *err) {
    (void)err;
    pouring *p = ctx;
    block *b = &p->block[slot];
    *made = p->at < p->maker->nrow;
    if (!*made) return HP_OK;
    b->from = b->done = p->at;
    b->to = p->at = p->maker->nrow - p->at < p->rows ? p->maker->nrow : p->at + p->rows;
    return HP_OK;
}

static hp_code work(void *ctx, size_t slot, hp_err *err) {
    pouring *p = ctx;
    block *b = &p->block[slot];
    b->done = p->maker->fill(p->ctx, &b->text, b->from, b->to);
    return hp_buf_check(&b->text, p->out->path, err);
}

/* Writes a block; of one that was full before it had all its rows the others are made now, piece by piece. */
static hp_code take(void *ctx, size_t slot, hp_err *err) {
    pouring *p = ctx;
    block *b = &p->block[slot];
    HP_TRY(hp_lines_put(&b->text, p->out, err));
    while (b->done < b->to) {
        b->done = p->maker->fill(p->ctx, &b->text, b->done, b->to);
        HP_TRY(hp_lines_put(&b->text, p->out, err));
    }
    return HP_OK;
}

hp_code hp_lines_run(const hp_lines_maker *maker, const void *ctx, hp_out *out, hp_err *err) {
    pouring p = {.maker = maker, .ctx = ctx, .out = out, .rows = BLOCK_CELLS / (maker->ncol + 1) + 1};
    size_t jobs = hp_threads_jobs();
    size_t depth = jobs == 1 ? 1 : jobs + MORE < HP_PIPELINE_DEPTH ? jobs + MORE : HP_PIPELINE_DEPTH;
    const hp_pipeline line = {.depth = depth, .make = make, .work = work, .take = take};
    for (size_t i = 0; i < depth; i++) p.block[i].text = hp_buf_new(HP_LINE_MAX);
    hp_code code = hp_pipeline_run(&line, &p, err);
    for (size_t i = 0; i < depth; i++) hp_buf_free(&p.block[i].text);
    if (code == HP_OK && fflush(out->f) != 0)
        return hp_fail(err, HP_IO, "%s: cannot be written: is the disk full?", out->path);
    return code;
}

/* ---- names ---- */

/* Finds a name that nobody has: the base, then the base with a number. */
static bool name_it(hp_arena *a, hp_smap *taken, hp_str base, hp_str *name) {
    uint32_t next = 1, seen;
    bool added = false;
    *name = base;
    /* What a base stands for in the map is the number to go on with, so that many of one name cost no more
     * than few. */
    if (hp_smap_get(taken, base, &seen)) next = seen;
    while (!added) {
        if (next > 1) *name = hp_arena_printf(a, "%.*s_%u", HP_FMT(base), next);
        next++;
        if (!name->p || !hp_smap_add(taken, *name, 2, &seen, &added)) return false;
    }
    return hp_smap_put(taken, base, next);
}

hp_code hp_names_unique(hp_arena *a, const hp_table *t, hp_str *names, hp_err *err) {
    hp_smap taken = {0};
    bool ok = true;
    for (size_t c = 0; ok && c < t->ncol; c++) {
        bool added = false;
        uint32_t seen;
        names[c] = (hp_str){0};
        if (t->col[c].name.n == 0) continue;
        ok = hp_smap_add(&taken, t->col[c].name, 2, &seen, &added);
        if (added) names[c] = t->col[c].name;
    }
    for (size_t c = 0; ok && c < t->ncol; c++) {
        if (names[c].n) continue;
        hp_str base = t->col[c].name.n ? t->col[c].name : hp_arena_printf(a, "column_%zu", c + 1);
        ok = base.p && name_it(a, &taken, base, &names[c]);
    }
    hp_smap_free(&taken);
    return ok ? HP_OK : hp_fail_memory(err, "the names of the columns");
}
