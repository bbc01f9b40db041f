/* Deciding the fate of rows: organisations first, then the rows that look for theirs. */
#include "resolve/attach.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "base/banned.h"

/* ---- what a row is ---- */

static bool names_row(const hp_attach_sheet *s, hp_field f) {
    if (s->m->entity != HP_E_PERSON) return f == HP_F_ORGANIZATION_NAME;
    return f == HP_F_CONTACT_NAME || f == HP_F_CONTACT_FIRST_NAME || f == HP_F_CONTACT_LAST_NAME;
}

/* Cuts the ".1" off that a header gets when it stands there twice. */
static hp_str without_suffix(hp_str s) {
    s = hp_str_trim(s);
    size_t n = s.n;
    while (n && hp_is_digit(s.p[n - 1])) n--;
    return n > 1 && n < s.n && s.p[n - 1] == '.' ? hp_str_cut(s, 0, n - 1) : s;
}

/* Compares two texts folded, white space around them and the suffix of a header aside. */
static bool same_header(hp_attach_state *st, hp_str a, hp_str b) {
    a = without_suffix(a);
    b = without_suffix(b);
    if (hp_str_ieq(a, b)) return a.n > 0;
    if (a.n == 0 || b.n == 0 || (hp_str_is_ascii(a) && hp_str_is_ascii(b))) return false;
    if (st->fold.bad || st->text.bad) return false; /* is_layout reports it */
    hp_buf_clear(&st->fold);
    hp_buf_clear(&st->text);
    hp_utf8_fold(a, &st->fold);
    hp_utf8_fold(b, &st->text);
    return hp_str_eq(hp_buf_str(&st->fold), hp_buf_str(&st->text));
}

static bool is_own_header(hp_attach_state *st, const hp_attach_sheet *s, const hp_binding *b, hp_vid v) {
    hp_vid head = s->m->raw->col[b->col].v[s->head];
    if (v == head) return true;
    return same_header(st, hp_text(st->run->pool, v), head ? hp_text(st->run->pool, head) : b->header);
}

/* A repeated header: of the mapped cells that have a value most have their own header's, that of
 * the name among them. */
static bool repeats_header(hp_attach_state *st, const hp_attach_sheet *s, size_t row) {
    size_t same = 0, filled = 0, r = s->m->first + row;
    bool named = false, has_names = false;
    if (s->head == SIZE_MAX) return false;
    for (uint32_t i = 0; i < s->at[HP_FIELD_COUNT]; i++) {
        const hp_binding *b = &s->m->bind[s->bind[i]];
        hp_vid v = s->m->raw->col[b->col].v[r];
        bool name = names_row(s, b->field);
        has_names |= name;
        if (v == HP_NULL) continue;
        filled++;
        bool is = is_own_header(st, s, b, v);
        same += is;
        named |= is && name;
        if (name && !is) return false;
    }
    if (same == 0 || same * 10 < filled * 6) return false;
    return has_names ? named : same > 1 || s->at[HP_FIELD_COUNT] == 1;
}

static bool starts_with_word(hp_str text, hp_str word) {
    return text.n >= word.n && hp_str_ieq(hp_str_cut(text, 0, word.n), word)
           && (text.n == word.n || !hp_is_alpha(text.p[word.n]));
}

/* "Total", "Total: 12", "Sub-total (3)", "# end": no letter may follow, for "Total Gas" and
 * "#1 Motors" are companies. */
static bool is_summary_text(hp_str text) {
    static const char *const WORDS[] = {"total",     "totals",    "grand total", "subtotal",
                                        "sub total", "sub-total", "overview"};
    text = hp_str_trim(text);
    if (text.n && text.p[0] == '#') return text.n == 1 || text.p[1] == ' ' || text.p[1] == '#';
    if (text.n < 5 || text.n > 40) return false;
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        hp_str word = hp_str_of(WORDS[i]);
        if (!starts_with_word(text, word)) continue;
        bool letter = false;
        for (size_t k = word.n; k < text.n; k++)
            letter = letter || hp_is_alpha(text.p[k]) || (unsigned char)text.p[k] >= 0xC3;
        if (!letter) return true;
    }
    return false;
}

static bool is_summary(const hp_attach_state *st, const hp_attach_sheet *s, size_t row) {
    const hp_table *raw = s->m->raw;
    for (size_t c = 0; c < raw->ncol; c++) {
        hp_vid v = raw->col[c].v[s->m->first + row];
        if (v == HP_NULL) continue;
        hp_str text = hp_text(st->run->pool, v);
        return is_summary_text(text) && !hp_attach_has_channel(s, row);
    }
    return false;
}

