#include "read/batch.h"

#include <stdlib.h>

#include "base/mem.h"
#include "read/text.h"

#include "base/banned.h"

#define WHOLE_SHEET UINT32_MAX

/* A column goes without look-ups for APART batches when of LEAST texts and more no more than one of sixteen
 * was there before. */
enum { APART = 32, LEAST = 256 };

static void learn(hp_batch_lane *lane) {
    if (lane->apart)
        lane->apart--;
    else if (lane->asked >= LEAST && lane->fresh >= lane->asked - lane->asked / 16)
        lane->apart = APART;
    lane->asked = lane->fresh = 0;
}

void hp_batch_clear(hp_batch *b) {
    hp_dict_clear(&b->dict);
    for (size_t i = 0; i < HP_BATCH_LANES; i++) learn(&b->lane[i]);
    b->ncell = b->nrow = 0;
    b->issue.n = 0;
    b->bad = false;
}

void hp_batch_free(hp_batch *b) {
    hp_dict_free(&b->dict);
    hp_free(b->cell);
    hp_free(b->row);
    hp_free(b->map);
    hp_vec_free(&b->issue);
    *b = (hp_batch){0};
}

void hp_batch_begin_row(hp_batch *b, uint32_t number, bool relative, bool hidden) {
    if (b->nrow == b->cap_row && !hp_vec_grow((void **)&b->row, b->nrow, &b->cap_row, sizeof *b->row)) {
        b->bad = true;
        return;
    }
    b->row[b->nrow++] = (hp_batch_row){number, relative, hidden, (uint32_t)b->ncell};
}

bool hp_batch_grow_cells(hp_batch *b) {
    size_t cap = b->cap_cell ? b->cap_cell * 2 : 4096;
    hp_batch_cell *cell = cap < UINT32_MAX ? hp_realloc(b->cell, cap, sizeof *cell) : NULL;
    if (!cell) {
        b->bad = true;
        return false;
    }
    b->cell = cell;
    b->cap_cell = cap;
    return true;
}

void hp_batch_find(hp_batch *b, hp_rule rule, uint32_t col, hp_ref value, hp_ref note) {
    hp_batch_issue issue = {.row = b->nrow ? (uint32_t)b->nrow - 1 : WHOLE_SHEET,
                            .col = col,
                            .value = value,
                            .note = note,
                            .order = (uint32_t)b->issue.n,
                            .rule = (uint16_t)rule};
    if (value == HP_REF_FAILED || note == HP_REF_FAILED || !hp_vec_push(&b->issue, issue)) b->bad = true;
}

/* ---- sealing ---- */

/* How far ahead values are asked for. */
#define AHEAD 24

static bool is_listed(hp_ref ref) { return (ref & (HP_REF_LISTED | HP_REF_LOCAL)) == HP_REF_LISTED; }

void hp_batch_resolve(hp_batch *b, const hp_vid *list) {
    for (size_t i = 0; i < b->ncell; i++) {
        hp_ref ahead = i + AHEAD < b->ncell ? b->cell[i + AHEAD].ref : 0;
        if (is_listed(ahead)) __builtin_prefetch(&list[ahead & ~HP_REF_LISTED]);
        if (is_listed(b->cell[i].ref)) b->cell[i].ref = list[b->cell[i].ref & ~HP_REF_LISTED];
    }
}

static int by_cell(const void *a, const void *b) {
    const hp_batch_issue *x = a, *y = b;
    if (x->row != y->row) return x->row < y->row ? -1 : 1;
    if (x->col != y->col) return x->col < y->col ? -1 : 1;
    return x->rule < y->rule ? -1 : x->rule > y->rule;
}

static int by_place(const void *a, const void *b) {
    const hp_batch_issue *x = a, *y = b;
    int order = by_cell(a, b);
    return order ? order : x->order < y->order ? -1 : x->order > y->order;
}

void hp_batch_sort_issues(hp_batch *b) {
    if (b->issue.n > 1) qsort(b->issue.p, b->issue.n, sizeof *b->issue.p, by_place);
}

/* Adds a finding for each cell whose text was repaired, in its place among the others. */
static void report_repaired(hp_batch *b, const bool *repaired) {
    for (size_t r = 0; r < b->nrow; r++) {
        size_t to = r + 1 < b->nrow ? b->row[r + 1].first : b->ncell;
        for (size_t i = b->row[r].first; i < to; i++) {
            const hp_batch_cell *c = &b->cell[i];
            if (c->is_lex || !(c->ref & HP_REF_LOCAL) || !repaired[c->ref & ~HP_REF_LOCAL]) continue;
            hp_batch_issue issue = {.row = (uint32_t)r,
                                    .col = c->col,
                                    .value = c->ref,
                                    .order = (uint32_t)b->issue.n,
                                    .rule = HP_R_ENCODING_REPAIRED};
            if (!hp_vec_push(&b->issue, issue)) b->bad = true;
        }
    }
    hp_batch_sort_issues(b);
    size_t n = 0; /* a reference in the text that was no character may have been reported already */
    for (size_t i = 0; i < b->issue.n; i++) {
        bool twice = n && b->issue.p[i].rule == HP_R_ENCODING_REPAIRED
                     && by_cell(&b->issue.p[n - 1], &b->issue.p[i]) == 0;
        if (!twice) b->issue.p[n++] = b->issue.p[i];
    }
    b->issue.n = n;
}

