#include "merge/merge.h"

#include "base/limits.h"
#include "base/mem.h"
#include "merge/merger.h"
#include "table/country.h"

#include "base/banned.h"

/* Progress is told after this many organisations. */
enum { BATCH = 4096 };

static hp_code merge_one(hp_merger *m, size_t at, hp_err *err) {
    m->at = at;
    m->golden = &m->row[at];
    m->out->cluster[at] = m->golden->cluster;
    uint32_t first = m->clusters->member_start[m->golden->cluster];
    m->rank = m->order + first;
    m->nrank = m->clusters->member_start[m->golden->cluster + 1] - first;
    HP_TRY(hp_collect_fields(m, err));
    HP_TRY(hp_collect_people(m, err));
    HP_TRY(hp_write_organization(m, err));
    HP_TRY(hp_add_contact_rows(m, err));
    HP_TRY(hp_trace_row(m, err));
    return hp_report_conflicts(m, err);
}

static hp_code open_marks(hp_merger *m, hp_err *err) {
    /* Values that merging itself makes are never asked for. */
    size_t values = (size_t)hp_pool_count(m->run->pool) + 1;
    m->seen = HP_NEW_ARRAY(m->tmp, values, uint32_t);
    m->mark = HP_NEW_ARRAY(m->tmp, values, hp_mark);
    return m->seen && m->mark ? HP_OK : hp_fail_memory(err, "the values to merge");
}

static hp_code open_merger(hp_merger *m, hp_err *err) {
    for (size_t i = 0; i < m->p->nsource; i++)
        if (m->p->source[i].priority > m->max_priority) m->max_priority = m->p->source[i].priority;
    HP_TRY(hp_intern(m->run->pool, hp_country_name(m->p->country), &m->country, err));
    HP_TRY(hp_intern_labels(m, err));
    HP_TRY(hp_fold_contacts(m, err));
    HP_TRY(open_marks(m, err));
    return hp_provenance_open(m, err);
}

static hp_code merge_all(hp_merger *m, hp_str since, hp_err *err) {
    HP_TRY(open_merger(m, err));
    HP_TRY(hp_trace_open(m, err));
    HP_TRY(hp_rank(m, err));
    HP_TRY(hp_order_rows(m, since, err));
    HP_TRY(hp_make_data(m, err));
    m->out->cluster = HP_NEW_ARRAY(m->run->arena, m->nrow + 1, uint32_t);
    if (!m->out->cluster) return hp_fail_memory(err, "the merged rows");
    for (size_t i = 0; i < m->nrow; i++) {
        if (i % BATCH == 0) hp_run_progress(m->run, "merge", i, m->nrow);
        HP_TRY(merge_one(m, i, err));
    }
    return hp_make_contacts(m, err);
}

static void close_merger(hp_merger *m) {
    hp_vec_free(&m->candidate);
    hp_vec_free(&m->member);
    hp_vec_free(&m->contact);
    hp_vec_free(&m->person);
    hp_vec_free(&m->channel);
    hp_vec_free(&m->list);
    hp_vec_free(&m->contact_row);
    hp_buf_free(&m->text);
    hp_buf_free(&m->json);
    hp_buf_free(&m->part);
}

hp_code hp_merge(hp_run *run, const hp_profile *p, const hp_records *in, const hp_clusters *clusters,
                 hp_str since, hp_golden **out, hp_err *err) {
    /* Far above what a cell may hold: what is too long is cut with a finding, not refused. */
    const size_t cap = 1u << 30;
    hp_autoarena *tmp = hp_arena_new(run->arena);
    hp_golden *golden = HP_NEW(run->arena, hp_golden);
    if (!tmp || !golden) return hp_fail_memory(err, "the merged rows");
    hp_merger m = {.run = run,
                   .p = p,
                   .in = in,
                   .clusters = clusters,
                   .tmp = tmp,
                   .out = golden,
                   .text = hp_buf_new(cap),
                   .json = hp_buf_new(cap),
                   .part = hp_buf_new(cap)};
    hp_code code = hp_trace_close(&m, merge_all(&m, since, err), err);
    close_merger(&m);
    if (code == HP_OK) *out = golden;
    return code;
}