static hp_code is_layout(hp_attach_state *st, const hp_attach_sheet *s, size_t row, bool *out, hp_err *err) {
    hp_buf_clear(&st->fold);
    hp_buf_clear(&st->text);
    *out = repeats_header(st, s, row) || is_summary(st, s, row);
    HP_TRY(hp_buf_check(&st->fold, "a header", err));
    return hp_buf_check(&st->text, "a header", err);
}

static bool has_value(const hp_attach_sheet *s, size_t row, hp_field but) {
    for (uint32_t i = 0; i < s->at[HP_FIELD_COUNT]; i++) {
        const hp_binding *b = &s->m->bind[s->bind[i]];
        if (b->field != but && s->c->v[s->bind[i]][row] != HP_NULL) return true;
    }
    return false;
}

/* Tells whether a row that belongs to an organisation adds anything to it: more than its key, its
 * name and a remark on its state. */
static bool adds_something(const hp_attach_sheet *s, size_t row) {
    for (uint32_t i = 0; i < s->at[HP_FIELD_COUNT]; i++) {
        hp_field f = s->m->bind[s->bind[i]].field;
        bool aside = f == HP_F_RECORD_ID || f == HP_F_ORGANIZATION_NAME || f == HP_F_STATUS
                     || f == HP_F_CONTACT_TITLE || f == HP_F_CONTACT_ROLE || f == HP_F_ADDRESS_TYPE
                     || f == HP_F_LAST_INTERACTION_DATE || f == HP_F_CONTACT_CONSENT
                     || f == HP_F_CONTACT_CONSENT_DATE || f == HP_F_CONTACT_CONSENT_PURPOSE;
        if (!aside && s->c->v[s->bind[i]][row] != HP_NULL) return true;
    }
    return false;
}

/* The organisation's name as the cell has it, cleaned or not. */
static hp_vid raw_name(const hp_attach_sheet *s, size_t row) {
    for (uint32_t i = s->at[HP_F_ORGANIZATION_NAME]; i < s->at[HP_F_ORGANIZATION_NAME + 1]; i++) {
        hp_vid v = s->m->raw->col[s->m->bind[s->bind[i]].col].v[s->m->first + row];
        if (v != HP_NULL) return v;
    }
    return HP_NULL;
}

static hp_code keep_out(hp_attach_state *st, hp_attach_sheet *s, size_t row, hp_rule rule, hp_vid note,
                        hp_err *err) {
    s->fate[row] = HP_FATE_OUT;
    s->org[row] = HP_NO_ORG;
    return hp_quarantine_row(st->run, rule, hp_attach_origin(s, row), (int)s->m->entity, raw_name(s, row),
                             note, err);
}

/* ---- names and keys ---- */

/* The form in which names of people are compared. */
static hp_code fold_key(hp_attach_state *st, hp_vid name, hp_vid *key, hp_err *err) {
    hp_buf_clear(&st->fold);
    hp_buf_clear(&st->text);
    hp_utf8_fold(hp_text(st->run->pool, name), &st->fold);
    hp_str s = hp_buf_str(&st->fold);
    bool gap = false;
    for (size_t i = 0; i < s.n;) {
        uint32_t cp = hp_utf8_next(s, &i);
        if (!hp_cp_alnum(cp)) {
            gap = gap || (cp != '\'' && cp != 0x2019); /* O'Neill is one word */
            continue;
        }
        if (gap && st->text.n) hp_buf_putc(&st->text, ' ');
        gap = false;
        hp_buf_putu(&st->text, cp);
    }
    HP_TRY(hp_buf_check(&st->fold, "a name", err));
    HP_TRY(hp_buf_check(&st->text, "a name", err));
    return hp_intern(st->run->pool, hp_buf_str(&st->text), key, err);
}

