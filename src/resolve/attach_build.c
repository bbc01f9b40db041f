/* Making records of decided rows: values with the cells they stand in, contacts, what
 * addresses and notes add. */
#include "resolve/attach.h"

#include "base/mem.h"
#include "base/banned.h"

/* ---- values ---- */

static bool in_list(const hp_vid *list, size_t n, hp_vid v) {
    for (size_t i = 0; i < n; i++) {
        if (list[i] == v) return true;
    }
    return false;
}

/* Joins what several columns of one field give, each text once; the cell is that of the first. */
static hp_code join_columns(hp_attach_state *st, const hp_attach_sheet *s, hp_field f, size_t row,
                            hp_datum *out, hp_err *err) {
    const char *joiner = hp_field_get(f)->joiner;
    hp_vid seen[64];
    size_t n = 0;
    *out = hp_attach_value(s, f, row);
    if (!joiner || s->at[f + 1] - s->at[f] < 2) return HP_OK;
    hp_buf_clear(&st->text);
    for (uint32_t i = s->at[f]; i < s->at[f + 1]; i++) {
        hp_vid v = s->c->v[s->bind[i]][row];
        if (v == HP_NULL || in_list(seen, n, v)) continue;
        if (st->text.n) hp_buf_puts(&st->text, joiner);
        hp_buf_add(&st->text, hp_text(st->run->pool, v));
        if (n < sizeof seen / sizeof *seen) seen[n++] = v;
    }
    if (n < 2) return HP_OK;
    HP_TRY(hp_buf_check(&st->text, hp_field_get(f)->name, err));
    return hp_intern(st->run->pool, hp_buf_str(&st->text), &out->v, err);
}

static hp_code record_id(hp_attach_state *st, const hp_attach_sheet *s, const hp_seed *seed, hp_vid *out,
                         hp_err *err) {
    hp_buf_clear(&st->text);
    hp_buf_add(&st->text, s->prefix);
    hp_buf_putc(&st->text, ':');
    if (seed->key.v != HP_NULL) {
        hp_buf_add(&st->text, hp_text(st->run->pool, seed->key.v));
    } else {
        hp_buf_add(&st->text, s->row_prefix);
        hp_buf_printf(&st->text, "%u", hp_attach_origin(s, seed->row).row);
    }
    HP_TRY(hp_buf_check(&st->text, "a record id", err));
    return hp_intern(st->run->pool, hp_buf_str(&st->text), out, err);
}

/* In a contact row these speak of the person, not of the organisation. */
static bool personal_in_contact(hp_field f) {
    return f == HP_F_STATUS || f == HP_F_NOTES || f == HP_F_PRIORITY || f == HP_F_LAST_INTERACTION_DATE
           || f == HP_F_CONTACT_BIRTH_DATE || f == HP_F_CONTACT_NATIONAL_ID;
}

static hp_code build_org(hp_attach_state *st, const hp_seed *seed, hp_org *org, hp_err *err) {
    const hp_attach_sheet *s = &st->sheet[seed->sheet];
    *org = (hp_org){.at = hp_attach_origin(s, seed->row),
                    .file = s->m->file,
                    .person = s->m->entity == HP_E_PERSON,
                    .name_key = seed->name_key};
    for (size_t i = 0; i < s->nfield; i++) {
        hp_field f = s->field[i];
        if (s->m->entity == HP_E_CONTACT && personal_in_contact(f)) continue;
        HP_TRY(join_columns(st, s, f, seed->row, &org->f[f], err));
    }
    org->f[HP_F_RECORD_ID] = seed->key;
    org->f[HP_F_ORGANIZATION_NAME] = seed->name;
    return record_id(st, s, seed, &org->record_id, err);
}

/* ---- contacts ---- */

static hp_code add_channel(hp_attach_state *st, uint32_t from, hp_datum d, hp_err *err) {
    for (size_t i = from; i < st->datum.n; i++) {
        if (st->datum.p[i].v == d.v) return HP_OK;
    }
    return hp_vec_push(&st->datum, d) ? HP_OK : hp_fail_memory(err, "the contacts");
}

