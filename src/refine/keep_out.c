/* Keeping rows out: those that an expectation names whose severity the profile sends to quarantine. */
#include "refine/checks.h"

#include "base/banned.h"

/* ---- why ---- */

/* Adds a reason to those that a row has. */
static hp_code add_reason(hp_run *run, hp_vid more, hp_vid *note, hp_err *err) {
    if (*note == HP_NULL) {
        *note = more;
        return HP_OK;
    }
    hp_autobuf text = hp_buf_new(16u << 20);
    hp_buf_printf(&text, "%.*s; %.*s", HP_FMT(hp_text(run->pool, *note)), HP_FMT(hp_text(run->pool, more)));
    HP_TRY(hp_buf_check(&text, "a reason of the quarantine", err));
    return hp_intern(run->pool, hp_buf_str(&text), note, err);
}

static hp_code add_reasons(hp_run *run, const hp_check_result *r, hp_vid *note, hp_err *err) {
    hp_autobuf text = hp_buf_new(1u << 20);
    hp_vid name;
    hp_check_name(r, &text);
    HP_TRY(hp_buf_check(&text, "a reason of the quarantine", err));
    HP_TRY(hp_intern(run->pool, hp_buf_str(&text), &name, err));
    for (size_t i = 0; i < r->outcome->nunexpected; i++)
        HP_TRY(add_reason(run, name, &note[r->outcome->unexpected[i].row], err));
    return HP_OK;
}

hp_code hp_keep_out_notes(hp_run *run, const hp_verdict *v, size_t first, size_t nrow, hp_vid **note,
                          bool *any, hp_err *err) {
    *any = false;
    *note = HP_NEW_ARRAY(run->arena, nrow + 1, hp_vid);
    if (!*note) return hp_fail_memory(err, "the quarantine");
    for (size_t i = first; i < v->n; i++) {
        const hp_check_result *r = &v->result[i];
        if (r->success || r->action != HP_ON_FAILURE_QUARANTINE) continue;
        *any = true;
        HP_TRY(add_reasons(run, r, *note, err));
    }
    return HP_OK;
}

/* ---- rows of a sheet ---- */

/* The organisation's name as the cell has it: feeding the row back compares it with that cell. */
static hp_vid raw_name(const hp_mapped *m, size_t row) {
    for (size_t b = 0; b < m->nbind; b++) {
        hp_vid v = m->raw->col[m->bind[b].col].v[m->first + row];
        if (m->bind[b].field == HP_F_ORGANIZATION_NAME && v != HP_NULL) return v;
    }
    return HP_NULL;
}

hp_code hp_keep_out_rows(hp_run *run, hp_mapped *m, const hp_vid *note, size_t nrow, hp_err *err) {
    m->kept_out = HP_NEW_ARRAY(run->arena, nrow + 1, uint8_t);
    if (!m->kept_out) return hp_fail_memory(err, "the quarantine");
    for (size_t row = 0; row < nrow; row++) {
        if (note[row] == HP_NULL) continue;
        m->kept_out[row] = 1;
        HP_TRY(hp_quarantine_row(run, HP_R_Q_EXPECTATION, m->raw->origin[m->first + row], (int)m->entity,
                                 raw_name(m, row), note[row], err));
    }
    return HP_OK;
}

/* ---- rows of the result ---- */

typedef struct leaving {
    hp_run *run;
    hp_mapped *const *sheets;
    size_t n;
    const hp_vid *note;
} leaving;

static const hp_mapped *sheet_of(const leaving *l, uint32_t sheet) {
    for (size_t i = 0; i < l->n; i++)
        if (l->sheets[i]->sheet == sheet) return l->sheets[i];
    return NULL;
}

/* Finds a data row by its number in the sheet; rows ascend. */
static size_t data_row(const hp_mapped *m, uint32_t number) {
    size_t low = m->first, high = m->raw->nrow;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (m->raw->origin[mid].row < number)
            low = mid + 1;
        else
            high = mid;
    }
    return low - m->first;
}

static hp_code leave(void *ctx, size_t row, hp_origin at, int entity, hp_err *err) {
    const leaving *l = ctx;
    const hp_mapped *m = sheet_of(l, at.sheet);
    hp_vid name = m ? raw_name(m, data_row(m, at.row)) : HP_NULL;
    return hp_quarantine_row(l->run, HP_R_Q_EXPECTATION, at, entity, name, l->note[row], err);
}

hp_code hp_keep_out_result(hp_run *run, const hp_verdict *v, const hp_records *in,
                           const hp_clusters *clusters, hp_mapped *const *sheets, size_t n, hp_golden *g,
                           hp_err *err) {
    size_t first = 0, nrow = g->data->nrow;
    hp_vid *note;
    bool any;
    while (first < v->n && v->result[first].sources) first++;
    HP_TRY(hp_keep_out_notes(run, v, first, nrow, &note, &any, err));
    if (!any) return HP_OK;
    uint8_t *out = HP_NEW_ARRAY(run->arena, nrow + 1, uint8_t);
    if (!out) return hp_fail_memory(err, "the quarantine");
    for (size_t r = 0; r < nrow; r++) out[r] = note[r] != HP_NULL;
    leaving l = {run, sheets, n, note};
    return hp_golden_take_out(run, in, clusters, g, out, leave, &l, err);
}
