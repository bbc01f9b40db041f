/* The report of a run: what write/report.h holds, out of what the stages left. */
#include "refine/report.h"

#include "base/clock.h"

#include "base/banned.h"

/* Rows named for a reason of quarantine, and things to do. */
enum { FIRST_ROWS = 4, MOST_STEPS = 6, FACTS = 12, LEVELS = 6 };

/* What to do about a rule, for those that ask for it. */
static const struct {
    hp_rule rule;
    const char *text;
} TODO[] = {
    {HP_R_FORMULA_WITHOUT_VALUE,
     "Open the workbook in a spreadsheet program and save it: the results of its formulas are not in the file"},
    {HP_R_CELL_ERROR, "Correct the formulas that show an error"},
    {HP_R_PHONE_INVALID, "Correct the phone numbers that are not valid"},
    {HP_R_EMAIL_INVALID, "Correct the e-mail addresses that are not valid"},
    {HP_R_WEBSITE_INVALID, "Correct the web addresses that are not valid"},
    {HP_R_DATE_INVALID, "Correct the dates that cannot be read"},
    {HP_R_PROVINCE_UNKNOWN, "Correct the provinces that are not known"},
    {HP_R_COUNTRY_UNKNOWN, "Correct the countries that are not known"},
    {HP_R_POSTAL_CODE_INVALID, "Correct the postal codes that the country does not have"},
    {HP_R_NAME_INVALID, "Correct the names that are no names"},
    {HP_R_KEY_DUPLICATE, "Give each row a key of its own"},
    {HP_R_KEY_UNMATCHED, "Correct the keys that no organisation has"},
    {HP_R_KEY_NAME_MISMATCH, "Decide which is right where key and name point at different organisations"},
    {HP_R_REQUIRED_MISSING, "Fill in the required values that are missing"},
    {HP_R_EXPECTATION_FAILED, "Correct the values that are not as expected"},
    {HP_R_SOURCE_ABSENT, "Bring the source that is absent, or take it out of the profile"},
    {HP_R_SHEET_UNMAPPABLE, "Say in the profile what the columns of the unused sheet mean"},
    {HP_R_RAGGED_ROW, "Mend the rows with more or fewer fields than the header"},
    {HP_R_DUPLICATE_HEADER, "Give each column a header of its own"},
    {HP_R_BROKEN_LINE, "Mend the lines that are no JSON object"},
    {HP_R_Q_NO_NAME, "Give the rows without an organisation a name"},
};

/* Holds what the functions below add to. */
typedef struct maker {
    const hp_report_source *in;
    hp_report *out;
    hp_buf text;
} maker;

static void put_counted(hp_buf *out, uint64_t n, const char *one, const char *many) {
    hp_buf_printf(out, "%llu %s", (unsigned long long)n, n == 1 ? one : many);
}

/* ---- head ---- */

static hp_code take_text(maker *m, hp_str *out, hp_err *err) {
    return hp_report_text(m->in, &m->text, out, err);
}

static void put_unmet(const hp_report *r, const char *stage, hp_buf *out) {
    size_t stops = 0, n = 0;
    for (size_t i = 0; i < r->ncheck; i++) stops += !r->check[i].success && r->check[i].stops;
    hp_buf_printf(out, "Nothing was written but this report: at the stage %s, %zu %s not met: ", stage, stops,
                  stops == 1 ? "expectation that stops a run is" : "expectations that stop a run are");
    for (size_t i = 0; i < r->ncheck; i++) {
        const hp_report_check *c = &r->check[i];
        if (c->success || !c->stops) continue;
        hp_buf_printf(out, "%s%.*s %.*s (%llu of %llu)", n++ ? ", " : "", HP_FMT(c->column),
                      HP_FMT(c->expectation), (unsigned long long)c->unexpected,
                      (unsigned long long)c->evaluated);
    }
    hp_buf_puts(out, ". ");
}

static hp_code add_verdict(maker *m, hp_err *err) {
    const hp_refine_result *r = m->in->r;
    hp_report *out = m->out;
    size_t met = 0, all = out->ncheck;
    for (size_t i = 0; i < all; i++) met += out->check[i].success;
    out->state = r->code != HP_OK ? HP_REPORT_STOPPED : met < all ? HP_REPORT_WARNINGS : HP_REPORT_PASSED;
    out->verdict = hp_str_of(hp_report_state_name(out->state));
    if (out->state == HP_REPORT_STOPPED)
        put_unmet(out, r->failing_stage, &m->text);
    else if (met < all)
        hp_buf_printf(&m->text, "%zu of %zu expectations are met. ", met, all);
    else if (all)
        hp_buf_printf(&m->text, "All %zu expectations are met. ", all);
    put_counted(&m->text, r->rows_in, "row", "rows");
    if (out->no_result) {
        hp_buf_puts(&m->text, " were read; ");
        put_counted(&m->text, out->warnings, "finding is a warning.", "findings are warnings.");
        return take_text(m, &out->why, err);
    }
    hp_buf_puts(&m->text, out->state == HP_REPORT_STOPPED ? " would have become " : " became ");
    put_counted(&m->text, r->rows_out, "organisation", "organisations");
    hp_buf_puts(&m->text, " with ");
    put_counted(&m->text, r->contacts, "contact", "contacts");
    hp_buf_puts(&m->text, "; ");
    put_counted(&m->text, out->warnings, "finding is a warning.", "findings are warnings.");
    return take_text(m, &out->why, err);
}

