/* Suites and contracts of the profile, held against the sheets as they were read and against the result. */
#include "refine/checks.h"

#include "check/hold.h"

#include "base/banned.h"

/* ---- loading ---- */

static hp_code no_memory(hp_err *err) { return hp_fail_memory(err, "the suites"); }

static hp_code load_place(hp_run *run, const hp_profile_checks *of, hp_checks *out, hp_err *err) {
    if (of->nsuite + of->ncontract == 0) return HP_OK;
    hp_arena *a = run->arena;
    hp_loaded_checks *l = &out->list[out->n++];
    *l = (hp_loaded_checks){of, HP_NEW_ARRAY(a, of->nsuite + 1, hp_suite *),
                            HP_NEW_ARRAY(a, of->ncontract + 1, hp_contract *)};
    if (!l->suite || !l->contract) return no_memory(err);
    for (size_t i = 0; i < of->nsuite; i++) {
        hp_str path = hp_profile_checks_path(a, of, of->suite[i]);
        if (!path.p) return no_memory(err);
        HP_TRY(hp_suite_load(a, path.p, NULL, 0, &l->suite[i], err));
    }
    for (size_t i = 0; i < of->ncontract; i++) {
        hp_str path = hp_profile_checks_path(a, of, of->contract[i]);
        if (!path.p) return no_memory(err);
        HP_TRY(hp_contract_load(a, path.p, &l->contract[i], err));
    }
    return HP_OK;
}

hp_code hp_checks_load(hp_run *run, const hp_profile *p, hp_checks *out, hp_err *err) {
    size_t places = 1;
    for (size_t i = 0; i < p->nsource; i++) places += 1 + p->source[i].nsheet;
    *out = (hp_checks){.list = HP_NEW_ARRAY(run->arena, places, hp_loaded_checks)};
    if (!out->list) return no_memory(err);
    for (size_t i = 0; i < p->nsource; i++) {
        HP_TRY(load_place(run, &p->source[i].checks, out, err));
        for (size_t s = 0; s < p->source[i].nsheet; s++)
            HP_TRY(load_place(run, &p->source[i].sheet[s].checks, out, err));
    }
    return load_place(run, &p->output, out, err);
}

static const hp_loaded_checks *loaded(const hp_checks *k, const hp_profile_checks *of) {
    for (size_t i = 0; of && i < k->n; i++)
        if (k->list[i].of == of) return &k->list[i];
    return NULL;
}

/* ---- a sheet as a table with named columns ---- */

/* Names columns as the sheet does; the cells are those of the sheet, from its first data row on. */
static void view_columns(const hp_mapped *m, hp_table *t) {
    for (size_t b = 0; b < m->nbind; b++) {
        const hp_column *from = &m->raw->col[m->bind[b].col];
        if (b && m->bind[b].col == m->bind[b - 1].col) continue; /* it feeds several fields */
        hp_column *to = &t->col[t->ncol++];
        *to = *from;
        to->name = m->bind[b].header;
        to->v += m->first;
        if (to->type) to->type += m->first;
        if (to->lex) to->lex += m->first;
    }
}

static hp_code view_sheet(hp_run *run, const hp_mapped *m, hp_table **out, hp_err *err) {
    hp_table *t = HP_NEW(run->arena, hp_table);
    hp_autobuf name = hp_buf_new(1u << 16);
    if (!t) return no_memory(err);
    *t = *m->raw;
    t->ncol = 0;
    t->col = HP_NEW_ARRAY(run->arena, m->nbind + 1, hp_column);
    hp_address(&run->sources, (hp_cell){m->sheet, 0, HP_NO_COL}, &name);
    HP_TRY(hp_buf_check(&name, "the suites", err));
    t->name = hp_arena_dup(run->arena, hp_buf_str(&name));
    if (!t->col || !t->name.p) return no_memory(err);
    view_columns(m, t);
    t->nrow = m->raw->nrow > m->first ? m->raw->nrow - m->first : 0;
    if (t->origin) t->origin += m->first;
    if (t->hidden) t->hidden += m->first;
    *out = t;
    return HP_OK;
}

/* ---- holding ---- */

/* What the checks of a run work with. */
typedef struct checker {
    hp_run *run;
    const hp_profile *p;
    const hp_checks *k;
    hp_mapped *const *sheets;
    size_t n;
    hp_table **view; /* of each sheet */
    hp_verdict *out;
} checker;

/* One table, and what is said of it. */
typedef struct subject {
    const hp_table *data;
    hp_str name;                    /* that contracts know it by */
    const hp_mapped *m;             /* NULL for the result */
    const hp_golden *golden;        /* NULL for a sheet */
    const hp_profile_checks *of[2]; /* nearest first */
} subject;

static hp_verdict_terms terms_of(const checker *c, const subject *s) {
    hp_verdict_terms t = {
        .sources = s->m != NULL, .data = s->data->name, .head = {HP_NO_SHEET, 0, HP_NO_COL}};
    if (s->m) t.head = (hp_cell){s->m->sheet, s->m->header_row, HP_NO_COL};
    for (int sev = 0; sev < HP_GX_SEVERITIES; sev++)
        t.action[sev] = hp_profile_action(c->p, s->of, 2, (hp_gx_severity)sev);
    return t;
}

