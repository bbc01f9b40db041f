/* The block `compliance`. */
#include "profile/keys.h"
#include "base/banned.h"

#define COMPLIANCE(member) .at = offsetof(hp_profile, compliance.member)
#define COMPLIANCE_LIST(member, number) \
    .at = offsetof(hp_profile, compliance.member), .count = offsetof(hp_profile, compliance.number)
#define KEYS(table) .key = table, .nkey = sizeof table / sizeof *table

static const char BASES[] =
    "legitimate_interest consent contract legal_obligation vital_interests public_interest";
static const char LEVELS[] = "public internal confidential pii sensitive_pii";

/* ---- words of consent ---- */

static const struct {
    hp_consent state;
    const char *words;
} STATES[] = {
    {HP_CONSENT_GRANTED, "granted approved allowed yes y true opt-in opted-in subscribed given"},
    {HP_CONSENT_PENDING, "pending unknown review"},
    {HP_CONSENT_DENIED,
     "denied revoked withdrawn expired no n false opt-out opted-out unsubscribed refused objected"},
};

static bool has_word(const char *list, hp_str word) {
    hp_str rest = hp_str_of(list), one;
    while (hp_str_next(&rest, ' ', &one))
        if (hp_str_ieq(one, word)) return true;
    return false;
}

const char *hp_consent_name(hp_consent c) {
    static const char *const NAME[] = {"missing", "granted", "pending", "denied", "unknown", "other purpose"};
    return NAME[c];
}

hp_consent hp_consent_of(hp_str word) {
    word = hp_str_trim(word);
    if (word.n == 0) return HP_CONSENT_MISSING;
    for (size_t i = 0; i < sizeof STATES / sizeof *STATES; i++)
        if (has_word(STATES[i].words, word)) return STATES[i].state;
    return HP_CONSENT_UNKNOWN;
}

/* Tells whether one of the purposes is that of the profile; nothing said is every purpose. */
static bool covers(hp_str purposes, hp_str wanted) {
    hp_str part;
    if (wanted.n == 0 || purposes.n == 0) return true;
    while (purposes.n) {
        size_t comma = hp_str_chr(purposes, ',', 0), semicolon = hp_str_chr(purposes, ';', 0);
        size_t end = comma < semicolon ? comma : semicolon;
        part = hp_str_trim(hp_str_cut(purposes, 0, end));
        if (hp_str_ieq(part, wanted) || hp_str_ieq(part, HP_S("all"))) return true;
        purposes = end == SIZE_MAX ? HP_S("") : hp_str_cut(purposes, end + 1, purposes.n);
    }
    return false;
}

hp_consent hp_consent_decide(const hp_profile *p, hp_str slug, hp_str word, hp_str purposes) {
    const hp_node *map = p->compliance.states;
    for (size_t i = 0; map && i < map->n && slug.n; i++)
        if (hp_str_eq(map->key[i]->text, slug)) return hp_consent_of(map->item[i]->text);
    hp_consent c = hp_consent_of(word);
    return c == HP_CONSENT_GRANTED && !covers(purposes, p->compliance.purpose) ? HP_CONSENT_OTHER : c;
}

bool hp_consent_allows(const hp_profile *p, hp_consent c) {
    return c == HP_CONSENT_GRANTED || (c != HP_CONSENT_DENIED && !hp_consent_demanded(p));
}

/* ---- fields ---- */

static bool is_name(hp_field f) {
    return f == HP_F_CONTACT_TITLE || f == HP_F_CONTACT_FIRST_NAME || f == HP_F_CONTACT_LAST_NAME;
}

bool hp_field_is_pii(const hp_profile *p, hp_field f) {
    const hp_profile_compliance *c = &p->compliance;
    if (f == HP_F_CONTACT_CONSENT || f == HP_F_CONTACT_CONSENT_DATE || f == HP_F_CONTACT_CONSENT_PURPOSE)
        return false;
    if (f == HP_F_CONTACT_BIRTH_DATE || f == HP_F_CONTACT_NATIONAL_ID) return true;
    if (c->npii == 0) return hp_field_of_contact(f);
    for (size_t i = 0; i < c->npii; i++)
        if (c->pii[i] == f || (c->pii[i] == HP_F_CONTACT_NAME && is_name(f))) return true;
    return false;
}

bool hp_field_is_redacted(const hp_profile *p, hp_field f) {
    const hp_profile_compliance *c = &p->compliance;
    if (c->nredact == 0) return false;
    if (c->nfree == 0) return f == HP_F_NOTES || f == HP_F_DESCRIPTION;
    for (size_t i = 0; i < c->nfree; i++)
        if (c->free_text[i] == f) return true;
    return false;
}

bool hp_consent_demanded(const hp_profile *p) {
    return p->compliance.consent_required || hp_str_eq(p->compliance.basis, HP_S("consent"));
}

hp_str hp_class_of(const hp_profile *p, hp_str column, bool personal) {
    const hp_node *map = p->compliance.classes;
    for (size_t i = 0; map && i < map->n; i++)
        if (hp_str_eq(hp_pfield_output(map->key[i]->text), column)) return map->item[i]->text;
    return personal ? HP_S("pii") : HP_S("internal");
}

