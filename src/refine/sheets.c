/* The tables that explain a run: Quarantine, Findings, Summary. */
#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/log.h"
#include "refine/report.h"
#include "refine/stages.h"

const hp_output_column *hp_sheet_columns(hp_sheet_id sheet, size_t *n) {
    static const hp_output_column COLUMN[] = {
#define HP_SHEET_COLUMN(sheet, name, style, text) {name, HP_STYLE_##style, text},
#include "refine/sheets.def"
    };
    static const hp_sheet_id OF[] = {
#define HP_SHEET_COLUMN(sheet, name, style, text) HP_SHEET_##sheet,
#include "refine/sheets.def"
    };
    size_t first = 0;
    while (OF[first] != sheet) first++;
    for (*n = 0; first + *n < sizeof OF / sizeof *OF && OF[first + *n] == sheet;) ++*n;
    return COLUMN + first;
}

/* Makes a table for `nrow` rows with the headings of a sheet; a finished row is written cell by cell with
 * put(). */
static hp_table *new_table(hp_arena *a, hp_sheet_id sheet, size_t nrow) {
    size_t ncol;
    const hp_output_column *h = hp_sheet_columns(sheet, &ncol);
    hp_table *t = hp_table_new(a, nrow, ncol, false);
    for (size_t c = 0; t && c < ncol; c++) {
        t->col[c].name = hp_str_of(h[c].name);
        t->col[c].style = h[c].style;
    }
    return t;
}

static hp_code put(const hp_run *run, hp_table *t, size_t row, size_t col, hp_str text, hp_err *err) {
    return hp_intern(run->pool, text, &t->col[col].v[row], err);
}

static hp_code put_number(const hp_run *run, hp_table *t, size_t row, size_t col, uint64_t n, hp_err *err) {
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
    return put(run, t, row, col, (hp_str){digits, (size_t)len}, err);
}

/* ---- Quarantine ---- */

static int by_place(const void *a, const void *b) {
    const hp_quarantined *x = a, *y = b;
    if (x->at.sheet != y->at.sheet) return x->at.sheet < y->at.sheet ? -1 : 1;
    return x->at.row < y->at.row ? -1 : x->at.row > y->at.row;
}

static const hp_cleaned *sheet_of(const hp_cleaned *const *sheets, size_t n, uint32_t sheet) {
    for (size_t i = 0; i < n; i++)
        if (sheets[i]->in->sheet == sheet) return sheets[i];
    return NULL;
}

/* Finds the table row with a sheet row's number; rows are stored in ascending order. */
static size_t find_row(const hp_table *t, uint32_t row) {
    size_t lo = 0, hi = t->nrow;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (t->origin[mid].row < row)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < t->nrow && t->origin[lo].row == row ? lo : SIZE_MAX;
}

/* What a record may take of a cell, less the mark that it was cut. */
#define RECORD_MAX (HP_LIMIT_CELL_TEXT - 8)
/* What is looked at of a header or a value: more than a record takes, so that the mark shows where it was
 * cut. */
#define RECORD_TEXT (2 * HP_LIMIT_CELL_TEXT)
/* What one more "Header: value" can add to it. */
#define RECORD_PART (2 * RECORD_TEXT + 16)

/* Ends a record that does not fit into a cell at a whole character, visibly. */
static void cut_record(hp_buf *out) {
    if (out->n <= RECORD_MAX) return;
    size_t n = RECORD_MAX;
    while (n > 0 && ((unsigned char)out->p[n] & 0xC0) == 0x80) n--;
    out->n = n;
    hp_buf_puts(out, " \xE2\x80\xA6");
}

/* Tells whether the value of a row stands as it is after what the law asks: free text that was redacted does
 * not. */
static bool is_as_it_was(const hp_cleaned *c, size_t b, size_t r) {
    if (!c->redacted || !c->redacted[b]) return true;
    return r >= c->in->first && c->v[b][r - c->in->first] == c->in->raw->col[c->in->bind[b].col].v[r];
}

/* Writes the source row as "Header: value | Header: value", so that it can be judged without opening the
 * source. Of a row whose people have not consented nothing is shown: any column may speak of them. */