/* "2026-11-24T08:28:22Z" as people write it. */
static hp_str readable(hp_arena *a, hp_str iso) {
    if (iso.n != 20) return hp_arena_dup(a, iso);
    return hp_arena_printf(a, "%.10s %.5s UTC", iso.p, iso.p + 11);
}

static hp_code add_head(maker *m, hp_err *err) {
    const hp_refine_result *r = m->in->r;
    hp_report *out = m->out;
    char when[21];
    hp_time_iso(hp_clock_now(), when);
    out->title = r->profile->display_name.n ? r->profile->display_name : r->profile->name;
    out->when = readable(r->run.arena, hp_str_of(when));
    out->version = HP_S(HP_VERSION);
    out->masked = !m->in->o->show_values;
    out->rows_in = r->rows_in;
    out->rows_out = r->rows_out;
    out->merged = r->merged;
    out->quarantined = r->quarantined;
    out->duplicates = r->duplicates;
    out->attached = r->attached;
    out->contacts = r->contacts;
    out->conflicts = r->conflicts;
    out->quality = r->quality_mean;
    out->no_result = r->failing_stage && strcmp(r->failing_stage, "check") != 0;
    return out->when.p ? HP_OK : hp_fail_memory(err, "the report");
}

/* ---- what to do ---- */

static hp_code add_step(maker *m, hp_str where, hp_err *err) {
    hp_report *out = m->out;
    if (out->nstep == MOST_STEPS) {
        hp_buf_clear(&m->text);
        return HP_OK;
    }
    hp_report_step *step = &out->step[out->nstep++];
    step->where = where;
    return take_text(m, &step->text, err);
}

static hp_code add_stops(maker *m, hp_err *err) {
    const hp_report *out = m->out;
    for (size_t i = 0; i < out->ncheck; i++) {
        const hp_report_check *c = &out->check[i];
        if (c->success || !c->stops) continue;
        if (c->unexpected) {
            hp_buf_printf(&m->text, "Correct ");
            put_counted(&m->text, c->unexpected, "value", "values");
            hp_buf_printf(&m->text, " of %.*s that %s not meet %.*s", HP_FMT(c->column),
                          c->unexpected == 1 ? "does" : "do", HP_FMT(c->expectation));
        } else {
            hp_buf_printf(&m->text, "Correct the source that does not meet %.*s%s%.*s", HP_FMT(c->column),
                          c->column.n ? " " : "", HP_FMT(c->expectation));
        }
        hp_buf_printf(&m->text, ", or the expectation in %.*s; then run again.",
                      HP_FMT(m->in->r->profile->path));
        HP_TRY(add_step(m, c->noffender ? c->offender[0].place : (hp_str){"", 0}, err));
    }
    return HP_OK;
}

static const char *todo_of(hp_str rule) {
    for (size_t i = 0; i < sizeof TODO / sizeof *TODO; i++)
        if (hp_str_eq(rule, hp_str_of(hp_rule_get(TODO[i].rule)->name))) return TODO[i].text;
    return NULL;
}

static bool is_of_checks(hp_str rule) {
    return hp_str_eq(rule, hp_str_of(hp_rule_get(HP_R_EXPECTATION_FAILED)->name))
           || hp_str_eq(rule, hp_str_of(hp_rule_get(HP_R_REQUIRED_MISSING)->name));
}

/* Names the expectations that are not met; their findings have no cells of their own. The text begun is kept.
 */
static hp_code list_unmet(const maker *m, hp_str *out, hp_err *err) {
    hp_autobuf text = hp_buf_new(1 << 20);
    for (size_t i = 0; i < m->out->ncheck; i++) {
        const hp_report_check *c = &m->out->check[i];
        if (c->success) continue;
        hp_buf_printf(&text, "%s%.*s %.*s", text.n ? ", " : "", HP_FMT(c->column), HP_FMT(c->expectation));
    }
    return hp_report_text(m->in, &text, out, err);
}

