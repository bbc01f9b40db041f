#include "merge/merger.h"

#include "base/banned.h"

static hp_code join_channels(hp_merger *m, hp_range r, const char *column, hp_vid *out, hp_err *err) {
    hp_joiner j = hp_join_begin(m, "; ");
    for (uint32_t i = 0; i < r.n; i++) hp_join_add(&j, hp_text(m->run->pool, m->channel.p[r.first + i].v));
    return hp_join_end(&j, column, out, err);
}

static hp_code join_notes(hp_merger *m, const hp_person *p, hp_vid *out, hp_err *err) {
    hp_joiner j = hp_join_begin(m, "; ");
    hp_seen_begin(m);
    for (uint32_t i = 0; i < p->row.n; i++) {
        hp_vid v = m->contact.p[p->row.first + i]->notes;
        if (v != HP_NULL && !hp_seen_before(m, v)) hp_join_add(&j, hp_text(m->run->pool, v));
    }
    return hp_join_end(&j, "contact notes", out, err);
}

static hp_code join_labels(hp_merger *m, const hp_person *p, hp_vid *out, hp_err *err) {
    hp_joiner j = hp_join_begin(m, "; ");
    hp_seen_begin(m);
    for (uint32_t i = 0; i < p->row.n; i++) {
        hp_vid v = m->label[m->contact.p[p->row.first + i]->file];
        if (v != HP_NULL && !hp_seen_before(m, v)) hp_join_add(&j, hp_text(m->run->pool, v));
    }
    return hp_join_end(&j, "contact sources", out, err);
}

static hp_code join_cells(hp_merger *m, const hp_person *p, hp_vid *out, hp_err *err) {
    hp_joiner j = hp_join_begin(m, "; ");
    hp_origin last = {HP_NO_SHEET, 0};
    for (uint32_t i = 0; i < p->row.n; i++) {
        hp_origin at = m->contact.p[p->row.first + i]->at;
        if (at.sheet == last.sheet && at.row == last.row) continue;
        last = at;
        hp_buf_clear(&m->part);
        hp_address(&m->run->sources, (hp_cell){at.sheet, at.row, HP_NO_COL}, &m->part);
        m->text.bad |= m->part.bad;
        hp_join_add(&j, hp_buf_str(&m->part));
    }
    return hp_join_end(&j, "contact source cells", out, err);
}

static hp_vid last_date(const hp_merger *m, const hp_person *p) {
    hp_vid date = HP_NULL;
    for (uint32_t i = 0; i < p->row.n; i++) {
        hp_vid d = m->contact.p[p->row.first + i]->last_date;
        if (hp_str_cmp(hp_text(m->run->pool, d), hp_text(m->run->pool, date)) > 0) date = d;
    }
    return date;
}

/* Takes the graver of a state of consent and what a row says. */
static void weigh_consent(const hp_merger *m, hp_vid word, hp_consent *worst) {
    static const int WEIGHT[HP_CONSENT_COUNT] = {[HP_CONSENT_GRANTED] = 1,
                                                 [HP_CONSENT_PENDING] = 2,
                                                 [HP_CONSENT_UNKNOWN] = 3,
                                                 [HP_CONSENT_DENIED] = 4};
    hp_consent c = hp_consent_of(hp_text(m->run->pool, word));
    if (WEIGHT[c] > WEIGHT[*worst]) *worst = c;
}

static hp_code say_consent(hp_merger *m, hp_consent c, hp_vid *out, hp_err *err) {
    *out = HP_NULL;
    return c == HP_CONSENT_MISSING ? HP_OK : hp_intern(m->run->pool, hp_str_of(hp_consent_name(c)), out, err);
}

hp_code hp_person_consent(hp_merger *m, const hp_person *p, hp_vid *out, hp_err *err) {
    hp_consent worst = HP_CONSENT_MISSING;
    for (uint32_t i = 0; i < p->row.n; i++) weigh_consent(m, m->contact.p[p->row.first + i]->consent, &worst);
    return say_consent(m, worst, out, err);
}

hp_code hp_nobodys_consent(hp_merger *m, hp_vid *out, hp_err *err) {
    hp_consent worst = HP_CONSENT_MISSING;
    for (size_t i = 0; i < m->nrank; i++) weigh_consent(m, m->in->org[m->rank[i]].consent, &worst);
    return say_consent(m, worst, out, err);
}

static hp_vid consent_date(const hp_merger *m, const hp_person *p) {
    hp_vid date = HP_NULL;
    for (uint32_t i = 0; i < p->row.n; i++) {
        hp_vid d = m->contact.p[p->row.first + i]->consent_date;
        if (hp_str_cmp(hp_text(m->run->pool, d), hp_text(m->run->pool, date)) > 0) date = d;
    }
    return date;
}

static hp_code add_row(hp_merger *m, const hp_person *p, hp_err *err) {
    hp_contact_row r = {{0}};
    r.v[HP_C_ORGANIZATION_NAME] = m->out->data->col[HP_D_ORGANIZATION_NAME].v[m->at];
    r.v[HP_C_ORGANIZATION_SLUG] = m->golden->slug;
    r.v[HP_C_CONTACT_NAME] = p->name.v;
    r.v[HP_C_CONTACT_TITLE] = p->title;
    r.v[HP_C_CONTACT_ROLE] = p->role.v;
    r.v[HP_C_LAST_INTERACTION_DATE] = last_date(m, p);
    r.v[HP_C_CONSENT_DATE] = consent_date(m, p);
    HP_TRY(hp_person_consent(m, p, &r.v[HP_C_CONSENT_STATUS], err));
    HP_TRY(join_channels(m, p->email, "contact_emails", &r.v[HP_C_CONTACT_EMAILS], err));
    HP_TRY(join_channels(m, p->phone, "contact_phones", &r.v[HP_C_CONTACT_PHONES], err));
    HP_TRY(hp_intern(m->run->pool, p == m->primary ? HP_S("yes") : HP_S("no"), &r.v[HP_C_IS_PRIMARY], err));
    HP_TRY(join_labels(m, p, &r.v[HP_C_SOURCE_DATASET], err));
    HP_TRY(join_cells(m, p, &r.v[HP_C_SOURCE_CELL], err));
    HP_TRY(join_notes(m, p, &r.v[HP_C_NOTES], err));
    return hp_vec_push(&m->contact_row, r) ? HP_OK : hp_fail_memory(err, "the contacts");
}

hp_code hp_add_contact_rows(hp_merger *m, hp_err *err) {
    for (size_t i = 0; i < m->person.n; i++) HP_TRY(add_row(m, &m->person.p[i], err));
    return HP_OK;
}

hp_code hp_make_contacts(hp_merger *m, hp_err *err) {
    size_t n;
    const hp_output_column *c = hp_contact_columns(&n);
    hp_table *t = hp_table_new(m->run->arena, m->contact_row.n, n, false);
    if (!t) return hp_fail_memory(err, "the contacts");
    t->name = HP_S("Contacts");
    for (size_t i = 0; i < n; i++) {
        t->col[i].name = hp_str_of(c[i].name);
        t->col[i].style = c[i].style;
        for (size_t r = 0; r < t->nrow; r++) t->col[i].v[r] = m->contact_row.p[r].v[i];
    }
    m->out->contacts = t;
    return HP_OK;
}
