/* The command line against the tables: spellings, prefixes, values, words, and what is said about mistakes.
 */

#include "cli/options.h"
#include "unit.h"

typedef struct fixture {
    hp_arena *arena;
    hp_args args;
    hp_err err;
} fixture;

static int set_up(void **state) {
    static fixture f;
    f = (fixture){.arena = hp_arena_new(NULL)};
    *state = &f;
    return f.arena ? 0 : -1;
}

static int tear_down(void **state) {
    hp_arena_drop(((fixture *)*state)->arena);
    return 0;
}

/* Reads a command line given as words, without the program's name. */
static hp_code read_words(fixture *f, size_t n, const char *const *words) {
    static char name[] = "hotpass";
    char *argv[32] = {name};
    assert_true(n < 31);
    for (size_t i = 0; i < n; i++) argv[i + 1] = (char *)(uintptr_t)words[i];
    f->err = (hp_err){0};
    return hp_args_read(f->arena, hp_root(), (int)n + 1, argv, &f->args, &f->err);
}

#define READ(f, ...)                                                        \
    read_words((f), sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *), \
               (const char *const[]){__VA_ARGS__})
#define ACCEPTS(f, ...) assert_int_equal(READ(f, __VA_ARGS__), HP_OK)
#define REFUSES(f, text, ...)                             \
    do {                                                  \
        assert_int_equal(READ(f, __VA_ARGS__), HP_USAGE); \
        assert_non_null(strstr((f)->err.message, text));  \
    } while (0)

static void finds_commands(void **state) {
    fixture *f = *state;
    assert_int_equal(read_words(f, 0, NULL), HP_OK);
    assert_ptr_equal(f->args.command, hp_root());
    ACCEPTS(f, "run");
    assert_string_equal(f->args.command->full, "refine");
    ACCEPTS(f, "profile", "lint", "a", "b");
    assert_string_equal(f->args.command->full, "profile lint");
    assert_int_equal(f->args.nword, 2);
    assert_string_equal(f->args.word[1], "b");
}

static void suggests_commands(void **state) {
    fixture *f = *state;
    REFUSES(f, "did you mean refine?", "refin");
    REFUSES(f, "did you mean profile lint?", "profile", "lnit");
    REFUSES(f, "unknown command \"zzzzzzzz\"; see hotpass help", "zzzzzzzz");
    REFUSES(f, "profile needs a command: lint, show, list", "profile");
    assert_null(strstr(f->err.message, "docs"));
}

static void takes_values_in_every_spelling(void **state) {
    fixture *f = *state;
    const char *const forms[][4] = {
        {"refine", "--input-dir", "in"}, {"refine", "--input-dir=in"},
        {"refine", "-i", "in"},          {"refine", "-iin"},
        {"refine", "--inp", "in"},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        size_t n = 0;
        while (n < 4 && forms[i][n]) n++;
        assert_int_equal(read_words(f, n, forms[i]), HP_OK);
        assert_string_equal(hp_args_text(&f->args, HP_O_INPUT_DIR), "in");
        assert_true(f->args.opt[HP_O_INPUT_DIR].given);
    }
    ACCEPTS(f, "refine", "--input-dir=a=b");
    assert_string_equal(hp_args_text(&f->args, HP_O_INPUT_DIR), "a=b");
}

static void last_one_wins_unless_repeatable(void **state) {
    fixture *f = *state;
    ACCEPTS(f, "refine", "--input-dir", "a", "--input-dir", "b", "-o", "x.csv", "-o", "y.xlsx");
    assert_string_equal(hp_args_text(&f->args, HP_O_INPUT_DIR), "b");
    assert_int_equal(f->args.opt[HP_O_INPUT_DIR].n, 1);
    assert_int_equal(f->args.opt[HP_O_OUTPUT_PATH].n, 2);
    assert_string_equal(f->args.opt[HP_O_OUTPUT_PATH].value[0], "x.csv");
    assert_string_equal(f->args.opt[HP_O_OUTPUT_PATH].value[1], "y.xlsx");
    ACCEPTS(f, "refine", "--archive", "--no-archive");
    assert_false(f->args.opt[HP_O_ARCHIVE].on);
    ACCEPTS(f, "refine", "--no-archive", "--archive");
    assert_true(f->args.opt[HP_O_ARCHIVE].on);
}

static void fills_defaults(void **state) {
    fixture *f = *state;
    ACCEPTS(f, "refine");
    assert_string_equal(hp_args_text(&f->args, HP_O_PROFILE), "generic");
    assert_string_equal(hp_args_text(&f->args, HP_O_OUTPUT_PATH), "dist/refined.xlsx");
    assert_false(f->args.opt[HP_O_PROFILE].given);
    assert_null(hp_args_text(&f->args, HP_O_SINCE));
    ACCEPTS(f, "version");
    assert_null(hp_args_text(&f->args, HP_O_PROFILE));
}