/* Lists all e-mails or phones of a row, in the order of columns and of the members within a cell, each once.
 */
static hp_code add_channels(hp_attach_state *st, const hp_attach_sheet *s, hp_field f, size_t row,
                            uint32_t *at, uint32_t *n, hp_err *err) {
    *at = (uint32_t)st->datum.n;
    for (uint32_t i = s->at[f]; i < s->at[f + 1]; i++) {
        hp_datum d = {s->c->v[s->bind[i]][row], hp_attach_cell(s, row, s->m->bind[s->bind[i]].col)};
        hp_str rest = hp_text(st->run->pool, d.v), part;
        if (hp_str_chr(rest, HP_LIST_SEP, 0) == SIZE_MAX) {
            if (d.v != HP_NULL) HP_TRY(add_channel(st, *at, d, err));
            continue;
        }
        while (hp_str_next(&rest, HP_LIST_SEP, &part)) {
            HP_TRY(hp_intern(st->run->pool, part, &d.v, err));
            if (d.v != HP_NULL) HP_TRY(add_channel(st, *at, d, err));
        }
    }
    *n = (uint32_t)st->datum.n - *at;
    return HP_OK;
}

static hp_datum role_of(const hp_attach_sheet *s, size_t row, hp_datum name) {
    hp_datum role = hp_attach_value(s, HP_F_CONTACT_ROLE, row);
    if (role.v != HP_NULL && role.at.col != HP_NO_COL) return role;
    static const hp_field NAMES[] = {HP_F_CONTACT_NAME, HP_F_CONTACT_FIRST_NAME, HP_F_CONTACT_LAST_NAME};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        hp_vid extra = hp_attach_extra(s, NAMES[i], row);
        if (extra != HP_NULL) return (hp_datum){extra, name.at};
    }
    return role; /* the sheet's constant, if any */
}

static hp_code build_contact(hp_attach_state *st, const hp_attach_sheet *s, size_t row, hp_err *err) {
    hp_contact c = {.at = hp_attach_origin(s, row), .file = s->m->file, .org = s->org[row]};
    hp_datum notes = {0};
    HP_TRY(hp_attach_person(st, s, row, &c.name, err));
    if (c.name.v == HP_NULL && !hp_attach_has_channel(s, row)) return HP_OK;
    c.title = hp_attach_value(s, HP_F_CONTACT_TITLE, row);
    c.role = role_of(s, row, c.name);
    HP_TRY(add_channels(st, s, HP_F_CONTACT_EMAIL, row, &c.email, &c.nemail, err));
    HP_TRY(add_channels(st, s, HP_F_CONTACT_PHONE, row, &c.phone, &c.nphone, err));
    if (s->m->entity == HP_E_CONTACT) HP_TRY(join_columns(st, s, HP_F_NOTES, row, &notes, err));
    c.notes = notes.v;
    c.last_date = hp_attach_value(s, HP_F_LAST_INTERACTION_DATE, row).v;
    return hp_vec_push(&st->contact, c) ? HP_OK : hp_fail_memory(err, "the contacts");
}

/* Walks all rows in reading order: contacts, and the rows to merge. */
static hp_code walk_rows(hp_attach_state *st, hp_err *err) {
    for (uint32_t i = 0; i < st->nsheet; i++) {
        const hp_attach_sheet *s = &st->sheet[i];
        for (uint32_t row = 0; row < s->c->nrow; row++) {
            if (s->fate[row] == HP_FATE_ORG || s->fate[row] == HP_FATE_CONTACT)
                HP_TRY(build_contact(st, s, row, err));
            if (s->fate[row] != HP_FATE_MORE) continue;
            if (!hp_vec_push(&st->more, ((hp_more){s->org[row], i, row})))
                return hp_fail_memory(err, "the rows");
        }
    }
    return HP_OK;
}

/* ---- grouping by organisation, keeping the order within ---- */

