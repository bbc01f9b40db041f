/* The shipped profiles, other forms of file, map files, damage, showing, the reference. Runs in the root of
 * the repository. */
#include "profile/profile.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/profile-XXXXXX";
static char yaml[64], json[64];

static int set_up(void **state) {
    (void)state;
    if (!mkdtemp(folder)) return -1;
    snprintf(yaml, sizeof yaml, "%s/p.yaml", folder);
    snprintf(json, sizeof json, "%s/p.json", folder);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    unlink(yaml);
    unlink(json);
    return rmdir(folder);
}

static void write_text(const char *path, hp_str text) {
    hp_err e = {0};
    assert_ok(hp_write_file(path, text, &e), e);
}

static hp_profile *load(hp_arena *a, const char *path) {
    hp_profile *p = NULL;
    hp_err e = {0};
    assert_ok(hp_profile_load(a, path, &p, &e), e);
    return p;
}

static const hp_profile_sheet *sheet(const hp_profile *p, size_t source, const char *name) {
    for (size_t i = 0; i < p->source[source].nsheet; i++) {
        if (hp_str_eq(p->source[source].sheet[i].name, hp_str_of(name))) return &p->source[source].sheet[i];
    }
    fail_msg("no sheet %s", name);
    return NULL;
}

static bool feeds(const hp_profile_sheet *s, const char *header, hp_field f) {
    for (size_t i = 0; i < s->ncolumn; i++) {
        if (s->column[i].field == f && hp_str_eq(s->column[i].header, hp_str_of(header))) return true;
    }
    return false;
}

static void aviation_declares_the_three_workbooks(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    const hp_profile *p = load(a, "profiles/aviation.yaml");
    hp_sha256 digest;
    hp_err e = {0};
    assert_ok(hp_sha256_file("profiles/aviation.yaml", &digest, &e), e);
    assert_string_equal(p->sha256.hex, digest.hex);
    assert_view(p->path, "profiles/aviation.yaml");
    static const struct {
        const char *name, *file, *prefix;
        int priority;
        size_t sheets;
    } wanted[] = {{"SACAA Cleaned", "SACAA Flight Schools - Refined copy__CLEANED.xlsx", "sacaa", 3, 1},
                  {"Reachout Database", "Reachout Database.xlsx", "reachout", 2, 2},
                  {"Contact Database", "Contact Database.xlsx", "contact", 1, 8}};
    assert_int_equal(p->nsource, 3);
    for (size_t i = 0; i < 3; i++) {
        const hp_profile_source *s = &p->source[i];
        assert_view(s->name, wanted[i].name);
        assert_view(s->id_prefix, wanted[i].prefix);
        assert_int_equal(s->priority, wanted[i].priority);
        assert_int_equal(s->nsheet, wanted[i].sheets);
        for (size_t j = 0; j < s->nsheet; j++) assert_int_equal(s->sheet[j].required, j == 0);
        for (size_t j = 0; j < 3; j++)
            assert_int_equal(hp_glob_imatch(hp_path_base(s->path_pattern), hp_str_of(wanted[j].file)),
                             i == j);
    }
    assert_true(feeds(sheet(p, 2, "Company_Addresses"), "Unnamed: 4", HP_F_ADDRESS));
    assert_true(feeds(sheet(p, 2, "10-10-25 Capture"), "Contact person (role)", HP_F_CONTACT_NAME));
    assert_true(feeds(sheet(p, 1, "Organisation"), "Area", HP_F_AREA));
    assert_true(feeds(sheet(p, 1, "Organisation"), "Area", HP_F_PROVINCE));
    assert_int_equal(sheet(p, 2, "FL extended")->header_row, -1);
    assert_int_equal(sheet(p, 2, "CAA")->ncolumn, 0);
    const hp_profile_sheet *cleaned = sheet(p, 0, "Cleaned");
    assert_int_equal(cleaned->constant[0].field, HP_F_CATEGORY);
    assert_view(cleaned->constant[0].value, "Flight School");
    assert_true(!feeds(cleaned, "Status", HP_F_ORGANIZATION_TYPE));
    assert_float_equal(p->match_threshold, 0.92, 1e-12);
    assert_view(p->expectation[1].column, "contact_primary_email");
    assert_view(p->filler[0], "Unknown Organisation *");
}

static void generic_and_test_load(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    const hp_profile *p = load(a, "profiles/generic.yaml");
    assert_int_equal(p->nsource, 0);
    assert_true(p->nsynonyms > 5);
    p = load(a, "profiles/test.yaml");
    assert_view(p->country, "US");
    assert_int_equal(p->nsource, 1);
    assert_int_equal(p->source[0].nsheet, 0);
    assert_float_equal(p->website_threshold, 0.5, 1e-12);
}

