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

/* Rows of contact sheets do, and rows that give an organisation further up another contact. */
static bool speaks_of_person(const hp_attach_sheet *s, size_t row) {
    return s->m->entity == HP_E_CONTACT || s->fate[row] == HP_FATE_CONTACT;
}

static hp_code build_org(hp_attach_state *st, const hp_seed *seed, hp_org *org, hp_err *err) {
    const hp_attach_sheet *s = &st->sheet[seed->sheet];
    *org = (hp_org){.at = hp_attach_origin(s, seed->row),
                    .file = s->m->file,
                    .person = s->m->entity == HP_E_PERSON,
                    .made = s->join[seed->row].how == HP_JOINED_MADE,
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

/* What a row says of all its people. */
typedef struct {
    uint32_t people, email, nemail, phone, nphone;
} row_people;

/* The role that came with the name of one of a row's people. */
static hp_code own_role(hp_attach_state *st, const hp_attach_sheet *s, size_t row, uint32_t which,
                        hp_vid *out, hp_err *err) {
    static const hp_field NAMES[] = {HP_F_CONTACT_NAME, HP_F_CONTACT_FIRST_NAME, HP_F_CONTACT_LAST_NAME};
    *out = HP_NULL;
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES && *out == HP_NULL; i++) {
        hp_str all = hp_text(st->run->pool, hp_attach_extra(s, NAMES[i], row));
        if (all.n) HP_TRY(hp_intern(st->run->pool, hp_attach_member(all, which), out, err));
    }
    return HP_OK;
}

/* Takes the part of a text with as many parts between semicolons as there are people: "CEO; CFO". */
static bool part_for(hp_str all, uint32_t people, uint32_t which, hp_str *part) {
    uint32_t n = 0;
    for (size_t i = 0; i < all.n; i++) n += all.p[i] == ';';
    if (people < 2 || n + 1 != people) return false;
    for (uint32_t i = 0; i < which; i++) all = hp_str_cut(all, hp_str_chr(all, ';', 0) + 1, all.n);
    *part = hp_str_trim(hp_str_cut(all, 0, hp_str_chr(all, ';', 0)));
    return true;
}

/* The role of one of a row's people: a column of roles speaks of the first, or of each when it lists as many,
 * before what came with the name; a constant of the sheet stands in for all. */
static hp_code role_of(hp_attach_state *st, const hp_attach_sheet *s, size_t row, const row_people *all,
                       uint32_t which, const hp_datum *name, hp_datum *out, hp_err *err) {
    hp_datum column = hp_attach_value(s, HP_F_CONTACT_ROLE, row);
    hp_str part;
    if (part_for(hp_text(st->run->pool, column.v), all->people, which, &part)) {
        *out = column;
        return hp_intern(st->run->pool, part, &out->v, err);
    }
    bool constant = column.at.col == HP_NO_COL;
    hp_vid own;
    *out = column;
    if (column.v != HP_NULL && !constant && which == 0) return HP_OK;
    HP_TRY(own_role(st, s, row, which, &own, err));
    if (own != HP_NULL)
        *out = (hp_datum){own, name->at};
    else if (!constant)
        *out = (hp_datum){s->m->constant[HP_F_CONTACT_ROLE], hp_attach_cell(s, row, HP_NO_COL)};
    return HP_OK;
}

/* Gives each person an e-mail (a phone) where there are as many as people, else all of them to the first. */
static void share_out(uint32_t at, uint32_t n, uint32_t people, uint32_t which, uint32_t *first,
                      uint32_t *count) {
    bool each = n == people;
    *first = each ? at + which : at;
    *count = each ? 1 : which == 0 ? n : 0;
}

static hp_code build_person(hp_attach_state *st, const hp_attach_sheet *s, size_t row, const row_people *all,
                            uint32_t which, hp_err *err) {
    hp_contact c = {
        .at = hp_attach_origin(s, row), .file = s->m->file, .org = s->org[row], .join = s->join[row]};
    HP_TRY(hp_attach_person(st, s, row, which, &c.name, err));
    HP_TRY(role_of(st, s, row, all, which, &c.name, &c.role, err));
    share_out(all->email, all->nemail, all->people, which, &c.email, &c.nemail);
    share_out(all->phone, all->nphone, all->people, which, &c.phone, &c.nphone);
    c.last_date = hp_attach_value(s, HP_F_LAST_INTERACTION_DATE, row).v;
    c.consent = hp_attach_value(s, HP_F_CONTACT_CONSENT, row).v;
    c.consent_date = hp_attach_value(s, HP_F_CONTACT_CONSENT_DATE, row).v;
    if (which == 0) {
        hp_datum notes = {0};
        c.title = hp_attach_value(s, HP_F_CONTACT_TITLE, row);
        if (speaks_of_person(s, row)) HP_TRY(join_columns(st, s, HP_F_NOTES, row, &notes, err));
        c.notes = notes.v;
    }
    return hp_vec_push(&st->contact, c) ? HP_OK : hp_fail_memory(err, "the contacts");
}

/* Keeps what a row says of the consent of nobody that is known: who was left out for having refused must not
 * come back by enrichment. */
static void note_consent(const hp_attach_state *st, const hp_attach_sheet *s, size_t row, hp_org *o) {
    hp_vid v = hp_attach_value(s, HP_F_CONTACT_CONSENT, row).v;
    if (v == HP_NULL) return;
    if (o->consent == HP_NULL || hp_consent_of(hp_text(st->run->pool, v)) == HP_CONSENT_DENIED)
        o->consent = v;
}

/* Makes the contacts of a row: one for each person it names, or one of channels without a name. */
static hp_code build_contacts(hp_attach_state *st, const hp_attach_sheet *s, size_t row, hp_org *o,
                              hp_err *err) {
    row_people all = {.people = hp_attach_people(st, s, row)};
    if (all.people == 0 && !hp_attach_has_channel(s, row)) {
        note_consent(st, s, row, o);
        return HP_OK;
    }
    if (all.people == 0) all.people = 1;
    HP_TRY(add_channels(st, s, HP_F_CONTACT_EMAIL, row, &all.email, &all.nemail, err));
    HP_TRY(add_channels(st, s, HP_F_CONTACT_PHONE, row, &all.phone, &all.nphone, err));
    for (uint32_t i = 0; i < all.people; i++) HP_TRY(build_person(st, s, row, &all, i, err));
    return HP_OK;
}

/* Walks all rows in reading order: contacts, and the rows to merge. */
static hp_code walk_rows(hp_attach_state *st, hp_records *r, hp_err *err) {
    for (uint32_t i = 0; i < st->nsheet; i++) {
        const hp_attach_sheet *s = &st->sheet[i];
        for (uint32_t row = 0; row < s->c->nrow; row++) {
            if (s->fate[row] == HP_FATE_ORG || s->fate[row] == HP_FATE_CONTACT)
                HP_TRY(build_contacts(st, s, row, &r->org[s->org[row]], err));
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
        /* Below its merged name an organisation's row is a note on it, not one more organisation. */
        hp_entity entity = hp_attach_owns(s->m->entity) ? HP_E_NOTE : s->m->entity;
        r->attached[at] = (hp_attached){hp_attach_origin(s, m->row), s->join[m->row], (uint8_t)entity};
    }
    return HP_OK;
}

/* ---- what attached rows add ---- */

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
        /* A constant stands in for what an organisation's own row leaves open; further rows of it add none.
         */
        bool constant = d.at.col == HP_NO_COL && hp_attach_owns(st->sheet[rows[i].sheet].m->entity);
        if (d.v == HP_NULL || constant) continue;
        if (!hp_imap_add(seen, (uint64_t)f << 32 | d.v, 0, &other, &added))
            return hp_fail_memory(err, "the notes");
        if (!added) continue;
        if (all.n) hp_buf_puts(&all, hp_field_get(f)->joiner);
        hp_buf_add(&all, hp_text(st->run->pool, d.v));
        if (first.v == HP_NULL) first = d;
        grown = true;
    }
    if (!grown) return HP_OK;
    HP_TRY(hp_buf_check(&all, hp_field_get(f)->name, err));
    o->f[f].at = first.at;
    return hp_intern(st->run->pool, hp_buf_str(&all), &o->f[f].v, err);
}

