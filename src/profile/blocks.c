/* The whole file, and the block `enrich`. */
#include "profile/keys.h"
#include "base/banned.h"

#define PROFILE(member)              .at = offsetof(hp_profile, member)
#define PROFILE_LIST(member, number) .at = offsetof(hp_profile, member), .count = offsetof(hp_profile, number)
#define KEYS(table)                  .key = table, .nkey = sizeof table / sizeof *table
#define RESERVED                     .flags = HP_PK_RESERVED

/* ---- research: at the top, as in older profiles, or in `enrich` ---- */

static const hp_pkey AUTHORITY_KEYS[] = {
    {.name = "name",
     .type = &hp_pt_text,
     .flags = HP_PK_REQUIRED | HP_PK_RESERVED,
     .help = "name of the register"},
    {.name = "url", .type = &hp_pt_text, RESERVED, .help = "where it is"},
    {.name = "description", .type = &hp_pt_text, RESERVED, .help = "what it holds"},
    {.name = "cache_key", .type = &hp_pt_text, RESERVED, .help = "name under which answers are kept"},
    {.name = "category",
     .type = &hp_pt_choice,
     .choices = "registry directory dataset",
     RESERVED,
     .fallback = "registry",
     .help = "kind of register"},
};
static const hp_pblock AUTHORITY = {.name = "authority_sources",
                                    .help = "A register that knows organisations of the trade.",
                                    KEYS(AUTHORITY_KEYS)};

static const hp_pkey BACKFILL_KEYS[] = {
    {.name = "fields", .type = &hp_pt_fields, RESERVED, .help = "fields to look for"},
    {.name = "confidence_threshold",
     .type = &hp_pt_ratio,
     .hi = 1,
     RESERVED,
     .fallback = "0.65",
     .help = "confidence from which a find is used"},
};
static const hp_pblock BACKFILL = {
    .name = "research_backfill", .help = "What research fills in.", KEYS(BACKFILL_KEYS)};

static const hp_pkey RATE_KEYS[] = {
    {.name = "min_interval_seconds",
     .type = &hp_pt_number,
     PROFILE(enrich.network.interval),
     .hi = 86400,
     .flags = HP_PK_ALIAS,
     .help = "as `enrich.network.min_interval_seconds`"},
    {.name = "burst",
     .type = &hp_pt_whole,
     PROFILE(enrich.network.burst),
     .lo = 1,
     .hi = 1000,
     .flags = HP_PK_ALIAS,
     .help = "as `enrich.network.burst`"},
};
static const hp_pblock RATE = {
    .name = "research_rate_limit", .help = "How fast research may ask.", KEYS(RATE_KEYS)};

#define RESEARCH_KEYS                                                                              \
    {.name = "authority_sources",                                                                  \
     .type = &hp_pt_items,                                                                         \
     .block = &AUTHORITY,                                                                          \
     RESERVED,                                                                                     \
     .help = "registers that research may ask"},                                                   \
        {.name = "research_backfill",                                                              \
         .type = &hp_pt_block,                                                                     \
         .block = &BACKFILL,                                                                       \
         RESERVED,                                                                                 \
         .help = "what research fills in"},                                                        \
    {                                                                                              \
        .name = "research_rate_limit", .type = &hp_pt_block, .block = &RATE, .flags = HP_PK_ALIAS, \
        .help = "how fast research may ask"                                                        \
    }

/* ---- enrich ---- */

#define HP_PROVIDER(name) " " #name
static const char PROVIDERS[] = ""
#include "profile/providers.def"
    ;
#define HP_PROVIDER(name) " " #name
static const char CHAIN[] = "deterministic lookup_tables research"
#include "profile/providers.def"
    ;

/* A confidence that the profile does not set is the provider's own: no line of `profile show`. */
static void show_confidence(hp_pshow *s, const hp_pkey *k, const void *obj) {
    const double *confidence = hp_pcat(obj, k->at);
    if (*confidence >= 0) hp_pt_ratio.show(s, k, obj);
}

static void read_confidence(hp_pload *l, const hp_pkey *k, const hp_node *v, void *obj) {
    hp_pt_ratio.read(l, k, v, obj);
}

static const hp_ptype CONFIDENCE = {"number 0..1", read_confidence, show_confidence};

