#include "enrich/target.h"

#include "base/limits.h"
#include "map/map.h"
#include "resolve/domain.h"
#include "resolve/resolve.h"

#include "base/banned.h"

/* Columns of the sheet Data, and the fields that they carry. Scores, flags and second choices are nobody's to
 * fill in. */
static const struct {
    const char *column;
    hp_field field;
} REFINED[] = {
    {"organization_name", HP_F_ORGANIZATION_NAME},
    {"trading_as", HP_F_TRADING_AS},
    {"organization_category", HP_F_CATEGORY},
    {"organization_type", HP_F_ORGANIZATION_TYPE},
    {"status", HP_F_STATUS},
    {"province", HP_F_PROVINCE},
    {"country", HP_F_COUNTRY},
    {"area", HP_F_AREA},
    {"city", HP_F_CITY},
    {"address_primary", HP_F_ADDRESS},
    {"postal_code", HP_F_POSTAL_CODE},
    {"website", HP_F_WEBSITE},
    {"planes", HP_F_PLANES},
    {"description", HP_F_DESCRIPTION},
    {"fax", HP_F_FAX},
    {"contact_primary_name", HP_F_CONTACT_NAME},
    {"contact_primary_role", HP_F_CONTACT_ROLE},
    {"contact_primary_email", HP_F_CONTACT_EMAIL},
    {"contact_primary_phone", HP_F_CONTACT_PHONE},
    {"consent_status", HP_F_CONTACT_CONSENT},
};

/* Headers of registration numbers, letters and digits only. */
static const char *const REGISTRATION[] = {
    "registrationnumber",
    "registrationid",
    "registrationno",
    "regnumber",
    "regno",
    "companynumber",
    "companyregistration",
    "companyregistrationnumber",
    "enterprisenumber",
    "cipcnumber",
};

void hp_registration_key(hp_str text, hp_buf *out) {
    for (size_t i = 0; i < text.n; i++)
        if (hp_is_alnum(text.p[i])) hp_buf_putc(out, hp_upper(text.p[i]));
}

static bool squeezed_is(hp_str header, const char *wanted) {
    for (size_t i = 0; i < header.n; i++) {
        if (!hp_is_alnum(header.p[i])) continue;
        if (hp_lower(header.p[i]) != *wanted) return false;
        wanted++;
    }
    return *wanted == '\0';
}

static bool is_registration(hp_str header) {
    for (size_t i = 0; i < sizeof REGISTRATION / sizeof *REGISTRATION; i++)
        if (squeezed_is(header, REGISTRATION[i])) return true;
    return false;
}

/* Finds a column by the text in a row of headers. */
static uint32_t find_header(const hp_pool *pool, const hp_table *raw, size_t head, hp_str name) {
    for (size_t c = 0; head < raw->nrow && c < raw->ncol; c++)
        if (hp_str_eq(hp_str_trim(hp_text(pool, raw->col[c].v[head])), name)) return (uint32_t)c;
    return HP_NO_COL;
}

static void find_extras(const hp_pool *pool, size_t head, hp_known *k) {
    k->slug = find_header(pool, k->raw, head, HP_S("organization_slug"));
    for (size_t c = 0; head < k->raw->nrow && c < k->raw->ncol && k->registration == HP_NO_COL; c++)
        if (is_registration(hp_text(pool, k->raw->col[c].v[head]))) k->registration = (uint32_t)c;
}

static void know_refined(const hp_pool *pool, hp_known *k) {
    k->refined = k->cleaned = true;
    k->first = 1;
    for (size_t i = 0; i < sizeof REFINED / sizeof *REFINED; i++) {
        uint32_t c = find_header(pool, k->raw, 0, hp_str_of(REFINED[i].column));
        if (c == HP_NO_COL) continue;
        k->col[REFINED[i].field] = c;
        k->v[REFINED[i].field] = k->raw->col[c].v;
    }
}

/* Puts values behind those that are there: the first column that has one counts. */
static hp_code add_values(hp_run *run, hp_known *k, hp_field f, const hp_vid *v, size_t from, hp_err *err) {
    if (k->v[f] == NULL && from == 0) {
        k->v[f] = v;
        return HP_OK;
    }
    hp_vid *own = HP_NEW_ARRAY(run->arena, k->raw->nrow + 1, hp_vid);
    if (!own) return hp_fail_memory(err, "the values of a field");
    for (size_t i = 0; i < k->raw->nrow; i++) {
        hp_vid before = k->v[f] ? k->v[f][i] : HP_NULL;
        own[i] = before != HP_NULL || i < from ? before : v[i - from];
    }
    k->v[f] = own;
    return HP_OK;
}

/* Tells whether a column has no values; `empty` is one found before: those that have none share an array. */
static bool is_empty(const hp_table *raw, size_t first, uint32_t col, const hp_vid **empty) {
    const hp_vid *v = raw->col[col].v;
    if (v == *empty) return true;
    for (size_t i = first; i < raw->nrow; i++)
        if (v[i] != HP_NULL) return false;
    *empty = v;
    return true;
}