static void json_is_read_too(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    write_text(json, HP_S("{\"name\": \"j\", \"refine\": {\"day\": 1},\n \"ingest\": {}}"));
    hp_profile *p = NULL;
    hp_err e = {0};
    assert_int_equal(hp_profile_load(a, json, &p, &e), HP_CONFIG);
    assert_contains(e.message, "p.json:1:26: unknown key \"day\" in refine");
    write_text(
        json,
        HP_S(
            "{\"name\": \"j\", \"ingest\": {\"sources\": [{\"name\": \"A\", \"path_pattern\": \"*.csv\", \"priority\": 3,\n"
            "  \"sheets\": [{\"name\": \"S\", \"required\": false, \"columns\": {\"N\": \"organization_name\", \"X\": null}}]}]}}"));
    p = load(a, json);
    assert_int_equal(p->source[0].priority, 3);
    assert_false(p->source[0].sheet[0].required);
    assert_int_equal(p->source[0].sheet[0].ncolumn, 2);
    assert_int_equal(p->source[0].sheet[0].column[1].field, HP_F_NONE);
}

static void reading_fails_as_files_do(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_profile *p = NULL;
    hp_err e = {0};
    assert_int_equal(hp_profile_load(a, "no/such.yaml", &p, &e), HP_NOINPUT);
    assert_string_equal(e.stage, "profile");
    write_text(yaml, HP_S(""));
    assert_int_equal(hp_profile_load(a, yaml, &p, &e), HP_CONFIG);
    assert_null(p);
}

/* What is shown says the same as the file, and showing that again changes nothing. */
static void show_is_a_profile(void **state) {
    (void)state;
    static const char *const names[] = {"profiles/aviation.yaml", "profiles/generic.yaml",
                                        "profiles/test.yaml"};
    for (size_t i = 0; i < 3; i++) {
        hp_autoarena *a = hp_arena_new(NULL);
        hp_autobuf once = hp_buf_new(1 << 20), twice = hp_buf_new(1 << 20);
        const hp_profile *p = load(a, names[i]);
        hp_profile_show(p, &once);
        write_text(yaml, hp_buf_str(&once));
        const hp_profile *q = load(a, yaml);
        hp_profile_show(q, &twice);
        assert_string_equal(hp_buf_cstr(&once), hp_buf_cstr(&twice));
        assert_int_equal(p->nsource, q->nsource);
        assert_int_equal(p->nsynonyms, q->nsynonyms);
        for (size_t j = 0; j < p->nsource; j++) {
            for (size_t k = 0; k < p->source[j].nsheet; k++) {
                const hp_profile_sheet *s = &p->source[j].sheet[k], *t = &q->source[j].sheet[k];
                assert_int_equal(s->ncolumn, t->ncolumn);
                assert_int_equal(s->entity, t->entity);
                assert_int_equal(s->header_row, t->header_row);
                for (size_t c = 0; c < s->ncolumn; c++) {
                    assert_true(hp_str_eq(s->column[c].header, t->column[c].header));
                    assert_int_equal(s->column[c].field, t->column[c].field);
                    assert_int_equal(s->column[c].required, t->column[c].required);
                }
            }
        }
    }
}

static void show_quotes_what_yaml_would_misread(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_autobuf out = hp_buf_new(1 << 20);
    write_text(
        yaml,
        HP_S(
            "name: 'true'\nsummary: \"a: b # c\\n'd'\"\nrefine: {placeholders: ['', '007', '-', '~', 'x, y', \" z\", '*a']}\n"));
    hp_profile_show(load(a, yaml), &out);
    write_text(yaml, hp_buf_str(&out));
    const hp_profile *p = load(a, yaml);
    assert_view(p->name, "true");
    assert_view(p->summary, "a: b # c\n'd'");
    static const char *const wanted[] = {"", "007", "-", "~", "x, y", " z", "*a"};
    assert_int_equal(p->nplaceholder, 7);
    for (size_t i = 0; i < 7; i++) assert_view(p->placeholder[i], wanted[i]);
}

static void a_map_replaces_the_sources(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_profile *p = load(a, "profiles/aviation.yaml");
    hp_err e = {0};
    write_text(
        yaml,
        HP_S("sources:\n  - name: People\n    path_pattern: people.csv\n    sheets:\n      - name: ''\n"));
    assert_int_equal(hp_profile_overlay_map(a, p, yaml, &e), HP_CONFIG); /* a name of nothing */
    assert_int_equal(p->nsource, 3);
    write_text(
        yaml,
        HP_S(
            "sources:\n  - name: People\n    path_pattern: people.csv\n    sheets:\n      - name: '*'\n        columns: {Who: website}\n"));
    assert_int_equal(hp_profile_overlay_map(a, p, yaml, &e), HP_CONFIG);
    assert_contains(e.message, "p.yaml:6:");
    write_text(yaml, HP_S("name: x\n"));
    assert_int_equal(hp_profile_overlay_map(a, p, yaml, &e), HP_CONFIG);
    assert_contains(e.message, "hotpass map --save");
    write_text(
        yaml,
        HP_S(
            "sources:\n  - name: People\n    path_pattern: people.csv\n    sheets:\n      - name: '*'\n        columns: {Who: organization_name}\n"));
    assert_ok(hp_profile_overlay_map(a, p, yaml, &e), e);
    assert_int_equal(p->nsource, 1);
    assert_view(p->source[0].name, "People");
    assert_view(p->display_name, "Aviation & Flight Training");
}