/* Names a row's organisation: its name, else its trading name; people stand for themselves. */
static hp_code name_of(hp_attach_state *st, const hp_attach_sheet *s, size_t row, hp_datum *name, hp_vid *key,
                       hp_err *err) {
    *key = HP_NULL;
    if (s->m->entity == HP_E_PERSON) {
        HP_TRY(hp_attach_person(st, s, row, 0, name, err));
        return name->v == HP_NULL ? HP_OK : fold_key(st, name->v, key, err);
    }
    hp_field f = HP_F_ORGANIZATION_NAME;
    *name = hp_attach_value(s, f, row);
    if (name->v == HP_NULL && raw_name(s, row) == HP_NULL)
        *name = hp_attach_value(s, f = HP_F_TRADING_AS, row);
    if (name->v == HP_NULL) return HP_OK;
    *key = hp_attach_extra(s, f, row);
    return name->at.col == HP_NO_COL ? fold_key(st, name->v, key, err) : HP_OK;
}

/* Keys that passed through a column of floating-point numbers ("12.0") are whole numbers. */
static hp_code key_of(hp_attach_state *st, const hp_attach_sheet *s, size_t row, hp_datum *key, hp_err *err) {
    *key = hp_attach_value(s, HP_F_RECORD_ID, row);
    hp_str text = hp_text(st->run->pool, key->v);
    if (text.n < 3 || text.p[text.n - 1] != '0') return HP_OK;
    size_t dot = hp_str_chr(text, '.', 0);
    if (dot == SIZE_MAX || dot == 0) return HP_OK;
    for (size_t i = 0; i < text.n; i++) {
        if (i < dot ? !hp_is_digit(text.p[i]) : i > dot && text.p[i] != '0') return HP_OK;
    }
    return hp_intern(st->run->pool, hp_str_cut(text, 0, dot), &key->v, err);
}

static uint64_t in_file(const hp_attach_sheet *s, hp_vid v) { return (uint64_t)s->m->file << 32 | v; }

/* ---- records to be, and finding them ---- */

static hp_code index_key(hp_attach_state *st, uint32_t id, hp_err *err) {
    hp_seed *fresh = &st->seed.p[id];
    const hp_attach_sheet *s = &st->sheet[fresh->sheet];
    uint32_t first;
    bool added;
    fresh->next = HP_NO_ORG;
    fresh->last = id;
    if (fresh->key.v == HP_NULL) return HP_OK;
    if (!hp_imap_add(&st->by_key, in_file(s, fresh->key.v), id, &first, &added))
        return hp_fail_memory(err, "the keys");
    if (added) return HP_OK;
    hp_seed *head = &st->seed.p[first];
    st->seed.p[head->last].next = id;
    head->last = id;
    for (uint32_t i = first; i != id; i = st->seed.p[i].next) {
        if (st->seed.p[i].sheet != fresh->sheet) continue;
        return hp_findf(st->run, HP_R_KEY_DUPLICATE, fresh->key.at, fresh->key.v, err, "first in row %u",
                        hp_attach_origin(s, st->seed.p[i].row).row);
    }
    return HP_OK;
}

static int priority_of(const hp_attach_state *st, uint32_t seed) {
    return st->run->sources.file.p[st->sheet[st->seed.p[seed].sheet].m->file].priority;
}

static hp_code index_name(hp_attach_state *st, uint32_t id, hp_err *err) {
    hp_seed *fresh = &st->seed.p[id];
    uint32_t other, namesake;
    bool added, first;
    fresh->name_sheet = fresh->sheet;
    if (fresh->name_key == HP_NULL) return HP_OK;
    bool ok = hp_imap_add(&st->by_file_name, in_file(&st->sheet[fresh->sheet], fresh->name_key), id,
                          &namesake, &first)
              && hp_imap_add(&st->by_name, fresh->name_key, id, &other, &added);
    if (ok && !first) {
        hp_seed *head = &st->seed.p[namesake];
        head->name_twice |= head->name_sheet == fresh->sheet;
        head->name_sheet = fresh->sheet;
    }
    if (ok && !added && priority_of(st, id) > priority_of(st, other))
        ok = hp_imap_put(&st->by_name, fresh->name_key, id);
    return ok ? HP_OK : hp_fail_memory(err, "the names");
}

static hp_code plant(hp_attach_state *st, uint32_t sheet, size_t row, hp_seed seed, hp_err *err) {
    hp_attach_sheet *s = &st->sheet[sheet];
    uint32_t id = (uint32_t)st->seed.n;
    seed.sheet = sheet;
    seed.row = (uint32_t)row;
    if (!hp_vec_push(&st->seed, seed)) return hp_fail_memory(err, "the records");
    s->fate[row] = HP_FATE_ORG;
    s->org[row] = id;
    HP_TRY(index_key(st, id, err));
    return index_name(st, id, err);
}

