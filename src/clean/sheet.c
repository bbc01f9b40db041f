/* Cleaning a sheet: column by column, each distinct value once, in parallel; results are interned and
 * findings written in order by one thread, so that nothing depends on how many threads there are. */
#include "base/map.h"
#include "base/mem.h"
#include "base/threads.h"
#include "base/vec.h"
#include "clean/phone_door.h"
#include "clean/value.h"

enum { BATCH = 256 };

/* A finding about a distinct value; the note is interned once. */
typedef struct {
    const char *reason;
    hp_vid note;
    uint16_t rule;
} finding;

/* A distinct value of a column and what became of it: texts and findings lie in its batch. */
typedef struct {
    hp_vid raw, value, extra;
    uint32_t text, value_n, extra_n, first_finding;
    uint8_t type, nfinding;
} distinct;

/* What a batch of distinct values makes. */
typedef struct {
    hp_buf text;
    HP_VEC(finding) found;
    bool bad;
} batch;

/* A cell with findings. */
typedef struct {
    uint32_t row, value; /* data row; index in the column's distinct values */
} flagged;

/* A column under work. Findings stay until the rows are walked. */
typedef struct {
    const hp_binding *bind;
    const hp_column *raw;
    hp_clean_fn *fn;
    HP_VEC(distinct) value;
    HP_VEC(flagged) flag;
    batch *batches;
    size_t nbatch, next_flag;
} column;

/* The sheet under work. */
typedef struct {
    hp_run *run;
    const hp_mapped *in;
    hp_clean_ctx ctx;
    size_t nrow;
    column *col;    /* one a binding; those that are not mapped stay empty */
    uint32_t *slot; /* for each value of the pool: 1 + index in the current column's distinct values, or 0 */
    hp_imap typed;  /* the same for a value met before with another type, by value and type */
} work;

static void drop_column(column *c) {
    for (size_t i = 0; i < c->nbatch; i++) {
        hp_buf_free(&c->batches[i].text);
        hp_vec_free(&c->batches[i].found);
    }
    hp_free(c->batches);
    hp_vec_free(&c->value);
    hp_vec_free(&c->flag);
}

static void drop_work(work *w) {
    for (size_t b = 0; w->col && b < w->in->nbind; b++) drop_column(&w->col[b]);
    hp_free(w->col);
    hp_free(w->slot);
    hp_imap_free(&w->typed);
}

/* Finds the index of a value with its type among the distinct ones, adding it if it is new; false when out of
 * memory. */
static bool distinct_index(work *w, column *c, hp_vid v, hp_type type, uint32_t *index) {
    uint32_t fresh = (uint32_t)c->value.n;
    bool added = w->slot[v] == 0;
    *index = fresh;
    if (!added) {
        *index = w->slot[v] - 1;
        if (c->value.p[*index].type == type) return true;
        if (!hp_imap_add(&w->typed, (uint64_t)v << 8 | (uint64_t)type, fresh, index, &added)) return false;
        if (!added) return true;
    } else {
        w->slot[v] = fresh + 1;
    }
    return hp_vec_push(&c->value, ((distinct){.raw = v, .type = (uint8_t)type}));
}

/* Writes for each row the index of its distinct value (plus one, 0 = null) into `at`, where the cleaned value
 * goes later. */
static bool collect(work *w, column *c, hp_vid *at) {
    bool ok = true;
    for (size_t r = 0; r < w->nrow && ok; r++) {
        hp_vid v = c->raw->v[w->in->first + r];
        uint32_t index;
        if (v == HP_NULL) continue;
        ok = distinct_index(w, c, v, hp_cell_type(c->raw, w->in->first + r), &index);
        at[r] = index + 1;
    }
    for (size_t i = 0; i < c->value.n; i++) w->slot[c->value.p[i].raw] = 0;
    hp_imap_free(&w->typed);
    return ok;
}

/* What the threads get. */
typedef struct {
    work *w;
    column *c;
} clean_job;

static void keep(batch *b, distinct *d, const hp_clean_out *out) {
    d->text = (uint32_t)b->text.n;
    d->value_n = (uint32_t)out->value.n;
    d->extra_n = (uint32_t)out->extra.n;
    d->first_finding = (uint32_t)b->found.n;
    d->nfinding = out->nrule;
    hp_buf_add(&b->text, hp_buf_str(&out->value));
    hp_buf_add(&b->text, hp_buf_str(&out->extra));
    for (uint8_t i = 0; i < out->nrule; i++) {
        if (!hp_vec_push(&b->found, ((finding){.reason = out->reason[i], .rule = out->rule[i]})))
            b->bad = true;
    }
    b->bad |= out->value.bad || out->extra.bad || b->text.bad;
}

