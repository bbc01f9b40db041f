#include <stdlib.h>

#include "base/utf8.h"
#include "merge/merger.h"

#include "base/banned.h"

#define NOBODY UINT32_MAX

hp_code hp_fold_contacts(hp_merger *m, hp_err *err) {
    m->fold = HP_NEW_ARRAY(m->tmp, m->in->ncontact, hp_vid);
    if (!m->fold) return hp_fail_memory(err, "the names of contacts");
    for (size_t i = 0; i < m->in->ncontact; i++) {
        hp_vid name = m->in->contact[i].name.v;
        if (name == HP_NULL) continue;
        hp_buf_clear(&m->text);
        hp_utf8_fold(hp_text(m->run->pool, name), &m->text);
        HP_TRY(hp_buf_check(&m->text, "a name", err));
        HP_TRY(hp_intern(m->run->pool, hp_buf_str(&m->text), &m->fold[i], err));
    }
    return HP_OK;
}

static hp_vid fold_of(const hp_merger *m, const hp_contact *c) { return m->fold[c - m->in->contact]; }

/* ---- who is who ---- */

static bool has_word(hp_str name, hp_str word) {
    for (hp_str rest = name, part; hp_str_next(&rest, ' ', &part);) {
        /* "T" or "T." stands for "Thandi". */
        bool initial = word.n == 1 || (word.n == 2 && word.p[1] == '.');
        if (hp_str_eq(part, word) || (initial && part.n && part.p[0] == word.p[0])) return true;
    }
    return false;
}

static bool is_within(hp_str a, hp_str b) {
    for (hp_str rest = a, part; hp_str_next(&rest, ' ', &part);)
        if (part.n && !has_word(b, part)) return false;
    return true;
}

/* Tells whether two folded names may be one person's, who shares an e-mail address: one within the other
 * ("Thandi", "T. Nkosi", "Thandi Nkosi"), or a typing error apart for each six letters. Two people who share
 * info@ are not. */
static bool may_be_one(hp_str a, hp_str b) {
    size_t shorter = a.n < b.n ? a.n : b.n;
    return is_within(a, b) || is_within(b, a) || hp_str_distance(a, b) <= shorter / 6;
}

static uint32_t owner(const hp_merger *m, hp_vid v) {
    return v != HP_NULL && m->mark[v].stamp == m->mark_stamp ? m->mark[v].person : NOBODY;
}

static void own(hp_merger *m, hp_vid v, uint32_t person) {
    if (v != HP_NULL && owner(m, v) == NOBODY) m->mark[v] = (hp_mark){m->mark_stamp, person};
}

static uint32_t owner_of_any(const hp_merger *m, uint32_t first, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        uint32_t p = owner(m, m->in->datum[first + i].v);
        if (p != NOBODY) return p;
    }
    return NOBODY;
}

/* A switchboard is shared by many, so a phone says who somebody is only where nothing else could: a name
 * without an e-mail address, one within the other ("Thandi", "Thandi Nkosi"). */
static uint32_t find_by_phone(const hp_merger *m, const hp_contact *c, hp_vid fold) {
    uint32_t p = c->nemail == 0 ? owner_of_any(m, c->phone, c->nphone) : NOBODY;
    if (p == NOBODY || m->person.p[p].fold == HP_NULL) return NOBODY;
    hp_str a = hp_text(m->run->pool, fold), b = hp_text(m->run->pool, m->person.p[p].fold);
    return is_within(a, b) || is_within(b, a) ? p : NOBODY;
}

static uint32_t find_person(const hp_merger *m, const hp_contact *c) {
    hp_vid fold = fold_of(m, c);
    uint32_t p = owner(m, fold);
    if (p != NOBODY) return p;
    p = owner_of_any(m, c->email, c->nemail);
    if (fold == HP_NULL) return p == NOBODY && c->nemail == 0 ? owner_of_any(m, c->phone, c->nphone) : p;
    if (p == NOBODY) return find_by_phone(m, c, fold);
    if (m->person.p[p].fold == HP_NULL) return p;
    return may_be_one(hp_text(m->run->pool, fold), hp_text(m->run->pool, m->person.p[p].fold)) ? p : NOBODY;
}

static uint32_t count_words(hp_str s) {
    uint32_t n = 0;
    for (hp_str part; hp_str_next(&s, ' ', &part);) n += part.n > 0;
    return n;
}

