/* Map files: what is written is read back by the profile's loader, and maps the sheet the same way. */
#include "table_builder.h"

#include "base/file.h"
#include "map/map.h"

#include <stdlib.h>
#include <unistd.h>

static const char *const CELLS[][7] = {
    {"Company", "E-mail", "Email", NULL, "Phone: \"work\"", "Colour", "ID"},
    {"Acme Motors", "a@acme.example", "b@acme.example", "www.acme.example", "011 555 0100", "red", "#n:1"},
    {"Beta Air", "c@beta.example", "d@beta.example", "www.beta.example", "012 555 0100", "blue", "#n:2"}};

static void round_trip(void **state) {
    (void)state;
    hp_run run;
    hp_err err = {0};
    tb_open(&run);
    uint32_t sheet = tb_sheet(&run, tb_file(&run, "Club [2024]", 3), "Mem*bers");
    hp_table *raw = TB_TABLE(&run, sheet, CELLS);
    hp_profile p = {.path = HP_S("generic.yaml"), .map_threshold = 0.7};
    hp_mapped *m;
    assert_ok(hp_map_sheet(&run, &p, NULL, NULL, raw, sheet, &m, &err), err);
    m->constant[HP_F_CATEGORY] = tb_vid(&run, "Club: yes");
    hp_autobuf out = hp_buf_new(1 << 20), again = hp_buf_new(1 << 20);
    hp_map_save(&run, (const hp_mapped *const *)&m, 1, &out);
    assert_ok(hp_buf_check(&out, "map", &err), err);
    hp_map_save(&run, (const hp_mapped *const *)&m, 1, &again);
    assert_true(hp_str_eq(hp_buf_str(&out), hp_buf_str(&again)));

    char path[] = "/tmp/hotpass-map-XXXXXX.yaml";
    int fd = mkstemps(path, 5);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, out.p, out.n), (ssize_t)out.n);
    close(fd);
    hp_code code = hp_profile_overlay_map(run.arena, &p, path, &err);
    unlink(path);
    if (code != HP_OK) fail_msg("%s\n%s", err.message, hp_buf_cstr(&out));

    assert_int_equal(p.nsource, 1);
    assert_true(hp_glob_imatch(p.source[0].path_pattern, HP_S("Club [2024].xlsx")));
    assert_false(hp_glob_imatch(p.source[0].path_pattern, HP_S("Club 2.xlsx")));
    assert_int_equal(p.source[0].priority, 3);
    assert_int_equal(p.source[0].nsheet, 1);
    assert_true(hp_glob_imatch(p.source[0].sheet[0].name, HP_S("Mem*bers")));
    hp_mapped *b;
    assert_ok(hp_map_sheet(&run, &p, &p.source[0], &p.source[0].sheet[0], raw, sheet, &b, &err), err);
    assert_int_equal(b->nbind, m->nbind);
    assert_int_equal(b->entity, m->entity);
    assert_int_equal(b->constant[HP_F_CATEGORY], m->constant[HP_F_CATEGORY]);
    for (size_t i = 0; i < b->nbind; i++) {
        assert_int_equal(b->bind[i].col, m->bind[i].col);
        assert_int_equal(b->bind[i].field, m->bind[i].field);
    }
    hp_run_close(&run);
}

static void nothing_to_save(void **state) {
    (void)state;
    hp_run run;
    tb_open(&run);
    hp_autobuf out = hp_buf_new(1 << 20);
    hp_map_save(&run, NULL, 0, &out);
    assert_contains(hp_buf_cstr(&out), "sources:\n  []\n");
    hp_run_close(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(round_trip), cmocka_unit_test(nothing_to_save)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