/* Finds the field that a header names and that has no column yet; HP_F_NONE without one. */
static hp_field field_of(const hp_profile *p, const hp_known *k, const double score[HP_FIELD_COUNT]) {
    hp_field best = HP_F_NONE;
    for (int f = 1; f < HP_FIELD_COUNT; f++) {
        if (k->col[f] != HP_NO_COL || score[f] < p->map_threshold) continue;
        if (best == HP_F_NONE || score[f] > score[best]) best = (hp_field)f;
    }
    return best;
}

/* Mapping leaves columns without values alone, since they give nothing; here they are what is to be filled.
 */
static hp_code take_empty(hp_run *run, const hp_profile *p, const hp_mapped *m, hp_known *k, hp_err *err) {
    const hp_vid *empty = NULL;
    for (size_t b = 0; b < m->nbind; b++) {
        const hp_binding *bind = &m->bind[b];
        double score[HP_FIELD_COUNT];
        if (bind->field != HP_F_NONE || bind->ignored || !is_empty(k->raw, m->first, bind->col, &empty))
            continue;
        if (run->guesses++ >= HP_LIMIT_GUESSES) break;
        HP_TRY(hp_map_score_fields(p, bind->header, score, err));
        hp_field f = field_of(p, k, score);
        if (f != HP_F_NONE) k->col[f] = bind->col;
    }
    return HP_OK;
}

static hp_code know_mapped(hp_run *run, const hp_profile *p, const hp_mapped *m, bool clean, hp_known *k,
                           hp_err *err) {
    hp_cleaned *c = NULL;
    k->first = m->first;
    k->cleaned = clean;
    if (clean) HP_TRY(hp_clean_sheet(run, p, m, &c, err));
    for (size_t b = 0; b < m->nbind; b++) {
        hp_field f = m->bind[b].field;
        uint32_t col = m->bind[b].col;
        if (f == HP_F_NONE) continue;
        if (k->col[f] == HP_NO_COL) k->col[f] = col;
        const hp_vid *v = clean ? c->v[b] : k->raw->col[col].v;
        if (v) HP_TRY(add_values(run, k, f, v, clean ? m->first : 0, err));
    }
    return clean ? take_empty(run, p, m, k, err) : HP_OK; /* a lookup table has nothing to say there */
}

static bool says_who(const hp_known *k) {
    return k->v[HP_F_ORGANIZATION_NAME] || k->v[HP_F_CONTACT_EMAIL] || k->v[HP_F_WEBSITE]
           || k->registration != HP_NO_COL;
}

hp_code hp_known_make(hp_run *run, const hp_profile *p, const hp_profile_sheet *decl, const hp_table *raw,
                      uint32_t sheet, bool clean, hp_known **out, hp_err *err) {
    hp_known *k = HP_NEW(run->arena, hp_known);
    if (!k) return hp_fail_memory(err, "a sheet");
    *out = NULL;
    *k = (hp_known){.raw = raw, .slug = HP_NO_COL, .registration = HP_NO_COL};
    for (size_t f = 0; f < HP_FIELD_COUNT; f++) k->col[f] = HP_NO_COL;
    size_t head = 0;
    if (!decl && find_header(run->pool, raw, 0, HP_S("organization_slug")) != HP_NO_COL
        && find_header(run->pool, raw, 0, HP_S("organization_name")) != HP_NO_COL) {
        know_refined(run->pool, k);
    } else {
        hp_mapped *m;
        HP_TRY(hp_map_sheet(run, p, NULL, decl, raw, sheet, &m, err));
        if (!m) return HP_OK;
        HP_TRY(know_mapped(run, p, m, clean, k, err));
        head = m->header_row && m->first ? m->first - 1 : raw->nrow;
    }
    find_extras(run->pool, head, k);
    if (says_who(k)) *out = k;
    return HP_OK;
}

hp_str hp_known_value(const hp_known *k, const hp_pool *pool, hp_field f, size_t i) {
    if (!k->v[f]) return HP_S("");
    hp_str s = hp_text(pool, k->v[f][i]);
    size_t sep = hp_str_chr(s, HP_LIST_SEP, 0);
    return hp_str_trim(sep == SIZE_MAX ? s : hp_str_cut(s, 0, sep));
}

hp_str hp_known_domain(const hp_profile *p, hp_str website, hp_str email) {
    hp_str domain = hp_registrable_domain(website);
    if (website.n && domain.n && !hp_is_shared_host(domain)) return domain;
    size_t at = hp_str_chr(email, '@', 0);
    if (at == SIZE_MAX) return HP_S("");
    hp_str host = hp_str_cut(email, at + 1, email.n);
    domain = hp_registrable_domain(host);
    return domain.n && !hp_is_free_mail(p, host) && !hp_is_shared_host(domain) ? domain : HP_S("");
}
