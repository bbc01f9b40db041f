/* Attaching: rows of many sheets to organisation records. First the fate of each row, then the records. */
#include "resolve/attach.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "base/banned.h"

/* ---- values of a row ---- */

hp_datum hp_attach_value(const hp_attach_sheet *s, hp_field f, size_t row) {
    for (uint32_t i = s->at[f]; i < s->at[f + 1]; i++) {
        hp_vid v = s->c->v[s->bind[i]][row];
        if (v != HP_NULL) return (hp_datum){v, hp_attach_cell(s, row, s->m->bind[s->bind[i]].col)};
    }
    return (hp_datum){s->m->constant[f], hp_attach_cell(s, row, HP_NO_COL)};
}

hp_vid hp_attach_extra(const hp_attach_sheet *s, hp_field f, size_t row) {
    for (uint32_t i = s->at[f]; i < s->at[f + 1]; i++) {
        const hp_vid *extra = s->c->extra[s->bind[i]];
        if (s->c->v[s->bind[i]][row] != HP_NULL) return extra ? extra[row] : HP_NULL;
    }
    return HP_NULL;
}

static uint32_t count_members(hp_str list) {
    uint32_t n = list.n > 0;
    for (size_t i = 0; i < list.n; i++) n += list.p[i] == HP_LIST_SEP;
    return n;
}

hp_str hp_attach_member(hp_str list, uint32_t which) {
    for (size_t end; (end = hp_str_chr(list, HP_LIST_SEP, 0)) != SIZE_MAX; which--) {
        if (which == 0) return hp_str_cut(list, 0, end);
        list = hp_str_cut(list, end + 1, list.n); /* perhaps nothing: the last one may be empty */
    }
    return list;
}

uint32_t hp_attach_people(const hp_attach_state *st, const hp_attach_sheet *s, size_t row) {
    static const hp_field NAMES[] = {HP_F_CONTACT_NAME, HP_F_CONTACT_FIRST_NAME, HP_F_CONTACT_LAST_NAME};
    uint32_t most = 0;
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        uint32_t n = count_members(hp_text(st->run->pool, hp_attach_value(s, NAMES[i], row).v));
        if (i == 0 && n) return n;
        if (n > most) most = n;
    }
    return most;
}

/* Takes one member of a list value in place of the list. */
static hp_code take_member(hp_attach_state *st, uint32_t which, hp_datum *d, hp_err *err) {
    hp_str list = hp_text(st->run->pool, d->v), one = hp_attach_member(list, which);
    return one.n == list.n ? HP_OK : hp_intern(st->run->pool, one, &d->v, err);
}

hp_code hp_attach_person(hp_attach_state *st, const hp_attach_sheet *s, size_t row, uint32_t which,
                         hp_datum *out, hp_err *err) {
    *out = hp_attach_value(s, HP_F_CONTACT_NAME, row);
    if (out->v != HP_NULL) return take_member(st, which, out, err);
    hp_datum first = hp_attach_value(s, HP_F_CONTACT_FIRST_NAME, row),
             last = hp_attach_value(s, HP_F_CONTACT_LAST_NAME, row);
    HP_TRY(take_member(st, which, &first, err));
    HP_TRY(take_member(st, which, &last, err));
    *out = first.v != HP_NULL ? first : last;
    if (first.v == HP_NULL || last.v == HP_NULL) return HP_OK;
    hp_buf_clear(&st->text);
    hp_buf_add(&st->text, hp_text(st->run->pool, first.v));
    hp_buf_putc(&st->text, ' ');
    hp_buf_add(&st->text, hp_text(st->run->pool, last.v));
    HP_TRY(hp_buf_check(&st->text, "a name", err));
    return hp_intern(st->run->pool, hp_buf_str(&st->text), &out->v, err);
}

bool hp_attach_has_channel(const hp_attach_sheet *s, size_t row) {
    return hp_attach_value(s, HP_F_CONTACT_EMAIL, row).v != HP_NULL
           || hp_attach_value(s, HP_F_CONTACT_PHONE, row).v != HP_NULL;
}

/* ---- sheets ---- */

/* Contact fields belong to people; two of them are kept with the record, to tell people apart. */
static bool kept_with_record(hp_field f) {
    return !hp_field_of_contact(f) || f == HP_F_CONTACT_BIRTH_DATE || f == HP_F_CONTACT_NATIONAL_ID;
}

