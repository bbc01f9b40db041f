#include "merge/merger.h"

#include "base/banned.h"

static hp_code push(hp_merger *m, uint32_t col, const hp_candidate *c, hp_err *err) {
    hp_traced v = {.v = c->v, .at = c->at, .record = c->record, .col = col};
    return hp_vec_push(&m->out->trace->value, v) ? HP_OK : hp_fail_memory(err, "the provenance");
}

static hp_code trace_channels(hp_merger *m, hp_contact_col col, hp_range r, hp_err *err) {
    for (uint32_t i = 0; i < r.n; i++) HP_TRY(push(m, col, &m->channel.p[r.first + i], err));
    return HP_OK;
}

/* A person's title, notes and date are of the contacts that say so, of whom the first gives the title. */
static hp_code trace_contacts(hp_merger *m, const hp_person *p, hp_err *err) {
    hp_origin last = {HP_NO_SHEET, 0};
    bool titled = false;
    for (uint32_t i = 0; i < p->row.n; i++) {
        const hp_contact *c = m->contact.p[p->row.first + i];
        hp_candidate row = {.at = {c->at.sheet, c->at.row, HP_NO_COL}, .record = c->org};
        if (!titled && c->title.v != HP_NULL) {
            hp_candidate title = {.v = c->title.v, .at = c->title.at, .record = c->org};
            HP_TRY(push(m, HP_C_CONTACT_TITLE, &title, err));
            titled = true;
        }
        row.v = c->notes;
        if (row.v != HP_NULL) HP_TRY(push(m, HP_C_NOTES, &row, err));
        row.v = c->last_date;
        if (row.v != HP_NULL) HP_TRY(push(m, HP_C_LAST_INTERACTION_DATE, &row, err));
        row.v = HP_NULL;
        if (c->at.sheet != last.sheet || c->at.row != last.row) HP_TRY(push(m, HP_C_SOURCE_CELL, &row, err));
        last = c->at;
    }
    return HP_OK;
}

static hp_code trace_person(hp_merger *m, const hp_person *p, hp_err *err) {
    hp_trace *t = m->out->trace;
    hp_traced_person out = {.value = t->value.n, .reach = (uint8_t)hp_reach(p), .primary = p == m->primary};
    out.weight = (uint8_t)(hp_role_weight(hp_text(m->run->pool, p->role.v)) * 100 + 0.5);
    if (p->name.v != HP_NULL) HP_TRY(push(m, HP_C_CONTACT_NAME, &p->name, err));
    if (p->role.v != HP_NULL) HP_TRY(push(m, HP_C_CONTACT_ROLE, &p->role, err));
    HP_TRY(trace_channels(m, HP_C_CONTACT_EMAILS, p->email, err));
    HP_TRY(trace_channels(m, HP_C_CONTACT_PHONES, p->phone, err));
    HP_TRY(trace_contacts(m, p, err));
    out.nvalue = t->value.n - out.value;
    return hp_vec_push(&t->person, out) ? HP_OK : hp_fail_memory(err, "the provenance");
}

hp_code hp_trace_row(hp_merger *m, hp_err *err) {
    hp_trace *t = m->out->trace;
    if (!t) return HP_OK;
    hp_traced_row row = {.value = t->value.n,
                         .person = t->person.n,
                         .nperson = m->person.n,
                         .cluster = m->golden->cluster,
                         .slug = m->golden->slug};
    for (hp_pick_id id = 0; id < HP_PICK_COUNT; id++)
        for (uint32_t i = 0; i < m->pick[id].n; i++)
            HP_TRY(push(m, hp_pick_get(id)->col, &m->candidate.p[m->pick[id].first + i], err));
    row.nvalue = t->value.n - row.value;
    for (size_t i = 0; i < m->person.n; i++) HP_TRY(trace_person(m, &m->person.p[i], err));
    return hp_vec_push(&t->row, row) ? HP_OK : hp_fail_memory(err, "the provenance");
}

void hp_trace_take_out(hp_trace *t, const uint8_t *out) {
    size_t rows = 0, people = 0;
    for (size_t r = 0; r < t->row.n; r++) {
        hp_traced_row row = t->row.p[r];
        if (out[r]) continue;
        /* Where its people go is never behind where they are. */
        memmove(t->person.p + people, t->person.p + row.person, row.nperson * sizeof *t->person.p);
        row.person = people;
        people += row.nperson;
        t->row.p[rows++] = row;
    }
    t->row.n = rows;
    t->person.n = people;
}

hp_code hp_trace_open(hp_merger *m, hp_err *err) {
    if (!m->run->explain) return HP_OK;
    m->out->trace = HP_NEW(m->run->arena, hp_trace);
    return m->out->trace ? HP_OK : hp_fail_memory(err, "the provenance");
}

/* The ranks outlive the merger, too. */
static hp_code keep_ranks(hp_merger *m, hp_err *err) {
    size_t n = m->in->norg;
    hp_trace *t = m->out->trace;
    t->order = HP_NEW_ARRAY(m->run->arena, n + 1, uint32_t);
    t->complete = HP_NEW_ARRAY(m->run->arena, n + 1, uint8_t);
    if (!t->order || !t->complete) return hp_fail_memory(err, "the provenance");
    if (n) memcpy(t->order, m->order, n * sizeof *t->order);
    if (n) memcpy(t->complete, m->complete, n * sizeof *t->complete);
    return HP_OK;
}

hp_code hp_trace_close(hp_merger *m, hp_code code, hp_err *err) {
    hp_trace *t = m->out->trace;
    if (!t) return code;
    hp_arena *a = m->run->arena;
    bool kept = true;
#define KEEP(vec)                                                       \
    do {                                                                \
        size_t bytes_ = (vec).cap * sizeof *(vec).p;                    \
        if ((vec).p && !(kept && hp_arena_adopt(a, (vec).p, bytes_))) { \
            hp_vec_free(&(vec));                                        \
            kept = false;                                               \
        }                                                               \
    } while (0)
    KEEP(t->value);
    KEEP(t->row);
    KEEP(t->person);
#undef KEEP
    if (code != HP_OK) return code;
    return kept ? keep_ranks(m, err) : hp_fail_memory(err, "the provenance");
}
