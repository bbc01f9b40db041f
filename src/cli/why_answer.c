#include "base/log.h"
#include "cli/why.h"
#include "table/mask.h"

#include "base/banned.h"

/* ---- what both tellers need ---- */

void hp_why_address(const hp_why_store *s, hp_cell at, hp_buf *out) {
    char letters[8] = "";
    if (at.sheet >= s->nsheet) return;
    const hp_stored_sheet *sheet = &s->sheet[at.sheet];
    hp_buf_add(out, s->file[sheet->file].name);
    hp_buf_putc(out, '!');
    if (sheet->name.n) {
        hp_buf_add(out, sheet->name);
        hp_buf_putc(out, '!');
    }
    if (at.col != HP_NO_COL) hp_col_letters(at.col, letters);
    hp_buf_printf(out, "%s%u", letters, at.row);
}

void hp_why_show(const hp_cli *c, const hp_why_answer *a, hp_kind kind, hp_str value, hp_buf *out) {
    bool open = c->args.opt[HP_O_SHOW_VALUES].on;
    hp_str part;
    for (size_t n = 0; hp_str_next(&value, HP_LIST_SEP, &part); n++) {
        if (n) hp_buf_puts(out, "; ");
        if (open)
            hp_buf_add(out, part);
        else if (hp_kind_personal(kind) || (a->masked && kind == a->kind)
                 || (a->personal && kind == HP_K_ORG_NAME))
            hp_put_masked(out, kind, part);
        else if (kind == HP_K_DATE)
            hp_buf_add(out, part); /* the scrubber would take it for a phone number */
        else
            hp_scrub(part, out);
    }
}

int64_t hp_why_priority(const hp_why_store *s, const hp_why_record *r) {
    uint32_t sheet = r->row[0].at.sheet;
    return sheet < s->nsheet ? s->file[s->sheet[sheet].file].priority : 0;
}

/* The order of survivorship (merge/rank.c). */
const char *hp_why_before(const hp_why_store *s, const hp_why_record *x, const hp_why_record *y) {
    if (hp_why_priority(s, x) != hp_why_priority(s, y)) return "its source has a lower priority";
    if (x->complete != y->complete) return "its record is less complete";
    if (hp_str_cmp(x->date, y->date) != 0) return "its record is older";
    return NULL;
}

/* ---- cells ---- */

/* The finder of an answer: a row, and the field that is asked for. */
typedef struct finder {
    hp_cli *c;
    const hp_why_store *s;
    const hp_why_row *row;
    hp_field field;
    hp_err *err;
    bool bad;
} finder;

static bool is_member(hp_str list, hp_str one) {
    if (one.n == 0) return false;
    if (hp_str_eq(list, one)) return true;
    for (hp_str part; hp_str_next(&list, HP_LIST_SEP, &part);)
        if (hp_str_eq(part, one)) return true;
    return false;
}

/* Tells whether a value of the record's rows went into a text that was put together. */
static bool went_into(hp_str clean, hp_str whole) {
    for (hp_str part; hp_str_next(&clean, HP_LIST_SEP, &part);)
        if (part.n && hp_str_find(whole, part, 0) != SIZE_MAX) return true;
    return false;
}

static bool feeds(hp_field asked, hp_field f) {
    if (asked == f) return true;
    bool name = f == HP_F_CONTACT_NAME || f == HP_F_CONTACT_FIRST_NAME || f == HP_F_CONTACT_LAST_NAME;
    if (asked == HP_F_CONTACT_NAME) return name;
    return asked == HP_F_ORGANIZATION_NAME && (f == HP_F_TRADING_AS || name);
}

typedef HP_VEC(hp_why_place) places;

static void add_place(finder *f, places *list, hp_origin at, const hp_why_cell *cell) {
    for (size_t i = 0; i < list->n; i++)
        if (list->p[i].cell == cell) return;
    hp_why_place p = {.at = {at.sheet, at.row, cell->col}, .cell = cell};
    if (hp_store_header(f->s, at.sheet, cell->col, &p.header, f->err) != HP_OK) f->bad = true;
    f->bad = f->bad || !hp_vec_push(list, p);
}

/* Finds the cell at an address that says a text; else any cell there that feeds the field. */
static const hp_why_cell *cell_at(const finder *f, const hp_why_record *r, hp_cell at, hp_str text) {
    const hp_why_cell *best = NULL;
    for (size_t i = 0; i < r->nrow; i++) {
        if (r->row[i].at.sheet != at.sheet || r->row[i].at.row != at.row) continue;
        for (size_t k = 0; k < r->row[i].ncell; k++) {
            const hp_why_cell *c = &r->row[i].cell[k];
            if (c->col != at.col) continue;
            if (feeds(f->field, c->field) && is_member(c->clean, text)) return c;
            if (f->field == HP_F_CONTACT_ROLE && is_member(c->extra, text)) return c;
            if (!best || (feeds(f->field, c->field) && !feeds(f->field, best->field))) best = c;
        }
    }
    return best;
}