void hp_batch_seal(hp_batch *b, bool escapes) {
    hp_texts texts = hp_texts_new(NULL, escapes);
    hp_autofree bool *repaired = NULL;
    for (uint32_t i = 0; i < b->dict.n && !b->bad; i++) {
        if (hp_texts_fit(b->dict.text[i], escapes)) continue;
        hp_str clean;
        bool was_bad = false;
        if (hp_texts_clean(&texts, b->dict.text[i], &clean, &was_bad, NULL) != HP_OK) b->bad = true;
        if (!b->bad) clean = clean.n ? hp_dict_keep(&b->dict, clean) : HP_S("");
        if (b->bad || !clean.p) {
            b->bad = true;
            break;
        }
        b->dict.text[i] = clean;
        b->dict.hash[i] = hp_hash_text(clean);
        if (!was_bad) continue;
        if (!repaired) repaired = hp_calloc(b->dict.n, sizeof *repaired);
        if (!repaired)
            b->bad = true;
        else
            repaired[i] = true;
    }
    hp_texts_free(&texts);
    if (repaired && !b->bad)
        report_repaired(b, repaired);
    else
        hp_batch_sort_issues(b);
}

/* ---- taking ---- */

static hp_vid value_of(const hp_batch *b, hp_ref ref) {
    return ref & HP_REF_LOCAL ? b->map[ref & ~HP_REF_LOCAL] : ref;
}

static hp_code make_map(hp_batch *b, hp_pool *pool, hp_err *err) {
    if (b->cap_map < b->dict.n) {
        size_t cap = b->dict.n + b->dict.n / 2;
        hp_vid *map = hp_realloc(b->map, cap, sizeof *map);
        if (!map) return hp_fail_memory(err, "a sheet");
        b->map = map;
        b->cap_map = cap;
    }
    return hp_dict_merge(&b->dict, pool, b->map, err);
}

static hp_code take_row(const hp_batch *b, size_t r, hp_grid *g, hp_err *err) {
    size_t to = r + 1 < b->nrow ? b->row[r + 1].first : b->ncell;
    for (size_t i = b->row[r].first; i < to; i++) {
        const hp_batch_cell *c = &b->cell[i];
        hp_vid v = value_of(b, c->ref), lex = v;
        if (i + 1 < to && c[1].is_lex) lex = value_of(b, c[1].ref), i++;
        if (v == HP_NULL || hp_grid_put_quick(g, c->col, v, (hp_type)c->type, lex)) continue;
        HP_TRY(hp_grid_put(g, c->col, v, (hp_type)c->type, lex, err));
    }
    return HP_OK;
}

static hp_code take_rows(hp_batch *b, hp_batch_sink *s, hp_err *err) {
    uint32_t last = s->last_row;
    for (size_t r = 0; r < b->nrow; r++) {
        hp_batch_row *row = &b->row[r];
        if (row->relative) row->number += s->last_row;
        last = row->number;
        hp_grid_begin_row(s->grid, row->number, row->hidden);
        HP_TRY(take_row(b, r, s->grid, err));
    }
    s->last_row = last;
    return HP_OK;
}

static hp_code take_issues(const hp_batch *b, hp_batch_sink *s, hp_err *err) {
    for (size_t i = 0; i < b->issue.n && !s->silent; i++) {
        const hp_batch_issue *from = &b->issue.p[i];
        uint32_t row = from->row == WHOLE_SHEET ? 0 : b->row[from->row].number;
        hp_issue issue = {.at = {s->sheet, row, from->col},
                          .value = value_of(b, from->value),
                          .note = value_of(b, from->note),
                          .rule = from->rule};
        if (!hp_vec_push(&s->issue, issue)) return hp_fail_memory(err, "the list of findings");
    }
    return HP_OK;
}

hp_code hp_batch_take(hp_batch *b, hp_batch_sink *sink, hp_err *err) {
    if (b->bad) return hp_fail_memory(err, "a sheet");
    HP_TRY(make_map(b, sink->run->pool, err));
    HP_TRY(take_rows(b, sink, err));
    return take_issues(b, sink, err);
}

hp_code hp_batch_sink_report(hp_batch_sink *s, hp_err *err) {
    hp_code code = HP_OK;
    for (size_t i = 0; i < s->issue.n && code == HP_OK; i++) {
        const hp_issue *issue = &s->issue.p[i];
        code = hp_find(s->run, (hp_rule)issue->rule, issue->at, issue->value, issue->note, err);
    }
    hp_batch_sink_free(s);
    return code;
}

void hp_batch_sink_free(hp_batch_sink *s) { hp_vec_free(&s->issue); }