/* Finds the record with a key in the row's file; among several the one that also has the name. */
static uint32_t by_key(const hp_attach_state *st, const hp_attach_sheet *s, hp_vid key, hp_vid name_key) {
    uint32_t first;
    if (key == HP_NULL || !hp_imap_get(&st->by_key, in_file(s, key), &first)) return HP_NO_ORG;
    for (uint32_t i = first; name_key != HP_NULL && i != HP_NO_ORG; i = st->seed.p[i].next) {
        if (st->seed.p[i].name_key == name_key) return i;
    }
    return first;
}

static uint32_t by_name(const hp_attach_state *st, const hp_attach_sheet *s, hp_vid name_key, hp_join *join) {
    uint32_t id;
    if (name_key == HP_NULL) return HP_NO_ORG;
    *join = (hp_join){name_key, HP_JOINED_NAME};
    if (hp_imap_get(&st->by_file_name, in_file(s, name_key), &id)) return id;
    join->how = HP_JOINED_ELSEWHERE;
    return hp_imap_get(&st->by_name, name_key, &id) ? id : HP_NO_ORG;
}

/* Tells whether a name is that of a record, or the one it trades under. */
static bool bears_name(const hp_attach_state *st, uint32_t org, hp_vid name_key) {
    const hp_seed *seed = &st->seed.p[org];
    return seed->name_key == name_key
           || hp_attach_extra(&st->sheet[seed->sheet], HP_F_TRADING_AS, seed->row) == name_key;
}

/* Settles which organisation a row means whose key finds one of another name: the one that the name finds in
 * the workbook, unless none or several of a sheet bear it. */
static hp_code settle_names(hp_attach_state *st, const hp_attach_sheet *s, const hp_seed *row, uint32_t *org,
                            hp_join *join, hp_err *err) {
    uint32_t named;
    if (row->name_key == HP_NULL || bears_name(st, *org, row->name_key)) return HP_OK;
    bool found = hp_imap_get(&st->by_file_name, in_file(s, row->name_key), &named);
    bool follow = s->m->join_name && found && !st->seed.p[named].name_twice;
    const hp_seed *keyed = &st->seed.p[*org];
    hp_origin at = hp_attach_origin(&st->sheet[keyed->sheet], keyed->row);
    if (follow) {
        *org = named;
        *join = (hp_join){row->name_key, HP_JOINED_NAME};
    }
    return hp_findf(st->run, HP_R_KEY_NAME_MISMATCH, row->name.at, row->name.v, err,
                    "the key is that of row %u of the sheet %.*s; the %s was followed", at.row,
                    HP_FMT(hp_str_cut(st->run->sources.sheet.p[at.sheet].name, 0, 200)),
                    follow ? "name" : "key");
}

/* ---- rows below a merged name ---- */

/* Finds a data row by its number in the sheet; SIZE_MAX when it has no value, or is none. */
static size_t data_row(const hp_attach_sheet *s, uint32_t number) {
    const hp_origin *at = s->m->raw->origin + s->m->first;
    size_t low = 0, high = s->c->nrow;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (at[mid].row < number)
            low = mid + 1;
        else
            high = mid;
    }
    return low < s->c->nrow && at[low].row == number ? low : SIZE_MAX;
}

/* Finds the merged area that begins above a row and goes on in it; NULL when there is none. */
static const hp_merged_area *area_above(const hp_attach_sheet *s, uint32_t col, size_t row) {
    const hp_table *raw = s->m->raw;
    uint32_t number = hp_attach_origin(s, row).row;
    const hp_merged_area *a = hp_table_area(raw, raw->col[col].source, number);
    return a && a->first_row < number ? a : NULL;
}

/* Finds the organisation that a row without a name belongs to because the merged area of a name begins in
 * one of its rows. An area without a value names nothing. */
static uint32_t owner_above(const hp_attach_sheet *s, size_t row) {
    const hp_table *raw = s->m->raw;
    uint32_t org = HP_NO_ORG;
    for (uint32_t i = 0; raw->narea && i < s->at[HP_FIELD_COUNT]; i++) {
        const hp_binding *b = &s->m->bind[s->bind[i]];
        if (!names_row(s, b->field)) continue;
        const hp_vid *v = raw->col[b->col].v + s->m->first;
        if (v[row] != HP_NULL) return HP_NO_ORG;
        const hp_merged_area *a = org == HP_NO_ORG ? area_above(s, b->col, row) : NULL;
        size_t top = a ? data_row(s, a->first_row) : SIZE_MAX;
        if (top != SIZE_MAX && v[top] != HP_NULL) org = s->org[top];
    }
    return org;
}

