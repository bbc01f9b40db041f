/* Which files of a directory are read, as which source, and what is said of the others. Then: which outputs
 * are refused before any work. */
#include "table_builder.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "refine/stages.h"

static hp_run R;
static hp_err E;
static char dir[64];

static int open_dir(void **state) {
    (void)state;
    E = (hp_err){0};
    tb_open(&R);
    memcpy(dir, "/tmp/hotpass-plan-XXXXXX", sizeof "/tmp/hotpass-plan-XXXXXX");
    return mkdtemp(dir) ? 0 : 1;
}

static const char *in_dir(const char *name) {
    return hp_path_join(R.arena, hp_str_of(dir), hp_str_of(name)).p;
}

static int close_dir(void **state) {
    (void)state;
    hp_str *names;
    size_t n;
    if (hp_list_dir(R.arena, dir, &names, &n, NULL) != HP_OK) return 1;
    for (size_t i = 0; i < n; i++) {
        const char *path = hp_path_join(R.arena, hp_str_of(dir), names[i]).p;
        if (unlink(path) != 0) rmdir(path);
    }
    hp_run_close(&R);
    return rmdir(dir);
}

static void put(const char *name) { assert_ok(hp_write_file(in_dir(name), HP_S("a,b\n"), &E), E); }

static hp_profile_source SOURCES[] = {
    {.name = HP_S("Contacts"), .path_pattern = HP_S("data/Contact*.xlsx"), .line = 7},
    {.name = HP_S("Lists"), .path_pattern = HP_S("*.CSV"), .line = 9},
};

static hp_profile profile(size_t nsource) {
    return (hp_profile){
        .name = HP_S("test"), .path = HP_S("profiles/test.yaml"), .source = SOURCES, .nsource = nsource};
}

static const hp_claim *claim_of(const hp_claim *claims, size_t n, const char *name) {
    for (size_t i = 0; i < n; i++)
        if (hp_str_eq(claims[i].name, hp_str_of(name))) return &claims[i];
    return NULL;
}

static void files_go_to_the_source_that_claims_them(void **state) {
    (void)state;
    static const char *const NAMES[] = {"CONTACT Database.XLSX",   "contacts old.xlsx", "b.csv", "readme.md",
                                        "~$Contact Database.xlsx", "other.xlsx"};
    for (size_t i = 0; i < 6; i++) put(NAMES[i]);
    assert_int_equal(mkdir(in_dir("Contact folder.xlsx"), 0777), 0);
    hp_profile p = profile(2);
    hp_claim *claims;
    size_t n;
    assert_ok(hp_plan(&R, &p, dir, &claims, &n, &E), E);
    assert_int_equal(n, 3);
    assert_ptr_equal(claim_of(claims, n, "CONTACT Database.XLSX")->source, &SOURCES[0]);
    assert_ptr_equal(claim_of(claims, n, "contacts old.xlsx")->source, &SOURCES[0]);
    assert_ptr_equal(claim_of(claims, n, "b.csv")->source, &SOURCES[1]);
    assert_int_equal(tb_count(&R, HP_R_FILE_UNCLAIMED), 3);
    assert_int_equal(tb_count(&R, HP_R_SOURCE_ABSENT), 0);
}

static void without_sources_every_readable_file_is_taken(void **state) {
    (void)state;
    put("b.csv");
    put("a.xlsx");
    put("notes.pdf");
    hp_profile p = profile(0);
    hp_claim *claims;
    size_t n;
    assert_ok(hp_plan(&R, &p, dir, &claims, &n, &E), E);
    assert_int_equal(n, 2);
    assert_view(claims[0].name, "a.xlsx");
    assert_view(claims[1].name, "b.csv");
    assert_null(claims[0].source);
    assert_view(hp_text(R.pool, tb_issue(&R, HP_R_FILE_UNCLAIMED, 0)->note), "notes.pdf");
}

static void an_absent_source_is_a_finding_or_an_error(void **state) {
    (void)state;
    put("b.csv");
    hp_profile p = profile(2);
    hp_claim *claims;
    size_t n;
    assert_ok(hp_plan(&R, &p, dir, &claims, &n, &E), E);
    assert_view(hp_text(R.pool, tb_issue(&R, HP_R_SOURCE_ABSENT, 0)->note), "Contacts (data/Contact*.xlsx)");
    hp_profile_source strict[] = {SOURCES[0], SOURCES[1]};
    strict[0].required = true;
    p.source = strict;
    assert_int_equal(hp_plan(&R, &p, dir, &claims, &n, &E), HP_NOINPUT);
    assert_contains(E.message, "source \"Contacts\" is required");
    assert_contains(E.message, "profiles/test.yaml:7");
}

/* A name is bytes to the system and text in a workbook: the path keeps the bytes, the shown name is mended.
 */
static void a_name_that_is_not_utf8_is_shown_mended(void **state) {
    (void)state;
    put("K\xFChn.csv");
    hp_profile p = profile(0);
    hp_claim *claims;
    size_t n;
    assert_ok(hp_plan(&R, &p, dir, &claims, &n, &E), E);
    assert_int_equal(n, 1);
    assert_view(claims[0].name, "K\xEF\xBF\xBDhn.csv");
    assert_true(hp_exists(claims[0].path.p));
}

