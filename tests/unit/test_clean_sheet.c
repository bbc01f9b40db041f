#include "unit.h"

#include <stdio.h>

#include "base/mem.h"
#include "base/threads.h"
#include "clean/clean.h"

/* Fields of the columns of the sheet below; the second one is not mapped. */
static const hp_field fields[] = {HP_F_ORGANIZATION_NAME, HP_F_NONE,          HP_F_CONTACT_NAME,
                                  HP_F_CONTACT_PHONE,     HP_F_CONTACT_EMAIL, HP_F_POSTAL_CODE};
enum { COLUMNS = sizeof fields / sizeof *fields, BANNER = 2 };

/* A run with one mapped sheet in it. */
typedef struct {
    hp_run run;
    hp_table *raw;
    hp_mapped in;
    hp_binding bind[COLUMNS];
    uint64_t done, total;
} fixture;

static void count_progress(void *ctx, const char *stage, uint64_t done, uint64_t total) {
    fixture *f = ctx;
    assert_string_equal(stage, "clean");
    assert_true(done > f->done || total == 0);
    f->done = done;
    f->total = total;
}

/* Makes a sheet of `rows` data rows below a banner; columns of the sheet begin at B, so that places and
 * indices differ. */
static void open_fixture(fixture *f, size_t rows) {
    hp_err err;
    uint32_t sheet;
    *f = (fixture){0};
    assert_ok(hp_run_open(&f->run, &err), err);
    f->run.progress = count_progress;
    f->run.progress_ctx = f;
    assert_ok(hp_run_add_sheet(&f->run, 0, HP_S("People"), 0, &sheet, &err), err);
    f->raw = hp_table_new(f->run.arena, rows + BANNER, COLUMNS, true);
    assert_non_null(f->raw);
    for (uint32_t c = 0; c < COLUMNS; c++) {
        f->raw->col[c].source = c + 1;
        f->raw->col[c].type = HP_NEW_ARRAY(f->run.arena, rows + BANNER, uint8_t);
        f->bind[c] = (hp_binding){.col = c, .field = fields[c]};
    }
    for (uint32_t r = 0; r < rows + BANNER; r++) f->raw->origin[r] = (hp_origin){sheet, r + 1};
    f->in = (hp_mapped){.raw = f->raw, .sheet = sheet, .first = BANNER, .nbind = COLUMNS, .bind = f->bind};
}

static void put(fixture *f, size_t row, size_t col, const char *text, hp_type type) {
    hp_err err;
    assert_ok(hp_intern(f->run.pool, hp_str_of(text), &f->raw->col[col].v[row + BANNER], &err), err);
    f->raw->col[col].type[row + BANNER] = (uint8_t)type;
}

static const char *text_of(const fixture *f, hp_vid v, char out[100]) {
    hp_str s = hp_text(f->run.pool, v);
    snprintf(out, 100, "%.*s", HP_FMT(s));
    return out;
}

