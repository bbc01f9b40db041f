/* The report's findings: by rule, by sheet, and the columns and rows with the most. */
#include "refine/report.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "table/mask.h"

#include "base/banned.h"

/* What the page lists; the rest is announced. */
enum { FIRST_CELLS = 4, WORST_SHEETS = 15, WORST_COLUMNS = 12, WORST_ROWS = 12, VALUE_BYTES = 60 };

hp_code hp_report_text(const hp_report_source *in, hp_buf *b, hp_str *out, hp_err *err) {
    HP_TRY(hp_buf_check(b, "the report", err));
    *out = hp_arena_dup(in->r->run.arena, hp_buf_str(b));
    hp_buf_clear(b);
    return out->p ? HP_OK : hp_fail_memory(err, "the report");
}

bool hp_report_has_people(const hp_report_source *in) {
    for (size_t i = 0; i < in->nsheets; i++)
        if (in->sheets[i]->entity == HP_E_PERSON) return true;
    return false;
}

/* ---- values ---- */

static const hp_mapped *sheet_of(const hp_report_source *in, uint32_t sheet) {
    for (size_t i = 0; i < in->nsheets; i++)
        if (in->sheets[i]->sheet == sheet) return in->sheets[i];
    return NULL;
}

/* Finds what a cell's column is bound to: the first field, or no field but a header; NULL when none is. */
static const hp_binding *binding_of(const hp_mapped *m, uint32_t col) {
    for (size_t b = 0; m && b < m->nbind; b++)
        if (m->raw->col[m->bind[b].col].source == col) return &m->bind[b];
    return NULL;
}

/* Tells whether values of a field may be personal. */
static bool is_personal(const hp_report_source *in, hp_field field) {
    hp_kind kind = hp_field_get(field)->kind;
    bool name = kind == HP_K_ORG_NAME || field == HP_F_NONE;
    return hp_field_masked(field) || (name && hp_report_has_people(in));
}

/* Appends a text, long ones cut at a whole character. */
static void put_cut(hp_buf *out, hp_str s) {
    size_t n = 0;
    while (n < s.n && n < VALUE_BYTES) hp_utf8_next(s, &n);
    hp_buf_add(out, hp_str_cut(s, 0, n));
    if (n < s.n) hp_buf_puts(out, "\xE2\x80\xA6");
}

static void put_value(const hp_report_source *in, hp_kind kind, bool personal, bool whole_text, hp_vid value,
                      hp_buf *out) {
    hp_autobuf text = hp_buf_new(64u << 20);
    hp_str whole = hp_text(in->r->run.pool, value);
    if (value == HP_NULL) return;
    if (in->o->show_values || (kind == HP_K_DATE && !personal)) {
        hp_buf_add(&text, whole);
    } else if (personal) {
        hp_put_masked(&text, kind, whole);
    } else {
        hp_scrub(whole, &text); /* an address or a number may stand in any text */
    }
    if (whole_text)
        hp_buf_add(out, hp_buf_str(&text));
    else
        put_cut(out, hp_buf_str(&text));
    if (text.bad) out->bad = true;
}

static void finding_value(const hp_report_source *in, hp_cell at, hp_rule rule, bool whole_text, hp_vid value,
                          hp_buf *out) {
    const hp_mapped *m = at.sheet == HP_NO_SHEET ? NULL : sheet_of(in, at.sheet);
    const hp_binding *b = binding_of(m, at.col);
    hp_field field = b ? b->field : HP_F_NONE;
    hp_kind kind = rule == HP_R_PHONE_INVALID ? HP_K_PHONE : hp_field_get(field)->kind;
    put_value(in, kind, hp_rule_get(rule)->personal || is_personal(in, field), whole_text, value, out);
}

void hp_report_value(const hp_report_source *in, hp_cell at, hp_rule rule, hp_vid value, hp_buf *out) {
    finding_value(in, at, rule, false, value, out);
}

void hp_report_finding_value(const hp_report_source *in, hp_cell at, hp_rule rule, hp_vid value,
                             hp_buf *out) {
    finding_value(in, at, rule, true, value, out);
}

void hp_report_output_value(const hp_report_source *in, hp_str column, hp_vid value, hp_buf *out) {
    hp_field field = hp_fill_field(column);
    put_value(in, hp_field_get(field)->kind, field == HP_F_NONE || is_personal(in, field), false, value, out);
}

/* ---- addresses ---- */

static void put_address(const hp_run *run, hp_cell at, uint32_t before, hp_buf *out) {
    char letters[8] = "";
    if (at.sheet != before || at.row == 0) {
        hp_address(&run->sources, at, out);
        return;
    }
    if (at.col != HP_NO_COL) hp_col_letters(at.col, letters);
    hp_buf_printf(out, "!%s%u", letters, at.row);
}

void hp_report_cells(const hp_run *run, const hp_issue *const *issue, size_t n, uint64_t all, hp_buf *out) {
    uint32_t before = HP_NO_SHEET;
    for (size_t i = 0; i < n; i++) {
        if (issue[i]->at.sheet == HP_NO_SHEET) continue;
        if (before != HP_NO_SHEET) hp_buf_puts(out, ", ");
        put_address(run, issue[i]->at, before, out);
        before = issue[i]->at.sheet;
    }
    if (before != HP_NO_SHEET && all > n) hp_buf_puts(out, ", \xE2\x80\xA6");
}