/* Takes over what a contact says of the person: the first value of each, but the name with most words. */
static void add_to_person(hp_merger *m, hp_person *p, const hp_member *k) {
    const hp_contact *c = k->c;
    hp_candidate name = {c->name.v, c->name.at, c->org, c->last_date},
                 role = {c->role.v, c->role.at, c->org, c->last_date};
    uint32_t words = count_words(hp_text(m->run->pool, c->name.v));
    if (words > p->words) {
        p->name = name;
        p->fold = fold_of(m, c);
        p->words = words;
    }
    if (p->role.v == HP_NULL && role.v != HP_NULL) p->role = role;
    if (p->title == HP_NULL) p->title = c->title.v;
    if (k->order < p->order) {
        p->order = k->order;
        p->rank = k->rank;
    }
    p->row.n++;
}

static hp_code assign(hp_merger *m, hp_member *k, hp_err *err) {
    const hp_contact *c = k->c;
    k->person = find_person(m, c);
    if (k->person == NOBODY) {
        hp_person fresh = {.order = UINT32_MAX, .name = {.record = c->org}};
        k->person = (uint32_t)m->person.n;
        if (!hp_vec_push(&m->person, fresh)) return hp_fail_memory(err, "the contacts of an organisation");
    }
    add_to_person(m, &m->person.p[k->person], k);
    own(m, fold_of(m, c), k->person);
    for (uint32_t i = 0; i < c->nemail; i++) own(m, m->in->datum[c->email + i].v, k->person);
    for (uint32_t i = 0; i < c->nphone; i++) own(m, m->in->datum[c->phone + i].v, k->person);
    return HP_OK;
}

static bool says_nothing(const hp_contact *c) {
    return c->name.v == HP_NULL && c->title.v == HP_NULL && c->role.v == HP_NULL && c->nemail == 0
           && c->nphone == 0 && c->notes == HP_NULL;
}

static hp_code list_members(hp_merger *m, hp_err *err) {
    m->member.n = 0;
    for (uint32_t r = 0; r < m->nrank; r++) {
        const hp_org *o = &m->in->org[m->rank[r]];
        for (uint32_t i = 0; i < o->ncontact; i++) {
            const hp_contact *c = &m->in->contact[o->contact + i];
            hp_member k = {c, r, (uint32_t)m->member.n, NOBODY};
            if (says_nothing(c)) continue;
            if (!hp_vec_push(&m->member, k)) return hp_fail_memory(err, "the contacts of an organisation");
        }
    }
    return HP_OK;
}

/* Named contacts first, so that channels without a name find whom they belong to. */
static hp_code assign_all(hp_merger *m, hp_err *err) {
    m->person.n = 0;
    m->mark_stamp++;
    for (int named = 1; named >= 0; named--) {
        for (size_t i = 0; i < m->member.n; i++)
            if ((fold_of(m, m->member.p[i].c) != HP_NULL) == (named == 1))
                HP_TRY(assign(m, &m->member.p[i], err));
    }
    return HP_OK;
}

/* ---- rows and channels of each person ---- */

static hp_code group_rows(hp_merger *m, hp_err *err) {
    m->contact.n = 0;
    for (size_t i = 0; i < m->member.n; i++)
        if (!hp_vec_push(&m->contact, m->member.p[i].c))
            return hp_fail_memory(err, "the contacts of an organisation");
    uint32_t first = 0;
    for (size_t p = 0; p < m->person.n; p++) {
        m->person.p[p].row.first = first;
        first += m->person.p[p].row.n;
        m->person.p[p].row.n = 0;
    }
    for (size_t i = 0; i < m->member.n; i++) {
        hp_range *row = &m->person.p[m->member.p[i].person].row;
        m->contact.p[row->first + row->n++] = m->member.p[i].c;
    }
    return HP_OK;
}

static hp_code collect_channels(hp_merger *m, hp_person *p, bool phones, hp_err *err) {
    hp_range *out = phones ? &p->phone : &p->email;
    *out = (hp_range){(uint32_t)m->channel.n, 0};
    hp_seen_begin(m);
    for (uint32_t r = 0; r < p->row.n; r++) {
        const hp_contact *c = m->contact.p[p->row.first + r];
        uint32_t first = phones ? c->phone : c->email, n = phones ? c->nphone : c->nemail;
        for (uint32_t i = 0; i < n; i++) {
            hp_datum d = m->in->datum[first + i];
            if (d.v == HP_NULL || hp_seen_before(m, d.v)) continue;
            hp_candidate k = {d.v, d.at, c->org, c->last_date};
            if (!hp_vec_push(&m->channel, k)) return hp_fail_memory(err, "the contacts of an organisation");
            out->n++;
        }
    }
    return HP_OK;
}