/* Turns counts by organisation into where each one's items begin. */
static void starts_of(hp_records *r, size_t from, size_t count) {
    uint32_t at = 0;
    for (size_t i = 0; i < r->norg; i++) {
        char *org = (char *)&r->org[i];
        uint32_t n;
        memcpy(&n, org + count, sizeof n);
        memcpy(org + from, &at, sizeof at);
        at += n;
        n = 0;
        memcpy(org + count, &n, sizeof n);
    }
}

static hp_code group_contacts(hp_attach_state *st, hp_records *r, hp_err *err) {
    r->ncontact = st->contact.n;
    r->contact = HP_NEW_ARRAY(st->run->arena, r->ncontact + 1, hp_contact);
    r->ndatum = st->datum.n;
    r->datum = HP_NEW_ARRAY(st->run->arena, r->ndatum + 1, hp_datum);
    if (!r->contact || !r->datum) return hp_fail_memory(err, "the contacts");
    if (r->ndatum) memcpy(r->datum, st->datum.p, r->ndatum * sizeof *r->datum);
    for (size_t i = 0; i < r->ncontact; i++) r->org[st->contact.p[i].org].ncontact++;
    starts_of(r, offsetof(hp_org, contact), offsetof(hp_org, ncontact));
    for (size_t i = 0; i < r->ncontact; i++) {
        hp_org *o = &r->org[st->contact.p[i].org];
        r->contact[o->contact + o->ncontact++] = st->contact.p[i];
    }
    return HP_OK;
}

static hp_code group_more(hp_attach_state *st, hp_records *r, hp_more **grouped, hp_err *err) {
    hp_more *list = *grouped = HP_NEW_ARRAY(st->scratch, st->more.n + 1, hp_more);
    r->nattached = st->more.n;
    r->attached = HP_NEW_ARRAY(st->run->arena, r->nattached + 1, hp_attached);
    if (!list || !r->attached) return hp_fail_memory(err, "the rows");
    for (size_t i = 0; i < r->nattached; i++) r->org[st->more.p[i].org].nmore++;
    starts_of(r, offsetof(hp_org, more), offsetof(hp_org, nmore));
    for (size_t i = 0; i < r->nattached; i++) {
        const hp_more *m = &st->more.p[i];
        const hp_attach_sheet *s = &st->sheet[m->sheet];
        hp_org *o = &r->org[m->org];
        uint32_t at = o->more + o->nmore++;
        list[at] = *m;
        r->attached[at] = (hp_attached){hp_attach_origin(s, m->row), (uint8_t)s->m->entity};
    }
    return HP_OK;
}

/* ---- what attached rows add ---- */

/* How texts of several rows are joined; NULL: the first row that has one wins. */
static const char *row_joiner(hp_field f) {
    if (f == HP_F_ADDRESS) return "; ";
    return f == HP_F_NOTES || f == HP_F_DESCRIPTION || f == HP_F_PLANES ? hp_field_get(f)->joiner : NULL;
}

/* Appends one field of all rows of an organisation in one go, so that many notes cost no
 * more than their length. */
static hp_code append_rows(hp_attach_state *st, hp_org *o, const hp_more *rows, hp_field f, hp_imap *seen,
                           hp_err *err) {
    hp_autobuf all = hp_buf_new(st->text.max);
    hp_datum first = o->f[f];
    bool fresh = first.v == HP_NULL, grown = false;
    if (!fresh) hp_buf_add(&all, hp_text(st->run->pool, first.v));
    if (!fresh && !hp_imap_put(seen, (uint64_t)f << 32 | first.v, 0)) return hp_fail_memory(err, "the notes");
    for (uint32_t i = 0; i < o->nmore; i++) {
        hp_datum d;
        uint32_t other;
        bool added;
        HP_TRY(join_columns(st, &st->sheet[rows[i].sheet], f, rows[i].row, &d, err));
        if (d.v == HP_NULL) continue;
        if (!hp_imap_add(seen, (uint64_t)f << 32 | d.v, 0, &other, &added))
            return hp_fail_memory(err, "the notes");
        if (!added) continue;
        if (all.n) hp_buf_puts(&all, row_joiner(f));
        hp_buf_add(&all, hp_text(st->run->pool, d.v));
        if (first.v == HP_NULL) first = d;
        grown = true;
    }
    if (!grown) return HP_OK;
    HP_TRY(hp_buf_check(&all, hp_field_get(f)->name, err));
    o->f[f].at = first.at;
    return hp_intern(st->run->pool, hp_buf_str(&all), &o->f[f].v, err);
}

