/* Provenance as bytes: what is put is what is read, and no damage is taken for a row. */
#include "unit.h"

#include "base/mem.h"
#include "why/record.h"

static void put_source_row(hp_buf *b) {
    hp_why_put(b, 3);     /* sheet */
    hp_why_put(b, 70000); /* row */
    hp_why_put(b, HP_E_CONTACT);
    hp_why_put(b, HP_JOINED_KEY);
    hp_why_put_text(b, HP_S("12"));
    hp_why_put(b, 2); /* cells */
    hp_why_put(b, HP_F_CONTACT_PHONE);
    hp_why_put(b, 6);
    hp_why_put(b, HP_WHY_RULES | HP_WHY_CORRECTED | HP_WHY_EXTRA);
    hp_why_put_text(b, HP_S("082 555 0101"));
    hp_why_put_text(b, HP_S("+27825550101"));
    hp_why_put(b, 1);
    hp_why_put(b, HP_R_PHONE_INVALID);
    hp_why_put_text(b, HP_S("too short"));
    hp_why_put_text(b, HP_S("fixed.xlsx!Quarantine!3"));
    hp_why_put_text(b, HP_S("CEO"));
    hp_why_put(b, HP_F_CITY);
    hp_why_put(b, 0);
    hp_why_put(b, HP_WHY_SAME);
    hp_why_put_text(b, HP_S("Cape Town"));
}

static void put_row(hp_buf *b) {
    hp_why_put_text(b, HP_S("acme"));
    hp_why_put(b, 2);
    for (int i = 0; i < 2; i++) {
        hp_why_put(b, i ? HP_WHY_MADE : 0);
        hp_why_put_text(b, HP_S("reachout:12"));
        hp_why_put_text(b, HP_S("2025-01-31"));
        hp_why_put(b, 4);
        hp_why_put(b, 1);
        put_source_row(b);
    }
    hp_why_put(b, 1); /* matches */
    hp_why_put(b, 0);
    hp_why_put(b, 1);
    hp_why_put(b, HP_MATCH_PHONE);
    hp_why_put(b, 953);
    hp_why_put_text(b, HP_S("+27825550101"));
    hp_why_put(b, 1); /* values */
    hp_why_put(b, 17);
    hp_why_put_cell(b, (hp_cell){3, 70000, 6});
    hp_why_put(b, 1);
    hp_why_put_text(b, HP_S("+27825550101"));
    hp_why_put(b, 1); /* derived */
    hp_why_put(b, 36);
    hp_why_put_text(b, HP_S("0.8"));
    hp_why_put(b, 1); /* people */
    hp_why_put(b, 4);
    hp_why_put(b, 100);
    hp_why_put(b, 1);
    hp_why_put(b, 1);
    hp_why_put(b, 9);
    hp_why_put_cell(b, (hp_cell){HP_NO_SHEET, 0, HP_NO_COL});
    hp_why_put(b, 0);
    hp_why_put_text(b, HP_S(""));
}

static void what_is_put_is_read(void **state) {
    (void)state;
    hp_autobuf b = hp_buf_new(1 << 20);
    hp_autoarena *a = hp_arena_new(NULL);
    hp_err e = {0};
    hp_why_row r;
    put_row(&b);
    put_row(&b);
    hp_str bytes = hp_buf_str(&b);
    assert_ok(hp_why_read(a, &bytes, &r, &e), e);
    assert_int_equal(bytes.n, b.n / 2);
    assert_view(r.slug, "acme");
    assert_int_equal(r.nrecord, 2);
    assert_int_equal(r.record[1].flags, HP_WHY_MADE);
    assert_view(r.record[1].date, "2025-01-31");
    const hp_why_source_row *row = &r.record[1].row[0];
    assert_int_equal(row->at.row, 70000);
    assert_int_equal(row->how, HP_JOINED_KEY);
    assert_int_equal(row->ncell, 2);
    assert_int_equal(row->cell[0].field, HP_F_CONTACT_PHONE);
    assert_view(row->cell[0].raw, "082 555 0101");
    assert_view(row->cell[0].clean, "+27825550101");
    assert_int_equal(row->cell[0].rule[0].rule, HP_R_PHONE_INVALID);
    assert_view(row->cell[0].rule[0].note, "too short");
    assert_view(row->cell[0].corrected, "fixed.xlsx!Quarantine!3");
    assert_view(row->cell[0].extra, "CEO");
    assert_view(row->cell[1].clean, "Cape Town");
    assert_int_equal(r.match[0].b, 1);
    assert_true(r.match[0].score > 0.952 && r.match[0].score < 0.954);
    assert_int_equal(r.value[0].at.col, 6);
    assert_int_equal(r.value[0].record, 1);
    assert_view(r.derived[0].text, "0.8");
    assert_true(r.person[0].primary);
    assert_true(r.person[0].value[0].at.sheet == HP_NO_SHEET && r.person[0].value[0].at.col == HP_NO_COL);
}

