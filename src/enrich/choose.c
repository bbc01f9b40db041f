/* Which sheets are enriched, and which of their fields may be filled. */
#include "base/limits.h"
#include "enrich/work.h"

#include "base/banned.h"

/* What nobody but its source can know, what is about the relation and not about the organisation, and what is
 * never written out. */
static const hp_field NEVER[] = {
    HP_F_RECORD_ID,
    HP_F_STATUS,
    HP_F_NOTES,
    HP_F_LAST_INTERACTION_DATE,
    HP_F_PRIORITY,
    HP_F_ADDRESS_TYPE,
    HP_F_CONTACT_TITLE,
    HP_F_CONTACT_BIRTH_DATE,
    HP_F_CONTACT_NATIONAL_ID,
    HP_F_CONTACT_CONSENT, /* is given by the person, not looked up */
    HP_F_CONTACT_CONSENT_DATE,
    HP_F_CONTACT_CONSENT_PURPOSE,
};

void hp_settle_fields(hp_work *w) {
    const hp_profile_enrich *e = &w->p->enrich;
    for (size_t i = 0; i < e->nfield; i++) w->fillable |= hp_field_bit(e->field[i]);
    if (e->nfield == 0) w->fillable = ~(hp_field_set)0;
    for (size_t i = 0; i < sizeof NEVER / sizeof *NEVER; i++) w->fillable &= ~hp_field_bit(NEVER[i]);
    w->fillable &= ~hp_field_bit(HP_F_NONE);
}

/* ---- sheets ---- */

static hp_code find_rows(hp_work *w, hp_work_sheet *s, hp_err *err) {
    const hp_table *t = s->sheet->in, *raw = s->sheet->raw;
    s->raw_of = HP_NEW_ARRAY(w->run->arena, t->nrow + 1, uint32_t);
    s->row = HP_NEW_ARRAY(w->run->arena, t->nrow + 1, hp_row_state);
    if (!s->raw_of || !s->row) return hp_fail_memory(err, "the rows of a sheet");
    size_t at = 0;
    for (size_t i = 0; i < t->nrow; i++) {
        while (at < raw->nrow && raw->origin[at].row < t->origin[i].row) at++;
        bool blank =
            at == raw->nrow || raw->origin[at].row != t->origin[i].row; /* put back by whoever read it */
        s->raw_of[i] = (uint32_t)at;
        s->row[i].data = !blank && (!s->known || at >= s->known->first);
    }
    return HP_OK;
}

/* Finds the column of the output for each field; columns of raw and output differ by what hp_shape_name left
 * out at the left, which is nothing, but their numbers are asked all the same. */
static void find_columns(hp_work_sheet *s) {
    const hp_table *t = s->sheet->in;
    for (size_t f = 0; f < HP_FIELD_COUNT; f++) {
        s->col[f] = HP_NO_COL;
        uint32_t source = s->known && s->known->col[f] != HP_NO_COL
                              ? s->known->raw->col[s->known->col[f]].source
                              : HP_NO_COL;
        for (size_t c = 0; source != HP_NO_COL && c < t->ncol; c++)
            if (t->col[c].source == source) s->col[f] = (uint32_t)c;
    }
}

static void mark_unsaved(hp_work_sheet *s, hp_cell at) {
    const hp_table *t = s->sheet->in;
    size_t from = 0, to = t->nrow;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (t->origin[middle].row < at.row)
            from = middle + 1;
        else
            to = middle;
    }
    if (from == t->nrow || t->origin[from].row != at.row) return;
    for (int f = 1; f < HP_FIELD_COUNT; f++)
        if (s->col[f] != HP_NO_COL && t->col[s->col[f]].source == at.col)
            s->unsaved[from] |= hp_field_bit((hp_field)f);
}

