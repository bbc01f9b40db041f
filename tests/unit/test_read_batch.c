#include "unit.h"

#include "read/batch.h"

static hp_run run;

static int open_run(void **state) {
    (void)state;
    hp_err err;
    run = (hp_run){0};
    return hp_run_open(&run, &err) != HP_OK;
}

static int close_run(void **state) {
    (void)state;
    hp_run_close(&run);
    return 0;
}

static void batches_make_one_table(void **state) {
    (void)state;
    hp_err err = {0};
    hp_grid grid = {0};
    hp_batch_sink sink = {.run = &run, .grid = &grid, .sheet = 7};
    hp_batch b = {0};
    for (int piece = 0; piece < 3; piece++) {
        hp_batch_clear(&b);
        char text[16];
        for (uint32_t r = 1; r <= 100; r++) {
            hp_batch_begin_row(&b, r, true, r == 5);
            hp_ref same = hp_batch_text(&b, HP_S("same"));
            hp_batch_put(&b, 0, same, HP_T_TEXT, same);
            hp_ref own =
                hp_batch_text_copy(&b, (hp_str){text, (size_t)snprintf(text, 16, "%d-%u", piece, r)});
            if (r % 3 == 0) hp_batch_put(&b, 2, own, HP_T_NUMBER, hp_batch_text(&b, HP_S("lexical")));
            if (r == 50) hp_batch_find(&b, HP_R_CELL_ERROR, 2, own, 0);
        }
        hp_batch_seal(&b, true);
        assert_ok(hp_batch_take(&b, &sink, &err), err);
    }
    hp_table *t;
    assert_ok(hp_batch_sink_report(&sink, &err), err);
    assert_ok(hp_grid_table(&grid, run.arena, HP_S("s"), 7, &t, &err), err);
    assert_int_equal(t->nrow, 300);
    assert_int_equal(t->ncol, 3);
    assert_int_equal(t->origin[299].row, 300);
    assert_int_equal(t->hidden[104], 1);
    assert_view(hp_text(run.pool, t->col[0].v[299]), "same");
    assert_int_equal(t->col[2].v[100], HP_NULL); /* the first row of the second piece */
    assert_view(hp_text(run.pool, t->col[2].v[102]), "1-3");
    assert_int_equal(hp_cell_type(&t->col[2], 102), HP_T_NUMBER);
    assert_view(hp_text(run.pool, t->col[2].lex[102]), "lexical");
    assert_int_equal(run.issues.list.n, 3);
    assert_int_equal(run.issues.list.p[1].at.row, 150);
    assert_int_equal(run.issues.list.p[1].at.sheet, 7);
    assert_view(hp_text(run.pool, run.issues.list.p[1].value), "1-50");
    hp_grid_free(&grid);
    hp_batch_free(&b);
}

static void bad_bytes_are_repaired_with_a_finding_each(void **state) {
    (void)state;
    hp_err err = {0};
    hp_grid grid = {0};
    hp_batch_sink sink = {.run = &run, .grid = &grid};
    hp_batch b = {0};
    static const hp_str TEXTS[] = {HP_S("a\xFF"), HP_S("_x0041_bc_x"), HP_S("M\xC3\xBCller"), HP_S("a\0c"),
                                   HP_S("a\xFF")};
    hp_batch_begin_row(&b, 3, false, false);
    hp_batch_find(&b, HP_R_CELL_ERROR, 3, 0, 0);
    for (uint32_t c = 0; c < 5; c++) {
        hp_ref ref = hp_batch_text(&b, TEXTS[c]);
        hp_batch_put(&b, c, ref, HP_T_TEXT, ref);
    }
    hp_batch_seal(&b, true);
    assert_ok(hp_batch_take(&b, &sink, &err), err);
    assert_ok(hp_batch_sink_report(&sink, &err), err);
    static const char *const WANTED[] = {"a\357\277\275", "Abc_x", "M\303\274ller", "a\357\277\275c",
                                         "a\357\277\275"};
    for (uint32_t c = 0; c < 5; c++) assert_view(hp_text(run.pool, grid.col[c].v[0]), WANTED[c]);
    static const uint32_t COLS[] = {0, 3, 3, 4};
    static const uint16_t RULES[] = {HP_R_ENCODING_REPAIRED, HP_R_CELL_ERROR, HP_R_ENCODING_REPAIRED,
                                     HP_R_ENCODING_REPAIRED};
    assert_int_equal(run.issues.list.n, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(run.issues.list.p[i].at.col, COLS[i]);
        assert_int_equal(run.issues.list.p[i].rule, RULES[i]);
    }
    hp_grid_free(&grid);
    hp_batch_free(&b);
}

/* Fills the batch with rows of a text that is in no other row, or of two texts in turn. */
static void fill(hp_batch *b, char room[][16], unsigned piece, bool repeat) {
    for (unsigned r = 0; r < 400; r++) {
        unsigned number = repeat ? r % 2 : piece * 300 + r; /* some are in the piece before */
        hp_str text = {room[r], (size_t)snprintf(room[r], 16, "text %u", number)};
        hp_ref ref = hp_batch_text_at(b, 70, text);
        hp_batch_begin_row(b, r + 1, true, false);
        hp_batch_put(b, 70, ref, HP_T_TEXT, ref);
    }
}

static void a_column_without_repeated_texts_is_spared_the_look_ups(void **state) {
    (void)state;
    hp_err err = {0};
    hp_grid grid = {0};
    hp_batch_sink sink = {.run = &run, .grid = &grid};
    hp_batch b = {0};
    char room[400][16];
    for (unsigned piece = 0; piece < 40; piece++) {
        hp_batch_clear(&b);
        fill(&b, room, piece, piece >= 3);
        bool looked = piece == 0 || piece > 32;
        assert_int_equal(b.dict.n, piece < 3 || !looked ? 400 : 2);
        hp_batch_seal(&b, false);
        assert_ok(hp_batch_take(&b, &sink, &err), err);
    }
    assert_int_equal(hp_pool_count(run.pool), 1000);
    for (unsigned r = 0; r < 40 * 400; r++) {
        unsigned piece = r / 400, wanted = piece < 3 ? piece * 300 + r % 400 : r % 2;
        assert_int_equal(grid.col[70].v[r], wanted + 1); /* in the order in which they came */
    }
    hp_grid_free(&grid);
    hp_batch_free(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(batches_make_one_table, open_run, close_run),
        cmocka_unit_test_setup_teardown(bad_bytes_are_repaired_with_a_finding_each, open_run, close_run),
        cmocka_unit_test_setup_teardown(a_column_without_repeated_texts_is_spared_the_look_ups, open_run,
                                        close_run)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