static bool sort_bindings(hp_attach_state *st, hp_attach_sheet *s) {
    s->bind = HP_NEW_ARRAY(st->scratch, s->m->nbind + 1, uint32_t);
    if (!s->bind) return false;
    uint32_t n = 0;
    for (int f = 0; f < HP_FIELD_COUNT; f++) {
        s->at[f] = n;
        for (uint32_t b = 0; f && b < s->m->nbind; b++) {
            if ((int)s->m->bind[b].field == f && s->c->v[b]) s->bind[n++] = b;
        }
        bool given = n > s->at[f] || s->m->constant[f] != HP_NULL;
        if (f && given && kept_with_record((hp_field)f)) s->field[s->nfield++] = (hp_field)f;
    }
    s->at[HP_FIELD_COUNT] = n;
    return true;
}

static hp_str slug_of(hp_attach_state *st, hp_str text, const char *otherwise) {
    hp_buf_clear(&st->text);
    hp_utf8_slug(text, &st->text);
    hp_str slug = hp_buf_str(&st->text);
    return hp_arena_dup(st->scratch, slug.n ? slug : hp_str_of(otherwise));
}

/* Ids of rows must differ between the sheets of a file: all but the first that makes records carry the
 * sheet's name, unless the profile gives the sheet a prefix of its own. */
static bool name_ids(hp_attach_state *st, hp_attach_sheet *s) {
    const hp_sources *sources = &st->run->sources;
    bool first = true, own = s->m->id_prefix.p != NULL;
    for (const hp_attach_sheet *t = st->sheet; t < s; t++) {
        if (t->m->file != s->m->file) continue;
        if (!own || !t->m->id_prefix.p || hp_str_eq(t->m->id_prefix, s->m->id_prefix)) first = false;
    }
    s->prefix = own ? s->m->id_prefix : slug_of(st, sources->file.p[s->m->file].label, "source");
    s->row_prefix = HP_S("row-");
    if (first) return s->prefix.p != NULL;
    hp_str sheet = slug_of(st, sources->sheet.p[s->m->sheet].name, "sheet");
    if (!sheet.p || !s->prefix.p) return false;
    if (own)
        s->row_prefix = hp_arena_printf(st->scratch, "%.*s-row-", HP_FMT(sheet));
    else
        s->prefix = hp_arena_printf(st->scratch, "%.*s-%.*s", HP_FMT(s->prefix), HP_FMT(sheet));
    return s->prefix.p && s->row_prefix.p;
}

static size_t raw_row_of_header(const hp_mapped *m) {
    for (size_t r = m->first; m->header_row && r-- > 0;) {
        if (m->raw->origin[r].row == m->header_row) return r;
    }
    return SIZE_MAX;
}

static bool prepare(hp_attach_state *st, const hp_cleaned *const *sheets, size_t n) {
    st->sheet = HP_NEW_ARRAY(st->scratch, n + 1, hp_attach_sheet);
    for (st->nsheet = 0; st->sheet && st->nsheet < n; st->nsheet++) {
        hp_attach_sheet *s = &st->sheet[st->nsheet];
        s->c = sheets[st->nsheet];
        s->m = s->c->in;
        s->head = raw_row_of_header(s->m);
        s->fate = hp_arena_zero(st->scratch, s->c->nrow + 1);
        s->org = HP_NEW_ARRAY(st->scratch, s->c->nrow + 1, uint32_t);
        s->join = HP_NEW_ARRAY(st->scratch, s->c->nrow + 1, hp_join);
        if (!s->fate || !s->org || !s->join || !sort_bindings(st, s) || !name_ids(st, s)) return false;
    }
    return st->sheet != NULL;
}

static void release(hp_attach_state *st) {
    hp_vec_free(&st->seed);
    hp_vec_free(&st->contact);
    hp_vec_free(&st->datum);
    hp_vec_free(&st->more);
    hp_imap_free(&st->by_key);
    hp_imap_free(&st->by_file_name);
    hp_imap_free(&st->by_name);
    hp_buf_free(&st->text);
    hp_buf_free(&st->fold);
}

hp_code hp_attach(hp_run *run, const hp_profile *p, const hp_cleaned *const *sheets, size_t n,
                  hp_records **out, hp_err *err) {
    (void)p; /* what the profile says about joining is in the sheets already */
    hp_autoarena *scratch = hp_arena_new(NULL);
    hp_attach_state st = {.run = run,
                          .scratch = scratch,
                          .text = hp_buf_new(HP_LIMIT_DOC_BYTES * 16ull),
                          .fold = hp_buf_new(HP_LIMIT_DOC_BYTES)};
    hp_code code = HP_OK;
    if (!scratch || !prepare(&st, sheets, n)) code = hp_fail_memory(err, "the rows to attach");
    if (code == HP_OK) code = hp_attach_decide(&st, err);
    if (code == HP_OK) code = hp_attach_build(&st, out, err);
    release(&st);
    return code;
}
