#include "base/map.h"
#include "base/utf8.h"
#include "resolve/domain.h"
#include "resolve/linker.h"

#include "base/banned.h"

/* ---- places ---- */

/* Remembers the folded form of places that were seen: places are few, records many. */
typedef struct folds {
    hp_imap known;
    hp_buf text;
} folds;

/* Finds the form of a place for comparing: no case, accents, blanks or punctuation. HP_NULL when nothing is
 * left. */
static hp_code fold_place(hp_linker *l, folds *f, hp_vid v, hp_vid *out, hp_err *err) {
    *out = HP_NULL;
    if (v == HP_NULL || hp_imap_get(&f->known, v, out)) return HP_OK;
    hp_buf_clear(&f->text);
    hp_utf8_fold(hp_text(l->run->pool, v), &f->text);
    HP_TRY(hp_buf_check(&f->text, "a place", err));
    char *p = f->text.p;
    size_t n = 0;
    for (size_t i = 0; i < f->text.n; i++)
        if (hp_is_alnum(p[i]) || (unsigned char)p[i] >= 0x80) p[n++] = p[i];
    if (n) HP_TRY(hp_intern(l->run->pool, (hp_str){p, n}, out, err));
    return hp_imap_put(&f->known, v, *out) ? HP_OK : hp_fail_memory(err, "the places of the records");
}

static hp_code fold_places(hp_linker *l, folds *f, hp_err *err) {
    for (size_t i = 0; i < l->in->norg; i++) {
        const hp_datum *field = l->in->org[i].f;
        HP_TRY(fold_place(l, f, field[HP_F_CITY].v, &l->city[i], err));
        HP_TRY(fold_place(l, f, field[HP_F_PROVINCE].v, &l->province[i], err));
    }
    return HP_OK;
}

static hp_code find_places(hp_linker *l, hp_err *err) {
    l->city = HP_NEW_ARRAY(l->tmp, l->in->norg, hp_vid);
    l->province = HP_NEW_ARRAY(l->tmp, l->in->norg, hp_vid);
    if (!l->city || !l->province) return hp_fail_memory(err, "the places of the records");
    folds f = {.text = hp_buf_new(64u << 20)};
    hp_code code = fold_places(l, &f, err);
    hp_imap_free(&f.known);
    hp_buf_free(&f.text);
    return code;
}

/* ---- domains, addresses, phones ---- */

/* Finds what a website or e-mail address says about whose it is: its domain; the address itself when the mail
 * is free; HP_NULL when nothing. */
static hp_code owner_of(hp_linker *l, hp_vid v, bool is_mail, hp_identifier *out, hp_err *err) {
    hp_str s = hp_text(l->run->pool, v);
    *out = (hp_identifier){HP_NULL, HP_ID_DOMAIN};
    if (is_mail) {
        size_t at = hp_str_chr(s, '@', 0);
        if (at == SIZE_MAX) return HP_OK;
        s = hp_str_cut(s, at + 1, s.n);
        if (hp_is_free_mail(l->p, s)) {
            *out = (hp_identifier){v, HP_ID_FREE_MAIL};
            return HP_OK;
        }
    }
    hp_str domain = hp_registrable_domain(s);
    if (domain.n == 0 || hp_is_shared_host(domain)) return HP_OK;
    return hp_intern(l->run->pool, domain, &out->v, err);
}

/* Adds an identifier unless the record has it: `had_by` remembers which record had each last, because one
 * organisation may have a hundred thousand people. */
static hp_code add(hp_linker *l, uint32_t record, hp_identifier id, hp_err *err) {
    if (id.v == HP_NULL) return HP_OK;
    uint64_t key = (uint64_t)id.kind << 32 | id.v;
    uint32_t last;
    if (hp_imap_get(&l->had_by, key, &last) && last == record) return HP_OK;
    bool ok = hp_imap_put(&l->had_by, key, record) && hp_vec_push(&l->id, id);
    return ok ? HP_OK : hp_fail_memory(err, "the identifiers of the records");
}

/* `owner` remembers what values say: owner[v], of kind 0 where v was not met yet. */
static hp_code add_owner(hp_linker *l, hp_identifier *owner, uint32_t record, hp_vid v, bool is_mail,
                         hp_err *err) {
    if (v == HP_NULL) return HP_OK;
    if (!owner[v].kind) HP_TRY(owner_of(l, v, is_mail, &owner[v], err));
    return add(l, record, owner[v], err);
}

static hp_code add_contact(hp_linker *l, hp_identifier *owner, uint32_t record, const hp_contact *k,
                           hp_err *err) {
    const hp_datum *datum = l->in->datum;
    for (uint32_t e = 0; e < k->nemail; e++)
        HP_TRY(add_owner(l, owner, record, datum[k->email + e].v, true, err));
    for (uint32_t e = 0; e < k->nphone; e++)
        HP_TRY(add(l, record, (hp_identifier){datum[k->phone + e].v, HP_ID_PHONE}, err));
    return add(l, record, (hp_identifier){k->name.v, HP_ID_PERSON}, err);
}

bool hp_is_organization(const hp_linker *l, uint32_t i) {
    return !l->in->org[i].person && l->in->org[i].name_key != HP_NULL;
}

static hp_code find_identifiers(hp_linker *l, hp_err *err) {
    hp_identifier *owner = HP_NEW_ARRAY(l->tmp, (size_t)hp_pool_count(l->run->pool) + 1, hp_identifier);
    l->id_start = HP_NEW_ARRAY(l->tmp, l->in->norg + 1, uint32_t);
    if (!owner || !l->id_start) return hp_fail_memory(err, "the identifiers of the records");
    for (uint32_t i = 0; i < l->in->norg; i++) {
        const hp_org *o = &l->in->org[i];
        l->id_start[i] = (uint32_t)l->id.n;
        if (!hp_is_organization(l, i)) continue;
        HP_TRY(add_owner(l, owner, i, o->f[HP_F_WEBSITE].v, false, err));
        HP_TRY(add(l, i, (hp_identifier){o->f[HP_F_ADDRESS].v, HP_ID_ADDRESS}, err));
        for (uint32_t c = 0; c < o->ncontact; c++)
            HP_TRY(add_contact(l, owner, i, &l->in->contact[o->contact + c], err));
    }
    l->id_start[l->in->norg] = (uint32_t)l->id.n;
    return HP_OK;
}

hp_code hp_find_evidence(hp_linker *l, hp_err *err) {
    /* Identifiers first: the owners' array has an entry for each value of the pool, which places add to. */
    hp_code code = find_identifiers(l, err);
    hp_imap_free(&l->had_by);
    return code == HP_OK ? find_places(l, err) : code;
}