static void put_record(const hp_run *run, const hp_cleaned *c, uint32_t row, hp_buf *out) {
    const hp_mapped *m = c->in;
    size_t r = find_row(m->raw, row);
    if (r == SIZE_MAX) return;
    if (c->withheld && r >= m->first && c->withheld[r - m->first]) return;
    uint32_t last = UINT32_MAX;
    for (size_t b = 0; b < m->nbind && out->n <= RECORD_MAX; b++) {
        const hp_binding *bind = &m->bind[b];
        hp_vid v = m->raw->col[bind->col].v[r];
        if (v == HP_NULL || bind->col == last || !is_as_it_was(c, b, r)) continue;
        last = bind->col;
        /* A cell of a csv file may be of any length; more than fits is cut anyway. */
        hp_buf_printf(out, "%s%.*s: ", out->n ? " | " : "", HP_FMT(hp_str_cut(bind->header, 0, RECORD_TEXT)));
        hp_buf_add(out, hp_str_cut(hp_text(run->pool, v), 0, RECORD_TEXT));
    }
}

static hp_code quarantine_row(const hp_run *run, const hp_quarantined *q, const hp_cleaned *c, hp_table *t,
                              size_t i, hp_err *err) {
    const hp_source_sheet *sheet = &run->sources.sheet.p[q->at.sheet];
    const hp_rule_info *rule = hp_rule_get((hp_rule)q->rule);
    HP_TRY(put(run, t, i, 0, run->sources.file.p[sheet->file].name, err));
    HP_TRY(put(run, t, i, 1, sheet->name, err));
    HP_TRY(put_number(run, t, i, 2, q->at.row, err));
    HP_TRY(put(run, t, i, 3, hp_str_of(hp_entity_name((hp_entity)q->kind)), err));
    HP_TRY(put(run, t, i, 4, hp_str_of(rule->name), err));
    t->col[5].v[i] = q->name;
    t->col[6].v[i] = q->note;
    HP_TRY(put(run, t, i, 7, hp_str_of(rule->text), err));
    hp_autobuf record = hp_buf_new(RECORD_MAX + RECORD_PART);
    if (c) put_record(run, c, q->at.row, &record);
    cut_record(&record);
    HP_TRY(hp_buf_check(&record, "a record of the Quarantine sheet", err));
    HP_TRY(put(run, t, i, 8, hp_buf_str(&record), err));
    return put(run, t, i, 9, hp_str_of(run->sources.file.p[sheet->file].sha256.hex), err);
}

hp_code hp_quarantine_sorted(const hp_run *run, const hp_quarantined **out, size_t *n, hp_err *err) {
    hp_quarantined *row = HP_NEW_ARRAY(run->arena, run->quarantine.n + 1, hp_quarantined);
    if (!row) return hp_fail_memory(err, "the Quarantine sheet");
    *n = run->quarantine.n;
    if (*n) memcpy(row, run->quarantine.p, *n * sizeof *row);
    qsort(row, *n, sizeof *row, by_place);
    *out = row;
    return HP_OK;
}

hp_code hp_quarantine_table(const hp_run *run, const hp_cleaned *const *sheets, size_t n, hp_table **out,
                            hp_err *err) {
    const hp_quarantined *row;
    size_t nrow;
    HP_TRY(hp_quarantine_sorted(run, &row, &nrow, err));
    hp_table *t = new_table(run->arena, HP_SHEET_QUARANTINE, nrow);
    if (!t) return hp_fail_memory(err, "the Quarantine sheet");
    for (size_t i = 0; i < nrow; i++)
        HP_TRY(quarantine_row(run, &row[i], sheet_of(sheets, n, row[i].at.sheet), t, i, err));
    *out = t;
    return HP_OK;
}

/* ---- Findings ---- */

#define COMPARE(x, y)                              \
    do {                                           \
        if ((x) != (y)) return (x) < (y) ? -1 : 1; \
    } while (0)

