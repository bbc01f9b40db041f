/* Verdicts: what came of many validations, in one list, with its findings and what follows. */
#include "check/check.h"
#include "check/result.h"

#include "base/banned.h"

static hp_code no_memory(hp_err *err) { return hp_fail_memory(err, "the verdict"); }

/* ---- the list ---- */

static hp_code make_room(hp_run *run, size_t more, hp_verdict *v, hp_err *err) {
    hp_check_result *list = HP_NEW_ARRAY(run->arena, v->n + more + 1, hp_check_result);
    if (!list) return no_memory(err);
    if (v->n) memcpy(list, v->result, v->n * sizeof *list);
    v->result = list;
    return HP_OK;
}

static void add(hp_verdict *v, const hp_check_result *r) {
    v->result[v->n++] = *r;
    v->success &= r->success;
    v->stop |= !r->success && r->action == HP_ON_FAILURE_STOP;
}

hp_code hp_verdict_join(hp_run *run, const hp_verdict *more, hp_verdict *to, hp_err *err) {
    HP_TRY(make_room(run, more->n, to, err));
    for (size_t i = 0; i < more->n; i++) add(to, &more->result[i]);
    return HP_OK;
}

/* ---- findings ---- */

const char *hp_check_stage(const hp_check_result *r) { return r->sources ? "check-sources" : "check"; }

void hp_check_name(const hp_check_result *r, hp_buf *out) {
    if (!hp_str_eq(r->suite, HP_S(HP_OUTPUT_SUITE))) hp_buf_printf(out, "%.*s: ", HP_FMT(r->suite));
    hp_buf_printf(out, "%.*s%s%.*s", HP_FMT(r->column), r->column.n ? " " : "", HP_FMT(r->kind));
}

static hp_code intern_note(hp_run *run, const hp_check_result *r, hp_vid slug, hp_vid *out, hp_err *err) {
    hp_autobuf text = hp_buf_new(1u << 20);
    if (slug != HP_NULL) hp_buf_printf(&text, "%.*s: ", HP_FMT(hp_text(run->pool, slug)));
    hp_check_name(r, &text);
    if (r->said.n) hp_buf_printf(&text, ": %.*s", HP_FMT(r->said));
    HP_TRY(hp_buf_check(&text, "a finding", err));
    return hp_intern(run->pool, hp_buf_str(&text), out, err);
}

static hp_code find_without_values(hp_run *run, const hp_check_result *r, const hp_verdict_terms *terms,
                                   hp_err *err) {
    const hp_outcome *o = r->outcome;
    hp_cell at = {terms->head.sheet, 0, HP_NO_COL};
    hp_vid note;
    if (terms->head.sheet != HP_NO_SHEET && terms->head.row && o->ncolumn == 1) {
        at.row = terms->head.row;
        at.col = r->validation->data->col[o->column[0]].source;
    }
    HP_TRY(intern_note(run, r, HP_NULL, &note, err));
    return hp_find(run, HP_R_EXPECTATION_FAILED, at, HP_NULL, note, err);
}

static hp_cell place_of(const hp_check_result *r, size_t i) {
    const hp_table *t = r->validation->data;
    const hp_unexpected *u = &r->outcome->unexpected[i];
    if (!t->origin) return (hp_cell){HP_NO_SHEET, 0, HP_NO_COL};
    uint32_t col = r->outcome->ncolumn == 1 ? t->col[r->outcome->column[0]].source : HP_NO_COL;
    return (hp_cell){t->origin[u->row].sheet, t->origin[u->row].row, col};
}

static hp_code find_values(hp_run *run, const hp_check_result *r, hp_err *err) {
    const hp_table *t = r->validation->data;
    size_t slug = t->origin ? SIZE_MAX : hp_table_find(t, HP_S("organization_slug"));
    hp_vid note;
    HP_TRY(intern_note(run, r, HP_NULL, &note, err));
    for (size_t i = 0; i < r->outcome->nunexpected; i++) {
        const hp_unexpected *u = &r->outcome->unexpected[i];
        if (slug != SIZE_MAX) HP_TRY(intern_note(run, r, t->col[slug].v[u->row], &note, err));
        HP_TRY(hp_find(run, HP_R_EXPECTATION_FAILED, place_of(r, i), u->value, note, err));
    }
    return HP_OK;
}