/* Adds the cells of a record, or of one row of it, that went into a text. */
static void add_parts(finder *f, const hp_why_record *r, const hp_origin *only, hp_str text, places *list) {
    for (size_t i = 0; i < r->nrow; i++) {
        const hp_why_source_row *row = &r->row[i];
        if (only && (row->at.sheet != only->sheet || row->at.row != only->row)) continue;
        for (size_t k = 0; k < row->ncell; k++)
            if (feeds(f->field, row->cell[k].field) && went_into(row->cell[k].clean, text))
                add_place(f, list, row->at, &row->cell[k]);
    }
}

/* Finds the cells that a value was made of: one that says it, or those that were joined. */
static void find_places(finder *f, const hp_why_value *v, hp_why_part *out) {
    const hp_why_record *r = &f->row->record[v->record];
    hp_origin row = {v->at.sheet, v->at.row};
    places list = {0};
    const hp_why_cell *cell = v->at.col != HP_NO_COL ? cell_at(f, r, v->at, v->text) : NULL;
    bool name = f->field == HP_F_CONTACT_NAME || f->field == HP_F_ORGANIZATION_NAME;
    if (cell) add_place(f, &list, row, cell);
    if (!cell)
        add_parts(f, r, &row, v->text, &list);
    else if (!is_member(cell->clean, v->text) && feeds(f->field, cell->field))
        add_parts(f, r, name ? &row : NULL, v->text, &list);
    if (!list.n && !f->bad && v->at.sheet != HP_NO_SHEET) {
        hp_why_place constant = {.at = {v->at.sheet, v->at.row, HP_NO_COL}, .header = {"", 0}};
        f->bad = !hp_vec_push(&list, constant);
    }
    out->place = HP_NEW_ARRAY(f->s->arena, list.n + 1, hp_why_place);
    if (!out->place) f->bad = true;
    if (out->place && list.n) memcpy(out->place, list.p, list.n * sizeof *list.p);
    if (out->place) out->nplace = list.n;
    hp_vec_free(&list);
}

/* ---- the same, and nothing ---- */

static bool is_cited(const hp_why_answer *a, const hp_why_cell *cell) {
    for (size_t i = 0; i < a->nkept; i++)
        for (size_t k = 0; k < a->kept[i].nplace; k++)
            if (a->kept[i].place[k].cell == cell) return true;
    for (size_t i = 0; i < a->nlost; i++)
        for (size_t k = 0; k < a->lost[i].nplace; k++)
            if (a->lost[i].place[k].cell == cell) return true;
    return false;
}

static bool says_same(const hp_why_answer *a, const hp_why_cell *cell) {
    hp_str list = cell->clean;
    for (hp_str part; hp_str_next(&list, HP_LIST_SEP, &part);)
        for (size_t i = 0; i < a->nkept; i++)
            if (hp_str_ieq(part, a->kept[i].text)) return true;
    return false;
}

static hp_code take(finder *f, places *list, hp_why_place **out, size_t *n) {
    *out = HP_NEW_ARRAY(f->s->arena, list->n + 1, hp_why_place);
    if (*out && list->n) memcpy(*out, list->p, list->n * sizeof *list->p);
    *n = *out ? list->n : 0;
    hp_vec_free(list);
    return *out ? HP_OK : hp_fail_memory(f->err, "the answer");
}

static hp_code find_others(finder *f, hp_why_answer *a) {
    places also = {0}, emptied = {0};
    for (size_t r = 0; r < f->row->nrecord; r++)
        for (size_t i = 0; i < f->row->record[r].nrow; i++) {
            const hp_why_source_row *row = &f->row->record[r].row[i];
            for (size_t k = 0; k < row->ncell; k++) {
                const hp_why_cell *cell = &row->cell[k];
                if (cell->field != f->field || is_cited(a, cell)) continue;
                if (!cell->clean.n)
                    add_place(f, &emptied, row->at, cell);
                else if (says_same(a, cell))
                    add_place(f, &also, row->at, cell);
            }
        }
    hp_code one = take(f, &also, &a->also, &a->nalso), two = take(f, &emptied, &a->emptied, &a->nemptied);
    return one != HP_OK ? one : two;
}

/* ---- values ---- */

static void take_value(finder *f, const hp_why_value *v, hp_why_part *out) {
    out->text = v->text;
    out->record = v->record;
    find_places(f, v, out);
}

