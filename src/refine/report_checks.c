/* The report's expectations. */
#include "base/limits.h"
#include "refine/report.h"

#include "base/banned.h"

/* Values listed for an expectation. */
enum { FIRST = 5 };

/* Appends where a value stands: its cell; of the result the organisation, and the first cell that it came
 * from. */
static void put_place(const hp_report_source *in, const hp_check_result *c, size_t i, hp_buf *out) {
    const hp_table *t = c->validation->data;
    size_t key = hp_table_find(t, HP_S("organization_slug"));
    if (!c->sources && key != SIZE_MAX && !hp_report_has_people(in)) {
        hp_buf_add(out, hp_text(in->r->run.pool, t->col[key].v[c->outcome->unexpected[i].row]));
        hp_buf_puts(out, ", ");
    }
    hp_check_place(&in->r->run, c, i, out);
}

/* Values of sources are taken for personal, as those of findings of the same rule are. */
static void put_value(const hp_report_source *in, const hp_check_result *c, size_t i, hp_buf *out) {
    const hp_unexpected *u = &c->outcome->unexpected[i];
    const hp_table *t = c->validation->data;
    if (!c->sources) {
        hp_report_output_value(in, c->column, u->value, out);
        return;
    }
    uint32_t col = c->outcome->ncolumn == 1 ? t->col[c->outcome->column[0]].source : HP_NO_COL;
    hp_cell at = {t->origin[u->row].sheet, t->origin[u->row].row, col};
    hp_report_value(in, at, HP_R_EXPECTATION_FAILED, u->value, out);
}

/* Appends a command for the shell that asks about a cell of the first output: hotpass why
 * 'out.xlsx!Data!C17'. */
static void put_command(const hp_report_source *in, size_t row, size_t col, hp_buf *out) {
    const char *path = in->o->outputs[0];
    char letters[8];
    hp_col_letters((uint32_t)col, letters);
    hp_buf_puts(out, "hotpass why '");
    for (const char *p = path; *p; p++)
        if (*p == '\'')
            hp_buf_puts(out, "'\\''");
        else
            hp_buf_putc(out, *p);
    hp_buf_printf(out, "!%s%s%zu'", hp_form_of(path) == HP_FORM_XLSX ? "Data!" : "", letters, row + 2);
}

/* Appends the command for a value of the result; without a provenance store there is nothing to ask. */
static void put_why(const hp_report_source *in, const hp_check_result *c, size_t i, hp_buf *out) {
    size_t col = hp_table_find(in->data, c->column), row = c->outcome->unexpected[i].row;
    bool answers = in->r->run.explain && in->o->noutputs && !in->r->verdict->stop;
    if (!answers || c->sources || c->validation->data != in->data) return;
    if (col != SIZE_MAX && row + 2 <= HP_LIMIT_SHEET_ROWS) put_command(in, row, col, out);
}

static hp_code add_offenders(const hp_report_source *in, const hp_check_result *c, hp_report_check *out,
                             hp_err *err) {
    hp_autobuf text = hp_buf_new(1 << 20);
    size_t n = c->outcome->nunexpected < FIRST ? (size_t)c->outcome->nunexpected : FIRST;
    out->offender = HP_NEW_ARRAY(in->r->run.arena, n + 1, hp_report_offender);
    if (!out->offender) return hp_fail_memory(err, "the report");
    for (size_t i = 0; i < n; i++) {
        hp_report_offender *o = &out->offender[out->noffender++];
        put_place(in, c, i, &text);
        HP_TRY(hp_report_text(in, &text, &o->place, err));
        put_value(in, c, i, &text);
        HP_TRY(hp_report_text(in, &text, &o->value, err));
        put_why(in, c, i, &text);
        HP_TRY(hp_report_text(in, &text, &o->why, err));
    }
    if (n || c->said.n == 0) return HP_OK;
    out->noffender = 1; /* none to list: what was wrong instead */
    out->offender[0] = (hp_report_offender){.place = c->data, .value = c->said};
    return HP_OK;
}

/* Names the expectation; of a suite, which one, and what it was held against. */
static hp_code put_kind(const hp_report_source *in, const hp_check_result *c, hp_str *out, hp_err *err) {
    hp_autobuf text = hp_buf_new(1 << 20);
    *out = c->kind;
    if (hp_str_eq(c->suite, HP_S(HP_OUTPUT_SUITE))) return HP_OK;
    hp_buf_printf(&text, "%.*s (%.*s, %.*s)", HP_FMT(c->kind), HP_FMT(c->suite), HP_FMT(c->data));
    return hp_report_text(in, &text, out, err);
}

hp_code hp_report_checks(const hp_report_source *in, hp_report *out, hp_err *err) {
    const hp_verdict *v = in->r->verdict;
    if (!v || v->n == 0) return HP_OK;
    out->check = HP_NEW_ARRAY(in->r->run.arena, v->n, hp_report_check);
    if (!out->check) return hp_fail_memory(err, "the report");
    for (size_t i = 0; i < v->n; i++) {
        const hp_check_result *c = &v->result[i];
        hp_report_check *check = &out->check[out->ncheck++];
        *check = (hp_report_check){.column = c->column,
                                   .success = c->success,
                                   .stops = c->action == HP_ON_FAILURE_STOP,
                                   .evaluated = c->evaluated,
                                   .unexpected = c->unexpected,
                                   .mostly = c->mostly};
        HP_TRY(put_kind(in, c, &check->expectation, err));
        if (!c->success) HP_TRY(add_offenders(in, c, check, err));
    }
    return HP_OK;
}
