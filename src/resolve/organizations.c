#include "base/hash.h"
#include "resolve/linker.h"

#include "base/banned.h"

/* The rule, in full. Two organisation records are one when
 *  - their name keys are equal, and the evidence is not against it (see namesakes.c); or
 *  - they share a registrable domain (of the website, or of an e-mail address unless it is free mail), or the
 *    whole address where it is free mail, or a phone; AND their names are similar (at least the profile's
 *    threshold: Jaro-Winkler, words in any order, or the share of letters that need no mending); AND the
 * words that they do not share are spellings of each other: "Kestrel Air Charter" and "Kestrel Air Academy"
 * are alike by any measure of strings, yet two organisations; numbers that differ ("Hangar 1", "Hangar 2")
 * never are spellings; AND a domain is not one of several organisations (see is_domain_of_several); or
 *  - they share such a domain AND all words of one name, at least two, are in the other's ("Kestrel Air",
 * "Kestrel Air Charter"), or they share a phone, and that is so, and the names are similar; but not when
 * their cities differ (or, where a city is not known, their provinces), nor when the longer names that share
 * it are several organisations, for then nobody can say which of the branches the short name means. */

/* Tells whether two records stand in different places: by city where both have one, else by province. */
static bool places_differ(const hp_linker *l, uint32_t a, uint32_t b) {
    if (l->city[a] != HP_NULL && l->city[b] != HP_NULL) return l->city[a] != l->city[b];
    if (l->province[a] != HP_NULL && l->province[b] != HP_NULL) return l->province[a] != l->province[b];
    return false;
}

static bool have_one_name(const hp_linker *l, uint32_t a, uint32_t b) {
    return l->in->org[a].name_key == l->in->org[b].name_key;
}

/* Tells whether two records are known to stand in one city; in one province where neither has a city. */
static bool have_one_place(const hp_linker *l, uint32_t a, uint32_t b) {
    if (l->city[a] != l->city[b]) return false;
    return l->city[a] != HP_NULL || (l->province[a] != HP_NULL && l->province[a] == l->province[b]);
}

static bool has_phone(const hp_linker *l, uint32_t record) {
    for (uint32_t k = l->id_start[record]; k < l->id_start[record + 1]; k++)
        if (l->id.p[k].kind == HP_ID_PHONE) return true;
    return false;
}

/* Tells whether a domain that two records share is one of several organisations: one of them is known to have
 * namesakes, and this is perhaps a spelling of another one; or they are in different cities, with other
 * phones in each. It does not matter when they are in one place. A phone or an address of free mail that they
 * also share links them in its turn. */
static bool is_domain_of_several(const hp_linker *l, uint32_t a, uint32_t b, hp_vid domain) {
    bool is_address = hp_str_chr(hp_text(l->run->pool, domain), '@', 0) != SIZE_MAX;
    if (is_address || have_one_place(l, a, b)) return false;
    if (l->namesake[a] || l->namesake[b]) return true;
    return l->city[a] != HP_NULL && l->city[b] != HP_NULL && has_phone(l, a) && has_phone(l, b);
}

static hp_code pair(hp_linker *l, uint32_t a, uint32_t b, hp_vid on, hp_match_reason reason,
                    hp_near_kind near, hp_err *err) {
    double score;
    size_t shared;
    if (have_one_name(l, a, b)) return HP_OK; /* settled before */
    if (hp_name_bound(l->sketch[a], l->sketch[b]) < HP_NEAR_SIMILARITY) return HP_OK;
    score = hp_name_likeness(l->name[a], l->name[b], l->threshold);
    if (score < HP_NEAR_SIMILARITY) return HP_OK;
    hp_name_difference d = hp_name_differ(l->name[a], l->name[b], &shared);
    bool apart = near == HP_NEAR_DOMAIN && is_domain_of_several(l, a, b, on);
    if (score >= l->threshold && d == HP_DIFF_NONE && !apart) return hp_link(l, a, b, reason, score, on, err);
    hp_link_near(l, a, b, near, score, on);
    return HP_OK;
}

static hp_code pair_by_domain(hp_linker *l, uint32_t a, uint32_t b, hp_vid on, hp_err *err) {
    return pair(l, a, b, on, HP_MATCH_DOMAIN, HP_NEAR_DOMAIN, err);
}

static hp_code pair_by_phone(hp_linker *l, uint32_t a, uint32_t b, hp_vid on, hp_err *err) {
    return pair(l, a, b, on, HP_MATCH_PHONE, HP_NEAR_PHONE, err);
}

static hp_code pair_by_spelling(hp_linker *l, uint32_t a, uint32_t b, hp_vid on, hp_err *err) {
    (void)on;
    (void)err;
    size_t shared;
    if (have_one_name(l, a, b)) return HP_OK;
    if (hp_name_bound(l->sketch[a], l->sketch[b]) < HP_TYPO_SIMILARITY) return HP_OK;
    double score = hp_name_similarity(l->name[a], l->name[b]);
    if (score >= HP_TYPO_SIMILARITY && hp_name_differ(l->name[a], l->name[b], &shared) != HP_DIFF_WORDS)
        hp_link_near(l, a, b, HP_NEAR_SPELLING, score, HP_NULL);
    return HP_OK;
}

/* Tells whether all words of `a` are in `b`, which has more; *score gets the similarity of the names. */
static bool is_within(hp_linker *l, uint32_t a, uint32_t b, bool by_domain, double *score) {
    if (l->sketch[a].letters & ~l->sketch[b].letters) return false;
    size_t shared;
    if (hp_name_differ(l->name[a], l->name[b], &shared) != HP_DIFF_WITHIN) return false;
    *score = hp_name_similarity(l->name[a], l->name[b]);
    return *score >= l->threshold || (by_domain && shared >= 2);
}

