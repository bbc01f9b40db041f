#include "merge/merger.h"

#include "base/banned.h"

const hp_pick *hp_pick_get(hp_pick_id id) {
    static const hp_pick PICK[HP_PICK_COUNT] = {
        [HP_P_ADDRESS] = {"address_primary", HP_D_ADDRESS_PRIMARY, HP_F_ADDRESS, HP_PICK_FIRST, 0, false},
        [HP_P_AREA] = {"area", HP_D_AREA, HP_F_AREA, HP_PICK_FIRST, 0, false},
        [HP_P_CITY] = {"city", HP_D_CITY, HP_F_CITY, HP_PICK_FIRST, 0, false},
        [HP_P_CONTACT_EMAIL] = {"contact_primary_email", HP_D_CONTACT_PRIMARY_EMAIL, HP_F_NONE,
                                HP_PICK_CONTACT, 0, true},
        [HP_P_CONTACT_NAME] = {"contact_primary_name", HP_D_CONTACT_PRIMARY_NAME, HP_F_NONE, HP_PICK_CONTACT,
                               0, true},
        [HP_P_CONTACT_PHONE] = {"contact_primary_phone", HP_D_CONTACT_PRIMARY_PHONE, HP_F_NONE,
                                HP_PICK_CONTACT, 0, true},
        [HP_P_CONTACT_ROLE] = {"contact_primary_role", HP_D_CONTACT_PRIMARY_ROLE, HP_F_NONE, HP_PICK_CONTACT,
                               0, true},
        [HP_P_SECONDARY_EMAILS] = {"contact_secondary_emails", HP_D_CONTACT_SECONDARY_EMAILS, HP_F_NONE,
                                   HP_PICK_CONTACT, 0, true},
        [HP_P_SECONDARY_PHONES] = {"contact_secondary_phones", HP_D_CONTACT_SECONDARY_PHONES, HP_F_NONE,
                                   HP_PICK_CONTACT, 0, true},
        [HP_P_COUNTRY] = {"country", HP_D_COUNTRY, HP_F_COUNTRY, HP_PICK_FIRST, 0, false},
        [HP_P_DESCRIPTION] = {"description", HP_D_DESCRIPTION, HP_F_DESCRIPTION, HP_PICK_ALL, 0, true},
        [HP_P_FAX] = {"fax", HP_D_FAX, HP_F_FAX, HP_PICK_ALL, HP_LIST_SEP, true},
        [HP_P_LAST_DATE] = {"last_interaction_date", HP_D_LAST_INTERACTION_DATE, HP_F_LAST_INTERACTION_DATE,
                            HP_PICK_LATEST, 0, false},
        [HP_P_NOTES] = {"notes", HP_D_NOTES, HP_F_NOTES, HP_PICK_ALL, 0, true},
        [HP_P_CATEGORY] = {"organization_category", HP_D_ORGANIZATION_CATEGORY, HP_F_CATEGORY, HP_PICK_FIRST,
                           0, false},
        [HP_P_NAME] = {"organization_name", HP_D_ORGANIZATION_NAME, HP_F_ORGANIZATION_NAME, HP_PICK_FIRST, 0,
                       false},
        [HP_P_TYPE] = {"organization_type", HP_D_ORGANIZATION_TYPE, HP_F_ORGANIZATION_TYPE, HP_PICK_FIRST, 0,
                       false},
        [HP_P_PLANES] = {"planes", HP_D_PLANES, HP_F_PLANES, HP_PICK_ALL, ';', false},
        [HP_P_POSTAL_CODE] = {"postal_code", HP_D_POSTAL_CODE, HP_F_POSTAL_CODE, HP_PICK_FIRST, 0, false},
        [HP_P_PRIORITY] = {"priority", HP_D_PRIORITY, HP_F_PRIORITY, HP_PICK_FIRST, 0, false},
        [HP_P_PROVINCE] = {"province", HP_D_PROVINCE, HP_F_PROVINCE, HP_PICK_FIRST, 0, false},
        [HP_P_STATUS] = {"status", HP_D_STATUS, HP_F_STATUS, HP_PICK_FIRST, 0, false},
        [HP_P_TRADING_AS] = {"trading_as", HP_D_TRADING_AS, HP_F_TRADING_AS, HP_PICK_FIRST, 0, false},
        [HP_P_WEBSITE] = {"website", HP_D_WEBSITE, HP_F_WEBSITE, HP_PICK_FIRST, 0, false},
    };
    return &PICK[id];
}