/* Tells whether a row gives a person or a channel of its own, not one of an area that begins further up. */
static bool gives_contact(const hp_attach_sheet *s, size_t row) {
    static const hp_field FIELDS[] = {HP_F_CONTACT_NAME, HP_F_CONTACT_FIRST_NAME, HP_F_CONTACT_LAST_NAME,
                                      HP_F_CONTACT_EMAIL, HP_F_CONTACT_PHONE};
    for (size_t k = 0; k < sizeof FIELDS / sizeof *FIELDS; k++) {
        for (uint32_t i = s->at[FIELDS[k]]; i < s->at[FIELDS[k] + 1]; i++) {
            if (s->c->v[s->bind[i]][row] == HP_NULL) continue;
            if (!area_above(s, s->m->bind[s->bind[i]].col, row)) return true;
        }
    }
    return false;
}

static hp_code continue_org(hp_attach_sheet *s, size_t row, uint32_t org) {
    s->org[row] = org;
    s->join[row].how = HP_JOINED_BELOW;
    s->fate[row] = gives_contact(s, row) ? HP_FATE_CONTACT : HP_FATE_MORE;
    return HP_OK;
}

/* ---- rows ---- */

static hp_code decide_owner(hp_attach_state *st, uint32_t sheet, size_t row, hp_err *err) {
    hp_attach_sheet *s = &st->sheet[sheet];
    hp_seed seed = {0};
    bool layout;
    HP_TRY(is_layout(st, s, row, &layout, err));
    if (layout) return keep_out(st, s, row, HP_R_Q_LAYOUT, HP_NULL, err);
    uint32_t above = owner_above(s, row);
    if (above != HP_NO_ORG) return continue_org(s, row, above);
    HP_TRY(name_of(st, s, row, &seed.name, &seed.name_key, err));
    /* A name that a constant gives makes no record out of an empty row. */
    bool usable = has_value(s, row, HP_F_NONE);
    if (seed.name.v == HP_NULL || !usable) {
        bool filler = s->m->entity == HP_E_ORGANIZATION && raw_name(s, row) != HP_NULL;
        return keep_out(st, s, row,
                        filler   ? HP_R_Q_FILLER
                        : usable ? HP_R_Q_NO_NAME
                                 : HP_R_Q_EMPTY,
                        HP_NULL, err);
    }
    HP_TRY(key_of(st, s, row, &seed.key, err));
    return plant(st, sheet, row, seed, err);
}

static hp_code join_to(hp_attach_state *st, hp_attach_sheet *s, size_t row, uint32_t org, hp_join join,
                       hp_err *err) {
    /* A contact row says at least that somebody was there; an address or note row without address or note
     * says nothing. */
    if (s->m->entity != HP_E_CONTACT && !adds_something(s, row))
        return keep_out(st, s, row, HP_R_Q_EMPTY, HP_NULL, err);
    s->org[row] = org;
    s->join[row] = join;
    s->fate[row] = HP_FATE_MORE;
    if (s->m->entity != HP_E_CONTACT) return HP_OK;
    if (hp_attach_people(st, s, row) || hp_attach_has_channel(s, row)) s->fate[row] = HP_FATE_CONTACT;
    return HP_OK;
}

static hp_code without_owner(hp_attach_state *st, uint32_t sheet, size_t row, const hp_seed *seed,
                             hp_err *err) {
    hp_attach_sheet *s = &st->sheet[sheet];
    if (seed->name.v != HP_NULL && s->m->entity == HP_E_CONTACT) {
        HP_TRY(hp_find(st->run, HP_R_ORGANIZATION_FROM_CONTACT, seed->name.at, seed->name.v, HP_NULL, err));
        s->join[row].how = HP_JOINED_MADE;
        return plant(st, sheet, row, *seed, err);
    }
    bool filler = seed->name.v == HP_NULL && raw_name(s, row) != HP_NULL;
    hp_rule rule = filler                        ? HP_R_Q_FILLER
                   : seed->name.v || seed->key.v ? HP_R_Q_NO_ORGANIZATION
                                                 : HP_R_Q_NO_NAME;
    return keep_out(st, s, row, rule, seed->key.v, err);
}