/* A file cut anywhere loads or is refused; nothing else happens (the sanitizers look). */
static void a_cut_file_does_no_harm(void **state) {
    (void)state;
    hp_autobuf whole = hp_buf_new(HP_LIMIT_DOC_BYTES);
    hp_err e = {0};
    assert_ok(hp_read_file("profiles/aviation.yaml", &whole, &e), e);
    size_t loaded = 0, refused = 0;
    for (size_t n = 0; n <= whole.n; n += 50) {
        hp_autoarena *a = hp_arena_new(NULL);
        hp_profile *p = NULL;
        write_text(yaml, hp_str_cut(hp_buf_str(&whole), 0, n));
        hp_code code = hp_profile_load(a, yaml, &p, &e);
        if (code != HP_OK && code != HP_CONFIG)
            fail_msg("code %d for %zu bytes: %s", (int)code, n, e.message);
        *(code == HP_OK ? &loaded : &refused) += 1;
    }
    assert_true(loaded > 20 && refused > 20);
}

/* Each place of the file is spoilt by one of these in turn. */
static void a_spoilt_file_does_no_harm(void **state) {
    (void)state;
    static const char *const spoils[] = {"[", "{", ": ", "\n- ", "\"", "*", "&a ", "~", "\n\n", "0"};
    hp_autobuf whole = hp_buf_new(HP_LIMIT_DOC_BYTES);
    hp_err e = {0};
    assert_ok(hp_read_file("profiles/test.yaml", &whole, &e), e);
    for (size_t n = 0; n < whole.n; n += 7) {
        hp_autoarena *a = hp_arena_new(NULL);
        hp_autobuf bad = hp_buf_new(HP_LIMIT_DOC_BYTES);
        hp_profile *p = NULL;
        hp_buf_add(&bad, hp_str_cut(hp_buf_str(&whole), 0, n));
        hp_buf_puts(&bad, spoils[n / 7 % 10]);
        hp_buf_add(&bad, hp_str_cut(hp_buf_str(&whole), n, whole.n));
        write_text(yaml, hp_buf_str(&bad));
        hp_code code = hp_profile_load(a, yaml, &p, &e);
        if (code != HP_OK && code != HP_CONFIG) fail_msg("code %d for a spoilt byte %zu", (int)code, n);
        if (code == HP_OK) {
            hp_autobuf out = hp_buf_new(1 << 20);
            hp_profile_show(p, &out);
            assert_false(out.bad);
        }
    }
}

/* Every allocation fails once: the load says so, or did not need it. */
static void a_load_without_memory_says_so(void **state) {
    (void)state;
    size_t failed = 0;
    for (uint64_t n = 1;; n++) {
        hp_autoarena *a = hp_arena_new(NULL);
        hp_profile *p = NULL;
        hp_err e = {0};
        uint64_t before = hp_mem_count();
        hp_mem_fail_at(n);
        hp_code code = hp_profile_load(a, "profiles/aviation.yaml", &p, &e);
        hp_mem_fail_at(0);
        if (code == HP_OK) { /* an arena may make do with a smaller block */
            assert_int_equal(p->nsource, 3);
            assert_int_equal(p->source[2].nsheet, 8);
            if (hp_mem_count() - before < n) break;
            continue;
        }
        if (code != HP_RETRY || p) fail_msg("allocation %d: code %d: %s", (int)n, (int)code, e.message);
        failed++;
    }
    assert_true(failed > 100);
}

/* The file in docs/ is what the tables say now. */
static void the_reference_is_up_to_date(void **state) {
    (void)state;
    hp_autobuf now = hp_buf_new(1 << 20), then = hp_buf_new(1 << 20);
    hp_err e = {0};
    hp_profile_reference(&now);
    assert_false(now.bad);
    assert_ok(hp_read_file("docs/reference/profile.md", &then, &e), e);
    assert_string_equal(hp_buf_cstr(&then), hp_buf_cstr(&now));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aviation_declares_the_three_workbooks),
        cmocka_unit_test(generic_and_test_load),
        cmocka_unit_test(json_is_read_too),
        cmocka_unit_test(reading_fails_as_files_do),
        cmocka_unit_test(show_is_a_profile),
        cmocka_unit_test(show_quotes_what_yaml_would_misread),
        cmocka_unit_test(a_map_replaces_the_sources),
        cmocka_unit_test(a_cut_file_does_no_harm),
        cmocka_unit_test(a_spoilt_file_does_no_harm),
        cmocka_unit_test(the_reference_is_up_to_date),
        cmocka_unit_test(a_load_without_memory_says_so),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