static hp_code hold_suite(checker *c, const subject *s, const hp_suite *suite, hp_err *err) {
    hp_verdict_terms terms = terms_of(c, s);
    hp_validation *v;
    HP_TRY(hp_validate(c->run, s->data, suite, &v, err));
    return hp_verdict_take(c->run, v, &terms, c->out, err);
}

/* A contract of one table is about any sheet; of several, about the sheet that it calls by its name. One that
 * a sheet names itself is about the sheet, even if it is called otherwise there. */
static hp_code pick_table(const subject *s, const hp_contract *k, bool own, const hp_contract_table **out,
                          hp_err *err) {
    *out = hp_contract_find(k, s->name);
    if (!*out && k->ntable == 1) *out = &k->table[0];
    if (!*out && own) *out = hp_hold_likeliest(k, s->data);
    if (*out || !own) return HP_OK;
    return hp_fail(err, HP_CONFIG, "%.*s: has no table for %.*s; call one of its %zu tables so",
                   HP_FMT(k->path), HP_FMT(s->data->name), k->ntable);
}

/* The other tables of a contract: sheets of the same file, or the result's. */
static void find_others(const checker *c, const subject *s, const hp_contract *k, const hp_table **others) {
    const hp_contract_table *t;
    for (size_t i = 0; s->m && i < c->n; i++) {
        const hp_source_sheet *sheet = &c->run->sources.sheet.p[c->sheets[i]->sheet];
        if (c->sheets[i]->file != s->m->file || sheet->name.n == 0) continue;
        t = hp_contract_find(k, sheet->name);
        if (t) others[t - k->table] = c->view[i];
    }
    if (!s->golden) return;
    t = hp_contract_find(k, HP_S("Data"));
    if (t) others[t - k->table] = s->golden->data;
    t = hp_contract_find(k, HP_S("Contacts"));
    if (t) others[t - k->table] = s->golden->contacts;
}

static hp_code hold_contract(checker *c, const subject *s, const hp_contract *k, bool own, hp_err *err) {
    hp_verdict_terms terms = terms_of(c, s);
    const hp_contract_table *t;
    const hp_table **others = HP_NEW_ARRAY(c->run->arena, k->ntable + 1, const hp_table *);
    hp_held held;
    if (!others) return no_memory(err);
    HP_TRY(pick_table(s, k, own, &t, err));
    if (!t) return HP_OK;
    find_others(c, s, k, others);
    HP_TRY(hp_hold(c->run, k, t, s->data, others, &held, err));
    terms.skip = held.absent;
    return hp_verdict_take(c->run, held.validation, &terms, c->out, err);
}

static hp_code hold(checker *c, const subject *s, hp_err *err) {
    for (size_t place = 0; place < 2; place++) {
        const hp_loaded_checks *l = loaded(c->k, s->of[place]);
        for (size_t i = 0; l && i < l->of->nsuite; i++) HP_TRY(hold_suite(c, s, l->suite[i], err));
        for (size_t i = 0; l && i < l->of->ncontract; i++)
            HP_TRY(hold_contract(c, s, l->contract[i], place == 0, err));
    }
    return HP_OK;
}

/* ---- the stages ---- */

static hp_code check_sheet(checker *c, size_t i, hp_err *err) {
    hp_mapped *m = c->sheets[i];
    const subject s = {.data = c->view[i],
                       .name = c->run->sources.sheet.p[m->sheet].name,
                       .m = m,
                       .of = {m->decl ? &m->decl->checks : NULL, m->source ? &m->source->checks : NULL}};
    size_t first = c->out->n;
    hp_vid *note;
    bool any;
    HP_TRY(hold(c, &s, err));
    HP_TRY(hp_keep_out_notes(c->run, c->out, first, s.data->nrow, &note, &any, err));
    return any ? hp_keep_out_rows(c->run, m, note, s.data->nrow, err) : HP_OK;
}

hp_code hp_check_sources(hp_run *run, const hp_profile *p, const hp_checks *k, hp_mapped *const *sheets,
                         size_t n, hp_verdict *out, hp_err *err) {
    checker c = {run, p, k, sheets, n, HP_NEW_ARRAY(run->arena, n + 1, hp_table *), out};
    if (!c.view) return no_memory(err);
    for (size_t i = 0; i < n; i++) HP_TRY(view_sheet(run, sheets[i], &c.view[i], err));
    for (size_t i = 0; i < n; i++) {
        hp_run_progress(run, "check-sources", i, n);
        HP_TRY(check_sheet(&c, i, err));
    }
    return HP_OK;
}

hp_code hp_check_result_table(hp_run *run, const hp_profile *p, const hp_checks *k, const hp_golden *golden,
                              hp_verdict *out, hp_err *err) {
    hp_verdict *own;
    checker c = {.run = run, .p = p, .k = k, .out = out};
    const subject s = {
        .data = golden->data, .name = golden->data->name, .golden = golden, .of = {&p->output, NULL}};
    HP_TRY(hp_check_output(run, p, golden->data, &own, err));
    HP_TRY(hp_verdict_join(run, own, out, err));
    return hold(&c, &s, err);
}
