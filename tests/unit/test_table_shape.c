/* From the raw grid of a sheet to a table with names, and to a part of one. */
#include "table_builder.h"

#include "base/mem.h"
#include "table/shape.h"

static hp_run run;
static uint32_t sheet;

/* Rows 1 and 2 are a title and its subtitle, row 4 has no value, row 6 none in A and B. */
static const char *const GRID[][4] = {{"Leads", NULL, NULL, NULL},    {NULL, "of 2025", NULL, NULL},
                                      {"Name", " age ", "A", "Name"}, {NULL, NULL, NULL, NULL},
                                      {"Ann", "#n:7", "x", "1"},      {NULL, NULL, "y", NULL},
                                      {"Ben", "#n:8", "x", NULL}};

static int open_run(void **state) {
    (void)state;
    tb_open(&run);
    sheet = tb_sheet(&run, tb_file(&run, "book", 0), "Leads");
    return 0;
}

static int close_run(void **state) {
    (void)state;
    hp_run_close(&run);
    return 0;
}

static hp_area area(uint32_t row_from, uint32_t row_to, uint32_t col_from, uint32_t col_to) {
    return (hp_area){row_from, row_to, col_from, col_to};
}

static hp_table *named(hp_area where, hp_naming naming, uint32_t *header_row) {
    hp_err err = {0};
    hp_table *t = NULL;
    const hp_table *raw = TB_TABLE(&run, sheet, GRID);
    assert_ok(hp_shape_name(run.arena, run.pool, raw, where, naming, &t, header_row, &err), err);
    return t;
}

static void assert_cell(const hp_table *t, size_t row, size_t col, const char *text) {
    assert_view(hp_text(run.pool, t->col[col].v[row]), text);
}

static void the_first_row_names_the_columns(void **state) {
    (void)state;
    uint32_t header;
    const hp_table *t = named(hp_area_all(), HP_NAMES_FIRST, &header);
    assert_int_equal(header, 1);
    assert_int_equal(t->nrow, 5);
    assert_int_equal(t->ncol, 4);
    assert_view(t->col[0].name, "Leads");
    assert_view(t->col[1].name, "");
    assert_cell(t, 4, 0, "Ben");
    assert_int_equal(t->origin[4].row, 7);
}

static void an_area_has_its_own_header_and_no_blank_rows(void **state) {
    (void)state;
    uint32_t header;
    const hp_table *t = named(area(3, 7, 0, 1), HP_NAMES_FIRST, &header);
    assert_int_equal(header, 3);
    assert_int_equal(t->ncol, 2);
    assert_int_equal(t->nrow, 2);
    assert_cell(t, 0, 0, "Ann");
    assert_cell(t, 1, 0, "Ben");
    assert_int_equal(t->origin[1].row, 7);
    assert_int_equal(hp_cell_type(&t->col[1], 1), HP_T_NUMBER);
    assert_null(t->col[0].type);
    /* Blank rows above the header of these columns are not it. */
    t = named(area(1, 7, 2, 3), HP_NAMES_FIRST, &header);
    assert_int_equal(header, 3);
    assert_view(t->col[0].name, "A");
    assert_int_equal(t->col[0].source, 2);
    assert_int_equal(t->nrow, 3);
}

static void letters_name_columns_where_no_row_does(void **state) {
    (void)state;
    uint32_t header = 9;
    const hp_table *t = named(area(3, 5, 1, 2), HP_NAMES_LETTERS, &header);
    assert_int_equal(header, 0);
    assert_int_equal(t->nrow, 2);
    assert_view(t->col[0].name, "B");
    assert_view(t->col[1].name, "C");
    assert_cell(t, 0, 0, " age ");
}

static void names_at_the_top_hold_outside_of_the_area(void **state) {
    (void)state;
    uint32_t header;
    const hp_table *t = named(area(5, 5, 0, 3), HP_NAMES_TOP, &header);
    assert_int_equal(header, 1);
    assert_view(t->col[0].name, "Leads");
    assert_int_equal(t->nrow, 1);
    assert_cell(t, 0, 0, "Ann");
    t = named(hp_area_all(), HP_NAMES_TOP, &header);
    assert_int_equal(t->nrow, 5);
}

static void nothing_makes_an_empty_table(void **state) {
    (void)state;
    uint32_t header = 9;
    const hp_table *t = named(area(20, 30, 0, 3), HP_NAMES_FIRST, &header);
    assert_int_equal(header, 0);
    assert_int_equal(t->nrow, 0);
    assert_int_equal(t->ncol, 4);
    t = named(area(1, 30, 20, 30), HP_NAMES_FIRST, &header);
    assert_int_equal(t->nrow, 0);
    assert_int_equal(t->ncol, 0);
}

