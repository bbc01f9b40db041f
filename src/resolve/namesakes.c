#include <stdlib.h>

#include "base/map.h"
#include "resolve/linker.h"

#include "base/banned.h"

/* The rule for equal names. Records of one name are one organisation unless the evidence is against it. They
 * are united in steps, from what proves most to what proves least (STEPS, below); each step looks at the
 * records that share something: a phone, a domain, a city ... Of the sets that are there by then, some are
 * firm: they know enough to tell themselves apart from each other. One firm set takes in all the others of
 * its step, none leaves all the others one; but where several are firm, they stay apart, and so does what is
 * not firm, for nobody can say which of them it is. */

enum { HAS_CITY = 32, HAS_PROVINCE = 64 }; /* beside the bits of hp_id_kind */
enum { HAS_SOME_ID = HP_ID_PHONE | HP_ID_DOMAIN | HP_ID_FREE_MAIL };

typedef enum where { ANYWHERE, PLACE, CITY, PROVINCE } where;

typedef struct step {
    unsigned share; /* kinds of identifiers, one of which must be the same; 0: none */
    where where;    /* what must be the same about the place */
    /* A set is firm when it has a place, all of `all`, and some of `any` (0: anything); none is when both are
     * 0. */
    unsigned all, any;
    hp_near_kind near;      /* what to note on sets that are not firm, where several are */
    hp_near_kind near_firm; /* on firm ones */
} step;

static const step STEPS[] = {
    /* A phone or an address of free mail has one owner; so has the rest, within one place. */
    {HP_ID_PHONE | HP_ID_FREE_MAIL, ANYWHERE, 0, 0, HP_NEAR_NONE, HP_NEAR_NONE},
    {HP_ID_DOMAIN | HP_ID_PERSON | HP_ID_ADDRESS, PLACE, 0, 0, HP_NEAR_NONE, HP_NEAR_NONE},
    /* One domain in several cities, with other phones in each: branches, or companies that were named alike.
     */
    {HP_ID_DOMAIN, PROVINCE, HAS_CITY | HP_ID_PHONE, 0, HP_NEAR_DOMAIN, HP_NEAR_DOMAIN},
    {HP_ID_DOMAIN, ANYWHERE, HAS_CITY | HP_ID_PHONE, 0, HP_NEAR_DOMAIN, HP_NEAR_DOMAIN},
    /* In one city both the domain and the phones must be known to differ. */
    {0, CITY, HP_ID_PHONE | HP_ID_DOMAIN, 0, HP_NEAR_NAME, HP_NEAR_PLACE},
    {0, PROVINCE, HAS_CITY, HAS_SOME_ID, HP_NEAR_NAME, HP_NEAR_NONE},
    /* In different places anything that could be shared and is not. */
    {0, ANYWHERE, 0, HAS_SOME_ID, HP_NEAR_NAME, HP_NEAR_NONE},
};

/* Name what a record of a group has: its number in the group, and the thing. */
typedef struct item {
    uint64_t key;
    size_t seq; /* in the order of records; of the first with this key, after sorting */
    uint32_t member;
    hp_vid on;
} item;

typedef HP_VEC(item) items;

/* Hold the records of one name. All arrays have one entry a record. */
typedef struct group {
    hp_linker *l;
    const uint32_t *record; /* ascending */
    uint32_t n;
    uint32_t nset;
    uint32_t *set; /* union-find over 0 .. n-1; the root is the lowest */
    uint8_t *has;  /* at roots: what the set has */
} group;

static uint32_t root_of(group *g, uint32_t i) {
    while (g->set[i] != i) {
        g->set[i] = g->set[g->set[i]];
        i = g->set[i];
    }
    return i;
}

static void unite(group *g, uint32_t a, uint32_t b) {
    uint32_t ra = root_of(g, a), rb = root_of(g, b);
    if (ra == rb) return;
    uint32_t low = ra < rb ? ra : rb, high = ra + rb - low;
    g->set[high] = low;
    g->has[low] |= g->has[high];
    g->nset--;
}

/* ---- what is firm ---- */

/* Hold the firm sets of a block. Sets that know only their city and sets that know only their province cannot
 * be told apart, so they are counted by each. */