static void exact_name_beats_prefix(void **state) {
    fixture *f = *state;
    ACCEPTS(f, "refine", "--profile", "x");
    assert_string_equal(hp_args_text(&f->args, HP_O_PROFILE), "x");
    REFUSES(f, "could be --profile, --profile-search-path", "refine", "--prof", "x");
    REFUSES(f, "unknown option --", "refine", "--=x");
}

static void suggests_options(void **state) {
    fixture *f = *state;
    REFUSES(f, "unknown option --outputpath; did you mean --output-path?", "refine", "--outputpath", "x");
    REFUSES(f, "See hotpass help refine", "refine", "--outputpath", "x");
    REFUSES(f, "unknown option --archive; see", "map", "--archive");
    REFUSES(f, "option --input-dir belongs behind the command", "--input-dir", "x", "refine");
    REFUSES(f, "unknown option -x", "refine", "-x");
}

static void global_options_stand_anywhere(void **state) {
    fixture *f = *state;
    const char *const lines[][4] = {
        {"--json", "profile", "list"}, {"profile", "--json", "list"}, {"profile", "list", "--json"}};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(read_words(f, 3, lines[i]), HP_OK);
        assert_true(f->args.opt[HP_O_JSON].on);
    }
    ACCEPTS(f, "refine", "-qv");
    assert_true(f->args.opt[HP_O_QUIET].on && f->args.opt[HP_O_VERBOSE].on);
}

static void two_dashes_end_options(void **state) {
    fixture *f = *state;
    ACCEPTS(f, "inspect", "--", "--json");
    assert_false(f->args.opt[HP_O_JSON].on);
    assert_string_equal(f->args.word[0], "--json");
    ACCEPTS(f, "inspect", "-");
    assert_string_equal(f->args.word[0], "-");
}

static void flags_that_answer(void **state) {
    fixture *f = *state;
    static const struct {
        const char *word;
        bool on;
    } list[] = {{"--allow-network", true},    {"--allow-network=true", true},   {"--allow-network=YES", true},
                {"--allow-network=1", true},  {"--allow-network=false", false}, {"--allow-network=no", false},
                {"--no-allow-network", false}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        ACCEPTS(f, "enrich", list[i].word);
        assert_true(f->args.opt[HP_O_ALLOW_NETWORK].given);
        assert_int_equal(f->args.opt[HP_O_ALLOW_NETWORK].on, list[i].on);
    }
    ACCEPTS(f, "enrich");
    assert_false(f->args.opt[HP_O_ALLOW_NETWORK].given);
}

static void refuses_values(void **state) {
    fixture *f = *state;
    REFUSES(f, "--input-dir needs a value DIR", "refine", "--input-dir");
    REFUSES(f, "before --dry-run", "refine", "--input-dir", "--dry-run");
    ACCEPTS(f, "refine", "--input-dir=--dry-run");
    REFUSES(f, "not an empty one", "refine", "--input-dir", "");
    REFUSES(f, "--dry-run takes no value", "refine", "--dry-run=yes");
    REFUSES(f, "--allow-network is true or false, not \"maybe\"", "enrich", "--allow-network=maybe");
    REFUSES(f, "--no-allow-network takes no value", "enrich", "--no-allow-network=true");
    REFUSES(f, "must be from 1 to 256", "refine", "--jobs", "0");
    REFUSES(f, "no whole number: \"two\"", "refine", "--jobs", "two");
    REFUSES(f, "no whole number", "refine", "--jobs", "99999999999999999999");
    REFUSES(f, "write YYYY-MM-DD", "refine", "--since", "14/10/2025");
    REFUSES(f, "--since is no date: \"2025-02-29\"", "refine", "--since", "2025-02-29");
    REFUSES(f, "did you mean json?", "refine", "--log-format", "jsn");
    REFUSES(f, "one of rich, json", "refine", "--log-format", "12345");
    REFUSES(f, "too little", "refine", "--max-memory", "1");
    REFUSES(f, "no size: \"2X\"", "refine", "--max-memory", "2X");
}

static void refuses_words(void **state) {
    fixture *f = *state;
    REFUSES(f, "unexpected argument \"x\"", "refine", "x");
    REFUSES(f, "unexpected argument \"b\"", "map", "a", "b");
    REFUSES(f, "FILE is missing", "inspect");
    REFUSES(f, "FILE is empty", "inspect", "");
    REFUSES(f, "SHELL cannot be \"basch\"; did you mean bash?", "completion", "basch");
    ACCEPTS(f, "inspect", "--help");
    assert_true(f->args.opt[HP_O_HELP].on);
}

static void keeps_the_command_on_errors(void **state) {
    fixture *f = *state;
    assert_int_equal(READ(f, "profile", "lint", "--nothing"), HP_USAGE);
    assert_string_equal(f->args.command->full, "profile lint");
}