/* What tells where an address is, and goes with it. */
static bool of_address(hp_field f) {
    return f == HP_F_ADDRESS || f == HP_F_ADDRESS_TYPE || f == HP_F_POSTAL_CODE;
}

/* Fills what the organisation's own row leaves open. Its name and key are its own; `address` tells whether
 * the address of the row is the organisation's. */
static hp_code fill_blanks(hp_attach_state *st, const hp_attach_sheet *s, size_t row, bool address, hp_org *o,
                           hp_err *err) {
    bool contact = speaks_of_person(s, row);
    for (size_t i = 0; i < s->nfield; i++) {
        hp_field f = s->field[i];
        if (f == HP_F_RECORD_ID || f == HP_F_ORGANIZATION_NAME || o->f[f].v != HP_NULL) continue;
        if (hp_field_of_contact(f) || (contact && personal_in_contact(f))) continue;
        if (address || !of_address(f)) HP_TRY(join_columns(st, s, f, row, &o->f[f], err));
    }
    return HP_OK;
}

/* Orders kinds of address: where somebody is, where the mail goes, others. */
static int address_rank(hp_attach_state *st, hp_vid type) {
    static const char *const WORDS[] = {"head", "physical", "street", "post", "p.o.", "po box", "mail"};
    hp_str text = hp_text(st->run->pool, type);
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        if (hp_str_ifind(text, hp_str_of(WORDS[i]), 0) != SIZE_MAX) return i < 3 ? 0 : 1;
    }
    return 2;
}

/* Says that an address is not used, with its type and postal code. */
static hp_code report_address(hp_attach_state *st, const hp_datum *address, hp_vid type, hp_vid code,
                              hp_err *err) {
    hp_str t = hp_text(st->run->pool, type), c = hp_text(st->run->pool, code);
    if (t.n == 0 && c.n == 0)
        return hp_find(st->run, HP_R_ADDRESS_NOT_USED, address->at, address->v, HP_NULL, err);
    return hp_findf(st->run, HP_R_ADDRESS_NOT_USED, address->at, address->v, err, "%.*s%s%.*s",
                    HP_FMT(hp_str_cut(t, 0, 200)), t.n && c.n ? ", " : "", HP_FMT(hp_str_cut(c, 0, 200)));
}