/* ---- by rule ---- */

typedef struct tally {
    const hp_issue *first[FIRST_CELLS];
    size_t n;
    const hp_issue *value; /* the first that has one */
} tally;

static int by_weight(const void *a, const void *b) {
    const hp_report_rule *x = a, *y = b;
    if (x->severity != y->severity) return x->severity > y->severity ? -1 : 1;
    if (x->count != y->count) return x->count > y->count ? -1 : 1;
    return hp_str_cmp(x->rule, y->rule);
}

static hp_code fill_rule(const hp_report_source *in, hp_rule rule, const tally *t, hp_report_rule *out,
                         hp_err *err) {
    const hp_rule_info *info = hp_rule_get(rule);
    hp_autobuf text = hp_buf_new(1 << 20);
    *out = (hp_report_rule){.rule = hp_str_of(info->name),
                            .text = hp_str_of(info->text),
                            .severity = info->severity,
                            .count = in->r->run.issues.by_rule[rule],
                            .was = in->previous->known ? in->previous->by_rule[rule] : HP_UNKNOWN};
    hp_report_cells(&in->r->run, t->first, t->n, out->count, &text);
    HP_TRY(hp_report_text(in, &text, &out->cells, err));
    if (t->value) hp_report_value(in, t->value->at, rule, t->value->value, &text);
    return hp_report_text(in, &text, &out->value, err);
}

static hp_code add_rules(const hp_report_source *in, hp_report *out, hp_err *err) {
    const hp_run *run = &in->r->run;
    tally all[HP_RULE_COUNT] = {0};
    for (size_t i = 0; i < run->issues.list.n; i++) {
        const hp_issue *issue = &run->issues.list.p[i];
        tally *t = &all[issue->rule];
        if (t->n < FIRST_CELLS) t->first[t->n++] = issue;
        if (!t->value && issue->value != HP_NULL) t->value = issue;
    }
    out->rule = HP_NEW_ARRAY(run->arena, HP_RULE_COUNT, hp_report_rule);
    if (!out->rule) return hp_fail_memory(err, "the report");
    for (int rule = 0; rule < HP_RULE_COUNT; rule++) {
        uint64_t n = run->issues.by_rule[rule];
        if (n == 0) continue;
        out->findings += n;
        if (hp_rule_get((hp_rule)rule)->severity != HP_SEV_INFO) out->warnings += n;
        HP_TRY(fill_rule(in, (hp_rule)rule, &all[rule], &out->rule[out->nrule++], err));
    }
    qsort(out->rule, out->nrule, sizeof *out->rule, by_weight);
    return HP_OK;
}

/* ---- by place ---- */

/* A group of findings with one place: issues key[at .. at + n). */
typedef struct group {
    size_t at, n;
    uint64_t warn, info;
} group;

/* A finding and the place that it counts for. */
typedef struct keyed {
    uint64_t place;
    uint32_t issue;
} keyed;

static int by_place(const void *a, const void *b) {
    const keyed *x = a, *y = b;
    if (x->place != y->place) return x->place < y->place ? -1 : 1;
    return x->issue < y->issue ? -1 : x->issue > y->issue;
}

static bool is_worse(const group *x, const group *y) {
    return x->warn != y->warn ? x->warn > y->warn : x->info > y->info;
}

/* Keeps the `most` worst groups, in order; of equal ones the first. */
static void keep(group *worst, size_t *n, size_t most, const group *g) {
    size_t i = *n;
    while (i > 0 && is_worse(g, &worst[i - 1])) i--;
    if (i == most) return;
    size_t moved = (*n < most ? *n : most - 1) - i;
    memmove(worst + i + 1, worst + i, moved * sizeof *worst);
    worst[i] = *g;
    if (*n < most) (*n)++;
}

/* Lists "phone_invalid 12, placeholder 3", gravest and most frequent first. */
static void put_rules(const hp_run *run, const keyed *key, size_t n, hp_buf *out) {
    uint64_t count[HP_RULE_COUNT] = {0};
    for (size_t i = 0; i < n; i++) count[run->issues.list.p[key[i].issue].rule]++;
    for (bool first = true;; first = false) {
        int best = -1;
        for (int r = 0; r < HP_RULE_COUNT; r++) {
            if (count[r] == 0) continue;
            hp_severity s = hp_rule_get((hp_rule)r)->severity;
            hp_severity b = best < 0 ? HP_SEV_INFO : hp_rule_get((hp_rule)best)->severity;
            if (best < 0 || s > b || (s == b && count[r] > count[best])) best = r;
        }
        if (best < 0) return;
        hp_buf_printf(out, "%s%s %llu", first ? "" : ", ", hp_rule_get((hp_rule)best)->name,
                      (unsigned long long)count[best]);
        count[best] = 0;
    }
}