/* ---- the keys ---- */

/* Checks that the values of a map are words of a list. */
static void check_words(hp_pload *l, const hp_node *map, const char *what, bool (*known)(hp_str)) {
    for (size_t i = 0; map && map->kind == HP_NODE_MAP && i < map->n; i++) {
        hp_str word = {0};
        if (!hp_node_text(map->item[i], &word) || !known(word))
            hp_perr(l, map->item[i], "\"%.*s\" is no %s", HP_FMT(word), what);
    }
}

static bool is_state(hp_str word) {
    hp_consent c = hp_consent_of(word);
    return c == HP_CONSENT_GRANTED || c == HP_CONSENT_PENDING || c == HP_CONSENT_DENIED;
}

static bool is_level(hp_str word) { return has_word(LEVELS, word); }

static const hp_pkey REDACTION_KEYS[] = {
    {.name = "kinds",
     .type = &hp_pt_choices,
     COMPLIANCE_LIST(redact, nredact),
     .choices = "email phone id name",
     .help =
         "what is replaced by `[email]`, `[phone]`, `[id]`, `[name]`; without any, free text stays as it is"},
    {.name = "fields",
     .type = &hp_pt_fields,
     COMPLIANCE_LIST(free_text, nfree),
     .help = "fields of free text in which that is looked for; by default notes and description"},
};
static const hp_pblock REDACTION = {
    .name = "compliance.redaction",
    .help =
        "What is replaced in free text before anything is written; `bench/redact/RESULTS.md` says how well it is found.",
    KEYS(REDACTION_KEYS)};

static void end_compliance(hp_pload *l, const hp_node *n, void *obj) {
    (void)obj;
    check_words(l, hp_node_get(n, "consent_overrides"), "state of consent: granted, pending or denied",
                is_state);
    check_words(l, hp_node_get(n, "classification"),
                "level: public, internal, confidential, pii or sensitive_pii", is_level);
}

static const hp_pkey COMPLIANCE_KEYS[] = {
    {.name = "privacy_basis",
     .type = &hp_pt_text,
     .at = offsetof(hp_profile, privacy_basis),
     .fallback = "Legitimate Interest",
     .help = "legal ground for holding the data, in words; the output column privacy_basis"},
    {.name = "lawful_basis",
     .type = &hp_pt_choice,
     COMPLIANCE(basis),
     .choices = BASES,
     .fallback = "legitimate_interest",
     .help =
         "the same ground as POPIA (section 11) and GDPR (article 6) name it; consent demands consents, as `consent_required` does"},
    {.name = "policy", .type = &hp_pt_text, COMPLIANCE(policy), .help = "law or policy that applies (POPIA)"},
    {.name = "jurisdiction",
     .type = &hp_pt_text,
     COMPLIANCE(jurisdiction),
     .help = "country whose law it is"},
    {.name = "purpose",
     .type = &hp_pt_text,
     COMPLIANCE(purpose),
     .help = "what the data is for; a consent for other purposes (field consent_purpose) does not count"},
    {.name = "consent_required",
     .type = &hp_pt_flag,
     COMPLIANCE(consent_required),
     .fallback = "false",
     .help = "whether personal fields need a consent (field consent_status)"},
    {.name = "without_consent",
     .type = &hp_pt_choice,
     COMPLIANCE(without),
     .choices = "mask quarantine report stop",
     .fallback = "mask",
     .help =
         "what becomes of personal fields without one: mask leaves them out; quarantine keeps the rows of contacts and people out; "
         "stop ends the run; report only counts. Who said no is left out in any case, whether consents are demanded or not"},
    {.name = "consent_overrides",
     .type = &hp_pt_node,
     COMPLIANCE(states),
     .help = "`slug of the organisation: granted`, pending or denied; counts before what a row says"},
    {.name = "pii_fields",
     .type = &hp_pt_fields,
     COMPLIANCE_LIST(pii, npii),
     .help = "fields that hold personal data; by default all that are about a person"},
    {.name = "classification",
     .type = &hp_pt_node,
     COMPLIANCE(classes),
     .help =
         "`output column: level`, for the report: public, internal, confidential, pii, sensitive_pii; by default pii or internal"},
    {.name = "retention_days",
     .type = &hp_pt_whole,
     COMPLIANCE(retention_days),
     .lo = 0,
     .hi = 36500,
     .fallback = "0",
     .help =
         "days behind the last interaction after which an organisation should go: the output column retention_until; 0: none"},
    {.name = "redaction", .type = &hp_pt_block, .block = &REDACTION, .help = "what is replaced in free text"},
    {.name = "anonymization_on_request",
     .type = &hp_pt_flag,
     .flags = HP_PK_RESERVED,
     .help = "whether people may ask to be made anonymous"},
    {.name = "audit_trail_required",
     .type = &hp_pt_flag,
     COMPLIANCE(audit),
     .fallback = "false",
     .help =
         "whether each export is noted in `logs/access.jsonl` beside the output, without personal values"},
};
const hp_pblock hp_pb_compliance = {
    .name = "compliance", .help = "What the law asks.", KEYS(COMPLIANCE_KEYS), .end = end_compliance};