/* Hold the longer names that a name is within. */
typedef struct longer {
    uint32_t nearest;
    double score;
    bool found, several; /* several: they are not one organisation */
} longer;

static longer find_longer(hp_linker *l, uint32_t a, const uint32_t *record, const uint8_t *words, size_t n,
                          size_t at, bool by_domain) {
    longer out = {0};
    uint32_t root = hp_link_root(l, a);
    for (size_t k = 0; k < n; k++) {
        double score;
        if (words[k] <= words[at] || hp_link_root(l, record[k]) == root) continue;
        if (!is_within(l, a, record[k], by_domain, &score)) continue;
        if (out.found && hp_link_root(l, record[k]) != hp_link_root(l, out.nearest)) out.several = true;
        if (!out.found || score > out.score) {
            out.nearest = record[k];
            out.score = score;
        }
        out.found = true;
    }
    return out;
}

static hp_code finish(hp_linker *l, const uint32_t *record, size_t n, hp_vid on, bool by_domain,
                      hp_err *err) {
    uint8_t words[HP_BLOCK_MAX];
    for (size_t i = 0; i < n; i++) words[i] = (uint8_t)hp_name_words(l->name[record[i]]);
    /* Longest first: what a name is within is settled when its turn comes. */
    for (size_t len = HP_NAME_WORDS; len-- > 1;) {
        for (size_t i = 0; i < n; i++) {
            if (words[i] != len) continue;
            longer b = find_longer(l, record[i], record, words, n, i, by_domain);
            if (!b.found) continue;
            bool apart = b.several || places_differ(l, record[i], b.nearest)
                         || (by_domain && is_domain_of_several(l, record[i], b.nearest, on));
            if (apart)
                hp_link_near(l, record[i], b.nearest, by_domain ? HP_NEAR_DOMAIN : HP_NEAR_PHONE, b.score,
                             on);
            else
                HP_TRY(hp_link(l, record[i], b.nearest, by_domain ? HP_MATCH_DOMAIN : HP_MATCH_PHONE, b.score,
                               on, err));
        }
    }
    return HP_OK;
}

static hp_code finish_by_domain(hp_linker *l, const uint32_t *record, size_t n, hp_vid on, hp_err *err) {
    return finish(l, record, n, on, true, err);
}

static hp_code finish_by_phone(hp_linker *l, const uint32_t *record, size_t n, hp_vid on, hp_err *err) {
    return finish(l, record, n, on, false, err);
}

/* ---- what records share ---- */

static hp_code collect_identifiers(hp_linker *l, unsigned kinds, hp_block_items *items, hp_err *err) {
    for (uint32_t i = 0; i < l->in->norg; i++)
        for (uint32_t k = l->id_start[i]; k < l->id_start[i + 1]; k++)
            if (l->id.p[k].kind & kinds) HP_TRY(hp_block_add(items, l->id.p[k].v, l->id.p[k].v, i, err));
    return HP_OK;
}

static hp_code collect_domains(hp_linker *l, hp_block_items *items, hp_err *err) {
    return collect_identifiers(l, HP_ID_DOMAIN | HP_ID_FREE_MAIL, items, err);
}

static hp_code collect_phones(hp_linker *l, hp_block_items *items, hp_err *err) {
    return collect_identifiers(l, HP_ID_PHONE, items, err);
}

/* A name of one word shares its first word only with itself. */
static hp_code collect_spellings(hp_linker *l, hp_block_items *items, hp_err *err) {
    for (uint32_t i = 0; i < l->in->norg; i++) {
        const hp_org *o = &l->in->org[i];
        size_t word = hp_str_chr(l->name[i], ' ', 0);
        if (!hp_is_organization(l, i) || o->f[HP_F_PROVINCE].v == HP_NULL || word == SIZE_MAX) continue;
        uint64_t key = hp_hash_u64(hp_hash(hp_str_cut(l->name[i], 0, word)) + o->f[HP_F_PROVINCE].v);
        HP_TRY(hp_block_add(items, key, o->name_key, i, err));
    }
    return HP_OK;
}

static hp_code compare(hp_linker *l, hp_code (*collect)(hp_linker *, hp_block_items *, hp_err *),
                       const hp_block_kind *kind, hp_err *err) {
    hp_block_items items = {0};
    hp_code code = collect(l, &items, err);
    if (code == HP_OK) code = hp_block_compare(l, &items, kind, err);
    hp_vec_free(&items);
    return code;
}

hp_code hp_link_organizations(hp_linker *l, hp_err *err) {
    static const hp_block_kind DOMAIN = {pair_by_domain, finish_by_domain, HP_BLOCK_MAX, true,
                                         true,           "a domain"};
    static const hp_block_kind PHONE = {pair_by_phone, finish_by_phone, HP_BLOCK_MAX,
                                        true,          false,           "a phone number"};
    static const hp_block_kind SPELLING = {pair_by_spelling,
                                           NULL,
                                           HP_TYPO_BLOCK_MAX,
                                           true,
                                           true,
                                           "the first word of this name and its province"};
    HP_TRY(hp_find_evidence(l, err));
    HP_TRY(hp_link_same_names(l, err));
    HP_TRY(compare(l, collect_domains, &DOMAIN, err));
    HP_TRY(compare(l, collect_phones, &PHONE, err));
    return compare(l, collect_spellings, &SPELLING, err);
}