/* Every shorter form is refused; of every other byte, what is read is either refused or within the bytes,
 * which the sanitizers watch. */
static void damage_is_no_row(void **state) {
    (void)state;
    hp_autobuf b = hp_buf_new(1 << 20);
    put_row(&b);
    for (size_t n = 0; n < b.n; n++) {
        hp_autoarena *a = hp_arena_new(NULL);
        hp_autofree char *copy = hp_malloc(n + 1);
        hp_err e = {0};
        hp_why_row r;
        memcpy(copy, b.p, n);
        hp_str bytes = {copy, n};
        assert_int_equal(hp_why_read(a, &bytes, &r, &e), HP_DATA);
        assert_contains(e.message, "run hotpass refine again");
    }
    for (size_t at = 0; at < b.n; at++)
        for (int flip = 1; flip < 256; flip <<= 1) {
            hp_autoarena *a = hp_arena_new(NULL);
            hp_autofree char *copy = hp_malloc(b.n);
            hp_err e = {0};
            hp_why_row r;
            memcpy(copy, b.p, b.n);
            copy[at] = (char)(copy[at] ^ flip);
            hp_str bytes = {copy, b.n};
            hp_code code = hp_why_read(a, &bytes, &r, &e);
            assert_true(code == HP_OK || code == HP_DATA);
        }
}

static void rows_kept_out(void **state) {
    (void)state;
    hp_autobuf b = hp_buf_new(1 << 10);
    hp_err e = {0};
    hp_why_kept_out k;
    hp_why_put(&b, 1);
    hp_why_put(&b, 300);
    hp_why_put(&b, HP_R_Q_FILLER);
    hp_why_put(&b, HP_E_ORGANIZATION);
    hp_why_put_text(&b, HP_S("Unknown Organisation 7"));
    hp_why_put_text(&b, HP_S(""));
    hp_str bytes = hp_buf_str(&b);
    assert_ok(hp_why_read_kept_out(&bytes, &k, &e), e);
    assert_int_equal(k.at.row, 300);
    assert_int_equal(k.rule, HP_R_Q_FILLER);
    assert_view(k.name, "Unknown Organisation 7");
    assert_int_equal(bytes.n, 0);
    bytes = hp_str_cut(hp_buf_str(&b), 0, b.n - 1);
    assert_int_equal(hp_why_read_kept_out(&bytes, &k, &e), HP_DATA);
}

static void out_of_memory(void **state) {
    (void)state;
    hp_autobuf b = hp_buf_new(1 << 20);
    put_row(&b);
    for (uint64_t n = 1;; n++) {
        hp_autoarena *a = hp_arena_new(NULL);
        hp_str bytes = hp_buf_str(&b);
        hp_err e = {0};
        hp_why_row r;
        hp_mem_fail_at(n);
        hp_code code = hp_why_read(a, &bytes, &r, &e);
        hp_mem_fail_at(0);
        if (code == HP_OK) break;
        assert_int_equal(code, HP_RETRY);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_put_is_read),
        cmocka_unit_test(damage_is_no_row),
        cmocka_unit_test(rows_kept_out),
        cmocka_unit_test(out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