/* Says which findings count for which places. */
typedef enum axis { BY_SHEET, BY_COLUMN, BY_ROW } axis;

static bool place_of(axis by, hp_cell at, uint64_t *place) {
    if (at.sheet == HP_NO_SHEET) return false;
    if (by == BY_COLUMN && (at.col == HP_NO_COL || at.row == 0)) return false;
    if (by == BY_ROW && at.row == 0) return false;
    *place = (uint64_t)at.sheet << 32 | (by == BY_SHEET ? 0 : by == BY_COLUMN ? at.col : at.row);
    return true;
}

static uint64_t rows_of(const hp_mapped *m) {
    return m && m->raw->nrow > m->first ? m->raw->nrow - m->first : 0;
}

/* Names the place itself: "Book.xlsx!List", "Book.xlsx!List!C", "Book.xlsx!List!17". */
static void put_place(const hp_run *run, axis by, hp_cell at, hp_buf *out) {
    char letters[8];
    hp_cell whole = {.sheet = at.sheet, .row = by == BY_ROW ? at.row : 0, .col = HP_NO_COL};
    hp_address(&run->sources, whole, out);
    if (by != BY_COLUMN) return;
    hp_col_letters(at.col, letters);
    hp_buf_printf(out, "!%s", letters);
}

static void put_name(const hp_report_source *in, axis by, hp_cell at, hp_buf *out) {
    const hp_run *run = &in->r->run;
    const hp_binding *b = binding_of(sheet_of(in, at.sheet), at.col);
    if (by == BY_SHEET) hp_buf_add(out, run->sources.file.p[run->sources.sheet.p[at.sheet].file].label);
    if (by != BY_COLUMN || !b) return;
    if (in->o->show_values)
        put_cut(out, b->header);
    else
        hp_scrub(hp_str_cut(b->header, 0, 200), out); /* a row of data may have been taken for the header */
    if (b->field != HP_F_NONE) hp_buf_printf(out, ", read as %s", hp_field_get(b->field)->name);
}

static hp_code fill_place(const hp_report_source *in, axis by, const keyed *key, const group *g,
                          hp_report_place *out, hp_err *err) {
    const hp_run *run = &in->r->run;
    const hp_issue *first[FIRST_CELLS] = {0};
    hp_autobuf text = hp_buf_new(1 << 20);
    size_t n = 0;
    for (size_t i = 0; i < g->n && n < FIRST_CELLS; i++)
        first[n++] = &run->issues.list.p[key[g->at + i].issue];
    *out = (hp_report_place){.warn = g->warn, .info = g->info};
    hp_cell at = run->issues.list.p[key[g->at].issue].at;
    if (by != BY_ROW) out->rows = rows_of(sheet_of(in, at.sheet));
    put_place(run, by, at, &text);
    HP_TRY(hp_report_text(in, &text, &out->place, err));
    put_name(in, by, at, &text);
    HP_TRY(hp_report_text(in, &text, &out->name, err));
    put_rules(run, key + g->at, g->n, &text);
    HP_TRY(hp_report_text(in, &text, &out->rules, err));
    if (by != BY_SHEET) hp_report_cells(run, first, n, g->n, &text);
    return hp_report_text(in, &text, &out->cells, err);
}

/* Sorts the findings by place; returns how many have one. */
static size_t sort_by(const hp_run *run, axis by, keyed *key) {
    size_t n = 0;
    for (size_t i = 0; i < run->issues.list.n; i++)
        if (place_of(by, run->issues.list.p[i].at, &key[n].place)) key[n++].issue = (uint32_t)i;
    qsort(key, n, sizeof *key, by_place);
    return n;
}

static hp_code add_places(const hp_report_source *in, axis by, size_t most, hp_report_places *out,
                          hp_err *err) {
    const hp_run *run = &in->r->run;
    group worst[WORST_SHEETS];
    hp_autofree keyed *key = hp_calloc(run->issues.list.n + 1, sizeof *key);
    out->list = HP_NEW_ARRAY(run->arena, most, hp_report_place);
    if (!key || !out->list) return hp_fail_memory(err, "the report");
    size_t n = sort_by(run, by, key), kept = 0;
    for (size_t i = 0; i < n;) {
        group g = {.at = i};
        for (; i < n && key[i].place == key[g.at].place; i++, g.n++) {
            bool info = hp_rule_get((hp_rule)run->issues.list.p[key[i].issue].rule)->severity == HP_SEV_INFO;
            g.info += info;
            g.warn += !info;
        }
        out->all++;
        keep(worst, &kept, most, &g);
    }
    for (; out->n < kept; out->n++) HP_TRY(fill_place(in, by, key, &worst[out->n], &out->list[out->n], err));
    return HP_OK;
}

hp_code hp_report_findings(const hp_report_source *in, hp_report *out, hp_err *err) {
    HP_TRY(add_rules(in, out, err));
    HP_TRY(add_places(in, BY_SHEET, WORST_SHEETS, &out->sheets, err));
    HP_TRY(add_places(in, BY_COLUMN, WORST_COLUMNS, &out->columns, err));
    return add_places(in, BY_ROW, WORST_ROWS, &out->rows, err);
}
