#include "base/clock.h"
#include "merge/merger.h"

#include "base/banned.h"

static hp_vid picked(const hp_merger *m, hp_pick_id id) {
    return m->pick[id].n ? m->candidate.p[m->pick[id].first].v : HP_NULL;
}

static hp_code put_text(hp_merger *m, hp_data_col c, const char *text, hp_err *err) {
    return hp_intern(m->run->pool, hp_str_of(text), &m->out->data->col[c].v[m->at], err);
}

static hp_code put_number(hp_merger *m, hp_data_col c, double x, hp_err *err) {
    return hp_number(m, x, &m->out->data->col[c].v[m->at], err);
}

hp_code hp_put_count(hp_merger *m, hp_data_col c, size_t n, hp_err *err) {
    hp_buf_clear(&m->part);
    hp_buf_printf(&m->part, "%zu", n);
    HP_TRY(hp_buf_check(&m->part, "a count", err));
    return hp_intern(m->run->pool, hp_buf_str(&m->part), &m->out->data->col[c].v[m->at], err);
}

hp_code hp_put_joined(hp_merger *m, hp_joiner *j, hp_data_col c, hp_err *err) {
    size_t n;
    return hp_join_end(j, hp_data_columns(&n)[c].name, &m->out->data->col[c].v[m->at], err);
}

static hp_code put_picks(hp_merger *m, hp_err *err) {
    for (hp_pick_id id = 0; id < HP_PICK_COUNT; id++) {
        const hp_pick *pick = hp_pick_get(id);
        bool several = id == HP_P_SECONDARY_EMAILS || id == HP_P_SECONDARY_PHONES;
        if (pick->mode != HP_PICK_ALL && !several) {
            hp_put(m, pick->col, picked(m, id));
            continue;
        }
        hp_joiner j = hp_join_begin(m, several ? ";" : "; ");
        hp_join_pick(&j, id);
        HP_TRY(hp_put_joined(m, &j, pick->col, err));
    }
    return HP_OK;
}

/* ---- scores ---- */

static hp_code put_primary_scores(hp_merger *m, hp_err *err) {
    if (picked(m, HP_P_CONTACT_EMAIL) != HP_NULL) {
        HP_TRY(put_number(m, HP_D_CONTACT_PRIMARY_EMAIL_CONFIDENCE, HP_EMAIL_CONFIDENCE, err));
        HP_TRY(put_text(m, HP_D_CONTACT_PRIMARY_EMAIL_STATUS, "unknown", err));
    }
    if (picked(m, HP_P_CONTACT_PHONE) != HP_NULL) {
        HP_TRY(put_number(m, HP_D_CONTACT_PRIMARY_PHONE_CONFIDENCE, HP_PHONE_CONFIDENCE, err));
        HP_TRY(put_text(m, HP_D_CONTACT_PRIMARY_PHONE_STATUS, "deliverable", err));
    }
    if (m->primary) HP_TRY(put_number(m, HP_D_CONTACT_PRIMARY_LEAD_SCORE, hp_lead_score(m, m->primary), err));
    return HP_OK;
}

static hp_code put_mean(hp_merger *m, hp_data_col c, double sum, size_t n, hp_err *err) {
    return n ? put_number(m, c, sum / (double)n, err) : HP_OK;
}

static hp_code put_means(hp_merger *m, hp_err *err) {
    double email = 0, phone = 0, reach = 0, lead = 0;
    size_t nemail = 0, nphone = 0, nreach = 0, nlead = 0;
    for (size_t i = 0; i < m->person.n; i++) {
        const hp_person *p = &m->person.p[i];
        email += HP_EMAIL_CONFIDENCE * p->email.n;
        phone += HP_PHONE_CONFIDENCE * p->phone.n;
        nemail += p->email.n;
        nphone += p->phone.n;
        if (p->email.n || p->phone.n) {
            reach += hp_deliverability(p->email.n > 0, p->phone.n > 0);
            nreach++;
        }
        if (p->email.n || p->phone.n || p->name.v != HP_NULL) {
            lead += hp_lead_score(m, p);
            nlead++;
        }
    }
    HP_TRY(put_mean(m, HP_D_CONTACT_EMAIL_CONFIDENCE_AVG, email, nemail, err));
    HP_TRY(put_mean(m, HP_D_CONTACT_PHONE_CONFIDENCE_AVG, phone, nphone, err));
    HP_TRY(put_mean(m, HP_D_CONTACT_VERIFICATION_SCORE_AVG, reach, nreach, err));
    return put_mean(m, HP_D_CONTACT_LEAD_SCORE_AVG, lead, nlead, err);
}