/* Finds the row whose address is the organisation's: the best kind, then the first. The organisation's own
 * address, whose kind need not be told, is where it is. o->nmore when it is the own one or there is none. */
static hp_code best_address(hp_attach_state *st, const hp_org *o, const hp_more *rows, hp_datum *address,
                            uint32_t *best, hp_err *err) {
    hp_vid type = o->f[HP_F_ADDRESS_TYPE].v;
    int rank = o->f[HP_F_ADDRESS].v == HP_NULL ? 3 : type == HP_NULL ? 0 : address_rank(st, type);
    *best = o->nmore;
    for (uint32_t i = 0; i < o->nmore; i++) {
        const hp_attach_sheet *s = &st->sheet[rows[i].sheet];
        HP_TRY(join_columns(st, s, HP_F_ADDRESS, rows[i].row, &address[i], err));
        int r = address_rank(st, hp_attach_value(s, HP_F_ADDRESS_TYPE, rows[i].row).v);
        if (address[i].v == HP_NULL || r >= rank) continue;
        rank = r;
        *best = i;
    }
    return HP_OK;
}

/* Makes the address of a row the organisation's. */
static hp_code take_address(hp_attach_state *st, hp_org *o, const hp_more *from, hp_err *err) {
    hp_datum *own = &o->f[HP_F_ADDRESS];
    if (own->v != HP_NULL) {
        HP_TRY(report_address(st, own, o->f[HP_F_ADDRESS_TYPE].v, o->f[HP_F_POSTAL_CODE].v, err));
        for (int f = 0; f < HP_FIELD_COUNT; f++) {
            if (of_address((hp_field)f)) o->f[f] = (hp_datum){0};
        }
    }
    return fill_blanks(st, &st->sheet[from->sheet], from->row, true, o, err);
}

/* Puts the best address of an organisation in its place, and reports the others. `address` has room for one
 * of each row and gets them. */
static hp_code choose_address(hp_attach_state *st, hp_org *o, const hp_more *rows, hp_datum *address,
                              hp_err *err) {
    uint32_t best;
    HP_TRY(best_address(st, o, rows, address, &best, err));
    if (best < o->nmore) HP_TRY(take_address(st, o, &rows[best], err));
    hp_vid kept = o->f[HP_F_ADDRESS].v;
    for (uint32_t i = 0; i < o->nmore; i++) {
        const hp_attach_sheet *s = &st->sheet[rows[i].sheet];
        if (address[i].v == HP_NULL || address[i].v == kept || address[i].at.col == HP_NO_COL) continue;
        HP_TRY(report_address(st, &address[i], hp_attach_value(s, HP_F_ADDRESS_TYPE, rows[i].row).v,
                              hp_attach_value(s, HP_F_POSTAL_CODE, rows[i].row).v, err));
    }
    return HP_OK;
}

/* Fills blanks from the rows of an organisation: postal codes from those of its address only. */
static hp_code fill_from_rows(hp_attach_state *st, hp_org *o, const hp_more *rows, hp_err *err) {
    hp_datum *address = HP_NEW_ARRAY(st->scratch, o->nmore + 1, hp_datum);
    if (!address) return hp_fail_memory(err, "the addresses");
    HP_TRY(choose_address(st, o, rows, address, err));
    hp_vid kept = o->f[HP_F_ADDRESS].v;
    for (uint32_t i = 0; i < o->nmore; i++) {
        bool same = address[i].v == HP_NULL || address[i].v == kept;
        HP_TRY(fill_blanks(st, &st->sheet[rows[i].sheet], rows[i].row, same, o, err));
    }
    return HP_OK;
}

static hp_code merge_more_of(hp_attach_state *st, hp_org *o, const hp_more *rows, hp_err *err) {
    static const hp_field JOINED[] = {HP_F_NOTES, HP_F_DESCRIPTION, HP_F_PLANES};
    hp_imap seen = {0};
    hp_code code = HP_OK;
    for (size_t i = 0; code == HP_OK && i < sizeof JOINED / sizeof *JOINED; i++)
        code = append_rows(st, o, rows, JOINED[i], &seen, err);
    hp_imap_free(&seen);
    return code == HP_OK ? fill_from_rows(st, o, rows, err) : code;
}

static hp_code merge_contact_rows(hp_attach_state *st, hp_records *r, hp_err *err) {
    for (size_t i = 0; i < st->nsheet; i++) {
        const hp_attach_sheet *s = &st->sheet[i];
        for (size_t row = 0; row < s->c->nrow; row++) {
            if (s->fate[row] == HP_FATE_CONTACT)
                HP_TRY(fill_blanks(st, s, row, true, &r->org[s->org[row]], err));
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
    HP_TRY(walk_rows(st, r, err));
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