static void cells_are_cleaned_and_findings_say_where(void **state) {
    (void)state;
    static const char *const cells[4][COLUMNS] = {
        {"Acme (Pty) Ltd", "x", "Jane Doe (Owner)", "0821234567", "jane@acme.test.", "200"},
        {"Unknown Organisation 7", "", "-", "12", "jane@acme.test", "200"},
        {"Acme (Pty) Ltd", "", "Jane Doe (Owner)", "12", "", "2000"},
        {"", "y", "", "0821234567; 083 1", "jane@acme.test.", ""},
    };
    static const struct {
        uint32_t row, col;
        hp_rule rule;
        const char *value, *note;
    } want[] = {
        {3, 5, HP_R_EMAIL_REPAIRED, "jane@acme.test.", ""},
        {4, 1, HP_R_Q_FILLER, "Unknown Organisation 7", ""},
        {4, 3, HP_R_PLACEHOLDER, "-", ""},
        {4, 4, HP_R_PHONE_INVALID, "12", "too short"},
        {4, 6, HP_R_POSTAL_CODE_INVALID, "200", "fewer than four digits"},
        {5, 4, HP_R_PHONE_INVALID, "12", "too short"},
        {6, 4, HP_R_PHONE_INVALID, "0821234567; 083 1", "too short"},
        {6, 5, HP_R_EMAIL_REPAIRED, "jane@acme.test.", ""},
    };
    fixture f;
    hp_err err;
    hp_cleaned *out = NULL;
    char text[100];
    open_fixture(&f, 4);
    for (size_t r = 0; r < 4; r++)
        for (size_t c = 0; c < COLUMNS; c++)
            put(&f, r, c, cells[r][c], c == 5 && r == 0 ? HP_T_NUMBER : HP_T_TEXT);
    assert_ok(hp_clean_sheet(&f.run, NULL, &f.in, &out, &err), err);
    assert_int_equal(out->nrow, 4);
    assert_null(out->v[1]);
    assert_null(out->extra[3]);
    assert_string_equal(text_of(&f, out->v[0][0], text), "Acme (Pty) Ltd");
    assert_string_equal(text_of(&f, out->extra[0][0], text), "acme");
    assert_int_equal(out->v[0][0], out->v[0][2]);
    assert_int_equal(out->v[0][1], HP_NULL);
    assert_int_equal(out->v[0][3], HP_NULL);
    assert_string_equal(text_of(&f, out->v[2][2], text), "Jane Doe");
    assert_string_equal(text_of(&f, out->extra[2][2], text), "Owner");
    assert_string_equal(text_of(&f, out->v[3][0], text), "+27821234567");
    assert_string_equal(text_of(&f, out->v[4][0], text), "jane@acme.test");
    assert_int_equal(out->v[4][0], out->v[4][1]);
    assert_string_equal(text_of(&f, out->v[5][0], text), "0200"); /* a number cell */
    assert_int_equal(out->v[5][1], HP_NULL);                      /* the same text in a text cell */
    assert_int_equal(f.run.issues.list.n, sizeof want / sizeof *want);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        const hp_issue *is = &f.run.issues.list.p[i];
        assert_int_equal(is->at.row, want[i].row);
        assert_int_equal(is->at.col, want[i].col);
        assert_int_equal(is->rule, want[i].rule);
        assert_string_equal(text_of(&f, is->value, text), want[i].value);
        assert_string_equal(text_of(&f, is->note, text), want[i].note);
    }
    assert_int_equal(f.done, 4 * (COLUMNS - 1));
    assert_int_equal(f.total, f.done);
    hp_run_close(&f.run);
}

/* The cells of one column go into three fields: what is wrong with a cell for all of them is said once, what
 * only one of them finds is said too. */
static void a_cell_of_several_fields_has_one_finding(void **state) {
    (void)state;
    static const struct {
        uint32_t row;
        hp_rule rule;
    } want[] = {{3, HP_R_PLACEHOLDER}, {4, HP_R_PROVINCE_UNKNOWN}, {5, HP_R_PLACEHOLDER}};
    fixture f;
    hp_err err;
    hp_cleaned *out = NULL;
    open_fixture(&f, 3);
    put(&f, 0, 0, "Unspecified", HP_T_TEXT);
    put(&f, 1, 0, "Atlantis", HP_T_TEXT);
    put(&f, 2, 0, "Unspecified", HP_T_TEXT);
    f.in.nbind = 3;
    for (size_t b = 0; b < f.in.nbind; b++) f.bind[b].col = 0;
    f.bind[0].field = HP_F_AREA;
    f.bind[1].field = HP_F_PROVINCE;
    f.bind[2].field = HP_F_CATEGORY;
    assert_ok(hp_clean_sheet(&f.run, NULL, &f.in, &out, &err), err);
    assert_int_equal(f.run.issues.list.n, sizeof want / sizeof *want);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        assert_int_equal(f.run.issues.list.p[i].at.row, want[i].row);
        assert_int_equal(f.run.issues.list.p[i].rule, want[i].rule);
    }
    for (size_t b = 0; b < f.in.nbind; b++) assert_int_equal(out->v[b][0], HP_NULL);
    hp_run_close(&f.run);
}

