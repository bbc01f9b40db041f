/* Deciding the fate of rows: organisations first, then the rows that look for theirs. */
#include "resolve/attach.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "base/banned.h"

/* ---- what a row is ---- */

/* A repeated header: every mapped cell that has a value has its own header's. */
static bool repeats_header(const hp_attach_sheet *s, size_t row) {
    size_t same = 0, r = s->m->first + row;
    if (s->head == SIZE_MAX) return false;
    for (uint32_t i = 0; i < s->at[HP_FIELD_COUNT]; i++) {
        const hp_column *c = &s->m->raw->col[s->m->bind[s->bind[i]].col];
        if (c->v[r] == HP_NULL) continue;
        if (c->v[r] != c->v[s->head]) return false;
        same++;
    }
    return same > 1 || (same == 1 && s->at[HP_FIELD_COUNT] == 1);
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

static bool is_layout(const hp_attach_state *st, const hp_attach_sheet *s, size_t row) {
    const hp_table *raw = s->m->raw;
    if (repeats_header(s, row)) return true;
    for (size_t c = 0; c < raw->ncol; c++) {
        hp_vid v = raw->col[c].v[s->m->first + row];
        if (v == HP_NULL) continue;
        hp_str text = hp_text(st->run->pool, v);
        return is_summary_text(text) && !hp_attach_has_channel(s, row);
    }
    return false;
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
                     || f == HP_F_LAST_INTERACTION_DATE;
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
        HP_TRY(hp_attach_person(st, s, row, name, err));
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
    const hp_seed *fresh = &st->seed.p[id];
    uint32_t other;
    bool added;
    if (fresh->name_key == HP_NULL) return HP_OK;
    bool ok =
        hp_imap_add(&st->by_file_name, in_file(&st->sheet[fresh->sheet], fresh->name_key), id, &other, &added)
        && hp_imap_add(&st->by_name, fresh->name_key, id, &other, &added);
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

static uint32_t by_name(const hp_attach_state *st, const hp_attach_sheet *s, hp_vid name_key) {
    uint32_t id;
    if (name_key == HP_NULL) return HP_NO_ORG;
    if (hp_imap_get(&st->by_file_name, in_file(s, name_key), &id)) return id;
    return hp_imap_get(&st->by_name, name_key, &id) ? id : HP_NO_ORG;
}

/* ---- rows ---- */

static hp_code decide_owner(hp_attach_state *st, uint32_t sheet, size_t row, hp_err *err) {
    hp_attach_sheet *s = &st->sheet[sheet];
    hp_seed seed = {0};
    if (is_layout(st, s, row)) return keep_out(st, s, row, HP_R_Q_LAYOUT, HP_NULL, err);
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

static hp_code join_to(hp_attach_state *st, hp_attach_sheet *s, size_t row, uint32_t org, hp_err *err) {
    /* A contact row says at least that somebody was there; an address or note row without address or note says nothing. */
    if (s->m->entity != HP_E_CONTACT && !adds_something(s, row)) return keep_out(st, s, row, HP_R_Q_EMPTY, HP_NULL, err);
    s->org[row] = org;
    s->fate[row] = HP_FATE_MORE;
    if (s->m->entity != HP_E_CONTACT) return HP_OK;
    hp_datum person;
    HP_TRY(hp_attach_person(st, s, row, &person, err));
    if (person.v != HP_NULL || hp_attach_has_channel(s, row)) s->fate[row] = HP_FATE_CONTACT;
    return HP_OK;
}

static hp_code without_owner(hp_attach_state *st, uint32_t sheet, size_t row, const hp_seed *seed,
                             hp_err *err) {
    hp_attach_sheet *s = &st->sheet[sheet];
    if (seed->name.v != HP_NULL && s->m->entity == HP_E_CONTACT) {
        HP_TRY(hp_find(st->run, HP_R_ORGANIZATION_FROM_CONTACT, seed->name.at, seed->name.v, HP_NULL, err));
        return plant(st, sheet, row, *seed, err);
    }
    bool filler = seed->name.v == HP_NULL && raw_name(s, row) != HP_NULL;
    hp_rule rule = filler                        ? HP_R_Q_FILLER
                   : seed->name.v || seed->key.v ? HP_R_Q_NO_ORGANIZATION
                                                 : HP_R_Q_NO_NAME;
    return keep_out(st, s, row, rule, seed->key.v, err);
}

/* Decides a contact, address or note row: its key, else its name, finds the organisation. */
static hp_code decide_member(hp_attach_state *st, uint32_t sheet, size_t row, hp_err *err) {
    hp_attach_sheet *s = &st->sheet[sheet];
    const hp_mapped *m = s->m;
    hp_seed seed = {0};
    bool declares_key = m->join_key && s->at[HP_F_RECORD_ID] < s->at[HP_F_RECORD_ID + 1];
    if (is_layout(st, s, row)) return keep_out(st, s, row, HP_R_Q_LAYOUT, HP_NULL, err);
    if (!has_value(s, row, HP_F_NONE))
        return keep_out(st, s, row, raw_name(s, row) ? HP_R_Q_FILLER : HP_R_Q_EMPTY, HP_NULL, err);
    HP_TRY(name_of(st, s, row, &seed.name, &seed.name_key, err));
    if (m->join_key) HP_TRY(key_of(st, s, row, &seed.key, err));
    uint32_t org = by_key(st, s, seed.key.v, seed.name_key);
    if (org != HP_NO_ORG) return join_to(st, s, row, org, err);
    if (seed.key.v) HP_TRY(hp_find(st->run, HP_R_KEY_UNMATCHED, seed.key.at, seed.key.v, HP_NULL, err));
    org = m->join_name ? by_name(st, s, seed.name_key) : HP_NO_ORG;
    if (org == HP_NO_ORG) return without_owner(st, sheet, row, &seed, err);
    if (declares_key && !seed.key.v)
        HP_TRY(hp_find(st->run, HP_R_ATTACHED_BY_NAME, seed.name.at, seed.name.v, HP_NULL, err));
    return join_to(st, s, row, org, err);
}

static bool is_owner(hp_entity e) { return e == HP_E_ORGANIZATION || e == HP_E_PERSON; }

/* One pass over the sheets of some kind of row. Contacts go before addresses and notes,
 * since they may make organisations. */
static hp_code decide_kind(hp_attach_state *st, bool (*wanted)(hp_entity), hp_err *err) {
    for (uint32_t i = 0; i < st->nsheet; i++) {
        const hp_attach_sheet *s = &st->sheet[i];
        if (!wanted(s->m->entity)) continue;
        for (size_t row = 0; row < s->c->nrow; row++)
            HP_TRY(is_owner(s->m->entity) ? decide_owner(st, i, row, err) : decide_member(st, i, row, err));
        hp_run_progress(st->run, "attach", i + 1, st->nsheet);
    }
    return HP_OK;
}

static bool is_contact(hp_entity e) { return e == HP_E_CONTACT; }
static bool is_rest(hp_entity e) { return e == HP_E_ADDRESS || e == HP_E_NOTE; }

hp_code hp_attach_decide(hp_attach_state *st, hp_err *err) {
    HP_TRY(decide_kind(st, is_owner, err));
    HP_TRY(decide_kind(st, is_contact, err));
    return decide_kind(st, is_rest, err);
}