static hp_code add_steps(maker *m, hp_err *err) {
    hp_report *out = m->out;
    out->step = HP_NEW_ARRAY(m->in->r->run.arena, MOST_STEPS, hp_report_step);
    if (!out->step) return hp_fail_memory(err, "the report");
    if (out->state == HP_REPORT_STOPPED) HP_TRY(add_stops(m, err));
    for (size_t i = 0; i < out->nrule; i++) {
        const hp_report_rule *r = &out->rule[i];
        const char *todo = todo_of(r->rule);
        if (r->severity == HP_SEV_INFO || out->nstep + 1 >= MOST_STEPS) break;
        if (out->state == HP_REPORT_STOPPED && is_of_checks(r->rule)) continue; /* said already */
        if (todo)
            hp_buf_printf(&m->text, "%s (", todo);
        else
            hp_buf_printf(&m->text, "Look at %.*s (", HP_FMT(r->rule));
        put_counted(&m->text, r->count, "finding).", "findings).");
        hp_str where = r->cells;
        if (is_of_checks(r->rule)) HP_TRY(list_unmet(m, &where, err));
        HP_TRY(add_step(m, where, err));
    }
    if (out->quarantined && out->state != HP_REPORT_STOPPED) {
        hp_buf_puts(&m->text, "Look through the sheet Quarantine (");
        put_counted(&m->text, out->quarantined, "row", "rows");
        hp_buf_puts(&m->text, "): what can be corrected in the source comes back with the next run.");
        HP_TRY(add_step(m, (hp_str){"", 0}, err));
    }
    if (out->nstep) return HP_OK;
    hp_buf_puts(&m->text, "There is nothing to correct.");
    return add_step(m, (hp_str){"", 0}, err);
}

/* ---- columns, scores, quarantine ---- */

static hp_code add_fill(maker *m, hp_err *err) {
    const hp_refine_result *r = m->in->r;
    hp_report *out = m->out;
    out->fill = HP_NEW_ARRAY(r->run.arena, r->nfill + 1, hp_report_fill);
    if (!out->fill) return hp_fail_memory(err, "the report");
    for (size_t i = 0; i < r->nfill; i++) {
        const hp_fill *f = &r->fill[i];
        uint64_t was = hp_previous_fill(m->in->previous, f->column);
        bool was_any = was != HP_UNKNOWN && was > 0;
        if (f->before == 0 && f->after == 0 && !was_any) {
            hp_buf_printf(&m->text, "%s%s", m->text.n ? ", " : "", f->column);
            continue;
        }
        out->fill[out->nfill++] = (hp_report_fill){.column = hp_str_of(f->column),
                                                   .before = f->before,
                                                   .before_of = f->before_of,
                                                   .after = f->after,
                                                   .after_of = r->rows_out,
                                                   .was = was,
                                                   .was_of = m->in->previous->rows_out};
    }
    if (m->text.n == 0) return HP_OK;
    hp_report_fact *fact = &out->fact[out->nfact++];
    fact->name = HP_S("Columns without any value, before and after");
    return take_text(m, &fact->value, err);
}

/* The score counts in fifths (merge/score.c); another score would fall between them. */
static hp_code add_levels(maker *m, hp_err *err) {
    const hp_table *data = m->in->data;
    hp_report *out = m->out;
    size_t c = hp_table_find(data, HP_S("data_quality_score"));
    out->level = HP_NEW_ARRAY(m->in->r->run.arena, LEVELS, hp_report_level);
    if (!out->level) return hp_fail_memory(err, "the report");
    if (c == SIZE_MAX || data->nrow == 0) return HP_OK;
    static const hp_str LABEL[LEVELS] = {{"0 %", 3},  {"20 %", 4}, {"40 %", 4},
                                         {"60 %", 4}, {"80 %", 4}, {"100 %", 5}};
    out->nlevel = LEVELS;
    for (size_t i = 0; i < LEVELS; i++) out->level[i].label = LABEL[i];
    for (size_t row = 0; row < data->nrow; row++) {
        double score;
        if (!hp_str_f64(hp_text(m->in->r->run.pool, data->col[c].v[row]), &score)) continue;
        if (score >= 0 && score <= 1) out->level[(size_t)(score * (LEVELS - 1) + 0.5)].count++;
    }
    return HP_OK;
}

static hp_code add_reason(maker *m, hp_rule rule, uint64_t count, hp_err *err) {
    const hp_run *run = &m->in->r->run;
    hp_report_reason *reason = &m->out->reason[m->out->nreason++];
    const hp_rule_info *info = hp_rule_get(rule);
    *reason =
        (hp_report_reason){.reason = hp_str_of(info->name), .text = hp_str_of(info->text), .count = count};
    size_t n = 0;
    for (size_t i = 0; i < run->quarantine.n && n < FIRST_ROWS; i++) {
        const hp_quarantined *q = &run->quarantine.p[i];
        if (q->rule != rule) continue;
        if (n++) hp_buf_puts(&m->text, ", ");
        hp_address(&run->sources, (hp_cell){q->at.sheet, q->at.row, HP_NO_COL}, &m->text);
    }
    if (count > n) hp_buf_puts(&m->text, ", \xE2\x80\xA6");
    return take_text(m, &reason->rows, err);
}