hp_field hp_data_field(size_t col, const char **mode) {
    static const char *const MODE[] = {[HP_PICK_FIRST] = "first",
                                       [HP_PICK_ALL] = "all",
                                       [HP_PICK_CONTACT] = "contact",
                                       [HP_PICK_LATEST] = "latest"};
    static const hp_field OF_CONTACT[HP_PICK_COUNT] = {
        [HP_P_CONTACT_EMAIL] = HP_F_CONTACT_EMAIL,    [HP_P_CONTACT_NAME] = HP_F_CONTACT_NAME,
        [HP_P_CONTACT_PHONE] = HP_F_CONTACT_PHONE,    [HP_P_CONTACT_ROLE] = HP_F_CONTACT_ROLE,
        [HP_P_SECONDARY_EMAILS] = HP_F_CONTACT_EMAIL, [HP_P_SECONDARY_PHONES] = HP_F_CONTACT_PHONE};
    for (hp_pick_id id = 0; id < HP_PICK_COUNT; id++) {
        const hp_pick *pick = hp_pick_get(id);
        if (pick->col != col) continue;
        *mode = MODE[pick->mode];
        return pick->field != HP_F_NONE ? pick->field : OF_CONTACT[id];
    }
    *mode = "";
    return HP_F_NONE;
}

hp_field hp_contact_field(size_t col, const char **mode) {
    static const struct {
        hp_contact_col col;
        hp_field field;
        const char *mode;
    } OF[] = {{HP_C_CONTACT_NAME, HP_F_CONTACT_NAME, "first"},
              {HP_C_CONTACT_TITLE, HP_F_CONTACT_TITLE, "first"},
              {HP_C_CONTACT_ROLE, HP_F_CONTACT_ROLE, "first"},
              {HP_C_CONTACT_EMAILS, HP_F_CONTACT_EMAIL, "all"},
              {HP_C_CONTACT_PHONES, HP_F_CONTACT_PHONE, "all"},
              {HP_C_LAST_INTERACTION_DATE, HP_F_LAST_INTERACTION_DATE, "latest"},
              {HP_C_NOTES, HP_F_NOTES, "all"}};
    for (size_t i = 0; i < sizeof OF / sizeof *OF; i++) {
        if (OF[i].col != col) continue;
        *mode = OF[i].mode;
        return OF[i].field;
    }
    *mode = "";
    return HP_F_NONE;
}

void hp_seen_begin(hp_merger *m) { m->seen_stamp++; }

bool hp_seen_before(hp_merger *m, hp_vid v) {
    if (m->seen[v] == m->seen_stamp) return true;
    m->seen[v] = m->seen_stamp;
    return false;
}

/* Values that differ only in the case of letters agree. Beyond a few candidates only equal ones do, or a
 * large cluster would be slow. */
static bool agrees_with_one(const hp_merger *m, const hp_range *r, hp_vid v) {
    enum { FEW = 32 };
    hp_str text = hp_text(m->run->pool, v);
    for (uint32_t i = 0; i < r->n && i < FEW; i++)
        if (hp_str_ieq(text, hp_text(m->run->pool, m->candidate.p[r->first + i].v))) return true;
    return false;
}

static hp_code collect(hp_merger *m, hp_pick_id id, hp_err *err) {
    hp_range *r = &m->pick[id];
    hp_field f = hp_pick_get(id)->field;
    hp_seen_begin(m);
    for (size_t i = 0; i < m->nrank; i++) {
        const hp_org *o = &m->in->org[m->rank[i]];
        if (o->f[f].v == HP_NULL || hp_seen_before(m, o->f[f].v) || agrees_with_one(m, r, o->f[f].v))
            continue;
        hp_candidate c = {o->f[f].v, o->f[f].at, m->rank[i], o->f[HP_F_LAST_INTERACTION_DATE].v};
        if (!hp_vec_push(&m->candidate, c)) return hp_fail_memory(err, "the values of a record");
        r->n++;
    }
    return HP_OK;
}