static int same_group(const hp_issue *x, const hp_issue *y) {
    COMPARE(hp_rule_get((hp_rule)y->rule)->severity, hp_rule_get((hp_rule)x->rule)->severity);
    COMPARE(x->rule, y->rule);
    COMPARE(x->at.sheet, y->at.sheet);
    COMPARE(x->at.col, y->at.col);
    COMPARE(x->value, y->value);
    COMPARE(x->note, y->note);
    return 0;
}

static int by_group(const void *a, const void *b) {
    const hp_issue *x = a, *y = b;
    int order = same_group(x, y);
    if (order) return order;
    COMPARE(x->at.row, y->at.row);
    return 0;
}

/* Adds "C5" or "C5:C9" (whole rows: "5" or "5:9"); false when the cell is full. */
static bool put_range(hp_buf *b, uint32_t col, uint32_t from, uint32_t to) {
    char letters[8] = "", text[64];
    if (col != HP_NO_COL) hp_col_letters(col, letters);
    int n = from == to
                ? snprintf(text, sizeof text, "%s%s%u", b->n ? ", " : "", letters, from)
                : snprintf(text, sizeof text, "%s%s%u:%s%u", b->n ? ", " : "", letters, from, letters, to);
    if (b->n + (size_t)n > HP_LIMIT_CELL_TEXT) return false;
    hp_buf_add(b, (hp_str){text, (size_t)n});
    return true;
}

/* Lists the cells of issue[0..n) of one group; returns how many issues fitted into one cell's text. */
static size_t list_cells(const hp_issue *issue, size_t n, hp_buf *b) {
    size_t i = 0;
    while (i < n) {
        size_t k = i + 1;
        uint32_t to = issue[i].at.row;
        /* Row 0 is the sheet as a whole: it has no address, and no neighbour. */
        for (; k < n && issue[k].at.row <= to + (to > 0); k++) to = issue[k].at.row;
        if (issue[i].at.row != 0 && !put_range(b, issue[i].at.col, issue[i].at.row, to)) break;
        i = k;
    }
    return i;
}

/* Puts what stood in a cell, and what is said of it, as people may see it: a workbook of findings goes
 * further than the data. */
static hp_code put_shown(const hp_run *run, const hp_report_source *in, hp_table *t, size_t row,
                         const hp_issue *issue, hp_err *err) {
    hp_autobuf text = hp_buf_new(64u << 20);
    hp_report_finding_value(in, issue->at, (hp_rule)issue->rule, issue->value, &text);
    HP_TRY(hp_buf_check(&text, "the Findings sheet", err));
    HP_TRY(put(run, t, row, 6, hp_buf_str(&text), err));
    hp_buf_clear(&text);
    hp_scrub(hp_text(run->pool, issue->note), &text);
    HP_TRY(hp_buf_check(&text, "the Findings sheet", err));
    return put(run, t, row, 7, hp_buf_str(&text), err);
}

static hp_code finding_row(const hp_run *run, const hp_report_source *in, hp_table *t, size_t row,
                           const hp_issue *issue, size_t count, hp_str cells, hp_err *err) {
    const hp_rule_info *rule = hp_rule_get((hp_rule)issue->rule);
    HP_TRY(put(run, t, row, 0, hp_str_of(hp_severity_name(rule->severity)), err));
    HP_TRY(put(run, t, row, 1, hp_str_of(rule->name), err));
    if (issue->at.sheet != HP_NO_SHEET) {
        const hp_source_sheet *sheet = &run->sources.sheet.p[issue->at.sheet];
        HP_TRY(put(run, t, row, 2, run->sources.file.p[sheet->file].name, err));
        HP_TRY(put(run, t, row, 3, sheet->name, err));
    }
    HP_TRY(put_number(run, t, row, 4, count, err));
    HP_TRY(put(run, t, row, 5, cells, err));
    if (in && !in->o->show_values) {
        HP_TRY(put_shown(run, in, t, row, issue, err));
    } else {
        t->col[6].v[row] = issue->value;
        t->col[7].v[row] = issue->note;
    }
    return put(run, t, row, 8, hp_str_of(rule->text), err);
}

