/* The public interface: a run from a program of one's own, its counts and its errors. */
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "hotpass/hotpass.h"

static const char CSV[] = "Company,Contact person,E-mail\n"
                          "Kite Works (Pty) Ltd,Ann Bower,ann@kiteworks.example\n"
                          "Kite Works,Ben Cole,ben@kiteworks.example\n"
                          "Loop & Roll CC,Eve Drew,eve@looproll.example\n"
                          "Unknown Organisation 7,,\n";

static char dir[] = "/tmp/hotpass-api-XXXXXX", in[64], out[64], second[64], dist[64];
static const char *const DIRS[] = {"profiles", NULL};

static hotpass_options options(const char *const *outputs) {
    return (hotpass_options){
        .profile = "generic", .profile_dirs = DIRS, .input_dir = in, .outputs = outputs, .dist_dir = dist};
}

static void a_run_gives_its_counts(void **state) {
    (void)state;
    const char *const outputs[] = {out, second, NULL};
    hotpass_options o = options(outputs);
    hotpass_result r;
    assert_int_equal(hotpass_refine(&o, &r), 0);
    assert_int_equal(r.exit_code, 0);
    assert_string_equal(r.message, "");
    assert_int_equal(r.rows_in, 4);
    assert_int_equal(r.rows_out, 2);
    assert_int_equal(r.merged, 1);
    assert_int_equal(r.quarantined, 1);
    assert_int_equal(r.contacts, 3);
    assert_true(hp_exists(out) && hp_exists(second));
    assert_int_equal(hotpass_refine(&o, NULL), 0);
}

static void an_error_has_the_exit_code_and_a_message(void **state) {
    (void)state;
    const char *const outputs[] = {out, NULL};
    hotpass_options o = options(outputs);
    hotpass_result r;
    o.input_dir = "not/there";
    assert_int_equal(hotpass_refine(&o, &r), HP_NOINPUT);
    assert_int_equal(r.exit_code, HP_NOINPUT);
    assert_contains(r.message, "not/there");
    assert_int_equal(r.rows_in, 0);
    o = options(outputs);
    o.profile = "nobody-wrote-this";
    assert_int_equal(hotpass_refine(&o, &r), HP_CONFIG);
    assert_contains(r.message, "nobody-wrote-this");
}

static void a_budget_is_kept_and_forgotten(void **state) {
    (void)state;
    const char *const outputs[] = {out, NULL};
    hotpass_options o = options(outputs);
    hotpass_result r;
    o.max_memory = 100000;
    assert_int_equal(hotpass_refine(&o, &r), HP_RETRY);
    assert_contains(r.message, "memory");
    o.max_memory = 0;
    assert_int_equal(hotpass_refine(&o, &r), 0);
}

static void the_archive_goes_where_it_is_told(void **state) {
    (void)state;
    const char *const outputs[] = {out, NULL};
    hotpass_options o = options(outputs);
    o.archive = true;
    assert_int_equal(hotpass_refine(&o, NULL), 0);
    hp_autoarena *a = hp_arena_new(NULL);
    hp_str *names;
    size_t n, zips = 0;
    assert_int_equal(hp_list_dir(a, dist, &names, &n, NULL), HP_OK);
    for (size_t i = 0; i < n; i++)
        zips += hp_str_starts(names[i], HP_S("refined-data-")) && hp_str_ends(names[i], HP_S(".zip"));
    assert_int_equal(zips, 1);
}

static void the_version_has_three_parts(void **state) {
    (void)state;
    hp_str rest = hp_str_of(hotpass_version()), part;
    size_t parts = 0;
    while (hp_str_next(&rest, '.', &part)) parts++;
    assert_int_equal(parts, 3);
}

static int set_up(void **state) {
    (void)state;
    char path[80];
    if (!mkdtemp(dir)) return 1;
    snprintf(in, sizeof in, "%s/in", dir);
    snprintf(out, sizeof out, "%s/out.xlsx", dir);
    snprintf(second, sizeof second, "%s/out.csv", dir);
    snprintf(dist, sizeof dist, "%s/dist", dir);
    snprintf(path, sizeof path, "%s/list.csv", in);
    return hp_write_file(path, HP_S(CSV), NULL) != HP_OK;
}

static int tear_down(void **state) {
    (void)state;
    const char *folders[] = {in, dist, dir};
    hp_autoarena *a = hp_arena_new(NULL);
    for (size_t d = 0; d < 3; d++) {
        hp_str *names;
        size_t n;
        if (hp_list_dir(a, folders[d], &names, &n, NULL) != HP_OK) continue;
        for (size_t i = 0; i < n; i++) unlink(hp_path_join(a, hp_str_of(folders[d]), names[i]).p);
        rmdir(folders[d]);
    }
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_gives_its_counts),
        cmocka_unit_test(an_error_has_the_exit_code_and_a_message),
        cmocka_unit_test(a_budget_is_kept_and_forgotten),
        cmocka_unit_test(the_archive_goes_where_it_is_told),
        cmocka_unit_test(the_version_has_three_parts),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