/* A formula without a saved result was read as empty, but the cell is not blank. */
static hp_code find_unsaved(hp_work *w, hp_work_sheet *s, hp_err *err) {
    const hp_issues *all = &w->run->issues;
    if (all->by_rule[HP_R_FORMULA_WITHOUT_VALUE] == 0 || !s->known) return HP_OK;
    s->unsaved = HP_NEW_ARRAY(w->run->arena, s->sheet->in->nrow + 1, hp_field_set);
    if (!s->unsaved) return hp_fail_memory(err, "the rows of a sheet");
    for (size_t i = 0; i < all->list.n; i++) {
        const hp_issue *issue = &all->list.p[i];
        if (issue->rule == HP_R_FORMULA_WITHOUT_VALUE && issue->at.sheet == s->sheet->sheet)
            mark_unsaved(s, issue->at);
    }
    return HP_OK;
}

static void *copy(hp_arena *a, const void *from, size_t n) {
    void *to = hp_arena_raw(a, n + 1);
    return to && n ? memcpy(to, from, n) : to;
}

/* Gives the columns that may be filled cells of their own: those of the input are shared. */
static hp_code own_cells(hp_work *w, hp_work_sheet *s, hp_err *err) {
    hp_arena *a = w->run->arena;
    const hp_table *in = s->sheet->in;
    hp_table *t = HP_NEW(a, hp_table);
    hp_column *col = HP_NEW_ARRAY(a, in->ncol + 1, hp_column);
    if (!t || !col) return hp_fail_memory(err, "a sheet");
    *t = *in;
    t->col = col;
    memcpy(col, in->col, in->ncol * sizeof *col);
    for (int f = 1; f < HP_FIELD_COUNT; f++) {
        if (s->col[f] == HP_NO_COL || !hp_field_in(w->fillable, (hp_field)f)) continue;
        hp_column *c = &col[s->col[f]];
        if (c->v != in->col[s->col[f]].v) continue;
        bool ok = (c->v = copy(a, c->v, t->nrow * sizeof *c->v)) != NULL;
        if (c->lex) ok &= (c->lex = copy(a, c->lex, t->nrow * sizeof *c->lex)) != NULL;
        if (c->type) ok &= (c->type = copy(a, c->type, t->nrow)) != NULL;
        if (!ok) return hp_fail_memory(err, "a sheet");
    }
    s->sheet->out = t;
    s->sheet->enriched = true;
    return HP_OK;
}

/* Tells whether a sheet is the provenance that an earlier run wrote. */
static bool is_provenance(const hp_table *t) {
    size_t n;
    const char *const *name = hp_provenance_sheet_names(&n);
    for (size_t i = 0; i < n; i++)
        if (hp_table_find(t, hp_str_of(name[i])) == SIZE_MAX) return false;
    return true;
}

hp_code hp_choose_sheets(hp_work *w, hp_enrich_sheet *sheet, size_t n, hp_err *err) {
    w->sheet = HP_NEW_ARRAY(w->run->arena, n + 1, hp_work_sheet);
    if (!w->sheet) return hp_fail_memory(err, "the sheets");
    bool refined = false;
    for (size_t i = 0; i < n && !refined; i++) {
        hp_known *k = NULL;
        sheet[i].out = NULL;
        if (sheet[i].raw->nrow && !is_provenance(sheet[i].in))
            HP_TRY(hp_known_make(w->run, w->p, NULL, sheet[i].raw, sheet[i].sheet, true, &k, err));
        if (!k) continue;
        refined = k->refined && hp_str_ieq(sheet[i].name, HP_S("Data"));
        if (refined) w->nsheet = 0;
        w->sheet[w->nsheet++] = (hp_work_sheet){.sheet = &sheet[i], .known = k};
    }
    if (w->nsheet == 0 && n) w->sheet[w->nsheet++] = (hp_work_sheet){.sheet = &sheet[0]};
    for (size_t i = 0; i < w->nsheet; i++) {
        HP_TRY(find_rows(w, &w->sheet[i], err));
        find_columns(&w->sheet[i]);
        HP_TRY(find_unsaved(w, &w->sheet[i], err));
        HP_TRY(own_cells(w, &w->sheet[i], err));
    }
    return HP_OK;
}