/* Writes the rows of the table, or only counts them when `t` is NULL. */
static hp_code finding_rows(const hp_run *run, const hp_report_source *in, const hp_issue *issue, size_t n,
                            hp_table *t, size_t *rows, hp_err *err) {
    hp_autobuf cells = hp_buf_new(HP_LIMIT_CELL_TEXT + 64);
    *rows = 0;
    for (size_t i = 0; i < n;) {
        size_t k = i + 1;
        while (k < n && same_group(&issue[i], &issue[k]) == 0) k++;
        while (i < k) {
            hp_buf_clear(&cells);
            size_t took = list_cells(issue + i, k - i, &cells);
            if (cells.bad || took == 0) return hp_fail_memory(err, "the Findings sheet");
            if (t) HP_TRY(finding_row(run, in, t, *rows, issue + i, took, hp_buf_str(&cells), err));
            (*rows)++;
            i += took;
        }
    }
    return HP_OK;
}

hp_code hp_findings_table(const hp_run *run, const hp_report_source *in, hp_table **out, hp_err *err) {
    size_t n = run->issues.list.n, rows;
    hp_issue *issue = hp_calloc(n + 1, sizeof *issue);
    if (!issue) return hp_fail_memory(err, "the Findings sheet");
    if (n) memcpy(issue, run->issues.list.p, n * sizeof *issue);
    qsort(issue, n, sizeof *issue, by_group);
    hp_code code = finding_rows(run, in, issue, n, NULL, &rows, err);
    *out = code == HP_OK ? new_table(run->arena, HP_SHEET_FINDINGS, rows) : NULL;
    if (code == HP_OK && !*out) code = hp_fail_memory(err, "the Findings sheet");
    if (code == HP_OK) code = finding_rows(run, in, issue, n, *out, &rows, err);
    hp_free(issue);
    return code;
}

/* ---- Summary ---- */

/* Lines that there always are: the counts, and two for each heading. */
#define SUMMARY_ROWS 32

typedef struct summary {
    const hp_run *run;
    hp_table *t;
    size_t row;
    hp_err *err;
    hp_code code;
} summary;

static void line(summary *s, const char *metric, hp_str value) {
    if (s->code != HP_OK) return;
    if (s->row == s->t->nrow) { /* a line that nobody reckoned with must not go missing */
        s->code =
            hp_fail(s->err, HP_BUG,
                    "the Summary sheet has more than the %zu lines planned; please report this", s->t->nrow);
        return;
    }
    s->code = put(s->run, s->t, s->row, 0, hp_str_of(metric), s->err);
    if (s->code == HP_OK) s->code = put(s->run, s->t, s->row, 1, value, s->err);
    s->row++;
}

