/* Grids: types and lexical forms only where they are needed, rows in any order, columns without values. */
#include "unit.h"

#include "base/limits.h"
#include "base/mem.h"
#include "read/grid.h"

typedef struct made {
    hp_grid grid;
    hp_arena *arena;
    hp_table *table;
    hp_err err;
} made;

static void put(made *m, uint32_t col, hp_vid v) {
    assert_ok(hp_grid_put(&m->grid, col, v, HP_T_TEXT, v, &m->err), m->err);
}

static void finish(made *m) {
    m->arena = hp_arena_new(NULL);
    assert_non_null(m->arena);
    assert_ok(hp_grid_table(&m->grid, m->arena, HP_S("Sheet"), 7, &m->table, &m->err), m->err);
    hp_grid_free(&m->grid);
}

static void test_rows_and_columns(void **state) {
    (void)state;
    made m = {0};
    hp_grid_begin_row(&m.grid, 3, false);
    put(&m, 1, 11);
    put(&m, 1, 12);                       /* the later one stays */
    hp_grid_begin_row(&m.grid, 4, false); /* nothing in it */
    put(&m, 9, HP_NULL);
    hp_grid_begin_row(&m.grid, 9, true);
    put(&m, 3, 13);
    finish(&m);
    assert_view(m.table->name, "Sheet");
    assert_int_equal(m.table->nrow, 2);
    assert_int_equal(m.table->ncol, 4);
    assert_int_equal(m.table->origin[0].row, 3);
    assert_int_equal(m.table->origin[1].row, 9);
    assert_int_equal(m.table->origin[1].sheet, 7);
    assert_int_equal(m.table->hidden[0], 0);
    assert_int_equal(m.table->hidden[1], 1);
    const hp_column *c = m.table->col;
    assert_int_equal(c[1].v[0], 12);
    assert_int_equal(c[1].v[1], HP_NULL);
    assert_int_equal(c[3].v[0], HP_NULL);
    assert_int_equal(c[3].v[1], 13);
    assert_int_equal(c[3].source, 3);
    assert_ptr_equal(c[0].v, c[2].v); /* one array of nulls for all columns without values */
    assert_int_equal(c[0].v[0] + c[0].v[1], HP_NULL);
    assert_null(c[1].type);
    assert_null(c[1].lex);
    hp_arena_drop(m.arena);
}

static void test_types_and_lexical_forms(void **state) {
    (void)state;
    made m = {0};
    hp_grid_begin_row(&m.grid, 1, false);
    put(&m, 0, 1);
    hp_grid_begin_row(&m.grid, 2, false);
    put(&m, 1, 2);
    hp_grid_begin_row(&m.grid, 3, false);
    assert_ok(hp_grid_put(&m.grid, 0, 3, HP_T_NUMBER, 4, &m.err), m.err);
    hp_grid_begin_row(&m.grid, 4, false);
    put(&m, 1, 5);
    finish(&m);
    const hp_column *c = m.table->col;
    assert_null(m.table->hidden);
    assert_int_equal(hp_cell_type(&c[0], 0), HP_T_TEXT);
    assert_int_equal(hp_cell_type(&c[0], 1), HP_T_NONE);
    assert_int_equal(hp_cell_type(&c[0], 2), HP_T_NUMBER);
    assert_int_equal(hp_cell_type(&c[0], 3), HP_T_NONE);
    assert_int_equal(c[0].lex[0], 1);
    assert_int_equal(c[0].lex[1], HP_NULL);
    assert_int_equal(c[0].lex[2], 4);
    assert_int_equal(c[0].lex[3], HP_NULL);
    assert_null(c[1].type);
    hp_arena_drop(m.arena);
}

static void test_rows_in_any_order(void **state) {
    (void)state;
    made m = {0};
    static const uint32_t order[] = {5, 2, 9, 2, 5};
    for (uint32_t i = 0; i < 5; i++) {
        hp_grid_begin_row(&m.grid, order[i], order[i] == 9);
        assert_ok(hp_grid_put(&m.grid, i == 3 ? 1 : 0, 10 + i, i == 4 ? HP_T_NUMBER : HP_T_TEXT,
                              i == 4 ? 99 : 10 + i, &m.err),
                  m.err);
    }
    finish(&m);
    assert_int_equal(m.table->nrow, 3);
    static const uint32_t numbers[] = {2, 5, 9}, first[] = {11, 14, 12}, second[] = {13, HP_NULL, HP_NULL};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(m.table->origin[i].row, numbers[i]);
        assert_int_equal(m.table->col[0].v[i], first[i]);
        assert_int_equal(m.table->col[1].v[i], second[i]);
        assert_int_equal(m.table->hidden[i], i == 2);
    }
    assert_int_equal(m.table->col[0].lex[1], 99);
    assert_int_equal(hp_cell_type(&m.table->col[0], 1), HP_T_NUMBER);
    assert_int_equal(hp_cell_type(&m.table->col[0], 2), HP_T_TEXT);
    hp_arena_drop(m.arena);
}