static hp_code collect_latest(hp_merger *m, hp_err *err) {
    hp_vid date = m->golden->date;
    for (size_t i = 0; date != HP_NULL && i < m->nrank; i++) {
        const hp_org *o = &m->in->org[m->rank[i]];
        const hp_datum *d = &o->f[HP_F_LAST_INTERACTION_DATE];
        hp_candidate c = {date, d->at, m->rank[i], date};
        bool found = d->v == date;
        for (uint32_t k = 0; !found && k < o->ncontact; k++) {
            const hp_contact *contact = &m->in->contact[o->contact + k];
            if (contact->last_date != date) continue;
            c.at = (hp_cell){contact->at.sheet, contact->at.row, HP_NO_COL};
            found = true;
        }
        if (!found) continue;
        m->pick[HP_P_LAST_DATE].n = 1;
        return hp_vec_push(&m->candidate, c) ? HP_OK : hp_fail_memory(err, "the values of a record");
    }
    return HP_OK;
}

hp_code hp_collect_fields(hp_merger *m, hp_err *err) {
    m->candidate.n = 0;
    for (hp_pick_id id = 0; id < HP_PICK_COUNT; id++) {
        hp_pick_mode mode = hp_pick_get(id)->mode;
        m->pick[id] = (hp_range){(uint32_t)m->candidate.n, 0};
        if (mode == HP_PICK_FIRST || mode == HP_PICK_ALL) HP_TRY(collect(m, id, err));
        if (mode == HP_PICK_LATEST) HP_TRY(collect_latest(m, err));
    }
    return HP_OK;
}

/* Two spellings of one name are no conflict. */
static bool is_conflict(const hp_merger *m, hp_pick_id id, const hp_candidate *kept,
                        const hp_candidate *lost) {
    return id != HP_P_NAME || m->in->org[kept->record].name_key != m->in->org[lost->record].name_key;
}

static hp_code report(hp_merger *m, const char *what, const hp_candidate *kept, const hp_candidate *lost,
                      hp_err *err) {
    hp_buf_clear(&m->part);
    hp_buf_add(&m->part, hp_text(m->run->pool, m->golden->slug));
    hp_buf_puts(&m->part, ": ");
    hp_buf_puts(&m->part, what);
    /* The kept value stands in the output; repeated here it would be one more copy of what may be personal.
     */
    hp_buf_puts(&m->part, " was taken from ");
    hp_address(&m->run->sources, kept->at, &m->part);
    HP_TRY(hp_buf_check(&m->part, "a finding", err));
    hp_vid note;
    HP_TRY(hp_intern(m->run->pool, hp_buf_str(&m->part), &note, err));
    m->out->conflicts++;
    return hp_find(m->run, HP_R_VALUE_CONFLICT, lost->at, lost->v, note, err);
}

/* A person keeps one role; the others stand nowhere else. */
static hp_code report_roles(hp_merger *m, const hp_person *p, hp_err *err) {
    hp_str kept = hp_text(m->run->pool, p->role.v);
    for (uint32_t r = 0; r < p->row.n; r++) {
        const hp_contact *c = m->contact.p[p->row.first + r];
        hp_candidate lost = {c->role.v, c->role.at, c->org, c->last_date};
        if (lost.v == HP_NULL || hp_str_ieq(hp_text(m->run->pool, lost.v), kept)) continue;
        HP_TRY(report(m, "contact_role", &p->role, &lost, err));
    }
    return HP_OK;
}

hp_code hp_report_conflicts(hp_merger *m, hp_err *err) {
    for (hp_pick_id id = 0; id < HP_PICK_COUNT; id++) {
        const hp_pick *pick = hp_pick_get(id);
        const hp_candidate *c = m->candidate.p + m->pick[id].first;
        for (uint32_t i = 1; pick->mode == HP_PICK_FIRST && i < m->pick[id].n; i++)
            if (is_conflict(m, id, &c[0], &c[i])) HP_TRY(report(m, pick->key, &c[0], &c[i], err));
    }
    for (size_t i = 0; i < m->person.n; i++) HP_TRY(report_roles(m, &m->person.p[i], err));
    return HP_OK;
}
