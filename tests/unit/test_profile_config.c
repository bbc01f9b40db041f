/* Configuration: which place holds, what is refused, and edits that leave the rest alone. */
#include "profile/config.h"

#include "base/file.h"
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/config-XXXXXX";
static hp_arena *arena;

static const char *path_of(const char *name) {
    hp_str p = hp_path_join(arena, hp_str_of(folder), hp_str_of(name));
    assert_non_null(p.p);
    return p.p;
}

static int set_up(void **state) {
    (void)state;
    arena = hp_arena_new(NULL);
    if (!arena || !mkdtemp(folder)) return -1;
    for (int id = 0; id < HP_CONFIG_COUNT; id++)
        for (int i = 0; i < 2; i++)
            if (hp_config_key_get((hp_config_id)id)->env[i])
                unsetenv(hp_config_key_get((hp_config_id)id)->env[i]);
    unsetenv("HOTPASS_CONFIG");
    setenv("XDG_CONFIG_HOME", folder, 1);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    static const char *const NAMES[] = {"hotpass/config.yaml", "hotpass", "project.yaml", "made.yaml"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) remove(path_of(NAMES[i]));
    int left = rmdir(folder);
    hp_arena_drop(arena);
    return left;
}

static void parse(const char *text, hp_config *c, hp_buf *lines) {
    hp_err e = {0};
    *c = (hp_config){0};
    assert_ok(hp_config_parse(arena, hp_str_of(text), "hotpass.yaml", HP_CONFIG_PROJECT, c, lines, &e), e);
}

static void the_nearest_place_holds(void **state) {
    (void)state;
    hp_err e = {0};
    hp_config c;
    hp_config_from from;
    assert_int_equal(hp_write_file(path_of("project.yaml"), HP_S("profile: p\npipeline: {jobs: 2}\n"), &e),
                     HP_OK);
    assert_ok(hp_config_load(arena, path_of("project.yaml"), &c, &e), e);
    assert_string_equal(hp_config_text(&c, HP_C_PROFILE), "p");
    assert_string_equal(hp_config_text(&c, HP_C_INPUT_DIR), "data");
    assert_null(hp_config_text(&c, HP_C_DATA_OWNER));
    assert_false(hp_config_on(&c, HP_C_ARCHIVE));
    /* The user's file is below the project's ... */
    assert_int_equal(hp_out_probe(path_of("hotpass/config.yaml"), &e), HP_OK);
    assert_ok(
        hp_write_file(path_of("hotpass/config.yaml"), HP_S("profile: u\npipeline: {archive: on}\n"), &e), e);
    assert_ok(hp_config_load(arena, path_of("project.yaml"), &c, &e), e);
    assert_string_equal(hp_config_text(&c, HP_C_PROFILE), "p");
    assert_true(hp_config_on(&c, HP_C_ARCHIVE));
    hp_config_get(&c, HP_C_ARCHIVE, &from);
    assert_int_equal(from, HP_CONFIG_USER);
    /* ... and the environment above it. */
    setenv("HOTPASS_PROFILE", "e", 1);
    assert_ok(hp_config_load(arena, path_of("project.yaml"), &c, &e), e);
    unsetenv("HOTPASS_PROFILE");
    assert_view(hp_config_get(&c, HP_C_PROFILE, &from)->place, "HOTPASS_PROFILE");
    assert_string_equal(hp_config_text(&c, HP_C_PROFILE), "e");
    assert_int_equal(from, HP_CONFIG_ENVIRONMENT);
}

static void a_named_file_must_exist(void **state) {
    (void)state;
    hp_config c;
    hp_err e = {0};
    assert_int_equal(hp_config_load(arena, path_of("none.yaml"), &c, &e), HP_NOINPUT);
}

