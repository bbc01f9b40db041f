#include "base/hash.h"
#include "base/map.h"
#include "base/utf8.h"
#include "resolve/linker.h"

#include "base/banned.h"

/* The rule for people, and for a person and an organisation: a name alone is not enough, for many people bear
 * it. The same name (words in any order) and one more thing that agrees, or a similar name (the profile's
 * threshold) and two: date of birth, national identifier, an e-mail address, a phone, postal code, address.
 * National identifiers that differ by more than two typing errors forbid the match; dates of birth that
 * differ by more than one ask for one more thing. Where the national identifier and two more things agree,
 * names that are alike by 0.8 or share a word are enough: given names are left out, family names change. */

enum { ITEM_EMAIL, ITEM_PHONE, ITEM_BIRTH, ITEM_ID, ITEM_ADDRESS, ITEM_POSTAL };

typedef struct range {
    uint32_t first, n;
} range;

static range channel(const hp_contact *c, bool phone) {
    return phone ? (range){c->phone, c->nphone} : (range){c->email, c->nemail};
}

static bool contact_has(const hp_records *in, const hp_org *o, bool phone, hp_vid v) {
    for (uint32_t c = 0; c < o->ncontact; c++) {
        range r = channel(&in->contact[o->contact + c], phone);
        for (uint32_t i = 0; i < r.n; i++)
            if (in->datum[r.first + i].v == v) return true;
    }
    return false;
}

static bool shares_channel(const hp_records *in, const hp_org *a, const hp_org *b, bool phone) {
    for (uint32_t c = 0; c < a->ncontact; c++) {
        range r = channel(&in->contact[a->contact + c], phone);
        for (uint32_t i = 0; i < r.n; i++) {
            hp_vid v = in->datum[r.first + i].v;
            if (v != HP_NULL && contact_has(in, b, phone, v)) return true;
        }
    }
    return false;
}

static bool agrees(hp_vid a, hp_vid b) { return a != HP_NULL && a == b; }

static bool contradicts(const hp_linker *l, hp_vid a, hp_vid b, unsigned errors) {
    if (a == HP_NULL || b == HP_NULL || a == b) return false;
    return hp_str_distance(hp_text(l->run->pool, a), hp_text(l->run->pool, b)) > errors;
}

static unsigned count_agreements(const hp_linker *l, uint32_t a, uint32_t b) {
    const hp_org *x = &l->in->org[a], *y = &l->in->org[b];
    return (unsigned)agrees(x->f[HP_F_CONTACT_BIRTH_DATE].v, y->f[HP_F_CONTACT_BIRTH_DATE].v)
           + (unsigned)agrees(x->f[HP_F_CONTACT_NATIONAL_ID].v, y->f[HP_F_CONTACT_NATIONAL_ID].v)
           + (unsigned)agrees(x->f[HP_F_POSTAL_CODE].v, y->f[HP_F_POSTAL_CODE].v)
           + (unsigned)(l->address[a] != 0 && l->address[a] == l->address[b])
           + (unsigned)shares_channel(l->in, x, y, false) + (unsigned)shares_channel(l->in, x, y, true);
}

static bool shares_word(const hp_linker *l, uint32_t a, uint32_t b) {
    size_t shared;
    hp_name_differ(l->name[a], l->name[b], &shared);
    return shared > 0;
}

static bool is_one_person(hp_linker *l, uint32_t a, uint32_t b, double *score) {
    const hp_datum *x = l->in->org[a].f, *y = l->in->org[b].f;
    bool same = l->in->org[a].name_key == l->in->org[b].name_key;
    bool same_id = agrees(x[HP_F_CONTACT_NATIONAL_ID].v, y[HP_F_CONTACT_NATIONAL_ID].v);
    if (!same && !same_id && hp_name_bound(l->sketch[a], l->sketch[b]) < l->threshold) return false;
    if (contradicts(l, x[HP_F_CONTACT_NATIONAL_ID].v, y[HP_F_CONTACT_NATIONAL_ID].v, 2)) return false;
    unsigned doubt = contradicts(l, x[HP_F_CONTACT_BIRTH_DATE].v, y[HP_F_CONTACT_BIRTH_DATE].v, 1);
    unsigned agreed = count_agreements(l, a, b);
    if (agreed < 1 + doubt) return false;
    *score = same ? 1 : hp_name_likeness(l->name[a], l->name[b], l->threshold);
    if (*score >= l->threshold) return agreed >= doubt + (*score < 1 ? 2 : 1);
    return same_id && agreed >= 3 + doubt && (*score >= HP_NEAR_SIMILARITY || shares_word(l, a, b));
}