static hp_code add_reasons(maker *m, hp_err *err) {
    const hp_run *run = &m->in->r->run;
    uint64_t count[HP_RULE_COUNT] = {0};
    for (size_t i = 0; i < run->quarantine.n; i++) count[run->quarantine.p[i].rule]++;
    m->out->reason = HP_NEW_ARRAY(run->arena, HP_RULE_COUNT, hp_report_reason);
    if (!m->out->reason) return hp_fail_memory(err, "the report");
    for (;;) {
        int most = -1;
        for (int r = 0; r < HP_RULE_COUNT; r++)
            if (count[r] && (most < 0 || count[r] > count[most])) most = r;
        if (most < 0) return HP_OK;
        HP_TRY(add_reason(m, (hp_rule)most, count[most], err));
        count[most] = 0;
    }
}

/* ---- files and facts ---- */

static uint64_t rows_of_file(const hp_report_source *in, size_t file) {
    uint64_t rows = 0;
    for (size_t i = 0; i < in->nsheets; i++)
        if (in->sheets[i]->file == file && in->sheets[i]->raw->nrow > in->sheets[i]->first)
            rows += in->sheets[i]->raw->nrow - in->sheets[i]->first;
    return rows;
}

static hp_code add_files(maker *m, hp_err *err) {
    const hp_refine_result *r = m->in->r;
    hp_report *out = m->out;
    size_t n = r->run.sources.file.n;
    out->input = HP_NEW_ARRAY(r->run.arena, n + 1, hp_report_input);
    out->output = HP_NEW_ARRAY(r->run.arena, r->noutput + 1, hp_report_output);
    if (!out->input || !out->output) return hp_fail_memory(err, "the report");
    for (size_t i = 0; i < n; i++) {
        const hp_source_file *f = &r->run.sources.file.p[i];
        out->input[out->ninput++] = (hp_report_input){.name = f->name,
                                                      .label = f->label,
                                                      .sha256 = hp_str_of(f->sha256.hex),
                                                      .bytes = f->bytes,
                                                      .rows = rows_of_file(m->in, i)};
    }
    for (size_t i = 0; i < r->noutput; i++)
        out->output[out->noutput++] = (hp_report_output){.path = r->output[i].path,
                                                         .sha256 = hp_str_of(r->output[i].sha256.hex),
                                                         .bytes = r->output[i].bytes};
    return HP_OK;
}

static void add_fact(maker *m, const char *name, hp_str value) {
    m->out->fact[m->out->nfact++] = (hp_report_fact){hp_str_of(name), value};
}

static hp_code add_facts(maker *m, hp_err *err) {
    const hp_refine_result *r = m->in->r;
    m->out->fact = HP_NEW_ARRAY(r->run.arena, FACTS, hp_report_fact);
    if (!m->out->fact) return hp_fail_memory(err, "the report");
    add_fact(m, "Profile", r->profile->path);
    add_fact(m, "SHA-256 of the profile", hp_str_of(r->profile->sha256.hex));
    add_fact(m, "Input directory", hp_str_of(m->in->o->input_dir));
    if (m->in->o->since.n) add_fact(m, "Only organisations in touch since", m->in->o->since);
    add_fact(m, "hotpass version", m->out->version);
    hp_buf_printf(&m->text, "%llu", (unsigned long long)r->conflicts);
    hp_str conflicts;
    HP_TRY(take_text(m, &conflicts, err));
    add_fact(m, "Values that sources disagree on", conflicts);
    return HP_OK;
}

static hp_code make(maker *m, hp_err *err) {
    HP_TRY(add_head(m, err));
    HP_TRY(hp_report_checks(m->in, m->out, err));
    HP_TRY(hp_report_findings(m->in, m->out, err));
    HP_TRY(add_verdict(m, err));
    HP_TRY(add_steps(m, err));
    HP_TRY(add_facts(m, err));
    HP_TRY(add_fill(m, err));
    HP_TRY(add_levels(m, err));
    HP_TRY(add_reasons(m, err));
    HP_TRY(add_files(m, err));
    return hp_report_changes(m->in, m->out, err);
}

hp_code hp_report_make(const hp_report_source *in, hp_report *out, hp_err *err) {
    maker m = {.in = in, .out = out, .text = hp_buf_new(16u << 20)};
    *out = (hp_report){.was_in = HP_UNKNOWN,
                       .was_out = HP_UNKNOWN,
                       .was_quarantined = HP_UNKNOWN,
                       .was_contacts = HP_UNKNOWN,
                       .was_quality = -1};
    hp_code code = make(&m, err);
    hp_buf_free(&m.text);
    return code;
}