/* Distributes the values of a column: of those chosen by rank, all but the first lost to it. */
static hp_code take_values(finder *f, hp_why_answer *a, const hp_why_value *v, size_t n, bool first_only) {
    a->kept = HP_NEW_ARRAY(f->s->arena, n + 1, hp_why_part);
    a->lost = HP_NEW_ARRAY(f->s->arena, n + 1, hp_why_part);
    if (!a->kept || !a->lost) return hp_fail_memory(f->err, "the answer");
    for (size_t i = 0; i < n; i++) {
        if (v[i].col != a->asked->col) continue;
        if (!first_only || a->nkept == 0) {
            take_value(f, &v[i], &a->kept[a->nkept++]);
            continue;
        }
        hp_why_part *p = &a->lost[a->nlost++];
        take_value(f, &v[i], p);
        const hp_why_record *winner = &f->row->record[a->kept[0].record];
        p->lost = hp_why_before(f->s, winner, &f->row->record[v[i].record]);
        if (!p->lost) p->lost = "it was read later; priority, completeness and date are the same";
    }
    return f->bad ? hp_fail_memory(f->err, "the answer") : HP_OK;
}

/* Why another person is not the primary contact (merge/people.c). */
static const char *less_than_primary(const hp_why_person *x, const hp_why_person *primary) {
    static const char *const REACH[] = {"cannot be reached", "has a name only", "has a phone only",
                                        "has an e-mail address only", "can be reached by e-mail and phone"};
    if (x->reach < primary->reach) return REACH[x->reach];
    if (x->weight < primary->weight) return "has a role of less weight";
    return "stands in a record of lower rank, or further down";
}

static uint32_t contact_column(const hp_why_store *s, hp_field f) {
    for (size_t i = 0; i < s->of[HP_OF_CONTACTS].n; i++)
        if (s->of[HP_OF_CONTACTS].col[i].field == f) return (uint32_t)i;
    return UINT32_MAX;
}

static bool is_kept(const hp_why_answer *a, hp_str text) {
    for (size_t i = 0; i < a->nkept; i++)
        if (hp_str_eq(a->kept[i].text, text)) return true;
    return false;
}

/* The values of people: what the column shows is of the primary one; others' are told with why they are not.
 */
static hp_code take_people(finder *f, hp_why_answer *a) {
    const hp_why_person *primary = NULL;
    uint32_t col = contact_column(f->s, f->field);
    size_t most = 0;
    for (size_t i = 0; i < f->row->nperson; i++) {
        if (f->row->person[i].primary) primary = &f->row->person[i];
        most += f->row->person[i].nvalue;
    }
    hp_why_part *lost = HP_NEW_ARRAY(f->s->arena, a->nlost + most + 1, hp_why_part);
    if (!lost) return hp_fail_memory(f->err, "the answer");
    if (a->nlost) memcpy(lost, a->lost, a->nlost * sizeof *lost);
    a->lost = lost;
    for (size_t i = 0; primary && i < f->row->nperson; i++) {
        const hp_why_person *p = &f->row->person[i];
        for (size_t k = 0; k < p->nvalue; k++) {
            if (p->value[k].col != col || is_kept(a, p->value[k].text)) continue;
            hp_why_part *part = &a->lost[a->nlost++];
            take_value(f, &p->value[k], part);
            part->lost =
                p == primary ? "is a further one of the primary contact" : less_than_primary(p, primary);
            part->whose = p == primary ? "primary" : "other";
            part->person = i;
        }
    }
    return f->bad ? hp_fail_memory(f->err, "the answer") : HP_OK;
}

/* Puts together what the cell said: the first value, or all of them. */
static hp_code join(finder *f, hp_why_answer *a, const char *glue) {
    hp_autobuf all = hp_buf_new(1u << 30);
    if (a->nlost == 0 && a->nkept == 1) {
        a->value = a->kept[0].text;
        a->known = hp_str_chr(a->value, HP_LIST_SEP, 0) == SIZE_MAX;
        return HP_OK;
    }
    for (size_t i = 0; i < a->nkept; i++) {
        hp_str rest = a->kept[i].text, part;
        while (hp_str_next(&rest, HP_LIST_SEP, &part)) {
            if (all.n) hp_buf_puts(&all, glue);
            hp_buf_add(&all, part);
        }
    }
    HP_TRY(hp_buf_check(&all, "the answer", f->err));
    a->value = hp_arena_dup(f->s->arena, hp_buf_str(&all));
    a->known = true;
    return a->value.p ? HP_OK : hp_fail_memory(f->err, "the answer");
}

static void take_derived(const finder *f, hp_why_answer *a) {
    if (hp_str_eq(a->asked->column->name, HP_S("organization_slug"))) {
        a->value = f->row->slug;
        a->known = true;
    }
    for (size_t i = 0; i < f->row->nderived; i++) {
        if (f->row->derived[i].col != a->asked->col) continue;
        a->value = f->row->derived[i].text;
        a->known = true;
    }
}