static void errors_have_places(void **state) {
    (void)state;
    static const struct {
        const char *text, *message;
    } CASES[] = {
        {"proflie: x\n", "hotpass.yaml:1:1: unknown key \"proflie\"; did you mean \"profile\"?"},
        {"pipeline:\n  jobs: many\n", "hotpass.yaml:2:9: \"pipeline.jobs\" must be a whole number"},
        {"pipeline:\n  jobs: 0\n", "must be from 1 to 256"},
        {"pipeline: 3\n", "hotpass.yaml:1:11: \"pipeline\" is a section"},
        {"pipeline: {compress: slow}\n", "must be one of fast best"},
        {"pipeline: {archive: maybe}\n", "must be true or false"},
        {"prefect: {api_url: 'localhost:4200'}\n", "must be an address like"},
        {"prefect: {api_key: x}\n", "secrets do not belong"},
        {"profile: [a, b]\n", "takes one value, not 2"},
        {"profile: {name: a}\n", "must be a name"},
        {"profile: \"\"\n", "needs a text of one line"},
        {"[1]\n", "hotpass.yaml:1:1: a file of configuration is made of"},
        {"a: [\n", "hotpass.yaml:"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        hp_autobuf lines = hp_buf_new(1 << 16);
        hp_config c;
        parse(CASES[i].text, &c, &lines);
        assert_int_equal(c.errors, 1);
        assert_contains(hp_buf_cstr(&lines), CASES[i].message);
    }
}

static void no_password_of_an_address_is_told(void **state) {
    (void)state;
    hp_autobuf lines = hp_buf_new(1 << 16);
    hp_config c;
    parse("prefect: {api_url: 'http://me:hunter2@host/api'}\n", &c, &lines);
    assert_int_equal(c.errors, 1);
    assert_contains(hp_buf_cstr(&lines), "holds a user or password");
    assert_null(strstr(hp_buf_cstr(&lines), "hunter2"));
}

static void edit_is(const char *before, const char *key, const char *value, const char *after) {
    hp_autobuf out = hp_buf_new(1 << 16);
    hp_config_id id;
    hp_err e = {0};
    hp_str item = hp_str_of(value);
    assert_true(hp_config_find(hp_str_of(key), &id));
    assert_ok(hp_config_edit(arena, hp_str_of(before), "hotpass.yaml", id, &item, 1, &out, &e), e);
    assert_string_equal(hp_buf_cstr(&out), after);
}

static void edits_leave_the_rest(void **state) {
    (void)state;
    edit_is("", "profile", "a", "profile: a\n");
    edit_is("# x", "profile", "a", "# x\nprofile: a\n");
    edit_is("profile: b # why\n", "profile", "a", "profile: a # why\n");
    edit_is("profile: 'b # b'   # why\n", "profile", "true", "profile: \"true\"   # why\n");
    edit_is("profile:\n", "profile", "a", "profile: a\n");
    edit_is("pipeline:\n    # c\n    jobs: 3\n", "pipeline.archive", "yes",
            "pipeline:\n    archive: true\n    # c\n    jobs: 3\n");
    edit_is("pipeline:\nprofile: x\n", "pipeline.jobs", "4", "pipeline:\n  jobs: 4\nprofile: x\n");
    edit_is("profile: x", "net.host", "h", "profile: x\nnet:\n  host: h\n");
    edit_is("pipeline: {jobs: 3}\n", "net.host", "h", "pipeline: {jobs: 3}\nnet:\n  host: h\n");
    edit_is("governance:\n  data_owner: \"\xC3\xA9\" # \xC3\xA9\n", "governance.data_owner",
            "\xC3\xA9t\xC3\xA9", "governance:\n  data_owner: \xC3\xA9t\xC3\xA9 # \xC3\xA9\n");
}

static void what_cannot_be_edited_is_left_alone(void **state) {
    (void)state;
    static const char *const FORMS[] = {"pipeline: {jobs: 3}\n",
                                        "pipeline:\n  output_path:\n    - a.csv\n    - b.csv\n",
                                        "pipeline: &p {jobs: 3}\nx: *p\n"};
    for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; i++) {
        hp_autobuf out = hp_buf_new(1 << 16);
        hp_err e = {0};
        hp_str item = HP_S("c.csv");
        assert_int_equal(
            hp_config_edit(arena, hp_str_of(FORMS[i]), "hotpass.yaml", HP_C_OUTPUT_PATH, &item, 1, &out, &e),
            HP_CONFIG);
        assert_contains(e.message, "by hand");
    }
}

static void set_makes_the_file(void **state) {
    (void)state;
    hp_err e = {0};
    hp_config c;
    hp_str items[] = {HP_S("a,b.csv"), HP_S("c d.xlsx")};
    assert_ok(hp_config_set(arena, path_of("made.yaml"), HP_C_OUTPUT_PATH, items, 2, &e), e);
    assert_ok(hp_config_load(arena, path_of("made.yaml"), &c, &e), e);
    const hp_config_value *v = hp_config_get(&c, HP_C_OUTPUT_PATH, NULL);
    assert_int_equal(v->n, 2);
    assert_view(v->item[0], "a,b.csv");
    assert_view(v->item[1], "c d.xlsx");
    assert_int_equal(hp_config_set(arena, path_of("made.yaml"), HP_C_JOBS, items, 1, &e), HP_CONFIG);
    assert_contains(e.message, "whole number");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_place_holds), cmocka_unit_test(a_named_file_must_exist),
        cmocka_unit_test(errors_have_places),      cmocka_unit_test(no_password_of_an_address_is_told),
        cmocka_unit_test(edits_leave_the_rest),    cmocka_unit_test(what_cannot_be_edited_is_left_alone),
        cmocka_unit_test(set_makes_the_file),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
