/* What a workbook tells those who work in it: each header explains its column, and columns with few different
 * values offer those, so that "Active" does not become "active " by hand. */
#include <stdlib.h>

#include "refine/stages.h"

#include "base/banned.h"

/* More values are no vocabulary. */
#define MAX_CHOICES 30

/* Columns whose values are a vocabulary, in whichever of the sheets they stand. */
static const char *const CLOSED[] = {
    "province", "organization_category", "organization_type", "status", "priority", "is_primary"};

static bool is_closed(hp_str name) {
    for (size_t i = 0; i < sizeof CLOSED / sizeof *CLOSED; i++)
        if (hp_str_eq(name, hp_str_of(CLOSED[i]))) return true;
    return false;
}

static int by_text(const void *a, const void *b) {
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

/* Collects the values of a column; 0 when there are too many. */
static size_t collect(const hp_column *c, size_t nrow, hp_vid seen[MAX_CHOICES]) {
    size_t n = 0;
    for (size_t r = 0; r < nrow; r++) {
        size_t i = 0;
        if (c->v[r] == HP_NULL) continue;
        while (i < n && seen[i] != c->v[r]) i++;
        if (i < n) continue;
        if (n == MAX_CHOICES) return 0;
        seen[n++] = c->v[r];
    }
    return n;
}

static hp_code choices_of(const hp_run *run, const hp_table *t, size_t col, hp_out_choices *out,
                          hp_err *err) {
    hp_vid seen[MAX_CHOICES];
    size_t n = collect(&t->col[col], t->nrow, seen);
    const char **choice = HP_NEW_ARRAY(run->arena, n + 1, const char *);
    if (!choice) return hp_fail_memory(err, "the workbook");
    for (size_t i = 0; i < n; i++) {
        choice[i] = hp_arena_dup(run->arena, hp_text(run->pool, seen[i])).p;
        if (!choice[i]) return hp_fail_memory(err, "the workbook");
    }
    qsort(choice, n, sizeof *choice, by_text);
    *out = (hp_out_choices){.col = (uint32_t)col, .choice = choice, .n = n};
    return HP_OK;
}

static const char *text_of(const hp_output_column *columns, size_t n, hp_str name) {
    for (size_t i = 0; i < n; i++)
        if (hp_str_eq(name, hp_str_of(columns[i].name))) return columns[i].text;
    return NULL;
}

hp_code hp_sheet_hints(const hp_run *run, const hp_output_column *columns, size_t n, hp_out_sheet *sheet,
                       hp_err *err) {
    const hp_table *t = sheet->table;
    hp_out_comment *comments = HP_NEW_ARRAY(run->arena, t->ncol + 1, hp_out_comment);
    hp_out_choices *choices = HP_NEW_ARRAY(run->arena, t->ncol + 1, hp_out_choices);
    if (!comments || !choices) return hp_fail_memory(err, "the workbook");
    for (size_t c = 0; c < t->ncol; c++) {
        const char *text = text_of(columns, n, t->col[c].name);
        if (text) comments[sheet->ncomments++] = (hp_out_comment){.col = (uint32_t)c, .text = text};
        if (!is_closed(t->col[c].name)) continue;
        HP_TRY(choices_of(run, t, c, &choices[sheet->nchoices], err));
        sheet->nchoices += choices[sheet->nchoices].n > 0;
    }
    sheet->comments = comments;
    sheet->choices = choices;
    return HP_OK;
}