static void test_growth(void **state) {
    (void)state;
    made m = {0};
    for (uint32_t row = 1; row <= 1000; row++) {
        hp_grid_begin_row(&m.grid, row, false);
        put(&m, row % 100, row);
    }
    finish(&m);
    for (uint32_t row = 1; row <= 1000; row++) {
        for (uint32_t col = 0; col < 100; col++)
            assert_int_equal(m.table->col[col].v[row - 1], row % 100 == col ? row : HP_NULL);
    }
    hp_arena_drop(m.arena);
}

/* A sheet whose every column is used, but far down, must not take rows x columns. */
static void test_cell_limit(void **state) {
    (void)state;
    hp_grid g = {0};
    hp_err err = {0};
    hp_code code = HP_OK;
    for (uint32_t row = 1; row <= HP_LIMIT_SHEET_ROWS; row++) {
        hp_grid_begin_row(&g, row, false);
        code = hp_grid_put(&g, 0, 1, HP_T_TEXT, 1, &err);
        if (code != HP_OK) break;
    }
    assert_int_equal(code, HP_OK);
    g.cells = HP_LIMIT_CELLS + HP_LIMIT_CELLS / 2; /* as if other columns had taken them */
    assert_int_equal(hp_grid_put(&g, 1, 1, HP_T_TEXT, 1, &err), HP_DATA);
    assert_contains(err.message, "cells");
    hp_grid_free(&g);
}

static void test_area_limit(void **state) {
    (void)state;
    hp_grid g = {.narea = HP_LIMIT_SHEET_AREAS}; /* as if they had been added */
    hp_err err = {0};
    assert_int_equal(hp_grid_merge(&g, (hp_merged_area){1, 2, 0, 0}, &err), HP_DATA);
    assert_contains(err.message, "4194304 merged areas");
    g.narea--;
    g.cap_area = HP_LIMIT_SHEET_AREAS;
    hp_merged_area *area = hp_calloc(HP_LIMIT_SHEET_AREAS, sizeof *area);
    assert_non_null(area);
    g.area = area;
    assert_int_equal(hp_grid_merge(&g, (hp_merged_area){1, 2, 0, 0}, &err), HP_OK);
    assert_int_equal(g.area[HP_LIMIT_SHEET_AREAS - 1].last_row, 2);
    hp_grid_free(&g);
}

/* Fails each allocation in turn: an error, or the table, and nothing leaks (the sanitizers look). */
static void test_out_of_memory(void **state) {
    (void)state;
    for (uint64_t nth = 1;; nth++) {
        made m = {0};
        m.arena = hp_arena_new(NULL);
        assert_non_null(m.arena);
        hp_mem_fail_at(nth);
        hp_code code = HP_OK;
        for (uint32_t i = 0; i < 100 && code == HP_OK; i++) {
            hp_grid_begin_row(&m.grid, 200 - i, i == 3);
            code = hp_grid_put(&m.grid, i % 40, i + 1, i % 2 ? HP_T_TEXT : HP_T_NUMBER, i + 2, &m.err);
            if (code == HP_OK)
                code = hp_grid_merge(&m.grid, (hp_merged_area){201 - i, 201 - i, 3, 4}, &m.err);
        }
        if (code == HP_OK) code = hp_grid_table(&m.grid, m.arena, HP_S(""), 0, &m.table, &m.err);
        hp_mem_fail_at(0);
        hp_grid_free(&m.grid);
        hp_arena_drop(m.arena);
        if (code == HP_OK) break;
        assert_int_equal(code, HP_RETRY);
        assert_true(nth < 10000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_and_columns),  cmocka_unit_test(test_types_and_lexical_forms),
        cmocka_unit_test(test_rows_in_any_order), cmocka_unit_test(test_growth),
        cmocka_unit_test(test_cell_limit),        cmocka_unit_test(test_area_limit),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
