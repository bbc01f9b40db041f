/* The report's expectations. */
#include "refine/report.h"

#include "base/banned.h"

/* Values listed for an expectation. */
enum { FIRST = 5 };

/* Tells whether a finding is one of an expectation, and which organisation it names: its note is "slug:
 * column kind" (check/check.h). */
static bool is_of(const hp_report_source *in, const hp_issue *issue, const hp_check_result *c, hp_str *slug) {
    hp_str note = hp_text(in->r->run.pool, issue->note);
    size_t tail = 2 + c->column.n + 1 + c->kind.n;
    if (issue->rule != HP_R_EXPECTATION_FAILED && issue->rule != HP_R_REQUIRED_MISSING) return false;
    if (note.n < tail || !hp_str_ends(note, c->kind)) return false;
    hp_str rest = hp_str_cut(note, note.n - tail, note.n - c->kind.n - 1);
    *slug = hp_str_cut(note, 0, note.n - tail);
    return hp_str_starts(rest, HP_S(": ")) && hp_str_eq(hp_str_cut(rest, 2, rest.n), c->column);
}

/* Appends the row that an organisation came from: the first of its source cells. */
static hp_code put_place(const hp_report_source *in, hp_str slug, hp_buf *out, hp_err *err) {
    size_t key = hp_table_find(in->data, HP_S("organization_slug")),
           cells = hp_table_find(in->data, HP_S("source_cells"));
    hp_vid v;
    if (!hp_report_has_people(in)) hp_buf_add(out, slug);
    if (key == SIZE_MAX || cells == SIZE_MAX || slug.n == 0) return HP_OK;
    HP_TRY(hp_intern(in->r->run.pool, slug, &v, err));
    for (size_t row = 0; row < in->data->nrow; row++) {
        if (in->data->col[key].v[row] != v) continue;
        hp_str rest = hp_text(in->r->run.pool, in->data->col[cells].v[row]), first;
        if (!hp_str_next(&rest, ';', &first)) return HP_OK;
        hp_buf_printf(out, "%s%.*s%s", out->n ? ", " : "", HP_FMT(first), rest.n ? ", \xE2\x80\xA6" : "");
        return HP_OK;
    }
    return HP_OK;
}

static hp_code add_offenders(const hp_report_source *in, const hp_check_result *c, hp_report_check *out,
                             hp_err *err) {
    const hp_run *run = &in->r->run;
    hp_autobuf text = hp_buf_new(1 << 20);
    hp_str slug;
    out->offender = HP_NEW_ARRAY(run->arena, FIRST, hp_report_offender);
    if (!out->offender) return hp_fail_memory(err, "the report");
    for (size_t i = 0; i < run->issues.list.n && out->noffender < FIRST; i++) {
        const hp_issue *issue = &run->issues.list.p[i];
        if (!is_of(in, issue, c, &slug)) continue;
        hp_report_offender *o = &out->offender[out->noffender++];
        HP_TRY(put_place(in, slug, &text, err));
        HP_TRY(hp_report_text(in, &text, &o->place, err));
        hp_report_output_value(in, c->column, issue->value, &text);
        HP_TRY(hp_report_text(in, &text, &o->value, err));
    }
    return HP_OK;
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
                                   .expectation = c->kind,
                                   .success = c->success,
                                   .stops = c->fail,
                                   .evaluated = c->evaluated,
                                   .unexpected = c->unexpected,
                                   .mostly = c->mostly};
        if (!c->success) HP_TRY(add_offenders(in, c, check, err));
    }
    return HP_OK;
}