static hp_code put_quality(hp_merger *m, hp_err *err) {
    static const struct {
        hp_pick_id id;
        const char *flag;
    } PART[] = {{HP_P_CONTACT_EMAIL, "missing_contact_email"},
                {HP_P_CONTACT_PHONE, "missing_contact_phone"},
                {HP_P_WEBSITE, "missing_website"},
                {HP_P_PROVINCE, "missing_province"},
                {HP_P_ADDRESS, "missing_address"}};
    enum { PARTS = sizeof PART / sizeof *PART };
    size_t filled = 0;
    hp_joiner j = hp_join_begin(m, ";");
    for (size_t i = 0; i < PARTS; i++) {
        if (picked(m, PART[i].id) != HP_NULL)
            filled++;
        else
            hp_join_add(&j, hp_str_of(PART[i].flag));
    }
    if (filled == PARTS) hp_join_add(&j, HP_S("none"));
    HP_TRY(hp_put_joined(m, &j, HP_D_DATA_QUALITY_FLAGS, err));
    return put_number(m, HP_D_DATA_QUALITY_SCORE, (double)filled / PARTS, err);
}

/* How long the organisation may be kept: from its last interaction, so that the same inputs give the same
 * bytes on any day. */
static hp_code put_retention(hp_merger *m, hp_err *err) {
    hp_date d;
    char iso[11];
    int days = m->p->compliance.retention_days;
    hp_str last = hp_text(m->run->pool, m->out->data->col[HP_D_LAST_INTERACTION_DATE].v[m->at]);
    if (days <= 0 || !hp_date_parse_iso(last, &d)) return HP_OK;
    d = hp_civil_from_days(hp_days_from_civil(d.year, d.month, d.day) + days);
    if (!hp_date_valid(&d)) return HP_OK;
    hp_date_iso(&d, iso);
    return put_text(m, HP_D_RETENTION_UNTIL, iso, err);
}

hp_code hp_write_organization(hp_merger *m, hp_err *err) {
    HP_TRY(put_picks(m, err));
    hp_put(m, HP_D_ORGANIZATION_SLUG, m->golden->slug);
    if (m->pick[HP_P_COUNTRY].n == 0) hp_put(m, HP_D_COUNTRY, m->country);
    HP_TRY(put_primary_scores(m, err));
    HP_TRY(put_number(m, HP_D_INTENT_SIGNAL_SCORE, 0, err));
    HP_TRY(hp_put_count(m, HP_D_INTENT_SIGNAL_COUNT, 0, err));
    HP_TRY(put_means(m, err));
    HP_TRY(put_quality(m, err));
    HP_TRY(
        hp_intern(m->run->pool, m->p->privacy_basis, &m->out->data->col[HP_D_PRIVACY_BASIS].v[m->at], err));
    hp_vid *consent = &m->out->data->col[HP_D_CONSENT_STATUS].v[m->at];
    HP_TRY(m->primary ? hp_person_consent(m, m->primary, consent, err) : hp_nobodys_consent(m, consent, err));
    HP_TRY(put_retention(m, err));
    HP_TRY(hp_put_count(m, HP_D_CONTACT_COUNT, m->person.n, err));
    HP_TRY(hp_write_sources(m, err));
    return hp_provenance(m, &m->out->data->col[HP_D_SELECTION_PROVENANCE].v[m->at], err);
}

/* ---- the table ---- */

static bool is_number(hp_style s) {
    return s == HP_STYLE_INT || s == HP_STYLE_SCORE || s == HP_STYLE_QUALITY;
}

hp_code hp_make_data(hp_merger *m, hp_err *err) {
    size_t n;
    const hp_output_column *c = hp_data_columns(&n);
    hp_table *t = hp_table_new(m->run->arena, m->nrow, n, false);
    if (!t) return hp_fail_memory(err, "the merged rows");
    t->name = HP_S("Data");
    for (size_t i = 0; i < n; i++) {
        t->col[i].name = hp_str_of(c[i].name);
        t->col[i].style = c[i].style;
        if (!is_number(c[i].style)) continue;
        t->col[i].type = HP_NEW_ARRAY(m->run->arena, m->nrow, uint8_t);
        if (!t->col[i].type) return hp_fail_memory(err, "the merged rows");
        memset(t->col[i].type, HP_T_NUMBER, m->nrow);
    }
    m->out->data = t;
    return HP_OK;
}