/* ---- a validation ---- */

/* Takes a text that a writer of results makes. */
static hp_code take_text(hp_run *run, hp_buf *b, hp_str *out, hp_err *err) {
    HP_TRY(hp_buf_check(b, "the verdict", err));
    *out = hp_arena_dup(run->arena, hp_buf_str(b));
    hp_buf_clear(b);
    return out->p ? HP_OK : no_memory(err);
}

static hp_code summarise(hp_run *run, const hp_validation *v, const hp_outcome *o,
                         const hp_verdict_terms *terms, hp_check_result *r, hp_err *err) {
    const hp_result_options options = {0};
    const hp_result as = {run, v, &options};
    hp_autobuf text = hp_buf_new(1u << 20);
    const hp_expectation *e = o->expectation;
    *r = (hp_check_result){.sources = terms->sources,
                           .suite = v->suite->name,
                           .data = terms->data,
                           .kind = e->type,
                           .mostly = 1,
                           .evaluated = o->evaluated,
                           .unexpected = o->unexpected_count,
                           .success = o->success,
                           .action = terms->action[e->severity],
                           .validation = v,
                           .outcome = o};
    hp_node_f64(hp_node_get(e->kwargs, "mostly"), &r->mostly);
    hp_result_columns(&as, o, &text);
    HP_TRY(take_text(run, &text, &r->column, err));
    if (o->counted && !o->exception.n) return HP_OK;
    hp_result_sentence(&as, o, &text);
    return take_text(run, &text, &r->said, err);
}

hp_code hp_verdict_take(hp_run *run, const hp_validation *v, const hp_verdict_terms *terms, hp_verdict *out,
                        hp_err *err) {
    HP_TRY(make_room(run, v->n, out, err));
    for (size_t i = 0; i < v->n; i++) {
        const hp_outcome *o = &v->outcome[i];
        hp_check_result r;
        if (terms->skip && terms->skip[i]) continue;
        HP_TRY(summarise(run, v, o, terms, &r, err));
        if (r.action == HP_ON_FAILURE_QUARANTINE && !r.success && o->nunexpected == 0)
            r.action = HP_ON_FAILURE_STOP;
        add(out, &r);
        if (r.success) continue;
        HP_TRY(o->nunexpected ? find_values(run, &r, err) : find_without_values(run, &r, terms, err));
    }
    return HP_OK;
}

/* ---- places ---- */

/* A row of Data has no place of its own, but a list of the cells it was made of. */
static void put_first_cell(const hp_run *run, const hp_table *t, uint32_t row, hp_buf *out) {
    size_t cells = hp_table_find(t, HP_S("source_cells"));
    hp_str rest = cells == SIZE_MAX ? HP_S("") : hp_text(run->pool, t->col[cells].v[row]), first;
    if (hp_str_next(&rest, ';', &first))
        hp_buf_add(out, first);
    else
        hp_buf_printf(out, "row %u", row + 2); /* as it would stand on the sheet, below its header */
}

void hp_check_place(const hp_run *run, const hp_check_result *r, size_t i, hp_buf *out) {
    const hp_table *t = r->validation->data;
    if (t->origin)
        hp_address(&run->sources, place_of(r, i), out);
    else
        put_first_cell(run, t, r->outcome->unexpected[i].row, out);
}

void hp_check_places(const hp_run *run, const hp_check_result *r, size_t most, hp_buf *out) {
    size_t n = (size_t)r->outcome->nunexpected;
    for (size_t i = 0; i < n && i < most; i++) {
        if (i) hp_buf_puts(out, ", ");
        hp_check_place(run, r, i, out);
    }
    if (n > most) hp_buf_printf(out, " and %zu more", n - most);
}
