/* The block `refine`: synonyms, matching, normalisation, thresholds, expectations. */
#include "profile/keys.h"
#include "base/banned.h"

#define PROFILE(member)              .at = offsetof(hp_profile, member)
#define PROFILE_LIST(member, number) .at = offsetof(hp_profile, member), .count = offsetof(hp_profile, number)
#define KEYS(table)                  .key = table, .nkey = sizeof table / sizeof *table

/* ---- synonyms ---- */

static hp_profile_synonyms *entry_for(hp_profile_synonyms *list, size_t *n, hp_field f) {
    for (size_t i = 0; i < *n; i++) {
        if (list[i].field == f) return &list[i];
    }
    list[*n] = (hp_profile_synonyms){.field = f};
    return &list[(*n)++];
}

static const hp_pkey SYNONYM = {.name = "mappings",
                                .type = &hp_pt_texts,
                                .at = offsetof(hp_profile_synonyms, name),
                                .count = offsetof(hp_profile_synonyms, n)};

/* Room for every field once: a field named under two names gets the synonyms of both. */
static void read_synonyms(hp_pload *l, const hp_pkey *k, const hp_node *v, void *obj) {
    if (v->kind != HP_NODE_MAP) {
        hp_pt_map.read(l, k, v, obj);
        return;
    }
    hp_profile *p = obj;
    hp_profile_synonyms *list = p && p->synonyms ? p->synonyms : hp_parray(l, HP_FIELD_COUNT, sizeof *list);
    size_t n = p ? p->nsynonyms : 0;
    for (size_t i = 0; i < v->n && list && !l->oom; i++) {
        hp_field f = hp_pfield_read(l, v->key[i], k->name);
        if (f != HP_F_NONE && v->item[i]->kind != HP_NODE_NULL)
            SYNONYM.type->read(l, &SYNONYM, v->item[i], entry_for(list, &n, f));
    }
    if (!p || !list) return;
    p->synonyms = list;
    p->nsynonyms = n;
}

static void show_synonyms(hp_pshow *s, const hp_pkey *k, const void *obj) {
    const hp_profile *p = obj;
    hp_pshow_key(s, hp_str_of(k->name));
    hp_buf_puts(s->out, p->nsynonyms ? "\n" : " {}\n");
    s->depth++;
    for (size_t i = 0; i < p->nsynonyms; i++) {
        const hp_profile_synonyms *e = &p->synonyms[i];
        hp_pshow_texts(s, hp_str_of(hp_field_get(e->field)->name), e->name, e->n);
    }
    s->depth--;
}

const hp_ptype hp_pt_synonyms = {"map of field to list of texts", read_synonyms, show_synonyms};

/* ---- small blocks ---- */

static const hp_pkey DEDUPLICATION_KEYS[] = {
    {.name = "threshold",
     .type = &hp_pt_ratio,
     PROFILE(match_threshold),
     .hi = 1,
     .fallback = "0.92",
     .help =
         "how alike two names must be (Jaro-Winkler) for records that share a domain or a phone to be one organisation"},
    {.name = "strategy",
     .type = &hp_pt_choice,
     .choices = "entity_resolution simple",
     .flags = HP_PK_RESERVED,
     .help = "there is one way to resolve so far, whatever this says"},
    {.name = "block",
     .type = &hp_pt_texts,
     .flags = HP_PK_RESERVED,
     .help = "blocking rules of a probabilistic engine"},
    {.name = "blocking_rules",
     .type = &hp_pt_texts,
     .flags = HP_PK_RESERVED | HP_PK_ALIAS,
     .help = "as `block`"},
    {.name = "block_on", .type = &hp_pt_texts, .flags = HP_PK_RESERVED | HP_PK_ALIAS, .help = "as `block`"},
};
static const hp_pblock DEDUPLICATION = {.name = "refine.deduplication",
                                        .help = "When two records are one organisation.",
                                        KEYS(DEDUPLICATION_KEYS)};

static const hp_pkey PHONE_KEYS[] = {
    {.name = "country",
     .type = &hp_pt_country,
     PROFILE(country),
     .flags = HP_PK_ALIAS,
     .help = "as `default_country_code`"},
    {.name = "format",
     .type = &hp_pt_choice,
     .choices = "E164",
     .flags = HP_PK_RESERVED,
     .help = "phones are always written as E.164: +27115550100"},
};
static const hp_pblock PHONE = {
    .name = "refine.normalization.phone", .help = "Phone numbers.", KEYS(PHONE_KEYS)};

static const hp_pkey DATE_KEYS[] = {
    {.name = "day_first",
     .type = &hp_pt_flag,
     PROFILE(day_first),
     .fallback = "true",
     .help = "03/04/2025 is 3 April (true) or 4 March (false)"},
};
static const hp_pblock DATE = {.name = "refine.normalization.date", .help = "Dates.", KEYS(DATE_KEYS)};

static const hp_pkey NORMALIZATION_KEYS[] = {
    {.name = "phone", .type = &hp_pt_block, .block = &PHONE, .help = "phone numbers"},
    {.name = "date", .type = &hp_pt_block, .block = &DATE, .help = "dates"},
};
static const hp_pblock NORMALIZATION = {
    .name = "refine.normalization", .help = "How values are brought to one form.", KEYS(NORMALIZATION_KEYS)};