static void begin_provider(const hp_node *n, void *obj) {
    hp_profile_provider *p = obj;
    p->confidence = -1;
    p->line = n->line;
}

static void end_provider(hp_pload *l, const hp_node *n, void *obj) {
    hp_profile_provider *p = obj;
    (void)l, (void)n;
    if (p->name.n == 0) p->name = p->provider;
}

#define PROVIDER(member) .at = offsetof(hp_profile_provider, member)
static const hp_pkey PROVIDER_KEYS[] = {
    {.name = "provider",
     .type = &hp_pt_choice,
     PROVIDER(provider),
     .flags = HP_PK_REQUIRED,
     .choices = PROVIDERS + 1,
     .help = "who is asked"},
    {.name = "name",
     .type = &hp_pt_text,
     PROVIDER(name),
     .help = "how the sheet Provenance calls it; by default as the provider"},
    {.name = "path",
     .type = &hp_pt_text,
     PROVIDER(path),
     .help =
         "file of a lookup table or of a registry, file or directory of the history, from the working directory; by default the places in `.hotpass`"},
    {.name = "confidence",
     .type = &CONFIDENCE,
     PROVIDER(confidence),
     .hi = 1,
     .help = "how far its values are to be trusted; by default as `docs/reference/providers.md` says"},
    {.name = "settings",
     .type = &hp_pt_node,
     PROVIDER(settings),
     .help = "what else the provider wants to know, see `docs/reference/providers.md`"},
};
static const hp_pblock PROVIDER_BLOCK = {
    .name = "enrich.providers",
    .help =
        "A provider with a configuration of its own; several may be of one kind. A provider of the chain that is not listed here is asked as it is by default.",
    KEYS(PROVIDER_KEYS),
    .size = sizeof(hp_profile_provider),
    .begin = begin_provider,
    .end = end_provider,
};

static const hp_pkey ENRICH_KEYS[] = {
    {.name = "allow_network",
     .type = &hp_pt_flag,
     PROFILE(enrich.allow_network),
     .fallback = "false",
     .help = "whether enrichment may use the network; the command line and the environment must say so too"},
    {.name = "fetcher_chain",
     .type = &hp_pt_choices,
     PROFILE_LIST(enrich.chain, enrich.nchain),
     .choices = CHAIN,
     .help =
         "providers in the order in which they are asked, or words for several: `lookup_tables` (lookup, registry), `deterministic` (all that need no network), `research` (those that do); by default all"},
    {.name = "providers",
     .type = &hp_pt_items,
     PROFILE_LIST(enrich.provider, enrich.nprovider),
     .block = &PROVIDER_BLOCK,
     .help = "providers with a configuration of their own"},
    {.name = "backfillable_fields",
     .type = &hp_pt_fields,
     PROFILE_LIST(enrich.field, enrich.nfield),
     .help = "fields that enrichment may fill; by default all that the sheet has a column for"},
    {.name = "confidence_threshold",
     .type = &hp_pt_ratio,
     PROFILE(enrich.threshold),
     .hi = 1,
     .fallback = "0.7",
     .help = "confidence from which a value is used; what is less is listed as a suggestion"},
    {.name = "provenance_required",
     .type = &hp_pt_flag,
     PROFILE(enrich.evidence),
     .fallback = "true",
     .help = "refuse values that do not say where they come from"},
    RESEARCH_KEYS,
    {.name = "network",
     .type = &hp_pt_block,
     .at = offsetof(hp_profile, enrich.network),
     .block = &hp_pb_network,
     .help = "how the network is used"},
};
const hp_pblock hp_pb_enrich = {
    .name = "enrich", .help = "What may be added from elsewhere.", KEYS(ENRICH_KEYS)};

/* ---- the file ---- */

static const hp_pkey TERM_KEYS[] = {
    {.name = "organization",
     .type = &hp_pt_text,
     RESERVED,
     .fallback = "organization",
     .help = "what the trade calls an organisation"},
    {.name = "organization_type",
     .type = &hp_pt_text,
     RESERVED,
     .fallback = "organization_type",
     .help = "and its type"},
    {.name = "category", .type = &hp_pt_text, RESERVED, .fallback = "category", .help = "and its category"},
};
static const hp_pblock TERMS = {.name = "terms", .help = "The words of the trade.", KEYS(TERM_KEYS)};

