#include "base/hash.h"
#include "base/map.h"
#include "resolve/domain.h"
#include "resolve/linker.h"

#include "base/banned.h"

/* The rule, in full. Two organisation records are one when
 *  - their name keys are equal; or
 *  - they share a registrable domain (of the website, or of an e-mail address unless it is free mail), or the
 *    whole address where it is free mail, or a phone; AND their names are similar (at least the profile's
 *    threshold: Jaro-Winkler, words in any order, or the share of letters that need no mending); AND the
 * words that they do not share are spellings of each other: "Kestrel Air Charter" and "Kestrel Air Academy"
 * are alike by any measure of strings, yet two organisations; numbers that differ ("Hangar 1", "Hangar 2")
 * never are spellings; or
 *  - they share such a domain AND all words of one name, at least two, are in the other's ("Kestrel Air",
 * "Kestrel Air Charter"), or they share a phone, and that is so, and the names are similar; but not when
 * their cities differ (or, where a city is not known, their provinces), nor when the longer names that share
 * it are several organisations, for then nobody can say which of the branches the short name means. */

static hp_code pair(hp_linker *l, uint32_t a, uint32_t b, hp_vid on, hp_match_reason reason,
                    hp_near_kind near, hp_err *err) {
    double score;
    size_t shared;
    if (hp_name_bound(l->sketch[a], l->sketch[b]) < HP_NEAR_SIMILARITY) return HP_OK;
    score = hp_name_likeness(l->name[a], l->name[b], l->threshold);
    if (score < HP_NEAR_SIMILARITY) return HP_OK;
    hp_name_difference d = hp_name_differ(l->name[a], l->name[b], &shared);
    if (score >= l->threshold && d == HP_DIFF_NONE) return hp_link(l, a, b, reason, score, on, err);
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
    if (hp_name_bound(l->sketch[a], l->sketch[b]) < HP_TYPO_SIMILARITY) return HP_OK;
    double score = hp_name_similarity(l->name[a], l->name[b]);
    if (score >= HP_TYPO_SIMILARITY && hp_name_differ(l->name[a], l->name[b], &shared) != HP_DIFF_WORDS)
        hp_link_near(l, a, b, HP_NEAR_SPELLING, score, HP_NULL);
    return HP_OK;
}

static bool texts_differ(const hp_linker *l, hp_vid a, hp_vid b) {
    return a != b && !hp_str_ieq(hp_text(l->run->pool, a), hp_text(l->run->pool, b));
}