static void clean_batch(void *ctx, size_t from, size_t to, unsigned worker) {
    (void)worker;
    const clean_job *job = ctx;
    batch *b = &job->c->batches[from / BATCH];
    hp_clean_out out = {.value = hp_buf_new(HP_CLEAN_SCRATCH), .extra = hp_buf_new(HP_CLEAN_SCRATCH)};
    b->text = hp_buf_new((size_t)2 * BATCH * HP_CLEAN_SCRATCH);
    for (size_t i = from; i < to && !b->bad; i++) {
        distinct *d = &job->c->value.p[i];
        hp_buf_clear(&out.value);
        hp_buf_clear(&out.extra);
        job->c->fn(&job->w->ctx, hp_text(job->w->run->pool, d->raw), (hp_type)d->type, &out);
        keep(b, d, &out);
    }
    hp_buf_free(&out.value);
    hp_buf_free(&out.extra);
}

/* Interns what a batch made, in order, and lets the texts go. */
static hp_code intern_batch(hp_run *run, distinct *d, size_t n, batch *b, hp_err *err) {
    if (b->bad) return hp_fail_memory(err, "cleaned values");
    hp_str text = hp_buf_str(&b->text);
    for (size_t i = 0; i < n; i++) {
        size_t middle = d[i].text + d[i].value_n;
        HP_TRY(hp_intern(run->pool, hp_str_cut(text, d[i].text, middle), &d[i].value, err));
        HP_TRY(hp_intern(run->pool, hp_str_cut(text, middle, middle + d[i].extra_n), &d[i].extra, err));
    }
    for (size_t i = 0; i < b->found.n; i++) {
        if (b->found.p[i].reason)
            HP_TRY(hp_intern(run->pool, hp_str_of(b->found.p[i].reason), &b->found.p[i].note, err));
    }
    hp_buf_free(&b->text);
    return HP_OK;
}

static hp_code clean_distinct(work *w, column *c, hp_err *err) {
    size_t n = c->value.n;
    c->batches = hp_calloc((n + BATCH - 1) / BATCH, sizeof *c->batches);
    if (!c->batches) return hp_fail_memory(err, "cleaned values");
    c->nbatch = (n + BATCH - 1) / BATCH;
    clean_job job = {w, c};
    hp_parallel(n, BATCH, clean_batch, &job);
    for (size_t i = 0; i < c->nbatch; i++) {
        size_t from = i * BATCH, to = from + BATCH < n ? from + BATCH : n;
        HP_TRY(intern_batch(w->run, c->value.p + from, to - from, &c->batches[i], err));
    }
    return HP_OK;
}

/* Keeps what was found in each distinct value, for whoever asks why it is as it is. */
static hp_code keep_changes(work *w, const column *c, hp_kind kind, hp_err *err) {
    for (size_t i = 0; w->run->explain && i < c->value.n; i++) {
        const distinct *d = &c->value.p[i];
        const finding *found = c->batches[i / BATCH].found.p + d->first_finding;
        bool fresh;
        if (!d->nfinding) continue;
        bool ok = hp_change_begin(&w->run->changes, kind, (hp_type)d->type, d->raw, &fresh);
        for (size_t k = 0; ok && fresh && k < d->nfinding; k++)
            ok = hp_change_add(&w->run->changes, (hp_rule)found[k].rule, found[k].note);
        if (!ok) return hp_fail_memory(err, "the provenance");
    }
    return HP_OK;
}

/* Turns the indices in `v` into cleaned values, and notes which rows have findings. */
static bool fill(work *w, column *c, hp_vid *v, hp_vid *extra) {
    for (size_t r = 0; r < w->nrow; r++) {
        if (v[r] == 0) continue;
        uint32_t index = v[r] - 1;
        const distinct *d = &c->value.p[index];
        v[r] = d->value;
        if (extra) extra[r] = d->extra;
        if (d->nfinding && !hp_vec_push(&c->flag, ((flagged){(uint32_t)r, index}))) return false;
    }
    return true;
}

