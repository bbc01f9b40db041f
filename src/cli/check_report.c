/* The report of a check: the page of `hotpass refine` without what only a result has. */
#include "base/clock.h"
#include "base/file.h"
#include "check/result.h"
#include "cli/check.h"
#include "write/report.h"

#include "base/banned.h"

/* Values listed of an expectation, and things to do. */
enum { FIRST = 5, STEPS = 7 };

typedef struct maker {
    hp_check *k;
    hp_arena *a;
    hp_result_options o;
    hp_report report;
    hp_buf text;
} maker;

static hp_code no_memory(hp_err *err) { return hp_fail_memory(err, "the report"); }

static hp_code take_text(maker *m, hp_str *out, hp_err *err) {
    HP_TRY(hp_buf_check(&m->text, "the report", err));
    *out = hp_arena_dup(m->a, hp_buf_str(&m->text));
    hp_buf_clear(&m->text);
    return out->p ? HP_OK : no_memory(err);
}

/* ---- expectations ---- */

static void put_values(const hp_result *r, const hp_outcome *o, const hp_unexpected *u, hp_buf *out) {
    for (size_t c = 0; c < o->ncolumn; c++) {
        if (c) hp_buf_puts(out, " | ");
        hp_result_text(r, o->column[c], r->v->data->col[o->column[c]].v[u->row], out);
    }
}

static hp_code add_offenders(maker *m, const hp_result *r, const hp_outcome *o, hp_report_check *out,
                             hp_err *err) {
    size_t n = o->nunexpected < FIRST ? (size_t)o->nunexpected : FIRST;
    out->offender = HP_NEW_ARRAY(m->a, n + 1, hp_report_offender);
    if (!out->offender) return no_memory(err);
    for (size_t i = 0; i < n; i++) {
        hp_report_offender *f = &out->offender[out->noffender++];
        hp_result_origin(r, o, &o->unexpected[i], &m->text);
        HP_TRY(take_text(m, &f->place, err));
        put_values(r, o, &o->unexpected[i], &m->text);
        HP_TRY(take_text(m, &f->value, err));
    }
    if (n) return HP_OK;
    out->noffender = 1; /* none to list: what was wrong instead */
    out->offender[0].place = r->v->data->name;
    hp_result_sentence(r, o, &m->text);
    return take_text(m, &out->offender[0].value, err);
}

static bool stops(const maker *m, const hp_outcome *o) {
    return o->expectation->severity <= hp_check_mildest(m->k);
}

static hp_code add_step(maker *m, const hp_result *r, const hp_outcome *o, const hp_report_check *c,
                        hp_err *err) {
    if (m->report.nstep == STEPS) return HP_OK;
    hp_report_step *step = &m->report.step[m->report.nstep++];
    hp_buf_printf(&m->text, "%.*s%s%.*s: ", HP_FMT(c->column), c->column.n ? " " : "",
                  HP_FMT(c->expectation));
    hp_result_sentence(r, o, &m->text);
    hp_buf_puts(&m->text, "; correct the data, or the expectation.");
    step->where = c->noffender ? c->offender[0].place : HP_S("");
    return take_text(m, &step->text, err);
}

static hp_code add_check(maker *m, const hp_validation *v, const hp_outcome *o, hp_err *err) {
    const hp_result r = {&m->k->c->run, v, &m->o};
    hp_report_check *c = &m->report.check[m->report.ncheck++];
    *c = (hp_report_check){.success = o->success,
                           .stops = stops(m, o),
                           .evaluated = o->evaluated,
                           .unexpected = o->unexpected_count,
                           .mostly = 1};
    hp_node_f64(hp_node_get(o->expectation->kwargs, "mostly"), &c->mostly);
    hp_result_columns(&r, o, &m->text);
    HP_TRY(take_text(m, &c->column, err));
    hp_buf_printf(&m->text, "%.*s (%.*s, %.*s)", HP_FMT(o->expectation->type), HP_FMT(v->suite->name),
                  HP_FMT(v->data->name));
    HP_TRY(take_text(m, &c->expectation, err));
    if (o->success) return HP_OK;
    HP_TRY(add_offenders(m, &r, o, c, err));
    return add_step(m, &r, o, c, err);
}