static void fill_many(fixture *f, size_t rows) {
    char cell[100];
    open_fixture(f, rows);
    for (size_t r = 0; r < rows; r++) {
        snprintf(cell, sizeof cell, "Acme %zu (Pty) Ltd", r % 1777);
        put(f, r, 0, cell, HP_T_TEXT);
        snprintf(cell, sizeof cell, "DOE %c, JANE (Owner %zu)", (char)('A' + r % 26), r % 301);
        put(f, r, 2, cell, HP_T_TEXT);
        snprintf(cell, sizeof cell, "%s%zu", r % 2 ? "082123" : "0115550", 1000 + r % 2999);
        put(f, r, 3, cell, HP_T_TEXT);
        snprintf(cell, sizeof cell, "jane%zu@acme%s", r % 4001, r % 5 ? ".test" : "");
        put(f, r, 4, cell, HP_T_TEXT);
        snprintf(cell, sizeof cell, "%zu", r % 3000);
        put(f, r, 5, cell, r % 2 ? HP_T_NUMBER : HP_T_TEXT);
    }
}

/* Cleaning with many threads gives the same ids, in the same order, as with one. */
static void threads_change_nothing(void **state) {
    (void)state;
    enum { ROWS = 9000 };
    fixture one, many;
    hp_cleaned *a = NULL, *b = NULL;
    hp_err err;
    fill_many(&one, ROWS);
    fill_many(&many, ROWS);
    hp_threads_set(1);
    assert_ok(hp_clean_sheet(&one.run, NULL, &one.in, &a, &err), err);
    hp_threads_set(4);
    assert_ok(hp_clean_sheet(&many.run, NULL, &many.in, &b, &err), err);
    hp_threads_set(0);
    for (size_t c = 0; c < COLUMNS; c++) {
        assert_true((a->v[c] == NULL) == (b->v[c] == NULL));
        if (a->v[c]) assert_memory_equal(a->v[c], b->v[c], ROWS * sizeof(hp_vid));
        if (a->extra[c]) assert_memory_equal(a->extra[c], b->extra[c], ROWS * sizeof(hp_vid));
    }
    assert_int_equal(hp_pool_count(one.run.pool), hp_pool_count(many.run.pool));
    assert_true(one.run.issues.list.n > 1000);
    assert_int_equal(one.run.issues.list.n, many.run.issues.list.n);
    for (size_t i = 0; i < one.run.issues.list.n; i++) {
        const hp_issue *x = &one.run.issues.list.p[i], *y = &many.run.issues.list.p[i];
        assert_true(x->at.row == y->at.row && x->at.col == y->at.col && x->rule == y->rule
                    && x->value == y->value && x->note == y->note);
    }
    hp_run_close(&one.run);
    hp_run_close(&many.run);
}

static void nothing_to_clean_is_fine(void **state) {
    (void)state;
    fixture f;
    hp_err err;
    hp_cleaned *out = NULL;
    open_fixture(&f, 0);
    assert_ok(hp_clean_sheet(&f.run, NULL, &f.in, &out, &err), err);
    assert_int_equal(out->nrow, 0);
    f.in.nbind = 0;
    assert_ok(hp_clean_sheet(&f.run, NULL, &f.in, &out, &err), err);
    hp_run_close(&f.run);
}

/* Each allocation fails once: the call says "out of memory" and leaves the output alone, or did not need it.
 */
static void running_out_of_memory_is_an_error(void **state) {
    (void)state;
    size_t failed = 0;
    hp_threads_set(1);
    for (uint64_t n = 1;; n++) {
        fixture f;
        hp_err err = {0};
        hp_cleaned *out = NULL;
        fill_many(&f, 3);
        uint64_t before = hp_mem_count();
        hp_mem_fail_at(n);
        hp_code code = hp_clean_sheet(&f.run, NULL, &f.in, &out, &err);
        uint64_t used = hp_mem_count() - before;
        hp_mem_fail_at(0);
        if (code != HP_OK) {
            assert_int_equal(code, HP_RETRY);
            assert_null(out);
            failed++;
        } else {
            assert_non_null(out);
        }
        hp_run_close(&f.run);
        if (used < n) break;
        assert_int_equal(code, HP_RETRY); /* no failed allocation may pass for a value */
    }
    assert_true(failed > 20);
    hp_threads_set(0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_cleaned_and_findings_say_where),
        cmocka_unit_test(a_cell_of_several_fields_has_one_finding),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(nothing_to_clean_is_fine),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