/* Decides a contact, address or note row: its key, else its name, be it merged with one further up, finds the
 * organisation. */
static hp_code decide_member(hp_attach_state *st, uint32_t sheet, size_t row, hp_err *err) {
    hp_attach_sheet *s = &st->sheet[sheet];
    const hp_mapped *m = s->m;
    hp_seed seed = {0};
    bool layout, declares_key = m->join_key && s->at[HP_F_RECORD_ID] < s->at[HP_F_RECORD_ID + 1];
    HP_TRY(is_layout(st, s, row, &layout, err));
    if (layout) return keep_out(st, s, row, HP_R_Q_LAYOUT, HP_NULL, err);
    uint32_t above = owner_above(s, row);
    if (above == HP_NO_ORG && !has_value(s, row, HP_F_NONE))
        return keep_out(st, s, row, raw_name(s, row) ? HP_R_Q_FILLER : HP_R_Q_EMPTY, HP_NULL, err);
    HP_TRY(name_of(st, s, row, &seed.name, &seed.name_key, err));
    if (m->join_key) HP_TRY(key_of(st, s, row, &seed.key, err));
    uint32_t org = by_key(st, s, seed.key.v, seed.name_key);
    hp_join join = {seed.key.v, HP_JOINED_KEY};
    if (org != HP_NO_ORG) {
        HP_TRY(settle_names(st, s, &seed, &org, &join, err));
        return join_to(st, s, row, org, join, err);
    }
    if (seed.key.v) HP_TRY(hp_find(st->run, HP_R_KEY_UNMATCHED, seed.key.at, seed.key.v, HP_NULL, err));
    if (above != HP_NO_ORG)
        return m->entity == HP_E_CONTACT ? continue_org(s, row, above)
                                         : join_to(st, s, row, above, (hp_join){0, HP_JOINED_BELOW}, err);
    org = m->join_name ? by_name(st, s, seed.name_key, &join) : HP_NO_ORG;
    if (org == HP_NO_ORG) return without_owner(st, sheet, row, &seed, err);
    if (declares_key && !seed.key.v)
        /* Without the value, which the cell has: so many such rows are one line of the findings. */
        HP_TRY(hp_find(st->run, HP_R_ATTACHED_BY_NAME, seed.name.at, HP_NULL, HP_NULL, err));
    return join_to(st, s, row, org, join, err);
}

/* A row that was sent to quarantine before. */
static hp_code leave_out(hp_attach_state *st, uint32_t sheet, size_t row) {
    hp_attach_sheet *s = &st->sheet[sheet];
    s->fate[row] = HP_FATE_OUT;
    s->org[row] = HP_NO_ORG;
    return HP_OK;
}

static hp_code decide(hp_attach_state *st, uint32_t sheet, size_t row, hp_err *err) {
    hp_attach_sheet *s = &st->sheet[sheet];
    if (s->m->kept_out && s->m->kept_out[row]) return leave_out(st, sheet, row);
    if (s->c->refused && s->c->refused[row] != HP_NULL)
        return keep_out(st, s, row, HP_R_Q_NO_CONSENT, s->c->refused[row], err);
    return hp_attach_owns(s->m->entity) ? decide_owner(st, sheet, row, err)
                                        : decide_member(st, sheet, row, err);
}

/* One pass over the sheets of some kind of row. Contacts go before addresses and notes,
 * since they may make organisations. */
static hp_code decide_kind(hp_attach_state *st, bool (*wanted)(hp_entity), hp_err *err) {
    for (uint32_t i = 0; i < st->nsheet; i++) {
        const hp_attach_sheet *s = &st->sheet[i];
        if (!wanted(s->m->entity)) continue;
        for (size_t row = 0; row < s->c->nrow; row++) HP_TRY(decide(st, i, row, err));
        hp_run_progress(st->run, "attach", i + 1, st->nsheet);
    }
    return HP_OK;
}

static bool is_contact(hp_entity e) { return e == HP_E_CONTACT; }
static bool is_rest(hp_entity e) { return e == HP_E_ADDRESS || e == HP_E_NOTE; }

hp_code hp_attach_decide(hp_attach_state *st, hp_err *err) {
    HP_TRY(decide_kind(st, hp_attach_owns, err));
    HP_TRY(decide_kind(st, is_contact, err));
    return decide_kind(st, is_rest, err);
}