static hp_code clean_column(work *w, size_t b, hp_cleaned *out, hp_err *err) {
    column *c = &w->col[b];
    c->bind = &w->in->bind[b];
    c->raw = &w->in->raw->col[c->bind->col];
    hp_kind kind = hp_field_get(c->bind->field)->kind;
    c->fn = hp_clean_for(kind);
    out->v[b] = HP_NEW_ARRAY(w->run->arena, w->nrow, hp_vid);
    if (!out->v[b]) return hp_fail_memory(err, "cleaned columns");
    if (kind == HP_K_PERSON || kind == HP_K_ORG_NAME) {
        out->extra[b] = HP_NEW_ARRAY(w->run->arena, w->nrow, hp_vid);
        if (!out->extra[b]) return hp_fail_memory(err, "cleaned columns");
    }
    if (!collect(w, c, out->v[b])) return hp_fail_memory(err, "distinct values");
    HP_TRY(clean_distinct(w, c, err));
    HP_TRY(keep_changes(w, c, kind, err));
    return fill(w, c, out->v[b], out->extra[b]) ? HP_OK : hp_fail_memory(err, "findings");
}

static const finding *findings_of(const column *c, uint32_t value) {
    return c->batches[value / BATCH].found.p + c->value.p[value].first_finding;
}

/* Tells whether a column of the sheet that feeds several fields has the finding from an earlier one: one
 * defect of a cell is one finding. Both went through the same cells, so their values have the same numbers.
 */
static bool is_reported(const work *w, const column *c, uint32_t value, uint16_t rule) {
    for (const column *e = w->col; e < c; e++) {
        if (e->raw != c->raw) continue;
        const finding *found = findings_of(e, value);
        for (size_t i = 0; i < e->value.p[value].nfinding; i++)
            if (found[i].rule == rule) return true;
    }
    return false;
}

static hp_code report_cell(work *w, const column *c, const flagged *f, hp_err *err) {
    const distinct *d = &c->value.p[f->value];
    hp_origin at = w->in->raw->origin ? w->in->raw->origin[w->in->first + f->row]
                                      : (hp_origin){w->in->sheet, (uint32_t)(w->in->first + f->row + 1)};
    for (size_t i = 0; i < d->nfinding; i++) {
        const finding *found = &findings_of(c, f->value)[i];
        if (is_reported(w, c, f->value, found->rule)) continue;
        hp_cell cell = {at.sheet, at.row, c->raw->source};
        HP_TRY(hp_find(w->run, (hp_rule)found->rule, cell, d->raw, found->note, err));
    }
    return HP_OK;
}

/* Writes the findings row by row, and in a row from left to right. */
static hp_code report(work *w, hp_err *err) {
    for (size_t r = 0; r < w->nrow; r++) {
        for (size_t b = 0; b < w->in->nbind; b++) {
            column *c = &w->col[b];
            if (c->next_flag == c->flag.n || c->flag.p[c->next_flag].row != r) continue;
            HP_TRY(report_cell(w, c, &c->flag.p[c->next_flag++], err));
        }
    }
    return HP_OK;
}

static hp_code clean_all(work *w, hp_cleaned *out, hp_err *err) {
    size_t mapped = 0, done = 0;
    for (size_t b = 0; b < w->in->nbind; b++) mapped += w->in->bind[b].field != HP_F_NONE;
    for (size_t b = 0; b < w->in->nbind; b++) {
        if (w->in->bind[b].field == HP_F_NONE) continue;
        HP_TRY(clean_column(w, b, out, err));
        hp_run_progress(w->run, "clean", ++done * w->nrow, mapped * w->nrow);
    }
    return report(w, err);
}

static bool has_phones(const hp_mapped *in) {
    for (size_t b = 0; b < in->nbind; b++)
        if (hp_field_get(in->bind[b].field)->kind == HP_K_PHONE) return true;
    return false;
}

hp_code hp_clean_sheet(hp_run *run, const hp_profile *p, const hp_mapped *in, hp_cleaned **out, hp_err *err) {
    if (has_phones(in)) HP_TRY(hp_phone_ready(err));
    work w = {.run = run, .in = in, .nrow = in->raw->nrow > in->first ? in->raw->nrow - in->first : 0};
    hp_clean_ctx_init(&w.ctx, p);
    w.col = hp_calloc(in->nbind, sizeof *w.col);
    w.slot = hp_calloc((size_t)hp_pool_count(run->pool) + 1, sizeof *w.slot);
    hp_cleaned *made = HP_NEW(run->arena, hp_cleaned);
    hp_code code = HP_OK;
    if (made) {
        *made = (hp_cleaned){.in = in, .nrow = w.nrow};
        made->v = HP_NEW_ARRAY(run->arena, in->nbind, hp_vid *);
        made->extra = HP_NEW_ARRAY(run->arena, in->nbind, hp_vid *);
    }
    if (!w.col || !w.slot || !made || !made->v || !made->extra) {
        code = hp_fail_memory(err, "cleaned columns");
    } else {
        code = clean_all(&w, made, err);
    }
    drop_work(&w);
    if (code == HP_OK) *out = made;
    return code;
}