static void nothing_to_read_is_an_error_that_says_what_was_found(void **state) {
    (void)state;
    hp_profile p = profile(2);
    hp_claim *claims;
    size_t n;
    assert_int_equal(hp_plan(&R, &p, dir, &claims, &n, &E), HP_NOINPUT);
    assert_contains(E.message, "is empty");
    for (int i = 0; i < 12; i++)
        put(hp_arena_printf(R.arena, "a workbook with a name that is as long as people make them, %02d.xlsx",
                            i)
                .p);
    assert_int_equal(hp_plan(&R, &p, dir, &claims, &n, &E), HP_NOINPUT);
    assert_contains(E.message,
                    "found: a workbook with a name that is as long as people make them, 00.xlsx, a workbook");
    assert_contains(E.message, "and 4 more");
    assert_contains(E.message, "profiles/test.yaml");
    assert_int_equal(hp_plan(&R, &p, in_dir("not there"), &claims, &n, &E), HP_NOINPUT);
    assert_contains(E.message, "not there");
}

/* ---- outputs ---- */

static hp_code probe(const char *const *outputs, size_t n, bool archive, const hp_claim *claims,
                     size_t nclaims) {
    hp_refine_options o = {.outputs = outputs,
                           .noutputs = n,
                           .archive = archive,
                           .dist_dir = dir,
                           .input_dir = "no such directory"};
    hp_profile p = profile(0);
    E = (hp_err){0};
    return hp_outputs_probe(&o, &p, claims, nclaims, &E);
}

static void outputs_that_cannot_be_written_are_refused_before_any_work(void **state) {
    (void)state;
    const char *one[] = {in_dir("a.xlsx"), in_dir("b.csv")};
    assert_ok(probe(one, 2, true, NULL, 0), E);
    const char *suffix[] = {in_dir("a.ods")};
    assert_int_equal(probe(suffix, 1, false, NULL, 0), HP_USAGE);
    assert_int_equal(mkdir(in_dir("d.xlsx"), 0777), 0);
    const char *folder[] = {in_dir("d.xlsx")};
    assert_int_equal(probe(folder, 1, false, NULL, 0), HP_CANTCREAT);
    assert_int_equal(mkdir(in_dir("b.findings.csv"), 0777), 0);
    assert_int_equal(probe(one, 2, false, NULL, 0), HP_CANTCREAT);
    assert_contains(E.message, "b.findings.csv");
    assert_int_equal(rmdir(in_dir("b.findings.csv")), 0);
    assert_int_equal(mkdir(in_dir("run.json"), 0777), 0);
    assert_int_equal(probe(one, 2, false, NULL, 0), HP_CANTCREAT);
    assert_contains(E.message, "run.json");
}

static void outputs_that_would_become_one_file_are_refused(void **state) {
    (void)state;
    const char *twice[] = {in_dir("a.csv"), in_dir("a.csv")};
    assert_int_equal(probe(twice, 2, false, NULL, 0), HP_USAGE);
    const char *side[] = {in_dir("a.csv"), in_dir("a.contacts.csv")};
    assert_int_equal(probe(side, 2, false, NULL, 0), HP_USAGE);
    assert_contains(E.message, "a.contacts.csv");
    assert_int_equal(mkdir(in_dir("sub"), 0777), 0);
    const char *same_base[] = {in_dir("a.xlsx"), in_dir("sub/a.xlsx")};
    assert_ok(probe(same_base, 2, false, NULL, 0), E);
    assert_int_equal(probe(same_base, 2, true, NULL, 0), HP_USAGE);
    assert_contains(E.message, "cannot both be archived");
}

static void an_output_never_replaces_an_input(void **state) {
    (void)state;
    put("list.xlsx");
    put("o.quarantine.csv");
    hp_claim claims[] = {{.path = hp_str_of(in_dir("list.xlsx"))},
                         {.path = hp_str_of(in_dir("o.quarantine.csv"))}};
    const char *direct[] = {in_dir("list.xlsx")}, *side[] = {in_dir("o.csv")}, *fine[] = {in_dir("o.xlsx")};
    assert_int_equal(probe(direct, 1, false, claims, 2), HP_USAGE);
    assert_contains(E.message, "one of the inputs");
    assert_int_equal(probe(side, 1, false, claims, 2), HP_USAGE);
    assert_contains(E.message, "o.quarantine.csv");
    assert_ok(probe(fine, 1, false, claims, 2), E);
    assert_int_equal(symlink(in_dir("list.xlsx"), in_dir("link.xlsx")), 0);
    const char *linked[] = {in_dir("link.xlsx")};
    assert_int_equal(probe(linked, 1, false, claims, 2), HP_USAGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(f) cmocka_unit_test_setup_teardown(f, open_dir, close_dir)
        CASE(files_go_to_the_source_that_claims_them),
        CASE(without_sources_every_readable_file_is_taken),
        CASE(an_absent_source_is_a_finding_or_an_error),
        CASE(a_name_that_is_not_utf8_is_shown_mended),
        CASE(nothing_to_read_is_an_error_that_says_what_was_found),
        CASE(outputs_that_cannot_be_written_are_refused_before_any_work),
        CASE(outputs_that_would_become_one_file_are_refused),
        CASE(an_output_never_replaces_an_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