static void columns_are_found_as_people_call_them(void **state) {
    (void)state;
    uint32_t header;
    const hp_table *t = named(area(3, 7, 0, 3), HP_NAMES_FIRST, &header);
    assert_int_equal(hp_shape_find(t, HP_S("Name")), 0);
    assert_int_equal(hp_shape_find(t, HP_S(" age ")), 1);
    assert_int_equal(hp_shape_find(t, HP_S("AGE")), 1);
    assert_int_equal(hp_shape_find(t, HP_S("A")), 2); /* a header goes before letters */
    assert_int_equal(hp_shape_find(t, HP_S("d")), 3);
    assert_int_equal(hp_shape_find(t, HP_S("E")), SIZE_MAX);
    assert_int_equal(hp_shape_find(t, HP_S("")), SIZE_MAX);
    t = named(area(3, 7, 1, 3), HP_NAMES_FIRST, &header);
    assert_int_equal(hp_shape_find(t, HP_S("D")), 2); /* the sheet's letters, not the area's */
}

static void rows_meet_all_conditions(void **state) {
    (void)state;
    uint32_t header;
    hp_err err = {0};
    hp_table *t = named(area(3, 7, 0, 3), HP_NAMES_FIRST, &header), *kept;
    static uint8_t hidden[] = {0, 0, 1};
    t->hidden = hidden;
    const hp_condition x = {.col = &t->col[2], .value = tb_vid(&run, "x")};
    const hp_condition both[] = {x, {.col = &t->col[3], .value = HP_NULL}};
    const hp_condition filled[] = {x, {.col = &t->col[3], .value = HP_NULL, .differs = true}};
    assert_ok(hp_shape_where(run.arena, t, both, 2, &kept, &err), err);
    assert_int_equal(kept->nrow, 1);
    assert_cell(kept, 0, 0, "Ben");
    assert_int_equal(kept->origin[0].row, 7);
    assert_int_equal(kept->hidden[0], 1);
    assert_int_equal(hp_cell_type(&kept->col[1], 0), HP_T_NUMBER);
    assert_ok(hp_shape_where(run.arena, t, filled, 2, &kept, &err), err);
    assert_int_equal(kept->nrow, 1);
    assert_cell(kept, 0, 0, "Ann");
    assert_ok(hp_shape_where(run.arena, t, NULL, 0, &kept, &err), err);
    assert_int_equal(kept->nrow, 3);
}

static void columns_come_in_the_order_asked_for(void **state) {
    (void)state;
    uint32_t header;
    hp_err err = {0};
    hp_table *t = named(area(3, 7, 0, 3), HP_NAMES_FIRST, &header), *s;
    const size_t order[] = {2, 0, 2};
    assert_ok(hp_shape_select(run.arena, t, order, 3, &s, &err), err);
    assert_int_equal(s->ncol, 3);
    assert_int_equal(s->nrow, 3);
    assert_cell(s, 0, 0, "x");
    assert_cell(s, 0, 1, "Ann");
    assert_cell(s, 2, 2, "x");
    const hp_condition ann = {.col = &t->col[0], .value = tb_vid(&run, "Ann")};
    assert_ok(hp_shape_where(run.arena, s, &ann, 1, &s, &err), err);
    assert_int_equal(s->nrow, 1);
    assert_cell(s, 0, 0, "x");
    assert_int_equal(t->nrow, 3);
    assert_cell(t, 2, 0, "Ben"); /* the table it was made of is as it was */
}

static void every_failed_allocation_is_an_error(void **state) {
    (void)state;
    const hp_table *raw = TB_TABLE(&run, sheet, GRID);
    bool failed = false, worked = false;
    for (uint64_t n = 1; n < 20; n++) {
        hp_err err = {0};
        hp_table *t = NULL;
        uint32_t header;
        hp_arena *a = hp_arena_new(NULL);
        assert_non_null(a);
        hp_mem_fail_at(n);
        hp_code code = hp_shape_name(a, run.pool, raw, area(3, 7, 0, 1), HP_NAMES_FIRST, &t, &header, &err);
        hp_mem_fail_at(0);
        worked = worked || code == HP_OK; /* an arena tries again with less */
        failed = failed || code == HP_RETRY;
        assert_true(code == HP_OK || code == HP_RETRY);
        hp_arena_drop(a);
    }
    assert_true(failed && worked);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_row_names_the_columns),
        cmocka_unit_test(an_area_has_its_own_header_and_no_blank_rows),
        cmocka_unit_test(letters_name_columns_where_no_row_does),
        cmocka_unit_test(names_at_the_top_hold_outside_of_the_area),
        cmocka_unit_test(nothing_makes_an_empty_table),
        cmocka_unit_test(columns_are_found_as_people_call_them),
        cmocka_unit_test(rows_meet_all_conditions),
        cmocka_unit_test(columns_come_in_the_order_asked_for),
        cmocka_unit_test(every_failed_allocation_is_an_error),
    };
    return cmocka_run_group_tests(tests, open_run, close_run);
}