static void reads_sizes(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t bytes;
    } GOOD[] = {{"0", 0},     {"512M", INT64_C(512) << 20}, {"2g", INT64_C(2) << 30},
                {"1K", 1024}, {"3GiB", INT64_C(3) << 30},   {"7MB", INT64_C(7) << 20},
                {"12B", 12},  {"1T", INT64_C(1) << 40}};
    static const char *const BAD[] = {"", "M", "-1M", "1.5G", "1 M", "1MM", "9999999999T", "1Q", "1iB"};
    int64_t v;
    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
        assert_true(hp_bytes_parse(hp_str_of(GOOD[i].text), &v));
        assert_int_equal(v, GOOD[i].bytes);
    }
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) assert_false(hp_bytes_parse(hp_str_of(BAD[i]), &v));
}

static void sees_json_before_the_line_can_be_read(void **state) {
    (void)state;
    char a[] = "hotpass", b[] = "--bogus", c[] = "--json", d[] = "--";
    char *yes[] = {a, b, c}, *no[] = {a, b, d, c};
    assert_true(hp_args_want_json(3, yes));
    assert_false(hp_args_want_json(4, no));
}

/* ---- the tables themselves ---- */

static void check_command(const hp_command *cmd, void *ctx) {
    (*(size_t *)ctx)++;
    assert_non_null(cmd->summary);
    assert_non_null(cmd->description);
    assert_true(cmd->run || cmd->sub);
    assert_null(strchr(cmd->summary, '\n'));
    assert_true(strlen(cmd->summary) < 75 && cmd->summary[strlen(cmd->summary) - 1] != '.');
    if (!cmd->sub) assert_non_null(cmd->examples);
    for (const hp_option_id *o = cmd->options; o && *o != HP_O_END; o++) {
        const char letter = hp_option_get(*o)->letter;
        for (const hp_option_id *g = hp_global_options(); *g != HP_O_END; g++) {
            assert_int_not_equal(*o, *g);
            if (letter) assert_int_not_equal(letter, hp_option_get(*g)->letter);
        }
        for (const hp_option_id *k = cmd->options; k != o; k++) {
            assert_string_not_equal(hp_option_get(*o)->name, hp_option_get(*k)->name);
            if (letter) assert_int_not_equal(letter, hp_option_get(*k)->letter);
        }
    }
    for (const hp_command *s = cmd->sub; s && s->name; s++)
        assert_ptr_equal(hp_command_find(cmd, hp_str_of(s->name)), s);
}

static void every_command_is_described(void **state) {
    (void)state;
    size_t n = 0;
    hp_command_each(check_command, &n);
    assert_true(n > 8);
}

static void every_option_is_described(void **state) {
    (void)state;
    for (int id = HP_O_END + 1; id < HP_O_COUNT; id++) {
        const hp_option *o = hp_option_get((hp_option_id)id);
        assert_non_null(o->name);
        assert_non_null(o->help);
        assert_true((o->type == HP_OPT_FLAG) == (o->arg == NULL));
        assert_true((o->type == HP_OPT_ENUM) == (o->choices != NULL));
        /* One name means one thing, whatever the command: a file, a form. But --version is of archives where
         * a backfill is asked for: runbooks write it so. */
        if (id == HP_O_ARCHIVE_VERSION) continue;
        for (int other = HP_O_END + 1; other < id; other++) {
            const hp_option *same = hp_option_get((hp_option_id)other);
            if (strcmp(o->name, same->name) != 0 || other == HP_O_ARCHIVE_VERSION) continue;
            assert_int_equal(o->type, same->type);
            assert_int_equal(o->letter, same->letter);
        }
    }
}

static void every_exit_code_has_a_name(void **state) {
    (void)state;
    size_t n;
    const hp_exit *e = hp_exits(&n);
    assert_int_equal(n, 15);
    for (size_t i = 0; i < n; i++) {
        assert_true(i == 0 || e[i - 1].code < e[i].code);
        assert_string_equal(hp_exit_name(e[i].code), e[i].name);
    }
    assert_string_equal(hp_exit_name(HP_DATA), "input malformed");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(finds_commands, set_up, tear_down),
        cmocka_unit_test_setup_teardown(suggests_commands, set_up, tear_down),
        cmocka_unit_test_setup_teardown(takes_values_in_every_spelling, set_up, tear_down),
        cmocka_unit_test_setup_teardown(last_one_wins_unless_repeatable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(fills_defaults, set_up, tear_down),
        cmocka_unit_test_setup_teardown(exact_name_beats_prefix, set_up, tear_down),
        cmocka_unit_test_setup_teardown(suggests_options, set_up, tear_down),
        cmocka_unit_test_setup_teardown(global_options_stand_anywhere, set_up, tear_down),
        cmocka_unit_test_setup_teardown(two_dashes_end_options, set_up, tear_down),
        cmocka_unit_test_setup_teardown(flags_that_answer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_values, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_words, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keeps_the_command_on_errors, set_up, tear_down),
        cmocka_unit_test(reads_sizes),
        cmocka_unit_test(sees_json_before_the_line_can_be_read),
        cmocka_unit_test(every_command_is_described),
        cmocka_unit_test(every_option_is_described),
        cmocka_unit_test(every_exit_code_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