static void line_f(summary *s, const char *metric, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void line_f(summary *s, const char *metric, const char *fmt, ...) {
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (n < 0) n = 0;
    line(s, metric, (hp_str){text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1});
}

static void heading_line(summary *s, const char *title) {
    line(s, "", (hp_str){"", 0});
    line(s, title, (hp_str){"", 0});
}

/* As line, with a name that is put together in `metric`, which is then empty again. */
static void line_named(summary *s, hp_buf *metric, hp_str value) {
    if (s->code == HP_OK) s->code = hp_buf_check(metric, "the Summary sheet", s->err);
    line(s, hp_buf_cstr(metric), value);
    hp_buf_clear(metric);
}

static void summary_counts(summary *s, const hp_refine_result *r) {
    line(s, "Profile", r->profile->name);
    line_f(s, "hotpass version", "%s", HP_VERSION);
    line_f(s, "Rows in", "%llu", (unsigned long long)r->rows_in);
    line_f(s, "Organisations out", "%llu", (unsigned long long)r->rows_out);
    line_f(s, "Contacts", "%llu", (unsigned long long)r->contacts);
    line_f(s, "Rows merged", "%llu", (unsigned long long)r->merged);
    line_f(s, "  of these duplicate organisations", "%llu", (unsigned long long)r->duplicates);
    line_f(s, "  of these contact, address and note rows", "%llu", (unsigned long long)r->attached);
    line_f(s, "Rows quarantined", "%llu", (unsigned long long)r->quarantined);
    line_f(s, "Values that sources disagree on", "%llu", (unsigned long long)r->conflicts);
    line_f(s, "Mean quality score", "%.2f", r->quality_mean);
}

static void summary_sources(summary *s) {
    hp_autobuf name = hp_buf_new(1 << 20), value = hp_buf_new(1 << 20);
    heading_line(s, "Sources");
    for (size_t i = 0; i < s->run->sources.file.n; i++) {
        const hp_source_file *f = &s->run->sources.file.p[i];
        hp_buf_add(&name, f->label);
        hp_buf_printf(&value, "%.*s, sha256 %s", HP_FMT(f->name), f->sha256.hex);
        if (s->code == HP_OK) s->code = hp_buf_check(&value, "the Summary sheet", s->err);
        line_named(s, &name, hp_buf_str(&value));
        hp_buf_clear(&value);
    }
}

static void summary_findings(summary *s) {
    heading_line(s, "Findings by rule");
    for (int sev = HP_SEV_ERROR; sev >= HP_SEV_INFO; sev--)
        for (int rule = 0; rule < HP_RULE_COUNT; rule++) {
            const hp_rule_info *info = hp_rule_get((hp_rule)rule);
            uint64_t n = s->run->issues.by_rule[rule];
            if (n && (int)info->severity == sev) line_f(s, info->name, "%llu", (unsigned long long)n);
        }
}

static void summary_checks(summary *s, const hp_verdict *v) {
    if (!v) return;
    hp_autobuf name = hp_buf_new(1 << 20);
    heading_line(s, "Checks");
    for (size_t i = 0; i < v->n; i++) {
        const hp_check_result *c = &v->result[i];
        char value[100];
        int n =
            snprintf(value, sizeof value, "%s (%llu of %llu unexpected)", c->success ? "passed" : "FAILED",
                     (unsigned long long)c->unexpected, (unsigned long long)c->evaluated);
        hp_check_name(c, &name);
        if (c->sources) hp_buf_printf(&name, " (%.*s)", HP_FMT(c->data));
        line_named(s, &name, (hp_str){value, (size_t)n});
    }
}

static void summary_fill(summary *s, const hp_table *data) {
    hp_autobuf name = hp_buf_new(1 << 20);
    heading_line(s, "Field completeness");
    for (size_t c = 0; data->nrow && c < data->ncol; c++) {
        size_t filled = 0;
        for (size_t i = 0; i < data->nrow; i++) filled += data->col[c].v[i] != HP_NULL;
        char value[32];
        int n = snprintf(value, sizeof value, "%.1f%%", 100.0 * (double)filled / (double)data->nrow);
        hp_buf_add(&name, data->col[c].name);
        line_named(s, &name, (hp_str){value, (size_t)n});
    }
}

static void summary_sheets(summary *s, const char *name, const hp_table *t) {
    size_t sheets = hp_sheets_of(t);
    if (sheets > 1)
        line_f(s, "Table on several sheets", "%s: %zu rows on %zu sheets, the second is %s (2)", name,
               t->nrow, sheets, name);
}

hp_code hp_summary_table(const hp_refine_result *r, const hp_table *data, const hp_table *const others[3],
                         hp_table **out, hp_err *err) {
    /* Counts are to be numbers; a text in a column of numbers stays text. */
    size_t rows =
        SUMMARY_ROWS + HP_RULE_COUNT + (r->verdict ? r->verdict->n : 0) + data->ncol + r->run.sources.file.n;
    summary s = {.run = &r->run, .err = err, .t = new_table(r->run.arena, HP_SHEET_SUMMARY, rows)};
    if (!s.t) return hp_fail_memory(err, "the Summary sheet");
    summary_counts(&s, r);
    summary_sheets(&s, "Data", data);
    summary_sheets(&s, "Contacts", others[0]);
    summary_sheets(&s, "Quarantine", others[1]);
    summary_sheets(&s, "Findings", others[2]);
    summary_findings(&s);
    summary_checks(&s, r->verdict);
    summary_fill(&s, data);
    summary_sources(&s);
    s.t->nrow = s.row;
    *out = s.t;
    return s.code;
}