static const hp_pkey THRESHOLD_KEYS[] = {
    {.name = "email",
     .type = &hp_pt_ratio,
     PROFILE(email_threshold),
     .hi = 1,
     .fallback = "0.85",
     .help = "share of e-mail addresses that must be valid"},
    {.name = "phone",
     .type = &hp_pt_ratio,
     PROFILE(phone_threshold),
     .hi = 1,
     .fallback = "0.85",
     .help = "share of phone numbers that must be valid"},
    {.name = "website",
     .type = &hp_pt_ratio,
     PROFILE(website_threshold),
     .hi = 1,
     .fallback = "0.75",
     .help = "share of web addresses that must be valid"},
};
static const hp_pblock THRESHOLDS = {.name = "refine.thresholds",
                                     .help = "What share of the output's values must be valid.",
                                     KEYS(THRESHOLD_KEYS)};

/* ---- expectations ---- */

static void begin_expectation(const hp_node *n, void *obj) {
    ((hp_profile_expectation *)obj)->line = n->line;
}

static void end_expectation(hp_pload *l, const hp_node *n, void *obj) {
    hp_profile_expectation *e = obj;
    e->column = hp_pfield_output(e->column);
    if (hp_str_eq(e->kind, HP_S("expect_column_values_to_not_be_null"))) e->kind = HP_S("not_null");
    if (hp_str_eq(e->kind, HP_S("expect_column_values_to_match_regex"))) e->kind = HP_S("matches_regex");
    if (hp_str_eq(e->kind, HP_S("matches_regex")) && e->regex.n == 0)
        hp_perr(l, n, "expectation matches_regex of column \"%.*s\" needs \"regex\"", HP_FMT(e->column));
    if (hp_str_eq(e->kind, HP_S("not_null")) && e->regex.n)
        hp_perr(l, hp_node_get(n, "regex"),
                "expectation not_null of column \"%.*s\" takes no \"regex\"; use kind: matches_regex",
                HP_FMT(e->column));
}

#define EXPECTATION(member) .at = offsetof(hp_profile_expectation, member)
static const hp_pkey EXPECTATION_KEYS[] = {
    {.name = "column",
     .type = &hp_pt_text,
     EXPECTATION(column),
     .flags = HP_PK_REQUIRED,
     .help =
         "output column; the name of a field stands for the column that carries it (contact_email: contact_primary_email)"},
    {.name = "kind",
     .type = &hp_pt_choice,
     EXPECTATION(kind),
     .flags = HP_PK_REQUIRED,
     .choices =
         "not_null matches_regex expect_column_values_to_not_be_null expect_column_values_to_match_regex",
     .help = "what is expected of its values; the long names mean the same as the short ones"},
    {.name = "regex",
     .type = &hp_pt_text,
     EXPECTATION(regex),
     .help = "regular expression (PCRE) that values must match"},
    {.name = "mostly",
     .type = &hp_pt_ratio,
     EXPECTATION(mostly),
     .hi = 1,
     .fallback = "1",
     .help = "share of the values that must fit"},
    {.name = "severity",
     .type = &hp_pt_on_failure,
     EXPECTATION(action),
     .choices = HP_PK_ON_FAILURE,
     .fallback = "warn",
     .help =
         "warn: findings; fail: the run stops before anything is written; quarantine: the rows at fault are kept out"},
};
static const hp_pblock EXPECTATIONS = {
    .name = "refine.expectations",
    .help = "An expectation on the output.",
    KEYS(EXPECTATION_KEYS),
    .size = sizeof(hp_profile_expectation),
    .begin = begin_expectation,
    .end = end_expectation,
};

/* ---- refine ---- */

static const hp_pkey REFINE_KEYS[] = {
    {.name = "mappings",
     .type = &hp_pt_synonyms,
     PROFILE_LIST(synonyms, nsynonyms),
     .help = "other names of fields, for columns that are mapped automatically: `field: [name, name]`"},
    {.name = "synonyms",
     .type = &hp_pt_synonyms,
     PROFILE_LIST(synonyms, nsynonyms),
     .flags = HP_PK_ALIAS,
     .help = "as `mappings`"},
    {.name = "mapping_threshold",
     .type = &hp_pt_ratio,
     PROFILE(map_threshold),
     .hi = 1,
     .fallback = "0.7",
     .help = "score from which a column is mapped automatically"},
    {.name = "deduplication",
     .type = &hp_pt_block,
     .block = &DEDUPLICATION,
     .help = "when two records are one organisation"},
    {.name = "normalization",
     .type = &hp_pt_block,
     .block = &NORMALIZATION,
     .help = "how values are brought to one form"},
    {.name = "thresholds",
     .type = &hp_pt_block,
     .block = &THRESHOLDS,
     .help = "what share of the output's values must be valid"},
    {.name = "placeholders",
     .type = &hp_pt_texts,
     PROFILE_LIST(placeholder, nplaceholder),
     .help = "more texts that mean \"nothing known\" (\"to be advised\"); common ones are built in"},
    {.name = "fillers",
     .type = &hp_pt_texts,
     PROFILE_LIST(filler, nfiller),
     .help =
         "patterns of organisation names that stand for nobody (\"Unknown Organisation *\"): such rows go to quarantine"},
    {.name = "free_mail_domains",
     .type = &hp_pt_texts,
     PROFILE_LIST(free_domain, nfree_domain),
     .help =
         "more mail domains that anybody can use, so that sharing one says nothing; common ones are built in"},
    {.name = "required_fields",
     .type = &hp_pt_fields,
     PROFILE_LIST(required_field, nrequired),
     .help = "fields that each organisation should have; a finding where it has not"},
    {.name = "optional_fields",
     .type = &hp_pt_fields,
     .flags = HP_PK_RESERVED,
     .help = "fields worth looking for"},
    {.name = "expectations",
     .type = &hp_pt_items,
     PROFILE_LIST(expectation, nexpectation),
     .block = &EXPECTATIONS,
     .help = "expectations on the output"},
};
const hp_pblock hp_pb_refine = {
    .name = "refine", .help = "How records are mapped, cleaned, matched and checked.", KEYS(REFINE_KEYS)};