static void end_root(hp_pload *l, const hp_node *n, void *obj) {
    hp_profile *p = obj;
    if (p->display_name.n == 0) p->display_name = p->name;
    hp_pcheck_priorities(l, hp_node_get(n, "source_priorities"),
                         hp_node_get(hp_node_get(n, "ingest"), "sources"), p);
}

#define OLD_THRESHOLD(kind)                                                                              \
    {                                                                                                    \
        .name = #kind "_validation_threshold", .type = &hp_pt_ratio, PROFILE(kind##_threshold), .hi = 1, \
        .flags = HP_PK_ALIAS, .help = "as `refine.thresholds." #kind "`"                                 \
    }

static const hp_pkey ROOT_KEYS[] = {
    {.name = "name",
     .type = &hp_pt_text,
     PROFILE(name),
     .flags = HP_PK_REQUIRED,
     .help = "the profile's name, as the file is called"},
    {.name = "display_name",
     .type = &hp_pt_text,
     PROFILE(display_name),
     .help = "name for people; the name by default"},
    {.name = "summary",
     .type = &hp_pt_text,
     PROFILE(summary),
     .help = "what the profile is for, in a sentence"},
    {.name = "default_country_code",
     .type = &hp_pt_country,
     PROFILE(country),
     .fallback = "ZA",
     .help = "country (ISO 3166-1) of phones, provinces and postal codes that do not say theirs"},
    {.name = "ingest", .type = &hp_pt_block, .block = &hp_pb_ingest, .help = "what is read"},
    {.name = "refine",
     .type = &hp_pt_block,
     .block = &hp_pb_refine,
     .help = "how it is mapped, cleaned, matched and checked"},
    {.name = "severity",
     .type = &hp_pt_block,
     .block = &hp_pb_actions,
     PROFILE(actions),
     .help = "what follows when an expectation of a suite or contract is not met"},
    {.name = "output",
     .type = &hp_pt_block,
     .block = &hp_pb_output,
     PROFILE(output),
     .help = "suites and contracts that the result must meet"},
    {.name = "enrich",
     .type = &hp_pt_block,
     .block = &hp_pb_enrich,
     .help = "what may be added from elsewhere"},
    {.name = "compliance", .type = &hp_pt_block, .block = &hp_pb_compliance, .help = "what the law asks"},
    {.name = "source_priorities",
     .type = &hp_pt_map,
     .flags = HP_PK_ALIAS,
     .help = "`source name: priority`, as `ingest.sources.priority`"},
    {.name = "column_synonyms",
     .type = &hp_pt_synonyms,
     PROFILE_LIST(synonyms, nsynonyms),
     .flags = HP_PK_ALIAS,
     .help = "as `refine.mappings`"},
    {.name = "required_fields",
     .type = &hp_pt_fields,
     PROFILE_LIST(required_field, nrequired),
     .flags = HP_PK_ALIAS,
     .help = "as `refine.required_fields`"},
    {.name = "optional_fields",
     .type = &hp_pt_fields,
     .flags = HP_PK_RESERVED | HP_PK_ALIAS,
     .help = "as `refine.optional_fields`"},
    OLD_THRESHOLD(email),
    OLD_THRESHOLD(phone),
    OLD_THRESHOLD(website),
    {.name = "terms", .type = &hp_pt_block, .block = &TERMS, RESERVED, .help = "the words of the trade"},
    {.name = "organization_term",
     .type = &hp_pt_text,
     .flags = HP_PK_RESERVED | HP_PK_ALIAS,
     .help = "as `terms.organization`"},
    {.name = "organization_type_term",
     .type = &hp_pt_text,
     .flags = HP_PK_RESERVED | HP_PK_ALIAS,
     .help = "as `terms.organization_type`"},
    {.name = "organization_category_term",
     .type = &hp_pt_text,
     .flags = HP_PK_RESERVED | HP_PK_ALIAS,
     .help = "as `terms.category`"},
    RESEARCH_KEYS,
    {.name = "custom_validators", .type = &hp_pt_map, RESERVED, .help = "kept so that older profiles load"},
};
const hp_pblock hp_pb_root = {
    .name = "the profile", .help = "The keys at the top.", KEYS(ROOT_KEYS), .end = end_root};
