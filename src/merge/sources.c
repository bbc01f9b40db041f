#include <stdlib.h>

#include "merge/merger.h"

#include "base/banned.h"

hp_code hp_intern_labels(hp_merger *m, hp_err *err) {
    size_t n = m->run->sources.file.n;
    m->label = HP_NEW_ARRAY(m->tmp, n, hp_vid);
    if (!m->label) return hp_fail_memory(err, "the names of the sources");
    for (size_t i = 0; i < n; i++)
        HP_TRY(hp_intern(m->run->pool, m->run->sources.file.p[i].label, &m->label[i], err));
    return HP_OK;
}

static int by_text(const void *a, const void *b, void *pool) {
    return hp_str_cmp(hp_text(pool, *(const hp_vid *)a), hp_text(pool, *(const hp_vid *)b));
}

/* Joins the list, sorted as text. */
static hp_code put_list(hp_merger *m, hp_data_col c, hp_err *err) {
    if (m->list.n > 1) qsort_r(m->list.p, m->list.n, sizeof *m->list.p, by_text, m->run->pool);
    hp_joiner j = hp_join_begin(m, "; ");
    for (size_t i = 0; i < m->list.n; i++) hp_join_add(&j, hp_text(m->run->pool, m->list.p[i]));
    return hp_put_joined(m, &j, c, err);
}

static hp_code list_once(hp_merger *m, hp_vid v, hp_err *err) {
    if (v == HP_NULL || hp_seen_before(m, v) || hp_vec_push(&m->list, v)) return HP_OK;
    return hp_fail_memory(err, "the sources of a record");
}

static hp_code put_record_ids(hp_merger *m, hp_err *err) {
    m->list.n = 0;
    hp_seen_begin(m);
    for (size_t i = 0; i < m->nrank; i++) HP_TRY(list_once(m, m->in->org[m->rank[i]].record_id, err));
    return put_list(m, HP_D_SOURCE_RECORD_IDS, err);
}

typedef struct walk {
    hp_merger *m;
    hp_joiner cells;
    size_t rows;
} walk;

static hp_code list_label(void *ctx, hp_origin at, int entity, hp_err *err) {
    walk *w = ctx;
    (void)entity;
    return list_once(w->m, w->m->label[w->m->run->sources.sheet.p[at.sheet].file], err);
}

static hp_code join_row(void *ctx, hp_origin at, int entity, hp_err *err) {
    walk *w = ctx;
    (void)entity;
    (void)err;
    hp_buf_clear(&w->m->part);
    hp_address(&w->m->run->sources, (hp_cell){at.sheet, at.row, HP_NO_COL}, &w->m->part);
    w->m->text.bad |= w->m->part.bad;
    hp_join_add(&w->cells, hp_buf_str(&w->m->part));
    w->rows++;
    return HP_OK;
}

static hp_code put_rows(hp_merger *m, hp_err *err) {
    walk w = {.m = m};
    m->list.n = 0;
    hp_seen_begin(m);
    HP_TRY(hp_each_row(m, m->golden->cluster, list_label, &w, err));
    HP_TRY(put_list(m, HP_D_SOURCE_DATASETS, err));
    w.cells = hp_join_begin(m, "; ");
    HP_TRY(hp_each_row(m, m->golden->cluster, join_row, &w, err));
    HP_TRY(hp_put_joined(m, &w.cells, HP_D_SOURCE_CELLS, err));
    return hp_put_count(m, HP_D_ROWS_MERGED, w.rows, err);
}

/* Names each kind of reason once, with its lowest similarity where names need not be the same. */
static hp_code put_reasons(hp_merger *m, hp_err *err) {
    float lowest[HP_MATCH_REASON_COUNT], all = 2;
    for (int r = 0; r < HP_MATCH_REASON_COUNT; r++) lowest[r] = 2;
    for (uint32_t i = m->clusters->match_start[m->golden->cluster];
         i < m->clusters->match_start[m->golden->cluster + 1]; i++) {
        const hp_match *match = &m->clusters->match[i];
        if (match->score < lowest[match->reason]) lowest[match->reason] = match->score;
        if (match->score < all) all = match->score;
    }
    if (all > 1) return HP_OK;
    hp_joiner j = hp_join_begin(m, "; ");
    for (int r = 0; r < HP_MATCH_REASON_COUNT; r++) {
        if (lowest[r] > 1) continue;
        hp_buf_clear(&m->part);
        hp_buf_puts(&m->part, hp_match_reason_name((hp_match_reason)r));
        int percent = (int)((double)lowest[r] * 100 + 0.5);
        if (r != HP_MATCH_NAME) hp_buf_printf(&m->part, " (%d.%02d)", percent / 100, percent % 100);
        m->text.bad |= m->part.bad;
        hp_join_add(&j, hp_buf_str(&m->part));
    }
    HP_TRY(hp_put_joined(m, &j, HP_D_MATCH_REASONS, err));
    return hp_number(m, (double)all, &m->out->data->col[HP_D_MATCH_CONFIDENCE].v[m->at], err);
}

hp_code hp_write_sources(hp_merger *m, hp_err *err) {
    HP_TRY(put_record_ids(m, err));
    HP_TRY(put_rows(m, err));
    return put_reasons(m, err);
}