typedef struct firm {
    uint32_t by_city, by_province; /* the first; UINT32_MAX: none */
    bool several;
} firm;

static bool is_firm(const step *s, unsigned has) {
    if (!(s->all | s->any) || !(has & (HAS_CITY | HAS_PROVINCE))) return false;
    return (has & s->all) == s->all && (!s->any || (has & s->any));
}

static void count(firm *f, uint32_t *first, uint32_t root) {
    if (*first == UINT32_MAX) *first = root;
    if (*first != root) f->several = true;
}

static firm find_firm(group *g, const step *s, const item *block, size_t n) {
    firm f = {UINT32_MAX, UINT32_MAX, false};
    for (size_t i = 0; i < n && !f.several; i++) {
        uint32_t root = root_of(g, block[i].member);
        if (!is_firm(s, g->has[root])) continue;
        if (g->has[root] & HAS_CITY) count(&f, &f.by_city, root);
        if (g->has[root] & HAS_PROVINCE) count(&f, &f.by_province, root);
    }
    return f;
}

/* Notes on each set of a block, at its first record, that it may be the firm set which is first. */
static void note(group *g, const step *s, const item *block, size_t n, const firm *f) {
    uint32_t first = f->by_city != UINT32_MAX ? f->by_city : f->by_province;
    for (size_t i = 0; i < n; i++) {
        uint32_t root = root_of(g, block[i].member);
        hp_near_kind kind = is_firm(s, g->has[root]) ? s->near_firm : s->near;
        if (root == first || kind == HP_NEAR_NONE) continue;
        hp_link_doubt(g->l, g->record[root], g->record[first], kind, 1, block[i].on);
    }
}

static void settle(group *g, const step *s, const item *block, size_t n) {
    firm f = find_firm(g, s, block, n);
    if (f.several)
        note(g, s, block, n, &f);
    else
        for (size_t i = 1; i < n; i++) unite(g, block[0].member, block[i].member);
}

/* ---- what records share ---- */

/* Finds the place of a record that counts in a step; false when it is not known and must be. */
static bool place_of(const hp_linker *l, uint32_t record, where w, hp_vid *place) {
    hp_vid city = l->city[record], province = l->province[record];
    *place = w == ANYWHERE                  ? HP_NULL
             : w == PROVINCE                ? province
             : w == CITY || city != HP_NULL ? city
                                            : province;
    return *place != HP_NULL || w == ANYWHERE || w == PLACE;
}

static bool add_item(items *out, hp_vid thing, hp_vid place, uint32_t member, hp_vid on) {
    item it = {.key = (uint64_t)thing << 32 | place, .seq = out->n, .member = member, .on = on};
    return hp_vec_push(out, it);
}

static bool collect(const group *g, const step *s, items *out) {
    const hp_linker *l = g->l;
    out->n = 0;
    for (uint32_t i = 0; i < g->n; i++) {
        uint32_t r = g->record[i];
        hp_vid place;
        if (!place_of(l, r, s->where, &place)) continue;
        if (!s->share && !add_item(out, HP_NULL, place, i, l->in->org[r].name_key)) return false;
        for (uint32_t k = l->id_start[r]; k < l->id_start[r + 1]; k++) {
            if (!(l->id.p[k].kind & s->share)) continue;
            if (!add_item(out, l->id.p[k].v, place, i, l->id.p[k].v)) return false;
        }
    }
    return true;
}