static hp_code pair_people(hp_linker *l, uint32_t a, uint32_t b, hp_vid on, hp_err *err) {
    (void)on;
    double score;
    if (!l->in->org[a].person && !l->in->org[b].person) return HP_OK;
    if (!is_one_person(l, a, b, &score)) return HP_OK;
    return hp_link(l, a, b, HP_MATCH_PERSON, score, l->in->org[a].name_key, err);
}

static hp_code add(hp_block_items *items, int kind, uint64_t thing, uint32_t record, hp_err *err) {
    if (thing == 0) return HP_OK;
    return hp_block_add(items, hp_hash_u64(thing * 8 + (uint64_t)kind), HP_NULL, record, err);
}

static hp_code collect_channels(hp_linker *l, uint32_t i, hp_block_items *items, hp_err *err) {
    const hp_org *o = &l->in->org[i];
    for (uint32_t c = 0; c < 2 * o->ncontact; c++) {
        bool phone = c % 2;
        range r = channel(&l->in->contact[o->contact + c / 2], phone);
        for (uint32_t e = 0; e < r.n; e++)
            HP_TRY(add(items, phone ? ITEM_PHONE : ITEM_EMAIL, l->in->datum[r.first + e].v, i, err));
    }
    return HP_OK;
}

/* Two things must agree when the names are not the same, and one of them is not the postal code: so it makes
 * blocks only together with the name. */
static hp_code collect(hp_linker *l, hp_block_items *items, hp_err *err) {
    for (uint32_t i = 0; i < l->in->norg; i++) {
        const hp_org *o = &l->in->org[i];
        if (o->name_key == HP_NULL) continue;
        HP_TRY(collect_channels(l, i, items, err));
        HP_TRY(add(items, ITEM_BIRTH, o->f[HP_F_CONTACT_BIRTH_DATE].v, i, err));
        HP_TRY(add(items, ITEM_ID, o->f[HP_F_CONTACT_NATIONAL_ID].v, i, err));
        HP_TRY(add(items, ITEM_ADDRESS, l->address[i], i, err));
        uint64_t postal = o->f[HP_F_POSTAL_CODE].v;
        if (postal) HP_TRY(add(items, ITEM_POSTAL, (uint64_t)o->name_key << 32 | postal, i, err));
    }
    return HP_OK;
}

/* Addresses are compared folded, by hash: 64 bits tell any number of addresses apart that memory can hold. */
static hp_code fold_addresses(hp_linker *l, hp_err *err) {
    l->address = HP_NEW_ARRAY(l->tmp, l->in->norg, uint64_t);
    if (!l->address) return hp_fail_memory(err, "the addresses of the records");
    hp_autobuf fold = hp_buf_new(64u << 20);
    for (size_t i = 0; i < l->in->norg; i++) {
        hp_vid v = l->in->org[i].f[HP_F_ADDRESS].v;
        if (v == HP_NULL) continue;
        hp_buf_clear(&fold);
        hp_utf8_fold(hp_text(l->run->pool, v), &fold);
        HP_TRY(hp_buf_check(&fold, "an address", err));
        l->address[i] = fold.n ? hp_hash(hp_buf_str(&fold)) : 0;
    }
    return HP_OK;
}

/* Notes people of one name whom nothing else holds together; each against the one before. */
static hp_code note_namesakes(hp_linker *l, hp_err *err) {
    hp_imap last = {0};
    hp_code code = HP_OK;
    for (uint32_t i = 0; i < l->in->norg && code == HP_OK; i++) {
        const hp_org *o = &l->in->org[i];
        uint32_t before;
        if (o->name_key == HP_NULL) continue;
        if (hp_imap_get(&last, o->name_key, &before) && hp_link_root(l, before) != hp_link_root(l, i))
            hp_link_near(l, before, i, HP_NEAR_PERSON, 1, o->name_key);
        if (!hp_imap_put(&last, o->name_key, i)) code = hp_fail_memory(err, "the names of the records");
    }
    hp_imap_free(&last);
    return code;
}

hp_code hp_link_people(hp_linker *l, hp_err *err) {
    static const hp_block_kind PEOPLE = {
        pair_people, NULL,  HP_BLOCK_MAX,
        false,       false, "a date of birth, address, e-mail address or phone number"};
    HP_TRY(fold_addresses(l, err));
    hp_block_items items = {0};
    hp_code code = collect(l, &items, err);
    if (code == HP_OK) code = hp_block_compare(l, &items, &PEOPLE, err);
    hp_vec_free(&items);
    return code == HP_OK ? note_namesakes(l, err) : code;
}