/* Tells whether two records stand in different places: by city where both have one, else by province. */
static bool places_differ(const hp_linker *l, uint32_t a, uint32_t b) {
    const hp_datum *x = l->in->org[a].f, *y = l->in->org[b].f;
    for (size_t i = 0; i < 2; i++) {
        hp_field f = i == 0 ? HP_F_CITY : HP_F_PROVINCE;
        if (x[f].v != HP_NULL && y[f].v != HP_NULL) return texts_differ(l, x[f].v, y[f].v);
    }
    return false;
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
            if (b.several || places_differ(l, record[i], b.nearest))
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

/* Finds what a website or e-mail address says about whose it is: its domain; the address itself when the mail
 * is free; HP_NULL when nothing. */
static hp_code owner_of(hp_linker *l, hp_vid v, bool is_mail, hp_vid *out, hp_err *err) {
    hp_str s = hp_text(l->run->pool, v);
    *out = HP_NULL;
    if (is_mail) {
        size_t at = hp_str_chr(s, '@', 0);
        if (at == SIZE_MAX) return HP_OK;
        s = hp_str_cut(s, at + 1, s.n);
        if (hp_is_free_mail(l->p, s)) {
            *out = v;
            return HP_OK;
        }
    }
    hp_str domain = hp_registrable_domain(s);
    if (domain.n == 0 || hp_is_shared_host(domain)) return HP_OK;
    return hp_intern(l->run->pool, domain, out, err);
}

/* Holds the owners of values that were seen: owner[v], valid where known[v]. */
typedef struct owners {
    hp_vid *owner;
    bool *known;
} owners;

static hp_code add_owner(hp_linker *l, owners *seen, hp_vid v, bool is_mail, uint32_t record,
                         hp_block_items *items, hp_err *err) {
    if (v == HP_NULL) return HP_OK;
    if (!seen->known[v]) {
        HP_TRY(owner_of(l, v, is_mail, &seen->owner[v], err));
        seen->known[v] = true;
    }
    return seen->owner[v] == HP_NULL ? HP_OK
                                     : hp_block_add(items, seen->owner[v], seen->owner[v], record, err);
}

static bool is_comparable(const hp_linker *l, uint32_t i) {
    return !l->in->org[i].person && l->in->org[i].name_key != HP_NULL;
}

static hp_code collect_domains(hp_linker *l, hp_block_items *items, hp_err *err) {
    size_t values = (size_t)hp_pool_count(l->run->pool) + 1;
    owners seen = {HP_NEW_ARRAY(l->tmp, values, hp_vid), HP_NEW_ARRAY(l->tmp, values, bool)};
    if (!seen.owner || !seen.known) return hp_fail_memory(err, "the domains of the records");
    for (uint32_t i = 0; i < l->in->norg; i++) {
        if (!is_comparable(l, i)) continue;
        const hp_org *o = &l->in->org[i];
        HP_TRY(add_owner(l, &seen, o->f[HP_F_WEBSITE].v, false, i, items, err));
        for (uint32_t c = 0; c < o->ncontact; c++) {
            const hp_contact *k = &l->in->contact[o->contact + c];
            for (uint32_t e = 0; e < k->nemail; e++)
                HP_TRY(add_owner(l, &seen, l->in->datum[k->email + e].v, true, i, items, err));
        }
    }
    return HP_OK;
}

static hp_code collect_phones(hp_linker *l, hp_block_items *items, hp_err *err) {
    for (uint32_t i = 0; i < l->in->norg; i++) {
        if (!is_comparable(l, i)) continue;
        const hp_org *o = &l->in->org[i];
        for (uint32_t c = 0; c < o->ncontact; c++) {
            const hp_contact *k = &l->in->contact[o->contact + c];
            for (uint32_t e = 0; e < k->nphone; e++) {
                hp_vid v = l->in->datum[k->phone + e].v;
                if (v != HP_NULL) HP_TRY(hp_block_add(items, v, v, i, err));
            }
        }
    }
    return HP_OK;
}

/* A name of one word shares its first word only with itself. */
static hp_code collect_spellings(hp_linker *l, hp_block_items *items, hp_err *err) {
    for (uint32_t i = 0; i < l->in->norg; i++) {
        const hp_org *o = &l->in->org[i];
        size_t word = hp_str_chr(l->name[i], ' ', 0);
        if (!is_comparable(l, i) || o->f[HP_F_PROVINCE].v == HP_NULL || word == SIZE_MAX) continue;
        uint64_t key = hp_hash_u64(hp_hash(hp_str_cut(l->name[i], 0, word)) + o->f[HP_F_PROVINCE].v);
        HP_TRY(hp_block_add(items, key, o->name_key, i, err));
    }
    return HP_OK;
}

static hp_code link_same_names(hp_linker *l, hp_err *err) {
    hp_imap first = {0};
    hp_code code = HP_OK;
    for (uint32_t i = 0; i < l->in->norg && code == HP_OK; i++) {
        uint32_t other;
        bool added;
        if (!is_comparable(l, i)) continue;
        hp_vid key = l->in->org[i].name_key;
        if (!hp_imap_add(&first, key, i, &other, &added))
            code = hp_fail_memory(err, "the names of the records");
        else if (!added)
            code = hp_link(l, other, i, HP_MATCH_NAME, 1, key, err);
    }
    hp_imap_free(&first);
    return code;
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
    HP_TRY(link_same_names(l, err));
    HP_TRY(compare(l, collect_domains, &DOMAIN, err));
    HP_TRY(compare(l, collect_phones, &PHONE, err));
    return compare(l, collect_spellings, &SPELLING, err);
}