static int by_key(const void *a, const void *b) {
    const item *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static int by_first(const void *a, const void *b) {
    const item *x = a, *y = b;
    if (x->seq != y->seq) return x->seq < y->seq ? -1 : 1;
    return x->member < y->member ? -1 : x->member > y->member;
}

/* Brings items of one key together, in the order of their first records: what is settled first must not
 * depend on the numbers that values happen to have. */
static void group_items(items *list) {
    qsort(list->p, list->n, sizeof *list->p, by_key);
    for (size_t i = 1; i < list->n; i++)
        if (list->p[i].key == list->p[i - 1].key) list->p[i].seq = list->p[i - 1].seq;
    qsort(list->p, list->n, sizeof *list->p, by_first);
}

static bool take_step(group *g, const step *s, items *list) {
    if (!collect(g, s, list)) return false;
    if (list->n < 2) return true;
    group_items(list);
    for (size_t i = 0, end; i < list->n; i = end) {
        for (end = i + 1; end < list->n && list->p[end].seq == list->p[i].seq;) end++;
        if (end - i > 1) settle(g, s, list->p + i, end - i);
    }
    return true;
}

/* ---- one name ---- */

static uint8_t what_has(const hp_linker *l, uint32_t record) {
    unsigned has = (l->city[record] ? HAS_CITY : 0) | (l->province[record] ? HAS_PROVINCE : 0);
    for (uint32_t k = l->id_start[record]; k < l->id_start[record + 1]; k++) has |= l->id.p[k].kind;
    return (uint8_t)has;
}

static hp_code link_sets(group *g, hp_err *err) {
    hp_linker *l = g->l;
    for (uint32_t i = 0; i < g->n; i++) {
        uint32_t r = g->record[i], root = g->record[root_of(g, i)];
        l->namesake[r] = g->nset > 1;
        if (root != r) HP_TRY(hp_link(l, root, r, HP_MATCH_NAME, 1, l->in->org[r].name_key, err));
    }
    return HP_OK;
}

static hp_code link_group(group *g, items *list, hp_err *err) {
    for (uint32_t i = 0; i < g->n; i++) {
        g->set[i] = i;
        g->has[i] = what_has(g->l, g->record[i]);
    }
    g->nset = g->n;
    for (size_t i = 0; i < sizeof STEPS / sizeof *STEPS && g->nset > 1; i++)
        if (!take_step(g, &STEPS[i], list)) return hp_fail_memory(err, "the names of the records");
    return link_sets(g, err);
}

/* ---- all names ---- */

/* Numbers the names by their first record. number[i] of record i; UINT32_MAX where it has none. */
static hp_code number_names(hp_linker *l, uint32_t *number, uint32_t *nname, hp_err *err) {
    hp_imap seen = {0};
    hp_code code = HP_OK;
    *nname = 0;
    for (uint32_t i = 0; i < l->in->norg && code == HP_OK; i++) {
        bool added;
        number[i] = UINT32_MAX;
        if (!hp_is_organization(l, i)) continue;
        if (!hp_imap_add(&seen, l->in->org[i].name_key, *nname, &number[i], &added))
            code = hp_fail_memory(err, "the names of the records");
        else
            *nname += added;
    }
    hp_imap_free(&seen);
    return code;
}

static hp_code link_groups(group *g, const uint32_t *record, const uint32_t *start, uint32_t nname,
                           hp_err *err) {
    items list = {0};
    hp_code code = HP_OK;
    for (uint32_t k = 0; k < nname && code == HP_OK; k++) {
        g->record = record + start[k];
        g->n = start[k + 1] - start[k];
        if (g->n > 1) code = link_group(g, &list, err);
    }
    hp_vec_free(&list);
    return code;
}

hp_code hp_link_same_names(hp_linker *l, hp_err *err) {
    size_t n = l->in->norg;
    l->namesake = HP_NEW_ARRAY(l->tmp, n, bool);
    uint32_t *number = HP_NEW_ARRAY(l->tmp, n, uint32_t), *start = HP_NEW_ARRAY(l->tmp, n + 2, uint32_t);
    uint32_t *record = HP_NEW_ARRAY(l->tmp, n, uint32_t), nname;
    group g = {.l = l, .set = HP_NEW_ARRAY(l->tmp, n, uint32_t), .has = HP_NEW_ARRAY(l->tmp, n, uint8_t)};
    if (!l->namesake || !number || !start || !record || !g.set || !g.has)
        return hp_fail_memory(err, "the names of the records");
    HP_TRY(number_names(l, number, &nname, err));
    /* start[k + 1] is where name k begins while its records are placed, and so in the end where it ends. */
    for (size_t i = 0; i < n; i++)
        if (number[i] != UINT32_MAX) start[number[i] + 2]++;
    for (size_t k = 2; k < (size_t)nname + 1; k++) start[k] += start[k - 1];
    for (uint32_t i = 0; i < n; i++)
        if (number[i] != UINT32_MAX) record[start[number[i] + 1]++] = i;
    return link_groups(&g, record, start, nname, err);
}