static hp_code add_checks(maker *m, hp_err *err) {
    size_t n = 0;
    for (size_t i = 0; i < m->k->validation.n; i++) n += m->k->validation.p[i]->n;
    m->report.check = HP_NEW_ARRAY(m->a, n + 1, hp_report_check);
    m->report.step = HP_NEW_ARRAY(m->a, STEPS + 1, hp_report_step);
    if (!m->report.check || !m->report.step) return no_memory(err);
    for (size_t i = 0; i < m->k->validation.n; i++)
        for (size_t e = 0; e < m->k->validation.p[i]->n; e++)
            HP_TRY(add_check(m, m->k->validation.p[i], &m->k->validation.p[i]->outcome[e], err));
    if (m->report.nstep == 0) m->report.step[m->report.nstep++].text = HP_S("There is nothing to correct.");
    return HP_OK;
}

/* ---- the rest ---- */

static hp_code add_head(maker *m, hp_err *err) {
    hp_report *r = &m->report;
    const hp_check *k = m->k;
    size_t met = 0;
    bool stopped = false;
    char when[21];
    for (size_t i = 0; i < r->ncheck; i++) {
        met += r->check[i].success;
        stopped |= !r->check[i].success && r->check[i].stops;
    }
    hp_time_iso(hp_clock_now(), when);
    r->title = k->checkpoint     ? k->checkpoint->name
               : k->validation.n ? k->validation.p[0]->data->name
                                 : HP_S("");
    r->when = hp_arena_printf(m->a, "%.10s %.5s UTC", when, when + 11);
    r->version = HP_S(HP_VERSION);
    r->masked = !m->o.show_values;
    r->no_result = true;
    r->state = stopped ? HP_REPORT_STOPPED : met < r->ncheck ? HP_REPORT_WARNINGS : HP_REPORT_PASSED;
    r->verdict = stopped ? HP_S("Failed") : hp_str_of(hp_report_state_name(r->state));
    hp_buf_printf(&m->text, "%zu of %zu %s met.", met, r->ncheck,
                  r->ncheck == 1 ? "expectation is" : "expectations are");
    return r->when.p ? take_text(m, &r->why, err) : no_memory(err);
}

static hp_code add_sources(maker *m, hp_err *err) {
    const hp_check *k = m->k;
    hp_report *r = &m->report;
    r->fact = HP_NEW_ARRAY(m->a, 2 * k->validation.n + 1, hp_report_fact);
    if (!r->fact) return no_memory(err);
    for (size_t i = 0; i < k->validation.n; i++) {
        const hp_validation *v = k->validation.p[i];
        hp_report_fact *fact = &r->fact[r->nfact++];
        fact->name = v->data->name;
        hp_buf_printf(&m->text, "%zu rows, against %.*s", v->data->nrow,
                      HP_FMT(v->suite->path.n ? v->suite->path : v->suite->name));
        HP_TRY(take_text(m, &fact->value, err));
    }
    return HP_OK;
}

static hp_code make(maker *m, hp_err *err) {
    HP_TRY(add_checks(m, err));
    HP_TRY(add_head(m, err));
    return add_sources(m, err);
}

static hp_code write(const hp_report *r, const char *path, hp_err *err) {
    hp_autobuf bytes = hp_buf_new(64u << 20);
    if (hp_report_form_of(path) == HP_REPORT_HTML)
        hp_report_html(r, &bytes);
    else
        hp_report_md(r, &bytes);
    HP_TRY(hp_buf_check(&bytes, "the report", err));
    return hp_write_file(path, hp_buf_str(&bytes), err);
}

hp_code hp_check_report(hp_check *k, const char *const *path, size_t n, hp_err *err) {
    if (n == 0) return HP_OK;
    maker m = {.k = k,
               .a = k->c->arena,
               .o = {.show_values = k->c->args.opt[HP_O_SHOW_VALUES].on},
               .report = {.was_in = HP_UNKNOWN,
                          .was_out = HP_UNKNOWN,
                          .was_quarantined = HP_UNKNOWN,
                          .was_contacts = HP_UNKNOWN,
                          .was_quality = -1},
               .text = hp_buf_new(16u << 20)};
    hp_code code = make(&m, err);
    for (size_t i = 0; code == HP_OK && i < n; i++) code = write(&m.report, path[i], err);
    hp_buf_free(&m.text);
    return code;
}
