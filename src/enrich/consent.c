/* Whose personal values may be filled in: the block `compliance` of the profile, as refine holds to it. */
#include "base/utf8.h"
#include "enrich/work.h"

#include "base/banned.h"

/* All that is about a person. */
static hp_field_set personal_fields(const hp_profile *p) {
    hp_field_set set = 0;
    for (int f = 1; f < HP_FIELD_COUNT; f++)
        if (hp_field_of_contact((hp_field)f) || hp_field_is_pii(p, (hp_field)f))
            set |= hp_field_bit((hp_field)f);
    return set;
}

hp_field_set hp_enrich_withheld(const hp_profile *p) {
    return hp_consent_demanded(p) ? personal_fields(p) : 0;
}

/* The organisation's slug, which consent_overrides are by; files of others have none. */
static hp_str slug_of(hp_work *w, const hp_work_sheet *s, size_t raw, hp_buf *scratch) {
    const hp_known *k = s->known;
    if (k->slug != HP_NO_COL) return hp_text(w->run->pool, k->raw->col[k->slug].v[raw]);
    hp_buf_clear(scratch);
    if (w->p->compliance.states)
        hp_utf8_slug(hp_known_value(k, w->run->pool, HP_F_ORGANIZATION_NAME, raw), scratch);
    return hp_buf_str(scratch);
}

static hp_consent consent_of(hp_work *w, const hp_work_sheet *s, size_t raw, hp_buf *scratch) {
    const hp_pool *pool = w->run->pool;
    hp_str slug = slug_of(w, s, raw, scratch);
    return hp_consent_decide(w->p, slug, hp_known_value(s->known, pool, HP_F_CONTACT_CONSENT, raw),
                             hp_known_value(s->known, pool, HP_F_CONTACT_CONSENT_PURPOSE, raw));
}

void hp_row_consent(hp_work *w, const hp_work_sheet *s, size_t raw, hp_buf *scratch, hp_withheld *out) {
    hp_consent c = consent_of(w, s, raw, scratch);
    *out = (hp_withheld){0};
    if (hp_consent_allows(w->p, c)) return;
    out->research = personal_fields(w->p);
    /* What lies on this machine may still be used where the profile only wants such values reported. */
    bool reported = c != HP_CONSENT_DENIED && hp_str_eq(w->p->compliance.without, HP_S("report"));
    if (!reported) out->all = out->research;
}