/* Fills what the organisation's own row leaves open. Its name and key are its own. */
static hp_code fill_blanks(hp_attach_state *st, const hp_attach_sheet *s, size_t row, hp_org *o,
                           hp_err *err) {
    bool contact = s->m->entity == HP_E_CONTACT;
    for (size_t i = 0; i < s->nfield; i++) {
        hp_field f = s->field[i];
        if (f == HP_F_RECORD_ID || f == HP_F_ORGANIZATION_NAME || o->f[f].v != HP_NULL) continue;
        if (hp_field_of_contact(f) || (contact && personal_in_contact(f))) continue;
        HP_TRY(join_columns(st, s, f, row, &o->f[f], err));
    }
    return HP_OK;
}

static hp_code merge_more_of(hp_attach_state *st, hp_org *o, const hp_more *rows, hp_err *err) {
    static const hp_field JOINED[] = {HP_F_ADDRESS, HP_F_NOTES, HP_F_DESCRIPTION, HP_F_PLANES};
    hp_imap seen = {0};
    hp_code code = HP_OK;
    for (size_t i = 0; code == HP_OK && i < sizeof JOINED / sizeof *JOINED; i++)
        code = append_rows(st, o, rows, JOINED[i], &seen, err);
    hp_imap_free(&seen);
    for (uint32_t i = 0; code == HP_OK && i < o->nmore; i++)
        code = fill_blanks(st, &st->sheet[rows[i].sheet], rows[i].row, o, err);
    return code;
}

static hp_code merge_contact_rows(hp_attach_state *st, hp_records *r, hp_err *err) {
    for (size_t i = 0; i < st->nsheet; i++) {
        const hp_attach_sheet *s = &st->sheet[i];
        for (size_t row = 0; s->m->entity == HP_E_CONTACT && row < s->c->nrow; row++) {
            if (s->fate[row] == HP_FATE_CONTACT) HP_TRY(fill_blanks(st, s, row, &r->org[s->org[row]], err));
        }
    }
    return HP_OK;
}

/* ---- all ---- */

static void count_rows(const hp_attach_state *st, hp_records *r) {
    for (size_t i = 0; i < st->nsheet; i++) {
        r->rows_in += st->sheet[i].c->nrow;
        r->by_entity[st->sheet[i].m->entity] += st->sheet[i].c->nrow;
    }
}

hp_code hp_attach_build(hp_attach_state *st, hp_records **out, hp_err *err) {
    hp_records *r = HP_NEW(st->run->arena, hp_records);
    hp_more *more;
    if (!r) return hp_fail_memory(err, "the records");
    r->norg = st->seed.n;
    r->org = HP_NEW_ARRAY(st->run->arena, r->norg + 1, hp_org);
    if (!r->org) return hp_fail_memory(err, "the records");
    for (size_t i = 0; i < r->norg; i++) HP_TRY(build_org(st, &st->seed.p[i], &r->org[i], err));
    HP_TRY(walk_rows(st, err));
    HP_TRY(group_contacts(st, r, err));
    HP_TRY(group_more(st, r, &more, err));
    for (size_t i = 0; i < r->norg; i++) {
        if (r->org[i].nmore) HP_TRY(merge_more_of(st, &r->org[i], more + r->org[i].more, err));
    }
    HP_TRY(merge_contact_rows(st, r, err));
    count_rows(st, r);
    *out = r;
    return HP_OK;
}