static const char *sentence(const char *mode, size_t n, bool secondary) {
    if (strcmp(mode, "first") == 0)
        return n ? "kept from the best-ranked record that has one: by priority of its source, then completeness, "
                   "then date, then order of reading"
                 : "no record has one";
    if (strcmp(mode, "all") == 0) return n ? "what all rows say, each once" : "no row says anything";
    if (strcmp(mode, "latest") == 0) return n ? "the latest date of all rows" : "no row has a date";
    if (secondary) return n ? "all that the primary contact does not show" : "there are no others";
    return n ? "of the primary contact: who can be reached best, then by the weight of the role, then by rank"
             : "the primary contact has none, or there is no contact";
}

static hp_code know_value(finder *f, hp_why_answer *a) {
    const char *mode = a->asked->column->mode.p;
    bool person = a->asked->of == HP_OF_CONTACTS;
    bool secondary =
        strcmp(mode, "contact") == 0 && hp_str_find(a->asked->column->name, HP_S("secondary"), 0) != SIZE_MAX;
    const hp_why_value *v = person ? f->row->person[a->person].value : f->row->value;
    size_t n = person ? f->row->person[a->person].nvalue : f->row->nvalue;
    if (!*mode || strcmp(mode, "list") == 0) {
        a->known = !*mode && !person;
        take_derived(f, a);
        return HP_OK;
    }
    bool all_of_them = strcmp(mode, "all") == 0 || secondary;
    HP_TRY(take_values(f, a, v, n, !all_of_them));
    if (strcmp(mode, "contact") == 0 && !secondary) HP_TRY(take_people(f, a));
    a->how = sentence(mode, a->nkept, secondary);
    HP_TRY(find_others(f, a));
    if (!person && a->nkept == 0) take_derived(f, a);
    if (a->known) {
        a->how = "no record has one; it is what the profile says of all";
        return HP_OK;
    }
    if (!all_of_them) {
        a->known = true;
        a->value = a->nkept ? a->kept[0].text : (hp_str){"", 0};
        return HP_OK;
    }
    return join(f, a, secondary ? ";" : "; ");
}

/* ---- files ---- */

/* Looks whether a file is as the run read it, once. */
static void check_file(const hp_stored_file *f, hp_why_state *state) {
    hp_xxh3 now;
    hp_err why = {0};
    if (*state != HP_WHY_NOT_LOOKED) return;
    /* What cannot be read is as good as gone: the answer stands without it. */
    if (!hp_exists(f->path.p) || hp_xxh3_file(f->path.p, &now, &why) != HP_OK)
        *state = HP_WHY_GONE;
    else
        *state = hp_str_eq(f->quick, hp_str_of(now.hex)) ? HP_WHY_AS_WRITTEN : HP_WHY_EDITED;
}

static void cite(hp_why_answer *a, uint32_t sheet) {
    if (sheet >= a->store->nsheet) return;
    uint32_t file = a->store->sheet[sheet].file;
    a->cited[file] = true;
    check_file(&a->store->file[file], &a->asked->file[file]);
}

static hp_code cite_files(finder *f, hp_why_answer *a) {
    a->cited = HP_NEW_ARRAY(f->s->arena, f->s->nfile + 1, bool);
    if (!a->cited) return hp_fail_memory(f->err, "the answer");
    if (a->asked->of == HP_OF_QUARANTINE) cite(a, a->kept_out.at.sheet);
    for (size_t r = 0; r < a->row.nrecord; r++)
        for (size_t i = 0; i < a->row.record[r].nrow; i++) cite(a, a->row.record[r].row[i].at.sheet);
    return HP_OK;
}

hp_code hp_why_know(hp_cli *c, const hp_why_store *store, const hp_why_asked *asked, hp_why_answer *out,
                    hp_err *err) {
    uint64_t row;
    *out = (hp_why_answer){.store = store, .asked = asked, .value = {"", 0}};
    finder f = {.c = c, .s = store, .row = &out->row, .field = asked->column->field, .err = err};
    out->kind = hp_field_get(f.field)->kind;
    out->masked = f.field == HP_F_NOTES || f.field == HP_F_DESCRIPTION;
    if (asked->of == HP_OF_QUARANTINE) {
        HP_TRY(hp_store_kept_out(store, asked->row, &out->kept_out, err));
        out->personal = out->kept_out.kind == HP_E_PERSON;
        return cite_files(&f, out);
    }
    if (asked->of == HP_OF_CONTACTS)
        HP_TRY(hp_store_contact(store, asked->row, &out->row, &out->person, &row, err));
    else
        HP_TRY(hp_store_row(store, asked->row, &out->row, err));
    for (size_t i = 0; i < out->row.nrecord; i++)
        out->personal |= (out->row.record[i].flags & HP_WHY_PERSON) != 0;
    HP_TRY(know_value(&f, out));
    return cite_files(&f, out);
}