/* ---- the primary one ---- */

int hp_reach(const hp_person *p) {
    return p->email.n && p->phone.n ? 4 : p->email.n ? 3 : p->phone.n ? 2 : p->name.v != HP_NULL;
}

/* Tells whether x is the better contact: who can be reached by e-mail and phone, by e-mail, by phone, who has
 * a name; then the role; then a person before a channel without a name; then the rank of the record and
 * reading order. */
static bool is_better(const hp_merger *m, const hp_person *x, const hp_person *y) {
    int rx = hp_reach(x), ry = hp_reach(y);
    if (rx != ry) return rx > ry;
    double wx = hp_role_weight(hp_text(m->run->pool, x->role.v)),
           wy = hp_role_weight(hp_text(m->run->pool, y->role.v));
    if (wx > wy || wx < wy) return wx > wy;
    if ((x->name.v != HP_NULL) != (y->name.v != HP_NULL)) return x->name.v != HP_NULL;
    return x->order < y->order;
}

static int by_order(const void *a, const void *b) {
    const hp_person *x = a, *y = b;
    return x->order < y->order ? -1 : x->order > y->order;
}

static void put_primary_first(hp_merger *m) {
    m->primary = NULL;
    if (m->person.n == 0) return;
    qsort(m->person.p, m->person.n, sizeof *m->person.p, by_order);
    size_t best = 0;
    for (size_t i = 1; i < m->person.n; i++)
        if (is_better(m, &m->person.p[i], &m->person.p[best])) best = i;
    if (hp_reach(&m->person.p[best]) == 0) return;
    hp_person primary = m->person.p[best];
    memmove(m->person.p + 1, m->person.p, best * sizeof primary);
    m->person.p[0] = primary;
    m->primary = m->person.p;
}

/* ---- candidates of the contact fields ---- */

static hp_code push(hp_merger *m, hp_pick_id id, const hp_candidate *c, hp_err *err) {
    if (m->pick[id].n == 0) m->pick[id].first = (uint32_t)m->candidate.n;
    m->pick[id].n++;
    return hp_vec_push(&m->candidate, *c) ? HP_OK : hp_fail_memory(err, "the contacts of an organisation");
}

/* All channels but the primary contact's first one are secondary. */
static hp_code push_channels(hp_merger *m, bool phones, hp_err *err) {
    hp_pick_id first = phones ? HP_P_CONTACT_PHONE : HP_P_CONTACT_EMAIL;
    hp_pick_id others = phones ? HP_P_SECONDARY_PHONES : HP_P_SECONDARY_EMAILS;
    hp_seen_begin(m);
    if (m->primary) {
        hp_range r = phones ? m->primary->phone : m->primary->email;
        if (r.n) {
            hp_seen_before(m, m->channel.p[r.first].v);
            HP_TRY(push(m, first, &m->channel.p[r.first], err));
        }
    }
    for (size_t p = 0; p < m->person.n; p++) {
        hp_range r = phones ? m->person.p[p].phone : m->person.p[p].email;
        for (uint32_t i = 0; i < r.n; i++) {
            const hp_candidate *c = &m->channel.p[r.first + i];
            if (!hp_seen_before(m, c->v)) HP_TRY(push(m, others, c, err));
        }
    }
    return HP_OK;
}

hp_code hp_collect_people(hp_merger *m, hp_err *err) {
    HP_TRY(list_members(m, err));
    HP_TRY(assign_all(m, err));
    HP_TRY(group_rows(m, err));
    m->channel.n = 0;
    for (size_t p = 0; p < m->person.n; p++) {
        HP_TRY(collect_channels(m, &m->person.p[p], false, err));
        HP_TRY(collect_channels(m, &m->person.p[p], true, err));
    }
    put_primary_first(m);
    if (m->primary && m->primary->name.v != HP_NULL)
        HP_TRY(push(m, HP_P_CONTACT_NAME, &m->primary->name, err));
    if (m->primary && m->primary->role.v != HP_NULL)
        HP_TRY(push(m, HP_P_CONTACT_ROLE, &m->primary->role, err));
    HP_TRY(push_channels(m, false, err));
    return push_channels(m, true, err);
}
