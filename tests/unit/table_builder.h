/* Makes runs and raw tables by hand: a table is an array of strings, row by row, NULL for an empty cell. */
#ifndef HP_TESTS_TABLE_BUILDER_H
#define HP_TESTS_TABLE_BUILDER_H

#include "unit.h"

#include "table/run.h"

/** Open a run, failing the test when that does not work. */
static inline void tb_open(hp_run *run) {
    hp_err err = {0};
    memset(run, 0, sizeof *run);
    assert_ok(hp_run_open(run, &err), err);
}

/** Add a file called "<label>.xlsx". */
static inline uint32_t tb_file(hp_run *run, const char *label, int priority) {
    hp_err err = {0};
    uint32_t id;
    hp_str name = hp_arena_printf(run->arena, "%s.xlsx", label);
    hp_source_file f = {.path = name, .name = name, .label = hp_str_of(label), .priority = priority};
    assert_ok(hp_run_add_file(run, &f, &id, &err), err);
    return id;
}

/** Add a sheet. */
static inline uint32_t tb_sheet(hp_run *run, uint32_t file, const char *name) {
    hp_err err = {0};
    uint32_t id;
    assert_ok(hp_run_add_sheet(run, file, hp_str_of(name), 0, &id, &err), err);
    return id;
}

/** Intern a text. */
static inline hp_vid tb_vid(hp_run *run, const char *text) {
    hp_err err = {0};
    hp_vid v;
    assert_ok(hp_intern(run->pool, hp_str_of(text), &v, &err), err);
    return v;
}

/** Make a raw table of `nrow` x `ncol` cells; as the reader does, rows without any value are left out, and
 * rows count from 1. A text that begins with "#n:" is a number cell, "#d:" a date cell. */
static inline hp_table *tb_table(hp_run *run, uint32_t sheet, size_t nrow, size_t ncol,
                                 const char *const *cell) {
    hp_table *t = hp_table_new(run->arena, nrow, ncol, true);
    assert_non_null(t);
    size_t n = 0;
    for (size_t c = 0; c < ncol; c++) {
        t->col[c].source = (uint32_t)c;
        t->col[c].type = hp_arena_zero(run->arena, nrow + 1);
    }
    for (size_t r = 0; r < nrow; r++) {
        bool any = false;
        for (size_t c = 0; c < ncol; c++) {
            const char *s = cell[r * ncol + c];
            hp_type type = s && !strncmp(s, "#n:", 3)   ? HP_T_NUMBER
                           : s && !strncmp(s, "#d:", 3) ? HP_T_DATE
                                                        : HP_T_TEXT;
            t->col[c].v[n] = s ? tb_vid(run, type == HP_T_TEXT ? s : s + 3) : HP_NULL;
            t->col[c].type[n] = (uint8_t)(s ? type : HP_T_NONE);
            any = any || (s && *s);
        }
        t->origin[n] = (hp_origin){sheet, (uint32_t)r + 1};
        n += any;
    }
    t->nrow = n;
    return t;
}

/** Make a raw table of a two-dimensional array of strings. */
#define TB_TABLE(run, sheet, cells)                                                               \
    tb_table((run), (sheet), sizeof(cells) / sizeof *(cells), sizeof *(cells) / sizeof **(cells), \
             &(cells)[0][0])

/** Count the findings of a rule. */
static inline size_t tb_count(const hp_run *run, hp_rule rule) {
    size_t n = 0;
    for (size_t i = 0; i < run->issues.list.n; i++) n += run->issues.list.p[i].rule == rule;
    return n;
}

/** Find the n-th finding of a rule; NULL when there is none. */
static inline const hp_issue *tb_issue(const hp_run *run, hp_rule rule, size_t n) {
    for (size_t i = 0; i < run->issues.list.n; i++) {
        if (run->issues.list.p[i].rule == rule && n-- == 0) return &run->issues.list.p[i];
    }
    return NULL;
}

#endif
